//! What a desk's settings may name, and the settings that may change while it runs.

use crate::desk::{
    Assignment, AssignmentChange, ChannelChange, ChannelId, ChannelSettings, Counts, Grantee, GroupId, Key,
    LimitChange, NAMED, OnReassign, OnRequeue, Overflow, Policy, QueueChange, QueueOrder, Rotates, Scope, Sla,
    SlaChange, Standby, UserId, default_grantees,
};
use crate::measures::{Label, Selector, SelectorError};
use crate::scenario::diagnostic::{Report, help_with_name};
use crate::scenario::document::Node;
use crate::scenario::read::{Read, Whole};
use crate::scenario::schema;
use crate::scenario::source::{At, Source};
use crate::scenario::unit::{Duration, DurationOrNever, Positive};
use crate::simulation::{DecodeError, Names};
use crate::time::Span;
use rustc_hash::FxHashMap;
use serde_json::{Map, Value};
use std::ops::Range;

/// What the settings of a desk may name beside its [`Names`], and what they fall back on: enough to read a channel's settings at any
/// time of its life.
#[derive(Clone, Debug)]
pub struct Vocabulary {
    /// Agent tables with the users that they stand for.
    tables: FxHashMap<String, Range<u32>>,
    /// Agent tables of which it is not known how many people they stand for.
    unsure: Vec<String>,
    /// Policies of the scenario's own; `None` where one did not fit.
    policies: Vec<(String, Option<Policy>)>,
    /// The options of SLA timers that `[desk]` sets for all channels.
    sla: Sla,
    /// Whether there are business hours.
    calendar: bool,
}

impl Default for Vocabulary {
    fn default() -> Vocabulary {
        Vocabulary {
            tables: FxHashMap::default(),
            unsure: Vec::new(),
            policies: Vec::new(),
            sla: Sla {
                first_response: None,
                closure: None,
                escalate_to: None,
                business_hours: false,
                pause_awaiting_customer: false,
                on_reassign: OnReassign::RestartFirstResponse,
                on_requeue: OnRequeue::Restart,
            },
            calendar: false,
        }
    }
}

impl Vocabulary {
    /// Reads the settings of the log's `configure_channel`: the same names and values as in a scenario's `[channel.NAME]`. What is
    /// not named stays, inside nested settings too; `"none"`, or `null`, takes a setting away (CHN-2).
    ///
    /// # Errors
    /// The first thing that does not fit, with its path.
    pub fn channel_change(&self, settings: &Map<String, Value>, names: &Names) -> Result<ChannelChange, DecodeError> {
        let mut report = Report::default();
        report.add_source(Source::new("", ""));
        let mut paths = Vec::new();
        let mut taken = ChannelChange::default();
        let settings = self.without_taken(settings, None, &mut taken);
        let node = Node::from_json(&Value::Object(settings), &mut paths);
        let change = schema::Channel::read(&node, &mut report);
        let change = change.map(|channel| joined(self.change(&channel, false, names, &mut report), taken));
        match (report.finish(), change) {
            (Ok(_), Some(change)) => Ok(change),
            (Err(problems), _) => {
                let (problem, index) = problems.first();
                let mut error = DecodeError::new(problem.title.clone()).help(problem.help.clone());
                error.path = paths.get(index).cloned().unwrap_or_default();
                Err(error)
            }
            (Ok(_), None) => Err(DecodeError::new("these are no channel settings")),
        }
    }

    /// Settings without those that are taken away, which go to `taken`; `of` is the setting that the table belongs to.
    fn without_taken(
        &self,
        settings: &Map<String, Value>,
        of: Option<&str>,
        taken: &mut ChannelChange,
    ) -> Map<String, Value> {
        let mut left = Map::new();
        for (key, value) in settings {
            let is_none = value.is_null() || value.as_str() == Some("none");
            if is_none && self.take_away(of, key, taken) {
                continue;
            }
            let value = match (of, value) {
                // There is no such setting, which is reported where something stands.
                (_, Value::Null) => "none".into(),
                (None, Value::Object(inner)) => Value::Object(self.without_taken(inner, Some(key), taken)),
                (_, value) => value.clone(),
            };
            left.insert(key.clone(), value);
        }
        left
    }

    /// Takes a setting away, as if it had never been named; false where there is none of that name.
    fn take_away(&self, of: Option<&str>, key: &str, change: &mut ChannelChange) -> bool {
        let assignment = || AssignmentChange::default();
        match (of, key) {
            (None, "assignment") => change.assignment = Some(AssignmentChange::none()),
            (None, "view") => change.view = Some(None),
            (None, "reply") => change.reply = Some(None),
            (None, "manage") => change.manage = Some(None),
            (None, "limit") => change.limit = Some(LimitChange::NONE),
            (None, "weight") => change.weight_milli = Some(1000),
            (None, "sla") => change.sla = Some(SlaChange::none(&self.sla)),
            (None, "queue") => change.queue = Some(QueueChange::NONE),
            (None, "priority") => change.priority = Some(0),
            (None, "greeting") => change.greeting = Some(false),
            (None, "away_message") => change.away_text = Some(false),
            (None, "outside_business_hours_message") => change.outside_text = Some(false),
            (None, "spam_filter") => change.spam_filter = Some(false),
            (None, "consent") => change.consent = Some(false),
            (None, "close_after_silence") => change.close_after_silence = Some(None),
            (None, "sticky") => change.sticky = Some(false),
            (None, "reopen_within") => change.reopen_within = Some(None),
            (None, "answers") => change.answers_at_start = Some(false),
            (Some("assignment"), "rule") => change.assignment.get_or_insert_with(assignment).rule = Some(None),
            (Some("assignment"), "groups") => {
                change.assignment.get_or_insert_with(assignment).groups = Some(Vec::new());
            }
            (Some("assignment"), "policy" | "by_wait_time") => {
                change.assignment.get_or_insert_with(assignment).policy = Some(None);
            }
            (Some("assignment"), "overflow") => {
                change.assignment.get_or_insert_with(assignment).overflow = Some(Vec::new());
            }
            (Some("limit"), key) => {
                let (limit, none) = (change.limit.get_or_insert_default(), LimitChange::NONE);
                match key {
                    "max_open" => limit.max_open = none.max_open,
                    "counts" => limit.counts = none.counts,
                    "scope" => limit.scope = none.scope,
                    _ => return false,
                }
            }
            (Some("sla"), key) => {
                let (sla, none) = (change.sla.get_or_insert_default(), SlaChange::none(&self.sla));
                match key {
                    "first_response" => sla.first_response = none.first_response,
                    "closure" => sla.closure = none.closure,
                    "escalate_to" => sla.escalate_to = none.escalate_to,
                    "clock" => sla.business_hours = none.business_hours,
                    "pause_awaiting_customer" => sla.pause_awaiting_customer = none.pause_awaiting_customer,
                    "on_reassign" => sla.on_reassign = none.on_reassign,
                    "on_requeue" => sla.on_requeue = none.on_requeue,
                    _ => return false,
                }
            }
            (Some("queue"), "order") => change.queue.get_or_insert_default().order = QueueChange::NONE.order,
            (Some("queue"), "head_start") => {
                change.queue.get_or_insert_default().head_start = QueueChange::NONE.head_start;
            }
            _ => return false,
        }
        true
    }

    /// What a channel's table names; `opens` tells a channel that opens, whose table is all there is, from a change.
    fn change(&self, channel: &schema::Channel, opens: bool, names: &Names, report: &mut Report) -> ChannelChange {
        let grantees = |given: &Option<Vec<At<String>>>, report: &mut Report| {
            given.as_ref().map(|given| Some(self.grantees(given, names, report)))
        };
        ChannelChange {
            assignment: channel.assignment.as_ref().map(|assignment| self.assignment(assignment, opens, names, report)),
            view: grantees(&channel.view, report),
            reply: grantees(&channel.reply, report),
            manage: grantees(&channel.manage, report),
            limit: channel.limit.as_ref().map(lower_limit),
            weight_milli: channel.weight.as_ref().map(|weight| lower_weight(weight, report)),
            sla: channel.sla.as_ref().map(|sla| self.sla(sla, names, report)),
            queue: channel.queue.as_ref().map(|queue| lower_queue(queue, opens, report)),
            priority: channel.priority.map(|At { value: Whole(points), .. }| points as i16),
            greeting: channel.greeting.as_ref().map(|message| message.is_set),
            away_text: channel.away_message.as_ref().map(|message| message.is_set),
            outside_text: channel.outside_business_hours_message.as_ref().map(|message| message.is_set),
            spam_filter: channel.spam_filter,
            consent: channel.consent,
            close_after_silence: channel.close_after_silence.map(|At { value: DurationOrNever(span), .. }| span),
            sticky: channel.sticky,
            reopen_within: channel.reopen_within.map(|At { value: DurationOrNever(span), .. }| span),
            answers_at_start: channel.answers.map(|answers| answers == schema::Answers::AtStart),
        }
    }

    /// The settings of a channel as it opens: what its table names, merged into none.
    pub(super) fn channel(&self, channel: &schema::Channel, names: &Names, report: &mut Report) -> ChannelSettings {
        let change = self.change(channel, true, names, report);
        let (mut assignment, mut standby) = (Assignment::Manual, Standby::default());
        if let Some(change) = &change.assignment {
            // Round robin over no groups has been reported.
            let _ = change.merge(&mut assignment, &mut standby);
        }
        let mut sla = self.sla;
        if let Some(change) = change.sla {
            change.merge(&mut sla);
        }
        // Who may do what where the file does not say: those to whom the channel's tickets go.
        let default = default_grantees(&assignment, &standby, sla.escalate_to, names.user_count());
        let granted = |given: Option<Option<Vec<Grantee>>>| given.flatten().unwrap_or_else(|| default.clone());
        let (reply, manage) = (granted(change.reply), granted(change.manage));
        // CHN-1: with either goes `view`.
        let view = change.view.flatten().unwrap_or_else(|| {
            let mut view = default.clone();
            for grantee in reply.iter().chain(&manage) {
                if !view.contains(grantee) {
                    view.push(*grantee);
                }
            }
            view
        });
        ChannelSettings {
            assignment,
            standby,
            view,
            reply,
            manage,
            limit: change.limit.and_then(|change| change.merge(None)),
            weight_milli: change.weight_milli.unwrap_or(1000),
            sla,
            // An order without its head start has been reported.
            order: change.queue.and_then(|change| change.merge(QueueOrder::Fifo).ok()).unwrap_or(QueueOrder::Fifo),
            priority: change.priority.unwrap_or(0),
            greeting: change.greeting.unwrap_or(false),
            away_text: change.away_text.unwrap_or(false),
            outside_text: change.outside_text.unwrap_or(false),
            spam_filter: change.spam_filter.unwrap_or(false),
            consent: change.consent.unwrap_or(false),
            close_after_silence: change.close_after_silence.flatten(),
            sticky: change.sticky.unwrap_or(false),
            reopen_within: change.reopen_within.flatten(),
            answers_at_start: change.answers_at_start.unwrap_or(false),
        }
    }

    /// Names an agent table.
    pub(super) fn add_table(&mut self, name: &str, users: Range<u32>) {
        self.tables.insert(name.to_owned(), users);
    }

    /// Says that the number of an agent table's people did not fit.
    pub(super) fn add_unsure(&mut self, name: &str) {
        self.unsure.push(name.to_owned());
    }

    /// Whether somebody of that name may be one of a table whose number of people did not fit.
    pub(super) fn may_be_user(&self, name: &str) -> bool {
        self.unsure.iter().any(|table| name.strip_prefix(table.as_str()).is_some_and(|rest| rest.starts_with('-')))
    }

    /// The users of an agent table, as a range of their ids.
    pub fn table(&self, name: &str) -> Option<Range<u32>> {
        self.tables.get(name).cloned()
    }

    /// Every policy by its name: the scenario's own first, then the ready-made ones.
    pub fn policies(&self) -> Vec<(String, Policy)> {
        let own = self.policies.iter().filter_map(|(name, policy)| Some((name.clone(), policy.clone()?)));
        let ready_made = NAMED.iter().filter_map(|(name, _)| Some(((*name).to_owned(), Policy::named(name)?)));
        own.chain(ready_made).collect()
    }

    /// The names of the scenario's own policies.
    pub(in crate::scenario) fn policy_names(&self) -> impl Iterator<Item = &str> + Clone {
        self.policies.iter().map(|(name, _)| name.as_str())
    }

    /// Adds the scenario's own policies.
    pub(in crate::scenario) fn add_policy(
        &mut self,
        name: &At<String>,
        policy: Option<&schema::Policy>,
        report: &mut Report,
    ) {
        if Policy::named(&name.value).is_some() {
            report.error(
                name.place,
                format!("there is a ready-made policy `{}`", name.value),
                "this name would hide it",
                "give yours another name",
            );
        }
        let mut keys = Vec::new();
        for key in policy.map_or(&[][..], |policy| &policy.keys.value) {
            match Key::parse(&key.value) {
                Ok(parsed) => keys.push(parsed),
                Err(error) => {
                    let bare = key.value.trim().trim_start_matches('-').trim();
                    let help = help_with_name(bare, crate::desk::KEYS.into_iter(), "the keys", "");
                    report.error(key.place, error, "not a policy key", help);
                }
            }
        }
        self.policies.push((name.value.clone(), policy.map(|_| Policy::Keys(keys))));
    }

    /// Sets what channels fall back on.
    pub(super) fn set_desk(&mut self, desk: &schema::Desk, report: &mut Report) {
        self.calendar = desk.business_hours.is_some();
        if let Some(clock) = &desk.clock {
            self.sla.business_hours = self.clock(clock, report);
        }
        self.sla.pause_awaiting_customer = desk.pause_awaiting_customer.unwrap_or(self.sla.pause_awaiting_customer);
        self.sla.on_reassign = desk.on_reassign.map_or(self.sla.on_reassign, lower_on_reassign);
        self.sla.on_requeue = desk.on_requeue.map_or(self.sla.on_requeue, lower_on_requeue);
        if desk.broken.contains(&"business_hours") {
            self.calendar = true;
        }
    }

    /// The group of that name, or a problem.
    pub(super) fn group(&self, name: &At<String>, names: &Names, report: &mut Report) -> Option<GroupId> {
        let found = names.find_group(&name.value);
        if found.is_none() {
            let known = (0..names.group_count()).map(|group| names.group(GroupId::at(group)));
            report.error(
                name.place,
                format!("unknown group `{}`", name.value),
                "no group has this name",
                report.help_with_name(&name.value, known, "the groups", &format!("add [group.{}]", name.value)),
            );
        }
        found
    }

    /// The channel of that name, or a problem.
    pub(super) fn channel_named(&self, name: &At<String>, names: &Names, report: &mut Report) -> Option<ChannelId> {
        let found = names.find_channel(&name.value);
        if found.is_none() {
            let known = (0..names.channel_count()).map(|channel| names.channel(ChannelId::at(channel)));
            report.error(
                name.place,
                format!("unknown channel `{}`", name.value),
                "no channel has this name",
                help_with_name(&name.value, known, "the channels", &format!("add [channel.{}]", name.value)),
            );
        }
        found
    }

    /// The metric of that name with its labels, or a problem.
    pub(in crate::scenario) fn metric(
        &self,
        written: &At<String>,
        names: &Names,
        report: &mut Report,
    ) -> Option<Selector> {
        let selector: Selector = match written.value.parse() {
            Ok(selector) => selector,
            Err(error) => {
                let help = match &error {
                    SelectorError::UnknownMetric { near, .. } if !near.is_empty() => {
                        format!("did you mean `{}`?", near.join("`, `"))
                    }
                    SelectorError::UnknownMetric { .. } => {
                        "metrics have names such as `sla.first_response.breach_rate` and `queue.wait.p95`: `desksim metrics` lists \
                         all"
                            .to_owned()
                    }
                    SelectorError::LabelNotTaken { takes, .. } if takes.is_empty() => "leave the labels out".to_owned(),
                    SelectorError::LabelNotTaken { takes, .. } => format!("it takes `{}`", takes.join("`, `")),
                    SelectorError::LabelTwice(_) => "leave one out".to_owned(),
                    SelectorError::Labels => {
                        "write it like queue.wait.p95{channel=\"chat\"}, in single quotes".to_owned()
                    }
                };
                let title = match &error {
                    SelectorError::UnknownMetric { name, .. } => format!("unknown metric `{name}`"),
                    other => other.to_string(),
                };
                report.error(written.place, title, "", help);
                return None;
            }
        };
        for (label, value) in selector.labels() {
            let name = At::new(written.place, value.clone());
            match label {
                Label::Group => drop(self.group(&name, names, report)),
                Label::Agent => drop(self.user(&name, names, report)),
                Label::Channel => drop(self.channel_named(&name, names, report)),
                Label::Customer => {
                    let known: Vec<&str> = (0..names.customer_count()).map(|class| names.customer(class)).collect();
                    if !known.contains(&value.as_str()) {
                        let help = help_with_name(value, known.into_iter(), "the classes", "");
                        report.error(name.place, format!("unknown customer class `{value}`"), "", help);
                    }
                }
                // Scripted events may make statuses that the file does not list.
                Label::Status => {}
            }
        }
        Some(selector)
    }

    /// The groups of those names, each once.
    pub(super) fn groups(&self, given: &[At<String>], names: &Names, report: &mut Report) -> Vec<GroupId> {
        let mut groups = Vec::with_capacity(given.len());
        for name in given {
            if let Some(group) = self.group(name, names, report) {
                if groups.contains(&group) {
                    report.error(
                        name.place,
                        format!("`{}` stands here twice", name.value),
                        "the second time",
                        "remove one",
                    );
                } else {
                    groups.push(group);
                }
            }
        }
        groups
    }

    /// One user, or a problem.
    pub(super) fn user(&self, name: &At<String>, names: &Names, report: &mut Report) -> Option<UserId> {
        let found = names.find_user(&name.value);
        if found.is_none() && !self.may_be_user(&name.value) {
            if let Some(users) = self.table(&name.value) {
                let (first, last) = (names.user(UserId(users.start)), names.user(UserId(users.end - 1)));
                report.error(
                    name.place,
                    format!("`{}` is {} people", name.value, users.len()),
                    "one of them is meant",
                    format!("name one of `{first}` to `{last}`"),
                );
                return None;
            }
            report.error(
                name.place,
                format!("unknown agent `{}`", name.value),
                "no agent has this name",
                self.help_with_user(&name.value, names, report),
            );
        }
        found
    }

    fn help_with_user(&self, name: &str, names: &Names, report: &Report) -> String {
        let known = (0..names.user_count()).map(|user| names.user(UserId::at(user)));
        report.help_with_name(name, known, "the agents", &format!("add [agent.{name}]"))
    }

    /// Groups and users; an agent table of several people is all of them. Where a group and a user share a name, the group is meant.
    fn grantees(&self, given: &[At<String>], names: &Names, report: &mut Report) -> Vec<Grantee> {
        let mut grantees = Vec::with_capacity(given.len());
        for name in given {
            if let Some(group) = names.find_group(&name.value) {
                grantees.push(Grantee::Group(group));
            } else if let Some(user) = names.find_user(&name.value) {
                grantees.push(Grantee::User(user));
            } else if let Some(users) = self.table(&name.value) {
                grantees.extend(users.map(|user| Grantee::User(UserId(user))));
            } else if !self.may_be_user(&name.value) {
                let groups = (0..names.group_count()).map(|group| names.group(GroupId::at(group)));
                let help = match crate::simulation::nearest(&name.value, groups) {
                    Some(nearest) => format!("did you mean `{nearest}`?"),
                    None => self.help_with_user(&name.value, names, report),
                };
                report.error(
                    name.place,
                    format!("unknown group or agent `{}`", name.value),
                    "neither a group nor an agent has this name",
                    help,
                );
            }
        }
        grantees
    }

    fn assignment(
        &self,
        assignment: &schema::Assignment,
        opens: bool,
        names: &Names,
        report: &mut Report,
    ) -> AssignmentChange {
        let given = assignment.groups.as_ref();
        let groups = given.map(|given| self.groups(&given.value, names, report));
        let overflow = assignment.overflow.as_ref().map(|overflow| {
            let lower = |overflow: &schema::Overflow, report: &mut Report| Overflow {
                groups: self.groups(&overflow.groups.value, names, report),
                after: overflow.after.value.0,
            };
            let mut overflow: Vec<Overflow> = overflow.iter().map(|overflow| lower(overflow, report)).collect();
            overflow.sort_by_key(|overflow| overflow.after);
            overflow
        });
        let policy = self.policy(assignment, report);
        let rule = assignment.rule.as_ref().map(|rule| match rule.value {
            schema::Rule::Manual => Rotates::No,
            schema::Rule::RoundRobin => Rotates::Yes,
        });
        // What a change does not name may be set already; a table that opens a channel is all there is.
        let unset = opens && given.is_none() && !assignment.broken.contains(&"groups");
        if rule == Some(Rotates::No) || rule.is_none() && unset {
            let unused = [
                assignment.policy.as_ref().map(|policy| ("policy", policy.place)),
                assignment.by_wait_time.filter(|by_wait_time| by_wait_time.value).map(|at| ("by_wait_time", at.place)),
            ];
            for (key, place) in unused.into_iter().flatten() {
                report.error(
                    place,
                    format!("`{key}` needs rule = \"round_robin\""),
                    "nothing is assigned automatically here",
                    "write rule = \"round_robin\" with groups, or remove this",
                );
            }
        } else if unset || given.is_some_and(|given| given.value.is_empty()) {
            report.error(
                given.map_or(assignment.place, |given| given.place),
                "round robin over no groups",
                "nobody would be assigned anything",
                "name the groups whose users are assigned tickets: groups = [\"support\"]",
            );
        }
        AssignmentChange { rule: rule.map(Some), groups, policy, overflow }
    }

    /// What an assignment names of its policy: two keys of which each takes the other away (CHN-2).
    fn policy(&self, assignment: &schema::Assignment, report: &mut Report) -> Option<Option<Policy>> {
        let by_wait_time = assignment.by_wait_time.map(|by_wait_time| by_wait_time.value);
        let Some(name) = &assignment.policy else {
            let wait_time = || Policy::named("wait_time").expect("it is in the table");
            return by_wait_time.map(|by_wait_time| by_wait_time.then(wait_time));
        };
        if by_wait_time == Some(true) {
            report.error(
                name.place,
                "by_wait_time together with a policy",
                "by_wait_time is a policy of its own",
                "keep one of the two; by_wait_time = true is policy = \"wait_time\"",
            );
        }
        if let Some((_, policy)) = self.policies.iter().find(|(own, _)| *own == name.value) {
            return Some(Some(policy.clone().unwrap_or_else(Policy::round_robin)));
        }
        let named = Policy::named(&name.value).unwrap_or_else(|| {
            let own = self.policies.iter().map(|(own, _)| own.as_str());
            let known = own.chain(NAMED.iter().map(|(name, _)| *name));
            let help = match crate::simulation::nearest(&name.value, known.clone()) {
                Some(nearest) => format!("did you mean `{nearest}`?"),
                None => {
                    let known: Vec<&str> = known.collect();
                    format!(
                        "there are {} (`desksim policies` says what each does); [policy.{}] keys = […] makes one of your own",
                        known.join(", "),
                        name.value
                    )
                }
            };
            report.error(name.place, format!("unknown policy `{}`", name.value), "no policy has this name", help);
            Policy::round_robin()
        });
        Some(Some(named))
    }

    fn sla(&self, sla: &schema::Sla, names: &Names, report: &mut Report) -> SlaChange {
        let span = |given: Option<At<Duration>>, report: &mut Report| {
            given.map(|At { place, value: Duration(span) }| {
                if span == Span::ZERO {
                    report.error(
                        place,
                        "an SLA target of 0s",
                        "nobody can meet it",
                        "write a duration above zero, or remove it",
                    );
                }
                span
            })
        };
        SlaChange {
            first_response: span(sla.first_response, report).map(Some),
            closure: span(sla.closure, report).map(Some),
            escalate_to: sla.escalate_to.as_ref().map(|name| self.user(name, names, report)),
            business_hours: sla.clock.as_ref().map(|clock| self.clock(clock, report)),
            pause_awaiting_customer: sla.pause_awaiting_customer,
            on_reassign: sla.on_reassign.map(lower_on_reassign),
            on_requeue: sla.on_requeue.map(lower_on_requeue),
        }
    }

    fn clock(&self, clock: &At<schema::Clock>, report: &mut Report) -> bool {
        let business_hours = clock.value == schema::Clock::BusinessHours;
        if business_hours && !self.calendar {
            report.error(
                clock.place,
                "a clock of business hours, and there are none",
                "",
                "add business_hours = { \"mon-fri\" = [\"09:00-18:00\"] } to [desk]",
            );
        }
        business_hours
    }
}

/// A change with what is taken away besides; what a table names goes before.
fn joined(mut change: ChannelChange, taken: ChannelChange) -> ChannelChange {
    macro_rules! join {
        ($($setting:ident),*) => {$(
            change.$setting = change.$setting.take().or(taken.$setting);
        )*};
    }
    macro_rules! join_inside {
        ($($setting:ident { $($key:ident),* })*) => {$(
            change.$setting = match (change.$setting.take(), taken.$setting) {
                (Some(mut named), Some(taken)) => {
                    $(named.$key = named.$key.or(taken.$key);)*
                    Some(named)
                }
                (named, taken) => named.or(taken),
            };
        )*};
    }
    join_inside! {
        assignment { rule, groups, policy, overflow }
        limit { max_open, counts, scope }
        sla { first_response, closure, escalate_to, business_hours, pause_awaiting_customer, on_reassign, on_requeue }
        queue { order, head_start }
    }
    join!(
        view,
        reply,
        manage,
        weight_milli,
        priority,
        greeting,
        away_text,
        outside_text,
        spam_filter,
        consent,
        close_after_silence,
        sticky,
        reopen_within,
        answers_at_start
    );
    change
}

fn lower_limit(limit: &schema::Limit) -> LimitChange {
    LimitChange {
        max_open: limit.max_open.map(|At { value: Whole(max_open), .. }| Some(max_open as u32)),
        counts: limit.counts.map(|counts| match counts {
            schema::Counts::Pending => Counts::Pending,
            schema::Counts::Open => Counts::Open,
        }),
        scope: limit.scope.map(|scope| match scope {
            schema::Scope::Channel => Scope::Channel,
            schema::Scope::User => Scope::User,
        }),
    }
}

fn lower_weight(weight: &At<Positive>, report: &mut Report) -> u32 {
    let milli = libm::rint(weight.value.0 * 1000.0);
    if !(1.0..=1e6).contains(&milli) {
        report.error(weight.place, "a weight that does not fit", "", "weights go from 0.001 to 1000");
        return 1000;
    }
    milli as u32
}

fn lower_queue(queue: &schema::Queue, opens: bool, report: &mut Report) -> QueueChange {
    let head_start = queue.head_start.map(|head_start| head_start.value.0);
    // A change may go with an order, or a head start, that is set already.
    let other = match queue.order {
        Some(order) => order.value != schema::Order::Aged,
        None => opens && !queue.broken.contains(&"order"),
    };
    if let Some(head_start) = queue.head_start.filter(|_| other) {
        report.error(
            head_start.place,
            "`head_start` needs order = \"aged\"",
            "only aged tickets have one",
            "write order = \"aged\", or remove it",
        );
    }
    let order = queue.order.map(|order| match order.value {
        schema::Order::Fifo => QueueOrder::Fifo,
        schema::Order::Lifo => QueueOrder::Lifo,
        schema::Order::SlaDue => QueueOrder::SlaDue,
        schema::Order::SessionsFirst => QueueOrder::SessionsFirst,
        schema::Order::Aged => {
            if opens && head_start.is_none() && !queue.broken.contains(&"head_start") {
                crate::scenario::read::missing(
                    order.place,
                    "head_start",
                    "how much earlier a point of priority makes the wait start, such as \"90s\"",
                    report,
                );
            }
            QueueOrder::Aged { head_start: head_start.unwrap_or(Span::ZERO) }
        }
    });
    QueueChange { order, head_start: head_start.map(Some) }
}

fn lower_on_reassign(word: schema::OnReassign) -> OnReassign {
    match word {
        schema::OnReassign::RestartFirstResponse => OnReassign::RestartFirstResponse,
        schema::OnReassign::Keep => OnReassign::Keep,
        schema::OnReassign::RestartBoth => OnReassign::RestartBoth,
    }
}

fn lower_on_requeue(word: schema::OnRequeue) -> OnRequeue {
    match word {
        schema::OnRequeue::Restart => OnRequeue::Restart,
        schema::OnRequeue::Resume => OnRequeue::Resume,
    }
}
