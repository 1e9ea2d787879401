//! What other commands than `run` ask of a scenario: expectations, variants, the grid of a sweep, precision.

use super::lowering::Lowering;
use crate::measures::Selector;
use crate::scenario::diagnostic::Report;
use crate::scenario::document::Node;
use crate::scenario::overrides;
use crate::scenario::read::{Anything, Whole};
use crate::scenario::source::{At, Place};
use rustc_hash::FxHashSet;

/// Everything of this kind that a scenario says.
#[derive(Clone, Debug, Default)]
pub(in crate::scenario) struct Goals {
    pub(in crate::scenario) precision: Option<Precision>,
    pub(in crate::scenario) expectations: Vec<Expectation>,
    pub(in crate::scenario) sweep: Vec<SweepAxis>,
    pub(in crate::scenario) variants: Vec<Variant>,
    /// The changes of variants and sweeps, for a check that each of them makes a scenario.
    pub(in crate::scenario) changes: Vec<Vec<Change>>,
}

/// A change by path, as the file has it.
#[derive(Clone, Debug)]
pub(in crate::scenario) struct Change {
    pub(in crate::scenario) path: String,
    pub(in crate::scenario) place: Place,
    pub(in crate::scenario) value: Node,
}

impl Change {
    /// The change as [`super::super::load`] takes it: `PATH=VALUE`.
    pub(in crate::scenario) fn as_set(&self) -> String {
        format!("{}={}", self.path, self.value.to_toml())
    }
}

/// `run.precision`: repeat until a metric is known well enough.
#[derive(Clone, PartialEq, Debug)]
pub struct Precision {
    /// Which metric.
    pub metric: Selector,
    /// Half-width of its 95 % interval, as a share of its mean.
    pub relative: f64,
    /// No more replications than this.
    pub at_most: u32,
}

/// `[[expect]]`: what `check` holds the results to.
#[derive(Clone, PartialEq, Debug)]
pub struct Expectation {
    /// Which metric.
    pub metric: Selector,
    /// All of these must hold; there is at least one.
    pub conditions: Vec<Condition>,
}

/// One condition of an expectation.
#[derive(Clone, Copy, PartialEq, Debug)]
pub enum Condition {
    /// No more than this.
    AtMost(f64),
    /// No less than this.
    AtLeast(f64),
    /// No farther from the baseline than this.
    WithinOfBaseline(f64),
    /// No worse than the baseline by more than this.
    NoWorseThanBaseline {
        /// How much worse is allowed.
        margin: f64,
    },
}

/// `[variant.NAME]`: named changes, for `compare`.
#[derive(Clone, PartialEq, Debug)]
pub struct Variant {
    /// What it is called.
    pub name: String,
    /// Its changes, as [`super::super::load`] takes them: `PATH=VALUE`.
    pub sets: Vec<String>,
}

/// An axis of a sweep: what is varied, and to which values.
#[derive(Clone, Debug)]
pub struct SweepAxis {
    /// What is varied.
    pub path: String,
    pub(in crate::scenario) place: Place,
    /// One for each value; at least one where nothing was reported.
    pub(in crate::scenario) changes: Vec<Change>,
}

impl SweepAxis {
    /// An axis; values that are not there or stand twice are reported.
    pub(in crate::scenario) fn new(path: &str, place: Place, changes: Vec<Change>, report: &mut Report) -> SweepAxis {
        if changes.is_empty() {
            report.error(place, "a sweep over no values", "", "list the values to try: [10, 11, 12]");
        }
        let mut seen = FxHashSet::default();
        for change in &changes {
            let value = change.value.to_toml();
            if seen.contains(&value) {
                report.error(change.value.place, format!("{value} stands twice on this axis"), "", "leave one out");
            }
            seen.insert(value);
        }
        SweepAxis { path: path.to_owned(), place, changes }
    }

    /// Its values as changes that [`super::super::load`] takes: `PATH=VALUE`.
    pub fn sets(&self) -> Vec<String> {
        self.changes.iter().map(Change::as_set).collect()
    }

    /// Its values.
    pub fn values(&self) -> Vec<serde_json::Value> {
        self.changes.iter().map(|change| change.value.to_json()).collect()
    }

    /// Whether both vary the same, however it is written.
    pub(in crate::scenario) fn varies_the_same(&self, other: &SweepAxis) -> bool {
        overrides::keys(&self.path) == overrides::keys(&other.path)
    }
}

impl Lowering<'_> {
    /// Reads them all.
    pub(super) fn goals(&mut self) -> Goals {
        let file = self.file;
        let precision = file.run.as_ref().and_then(|run| run.precision.as_ref()).and_then(|precision| {
            let Whole(at_most) = precision.at_most.value;
            Some(Precision {
                metric: self.metric(&precision.metric)?,
                relative: precision.relative.value.0,
                at_most: at_most as u32,
            })
        });
        let mut goals = Goals { precision, ..Goals::default() };
        for expect in file.expect.iter().flatten() {
            let metric = self.metric(&expect.metric);
            let conditions: Vec<Condition> = [
                expect.at_most.map(Condition::AtMost),
                expect.at_least.map(Condition::AtLeast),
                expect.within.as_ref().map(|within| Condition::WithinOfBaseline(within.of_baseline.0)),
                expect
                    .no_worse_than_baseline
                    .as_ref()
                    .map(|no_worse| Condition::NoWorseThanBaseline { margin: no_worse.margin.0 }),
            ]
            .into_iter()
            .flatten()
            .collect();
            if conditions.is_empty() && expect.broken.is_empty() {
                self.report.error(
                    expect.metric.place,
                    "an expectation that expects nothing",
                    "",
                    "add at_most, at_least, within = { of_baseline = … } or no_worse_than_baseline = { margin = … }",
                );
            }
            goals.expectations.extend(metric.map(|metric| Expectation { metric, conditions }));
        }
        for entry in file.variant.iter().flat_map(|variants| &variants.entries) {
            let changes: Vec<Change> = entry
                .value
                .iter()
                .flat_map(|changes| &changes.entries)
                .filter_map(|change| {
                    let Anything(value) = change.value.clone()?;
                    Some(Change { path: change.name.value.clone(), place: change.name.place, value })
                })
                .collect();
            goals
                .variants
                .push(Variant { name: entry.name.value.clone(), sets: changes.iter().map(Change::as_set).collect() });
            goals.changes.push(changes);
        }
        for entry in file.sweep.iter().flat_map(|sweep| &sweep.entries) {
            let Some(values) = &entry.value else { continue };
            let (path, place) = (&entry.name.value, entry.name.place);
            let change = |Anything(value): &Anything| Change { path: path.clone(), place, value: value.clone() };
            let axis = SweepAxis::new(path, place, values.value.iter().map(change).collect(), self.report);
            if goals.sweep.iter().any(|other: &SweepAxis| other.varies_the_same(&axis)) {
                twice(path, place, self.report);
            }
            goals.changes.extend(axis.changes.iter().map(|change| vec![change.clone()]));
            goals.sweep.push(axis);
        }
        goals
    }

    /// The metric of that name with its labels, or a problem.
    pub(super) fn metric(&mut self, written: &At<String>) -> Option<Selector> {
        self.vocabulary.metric(written, &self.names, self.report)
    }
}

/// Reports an axis of the same path as another.
pub(in crate::scenario) fn twice(path: &str, place: Place, report: &mut Report) {
    report.error(place, format!("`{path}` is varied twice"), "another axis has this path", "put all its values in one");
}
