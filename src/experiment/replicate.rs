//! Running a model again and again, each time with other draws.
//!
//! Replications run in parallel and are merged in their order, so results are the same for any number of threads. Each
//! is reduced to its sheet before the next one starts on the same thread, so memory grows with the threads, and with a
//! few numbers per replication.

use super::results::{Columns, Facts, Results, Summary};
use crate::measures::{Cast, Measures, Selector, Sheet};
use crate::simulation::Model;
use rayon::prelude::*;
use std::fmt;
use std::sync::atomic::{AtomicU32, Ordering};
use xxhash_rust::xxh3::Xxh3;

/// How often a model is run.
#[derive(Clone, PartialEq, Debug)]
pub enum Repetition {
    /// That many times; at least once.
    Times(u32),
    /// Until a metric is known well enough.
    Until(Precision),
}

/// How well a metric is to be known.
#[derive(Clone, PartialEq, Debug)]
pub struct Precision {
    /// Which metric.
    pub metric: Selector,
    /// Half the width of its 95 % interval, as a share of its mean.
    pub relative: f64,
    /// No more replications than this.
    pub at_most: u32,
}

/// How far the work has come.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Progress {
    /// Replications that are done.
    pub done: u32,
    /// Replications that there will be, or at most.
    pub of: u32,
}

/// What to run, apart from the model.
#[derive(Clone, PartialEq, Debug)]
pub struct Experiment {
    /// Names all random draws.
    pub seed: u64,
    /// How often.
    pub repetition: Repetition,
    /// On how many threads; `None` is as many as the machine has.
    pub threads: Option<usize>,
}

/// Why an experiment could not be made.
#[derive(Debug)]
pub enum ReplicateError {
    /// The machine did not give the threads.
    Threads(rayon::ThreadPoolBuildError),
}

impl fmt::Display for ReplicateError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            ReplicateError::Threads(error) => write!(f, "threads could not be started: {error}"),
        }
    }
}

impl std::error::Error for ReplicateError {}

/// Fewer replications than this say too little about their own spread to stop by it.
const FEWEST_TO_STOP_BY: usize = 10;

/// So many replications are under way or waiting to be merged at a time, at most.
const BATCH: u32 = 64;

/// One replication's outcome.
#[derive(Clone, Debug)]
struct Run {
    sheet: Sheet,
    digest: u64,
}

/// Runs a model as told; `progress` is called from any thread after each replication.
///
/// # Errors
/// If the machine does not give the threads.
pub fn replicate(
    model: &Model,
    experiment: &Experiment,
    progress: &(dyn Fn(Progress) + Sync),
) -> Result<Results, ReplicateError> {
    let cast = Cast::new(model);
    let most = experiment.repetition.most();
    let threads = experiment.threads.unwrap_or(0).min(most as usize);
    let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().map_err(ReplicateError::Threads)?;
    let run = |replication| run(model, &cast, experiment.seed, replication);
    let (columns, digest) = pool.install(|| repeat(model, &experiment.repetition, run, progress));
    Ok(Results {
        version: env!("CARGO_PKG_VERSION").to_owned(),
        scenario: model.hash.clone(),
        seed: experiment.seed,
        replications: columns.count(),
        digest,
        draws: draws(),
        facts: Facts::new(model, &cast),
        figures: columns.figures(model),
    })
}

fn run(model: &Model, cast: &Cast, _seed: u64, _replication: u32) -> Run {
    let measures = Measures::new(cast, &model.names, model.run.warmup);
    Run { sheet: measures.sheet(), digest: 0 }
}

fn draws() -> String {
    String::new()
}

/// Merges runs in order until there are enough; the digest is of theirs, in order.
fn repeat(
    model: &Model,
    repetition: &Repetition,
    run: impl Fn(u32) -> Run + Sync,
    progress: &(dyn Fn(Progress) + Sync),
) -> (Columns, String) {
    let most = repetition.most();
    let batch = match repetition {
        Repetition::Times(_) => BATCH,
        // What is run past the one that suffices is thrown away.
        Repetition::Until(_) => rayon::current_num_threads() as u32,
    };
    let done = AtomicU32::new(0);
    let run = |replication| {
        let run = run(replication);
        progress(Progress { done: done.fetch_add(1, Ordering::Relaxed) + 1, of: most });
        run
    };
    let mut columns = Columns::default();
    let mut digest = Xxh3::new();
    while columns.count() < most {
        let first = columns.count();
        let runs: Vec<Run> = (first..most.min(first + batch)).into_par_iter().map(&run).collect();
        for run in runs {
            columns.add(&run.sheet);
            digest.update(&run.digest.to_le_bytes());
            if let Repetition::Until(precision) = repetition
                && is_precise(model, &columns, precision)
            {
                return (columns, format!("{:032x}", digest.digest128()));
            }
        }
    }
    (columns, format!("{:032x}", digest.digest128()))
}

fn is_precise(model: &Model, columns: &Columns, precision: &Precision) -> bool {
    let Some(values) = columns.key(model, &precision.metric).and_then(|key| columns.column(&key)) else { return false };
    let known = values.iter().flatten().count();
    known >= FEWEST_TO_STOP_BY
        && Summary::of(values).is_some_and(|summary| {
            summary.half_width().is_some_and(|half| half <= precision.relative * summary.mean.abs())
        })
}

impl Repetition {
    /// How many replications there will be at most.
    pub fn most(&self) -> u32 {
        match self {
            Repetition::Times(times) => (*times).max(1),
            Repetition::Until(precision) => precision.at_most.max(1),
        }
    }
}
