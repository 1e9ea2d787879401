//! Every metric there is: its name, meaning, unit and labels (SCENARIO, Metrics), and how a metric is written.
//!
//! Names are promises. A metric is written `queue.wait.p95{channel="chat"}`; without labels it is the whole desk.

use rustc_hash::FxHashMap;
use serde::de::Error;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::fmt;
use std::str::FromStr;
use std::sync::LazyLock;

/// What a metric's number counts in.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Unit {
    /// Time, in seconds.
    Seconds,
    /// Time, in hours.
    Hours,
    /// A share, from 0 to 1.
    Share,
    /// How many.
    Count,
    /// A number without unit: an index or a ratio.
    Ratio,
}

impl Unit {
    /// The unit in a word.
    pub const fn name(self) -> &'static str {
        match self {
            Unit::Seconds => "seconds",
            Unit::Hours => "hours",
            Unit::Share => "share",
            Unit::Count => "count",
            Unit::Ratio => "ratio",
        }
    }
}

/// What a metric may be narrowed to; in the order in which labels are printed.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Label {
    /// One user. Their rows stand in results of at most [`super::AGENT_ROWS`] agents.
    Agent,
    /// One channel.
    Channel,
    /// One class of synthetic customers.
    Customer,
    /// One group: as whose member the assignee has the ticket; of agents, everybody who is in it.
    Group,
    /// One user status.
    Status,
}

impl Label {
    /// Every label, in the order in which they are printed.
    pub const ALL: [Label; 5] = [Label::Agent, Label::Channel, Label::Customer, Label::Group, Label::Status];

    /// The label's name.
    pub const fn name(self) -> &'static str {
        match self {
            Label::Agent => "agent",
            Label::Channel => "channel",
            Label::Customer => "customer",
            Label::Group => "group",
            Label::Status => "status",
        }
    }
}

/// A metric's place in the catalog.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct MetricId(u16);

/// One metric.
#[derive(Debug)]
pub struct Metric {
    /// Its dotted name.
    pub name: String,
    /// What it says, in a line.
    pub meaning: String,
    /// What its number counts in.
    pub unit: Unit,
    /// The labels that it takes.
    pub labels: &'static [Label],
    /// Which way is better, where one is: what comparisons and baselines go by.
    pub better: Option<Better>,
    /// What the parts of a run say of the whole.
    pub batching: Batching,
}

/// How a metric's figures of a run's parts, of equal length, hang together with that of the whole.
#[derive(Clone, Copy, PartialEq, Debug)]
pub enum Batching {
    /// The whole's figure is the parts' mean, each with its weight: means and shares.
    Mean,
    /// A quantile of the parts' times together.
    Quantile {
        /// Its level: 0.95 of a 95th percentile.
        level: f64,
        /// The metric that is their mean.
        mean: MetricId,
    },
    /// The parts add up to the whole's figure: counts and hours.
    Total,
    /// Neither: largest values, what is there at the end, and how evenly work was spread, which depends on how long one looks.
    None,
}

impl Batching {
    fn of(name: &str, unit: Unit) -> Batching {
        let (family, last) = (name.split('.').next().unwrap_or_default(), name.rsplit('.').next().unwrap_or_default());
        match (family, last, unit) {
            ("balance", ..) | (_, "max" | "running" | "open_at_end", _) => Batching::None,
            ("queue" | "agents", "mean", Unit::Count) => Batching::Mean,
            (.., Unit::Count | Unit::Hours) => Batching::Total,
            _ => Batching::Mean,
        }
    }
}

/// Which of two figures of a metric is the better one.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Better {
    /// The smaller.
    Lower,
    /// The larger.
    Higher,
}

impl Better {
    /// Of a metric by its name: less breach, waiting and unevenness, and more that was met or is even. Of counts that say
    /// what came in or how work was shared out, neither is better.
    fn of(name: &str) -> Option<Better> {
        let (family, last) = (name.split('.').next().unwrap_or_default(), name.rsplit('.').next().unwrap_or_default());
        match (family, last) {
            (_, "met" | "zero_share" | "jain") => Some(Better::Higher),
            ("sla", "started" | "cancelled" | "unanswered" | "running") => None,
            ("sla" | "customer" | "queue" | "balance", _) => Some(Better::Lower),
            ("tickets", "abandoned" | "abandon_rate" | "escalated" | "reopened" | "open_at_end") => Some(Better::Lower),
            ("agents", "over_cap_share") | ("commands", "refused") => Some(Better::Lower),
            _ => None,
        }
    }
}

/// The figures of a time: these suffixes, in this order.
pub const TIMES: [&str; 6] = ["mean", "p50", "p90", "p95", "p99", "max"];

/// The waits that `queue.wait.over.*` counts past, in seconds.
pub const OVER_SECONDS: [u64; 10] = [10, 20, 30, 60, 120, 300, 600, 900, 3600, 14_400];

/// The measures of how evenly something is spread: these suffixes, in this order.
pub const SPREADS: [&str; 4] = ["jain", "gini", "cv", "max_over_mean"];

use Label::{Agent, Channel, Customer, Group, Status};

const DESK: &[Label] = &[];
const OF_CHANNEL: &[Label] = &[Channel];
const OF_GROUP: &[Label] = &[Group];
const OF_CUSTOMER: &[Label] = &[Channel, Customer];
const OF_TICKET: &[Label] = &[Channel, Customer, Group];
const OF_HOLDER: &[Label] = &[Agent, Channel, Customer, Group];
const OF_AGENT: &[Label] = &[Agent, Group];
const OF_STATUS: &[Label] = &[Agent, Group, Status];

static CATALOG: LazyLock<Vec<Metric>> = LazyLock::new(build);
static BY_NAME: LazyLock<FxHashMap<&'static str, MetricId>> =
    LazyLock::new(|| CATALOG.iter().zip(0..).map(|(metric, id)| (metric.name.as_str(), MetricId(id))).collect());

#[derive(Default)]
struct Builder(Vec<Metric>);

impl Builder {
    fn add(&mut self, name: &str, unit: Unit, labels: &'static [Label], meaning: &str) {
        let better = Better::of(name);
        let batching = Batching::of(name, unit);
        self.0.push(Metric { name: name.to_owned(), meaning: meaning.to_owned(), unit, labels, better, batching });
    }

    fn times(&mut self, name: &str, labels: &'static [Label], meaning: &str) {
        let mean = MetricId(self.0.len() as u16);
        for suffix in TIMES {
            let which = match suffix {
                "mean" => "mean".to_owned(),
                "max" => "longest".to_owned(),
                percentile => format!("{}th percentile", &percentile[1..]),
            };
            self.add(&format!("{name}.{suffix}"), Unit::Seconds, labels, &format!("{meaning}; {which}"));
            let percent = suffix.strip_prefix('p').and_then(|percent| percent.parse::<u32>().ok());
            if let (Some(percent), Some(metric)) = (percent, self.0.last_mut()) {
                metric.batching = Batching::Quantile { level: f64::from(percent) / 100.0, mean };
            }
        }
    }
}

fn build() -> Vec<Metric> {
    let mut all = Builder::default();
    for (timer, words, end, over) in [
        ("first_response", "first-response", "the first reply", "the first reply or closure"),
        ("closure", "closure", "closure", "closure"),
    ] {
        let mut sla = |suffix: &str, unit, labels, meaning: String| {
            all.add(&format!("sla.{timer}.{suffix}"), unit, labels, &meaning);
        };
        sla("breach_rate", Unit::Share, OF_HOLDER, format!("breached / (met + breached) of {words} timers (SLA-12)"));
        sla("started", Unit::Count, OF_CUSTOMER, format!("{words} timers that started"));
        sla("met", Unit::Count, OF_HOLDER, format!("{words} timers that were met"));
        sla("breached", Unit::Count, OF_HOLDER, format!("{words} timers that were breached"));
        sla("cancelled", Unit::Count, OF_TICKET, format!("{words} timers that were cancelled"));
        sla("unanswered", Unit::Count, OF_TICKET, format!("{words} timers of tickets closed without reply (SLA-9)"));
        sla("running", Unit::Count, OF_CUSTOMER, format!("{words} timers that run at the end"));
        sla(
            "overrun.mean",
            Unit::Seconds,
            OF_TICKET,
            format!("from a breach of the {words} timer to {over}, on the timer's own clock; mean"),
        );
        all.times(
            &format!("sla.{timer}.time"),
            OF_TICKET,
            &format!(
                "from assignment to {end} on the {words} timer's own clock; from the start of the first one that was breached \
                 for it"
            ),
        );
    }

    all.times(
        "customer.first_response",
        OF_TICKET,
        "from creation or reactivation to the first reply by a person in that cycle, or to the answer that comes before it (TIC-12); queue \
         included",
    );
    all.times(
        "customer.resolution",
        OF_TICKET,
        "from creation or reactivation to closure by a user or the system, queue included",
    );

    all.times("queue.wait", OF_TICKET, "one stay in the queue, of tickets that left it by assignment");
    all.add("queue.wait.zero_share", Unit::Share, OF_TICKET, "share of those tickets that did not wait at all");
    all.add(
        "queue.wait.all.mean",
        Unit::Seconds,
        OF_CUSTOMER,
        "one stay in the queue, of tickets that left it by assignment or closure; mean",
    );
    for seconds in OVER_SECONDS {
        all.add(
            &format!("queue.wait.over.{seconds}s"),
            Unit::Share,
            OF_CUSTOMER,
            &format!("share of the stays in the queue, however they ended, that took longer than {seconds} s"),
        );
    }
    all.add("queue.length.mean", Unit::Count, OF_CHANNEL, "tickets in the queue; mean over time");
    all.add("queue.length.max", Unit::Count, OF_CHANNEL, "tickets in the queue; most that ever waited at one time");

    for (suffix, unit, labels, meaning) in [
        ("created", Unit::Count, OF_CUSTOMER, "tickets created"),
        ("closed", Unit::Count, OF_HOLDER, "closures; with agent, by that user"),
        ("abandoned", Unit::Count, OF_CUSTOMER, "closures because the customer gave up"),
        ("reopened", Unit::Count, OF_CUSTOMER, "reactivations, by customers and by users"),
        ("escalated", Unit::Count, OF_TICKET, "escalations that moved a ticket; with group, of the holder until then"),
        ("assigned", Unit::Count, OF_HOLDER, "assignments, of whatever kind"),
        ("transferred", Unit::Count, OF_TICKET, "transfers to a group; with group, to that group"),
        ("open_at_end", Unit::Count, OF_CUSTOMER, "tickets not closed at the end"),
        ("abandon_rate", Unit::Share, OF_CUSTOMER, "abandoned / (created + reopened)"),
    ] {
        all.add(&format!("tickets.{suffix}"), unit, labels, meaning);
    }

    for (suffix, unit, labels, meaning) in [
        ("occupancy", Unit::Share, OF_AGENT, "time with a reply in hand / time connected"),
        ("available_hours", Unit::Hours, OF_AGENT, "time enabled and in an assignable status"),
        ("status_share", Unit::Share, OF_STATUS, "share of time in a status"),
        ("over_cap_share", Unit::Share, OF_AGENT, "time over the cap / time connected (CAP-3)"),
        ("open.mean", Unit::Count, OF_AGENT, "open tickets per available agent; mean over time"),
        ("pending.mean", Unit::Count, OF_AGENT, "tickets that wait for a reply, per available agent; mean over time"),
    ] {
        all.add(&format!("agents.{suffix}"), unit, labels, meaning);
    }

    for (what, words) in [
        ("assigned", "tickets assigned per available hour"),
        ("busy", "occupancy"),
        ("open", "open tickets, averaged over the time available"),
        ("breaches", "breaches per assigned ticket"),
    ] {
        for spread in SPREADS {
            let meaning = match spread {
                "jain" => format!("evenness of {words} among a group's agents: Jain's index, 1 is even"),
                "gini" => format!("unevenness of {words} among a group's agents: Gini's coefficient, 0 is even"),
                "cv" => format!("standard deviation / mean of {words} among a group's agents"),
                _ => format!("largest / mean of {words} among a group's agents"),
            };
            all.add(&format!("balance.{what}.{spread}"), Unit::Ratio, OF_GROUP, &meaning);
        }
    }

    all.add(
        "notifications",
        Unit::Count,
        DESK,
        "notifications to users: of escalations, breaches and round robin (CHN-5, ESC)",
    );
    all.add("commands.refused", Unit::Count, DESK, "commands that the desk refused");
    all.0
}

/// Every metric, in the order of results.
pub fn catalog() -> &'static [Metric] {
    &CATALOG
}

/// The metric of that name.
pub fn find(name: &str) -> Option<&'static Metric> {
    id_of(name).map(MetricId::metric)
}

/// The names nearest to one that is not known, best first; at most three, none if nothing is near.
pub fn nearest(name: &str) -> Vec<&'static str> {
    let mut near: Vec<(f64, &'static str)> = CATALOG
        .iter()
        .map(|metric| (strsim::jaro_winkler(name, &metric.name), metric.name.as_str()))
        .filter(|(likeness, _)| *likeness >= 0.8)
        .collect();
    near.sort_by(|one, other| other.0.total_cmp(&one.0));
    near.truncate(3);
    near.into_iter().map(|(_, name)| name).collect()
}

fn id_of(name: &str) -> Option<MetricId> {
    BY_NAME.get(name).copied()
}

impl MetricId {
    /// The metric of a name that this crate itself writes down.
    pub(super) fn named(name: &str) -> MetricId {
        id_of(name).unwrap_or_else(|| panic!("the catalog lacks {name}"))
    }

    /// The next `n`th metric in the catalog's order.
    pub(super) const fn plus(self, n: u16) -> MetricId {
        MetricId(self.0 + n)
    }

    /// The metric itself.
    pub fn metric(self) -> &'static Metric {
        &CATALOG[usize::from(self.0)]
    }
}

/// A metric with its labels, as people write it: `queue.wait.p95{channel="chat"}`.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Selector {
    id: MetricId,
    labels: Vec<(Label, String)>,
}

impl Selector {
    /// A metric with labels that it takes, each at most once.
    pub(crate) fn new(id: MetricId, mut labels: Vec<(Label, String)>) -> Selector {
        labels.sort();
        debug_assert!(labels.windows(2).all(|two| two[0].0 != two[1].0), "one value per label");
        debug_assert!(labels.iter().all(|(label, _)| id.metric().labels.contains(label)), "a label that it takes");
        Selector { id, labels }
    }

    /// The metric.
    pub fn metric(&self) -> &'static Metric {
        self.id.metric()
    }

    /// Its labels, in the order in which they are printed.
    pub fn labels(&self) -> &[(Label, String)] {
        &self.labels
    }

    /// The value of one label.
    pub fn label(&self, label: Label) -> Option<&str> {
        self.labels.iter().find(|(of, _)| *of == label).map(|(_, value)| value.as_str())
    }
}

impl fmt::Display for Selector {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.metric().name)?;
        for (n, (label, value)) in self.labels.iter().enumerate() {
            f.write_str(if n == 0 { "{" } else { "," })?;
            write!(f, "{}=\"", label.name())?;
            for letter in value.chars() {
                if matches!(letter, '"' | '\\') {
                    f.write_str("\\")?;
                }
                write!(f, "{letter}")?;
            }
            f.write_str("\"")?;
        }
        if self.labels.is_empty() { Ok(()) } else { f.write_str("}") }
    }
}

impl Serialize for Selector {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Selector {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Selector, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(D::Error::custom)
    }
}

/// Why a text names no metric.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum SelectorError {
    /// No metric bears the name.
    UnknownMetric {
        /// The name as written.
        name: String,
        /// Names that are near it, best first.
        near: Vec<&'static str>,
    },
    /// There is no such label, or the metric does not take it.
    LabelNotTaken {
        /// The metric.
        metric: &'static str,
        /// The label as written.
        label: String,
        /// The labels that it takes.
        takes: Vec<&'static str>,
    },
    /// A label stands twice.
    LabelTwice(Label),
    /// The labels do not read as `{label="value", …}`.
    Labels,
}

impl fmt::Display for SelectorError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            SelectorError::UnknownMetric { name, near } if near.is_empty() => {
                write!(f, "there is no metric `{name}`")
            }
            SelectorError::UnknownMetric { name, near } => {
                write!(f, "there is no metric `{name}`; near it: {}", near.join(", "))
            }
            SelectorError::LabelNotTaken { metric, label, takes } if takes.is_empty() => {
                write!(f, "`{metric}` takes no label `{label}`; it takes none")
            }
            SelectorError::LabelNotTaken { metric, label, takes } => {
                write!(f, "`{metric}` takes no label `{label}`; it takes {}", takes.join(", "))
            }
            SelectorError::LabelTwice(label) => write!(f, "the label `{}` stands twice", label.name()),
            SelectorError::Labels => f.write_str("labels are written {label=\"value\"}, with commas between them"),
        }
    }
}

impl std::error::Error for SelectorError {}

impl FromStr for Selector {
    type Err = SelectorError;

    /// Reads `name` or `name{label="value", …}`; `\"` and `\\` stand for themselves in a value.
    fn from_str(text: &str) -> Result<Selector, SelectorError> {
        let (name, rest) = match text.find('{') {
            Some(at) => (text[..at].trim(), Some(&text[at + 1..])),
            None => (text.trim(), None),
        };
        let id =
            id_of(name).ok_or_else(|| SelectorError::UnknownMetric { name: name.to_owned(), near: nearest(name) })?;
        let metric = id.metric();
        let mut labels: Vec<(Label, String)> = Vec::new();
        for (word, value) in rest.map(label_pairs).transpose()?.unwrap_or_default() {
            let label = metric.labels.iter().copied().find(|label| label.name() == word).ok_or_else(|| {
                SelectorError::LabelNotTaken {
                    metric: &metric.name,
                    label: word,
                    takes: metric.labels.iter().map(|label| label.name()).collect(),
                }
            })?;
            if labels.iter().any(|(known, _)| *known == label) {
                return Err(SelectorError::LabelTwice(label));
            }
            labels.push((label, value));
        }
        Ok(Selector::new(id, labels))
    }
}

/// Reads what follows the opening brace, to the end.
fn label_pairs(text: &str) -> Result<Vec<(String, String)>, SelectorError> {
    let mut pairs = Vec::new();
    let mut rest = text.trim_start();
    loop {
        let (word, after) = rest.split_once('=').ok_or(SelectorError::Labels)?;
        let quoted = after.trim_start().strip_prefix('"').ok_or(SelectorError::Labels)?;
        let (value, after) = quoted_value(quoted)?;
        pairs.push((word.trim().to_owned(), value));
        let after = after.trim_start();
        if let Some(next) = after.strip_prefix(',') {
            rest = next;
        } else if after.strip_prefix('}').is_some_and(|end| end.trim().is_empty()) {
            return Ok(pairs);
        } else {
            return Err(SelectorError::Labels);
        }
    }
}

/// Reads a value up to its closing quote; gives what follows it.
fn quoted_value(text: &str) -> Result<(String, &str), SelectorError> {
    let mut value = String::new();
    let mut letters = text.char_indices();
    while let Some((at, letter)) = letters.next() {
        match letter {
            '"' => return Ok((value, &text[at + 1..])),
            '\\' => value.push(letters.next().ok_or(SelectorError::Labels)?.1),
            other => value.push(other),
        }
    }
    Err(SelectorError::Labels)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, printed: &str) {
        let read: Selector = text.parse().unwrap();
        assert_eq!(read.to_string(), printed);
        assert_eq!(printed.parse::<Selector>().unwrap(), read);
    }

    #[test]
    fn names_are_unique_and_found() {
        for metric in catalog() {
            assert!(std::ptr::eq(find(&metric.name).unwrap(), metric), "{} is there twice", metric.name);
        }
    }

    #[test]
    fn the_promised_names_are_there() {
        for name in [
            "sla.first_response.breach_rate",
            "sla.closure.breach_rate",
            "sla.closure.overrun.mean",
            "sla.first_response.time.p99",
            "customer.resolution.p50",
            "queue.wait.max",
            "queue.wait.zero_share",
            "queue.length.max",
            "tickets.open_at_end",
            "tickets.abandon_rate",
            "agents.occupancy",
            "agents.available_hours",
            "agents.status_share",
            "agents.over_cap_share",
            "balance.assigned.jain",
            "balance.breaches.max_over_mean",
            "agents.pending.mean",
        ] {
            assert!(find(name).is_some(), "{name}");
        }
    }

    #[test]
    fn a_metric_prints_as_it_reads() {
        check("queue.wait.p95", "queue.wait.p95");
        check("queue.wait.p95{channel=\"chat\"}", "queue.wait.p95{channel=\"chat\"}");
        check(
            " agents.status_share { status = \"Lunch\" , group=\"a, \\\"b\\\" }\\\\\" } ",
            "agents.status_share{group=\"a, \\\"b\\\" }\\\\\",status=\"Lunch\"}",
        );
    }

    #[test]
    fn what_is_no_metric_says_why() {
        #[track_caller]
        fn check(text: &str, why: &str) {
            assert_eq!(text.parse::<Selector>().unwrap_err().to_string(), why);
        }
        check(
            "queue.wiat.p95",
            "there is no metric `queue.wiat.p95`; near it: queue.wait.p95, queue.wait.p50, queue.wait.p90",
        );
        check("xyzzy", "there is no metric `xyzzy`");
        check("", "there is no metric ``");
        check("queue.length.mean{agent=\"x\"}", "`queue.length.mean` takes no label `agent`; it takes channel");
        check("commands.refused{agent=\"x\"}", "`commands.refused` takes no label `agent`; it takes none");
        check("tickets.created{channel=\"a\",channel=\"b\"}", "the label `channel` stands twice");
        for text in ["{}", "{channel}", "{channel=chat}", "{channel=\"chat\"", "{channel=\"chat}", "{channel=\"a\"}x"] {
            check(&format!("tickets.created{text}"), "labels are written {label=\"value\"}, with commas between them");
        }
    }
}
