//! Whether a desk can do what comes, and what limits it: the verdict on whether figures describe a state that lasts.
//!
//! Two things limit a group. *Agent time*: what customers bring (tickets created in the window, times a ticket's cycles,
//! 1 / (1 - probability of reopening), times a cycle's work, of one reply at a time at pace 1) against the hours for which agents
//! were available in the window, as measured, times the most that one does at once: the largest k / slowdown(k) up to their
//! concurrency and cap, over the mean of their pace. Work is shared out over whoever may be assigned it, overflow included, as evenly
//! as that allows; so a group's load is that of the bottleneck that it belongs to.
//!
//! *Places under the cap*: a ticket holds its place until it is closed, over nights and weekends too, while places are only given out
//! in shifts. So both are taken over the same time, the shifts there are: the share of places that are held while agents are
//! available, as measured, times what comes over what is served (1 + (growth of open tickets + abandonments) / assignments). A queue
//! that never empties holds every place all the time, so the load is then what comes over what the places can serve: it is above 1
//! exactly where the backlog grows, and the two never contradict each other.
//!
//! *Loss.* A queue whose customers leave when they wait too long, or at once where nobody is free, has a steady state at any load
//! (Erlang A and B): its load may be above 1, and it is stable. Those who never leave must be served all the same: where they
//! alone are more than can be done, the group is overloaded.
//!
//! *Growth.* Open tickets are measured over at least four cycles of the desk (days, weeks); the slopes of several replications are
//! tested by Student's test at 1 %. A load at or above 1 that growth refutes is no overload (people who finish their work after
//! the shift do more than the plan says); one that cannot be told from 1 is not called so. Growth without a limit in sight is a
//! desk that has not settled.
//!
//! Priorities and the hour of the day are not looked at: a desk that is stable over the window may be swamped at noon.

use super::results::Results;
use super::rhythm::rhythm;
use crate::desk::{Assignment, ChannelSettings, Counts, Grantee, Limit, Scope, UserId};
use crate::simulation::Model;
use crate::stats::{Paired, Student, Tally, slope};
use crate::workload::{Abandons, Arrivals, CustomerPlan};
use rustc_hash::FxHashMap;
use serde::{Deserialize, Serialize};

/// Whether a run's figures describe a state that lasts; better ones first.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// Work can be done as it comes, or customers leave, and nothing says that tickets pile up.
    Stable,
    /// The load is too close to 1 to tell, or the run is too short.
    Unknown,
    /// Work can be done, but open tickets still grow over the window: it began too early, or the run is too short.
    Unsettled,
    /// More comes than can be done: the backlog grows for as long as the run lasts.
    #[serde(alias = "unstable")]
    Overloaded,
}

/// What limits a group: whatever is used most.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Bound {
    /// Agent time.
    Work,
    /// Places under the cap.
    Places,
}

/// The verdict on a model's runs.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Stability {
    /// The worst of the groups', and of what was measured.
    pub verdict: Verdict,
    /// Groups with agents, in the scenario's order.
    pub groups: Vec<GroupLoad>,
    /// How open tickets grew; null of a single replication, or where the window is shorter than four cycles of the desk and nothing
    /// is overloaded.
    pub growth: Option<Growth>,
    /// The desk's cycle, a day or a week, in seconds; null where it is the same at any time.
    #[serde(default)]
    pub cycle: Option<f64>,
    /// After how many seconds the desk has forgotten how full it was: the longest relaxation time of its groups; null where work is
    /// offered that cannot be done, or where that cannot be told.
    #[serde(default)]
    pub relaxation: Option<f64>,
    /// Tickets of customers who fall silent are never closed, so that open tickets grow whatever people do.
    #[serde(default)]
    pub never_closed: bool,
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
    /// Its utilisation: what is offered over what it can do, of whatever limits it; null where it cannot be told, or where work is
    /// offered and nobody is there.
    pub load: Option<f64>,
    /// What limits it.
    pub bound: Bound,
    /// Its customers leave when they wait too long, so that it has a steady state at any load.
    #[serde(default)]
    pub loss: bool,
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
/// From this occupancy on people have no break, and from this share of places held on there is none free.
const BUSY: f64 = 0.98;
const FULL: f64 = 0.9;
/// With fewer cycles than the test of growth takes, places must be short by more than the filling of an empty desk looks like.
const SHORT: f64 = 1.1;
/// From this share of places held on, and this share of what came left open at the end, a run that is too short for growth cannot
/// say whether places are enough.
const NEARLY_FULL: f64 = 0.8;
const LEFT: f64 = 0.1;
/// A limit by places is told from one by agent time if it is nearer by this factor.
const APART: f64 = 1.05;

/// Cuts of the window at which growth is looked at: at most so many; not fewer than these to be tested, or to be looked at.
pub(super) const MOST_STRETCHES: usize = 20;
const FEWEST_TO_TEST: usize = 4;
pub(super) const FEWEST_STRETCHES: usize = 2;

/// How open tickets went over the window.
#[derive(Clone, Copy, PartialEq, Debug)]
pub(super) struct Trend {
    /// Of a single replication without a p-value.
    growth: Option<Growth>,
    /// The mean slope over the second half of the window, or over all of it where that is too short: the filling of an empty desk
    /// is over by then.
    late: f64,
    /// The standard error of the slope, and how many replications it is of.
    error: Option<f64>,
    runs: u64,
    stretches: usize,
}

impl Trend {
    /// The trend of open tickets, given their means by stretch for each replication, and a stretch's length in hours.
    pub(super) fn of(series: &[Vec<f64>], hours: f64) -> Option<Trend> {
        let stretches = series.first()?.len();
        let slopes = |from: usize| -> Vec<Option<f64>> {
            series.iter().map(|levels| Some(slope(&levels[from..])? / hours)).collect()
        };
        let zeros = vec![Some(0.0); series.len()];
        let whole = Paired::of(&slopes(0), &zeros)?;
        let half = if stretches >= FEWEST_TO_TEST { stretches / 2 } else { 0 };
        let late = Paired::of(&slopes(half), &zeros)?;
        let growth = whole.p_above(0.0).map(|p| Growth { per_hour: whole.mean(), p });
        let error = whole.standard_deviation().map(|deviation| deviation / libm::sqrt(whole.count() as f64));
        Some(Trend { growth, late: late.mean(), error, runs: whole.count(), stretches })
    }

    /// Whether there are enough cycles and replications to test it.
    fn is_tested(&self) -> bool {
        self.growth.is_some() && self.stretches >= FEWEST_TO_TEST
    }

    /// Whether it is significant, and goes on in the second half of the window.
    fn grows(&self) -> bool {
        self.growth.is_some_and(|growth| growth.p < SIGNIFICANT && growth.per_hour > 0.0)
    }

    fn goes_on(&self) -> bool {
        self.growth.is_some_and(|growth| self.late >= growth.per_hour / 2.0)
    }

    /// The end of a one-sided 99 % interval of the slope: the lower one for -1, the upper one for 1.
    fn end(&self, side: f64) -> Option<f64> {
        let per_hour = self.growth?.per_hour;
        let reach = Student::new((self.runs - 1) as f64).quantile(1.0 - SIGNIFICANT) * self.error?;
        Some(per_hour + side * reach)
    }
}

/// The verdict on results of a model.
pub(super) fn stability(model: &Model, results: &Results, trend: Option<Trend>) -> Stability {
    let desk = Pools::new(model, results);
    let tested = trend.filter(Trend::is_tested);
    let grows = tested.is_some_and(|trend| trend.grows());
    let goes_on = grows && tested.is_some_and(|trend| trend.goes_on());
    let work = desk.share_out(|demand| demand.work, |pool| pool.work);
    let stays = desk.share_out(|demand| demand.stays, |pool| pool.work);
    let [assigned, occupancy] = ["tickets.assigned", "agents.occupancy"].map(|metric| means(results, metric, "group"));
    let growing_queue = trend.filter(|_| goes_on).map_or(0.0, |trend| desk.queued / (trend.late * desk.window));
    let mut groups = Vec::new();
    let mut relaxation: f64 = 0.0;
    // Who has no place free, so that what grows is theirs.
    let full = |index: usize| desk.held(index).is_some_and(|share| share >= FULL);
    let assigned_of = |index: usize| assigned.get(results.facts.groups[index].name.as_str()).copied().unwrap_or(0.0);
    let by_full: f64 = (0..results.facts.groups.len()).filter(|index| full(*index)).map(assigned_of).sum();
    let by_all: f64 = (0..results.facts.groups.len()).map(assigned_of).sum();
    for (index, facts) in results.facts.groups.iter().enumerate() {
        if facts.agents == 0 {
            continue;
        }
        let (by_work, by_stays) = (desk.ratio(index, &work), desk.ratio(index, &stays));
        let busy = occupancy.get(facts.name.as_str()).copied();
        let held = desk.held(index);
        let assigned = assigned_of(index);
        // What comes for each ticket that is assigned: those, those that leave, and those that stay in the queue.
        let lost = if by_all > 0.0 { desk.abandoned * assigned / by_all } else { 0.0 };
        let piled = |per_hour: f64| {
            let all = if full(index) { by_full } else { by_all };
            1.0 + (lost + per_hour.max(0.0) * desk.window * assigned / all.max(1.0)) / assigned.max(1.0)
        };
        let late = trend.map_or(0.0, |trend| if tested.is_none() || grows { trend.late } else { 0.0 });
        let by_places = held.map(|held| held * piled(late)).filter(|_| assigned > 0.0);
        // Tickets that only wait for an agent hold places because of agents' time.
        let needed = held.map(|held| held * desk.needed(index, by_work.unwrap_or(0.0)) * piled(late));
        let loss = desk.lossy(index);
        let places_short = match (by_places, trend) {
            // Customers who leave keep the queue short at any load.
            _ if loss => false,
            (Some(load), Some(trend)) if tested.is_some() => goes_on && full(index) && load >= 1.0 && trend.late > 0.0,
            (Some(load), Some(trend)) => {
                let least = held.unwrap_or(0.0) * piled(trend.end(-1.0).unwrap_or(trend.late));
                full(index) && load >= SHORT && least >= SHORT
            }
            _ => false,
        };
        // Caps of several kinds have no one count of places: a queue that grows while people have time says it.
        let queue_grows =
            !loss && goes_on && growing_queue >= 0.25 && desk.is_capped(index) && !full_elsewhere(&desk, index);
        let short_of_places =
            places_short || queue_grows && by_work.is_some_and(|load| load < FULL) && piled(late) >= 1.0 + 0.02;
        let verdict_of_work = match by_work {
            Some(load) if load.is_infinite() => Verdict::Overloaded,
            Some(load) => desk.verdict(load, by_stays.unwrap_or(load), tested, goes_on),
            // Where the load cannot be told, people who never rest while tickets pile up tell it.
            None if grows && busy.is_some_and(|busy| busy >= BUSY) => Verdict::Overloaded,
            None => Verdict::Stable,
        };
        // Work that comes by escalation or by hand is in no plan.
        let beyond_plan = goes_on
            && !loss
            && by_work.is_some_and(|load| load < FULL)
            && busy.is_some_and(|busy| busy >= BUSY && busy * piled(late) >= 1.02)
            && !short_of_places;
        let by_time = match (by_work, busy) {
            (Some(0.0), Some(busy)) => Some(busy),
            (Some(load), Some(busy)) if verdict_of_work == Verdict::Stable && load >= 1.0 && !loss => {
                Some(load.min(busy))
            }
            (Some(load), Some(busy)) if beyond_plan => Some(load.max(busy * piled(late))),
            (load, _) => load,
        };
        let (load, bound) = match (by_time, by_places.filter(|_| short_of_places).or(needed)) {
            (Some(time), Some(places)) if places > time * APART => (Some(places), Bound::Places),
            (None, Some(places)) if places > 0.0 => (Some(places), Bound::Places),
            (time, _) if short_of_places && time.is_none_or(|time| time < 1.0) => (Some(piled(late)), Bound::Places),
            (time, _) => (time, Bound::Work),
        };
        // A backlog at the end may be that of every weekend, or of a desk that does not get through.
        let unsure_of_places =
            tested.is_none() && !loss && held.is_some_and(|held| held >= NEARLY_FULL) && desk.left >= LEFT;
        let verdict = match verdict_of_work {
            _ if short_of_places || beyond_plan => Verdict::Overloaded,
            Verdict::Stable if unsure_of_places => Verdict::Unknown,
            verdict => verdict,
        };
        let relaxes = load.map_or(f64::INFINITY, |load| desk.relaxation(load, assigned));
        relaxation = relaxation.max(if loss { relaxes.min(desk.patience) } else { relaxes });
        groups.push(GroupLoad {
            group: facts.name.clone(),
            offered_hours: desk.hours(index, &work).filter(|offered| offered.is_finite()),
            capacity_hours: desk.of(index).map(|pool| pool.work).sum(),
            load: load.filter(|load| load.is_finite()),
            bound,
            loss,
            verdict,
        });
    }
    let never_closed = model.plan.customers.iter().any(|class| never_closed(class, &model.settings.channels));
    let least = if grows { Verdict::Unsettled } else { Verdict::Stable };
    let verdict = groups.iter().map(|group| group.verdict).fold(least, Verdict::max);
    // Places that are too few are told by growth, however short the run.
    let growth = trend.filter(|_| tested.is_some() || verdict == Verdict::Overloaded).and_then(|trend| trend.growth);
    let relaxation = Some(relaxation * 3_600.0).filter(|seconds| seconds.is_finite());
    Stability { verdict, groups, growth, cycle: desk.cycle, relaxation, never_closed }
}

/// Whether some other group has no place free, so that a queue that grows is theirs.
fn full_elsewhere(desk: &Pools, index: usize) -> bool {
    desk.pools.iter().any(|pool| pool.home != index && desk.held(pool.home).is_some_and(|share| share >= FULL))
        && desk.held(index).is_none_or(|share| share < FULL)
}

/// Whether tickets of customers who do not answer stay open for good.
fn never_closed(class: &CustomerPlan, channels: &[ChannelSettings]) -> bool {
    let several = recorded(class).map_or(class.replies.mean(), |(replies, _)| replies) > 1.0;
    let silent = class.silent > 0.0 || class.reply_delay.is_never();
    several && silent && channels[class.channel.index()].close_after_silence.is_none()
}

/// What a channel's customers bring in a replication, in hours of work; infinite where it has no mean.
#[derive(Clone, Copy, Debug, Default)]
struct Demand {
    work: f64,
    /// Of those who never leave.
    stays: f64,
}

/// Agents of one first group who may be assigned the tickets of the same channels.
#[derive(Clone, Debug)]
struct Pool {
    home: usize,
    /// By channel, whether they may.
    serves: Vec<bool>,
    /// Hours of work that they can do.
    work: f64,
    /// Hours for which they were available, and replies that they then worked on at once at most.
    hands: f64,
    /// Places times those hours; infinite without a cap.
    places: f64,
    /// Tickets that held places, and those of them that waited for an agent, times those hours.
    held: f64,
    pending: f64,
}

struct Pools {
    pools: Vec<Pool>,
    /// By channel.
    demands: Vec<Demand>,
    /// By channel: customers who wait do not stay.
    leaves: Vec<bool>,
    /// Hours of a replication after the warm-up.
    window: f64,
    /// Tickets in the queue, on average over time; tickets whose customers left, in a replication.
    queued: f64,
    abandoned: f64,
    /// The relative standard error of what is offered.
    error: f64,
    /// Tickets created in an hour, and the share of them that were open at the end.
    per_hour: f64,
    left: f64,
    cycle: Option<f64>,
    /// The longest mean patience of a class, in hours; infinite where some never leave.
    patience: f64,
}

impl Pools {
    fn new(model: &Model, results: &Results) -> Pools {
        let settings = &model.settings;
        let window = (model.run.duration.as_secs_f64() - results.facts.warmup.as_secs_f64()) / 3_600.0;
        let mut desk = Pools {
            pools: Vec::new(),
            demands: vec![Demand::default(); settings.channels.len()],
            leaves: vec![true; settings.channels.len()],
            window,
            queued: results.mean("queue.length.mean").unwrap_or(0.0),
            abandoned: results.mean("tickets.abandoned").unwrap_or(0.0),
            error: 0.0,
            per_hour: 0.0,
            left: 0.0,
            patience: model.plan.customers.iter().map(|class| class.patience.mean() / 3_600.0).fold(0.0, f64::max),
            cycle: rhythm(model).map(|cycle| cycle.as_secs_f64()),
        };
        desk.add_agents(model, results);
        desk.add_customers(model, results);
        desk
    }

    fn add_customers(&mut self, model: &Model, results: &Results) {
        let created: FxHashMap<&str, &[Option<f64>]> = results
            .by_label("tickets.created", "customer")
            .map(|(whose, figure)| (whose, figure.values.as_slice()))
            .collect();
        let mut offered = vec![0.0; results.replications as usize];
        let mut tickets = 0.0;
        for (index, class) in model.plan.customers.iter().enumerate() {
            let values = created.get(model.names.customer(index)).copied().unwrap_or_default();
            let work = work_of(class);
            let mut tally = Tally::default();
            for (sum, value) in offered.iter_mut().zip(values) {
                let value = value.unwrap_or(0.0);
                tally.record(value);
                *sum += value * work;
            }
            let mean = tally.mean().unwrap_or(0.0);
            tickets += mean;
            let channel = class.channel.index();
            // Nobody's work is no work, however long it would take.
            let brought = if mean > 0.0 { mean * work } else { 0.0 };
            self.demands[channel].work += brought;
            let queues = || self.pools.iter().filter(|pool| pool.serves[channel]).all(|pool| pool.places.is_finite());
            if !(has_patience(class) && (class.abandons == Abandons::FirstResponse || queues())) {
                self.demands[channel].stays += brought;
                self.leaves[channel] = false;
            }
        }
        let mut tally = Tally::default();
        offered.iter().for_each(|offered| tally.record(*offered));
        let mean = tally.mean().unwrap_or(0.0);
        let spread = tally.standard_deviation().map(|deviation| deviation / mean);
        // Of a single replication as if customers came one by one.
        let spread = spread.unwrap_or_else(|| 1.0 / libm::sqrt(tickets.max(1.0)));
        self.error = if mean > 0.0 && mean.is_finite() { spread / libm::sqrt(tally.count() as f64) } else { 0.0 };
        self.per_hour = tickets / self.window;
        self.left = results.mean("tickets.open_at_end").unwrap_or(0.0) / tickets.max(1.0);
    }

    fn add_agents(&mut self, model: &Model, results: &Results) {
        let settings = &model.settings;
        let metrics = ["agents.available_hours", "agents.open.mean", "agents.pending.mean"];
        let maps = |label| metrics.map(|metric| means(results, metric, label));
        let (own, of_group) = (maps("agent"), maps("group"));
        let mut known: FxHashMap<(usize, Vec<bool>), usize> = FxHashMap::default();
        for agent in model.plan.agents.iter().filter(|agent| agent.works) {
            let Some(home) = agent.group.map(|group| group.index()) else { continue };
            let serves: Vec<bool> =
                settings.channels.iter().map(|channel| may_be_assigned(model, channel, agent.user)).collect();
            let group = &results.facts.groups[home];
            let name = model.names.user(agent.user);
            // Of very many agents there are no rows of their own.
            let available = own[0].get(name).copied().unwrap_or_else(|| {
                of_group[0].get(group.name.as_str()).map_or(0.0, |whole| whole / group.agents.max(1) as f64)
            });
            let [open, pending] = [1, 2]
                .map(|of| own[of].get(name).or_else(|| of_group[of].get(group.name.as_str())).copied().unwrap_or(0.0));
            let cap = Cap::of(model, &serves, agent.user);
            let at_once = agent.slowdown.iter().zip(1_u32..);
            let at_once = at_once.take_while(|(_, k)| cap.as_ref().is_none_or(|cap| f64::from(*k) <= cap.places));
            let (most, hands) = at_once
                .map(|(slowdown, k)| (f64::from(k) / slowdown, f64::from(k)))
                .fold((0.0, 1.0), |best, next| if next.0 > best.0 { next } else { best });
            let pool = *known.entry((home, serves)).or_insert_with_key(|(_, serves)| {
                let none =
                    Pool { home, serves: serves.clone(), work: 0.0, hands: 0.0, places: 0.0, held: 0.0, pending: 0.0 };
                self.pools.push(none);
                self.pools.len() - 1
            });
            let pool = &mut self.pools[pool];
            pool.work += available * most / agent.pace.mean();
            pool.hands += available * hands;
            pool.places += if available > 0.0 { available * cap.map_or(f64::INFINITY, |cap| cap.places) } else { 0.0 };
            let counted = cap.is_some_and(|cap| cap.pending_alone);
            pool.held += available * if counted { pending } else { open } * cap.map_or(1.0, |cap| cap.weight);
            pool.pending += available * pending * cap.map_or(1.0, |cap| cap.weight);
        }
    }

    /// The relaxation time of a queue, in hours, given its load and the tickets that its people were assigned: 1 / (μ (1 - √ρ)²) with
    /// tickets served at rate μ when everybody works, as of a single server (P. M. Morse, "Queues, Inventories and Maintenance", 1958;
    /// for other queues A. R. Odoni and E. Roth, "An empirical investigation of the transient behavior of stationary queueing systems",
    /// Operations Research 31 (1983) 432-455).
    fn relaxation(&self, load: f64, assigned: f64) -> f64 {
        if load <= 0.0 || assigned <= 0.0 {
            return 0.0;
        }
        let idle = 1.0 - libm::sqrt(load.min(1.0));
        load * self.window / (assigned * idle * idle)
    }

    /// A group's pools.
    fn of(&self, group: usize) -> impl Iterator<Item = &Pool> {
        self.pools.iter().filter(move |pool| pool.home == group)
    }

    /// Hours that loads of the pools give to a group.
    fn hours(&self, group: usize, loads: &Option<Vec<f64>>) -> Option<f64> {
        let own = self.pools.iter().zip(loads.as_ref()?).filter(|(pool, _)| pool.home == group);
        // What is offered to people who are never there is offered all the same.
        Some(own.map(|(pool, load)| if load.is_finite() { load * pool.work } else { f64::INFINITY }).sum())
    }

    /// Those hours over what the group can do.
    fn ratio(&self, group: usize, loads: &Option<Vec<f64>>) -> Option<f64> {
        let capacity: f64 = self.of(group).map(|pool| pool.work).sum();
        self.hours(group, loads).map(|offered| if offered > 0.0 { offered / capacity } else { 0.0 })
    }

    /// The share of a group's places that were held while its agents were available; `None` where somebody has no cap.
    fn held(&self, group: usize) -> Option<f64> {
        let places: f64 = self.of(group).map(|pool| pool.places).sum();
        (places > 0.0 && places.is_finite()).then(|| self.of(group).map(|pool| pool.held).sum::<f64>() / places)
    }

    fn is_capped(&self, group: usize) -> bool {
        self.of(group).all(|pool| pool.places.is_finite())
    }

    /// The share of what holds a group's places that does more than wait for an agent: in work, or awaiting the customer.
    fn needed(&self, group: usize, load: f64) -> f64 {
        let sum = |of: fn(&Pool) -> f64| self.of(group).map(of).sum::<f64>();
        let waits = (sum(|pool| pool.pending) - load.min(1.0) * sum(|pool| pool.hands)).max(0.0);
        let held = sum(|pool| pool.held);
        if held > 0.0 { (1.0 - waits / held).max(0.0) } else { 1.0 }
    }

    /// Whether all that a group serves leaves when it waits too long.
    fn lossy(&self, group: usize) -> bool {
        let mut served = (0..self.demands.len())
            .filter(|&channel| self.demands[channel].work > 0.0 && self.of(group).any(|pool| pool.serves[channel]))
            .peekable();
        served.peek().is_some() && served.all(|channel| self.leaves[channel])
    }

    /// What a load by work says, of all and of those who never leave.
    fn verdict(&self, load: f64, stays: f64, tested: Option<Trend>, goes_on: bool) -> Verdict {
        // Of 99 % one-sided.
        let margin = Student::new(f64::INFINITY).quantile(1.0 - SIGNIFICANT) * self.error;
        if stays < 1.0 && load >= 1.0 {
            // Some leave. In one line that keeps it short; behind others who go first it may not.
            return if goes_on && stays > 0.0 { Verdict::Overloaded } else { Verdict::Stable };
        }
        if load * (1.0 + margin) < 1.0 {
            return Verdict::Stable;
        }
        let is_above = load * (1.0 - margin) >= 1.0;
        let Some(trend) = tested else {
            return match (is_above, load >= 1.0) {
                (true, _) => Verdict::Overloaded,
                // So close to its limit that the run does not say on which side.
                (false, _) => Verdict::Unknown,
            };
        };
        let expected = self.per_hour * (1.0 - 1.0 / load);
        let refuted = load >= 1.0 && trend.end(1.0).is_some_and(|most| most < expected / 2.0);
        match (is_above, trend.grows()) {
            _ if refuted => Verdict::Stable,
            (true, true) => Verdict::Overloaded,
            (true, false) if trend.late >= expected / 4.0 => Verdict::Overloaded,
            (true, false) => Verdict::Unknown,
            // Unsettled, where it grows: what grows says no more.
            (false, true) => Verdict::Stable,
            (false, false) if load >= 1.0 => Verdict::Unknown,
            (false, false) => Verdict::Stable,
        }
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

/// A ticket's work over all of its cycles, in hours.
pub(super) fn work_of(class: &CustomerPlan) -> f64 {
    const HOUR: f64 = 3_600.0;
    let (replies, handle) = recorded(class).unwrap_or((class.replies.mean(), class.handle_time.mean()));
    // Who is silent has one reply and no more; that of those who are asked more than one is exact for geometric replies.
    let replies = 1.0 + (1.0 - class.silent) * (replies - 1.0);
    let cycles = match &class.reopens {
        Some(reopens) if reopens.probability < 1.0 && !reopens.after.is_never() => 1.0 / (1.0 - reopens.probability),
        Some(reopens) if !reopens.after.is_never() => f64::INFINITY,
        _ => 1.0,
    };
    cycles * (replies * handle + class.wrap_up.mean()) / HOUR
}

/// Whether all customers of a class leave some time when they wait for the first reply.
fn has_patience(class: &CustomerPlan) -> bool {
    let own = class.patience.mean().is_finite();
    match &class.arrivals {
        Arrivals::File(rows) => rows.iter().all(|row| row.patience.map_or(own, f64::is_finite)),
        Arrivals::Rates(_) | Arrivals::Every(_) => own,
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

/// Means of a metric by a label's value: looked up for each of very many people, in figures of whom there are as many.
fn means<'r>(results: &'r Results, metric: &str, label: &str) -> FxHashMap<&'r str, f64> {
    results.by_label(metric, label).filter_map(|(whose, figure)| Some((whose, figure.summary?.mean))).collect()
}

/// What an agent's cap comes to.
#[derive(Clone, Copy, Debug)]
struct Cap {
    places: f64,
    /// What a ticket counts, on average over the channels that they serve.
    weight: f64,
    /// Only tickets that wait for the agent count.
    pending_alone: bool,
}

impl Cap {
    /// The places of a user; `None` where some channel that they serve has no limit. Their own cap stands in place of the
    /// channels', and holds where those have none (CAP-3).
    fn of(model: &Model, serves: &[bool], user: UserId) -> Option<Cap> {
        let own = model.settings.users[user.index()].max_open;
        let (mut shared, mut apart) = (0, 0);
        let (mut weights, mut channels, mut pending_alone) = (0.0, 0.0, true);
        for (channel, _) in model.settings.channels.iter().zip(serves).filter(|(_, serves)| **serves) {
            let most = own.or(channel.limit.map(|limit| limit.max_open))?;
            match channel.limit {
                Some(Limit { scope: Scope::Channel, .. }) => apart += most,
                _ => shared = most.max(shared),
            }
            pending_alone &= channel.limit.is_some_and(|limit| limit.counts == Counts::Pending);
            weights += f64::from(channel.weight_milli) / 1_000.0;
            channels += 1.0;
        }
        let places = f64::from(shared) + f64::from(apart);
        (places > 0.0).then(|| Cap { places, weight: weights / channels, pending_alone })
    }
}
