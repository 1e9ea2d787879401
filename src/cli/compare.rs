//! `compare FILE --policies a,b,… | --variants`.

use super::arguments::{Arguments, Changes, Format};
use super::exit::Failure;
use super::files::{self, Draft};
use super::progress::with_bar;
use super::scenarios;
use super::terminal::Terminal;
use crate::experiment::Workers;
use crate::experiment::comparison::{Bouts, Comparison, Contest, HEADLINES, Rival, compare as compare_rivals};
use crate::measures::{Label, Selector, SelectorError};
use crate::report::{Style, comparison_csv, comparison_html, comparison_json, comparison_markdown, comparison_page};
use crate::scenario::{Part, Scenario, Source};
use crate::simulation::{Model, offer};
use clap::{ArgGroup, Args};
use std::io::Write;
use std::path::PathBuf;

/// Arguments of `compare`.
#[derive(Args, Debug)]
#[command(group(ArgGroup::new("contenders").args(["policies", "variants"]).required(true)))]
pub struct Compare {
    /// The scenario
    pub file: PathBuf,
    /// Assignment policies, by name; each is given to every channel that assigns automatically
    #[arg(long, value_name = "A,B,…", value_delimiter = ',')]
    pub policies: Vec<String>,
    /// The scenario as it stands and its variants [default: all of them]
    #[arg(long, value_name = "A,B,…", value_delimiter = ',', num_args = 0..=1, require_equals = true)]
    pub variants: Option<Vec<String>>,
    /// The contender that all others are compared to [default: the first]
    #[arg(long, value_name = "NAME")]
    pub against: Option<String>,
    /// A metric to compare by, such as 'queue.wait.p95{channel="chat"}'; repeatable [default: eight headlines]
    #[arg(long = "metric", value_name = "METRIC")]
    pub metrics: Vec<String>,
    /// Confidence of intervals and verdicts
    #[arg(long, value_name = "SHARE", default_value_t = 0.95, value_parser = level)]
    pub level: f64,
    #[command(flatten)]
    #[allow(missing_docs)]
    pub changes: Changes,
    /// Name all random streams by this seed, instead of the scenario's
    #[arg(long, value_name = "N")]
    pub seed: Option<u64>,
    /// Run this many replications of each, instead of the scenario's number
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    pub replications: Option<u32>,
    /// Write results.json, results.csv, report.txt and report.html into this directory
    #[arg(long, value_name = "DIR")]
    pub out: Option<PathBuf>,
}

/// A confidence on the command line.
pub(super) fn level(text: &str) -> Result<f64, String> {
    match text.parse::<f64>() {
        Ok(level) if (0.5..1.0).contains(&level) => Ok(level),
        Ok(level) if level > 1.0 && level < 100.0 => Err(format!("write a share below 1: {}", level / 100.0)),
        _ => Err("write a share of at least 0.5 and below 1, such as 0.95".to_owned()),
    }
}

/// Compares policies or variants of a scenario, and prints how they differ.
pub(super) fn compare(arguments: &Compare, global: &Arguments, terminal: &Terminal) -> Result<(), Failure> {
    let source = Source::new(arguments.file.display().to_string(), files::read(&arguments.file, terminal)?);
    let scenario = scenarios::load_told(&source, &arguments.changes.sets, Part::Whole, terminal)?;
    let contenders = match &arguments.variants {
        None => policies(&scenario, arguments, terminal)?,
        Some(chosen) => variants(&scenario, chosen, terminal)?,
    };
    let reference = reference(&contenders, arguments, terminal)?;
    let metrics = metrics(&arguments.metrics, &scenario.model, terminal)?;
    let models = contenders
        .iter()
        .map(|(_, sets)| {
            let sets: Vec<String> = arguments.changes.sets.iter().chain(sets).cloned().collect();
            scenarios::load_quietly(&source, &sets, terminal).map(|scenario| scenario.model)
        })
        .collect::<Result<Vec<Model>, Failure>>()?;
    if let Some(directory) = &arguments.out {
        files::make_directory(directory, terminal)?;
    }
    let output =
        |name: &str| arguments.out.as_ref().map(|directory| Draft::begin(&directory.join(name), terminal)).transpose();
    let drafts = [output("results.json")?, output("results.csv")?, output("report.txt")?, output("report.html")?];

    let contest = Contest {
        metrics,
        reference,
        level: arguments.level,
        seed: arguments.seed.unwrap_or(scenario.model.run.seed),
        repetition: bouts(&scenario, arguments.replications),
    };
    let rivals: Vec<Rival<'_>> =
        contenders.iter().zip(&models).map(|((name, sets), model)| Rival { name, sets, model }).collect();
    let workers = Workers::new(global.threads.map(usize::from))?;
    let comparison: Comparison =
        with_bar(terminal, "runs", |progress| compare_rivals(&rivals, &contest, &workers, progress))?;

    let texts = [
        comparison_json(&comparison),
        comparison_csv(&comparison),
        comparison_page(&comparison, Style::Plain),
        comparison_html(&comparison),
    ];
    files::place(files::written(drafts.into_iter().zip(texts.iter().map(String::as_bytes)), terminal)?, terminal)?;
    let [json, _, plain, _] = texts;
    terminal.result(|out| match global.format {
        Format::Markdown => out.write_all(comparison_markdown(&comparison).as_bytes()),
        Format::Json => out.write_all(json.as_bytes()),
        Format::Text if terminal.colour_results => {
            out.write_all(comparison_page(&comparison, Style::Colour).as_bytes())
        }
        Format::Text => out.write_all(plain.as_bytes()),
    })
}

/// A contender's name and the changes that make it.
type Named = (String, Vec<String>);

/// The policies asked for, with the one that they are compared to.
fn policies(scenario: &Scenario, arguments: &Compare, terminal: &Terminal) -> Result<Vec<Named>, Failure> {
    let mut names: Vec<&str> = arguments.policies.iter().map(|name| name.trim()).collect();
    // The policy to compare to need not be listed twice.
    if let Some(against) = &arguments.against
        && !names.contains(&against.as_str())
    {
        names.insert(0, against);
    }
    let known: Vec<&str> = scenario.policy_names().collect();
    for (place, name) in names.iter().enumerate() {
        if !known.contains(name) {
            let help = offer(name, known.iter().copied());
            return Err(Failure::input(terminal, format!("unknown policy `{name}`"), help));
        }
        if names[..place].contains(name) {
            return Err(Failure::input(terminal, format!("policy `{name}` is named twice"), "name each once"));
        }
    }
    if names.len() < 2 {
        let help = format!("name two or more: --policies {},least_open", names.first().unwrap_or(&"round_robin"));
        return Err(Failure::input(terminal, "there is nothing to compare it to", help));
    }
    let mut contenders = Vec::with_capacity(names.len());
    for name in names {
        let sets = scenario.policy_sets(name);
        if sets.is_empty() {
            let help = "give a channel assignment = { rule = \"round_robin\", groups = […] }, or compare --variants";
            return Err(Failure::input(terminal, "no channel of this scenario assigns automatically", help));
        }
        contenders.push((name.to_owned(), sets));
    }
    Ok(contenders)
}

/// The scenario as it stands, and the variants asked for.
fn variants(scenario: &Scenario, chosen: &[String], terminal: &Terminal) -> Result<Vec<Named>, Failure> {
    let known: Vec<&str> = scenario.variants.iter().map(|variant| variant.name.as_str()).collect();
    if known.is_empty() {
        let help = "add one: [variant.calm] with lines such as \"agent.support.count\" = 12";
        return Err(Failure::input(terminal, "this scenario has no variants", help));
    }
    let as_it_stands = ["base", "as_it_stands", "base_0"].into_iter().find(|name| !known.contains(name));
    let mut contenders: Vec<Named> = vec![(as_it_stands.unwrap_or("scenario").to_owned(), Vec::new())];
    let wanted: Vec<&str> =
        if chosen.is_empty() { known.clone() } else { chosen.iter().map(|name| name.trim()).collect() };
    for name in wanted {
        if contenders.iter().any(|(taken, _)| taken == name) {
            return Err(Failure::input(terminal, format!("variant `{name}` is named twice"), "name each once"));
        }
        let Some(variant) = scenario.variants.iter().find(|variant| variant.name == name) else {
            let help = offer(name, known.iter().copied());
            return Err(Failure::input(terminal, format!("unknown variant `{name}`"), help));
        };
        contenders.push((name.to_owned(), variant.sets.clone()));
    }
    Ok(contenders)
}

fn reference(contenders: &[Named], arguments: &Compare, terminal: &Terminal) -> Result<usize, Failure> {
    let Some(against) = &arguments.against else { return Ok(0) };
    contenders.iter().position(|(name, _)| name == against).ok_or_else(|| {
        let help = offer(against, contenders.iter().map(|(name, _)| name.as_str()));
        Failure::input(terminal, format!("`{against}` is not among those compared"), help)
    })
}

fn bouts(scenario: &Scenario, replications: Option<u32>) -> Bouts {
    match (replications, &scenario.precision) {
        (Some(times), _) => Bouts::Times(times),
        (None, Some(precision)) => Bouts::Until(scenarios::precision(precision)),
        (None, None) => Bouts::Times(scenario.model.run.replications),
    }
}

/// The metrics asked for, or the headlines.
pub(super) fn metrics(asked: &[String], model: &Model, terminal: &Terminal) -> Result<Vec<Selector>, Failure> {
    if asked.is_empty() {
        return Ok(HEADLINES.iter().map(|name| name.parse().expect("headlines are metrics")).collect());
    }
    let mut metrics: Vec<Selector> = Vec::new();
    for text in asked {
        let metric = metric(text, model, terminal)?;
        if metrics.contains(&metric) {
            return Err(Failure::input(terminal, format!("metric `{metric}` is named twice"), "name each once"));
        }
        metrics.push(metric);
    }
    Ok(metrics)
}

/// A metric on the command line, whose labels name what the model has.
fn metric(text: &str, model: &Model, terminal: &Terminal) -> Result<Selector, Failure> {
    let selector: Selector = text.parse().map_err(|error: SelectorError| {
        let help = match &error {
            SelectorError::UnknownMetric { near, .. } if !near.is_empty() => {
                format!("did you mean `{}`?", near.join("`, `"))
            }
            SelectorError::UnknownMetric { .. } => {
                "metrics have names such as `sla.first_response.breach_rate` and `queue.wait.p95`".to_owned()
            }
            SelectorError::LabelNotTaken { takes, .. } if takes.is_empty() => "leave the labels out".to_owned(),
            SelectorError::LabelNotTaken { takes, .. } => format!("it takes `{}`", takes.join("`, `")),
            SelectorError::LabelTwice(_) => "leave one out".to_owned(),
            SelectorError::Labels => "write it like 'queue.wait.p95{channel=\"chat\"}', in single quotes".to_owned(),
        };
        let title = match &error {
            SelectorError::UnknownMetric { name, .. } => format!("unknown metric `{name}`"),
            other => other.to_string(),
        };
        Failure::input(terminal, title, help)
    })?;
    let names = &model.names;
    for (label, value) in selector.labels() {
        let known: Vec<&str> = match label {
            Label::Agent => names.user_names().collect(),
            Label::Channel => names.channel_names().collect(),
            Label::Group => names.group_names().collect(),
            Label::Customer => (0..names.customer_count()).map(|class| names.customer(class)).collect(),
            // Scripted events may make statuses that the file does not list.
            Label::Status => continue,
        };
        if !known.contains(&value.as_str()) {
            let help = offer(value, known.iter().copied());
            return Err(Failure::input(terminal, format!("unknown {} `{value}`", label.name()), help));
        }
    }
    Ok(selector)
}
