//! A small model by hand, for tests.

use crate::desk::{
    Assignment, ChannelId, ChannelSettings, Counts, Grantee, GroupId, Limit, OnReassign, OnRequeue, Policy, QueueOrder,
    Role, Scope, Settings, Sla, StatusId, UserId, UserSettings, UserState,
};
use crate::kernel::{Count, Variate};
use crate::simulation::{Model, Names, RunPlan};
use crate::time::{Civil, Span, WeekdaySet};
use crate::workload::{Abandons, AgentPlan, Arrivals, CustomerPlan, Plan, Rates, Reopens, ShiftPlan, WorkOrder};

/// Chat and mail, served by two groups of `agents` each that take two tickets each, with a lead for what is breached.
/// People reopen, fall silent, abandon and are escalated; days have shifts.
pub(crate) fn model(agents: u32, per_hour: f64, hours: u64) -> Model {
    let civil = Civil::new("Europe/Berlin", "2026-03-02T08:00:00".parse().unwrap()).unwrap();
    let mut names = Names::default();
    let (support, leads) = (names.add_group("support"), names.add_group("leads"));
    let mut users = Vec::new();
    let mut plans = Vec::new();
    for n in 0..=agents {
        let (name, group) = if n < agents { (format!("support-{}", n + 1), support) } else { ("lead".into(), leads) };
        let user = names.add_user(&name);
        users.push(agent_settings(group));
        plans.push(agent_plan(user, group, (n + 1 < agents).then_some(0)));
    }
    let lead = UserId(agents);
    let chat = names.add_channel("chat");
    let mail = names.add_channel("mail");
    names.add_customer("shopper");
    names.add_customer("writer");
    let settings = Settings {
        ticketing: true,
        idle_timeout: None,
        requeue_after: None,
        requeue_on_disable: true,
        away_text: false,
        outside_text: false,
        calendar: None,
        civil: civil.clone(),
        system_statuses: ["Available", "Away", "Offline"].map(|name| names.status_name(name)),
        statuses: Vec::new(),
        fields: Vec::new(),
        groups: 2,
        users,
        channels: vec![channel(support, lead, 120), channel(support, lead, 3_600)],
        salt: 0,
    };
    let nine_to_six = vec![("09:00:00".parse().unwrap(), "18:00:00".parse().unwrap())];
    let plan = Plan {
        civil,
        customers: vec![customer(chat, per_hour), customer(mail, per_hour / 2.0)],
        agents: plans,
        shifts: vec![ShiftPlan {
            days: WeekdaySet::parse("mon-fri").unwrap(),
            hours: nine_to_six,
            breaks: [].into(),
            late: None,
            absence: 0.1,
        }],
        events: Vec::new(),
        asked_fields: Vec::new(),
        default_values: Vec::new(),
    };
    Model {
        title: "By hand".to_owned(),
        settings,
        changes: Vec::new(),
        forms: Vec::new(),
        plan,
        run: RunPlan {
            duration: Span::from_secs(hours * 3_600),
            warmup: Span::ZERO,
            auto_warmup: false,
            seed: 1,
            replications: 4,
            batches: None,
        },
        names,
        hash: "by-hand".to_owned(),
        parts: Vec::new(),
    }
}

/// Takes the lead out of it, who is given more than one person can do.
pub(crate) fn without_lead(model: &mut Model) {
    model.plan.agents.iter_mut().for_each(|agent| agent.escalates = 0.0);
    model.settings.channels.iter_mut().for_each(|channel| channel.sla.escalate_to = None);
}

/// The same at any time, and for as long as one likes: nobody has a shift, and nothing goes to the lead.
pub(crate) fn round_the_clock(model: &mut Model) {
    model.plan.agents.iter_mut().for_each(|agent| agent.shift = None);
    without_lead(model);
}

fn agent_settings(group: GroupId) -> UserSettings {
    UserSettings {
        role: Role::Agent,
        state: UserState::Enabled,
        groups: vec![group],
        max_open: None,
        away_text: false,
        status: StatusId::AVAILABLE,
        proficiency: Vec::new(),
    }
}

fn agent_plan(user: UserId, group: GroupId, shift: Option<usize>) -> AgentPlan {
    AgentPlan {
        shift,
        roster: None,
        stagger_rank: 0,
        concurrency: 2,
        slowdown: [1.0, 1.5].into(),
        pace: Variate::constant(1.0),
        work_order: WorkOrder::OldestFirst,
        escalates: 0.02,
        breaks: [].into(),
        proficiency: [].into(),
        group: Some(group),
        works: true,
        user,
    }
}

fn channel(group: GroupId, lead: UserId, first_response: u64) -> ChannelSettings {
    let may = vec![Grantee::Group(group), Grantee::User(lead)];
    ChannelSettings {
        assignment: Assignment::RoundRobin { groups: vec![group], policy: Policy::round_robin(), overflow: Vec::new() },
        standby: crate::desk::Standby::default(),
        view: may.clone(),
        reply: may.clone(),
        manage: may,
        limit: Some(Limit { max_open: 3, counts: Counts::Open, scope: Scope::User }),
        weight_milli: 1_000,
        sla: Sla {
            first_response: Some(Span::from_secs(first_response)),
            closure: Some(Span::from_secs(4 * 3_600)),
            escalate_to: Some(lead),
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
        close_after_silence: Some(Span::from_secs(3_600)),
        sticky: false,
        reopen_within: None,
        answers_at_start: false,
    }
}

fn customer(channel: ChannelId, per_hour: f64) -> CustomerPlan {
    CustomerPlan {
        channel,
        arrivals: Arrivals::Rates(Rates { per_hour: std::array::from_fn(|_| [per_hour].into()), day_factor: None }),
        handle_time: Variate::exponential(120.0).unwrap(),
        wrap_up: Variate::constant(10.0),
        replies: Count::geometric(2.0).unwrap(),
        reply_delay: Variate::exponential(240.0).unwrap(),
        patience: Variate::exponential(900.0).unwrap(),
        abandons: Abandons::Queue,
        reopens: Some(Reopens { probability: 0.2, after: Variate::exponential(3_600.0).unwrap() }),
        nudges: Variate::never(),
        spam: 0.0,
        silent: 0.1,
        consents: 1.0,
        consent_delay: Variate::constant(0.0),
        fields: Vec::new(),
        priority: 0,
        forms: Vec::new(),
    }
}
