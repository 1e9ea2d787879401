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

/// An interval for the mean of independent numbers that may be skewed: mean - f(±t) s / √n, where f undoes P. Hall's cubic
/// transformation of Student's t, f(z) = (3/a) (∛(1 + a (z - a/6)) - 1) with a = g/√n ("On the removal of skewness by
/// transformation", Journal of the Royal Statistical Society B 54 (1992) 221-228; for simulations: A. Tafazzoli, J. R. Wilson, E. K.
/// Lada and N. M. Steiger, "Performance of Skart: a skewness- and autocorrelation-adjusted batch means procedure for simulation
/// analysis", INFORMS Journal on Computing 23 (2011) 297-314). Without skewness it is Student's. `None` with fewer than two numbers.
///
/// The skewness g of few numbers is estimated too small, because they lack the rare large ones. So the estimate is moved away from 0:
/// by nearly its standard error e among normal numbers where it is large, by less where it may be chance, e g / (|g| + e).
///
/// # Panics
/// If `confidence` does not lie strictly between 0 and 1.
pub fn skewed_interval(tally: &Tally, confidence: f64) -> Option<Interval> {
    let plain = mean_interval(tally, confidence)?;
    let Some(skewness) = tally.skewness() else { return Some(plain) };
    let (mean, count) = (tally.mean()?, tally.count() as f64);
    let error = libm::sqrt(6.0 * count * (count - 1.0) / ((count - 2.0) * (count + 1.0) * (count + 3.0)));
    let a = skewness * (1.0 + error / (libm::fabs(skewness) + error)) / libm::sqrt(count);
    let t = student_quantile(confidence, tally.count() - 1);
    let scale = plain.half_width() / t;
    let undone = |z: f64| if libm::fabs(a) < 1e-6 { z } else { 3.0 / a * (libm::cbrt(1.0 + a * (z - a / 6.0)) - 1.0) };
    Some(Interval { low: mean - undone(t) * scale, high: mean - undone(-t) * scale })
}

/// No interval is believed with fewer replications than this.
pub const FEWEST_BELIEVED: u64 = 80;

/// How many numbers [`skewed_interval`] needs before it can be believed: 80 + 5 g², rounded up, with the skewness g as it is estimated
/// so far. `None` where the numbers do not vary, so that nothing can be said.
///
/// The form is W. G. Cochran's rule as R. A. Sugden, T. M. F. Smith and R. P. Jones have it ("Cochran's rule for simple random
/// sampling", Journal of the Royal Statistical Society B 62 (2000) 787-793): n ≥ 28 + 25 g² holds Student's interval to 94 % in all,
/// and leaves its two sides uneven. The transformation takes away what is of the order of g/√n, so a smaller factor does; but the fewer
/// numbers there are, the less do they show how skewed they are, so no interval is believed with fewer than 80. A larger factor of g²
/// would do harm, not good: who stops once the estimate is small stops more often where the mean is small too. The two numbers were
/// measured for the whole procedure, stopping included, on replications other than those they were chosen by (`tests/intervals.rs`).
pub fn replications_needed(tally: &Tally) -> Option<u64> {
    tally.variance().filter(|variance| *variance > 0.0)?;
    let skewness = tally.skewness().unwrap_or(0.0);
    Some(libm::ceil(FEWEST_BELIEVED as f64 + 5.0 * skewness * skewness) as u64)
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
    fn without_skewness_it_is_students_interval_and_with_it_it_reaches_to_the_longer_side() {
        let even: Tally = [8.0, 9.0, 10.0, 11.0, 12.0].into_iter().collect();
        let (one, other) = (skewed_interval(&even, 0.95).unwrap(), mean_interval(&even, 0.95).unwrap());
        assert!((one.low - other.low).abs() < 1e-9 && (one.high - other.high).abs() < 1e-9);
        let values = [1.0, 1.0, 2.0, 2.0, 3.0, 3.0, 4.0, 5.0, 8.0, 20.0];
        let skewed: Tally = values.into_iter().collect();
        let interval = skewed_interval(&skewed, 0.95).unwrap();
        let (below, above) = (4.9 - interval.low, interval.high - 4.9);
        assert!(below > 0.0 && above > 2.0 * below, "{interval:?}");
        // The transformation of either end is t: T = √n (x̄ - μ)/s, T + a T²/3 + a² T³/27 + a/6 with the a of the estimate.
        let (g, e) = (skewed.skewness().unwrap(), 0.687_043_123_601_489_8);
        let a = g * (1.0 + e / (g + e)) / 10f64.sqrt();
        let error = skewed.standard_deviation().unwrap() / 10f64.sqrt();
        for (end, t) in [(interval.low, 2.262_157_162_8), (interval.high, -2.262_157_162_8)] {
            let z = (4.9 - end) / error;
            let back = z + a * z * z / 3.0 + a * a * z * z * z / 27.0 + a / 6.0;
            assert!((back - t).abs() < 1e-6, "{back} for {t}");
        }
        // Turned round, it is the mirror image.
        let turned = skewed_interval(&values.iter().map(|value| -value).collect(), 0.95).unwrap();
        assert!((turned.low + interval.high).abs() < 1e-12 && (turned.high + interval.low).abs() < 1e-12);
        assert_eq!(skewed_interval(&[1.0].into_iter().collect(), 0.95), None);
        assert_eq!(skewed_interval(&[2.0; 5].into_iter().collect(), 0.95), Some(Interval { low: 2.0, high: 2.0 }));
        let two: Tally = [2.0, 4.0].into_iter().collect();
        assert_eq!(skewed_interval(&two, 0.95), mean_interval(&two, 0.95));
    }

    #[test]
    fn skewed_numbers_need_more_replications() {
        let needed = |values: &[f64]| replications_needed(&values.iter().copied().collect());
        assert_eq!((needed(&[]), needed(&[1.0]), needed(&[3.0; 30])), (None, None, None));
        assert_eq!((needed(&[1.0, 2.0]), needed(&[1.0, 2.0, 3.0])), (Some(80), Some(80)));
        // G1 is 1.7636: 80 + 5 · 3.110.
        assert_eq!(needed(&[1.0, 2.0, 3.0, 10.0]), Some(96));
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
