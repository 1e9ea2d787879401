//! A model and the replications of it that were made so far; more can be made at any time.
//!
//! Samples of several models that share a seed meet the same customers in the same replication (common random numbers), so
//! they can be compared replication by replication.

use super::results::{Columns, Facts, Results};
use super::workers::Workers;
use crate::desk::{Desk, UserId};
use crate::kernel::fingerprint;
use crate::measures::{Cast, Measures, Selector, Sheet};
use crate::simulation::{Digest, Model, Observer, Step, simulate};
use crate::time::Instant;
use std::ops::ControlFlow;
use std::sync::atomic::{AtomicU64, Ordering};
use xxhash_rust::xxh3::Xxh3;

/// Replications of one model, 0 and up.
///
/// Each is reduced to its sheet before the next one starts on the same thread, so memory grows with the threads, and with
/// a few numbers per replication.
#[derive(Clone)]
pub struct Sample<'m> {
    model: &'m Model,
    cast: Cast,
    seed: u64,
    columns: Columns,
    digests: Vec<u128>,
}

/// How far the work has come.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Progress {
    /// Replications that are done.
    pub done: u64,
    /// Replications that there will be, or at most; 0 where nobody knows.
    pub of: u64,
}

/// One replication's outcome.
#[derive(Clone, Debug)]
pub(super) struct Run {
    sheet: Sheet,
    digest: u128,
}

impl<'m> Sample<'m> {
    /// Of a model whose random draws are named by `seed`; no replication as yet.
    pub fn new(model: &'m Model, seed: u64) -> Sample<'m> {
        Sample { model, cast: Cast::new(model), seed, columns: Columns::default(), digests: Vec::new() }
    }

    /// The model.
    pub fn model(&self) -> &'m Model {
        self.model
    }

    /// How many replications were made.
    pub fn replications(&self) -> u32 {
        self.columns.count()
    }

    /// A figure's value in each replication, in order; `None` if there is no such figure.
    pub fn values(&self, selector: &Selector) -> Option<&[Option<f64>]> {
        self.columns.column(&self.columns.key(self.model, selector)?)
    }

    /// The digest of each replication's commands and effects, in order.
    pub fn digests(&self) -> &[u128] {
        &self.digests
    }

    /// Everything that the replications say.
    pub fn results(&self) -> Results {
        Results {
            version: env!("CARGO_PKG_VERSION").to_owned(),
            scenario: self.model.hash.clone(),
            seed: self.seed,
            replications: self.replications(),
            digest: digest_of(&self.digests),
            draws: format!("{:016x}", fingerprint()),
            facts: Facts::new(self.model, &self.cast),
            figures: self.columns.clone().figures(self.model),
        }
    }

    /// Makes replications up to and without number `to`, or until `enough` says of those that were made that they are;
    /// it is asked after each, so the same number are made by any number of threads.
    pub fn grow_until(
        &mut self,
        to: u32,
        workers: &Workers,
        progress: &(dyn Fn(Progress) + Sync),
        mut enough: impl FnMut(&Sample<'_>) -> bool,
    ) {
        let from = self.replications();
        let pieces = to.saturating_sub(from);
        let (model, cast, seed) = (self.model, self.cast.clone(), self.seed);
        let told = Told::new(pieces.into(), progress);
        let work = |piece| told.of(run(model, &cast, seed, from + piece as u32));
        workers.in_order(pieces as usize, work, |_, run| {
            self.add(&run);
            if enough(self) { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
        });
    }

    /// Adds the next replication.
    pub(super) fn add(&mut self, run: &Run) {
        self.columns.add(&run.sheet);
        self.digests.push(run.digest);
    }
}

/// Makes replications of several samples, up to and without number `to` in each; replication by replication, so that
/// paired ones run close together.
pub fn grow(samples: &mut [Sample<'_>], to: u32, workers: &Workers, progress: &(dyn Fn(Progress) + Sync)) {
    let first = samples.iter().map(Sample::replications).min().unwrap_or(to);
    let missing: Vec<(usize, u32)> = (first..to)
        .flat_map(|replication| (0..samples.len()).map(move |sample| (sample, replication)))
        .filter(|&(sample, replication)| replication >= samples[sample].replications())
        .collect();
    let plans: Vec<(&Model, Cast, u64)> =
        samples.iter().map(|sample| (sample.model, sample.cast.clone(), sample.seed)).collect();
    let told = Told::new(missing.len() as u64, progress);
    let work = |piece: usize| {
        let (sample, replication) = missing[piece];
        let (model, cast, seed) = &plans[sample];
        told.of(run(model, cast, *seed, replication))
    };
    workers.in_order(missing.len(), work, |piece, run| {
        samples[missing[piece].0].add(&run);
        ControlFlow::Continue(())
    });
}

/// One digest of the digests of several replications, in order.
pub(super) fn digest_of(digests: &[u128]) -> String {
    let mut all = Xxh3::new();
    digests.iter().for_each(|digest| all.update(&digest.to_le_bytes()));
    format!("{:032x}", all.digest128())
}

/// Runs one replication.
pub(super) fn run(model: &Model, cast: &Cast, seed: u64, replication: u32) -> Run {
    let mut watch = Watch { measures: Measures::new(cast, &model.names, model.run.warmup), digest: Digest::new() };
    simulate(model, seed, replication, &mut watch);
    Run { sheet: watch.measures.sheet(), digest: watch.digest.value() }
}

/// Counts what is done, for whoever waits.
pub(super) struct Told<'a> {
    done: AtomicU64,
    of: u64,
    progress: &'a (dyn Fn(Progress) + Sync),
}

impl<'a> Told<'a> {
    pub(super) fn new(of: u64, progress: &'a (dyn Fn(Progress) + Sync)) -> Told<'a> {
        Told { done: AtomicU64::new(0), of, progress }
    }

    pub(super) fn of<T>(&self, done: T) -> T {
        (self.progress)(Progress { done: self.done.fetch_add(1, Ordering::Relaxed) + 1, of: self.of });
        done
    }
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

#[cfg(test)]
mod tests {
    use super::super::samples;
    use super::*;
    use crate::report::json;

    #[test]
    fn samples_that_grew_together_or_in_bits_are_the_same() {
        let models = [samples::model(3, 40.0, 4), samples::model(4, 40.0, 4)];
        let workers = Workers::new(Some(2)).unwrap();
        let mut together: Vec<Sample<'_>> = models.iter().map(|model| Sample::new(model, 5)).collect();
        grow(&mut together, 3, &workers, &|_| ());
        grow(&mut together[1..], 5, &workers, &|_| ());
        grow(&mut together, 6, &workers, &|_| ());
        for (sample, model) in together.iter().zip(&models) {
            let mut alone = Sample::new(model, 5);
            alone.grow_until(6, &workers, &|_| (), |_| false);
            assert_eq!(json(&sample.results()), json(&alone.results()));
            assert_eq!(sample.replications(), 6);
        }
        // The same customers come, whoever is there.
        let created: Selector = "tickets.created{customer=\"shopper\"}".parse().unwrap();
        let wait: Selector = "queue.wait.mean".parse().unwrap();
        assert_eq!(together[0].model().run.duration, together[1].model().run.duration);
        assert_ne!(together[0].values(&wait), together[1].values(&wait));
        assert_eq!(together[0].values(&created).map(<[_]>::len), Some(6));
    }
}
