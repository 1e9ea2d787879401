//! Axes: where values come to stand, and which of them are written beside.

use super::canvas::{Anchor, Canvas, TEXT, width_of};
use super::palette::{AXIS, FAINT, RULE};
use crate::report::quantity::thousands;

/// Maps values to places along one direction.
#[derive(Clone, PartialEq, Debug)]
pub(crate) struct Axis {
    from: f64,
    to: f64,
    /// Where `from` and `to` stand.
    places: (f64, f64),
    /// Values with their words.
    pub(crate) ticks: Vec<(f64, String)>,
}

impl Axis {
    /// From zero to at least `most`, at round values, about `count` of them.
    pub(crate) fn from_zero(most: f64, places: (f64, f64), count: u32, words: impl Fn(f64) -> String) -> Axis {
        Axis::round(0.0, most, places, count, words)
    }

    /// Over both values, ending at round ones.
    pub(crate) fn round(low: f64, high: f64, places: (f64, f64), count: u32, words: impl Fn(f64) -> String) -> Axis {
        let (low, high) = extent(low, high);
        let step = round_step((high - low) / f64::from(count.max(1)));
        let (first, last) = (libm::floor(low / step + 1e-9), libm::ceil(high / step - 1e-9));
        let ticks = (0..=(last - first) as u32).map(|n| (first + f64::from(n)) * step);
        Axis::with(first * step, last * step, places, ticks.map(|value| (value, words(value))).collect())
    }

    /// With these ticks.
    pub(crate) fn with(from: f64, to: f64, places: (f64, f64), ticks: Vec<(f64, String)>) -> Axis {
        Axis { from, to: if to > from { to } else { from + 1.0 }, places, ticks }
    }

    /// Where a value stands; what lies beyond stands at the end.
    pub(crate) fn place(&self, value: f64) -> f64 {
        let part = ((value - self.from) / (self.to - self.from)).clamp(0.0, 1.0);
        self.places.0 + (self.places.1 - self.places.0) * part
    }

    /// Draws level rules at the ticks from `left` to `right`, with the words before them.
    pub(crate) fn rules(&self, canvas: &mut Canvas<'_>, left: f64, right: f64) {
        for (n, (value, words)) in self.ticks.iter().enumerate() {
            let y = self.place(*value);
            canvas.line(&[(left, y), (right, y)], if n == 0 { AXIS } else { RULE }, 1.0);
            canvas.words(words, (left - 6.0, y), Anchor::End, FAINT);
        }
    }

    /// Draws upright rules at the ticks from `top` to `bottom`, with the words under them where they have room.
    pub(crate) fn columns(&self, canvas: &mut Canvas<'_>, top: f64, bottom: f64) {
        for (value, _) in &self.ticks {
            let x = self.place(*value);
            canvas.line(&[(x, top), (x, bottom)], RULE, 1.0);
        }
        self.words_under(canvas, bottom);
    }

    /// Writes the ticks' words under the axis, as many as have room.
    pub(crate) fn words_under(&self, canvas: &mut Canvas<'_>, bottom: f64) {
        let (low, high) = (self.places.0.min(self.places.1), self.places.0.max(self.places.1));
        let all = self.ticks.iter().map(|(value, words)| {
            let half = width_of(words, TEXT) / 2.0;
            // The first and the last may lean inwards, so that nothing hangs over the edge.
            let x = self.place(*value).clamp((low - 6.0 + half).min(high), (high + 8.0 - half).max(low));
            (x, half, words)
        });
        let all: Vec<(f64, f64, &String)> = all.collect();
        // Every so many-th, the same number apart.
        let apart = |every: usize| {
            let shown: Vec<_> = all.iter().step_by(every).collect();
            shown.windows(2).all(|two| two[0].0 + two[0].1 + 8.0 <= two[1].0 - two[1].1)
        };
        let every = (1..=all.len()).find(|every| apart(*every)).unwrap_or(1);
        for (x, _, words) in all.iter().step_by(every) {
            canvas.words(words, (*x, bottom + 12.0), Anchor::Middle, FAINT);
        }
    }
}

/// Two ends, far enough apart that values between them can be told apart.
fn extent(low: f64, high: f64) -> (f64, f64) {
    // Beyond this the length of an axis would be no number.
    const FAR: f64 = 1e300;
    if !(low.is_finite() && high.is_finite()) {
        return (0.0, 1.0);
    }
    let (low, high) = (low.clamp(-FAR, FAR), high.clamp(-FAR, FAR));
    let least = low.abs().max(high.abs()) * 1e-9;
    // No step is finer than a billionth.
    if high - low > least.max(1e-9) { (low, high) } else { (low, low + least.max(1.0)) }
}

/// The least of 1, 2, 2.5, 5 times a power of ten that is no less.
fn round_step(least: f64) -> f64 {
    let mut power = 1e-9;
    while power * 10.0 < least {
        power *= 10.0;
    }
    let step = [1.0, 2.0, 2.5, 5.0, 10.0].into_iter().find(|step| step * power >= least * (1.0 - 1e-9)).unwrap_or(10.0);
    // Powers by repeated products drift; their decimal text does not.
    format!("{:.12}", step * power).parse().expect("a decimal number")
}

/// A number without needless decimals, with commas between its thousands.
pub(crate) fn plain(value: f64) -> String {
    if value.abs() >= 1e15 {
        return format!("{value:e}");
    }
    let text = format!("{value:.6}");
    let text = text.trim_end_matches('0').trim_end_matches('.');
    if text == "-0" { "0".to_owned() } else { thousands(text) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ticks_stand_at_round_values_over_all_that_is_shown() {
        let check = |low: f64, high: f64, expected: &[&str]| {
            let axis = Axis::round(low, high, (100.0, 0.0), 4, plain);
            assert_eq!(axis.ticks.iter().map(|tick| tick.1.as_str()).collect::<Vec<_>>(), expected, "{low} {high}");
        };
        check(0.0, 37.0, &["0", "10", "20", "30", "40"]);
        check(0.0, 1.0, &["0", "0.25", "0.5", "0.75", "1"]);
        check(0.0, 0.0, &["0", "0.25", "0.5", "0.75", "1"]);
        check(-3.0, 5.0, &["-4", "-2", "0", "2", "4", "6"]);
        check(0.0, 1e-4, &["0", "0.000025", "0.00005", "0.000075", "0.0001"]);
        check(0.0, 123_456.0, &["0", "50,000", "100,000", "150,000"]);
    }

    #[test]
    fn an_axis_takes_any_finite_numbers() {
        let most = f64::MAX;
        for (low, high) in
            [(1e40, 1e40), (0.0, 1e40), (-most, most), (most, most), (0.0, most), (1e15, 1e15 + 1.0), (0.0, 5e-324)]
        {
            let axis = Axis::round(low, high, (100.0, 0.0), 4, plain);
            assert!((2..=9).contains(&axis.ticks.len()), "{low} {high}: {:?}", axis.ticks);
            for value in [low, high].into_iter().chain(axis.ticks.iter().map(|tick| tick.0)) {
                assert!((0.0..=100.0).contains(&axis.place(value)), "{low} {high}: {value}");
            }
        }
    }

    #[test]
    fn values_stand_between_the_ends() {
        let axis = Axis::from_zero(40.0, (100.0, 20.0), 4, plain);
        assert_eq!([0.0, 20.0, 40.0, 50.0, -1.0].map(|value| axis.place(value)), [100.0, 60.0, 20.0, 20.0, 100.0]);
    }
}
