//! Whole runs of small models.

use super::sample::{agent, cap, customers, model, per_hour, user};
use super::{Bench, DecodeError, Digest, Input, Model, Observer, ReadChange, Step, Trace, replay, simulate};
use crate::desk::*;
use crate::kernel::{Count, Variate};
use crate::time::{Civil, Instant, Span, WeekdaySet};
use crate::workload::{Abandons, ArrivalRow, Arrivals, BreakPlan, FieldPlan, Reopens, ShiftPlan, WorkOrder};
use std::collections::{BTreeMap, BTreeSet, VecDeque};

/// When, by what command unless by a deadline, why refused if it was, and what happened.
type Seen = (Instant, Option<Command>, Option<Refusal>, Vec<Effect>);

/// Writes everything down, and checks the desk after every step.
#[derive(Default)]
struct Watch {
    steps: Vec<Seen>,
    work: Vec<(Instant, UserId, u16)>,
    open_at_end: usize,
    queued_at_end: usize,
}

impl Observer for Watch {
    fn step(&mut self, step: &Step<'_>, desk: &Desk) {
        // The audit looks at everything: in long runs not after every step.
        if self.steps.len() < 1000 || self.steps.len().is_multiple_of(101) {
            desk.audit().unwrap_or_else(|error| panic!("after {step:?}: {error}"));
        }
        let command = match step.input {
            Input::Command(command) => Some(command),
            Input::Deadline => None,
        };
        self.steps.push((step.now, command, step.refused, step.effects.to_vec()));
    }

    fn work(&mut self, now: Instant, user: UserId, in_hand: u16) {
        self.work.push((now, user, in_hand));
    }

    fn finish(&mut self, _now: Instant, desk: &Desk) {
        self.open_at_end = desk.open_tickets();
        self.queued_at_end = desk.queue_length();
    }
}

impl Watch {
    fn effects(&self) -> impl Iterator<Item = (f64, &Effect)> {
        self.steps.iter().flat_map(|(at, _, _, effects)| effects.iter().map(|effect| (at.as_secs_f64(), effect)))
    }

    /// What `pick` makes of the effects, with their instants in seconds.
    fn when<T>(&self, pick: impl Fn(&Effect) -> Option<T>) -> Vec<(f64, T)> {
        self.effects().filter_map(|(at, effect)| Some((at, pick(effect)?))).collect()
    }

    fn replies(&self) -> Vec<(f64, u32)> {
        self.when(|effect| match effect {
            Effect::Replied { ticket, .. } => Some(ticket.number),
            _ => None,
        })
    }

    fn closures(&self) -> Vec<(f64, (u32, Closer))> {
        self.when(|effect| match effect {
            Effect::Closed { ticket, by, .. } => Some((ticket.number, *by)),
            _ => None,
        })
    }

    fn statuses(&self, user: u32) -> Vec<(f64, u32)> {
        self.when(|effect| match effect {
            Effect::StatusChanged { user: whose, to, .. } if whose.0 == user => Some(to.0),
            _ => None,
        })
    }

    fn messages(&self) -> Vec<f64> {
        let is_message = |command: &Option<Command>| matches!(command, Some(Command::Message { .. }));
        self.steps.iter().filter(|(_, command, ..)| is_message(command)).map(|(at, ..)| at.as_secs_f64()).collect()
    }

    fn count(&self, wanted: impl Fn(&Effect) -> bool) -> usize {
        self.effects().filter(|(_, effect)| wanted(effect)).count()
    }
}

fn watch(model: &Model) -> Watch {
    let mut watch = Watch::default();
    simulate(model, model.run.seed, 0, &mut watch).unwrap();
    watch
}

fn digest(model: &Model, seed: u64, replication: u32) -> u128 {
    let mut digest = Digest::new();
    simulate(model, seed, replication, &mut digest).unwrap();
    digest.value()
}

fn secs(secs: u64) -> Instant {
    Instant::from_micros(secs * 1_000_000)
}

/// Arrivals at those seconds, each with its handle time.
fn rows(rows: &[(u64, f64)]) -> Arrivals {
    Arrivals::File(
        rows.iter()
            .map(|&(at, handle)| ArrivalRow {
                at: secs(at),
                handle_time: Some(handle),
                patience: None,
                replies: None,
                priority: None,
                form: None,
            })
            .collect(),
    )
}

/// One channel, that many agents, and customers who come at those seconds with those handle times.
fn with_rows(agents: usize, arrivals: &[(u64, f64)]) -> Model {
    let mut model = model(agents);
    let class = customers(&mut model.names, rows(arrivals), 60.0);
    model.plan.customers.push(class);
    model
}

const ANA: UserId = UserId(0);

#[test]
fn one_agent_answers_one_after_another() {
    let watch = watch(&with_rows(1, &[(0, 60.0), (10, 20.0), (100, 5.0)]));
    assert_eq!(watch.replies(), [(60.0, 1), (80.0, 2), (105.0, 3)]);
    let by = Closer::User(ANA);
    assert_eq!(watch.closures(), [(60.0, (1, by)), (80.0, (2, by)), (105.0, (3, by))]);
    let work: Vec<_> = watch.work.iter().map(|&(at, user, n)| (at.as_secs_f64(), user.0, n)).collect();
    assert_eq!(work, [(0.0, 0, 1), (80.0, 0, 0), (100.0, 0, 1), (105.0, 0, 0)]);
}

#[test]
fn replies_in_hand_share_the_agents_speed() {
    let mut model = with_rows(1, &[(0, 60.0), (30, 60.0), (200, 10.0), (200, 30.0), (205, 10.0)]);
    model.plan.agents[0].concurrency = 3;
    model.plan.agents[0].slowdown = [1.0, 2.0, 4.0].into();
    let watch = watch(&model);
    // From 30 on both go at half speed: the first has 30 s left, the second is then halfway and goes on alone.
    // From 200: two at half speed; by 205 each has 2.5 s; then three at a quarter: 7.5 s of the third ticket's take 30 s, until 235;
    // its neighbours have 10 s each; at half speed again the fifth, with 2.5 s left, ends at 240, the fourth has 17.5 s left.
    assert_eq!(watch.replies(), [(90.0, 1), (120.0, 2), (235.0, 3), (240.0, 5), (257.5, 4)]);
    assert_eq!(watch.work.iter().map(|(_, _, n)| *n).max(), Some(3));
}

#[test]
fn work_that_is_taken_away_leaves_the_others_faster() {
    let mut model = with_rows(2, &[(0, 100.0), (0, 100.0), (0, 100.0), (0, 100.0)]);
    model.plan.agents[0].concurrency = 2;
    model.plan.agents[0].slowdown = [1.0, 2.0].into();
    // Tickets 1 and 3 are the first agent's, at half speed; at 50 s ticket 1 is handed to the other one, who is at work on 2.
    let by = UserId(0);
    let ticket = Some(TicketId { number: 1, slot: 0 });
    model.plan.events.push((secs(50), Command::Assign { by, ticket, to: UserId(1) }));
    let watch = watch(&model);
    // Ticket 3 has 75 s left at 50 s. The second agent's come one by one: 2, 4, and then 1, begun anew.
    assert_eq!(watch.replies(), [(100.0, 2), (125.0, 3), (200.0, 4), (300.0, 1)]);
}

#[test]
fn pace_and_proficiency_and_wrap_up_take_their_time() {
    let mut model = with_rows(1, &[(0, 10.0)]);
    model.plan.agents[0].pace = Variate::constant(2.0);
    model.plan.agents[0].proficiency =
        [(Skill::Channel(ChannelId(0)), 1.5), (Skill::Channel(ChannelId(1)), 9.0)].into();
    model.plan.customers[0].wrap_up = Variate::constant(5.0);
    let watch = watch(&model);
    assert_eq!(watch.replies(), [(30.0, 1)]);
    assert_eq!(watch.closures(), [(45.0, (1, Closer::User(ANA)))]);
    assert_eq!(watch.work.last(), Some(&(secs(45), ANA, 0)));
}

#[test]
fn without_patience_whoever_finds_nobody_free_goes_at_once() {
    let mut model = with_rows(1, &[(0, 60.0), (10, 60.0), (60, 60.0), (60, 60.0)]);
    model.settings.channels[0].limit = cap(1);
    model.plan.customers[0].patience = Variate::constant(0.0);
    let watch = watch(&model);
    // At 60 s the agent's work goes before the customers: the third finds them free, the fourth does not.
    assert_eq!(watch.replies(), [(60.0, 1), (120.0, 3)]);
    let gone: Vec<_> = watch
        .closures()
        .into_iter()
        .filter(|(_, (_, by))| *by == Closer::Customer)
        .map(|(at, (n, _))| (at, n))
        .collect();
    assert_eq!(gone, [(10.0, 2), (60.0, 4)]);
}

#[test]
fn patience_counts_in_the_queue_or_until_the_reply() {
    let mut model = with_rows(1, &[(0, 60.0), (10, 60.0), (11, 60.0)]);
    model.plan.customers[0].patience = Variate::constant(55.0);
    model.settings.channels[0].limit = cap(1);
    let gone = |model: &Model| -> Vec<_> {
        let watch = watch(model);
        assert_eq!(watch.queued_at_end, 0);
        watch
            .closures()
            .into_iter()
            .filter(|(_, (_, by))| *by == Closer::Customer)
            .map(|(at, (number, _))| (at, number))
            .collect()
    };
    assert_eq!(gone(&model), [(66.0, 3)]);
    model.plan.customers[0].abandons = Abandons::FirstResponse;
    // The first goes while being answered, at which the second's turn comes, who goes in turn.
    assert_eq!(gone(&model), [(55.0, 1), (65.0, 2), (66.0, 3)]);
}

#[test]
fn an_agent_stops_what_the_customer_has_abandoned() {
    let mut model = with_rows(1, &[(0, 60.0), (10, 20.0)]);
    model.plan.customers[0].patience = Variate::constant(30.0);
    model.plan.customers[0].abandons = Abandons::FirstResponse;
    let watch = watch(&model);
    assert_eq!(watch.replies(), []);
    assert_eq!(watch.work, [(secs(0), ANA, 1), (secs(40), ANA, 0)]);
}

#[test]
fn a_conversation_goes_back_and_forth() {
    let mut model = with_rows(1, &[(0, 10.0)]);
    model.plan.customers[0].replies = Count::constant(3).unwrap();
    model.plan.customers[0].reply_delay = Variate::constant(100.0);
    let watch = watch(&model);
    assert_eq!(watch.replies(), [(10.0, 1), (120.0, 1), (230.0, 1)]);
    assert_eq!(watch.messages(), [0.0, 110.0, 220.0]);
    assert_eq!(watch.closures(), [(230.0, (1, Closer::User(ANA)))]);
}

#[test]
fn the_silent_never_answer_and_silence_closes() {
    let mut model = with_rows(1, &[(0, 10.0)]);
    model.plan.customers[0].replies = Count::constant(3).unwrap();
    model.plan.customers[0].silent = 1.0;
    assert_eq!(watch(&model).open_at_end, 1);
    model.settings.channels[0].close_after_silence = Some(Span::from_secs(3600));
    assert_eq!(watch(&model).closures(), [(3610.0, (1, Closer::System))]);
}

#[test]
fn an_answer_that_comes_after_silence_reactivates() {
    let mut model = with_rows(1, &[(0, 10.0)]);
    model.plan.customers[0].replies = Count::constant(2).unwrap();
    model.plan.customers[0].reply_delay = Variate::constant(5000.0);
    model.settings.channels[0].close_after_silence = Some(Span::from_secs(3600));
    model.run.duration = Span::from_secs(6000);
    let watch = watch(&model);
    assert_eq!(watch.messages(), [0.0, 5010.0]);
    assert_eq!(watch.count(|effect| matches!(effect, Effect::Reactivated { cycle: 2, .. })), 1, "TIC-6");
    // The first life's reply, and one of the second, whose handle time is the class's.
    assert_eq!(watch.replies(), [(10.0, 1), (5070.0, 1)]);
}

#[test]
fn some_come_back() {
    let mut model = with_rows(1, &[(0, 10.0)]);
    model.plan.customers[0].reopens = Some(Reopens { probability: 1.0, after: Variate::constant(1000.0) });
    model.run.duration = Span::from_secs(2500);
    let watch = watch(&model);
    assert_eq!(watch.messages(), [0.0, 1010.0, 2070.0]);
    assert_eq!(watch.count(|effect| matches!(effect, Effect::Created { .. })), 1);
    assert_eq!(watch.closures().len(), 3);
}

#[test]
fn who_waits_nudges_and_is_owed_one_reply() {
    let mut model = with_rows(1, &[(0, 100.0)]);
    model.plan.customers[0].nudges = Variate::constant(40.0);
    let watch = watch(&model);
    assert_eq!(watch.messages(), [0.0, 40.0, 80.0]);
    assert_eq!(watch.replies(), [(100.0, 1)]);
}

#[test]
fn consent_comes_before_the_queue() {
    let mut model = with_rows(1, &[(0, 10.0)]);
    model.settings.channels[0].consent = true;
    model.plan.customers[0].consent_delay = Variate::constant(7.0);
    assert_eq!(watch(&model).replies(), [(17.0, 1)], "CHN-7");
    model.plan.customers[0].consents = 0.0;
    assert_eq!(watch(&model).closures(), [(7.0, (1, Closer::Customer))], "CHN-7");
}

#[test]
fn spam_is_filtered_or_dismissed() {
    let mut model = with_rows(1, &[(0, 10.0)]);
    model.plan.customers[0].spam = 1.0;
    let dismissed = watch(&model);
    assert_eq!((dismissed.replies(), dismissed.closures()), (vec![], vec![(10.0, (1, Closer::User(ANA)))]));
    model.settings.channels[0].spam_filter = true;
    let filtered = watch(&model);
    assert_eq!(filtered.count(|effect| matches!(effect, Effect::SpamFiltered { .. })), 1, "CHN-6");
    assert_eq!(filtered.count(|effect| matches!(effect, Effect::Created { .. })), 0);
}

#[test]
fn without_ticketing_messages_flow() {
    let mut model = with_rows(1, &[(0, 10.0), (5, 10.0)]);
    model.settings.ticketing = false;
    let watch = watch(&model);
    assert_eq!((watch.messages().len(), watch.effects().count()), (2, 0), "CHN-8");
}

#[test]
fn mandatory_fields_are_filled_in_before_closing() {
    let mut model = with_rows(1, &[(0, 10.0)]);
    model.settings.fields = [true, true, false]
        .map(|mandatory| FieldSettings { kind: FieldKind::Choice(3), mandatory, group: None, priority: Vec::new() })
        .to_vec();
    model.plan.default_values = vec![FieldValue::Choice(0); 3];
    model.plan.customers[0].fields =
        vec![FieldPlan { field: FieldId(1), values: vec![(FieldValue::Choice(1), 0.0), (FieldValue::Choice(2), 1.0)] }];
    let watch = watch(&model);
    let set: Vec<_> = watch
        .steps
        .iter()
        .filter_map(|(at, command, ..)| match command {
            Some(Command::SetField { field: FieldName::Custom(field), value, .. }) => {
                Some((at.as_secs_f64(), field.0, value.unwrap()))
            }
            _ => None,
        })
        .collect();
    assert_eq!(set, [(10.0, 0, FieldValue::Choice(0)), (10.0, 1, FieldValue::Choice(2))], "TIC-8");
    assert_eq!(watch.closures(), [(10.0, (1, Closer::User(ANA)))]);
}

#[test]
fn agents_take_tickets_of_a_manual_channel() {
    let mut model = with_rows(2, &[(0, 60.0), (1, 60.0), (2, 10.0), (3, 10.0)]);
    model.settings.channels[0].assignment = Assignment::Manual;
    let watch = watch(&model);
    let assigned = watch.when(|effect| match effect {
        Effect::Assigned { ticket, to, how: How::Manual, .. } => Some((ticket.number, to.0)),
        _ => None,
    });
    assert_eq!(assigned, [(0.0, (1, 0)), (1.0, (2, 1)), (60.0, (3, 0)), (61.0, (4, 1))], "QUE-7");
    assert_eq!(watch.steps.iter().filter(|(_, _, refused, _)| refused.is_some()).count(), 0);
}

#[test]
fn who_has_looked_out_for_longest_takes_the_next() {
    let mut model = with_rows(3, &[(0, 10.0), (20, 10.0), (40, 10.0), (60, 10.0)]);
    model.settings.channels[0].assignment = Assignment::Manual;
    // One who works only what they are given does not look out for anything.
    model.plan.agents[1].works = false;
    let watch = watch(&model);
    let assigned = watch.when(|effect| match effect {
        Effect::Assigned { to, .. } => Some(to.0),
        _ => None,
    });
    assert_eq!(assigned, [(0.0, 0), (20.0, 2), (40.0, 0), (60.0, 2)]);
}

#[test]
fn agents_escalate_instead_of_replying() {
    let mut model = with_rows(2, &[(0, 60.0), (10, 60.0)]);
    // The second user is the lead: not in the group, and with all permissions.
    model.settings.users[1].groups.clear();
    let lead = Grantee::User(UserId(1));
    let channel = &mut model.settings.channels[0];
    channel.sla.escalate_to = Some(UserId(1));
    for grants in [&mut channel.view, &mut channel.reply, &mut channel.manage] {
        grants.push(lead);
    }
    model.plan.agents[0].escalates = 1.0;
    model.plan.customers[0].handle_time = Variate::constant(15.0);
    let watch = watch(&model);
    let escalated = watch.when(|effect| match effect {
        Effect::Escalated { to, cause: Cause::Manual, .. } => Some(to.unwrap().0),
        _ => None,
    });
    assert_eq!(escalated, [(60.0, 1), (120.0, 1)], "ESC-2");
    // What was recorded is the first agent's work; the lead's is drawn from the class.
    assert_eq!(watch.replies(), [(75.0, 1), (135.0, 2)]);
}

#[test]
fn a_breach_hands_over_what_was_in_hand_and_the_taker_begins_anew() {
    let mut model = with_rows(2, &[(0, 60.0)]);
    model.settings.users[1].groups.clear();
    let channel = &mut model.settings.channels[0];
    channel.sla.escalate_to = Some(UserId(1));
    channel.sla.first_response = Some(Span::from_secs(45));
    for grants in [&mut channel.view, &mut channel.reply, &mut channel.manage] {
        grants.push(Grantee::User(UserId(1)));
    }
    let watch = watch(&model);
    assert_eq!(watch.replies(), [(105.0, 1)], "ESC-1");
    assert_eq!(
        watch.work,
        [(secs(0), ANA, 1), (secs(45), ANA, 0), (secs(45), UserId(1), 1), (secs(105), UserId(1), 0)]
    );
}

#[test]
fn who_takes_over_while_nobody_waits_says_so() {
    let mut model = with_rows(2, &[(0, 10.0)]);
    model.settings.users[1].groups.clear();
    let channel = &mut model.settings.channels[0];
    channel.sla.escalate_to = Some(UserId(1));
    channel.sla.closure = Some(Span::from_secs(100));
    channel.sla.first_response = Some(Span::from_secs(90));
    for grants in [&mut channel.view, &mut channel.reply, &mut channel.manage] {
        grants.push(Grantee::User(UserId(1)));
    }
    model.plan.customers[0].replies = Count::constant(2).unwrap();
    model.plan.customers[0].reply_delay = Variate::constant(1000.0);
    let watch = watch(&model);
    // The closure deadline escalates at 100 s; the lead writes at 160 s, which meets the restarted first-response timer; the customer
    // answers the agent's reply as they would have, and the lead's second message resolves. (The closure timer, restarted, breaches
    // again, with nowhere to go.)
    assert_eq!(watch.replies(), [(10.0, 1), (160.0, 1), (1020.0, 1)], "ESC-3");
    assert_eq!(watch.messages(), [0.0, 1010.0]);
    assert_eq!(watch.closures(), [(1020.0, (1, Closer::User(UserId(1))))]);
}

#[test]
fn the_oldest_the_newest_or_the_most_urgent_comes_first() {
    let order = |work_order| -> Vec<u32> {
        let mut model = with_rows(1, &[(0, 60.0), (1, 60.0), (2, 60.0), (3, 60.0)]);
        model.plan.agents[0].work_order = work_order;
        model.settings.channels[0].sla.first_response = Some(Span::from_secs(600));
        watch(&model).replies().into_iter().map(|(_, number)| number).collect()
    };
    assert_eq!(order(WorkOrder::OldestFirst), [1, 2, 3, 4]);
    assert_eq!(order(WorkOrder::NewestFirst), [1, 4, 3, 2]);
    assert_eq!(order(WorkOrder::DeadlineFirst), [1, 2, 3, 4]);
    let mut random = order(WorkOrder::Random);
    random.sort_unstable();
    assert_eq!(random, [1, 2, 3, 4]);
}

/// A shift from nine to five with lunch at half past twelve, for all agents of the model.
fn put_on_shift(model: &mut Model) {
    let lunch = model.names.status_name("Lunch");
    model.settings.statuses.push(StatusSettings {
        name: lunch,
        connection: Connection::Inactive,
        assignable: false,
        auto_message: None,
    });
    model.plan.shifts.push(ShiftPlan {
        days: WeekdaySet::parse("mon-fri").unwrap(),
        hours: vec![("09:00".parse().unwrap(), "17:00".parse().unwrap())],
        breaks: [BreakPlan {
            status: StatusId(3),
            at: "12:30".parse().unwrap(),
            length: Span::from_secs(1800),
            stagger: Span::from_secs(900),
        }]
        .into(),
        late: None,
        absence: 0.0,
    });
    for (rank, (plan, user)) in model.plan.agents.iter_mut().zip(&mut model.settings.users).enumerate() {
        plan.shift = Some(0);
        plan.stagger_rank = rank as u32;
        user.status = StatusId::OFFLINE;
    }
}

const HOUR: u64 = 3600;

#[test]
fn a_shift_is_worked_with_its_breaks() {
    let mut model = model(2);
    put_on_shift(&mut model);
    let watch = watch(&model);
    let h = HOUR as f64;
    assert_eq!(watch.statuses(0), [(9.0 * h, 0), (12.5 * h, 3), (13.0 * h, 0), (17.0 * h, 2)]);
    assert_eq!(watch.statuses(1), [(9.0 * h, 0), (12.75 * h, 3), (13.25 * h, 0), (17.0 * h, 2)]);
}

#[test]
fn a_run_that_starts_within_a_shift_finds_people_at_work() {
    for (start, expected) in [
        ("2026-03-02T10:00:00", vec![(0.0, 0), (2.5, 3), (3.0, 0), (7.0, 2)]),
        ("2026-03-02T12:45:00", vec![(0.0, 3), (0.25, 0), (4.25, 2)]),
        ("2026-03-02T17:00:00", vec![(16.0, 0)]),
        ("2026-03-07T10:00:00", vec![]),
    ] {
        let mut model = model(1);
        put_on_shift(&mut model);
        model.plan.civil = Civil::new("UTC", start.parse().unwrap()).unwrap();
        model.settings.civil = model.plan.civil.clone();
        model.run.duration = Span::from_secs(17 * HOUR);
        let statuses: Vec<_> = watch(&model).statuses(0).into_iter().map(|(at, to)| (at / HOUR as f64, to)).collect();
        assert_eq!(statuses, expected, "from {start}");
    }
}

#[test]
fn shifts_keep_civil_time_when_clocks_change() {
    // Berlin, Friday to Monday: clocks go forward in the night to Sunday, 2026-03-29, and back on 2026-10-25.
    for (start, hours) in [("2026-03-27T00:00:00", 71.0), ("2026-10-23T00:00:00", 73.0)] {
        let mut model = model(1);
        put_on_shift(&mut model);
        model.plan.civil = Civil::new("Europe/Berlin", start.parse().unwrap()).unwrap();
        model.settings.civil = model.plan.civil.clone();
        model.run.duration = Span::from_secs(5 * 24 * HOUR);
        let starts: Vec<_> = watch(&model)
            .statuses(0)
            .into_iter()
            .filter(|&(at, to)| to == 0 && at % (24.0 * 3600.0) < 11.0 * 3600.0)
            .map(|(at, _)| at / HOUR as f64)
            .collect();
        assert_eq!(starts, [9.0, hours + 9.0, hours + 33.0], "from {start}");
    }
}

#[test]
fn a_night_shift_lasts_into_the_morning() {
    let mut model = model(1);
    put_on_shift(&mut model);
    model.plan.shifts[0].hours = vec![("22:00".parse().unwrap(), "06:00".parse().unwrap())];
    let breaks = [("23:30", 0), ("03:00", 0)].map(|(at, stagger)| BreakPlan {
        status: StatusId(3),
        at: at.parse().unwrap(),
        length: Span::from_secs(1800),
        stagger: Span::from_secs(stagger),
    });
    model.plan.shifts[0].breaks = breaks.into();
    model.plan.shifts[0].days = WeekdaySet::parse("sun,mon").unwrap();
    model.run.duration = Span::from_secs(48 * HOUR);
    // The run starts on Monday at midnight: Sunday's night is under way.
    let statuses: Vec<_> = watch(&model).statuses(0).into_iter().map(|(at, to)| (at / HOUR as f64, to)).collect();
    let night =
        |from: f64| [(from, 0), (from + 1.5, 3), (from + 2.0, 0), (from + 5.0, 3), (from + 5.5, 0), (from + 8.0, 2)];
    let mut expected = vec![(0.0, 0), (3.0, 3), (3.5, 0), (6.0, 2)];
    expected.extend(night(22.0));
    assert_eq!(statuses, expected);
}

#[test]
fn round_the_clock_nobody_goes_home() {
    let mut model = model(1);
    put_on_shift(&mut model);
    let midnight = "00:00".parse().unwrap();
    model.plan.shifts[0].hours = vec![(midnight, midnight)];
    model.plan.shifts[0].breaks = [].into();
    model.run.duration = Span::from_secs(72 * HOUR);
    assert_eq!(watch(&model).statuses(0), [(0.0, 0)]);
}

#[test]
fn who_is_late_misses_what_has_passed() {
    let statuses = |late: u64| -> Vec<_> {
        let mut model = model(1);
        put_on_shift(&mut model);
        model.plan.shifts[0].late = Some(Variate::constant(late as f64));
        watch(&model).statuses(0).into_iter().map(|(at, to)| (at / HOUR as f64, to)).collect()
    };
    assert_eq!(statuses(HOUR), [(10.0, 0), (12.5, 3), (13.0, 0), (17.0, 2)]);
    assert_eq!(statuses(3 * HOUR + 2700), [(12.75, 3), (13.0, 0), (17.0, 2)]);
    assert_eq!(statuses(5 * HOUR), [(14.0, 0), (17.0, 2)]);
    assert_eq!(statuses(8 * HOUR), []);
}

#[test]
fn who_is_absent_does_not_come_and_the_draw_is_the_days() {
    let mut model = model(40);
    put_on_shift(&mut model);
    model.plan.shifts[0].absence = 0.5;
    model.run.duration = Span::from_secs(5 * 24 * HOUR);
    let days = |watch: &Watch, agent| -> Vec<u64> {
        let starts = watch.statuses(agent).into_iter().filter(|&(at, to)| to == 0 && at % 86_400.0 == 32_400.0);
        starts.map(|(at, _)| at as u64 / 86_400).collect()
    };
    let all = watch(&model);
    let came: usize = (0..40).map(|agent| days(&all, agent).len()).sum();
    assert!((70..130).contains(&came), "{came} of 200 came, seed {}", model.run.seed);
    // Fewer colleagues change nothing about who comes when.
    model.plan.agents.truncate(20);
    model.settings.users.truncate(20);
    let fewer = watch(&model);
    for agent in 0..20 {
        assert_eq!(days(&all, agent), days(&fewer, agent));
    }
}

#[test]
fn the_reply_in_hand_is_finished_before_a_break() {
    let noon = 12 * HOUR + 1800;
    let mut model = with_rows(1, &[(noon - 60, 300.0), (noon - 30, 60.0), (17 * HOUR - 10, 100.0)]);
    put_on_shift(&mut model);
    let watch = watch(&model);
    // Lunch begins four minutes late and ends on time; then comes what was not yet begun.
    let at = |seconds: u64| seconds as f64;
    assert_eq!(
        watch.statuses(0),
        [(at(9 * HOUR), 0), (at(noon + 240), 3), (at(noon + 1800), 0), (at(17 * HOUR + 90), 2)]
    );
    assert_eq!(watch.replies(), [(at(noon + 240), 1), (at(noon + 1860), 2), (at(17 * HOUR + 90), 3)]);
}

#[test]
fn what_is_still_theirs_waits_for_them() {
    let mut model = with_rows(1, &[(17 * HOUR - 10, 100.0), (17 * HOUR - 5, 100.0), (20 * HOUR, 100.0)]);
    put_on_shift(&mut model);
    model.run.duration = Span::from_secs(36 * HOUR);
    let watch = watch(&model);
    // The second was assigned before they left (STA-12); the third waits in the queue until they are back.
    let morning = (33 * HOUR) as f64;
    assert_eq!(watch.replies(), [((17 * HOUR + 90) as f64, 1), (morning + 100.0, 2), (morning + 200.0, 3)]);
}

#[test]
fn spells_of_a_roster_file_are_worked() {
    let mut model = model(1);
    model.settings.users[0].status = StatusId::OFFLINE;
    let spells = [(100, 200), (200, 300), (400, 500)].map(|(from, to)| (secs(from), secs(to)));
    model.plan.agents[0].roster = Some(spells.into());
    assert_eq!(watch(&model).statuses(0), [(100.0, 0), (300.0, 2), (400.0, 0), (500.0, 2)]);
}

#[test]
fn who_was_put_away_for_idleness_comes_back_when_there_is_something() {
    let mut model = with_rows(1, &[(0, 500.0), (2000, 50.0)]);
    model.settings.idle_timeout = Some(Span::from_secs(300));
    let watch = watch(&model);
    // Not over the long reply, which is work in hand. Put Away for doing nothing: called by the waiting ticket.
    assert_eq!(watch.replies(), [(500.0, 1), (2050.0, 2)], "STA-11");
    let statuses = watch.statuses(0);
    assert_eq!(statuses[..2], [(800.0, 1), (2000.0, 0)]);
    // The short one is done before anybody could take it for idleness, so nothing is said of it.
    let says = |command: &Option<Command>| matches!(command, Some(Command::Active { ticket: Some(Some(_)), .. }));
    assert_eq!(watch.steps.iter().filter(|(_, command, ..)| says(command)).count(), 1);
}

#[test]
fn who_is_disabled_lays_everything_down() {
    let mut model = with_rows(2, &[(0, 100.0)]);
    model.settings.users[1].role = Role::Admin;
    model.plan.agents[1].works = false;
    let by = UserId(1);
    model.plan.events =
        vec![(secs(50), Command::DisableUser { by, user: ANA }), (secs(60), Command::EnableUser { by, user: ANA })];
    let requeued = watch(&model);
    assert_eq!(requeued.replies(), [(150.0, 1)], "USR-2: the other one begins anew");
    model.settings.requeue_on_disable = false;
    let kept = watch(&model);
    assert_eq!(kept.replies(), [(160.0, 1)], "USR-2: kept, and begun anew by the same");
    assert_eq!(kept.work, [(secs(0), ANA, 1), (secs(50), ANA, 0), (secs(60), ANA, 1), (secs(160), ANA, 0)]);
}

#[test]
fn who_may_not_close_waits_until_they_may() {
    let mut model = with_rows(2, &[(0, 100.0)]);
    model.settings.users[1] = UserSettings { role: Role::Admin, ..user(Vec::new()) };
    model.plan.agents[1].works = false;
    model.plan.customers[0].wrap_up = Variate::constant(5.0);
    model.settings.channels[0].manage.clear();
    let (by, channel) = (UserId(1), ChannelId(0));
    let grant = Command::Grant { by, channel, permission: Permission::Manage, to: Grantee::Group(GroupId(0)) };
    model.plan.events = vec![(secs(500), grant)];
    let watch = watch(&model);
    assert_eq!(watch.replies(), [(100.0, 1)]);
    assert_eq!(watch.closures(), [(505.0, (1, Closer::User(ANA)))], "CHN-1");
    // They tried once, and not again before it could help.
    let refused: Vec<_> = watch.steps.iter().filter_map(|(at, _, refused, _)| Some((*at, (*refused)?))).collect();
    assert_eq!(refused, [(secs(105), Refusal::NoManagePermission)]);
}

#[test]
fn the_scripts_conversations_are_worked_too() {
    let mut model = with_rows(1, &[]);
    let conversation = model.names.add_conversation("a complaint");
    let message =
        Command::Message { conversation, channel: ChannelId(0), spam: false, priority: 0, form: None, content: None };
    model.plan.events = vec![(secs(10), message), (secs(500), message)];
    let watch = watch(&model);
    assert_eq!(watch.replies(), [(70.0, 1), (560.0, 1)]);
    assert_eq!(watch.count(|effect| matches!(effect, Effect::Reactivated { .. })), 1);
}

#[test]
fn an_agents_own_conversation_begins_with_a_message() {
    let mut model = with_rows(1, &[]);
    model.plan.customers[0].reply_delay = Variate::constant(100.0);
    let conversation = model.names.add_conversation("a reminder");
    model.plan.events = vec![(secs(10), Command::OpenConversation { user: ANA, conversation, channel: ChannelId(0) })];
    let watch = watch(&model);
    assert_eq!(watch.replies(), [(70.0, 1), (230.0, 1)], "TIC-1");
    assert_eq!(watch.messages(), [170.0]);
}

#[test]
fn events_at_the_end_are_not_run() {
    let mut model = with_rows(1, &[(0, 60.0), (60, 60.0)]);
    model.run.duration = Span::from_secs(60);
    let watch = watch(&model);
    assert_eq!(watch.replies(), []);
    assert_eq!(watch.messages(), [0.0]);
    assert_eq!(watch.open_at_end, 1);
}

/// A desk with something of everything, a few days long.
fn busy() -> Model {
    let mut model = model(12);
    put_on_shift(&mut model);
    model.plan.shifts[0].hours = vec![("07:00".parse().unwrap(), "23:00".parse().unwrap())];
    model.plan.shifts[0].late = Some(Variate::exponential(200.0).unwrap());
    model.plan.shifts[0].absence = 0.1;
    let second = model.settings.channels[0].clone();
    model.names.add_channel("mail");
    model.settings.channels.push(second);
    for user in 10..12 {
        model.settings.users[user] = super::sample::user(Vec::new());
        model.plan.agents[user] = agent(user);
        for channel in &mut model.settings.channels {
            for grants in [&mut channel.view, &mut channel.reply, &mut channel.manage] {
                grants.push(Grantee::User(UserId::at(user)));
            }
        }
    }
    for agent in &mut model.plan.agents[..10] {
        agent.concurrency = 3;
        agent.slowdown = [1.0, 1.4, 2.0].into();
        agent.pace = Variate::lognormal(1.0, 0.2).unwrap();
        agent.escalates = 0.03;
    }
    let chat = &mut model.settings.channels[0];
    chat.limit = cap(4);
    chat.sla.first_response = Some(Span::from_secs(300));
    chat.sla.closure = Some(Span::from_secs(4 * HOUR));
    chat.sla.escalate_to = Some(UserId(10));
    chat.close_after_silence = Some(Span::from_secs(3 * HOUR));
    let mail = &mut model.settings.channels[1];
    mail.sla.first_response = Some(Span::from_secs(2 * HOUR));
    mail.sla.escalate_to = Some(UserId(11));
    mail.consent = true;
    model.settings.fields =
        vec![FieldSettings { kind: FieldKind::Choice(2), mandatory: true, group: None, priority: vec![0, 2] }];
    let field = model.names.add_field("category");
    for choice in ["payment", "delivery"] {
        model.names.add_choice(field, choice);
    }
    model.plan.asked_fields = vec![FieldId(0)];
    model.plan.default_values = vec![FieldValue::Choice(0)];
    model.forms = (0..2).map(|choice| vec![(FieldId(0), FieldValue::Choice(choice))]).collect();
    for (class, rate) in [60.0, 25.0].into_iter().enumerate() {
        let mut customers = customers(&mut model.names, per_hour(rate), 60.0);
        customers.channel = ChannelId::at(class);
        customers.handle_time = Variate::lognormal(150.0, 0.9).unwrap();
        customers.wrap_up = Variate::exponential(20.0).unwrap();
        customers.replies = Count::geometric(2.2).unwrap();
        customers.reply_delay = Variate::lognormal(360.0, 1.5).unwrap();
        customers.patience = Variate::exponential(1800.0).unwrap();
        customers.abandons = [Abandons::Queue, Abandons::FirstResponse][class];
        customers.reopens = Some(Reopens { probability: 0.1, after: Variate::exponential(6.0 * 3600.0).unwrap() });
        customers.nudges = Variate::exponential(1200.0).unwrap();
        customers.spam = 0.02;
        customers.silent = 0.05;
        customers.consents = 0.9;
        customers.consent_delay = Variate::exponential(30.0).unwrap();
        customers.fields = vec![FieldPlan {
            field: FieldId(0),
            values: vec![(FieldValue::Choice(0), 3.0), (FieldValue::Choice(1), 1.0)],
        }];
        customers.forms = vec![FormId(0), FormId(1)];
        model.plan.customers.push(customers);
    }
    model.run.duration = Span::from_secs(3 * 24 * HOUR);
    model
}

#[test]
fn no_ticket_is_lost_and_every_timer_ends_once() {
    let watch = watch(&busy());
    let created = watch.count(|effect| matches!(effect, Effect::Created { .. }));
    let reactivated = watch.count(|effect| matches!(effect, Effect::Reactivated { .. }));
    let closed = watch.count(|effect| matches!(effect, Effect::Closed { .. }));
    assert!(created > 4000 && reactivated > 200, "{created} created, {reactivated} reactivated");
    assert_eq!(created + reactivated, closed + watch.open_at_end);
    let mut running: BTreeMap<(u32, Timer), bool> = BTreeMap::new();
    for (_, effect) in watch.effects() {
        match effect {
            Effect::SlaStarted { ticket, timer, .. } => {
                assert!(!running.insert((ticket.number, *timer), true).unwrap_or(false), "{ticket}");
            }
            Effect::SlaEnded { ticket, timer, .. } => {
                assert_eq!(running.insert((ticket.number, *timer), false), Some(true), "{ticket}");
            }
            _ => {}
        }
    }
    // People ask for nothing that the desk refuses them.
    let refused: Vec<_> = watch.steps.iter().filter(|(_, _, refused, _)| refused.is_some()).take(3).collect();
    assert!(refused.is_empty(), "{refused:?}");
}

#[test]
fn hands_hold_no_more_than_they_can_and_only_ones_own() {
    let model = busy();
    let watch = watch(&model);
    for &(_, user, in_hand) in &watch.work {
        assert!(in_hand <= model.plan.agents[user.index()].concurrency);
    }
    for (_, _, _, effects) in &watch.steps {
        for effect in effects {
            if let Effect::Replied { by, .. } = effect {
                assert!(by.0 < 12);
            }
        }
    }
}

#[test]
fn the_same_seed_gives_the_same_run_and_another_does_not() {
    let model = busy();
    let first = digest(&model, 7, 0);
    assert_eq!(digest(&model, 7, 0), first);
    assert_ne!(digest(&model, 8, 0), first);
    assert_ne!(digest(&model, 7, 1), first);
}

/// What was in the customers' hands, by conversation: when they came, what they filled in.
fn comings(watch: &Watch) -> BTreeMap<u32, (Instant, Option<u32>, bool)> {
    let mut comings = BTreeMap::new();
    for (at, command, ..) in &watch.steps {
        if let Some(Command::Message { conversation, form, spam, .. }) = command {
            comings.entry(conversation.0).or_insert((*at, form.map(|form| form.0), *spam));
        }
    }
    comings
}

#[test]
fn two_policies_meet_the_same_customers() {
    let mut model = busy();
    // Nobody leaves and nobody is taken away, so that every reply of both runs can be compared; one at a time, so that the time between
    // taking a reply in hand and sending it is its handle time.
    for agent in &mut model.plan.agents {
        (agent.shift, agent.concurrency, agent.escalates) = (None, 1, 0.0);
        agent.slowdown = [1.0].into();
        agent.pace = Variate::constant(1.0);
    }
    for user in &mut model.settings.users {
        user.status = StatusId::AVAILABLE;
    }
    for channel in &mut model.settings.channels {
        (channel.sla.first_response, channel.sla.closure, channel.close_after_silence) = (None, None, None);
        channel.limit = None;
    }
    for class in &mut model.plan.customers {
        class.patience = Variate::never();
        class.nudges = Variate::never();
        class.reopens = None;
    }
    let runs: Vec<Watch> = ["round_robin", "random", "first_listed"]
        .into_iter()
        .map(|policy| {
            let policy = Policy::named(policy).unwrap();
            for channel in &mut model.settings.channels {
                channel.assignment =
                    Assignment::RoundRobin { groups: vec![GroupId(0)], policy: policy.clone(), overflow: Vec::new() };
            }
            watch(&model)
        })
        .collect();
    let facts: Vec<_> = runs.iter().map(lives).collect();
    assert_eq!(comings(&runs[0]), comings(&runs[1]));
    assert_eq!(comings(&runs[0]), comings(&runs[2]));
    let mut compared = 0;
    for (conversation, life) in &facts[0] {
        for other in &facts[1..] {
            let Some(theirs) = other.get(conversation) else { continue };
            for (own, their) in life.iter().zip(theirs) {
                assert_eq!(own, their, "conversation {conversation}");
                compared += 1;
            }
        }
    }
    assert!(compared > 5000, "only {compared} were compared");
    // And the policies did differ.
    assert_ne!(runs[0].replies(), runs[1].replies());
}

/// The replies, by ticket and counted from 1, that were the last before a closure.
fn resolving(watch: &Watch) -> BTreeSet<(u32, u32)> {
    let (mut resolving, mut replies) = (BTreeSet::new(), BTreeMap::<u32, (u32, bool)>::new());
    for (_, effect) in watch.effects() {
        match effect {
            Effect::Replied { ticket, .. } => {
                let (nth, last) = replies.entry(ticket.number).or_default();
                (*nth, *last) = (*nth + 1, true);
            }
            Effect::Pending { ticket } => replies.entry(ticket.number).or_default().1 = false,
            Effect::Closed { ticket, .. } => {
                if let Some((nth, true)) = replies.get(&ticket.number) {
                    resolving.insert((ticket.number, *nth));
                }
            }
            _ => {}
        }
    }
    resolving
}

/// By conversation, what took how long: handle times and reply delays in microseconds, in order.
fn lives(watch: &Watch) -> BTreeMap<u32, Vec<u64>> {
    let mut lives: BTreeMap<u32, Vec<u64>> = BTreeMap::new();
    let (resolving, mut replies) = (resolving(watch), BTreeMap::<u32, u32>::new());
    let mut conversation_of = BTreeMap::new();
    let mut last_reply: BTreeMap<u32, Instant> = BTreeMap::new();
    // Who has what to do, in order: with one at a time, oldest first, a reply is begun when the one before is sent and closed.
    let mut began: BTreeMap<u32, Instant> = BTreeMap::new();
    let mut in_hand: BTreeMap<u32, u32> = BTreeMap::new();
    let mut owed: BTreeMap<u32, VecDeque<u32>> = BTreeMap::new();
    let mut holder: BTreeMap<u32, u32> = BTreeMap::new();
    for (at, command, _, effects) in &watch.steps {
        if let Some(Command::Message { conversation, .. }) = command
            && let Some(replied) = last_reply.remove(&conversation.0)
        {
            lives.entry(conversation.0).or_default().push(at.since(replied).as_micros());
        }
        let mut freed = Vec::new();
        for effect in effects {
            match effect {
                Effect::Created { ticket, conversation, .. } => {
                    conversation_of.insert(ticket.number, conversation.0);
                }
                Effect::Assigned { ticket, to, .. } => {
                    holder.insert(ticket.number, to.0);
                    owed.entry(to.0).or_default().push_back(ticket.number);
                    freed.push(to.0);
                }
                Effect::Pending { ticket } => {
                    let agent = holder[&ticket.number];
                    owed.entry(agent).or_default().push_back(ticket.number);
                    freed.push(agent);
                }
                Effect::Replied { ticket, by } => {
                    let conversation = conversation_of[&ticket.number];
                    lives.entry(conversation).or_default().push(at.since(began[&ticket.number]).as_micros());
                    last_reply.insert(conversation, *at);
                    // What resolves is closed after the wrap-up; only then do the hands come free.
                    let nth = replies.entry(ticket.number).or_default();
                    *nth += 1;
                    if !resolving.contains(&(ticket.number, *nth)) {
                        in_hand.remove(&by.0);
                        freed.push(by.0);
                    }
                }
                Effect::Closed { ticket, .. } => {
                    if let Some(agent) = holder.get(&ticket.number)
                        && in_hand.get(agent) == Some(&ticket.number)
                    {
                        in_hand.remove(agent);
                        freed.push(*agent);
                    }
                }
                _ => {}
            }
        }
        for agent in freed {
            if !in_hand.contains_key(&agent)
                && let Some(next) = owed.entry(agent).or_default().pop_front()
            {
                in_hand.insert(agent, next);
                began.insert(next, *at);
            }
        }
    }
    lives
}

#[test]
fn more_agents_change_nothing_about_the_customers() {
    let few = busy();
    let mut many = busy();
    for at in 12..20 {
        many.names.add_user(&format!("support-{}", at + 1));
        many.settings.users.push(user(vec![GroupId(0)]));
        many.plan.agents.push(agent(at));
    }
    let (few, many) = (watch(&few), watch(&many));
    assert_eq!(comings(&few), comings(&many));
    assert_ne!(few.replies(), many.replies());
}

#[test]
fn one_queue_and_one_agent_wait_as_erlang_has_it() {
    // M/M/1 at 0.8 (shared/validation, mmc_1): the mean wait is 240 s, and 0.8 wait at all.
    let mut model = model(1);
    let mut class = customers(&mut model.names, per_hour(48.0), 60.0);
    class.handle_time = Variate::exponential(60.0).unwrap();
    model.plan.customers.push(class);
    model.settings.channels[0].limit = cap(1);
    model.run.duration = Span::from_secs(10_000 * HOUR);
    #[derive(Default)]
    struct Waits {
        came: BTreeMap<u32, Instant>,
        micros: u64,
        waited: u64,
        served: u64,
    }
    impl Observer for Waits {
        fn step(&mut self, step: &Step<'_>, _: &Desk) {
            for effect in step.effects {
                match effect {
                    Effect::Created { ticket, .. } => {
                        self.came.insert(ticket.number, step.now);
                    }
                    Effect::Assigned { ticket, .. } => {
                        let wait = step.now - self.came.remove(&ticket.number).unwrap();
                        self.micros += wait.as_micros();
                        self.waited += u64::from(wait > Span::ZERO);
                        self.served += 1;
                    }
                    _ => {}
                }
            }
        }
    }
    let mut waits = Waits::default();
    simulate(&model, 1, 0, &mut waits).unwrap();
    let mean = waits.micros as f64 / waits.served as f64 / 1e6;
    let share = waits.waited as f64 / waits.served as f64;
    assert!((mean - 240.0).abs() < 12.0, "mean wait {mean} s of {} (seed 1)", waits.served);
    assert!((share - 0.8).abs() < 0.01, "{share} waited (seed 1)");
}

/// A desk of eight agents and two channels, with as many features as `features` has bits set; `seed` picks who and when in the script.
fn feature_model(features: u32, seed: u64) -> Model {
    let on = |bit: u32| features >> bit & 1 == 1;
    let mut model = busy();
    for at in 12..14 {
        model.names.add_user(&format!("admin-{at}"));
        model.settings.users.push(UserSettings { role: Role::Admin, ..user(Vec::new()) });
        model.plan.agents.push(agent(at));
        model.plan.agents[at].works = false;
    }
    model.run.duration = Span::from_secs(16 * HOUR);
    model.plan.civil = Civil::new("Europe/Berlin", "2026-03-30T06:00:00".parse().unwrap()).unwrap();
    model.settings.civil = model.plan.civil.clone();
    let [chat, mail] = &mut model.settings.channels[..] else { unreachable!("two channels") };
    if on(0) {
        chat.assignment = Assignment::Manual;
    }
    if on(1) {
        mail.assignment = Assignment::Manual;
        mail.limit = cap(3);
    }
    if on(2) {
        model.settings.idle_timeout = Some(Span::from_secs(240));
    }
    if on(3) {
        model.settings.requeue_after = Some(Span::from_secs(600));
    }
    model.settings.requeue_on_disable = on(4);
    if on(5) {
        chat.sla.escalate_to = None;
    }
    chat.spam_filter = on(6);
    chat.sticky = on(7);
    if on(8) {
        chat.reopen_within = Some(Span::from_secs(HOUR));
    }
    if on(9) {
        mail.close_after_silence = Some(Span::from_secs(900));
    }
    for agent in &mut model.plan.agents {
        if on(10) {
            (agent.concurrency, agent.slowdown) = (1, [1.0].into());
        }
        let orders = [WorkOrder::OldestFirst, WorkOrder::NewestFirst, WorkOrder::DeadlineFirst, WorkOrder::Random];
        agent.work_order = orders[(features >> 11) as usize % 4];
    }
    for class in &mut model.plan.customers {
        if on(13) {
            class.patience = Variate::constant(0.0);
        }
        if on(14) {
            class.wrap_up = Variate::constant(0.0);
        }
        if on(15) {
            class.reply_delay = Variate::constant(0.0);
        }
        if on(16) {
            class.nudges = Variate::exponential(60.0).unwrap();
        }
        if on(17) {
            class.abandons = Abandons::FirstResponse;
        }
    }
    if on(19) {
        model.settings.channels[0].answers_at_start = true;
    }
    if on(18) {
        model.plan.events = script(&mut model.names, &model.settings, seed);
        model.changes = vec![
            ChannelChange {
                assignment: Some(AssignmentChange { rule: Some(Some(Rotates::No)), ..AssignmentChange::default() }),
                ..ChannelChange::default()
            },
            ChannelChange {
                limit: Some(LimitChange { max_open: Some(Some(2)), ..LimitChange::default() }),
                answers_at_start: Some(on(20)),
                ..ChannelChange::default()
            },
            ChannelChange {
                assignment: Some(AssignmentChange {
                    rule: Some(Some(Rotates::Yes)),
                    groups: Some(vec![GroupId(0)]),
                    policy: Some(Policy::named("least_open")),
                    overflow: None,
                }),
                ..ChannelChange::default()
            },
        ];
    }
    if on(20) {
        // People whose work is meddled with: answered and taken in hand by anybody, sent away and back together.
        let mut draw = crate::kernel::Streams::new(seed, 0).stream(9001, 0, 0);
        let mut pick = |below: usize| (draw.uniform() * below as f64) as usize;
        for n in 0..200 {
            let at = secs(pick(16 * 60) as u64 * 60);
            let user = UserId::at(pick(model.settings.users.len()));
            let ticket = Some(TicketId { number: 1 + pick(40 + n) as u32, slot: 0 });
            let command = match pick(6) {
                0 => Command::Answer { user, ticket },
                1 => Command::Active { user, ticket: Some(ticket) },
                2 => Command::Active { user, ticket: None },
                3 => Command::SetStatus { user, status: Some(StatusId::AVAILABLE), more: false },
                _ => Command::SetStatus { user, status: Some(StatusId(pick(3) as u32)), more: true },
            };
            model.plan.events.push((at, command));
        }
        model.plan.events.sort_by_key(|&(at, _)| at);
    }
    model
}

/// A few hundred things that happen to a desk, at random.
fn script(names: &mut super::Names, settings: &Settings, seed: u64) -> Vec<(Instant, Command)> {
    let mut draw = crate::kernel::Streams::new(seed, 0).stream(9000, 0, 0);
    let mut pick = |below: usize| (draw.uniform() * below as f64) as usize;
    let users = settings.users.len();
    let conversations: Vec<_> = (0..6).map(|at| names.add_conversation(&format!("scripted {at}"))).collect();
    let mut at = Instant::ZERO;
    let mut events = Vec::new();
    while events.len() < 300 {
        at = at + Span::from_secs(pick(360) as u64);
        let (user, to, admin) = (UserId::at(pick(users)), UserId::at(pick(users)), UserId::at(12 + pick(2)));
        let (channel, group) = (ChannelId::at(pick(2)), GroupId(0));
        let ticket = Some(TicketId { number: 1 + pick(40 + events.len() * 2) as u32, slot: 0 });
        let conversation = conversations[pick(conversations.len())];
        let grantee = if pick(2) == 0 { Grantee::Group(group) } else { Grantee::User(user) };
        let permission = [Permission::View, Permission::Reply, Permission::Manage][pick(3)];
        events.push((
            at,
            match pick(18) {
                0 => Command::DisableUser { by: admin, user },
                1..=3 => Command::EnableUser { by: admin, user },
                4 => Command::SetStatus { user, status: Some(StatusId(pick(4) as u32)), more: pick(3) == 0 },
                5 => Command::Transfer { by: user, ticket, group },
                6 => Command::Escalate { by: user, ticket, to },
                7 => Command::Assign { by: user, ticket, to },
                8 => Command::Reopen { by: user, ticket },
                9 => Command::Reply { user, ticket },
                10 => Command::Close { user, ticket },
                11 => Command::EndConversation { conversation },
                12 => Command::OpenConversation { user, conversation, channel: ChannelId(0) },
                13 => Command::Revoke { by: admin, channel, permission, from: grantee },
                14 | 15 => Command::Grant { by: admin, channel, permission, to: grantee },
                16 => Command::ConfigureChannel { by: admin, channel, change: ChangeId(pick(3) as u32) },
                _ => Command::Message {
                    conversation,
                    channel: ChannelId(0),
                    spam: pick(10) == 0,
                    priority: 0,
                    form: None,
                    content: None,
                },
            },
        ));
    }
    events
}

proptest::proptest! {
    #![proptest_config(proptest::test_runner::Config { cases: 48, ..Default::default() })]

    /// Whatever is switched on: nobody forgets anybody (`People::audit`, between events), the desk stays sound (`Desk::audit`), nothing is
    /// lost, and it comes out the same again.
    #[test]
    fn people_cope_with_every_desk(features in 0u32..1 << 21, seed in 0u64..1000) {
        let mut model = feature_model(features, seed);
        model.run.seed = seed;
        let watch = watch(&model);
        let created = watch.count(|effect| matches!(effect, Effect::Created { .. } | Effect::Reactivated { .. }));
        let closed = watch.count(|effect| matches!(effect, Effect::Closed { .. }));
        proptest::prop_assert_eq!(created, closed + watch.open_at_end);
        if features >> 18 & 0b101 == 0 {
            let refused: Vec<_> = watch.steps.iter().filter(|(_, _, refused, _)| refused.is_some()).take(3).collect();
            proptest::prop_assert!(refused.is_empty(), "{:?}", refused);
        }
        proptest::prop_assert_eq!(digest(&model, seed, 0), digest(&model, seed, 0));
    }

    /// The log of a run, put through the desk again, has the same effects.
    #[test]
    fn every_log_replays_to_the_last_effect(features in 0u32..1 << 21, seed in 0u64..1000) {
        // Changes of channels have no words where no scenario is.
        let model = feature_model(features & !(1 << 18), seed);
        let mut trace = Trace::new(&model, Vec::new());
        simulate(&model, seed, 0, &mut trace).unwrap();
        let log = trace.into_inner().unwrap();
        let read: &ReadChange<'_> = &|_, _, _| Err(DecodeError::new("nothing is configured"));
        let replayed = replay(&log[..], &mut Bench::new(&model, seed, read), &mut std::io::sink());
        let effects = log.split(|byte| *byte == b'\n').filter(|line| line.windows(9).any(|at| at == b"\"effect\":")).count();
        match replayed {
            Ok(replayed) => proptest::prop_assert_eq!(replayed.effects, effects as u64),
            Err(error) => proptest::prop_assert!(false, "{:?}", error),
        }
    }
}

/// A desk on which somebody once forgot a ticket: its customer wrote during the wrap-up, and its agent may not close it.
#[test]
fn who_may_not_close_after_all_answers_who_wrote_meanwhile() {
    let (features, seed) = (501_316, 367);
    let mut model = feature_model(features, seed);
    model.run.seed = seed;
    let watch = watch(&model);
    let created = watch.count(|effect| matches!(effect, Effect::Created { .. } | Effect::Reactivated { .. }));
    let closed = watch.count(|effect| matches!(effect, Effect::Closed { .. }));
    assert_eq!(created, closed + watch.open_at_end, "features = {features}, seed = {seed}");
}
