//! The figures of one run, in the catalog's order.

use super::catalog::{Batching, Label, MetricId, Selector};
use super::timing::Times;
use crate::desk::{ChannelId, GroupId, StatusId, UserId};
use crate::simulation::Names;
use crate::stats::{Part, Steps};
use std::collections::BTreeMap;
use std::sync::Arc;

/// Whose figure it is.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Scope {
    /// The whole desk's.
    Desk,
    /// One channel's.
    Channel(ChannelId),
    /// One class of customers', by index.
    Customer(u16),
    /// One group's.
    Group(GroupId),
    /// One user's.
    Agent(UserId),
}

/// Which figure; keys sort as results are printed.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Key {
    /// The metric.
    pub metric: MetricId,
    /// Whose.
    pub scope: Scope,
    /// In which status, where the metric is told by status.
    pub status: Option<StatusId>,
}

/// The figures of one run. Times are in seconds.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Sheet {
    rows: Vec<(Key, Option<f64>)>,
    statuses: Vec<String>,
    /// What figures stand on, where several sheets are to be put together.
    grounds: Option<Grounds>,
}

/// What the figures of a sheet stand on.
#[derive(Clone, PartialEq, Debug, Default)]
struct Grounds {
    /// Of means and shares what they are over: how many, or how long. All others are over the window.
    over: BTreeMap<Key, f64>,
    /// Of times, by the key of their mean.
    times: BTreeMap<Key, Arc<Steps>>,
}

impl Sheet {
    /// The figures, sorted by key; `None` where nothing happened that the figure could tell of.
    pub fn rows(&self) -> &[(Key, Option<f64>)] {
        &self.rows
    }

    /// Names of all statuses that there ever were, by [`StatusId`].
    pub fn statuses(&self) -> &[String] {
        &self.statuses
    }

    /// An empty sheet that also remembers what its figures stand on.
    pub(super) fn with_grounds() -> Sheet {
        Sheet { grounds: Some(Grounds::default()), ..Sheet::default() }
    }

    /// A mean, a share or a count as a sum and what it is over, of a sheet that remembers it; 0 over 0 where there is no figure.
    pub fn part(&self, key: &Key) -> Part {
        let of_window = 1.0;
        match (self.at(key), &self.grounds) {
            (Some(value), Some(grounds)) => {
                let over = grounds.over.get(key).copied().unwrap_or(of_window);
                Part { sum: value * over, over }
            }
            _ => Part { sum: 0.0, over: 0.0 },
        }
    }

    /// The times of which a quantile is, of a sheet that remembers them.
    pub fn times(&self, quantile: &Key) -> Option<&Steps> {
        let Batching::Quantile { mean, .. } = quantile.metric.metric().batching else { return None };
        Some(self.grounds.as_ref()?.times.get(&Key { metric: mean, ..*quantile })?.as_ref())
    }

    /// A figure by its key.
    pub fn at(&self, key: &Key) -> Option<f64> {
        self.rows.binary_search_by_key(key, |row| row.0).ok().and_then(|at| self.rows[at].1)
    }

    /// The whole desk's figure for a metric.
    pub fn desk(&self, metric: &str) -> Option<f64> {
        self.value(metric, Scope::Desk)
    }

    /// A metric's figure in a scope.
    pub fn value(&self, metric: &str, scope: Scope) -> Option<f64> {
        self.at(&Key { metric: MetricId::named(metric), scope, status: None })
    }

    /// Puts a figure that the scopes have in common, for those that the metric is told by.
    pub(super) fn put(&mut self, metric: MetricId, scopes: &[Scope], value: Option<f64>) {
        debug_assert!(value.is_none_or(f64::is_finite), "{} is not a number", metric.metric().name);
        let takers = scopes.iter().filter(|scope| takes(metric, **scope));
        self.rows.extend(takers.map(|&scope| (Key { metric, scope, status: None }, value)));
    }

    pub(super) fn put_count(&mut self, metric: MetricId, scopes: &[Scope], count: u64) {
        self.put(metric, scopes, Some(count as f64));
    }

    /// Puts a mean or a share with what it is over: how many, or how long.
    pub(super) fn put_mean(&mut self, metric: MetricId, scopes: &[Scope], value: Option<f64>, over: f64) {
        self.put(metric, scopes, value);
        if let Some(grounds) = &mut self.grounds {
            let takers = scopes.iter().filter(|scope| takes(metric, **scope));
            grounds.over.extend(takers.map(|&scope| (Key { metric, scope, status: None }, over)));
        }
    }

    /// Puts the share of a part in a whole; nothing has no share.
    pub(super) fn put_share(&mut self, metric: MetricId, scopes: &[Scope], part: u64, whole: u64) {
        self.put_mean(metric, scopes, super::share(part, whole), whole as f64);
    }

    /// Puts the figures of a time; `first` is its mean, which the others follow in the catalog.
    pub(super) fn put_times(&mut self, first: MetricId, scopes: &[Scope], times: &Times) {
        if let Some(grounds) = &mut self.grounds {
            let steps = Arc::new(times.histogram().steps());
            for &scope in scopes.iter().filter(|scope| takes(first, **scope)) {
                let key = Key { metric: first, scope, status: None };
                grounds.over.insert(key, times.histogram().count() as f64);
                grounds.times.insert(key, Arc::clone(&steps));
            }
        }
        for (n, figure) in (0..).zip(times.figures()) {
            self.put(first.plus(n), scopes, figure);
        }
    }

    /// A sheet with those figures of the whole desk, some by status, for tests.
    #[cfg(test)]
    pub(crate) fn of_desk(rows: &[(&str, Option<StatusId>, f64)], statuses: &[&str]) -> Sheet {
        let mut sheet = Sheet::default();
        for (metric, status, value) in rows {
            let key = Key { metric: MetricId::named(metric), scope: Scope::Desk, status: *status };
            sheet.rows.push((key, Some(*value)));
        }
        sheet.seal(statuses.iter().map(|status| (*status).to_owned()).collect());
        sheet
    }

    pub(super) fn put_status(&mut self, metric: MetricId, scope: Scope, status: StatusId, value: Option<f64>) {
        self.rows.push((Key { metric, scope, status: Some(status) }, value));
    }

    /// Puts the rows in order once all are there.
    pub(super) fn seal(&mut self, statuses: Vec<String>) {
        self.statuses = statuses;
        self.rows.sort_by_key(|row| row.0);
        debug_assert!(self.rows.windows(2).all(|two| two[0].0 < two[1].0), "each figure stands once");
    }
}

fn takes(metric: MetricId, scope: Scope) -> bool {
    let label = match scope {
        Scope::Desk => return true,
        Scope::Channel(_) => Label::Channel,
        Scope::Customer(_) => Label::Customer,
        Scope::Group(_) => Label::Group,
        Scope::Agent(_) => Label::Agent,
    };
    metric.metric().labels.contains(&label)
}

impl Key {
    /// The key in names.
    pub fn selector(&self, names: &Names, statuses: &[String]) -> Selector {
        let labels = self.labels(names, statuses);
        Selector::new(self.metric, labels.map(|(label, value)| (label, value.to_owned())).collect())
    }

    /// Whether the selector means this key.
    pub fn is(&self, selector: &Selector, names: &Names, statuses: &[String]) -> bool {
        let labels = || self.labels(names, statuses);
        std::ptr::eq(selector.metric(), self.metric.metric())
            && labels().count() == selector.labels().len()
            && labels().all(|(label, value)| selector.label(label) == Some(value))
    }

    fn labels<'a>(&self, names: &'a Names, statuses: &'a [String]) -> impl Iterator<Item = (Label, &'a str)> + use<'a> {
        let scope = match self.scope {
            Scope::Desk => None,
            Scope::Channel(channel) => Some((Label::Channel, names.channel(channel))),
            Scope::Customer(class) => Some((Label::Customer, names.customer(usize::from(class)))),
            Scope::Group(group) => Some((Label::Group, names.group(group))),
            Scope::Agent(user) => Some((Label::Agent, names.user(user))),
        };
        let status = self.status.map(|status| (Label::Status, statuses[status.index()].as_str()));
        scope.into_iter().chain(status)
    }
}
