//! Plots alone: the charts of a page, each as a file.

use super::chart::Chart;
use super::run_charts::charts;
use crate::experiment::{Picture, Results};

/// The plots of some results.
pub struct Plots(Vec<Plot>);

/// A plot.
pub struct Plot {
    kind: String,
    chart: Chart,
}

impl Plots {
    /// Those of a run.
    pub(super) fn of_run(results: &Results, picture: &Picture) -> Plots {
        let plot = |chart: Chart| Plot { kind: chart.kind.to_owned(), chart };
        Plots(charts(results, picture).into_iter().map(plot).collect())
    }

    /// Those of an experiment: there is one for each metric, and it is called by that.
    pub(super) fn by_title(charts: Vec<Chart>) -> Plots {
        Plots(charts.into_iter().map(|chart| Plot { kind: chart.title.clone(), chart }).collect())
    }

    /// Their kinds and titles, in the order of the page.
    pub fn list(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|plot| (plot.kind.as_str(), plot.chart.title.as_str()))
    }

    /// The one of a kind.
    pub fn get(&self, kind: &str) -> Option<&Plot> {
        self.0.iter().find(|plot| plot.kind == kind)
    }
}

impl Plot {
    /// As an SVG file.
    pub fn svg(&self) -> String {
        self.chart.svg()
    }

    /// As a PNG file, two pixels to each of its SVG's.
    pub fn png(&self) -> Vec<u8> {
        let (width, height, pixels) = self.chart.pixels();
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
}
