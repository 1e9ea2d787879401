//! From many runs to an answer.
//!
//! Reading order: `workers` (work in parallel, taken in order), [`Sample`] (a model's replications, as many as were asked
//! for so far), [`replicate`] (one model's, until there are enough) and [`Results`]: each metric's values by replication,
//! and what they say together. Then what is asked of them: [`check()`] (do they hold what is expected of them?) and
//! [`sweep()`] (what would other settings give?) and [`staff()`] (how few people are enough?).

mod by_metric;
mod check;
mod replicate;
mod results;
mod sample;
#[cfg(test)]
mod samples;
mod staffing;
mod sweep;
mod workers;

pub use check::{
    BASELINE_SCHEMA, Baseline, BaselineError, BaselineFacts, Check, Comparison, Condition, Consequence, Difference,
    Exact, Expectation, Finding, Gate, Obstacle, On, OnInconclusive, Severity, Verdict, check,
};
pub use replicate::{Experiment, Precision, Repetition, replicate};
pub use results::{Facts, Figure, GroupFacts, Results, Summary, Target};
pub use sample::{Progress, Sample, grow};
pub use staffing::{
    Approach, DeskVerdict, Formula, GroupLoad, Holds, Proof, Scope, StaffCount, StaffPlan, StaffTarget, Staffed,
    Staffing, TargetFigure, TargetVerdict, Team, staff,
};
pub(crate) use sweep::identity;
pub use sweep::{Axis, Cell, CellRun, CellTask, Cells, HEADLINES, Sweep, sweep};
pub use workers::{Workers, WorkersError};
