//! Cases: small scripts that test rules (SCENARIO, Cases).

use super::journal::{
    Bench, DecodeError, Dry, EFFECTS, ReadChange, decode_at, decode_command, kind_of, ticket_number, write_instant,
};
use super::names::offer;
use super::{Model, Names};
use crate::desk::{Desk, FieldKind, StatusId, TicketId, TicketState};
use crate::time::{Instant, Span};
use serde_json::{Map, Value};
use std::fmt;
use std::ops::Range;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

/// A desk, steps and what must follow.
#[derive(Clone, Debug)]
pub struct Case {
    /// The IDs of the rules that it tests.
    pub rules: Vec<String>,
    /// Where its desk stands.
    pub desk: DeskPlace,
    /// What is wrong with it as far as can be told without its desk; [`Case::check`] tells the rest.
    pub flaws: Vec<Flaw>,
    steps: Vec<Step>,
}

/// Where a case's desk stands.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum DeskPlace {
    /// In the scenario of this path, which starts where the case lies; and where the case says so.
    File(String, Range<usize>),
    /// In the case itself, under `[scenario]`.
    Inline,
    /// Nowhere, which is a flaw.
    Nowhere,
}

/// Something wrong with a case file.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Flaw {
    /// The bytes of the file that are meant.
    pub span: Range<usize>,
    /// What is wrong.
    pub message: String,
    /// A way out.
    pub help: Option<String>,
}

/// The first step of a case that failed.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct CaseFailure {
    /// Which step, counted from 1.
    pub step: usize,
    /// The line of the file on which it begins.
    pub line: usize,
    /// When it was.
    pub at: Instant,
    /// Its command, in the log's words.
    pub command: String,
    /// What is not as expected, one sentence each.
    pub reasons: Vec<String>,
    /// The effects that did happen, in the log's words.
    pub effects: Vec<String>,
}

#[derive(Clone, Debug)]
struct Step {
    line: usize,
    at: Instant,
    command: Spot,
    expect: Vec<Spot>,
    never: Vec<Spot>,
    state: Vec<(String, Range<usize>, Spot)>,
    users: Vec<(String, Range<usize>, Spot)>,
}

const TICKET_FACTS: &[&str] = &["state", "assignee", "cycle", "escalated", "breached"];
const USER_FACTS: &[&str] = &["status", "open", "pending"];
const TICKET_HELP: &str = "a ticket's ID is a number of seven digits or more: \"0000001\"";
const STATES: &[&str] = &["consent", "queued", "pending", "awaiting_customer", "closed"];

impl Case {
    /// Reads a case; its scenario, inline or not, is read by whoever has the means.
    ///
    /// # Errors
    /// Where it is no TOML. What else is wrong is kept in [`Case::flaws`], so that it can be told together with what is wrong with the
    /// scenario.
    pub fn parse(text: &str) -> Result<Case, Vec<Flaw>> {
        let (table, errors) = DeTable::parse_recoverable(text);
        if !errors.is_empty() {
            let flaw = |error: &toml::de::Error| Flaw {
                span: error.span().unwrap_or(0..0),
                message: format!("this is not TOML: {}", error.message()),
                help: Some(syntax_help(error.message()).to_owned()),
            };
            return Err(errors.iter().map(flaw).collect());
        }
        let root = Spot::table(table.into_inner(), 0..0);
        let mut reader = Reader { text, flaws: Vec::new() };
        let case = reader.case(&root);
        Ok(Case { flaws: reader.flaws, ..case })
    }

    /// How many steps there are.
    pub fn steps(&self) -> usize {
        self.steps.len()
    }

    /// Checks every name and value against the desk that the case is for.
    ///
    /// # Errors
    /// Everything that is wrong with the case, in the order of the file.
    pub fn check(&self, model: &Model, read: &ReadChange<'_>) -> Result<(), Vec<Flaw>> {
        let mut names = model.names.clone();
        let kinds: Vec<FieldKind> = model.settings.fields.iter().map(|field| field.kind).collect();
        let mut dry = Dry { kinds: &kinds, read };
        let mut flaws = self.flaws.clone();
        for step in &self.steps {
            if let Err(error) = decode_command(&step.command.to_json(), &mut names, &mut dry) {
                flaws.push(Flaw::at(&step.command, error));
            }
        }
        // Now the names of statuses that the case makes are known as well.
        for step in &self.steps {
            for pattern in step.expect.iter().chain(&step.never) {
                for (effect, fields) in pattern.entries() {
                    for (field, value) in fields.entries() {
                        flaws.extend(Says::of(effect, field).and_then(|says| says.flaw(value, &names)));
                    }
                }
            }
            for (_, _, facts) in &step.state {
                flaws.extend(facts.get("assignee").and_then(|assignee| Says::User.flaw(assignee, &names)));
            }
            for (name, span, facts) in &step.users {
                if names.find_user(name).is_none() {
                    flaws.push(Flaw::unknown("user", name, names.user_names(), span));
                }
                flaws.extend(facts.get("status").and_then(|status| Says::Status.flaw(status, &names)));
            }
        }
        flaws.sort_by_key(|flaw| flaw.span.start);
        if flaws.is_empty() { Ok(()) } else { Err(flaws) }
    }

    /// Runs the case on a desk of its own.
    ///
    /// # Errors
    /// The first step that failed.
    ///
    /// # Panics
    /// If the desk refuses the model's settings: lowering a scenario has checked them.
    pub fn run(&self, model: &Model, read: &ReadChange<'_>) -> Result<(), CaseFailure> {
        // Nothing is drawn at random in a case, so the seed is any.
        let mut bench = Bench::new(model, 0, read);
        let mut log = Vec::new();
        for (index, step) in self.steps.iter().enumerate() {
            log.clear();
            bench.pass_to(step.at, &mut log);
            let command = step.command.to_json();
            let mut reasons = Vec::new();
            match bench.decode(&command) {
                Ok(command) => bench.apply(step.at, command, &mut log),
                Err(error) => reasons.push(error.to_string()),
            }
            // Deadlines of an instant come after its last command, and belong to that step (SLA-4).
            if self.steps.get(index + 1).is_none_or(|next| next.at > step.at) {
                bench.pass_over(step.at, &mut log);
            }
            debug_assert_eq!(bench.desk().audit(), Ok(()), "step {}", index + 1);
            let lines: Vec<&str> = str::from_utf8(&log).expect("the encoder writes text").lines().collect();
            let effects: Vec<Value> = lines.iter().map(|line| read_effect(line)).collect();
            reasons.extend(step.unmet(&effects));
            reasons.extend(step.wrong_facts(bench.names(), bench.desk()));
            if !reasons.is_empty() {
                return Err(CaseFailure {
                    step: index + 1,
                    line: step.line,
                    at: step.at,
                    command: command.to_string(),
                    reasons,
                    effects: lines.iter().map(|line| (*line).to_owned()).collect(),
                });
            }
        }
        Ok(())
    }
}

impl fmt::Display for CaseFailure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut at = Vec::new();
        write_instant(&mut at, self.at);
        let at = str::from_utf8(&at).expect("digits are text");
        writeln!(f, "step {} (line {}) at {at}s: {}", self.step, self.line, self.command)?;
        for reason in &self.reasons {
            writeln!(f, "  {reason}")?;
        }
        if self.effects.is_empty() {
            return write!(f, "  nothing happened");
        }
        write!(f, "  what happened:")?;
        for effect in &self.effects {
            write!(f, "\n    {effect}")?;
        }
        Ok(())
    }
}

impl Step {
    /// Expectations that no effect meets, and effects that never should have been.
    fn unmet(&self, effects: &[Value]) -> Vec<String> {
        let expect: Vec<Value> = self.expect.iter().map(Spot::to_pattern).collect();
        let candidates: Vec<Vec<usize>> = expect
            .iter()
            .map(|pattern| (0..effects.len()).filter(|&effect| fits(pattern, &effects[effect])).collect())
            .collect();
        let met = match_each(&candidates, effects.len());
        let mut reasons = Vec::new();
        for ((pattern, candidates), met) in expect.iter().zip(&candidates).zip(met) {
            match (met, candidates.len()) {
                (true, _) => {}
                (false, 0) => reasons.push(format!("expected {pattern}, which did not happen")),
                (false, _) => reasons.push(format!(
                    "expected {pattern}, and what matches it is needed by another expectation: each matches another effect"
                )),
            }
        }
        for pattern in self.never.iter().map(Spot::to_pattern) {
            if let Some(effect) = effects.iter().find(|effect| fits(&pattern, effect)) {
                reasons.push(format!("never {pattern}, and {effect} happened"));
            }
        }
        reasons
    }

    /// Tickets and users that are not as they should be.
    fn wrong_facts(&self, names: &Names, desk: &Desk) -> Vec<String> {
        let mut reasons = Vec::new();
        for (id, _, facts) in &self.state {
            let Some(ticket) = ticket_number(id).and_then(|number| desk.find(number)) else {
                reasons.push(format!("expected ticket {id}, which does not exist"));
                continue;
            };
            let actual = Map::from_iter([
                ("state".to_owned(), state_word(desk.state(ticket)).into()),
                ("assignee".to_owned(), desk.assignee(ticket).map_or("none", |user| names.user(user)).into()),
                ("cycle".to_owned(), desk.cycle(ticket).into()),
                ("escalated".to_owned(), desk.is_escalated(ticket).into()),
                ("breached".to_owned(), desk.is_breached(ticket).into()),
            ]);
            let nobody = desk.assignee(ticket).is_none();
            for (fact, expected) in facts.entries() {
                let expected = expected.to_json();
                let absent = nobody && fact == "assignee" && expected.as_str().is_some_and(is_nobody);
                if !absent && !fits(&expected, &actual[fact]) {
                    reasons
                        .push(format!("expected ticket {id} to have {fact} = {expected}, and it is {}", actual[fact]));
                }
            }
        }
        for (name, _, facts) in &self.users {
            let Some(user) = names.find_user(name) else {
                reasons.push(format!("expected user `{name}`, who does not exist"));
                continue;
            };
            let status = names.text(desk.status_name(desk.user_status(user)).shown);
            let actual = Map::from_iter([
                ("status".to_owned(), status.into()),
                ("open".to_owned(), desk.open_count(user).into()),
                ("pending".to_owned(), desk.pending_count(user).into()),
            ]);
            for (fact, expected) in facts.entries() {
                let expected = expected.to_json();
                if !fits(&expected, &actual[fact]) {
                    reasons.push(format!("expected {name} to have {fact} = {expected}, and it is {}", actual[fact]));
                }
            }
        }
        reasons
    }
}

/// Whether a value is as a pattern says: what a table leaves out may be anything, and nothing is said as `"none"`, `""` or `[]`.
fn fits(pattern: &Value, actual: &Value) -> bool {
    match (pattern, actual) {
        (Value::Object(pattern), Value::Object(actual)) => {
            pattern.iter().all(|(key, value)| fits(value, actual.get(key).unwrap_or(&Value::Null)))
        }
        (Value::Array(pattern), Value::Array(actual)) => {
            pattern.len() == actual.len() && pattern.iter().zip(actual).all(|(pattern, actual)| fits(pattern, actual))
        }
        (Value::Number(pattern), Value::Number(actual)) => pattern.as_f64() == actual.as_f64(),
        // An instant, such as `due`, may be written as a duration.
        (Value::String(pattern), Value::Number(_)) => match (pattern.parse::<Span>(), decode_at(actual)) {
            (Ok(span), Ok(at)) => Instant::ZERO + span == at,
            _ => false,
        },
        (Value::String(pattern), Value::Null) => is_nobody(pattern),
        (Value::Array(pattern), Value::Null) => pattern.is_empty(),
        (pattern, actual) => pattern == actual,
    }
}

fn is_nobody(name: &str) -> bool {
    name.is_empty() || name == "none"
}

/// Gives each expectation an effect of its own out of its candidates, to as many as can be (Kuhn's augmenting paths); who got one.
fn match_each(candidates: &[Vec<usize>], effects: usize) -> Vec<bool> {
    fn place(pattern: usize, candidates: &[Vec<usize>], holder: &mut [Option<usize>], tried: &mut [bool]) -> bool {
        for &effect in &candidates[pattern] {
            if std::mem::replace(&mut tried[effect], true) {
                continue;
            }
            if holder[effect].is_none_or(|other| place(other, candidates, holder, tried)) {
                holder[effect] = Some(pattern);
                return true;
            }
        }
        false
    }
    let mut holder = vec![None; effects];
    for pattern in 0..candidates.len() {
        place(pattern, candidates, &mut holder, &mut vec![false; effects]);
    }
    let mut met = vec![false; candidates.len()];
    for pattern in holder.into_iter().flatten() {
        met[pattern] = true;
    }
    met
}

fn read_effect(line: &str) -> Value {
    let mut line: Value = serde_json::from_str(line).expect("the encoder writes JSON");
    line["effect"].take()
}

fn state_word(state: TicketState) -> &'static str {
    match state {
        TicketState::Consent => "consent",
        TicketState::Queued => "queued",
        TicketState::Pending => "pending",
        TicketState::AwaitingCustomer => "awaiting_customer",
        TicketState::Closed => "closed",
    }
}

/// What an expectation may say in a field of an effect, where only some values can ever be there.
#[derive(Clone, Copy)]
enum Says {
    User,
    /// A user, or one of these words.
    UserOr(&'static [&'static str]),
    Channel,
    Group,
    Ticket,
    Status,
    Word(&'static [&'static str]),
    /// One or more fields, in a list.
    Fields,
    Instant,
    Whole,
}

impl Says {
    fn of(effect: &str, field: &str) -> Option<Says> {
        Some(match (effect, field) {
            (_, "ticket") => Says::Ticket,
            (_, "channel") => Says::Channel,
            (_, "group") => Says::Group,
            (_, "timer") => Says::Word(&["first_response", "closure"]),
            ("closed", "by") => Says::UserOr(&["customer", "system"]),
            ("status_changed", "by") => Says::UserOr(&["system"]),
            ("status_changed", "from" | "to") => Says::Status,
            (_, "user" | "by" | "from" | "to") => Says::User,
            ("queued", "as") => Says::Word(&["new_conversation", "new_session"]),
            ("assigned", "how") => Says::Word(&["auto", "manual", "escalation", "reopen", "own"]),
            ("sla_ended", "outcome") => Says::Word(&["met", "breached", "cancelled", "unanswered", "running"]),
            ("escalated", "cause") => Says::Word(&["manual", "first_response", "closure"]),
            ("auto_message", "kind") => Says::Word(&["greeting", "away", "outside_business_hours"]),
            (_, "empty_fields") => Says::Fields,
            (_, "due") => Says::Instant,
            (_, "cycle") => Says::Whole,
            _ => return None,
        })
    }

    /// What is wrong with a value that no effect can ever have there, as in a slip of the pen; nothing may be said anywhere.
    fn flaw(self, value: &Spot, names: &Names) -> Option<Flaw> {
        let wrong = |expected: &str, help: &str| {
            let message = format!("expected {expected}, found {}", kind_of(&value.to_json()));
            Some(Flaw { span: value.span.clone(), message, help: Some(help.to_owned()) })
        };
        if let Says::Fields = self {
            let Tree::List(fields) = &value.tree else {
                return if value.is_nothing() { None } else { wrong("a list of fields", "write [\"…\"]") };
            };
            return fields.iter().find_map(|field| match field.text() {
                Some(name) if names.find_field(name).is_some() => None,
                Some(name) => Some(Flaw::unknown("custom field", name, names.field_names(), &field.span)),
                None => Says::User.flaw(field, names),
            });
        }
        if let Says::Whole | Says::Instant = self {
            let json = value.to_json();
            return match self {
                Says::Whole if json.is_u64() => None,
                Says::Whole => wrong("a whole number", "write a number such as 2"),
                _ if value.is_nothing() => None,
                _ => decode_at(&json).err().map(|error| Flaw::at(value, error)),
            };
        }
        let Some(name) = value.text() else { return wrong("a text", "write it in double quotes") };
        if is_nobody(name) {
            return None;
        }
        let unknown = |what, known: &mut dyn Iterator<Item = &str>| {
            let known: Vec<&str> = known.collect();
            Some(Flaw::unknown(what, name, known.iter().copied(), &value.span))
        };
        match self {
            Says::User | Says::UserOr(_) if names.find_user(name).is_some() => None,
            Says::UserOr(words) if words.contains(&name) => None,
            Says::User => unknown("user", &mut names.user_names()),
            Says::UserOr(words) => unknown("user", &mut names.user_names().chain(words.iter().copied())),
            Says::Channel if names.find_channel(name).is_some() => None,
            Says::Channel => unknown("channel", &mut names.channel_names()),
            Says::Group if names.find_group(name).is_some() => None,
            Says::Group => unknown("group", &mut names.group_names()),
            // Whoever is in no scenario's table may still be made by a command: every name that was read is known.
            Says::Status if names.find_status_name(name).is_some() => None,
            Says::Status => unknown("status", &mut StatusId::SYSTEM_NAMES.into_iter()),
            Says::Ticket if ticket_number(name).is_some() => None,
            Says::Ticket => {
                let message = format!("`{name}` is no ticket's ID");
                Some(Flaw { span: value.span.clone(), message, help: Some(TICKET_HELP.to_owned()) })
            }
            Says::Word(words) if words.contains(&name) => None,
            Says::Word(words) => {
                let message = format!("it is never `{name}`");
                Some(Flaw { span: value.span.clone(), message, help: Some(offer(name, words.iter().copied())) })
            }
            Says::Fields | Says::Instant | Says::Whole => unreachable!("told above"),
        }
    }
}

impl Flaw {
    /// An error inside a value, at the spot that its path leads to.
    fn at(spot: &Spot, error: DecodeError) -> Flaw {
        let message = match error.path.last() {
            Some(key) if error.path.len() > 1 => format!("`{key}`: {}", error.message),
            _ => error.message,
        };
        Flaw { span: spot.follow(&error.path), message, help: error.help }
    }

    /// A name that nobody bears.
    fn unknown<'a>(what: &str, name: &str, known: impl Iterator<Item = &'a str> + Clone, span: &Range<usize>) -> Flaw {
        let help = offer(name, known);
        Flaw { span: span.clone(), message: format!("no {what} is called `{name}`"), help: Some(help) }
    }
}

/// A way out for who wrote what TOML's parser says this of.
pub(crate) fn syntax_help(message: &str) -> &'static str {
    if message.contains("duplicate key") {
        "a key stands once in a table: rename or remove one of the two"
    } else if message.contains("string") || message.contains("quote") {
        "texts, durations and names stand in double quotes: \"15m\""
    } else {
        "see https://toml.io for the format; texts and durations stand in double quotes: \"15m\""
    }
}

/// A TOML value and where it stands.
#[derive(Clone, Debug)]
struct Spot {
    span: Range<usize>,
    tree: Tree,
}

#[derive(Clone, Debug)]
enum Tree {
    Leaf(Value),
    List(Vec<Spot>),
    Table(Vec<(String, Range<usize>, Spot)>),
}

impl Spot {
    fn table(table: DeTable<'_>, span: Range<usize>) -> Spot {
        let entry = |(key, value): (Spanned<std::borrow::Cow<'_, str>>, Spanned<DeValue<'_>>)| {
            let span = key.span();
            (key.into_inner().into_owned(), span, Spot::value(value))
        };
        Spot { span, tree: Tree::Table(table.into_iter().map(entry).collect()) }
    }

    fn value(value: Spanned<DeValue<'_>>) -> Spot {
        let span = value.span();
        let leaf = match value.into_inner() {
            DeValue::Table(table) => return Spot::table(table, span),
            DeValue::Array(items) => {
                return Spot { span, tree: Tree::List(items.into_iter().map(Spot::value).collect()) };
            }
            DeValue::String(text) => Value::String(text.into_owned()),
            DeValue::Integer(number) => match i64::from_str_radix(number.as_str(), number.radix()) {
                Ok(number) => number.into(),
                // Out of range, which only a number without an exact value says.
                Err(_) => number.as_str().parse::<f64>().unwrap_or(f64::MAX).into(),
            },
            // What is no number in JSON (`inf`, `nan`) becomes nothing there, and fits nowhere.
            DeValue::Float(number) => number.as_str().parse::<f64>().unwrap_or(f64::NAN).into(),
            DeValue::Boolean(flag) => flag.into(),
            DeValue::Datetime(datetime) => datetime.to_string().into(),
        };
        Spot { span, tree: Tree::Leaf(leaf) }
    }

    /// As a pattern of effects, in which a ticket is written as effects write it.
    fn to_pattern(&self) -> Value {
        let mut pattern = self.to_json();
        for fields in pattern.as_object_mut().into_iter().flat_map(Map::values_mut) {
            if let Some(ticket) = fields.get_mut("ticket")
                && let Some(number) = ticket.as_str().and_then(ticket_number)
            {
                *ticket = TicketId { number, slot: 0 }.to_string().into();
            }
        }
        pattern
    }

    fn to_json(&self) -> Value {
        match &self.tree {
            Tree::Leaf(value) => value.clone(),
            Tree::List(items) => items.iter().map(Spot::to_json).collect(),
            Tree::Table(entries) => {
                Value::Object(entries.iter().map(|(key, _, value)| (key.clone(), value.to_json())).collect())
            }
        }
    }

    fn text(&self) -> Option<&str> {
        match &self.tree {
            Tree::Leaf(Value::String(text)) => Some(text),
            _ => None,
        }
    }

    /// Whether it says that nothing is there.
    fn is_nothing(&self) -> bool {
        self.text().is_some_and(is_nobody)
    }

    fn entries(&self) -> impl Iterator<Item = (&str, &Spot)> {
        let entries = match &self.tree {
            Tree::Table(entries) => entries.as_slice(),
            Tree::Leaf(_) | Tree::List(_) => &[],
        };
        entries.iter().map(|(key, _, value)| (key.as_str(), value))
    }

    fn get(&self, key: &str) -> Option<&Spot> {
        self.entries().find(|(name, _)| *name == key).map(|(_, value)| value)
    }

    /// The place that a path leads to, or where it first leads nowhere.
    fn follow(&self, path: &[String]) -> Range<usize> {
        match path.split_first() {
            Some((key, rest)) => match self.get(key) {
                Some(value) if !(rest.is_empty() && matches!(value.tree, Tree::Table(_))) => value.follow(rest),
                Some(_) => self.key_span(key),
                None => self.span.clone(),
            },
            None => self.span.clone(),
        }
    }

    fn key_span(&self, key: &str) -> Range<usize> {
        match &self.tree {
            Tree::Table(entries) => {
                entries.iter().find(|(name, _, _)| name == key).map_or(self.span.clone(), |(_, span, _)| span.clone())
            }
            Tree::Leaf(_) | Tree::List(_) => self.span.clone(),
        }
    }
}

/// Reads a case's tables and collects what is wrong with them.
struct Reader<'t> {
    text: &'t str,
    flaws: Vec<Flaw>,
}

impl Reader<'_> {
    fn case(&mut self, root: &Spot) -> Case {
        self.known_keys(root, &["rules", "desk", "scenario", "step"], "a case");
        let rules = match root.get("rules") {
            Some(rules) => self.rules(rules),
            None => {
                self.flaw(0..0, "`rules` is missing", Some("name the rules that it tests: rules = [\"CAP-1\"]"));
                Vec::new()
            }
        };
        let desk = match (root.get("desk"), root.get("scenario")) {
            (Some(desk), None) => {
                self.text(desk).map_or(DeskPlace::Nowhere, |path| DeskPlace::File(path, desk.span.clone()))
            }
            (None, Some(_)) => DeskPlace::Inline,
            (Some(desk), Some(_)) => {
                let help = "keep either the path or the tables under [scenario]";
                self.flaw(desk.span.clone(), "a case has one desk, and this one has two", Some(help));
                DeskPlace::Inline
            }
            (None, None) => {
                let help = "give the path of a scenario as `desk`, or its tables under [scenario]";
                self.flaw(0..0, "a case needs a desk", Some(help));
                DeskPlace::Nowhere
            }
        };
        let mut steps: Vec<Step> = Vec::new();
        match root.get("step").map(|steps| (&steps.tree, &steps.span)) {
            Some((Tree::List(list), _)) => {
                for spot in list {
                    if let Some(step) = self.step(spot, steps.last().map_or(Instant::ZERO, |step| step.at)) {
                        steps.push(step);
                    }
                }
            }
            Some((_, span)) => self.flaw(span.clone(), "expected steps", Some("write each under [[step]]")),
            None => self.flaw(0..0, "a case needs steps", Some("write each under [[step]], with `at` and `do`")),
        }
        Case { rules, desk, flaws: Vec::new(), steps }
    }

    fn rules(&mut self, rules: &Spot) -> Vec<String> {
        let Tree::List(list) = &rules.tree else {
            self.flaw(rules.span.clone(), "expected a list of rules", Some("write rules = [\"CAP-1\"]"));
            return Vec::new();
        };
        let mut ids = Vec::new();
        for rule in list {
            if let Some(id) = self.text(rule) {
                ids.push(id);
            }
        }
        ids
    }

    fn step(&mut self, spot: &Spot, earlier: Instant) -> Option<Step> {
        if !matches!(spot.tree, Tree::Table(_)) {
            self.flaw(spot.span.clone(), "expected a step", Some("write each under [[step]], with `at` and `do`"));
            return None;
        }
        self.known_keys(spot, &["at", "do", "expect", "never", "state", "users"], "a step");
        let at = match spot.get("at") {
            Some(at) => match decode_at(&at.to_json()) {
                Ok(instant) if instant < earlier => {
                    self.flaw(at.span.clone(), "the step goes back in time", Some("put the steps in order of `at`"));
                    earlier
                }
                Ok(instant) => instant,
                Err(error) => {
                    self.flaws.push(Flaw::at(at, error));
                    earlier
                }
            },
            None => {
                self.flaw(spot.span.clone(), "`at` is missing", Some("say when the step is: at = \"90s\""));
                earlier
            }
        };
        let command = match spot.get("do") {
            Some(command) => command.clone(),
            None => {
                let help = "say what happens; do = { tick = {} } lets time pass";
                self.flaw(spot.span.clone(), "`do` is missing", Some(help));
                return None;
            }
        };
        let line = self.text[..spot.span.start.min(self.text.len())].matches('\n').count() + 1;
        Some(Step {
            line,
            at,
            command,
            expect: self.patterns(spot.get("expect")),
            never: self.patterns(spot.get("never")),
            state: self.facts(spot.get("state"), TICKET_FACTS, "a ticket"),
            users: self.facts(spot.get("users"), USER_FACTS, "a user"),
        })
    }

    /// Patterns of effects; a name that no effect has would make a pattern that nothing can ever match.
    fn patterns(&mut self, list: Option<&Spot>) -> Vec<Spot> {
        let Some(list) = list else { return Vec::new() };
        let Tree::List(items) = &list.tree else {
            self.flaw(list.span.clone(), "expected a list of effects", Some("write [{ created = {} }]"));
            return Vec::new();
        };
        for item in items {
            let Tree::Table(entries) = &item.tree else {
                self.flaw(item.span.clone(), "expected an effect", Some("write { created = {} }"));
                continue;
            };
            let [(name, name_span, facts)] = entries.as_slice() else {
                self.flaw(item.span.clone(), "expected one effect", Some("put each effect into braces of its own"));
                continue;
            };
            let Some((_, fields)) = EFFECTS.iter().find(|(known, _)| known == name) else {
                let help = offer(name, EFFECTS.iter().map(|(known, _)| *known));
                self.flaw(name_span.clone(), &format!("no effect is called `{name}`"), Some(&help));
                continue;
            };
            if matches!(facts.tree, Tree::Table(_)) {
                self.known_keys(facts, fields, &format!("`{name}`"));
            } else {
                self.flaw(facts.span.clone(), "expected a table", Some(&format!("write {{ {name} = {{}} }}")));
            }
        }
        items.clone()
    }

    fn facts(&mut self, table: Option<&Spot>, known: &[&str], of: &str) -> Vec<(String, Range<usize>, Spot)> {
        let Some(table) = table else { return Vec::new() };
        if !matches!(table.tree, Tree::Table(_)) {
            self.flaw(table.span.clone(), "expected a table", Some("write { NAME = { … } }"));
        }
        let mut facts = Vec::new();
        for (name, spot) in table.entries() {
            if known == TICKET_FACTS && ticket_number(name).is_none() {
                self.flaw(table.key_span(name), &format!("`{name}` is no ticket's ID"), Some(TICKET_HELP));
            }
            self.known_keys(spot, known, of);
            for (fact, value) in spot.entries() {
                self.fact(fact, value);
            }
            facts.push((name.to_owned(), table.key_span(name), spot.clone()));
        }
        facts
    }

    fn fact(&mut self, fact: &str, value: &Spot) {
        let json = value.to_json();
        let expected = match fact {
            "state" | "assignee" | "status" if !json.is_string() => "a text",
            "cycle" | "open" | "pending" if !json.is_u64() => "a whole number",
            "escalated" | "breached" if !json.is_boolean() => "true or false",
            "state" if !STATES.contains(&json.as_str().unwrap_or_default()) => {
                let help = format!("write one of `{}`", STATES.join("`, `"));
                return self.flaw(value.span.clone(), "a ticket has no such state", Some(&help));
            }
            _ => return,
        };
        let help = format!("write {expected}");
        self.flaw(value.span.clone(), &format!("expected {expected}, found {}", kind_of(&json)), Some(&help));
    }

    fn known_keys(&mut self, table: &Spot, known: &[&str], of: &str) {
        if !matches!(table.tree, Tree::Table(_)) {
            let help = format!("write it in braces, with `{}`", known.join("`, `"));
            return self.flaw(table.span.clone(), "expected a table", Some(&help));
        }
        for (key, _) in table.entries() {
            if !known.contains(&key) {
                let help = offer(key, known.iter().copied());
                self.flaw(table.key_span(key), &format!("{of} has no `{key}`"), Some(&help));
            }
        }
    }

    fn text(&mut self, spot: &Spot) -> Option<String> {
        match &spot.tree {
            Tree::Leaf(Value::String(text)) => Some(text.clone()),
            _ => {
                let message = format!("expected a text, found {}", kind_of(&spot.to_json()));
                self.flaw(spot.span.clone(), &message, Some("write it in double quotes"));
                None
            }
        }
    }

    fn flaw(&mut self, span: Range<usize>, message: &str, help: Option<&str>) {
        self.flaws.push(Flaw { span, message: message.to_owned(), help: help.map(str::to_owned) });
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn each_expectation_takes_another_effect() {
        // The first could take either; only if it takes the second does the other find one.
        assert_eq!(match_each(&[vec![0, 1], vec![0]], 2), [true, true]);
        assert_eq!(match_each(&[vec![0], vec![0]], 2), [true, false]);
        assert_eq!(match_each(&[vec![0, 1], vec![0, 1], vec![1, 2]], 3), [true, true, true]);
        assert_eq!(match_each(&[], 3), [] as [bool; 0]);
    }

    #[test]
    fn what_a_pattern_leaves_out_may_be_anything() {
        let effect = json!({"assigned": {"ticket": "0000001", "to": "ana", "how": "auto"}});
        assert!(fits(&json!({"assigned": {}}), &effect));
        assert!(fits(&json!({"assigned": {"to": "ana"}}), &effect));
        assert!(fits(&json!({"assigned": {"from": "none"}}), &effect));
        assert!(!fits(&json!({"assigned": {"to": "none"}}), &effect));
        assert!(!fits(&json!({"assigned": {"to": "ben"}}), &effect));
        assert!(!fits(&json!({"queued": {}}), &effect));
        assert!(fits(&json!({"due": 300}), &json!({"due": 300.0})));
        assert!(fits(&json!({"due": "5m"}), &json!({"due": 300})));
        assert!(!fits(&json!({"due": "6m"}), &json!({"due": 300})));
        assert!(!fits(&json!(["a"]), &json!(["a", "b"])));
        assert!(fits(&json!({"closed": {"empty_fields": []}}), &json!({"closed": {"by": "ana"}})));
        assert!(!fits(&json!({"closed": {"empty_fields": ["a"]}}), &json!({"closed": {"by": "ana"}})));
    }

    #[track_caller]
    fn check_flaws(text: &str, expected: &[(&str, &str)]) {
        let flaws = Case::parse(text).expect("it is TOML").flaws;
        let found: Vec<(&str, &str)> =
            flaws.iter().map(|flaw| (&text[flaw.span.clone()], flaw.message.as_str())).collect();
        assert_eq!(found, expected);
    }

    #[test]
    fn every_flaw_of_a_case_is_told_at_once_with_its_place() {
        check_flaws(
            "rules = [1]\n[scenario]\n[[step]]\nat = \"soon\"\ndo = { tick = {} }\nexpect = [{ craeted = {} }]\n\
             never = [{ created = { tikcet = \"1\" } }]\n[[step]]\nat = 1\ndoo = 2\n",
            &[
                ("1", "expected a text, found a number"),
                ("\"soon\"", &"soon".parse::<Span>().unwrap_err().to_string()),
                ("craeted", "no effect is called `craeted`"),
                ("tikcet", "`created` has no `tikcet`"),
                ("doo", "a step has no `doo`"),
                ("[[step]]", "`do` is missing"),
            ],
        );
        check_flaws(
            "rules = []\n[scenario]\n[[step]]\nat = 2\ndo = { tick = {} }\n[[step]]\nat = 1\ndo = { tick = {} }\n\
             state = { one = { state = \"open\" } }\nusers = { ana = { open = \"1\" } }\n",
            &[
                ("1", "the step goes back in time"),
                ("one", "`one` is no ticket's ID"),
                ("\"open\"", "a ticket has no such state"),
                ("\"1\"", "expected a whole number, found a text"),
            ],
        );
    }
}
