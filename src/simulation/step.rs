//! What an observer sees of a run.

use crate::desk::{Command, Desk, Effect, Refusal, UserId};
use crate::time::Instant;

/// One step of a run: something was asked of the desk, or a deadline fell due, and this came of it.
#[derive(Clone, Copy, Debug)]
pub struct Step<'a> {
    /// When.
    pub now: Instant,
    /// What set it off.
    pub input: Input,
    /// The class of the customer who acted, where one did.
    pub customer: Option<u16>,
    /// Why it was refused, if it was; then there are no effects.
    pub refused: Option<Refusal>,
    /// What happened, in order.
    pub effects: &'a [Effect],
}

/// What set a step off.
#[derive(Clone, Copy, Debug)]
pub enum Input {
    /// A command.
    Command(Command),
    /// A deadline of the desk's own.
    Deadline,
}

/// Watches a run without touching it.
pub trait Observer {
    /// The run begins; the desk is as it opened.
    fn start(&mut self, _now: Instant, _desk: &Desk) {}
    /// A step was taken; the desk is as it is after it.
    fn step(&mut self, step: &Step<'_>, desk: &Desk);
    /// An agent works on this many replies at once from now on.
    fn work(&mut self, _now: Instant, _user: UserId, _in_hand: u16) {}
    /// The run is over.
    fn finish(&mut self, _now: Instant, _desk: &Desk) {}
}
