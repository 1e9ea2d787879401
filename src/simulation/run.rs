//! The loop of one run.

use super::{Input, Model, Observer, Step};
use crate::desk::{Command, Desk, Effect};
use crate::kernel::Agenda;
use crate::time::Instant;
use crate::workload::{Chance, Event, Expected, FORESIGHT, Order, People, Purpose, Scene};
use std::hint::black_box;

/// What a run came to, apart from what its observers saw.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Outcome {
    /// When it ended: its instants are those before.
    pub end: Instant,
    /// Events of the people that fell due.
    pub events: u64,
    /// Commands that the desk was given, refused ones included.
    pub commands: u64,
    /// Instants at which deadlines of the desk's own fell due.
    pub deadlines: u64,
}

/// From so many agents on it is worth while to look ahead. Nothing but speed may come of it, so tests do it with few.
const MANY: usize = if cfg!(test) { 3 } else { 4_000 };

/// Runs a model from its start up to, and without, its end. The same model, seed and replication give the same steps, always.
///
/// At one instant commands come first, with all that follows from them at once, then the desk's deadlines (SLA-4). Of events
/// at one instant the script's goes first, then agents' shifts, agents' work, and customers.
///
/// # Panics
/// If the desk refuses the model's settings: lowering a scenario has checked them.
pub fn simulate<O: Observer + ?Sized>(model: &Model, seed: u64, replication: u32, observer: &mut O) -> Outcome {
    simulate_until(model, seed, replication, Instant::ZERO + model.run.duration, observer)
}

/// The same up to, and without, `until`, or the run's end if that is earlier: the steps are the first ones of the whole run.
///
/// # Panics
/// If the desk refuses the model's settings: lowering a scenario has checked them.
pub fn simulate_until<O: Observer + ?Sized>(
    model: &Model,
    seed: u64,
    replication: u32,
    until: Instant,
    observer: &mut O,
) -> Outcome {
    let chance = Chance::new(seed, replication);
    let end = Instant::ZERO + model.run.duration;
    let named = u32::try_from(model.names.conversation_count()).expect("fewer than 2^32 conversations");
    let mut run = Run {
        desk: open_desk(model, chance),
        people: People::new(&model.plan, &model.settings, &model.forms, named, chance, end),
        agenda: Agenda::new(),
        effects: Vec::new(),
        observer,
        outcome: Outcome { end: until.min(end), events: 0, commands: 0, deadlines: 0 },
        looks_ahead: model.plan.agents.len() >= MANY,
    };
    run.observer.start(Instant::ZERO, &run.desk);
    let mut scene = Scene { now: Instant::ZERO, desk: &run.desk, agenda: &mut run.agenda };
    run.people.open(&mut scene);
    run.obey(Instant::ZERO);
    while run.turn() {}
    run.observer.finish(run.outcome.end, &run.desk);
    run.outcome
}

/// The desk as a run of that seed and replication opens it.
pub(super) fn open_desk(model: &Model, chance: Chance) -> Desk {
    let mut settings = model.settings.clone();
    settings.salt = chance.stream(Purpose::Policy, 0, 0).bits();
    let mut desk = Desk::new(settings).expect("a model's settings were checked when it was made");
    for change in &model.changes {
        desk.prepare(change.clone());
    }
    for form in &model.forms {
        desk.prepare_form(form);
    }
    desk
}

struct Run<'m, 'o, O: ?Sized> {
    desk: Desk,
    people: People<'m>,
    agenda: Agenda<Event>,
    /// Of the step at hand; one buffer serves the whole run.
    effects: Vec<Effect>,
    observer: &'o mut O,
    outcome: Outcome,
    /// So many people take part that they do not fit into the cache, and it pays to get ready for the next ones.
    looks_ahead: bool,
}

impl<O: Observer + ?Sized> Run<'_, '_, O> {
    /// Lets the next thing happen; false if nothing does before the end.
    fn turn(&mut self) -> bool {
        #[cfg(test)]
        if self.outcome.events.is_multiple_of(61) {
            self.people.audit(&self.desk).unwrap_or_else(|error| panic!("at {:?}: {error}", self.agenda.now()));
        }
        let Some(last) = self.outcome.end.as_micros().checked_sub(1).map(Instant::from_micros) else { return false };
        let deadline = self.desk.next_deadline().unwrap_or(Instant::MAX);
        // SLA-4: at one instant the deadlines come last.
        if let Some((now, event)) = self.agenda.pop_by(deadline.min(last)) {
            self.outcome.events += 1;
            if self.looks_ahead {
                self.foresee();
            }
            self.people.meet(event, &mut Scene { now, desk: &self.desk, agenda: &mut self.agenda });
            self.obey(now);
            true
        } else if deadline <= last {
            self.wake(deadline);
            self.obey(deadline);
            true
        } else {
            false
        }
    }

    /// Gets ready for the next events.
    #[inline]
    fn foresee(&mut self) {
        for ahead in 0..=FORESIGHT {
            if let Some(&event) = self.agenda.ahead(ahead) {
                self.people.foresee(event, ahead, &mut self.desk, |desk, expected| {
                    match expected {
                        Expected::Ticket(ticket) => desk.fetch_ticket(ticket),
                        Expected::User(user) => desk.fetch_user(user),
                    }
                    self.observer.expect(expected);
                });
            }
        }
    }

    /// Carries out what people ask for, and what they then ask for in turn, until nobody asks any more.
    fn obey(&mut self, now: Instant) {
        self.tell_work(now);
        // By reference, and to the desk too: whoever copies in large pieces what was just written in small ones waits for it.
        while let Some(order) = &self.people.next_order(&self.desk) {
            self.outcome.commands += 1;
            self.effects.clear();
            let refused = self.desk.apply(now, &order.command, &mut self.effects).err();
            let input = Input::Command(order.command);
            let step = Step { now, input, customer: order.customer, refused, effects: seen(&self.effects) };
            self.observer.step(&step, &self.desk);
            self.react(now, Some(order), refused);
        }
    }

    /// Lets the desk act on its deadlines.
    fn wake(&mut self, now: Instant) {
        self.outcome.deadlines += 1;
        self.effects.clear();
        self.desk.wake(now, &mut self.effects);
        debug_assert!(self.desk.next_deadline().is_none_or(|next| next > now), "what was due is done");
        if !self.effects.is_empty() {
            let step =
                Step { now, input: Input::Deadline, customer: None, refused: None, effects: seen(&self.effects) };
            self.observer.step(&step, &self.desk);
            self.react(now, None, None);
        }
    }

    // After every step: its own frame would cost more than it does.
    #[inline(always)]
    fn react(&mut self, now: Instant, order: Option<&Order>, refused: Option<crate::desk::Refusal>) {
        let mut scene = Scene { now, desk: &self.desk, agenda: &mut self.agenda };
        self.people.react(order, refused, &self.effects, &mut scene);
        self.tell_work(now);
    }

    #[inline]
    fn tell_work(&mut self, now: Instant) {
        self.people.in_hand(|user, in_hand| self.observer.work(now, user, in_hand));
    }
}

/// The effects of a step that was just taken. Their number was written last: read together with where they lie, in one go,
/// it would keep the processor waiting until all that was written before has reached the cache.
#[inline]
fn seen(effects: &[Effect]) -> &[Effect] {
    &effects[..black_box(effects.len())]
}

// Commands are copied into every step: they stay small.
const _: () = assert!(size_of::<Command>() <= 64);
