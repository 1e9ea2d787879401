//! Who was in which status when: a row for each agent, and blocks along the clock.
//!
//! How a status connects shows in the height of its block, which status it is in the colour: connected ones are full,
//! inactive ones half as high, disconnected ones a thin line.

use super::Drawing;
use super::canvas::{Anchor, Canvas, TEXT, squeezed, width_of};
use super::clock::Clock;
use super::palette::{FAINT, Ink, WORDS};

/// Rows of spells.
pub(crate) struct Spells {
    pub(crate) clock: Clock,
    pub(crate) rows: Vec<SpellRow>,
    /// Names, colours and heights (in parts of a full block) of the statuses.
    pub(crate) statuses: Vec<(String, Ink, f64)>,
}

/// An agent's spells.
pub(crate) struct SpellRow {
    pub(crate) name: String,
    pub(crate) spells: Vec<Spell>,
}

/// A time in a status.
pub(crate) struct Spell {
    pub(crate) from: f64,
    pub(crate) to: f64,
    pub(crate) status: usize,
}

const ROW: f64 = 16.0;
const FOOT: f64 = 26.0;

impl Spells {
    /// A status as the legend has it.
    fn named(&self, n: usize, width: f64) -> String {
        squeezed(&self.statuses[n].0, width - 40.0, TEXT)
    }

    fn legend(&self, width: f64) -> Vec<Vec<usize>> {
        let mut rows: Vec<Vec<usize>> = Vec::new();
        let mut x = f64::INFINITY;
        for n in 0..self.statuses.len() {
            let needs = 26.0 + width_of(&self.named(n, width), TEXT) + 14.0;
            if x + needs > width {
                rows.push(Vec::new());
                x = 0.0;
            }
            rows.last_mut().expect("a row was begun").push(n);
            x += needs;
        }
        rows
    }

    fn top(&self, width: f64) -> f64 {
        self.legend(width).len() as f64 * 17.0 + 6.0
    }
}

impl Drawing for Spells {
    fn height(&self, width: f64) -> f64 {
        self.top(width) + self.rows.len() as f64 * ROW + FOOT
    }

    fn draw(&self, canvas: &mut Canvas<'_>, width: f64) {
        let widest = self.rows.iter().map(|row| width_of(&row.name, TEXT)).fold(0.0, f64::max);
        let left = (widest + 10.0).min(width * 0.28);
        let top = self.top(width);
        let bottom = top + self.rows.len() as f64 * ROW;
        for (row, names) in self.legend(width).iter().enumerate() {
            let (mut x, y) = (0.0, 8.0 + row as f64 * 17.0);
            for n in names {
                let (name, (_, ink, part)) = (self.named(*n, width), &self.statuses[*n]);
                let half = 6.0 * part;
                canvas.block((x, y - half), (x + 20.0, y + half), *ink, 1.0);
                canvas.words(&name, (x + 26.0, y), Anchor::Start, WORDS);
                x += 26.0 + width_of(&name, TEXT) + 14.0;
            }
        }
        let across = self.clock.axis((left, width - 8.0));
        across.columns(canvas, top, bottom);
        for (n, row) in self.rows.iter().enumerate() {
            let y = top + (n as f64 + 0.5) * ROW;
            canvas.words(&squeezed(&row.name, left - 8.0, TEXT), (left - 7.0, y), Anchor::End, FAINT);
            for spell in &row.spells {
                let (_, ink, part) = &self.statuses[spell.status];
                let half = (ROW / 2.0 - 1.5) * part;
                let (from, to) = (across.place(spell.from), across.place(spell.to));
                canvas.block((from, y - half), (to.max(from + 0.5), y + half), *ink, 1.0);
            }
        }
    }
}
