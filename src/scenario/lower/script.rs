//! `[[event]]`: what is scripted to happen to the desk.

use super::lowering::Lowering;
use crate::desk::{
    ChangeId, ChannelId, Command, Connection, FieldId, FieldKind, FieldValue, FormId, Role, Settings, StatusId, Symbol,
    TicketId,
};
use crate::scenario::document::{Node, Value};
use crate::scenario::read::Anything;
use crate::scenario::source::Place;
use crate::simulation::{DecodeError, Names, Resolve, decode_command, ticket_number};
use crate::time::Instant;
use rustc_hash::FxHashMap;

impl Lowering<'_> {
    /// The events in order of time, then of the file.
    pub(super) fn script(&mut self, settings: &Settings) -> Vec<(Instant, Command)> {
        let file = self.file;
        let mut events: Vec<_> = file.event.iter().flatten().collect();
        events.sort_by_key(|event| event.at.value.0);
        let mut statuses = ScriptedStatuses::new(settings, &self.names);
        let mut script = Vec::with_capacity(events.len());
        for event in events {
            let Anything(node) = &event.r#do;
            if let Some((place, message)) = malformed_ticket(node) {
                let help = "write its number as a text, \"0000001\"; tickets are numbered from 1 in the order of their creation";
                self.report.error(place, message, "", help);
                continue;
            }
            let mut resolve = Script { statuses: &statuses, lowering: self };
            let (mut names, json) = (std::mem::take(&mut resolve.lowering.names), node.to_json());
            let command = decode_command(&json, &mut names, &mut resolve);
            self.names = names;
            match command {
                Ok(command) => {
                    statuses.follow(&command, settings);
                    self.check_doer(&command, node, settings);
                    if let Some(place) = self.unknown_status(&command, node) {
                        self.report.error(
                            place,
                            "unknown status",
                            "no status has this name then",
                            "name one of the scenario, or one that an earlier event creates",
                        );
                    }
                    script.push((Instant::ZERO + event.at.value.0, command));
                }
                Err(error) => self.decode_error(node, error),
            }
        }
        script
    }

    /// Warns of a command that is refused since whoever gives it is no admin (USR-4, STA-7, CHN-2).
    fn check_doer(&mut self, command: &Command, node: &Node, settings: &Settings) {
        let (by, rule) = match *command {
            Command::EnableUser { by, .. }
            | Command::DisableUser { by, .. }
            | Command::AddToGroup { by, .. }
            | Command::RemoveFromGroup { by, .. } => (by, "USR-4"),
            Command::CreateStatus { by, .. }
            | Command::EditStatus { by, .. }
            | Command::OrderStatuses { by, .. }
            | Command::DeleteStatus { by, .. } => (by, "STA-7"),
            Command::Grant { by, .. } | Command::Revoke { by, .. } | Command::ConfigureChannel { by, .. } => {
                (by, "CHN-2")
            }
            _ => return,
        };
        if settings.users[by.index()].role == Role::Admin {
            return;
        }
        let Value::Table(outer) = &node.value else { return };
        let Some((name, _)) = outer.entries.first() else { return };
        let user = self.names.user(by);
        self.report.warning(
            place_of(node, &[name.name.clone(), "by".to_owned()]),
            format!("`{user}` is no admin"),
            format!("the desk refuses this command ({rule})"),
            format!("name an admin, or add role = \"admin\" to the agent `{user}`"),
        );
    }

    fn decode_error(&mut self, node: &Node, error: DecodeError) {
        let spot = node_at(node, &error.path);
        if let Value::Text(name) = &spot.value
            && self.vocabulary.may_be_user(name)
        {
            return;
        }
        let place = place_of(node, &error.path);
        let help = error.help.unwrap_or_else(|| "commands are those of the log (RULES, Log)".to_owned());
        self.report.error(place, error.message, "", help);
    }

    /// Where a command names a status that there is not at that point of the script; the desk would refuse it.
    fn unknown_status(&self, command: &Command, node: &Node) -> Option<Place> {
        let (name, key) = match command {
            Command::SetStatus { status: None, .. } => ("set_status", "status"),
            Command::EditStatus { status: None, .. } => ("edit_status", "name"),
            Command::DeleteStatus { status: None, .. } => ("delete_status", "name"),
            _ => return None,
        };
        Some(place_of(node, &[name.to_owned(), key.to_owned()]))
    }
}

/// The value that a path of keys leads to, or that of the last key on the way that is there.
fn node_at<'a>(node: &'a Node, path: &[String]) -> &'a Node {
    let mut node = node;
    for key in path {
        let Value::Table(table) = &node.value else { break };
        match table.get(key) {
            Some(inner) => node = inner,
            None => break,
        }
    }
    node
}

/// What to mark of it: a value, or the key of a table, which may be long.
fn place_of(node: &Node, path: &[String]) -> Place {
    let spot = node_at(node, path);
    let Some((last, parents)) = path.split_last() else { return spot.place };
    match (&spot.value, &node_at(node, parents).value) {
        (Value::Table(_), Value::Table(parent)) => parent.key(last).map_or(spot.place, |key| key.place),
        _ => spot.place,
    }
}

/// Where a command names a ticket by what is no ticket's number, and why it is none.
fn malformed_ticket(node: &Node) -> Option<(Place, String)> {
    let Value::Table(outer) = &node.value else { return None };
    let (_, inner) = outer.entries.first()?;
    let Value::Table(arguments) = &inner.value else { return None };
    let ticket = arguments.get("ticket")?;
    let message = match &ticket.value {
        Value::Text(text) if ticket_number(text).is_some_and(|number| number > 0) => return None,
        Value::Text(text) => format!("`{text}` is no ticket's number"),
        _ => "a ticket's number is a text".to_owned(),
    };
    Some((ticket.place, message))
}

/// The statuses as the script changes them: ids are given in order of creation and never again, as the desk does.
struct ScriptedStatuses {
    living: FxHashMap<Symbol, StatusId>,
    names: FxHashMap<StatusId, Symbol>,
    next: u32,
}

impl ScriptedStatuses {
    fn new(settings: &Settings, names: &Names) -> ScriptedStatuses {
        let mut statuses = ScriptedStatuses { living: FxHashMap::default(), names: FxHashMap::default(), next: 0 };
        for name in StatusId::SYSTEM_NAMES {
            statuses.add(names.find_status_name(name));
        }
        for status in &settings.statuses {
            statuses.add(status.name.folded);
        }
        statuses
    }

    fn add(&mut self, folded: Option<Symbol>) {
        if let Some(folded) = folded {
            self.living.insert(folded, StatusId(self.next));
            self.names.insert(StatusId(self.next), folded);
        }
        self.next += 1;
    }

    fn is_custom(status: StatusId) -> bool {
        status.0 >= StatusId::SYSTEM
    }

    /// What a command does to the statuses, if the desk does not refuse it (STA).
    fn follow(&mut self, command: &Command, settings: &Settings) {
        let admin = |user: crate::desk::UserId| settings.users[user.index()].role == Role::Admin;
        match *command {
            Command::CreateStatus { by, name, connection, assignable, .. } if admin(by) => {
                let custom = self.living.len() - StatusId::SYSTEM as usize;
                let fits = name.folded.is_some_and(|folded| !self.living.contains_key(&folded))
                    && custom < 7
                    && (connection != Connection::Connected || assignable);
                if fits {
                    self.add(name.folded);
                }
            }
            Command::EditStatus { by, status: Some(status), rename: Some(name), .. }
                if admin(by) && Self::is_custom(status) =>
            {
                if let Some(folded) = name.folded
                    && self.living.get(&folded).is_none_or(|bearer| *bearer == status)
                {
                    if let Some(old) = self.names.insert(status, folded) {
                        self.living.remove(&old);
                    }
                    self.living.insert(folded, status);
                }
            }
            Command::DeleteStatus { by, status: Some(status), .. } if admin(by) && Self::is_custom(status) => {
                if let Some(old) = self.names.remove(&status) {
                    self.living.remove(&old);
                }
            }
            _ => {}
        }
    }
}

/// Looks up what a scripted command names.
struct Script<'s, 'l, 'a> {
    statuses: &'s ScriptedStatuses,
    lowering: &'l mut Lowering<'a>,
}

impl Resolve for Script<'_, '_, '_> {
    /// Which ticket bears the number is known only as the run goes; the desk is asked then.
    fn ticket(&self, number: u32) -> Option<TicketId> {
        Some(TicketId { number, slot: u32::MAX })
    }

    fn status(&self, folded: Symbol) -> Option<StatusId> {
        self.statuses.living.get(&folded).copied()
    }

    fn field_kind(&self, field: FieldId) -> FieldKind {
        self.lowering.kinds[field.index()]
    }

    fn change(
        &mut self,
        names: &mut Names,
        _: ChannelId,
        settings: &serde_json::Map<String, serde_json::Value>,
    ) -> Result<ChangeId, DecodeError> {
        let change = self.lowering.vocabulary.channel_change(settings, names)?;
        self.lowering.changes.push(change);
        Ok(ChangeId::at(self.lowering.changes.len() - 1))
    }

    fn form(&mut self, values: &[(FieldId, FieldValue)]) -> FormId {
        self.lowering.forms.add(values.to_vec())
    }
}
