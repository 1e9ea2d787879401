//! What charts are drawn on: the few strokes they need, on plotters' SVG or bitmap.
//!
//! Places are in CSS pixels. plotters' are whole numbers, so everything is drawn [`FINE`] times as large, and an SVG's own
//! box makes it small again; of a bitmap four pixels become one, which smooths its edges.

use super::palette::Ink;
use crate::text::visible;
use plotters::backend::{BitMapBackend, SVGBackend};
use plotters::coord::Shift;
use plotters::drawing::{DrawingArea, IntoDrawingArea};
use plotters::element::{Circle, PathElement, Polygon, Rectangle};
use plotters::style::text_anchor::{HPos, Pos, VPos};
use plotters::style::{
    Color, FontDesc, FontFamily, FontStyle, RGBAColor, RGBColor, ShapeStyle, TextStyle, register_font,
};
use std::sync::OnceLock;

/// How many of plotters' units make a CSS pixel.
pub(super) const FINE: u32 = 4;

/// What charts are drawn on.
pub(crate) struct Canvas<'a> {
    paper: Paper<'a>,
    /// Where places are counted from.
    origin: Place,
}

enum Paper<'a> {
    Svg(DrawingArea<SVGBackend<'a>, Shift>),
    Bitmap(DrawingArea<BitMapBackend<'a>, Shift>),
}

/// Where words stand from their place.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Anchor {
    Start,
    Middle,
    End,
}

/// A place on the canvas.
pub(crate) type Place = (f64, f64);

/// Words are as large as this, unless they are said to be otherwise.
pub(crate) const TEXT: f64 = 11.5;

/// The font of words: a page names it in its own style sheet, a bitmap has it built in.
const FONT: &str = "sans-serif";

fn fonts() {
    static ONCE: OnceLock<()> = OnceLock::new();
    ONCE.get_or_init(|| {
        for style in [FontStyle::Normal, FontStyle::Bold] {
            let registered = register_font(FONT, style, epaint_default_fonts::UBUNTU_LIGHT);
            assert!(registered.is_ok(), "the built-in font is sound");
        }
    });
}

fn scaled(value: f64) -> i32 {
    libm::rint(value * f64::from(FINE)) as i32
}

fn colour(ink: Ink, opacity: f64) -> RGBAColor {
    let [red, green, blue] = ink.light;
    RGBColor(red, green, blue).mix(opacity)
}

/// Drawing into memory cannot fail.
fn drawn<E: std::fmt::Debug>(done: Result<(), E>) {
    done.expect("drawing into memory does not fail");
}

impl Canvas<'_> {
    /// Draws as an SVG element of that many CSS pixels; `head` follows its opening tag.
    pub(crate) fn svg(size: Place, attributes: &str, head: &str, draw: impl FnOnce(&mut Canvas<'_>)) -> String {
        fonts();
        let mut text = String::new();
        let units = (scaled(size.0) as u32, scaled(size.1) as u32);
        {
            let mut canvas = Canvas {
                paper: Paper::Svg(SVGBackend::with_string(&mut text, units).into_drawing_area()),
                origin: (0.0, 0.0),
            };
            draw(&mut canvas);
            canvas.present();
        }
        // What plotters says of every stroke and goes without saying would be a third of a page.
        let text = text.replace(" opacity=\"1\"", "").replace(" stroke=\"none\"", "").replace(" \"/>", "\"/>");
        let (_, body) = text.split_once(">\n").expect("an SVG opens with its tag");
        format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{}\" height=\"{}\" viewBox=\"0 0 {} {}\"{attributes}>\n{head}{body}",
            size.0, size.1, units.0, units.1
        )
    }

    /// Draws as rows of pixels, three bytes each, two to a CSS pixel.
    pub(crate) fn bitmap(size: Place, draw: impl FnOnce(&mut Canvas<'_>)) -> (u32, u32, Vec<u8>) {
        fonts();
        let (width, height) = (scaled(size.0) as u32, scaled(size.1) as u32);
        let mut fine = vec![255; (width * height * 3) as usize];
        {
            let area = BitMapBackend::with_buffer(&mut fine, (width, height)).into_drawing_area();
            let mut canvas = Canvas { paper: Paper::Bitmap(area), origin: (0.0, 0.0) };
            draw(&mut canvas);
            canvas.present();
        }
        let (half_width, half_height) = (width / 2, height / 2);
        let part = |x: u32, y: u32, part: u32| u32::from(fine[((y * width + x) * 3 + part) as usize]);
        let mut pixels = Vec::with_capacity((half_width * half_height * 3) as usize);
        for y in 0..half_height {
            for x in 0..half_width {
                for channel in 0..3 {
                    let four = [(0, 0), (1, 0), (0, 1), (1, 1)];
                    let sum: u32 = four.iter().map(|(dx, dy)| part(2 * x + dx, 2 * y + dy, channel)).sum();
                    pixels.push(((sum + 2) / 4) as u8);
                }
            }
        }
        (half_width, half_height, pixels)
    }

    fn present(&self) {
        match &self.paper {
            Paper::Svg(area) => drawn(area.present()),
            Paper::Bitmap(area) => drawn(area.present()),
        }
    }

    fn at(&self, (x, y): Place) -> (i32, i32) {
        (scaled(self.origin.0 + x), scaled(self.origin.1 + y))
    }

    fn all(&self, places: &[Place]) -> Vec<(i32, i32)> {
        places.iter().map(|place| self.at(*place)).collect()
    }

    /// Draws with places counted from another one.
    pub(crate) fn shifted(&mut self, by: Place, draw: impl FnOnce(&mut Self)) {
        let before = self.origin;
        self.origin = (before.0 + by.0, before.1 + by.1);
        draw(self);
        self.origin = before;
    }

    /// A line through places.
    pub(crate) fn line(&mut self, places: &[Place], ink: Ink, width: f64) {
        let style = ShapeStyle { color: colour(ink, 1.0), filled: false, stroke_width: scaled(width).max(1) as u32 };
        let path = PathElement::new(self.all(places), style);
        match &self.paper {
            Paper::Svg(area) => drawn(area.draw(&path)),
            Paper::Bitmap(area) => drawn(area.draw(&path)),
        }
    }

    /// A broken line from one place to another, upright or level.
    pub(crate) fn dashes(&mut self, from: Place, to: Place, ink: Ink, width: f64) {
        let (dx, dy) = (to.0 - from.0, to.1 - from.1);
        let length = libm::sqrt(dx * dx + dy * dy);
        let (dash, gap) = (5.0, 3.5);
        let mut along = 0.0;
        while along < length {
            let end = (along + dash).min(length);
            let place = |part: f64| (from.0 + dx * part / length, from.1 + dy * part / length);
            self.line(&[place(along), place(end)], ink, width);
            along = end + gap;
        }
    }

    /// A filled shape.
    pub(crate) fn shape(&mut self, places: &[Place], ink: Ink, opacity: f64) {
        let polygon = Polygon::new(self.all(places), colour(ink, opacity).filled());
        match &self.paper {
            Paper::Svg(area) => drawn(area.draw(&polygon)),
            Paper::Bitmap(area) => drawn(area.draw(&polygon)),
        }
    }

    /// A filled rectangle between two corners.
    pub(crate) fn block(&mut self, from: Place, to: Place, ink: Ink, opacity: f64) {
        let upper_left = self.at((from.0.min(to.0), from.1.min(to.1)));
        let (from, to) = (upper_left, self.at((from.0.max(to.0), from.1.max(to.1))));
        if from.0 == to.0 || from.1 == to.1 {
            return;
        }
        let block = Rectangle::new([from, to], colour(ink, opacity).filled());
        match &self.paper {
            Paper::Svg(area) => drawn(area.draw(&block)),
            Paper::Bitmap(area) => drawn(area.draw(&block)),
        }
    }

    /// A dot.
    pub(crate) fn dot(&mut self, place: Place, radius: f64, ink: Ink) {
        let dot = Circle::new(self.at(place), scaled(radius), colour(ink, 1.0).filled());
        match &self.paper {
            Paper::Svg(area) => drawn(area.draw(&dot)),
            Paper::Bitmap(area) => drawn(area.draw(&dot)),
        }
    }

    /// Words whose middle height is at the place.
    pub(crate) fn words(&mut self, text: &str, place: Place, anchor: Anchor, ink: Ink) {
        self.sized(text, place, anchor, ink, TEXT, false);
    }

    /// Words of some size.
    pub(crate) fn sized(&mut self, text: &str, place: Place, anchor: Anchor, ink: Ink, size: f64, bold: bool) {
        let horizontal = match anchor {
            Anchor::Start => HPos::Left,
            Anchor::Middle => HPos::Center,
            Anchor::End => HPos::Right,
        };
        // plotters' size is a line's height, not the font's.
        let style = if bold { FontStyle::Bold } else { FontStyle::Normal };
        let font = FontDesc::new(FontFamily::SansSerif, size * f64::from(FINE) * 1.24, style);
        let ink = colour(ink, 1.0);
        let style = TextStyle::from(font).color(&ink).pos(Pos::new(horizontal, VPos::Center));
        let text = visible(text);
        match &self.paper {
            Paper::Svg(area) => drawn(area.draw_text(&text, &style, self.at(place))),
            Paper::Bitmap(area) => drawn(area.draw_text(&text, &style, self.at(place))),
        }
    }
}

/// About how wide words are, in CSS pixels: enough to keep them apart.
pub(crate) fn width_of(text: &str, size: f64) -> f64 {
    let em = |letter: char| match letter {
        'i' | 'j' | 'l' | 'I' | '.' | ',' | ':' | ';' | '|' | '\'' | '!' => 0.28,
        'f' | 't' | 'r' | ' ' | '(' | ')' | '-' | '/' => 0.36,
        'm' | 'w' | 'M' | 'W' | '%' | '@' => 0.88,
        'A'..='Z' => 0.68,
        _ if letter.is_ascii() => 0.56,
        _ => 0.75,
    };
    text.chars().map(em).sum::<f64>() * size * 1.07
}

/// Words cut to a width.
pub(crate) fn cut_to(text: &str, width: f64, size: f64) -> String {
    if width_of(text, size) <= width {
        return text.to_owned();
    }
    let mut used = 0.75 * size;
    let fits = |letter: &char| {
        used += width_of(letter.encode_utf8(&mut [0; 4]), size);
        used <= width
    };
    let mut short: String = text.chars().take_while(fits).collect();
    // The mark stands in the place of a letter at least.
    if short.len() == text.len() {
        short.pop();
    }
    short + "…"
}

/// A name cut to a width out of its middle: what tells names apart is often how they end.
pub(crate) fn squeezed(name: &str, width: f64, size: f64) -> String {
    /// Of a name that is longer its ends are looked at.
    const LOOKED_AT: usize = 1_000;
    let mut letters: Vec<char> = name.chars().collect();
    if letters.len() > LOOKED_AT {
        letters.drain(LOOKED_AT / 2..letters.len() - LOOKED_AT / 2);
    }
    if width_of(name, size) <= width || letters.len() < 2 {
        return cut_to(name, width, size);
    }
    let of = |letters: &[char]| width_of(&letters.iter().collect::<String>(), size);
    let room = width - width_of("…", size);
    let from = (1..letters.len()).find(|from| of(&letters[*from..]) <= room * 0.55).unwrap_or(letters.len());
    let end: String = letters[from..].iter().collect();
    let left = room - of(&letters[from..]);
    let to = (0..from).rev().find(|to| of(&letters[..*to]) <= left).unwrap_or(0);
    let start: String = letters[..to].iter().collect();
    format!("{}…{}", start.trim_end(), end.trim_start())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_names_keep_their_ends() {
        assert_eq!(squeezed("support-1", 100.0, TEXT), "support-1");
        for width in [40.0, 90.0, 200.0] {
            let short = squeezed("Bartholomew-Maximilian von Hohenstein zu Oberammergau-12", width, TEXT);
            assert!(width_of(&short, TEXT) <= width, "{short}");
            assert!(short.contains('…') && short.ends_with("12"), "{short}");
        }
        assert_eq!(squeezed("客", 3.0, TEXT), "…");
        let endless = "x".repeat(10_000_000);
        for short in [cut_to(&endless, 90.0, TEXT), squeezed(&endless, 90.0, TEXT)] {
            assert!(width_of(&short, TEXT) <= 90.0 && short.chars().count() > 5, "{short}");
        }
    }
}
