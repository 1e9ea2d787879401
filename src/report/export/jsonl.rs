//! JSON Lines: an object for each row, with every column in its order; what is empty is `null`.

use super::table::{Cell, Column, Rows};
use crate::text::visible_json;
use crate::time::Civil;
use std::io::{self, Write};

pub(super) struct Jsonl<'a, W> {
    out: W,
    civil: &'a Civil,
    /// Each column's name as JSON, with what stands before and after it.
    keys: Vec<Vec<u8>>,
    line: Vec<u8>,
    place: usize,
    text: String,
}

impl<'a, W: Write> Jsonl<'a, W> {
    pub(super) fn begin(columns: &[Column], civil: &'a Civil, out: W) -> Jsonl<'a, W> {
        let key = |(place, column): (usize, &Column)| {
            let mut key = vec![if place == 0 { b'{' } else { b',' }];
            quote(&column.name, &mut key);
            key.push(b':');
            key
        };
        let keys = columns.iter().enumerate().map(key).collect();
        Jsonl { out, civil, keys, line: Vec::new(), place: 0, text: String::new() }
    }
}

impl<W: Write> Rows for Jsonl<'_, W> {
    fn cell(&mut self, cell: Cell<'_>) -> io::Result<()> {
        self.line.extend_from_slice(&self.keys[self.place]);
        self.place += 1;
        self.text.clear();
        match cell {
            Cell::Empty => self.line.extend_from_slice(b"null"),
            Cell::Text(text) => quote(text, &mut self.line),
            Cell::Time(_) | Cell::Date(_) => {
                cell.write(self.civil, &mut self.text);
                quote(&self.text, &mut self.line);
            }
            Cell::Seconds(_) | Cell::Count(_) | Cell::Number(_) | Cell::Flag(_) => {
                cell.write(self.civil, &mut self.text);
                self.line.extend_from_slice(self.text.as_bytes());
            }
        }
        Ok(())
    }

    fn end_row(&mut self) -> io::Result<()> {
        self.line.extend_from_slice(b"}\n");
        self.place = 0;
        let written = self.out.write_all(&self.line);
        self.line.clear();
        written
    }

    fn finish(mut self: Box<Self>) -> io::Result<()> {
        self.out.flush()
    }
}

fn quote(text: &str, out: &mut Vec<u8>) {
    if text.bytes().all(|byte| matches!(byte, b' '..=b'~')) {
        serde_json::to_writer(out, text).expect("text is JSON, and memory takes it");
    } else {
        out.extend_from_slice(visible_json(serde_json::Value::from(text).to_string()).as_bytes());
    }
}
