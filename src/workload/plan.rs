//! What people are like: plain data that a scenario lowers to.

use crate::desk::{ChannelId, Command, FieldId, FieldValue, FormId, GroupId, Skill, StatusId, UserId};
use crate::kernel::{Count, Variate};
use crate::time::{Civil, Instant, Span, WeekdaySet};
use std::sync::Arc;

/// Everybody, and what is scripted to happen to the desk.
#[derive(Clone, Debug)]
pub struct Plan {
    /// Where simulated time meets civil time.
    pub civil: Civil,
    /// Classes of customers; an index here is the `customer` label.
    pub customers: Vec<CustomerPlan>,
    /// Agents by [`UserId`], in listed order.
    pub agents: Vec<AgentPlan>,
    /// Shifts, named by agents.
    pub shifts: Vec<ShiftPlan>,
    /// `[[event]]`: commands at instants, in order of time, then of the file.
    pub events: Vec<(Instant, Command)>,
    /// Which fields the customer fills in with their first message; the others the agent fills in before closing.
    pub asked_fields: Vec<FieldId>,
    /// The value an agent fills a mandatory field with where the customer class says nothing about it; by field.
    pub default_values: Vec<FieldValue>,
}

/// A class of synthetic customers.
#[derive(Clone, Debug)]
pub struct CustomerPlan {
    /// Where they write.
    pub channel: ChannelId,
    /// When they come.
    pub arrivals: Arrivals,
    /// One reply's work, in seconds, at pace 1 and one at a time.
    pub handle_time: Variate,
    /// The agent's work after the last reply, before closing, in seconds.
    pub wrap_up: Variate,
    /// Agent replies until resolved.
    pub replies: Count,
    /// Between an agent's reply and the customer's next message, in seconds.
    pub reply_delay: Variate,
    /// How long they wait before they abandon, in seconds.
    pub patience: Variate,
    /// What patience is lost over.
    pub abandons: Abandons,
    /// Whether they come back once their ticket is closed.
    pub reopens: Option<Reopens>,
    /// Between messages of one who waits for a reply, in seconds; `never` is one who does not write again.
    pub nudges: Variate,
    /// Probability that the first message is spam.
    pub spam: f64,
    /// Probability of never answering an agent's reply (decided once per ticket cycle).
    pub silent: f64,
    /// Probability of granting consent where the channel asks for it.
    pub consents: f64,
    /// How long the answer to the question for consent takes, in seconds.
    pub consent_delay: Variate,
    /// Values of custom fields, by weight.
    pub fields: Vec<FieldPlan>,
    /// Points of priority of their own (QUE-2).
    pub priority: i16,
    /// For every combination of values of asked fields a form, in mixed radix over `fields` that are asked, first fastest.
    pub forms: Vec<FormId>,
}

/// How a field's value is drawn.
#[derive(Clone, Debug)]
pub struct FieldPlan {
    /// Which field.
    pub field: FieldId,
    /// Its values with their weights (any positive scale).
    pub values: Vec<(FieldValue, f64)>,
}

/// What patience is lost over.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Abandons {
    /// Time in the queue.
    Queue,
    /// Time until the first reply.
    FirstResponse,
}

/// Coming back after closure.
#[derive(Clone, Debug)]
pub struct Reopens {
    /// The probability, at each closure by an agent or the system.
    pub probability: f64,
    /// How long after closure, in seconds.
    pub after: Variate,
}

/// When customers come.
#[derive(Clone, Debug)]
pub enum Arrivals {
    /// A Poisson process with rates by civil time.
    Rates(Rates),
    /// One every so often; the first after one interval.
    Every(Span),
    /// As recorded.
    File(Arc<[ArrivalRow]>),
}

/// Rates of arrival by weekday and time of day.
#[derive(Clone, Debug)]
pub struct Rates {
    /// For Monday to Sunday: arrivals per hour in each of the equal parts of the civil day (1, 24, 48, 96, 288 …).
    pub per_hour: [Arc<[f64]>; 7],
    /// Multiplies the rates of a civil day; drawn once per day.
    pub day_factor: Option<Variate>,
}

/// One recorded arrival; what is `None` is drawn from the class.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct ArrivalRow {
    /// When.
    pub at: Instant,
    /// One reply's work, in seconds.
    pub handle_time: Option<f64>,
    /// In seconds; infinite is never.
    pub patience: Option<f64>,
    /// Agent replies until resolved, from 1.
    pub replies: Option<u32>,
    /// Points of priority.
    pub priority: Option<i16>,
    /// Field values that came with the first message; made at lowering.
    pub form: Option<FormId>,
}

/// An agent's habits. Groups, caps and such are the desk's ([`crate::desk::UserSettings`]).
#[derive(Clone, Debug)]
pub struct AgentPlan {
    /// Which shift, by index; `None`: in the initial status always.
    pub shift: Option<usize>,
    /// Spells of duty from a roster file, in place of a shift: in order of time, disjoint; outside them Offline.
    pub roster: Option<Arc<[(Instant, Instant)]>>,
    /// Position among the agents of the same shift with the same breaks: staggers breaks.
    pub stagger_rank: u32,
    /// Replies worked on at a time; at least 1.
    pub concurrency: u16,
    /// Factor on handle time with 1, 2, … at a time; `concurrency` entries.
    pub slowdown: Arc<[f64]>,
    /// Factor on handle time, drawn once per agent.
    pub pace: Variate,
    /// Which of the tickets they owe a reply comes next.
    pub work_order: WorkOrder,
    /// Probability that they escalate instead of sending a reply, and to whom they can: the channel's preset user, if that is
    /// another user.
    pub escalates: f64,
    /// Breaks besides the shift's.
    pub breaks: Arc<[BreakPlan]>,
    /// Factors on handle time by channel or field value; they multiply.
    pub proficiency: Arc<[(Skill, f64)]>,
    /// The first of their groups, for labels.
    pub group: Option<GroupId>,
    /// Whether they take tickets of themselves where assignment is manual (a user of role admin without groups does not); what
    /// they are given they work in any case.
    pub works: bool,
    /// Which user.
    pub user: UserId,
}

/// Which ticket an agent works on next.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum WorkOrder {
    /// The one that has been theirs to answer for longest.
    OldestFirst,
    /// The one that became theirs to answer last.
    NewestFirst,
    /// The one whose running SLA timer is due first; those without one last.
    DeadlineFirst,
    /// Any, with equal chances.
    Random,
}

/// When agents are in which status; outside, Offline.
#[derive(Clone, Debug)]
pub struct ShiftPlan {
    /// On which days it starts.
    pub days: WeekdaySet,
    /// From when to when; an end not after the start is on the next day.
    pub hours: Vec<(jiff::civil::Time, jiff::civil::Time)>,
    /// Breaks, within the hours.
    pub breaks: Arc<[BreakPlan]>,
    /// How late people start, in seconds.
    pub late: Option<Variate>,
    /// Probability of not coming at all on a day.
    pub absence: f64,
}

/// A break in a shift.
#[derive(Clone, Debug)]
pub struct BreakPlan {
    /// The status they are in.
    pub status: StatusId,
    /// From when.
    pub at: jiff::civil::Time,
    /// For how long.
    pub length: Span,
    /// Each next agent of the shift starts it this much later: as many waves as the shift has room for, then round again.
    pub stagger: Span,
}
