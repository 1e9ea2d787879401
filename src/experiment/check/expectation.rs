//! What may be expected of results.

use crate::experiment::staffing::Holds;
use crate::measures::Selector;
use serde::{Deserialize, Serialize};

/// `[[expect]]`: what a check holds one metric to.
#[derive(Clone, PartialEq, Debug)]
pub struct Expectation {
    /// Which metric.
    pub metric: Selector,
    /// All of these must hold; there is at least one.
    pub conditions: Vec<Condition>,
    /// What of the metric a plain limit is for.
    pub on: On,
    /// Whether a check fails with it.
    pub severity: Severity,
    /// How sure a verdict is to be, instead of the gate's confidence.
    pub confidence: Option<f64>,
    /// What an open question counts as, instead of what the gate says.
    pub on_inconclusive: Option<OnInconclusive>,
    /// In which sense `staff` takes a limit, instead of what its plan says; no matter for a check.
    pub holds: Option<Holds>,
}

/// One condition of an expectation.
#[derive(Clone, Copy, PartialEq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Condition {
    /// No more than this.
    AtMost(f64),
    /// No less than this.
    AtLeast(f64),
    /// The mean is no farther from the baseline's than this.
    WithinOfBaseline(f64),
    /// No worse than the baseline by more than this: non-inferiority, on the differences replication by replication.
    NoWorseThanBaseline {
        /// How much worse is allowed.
        margin: f64,
    },
    /// The same as the baseline, give or take this: equivalence, by two one-sided tests on the same differences.
    SameAsBaseline {
        /// How much it may differ either way.
        margin: f64,
    },
}

/// What of a metric a limit is for.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum On {
    /// The mean over the scenario's replications, as it stands: it holds or it does not.
    #[default]
    Mean,
    /// The upper end of the mean's interval. At most 5 asks to be sure that it is no more; at least 5, only that it may be as much.
    CiUpper,
    /// The lower end of the mean's interval. At least 5 asks to be sure that it is no less; at most 5, only that it may be as little.
    CiLower,
    /// Every replication that has a value: the largest is at most, or the smallest at least, so much.
    WorstReplication,
}

/// Whether a check fails when an expectation does not hold.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    /// It does.
    #[default]
    Error,
    /// It is shown, and that is all.
    Warning,
}

/// What it counts as when the replications cannot tell.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OnInconclusive {
    /// As not held: what is not shown does not pass.
    #[default]
    Fail,
    /// As held.
    Pass,
    /// As something to be shown.
    Warn,
}

/// `[check]`: how all expectations are held.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Gate {
    /// How sure verdicts are: each test errs with at most one less this, over all its looks together.
    pub confidence: f64,
    /// No more replications than this, where the scenario's own number cannot tell; `None` is no more than the scenario's.
    pub max_replications: Option<u32>,
    /// What an open question counts as.
    pub on_inconclusive: OnInconclusive,
    /// Whether every command and effect must be the baseline's.
    pub exact: bool,
}

impl Default for Gate {
    fn default() -> Gate {
        Gate { confidence: 0.95, max_replications: None, on_inconclusive: OnInconclusive::default(), exact: false }
    }
}

impl Condition {
    /// Whether it compares with a baseline.
    pub fn needs_baseline(self) -> bool {
        match self {
            Condition::AtMost(_) | Condition::AtLeast(_) => false,
            Condition::WithinOfBaseline(_)
            | Condition::NoWorseThanBaseline { .. }
            | Condition::SameAsBaseline { .. } => true,
        }
    }
}
