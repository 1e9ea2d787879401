//! From results to bytes.
//!
//! Reading order: [`json()`] for machines, [`page()`] for planners, [`export`] for analysts.

pub mod export;
mod json;
mod page;
mod quantity;
#[cfg(test)]
mod samples;

pub use json::{SCHEMA, json};
pub use page::{Style, WIDTH, page};
