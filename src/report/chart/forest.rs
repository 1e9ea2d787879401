//! Values with their intervals, one under the other: a forest plot.

use super::canvas::{Anchor, Canvas, TEXT, squeezed, width_of};
use super::curve::mark;
use super::palette::{AXIS, FAINT, SERIES, WORDS};
use super::{Axis, Drawing};

/// Intervals on one scale.
pub(crate) struct Forest {
    pub(crate) intervals: Vec<Interval>,
    pub(crate) words: fn(f64) -> String,
    /// A value to compare with, such as no difference.
    pub(crate) zero: Option<f64>,
    /// What lies to the left and to the right of it.
    pub(crate) sides: Option<(String, String)>,
    /// The scale begins at zero.
    pub(crate) from_zero: bool,
}

/// A value with its interval.
pub(crate) struct Interval {
    pub(crate) name: String,
    pub(crate) value: f64,
    pub(crate) ends: Option<[f64; 2]>,
    /// What is written at its right.
    pub(crate) words: String,
    /// Which of several kinds it is.
    pub(crate) kind: usize,
}

const ROW: f64 = 22.0;
const FOOT: f64 = 26.0;

impl Forest {
    fn top(&self) -> f64 {
        if self.sides.is_some() { 20.0 } else { 4.0 }
    }

    /// Where there is little room, names stand over their intervals.
    fn row(width: f64) -> f64 {
        if width < 420.0 { ROW + 14.0 } else { ROW }
    }
}

impl Drawing for Forest {
    fn height(&self, width: f64) -> f64 {
        self.top() + self.intervals.len() as f64 * Forest::row(width) + FOOT
    }

    fn draw(&self, canvas: &mut Canvas<'_>, width: f64) {
        let narrow = width < 420.0;
        let widest = |of: &dyn Fn(&Interval) -> &str| {
            self.intervals.iter().map(|interval| width_of(of(interval), TEXT)).fold(0.0, f64::max)
        };
        let left = if narrow { 6.0 } else { (widest(&|interval| &interval.name) + 12.0).min(width * 0.34) };
        let right = if narrow { width - 6.0 } else { width - widest(&|interval| &interval.words) - 12.0 };
        let (mut low, mut high) = (f64::INFINITY, f64::NEG_INFINITY);
        for interval in &self.intervals {
            let [from, to] = interval.ends.unwrap_or([interval.value; 2]);
            (low, high) = (low.min(from.min(interval.value)), high.max(to.max(interval.value)));
        }
        for value in self.zero.into_iter().chain(self.from_zero.then_some(0.0)) {
            (low, high) = (low.min(value), high.max(value));
        }
        if self.from_zero {
            low = 0.0;
        }
        if low > high {
            (low, high) = (0.0, 1.0);
        }
        let across = Axis::round(low, high, (left, right), if narrow { 3 } else { 5 }, self.words);
        let (top, row) = (self.top(), Forest::row(width));
        let bottom = top + self.intervals.len() as f64 * row;
        across.columns(canvas, top, bottom);
        if let Some(zero) = self.zero {
            let x = across.place(zero);
            canvas.line(&[(x, top - 3.0), (x, bottom)], AXIS, 1.4);
            if let Some((less, more)) = &self.sides {
                // Near an edge they move over the line: the arrows say which way they mean.
                let (less, more) = (pointing("← ", less, ""), pointing("", more, " →"));
                let mut end = (x - 8.0).max(width_of(&less, TEXT));
                let mut start = (x + 8.0).min(width - width_of(&more, TEXT));
                match (less.is_empty() || more.is_empty(), x < width / 2.0) {
                    (true, _) => {}
                    (false, true) => start = start.max(end + 16.0),
                    (false, false) => end = end.min(start - 16.0),
                }
                canvas.words(&less, (end, 8.0), Anchor::End, FAINT);
                canvas.words(&more, (start, 8.0), Anchor::Start, FAINT);
            }
        }
        for (n, interval) in self.intervals.iter().enumerate() {
            let from = top + n as f64 * row;
            let y = from + row - ROW / 2.0;
            let ink = SERIES[interval.kind % SERIES.len()];
            if narrow {
                canvas.words(&squeezed(&interval.name, width * 0.6, TEXT), (0.0, from + 8.0), Anchor::Start, WORDS);
                canvas.words(&interval.words, (width, from + 8.0), Anchor::End, FAINT);
            } else {
                canvas.words(&squeezed(&interval.name, left - 10.0, TEXT), (left - 10.0, y), Anchor::End, WORDS);
                canvas.words(&interval.words, (width, y), Anchor::End, WORDS);
            }
            if let Some([low, high]) = interval.ends {
                canvas.line(&[(across.place(low), y), (across.place(high), y)], ink, 2.0);
                for end in [low, high] {
                    canvas.line(&[(across.place(end), y - 4.0), (across.place(end), y + 4.0)], ink, 1.4);
                }
            }
            mark(canvas, interval.kind, (across.place(interval.value), y), ink);
        }
        canvas.line(&[(left, bottom), (right, bottom)], AXIS, 1.0);
    }
}

fn pointing(before: &str, words: &str, after: &str) -> String {
    if words.is_empty() { String::new() } else { format!("{before}{words}{after}") }
}
