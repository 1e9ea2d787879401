//! Distributions as variates: inverse transforms on `libm`, the same bits on every machine.

use super::{Stream, Weights, normal};
use crate::time::Span;
use std::fmt;
use std::sync::Arc;

/// A distribution of a quantity that is not negative: a duration in seconds, or a plain factor.
///
/// A draw takes one uniform and rises with it, so that equal streams under two policies give equal draws, and draws of
/// two scales stay in step; a mixture takes one more for its part, and gamma as many as its rejections need.
#[derive(Clone, PartialEq, Debug)]
pub struct Variate(Law);

/// Why parameters make no distribution, in words for the person who wrote them.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct VariateError(pub String);

#[derive(Clone, PartialEq, Debug)]
enum Law {
    Never,
    Constant(f64),
    Exponential {
        mean: f64,
    },
    /// Mean and deviation of the logarithm.
    Lognormal {
        mu: f64,
        sigma: f64,
        mean: f64,
    },
    Gamma {
        shape: f64,
        scale: f64,
    },
    Weibull {
        inverse_shape: f64,
        scale: f64,
        mean: f64,
    },
    Uniform {
        min: f64,
        max: f64,
    },
    Triangular {
        min: f64,
        mode: f64,
        max: f64,
    },
    /// All values alike.
    Sample(Arc<[f64]>),
    Weighted(Arc<[f64]>, Weights),
    Mixture(Arc<[Variate]>, Weights),
}

impl Variate {
    /// What does not happen.
    pub fn never() -> Variate {
        Variate(Law::Never)
    }

    /// Always the same value; infinite is never.
    ///
    /// # Panics
    /// If the value is negative or not a number.
    pub fn constant(value: f64) -> Variate {
        assert!(value >= 0.0, "{value} is no quantity");
        Variate(if value.is_finite() { Law::Constant(value) } else { Law::Never })
    }

    /// The time between events that come independently of each other.
    ///
    /// # Errors
    /// If the mean is not above 0.
    pub fn exponential(mean: f64) -> Result<Variate, VariateError> {
        Ok(Variate(Law::Exponential { mean: positive("mean", mean)? }))
    }

    /// Lognormal with that mean and coefficient of variation (standard deviation / mean); cv 0 is the mean always.
    ///
    /// # Errors
    /// If the mean is not above 0, or the cv negative.
    pub fn lognormal(mean: f64, cv: f64) -> Result<Variate, VariateError> {
        let (mean, cv) = (positive("mean", mean)?, not_negative("cv", cv)?);
        let variance = libm::log1p(finite_square("cv", cv)?);
        if variance == 0.0 {
            return Ok(Variate(Law::Constant(mean)));
        }
        Ok(Variate(Law::Lognormal { mu: libm::log(mean) - variance / 2.0, sigma: libm::sqrt(variance), mean }))
    }

    /// Gamma with that mean and coefficient of variation; cv 0 is the mean always.
    ///
    /// # Errors
    /// If the mean is not above 0, or the cv negative.
    pub fn gamma(mean: f64, cv: f64) -> Result<Variate, VariateError> {
        let (mean, cv) = (positive("mean", mean)?, not_negative("cv", cv)?);
        let square = finite_square("cv", cv)?;
        let (shape, scale) = (1.0 / square, mean * square);
        if !shape.is_finite() {
            return Ok(Variate(Law::Constant(mean)));
        }
        Ok(Variate(Law::Gamma { shape, scale: finite_product("cv", scale)? }))
    }

    /// Weibull with that mean; shape 1 is exponential, less has a longer tail, more a shorter.
    ///
    /// # Errors
    /// If the mean is not above 0, or the shape not from 0.01 to 1000.
    pub fn weibull(mean: f64, shape: f64) -> Result<Variate, VariateError> {
        let mean = positive("mean", mean)?;
        // Below, the mean hangs on values too rare to ever be drawn.
        if !(0.01..=1000.0).contains(&shape) {
            return Err(VariateError(format!("shape must be from 0.01 to 1000; {shape} is not")));
        }
        let inverse_shape = 1.0 / shape;
        Ok(Variate(Law::Weibull { inverse_shape, scale: mean / libm::tgamma(1.0 + inverse_shape), mean }))
    }

    /// All values from `min` to `max` alike.
    ///
    /// # Errors
    /// If `min` is negative or above `max`.
    pub fn uniform(min: f64, max: f64) -> Result<Variate, VariateError> {
        let (min, max) = (not_negative("min", min)?, not_negative("max", max)?);
        in_order("min", min, "max", max)?;
        Ok(Variate(if min < max { Law::Uniform { min, max } } else { Law::Constant(min) }))
    }

    /// Most often about `mode`, falling off evenly to `min` and `max`.
    ///
    /// # Errors
    /// If `min` is negative, or the three are not in order.
    pub fn triangular(min: f64, mode: f64, max: f64) -> Result<Variate, VariateError> {
        let (min, mode, max) = (not_negative("min", min)?, not_negative("mode", mode)?, not_negative("max", max)?);
        in_order("min", min, "mode", mode)?;
        in_order("mode", mode, "max", max)?;
        Ok(Variate(if min < max { Law::Triangular { min, mode, max } } else { Law::Constant(min) }))
    }

    /// One of the values, in proportion to the weights; `weights` empty: all alike.
    ///
    /// # Errors
    /// If there are no values, one is negative or not finite, or the weights do not fit them.
    pub fn empirical(mut values: Vec<f64>, mut weights: Vec<f64>) -> Result<Variate, VariateError> {
        if values.is_empty() {
            return Err(VariateError("values must not be empty".into()));
        }
        for value in &values {
            not_negative("a value", *value)?;
        }
        if weights.is_empty() {
            // In order, so that draws rise with their uniforms.
            values.sort_by(f64::total_cmp);
            return Ok(Variate(Law::Sample(values.into())));
        }
        if weights.len() != values.len() {
            let (values, weights) = (values.len(), weights.len());
            return Err(VariateError(format!(
                "each value needs one weight; there are {values} values and {weights} weights"
            )));
        }
        let mut pairs: Vec<(f64, f64)> = values.into_iter().zip(weights).collect();
        pairs.sort_by(|a, b| a.0.total_cmp(&b.0));
        (values, weights) = pairs.into_iter().unzip();
        let weights = Weights::new(&weights)?;
        Ok(Variate(Law::Weighted(values.into(), weights)))
    }

    /// A draw of one of the parts, which is chosen in proportion to the weights.
    ///
    /// # Errors
    /// If the weights make no choice ([`Weights::new`]).
    pub fn mixture(parts: Vec<(f64, Variate)>) -> Result<Variate, VariateError> {
        if parts.is_empty() {
            return Err(VariateError("a mixture needs at least one part".into()));
        }
        let (weights, variates): (Vec<f64>, Vec<Variate>) = parts.into_iter().unzip();
        Ok(Variate(Law::Mixture(variates.into(), Weights::new(&weights)?)))
    }

    /// The mean; infinite where it may be never.
    pub fn mean(&self) -> f64 {
        match &self.0 {
            Law::Never => f64::INFINITY,
            Law::Constant(value) => *value,
            Law::Exponential { mean } | Law::Lognormal { mean, .. } | Law::Weibull { mean, .. } => *mean,
            Law::Gamma { shape, scale } => shape * scale,
            Law::Uniform { min, max } => min + (max - min) / 2.0,
            Law::Triangular { min, mode, max } => min / 3.0 + mode / 3.0 + max / 3.0,
            Law::Sample(values) => values.iter().map(|value| value / values.len() as f64).sum(),
            Law::Weighted(values, weights) => weights.mean(|index| values[index]),
            Law::Mixture(parts, weights) => weights.mean(|index| parts[index].mean()),
        }
    }

    /// Whether it is always never.
    pub fn is_never(&self) -> bool {
        match &self.0 {
            Law::Never => true,
            // Parts of weight zero do not count.
            Law::Mixture(parts, weights) => weights.mean(|index| f64::from(u8::from(!parts[index].is_never()))) == 0.0,
            _ => false,
        }
    }

    /// A draw; `f64::INFINITY` is never.
    #[inline]
    pub fn draw(&self, stream: &mut Stream) -> f64 {
        match &self.0 {
            Law::Never => f64::INFINITY,
            Law::Constant(value) => *value,
            Law::Exponential { mean } => mean * standard_exponential(stream),
            _ => self.draw_other(stream),
        }
    }

    #[inline(never)]
    fn draw_other(&self, stream: &mut Stream) -> f64 {
        match &self.0 {
            Law::Never | Law::Constant(_) | Law::Exponential { .. } => unreachable!("drawn in short"),
            Law::Lognormal { mu, sigma, .. } => libm::exp(mu + sigma * normal::quantile(stream.uniform())),
            Law::Gamma { shape, scale } => scale * standard_gamma(*shape, stream),
            Law::Weibull { inverse_shape, scale, .. } => {
                scale * libm::pow(standard_exponential(stream), *inverse_shape)
            }
            Law::Uniform { min, max } => min + (max - min) * stream.uniform(),
            Law::Triangular { min, mode, max } => triangular_quantile(*min, *mode, *max, stream.uniform()),
            Law::Sample(values) => values[((stream.uniform() * values.len() as f64) as usize).min(values.len() - 1)],
            Law::Weighted(values, weights) => values[weights.draw(stream)],
            Law::Mixture(parts, weights) => parts[weights.draw(stream)].draw(stream),
        }
    }

    /// A draw in seconds as a span, to the nearest microsecond; `None` is never.
    pub fn draw_span(&self, stream: &mut Stream) -> Option<Span> {
        let seconds = self.draw(stream);
        seconds.is_finite().then(|| Span::from_secs_f64(seconds))
    }
}

fn standard_exponential(stream: &mut Stream) -> f64 {
    -libm::log(1.0 - stream.uniform())
}

/// Inverse of the triangular distribution function.
fn triangular_quantile(min: f64, mode: f64, max: f64, level: f64) -> f64 {
    let width = max - min;
    let rising = (mode - min) / width;
    if level < rising {
        min + width * libm::sqrt(level * rising)
    } else {
        max - width * libm::sqrt((1.0 - level) * (1.0 - rising))
    }
}

/// G. Marsaglia and W. W. Tsang, "A simple method for generating gamma variables", ACM Transactions on Mathematical
/// Software 26 (2000) 363-372: exact, by rejection of under 5 % of the proposals. Their squeeze is left out.
fn standard_gamma(shape: f64, stream: &mut Stream) -> f64 {
    if shape < 1.0 {
        let boosted = standard_gamma(shape + 1.0, stream);
        return boosted * libm::pow(stream.uniform(), 1.0 / shape);
    }
    let d = shape - 1.0 / 3.0;
    let c = 1.0 / libm::sqrt(9.0 * d);
    loop {
        let x = normal::quantile(stream.uniform());
        let root = 1.0 + c * x;
        let level = stream.uniform();
        if root > 0.0 {
            let v = root * root * root;
            if libm::log(level) < 0.5 * x * x + d * (1.0 - v + libm::log(v)) {
                return d * v;
            }
        }
    }
}

/// A distribution of whole numbers from 1.
#[derive(Clone, PartialEq, Debug)]
pub struct Count(CountLaw);

#[derive(Clone, PartialEq, Debug)]
enum CountLaw {
    Constant(u32),
    /// The logarithm of the probability of going on.
    Geometric {
        mean: f64,
        log_more: f64,
    },
    /// The first number that has a weight, and the mean.
    Table {
        first: u32,
        weights: Weights,
        mean: f64,
    },
}

impl Count {
    /// Always the same number.
    ///
    /// # Errors
    /// If it is 0.
    pub fn constant(value: u32) -> Result<Count, VariateError> {
        match value {
            0 => Err(VariateError("the number must be at least 1; 0 is not".into())),
            _ => Ok(Count(CountLaw::Constant(value))),
        }
    }

    /// 1, 2, … with that mean, each time with the same chance of one more.
    ///
    /// # Errors
    /// If the mean is below 1 or above a million.
    pub fn geometric(mean: f64) -> Result<Count, VariateError> {
        if !(1.0..=1e6).contains(&mean) {
            return Err(VariateError(format!("mean must be from 1 to 1000000; {mean} is not")));
        }
        if mean == 1.0 {
            return Count::constant(1);
        }
        Ok(Count(CountLaw::Geometric { mean, log_more: libm::log1p(-1.0 / mean) }))
    }

    /// 1 more than a Poisson draw of that mean.
    ///
    /// # Errors
    /// If the mean is negative or above a million.
    pub fn poisson(mean: f64) -> Result<Count, VariateError> {
        if !(0.0..=1e6).contains(&mean) {
            return Err(VariateError(format!("mean must be from 0 to 1000000; {mean} is not")));
        }
        if mean == 0.0 {
            return Count::constant(1);
        }
        // All numbers within reach of a draw: the tails beyond hold less than 2⁻⁵³.
        let reach = 10.0 * libm::sqrt(mean) + 40.0;
        let (first, last) = (libm::floor((mean - reach).max(0.0)), libm::ceil(mean + reach));
        let weights: Vec<f64> = (first as u32..=last as u32)
            .map(|k| libm::exp(f64::from(k) * libm::log(mean) - mean - libm::lgamma(f64::from(k) + 1.0)))
            .collect();
        Ok(Count(CountLaw::Table { first: first as u32 + 1, weights: Weights::new(&weights)?, mean: 1.0 + mean }))
    }

    /// Weights of 1, 2, 3, …
    ///
    /// # Errors
    /// If the weights make no choice ([`Weights::new`]).
    pub fn weights(weights: &[f64]) -> Result<Count, VariateError> {
        let weights = Weights::new(weights)?;
        let mean = 1.0 + weights.mean(|index| index as f64);
        Ok(Count(CountLaw::Table { first: 1, weights, mean }))
    }

    /// The mean.
    pub fn mean(&self) -> f64 {
        match &self.0 {
            CountLaw::Constant(value) => f64::from(*value),
            CountLaw::Geometric { mean, .. } | CountLaw::Table { mean, .. } => *mean,
        }
    }

    /// A draw.
    pub fn draw(&self, stream: &mut Stream) -> u32 {
        match &self.0 {
            CountLaw::Constant(value) => *value,
            // Saturates: with the largest mean allowed, 53 bits of uniform reach 37 million.
            CountLaw::Geometric { log_more, .. } => 1 + (libm::log(1.0 - stream.uniform()) / log_more) as u32,
            CountLaw::Table { first, weights, .. } => first + weights.draw(stream) as u32,
        }
    }
}

impl fmt::Display for VariateError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for VariateError {}

fn positive(name: &str, value: f64) -> Result<f64, VariateError> {
    if value.is_finite() && value > 0.0 {
        return Ok(value);
    }
    Err(VariateError(format!("{name} must be above 0 and finite; {value} is not")))
}

fn not_negative(name: &str, value: f64) -> Result<f64, VariateError> {
    if value.is_finite() && value >= 0.0 {
        return Ok(value);
    }
    Err(VariateError(format!("{name} must be finite and not negative; {value} is not")))
}

fn finite_square(name: &str, value: f64) -> Result<f64, VariateError> {
    finite_product(name, value * value)
}

fn finite_product(name: &str, value: f64) -> Result<f64, VariateError> {
    if value.is_finite() { Ok(value) } else { Err(VariateError(format!("{name} is too large"))) }
}

fn in_order(low_name: &str, low: f64, high_name: &str, high: f64) -> Result<(), VariateError> {
    if low <= high {
        return Ok(());
    }
    Err(VariateError(format!("{low_name} must not be above {high_name}; {low} is above {high}")))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernel::Streams;
    use crate::kernel::fingerprint;
    use rand::SeedableRng;
    use rand::rngs::SmallRng;
    use rand_distr::Distribution;
    use statrs::distribution::{ContinuousCDF, Discrete};

    const DRAWS: usize = 100_000;

    /// Draws of `purpose`, one per ordinal, as a run takes them.
    fn draws<T>(purpose: u32, mut draw: impl FnMut(&mut Stream) -> T) -> Vec<T> {
        let streams = Streams::new(11, 0);
        (0..DRAWS as u64).map(|ordinal| draw(&mut streams.stream(purpose, 5, ordinal))).collect()
    }

    fn sorted(mut values: Vec<f64>) -> Vec<f64> {
        values.sort_by(f64::total_cmp);
        values
    }

    /// Kolmogorov and Smirnov's distance from the distribution function, times √n; above 2.2 once in 16,000.
    #[track_caller]
    fn check_distribution(name: &str, variate: &Variate, cdf: impl Fn(f64) -> f64) {
        let values = sorted(draws(1, |stream| variate.draw(stream)));
        let n = values.len() as f64;
        let distance = values
            .iter()
            .enumerate()
            .map(|(rank, value)| (cdf(*value) - rank as f64 / n).abs().max((cdf(*value) - (rank + 1) as f64 / n).abs()))
            .fold(0.0, f64::max);
        assert!(distance * n.sqrt() < 2.2, "{name}: {}", distance * n.sqrt());
    }

    #[test]
    fn draws_follow_the_distribution_functions() {
        use statrs::distribution as known;
        let check = |name, variate: Result<Variate, VariateError>, cdf: &dyn Fn(f64) -> f64| {
            check_distribution(name, &variate.unwrap(), cdf)
        };
        let exponential = known::Exp::new(1.0 / 300.0).unwrap();
        check("exponential", Variate::exponential(300.0), &|x| exponential.cdf(x));
        let variance = (1.0 + 1.5f64 * 1.5).ln();
        let lognormal = known::LogNormal::new(360f64.ln() - variance / 2.0, variance.sqrt()).unwrap();
        check("lognormal", Variate::lognormal(360.0, 1.5), &|x| lognormal.cdf(x));
        for cv in [0.3, 1.0, 2.0] {
            let gamma = known::Gamma::new(1.0 / (cv * cv), 1.0 / (300.0 * cv * cv)).unwrap();
            check("gamma", Variate::gamma(300.0, cv), &|x| gamma.cdf(x));
        }
        // Γ(1 + 1/2) = √π / 2, Γ(1 + 1/0.5) = 2.
        let weibull = known::Weibull::new(2.0, 300.0 / (std::f64::consts::PI.sqrt() / 2.0)).unwrap();
        check("weibull", Variate::weibull(300.0, 2.0), &|x| weibull.cdf(x));
        let weibull = known::Weibull::new(0.5, 150.0).unwrap();
        check("weibull", Variate::weibull(300.0, 0.5), &|x| weibull.cdf(x));
        let uniform = known::Uniform::new(10.0, 20.0).unwrap();
        check("uniform", Variate::uniform(10.0, 20.0), &|x| uniform.cdf(x));
        for mode in [10.0, 15.0, 40.0] {
            let triangular = known::Triangular::new(10.0, 40.0, mode).unwrap();
            check("triangular", Variate::triangular(10.0, mode, 40.0), &|x| triangular.cdf(x));
        }
        let parts = vec![(7.0, Variate::exponential(300.0).unwrap()), (3.0, Variate::uniform(10.0, 20.0).unwrap())];
        check("mixture", Variate::mixture(parts), &|x| 0.7 * exponential.cdf(x) + 0.3 * uniform.cdf(x));
    }

    #[test]
    fn draws_are_spread_like_those_of_rand_distr() {
        #[track_caller]
        fn check(variate: Variate, other: impl Distribution<f64>) {
            let ours = sorted(draws(2, |stream| variate.draw(stream)));
            let theirs = sorted(other.sample_iter(SmallRng::seed_from_u64(4)).take(DRAWS).collect());
            // The same distance between two samples, at each value of ours.
            let below = ours.iter().map(|value| theirs.partition_point(|other| other < value));
            let distance = below.enumerate().map(|(rank, below)| rank.abs_diff(below)).max().unwrap();
            assert!((distance as f64) < 2.2 * (2.0 * DRAWS as f64).sqrt(), "{variate:?}: {distance}");
        }
        check(Variate::exponential(2.0).unwrap(), rand_distr::Exp::new(0.5).unwrap());
        check(Variate::lognormal(2.0, 0.7).unwrap(), rand_distr::LogNormal::from_mean_cv(2.0, 0.7).unwrap());
        check(Variate::gamma(2.0, 0.5).unwrap(), rand_distr::Gamma::new(4.0, 0.5).unwrap());
        check(Variate::gamma(2.0, 2.0).unwrap(), rand_distr::Gamma::new(0.25, 8.0).unwrap());
        check(Variate::weibull(6.0, 1.0 / 3.0).unwrap(), rand_distr::Weibull::new(1.0, 1.0 / 3.0).unwrap());
        check(Variate::triangular(1.0, 2.0, 4.0).unwrap(), rand_distr::Triangular::new(1.0, 4.0, 2.0).unwrap());
    }

    /// Pearson's chi-square of the counts of 1, 2, … against their probabilities, up to where fewer than ten are expected.
    #[track_caller]
    fn check_count(count: &Count, probability: impl Fn(u32) -> f64) {
        let values = draws(3, |stream| count.draw(stream));
        let (mut chi_square, mut degrees, mut left, mut left_expected) = (0.0, 0.0, DRAWS as f64, DRAWS as f64);
        for value in 1.. {
            let expected = probability(value) * DRAWS as f64;
            if left_expected - expected < 10.0 {
                chi_square += (left - left_expected).powi(2) / left_expected;
                break;
            }
            let found = values.iter().filter(|drawn| **drawn == value).count() as f64;
            left -= found;
            left_expected -= expected;
            if expected >= 1.0 {
                chi_square += (found - expected).powi(2) / expected;
                degrees += 1.0;
            }
        }
        let deviations: f64 = (chi_square - degrees) / (2.0 * degrees).sqrt();
        assert!(deviations.abs() < 4.0, "{count:?}: {deviations} deviations from {degrees}");
    }

    #[test]
    fn counts_come_as_often_as_they_should() {
        let geometric = statrs::distribution::Geometric::new(0.4).unwrap();
        check_count(&Count::geometric(2.5).unwrap(), |k| geometric.pmf(u64::from(k)));
        for mean in [0.3, 2.0, 40.0] {
            let poisson = statrs::distribution::Poisson::new(mean).unwrap();
            check_count(&Count::poisson(mean).unwrap(), |k| poisson.pmf(u64::from(k - 1)));
        }
        let weights = [5.0, 3.0, 2.0];
        check_count(&Count::weights(&weights).unwrap(), |k| weights.get(k as usize - 1).map_or(0.0, |w| w / 10.0));
        assert_eq!(draws(4, |stream| Count::constant(7).unwrap().draw(stream)), vec![7; DRAWS]);
    }

    #[test]
    fn means_are_what_they_say() {
        #[track_caller]
        fn check(name: &str, draws: Vec<f64>, mean: f64) {
            let n = draws.len() as f64;
            let found = draws.iter().sum::<f64>() / n;
            let variance = draws.iter().map(|drawn| (drawn - found).powi(2)).sum::<f64>() / n;
            assert!((found - mean).abs() <= 4.0 * (variance / n).sqrt(), "{name}: {found} for {mean}");
        }
        for (name, variate) in fingerprint::variates() {
            if variate.is_never() {
                assert_eq!(variate.mean(), f64::INFINITY, "{name}");
                continue;
            }
            check(name, draws(5, |stream| variate.draw(stream)), variate.mean());
        }
        for (name, count) in fingerprint::counts() {
            check(name, draws(6, |stream| f64::from(count.draw(stream))), count.mean());
        }
        assert_eq!(Variate::gamma(300.0, 2.0).unwrap().mean(), 300.0);
        assert_eq!(Variate::triangular(1.0, 2.0, 6.0).unwrap().mean(), 3.0);
        assert_eq!(Variate::empirical(vec![1.0, 2.0, 6.0], vec![2.0, 1.0, 1.0]).unwrap().mean(), 2.5);
    }

    #[test]
    fn draws_rise_with_their_uniform() {
        // What makes common random numbers common: of two streams the one with the larger uniform has the larger draw.
        let by_level = |variate: &Variate| {
            let mut pairs = draws(7, |stream| (stream.clone().uniform(), variate.draw(stream)));
            pairs.sort_by(|a, b| a.0.total_cmp(&b.0));
            pairs.into_iter().map(|(_, drawn)| drawn).collect::<Vec<f64>>()
        };
        for (name, variate) in fingerprint::variates() {
            if !["gamma", "gamma below 1", "mixture"].contains(&name) {
                assert!(by_level(&variate).is_sorted(), "{name}");
            }
        }
    }

    #[test]
    fn no_variation_is_the_mean_itself() {
        let mut stream = Streams::new(1, 1).stream(1, 1, 1);
        for variate in [
            Variate::lognormal(4.0, 0.0),
            Variate::gamma(4.0, 0.0),
            Variate::gamma(4.0, 1e-200),
            Variate::uniform(4.0, 4.0),
            Variate::triangular(4.0, 4.0, 4.0),
            Variate::empirical(vec![4.0], vec![]),
            Variate::mixture(vec![(0.0, Variate::never()), (2.0, Variate::constant(4.0))]),
        ] {
            let variate = variate.unwrap();
            assert_eq!((variate.mean(), variate.draw(&mut stream)), (4.0, 4.0), "{variate:?}");
        }
    }

    #[test]
    fn never_is_never() {
        let mut stream = Streams::new(1, 1).stream(1, 1, 1);
        for variate in [
            Variate::never(),
            Variate::constant(f64::INFINITY),
            Variate::mixture(vec![(1.0, Variate::never()), (0.0, Variate::constant(1.0))]).unwrap(),
        ] {
            assert!(variate.is_never() && variate.draw_span(&mut stream).is_none(), "{variate:?}");
        }
        let sometimes = Variate::mixture(vec![(0.5, Variate::never()), (0.5, Variate::constant(1.0))]).unwrap();
        assert!(!sometimes.is_never() && sometimes.mean() == f64::INFINITY);
        let spans = draws(8, |stream| sometimes.draw_span(stream));
        let nevers = spans.iter().filter(|span| span.is_none()).count();
        assert!(nevers.abs_diff(DRAWS / 2) < 4 * 158, "{nevers}");
    }

    #[test]
    fn spans_are_rounded_to_the_microsecond() {
        let mut stream = Streams::new(1, 1).stream(1, 1, 1);
        let mut span = |seconds| Variate::constant(seconds).draw_span(&mut stream).unwrap();
        assert_eq!(span(1.234_567_6).as_micros(), 1_234_568);
        assert_eq!((span(0.0), span(1e300)), (Span::ZERO, Span::MAX));
    }

    #[test]
    fn extreme_parameters_draw_numbers() {
        let extremes = [
            Variate::lognormal(1.0, 1e150),
            Variate::gamma(1.0, 1e-8),
            Variate::gamma(1.0, 1e3),
            Variate::weibull(1.0, 0.01),
            Variate::weibull(1.0, 1000.0),
            Variate::exponential(1e300),
            Variate::uniform(0.0, f64::MAX),
            Variate::triangular(0.0, 1e-300, 1e300),
        ];
        for variate in extremes {
            let variate = variate.unwrap();
            let drawn = draws(9, |stream| variate.draw(stream));
            assert!(drawn.iter().all(|value| *value >= 0.0), "{variate:?}");
        }
        let most = draws(9, |stream| Count::geometric(1e6).unwrap().draw(stream)).into_iter().max();
        assert!((5_000_000..40_000_000).contains(&most.unwrap()), "{most:?}");
    }

    #[test]
    fn parameters_that_make_no_distribution_say_why() {
        let why = |variate: Result<Variate, VariateError>| variate.unwrap_err().0;
        assert_eq!(why(Variate::exponential(0.0)), "mean must be above 0 and finite; 0 is not");
        assert_eq!(why(Variate::exponential(f64::NAN)), "mean must be above 0 and finite; NaN is not");
        assert_eq!(why(Variate::lognormal(-1.0, 1.0)), "mean must be above 0 and finite; -1 is not");
        assert_eq!(why(Variate::lognormal(1.0, -0.1)), "cv must be finite and not negative; -0.1 is not");
        assert_eq!(why(Variate::lognormal(1.0, 1e200)), "cv is too large");
        assert_eq!(why(Variate::gamma(1.0, f64::INFINITY)), "cv must be finite and not negative; inf is not");
        assert_eq!(why(Variate::weibull(1.0, 0.001)), "shape must be from 0.01 to 1000; 0.001 is not");
        assert_eq!(why(Variate::weibull(1.0, f64::NAN)), "shape must be from 0.01 to 1000; NaN is not");
        assert_eq!(why(Variate::uniform(2.0, 1.0)), "min must not be above max; 2 is above 1");
        assert_eq!(why(Variate::uniform(-2.0, 1.0)), "min must be finite and not negative; -2 is not");
        assert_eq!(why(Variate::triangular(1.0, 5.0, 4.0)), "mode must not be above max; 5 is above 4");
        assert_eq!(why(Variate::triangular(1.0, 0.5, 4.0)), "min must not be above mode; 1 is above 0.5");
        assert_eq!(why(Variate::empirical(vec![], vec![])), "values must not be empty");
        assert_eq!(
            why(Variate::empirical(vec![1.0, -1.0], vec![])),
            "a value must be finite and not negative; -1 is not"
        );
        assert_eq!(
            why(Variate::empirical(vec![1.0], vec![1.0, 2.0])),
            "each value needs one weight; there are 1 values and 2 weights"
        );
        assert_eq!(why(Variate::empirical(vec![1.0], vec![0.0])), "at least one weight must be above 0");
        assert_eq!(why(Variate::mixture(vec![])), "a mixture needs at least one part");
        let why = |count: Result<Count, VariateError>| count.unwrap_err().0;
        assert_eq!(why(Count::constant(0)), "the number must be at least 1; 0 is not");
        assert_eq!(why(Count::geometric(0.5)), "mean must be from 1 to 1000000; 0.5 is not");
        assert_eq!(why(Count::poisson(-1.0)), "mean must be from 0 to 1000000; -1 is not");
        assert_eq!(why(Count::poisson(f64::INFINITY)), "mean must be from 0 to 1000000; inf is not");
        assert_eq!(why(Count::weights(&[])), "weights must not be empty");
    }
}
