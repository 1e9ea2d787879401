//! Excel: a workbook of one sheet, written row by row into its archive (ECMA-376, SpreadsheetML; texts in place).
//!
//! The usual libraries keep a sheet in memory or spool it to a file of their own, and stop the process where that file
//! cannot be written; a sheet without formulas, pictures and styles is little enough to write as it comes.

use super::guard::guarded;
use super::table::{Cell, Column, Kind, Rows};
use crate::time::Civil;
use std::fmt::{self, Write as _};
use std::io::{self, Write};
use zip::write::{SimpleFileOptions, StreamWriter};
use zip::{CompressionMethod, DateTime, ZipWriter};

/// Rows of a sheet, the names of the columns included.
const MOST_ROWS: u32 = 1_048_576;
/// Characters of a cell, in units of UTF-16.
const MOST_CHARACTERS: usize = 32_767;
/// Of the ten, one that is quick and makes files not much larger than the next.
const COMPRESSION: i64 = 4;
const SHEET: &str = "xl/worksheets/sheet1.xml";

/// What is the same in every workbook, its date of creation included.
const PARTS: [(&str, &str); 5] = [
    (
        "[Content_Types].xml",
        "<Types xmlns=\"http://schemas.openxmlformats.org/package/2006/content-types\">\
         <Default Extension=\"rels\" ContentType=\"application/vnd.openxmlformats-package.relationships+xml\"/>\
         <Default Extension=\"xml\" ContentType=\"application/xml\"/>\
         <Override PartName=\"/docProps/core.xml\" ContentType=\"application/vnd.openxmlformats-package.core-properties+xml\"/>\
         <Override PartName=\"/xl/workbook.xml\" ContentType=\"application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml\"/>\
         <Override PartName=\"/xl/styles.xml\" ContentType=\"application/vnd.openxmlformats-officedocument.spreadsheetml.styles+xml\"/>\
         <Override PartName=\"/xl/worksheets/sheet1.xml\" ContentType=\"application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml\"/>\
         </Types>",
    ),
    (
        "_rels/.rels",
        "<Relationships xmlns=\"http://schemas.openxmlformats.org/package/2006/relationships\">\
         <Relationship Id=\"rId1\" Type=\"http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument\" Target=\"xl/workbook.xml\"/>\
         <Relationship Id=\"rId2\" Type=\"http://schemas.openxmlformats.org/package/2006/relationships/metadata/core-properties\" Target=\"docProps/core.xml\"/>\
         </Relationships>",
    ),
    (
        "docProps/core.xml",
        "<cp:coreProperties xmlns:cp=\"http://schemas.openxmlformats.org/package/2006/metadata/core-properties\" \
         xmlns:dc=\"http://purl.org/dc/elements/1.1/\" xmlns:dcterms=\"http://purl.org/dc/terms/\" \
         xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\">\
         <dc:creator>desksim</dc:creator>\
         <dcterms:created xsi:type=\"dcterms:W3CDTF\">2000-01-01T00:00:00Z</dcterms:created>\
         <dcterms:modified xsi:type=\"dcterms:W3CDTF\">2000-01-01T00:00:00Z</dcterms:modified>\
         </cp:coreProperties>",
    ),
    (
        "xl/_rels/workbook.xml.rels",
        "<Relationships xmlns=\"http://schemas.openxmlformats.org/package/2006/relationships\">\
         <Relationship Id=\"rId1\" Type=\"http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet\" Target=\"worksheets/sheet1.xml\"/>\
         <Relationship Id=\"rId2\" Type=\"http://schemas.openxmlformats.org/officeDocument/2006/relationships/styles\" Target=\"styles.xml\"/>\
         </Relationships>",
    ),
    // Style 0 is plain, style 1 bold.
    (
        "xl/styles.xml",
        "<styleSheet xmlns=\"http://schemas.openxmlformats.org/spreadsheetml/2006/main\">\
         <fonts count=\"2\"><font><sz val=\"11\"/><name val=\"Calibri\"/><family val=\"2\"/></font>\
         <font><b/><sz val=\"11\"/><name val=\"Calibri\"/><family val=\"2\"/></font></fonts>\
         <fills count=\"2\"><fill><patternFill patternType=\"none\"/></fill><fill><patternFill patternType=\"gray125\"/></fill></fills>\
         <borders count=\"1\"><border><left/><right/><top/><bottom/><diagonal/></border></borders>\
         <cellStyleXfs count=\"1\"><xf numFmtId=\"0\" fontId=\"0\" fillId=\"0\" borderId=\"0\"/></cellStyleXfs>\
         <cellXfs count=\"2\"><xf numFmtId=\"0\" fontId=\"0\" fillId=\"0\" borderId=\"0\" xfId=\"0\"/>\
         <xf numFmtId=\"0\" fontId=\"1\" fillId=\"0\" borderId=\"0\" xfId=\"0\" applyFont=\"1\"/></cellXfs>\
         <cellStyles count=\"1\"><cellStyle name=\"Normal\" xfId=\"0\" builtinId=\"0\"/></cellStyles>\
         </styleSheet>",
    ),
];

const DECLARATION: &str = "<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\"?>\n";

/// A sheet holds no more rows than it has.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct TooManyRows;

impl fmt::Display for TooManyRows {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "there are more rows than the {} that fit into an Excel sheet", MOST_ROWS - 1)
    }
}

impl std::error::Error for TooManyRows {}

pub(super) struct Xlsx<'a, W: Write> {
    zip: ZipWriter<StreamWriter<W>>,
    options: SimpleFileOptions,
    civil: &'a Civil,
    /// What columns are called in references: A, B, …, AA.
    letters: Vec<String>,
    /// The row under way, from 1.
    row: u32,
    place: usize,
    xml: String,
}

impl<'a, W: Write> Xlsx<'a, W> {
    pub(super) fn begin(columns: &[Column], civil: &'a Civil, out: W) -> io::Result<Xlsx<'a, W>> {
        let options = SimpleFileOptions::default()
            .compression_method(CompressionMethod::Deflated)
            .compression_level(Some(COMPRESSION))
            .last_modified_time(DateTime::default());
        let mut zip = ZipWriter::new_stream(out);
        for (name, xml) in PARTS {
            zip.start_file(name, options)?;
            zip.write_all(DECLARATION.as_bytes())?;
            zip.write_all(xml.as_bytes())?;
        }
        zip.start_file(SHEET, options)?;
        let letters = (0..columns.len()).map(letters).collect();
        let mut sheet = Xlsx { zip, options, civil, letters, row: 1, place: 0, xml: String::new() };
        sheet.xml.push_str(DECLARATION);
        // The names stay in sight.
        sheet.xml.push_str(
            "<worksheet xmlns=\"http://schemas.openxmlformats.org/spreadsheetml/2006/main\">\
             <sheetViews><sheetView workbookViewId=\"0\"><pane ySplit=\"1\" topLeftCell=\"A2\" activePane=\"bottomLeft\" state=\"frozen\"/>\
             </sheetView></sheetViews><cols>",
        );
        for (number, column) in (1..).zip(columns) {
            let width = width(column);
            write!(sheet.xml, "<col min=\"{number}\" max=\"{number}\" width=\"{width}\" customWidth=\"1\"/>").ok();
        }
        sheet.xml.push_str("</cols><sheetData><row r=\"1\">");
        for column in columns {
            sheet.put_text(&column.name, " s=\"1\"");
        }
        sheet.end_row()?;
        Ok(sheet)
    }

    fn put_text(&mut self, text: &str, style: &str) {
        let text = guarded(text);
        let text = cut(&text);
        // Spaces and line breaks at the ends are part of the text.
        let keep = if text.trim() == &*text { "" } else { " xml:space=\"preserve\"" };
        let letters = &self.letters[self.place];
        write!(self.xml, "<c r=\"{letters}{}\"{style} t=\"inlineStr\"><is><t{keep}>", self.row).ok();
        escape(&text, &mut self.xml);
        self.xml.push_str("</t></is></c>");
        self.place += 1;
    }
}

impl<W: Write> Rows for Xlsx<'_, W> {
    fn cell(&mut self, cell: Cell<'_>) -> io::Result<()> {
        if self.place == 0 {
            if self.row > MOST_ROWS {
                return Err(io::Error::other(TooManyRows));
            }
            write!(self.xml, "<row r=\"{}\">", self.row).ok();
        }
        let (letters, row) = (&self.letters[self.place], self.row);
        match cell {
            Cell::Empty => {}
            Cell::Text(text) => {
                self.put_text(text, "");
                return Ok(());
            }
            Cell::Time(_) | Cell::Date(_) => {
                write!(self.xml, "<c r=\"{letters}{row}\" t=\"inlineStr\"><is><t>").ok();
                cell.write(self.civil, &mut self.xml);
                self.xml.push_str("</t></is></c>");
            }
            Cell::Seconds(_) | Cell::Count(_) | Cell::Number(_) => {
                write!(self.xml, "<c r=\"{letters}{row}\"><v>").ok();
                cell.write(self.civil, &mut self.xml);
                self.xml.push_str("</v></c>");
            }
            Cell::Flag(flag) => {
                write!(self.xml, "<c r=\"{letters}{row}\" t=\"b\"><v>{}</v></c>", u8::from(flag)).ok();
            }
        }
        self.place += 1;
        Ok(())
    }

    fn end_row(&mut self) -> io::Result<()> {
        self.xml.push_str("</row>");
        self.row += 1;
        self.place = 0;
        // The archive is quicker with few large pieces than with many small ones.
        if self.xml.len() > 1 << 16 {
            self.zip.write_all(self.xml.as_bytes())?;
            self.xml.clear();
        }
        Ok(())
    }

    fn finish(mut self: Box<Self>) -> io::Result<()> {
        let last = self.row - 1;
        let corner = self.letters.last().map_or("A", String::as_str);
        write!(self.xml, "</sheetData><autoFilter ref=\"A1:{corner}{last}\"/></worksheet>").ok();
        self.zip.write_all(self.xml.as_bytes())?;
        // A filter over the sheet goes with a name for what it filters, so the workbook is written once that is known.
        self.zip.start_file("xl/workbook.xml", self.options)?;
        let workbook = format!(
            "{DECLARATION}<workbook xmlns=\"http://schemas.openxmlformats.org/spreadsheetml/2006/main\" \
             xmlns:r=\"http://schemas.openxmlformats.org/officeDocument/2006/relationships\">\
             <bookViews><workbookView/></bookViews><sheets><sheet name=\"Export\" sheetId=\"1\" r:id=\"rId1\"/></sheets>\
             <definedNames><definedName name=\"_xlnm._FilterDatabase\" localSheetId=\"0\" hidden=\"1\">\
             Export!$A$1:${corner}${last}</definedName></definedNames></workbook>"
        );
        self.zip.write_all(workbook.as_bytes())?;
        self.zip.finish()?.flush()
    }
}

/// About as wide as what it holds.
fn width(column: &Column) -> usize {
    let cells = match column.kind {
        Kind::Time => 33,
        Kind::Text | Kind::Seconds | Kind::Date => 12,
        Kind::Count | Kind::Number | Kind::Flag => 8,
    };
    cells.max(column.name.chars().count().min(40) + 2)
}

/// What the column of that index is called.
fn letters(mut index: usize) -> String {
    let mut reversed = String::new();
    loop {
        reversed.push(char::from(b'A' + (index % 26) as u8));
        if index < 26 {
            return reversed.chars().rev().collect();
        }
        index = index / 26 - 1;
    }
}

/// As much of a text as a cell holds.
fn cut(text: &str) -> std::borrow::Cow<'_, str> {
    if text.len() <= MOST_CHARACTERS || text.encode_utf16().count() <= MOST_CHARACTERS {
        return text.into();
    }
    let mut left = MOST_CHARACTERS - 1;
    let fits = |char: &char| {
        let room = left >= char.len_utf16();
        left = left.saturating_sub(char.len_utf16());
        room
    };
    let mut cut: String = text.chars().take_while(fits).collect();
    cut.push('…');
    cut.into()
}

/// Appends a text as XML. What XML cannot say is written as SpreadsheetML writes it, `_x000D_`, and what looks like that
/// already, so that it is not read so.
fn escape(text: &str, out: &mut String) {
    for (at, char) in text.char_indices() {
        match char {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '_' if is_escape(&text.as_bytes()[at..]) => out.push_str("_x005F_"),
            '\t' | '\n' => out.push(char),
            '\0'..' ' | '\u{fffe}' | '\u{ffff}' => {
                write!(out, "_x{:04X}_", u32::from(char)).ok();
            }
            _ => out.push(char),
        }
    }
}

fn is_escape(bytes: &[u8]) -> bool {
    matches!(bytes, [b'_', b'x', digits @ .., ] if digits.len() >= 5 && digits[4] == b'_' && digits[..4].iter().all(u8::is_ascii_hexdigit))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_lettered_as_in_a_spreadsheet() {
        let names = [0, 25, 26, 51, 52, 701, 702, 16_383].map(letters);
        assert_eq!(names, ["A", "Z", "AA", "AZ", "BA", "ZZ", "AAA", "XFD"]);
    }

    #[test]
    fn any_text_is_xml() {
        let escaped = |text: &str| {
            let mut out = String::new();
            escape(text, &mut out);
            out
        };
        assert_eq!(escaped("a < b & \"c\" > d"), "a &lt; b &amp; \"c\" &gt; d");
        assert_eq!(escaped("one\ntwo\r\u{7}\u{ffff}é"), "one\ntwo_x000D__x0007__xFFFF_é");
        assert_eq!(escaped("_x0041_ _x41_ _X0041_"), "_x005F_x0041_ _x41_ _X0041_");
    }

    #[test]
    fn a_sheet_holds_so_many_rows() {
        let civil = Civil::new("UTC", "2026-03-02T00:00:00".parse().unwrap()).unwrap();
        let column = Column { name: "n".to_owned(), kind: Kind::Count };
        let mut sheet = Xlsx::begin(&[column], &civil, io::sink()).unwrap();
        sheet.row = MOST_ROWS;
        sheet.cell(Cell::Count(1)).unwrap();
        sheet.end_row().unwrap();
        let error = sheet.cell(Cell::Count(2)).unwrap_err();
        assert!(error.get_ref().unwrap().is::<TooManyRows>());
        assert_eq!(error.to_string(), "there are more rows than the 1048575 that fit into an Excel sheet");
    }

    #[test]
    fn a_cell_holds_so_much() {
        let long = "é".repeat(MOST_CHARACTERS);
        assert_eq!(cut(&long), long);
        let longer = format!("{long}é");
        assert_eq!(cut(&longer).chars().count(), MOST_CHARACTERS);
        assert!(cut(&longer).ends_with("é…"));
        assert_eq!(cut(&"😀".repeat(20_000)).encode_utf16().count(), MOST_CHARACTERS, "pairs stay whole");
    }
}
