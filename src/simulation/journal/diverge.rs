//! Where two logs of the same run first say different things.

use super::decode::decode_at;
use super::replay::{Lines, LogError, same_value};
use super::trace::Trace;
use crate::simulation::{Model, simulate};
use crate::time::Instant;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::io::{self, BufRead, Write};

/// The first difference between the log of a run and that of an earlier one.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Divergence {
    /// How many commands were given until then, the one at hand included.
    pub step: u64,
    /// When it was, in seconds from the start.
    pub at: f64,
    /// The last command that both were given before they differ, as a line of the log; `None` if they differ before the first.
    pub command: Option<String>,
    /// The line of the earlier log, counted from 1.
    pub line: u64,
    /// What the earlier log says there; `None` where it ends.
    pub before: Option<String>,
    /// What the run says there; `None` where it ends.
    pub now: Option<String>,
}

/// Runs a replication and compares its log with an earlier one, line by line, as it goes; `None` if they say the same. Of numbers
/// only their values count, and of members only what they say.
///
/// # Errors
/// The first thing wrong with the earlier log, up to where they differ.
pub fn diverge(
    model: &Model,
    seed: u64,
    replication: u32,
    earlier: impl BufRead,
) -> Result<Option<Divergence>, LogError> {
    let mut beside = Beside { earlier: Lines::new(earlier), step: 0, command: None, outcome: Ok(None) };
    let mut trace = Trace::new(model, &mut beside);
    simulate(model, seed, replication, &mut trace).map_err(LogError::Run)?;
    // The trace fails where the logs differ: that is how it is told that nobody reads on.
    let _ = trace.into_inner();
    if matches!(beside.outcome, Ok(None)) {
        beside.outcome = beside.rest();
    }
    beside.outcome
}

/// Takes the lines of a trace and holds each to the next one of the earlier log.
struct Beside<R> {
    earlier: Lines<R>,
    step: u64,
    command: Option<String>,
    outcome: Result<Option<Divergence>, LogError>,
}

impl<R: BufRead> Write for Beside<R> {
    /// A trace writes whole lines.
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        for line in bytes.split_inclusive(|&byte| byte == b'\n') {
            self.outcome = self.hold(str::from_utf8(line).expect("a trace is text").trim_end());
            if !matches!(self.outcome, Ok(None)) {
                return Err(io::Error::other("the logs differ"));
            }
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl<R: BufRead> Beside<R> {
    fn hold(&mut self, now: &str) -> Result<Option<Divergence>, LogError> {
        let is_command = is_command(now);
        self.step += u64::from(is_command);
        let found = if self.earlier.advance()? {
            let before = self.earlier.text().into_owned();
            if before != now {
                // A line that cannot be read is no difference, but a fault of the file.
                self.earlier.parse()?;
                if !says_the_same(&before, now) { Some(Some(before)) } else { None }
            } else {
                None
            }
        } else {
            Some(None)
        };
        if let Some(before) = found {
            return Ok(Some(self.divergence(before, Some(now.to_owned()))));
        }
        if is_command {
            self.command = Some(now.to_owned());
        }
        Ok(None)
    }

    /// After the run's last line: whether the earlier log goes on.
    fn rest(&mut self) -> Result<Option<Divergence>, LogError> {
        if !self.earlier.advance()? {
            return Ok(None);
        }
        self.earlier.parse()?;
        let before = self.earlier.text().into_owned();
        Ok(Some(self.divergence(Some(before), None)))
    }

    fn divergence(&mut self, before: Option<String>, now: Option<String>) -> Divergence {
        let at = now.as_deref().or(before.as_deref()).and_then(at).unwrap_or(Instant::ZERO);
        let line = self.earlier.number() + u64::from(before.is_none());
        Divergence { step: self.step, at: at.as_secs_f64(), command: self.command.take(), line, before, now }
    }
}

/// Of a line as a trace writes it.
fn is_command(line: &str) -> bool {
    line.split_once(',').is_some_and(|(_, rest)| rest.starts_with("\"do\":"))
}

fn at(line: &str) -> Option<Instant> {
    decode_at(&serde_json::from_str::<Value>(line).ok()?["at"]).ok()
}

fn says_the_same(before: &str, now: &str) -> bool {
    let read = |line: &str| -> Option<(Instant, Value)> {
        let mut value: Value = serde_json::from_str(line).ok()?;
        let at = decode_at(&value["at"]).ok()?;
        value.as_object_mut()?.remove("at");
        Some((at, value))
    };
    match (read(before), read(now)) {
        (Some((then, before)), Some((at, now))) => then == at && same_value(&before, &now),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::simulation::sample;
    use crate::time::Span;

    fn model() -> Model {
        let mut model = sample::model(2);
        let class = sample::customers(&mut model.names, sample::per_hour(6.0), 240.0);
        model.plan.customers.push(class);
        model.run.duration = Span::from_secs(4 * 3_600);
        model
    }

    fn log(model: &Model, seed: u64) -> String {
        let mut trace = Trace::new(model, Vec::new());
        simulate(model, seed, 0, &mut trace).unwrap();
        String::from_utf8(trace.into_inner().unwrap()).unwrap()
    }

    fn found(model: &Model, earlier: &str) -> Option<Divergence> {
        diverge(model, 1, 0, earlier.as_bytes()).unwrap()
    }

    #[test]
    fn a_run_does_not_differ_from_its_own_log_however_that_is_written() {
        let model = model();
        let log = log(&model, 1);
        assert!(log.lines().count() > 60, "{log}");
        assert_eq!(found(&model, &log), None);
        let spaced = log.replace("{\"at\":", "{ \"at\": ").replace('\n', "\n\n");
        assert_eq!(found(&model, &spaced), None);
    }

    #[test]
    fn the_first_line_that_differs_is_shown_with_the_command_before_it() {
        let model = model();
        let log = log(&model, 1);
        let lines: Vec<&str> = log.lines().collect();
        let nth = 30 + lines[30..].iter().position(|line| line.contains("\"assigned\":")).unwrap();
        let edited = lines[nth].replace("support-1", "support-0").replace("support-2", "support-0");
        let mut edit = lines.clone();
        edit[nth] = &edited;
        let divergence = found(&model, &edit.join("\n")).unwrap();
        let command = (0..nth).rev().find(|&line| is_command(lines[line])).unwrap();
        let steps = lines[..nth].iter().filter(|line| is_command(line)).count();
        assert_eq!(divergence.before.as_deref(), Some(edited.as_str()));
        assert_eq!(divergence.now.as_deref(), Some(lines[nth]));
        assert_eq!(divergence.command.as_deref(), Some(lines[command]));
        assert_eq!((divergence.line, divergence.step), (nth as u64 + 1, steps as u64));

        let cut = found(&model, &lines[..nth].join("\n")).unwrap();
        assert_eq!((cut.line, cut.before, cut.now.as_deref()), (nth as u64 + 1, None, Some(lines[nth])));
        let longer = format!("{log}{}\n", lines.last().unwrap());
        let more = found(&model, &longer).unwrap();
        assert_eq!((more.line, more.now), (lines.len() as u64 + 1, None));
    }

    #[test]
    fn what_is_no_log_is_no_difference() {
        let model = model();
        match diverge(&model, 1, 0, "hello\n".as_bytes()) {
            Err(LogError::Line { line: 1, .. }) => {}
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn another_seed_differs_at_its_first_customer() {
        let model = model();
        let divergence = found(&model, &log(&model, 2)).unwrap();
        assert!(is_command(&divergence.before.unwrap()) && is_command(&divergence.now.unwrap()));
        assert_eq!((divergence.step, divergence.command), (1, None));
    }
}
