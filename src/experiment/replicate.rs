//! Running a model again and again, each time with other draws.
//!
//! Replications run in parallel and are merged in their order, so results are the same for any number of threads. Each
//! is reduced to its sheet before the next one starts on the same thread, so memory grows with the threads, and with a
//! few numbers per replication.

use super::results::{Columns, Facts, Results, Summary};
use crate::desk::{Desk, UserId};
use crate::kernel::fingerprint;
use crate::measures::{Cast, Measures, Selector, Sheet};
use crate::simulation::{Digest, Model, Observer, Step, simulate};
use crate::time::Instant;
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
    digest: u128,
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
        draws: format!("{:016x}", fingerprint()),
        facts: Facts::new(model, &cast),
        figures: columns.figures(model),
    })
}

fn run(model: &Model, cast: &Cast, seed: u64, replication: u32) -> Run {
    let mut watch = Watch { measures: Measures::new(cast, &model.names, model.run.warmup), digest: Digest::new() };
    simulate(model, seed, replication, &mut watch);
    Run { sheet: watch.measures.sheet(), digest: watch.digest.value() }
}

/// Measures and digests the same run.
struct Watch<'a> {
    measures: Measures<'a>,
    digest: Digest,
}

impl Observer for Watch<'_> {
    fn start(&mut self, now: Instant, desk: &Desk) {
        self.measures.start(now, desk);
        self.digest.start(now, desk);
    }

    fn step(&mut self, step: &Step<'_>, desk: &Desk) {
        self.measures.step(step, desk);
        self.digest.step(step, desk);
    }

    fn work(&mut self, now: Instant, user: UserId, in_hand: u16) {
        self.measures.work(now, user, in_hand);
        self.digest.work(now, user, in_hand);
    }

    fn finish(&mut self, now: Instant, desk: &Desk) {
        self.measures.finish(now, desk);
        self.digest.finish(now, desk);
    }
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

#[cfg(test)]
mod tests {
    use super::super::samples;
    use super::*;
    use crate::report::json;

    fn experiment(repetition: Repetition, threads: usize) -> Experiment {
        Experiment { seed: 5, repetition, threads: Some(threads) }
    }

    fn results(model: &Model, repetition: Repetition, threads: usize) -> Results {
        replicate(model, &experiment(repetition, threads), &|_| ()).unwrap()
    }

    /// Ten hours with breaches, abandonment, escalation and reopening.
    fn busy_day() -> Model {
        samples::model(6, 80.0, 10)
    }

    #[test]
    fn results_are_the_same_bytes_for_any_number_of_threads() {
        let model = busy_day();
        let [one, two, again] = [1, 2, 2].map(|threads| json(&results(&model, Repetition::Times(5), threads)));
        assert_eq!(one, two);
        assert_eq!(two, again);
    }

    #[test]
    fn every_replication_draws_anew_and_every_seed_too() {
        let model = busy_day();
        let first = results(&model, Repetition::Times(3), 2);
        let values = &first.get("queue.wait.mean").unwrap().values;
        assert!(values[0] != values[1] && values[1] != values[2], "{values:?}");
        let other = Experiment { seed: 6, ..experiment(Repetition::Times(3), 2) };
        let other = replicate(&model, &other, &|_| ()).unwrap();
        assert_ne!(first.digest, other.digest);
        assert_ne!(first.mean("queue.wait.mean"), other.mean("queue.wait.mean"));
        let fewer = results(&model, Repetition::Times(2), 2);
        assert_eq!(fewer.get("queue.wait.mean").unwrap().values, values[..2]);
        assert_ne!(fewer.digest, first.digest);
    }

    /// What came equals what went and what stays; every timer that started has one outcome or runs at the end.
    #[test]
    fn nothing_is_lost_in_a_whole_run() {
        let results = results(&busy_day(), Repetition::Times(4), 2);
        let of = |metric: &str, labels: &str, n: usize| {
            results.get(&format!("{metric}{labels}")).unwrap().values[n].unwrap_or_else(|| panic!("{metric}{labels}"))
        };
        for labels in ["", "{channel=\"chat\"}", "{channel=\"mail\"}", "{customer=\"shopper\"}"] {
            for n in 0..4 {
                assert_eq!(
                    of("tickets.created", labels, n) + of("tickets.reopened", labels, n),
                    of("tickets.closed", labels, n) + of("tickets.open_at_end", labels, n),
                    "{labels}, replication {n}"
                );
                for timer in ["sla.first_response", "sla.closure"] {
                    let ends = ["met", "breached", "cancelled", "unanswered", "running"];
                    let sum: f64 = ends.iter().map(|end| of(&format!("{timer}.{end}"), labels, n)).sum();
                    assert_eq!(of(&format!("{timer}.started"), labels, n), sum, "{timer} {labels}, replication {n}");
                }
            }
        }
        for metric in ["reopened", "abandoned", "escalated"] {
            assert!(of(&format!("tickets.{metric}"), "", 0) > 0.0, "a day without a ticket {metric} tests too little");
        }
        assert!(of("sla.first_response.breached", "", 0) > 0.0);
    }

    #[test]
    fn parts_add_up_to_the_desk() {
        let results = results(&busy_day(), Repetition::Times(2), 2);
        let of = |selector: &str| results.mean(selector).unwrap_or_else(|| panic!("{selector}"));
        let sum = |metric: &str, label: &str, values: &[&str]| -> f64 {
            values.iter().map(|value| of(&format!("{metric}{{{label}=\"{value}\"}}"))).sum()
        };
        assert_eq!(of("tickets.created"), sum("tickets.created", "channel", &["chat", "mail"]));
        assert_eq!(of("tickets.assigned"), sum("tickets.assigned", "group", &["support", "leads"]));
        let agents: Vec<String> = (1..=6).map(|n| format!("support-{n}")).chain(["lead".to_owned()]).collect();
        let agents: Vec<&str> = agents.iter().map(String::as_str).collect();
        assert_eq!(of("tickets.assigned"), sum("tickets.assigned", "agent", &agents));
        assert_eq!(of("sla.closure.met"), sum("sla.closure.met", "agent", &agents));
        let hours = of("agents.available_hours");
        assert!((hours - sum("agents.available_hours", "agent", &agents)).abs() < 1e-9 && hours > 0.0);
        let shares = sum("agents.status_share", "status", &["Available", "Away", "Offline"]);
        assert!((shares - 1.0).abs() < 1e-12, "{shares}");
        let occupancy = of("agents.occupancy");
        assert!(occupancy > 0.1 && occupancy < 1.0, "{occupancy}");
    }

    #[test]
    fn the_warmup_leaves_the_run_as_it_is() {
        let whole = results(&busy_day(), Repetition::Times(2), 2);
        let mut model = busy_day();
        model.run.warmup = crate::time::Span::from_secs(2 * 3_600);
        let later = results(&model, Repetition::Times(2), 2);
        assert_eq!(whole.digest, later.digest);
        assert!(later.mean("tickets.created").unwrap() < whole.mean("tickets.created").unwrap());
        assert_eq!(later.mean("tickets.open_at_end"), whole.mean("tickets.open_at_end"));
    }

    #[test]
    fn a_precision_asked_for_stops_as_soon_as_it_is_reached() {
        let model = busy_day();
        let precision = Precision { metric: "tickets.created".parse().unwrap(), relative: 0.015, at_most: 90 };
        let [one, two] = [1, 2].map(|threads| results(&model, Repetition::Until(precision.clone()), threads));
        assert_eq!(json(&one), json(&two));
        let relative = |values: &[Option<f64>]| {
            let summary = Summary::of(values).unwrap();
            summary.half_width().unwrap() / summary.mean
        };
        let values = &one.get("tickets.created").unwrap().values;
        assert_eq!(values.len(), one.replications as usize);
        assert!(values.len() > FEWEST_TO_STOP_BY && values.len() < 90, "{}", values.len());
        assert!(relative(values) <= 0.015 && relative(&values[..values.len() - 1]) > 0.015);
        let never = Precision { relative: 1e-9, at_most: 12, ..precision };
        assert_eq!(results(&model, Repetition::Until(never), 2).replications, 12);
    }

    #[test]
    fn progress_is_told_once_for_each_replication() {
        let seen = std::sync::Mutex::new(Vec::new());
        let experiment = experiment(Repetition::Times(7), 2);
        let model = samples::model(1, 5.0, 1);
        replicate(&model, &experiment, &|progress| seen.lock().unwrap().push(progress)).unwrap();
        let mut seen = seen.into_inner().unwrap();
        seen.sort_by_key(|progress| progress.done);
        assert_eq!(seen, (1..=7).map(|done| Progress { done, of: 7 }).collect::<Vec<_>>());
    }
}
