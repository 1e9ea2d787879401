//! The export of messages (EXP-2).

use super::table::{Cell, Column, Kind, Rows};
use crate::ledger::{Content, Message, Part, Sender};
use crate::simulation::Names;
use std::fmt::Write;
use std::io;

/// Where conversations can be seen, were the desk a real one.
const SITE: &str = "https://desk.example/conversations/";

/// The columns of EXP-2, in their order; then what the part says, and on which ticket.
const COLUMNS: [(&str, Kind); 7] = [
    ("sent_at", Kind::Time),
    ("sender", Kind::Text),
    ("conversation_url", Kind::Text),
    ("content_type", Kind::Text),
    ("direction", Kind::Text),
    ("content", Kind::Text),
    ("ticket_id", Kind::Text),
];

/// Writes messages as cells: a row for each part.
#[derive(Clone, Debug)]
pub struct MessageTable<'a> {
    names: &'a Names,
    content: Content<'a>,
    columns: Vec<Column>,
    parts: Vec<Part<'a>>,
    url: String,
    ticket: String,
}

impl<'a> MessageTable<'a> {
    /// The table of a run's messages; `content` knows what was written.
    pub fn new(names: &'a Names, content: Content<'a>) -> MessageTable<'a> {
        let columns = COLUMNS.iter().map(|&(name, kind)| Column { name: name.to_owned(), kind }).collect();
        MessageTable { names, content, columns, parts: Vec::new(), url: String::new(), ticket: String::new() }
    }

    /// The columns.
    pub fn columns(&self) -> &[Column] {
        &self.columns
    }

    /// Writes a message; how many rows it took.
    ///
    /// # Errors
    /// If it could not be written.
    pub fn write(&mut self, message: &Message, out: &mut dyn Rows) -> io::Result<u64> {
        self.content.parts(message, &mut self.parts);
        let conversation = self.names.conversation(message.conversation);
        self.url.clear();
        self.url.push_str(SITE);
        encode(&conversation, &mut self.url);
        self.ticket.clear();
        if let Some((ticket, _)) = message.ticket {
            let _ = write!(self.ticket, "{ticket}");
        }
        let sender = match message.sender {
            // A conversation is the lasting thread with one customer, so it names them.
            Sender::Customer => &conversation,
            Sender::User(user) => self.names.user(user),
            Sender::System => "system",
        };
        for part in &self.parts {
            out.cell(Cell::Time(message.at))?;
            out.cell(Cell::Text(sender))?;
            out.cell(Cell::Text(&self.url))?;
            out.cell(Cell::Text(part.content_type.name()))?;
            out.cell(Cell::Text(message.direction().name()))?;
            out.cell(Cell::Text(&part.content))?;
            out.cell(if self.ticket.is_empty() { Cell::Empty } else { Cell::Text(&self.ticket) })?;
            out.end_row()?;
        }
        Ok(self.parts.len() as u64)
    }
}

/// Appends a name as a segment of a URL's path (RFC 3986): all but unreserved characters are percent-encoded.
fn encode(name: &str, out: &mut String) {
    for &byte in name.as_bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            out.push(char::from(byte));
        } else {
            let _ = write!(out, "%{byte:02X}");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn any_name_is_a_segment_of_a_url() {
        let mut url = String::new();
        encode("c1/ü?~", &mut url);
        assert_eq!(url, "c1%2F%C3%BC%3F~");
    }
}
