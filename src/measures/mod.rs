//! From the steps of one run to its numbers.
//!
//! Reading order: [`catalog`] says what every metric means; [`Measures`] watches a run and tells the families (tickets,
//! SLA, customers, queue, agents, balance) what happened; `window` says what of the run counts; [`Sheet`] holds the
//! figures. [`Course`] and [`Diary`] watch what a report with charts shows beside them. The desk counts nothing for
//! statistics: all of it comes from effects, and from how agents stand after a step.

mod agents;
mod balance;
mod cast;
pub mod catalog;
mod cells;
mod course;
mod customer;
mod diary;
mod fold;
mod level;
mod levels;
mod live;
mod queue;
mod sheet;
mod sla;
mod tickets;
mod timing;
mod window;

pub use agents::{AGENT_ROWS, AgentWork};
pub use cast::Cast;
pub use catalog::{Batching, Better, Label, Metric, MetricId, Selector, SelectorError, Unit, find, nearest};
pub use course::{Course, Ends, HALF_HOURS, Quantity, Stretches, WEEK_HOURS};
pub use diary::{Changes, DIARY_AGENTS, Diary, DiaryAgent, DiaryStatus};
pub use fold::Measures;
pub use levels::Levels;
pub use sheet::{Key, Scope, Sheet};

/// A part of a whole; nothing has no share.
fn share(part: u64, whole: u64) -> Option<f64> {
    (whole > 0).then(|| part as f64 / whole as f64)
}
