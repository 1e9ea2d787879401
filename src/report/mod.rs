//! From results to bytes.
//!
//! Reading order: [`json()`] for machines, and [`read()`] back from it; [`page()`] for planners, as text; of a check
//! [`check_json`], [`check_page`], [`junit`] and [`markdown`]; `comparison` for several contenders side by side; `bench` for the
//! board of policies; `sweep` for the cells of a grid; `staff` for the least staff; [`export`] for analysts; [`story_json`] and
//! [`story_page`] for a ticket's card and life; [`dashboard_page`] for the desk at an instant. [`html()`] has charts, for a browser, and so have its like for experiments: `chart` draws
//! them, `run_charts` says which there are of a run, and [`Plots`] has them one by one.

mod axis_words;
mod bench;
mod bench_html;
mod chart;
mod check;
mod check_html;
mod compare_html;
mod compare_markdown;
mod comparison;
mod dashboard;
mod explain;
pub mod export;
mod html;
mod json;
mod junit;
mod long_csv;
mod markdown;
mod notes;
mod outline;
mod page;
mod plots;
mod quantity;
mod read;
mod run_charts;
mod run_csv;
mod run_markdown;
#[cfg(test)]
mod samples;
mod saved;
mod sound;
mod staff;
mod staff_html;
mod staff_markdown;
mod sweep;
mod sweep_charts;
mod sweep_markdown;
mod table;
mod unsettled;

pub use bench::{bench_csv, bench_json, bench_markdown, bench_page};
pub use bench_html::bench_html;
pub use check::{check_json, check_page};
pub use check_html::check_html;
pub use compare_html::comparison_html;
pub use compare_markdown::comparison_markdown;
pub use comparison::{comparison_csv, comparison_json, comparison_page};
pub use dashboard::{dashboard_json, dashboard_markdown, dashboard_page};
pub use explain::{Circumstances, story_json, story_markdown, story_page};
pub use html::html;
pub use json::{SCHEMA, json, json_with_picture};
pub use junit::junit;
pub use markdown::markdown;
pub use notes::notes;
pub(crate) use page::wrapped;
pub use page::{Style, WIDTH, page, page_with_picture};
pub use plots::{Plot, Plots};
pub use read::{ReadError, read};
pub use run_csv::{run_csv, values_csv};
pub use run_markdown::run_markdown;
pub use saved::Saved;
pub use staff::{staff_csv, staff_json, staff_page};
pub use staff_html::staff_html;
pub use staff_markdown::staff_markdown;
pub use sweep::{ReplicationRows, cell_json, read_cell, sweep_csv, sweep_json, sweep_page};
pub use sweep_charts::sweep_html;
pub use sweep_markdown::sweep_markdown;
