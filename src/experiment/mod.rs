//! From many runs to an answer.
//!
//! Reading order: `workers` (work in parallel, taken in order), [`Sample`] (a model's replications, as many as were asked
//! for so far), [`replicate`] (one model's, until there are enough) and [`Results`]: each metric's values by replication,
//! and what they say together; `warmup`, `batches` and `stability` are what long runs need. Then what is asked of them:
//! [`check`] (do they hold what is expected of them?), [`comparison`] (several models, by paired differences), [`bench`]
//! (policies on the desks of a suite) and [`sweep`] (what would other settings give?).

mod batches;
pub mod bench;
pub mod check;
pub mod comparison;
mod replicate;
mod results;
mod rhythm;
mod sample;
#[cfg(test)]
mod samples;
mod stability;
pub mod sweep;
mod warmup;
mod workers;

pub use batches::Batches;
pub use replicate::{Experiment, Precision, Repetition, Tolerance, replicate};
pub use results::{Facts, Figure, GroupFacts, Results, STATED, Summary, Target};
pub use sample::{Progress, Sample, grow};
pub use stability::{Bound, GroupLoad, Growth, Stability, Verdict as StabilityVerdict};
pub use warmup::ChosenWarmup;
pub use workers::{Workers, WorkersError};
