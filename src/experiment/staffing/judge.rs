//! One desk's replications against the targets.

use super::plan::{Holds, StaffPlan, StaffTarget};
use crate::experiment::results::Summary;
use crate::measures::Selector;
use crate::stats::{Student, share_at_least, share_at_most};
use serde::{Deserialize, Serialize};

/// Whether a desk meets a target.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TargetVerdict {
    /// With the confidence asked for.
    Meets,
    /// It fails it, with that confidence.
    Fails,
    /// The replications cannot tell.
    CannotTell,
    /// Nothing happened that the metric could tell of.
    NoData,
}

/// Whether a desk meets all targets.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DeskVerdict {
    /// It meets each of them.
    Meets,
    /// It fails at least one.
    Fails,
    /// Neither is sure.
    CannotTell,
}

/// A target beside what the replications say of it.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct TargetFigure {
    /// Which metric.
    pub metric: Selector,
    /// Whether the target is met.
    pub verdict: TargetVerdict,
    /// The metric over the replications.
    pub figure: Option<Summary>,
    /// The share of replications within the limit, where that is what counts.
    pub share: Option<f64>,
    /// From and to where the mean, or the share, may lie: each end is passed at most with the probability that the plan leaves for a
    /// look, so they are wider than a plain interval.
    pub bounds: Option<[f64; 2]>,
}

/// Judges a target by its metric's values in the replications of a desk.
pub(super) fn judge(plan: &StaffPlan, target: &StaffTarget, values: &[Option<f64>]) -> TargetFigure {
    let figure = Summary::of_unit(values, target.metric.metric().unit);
    let known: Vec<f64> = values.iter().flatten().copied().collect();
    // A desk fails if it fails any target, so failing one must be as much surer.
    let (sure, surer) = (plan.tail(target), plan.tail(target) / plan.targets.len() as f64);
    let mut told = TargetFigure {
        metric: target.metric.clone(),
        verdict: TargetVerdict::NoData,
        figure,
        share: None,
        bounds: None,
    };
    let Some(figure) = figure.filter(|figure| figure.n > 1) else { return told };
    let within = |value: f64| {
        target.at_most.is_none_or(|most| value <= most) && target.at_least.is_none_or(|least| value >= least)
    };
    let (meets, fails);
    match plan.holds(target) {
        Holds::Mean => {
            let error = figure.sd.unwrap_or(0.0) / libm::sqrt(figure.n as f64);
            let student = Student::new((figure.n - 1) as f64);
            let reach = |tail: f64| student.beyond(2.0 * tail.min(0.5)) * error;
            let [low, high] = [figure.mean - reach(sure), figure.mean + reach(sure)];
            told.bounds = Some([low, high]);
            meets = within(low) && within(high);
            fails = target.at_most.is_some_and(|most| figure.mean - reach(surer) > most)
                || target.at_least.is_some_and(|least| figure.mean + reach(surer) < least);
        }
        Holds::ShareOfDays(share) => {
            let (hits, days) = (known.iter().filter(|value| within(**value)).count() as u64, known.len() as u64);
            let [low, high] = [share_at_least(hits, days, sure), share_at_most(hits, days, sure)];
            told.share = Some(hits as f64 / days as f64);
            told.bounds = Some([low, high]);
            meets = low >= share;
            fails = share_at_most(hits, days, surer) < share;
        }
    }
    told.verdict = match (meets, fails) {
        (true, _) => TargetVerdict::Meets,
        (_, true) => TargetVerdict::Fails,
        _ => TargetVerdict::CannotTell,
    };
    told
}

/// What the targets say together.
pub(super) fn together(figures: &[TargetFigure]) -> DeskVerdict {
    let all = |verdict| figures.iter().all(|figure| figure.verdict == verdict);
    let any = |verdict| figures.iter().any(|figure| figure.verdict == verdict);
    match (all(TargetVerdict::Meets), any(TargetVerdict::Fails)) {
        (true, _) => DeskVerdict::Meets,
        (_, true) => DeskVerdict::Fails,
        _ => DeskVerdict::CannotTell,
    }
}

/// How far a desk is from meeting its targets, in shares of the limits: 0 is on the limit, less is better.
pub(super) fn excess(plan: &StaffPlan, figures: &[TargetFigure]) -> f64 {
    let of = |(target, told): (&StaffTarget, &TargetFigure)| match (plan.holds(target), told.figure) {
        (_, None) => f64::INFINITY,
        (Holds::ShareOfDays(share), _) => share - told.share.unwrap_or(0.0),
        (Holds::Mean, Some(Summary { mean, .. })) => {
            let relative = |over: f64, limit: f64| over / limit.abs().max(1e-9);
            let over = target.at_most.map_or(f64::NEG_INFINITY, |most| relative(mean - most, most));
            over.max(target.at_least.map_or(f64::NEG_INFINITY, |least| relative(least - mean, least)))
        }
    };
    plan.targets.iter().zip(figures).map(of).fold(f64::NEG_INFINITY, f64::max)
}

#[cfg(test)]
mod tests {
    use super::super::plan::tests::plan;
    use super::*;

    fn verdict(holds: Holds, values: &[f64]) -> TargetVerdict {
        let plan = plan(holds, 200);
        let values: Vec<Option<f64>> = values.iter().copied().map(Some).collect();
        judge(&plan, &plan.targets[0], &values).verdict
    }

    fn spread(mean: f64, n: usize) -> Vec<f64> {
        (0..n).map(|at| mean + if at % 2 == 0 { 4.0 } else { -4.0 }).collect()
    }

    #[test]
    fn a_mean_meets_when_its_bound_does() {
        // With a deviation of 4 the bound at 1/6 of 5 % lies 4.0 from the mean of ten and 1.1 from that of a hundred.
        assert_eq!(verdict(Holds::Mean, &spread(15.0, 10)), TargetVerdict::Meets);
        assert_eq!(verdict(Holds::Mean, &spread(17.0, 10)), TargetVerdict::CannotTell);
        assert_eq!(verdict(Holds::Mean, &spread(18.0, 100)), TargetVerdict::Meets);
        assert_eq!(verdict(Holds::Mean, &spread(22.0, 100)), TargetVerdict::Fails);
        assert_eq!(verdict(Holds::Mean, &spread(20.0, 100)), TargetVerdict::CannotTell);
    }

    #[test]
    fn days_meet_when_enough_of_them_do() {
        let days = |good: usize, bad: usize| [vec![10.0; good], vec![30.0; bad]].concat();
        let holds = Holds::ShareOfDays(0.8);
        assert_eq!(verdict(holds, &days(10, 0)), TargetVerdict::CannotTell);
        assert_eq!(verdict(holds, &days(40, 0)), TargetVerdict::Meets);
        assert_eq!(verdict(holds, &days(20, 20)), TargetVerdict::Fails);
        assert_eq!(verdict(holds, &days(33, 7)), TargetVerdict::CannotTell);
    }

    #[test]
    fn a_target_may_have_a_sense_and_a_confidence_of_its_own() {
        let mut plan = plan(Holds::Mean, 200);
        let values: Vec<Option<f64>> = spread(17.0, 10).into_iter().map(Some).collect();
        let verdict = |plan: &StaffPlan| judge(plan, &plan.targets[0], &values).verdict;
        assert_eq!(verdict(&plan), TargetVerdict::CannotTell);
        plan.targets[0].confidence = Some(0.6);
        assert_eq!(verdict(&plan), TargetVerdict::Meets);
        // Half of the days are at 21.
        plan.targets[0] =
            StaffTarget { holds: Some(Holds::ShareOfDays(0.99)), confidence: None, ..plan.targets[0].clone() };
        assert_eq!(verdict(&plan), TargetVerdict::Fails);
        assert_eq!(judge(&plan, &plan.targets[0], &values).share, Some(0.5));
        assert!((excess(&plan, &[judge(&plan, &plan.targets[0], &values)]) - 0.49).abs() < 1e-12);
    }

    #[test]
    fn no_data_is_no_pass() {
        let plan = plan(Holds::Mean, 200);
        for values in [vec![], vec![None; 10], vec![None, Some(1.0)]] {
            let told = judge(&plan, &plan.targets[0], &values);
            assert_eq!(told.verdict, TargetVerdict::NoData);
            assert_eq!(together(&[told]), DeskVerdict::CannotTell);
        }
    }

    #[test]
    fn the_excess_is_that_of_the_worst_target() {
        let mut plan = plan(Holds::Mean, 200);
        plan.targets.push(StaffTarget {
            metric: "agents.occupancy".parse().unwrap(),
            at_most: None,
            at_least: Some(0.8),
            holds: None,
            confidence: None,
        });
        let told = |wait: f64, occupancy: f64| -> Vec<TargetFigure> {
            let values = [wait, occupancy].map(|value| vec![Some(value); 2]);
            plan.targets.iter().zip(&values).map(|(target, values)| judge(&plan, target, values)).collect()
        };
        assert!((excess(&plan, &told(25.0, 0.9)) - 0.25).abs() < 1e-12);
        assert!((excess(&plan, &told(10.0, 0.6)) - 0.25).abs() < 1e-12);
        assert!(excess(&plan, &told(10.0, 0.9)) < 0.0);
    }
}
