//! `replay LOG --desk FILE`, and `replay CASE.toml…`.

use super::arguments::{Format, Replay};
use super::exit::{Exit, Failure};
use super::files;
use super::kinds::Kind;
use super::scenarios;
use super::terminal::Terminal;
use crate::scenario::{Part, Source, load, load_at};
use crate::simulation::{
    Bench, Case, CaseFailure, DecodeError, DeskPlace, Difference, Flaw, LogError, ReadChange, replay as replay_log,
};
use serde_json::{Value, json};
use std::io::Write;
use std::path::Path;

/// Puts a log through a desk, or runs cases.
pub(super) fn replay(arguments: &Replay, format: Format, terminal: &Terminal) -> Result<(), Failure> {
    match &arguments.desk {
        Some(desk) => match arguments.files.as_slice() {
            [log] => one_log(log, desk, arguments, terminal),
            _ => Err(Failure::input(terminal, "--desk takes one log", "replay logs one by one")),
        },
        None => cases(&arguments.files, &arguments.changes.sets, format, terminal),
    }
}

fn one_log(log: &Path, desk: &Path, arguments: &Replay, terminal: &Terminal) -> Result<(), Failure> {
    let scenario = scenarios::read(desk, &arguments.changes.sets, Part::Desk, terminal)?;
    let mut reader = files::open(log, terminal)?;
    let seed = arguments.seed.unwrap_or(scenario.model.run.seed);
    let read: &ReadChange<'_> = &|names, _, settings| scenario.vocabulary.channel_change(settings, names);
    let mut bench = Bench::new(&scenario.model, seed, read);
    let mut ended = None;
    terminal.result(|out| match replay_log(&mut reader, &mut bench, out) {
        Err(LogError::Write(error)) => Err(error),
        done => {
            ended = Some(done);
            Ok(())
        }
    })?;
    let name = log.display().to_string();
    // What does not read at its first line is likely something else.
    if let Some(Err(LogError::Line { line: 1, .. })) = &ended
        && log != Path::new("-")
        && let Some(kind) = Kind::of(log, &files::head(log, terminal)?).filter(|kind| *kind != Kind::Log)
    {
        let (what, help) = kind.words(log);
        return Err(Failure::input(terminal, format!("{what}, not a log"), help));
    }
    match ended.expect("what is written ends") {
        Ok(done) => {
            let compared = match done.effects {
                0 => String::new(),
                effects => format!("; all {effects} effects of the log came about"),
            };
            terminal.say(format_args!("{} commands{compared}", done.commands));
            Ok(())
        }
        Err(error) => Err(log_failure(&name, error, terminal)),
    }
}

/// Why a log could not be put through a desk, as an end of the subcommand.
pub(super) fn log_failure(name: &str, error: LogError, terminal: &Terminal) -> Failure {
    match error {
        LogError::Line { line, text, spot, error } => {
            Failure::Told(Exit::Input, terminal.error_in(name, line, &text, spot, &error))
        }
        LogError::Read(error) => Failure::Told(Exit::Input, terminal.error(format!("cannot read {name}: {error}"), "")),
        LogError::Differs(difference) => Failure::Told(Exit::CheckFailed, told(name, &difference, terminal)),
        LogError::Write(error) => Failure::output(terminal, &error),
        LogError::Run(error) => error.into(),
    }
}

fn told(name: &str, difference: &Difference, terminal: &Terminal) -> String {
    let Difference { line, logged, happened } = difference;
    let error = DecodeError::new("the log and the desk differ");
    let mut words = terminal.error_at(name, *line, &error);
    words.push_str(&format!(
        "  log:  {}\n",
        logged.as_deref().unwrap_or("nothing more before the next command or the end")
    ));
    words.push_str(&format!("  desk: {}\n", happened.as_deref().unwrap_or("nothing more happened")));
    words
}

/// Runs every case, and fails if any did.
fn cases(paths: &[impl AsRef<Path>], sets: &[String], format: Format, terminal: &Terminal) -> Result<(), Failure> {
    let mut broken = String::new();
    let mut failed = false;
    for path in paths {
        let path = path.as_ref();
        let name = path.file_stem().unwrap_or(path.as_os_str()).to_string_lossy().into_owned();
        match one_case(path, sets, terminal) {
            Ok((case, outcome)) => {
                failed |= outcome.is_err();
                let line = match format {
                    Format::Text | Format::Markdown => as_text(&name, path, &case, &outcome),
                    Format::Json => as_json(&name, &case, &outcome).to_string(),
                };
                terminal.result(|out| writeln!(out, "{line}"))?;
            }
            Err(Failure::Told(_, words)) => broken.push_str(&words),
            Err(closed) => return Err(closed),
        }
    }
    match (broken.is_empty(), failed) {
        (false, _) => Err(Failure::Told(Exit::Input, broken)),
        (true, true) => Err(Failure::Told(Exit::CheckFailed, String::new())),
        (true, false) => Ok(()),
    }
}

fn one_case(path: &Path, sets: &[String], terminal: &Terminal) -> Result<(Case, Result<(), CaseFailure>), Failure> {
    if path.extension().is_none_or(|extension| extension != "toml") {
        // Of something else, its own way out.
        let head = files::head(path, terminal)?;
        if let Some(kind) = Kind::of(path, &head).filter(|kind| !matches!(kind, Kind::Case | Kind::Log)) {
            let (what, help) = kind.words(path);
            return Err(Failure::input(terminal, format!("{what}, not a case or a log"), help));
        }
        let message = format!("{} is no case, and a log needs a desk", path.display());
        return Err(Failure::input(terminal, message, "name the scenario whose desk it goes through: --desk FILE"));
    }
    let name = path.display().to_string();
    let text = files::read(path, terminal)?;
    let flawed = |flaws: Vec<_>| Failure::Told(Exit::Input, terminal.flaws(&name, &text, &flaws));
    if let Some(kind) = Kind::of(path, &text).filter(|kind| *kind != Kind::Case) {
        let (what, help) = kind.words(path);
        return Err(Failure::input(terminal, format!("{what}, not a case"), help));
    }
    let case = Case::parse(&text).map_err(flawed)?;
    let loaded = match &case.desk {
        DeskPlace::File(desk, span) => {
            let desk = path.parent().unwrap_or(Path::new("")).join(desk);
            // Told beside whatever else is wrong with the case, at the path that the case gives.
            let unreadable = |error: std::io::Error| {
                let mut flaws = case.flaws.clone();
                let message = format!("cannot read {}: {error}", desk.display());
                let help = Some("check the path; it starts where the case lies".to_owned());
                flaws.push(Flaw { span: span.clone(), message, help });
                flaws.sort_by_key(|flaw| flaw.span.start);
                flawed(flaws)
            };
            let text = std::fs::read_to_string(&desk).map_err(unreadable)?;
            load(&Source::new(desk.display().to_string(), text), sets, Part::Desk)
        }
        DeskPlace::Inline => load_at(&Source::new(name.as_str(), text.as_str()), &["scenario"], sets, Part::Desk),
        DeskPlace::Nowhere => return Err(flawed(case.flaws)),
    };
    let scenario = loaded.map_err(|problems| {
        // What is wrong with the desk and with the steps is told at once.
        let steps = terminal.flaws(&name, &text, &case.flaws);
        Failure::Told(Exit::Input, problems.render(terminal.colour) + &steps)
    })?;
    let read: &ReadChange<'_> = &|names, _, settings| scenario.vocabulary.channel_change(settings, names);
    case.check(&scenario.model, read).map_err(flawed)?;
    let outcome = case.run(&scenario.model, read);
    Ok((case, outcome))
}

fn as_text(name: &str, path: &Path, case: &Case, outcome: &Result<(), CaseFailure>) -> String {
    let rules = case.rules.join(", ");
    match outcome {
        Ok(()) => format!("ok {name}: {rules} ({} steps)", case.steps()),
        Err(failure) => format!("FAILED {name}: {rules}\n--> {}:{}\n{failure}", path.display(), failure.line),
    }
}

fn as_json(name: &str, case: &Case, outcome: &Result<(), CaseFailure>) -> Value {
    let mut told = json!({ "case": name, "rules": case.rules, "steps": case.steps(), "ok": outcome.is_ok() });
    if let Err(failure) = outcome {
        told["failed"] = json!({
            "step": failure.step,
            "line": failure.line,
            "at": failure.at.as_secs_f64(),
            "command": failure.command,
            "reasons": failure.reasons,
            "effects": failure.effects,
        });
    }
    told
}
