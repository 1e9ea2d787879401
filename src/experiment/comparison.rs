//! Several contenders, policies or variants, under common random numbers: what differs from the reference, how surely, and
//! how many replications it would take to tell the rest.
//!
//! All contenders meet the same customers in the same replication, so they are compared by paired differences. The family
//! over which p-values are corrected (Holm) is every contender but the reference on every metric shown; a metric that is the
//! same for all in every replication, or that nobody has, has no test and is no member.

use super::replicate::Precision;
use super::results::Summary;
use super::sample::{Progress, Sample, grow, settle_alike};
use super::stability::Stability;
use super::workers::Workers;
use crate::kernel::fingerprint;
use crate::measures::{Better, Selector};
use crate::simulation::{Model, RunError};
use crate::stats::{Paired, Sides, alike_needed, detectable, holm, mean_interval, pairs_needed, tails};
use serde::{Deserialize, Serialize};

/// The metrics that contenders are compared by unless others are asked for.
pub const HEADLINES: [&str; 8] = [
    "sla.first_response.breach_rate",
    "sla.closure.breach_rate",
    "customer.first_response.mean",
    "customer.resolution.mean",
    "queue.wait.p95",
    "balance.assigned.jain",
    "balance.breaches.gini",
    "agents.over_cap_share",
];

/// The probability with which the announced number of replications finds a difference of the size that was seen.
pub const POWER: f64 = 0.8;

/// One contender, ready to run.
#[derive(Clone, Copy, Debug)]
pub struct Rival<'m> {
    /// What it is called.
    pub name: &'m str,
    /// The changes that make it from the scenario as it stands.
    pub sets: &'m [String],
    /// What runs.
    pub model: &'m Model,
}

/// How contenders are compared.
#[derive(Clone, PartialEq, Debug)]
pub struct Contest {
    /// By what, in this order.
    pub metrics: Vec<Selector>,
    /// To which contender, by index.
    pub reference: usize,
    /// Confidence of intervals and verdicts, such as 0.95.
    pub level: f64,
    /// Names all random draws.
    pub seed: u64,
    /// How many replications of each.
    pub repetition: Bouts,
}

/// How often contenders meet.
#[derive(Clone, PartialEq, Debug)]
pub enum Bouts {
    /// That many times; at least once.
    Times(u32),
    /// Until all differences in a metric from the reference are known this well, where relative means of the reference's mean.
    Until(Precision),
}

/// What contenders came to.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Comparison {
    /// desksim's version.
    pub desksim: String,
    /// What the scenario is called.
    pub title: String,
    /// Names all random draws.
    pub seed: u64,
    /// How many runs were made of each contender.
    pub replications: u32,
    /// How long each took, in seconds.
    pub duration: f64,
    /// Its beginning that is left out, in seconds.
    pub warmup: f64,
    /// Tells generators of random draws apart.
    pub draws: String,
    /// Confidence of intervals and verdicts.
    pub level: f64,
    /// The contender that all others are compared to.
    pub reference: String,
    /// How many tests the p-values were corrected for.
    pub family: usize,
    /// The probability with which the replications under `needed` find a difference of the size that was seen.
    pub power: f64,
    /// Who was compared, in the order given.
    pub contenders: Vec<Contender>,
    /// By what.
    pub metrics: Vec<Compared>,
}

/// Who was compared.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Contender {
    /// What it is called.
    pub name: String,
    /// The changes that make it from the scenario as it stands.
    pub sets: Vec<String>,
    /// Its content hash.
    pub scenario: String,
    /// Of all its commands and effects.
    pub digest: String,
    /// Whether its figures describe a state that lasts.
    pub stability: Option<Stability>,
}

/// One metric over all contenders.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Compared {
    /// Which, as people write it.
    pub metric: String,
    /// What its number counts in, in a word.
    pub unit: String,
    /// Which way is better: `lower`, `higher`, or null where neither is.
    pub better: Option<Way>,
    /// By contender, in their order.
    pub entries: Vec<Entry>,
    /// The variance that pairing saved: mean over contenders of (var(a) + var(b)) / var(a - b), as a geometric mean; null where
    /// nothing varies.
    pub variance_saved: Option<f64>,
}

/// Which of two figures is better.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Way {
    /// The smaller.
    Lower,
    /// The larger.
    Higher,
}

/// One contender's figure.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Entry {
    /// Its value in each replication.
    pub values: Vec<Option<f64>>,
    /// How many replications have one.
    pub n: u64,
    /// Their mean.
    pub mean: Option<f64>,
    /// Their standard deviation.
    pub sd: Option<f64>,
    /// Student's interval for the mean, at the comparison's level.
    pub ci: Option<[f64; 2]>,
    /// Their 10 %, 50 % and 90 % quantiles; `None` of one value.
    #[serde(flatten, with = "super::results::tails_as_keys")]
    pub tails: Option<[f64; 3]>,
    /// How it differs from the reference; null for the reference itself, and where no replication has both.
    pub difference: Option<Difference>,
}

/// How one contender differs from the reference in one metric: the contender's value less the reference's.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Difference {
    /// How many replications have both values.
    pub n: u64,
    /// The mean difference.
    pub mean: f64,
    /// The standard deviation of the differences.
    pub sd: Option<f64>,
    /// Student's interval for the mean difference, at the comparison's level, for this one alone.
    pub ci: Option<[f64; 2]>,
    /// The two-sided p-value of there being no difference.
    pub p: Option<f64>,
    /// The same corrected for all that was compared; null of those that have no test.
    pub p_holm: Option<f64>,
    /// What this says.
    pub verdict: Verdict,
    /// Where they could not be told apart: with so many replications, a difference of the size that was seen would be found
    /// with the probability `power`; null where it was found, where none was seen, or where it takes more than 10⁹.
    pub needed: Option<u64>,
    /// Where they could not be told apart: a difference of this size would have been found with the probability `power`.
    pub detectable: Option<f64>,
    /// (var(a) + var(b)) / var(a - b): so many times the replications it would have taken without pairing.
    pub variance_saved: Option<f64>,
}

/// What a difference says.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// Really better than the reference.
    Better,
    /// Really worse.
    Worse,
    /// Really higher, where neither way is better.
    Higher,
    /// Really lower, where neither way is better.
    Lower,
    /// The same in every replication.
    Same,
    /// Cannot be told apart.
    Open,
}

/// Fewer replications than this say too little about their own spread to stop by it.
const FEWEST_TO_STOP_BY: u32 = 10;

/// Compares contenders as told; `progress` is called from any thread after each run.
///
/// # Errors
/// If a run passes a limit.
///
/// # Panics
/// If the reference is not one of them.
pub fn compare(
    rivals: &[Rival<'_>],
    contest: &Contest,
    workers: &Workers,
    progress: &(dyn Fn(Progress) + Sync),
) -> Result<Comparison, RunError> {
    assert!(contest.reference < rivals.len(), "the reference is one of the contenders");
    let mut samples: Vec<Sample<'_>> = rivals.iter().map(|rival| Sample::new(rival.model, contest.seed)).collect();
    let most = match &contest.repetition {
        Bouts::Times(times) => *times,
        Bouts::Until(precision) => precision.at_most,
    };
    settle_alike(&mut samples, most, workers)?;
    match &contest.repetition {
        Bouts::Times(times) => grow(&mut samples, (*times).max(1), workers, progress)?,
        Bouts::Until(precision) => {
            let most = precision.at_most.max(1);
            // In rounds, each a tenth more: the same rounds for any number of threads.
            let mut to = FEWEST_TO_STOP_BY.min(most);
            loop {
                grow(&mut samples, to, workers, progress)?;
                if to == most || is_precise(&samples, contest, precision) {
                    break;
                }
                to = (to + (to / 10).max(1)).min(most);
            }
        }
    }
    Ok(said_by(rivals, &samples, contest))
}

fn is_precise(samples: &[Sample<'_>], contest: &Contest, precision: &Precision) -> bool {
    let of = |sample: &Sample<'_>| sample.values(&precision.metric).unwrap_or_default().to_vec();
    let reference = of(&samples[contest.reference]);
    let Some(summary) = Summary::of(&reference) else { return false };
    let bound = precision.bound(summary.mean);
    let others = (0..samples.len()).filter(|&index| index != contest.reference);
    others.map(|index| Paired::of(&of(&samples[index]), &reference)).all(|paired| {
        paired.and_then(|paired| paired.interval(contest.level)).is_some_and(|interval| interval.half_width() <= bound)
    })
}

/// What samples say; they have the same number of replications.
fn said_by(rivals: &[Rival<'_>], samples: &[Sample<'_>], contest: &Contest) -> Comparison {
    let run = &rivals[contest.reference].model.run;
    let contenders = rivals
        .iter()
        .zip(samples)
        .map(|(rival, sample)| Contender {
            name: rival.name.to_owned(),
            sets: rival.sets.to_vec(),
            scenario: rival.model.hash.clone(),
            digest: sample.digest(),
            stability: sample.stability(),
        })
        .collect();
    let replications = samples.iter().map(Sample::replications).min().unwrap_or(0);
    let column = |sample: &Sample<'_>, metric: &Selector| match sample.values(metric) {
        Some(values) => values.to_vec(),
        None => vec![None; replications as usize],
    };
    let metrics = contest
        .metrics
        .iter()
        .map(|metric| {
            let values = samples.iter().map(|sample| column(sample, metric)).collect();
            compared(metric, values, contest.reference, contest.level)
        })
        .collect();
    let mut comparison = Comparison {
        desksim: env!("CARGO_PKG_VERSION").to_owned(),
        title: rivals[contest.reference].model.title.clone(),
        seed: contest.seed,
        replications,
        duration: run.duration.as_secs_f64(),
        warmup: samples[contest.reference].warmup().as_secs_f64(),
        draws: format!("{:016x}", fingerprint()),
        level: contest.level,
        reference: rivals[contest.reference].name.to_owned(),
        family: 0,
        power: POWER,
        contenders,
        metrics,
    };
    comparison.judge();
    comparison
}

/// One metric's figures and differences, before they are judged together with the others.
fn compared(metric: &Selector, columns: Vec<Vec<Option<f64>>>, reference: usize, level: f64) -> Compared {
    let entries: Vec<Entry> = columns
        .iter()
        .enumerate()
        .map(|(index, values)| {
            let tally: crate::stats::Tally = values.iter().flatten().copied().collect();
            Entry {
                values: values.clone(),
                n: tally.count(),
                mean: tally.mean(),
                sd: tally.standard_deviation(),
                ci: mean_interval(&tally, level).map(|interval| [interval.low, interval.high]),
                tails: tails(values.iter().copied().flatten()),
                difference: (index != reference).then(|| difference(values, &columns[reference], level)).flatten(),
            }
        })
        .collect();
    let saved: Vec<f64> = entries.iter().filter_map(|entry| entry.difference.as_ref()?.variance_saved).collect();
    let variance_saved = (!saved.is_empty())
        .then(|| libm::exp(saved.iter().map(|saved| libm::log(*saved)).sum::<f64>() / saved.len() as f64));
    Compared {
        metric: metric.to_string(),
        unit: metric.metric().unit.name().to_owned(),
        better: metric.metric().better.map(|better| match better {
            Better::Lower => Way::Lower,
            Better::Higher => Way::Higher,
        }),
        entries,
        variance_saved,
    }
}

fn difference(own: &[Option<f64>], reference: &[Option<f64>], level: f64) -> Option<Difference> {
    let paired = Paired::of(own, reference)?;
    let same = paired.mean() == 0.0 && paired.standard_deviation().is_none_or(|deviation| deviation == 0.0);
    Some(Difference {
        n: paired.count(),
        mean: paired.mean(),
        sd: paired.standard_deviation(),
        ci: paired.interval(level).map(|interval| [interval.low, interval.high]),
        p: paired.p_two_sided(),
        p_holm: None,
        verdict: if same { Verdict::Same } else { Verdict::Open },
        needed: None,
        detectable: None,
        variance_saved: paired.variance_saved().filter(|saved| saved.is_finite()),
    })
}

impl Compared {
    /// Whether every contender has the same value in every replication, or nobody has any: then there is nothing to test.
    pub fn is_the_same_for_all(&self) -> bool {
        self.entries
            .iter()
            .filter_map(|entry| entry.difference.as_ref())
            .all(|difference| difference.verdict == Verdict::Same)
            && self.entries.windows(2).all(|two| two[0].values == two[1].values)
    }

    /// Whether a difference of this sign is for the better; `None` where neither way is.
    fn is_better(&self, difference: f64) -> Option<bool> {
        self.better.map(|better| (difference < 0.0) == (better == Way::Lower))
    }
}

impl Comparison {
    /// Corrects the p-values over the whole family, and says what they say.
    fn judge(&mut self) {
        let members: Vec<(usize, usize)> = (0..self.metrics.len())
            .filter(|&metric| !self.metrics[metric].is_the_same_for_all())
            .flat_map(|metric| (0..self.contenders.len()).map(move |contender| (metric, contender)))
            .filter(|&(metric, contender)| self.at(metric, contender).is_some_and(|difference| difference.p.is_some()))
            .collect();
        let p_values: Vec<f64> =
            members.iter().filter_map(|&(metric, contender)| self.at(metric, contender)?.p).collect();
        self.family = members.len();
        let (error, power) = (1.0 - self.level, self.power);
        // Holm's level lies between this one and the whole; what is announced holds even if nothing else is found.
        let strictest = error / members.len().max(1) as f64;
        for (&(metric, contender), adjusted) in members.iter().zip(holm(&p_values)) {
            let compared = &self.metrics[metric];
            let Some(mut difference) = compared.entries[contender].difference.clone() else { continue };
            difference.p_holm = Some(adjusted);
            if difference.verdict != Verdict::Same && adjusted < error {
                difference.verdict = match (compared.is_better(difference.mean), difference.mean > 0.0) {
                    (Some(true), _) => Verdict::Better,
                    (Some(false), _) => Verdict::Worse,
                    (None, true) => Verdict::Higher,
                    (None, false) => Verdict::Lower,
                };
            } else if let (Verdict::Open, Some(sd)) = (difference.verdict, difference.sd) {
                difference.needed = match sd > 0.0 {
                    true => pairs_needed(difference.mean / sd, strictest, power, Sides::Two),
                    false => Some(alike_needed(strictest)),
                };
                difference.detectable = detectable(difference.n, strictest, power, Sides::Two)
                    .map(|effect| effect * sd)
                    .filter(|size| *size > 0.0);
            }
            self.metrics[metric].entries[contender].difference = Some(difference);
        }
    }

    fn at(&self, metric: usize, contender: usize) -> Option<&Difference> {
        self.metrics[metric].entries[contender].difference.as_ref()
    }

    /// A contender's figure in a metric, as people write it.
    pub fn entry(&self, metric: &str, contender: &str) -> Option<&Entry> {
        let place = self.contenders.iter().position(|known| known.name == contender)?;
        Some(&self.metrics.iter().find(|compared| compared.metric == metric)?.entries[place])
    }
}

#[cfg(test)]
mod tests {
    use super::super::samples;
    use super::*;

    fn contest(metrics: &[&str], repetition: Bouts) -> Contest {
        let metrics = metrics.iter().map(|metric| metric.parse().unwrap()).collect();
        Contest { metrics, reference: 0, level: 0.95, seed: 5, repetition }
    }

    fn rivals<'m>(models: &'m [(&'m str, Model)]) -> Vec<Rival<'m>> {
        models.iter().map(|(name, model)| Rival { name, sets: &[], model }).collect()
    }

    fn compared_by(threads: usize, models: &[(&str, Model)], contest: &Contest) -> Comparison {
        compare(&rivals(models), contest, &Workers::new(Some(threads)).unwrap(), &|_| ()).unwrap()
    }

    fn few_many_and_few() -> [(&'static str, Model); 3] {
        [
            ("few", samples::model(4, 40.0, 6)),
            ("many", samples::model(8, 40.0, 6)),
            ("few again", samples::model(4, 40.0, 6)),
        ]
    }

    #[test]
    fn who_has_more_people_waits_less_and_who_has_the_same_is_the_same() {
        let models = few_many_and_few();
        let metrics = ["queue.wait.mean", "tickets.created", "tickets.assigned"];
        let found = compared_by(2, &models, &contest(&metrics, Bouts::Times(16)));
        assert_eq!((found.replications, found.reference.as_str()), (16, "few"));
        let wait = found.entry("queue.wait.mean", "many").unwrap().difference.as_ref().unwrap();
        assert_eq!(wait.verdict, Verdict::Better);
        assert!(wait.mean < 0.0 && wait.p_holm.unwrap() >= wait.p.unwrap() && wait.p_holm.unwrap() < 0.05, "{wait:?}");
        let again = found.entry("queue.wait.mean", "few again").unwrap().difference.as_ref().unwrap();
        assert_eq!((again.verdict, again.mean, again.p, again.needed), (Verdict::Same, 0.0, Some(1.0), None));
        // The same customers come, so what was created is the same for all, and has no test.
        assert!(found.metrics[1].is_the_same_for_all());
        assert_eq!(found.entry("tickets.created", "many").unwrap().difference.as_ref().unwrap().p_holm, None);
        assert_eq!(found.family, 4);
        // Neither more nor fewer assignments are better.
        let assigned = found.entry("tickets.assigned", "many").unwrap().difference.as_ref().unwrap();
        assert!(!matches!(assigned.verdict, Verdict::Better | Verdict::Worse), "{assigned:?}");
        assert_eq!(found.contenders[0].digest, found.contenders[2].digest);
        assert_ne!(found.contenders[0].digest, found.contenders[1].digest);
    }

    #[test]
    fn a_comparison_is_the_same_for_any_number_of_threads_and_reads_back() {
        let models = few_many_and_few();
        let contest = contest(&HEADLINES, Bouts::Times(4));
        let [one, two] = [1, 2].map(|threads| serde_json::to_string(&compared_by(threads, &models, &contest)).unwrap());
        assert!(one == two, "it hangs on the threads");
        let read: Comparison = serde_json::from_str(&one).unwrap();
        assert!(serde_json::to_string(&read).unwrap() == one, "it reads back to something else");
    }

    #[test]
    fn what_is_announced_is_what_it_takes() {
        // A difference that is there, in noise: differences of 1 ± 4.
        let noise = [3.0, -5.0, 1.0, 6.0, -2.0, 4.0, -3.0, 5.0, 2.0, -1.0];
        let columns = vec![vec![Some(10.0); 10], noise.iter().map(|noise| Some(10.0 + noise)).collect()];
        let metric: Selector = "queue.wait.mean".parse().unwrap();
        let mut comparison = compared_by(1, &few_many_and_few()[..2], &contest(&["queue.wait.mean"], Bouts::Times(2)));
        comparison.metrics = vec![compared(&metric, columns, 0, 0.95)];
        comparison.judge();
        let open = comparison.metrics[0].entries[1].difference.clone().unwrap();
        let (sd, needed) = (open.sd.unwrap(), open.needed.unwrap());
        assert_eq!((open.verdict, open.mean, open.n), (Verdict::Open, 1.0, 10));
        assert!(crate::stats::power(1.0 / sd, needed, 0.05, Sides::Two) >= POWER);
        assert!(crate::stats::power(1.0 / sd, needed - 1, 0.05, Sides::Two) < POWER);
        assert!(open.detectable.unwrap() > 1.0, "{open:?}");
    }

    #[test]
    fn a_precision_is_asked_of_the_differences() {
        let models = few_many_and_few();
        let precision = |bound: f64, at_most| {
            let metric = "queue.wait.mean".parse().unwrap();
            Bouts::Until(Precision { metric, to: super::super::Tolerance::Absolute(bound), at_most })
        };
        let metrics = ["queue.wait.mean"];
        let found = compared_by(2, &models[..2], &contest(&metrics, precision(20.0, 400)));
        let half = |found: &Comparison| {
            let [low, high] = found.entry("queue.wait.mean", "many").unwrap().difference.as_ref().unwrap().ci.unwrap();
            (high - low) / 2.0
        };
        assert!(half(&found) <= 20.0 && found.replications >= 10 && found.replications < 400, "{}", found.replications);
        assert_eq!(compared_by(2, &models[..2], &contest(&metrics, precision(1e-9, 13))).replications, 13);
    }
}
