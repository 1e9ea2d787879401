//! Charts: what is drawn of results, as SVG in a page and alone, or as PNG.
//!
//! Every chart has a title, a description and a table of its data for those who do not see it. Reading order: [`Chart`],
//! `palette`, `canvas` and `axis`, then a file for each form of chart, then `clock` (how times of a run are written).

mod axis;
mod bars;
mod canvas;
mod clock;
mod course;
mod curve;
mod forest;
mod grid;
pub(crate) mod palette;
mod pie;
mod spells;

use crate::text::visible;
use axis::Axis;
pub(crate) use axis::plain;
pub(crate) use bars::{Bar, BarPanel, Bars, Columns};
use canvas::{Anchor, Canvas};
pub(crate) use clock::Clock;
pub(crate) use course::{Band, Course, Panel};
pub(crate) use curve::{Curve, Curves, Line};
pub(crate) use forest::{Forest, Interval};
pub(crate) use grid::{Grid, GridCell};
pub(crate) use palette as inks;
pub(crate) use palette::{Ink, css};
pub(crate) use pie::Pie;
pub(crate) use spells::{Spell, SpellRow, Spells};

/// A chart.
pub(crate) struct Chart {
    /// What it is called on the command line, and in a page's addresses.
    pub(crate) kind: &'static str,
    /// What it shows.
    pub(crate) title: String,
    /// What it says, in words.
    pub(crate) description: String,
    /// What is to be known to read it, and stands under it.
    pub(crate) note: String,
    /// Its data.
    pub(crate) table: Table,
    /// How it is drawn.
    pub(crate) drawing: Box<dyn Drawing>,
    /// It takes the whole width of a page.
    pub(crate) wide: bool,
}

/// Data as words.
#[derive(Clone, PartialEq, Debug, Default)]
pub(crate) struct Table {
    pub(crate) head: Vec<String>,
    pub(crate) rows: Vec<Vec<String>>,
}

/// Something that is drawn as wide as it is told.
pub(crate) trait Drawing {
    /// How high it is at that width.
    fn height(&self, width: f64) -> f64;
    /// Draws it into that width and its height, from the origin.
    fn draw(&self, canvas: &mut Canvas<'_>, width: f64);
}

/// How wide charts are drawn: across a page, in half of it, and on a phone.
pub(crate) const WIDE: f64 = 1_120.0;
/// Half a page.
pub(crate) const HALF: f64 = 540.0;
/// A phone.
pub(crate) const NARROW: f64 = 344.0;

impl Chart {
    /// As an element of a page; `id` tells it from others.
    pub(crate) fn inline(&self, width: f64, id: &str, class: &str) -> String {
        let attributes = format!(" class=\"{class}\" role=\"img\" aria-labelledby=\"{id}-t {id}-d\"");
        let head = format!(
            "<title id=\"{id}-t\">{}</title>\n<desc id=\"{id}-d\">{}</desc>\n",
            escaped(&self.title),
            escaped(&self.description)
        );
        Canvas::svg((width, self.drawing.height(width)), &attributes, &head, |canvas| {
            self.drawing.draw(canvas, width);
        })
    }

    /// The width it is drawn at by itself.
    pub(crate) fn own_width(&self) -> f64 {
        if self.wide { WIDE } else { HALF }
    }

    /// As a file of its own, with its title over it.
    pub(crate) fn svg(&self) -> String {
        let width = self.own_width();
        let style = "<style>text{font-family:system-ui,sans-serif}</style>\n";
        let head =
            format!("<title>{}</title>\n<desc>{}</desc>\n{style}", escaped(&self.title), escaped(&self.description));
        Canvas::svg(self.sheet(width), " role=\"img\"", &head, |canvas| self.draw_sheet(canvas, width))
    }

    /// As pixels, with its title over it: width, height, and three bytes for each.
    pub(crate) fn pixels(&self) -> (u32, u32, Vec<u8>) {
        let width = self.own_width();
        Canvas::bitmap(self.sheet(width), |canvas| self.draw_sheet(canvas, width))
    }

    fn sheet(&self, width: f64) -> (f64, f64) {
        (width + 2.0 * MARGIN, self.drawing.height(width) + TITLE + 2.0 * MARGIN)
    }

    fn draw_sheet(&self, canvas: &mut Canvas<'_>, width: f64) {
        let (full, height) = self.sheet(width);
        canvas.block((0.0, 0.0), (full, height), palette::GROUND, 1.0);
        let title = canvas::cut_to(&visible(&self.title), width, 14.0);
        canvas.sized(&title, (MARGIN, MARGIN + 8.0), Anchor::Start, palette::WORDS, 14.0, true);
        canvas.shifted((MARGIN, MARGIN + TITLE), |canvas| self.drawing.draw(canvas, width));
    }
}

/// Around a chart that stands alone, and over it for its title.
const MARGIN: f64 = 14.0;
const TITLE: f64 = 24.0;

/// Text as markup says it.
pub(crate) fn escaped(text: &str) -> String {
    visible(text).replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}
