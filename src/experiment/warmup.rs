//! `warmup = "auto"`: how much of a run's beginning to leave out, found by MSER-5 in a pilot.
//!
//! The pilot is the first replications, five of them or as many as are asked for first, of the same seed: the queue's length and
//! the number of open tickets, averaged over them stretch by stretch. MSER-5 cuts both series, and the longer cut counts. So the
//! warm-up hangs on the seed and not on the threads, and is the same however many replications follow five.
//!
//! A queue that is nearly always empty is left to itself: of a few bursts in a row of zeros MSER-5 takes the last one for the end of
//! the warm-up.
//!
//! Where the desk repeats daily or weekly, five numbers are a day or a week, so that a batch of MSER-5 is a whole cycle and the
//! rhythm itself is no trend; else the run is cut into a thousand.

use super::rhythm::rhythm;
use super::workers::Workers;
use crate::measures::Levels;
use crate::simulation::{Model, RunError, simulate};
use crate::stats::{MSER_BATCH, Truncation, mser5};
use crate::time::Span;
use std::ops::ControlFlow;

/// Replications of a pilot.
const PILOT: u32 = 5;

/// A queue that holds less than this share of the open tickets is not looked at.
const QUEUE_COUNTS: f64 = 0.1;

/// A warm-up that was chosen, and why.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ChosenWarmup {
    /// From there on the run forgets how it began.
    Settles(Span),
    /// It still changes in its second half, so the figures say how it began as well; half of it is left out.
    DoesNotSettle(Span),
    /// The run is too short to tell, by less than eleven cycles: nothing is left out.
    TooShort,
}

impl ChosenWarmup {
    /// How much is left out.
    pub fn span(self) -> Span {
        match self {
            ChosenWarmup::Settles(span) | ChosenWarmup::DoesNotSettle(span) => span,
            ChosenWarmup::TooShort => Span::ZERO,
        }
    }
}

/// Chooses the warm-up of a model by a pilot of at most so many replications.
pub(super) fn choose(
    model: &Model,
    seed: u64,
    replications: u32,
    workers: Option<&Workers>,
) -> Result<ChosenWarmup, RunError> {
    let duration = model.run.duration.as_micros();
    let stretch = match rhythm(model) {
        Some(cycle) => cycle.as_micros() / MSER_BATCH as u64,
        None => (duration / 1_000).max(1),
    };
    let count = (duration / stretch) as usize;
    if count <= 10 * MSER_BATCH {
        return Ok(ChosenWarmup::TooShort);
    }
    let pilots = replications.clamp(1, PILOT);
    let mut sums = [vec![0.0; count], vec![0.0; count]];
    let run = |replication: usize| -> Result<[Vec<f64>; 2], RunError> {
        let mut levels = Levels::new(Span::ZERO, Span::from_micros(stretch), count);
        simulate(model, seed, replication as u32, &mut levels)?;
        Ok([levels.queue(), levels.open()])
    };
    let mut add = |series: [Vec<f64>; 2]| {
        for (sums, series) in sums.iter_mut().zip(series) {
            sums.iter_mut().zip(series).for_each(|(sum, level)| *sum += level);
        }
    };
    match workers {
        Some(workers) => workers.try_in_order(pilots as usize, run, |_, series| {
            add(series);
            Ok(ControlFlow::Continue(()))
        })?,
        None => {
            for replication in 0..pilots as usize {
                add(run(replication)?);
            }
        }
    }
    let [queue, open] = sums.map(|sums| sums.iter().map(|sum| sum / f64::from(pilots)).collect::<Vec<_>>());
    let (queue_total, open_total) = (queue.iter().sum::<f64>(), open.iter().sum::<f64>());
    let queue = if queue_total < QUEUE_COUNTS * open_total { Truncation::After(0) } else { mser5(&queue) };
    let after = |cut: usize| Span::from_micros(cut as u64 * stretch);
    Ok(match (queue, mser5(&open)) {
        (Truncation::After(queue), Truncation::After(open)) => ChosenWarmup::Settles(after(queue.max(open))),
        _ => ChosenWarmup::DoesNotSettle(after(count / 2 / MSER_BATCH * MSER_BATCH)),
    })
}

#[cfg(test)]
mod tests {
    use super::super::samples;
    use super::*;

    fn chosen(model: &Model, replications: u32, threads: usize) -> ChosenWarmup {
        choose(model, 7, replications, Some(&Workers::new(Some(threads)).unwrap())).unwrap()
    }

    /// Days without shifts, of which the first begins with an empty desk.
    fn round_the_clock(agents: u32, per_hour: f64, hours: u64) -> Model {
        let mut model = samples::model(agents, per_hour, hours);
        samples::round_the_clock(&mut model);
        model
    }

    #[test]
    fn a_desk_that_fills_up_has_a_warmup_and_one_that_never_settles_has_none() {
        let model = round_the_clock(20, 60.0, 24 * 10);
        let found = chosen(&model, 20, 2);
        let ChosenWarmup::Settles(warmup) = found else { panic!("{found:?}") };
        // It fills within hours: reopening takes an hour or so, replies minutes.
        assert!(warmup > Span::ZERO && warmup < Span::from_secs(2 * 86_400), "{warmup}");
        assert_eq!(chosen(&model, 20, 1).span(), warmup, "with one thread");
        assert_eq!(chosen(&model, 1_000, 2).span(), warmup, "with more replications to follow");

        let mut crowded = round_the_clock(2, 60.0, 24 * 10);
        crowded.plan.customers.iter_mut().for_each(|class| class.patience = crate::kernel::Variate::never());
        assert_eq!(chosen(&crowded, 20, 2), ChosenWarmup::DoesNotSettle(Span::from_secs(5 * 86_400)));
    }

    #[test]
    fn a_rhythm_needs_eleven_cycles() {
        let mut model = samples::model(20, 30.0, 24 * 10);
        samples::without_lead(&mut model);
        model.plan.shifts[0].days = crate::time::WeekdaySet::ALL;
        assert_eq!(chosen(&model, 5, 2), ChosenWarmup::TooShort);
        model.run.duration = Span::from_secs(24 * 86_400);
        let found = chosen(&model, 5, 2);
        let ChosenWarmup::Settles(warmup) = found else { panic!("{found:?}") };
        assert_eq!(warmup.as_micros() % Span::from_secs(86_400).as_micros(), 0, "whole days: {warmup}");
    }
}
