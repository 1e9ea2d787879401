//! From results to bytes.
//!
//! Reading order: [`json()`] for machines, and [`read()`] back from it; [`page()`] for planners, as text; [`html()`] with
//! charts, for a browser; `chart` draws them, `run_charts` says which there are of a run, and [`Plots`] has them one by one.

mod chart;
mod html;
mod json;
mod page;
mod plots;
mod quantity;
mod read;
mod run_charts;
#[cfg(test)]
mod samples;

pub use html::html;
pub use json::{SCHEMA, json, json_with_picture};
pub use page::{Style, WIDTH, page};
pub use plots::{Plot, Plots, png};
pub use read::{ReadError, read};
