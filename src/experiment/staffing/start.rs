//! Where Erlang's formulas would begin: the offered load of each group in its busiest time, and the heads that carry it.
//!
//! The formulas know of no shifts, caps and pauses, so this is where the search starts, not where it ends; on a desk that is a
//! plain M/M/c or Erlang A queue it is the answer.

use super::plan::{StaffPlan, StaffTarget};
use crate::desk::{Assignment, GroupId, UserId};
use crate::experiment::stability::work_of;
use crate::measures::Label;
use crate::simulation::Model;
use crate::stats::{ErlangA, ErlangC};
use crate::workload::Arrivals;
use serde::{Deserialize, Serialize};
use std::ops::Range;

/// Which formula.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub enum Formula {
    /// Customers wait as long as it takes.
    #[serde(rename = "Erlang C")]
    ErlangC,
    /// Customers give up.
    #[serde(rename = "Erlang A")]
    ErlangA,
}

/// What a group is offered in its busiest time.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct PeakLoad {
    /// Which group.
    pub group: String,
    /// Which formula tells its heads.
    pub formula: Formula,
    /// Tickets that come, per hour.
    pub per_hour: f64,
    /// An agent's work on one, in seconds.
    pub work: f64,
    /// The offered load, in Erlangs: how many would be busy if nobody ever waited.
    pub load: f64,
    /// The fewest heads that the formula lets meet the targets that it knows of; of those it does not know, nobody waits four times
    /// in five.
    pub heads: u32,
}

/// The people that a count stands for, where it is an agent table's.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Team {
    /// Which users they are.
    pub users: Range<u32>,
}

/// The loads of the groups that tickets are assigned to.
pub(super) fn loads(model: &Model, targets: &[StaffTarget]) -> Vec<PeakLoad> {
    (0..model.settings.groups).map(GroupId::at).filter_map(|group| load(model, group, targets)).collect()
}

/// Where the search starts: each team gets its share of its group's heads; other counts start in the middle.
pub(super) fn start(model: &Model, plan: &StaffPlan, teams: &[Option<Team>], loads: &[PeakLoad]) -> Vec<u32> {
    let group_of = |team: &Team| model.plan.agents[team.users.start as usize].group;
    plan.counts
        .iter()
        .zip(teams)
        .map(|(count, team)| {
            let middle = count.min + (count.max - count.min) / 2;
            let told = team.as_ref().and_then(|team| {
                let group = group_of(team)?;
                let load = loads.iter().find(|load| load.group == model.names.group(group))?;
                let all = model.plan.agents.iter().filter(|agent| agent.works && agent.group == Some(group)).count();
                Some(f64::from(load.heads) * team.users.len() as f64 / all.max(1) as f64)
            });
            told.map_or(middle, |heads| libm::ceil(heads) as u32).clamp(count.min, count.max)
        })
        .collect()
}

fn load(model: &Model, group: GroupId, targets: &[StaffTarget]) -> Option<PeakLoad> {
    let agents: Vec<_> = model.plan.agents.iter().filter(|agent| agent.works && agent.group == Some(group)).collect();
    let first = agents.first()?;
    let (mut rate, mut busy, mut impatience) = (0.0, 0.0, 0.0);
    let mut channels = Vec::new();
    for class in &model.plan.customers {
        let channel = &model.settings.channels[class.channel.index()];
        let Assignment::RoundRobin { groups, .. } = &channel.assignment else { continue };
        if !groups.contains(&group) {
            continue;
        }
        channels.push(model.names.channel(class.channel));
        let again = class.reopens.as_ref().map_or(0.0, |reopens| reopens.probability.min(0.95));
        // What several groups share is shared alike.
        let new = busiest(&class.arrivals) / groups.len() as f64;
        let own = new / (1.0 - again);
        rate += own;
        busy += new * work_of(class) * 3_600.0;
        // Some would lose patience before the first reply alone; the formula knows of the queue only.
        if !class.patience.is_never() {
            impatience += own / class.patience.mean().max(1e-3);
        }
    }
    let pace = agents.iter().map(|agent| agent.pace.mean()).sum::<f64>() / agents.len() as f64;
    let work = busy / rate * pace;
    let is_finite = |value: f64| value.is_finite() && value > 0.0;
    if !is_finite(rate) || !is_finite(work) {
        return None;
    }
    let patience = if impatience > 0.0 { Some(rate / impatience) } else { None };
    // Who writes with two at a time, each taking 1.6 times as long, is worth 1.25.
    let worth =
        (1..).zip(first.slowdown.iter()).map(|(at_a_time, slower)| f64::from(at_a_time) / slower).fold(1.0, f64::max);
    let name = model.names.group(group);
    let of_group = |target: &&StaffTarget| {
        let labels = target.metric.labels();
        labels.iter().all(|(label, value)| match label {
            Label::Group => value == name,
            Label::Channel => channels.contains(&value.as_str()),
            _ => false,
        })
    };
    let targets: Vec<&StaffTarget> = targets.iter().filter(of_group).collect();
    let queue = Queue { rate, work, patience };
    Some(PeakLoad {
        group: name.to_owned(),
        formula: if patience.is_some() { Formula::ErlangA } else { Formula::ErlangC },
        per_hour: rate * 3_600.0,
        work,
        load: rate * work,
        heads: libm::ceil(f64::from(queue.servers(&targets)) / worth) as u32,
    })
}

/// Arrivals per second in the busiest time.
fn busiest(arrivals: &Arrivals) -> f64 {
    match arrivals {
        Arrivals::Rates(rates) => {
            rates.per_hour.iter().flat_map(|day| day.iter()).copied().fold(0.0, f64::max) / 3_600.0
        }
        Arrivals::Every(span) => 1.0 / span.as_secs_f64(),
        Arrivals::File(rows) => {
            // The hour in which most come.
            let (mut first, mut most) = (0, 0);
            for (last, row) in rows.iter().enumerate() {
                while row.at.as_secs_f64() - rows[first].at.as_secs_f64() >= 3_600.0 {
                    first += 1;
                }
                most = most.max(last + 1 - first);
            }
            most as f64 / 3_600.0
        }
    }
}

/// A queue of equal servers.
struct Queue {
    rate: f64,
    work: f64,
    patience: Option<f64>,
}

impl Queue {
    /// No formula is asked about more servers than this.
    const MOST: u32 = 100_000;

    /// The fewest servers that meet what a formula can tell of.
    fn servers(&self, targets: &[&StaffTarget]) -> u32 {
        let least = (libm::floor(self.rate * self.work) as u32).min(Self::MOST);
        let from = if self.patience.is_some() { 1 } else { least + 1 };
        // Steady queues get better with each server, so the range is halved.
        let (mut low, mut high) = (from, (2 * least + 50).min(Self::MOST));
        while low < high {
            let middle = low + (high - low) / 2;
            if self.meets(middle, targets) { high = middle } else { low = middle + 1 }
        }
        low
    }

    fn meets(&self, servers: u32, targets: &[&StaffTarget]) -> bool {
        let told: Vec<bool> = targets
            .iter()
            .filter_map(|target| {
                let value = self.figure(servers, &target.metric.metric().name)?;
                let within = target.at_most.is_none_or(|most| value <= most);
                Some(within && target.at_least.is_none_or(|least| value >= least))
            })
            .collect();
        match told.is_empty() {
            true => self.figure(servers, "queue.wait.zero_share").is_some_and(|share| share >= 0.8),
            false => told.iter().all(|met| *met),
        }
    }

    /// What theory says of a metric; `None` of those that it does not know.
    fn figure(&self, servers: u32, metric: &str) -> Option<f64> {
        let over = metric.strip_prefix("queue.wait.over.").and_then(|over| over.strip_suffix('s')?.parse::<f64>().ok());
        let Some(patience) = self.patience else {
            let queue = ErlangC::new(servers, self.rate, self.work)?;
            return match metric {
                "queue.wait.mean" | "queue.wait.all.mean" => Some(queue.mean_wait()),
                "queue.wait.zero_share" => Some(1.0 - queue.prob_wait()),
                "queue.wait.p90" => Some(queue.wait_quantile(0.9)),
                "queue.wait.p95" => Some(queue.wait_quantile(0.95)),
                "queue.length.mean" => Some(queue.mean_queue()),
                "agents.occupancy" => Some(queue.utilisation()),
                _ => over.map(|seconds| queue.prob_wait_above(seconds)),
            };
        };
        let queue = ErlangA::new(servers, self.rate, self.work, patience);
        match metric {
            "queue.wait.mean" => Some(queue.mean_wait_served()),
            "queue.wait.all.mean" => Some(queue.mean_wait()),
            "queue.wait.zero_share" => Some((1.0 - queue.prob_wait()) / (1.0 - queue.prob_abandon())),
            "queue.length.mean" => Some(queue.mean_queue()),
            "agents.occupancy" => Some(queue.utilisation()),
            "tickets.abandon_rate" => Some(queue.prob_abandon()),
            _ => over.map(|seconds| queue.prob_wait_above(seconds)),
        }
    }
}

impl Team {
    /// Of the people of an agent table.
    pub fn new(users: Range<u32>) -> Team {
        debug_assert!(UserId(users.start) <= UserId(users.end));
        Team { users }
    }
}
