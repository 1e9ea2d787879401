//! One long run in place of many: means of batches, and whether they may pass for independent.

use super::{Interval, Student, Tally};

/// Von Neumann's statistic of a series, for whether each number resembles the one before: standard normal, nearly, where
/// they are independent; above 0 where neighbours are alike. `None` with fewer than three numbers, or where all are the same.
///
/// C = 1 - Σ(x_i - x_{i+1})² / (2 Σ(x_i - x̄)²), an estimate of the correlation of neighbours that makes up for the two ends,
/// over its standard error √((n-2)/(n²-1)) (J. von Neumann, "Distribution of the ratio of the mean square successive
/// difference to the variance", Annals of Mathematical Statistics 12 (1941) 367-395; for batch means: G. S. Fishman, "Grouping
/// observations in digital simulation", Management Science 24 (1978) 510-521).
pub fn von_neumann(series: &[f64]) -> Option<f64> {
    let count = series.len() as f64;
    let tally: Tally = series.iter().copied().collect();
    let squares = tally.variance()? * (count - 1.0);
    if series.len() < 3 || squares == 0.0 {
        return None;
    }
    let steps: f64 = series.windows(2).map(|two| (two[1] - two[0]) * (two[1] - two[0])).sum();
    Some((1.0 - steps / (2.0 * squares)) * libm::sqrt((count * count - 1.0) / (count - 2.0)))
}

/// Whether neighbours resemble each other more than chance explains: von Neumann's test at a level of 10 %, as Fishman has it.
/// Numbers that are all the same have nothing to resemble.
pub fn are_correlated(series: &[f64]) -> bool {
    /// The normal quantile of 0.9.
    const BOUND: f64 = 1.281_551_565_544_600_4;
    von_neumann(series).is_some_and(|statistic| statistic > BOUND)
}

/// An interval for what a run says as a whole from what its sections of equal length say one by one: `whole` ± t S/√k, with
/// S² = Σ(section - whole)²/(k-1) (S. Asmussen and P. W. Glynn, "Stochastic Simulation", 2007, section V.5; for a mean these are
/// batch means: B. Schmeiser, "Batch size effects in the analysis of simulation output", Operations Research 30 (1982)
/// 556-568). `None` with fewer than two sections.
///
/// # Panics
/// If `confidence` does not lie strictly between 0 and 1.
pub fn section_interval(whole: f64, sections: &[f64], confidence: f64) -> Option<Interval> {
    if sections.len() < 2 {
        return None;
    }
    let count = sections.len() as f64;
    let squares: f64 = sections.iter().map(|section| (section - whole) * (section - whole)).sum();
    let t = Student::new(count - 1.0).beyond(1.0 - confidence);
    let half = t * libm::sqrt(squares / (count - 1.0) / count);
    Some(Interval { low: whole - half, high: whole + half })
}

#[cfg(test)]
mod tests {
    use super::super::mean_interval;
    use super::*;
    use rand::SeedableRng;
    use rand::rngs::SmallRng;
    use rand_distr::{Distribution, StandardNormal};

    #[test]
    fn the_statistic_of_a_small_series_is_right() {
        // By hand: mean 3, Σ(x-3)² = 10, Σ(steps)² = 1+1+1+1 = 4: C = 1 - 4/20 = 0.8; √(24/3) = √8.
        assert!((von_neumann(&[1.0, 2.0, 3.0, 4.0, 5.0]).unwrap() - 0.8 * 8f64.sqrt()).abs() < 1e-14);
        assert!(von_neumann(&[1.0, 5.0, 1.0, 5.0, 1.0]).unwrap() < 0.0);
        assert_eq!((von_neumann(&[1.0, 2.0]), von_neumann(&[3.0; 9]), von_neumann(&[])), (None, None, None));
        assert!(!are_correlated(&[3.0; 9]));
    }

    /// A first-order autoregressive series in batches of that length.
    fn batches(random: &mut SmallRng, correlation: f64, length: usize, count: usize) -> Vec<f64> {
        let mut state: f64 = StandardNormal.sample(random);
        let own = (1.0 - correlation * correlation).sqrt();
        (0..count)
            .map(|_| {
                let mut sum = 0.0;
                for _ in 0..length {
                    let noise: f64 = StandardNormal.sample(random);
                    state = correlation * state + own * noise;
                    sum += state;
                }
                sum / length as f64
            })
            .collect()
    }

    #[test]
    fn the_test_errs_at_its_level_and_finds_correlation() {
        let mut random = SmallRng::seed_from_u64(9);
        let mut share = |correlation, length| {
            (0..4_000).filter(|_| are_correlated(&batches(&mut random, correlation, length, 20))).count() as f64
                / 4_000.0
        };
        let errs = share(0.0, 1);
        assert!((errs - 0.1).abs() < 0.015, "{errs}");
        let (short, long) = (share(0.9, 4), share(0.9, 400));
        assert!(short > 0.85 && long < 0.16, "{short} {long}");
    }

    #[test]
    fn long_batches_cover_the_mean_and_short_ones_do_not() {
        let mut random = SmallRng::seed_from_u64(4);
        let mut covered = |length| {
            let covers = |batches: &[f64]| {
                let mean = batches.iter().sum::<f64>() / batches.len() as f64;
                section_interval(mean, batches, 0.95).unwrap().contains(0.0)
            };
            (0..2_000).filter(|_| covers(&batches(&mut random, 0.9, length, 20))).count() as f64 / 2_000.0
        };
        let (short, long) = (covered(5), covered(500));
        assert!(short < 0.8 && (long - 0.95).abs() < 0.015, "{short} {long}");
    }

    #[test]
    fn for_a_mean_sections_are_student_s_interval() {
        let values = [4.0, 7.0, 13.0, 16.0];
        let tally: Tally = values.into_iter().collect();
        let (one, other) = (section_interval(10.0, &values, 0.9).unwrap(), mean_interval(&tally, 0.9).unwrap());
        assert!((one.low - other.low).abs() < 1e-12 && (one.high - other.high).abs() < 1e-12);
        assert!(section_interval(9.0, &values, 0.9).unwrap().half_width() > one.half_width());
        assert_eq!(section_interval(9.0, &[9.0], 0.9), None);
    }
}
