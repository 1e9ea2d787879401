//! A sweep: JSON and tidy tables for machines, a short table of its cells for people.

use super::json::SCHEMA;
use super::long_csv::{Field, LongCsv, count, json_number};
use super::outline::outline;
use super::page::{Style, WIDTH, bold, clean, length, rough, wrapped};
use super::quantity::figure;
use super::table::{Column, table};
use super::unsettled::{warnings_of_several, word};
use crate::experiment::Summary;
use crate::experiment::sweep::{Axis, Cell, CellRun, Sweep};
use crate::measures::Selector;
use crate::simulation::limits;
use crate::text::visible_json;
use crate::time::Span;
use serde::Serialize;
use serde_json::{Map, Value};
use std::fmt::Write;
use std::io;
use xxhash_rust::xxh3::xxh3_128;

/// The table for people shows this many cells.
pub(super) const ROWS: usize = 40;

/// Metrics that it shows where nobody asked for others.
const SHOWN: [&str; 4] =
    ["sla.first_response.breach_rate", "queue.wait.mean", "tickets.abandon_rate", "agents.occupancy"];

#[derive(Serialize)]
struct Document<'a> {
    schema: u32,
    kind: &'static str,
    #[serde(flatten)]
    sweep: &'a Sweep,
}

/// A sweep as JSON text: one object, one line for each cell.
pub fn sweep_json(sweep: &Sweep) -> String {
    outline(&Document { schema: SCHEMA, kind: "sweep", sweep }, 2)
}

/// A cell's replications as a text that knows whether it is whole.
pub fn cell_json(run: &CellRun) -> String {
    let cell = visible_json(serde_json::to_string(run).expect("a cell has a text"));
    format!(
        "{{\"schema\":{SCHEMA},\"kind\":\"cell\",\"checksum\":\"{:032x}\",\"cell\":{cell}}}\n",
        xxh3_128(cell.as_bytes())
    )
}

/// Reads what [`cell_json`] wrote.
///
/// # Errors
/// What is wrong with it, in a few words.
pub fn read_cell(bytes: &[u8]) -> Result<CellRun, &'static str> {
    let head = format!("{{\"schema\":{SCHEMA},\"kind\":\"cell\",\"checksum\":\"");
    let rest = bytes.strip_prefix(head.as_bytes()).ok_or("it is no cell of this version")?;
    let (checksum, rest) = rest.split_at_checked(32).ok_or("it is cut short")?;
    let cell = rest.strip_prefix(b"\",\"cell\":").ok_or("its checksum does not read")?;
    let cell = cell.strip_suffix(b"}\n").ok_or("it is cut short")?;
    if checksum != format!("{:032x}", xxh3_128(cell)).as_bytes() {
        return Err("its checksum is another");
    }
    let run: CellRun = serde_json::from_slice(cell).map_err(|_| "it does not read as a cell")?;
    let numbers = run.metrics.iter().flat_map(|(_, values)| values.iter().flatten());
    if numbers.chain([&run.warmup]).any(|number| number.abs() > limits::RESULT) {
        return Err("one of its numbers is too large");
    }
    Ok(run)
}

/// A sweep as a long table in CSV: a row for each cell and metric, with the cell's settings in columns.
///
/// # Errors
/// Those of the writer.
pub fn sweep_csv(sweep: &Sweep, out: impl io::Write) -> io::Result<()> {
    let mut rows = LongCsv::new(out);
    let own = ["metric", "mean", "ci95_low", "ci95_high", "n", "sd", "p10", "p50", "p90", "warmup_s", "stability"];
    header(&sweep.axes, &own, &mut rows)?;
    for (n, cell) in sweep.cells.iter().enumerate() {
        for (metric, summary) in &cell.metrics {
            let end = |end: usize| json_number(summary.and_then(|summary| summary.ci95).map(|ends| ends[end]));
            let tail = |tail: usize| json_number(summary.and_then(|summary| summary.tails).map(|tails| tails[tail]));
            let row = [
                metric.to_string().into(),
                json_number(summary.map(|summary| summary.mean)),
                end(0),
                end(1),
                count(summary.map_or(0, |summary| summary.n)),
                json_number(summary.and_then(|summary| summary.sd)),
                tail(0),
                tail(1),
                tail(2),
                json_number(Some(cell.warmup)),
                word(cell.stability.as_ref()).into(),
            ];
            write_row(n, &cell.settings, row, &mut rows)?;
        }
    }
    rows.finish()
}

/// The replications of a sweep's cells as a long table in CSV: a row for each cell, replication and metric.
pub struct ReplicationRows<W: io::Write>(LongCsv<W>);

impl<W: io::Write> ReplicationRows<W> {
    /// With a header for these axes.
    ///
    /// # Errors
    /// Those of the writer.
    pub fn new(axes: &[Axis], out: W) -> io::Result<ReplicationRows<W>> {
        let mut rows = LongCsv::new(out);
        header(axes, &["replication", "metric", "value"], &mut rows)?;
        Ok(ReplicationRows(rows))
    }

    /// Adds the next cell.
    ///
    /// # Errors
    /// Those of the writer.
    pub fn add(&mut self, cell: usize, settings: &Map<String, Value>, run: &CellRun) -> io::Result<()> {
        for replication in 0..run.replications as usize {
            for (metric, values) in &run.metrics {
                let row = [count(replication), metric.to_string().into(), json_number(values[replication])];
                write_row(cell, settings, row, &mut self.0)?;
            }
        }
        Ok(())
    }

    /// Writes what is left.
    ///
    /// # Errors
    /// Those of the writer.
    pub fn finish(mut self) -> io::Result<()> {
        self.0.finish()
    }
}

fn header(axes: &[Axis], own: &[&str], rows: &mut LongCsv<impl io::Write>) -> io::Result<()> {
    let paths = axes.iter().map(|axis| axis.path.as_str());
    rows.row(std::iter::once("cell").chain(paths).chain(own.iter().copied()))
}

fn write_row(
    cell: usize,
    settings: &Map<String, Value>,
    own: impl IntoIterator<Item = Field<'static>>,
    rows: &mut LongCsv<impl io::Write>,
) -> io::Result<()> {
    let settings = settings.values().map(|value| match value {
        Value::Number(_) => count(value),
        value => shown(value).into(),
    });
    rows.row(std::iter::once(count(cell)).chain(settings).chain(own))
}

/// A setting as people write it on the command line.
pub(super) fn shown(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

/// A sweep as a page of text: its axes, and the figures of its cells.
pub fn sweep_page(sweep: &Sweep, style: Style) -> String {
    let mut out = String::new();
    for line in wrapped(&clean(&sweep.title), WIDTH) {
        bold(&line, style, &mut out);
    }
    let say = |words: &str, out: &mut String| {
        wrapped(words, WIDTH).iter().for_each(|line| writeln!(out, "{line}").expect("text grows"));
    };
    about(sweep).iter().for_each(|words| say(words, &mut out));
    warnings(sweep).iter().for_each(|warning| say(warning, &mut out));
    out.push('\n');

    let rows = &sweep.cells[..sweep.cells.len().min(ROWS)];
    let axes = sweep.axes.iter().map(|axis| {
        let values = rows.iter().map(|cell| cell.settings.get(&axis.path).map_or(String::new(), shown));
        Column::new(&axis.path, values.collect())
    });
    let metrics = shown_metrics(sweep);
    let figures = metrics.iter().map(|metric| {
        let of = |cell: &Cell| figure(summary(cell, metric), metric.metric().unit);
        Column::new(&metric.to_string(), rows.iter().map(of).collect())
    });
    let columns: Vec<Column> = axes.chain(figures).collect();
    let fit = table(&columns, &mut out);
    if sweep.cells.len() > ROWS {
        say(&format!("  … and {} more, in the CSV and the JSON.", sweep.cells.len() - ROWS), &mut out);
    }
    let told = fit.saturating_sub(sweep.axes.len());
    if told < sweep.metrics.len() {
        let left = sweep.metrics.len() - told;
        let more = if left == 1 {
            "1 more metric of each cell is".to_owned()
        } else {
            format!("{left} more metrics of each cell are")
        };
        say(&format!("{more} in the CSV and the JSON."), &mut out);
    }
    out.push('\n');
    let foot = [
        format!(
            "desksim {}, seed {}, replications {}, draws {}",
            sweep.version, sweep.seed, sweep.replications, sweep.draws
        ),
        format!("scenario {}", sweep.scenario),
        format!("digest   {}", sweep.digest),
    ];
    foot.iter().for_each(|line| say(line, &mut out));
    out
}

/// What was run, in sentences.
pub(super) fn about(sweep: &Sweep) -> Vec<String> {
    let sizes: Vec<String> = sweep.axes.iter().map(|axis| axis.values.len().to_string()).collect();
    let grid = if sizes.len() > 1 { format!(" ({})", sizes.join(" × ")) } else { String::new() };
    let cells = if sweep.cells.len() == 1 { "1 cell".to_owned() } else { format!("{} cells", sweep.cells.len()) };
    let runs = if sweep.replications == 1 { "1 run".to_owned() } else { format!("{} runs", sweep.replications) };
    let mut about = vec![format!(
        "{cells}{grid}, {runs} of {} each, seed {}: the same customers in every cell. Figures are means over the runs{}.",
        length(Span::from_secs_f64(sweep.duration)),
        sweep.seed,
        if sweep.replications == 1 { "" } else { " ± the longer side of their 95\u{a0}% interval" },
    )];
    let summaries = sweep.cells.iter().flat_map(|cell| sweep.metrics.iter().filter_map(move |of| summary(cell, of)));
    about[0].push_str(&rough(summaries));
    about.extend(warmups(sweep));
    about
}

/// That cells leave out beginnings of their own, where they do.
fn warmups(sweep: &Sweep) -> Option<String> {
    let of = || sweep.cells.iter().map(|cell| cell.warmup);
    let (least, most) = (of().fold(f64::INFINITY, f64::min), of().fold(0.0, f64::max));
    let span = |secs: f64| length(Span::from_secs_f64(secs));
    match (most > 0.0, least < most) {
        (false, _) => None,
        (true, false) => Some(format!("The first {} of each run is left out.", span(most))),
        (true, true) => Some(format!(
            "Each cell leaves out a beginning of its own, {} to {}; to have all leave out the same, set run.warmup.",
            span(least),
            span(most)
        )),
    }
}

/// Which cells are in no state that lasts, in sentences.
pub(super) fn warnings(sweep: &Sweep) -> Vec<String> {
    let name = |cell: &Cell| {
        cell.settings.iter().map(|(path, value)| format!("{path} {}", shown(value))).collect::<Vec<_>>().join(" with ")
    };
    warnings_of_several(sweep.cells.iter().map(|cell| (name(cell), cell.stability.as_ref())), "all cells")
}

/// The metrics in the order in which they are shown: those that matter most first, where all the usual ones are there.
pub(super) fn shown_metrics(sweep: &Sweep) -> Vec<Selector> {
    let known = |name: &str| sweep.metrics.iter().find(|metric| metric.to_string() == name).cloned();
    let first: Option<Vec<Selector>> = SHOWN.iter().map(|name| known(name)).collect();
    first.unwrap_or_else(|| sweep.metrics.clone())
}

pub(super) fn summary(cell: &Cell, metric: &Selector) -> Option<Summary> {
    cell.metrics.iter().find(|(known, _)| known == metric).and_then(|(_, summary)| *summary)
}
