//! `check FILE`.

use super::arguments::{Arguments, Changes, Format};
use super::exit::{Exit, Failure};
use super::files::{self, Draft};
use super::outputs::{self, Inputs, Output};
use super::progress::with_bar;
use super::replay::log_failure;
use super::run::repetition;
use super::scenarios;
use super::terminal::Terminal;
use crate::experiment::check::{Baseline, Check as Checked, Comparison, Verdict, check as hold};
use crate::experiment::{Experiment, Sample};
use crate::measures::Selector;
use crate::report::{Style, check_html, check_json, check_page, junit, markdown, values_csv};
use crate::scenario::{Part, Scenario};
use crate::simulation::{Trace, diverge, simulate};
use clap::Args;
use std::io::Write;
use std::path::{Path, PathBuf};

/// Arguments of `check`.
#[derive(Args, Debug)]
#[command(after_help = "\
Exit codes: 0 all that is expected holds; 99 something does not, or cannot be told, or has no data; 4 the baseline is of another \
scenario, seed or schema, and all that needs none holds; 2 a file is wrong. The same scenario, seed and version give the same verdicts, every time.

Against a baseline: save it once and commit it, then compare with it in every build.
  desksim check desk.toml --save-baseline desk.baseline.json
  desksim check desk.toml --baseline desk.baseline.json --junit check.xml")]
pub struct Check {
    /// The scenario, whose [[expect]] say what must hold; `-` is standard input
    pub file: PathBuf,
    #[command(flatten)]
    #[allow(missing_docs)]
    pub changes: Changes,
    /// Compare with this baseline
    #[arg(long, value_name = "FILE")]
    pub baseline: Option<PathBuf>,
    /// The scenario was changed on purpose since the baseline was saved: compare all the same, if the same customers come
    #[arg(long, requires = "baseline")]
    pub changed: bool,
    /// Every command and effect must be the baseline's; as `exact = true` in [check]
    #[arg(long)]
    pub exact: bool,
    /// Write a baseline for later checks, whether this one passes or not
    #[arg(long, value_name = "FILE")]
    pub save_baseline: Option<PathBuf>,
    /// The baseline's log of a replication, to show where that first differs if it does
    #[arg(long, value_name = "LOG", requires = "baseline")]
    pub baseline_trace: Option<PathBuf>,
    /// Write the log of a replication: every command and effect, one line of JSON each
    #[arg(long, value_name = "LOG")]
    pub trace: Option<PathBuf>,
    /// The replication that --trace and --baseline-trace are of
    #[arg(long, value_name = "N", default_value_t = 0)]
    pub trace_replication: u32,
    /// Write the outcome as JUnit's XML; to `-` in place of the page
    #[arg(long, value_name = "FILE")]
    pub junit: Option<PathBuf>,
    /// Write the outcome as Markdown; added at the end where FILE is $GITHUB_STEP_SUMMARY
    #[arg(long, value_name = "FILE")]
    pub markdown: Option<PathBuf>,
    /// Write results.json, results.csv, report.txt and report.html into this directory
    #[arg(long, value_name = "DIR")]
    pub out: Option<PathBuf>,
    /// Name all random streams by this seed, instead of the scenario's
    #[arg(long, value_name = "N")]
    pub seed: Option<u64>,
    /// Run this many replications, instead of the scenario's number
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    pub replications: Option<u32>,
    /// Where these cannot tell, make up to so many
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    pub max_replications: Option<u32>,
}

/// Holds a scenario's results to what is expected of them.
pub(super) fn check(arguments: &Check, global: &Arguments, terminal: &Terminal) -> Result<(), Failure> {
    let read = [Some(&arguments.file), arguments.baseline.as_ref(), arguments.baseline_trace.as_ref()];
    files::read_once(read.into_iter().flatten().map(PathBuf::as_path), terminal)?;
    let mut scenario = scenarios::read(&arguments.file, &arguments.changes, Part::Whole, terminal)?;
    scenario.gate.exact |= arguments.exact;
    if arguments.max_replications.is_some() {
        scenario.gate.max_replications = arguments.max_replications;
    }
    let experiment = Experiment {
        seed: arguments.seed.unwrap_or(scenario.model.run.seed),
        repetition: repetition(&scenario, arguments.replications),
        threads: global.threads.map(usize::from),
    };
    let baseline = arguments.baseline.as_ref().map(|path| read_baseline(path, terminal)).transpose()?;
    let missing = ask_for_something(arguments, &scenario, terminal)?;
    let (baseline, obstacles) = match baseline {
        None => (None, Vec::from_iter(missing)),
        Some(Err(foreign)) => (None, vec![foreign]),
        Some(Ok(baseline)) => match baseline.comparable(&scenario.model, experiment.seed, arguments.changed) {
            Ok(changed) => (Some((baseline, changed)), Vec::new()),
            Err(obstacles) => (None, obstacles.iter().map(|one| (one.to_string(), one.help().to_owned())).collect()),
        },
    };
    let comparison = baseline.as_ref().map(|(baseline, changed)| Comparison { baseline, changed });
    // A log that cannot be read is found before the work.
    let earlier =
        arguments.baseline_trace.as_ref().map(|path| files::open(path, terminal).map(|log| (path, log))).transpose()?;

    // Places that cannot be written are found before the work, too.
    let mut inputs = Inputs::of(&arguments.file, &scenario);
    inputs.add("the baseline", arguments.baseline.as_deref());
    inputs.add("the baseline's log", arguments.baseline_trace.as_deref());
    let out = |name| Output::within(arguments.out.as_deref(), name);
    let outputs = [
        out("results.json"),
        out("report.txt"),
        out("report.html"),
        out("results.csv"),
        Output::at("--junit", arguments.junit.as_deref()),
        Output::adding_to_summary("--markdown", arguments.markdown.as_deref()),
        Output::at("--save-baseline", arguments.save_baseline.as_deref()),
        Output::at("--trace", arguments.trace.as_deref()),
    ];
    let prints = !outputs.iter().any(Output::is_standard);
    let begun = outputs::begin(&inputs, outputs, global.format, terminal)?;
    let [json_draft, page_draft, html_draft, table_draft, junit_draft, markdown_draft, baseline_draft, trace_draft] =
        begun;

    let keep = arguments.save_baseline.is_some();
    let (mut checked, sample) = with_bar(terminal, "replications", |progress| {
        hold(&scenario.model, &scenario.expectations, &scenario.gate, &experiment, comparison, keep, progress)
    })?;
    if !obstacles.is_empty() {
        checked.mark_not_comparable(obstacles.iter().map(|(what, _)| what.clone()).collect());
    }
    if let Some((path, log)) = earlier {
        let replication = arguments.trace_replication;
        let digest = sample.digests().get(replication as usize).map(|digest| format!("{digest:032x}"));
        let then = baseline.as_ref().and_then(|(baseline, _)| baseline.digests.get(replication as usize));
        let differs = digest.as_ref() != then;
        find_divergence(&mut checked, &scenario, replication, differs, path, log, terminal)?;
    }

    let (drafts, texts): (Vec<_>, Vec<_>) = [
        (json_draft, check_json(&checked)),
        (page_draft, check_page(&checked, Style::Plain)),
        (html_draft, check_html(&checked)),
        (junit_draft, junit(&checked)),
        (markdown_draft, markdown(&checked)),
        (baseline_draft, Baseline::of(&sample, experiment.seed, &scenario.expectations).json()),
    ]
    .into_iter()
    .unzip();
    let mut drafts = files::written(drafts.into_iter().zip(texts.iter().map(String::as_bytes)), terminal)?;
    if let Some(mut draft) = table_draft {
        write_values(&scenario, &sample, &mut draft).map_err(|error| draft.failure(error, terminal))?;
        drafts.push(draft);
    }
    if let Some(mut draft) = trace_draft {
        let mut trace = Trace::new(&scenario.model, draft.out());
        simulate(&scenario.model, experiment.seed, arguments.trace_replication, &mut trace)?;
        let written = trace.into_inner().map(drop);
        written.map_err(|error| draft.failure(error, terminal))?;
        drafts.push(draft);
    }
    files::place(drafts, terminal)?;
    let style = if terminal.colour_results { Style::Colour } else { Style::Plain };
    if prints {
        terminal.result(|out| match global.format {
            Format::Markdown => out.write_all(markdown(&checked).as_bytes()),
            Format::Json => out.write_all(check_json(&checked).as_bytes()),
            Format::Text => out.write_all(check_page(&checked, style).as_bytes()),
        })?;
    }
    let words: String =
        obstacles.iter().map(|(what, help)| terminal.error(format!("not comparable: {what}"), help)).collect();
    // A limit that does not hold is the graver news.
    match (checked.failed, obstacles.is_empty()) {
        (true, _) => Err(Failure::Told(Exit::CheckFailed, words)),
        (false, false) => Err(Failure::Told(Exit::NotComparable, words)),
        (false, true) => Ok(()),
    }
}

/// The values of the metrics that something is expected of, each once.
fn write_values(scenario: &Scenario, sample: &Sample<'_>, draft: &mut Draft) -> std::io::Result<()> {
    let mut metrics: Vec<&Selector> = Vec::new();
    for expectation in &scenario.expectations {
        if !metrics.contains(&&expectation.metric) {
            metrics.push(&expectation.metric);
        }
    }
    let columns = metrics.into_iter().filter_map(|metric| Some((metric, sample.values(metric)?)));
    values_csv(columns, draft.out())
}

/// What is missing, and a way out, where something is compared with a baseline and none is given: what needs none is judged all the same.
/// A check that checks nothing, or nothing but sameness to a baseline that is not there, is a slip.
fn ask_for_something(
    arguments: &Check,
    scenario: &Scenario,
    terminal: &Terminal,
) -> Result<Option<(String, String)>, Failure> {
    let file = arguments.file.display();
    if scenario.expectations.is_empty() && !scenario.gate.exact && arguments.save_baseline.is_none() {
        let help = "add [[expect]] with a metric and at_most or at_least, or compare exactly: --exact --baseline FILE";
        return Err(Failure::input(terminal, format!("{file} expects nothing, so nothing can be checked"), help));
    }
    let mut conditions =
        scenario.expectations.iter().flat_map(|one| one.conditions.iter().map(move |condition| (one, condition)));
    let needs = match conditions.find(|(_, condition)| condition.needs_baseline()) {
        Some((expectation, _)) => Some(format!("`{}`", expectation.metric)),
        None => scenario.gate.exact.then(|| "exactness".to_owned()),
    };
    let needs = needs.filter(|_| arguments.baseline.is_none() && arguments.save_baseline.is_none());
    let Some(what) = needs else { return Ok(None) };
    let what = format!("{what} is compared with a baseline, and none is given");
    let help = "name one: --baseline FILE; or save the first: --save-baseline FILE";
    if scenario.expectations.is_empty() {
        return Err(Failure::input(terminal, what, help));
    }
    Ok(Some((what, help.to_owned())))
}

/// A baseline; or why it cannot be compared with, and a way out, where it is of another schema.
fn read_baseline(path: &Path, terminal: &Terminal) -> Result<Result<Baseline, (String, String)>, Failure> {
    let text = files::read(path, terminal)?;
    Baseline::parse(&text).map(Ok).or_else(|error| match error.foreign {
        true => Ok(Err((format!("{}: {}", path.display(), error.message), error.help.to_owned()))),
        false => {
            Err(Failure::input(terminal, format!("{} is no baseline: {}", path.display(), error.message), error.help))
        }
    })
}

/// Where the replication whose earlier log is there first differs, if it `differs`.
fn find_divergence(
    checked: &mut Checked,
    scenario: &Scenario,
    replication: u32,
    differs: bool,
    path: &Path,
    log: impl std::io::BufRead,
    terminal: &Terminal,
) -> Result<(), Failure> {
    let Some(exact) = &mut checked.exact else { return Ok(()) };
    if exact.verdict != Verdict::Fail {
        return Ok(());
    }
    exact.traced = Some(replication);
    if differs {
        exact.divergence = diverge(&scenario.model, checked.seed, replication, log)
            .map_err(|error| log_failure(&path.display().to_string(), error, terminal))?;
    }
    Ok(())
}
