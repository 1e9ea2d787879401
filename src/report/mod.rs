//! From results to bytes.
//!
//! Reading order: [`json()`] for machines, [`page()`] for planners; `comparison` says several contenders side by side,
//! `bench` the board of policies.

mod bench;
mod comparison;
mod json;
mod outline;
mod page;
mod quantity;
#[cfg(test)]
mod samples;

pub use bench::{bench_json, bench_markdown, bench_page};
pub use comparison::{comparison_csv, comparison_json, comparison_page};
pub use json::{SCHEMA, json};
pub use page::{Style, WIDTH, page};
