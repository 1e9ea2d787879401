//! What is known of one cycle of a ticket (EXP-3).

use super::{Message, StatusCard};
use crate::desk::{
    ChannelId, Closer, ConversationId, FieldValue, GroupId, Outcome, Session, TicketId, TicketState, Timer, UserId,
};
use crate::time::{Instant, Span};

/// One cycle of a ticket, as it was when it was closed, or as it stands at the end of the run.
///
/// Fields stand in the order of EXP-3, and are called as its columns are. What does not apply is `None`.
#[derive(Clone, PartialEq, Debug)]
pub struct TicketRow {
    /// Which ticket.
    pub ticket: TicketId,
    /// Whose case it is.
    pub conversation: ConversationId,
    /// Where it runs.
    pub channel: ChannelId,
    /// As a member of which group its agent has it; without an agent, the group that it was transferred to.
    pub group: Option<GroupId>,
    /// TIC-4.
    pub state: TicketState,
    /// ESC-3: escalated, and not closed since.
    pub escalated: bool,
    /// Which of the ticket's lives this is, from 1.
    pub cycle: u32,
    /// When the ticket was created, whichever cycle this is.
    pub created_at: Instant,
    /// When this cycle began: by creation, reactivation or reopening.
    pub began_at: Instant,
    /// When it first entered the queue in this cycle.
    pub queued_at: Option<Instant>,
    /// When it was first assigned in this cycle.
    pub assigned_at: Option<Instant>,
    /// The first reply by a person in this cycle; what an agent writes before the customer does is none (SLA-11).
    pub first_response_at: Option<Instant>,
    /// When this cycle ended.
    pub closed_at: Option<Instant>,
    /// Who ended it.
    pub closed_by: Option<Closer>,
    /// Who has it, or had it when it was closed; nobody has a ticket in the queue.
    pub assigned_agent: Option<UserId>,
    /// The first-response timer.
    pub first_response: TimerRow,
    /// The closure timer.
    pub closure: TimerRow,
    /// How long it was in the queue: all stays of this cycle that have ended.
    pub queued_for: Option<Span>,
    /// The customer's own clock until the first response (SLA-12): from creation, reactivation or their first message.
    pub customer_first_response: Option<Span>,
    /// The customer's own clock until closure by a user or the system; who gave up was not helped.
    pub customer_resolution: Option<Span>,
    /// Escalations of this cycle that moved the ticket.
    pub escalations: u32,
    /// To whom the last of them did.
    pub escalated_to: Option<UserId>,
    /// When it was escalated in this cycle, whether or not there was anybody to take it (ESC-4).
    pub escalated_at: Vec<Instant>,
    /// How often the ticket was reopened in the whole run.
    pub reopens: u32,
    /// Transfers to a group in this cycle (ASG-8).
    pub transfers: u32,
    /// The last message of this cycle, whoever sent it.
    pub last_message: Option<Message>,
    /// The customer's, as it follows from what they went through in this cycle.
    pub sentiment: Option<Sentiment>,
    /// The custom fields in their order (TIC-11), as they were when the cycle ended.
    pub fields: Vec<Option<FieldValue>>,
    /// The class of the synthetic customer; `None` where nobody of a class has written.
    pub customer: Option<u16>,
    /// Points of priority (QUE-2), as they were when the cycle ended.
    pub priority: i32,
    /// By [`Timer`], the deadline: of the timer that runs, else of the one that the row tells of.
    pub due: [Option<Instant>; 2],
    /// By [`Timer`], what is left of a timer that runs or is paused, on its own clock (SLA-10).
    pub remaining: [Option<Span>; 2],
    /// The group through which it last came to somebody from the queue; hand-overs and escalations leave it as it is.
    pub assigned_group: Option<GroupId>,
    /// What of the cycle is charged to somebody, in the order in which it happened (SLA-12, DSH-2).
    pub charges: Vec<Charge>,
}

/// Something of a cycle that counts for a user and for a group, whoever has the ticket later.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Charge {
    /// What.
    pub what: Charged,
    /// For whom; nobody where nobody had it, or where the customer or the system did it.
    pub user: Option<UserId>,
    /// For which group: that as whose member the ticket's holder had it.
    pub group: Option<GroupId>,
}

/// What counts for somebody.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Charged {
    /// An SLA timer ended on the user's hands: a breach is theirs who held the ticket at the deadline (SLA-12).
    TimerEnded(Timer, Outcome),
    /// The user gave the first response, so long after the customer asked for it.
    FirstResponse(Span),
    /// The user closed it; with the customer's clock, where the closure resolved it.
    Closed(Option<Span>),
    /// It was escalated away from the user.
    Escalated,
}

/// What a cycle's timers of one kind came to.
///
/// A timer may start several times in a cycle (SLA-6, SLA-7, ESC-3). The SLA's figures are all of one of them: the first that
/// was breached, or, where none was, the last that started.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub struct TimerRow {
    /// What was promised: the channel's agreement when the timer started.
    pub target: Option<Span>,
    /// From its start to the reply or closure that it was about, on its own clock (SLA-12); a first response that was never
    /// given took no time.
    pub took: Option<Span>,
    /// How it ended; `None` if none started.
    pub outcome: Option<SlaOutcome>,
    /// Who held the ticket when it ended; a breach is charged to them.
    pub user: Option<UserId>,
    /// Whether the customer was served within the same target by their own clock.
    pub customer: Option<CustomerOutcome>,
}

/// The verdict of the customer's own clock, which starts with creation or reactivation and runs on the wall (SLA-12), held to
/// the timer's target. Where no timer started, the target is the channel's at the cycle's end.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum CustomerOutcome {
    /// Served within the target.
    InTime,
    /// Served later, or not served though the target has passed. Who gave up before it has no verdict.
    Late,
}

/// How a timer stands at the end of a cycle or of the run (SLA-12).
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum SlaOutcome {
    /// In time.
    Met,
    /// Its deadline passed.
    Breached,
    /// Stopped by a return to the queue, and not started since.
    Cancelled,
    /// Closed before the deadline without any reply (SLA-9).
    Unanswered,
    /// Not over at the end of the run.
    Running,
}

/// How a customer takes what they went through: derived from it, not drawn.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Sentiment {
    /// They were answered and the case was closed, in time and without their having to ask again.
    Positive,
    /// Neither.
    Neutral,
    /// They gave up, had to write again while they waited for a reply, or a promise to them was broken.
    Negative,
}

impl TicketRow {
    /// DSH-1.
    pub const fn card(&self) -> StatusCard {
        StatusCard::of(self.state, self.escalated, self.cycle)
    }

    /// What is left of the running timer that is due first.
    pub fn least_remaining(&self) -> Option<Span> {
        self.remaining.into_iter().flatten().min()
    }

    /// QUE-1.
    pub const fn session(&self) -> Session {
        if self.cycle == 1 { Session::NewConversation } else { Session::NewSession }
    }

    /// Whether it is the ticket's last cycle, so that the row says how the ticket stands at the end of the run.
    pub const fn is_latest(&self) -> bool {
        self.cycle == self.reopens + 1
    }

    /// What the timers of a kind came to.
    pub const fn timer(&self, timer: Timer) -> &TimerRow {
        match timer {
            Timer::FirstResponse => &self.first_response,
            Timer::Closure => &self.closure,
        }
    }

    /// Whether a promise was broken in this cycle (TIC-4).
    pub fn is_breached(&self) -> bool {
        [self.first_response, self.closure].iter().any(|timer| timer.outcome == Some(SlaOutcome::Breached))
    }
}

impl SlaOutcome {
    /// As SLA-12 calls it.
    pub const fn name(self) -> &'static str {
        match self {
            SlaOutcome::Met => "met",
            SlaOutcome::Breached => "breached",
            SlaOutcome::Cancelled => "cancelled",
            SlaOutcome::Unanswered => "unanswered",
            SlaOutcome::Running => "running",
        }
    }
}

impl CustomerOutcome {
    /// The verdict on a customer who was served after `took`, or waits for `waited` and was not.
    pub(super) fn of(took: Option<Span>, waited: Span, target: Option<Span>) -> Option<CustomerOutcome> {
        let late = took.unwrap_or(waited) > target?;
        match (late, took) {
            (true, _) => Some(CustomerOutcome::Late),
            (false, Some(_)) => Some(CustomerOutcome::InTime),
            (false, None) => None,
        }
    }

    /// The verdict in a word or two.
    pub const fn name(self) -> &'static str {
        match self {
            CustomerOutcome::InTime => "in time",
            CustomerOutcome::Late => "late",
        }
    }
}

impl Sentiment {
    /// What it is called.
    pub const fn name(self) -> &'static str {
        match self {
            Sentiment::Positive => "positive",
            Sentiment::Neutral => "neutral",
            Sentiment::Negative => "negative",
        }
    }
}
