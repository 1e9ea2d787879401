//! One run: people act, the desk answers, observers watch.
//!
//! Reading order: [`Model`] (what is run), [`Step`] and [`Observer`] (what is seen of it), [`simulate`] (the loop) and
//! [`Digest`] (a fingerprint of all that was seen), [`SlaClocks`] (what SLA timers have counted); then the log ([`Trace`], [`replay`]) and cases ([`Case`]), which put
//! commands through a desk without people; and [`Storyteller`], which says why a ticket went where it went.

mod case;
mod digest;
mod explain;
mod journal;
pub mod limits;
mod model;
mod names;
mod run;
#[cfg(test)]
pub(crate) mod sample;
mod sla_clocks;
mod step;
#[cfg(test)]
mod tests;

pub use crate::workload::Expected;
pub(crate) use case::syntax_help;
pub use case::{Case, CaseFailure, DeskPlace, Flaw};
pub use digest::Digest;
pub use explain::{
    Alternative, Amount, Because, Candidate, Choice, Contender, Decision, Exclusion, KeyValue, LeftOut, Moment,
    Routing, Standings, Story, Storyteller, What,
};
pub use journal::{
    Bench, COMMANDS, DecodeError, Difference, Divergence, Dry, LogError, ReadChange, Replayed, Resolve, Trace,
    decode_at, decode_command, decode_value, diverge, replay, write_effect,
};
pub(crate) use journal::{command_text, ticket_number};
pub use limits::{RunError, RunLimit};
pub use model::{Model, RunPlan};
pub(crate) use names::listed;
pub use names::{Names, Speaker, nearest, offer};
pub use run::{Outcome, PARTS, simulate, simulate_until};
pub use sla_clocks::SlaClocks;
pub use step::{Input, Observer, Step};
