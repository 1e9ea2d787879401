//! The desk alone: what a ticket's whole life costs (message, assignment, reply, closure) under every policy, with
//! agents who are each in 3 of 50 overlapping groups and one channel per group.
//!
//! `cargo bench --bench desk`; figures are per ticket, that is three commands and about ten effects.

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use desksim::desk::{
    Assignment, ChannelId, ChannelSettings, Command, ConversationId, Counts, Desk, Grantee, GroupId, Limit, NAMED,
    OnReassign, OnRequeue, Policy, QueueOrder, Role, Scope, Settings, Sla, StatusId, StatusName, Symbol, UserId,
    UserSettings, UserState,
};
use desksim::kernel::Streams;
use desksim::time::{Civil, Instant, Span};
use std::hint::black_box;

const GROUPS: u32 = 50;

/// A desk of `users` agents, each in 3 of 50 groups drawn with a fixed seed.
fn desk(users: u32, policy: &Policy, max_open: u32) -> Desk {
    let streams = Streams::new(1, 0);
    let agent = |user: u32| {
        let mut draw = streams.stream(0, user.into(), 0);
        let mut groups = Vec::new();
        while groups.len() < 3 {
            let group = GroupId((draw.uniform() * f64::from(GROUPS)) as u32);
            if !groups.contains(&group) {
                groups.push(group);
            }
        }
        UserSettings {
            role: Role::Agent,
            state: UserState::Enabled,
            groups,
            max_open: None,
            away_text: false,
            status: StatusId::AVAILABLE,
            proficiency: Vec::new(),
        }
    };
    let channel = |group: u32| ChannelSettings {
        assignment: Assignment::RoundRobin {
            groups: vec![GroupId(group)],
            policy: policy.clone(),
            overflow: Vec::new(),
        },
        view: vec![Grantee::Group(GroupId(group))],
        reply: vec![Grantee::Group(GroupId(group))],
        manage: vec![Grantee::Group(GroupId(group))],
        limit: Some(Limit { max_open, counts: Counts::Open, scope: Scope::User }),
        weight_milli: 1000,
        sla: Sla {
            first_response: Some(Span::from_secs(3600)),
            closure: None,
            escalate_to: None,
            business_hours: false,
            pause_awaiting_customer: false,
            on_reassign: OnReassign::RestartFirstResponse,
            on_requeue: OnRequeue::Restart,
        },
        order: QueueOrder::Fifo,
        priority: 0,
        greeting: false,
        away_text: false,
        outside_text: false,
        spam_filter: false,
        consent: false,
        close_after_silence: None,
        sticky: false,
        reopen_within: None,
    };
    let name = |number| StatusName { shown: Symbol(number), folded: Some(Symbol(number)) };
    let midnight = "2026-03-02T00:00:00".parse().expect("a civil time");
    Desk::new(Settings {
        ticketing: true,
        idle_timeout: None,
        requeue_after: None,
        requeue_on_disable: true,
        away_text: false,
        outside_text: false,
        calendar: None,
        civil: Civil::new("UTC", midnight).expect("UTC exists"),
        system_statuses: [name(0), name(1), name(2)],
        statuses: Vec::new(),
        fields: Vec::new(),
        groups: GROUPS as usize,
        users: (0..users).map(agent).collect(),
        channels: (0..GROUPS).map(channel).collect(),
        salt: 1,
    })
    .expect("the settings break no rule")
}

/// Drives tickets through a desk that holds `load` of them at a time; each step opens one and ends the oldest.
struct Drive {
    desk: Desk,
    at: u64,
    opened: u32,
    ended: u32,
    effects: Vec<desksim::desk::Effect>,
}

impl Drive {
    fn new(users: u32, policy: &Policy, load: u32) -> Drive {
        let mut drive =
            Drive { desk: desk(users, policy, 5), at: 0, opened: 0, ended: 0, effects: Vec::with_capacity(64) };
        for _ in 0..load {
            drive.open();
        }
        drive
    }

    fn open(&mut self) {
        self.at += 1000;
        let channel = ChannelId((u64::from(self.opened) * 7919 % u64::from(GROUPS)) as u32);
        let conversation = ConversationId(self.opened);
        self.opened += 1;
        self.apply(Command::Message { conversation, channel, spam: false, priority: 0, form: None, content: None });
    }

    fn end(&mut self) {
        self.at += 1000;
        let ticket = self.desk.ticket_of(ConversationId(self.ended));
        self.ended += 1;
        let user: UserId = ticket.and_then(|ticket| self.desk.assignee(ticket)).expect("it is assigned");
        self.apply(Command::Reply { user, ticket });
        self.apply(Command::Close { user, ticket });
    }

    fn apply(&mut self, command: Command) {
        self.effects.clear();
        let now = Instant::from_micros(self.at);
        self.desk.apply(now, command, &mut self.effects).expect("it is allowed");
        black_box(&self.effects);
        while self.desk.next_deadline().is_some_and(|due| due < now) {
            self.desk.wake(now, &mut self.effects);
        }
    }
}

fn ticket(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("ticket");
    group.throughput(Throughput::Elements(1)).sample_size(20);
    group.warm_up_time(std::time::Duration::from_millis(300)).measurement_time(std::time::Duration::from_millis(700));
    for users in [1_000, 100_000] {
        for (name, _) in NAMED {
            let policy = Policy::named(name).expect("it is in the table");
            let mut drive = Drive::new(users, &policy, users);
            group.bench_function(BenchmarkId::new(name, users), |bencher| {
                bencher.iter(|| {
                    drive.open();
                    drive.end();
                });
            });
        }
    }
    group.finish();
}

criterion_group!(benches, ticket);
criterion_main!(benches);
