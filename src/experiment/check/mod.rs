//! The gate: what a scenario expects of its results, against limits and against a baseline.
//!
//! Reading order: `expectation` (what may be expected), `baseline` (the file that stands for how it was, and when a run may be
//! compared with it), `judge` (one condition, from numbers to a verdict), `gate` (the whole check, with more replications where a
//! verdict needs them) and `finding` (what it came to).

mod baseline;
mod expectation;
mod finding;
mod gate;
mod judge;

pub use baseline::{BASELINE_SCHEMA, Baseline, BaselineError, Obstacle};
pub use expectation::{Condition, Expectation, Gate, On, OnInconclusive, Severity};
pub use finding::{BaselineFacts, BatchFacts, Check, Consequence, Difference, Exact, Finding, Verdict};
pub use gate::{Comparison, check};
