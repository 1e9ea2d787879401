//! The messages of a run (EXP-2), and which of them are wanted.

use super::correspondence::{Correspondence, Happening};
use super::{Filter, Hindsight, Ledger, Message, TicketRow};
use crate::desk::Desk;
use crate::measures::Cast;
use crate::simulation::{Model, Observer, RunError, Step, simulate_until};
use crate::time::Instant;
use rustc_hash::FxHashSet;

/// Gives a run's messages to a sink as they are sent; give it to the run as its observer.
#[derive(Clone, Debug)]
pub struct Messages<S> {
    sink: S,
    correspondence: Correspondence,
}

impl<S: FnMut(&Message)> Messages<S> {
    /// The messages of one run.
    pub fn new(sink: S) -> Messages<S> {
        Messages { sink, correspondence: Correspondence::default() }
    }
}

impl<S: FnMut(&Message)> Observer for Messages<S> {
    fn step(&mut self, step: &Step<'_>, desk: &Desk) {
        if step.refused.is_some() {
            return;
        }
        self.correspondence.walk(step, desk, |happening| match happening {
            Happening::Message(message) => (self.sink)(&message),
            Happening::Effect(_) => {}
        });
    }
}

/// The messages that a filter wants: those sent in its range of dates, of the cycles whose rows fit it otherwise.
///
/// How a cycle ends is known only then, and its messages come before, so where anything but dates and channels is asked
/// for, the run is walked through first, at a bit for each ticket.
#[derive(Clone, Debug)]
pub struct Wanted<'a> {
    filter: &'a Filter,
    cycles: Option<Cycles>,
}

/// A set of cycles.
#[derive(Clone, Default, Debug)]
struct Cycles {
    /// First cycles, by ticket number.
    first: Vec<u64>,
    /// Further ones, by ticket number and cycle.
    later: FxHashSet<(u32, u32)>,
}

impl<'a> Wanted<'a> {
    /// How often [`Wanted::of`] walks through the run.
    pub fn passes(filter: &Filter) -> u64 {
        if (Filter { channels: Vec::new(), ..filter.clone() }).fits_all() { 0 } else { 2 }
    }

    /// What the filter wants of a run up to, and without, an instant, which `also` may watch.
    ///
    /// # Errors
    /// If the run passes a limit.
    pub fn of(
        model: &Model,
        seed: u64,
        replication: u32,
        until: Instant,
        filter: &'a Filter,
        also: &mut impl Observer,
    ) -> Result<Wanted<'a>, RunError> {
        if Wanted::passes(filter) == 0 {
            return Ok(Wanted { filter, cycles: None });
        }
        let (cast, hindsight) = (Cast::new(model), Hindsight::until(model, seed, replication, until, also)?);
        let mut cycles = Cycles::default();
        let ledger = Ledger::new(&cast, &hindsight, |row: &TicketRow| {
            if filter.fits(row) {
                cycles.add(row.ticket.number, row.cycle);
            }
        });
        simulate_until(model, seed, replication, until, &mut (ledger, also))?;
        Ok(Wanted { filter, cycles: Some(cycles) })
    }

    /// Whether a message is wanted.
    pub fn holds(&self, message: &Message) -> bool {
        self.filter.spans(message.at)
            && match (&self.cycles, message.ticket) {
                (None, _) => self.filter.channels.is_empty() || self.filter.channels.contains(&message.channel),
                (Some(cycles), Some((ticket, cycle))) => cycles.hold(ticket.number, cycle),
                (Some(_), None) => false,
            }
    }
}

impl Cycles {
    fn add(&mut self, ticket: u32, cycle: u32) {
        if cycle > 1 {
            self.later.insert((ticket, cycle));
            return;
        }
        let (word, bit) = (ticket as usize / 64, ticket % 64);
        if word >= self.first.len() {
            self.first.resize(word + 1, 0);
        }
        self.first[word] |= 1 << bit;
    }

    fn hold(&self, ticket: u32, cycle: u32) -> bool {
        match cycle {
            1 => self.first.get(ticket as usize / 64).is_some_and(|word| word >> (ticket % 64) & 1 == 1),
            _ => self.later.contains(&(ticket, cycle)),
        }
    }
}
