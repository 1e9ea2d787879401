//! Civil time: days, hours, time zones and daylight saving, seen from simulated time.

use super::{Instant, Span};

/// Ties simulated time to civil time: where in a time zone the run starts.
#[derive(Clone, Debug)]
pub struct Civil {}

/// A set of weekdays; bit 0 is Monday.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct WeekdaySet(pub u8);

/// Opening hours of the days of a weekday set, in microseconds since civil midnight.
#[derive(Clone, Debug)]
pub struct DayHours {
    /// On which days.
    pub days: WeekdaySet,
    /// From when to when, civil times of day.
    pub hours: Vec<(jiff::civil::Time, jiff::civil::Time)>,
}

/// Business hours.
#[derive(Clone, Debug)]
pub struct Calendar {}

/// Why a calendar cannot be, in words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CalendarError(pub String);

#[allow(missing_docs, unused_variables, clippy::missing_errors_doc)]
impl Civil {
    pub fn new(zone: &str, start: jiff::civil::DateTime) -> Result<Civil, CalendarError> {
        todo!()
    }
    /// The civil date and time at an instant.
    pub fn at(&self, at: Instant) -> jiff::civil::DateTime {
        todo!()
    }
    /// Like `at`, with offset, for logs and exports.
    pub fn zoned(&self, at: Instant) -> jiff::Zoned {
        todo!()
    }
    /// The instant of a civil time: in a gap the one just after it, in a fold the first; before the start `None`.
    pub fn instant(&self, at: jiff::civil::DateTime) -> Option<Instant> {
        todo!()
    }
    /// The civil day of an instant: 0 for the day of the start, and up.
    pub fn day(&self, at: Instant) -> u32 {
        todo!()
    }
    /// When civil day `day` (0 = the day of the start) begins; the run's start for day 0.
    pub fn day_start(&self, day: u32) -> Instant {
        todo!()
    }
    /// The date of civil day `day`.
    pub fn date(&self, day: u32) -> jiff::civil::Date {
        todo!()
    }
}

#[allow(missing_docs, unused_variables, clippy::missing_errors_doc)]
impl Calendar {
    pub fn new(
        civil: Civil,
        hours: Vec<DayHours>,
        holidays: Vec<jiff::civil::Date>,
    ) -> Result<Calendar, CalendarError> {
        todo!()
    }
    pub fn is_open(&self, at: Instant) -> bool {
        todo!()
    }
    /// When `working` of opening time has passed since `from`; `None` where the calendar never opens (long enough) again.
    pub fn after(&self, from: Instant, working: Span) -> Option<Instant> {
        todo!()
    }
    /// The opening time between two instants.
    pub fn between(&self, from: Instant, to: Instant) -> Span {
        todo!()
    }
    /// The next instant after `at` at which it opens or closes.
    pub fn next_change(&self, at: Instant) -> Option<Instant> {
        todo!()
    }
}

#[allow(missing_docs, unused_variables, clippy::missing_errors_doc)]
impl WeekdaySet {
    /// Reads `"mon-fri"`, `"sat,sun"`, `"mon"`; `"fri-mon"` wraps round.
    pub fn parse(text: &str) -> Result<WeekdaySet, CalendarError> {
        todo!()
    }
    pub fn contains(self, day: jiff::civil::Weekday) -> bool {
        todo!()
    }
}
