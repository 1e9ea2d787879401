//! The export of users' connection states at an instant (DSH-3).

use super::table::{Cell, Column, Kind, Rows};
use crate::ledger::UserRow;
use crate::simulation::Names;
use std::io;

const COLUMNS: [(&str, Kind); 7] = [
    ("user", Kind::Text),
    ("state", Kind::Text),
    ("status", Kind::Text),
    ("connection", Kind::Text),
    ("in_status_s", Kind::Seconds),
    ("open", Kind::Count),
    ("pending", Kind::Count),
];

/// Writes users as cells.
#[derive(Clone, Debug)]
pub struct UserTable<'a> {
    names: &'a Names,
    columns: Vec<Column>,
}

impl<'a> UserTable<'a> {
    /// The table of a desk's users.
    pub fn new(names: &'a Names) -> UserTable<'a> {
        let columns = COLUMNS.iter().map(|&(name, kind)| Column { name: name.to_owned(), kind }).collect();
        UserTable { names, columns }
    }

    /// The columns.
    pub fn columns(&self) -> &[Column] {
        &self.columns
    }

    /// Writes a row.
    ///
    /// # Errors
    /// If it could not be written.
    pub fn write(&self, row: &UserRow, out: &mut dyn Rows) -> io::Result<()> {
        out.cell(Cell::Text(self.names.user(row.user)))?;
        out.cell(Cell::Text(row.state.name()))?;
        out.cell(Cell::Text(self.names.text(row.status_name)))?;
        out.cell(Cell::Text(row.connection.name()))?;
        out.cell(Cell::Seconds(row.in_status))?;
        out.cell(Cell::Count(row.open))?;
        out.cell(Cell::Count(row.pending))?;
        out.end_row()
    }
}
