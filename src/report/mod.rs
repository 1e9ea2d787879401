//! From results to bytes.
//!
//! Reading order: [`json()`] for machines, and [`read()`] back from it; [`page()`] for planners, as text; of a check
//! [`check_json`], [`check_page`], [`junit`] and [`markdown`]; `comparison` for several contenders side by side; `sweep` for the cells of a grid; [`html()`] with charts, for a
//! browser, and its like for experiments: `chart` draws them, `run_charts` says which there are of a run, and [`Plots`] has
//! them one by one.

mod axis_words;
mod chart;
mod check;
mod check_html;
mod compare_html;
mod comparison;
mod html;
mod json;
mod junit;
mod markdown;
mod page;
mod plots;
mod quantity;
mod read;
mod run_charts;
mod run_markdown;
#[cfg(test)]
mod samples;
mod sweep;
mod sweep_charts;
mod table;

pub use check::{check_json, check_page};
pub use check_html::check_html;
pub use compare_html::comparison_html;
pub use comparison::{comparison_csv, comparison_json, comparison_page};
pub use html::html;
pub use json::{SCHEMA, json, json_with_picture};
pub use junit::junit;
pub use markdown::markdown;
pub use page::{Style, WIDTH, page};
pub use plots::{Plot, Plots, png};
pub use read::{ReadError, read};
pub use run_markdown::run_markdown;
pub use sweep::{ReplicationRows, cell_json, read_cell, sweep_csv, sweep_json, sweep_page};
pub use sweep_charts::sweep_html;
