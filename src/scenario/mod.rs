//! From a TOML file to a [`crate::simulation::Model`], with every problem reported at once.
//!
//! Reading order: [`Source`] is parsed into a document of values with their places; `overrides` change it (`--set`,
//! variants, sweeps); `read` and `schema` give it the file's shape; `lower` turns that into the types of the other rooms.
//! Each step collects what is wrong in one list, which `diagnostic` renders.

mod diagnostic;
mod document;
mod read;
mod schema;
mod source;
mod unit;

pub use diagnostic::{Position, Problem, Problems};
pub use source::Source;
