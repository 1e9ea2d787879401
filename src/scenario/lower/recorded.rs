//! CSV files that a scenario names: recorded arrivals, samples, rosters.

use super::lowering::Lowering;
use crate::desk::{FieldId, FieldValue};
use crate::scenario::diagnostic::help_with_name;
use crate::scenario::schema;
use crate::scenario::source::{At, Place, Source};
use crate::scenario::unit::parse_datetime;
use crate::simulation::RunPlan;
use crate::simulation::limits::{self, grouped};
use crate::text::shortened;
use crate::time::{Civil, Instant, Span};
use crate::workload::{AgentPlan, ArrivalRow, FieldPlan};
use rustc_hash::FxHashMap;
use std::borrow::Cow;
use std::sync::Arc;

/// After so many bad cells the rest of a file is not worth reading.
const MOST_PROBLEMS: usize = 20;

/// A cell further from the start than this is no time of a run.
const MOST_SECONDS: f64 = 36_500.0 * 86_400.0;

/// Of a longer cell the beginning is quoted.
const LONGEST_QUOTED: usize = 40;

/// A roster file: spells of duty by the agent's name.
pub(super) type Roster = FxHashMap<String, Vec<(Instant, Instant)>>;

/// A table that is read row by row.
struct Csv {
    name: At<String>,
    text: Arc<str>,
    /// The text's index among the report's sources, once a problem was found in it.
    source: Option<u32>,
    problems: usize,
    columns: Vec<String>,
}

impl Csv {
    fn column(&self, name: &str) -> Option<usize> {
        self.columns.iter().position(|column| column == name)
    }

    /// A help line about a column that is not there.
    fn nearest_column(&self, name: &str, otherwise: &str) -> String {
        let columns: Vec<Cow<'_, str>> = self.columns.iter().map(|column| quoted(column)).collect();
        help_with_name(name, columns.iter().map(|column| &**column), "its columns", otherwise)
    }

    fn reader(text: &str) -> csv::Reader<&[u8]> {
        csv::ReaderBuilder::new().flexible(true).trim(csv::Trim::All).from_reader(text.as_bytes())
    }
}

/// A cell as messages quote it: the file may hold anything, and nobody asked to see it.
fn quoted(cell: &str) -> Cow<'_, str> {
    shortened(cell, LONGEST_QUOTED)
}

/// Where a problem of a CSV file is.
enum Spot {
    Header,
    /// The row that starts at this byte, and one of its cells.
    Cell(u64, usize),
}

impl Lowering<'_> {
    /// Opens a CSV file; its header must be there, and once each.
    fn csv(&mut self, file: &At<String>) -> Option<Csv> {
        let text = self.read_file(file)?;
        let mut csv = Csv { name: file.clone(), text: text.clone(), source: None, problems: 0, columns: Vec::new() };
        match Csv::reader(&text).headers() {
            Ok(headers) => csv.columns = headers.iter().map(str::to_owned).collect(),
            Err(error) => {
                self.report.error(
                    file.place,
                    format!("`{}` is not a CSV file", file.value),
                    error.to_string(),
                    "save it as CSV",
                );
                return None;
            }
        }
        if csv.columns.iter().all(String::is_empty) {
            self.report.error(
                file.place,
                format!("`{}` is empty", file.value),
                "an empty file",
                "its first line names the columns, and each line after it is a row",
            );
            return None;
        }
        Some(csv)
    }

    fn csv_error(&mut self, csv: &mut Csv, spot: &Spot, title: String, label: &str, help: String) {
        csv.problems += 1;
        let source = *csv.source.get_or_insert_with(|| {
            let path = self.report.source(0).resolve(&csv.name.value);
            self.report.add_hidden_source(Source::new(path.display().to_string(), &*csv.text))
        });
        let range = match spot {
            Spot::Header => cell_range(&csv.text, 0, 0),
            Spot::Cell(byte, column) => cell_range(&csv.text, *byte as usize, *column),
        };
        self.report.error(Place::new(source, range), title, label, help);
    }

    fn need_column(&mut self, csv: &mut Csv, name: &str) -> Option<usize> {
        let found = csv.column(name);
        if found.is_none() {
            let help = csv.nearest_column(name, "add it");
            self.csv_error(csv, &Spot::Header, format!("there is no column `{name}`"), "the columns", help);
        }
        found
    }

    /// Goes through the rows until there are too many problems.
    fn rows(&mut self, csv: &mut Csv, mut each: impl FnMut(&mut Self, &mut Csv, u64, &csv::StringRecord)) -> usize {
        let text = csv.text.clone();
        let mut reader = Csv::reader(&text);
        let mut record = csv::StringRecord::new();
        let mut rows = 0;
        loop {
            match reader.read_record(&mut record) {
                Ok(false) => return rows,
                Ok(true) => {
                    let byte = record.position().map_or(0, csv::Position::byte);
                    if rows as u64 == limits::ARRIVALS {
                        let title = format!("more than {} rows", grouped(limits::ARRIVALS));
                        let help = "keep those that are needed".to_owned();
                        self.csv_error(csv, &Spot::Cell(byte, 0), title, "one too many", help);
                        return rows;
                    }
                    rows += 1;
                    if record.len() > csv.columns.len() {
                        let (cells, columns) = (record.len(), csv.columns.len());
                        self.csv_error(
                            csv,
                            &Spot::Cell(byte, columns),
                            format!("a row with {cells} cells under {columns} columns"),
                            "one too many",
                            "give every cell a column; decimals take a point, not a comma".to_owned(),
                        );
                    } else {
                        each(self, csv, byte, &record);
                    }
                }
                Err(error) => {
                    let byte = error.position().map_or(0, csv::Position::byte);
                    self.csv_error(csv, &Spot::Cell(byte, 0), "a row that is no CSV".to_owned(), "", error.to_string());
                    return rows;
                }
            }
            if csv.problems >= MOST_PROBLEMS {
                return rows;
            }
        }
    }

    /// The samples in a column: seconds, durations or factors.
    pub(super) fn recorded_values(&mut self, file: &At<String>, column: &At<String>) -> Option<Vec<f64>> {
        let mut csv = self.csv(file)?;
        let Some(index) = csv.column(&column.value) else {
            let help = csv.nearest_column(&column.value, "");
            self.report.error(
                column.place,
                format!("`{}` has no column `{}`", file.value, column.value),
                "no column has this name",
                help,
            );
            return None;
        };
        let mut values = Vec::new();
        self.rows(&mut csv, |lowering, csv, byte, record| {
            let cell = record.get(index).unwrap_or_default();
            if cell.is_empty() {
                return;
            }
            match cell_seconds(cell) {
                Some(value) => values.push(value),
                None => {
                    lowering.bad_cell(csv, byte, index, cell, "a number of zero or more, or a duration such as 15m")
                }
            }
        });
        if csv.problems > 0 {
            return None;
        }
        if values.is_empty() {
            self.report.error(
                column.place,
                format!("the column `{}` of `{}` is empty", column.value, file.value),
                "",
                "fill it, or name another column",
            );
            return None;
        }
        Some(values)
    }

    fn bad_cell(&mut self, csv: &mut Csv, byte: u64, column: usize, cell: &str, expected: &str) {
        let name = csv.columns.get(column).cloned().unwrap_or_default();
        self.csv_error(
            csv,
            &Spot::Cell(byte, column),
            format!("`{}` does not fit the column `{}`", quoted(cell), quoted(&name)),
            "a bad cell",
            format!("write {expected}"),
        );
    }

    /// The arrivals in a file, by time.
    pub(super) fn recorded_arrivals(
        &mut self,
        file: &At<String>,
        customer: &schema::Customer,
        fields: &[FieldPlan],
        asked: &[FieldId],
        civil: &Civil,
        run: &RunPlan,
    ) -> Option<Arc<[ArrivalRow]>> {
        const KNOWN: [&str; 5] = ["at", "handle_time", "patience", "replies", "priority"];
        let mut csv = self.csv(file)?;
        let at_column = self.need_column(&mut csv, "at");
        let mut field_columns: Vec<(usize, FieldId)> = Vec::new();
        for (index, column) in csv.columns.clone().iter().enumerate() {
            if let Some(name) = column.strip_prefix("field.") {
                match self.names.find_field(name) {
                    Some(field) => field_columns.push((index, field)),
                    None => {
                        let known = (0..self.names.field_count()).map(|field| self.names.field(FieldId::at(field)));
                        let help = help_with_name(name, known, "the fields", "remove the column, or add the field");
                        self.csv_error(
                            &mut csv,
                            &Spot::Cell(0, index),
                            format!("unknown field `{}`", quoted(name)),
                            "",
                            help,
                        );
                    }
                }
            } else if !KNOWN.contains(&column.as_str()) {
                let help = help_with_name(column, KNOWN.into_iter(), "the columns", "");
                self.csv_error(
                    &mut csv,
                    &Spot::Cell(0, index),
                    format!("unknown column `{}`", quoted(column)),
                    "",
                    help,
                );
            }
        }
        // A row that leaves out a value which the class would draw needs a form of the class's, which lacks the row's own values.
        let drawn: Vec<FieldId> = fields.iter().map(|plan| plan.field).filter(|field| asked.contains(field)).collect();
        let at_column = at_column?;
        let columns = ["handle_time", "patience", "replies", "priority"].map(|name| csv.column(name));
        let [handle_time, patience, replies, priority] = columns;
        let mut rows: Vec<ArrivalRow> = Vec::new();
        let (mut latest, mut several, mut before) = (None, false, 0_u64);
        let count = self.rows(&mut csv, |lowering, csv, byte, record| {
            let cell =
                |column: Option<usize>| column.and_then(|column| record.get(column)).filter(|cell| !cell.is_empty());
            let written = record.get(at_column).unwrap_or_default();
            let at = match cell_instant(written, civil) {
                Some(When::At(at)) => at,
                // One recording may serve runs that begin later than it does.
                Some(When::BeforeTheStart) => return before += 1,
                None => {
                    let expected = "seconds from the start, or a civil date and time such as 2026-03-02T09:00:00";
                    return lowering.bad_cell(csv, byte, at_column, written, expected);
                }
            };
            if latest.is_some_and(|latest| at < latest) {
                return lowering.csv_error(
                    csv,
                    &Spot::Cell(byte, at_column),
                    "arrivals out of order".to_owned(),
                    "earlier than the row before",
                    "sort the rows by `at`".to_owned(),
                );
            }
            latest = Some(at);
            let mut seconds = |column: Option<usize>, never: bool| {
                let text = cell(column)?;
                if never && text == "never" {
                    return Some(f64::INFINITY);
                }
                let read = cell_seconds(text);
                if read.is_none() {
                    let column = column.expect("it has a cell");
                    lowering.bad_cell(csv, byte, column, text, "seconds of zero or more, or a duration such as 15m");
                }
                read
            };
            let (handle_time, patience) = (seconds(handle_time, false), seconds(patience, true));
            let mut row = ArrivalRow { at, handle_time, patience, replies: None, priority: None, form: None };
            if let Some(text) = cell(replies) {
                row.replies = text.parse().ok().filter(|count| (1..=limits::REPLIES as u32).contains(count));
                several |= row.replies.is_some_and(|count| count > 1);
                if row.replies.is_none() {
                    lowering.bad_cell(csv, byte, replies.expect("it has a cell"), text, "a whole number from 1");
                }
            }
            if let Some(text) = cell(priority) {
                row.priority = text.parse().ok().filter(|points| (-400..=400).contains(points));
                if row.priority.is_none() {
                    lowering.bad_cell(
                        csv,
                        byte,
                        priority.expect("it has a cell"),
                        text,
                        "a whole number from -400 to 400",
                    );
                }
            }
            let mut values: Vec<(FieldId, FieldValue)> = Vec::with_capacity(field_columns.len());
            for (column, field) in &field_columns {
                let Some(text) = cell(Some(*column)) else { continue };
                match lowering.parse_value(*field, text) {
                    Some(value) => values.push((*field, value)),
                    None => lowering.bad_cell(csv, byte, *column, text, "a value that fits the field's type (TIC-11)"),
                }
            }
            if !values.is_empty() {
                if let Some(missing) = drawn.iter().find(|field| !values.iter().any(|(given, _)| given == *field)) {
                    let name = lowering.names.field(*missing).to_owned();
                    lowering.csv_error(
                        csv,
                        &Spot::Cell(byte, field_columns[0].0),
                        format!("a row with some fields, and without `{name}`"),
                        "given in part",
                        format!(
                            "give `field.{name}` too, or leave all fields of the row empty: then the class draws them"
                        ),
                    );
                }
                row.form = Some(lowering.forms.add(values));
            }
            rows.push(row);
        });
        if several {
            self.need_reply_delay(customer, file.place);
        }
        if csv.problems > 0 {
            return None;
        }
        if rows.is_empty() {
            let (label, help) = match count {
                0 => ("no rows", "each line after the first is an arrival"),
                _ => {
                    ("all its rows lie before the start", "start the run when the recording does: [run] start = \"…\"")
                }
            };
            self.report.error(file.place, format!("`{}` holds no arrivals", file.value), label, help);
            return None;
        }
        let end = Instant::ZERO + run.duration;
        let after = (rows.len() - rows.partition_point(|row| row.at < end)) as u64;
        if let Some(first) = rows.first()
            && first.at >= end
        {
            self.report.warning(
                file.place,
                format!("no arrival of `{}` falls into the run", file.value),
                format!("the first comes {} after the start", first.at.since(Instant::ZERO)),
                "lengthen the run, or start it later",
            );
        } else if before + after > 0 {
            let sides = [(before, "before its start"), (after, "after its end")];
            let sides = sides.into_iter().filter(|(count, _)| *count > 0);
            let told: Vec<String> = sides.map(|(count, side)| format!("{} {side}", grouped(count))).collect();
            self.report.warning(
                file.place,
                format!(
                    "{} of {} arrivals of `{}` lie outside the run",
                    grouped(before + after),
                    grouped(count as u64),
                    file.value
                ),
                told.join(", "),
                "they are left out; change run.start and run.duration if they are meant",
            );
        }
        Some(rows.into())
    }

    /// Gives the people of an agent table, who are the last of `agents`, their spells of duty.
    pub(super) fn rosters(&mut self, file: &At<String>, table: &At<String>, civil: &Civil, agents: &mut [AgentPlan]) {
        if !self.rosters.contains_key(&file.value) {
            let roster = self.roster(file, civil);
            self.rosters.insert(file.value.clone(), roster);
        }
        let Some(Some(roster)) = self.rosters.get(&file.value) else { return };
        let count = self.vocabulary.table(&table.value).map_or(0, |users| users.len());
        let first = agents.len() - count;
        for agent in &mut agents[first..] {
            let name = self.names.user(agent.user);
            match roster.get(name) {
                Some(spells) => agent.roster = Some(spells.as_slice().into()),
                None => {
                    agent.roster = Some(Arc::new([]));
                    self.report.warning(
                        file.place,
                        format!("`{}` has no row for `{name}`", file.value),
                        "they never come",
                        "add rows, or leave the agent out",
                    );
                }
            }
        }
    }

    fn roster(&mut self, file: &At<String>, civil: &Civil) -> Option<Roster> {
        let mut csv = self.csv(file)?;
        let columns = ["agent", "start", "end"].map(|name| self.need_column(&mut csv, name));
        let [Some(agent), Some(start), Some(end)] = columns else { return None };
        let mut roster = Roster::default();
        self.rows(&mut csv, |lowering, csv, byte, record| {
            let cell = |column: usize| record.get(column).unwrap_or_default();
            let name = cell(agent);
            if lowering.names.find_user(name).is_none() {
                let help = match lowering.names.nearest_user(name) {
                    Some(nearest) => format!("did you mean `{nearest}`?"),
                    None => format!("add [agent.{}], or remove the row", quoted(name)),
                };
                let name = quoted(name);
                return lowering.csv_error(csv, &Spot::Cell(byte, agent), format!("unknown agent `{name}`"), "", help);
            }
            let mut when = |column: usize| {
                let read = cell_instant(cell(column), civil);
                if read.is_none() {
                    let expected = "seconds from the start, or a civil date and time such as 2026-03-02T09:00:00";
                    lowering.bad_cell(csv, byte, column, cell(column), expected);
                }
                // What was before the start goes on at it.
                read.map(|when| match when {
                    When::At(at) => at,
                    When::BeforeTheStart => Instant::ZERO,
                })
            };
            let (Some(from), Some(to)) = (when(start), when(end)) else { return };
            let spells = roster.entry(name.to_owned()).or_default();
            if spells.last().is_some_and(|(_, last)| from < *last) {
                return lowering.csv_error(
                    csv,
                    &Spot::Cell(byte, start),
                    format!("spells of `{name}` overlap or are out of order"),
                    "starts before their spell before ends",
                    "sort an agent's rows by `start`, and join those that overlap".to_owned(),
                );
            }
            if to < from {
                return lowering.csv_error(
                    csv,
                    &Spot::Cell(byte, end),
                    "a spell that ends before it starts".to_owned(),
                    "",
                    "swap start and end".to_owned(),
                );
            }
            if from < to {
                spells.push((from, to));
            }
        });
        (csv.problems == 0).then_some(roster)
    }
}

/// The rosters read so far, by file name.
pub(super) type Rosters = FxHashMap<String, Option<Roster>>;

/// When a cell says.
enum When {
    At(Instant),
    BeforeTheStart,
}

/// Seconds from the start, or civil time.
fn cell_instant(text: &str, civil: &Civil) -> Option<When> {
    if let Ok(seconds) = text.parse::<f64>() {
        let sane = (0.0..=MOST_SECONDS).contains(&seconds);
        return sane.then(|| When::At(Instant::ZERO + Span::from_secs_f64(seconds)));
    }
    let datetime = parse_datetime(text)?;
    Some(civil.instant(datetime).map_or(When::BeforeTheStart, When::At))
}

/// Bare seconds, or a duration.
fn cell_seconds(text: &str) -> Option<f64> {
    match text.parse::<f64>() {
        Ok(seconds) => (0.0..=MOST_SECONDS).contains(&seconds).then_some(seconds),
        Err(_) => text.parse::<Span>().ok().map(Span::as_secs_f64),
    }
}

/// The bytes of a cell of the row that starts at `byte`; the whole row where quotes make cells hard to tell.
fn cell_range(text: &str, byte: usize, column: usize) -> std::ops::Range<usize> {
    let bytes = text.as_bytes();
    // The reader's position may lie before the line breaks that it skips.
    let start = byte + bytes[byte.min(bytes.len())..].iter().take_while(|byte| matches!(byte, b'\r' | b'\n')).count();
    let start = start.min(text.len());
    let end = bytes[start..].iter().position(|byte| matches!(byte, b'\r' | b'\n')).map_or(text.len(), |at| start + at);
    let row = &text[start..end];
    if row.contains('"') {
        return start..end;
    }
    let mut from = start;
    for (index, cell) in row.split(',').enumerate() {
        if index == column {
            let blank = cell.len() - cell.trim_start().len();
            return from + blank..from + blank + cell.trim().len();
        }
        from += cell.len() + 1;
    }
    start..end
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_are_found_in_their_rows() {
        let text = "at,replies\n0, 1\r\n\r\n5,x\n\"7\",y";
        let check = |byte, column, cell: &str| assert_eq!(&text[cell_range(text, byte, column)], cell);
        check(0, 1, "replies");
        check(11, 0, "0");
        check(11, 1, "1");
        check(15, 1, "x");
        check(22, 1, "\"7\",y");
        check(11, 7, "0, 1");
        check(text.len(), 0, "");
    }
}
