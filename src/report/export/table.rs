//! What a table is made of, whatever the format.

use crate::time::{Civil, Instant, Span, date_of};
use std::fmt::Write;
use std::io;

/// A column: all of its cells hold one kind of thing, or nothing.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Column {
    /// What it is called.
    pub name: String,
    /// What its cells hold.
    pub kind: Kind,
}

/// What the cells of a column hold.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Kind {
    /// Text. Ticket IDs are text: their zeros stay.
    Text,
    /// A moment.
    Time,
    /// A length of time, in seconds.
    Seconds,
    /// A whole number.
    Count,
    /// Any number.
    Number,
    /// A civil date.
    Date,
    /// Yes or no.
    Flag,
}

/// What stands in a row under a column; all but [`Cell::Empty`] must be of the column's kind.
#[derive(Clone, Copy, PartialEq, Debug)]
pub enum Cell<'a> {
    /// Nothing.
    Empty,
    /// [`Kind::Text`].
    Text(&'a str),
    /// [`Kind::Time`].
    Time(Instant),
    /// [`Kind::Seconds`].
    Seconds(Span),
    /// [`Kind::Count`].
    Count(u32),
    /// [`Kind::Number`].
    Number(f64),
    /// [`Kind::Date`], as days since 1970-01-01.
    Date(i32),
    /// [`Kind::Flag`].
    Flag(bool),
}

/// Takes a table, cell by cell and row by row.
pub trait Rows {
    /// The next cell of the row, one for each column.
    ///
    /// # Errors
    /// If what was written before could not be.
    fn cell(&mut self, cell: Cell<'_>) -> io::Result<()>;

    /// The row is complete.
    ///
    /// # Errors
    /// If it could not be written, or the format has no room for it.
    fn end_row(&mut self) -> io::Result<()>;

    /// The table is complete.
    ///
    /// # Errors
    /// If it could not be written.
    fn finish(self: Box<Self>) -> io::Result<()>;
}

impl Cell<'_> {
    /// Appends the cell as text: times in ISO 8601 with the offset of the desk's zone, numbers as the shortest text that
    /// reads back to the same number.
    pub(super) fn write(self, civil: &Civil, out: &mut String) {
        // Writing to a string does not fail.
        let _ = match self {
            Cell::Empty => Ok(()),
            Cell::Text(text) => out.write_str(text),
            Cell::Time(at) => write!(out, "{}", civil.with_offset(at)),
            Cell::Seconds(span) => write!(out, "{}", span.as_secs_f64()),
            Cell::Count(count) => write!(out, "{count}"),
            // Without an exponent up to where people stop reading the digits.
            Cell::Number(number) if number.abs() < 1e15 => write!(out, "{number}"),
            Cell::Number(number) => write!(out, "{number:e}"),
            Cell::Date(days) => write!(out, "{}", date_of(days)),
            Cell::Flag(flag) => write!(out, "{flag}"),
        };
    }
}
