//! Curves over a plane: lines with bands and marks, each told apart by colour, mark and name.

use super::canvas::{Anchor, Canvas, TEXT, squeezed, width_of};
use super::palette::{AXIS, FAINT, Ink, RULE, SERIES, WORDS};
use super::{Axis, Drawing};

/// Curves over shared axes.
pub(crate) struct Curves {
    pub(crate) curves: Vec<Curve>,
    /// Smallest and largest value across; `None` takes them from the curves.
    pub(crate) across: Option<(f64, f64)>,
    pub(crate) up: Option<(f64, f64)>,
    pub(crate) across_title: String,
    pub(crate) up_title: String,
    pub(crate) across_words: fn(f64) -> String,
    pub(crate) up_words: fn(f64) -> String,
    /// Ticks across, where they are not round numbers.
    pub(crate) ticks: Option<Vec<(f64, String)>>,
    /// Straight lines for comparison.
    pub(crate) lines: Vec<Line>,
    /// As high as wide.
    pub(crate) square: bool,
}

/// A curve.
pub(crate) struct Curve {
    pub(crate) name: String,
    pub(crate) points: Vec<(f64, f64)>,
    /// Values with the ends of their intervals.
    pub(crate) band: Vec<(f64, f64, f64)>,
    /// The points are joined.
    pub(crate) joined: bool,
    /// The points are marked.
    pub(crate) marked: bool,
}

/// A straight line for comparison.
pub(crate) struct Line {
    pub(crate) from: (f64, f64),
    pub(crate) to: (f64, f64),
    pub(crate) name: String,
}

const LEFT: f64 = 50.0;
const RIGHT: f64 = 12.0;

impl Curves {
    /// Names as the legend has them.
    fn names(&self, width: f64) -> impl Iterator<Item = (usize, String)> {
        let several = self.curves.len() > 1;
        let named = move |curve: &Curve| squeezed(&curve.name, width - 40.0, TEXT);
        self.curves.iter().enumerate().filter(move |_| several).map(move |(n, curve)| (n, named(curve)))
    }

    /// Rows of the legend: the names in each.
    fn legend(&self, width: f64) -> Vec<Vec<(usize, String)>> {
        let mut rows: Vec<Vec<(usize, String)>> = Vec::new();
        let mut x = f64::INFINITY;
        for (n, name) in self.names(width) {
            let needs = 24.0 + width_of(&name, TEXT) + 16.0;
            if x + needs > width {
                rows.push(Vec::new());
                x = 0.0;
            }
            rows.last_mut().expect("a row was begun").push((n, name));
            x += needs;
        }
        rows
    }

    fn top(&self, width: f64) -> f64 {
        28.0 + self.legend(width).len() as f64 * 17.0
    }

    fn plane(&self, width: f64) -> f64 {
        if self.square { (width - LEFT - RIGHT).min(330.0) } else { 230.0 }
    }
}

/// What marks the points of a curve: shapes differ, so that colour is not needed.
pub(super) fn mark(canvas: &mut Canvas<'_>, n: usize, (x, y): (f64, f64), ink: Ink) {
    let r = 3.6;
    match n % 4 {
        0 => canvas.dot((x, y), r, ink),
        1 => canvas.block((x - r, y - r), (x + r, y + r), ink, 1.0),
        2 => canvas.shape(&[(x, y - r - 1.0), (x + r + 1.0, y + r), (x - r - 1.0, y + r)], ink, 1.0),
        _ => canvas.shape(&[(x, y - r - 1.5), (x + r + 1.5, y), (x, y + r + 1.5), (x - r - 1.5, y)], ink, 1.0),
    }
}

impl Drawing for Curves {
    fn height(&self, width: f64) -> f64 {
        self.top(width) + self.plane(width) + 42.0
    }

    fn draw(&self, canvas: &mut Canvas<'_>, width: f64) {
        let (top, plane) = (self.top(width), self.plane(width));
        let bottom = top + plane;
        let right = if self.square { LEFT + plane } else { width - RIGHT };
        let points = || self.curves.iter().flat_map(|curve| curve.points.iter());
        let ends = |values: &mut dyn Iterator<Item = f64>| {
            values.fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), value| (low.min(value), high.max(value)))
        };
        let (low, high) = self.across.unwrap_or_else(|| ends(&mut points().map(|point| point.0)));
        let ticks = if width < 420.0 { 3 } else { 5 };
        let across = match &self.ticks {
            Some(ticks) => {
                let margin = (high - low).max(1e-9) * 0.04;
                Axis::with(low - margin, high + margin, (LEFT, right), ticks.clone())
            }
            None => Axis::round(low, high, (LEFT, right), ticks, self.across_words),
        };
        let bands = self.curves.iter().flat_map(|curve| curve.band.iter()).flat_map(|band| [band.1, band.2]);
        let (low, high) = self.up.unwrap_or_else(|| ends(&mut points().map(|point| point.1).chain(bands)));
        let up = Axis::round(low, high, (bottom, top), 4, self.up_words);
        across.columns(canvas, top, bottom);
        up.rules(canvas, LEFT, right);
        canvas.words(&self.up_title, (0.0, top - 17.0), Anchor::Start, WORDS);
        canvas.words(&self.across_title, (right, bottom + 30.0), Anchor::End, WORDS);
        for line in &self.lines {
            let place = |(x, y): (f64, f64)| (across.place(x), up.place(y));
            // A level line goes all the way, and is named where it ends.
            let level = line.from.1 == line.to.1;
            let (from, to) = if level {
                ((LEFT, place(line.from).1), (right, place(line.to).1))
            } else {
                (place(line.from), place(line.to))
            };
            canvas.dashes(from, to, AXIS, 1.2);
            let (x, y) = if level {
                (right, up.place(line.to.1) - 3.0)
            } else {
                place(((line.from.0 + line.to.0) / 2.0, (line.from.1 + line.to.1) / 2.0))
            };
            canvas.words(&line.name, (x - 6.0, y - 6.0), Anchor::End, FAINT);
        }
        for (n, curve) in self.curves.iter().enumerate() {
            let ink = SERIES[n % SERIES.len()];
            if curve.band.len() > 1 {
                let high = curve.band.iter().map(|(x, _, high)| (across.place(*x), up.place(*high)));
                let low = curve.band.iter().rev().map(|(x, low, _)| (across.place(*x), up.place(*low)));
                canvas.shape(&high.chain(low).collect::<Vec<_>>(), ink, 0.18);
            }
            let places: Vec<(f64, f64)> = curve.points.iter().map(|(x, y)| (across.place(*x), up.place(*y))).collect();
            if curve.joined && places.len() > 1 {
                canvas.line(&places, ink, 1.8);
            }
            // Marks of long curves stand apart.
            let every = if curve.marked { 1 } else { places.len().div_ceil(6).max(1) };
            if curve.marked || self.curves.len() > 1 {
                let ends = |index: usize| !curve.marked && (index == 0 || index + 1 == places.len());
                let shown = places.iter().enumerate().step_by(every).filter(|(index, _)| !ends(*index));
                shown.for_each(|(_, place)| mark(canvas, n, *place, ink));
            }
        }
        for (row, names) in self.legend(width).iter().enumerate() {
            let (mut x, y) = (0.0, 7.0 + row as f64 * 17.0);
            for (n, name) in names {
                let ink = SERIES[n % SERIES.len()];
                canvas.line(&[(x, y), (x + 18.0, y)], ink, 1.8);
                mark(canvas, *n, (x + 9.0, y), ink);
                canvas.words(name, (x + 24.0, y), Anchor::Start, WORDS);
                x += 24.0 + width_of(name, TEXT) + 16.0;
            }
        }
        canvas.line(&[(LEFT, top), (LEFT, bottom)], RULE, 1.0);
    }
}
