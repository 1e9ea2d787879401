//! Effects: what happened on the desk (RULES, Log).

use super::{
    AutoMessage, ChannelId, ConversationId, FieldId, GroupId, LaneId, Refusal, Rule, StatusId, TicketId, UserId,
};
use crate::time::Instant;

/// Something that happened, in the past tense; effects of one command stand in the order in which they came about.
#[derive(Clone, Copy, PartialEq, Debug)]
pub enum Effect {
    /// A ticket came to be (TIC-1).
    Created {
        /// Which.
        ticket: TicketId,
        /// In which conversation.
        conversation: ConversationId,
        /// On which channel.
        channel: ChannelId,
    },
    /// A ticket entered a lane of the queue (QUE-1). Whoever held it does so no more.
    Queued {
        /// Which.
        ticket: TicketId,
        /// In its first cycle or a later one.
        session: Session,
        /// Where it waits.
        lane: LaneId,
    },
    /// A ticket got an assignee.
    Assigned {
        /// Which.
        ticket: TicketId,
        /// Who has it.
        to: UserId,
        /// Who had it until this instant.
        from: Option<UserId>,
        /// By what way.
        how: How,
    },
    /// A user picked a ticket up; the reply is still owed (TIC-12).
    Answered {
        /// Which ticket.
        ticket: TicketId,
        /// Who.
        by: UserId,
    },
    /// A user answered the customer (TIC-5).
    Replied {
        /// Which ticket.
        ticket: TicketId,
        /// Who.
        by: UserId,
    },
    /// The customer wrote on a ticket that awaited them: its agent owes a reply (TIC-5).
    Pending {
        /// Which.
        ticket: TicketId,
    },
    /// A ticket was closed (TIC-8, TIC-9).
    Closed {
        /// Which.
        ticket: TicketId,
        /// By whom.
        by: Closer,
        /// Mandatory fields that a closure by the system left empty (TIC-9): bit n is field n.
        empty_fields: FieldSet,
    },
    /// A closed ticket began its next cycle (TIC-6, TIC-7, TIC-10).
    Reactivated {
        /// Which.
        ticket: TicketId,
        /// The cycle that begins.
        cycle: u32,
    },
    /// A timer started, or started again in full (SLA-2).
    SlaStarted {
        /// Which ticket's.
        ticket: TicketId,
        /// Which timer.
        timer: Timer,
        /// Its deadline; [`Instant::MAX`] where the calendar never opens.
        due: Instant,
    },
    /// A timer ended (SLA-12); each that started ends once or runs to the end.
    SlaEnded {
        /// Which ticket's.
        ticket: TicketId,
        /// Which timer.
        timer: Timer,
        /// How.
        outcome: Outcome,
        /// Who held the ticket; a breach is charged to them.
        user: Option<UserId>,
    },
    /// A ticket was escalated (ESC).
    Escalated {
        /// Which.
        ticket: TicketId,
        /// Who had it.
        from: Option<UserId>,
        /// Who got it; `None` where there was nowhere to go (ESC-4).
        to: Option<UserId>,
        /// Why.
        cause: Cause,
    },
    /// A user was told something.
    Notified {
        /// Who.
        user: UserId,
        /// What about.
        about: About,
        /// Which ticket it concerns.
        ticket: Option<TicketId>,
        /// Which channel it concerns.
        channel: Option<ChannelId>,
    },
    /// The system wrote to a customer (MSG).
    AutoMessageSent {
        /// About which ticket.
        ticket: Option<TicketId>,
        /// In which conversation.
        conversation: ConversationId,
        /// Which text.
        kind: AutoMessage,
    },
    /// A user's status changed (STA-9).
    StatusChanged {
        /// Whose.
        user: UserId,
        /// What it was.
        from: StatusId,
        /// What it is.
        to: StatusId,
        /// Who changed it; `None` is the system (STA-11).
        by: Option<UserId>,
    },
    /// A message was spam, and made no ticket (CHN-6).
    SpamFiltered {
        /// In which conversation.
        conversation: ConversationId,
    },
    /// It was done, and is likely not what was meant.
    Warning {
        /// By which rule.
        rule: Rule,
        /// The channel concerned.
        channel: ChannelId,
        /// A user concerned: who lacks the permission (CHN-4); one effect for each.
        user: Option<UserId>,
        /// The group concerned (ASG-8).
        group: Option<GroupId>,
    },
    /// The command was refused, and changed nothing.
    Refused(Refusal),
}

impl Effect {
    /// The ticket that it is about.
    pub const fn ticket(&self) -> Option<TicketId> {
        match *self {
            Effect::Created { ticket, .. }
            | Effect::Queued { ticket, .. }
            | Effect::Assigned { ticket, .. }
            | Effect::Answered { ticket, .. }
            | Effect::Replied { ticket, .. }
            | Effect::Pending { ticket }
            | Effect::Closed { ticket, .. }
            | Effect::Reactivated { ticket, .. }
            | Effect::SlaStarted { ticket, .. }
            | Effect::SlaEnded { ticket, .. }
            | Effect::Escalated { ticket, .. } => Some(ticket),
            Effect::Notified { ticket, .. } | Effect::AutoMessageSent { ticket, .. } => ticket,
            Effect::StatusChanged { .. }
            | Effect::SpamFiltered { .. }
            | Effect::Warning { .. }
            | Effect::Refused(_) => None,
        }
    }
}

/// In which cycle a ticket waits (QUE-1).
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Session {
    /// Its first.
    NewConversation,
    /// A later one.
    NewSession,
}

impl Session {
    /// As the log and exports call it.
    pub const fn name(self) -> &'static str {
        match self {
            Session::NewConversation => "new_conversation",
            Session::NewSession => "new_session",
        }
    }
}

/// By what way a ticket got its assignee.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum How {
    /// By the system (ASG-1).
    Auto,
    /// By hand (ASG-7).
    Manual,
    /// By escalation (ESC).
    Escalation,
    /// By reopening (TIC-7).
    Reopen,
    /// They opened the conversation (TIC-1).
    Own,
}

/// Who closed a ticket.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Closer {
    /// A user (TIC-8).
    User(UserId),
    /// The customer, who gave up or refused consent (TIC-9, CHN-7).
    Customer,
    /// The system (TIC-9).
    System,
}

/// A set of custom fields: bit n is field n.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct FieldSet(pub u64);

impl FieldSet {
    /// The fields in the set, in their order.
    pub fn iter(self) -> impl Iterator<Item = FieldId> {
        (0..64).filter(move |bit| self.0 >> bit & 1 == 1).map(FieldId)
    }
}

/// The two SLA timers (SLA-1).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Timer {
    /// From assignment to the first reply.
    FirstResponse,
    /// From the cycle's first assignment to closure.
    Closure,
}

impl Timer {
    /// Both, in the order in which they fall due at one instant (SLA-4).
    pub const ALL: [Timer; 2] = [Timer::FirstResponse, Timer::Closure];

    /// As the log and exports call it.
    pub const fn name(self) -> &'static str {
        match self {
            Timer::FirstResponse => "first_response",
            Timer::Closure => "closure",
        }
    }
}

/// How a timer ended (SLA-12).
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Outcome {
    /// In time.
    Met,
    /// Its deadline passed.
    Breached,
    /// It was stopped: the ticket went back to the queue, or the timer started again in full.
    Cancelled,
    /// Closed before the deadline without any reply (SLA-9).
    Unanswered,
}

/// Why a ticket was escalated.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Cause {
    /// By hand (ESC-2).
    Manual,
    /// A first-response breach (ESC-1).
    FirstResponse,
    /// A closure breach (ESC-1).
    Closure,
}

/// What a user was told.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum About {
    /// A ticket was escalated to them (ESC-3).
    Escalation,
    /// A breach that could not be escalated (ESC-4), told to admins.
    Breach,
    /// A channel's round robin may be affected (CHN-5), told to admins.
    RoundRobin,
}

impl About {
    /// All of them.
    pub const ALL: [About; 3] = [About::Escalation, About::Breach, About::RoundRobin];

    /// As the log and exports call it.
    pub const fn name(self) -> &'static str {
        match self {
            About::Escalation => "escalation",
            About::Breach => "breach",
            About::RoundRobin => "round_robin",
        }
    }
}
