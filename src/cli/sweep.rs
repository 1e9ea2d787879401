//! `sweep FILE`.

use super::arguments::{Arguments, Changes, Format};
use super::exit::{Exit, Failure};
use super::files::{self, Draft};
use super::progress::with_bar;
use super::scenarios;
use super::store::Store;
use super::terminal::Terminal;
use crate::experiment::sweep::{
    Axis, Cell, CellRun, CellTask, Cells, HEADLINES, Sweep, identity, sweep as sweep_cells,
};
use crate::experiment::{Progress, Workers};
use crate::measures::Selector;
use crate::report::{ReplicationRows, Style, sweep_csv, sweep_html, sweep_json, sweep_page};
use crate::scenario::{Base, Grid, Problems, Source};
use crate::simulation::Model;
use clap::Args;
use serde_json::{Map, Value};
use std::io::{self, Write};
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};

/// More cells than this are asked about: it is easy to write a grid that takes years.
const MANY: u128 = 1_000_000;

/// More cells than this are refused: to list them alone would take more memory than machines have.
const MOST: u128 = 100_000_000;

/// More different problems than this are not collected.
const PROBLEMS: usize = 1_000;

/// Arguments of `sweep`.
#[derive(Args, Debug)]
#[command(after_help = "\
Every combination of the axes' values is a cell. All cells meet the same customers, so that they differ by their settings alone.

Values stand between commas and are written as for --set; those with commas of their own stand in brackets or quotes:
  desksim sweep desk.toml --vary agent.support.count=8,10,12 --vary channel.chat.limit.max_open=2,3,4
  desksim sweep desk.toml --vary 'channel.chat.limit={ max_open = 3 },{ max_open = 4, counts = \"pending\" }'

With --out DIR each finished cell is kept in DIR/cells, under a name made of all that it depends on. A sweep that was stopped, even by \
force, goes on from there when it is started again, and ends with the same bytes; so does one with more values. What is damaged is noticed \
and made again.

With warmup = \"auto\" each cell leaves out what its own pilot finds, and says how much (warmup_s): a cell is kept for other sweeps. For \
figures of the same time in all cells write the warm-up out, as in --set run.warmup=1d.")]
pub struct Sweeping {
    /// The scenario; its [sweep] is the grid, unless --vary says otherwise
    pub file: PathBuf,
    /// Vary a value of the scenario; replaces an axis of the same path
    #[arg(long, value_name = "PATH=VALUE,VALUE,…")]
    pub vary: Vec<String>,
    #[command(flatten)]
    #[allow(missing_docs)]
    pub changes: Changes,
    /// Name all random streams by this seed, instead of the scenario's
    #[arg(long, value_name = "N")]
    pub seed: Option<u64>,
    /// Run each cell this many times, instead of the scenario's number
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    pub replications: Option<u32>,
    /// Tell of this metric, such as queue.wait.p95{channel="chat"}, or of all that begin so: queue.wait.* [default: the
    /// best known, and those of [[expect]]]
    #[arg(long = "metric", value_name = "METRIC")]
    pub metrics: Vec<String>,
    /// Keep finished cells in this directory, and write results.json, results.csv, replications.csv, report.txt and
    /// report.html into it
    #[arg(long, value_name = "DIR")]
    pub out: Option<PathBuf>,
    /// Do it even if there are more than a million cells
    #[arg(long)]
    pub yes: bool,
}

/// Runs the cells of a grid.
pub(super) fn sweep(arguments: &Sweeping, global: &Arguments, terminal: &Terminal) -> Result<(), Failure> {
    let source = Source::new(arguments.file.display().to_string(), files::read(&arguments.file, terminal)?);
    let broken = |problems: Problems| scenarios::broken(&problems, terminal);
    let base = Base::load(&source, &arguments.changes.sets)
        .map_err(|problems| scenarios::broken_file(&source, &problems, terminal))?;
    scenarios::warn(base.scenario(), terminal);
    let metrics = metrics(&base, &arguments.metrics).map_err(broken)?;
    let grid = base.grid(&arguments.vary).map_err(broken)?;
    let cells = count(&grid, arguments.yes, terminal)?;
    if base.scenario().precision.is_some() && arguments.replications.is_none() {
        let runs = base.scenario().model.run.replications;
        terminal.say(format!(
            "a sweep runs every cell as often as the others: {runs} times, not until run.precision is reached"
        ));
    }

    let workers = Workers::new(global.threads.map(usize::from))?;
    let tasks = tasks(&grid, cells, arguments, &metrics, &workers, terminal)?;
    let store = arguments.out.as_ref().map(|directory| Store::open(directory, terminal)).transpose()?;
    let output = |name: &str| {
        let (Some(directory), Some(store)) = (&arguments.out, &store) else { return Ok(None) };
        Draft::begin_in(&directory.join(name), Some(store.aside()), terminal).map(Some)
    };
    let drafts = [output("results.json")?, output("results.csv")?, output("report.txt")?, output("report.html")?];
    let mut replications = output("replications.csv")?;

    let axes: Vec<Axis> =
        grid.axes().iter().map(|axis| Axis { path: axis.path.clone(), values: axis.values() }).collect();
    let desks = Desks {
        grid: &grid,
        tasks: &tasks,
        metrics: &metrics,
        store: store.as_ref(),
        known: AtomicUsize::new(0),
        terminal,
    };
    let found = desks.sweep(&axes, replications.as_mut(), &workers)?;
    let results = results(&base, arguments, axes, metrics, found);

    let json = sweep_json(&results);
    let page = sweep_page(&results, Style::Plain);
    let mut csv = Vec::new();
    sweep_csv(&results, &mut csv).expect("memory takes what is written");
    let html = if arguments.out.is_some() { sweep_html(&results) } else { String::new() };
    let texts = [json.as_bytes(), &csv, page.as_bytes(), html.as_bytes()];
    let mut files = files::written(drafts.into_iter().zip(texts), terminal)?;
    files.extend(replications);
    files::place(files, terminal)?;
    terminal.result(|out| match global.format {
        Format::Markdown => write!(out, "```text\n{page}```\n"),
        Format::Json => out.write_all(json.as_bytes()),
        Format::Text if terminal.colour_results => out.write_all(sweep_page(&results, Style::Colour).as_bytes()),
        Format::Text => out.write_all(page.as_bytes()),
    })
}

/// The metrics asked for, or those that are best known and those that the scenario cares about.
fn metrics(base: &Base, asked: &[String]) -> Result<Vec<Selector>, Problems> {
    if !asked.is_empty() {
        return base.metrics(asked);
    }
    let own = base.scenario().expectations.iter().map(|expectation| expectation.metric.to_string());
    let names: Vec<String> = HEADLINES.iter().map(|name| (*name).to_owned()).chain(own).collect();
    base.metrics(&names)
}

fn count(grid: &Grid<'_>, yes: bool, terminal: &Terminal) -> Result<usize, Failure> {
    let sizes: Vec<String> = grid.axes().iter().map(|axis| axis.values().len().to_string()).collect();
    match grid.cells() {
        0 => Err(Failure::input(
            terminal,
            "there is nothing to vary",
            "add a table [sweep] to the scenario, or --vary agent.support.count=10,11,12",
        )),
        cells if cells > MOST => Err(Failure::input(
            terminal,
            format!("a grid of {} is {cells} cells, which nobody lives to see", sizes.join(" × ")),
            "vary fewer settings at a time, or fewer values of each",
        )),
        cells if cells > MANY && !yes => Err(Failure::input(
            terminal,
            format!("a grid of {} is {cells} cells", sizes.join(" × ")),
            "vary fewer settings at a time, or add --yes if it is meant",
        )),
        cells => Ok(cells as usize),
    }
}

/// What there is to do for each cell, once it is known that all of them make a scenario.
fn tasks(
    grid: &Grid<'_>,
    cells: usize,
    arguments: &Sweeping,
    metrics: &[Selector],
    workers: &Workers,
    terminal: &Terminal,
) -> Result<Vec<CellTask>, Failure> {
    let mut tasks = Vec::with_capacity(cells);
    let mut problems: Option<Problems> = None;
    let done = AtomicU64::new(0);
    with_bar(terminal, "cells looked at", |progress| {
        let look = |cell| {
            let model = grid.model(cell);
            progress(Progress { done: done.fetch_add(1, Ordering::Relaxed) + 1, of: cells as u64 });
            model.map(|Model { run, hash, .. }| {
                let seed = arguments.seed.unwrap_or(run.seed);
                CellTask::new(&hash, seed, arguments.replications.unwrap_or(run.replications), metrics)
            })
        };
        workers.in_order(cells, look, |_, looked| {
            match (looked, &mut problems) {
                (Ok(task), _) => tasks.push(task),
                (Err(more), Some(problems)) => problems.absorb(more),
                (Err(first), none) => *none = Some(first),
            }
            match problems.as_ref().is_some_and(|problems| problems.len() >= PROBLEMS) {
                true => ControlFlow::Break(()),
                false => ControlFlow::Continue(()),
            }
        });
    });
    match problems {
        Some(problems) => Err(scenarios::broken(&problems, terminal)),
        None => Ok(tasks),
    }
}

/// Cells from a grid, kept in files.
struct Desks<'a> {
    grid: &'a Grid<'a>,
    tasks: &'a [CellTask],
    metrics: &'a [Selector],
    store: Option<&'a Store>,
    known: AtomicUsize,
    terminal: &'a Terminal,
}

impl Desks<'_> {
    /// What comes of each cell; the values of its replications go into a table.
    fn sweep(&self, axes: &[Axis], draft: Option<&mut Draft>, workers: &Workers) -> Result<Vec<Cell>, Failure> {
        let place = draft.as_ref().map(|draft| draft.path().to_owned());
        let unwritten =
            |error: io::Error| Failure::file(self.terminal, "write", place.as_deref().unwrap_or(Path::new("")), &error);
        let rows = draft.map(|draft| ReplicationRows::new(axes, draft.out()));
        let mut rows = rows.transpose().map_err(unwritten)?;
        let mut found = Vec::new();
        with_bar(self.terminal, "replications", |progress| {
            sweep_cells(self, self.tasks, self.metrics, workers, progress, |cell, run| {
                let settings = settings(axes, &self.grid.place(cell));
                if let Some(rows) = &mut rows {
                    rows.add(cell, &settings, &run).map_err(unwritten)?;
                }
                found.push(run.cell(settings));
                Ok(())
            })
        })?;
        rows.map_or(Ok(()), ReplicationRows::finish).map_err(unwritten)?;
        match self.known.load(Ordering::Relaxed) {
            0 => {}
            known => self.terminal.say(format!("{known} of {} cells were there already", self.tasks.len())),
        }
        Ok(found)
    }
}

impl Cells for Desks<'_> {
    type Error = Failure;

    fn model(&self, cell: usize) -> Result<Model, Failure> {
        let model = self.grid.model(cell).map_err(|problems| scenarios::broken(&problems, self.terminal))?;
        match self.tasks[cell].is_of(&model.hash, self.metrics) {
            true => Ok(model),
            false => Err(Failure::Told(
                Exit::Machine,
                self.terminal.error("a file that the scenario names changed while the sweep ran", "start it again"),
            )),
        }
    }

    fn known(&self, _: usize, task: &CellTask) -> Option<CellRun> {
        let known = self.store?.get(task, self.terminal)?;
        self.known.fetch_add(1, Ordering::Relaxed);
        Some(known)
    }

    fn keep(&self, task: &CellTask, run: &CellRun) -> Result<(), Failure> {
        self.store.map_or(Ok(()), |store| store.put(task, run, self.terminal))
    }
}

fn settings(axes: &[Axis], place: &[usize]) -> Map<String, Value> {
    axes.iter().zip(place).map(|(axis, at)| (axis.path.clone(), axis.values[*at].clone())).collect()
}

fn results(base: &Base, arguments: &Sweeping, axes: Vec<Axis>, metrics: Vec<Selector>, cells: Vec<Cell>) -> Sweep {
    let model = &base.scenario().model;
    let (version, draws) = identity();
    Sweep {
        version,
        title: model.title.clone(),
        scenario: model.hash.clone(),
        seed: arguments.seed.unwrap_or(model.run.seed),
        replications: arguments.replications.unwrap_or(model.run.replications),
        digest: Sweep::digest_of(&cells),
        draws,
        duration: model.run.duration.as_secs_f64(),
        axes,
        metrics,
        cells,
    }
}
