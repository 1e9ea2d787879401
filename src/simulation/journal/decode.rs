//! From a log's words to a command.

use crate::desk::{
    AutoMessage, ChangeId, ChannelId, Command, Connection, FieldId, FieldKind, FieldName, FieldValue, FormId, Grantee,
    GroupId, Permission, StatusId, StatusOrder, Symbol, TicketId, UserId,
};
use crate::simulation::Names;
use crate::simulation::names::offer;
use crate::text::visible_json;
use crate::time::{Instant, Span, SpanError};
use serde_json::{Map, Value};
use std::fmt;

/// The commands of the log and what each may say; `configure_channel` takes a channel's settings besides.
pub const COMMANDS: &[(&str, &[&str])] = &[
    ("message", &["conversation", "channel", "spam", "content", "priority", "fields"]),
    ("consent", &["conversation", "granted"]),
    ("abandon", &["conversation"]),
    ("end_conversation", &["conversation"]),
    ("answer", &["user", "ticket"]),
    ("active", &["user", "ticket"]),
    ("reply", &["user", "ticket"]),
    ("close", &["user", "ticket"]),
    ("set_field", &["user", "ticket", "field", "value"]),
    ("assign", &["by", "ticket", "to"]),
    ("transfer", &["by", "ticket", "group"]),
    ("escalate", &["by", "ticket", "to"]),
    ("reopen", &["by", "ticket"]),
    ("open_conversation", &["user", "conversation", "channel"]),
    ("set_status", &["user", "status", "more"]),
    ("create_status", &["by", "name", "connection", "assignable", "auto_message"]),
    ("edit_status", &["by", "name", "rename", "connection", "assignable", "auto_message"]),
    ("order_statuses", &["by", "names"]),
    ("delete_status", &["by", "name", "replacement"]),
    ("enable_user", &["by", "user"]),
    ("disable_user", &["by", "user"]),
    ("add_to_group", &["by", "user", "group"]),
    ("remove_from_group", &["by", "user", "group"]),
    ("grant", &["by", "channel", "permission", "user", "group"]),
    ("revoke", &["by", "channel", "permission", "user", "group"]),
    ("configure_channel", &["by", "channel"]),
    ("tick", &[]),
];

/// The fields that the system keeps (TIC-3), by the names that exports and people give them.
const SYSTEM_FIELDS: &[&str] = &[
    "id",
    "ticket",
    "ticket_id",
    "conversation",
    "channel",
    "group",
    "status",
    "state",
    "session",
    "cycle",
    "creation",
    "created",
    "created_at",
    "queued_at",
    "assigned_at",
    "first_response",
    "first_response_at",
    "first_response_target_s",
    "first_response_s",
    "first_response_sla",
    "closure",
    "closed",
    "closed_at",
    "closed_by",
    "closure_target_s",
    "closure_s",
    "closure_sla",
    "assignee",
    "assigned_agent",
    "queue_s",
    "customer_first_response_s",
    "customer_resolution_s",
    "escalations",
    "escalated_to",
    "reopens",
    "transfers",
    "history",
    "customer",
    "first_response_due",
    "first_response_remaining_s",
    "closure_due",
    "closure_remaining_s",
    "remaining_s",
    "assigned_group",
];

/// What a command's words are looked up in, beside the names.
pub trait Resolve {
    /// The ticket of that number, if there ever was one.
    fn ticket(&self, number: u32) -> Option<TicketId>;
    /// The living status of that name, as it is compared.
    fn status(&self, folded: Symbol) -> Option<StatusId>;
    /// The type of a custom field.
    fn field_kind(&self, field: FieldId) -> FieldKind;
    /// Reads a change of a channel's settings, and keeps it.
    ///
    /// # Errors
    /// What is wrong with the settings.
    fn change(
        &mut self,
        names: &mut Names,
        channel: ChannelId,
        settings: &Map<String, Value>,
    ) -> Result<ChangeId, DecodeError>;
    /// Keeps field values that come with a message.
    fn form(&mut self, values: &[(FieldId, FieldValue)]) -> FormId;
    /// Whether what a message says is kept; the desk never reads it.
    fn keeps_content(&self) -> bool {
        true
    }
}

/// Why a text is no command, in words, and where in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DecodeError {
    /// Names of tables and keys that lead to the spot, outermost first; empty for the whole.
    pub path: Vec<String>,
    /// What is wrong.
    pub message: String,
    /// A way out.
    pub help: Option<String>,
}

impl DecodeError {
    /// An error about the whole.
    pub fn new(message: impl Into<String>) -> DecodeError {
        DecodeError { path: Vec::new(), message: message.into(), help: None }
    }

    /// With a way out.
    #[must_use]
    pub fn help(mut self, help: impl Into<String>) -> DecodeError {
        self.help = Some(help.into());
        self
    }

    /// Inside `key`.
    #[must_use]
    pub fn within(mut self, key: &str) -> DecodeError {
        self.path.insert(0, key.to_owned());
        self
    }

    fn unknown<'a>(what: &str, name: &str, known: impl Iterator<Item = &'a str> + Clone) -> DecodeError {
        DecodeError::new(format!("no {what} is called `{name}`")).help(offer(name, known))
    }
}

impl fmt::Display for DecodeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !self.path.is_empty() {
            write!(f, "`{}`: ", self.path.join("."))?;
        }
        f.write_str(&self.message)?;
        match &self.help {
            Some(help) => write!(f, " ({help})"),
            None => Ok(()),
        }
    }
}

impl std::error::Error for DecodeError {}

/// Reads an instant: seconds from the start as a number, or a duration such as `"1h30m"`.
///
/// # Errors
/// It is neither, is negative, or is longer than a hundred years.
pub fn decode_at(value: &Value) -> Result<Instant, DecodeError> {
    const MOST_SECONDS: f64 = 36_500.0 * 86_400.0;
    let help = "write seconds from the start as a number, or a duration such as \"1h30m\"";
    match value {
        Value::Number(number) => match number.as_f64() {
            Some(secs) if secs < 0.0 => Err(DecodeError::new("an instant cannot be negative").help(help)),
            // Up to a hundred years a double tells microseconds apart, so this rounding is exact.
            Some(secs) if secs <= MOST_SECONDS => Ok(Instant::ZERO + Span::from_secs_f64(secs)),
            _ => Err(DecodeError::new("an instant lies at most 36500d after the start").help(help)),
        },
        Value::String(text) => match text.parse::<Span>() {
            Ok(span) => Ok(Instant::ZERO + span),
            Err(SpanError::Unreadable) if is_civil(text) => {
                Err(DecodeError::new("a log's times are counted from its start, and this is a date and a time")
                    .help("write the seconds since the first line's time as a number, such as 0 and 93.5"))
            }
            Err(error) => Err(DecodeError::new(error.to_string()).help(help)),
        },
        other => Err(DecodeError::new(format!("expected an instant, found {}", kind_of(other))).help(help)),
    }
}

/// Whether a text is a date, with or without a time, as real desks' logs have them.
fn is_civil(text: &str) -> bool {
    text.trim().get(..10).is_some_and(|date| date.parse::<jiff::civil::Date>().is_ok())
}

/// Reads a command: a table with the command's name as its only key.
///
/// Users, groups and channels that nobody bears the name of are errors. Unknown tickets, statuses and field names are not: the desk
/// refuses them.
///
/// # Errors
/// What is wrong, where, and a way out.
pub fn decode_command(value: &Value, names: &mut Names, resolve: &mut impl Resolve) -> Result<Command, DecodeError> {
    let Value::Object(outer) = value else {
        return Err(DecodeError::new(format!("expected a command, found {}", kind_of(value)))
            .help("write { tick = {} }, with a command's name as the only key"));
    };
    let mut entries = outer.iter();
    let (Some((name, arguments)), None) = (entries.next(), entries.next()) else {
        return Err(DecodeError::new(format!("expected one command, found {}", outer.len()))
            .help("write one command for each `do`"));
    };
    let Some(&(name, allowed)) = COMMANDS.iter().find(|(known, _)| known == name) else {
        return Err(DecodeError::unknown("command", name, COMMANDS.iter().map(|(known, _)| *known)).within(name));
    };
    let Value::Object(map) = arguments else {
        return Err(DecodeError::new(format!("expected a table, found {}", kind_of(arguments)))
            .help(match allowed {
                [] => format!("write {{ {name} = {{}} }}"),
                _ => format!("write {{ {name} = {{ … }} }} with `{}`", allowed.join("`, `")),
            })
            .within(name));
    };
    Arguments { map, names, resolve }.command(name, allowed).map_err(|error| error.within(name))
}

/// Reads a value of a custom field (TIC-11); `None` if it does not fit the field's type.
pub fn decode_value(value: &Value, field: FieldId, kind: FieldKind, names: &mut Names) -> Option<FieldValue> {
    match (kind, value) {
        (FieldKind::Text, Value::String(text)) if !text.trim().is_empty() => Some(FieldValue::Text(names.intern(text))),
        (FieldKind::Number, Value::Number(number)) => {
            number.as_f64().filter(|number| number.is_finite()).map(FieldValue::Number)
        }
        (FieldKind::Choice(_), Value::String(text)) => names.find_choice(field, text).map(FieldValue::Choice),
        (FieldKind::Date, Value::String(text)) => {
            let date: jiff::civil::Date = text.parse().ok()?;
            let days = jiff::civil::date(1970, 1, 1).until(date).ok()?.get_days();
            Some(FieldValue::Date(days))
        }
        (FieldKind::Checkbox, Value::Bool(ticked)) => Some(FieldValue::Checkbox(*ticked)),
        _ => None,
    }
}

/// Resolves for a check alone: nothing is kept, and tickets and statuses are not looked up.
#[derive(Debug)]
pub struct Dry<'a, F> {
    /// The types of the custom fields, by [`FieldId`].
    pub kinds: &'a [FieldKind],
    /// Reads a change of settings.
    pub read: F,
}

impl<F, T> Resolve for Dry<'_, F>
where
    F: Fn(&Names, ChannelId, &Map<String, Value>) -> Result<T, DecodeError>,
{
    fn ticket(&self, _: u32) -> Option<TicketId> {
        None
    }
    fn status(&self, _: Symbol) -> Option<StatusId> {
        None
    }
    fn field_kind(&self, field: FieldId) -> FieldKind {
        self.kinds[field.index()]
    }
    fn change(
        &mut self,
        names: &mut Names,
        channel: ChannelId,
        settings: &Map<String, Value>,
    ) -> Result<ChangeId, DecodeError> {
        (self.read)(names, channel, settings).map(|_| ChangeId(0))
    }
    fn form(&mut self, _: &[(FieldId, FieldValue)]) -> FormId {
        FormId(0)
    }
    fn keeps_content(&self) -> bool {
        false
    }
}

/// What a value is, in the words of JSON and TOML alike.
pub(crate) fn kind_of(value: &Value) -> &'static str {
    match value {
        Value::Null => "nothing",
        Value::Bool(_) => "true or false",
        Value::Number(_) => "a number",
        Value::String(_) => "a text",
        Value::Array(_) => "a list",
        Value::Object(_) => "a table",
    }
}

struct Arguments<'a, R> {
    map: &'a Map<String, Value>,
    names: &'a mut Names,
    resolve: &'a mut R,
}

impl<'a, R: Resolve> Arguments<'a, R> {
    fn command(&mut self, name: &str, allowed: &[&str]) -> Result<Command, DecodeError> {
        if name != "configure_channel"
            && let Some(key) = self.map.keys().find(|key| !allowed.contains(&key.as_str()))
        {
            return Err(DecodeError::new(format!("`{name}` has no `{key}`"))
                .help(offer(key, allowed.iter().copied()))
                .within(key));
        }
        Ok(match name {
            "message" => Command::Message {
                conversation: self.conversation()?,
                channel: self.channel("channel")?,
                spam: self.flag("spam")?.unwrap_or(false),
                priority: self.priority()?,
                form: self.form()?,
                content: match self.optional_text("content")? {
                    Some(text) if self.resolve.keeps_content() => Some(self.names.intern(text)),
                    _ => None,
                },
            },
            "consent" => Command::Consent {
                conversation: self.conversation()?,
                granted: self.flag("granted")?.ok_or_else(|| self.missing("granted"))?,
            },
            "abandon" => Command::Abandon { conversation: self.conversation()? },
            "end_conversation" => Command::EndConversation { conversation: self.conversation()? },
            "answer" => Command::Answer { user: self.user("user")?, ticket: self.ticket()? },
            "active" => Command::Active {
                user: self.user("user")?,
                ticket: if self.map.contains_key("ticket") { Some(self.ticket()?) } else { None },
            },
            "reply" => Command::Reply { user: self.user("user")?, ticket: self.ticket()? },
            "close" => Command::Close { user: self.user("user")?, ticket: self.ticket()? },
            "set_field" => {
                let (user, ticket) = (self.user("user")?, self.ticket()?);
                let value = self.map.get("value").ok_or_else(|| self.missing("value"))?;
                let field = match self.nullable_text("field")? {
                    Some(field) => match self.names.find_field(field) {
                        Some(field) => FieldName::Custom(field),
                        None if SYSTEM_FIELDS.contains(&field) => FieldName::System,
                        None => FieldName::Unknown,
                    },
                    None => FieldName::Unknown,
                };
                let value = match field {
                    FieldName::Custom(id) => decode_value(value, id, self.resolve.field_kind(id), self.names),
                    FieldName::System | FieldName::Unknown => None,
                };
                Command::SetField { user, ticket, field, value }
            }
            "assign" => Command::Assign { by: self.user("by")?, ticket: self.ticket()?, to: self.user("to")? },
            "transfer" => {
                Command::Transfer { by: self.user("by")?, ticket: self.ticket()?, group: self.group("group")? }
            }
            "escalate" => Command::Escalate { by: self.user("by")?, ticket: self.ticket()?, to: self.user("to")? },
            "reopen" => Command::Reopen { by: self.user("by")?, ticket: self.ticket()? },
            "open_conversation" => Command::OpenConversation {
                user: self.user("user")?,
                conversation: self.conversation()?,
                channel: self.channel("channel")?,
            },
            "set_status" => Command::SetStatus {
                user: self.user("user")?,
                status: self.status("status")?,
                more: self.flag("more")?.unwrap_or(false),
            },
            "create_status" => {
                let by = self.user("by")?;
                let name = self.text("name")?;
                let connection = self.connection()?.ok_or_else(|| self.missing("connection"))?;
                Command::CreateStatus {
                    by,
                    name: self.names.status_name(name),
                    connection,
                    assignable: self.flag("assignable")?.unwrap_or(connection == Connection::Connected),
                    auto_message: self.auto_message()?.flatten(),
                }
            }
            "edit_status" => Command::EditStatus {
                by: self.user("by")?,
                status: self.status("name")?,
                rename: self.optional_text("rename")?.map(|name| self.names.status_name(name)),
                connection: self.connection()?,
                assignable: self.flag("assignable")?,
                auto_message: self.auto_message()?,
            },
            "order_statuses" => Command::OrderStatuses { by: self.user("by")?, order: self.order()? },
            "delete_status" => Command::DeleteStatus {
                by: self.user("by")?,
                status: self.status("name")?,
                replacement: match self.map.contains_key("replacement") {
                    true => self.status("replacement")?,
                    false => None,
                },
            },
            "enable_user" => Command::EnableUser { by: self.user("by")?, user: self.user("user")? },
            "disable_user" => Command::DisableUser { by: self.user("by")?, user: self.user("user")? },
            "add_to_group" => {
                Command::AddToGroup { by: self.user("by")?, user: self.user("user")?, group: self.group("group")? }
            }
            "remove_from_group" => {
                Command::RemoveFromGroup { by: self.user("by")?, user: self.user("user")?, group: self.group("group")? }
            }
            "grant" => Command::Grant {
                by: self.user("by")?,
                channel: self.channel("channel")?,
                permission: self.permission()?,
                to: self.grantee()?,
            },
            "revoke" => Command::Revoke {
                by: self.user("by")?,
                channel: self.channel("channel")?,
                permission: self.permission()?,
                from: self.grantee()?,
            },
            "configure_channel" => self.configure()?,
            "tick" => Command::Tick,
            _ => unreachable!("every name in COMMANDS has its arm"),
        })
    }

    fn configure(&mut self) -> Result<Command, DecodeError> {
        let (by, channel) = (self.user("by")?, self.channel("channel")?);
        let settings: Map<String, Value> = self
            .map
            .iter()
            .filter(|(key, _)| *key != "by" && *key != "channel")
            .map(|(key, value)| (key.clone(), value.clone()))
            .collect();
        let change = self.resolve.change(self.names, channel, &settings)?;
        let words = visible_json(Value::Object(settings).to_string());
        self.names.name_change(change, words[1..words.len() - 1].to_owned());
        Ok(Command::ConfigureChannel { by, channel, change })
    }

    fn missing(&self, key: &str) -> DecodeError {
        DecodeError::new(format!("`{key}` is missing")).help(format!("say it: {{ {key} = … }}"))
    }

    fn wrong(&self, key: &str, expected: &str, found: &Value) -> DecodeError {
        DecodeError::new(format!("expected {expected}, found {}", kind_of(found)))
            .help(format!("write {expected}"))
            .within(key)
    }

    fn optional_text(&self, key: &str) -> Result<Option<&'a str>, DecodeError> {
        match self.map.get(key) {
            None => Ok(None),
            Some(Value::String(text)) => Ok(Some(text)),
            Some(other) => Err(self.wrong(key, "a text", other)),
        }
    }

    fn text(&self, key: &str) -> Result<&'a str, DecodeError> {
        self.optional_text(key)?.ok_or_else(|| self.missing(key))
    }

    /// A text, or the nothing that a trace writes for a name that nobody bears.
    fn nullable_text(&self, key: &str) -> Result<Option<&'a str>, DecodeError> {
        match self.map.get(key) {
            Some(Value::Null) => Ok(None),
            _ => self.text(key).map(Some),
        }
    }

    fn flag(&self, key: &str) -> Result<Option<bool>, DecodeError> {
        match self.map.get(key) {
            None => Ok(None),
            Some(Value::Bool(flag)) => Ok(Some(*flag)),
            Some(other) => Err(self.wrong(key, "true or false", other)),
        }
    }

    fn one_of<T: Copy>(&self, key: &str, choices: &[(&str, T)]) -> Result<Option<T>, DecodeError> {
        let Some(text) = self.optional_text(key)? else { return Ok(None) };
        if let Some((_, value)) = choices.iter().find(|(name, _)| *name == text) {
            return Ok(Some(*value));
        }
        Err(DecodeError::new(format!("`{text}` is no {}", key.replace('_', " ")))
            .help(offer(text, choices.iter().map(|(name, _)| *name)))
            .within(key))
    }

    fn user(&self, key: &str) -> Result<UserId, DecodeError> {
        let name = self.text(key)?;
        let unknown = || DecodeError::unknown("user", name, self.names.user_names()).within(key);
        self.names.find_user(name).ok_or_else(unknown)
    }

    fn group(&self, key: &str) -> Result<GroupId, DecodeError> {
        let name = self.text(key)?;
        let unknown = || DecodeError::unknown("group", name, self.names.group_names()).within(key);
        self.names.find_group(name).ok_or_else(unknown)
    }

    fn channel(&self, key: &str) -> Result<ChannelId, DecodeError> {
        let name = self.text(key)?;
        let unknown = || DecodeError::unknown("channel", name, self.names.channel_names()).within(key);
        self.names.find_channel(name).ok_or_else(unknown)
    }

    fn conversation(&mut self) -> Result<crate::desk::ConversationId, DecodeError> {
        match self.text("conversation")? {
            "" => Err(DecodeError::new("a conversation needs a name")
                .help("write any name between the quotes")
                .within("conversation")),
            name => Ok(self.names.add_conversation(name)),
        }
    }

    fn ticket(&self) -> Result<Option<TicketId>, DecodeError> {
        match self.map.get("ticket") {
            Some(number @ Value::Number(_)) => {
                Err(self.wrong("ticket", "a text", number).help("write a ticket as \"0000001\""))
            }
            _ => {
                Ok(self.nullable_text("ticket")?.and_then(ticket_number).and_then(|number| self.resolve.ticket(number)))
            }
        }
    }

    fn status(&self, key: &str) -> Result<Option<StatusId>, DecodeError> {
        let name = self.nullable_text(key)?;
        Ok(name.and_then(|name| self.names.find_status_name(name)).and_then(|name| self.resolve.status(name)))
    }

    fn connection(&self) -> Result<Option<Connection>, DecodeError> {
        self.one_of(
            "connection",
            &[
                ("connected", Connection::Connected),
                ("inactive", Connection::Inactive),
                ("disconnected", Connection::Disconnected),
            ],
        )
    }

    fn auto_message(&self) -> Result<Option<Option<AutoMessage>>, DecodeError> {
        self.one_of(
            "auto_message",
            &[
                ("none", None),
                ("away", Some(AutoMessage::Away)),
                ("outside_business_hours", Some(AutoMessage::OutsideBusinessHours)),
            ],
        )
    }

    fn permission(&self) -> Result<Permission, DecodeError> {
        self.one_of(
            "permission",
            &[("view", Permission::View), ("reply", Permission::Reply), ("manage", Permission::Manage)],
        )?
        .ok_or_else(|| self.missing("permission"))
    }

    fn grantee(&self) -> Result<Grantee, DecodeError> {
        match (self.map.contains_key("user"), self.map.contains_key("group")) {
            (true, false) => self.user("user").map(Grantee::User),
            (false, true) => self.group("group").map(Grantee::Group),
            (false, false) => Err(DecodeError::new("a permission goes to either a `user` or a `group`")
                .help("say whose it is: user = … or group = …")),
            (true, true) => Err(DecodeError::new("a permission goes to either a `user` or a `group`")
                .help("leave one out; another command does the other")),
        }
    }

    fn order(&self) -> Result<StatusOrder, DecodeError> {
        let list = match self.map.get("names") {
            None => return Err(self.missing("names")),
            Some(Value::Array(list)) => list,
            Some(other) => return Err(self.wrong("names", "a list", other)),
        };
        let mut statuses = [None; 7];
        for (place, name) in list.iter().enumerate() {
            let status = match name {
                Value::String(name) => self.names.find_status_name(name).and_then(|name| self.resolve.status(name)),
                Value::Null => None,
                other => return Err(self.wrong("names", "a list of texts", other)),
            };
            if let Some(slot) = statuses.get_mut(place) {
                *slot = status;
            }
        }
        Ok(StatusOrder { given: u32::try_from(list.len()).unwrap_or(u32::MAX), statuses })
    }

    fn priority(&self) -> Result<i16, DecodeError> {
        let Some(value) = self.map.get("priority") else { return Ok(0) };
        match value.as_i64().map(i16::try_from) {
            Some(Ok(priority)) => Ok(priority),
            _ => Err(self.wrong("priority", "a whole number from -32768 to 32767", value)),
        }
    }

    fn form(&mut self) -> Result<Option<FormId>, DecodeError> {
        let values = match self.map.get("fields") {
            None => return Ok(None),
            Some(Value::Object(values)) => values,
            Some(other) => return Err(self.wrong("fields", "a table", other)),
        };
        let mut form = Vec::with_capacity(values.len());
        for (name, value) in values {
            let Some(field) = self.names.find_field(name) else {
                let error = DecodeError::unknown("custom field", name, self.names.field_names());
                return Err(error.within(name).within("fields"));
            };
            let kind = self.resolve.field_kind(field);
            let Some(value) = decode_value(value, field, kind, self.names) else {
                return Err(DecodeError::new(format!("{value} does not fit the field (TIC-11)"))
                    .help(self.what_fits(field, kind))
                    .within(name)
                    .within("fields"));
            };
            form.push((field, value));
        }
        Ok(if form.is_empty() { None } else { Some(self.resolve.form(&form)) })
    }

    fn what_fits(&self, field: FieldId, kind: FieldKind) -> String {
        match kind {
            FieldKind::Text => "write a text that is not empty".to_owned(),
            FieldKind::Number => "write a number".to_owned(),
            FieldKind::Choice(choices) => {
                let choices: Vec<&str> = (0..choices).map(|choice| self.names.choice(field, choice)).collect();
                format!("choose one of `{}`", choices.join("`, `"))
            }
            FieldKind::Date => "write a date such as \"2026-03-02\"".to_owned(),
            FieldKind::Checkbox => "write true or false".to_owned(),
        }
    }
}

/// The number of a ticket's ID; `None` if it is not all digits or larger than any ticket's.
pub(crate) fn ticket_number(id: &str) -> Option<u32> {
    if id.is_empty() || !id.bytes().all(|byte| byte.is_ascii_digit()) { None } else { id.parse().ok() }
}
