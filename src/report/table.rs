//! Tables of text: columns as wide as what stands in them, as many as the page has room for.

use super::page::{WIDTH, clean, cut};
use super::quantity::FIRM;
use std::fmt::Write;

/// No column is wider than this.
const WIDEST: usize = 18;

/// Between two columns, and before the first.
const GAP: usize = 2;

/// A column with its heading.
#[derive(Clone)]
pub(super) struct Column {
    head: Vec<String>,
    cells: Vec<String>,
    numbers: bool,
}

impl Column {
    /// A column that is not left out however narrow the page; its heading is a dotted name, broken at its dots.
    pub(super) fn new(name: &str, cells: Vec<String>) -> Column {
        let cells: Vec<String> = cells.iter().map(|cell| cut(&clean(&cell.replace(FIRM, " ")), WIDEST)).collect();
        let numbers = cells.iter().all(|cell| cell.starts_with(|letter: char| "0123456789.-–".contains(letter)));
        Column { head: heading(name), cells, numbers }
    }

    fn width(&self) -> usize {
        self.head.iter().chain(&self.cells).map(|text| text.chars().count()).max().unwrap_or(0)
    }

    fn write(&self, text: &str, line: &mut String) {
        let room = " ".repeat(self.width().saturating_sub(text.chars().count()));
        let gap = " ".repeat(GAP);
        match self.numbers {
            true => write!(line, "{gap}{room}{text}"),
            false => write!(line, "{gap}{text}{room}"),
        }
        .expect("text grows");
    }
}

/// Writes as many of the columns as fit, and says how many.
pub(super) fn table(columns: &[Column], out: &mut String) -> usize {
    let mut used = 0;
    let shown = columns
        .iter()
        .take_while(|column| {
            used += GAP + column.width();
            used <= WIDTH
        })
        .count();
    let columns = &columns[..shown];
    let heads = columns.iter().map(|column| column.head.len()).max().unwrap_or(0);
    for n in 0..heads {
        // Headings stand on the rows.
        let line = |column: &Column| {
            (n + column.head.len()).checked_sub(heads).map_or("", |n| column.head[n].as_str()).to_owned()
        };
        push(columns.iter().map(|column| (column, line(column))), out);
    }
    for n in 0..columns.first().map_or(0, |column| column.cells.len()) {
        push(columns.iter().map(|column| (column, column.cells[n].clone())), out);
    }
    shown
}

fn push<'a>(cells: impl Iterator<Item = (&'a Column, String)>, out: &mut String) {
    let mut line = String::new();
    cells.for_each(|(column, text)| column.write(&text, &mut line));
    writeln!(out, "{}", line.trim_end()).expect("text grows");
}

/// A dotted name in lines, broken after its dots where it is too long for one.
fn heading(name: &str) -> Vec<String> {
    const NARROW: usize = 14;
    let mut lines = vec![String::new()];
    for part in clean(name).split_inclusive(['.', '{']) {
        let line = lines.last_mut().expect("there is always a line");
        if !line.is_empty() && line.chars().count() + part.chars().count() > NARROW {
            lines.push(String::new());
        }
        lines.last_mut().expect("there is always a line").push_str(part);
    }
    lines.into_iter().map(|line| cut(&line, WIDEST)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn column(name: &str, cells: &[&str]) -> Column {
        Column::new(name, cells.iter().map(|cell| (*cell).to_owned()).collect())
    }

    #[test]
    fn names_break_at_their_dots() {
        assert_eq!(heading("queue.wait.mean"), ["queue.wait.", "mean"]);
        assert_eq!(heading("sla.first_response.breach_rate"), ["sla.", "first_response.", "breach_rate"]);
        assert_eq!(heading("cost"), ["cost"]);
    }

    #[test]
    fn numbers_stand_to_the_right_and_what_does_not_fit_is_left_out() {
        let columns = [column("policy", &["least_open", "x"]), column("queue.wait.mean", &["3m 20s", "12s"])];
        let mut out = String::new();
        assert_eq!(table(&columns, &mut out), 2);
        let expected = "              queue.wait.\n  policy             mean\n  least_open       3m 20s\n  x                   12s\n";
        assert_eq!(out, expected);
        let many: Vec<Column> = (0..20).map(|_| column("a", &["1.2345"])).collect();
        let mut out = String::new();
        assert_eq!(table(&many, &mut out), 10);
        assert!(out.lines().all(|line| line.chars().count() <= WIDTH));
    }
}
