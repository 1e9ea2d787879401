//! Confidence intervals for a mean.

use super::{Student, Tally};

/// Two ends, between which the true value lies with the confidence asked for.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Interval {
    /// The lower end.
    pub low: f64,
    /// The upper end.
    pub high: f64,
}

impl Interval {
    /// Half its width.
    pub fn half_width(&self) -> f64 {
        (self.high - self.low) / 2.0
    }

    /// Whether the value lies in it, ends included.
    pub fn contains(&self, value: f64) -> bool {
        self.low <= value && value <= self.high
    }
}

/// Student's interval for the mean of independent numbers: mean ± t s / √n. `None` with fewer than two.
///
/// # Panics
/// If `confidence` does not lie strictly between 0 and 1.
pub fn mean_interval(tally: &Tally, confidence: f64) -> Option<Interval> {
    let (mean, deviation) = (tally.mean()?, tally.standard_deviation()?);
    let count = tally.count();
    let half = student_quantile(confidence, count - 1) * deviation / libm::sqrt(count as f64);
    Some(Interval { low: mean - half, high: mean + half })
}

/// The t that a Student variable's absolute value stays below with probability `confidence`: 12.706 for 0.95 and 1 degree
/// of freedom, 1.960 for many.
///
/// # Panics
/// If `confidence` does not lie strictly between 0 and 1, or there is no degree of freedom.
pub fn student_quantile(confidence: f64, degrees: u64) -> f64 {
    assert!(confidence > 0.0 && confidence < 1.0, "{confidence} is no confidence");
    assert!(degrees > 0, "a deviation needs two numbers");
    Student::new(degrees as f64).beyond(1.0 - confidence)
}

#[cfg(test)]
mod tests {
    use super::*;
    use statrs::distribution::{ContinuousCDF, StudentsT};

    #[track_caller]
    fn check(confidence: f64, degrees: u64, expected: f64, tolerance: f64) {
        let t = student_quantile(confidence, degrees);
        assert!((t / expected - 1.0).abs() < tolerance, "{confidence} {degrees}: {t} for {expected}");
    }

    #[test]
    fn quantiles_are_those_of_the_tables() {
        // Closed forms for one and two degrees of freedom.
        for confidence in [0.1, 0.5, 0.9, 0.95, 0.99, 0.9999] {
            check(confidence, 1, (std::f64::consts::FRAC_PI_2 * confidence).tan(), 1e-11);
            check(confidence, 2, confidence * (2.0 / (1.0 - confidence * confidence)).sqrt(), 1e-11);
        }
        for (degrees, t) in [(4, 2.776), (9, 2.262), (19, 2.093), (30, 2.042), (1000, 1.962)] {
            check(0.95, degrees, t, 3e-4);
        }
        check(0.95, 1 << 40, 1.959_963_984_540_054, 1e-11);
        check(0.95, 999_999, 1.959_963_984_540_054, 2e-6);
    }

    #[test]
    fn quantiles_agree_with_statrs() {
        for degrees in [1, 2, 3, 5, 10, 29, 100, 999, 20_000] {
            for confidence in [0.5, 0.8, 0.95, 0.99] {
                let student = StudentsT::new(0.0, 1.0, degrees as f64).unwrap();
                check(confidence, degrees, student.inverse_cdf(0.5 + confidence / 2.0), 1e-6);
            }
        }
    }

    #[test]
    fn an_interval_stands_about_the_mean() {
        let tally: Tally = [9.0, 10.0, 11.0].into_iter().collect();
        let interval = mean_interval(&tally, 0.95).unwrap();
        // t(2) = 4.3027, s = 1, n = 3.
        assert!((interval.half_width() - 4.302_652_73 / 3f64.sqrt()).abs() < 1e-8);
        assert!(interval.contains(10.0) && interval.contains(interval.high) && !interval.contains(7.5));
        assert_eq!(mean_interval(&[1.0].into_iter().collect(), 0.95), None);
        let same = mean_interval(&[2.0, 2.0].into_iter().collect(), 0.95).unwrap();
        assert_eq!((same.low, same.high), (2.0, 2.0));
    }
}
