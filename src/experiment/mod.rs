//! From many runs to an answer.
//!
//! Reading order: `workers` (work in parallel, taken in order), [`Sample`] (a model's replications, as many as were asked
//! for so far), [`replicate`] (one model's, until there are enough) and [`Results`]: each metric's values by replication,
//! and what they say together. Then what is asked of them: [`check()`] (do they hold what is expected of them?),
//! [`sweep()`] (what would other settings give?), and [`picture()`]: what a report with charts shows beside the figures,
//! with the [`Story`] of replication 0.

mod check;
mod picture;
mod replicate;
mod results;
mod sample;
#[cfg(test)]
mod samples;
mod story;
mod sweep;
mod workers;

pub use check::{
    BASELINE_SCHEMA, Baseline, BaselineError, BaselineFacts, Check, Comparison, Condition, Consequence, Difference,
    Exact, Expectation, Finding, Gate, Obstacle, On, OnInconclusive, Severity, Verdict, check,
};
pub use picture::{Day, Lorenz, PICTURED, Picture, Series, SourceText, Spread, Waits, picture};
pub use replicate::{Experiment, Precision, Repetition, replicate};
pub use results::{Facts, Figure, GroupFacts, Results, Summary, Target};
pub use sample::{Progress, Sample, grow};
pub use story::{AgentText, CELL_NUMBERS, DiaryText, OUTCOMES, StatusText, Story, TicketCell, TicketLine};
pub(crate) use sweep::identity;
pub use sweep::{Axis, Cell, CellRun, CellTask, Cells, HEADLINES, Sweep, sweep};
pub use workers::{Workers, WorkersError};
