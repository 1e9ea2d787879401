//! From results to bytes.
//!
//! Reading order: [`json()`] for machines, [`page()`] for planners; of a check [`check_json`], [`check_page`], [`junit`] and
//! [`markdown`]; of a ticket's life [`story_json`] and [`story_page`].

mod check;
mod explain;
mod json;
mod junit;
mod markdown;
mod page;
mod quantity;
#[cfg(test)]
mod samples;

pub use check::{check_json, check_page};
pub use explain::{Circumstances, story_json, story_page};
pub use json::{SCHEMA, json};
pub use junit::junit;
pub use markdown::markdown;
pub use page::{Style, WIDTH, page};
