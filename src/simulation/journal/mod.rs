//! The log (RULES, Log): commands in, effects out, one line of JSON each.
//!
//! [`Trace`] writes the log of a run, [`decode_command`] reads a command, [`replay`] puts a log through a desk, and
//! [`diverge`] finds where a run and the log of an earlier one part. [`Bench`] is the desk that logs and cases share: it
//! acts on deadlines between commands and keeps what commands name by number.

mod bench;
mod decode;
mod diverge;
mod encode;
mod replay;
mod spot;
#[cfg(test)]
mod tests;
mod trace;

pub use bench::{Bench, ReadChange};
pub use decode::{COMMANDS, DecodeError, Dry, Resolve, decode_at, decode_command, decode_value};
pub(crate) use decode::{kind_of, ticket_number};
pub use diverge::{Divergence, diverge};
pub use encode::write_effect;
pub(crate) use encode::{EFFECTS, command_text, write_instant};
pub use replay::{Difference, LogError, Replayed, replay};
pub use trace::Trace;
