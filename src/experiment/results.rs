//! What the replications of one model say together.

use super::batches::Batches;
use super::notes::Note;
use super::stability::Stability;
use super::warmup::ChosenWarmup;
use crate::desk::GroupId;
use crate::measures::{Cast, Key, Selector, Sheet, Unit};
use crate::simulation::Model;
use crate::stats::{Tally, replications_needed, skewed_interval, tails};
use crate::time::Span;
use serde::{Deserialize, Serialize};

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
    /// How a single replication was cut for intervals.
    pub batches: Option<Batches>,
    /// Whether work comes no faster than it can be done.
    pub stability: Option<Stability>,
    /// What is likely not what was meant.
    pub notes: Vec<Note>,
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
    /// How the warm-up was chosen, where a pilot did.
    pub chosen_warmup: Option<ChosenWarmup>,
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
    /// How many agents are in it; who is in several groups counts in each.
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
    /// The 95 % interval for the mean, which allows for skewness ([`skewed_interval`]); of a single replication that was cut into
    /// batches, the batches' own; else `None` of one value.
    pub ci95: Option<[f64; 2]>,
    /// How many replications have a value.
    pub n: u64,
    /// Their standard deviation; `None` of one value.
    pub sd: Option<f64>,
    /// Their 10 %, 50 % and 90 % quantiles, which say what a single day is like; `None` of one value.
    #[serde(flatten, with = "tails_as_keys")]
    pub tails: Option<[f64; 3]>,
    /// How many replications the interval needs before it can be believed, by their skewness so far ([`replications_needed`]); `None`
    /// of one value, and of values that are all the same.
    #[serde(default)]
    pub needs: Option<u64>,
}

/// [`Summary::tails`] as the keys `p10`, `p50` and `p90`. Results of 0.1.0 have none.
pub(super) mod tails_as_keys {
    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    #[derive(Serialize, Deserialize)]
    struct Keys {
        #[serde(default)]
        p10: Option<f64>,
        #[serde(default)]
        p50: Option<f64>,
        #[serde(default)]
        p90: Option<f64>,
    }

    pub(in crate::experiment) fn serialize<S: Serializer>(
        tails: &Option<[f64; 3]>,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        let [p10, p50, p90] = tails.map_or([None; 3], |tails| tails.map(Some));
        Keys { p10, p50, p90 }.serialize(serializer)
    }

    pub(in crate::experiment) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Option<[f64; 3]>, D::Error> {
        let Keys { p10, p50, p90 } = Keys::deserialize(deserializer)?;
        Ok(p10.zip(p50).zip(p90).map(|((p10, p50), p90)| [p10, p50, p90]))
    }
}

/// The figures whose precision results state.
pub const STATED: [&str; 4] =
    ["sla.first_response.breach_rate", "customer.first_response.mean", "queue.wait.mean", "agents.occupancy"];

impl Results {
    /// How precise the stated figures are: half the width of their interval as a share of the mean, where there are both.
    pub fn precision(&self) -> impl Iterator<Item = (&'static str, Option<f64>)> + '_ {
        STATED.into_iter().map(|metric| {
            let summary = self.get(metric).and_then(|figure| figure.summary);
            let share = summary.and_then(|summary| Some(summary.half_width()? / summary.mean.abs()));
            (metric, share.filter(|share| share.is_finite()))
        })
    }

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
        self.by_label(metric, label).find(|(of, _)| *of == value).map(|(_, figure)| figure)
    }

    /// The figures of a metric that have that one label, with its values.
    pub fn by_label(&self, metric: &str, label: &str) -> impl Iterator<Item = (&str, &Figure)> {
        self.figures.iter().filter_map(move |figure| match figure.selector.labels() {
            [(own, of)] if own.name() == label && figure.selector.metric().name == metric => {
                Some((of.as_str(), figure))
            }
            _ => None,
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
        Facts {
            title: model.title.clone(),
            duration: model.run.duration,
            warmup: model.run.warmup,
            chosen_warmup: None,
            targets,
            groups,
        }
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
            ci95: skewed_interval(&tally, 0.95).map(|interval| [interval.low, interval.high]),
            needs: replications_needed(&tally),
            tails: tails(values.iter().copied().flatten()),
        })
    }

    /// Summarises a metric of that unit: the interval of a share ends at 0 and 1.
    pub fn of_unit(values: &[Option<f64>], unit: Unit) -> Option<Summary> {
        Summary::of(values).map(|summary| summary.within(unit))
    }

    /// Cuts the interval off where values of the unit cannot be.
    fn within(self, unit: Unit) -> Summary {
        if unit != Unit::Share {
            return self;
        }
        let ci95 = self.ci95.map(|[low, high]| [low.max(self.mean.min(0.0)), high.min(self.mean.max(1.0))]);
        Summary { ci95, ..self }
    }

    /// Whether there are as many replications as the interval needs.
    pub fn is_believable(&self) -> bool {
        self.needs.is_none_or(|needs| needs <= self.n)
    }

    /// How far the interval reaches from the mean, on its longer side.
    pub fn reach(&self) -> Option<f64> {
        self.ci95.map(|[low, high]| (self.mean - low).max(high - self.mean))
    }

    /// Half the width of the interval.
    pub fn half_width(&self) -> Option<f64> {
        self.ci95.map(|[low, high]| (high - low) / 2.0)
    }
}

/// The sheets of replications, merged in their order.
#[derive(Clone, Default, Debug)]
pub(super) struct Columns {
    /// A metric's value in each replication, sorted by key.
    columns: Vec<(Key, Vec<Option<f64>>)>,
    statuses: Vec<String>,
    count: usize,
}

impl Columns {
    pub(super) fn add(&mut self, sheet: &Sheet) {
        // Both are sorted, and sheets of one model have the same rows but for statuses that only some runs make.
        let mut at = 0;
        for (key, value) in sheet.rows() {
            while self.columns.get(at).is_some_and(|(of, _)| of < key) {
                at += 1;
            }
            if self.columns.get(at).is_none_or(|(of, _)| of != key) {
                self.columns.insert(at, (*key, Vec::new()));
            }
            let column = &mut self.columns[at].1;
            column.resize(self.count, None);
            column.push(*value);
            at += 1;
        }
        self.count += 1;
        if sheet.statuses().len() > self.statuses.len() {
            self.statuses = sheet.statuses().to_vec();
        }
    }

    /// How many values are kept.
    pub(super) fn values(&self) -> u64 {
        self.columns.len() as u64 * self.count as u64
    }

    /// How many replications were merged.
    pub(super) fn count(&self) -> u32 {
        self.count as u32
    }

    pub(super) fn column(&self, model: &Model, selector: &Selector) -> Option<&[Option<f64>]> {
        self.row(model, selector).map(|(_, values)| values)
    }

    /// A metric's column with its key.
    pub(super) fn row(&self, model: &Model, selector: &Selector) -> Option<(&Key, &[Option<f64>])> {
        let is_it = |(key, _): &&(Key, Vec<_>)| key.is(selector, &model.names, &self.statuses);
        self.columns.iter().find(is_it).map(|(key, values)| (key, values.as_slice()))
    }

    /// The figures; `interval` says how surely a single replication's value is known.
    pub(super) fn figures(self, model: &Model, mut interval: impl FnMut(&Key, f64) -> Option<[f64; 2]>) -> Vec<Figure> {
        let Columns { columns, statuses, count } = self;
        let figure = |(key, mut values): (Key, Vec<Option<f64>>)| {
            values.resize(count, None);
            let mut summary = Summary::of(&values);
            if let (1, Some(summary)) = (count, &mut summary) {
                summary.ci95 = interval(&key, summary.mean);
            }
            let summary = summary.map(|summary| summary.within(key.metric.metric().unit));
            Figure { selector: key.selector(&model.names, &statuses), values, summary }
        };
        columns.into_iter().map(figure).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::desk::StatusId;
    use crate::simulation::sample;

    #[test]
    fn a_figure_that_some_replications_lack_keeps_its_place() {
        let [away, lunch] = [1, 3].map(|status| Some(StatusId(status)));
        let (share, created) = ("agents.status_share", "tickets.created");
        let mut columns = Columns::default();
        for sheet in [
            Sheet::of_desk(&[(created, None, 1.0), (share, away, 0.1)], &["Available", "Away", "Offline"]),
            Sheet::of_desk(
                &[(share, lunch, 0.5), (created, None, 2.0), (share, away, 0.2)],
                &["Available", "Away", "Offline", "Lunch"],
            ),
            Sheet::of_desk(&[(created, None, 3.0)], &["Available", "Away", "Offline"]),
        ] {
            columns.add(&sheet);
        }
        let model = sample::model(1);
        let column = |selector: &str| columns.column(&model, &selector.parse().unwrap());
        assert_eq!(column("tickets.created"), Some([Some(1.0), Some(2.0), Some(3.0)].as_slice()));
        assert_eq!(column("agents.status_share"), None);
        assert_eq!(column("tickets.created{channel=\"chat\"}"), None);
        let figures = columns.clone().figures(&model, |_, _| None);
        let shown: Vec<_> = figures.iter().map(|figure| (figure.selector.to_string(), figure.values.clone())).collect();
        let expected = [
            ("tickets.created", [Some(1.0), Some(2.0), Some(3.0)]),
            ("agents.status_share{status=\"Away\"}", [Some(0.1), Some(0.2), None]),
            ("agents.status_share{status=\"Lunch\"}", [None, Some(0.5), None]),
        ];
        assert_eq!(shown, expected.map(|(selector, values)| (selector.to_owned(), values.to_vec())));
        // Of 0.1 and 0.2 alone it would begin far below 0.
        assert_eq!(figures[1].summary.unwrap().ci95.unwrap()[0], 0.0);
    }

    #[test]
    fn a_mean_comes_with_an_interval_and_what_it_needs() {
        let summary = Summary::of(&[Some(1.0), None, Some(2.0), Some(3.0)]).unwrap();
        assert_eq!((summary.mean, summary.sd, summary.n), (2.0, Some(1.0), 3));
        assert_eq!((summary.needs, summary.is_believable()), (Some(80), false));
        // t with 2 degrees of freedom is 4.3027.
        let half = 4.302_652_729_749_464 / libm::sqrt(3.0);
        let [low, high] = summary.ci95.unwrap();
        assert!((low - (2.0 - half)).abs() < 1e-9 && (high - (2.0 + half)).abs() < 1e-9, "{low} {high}");
        assert_eq!(summary.tails, Some([1.2, 2.0, 2.8]));
    }

    #[test]
    fn the_interval_of_a_share_ends_at_0_and_1() {
        let values = [Some(0.0), Some(0.05), Some(1.0)];
        let [free, share] = [Unit::Ratio, Unit::Share].map(|unit| Summary::of_unit(&values, unit).unwrap());
        let [low, high] = free.ci95.unwrap();
        assert!(low < 0.0 && high > 1.0, "{low} {high}");
        assert_eq!(share, Summary { ci95: Some([0.0, 1.0]), ..free });
        // Within them it stays as it is.
        let near = [0.4, 0.5, 0.6].map(Some);
        assert_eq!(Summary::of_unit(&near, Unit::Share), Summary::of(&near));
    }

    #[test]
    fn summaries_of_0_1_0_are_read_without_quantiles() {
        let old: Summary = serde_json::from_str(r#"{"mean":2.0,"ci95":[1.0,3.0],"n":3,"sd":1.0}"#).unwrap();
        assert_eq!((old.mean, old.tails), (2.0, None));
        let new = Summary::of(&[Some(1.0), Some(3.0)]).unwrap();
        let text = serde_json::to_string(&new).unwrap();
        assert!(text.contains(r#""p10":1.2,"p50":2.0,"p90":2.8"#), "{text}");
        assert_eq!(serde_json::from_str::<Summary>(&text).unwrap(), new);
    }

    #[test]
    fn one_value_has_no_interval_and_none_no_summary() {
        let one = Summary { mean: 5.0, sd: None, n: 1, ci95: None, needs: None, tails: None };
        assert_eq!(Summary::of(&[None, Some(5.0)]), Some(one));
        assert_eq!(Summary::of(&[None, None]), None);
    }
}
