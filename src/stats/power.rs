//! How likely Student's test is to find a difference, and how many pairs that takes.
//!
//! By the noncentral distribution, without approximation (J. Cohen, "Statistical Power Analysis for the Behavioral
//! Sciences", 1988, chapter 2). An effect is the true mean difference over the differences' standard deviation.

use super::Student;
use super::student::noncentral_above;

/// On which sides a difference counts.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Sides {
    /// On one side, known beforehand.
    One,
    /// On either.
    Two,
}

/// More pairs than this are never asked for.
pub const MOST_PAIRS: u64 = 1_000_000_000;

/// The probability that the test at `level` finds an effect by so many pairs; none with fewer than two.
///
/// # Panics
/// If `level` does not lie strictly between 0 and 1.
pub fn power(effect: f64, pairs: u64, level: f64, sides: Sides) -> f64 {
    if pairs < 2 {
        return 0.0;
    }
    let degrees = (pairs - 1) as f64;
    let noncentrality = libm::fabs(effect) * libm::sqrt(pairs as f64);
    let student = Student::new(degrees);
    match sides {
        Sides::One => noncentral_above(degrees, noncentrality, student.quantile(1.0 - level)),
        Sides::Two => {
            let t = student.beyond(level);
            noncentral_above(degrees, noncentrality, t) + noncentral_above(degrees, -noncentrality, t)
        }
    }
}

/// The fewest pairs by which the test at `level` finds an effect with probability `wanted`; `None` if that takes more than
/// [`MOST_PAIRS`].
///
/// # Panics
/// If `level` or `wanted` does not lie strictly between 0 and 1.
pub fn pairs_needed(effect: f64, level: f64, wanted: f64, sides: Sides) -> Option<u64> {
    let enough = |pairs| power(effect, pairs, level, sides) >= wanted;
    // With a known deviation ((z + z') / effect)² would do; an estimated one takes a few more.
    let normal = Student::new(f64::INFINITY);
    let z = if sides == Sides::Two { normal.beyond(level) } else { normal.quantile(1.0 - level) };
    let distance = z + normal.quantile(wanted);
    let known = libm::ceil(distance * distance / (effect * effect));
    if known.is_nan() || known >= MOST_PAIRS as f64 {
        return None;
    }
    let mut too_few = 1;
    let mut step = 2;
    let mut found = (known as u64).max(2);
    while !enough(found) {
        too_few = found;
        found += step;
        step *= 2;
    }
    while found - too_few > 1 {
        // The answer lies close to where the search began.
        let middle = if found - too_few > 8 { found - 4 } else { too_few + (found - too_few) / 2 };
        if enough(middle) {
            found = middle;
        } else {
            too_few = middle;
        }
    }
    (found <= MOST_PAIRS).then_some(found)
}

/// The smallest effect that the test at `level` finds by so many pairs with probability `wanted`; `None` with fewer than two.
///
/// # Panics
/// If `level` or `wanted` does not lie strictly between 0 and 1.
pub fn detectable(pairs: u64, level: f64, wanted: f64, sides: Sides) -> Option<f64> {
    if pairs < 2 {
        return None;
    }
    let (mut low, mut high) = (0.0, 1.0);
    while power(high, pairs, level, sides) < wanted {
        (low, high) = (high, high * 2.0);
    }
    for _ in 0..40 {
        let middle = (low + high) / 2.0;
        if power(middle, pairs, level, sides) < wanted {
            low = middle;
        } else {
            high = middle;
        }
    }
    Some(high)
}

#[cfg(test)]
mod tests {
    use super::super::Paired;
    use super::*;
    use rand::SeedableRng;
    use rand::rngs::SmallRng;
    use rand_distr::{Distribution, Normal};

    #[test]
    fn power_is_that_of_statsmodels() {
        for (effect, pairs, level, sides, expected) in [
            (0.5, 20, 0.05, Sides::Two, 0.564_504_418_439_020_3),
            (0.2, 200, 0.01, Sides::Two, 0.590_571_018_085_018),
            (1.2, 6, 0.05, Sides::Two, 0.655_043_302_700_353_6),
            (0.5, 20, 0.05, Sides::One, 0.695_149_338_244_341_1),
            (0.05, 3_000, 0.001, Sides::Two, 0.289_657_560_841_255_8),
        ] {
            let found = power(effect, pairs, level, sides);
            assert!((found - expected).abs() < 1e-8, "{effect} {pairs}: {found} for {expected}");
        }
        assert!((power(0.0, 30, 0.05, Sides::Two) - 0.05).abs() < 1e-9, "without an effect it errs at its level");
        assert_eq!(power(3.0, 1, 0.05, Sides::Two), 0.0);
    }

    #[test]
    fn pairs_needed_are_those_of_statsmodels_rounded_up() {
        for (effect, level, wanted, expected) in [
            (0.5, 0.05, 0.8, 34),
            (0.2, 0.05, 0.9, 265),
            (1.5, 0.05, 0.8, 6),
            (0.8, 0.01, 0.9, 27),
            (0.05, 0.05, 0.8, 3_142),
        ] {
            assert_eq!(pairs_needed(effect, level, wanted, Sides::Two), Some(expected), "{effect}");
            assert_eq!(pairs_needed(-effect, level, wanted, Sides::Two), Some(expected), "{effect}");
        }
        assert_eq!(pairs_needed(0.0, 0.05, 0.8, Sides::Two), None);
        assert_eq!(pairs_needed(1e-6, 0.05, 0.8, Sides::Two), None);
        assert!(
            pairs_needed(1e-4, 0.05, 0.8, Sides::Two).is_some_and(|pairs| (784_880_000..784_900_000).contains(&pairs))
        );
        assert_eq!(pairs_needed(1e9, 0.05, 0.8, Sides::Two), Some(2));
    }

    proptest::proptest! {
        #[test]
        fn no_fewer_would_do_and_what_is_detectable_is_detected(
            effect in 0.05f64..4.0, level in 0.001f64..0.2, wanted in 0.5f64..0.99, one in proptest::bool::ANY,
        ) {
            let sides = if one { Sides::One } else { Sides::Two };
            let pairs = pairs_needed(effect, level, wanted, sides).unwrap();
            proptest::prop_assert!(power(effect, pairs, level, sides) >= wanted);
            proptest::prop_assert!(pairs == 2 || power(effect, pairs - 1, level, sides) < wanted);
            let least = detectable(pairs, level, wanted, sides).unwrap();
            proptest::prop_assert!(least <= effect * (1.0 + 1e-9) && (power(least, pairs, level, sides) - wanted).abs() < 1e-6);
        }
    }

    /// How often the test errs without a difference and finds one that is there: as announced, within three standard errors.
    #[test]
    fn the_test_errs_at_its_level_and_finds_with_the_power_announced() {
        let mut random = SmallRng::seed_from_u64(1);
        const TRIALS: u32 = 20_000;
        for (effect, pairs, level) in
            [(0.0, 5, 0.05), (0.0, 20, 0.01), (0.6, 24, 0.05), (1.0, 10, 0.05), (0.3, 100, 0.01)]
        {
            let noise = Normal::new(effect, 1.0).unwrap();
            let found = (0..TRIALS).filter(|_| {
                let one: Vec<Option<f64>> = (0..pairs).map(|_| Some(noise.sample(&mut random))).collect();
                Paired::of(&one, &vec![Some(0.0); pairs]).unwrap().p_two_sided().unwrap() < level
            });
            let share = f64::from(found.count() as u32) / f64::from(TRIALS);
            let announced = power(effect, pairs as u64, level, Sides::Two);
            let error = (announced * (1.0 - announced) / f64::from(TRIALS)).sqrt();
            assert!((share - announced).abs() < 3.0 * error, "{effect} {pairs} {level}: {share} for {announced}");
        }
    }
}
