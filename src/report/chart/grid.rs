//! A grid of cells whose shade, and number, say how much.

use super::Drawing;
use super::canvas::{Anchor, Canvas, TEXT, squeezed, width_of};
use super::palette::{FAINT, GROUND, HEAT, WORDS, on_heat};

/// A grid.
pub(crate) struct Grid {
    pub(crate) rows: Vec<String>,
    pub(crate) columns: Vec<String>,
    /// By row, then column.
    pub(crate) cells: Vec<Vec<GridCell>>,
    /// Where the steps of the scale begin, the first above zero, with the words of their legend.
    pub(crate) steps: Vec<(f64, String)>,
    /// What rows and columns are values of.
    pub(crate) titles: Option<(String, String)>,
    /// Where there is little room, rows and columns change places.
    pub(crate) turns: bool,
}

/// A cell.
#[derive(Clone, Default)]
pub(crate) struct GridCell {
    /// `None` where there is nothing to tell.
    pub(crate) value: Option<f64>,
    /// What stands in it.
    pub(crate) words: String,
}

const SIZE: f64 = 10.0;
/// A line of columns' names.
const NAMES: f64 = 12.0;
/// So many lines of them, at most; what has no room on any goes unnamed.
const LINES: usize = 6;
/// A line of the legend, and what stands around it.
const LEGEND: f64 = 16.0;
const AROUND: f64 = 14.0;

impl Grid {
    fn step(&self, value: f64) -> usize {
        self.steps.iter().filter(|(from, _)| value >= *from).count().min(HEAT.len() - 1)
    }

    /// Over the cells: names of columns, and titles where there are some.
    fn head(&self, width: f64) -> f64 {
        let lines = self.named(width).iter().map(|named| named.1 + 1).max().unwrap_or(1);
        let names = lines as f64 * NAMES + 4.0;
        if self.titles.is_some() { names + 34.0 } else { names }
    }

    /// The columns' names: where their middles stand, and on which of several lines, counted from the cells up, so that none
    /// stands on another.
    fn named(&self, width: f64) -> Vec<(f64, usize, String)> {
        let (_, columns, left, _) = self.shape(width);
        let names = if self.is_turned(width) { &self.rows } else { &self.columns };
        let cell = (width - left - 2.0) / columns.max(1) as f64;
        let mut free_from: Vec<f64> = Vec::new();
        let mut named = Vec::new();
        for (column, name) in names.iter().enumerate() {
            let name = squeezed(name, width * 0.5, SIZE);
            let half = width_of(&name, SIZE) / 2.0;
            let middle = (left + (column as f64 + 0.5) * cell).clamp(half, (width - half).max(half));
            let line = free_from.iter().position(|from| middle - half >= *from).unwrap_or(free_from.len());
            if line == LINES {
                continue;
            }
            free_from.resize(free_from.len().max(line + 1), 0.0);
            free_from[line] = middle + half + 6.0;
            named.push((middle, line, name));
        }
        named
    }

    /// Lines of the legend: the steps in each.
    fn legend(&self, width: f64, left: f64) -> Vec<Vec<usize>> {
        let mut lines: Vec<Vec<usize>> = Vec::new();
        let mut x = f64::INFINITY;
        for (n, (_, words)) in self.steps.iter().enumerate() {
            let needs = 18.0 + width_of(words, SIZE);
            if x + needs > width {
                lines.push(Vec::new());
                x = left;
            }
            lines.last_mut().expect("a line was begun").push(n);
            x += needs + 12.0;
        }
        lines
    }

    fn is_turned(&self, width: f64) -> bool {
        self.turns && width < 500.0
    }

    fn shape(&self, width: f64) -> (usize, usize, f64, f64) {
        let (names, rows, columns) = if self.is_turned(width) {
            (&self.columns, self.columns.len(), self.rows.len())
        } else {
            (&self.rows, self.rows.len(), self.columns.len())
        };
        let left = names.iter().map(|name| width_of(name, 11.0)).fold(0.0, f64::max) + 10.0;
        let left = left.min(width * 0.4);
        let height = if self.is_turned(width) { 17.0 } else { 24.0 };
        (rows, columns, left, height)
    }
}

impl Drawing for Grid {
    fn height(&self, width: f64) -> f64 {
        let (rows, _, left, height) = self.shape(width);
        self.head(width) + rows as f64 * height + self.legend(width, left).len() as f64 * LEGEND + AROUND
    }

    fn draw(&self, canvas: &mut Canvas<'_>, width: f64) {
        let (rows, columns, left, height) = self.shape(width);
        let turned = self.is_turned(width);
        let row_names = if turned { &self.columns } else { &self.rows };
        let cell = (width - left - 2.0) / columns.max(1) as f64;
        let top_of_cells = self.head(width);
        if let Some((rows, columns)) = &self.titles {
            canvas.words(&squeezed(&format!("down: {rows}"), width, TEXT), (0.0, 7.0), Anchor::Start, WORDS);
            canvas.words(&squeezed(&format!("across: {columns}"), width, TEXT), (0.0, 24.0), Anchor::Start, WORDS);
        }
        for (middle, line, name) in self.named(width) {
            let y = top_of_cells - 9.0 - line as f64 * NAMES;
            canvas.sized(&name, (middle, y), Anchor::Middle, FAINT, SIZE, false);
        }
        for (row, name) in row_names.iter().enumerate() {
            let top = top_of_cells + row as f64 * height;
            let name = squeezed(name, left - 8.0, 11.0);
            canvas.sized(&name, (left - 6.0, top + height / 2.0), Anchor::End, FAINT, 11.0, false);
            for column in 0..columns {
                let of = if turned { &self.cells[column][row] } else { &self.cells[row][column] };
                let x = left + column as f64 * cell;
                let step = of.value.map_or(0, |value| self.step(value));
                let ink = if of.value.is_some() { HEAT[step] } else { GROUND };
                canvas.block((x + 0.75, top + 0.75), (x + cell - 0.75, top + height - 0.75), ink, 1.0);
                if of.value.is_some() && width_of(&of.words, SIZE) <= cell - 2.0 {
                    let ink = on_heat(step);
                    canvas.sized(&of.words, (x + cell / 2.0, top + height / 2.0), Anchor::Middle, ink, SIZE, false);
                }
            }
        }
        let mut y = top_of_cells + rows as f64 * height + 18.0;
        for line in self.legend(width, left) {
            let mut x = left;
            for n in line {
                let words = &self.steps[n].1;
                canvas.block((x, y - 5.0), (x + 14.0, y + 5.0), HEAT[(n + 1).min(HEAT.len() - 1)], 1.0);
                canvas.sized(words, (x + 18.0, y), Anchor::Start, FAINT, SIZE, false);
                x += 18.0 + width_of(words, SIZE) + 12.0;
            }
            y += LEGEND;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Every column has its name, on a phone too, and none stands on another.
    #[test]
    fn names_of_columns_stand_apart() {
        let names = ["awaiting-customers", "field-work", "long-and-short", "night", "overload", "returning-customers"];
        let columns: Vec<String> = names.iter().chain(&names).map(|name| (*name).to_owned()).collect();
        let cells = vec![vec![GridCell::default(); columns.len()]];
        let rows = vec!["round_robin".to_owned()];
        let grid = Grid { rows, columns, cells, steps: vec![(1.0, "1".to_owned())], titles: None, turns: false };
        for width in [344.0, 540.0, 1_120.0] {
            let named = grid.named(width);
            assert_eq!(named.len(), 12, "{width}");
            for (n, (middle, line, name)) in named.iter().enumerate() {
                let half = width_of(name, SIZE) / 2.0;
                assert!(middle - half >= -1e-9 && middle + half <= width + 1e-9, "{name} at {width}");
                let clear = |other: &&(f64, usize, String)| {
                    other.1 != *line || (other.0 - middle).abs() >= half + width_of(&other.2, SIZE) / 2.0
                };
                assert!(named[..n].iter().all(|other| clear(&other)), "{name} at {width}");
            }
        }
    }
}
