//! Numbers of the dashboard in words; the page's script says them the same way.

use crate::report::quantity::{NONE, duration, thousands};

/// A count with commas between its thousands.
pub(super) fn count(count: u64) -> String {
    thousands(&count.to_string())
}

/// A part of a whole in percent, to a tenth.
pub(super) fn share(part: u64, whole: u64) -> String {
    if whole == 0 {
        return NONE.to_owned();
    }
    // In whole numbers, so that the script rounds no differently.
    let tenths = (part * 2_000 + whole) / (2 * whole);
    format!("{}.{}\u{a0}%", tenths / 10, tenths % 10)
}

/// The mean of some milliseconds.
pub(super) fn mean(millis: u64, of: u64) -> String {
    if of == 0 { NONE.to_owned() } else { duration(millis as f64 / of as f64 / 1e3) }
}

/// Seconds, or nothing.
pub(super) fn secs(secs: Option<f64>) -> String {
    secs.map_or(NONE.to_owned(), duration)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_read_well() {
        assert_eq!([0, 999, 1_000, 1_234_567].map(count), ["0", "999", "1,000", "1,234,567"]);
        assert_eq!(
            [share(1, 3), share(2, 3), share(3, 3), share(1, 0)],
            ["33.3\u{a0}%", "66.7\u{a0}%", "100.0\u{a0}%", NONE]
        );
        assert_eq!((mean(90_000, 2), secs(None), secs(Some(61.0))), ("45s".into(), NONE.into(), "1m\u{a0}1s".into()));
    }
}
