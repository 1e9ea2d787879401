//! Scenarios from files, with what is wrong with them told to people.

use super::exit::{Exit, Failure};
use super::files;
use super::kinds::Kind;
use super::terminal::Terminal;
use crate::experiment::{Precision, Tolerance};
use crate::scenario::{Part, Problems, Scenario, Source, load};
use std::path::Path;

/// Reads a scenario, changed by `--set`.
pub(super) fn read(path: &Path, sets: &[String], part: Part, terminal: &Terminal) -> Result<Scenario, Failure> {
    load_told(&Source::new(path.display().to_string(), files::read(path, terminal)?), sets, part, terminal)
}

/// Makes a scenario of a text, changed by `PATH=VALUE`; warnings are told.
pub(super) fn load_told(
    source: &Source,
    sets: &[String],
    part: Part,
    terminal: &Terminal,
) -> Result<Scenario, Failure> {
    let scenario = load(source, sets, part).map_err(|problems| broken_file(source, &problems, terminal))?;
    warn(&scenario, terminal);
    Ok(scenario)
}

/// Makes a scenario of a text whose warnings were told before.
pub(super) fn load_quietly(source: &Source, sets: &[String], terminal: &Terminal) -> Result<Scenario, Failure> {
    load(source, sets, Part::Whole).map_err(|problems| broken(&problems, terminal))
}

/// How well a metric is to be known, as an experiment takes it.
pub(super) fn precision(precision: &crate::scenario::Precision) -> Precision {
    let to = match precision.to {
        crate::scenario::Tolerance::Relative(share) => Tolerance::Relative(share),
        crate::scenario::Tolerance::Absolute(width) => Tolerance::Absolute(width),
    };
    Precision { metric: precision.metric.clone(), to, at_most: precision.at_most }
}

/// What is wrong with a scenario, as an end of the subcommand.
pub(super) fn broken(problems: &Problems, terminal: &Terminal) -> Failure {
    let mut words = problems.render(terminal.colour);
    words.push_str(&terminal.error(counted(problems.len()), ""));
    Failure::Told(Exit::Input, words)
}

/// The same of a file that the command line names for a scenario, which may be something else altogether.
pub(super) fn broken_file(source: &Source, problems: &Problems, terminal: &Terminal) -> Failure {
    other_kind(source, terminal).unwrap_or_else(|| broken(problems, terminal))
}

/// That a file is no scenario but something else, if so it is.
pub(super) fn other_kind(source: &Source, terminal: &Terminal) -> Option<Failure> {
    let path = Path::new(&source.name);
    let kind = Kind::of(path, &source.text).filter(|kind| *kind != Kind::Scenario)?;
    let (what, help) = kind.words(path);
    Some(Failure::input(terminal, format!("{what}, not a scenario"), help))
}

/// Tells what is likely not what was meant.
pub(super) fn warn(scenario: &Scenario, terminal: &Terminal) {
    if !scenario.warnings.is_empty() {
        terminal.say(scenario.warnings.render(terminal.colour).trim_end());
    }
}

fn counted(problems: usize) -> String {
    match problems {
        1 => "there is 1 problem".to_owned(),
        problems => format!("there are {problems} problems"),
    }
}
