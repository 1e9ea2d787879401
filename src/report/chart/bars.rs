//! Bars: lying ones with a name each, in panels side by side, and standing ones in a row.

use super::canvas::{Anchor, Canvas, TEXT, squeezed, width_of};
use super::palette::{AXIS, FAINT, Ink, WORDS};
use super::{Axis, Drawing};

/// Lying bars: a row for each name, a panel for each quantity.
pub(crate) struct Bars {
    pub(crate) names: Vec<String>,
    pub(crate) panels: Vec<BarPanel>,
}

/// A quantity.
pub(crate) struct BarPanel {
    pub(crate) title: String,
    pub(crate) ink: Ink,
    pub(crate) words: fn(f64) -> String,
    /// What no value can be above; intervals end there.
    pub(crate) limit: Option<f64>,
    /// By name.
    pub(crate) bars: Vec<Option<Bar>>,
}

/// A bar, with the interval of its value.
#[derive(Clone, Copy)]
pub(crate) struct Bar {
    pub(crate) value: f64,
    pub(crate) interval: Option<[f64; 2]>,
}

const ROW: f64 = 17.0;
const HEAD: f64 = 20.0;
const FOOT: f64 = 22.0;

impl Bars {
    fn names_width(&self, width: f64) -> f64 {
        let widest = self.names.iter().map(|name| width_of(name, TEXT)).fold(0.0, f64::max);
        (widest + 10.0).min(width * 0.3)
    }

    /// Panels stand under one another where there is no room beside one another.
    fn is_stacked(width: f64) -> bool {
        width < 500.0
    }
}

impl Drawing for Bars {
    fn height(&self, width: f64) -> f64 {
        let panel = HEAD + self.names.len() as f64 * ROW + FOOT;
        if Bars::is_stacked(width) { panel * self.panels.len() as f64 } else { panel }
    }

    fn draw(&self, canvas: &mut Canvas<'_>, width: f64) {
        let names = self.names_width(width);
        let stacked = Bars::is_stacked(width);
        let gap = 26.0;
        let count = if stacked { 1.0 } else { self.panels.len().max(1) as f64 };
        let panel_width = (width - names - 8.0 - gap * (count - 1.0)) / count;
        for (n, panel) in self.panels.iter().enumerate() {
            let (x, y) = if stacked {
                (0.0, n as f64 * (HEAD + self.names.len() as f64 * ROW + FOOT))
            } else {
                (n as f64 * (panel_width + gap), 0.0)
            };
            canvas.shifted((names + x, y), |canvas| panel.draw(canvas, panel_width, self.names.len()));
            if n == 0 || stacked {
                for (row, name) in self.names.iter().enumerate() {
                    let name = squeezed(name, names - 8.0, TEXT);
                    let middle = y + HEAD + (row as f64 + 0.5) * ROW;
                    canvas.words(&name, (names - 7.0, middle), Anchor::End, WORDS);
                }
            }
        }
    }
}

impl BarPanel {
    fn draw(&self, canvas: &mut Canvas<'_>, width: f64, rows: usize) {
        let ends = self.bars.iter().flatten().map(|bar| bar.interval.map_or(bar.value, |ends| ends[1].max(bar.value)));
        let most = ends.fold(0.0, f64::max).min(self.limit.unwrap_or(f64::INFINITY));
        let ticks = ((width / 70.0) as u32).clamp(2, 5);
        let across = Axis::from_zero(most, (0.0, width), ticks, self.words);
        let bottom = HEAD + rows as f64 * ROW;
        canvas.sized(&self.title, (0.0, 7.0), Anchor::Start, WORDS, TEXT, true);
        across.columns(canvas, HEAD - 4.0, bottom);
        for (row, bar) in self.bars.iter().enumerate() {
            let top = HEAD + row as f64 * ROW;
            let Some(bar) = bar else { continue };
            canvas.block((0.0, top + 3.0), (across.place(bar.value), top + ROW - 3.0), self.ink, 0.85);
            if let Some([low, high]) = bar.interval {
                let y = top + ROW / 2.0;
                canvas.line(&[(across.place(low), y), (across.place(high), y)], WORDS, 1.0);
            }
        }
        canvas.line(&[(0.0, HEAD - 4.0), (0.0, bottom)], AXIS, 1.0);
    }
}

/// Standing bars in a row, some of them marked.
pub(crate) struct Columns {
    /// Heights; `None` where there is none.
    pub(crate) values: Vec<Option<f64>>,
    /// Words under the edges between bars, by the index of the edge.
    pub(crate) edges: Vec<(f64, String)>,
    /// How heights are written.
    pub(crate) words: fn(f64) -> String,
    /// The top of the axis, where it is not that of the highest bar.
    pub(crate) most: Option<f64>,
    /// A bar of nothing shows as a stub, which tells it from no bar.
    pub(crate) stubs: bool,
    /// Upright marks with their words, at places counted in bars.
    pub(crate) marks: Vec<(f64, String)>,
    pub(crate) ink: Ink,
    /// What stands under the axis.
    pub(crate) title: String,
    /// A level line, with its words.
    pub(crate) line: Option<(f64, String)>,
}

const LEFT: f64 = 44.0;
const MARK: f64 = 14.0;

impl Columns {
    /// Whether a mark's words stand at its right; those of the right half stand at their left.
    fn leans_right(&self, at: f64) -> bool {
        at < self.values.len() as f64 / 2.0
    }

    /// Which line over the bars holds each mark's words, so that no words stand on others or on a mark's line: outer ones
    /// stand lower.
    fn mark_rows(&self) -> Vec<usize> {
        let left = self.marks.iter().filter(|(at, _)| self.leans_right(*at)).count();
        (0..self.marks.len()).map(|n| if n < left { n } else { self.marks.len() - 1 - n }).collect()
    }

    fn top(&self) -> f64 {
        let rows = self.mark_rows().into_iter().max().map_or(0, |row| row + 1);
        6.0 + rows as f64 * MARK
    }
}

impl Drawing for Columns {
    fn height(&self, _width: f64) -> f64 {
        self.top() + 190.0 + 38.0
    }

    fn draw(&self, canvas: &mut Canvas<'_>, width: f64) {
        let top = self.top();
        let bottom = top + 190.0;
        let most = self.most.unwrap_or_else(|| self.values.iter().flatten().copied().fold(0.0, f64::max));
        let up = Axis::from_zero(most, (bottom, top), 4, self.words);
        up.rules(canvas, LEFT, width - 10.0);
        let across = Axis::with(0.0, self.values.len() as f64, (LEFT, width - 10.0), self.edges.clone());
        for (n, value) in self.values.iter().enumerate() {
            let Some(value) = value else { continue };
            let gap = ((across.place(1.0) - across.place(0.0)) * 0.08).min(2.0);
            let (from, to) = (across.place(n as f64) + gap, across.place((n + 1) as f64) - gap);
            let high = up.place(*value).min(if self.stubs { bottom - 2.0 } else { bottom });
            canvas.block((from, high), (to, bottom), self.ink, 0.85);
        }
        if let Some((level, words)) = &self.line {
            let y = up.place(*level);
            canvas.dashes((LEFT, y), (width - 10.0, y), FAINT, 1.0);
            canvas.words(words, (width - 10.0, y - 8.0), Anchor::End, FAINT);
        }
        for ((at, words), row) in self.marks.iter().zip(self.mark_rows()) {
            let (x, y) = (across.place(*at), 7.0 + row as f64 * MARK);
            canvas.dashes((x, y - 4.0), (x, bottom), FAINT, 1.0);
            if self.leans_right(*at) {
                canvas.words(words, (x + 4.0, y), Anchor::Start, WORDS);
            } else {
                canvas.words(words, (x - 4.0, y), Anchor::End, WORDS);
            }
        }
        for (value, _) in &across.ticks {
            let x = across.place(*value);
            canvas.line(&[(x, bottom), (x, bottom + 4.0)], AXIS, 1.0);
        }
        across.words_under(canvas, bottom + 2.0);
        canvas.words(&self.title, (width - 10.0, bottom + 30.0), Anchor::End, FAINT);
        canvas.line(&[(LEFT, bottom), (width - 10.0, bottom)], AXIS, 1.0);
    }
}
