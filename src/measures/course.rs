//! How a run went over time: quantities by stretches of equal length, outcomes by half hour of the day and by hour of the
//! week, and the waits themselves.
//!
//! A run is watched so only when a report with charts is asked for; plain figures do not pay for it.

use super::cast::Cast;
use super::window::Window;
use crate::desk::{Command, Desk, Effect, Outcome, Timer, UserId};
use crate::simulation::{Input, Observer, Step};
use crate::stats::Histogram;
use crate::time::{Civil, Instant, Span};

/// Half hours of a day.
pub const HALF_HOURS: usize = 48;
/// Hours of a week, from Monday's first.
pub const WEEK_HOURS: usize = 168;

/// Cuts a run into stretches of one length; the last may be shorter.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Stretches {
    /// How long one is.
    pub length: Span,
    /// When the run ends.
    pub end: Instant,
}

/// Lengths that people think in, in seconds.
const LENGTHS: [u64; 17] =
    [1, 5, 15, 60, 120, 300, 600, 1_800, 3_600, 7_200, 21_600, 43_200, 86_400, 172_800, 604_800, 1_209_600, 2_419_200];

impl Stretches {
    /// At most `most` stretches, of the shortest length that people think in.
    pub fn at_most(most: u64, duration: Span) -> Stretches {
        let micros = duration.as_micros();
        let fits = |length: &&u64| micros.div_ceil(Span::from_secs(**length).as_micros()) <= most;
        let length = match LENGTHS.iter().find(fits) {
            Some(secs) => Span::from_secs(*secs),
            None => Span::from_micros(micros.div_ceil(most)),
        };
        Stretches { length, end: Instant::ZERO + duration }
    }

    /// How many there are.
    pub fn count(self) -> usize {
        self.end.as_micros().div_ceil(self.length.as_micros()) as usize
    }

    /// The one that an instant of the run lies in.
    pub fn of(self, at: Instant) -> usize {
        (at.as_micros() / self.length.as_micros()) as usize
    }

    /// When one begins.
    pub fn start(self, index: usize) -> Instant {
        Instant::from_micros(self.length.as_micros().saturating_mul(index as u64).min(self.end.as_micros()))
    }

    /// How long one lasts, in microseconds.
    pub fn micros(self, index: usize) -> u64 {
        (self.start(index + 1) - self.start(index)).as_micros()
    }
}

/// A quantity's integral over each stretch.
#[derive(Clone, Debug)]
struct Gauge {
    value: u32,
    since: Instant,
    areas: Vec<u128>,
}

impl Gauge {
    fn new(stretches: Stretches) -> Gauge {
        Gauge { value: 0, since: Instant::ZERO, areas: vec![0; stretches.count()] }
    }

    fn set(&mut self, stretches: Stretches, now: Instant, value: u32) {
        if value != self.value {
            self.advance(stretches, now);
            self.value = value;
        }
    }

    fn advance(&mut self, stretches: Stretches, now: Instant) {
        while self.since < now {
            let index = stretches.of(self.since);
            let until = now.min(stretches.start(index + 1));
            self.areas[index] += u128::from((until - self.since).as_micros()) * u128::from(self.value);
            self.since = until;
        }
    }

    fn mean(&self, stretches: Stretches, index: usize) -> f64 {
        self.areas[index] as f64 / stretches.micros(index) as f64
    }
}

/// How timers of one kind ended.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub struct Ends {
    /// In time.
    pub met: u64,
    /// Too late.
    pub breached: u64,
}

impl Ends {
    /// Adds those of another run.
    pub fn add(&mut self, other: Ends) {
        self.met += other.met;
        self.breached += other.breached;
    }
}

/// A quantity that is told by stretches of a run.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Quantity {
    /// Tickets that came, new ones and reopened ones, by the hour.
    Arrivals,
    /// Tickets in the queue; mean over the stretch.
    Queue,
    /// Tickets that are not closed; mean over the stretch.
    Open,
    /// Agents who are assigned tickets; mean over the stretch.
    Available,
    /// Seconds in the queue of those assigned from it in the stretch; mean.
    Wait,
}

/// Watches how a run goes over time.
#[derive(Clone, Debug)]
pub struct Course<'a> {
    cast: &'a Cast,
    civil: &'a Civil,
    stretches: Stretches,
    window: Window,
    arrivals: Vec<u32>,
    assigned: Vec<u32>,
    waited: Vec<u64>,
    queue: Gauge,
    open: Gauge,
    available: Gauge,
    /// By slot of an open ticket: since when it waits in the queue.
    queued: Vec<Option<Instant>>,
    waits: Histogram,
    by_half_hour: Vec<[Ends; 2]>,
    by_week_hour: Vec<[Ends; 2]>,
}

impl<'a> Course<'a> {
    /// Of a run that is cut so; what is not told by stretches leaves the warm-up out.
    pub fn new(cast: &'a Cast, civil: &'a Civil, stretches: Stretches, warmup: Span) -> Course<'a> {
        let gauge = Gauge::new(stretches);
        Course {
            cast,
            civil,
            stretches,
            window: Window::after(warmup),
            arrivals: vec![0; stretches.count()],
            assigned: vec![0; stretches.count()],
            waited: vec![0; stretches.count()],
            queue: gauge.clone(),
            open: gauge.clone(),
            available: gauge,
            queued: Vec::new(),
            waits: Histogram::default(),
            by_half_hour: vec![[Ends::default(); 2]; HALF_HOURS],
            by_week_hour: vec![[Ends::default(); 2]; WEEK_HOURS],
        }
    }

    /// A quantity by stretch; `None` where nothing happened that it could tell of.
    pub fn series(&self, quantity: Quantity) -> Vec<Option<f64>> {
        let value = |index: usize| match quantity {
            Quantity::Arrivals => Some(f64::from(self.arrivals[index]) * HOUR / self.stretches.micros(index) as f64),
            Quantity::Queue => Some(self.queue.mean(self.stretches, index)),
            Quantity::Open => Some(self.open.mean(self.stretches, index)),
            Quantity::Available => Some(self.available.mean(self.stretches, index)),
            Quantity::Wait => {
                (self.assigned[index] > 0).then(|| self.waited[index] as f64 / f64::from(self.assigned[index]) / 1e6)
            }
        };
        (0..self.stretches.count()).map(value).collect()
    }

    /// Stays in the queue that ended with assignment.
    pub fn waits(&self) -> &Histogram {
        &self.waits
    }

    /// How timers ended by half hour of the day, each [`Timer`] by its index.
    pub fn by_half_hour(&self) -> &[[Ends; 2]] {
        &self.by_half_hour
    }

    /// How timers ended by hour of the week.
    pub fn by_week_hour(&self) -> &[[Ends; 2]] {
        &self.by_week_hour
    }

    fn effect(&mut self, now: Instant, effect: &Effect) {
        match *effect {
            Effect::Created { .. } | Effect::Reactivated { .. } => self.arrivals[self.stretches.of(now)] += 1,
            Effect::Queued { ticket, .. } => {
                if ticket.index() >= self.queued.len() {
                    self.queued.resize(ticket.index() + 1, None);
                }
                // A move from one lane to another does not end a stay.
                self.queued[ticket.index()].get_or_insert(now);
            }
            Effect::Assigned { ticket, .. } => {
                if let Some(since) = self.queued.get_mut(ticket.index()).and_then(Option::take) {
                    let wait = (now - since).as_micros();
                    let index = self.stretches.of(now);
                    self.assigned[index] += 1;
                    self.waited[index] += wait;
                    if self.window.counts(now) {
                        self.waits.record(wait);
                    }
                }
            }
            Effect::Closed { ticket, .. } => {
                if let Some(place) = self.queued.get_mut(ticket.index()) {
                    *place = None;
                }
            }
            Effect::SlaEnded { timer, outcome, .. } if self.window.counts(now) => self.ended(now, timer, outcome),
            _ => {}
        }
    }

    fn ended(&mut self, now: Instant, timer: Timer, outcome: Outcome) {
        let (met, breached) = match outcome {
            Outcome::Met => (1, 0),
            Outcome::Breached => (0, 1),
            Outcome::Cancelled | Outcome::Unanswered => return,
        };
        let civil = self.civil.at(now);
        let half_hour = civil.hour() as usize * 2 + usize::from(civil.minute() >= 30);
        let hour = civil.weekday().to_monday_zero_offset() as usize * 24 + civil.hour() as usize;
        for place in [&mut self.by_half_hour[half_hour], &mut self.by_week_hour[hour]] {
            place[timer as usize].add(Ends { met, breached });
        }
    }

    fn look_at_agents(&mut self, now: Instant, desk: &Desk) {
        let users = (0..self.cast.user_count()).map(UserId::at);
        let available = users.filter(|user| self.cast.works(*user) && desk.is_available(*user)).count() as u32;
        self.available.set(self.stretches, now, available);
    }
}

const HOUR: f64 = 3.6e9;

impl Observer for Course<'_> {
    fn start(&mut self, now: Instant, desk: &Desk) {
        self.look_at_agents(now, desk);
    }

    fn step(&mut self, step: &Step<'_>, desk: &Desk) {
        let mut moved = matches!(
            step.input,
            Input::Command(
                Command::EnableUser { .. }
                    | Command::DisableUser { .. }
                    | Command::EditStatus { .. }
                    | Command::DeleteStatus { .. }
            )
        );
        for effect in step.effects {
            moved |= matches!(effect, Effect::StatusChanged { .. });
            self.effect(step.now, effect);
        }
        self.queue.set(self.stretches, step.now, desk.queue_length() as u32);
        self.open.set(self.stretches, step.now, desk.open_tickets() as u32);
        if moved {
            self.look_at_agents(step.now, desk);
        }
    }

    fn finish(&mut self, now: Instant, _desk: &Desk) {
        for gauge in [&mut self.queue, &mut self.open, &mut self.available] {
            gauge.advance(self.stretches, now);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::simulation::{sample, simulate};

    fn stretches(most: u64, secs: u64) -> (u64, usize) {
        let stretches = Stretches::at_most(most, Span::from_secs(secs));
        (stretches.length.as_micros() / 1_000_000, stretches.count())
    }

    #[test]
    fn stretches_have_lengths_that_people_think_in() {
        assert_eq!(stretches(340, 7 * 86_400), (1_800, 336));
        assert_eq!(stretches(340, 86_400), (300, 288));
        assert_eq!(stretches(340, 90), (1, 90));
        assert_eq!(stretches(10, 3_601), (600, 7), "the last is shorter");
        assert_eq!(stretches(340, 36_500 * 86_400).1, 340, "a century in no more than was asked for");
        let run = Stretches::at_most(10, Span::from_secs(3_601));
        assert_eq!((run.micros(0), run.micros(6)), (600_000_000, 1_000_000));
        assert_eq!((run.of(Instant::ZERO), run.of(Instant::from_micros(600_000_000))), (0, 1));
    }

    #[test]
    fn a_gauge_spreads_over_stretches() {
        let run = Stretches { length: Span::from_secs(10), end: Instant::ZERO + Span::from_secs(25) };
        let at = |secs| Instant::ZERO + Span::from_secs(secs);
        let mut gauge = Gauge::new(run);
        gauge.set(run, at(5), 2);
        gauge.set(run, at(22), 1);
        gauge.advance(run, at(25));
        assert_eq!([0, 1, 2].map(|index| gauge.mean(run, index)), [1.0, 2.0, (2.0 * 2.0 + 3.0) / 5.0]);
    }

    #[test]
    fn what_the_course_tells_adds_up_to_what_the_run_did() {
        let mut model = sample::model(1);
        model.settings.channels[0].limit = sample::cap(1);
        model.settings.channels[0].sla.first_response = Some(Span::from_secs(60));
        let plan = sample::customers(&mut model.names, sample::per_hour(30.0), 100.0);
        model.plan.customers.push(plan);
        let cast = Cast::new(&model);
        let stretches = Stretches::at_most(24, model.run.duration);
        let mut course = Course::new(&cast, &model.plan.civil, stretches, Span::ZERO);
        let mut measures = super::super::Measures::new(&cast, &model.names, Span::ZERO);
        simulate(&model, 3, 0, &mut (&mut course, &mut measures)).unwrap();
        let sheet = measures.sheet();
        let mean = |quantity| {
            let values = course.series(quantity);
            values.iter().flatten().sum::<f64>() / values.len() as f64
        };
        let near = |one: f64, other: f64| assert!((one - other).abs() < 1e-9 * other.abs().max(1.0), "{one} {other}");
        near(mean(Quantity::Arrivals) * 24.0, sheet.desk("tickets.created").unwrap());
        near(mean(Quantity::Queue), sheet.desk("queue.length.mean").unwrap());
        near(mean(Quantity::Available) * 24.0, sheet.desk("agents.available_hours").unwrap());
        assert!(mean(Quantity::Open) > mean(Quantity::Queue) && mean(Quantity::Queue) > 0.1);
        near(course.waits().mean().unwrap() / 1e6, sheet.desk("queue.wait.mean").unwrap());
        let ends: u64 = course.by_half_hour().iter().map(|ends| ends[0].met + ends[0].breached).sum();
        let by_hour: u64 = course.by_week_hour().iter().map(|ends| ends[0].met + ends[0].breached).sum();
        let ended = sheet.desk("sla.first_response.met").unwrap() + sheet.desk("sla.first_response.breached").unwrap();
        assert_eq!((ends, by_hour), (ended as u64, ended as u64));
        assert!(ends > 100);
    }
}
