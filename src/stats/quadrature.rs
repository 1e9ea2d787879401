//! Integrals of smooth functions.

/// Nodes and weights of the Gauss-Legendre rule with ten points on [-1, 1], those above 0 (M. Abramowitz and I. A. Stegun,
/// "Handbook of Mathematical Functions", table 25.4).
#[allow(clippy::excessive_precision, reason = "as the table has them")]
const RULE: [(f64, f64); 5] = [
    (0.148_874_338_981_631_21, 0.295_524_224_714_752_87),
    (0.433_395_394_129_247_19, 0.269_266_719_309_996_36),
    (0.679_409_568_299_024_41, 0.219_086_362_515_982_04),
    (0.865_063_366_688_984_51, 0.149_451_349_150_580_59),
    (0.973_906_528_517_171_72, 0.066_671_344_308_688_14),
];

/// The integral of `f` over [`from`, `to`], cut into `panels` equal parts: exact for a polynomial of degree 19 on each.
pub(super) fn integral(from: f64, to: f64, panels: u32, f: impl Fn(f64) -> f64) -> f64 {
    let [sum] = integrals(from, to, panels, |x| [f(x)]);
    sum
}

/// The integrals of several functions that share much of their work.
pub(super) fn integrals<const N: usize>(from: f64, to: f64, panels: u32, f: impl Fn(f64) -> [f64; N]) -> [f64; N] {
    let half = (to - from) / f64::from(panels) / 2.0;
    let mut sums = [0.0; N];
    for panel in 0..panels {
        let middle = from + (2.0 * f64::from(panel) + 1.0) * half;
        for (node, weight) in RULE {
            let (low, high) = (f(middle - half * node), f(middle + half * node));
            for (n, sum) in sums.iter_mut().enumerate() {
                *sum += weight * (low[n] + high[n]);
            }
        }
    }
    sums.map(|sum| sum * half)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn integrals_agree_with_closed_forms() {
        assert!((integral(0.0, 2.0, 1, |x| x.powi(19)) - 2f64.powi(20) / 20.0).abs() < 1e-9);
        assert!((integral(-1.0, 3.0, 4, f64::exp) - (3f64.exp() - (-1f64).exp())).abs() < 1e-13);
        assert!((integral(-12.0, 12.0, 24, |x| (-x * x / 2.0).exp()) - std::f64::consts::TAU.sqrt()).abs() < 1e-13);
    }
}
