//! A pie: parts of a whole, each named with its share beside it.

use super::Drawing;
use super::canvas::{Anchor, Canvas, TEXT, squeezed};
use super::palette::{FAINT, GREY, GROUND, Ink, SERIES, WORDS};

/// Parts of a whole, in order; the last may be all others together.
pub(crate) struct Pie {
    pub(crate) parts: Vec<(String, f64)>,
    /// The last part is what is left of more.
    pub(crate) rest: bool,
}

const ROW: f64 = 19.0;

fn ink(parts: usize, rest: bool, n: usize) -> Ink {
    if rest && n + 1 == parts {
        GREY
    } else {
        [SERIES[0], SERIES[1], SERIES[2], SERIES[3], SERIES[4], SERIES[5], SERIES[7]][n % 7]
    }
}

impl Drawing for Pie {
    fn height(&self, width: f64) -> f64 {
        let list = self.parts.len() as f64 * ROW + 8.0;
        if width < 420.0 { 230.0 + list } else { list.max(240.0) }
    }

    fn draw(&self, canvas: &mut Canvas<'_>, width: f64) {
        // Over the largest, so that parts of any size have a finite sum.
        let most = self.parts.iter().map(|part| part.1).fold(0.0, f64::max);
        let shares: Vec<f64> = self.parts.iter().map(|part| (part.1 / most).max(0.0)).collect();
        let total: f64 = shares.iter().sum();
        if most <= 0.0 {
            canvas.words("nothing to share", (width / 2.0, 20.0), Anchor::Middle, FAINT);
            return;
        }
        let narrow = width < 420.0;
        let (radius, centre) = if narrow { (105.0, (width / 2.0, 112.0)) } else { (112.0, (125.0, 120.0)) };
        let place = |turn: f64, radius: f64| {
            let angle = turn * std::f64::consts::TAU;
            (centre.0 + radius * libm::sin(angle), centre.1 - radius * libm::cos(angle))
        };
        let mut from = 0.0;
        let mut edges = Vec::new();
        for (n, share) in shares.iter().enumerate() {
            let to = from + share / total;
            let steps = (libm::ceil((to - from) * 120.0) as usize).max(1);
            let arc = (0..=steps).map(|step| place(from + (to - from) * step as f64 / steps as f64, radius));
            let slice: Vec<(f64, f64)> = std::iter::once(centre).chain(arc).collect();
            canvas.shape(&slice, ink(self.parts.len(), self.rest, n), 1.0);
            edges.push(from);
            if to - from > 0.045 {
                let number = (n + 1).to_string();
                canvas.dot(place((from + to) / 2.0, radius * 0.74), 8.5, GROUND);
                canvas.words(&number, place((from + to) / 2.0, radius * 0.74), Anchor::Middle, WORDS);
            }
            from = to;
        }
        if edges.len() > 1 {
            edges.iter().for_each(|edge| canvas.line(&[centre, place(*edge, radius)], GROUND, 1.5));
        }
        let (left, mut y) =
            if narrow { (0.0, 240.0) } else { (270.0, 120.0 - self.parts.len() as f64 * ROW / 2.0 + ROW / 2.0) };
        y = y.max(10.0);
        for (n, ((name, _), share)) in self.parts.iter().zip(&shares).enumerate() {
            canvas.block((left, y - 6.0), (left + 12.0, y + 6.0), ink(self.parts.len(), self.rest, n), 1.0);
            canvas.words(&format!("{}", n + 1), (left + 30.0, y), Anchor::End, FAINT);
            canvas.words(&squeezed(name, width - left - 100.0, TEXT), (left + 38.0, y), Anchor::Start, WORDS);
            canvas.words(&format!("{:.1} %", share / total * 100.0), (width - 4.0, y), Anchor::End, WORDS);
            y += ROW;
        }
    }
}
