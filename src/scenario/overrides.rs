//! Changes by path: `--set channel.chat.limit.max_open=4`, and the same paths in variants and sweeps.
//!
//! A path names keys from the top, with dots between them; a key with a dot in it stands in double quotes, `*` stands for every
//! key of its level, and a number counts the items of a list from 0. Names of the author's choice (`chat`) must exist; settings
//! (`limit`) may be new, and are then held to the schema like any other.

use super::diagnostic::{Report, help_with_name};
use super::document::{Key, Node, Table, Value, parse_value};
use super::lower::{Change, SweepAxis};
use super::source::{Place, Source};
use crate::simulation::nearest;
use std::ops::Range;

/// Tables of names of the author's choice: a path does not add to them.
const NAMED: [&str; 9] = ["status", "field", "group", "shift", "agent", "channel", "customer", "policy", "variant"];

/// Top-level tables that a path may reach.
const TABLES: [&str; 15] = [
    "title", "run", "desk", "status", "field", "group", "shift", "agent", "channel", "customer", "policy", "event",
    "expect", "check", "staff",
];

/// A key of a path.
#[derive(Clone, Debug, PartialEq)]
struct Segment {
    place: Place,
    /// `None` is `*`.
    name: Option<String>,
}

/// Applies a `--set PATH=VALUE`; what is wrong with it is reported.
pub(super) fn apply(document: &mut Node, set: &str, report: &mut Report) {
    let source = report.add_source(Source::new("--set", set));
    let Some(equals) = equals_sign(set) else {
        report.error(
            Place::new(source, 0..set.len()),
            "`--set` takes PATH=VALUE",
            "there is no `=`",
            "write it like `--set agent.support.count=12`",
        );
        return;
    };
    let Some(value) = value_in(set, equals + 1..set.len(), source, report) else { return };
    set_path(document, &set[..equals], Place::new(source, 0..equals), &value, report);
}

/// Where the path of an argument ends: at the first `=` that is not part of a quoted key.
fn equals_sign(argument: &str) -> Option<usize> {
    let (mut quoted, mut escaped) = (false, false);
    for (at, letter) in argument.char_indices() {
        match letter {
            _ if escaped => escaped = false,
            '\\' if quoted => escaped = true,
            '"' => quoted = !quoted,
            '=' if !quoted => return Some(at),
            _ => {}
        }
    }
    // A quote that nobody closes is no key: it is told so of the path before the sign.
    if quoted { argument.find('=') } else { None }
}

/// The value in a stretch of an argument; `None` if it is none, which is then reported.
fn value_in(argument: &str, range: Range<usize>, source: u32, report: &mut Report) -> Option<Node> {
    let stretch = &argument[range.clone()];
    let start = range.start + (stretch.len() - stretch.trim_start().len());
    let text = stretch.trim();
    let place = Place::new(source, start..start + text.len());
    match parse_value(text, source, start, report) {
        Some(value) => Some(value),
        None if text.starts_with(['"', '\'', '[', '{']) => {
            report.error(place, format!("`{text}` is not a TOML value"), "", "close every quote and bracket");
            None
        }
        // On a command line nobody wants to quote a duration twice.
        None => Some(Node { place, value: Value::Text(text.to_owned()) }),
    }
}

/// Reads a `--vary PATH=VALUE,VALUE,…`; what is wrong with it is reported.
pub(super) fn axis(vary: &str, report: &mut Report) -> Option<SweepAxis> {
    let source = report.add_source(Source::new("--vary", vary));
    let whole = Place::new(source, 0..vary.len());
    let Some(equals) = equals_sign(vary).filter(|equals| !vary[equals + 1..].trim().is_empty()) else {
        let label = if vary.contains('=') { "there is no value" } else { "there is no `=`" };
        let help = "write it like `--vary agent.support.count=10,11,12`";
        report.error(whole, "`--vary` takes PATH=VALUE,VALUE,…", label, help);
        return None;
    };
    let (path, place) = (&vary[..equals], Place::new(source, 0..equals));
    if keys(path).is_none() {
        no_path(path, place, report);
        return None;
    }
    let before = report.errors();
    let values = between_commas(vary, equals + 1);
    let changes: Vec<Change> = values
        .into_iter()
        .filter_map(|range| {
            if vary[range.clone()].trim().is_empty() {
                let help = "write a value on both sides of each comma";
                report.error(Place::new(source, range), "a value is missing", "nothing stands here", help);
                return None;
            }
            let value = value_in(vary, range, source, report)?;
            Some(Change { path: path.to_owned(), place, value })
        })
        .collect();
    (report.errors() == before).then(|| SweepAxis::new(path, place, changes, report))
}

/// Splits what follows `from` at its commas, but for those in quotes and brackets.
fn between_commas(text: &str, from: usize) -> Vec<Range<usize>> {
    let (mut depth, mut quote, mut escaped) = (0_u32, None, false);
    let mut start = from;
    let mut ranges = Vec::new();
    for (at, letter) in text.char_indices().skip_while(|(at, _)| *at < from) {
        match (quote, letter) {
            (Some(_), _) if escaped => escaped = false,
            (Some('"'), '\\') => escaped = true,
            (Some(open), letter) if letter == open => quote = None,
            (Some(_), _) => {}
            (None, '"' | '\'') => quote = Some(letter),
            (None, '[' | '{') => depth += 1,
            (None, ']' | '}') => depth = depth.saturating_sub(1),
            (None, ',') if depth == 0 => {
                ranges.push(start..at);
                start = at + 1;
            }
            (None, _) => {}
        }
    }
    ranges.push(start..text.len());
    ranges
}

/// The keys of a path, `None` for each `*`: the same for every way of writing it. `None` if it is no path.
pub(super) fn keys(path: &str) -> Option<Vec<Option<String>>> {
    Some(split(path, Place::NONE)?.into_iter().map(|segment| segment.name).collect())
}

fn no_path(path: &str, place: Place, report: &mut Report) {
    let help = "write keys with dots between them: agent.support.count";
    report.error(place, format!("`{path}` is not a path"), "", help);
}

/// A name as a key of a path.
pub(super) fn segment(name: &str) -> String {
    let bare = !name.is_empty() && name.chars().all(|letter| letter.is_alphanumeric() || matches!(letter, '_' | '-'));
    if bare { name.to_owned() } else { format!("\"{}\"", name.replace('\\', "\\\\").replace('"', "\\\"")) }
}

/// Sets every value that a path means; what is wrong with the path is reported. `place` is where the path stands.
pub(super) fn set_path(document: &mut Node, path: &str, place: Place, value: &Node, report: &mut Report) {
    let Some(segments) = split(path, place) else {
        no_path(path, place, report);
        return;
    };
    let level = Level { path, depth: 0, named: false };
    descend(document, &segments, level, place, value, report);
}

/// Splits a path at its dots; quoted keys are marked without their quotes only if the path stands in the file as it is.
fn split(path: &str, place: Place) -> Option<Vec<Segment>> {
    // A path that is itself a quoted key of the file starts after the quote.
    let literal = (place.end - place.start) as usize == path.len();
    let offset = if literal { place.start } else { place.start + 1 };
    let mut segments = Vec::new();
    let mut rest = 0;
    loop {
        let (range, next) = key_at(path, rest)?;
        let quoted = path[rest..].trim_start().starts_with('"');
        let name = if quoted { unescaped(&path[range.clone()]) } else { path[range.clone()].to_owned() };
        let place = Place {
            source: place.source,
            start: (offset + range.start as u32).min(place.end),
            end: (offset + range.end as u32).min(place.end),
        };
        segments.push(Segment { place, name: (quoted || name != "*").then_some(name) });
        match next {
            Some(next) => rest = next,
            None => return Some(segments),
        }
    }
}

/// A quoted key: a backslash takes the meaning from the quote or backslash after it.
fn unescaped(key: &str) -> String {
    key.replace("\\\\", "\0").replace("\\\"", "\"").replace('\0', "\\")
}

/// The key that starts at `from`, and where the next one does.
fn key_at(path: &str, from: usize) -> Option<(Range<usize>, Option<usize>)> {
    let rest = &path[from..];
    let (key, after) = match rest.strip_prefix('"') {
        Some(quoted) => {
            let mut escaped = false;
            let closes = |letter: char| {
                let closes = letter == '"' && !escaped;
                escaped = letter == '\\' && !escaped;
                closes
            };
            let end = from + 1 + quoted.find(closes)?;
            (from + 1..end, end + 1)
        }
        None => {
            let end = rest.find('.').map_or(path.len(), |dot| from + dot);
            let key = path[from..end].trim();
            if key.is_empty() || key.contains('"') {
                return None;
            }
            let start = from + path[from..end].find(key)?;
            (start..start + key.len(), end)
        }
    };
    match path[after..].trim_start() {
        "" => Some((key, None)),
        more if more.starts_with('.') => Some((key, Some(path.len() - more.len() + 1))),
        _ => None,
    }
}

/// Where in a path we are.
#[derive(Clone, Copy)]
struct Level<'a> {
    path: &'a str,
    depth: usize,
    /// Whether the keys here are names of the author's choice.
    named: bool,
}

fn descend(node: &mut Node, segments: &[Segment], level: Level<'_>, whole: Place, value: &Node, report: &mut Report) {
    let Some((segment, rest)) = segments.split_first() else {
        *node = value.clone();
        return;
    };
    match &mut node.value {
        Value::Table(table) => descend_table(table, segment, rest, level, whole, value, report),
        Value::List(items) => match &segment.name {
            None if !items.is_empty() => {
                for item in items {
                    descend(item, rest, level.deeper(), whole, value, report);
                }
            }
            Some(name) if name.parse().is_ok_and(|index: usize| index < items.len()) => {
                let index: usize = name.parse().expect("just parsed");
                descend(&mut items[index], rest, level.deeper(), whole, value, report);
            }
            _ => {
                let help = match items.len() {
                    0 => "the list is empty".to_owned(),
                    count => format!("the list's items are 0 to {}", count - 1),
                };
                nothing(segment, level, "this is a list", help, report);
            }
        },
        other => {
            let kind = other.kind();
            let help = format!("this value is {kind}, with nothing inside: end the path before `{}`", segment.shown());
            nothing(segment, level, "nothing lies here", help, report);
        }
    }
}

fn descend_table(
    table: &mut Table,
    segment: &Segment,
    rest: &[Segment],
    level: Level<'_>,
    whole: Place,
    value: &Node,
    report: &mut Report,
) {
    let Some(name) = &segment.name else {
        if table.entries.is_empty() {
            nothing(
                segment,
                level,
                "no key is here",
                "leave the path out, or add what it should change".into(),
                report,
            );
        }
        for (_, node) in &mut table.entries {
            descend(node, rest, level.deeper(), whole, value, report);
        }
        return;
    };
    if table.get(name).is_none() {
        let reachable = level.depth > 0 || TABLES.contains(&name.as_str());
        if level.named || !reachable || (level.depth == 0 && NAMED.contains(&name.as_str())) {
            let known: Vec<&str> = match level.depth {
                0 if NAMED.contains(&name.as_str()) => Vec::new(),
                0 => TABLES.to_vec(),
                _ => table.entries.iter().map(|(key, _)| key.name.as_str()).collect(),
            };
            let help = match nearest(name, known.iter().copied()) {
                Some(nearest) => format!("did you mean `{}`?", level.with(segment, nearest)),
                None => help_with_name(
                    name,
                    known.iter().copied(),
                    "the names here",
                    "nothing of this kind is in the scenario",
                ),
            };
            nothing(segment, level, "no such name", help, report);
            return;
        }
        // A setting that the file leaves out; the schema says later whether there is such a one.
        let new = Node { place: segment.place, value: Value::Table(Table::default()) };
        table.entries.push((Key { place: segment.place, name: name.clone() }, new));
    }
    let named = level.depth == 0 && NAMED.contains(&name.as_str());
    let node = table.get_mut(name).expect("it is there or was just added");
    descend(node, rest, Level { named, ..level.deeper() }, whole, value, report);
}

fn nothing(segment: &Segment, level: Level<'_>, label: &str, help: String, report: &mut Report) {
    report.error(segment.place, format!("the path `{}` matches nothing", level.path), label, help);
}

impl Level<'_> {
    fn deeper(self) -> Self {
        Level { depth: self.depth + 1, named: false, ..self }
    }

    /// The path with another name in place of a segment.
    fn with(self, segment: &Segment, name: &str) -> String {
        let shown = segment.shown();
        let mut parts: Vec<&str> = self.path.split('.').collect();
        match parts.get_mut(self.depth) {
            Some(part) if *part == shown => *part = name,
            _ => return name.to_owned(),
        }
        parts.join(".")
    }
}

impl Segment {
    fn shown(&self) -> &str {
        self.name.as_deref().unwrap_or("*")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scenario::document::parse;

    const DESK: &str = r#"
        [agent.support]
        count = 2
        [channel.chat]
        limit = { max_open = 4 }
        [channel.mail]
        [[event]]
        at = "1d"
    "#;

    fn set(set: &str) -> Result<String, Vec<(String, String)>> {
        let mut report = Report::default();
        let mut document = parse(Source::new("desk.toml", DESK), &mut report).unwrap();
        apply(&mut document, set, &mut report);
        match report.finish() {
            Ok(_) => Ok(document.to_toml()),
            Err(problems) => Err(problems
                .iter()
                .map(|problem| (problems.position(problem).unwrap().marked.to_owned(), problem.help.clone()))
                .collect()),
        }
    }

    #[test]
    fn a_path_reaches_every_value() {
        assert!(set("agent.support.count=12").unwrap().contains("\"count\" = 12"));
        assert!(set("channel.chat.limit.max_open = 7").unwrap().contains("{ \"max_open\" = 7 }"));
        assert!(
            set("channel.\"a=b \\\"c\\\" \\\\d\".priority=4").unwrap_err()[0].0.contains("a=b"),
            "a key of any letters"
        );
        assert_eq!(keys("a.\"b\\\"c\\\\\""), Some(vec![Some("a".to_owned()), Some("b\"c\\".to_owned())]));
        assert_eq!(keys(&segment("b\"c\\=.*")), Some(vec![Some("b\"c\\=.*".to_owned())]));
        assert!(set("event.0.at=2h").unwrap().contains("\"at\" = \"2h\""));
        assert_eq!(set("channel.*.priority=3").unwrap().matches("\"priority\" = 3").count(), 2);
        assert_eq!(
            set("channel.\"mail\".sla.first_response=5m")
                .unwrap()
                .matches("\"sla\" = { \"first_response\" = \"5m\" }")
                .count(),
            1
        );
        assert!(set("run.seed=7").unwrap().contains("\"run\" = { \"seed\" = 7 }"), "a table that the file leaves out");
        assert!(set("title=[1, \"two\"]").unwrap().contains("[1, \"two\"]"));
        assert!(set("title=").unwrap().contains("\"title\" = \"\""));
    }

    #[test]
    fn a_path_that_matches_nothing_offers_the_nearest() {
        let check = |text: &str, marked: &str, help: &str| {
            assert_eq!(set(text).unwrap_err(), [(marked.to_owned(), help.to_owned())], "{text}");
        };
        check("agent.suport.count=1", "suport", "did you mean `agent.support.count`?");
        check("chanel.chat.priority=1", "chanel", "did you mean `channel.chat.priority`?");
        check("customer.shopper.silent=1", "customer", "nothing of this kind is in the scenario");
        check("customer.*.silent=1", "customer", "nothing of this kind is in the scenario");
        check(
            "agent.support.count.x=1",
            "x",
            "this value is a whole number, with nothing inside: end the path before `x`",
        );
        check("event.1.at=1h", "1", "the list's items are 0 to 0");
        check("agent.support.count", "agent.support.count", "write it like `--set agent.support.count=12`");
        check("agent..count=1", "agent..count", "write keys with dots between them: agent.support.count");
        check("title=\"open", "\"open", "close every quote and bracket");
    }
}
