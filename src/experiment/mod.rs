//! From many runs to an answer.
//!
//! Reading order: `workers` (work in parallel, taken in order), [`Sample`] (a model's replications, as many as were asked
//! for so far), [`replicate`] (one model's, until there are enough) and [`Results`]: each metric's values by replication,
//! and what they say together; then [`picture()`]: what a report with charts shows beside them, with the [`Story`] of
//! replication 0.

mod picture;
mod replicate;
mod results;
mod sample;
#[cfg(test)]
mod samples;
mod story;
mod workers;

pub use picture::{Day, Lorenz, PICTURED, Picture, Series, SourceText, Spread, Waits, picture};
pub use replicate::{Experiment, Precision, Repetition, replicate};
pub use results::{Facts, Figure, GroupFacts, Results, Summary, Target};
pub use sample::{Progress, Sample, grow};
pub use story::{AgentText, CELL_NUMBERS, Cell, DiaryText, OUTCOMES, Row, StatusText, Story};
pub use workers::{Workers, WorkersError};
