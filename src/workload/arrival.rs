//! When customers come.

use super::plan::{Arrivals, CustomerPlan, Rates};
use super::purpose::{Chance, Purpose};
use crate::kernel::Variate;
use crate::time::{Civil, Instant, Span};

const MICROS_PER_HOUR: f64 = 3_600e6;

/// The arrivals of one class, one after another.
#[derive(Clone, Debug)]
pub(super) struct Process {
    class: u64,
    /// How many have been drawn.
    ordinal: u32,
    last: Instant,
    rates: Option<Walk>,
    unit: Variate,
}

/// Where a Poisson process stands in the civil day: a piece of it in which the rate is constant.
#[derive(Clone, Debug)]
struct Walk {
    day: u32,
    /// The part of the day that comes after this piece.
    next_part: usize,
    /// When this piece ends.
    until: Instant,
    /// Arrivals per microsecond.
    rate: f64,
    factor: f64,
}

impl Process {
    pub(super) fn new(class: usize, plan: &CustomerPlan, civil: &Civil, chance: Chance) -> Process {
        let class = class as u64;
        let rates = match &plan.arrivals {
            Arrivals::Rates(rates) => Some(Walk::new(rates, class, civil, chance)),
            Arrivals::Every(_) | Arrivals::File(_) => None,
        };
        let unit = Variate::exponential(1.0).expect("1 is a mean");
        Process { class, ordinal: 0, last: Instant::ZERO, rates, unit }
    }

    /// The next arrival and its ordinal; `None` where there is none before `end`.
    pub(super) fn next(
        &mut self,
        plan: &CustomerPlan,
        civil: &Civil,
        chance: Chance,
        end: Instant,
    ) -> Option<(Instant, u32)> {
        let ordinal = self.ordinal;
        let at = match &plan.arrivals {
            Arrivals::File(rows) => rows.get(ordinal as usize)?.at,
            // An interval of nothing would never let time pass.
            Arrivals::Every(Span::ZERO) => return None,
            Arrivals::Every(span) => self.last + *span,
            Arrivals::Rates(rates) => {
                let mut stream = chance.stream(Purpose::Interarrival, self.class, u64::from(ordinal));
                let mass = self.unit.draw(&mut stream);
                let walk = self.rates.as_mut().expect("a class with rates walks through them");
                walk.after(self.last, mass, rates, self.class, civil, chance, end)?
            }
        };
        if at >= end {
            return None;
        }
        self.last = at;
        self.ordinal += 1;
        Some((at, ordinal))
    }
}

impl Walk {
    fn new(rates: &Rates, class: u64, civil: &Civil, chance: Chance) -> Walk {
        let monday = &rates.per_hour[0];
        let flat = rates.day_factor.is_none()
            && monday.len() == 1
            && rates.per_hour.iter().all(|day| day.len() == 1 && day[0] == monday[0]);
        if flat {
            // A rate that never changes has one piece, and asks no calendar.
            let rate = monday[0] / MICROS_PER_HOUR;
            return Walk { day: 0, next_part: 0, until: Instant::MAX, rate, factor: 1.0 };
        }
        let factor = day_factor(rates, class, 0, chance);
        let mut walk = Walk { day: 0, next_part: 0, until: Instant::ZERO, rate: 0.0, factor };
        walk.step(rates, class, civil, chance);
        walk
    }

    /// When the rate, integrated from `from`, has come to `mass`: inversion, exact for piecewise constant rates
    /// (Çinlar, Introduction to Stochastic Processes, 1975, 4.7). `from` lies in the present piece.
    #[allow(clippy::too_many_arguments)]
    fn after(
        &mut self,
        from: Instant,
        mut mass: f64,
        rates: &Rates,
        class: u64,
        civil: &Civil,
        chance: Chance,
        end: Instant,
    ) -> Option<Instant> {
        let mut from = from;
        loop {
            let here = self.rate * self.until.since(from).as_micros() as f64;
            if mass < here {
                let at = from + Span::from_micros(libm::rint(mass / self.rate) as u64);
                // Rounding may touch the piece's end, never pass it.
                return Some(at.min(self.until));
            }
            mass -= here;
            from = from.max(self.until);
            if from >= end {
                return None;
            }
            self.step(rates, class, civil, chance);
        }
    }

    /// Goes on to the next piece. A part of the day that daylight saving leaves out has no length; one that it doubles has
    /// twice its length.
    fn step(&mut self, rates: &Rates, class: u64, civil: &Civil, chance: Chance) {
        let mut date = civil.date(self.day);
        if self.next_part == parts(rates, date).len() {
            self.day += 1;
            self.next_part = 0;
            self.factor = day_factor(rates, class, self.day, chance);
            date = civil.date(self.day);
        }
        let parts = parts(rates, date);
        self.rate = parts[self.next_part] * self.factor / MICROS_PER_HOUR;
        self.next_part += 1;
        self.until = if self.next_part == parts.len() {
            civil.day_start(self.day + 1)
        } else {
            let secs = 86_400 * self.next_part as i64 / parts.len() as i64;
            let time = jiff::civil::time((secs / 3600) as i8, (secs / 60 % 60) as i8, (secs % 60) as i8, 0);
            // A piece that ends before the run starts is passed over, as its length from there is nothing.
            civil.instant(date.to_datetime(time)).unwrap_or(Instant::ZERO)
        };
    }
}

fn parts(rates: &Rates, date: jiff::civil::Date) -> &[f64] {
    &rates.per_hour[date.weekday().to_monday_zero_offset() as usize]
}

fn day_factor(rates: &Rates, class: u64, day: u32, chance: Chance) -> f64 {
    match &rates.day_factor {
        Some(factor) => factor.draw(&mut chance.stream(Purpose::DayFactor, class, u64::from(day))),
        None => 1.0,
    }
}
