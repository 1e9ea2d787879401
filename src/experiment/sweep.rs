//! The cells of a grid: many models under common random numbers, each with as many replications.
//!
//! A cell's [`CellRun`] can be kept and need not be made again: its key names all that it depends on.

use super::by_metric;
use super::results::Summary;
use super::sample::{Progress, Run, Sample, Told, digest_of, run};
use super::stability::Stability;
use super::warmup::{self, ChosenWarmup};
use super::workers::Workers;
use crate::kernel::fingerprint;
use crate::measures::{Cast, Selector};
use crate::simulation::{Model, RunError};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use std::collections::BTreeMap;
use std::ops::ControlFlow;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use xxhash_rust::xxh3::{Xxh3, xxh3_128};

/// The figures that a sweep tells of, unless others are asked for.
pub const HEADLINES: [&str; 16] = [
    "sla.first_response.breach_rate",
    "sla.closure.breach_rate",
    "customer.first_response.mean",
    "customer.first_response.p95",
    "customer.resolution.mean",
    "queue.wait.mean",
    "queue.wait.p95",
    "queue.wait.over.20s",
    "tickets.created",
    "tickets.closed",
    "tickets.abandon_rate",
    "tickets.open_at_end",
    "agents.occupancy",
    "agents.over_cap_share",
    "balance.assigned.jain",
    "balance.assigned.gini",
];

/// The results of a sweep.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Sweep {
    /// desksim's version.
    #[serde(rename = "desksim")]
    pub version: String,
    /// What the scenario is called.
    pub title: String,
    /// The content hash of the scenario that cells are changes of.
    pub scenario: String,
    /// Names all random draws, where no axis varies it.
    pub seed: u64,
    /// How many runs were made of each cell, where no axis varies it.
    pub replications: u32,
    /// Of the digests of all cells, in order.
    pub digest: String,
    /// Tells generators of random draws apart: equal fingerprints draw alike.
    pub draws: String,
    /// How long a run takes, where no axis varies it; in seconds.
    pub duration: f64,
    /// What is varied; the last axis varies fastest.
    pub axes: Vec<Axis>,
    /// The metrics that are told of, in their order.
    pub metrics: Vec<Selector>,
    /// One for each combination of the axes' values.
    pub cells: Vec<Cell>,
}

/// An axis of the grid.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Axis {
    /// What is varied.
    pub path: String,
    /// To which values.
    pub values: Vec<Value>,
}

/// What came of one cell.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Cell {
    /// Its value on each axis, by path.
    pub settings: Map<String, Value>,
    /// The content hash of its scenario.
    pub scenario: String,
    /// Of the digests of its replications.
    pub digest: String,
    /// Its beginning that is left out of every figure, in seconds; where a pilot chooses it, each cell has its own.
    #[serde(default)]
    pub warmup: f64,
    /// Whether its figures describe a state that lasts.
    pub stability: Option<Stability>,
    /// The sweep's metrics in their order.
    #[serde(with = "by_metric")]
    pub metrics: Vec<(Selector, Option<Summary>)>,
}

/// One cell's replications, reduced to the values of some metrics.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct CellRun {
    /// desksim's version.
    #[serde(rename = "desksim")]
    pub version: String,
    /// Tells generators of random draws apart.
    pub draws: String,
    /// The content hash of the cell's scenario.
    pub scenario: String,
    /// Names all random draws.
    pub seed: u64,
    /// How many runs were made.
    pub replications: u32,
    /// Of the digests of its replications.
    pub digest: String,
    /// Its beginning that is left out of every figure, in seconds.
    pub warmup: f64,
    /// Whether its figures describe a state that lasts.
    pub stability: Option<Stability>,
    /// Each metric's value in each replication, in order; `null` where nothing happened that it could tell of.
    #[serde(with = "by_metric")]
    pub metrics: Vec<(Selector, Vec<Option<f64>>)>,
}

/// What there is to do for a cell.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct CellTask {
    /// Names all that its outcome depends on.
    pub key: u128,
    /// Names all random draws.
    pub seed: u64,
    /// How many runs to make; at least one.
    pub replications: u32,
}

/// Where a sweep's cells come from, and where they are kept.
pub trait Cells: Sync {
    /// Why there is no cell.
    type Error: Send + From<RunError>;

    /// The model of a cell; asked for when work on it begins.
    ///
    /// # Errors
    /// If there is none.
    fn model(&self, cell: usize) -> Result<Model, Self::Error>;

    /// What is known of a cell already; it must fit the task ([`CellRun::fits`]).
    fn known(&self, cell: usize, task: &CellTask) -> Option<CellRun>;

    /// Keeps a cell, for the next time.
    ///
    /// # Errors
    /// If it cannot.
    fn keep(&self, task: &CellTask, run: &CellRun) -> Result<(), Self::Error>;
}

impl CellTask {
    /// The task of a cell whose scenario has this content hash.
    pub fn new(scenario: &str, seed: u64, replications: u32, metrics: &[Selector]) -> CellTask {
        let (version, draws) = identity();
        let key = key(&version, &draws, scenario, seed, replications, metrics.iter());
        CellTask { key, seed, replications }
    }

    /// Whether it is the task of a scenario with this content hash, for those metrics.
    pub fn is_of(&self, scenario: &str, metrics: &[Selector]) -> bool {
        CellTask::new(scenario, self.seed, self.replications, metrics) == *self
    }
}

impl CellRun {
    /// Whether this is what comes of a task.
    pub fn fits(&self, task: &CellTask) -> bool {
        let CellRun { version, draws, scenario, seed, replications, metrics, .. } = self;
        key(version, draws, scenario, *seed, *replications, metrics.iter().map(|(metric, _)| metric)) == task.key
            && metrics.iter().all(|(_, values)| values.len() == *replications as usize)
    }

    /// What its replications say together.
    pub fn cell(&self, settings: Map<String, Value>) -> Cell {
        let summed = self
            .metrics
            .iter()
            .map(|(metric, values)| (metric.clone(), Summary::of_unit(values, metric.metric().unit)));
        Cell {
            settings,
            scenario: self.scenario.clone(),
            digest: self.digest.clone(),
            warmup: self.warmup,
            stability: self.stability.clone(),
            metrics: summed.collect(),
        }
    }
}

impl Sweep {
    /// A digest of the digests of its cells, in order.
    pub fn digest_of(cells: &[Cell]) -> String {
        let mut hash = Xxh3::new();
        cells.iter().for_each(|cell| hash.update(cell.digest.as_bytes()));
        format!("{:032x}", hash.digest128())
    }
}

/// The version of desksim, and what tells its draws apart.
pub(crate) fn identity() -> (String, String) {
    (env!("CARGO_PKG_VERSION").to_owned(), format!("{:016x}", fingerprint()))
}

fn key<'a>(
    version: &str,
    draws: &str,
    scenario: &str,
    seed: u64,
    replications: u32,
    metrics: impl Iterator<Item = &'a Selector>,
) -> u128 {
    let mut text = format!("cell 2\n{version}\n{draws}\n{scenario}\n{seed}\n{replications}\n");
    metrics.for_each(|metric| text.push_str(&format!("{metric}\n")));
    xxh3_128(text.as_bytes())
}

/// Makes the cells that are not known, on all threads, replication by replication; gives each to `take` in order. A model is
/// made when work on its cell begins and is gone when its last replication is done, so that few are there at a time.
///
/// # Errors
/// The first that making or keeping a cell gives.
pub fn sweep<C: Cells>(
    cells: &C,
    tasks: &[CellTask],
    metrics: &[Selector],
    workers: &Workers,
    progress: &(dyn Fn(Progress) + Sync),
    mut take: impl FnMut(usize, CellRun) -> Result<(), C::Error>,
) -> Result<(), C::Error> {
    let mut ends = Vec::with_capacity(tasks.len());
    let mut pieces = 0;
    for task in tasks {
        pieces += task.replications as usize;
        ends.push(pieces);
    }
    let (bench, told) = (Bench::default(), Told::new(pieces as u64, progress));
    let work = |piece: usize| {
        let cell = ends.partition_point(|end| *end <= piece);
        let (task, begin) = (&tasks[cell], ends[cell] - tasks[cell].replications as usize);
        told.of(bench.work(cells, metrics, cell, task, piece - begin))
    };
    let mut taken = 0;
    let mut failed = None;
    workers.in_order(pieces, work, |_, done| {
        let done = done.and_then(|run| match run {
            Some(run) => {
                taken += 1;
                take(taken - 1, run)
            }
            None => Ok(()),
        });
        match done {
            Ok(()) => ControlFlow::Continue(()),
            Err(error) => {
                failed = Some(error);
                ControlFlow::Break(())
            }
        }
    });
    failed.map_or(Ok(()), Err)
}

/// The cells under way.
struct Bench<E>(Mutex<BTreeMap<usize, Arc<Job<E>>>>);

/// One cell under way.
struct Job<E> {
    state: OnceLock<State<E>>,
    done: AtomicU32,
}

enum State<E> {
    /// It was known; taken when its last piece is done.
    Known(Mutex<Option<CellRun>>),
    Open {
        model: Box<Model>,
        cast: Cast,
        /// Where a pilot chose it.
        chosen: Option<ChosenWarmup>,
        runs: Mutex<Vec<Option<Run>>>,
    },
    /// There is no model; whoever comes first says why.
    Failed(Mutex<Option<E>>),
}

impl<E> Default for Bench<E> {
    fn default() -> Bench<E> {
        Bench(Mutex::default())
    }
}

impl<E: From<RunError>> Bench<E> {
    /// Does one replication of a cell; gives the cell when it was its last.
    fn work<C: Cells<Error = E>>(
        &self,
        cells: &C,
        metrics: &[Selector],
        cell: usize,
        task: &CellTask,
        replication: usize,
    ) -> Result<Option<CellRun>, E> {
        let fresh = || Arc::new(Job { state: OnceLock::new(), done: AtomicU32::new(0) });
        let job = lock(&self.0).entry(cell).or_insert_with(fresh).clone();
        match job.state.get_or_init(|| State::begin(cells, cell, task)) {
            State::Known(_) => {}
            State::Open { model, cast, chosen, runs } => {
                let warmup = chosen.map_or(model.run.warmup, ChosenWarmup::span);
                let done = run(model, cast, task.seed, warmup, replication as u32)?;
                lock(runs)[replication] = Some(done);
            }
            State::Failed(why) => {
                if let Some(why) = lock(why).take() {
                    return Err(why);
                }
            }
        }
        if job.done.fetch_add(1, Ordering::AcqRel) + 1 < task.replications {
            return Ok(None);
        }
        lock(&self.0).remove(&cell);
        match job.state.get().expect("it was just there") {
            State::Known(run) => Ok(lock(run).take()),
            State::Open { model, chosen, runs, .. } => {
                let run = reduce(model, task, metrics, *chosen, &mut lock(runs));
                cells.keep(task, &run)?;
                Ok(Some(run))
            }
            State::Failed(_) => Ok(None),
        }
    }
}

impl<E: From<RunError>> State<E> {
    fn begin<C: Cells<Error = E>>(cells: &C, cell: usize, task: &CellTask) -> State<E> {
        if let Some(run) = cells.known(cell, task) {
            return State::Known(Mutex::new(Some(run)));
        }
        let begun = cells.model(cell).and_then(|model| {
            // Whoever begins a cell makes its pilot alone: the others have cells of their own.
            let pilot = || warmup::choose(&model, task.seed, task.replications, None);
            let chosen = model.run.auto_warmup.then(pilot).transpose()?;
            Ok((model, chosen))
        });
        match begun {
            Ok((model, chosen)) => {
                let cast = Cast::new(&model);
                let runs = Mutex::new((0..task.replications).map(|_| None).collect());
                State::Open { model: Box::new(model), cast, chosen, runs }
            }
            Err(why) => State::Failed(Mutex::new(Some(why))),
        }
    }
}

/// The replications of a cell, in their order.
fn reduce(
    model: &Model,
    task: &CellTask,
    metrics: &[Selector],
    chosen: Option<ChosenWarmup>,
    runs: &mut Vec<Option<Run>>,
) -> CellRun {
    let mut sample = Sample::new(model, task.seed);
    chosen.into_iter().for_each(|chosen| sample.leave_out(chosen));
    runs.drain(..).for_each(|run| sample.add(run.expect("the last replication is done")));
    let (version, draws) = identity();
    let none = || vec![None; task.replications as usize];
    let values = |metric: &Selector| {
        sample.values(metric).map_or_else(none, |values| {
            let mut values = values.to_vec();
            values.resize(task.replications as usize, None);
            values
        })
    };
    CellRun {
        version,
        draws,
        scenario: model.hash.clone(),
        seed: task.seed,
        replications: task.replications,
        digest: digest_of(sample.digests()),
        warmup: sample.warmup().as_secs_f64(),
        stability: sample.stability(),
        metrics: metrics.iter().map(|metric| (metric.clone(), values(metric))).collect(),
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::super::samples;
    use super::*;
    use std::sync::atomic::AtomicUsize;

    /// Desks of 1, 2, … agents, some of them known.
    struct Desks {
        known: BTreeMap<usize, CellRun>,
        kept: Mutex<Vec<CellRun>>,
        made: AtomicUsize,
        broken: Option<usize>,
    }

    /// Errors of these tests are their words.
    impl From<RunError> for String {
        fn from(error: RunError) -> String {
            error.to_string()
        }
    }

    impl Cells for Desks {
        type Error = String;

        fn model(&self, cell: usize) -> Result<Model, String> {
            self.made.fetch_add(1, Ordering::SeqCst);
            match self.broken == Some(cell) {
                true => Err(format!("no cell {cell}")),
                false => Ok(model(cell)),
            }
        }

        fn known(&self, cell: usize, task: &CellTask) -> Option<CellRun> {
            self.known.get(&cell).filter(|run| run.fits(task)).cloned()
        }

        fn keep(&self, _: &CellTask, run: &CellRun) -> Result<(), String> {
            lock(&self.kept).push(run.clone());
            Ok(())
        }
    }

    fn model(cell: usize) -> Model {
        let agents = cell as u32 + 1;
        Model { hash: format!("desk of {agents}"), ..samples::model(agents, 30.0, 2) }
    }

    fn desks() -> Desks {
        Desks { known: BTreeMap::new(), kept: Mutex::default(), made: AtomicUsize::new(0), broken: None }
    }

    fn metrics() -> Vec<Selector> {
        ["queue.wait.mean", "tickets.created{channel=\"chat\"}", "agents.occupancy{agent=\"support-2\"}"]
            .map(|metric| metric.parse().unwrap())
            .to_vec()
    }

    fn tasks() -> Vec<CellTask> {
        // One cell is repeated more often than the others.
        (0..5).map(|cell| CellTask::new(&model(cell).hash, 3, 2 + (cell == 1) as u32 * 2, &metrics())).collect()
    }

    fn swept(desks: &Desks, threads: usize) -> Result<Vec<CellRun>, String> {
        let mut runs = Vec::new();
        let workers = Workers::new(Some(threads)).unwrap();
        sweep(desks, &tasks(), &metrics(), &workers, &|_| (), |cell, run| {
            assert_eq!(cell, runs.len());
            runs.push(run);
            Ok(())
        })?;
        Ok(runs)
    }

    #[test]
    fn cells_come_in_order_and_are_those_of_each_model_alone() {
        let runs = swept(&desks(), 1).unwrap();
        assert_eq!(swept(&desks(), 3).unwrap(), runs);
        for (cell, run) in runs.iter().enumerate() {
            let model = model(cell);
            let mut alone = Sample::new(&model, 3);
            alone.grow_until(run.replications, &Workers::new(Some(2)).unwrap(), &|_| (), |_| false).unwrap();
            assert_eq!(run.digest, digest_of(alone.digests()));
            assert_eq!(Some(&run.metrics[0].1[..]), alone.values(&metrics()[0]));
            assert!(run.fits(&tasks()[cell]) && !run.fits(&tasks()[(cell + 1) % 5]));
        }
        // The same customers write, whoever is there; and the first desk has no second agent.
        let created = |cell: usize| &runs[cell].metrics[1].1[..2];
        assert!(created(0) == created(4) && created(0)[0].is_some());
        assert_eq!(runs[0].metrics[2].1, [None, None]);
        assert!(runs[1].metrics[2].1[0].is_some());
    }

    #[test]
    fn what_is_known_is_not_made_again() {
        let all = desks();
        let runs = swept(&all, 2).unwrap();
        assert_eq!(all.made.load(Ordering::SeqCst), 5);
        assert_eq!(lock(&all.kept).len(), 5);
        let mut some = desks();
        some.known = [0, 3].map(|cell| (cell, runs[cell].clone())).into();
        // What belongs to another cell is of no use.
        some.known.insert(4, runs[2].clone());
        assert_eq!(swept(&some, 2).unwrap(), runs);
        assert_eq!(some.made.load(Ordering::SeqCst), 3);
    }

    #[test]
    fn a_cell_that_fails_ends_it() {
        let broken = Desks { broken: Some(2), ..desks() };
        assert_eq!(swept(&broken, 2), Err("no cell 2".to_owned()));
    }

    #[test]
    fn a_key_is_of_all_that_matters() {
        let of =
            |seed, replications, metrics: &[Selector]| CellTask::new(&model(0).hash, seed, replications, metrics).key;
        let one = of(1, 2, &metrics());
        assert_eq!(one, of(1, 2, &metrics()));
        let others = [of(2, 2, &metrics()), of(1, 3, &metrics()), of(1, 2, &metrics()[1..])];
        assert!(!others.contains(&one));
        assert_ne!(CellTask::new(&model(1).hash, 1, 2, &metrics()).key, one);
    }

    #[test]
    fn cells_read_back_as_they_were_written() {
        for run in swept(&desks(), 2).unwrap() {
            let text = serde_json::to_string(&run).unwrap();
            assert_eq!(serde_json::from_str::<CellRun>(&text).unwrap(), run);
            let cell = run.cell(Map::new());
            let text = serde_json::to_string(&cell).unwrap();
            assert_eq!(serde_json::from_str::<Cell>(&text).unwrap(), cell);
        }
    }
}
