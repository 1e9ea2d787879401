//! From many runs to an answer.
//!
//! Reading order: `workers` (work in parallel, taken in order), [`Sample`] (a model's replications, as many as were asked
//! for so far), [`replicate`] (one model's, until there are enough) and [`Results`]: each metric's values by replication,
//! and what they say together: `warmup`, `batches` and `stability` are what long runs need; [`compare`] (several models, by paired differences)
//! and [`bench()`] (policies on the desks of a suite).

mod batches;
mod bench;
mod comparison;
mod replicate;
mod results;
mod rhythm;
mod sample;
#[cfg(test)]
mod samples;
mod stability;
mod warmup;
mod workers;

pub use batches::Batches;
pub use bench::{BOARD, Bench, Board, BoardRow, Desk, DeskBoard, Finding, FindingKind, bench};
pub use comparison::{
    Bouts, Compared, Comparison, Contender, Contest, Difference, Entry, HEADLINES, POWER, Rival, Verdict, Way, compare,
};
pub use replicate::{Experiment, Precision, Repetition, Tolerance, replicate};
pub use results::{Facts, Figure, GroupFacts, Results, STATED, Summary, Target};
pub use sample::{Progress, Sample, grow};
pub use stability::{Bound, GroupLoad, Growth, Stability, Verdict as StabilityVerdict};
pub use warmup::ChosenWarmup;
pub use workers::{Workers, WorkersError};
