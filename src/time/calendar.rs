//! Business hours: working time that passes only while the desk is open.

use super::{Civil, Instant, Span, WeekdaySet};
use jiff::ToSpan;
use jiff::civil::{Date, Time};
use std::fmt;
use std::sync::{Arc, OnceLock};

/// Opening hours of the days of a weekday set, in civil time.
#[derive(Clone, Debug)]
pub struct DayHours {
    /// On which days they begin.
    pub days: WeekdaySet,
    /// From when to when. An end that is not after the start lies on the next day: 00:00 is midnight at the day's end
    /// (`24:00`), `22:00` to `06:00` passes midnight and belongs to the day on which it begins.
    pub hours: Vec<(Time, Time)>,
}

/// Business hours: when the desk is open, from the run's start up to a thousand years on; closed after that.
///
/// Openings run from the first instant whose clock shows their start or later to the first whose clock shows their end or
/// later (see [`Civil`]), so a whole day counts 23 or 25 hours where clocks change. Hours that overlap count once. On a
/// holiday no opening begins; one that began the day before runs on past midnight.
///
/// Openings are worked out when first asked for and remembered, about a year at a time: a query costs a division and a
/// binary search. Cheap to clone; clones remember together.
#[derive(Clone)]
pub struct Calendar {
    civil: Civil,
    /// For Monday to Sunday: from when, and to when on which day after.
    week: [Arc<[Opens]>; 7],
    /// Sorted.
    holidays: Arc<[Date]>,
    pieces: Arc<[OnceLock<Piece>]>,
    /// Pieces from this one on are all open or all closed.
    steady_from: usize,
}

/// Why a calendar cannot be, in words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CalendarError(pub String);

#[derive(Clone, Copy, PartialEq, Debug)]
struct Opens {
    from: Time,
    to: Time,
    /// Days from the one to the other: 0 or 1.
    days: i8,
}

/// The openings within [`PIECE_MICROS`] of simulated time, in order, apart from each other.
#[derive(Debug)]
struct Piece {
    openings: Box<[Opening]>,
    /// By day of the piece, how many openings have begun by its start, so that nobody has to search.
    begun: Box<[u32]>,
    /// Working time of the whole piece, in microseconds.
    working: u64,
}

#[derive(Clone, Copy, Debug)]
struct Opening {
    from: u64,
    to: u64,
    /// Working time of the piece before this opening.
    before: u64,
}

const DAY_MICROS: u64 = 86_400_000_000;
const DAYS: u64 = 366;
const PIECE_MICROS: u64 = DAYS * DAY_MICROS;
const PIECES: usize = 1000;

impl Calendar {
    /// A calendar of the hours given, with no opening on holidays. Several entries may speak of one day; hours unite.
    ///
    /// # Errors
    /// If some hours are empty, such as 09:00 to 09:00.
    pub fn new(civil: Civil, hours: Vec<DayHours>, holidays: Vec<Date>) -> Result<Calendar, CalendarError> {
        let mut week: [Vec<Opens>; 7] = Default::default();
        for entry in &hours {
            for &(from, to) in &entry.hours {
                if from == to && from != Time::midnight() {
                    let from = from.strftime("%H:%M");
                    return Err(CalendarError(format!(
                        "hours from {from} to {from} are empty; a whole day is 00:00 to 24:00"
                    )));
                }
                for (number, day) in week.iter_mut().enumerate() {
                    if entry.days.0 & (1 << number) != 0 {
                        day.push(Opens { from, to, days: i8::from(to <= from) });
                    }
                }
            }
        }
        let mut holidays = holidays;
        holidays.sort_unstable();
        let steady_from = first_steady_piece(&civil, &week, &holidays);
        Ok(Calendar {
            civil,
            week: week.map(Arc::from),
            holidays: holidays.into(),
            pieces: (0..PIECES).map(|_| OnceLock::new()).collect(),
            steady_from,
        })
    }

    /// Whether it is open.
    pub fn is_open(&self, at: Instant) -> bool {
        let at = at.as_micros();
        self.piece(piece_of(at)).is_some_and(|piece| piece.last_begun(at).is_some_and(|opening| at < opening.to))
    }

    /// The first instant from `from` on at which it is open; `None` where it never opens again.
    pub fn next_open(&self, from: Instant) -> Option<Instant> {
        // By the end of the first microsecond that counts, it has run for one.
        let one = Span::from_micros(1);
        self.after(from, one).map(|at| Instant::from_micros(at.as_micros() - 1))
    }

    /// The first instant by which `working` of opening time has passed since `from`; `None` where the calendar never
    /// opens (long enough) again.
    pub fn after(&self, from: Instant, working: Span) -> Option<Instant> {
        let from = from.as_micros();
        if working == Span::ZERO {
            return Some(Instant::from_micros(from));
        }
        let mut index = piece_of(from);
        // Counted from the piece's beginning, so that every piece is treated alike.
        let mut left = self.piece(index)?.worked(from).checked_add(working.as_micros())?;
        loop {
            let piece = self.piece(index)?;
            if left > piece.working && piece.working == 0 && index > self.steady_from {
                return None;
            }
            if left <= piece.working {
                let opening = piece.openings[piece.openings.partition_point(|opening| opening.before < left) - 1];
                return Some(Instant::from_micros(opening.from + (left - opening.before)));
            }
            left -= piece.working;
            index += 1;
        }
    }

    /// The opening time between two instants; none if `to` is before `from`.
    pub fn between(&self, from: Instant, to: Instant) -> Span {
        let (from, to) = (from.as_micros(), to.as_micros());
        if to <= from {
            return Span::ZERO;
        }
        let (first, last) = (piece_of(from), piece_of(to).min(PIECES));
        let whole: u64 = (first..last).filter_map(|index| self.piece(index)).map(|piece| piece.working).sum();
        let into = |index, at| self.piece(index).map_or(0, |piece| piece.worked(at));
        Span::from_micros(whole + into(last, to) - into(first, from))
    }

    /// The next instant after `at` at which it opens or closes.
    pub fn next_change(&self, at: Instant) -> Option<Instant> {
        let open = self.is_open(at);
        let at = at.as_micros();
        let mut open_until = at;
        for index in piece_of(at)..=self.steady_from {
            let openings = &self.piece(index)?.openings;
            let next = openings.get(openings.partition_point(|opening| opening.to <= at));
            match next {
                Some(opening) if !open => return Some(Instant::from_micros(opening.from)),
                Some(opening) if opening.from <= open_until => open_until = opening.to,
                Some(_) | None => {}
            }
            // An opening that ends with its piece may go on in the next.
            if open && open_until < piece_start(index + 1) {
                return Some(Instant::from_micros(open_until));
            }
        }
        None
    }

    fn piece(&self, index: usize) -> Option<&Piece> {
        Some(self.pieces.get(index)?.get_or_init(|| self.work_out(index)))
    }

    fn work_out(&self, index: usize) -> Piece {
        let (start, end) = (piece_start(index), piece_start(index + 1));
        let date_of = |micros| self.civil.date(self.civil.day(Instant::from_micros(micros)));
        // The hours of the day before may reach into the piece.
        let days = date_of(start).yesterday().unwrap_or(Date::MIN).series(1.day());
        let last_day = date_of(end);
        let mut spans: Vec<(u64, u64)> = Vec::new();
        for date in days.take_while(|date| *date <= last_day) {
            if self.holidays.binary_search(&date).is_ok() {
                continue;
            }
            for opens in self.week[date.weekday().to_monday_zero_offset() as usize].iter() {
                let last = date.saturating_add(opens.days.days());
                let from = self.civil.signed_micros(date.to_datetime(opens.from)).max(start as i64);
                let to = self.civil.signed_micros(last.to_datetime(opens.to)).min(end as i64);
                // Hours within a gap of the clock, or outside the piece, are no time at all.
                if from < to {
                    spans.push((from as u64, to as u64));
                }
            }
        }
        Piece::unite(start, spans)
    }
}

impl Piece {
    fn unite(start: u64, mut spans: Vec<(u64, u64)>) -> Piece {
        spans.sort_unstable();
        let mut openings: Vec<Opening> = Vec::with_capacity(spans.len());
        for (from, to) in spans {
            match openings.last_mut() {
                Some(last) if from <= last.to => last.to = last.to.max(to),
                _ => openings.push(Opening { from, to, before: 0 }),
            }
        }
        let mut working = 0;
        for opening in &mut openings {
            opening.before = working;
            working += opening.to - opening.from;
        }
        let days = (0..DAYS).map(|day| start + day * DAY_MICROS);
        let begun = days.map(|at| openings.partition_point(|opening| opening.from <= at) as u32).collect();
        Piece { openings: openings.into(), begun, working }
    }

    fn last_begun(&self, at: u64) -> Option<&Opening> {
        let mut begun = self.begun[(at % PIECE_MICROS / DAY_MICROS) as usize] as usize;
        while self.openings.get(begun).is_some_and(|opening| opening.from <= at) {
            begun += 1;
        }
        self.openings[..begun].last()
    }

    /// Working time from the piece's beginning to `at`, which lies in it.
    fn worked(&self, at: u64) -> u64 {
        self.last_begun(at).map_or(0, |opening| opening.before + at.min(opening.to) - opening.from)
    }
}

impl fmt::Debug for Calendar {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Calendar").field("civil", &self.civil).field("week", &self.week).finish_non_exhaustive()
    }
}

fn piece_of(micros: u64) -> usize {
    (micros / PIECE_MICROS) as usize
}

fn piece_start(index: usize) -> u64 {
    index as u64 * PIECE_MICROS
}

/// Where nothing changes any more: after the last holiday, if the week is all open or all closed; else never.
fn first_steady_piece(civil: &Civil, week: &[Vec<Opens>; 7], holidays: &[Date]) -> usize {
    let whole = |day: &Vec<Opens>| day.iter().any(|opens| opens.from == opens.to);
    if !week.iter().all(whole) && !week.iter().all(Vec::is_empty) {
        return PIECES;
    }
    let Some(last) = holidays.last() else { return 0 };
    let day_after = last.saturating_add(2.days()).to_datetime(Time::midnight());
    civil.instant(day_after).map_or(0, |at| piece_of(at.as_micros()).min(PIECES))
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::{DateTime, date, time};
    use proptest::prelude::*;

    const MINUTE: u64 = 60_000_000;

    fn opens(days: &str, hours: &[(i8, i8)]) -> DayHours {
        let clock = |hour: i8| time(hour % 24, 0, 0, 0);
        DayHours {
            days: WeekdaySet::parse(days).unwrap(),
            hours: hours.iter().map(|&(from, to)| (clock(from), clock(to))).collect(),
        }
    }

    fn calendar(zone: &str, start: &str, hours: Vec<DayHours>, holidays: Vec<Date>) -> Calendar {
        Calendar::new(Civil::new(zone, start.parse().unwrap()).unwrap(), hours, holidays).unwrap()
    }

    fn hours(hours: f64) -> Instant {
        Instant::ZERO + span(hours)
    }

    fn span(hours: f64) -> Span {
        Span::from_secs_f64(hours * 3600.0)
    }

    #[test]
    fn a_week_of_office_hours() {
        // A Monday.
        let week = calendar("Europe/Berlin", "2026-03-02T00:00:00", vec![opens("mon-fri", &[(9, 17)])], vec![]);
        assert_eq!([8.9, 9.0, 16.9, 17.0].map(|at| week.is_open(hours(at))), [false, true, true, false]);
        assert_eq!(week.between(Instant::ZERO, hours(7.0 * 24.0)), span(40.0));
        assert_eq!(week.after(hours(16.0), span(1.0)), Some(hours(17.0)), "the closing instant, not the next opening");
        assert_eq!(week.after(hours(16.0), span(2.0)), Some(hours(24.0 + 10.0)));
        assert_eq!(week.after(hours(4.0 * 24.0 + 20.0), span(0.5)), Some(hours(7.0 * 24.0 + 9.5)), "over the weekend");
        assert_eq!(week.after(hours(20.0), Span::ZERO), Some(hours(20.0)));
        let opens = [(8.0, 9.0), (9.0, 9.0), (16.9, 16.9), (17.0, 33.0), (4.0 * 24.0 + 20.0, 7.0 * 24.0 + 9.0)];
        assert_eq!(opens.map(|(from, _)| week.next_open(hours(from))), opens.map(|(_, at)| Some(hours(at))));
        assert_eq!(week.next_change(Instant::ZERO), Some(hours(9.0)));
        assert_eq!(week.next_change(hours(9.0)), Some(hours(17.0)));
        assert_eq!(week.next_change(hours(4.0 * 24.0 + 17.0)), Some(hours(7.0 * 24.0 + 9.0)));
    }

    #[test]
    fn a_whole_day_is_as_long_as_its_clocks_make_it() {
        for (start, length) in
            [("2026-03-29T00:00:00", 23.0), ("2026-10-25T00:00:00", 25.0), ("2026-10-24T00:00:00", 24.0)]
        {
            let day = calendar("Europe/Berlin", start, vec![opens("mon-sun", &[(0, 24)])], vec![]);
            assert_eq!(day.between(Instant::ZERO, day.civil.day_start(1)), span(length), "{start}");
            assert_eq!(day.next_change(Instant::ZERO), None);
        }
    }

    #[test]
    fn nights_last_an_hour_less_or_more_when_clocks_change() {
        let night = |start| calendar("Europe/Berlin", start, vec![opens("sat", &[(22, 6)])], vec![]);
        assert_eq!(night("2026-03-28T12:00:00").between(Instant::ZERO, hours(48.0)), span(7.0));
        assert_eq!(night("2026-10-24T12:00:00").between(Instant::ZERO, hours(48.0)), span(9.0));
        // It belongs to the day on which it begins, also where that was before the run.
        let sunday = night("2026-05-03T00:00:00");
        assert_eq!(sunday.next_change(Instant::ZERO), Some(hours(6.0)));
    }

    #[test]
    fn hours_that_a_gap_swallows_are_no_time() {
        let spring = calendar("Europe/Berlin", "2026-03-29T00:00:00", vec![opens("sun", &[(2, 3)])], vec![]);
        assert_eq!(spring.between(Instant::ZERO, hours(24.0)), Span::ZERO);
        let autumn = calendar("Europe/Berlin", "2026-10-25T00:00:00", vec![opens("sun", &[(2, 3)])], vec![]);
        assert_eq!(autumn.between(Instant::ZERO, hours(24.0)), span(2.0));
    }

    #[test]
    fn no_opening_begins_on_a_holiday() {
        let calendar = calendar(
            "Europe/Berlin",
            "2026-04-30T00:00:00",
            vec![opens("mon-fri", &[(22, 6)]), opens("sat", &[(10, 12)])],
            vec![date(2026, 5, 1), date(2026, 12, 25)],
        );
        // Thursday's night runs into the holiday; Friday's does not begin.
        assert_eq!(calendar.next_change(hours(22.0)), Some(hours(30.0)));
        assert_eq!(calendar.next_change(hours(30.0)), Some(hours(58.0)));
    }

    #[test]
    fn what_never_opens_never_comes() {
        let none = calendar("UTC", "2026-01-01T00:00:00", vec![], vec![date(2030, 1, 1)]);
        assert_eq!((none.after(hours(1.0), span(1.0)), none.next_change(hours(1.0))), (None, None));
        assert_eq!(none.between(Instant::ZERO, Instant::MAX), Span::ZERO);
        let hourly = calendar("UTC", "2026-01-01T00:00:00", vec![opens("mon", &[(9, 10)])], vec![]);
        assert_eq!(hourly.after(Instant::ZERO, Span::MAX), None);
        assert_eq!(hourly.after(Instant::MAX, span(1.0)), None);
        assert!(!hourly.is_open(Instant::MAX));
        // A hundred years of Mondays, one hour each, end on a Monday.
        let end = hourly.after(Instant::ZERO, span(5000.0)).unwrap();
        assert_eq!(hourly.between(Instant::ZERO, end), span(5000.0));
        assert_eq!(hourly.civil.at(end).time(), time(10, 0, 0, 0));
    }

    #[test]
    fn empty_hours_are_refused() {
        let civil = Civil::new("UTC", date(2026, 1, 1).at(0, 0, 0, 0)).unwrap();
        let error = Calendar::new(civil, vec![opens("mon", &[(9, 9)])], vec![]).unwrap_err();
        assert_eq!(error.0, "hours from 09:00 to 09:00 are empty; a whole day is 00:00 to 24:00");
    }

    /// The slow twin: whether it is open in each minute from `first` on, found by walking along the zone's clock. What
    /// counts is the latest reading so far, so that an hour shown twice is not opened twice.
    fn twin(calendar: &Calendar, hours: &[DayHours], holidays: &[Date], first: u64, minutes: usize) -> Vec<bool> {
        let zoned = |minute: i64| -> DateTime {
            let start = calendar.civil.zoned(Instant::ZERO);
            (start.timestamp() + jiff::SignedDuration::from_mins(minute)).to_zoned(start.time_zone().clone()).datetime()
        };
        let open_at = |reading: DateTime| {
            let today = reading.date();
            [today.yesterday().unwrap(), today].into_iter().filter(|day| !holidays.contains(day)).any(|day| {
                let entries = hours.iter().filter(|entry| entry.days.contains(day.weekday()));
                entries.flat_map(|entry| &entry.hours).any(|&(from, to)| {
                    let last = if to <= from { day.tomorrow().unwrap() } else { day };
                    (day.to_datetime(from)..last.to_datetime(to)).contains(&reading)
                })
            })
        };
        let first = first as i64;
        let mut latest = zoned(first - 3000);
        let mut open = Vec::new();
        for minute in first - 2999..first + minutes as i64 {
            latest = latest.max(zoned(minute));
            if minute >= first {
                open.push(open_at(latest));
            }
        }
        open
    }

    fn any_hours() -> impl Strategy<Value = DayHours> {
        // Quarters of an hour; the early ones, where clocks change, are as likely as all others together.
        let quarter = || prop_oneof![0u8..16, 0u8..96];
        let clock = |quarter: u8| time((quarter / 4) as i8, (quarter % 4 * 15) as i8, 0, 0);
        (1u8..128, prop::collection::vec((quarter(), quarter()), 0..3)).prop_map(move |(days, pairs)| DayHours {
            days: WeekdaySet(days),
            hours: pairs
                .into_iter()
                .map(|(from, to)| (clock(from), clock(to)))
                .filter(|(from, to)| from != to || *from == Time::midnight())
                .collect(),
        })
    }

    const ZONES: [&str; 9] = [
        "Europe/Berlin",
        "America/New_York",
        "Australia/Lord_Howe",
        "Asia/Kolkata",
        "UTC",
        "America/Goose_Bay",
        "America/Havana",
        "Pacific/Apia",
        "Africa/Cairo",
    ];

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(48))]
        #[test]
        fn calendars_agree_with_a_walk_along_the_clock(
            zone in prop::sample::select(&ZONES[..]),
            // Near the changes of clocks as near as anywhere else.
            start in (2008i16..2030, prop::sample::select(vec![(1i8, 1i8), (3, 6), (3, 25), (4, 1), (10, 22), (11, 1), (12, 26)]), 0i8..24),
            hours in prop::collection::vec(any_hours(), 0..4),
            off in prop::collection::vec(0i64..12, 0..4),
            // At the run's start, over the seam of two pieces, and far away.
            skipped_days in prop::sample::select(vec![0u64, 0, 361, 366 * 2 - 3, 366 * 500 - 8]),
            queries in prop::collection::vec((0usize..14_000, 0u64..3_000), 24),
        ) {
            const MINUTES: usize = 10 * 1440;
            let (year, (month, day), hour) = start;
            let civil = Civil::new(zone, date(year, month, day).at(hour, 0, 0, 0)).unwrap();
            let base = skipped_days * 1440;
            let base_date = civil.at(Instant::from_micros(base * MINUTE)).date();
            let holidays: Vec<Date> = off.iter().map(|&days| base_date.checked_add((days - 1).days()).unwrap()).collect();
            let calendar = Calendar::new(civil, hours.clone(), holidays.clone()).unwrap();
            let open = twin(&calendar, &hours, &holidays, base, MINUTES);
            let mut worked = vec![0];
            worked.extend(open.iter().scan(0u64, |sum, &open| { *sum += u64::from(open); Some(*sum) }));
            let instant = |minute: usize| Instant::from_micros((base + minute as u64) * MINUTE);
            for (minute, &open) in open.iter().enumerate() {
                prop_assert_eq!(calendar.is_open(instant(minute)), open, "{} minutes after {:?}", minute, instant(0));
            }
            for (minute, working) in queries {
                let other = (working as usize * 7 % MINUTES).max(minute);
                prop_assert_eq!(
                    calendar.between(instant(minute), instant(other)),
                    Span::from_micros((worked[other] - worked[minute]) * MINUTE)
                );
                let after = calendar.after(instant(minute), Span::from_micros(working * MINUTE));
                match (minute..MINUTES).find(|&end| worked[end] - worked[minute] >= working) {
                    Some(end) => prop_assert_eq!(after, Some(instant(end)), "{} minutes from {}", working, minute),
                    None => prop_assert!(after.is_none_or(|after| after >= instant(MINUTES))),
                }
                let change = calendar.next_change(instant(minute));
                match (minute + 1..MINUTES).find(|&next| open[next] != open[minute]) {
                    Some(next) => prop_assert_eq!(change, Some(instant(next)), "after {}", minute),
                    None => prop_assert!(change.is_none_or(|change| change >= instant(MINUTES))),
                }
            }
        }
    }
}
