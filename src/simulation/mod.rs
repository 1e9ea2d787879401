//! One run: people act, the desk answers, observers watch.

mod model;
mod names;
mod step;

pub use model::{Model, RunPlan};
pub use names::Names;
pub use step::{Input, Observer, Step};
