//! What a check came to.

use super::expectation::{Condition, On, OnInconclusive, Severity};
use crate::experiment::Batches;
use crate::experiment::stability::Stability;
use crate::simulation::Divergence;
use crate::time::Span;
use serde::{Deserialize, Serialize};

/// A whole check: plain numbers, from which a report can be made again.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Check {
    /// The scenario's title.
    pub title: String,
    /// desksim's version.
    #[serde(rename = "desksim")]
    pub version: String,
    /// The scenario's content hash.
    pub scenario: String,
    /// Names all random draws.
    pub seed: u64,
    /// How many replications were made, more for open questions included.
    pub replications: u32,
    /// How long each ran, in seconds.
    pub duration: f64,
    /// Of the digests of the scenario's own number of replications.
    pub digest: String,
    /// Tells generators of random draws apart.
    pub draws: String,
    /// The beginning that is left out of every figure, in seconds.
    #[serde(default)]
    pub warmup: f64,
    /// How a single replication was cut for intervals.
    pub batches: Option<BatchFacts>,
    /// Whether the figures of the scenario's own number of replications describe a state that lasts, as `run` has it.
    pub stability: Option<Stability>,
    /// What it was compared with, if anything.
    pub baseline: Option<BaselineFacts>,
    /// Why the baseline that was given cannot be compared with; empty if it can, or none was.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub obstacles: Vec<String>,
    /// Whether the check failed.
    pub failed: bool,
    /// Whether everything is as in the baseline, where that was asked.
    pub exact: Option<Exact>,
    /// Each condition of each expectation, in the file's order.
    pub findings: Vec<Finding>,
}

/// How a single replication was cut: one figure's interval comes from how these batches spread.
#[derive(Clone, Copy, PartialEq, Debug, Serialize, Deserialize)]
pub struct BatchFacts {
    /// How many batches there are.
    pub count: usize,
    /// How long each is, in seconds.
    pub length: f64,
    /// How long each has to be, and 40 of them together, before intervals can be believed; null where the desk is overloaded, or nobody
    /// can tell.
    #[serde(default)]
    pub needs: Option<f64>,
}

impl From<BatchFacts> for Batches {
    fn from(of: BatchFacts) -> Batches {
        let needs = of.needs.map(Span::from_secs_f64);
        Batches { count: of.count, length: Span::from_secs_f64(of.length), needs, with_interval: 0 }
    }
}

/// What stands in a check of its baseline.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct BaselineFacts {
    /// The version of desksim that made it.
    #[serde(rename = "desksim")]
    pub version: String,
    /// The hash of the scenario it was made of.
    pub scenario: String,
    /// How many replications it holds.
    pub replications: u32,
    /// Its digest.
    pub digest: String,
    /// The parts of the scenario that were changed since, and were allowed to be.
    pub changed: Vec<String>,
}

/// Whether every command and effect is the baseline's.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Exact {
    /// `pass`, `fail`, or `skipped` without a baseline.
    pub verdict: Verdict,
    /// How many replications were compared.
    pub replications: u32,
    /// The first replication that differs.
    pub first: Option<u32>,
    /// How many differ.
    pub differing: u32,
    /// The replication whose log as it was is there, if one is.
    pub traced: Option<u32>,
    /// Where that replication first differs; `None` where its log says the same.
    pub divergence: Option<Divergence>,
}

/// One condition and what was found.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Finding {
    /// The metric with its labels.
    pub metric: String,
    /// What was expected of it.
    pub condition: Condition,
    /// What of the metric a plain limit is for.
    pub on: On,
    /// Whether a check fails with it.
    pub severity: Severity,
    /// What an open question counts as.
    pub on_inconclusive: OnInconclusive,
    /// What the numbers say.
    pub verdict: Verdict,
    /// What the check makes of that.
    pub consequence: Consequence,
    /// What was held to the condition: a mean, an end of its interval, a replication's value, or a mean difference.
    pub held: Option<f64>,
    /// The metric's mean over the replications.
    pub mean: Option<f64>,
    /// The interval for the mean, which allows for skewness, or that of an only replication's batches; of confidence 1 − `alpha`.
    pub interval: Option<[f64; 2]>,
    /// The 10 %, 50 % and 90 % quantiles of the replications' values; `None` of one value.
    #[serde(flatten, with = "crate::experiment::results::tails_as_keys")]
    pub tails: Option<[f64; 3]>,
    /// How many replications the interval needs before it can be believed; `None` where the values do not vary, or there is one.
    #[serde(default)]
    pub needs: Option<u64>,
    /// How many of the replications have a value.
    pub n: u64,
    /// How many replications the verdict rests on.
    pub replications: u32,
    /// The replication whose value was held to the condition, if it was one's.
    pub replication: Option<u32>,
    /// How often this look may err: one less the confidence, divided by the number of looks planned.
    pub alpha: f64,
    /// Which look decided, and how many were planned.
    pub look: [u32; 2],
    /// The comparison with the baseline, where it is one.
    pub difference: Option<Difference>,
    /// Each replication's value, in order.
    pub values: Vec<Option<f64>>,
}

/// A paired comparison with the baseline: now less then, replication by replication.
#[derive(Clone, Copy, PartialEq, Debug, Serialize, Deserialize)]
pub struct Difference {
    /// The baseline's mean over the pairs.
    pub baseline: f64,
    /// The mean difference.
    pub mean: f64,
    /// Student's interval for it of confidence 1 − 2 `alpha`: its ends are the bounds of one-sided tests at `alpha`.
    pub interval: Option<[f64; 2]>,
    /// How many replications have a value both times.
    pub pairs: u64,
    /// The difference in the wrong direction that so many pairs would have found, nine times in ten.
    pub finds: Option<f64>,
    /// How many pairs would show, nine times in ten, that nothing has changed; where these could not.
    pub needs: Option<u64>,
}

/// What the numbers say of a condition.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// It holds.
    Pass,
    /// It does not.
    Fail,
    /// These replications cannot tell.
    Inconclusive,
    /// There is no value to tell by.
    NoData,
    /// It compares with a baseline, and there is none yet.
    Skipped,
    /// It compares with a baseline, and the one that was given is of something else.
    NotComparable,
}

/// What the check makes of a verdict.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Consequence {
    /// All is well.
    Passes,
    /// It is shown, and does not fail the check.
    Warns,
    /// The check fails.
    Fails,
}

impl Check {
    /// The baseline that was given cannot be compared with: what needs one is marked, and what does not stays as it was judged.
    pub fn mark_not_comparable(&mut self, obstacles: Vec<String>) {
        if let Some(exact) = &mut self.exact {
            exact.verdict = Verdict::NotComparable;
        }
        for finding in self.findings.iter_mut().filter(|finding| finding.condition.needs_baseline()) {
            finding.verdict = Verdict::NotComparable;
            finding.consequence = Finding::consequence(finding.verdict, finding.severity, finding.on_inconclusive);
        }
        self.obstacles = obstacles;
    }
}

impl Finding {
    /// What a verdict leads to.
    pub(super) fn consequence(verdict: Verdict, severity: Severity, on_inconclusive: OnInconclusive) -> Consequence {
        let grave = match verdict {
            Verdict::Pass | Verdict::Skipped => return Consequence::Passes,
            // Nothing is known to be wrong, and nothing to be right.
            Verdict::NotComparable => return Consequence::Warns,
            Verdict::Fail | Verdict::NoData => true,
            Verdict::Inconclusive => match on_inconclusive {
                OnInconclusive::Pass => return Consequence::Passes,
                OnInconclusive::Warn => false,
                OnInconclusive::Fail => true,
            },
        };
        if grave && severity == Severity::Error { Consequence::Fails } else { Consequence::Warns }
    }
}
