//! The page of a check: what was expected, what was found, and how surely.

use super::chart::{Chart, Forest, Interval, Table};
use super::check::{circumstances, lines, plain, summary, unit};
use super::html::{Article, Section};
use super::quantity::{FIRM, signed};
use super::unsettled::warnings;
use crate::experiment::check::{Check, Condition, Finding, On};
use crate::measures::Unit;

/// A check as a page for a browser.
pub fn check_html(check: &Check) -> String {
    let lines = lines(check);
    let warnings = warnings(check.stability.as_ref());
    let rows = lines.iter().map(|line| {
        let notes = line.notes.join(" ");
        vec![line.mark().to_uppercase(), line.what.clone(), line.value.clone(), line.limit.clone(), notes]
    });
    let head = ["verdict", "metric", "found", "expected", "notes"].map(str::to_owned).to_vec();
    let table = Table { head, rows: rows.collect() };
    let charts = check_charts(check);
    let mut sections = vec![Section::new("Expectations", "").table("In the order of the scenario", table, true)];
    if !charts.is_empty() {
        let lead = "The mean with the interval that decided, or the worst run where every run is held to the limit; and the limit.";
        sections.push(Section::new("Found and expected", lead).charts(charts));
    }
    let title = check.title.trim();
    Article {
        title: if title.is_empty() { "Untitled".to_owned() } else { title.to_owned() },
        about: std::iter::once(("Check", circumstances(check)))
            .chain(Some(warnings.join(" ")).filter(|words| !words.is_empty()).map(|words| ("Stability", words)))
            .collect(),
        verdict: summary(check),
        sections,
        foot: vec![
            format!("desksim {} · seed {} · draws {}", check.version, check.seed, check.draws),
            format!("scenario {} · digest {}", check.scenario, check.digest),
        ],
        version: check.version.clone(),
    }
    .html()
}

/// The charts of a check: one for each plain limit.
pub(crate) fn check_charts(check: &Check) -> Vec<Chart> {
    check.findings.iter().filter_map(chart).collect()
}

/// What was found beside its limit, in the words of the table. Where every replication is held to the limit that is the worst
/// one's value; else it is the mean with the interval of which an end may be what is held.
fn chart(finding: &Finding) -> Option<Chart> {
    let (limit, words) = match finding.condition {
        Condition::AtMost(limit) => (limit, "at most"),
        Condition::AtLeast(limit) => (limit, "at least"),
        Condition::WithinOfBaseline(_) | Condition::NoWorseThanBaseline { .. } | Condition::SameAsBaseline { .. } => {
            return None;
        }
    };
    let unit = unit(&finding.metric);
    let say = |value: f64| signed(value, unit, value);
    let (value, ends) = match finding.on {
        On::WorstReplication => (finding.held?, None),
        On::Mean | On::CiUpper | On::CiLower => (finding.mean?, finding.interval),
    };
    let (found, expected) = plain(finding, limit, words, unit);
    let interval = Interval { name: "found".to_owned(), value, ends, words: say(value), kind: 0 };
    let between = ends.map_or(String::new(), |[low, high]| format!(" (interval {} to {})", say(low), say(high)));
    let description = format!("Found {found}{between}; expected {expected}.");
    let rows = vec![vec!["found".to_owned(), format!("{found}{between}")], vec!["expected".to_owned(), expected]];
    let axis: fn(f64) -> String = match unit {
        Unit::Share => |value| format!("{}{FIRM}%", super::chart::plain(libm::rint(value * 1e5) / 1e3)),
        Unit::Seconds => |value| signed(value, Unit::Seconds, value),
        Unit::Hours | Unit::Count | Unit::Ratio => super::chart::plain,
    };
    let side = |own: &str| if own == words { "as expected".to_owned() } else { String::new() };
    Some(Chart {
        kind: "finding",
        title: format!("{}: {words} {}", finding.metric, say(limit)),
        description,
        note: format!("The upright line is the limit: {words} {}.", say(limit)),
        table: Table { head: vec!["what".to_owned(), "value".to_owned()], rows },
        drawing: Box::new(Forest {
            intervals: vec![interval],
            words: axis,
            zero: Some(limit),
            sides: Some((side("at most"), side("at least"))),
            from_zero: false,
        }),
        wide: false,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::samples;

    /// The value in the chart is that in the table, whatever of the metric is held to the limit.
    #[test]
    fn the_chart_says_what_the_table_says() {
        let check = samples::check();
        let mut seen = Vec::new();
        for finding in &check.findings {
            let Some(chart) = chart(finding) else { continue };
            let line = lines(&check)
                .into_iter()
                .find(|line| line.what == finding.metric && chart.description.contains(&line.value));
            let line = line.unwrap_or_else(|| panic!("{}: {}", finding.metric, chart.description));
            assert!(chart.description.contains(&line.limit) && chart.table.rows[0][1].starts_with(&line.value));
            seen.push(finding.on);
        }
        assert!(
            seen.contains(&On::WorstReplication) && seen.contains(&On::CiUpper) && seen.contains(&On::Mean),
            "{seen:?}"
        );
        let worst = check.findings.iter().find(|finding| finding.on == On::WorstReplication).unwrap();
        let finding =
            Finding { held: Some(2.564), mean: Some(2.2), metric: "queue.wait.p95".to_owned(), ..worst.clone() };
        let chart = chart(&finding).unwrap();
        assert!(chart.description.starts_with("Found 2.6s in replication 3;"), "{}", chart.description);
    }
}
