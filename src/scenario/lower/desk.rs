//! The organisation: statuses, fields, users, channels.

use super::lowering::Lowering;
use crate::desk::{
    Assignment, AutoMessage, ChannelChange, ChannelId, ChannelSettings, Connection, FieldId, FieldKind, FieldSettings,
    Grantee, GroupId, Role, Settings, StatusId, StatusSettings, UserId, UserSettings, UserState,
};
use crate::scenario::diagnostic::help_with_name;
use crate::scenario::load::Part;
use crate::scenario::read::Whole;
use crate::scenario::schema;
use crate::scenario::source::At;
use crate::scenario::unit::{DurationOrNever, Message, OneOrMore};
use crate::simulation::Speaker;
use crate::simulation::limits::{self, grouped};
use crate::time::{Calendar, Civil, DayHours, Span};

/// Custom statuses beside the three of the system (STA-2).
const MOST_CUSTOM_STATUSES: usize = 7;

/// Fields are kept as bits of a word ([`crate::desk::FieldSet`]).
const MOST_FIELDS: usize = 64;

/// The columns of the tickets export (EXP-3) before the custom fields, whose names must differ from them.
const EXPORT_COLUMNS: [&str; 29] = [
    "ticket_id",
    "conversation",
    "channel",
    "group",
    "status",
    "session",
    "cycle",
    "created_at",
    "queued_at",
    "assigned_at",
    "first_response_at",
    "closed_at",
    "closed_by",
    "assigned_agent",
    "first_response_target_s",
    "first_response_s",
    "first_response_sla",
    "closure_target_s",
    "closure_s",
    "closure_sla",
    "queue_s",
    "customer_first_response_s",
    "customer_resolution_s",
    "escalations",
    "escalated_to",
    "reopens",
    "transfers",
    "last_message",
    "sentiment",
];

impl Lowering<'_> {
    /// Gives every group, user, channel, field and class of customers its id, in listed order.
    pub(super) fn name_everything(&mut self) {
        let file = self.file;
        for entry in file.group.iter().flat_map(|groups| &groups.entries) {
            self.check_name(&entry.name, "group");
            self.check_count(&entry.name, self.names.group_count(), limits::GROUPS, "groups");
            self.names.add_group(&entry.name.value);
        }
        for entry in file.agent.iter().flat_map(|agents| &agents.entries) {
            self.check_name(&entry.name, "agent");
            let count = entry.value.as_ref().and_then(|agent| agent.count);
            if count.is_none() && entry.value.as_ref().is_none_or(|agent| agent.broken.contains(&"count")) {
                self.vocabulary.add_unsure(&entry.name.value);
            }
            self.name_users(&entry.name, count.map_or(1, |At { value: Whole(count), .. }| count as usize));
        }
        for entry in file.channel.iter().flat_map(|channels| &channels.entries) {
            self.check_name(&entry.name, "channel");
            self.check_count(&entry.name, self.names.channel_count(), limits::CHANNELS, "channels");
            self.names.add_channel(&entry.name.value);
        }
        for (index, entry) in file.field.iter().flat_map(|fields| &fields.entries).enumerate() {
            self.check_name(&entry.name, "field");
            let name = entry.name.value.as_str();
            if EXPORT_COLUMNS.contains(&name) {
                self.report.error(
                    entry.name.place,
                    format!("`{name}` is a field of the system"),
                    "the system keeps this one itself (EXP-3)",
                    "give the custom field another name",
                );
            }
            if index == MOST_FIELDS {
                self.report.error(
                    entry.name.place,
                    "more than 64 custom fields",
                    "this is the 65th",
                    "remove fields, or make several into choices of one",
                );
            }
            self.names.add_field(name);
        }
        for entry in file.customer.iter().flat_map(|customers| &customers.entries) {
            self.check_name(&entry.name, "customer class");
            self.check_count(&entry.name, self.names.customer_count(), limits::CUSTOMER_CLASSES, "customer classes");
            self.names.add_customer(&entry.name.value);
        }
        for entry in file.policy.iter().flat_map(|policies| &policies.entries) {
            self.vocabulary.add_policy(&entry.name, entry.value.as_ref(), self.report);
        }
    }

    fn check_name(&mut self, name: &At<String>, what: &str) {
        if name.value.trim().is_empty() {
            self.report.error(name.place, format!("a {what} without a name"), "", "write a name between the quotes");
        }
        if name.value.chars().nth(limits::NAME_CHARS).is_some() {
            self.report.error(
                name.place,
                format!("a {what} whose name is longer than {} characters", limits::NAME_CHARS),
                "too long",
                "shorten it",
            );
        }
    }

    /// Says so, once, where there are more of something than there may be.
    fn check_count(&mut self, next: &At<String>, before: usize, most: usize, what: &str) {
        if before == most {
            self.report.error(
                next.place,
                format!("more than {} {what}", grouped(most as u64)),
                "this is one too many",
                "merge those that are alike",
            );
        }
    }

    fn name_users(&mut self, table: &At<String>, count: usize) {
        let first = self.names.user_count();
        if first + count > limits::AGENTS {
            let title = format!("more than {} agents", grouped(limits::AGENTS as u64));
            self.report.error(table.place, title, "", "lower the counts");
            return;
        }
        for number in 1..=count {
            let numbered;
            let name = match count {
                1 => table.value.as_str(),
                _ => {
                    numbered = format!("{}-{number}", table.value);
                    &numbered
                }
            };
            if self.names.find_user(name).is_some() {
                self.report.error(
                    table.place,
                    format!("two agents are called `{name}`"),
                    format!("one of [agent.{}]", table.value),
                    "rename one of the two tables: several people of a table are called NAME-1, NAME-2, …",
                );
                // A stand-in, so that everybody after keeps their place.
                self.names.add_user(&format!("{name}\u{0}{}", self.names.user_count()));
            } else {
                self.names.add_user(name);
            }
        }
        let users = first as u32..self.names.user_count() as u32;
        self.vocabulary.add_table(&table.value, users);
    }

    /// The whole desk.
    pub(super) fn desk(&mut self, civil: &Civil, salt: u64) -> Settings {
        let file = self.file;
        let desk = file.desk.as_ref();
        let calendar = desk.and_then(|desk| desk.business_hours.as_ref()).and_then(|hours| {
            let days = hours
                .days
                .iter()
                .map(|(days, OneOrMore(hours))| DayHours {
                    days: days.0,
                    hours: hours.iter().map(|hours| (hours.value.from, hours.value.to)).collect(),
                })
                .collect();
            let holidays = hours.holidays.iter().map(|date| date.0).collect();
            Calendar::new(civil.clone(), days, holidays)
                .map_err(|error| {
                    self.report.error(
                        hours.place,
                        "business hours that cannot be",
                        error.0,
                        "write { \"mon-fri\" = [\"09:00-18:00\"] }; a whole day is \"00:00-24:00\"",
                    );
                })
                .ok()
        });
        if let Some(desk) = desk {
            self.vocabulary.set_desk(desk, self.report);
        }
        let statuses = self.statuses();
        let users = self.users();
        let channels = self.channels(&users);
        self.texts();
        Settings {
            ticketing: desk.and_then(|desk| desk.ticketing).unwrap_or(true),
            idle_timeout: desk.and_then(|desk| desk.idle_timeout).and_then(|timeout| {
                let DurationOrNever(span) = timeout.value;
                if span == Some(Span::ZERO) {
                    self.report.error(
                        timeout.place,
                        "an idle timeout of 0s",
                        "everybody would be Away at once",
                        "write a duration above zero, or \"never\"",
                    );
                }
                span
            }),
            requeue_after: desk.and_then(|desk| self.requeue_after(desk)),
            requeue_on_disable: desk
                .and_then(|desk| desk.on_disable)
                .is_none_or(|on_disable| on_disable.value == schema::OnLoss::Requeue),
            away_text: desk.and_then(|desk| desk.away_message.as_ref()).is_some_and(|message| message.is_set),
            outside_text: desk
                .and_then(|desk| desk.outside_business_hours_message.as_ref())
                .is_some_and(|message| message.is_set),
            calendar,
            civil: civil.clone(),
            system_statuses: StatusId::SYSTEM_NAMES.map(|name| self.names.status_name(name)),
            statuses,
            fields: self.fields(),
            groups: self.names.group_count(),
            users,
            channels,
            salt,
        }
    }

    /// Keeps what automatic messages say (MSG-1, MSG-5).
    fn texts(&mut self) {
        let file = self.file;
        let names = &mut self.names;
        let mut keep = |speaker, kind, message: &Option<Message>| {
            if let Some(text) = message.as_ref().and_then(|message| message.text.as_deref()) {
                names.say(speaker, kind, text);
            }
        };
        use AutoMessage::{Away, Greeting, OutsideBusinessHours};
        if let Some(desk) = &file.desk {
            keep(Speaker::Desk, Away, &desk.away_message);
            keep(Speaker::Desk, OutsideBusinessHours, &desk.outside_business_hours_message);
        }
        for (id, entry) in (0..).map(ChannelId).zip(file.channel.iter().flat_map(|channels| &channels.entries)) {
            let Some(channel) = &entry.value else { continue };
            keep(Speaker::Channel(id), Greeting, &channel.greeting);
            keep(Speaker::Channel(id), Away, &channel.away_message);
            keep(Speaker::Channel(id), OutsideBusinessHours, &channel.outside_business_hours_message);
        }
        for entry in file.agent.iter().flat_map(|agents| &agents.entries) {
            let Some(agent) = &entry.value else { continue };
            for user in self.vocabulary.table(&entry.name.value).into_iter().flatten() {
                keep(Speaker::User(UserId(user)), Away, &agent.away_message);
            }
        }
    }

    fn requeue_after(&mut self, desk: &schema::Desk) -> Option<Span> {
        match (desk.on_unavailable.map(|word| word.value), desk.requeue_after) {
            (Some(schema::OnLoss::Requeue), after) => Some(after.map_or(Span::ZERO, |after| after.value.0)),
            (Some(schema::OnLoss::Keep), _) => None,
            (None, Some(after)) if !desk.broken.contains(&"on_unavailable") => {
                self.report.error(
                    after.place,
                    "`requeue_after` needs on_unavailable = \"requeue\"",
                    "nothing is requeued",
                    "add on_unavailable = \"requeue\", or remove this",
                );
                None
            }
            (None, _) => None,
        }
    }

    fn statuses(&mut self) -> Vec<StatusSettings> {
        let file = self.file;
        let mut statuses = Vec::new();
        for (index, entry) in file.status.iter().flat_map(|statuses| &statuses.entries).enumerate() {
            let shown = entry.name.value.trim();
            let name = self.names.status_name(shown);
            if name.folded.is_none() {
                self.report.error(
                    entry.name.place,
                    "a status without a name",
                    "empty (STA-3)",
                    "write a name between the quotes",
                );
            }
            if self.status_index.contains_key(&shown.to_lowercase()) {
                self.report.error(
                    entry.name.place,
                    format!("two statuses are called `{shown}`"),
                    "names are compared trimmed and without case (STA-3)",
                    "give this one another name",
                );
            }
            if index == MOST_CUSTOM_STATUSES {
                self.report.error(
                    entry.name.place,
                    "an eighth custom status",
                    "there can be 7 beside Available, Away and Offline (STA-2)",
                    "remove one",
                );
            }
            self.status_index.entry(shown.to_lowercase()).or_insert(StatusId(StatusId::SYSTEM + index as u32));
            self.status_names.push(shown.to_owned());
            let Some(status) = &entry.value else { continue };
            let connected = status.connection.value == schema::Connection::Connected;
            if let Some(assignable) = status.assignable
                && connected
                && !assignable.value
            {
                self.report.error(
                    assignable.place,
                    "a connected status that is not assignable",
                    "connected statuses always are (STA-5)",
                    "write connection = \"inactive\", or assignable = true",
                );
            }
            statuses.push(StatusSettings {
                name,
                connection: match status.connection.value {
                    schema::Connection::Connected => Connection::Connected,
                    schema::Connection::Inactive => Connection::Inactive,
                    schema::Connection::Disconnected => Connection::Disconnected,
                },
                assignable: status.assignable.map_or(connected, |assignable| assignable.value),
                auto_message: match status.auto_message {
                    Some(schema::AutoMessage::Away) => Some(AutoMessage::Away),
                    Some(schema::AutoMessage::OutsideBusinessHours) => Some(AutoMessage::OutsideBusinessHours),
                    Some(schema::AutoMessage::None) | None => None,
                },
            });
        }
        statuses
    }

    /// The status of that name, or a problem.
    pub(super) fn status(&mut self, name: &At<String>) -> Option<StatusId> {
        let found = self.status_index.get(&name.value.trim().to_lowercase()).copied();
        if found.is_none() {
            let known = self.status_names.iter().map(String::as_str);
            self.report.error(
                name.place,
                format!("unknown status `{}`", name.value),
                "no status has this name",
                help_with_name(&name.value, known, "the statuses", ""),
            );
        }
        found
    }

    fn fields(&mut self) -> Vec<FieldSettings> {
        let file = self.file;
        let mut fields = Vec::new();
        for (index, entry) in file.field.iter().flat_map(|fields| &fields.entries).enumerate() {
            let id = FieldId::at(index);
            let Some(field) = &entry.value else {
                // Its type is unknown: nothing said about its values is held against it.
                fields.push(FieldSettings {
                    kind: FieldKind::Text,
                    mandatory: false,
                    group: None,
                    priority: Vec::new(),
                });
                self.broken_fields.push(id);
                continue;
            };
            let kind = match field.r#type.value {
                schema::FieldType::Text => FieldKind::Text,
                schema::FieldType::Number => FieldKind::Number,
                schema::FieldType::Date => FieldKind::Date,
                schema::FieldType::Checkbox => FieldKind::Checkbox,
                schema::FieldType::Choice => self.choices(id, field),
            };
            if let Some(choices) = &field.choices
                && field.r#type.value != schema::FieldType::Choice
            {
                self.report.error(
                    choices.place,
                    "choices of a field that is no choice",
                    "",
                    "write type = \"choice\", or remove them",
                );
            }
            fields.push(FieldSettings {
                kind,
                mandatory: field.mandatory.unwrap_or(false),
                group: field.group.as_ref().and_then(|name| self.vocabulary.group(name, &self.names, self.report)),
                priority: self.choice_points(id, kind, field),
            });
        }
        self.kinds = fields.iter().map(|field| field.kind).collect();
        fields
    }

    fn choices(&mut self, id: FieldId, field: &schema::Field) -> FieldKind {
        let Some(choices) = field.choices.as_ref().filter(|choices| !choices.value.is_empty()) else {
            if !field.broken.contains(&"choices") {
                self.report.error(
                    field.choices.as_ref().map_or(field.r#type.place, |choices| choices.place),
                    "a choice of nothing",
                    "",
                    "add choices = [\"…\", \"…\"]",
                );
            }
            self.broken_fields.push(id);
            return FieldKind::Choice(0);
        };
        if choices.value.len() > usize::from(u16::MAX) {
            self.report.error(choices.place, "more than 65535 choices", "", "write type = \"text\"");
            return FieldKind::Choice(0);
        }
        let mut count = 0;
        for choice in &choices.value {
            if choice.value.trim().is_empty() {
                self.report.error(choice.place, "a choice without a name", "empty", "write a name between the quotes");
            } else if self.names.find_choice(id, &choice.value).is_some() {
                self.report.error(
                    choice.place,
                    format!("two choices are called `{}`", choice.value),
                    "the second one",
                    "remove or rename one",
                );
            }
            count = count.max(self.names.add_choice(id, &choice.value) + 1);
        }
        FieldKind::Choice(count)
    }

    fn choice_points(&mut self, id: FieldId, kind: FieldKind, field: &schema::Field) -> Vec<i16> {
        let (Some(given), FieldKind::Choice(count)) = (&field.priority, kind) else {
            if let Some(first) = field.priority.as_ref().and_then(|given| given.entries.first()) {
                self.report.error(
                    first.name.place,
                    "priority by value needs a choice",
                    "this field has no choices",
                    "write type = \"choice\", or remove it",
                );
            }
            return Vec::new();
        };
        let mut points = vec![0; usize::from(count)];
        for entry in &given.entries {
            match self.names.find_choice(id, &entry.name.value) {
                Some(choice) => {
                    if let (Some(given), Some(slot)) = (&entry.value, points.get_mut(usize::from(choice))) {
                        *slot = given.value.0 as i16;
                    }
                }
                None => self.unknown_choice(id, kind, &entry.name),
            }
        }
        points
    }

    /// Reports a choice that a field does not have.
    pub(super) fn unknown_choice(&mut self, field: FieldId, kind: FieldKind, name: &At<String>) {
        if self.broken_fields.contains(&field) {
            return;
        }
        let count = if let FieldKind::Choice(count) = kind { count } else { 0 };
        let known = (0..count).map(|choice| self.names.choice(field, choice));
        self.report.error(
            name.place,
            format!("`{}` is not a choice of `{}`", name.value, self.names.field(field)),
            "no choice has this name",
            help_with_name(&name.value, known, "the choices", ""),
        );
    }

    /// The field of that name, or a problem.
    pub(super) fn field(&mut self, name: &At<String>) -> Option<FieldId> {
        let found = self.names.find_field(&name.value);
        if found.is_none() {
            let known = (0..self.names.field_count()).map(|field| self.names.field(FieldId::at(field)));
            self.report.error(
                name.place,
                format!("unknown field `{}`", name.value),
                "no field has this name",
                help_with_name(&name.value, known, "the fields", &format!("add [field.{}]", name.value)),
            );
        }
        found
    }

    fn users(&mut self) -> Vec<UserSettings> {
        let file = self.file;
        let before = self.report.errors();
        let mut users = Vec::with_capacity(self.names.user_count());
        for entry in file.agent.iter().flat_map(|agents| &agents.entries) {
            let count = self.vocabulary.table(&entry.name.value).map_or(0, |users| users.len());
            let user = match &entry.value {
                Some(agent) => UserSettings {
                    role: match agent.role {
                        Some(schema::Role::Admin) => Role::Admin,
                        Some(schema::Role::Agent) | None => Role::Agent,
                    },
                    state: match agent.state {
                        Some(schema::UserState::Disabled) => UserState::Disabled,
                        Some(schema::UserState::Pending) => UserState::Pending,
                        Some(schema::UserState::Enabled) | None => UserState::Enabled,
                    },
                    groups: self.vocabulary.groups(
                        agent.groups.as_deref().unwrap_or_default(),
                        &self.names,
                        self.report,
                    ),
                    max_open: agent.max_open.map(|At { value: Whole(max_open), .. }| max_open as u32),
                    away_text: agent.away_message.as_ref().is_some_and(|message| message.is_set),
                    status: match agent.shift.is_some() || agent.roster.is_some() {
                        true => StatusId::OFFLINE,
                        false => StatusId::AVAILABLE,
                    },
                    // Channels and fields are known later.
                    proficiency: Vec::new(),
                },
                None => UserSettings {
                    role: Role::Agent,
                    state: UserState::Enabled,
                    groups: Vec::new(),
                    max_open: None,
                    away_text: false,
                    status: StatusId::AVAILABLE,
                    proficiency: Vec::new(),
                },
            };
            users.extend(std::iter::repeat_n(user, count));
            self.members_unsure |= entry.value.as_ref().is_none_or(|agent| agent.broken.contains(&"groups"));
        }
        self.members_unsure |= self.report.errors() > before;
        users
    }

    fn channels(&mut self, users: &[UserSettings]) -> Vec<crate::desk::ChannelSettings> {
        let file = self.file;
        let mut members: Vec<Vec<UserId>> = vec![Vec::new(); self.names.group_count()];
        for (index, user) in users.iter().enumerate() {
            for group in &user.groups {
                members[group.index()].push(UserId::at(index));
            }
        }
        let mut channels = Vec::new();
        for entry in file.channel.iter().flat_map(|channels| &channels.entries) {
            let Some(channel) = &entry.value else { continue };
            let mut settings = self.vocabulary.channel(channel, &self.names, self.report);
            self.grant_view(&entry.name, channel, &mut settings, users, &members);
            self.check_assignment(&entry.name, channel, &settings, &members);
            if let (Some(escalate_to), Some(given)) =
                (settings.sla.escalate_to, channel.sla.as_ref().and_then(|sla| sla.escalate_to.as_ref()))
            {
                let may = |grantees: &[Grantee]| holds(grantees, escalate_to, &users[escalate_to.index()].groups);
                if !may(&settings.reply) {
                    self.report.warning(
                        given.place,
                        format!("`{}` cannot be escalated to", given.value),
                        "lacks reply permission on the channel (ESC-4)",
                        format!("add \"{}\" to the channel's `reply`", given.value),
                    );
                } else if users[escalate_to.index()].state != UserState::Enabled {
                    self.report.warning(
                        given.place,
                        format!("`{}` is not enabled", given.value),
                        "escalations stay where they are (ESC-4)",
                        "enable them, or name somebody else",
                    );
                }
            }
            channels.push(settings);
        }
        channels
    }

    /// CHN-1: whoever is granted another permission is granted `view` with it, unless the channel's `view` leaves somebody out.
    fn grant_view(
        &mut self,
        name: &At<String>,
        channel: &schema::Channel,
        settings: &mut ChannelSettings,
        users: &[UserSettings],
        members: &[Vec<UserId>],
    ) {
        let Some(given) = channel.view.as_ref().filter(|_| !self.members_unsure && !channel.broken.contains(&"view"))
        else {
            return;
        };
        let mut left_out: Vec<UserId> = Vec::new();
        for grantee in settings.reply.iter().chain(&settings.manage) {
            let granted = match grantee {
                Grantee::Group(group) => members[group.index()].as_slice(),
                Grantee::User(user) => std::slice::from_ref(user),
            };
            let blind = |user: &&UserId| !holds(&settings.view, **user, &users[user.index()].groups);
            let before = left_out.len();
            left_out.extend(granted.iter().filter(blind));
            if left_out.len() == before && !settings.view.contains(grantee) {
                settings.view.push(*grantee);
            }
        }
        left_out.sort_unstable();
        left_out.dedup();
        let Some(&first) = left_out.first() else { return };
        let (first, more) = (self.names.user(first), left_out.len() - 1);
        let who = if more > 0 { format!("`{first}` and {more} more") } else { format!("`{first}`") };
        self.report.warning(
            given.first().map_or(name.place, |given| given.place),
            format!("{who} may reply or manage on `{}`, and not view it", name.value),
            "what they do there is refused (CHN-1)",
            "add them or their group to `view`, or leave `view` out: who may reply or manage may then view",
        );
    }

    /// Business hours that nothing goes by are likely meant to do something (SLA-16: they change no clock by themselves).
    pub(super) fn check_hours_are_used(&mut self, settings: &Settings) {
        let Some(hours) = self.file.desk.as_ref().and_then(|desk| desk.business_hours.as_ref()) else { return };
        let texts = settings.away_text || settings.outside_text;
        let uses = |channel: &ChannelSettings| {
            let timed = channel.sla.first_response.is_some() || channel.sla.closure.is_some();
            channel.away_text || channel.outside_text || channel.sla.business_hours && timed
        };
        let will = |change: &ChannelChange| {
            change.away_text == Some(true)
                || change.outside_text == Some(true)
                || change.sla.is_some_and(|sla| sla.business_hours != Some(false))
        };
        if !texts && !settings.channels.iter().any(uses) && !self.changes.iter().any(will) {
            self.report.warning(
                hours.place,
                "business hours that nothing goes by",
                "no SLA timer and no automatic message looks at them (SLA-10, MSG-4)",
                "write clock = \"business_hours\" in a channel's `sla` or in [desk], or remove them",
            );
        }
    }

    /// CHN-4, and groups of nobody.
    fn check_assignment(
        &mut self,
        name: &At<String>,
        channel: &schema::Channel,
        settings: &crate::desk::ChannelSettings,
        members: &[Vec<UserId>],
    ) {
        let Assignment::RoundRobin { groups, .. } = &settings.assignment else { return };
        let Some(given) = &channel.assignment else { return };
        if self.members_unsure {
            return;
        }
        let before = self.report.errors();
        let overflow = given.overflow.iter().flatten().flat_map(|overflow| &overflow.groups.value);
        for group in given.groups.iter().flat_map(|groups| &groups.value).chain(overflow) {
            if let Some(id) = self.names.find_group(&group.value)
                && members[id.index()].is_empty()
                && self.part == Part::Whole
            {
                self.report.error(
                    group.place,
                    format!("nobody is in group `{}`", group.value),
                    "an empty group",
                    format!("put agents into it with groups = [\"{}\"], or leave it out here", group.value),
                );
            }
        }
        if self.report.errors() > before {
            return;
        }
        let mut in_groups: Vec<UserId> = groups.iter().flat_map(|group| &members[group.index()]).copied().collect();
        in_groups.sort_unstable();
        in_groups.dedup();
        let mut granted: Vec<UserId> = Vec::new();
        for grantee in &settings.reply {
            match grantee {
                Grantee::Group(group) => granted.extend(&members[group.index()]),
                Grantee::User(user) => granted.push(*user),
            }
        }
        granted.sort_unstable();
        let lacking: Vec<UserId> =
            in_groups.iter().filter(|user| granted.binary_search(user).is_err()).copied().collect();
        if lacking.is_empty() {
            return;
        }
        let place = given.groups.as_ref().map_or(given.place, |groups| groups.place);
        if lacking.len() == in_groups.len() {
            self.report.error(
                place,
                format!("round robin over people of whom none may reply on `{}`", name.value),
                "nobody here has reply permission (CHN-4)",
                "add the group to the channel's `reply`, or leave `reply` out",
            );
        } else {
            let shown: Vec<&str> = lacking.iter().take(5).map(|user| self.names.user(*user)).collect();
            let more = if lacking.len() > 5 { ", …" } else { "" };
            self.report.warning(
                place,
                format!(
                    "{} of round robin lack reply permission on `{}`: {}{more}",
                    lacking.len(),
                    name.value,
                    shown.join(", ")
                ),
                "they are never chosen (CHN-4)",
                "add them to the channel's `reply`",
            );
        }
    }
}

fn holds(grantees: &[Grantee], user: UserId, groups: &[GroupId]) -> bool {
    grantees.iter().any(|grantee| match grantee {
        Grantee::User(granted) => *granted == user,
        Grantee::Group(group) => groups.contains(group),
    })
}
