//! JSON that can be compared line by line: the upper levels on lines of their own, what lies deeper on one line.

use crate::text::visible_json;
use serde::Serialize;
use serde_json::ser::{Formatter, Serializer};
use std::io;

/// A value as JSON text with a newline at the end; `levels` is how many levels stand on lines of their own.
pub(super) fn outline(value: &impl Serialize, levels: usize) -> String {
    let mut out = Vec::new();
    let mut serializer = Serializer::with_formatter(&mut out, Outline { depth: 0, levels });
    value.serialize(&mut serializer).expect("results are plain data");
    out.push(b'\n');
    visible_json(String::from_utf8(out).expect("JSON is text"))
}

struct Outline {
    depth: usize,
    levels: usize,
}

impl Outline {
    fn line(&self, writer: &mut (impl io::Write + ?Sized)) -> io::Result<()> {
        writer.write_all(b"\n")?;
        (0..self.depth).try_for_each(|_| writer.write_all(b"  "))
    }

    fn open(&mut self, writer: &mut (impl io::Write + ?Sized), bracket: &[u8]) -> io::Result<()> {
        self.depth += 1;
        writer.write_all(bracket)
    }

    fn close(&mut self, writer: &mut (impl io::Write + ?Sized), bracket: &[u8]) -> io::Result<()> {
        self.depth -= 1;
        if self.depth < self.levels {
            self.line(writer)?;
        }
        writer.write_all(bracket)
    }

    fn next(&mut self, writer: &mut (impl io::Write + ?Sized), first: bool) -> io::Result<()> {
        if !first {
            writer.write_all(b",")?;
        }
        if self.depth <= self.levels { self.line(writer) } else { Ok(()) }
    }
}

impl Formatter for Outline {
    fn begin_array<W: ?Sized + io::Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.open(writer, b"[")
    }

    fn end_array<W: ?Sized + io::Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.close(writer, b"]")
    }

    fn begin_array_value<W: ?Sized + io::Write>(&mut self, writer: &mut W, first: bool) -> io::Result<()> {
        self.next(writer, first)
    }

    fn begin_object<W: ?Sized + io::Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.open(writer, b"{")
    }

    fn end_object<W: ?Sized + io::Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.close(writer, b"}")
    }

    fn begin_object_key<W: ?Sized + io::Write>(&mut self, writer: &mut W, first: bool) -> io::Result<()> {
        self.next(writer, first)
    }

    fn begin_object_value<W: ?Sized + io::Write>(&mut self, writer: &mut W) -> io::Result<()> {
        writer.write_all(if self.depth <= self.levels { b": " } else { b":" })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn upper_levels_stand_on_lines() {
        let value = json!({ "a": [1, { "b": [2, 3], "c": {} }], "d": "e" });
        insta::assert_snapshot!(outline(&value, 2), @r#"
        {
          "a": [
            1,
            {"b":[2,3],"c":{}}
          ],
          "d": "e"
        }
        "#);
        let read: serde_json::Value = serde_json::from_str(&outline(&value, 1)).unwrap();
        assert_eq!(read, value);
    }
}
