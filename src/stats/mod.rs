//! Plain numerics, no domain: tallies, quantiles, intervals, tests, warm-up, time averages, inequality, Erlang's closed forms.
//!
//! Whatever crosses replications or threads is added as whole numbers or in a fixed order, and transcendental functions
//! come from `libm`, so figures are the same bits on every machine. Read `tally`, `interval` and `quantile` for figures over
//! replications, `binomial` for shares of them, `histogram` and `integral` for those within one; `paired`, `holm` and `power` for comparisons; `warmup`,
//! `batches` and `trend` for long runs; `erlang` for what theory says of them. `student` is what the tests stand on.

mod batches;
mod binomial;
mod erlang;
mod histogram;
mod holm;
mod inequality;
mod integral;
mod interval;
mod paired;
mod power;
mod quadrature;
mod quantile;
mod special;
mod student;
mod tally;
mod trend;
mod warmup;

pub use batches::{Part, Steps, quantile_interval, ratio_interval};
pub use binomial::{share_at_least, share_at_most};
pub use erlang::{ErlangA, ErlangC, erlang_b};
pub use histogram::Histogram;
pub use holm::holm;
pub use inequality::{coefficient_of_variation, gini, jain, max_over_mean};
pub use integral::TimeIntegral;
pub use interval::{FEWEST_BELIEVED, Interval, mean_interval, replications_needed, skewed_interval, student_quantile};
pub use paired::{Paired, alike_needed};
pub use power::{MOST_PAIRS, Sides, detectable, pairs_needed, power};
pub use quantile::{TAILS, quantile, tails};
pub use student::{Student, noncentral_above};
pub use tally::Tally;
pub use trend::slope;
pub use warmup::{MSER_BATCH, Truncation, mser5};
