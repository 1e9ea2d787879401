//! Plots alone: the charts of a page, each as a file.

use super::chart::Chart;
use super::run_charts::charts;
use crate::experiment::{Picture, Results};

/// The plots of some results.
pub struct Plots(Vec<Plot>);

/// A plot.
pub struct Plot(Chart);

impl Plots {
    /// Those of a run.
    pub fn of_run(results: &Results, picture: &Picture) -> Plots {
        Plots(charts(results, picture).into_iter().map(Plot).collect())
    }

    /// Their kinds and titles, in the order of the page.
    pub fn list(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|plot| (plot.0.kind, plot.0.title.as_str()))
    }

    /// The one of a kind.
    pub fn get(&self, kind: &str) -> Option<&Plot> {
        self.0.iter().find(|plot| plot.0.kind == kind)
    }
}

impl Plot {
    /// As an SVG file.
    pub fn svg(&self) -> String {
        self.0.svg()
    }
}

/// A plot as a PNG file, two pixels to each of its SVG's.
pub fn png(plot: &Plot) -> Vec<u8> {
    let (width, height, pixels) = plot.0.pixels();
    let mut bytes = Vec::new();
    let mut encoder = png::Encoder::new(&mut bytes, width, height);
    encoder.set_color(png::ColorType::Rgb);
    encoder.set_depth(png::BitDepth::Eight);
    encoder.set_compression(png::Compression::High);
    encoder
        .write_header()
        .and_then(|mut writer| writer.write_image_data(&pixels))
        .expect("a picture of that size is written to memory");
    bytes
}
