//! Points and lengths of simulated time, in whole microseconds.

use std::fmt;
use std::ops::{Add, AddAssign, Sub};
use std::str::FromStr;

const MICROS_PER_SECOND: u64 = 1_000_000;

/// A point of simulated time: microseconds since the run's start.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Instant(u64);

/// A length of simulated time, in microseconds; never negative.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Span(u64);

impl Instant {
    /// The run's start.
    pub const ZERO: Instant = Instant(0);
    /// Later than every instant that a run reaches.
    pub const MAX: Instant = Instant(u64::MAX);

    /// The instant that lies `micros` microseconds after the start.
    pub const fn from_micros(micros: u64) -> Instant {
        Instant(micros)
    }

    /// Microseconds since the start.
    pub const fn as_micros(self) -> u64 {
        self.0
    }

    /// Seconds since the start, for reports.
    pub fn as_secs_f64(self) -> f64 {
        self.0 as f64 / MICROS_PER_SECOND as f64
    }

    /// The time from `earlier` to this instant; zero if `earlier` is later.
    pub const fn since(self, earlier: Instant) -> Span {
        Span(self.0.saturating_sub(earlier.0))
    }
}

impl Span {
    /// No time at all.
    pub const ZERO: Span = Span(0);
    /// Longer than any run.
    pub const MAX: Span = Span(u64::MAX);

    /// A span of whole microseconds.
    pub const fn from_micros(micros: u64) -> Span {
        Span(micros)
    }

    /// A span of whole seconds.
    pub const fn from_secs(secs: u64) -> Span {
        Span(secs * MICROS_PER_SECOND)
    }

    /// The span nearest to `secs` seconds; negative and not-a-number become zero, what is too long [`Span::MAX`].
    #[inline]
    pub fn from_secs_f64(secs: f64) -> Span {
        Span(nearest(secs * MICROS_PER_SECOND as f64))
    }

    /// Whole microseconds.
    pub const fn as_micros(self) -> u64 {
        self.0
    }

    /// Seconds, for reports.
    pub fn as_secs_f64(self) -> f64 {
        self.0 as f64 / MICROS_PER_SECOND as f64
    }

    /// What is left of this span after `used`; zero if nothing is.
    pub const fn saturating_sub(self, used: Span) -> Span {
        Span(self.0.saturating_sub(used.0))
    }
}

/// The nearest whole number, of two the even one; negative and not-a-number become zero, what is too large the largest.
#[inline]
pub(crate) fn nearest(number: f64) -> u64 {
    // From here on floats are whole, and none between: adding it rounds as IEEE 754 has it, and what was added to its last
    // bits is the number.
    const WHOLE: f64 = (1u64 << 52) as f64;
    if (0.0..WHOLE / 2.0).contains(&number) {
        (number + WHOLE).to_bits() - WHOLE.to_bits()
    } else if number < WHOLE {
        (number + WHOLE - WHOLE) as u64
    } else {
        // `as` saturates at both ends and maps NaN to zero.
        number as u64
    }
}

impl Add<Span> for Instant {
    type Output = Instant;
    fn add(self, span: Span) -> Instant {
        Instant(self.0.saturating_add(span.0))
    }
}

impl Add for Span {
    type Output = Span;
    fn add(self, other: Span) -> Span {
        Span(self.0.saturating_add(other.0))
    }
}

impl AddAssign for Span {
    fn add_assign(&mut self, other: Span) {
        *self = *self + other;
    }
}

impl Sub for Instant {
    type Output = Span;
    fn sub(self, earlier: Instant) -> Span {
        debug_assert!(earlier <= self, "time runs forwards: {earlier:?} is after {self:?}");
        self.since(earlier)
    }
}

impl fmt::Debug for Instant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "@{}", self.as_secs_f64())
    }
}

impl fmt::Debug for Span {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self}")
    }
}

impl fmt::Display for Span {
    /// The largest units first, as a scenario writes them: `1h30m`, `2d`, `0s`, `1.5s`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut rest = self.0;
        if rest == 0 {
            return f.write_str("0s");
        }
        for (unit, micros) in
            [("d", 86_400 * MICROS_PER_SECOND), ("h", 3_600 * MICROS_PER_SECOND), ("m", 60 * MICROS_PER_SECOND)]
        {
            if rest >= micros {
                write!(f, "{}{unit}", rest / micros)?;
                rest %= micros;
            }
        }
        match (rest / MICROS_PER_SECOND, rest % MICROS_PER_SECOND) {
            (0, 0) => Ok(()),
            (secs, 0) => write!(f, "{secs}s"),
            (secs, micros) => write!(f, "{secs}.{}s", format!("{micros:06}").trim_end_matches('0')),
        }
    }
}

/// Why a text is not a duration.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SpanError {
    /// It does not read as a duration.
    Unreadable,
    /// It is below zero.
    Negative,
    /// It is longer than a hundred years, or in months or years, whose length varies.
    Absurd,
}

impl fmt::Display for SpanError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            SpanError::Unreadable => f.write_str("not a duration"),
            SpanError::Negative => f.write_str("a duration cannot be negative"),
            SpanError::Absurd => f.write_str("a duration is at most 36500d, in days, hours, minutes and seconds"),
        }
    }
}

impl std::error::Error for SpanError {}

impl FromStr for Span {
    type Err = SpanError;

    /// Reads `"90s"`, `"15m"`, `"1h30m"`, `"2d"`; a day is 24 hours.
    fn from_str(text: &str) -> Result<Span, SpanError> {
        let span: jiff::Span = text.trim().parse().map_err(|_: jiff::Error| SpanError::Unreadable)?;
        let duration = span.to_duration(jiff::SpanRelativeTo::days_are_24_hours()).map_err(|_| SpanError::Absurd)?;
        if duration.is_negative() {
            return Err(SpanError::Negative);
        }
        let micros = u64::try_from(duration.as_micros()).map_err(|_| SpanError::Absurd)?;
        if micros > 36_500 * 86_400 * MICROS_PER_SECOND {
            return Err(SpanError::Absurd);
        }
        Ok(Span(micros))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, micros: u64, shown: &str) {
        let span: Span = text.parse().unwrap();
        assert_eq!((span.as_micros(), span.to_string()), (micros, shown.to_owned()), "{text}");
    }

    #[test]
    fn numbers_are_rounded_as_ieee_754_has_it() {
        let half = |number: f64| number + 0.5;
        for number in [
            0.0,
            0.2,
            0.5,
            1.5,
            2.5,
            2.500_000_1,
            1e6 + 0.5,
            half(2f64.powi(50)),
            half(2f64.powi(51)),
            2f64.powi(52),
            3e18,
            1e300,
            -0.7,
            -3e18,
            -1e300,
            f64::INFINITY,
            f64::NEG_INFINITY,
            f64::NAN,
        ] {
            assert_eq!(nearest(number), libm::rint(number) as u64, "{number}");
        }
    }

    #[test]
    fn durations_read_and_print_as_scenarios_write_them() {
        check("90s", 90_000_000, "1m30s");
        check("15m", 900_000_000, "15m");
        check("1h30m", 5_400_000_000, "1h30m");
        check("2d", 172_800_000_000, "2d");
        check("0s", 0, "0s");
        check("1.5s", 1_500_000, "1.5s");
        check("250ms", 250_000, "0.25s");
    }

    #[test]
    fn what_is_no_duration_says_why() {
        assert!(matches!("soon".parse::<Span>(), Err(SpanError::Unreadable)));
        assert!(matches!("90".parse::<Span>(), Err(SpanError::Unreadable)));
        assert!(matches!("".parse::<Span>(), Err(SpanError::Unreadable)));
        assert_eq!("-5m".parse::<Span>(), Err(SpanError::Negative));
        assert_eq!("1mo".parse::<Span>(), Err(SpanError::Absurd));
        assert_eq!("200y".parse::<Span>(), Err(SpanError::Absurd));
        assert_eq!("40000d".parse::<Span>(), Err(SpanError::Absurd));
    }
}
