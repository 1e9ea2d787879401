//! The page of `staff`: the least staff that meets the targets, why there is nothing less, and what other costs would buy.

use super::axis_words::in_unit;
use super::chart::{Chart, Curve, Curves, Line, Table, plain};
use super::html::{Article, Section};
use super::quantity::{NONE, figure, quantity};
use super::staff::{cost, limits, sense, sense_of_all, shown, word};
use super::unsettled::warnings;
use crate::experiment::staffing::{Scope, Staffed, Staffing, TargetFigure};
use crate::time::Span;

/// An answer of `staff` as a page for a browser.
pub fn staff_html(staffing: &Staffing) -> String {
    let plan = &staffing.plan;
    let alike = sense_of_all(plan);
    let targets: Vec<String> = plan
        .targets
        .iter()
        .map(|of| {
            let own = if alike.is_none() { format!(" {}", sense(plan, of)) } else { String::new() };
            format!("{} {}{own}", of.metric, limits(of))
        })
        .collect();
    let asked = targets.join(" and ") + &alike.map_or(String::new(), |sense| format!(", {sense}"));
    let told = staffing.answer.as_ref().or(staffing.nearest.as_ref());
    let warnings = warnings(told.and_then(|desk| desk.stability.as_ref())).join(" ");
    let mut sections = Vec::new();
    let charts = staff_charts(staffing);
    if !charts.is_empty() {
        sections.push(
            Section::new("The frontier", "Every desk that was looked at: what it costs, and what that buys.")
                .charts(charts),
        );
    }
    if let Some(proof) = &staffing.proof {
        let lead = match proof.scope {
            Scope::Everywhere => {
                "One head fewer of anything does not do; as far as more heads never harm, nothing cheaper does."
            }
            Scope::Nearby => {
                "One head fewer of anything does not do; there may be something cheaper with more of one and less of another."
            }
        };
        let fewer: Vec<&Staffed> = proof.one_fewer.iter().collect();
        sections.push(Section::new("Why there is nothing less", lead).table(
            "With one head fewer",
            table(staffing, &fewer),
            true,
        ));
    }
    let desks: Vec<&Staffed> = staffing.desks.iter().collect();
    let lead = "The cheapest first; a click on a column’s head sorts by it.";
    sections.push(Section::new("All desks", lead).table("Desks that were looked at", table(staffing, &desks), true));
    let title = staffing.title.trim();
    Article {
        title: if title.is_empty() { "Untitled".to_owned() } else { title.to_owned() },
        about: [
            ("Staff", asked),
            ("Runs", format!("{} of {}", staffing.replications, Span::from_secs_f64(staffing.duration))),
            ("Seeds", format!("{}, and {} for the proof", staffing.seed, staffing.proof_seed)),
        ]
        .into_iter()
        .chain(Some(warnings).filter(|words| !words.is_empty()).map(|words| ("Stability", words)))
        .collect(),
        verdict: verdict(staffing),
        sections,
        foot: vec![
            format!("desksim {} · draws {}", staffing.version, staffing.draws),
            format!("scenario {} · digest {}", staffing.scenario, staffing.digest),
        ],
        version: staffing.version.clone(),
    }
    .html()
}

fn verdict(staffing: &Staffing) -> String {
    match (&staffing.answer, &staffing.nearest) {
        (Some(answer), _) => format!("{} is the least that does, at a cost of {}.", counts(answer), cost(answer.cost)),
        (None, Some(nearest)) => {
            format!(
                "Nothing within the bounds meets the targets. Nearest is {}, at {}.",
                counts(nearest),
                cost(nearest.cost)
            )
        }
        (None, None) => "Nothing within the bounds meets the targets.".to_owned(),
    }
}

fn counts(desk: &Staffed) -> String {
    desk.counts.iter().map(|(path, count)| format!("{path} = {count}")).collect::<Vec<_>>().join(", ")
}

fn table(staffing: &Staffing, desks: &[&Staffed]) -> Table {
    let mut head: Vec<String> = staffing.plan.counts.iter().map(|count| count.path.clone()).collect();
    head.extend(["cost", "verdict", "frontier"].map(str::to_owned));
    head.extend(staffing.plan.targets.iter().map(|target| target.metric.to_string()));
    let beside: Option<Vec<String>> =
        desks.first().map(|desk| desk.metrics.iter().map(|(metric, _)| metric.to_string()).collect());
    head.extend(beside.unwrap_or_default());
    let rows = desks.iter().map(|desk| {
        let mut row: Vec<String> = desk.counts.values().map(ToString::to_string).collect();
        let frontier = if desk.frontier { "yes" } else { NONE };
        row.extend([cost(desk.cost), word(desk.verdict).to_owned(), frontier.to_owned()]);
        row.extend(desk.targets.iter().map(|told| shown(told, told.metric.metric().unit)));
        row.extend(desk.metrics.iter().map(|(metric, summary)| figure(*summary, metric.metric().unit)));
        row
    });
    Table { head, rows: rows.collect() }
}

/// The charts of an answer: for each target, what a cost buys.
pub(crate) fn staff_charts(staffing: &Staffing) -> Vec<Chart> {
    (0..staffing.plan.targets.len()).filter_map(|target| chart(staffing, target)).collect()
}

fn chart(staffing: &Staffing, target: usize) -> Option<Chart> {
    let asked = &staffing.plan.targets[target];
    let unit = asked.metric.metric().unit;
    let told = |desk: &Staffed| -> Option<TargetFigure> {
        desk.targets.get(target).cloned().filter(|told| told.figure.is_some())
    };
    let seen: Vec<(&Staffed, TargetFigure)> =
        staffing.desks.iter().filter_map(|desk| Some((desk, told(desk)?))).collect();
    let mean = |told: &TargetFigure| told.figure.map_or(0.0, |figure| figure.mean);
    let limit = asked.at_most.or(asked.at_least);
    let most = seen.iter().map(|(_, told)| mean(told).abs()).chain(limit).fold(0.0, f64::max);
    let (name, size, words) = in_unit(unit, most);
    // The frontier is told by the first target.
    let of = |frontier: bool| seen.iter().filter(move |(desk, _)| (desk.frontier && target == 0) == frontier);
    let mut frontier: Vec<(f64, f64, f64, f64)> = of(true)
        .map(|(desk, told)| {
            let [low, high] = told.figure.and_then(|figure| figure.ci95).unwrap_or([mean(told); 2]);
            (desk.cost, mean(told) / size, low / size, high / size)
        })
        .collect();
    frontier.sort_by(|one, other| one.0.total_cmp(&other.0));
    let others: Vec<(f64, f64)> = of(false).map(|(desk, told)| (desk.cost, mean(told) / size)).collect();
    let costs = seen.iter().map(|(desk, _)| desk.cost);
    let (least, highest) = (costs.clone().fold(f64::INFINITY, f64::min), costs.fold(f64::NEG_INFINITY, f64::max));
    let mut curves = Vec::new();
    if !frontier.is_empty() {
        curves.push(Curve {
            name: "frontier".to_owned(),
            points: frontier.iter().map(|(cost, mean, ..)| (*cost, *mean)).collect(),
            band: frontier.iter().map(|(cost, _, low, high)| (*cost, *low, *high)).collect(),
            joined: true,
            marked: true,
        });
    }
    if !others.is_empty() {
        let name = if target == 0 { "other desks" } else { "desks" };
        curves.push(Curve { name: name.to_owned(), points: others, band: Vec::new(), joined: false, marked: true });
    }
    if let Some(answer) = &staffing.answer
        && let Some(told) = told(answer)
    {
        let points = vec![(answer.cost, mean(&told) / size)];
        let name = "the answer".to_owned();
        curves.push(Curve { name, points, band: Vec::new(), joined: false, marked: true });
    }
    if curves.is_empty() {
        return None;
    }
    let rows = seen.iter().map(|(desk, told)| {
        vec![counts(desk), cost(desk.cost), figure(told.figure, unit), word(desk.verdict).to_owned()]
    });
    let description = staffing.answer.as_ref().map_or("No desk meets the targets.".to_owned(), |answer| {
        let figure = answer.targets.get(target).and_then(|told| told.figure);
        format!(
            "The answer costs {} and has {}.",
            cost(answer.cost),
            figure.map_or(NONE.to_owned(), |figure| quantity(figure.mean, unit, figure.mean))
        )
    });
    Some(Chart {
        kind: "frontier",
        title: format!("{} by cost", asked.metric),
        description,
        note: if target == 0 {
            "Means; the band is the 95 % interval, the broken line the limit.".to_owned()
        } else {
            "Means; the broken line is the limit.".to_owned()
        },
        table: Table {
            head: ["desk", "cost", "mean ± the longer side of its 95 % interval", "verdict"]
                .map(str::to_owned)
                .to_vec(),
            rows: rows.collect(),
        },
        drawing: Box::new(Curves {
            curves,
            across: Some((least, highest)),
            up: None,
            across_title: "cost".to_owned(),
            up_title: name.to_owned(),
            across_words: plain,
            up_words: words,
            ticks: None,
            lines: limit
                .map(|limit| Line { from: (least, limit / size), to: (highest, limit / size), name: limits(asked) })
                .into_iter()
                .collect(),
            square: false,
        }),
        wide: true,
    })
}
