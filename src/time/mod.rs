//! The words everyone shares about time: [`Instant`], [`Span`] and civil calendars.
//!
//! Simulated time is whole microseconds since the run's start, so sums and comparisons are exact on every machine.
//! Civil time (days, hours, time zones, daylight saving) is met only in [`Civil`] and [`Calendar`].

mod calendar;
mod instant;

pub use calendar::{Calendar, CalendarError, Civil, DayHours, WeekdaySet};
pub use instant::{Instant, Span, SpanError};
