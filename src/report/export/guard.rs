//! Text that a spreadsheet might take for a formula, and run.
//!
//! What begins with one of these signs gets an apostrophe in front, which spreadsheets take to say that text follows
//! (OWASP, "CSV Injection"; ASVS 5.0, 1.2.10). It is added to text alone, in CSV and Excel alone, of exports and results alike: numbers are numbers,
//! and readers of Parquet and JSON run nothing.

use std::borrow::Cow;

/// The text as a spreadsheet may have it.
pub(in crate::report) fn guarded(text: &str) -> Cow<'_, str> {
    if may_run(text) { Cow::Owned(format!("'{text}")) } else { Cow::Borrowed(text) }
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
        }
        for text in ["", "a=1", "0000001", " =1", "'=1", "é", "\"=1\""] {
            assert_eq!(guarded(text), text);
        }
    }
}
