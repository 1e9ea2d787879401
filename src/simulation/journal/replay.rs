//! Puts a log through a desk, and compares what happens with what the log says happened.

use super::bench::Bench;
use super::decode::{DecodeError, decode_at, kind_of};
use super::encode::{EFFECTS, write_instant};
use super::spot::spot;
use crate::simulation::RunError;
use crate::simulation::limits::{LINE_BYTES, grouped};
use crate::simulation::names::offer;
use crate::time::Instant;
use serde_json::{Map, Value};
use std::fmt;
use std::io::{self, BufRead, Read, Write};
use std::ops::Range;

const BYTE_ORDER_MARK: &[u8] = "\u{feff}".as_bytes();

/// What was replayed without a difference.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Replayed {
    /// Commands given.
    pub commands: u64,
    /// Effects that the log holds; all of them came about.
    pub effects: u64,
}

/// Why a replay ended early.
#[derive(Debug)]
pub enum LogError {
    /// The log cannot be read.
    Read(io::Error),
    /// The desk's answers cannot be written.
    Write(io::Error),
    /// A line of the log is wrong.
    Line {
        /// Counted from 1.
        line: u64,
        /// The line as it stands there, without its end; what is no text in it is replaced.
        text: String,
        /// The bytes of `text` that are meant.
        spot: Range<usize>,
        /// What is wrong, and a way out.
        error: DecodeError,
    },
    /// The log and the desk say different things.
    Differs(Difference),
    /// The run that the log is compared with passed a limit.
    Run(RunError),
}

/// The first difference between a log and the desk.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Difference {
    /// The line of the log, counted from 1; one past the last where the log ends.
    pub line: u64,
    /// What the log says there; `None` if it says nothing where the desk does something.
    pub logged: Option<String>,
    /// What the desk did; `None` if it did nothing more.
    pub happened: Option<String>,
}

/// Puts the commands of `log` through the desk and writes commands and effects to `out`, a line each.
///
/// Deadlines before a command are acted on first, those of its own instant after the last command of that instant (SLA-4), and those
/// up to the log's last line at the end. Where the log holds effects, they are compared in order; and where it says that a deadline's
/// effects came before a command of the same instant, as when people answer them at once, so it is done.
///
/// # Errors
/// The first thing wrong with the log, or the first difference.
pub fn replay(log: impl BufRead, bench: &mut Bench<'_>, out: &mut impl Write) -> Result<Replayed, LogError> {
    let mut reader = Lines::new(log);
    let mut commands = 0;
    let mut now = Instant::ZERO;
    let mut stretch = Stretch::default();
    let mut echo = Vec::new();
    while let Some(line) = reader.next()? {
        let number = reader.number;
        if line.at < now {
            // The line before may be the one that is wrong: then it differs from what happened.
            bench.pass_over(now, &mut stretch.happened);
            let difference = stretch.first_difference(number).filter(|difference| difference.logged.is_some());
            let error = DecodeError::new(format!("goes back in time: {} after {}", Secs(line.at), Secs(now)))
                .help("put the lines in order of `at`");
            return Err(difference.map_or_else(|| reader.wrong(error, &["at"]), LogError::Differs));
        }
        now = line.at;
        match line.content {
            Content::Effect(text) => {
                if let Some(difference) = stretch.unlogged {
                    return Err(LogError::Differs(difference));
                }
                stretch.effects += 1;
                stretch.logged.push(Logged { line: number, at: now, text });
            }
            Content::Command(value) => {
                bench.pass_to(now, &mut stretch.happened);
                bench.drain_before(&value, &mut stretch.happened);
                // People may answer a deadline's effects at once. A log that says so had the deadline before this command.
                if stretch.expects_more_at(now) {
                    bench.pass_over(now, &mut stretch.happened);
                }
                stretch.settle(number, out)?;
                let command = bench.decode(&value).map_err(|error| reader.wrong(error, &["do"]))?;
                echo.clear();
                echo.extend_from_slice(b"{\"at\":");
                write_instant(&mut echo, now);
                echo.extend_from_slice(b",\"do\":");
                serde_json::to_writer(&mut echo, &value).expect("a buffer takes everything");
                echo.extend_from_slice(b"}\n");
                out.write_all(&echo).map_err(LogError::Write)?;
                bench.apply(now, command, &mut stretch.happened);
                commands += 1;
            }
        }
    }
    bench.pass_over(now, &mut stretch.happened);
    stretch.settle(reader.number + 1, out)?;
    out.flush().map_err(LogError::Write)?;
    Ok(Replayed { commands, effects: stretch.effects })
}

/// An effect as the log has it.
struct Logged {
    line: u64,
    at: Instant,
    text: String,
}

/// The stretch of a log from one command to the next.
#[derive(Default)]
struct Stretch {
    /// What the log says happened, with the lines that say so.
    logged: Vec<Logged>,
    /// What did happen.
    happened: Vec<u8>,
    /// How many effects the log held so far.
    effects: u64,
    /// A log of commands alone is compared with nothing, which is known only at its end: until then, its first difference.
    unlogged: Option<Difference>,
}

impl Stretch {
    /// Writes what happened and compares it with the log; `next` is the line that ends the stretch.
    fn settle(&mut self, next: u64, out: &mut impl Write) -> Result<(), LogError> {
        out.write_all(&self.happened).map_err(LogError::Write)?;
        if let Some(difference) = self.first_difference(next) {
            if self.effects > 0 {
                out.flush().map_err(LogError::Write)?;
                return Err(LogError::Differs(difference));
            }
            self.unlogged.get_or_insert(difference);
        }
        self.logged.clear();
        self.happened.clear();
        Ok(())
    }

    /// Whether the log says that something happened at this instant beyond what did.
    fn expects_more_at(&self, now: Instant) -> bool {
        let happened = self.happened.iter().filter(|&&byte| byte == b'\n').count();
        self.logged.get(happened..).is_some_and(|rest| rest.iter().any(|entry| entry.at == now))
    }

    fn first_difference(&self, next: u64) -> Option<Difference> {
        let mut effects = str::from_utf8(&self.happened).expect("the encoder writes text").lines();
        let mut entries = self.logged.iter();
        loop {
            match (entries.next(), effects.next()) {
                (None, None) => return None,
                (Some(Logged { text, .. }), Some(effect)) if text == effect || same_effect(text, effect) => {}
                (entry, effect) => {
                    return Some(Difference {
                        line: entry.map_or(next, |entry| entry.line),
                        logged: entry.map(|entry| entry.text.clone()),
                        happened: effect.map(str::to_owned),
                    });
                }
            }
        }
    }
}

fn same_effect(logged: &str, happened: &str) -> bool {
    let read = |text: &str| -> Option<(Instant, Value)> {
        let mut line: Value = serde_json::from_str(text).ok()?;
        Some((decode_at(&line["at"]).ok()?, line["effect"].take()))
    };
    match (read(logged), read(happened)) {
        (Some((logged_at, logged)), Some((at, effect))) => logged_at == at && same_value(&logged, &effect),
        _ => false,
    }
}

/// Whether two values of the log say the same: `1` and `1.0` are one number, and a member that is nothing is left out.
pub(super) fn same_value(one: &Value, other: &Value) -> bool {
    match (one, other) {
        (Value::Number(one), Value::Number(other)) => one.as_f64() == other.as_f64(),
        (Value::Array(one), Value::Array(other)) => {
            one.len() == other.len() && one.iter().zip(other).all(|(one, other)| same_value(one, other))
        }
        (Value::Object(one), Value::Object(other)) => {
            let said = |map: &Map<String, Value>| map.values().filter(|value| !value.is_null()).count();
            said(one) == said(other)
                && one
                    .iter()
                    .filter(|(_, value)| !value.is_null())
                    .all(|(key, value)| other.get(key).is_some_and(|other| same_value(value, other)))
        }
        (one, other) => one == other,
    }
}

/// The lines of a log, read one by one.
pub(super) struct Lines<R> {
    log: R,
    number: u64,
    text: Vec<u8>,
}

pub(super) struct LogLine {
    at: Instant,
    content: Content,
}

enum Content {
    Command(Value),
    /// As it stands in the log.
    Effect(String),
}

impl<R: BufRead> Lines<R> {
    pub(super) fn new(log: R) -> Lines<R> {
        Lines { log, number: 0, text: Vec::new() }
    }

    /// The line at hand as it stands there, without what surrounds it; UTF-8 only if it parses.
    pub(super) fn text(&self) -> std::borrow::Cow<'_, str> {
        String::from_utf8_lossy(self.text.trim_ascii())
    }

    /// The number of the line at hand, counted from 1.
    pub(super) fn number(&self) -> u64 {
        self.number
    }

    fn next(&mut self) -> Result<Option<LogLine>, LogError> {
        if self.advance()? { self.parse().map(Some) } else { Ok(None) }
    }

    /// Goes to the next line that is not empty; false where there is none.
    pub(super) fn advance(&mut self) -> Result<bool, LogError> {
        loop {
            self.text.clear();
            let read = (&mut self.log).take(LINE_BYTES).read_until(b'\n', &mut self.text).map_err(LogError::Read)?;
            if read == 0 {
                return Ok(false);
            }
            self.number += 1;
            if self.number == 1 && self.text.starts_with(BYTE_ORDER_MARK) {
                self.text.drain(..BYTE_ORDER_MARK.len());
            }
            if read as u64 == LINE_BYTES && self.text.last() != Some(&b'\n') {
                let error = DecodeError::new(format!("the line is longer than {} bytes", grouped(LINE_BYTES)))
                    .help("is this a log?");
                return Err(LogError::Line { line: self.number, text: String::new(), spot: 0..0, error });
            }
            if !self.text.trim_ascii().is_empty() {
                return Ok(true);
            }
        }
    }

    /// What the line at hand says.
    pub(super) fn parse(&self) -> Result<LogLine, LogError> {
        let line: Value = serde_json::from_slice(self.text.trim_ascii_end()).map_err(|error| {
            let text = self.shown();
            let upto = text.char_indices().map(|(at, _)| at).take_while(|&at| at < error.column());
            let start = upto.last().unwrap_or(0);
            let end = text[start..].chars().next().map_or(start, |char| start + char.len_utf8());
            LogError::Line { line: self.number, text, spot: start..end, error: not_json(&error) }
        })?;
        line_content(line, &self.text).map_err(|error| self.wrong(error, &[]))
    }

    fn shown(&self) -> String {
        String::from_utf8_lossy(self.text.trim_ascii_end()).into_owned()
    }

    /// The line at hand, which is JSON, is wrong where the error's path leads to from `within`.
    fn wrong(&self, error: DecodeError, within: &[&str]) -> LogError {
        let text = self.shown();
        let path: Vec<&str> = within.iter().copied().chain(error.path.iter().map(String::as_str)).collect();
        LogError::Line { line: self.number, spot: spot(&text, &path), text, error }
    }
}

fn not_json(error: &serde_json::Error) -> DecodeError {
    let words = error.to_string();
    // The library adds a place of its own, in which every line is line 1.
    let words = words.rsplit_once(" at line ").map_or(words.as_str(), |(words, _)| words);
    DecodeError::new(format!("not JSON: {words}"))
        .help("a log has one line of JSON for each command or effect, such as {\"at\": 0, \"do\": {\"tick\": {}}}")
}

fn line_content(line: Value, text: &[u8]) -> Result<LogLine, DecodeError> {
    let Value::Object(mut line) = line else {
        return Err(DecodeError::new(format!("expected a line of the log, found {}", kind_of(&line)))
            .help("write {\"at\": 0, \"do\": {\"tick\": {}}}"));
    };
    let keys = ["at", "do", "effect"];
    if let Some(key) = line.keys().find(|key| !keys.contains(&key.as_str())) {
        return Err(DecodeError::new(format!("a line of the log has no `{key}`")).help(offer(key, keys.into_iter())));
    }
    let at = line.get("at").ok_or_else(|| DecodeError::new("`at` is missing").help("say when it was: \"at\": 0"))?;
    let at = decode_at(at).map_err(|error| error.within("at"))?;
    match (line.remove("do"), line.remove("effect")) {
        (Some(command), None) => Ok(LogLine { at, content: Content::Command(command) }),
        (None, Some(effect)) => {
            check_effect(&effect).map_err(|error| error.within("effect"))?;
            let text = str::from_utf8(text.trim_ascii()).expect("it was read as JSON");
            Ok(LogLine { at, content: Content::Effect(text.to_owned()) })
        }
        _ => Err(DecodeError::new("a line of the log has either `do` or `effect`")
            .help("write {\"at\": 0, \"do\": {\"tick\": {}}}")),
    }
}

fn check_effect(effect: &Value) -> Result<(), DecodeError> {
    let name = match effect {
        Value::Object(map) if map.len() == 1 => map.keys().next().expect("it has one key"),
        _ => return Err(DecodeError::new("expected one effect").help("write {\"created\": {…}}")),
    };
    if EFFECTS.iter().any(|(known, _)| known == name) {
        return Ok(());
    }
    Err(DecodeError::new(format!("no effect is called `{name}`"))
        .help(offer(name, EFFECTS.iter().map(|(known, _)| *known))))
}

struct Secs(Instant);

impl fmt::Display for Secs {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut digits = Vec::new();
        write_instant(&mut digits, self.0);
        write!(f, "{}s", str::from_utf8(&digits).expect("digits are text"))
    }
}
