//! A model and the replications of it that were made so far; more can be made at any time.
//!
//! Samples of several models that share a seed meet the same customers in the same replication (common random numbers), so
//! they can be compared replication by replication.

use super::batches::{self, Batches, Sections};
use super::notes::{NoteTaker, Notes};
use super::picture::{self, CourseRecord, Courses, PICTURED};
use super::results::{Columns, Facts, Results};
use super::rhythm::Pieces;
use super::stability::{FEWEST_STRETCHES, MOST_STRETCHES, Stability, Trend, stability};
use super::warmup::{self, ChosenWarmup};
use super::workers::Workers;
use crate::desk::{Desk, UserId};
use crate::kernel::fingerprint;
use crate::measures::{Cast, Course, Key, Levels, Measures, Selector, Sheet};
use crate::simulation::{Digest, Expected, Model, Observer, PARTS, RunError, RunLimit, Step, limits, simulate};
use crate::stats::Interval;
use crate::time::{Instant, Span};
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
    /// Left out of every figure; where a pilot chooses it, only once there is a replication.
    warmup: Span,
    chosen: Option<ChosenWarmup>,
    columns: Columns,
    digests: Vec<u128>,
    /// Open tickets over the window, by replication.
    open: Vec<Vec<f64>>,
    /// Replication 0 in batches.
    sections: Option<Cut>,
    /// How the first replications went over time, where that is asked for.
    courses: Option<Courses>,
    notes: Notes,
}

/// A run's batches.
#[derive(Clone, Debug)]
struct Cut {
    pieces: Pieces,
    sheets: Vec<Sheet>,
}

/// How far the work has come.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Progress {
    /// Replications that are done.
    pub done: u64,
    /// Replications that there will be, or at most; 0 where nobody knows.
    pub of: u64,
    /// Of those under way, how much of their simulated time has passed, in hundredths of a replication; never less than before,
    /// and none of what is counted as done.
    pub hundredths: u64,
}

/// One replication's outcome.
#[derive(Clone, Debug)]
pub(super) struct Run {
    sheet: Sheet,
    digest: u128,
    course: Option<CourseRecord>,
    open: Vec<f64>,
    sections: Option<Cut>,
    notes: Notes,
}

/// What runs, apart from the replication.
#[derive(Clone)]
struct Plan<'m> {
    model: &'m Model,
    cast: Cast,
    seed: u64,
    warmup: Span,
}

impl<'m> Sample<'m> {
    /// Of a model whose random draws are named by `seed`; no replication as yet.
    pub fn new(model: &'m Model, seed: u64) -> Sample<'m> {
        Sample {
            model,
            cast: Cast::new(model),
            seed,
            warmup: model.run.warmup,
            chosen: None,
            columns: Columns::default(),
            digests: Vec::new(),
            open: Vec::new(),
            sections: None,
            courses: None,
            notes: Notes::default(),
        }
    }

    /// The same, of which the first [`PICTURED`] replications are watched for charts.
    pub(super) fn pictured(model: &'m Model, seed: u64) -> Sample<'m> {
        Sample { courses: Some(Courses::default()), ..Sample::new(model, seed) }
    }

    pub(super) fn cast(&self) -> &Cast {
        &self.cast
    }

    pub(super) fn courses(&self) -> Option<&Courses> {
        self.courses.as_ref()
    }

    /// The model.
    pub fn model(&self) -> &'m Model {
        self.model
    }

    /// What is left out of every figure; where a pilot chooses it, only once there is a replication.
    pub fn warmup(&self) -> Span {
        self.warmup
    }

    /// How many replications were made.
    pub fn replications(&self) -> u32 {
        self.columns.count()
    }

    /// A figure's value in each replication, in order; `None` if there is no such figure.
    pub fn values(&self, selector: &Selector) -> Option<&[Option<f64>]> {
        self.columns.column(self.model, selector)
    }

    /// The digest of each replication's commands and effects, in order.
    pub fn digests(&self) -> &[u128] {
        &self.digests
    }

    /// Of all replications' commands and effects, in order.
    pub fn digest(&self) -> String {
        digest_of(&self.digests)
    }

    /// Everything that the replications say.
    pub fn results(&self) -> Results {
        let mut results = self.without_batch_intervals();
        if let Some(batches) = results.batches.as_mut().filter(|batches| batches.are_long_enough()) {
            results.figures = self.columns.clone().figures(self.model, |key, whole| {
                let interval = self.interval(key, whole, 0.95)?;
                batches.with_interval += 1;
                Some([interval.low, interval.high])
            });
        }
        results
    }

    /// The same, but for the intervals that batches give.
    fn without_batch_intervals(&self) -> Results {
        let mut results = Results {
            version: env!("CARGO_PKG_VERSION").to_owned(),
            scenario: self.model.hash.clone(),
            seed: self.seed,
            replications: self.replications(),
            digest: self.digest(),
            draws: format!("{:016x}", fingerprint()),
            facts: Facts { warmup: self.warmup, chosen_warmup: self.chosen, ..Facts::new(self.model, &self.cast) },
            batches: None,
            stability: None,
            notes: self.notes.list(self.model),
            figures: self.columns.clone().figures(self.model, |_, _| None),
        };
        let hours = self.stretches().length.as_secs_f64() / 3_600.0;
        let trend = if hours > 0.0 { Trend::of(&self.open, hours) } else { None };
        let stability = stability(self.model, &results, trend);
        results.batches = self.cut().map(|cut| Batches::of(cut.pieces, &results, &stability));
        results.stability = Some(stability);
        results
    }

    /// Whether the figures describe a state that lasts.
    pub fn stability(&self) -> Option<Stability> {
        self.without_batch_intervals().stability
    }

    /// How the only replication was cut, if it was.
    pub(super) fn batches(&self) -> Option<Batches> {
        self.cut()?;
        self.without_batch_intervals().batches
    }

    fn cut(&self) -> Option<&Cut> {
        self.sections.as_ref().filter(|_| self.replications() == 1)
    }

    /// The interval for a figure of the only replication, from its batches; `None` where that has none.
    pub(super) fn batch_interval(&self, selector: &Selector, confidence: f64) -> Option<Interval> {
        self.batches().filter(Batches::are_long_enough)?;
        let (key, values) = self.columns.row(self.model, selector)?;
        self.interval(key, (*values.first()?)?, confidence)
    }

    /// What the batches of replication 0 say of a figure.
    fn interval(&self, key: &Key, whole: f64, confidence: f64) -> Option<Interval> {
        let cut = self.sections.as_ref()?;
        let window = self.model.run.duration.as_secs_f64() - self.warmup.as_secs_f64();
        batches::interval(key, whole, &cut.sheets, cut.pieces.length.as_secs_f64() / window, confidence)
    }

    /// The stretches of the window over which growth is looked at.
    fn stretches(&self) -> Pieces {
        stretches(self.model, self.warmup)
    }

    /// Chooses the warm-up, if that is still to be done; `to` replications are asked for.
    fn settle(&mut self, to: u32, workers: &Workers) -> Result<(), RunError> {
        if self.model.run.auto_warmup && self.chosen.is_none() {
            self.leave_out(warmup::choose(self.model, self.seed, to, Some(workers))?);
        }
        Ok(())
    }

    pub(super) fn leave_out(&mut self, chosen: ChosenWarmup) {
        debug_assert_eq!(self.replications(), 0, "all replications leave the same out");
        self.warmup = chosen.span();
        self.chosen = Some(chosen);
    }

    fn plan(&self) -> Plan<'m> {
        Plan { model: self.model, cast: self.cast.clone(), seed: self.seed, warmup: self.warmup }
    }

    /// Makes replications up to and without number `to`, or until `enough` says of those that were made that they are;
    /// it is asked after each, so the same number are made by any number of threads.
    ///
    /// # Errors
    /// If a run passes a limit.
    pub fn grow_until(
        &mut self,
        to: u32,
        workers: &Workers,
        progress: &(dyn Fn(Progress) + Sync),
        mut enough: impl FnMut(&Sample<'_>) -> bool,
    ) -> Result<(), RunError> {
        self.settle(to, workers)?;
        let from = self.replications();
        let pieces = to.saturating_sub(from);
        let plan = self.plan();
        let told = Told::new(pieces.into(), progress);
        let pictured = if self.courses.is_some() { PICTURED as u32 } else { 0 };
        let work = |piece| {
            let replication = from + piece as u32;
            told.of(plan.watched(replication, replication < pictured, &told))
        };
        workers.try_in_order(pieces as usize, work, |_, run| {
            self.add(run);
            self.within_limits()?;
            Ok(if enough(self) { ControlFlow::Break(()) } else { ControlFlow::Continue(()) })
        })
    }

    /// Whether the values of all replications may be kept.
    fn within_limits(&self) -> Result<(), RunError> {
        if self.columns.values() <= limits::VALUES {
            return Ok(());
        }
        Err(RunError {
            limit: RunLimit::Values(limits::VALUES),
            at: format!("replication {}", self.replications()),
            key: "run.replications".to_owned(),
            help: "make fewer replications: it takes four times as many to halve an interval's width".to_owned(),
        })
    }

    /// Adds the next replication.
    pub(super) fn add(&mut self, run: Run) {
        self.columns.add(&run.sheet);
        self.digests.push(run.digest);
        if let (Some(courses), Some(course)) = (&mut self.courses, &run.course) {
            courses.add(course);
        }
        self.open.push(run.open);
        self.notes.add(&run.notes);
        if run.sections.is_some() {
            self.sections = run.sections;
        }
    }
}

/// Chooses warm-ups that are still to be chosen, and has all samples leave out the longest of those, so that their figures are of
/// the same time; `to` replications are asked for.
pub(super) fn settle_alike(samples: &mut [Sample<'_>], to: u32, workers: &Workers) -> Result<(), RunError> {
    let open = |sample: &Sample<'_>| sample.model.run.auto_warmup && sample.replications() == 0;
    for sample in samples.iter_mut().filter(|sample| open(sample)) {
        sample.settle(to, workers)?;
    }
    let longest = samples
        .iter()
        .filter(|sample| open(sample))
        .filter_map(|sample| sample.chosen)
        .max_by_key(|chosen| chosen.span());
    if let Some(longest) = longest {
        samples.iter_mut().filter(|sample| open(sample)).for_each(|sample| sample.leave_out(longest));
    }
    Ok(())
}

/// Makes replications of several samples, up to and without number `to` in each; replication by replication, so that
/// paired ones run close together.
///
/// # Errors
/// If a run passes a limit.
pub fn grow(
    samples: &mut [Sample<'_>],
    to: u32,
    workers: &Workers,
    progress: &(dyn Fn(Progress) + Sync),
) -> Result<(), RunError> {
    let first = samples.iter().map(Sample::replications).min().unwrap_or(to);
    let missing: Vec<(usize, u32)> = (first..to)
        .flat_map(|replication| (0..samples.len()).map(move |sample| (sample, replication)))
        .filter(|&(sample, replication)| replication >= samples[sample].replications())
        .collect();
    for sample in samples.iter_mut() {
        sample.settle(to, workers)?;
    }
    let plans: Vec<Plan<'_>> = samples.iter().map(Sample::plan).collect();
    let told = Told::new(missing.len() as u64, progress);
    let work = |piece: usize| {
        let (sample, replication) = missing[piece];
        told.of(plans[sample].watched(replication, false, &told))
    };
    workers.try_in_order(missing.len(), work, |piece, run| {
        let sample = &mut samples[missing[piece].0];
        sample.add(run);
        sample.within_limits()?;
        Ok(ControlFlow::Continue(()))
    })
}

/// One digest of the digests of several replications, in order.
pub(super) fn digest_of(digests: &[u128]) -> String {
    let mut all = Xxh3::new();
    digests.iter().for_each(|digest| all.update(&digest.to_le_bytes()));
    format!("{:032x}", all.digest128())
}

fn stretches(model: &Model, warmup: Span) -> Pieces {
    let pieces = Pieces::of(model, warmup, MOST_STRETCHES);
    if pieces.count < FEWEST_STRETCHES { Pieces { length: Span::ZERO, count: 0 } } else { pieces }
}

impl Plan<'_> {
    fn watched(&self, replication: u32, pictured: bool, told: &Told<'_>) -> Result<Run, RunError> {
        watched(self.model, &self.cast, self.seed, self.warmup, replication, pictured, Some(told))
    }
}

/// Runs one replication.
pub(super) fn run(model: &Model, cast: &Cast, seed: u64, warmup: Span, replication: u32) -> Result<Run, RunError> {
    watched(model, cast, seed, warmup, replication, false, None)
}

/// Runs one replication, and watches how it goes over time if it is to be pictured.
fn watched(
    model: &Model,
    cast: &Cast,
    seed: u64,
    warmup: Span,
    replication: u32,
    pictured: bool,
    told: Option<&Told<'_>>,
) -> Result<Run, RunError> {
    let stretches = stretches(model, warmup);
    let batches = model.run.batches.filter(|_| replication == 0);
    let mut watch = Watch {
        measures: Measures::new(cast, &model.names, warmup),
        digest: Digest::new(),
        levels: (stretches.count > 0).then(|| Levels::new(warmup, stretches.length, stretches.count).without_queue()),
        sections: batches.and_then(|most| Sections::new(model, cast, warmup, most)),
        notes: NoteTaker::new(model, replication),
        told,
    };
    let course = if pictured {
        let mut course = Course::new(cast, &model.plan.civil, picture::stretches(model), warmup);
        simulate(model, seed, replication, &mut (&mut watch, &mut course))?;
        Some(CourseRecord::of(&course, watch.measures.agent_work()))
    } else {
        simulate(model, seed, replication, &mut watch)?;
        None
    };
    Ok(Run {
        course,
        sheet: watch.measures.sheet(),
        digest: watch.digest.value(),
        open: watch.levels.map(|levels| levels.open()).unwrap_or_default(),
        sections: watch.sections.map(|sections| Cut { pieces: sections.pieces(), sheets: sections.sheets() }),
        notes: watch.notes.into_notes(),
    })
}

/// Counts what is done, for whoever waits.
pub(super) struct Told<'a> {
    done: AtomicU64,
    /// Of all replications, done and under way.
    hundredths: AtomicU64,
    of: u64,
    progress: &'a (dyn Fn(Progress) + Sync),
}

impl<'a> Told<'a> {
    pub(super) fn new(of: u64, progress: &'a (dyn Fn(Progress) + Sync)) -> Told<'a> {
        Told { done: AtomicU64::new(0), hundredths: AtomicU64::new(0), of, progress }
    }

    /// A piece of work is done.
    pub(super) fn of<T>(&self, done: T) -> T {
        let count = self.done.fetch_add(1, Ordering::Relaxed) + 1;
        self.tell(count);
        done
    }

    /// A hundredth of a replication's time has passed.
    fn passed(&self) {
        self.hundredths.fetch_add(1, Ordering::Relaxed);
        self.tell(self.done.load(Ordering::Relaxed));
    }

    fn tell(&self, done: u64) {
        let hundredths = self.hundredths.load(Ordering::Relaxed).saturating_sub(done * u64::from(PARTS));
        (self.progress)(Progress { done, of: self.of, hundredths });
    }
}

/// Measures and digests the same run.
struct Watch<'a> {
    measures: Measures<'a>,
    digest: Digest,
    levels: Option<Levels>,
    sections: Option<Sections<'a>>,
    notes: NoteTaker<'a>,
    told: Option<&'a Told<'a>>,
}

impl Observer for Watch<'_> {
    fn start(&mut self, now: Instant, desk: &Desk) {
        self.measures.start(now, desk);
        self.digest.start(now, desk);
        self.levels.start(now, desk);
        self.sections.start(now, desk);
    }

    #[inline(always)]
    fn step(&mut self, step: &Step<'_>, desk: &Desk) {
        self.measures.step(step, desk);
        self.digest.step(step, desk);
        self.levels.step(step, desk);
        self.sections.step(step, desk);
        self.notes.step(step, desk);
    }

    fn expect(&self, expected: Expected) {
        self.measures.expect(expected);
    }

    fn work(&mut self, now: Instant, user: UserId, in_hand: u16) {
        self.measures.work(now, user, in_hand);
        self.digest.work(now, user, in_hand);
        self.levels.work(now, user, in_hand);
        self.sections.work(now, user, in_hand);
    }

    fn passed(&mut self, _parts: u32) {
        if let Some(told) = self.told {
            told.passed();
        }
    }

    fn finish(&mut self, now: Instant, desk: &Desk) {
        self.measures.finish(now, desk);
        self.digest.finish(now, desk);
        self.levels.finish(now, desk);
        self.sections.finish(now, desk);
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
        grow(&mut together, 3, &workers, &|_| ()).unwrap();
        grow(&mut together[1..], 5, &workers, &|_| ()).unwrap();
        grow(&mut together, 6, &workers, &|_| ()).unwrap();
        for (sample, model) in together.iter().zip(&models) {
            let mut alone = Sample::new(model, 5);
            alone.grow_until(6, &workers, &|_| (), |_| false).unwrap();
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
