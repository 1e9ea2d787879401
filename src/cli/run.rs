//! `run FILE`.

use super::arguments::{Arguments, Format, Run};
use super::exit::Failure;
use super::files::{self, Draft};
use super::progress::with_bar;
use super::scenarios;
use super::terminal::Terminal;
use crate::experiment::{Experiment, Picture, Repetition, Results, SourceText, picture, replicate};
use crate::report::{Style, html, json, json_with_picture, notes, page, page_with_picture, run_csv, run_markdown};
use crate::scenario::{Part, Scenario};
use crate::simulation::{Model, Trace, simulate};
use std::io::Write;
use std::path::Path;

/// Runs a scenario and prints its figures.
pub(super) fn run(arguments: &Run, global: &Arguments, terminal: &Terminal) -> Result<(), Failure> {
    let scenario = scenarios::read(&arguments.file, &arguments.changes.sets, Part::Whole, terminal)?;
    let experiment = experiment(&scenario, arguments, global);
    // Places that cannot be written are found before the work, not after it.
    if let Some(directory) = &arguments.out {
        files::make_directory(directory, terminal)?;
    }
    let output =
        |name: &str| arguments.out.as_ref().map(|directory| Draft::begin(&directory.join(name), terminal)).transpose();
    let drafts = [output("results.json")?, output("results.csv")?, output("report.txt")?, output("report.html")?];
    let trace =
        arguments.trace.as_ref().map(|path| Draft::begin(path, terminal).map(|draft| (path, draft))).transpose()?;

    let (results, picture) = if arguments.out.is_some() {
        let text = files::read(&arguments.file, terminal)?;
        let name = arguments.file.file_name().map_or_else(String::new, |name| name.to_string_lossy().into_owned());
        let source = SourceText::new(&name, &text, &arguments.changes.sets);
        let (results, picture) = pictured(&scenario.model, &experiment, source, terminal)?;
        (results, Some(picture))
    } else {
        (replicated(&scenario.model, &experiment, terminal)?, None)
    };
    for note in notes(&results) {
        terminal.say(format_args!("note: {note}"));
    }
    if let Some((path, draft)) = trace {
        write_trace(&scenario.model, experiment.seed, path, draft, terminal)?;
    }
    if let (Some(picture), [Some(json), Some(csv), Some(text), Some(page)]) = (&picture, drafts) {
        let mut drafts = [json, csv, text, page];
        drafts[0].write(json_with_picture(&results, picture).as_bytes(), terminal)?;
        run_csv(&results, drafts[1].out())
            .map_err(|error| Failure::file(terminal, "write", drafts[1].path(), &error))?;
        drafts[2].write(page_with_picture(&results, picture, Style::Plain).as_bytes(), terminal)?;
        drafts[3].write(html(&results, picture).as_bytes(), terminal)?;
        files::place(drafts.into(), terminal)?;
    }
    let style = if terminal.colour_results { Style::Colour } else { Style::Plain };
    terminal.result(|out| match global.format {
        Format::Markdown => out.write_all(run_markdown(&results).as_bytes()),
        Format::Json => out.write_all(json(&results).as_bytes()),
        Format::Text => {
            let text = picture
                .as_ref()
                .map_or_else(|| page(&results, style), |picture| page_with_picture(&results, picture, style));
            out.write_all(text.as_bytes())
        }
    })
}

fn experiment(scenario: &Scenario, arguments: &Run, global: &Arguments) -> Experiment {
    Experiment {
        seed: arguments.seed.unwrap_or(scenario.model.run.seed),
        repetition: repetition(scenario, arguments.replications),
        threads: global.threads.map(usize::from),
    }
}

/// How often a scenario is run, unless the command line says.
pub(super) fn repetition(scenario: &Scenario, replications: Option<u32>) -> Repetition {
    match (replications, &scenario.precision) {
        (Some(times), _) => Repetition::Times(times),
        (None, Some(precision)) => Repetition::Until(scenarios::precision(precision)),
        (None, None) => Repetition::Times(scenario.model.run.replications),
    }
}

/// Runs the replications, with a bar on a terminal where they take long.
fn replicated(model: &Model, experiment: &Experiment, terminal: &Terminal) -> Result<Results, Failure> {
    Ok(with_bar(terminal, "replications", |progress| replicate(model, experiment, progress))?)
}

/// The same, watched more closely for a report with charts.
fn pictured(
    model: &Model,
    experiment: &Experiment,
    source: SourceText,
    terminal: &Terminal,
) -> Result<(Results, Picture), Failure> {
    Ok(with_bar(terminal, "replications", |progress| picture(model, experiment, source, progress))?)
}

/// Runs replication 0 once more, with its log written.
fn write_trace(model: &Model, seed: u64, path: &Path, mut draft: Draft, terminal: &Terminal) -> Result<(), Failure> {
    let mut trace = Trace::new(model, draft.out());
    simulate(model, seed, 0, &mut trace)?;
    trace.into_inner().map_err(|error| Failure::file(terminal, "write", path, &error))?;
    draft.finish(terminal)
}
