//! A scenario's document, read once, that many scenarios are made of.

use super::diagnostic::{Problems, Report};
use super::document::{Node, Value};
use super::load::{self, Part, Scenario};
use super::lower::{Change, SweepAxis, twice};
use super::overrides;
use super::source::{At, Place, Source};
use crate::experiment::staffing::Team;
use crate::measures::{Selector, catalog};
use crate::simulation::Model;
use std::path::PathBuf;

/// A scenario, and what is needed to make others of it by changing values: the cells of a sweep, the desks that a search for
/// staff looks at.
#[derive(Debug)]
pub struct Base {
    scenario: Scenario,
    /// Without what is no part of the simulated world, and costs time to check again for each change.
    document: Node,
    /// The texts that places are in.
    texts: Report,
}

/// Every combination of the values of some axes; the last axis varies fastest.
#[derive(Debug)]
pub struct Grid<'b> {
    base: &'b Base,
    axes: Vec<SweepAxis>,
    texts: Report,
    files: Vec<PathBuf>,
}

impl Base {
    /// Loads a scenario, with changes `PATH=VALUE` applied to it in order.
    ///
    /// # Errors
    /// Everything that is wrong with it.
    pub fn load(source: &Source, sets: &[String]) -> Result<Base, Problems> {
        const APART: [&str; 3] = ["staff", "sweep", "variant"];
        let mut report = Report::default();
        let document = load::document(source, &[], sets, &mut report);
        let texts = report.fork();
        let scenario = load::scenario(document.as_ref(), Part::Whole, report)?;
        let mut document = document.expect("a scenario comes of a document");
        if let Value::Table(table) = &mut document.value {
            table.entries.retain(|(key, _)| !APART.contains(&key.name.as_str()));
        }
        Ok(Base { scenario, document, texts })
    }

    /// The scenario as it is.
    pub fn scenario(&self) -> &Scenario {
        &self.scenario
    }

    /// Metrics as they are written on a command line, each once; `queue.wait.*` stands for all that begin so, without labels.
    ///
    /// # Errors
    /// Names of no metric, or of nobody in the scenario.
    pub fn metrics(&self, written: &[String]) -> Result<Vec<Selector>, Problems> {
        let mut report = self.texts.fork();
        let mut metrics = Vec::new();
        let mut add = |metric: Selector| {
            if !metrics.contains(&metric) {
                metrics.push(metric);
            }
        };
        for text in written {
            let place = Place::new(report.add_source(Source::new("--metric", text)), 0..text.len());
            let Some(start) = text.strip_suffix('*') else {
                let known = self.scenario.vocabulary.metric(
                    &At::new(place, text.clone()),
                    &self.scenario.model.names,
                    &mut report,
                );
                known.into_iter().for_each(&mut add);
                continue;
            };
            let before = catalog::catalog().iter().filter(|metric| metric.name.starts_with(start));
            let named: Vec<Selector> =
                before.map(|metric| metric.name.parse().expect("the catalog's names are names")).collect();
            if named.is_empty() {
                let help = "the part before `*` is the beginning of a name, such as `queue.wait.`";
                report.error(place, format!("no metric begins with `{start}`"), "", help);
            }
            named.into_iter().for_each(&mut add);
        }
        report.finish()?;
        Ok(metrics)
    }

    /// The grid of `[sweep]` and of axes `PATH=VALUE,VALUE,…`, which replace those of the same path.
    ///
    /// # Errors
    /// Everything that is wrong with the axes, each value tried by itself.
    pub fn grid(&self, vary: &[String]) -> Result<Grid<'_>, Problems> {
        let mut report = self.texts.fork();
        let mut axes = self.scenario.sweep.clone();
        let mut given: Vec<SweepAxis> = Vec::new();
        for vary in vary {
            let Some(axis) = overrides::axis(vary, &mut report) else { continue };
            if given.iter().any(|other| other.varies_the_same(&axis)) {
                twice(&axis.path, axis.place, &mut report);
            }
            let changes: Vec<Vec<Change>> = axis.changes.iter().map(|change| vec![change.clone()]).collect();
            load::check_changes(&self.document, &changes, Part::Whole, &mut report);
            match axes.iter_mut().find(|known| known.varies_the_same(&axis)) {
                Some(known) => *known = axis.clone(),
                None => axes.push(axis.clone()),
            }
            given.push(axis);
        }
        let (texts, files) = (report.fork(), report.files());
        report.finish()?;
        Ok(Grid { base: self, axes, texts, files })
    }

    /// The model with the counts of `[staff]`, in its order.
    ///
    /// # Errors
    /// Everything that is wrong with its scenario.
    pub fn staffed(&self, heads: &[u32]) -> Result<Model, Problems> {
        let counts = self.scenario.staff.iter().flat_map(|plan| &plan.counts);
        let changes: Vec<Change> = counts
            .zip(heads)
            .map(|(count, heads)| {
                let value = Node { place: Place::NONE, value: Value::Integer(i64::from(*heads)) };
                Change { path: count.path.clone(), place: Place::NONE, value }
            })
            .collect();
        self.model(&changes.iter().collect::<Vec<_>>(), &self.texts)
    }

    /// The people of each count of `[staff]` that is an agent table's.
    pub fn teams(&self) -> Vec<Option<Team>> {
        let team = |path: &str| match overrides::keys(path)?.as_slice() {
            [Some(agent), Some(table), Some(count)] if agent == "agent" && count == "count" => {
                self.scenario.vocabulary.table(table).map(Team::new)
            }
            _ => None,
        };
        self.scenario.staff.iter().flat_map(|plan| &plan.counts).map(|count| team(&count.path)).collect()
    }

    /// The model after some changes; `texts` are those that the changes stand in.
    fn model(&self, changes: &[&Change], texts: &Report) -> Result<Model, Problems> {
        let mut report = texts.fork();
        let mut document = self.document.clone();
        for change in changes {
            overrides::set_path(&mut document, &change.path, change.place, &change.value, &mut report);
        }
        if report.errors() > 0 {
            return Err(report.finish().expect_err("just counted"));
        }
        let lowered = load::lower(&document, Part::Whole, &mut report);
        match report.finish() {
            Ok(_) => Ok(lowered.model),
            Err(mut problems) => {
                let sets: Vec<String> = changes.iter().map(|change| change.as_set()).collect();
                problems.found_in(&format!("so it is with {}", sets.join(", ")));
                Err(problems)
            }
        }
    }
}

impl Grid<'_> {
    /// Its axes, the slowest first.
    pub fn axes(&self) -> &[SweepAxis] {
        &self.axes
    }

    /// The files that values of axes name which are not of the scenario.
    pub fn files(&self) -> &[PathBuf] {
        &self.files
    }

    /// How many cells it has; none without an axis.
    pub fn cells(&self) -> u128 {
        match self.axes.is_empty() {
            true => 0,
            false => self.axes.iter().fold(1, |cells: u128, axis| cells.saturating_mul(axis.changes.len() as u128)),
        }
    }

    /// Where on each axis a cell stands.
    pub fn place(&self, cell: usize) -> Vec<usize> {
        let mut rest = cell;
        let mut place: Vec<usize> = self
            .axes
            .iter()
            .rev()
            .map(|axis| {
                let at = rest % axis.changes.len();
                rest /= axis.changes.len();
                at
            })
            .collect();
        place.reverse();
        place
    }

    /// The model of a cell.
    ///
    /// # Errors
    /// Everything that is wrong with its scenario.
    pub fn model(&self, cell: usize) -> Result<Model, Problems> {
        let place = self.place(cell);
        let changes: Vec<&Change> = self.axes.iter().zip(place).map(|(axis, at)| &axis.changes[at]).collect();
        self.base.model(&changes, &self.texts)
    }
}
