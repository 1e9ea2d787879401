//! Text that a spreadsheet might take for a formula, and run.
//!
//! What begins with one of these signs gets an apostrophe in front, which spreadsheets take to say that text follows
//! (OWASP, "CSV Injection"; ASVS 5.0, 1.2.10). It is added to text alone, in CSV and Excel alone, of exports and results alike:
//! numbers are numbers, and readers of Parquet and JSON run nothing.

use crate::text::visible_lines;
use std::borrow::Cow;

/// The text as a workbook may have it: nothing runs.
pub(super) fn guarded(text: &str) -> Cow<'_, str> {
    if may_run(text) { Cow::Owned(format!("'{text}")) } else { Cow::Borrowed(text) }
}

/// The text as CSV may have it, which is printed as well: nothing runs, and nothing is hidden.
///
/// Line breaks and tabs stay: a cell in quotes may have them (RFC 4180).
pub(in crate::report) fn guarded_csv(text: &str) -> Cow<'_, str> {
    let shown = visible_lines(text);
    if may_run(text) { Cow::Owned(format!("'{shown}")) } else { shown }
}

fn may_run(text: &str) -> bool {
    // The wide forms count where spreadsheets fold them; line breaks and tabs are skipped over before a sign.
    text.starts_with(['=', '+', '-', '@', '\t', '\r', '\n', '\0', '＝', '＋', '－', '＠'])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_may_run_is_marked_as_text_and_nothing_else() {
        for text in ["=1+1", "+49 30", "-10%", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "\0=1", "＝1", "＋1", "－1", "＠x"]
        {
            assert_eq!(guarded(text), format!("'{text}"));
            assert_eq!(guarded_csv(text), format!("'{}", visible_lines(text)));
        }
        assert_eq!(guarded_csv("a\u{1b}[2J\nb"), "a\\u{1b}[2J\nb");
        for text in ["", "a=1", "0000001", " =1", "'=1", "é", "\"=1\""] {
            assert_eq!(guarded(text), text);
        }
    }
}
