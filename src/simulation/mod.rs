//! One run: people act, the desk answers, observers watch.
//!
//! Reading order: [`Model`], [`Step`] and [`Observer`], then the log ([`Trace`], [`replay`]) and cases ([`Case`]), which put commands
//! through a desk without people.

mod case;
mod journal;
mod model;
mod names;
mod step;

pub use case::{Case, CaseFailure, Flaw};
pub use journal::{
    Bench, COMMANDS, DecodeError, Difference, Dry, LogError, ReadChange, Replayed, Resolve, Trace, decode_at,
    decode_command, decode_value, replay, write_effect,
};
pub use model::{Model, RunPlan};
pub use names::{Names, nearest};
pub use step::{Input, Observer, Step};
