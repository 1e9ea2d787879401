//! From steps to messages: who wrote when, among what happened.
//!
//! Replies and automatic messages are effects. What customers write are commands, and the question for consent
//! (CHN-7) shows in the ticket's state alone.

use super::message::{Message, Occasion, Sender};
use crate::desk::{Command, Desk, Effect, TicketId, TicketState};
use crate::simulation::{Input, Step};
use crate::time::Instant;

/// One thing of a step, in the order in which things came about.
pub(super) enum Happening<'a> {
    /// An effect; the message that it is, if it is one, follows.
    Effect(&'a Effect),
    /// Somebody wrote.
    Message(Message),
}

/// What is remembered of the correspondence on each open ticket, by slot.
#[derive(Clone, Default, Debug)]
pub(super) struct Correspondence {
    threads: Vec<Thread>,
}

#[derive(Clone, Copy, Default, Debug)]
struct Thread {
    /// The customer wrote last.
    owed: bool,
    /// A user replied in this cycle.
    replied: bool,
}

impl Correspondence {
    /// Goes through a step that was not refused; `desk` is as it is after it.
    pub(super) fn walk(&mut self, step: &Step<'_>, desk: &Desk, mut visit: impl FnMut(Happening<'_>)) {
        let mut inbound = inbound(step, desk);
        let opened = step.effects.iter().find_map(opens);
        // What opens a cycle is part of it, so it comes after the effect that says so.
        if opened.is_none()
            && let Some(message) = inbound.take()
        {
            visit(Happening::Message(self.wrote(message, None)));
        }
        for effect in step.effects {
            visit(Happening::Effect(effect));
            if let Some((ticket, occasion)) = opens(effect) {
                *self.thread(ticket) = Thread::default();
                if let Some(message) = inbound.take() {
                    visit(Happening::Message(self.wrote(message, Some(occasion))));
                }
            } else if let Some(message) = self.outbound(step, effect, desk) {
                visit(Happening::Message(message));
            }
        }
        // CHN-7: the question for consent is no effect; it shows in the ticket's state alone.
        if let Some((ticket, _)) = opened
            && desk.state(ticket) == TicketState::Consent
        {
            visit(Happening::Message(about(ticket, step.now, Sender::System, Occasion::ConsentAsked, desk)));
        }
    }

    /// Notes that the customer wrote, and says on what occasion: the one that opens a cycle, or what the thread shows.
    fn wrote(&mut self, mut message: Message, opening: Option<Occasion>) -> Message {
        if let Some((ticket, _)) = message.ticket {
            let owed = std::mem::replace(&mut self.thread(ticket).owed, true);
            if message.occasion == Occasion::Request {
                message.occasion = opening.unwrap_or(if owed { Occasion::Reminder } else { Occasion::Answer });
            }
        }
        message
    }

    fn outbound(&mut self, step: &Step<'_>, effect: &Effect, desk: &Desk) -> Option<Message> {
        match *effect {
            Effect::Replied { ticket, by } => {
                let before = std::mem::replace(self.thread(ticket), Thread { owed: false, replied: true });
                let occasion = if before.replied { Occasion::Reply } else { Occasion::FirstReply };
                Some(about(ticket, step.now, Sender::User(by), occasion, desk))
            }
            Effect::AutoMessageSent { ticket: Some(ticket), kind, .. } => {
                let occasion = Occasion::Auto(kind, desk.assignee(ticket));
                Some(about(ticket, step.now, Sender::System, occasion, desk))
            }
            // CHN-8: without tickets there is no message but to who has just written.
            Effect::AutoMessageSent { ticket: None, conversation, kind } => match step.input {
                Input::Command(Command::Message { channel, .. }) => Some(Message {
                    at: step.now,
                    conversation,
                    channel,
                    ticket: None,
                    sender: Sender::System,
                    occasion: Occasion::Auto(kind, None),
                }),
                _ => None,
            },
            _ => None,
        }
    }

    fn thread(&mut self, ticket: TicketId) -> &mut Thread {
        if ticket.index() >= self.threads.len() {
            self.threads.resize(ticket.index() + 1, Thread::default());
        }
        &mut self.threads[ticket.index()]
    }
}

/// The ticket whose cycle begins with an effect, and what a message that begins it is.
fn opens(effect: &Effect) -> Option<(TicketId, Occasion)> {
    match *effect {
        Effect::Created { ticket, .. } => Some((ticket, Occasion::Request)),
        Effect::Reactivated { ticket, .. } => Some((ticket, Occasion::Return)),
        _ => None,
    }
}

/// A message about a ticket.
fn about(ticket: TicketId, at: Instant, sender: Sender, occasion: Occasion, desk: &Desk) -> Message {
    let (conversation, channel) = (desk.conversation(ticket), desk.channel(ticket));
    Message { at, conversation, channel, ticket: Some((ticket, desk.cycle(ticket))), sender, occasion }
}

/// What the customer wrote, if that is what the step is; a request until more is known.
fn inbound(step: &Step<'_>, desk: &Desk) -> Option<Message> {
    // A refused consent closes the ticket, which then has no slot any more; the effect still names the one it had.
    let ticket = |conversation| {
        let closed = step.effects.iter().find_map(|effect| match *effect {
            Effect::Closed { ticket, .. } => Some(ticket),
            _ => None,
        });
        closed.or_else(|| desk.ticket_of(conversation))
    };
    match step.input {
        Input::Command(Command::Message { conversation, channel, content, .. }) => {
            // CHN-6: what was filtered never reached the desk.
            if step.effects.iter().any(|effect| matches!(effect, Effect::SpamFiltered { .. })) {
                return None;
            }
            let occasion = content.map_or(Occasion::Request, Occasion::Said);
            Some(match ticket(conversation) {
                Some(ticket) => about(ticket, step.now, Sender::Customer, occasion, desk),
                None => {
                    let sender = Sender::Customer;
                    Message { at: step.now, conversation, channel, ticket: None, sender, occasion }
                }
            })
        }
        Input::Command(Command::Consent { conversation, granted }) => {
            let occasion = Occasion::Consent(granted);
            ticket(conversation).map(|ticket| about(ticket, step.now, Sender::Customer, occasion, desk))
        }
        _ => None,
    }
}
