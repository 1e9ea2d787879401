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

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use quick_xml::events::Event;

    /// Finite numbers of every size: huge, tiny, subnormal, negative, zero, and ordinary ones.
    fn finite() -> impl Strategy<Value = f64> {
        prop_oneof![
            any::<f64>().prop_map(|any| if any.is_finite() { any } else { f64::MAX }),
            prop::sample::select(vec![
                0.0,
                -0.0,
                1.0,
                5e-324,
                -5e-324,
                1e40,
                -1e40,
                f64::MAX,
                f64::MIN,
                f64::MIN_POSITIVE
            ]),
            -100.0..100.0,
        ]
    }

    /// Numbers that differ, or are all alike.
    fn some() -> impl Strategy<Value = Vec<f64>> {
        prop_oneof![
            prop::collection::vec(finite(), 0..12),
            (finite(), 1..12_usize).prop_map(|(one, count)| vec![one; count]),
        ]
    }

    /// Everything stands on the sheet and reads as XML.
    fn draws(drawing: Box<dyn Drawing>) {
        let table = Table::default();
        let (kind, title) = ("x", "X".to_owned());
        let chart = Chart { kind, title, description: String::new(), note: String::new(), table, drawing, wide: false };
        for text in [chart.svg(), chart.inline(NARROW, "x", "y"), chart.inline(WIDE, "x", "y")] {
            assert!(!text.contains("NaN") && !text.contains("inf"), "{text}");
            assert!(text.len() < 1_000_000, "a chart of {} bytes", text.len());
            let mut reader = quick_xml::Reader::from_str(&text);
            while !matches!(reader.read_event().unwrap_or_else(|error| panic!("{error}: {text}")), Event::Eof) {}
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(300))]

        /// Charts take any finite number.
        #[test]
        fn every_kind_of_chart_takes_any_finite_numbers(values in some(), others in some(), limit in prop::option::of(finite())) {
            let names = |count: usize| (0..count).map(|n| format!("name {n}")).collect::<Vec<_>>();
            let other = |n: usize| others.get(n).copied().unwrap_or(values[n]);
            let interval = |n: usize| (!n.is_multiple_of(3)).then(|| [values[n].min(other(n)), values[n].max(other(n))]);
            let bars = (0..values.len()).map(|n| (n % 4 != 3).then(|| Bar { value: values[n], interval: interval(n) }));
            let panel = BarPanel { title: "t".to_owned(), ink: palette::SERIES[0], words: plain, limit, bars: bars.collect() };
            draws(Box::new(Bars { names: names(values.len()), panels: vec![panel] }));
            draws(Box::new(Columns {
                values: values.iter().copied().map(Some).chain([None]).collect(),
                edges: vec![(0.0, "a".to_owned()), (values.len() as f64, "b".to_owned())],
                words: plain,
                most: limit,
                stubs: values.len().is_multiple_of(2),
                marks: vec![(0.5, "m".to_owned())],
                ink: palette::SERIES[0],
                title: "t".to_owned(),
                line: limit.map(|level| (level, "l".to_owned())),
            }));
            let points: Vec<(f64, f64)> = (0..values.len()).map(|n| (other(n), values[n])).collect();
            let band = (0..values.len()).filter_map(|n| Some((other(n), interval(n)?[0], interval(n)?[1])));
            let curve = Curve { name: "c".to_owned(), points, band: band.collect(), joined: true, marked: false };
            let second = Curve { name: "d".to_owned(), points: curve.points.clone(), band: Vec::new(), joined: false, marked: true };
            let level = limit.unwrap_or(0.0);
            draws(Box::new(Curves {
                curves: vec![curve, second],
                across: None,
                up: limit.map(|limit| (0.0, limit)),
                across_title: "x".to_owned(),
                up_title: "y".to_owned(),
                across_words: plain,
                up_words: plain,
                ticks: limit.map(|limit| vec![(limit, plain(limit))]),
                lines: vec![Line { from: (-level, level), to: (level, level), name: "l".to_owned() }],
                square: limit.is_some(),
            }));
            let intervals = (0..values.len()).map(|n| {
                Interval { name: format!("n{n}"), value: values[n], ends: interval(n), words: plain(values[n]), kind: n }
            });
            draws(Box::new(Forest {
                intervals: intervals.collect(),
                words: plain,
                zero: limit,
                sides: limit.map(|_| ("less".to_owned(), "more".to_owned())),
                from_zero: limit.is_none(),
            }));
            let cells: Vec<GridCell> = values.iter().map(|value| GridCell { value: Some(*value), words: plain(*value) }).collect();
            draws(Box::new(Grid {
                rows: names(1),
                columns: names(cells.len()),
                cells: vec![cells],
                steps: others.iter().take(4).map(|value| (*value, plain(*value))).collect(),
                titles: None,
                turns: true,
            }));
            draws(Box::new(Pie { parts: names(values.len()).into_iter().zip(values.iter().copied()).collect(), rest: true }));
            let clock = Clock::new("2026-03-02T00:00:00", "UTC", 86_400.0).unwrap();
            let some = |values: &[f64]| values.iter().copied().map(Some).collect::<Vec<_>>();
            let spread: Vec<f64> = (0..values.len()).map(other).collect();
            let band = Band {
                name: "b".to_owned(),
                ink: palette::SERIES[0],
                at: (0..values.len()).map(|n| n as f64 * 3_600.0).collect(),
                mean: some(&values),
                low: some(&spread),
                high: some(&spread),
                steps: limit.is_some(),
            };
            let panel = Panel { title: "p".to_owned(), bands: vec![band], words: plain, height: 80.0 };
            draws(Box::new(Course { clock, panels: vec![panel], warmup: 60.0 }));
        }
    }
}
