//! Numbers as people read them: `3m 20s ± 12s`, `8.2 % ± 1.1 %`, `1,234 ± 12`. Their spaces do not break.

use crate::experiment::Summary;
use crate::measures::Unit;

/// A space at which no line is broken.
pub(super) const FIRM: char = '\u{a0}';

/// The unit of a difference of two shares: percentage points. A percent of a share would be something else.
pub(super) const POINTS: &str = "pp";

/// What stands where there is no figure.
pub(super) const NONE: &str = "–";

/// A mean with the longer side of its interval, where it has one; marked where there are too few replications to believe it.
pub(super) fn figure(summary: Option<Summary>, unit: Unit) -> String {
    let Some(summary) = summary else { return NONE.to_owned() };
    let mean = summary.mean;
    match summary.reach() {
        // What never happens needs no decimals.
        Some(0.0) | None if mean == 0.0 && unit != Unit::Ratio => nothing(unit),
        None => quantity(mean, unit, mean),
        Some(reach) => {
            let rough = if summary.is_believable() { "" } else { "*" };
            format!("{}{FIRM}±{FIRM}{}{rough}", quantity(mean, unit, mean), quantity(reach, unit, mean))
        }
    }
}

fn nothing(unit: Unit) -> String {
    match unit {
        Unit::Seconds => "0s".to_owned(),
        Unit::Hours => format!("0{FIRM}h"),
        Unit::Share => format!("0{FIRM}%"),
        Unit::Count | Unit::Ratio => "0".to_owned(),
    }
}

/// A mean alone.
pub(super) fn mean(summary: Option<Summary>, unit: Unit) -> String {
    match summary {
        None => NONE.to_owned(),
        Some(Summary { mean: 0.0, .. }) if unit != Unit::Ratio => nothing(unit),
        Some(Summary { mean, .. }) => quantity(mean, unit, mean),
    }
}

/// A difference without its sign, and half the width of its interval: to so many decimals that the smaller of them shows.
/// Shares differ by percentage points.
pub(super) fn difference(size: f64, half: Option<f64>, unit: Unit) -> String {
    let scale = if unit == Unit::Share { 100.0 } else { 1.0 };
    let least = half.unwrap_or(size).min(size) * scale;
    let decimals = match least {
        none if none <= 0.0 => 1,
        large if large >= 9.95 => 0,
        some => (1.0 - libm::floor(libm::log10(some))).clamp(1.0, 5.0) as usize,
    };
    let number = |value: f64| match unit {
        Unit::Seconds => duration(value),
        Unit::Hours => format!("{}{FIRM}h", thousands(&format!("{value:.decimals$}"))),
        Unit::Share => format!("{:.*}{FIRM}{POINTS}", decimals.min(3), value * 100.0),
        Unit::Count => thousands(&format!("{value:.decimals$}")),
        Unit::Ratio => format!("{value:.*}", decimals.max(3)),
    };
    match half {
        Some(half) => format!("{}{FIRM}±{FIRM}{}", number(size), number(half)),
        None => number(size),
    }
}

/// A number in its unit, to as many decimals as suit a number of the size of `like`.
pub(super) fn quantity(value: f64, unit: Unit, like: f64) -> String {
    match unit {
        Unit::Seconds => duration(value),
        Unit::Hours => format!("{}{FIRM}h", decimal(value, like)),
        Unit::Share => format!("{}{FIRM}%", decimal(value * 100.0, (like * 100.0).max(1.0))),
        Unit::Count => decimal(value, like),
        Unit::Ratio if libm::fabs(value) >= LONG => with_power(value),
        Unit::Ratio => format!("{value:.3}"),
    }
}

/// A number that may be below zero.
pub(super) fn signed(value: f64, unit: Unit, like: f64) -> String {
    let size = quantity(libm::fabs(value), unit, libm::fabs(like));
    if value < 0.0 { format!("−{size}") } else { size }
}

/// How far two figures of that unit are apart, which may be below zero: shares by percentage points.
pub(super) fn apart(difference: f64, unit: Unit) -> String {
    let text = signed(difference, unit, difference);
    if unit == Unit::Share { text.replace('%', POINTS) } else { text }
}

/// Two numbers that are held to one another: where they differ, their texts do.
pub(super) fn beside(value: f64, limit: f64, unit: Unit) -> [String; 2] {
    let short = [value, limit].map(|number| signed(number, unit, number));
    if short[0] != short[1] || value == limit {
        return short;
    }
    let (scale, suffix) = match unit {
        Unit::Seconds => (1.0, "s"),
        Unit::Hours => (1.0, "\u{a0}h"),
        Unit::Share => (100.0, "\u{a0}%"),
        Unit::Count | Unit::Ratio => (1.0, ""),
    };
    let long = |decimals: usize| [value, limit].map(|number| format!("{:.decimals$}{suffix}", number * scale));
    (1..15)
        .map(long)
        .find(|long| long[0] != long[1])
        .unwrap_or_else(|| [value, limit].map(|number| format!("{number:e}")))
}

/// From here on digits of a number say nothing that its power of ten does not.
pub(super) const LONG: f64 = 1e15;

/// A number as in `2.5e40`.
pub(super) fn with_power(value: f64) -> String {
    let text = format!("{value:.3e}");
    match text.split_once('e') {
        Some((digits, power)) => format!("{}e{power}", digits.trim_end_matches('0').trim_end_matches('.')),
        // What is not finite has none.
        None => text,
    }
}

fn decimal(value: f64, like: f64) -> String {
    if libm::fabs(value) >= LONG {
        return with_power(value);
    }
    let decimals = match like.abs() {
        size if size >= 99.95 => 0,
        size if size >= 0.995 => 1,
        _ => 2,
    };
    thousands(&format!("{value:.decimals$}"))
}

/// Puts commas between the thousands of a number's text.
pub(super) fn thousands(number: &str) -> String {
    let (whole, rest) = number.split_once('.').map_or((number, None), |(whole, rest)| (whole, Some(rest)));
    let digits = whole.trim_start_matches('-').len();
    let mut out = String::new();
    for (n, letter) in whole.chars().enumerate() {
        let left = whole.len() - n;
        if left < digits && left % 3 == 0 {
            out.push(',');
        }
        out.push(letter);
    }
    rest.map_or(out.clone(), |rest| format!("{out}.{rest}"))
}

/// Seconds in their two largest units, rounded.
pub(super) fn duration(seconds: f64) -> String {
    let two = |value: f64, small: f64, names: [&str; 2], per: u64| {
        let whole = libm::rint(value / small) as u64;
        match (whole / per, whole % per) {
            (large, 0) => format!("{large}{}", names[0]),
            (large, rest) => format!("{large}{}{FIRM}{rest}{}", names[0], names[1]),
        }
    };
    match seconds {
        none if none <= 0.0 => "0s".to_owned(),
        short if short < 0.0095 => format!("{:.2}ms", short * 1e3),
        short if short < 0.995 => format!("{short:.2}s"),
        short if short < 59.95 => format!("{}s", format!("{short:.1}").trim_end_matches(".0")),
        minutes if minutes < 3_599.5 => two(minutes, 1.0, ["m", "s"], 60),
        hours if hours < 86_370.0 => two(hours, 60.0, ["h", "m"], 60),
        days if days < LONG => two(days, 3_600.0, ["d", "h"], 24),
        long => format!("{}d", with_power(long / 86_400.0)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_have_two_units() {
        let shown = [0.0, 0.0015, 0.25, 0.999, 12.34, 20.0, 59.96, 200.0, 3_599.6, 7_500.0, 86_399.0, 100_000.0];
        let expected = ["0s", "1.50ms", "0.25s", "1s", "12.3s", "20s", "1m", "3m 20s", "1h", "2h 5m", "1d", "1d 4h"];
        assert_eq!(shown.map(|seconds| duration(seconds).replace(FIRM, " ")), expected);
    }

    #[test]
    fn every_number_has_a_text() {
        let numbers = [0.0, -0.0, 1e-308, -2.5, 1e14, 1e15, 1.7e308, f64::INFINITY, f64::NAN];
        for unit in [Unit::Seconds, Unit::Hours, Unit::Share, Unit::Count, Unit::Ratio] {
            for value in numbers.into_iter().chain(numbers.map(|number| -number)) {
                for other in numbers {
                    assert!(!difference(libm::fabs(value), Some(other), unit).is_empty());
                    assert!(beside(value, other, unit).iter().all(|text| !text.is_empty()), "{value} {other}");
                    assert!(!quantity(value, unit, other).is_empty());
                }
                assert!(!apart(value, unit).is_empty() && !with_power(value).is_empty());
            }
        }
    }

    #[test]
    fn numbers_beside_one_another_can_be_told_apart() {
        let texts = |value, limit, unit| beside(value, limit, unit).map(|text| text.replace(FIRM, " "));
        assert_eq!(texts(0.341, 0.9, Unit::Ratio), ["0.341", "0.900"]);
        assert_eq!(texts(0.200_04, 0.2, Unit::Share), ["20.004 %", "20.000 %"]);
        assert_eq!(texts(200.2, 200.0, Unit::Seconds), ["200.2s", "200.0s"]);
        assert_eq!(texts(5.0, 5.0, Unit::Count), ["5.0", "5.0"]);
        assert_eq!(texts(1.0 + 1e-16, 1.0, Unit::Ratio), ["1.000", "1.000"], "these are the same number");
        assert_eq!(texts(-70.0, 5.0, Unit::Seconds), ["−1m 10s", "5s"]);
    }

    #[test]
    fn small_differences_show() {
        let of = |size, half, unit| difference(size, half, unit).replace(FIRM, " ");
        assert_eq!(of(0.0321, Some(0.0052), Unit::Share), "3.21 pp ± 0.52 pp");
        assert_eq!(of(0.000_21, Some(0.000_4), Unit::Share), "0.021 pp ± 0.040 pp");
        assert_eq!(of(0.2, Some(0.15), Unit::Share), "20 pp ± 15 pp");
        assert_eq!(of(0.0, Some(0.0), Unit::Share), "0.0 pp ± 0.0 pp");
        assert_eq!(of(0.014, Some(0.005), Unit::Ratio), "0.0140 ± 0.0050");
        assert_eq!(of(48.5, Some(11.5), Unit::Seconds), "48.5s ± 11.5s");
        assert_eq!(of(1_234.0, None, Unit::Count), "1,234");
        let apart = |value, unit| apart(value, unit).replace(FIRM, " ");
        assert_eq!(apart(-0.031, Unit::Share), "−3.1 pp");
        assert_eq!(apart(90.0, Unit::Seconds), "1m 30s");
    }

    fn shown(summary: Option<Summary>, unit: Unit) -> String {
        figure(summary, unit).replace(FIRM, " ")
    }

    #[test]
    fn a_mean_stands_with_its_half_width() {
        let of = |mean, half| {
            Some(Summary {
                mean,
                sd: Some(1.0),
                n: 60,
                ci95: Some([mean - half, mean + half]),
                needs: Some(45),
                tails: None,
            })
        };
        assert_eq!(shown(of(200.0, 12.0), Unit::Seconds), "3m 20s ± 12s");
        assert_eq!(shown(of(0.082, 0.011), Unit::Share), "8.2 % ± 1.1 %");
        assert_eq!(shown(of(1234.4, 12.2), Unit::Count), "1,234 ± 12");
        assert_eq!(shown(of(1_234_567.0, 2.0), Unit::Count), "1,234,567 ± 2");
        assert_eq!(shown(of(0.97, 0.014), Unit::Ratio), "0.970 ± 0.014");
        assert_eq!(shown(of(123.4, 0.0), Unit::Hours), "123 h ± 0 h");
        assert_eq!(shown(of(0.5, 0.25), Unit::Count), "0.50 ± 0.25");
        let one = Summary { mean: 4.0, sd: None, n: 1, ci95: None, needs: None, tails: None };
        assert_eq!(shown(Some(one), Unit::Count), "4.0");
        assert_eq!(figure(None, Unit::Count), NONE);
        let few = of(200.0, 12.0).map(|summary| Summary { needs: Some(61), ..summary });
        assert_eq!(shown(few, Unit::Seconds), "3m 20s ± 12s*", "too few replications");
    }
}
