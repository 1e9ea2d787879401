//! What a desk's settings may name, and the settings that may change while it runs.

use crate::desk::{
    Assignment, ChannelChange, ChannelId, ChannelSettings, Counts, Grantee, GroupId, Key, Limit, NAMED, OnReassign,
    OnRequeue, Overflow, Policy, QueueOrder, Scope, Sla, UserId,
};
use crate::measures::{Label, Selector, SelectorError};
use crate::scenario::diagnostic::{Report, help_with_name};
use crate::scenario::document::Node;
use crate::scenario::read::{Read, Whole};
use crate::scenario::schema;
use crate::scenario::source::{At, Place, Source};
use crate::scenario::unit::{Duration, DurationOrNever, Positive};
use crate::simulation::{DecodeError, Names};
use crate::time::Span;
use rustc_hash::FxHashMap;
use serde_json::Value;
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
    /// not named stays; `null`, and for `limit` an empty table, takes a setting away.
    ///
    /// # Errors
    /// The first thing that does not fit, with its path.
    pub fn channel_change(
        &self,
        settings: &serde_json::Map<String, Value>,
        names: &Names,
    ) -> Result<ChannelChange, DecodeError> {
        let mut report = Report::default();
        report.add_source(Source::new("", ""));
        let mut paths = Vec::new();
        let settings = settings.iter().map(|(key, value)| (key.clone(), without_null(key, value))).collect();
        let node = Node::from_json(&Value::Object(settings), &mut paths);
        let change = schema::Channel::read(&node, &mut report).map(|channel| self.change(&channel, names, &mut report));
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

    fn change(&self, channel: &schema::Channel, names: &Names, report: &mut Report) -> ChannelChange {
        let grantees = |given: &Option<Vec<At<String>>>, report: &mut Report| {
            given.as_ref().map(|given| self.grantees(given, names, report))
        };
        ChannelChange {
            assignment: channel.assignment.as_ref().map(|assignment| self.assignment(assignment, names, report)),
            view: grantees(&channel.view, report),
            reply: grantees(&channel.reply, report),
            manage: grantees(&channel.manage, report),
            limit: channel.limit.as_ref().map(lower_limit),
            weight_milli: channel.weight.as_ref().map(|weight| lower_weight(weight, report)),
            sla: channel.sla.as_ref().map(|sla| self.sla(sla, names, report)),
            order: channel.queue.as_ref().map(|queue| lower_order(queue, report)),
            priority: channel.priority.map(|At { value: Whole(points), .. }| points as i16),
            greeting: channel.greeting.as_ref().map(|message| message.is_set),
            away_text: channel.away_message.as_ref().map(|message| message.is_set),
            outside_text: channel.outside_business_hours_message.as_ref().map(|message| message.is_set),
            spam_filter: channel.spam_filter,
            consent: channel.consent,
            close_after_silence: channel.close_after_silence.map(|At { value: DurationOrNever(span), .. }| span),
            sticky: channel.sticky,
            reopen_within: channel.reopen_within.map(|At { value: DurationOrNever(span), .. }| span),
        }
    }

    /// The settings of a channel as it opens.
    pub(super) fn channel(&self, channel: &schema::Channel, names: &Names, report: &mut Report) -> ChannelSettings {
        let change = self.change(channel, names, report);
        let assignment = change.assignment.unwrap_or(Assignment::Manual);
        let sla = change.sla.unwrap_or(self.sla);
        // Who may do what where the file does not say: those to whom the channel's tickets go.
        let mut default: Vec<Grantee> = match &assignment {
            Assignment::RoundRobin { groups, overflow, .. } => {
                let overflow = overflow.iter().flat_map(|overflow| &overflow.groups);
                groups.iter().chain(overflow).map(|group| Grantee::Group(*group)).collect()
            }
            Assignment::Manual => {
                let given = channel.assignment.as_ref().and_then(|assignment| assignment.groups.as_ref());
                match given {
                    Some(groups) if !groups.value.is_empty() => groups
                        .value
                        .iter()
                        .filter_map(|group| names.find_group(&group.value))
                        .map(Grantee::Group)
                        .collect(),
                    _ => (0..names.user_count()).map(|user| Grantee::User(UserId::at(user))).collect(),
                }
            }
        };
        if let Some(user) = sla.escalate_to
            && !default.contains(&Grantee::User(user))
        {
            default.push(Grantee::User(user));
        }
        ChannelSettings {
            assignment,
            view: change.view.unwrap_or_else(|| default.clone()),
            reply: change.reply.unwrap_or_else(|| default.clone()),
            manage: change.manage.unwrap_or(default),
            limit: change.limit.flatten(),
            weight_milli: change.weight_milli.unwrap_or(1000),
            sla,
            order: change.order.unwrap_or(QueueOrder::Fifo),
            priority: change.priority.unwrap_or(0),
            greeting: change.greeting.unwrap_or(false),
            away_text: change.away_text.unwrap_or(false),
            outside_text: change.outside_text.unwrap_or(false),
            spam_filter: change.spam_filter.unwrap_or(false),
            consent: change.consent.unwrap_or(false),
            close_after_silence: change.close_after_silence.flatten(),
            sticky: change.sticky.unwrap_or(false),
            reopen_within: change.reopen_within.flatten(),
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

    fn assignment(&self, assignment: &schema::Assignment, names: &Names, report: &mut Report) -> Assignment {
        let given = assignment.groups.as_ref();
        let groups = given.map(|given| self.groups(&given.value, names, report));
        let overflow: Vec<Overflow> = assignment
            .overflow
            .iter()
            .flatten()
            .map(|overflow| Overflow {
                groups: self.groups(&overflow.groups.value, names, report),
                after: overflow.after.value.0,
            })
            .collect();
        let policy = self.policy(assignment, report);
        let manual = match &assignment.rule {
            Some(rule) => rule.value == schema::Rule::Manual,
            None => given.is_none() && !assignment.broken.contains(&"groups"),
        };
        if manual {
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
            return Assignment::Manual;
        }
        if given.is_none_or(|given| given.value.is_empty()) && !assignment.broken.contains(&"groups") {
            report.error(
                given.map_or(assignment.place, |given| given.place),
                "round robin over no groups",
                "nobody would be assigned anything",
                "name the groups whose users are assigned tickets: groups = [\"support\"]",
            );
        }
        let mut overflow = overflow;
        overflow.sort_by_key(|overflow| overflow.after);
        Assignment::RoundRobin { groups: groups.unwrap_or_default(), policy, overflow }
    }

    fn policy(&self, assignment: &schema::Assignment, report: &mut Report) -> Policy {
        let by_wait_time = assignment.by_wait_time.is_some_and(|by_wait_time| by_wait_time.value);
        let Some(name) = &assignment.policy else {
            let ready_made = if by_wait_time { "wait_time" } else { "round_robin" };
            return Policy::named(ready_made).expect("both are in the table");
        };
        if by_wait_time {
            report.error(
                name.place,
                "by_wait_time together with a policy",
                "by_wait_time is a policy of its own",
                "keep one of the two; by_wait_time = true is policy = \"wait_time\"",
            );
        }
        if let Some((_, policy)) = self.policies.iter().find(|(own, _)| *own == name.value) {
            return policy.clone().unwrap_or_else(Policy::round_robin);
        }
        Policy::named(&name.value).unwrap_or_else(|| {
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
        })
    }

    fn sla(&self, sla: &schema::Sla, names: &Names, report: &mut Report) -> Sla {
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
        Sla {
            first_response: span(sla.first_response, report),
            closure: span(sla.closure, report),
            escalate_to: sla.escalate_to.as_ref().and_then(|name| self.user(name, names, report)),
            business_hours: match &sla.clock {
                Some(clock) => self.clock(clock, report),
                None => self.sla.business_hours,
            },
            pause_awaiting_customer: sla.pause_awaiting_customer.unwrap_or(self.sla.pause_awaiting_customer),
            on_reassign: sla.on_reassign.map_or(self.sla.on_reassign, lower_on_reassign),
            on_requeue: sla.on_requeue.map_or(self.sla.on_requeue, lower_on_requeue),
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

/// What takes a setting away, as a scenario would write it.
fn without_null(key: &str, value: &Value) -> Value {
    match (key, value) {
        ("close_after_silence" | "reopen_within", Value::Null) => "never".into(),
        ("greeting" | "away_message" | "outside_business_hours_message", Value::Null) => false.into(),
        ("limit" | "sla" | "queue" | "assignment", Value::Null) => Value::Object(serde_json::Map::new()),
        _ => value.clone(),
    }
}

fn lower_limit(limit: &schema::Limit) -> Option<Limit> {
    limit.max_open.map(|At { value: Whole(max_open), .. }| Limit {
        max_open: max_open as u32,
        counts: match limit.counts {
            Some(schema::Counts::Pending) => Counts::Pending,
            Some(schema::Counts::Open) | None => Counts::Open,
        },
        scope: match limit.scope {
            Some(schema::Scope::Channel) => Scope::Channel,
            Some(schema::Scope::User) | None => Scope::User,
        },
    })
}

fn lower_weight(weight: &At<Positive>, report: &mut Report) -> u32 {
    let milli = libm::rint(weight.value.0 * 1000.0);
    if !(1.0..=1e6).contains(&milli) {
        report.error(weight.place, "a weight that does not fit", "", "weights go from 0.001 to 1000");
        return 1000;
    }
    milli as u32
}

fn lower_order(queue: &schema::Queue, report: &mut Report) -> QueueOrder {
    let order = queue.order.map_or(schema::Order::Fifo, |order| order.value);
    if let Some(head_start) = &queue.head_start
        && order != schema::Order::Aged
        && !queue.broken.contains(&"order")
    {
        report.error(
            head_start.place,
            "`head_start` needs order = \"aged\"",
            "only aged tickets have one",
            "write order = \"aged\", or remove it",
        );
    }
    match order {
        schema::Order::Fifo => QueueOrder::Fifo,
        schema::Order::Lifo => QueueOrder::Lifo,
        schema::Order::SlaDue => QueueOrder::SlaDue,
        schema::Order::SessionsFirst => QueueOrder::SessionsFirst,
        schema::Order::Aged => {
            if queue.head_start.is_none() && !queue.broken.contains(&"head_start") {
                crate::scenario::read::missing(
                    queue.order.map_or(Place::NONE, |order| order.place),
                    "head_start",
                    "how much earlier a point of priority makes the wait start, such as \"90s\"",
                    report,
                );
            }
            QueueOrder::Aged { head_start: queue.head_start.map_or(Span::ZERO, |head_start| head_start.value.0) }
        }
    }
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
