//! What is written to and fro (EXP-2).

use crate::desk::{AutoMessage, ChannelId, ConversationId, Symbol, TicketId, UserId};
use crate::time::Instant;

/// Something that somebody sent: one or more parts, such as a header, a text and a footer.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Message {
    /// When.
    pub at: Instant,
    /// In which conversation.
    pub conversation: ConversationId,
    /// On which channel.
    pub channel: ChannelId,
    /// About which ticket, and in which of its cycles; none where ticketing is off (CHN-8).
    pub ticket: Option<(TicketId, u32)>,
    /// By whom.
    pub sender: Sender,
    /// On what occasion, which decides what it says.
    pub occasion: Occasion,
}

/// Who sends a message.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Sender {
    /// The customer of the conversation.
    Customer,
    /// Somebody of the desk.
    User(UserId),
    /// The desk itself (MSG).
    System,
}

/// Which way a message goes.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Direction {
    /// From the customer.
    Inbound,
    /// To the customer; automatic messages too.
    Outbound,
}

/// On what occasion a message is sent.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Occasion {
    /// The customer writes for the first time, or with a new ticket.
    Request,
    /// The customer comes back to a closed ticket (TIC-6).
    Return,
    /// The customer writes again before anybody has replied.
    Reminder,
    /// The customer answers the agent.
    Answer,
    /// The customer answers the question for consent (CHN-7).
    Consent(bool),
    /// What the customer writes stands in the scenario.
    Said(Symbol),
    /// A user's first reply in a cycle.
    FirstReply,
    /// A user's further reply.
    Reply,
    /// The desk asks for consent (CHN-7).
    ConsentAsked,
    /// An automatic message, about a ticket of that user's if it has one (MSG).
    Auto(AutoMessage, Option<UserId>),
}

impl Message {
    /// Which way it goes.
    pub const fn direction(&self) -> Direction {
        match self.sender {
            Sender::Customer => Direction::Inbound,
            Sender::User(_) | Sender::System => Direction::Outbound,
        }
    }
}

impl Direction {
    /// As EXP-2 calls it.
    pub const fn name(self) -> &'static str {
        match self {
            Direction::Inbound => "Inbound",
            Direction::Outbound => "Outbound",
        }
    }
}
