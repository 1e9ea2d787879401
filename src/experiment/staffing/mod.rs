//! The least staff that meets the targets.
//!
//! Reading order: `plan` (what may vary, and what must hold), `start` (where Erlang's formulas would begin), `judge` (one desk's
//! replications against the targets), `search` (which desk to look at next; knows nothing of desks) and `answer` (the whole:
//! trials, the proof on other customers, and what it came to).

mod answer;
mod judge;
mod plan;
mod search;
mod start;

pub use answer::{Approach, Proof, Scope, Staffed, Staffing, staff};
pub use judge::{DeskVerdict, TargetFigure, TargetVerdict};
pub use plan::{Holds, StaffCount, StaffPlan, StaffTarget};
pub use start::{Formula, PeakLoad, Team};
