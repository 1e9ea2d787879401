//! `bench [DIR]`.

use super::arguments::{Arguments, Format};
use super::compare::{level, metrics};
use super::exit::Failure;
use super::files::{self, Draft};
use super::progress::with_bar;
use super::scenarios;
use super::terminal::Terminal;
use crate::experiment::Workers;
use crate::experiment::bench::{BOARD, Bench as Results, Desk, bench as bench_desks};
use crate::experiment::comparison::Rival;
use crate::report::{Style, bench_csv, bench_html, bench_json, bench_markdown, bench_page};
use crate::scenario::{OwnPolicy, Part, SUITE, Scenario, Source, load_policies};
use crate::simulation::{Model, offer};
use clap::Args;
use std::io::Write;
use std::path::{Path, PathBuf};

/// Arguments of `bench`.
#[derive(Args, Debug)]
pub struct Bench {
    /// A folder of scenarios, instead of the suite that is built in
    #[arg(value_name = "DIR")]
    pub folder: Option<PathBuf>,
    /// Only these policies [default: all that are ready-made]; the first is the one that the files' differences are to
    #[arg(long, value_name = "A,B,…", value_delimiter = ',')]
    pub policies: Vec<String>,
    /// A file whose [policy.NAME] tables enter the board; repeatable
    #[arg(long = "policy-file", value_name = "FILE")]
    pub policy_files: Vec<PathBuf>,
    /// Only these desks, by name
    #[arg(long, value_name = "A,B,…", value_delimiter = ',')]
    pub desks: Vec<String>,
    /// A metric to rank by; repeatable [default: the seven of the board]
    #[arg(long = "metric", value_name = "METRIC")]
    pub metrics: Vec<String>,
    /// Confidence of intervals and ranks
    #[arg(long, value_name = "SHARE", default_value_t = 0.95, value_parser = level)]
    pub level: f64,
    /// Name all random streams by this seed, instead of each scenario's
    #[arg(long, value_name = "N")]
    pub seed: Option<u64>,
    /// Run this many replications under each policy, instead of each scenario's number
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    pub replications: Option<u32>,
    /// Write bench.json and bench.md into this directory
    #[arg(long, value_name = "DIR")]
    pub out: Option<PathBuf>,
}

/// A desk, made ready under each policy.
struct Ready {
    name: String,
    path: String,
    seed: u64,
    replications: u32,
    sets: Vec<Vec<String>>,
    models: Vec<Model>,
}

/// Runs policies on the desks of a suite, and prints the board.
pub(super) fn bench(arguments: &Bench, global: &Arguments, terminal: &Terminal) -> Result<(), Failure> {
    let own = own_policies(&arguments.policy_files, terminal)?;
    let policies = policies(arguments, &own, terminal)?;
    let suite = chosen(suite(arguments, terminal)?, &arguments.desks, terminal)?;
    let desks = suite
        .into_iter()
        .map(|(name, source)| ready(name, source, arguments, &own, &policies, terminal))
        .collect::<Result<Vec<_>, _>>()?;
    let metrics = match arguments.metrics.as_slice() {
        [] => BOARD.iter().map(|name| name.parse().expect("the board's are metrics")).collect(),
        asked => metrics(asked, &desks[0].models[0], terminal)?,
    };
    if let Some(directory) = &arguments.out {
        files::make_directory(directory, terminal)?;
    }
    let output =
        |name: &str| arguments.out.as_ref().map(|directory| Draft::begin(&directory.join(name), terminal)).transpose();
    let drafts = [output("bench.json")?, output("bench.md")?, output("report.html")?];
    let table = output("results.csv")?;

    let desks: Vec<Desk<'_>> = desks
        .iter()
        .map(|desk| Desk {
            name: &desk.name,
            path: &desk.path,
            rivals: policies
                .iter()
                .zip(&desk.sets)
                .zip(&desk.models)
                .map(|((name, sets), model)| Rival { name, sets, model })
                .collect(),
            seed: desk.seed,
            replications: desk.replications,
        })
        .collect();
    let workers = Workers::new(global.threads.map(usize::from))?;
    let results: Results = with_bar(terminal, "runs", |progress| {
        bench_desks(&desks, &metrics, arguments.level, &command(arguments, false), &workers, progress)
    })
    .map_err(|(path, error)| Failure::Experiment(Some(path), error.into()))?;

    let texts = [bench_json(&results), bench_markdown(&results, &command(arguments, true)), bench_html(&results)];
    let mut files = files::written(drafts.into_iter().zip(texts.iter().map(String::as_bytes)), terminal)?;
    if let Some(mut draft) = table {
        bench_csv(&results, draft.out()).map_err(|error| Failure::file(terminal, "write", draft.path(), &error))?;
        files.push(draft);
    }
    files::place(files, terminal)?;
    let style = if terminal.colour_results { Style::Colour } else { Style::Plain };
    terminal.result(|out| match global.format {
        Format::Markdown => out.write_all(texts[1].as_bytes()),
        Format::Json => out.write_all(texts[0].as_bytes()),
        Format::Text => out.write_all(bench_page(&results, style).as_bytes()),
    })
}

/// The command that computes the same again, and writes it where this one does if `with_out`.
fn command(arguments: &Bench, with_out: bool) -> String {
    let mut words = vec!["desksim bench".to_owned()];
    words.extend(arguments.folder.iter().map(|folder| folder.display().to_string()));
    let mut list = |name: &str, values: &[String]| {
        if !values.is_empty() {
            words.push(format!("--{name} {}", values.join(",")));
        }
    };
    list("policies", &arguments.policies);
    list("desks", &arguments.desks);
    words.extend(arguments.policy_files.iter().map(|file| format!("--policy-file {}", file.display())));
    words.extend(arguments.metrics.iter().map(|metric| format!("--metric '{metric}'")));
    if arguments.level != 0.95 {
        words.push(format!("--level {}", arguments.level));
    }
    words.extend(arguments.seed.iter().map(|seed| format!("--seed {seed}")));
    words.extend(arguments.replications.iter().map(|times| format!("--replications {times}")));
    words.extend(arguments.out.iter().filter(|_| with_out).map(|directory| format!("--out {}", directory.display())));
    words.join(" ")
}

fn own_policies(paths: &[PathBuf], terminal: &Terminal) -> Result<Vec<OwnPolicy>, Failure> {
    let mut own: Vec<OwnPolicy> = Vec::new();
    for path in paths {
        let source = Source::new(path.display().to_string(), files::read(path, terminal)?);
        for policy in load_policies(&source).map_err(|problems| scenarios::broken(&problems, terminal))? {
            if own.iter().any(|known| known.name == policy.name) {
                let message = format!("policy `{}` stands in two files", policy.name);
                return Err(Failure::input(terminal, message, "rename one of them"));
            }
            own.push(policy);
        }
    }
    Ok(own)
}

/// The policies of the board: those asked for, or all that are ready-made; then those from files.
fn policies(arguments: &Bench, own: &[OwnPolicy], terminal: &Terminal) -> Result<Vec<String>, Failure> {
    let ready_made = crate::scenario::ready_made_policies();
    let known: Vec<&str> = ready_made.iter().copied().chain(own.iter().map(|policy| policy.name.as_str())).collect();
    let mut policies: Vec<String> = if arguments.policies.is_empty() {
        ready_made.iter().map(|name| (*name).to_owned()).collect()
    } else {
        arguments.policies.iter().map(|name| name.trim().to_owned()).collect()
    };
    for policy in own {
        if !policies.contains(&policy.name) {
            policies.push(policy.name.clone());
        }
    }
    for (place, name) in policies.iter().enumerate() {
        if !known.contains(&name.as_str()) {
            let help = offer(name, known.iter().copied());
            return Err(Failure::input(terminal, format!("unknown policy `{name}`"), help));
        }
        if policies[..place].contains(name) {
            return Err(Failure::input(terminal, format!("policy `{name}` is named twice"), "name each once"));
        }
    }
    if policies.len() < 2 {
        return Err(Failure::input(
            terminal,
            "a board needs two policies",
            "name two or more: --policies round_robin,least_open",
        ));
    }
    Ok(policies)
}

/// Names and texts of the desks, by name.
fn suite(arguments: &Bench, terminal: &Terminal) -> Result<Vec<(String, Source)>, Failure> {
    let Some(folder) = &arguments.folder else {
        let source = |name: &str, text: &str| Source::new(format!("scenarios/bench/{name}.toml"), text);
        return Ok(SUITE.iter().map(|(name, text)| ((*name).to_owned(), source(name, text))).collect());
    };
    let unreadable = |error: std::io::Error| {
        let help = "name a folder of scenarios, or none for the suite that is built in";
        Failure::input(terminal, format!("cannot read the folder {}: {error}", folder.display()), help)
    };
    let mut paths: Vec<PathBuf> = Vec::new();
    for entry in std::fs::read_dir(folder).map_err(unreadable)? {
        let path = entry.map_err(unreadable)?.path();
        if path.extension().is_some_and(|extension| extension == "toml") {
            paths.push(path);
        }
    }
    paths.sort();
    if paths.is_empty() {
        let message = format!("there is no scenario in {}", folder.display());
        return Err(Failure::input(terminal, message, "a suite is a folder of .toml files"));
    }
    let name = |path: &Path| path.file_stem().map_or(String::new(), |stem| stem.to_string_lossy().into_owned());
    paths
        .into_iter()
        .map(|path| Ok((name(&path), Source::new(path.display().to_string(), files::read(&path, terminal)?))))
        .collect()
}

/// The desks asked for.
fn chosen(
    suite: Vec<(String, Source)>,
    names: &[String],
    terminal: &Terminal,
) -> Result<Vec<(String, Source)>, Failure> {
    let known: Vec<&str> = suite.iter().map(|(name, _)| name.as_str()).collect();
    for name in names {
        if !known.contains(&name.trim()) {
            let help = offer(name, known.iter().copied());
            return Err(Failure::input(terminal, format!("unknown desk `{name}`"), help));
        }
    }
    Ok(suite
        .into_iter()
        .filter(|(name, _)| names.is_empty() || names.iter().any(|wanted| wanted.trim() == name))
        .collect())
}

/// Makes a desk ready under each policy.
fn ready(
    name: String,
    source: Source,
    arguments: &Bench,
    own: &[OwnPolicy],
    policies: &[String],
    terminal: &Terminal,
) -> Result<Ready, Failure> {
    let path = source.name.clone();
    let mut source = source;
    // A scenario that does not parse is told as it lies there.
    let scenario: Scenario = scenarios::load_told(&source, &[], Part::Whole, terminal)?;
    for policy in own {
        if scenario.policy_names().any(|known| known == policy.name) {
            let message = format!("{path} has a policy `{}` of its own", policy.name);
            return Err(Failure::input(terminal, message, "rename the one of --policy-file"));
        }
        source.text.push_str(&policy.table());
    }
    let sets: Vec<Vec<String>> = policies.iter().map(|policy| scenario.policy_sets(policy)).collect();
    if sets[0].is_empty() {
        let help = "give a channel assignment = { rule = \"round_robin\", groups = […] }, or take it out of the folder";
        return Err(Failure::input(terminal, format!("no channel of {path} assigns automatically"), help));
    }
    let models = sets
        .iter()
        .map(|sets| scenarios::load_quietly(&source, sets, terminal).map(|scenario| scenario.model))
        .collect::<Result<Vec<Model>, Failure>>()?;
    let run = &scenario.model.run;
    let (seed, replications) = (arguments.seed.unwrap_or(run.seed), arguments.replications.unwrap_or(run.replications));
    Ok(Ready { name, path, seed, replications, sets, models })
}
