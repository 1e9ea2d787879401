//! Where time moves: agenda, random streams, variates. Has never heard of tickets.

mod agenda;
mod stream;
mod variate;

pub use agenda::Agenda;
pub use stream::{Stream, Streams};
pub use variate::{Count, Variate, VariateError};
