//! From the steps of one run to its rows: what a desk's own exports and dashboard show (DSH, EXP).
//!
//! A row is one cycle of a ticket, because everything that a desk promises is promised for a cycle: both timers, the wait
//! in the queue, who closed it. A ticket that was never reopened has one row; each row says how often its ticket was
//! reopened in all, so the row with `cycle = reopens + 1` is the ticket as it stands, and those rows alone are all tickets,
//! each once ([`TicketRow::is_latest`]).
//!
//! Reading order: [`TicketRow`] (what is known of a cycle), [`StatusCard`] and [`Cards`] (DSH-1), [`Filter`] (DSH-4),
//! [`Ledger`] (the fold over steps that gives the rows), [`Hindsight`] (what a run knows only at its end); then
//! [`Message`], `correspondence` (from steps to messages), [`Messages`] (the fold that gives them, and which are wanted)
//! and [`Content`] (what they say); [`Notifications`]; then what puts all of it together at an instant, [`Dashboard`], and for
//! one ticket, [`TicketCard`].

mod card;
mod content;
mod correspondence;
mod dashboard;
mod filter;
mod hindsight;
mod message;
mod messages;
mod notification;
mod row;
#[cfg(test)]
mod tests;
mod ticket_card;
mod tickets;

pub use card::{Cards, StatusCard};
pub use content::{Content, ContentType, Part};
pub use dashboard::{
    CardCount, Connections, Dashboard, Notices, NotificationLine, QueueLine, TimerLine, Until, UserLine, UserRow,
    just_after,
};
pub use filter::Filter;
pub use hindsight::Hindsight;
pub use message::{Direction, Message, Occasion, Sender};
pub use messages::{Messages, Wanted};
pub use notification::{Notification, Notifications};
pub use row::{Charge, Charged, CustomerOutcome, Sentiment, SlaOutcome, TicketRow, TimerRow};
pub use ticket_card::{CardField, CardMessage, CardPart, CardTimer, Histories, TicketCard};
pub use tickets::Ledger;
