//! Pages of experiments: some words, charts and tables, in sections.

use super::{ChartText, TableText, filled};
use crate::report::chart::{Chart, Table};
use serde::Serialize;

/// A page.
#[derive(Serialize)]
pub(crate) struct Article {
    pub(crate) title: String,
    pub(crate) about: Vec<(&'static str, String)>,
    pub(crate) verdict: String,
    pub(crate) sections: Vec<Section>,
    /// Hashes and the like, at its end.
    pub(crate) foot: Vec<String>,
    pub(crate) version: String,
}

/// A part of a page.
#[derive(Serialize)]
pub(crate) struct Section {
    pub(crate) title: String,
    pub(crate) lead: String,
    charts: Vec<ChartText>,
    tables: Vec<Captioned>,
}

#[derive(Serialize)]
struct Captioned {
    caption: String,
    table: TableText,
    /// A click on a column's head sorts by it.
    sortable: bool,
}

impl Section {
    pub(crate) fn new(title: &str, lead: &str) -> Section {
        Section { title: title.to_owned(), lead: lead.to_owned(), charts: Vec::new(), tables: Vec::new() }
    }

    /// With some charts, all or none of which take the whole width.
    pub(crate) fn charts(mut self, charts: impl IntoIterator<Item = Chart>) -> Section {
        // Several charts of one kind are told apart by number.
        let first = self.charts.len();
        let texts = charts.into_iter().enumerate().map(|(n, chart)| ChartText::numbered(chart, first + n));
        self.charts.extend(texts);
        self
    }

    pub(crate) fn table(mut self, caption: &str, table: Table, sortable: bool) -> Section {
        self.tables.push(Captioned { caption: caption.to_owned(), table: table.into(), sortable });
        self
    }
}

impl Article {
    /// The page's text.
    pub(crate) fn html(&self) -> String {
        filled("article.html", self)
    }
}
