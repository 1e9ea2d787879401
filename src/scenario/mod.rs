//! From a TOML file to a [`crate::simulation::Model`], with every problem reported at once.
//!
//! Reading order: [`load`] leads through the rest. A [`Source`] is parsed into a document of values with their places;
//! `overrides` change it (`--set`, variants, sweeps); `read` and `schema` give it the file's shape, with the units of `unit`;
//! `lower` turns that into the types of the other rooms. `base` makes many scenarios of one document. Each step collects what is wrong in one list, which `diagnostic` renders.

mod base;
mod diagnostic;
mod document;
mod json_schema;
mod load;
mod lower;
mod overrides;
mod policies;
mod read;
mod schema;
mod source;
mod suite;
mod template;
mod unit;

pub use base::{Base, Grid};
pub use diagnostic::{Position, Problem, Problems};
pub use json_schema::json_schema;
pub use load::{Part, Scenario, load, load_at};
pub use lower::{Precision, SweepAxis, Tolerance, Variant, Vocabulary};
pub use policies::{OwnPolicy, load_policies, ready_made_policies};
pub use source::{NamedFileError, Source};
pub use suite::SUITE;
pub use template::TEMPLATE;
