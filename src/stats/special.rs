//! Special functions, on `libm` alone.

/// The regularised incomplete beta function I_x(a, b): the probability that a beta variable with parameters `a` and `b`,
/// both above 0, is at most `x`.
///
/// By the continued fraction of Press et al., "Numerical Recipes", section 6.4, evaluated by Lentz's method.
pub(super) fn incomplete_beta(a: f64, b: f64, x: f64) -> f64 {
    if x <= 0.0 {
        return 0.0;
    }
    if x >= 1.0 {
        return 1.0;
    }
    // The fraction converges fast below the mean; above it, the mirrored one does.
    if x > (a + 1.0) / (a + b + 2.0) {
        return 1.0 - lower_beta(b, a, 1.0 - x);
    }
    lower_beta(a, b, x)
}

fn lower_beta(a: f64, b: f64, x: f64) -> f64 {
    let log_beta = libm::lgamma(a) + libm::lgamma(b) - libm::lgamma(a + b);
    libm::exp(a * libm::log(x) + b * libm::log1p(-x) - log_beta) * beta_fraction(a, b, x) / a
}

fn beta_fraction(a: f64, b: f64, x: f64) -> f64 {
    const TINY: f64 = 1e-300;
    let away_from_zero = |value: f64| if libm::fabs(value) < TINY { TINY } else { value };
    let mut c = 1.0;
    let mut d = 1.0 / away_from_zero(1.0 - (a + b) * x / (a + 1.0));
    let mut fraction = d;
    for step in 1..100_000 {
        let m = f64::from(step);
        let even = m * (b - m) * x / ((a + 2.0 * m - 1.0) * (a + 2.0 * m));
        let odd = -(a + m) * (a + b + m) * x / ((a + 2.0 * m) * (a + 2.0 * m + 1.0));
        let mut change = 1.0;
        for term in [even, odd] {
            d = 1.0 / away_from_zero(1.0 + term * d);
            c = away_from_zero(1.0 + term / c);
            change = c * d;
            fraction *= change;
        }
        if libm::fabs(change - 1.0) < 1e-15 {
            break;
        }
    }
    fraction
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_incomplete_beta_agrees_with_closed_forms_and_with_statrs() {
        for step in 1..20 {
            let x = f64::from(step) / 20.0;
            assert!((incomplete_beta(1.0, 3.0, x) - (1.0 - (1.0 - x).powi(3))).abs() < 1e-14, "{x}");
            assert!((incomplete_beta(2.5, 1.0, x) - x.powf(2.5)).abs() < 1e-14, "{x}");
            for (a, b) in [(0.5, 0.5), (0.5, 20.0), (7.0, 0.5), (300.0, 4.0), (25.0, 25.0)] {
                let other = statrs::function::beta::beta_reg(a, b, x);
                assert!((incomplete_beta(a, b, x) - other).abs() < 1e-12, "{a} {b} {x}");
            }
        }
        assert_eq!((incomplete_beta(2.0, 3.0, 0.0), incomplete_beta(2.0, 3.0, 1.0)), (0.0, 1.0));
    }
}
