//! Whether work comes no faster than it can be done: the offered load of each group against its capacity, and whether tickets
//! pile up.
//!
//! *Offered* is what customers bring: tickets created in the window, times a ticket's cycles (1 / (1 - probability of reopening)),
//! times a cycle's work (replies times handle time, plus wrap-up), of one reply at a time at pace 1. Those who give up before they
//! are served are offered load too, as in Erlang A. *Capacity* is the hours for which agents were available in the window, as
//! measured, times the most that one does at once: the largest k / slowdown(k) up to their concurrency and cap, over the mean of
//! their pace. Work is shared out over whoever may be assigned it, overflow included, as evenly as that allows; so a group's load is
//! that of the bottleneck that it belongs to. Proficiency, priorities and the hour of the day are not looked at: a desk that is
//! stable over the window may be swamped at noon.
//!
//! Beside the work stand the *places*: where caps bind, tickets that await the customer hold places too. They are a second
//! load, of the time that tickets stay open outside the queue against caps times time. Where the larger of the two reaches 1, the
//! group is unstable: its queue grows for as long as the run lasts, or until customers give up.
//!
//! What is measured has a say as well: if open tickets grow significantly over the window (the slopes of their number, one for
//! each replication, lie above 0 by Student's test at 1 %), the desk has not settled, and where the people are busy without a break
//! it is unstable, whatever the plan says.

use super::results::Results;
use crate::desk::{Assignment, ChannelSettings, Grantee, UserId};
use crate::simulation::Model;
use crate::stats::{Paired, slope};
use crate::workload::{Arrivals, CustomerPlan};
use rustc_hash::FxHashMap;
use serde::{Deserialize, Serialize};

/// Whether a run's figures describe a state that lasts.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// Work can be done as it comes, and nothing says that tickets pile up.
    Stable,
    /// Work can be done, but open tickets still grow over the window: it began too early, or the run is too short.
    Unsettled,
    /// More work comes than can be done.
    Unstable,
}

/// What keeps a group busy first.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Bound {
    /// Hands: the hours of work.
    Work,
    /// Caps: the places for open tickets.
    Places,
}

/// The verdict on a model's runs.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Stability {
    /// The worst of the groups', and of what was measured.
    pub verdict: Verdict,
    /// Groups with agents, in the scenario's order.
    pub groups: Vec<GroupLoad>,
    /// How open tickets grew; null of a single replication, or where the window is shorter than four cycles of the desk.
    pub growth: Option<Growth>,
}

/// A group's load.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct GroupLoad {
    /// Its name.
    pub group: String,
    /// Hours of work that are offered to it in a replication; null where a class of customers has no mean.
    pub offered_hours: Option<f64>,
    /// Hours of work that it can do in a replication.
    pub capacity_hours: f64,
    /// The larger of offered over capacity and places needed over places there are; null where neither can be told, or where
    /// work is offered and nobody is there.
    pub load: Option<f64>,
    /// Which of the two it is.
    pub bound: Bound,
    /// What it says.
    pub verdict: Verdict,
}

/// How open tickets grew over the window.
#[derive(Clone, Copy, PartialEq, Debug, Serialize, Deserialize)]
pub struct Growth {
    /// The mean slope over replications, in tickets per hour.
    pub per_hour: f64,
    /// The one-sided p-value of there being no growth.
    pub p: f64,
}

/// Growth is significant below this.
const SIGNIFICANT: f64 = 0.01;
/// From this occupancy on people have no break.
const BUSY: f64 = 0.98;

/// Cuts of the window at which growth is looked at: at most so many, and not fewer than these.
pub(super) const MOST_STRETCHES: usize = 20;
pub(super) const FEWEST_STRETCHES: usize = 4;

/// The growth of open tickets, given their means by stretch for each replication, and a stretch's length in hours.
pub(super) fn growth(series: &[Vec<f64>], hours: f64) -> Option<Growth> {
    let slopes: Vec<Option<f64>> = series.iter().map(|levels| Some(slope(levels)? / hours)).collect();
    let paired = Paired::of(&slopes, &vec![Some(0.0); slopes.len()])?;
    Some(Growth { per_hour: paired.mean(), p: paired.p_above(0.0)? })
}

/// The verdict on results of a model.
pub(super) fn stability(model: &Model, results: &Results, growth: Option<Growth>) -> Stability {
    let pools = Pools::new(model, results);
    let work = pools.share_out(|class| class.work, |pool| pool.work);
    let places = pools.share_out(|class| class.places, |pool| pool.places);
    let grows = growth.is_some_and(|growth| growth.p < SIGNIFICANT && growth.per_hour > 0.0);
    let mut groups = Vec::new();
    for (index, facts) in results.facts.groups.iter().enumerate() {
        if facts.agents == 0 {
            continue;
        }
        let of = |loads: &Option<Vec<f64>>, capacity: fn(&Pool) -> f64| {
            let mut sums = (0.0, 0.0);
            for (pool, load) in pools.pools.iter().zip(loads.as_ref()?).filter(|(pool, _)| pool.home == index) {
                // What is offered to people who are never there is offered all the same.
                sums.0 += if load.is_finite() { load * capacity(pool) } else { f64::INFINITY };
                sums.1 += capacity(pool);
            }
            Some(sums)
        };
        let (work, places) = (of(&work, |pool| pool.work), of(&places, |pool| pool.places));
        let ratio = |sums: Option<(f64, f64)>| {
            sums.map(|(offered, capacity)| if offered > 0.0 { offered / capacity } else { 0.0 })
        };
        let (by_work, by_places) = (ratio(work), ratio(places));
        let bound = if by_places > by_work { Bound::Places } else { Bound::Work };
        let load = by_work
            .into_iter()
            .chain(by_places)
            .fold(None, |most: Option<f64>, load| Some(most.map_or(load, |most| most.max(load))));
        let occupancy = results.labelled("agents.occupancy", "group", &facts.name).and_then(|figure| figure.summary);
        let busy = occupancy.is_some_and(|occupancy| occupancy.mean >= BUSY);
        let verdict = match load {
            Some(load) if load >= 1.0 => Verdict::Unstable,
            // Where the load cannot be told, hands that never rest while tickets pile up tell it.
            None if grows && busy => Verdict::Unstable,
            _ => Verdict::Stable,
        };
        groups.push(GroupLoad {
            group: facts.name.clone(),
            offered_hours: work.map(|(offered, _)| offered).filter(|offered| offered.is_finite()),
            capacity_hours: work.map_or(0.0, |(_, capacity)| capacity),
            load: load.filter(|load| load.is_finite()),
            bound,
            verdict,
        });
    }
    let least = if grows { Verdict::Unsettled } else { Verdict::Stable };
    let verdict = groups.iter().map(|group| group.verdict).fold(least, Verdict::max);
    Stability { verdict, groups, growth }
}

/// What a channel's customers bring in a replication, in hours.
#[derive(Clone, Copy, Debug)]
struct Demand {
    /// Of work; infinite where it has no mean.
    work: f64,
    /// Of places for open tickets; 0 where the channel has no limit.
    places: f64,
}

/// Agents of one first group who may be assigned the tickets of the same channels.
#[derive(Clone, Debug)]
struct Pool {
    home: usize,
    /// By channel, whether they may.
    serves: Vec<bool>,
    work: f64,
    places: f64,
}

struct Pools {
    pools: Vec<Pool>,
    /// By channel.
    demands: Vec<Demand>,
}

impl Pools {
    fn new(model: &Model, results: &Results) -> Pools {
        let settings = &model.settings;
        let window = (model.run.duration.as_secs_f64() - results.facts.warmup.as_secs_f64()) / 3_600.0;
        let mut demands = vec![Demand { work: 0.0, places: 0.0 }; settings.channels.len()];
        // Looked up for each of very many people, in figures of whom there are as many.
        let means = |metric, label| -> FxHashMap<&str, f64> {
            let figures = results.by_label(metric, label);
            figures.filter_map(|(whose, figure)| Some((whose, figure.summary?.mean))).collect()
        };
        let created = means("tickets.created", "customer");
        for (index, class) in model.plan.customers.iter().enumerate() {
            let created = created.get(model.names.customer(index)).copied().unwrap_or(0.0);
            let channel = class.channel.index();
            let each = Cycle::of(class, &settings.channels[channel], window);
            demands[channel].work += created * each.work;
            if settings.channels[channel].limit.is_some() {
                demands[channel].places += created * each.open;
            }
        }
        let [own_hours, group_hours] = ["agent", "group"].map(|label| means("agents.available_hours", label));
        let mut pools: Vec<Pool> = Vec::new();
        let mut known: FxHashMap<(usize, Vec<bool>), usize> = FxHashMap::default();
        for agent in model.plan.agents.iter().filter(|agent| agent.works) {
            let Some(home) = agent.group.map(|group| group.index()) else { continue };
            let serves: Vec<bool> =
                settings.channels.iter().map(|channel| may_be_assigned(model, channel, agent.user)).collect();
            let group = &results.facts.groups[home];
            let own = own_hours.get(model.names.user(agent.user)).copied();
            // Of very many agents there are no rows of their own.
            let available = own.unwrap_or_else(|| {
                group_hours.get(group.name.as_str()).map_or(0.0, |whole| whole / group.agents.max(1) as f64)
            });
            let cap = cap(model, &serves, agent.user);
            let at_once = agent.slowdown.iter().zip(1_u32..).take_while(|(_, k)| cap.is_none_or(|cap| *k <= cap));
            let most = at_once.map(|(slowdown, k)| f64::from(k) / slowdown).fold(0.0, f64::max);
            let work = available * most / agent.pace.mean();
            // Places are there at night, too, as are the tickets that fill them.
            let places = if available > 0.0 { cap.map_or(f64::INFINITY, |cap| f64::from(cap) * window) } else { 0.0 };
            let pool = *known.entry((home, serves)).or_insert_with_key(|(_, serves)| {
                pools.push(Pool { home, serves: serves.clone(), work: 0.0, places: 0.0 });
                pools.len() - 1
            });
            pools[pool].work += work;
            pools[pool].places += places;
        }
        Pools { pools, demands }
    }

    /// The load of each pool, with everything shared out as evenly as who may do what allows; `None` where what is brought has
    /// no mean. Work that nobody may do falls to nobody.
    ///
    /// The channels whose people have the least to spare for them set the load of those people; what is left is shared out
    /// over what is left. With many channels that differ, all are taken together.
    fn share_out(&self, demand: fn(&Demand) -> f64, capacity: fn(&Pool) -> f64) -> Option<Vec<f64>> {
        const MOST: usize = 12;
        let mut channels: Vec<usize> =
            (0..self.demands.len()).filter(|&channel| demand(&self.demands[channel]) > 0.0).collect();
        if channels.iter().any(|&channel| !demand(&self.demands[channel]).is_finite()) {
            return None;
        }
        let mut loads = vec![0.0; self.pools.len()];
        let mut free = vec![true; self.pools.len()];
        while !channels.is_empty() {
            let sets = if channels.len() <= MOST { 1..1_u32 << channels.len() } else { u32::MAX..u32::MAX };
            let of = |set: u32| {
                let chosen = |place: usize| channels.len() > MOST || set & (1 << place) != 0;
                let some: Vec<usize> =
                    (0..channels.len()).filter(|&place| chosen(place)).map(|place| channels[place]).collect();
                let offered: f64 = some.iter().map(|&channel| demand(&self.demands[channel])).sum();
                let who: Vec<usize> = (0..self.pools.len())
                    .filter(|&pool| free[pool] && some.iter().any(|&channel| self.pools[pool].serves[channel]))
                    .collect();
                let able: f64 = who.iter().map(|&pool| capacity(&self.pools[pool])).sum();
                (offered / able, some, who)
            };
            let mut tightest = of(u32::MAX);
            for set in sets {
                let next = of(set);
                if next.0 > tightest.0 {
                    tightest = next;
                }
            }
            let (load, some, who) = tightest;
            for pool in who {
                loads[pool] = load;
                free[pool] = false;
            }
            channels.retain(|channel| !some.contains(channel));
        }
        Some(loads)
    }
}

/// A ticket's whole life, over all of its cycles, in hours.
pub(super) struct Cycle {
    pub(super) work: f64,
    /// Held by an agent.
    open: f64,
}

impl Cycle {
    pub(super) fn of(class: &CustomerPlan, channel: &ChannelSettings, window: f64) -> Cycle {
        const HOUR: f64 = 3_600.0;
        let (replies, handle) = recorded(class).unwrap_or((class.replies.mean(), class.handle_time.mean()));
        // Who is silent has one reply and no more; that of those who are asked more than one is exact for geometric replies.
        let replies = 1.0 + (1.0 - class.silent) * (replies - 1.0);
        let silent = class.silent * (1.0 - 1.0 / class.replies.mean().max(1.0));
        let cycles = match &class.reopens {
            Some(reopens) if reopens.probability < 1.0 && !reopens.after.is_never() => {
                1.0 / (1.0 - reopens.probability)
            }
            Some(reopens) if !reopens.after.is_never() => f64::INFINITY,
            _ => 1.0,
        };
        let work = (replies * handle + class.wrap_up.mean()) / HOUR;
        // A ticket whose customer is silent stays until the channel closes it, or the run ends.
        let silence = channel.close_after_silence.map_or(window / 2.0, |silence| silence.as_secs_f64() / HOUR);
        let delay = if class.reply_delay.is_never() { silence } else { (class.reply_delay.mean() / HOUR).min(silence) };
        let open = work + (replies - 1.0) * delay + silent * silence;
        Cycle { work: cycles * work, open: cycles * open }
    }
}

/// The mean replies of recorded arrivals, and the mean handle time of a reply.
fn recorded(class: &CustomerPlan) -> Option<(f64, f64)> {
    let Arrivals::File(rows) = &class.arrivals else { return None };
    let (mut replies, mut work) = (0.0, 0.0);
    for row in rows.iter() {
        let of_row = row.replies.map_or(class.replies.mean(), f64::from);
        replies += of_row;
        work += of_row * row.handle_time.unwrap_or_else(|| class.handle_time.mean());
    }
    (replies > 0.0).then(|| (replies / rows.len() as f64, work / replies))
}

/// Whether a channel's tickets may come to the user: by assignment, or, where that is by hand, because they may reply.
fn may_be_assigned(model: &Model, channel: &ChannelSettings, user: UserId) -> bool {
    let groups = &model.settings.users[user.index()].groups;
    let replies = channel.reply.iter().any(|grantee| match grantee {
        Grantee::Group(group) => groups.contains(group),
        Grantee::User(own) => *own == user,
    });
    replies
        && match &channel.assignment {
            Assignment::Manual => true,
            Assignment::RoundRobin { groups: own, overflow, .. } => {
                own.iter().chain(overflow.iter().flat_map(|step| &step.groups)).any(|group| groups.contains(group))
            }
        }
}

/// The most open tickets that the user is given; `None` where some channel that they serve has no limit.
fn cap(model: &Model, serves: &[bool], user: UserId) -> Option<u32> {
    let limits = model.settings.channels.iter().zip(serves).filter(|(_, serves)| **serves);
    let mut most = Some(0);
    for (channel, _) in limits {
        most = most.zip(channel.limit.as_ref()).map(|(most, limit)| limit.max_open.max(most));
    }
    let own = model.settings.users[user.index()].max_open;
    match (most.filter(|most| *most > 0), own) {
        (Some(most), Some(own)) => Some(most.min(own)),
        (most, _) => most,
    }
}
