//! The page of a check: what was expected, what was found, and how surely.

use super::chart::{Chart, Forest, Interval, Table};
use super::check::{circumstances, lines, summary};
use super::html::{Article, Section};
use super::quantity::{FIRM, signed};
use super::unsettled::warnings;
use crate::experiment::check::{Check, Condition, Finding};
use crate::measures::{Selector, Unit};

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
        let lead = "The mean with the interval that decided, and the limit.";
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

/// A mean beside its limit.
fn chart(finding: &Finding) -> Option<Chart> {
    let (limit, words) = match finding.condition {
        Condition::AtMost(limit) => (limit, "at most"),
        Condition::AtLeast(limit) => (limit, "at least"),
        Condition::WithinOfBaseline(_) | Condition::NoWorseThanBaseline { .. } | Condition::SameAsBaseline { .. } => {
            return None;
        }
    };
    let mean = finding.mean?;
    let unit = finding.metric.parse::<Selector>().map_or(Unit::Count, |metric| metric.metric().unit);
    let say = |value: f64| signed(value, unit, value);
    let interval =
        Interval { name: "found".to_owned(), value: mean, ends: finding.interval, words: say(mean), kind: 0 };
    let ends = finding.interval.map_or(String::new(), |[low, high]| format!(" ({} to {})", say(low), say(high)));
    let description = format!("Found {}{ends}; expected {words} {}.", say(mean), say(limit));
    let rows = vec![vec!["found".to_owned(), format!("{}{ends}", say(mean))], vec![words.to_owned(), say(limit)]];
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
