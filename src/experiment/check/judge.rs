//! One condition, from numbers to a verdict. Nothing here knows of scenarios or runs.

use super::expectation::{Condition, On};
use super::finding::{Difference, Verdict};
use crate::measures::Better;
use crate::stats::{Interval, Paired, Sides, Tally, detectable, pairs_needed, replications_needed, skewed_interval};

/// The power at which a comparison says what it would have found.
pub(super) const POWER: f64 = 0.9;

/// What is judged: one metric's values by replication.
#[derive(Clone, Copy)]
pub(super) struct Evidence<'a> {
    pub(super) values: &'a [Option<f64>],
    /// The baseline's, of the same replications.
    pub(super) baseline: &'a [Option<f64>],
    pub(super) better: Option<Better>,
    /// The interval of an only replication's value, of confidence 1 − alpha, where its batches have one.
    pub(super) batched: Option<Interval>,
    /// How often this look may err.
    pub(super) alpha: f64,
}

/// What came of it.
#[derive(Clone, PartialEq, Debug)]
pub(super) struct Judgement {
    pub(super) verdict: Verdict,
    /// The number that is held to the condition: a mean, an end of its interval, a replication's value, or a difference.
    pub(super) held: Option<f64>,
    pub(super) mean: Option<f64>,
    /// The interval for the mean, which allows for skewness, or that of an only replication's batches; of confidence 1 − alpha.
    pub(super) interval: Option<[f64; 2]>,
    /// How many replications the interval needs before it can be believed.
    pub(super) needs: Option<u64>,
    pub(super) n: u64,
    /// Where the held value was found, if it is one replication's.
    pub(super) replication: Option<u32>,
    pub(super) difference: Option<Difference>,
    /// What tested the difference, if a test did and the differences vary.
    pub(super) test: Option<Test>,
}

/// A one-sided test of a mean difference against a margin.
#[derive(Clone, Copy, PartialEq, Debug)]
pub(super) struct Test {
    margin: f64,
    /// The standard deviation of the differences.
    spread: f64,
    pairs: u64,
    alpha: f64,
}

impl Test {
    /// The difference beyond which it fails with the announced power, were the spread as it was found.
    pub(super) fn finds(&self) -> Option<f64> {
        Some(self.margin + self.spread * detectable(self.pairs, self.alpha, POWER, Sides::One)?)
    }

    /// How many pairs would show with the announced power that nothing has changed; equivalence is two such tests, and has to come
    /// through both.
    pub(super) fn needs(&self, both: bool) -> Option<u64> {
        let wanted = if both { (1.0 + POWER) / 2.0 } else { POWER };
        pairs_needed(self.margin / self.spread, self.alpha, wanted, Sides::One)
    }
}

/// Which side of a limit is the right one.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Side {
    Below,
    Above,
}

impl Side {
    fn holds(self, value: f64, limit: f64) -> bool {
        match self {
            Side::Below => value <= limit,
            Side::Above => value >= limit,
        }
    }
}

pub(super) fn judge(condition: Condition, on: On, evidence: Evidence<'_>) -> Judgement {
    let tally: Tally = evidence.values.iter().flatten().copied().collect();
    let interval = skewed_interval(&tally, 1.0 - evidence.alpha).or(evidence.batched);
    let blank = Judgement {
        verdict: Verdict::NoData,
        held: None,
        mean: tally.mean(),
        interval: interval.map(ends),
        needs: replications_needed(&tally),
        n: tally.count(),
        replication: None,
        difference: None,
        test: None,
    };
    let Some(mean) = tally.mean() else { return blank };
    match condition {
        Condition::AtMost(limit) => against_limit(limit, Side::Below, on, mean, evidence.values, blank),
        Condition::AtLeast(limit) => against_limit(limit, Side::Above, on, mean, evidence.values, blank),
        _ => against_baseline(condition, evidence, blank),
    }
}

fn against_limit(limit: f64, side: Side, on: On, mean: f64, values: &[Option<f64>], blank: Judgement) -> Judgement {
    let point = |held: f64| if side.holds(held, limit) { Verdict::Pass } else { Verdict::Fail };
    let (held, replication, verdict) = match (on, blank.interval) {
        (On::Mean, _) => (Some(mean), None, point(mean)),
        (On::WorstReplication, _) => {
            let (replication, worst) = worst(values, side).expect("there is a mean, so there is a value");
            (Some(worst), Some(replication), point(worst))
        }
        // One value has no interval: nothing is sure about the mean.
        (On::CiUpper | On::CiLower, None) => (None, None, Verdict::Inconclusive),
        (On::CiUpper | On::CiLower, Some([low, high])) => {
            let (held, other) = if on == On::CiUpper { (high, low) } else { (low, high) };
            let far = if side == Side::Below { On::CiUpper } else { On::CiLower };
            let verdict = if blank.needs.is_some_and(|needs| needs > blank.n) {
                // Too few replications to believe an end of the interval, whichever way it points.
                Verdict::Inconclusive
            } else if side.holds(held, limit) {
                Verdict::Pass
            // The far end asks to be sure, and is: either that it holds, or that it does not. In between, nobody knows. The near end
            // asks whether it may hold, and that is always known.
            } else if on == far && side.holds(other, limit) {
                Verdict::Inconclusive
            } else {
                Verdict::Fail
            };
            (Some(held), None, verdict)
        }
    };
    Judgement { verdict, held, replication, ..blank }
}

/// The replication whose value is farthest on the wrong side; of equals, the first.
fn worst(values: &[Option<f64>], side: Side) -> Option<(u32, f64)> {
    let values = (0..).zip(values).filter_map(|(replication, value)| Some((replication, (*value)?)));
    values.reduce(|worst, value| if side.holds(value.1, worst.1) { worst } else { value })
}

fn against_baseline(condition: Condition, evidence: Evidence<'_>, blank: Judgement) -> Judgement {
    let Some(paired) = Paired::of(evidence.values, evidence.baseline) else { return blank };
    let mean = paired.mean();
    let spread = paired.standard_deviation();
    // One-sided tests at alpha are the ends of a two-sided interval of confidence 1 - 2 alpha. Where nothing at all differs,
    // that needs no estimate of a spread, be it of a single pair.
    let interval = match spread {
        None if mean == 0.0 => Some(Interval { low: 0.0, high: 0.0 }),
        _ => paired.interval(1.0 - 2.0 * evidence.alpha),
    };
    let (margin, verdict) = match condition {
        Condition::WithinOfBaseline(margin) => {
            (margin, if libm::fabs(mean) <= margin { Verdict::Pass } else { Verdict::Fail })
        }
        Condition::NoWorseThanBaseline { margin } => {
            let harm = interval.map(|interval| harm(interval, evidence.better));
            (margin, shown(harm, |harm| harm.high <= margin, |harm| harm.low > margin))
        }
        Condition::SameAsBaseline { margin } => {
            let inside = |of: Interval| -margin <= of.low && of.high <= margin;
            (margin, shown(interval, inside, |of| of.low > margin || of.high < -margin))
        }
        Condition::AtMost(_) | Condition::AtLeast(_) => unreachable!("limits are judged above"),
    };
    let difference = Difference {
        baseline: paired.other().mean().expect("there is a pair"),
        mean,
        interval: interval.map(ends),
        pairs: paired.count(),
        finds: None,
        needs: None,
    };
    let spread = spread.filter(|spread| *spread > 0.0);
    let test = (!matches!(condition, Condition::WithinOfBaseline(_))).then_some(()).and(spread);
    let test = test.map(|spread| Test { margin, spread, pairs: paired.count(), alpha: evidence.alpha });
    Judgement { verdict, held: Some(mean), difference: Some(difference), test, ..blank }
}

/// A difference to the baseline, turned so that more is worse.
fn harm(difference: Interval, better: Option<Better>) -> Interval {
    match better {
        Some(Better::Higher) => Interval { low: -difference.high, high: -difference.low },
        Some(Better::Lower) | None => difference,
    }
}

/// What an interval shows: that a condition holds, that it does not, or neither.
fn shown(interval: Option<Interval>, holds: impl Fn(Interval) -> bool, broken: impl Fn(Interval) -> bool) -> Verdict {
    match interval {
        Some(interval) if holds(interval) => Verdict::Pass,
        Some(interval) if broken(interval) => Verdict::Fail,
        _ => Verdict::Inconclusive,
    }
}

fn ends(interval: Interval) -> [f64; 2] {
    [interval.low, interval.high]
}

#[cfg(test)]
mod tests {
    use super::super::gate::looks;
    use super::*;
    use rand::SeedableRng;
    use rand::rngs::SmallRng;
    use rand_distr::{Distribution, Normal};

    const NO_WORSE: Condition = Condition::NoWorseThanBaseline { margin: 1.0 };
    const SAME: Condition = Condition::SameAsBaseline { margin: 1.0 };

    fn some(values: &[f64]) -> Vec<Option<f64>> {
        values.iter().copied().map(Some).collect()
    }

    fn of_limit(condition: Condition, on: On, values: &[Option<f64>]) -> Judgement {
        judge(condition, on, Evidence { values, baseline: &[], better: None, batched: None, alpha: 0.05 })
    }

    fn of_baseline(
        condition: Condition,
        better: Better,
        values: &[Option<f64>],
        baseline: &[Option<f64>],
    ) -> Judgement {
        judge(condition, On::Mean, Evidence { values, baseline, better: Some(better), batched: None, alpha: 0.05 })
    }

    #[test]
    fn a_mean_holds_up_to_its_limit_and_not_beyond() {
        let values = some(&[9.0, 10.0, 11.0]);
        let verdict = |condition| of_limit(condition, On::Mean, &values).verdict;
        assert_eq!(verdict(Condition::AtMost(10.0)), Verdict::Pass);
        assert_eq!(verdict(Condition::AtMost(9.999)), Verdict::Fail);
        assert_eq!(verdict(Condition::AtLeast(10.0)), Verdict::Pass);
        assert_eq!(verdict(Condition::AtLeast(10.001)), Verdict::Fail);
        assert_eq!(
            of_limit(Condition::AtMost(6.0), On::Mean, &some(&[5.0])).verdict,
            Verdict::Pass,
            "one value has a mean"
        );
    }

    /// Even numbers about 10, as many as any interval needs; the interval is 10 ± 0.1817.
    fn even() -> Vec<Option<f64>> {
        some(&[9.0, 10.0, 11.0].repeat(27))
    }

    #[test]
    fn an_end_of_an_interval_with_too_few_replications_decides_nothing() {
        for on in [On::CiUpper, On::CiLower] {
            for limit in [0.0, 10.0, 99.0] {
                for condition in [Condition::AtMost(limit), Condition::AtLeast(limit)] {
                    let found = of_limit(condition, on, &even()[..39]);
                    assert_eq!((found.verdict, found.needs), (Verdict::Inconclusive, Some(80)));
                    assert_ne!(of_limit(condition, On::Mean, &even()[..39]).verdict, Verdict::Inconclusive);
                }
            }
        }
        // One in twenty is large: g is 4.2, so that 60 are too few and 200 enough.
        let rare = |count: usize| -> Vec<f64> { (0..count).map(|n| if n % 20 == 0 { 40.0 } else { 1.0 }).collect() };
        let few = of_limit(Condition::AtMost(99.0), On::CiUpper, &some(&rare(60)));
        assert_eq!(few.verdict, Verdict::Inconclusive);
        assert!((160..180).contains(&few.needs.unwrap()), "{few:?}");
        assert_eq!(of_limit(Condition::AtMost(99.0), On::CiUpper, &some(&rare(200))).verdict, Verdict::Pass);
    }

    #[test]
    fn an_end_of_the_interval_that_asks_to_be_sure_may_not_be() {
        let values = even();
        let verdict = |condition, on| of_limit(condition, on, &values).verdict;
        for (limit, far, near) in [
            (9.8, Verdict::Fail, Verdict::Fail),
            (9.9, Verdict::Inconclusive, Verdict::Pass),
            (10.1, Verdict::Inconclusive, Verdict::Pass),
            (10.2, Verdict::Pass, Verdict::Pass),
        ] {
            assert_eq!(verdict(Condition::AtMost(limit), On::CiUpper), far, "{limit}");
            assert_eq!(verdict(Condition::AtMost(limit), On::CiLower), near, "{limit}");
            let mirrored = 20.0 - limit;
            assert_eq!(verdict(Condition::AtLeast(mirrored), On::CiLower), far, "{mirrored}");
            assert_eq!(verdict(Condition::AtLeast(mirrored), On::CiUpper), near, "{mirrored}");
        }
        for on in [On::CiUpper, On::CiLower] {
            assert_eq!(of_limit(Condition::AtMost(99.0), on, &some(&[1.0])).verdict, Verdict::Inconclusive);
        }
        let same = of_limit(Condition::AtMost(5.0), On::CiUpper, &some(&[5.0, 5.0]));
        assert_eq!((same.verdict, same.held), (Verdict::Pass, Some(5.0)), "what never varies is sure");
    }

    #[test]
    fn an_only_replication_has_the_interval_of_its_batches() {
        let held = |limit, on| {
            let (values, batched) = (some(&[5.0]), Some(Interval { low: 4.0, high: 6.0 }));
            let evidence = Evidence { values: &values, baseline: &[], better: None, batched, alpha: 0.05 };
            judge(Condition::AtMost(limit), on, evidence)
        };
        assert_eq!((held(6.0, On::CiUpper).verdict, held(6.0, On::CiUpper).held), (Verdict::Pass, Some(6.0)));
        assert_eq!(held(5.5, On::CiUpper).verdict, Verdict::Inconclusive);
        assert_eq!(held(3.9, On::CiUpper).verdict, Verdict::Fail);
        assert_eq!((held(5.5, On::Mean).verdict, held(5.5, On::Mean).interval), (Verdict::Pass, Some([4.0, 6.0])));
    }

    #[test]
    fn the_worst_replication_is_the_first_of_the_worst() {
        let values = [None, Some(3.0), Some(7.0), Some(1.0), Some(7.0), Some(1.0)];
        let most = of_limit(Condition::AtMost(7.0), On::WorstReplication, &values);
        assert_eq!((most.verdict, most.held, most.replication, most.n), (Verdict::Pass, Some(7.0), Some(2), 5));
        assert_eq!(of_limit(Condition::AtMost(6.9), On::WorstReplication, &values).verdict, Verdict::Fail);
        let least = of_limit(Condition::AtLeast(1.5), On::WorstReplication, &values);
        assert_eq!((least.verdict, least.held, least.replication), (Verdict::Fail, Some(1.0), Some(3)));
    }

    #[test]
    fn nothing_to_tell_by_is_never_a_pass() {
        for values in [vec![], vec![None, None]] {
            for on in [On::Mean, On::CiUpper, On::CiLower, On::WorstReplication] {
                for condition in [Condition::AtMost(f64::MAX), Condition::AtLeast(f64::MIN)] {
                    assert_eq!(of_limit(condition, on, &values).verdict, Verdict::NoData);
                }
            }
            let there = some(&[1.0, 2.0]);
            for condition in [Condition::WithinOfBaseline(f64::MAX), NO_WORSE, SAME] {
                for (now, then) in [(&values, &there), (&there, &values), (&values, &values)] {
                    assert_eq!(of_baseline(condition, Better::Lower, now, then).verdict, Verdict::NoData);
                }
            }
        }
        let apart = of_baseline(NO_WORSE, Better::Lower, &[Some(1.0), None], &[None, Some(1.0)]);
        assert_eq!(apart.verdict, Verdict::NoData, "values without a partner are no pairs");
    }

    #[test]
    fn worse_is_more_or_less_as_the_metric_has_it() {
        let then = some(&[20.0, 30.0, 25.0, 28.0]);
        let by = |shifts: [f64; 4]| -> Vec<Option<f64>> {
            then.iter().zip(shifts).map(|(then, shift)| then.map(|then| then + shift)).collect()
        };
        let (up, down) = (by([3.0, 3.1, 2.9, 3.0]), by([-3.0, -3.1, -2.9, -3.0]));
        let verdict = |better, now: &[Option<f64>]| of_baseline(NO_WORSE, better, now, &then).verdict;
        assert_eq!((verdict(Better::Lower, &up), verdict(Better::Lower, &down)), (Verdict::Fail, Verdict::Pass));
        assert_eq!((verdict(Better::Higher, &up), verdict(Better::Higher, &down)), (Verdict::Pass, Verdict::Fail));
        for better in [Better::Lower, Better::Higher] {
            for now in [&up, &down] {
                assert_eq!(of_baseline(SAME, better, now, &then).verdict, Verdict::Fail);
                assert_eq!(of_baseline(Condition::WithinOfBaseline(2.99), better, now, &then).verdict, Verdict::Fail);
                assert_eq!(of_baseline(Condition::WithinOfBaseline(3.01), better, now, &then).verdict, Verdict::Pass);
            }
            let near = by([0.2, -0.1, 0.3, 0.0]);
            assert_eq!(of_baseline(NO_WORSE, better, &near, &then).verdict, Verdict::Pass);
            assert_eq!(of_baseline(SAME, better, &near, &then).verdict, Verdict::Pass);
            let wild = by([4.0, -4.0, 5.0, -3.0]);
            assert_eq!(of_baseline(NO_WORSE, better, &wild, &then).verdict, Verdict::Inconclusive);
            let same = of_baseline(SAME, better, &wild, &then);
            assert_eq!(same.verdict, Verdict::Inconclusive);
            assert!(same.test.unwrap().needs(true).unwrap() > 4);
        }
    }

    #[test]
    fn nothing_different_is_no_worse_by_any_margin_and_any_number_of_pairs() {
        for values in [vec![Some(3.0)], vec![Some(3.0), Some(5.0)], vec![None, Some(0.1), Some(7.0), None]] {
            for condition in [
                Condition::NoWorseThanBaseline { margin: 0.0 },
                Condition::SameAsBaseline { margin: 0.0 },
                Condition::WithinOfBaseline(1e-300),
            ] {
                assert_eq!(of_baseline(condition, Better::Lower, &values, &values).verdict, Verdict::Pass);
            }
        }
        let one = of_baseline(NO_WORSE, Better::Lower, &[Some(3.0)], &[Some(3.1)]);
        assert_eq!(one.verdict, Verdict::Inconclusive, "a single pair that differs has no spread to judge by");
    }

    const TRIALS: u32 = 2_000;

    /// How often a verdict comes of differences of that mean and a standard deviation of 1, looked at as a gate does that starts with
    /// `first` pairs and may go up to `limit`.
    fn rates(condition: Condition, mean: f64, first: u32, limit: u32, seed: u64) -> [f64; 3] {
        let mut random = SmallRng::seed_from_u64(seed);
        let noise = Normal::new(mean, 1.0).unwrap();
        let looks = looks(first, limit);
        let (mut passed, mut failed) = (0, 0);
        for _ in 0..TRIALS {
            let now: Vec<Option<f64>> = (0..limit).map(|_| Some(noise.sample(&mut random))).collect();
            let then = vec![Some(0.0); now.len()];
            let alpha = 0.05 / looks.len() as f64;
            let look = |&count: &u32| {
                let count = count as usize;
                let better = Some(Better::Lower);
                let evidence = Evidence { values: &now[..count], baseline: &then, better, batched: None, alpha };
                judge(condition, On::Mean, evidence)
            };
            let found = looks.iter().map(look).find(|one| one.verdict != Verdict::Inconclusive);
            match found.as_ref().map(|one| one.verdict) {
                Some(Verdict::Pass) => passed += 1,
                Some(Verdict::Fail) => failed += 1,
                _ => {}
            }
        }
        let share = |count: u32| f64::from(count) / f64::from(TRIALS);
        [share(passed), share(failed), share(TRIALS - passed - failed)]
    }

    /// Three standard errors of a share of that size.
    fn noise(share: f64) -> f64 {
        3.0 * libm::sqrt(share * (1.0 - share) / f64::from(TRIALS))
    }

    #[test]
    fn a_gate_errs_no_more_often_than_at_its_level_however_often_it_looks() {
        let most = 0.05 + noise(0.05);
        for (limit, seed) in [(10, 1), (40, 2), (160, 3)] {
            let no_worse = |margin| Condition::NoWorseThanBaseline { margin };
            let [_, failed, _] = rates(no_worse(0.0), 0.0, 10, limit, seed);
            assert!(failed <= most, "without a difference {failed} fail, with {limit} pairs at most, seed {seed}");
            let [passed, ..] = rates(no_worse(0.3), 0.3, 10, limit, seed + 10);
            assert!(passed <= most, "worse by the margin, {passed} pass, with {limit} pairs at most, seed {seed}");
            let [passed, ..] = rates(Condition::SameAsBaseline { margin: 0.3 }, -0.3, 10, limit, seed + 20);
            assert!(passed <= most, "off by the margin, {passed} pass, with {limit} pairs at most, seed {seed}");
            if limit == 10 {
                let [passed, failed, _] = rates(no_worse(0.3), 0.3, 10, limit, seed + 30);
                assert!(
                    passed > 0.05 - noise(0.05) && failed > 0.05 - noise(0.05),
                    "a single look spends all its level"
                );
            }
        }
    }

    #[test]
    fn a_gate_that_looked_without_paying_for_it_would_err_more() {
        // The same looks at the full level each: what the division guards against.
        let mut random = SmallRng::seed_from_u64(4);
        let noise_of = Normal::new(0.0, 1.0).unwrap();
        let failed = (0..TRIALS)
            .filter(|_| {
                let now: Vec<Option<f64>> = (0..160).map(|_| Some(noise_of.sample(&mut random))).collect();
                let then = vec![Some(0.0); now.len()];
                looks(10, 160).iter().any(|&count| {
                    let condition = Condition::NoWorseThanBaseline { margin: 0.0 };
                    of_baseline(condition, Better::Lower, &now[..count as usize], &then).verdict == Verdict::Fail
                })
            })
            .count();
        assert!(failed as f64 / f64::from(TRIALS) > 0.05 + 3.0 * noise(0.05), "{failed}");
    }

    #[test]
    fn a_gate_finds_a_difference_with_the_power_that_it_announces() {
        for (margin, pairs, seed) in [(0.0, 10, 5), (0.5, 20, 6), (1.0, 50, 7)] {
            let condition = Condition::NoWorseThanBaseline { margin };
            let mut random = SmallRng::seed_from_u64(seed);
            let noise_of = Normal::new(0.0, 1.0).unwrap();
            let mut found = Tally::default();
            for _ in 0..100 {
                let now: Vec<Option<f64>> = (0..pairs).map(|_| Some(noise_of.sample(&mut random))).collect();
                let judgement = of_baseline(condition, Better::Lower, &now, &vec![Some(0.0); now.len()]);
                found.record(judgement.test.unwrap().finds().unwrap());
            }
            let announced = found.mean().unwrap();
            let harm = margin + detectable(pairs.into(), 0.05, POWER, Sides::One).unwrap();
            // The spread is estimated, a little too small on average: by a factor of 1 - 1/(4(n - 1)).
            let expected = margin + (harm - margin) * (1.0 - 0.25 / f64::from(pairs - 1));
            let error = found.standard_deviation().unwrap() / 10.0;
            assert!((announced - expected).abs() < 3.0 * error, "{announced} for {expected}, seed {seed}");
            let [_, failed, _] = rates(condition, harm, pairs, pairs, seed + 10);
            assert!((failed - POWER).abs() < noise(POWER), "{failed} of {TRIALS} fail, seed {seed}");
        }
    }

    #[test]
    fn as_many_pairs_as_are_said_to_be_needed_show_that_nothing_has_changed() {
        for (condition, wanted, seed) in [
            (Condition::NoWorseThanBaseline { margin: 0.4 }, POWER, 8),
            (Condition::SameAsBaseline { margin: 0.4 }, 0.95, 9),
        ] {
            let pairs = pairs_needed(0.4, 0.05, wanted, Sides::One).unwrap() as u32;
            let [passed, ..] = rates(condition, 0.0, pairs, pairs, seed);
            assert!((passed - POWER).abs() < 0.01 + noise(POWER), "{passed} pass with {pairs} pairs, seed {seed}");
        }
    }
}
