//! The benchmark of assignment policies: every policy on every desk of a suite, under common random numbers, and who is really
//! better where.
//!
//! On each desk and in each metric all pairs of policies are compared by Student's paired test, corrected by Holm over those
//! pairs. A policy's rank is 1 plus the number of policies that are really better, so a tie is what cannot be told apart.

use super::comparison::{Bouts, Comparison, Contest, Rival, Verdict, Way, compare};
use super::sample::Progress;
use super::workers::Workers;
use crate::measures::Selector;
use crate::simulation::RunError;
use crate::stats::{Paired, holm};
use serde::{Deserialize, Serialize};
use std::sync::atomic::{AtomicU64, Ordering};

/// The metrics of the board.
pub const BOARD: [&str; 7] = [
    "sla.first_response.breach_rate",
    "customer.first_response.mean",
    "queue.wait.p95",
    "balance.assigned.jain",
    "balance.assigned.gini",
    "agents.over_cap_share",
    "balance.breaches.gini",
];

/// A desk of the suite, under each policy.
#[derive(Debug)]
pub struct Desk<'m> {
    /// What it is called: its file's name without the ending.
    pub name: &'m str,
    /// Where it lies, for commands that compute something again.
    pub path: &'m str,
    /// The policies, in the order of the board.
    pub rivals: Vec<Rival<'m>>,
    /// Names all random draws.
    pub seed: u64,
    /// How many replications under each policy.
    pub replications: u32,
}

/// The whole board.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Bench {
    /// desksim's version.
    pub desksim: String,
    /// Confidence of intervals and ranks.
    pub level: f64,
    /// What has been ranked, in this order.
    pub policies: Vec<String>,
    /// What the policies have been ranked by.
    pub metrics: Vec<String>,
    /// By metric: policies over all desks, best mean rank first.
    pub boards: Vec<Board>,
    /// What stands out.
    pub findings: Vec<Finding>,
    /// The desks, by name.
    pub desks: Vec<DeskBoard>,
}

/// Policies in one metric over all desks.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Board {
    /// Which metric.
    pub metric: String,
    /// On how many desks policies differ in it at all, or could.
    pub desks: usize,
    /// Best mean rank first.
    pub rows: Vec<BoardRow>,
}

/// A policy in one metric over all desks.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct BoardRow {
    /// Which policy.
    pub policy: String,
    /// The mean of its ranks over desks.
    pub mean_rank: f64,
    /// On how many desks nobody is really better.
    pub first: usize,
    /// Its rank on each desk, in the desks' order; null where all are the same.
    pub ranks: Vec<Option<usize>>,
}

/// A desk's results.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct DeskBoard {
    /// The desk.
    pub name: String,
    /// Where it lies.
    pub path: String,
    /// By metric and policy, in their orders: the rank; null where all are the same, or nobody has a figure.
    pub ranks: Vec<Vec<Option<usize>>>,
    /// All that was measured, and how each differs from the first policy.
    pub comparison: Comparison,
}

/// Something that stands out, and the command that computes it again.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Finding {
    /// Which desk; null where it is about all of them.
    pub desk: Option<String>,
    /// What it is about.
    pub metric: String,
    /// The better policy.
    pub policy: String,
    /// The one that it is compared to; null where it is about all of them.
    pub against: Option<String>,
    /// The mean of paired differences, policy less the other.
    pub difference: Option<f64>,
    /// Its interval.
    pub ci: Option<[f64; 2]>,
    /// The mean of the policy's ranks over desks, and on how many of them it is not told from the best.
    pub mean_rank: Option<f64>,
    /// On how many desks the policy is not told from the best.
    pub first: Option<usize>,
    /// The kind of finding.
    pub kind: FindingKind,
    /// What computes it again.
    pub command: String,
}

/// What kind of thing stands out.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FindingKind {
    /// The best mean rank over all desks.
    Overall,
    /// No policy is really better than the first of the board, on any desk.
    Unbeaten,
    /// Where the first of the board is beaten by most, relative to its own figure.
    Beaten,
    /// The widest gap between two policies on a desk, relative to the worse one's figure, of all desks.
    WidestGap,
    /// On this desk who is first in service is really worse in evenness than who is first in that.
    Tradeoff,
}

/// So many desks with a choice between service and evenness are named.
const TRADEOFFS: usize = 3;

/// Runs a suite; `command` is what computes it again. `progress` is called from any thread after each run.
///
/// # Errors
/// If a run passes a limit: with the path of its desk.
pub fn bench(
    desks: &[Desk<'_>],
    metrics: &[Selector],
    level: f64,
    command: &str,
    workers: &Workers,
    progress: &(dyn Fn(Progress) + Sync),
) -> Result<Bench, (String, RunError)> {
    let runs = |desk: &Desk<'_>| u64::from(desk.replications) * desk.rivals.len() as u64;
    let of: u64 = desks.iter().map(runs).sum();
    let done = AtomicU64::new(0);
    let told = |_: Progress| progress(Progress { done: done.fetch_add(1, Ordering::Relaxed) + 1, of });
    let boards: Vec<DeskBoard> = desks
        .iter()
        .map(|desk| {
            let contest = Contest {
                metrics: metrics.to_vec(),
                reference: 0,
                level,
                seed: desk.seed,
                repetition: Bouts::Times(desk.replications),
            };
            let comparison =
                compare(&desk.rivals, &contest, workers, &told).map_err(|error| (desk.path.to_owned(), error))?;
            let ranks = (0..metrics.len()).map(|metric| ranks(&comparison, metric)).collect();
            Ok(DeskBoard { name: desk.name.to_owned(), path: desk.path.to_owned(), ranks, comparison })
        })
        .collect::<Result<_, (String, RunError)>>()?;
    let policies: Vec<String> =
        desks.first().map(|desk| desk.rivals.iter().map(|rival| rival.name.to_owned()).collect()).unwrap_or_default();
    let metrics: Vec<String> = metrics.iter().map(Selector::to_string).collect();
    let mut bench = Bench {
        desksim: env!("CARGO_PKG_VERSION").to_owned(),
        level,
        boards: (0..metrics.len()).map(|metric| board(&boards, &policies, &metrics, metric)).collect(),
        policies,
        metrics,
        findings: Vec::new(),
        desks: boards,
    };
    bench.findings = bench.find(command);
    Ok(bench)
}

/// The rank of each contender in a metric: 1 plus how many are really better.
fn ranks(comparison: &Comparison, metric: usize) -> Vec<Option<usize>> {
    let compared = &comparison.metrics[metric];
    let count = compared.entries.len();
    let Some(better) = compared.better.filter(|_| !compared.is_the_same_for_all()) else { return vec![None; count] };
    let mut pairs = Vec::new();
    for one in 0..count {
        for other in one + 1..count {
            let paired = Paired::of(&compared.entries[one].values, &compared.entries[other].values);
            if let Some((p, mean)) = paired.and_then(|paired| Some((paired.p_two_sided()?, paired.mean()))) {
                pairs.push((one, other, p, mean));
            }
        }
    }
    let adjusted = holm(&pairs.iter().map(|pair| pair.2).collect::<Vec<_>>());
    let mut ranks: Vec<Option<usize>> = compared.entries.iter().map(|entry| entry.mean.map(|_| 1)).collect();
    for ((one, other, _, mean), adjusted) in pairs.into_iter().zip(adjusted) {
        if adjusted < 1.0 - comparison.level {
            let one_is_better = (mean < 0.0) == (better == Way::Lower);
            if let Some(rank) = &mut ranks[if one_is_better { other } else { one }] {
                *rank += 1;
            }
        }
    }
    ranks
}

fn board(desks: &[DeskBoard], policies: &[String], metrics: &[String], metric: usize) -> Board {
    let mut rows: Vec<BoardRow> = policies
        .iter()
        .enumerate()
        .map(|(policy, name)| {
            let ranks: Vec<Option<usize>> = desks.iter().map(|desk| desk.ranks[metric][policy]).collect();
            let known: Vec<usize> = ranks.iter().flatten().copied().collect();
            let mean_rank = known.iter().sum::<usize>() as f64 / known.len().max(1) as f64;
            let first = known.iter().filter(|rank| **rank == 1).count();
            BoardRow { policy: name.clone(), mean_rank, first, ranks }
        })
        .collect();
    // Stable: of equals the one that is listed first.
    rows.sort_by(|one, other| one.mean_rank.total_cmp(&other.mean_rank));
    let told = |desk: &&DeskBoard| desk.ranks[metric].iter().any(Option::is_some);
    Board { metric: metrics[metric].clone(), desks: desks.iter().filter(told).count(), rows }
}

impl Bench {
    fn find(&self, command: &str) -> Vec<Finding> {
        let metrics = 0..self.metrics.len();
        let mut findings: Vec<Finding> = metrics.clone().filter_map(|metric| self.overall(metric, command)).collect();
        findings.extend(metrics.clone().filter_map(|metric| self.beaten(metric, command)));
        findings.extend(metrics.filter_map(|metric| self.widest_gap(metric)));
        let mut choices: Vec<(f64, Finding)> = self.desks.iter().filter_map(|desk| self.tradeoff(desk)).collect();
        choices.sort_by(|one, other| other.0.total_cmp(&one.0));
        findings.extend(choices.into_iter().take(TRADEOFFS).map(|(_, finding)| finding));
        findings
    }

    fn about(&self, metric: usize, policy: &str, kind: FindingKind, command: &str) -> Finding {
        let row = self.boards[metric].rows.iter().find(|row| row.policy == policy);
        Finding {
            desk: None,
            metric: self.metrics[metric].clone(),
            policy: policy.to_owned(),
            against: None,
            difference: None,
            ci: None,
            mean_rank: row.map(|row| row.mean_rank),
            first: row.map(|row| row.first),
            kind,
            command: command.to_owned(),
        }
    }

    /// Who has the best mean rank.
    fn overall(&self, metric: usize, command: &str) -> Option<Finding> {
        let board = &self.boards[metric];
        let best = board.rows.first().filter(|_| board.desks > 0)?;
        Some(self.about(metric, &best.policy, FindingKind::Overall, command))
    }

    /// Where the first policy of the board is beaten by most.
    fn beaten(&self, metric: usize, command: &str) -> Option<Finding> {
        if self.boards[metric].desks == 0 {
            return None;
        }
        let mut most: Option<(f64, Finding)> = None;
        for desk in &self.desks {
            let compared = &desk.comparison.metrics[metric];
            let own = compared.entries[0].mean.unwrap_or(0.0).abs();
            for (policy, entry) in compared.entries.iter().enumerate() {
                let Some(difference) = &entry.difference else { continue };
                let gap = difference.mean.abs() / own;
                if difference.verdict != Verdict::Better || !gap.is_finite() {
                    continue;
                }
                if most.as_ref().is_none_or(|(widest, _)| gap > *widest) {
                    most =
                        self.pair(desk, metric, policy, 0, FindingKind::Beaten).map(|finding| (gap, finding)).or(most);
                }
            }
        }
        let unbeaten = || self.about(metric, &self.policies[0], FindingKind::Unbeaten, command);
        Some(most.map_or_else(unbeaten, |(_, finding)| finding))
    }

    /// The pair of best and worst that lies farthest apart, of all desks, where the difference is real.
    fn widest_gap(&self, metric: usize) -> Option<Finding> {
        let mut widest: Option<(f64, Finding)> = None;
        for desk in &self.desks {
            let Some((best, worst)) = extremes(desk, metric) else { continue };
            let Some(finding) = self.pair(desk, metric, best, worst, FindingKind::WidestGap) else { continue };
            let size = desk.comparison.metrics[metric].entries[worst].mean.unwrap_or(0.0).abs();
            let gap = finding.difference.unwrap_or(0.0).abs() / size;
            if gap.is_finite() && widest.as_ref().is_none_or(|(most, _)| gap > *most) {
                widest = Some((gap, finding));
            }
        }
        widest.map(|(_, finding)| finding)
    }

    /// Where who breaches least is really worse in evenness than who is most even, and the other way round: what evenness that
    /// costs, relative to the unevenness there is.
    fn tradeoff(&self, desk: &DeskBoard) -> Option<(f64, Finding)> {
        let place = |name: &str| self.metrics.iter().position(|metric| metric == name);
        let (breach, uneven) = (place("sla.first_response.breach_rate")?, place("balance.assigned.gini")?);
        let (serves, _) = extremes(desk, breach)?;
        let (shares, _) = extremes(desk, uneven)?;
        let really = |metric: usize, one: usize, other: usize| {
            self.pair(desk, metric, one, other, FindingKind::Tradeoff)
                .filter(|finding| finding.ci.is_some_and(|[low, high]| low > 0.0 || high < 0.0))
        };
        let finding = really(breach, serves, shares).and(really(uneven, shares, serves))?;
        let size = finding.difference?.abs() / desk.comparison.metrics[uneven].entries[serves].mean?;
        size.is_finite().then_some((size, finding))
    }

    fn pair(&self, desk: &DeskBoard, metric: usize, one: usize, other: usize, kind: FindingKind) -> Option<Finding> {
        let compared = &desk.comparison.metrics[metric];
        let paired = Paired::of(&compared.entries[one].values, &compared.entries[other].values)?;
        let interval = paired.interval(self.level)?;
        let (policy, against) = (&self.policies[one], &self.policies[other]);
        let Comparison { replications, seed, .. } = desk.comparison;
        Some(Finding {
            desk: Some(desk.name.clone()),
            metric: self.metrics[metric].clone(),
            policy: policy.clone(),
            against: Some(against.clone()),
            difference: Some(paired.mean()),
            ci: Some([interval.low, interval.high]),
            mean_rank: None,
            first: None,
            kind,
            command: format!(
                "desksim compare {} --policies {against},{policy} --metric {} --replications {replications} --seed {seed}",
                desk.path, self.metrics[metric]
            ),
        })
    }
}

/// The contenders with the best and the worst mean of a metric, where policies really differ in it.
fn extremes(desk: &DeskBoard, metric: usize) -> Option<(usize, usize)> {
    let compared = &desk.comparison.metrics[metric];
    desk.ranks[metric].iter().flatten().find(|rank| **rank > 1)?;
    let sign = if compared.better? == Way::Lower { 1.0 } else { -1.0 };
    let mut known: Vec<(f64, usize)> =
        compared.entries.iter().enumerate().filter_map(|(index, entry)| Some((sign * entry.mean?, index))).collect();
    known.sort_by(|one, other| one.0.total_cmp(&other.0));
    Some((known.first()?.1, known.last()?.1))
}

#[cfg(test)]
mod tests {
    use super::super::samples;
    use super::*;
    use crate::desk::{Assignment, Policy};
    use crate::simulation::Model;

    fn under(policy: &str) -> Model {
        let mut model = samples::model(6, 40.0, 8);
        for channel in &mut model.settings.channels {
            if let Assignment::RoundRobin { policy: own, .. } = &mut channel.assignment {
                *own = Policy::named(policy).unwrap();
            }
        }
        model
    }

    #[test]
    fn ranks_count_who_is_really_better() {
        let names = ["round_robin", "first_listed", "random"];
        let models: Vec<Model> = names.iter().map(|name| under(name)).collect();
        let rivals = names.iter().zip(&models).map(|(name, model)| Rival { name, sets: &[], model }).collect();
        let desk = Desk { name: "small", path: "small.toml", rivals, seed: 3, replications: 12 };
        let metrics: Vec<Selector> =
            ["balance.assigned.jain", "tickets.created"].iter().map(|metric| metric.parse().unwrap()).collect();
        let found = bench(&[desk], &metrics, 0.95, "desksim bench", &Workers::new(Some(2)).unwrap(), &|_| ()).unwrap();
        let ranks = &found.desks[0].ranks;
        assert_eq!(ranks[0][1], Some(3), "the first listed are given the most: {ranks:?}");
        assert_eq!(ranks[1], [None; 3], "the same customers come: there is nothing to rank");
        assert_eq!((found.boards[0].desks, found.boards[1].desks), (1, 0));
        assert_eq!(found.boards[0].rows.last().unwrap().policy, "first_listed");
        let gap = found.findings.iter().find(|finding| finding.kind == FindingKind::WidestGap).unwrap();
        assert_eq!(gap.against.as_deref(), Some("first_listed"));
        let [low, high] = gap.ci.unwrap();
        assert!(low > 0.0 && low < gap.difference.unwrap() && gap.difference.unwrap() < high);
    }
}
