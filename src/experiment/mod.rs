//! From many runs to an answer.
//!
//! Reading order: `workers` (work in parallel, taken in order), [`Sample`] (a model's replications, as many as were asked
//! for so far), [`replicate`] (one model's, until there are enough) and [`Results`]: each metric's values by replication,
//! and what they say together; `warmup`, `batches` and `stability` are what long runs need. Then what is asked of them:
//! [`check`] (do they hold what is expected of them?), [`comparison`] (several models, by paired differences), [`mod@bench`]
//! (policies on the desks of a suite), [`sweep`] (what would other settings give?) and [`staffing`] (how few people are
//! enough?). [`picture()`] is what a report with charts shows beside the figures, with the [`Story`] of replication 0.

mod batches;
pub mod bench;
mod by_metric;
pub mod check;
pub mod comparison;
mod notes;
mod picture;
mod replicate;
mod results;
mod rhythm;
mod sample;
#[cfg(test)]
mod samples;
mod stability;
pub mod staffing;
mod story;
pub mod sweep;
mod warmup;
mod workers;

pub use batches::Batches;
pub use notes::Note;
pub use picture::{Day, Lorenz, PICTURED, Picture, Series, SourceText, Spread, Waits, picture};
pub use replicate::{Experiment, Precision, Repetition, Tolerance, replicate};
pub use results::{Facts, Figure, GroupFacts, Results, STATED, Summary, Target};
pub use sample::{Progress, Sample, grow};
pub use stability::{Bound, GroupLoad, Growth, Stability, Verdict as StabilityVerdict};
pub use story::{
    AgentText, CELL_NUMBERS, CUSTOMER_OUTCOMES, DiaryText, OUTCOMES, StatusText, Stay, Story, TicketCell, TicketLine,
    TimerLine, ToldTicket, cell_number,
};
pub use warmup::ChosenWarmup;
pub use workers::{ExperimentError, Workers, WorkersError};
