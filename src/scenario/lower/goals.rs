//! What other commands than `run` ask of a scenario: expectations, variants, the grid of a sweep, precision.

use super::lowering::Lowering;
use crate::experiment::check::{Condition, Expectation, Gate, On, OnInconclusive, Severity};
use crate::experiment::staffing::{Holds, StaffCount, StaffPlan, StaffTarget};
use crate::measures::{Selector, Unit};
use crate::scenario::diagnostic::Report;
use crate::scenario::document::{Node, Value};
use crate::scenario::overrides;
use crate::scenario::read::{Anything, Whole};
use crate::scenario::schema;
use crate::scenario::source::{At, Place};
use crate::scenario::unit::{self, Confidence, Positive};
use rustc_hash::FxHashSet;

/// Everything of this kind that a scenario says.
#[derive(Clone, Debug, Default)]
pub(in crate::scenario) struct Goals {
    pub(in crate::scenario) precision: Option<Precision>,
    pub(in crate::scenario) expectations: Vec<Expectation>,
    pub(in crate::scenario) gate: Gate,
    pub(in crate::scenario) sweep: Vec<SweepAxis>,
    pub(in crate::scenario) staff: Option<StaffPlan>,
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
            let metric = self.metric(&precision.metric);
            let to = self.tolerance(precision);
            Some(Precision { metric: metric?, to: to?, at_most: at_most as u32 })
        });
        let mut goals = Goals { precision, ..Goals::default() };
        goals.gate = self.gate();
        for expect in file.expect.iter().flatten() {
            goals.expectations.extend(self.expectation(expect));
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
        if let Some((plan, bounds)) = self.staff(&goals.expectations) {
            goals.changes.extend(bounds);
            goals.staff = Some(plan);
        }
        goals
    }

    /// `[staff]`, with the changes to its bounds; `expectations` are its targets.
    fn staff(&mut self, expectations: &[Expectation]) -> Option<(StaffPlan, [Vec<Change>; 2])> {
        let staff = self.file.staff.as_ref()?;
        let [mut lowest, mut highest] = [Vec::new(), Vec::new()];
        let mut counts: Vec<StaffCount> = Vec::new();
        for entry in &staff.counts.value.entries {
            let (path, place) = (&entry.name.value, entry.name.place);
            if counts.iter().any(|other| overrides::keys(&other.path) == overrides::keys(path)) {
                twice(path, place, self.report);
            }
            let Some(count) = &entry.value else { continue };
            let bound = |At { place: at, value: Whole(bound) }: At<Whole<0, 1_000_000>>| {
                let value = Node { place: at, value: Value::Integer(bound) };
                (bound as u32, Change { path: path.clone(), place, value })
            };
            let ((min, low), (max, high)) = (bound(count.min), bound(count.max));
            if min > max {
                let help = "swap them, or write the same number twice";
                self.report.error(count.min.place, format!("no number is at least {min} and at most {max}"), "", help);
            }
            lowest.push(low);
            highest.push(high);
            counts.push(StaffCount {
                path: path.clone(),
                min,
                max,
                cost: count.cost.map_or(1.0, |Positive(cost)| cost),
            });
        }
        if staff.counts.value.entries.is_empty() {
            let help = "name what may vary: \"agent.support.count\" = { min = 5, max = 40, cost = 1.0 }";
            self.report.error(staff.counts.place, "no count may vary", "", help);
        }
        let limit = |expectation: &Expectation| {
            let of = |limit: fn(&Condition) -> Option<f64>| expectation.conditions.iter().find_map(limit);
            let at_most = of(|condition| if let Condition::AtMost(most) = condition { Some(*most) } else { None });
            let at_least = of(|condition| if let Condition::AtLeast(least) = condition { Some(*least) } else { None });
            let Expectation { metric, holds, confidence, .. } = expectation;
            let target =
                StaffTarget { metric: metric.clone(), at_most, at_least, holds: *holds, confidence: *confidence };
            (expectation.severity == Severity::Error && (at_most.is_some() || at_least.is_some())).then_some(target)
        };
        let targets: Vec<StaffTarget> = expectations.iter().filter_map(limit).collect();
        if targets.is_empty() && self.file.expect.iter().flatten().all(|expect| expect.broken.is_empty()) {
            let help =
                "add an [[expect]] with a metric and at_most or at_least; those of severity \"warning\" do not count";
            self.report.error(staff.place, "staff for no target", "nothing says how good it must be", help);
        }
        let plan = StaffPlan {
            counts,
            targets,
            holds: staff.holds.map_or(Holds::Mean, |written| holds(written.value)),
            confidence: staff.confidence.map_or(0.95, |Confidence(confidence)| confidence),
            max_replications: staff
                .max_replications
                .map_or(StaffPlan::MAX_REPLICATIONS, |At { value: Whole(most), .. }| most as u32),
        };
        if let Some((target, days)) = plan.too_few() {
            let of_target = plan.targets[target].holds;
            let written = self.file.expect.iter().flatten().filter_map(|expect| expect.holds);
            let own = written.clone().find(|written| Some(holds(written.value)) == of_target);
            self.report.error(
                own.or(staff.holds).map_or(staff.place, |holds| holds.place),
                format!("{} replications cannot show this", plan.max_replications),
                format!("it takes {days} if all of them are within the limit"),
                format!("write max_replications = {days} or more, or a smaller share"),
            );
        }
        Some((plan, [lowest, highest]))
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

    /// `[check]`.
    fn gate(&mut self) -> Gate {
        let Some(check) = &self.file.check else { return Gate::default() };
        let plain = Gate::default();
        Gate {
            confidence: check.confidence.map_or(plain.confidence, |Confidence(confidence)| confidence),
            max_replications: check.max_replications.map(|At { value: Whole(most), .. }| most as u32),
            on_inconclusive: check.on_inconclusive.map_or(plain.on_inconclusive, on_inconclusive),
            exact: check.exact.unwrap_or(plain.exact),
        }
    }

    fn expectation(&mut self, expect: &schema::Expect) -> Option<Expectation> {
        let metric = self.metric(&expect.metric);
        let margin = |margin: &At<schema::Margin>| margin.value.margin.0;
        let conditions: Vec<Condition> = [
            expect.at_most.map(|limit| Condition::AtMost(limit.value)),
            expect.at_least.map(|limit| Condition::AtLeast(limit.value)),
            expect.within.as_ref().map(|within| Condition::WithinOfBaseline(within.of_baseline.0)),
            expect.no_worse_than_baseline.as_ref().map(|of| Condition::NoWorseThanBaseline { margin: margin(of) }),
            expect.same_as_baseline.as_ref().map(|of| Condition::SameAsBaseline { margin: margin(of) }),
        ]
        .into_iter()
        .flatten()
        .collect();
        if conditions.is_empty() && expect.broken.is_empty() {
            self.report.error(
                expect.metric.place,
                "an expectation that expects nothing",
                "",
                "add at_most, at_least, within = { of_baseline = … }, no_worse_than_baseline = { margin = … } or \
                 same_as_baseline = { margin = … }",
            );
        }
        self.check_limits(expect, metric.as_ref());
        let on = expect.on.map_or(On::Mean, |on| match on.value {
            schema::On::Mean => On::Mean,
            schema::On::CiUpper => On::CiUpper,
            schema::On::CiLower => On::CiLower,
            schema::On::WorstReplication => On::WorstReplication,
        });
        Some(Expectation {
            metric: metric?,
            conditions,
            on,
            severity: match expect.severity {
                Some(schema::Severity::Warning) => Severity::Warning,
                Some(schema::Severity::Error) | None => Severity::Error,
            },
            confidence: expect.confidence.map(|Confidence(confidence)| confidence),
            holds: expect.holds.map(|written| holds(written.value)),
            on_inconclusive: expect.on_inconclusive.map(on_inconclusive),
        })
    }

    /// Limits that contradict one another, that no value can break or meet, or that have no meaning for the metric.
    fn check_limits(&mut self, expect: &schema::Expect, metric: Option<&Selector>) {
        if let (Some(most), Some(least)) = (expect.at_most, expect.at_least)
            && least.value > most.value
        {
            self.report.error(
                least.place,
                format!("at least {} and at most {}: no value is both", least.value, most.value),
                "",
                "swap them, or leave one out",
            );
        }
        if let Some(on) = expect.on
            && expect.at_most.is_none()
            && expect.at_least.is_none()
            && !expect.broken.iter().any(|key| ["at_most", "at_least"].contains(key))
        {
            self.report.error(
                on.place,
                "`on` says what a limit is for, and there is none",
                "",
                "add at_most or at_least, or leave `on` out: a baseline is compared replication by replication",
            );
        }
        if let Some(holds) = expect.holds
            && expect.at_most.is_none()
            && expect.at_least.is_none()
            && !expect.broken.iter().any(|key| ["at_most", "at_least"].contains(key))
        {
            self.report.error(
                holds.place,
                "`holds` says in which sense `staff` is to keep a limit, and there is none",
                "",
                "add at_most or at_least, or leave `holds` out",
            );
        }
        let Some(metric) = metric else { return };
        if metric.metric().unit == Unit::Share {
            for limit in [expect.at_most, expect.at_least].into_iter().flatten() {
                if !(0.0..=1.0).contains(&limit.value) {
                    let help = match limit.value {
                        percent if (1.0..=100.0).contains(&percent) => {
                            format!("for {percent} % write {}", percent / 100.0)
                        }
                        _ => "write a number from 0 to 1".to_owned(),
                    };
                    let title = format!("{} is no share: `{}` lies between 0 and 1", limit.value, metric.metric().name);
                    self.report.error(limit.place, title, "", help);
                }
            }
        }
        if let Some(no_worse) = &expect.no_worse_than_baseline
            && metric.metric().better.is_none()
        {
            self.report.error(
                no_worse.place,
                format!("of `{}` neither more nor less is better", metric.metric().name),
                "so nothing is worse",
                "write same_as_baseline = { margin = … } or within = { of_baseline = … }",
            );
        }
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

fn holds(word: unit::Holds) -> Holds {
    match word {
        unit::Holds::ShareOfDays(share) => Holds::ShareOfDays(share),
        unit::Holds::Mean => Holds::Mean,
    }
}

fn on_inconclusive(word: schema::OnInconclusive) -> OnInconclusive {
    match word {
        schema::OnInconclusive::Fail => OnInconclusive::Fail,
        schema::OnInconclusive::Pass => OnInconclusive::Pass,
        schema::OnInconclusive::Warn => OnInconclusive::Warn,
    }
}
