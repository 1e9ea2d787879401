//! What the replications of one model say together.

use crate::desk::GroupId;
use crate::measures::{Cast, Key, Selector, Sheet};
use crate::simulation::Model;
use crate::stats::{Tally, mean_interval};
use crate::time::Span;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// The results of an experiment on one model.
#[derive(Clone, PartialEq, Debug)]
pub struct Results {
    /// desksim's version.
    pub version: String,
    /// The scenario's content hash.
    pub scenario: String,
    /// Names all random draws.
    pub seed: u64,
    /// How many runs were made.
    pub replications: u32,
    /// Of the digests of all replications' commands and effects, in order.
    pub digest: String,
    /// Tells generators of random draws apart: equal fingerprints draw alike.
    pub draws: String,
    /// What the page says beside the figures.
    pub facts: Facts,
    /// Every metric, in the catalog's order, the desk's own first.
    pub figures: Vec<Figure>,
}

/// What of the scenario stands in results.
#[derive(Clone, PartialEq, Debug)]
pub struct Facts {
    /// What it is called.
    pub title: String,
    /// How long a replication runs.
    pub duration: Span,
    /// Its beginning that is left out of every figure.
    pub warmup: Span,
    /// The channels' SLA targets at the start.
    pub targets: Vec<Target>,
    /// The groups.
    pub groups: Vec<GroupFacts>,
}

/// A channel's SLA targets.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Target {
    /// Which channel.
    pub channel: String,
    /// From assignment to the first reply.
    pub first_response: Option<Span>,
    /// From assignment to closure.
    pub closure: Option<Span>,
}

/// A group.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct GroupFacts {
    /// What it is called.
    pub name: String,
    /// How many agents it is the first group of.
    pub agents: usize,
}

/// One metric over the replications.
#[derive(Clone, PartialEq, Debug)]
pub struct Figure {
    /// Which, and whose.
    pub selector: Selector,
    /// Its value in each replication, in order; `None` where nothing happened that it could tell of.
    pub values: Vec<Option<f64>>,
    /// What the values say together; `None` where there are none.
    pub summary: Option<Summary>,
}

/// A mean over replications, and how well it is known.
#[derive(Clone, Copy, PartialEq, Debug, Serialize, Deserialize)]
pub struct Summary {
    /// The mean of the values.
    pub mean: f64,
    /// Student's 95 % interval for the mean; `None` of one value.
    pub ci95: Option<[f64; 2]>,
    /// How many replications have a value.
    pub n: u64,
    /// Their standard deviation; `None` of one value.
    pub sd: Option<f64>,
}

impl Results {
    /// A figure by its selector's text, as in `queue.wait.p95{channel="chat"}`.
    pub fn get(&self, selector: &str) -> Option<&Figure> {
        let selector: Selector = selector.parse().ok()?;
        self.figure(&selector)
    }

    /// A figure.
    pub fn figure(&self, selector: &Selector) -> Option<&Figure> {
        self.figures.iter().find(|figure| figure.selector == *selector)
    }

    /// The figure of a metric with one label.
    pub fn labelled(&self, metric: &str, label: &str, value: &str) -> Option<&Figure> {
        self.figures.iter().find(|figure| {
            let labels = figure.selector.labels();
            figure.selector.metric().name == metric
                && matches!(labels, [(own, of)] if own.name() == label && of == value)
        })
    }

    /// A figure's mean over the replications.
    pub fn mean(&self, selector: &str) -> Option<f64> {
        Some(self.get(selector)?.summary?.mean)
    }
}

impl Facts {
    /// The facts of a model.
    pub fn new(model: &Model, cast: &Cast) -> Facts {
        let names = &model.names;
        let targets = (0..)
            .zip(&model.settings.channels)
            .map(|(index, channel)| Target {
                channel: names.channel(crate::desk::ChannelId(index)).to_owned(),
                first_response: channel.sla.first_response,
                closure: channel.sla.closure,
            })
            .collect();
        let groups = cast
            .group_sizes()
            .into_iter()
            .enumerate()
            .map(|(index, agents)| GroupFacts { name: names.group(GroupId::at(index)).to_owned(), agents })
            .collect();
        Facts { title: model.title.clone(), duration: model.run.duration, warmup: model.run.warmup, targets, groups }
    }
}

impl Summary {
    /// Of the values there are, in order; `None` of none.
    pub fn of(values: &[Option<f64>]) -> Option<Summary> {
        let mut tally = Tally::default();
        values.iter().flatten().for_each(|value| tally.record(*value));
        Some(Summary {
            mean: tally.mean()?,
            sd: tally.standard_deviation(),
            n: tally.count(),
            ci95: mean_interval(&tally, 0.95).map(|interval| [interval.low, interval.high]),
        })
    }

    /// Half the width of the interval.
    pub fn half_width(&self) -> Option<f64> {
        self.ci95.map(|[low, high]| (high - low) / 2.0)
    }
}

/// The sheets of replications, merged in their order.
#[derive(Clone, Default, Debug)]
pub(super) struct Columns {
    values: BTreeMap<Key, Vec<Option<f64>>>,
    statuses: Vec<String>,
    count: usize,
}

impl Columns {
    pub(super) fn add(&mut self, sheet: &Sheet) {
        for (key, value) in sheet.rows() {
            let column = self.values.entry(*key).or_default();
            // A row may be missing from some replications: of a status that was only made in others.
            column.resize(self.count, None);
            column.push(*value);
        }
        self.count += 1;
        if sheet.statuses().len() > self.statuses.len() {
            self.statuses = sheet.statuses().to_vec();
        }
    }

    /// How many replications were merged.
    pub(super) fn count(&self) -> u32 {
        self.count as u32
    }

    pub(super) fn column(&self, key: &Key) -> Option<&[Option<f64>]> {
        self.values.get(key).map(Vec::as_slice)
    }

    pub(super) fn key(&self, model: &Model, selector: &Selector) -> Option<Key> {
        let metric = selector.metric();
        self.values
            .keys()
            .find(|key| {
                std::ptr::eq(key.metric.metric(), metric) && key.selector(&model.names, &self.statuses) == *selector
            })
            .copied()
    }

    pub(super) fn figures(self, model: &Model) -> Vec<Figure> {
        let Columns { values, statuses, count } = self;
        let figure = |(key, mut values): (Key, Vec<Option<f64>>)| {
            values.resize(count, None);
            let summary = Summary::of(&values);
            Figure { selector: key.selector(&model.names, &statuses), values, summary }
        };
        values.into_iter().map(figure).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mean_comes_with_students_interval() {
        let summary = Summary::of(&[Some(1.0), None, Some(2.0), Some(3.0)]).unwrap();
        assert_eq!((summary.mean, summary.sd, summary.n), (2.0, Some(1.0), 3));
        // t with 2 degrees of freedom is 4.3027.
        let half = 4.302_652_729_749_464 / libm::sqrt(3.0);
        let [low, high] = summary.ci95.unwrap();
        assert!((low - (2.0 - half)).abs() < 1e-9 && (high - (2.0 + half)).abs() < 1e-9, "{low} {high}");
    }

    #[test]
    fn one_value_has_no_interval_and_none_no_summary() {
        let one = Summary { mean: 5.0, sd: None, n: 1, ci95: None };
        assert_eq!(Summary::of(&[None, Some(5.0)]), Some(one));
        assert_eq!(Summary::of(&[None, None]), None);
    }
}
