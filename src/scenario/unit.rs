//! The units of the file: durations, shares, times, days, and distributions of them.

use super::diagnostic::{Report, help_with_name};
use super::document::{Key, Node, Value};
use super::read::{Read, Whole, wrong_type};
use super::source::{At, Place};
use crate::simulation::limits::{self, grouped};
use crate::simulation::nearest;
use crate::time::{Span, SpanError, WeekdaySet};
use jiff::civil;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use std::borrow::Cow;
use std::marker::PhantomData;

/// Gives a type its JSON Schema: its name in the schema, and the schema itself.
macro_rules! schema_of {
    ($name:ident, $title:literal, $($json:tt)+) => {
        impl JsonSchema for $name {
            fn schema_name() -> Cow<'static, str> {
                $title.into()
            }

            fn json_schema(_: &mut SchemaGenerator) -> Schema {
                json_schema!($($json)+)
            }
        }
    };
}

/// The text of a value, or a problem.
fn text<'a, T: Read>(node: &'a Node, report: &mut Report) -> Option<&'a str> {
    match &node.value {
        Value::Text(text) => Some(text),
        _ => {
            wrong_type::<T>(node, report);
            None
        }
    }
}

/// A length of time.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(super) struct Duration(pub(super) Span);

impl Read for Duration {
    const EXPECTED: &str = "a duration such as \"15m\"";

    fn read(node: &Node, report: &mut Report) -> Option<Self> {
        let text = text::<Self>(node, report)?;
        match text.parse() {
            Ok(span) => Some(Duration(span)),
            Err(error) => {
                let (title, help) = match error {
                    SpanError::Negative => ("is negative", "write a duration of zero or more: \"0s\", \"15m\""),
                    SpanError::Absurd => {
                        ("is too long, or in months or years", "write up to \"36500d\", in d, h, m and s")
                    }
                    SpanError::Unreadable => {
                        ("is not a duration", "write a number with a unit: \"90s\", \"15m\", \"1h30m\", \"2d\"")
                    }
                };
                report.error(node.place, format!("`{text}` {title}"), "", help);
                None
            }
        }
    }
}

schema_of!(Duration, "Duration", {
    "type": "string",
    "description": "A duration: \"90s\", \"15m\", \"1h30m\", \"2d\".",
    "examples": ["90s", "15m", "1h30m", "2d"]
});

/// A duration, or `"never"`.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct DurationOrNever(pub(super) Option<Span>);

impl Read for DurationOrNever {
    const EXPECTED: &str = "a duration such as \"15m\", or \"never\"";

    fn read(node: &Node, report: &mut Report) -> Option<Self> {
        if matches!(&node.value, Value::Text(text) if text == "never") {
            return Some(DurationOrNever(None));
        }
        Duration::read(node, report).map(|Duration(span)| DurationOrNever(Some(span)))
    }
}

schema_of!(DurationOrNever, "DurationOrNever", {
    "type": "string",
    "description": "A duration such as \"15m\", or \"never\"."
});

/// A duration, or `"auto"`.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct DurationOrAuto(pub(super) Option<Span>);

impl Read for DurationOrAuto {
    const EXPECTED: &str = "a duration such as \"15m\", or \"auto\"";

    fn read(node: &Node, report: &mut Report) -> Option<Self> {
        if matches!(&node.value, Value::Text(text) if text == "auto") {
            return Some(DurationOrAuto(None));
        }
        Duration::read(node, report).map(|Duration(span)| DurationOrAuto(Some(span)))
    }
}

schema_of!(DurationOrAuto, "DurationOrAuto", {
    "type": "string",
    "description": "A duration such as \"15m\", or \"auto\"."
});

/// A number from 0 to 1.
#[derive(Clone, Copy, PartialEq, Debug)]
pub(super) struct Share(pub(super) f64);

impl Read for Share {
    const EXPECTED: &str = "a share from 0 to 1";

    fn read(node: &Node, report: &mut Report) -> Option<Self> {
        if !matches!(node.value, Value::Integer(_) | Value::Float(_)) {
            wrong_type::<Self>(node, report);
            return None;
        }
        let share = f64::read(node, report)?;
        if (0.0..=1.0).contains(&share) {
            return Some(Share(share));
        }
        let help = if share > 1.0 && share <= 100.0 {
            format!("shares go from 0 to 1: {share} % is {}", share / 100.0)
        } else {
            "shares go from 0 to 1".to_owned()
        };
        report.error(node.place, format!("{share} is not a share"), "not between 0 and 1", help);
        None
    }
}

schema_of!(Share, "Share", { "type": "number", "minimum": 0, "maximum": 1 });

/// A number above zero.
#[derive(Clone, Copy, PartialEq, Debug)]
pub(super) struct Positive(pub(super) f64);

impl Read for Positive {
    const EXPECTED: &str = "a number above zero";

    fn read(node: &Node, report: &mut Report) -> Option<Self> {
        let number = f64::read(node, report)?;
        if number > 0.0 {
            return Some(Positive(number));
        }
        report.error(node.place, format!("{number} is not above zero"), "", "write a number above zero");
        None
    }
}

schema_of!(Positive, "Positive", { "type": "number", "exclusiveMinimum": 0 });

/// A number of zero or more.
#[derive(Clone, Copy, PartialEq, Debug)]
pub(super) struct NotNegative(pub(super) f64);

impl Read for NotNegative {
    const EXPECTED: &str = "a number of zero or more";

    fn read(node: &Node, report: &mut Report) -> Option<Self> {
        let number = f64::read(node, report)?;
        if number >= 0.0 {
            return Some(NotNegative(number));
        }
        report.error(node.place, format!("{number} is negative"), "below zero", "write zero or more");
        None
    }
}

schema_of!(NotNegative, "NotNegative", { "type": "number", "minimum": 0 });

/// How sure something is to be.
#[derive(Clone, Copy, PartialEq, Debug)]
pub(super) struct Confidence(pub(super) f64);

impl Read for Confidence {
    const EXPECTED: &str = "a confidence such as 0.95";

    fn read(node: &Node, report: &mut Report) -> Option<Self> {
        let number = f64::read(node, report)?;
        if (0.5..=0.999_999).contains(&number) {
            return Some(Confidence(number));
        }
        let help = match number {
            percent if (50.0..100.0).contains(&percent) => format!("write {} for {percent} %", percent / 100.0),
            _ => "write a number from 0.5 up to, and not quite, 1".to_owned(),
        };
        report.error(node.place, format!("{number} is no confidence"), "", help);
        None
    }
}

schema_of!(Confidence, "Confidence", { "type": "number", "minimum": 0.5, "exclusiveMaximum": 1 });

/// In which sense a limit holds.
#[derive(Clone, Copy, PartialEq, Debug)]
pub(super) enum Holds {
    /// The mean over replications is within it.
    Mean,
    /// This share of replications is within it; strictly between 0 and 1.
    ShareOfDays(f64),
}

impl Read for Holds {
    const EXPECTED: &str = "\"mean\", or a share such as { share_of_days = 0.9 }";

    fn read(node: &Node, report: &mut Report) -> Option<Self> {
        let table = match &node.value {
            Value::Text(text) if text == "mean" => return Some(Holds::Mean),
            Value::Table(table) => table,
            _ => {
                wrong_type::<Self>(node, report);
                return None;
            }
        };
        let before = report.errors();
        for (key, _) in table.entries.iter().filter(|(key, _)| key.name != "share_of_days") {
            let help = "write { share_of_days = 0.9 }";
            report.error(key.place, format!("unknown key `{}`", key.name), "nothing has this name here", help);
        }
        let Some(share) = table.get("share_of_days") else {
            if report.errors() == before {
                wrong_type::<Self>(node, report);
            }
            return None;
        };
        let Share(share_of_days) = Share::read(share, report)?;
        if share_of_days <= 0.0 || share_of_days >= 1.0 {
            let help = "write a share between the two, such as 0.95: of all days, and of none, nothing can be shown";
            report.error(share.place, format!("{share_of_days} of the days"), "", help);
        }
        (report.errors() == before).then_some(Holds::ShareOfDays(share_of_days))
    }
}

schema_of!(Holds, "Holds", {
    "description": "In which sense a limit holds: the mean over replications, or a share of them.",
    "anyOf": [
        { "const": "mean" },
        {
            "type": "object",
            "properties": { "share_of_days": { "type": "number", "exclusiveMinimum": 0, "exclusiveMaximum": 1 } },
            "required": ["share_of_days"],
            "additionalProperties": false
        }
    ]
});

/// A message's text; `true` and `false` say only whether there is one.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Message {
    /// Whether there is one.
    pub(super) is_set: bool,
    /// What it says, where the scenario says so.
    pub(super) text: Option<String>,
}

impl Read for Message {
    const EXPECTED: &str = "a text in double quotes";

    fn read(node: &Node, report: &mut Report) -> Option<Self> {
        match &node.value {
            Value::Text(text) => {
                if text.chars().nth(limits::TEXT_CHARS).is_some() {
                    let longest = grouped(limits::TEXT_CHARS as u64);
                    report.error(
                        node.place,
                        format!("a text longer than {longest} characters"),
                        "too long",
                        "shorten it",
                    );
                }
                let is_set = !text.trim().is_empty();
                Some(Message { is_set, text: is_set.then(|| text.clone()) })
            }
            Value::Flag(flag) => Some(Message { is_set: *flag, text: None }),
            _ => {
                wrong_type::<Self>(node, report);
                None
            }
        }
    }
}

schema_of!(Message, "Message", {
    "type": ["string", "boolean"],
    "description": "An automatic message's text; the simulation only asks whether there is one, and exports show it."
});

/// A time of day.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct TimeOfDay(pub(super) civil::Time);

impl Read for TimeOfDay {
    const EXPECTED: &str = "a time of day such as \"09:00\"";

    fn read(node: &Node, report: &mut Report) -> Option<Self> {
        let written = match &node.value {
            Value::Datetime(datetime) => datetime.to_string(),
            _ => text::<Self>(node, report)?.to_owned(),
        };
        match parse_time(&written) {
            Some(time) => Some(TimeOfDay(time)),
            None => {
                report.error(
                    node.place,
                    format!("`{written}` is not a time of day"),
                    "",
                    "write hours and minutes, from \"00:00\" to \"23:59\"",
                );
                None
            }
        }
    }
}

schema_of!(TimeOfDay, "TimeOfDay", { "type": "string", "pattern": "^[0-2]?[0-9]:[0-5][0-9](:[0-5][0-9])?$", "examples": ["09:00"] });

fn parse_time(text: &str) -> Option<civil::Time> {
    let mut parts = text.trim().split(':');
    let mut number = |required: bool| match parts.next() {
        Some(part) if (1..=2).contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_digit()) => {
            part.parse::<i8>().ok()
        }
        Some(_) => None,
        None => (!required).then_some(0),
    };
    let (hour, minute, second) = (number(true)?, number(true)?, number(false)?);
    if parts.next().is_some() {
        return None;
    }
    civil::Time::new(hour, minute, second, 0).ok()
}

/// From a time of day to another; one that ends no later than it starts goes over midnight.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Hours {
    pub(super) from: civil::Time,
    pub(super) to: civil::Time,
}

impl Read for Hours {
    const EXPECTED: &str = "hours such as \"09:00-18:00\"";

    fn read(node: &Node, report: &mut Report) -> Option<Self> {
        let text = text::<Self>(node, report)?;
        let hours = text.split_once('-').and_then(|(from, to)| {
            // Midnight at the end of the day is midnight: hours that end no later than they start go into the next day.
            let to = if matches!(to.trim(), "24:00" | "24:00:00") { "00:00" } else { to };
            Some(Hours { from: parse_time(from)?, to: parse_time(to)? })
        });
        if hours.is_none() {
            report.error(node.place, format!("`{text}` are no hours"), "", "write two times of day: \"09:00-18:00\"");
        }
        hours
    }
}

schema_of!(Hours, "Hours", { "type": "string", "examples": ["09:00-18:00"] });

impl Hours {
    /// The hour from the start to a time, in seconds, over midnight if need be.
    pub(super) fn offset(&self, time: civil::Time) -> i64 {
        (seconds_of(time) - seconds_of(self.from)).rem_euclid(86_400)
    }

    /// The length, in seconds; hours that end when they start last a day.
    pub(super) fn length(&self) -> i64 {
        match self.offset(self.to) {
            0 => 86_400,
            length => length,
        }
    }
}

fn seconds_of(time: civil::Time) -> i64 {
    i64::from(time.hour()) * 3600 + i64::from(time.minute()) * 60 + i64::from(time.second())
}

/// One value or a list of them.
#[derive(Clone, Debug)]
pub(super) struct OneOrMore<T>(pub(super) Vec<At<T>>);

impl<T: Read> Read for OneOrMore<T> {
    const EXPECTED: &str = T::EXPECTED;

    fn read(node: &Node, report: &mut Report) -> Option<Self> {
        match &node.value {
            Value::List(_) => Vec::read(node, report).map(OneOrMore),
            _ => At::read(node, report).map(|one| OneOrMore(vec![one])),
        }
    }
}

impl<T: JsonSchema> JsonSchema for OneOrMore<T> {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        format!("OneOrMore_{}", T::schema_name()).into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let one = generator.subschema_for::<T>();
        json_schema!({ "anyOf": [one, { "type": "array", "items": one }] })
    }
}

/// Days of the week.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Weekdays(pub(super) WeekdaySet);

const WEEKDAYS_HELP: &str = "write days as \"mon-fri\", \"sat,sun\" or \"mon\"";

impl Weekdays {
    fn parse(text: &str, place: Place, report: &mut Report) -> Option<Weekdays> {
        match WeekdaySet::parse(text) {
            Ok(days) => Some(Weekdays(days)),
            Err(error) => {
                report.error(place, format!("`{text}` are no weekdays"), error.0, WEEKDAYS_HELP);
                None
            }
        }
    }
}

impl Read for Weekdays {
    const EXPECTED: &str = "weekdays such as \"mon-fri\"";

    fn read(node: &Node, report: &mut Report) -> Option<Self> {
        Weekdays::parse(text::<Self>(node, report)?, node.place, report)
    }
}

schema_of!(Weekdays, "Weekdays", { "type": "string", "examples": ["mon-fri", "sat,sun", "mon"] });

/// A value for each of some sets of weekdays; a day belongs to at most one.
#[derive(Clone, Debug)]
pub(super) struct ByWeekday<T>(pub(super) Vec<(Weekdays, T)>);

/// Reads what stands under a set of weekdays, if `key` is one that overlaps no earlier one.
fn read_weekday<T: Read>(key: &Key, node: &Node, days: &mut u8, report: &mut Report) -> Option<(Weekdays, T)> {
    let set = Weekdays::parse(&key.name, key.place, report);
    let value = T::read(node, report);
    let set = set?;
    if *days & set.0.0 != 0 {
        report.error(
            key.place,
            "a weekday stands in two sets",
            "overlaps an earlier set of days",
            "name every weekday once; days not named have none",
        );
        return None;
    }
    *days |= set.0.0;
    Some((set, value?))
}

/// A civil date and time.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct DateTime(pub(super) civil::DateTime);

impl Read for DateTime {
    const EXPECTED: &str = "a date and time such as \"2026-03-02T00:00:00\"";

    fn read(node: &Node, report: &mut Report) -> Option<Self> {
        let written = match &node.value {
            Value::Datetime(datetime) => datetime.to_string(),
            _ => text::<Self>(node, report)?.to_owned(),
        };
        match parse_datetime(&written) {
            Some(datetime) => Some(DateTime(datetime)),
            None => {
                report.error(
                    node.place,
                    format!("`{written}` is not a date and time"),
                    "",
                    "write civil time in the desk's zone, without an offset: \"2026-03-02T00:00:00\"",
                );
                None
            }
        }
    }
}

schema_of!(DateTime, "DateTime", { "type": "string", "examples": ["2026-03-02T00:00:00"] });

/// A civil date-time, or a date's midnight; an offset or a zone is no civil time. Years from 1 to 9000 leave room for a run.
pub(super) fn parse_datetime(text: &str) -> Option<civil::DateTime> {
    let text = text.trim();
    if text.contains(['Z', 'z', '+', '[']) || text.get(10..).is_some_and(|time| time.contains('-')) {
        return None;
    }
    let datetime: civil::DateTime = text.parse().ok()?;
    (1..=9000).contains(&datetime.year()).then_some(datetime)
}

/// A civil date.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Date(pub(super) civil::Date);

impl Read for Date {
    const EXPECTED: &str = "a date such as \"2026-05-01\"";

    fn read(node: &Node, report: &mut Report) -> Option<Self> {
        let written = match &node.value {
            Value::Datetime(datetime) => datetime.to_string(),
            _ => text::<Self>(node, report)?.to_owned(),
        };
        match parse_date(&written) {
            Some(date) => Some(Date(date)),
            None => {
                report.error(
                    node.place,
                    format!("`{written}` is not a date"),
                    "",
                    "write year, month and day: \"2026-05-01\"",
                );
                None
            }
        }
    }
}

schema_of!(Date, "Date", { "type": "string", "format": "date" });

/// A civil date, and nothing else.
pub(super) fn parse_date(text: &str) -> Option<civil::Date> {
    let text = text.trim();
    (text.len() == 10).then(|| text.parse().ok()).flatten()
}

/// Opening hours by weekday, and days without any.
#[derive(Clone, Debug)]
pub(super) struct BusinessHours {
    pub(super) days: Vec<(Weekdays, OneOrMore<Hours>)>,
    pub(super) holidays: Vec<Date>,
    pub(super) place: Place,
}

impl Read for BusinessHours {
    const EXPECTED: &str = "business hours such as { \"mon-fri\" = [\"09:00-18:00\"] }";

    fn read(node: &Node, report: &mut Report) -> Option<Self> {
        let Value::Table(table) = &node.value else {
            wrong_type::<Self>(node, report);
            return None;
        };
        let mut hours = BusinessHours { days: Vec::new(), holidays: Vec::new(), place: node.place };
        let mut named = 0;
        for (key, node) in &table.entries {
            if key.name == "holidays" {
                hours.holidays = Vec::read(node, report).unwrap_or_default();
            } else {
                hours.days.extend(read_weekday(key, node, &mut named, report));
            }
        }
        Some(hours)
    }
}

schema_of!(BusinessHours, "BusinessHours", {
    "type": "object",
    "properties": { "holidays": { "type": "array", "items": { "type": "string", "format": "date" } } },
    "additionalProperties": { "anyOf": [{ "type": "string" }, { "type": "array", "items": { "type": "string" } }] },
    "examples": [{ "mon-fri": ["09:00-18:00"], "holidays": ["2026-05-01"] }]
});

/// Arrivals per hour over one day: one number, or one for each of the equal parts of the day.
#[derive(Clone, Debug)]
pub(super) struct DayRates(pub(super) Vec<f64>);

impl Read for DayRates {
    const EXPECTED: &str = "a number per hour, or a list of them over the day";

    fn read(node: &Node, report: &mut Report) -> Option<Self> {
        let Value::List(items) = &node.value else {
            if !matches!(node.value, Value::Integer(_) | Value::Float(_)) {
                wrong_type::<Self>(node, report);
                return None;
            }
            return NotNegative::read(node, report).map(|NotNegative(rate)| DayRates(vec![rate]));
        };
        if items.is_empty() || 1440 % items.len() != 0 {
            report.error(
                node.place,
                format!("{} numbers do not divide the day evenly", items.len()),
                format!("{} numbers", items.len()),
                "give 24 numbers for hours, 48 for half hours, 96 for quarter hours, or another divisor of 1440",
            );
            return None;
        }
        let rates: Vec<f64> =
            items.iter().filter_map(|item| NotNegative::read(item, report)).map(|NotNegative(rate)| rate).collect();
        (rates.len() == items.len()).then_some(DayRates(rates))
    }
}

/// Arrivals per hour, the same every day or by weekday.
#[derive(Clone, Debug)]
pub(super) enum WeekRates {
    Daily(DayRates),
    Weekly(ByWeekday<DayRates>),
}

impl Read for WeekRates {
    const EXPECTED: &str = DayRates::EXPECTED;

    fn read(node: &Node, report: &mut Report) -> Option<Self> {
        let Value::Table(table) = &node.value else {
            return DayRates::read(node, report).map(WeekRates::Daily);
        };
        let mut named = 0;
        let days = table.entries.iter().filter_map(|(key, node)| read_weekday(key, node, &mut named, report)).collect();
        Some(WeekRates::Weekly(ByWeekday(days)))
    }
}

schema_of!(WeekRates, "WeekRates", {
    "description": "Arrivals per hour: a number, a list that splits the day evenly, or either by weekdays.",
    "anyOf": [
        { "type": "number", "minimum": 0 },
        { "type": "array", "items": { "type": "number", "minimum": 0 } },
        { "type": "object", "additionalProperties": {
            "anyOf": [{ "type": "number", "minimum": 0 }, { "type": "array", "items": { "type": "number", "minimum": 0 } }]
        } }
    ]
});

/// What a distribution is a distribution of.
pub(super) trait Quantity: Clone {
    /// What a single value looks like.
    const EXPECTED: &str;
    /// What a distribution looks like.
    const DISTRIBUTION: &str;
    /// Its name in the JSON Schema.
    const NAME: &str;

    /// A single value: seconds, or the factor itself.
    fn read(node: &Node, report: &mut Report) -> Option<f64>;

    /// The JSON Schema of a single value.
    fn schema() -> serde_json::Value;
}

/// Lengths of time.
#[derive(Clone, Copy, Debug)]
pub(super) enum Times {}

impl Quantity for Times {
    const EXPECTED: &str = Duration::EXPECTED;
    const DISTRIBUTION: &str =
        "a duration such as \"15m\", or a distribution such as { exponential = { mean = \"5m\" } }";
    const NAME: &str = "DurationDistribution";

    fn read(node: &Node, report: &mut Report) -> Option<f64> {
        Duration::read(node, report).map(|Duration(span)| span.as_secs_f64())
    }

    fn schema() -> serde_json::Value {
        serde_json::json!({ "type": "string" })
    }
}

/// Plain factors.
#[derive(Clone, Copy, Debug)]
pub(super) enum Factors {}

impl Quantity for Factors {
    const EXPECTED: &str = "a number";
    const DISTRIBUTION: &str = "a number, or a distribution such as { lognormal = { mean = 1.0, cv = 0.15 } }";
    const NAME: &str = "FactorDistribution";

    fn read(node: &Node, report: &mut Report) -> Option<f64> {
        NotNegative::read(node, report).map(|NotNegative(number)| number)
    }

    fn schema() -> serde_json::Value {
        serde_json::json!({ "type": "number", "minimum": 0 })
    }
}

/// A distribution, as written.
#[derive(Clone, Debug)]
pub(super) struct Distribution<Q> {
    pub(super) place: Place,
    pub(super) form: Form<Q>,
}

/// The forms of a distribution. Values are seconds or factors.
#[derive(Clone, Debug)]
pub(super) enum Form<Q> {
    Never,
    Constant(f64),
    Exponential { mean: f64 },
    Lognormal { mean: f64, cv: f64 },
    Gamma { mean: f64, cv: f64 },
    Weibull { mean: f64, shape: f64 },
    Uniform { min: f64, max: f64 },
    Triangular { min: f64, mode: f64, max: f64 },
    Empirical { values: Vec<f64>, weights: Vec<f64> },
    File { file: At<String>, column: At<String>, of: PhantomData<Q> },
    Mixture(Vec<(f64, Distribution<Q>)>),
}

const FORMS: [&str; 8] =
    ["exponential", "lognormal", "gamma", "weibull", "uniform", "triangular", "empirical", "mixture"];

impl<Q: Quantity> Read for Distribution<Q> {
    const EXPECTED: &str = Q::DISTRIBUTION;

    fn read(node: &Node, report: &mut Report) -> Option<Self> {
        let form = match &node.value {
            Value::Text(text) if text == "never" => Form::Never,
            Value::Table(_) => {
                let (key, inner) = only_key(node, &FORMS, Self::EXPECTED, report)?;
                read_form(key, inner, report)?
            }
            Value::Text(_) | Value::Integer(_) | Value::Float(_) => Form::Constant(Q::read(node, report)?),
            _ => {
                wrong_type::<Self>(node, report);
                return None;
            }
        };
        Some(Distribution { place: node.place, form })
    }
}

/// The only key of a table that names one of several forms.
fn only_key<'a>(
    node: &'a Node,
    forms: &[&'static str],
    expected: &str,
    report: &mut Report,
) -> Option<(&'a str, &'a Node)> {
    let Value::Table(table) = &node.value else { return None };
    let mut unknown = false;
    for (key, _) in &table.entries {
        if !forms.contains(&key.name.as_str()) {
            unknown = true;
            report.error(
                key.place,
                format!("unknown distribution `{}`", key.name),
                "",
                help_with_name(&key.name, forms.iter().copied(), "the distributions", ""),
            );
        }
    }
    if unknown {
        return None;
    }
    match table.entries.as_slice() {
        [(key, inner)] => Some((&key.name, inner)),
        _ => {
            report.error(
                node.place,
                format!("a distribution has one form, this has {}", table.entries.len()),
                "",
                format!("write {expected}"),
            );
            None
        }
    }
}

fn read_form<Q: Quantity>(form: &str, node: &Node, report: &mut Report) -> Option<Form<Q>> {
    let quantity = |name: &'static str| Parameter { name, read: Q::read, expected: Q::EXPECTED };
    let number = |name: &'static str| Parameter { name, read: plain, expected: "a number" };
    match form {
        "exponential" => {
            let [mean] = parameters(node, [quantity("mean")], report)?;
            Some(Form::Exponential { mean })
        }
        "lognormal" => {
            let [mean, cv] = parameters(node, [quantity("mean"), number("cv")], report)?;
            Some(Form::Lognormal { mean, cv })
        }
        "gamma" => {
            let [mean, cv] = parameters(node, [quantity("mean"), number("cv")], report)?;
            Some(Form::Gamma { mean, cv })
        }
        "weibull" => {
            let [mean, shape] = parameters(node, [quantity("mean"), number("shape")], report)?;
            Some(Form::Weibull { mean, shape })
        }
        "uniform" => {
            let [min, max] = parameters(node, [quantity("min"), quantity("max")], report)?;
            Some(Form::Uniform { min, max })
        }
        "triangular" => {
            let [min, mode, max] = parameters(node, [quantity("min"), quantity("mode"), quantity("max")], report)?;
            Some(Form::Triangular { min, mode, max })
        }
        "empirical" => Empirical::<Q>::read(node, report).map(|empirical| empirical.0),
        "mixture" => {
            let Value::List(parts) = &node.value else {
                wrong_type::<Vec<Part<Q>>>(node, report);
                return None;
            };
            let read: Vec<Part<Q>> = parts.iter().filter_map(|part| Part::read(part, report)).collect();
            (read.len() == parts.len())
                .then(|| Form::Mixture(read.into_iter().map(|Part { weight, of }| (weight, of)).collect()))
        }
        _ => None,
    }
}

/// A named number of a distribution.
struct Parameter {
    name: &'static str,
    read: fn(&Node, &mut Report) -> Option<f64>,
    expected: &'static str,
}

fn plain(node: &Node, report: &mut Report) -> Option<f64> {
    f64::read(node, report)
}

/// Reads the numbers of a distribution, all of them needed and no others known.
fn parameters<const N: usize>(node: &Node, wanted: [Parameter; N], report: &mut Report) -> Option<[f64; N]> {
    let Value::Table(table) = &node.value else {
        let names: Vec<String> = wanted.iter().map(|parameter| format!("{} = …", parameter.name)).collect();
        report.error(
            node.place,
            format!("expected a distribution's parameters, found {}", node.value.kind()),
            "",
            format!("write {{ {} }}", names.join(", ")),
        );
        return None;
    };
    let names = wanted.iter().map(|parameter| parameter.name);
    let mut misspelt = Vec::new();
    for (key, _) in &table.entries {
        if !names.clone().any(|name| name == key.name) {
            let help = help_with_name(&key.name, names.clone(), "the parameters", "");
            report.error(key.place, format!("unknown parameter `{}`", key.name), "", help);
            misspelt.extend(nearest(&key.name, names.clone()));
        }
    }
    let mut values = [0.0; N];
    let mut complete = true;
    for (value, parameter) in values.iter_mut().zip(&wanted) {
        let read = match table.get(parameter.name) {
            Some(node) => (parameter.read)(node, report),
            None => {
                if !misspelt.contains(&parameter.name) {
                    super::read::missing(node.place, parameter.name, parameter.expected, report);
                }
                None
            }
        };
        match read {
            Some(read) => *value = read,
            None => complete = false,
        }
    }
    complete.then_some(values)
}

/// `{ values, weights }` or `{ file, column }`.
struct Empirical<Q>(Form<Q>);

impl<Q: Quantity> Read for Empirical<Q> {
    const EXPECTED: &str = "{ values = […] } or { file = \"x.csv\", column = \"s\" }";

    fn read(node: &Node, report: &mut Report) -> Option<Self> {
        let mut fields = super::read::Fields::of::<Self>(node, report)?;
        let values: Option<Values<Q>> = fields.take::<Option<Values<Q>>>("values", report)?;
        let weights: Option<At<Vec<At<NotNegative>>>> = fields.take("weights", report)?;
        let file: Option<At<String>> = fields.take("file", report)?;
        let column: Option<At<String>> = fields.take("column", report)?;
        let broken = fields.finish(&["values", "weights", "file", "column"], report);
        match (values, file, column) {
            (Some(values), None, None) => {
                if let Some(weights) = &weights
                    && weights.value.len() != values.0.len()
                    && broken.is_empty()
                {
                    report.error(
                        weights.place,
                        "weights that do not fit",
                        format!("{} weights for {} values", weights.value.len(), values.0.len()),
                        "give every value one weight",
                    );
                    return None;
                }
                let weights = weights.map(|weights| weights.value.iter().map(|weight| weight.value.0).collect());
                Some(Empirical(Form::Empirical { values: values.0, weights: weights.unwrap_or_default() }))
            }
            (None, Some(file), Some(column)) if weights.is_none() => {
                Some(Empirical(Form::File { file, column, of: PhantomData }))
            }
            _ if broken.is_empty() => {
                report.error(
                    node.place,
                    "an empirical distribution has values or a file",
                    "",
                    format!("write {}", Self::EXPECTED),
                );
                None
            }
            _ => None,
        }
    }
}

struct Values<Q>(Vec<f64>, PhantomData<Q>);

impl<Q: Quantity> Read for Values<Q> {
    const EXPECTED: &str = "a list of values";

    fn read(node: &Node, report: &mut Report) -> Option<Self> {
        let Value::List(items) = &node.value else {
            wrong_type::<Self>(node, report);
            return None;
        };
        let values: Vec<f64> = items.iter().filter_map(|item| Q::read(item, report)).collect();
        (values.len() == items.len()).then_some(Values(values, PhantomData))
    }
}

/// A part of a mixture.
struct Part<Q> {
    weight: f64,
    of: Distribution<Q>,
}

impl<Q: Quantity> Read for Part<Q> {
    const EXPECTED: &str = "a list of { weight = …, of = … }";

    fn read(node: &Node, report: &mut Report) -> Option<Self> {
        let mut fields = super::read::Fields::of::<Self>(node, report)?;
        let weight: Option<NotNegative> = fields.take("weight", report);
        let of: Option<Distribution<Q>> = fields.take("of", report);
        fields.finish(&["weight", "of"], report);
        Some(Part { weight: weight?.0, of: of? })
    }
}

impl<Q: Quantity> JsonSchema for Distribution<Q> {
    fn schema_name() -> Cow<'static, str> {
        Q::NAME.into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let one = Q::schema();
        let of = generator.subschema_for::<Self>();
        let shaped = |properties: &[(&str, serde_json::Value)]| {
            let required: Vec<&str> = properties.iter().map(|(name, _)| *name).collect();
            let properties: serde_json::Map<String, serde_json::Value> =
                properties.iter().map(|(name, schema)| ((*name).to_owned(), schema.clone())).collect();
            serde_json::json!({
                "type": "object", "properties": properties, "required": required, "additionalProperties": false
            })
        };
        let number = serde_json::json!({ "type": "number" });
        let mean = || ("mean", one.clone());
        let forms = [
            ("exponential", shaped(&[mean()])),
            ("lognormal", shaped(&[mean(), ("cv", number.clone())])),
            ("gamma", shaped(&[mean(), ("cv", number.clone())])),
            ("weibull", shaped(&[mean(), ("shape", number.clone())])),
            ("uniform", shaped(&[("min", one.clone()), ("max", one.clone())])),
            ("triangular", shaped(&[("min", one.clone()), ("mode", one.clone()), ("max", one.clone())])),
            (
                "empirical",
                serde_json::json!({ "type": "object", "properties": {
                    "values": { "type": "array", "items": one },
                    "weights": { "type": "array", "items": { "type": "number", "minimum": 0 } },
                    "file": { "type": "string" },
                    "column": { "type": "string" }
                }, "additionalProperties": false }),
            ),
            (
                "mixture",
                serde_json::json!({ "type": "array", "items": {
                    "type": "object",
                    "properties": { "weight": { "type": "number", "minimum": 0 }, "of": of },
                    "required": ["weight", "of"],
                    "additionalProperties": false
                } }),
            ),
        ];
        let forms: Vec<serde_json::Value> =
            forms.iter().map(|(name, schema)| shaped(&[(name, schema.clone())])).collect();
        let mut any = vec![Q::schema(), serde_json::json!({ "const": "never" })];
        any.extend(forms);
        json_schema!({ "anyOf": any })
    }
}

/// A distribution of whole numbers from 1, as written.
#[derive(Clone, Debug)]
pub(super) struct CountDistribution {
    pub(super) place: Place,
    pub(super) form: CountForm,
}

/// The forms of a distribution of whole numbers.
#[derive(Clone, Debug)]
pub(super) enum CountForm {
    Constant(u32),
    Geometric(f64),
    Poisson(f64),
    Weights(Vec<f64>),
}

impl CountDistribution {
    /// Whether it can be more than 1.
    pub(super) fn exceeds_one(&self) -> bool {
        match &self.form {
            CountForm::Constant(count) => *count > 1,
            CountForm::Geometric(mean) => *mean > 1.0,
            CountForm::Poisson(mean) => *mean > 0.0,
            CountForm::Weights(weights) => weights.iter().skip(1).any(|weight| *weight > 0.0),
        }
    }
}

impl Read for CountDistribution {
    const EXPECTED: &str = "a whole number, or a distribution such as { geometric = { mean = 2.5 } }";

    fn read(node: &Node, report: &mut Report) -> Option<Self> {
        let form = match &node.value {
            Value::Integer(_) => CountForm::Constant(
                Whole::<1, { limits::REPLIES as i64 }>::read(node, report).map(|Whole(count)| count as u32)?,
            ),
            Value::Table(_) => {
                let (key, inner) = only_key(node, &["geometric", "poisson", "weights"], Self::EXPECTED, report)?;
                let mean = |report: &mut Report| {
                    parameters(inner, [Parameter { name: "mean", read: plain, expected: "a number" }], report)
                        .map(|[mean]| mean)
                };
                match key {
                    "geometric" => CountForm::Geometric(mean(report)?),
                    "poisson" => CountForm::Poisson(mean(report)?),
                    _ => {
                        let weights: Vec<At<NotNegative>> = Vec::read(inner, report)?;
                        CountForm::Weights(weights.iter().map(|weight| weight.value.0).collect())
                    }
                }
            }
            _ => {
                wrong_type::<Self>(node, report);
                return None;
            }
        };
        Some(CountDistribution { place: node.place, form })
    }
}

schema_of!(CountDistribution, "CountDistribution", {
    "anyOf": [
        { "type": "integer", "minimum": 1, "maximum": limits::REPLIES },
        { "type": "object", "properties": { "geometric": {
            "type": "object", "properties": { "mean": { "type": "number", "minimum": 1, "maximum": limits::REPLIES_ON_AVERAGE } }, "required": ["mean"]
        } }, "required": ["geometric"], "additionalProperties": false },
        { "type": "object", "properties": { "poisson": {
            "type": "object", "properties": { "mean": { "type": "number", "minimum": 0, "maximum": limits::REPLIES_ON_AVERAGE } }, "required": ["mean"]
        } }, "required": ["poisson"], "additionalProperties": false },
        { "type": "object", "properties": { "weights": { "type": "array", "items": { "type": "number", "minimum": 0 } } },
          "required": ["weights"], "additionalProperties": false }
    ]
});
