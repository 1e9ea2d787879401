//! Times of a run as people say them: by the clock and the calendar of the desk.

use super::axis::Axis;
use crate::time::{Civil, Instant, Span};
use jiff::civil::{DateTime, Time};

/// Tells civil times of a run.
#[derive(Clone, Debug)]
pub(crate) struct Clock {
    civil: Civil,
    end: f64,
}

const HOUR: f64 = 3_600.0;
const DAY: f64 = 24.0 * HOUR;

impl Clock {
    /// Of a run that starts then (`2026-03-02T00:00:00+01:00`) in a zone and lasts so many seconds; `None` if there is no
    /// such time or zone.
    pub(crate) fn new(start: &str, zone: &str, end: f64) -> Option<Clock> {
        let start: DateTime = start.get(..19)?.parse().ok()?;
        Some(Clock { civil: Civil::new(zone, start).ok()?, end })
    }

    /// How long the run is, in seconds.
    pub(crate) fn end(&self) -> f64 {
        self.end
    }

    fn civil(&self, at: f64) -> DateTime {
        self.civil.at(Instant::ZERO + Span::from_secs_f64(at))
    }

    /// As in `Mon 2 Mar 09:30`; with seconds where they matter.
    pub(crate) fn moment(&self, at: f64) -> String {
        let time = self.civil(at);
        let seconds = if self.end < 2.0 * HOUR { format!(":{:02}", time.second()) } else { String::new() };
        format!("{} {:02}:{:02}{seconds}", self.day(at), time.hour(), time.minute())
    }

    /// As in `Mon 2 Mar`, with the year where the run is long.
    fn day(&self, at: f64) -> String {
        let format = if self.end > 300.0 * DAY { "%a %-d %b %Y" } else { "%a %-d %b" };
        self.civil(at).strftime(format).to_string()
    }

    /// An axis over the whole run, with ticks by the clock or the calendar.
    pub(crate) fn axis(&self, places: (f64, f64)) -> Axis {
        Axis::with(0.0, self.end, places, self.ticks())
    }

    fn ticks(&self) -> Vec<(f64, String)> {
        let minutes = |every: i64| self.within_days(every * 60);
        match self.end {
            end if end <= 300.0 => {
                (0..=(end / 60.0) as u32).map(|n| (f64::from(n) * 60.0, format!("{n} min"))).collect()
            }
            end if end <= HOUR => minutes(10),
            end if end <= 3.0 * HOUR => minutes(30),
            end if end <= 12.0 * HOUR => minutes(60),
            end if end <= 30.0 * HOUR => minutes(180),
            end if end <= 3.5 * DAY => minutes(720),
            end if end <= 15.0 * DAY => self.days(|_| true),
            end if end <= 100.0 * DAY => self.days(|date| date.weekday() == jiff::civil::Weekday::Monday),
            end if end <= 900.0 * DAY => self.days(|date| date.day() == 1),
            _ => self.days(|date| date.month() == 1 && date.day() == 1),
        }
    }

    fn days(&self, wanted: impl Fn(jiff::civil::Date) -> bool) -> Vec<(f64, String)> {
        let last = self.civil.day(Instant::ZERO + Span::from_secs_f64(self.end));
        let format = if self.end > 900.0 * DAY {
            "%Y"
        } else if self.end > 100.0 * DAY {
            "%b %Y"
        } else {
            "%a %-d %b"
        };
        (0..=last)
            .filter(|day| wanted(self.civil.date(*day)))
            .map(|day| (self.civil.day_start(day).as_secs_f64(), self.civil.date(day).strftime(format).to_string()))
            // The day of the start may have begun before it.
            .filter(|(at, _)| *at <= self.end)
            .collect()
    }

    /// Every so many seconds of each civil day.
    fn within_days(&self, every: i64) -> Vec<(f64, String)> {
        let last = self.civil.day(Instant::ZERO + Span::from_secs_f64(self.end));
        let mut ticks = Vec::new();
        for day in 0..=last {
            for second in (0..86_400).step_by(every as usize) {
                let time = Time::midnight().saturating_add(jiff::SignedDuration::from_secs(second));
                let civil = self.civil.date(day).to_datetime(time);
                let Some(at) = self.civil.instant(civil).map(Instant::as_secs_f64) else { continue };
                if at <= self.end {
                    let midnight = time == Time::midnight() && self.end > DAY;
                    let words =
                        if midnight { self.day(at) } else { format!("{:02}:{:02}", time.hour(), time.minute()) };
                    ticks.push((at, words));
                }
            }
        }
        ticks
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(start: &str, end: f64) -> Vec<String> {
        Clock::new(start, "Europe/Berlin", end).unwrap().ticks().into_iter().map(|tick| tick.1).collect()
    }

    #[test]
    fn ticks_suit_the_length_of_the_run() {
        assert_eq!(words("2026-03-02T00:00:00+01:00", 120.0), ["0 min", "1 min", "2 min"]);
        assert_eq!(words("2026-03-02T08:50:00+01:00", 2.0 * HOUR), ["09:00", "09:30", "10:00", "10:30"]);
        let day = words("2026-03-02T00:00:00+01:00", DAY);
        assert_eq!((day[0].as_str(), day[3].as_str(), day.len()), ("00:00", "09:00", 9));
        let week = words("2026-03-02T08:00:00+01:00", 7.0 * DAY);
        assert_eq!((week[0].as_str(), week[7].as_str()), ("Mon 2 Mar", "Mon 9 Mar"));
        assert_eq!(words("2026-03-02T00:00:00+01:00", 365.0 * DAY)[0], "Apr 2026");
    }

    #[test]
    fn a_day_of_23_hours_has_its_ticks_by_the_clock() {
        let clock = Clock::new("2026-03-29T00:00:00+01:00", "Europe/Berlin", 23.0 * HOUR).unwrap();
        let six = clock.ticks().into_iter().find(|tick| tick.1 == "06:00").unwrap();
        assert_eq!(six.0, 5.0 * HOUR);
        assert_eq!(clock.moment(5.0 * HOUR), "Sun 29 Mar 06:00");
    }

    #[test]
    fn what_is_no_time_is_none() {
        assert!(Clock::new("soon", "Europe/Berlin", 1.0).is_none());
        assert!(Clock::new("2026-03-29T00:00:00+01:00", "Nowhere", 1.0).is_none());
    }
}
