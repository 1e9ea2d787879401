//! Small models made by hand, for tests.

use super::{Model, Names, RunPlan};
use crate::desk::{
    Assignment, ChannelId, ChannelSettings, Counts, Grantee, GroupId, Limit, OnReassign, OnRequeue, Policy, QueueOrder,
    Role, Scope, Settings, Sla, StatusId, UserId, UserSettings, UserState,
};
use crate::kernel::{Count, Variate};
use crate::time::{Civil, Span};
use crate::workload::{Abandons, AgentPlan, Arrivals, CustomerPlan, Plan, Rates, WorkOrder};
use std::sync::Arc;

/// A desk in UTC from Monday, 2026-03-02, with one channel, round robin without a limit over one group of that many agents
/// who are always Available, and nobody who writes; for a day.
pub(crate) fn model(agents: usize) -> Model {
    let mut names = Names::default();
    names.add_group("support");
    names.add_channel("chat");
    let statuses = ["Available", "Away", "Offline"].map(|name| names.status_name(name));
    for agent in 0..agents {
        names.add_user(&format!("support-{}", agent + 1));
    }
    let civil = Civil::new("UTC", "2026-03-02T00:00:00".parse().unwrap()).unwrap();
    let support = vec![Grantee::Group(GroupId(0))];
    let settings = Settings {
        ticketing: true,
        idle_timeout: None,
        requeue_after: None,
        requeue_on_disable: true,
        away_text: false,
        outside_text: false,
        calendar: None,
        civil: civil.clone(),
        system_statuses: statuses,
        statuses: Vec::new(),
        fields: Vec::new(),
        groups: 1,
        users: (0..agents).map(|_| user(vec![GroupId(0)])).collect(),
        channels: vec![ChannelSettings {
            assignment: Assignment::RoundRobin {
                groups: vec![GroupId(0)],
                policy: Policy::round_robin(),
                overflow: Vec::new(),
            },
            standby: crate::desk::Standby::default(),
            view: support.clone(),
            reply: support.clone(),
            manage: support,
            limit: None,
            weight_milli: 1000,
            sla: Sla {
                first_response: None,
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
        }],
        salt: 0,
    };
    Model {
        title: "sample".into(),
        settings,
        changes: Vec::new(),
        forms: Vec::new(),
        plan: Plan {
            civil,
            customers: Vec::new(),
            agents: (0..agents).map(agent).collect(),
            shifts: Vec::new(),
            events: Vec::new(),
            asked_fields: Vec::new(),
            default_values: Vec::new(),
        },
        run: RunPlan {
            duration: Span::from_secs(86_400),
            warmup: Span::ZERO,
            auto_warmup: false,
            seed: 1,
            replications: 1,
            batches: None,
        },
        names,
        hash: String::new(),
        parts: Vec::new(),
    }
}

/// An enabled agent in those groups, Available.
pub(crate) fn user(groups: Vec<GroupId>) -> UserSettings {
    UserSettings {
        role: Role::Agent,
        state: UserState::Enabled,
        groups,
        max_open: None,
        away_text: false,
        status: StatusId::AVAILABLE,
        proficiency: Vec::new(),
    }
}

/// What that agent is like: plain.
pub(crate) fn agent(index: usize) -> AgentPlan {
    AgentPlan {
        shift: None,
        roster: None,
        stagger_rank: 0,
        concurrency: 1,
        slowdown: [1.0].into(),
        pace: Variate::constant(1.0),
        work_order: WorkOrder::OldestFirst,
        escalates: 0.0,
        breaks: Arc::new([]),
        proficiency: Arc::new([]),
        group: Some(GroupId(0)),
        works: true,
        user: UserId::at(index),
    }
}

/// A class of customers on the first channel who come at those times, want one reply of that many seconds, and wait for ever.
pub(crate) fn customers(names: &mut Names, arrivals: Arrivals, handle_seconds: f64) -> CustomerPlan {
    names.add_customer(&format!("class-{}", names.customer_count() + 1));
    CustomerPlan {
        channel: ChannelId(0),
        arrivals,
        handle_time: Variate::constant(handle_seconds),
        wrap_up: Variate::constant(0.0),
        replies: Count::constant(1).unwrap(),
        reply_delay: Variate::constant(0.0),
        patience: Variate::never(),
        abandons: Abandons::Queue,
        reopens: None,
        nudges: Variate::never(),
        spam: 0.0,
        silent: 0.0,
        consents: 1.0,
        consent_delay: Variate::constant(0.0),
        fields: Vec::new(),
        priority: 0,
        forms: Vec::new(),
    }
}

/// A rate that is always the same.
pub(crate) fn per_hour(rate: f64) -> Arrivals {
    let day: Arc<[f64]> = [rate].into();
    Arrivals::Rates(Rates { per_hour: std::array::from_fn(|_| day.clone()), day_factor: None })
}

/// At most that many tickets at a time for each agent.
pub(crate) fn cap(max_open: u32) -> Option<Limit> {
    Some(Limit { max_open, counts: Counts::Open, scope: Scope::User })
}
