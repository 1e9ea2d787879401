//! Sets of weekdays, as scenarios write them.

use super::CalendarError;
use jiff::civil::Weekday;
use std::fmt;
use std::str::FromStr;

/// A set of weekdays; bit 0 is Monday.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct WeekdaySet(pub u8);

const NAMES: [&str; 7] = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];

impl WeekdaySet {
    /// Every day.
    pub const ALL: WeekdaySet = WeekdaySet(0b111_1111);

    /// Reads `"mon-fri"`, `"sat,sun"`, `"mon"`; `"fri-mon"` wraps round. Case and blanks do not matter.
    ///
    /// # Errors
    /// If some part is neither a day nor a range of days; says which.
    pub fn parse(text: &str) -> Result<WeekdaySet, CalendarError> {
        let mut set = 0;
        for part in text.split(',') {
            let (first, last) = part.split_once('-').unwrap_or((part, part));
            let (first, last) = (day_number(first)?, day_number(last)?);
            let length = (last + 7 - first) % 7 + 1;
            for day in first..first + length {
                set |= 1 << (day % 7);
            }
        }
        Ok(WeekdaySet(set))
    }

    /// Whether the day is one of them.
    pub fn contains(self, day: Weekday) -> bool {
        self.0 & (1 << day.to_monday_zero_offset()) != 0
    }

    /// Whether there is no day in it.
    pub fn is_empty(self) -> bool {
        self.0 & WeekdaySet::ALL.0 == 0
    }
}

fn day_number(name: &str) -> Result<u8, CalendarError> {
    let name = name.trim();
    match NAMES.iter().position(|known| known.eq_ignore_ascii_case(name)) {
        Some(number) => Ok(number as u8),
        None => Err(CalendarError(format!("`{name}` is not a weekday; those are {}", NAMES.join(", ")))),
    }
}

impl FromStr for WeekdaySet {
    type Err = CalendarError;
    fn from_str(text: &str) -> Result<WeekdaySet, CalendarError> {
        WeekdaySet::parse(text)
    }
}

impl fmt::Display for WeekdaySet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut separator = "";
        for (number, name) in NAMES.iter().enumerate() {
            if self.0 & (1 << number) != 0 {
                write!(f, "{separator}{name}")?;
                separator = ",";
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, shown: &str) {
        assert_eq!(WeekdaySet::parse(text).unwrap().to_string(), shown, "{text}");
    }

    #[test]
    fn sets_read_as_scenarios_write_them() {
        check("mon-fri", "mon,tue,wed,thu,fri");
        check("sat,sun", "sat,sun");
        check("mon", "mon");
        check("fri-mon", "mon,fri,sat,sun");
        check("sun-sun", "sun");
        check(" Mon - Wed , SAT", "mon,tue,wed,sat");
        check("tue-mon", "mon,tue,wed,thu,fri,sat,sun");
    }

    #[test]
    fn what_is_no_set_names_the_part_that_is_not() {
        for (text, part) in [("", "``"), ("mon-", "``"), ("mon,funday", "`funday`"), ("monday", "`monday`")] {
            let error = WeekdaySet::parse(text).unwrap_err();
            assert!(error.0.starts_with(part), "{text}: {}", error.0);
        }
    }

    #[test]
    fn a_set_contains_its_days_alone() {
        let set = WeekdaySet::parse("sat,sun").unwrap();
        assert!(set.contains(Weekday::Saturday) && set.contains(Weekday::Sunday));
        assert!(!set.contains(Weekday::Monday) && !set.contains(Weekday::Friday));
        assert!(WeekdaySet::default().is_empty() && !set.is_empty());
    }
}
