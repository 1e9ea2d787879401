//! Quantities over the time of a run: panels under one another that share a clock.

use super::canvas::{Anchor, Canvas, TEXT};
use super::clock::Clock;
use super::palette::{AXIS, FAINT, Ink, RULE, WORDS};
use super::{Axis, Drawing};

/// Panels over one clock.
pub(crate) struct Course {
    pub(crate) clock: Clock,
    pub(crate) panels: Vec<Panel>,
    /// Its beginning that figures leave out, in seconds.
    pub(crate) warmup: f64,
}

/// A panel.
pub(crate) struct Panel {
    pub(crate) title: String,
    pub(crate) bands: Vec<Band>,
    /// How values are written at the axis.
    pub(crate) words: fn(f64) -> String,
    pub(crate) height: f64,
}

/// A quantity with the spread of its replications.
pub(crate) struct Band {
    pub(crate) name: String,
    pub(crate) ink: Ink,
    /// Seconds at which a value begins to hold; the last holds to the end.
    pub(crate) at: Vec<f64>,
    pub(crate) mean: Vec<Option<f64>>,
    /// Between what most replications lie; empty where there is no spread.
    pub(crate) low: Vec<Option<f64>>,
    pub(crate) high: Vec<Option<f64>>,
    /// The line goes from value to value in steps.
    pub(crate) steps: bool,
}

const LEFT: f64 = 44.0;
const RIGHT: f64 = 10.0;
const TITLE: f64 = 20.0;
const GAP: f64 = 12.0;
const FOOT: f64 = 24.0;

impl Drawing for Course {
    fn height(&self, _width: f64) -> f64 {
        self.panels.iter().map(|panel| TITLE + panel.height + GAP).sum::<f64>() + FOOT - GAP
    }

    fn draw(&self, canvas: &mut Canvas<'_>, width: f64) {
        let across = self.clock.axis((LEFT, width - RIGHT));
        let mut top = 0.0;
        for (n, panel) in self.panels.iter().enumerate() {
            let (from, to) = (top + TITLE, top + TITLE + panel.height);
            let most = panel.bands.iter().flat_map(|band| band.mean.iter().chain(&band.high)).flatten();
            let most = most.copied().fold(0.0, f64::max);
            let ticks = if panel.height > 90.0 { 4 } else { 2 };
            let up = Axis::from_zero(most, (to, from), ticks, panel.words);
            if self.warmup > 0.0 {
                canvas.block((LEFT, from), (across.place(self.warmup), to), RULE, 0.5);
            }
            let last = n + 1 == self.panels.len();
            if last {
                across.columns(canvas, from, to);
            } else {
                across.ticks.iter().for_each(|(value, _)| {
                    let x = across.place(*value);
                    canvas.line(&[(x, from), (x, to)], RULE, 1.0);
                });
            }
            up.rules(canvas, LEFT, width - RIGHT);
            self.head(canvas, panel, top);
            for band in &panel.bands {
                band.draw(canvas, &across, &up, self.clock.end());
            }
            canvas.line(&[(LEFT, to), (width - RIGHT, to)], AXIS, 1.0);
            top = to + GAP;
        }
    }
}

impl Course {
    /// The panel's title, and names of its lines where there are several.
    fn head(&self, canvas: &mut Canvas<'_>, panel: &Panel, top: f64) {
        canvas.sized(&panel.title, (0.0, top + 7.0), Anchor::Start, WORDS, TEXT, true);
        if panel.bands.len() < 2 {
            return;
        }
        let mut x = super::canvas::width_of(&panel.title, TEXT) * 1.08 + 18.0;
        for band in &panel.bands {
            canvas.line(&[(x, top + 7.0), (x + 16.0, top + 7.0)], band.ink, 2.0);
            canvas.words(&band.name, (x + 21.0, top + 7.0), Anchor::Start, FAINT);
            x += 21.0 + super::canvas::width_of(&band.name, TEXT) + 16.0;
        }
    }
}

impl Band {
    fn draw(&self, canvas: &mut Canvas<'_>, across: &Axis, up: &Axis, end: f64) {
        let until = |n: usize| self.at.get(n + 1).copied().unwrap_or(end);
        let middle = |n: usize| across.place((self.at[n] + until(n)) / 2.0);
        // Where there is no value the line and the band break.
        let mut n = 0;
        while n < self.mean.len() {
            if self.mean[n].is_none() {
                n += 1;
                continue;
            }
            let length = self.mean[n..].iter().take_while(|value| value.is_some()).count();
            let part = n..n + length;
            let spread = |values: &[Option<f64>]| -> Vec<(f64, f64)> {
                part.clone().filter_map(|n| Some((middle(n), up.place((*values.get(n)?)?)))).collect()
            };
            let (low, high) = (spread(&self.low), spread(&self.high));
            if low.len() > 1 {
                let outline: Vec<_> = high.into_iter().chain(low.into_iter().rev()).collect();
                canvas.shape(&outline, self.ink, 0.22);
            }
            let value = |n: usize| up.place(self.mean[n].expect("the part has values"));
            let places: Vec<(f64, f64)> = if self.steps {
                part.clone()
                    .flat_map(|n| [(across.place(self.at[n]), value(n)), (across.place(until(n)), value(n))])
                    .collect()
            } else {
                part.clone().map(|n| (middle(n), value(n))).collect()
            };
            if let [only] = places[..] {
                canvas.dot(only, 1.6, self.ink);
            } else {
                canvas.line(&places, self.ink, 1.6);
            }
            n += length;
        }
    }
}
