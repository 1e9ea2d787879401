//! Student's distribution, central and noncentral.

use super::quadrature::{integral, integrals};
use super::special::incomplete_beta;
use std::f64::consts::{FRAC_1_SQRT_2, PI, TAU};

/// The distribution of a mean over its estimated standard error (Student, "The probable error of a mean", Biometrika 6
/// (1908) 1-25). Right to about 12 digits for any number of degrees of freedom, far out in the tails too.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Student {
    degrees: f64,
}

/// From here on tails are integrated: the incomplete beta function loses a digit with each tenfold of degrees.
const MANY: f64 = 200.0;

impl Student {
    /// With so many degrees of freedom; infinitely many make it the normal distribution.
    ///
    /// # Panics
    /// If there is not more than none.
    pub fn new(degrees: f64) -> Student {
        assert!(degrees > 0.0, "{degrees} is no number of degrees of freedom");
        Student { degrees }
    }

    /// The probability of a value above `t`.
    pub fn above(&self, t: f64) -> f64 {
        if t < 0.0 { 1.0 - self.two_sided(t) / 2.0 } else { self.two_sided(t) / 2.0 }
    }

    /// The probability of a value of at most `t`.
    pub fn cdf(&self, t: f64) -> f64 {
        self.above(-t)
    }

    /// The probability of a value at least as far from 0 as `t`, on either side.
    pub fn two_sided(&self, t: f64) -> f64 {
        let (t, degrees) = (libm::fabs(t), self.degrees);
        if degrees.is_infinite() {
            return libm::erfc(t * FRAC_1_SQRT_2);
        }
        if t.is_infinite() {
            return 0.0;
        }
        if degrees <= MANY {
            return incomplete_beta(degrees / 2.0, 0.5, degrees / (degrees + t * t));
        }
        // The density beyond t, relative to the one at t.
        let relative = |s: f64| libm::exp(-(degrees + 1.0) / 2.0 * libm::log1p(s * (2.0 * t + s) / (degrees + t * t)));
        // Up to where it is exp(-40).
        let square = (degrees + t * t) * libm::expm1(80.0 / (degrees + 1.0));
        let reach = square / (libm::sqrt(t * t + square) + t);
        2.0 * self.density(t) * integral(0.0, reach, 16, relative)
    }

    /// The density at `t`.
    pub fn density(&self, t: f64) -> f64 {
        let degrees = self.degrees;
        if degrees.is_infinite() {
            return libm::exp(-t * t / 2.0) / libm::sqrt(TAU);
        }
        let power = -(degrees + 1.0) / 2.0 * libm::log1p(t * t / degrees);
        if degrees <= MANY {
            let log_scale = libm::lgamma((degrees + 1.0) / 2.0) - libm::lgamma(degrees / 2.0);
            return libm::exp(log_scale + power) / libm::sqrt(degrees * PI);
        }
        // The difference of two large logarithms would lose digits; Stirling's series for it does not:
        // ln Γ(x+½) - ln Γ(x) - ½ ln x = -1/(8x) + 1/(192x³) - 1/(640x⁵) + …
        let half = degrees / 2.0;
        let square = half * half;
        let log_scale = (-1.0 / 8.0 + (1.0 / 192.0 - 1.0 / 640.0 / square) / square) / half;
        libm::exp(log_scale + power) / libm::sqrt(TAU)
    }

    /// The value that is not exceeded with probability `level`.
    ///
    /// # Panics
    /// If `level` does not lie strictly between 0 and 1.
    pub fn quantile(&self, level: f64) -> f64 {
        assert!(level > 0.0 && level < 1.0, "{level} is no probability between 0 and 1");
        if level < 0.5 { -self.beyond(2.0 * level) } else { self.beyond(2.0 * (1.0 - level)) }
    }

    /// The value that is reached on either side with probability `tail`: 12.706 for 0.05 and 1 degree of freedom, 1.960
    /// for many.
    ///
    /// # Panics
    /// If `tail` does not lie above 0 and at most at 1.
    pub fn beyond(&self, tail: f64) -> f64 {
        assert!(tail > 0.0 && tail <= 1.0, "{tail} is no probability of a tail");
        // The tail falls and flattens, so Newton's steps from 0 approach from the left without ever overshooting.
        let mut t = 0.0;
        for _ in 0..2_000 {
            let step = (self.two_sided(t) - tail) / (2.0 * self.density(t));
            t += step;
            if step <= t * 1e-15 {
                break;
            }
        }
        t
    }
}

/// The probability that a noncentral Student variable exceeds `t`: that of a mean whose true distance from 0 is
/// `noncentrality` standard errors, over its estimated standard error, with `degrees` of freedom.
///
/// By integrating over the estimate of the standard error, which is a chi variable. Right to about 12 digits of the larger
/// tail, in the same time for any `t`.
///
/// # Panics
/// If there is less than 1 degree of freedom.
pub fn noncentral_above(degrees: f64, noncentrality: f64, t: f64) -> f64 {
    assert!(degrees >= 1.0, "{degrees} degrees of freedom are too few");
    let above = |x: f64| 0.5 * libm::erfc(x * FRAC_1_SQRT_2);
    if degrees >= 1e9 {
        return above(t - noncentrality);
    }
    // Of s = √(χ²/degrees) the density is proportional to s^(degrees-1) exp(-degrees s²/2); relative to its peak it neither
    // over- nor underflows.
    let peak = libm::sqrt((degrees - 1.0) / degrees);
    let density = |s: f64| {
        let power = if degrees > 1.0 { (degrees - 1.0) * libm::log(s / peak) } else { 0.0 };
        libm::exp(power - degrees / 2.0 * (s - peak) * (s + peak))
    };
    let reach = 12.0 / libm::sqrt(2.0 * degrees);
    let (from, to) = ((peak - reach).max(0.0), peak + reach);
    // The normal tail steps from one of its ends to the other within 9 / |t| of s = noncentrality / t. Cut there, the density is the
    // only thing that varies in the outer pieces, and both vary slowly over the inner one, however narrow the step is.
    let step = |z: f64| if t == 0.0 { from } else { (z / t).clamp(from, to) };
    let ends = [step(noncentrality - 9.0), step(noncentrality + 9.0)];
    let cuts = [from, ends[0].min(ends[1]), ends[0].max(ends[1]), to];
    // Near 0 the density is a power of s that need not be whole, which no polynomial follows well; of s = u⁴ it is smooth.
    let near_zero = from == 0.0;
    let root = |s: f64| libm::sqrt(libm::sqrt(s));
    let panels = if near_zero { 48 } else { 24 };
    let (mut whole, mut part) = (0.0, 0.0);
    for piece in cuts.windows(2).filter(|piece| piece[0] < piece[1]) {
        let [of_whole, of_part] = if near_zero {
            integrals(root(piece[0]), root(piece[1]), panels, |u| {
                let s = u * u * u * u;
                let density = 4.0 * u * u * u * density(s);
                [density, density * above(t * s - noncentrality)]
            })
        } else {
            integrals(piece[0], piece[1], panels, |s| {
                let density = density(s);
                [density, density * above(t * s - noncentrality)]
            })
        };
        whole += of_whole;
        part += of_part;
    }
    (part / whole).min(1.0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use statrs::distribution::{ContinuousCDF, StudentsT};

    #[track_caller]
    fn check(found: f64, expected: f64, tolerance: f64) {
        assert!((found / expected - 1.0).abs() < tolerance, "{found} for {expected}");
    }

    const DEGREES: [f64; 12] = [0.5, 1.0, 2.0, 3.0, 7.5, 19.0, 99.0, 199.0, 201.0, 999.0, 1e5, 1e9];

    #[test]
    fn tails_agree_with_statrs() {
        for degrees in DEGREES {
            let other = StudentsT::new(0.0, 1.0, degrees).unwrap();
            for t in [-9.0, -2.0, -0.1, 0.0, 0.3, 1.0, 2.5] {
                // statrs itself loses digits with many degrees.
                check(Student::new(degrees).cdf(t), other.cdf(t), 1e-12 + 1e-14 * degrees);
            }
        }
    }

    #[test]
    fn tails_agree_with_closed_forms_and_with_mpmath_far_out() {
        for t in [0.01, 0.7, 3.0, 1e3, 1e8] {
            check(Student::new(1.0).above(t), (1.0 / t).atan() / PI, 1e-13);
            let root = (t * t + 2.0f64).sqrt();
            check(Student::new(2.0).above(t), 1.0 / (root * (root + t)), 1e-12);
        }
        TAILS.iter().for_each(|&(degrees, t, tail)| check(Student::new(degrees).above(t), tail, 2e-11));
    }

    #[test]
    fn both_ways_of_computing_meet() {
        let (below, above) = (Student::new(MANY), Student::new(MANY.next_up()));
        for t in [0.0, 0.5, 2.0, 6.0, 30.0] {
            check(above.two_sided(t), below.two_sided(t), 1e-11);
            check(above.density(t), below.density(t), 1e-11);
        }
        let (many, normal) = (Student::new(1e12), Student::new(f64::INFINITY));
        for t in [0.0, 0.5, 2.0, 6.0] {
            check(many.two_sided(t), normal.two_sided(t), 1e-9);
        }
    }

    proptest::proptest! {
        #[test]
        fn a_quantile_undoes_the_distribution(degrees in 0.3f64..5_000.0, level in 1e-9f64..0.999_999) {
            let student = Student::new(degrees);
            let found = student.cdf(student.quantile(level));
            proptest::prop_assert!((found / level - 1.0).abs() < 1e-9, "{found}");
        }

        #[test]
        fn the_noncentral_distribution_without_distance_is_the_central_one(degrees in 1.0f64..2_000.0, t in -6.0f64..6.0) {
            let (found, central) = (noncentral_above(degrees, 0.0, t), Student::new(degrees).above(t));
            proptest::prop_assert!((found - central).abs() < 1e-10, "{found} for {central}");
        }
    }

    #[test]
    fn the_noncentral_distribution_agrees_with_mpmath() {
        for (degrees, noncentrality, t, above) in NONCENTRAL {
            let found = noncentral_above(degrees, noncentrality, t);
            assert!((found - above).abs() < 1e-9, "{degrees} {noncentrality} {t}: {found} for {above}");
        }
    }

    /// The definition, by far more panels than any step needs.
    fn by_brute_force(degrees: f64, noncentrality: f64, t: f64) -> f64 {
        let peak = libm::sqrt((degrees - 1.0) / degrees);
        let density = |s: f64| {
            let power = if degrees > 1.0 { (degrees - 1.0) * libm::log(s / peak) } else { 0.0 };
            libm::exp(power - degrees / 2.0 * (s * s - peak * peak))
        };
        let reach = 12.5 / libm::sqrt(2.0 * degrees);
        let ends = [(peak - reach).max(0.0), peak + reach].map(|s| libm::sqrt(libm::sqrt(s)));
        let smooth = |u: f64| 4.0 * u * u * u * density(u * u * u * u);
        let above = |u: f64| 0.5 * libm::erfc((t * u * u * u * u - noncentrality) * FRAC_1_SQRT_2);
        let panels = 3_000;
        integral(ends[0], ends[1], panels, |u| smooth(u) * above(u)) / integral(ends[0], ends[1], panels, smooth)
    }

    #[test]
    fn the_noncentral_distribution_is_its_definition_to_12_digits() {
        for degrees in [1.0, 2.0, 2.5, 3.0, 5.0, 9.0, 30.0, 71.0, 73.0, 99.0, 400.0, 5_000.0] {
            for noncentrality in [-8.0, -1.0, 0.0, 0.3, 2.0, 5.0, 9.0, 31.0, 400.0] {
                for t in [-40.0, -2.0, -1e-3, 0.0, 1e-9, 0.7, 2.0, 4.3, 12.706, 63.66, 700.0] {
                    let (found, expected) =
                        (noncentral_above(degrees, noncentrality, t), by_brute_force(degrees, noncentrality, t));
                    assert!((found - expected).abs() < 1e-12, "{degrees} {noncentrality} {t}: {found} for {expected}");
                }
            }
        }
    }

    /// With one degree of freedom and far out the estimate of the standard error is as good as uniform near 0, so the tail is
    /// the mean of |Z + noncentrality| over t, times √(2/π), for whatever narrow step.
    #[test]
    fn a_step_that_is_far_narrower_than_a_panel_is_still_seen() {
        for noncentrality in [0.0, 1.0, 3.0] {
            for t in [1e6, 1e8, 1e10] {
                let phi = libm::exp(-noncentrality * noncentrality / 2.0) / libm::sqrt(TAU);
                let positive = noncentrality * 0.5 * libm::erfc(-noncentrality * FRAC_1_SQRT_2) + phi;
                check(noncentral_above(1.0, noncentrality, t), libm::sqrt(2.0 / PI) * positive / t, 1e-9);
            }
        }
    }

    /// Degrees, t, and the upper tail by mpmath's incomplete beta function to 40 digits.
    const TAILS: [(f64, f64, f64); 9] = [
        (3.0, 50.0, 8.808576020635987e-6),
        (19.0, 12.0, 1.2954473186111e-10),
        (99.0, 8.0, 1.200151910528434e-12),
        (250.0, 3.0, 0.001486331045588828),
        (250.0, 40.0, 6.008939163294146e-111),
        (999.0, 10.0, 8.354109413435645e-23),
        (20000.0, 6.0, 1.003572820561317e-9),
        (1000000.0, 7.5, 3.193505736857425e-14),
        (300.0, 100.0, 1.025575199977362e-232),
    ];

    /// Degrees, noncentrality, t, and the upper tail by mpmath's quadrature; scipy's `nct.sf` says the same.
    const NONCENTRAL: [(f64, f64, f64, f64); 9] = [
        (1.0, 2.0, 12.706, 0.125225486551952),
        (2.0, -1.0, 0.5, 0.079695739931515),
        (4.0, 3.0, 2.776, 0.619377729892149),
        (9.0, 1.5, 2.262, 0.268551184522521),
        (19.0, 2.8, 2.093, 0.756883648914163),
        (19.0, 0.2, -2.0, 0.980855505090656),
        (99.0, 3.6, 1.98, 0.946206016901489),
        (999.0, 5.0, 1.96, 0.998807529093127),
        (1.0, 0.5, 636.6, 0.000874584466064115),
    ];
}
