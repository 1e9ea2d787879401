//! From steps to messages: who wrote when, among what happened.
//!
//! Replies and automatic messages are effects. What customers write are commands, and the question for consent
//! (CHN-7) shows in the ticket's state alone.

use super::message::{Message, Occasion, Sender};
use crate::desk::{Command, Desk, Effect, TicketId, TicketState};
use crate::simulation::{Input, Step};

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
            visit(Happening::Message(Message {
                at: step.now,
                conversation: desk.conversation(ticket),
                ticket: Some(ticket),
                sender: Sender::System,
                occasion: Occasion::ConsentAsked,
            }));
        }
    }

    /// Notes that the customer wrote, and says on what occasion: the one that opens a cycle, or what the thread shows.
    fn wrote(&mut self, mut message: Message, opening: Option<Occasion>) -> Message {
        let owed = message.ticket.is_some_and(|ticket| std::mem::replace(&mut self.thread(ticket).owed, true));
        if message.occasion == Occasion::Request && message.ticket.is_some() {
            message.occasion = opening.unwrap_or(if owed { Occasion::Reminder } else { Occasion::Answer });
        }
        message
    }

    fn outbound(&mut self, step: &Step<'_>, effect: &Effect, desk: &Desk) -> Option<Message> {
        let (conversation, ticket, sender, occasion) = match *effect {
            Effect::Replied { ticket, by } => {
                let before = std::mem::replace(self.thread(ticket), Thread { owed: false, replied: true });
                let occasion = if before.replied { Occasion::Reply } else { Occasion::FirstReply };
                (desk.conversation(ticket), Some(ticket), Sender::User(by), occasion)
            }
            Effect::AutoMessageSent { ticket, conversation, kind } => {
                (conversation, ticket, Sender::System, Occasion::Auto(kind))
            }
            _ => return None,
        };
        Some(Message { at: step.now, conversation, ticket, sender, occasion })
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

/// What the customer wrote, if that is what the step is; a request until more is known.
fn inbound(step: &Step<'_>, desk: &Desk) -> Option<Message> {
    let Input::Command(command) = step.input else { return None };
    let (conversation, occasion) = match command {
        Command::Message { conversation, content: Some(said), .. } => (conversation, Occasion::Said(said)),
        Command::Message { conversation, .. } => (conversation, Occasion::Request),
        Command::Consent { conversation, granted } => (conversation, Occasion::Consent(granted)),
        _ => return None,
    };
    // CHN-6: what was filtered never reached the desk.
    if step.effects.iter().any(|effect| matches!(effect, Effect::SpamFiltered { .. })) {
        return None;
    }
    // A refusal closes the ticket, which then has no slot on the desk any more; the effect still names the one it had.
    let closed = step.effects.iter().find_map(|effect| match *effect {
        Effect::Closed { ticket, .. } => Some(ticket),
        _ => None,
    });
    let ticket = closed.or_else(|| desk.ticket_of(conversation));
    Some(Message { at: step.now, conversation, ticket, sender: Sender::Customer, occasion })
}
