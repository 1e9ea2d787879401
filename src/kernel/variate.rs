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
    pub fn draw(&self, stream: &mut Stream) -> f64 {
        match &self.0 {
            Law::Never => f64::INFINITY,
            Law::Constant(value) => *value,
            Law::Exponential { mean } => mean * standard_exponential(stream),
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
    let (width, rise) = (max - min, mode - min);
    if level * width < rise {
        min + libm::sqrt(level * width * rise)
    } else {
        max - libm::sqrt((1.0 - level) * width * (max - mode))
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
