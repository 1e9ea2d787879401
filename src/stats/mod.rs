//! Plain numerics, no domain: tallies, quantiles, intervals, time averages, inequality, Erlang's closed forms.
//!
//! Whatever crosses replications or threads is added as whole numbers or in a fixed order, and transcendental functions
//! come from `libm`, so figures are the same bits on every machine. Read `tally` and `interval` for figures over
//! replications, `histogram` and `integral` for those within one, `erlang` for what theory says of them.

mod erlang;
mod histogram;
mod inequality;
mod integral;
mod interval;
mod special;
mod tally;

pub use erlang::{ErlangA, ErlangC, erlang_b};
pub use histogram::Histogram;
pub use inequality::{coefficient_of_variation, gini, jain, max_over_mean};
pub use integral::TimeIntegral;
pub use interval::{Interval, mean_interval, student_quantile};
pub use tally::Tally;
