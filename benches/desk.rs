//! The desk alone.
//!
//! - `replay`: the commands of a run of the ticket desk, put through a desk without people. Elements are commands.
//! - `ticket`: a ticket's whole life (message, assignment, reply, closure) under every policy and key lists of one's own,
//!   with agents who are each in 3 of 50 overlapping groups and one channel per group; as many tickets are open as there
//!   are agents. Elements are tickets, that is three commands and about eight effects.
//! - `assignment`: what of that is choosing and keeping the indexes: a ticket comes, is assigned and ends, without timers;
//!   `by hand` is the same where the one who asks says who gets it, so the difference is the policy's: one choice, and two
//!   changes of a user's standing in three lanes.
//!
//! `cargo bench --bench desk`

#[path = "ticket_desk/mod.rs"]
mod ticket_desk;

use criterion::{BatchSize, BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use desksim::desk::{
    Assignment, AssignmentChange, ChannelChange, ChannelId, ChannelSettings, Command, ConversationId, Counts, Desk,
    Effect, Grantee, GroupId, Key, KeyKind, Limit, NAMED, OnReassign, OnRequeue, Permission, Policy, QueueOrder, Role,
    Scope, Settings, Sla, Standby, StatusId, StatusName, Symbol, UserId, UserSettings, UserState,
};
use desksim::scenario::{Part, Source, load};
use desksim::simulation::{Input, Observer, Step, simulate};
use desksim::time::{Civil, Instant, Span};
use std::hint::black_box;
use std::time::Duration;

const GROUPS: u32 = ticket_desk::GROUPS as u32;

/// A desk of `users` agents, each in 3 of 50 groups, and of an admin behind them; tickets are assigned by hand.
fn desk(users: u32, max_open: u32, timers: bool) -> Desk {
    let user = |role, groups| UserSettings {
        role,
        state: UserState::Enabled,
        groups,
        max_open: None,
        away_text: false,
        status: StatusId::AVAILABLE,
        proficiency: Vec::new(),
    };
    let agent = |number| user(Role::Agent, ticket_desk::groups_of(number).map(GroupId::at).to_vec());
    let channel = |group: u32| ChannelSettings {
        assignment: Assignment::Manual,
        standby: Standby::default(),
        view: vec![Grantee::Group(GroupId(group))],
        reply: vec![Grantee::Group(GroupId(group))],
        manage: vec![Grantee::Group(GroupId(group))],
        limit: Some(Limit { max_open, counts: Counts::Open, scope: Scope::User }),
        weight_milli: 1000,
        sla: Sla {
            first_response: timers.then(|| Span::from_secs(3600)),
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
        answers_at_start: false,
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
        users: (0..users).map(agent).chain([user(Role::Admin, Vec::new())]).collect(),
        channels: (0..GROUPS).map(channel).collect(),
        salt: 1,
    })
    .expect("the settings break no rule")
}

/// Drives tickets through a desk that holds as many of them as it has agents; each step opens one and ends the oldest.
///
/// All those are opened by hand before a policy is set: one that compares all would take minutes for them.
struct Drive {
    desk: Desk,
    at: u64,
    opened: u32,
    ended: u32,
    by_hand: bool,
    users: u32,
    effects: Vec<Effect>,
}

impl Drive {
    fn new(users: u32, policy: Option<&Policy>, timers: bool) -> Drive {
        let desk = desk(users, 5, timers);
        let mut drive =
            Drive { desk, at: 0, opened: 0, ended: 0, by_hand: true, users, effects: Vec::with_capacity(64) };
        (0..users).for_each(|_| drive.open());
        if let Some(policy) = policy {
            drive.by_hand = false;
            (0..GROUPS).for_each(|channel| drive.set_policy(channel, policy.clone()));
        }
        drive
    }

    /// A channel's tickets are assigned by the policy from now on.
    fn set_policy(&mut self, channel: u32, policy: Policy) {
        let groups = vec![GroupId(channel)];
        let assignment =
            AssignmentChange { groups: Some(groups), policy: Some(Some(policy)), ..AssignmentChange::default() };
        let change = self.desk.prepare(ChannelChange { assignment: Some(assignment), ..ChannelChange::default() });
        let admin = UserId(self.users);
        self.apply(Command::ConfigureChannel { by: admin, channel: ChannelId(channel), change });
    }

    /// A ticket comes and is assigned.
    fn open(&mut self) {
        self.at += 1000;
        let channel = ChannelId((u64::from(self.opened) * 7919 % u64::from(GROUPS)) as u32);
        let conversation = ConversationId(self.opened);
        self.apply(Command::Message { conversation, channel, spam: false, priority: 0, form: None, content: None });
        if self.by_hand {
            // Anybody, in no order that a cache could guess.
            let mut to = UserId(self.opened.wrapping_mul(2_654_435_761) % self.users);
            while !self.desk.may(to, Permission::Reply, channel) {
                to = UserId((to.0 + 1) % self.users);
            }
            let ticket = self.desk.ticket_of(conversation);
            self.apply(Command::Assign { by: to, ticket, to });
        }
        self.opened += 1;
    }

    /// The oldest ticket is answered and closed.
    fn answer(&mut self) {
        self.at += 1000;
        let ticket = self.desk.ticket_of(ConversationId(self.ended));
        self.ended += 1;
        let user: UserId = ticket.and_then(|ticket| self.desk.assignee(ticket)).expect("it is assigned");
        self.apply(Command::Reply { user, ticket });
        self.apply(Command::Close { user, ticket });
    }

    /// The oldest ticket ends.
    fn end(&mut self) {
        self.at += 1000;
        let conversation = ConversationId(self.ended);
        self.ended += 1;
        self.apply(Command::EndConversation { conversation });
    }

    fn apply(&mut self, command: Command) {
        self.effects.clear();
        let now = Instant::from_micros(self.at);
        self.desk.apply(now, &command, &mut self.effects).expect("it is allowed");
        black_box(&self.effects);
        while self.desk.next_deadline().is_some_and(|due| due < now) {
            self.desk.wake(now, &mut self.effects);
        }
    }
}

/// The named policies, and key lists of one's own: with ranks of one word each, and compared one by one.
fn policies() -> Vec<(&'static str, Policy)> {
    let mut policies: Vec<_> =
        NAMED.iter().map(|&(name, _)| (name, Policy::named(name).expect("it is in the table"))).collect();
    let key = |kind, largest_first| Key { kind, largest_first };
    policies.push((
        "keys (load, open, -since_assigned)",
        Policy::Keys(vec![key(KeyKind::Load, false), key(KeyKind::Open, false), key(KeyKind::SinceAssigned, true)]),
    ));
    policies.push((
        "keys (pending, recent, random)",
        Policy::Keys(vec![
            key(KeyKind::Pending, false),
            key(KeyKind::Recent(Span::from_secs(900)), false),
            key(KeyKind::Random, false),
        ]),
    ));
    policies
}

fn quick(group: &mut criterion::BenchmarkGroup<'_, criterion::measurement::WallTime>) {
    group.throughput(Throughput::Elements(1)).sample_size(20);
    group.warm_up_time(Duration::from_millis(300)).measurement_time(Duration::from_millis(700));
}

fn ticket(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("ticket");
    quick(&mut group);
    for users in [1_000, 100_000] {
        for (name, policy) in policies() {
            // Made only if it is asked for.
            let mut drive = None;
            group.bench_function(BenchmarkId::new(name, users), |bencher| {
                let drive = drive.get_or_insert_with(|| Drive::new(users, Some(&policy), true));
                bencher.iter(|| {
                    drive.open();
                    drive.answer();
                });
            });
        }
    }
    group.finish();
}

fn assignment(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("assignment");
    quick(&mut group);
    for users in [1_000, 100_000] {
        let by_hand = std::iter::once(("by hand", None));
        let policies = policies();
        for (name, policy) in by_hand.chain(policies.iter().map(|(name, policy)| (*name, Some(policy)))) {
            let mut drive = None;
            group.bench_function(BenchmarkId::new(name, users), |bencher| {
                let drive = drive.get_or_insert_with(|| Drive::new(users, policy, false));
                bencher.iter(|| {
                    drive.open();
                    drive.end();
                });
            });
        }
    }
    group.finish();
}

/// Notes all commands of a run.
#[derive(Default)]
struct Log(Vec<(Instant, Command)>);

impl Observer for Log {
    fn step(&mut self, step: &Step<'_>, _desk: &Desk) {
        if let Input::Command(command) = step.input {
            self.0.push((step.now, command));
        }
    }
}

fn replay(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("replay");
    for agents in [1_000, 10_000, 100_000] {
        let source = Source::new("bench.toml", ticket_desk::scenario(agents, 100_000.max(2 * agents)));
        let model = load(&source, &[], Part::Whole).unwrap_or_else(|problems| panic!("{problems}")).model;
        let mut log = Log::default();
        simulate(&model, 1, 0, &mut log).unwrap();
        group.throughput(Throughput::Elements(log.0.len() as u64)).sample_size(10);
        group.warm_up_time(Duration::from_millis(1)).measurement_time(Duration::from_secs(3));
        group.bench_function(BenchmarkId::from_parameter(agents), |bencher| {
            let open = || Desk::new(model.settings.clone()).expect("it ran");
            bencher.iter_batched_ref(
                open,
                |desk| {
                    let mut effects = Vec::with_capacity(64);
                    for &(now, command) in &log.0 {
                        effects.clear();
                        while desk.next_deadline().is_some_and(|due| due < now) {
                            desk.wake(now, &mut effects);
                        }
                        black_box(desk.apply(now, &command, &mut effects)).expect("it was done before");
                        black_box(&effects);
                    }
                },
                BatchSize::LargeInput,
            );
        });
    }
    group.finish();
}

criterion_group!(benches, replay, ticket, assignment);
criterion_main!(benches);
