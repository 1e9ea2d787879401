//! A page for a browser: one file that needs nothing else, made from a template.
//!
//! Everything that comes from users is escaped by the template engine, charts are drawn beforehand, and a policy in the
//! page itself forbids it to fetch anything. The script acts on the tickets of replication 0 alone.

mod article;
mod run;
mod words;

pub(super) use article::{Article, Section};
pub use run::html;

use super::chart::{Chart, HALF, NARROW, Table, WIDE, css};
use crate::text::{visible_json, visible_lines};
use minijinja::{AutoEscape, Environment, UndefinedBehavior};
use serde::Serialize;

/// A chart as the template takes it.
#[derive(Serialize)]
struct ChartText {
    id: String,
    title: String,
    description: String,
    note: String,
    table: TableText,
    class: &'static str,
    /// Drawn across the page or half of it, and for a phone.
    broad: String,
    narrow: String,
}

#[derive(Serialize)]
struct TableText {
    head: Vec<String>,
    rows: Vec<Vec<String>>,
}

impl From<Table> for TableText {
    fn from(table: Table) -> TableText {
        TableText { head: table.head, rows: table.rows }
    }
}

impl ChartText {
    fn new(chart: Chart) -> ChartText {
        let id = chart.kind.to_owned();
        ChartText::identified(chart, &id)
    }

    /// One of several of its kind.
    fn numbered(chart: Chart, number: usize) -> ChartText {
        let id = format!("{}-{number}", chart.kind);
        ChartText::identified(chart, &id)
    }

    fn identified(chart: Chart, id: &str) -> ChartText {
        let width = if chart.wide { WIDE } else { HALF };
        let (broad, narrow) = (format!("{id}-broad"), format!("{id}-narrow"));
        ChartText {
            id: id.to_owned(),
            broad: chart.inline(width, &broad, "chart broad"),
            narrow: chart.inline(NARROW, &narrow, "chart narrow"),
            title: chart.title,
            description: chart.description,
            note: chart.note,
            table: chart.table.into(),
            class: if chart.wide { "wide" } else { "half" },
        }
    }
}

/// Fills a template with what it is to say.
fn filled(name: &'static str, context: impl Serialize) -> String {
    let mut templates = Environment::new();
    templates.set_auto_escape_callback(|_| AutoEscape::Html);
    // A name that nothing bears is a mistake of ours, and shall not pass as an empty text.
    templates.set_undefined_behavior(UndefinedBehavior::Strict);
    templates.set_formatter(|out, state, value| match value.as_str() {
        Some(text) if !value.is_safe() => {
            minijinja::escape_formatter(out, state, &minijinja::Value::from(&*visible_lines(text)))
        }
        _ => minijinja::escape_formatter(out, state, value),
    });
    for (name, text) in [
        ("frame.html", include_str!("frame.html")),
        ("parts.html", include_str!("parts.html")),
        ("run.html", include_str!("run.html")),
        ("article.html", include_str!("article.html")),
    ] {
        templates.add_template(name, text).unwrap_or_else(|error| panic!("{error:#}"));
    }
    templates.add_global("css", minijinja::Value::from_safe_string(css() + include_str!("style.css")));
    templates.add_global("sorter", minijinja::Value::from_safe_string(include_str!("sorter.js").to_owned()));
    templates.add_global("script", minijinja::Value::from_safe_string(include_str!("script.js").to_owned()));
    let template = templates.get_template(name).expect("it was just added");
    let mut page = template.render(minijinja::value::Serde(context)).unwrap_or_else(|error| panic!("{error:#}"));
    if !page.ends_with('\n') {
        page.push('\n');
    }
    page
}

/// Data for a script: JSON that cannot end the element it stands in.
fn embedded(data: &impl Serialize) -> String {
    let json = visible_json(serde_json::to_string(data).expect("plain data with finite numbers"));
    json.replace('<', "\\u003c").replace('>', "\\u003e").replace('&', "\\u0026")
}
