//! When customers come.

use super::plan::{Arrivals, CustomerPlan, Rates};
use super::purpose::{Chance, Purpose, World};
use crate::kernel::Variate;
use crate::time::{Instant, Span, nearest};

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
    pub(super) fn new(class: usize, plan: &CustomerPlan, world: World<'_>) -> Process {
        let class = class as u64;
        let rates = match &plan.arrivals {
            Arrivals::Rates(rates) => Some(Walk::new(rates, class, world)),
            Arrivals::Every(_) | Arrivals::File(_) => None,
        };
        let unit = Variate::exponential(1.0).expect("1 is a mean");
        Process { class, ordinal: 0, last: Instant::ZERO, rates, unit }
    }

    /// How many arrivals there have been, the one that is on its way included.
    pub(super) fn drawn(&self) -> u32 {
        self.ordinal
    }

    /// The next arrival and its ordinal; `None` where there is none before `end`.
    pub(super) fn next(&mut self, plan: &CustomerPlan, world: World<'_>) -> Option<(Instant, u32)> {
        let ordinal = self.ordinal;
        let at = match &plan.arrivals {
            Arrivals::File(rows) => rows.get(ordinal as usize)?.at,
            // An interval of nothing would never let time pass.
            Arrivals::Every(Span::ZERO) => return None,
            Arrivals::Every(span) => self.last + *span,
            Arrivals::Rates(rates) => {
                let mut stream = world.chance.stream(Purpose::Interarrival, self.class, u64::from(ordinal));
                let mass = self.unit.draw(&mut stream);
                let walk = self.rates.as_mut().expect("a class with rates walks through them");
                walk.after(self.last, mass, rates, self.class, world)?
            }
        };
        if at >= world.end {
            return None;
        }
        self.last = at;
        self.ordinal += 1;
        Some((at, ordinal))
    }
}

impl Walk {
    fn new(rates: &Rates, class: u64, world: World<'_>) -> Walk {
        let monday = &rates.per_hour[0];
        let flat = rates.day_factor.is_none()
            && monday.len() == 1
            && rates.per_hour.iter().all(|day| day.len() == 1 && day[0] == monday[0]);
        if flat {
            // A rate that never changes has one piece, and asks no calendar.
            let rate = monday[0] / MICROS_PER_HOUR;
            return Walk { day: 0, next_part: 0, until: Instant::MAX, rate, factor: 1.0 };
        }
        let factor = day_factor(rates, class, 0, world.chance);
        let mut walk = Walk { day: 0, next_part: 0, until: Instant::ZERO, rate: 0.0, factor };
        walk.step(rates, class, world);
        walk
    }

    /// When the rate, integrated from `from`, has come to `mass`: inversion, exact for piecewise constant rates
    /// (Çinlar, Introduction to Stochastic Processes, 1975, 4.7). `from` lies in the present piece.
    fn after(&mut self, from: Instant, mut mass: f64, rates: &Rates, class: u64, world: World<'_>) -> Option<Instant> {
        let mut from = from;
        loop {
            let here = self.rate * self.until.since(from).as_micros() as f64;
            if mass < here {
                let at = from + Span::from_micros(nearest(mass / self.rate));
                // Rounding may touch the piece's end, never pass it.
                return Some(at.min(self.until));
            }
            mass -= here;
            from = from.max(self.until);
            if from >= world.end {
                return None;
            }
            self.step(rates, class, world);
        }
    }

    /// Goes on to the next piece. A part of the day that daylight saving leaves out has no length; one that it doubles has
    /// twice its length.
    fn step(&mut self, rates: &Rates, class: u64, world: World<'_>) {
        let civil = world.civil;
        let mut date = civil.date(self.day);
        if self.next_part == parts(rates, date).len() {
            self.day += 1;
            self.next_part = 0;
            self.factor = day_factor(rates, class, self.day, world.chance);
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::simulation::sample;
    use crate::time::Civil;
    use std::sync::Arc;

    const HOUR: u64 = 3_600_000_000;

    /// Instants of arrival within so many hours from a civil start, in hours.
    fn come(arrivals: Arrivals, zone: &str, start: &str, hours: u64, seed: u64) -> Vec<f64> {
        let civil = Civil::new(zone, start.parse().unwrap()).unwrap();
        let class = sample::customers(&mut crate::simulation::Names::default(), arrivals, 1.0);
        let world = World { civil: &civil, chance: Chance::new(seed, 0), end: Instant::from_micros(hours * HOUR) };
        let mut process = Process::new(0, &class, world);
        let next = || process.next(&class, world);
        std::iter::from_fn(next).map(|(at, _)| at.as_micros() as f64 / HOUR as f64).collect()
    }

    fn rates(per_hour: [Vec<f64>; 7], day_factor: Option<Variate>) -> Arrivals {
        Arrivals::Rates(Rates { per_hour: per_hour.map(Arc::from), day_factor })
    }

    fn every_day(parts: Vec<f64>) -> [Vec<f64>; 7] {
        std::array::from_fn(|_| parts.clone())
    }

    /// A count lies within four standard deviations of a Poisson mean.
    #[track_caller]
    fn check(count: usize, mean: f64) {
        let count = count as f64;
        assert!((count - mean).abs() <= 4.0 * mean.sqrt(), "{count} came where {mean} were expected (seed 1)");
    }

    #[test]
    fn rates_hold_in_each_part_of_the_day() {
        let mut day = vec![0.0; 24];
        (day[0], day[9], day[10], day[23]) = (100.0, 400.0, 1600.0, 50.0);
        let times = come(rates(every_day(day), None), "UTC", "2026-03-02T00:00:00", 240, 1);
        let within = |hour: u64| times.iter().filter(|&&at| at as u64 % 24 == hour).count();
        check(within(0), 1000.0);
        check(within(9), 4000.0);
        check(within(10), 16_000.0);
        check(within(23), 500.0);
        assert_eq!(times.len(), within(0) + within(9) + within(10) + within(23));
        assert!(times.is_sorted());
        // Arrivals are even within a part: the mean of their place in it is a half.
        let places: Vec<f64> = times.iter().filter(|&&at| at as u64 % 24 == 10).map(|at| at.fract()).collect();
        let mean = places.iter().sum::<f64>() / places.len() as f64;
        assert!((mean - 0.5).abs() < 4.0 / (12.0 * places.len() as f64).sqrt(), "{mean}");
    }

    #[test]
    fn a_flat_rate_and_the_same_rate_in_parts_agree() {
        let flat = come(sample::per_hour(30.0), "Europe/Berlin", "2026-03-27T07:13:00", 100, 1);
        let parts = come(rates(every_day(vec![30.0; 96]), None), "Europe/Berlin", "2026-03-27T07:13:00", 100, 1);
        assert_eq!(flat.len(), parts.len());
        // Each piece that ends without an arrival rounds once, to the microsecond at most.
        assert!(flat.iter().zip(&parts).all(|(a, b)| (a - b).abs() < 1e-3 / 3600.0));
        check(flat.len(), 3000.0);
    }

    #[test]
    fn weekdays_have_their_own_rates() {
        let mut week = every_day(vec![0.0]);
        week[5] = vec![500.0, 0.0];
        // From Friday noon: Saturday's first half lies 12 to 24 hours on.
        let times = come(rates(week, None), "UTC", "2026-03-06T12:00:00", 120, 1);
        check(times.len(), 6000.0);
        assert!(times.iter().all(|at| (12.0..24.0).contains(at)));
    }

    #[test]
    fn an_hour_left_out_has_no_arrivals_and_an_hour_twice_has_double() {
        let mut day = vec![0.0; 24];
        day[2] = 1000.0;
        let spring = come(rates(every_day(day.clone()), None), "Europe/Berlin", "2026-03-29T00:00:00", 23, 1);
        assert!(spring.is_empty(), "{spring:?}");
        let autumn = come(rates(every_day(day), None), "Europe/Berlin", "2026-10-25T00:00:00", 25, 1);
        check(autumn.len(), 2000.0);
        assert!(autumn.iter().all(|at| (2.0..4.0).contains(at)));
    }

    #[test]
    fn a_day_factor_is_drawn_once_a_day() {
        let factor = Variate::empirical(vec![0.0, 2.0], Vec::new()).unwrap();
        let times = come(rates(every_day(vec![100.0; 24]), Some(factor)), "UTC", "2026-03-02T00:00:00", 240, 1);
        let mut busy = 0;
        for day in 0..10 {
            let count = times.iter().filter(|&&at| at as u64 / 24 == day).count();
            if count > 0 {
                check(count, 4800.0);
                busy += 1;
            }
        }
        assert!((1..10).contains(&busy), "{busy} of 10 days had arrivals (seed 1)");
    }

    #[test]
    fn a_longer_run_begins_as_a_shorter_one_does() {
        let short = come(sample::per_hour(10.0), "UTC", "2026-03-02T00:00:00", 24, 5);
        let long = come(sample::per_hour(10.0), "UTC", "2026-03-02T00:00:00", 48, 5);
        assert_eq!(short, long[..short.len()]);
        assert_ne!(short, come(sample::per_hour(10.0), "UTC", "2026-03-02T00:00:00", 24, 6));
    }

    #[test]
    fn every_so_often_begins_after_one_interval() {
        let every = |secs| come(Arrivals::Every(Span::from_secs(secs)), "UTC", "2026-03-02T00:00:00", 2, 1);
        assert_eq!(every(1800), [0.5, 1.0, 1.5]);
        assert!(every(0).is_empty());
    }
}
