//! What may vary, and what must hold.

use crate::measures::Selector;
use crate::stats::share_at_least;
use serde::{Deserialize, Serialize};

/// `[staff]`: the question that `staff` answers.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct StaffPlan {
    /// The counts that may vary; at least one.
    pub counts: Vec<StaffCount>,
    /// What must hold; at least one.
    pub targets: Vec<StaffTarget>,
    /// In which sense it must, where a target does not say.
    pub holds: Holds,
    /// How sure it must be that it does, where a target does not say: at least 0.5, below 1.
    pub confidence: f64,
    /// No more replications of one desk than this; at least [`StaffPlan::FIRST`].
    pub max_replications: u32,
}

/// A count that may vary.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct StaffCount {
    /// Which value of the scenario.
    pub path: String,
    /// No less than this.
    pub min: u32,
    /// No more than this; not below `min`.
    pub max: u32,
    /// What each one costs, in any unit; above 0.
    pub cost: f64,
}

/// A limit on a metric.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct StaffTarget {
    /// Which metric.
    pub metric: Selector,
    /// No more than this.
    pub at_most: Option<f64>,
    /// No less than this.
    pub at_least: Option<f64>,
    /// In which sense it must hold, instead of the plan's.
    pub holds: Option<Holds>,
    /// How sure it must be, instead of the plan's confidence.
    pub confidence: Option<f64>,
}

/// In which sense a limit holds.
#[derive(Clone, Copy, PartialEq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Holds {
    /// The mean over replications is within it.
    Mean,
    /// At least this share of replications (days, where a run is a day) is within it; strictly between 0 and 1.
    ShareOfDays(f64),
}

impl StaffPlan {
    /// The first look at a desk is after so many replications.
    pub const FIRST: u32 = 10;

    /// Replications of one desk, unless the scenario says otherwise.
    pub const MAX_REPLICATIONS: u32 = 200;

    /// After how many replications a desk is looked at: twice as many each time.
    pub(super) fn looks(&self) -> Vec<u32> {
        let doubled = std::iter::successors(Some(Self::FIRST), |look| look.checked_mul(2));
        let mut looks: Vec<u32> = doubled.take_while(|look| *look < self.max_replications).collect();
        looks.push(self.max_replications);
        looks
    }

    /// In which sense a target must hold.
    pub fn holds(&self, target: &StaffTarget) -> Holds {
        target.holds.unwrap_or(self.holds)
    }

    /// How sure it must be that a target holds.
    pub fn confidence(&self, target: &StaffTarget) -> f64 {
        target.confidence.unwrap_or(self.confidence)
    }

    /// The probability of being wrong about a target that one look may have, so that all together have no more than
    /// 1 - confidence.
    pub(super) fn tail(&self, target: &StaffTarget) -> f64 {
        (1.0 - self.confidence(target)) / self.looks().len() as f64
    }

    /// How many replications it takes to show that a target holds in a share of days if it does in all of them, where that is more
    /// than there may be; of the target, by index, that takes most.
    pub fn too_few(&self) -> Option<(usize, u32)> {
        let of = |(at, target)| Some((at, self.too_few_for(target)?));
        self.targets.iter().enumerate().filter_map(of).max_by_key(|(_, days)| *days)
    }

    fn too_few_for(&self, target: &StaffTarget) -> Option<u32> {
        let Holds::ShareOfDays(share) = self.holds(target) else { return None };
        let shown = |days: u32| {
            let plan = StaffPlan { max_replications: days, ..self.clone() };
            share_at_least(days.into(), days.into(), plan.tail(target)) >= share
        };
        if shown(self.max_replications) {
            return None;
        }
        let doubled = std::iter::successors(Some(self.max_replications), |days| days.checked_mul(2));
        let (mut low, mut high) =
            (self.max_replications, doubled.take(40).find(|days| shown(*days)).unwrap_or(u32::MAX));
        while high - low > 1 {
            let middle = low + (high - low) / 2;
            if shown(middle) { high = middle } else { low = middle }
        }
        Some(high)
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    pub(in super::super) fn plan(holds: Holds, max_replications: u32) -> StaffPlan {
        let target = target(None, None);
        let count = StaffCount { path: "agent.support.count".to_owned(), min: 1, max: 9, cost: 1.0 };
        StaffPlan { counts: vec![count], targets: vec![target], holds, confidence: 0.95, max_replications }
    }

    fn target(holds: Option<Holds>, confidence: Option<f64>) -> StaffTarget {
        let metric = "queue.wait.mean".parse().unwrap();
        StaffTarget { metric, at_most: Some(20.0), at_least: None, holds, confidence }
    }

    #[test]
    fn looks_double() {
        assert_eq!(plan(Holds::Mean, 200).looks(), [10, 20, 40, 80, 160, 200]);
        assert_eq!(plan(Holds::Mean, 10).looks(), [10]);
        assert_eq!(plan(Holds::Mean, 20).looks(), [10, 20]);
        let plan = plan(Holds::Mean, 20);
        assert!((plan.tail(&plan.targets[0]) - 0.025).abs() < 1e-12);
        assert!(
            (plan.tail(&target(None, Some(0.9))) - 0.05).abs() < 1e-12,
            "a target may have a confidence of its own"
        );
    }

    #[test]
    fn a_share_takes_its_days() {
        assert_eq!(plan(Holds::Mean, 10).too_few(), None);
        assert_eq!(plan(Holds::ShareOfDays(0.9), 200).too_few(), None);
        // 0.05 / 3 = 0.9^n at 38.9, with the three looks that so many days make.
        assert_eq!(plan(Holds::ShareOfDays(0.9), 20).too_few(), Some((0, 39)));
        let (_, days) = plan(Holds::ShareOfDays(0.999), 200).too_few().unwrap();
        assert_eq!(plan(Holds::ShareOfDays(0.999), days).too_few(), None);
        let mut mixed = plan(Holds::Mean, 20);
        mixed.targets.push(target(Some(Holds::ShareOfDays(0.9)), None));
        assert_eq!(mixed.too_few(), Some((1, 39)), "of the target that asks for it");
        // 0.5 / 2 = 0.9^n at 13.2.
        mixed.targets[1].confidence = Some(0.5);
        assert_eq!(mixed.too_few(), None);
    }
}
