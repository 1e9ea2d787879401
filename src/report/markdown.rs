//! A check as Markdown, for the summary of a CI job.

use super::check::{circumstances, lines, summary};
use super::page::clean;
use super::quantity::FIRM;
use super::unsettled::warnings;
use crate::experiment::check::Check;
use std::fmt::Write;

/// A check as Markdown: a verdict, a table, and notes on what did not pass.
pub fn markdown(check: &Check) -> String {
    let mut out = format!("### {}\n\n{}\n", plain(&check.title), plain(&summary(check)));
    let warnings = warnings(check.stability.as_ref());
    if !warnings.is_empty() {
        writeln!(out, "\n{}", plain(&warnings.join(" "))).expect("text grows");
    }
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

/// A heading of so many `#`; nothing follows it on its line.
pub(super) fn heading(level: usize, text: &str) -> String {
    let text = text.trim();
    format!("{} {}\n", "#".repeat(level), plain(if text.is_empty() { "Untitled" } else { text }))
}

/// A paragraph of text that is Markdown already.
pub(super) fn paragraph(out: &mut String, text: &str) {
    writeln!(out, "\n{text}").expect("text grows");
}

/// A table, so many spaces in, of cells that are Markdown already; all columns but the first are numbers.
pub(super) fn table(out: &mut String, heads: &[String], indent: usize, rows: impl Iterator<Item = Vec<String>>) {
    let space = " ".repeat(indent);
    let rules = "---:|".repeat(heads.len().saturating_sub(1));
    writeln!(out, "\n{space}| {} |\n{space}|---|{rules}", heads.join(" | ")).expect("text grows");
    rows.for_each(|row| writeln!(out, "{space}| {} |", row.join(" | ")).expect("text grows"));
}

/// Words in which no letter means anything to Markdown.
pub(super) fn plain(text: &str) -> String {
    let mut out = String::new();
    for letter in clean(text).replace(FIRM, " ").chars() {
        if matches!(letter, '\\' | '`' | '*' | '_' | '[' | ']' | '<' | '>' | '|' | '#' | '&' | '~') {
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
        insta::assert_snapshot!(markdown(&samples::check()), @r#"
        ### Web shop

        FAILED: commands and effects (digest), balance.assigned.jain, queue.wait.mean, sla.closure.breach\_rate. Warnings: sla.first\_response.breach\_rate.

        support: overloaded, offered load 1.25 (limited by agent time). Overloaded: these figures depend on how long the run is.

        | | metric | found | expected |
        |---|---|---|---|
        | **FAIL** | `commands and effects (digest)` | another in 12 of 20 runs | exactly the baseline's |
        | pass | `sla.first_response.breach_rate` | 12.3 % ± 1.2 % | mean at most 30.0 % |
        | **FAIL** | `balance.assigned.jain` | 0.341 ± 0.034 | mean at least 0.900 |
        | warn | `sla.first_response.breach_rate` | 20.004 %; mean 18.2 % | upper end at most 20.000 % |
        | pass | `queue.wait.p95` | 51s in replication 3 | each run at most 1m |
        | pass | `queue.wait.mean` | 31s; baseline 30s | no worse by more than 5s |
        | **FAIL** | `queue.wait.mean` | 33s; baseline 30s | the same, give or take 5s |
        | pass | `queue.wait.mean` | 30s; baseline 30s | within 1s |
        | **FAIL** | `sla.closure.breach_rate` | – | mean at most 10.0 % |
        | skip | `tickets.created` | 955 | the same, give or take 5.0 |

        - `commands and effects (digest)`: The first that differs is replication 0. Replication 0 parts from its earlier log at 95.25s, step 31, line 88 of that log. command: `{"at":95.25,"do":{"message":{"conversation":"c8","channel":"chat"}}}` baseline: `{"at":95.25,"effect":{"assigned":{"ticket":"0000008","to":"ana","how":"auto"}}}` now: nothing more
        - `queue.wait.mean`: Difference 3s, from −2s to 8s with 97.5 % on either side, over 20 pairs. A difference of 7.5s the wrong way would have failed 9 times in 10. If nothing has changed, 85 pairs would show it 9 times in 10. Inconclusive: 40 runs cannot tell. The interval lies about the margin. Decided by look 2 of 2, at 40 runs; each look errs with at most 2.5 %.
        - `sla.closure.breach_rate`: No data: none of 20 runs has a value of this.
        - `tickets.created`: There is no baseline to compare with yet.

        40 runs of 1d, seed 7; the baseline is of 40 runs by desksim 0.0.0. Changed since: channel.chat. desksim 0.0.0, scenario `d0c5`, digest `0123456789abcdef0123456789abcdef`.
        "#);
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
