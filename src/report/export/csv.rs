//! CSV: a line of names, then a line for each row (RFC 4180, lines ended by a line feed alone).

use super::guard::guarded_csv;
use super::table::{Cell, Column, Rows};
use crate::time::Civil;
use std::io::{self, Write};

pub(super) struct Csv<'a, W: Write> {
    out: csv::Writer<W>,
    civil: &'a Civil,
    text: String,
}

impl<'a, W: Write> Csv<'a, W> {
    pub(super) fn begin(columns: &[Column], civil: &'a Civil, out: W) -> io::Result<Csv<'a, W>> {
        let mut out = csv::Writer::from_writer(out);
        for column in columns {
            out.write_field(guarded_csv(&column.name).as_bytes()).map_err(io_error)?;
        }
        out.write_record(None::<&[u8]>).map_err(io_error)?;
        Ok(Csv { out, civil, text: String::new() })
    }
}

impl<W: Write> Rows for Csv<'_, W> {
    fn cell(&mut self, cell: Cell<'_>) -> io::Result<()> {
        if let Cell::Text(text) = cell {
            self.out.write_field(guarded_csv(text).as_bytes()).map_err(io_error)
        } else {
            self.text.clear();
            cell.write(self.civil, &mut self.text);
            self.out.write_field(self.text.as_bytes()).map_err(io_error)
        }
    }

    fn end_row(&mut self) -> io::Result<()> {
        self.out.write_record(None::<&[u8]>).map_err(io_error)
    }

    fn finish(mut self: Box<Self>) -> io::Result<()> {
        self.out.flush()
    }
}

/// The error of the writer below, as it was: what hinders it decides what it means.
fn io_error(error: csv::Error) -> io::Error {
    match error.into_kind() {
        csv::ErrorKind::Io(error) => error,
        kind => io::Error::other(format!("{kind:?}")),
    }
}
