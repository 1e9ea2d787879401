//! A check as Markdown, for the summary of a CI job.

use super::check::{circumstances, lines, summary};
use super::page::clean;
use super::quantity::FIRM;
use crate::experiment::check::Check;
use std::fmt::Write;

/// A check as Markdown: a verdict, a table, and notes on what did not pass.
pub fn markdown(check: &Check) -> String {
    let mut out = format!("### {}\n\n{}\n", plain(&check.title), plain(&summary(check)));
    let lines = lines(check);
    if !lines.is_empty() {
        out.push_str("\n| | metric | found | expected |\n|---|---|---|---|\n");
    }
    for line in &lines {
        let mark = if line.mark() == "FAIL" { "**FAIL**" } else { line.mark() };
        let [value, limit] = [&line.value, &line.limit].map(|text| plain(text));
        writeln!(out, "| {mark} | {} | {value} | {limit} |", code(&line.what)).expect("text grows");
    }
    let noted: Vec<_> = lines.iter().filter(|line| line.mark() != "pass" && !line.notes.is_empty()).collect();
    if !noted.is_empty() {
        out.push('\n');
    }
    for line in noted {
        let notes: Vec<String> = line.notes.iter().map(|note| note_text(note)).collect();
        writeln!(out, "- {}: {}", code(&line.what), notes.join(" ")).expect("text grows");
    }
    write!(
        out,
        "\n{} desksim {}, scenario {}, digest {}.\n",
        plain(&circumstances(check)),
        plain(&check.version),
        code(&check.scenario),
        code(&check.digest)
    )
    .expect("text grows");
    out
}

/// A line of a log stands as code, other notes as words.
fn note_text(note: &str) -> String {
    match note.split_once(": ") {
        Some((label, json)) if json.trim_start().starts_with('{') => format!("{label}: {}", code(json.trim_start())),
        _ => plain(note),
    }
}

/// Words in which no letter means anything to Markdown.
pub(super) fn plain(text: &str) -> String {
    let mut out = String::new();
    for letter in clean(text).replace(FIRM, " ").chars() {
        if matches!(letter, '\\' | '`' | '*' | '_' | '[' | ']' | '<' | '>' | '|' | '#') {
            out.push('\\');
        }
        out.push(letter);
    }
    out
}

/// Text as code, in a cell of a table too: there a bar ends the cell even within code.
pub(super) fn code(text: &str) -> String {
    let text = clean(text).replace('|', "\\|");
    // As many ticks as do not stand within.
    let longest = text.split(|letter| letter != '`').map(str::len).max().unwrap_or(0);
    let ticks = "`".repeat(longest + 1);
    if longest == 0 { format!("`{text}`") } else { format!("{ticks} {text} {ticks}") }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::samples;

    #[test]
    fn a_check_as_markdown() {
        insta::assert_snapshot!(markdown(&samples::check()), @"");
    }

    #[test]
    fn names_break_neither_rows_nor_markup() {
        let text = markdown(&samples::wide_check());
        let rows: Vec<&str> = text.lines().filter(|line| line.starts_with("| ")).collect();
        assert_eq!(rows.len(), samples::wide_check().findings.len() + 2);
        for row in rows {
            let bars = row.replace("\\|", "").matches('|').count();
            assert_eq!(bars, 5, "{row}");
        }
        assert_eq!(code("a`b|c"), "`` a`b\\|c ``");
        assert_eq!(plain("*1* <b> a_b | `c`"), "\\*1\\* \\<b\\> a\\_b \\| \\`c\\`");
    }
}
