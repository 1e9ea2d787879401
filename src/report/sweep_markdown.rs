//! A sweep as Markdown, for pasting: a row for each cell.

use super::markdown::{code, heading, paragraph, plain, table};
use super::quantity::figure;
use super::sweep::{ROWS, about, shown, shown_metrics, summary, warnings};
use crate::experiment::sweep::Sweep;

/// A sweep as Markdown, with a newline at the end: its axes, and the main figures of its cells.
pub fn sweep_markdown(sweep: &Sweep) -> String {
    let mut out = heading(3, &sweep.title);
    about(sweep).iter().chain(&warnings(sweep)).for_each(|words| paragraph(&mut out, &plain(words)));
    let metrics = shown_metrics(sweep);
    let axes = sweep.axes.iter().map(|axis| code(&axis.path));
    let heads: Vec<String> = axes.chain(metrics.iter().map(|metric| code(&metric.to_string()))).collect();
    let rows = sweep.cells.iter().take(ROWS).map(|cell| {
        let settings = sweep.axes.iter().map(|axis| cell.settings.get(&axis.path).map_or(String::new(), shown));
        let figures = metrics.iter().map(|metric| figure(summary(cell, metric), metric.metric().unit));
        settings.chain(figures).map(|cell| plain(&cell)).collect()
    });
    table(&mut out, &heads, 0, rows);
    if sweep.cells.len() > ROWS {
        paragraph(&mut out, &format!("… and {} more, in the CSV and the JSON.", sweep.cells.len() - ROWS));
    }
    let foot = format!(
        "desksim {}, seed {}, replications {}, draws {}, scenario {}, digest {}.",
        plain(&sweep.version),
        sweep.seed,
        sweep.replications,
        code(&sweep.draws),
        code(&sweep.scenario),
        code(&sweep.digest)
    );
    paragraph(&mut out, &foot);
    out
}
