//! A grid of cells whose shade, and number, say how much.

use super::Drawing;
use super::canvas::{Anchor, Canvas, width_of};
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
const HEAD: f64 = 16.0;
const LEGEND: f64 = 30.0;

impl Grid {
    fn step(&self, value: f64) -> usize {
        self.steps.iter().filter(|(from, _)| value >= *from).count().min(HEAT.len() - 1)
    }

    /// Over the cells: names of columns, and titles where there are some.
    fn head(&self) -> f64 {
        if self.titles.is_some() { HEAD + 34.0 } else { HEAD }
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
        let height = if self.is_turned(width) { 17.0 } else { 24.0 };
        (rows, columns, left, height)
    }
}

impl Drawing for Grid {
    fn height(&self, width: f64) -> f64 {
        let (rows, _, _, height) = self.shape(width);
        self.head() + rows as f64 * height + LEGEND
    }

    fn draw(&self, canvas: &mut Canvas<'_>, width: f64) {
        let (rows, columns, left, height) = self.shape(width);
        let turned = self.is_turned(width);
        let (row_names, column_names) = if turned { (&self.columns, &self.rows) } else { (&self.rows, &self.columns) };
        let cell = (width - left - 2.0) / columns.max(1) as f64;
        let top_of_cells = self.head();
        if let Some((rows, columns)) = &self.titles {
            canvas.words(&format!("down: {rows}"), (0.0, 7.0), Anchor::Start, WORDS);
            canvas.words(&format!("across: {columns}"), (0.0, 24.0), Anchor::Start, WORDS);
        }
        let mut free_from = f64::NEG_INFINITY;
        for (column, name) in column_names.iter().enumerate() {
            let middle = left + (column as f64 + 0.5) * cell;
            let half = width_of(name, SIZE) / 2.0;
            if middle - half >= free_from {
                canvas.sized(name, (middle, top_of_cells - 9.0), Anchor::Middle, FAINT, SIZE, false);
                free_from = middle + half + 4.0;
            }
        }
        for (row, name) in row_names.iter().enumerate() {
            let top = top_of_cells + row as f64 * height;
            canvas.sized(name, (left - 6.0, top + height / 2.0), Anchor::End, FAINT, 11.0, false);
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
        let y = top_of_cells + rows as f64 * height + 18.0;
        let mut x = left;
        for (step, (_, words)) in (1..).zip(&self.steps) {
            canvas.block((x, y - 5.0), (x + 14.0, y + 5.0), HEAT[step.min(HEAT.len() - 1)], 1.0);
            canvas.sized(words, (x + 18.0, y), Anchor::Start, FAINT, SIZE, false);
            x += 18.0 + width_of(words, SIZE) + 12.0;
        }
    }
}
