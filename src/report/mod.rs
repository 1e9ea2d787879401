//! From results to bytes.
//!
//! Reading order: [`json()`] for machines, [`page()`] for planners; `comparison` says several contenders side by side.

mod comparison;
mod json;
mod page;
mod quantity;
#[cfg(test)]
mod samples;

pub use comparison::{comparison_csv, comparison_json, comparison_page};
pub use json::{SCHEMA, json};
pub use page::{Style, WIDTH, page};
