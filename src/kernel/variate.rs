//! Distributions as variates: inverse transforms on `libm`, the same bits on every machine.

use super::Stream;
use crate::time::Span;

/// A distribution of a quantity that is not negative: a duration in seconds, or a plain factor.
#[derive(Clone, Debug)]
pub struct Variate {}

/// A distribution of whole numbers from 1.
#[derive(Clone, Debug)]
pub struct Count {}

/// Why parameters make no distribution, in words for the person who wrote them.
#[derive(Clone, Debug, PartialEq)]
pub struct VariateError(pub String);

#[allow(missing_docs, unused_variables, clippy::missing_errors_doc)]
impl Variate {
    pub fn never() -> Variate {
        todo!()
    }
    pub fn constant(value: f64) -> Variate {
        todo!()
    }
    pub fn exponential(mean: f64) -> Result<Variate, VariateError> {
        todo!()
    }
    pub fn lognormal(mean: f64, cv: f64) -> Result<Variate, VariateError> {
        todo!()
    }
    pub fn gamma(mean: f64, cv: f64) -> Result<Variate, VariateError> {
        todo!()
    }
    pub fn weibull(mean: f64, shape: f64) -> Result<Variate, VariateError> {
        todo!()
    }
    pub fn uniform(min: f64, max: f64) -> Result<Variate, VariateError> {
        todo!()
    }
    pub fn triangular(min: f64, mode: f64, max: f64) -> Result<Variate, VariateError> {
        todo!()
    }
    /// `weights` empty: all alike.
    pub fn empirical(values: Vec<f64>, weights: Vec<f64>) -> Result<Variate, VariateError> {
        todo!()
    }
    pub fn mixture(parts: Vec<(f64, Variate)>) -> Result<Variate, VariateError> {
        todo!()
    }
    /// The mean; infinite where it may be never.
    pub fn mean(&self) -> f64 {
        todo!()
    }
    /// Whether it is always never.
    pub fn is_never(&self) -> bool {
        todo!()
    }
    /// A draw; `f64::INFINITY` is never.
    pub fn draw(&self, stream: &mut Stream) -> f64 {
        todo!()
    }
    /// A draw in seconds as a span; `None` is never.
    pub fn draw_span(&self, stream: &mut Stream) -> Option<Span> {
        todo!()
    }
}

#[allow(missing_docs, unused_variables, clippy::missing_errors_doc)]
impl Count {
    pub fn constant(value: u32) -> Result<Count, VariateError> {
        todo!()
    }
    /// 1, 2, … with that mean.
    pub fn geometric(mean: f64) -> Result<Count, VariateError> {
        todo!()
    }
    /// 1 more than a Poisson draw of that mean.
    pub fn poisson(mean: f64) -> Result<Count, VariateError> {
        todo!()
    }
    /// Weights of 1, 2, 3, …
    pub fn weights(weights: &[f64]) -> Result<Count, VariateError> {
        todo!()
    }
    pub fn mean(&self) -> f64 {
        todo!()
    }
    pub fn draw(&self, stream: &mut Stream) -> u32 {
        todo!()
    }
}
