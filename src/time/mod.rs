//! The words everyone shares about time: [`Instant`], [`Span`] and civil calendars.
//!
//! Simulated time is whole microseconds since the run's start, so sums and comparisons are exact on every machine.
//! Civil time (days, hours, time zones, daylight saving) is met only in [`Civil`] and [`Calendar`].
//! Read `instant`, then `civil`, then `calendar`.

mod calendar;
mod civil;
mod instant;
mod weekday;

pub use calendar::{Calendar, CalendarError, DayHours};
pub use civil::{Civil, date_of};
pub(crate) use instant::nearest;
pub use instant::{Instant, Span, SpanError};
pub use weekday::WeekdaySet;
