//! A ticket's card: all that a dashboard shows of one ticket, with its conversation.

use super::correspondence::{Correspondence, Happening};
use super::{Content, Message, Part, Sender, TicketRow};
use crate::desk::{Command, Desk, Effect, FieldId, Timer, UserId};
use crate::simulation::{Input, Moment, Names, Observer, Step, Storyteller};
use crate::time::{Civil, Instant, Span};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// A ticket as it stands: plain words and numbers, from which a report can be made again. Times of day are civil with their
/// offset, lengths of time in seconds.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct TicketCard {
    /// Its ID.
    pub ticket: String,
    /// The dashboard's card that it is on (DSH-1).
    pub status: String,
    /// Whose case it is.
    pub conversation: String,
    /// The class of the synthetic customer.
    pub customer: Option<String>,
    /// On which channel.
    pub channel: String,
    /// As a member of which group its agent has it, or for which group it waits.
    pub group: Option<String>,
    /// The group that it was assigned through.
    pub assigned_group: Option<String>,
    /// Who has it, or had it when it was closed.
    pub agent: Option<String>,
    /// `new_conversation` or `new_session`.
    pub session: String,
    /// Which of its lives this is, from 1.
    pub cycle: u32,
    /// Points of priority (QUE-2).
    pub priority: i32,
    /// When it was created.
    pub created: String,
    /// When it was closed.
    pub closed: Option<String>,
    /// A user, `customer` or `system`.
    pub closed_by: Option<String>,
    /// The first-response timer of this cycle.
    pub first_response: CardTimer,
    /// The closure timer of this cycle.
    pub closure: CardTimer,
    /// The customer's own clock until the first response (SLA-12).
    pub customer_first_response_s: Option<f64>,
    /// The customer's own clock until closure.
    pub customer_resolution_s: Option<f64>,
    /// How often it was reopened.
    pub reopens: u32,
    /// Escalations of this cycle that moved it.
    pub escalations: u32,
    /// Transfers to a group in this cycle.
    pub transfers: u32,
    /// How the customer takes it.
    pub sentiment: Option<String>,
    /// What was written last, by whomever.
    pub last_message: Option<String>,
    /// The custom fields, in their order (TIC-11).
    pub fields: Vec<CardField>,
    /// The conversation on this ticket, all cycles of it.
    pub messages: Vec<CardMessage>,
}

/// A timer on a ticket's card.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct CardTimer {
    /// `met`, `breached`, `cancelled`, `unanswered` or `running`; `None` if none started.
    pub outcome: Option<String>,
    /// What was promised.
    pub target_s: Option<f64>,
    /// What it took.
    pub took_s: Option<f64>,
    /// The deadline.
    pub due: Option<String>,
    /// What is left of a timer that runs or is paused, on its own clock (SLA-10).
    pub remaining_s: Option<f64>,
}

/// A custom field on a ticket's card.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct CardField {
    /// What it is called.
    pub name: String,
    /// What stands in it.
    pub value: Option<String>,
}

/// A message on a ticket's card.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct CardMessage {
    /// When, in seconds from the start.
    pub at: f64,
    /// The same in civil time: `2026-03-02T08:12:05`.
    pub time: String,
    /// In which cycle.
    pub cycle: u32,
    /// `customer`, `system`, or the user.
    pub sender: String,
    /// `Inbound` or `Outbound`.
    pub direction: String,
    /// Its parts, each with its content type (EXP-2).
    pub parts: Vec<CardPart>,
}

/// A part of a message.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct CardPart {
    /// `Text`, `Header`, `Attachment`, `Footer` or `Button`.
    #[serde(rename = "type")]
    pub kind: String,
    /// What it says.
    pub content: String,
}

impl TicketCard {
    /// The card of a ticket's latest row; `content` knows what the messages say.
    pub fn new(
        row: &TicketRow,
        messages: &[Message],
        names: &Names,
        civil: &Civil,
        content: Content<'_>,
    ) -> TicketCard {
        let time = |at: Instant| civil.with_offset(at).to_string();
        let secs = |span: Option<Span>| span.map(Span::as_secs_f64);
        let user = |user: UserId| names.user(user).to_owned();
        let timer = |timer: Timer| {
            let told = row.timer(timer);
            CardTimer {
                outcome: told.outcome.map(|outcome| outcome.name().to_owned()),
                target_s: secs(told.target),
                took_s: secs(told.took),
                due: row.due[timer as usize].map(time),
                remaining_s: secs(row.remaining[timer as usize]),
            }
        };
        let fields = row.fields.iter().enumerate().map(|(index, value)| CardField {
            name: names.field(FieldId::at(index)).to_owned(),
            value: value.map(|value| names.value(FieldId::at(index), value)),
        });
        TicketCard {
            ticket: row.ticket.to_string(),
            status: row.card().name().to_owned(),
            conversation: names.conversation(row.conversation).into_owned(),
            customer: row.customer.map(|class| names.customer(class.into()).to_owned()),
            channel: names.channel(row.channel).to_owned(),
            group: row.group.map(|group| names.group(group).to_owned()),
            assigned_group: row.assigned_group.map(|group| names.group(group).to_owned()),
            agent: row.assigned_agent.map(user),
            session: row.session().name().to_owned(),
            cycle: row.cycle,
            priority: row.priority,
            created: time(row.created_at),
            closed: row.closed_at.map(time),
            closed_by: row.closed_by.map(|by| names.closer(by).to_owned()),
            first_response: timer(Timer::FirstResponse),
            closure: timer(Timer::Closure),
            customer_first_response_s: secs(row.customer_first_response),
            customer_resolution_s: secs(row.customer_resolution),
            reopens: row.cycle - 1,
            escalations: row.escalations,
            transfers: row.transfers,
            sentiment: row.sentiment.map(|sentiment| sentiment.name().to_owned()),
            last_message: row.last_message.as_ref().map(|message| content.text(message).into_owned()),
            fields: fields.collect(),
            messages: messages.iter().map(|message| CardMessage::new(message, names, civil, content)).collect(),
        }
    }
}

impl CardMessage {
    fn new(message: &Message, names: &Names, civil: &Civil, content: Content<'_>) -> CardMessage {
        let mut parts = Vec::new();
        content.parts(message, &mut parts);
        let part =
            |part: Part<'_>| CardPart { kind: part.content_type.name().to_owned(), content: part.content.into_owned() };
        CardMessage {
            at: message.at.as_secs_f64(),
            time: civil.at(message.at).strftime("%Y-%m-%dT%H:%M:%S").to_string(),
            cycle: message.ticket.map_or(1, |(_, cycle)| cycle),
            sender: match message.sender {
                Sender::Customer => "customer".to_owned(),
                Sender::User(user) => names.user(user).to_owned(),
                Sender::System => "system".to_owned(),
            },
            direction: message.direction().name().to_owned(),
            parts: parts.into_iter().map(part).collect(),
        }
    }
}

/// Gathers the histories and conversations of a run's tickets, of every so many-th once they are too many; give it to the run
/// as its observer.
pub struct Histories {
    civil: Civil,
    every: u32,
    /// Moments and messages that are kept at most.
    most: usize,
    size: usize,
    tickets: BTreeMap<u32, (Storyteller, Vec<Message>)>,
    correspondence: Correspondence,
    touched: Vec<u32>,
}

impl Histories {
    /// Keeps at most so many moments and messages.
    pub fn at_most(most: usize, civil: &Civil) -> Histories {
        Histories {
            civil: civil.clone(),
            every: 1,
            most,
            size: 0,
            tickets: BTreeMap::new(),
            correspondence: Correspondence::default(),
            touched: Vec::new(),
        }
    }

    /// Every how many-th ticket is kept, from the first on.
    pub fn every(&self) -> u32 {
        self.every
    }

    /// Whether the ticket of that number is kept.
    pub fn has(&self, number: u32) -> bool {
        self.tickets.contains_key(&number)
    }

    /// What happened to a ticket, and what was written on it.
    pub fn of(&self, number: u32, names: &Names) -> Option<(Vec<Moment>, &[Message])> {
        self.tickets.get(&number).map(|(teller, messages)| (teller.tell(names).moments, messages.as_slice()))
    }

    /// Notes that a step touches a ticket; one that is created is kept from now on.
    fn touch(&mut self, number: u32, created: bool) {
        if !(number - 1).is_multiple_of(self.every) || self.touched.contains(&number) {
            return;
        }
        if created {
            self.tickets.insert(number, (Storyteller::plain(number, self.civil.clone()), Vec::new()));
        }
        if self.tickets.contains_key(&number) {
            self.touched.push(number);
        }
    }

    /// Keeps every second ticket of those that are kept until they are few enough.
    fn thin(&mut self) {
        while self.size > self.most {
            if self.tickets.len() <= 1 {
                self.every = 1 << 31;
                self.tickets.clear();
            } else {
                self.every *= 2;
                let every = self.every;
                self.tickets.retain(|number, _| (number - 1).is_multiple_of(every));
            }
            self.size = self.tickets.values().map(|(teller, messages)| teller.moments() + messages.len()).sum();
        }
    }
}

impl Observer for Histories {
    fn step(&mut self, step: &Step<'_>, desk: &Desk) {
        self.touched.clear();
        for effect in step.effects {
            if let Some(ticket) = effect.ticket() {
                self.touch(ticket.number, matches!(effect, Effect::Created { .. }));
            }
        }
        let named = match &step.input {
            Input::Command(Command::Message { conversation, .. }) => desk.ticket_of(*conversation),
            Input::Command(command) => command.ticket(),
            Input::Deadline => None,
        };
        if let Some(ticket) = named {
            self.touch(ticket.number, false);
        }
        for number in &self.touched {
            let Some((teller, _)) = self.tickets.get_mut(number) else { continue };
            let before = teller.moments();
            teller.step(step, desk);
            self.size += teller.moments() - before;
        }
        if step.refused.is_none() {
            let mut correspondence = std::mem::take(&mut self.correspondence);
            correspondence.walk(step, desk, |happening| {
                if let Happening::Message(message) = happening
                    && let Some((ticket, _)) = message.ticket
                    && let Some((_, messages)) = self.tickets.get_mut(&ticket.number)
                {
                    messages.push(message);
                    self.size += 1;
                }
            });
            self.correspondence = correspondence;
        }
        self.thin();
    }
}
