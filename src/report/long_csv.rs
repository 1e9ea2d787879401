//! Long tables of results in CSV: texts are guarded as those of exports are, numbers stand as they are.

use super::export::guarded_csv;
use std::borrow::Cow;
use std::io;

/// A cell.
pub(super) enum Field<'a> {
    /// A name, or anything else that somebody may have chosen.
    Text(Cow<'a, str>),
    /// A number as text; empty where there is none.
    Number(String),
}

impl<'a> From<&'a str> for Field<'a> {
    fn from(text: &'a str) -> Field<'a> {
        Field::Text(text.into())
    }
}

impl From<String> for Field<'_> {
    fn from(text: String) -> Self {
        Field::Text(text.into())
    }
}

/// A number that may be missing, in its shortest text that reads back.
pub(super) fn number(value: Option<f64>) -> Field<'static> {
    Field::Number(value.map_or(String::new(), |value| value.to_string()))
}

/// The same as JSON writes it.
pub(super) fn json_number(value: Option<f64>) -> Field<'static> {
    Field::Number(value.map_or(String::new(), |value| serde_json::Value::from(value).to_string()))
}

/// A whole number.
pub(super) fn count(value: impl ToString) -> Field<'static> {
    Field::Number(value.to_string())
}

/// Writes rows.
pub(super) struct LongCsv<W: io::Write>(csv::Writer<W>);

impl<W: io::Write> LongCsv<W> {
    pub(super) fn new(out: W) -> LongCsv<W> {
        LongCsv(csv::Writer::from_writer(out))
    }

    pub(super) fn row<'a, F: Into<Field<'a>>>(&mut self, fields: impl IntoIterator<Item = F>) -> io::Result<()> {
        for field in fields {
            match field.into() {
                Field::Text(text) => self.0.write_field(guarded_csv(&text).as_bytes())?,
                Field::Number(number) => self.0.write_field(number)?,
            }
        }
        Ok(self.0.write_record(None::<&[u8]>)?)
    }

    pub(super) fn finish(&mut self) -> io::Result<()> {
        self.0.flush()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_run_nothing_and_numbers_stay_numbers() {
        let mut out = Vec::new();
        let mut rows = LongCsv::new(&mut out);
        rows.row(["name", "value"]).unwrap();
        rows.row([Field::from("=1+1"), number(Some(-2.5))]).unwrap();
        rows.row([Field::from("-1".to_owned()), number(None)]).unwrap();
        rows.finish().unwrap();
        drop(rows);
        assert_eq!(String::from_utf8(out).unwrap(), "name,value\n'=1+1,-2.5\n'-1,\n");
    }
}
