//! What a run knows only at its end, and rows are to say before.

use crate::desk::{Desk, Effect, TicketId};
use crate::simulation::{Model, Observer, RunError, Step, simulate_until};
use crate::time::Instant;
use rustc_hash::FxHashMap;

/// How often each ticket of a run will be reopened.
///
/// A run is the same each time, so it is walked through once to learn this, and again to write rows as their cycles
/// end. That costs as long again, and a few bytes for each reopened ticket, where keeping rows until the end would
/// cost all of them.
#[derive(Clone, Default, Debug)]
pub struct Hindsight {
    /// By number; tickets that are never reopened are not in it.
    reopens: FxHashMap<u32, u32>,
    /// Nothing was looked at.
    unknown: bool,
}

impl Hindsight {
    /// Walks through a run, which `also` may watch.
    ///
    /// # Errors
    /// If the run passes a limit.
    pub fn of(model: &Model, seed: u64, replication: u32, also: &mut impl Observer) -> Result<Hindsight, RunError> {
        Hindsight::until(model, seed, replication, Instant::ZERO + model.run.duration, also)
    }

    /// Walks through a run up to, and without, an instant.
    ///
    /// # Errors
    /// If the run passes a limit.
    pub fn until(
        model: &Model,
        seed: u64,
        replication: u32,
        until: Instant,
        also: &mut impl Observer,
    ) -> Result<Hindsight, RunError> {
        let mut hindsight = Hindsight::default();
        simulate_until(model, seed, replication, until, &mut (&mut hindsight, also))?;
        Ok(hindsight)
    }

    /// Of what can be walked through only once, such as a log: rows then say how often their ticket was reopened so far.
    pub fn none() -> Hindsight {
        Hindsight { unknown: true, ..Hindsight::default() }
    }

    /// How often the ticket is reopened in the whole run, as far as is known when the cycle begins.
    pub(super) fn reopens_in(&self, ticket: TicketId, cycle: u32) -> u32 {
        if self.unknown { cycle - 1 } else { self.reopens(ticket) }
    }

    /// Whether something about the ticket is to be kept once it is closed.
    pub(super) fn returns(&self, ticket: TicketId) -> bool {
        self.unknown || self.reopens(ticket) > 0
    }

    /// How often the ticket is reopened in the whole run.
    pub fn reopens(&self, ticket: TicketId) -> u32 {
        self.reopens.get(&ticket.number).copied().unwrap_or(0)
    }
}

impl Observer for Hindsight {
    fn step(&mut self, step: &Step<'_>, _desk: &Desk) {
        for effect in step.effects {
            if let Effect::Reactivated { ticket, cycle } = *effect {
                self.reopens.insert(ticket.number, cycle - 1);
            }
        }
    }
}
