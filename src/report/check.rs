//! A check as a page of text and as JSON: the value beside its limit for each expectation.

use super::json::SCHEMA;
use super::page::{Style, WIDTH, clean, length, too_short, wrapped};
use super::quantity::{FIRM, NONE, apart, beside, quantity, signed};
use super::unsettled::warnings;
use crate::experiment::check::{Check, Condition, Consequence, Exact, Finding, On, Verdict};
use crate::measures::{Selector, Unit};
use crate::simulation::Divergence;
use crate::text::visible_json;
use crate::time::Span;
use serde_json::{Value, json};
use std::fmt::Write;

/// A check as JSON text, each finding on a line of its own, with a newline at the end.
pub fn check_json(check: &Check) -> String {
    let mut out = format!("{{\n  \"schema\": {SCHEMA},\n  \"kind\": \"check\"");
    let value = serde_json::to_value(check).expect("a check is plain data");
    for (key, value) in value.as_object().expect("a check is an object") {
        write!(out, ",\n  {}: ", json!(key)).expect("text grows");
        match value {
            Value::Array(items) if !items.is_empty() => {
                let items: Vec<String> = items.iter().map(|item| format!("    {item}")).collect();
                write!(out, "[\n{}\n  ]", items.join(",\n")).expect("text grows");
            }
            value => write!(out, "{value}").expect("text grows"),
        }
    }
    out.push_str("\n}\n");
    visible_json(out)
}

/// A check as a page of text of at most 80 columns, with a newline at the end.
pub fn check_page(check: &Check, style: Style) -> String {
    let mut page = Page { style, out: String::new() };
    page.words(0, &clean(&check.title));
    page.words(0, &circumstances(check));
    let warnings = warnings(check.stability.as_ref());
    warnings.iter().for_each(|warning| page.words(0, warning));
    for line in lines(check) {
        page.line(&line);
    }
    page.out.push('\n');
    page.words(0, &summary(check));
    page.out.push('\n');
    let Check { version, scenario, digest, draws, .. } = check;
    page.words(0, &format!("desksim {version}, draws {draws}"));
    page.words(0, &format!("scenario {scenario}"));
    page.words(0, &format!("digest   {digest}"));
    page.out
}

struct Page {
    style: Style,
    out: String,
}

impl Page {
    fn line(&mut self, line: &Line) {
        self.out.push('\n');
        let mark = format!("{:4}", line.mark());
        let mark = match self.style {
            Style::Plain => mark,
            Style::Colour => format!("\u{1b}[{}m{mark}\u{1b}[0m", line.colour()),
        };
        let mut what = wrapped(&clean(&line.what), WIDTH - INDENT).into_iter();
        writeln!(self.out, "{mark}  {}", what.next().unwrap_or_default()).expect("text grows");
        what.for_each(|more| writeln!(self.out, "{:INDENT$}{more}", "").expect("text grows"));
        let [value, limit] = [&line.value, &line.limit].map(|text| text.replace(FIRM, " "));
        if INDENT + VALUE + limit.chars().count() <= WIDTH && value.chars().count() < VALUE {
            let gap = VALUE - value.chars().count();
            writeln!(self.out, "{:INDENT$}{value}{:gap$}{limit}", "", "").expect("text grows");
        } else {
            self.words(INDENT, &format!("{}; {}", line.value, line.limit));
        }
        for note in &line.notes {
            self.words(INDENT, note);
        }
    }

    fn words(&mut self, indent: usize, text: &str) {
        for line in wrapped(text, WIDTH - indent) {
            writeln!(self.out, "{}", format!("{:indent$}{line}", "").trim_end()).expect("text grows");
        }
    }
}

/// Where the text of a line begins, after its mark, and how wide its value is.
const INDENT: usize = 6;
const VALUE: usize = 36;

/// A finding in words, for pages of any form.
pub(super) struct Line {
    pub(super) consequence: Consequence,
    pub(super) verdict: Verdict,
    /// What it is about: a metric.
    pub(super) what: String,
    /// What was found.
    pub(super) value: String,
    /// What was expected.
    pub(super) limit: String,
    /// What else there is to know.
    pub(super) notes: Vec<String>,
}

impl Line {
    /// What the check makes of it, in four letters.
    pub(super) fn mark(&self) -> &'static str {
        match (self.verdict, self.consequence) {
            (Verdict::Skipped, _) => "skip",
            (Verdict::NotComparable, _) => "n/c",
            (_, Consequence::Passes) => "pass",
            (_, Consequence::Warns) => "warn",
            (_, Consequence::Fails) => "FAIL",
        }
    }

    fn colour(&self) -> &'static str {
        match self.mark() {
            "FAIL" => "1;31",
            "warn" => "33",
            "pass" => "32",
            _ => "2",
        }
    }
}

/// Everything that was checked, in the file's order; that all is exactly as it was comes first.
pub(super) fn lines(check: &Check) -> Vec<Line> {
    let exact = check.exact.iter().map(exact_line);
    exact.chain(check.findings.iter().map(|finding| finding_line(finding, check.batches.is_some()))).collect()
}

/// How the check was made.
pub(super) fn circumstances(check: &Check) -> String {
    let runs = |count: u32| if count == 1 { "1 run".to_owned() } else { format!("{count} runs") };
    let span = |secs: f64| length(Span::from_micros(libm::rint(secs * 1e6) as u64));
    let mut text = format!("{} of {}", runs(check.replications), span(check.duration));
    if check.warmup > 0.0 {
        write!(text, ", the first {} left out", span(check.warmup)).expect("text grows");
    }
    write!(text, ", seed {}", check.seed).expect("text grows");
    if let Some(batches) = check.batches {
        match too_short(&batches.into()) {
            None => {
                write!(text, "; one run's intervals are from {} batches of {}", batches.count, span(batches.length))
            }
            Some(why) => write!(text, "; one run has no intervals: {why}"),
        }
        .expect("text grows");
    }
    match &check.baseline {
        None => text.push('.'),
        Some(baseline) => {
            write!(text, "; the baseline is of {} by desksim {}.", runs(baseline.replications), baseline.version)
                .expect("text grows");
            if !baseline.changed.is_empty() {
                write!(text, " Changed since: {}.", baseline.changed.join(", ")).expect("text grows");
            }
        }
    }
    text
}

/// What it came to, in a sentence that names what failed.
pub(super) fn summary(check: &Check) -> String {
    let lines = lines(check);
    let with = |mark: &str| {
        let mut names: Vec<String> =
            lines.iter().filter(|line| line.mark() == mark).map(|line| clean(&line.what)).collect();
        names.dedup();
        names
    };
    let (failed, warned, skipped, apart) = (with("FAIL"), with("warn"), with("skip"), with("n/c"));
    let mut text = match (lines.len(), failed.len()) {
        (0, _) => "Nothing is expected of this scenario, so nothing was checked.".to_owned(),
        (_, 0) if skipped.len() == lines.len() => "Nothing was checked: there is no baseline yet.".to_owned(),
        (_, 0) if apart.len() == lines.len() => "Nothing was checked: the baseline cannot be compared with.".to_owned(),
        (_, 0) if !apart.is_empty() => "What needs no baseline passed.".to_owned(),
        (_, 0) => "Passed.".to_owned(),
        _ => format!("FAILED: {}.", failed.join(", ")),
    };
    if !warned.is_empty() {
        write!(text, " Warnings: {}.", warned.join(", ")).expect("text grows");
    }
    if !apart.is_empty() {
        write!(text, " Not comparable: {}.", apart.join(", ")).expect("text grows");
        check
            .obstacles
            .iter()
            .for_each(|obstacle| write!(text, " {}.", clean(&capital(obstacle))).expect("text grows"));
    }
    text
}

/// A sentence's first letter is a large one.
fn capital(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or(String::new(), |first| first.to_uppercase().chain(letters).collect())
}

fn exact_line(exact: &Exact) -> Line {
    let Exact { verdict, replications, first, differing, .. } = exact;
    let value = match (verdict, first) {
        (Verdict::Skipped, _) => "no baseline to compare with yet".to_owned(),
        (Verdict::NotComparable, _) => "not comparable".to_owned(),
        (_, None) => format!("the same in {replications} of {replications} runs"),
        (_, Some(_)) => format!("another in {differing} of {replications} runs"),
    };
    let mut notes: Vec<String> =
        first.iter().map(|first| format!("The first that differs is replication {first}.")).collect();
    notes.extend(first.iter().flat_map(|first| where_it_differs(exact, *first)));
    let consequence = if *verdict == Verdict::Fail { Consequence::Fails } else { Consequence::Passes };
    let (what, limit) = ("commands and effects (digest)".to_owned(), "exactly the baseline's".to_owned());
    Line { consequence, verdict: *verdict, what, value, limit, notes }
}

/// Where the replication whose earlier log is there parts from it, or how to find out.
fn where_it_differs(exact: &Exact, first: u32) -> Vec<String> {
    match (exact.traced, &exact.divergence) {
        (Some(traced), Some(found)) => divergence_notes(traced, found),
        // A log that was compared says the same: what it is of has not changed, or the digest sees what a log does not hold.
        (Some(traced), None) if traced == first => {
            vec![format!(
                "Replication {traced} says what its earlier log says: that log is not the baseline's, or digests are made in another way."
            )]
        }
        (Some(traced), None) => vec![format!(
            "The log of replication {traced} shows no difference. Where replication {first} differs is told from its own log: \
             --trace-replication {first}, here and where the log is written."
        )],
        (None, _) => vec![format!(
            "Where it differs is told from its log as it was: --baseline-trace LOG{}.",
            if first == 0 { String::new() } else { format!(" --trace-replication {first}") }
        )],
    }
}

fn divergence_notes(replication: u32, found: &Divergence) -> Vec<String> {
    let Divergence { step, at, command, line, before, now } = found;
    let mut notes = vec![format!(
        "Replication {replication} parts from its earlier log at {at}s, step {step}, line {line} of that log."
    )];
    notes.extend(command.iter().map(|command| format!("command: {command}")));
    let ends = "nothing more";
    notes.push(format!("baseline: {}", before.as_deref().unwrap_or(ends)));
    notes.push(format!("now: {}", now.as_deref().unwrap_or(ends)));
    notes
}

fn finding_line(finding: &Finding, batched: bool) -> Line {
    let unit = unit(&finding.metric);
    let (value, limit) = match finding.condition {
        Condition::AtMost(limit) => plain(finding, limit, "at most", unit),
        Condition::AtLeast(limit) => plain(finding, limit, "at least", unit),
        Condition::WithinOfBaseline(margin) => (compared(finding, unit), format!("within {}", apart(margin, unit))),
        Condition::NoWorseThanBaseline { margin } => {
            (compared(finding, unit), format!("no worse by more than {}", apart(margin, unit)))
        }
        Condition::SameAsBaseline { margin } => {
            (compared(finding, unit), format!("the same, give or take {}", apart(margin, unit)))
        }
    };
    Line {
        consequence: finding.consequence,
        verdict: finding.verdict,
        what: finding.metric.clone(),
        value,
        limit,
        notes: notes(finding, unit, batched),
    }
}

/// What is held to a plain limit, and the limit.
pub(super) fn plain(finding: &Finding, limit: f64, words: &str, unit: Unit) -> (String, String) {
    let subject = match finding.on {
        On::Mean => "mean",
        On::CiUpper => "upper end",
        On::CiLower => "lower end",
        On::WorstReplication => "each run",
    };
    let Some(held) = finding.held else {
        let value = finding.mean.map_or(NONE.to_owned(), |mean| format!("mean {}", size(mean, unit)));
        return (value, format!("{subject} {words} {}", size(limit, unit)));
    };
    let [value, limit] = beside(held, limit, unit);
    let value = match (finding.on, finding.interval, finding.mean) {
        (On::Mean, Some([low, high]), _) => format!("{value}{FIRM}±{FIRM}{}", quantity((high - low) / 2.0, unit, held)),
        (On::CiUpper | On::CiLower, _, Some(mean)) => format!("{value}; mean {}", signed(mean, unit, mean)),
        (On::WorstReplication, ..) => format!("{value} in replication {}", finding.replication.unwrap_or_default()),
        _ => value,
    };
    (value, format!("{subject} {words} {limit}"))
}

/// The means now and then.
fn compared(finding: &Finding, unit: Unit) -> String {
    match (finding.mean, finding.difference) {
        (None, _) => NONE.to_owned(),
        (Some(mean), None) => size(mean, unit),
        // Over the pairs, as the baseline's is.
        (Some(_), Some(difference)) => {
            let [now, then] = beside(difference.baseline + difference.mean, difference.baseline, unit);
            format!("{now}; baseline {then}")
        }
    }
}

fn notes(finding: &Finding, unit: Unit, batched: bool) -> Vec<String> {
    let mut notes = Vec::new();
    let Finding { verdict, n, replications, look: [look, planned], alpha, .. } = *finding;
    let percent = |share: f64| format!("{}{FIRM}%", (share * 1e4).round() / 100.0);
    if let Some(difference) = finding.difference {
        let mean = apart(difference.mean, unit);
        let pairs = difference.pairs;
        notes.push(match difference.interval {
            Some([low, high]) if difference.mean == 0.0 && low == 0.0 && high == 0.0 => {
                format!("No run differs, of {pairs}.")
            }
            Some([low, high]) => {
                let ends = [low, high].map(|end| apart(end, unit));
                let sure = percent(1.0 - alpha);
                format!(
                    "Difference {mean}, from {} to {} with {sure} on either side, over {pairs} pairs.",
                    ends[0], ends[1]
                )
            }
            None => format!("Difference {mean}; one pair has no interval."),
        });
        if let (Some(finds), Verdict::Pass | Verdict::Inconclusive) = (difference.finds, verdict) {
            notes
                .push(format!("A difference of {} the wrong way would have failed 9 times in 10.", apart(finds, unit)));
        }
        if let Some(needs) = difference.needs {
            notes.push(format!("If nothing has changed, {needs} pairs would show it 9 times in 10."));
        }
    }
    match verdict {
        Verdict::NoData if finding.mean.is_some() => {
            notes.push("No data: the baseline has no value of this to compare with. Save a new one.".to_owned());
        }
        Verdict::NoData => notes.push(format!("No data: none of {replications} runs has a value of this.")),
        Verdict::Skipped => notes.push("There is no baseline to compare with yet.".to_owned()),
        Verdict::NotComparable => notes.push("Not comparable: the baseline is of something else.".to_owned()),
        Verdict::Inconclusive => {
            let open = match finding.interval {
                None if batched => "Its batches give this no interval".to_owned(),
                None => "One value has no interval".to_owned(),
                Some(_) if finding.difference.is_none() && finding.needs.is_some_and(|needs| needs > n) => {
                    let needs = finding.needs.unwrap_or_default();
                    format!(
                        "The interval needs {needs} replications for its skewness: raise `[check] max_replications`"
                    )
                }
                Some([low, high]) if finding.difference.is_none() => {
                    let ends = [low, high].map(|end| signed(end, unit, end));
                    format!("The interval goes from {} to {}, about the limit", ends[0], ends[1])
                }
                Some(_) => "The interval lies about the margin".to_owned(),
            };
            let runs = if replications == 1 { "1 run".to_owned() } else { format!("{replications} runs") };
            notes.push(format!("Inconclusive: {runs} cannot tell. {open}."));
        }
        Verdict::Pass | Verdict::Fail => {}
    }
    if planned > 1 && !matches!(verdict, Verdict::Skipped | Verdict::NotComparable | Verdict::NoData) {
        notes.push(format!(
            "Decided by look {look} of {planned}, at {replications} runs; each look errs with at most {}.",
            percent(alpha)
        ));
    }
    if n > 0 && n < u64::from(replications) && finding.difference.is_none() {
        notes.push(format!("{n} of {replications} runs have a value."));
    }
    notes
}

fn size(value: f64, unit: Unit) -> String {
    signed(value, unit, value)
}

pub(super) fn unit(metric: &str) -> Unit {
    metric.parse::<Selector>().map_or(Unit::Ratio, |selector| selector.metric().unit)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::samples;
    use serde_json::{Value, json};

    #[test]
    fn a_page_of_a_check() {
        insta::assert_snapshot!(check_page(&samples::check(), Style::Plain), @r#"
        Web shop
        40 runs of 1d, seed 7; the baseline is of 40 runs by desksim 0.0.0. Changed
        since: channel.chat.
        support: overloaded, offered load 1.25 (limited by agent time).
        Overloaded: these figures depend on how long the run is.

        FAIL  commands and effects (digest)
              another in 12 of 20 runs            exactly the baseline's
              The first that differs is replication 0.
              Replication 0 parts from its earlier log at 95.25s, step 31, line 88 of
              that log.
              command:
              {"at":95.25,"do":{"message":{"conversation":"c8","channel":"chat"}}}
              baseline:
              {"at":95.25,"effect":{"assigned":{"ticket":"0000008","to":"ana","how":"aut
              o"}}}
              now: nothing more

        pass  sla.first_response.breach_rate
              12.3 % ± 1.2 %                      mean at most 30.0 %

        FAIL  balance.assigned.jain
              0.341 ± 0.034                       mean at least 0.900

        warn  sla.first_response.breach_rate
              20.004 %; mean 18.2 %               upper end at most 20.000 %

        pass  queue.wait.p95
              51s in replication 3                each run at most 1m
              18 of 20 runs have a value.

        pass  queue.wait.mean
              31s; baseline 30s                   no worse by more than 5s
              Difference 1s, from −0.50s to 2.5s with 95 % on either side, over 20
              pairs.
              A difference of 7.5s the wrong way would have failed 9 times in 10.

        FAIL  queue.wait.mean
              33s; baseline 30s                   the same, give or take 5s
              Difference 3s, from −2s to 8s with 97.5 % on either side, over 20 pairs.
              A difference of 7.5s the wrong way would have failed 9 times in 10.
              If nothing has changed, 85 pairs would show it 9 times in 10.
              Inconclusive: 40 runs cannot tell. The interval lies about the margin.
              Decided by look 2 of 2, at 40 runs; each look errs with at most 2.5 %.

        pass  queue.wait.mean
              30s; baseline 30s                   within 1s
              No run differs, of 20.

        FAIL  sla.closure.breach_rate
              –                                   mean at most 10.0 %
              No data: none of 20 runs has a value of this.

        skip  tickets.created
              955                                 the same, give or take 5.0
              There is no baseline to compare with yet.

        FAILED: commands and effects (digest), balance.assigned.jain, queue.wait.mean,
        sla.closure.breach_rate. Warnings: sla.first_response.breach_rate.

        desksim 0.0.0, draws f1
        scenario d0c5
        digest   0123456789abcdef0123456789abcdef
        "#);
    }

    #[test]
    fn a_check_that_went_well_says_so() {
        let mut check = samples::check();
        check.exact = None;
        check.findings.truncate(1);
        assert_eq!(summary(&check), "Passed.");
        check.findings.clear();
        assert!(summary(&check).starts_with("Nothing is expected"));
    }

    #[test]
    fn no_line_is_wider_than_the_page_and_colour_adds_only_escape_codes() {
        for check in [samples::check(), samples::wide_check()] {
            let page = check_page(&check, Style::Plain);
            for line in page.lines() {
                assert!(line.chars().count() <= WIDTH, "{} columns: {line}", line.chars().count());
                assert_eq!(line, line.trim_end());
            }
            let coloured = check_page(&check, Style::Colour);
            assert_ne!(coloured, page);
            let plain = ["\u{1b}[1;31m", "\u{1b}[33m", "\u{1b}[32m", "\u{1b}[2m", "\u{1b}[0m"]
                .iter()
                .fold(coloured, |text, code| text.replace(code, ""));
            assert_eq!(plain, page);
        }
    }

    #[test]
    fn a_check_reads_back_from_its_json() {
        for check in [samples::check(), samples::wide_check()] {
            let text = check_json(&check);
            let value: Value = serde_json::from_str(&text).unwrap();
            assert_eq!((&value["kind"], &value["schema"]), (&json!("check"), &json!(SCHEMA)));
            assert_eq!(serde_json::from_value::<Check>(value).unwrap(), check);
            assert_eq!(text.lines().filter(|line| line.contains("\"metric\":")).count(), check.findings.len());
        }
    }
}
