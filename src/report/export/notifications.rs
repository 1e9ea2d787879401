//! The export of notifications (CHN-5, ESC-3, ESC-4).

use super::table::{Cell, Column, Kind, Rows};
use crate::ledger::Notification;
use crate::simulation::Names;
use std::io;

const COLUMNS: [(&str, Kind); 5] = [
    ("notified_at", Kind::Time),
    ("user", Kind::Text),
    ("about", Kind::Text),
    ("ticket_id", Kind::Text),
    ("channel", Kind::Text),
];

/// Writes notifications as cells.
#[derive(Clone, Debug)]
pub struct NotificationTable<'a> {
    names: &'a Names,
    columns: Vec<Column>,
}

impl<'a> NotificationTable<'a> {
    /// The table of a run's notifications.
    pub fn new(names: &'a Names) -> NotificationTable<'a> {
        let columns = COLUMNS.iter().map(|&(name, kind)| Column { name: name.to_owned(), kind }).collect();
        NotificationTable { names, columns }
    }

    /// The columns.
    pub fn columns(&self) -> &[Column] {
        &self.columns
    }

    /// Writes a row.
    ///
    /// # Errors
    /// If it could not be written.
    pub fn write(&self, of: &Notification, out: &mut dyn Rows) -> io::Result<()> {
        out.cell(Cell::Time(of.at))?;
        out.cell(Cell::Text(self.names.user(of.user)))?;
        out.cell(Cell::Text(of.about.name()))?;
        match of.ticket {
            None => out.cell(Cell::Empty)?,
            Some(ticket) => out.cell(Cell::Text(&ticket.to_string()))?,
        }
        out.cell(of.channel.map_or(Cell::Empty, |channel| Cell::Text(self.names.channel(channel))))?;
        out.end_row()
    }
}
