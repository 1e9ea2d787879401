//! From results to bytes.
//!
//! Reading order: [`json()`] for machines, [`page()`] for planners; of a check [`check_json`], [`check_page`], [`junit`] and
//! [`markdown`]; `comparison` for several contenders side by side; `bench` for the board of policies; `sweep` for the cells of a
//! grid; [`export`] for analysts.

mod bench;
mod check;
mod comparison;
pub mod export;
mod json;
mod junit;
mod markdown;
mod outline;
mod page;
mod quantity;
#[cfg(test)]
mod samples;
mod sweep;
mod table;

pub use bench::{bench_json, bench_markdown, bench_page};
pub use check::{check_json, check_page};
pub use comparison::{comparison_csv, comparison_json, comparison_page};
pub use json::{SCHEMA, json};
pub use junit::junit;
pub use markdown::markdown;
pub use page::{Style, WIDTH, page};
pub use sweep::{ReplicationRows, cell_json, read_cell, sweep_csv, sweep_json, sweep_page};
