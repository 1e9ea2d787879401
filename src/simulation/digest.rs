//! A fingerprint of a run: of every command and every effect, with their instants.

use super::{Input, Observer, Step};
use crate::desk::{
    About, AutoMessage, Cause, Closer, Command, Connection, Desk, Effect, FieldName, FieldValue, Grantee, How, Outcome,
    Permission, Refusal, Session, StatusName, TicketId, Timer,
};
use xxhash_rust::xxh3::Xxh3;

/// Digests the steps of a run with xxh3 over an encoding of their meaning: numbers in a fixed order, little-endian.
///
/// Two runs that differ in one command, refusal or effect, or in an instant, have different digests but for one chance in
/// 2^64 or so. Neither the layout of types in memory nor the slots of tickets enter.
pub struct Digest {
    hash: Xxh3,
    /// Words that are not yet hashed, little-endian: hashing goes faster by the kilobyte.
    pending: Box<[[u8; 4]; BATCH]>,
    /// How many of them there are.
    len: usize,
}

/// So many words are hashed at a time.
const BATCH: usize = 2048;
/// What no id is.
const NONE: u32 = u32::MAX;

impl Digest {
    /// Of nothing, as yet.
    pub fn new() -> Digest {
        Digest { hash: Xxh3::new(), pending: Box::new([[0; 4]; BATCH]), len: 0 }
    }

    /// The digest of all that was seen.
    pub fn value(&self) -> u128 {
        let mut hash = self.hash.clone();
        hash.update(self.pending[..self.len].as_flattened());
        hash.digest128()
    }

    fn pen(&mut self) -> Pen<'_> {
        Pen { hash: &mut self.hash, pending: &mut self.pending, len: self.len }
    }
}

/// Writes down one step. All of it is inlined, so that the place to write at stays in a register from word to word.
struct Pen<'a> {
    hash: &'a mut Xxh3,
    pending: &'a mut [[u8; 4]; BATCH],
    len: usize,
}

#[cold]
fn settle(hash: &mut Xxh3, pending: &[[u8; 4]]) {
    hash.update(pending.as_flattened());
}

impl Pen<'_> {
    #[inline(always)]
    fn words<const N: usize>(&mut self, words: [u32; N]) {
        if self.len > BATCH - N {
            settle(self.hash, &self.pending[..self.len]);
            self.len = 0;
        }
        self.pending[self.len..][..N].copy_from_slice(&words.map(u32::to_le_bytes));
        self.len += N;
    }

    #[inline(always)]
    fn long(&mut self, long: u64) {
        self.words([long as u32, (long >> 32) as u32]);
    }

    #[inline(always)]
    fn command(&mut self, command: &Command) {
        // Each begins with a number of its own, which is never given to another.
        match *command {
            Command::Message { conversation, channel, spam, priority, form, content } => self.words([
                1,
                conversation.0,
                channel.0,
                u32::from(spam),
                i32::from(priority) as u32,
                form.map_or(NONE, |form| form.0),
                content.map_or(NONE, |content| content.0),
            ]),
            Command::Consent { conversation, granted } => self.words([2, conversation.0, u32::from(granted)]),
            Command::Abandon { conversation } => self.words([3, conversation.0]),
            Command::EndConversation { conversation } => self.words([4, conversation.0]),
            Command::Reply { user, ticket } => self.words([5, user.0, number(ticket)]),
            Command::Close { user, ticket } => self.words([6, user.0, number(ticket)]),
            Command::SetField { user, ticket, field, value } => {
                let field = match field {
                    FieldName::Custom(field) => field.0,
                    FieldName::System => NONE - 1,
                    FieldName::Unknown => NONE,
                };
                self.words([7, user.0, number(ticket), field]);
                self.value_of(value);
            }
            Command::Assign { by, ticket, to } => self.words([8, by.0, number(ticket), to.0]),
            Command::Transfer { by, ticket, group } => self.words([9, by.0, number(ticket), group.0]),
            Command::Escalate { by, ticket, to } => self.words([10, by.0, number(ticket), to.0]),
            Command::Reopen { by, ticket } => self.words([11, by.0, number(ticket)]),
            Command::OpenConversation { user, conversation, channel } => {
                self.words([12, user.0, conversation.0, channel.0]);
            }
            Command::SetStatus { user, status, more } => {
                self.words([if more { 26 } else { 13 }, user.0, status.map_or(NONE, |status| status.0)]);
            }
            Command::CreateStatus { by, name, connection, assignable, auto_message } => {
                self.words([14, by.0]);
                self.status_name(Some(name));
                self.words([connection_code(connection), u32::from(assignable), auto_message.map_or(NONE, auto_code)]);
            }
            Command::EditStatus { by, status, rename, connection, assignable, auto_message } => {
                self.words([15, by.0, status.map_or(NONE, |status| status.0)]);
                self.status_name(rename);
                self.words([
                    connection.map_or(NONE, connection_code),
                    assignable.map_or(NONE, u32::from),
                    auto_message.map_or(NONE, |kind| kind.map_or(NONE - 1, auto_code)),
                ]);
            }
            Command::OrderStatuses { by, order } => {
                self.words([16, by.0, order.given]);
                self.words(order.statuses.map(|status| status.map_or(NONE, |status| status.0)));
            }
            Command::DeleteStatus { by, status, replacement } => self.words([
                17,
                by.0,
                status.map_or(NONE, |status| status.0),
                replacement.map_or(NONE, |status| status.0),
            ]),
            Command::EnableUser { by, user } => self.words([18, by.0, user.0]),
            Command::DisableUser { by, user } => self.words([19, by.0, user.0]),
            Command::AddToGroup { by, user, group } => self.words([20, by.0, user.0, group.0]),
            Command::RemoveFromGroup { by, user, group } => self.words([21, by.0, user.0, group.0]),
            Command::Grant { by, channel, permission, to } => {
                self.words([22, by.0, channel.0, permission_code(permission)]);
                self.grantee(to);
            }
            Command::Revoke { by, channel, permission, from } => {
                self.words([23, by.0, channel.0, permission_code(permission)]);
                self.grantee(from);
            }
            Command::ConfigureChannel { by, channel, change } => self.words([24, by.0, channel.0, change.0]),
            Command::Tick => self.words([25]),
            Command::Answer { user, ticket } => self.words([27, user.0, number(ticket)]),
            Command::Active { user, ticket: None } => self.words([28, user.0]),
            Command::Active { user, ticket: Some(ticket) } => self.words([29, user.0, number(ticket)]),
        }
    }

    #[inline(always)]
    fn effect(&mut self, effect: &Effect) {
        match *effect {
            Effect::Created { ticket, conversation, channel } => {
                self.words([101, ticket.number, conversation.0, channel.0]);
            }
            Effect::Queued { ticket, session, lane } => {
                let session = match session {
                    Session::NewConversation => 0,
                    Session::NewSession => 1,
                };
                self.words([102, ticket.number, session, lane.0]);
            }
            Effect::Assigned { ticket, to, from, how } => {
                let how = match how {
                    How::Auto => 0,
                    How::Manual => 1,
                    How::Escalation => 2,
                    How::Reopen => 3,
                    How::Own => 4,
                };
                self.words([103, ticket.number, to.0, from.map_or(NONE, |user| user.0), how]);
            }
            Effect::Replied { ticket, by } => self.words([104, ticket.number, by.0]),
            Effect::Pending { ticket } => self.words([105, ticket.number]),
            Effect::Closed { ticket, by, empty_fields } => {
                let by = match by {
                    Closer::User(user) => user.0,
                    Closer::Customer => NONE - 1,
                    Closer::System => NONE,
                };
                self.words([106, ticket.number, by]);
                self.long(empty_fields.0);
            }
            Effect::Reactivated { ticket, cycle } => self.words([107, ticket.number, cycle]),
            Effect::SlaStarted { ticket, timer, due } => {
                self.words([108, ticket.number, timer_code(timer)]);
                self.long(due.as_micros());
            }
            Effect::SlaEnded { ticket, timer, outcome, user } => {
                let outcome = match outcome {
                    Outcome::Met => 0,
                    Outcome::Breached => 1,
                    Outcome::Cancelled => 2,
                    Outcome::Unanswered => 3,
                };
                self.words([109, ticket.number, timer_code(timer), outcome, user.map_or(NONE, |user| user.0)]);
            }
            Effect::Escalated { ticket, from, to, cause } => {
                let cause = match cause {
                    Cause::Manual => 0,
                    Cause::FirstResponse => 1,
                    Cause::Closure => 2,
                };
                let user = |user: Option<crate::desk::UserId>| user.map_or(NONE, |user| user.0);
                self.words([110, ticket.number, user(from), user(to), cause]);
            }
            Effect::Notified { user, about, ticket, channel } => {
                let about = match about {
                    About::Escalation => 0,
                    About::Breach => 1,
                    About::RoundRobin => 2,
                };
                self.words([111, user.0, about, number(ticket), channel.map_or(NONE, |channel| channel.0)]);
            }
            Effect::AutoMessageSent { ticket, conversation, kind } => {
                self.words([112, number(ticket), conversation.0, auto_code(kind)]);
            }
            Effect::StatusChanged { user, from, to, by } => {
                self.words([113, user.0, from.0, to.0, by.map_or(NONE, |user| user.0)]);
            }
            Effect::SpamFiltered { conversation } => self.words([114, conversation.0]),
            Effect::Warning { rule, channel, user, group } => {
                self.words([115, channel.0, user.map_or(NONE, |user| user.0), group.map_or(NONE, |group| group.0)]);
                self.text(rule.0);
            }
            Effect::Refused(refusal) => self.refused(refusal),
            Effect::Answered { ticket, by } => self.words([117, ticket.number, by.0]),
        }
    }

    #[inline(always)]
    fn refused(&mut self, refusal: Refusal) {
        self.words([116]);
        self.text(refusal.why());
    }

    #[inline(always)]
    fn text(&mut self, text: &str) {
        self.words([text.len() as u32]);
        text.bytes().for_each(|byte| self.words([byte.into()]));
    }

    #[inline(always)]
    fn value_of(&mut self, value: Option<FieldValue>) {
        match value {
            None => self.words([0]),
            Some(FieldValue::Text(text)) => self.words([1, text.0]),
            Some(FieldValue::Number(number)) => {
                self.words([2]);
                self.long(number.to_bits());
            }
            Some(FieldValue::Choice(choice)) => self.words([3, u32::from(choice)]),
            Some(FieldValue::Date(date)) => self.words([4, date as u32]),
            Some(FieldValue::Checkbox(ticked)) => self.words([5, u32::from(ticked)]),
        }
    }

    #[inline(always)]
    fn status_name(&mut self, name: Option<StatusName>) {
        match name {
            None => self.words([0]),
            Some(name) => self.words([1, name.shown.0, name.folded.map_or(NONE, |folded| folded.0)]),
        }
    }

    #[inline(always)]
    fn grantee(&mut self, grantee: Grantee) {
        match grantee {
            Grantee::Group(group) => self.words([0, group.0]),
            Grantee::User(user) => self.words([1, user.0]),
        }
    }
}

impl Default for Digest {
    fn default() -> Digest {
        Digest::new()
    }
}

impl std::fmt::Debug for Digest {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Digest({:032x})", self.value())
    }
}

impl Observer for Digest {
    fn step(&mut self, step: &Step<'_>, _desk: &Desk) {
        let mut pen = self.pen();
        pen.long(step.now.as_micros());
        match &step.input {
            Input::Command(command) => pen.command(command),
            Input::Deadline => pen.words([0]),
        }
        if let Some(refusal) = step.refused {
            pen.refused(refusal);
        }
        for effect in step.effects {
            pen.effect(effect);
        }
        self.len = pen.len;
    }
}

fn number(ticket: Option<TicketId>) -> u32 {
    ticket.map_or(NONE, |ticket| ticket.number)
}

fn timer_code(timer: Timer) -> u32 {
    match timer {
        Timer::FirstResponse => 0,
        Timer::Closure => 1,
    }
}

fn connection_code(connection: Connection) -> u32 {
    match connection {
        Connection::Connected => 0,
        Connection::Inactive => 1,
        Connection::Disconnected => 2,
    }
}

fn auto_code(kind: AutoMessage) -> u32 {
    match kind {
        AutoMessage::Greeting => 0,
        AutoMessage::Away => 1,
        AutoMessage::OutsideBusinessHours => 2,
    }
}

fn permission_code(permission: Permission) -> u32 {
    match permission {
        Permission::View => 0,
        Permission::Reply => 1,
        Permission::Manage => 2,
    }
}
