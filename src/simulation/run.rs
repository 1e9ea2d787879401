//! The loop of one run.

use super::limits::{self, RunError, RunLimit};
use super::{Input, Model, Observer, Step};
use crate::desk::{Command, Desk, Effect};
use crate::kernel::Agenda;
use crate::time::{Instant, Span};
use crate::workload::{Cause, Chance, Event, Expected, FORESIGHT, Order, People, Purpose, Scene};
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

/// Observers are told that time passes at so many instants, equally far apart: those who wait want to know how long it will be.
pub const PARTS: u32 = 100;

/// Runs a model from its start up to, and without, its end. The same model, seed and replication give the same steps, always.
///
/// At one instant commands come first, with all that follows from them at once, then the desk's deadlines (SLA-4). Of events
/// at one instant the script's goes first, then agents' shifts, agents' work, and customers.
///
/// # Errors
/// If the run passes a limit ([`limits`]): then it is not over, and what observers saw is of no use.
///
/// # Panics
/// If the desk refuses the model's settings: lowering a scenario has checked them.
pub fn simulate<O: Observer + ?Sized>(
    model: &Model,
    seed: u64,
    replication: u32,
    observer: &mut O,
) -> Result<Outcome, RunError> {
    simulate_until(model, seed, replication, Instant::ZERO + model.run.duration, observer)
}

/// The same up to, and without, `until`, or the run's end if that is earlier: the steps are the first ones of the whole run.
///
/// # Errors
/// If the run passes a limit ([`limits`]) before.
///
/// # Panics
/// If the desk refuses the model's settings: lowering a scenario has checked them.
pub fn simulate_until<O: Observer + ?Sized>(
    model: &Model,
    seed: u64,
    replication: u32,
    until: Instant,
    observer: &mut O,
) -> Result<Outcome, RunError> {
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
        until: Instant::ZERO,
        looks_ahead: model.plan.agents.len() >= MANY,
        pace: Pace::default(),
        next_look: LOOK_EVERY,
        passed: None,
    };
    run.observer.start(Instant::ZERO, &run.desk);
    let mut scene = Scene { now: Instant::ZERO, desk: &run.desk, agenda: &mut run.agenda };
    run.people.open(&mut scene);
    let goes_on = run.obey(Instant::ZERO);
    let last = run.outcome.end;
    for part in 1..=PARTS {
        run.until = Instant::from_micros((u128::from(last.as_micros()) * u128::from(part) / u128::from(PARTS)) as u64);
        while goes_on && run.turn() {}
        if let Some((limit, at)) = run.passed {
            return Err(run.error(model, limit, at));
        }
        run.observer.passed(part);
    }
    run.observer.finish(run.outcome.end, &run.desk);
    Ok(run.outcome)
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
    /// The end of the part of the time that runs now; what happens then belongs to the next.
    until: Instant,
    /// So many people take part that they do not fit into the cache, and it pays to get ready for the next ones.
    looks_ahead: bool,
    pace: Pace,
    /// From how many events on the limits are looked at again.
    next_look: u64,
    /// The limit that the run passed, which ends it.
    passed: Option<(RunLimit, Instant)>,
}

/// Where the run stood a second of simulated time ago, or less: what it did since then shows whether it gets on.
#[derive(Default)]
struct Pace {
    since: Instant,
    /// New customers by then, and steps.
    arrivals: u64,
    steps: u64,
}

const SECOND: Span = Span::from_secs(1);

/// How many events, commands or deadlines lie between two looks at the limits; a power of two.
const LOOK_EVERY: u64 = if cfg!(test) { 1 << 10 } else { 1 << 16 };

/// How many steps of a run that goes round are looked at to find out why.
const ROUNDS: usize = 1_000;

impl<O: Observer + ?Sized> Run<'_, '_, O> {
    /// Lets the next thing happen; false if nothing does before the end of this part.
    fn turn(&mut self) -> bool {
        #[cfg(test)]
        if self.outcome.events.is_multiple_of(61) {
            self.people.audit(&self.desk).unwrap_or_else(|error| panic!("at {:?}: {error}", self.agenda.now()));
        }
        let Some(last) = self.until.as_micros().checked_sub(1).map(Instant::from_micros) else { return false };
        let deadline = self.desk.next_deadline().unwrap_or(Instant::MAX);
        // SLA-4: at one instant the deadlines come last.
        if let Some((now, event)) = self.agenda.pop_by(deadline.min(last)) {
            if self.looks_ahead {
                self.foresee();
            }
            let mut scene = Scene { now, desk: &self.desk, agenda: &mut self.agenda };
            self.outcome.events += self.people.meet(event, &mut scene);
            self.within_limits(self.outcome.events >= self.next_look, now) && self.obey(now)
        } else if deadline <= last {
            self.wake(deadline);
            self.within_limits(self.outcome.deadlines.is_multiple_of(LOOK_EVERY), deadline) && self.obey(deadline)
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

    /// Looks, if it is time to, whether the run is within its limits; false if it passed one.
    #[inline]
    fn within_limits(&mut self, looks: bool, now: Instant) -> bool {
        !looks || self.gets_on(now)
    }

    /// Whether the run is within its limits: time passes, or somebody new arrives, and memory does not run out.
    #[cold]
    #[inline(never)]
    fn gets_on(&mut self, now: Instant) -> bool {
        let (arrivals, about) = (self.people.arrivals(), self.people.customers_about());
        let steps = self.outcome.events + self.outcome.commands + self.outcome.deadlines;
        if now.since(self.pace.since) >= SECOND {
            self.pace = Pace { since: now, arrivals, steps };
        }
        let most = limits::STEPS
            + limits::STEPS_PER_CUSTOMER * about
            + limits::STEPS_PER_ARRIVAL * (arrivals - self.pace.arrivals);
        let passed = if steps - self.pace.steps > most {
            Some(RunLimit::Steps(most))
        } else if arrivals > limits::ARRIVALS {
            Some(RunLimit::Arrivals(limits::ARRIVALS))
        } else if about > limits::CUSTOMERS_AT_ONCE {
            Some(RunLimit::CustomersAtOnce(limits::CUSTOMERS_AT_ONCE))
        } else {
            None
        };
        self.passed = passed.map(|limit| (limit, now));
        self.next_look = self.outcome.events + LOOK_EVERY;
        self.passed.is_none()
    }

    /// Why a run passed a limit, in the scenario's terms.
    #[cold]
    fn error(mut self, model: &Model, limit: RunLimit, at: Instant) -> RunError {
        let cause = match limit {
            RunLimit::Steps(_) => self.go_round(at),
            RunLimit::Arrivals(_) => self.people.most_arrivals(),
            RunLimit::CustomersAtOnce(_) => self.people.most_customers(),
            RunLimit::Values(_) => unreachable!("a run keeps no values"),
        };
        let customer = |class: u16| model.names.customer(usize::from(class));
        let (key, help) = match cause {
            Cause::Nudge(class) => (
                format!("customer.{}.nudges", customer(class)),
                "who waits writes again and again without a pause: write the time between two messages, such as \"1h\"",
            ),
            Cause::Return(class) => (
                format!("customer.{}.reopens.after", customer(class)),
                "who is answered in no time comes back at once, again and again: give `after` or `handle_time` a length, or \
                 lower `reopens.probability`",
            ),
            Cause::Answer(class) => (
                format!("customer.{}.reply_delay", customer(class)),
                "replies take no time, and neither do the answers to them: give `reply_delay` or `handle_time` a length, or \
                 lower `replies`",
            ),
            Cause::Arrivals(class) => (
                format!("customer.{}.arrivals", customer(class)),
                "rates are per hour: divide a rate per day by 24, or shorten the run",
            ),
            Cause::Waiting(class) => (
                format!("customer.{}.arrivals", customer(class)),
                "more come than agents can ever answer: lower the arrivals, add agents, give customers `patience`, or \
                 shorten the run",
            ),
            Cause::Agent(user) => (
                format!("agent.{}", model.names.user(user)),
                "their status changes again and again at this instant: look at `desk.idle_timeout` and `desk.requeue_after`",
            ),
            Cause::Work(class) => (
                format!("customer.{}.handle_time", customer(class)),
                "work takes no time, and there is always more of it: give it a length",
            ),
            Cause::Desk => (
                "desk".to_owned(),
                "deadlines of the desk follow one another without a pause: look at `idle_timeout`, `requeue_after` and \
                 `close_after_silence`",
            ),
        };
        let at = model.plan.civil.with_offset(at).to_string();
        RunError { limit, at, key, help: help.to_owned() }
    }

    /// Goes on for a while, unwatched, to see what it is that goes round.
    #[cold]
    fn go_round(&mut self, mut now: Instant) -> Cause {
        let mut causes: Vec<(Cause, u32)> = Vec::new();
        for _ in 0..ROUNDS {
            let cause = if let Some(order) = &self.next_order(now) {
                let cause = self.people.cause();
                self.effects.clear();
                let refused = self.desk.apply(now, &order.command, &mut self.effects).err();
                let mut scene = Scene { now, desk: &self.desk, agenda: &mut self.agenda };
                self.people.react(Some(order), refused, &self.effects, &mut scene);
                cause
            } else if let Some((at, event)) = self.agenda.pop_by(self.desk.next_deadline().unwrap_or(Instant::MAX)) {
                now = at;
                self.people.meet(event, &mut Scene { now, desk: &self.desk, agenda: &mut self.agenda });
                None
            } else {
                now = self.desk.next_deadline().unwrap_or(now);
                self.effects.clear();
                self.desk.wake(now, &mut self.effects);
                let mut scene = Scene { now, desk: &self.desk, agenda: &mut self.agenda };
                self.people.react(None, None, &self.effects, &mut scene);
                Some(Cause::Desk)
            };
            let Some(cause) = cause else { continue };
            match causes.iter_mut().find(|(known, _)| *known == cause) {
                Some((_, times)) => *times += 1,
                None => causes.push((cause, 1)),
            }
        }
        // Of what takes part in each round the one that closes the circle tells most.
        let often = causes.iter().map(|(_, times)| *times).max().unwrap_or(0) / 4;
        let rank = |cause: &Cause| match cause {
            Cause::Return(_) => 0,
            Cause::Nudge(_) => 1,
            Cause::Answer(_) => 2,
            Cause::Agent(_) => 3,
            Cause::Work(_) => 4,
            Cause::Desk | Cause::Arrivals(_) | Cause::Waiting(_) => 5,
        };
        let often = causes.into_iter().filter(|(_, times)| *times >= often);
        often.min_by_key(|(cause, _)| rank(cause)).map_or(Cause::Desk, |(cause, _)| cause)
    }

    /// Carries out what people ask for, and what they then ask for in turn, until nobody asks any more; false if the run passed a
    /// limit.
    fn obey(&mut self, now: Instant) -> bool {
        self.tell_work(now);
        // By reference, and to the desk too: whoever copies in large pieces what was just written in small ones waits for it.
        while let Some(order) = &self.next_order(now) {
            self.outcome.commands += 1;
            self.effects.clear();
            let refused = self.desk.apply(now, &order.command, &mut self.effects).err();
            let input = Input::Command(order.command);
            let step = Step { now, input, customer: order.customer, refused, effects: seen(&self.effects) };
            self.observer.step(&step, &self.desk);
            self.react(now, Some(order), refused);
            if !self.within_limits(self.outcome.commands.is_multiple_of(LOOK_EVERY), now) {
                return false;
            }
        }
        true
    }

    /// What is asked next. A draining that waited for people who change status together comes before anything else (QUE-5).
    #[inline(always)]
    fn next_order(&mut self, now: Instant) -> Option<Order> {
        if self.desk.defers_draining() {
            self.drain_deferred(now);
        }
        self.people.next_order(&self.desk)
    }

    #[cold]
    #[inline(never)]
    fn drain_deferred(&mut self, now: Instant) {
        // Without another order the instant goes on: more may come, and the deadlines are last.
        if self.people.is_asked() && !self.people.selects_next() {
            self.effects.clear();
            self.desk.drain_deferred(&mut self.effects);
            self.show_deadline(now);
        }
    }

    /// Lets the desk act on its deadlines.
    fn wake(&mut self, now: Instant) {
        self.outcome.deadlines += 1;
        self.effects.clear();
        self.desk.wake(now, &mut self.effects);
        debug_assert!(self.desk.next_deadline().is_none_or(|next| next > now), "what was due is done");
        self.show_deadline(now);
    }

    fn show_deadline(&mut self, now: Instant) {
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
