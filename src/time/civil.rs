//! Where simulated time meets civil time: dates, times of day, a time zone and its daylight saving.

use super::{CalendarError, Instant};
use jiff::civil::{Date, DateTime, Time};
use jiff::tz::{AmbiguousOffset, TimeZone, TimeZoneDatabase};
use jiff::{Timestamp, ToSpan, Zoned};
use std::fmt;
use std::sync::{Arc, OnceLock};

/// Ties simulated time to civil time: where in a time zone the run starts.
///
/// A civil time is reached at the first instant whose clock shows it or later. So a time that falls into a gap (clocks
/// go forward) is reached at the gap's end, one that a fold shows twice (clocks go back) at the first showing, and civil
/// days follow each other without overlap, each as long as the zone makes it (23, 24, 25 hours …).
///
/// Cheap to clone. Days up to a thousand years from the start are remembered once asked for.
#[derive(Clone)]
pub struct Civil {
    zone: TimeZone,
    /// The start as microseconds of Unix time.
    start: i64,
    date: Date,
    /// The civil day on which the last date that can be written falls.
    last_day: u32,
    /// Starts of days, by [`CHUNK`] of them.
    days: Arc<[OnceLock<DayStarts>]>,
}

/// When the days of a chunk begin, in microseconds after the start, and the day after them.
type DayStarts = Box<[u64]>;

const CHUNK: u32 = 128;
const CHUNKS: usize = 366 * 1000 / CHUNK as usize;
const DAY_MICROS: u64 = 86_400_000_000;

impl Civil {
    /// The zone's rules come from the bundled time zone database, never from the machine's own.
    ///
    /// # Errors
    /// If the zone is unknown, or the start lies outside the years 1 to 8000.
    pub fn new(zone: &str, start: DateTime) -> Result<Civil, CalendarError> {
        let database = TimeZoneDatabase::bundled();
        let tz = database.get(zone).map_err(|_| unknown_zone(&database, zone))?;
        if !(1..=8000).contains(&start.year()) {
            return Err(CalendarError(format!("the start {start} lies outside the years 1 to 8000")));
        }
        let start_micros = first_showing(&tz, start).as_microsecond();
        Ok(Civil {
            zone: tz,
            start: start_micros,
            date: start.date(),
            last_day: (Date::MAX - start.date()).get_days().unsigned_abs(),
            days: (0..CHUNKS).map(|_| OnceLock::new()).collect(),
        })
    }

    /// The civil date and time at an instant.
    pub fn at(&self, at: Instant) -> DateTime {
        self.zone.to_datetime(self.timestamp(at))
    }

    /// Like [`Civil::at`], with offset, for logs and exports.
    pub fn zoned(&self, at: Instant) -> Zoned {
        self.timestamp(at).to_zoned(self.zone.clone())
    }

    /// The civil date and time at an instant with its offset (ISO 8601), such as `2026-03-02T09:00:00+01:00`; fractions of a
    /// second are shown where there are any.
    pub fn with_offset(&self, at: Instant) -> impl fmt::Display {
        let timestamp = self.timestamp(at);
        timestamp.display_with_offset(self.zone.to_offset(timestamp))
    }

    /// When a written time is reached, in microseconds after the start, or before it: a civil time of the zone, a date's
    /// midnight, or a time with an offset or `Z`; `None` if the text is none of them.
    pub fn read(&self, text: &str) -> Option<i64> {
        let text = text.trim();
        if let Ok(moment) = text.parse::<Timestamp>() {
            return Some(moment.as_microsecond().saturating_sub(self.start));
        }
        // What names an offset or a zone, and is no moment, is no civil time either.
        let names_offset = text.contains(['Z', 'z', '+', '[']) || text.get(10..).is_some_and(|time| time.contains('-'));
        let civil: DateTime = if names_offset { None } else { text.parse().ok() }?;
        Some(self.signed_micros(civil))
    }

    /// Microseconds of Unix time at an instant.
    pub fn unix_micros(&self, at: Instant) -> i64 {
        self.timestamp(at).as_microsecond()
    }

    /// The first instant whose clock shows `at` or later; `None` before the start.
    pub fn instant(&self, at: DateTime) -> Option<Instant> {
        let micros = self.signed_micros(at);
        u64::try_from(micros).ok().map(Instant::from_micros)
    }

    /// The civil day of an instant: 0 for the day of the start, and up.
    pub fn day(&self, at: Instant) -> u32 {
        // Days of 24 hours lead to within a day or two of it; daylight saving and the start's hour do the rest.
        let mut day = (at.as_micros() / DAY_MICROS).min(u64::from(self.last_day)) as u32;
        while self.day_start(day) > at {
            day -= 1;
        }
        while day < self.last_day && self.day_start(day + 1) <= at {
            day += 1;
        }
        day
    }

    /// When civil day `day` (0 = the day of the start) begins; the run's start for day 0, [`Instant::MAX`] past the year 9999.
    pub fn day_start(&self, day: u32) -> Instant {
        let Some(chunk) = self.days.get((day / CHUNK) as usize) else {
            return self.compute_day_start(day);
        };
        let starts = chunk.get_or_init(|| {
            let first = day - day % CHUNK;
            (first..first + CHUNK).map(|day| self.compute_day_start(day).as_micros()).collect()
        });
        Instant::from_micros(starts[(day % CHUNK) as usize])
    }

    /// The date of civil day `day`; the last of the year 9999 from there on.
    pub fn date(&self, day: u32) -> Date {
        self.date.saturating_add(i64::from(day.min(self.last_day)).days())
    }

    /// The name of the time zone.
    pub fn zone_name(&self) -> &str {
        self.zone.iana_name().unwrap_or("UTC")
    }

    fn compute_day_start(&self, day: u32) -> Instant {
        match day {
            0 => Instant::ZERO,
            _ if day > self.last_day => Instant::MAX,
            _ => self.instant(self.date(day).to_datetime(Time::midnight())).unwrap_or(Instant::ZERO),
        }
    }

    /// When a civil time is reached, in microseconds after the start, or before it.
    pub(super) fn signed_micros(&self, at: DateTime) -> i64 {
        first_showing(&self.zone, at).as_microsecond() - self.start
    }

    fn timestamp(&self, at: Instant) -> Timestamp {
        i64::try_from(at.as_micros())
            .ok()
            .and_then(|micros| self.start.checked_add(micros))
            .and_then(|micros| Timestamp::from_microsecond(micros).ok())
            .unwrap_or(Timestamp::MAX)
    }
}

/// The civil date so many days after 1970-01-01.
pub fn date_of(days: i32) -> Date {
    jiff::civil::date(1970, 1, 1).saturating_add(i64::from(days).days())
}

impl fmt::Debug for Civil {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Civil({})", self.zoned(Instant::ZERO))
    }
}

fn first_showing(zone: &TimeZone, at: DateTime) -> Timestamp {
    let ambiguous = zone.to_ambiguous_timestamp(at);
    let moment = match ambiguous.offset() {
        AmbiguousOffset::Unambiguous { offset } | AmbiguousOffset::Fold { before: offset, .. } => {
            offset.to_timestamp(at)
        }
        // Read with the offset that the gap leads to, the time lies before the gap, and the gap's end is the next change.
        AmbiguousOffset::Gap { after, .. } => after
            .to_timestamp(at)
            .map(|before| zone.following(before).next().map_or(before, |transition| transition.timestamp())),
    };
    // Only offsets at the edges of the years that can be written at all fail.
    moment.unwrap_or(if at.year() < 0 { Timestamp::MIN } else { Timestamp::MAX })
}

fn unknown_zone(database: &TimeZoneDatabase, zone: &str) -> CalendarError {
    let nearest = database
        .available()
        .map(|known| (strsim::damerau_levenshtein(&zone.to_lowercase(), &known.as_str().to_lowercase()), known))
        .min_by(|a, b| a.0.cmp(&b.0).then_with(|| a.1.as_str().cmp(b.1.as_str())))
        .filter(|(distance, _)| *distance <= zone.len() / 3);
    CalendarError(match nearest {
        Some((_, known)) => format!("there is no time zone `{zone}`; did you mean `{}`?", known.as_str()),
        None => format!("there is no time zone `{zone}`; zones have IANA names such as `Europe/Berlin`"),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::time::Span;
    use jiff::civil::{date, datetime};

    fn civil(zone: &str, start: &str) -> Civil {
        Civil::new(zone, start.parse().unwrap()).unwrap()
    }

    fn hours(hours: f64) -> Instant {
        Instant::ZERO + Span::from_secs_f64(hours * 3600.0)
    }

    #[test]
    fn instants_show_civil_times_and_back() {
        let berlin = civil("Europe/Berlin", "2026-03-02T08:00:00");
        assert_eq!(berlin.at(hours(25.5)), datetime(2026, 3, 3, 9, 30, 0, 0));
        assert_eq!(berlin.instant(datetime(2026, 3, 3, 9, 30, 0, 0)), Some(hours(25.5)));
        assert_eq!(berlin.instant(datetime(2026, 3, 2, 7, 59, 59, 0)), None);
        assert_eq!(berlin.instant(datetime(2026, 3, 2, 8, 0, 0, 0)), Some(Instant::ZERO));
        assert_eq!(berlin.zoned(hours(1.0)).to_string(), "2026-03-02T09:00:00+01:00[Europe/Berlin]");
    }

    #[test]
    fn a_time_in_a_gap_is_reached_at_its_end() {
        let berlin = civil("Europe/Berlin", "2026-03-29T00:00:00");
        for (hour, minute) in [(2, 0), (2, 30), (2, 59), (3, 0)] {
            assert_eq!(berlin.instant(datetime(2026, 3, 29, hour, minute, 0, 0)), Some(hours(2.0)), "{hour}:{minute}");
        }
        assert_eq!(berlin.day_start(1), hours(23.0));
    }

    #[test]
    fn a_time_in_a_fold_is_reached_at_its_first_showing() {
        let berlin = civil("Europe/Berlin", "2026-10-25T00:00:00");
        assert_eq!(berlin.instant(datetime(2026, 10, 25, 2, 30, 0, 0)), Some(hours(2.5)));
        assert_eq!(berlin.instant(datetime(2026, 10, 25, 3, 0, 0, 0)), Some(hours(4.0)));
        assert_eq!(berlin.at(hours(3.5)), datetime(2026, 10, 25, 2, 30, 0, 0));
        assert_eq!(berlin.day_start(1), hours(25.0));
    }

    #[test]
    fn days_that_clocks_skip_or_repeat_keep_their_order() {
        // Samoa had no 30 December 2011; Goose Bay turned its clocks back at 00:01, into the day before.
        let apia = civil("Pacific/Apia", "2011-12-29T00:00:00");
        assert_eq!((apia.day_start(1), apia.day_start(2)), (hours(24.0), hours(24.0)));
        assert_eq!((apia.day(hours(23.9)), apia.day(hours(24.0))), (0, 2));
        let goose = civil("America/Goose_Bay", "2010-11-06T00:00:00");
        assert_eq!(goose.at(hours(24.5)).date(), date(2010, 11, 6));
        assert_eq!([23.9, 24.0, 24.5, 25.5].map(|at| goose.day(hours(at))), [0, 1, 1, 1]);
    }

    #[test]
    fn days_count_from_the_start_for_ever() {
        for zone in ["Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Kolkata", "UTC"] {
            let civil = civil(zone, "2026-03-02T17:45:00");
            assert_eq!(civil.day_start(0), Instant::ZERO);
            for day in (1..1200).chain((1..30).map(|step| step * 45_000)) {
                let start = civil.day_start(day);
                assert_eq!(civil.at(start), civil.date(day).to_datetime(Time::midnight()), "{zone} day {day}");
                let before = Instant::from_micros(start.as_micros() - 1);
                assert_eq!((civil.day(before), civil.day(start)), (day - 1, day), "{zone} day {day}");
            }
        }
    }

    #[test]
    fn the_far_end_of_time_is_no_panic() {
        let berlin = civil("Europe/Berlin", "8000-12-31T23:00:00");
        assert_eq!(berlin.at(Instant::MAX).year(), 9999);
        assert_eq!(berlin.date(u32::MAX), Date::MAX);
        assert_eq!(berlin.day_start(u32::MAX), Instant::MAX);
        assert!(berlin.day(Instant::MAX) > 700_000);
        assert!(berlin.instant(DateTime::MAX).is_some());
        assert!(berlin.instant(DateTime::MIN).is_none());
    }

    #[test]
    fn zones_that_do_not_exist_are_named_with_the_nearest_that_does() {
        let error = |zone| Civil::new(zone, datetime(2026, 1, 1, 0, 0, 0, 0)).unwrap_err().0;
        assert_eq!(error("Europe/Berln"), "there is no time zone `Europe/Berln`; did you mean `Europe/Berlin`?");
        assert!(error("Moon/Tranquillity").contains("IANA names"));
        assert!(error("").contains("IANA names"));
        assert!(Civil::new("UTC", datetime(9999, 1, 1, 0, 0, 0, 0)).is_err());
    }
}
