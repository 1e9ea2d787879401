//! What other commands than `run` ask of a scenario: expectations, variants, the grid of a sweep, precision.

use super::lowering::Lowering;
use crate::measures::{Label, Selector, SelectorError};
use crate::scenario::document::Node;
use crate::scenario::read::{Anything, Whole};
use crate::scenario::schema;
use crate::scenario::source::{At, Place};

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

/// `run.precision`: repeat until a metric is known well enough.
#[derive(Clone, PartialEq, Debug)]
pub struct Precision {
    /// Which metric.
    pub metric: Selector,
    /// Half-width of its 95 % interval.
    pub to: Tolerance,
    /// No more replications than this.
    pub at_most: u32,
}

/// A half-width that is narrow enough.
#[derive(Clone, Copy, PartialEq, Debug)]
pub enum Tolerance {
    /// As a share of the mean.
    Relative(f64),
    /// In the metric's unit.
    Absolute(f64),
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

/// An axis of `[sweep]`.
#[derive(Clone, PartialEq, Debug)]
pub struct SweepAxis {
    /// What is varied.
    pub path: String,
    /// To which values, as [`super::super::load`] takes them: `PATH=VALUE`.
    pub sets: Vec<String>,
}

impl Lowering<'_> {
    /// Reads them all.
    pub(super) fn goals(&mut self) -> Goals {
        let file = self.file;
        let precision = file.run.as_ref().and_then(|run| run.precision.as_ref()).and_then(|precision| {
            let Whole(at_most) = precision.at_most.value;
            let metric = self.metric(&precision.metric);
            let to = self.tolerance(precision);
            Some(Precision { metric: metric?, to: to?, at_most: at_most as u32 })
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
            goals.variants.push(Variant {
                name: entry.name.value.clone(),
                sets: changes.iter().map(|change| as_set(&change.path, &change.value)).collect(),
            });
            goals.changes.push(changes);
        }
        for entry in file.sweep.iter().flat_map(|sweep| &sweep.entries) {
            let Some(values) = &entry.value else { continue };
            if values.value.is_empty() {
                self.report.error(values.place, "a sweep over no values", "", "list the values to try: [10, 11, 12]");
            }
            let path = &entry.name.value;
            goals.sweep.push(SweepAxis {
                path: path.clone(),
                sets: values.value.iter().map(|Anything(value)| as_set(path, value)).collect(),
            });
            goals.changes.extend(values.value.iter().map(|Anything(value)| {
                vec![Change { path: path.clone(), place: entry.name.place, value: value.clone() }]
            }));
        }
        goals
    }

    /// How narrow the interval is to be, or a problem.
    fn tolerance(&mut self, precision: &schema::Precision) -> Option<Tolerance> {
        match (precision.relative, precision.absolute) {
            (Some(relative), None) => Some(Tolerance::Relative(relative.value.0)),
            (None, Some(absolute)) => Some(Tolerance::Absolute(absolute.value.0)),
            (Some(_), Some(absolute)) => {
                self.report.error(
                    absolute.place,
                    "a precision both relative and absolute",
                    "the second of the two",
                    "keep one: relative is a share of the mean, absolute is in the metric's unit",
                );
                None
            }
            (None, None) => {
                if !precision.broken.contains(&"relative") && !precision.broken.contains(&"absolute") {
                    self.report.error(
                        precision.metric.place,
                        "a precision that does not say how precise",
                        "",
                        "add relative = 0.02 (a share of the mean) or absolute = 0.5 (in the metric's unit)",
                    );
                }
                None
            }
        }
    }

    /// The metric of that name with its labels, or a problem.
    fn metric(&mut self, written: &At<String>) -> Option<Selector> {
        let selector: Selector = match written.value.parse() {
            Ok(selector) => selector,
            Err(error) => {
                let help = match &error {
                    SelectorError::UnknownMetric { near, .. } if !near.is_empty() => {
                        format!("did you mean `{}`?", near.join("`, `"))
                    }
                    SelectorError::UnknownMetric { .. } => {
                        "metrics have names such as `sla.first_response.breach_rate` and `queue.wait.p95`".to_owned()
                    }
                    SelectorError::LabelNotTaken { takes, .. } if takes.is_empty() => "leave the labels out".to_owned(),
                    SelectorError::LabelNotTaken { takes, .. } => format!("it takes `{}`", takes.join("`, `")),
                    SelectorError::LabelTwice(_) => "leave one out".to_owned(),
                    SelectorError::Labels => {
                        "write it like queue.wait.p95{channel=\"chat\"}, in single quotes".to_owned()
                    }
                };
                let title = match &error {
                    SelectorError::UnknownMetric { name, .. } => format!("unknown metric `{name}`"),
                    other => other.to_string(),
                };
                self.report.error(written.place, title, "", help);
                return None;
            }
        };
        for (label, value) in selector.labels() {
            let name = At::new(written.place, value.clone());
            match label {
                Label::Group => drop(self.vocabulary.group(&name, &self.names, self.report)),
                Label::Agent => drop(self.vocabulary.user(&name, &self.names, self.report)),
                Label::Channel => drop(self.channel_named(&name)),
                Label::Customer => {
                    let known: Vec<&str> =
                        (0..self.names.customer_count()).map(|class| self.names.customer(class)).collect();
                    if !known.contains(&value.as_str()) {
                        let help =
                            crate::scenario::diagnostic::help_with_name(value, known.into_iter(), "the classes", "");
                        self.report.error(name.place, format!("unknown customer class `{value}`"), "", help);
                    }
                }
                // Scripted events may make statuses that the file does not list.
                Label::Status => {}
            }
        }
        Some(selector)
    }
}

fn as_set(path: &str, value: &Node) -> String {
    format!("{path}={}", value.to_toml())
}
