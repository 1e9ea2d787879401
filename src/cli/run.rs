//! `run FILE`.

use super::arguments::{Arguments, Format, Run};
use super::exit::{Exit, Failure};
use super::files::{self, Draft};
use super::scenarios;
use super::terminal::Terminal;
use crate::experiment::{Experiment, Precision, Progress, Repetition, Results, replicate};
use crate::report::{Style, json, page};
use crate::scenario::{Part, Scenario};
use crate::simulation::{Model, Trace, simulate};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use std::io::Write;
use std::path::Path;
use std::time::Duration;

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
    let drafts = [output("results.json")?, output("report.txt")?];
    let trace = arguments.trace.as_ref().map(|path| Ok((path, Draft::begin(path, terminal)?))).transpose()?;

    let results = replicated(&scenario.model, &experiment, terminal)?;
    if let Some((path, draft)) = trace {
        write_trace(&scenario.model, experiment.seed, path, draft, terminal)?;
    }
    let texts = [json(&results), page(&results, Style::Plain)];
    for (draft, text) in drafts.into_iter().zip(&texts) {
        if let Some(mut draft) = draft {
            draft.write(text.as_bytes(), terminal)?;
            draft.finish(terminal)?;
        }
    }
    let [json, page_plain] = texts;
    terminal.result(|out| match global.format {
        Format::Json => out.write_all(json.as_bytes()),
        Format::Text if terminal.colour_results => out.write_all(page(&results, Style::Colour).as_bytes()),
        Format::Text => out.write_all(page_plain.as_bytes()),
    })
}

fn experiment(scenario: &Scenario, arguments: &Run, global: &Arguments) -> Experiment {
    let run = &scenario.model.run;
    let repetition = match (arguments.replications, &scenario.precision) {
        (Some(times), _) => Repetition::Times(times),
        (None, Some(precision)) => Repetition::Until(Precision {
            metric: precision.metric.clone(),
            relative: precision.relative,
            at_most: precision.at_most,
        }),
        (None, None) => Repetition::Times(run.replications),
    };
    Experiment { seed: arguments.seed.unwrap_or(run.seed), repetition, threads: global.threads.map(usize::from) }
}

/// Runs the replications, with a bar on a terminal where they take long.
fn replicated(model: &Model, experiment: &Experiment, terminal: &Terminal) -> Result<Results, Failure> {
    let bar =
        ProgressBar::with_draw_target(Some(u64::from(experiment.repetition.most())), ProgressDrawTarget::hidden());
    bar.set_style(
        ProgressStyle::with_template("{bar:30} {pos} of {len} replications, about {eta} left")
            .expect("the template is well formed"),
    );
    let progress = |progress: Progress| {
        bar.set_position(progress.done);
        // Whoever waits for a second wants to know how long it will be.
        if terminal.progress && bar.is_hidden() && bar.elapsed() > Duration::from_secs(1) {
            bar.set_draw_target(ProgressDrawTarget::stderr());
        }
    };
    let results = replicate(model, experiment, &progress);
    bar.finish_and_clear();
    results.map_err(|error| Failure::Told(Exit::Machine, terminal.error(error, "")))
}

/// Runs replication 0 once more, with its log written.
fn write_trace(model: &Model, seed: u64, path: &Path, mut draft: Draft, terminal: &Terminal) -> Result<(), Failure> {
    let mut trace = Trace::new(model, draft.out());
    simulate(model, seed, 0, &mut trace);
    trace.into_inner().map_err(|error| Failure::file(terminal, "write", path, &error))?;
    draft.finish(terminal)
}
