//! How values of a metric are written along an axis, and in little room.

use super::chart::plain;
use super::quantity::{FIRM, thousands};
use crate::measures::Unit;

/// A unit in which values up to `most` read well along an axis: its name, its size, and how numbers in it are written.
pub(super) fn in_unit(unit: Unit, most: f64) -> (&'static str, f64, fn(f64) -> String) {
    match unit {
        Unit::Seconds => {
            let (name, size) = time_unit(most);
            (name, size, plain)
        }
        Unit::Hours => ("hours", 1.0, plain),
        Unit::Share => ("percent", 0.01, plain),
        Unit::Count => ("", 1.0, plain),
        Unit::Ratio => ("", 1.0, plain),
    }
}

/// A unit of time in which values up to `most` seconds read well: its name, and its seconds.
pub(super) fn time_unit(most: f64) -> (&'static str, f64) {
    match most {
        most if most <= 120.0 => ("seconds", 1.0),
        most if most <= 7_200.0 => ("minutes", 60.0),
        most if most <= 172_800.0 => ("hours", 3_600.0),
        _ => ("days", 86_400.0),
    }
}

/// A number in a cell, in the unit that suits the largest.
pub(super) fn fits(value: f64, unit: Unit, most: f64) -> String {
    let short = |value: f64| match value.abs() {
        size if size >= 99.95 => thousands(&format!("{value:.0}")),
        size if size >= 9.995 => format!("{value:.1}"),
        _ => format!("{value:.2}"),
    };
    match unit {
        Unit::Seconds => {
            let (name, size) = time_unit(most);
            format!("{}{FIRM}{}", short(value / size), if name == "minutes" { "min" } else { &name[..1] })
        }
        Unit::Hours => format!("{}{FIRM}h", short(value)),
        Unit::Share => format!("{:.1}{FIRM}%", value * 100.0),
        Unit::Count => short(value),
        Unit::Ratio => format!("{value:.3}"),
    }
}
