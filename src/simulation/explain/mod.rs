//! Why a ticket went where it went.
//!
//! Nothing here asks the desk's indexes. [`Standings`] follow the steps of a run and keep, from effects alone, what the
//! policies' keys are defined by (RULES, Policies); between two effects of one step they stand exactly where the desk
//! stood. [`Standings::decide`] then goes through ASG-1 user by user, and through the keys of any policy. [`Storyteller`]
//! does so for one ticket, and tells its life.

mod choice;
mod standings;
mod story;

pub use choice::{Amount, Because, Candidate, Choice, Decision, Exclusion};
pub use standings::Standings;
pub use story::{Alternative, Contender, KeyValue, LeftOut, Moment, Routing, Story, Storyteller, What};
