//! From many runs to an answer.
//!
//! Reading order: [`replicate`] runs a model again and again with other draws; [`Results`] is what comes of it: each
//! metric's values by replication, and what they say together.

mod replicate;
mod results;
#[cfg(test)]
mod samples;

pub use replicate::{Experiment, Precision, Progress, Repetition, ReplicateError, replicate};
pub use results::{Facts, Figure, GroupFacts, Results, Summary, Target};
