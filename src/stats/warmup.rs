//! Where a series has forgotten how it began.

use super::Tally;

/// What MSER-5 says of a series.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Truncation {
    /// So many numbers at its beginning are better left out.
    After(usize),
    /// The series is too short to tell: the best place to cut lies in its second half.
    TooShort,
}

/// Numbers to a batch.
pub const MSER_BATCH: usize = 5;

/// So many batches at the end are no place to cut: a handful of them says little of its own spread.
const TAIL: usize = 5;

/// MSER-5: the cut after which the mean of what is left has the least estimated standard error, Σ(x - x̄)²/n², over means of
/// five numbers each (K. P. White, "An effective truncation heuristic for bias reduction in simulation output", Simulation
/// 69 (1997) 323-334; K. P. White, M. J. Cobb and S. C. Spratt, "A comparison of five steady-state truncation heuristics for
/// simulation", Winter Simulation Conference 2000, 755-760).
///
/// A least error in the second half says that the series is too short. The last five batches are not looked at (K. Hoad, S.
/// Robinson and R. Davies, "Automating warm-up length estimation", Journal of the Operational Research Society 61 (2010)
/// 1389-1403). Numbers after the last whole batch do not count. Of equal cuts the first is taken.
pub fn mser5(series: &[f64]) -> Truncation {
    let batches: Vec<f64> =
        series.chunks_exact(MSER_BATCH).map(|batch| batch.iter().sum::<f64>() / MSER_BATCH as f64).collect();
    if batches.len() <= 2 * TAIL {
        return Truncation::TooShort;
    }
    let mut left = Tally::default();
    let mut best = (f64::INFINITY, 0);
    for (cut, batch) in batches.iter().enumerate().rev() {
        left.record(*batch);
        if left.count() > TAIL as u64 {
            let count = left.count() as f64;
            let error = left.variance().expect("more than one") * (count - 1.0) / (count * count);
            if error <= best.0 {
                best = (error, cut);
            }
        }
    }
    let (_, cut) = best;
    if 2 * cut > batches.len() { Truncation::TooShort } else { Truncation::After(cut * MSER_BATCH) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use rand::SeedableRng;
    use rand::rngs::SmallRng;
    use rand_distr::{Distribution, StandardNormal};

    /// The definition, cut by cut.
    fn twin(series: &[f64]) -> Truncation {
        let batches: Vec<f64> = series.chunks_exact(5).map(|five| five.iter().sum::<f64>() / 5.0).collect();
        if batches.len() <= 10 {
            return Truncation::TooShort;
        }
        let error = |cut: usize| {
            let left = &batches[cut..];
            let mean = left.iter().sum::<f64>() / left.len() as f64;
            left.iter().map(|x| (x - mean).powi(2)).sum::<f64>() / (left.len() as f64).powi(2)
        };
        let cuts = 0..batches.len() - 5;
        let least = cuts.min_by(|&one, &other| error(one).total_cmp(&error(other))).unwrap();
        if least * 2 > batches.len() { Truncation::TooShort } else { Truncation::After(least * 5) }
    }

    proptest! {
        #[test]
        fn it_is_its_definition(series in prop::collection::vec(0.0f64..100.0, 0..200), ramp in 0usize..100, height in 0.0f64..500.0) {
            let series: Vec<f64> =
                series.iter().enumerate().map(|(n, x)| x + if n < ramp { height } else { 0.0 }).collect();
            prop_assert_eq!(mser5(&series), twin(&series));
        }
    }

    #[test]
    fn a_beginning_that_is_off_is_cut_and_no_more() {
        let mut random = SmallRng::seed_from_u64(3);
        let noise: Vec<f64> = (0..1_000).map(|_| StandardNormal.sample(&mut random)).collect();
        let with = |start: &dyn Fn(usize) -> f64| -> Vec<f64> {
            noise.iter().enumerate().map(|(n, x)| x + start(n)).collect()
        };
        assert!(matches!(mser5(&with(&|_| 7.0)), Truncation::After(0..=100)), "nothing to cut");
        let step = mser5(&with(&|n| if n < 150 { -20.0 } else { 0.0 }));
        assert!(matches!(step, Truncation::After(150..=160)), "{step:?}");
        let decay = mser5(&with(&|n| -30.0 * (-(n as f64) / 60.0).exp()));
        assert!(matches!(decay, Truncation::After(100..=350)), "{decay:?}");
        assert_eq!(mser5(&with(&|n| n as f64)), Truncation::TooShort, "it grows all along");
        assert_eq!(mser5(&noise[..50]), Truncation::TooShort);
        assert_eq!(mser5(&[4.0; 100]), Truncation::After(0), "nothing ever changes");
    }
}
