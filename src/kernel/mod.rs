//! Where time moves: agenda, random streams, variates. Has never heard of tickets.
//!
//! Read `agenda` for the order of events, `stream` for how a draw is found by name, `variate` for what is drawn.

mod agenda;
mod fingerprint;
mod normal;
mod stream;
mod variate;
mod weights;
mod wheel;

pub use agenda::Agenda;
pub use fingerprint::fingerprint;
pub use stream::{Stream, Streams};
pub use variate::{Count, Variate, VariateError};
pub use weights::Weights;
