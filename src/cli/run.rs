//! `run FILE`.

use super::arguments::{Arguments, Format, Run};
use super::exit::Failure;
use super::files::{self, Draft};
use super::outputs::{self, Inputs, Output};
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
    let source = scenarios::source(&arguments.file, arguments.changes.allow_outside, terminal)?;
    let scenario = scenarios::load_told(&source, &arguments.changes.sets, Part::Whole, terminal)?;
    let experiment = experiment(&scenario, arguments, global);
    let out = |name| Output::within(arguments.out.as_deref(), name);
    let log = Output::at("--trace", arguments.trace.as_deref());
    let prints = !log.is_standard();
    let outputs = [out("results.json"), out("results.csv"), out("report.txt"), out("report.html"), log];
    let inputs = Inputs::of(&arguments.file, &scenario);
    let [json_draft, csv_draft, page_draft, html_draft, log_draft] =
        outputs::begin(&inputs, outputs, global.format, terminal)?;

    let (results, picture) = if arguments.out.is_some() {
        let name = Path::new(&source.name).file_name().unwrap_or_default().to_string_lossy();
        let source = SourceText::new(&name, &source.text, &arguments.changes.sets);
        let (results, picture) = pictured(&scenario.model, &experiment, source, terminal)?;
        (results, Some(picture))
    } else {
        (replicated(&scenario.model, &experiment, terminal)?, None)
    };
    for note in notes(&results) {
        terminal.say(format_args!("note: {note}"));
    }
    let mut drafts = Vec::new();
    if let (Some(picture), Some(mut csv)) = (&picture, csv_draft) {
        run_csv(&results, csv.out()).map_err(|error| csv.failure(error, terminal))?;
        let texts = [
            json_with_picture(&results, picture),
            page_with_picture(&results, picture, Style::Plain),
            html(&results, picture),
        ];
        let others = [json_draft, page_draft, html_draft].into_iter();
        drafts = files::written(others.zip(texts.iter().map(String::as_bytes)), terminal)?;
        drafts.push(csv);
    }
    if let Some(mut draft) = log_draft {
        write_trace(&scenario.model, experiment.seed, &mut draft, terminal)?;
        drafts.push(draft);
    }
    files::place(drafts, terminal)?;
    if !prints {
        return Ok(());
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
fn write_trace(model: &Model, seed: u64, draft: &mut Draft, terminal: &Terminal) -> Result<(), Failure> {
    let mut trace = Trace::new(model, draft.out());
    simulate(model, seed, 0, &mut trace)?;
    let written = trace.into_inner().map(drop);
    written.map_err(|error| draft.failure(error, terminal))
}
