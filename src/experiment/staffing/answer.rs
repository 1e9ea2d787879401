//! The whole search: trials of desks, the proof on other customers, and what it came to.

use super::judge::{DeskVerdict, TargetFigure, excess, judge, together};
use super::plan::StaffPlan;
use super::search::{Found, Space, cheapest};
use super::start::{PeakLoad, Team, loads, start};
use crate::experiment::by_metric;
use crate::experiment::results::Summary;
use crate::experiment::sample::{Progress, Sample, digest_of, run};
use crate::experiment::stability::Stability;
use crate::experiment::sweep::identity;
use crate::experiment::warmup::{ChosenWarmup, choose};
use crate::experiment::workers::Workers;
use crate::measures::{Cast, Selector};
use crate::simulation::{Model, RunError};
use crate::time::Span;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use std::collections::{BTreeMap, BTreeSet};
use std::ops::ControlFlow;

/// After so many desks the search ends with the best that it found.
const MOST_DESKS: usize = 300;

/// Told of each desk beside the targets.
const BESIDE: [&str; 5] = [
    "sla.first_response.breach_rate",
    "sla.closure.breach_rate",
    "queue.wait.mean",
    "tickets.abandon_rate",
    "agents.occupancy",
];

/// The answer of `staff`.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Staffing {
    /// desksim's version.
    #[serde(rename = "desksim")]
    pub version: String,
    /// What the scenario is called.
    pub title: String,
    /// The content hash of the scenario that desks are changes of.
    pub scenario: String,
    /// Names the random draws of the search.
    pub seed: u64,
    /// Names those of the proof.
    pub proof_seed: u64,
    /// The beginning that is left out in the search, in seconds: the same of every desk, so that their figures are of the same time.
    /// Where a pilot chooses it, it is one of the desk that the search starts with.
    #[serde(default)]
    pub warmup: f64,
    /// That of the proof; where a pilot chooses it, it is one of the first desk that is to be proved.
    #[serde(default)]
    pub proof_warmup: f64,
    /// How many runs were made in all.
    pub replications: u64,
    /// Of the digests of all runs.
    pub digest: String,
    /// Tells generators of random draws apart: equal fingerprints draw alike.
    pub draws: String,
    /// How long a run takes, in seconds.
    pub duration: f64,
    /// What was asked.
    pub plan: StaffPlan,
    /// What the groups are offered, and what Erlang's formulas say of it.
    pub loads: Vec<PeakLoad>,
    /// How the search went.
    pub approach: Approach,
    /// The least staff that meets the targets, by the figures of the proof; `null` if none within the bounds does.
    pub answer: Option<Staffed>,
    /// Why there is nothing less; `null` without an answer.
    pub proof: Option<Proof>,
    /// The desk nearest to the targets, where none meets them.
    pub nearest: Option<Staffed>,
    /// All desks that were looked at, the cheapest first; by the figures of the proof where it saw them.
    pub desks: Vec<Staffed>,
}

/// How the search went.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Approach {
    /// Where it started: counts by path.
    pub start: Map<String, Value>,
    /// How many desks it looked at.
    pub desks: usize,
    /// Desks that met the targets in the search and did not on the proof's customers.
    pub refuted: usize,
}

/// Why there is nothing less.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Proof {
    /// How far it reaches.
    pub scope: Scope,
    /// The answer with one head fewer of each count that may go lower: none of them is known to meet the targets.
    pub one_fewer: Vec<Staffed>,
}

/// How far a proof reaches.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Scope {
    /// One head fewer of anything does not do; and as far as more heads never harm, nothing cheaper does.
    Everywhere,
    /// One head fewer of anything does not do; there may be something cheaper with more of one and less of another.
    Nearby,
}

/// A desk that was looked at.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Staffed {
    /// Its counts, by path.
    pub counts: Map<String, Value>,
    /// What they cost together.
    pub cost: f64,
    /// The content hash of its scenario.
    pub scenario: String,
    /// Whether the runs are those of the proof.
    pub proved: bool,
    /// How many runs were made.
    pub replications: u32,
    /// Whether it meets the targets.
    pub verdict: DeskVerdict,
    /// Whether its figures describe a state that lasts; by the replications made last.
    pub stability: Option<Stability>,
    /// Whether no desk that costs as little or less was seen to do better by the first target's metric.
    pub frontier: bool,
    /// The targets, with what the runs say of them.
    pub targets: Vec<TargetFigure>,
    /// Other figures.
    #[serde(with = "by_metric")]
    pub metrics: Vec<(Selector, Option<Summary>)>,
}

/// Finds the least staff that meets a plan's targets.
///
/// `base` is the scenario as it is, `teams` the people of each count that is an agent table's, `desk` makes the model of a desk
/// with these counts. `progress` is told after each run; how many there will be is not known.
///
/// # Errors
/// The first of `desk`, or of a run that passes a limit.
pub fn staff<E: From<RunError>>(
    base: &Model,
    plan: &StaffPlan,
    teams: &[Option<Team>],
    seed: u64,
    workers: &Workers,
    desk: &dyn Fn(&[u32]) -> Result<Model, E>,
    progress: &(dyn Fn(Progress) + Sync),
) -> Result<Staffing, E> {
    let loads = loads(base, &plan.targets);
    let start = start(base, plan, teams, &loads);
    let space = Space {
        low: plan.counts.iter().map(|count| count.min).collect(),
        high: plan.counts.iter().map(|count| count.max).collect(),
        cost: plan.counts.iter().map(|count| count.cost).collect(),
    };
    let mut metrics: Vec<Selector> = plan.targets.iter().map(|target| target.metric.clone()).collect();
    let beside = BESIDE.iter().map(|name| name.parse().expect("the catalog's names are names"));
    let beside: Vec<Selector> = beside.filter(|metric| !metrics.contains(metric)).collect();
    metrics.extend(beside);
    let bench = Bench { plan, metrics, workers, desk, progress };
    let proof_seed = seed.wrapping_add(1);
    let (mut search, mut proofs) = (Trials::new(seed), Trials::new(proof_seed));

    // Desks that the proof's customers said something else of than the search's.
    let (mut refuted, mut confirmed) = (BTreeSet::new(), BTreeSet::new());
    let found: Option<Found> = loop {
        let found = cheapest(&space, &start, MOST_DESKS, |counts| -> Result<bool, E> {
            if refuted.contains(counts) {
                return Ok(false);
            }
            Ok(confirmed.contains(counts) || bench.verdict(&mut search, counts)? == DeskVerdict::Meets)
        })?;
        let Some(found) = found else { break None };
        if bench.verdict(&mut proofs, &found.point)? != DeskVerdict::Meets {
            refuted.insert(found.point.clone());
            confirmed.remove(&found.point);
            continue;
        }
        let mut enough = Vec::new();
        for fewer in one_fewer(&space, &found.point) {
            if bench.verdict(&mut proofs, &fewer)? == DeskVerdict::Meets {
                enough.push(fewer);
            }
        }
        let known = confirmed.len();
        confirmed.extend(enough);
        if confirmed.len() == known {
            break Some(found);
        }
    };

    // Around the answer the frontier is of interest, even where the search had no need to look.
    if let Some(found) = &found {
        let reach = if plan.counts.len() == 1 { 3 } else { 1 };
        for near in around(&space, &found.point, reach) {
            bench.glance(&mut search, &near)?;
        }
    }

    let tell = |trials: &Trials, counts: &[u32]| Staffed {
        proved: trials.seed == proof_seed,
        ..bench.staffed(&space, counts, &trials.by_counts[counts])
    };
    let all: BTreeSet<&Vec<u32>> = search.by_counts.keys().chain(proofs.by_counts.keys()).collect();
    let best_known = |counts: &Vec<u32>| if proofs.by_counts.contains_key(counts) { &proofs } else { &search };
    let mut desks: Vec<Staffed> = all.into_iter().map(|counts| tell(best_known(counts), counts)).collect();
    desks.sort_by(|one, other| one.cost.total_cmp(&other.cost));
    mark_frontier(plan, &mut desks);
    let answer = found.as_ref().map(|found| tell(&proofs, &found.point));
    let proof = found.as_ref().map(|found| Proof {
        scope: if found.all_ruled_out { Scope::Everywhere } else { Scope::Nearby },
        one_fewer: one_fewer(&space, &found.point).map(|fewer| tell(&proofs, &fewer)).collect(),
    });
    let nearest = match found {
        Some(_) => None,
        None => desks
            .iter()
            .min_by(|one, other| excess(plan, &one.targets).total_cmp(&excess(plan, &other.targets)))
            .cloned(),
    };
    let digests: Vec<u128> = [&search, &proofs]
        .into_iter()
        .flat_map(|trials| trials.by_counts.values())
        .flat_map(|trial| trial.digests.iter().copied())
        .collect();
    let (version, draws) = identity();
    Ok(Staffing {
        version,
        title: base.title.clone(),
        scenario: base.hash.clone(),
        seed,
        proof_seed,
        warmup: search.warmup(base).as_secs_f64(),
        proof_warmup: proofs.warmup(base).as_secs_f64(),
        replications: digests.len() as u64,
        digest: digest_of(&digests),
        draws,
        duration: base.run.duration.as_secs_f64(),
        plan: plan.clone(),
        loads,
        approach: Approach { start: named(plan, &start), desks: desks.len(), refuted: refuted.len() },
        answer,
        proof,
        nearest,
        desks,
    })
}

/// The desks with one head fewer of each count that may go lower.
fn one_fewer<'a>(space: &'a Space, point: &'a [u32]) -> impl Iterator<Item = Vec<u32>> + 'a {
    (0..point.len()).filter(|&at| point[at] > space.low[at]).map(|at| {
        let mut fewer = point.to_vec();
        fewer[at] -= 1;
        fewer
    })
}

/// The desks up to so many steps from one, along each count.
fn around(space: &Space, point: &[u32], reach: u32) -> Vec<Vec<u32>> {
    let mut desks = Vec::new();
    for at in 0..point.len() {
        for count in point[at].saturating_sub(reach)..=point[at].saturating_add(reach) {
            if (space.low[at]..=space.high[at]).contains(&count) && count != point[at] {
                let mut near = point.to_vec();
                near[at] = count;
                desks.push(near);
            }
        }
    }
    desks
}

fn named(plan: &StaffPlan, counts: &[u32]) -> Map<String, Value> {
    plan.counts.iter().zip(counts).map(|(count, heads)| (count.path.clone(), (*heads).into())).collect()
}

/// A desk is on the frontier if none that costs as little or less did better by the first target's metric.
fn mark_frontier(plan: &StaffPlan, desks: &mut [Staffed]) {
    let Some(target) = plan.targets.first() else { return };
    // Less is better where no more is allowed.
    let badness = |desk: &Staffed| {
        let mean = desk.targets.first().and_then(|figure| figure.figure).map_or(f64::INFINITY, |figure| figure.mean);
        if target.at_most.is_none() { -mean } else { mean }
    };
    let mut best = f64::INFINITY;
    let mut from = 0;
    while from < desks.len() {
        let cost = desks[from].cost;
        let alike = desks[from..].iter().take_while(|desk| desk.cost == cost).count();
        let least = (from..from + alike).min_by(|one, other| badness(&desks[*one]).total_cmp(&badness(&desks[*other])));
        if let Some(least) = least
            && badness(&desks[least]) < best
        {
            best = badness(&desks[least]);
            desks[least].frontier = true;
        }
        from += alike;
    }
}

/// What desks are tried with.
struct Bench<'a, E> {
    plan: &'a StaffPlan,
    /// The targets', then others.
    metrics: Vec<Selector>,
    workers: &'a Workers,
    desk: &'a dyn Fn(&[u32]) -> Result<Model, E>,
    progress: &'a (dyn Fn(Progress) + Sync),
}

/// Desks that were tried under one seed.
struct Trials {
    seed: u64,
    /// Where a pilot chose it: for the first desk that was tried, and then for all.
    chosen: Option<ChosenWarmup>,
    by_counts: BTreeMap<Vec<u32>, Trial>,
}

/// One desk's replications so far.
#[derive(Default)]
struct Trial {
    scenario: String,
    stability: Option<Stability>,
    digests: Vec<u128>,
    /// Of each metric.
    values: Vec<Vec<Option<f64>>>,
}

impl Trials {
    fn new(seed: u64) -> Trials {
        Trials { seed, chosen: None, by_counts: BTreeMap::new() }
    }

    /// What is left out of every desk's figures.
    fn warmup(&self, model: &Model) -> Span {
        self.chosen.map_or(model.run.warmup, ChosenWarmup::span)
    }
}

impl<E: From<RunError>> Bench<'_, E> {
    /// Whether a desk meets the targets: first from few replications, then from more where it is close.
    fn verdict(&self, trials: &mut Trials, counts: &[u32]) -> Result<DeskVerdict, E> {
        let mut verdict = DeskVerdict::CannotTell;
        for look in self.plan.looks() {
            let trial = self.grown(trials, counts, look)?;
            // It has been looked at before, and further.
            if trial.digests.len() > look as usize {
                continue;
            }
            verdict = together(&self.judged(trial));
            if verdict != DeskVerdict::CannotTell {
                break;
            }
        }
        Ok(verdict)
    }

    /// Looks at a desk for its figures' sake.
    fn glance(&self, trials: &mut Trials, counts: &[u32]) -> Result<(), E> {
        self.grown(trials, counts, StaffPlan::FIRST).map(drop)
    }

    fn grown<'t>(&self, trials: &'t mut Trials, counts: &[u32], to: u32) -> Result<&'t Trial, E> {
        let seed = trials.seed;
        let from = trials.by_counts.get(counts).map_or(0, |trial| trial.digests.len() as u32);
        if from < to {
            let model = (self.desk)(counts)?;
            let cast = Cast::new(&model);
            if trials.chosen.is_none() && model.run.auto_warmup {
                trials.chosen = Some(choose(&model, seed, StaffPlan::FIRST, Some(self.workers))?);
            }
            let warmup = trials.warmup(&model);
            let mut sample = Sample::new(&model, seed);
            trials.chosen.into_iter().for_each(|chosen| sample.leave_out(chosen));
            let trial = trials.by_counts.entry(counts.to_vec()).or_default();
            let work = |piece: usize| {
                let run = run(&model, &cast, seed, warmup, from + piece as u32);
                (self.progress)(Progress { done: 1, of: 0, hundredths: 0 });
                run
            };
            self.workers.try_in_order((to - from) as usize, work, |_, run| {
                sample.add(run);
                Ok(ControlFlow::Continue(()))
            })?;
            trial.scenario.clone_from(&model.hash);
            trial.stability = sample.stability();
            trial.digests.extend_from_slice(sample.digests());
            trial.values.resize(self.metrics.len(), Vec::new());
            for (metric, values) in self.metrics.iter().zip(&mut trial.values) {
                values.extend_from_slice(sample.values(metric).unwrap_or_default());
                values.resize(to as usize, None);
            }
        }
        Ok(trials.by_counts.entry(counts.to_vec()).or_default())
    }

    fn judged(&self, trial: &Trial) -> Vec<TargetFigure> {
        self.plan.targets.iter().zip(&trial.values).map(|(target, values)| judge(self.plan, target, values)).collect()
    }

    fn staffed(&self, space: &Space, counts: &[u32], trial: &Trial) -> Staffed {
        let targets = self.judged(trial);
        let beside = self.metrics.iter().zip(&trial.values).skip(self.plan.targets.len());
        Staffed {
            counts: named(self.plan, counts),
            cost: space.cost(counts),
            scenario: trial.scenario.clone(),
            proved: false,
            replications: trial.digests.len() as u32,
            verdict: together(&targets),
            stability: trial.stability.clone(),
            frontier: false,
            targets,
            metrics: beside
                .map(|(metric, values)| (metric.clone(), Summary::of_unit(values, metric.metric().unit)))
                .collect(),
        }
    }
}
