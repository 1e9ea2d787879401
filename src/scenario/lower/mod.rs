//! From the file's shape to the types of the other rooms, collecting what does not fit together.
//!
//! Reading order: [`Lowering`] goes through the file once, names first; `vocabulary` finds names and lowers what may change while a
//! desk runs (channel settings); `desk` lowers the organisation, `people` agents and customers, `recorded` the CSV files that they
//! name, `script` the events, `goals` what other commands than `run` ask for.

mod desk;
mod goals;
mod lowering;
mod people;
mod recorded;
mod script;
mod vocabulary;

pub(super) use goals::{Change, twice};
pub use goals::{Precision, SweepAxis, Tolerance, Variant};
pub(super) use lowering::{Lowered, Lowering};
pub use vocabulary::Vocabulary;
