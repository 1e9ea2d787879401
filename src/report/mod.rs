//! From results to bytes.
//!
//! Reading order: [`json()`] for machines, [`page()`] for planners; `sweep` for the cells of a grid.

mod json;
mod page;
mod quantity;
#[cfg(test)]
mod samples;
mod sweep;
mod table;

pub use json::{SCHEMA, json};
pub use page::{Style, WIDTH, page};
pub use sweep::{ReplicationRows, cell_json, read_cell, sweep_csv, sweep_json, sweep_page};
