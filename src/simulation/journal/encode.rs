//! From commands and effects to a log's words, into a buffer that is used again and again.

use crate::desk::{
    AutoMessage, Cause, Closer, Command, ConversationId, Desk, Effect, FieldId, FieldName, FieldValue, Grantee, How,
    Outcome, Permission, Refusal, StatusId, StatusName, TicketId, UserId,
};
use crate::simulation::{Model, Names};
use crate::text::visible_json;
use crate::time::Instant;

/// The effects of the log and what each may say.
pub(crate) const EFFECTS: &[(&str, &[&str])] = &[
    ("created", &["ticket", "conversation", "channel"]),
    ("queued", &["ticket", "as", "lane"]),
    ("assigned", &["ticket", "to", "from", "how"]),
    ("answered", &["ticket", "by"]),
    ("replied", &["ticket", "by"]),
    ("pending", &["ticket"]),
    ("closed", &["ticket", "by", "empty_fields"]),
    ("reactivated", &["ticket", "cycle"]),
    ("sla_started", &["ticket", "timer", "due"]),
    ("sla_ended", &["ticket", "timer", "outcome", "user"]),
    ("escalated", &["ticket", "from", "to", "cause"]),
    ("notified", &["user", "about", "ticket", "channel"]),
    ("auto_message", &["ticket", "conversation", "kind"]),
    ("status_changed", &["user", "from", "to", "by"]),
    ("spam_filtered", &["conversation"]),
    ("warning", &["rule", "channel", "user", "group"]),
    ("refused", &["rule", "why"]),
];

/// What a command's ids are called at the moment it was given.
pub(crate) struct Lexicon<'a> {
    pub(crate) names: &'a Names,
    /// Field values that messages name by [`crate::desk::FormId`].
    pub(crate) forms: &'a [Vec<(FieldId, FieldValue)>],
    /// By [`StatusId`], before the command.
    pub(crate) statuses: &'a [StatusName],
}

/// Appends one line with a command, line break included.
pub(crate) fn write_command(out: &mut Vec<u8>, at: Instant, command: &Command, lexicon: &Lexicon<'_>) {
    let names = lexicon.names;
    let name = command_name(command);
    let mut line = Line::open(out, at, "do", name);
    match *command {
        Command::Message { conversation, channel, spam, priority, form, content } => {
            line.conversation(conversation, names);
            line.text("channel", names.channel(channel));
            if spam {
                line.word("spam", "true");
            }
            if let Some(content) = content {
                line.text("content", names.text(content));
            }
            if priority != 0 {
                line.integer("priority", i64::from(priority));
            }
            if let Some(form) = form {
                line.key("fields");
                line.out.push(b'{');
                for (place, (field, value)) in lexicon.forms[form.index()].iter().enumerate() {
                    if place > 0 {
                        line.out.push(b',');
                    }
                    quote(line.out, names.field(*field));
                    line.out.push(b':');
                    write_value(line.out, *field, *value, names);
                }
                line.out.push(b'}');
            }
        }
        Command::Consent { conversation, granted } => {
            line.conversation(conversation, names);
            line.word("granted", if granted { "true" } else { "false" });
        }
        Command::Abandon { conversation } | Command::EndConversation { conversation } => {
            line.conversation(conversation, names);
        }
        Command::Active { user, ticket } => {
            line.text("user", names.user(user));
            if let Some(ticket) = ticket {
                line.given_ticket(ticket);
            }
        }
        Command::Answer { user, ticket } | Command::Reply { user, ticket } | Command::Close { user, ticket } => {
            line.text("user", names.user(user));
            line.given_ticket(ticket);
        }
        Command::SetField { user, ticket, field, value } => {
            line.text("user", names.user(user));
            line.given_ticket(ticket);
            match field {
                FieldName::Custom(field) => line.text("field", names.field(field)),
                FieldName::System => line.text("field", "ticket_id"),
                FieldName::Unknown => line.word("field", "null"),
            }
            line.key("value");
            match (field, value) {
                (FieldName::Custom(field), Some(value)) => write_value(line.out, field, value, names),
                _ => line.out.extend_from_slice(b"null"),
            }
        }
        Command::Assign { by, ticket, to } | Command::Escalate { by, ticket, to } => {
            line.text("by", names.user(by));
            line.given_ticket(ticket);
            line.text("to", names.user(to));
        }
        Command::Transfer { by, ticket, group } => {
            line.text("by", names.user(by));
            line.given_ticket(ticket);
            line.text("group", names.group(group));
        }
        Command::Reopen { by, ticket } => {
            line.text("by", names.user(by));
            line.given_ticket(ticket);
        }
        Command::OpenConversation { user, conversation, channel } => {
            line.text("user", names.user(user));
            line.conversation(conversation, names);
            line.text("channel", names.channel(channel));
        }
        Command::SetStatus { user, status, more } => {
            line.text("user", names.user(user));
            line.given_status("status", status, lexicon);
            if more {
                line.word("more", "true");
            }
        }
        Command::CreateStatus { by, name, connection, assignable, auto_message } => {
            line.text("by", names.user(by));
            line.text("name", names.text(name.shown));
            line.word_text("connection", connection.name());
            line.word("assignable", if assignable { "true" } else { "false" });
            if let Some(kind) = auto_message {
                line.word_text("auto_message", auto_message_word(kind));
            }
        }
        Command::EditStatus { by, status, rename, connection, assignable, auto_message } => {
            line.text("by", names.user(by));
            line.given_status("name", status, lexicon);
            if let Some(name) = rename {
                line.text("rename", names.text(name.shown));
            }
            if let Some(connection) = connection {
                line.word_text("connection", connection.name());
            }
            if let Some(assignable) = assignable {
                line.word("assignable", if assignable { "true" } else { "false" });
            }
            if let Some(kind) = auto_message {
                line.word_text("auto_message", kind.map_or("none", auto_message_word));
            }
        }
        Command::OrderStatuses { by, order } => {
            line.text("by", names.user(by));
            line.key("names");
            line.out.push(b'[');
            // Names past the seventh are not kept; whatever stands for them, the desk refuses so long an order.
            for place in 0..order.given as usize {
                if place > 0 {
                    line.out.push(b',');
                }
                match order.statuses.get(place).copied().flatten() {
                    Some(status) => quote(line.out, names.text(lexicon.statuses[status.index()].shown)),
                    None => line.out.extend_from_slice(b"null"),
                }
            }
            line.out.push(b']');
        }
        Command::DeleteStatus { by, status, replacement } => {
            line.text("by", names.user(by));
            line.given_status("name", status, lexicon);
            if replacement.is_some() {
                line.given_status("replacement", replacement, lexicon);
            }
        }
        Command::EnableUser { by, user } | Command::DisableUser { by, user } => {
            line.text("by", names.user(by));
            line.text("user", names.user(user));
        }
        Command::AddToGroup { by, user, group } | Command::RemoveFromGroup { by, user, group } => {
            line.text("by", names.user(by));
            line.text("user", names.user(user));
            line.text("group", names.group(group));
        }
        Command::Grant { by, channel, permission, to: grantee }
        | Command::Revoke { by, channel, permission, from: grantee } => {
            line.text("by", names.user(by));
            line.text("channel", names.channel(channel));
            line.word_text("permission", permission_word(permission));
            match grantee {
                Grantee::Group(group) => line.text("group", names.group(group)),
                Grantee::User(user) => line.text("user", names.user(user)),
            }
        }
        Command::ConfigureChannel { by, channel, change } => {
            line.text("by", names.user(by));
            line.text("channel", names.channel(channel));
            let words = names.change(change);
            if !words.is_empty() {
                line.out.push(b',');
                line.out.extend_from_slice(words.as_bytes());
            }
        }
        Command::Tick => {}
    }
    line.close();
}

/// A command in the log's words.
pub(crate) fn command_text(command: &Command, model: &Model, desk: &Desk) -> String {
    let statuses: Vec<StatusName> =
        (0..desk.status_count()).map(|status| desk.status_name(StatusId::at(status))).collect();
    let lexicon = Lexicon { names: &model.names, forms: &model.forms, statuses: &statuses };
    let mut line = Vec::new();
    write_command(&mut line, Instant::ZERO, command, &lexicon);
    let line = String::from_utf8(line).expect("the encoder writes text");
    let text = line.strip_prefix("{\"at\":0,\"do\":").and_then(|rest| rest.strip_suffix("}\n"));
    text.expect("a line of the log has an instant and a command").to_owned()
}

/// Appends one line with an effect, line break included.
///
/// `desk` is as it was after the step that the effect belongs to; it knows what statuses and lanes are called.
pub fn write_effect(out: &mut Vec<u8>, at: Instant, effect: &Effect, names: &Names, desk: &Desk) {
    let mut line = Line::open(out, at, "effect", effect_name(effect));
    match *effect {
        Effect::Created { ticket, conversation, channel } => {
            line.ticket(ticket);
            line.conversation(conversation, names);
            line.text("channel", names.channel(channel));
        }
        Effect::Queued { ticket, session, lane } => {
            line.ticket(ticket);
            line.word_text("as", session.name());
            let channel = names.channel(desk.lane_channel(lane));
            match desk.lane_group(lane) {
                None => line.text("lane", channel),
                Some(group) => {
                    line.key("lane");
                    line.out.push(b'"');
                    escape(line.out, channel);
                    line.out.push(b'/');
                    escape(line.out, names.group(group));
                    line.out.push(b'"');
                }
            }
        }
        Effect::Assigned { ticket, to, from, how } => {
            line.ticket(ticket);
            line.text("to", names.user(to));
            line.optional_user("from", from, names);
            line.word_text(
                "how",
                match how {
                    How::Auto => "auto",
                    How::Manual => "manual",
                    How::Escalation => "escalation",
                    How::Reopen => "reopen",
                    How::Own => "own",
                },
            );
        }
        Effect::Answered { ticket, by } | Effect::Replied { ticket, by } => {
            line.ticket(ticket);
            line.text("by", names.user(by));
        }
        Effect::Pending { ticket } => line.ticket(ticket),
        Effect::Closed { ticket, by, empty_fields } => {
            line.ticket(ticket);
            match by {
                Closer::User(user) => line.text("by", names.user(user)),
                Closer::Customer => line.word_text("by", "customer"),
                Closer::System => line.word_text("by", "system"),
            }
            if empty_fields.0 != 0 {
                line.key("empty_fields");
                line.out.push(b'[');
                for (place, field) in empty_fields.iter().enumerate() {
                    if place > 0 {
                        line.out.push(b',');
                    }
                    quote(line.out, names.field(field));
                }
                line.out.push(b']');
            }
        }
        Effect::Reactivated { ticket, cycle } => {
            line.ticket(ticket);
            line.integer("cycle", i64::from(cycle));
        }
        Effect::SlaStarted { ticket, timer, due } => {
            line.ticket(ticket);
            line.word_text("timer", timer.name());
            line.key("due");
            if due == Instant::MAX {
                line.out.extend_from_slice(b"null");
            } else {
                write_instant(line.out, due);
            }
        }
        Effect::SlaEnded { ticket, timer, outcome, user } => {
            line.ticket(ticket);
            line.word_text("timer", timer.name());
            line.word_text(
                "outcome",
                match outcome {
                    Outcome::Met => "met",
                    Outcome::Breached => "breached",
                    Outcome::Cancelled => "cancelled",
                    Outcome::Unanswered => "unanswered",
                },
            );
            line.optional_user("user", user, names);
        }
        Effect::Escalated { ticket, from, to, cause } => {
            line.ticket(ticket);
            line.optional_user("from", from, names);
            line.optional_user("to", to, names);
            line.word_text(
                "cause",
                match cause {
                    Cause::Manual => "manual",
                    Cause::FirstResponse => "first_response",
                    Cause::Closure => "closure",
                },
            );
        }
        Effect::Notified { user, about, ticket, channel } => {
            line.text("user", names.user(user));
            line.word_text("about", about.name());
            if let Some(ticket) = ticket {
                line.ticket(ticket);
            }
            if let Some(channel) = channel {
                line.text("channel", names.channel(channel));
            }
        }
        Effect::AutoMessageSent { ticket, conversation, kind } => {
            if let Some(ticket) = ticket {
                line.ticket(ticket);
            }
            line.conversation(conversation, names);
            line.word_text("kind", auto_message_word(kind));
        }
        Effect::StatusChanged { user, from, to, by } => {
            line.text("user", names.user(user));
            line.text("from", names.text(desk.status_name(from).shown));
            line.text("to", names.text(desk.status_name(to).shown));
            match by {
                Some(by) => line.text("by", names.user(by)),
                None => line.word_text("by", "system"),
            }
        }
        Effect::SpamFiltered { conversation } => line.conversation(conversation, names),
        Effect::Warning { rule, channel, user, group } => {
            line.word_text("rule", rule.0);
            line.text("channel", names.channel(channel));
            line.optional_user("user", user, names);
            if let Some(group) = group {
                line.text("group", names.group(group));
            }
        }
        Effect::Refused(refusal) => line.refusal(refusal),
    }
    line.close();
}

/// Appends one line that says that a command was refused, line break included.
pub(crate) fn write_refusal(out: &mut Vec<u8>, at: Instant, refusal: Refusal) {
    let mut line = Line::open(out, at, "effect", "refused");
    line.refusal(refusal);
    line.close();
}

/// Appends seconds from the start: a decimal number, exact to the microsecond, as short as it can be.
pub(crate) fn write_instant(out: &mut Vec<u8>, at: Instant) {
    let micros = at.as_micros();
    write_integer(out, micros / 1_000_000);
    let mut fraction = micros % 1_000_000;
    if fraction > 0 {
        let mut digits = [b'0'; 7];
        digits[0] = b'.';
        for digit in digits[1..].iter_mut().rev() {
            *digit += (fraction % 10) as u8;
            fraction /= 10;
        }
        let end = digits.iter().rposition(|&digit| digit != b'0').expect("the point is no zero");
        out.extend_from_slice(&digits[..=end]);
    }
}

/// A ticket's ID for people (TIC-2): seven digits, wider after 9999999.
fn write_ticket(out: &mut Vec<u8>, ticket: TicketId) {
    out.push(b'"');
    let mut digits = [b'0'; 10];
    let (mut rest, mut start) = (ticket.number, 10);
    while rest > 0 || start > 3 {
        start -= 1;
        digits[start] = b'0' + (rest % 10) as u8;
        rest /= 10;
    }
    out.extend_from_slice(&digits[start..]);
    out.push(b'"');
}

fn write_integer(out: &mut Vec<u8>, value: u64) {
    let mut digits = [0; 20];
    let (mut rest, mut start) = (value, 20);
    loop {
        start -= 1;
        digits[start] = b'0' + (rest % 10) as u8;
        rest /= 10;
        if rest == 0 {
            break;
        }
    }
    out.extend_from_slice(&digits[start..]);
}

fn write_value(out: &mut Vec<u8>, field: FieldId, value: FieldValue, names: &Names) {
    use std::io::Write;
    match value {
        FieldValue::Text(text) => quote(out, names.text(text)),
        FieldValue::Choice(choice) => quote(out, names.choice(field, choice)),
        FieldValue::Checkbox(ticked) => out.extend_from_slice(if ticked { b"true" } else { b"false" }),
        FieldValue::Number(number) => write!(out, "{number}").expect("a buffer takes everything"),
        FieldValue::Date(days) => {
            let date = jiff::civil::date(1970, 1, 1).saturating_add(jiff::Span::new().days(days));
            write!(out, "\"{date}\"").expect("a buffer takes everything");
        }
    }
}

fn quote(out: &mut Vec<u8>, text: &str) {
    out.push(b'"');
    escape(out, text);
    out.push(b'"');
}

fn escape(out: &mut Vec<u8>, text: &str) {
    let plain = |byte: &u8| (0x20..0x7f).contains(byte) && *byte != b'"' && *byte != b'\\';
    if text.as_bytes().iter().all(plain) {
        out.extend_from_slice(text.as_bytes());
        return;
    }
    // Rare: let the JSON library escape it, and take its quotes off.
    let quoted = visible_json(serde_json::Value::from(text).to_string());
    out.extend_from_slice(&quoted.as_bytes()[1..quoted.len() - 1]);
}

/// One line under way: `{"at":…,"do":{"name":{…}}}`.
struct Line<'b> {
    out: &'b mut Vec<u8>,
    empty: bool,
}

impl<'b> Line<'b> {
    fn open(out: &'b mut Vec<u8>, at: Instant, kind: &str, name: &str) -> Line<'b> {
        out.extend_from_slice(b"{\"at\":");
        write_instant(out, at);
        out.extend_from_slice(b",\"");
        out.extend_from_slice(kind.as_bytes());
        out.extend_from_slice(b"\":{\"");
        out.extend_from_slice(name.as_bytes());
        out.extend_from_slice(b"\":{");
        Line { out, empty: true }
    }

    fn close(self) {
        self.out.extend_from_slice(b"}}}\n");
    }

    fn key(&mut self, key: &str) {
        self.out.extend_from_slice(if self.empty { b"\"" } else { b",\"" });
        self.empty = false;
        self.out.extend_from_slice(key.as_bytes());
        self.out.extend_from_slice(b"\":");
    }

    /// A name that somebody chose, and that may need escaping.
    fn text(&mut self, key: &str, text: &str) {
        self.key(key);
        quote(self.out, text);
    }

    /// A word of the log's own, in quotes.
    fn word_text(&mut self, key: &str, word: &str) {
        self.key(key);
        self.out.push(b'"');
        self.out.extend_from_slice(word.as_bytes());
        self.out.push(b'"');
    }

    /// A word of JSON's own.
    fn word(&mut self, key: &str, word: &str) {
        self.key(key);
        self.out.extend_from_slice(word.as_bytes());
    }

    fn integer(&mut self, key: &str, value: i64) {
        self.key(key);
        if value < 0 {
            self.out.push(b'-');
        }
        write_integer(self.out, value.unsigned_abs());
    }

    fn ticket(&mut self, ticket: TicketId) {
        self.key("ticket");
        write_ticket(self.out, ticket);
    }

    fn conversation(&mut self, conversation: ConversationId, names: &Names) {
        if names.conversation_count() > 0 {
            return self.text("conversation", &names.conversation(conversation));
        }
        // A run without scripted conversations, spared the making of a name.
        self.key("conversation");
        self.out.extend_from_slice(b"\"c");
        write_integer(self.out, u64::from(conversation.0) + 1);
        self.out.push(b'"');
    }

    /// A command's ticket; nothing for one that does not exist.
    fn given_ticket(&mut self, ticket: Option<TicketId>) {
        match ticket {
            Some(ticket) => self.ticket(ticket),
            None => self.word("ticket", "null"),
        }
    }

    /// A command's status; nothing for one that does not exist.
    fn given_status(&mut self, key: &str, status: Option<StatusId>, lexicon: &Lexicon<'_>) {
        match status {
            Some(status) => self.text(key, lexicon.names.text(lexicon.statuses[status.index()].shown)),
            None => self.word(key, "null"),
        }
    }

    fn optional_user(&mut self, key: &str, user: Option<UserId>, names: &Names) {
        if let Some(user) = user {
            self.text(key, names.user(user));
        }
    }

    fn refusal(&mut self, refusal: Refusal) {
        self.word_text("rule", refusal.rule().0);
        self.text("why", refusal.why());
    }
}

fn command_name(command: &Command) -> &'static str {
    match command {
        Command::Message { .. } => "message",
        Command::Consent { .. } => "consent",
        Command::Abandon { .. } => "abandon",
        Command::EndConversation { .. } => "end_conversation",
        Command::Answer { .. } => "answer",
        Command::Active { .. } => "active",
        Command::Reply { .. } => "reply",
        Command::Close { .. } => "close",
        Command::SetField { .. } => "set_field",
        Command::Assign { .. } => "assign",
        Command::Transfer { .. } => "transfer",
        Command::Escalate { .. } => "escalate",
        Command::Reopen { .. } => "reopen",
        Command::OpenConversation { .. } => "open_conversation",
        Command::SetStatus { .. } => "set_status",
        Command::CreateStatus { .. } => "create_status",
        Command::EditStatus { .. } => "edit_status",
        Command::OrderStatuses { .. } => "order_statuses",
        Command::DeleteStatus { .. } => "delete_status",
        Command::EnableUser { .. } => "enable_user",
        Command::DisableUser { .. } => "disable_user",
        Command::AddToGroup { .. } => "add_to_group",
        Command::RemoveFromGroup { .. } => "remove_from_group",
        Command::Grant { .. } => "grant",
        Command::Revoke { .. } => "revoke",
        Command::ConfigureChannel { .. } => "configure_channel",
        Command::Tick => "tick",
    }
}

fn effect_name(effect: &Effect) -> &'static str {
    match effect {
        Effect::Created { .. } => "created",
        Effect::Queued { .. } => "queued",
        Effect::Assigned { .. } => "assigned",
        Effect::Answered { .. } => "answered",
        Effect::Replied { .. } => "replied",
        Effect::Pending { .. } => "pending",
        Effect::Closed { .. } => "closed",
        Effect::Reactivated { .. } => "reactivated",
        Effect::SlaStarted { .. } => "sla_started",
        Effect::SlaEnded { .. } => "sla_ended",
        Effect::Escalated { .. } => "escalated",
        Effect::Notified { .. } => "notified",
        Effect::AutoMessageSent { .. } => "auto_message",
        Effect::StatusChanged { .. } => "status_changed",
        Effect::SpamFiltered { .. } => "spam_filtered",
        Effect::Warning { .. } => "warning",
        Effect::Refused(_) => "refused",
    }
}

fn auto_message_word(kind: AutoMessage) -> &'static str {
    match kind {
        AutoMessage::Greeting => "greeting",
        AutoMessage::Away => "away",
        AutoMessage::OutsideBusinessHours => "outside_business_hours",
    }
}

fn permission_word(permission: Permission) -> &'static str {
    match permission {
        Permission::View => "view",
        Permission::Reply => "reply",
        Permission::Manage => "manage",
    }
}
