//! One run: people act, the desk answers, observers watch.
//!
//! Reading order: [`Model`] (what is run), [`Step`] and [`Observer`] (what is seen of it), [`simulate`] (the loop), then
//! [`Digest`] (a fingerprint of all that was seen).

mod digest;
mod model;
mod names;
mod run;
mod step;

pub use digest::Digest;
pub use model::{Model, RunPlan};
pub use names::Names;
pub use run::{Outcome, simulate};
pub use step::{Input, Observer, Step};
