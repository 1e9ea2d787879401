//! The page of a sweep: how each figure changes over the grid.

use super::axis_words::{fits, in_unit};
use super::chart::{Chart, Curve, Curves, Grid, GridCell, Table};
use super::html::{Article, Section};
use super::quantity::{NONE, figure, mean, quantity};
use super::sweep::warnings;
use crate::experiment::Summary;
use crate::experiment::sweep::{Axis, Cell, Sweep};
use crate::measures::{Better, Selector, Unit};
use crate::time::Span;
use serde_json::Value;

/// Curves in a chart, at most; of more the table tells.
const CURVES: usize = 8;
/// Cells that the page's table lists, at most.
const LISTED: usize = 2_000;

/// A sweep as a page for a browser.
pub fn sweep_html(sweep: &Sweep) -> String {
    let varied = |axis: &Axis| format!("{} in {} values", axis.path, axis.values.len());
    let axes: Vec<String> = sweep.axes.iter().map(varied).collect();
    let title = sweep.title.trim();
    let charts = sweep_charts(sweep);
    let lead = "Means over the runs, with their 95 % intervals. All cells meet the same customers.";
    Article {
        title: if title.is_empty() { "Untitled".to_owned() } else { title.to_owned() },
        about: [
            ("Sweep", format!("{} cells", sweep.cells.len())),
            ("Runs", format!("{} of {} each", sweep.replications, Span::from_secs_f64(sweep.duration))),
            ("Seed", sweep.seed.to_string()),
        ]
        .into_iter()
        .chain(Some(warnings(sweep).join(" ")).filter(|words| !words.is_empty()).map(|words| ("Stability", words)))
        .collect(),
        verdict: format!("{} cells: {}. {}", sweep.cells.len(), axes.join(", "), best(sweep)),
        sections: vec![Section::new("Figures over the grid", lead).charts(charts), table(sweep)],
        foot: vec![
            format!("desksim {} · seed {} · draws {}", sweep.version, sweep.seed, sweep.draws),
            format!("scenario {} · digest {}", sweep.scenario, sweep.digest),
        ],
        version: sweep.version.clone(),
    }
    .html()
}

/// The charts of a sweep: one for each metric that has a value.
pub(crate) fn sweep_charts(sweep: &Sweep) -> Vec<Chart> {
    sweep.metrics.iter().enumerate().filter_map(|(n, metric)| chart(sweep, n, metric)).collect()
}

/// Where each of the main figures is best.
fn best(sweep: &Sweep) -> String {
    let said = sweep.metrics.iter().enumerate().filter_map(|(n, metric)| {
        let better = metric.metric().better?;
        let found = sweep.cells.iter().filter_map(|cell| Some((cell, summary(cell, n)?)));
        let (cell, best) = found.min_by(|one, other| match better {
            Better::Lower => one.1.mean.total_cmp(&other.1.mean),
            Better::Higher => other.1.mean.total_cmp(&one.1.mean),
        })?;
        Some(format!("{metric} is best, {}, with {}", mean(Some(best), metric.metric().unit), settings(cell)))
    });
    said.take(1).map(|said| format!("{said}.")).collect()
}

fn summary(cell: &Cell, metric: usize) -> Option<Summary> {
    cell.metrics.get(metric)?.1
}

/// A value as a scenario would have it, without the quotes of texts.
fn words(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

fn settings(cell: &Cell) -> String {
    let setting = |(path, value): (&String, &Value)| format!("{path} = {}", words(value));
    cell.settings.iter().map(setting).collect::<Vec<_>>().join(", ")
}

fn table(sweep: &Sweep) -> Section {
    let mut head: Vec<String> = sweep.axes.iter().map(|axis| axis.path.clone()).collect();
    head.extend(sweep.metrics.iter().map(Selector::to_string));
    let rows = sweep.cells.iter().take(LISTED).map(|cell| {
        let mut row: Vec<String> =
            sweep.axes.iter().map(|axis| cell.settings.get(&axis.path).map_or(NONE.into(), words)).collect();
        let metrics = sweep.metrics.iter().enumerate();
        row.extend(metrics.map(|(n, metric)| figure(summary(cell, n), metric.metric().unit)));
        row
    });
    let more =
        if sweep.cells.len() > LISTED { format!(" The first {LISTED}; results.csv has all.") } else { String::new() };
    let lead = format!("A click on a column’s head sorts by it.{more}");
    Section::new("All cells", &lead).table(
        "Mean ± the longer side of its 95 % interval",
        Table { head, rows: rows.collect() },
        true,
    )
}

fn chart(sweep: &Sweep, n: usize, metric: &Selector) -> Option<Chart> {
    if sweep.cells.iter().all(|cell| summary(cell, n).is_none()) {
        return None;
    }
    let drawing: Box<dyn super::chart::Drawing> = match sweep.axes.len() {
        0 => return None,
        2 if sweep.axes.iter().all(|axis| axis.values.len() > 1 && axis.values.len() <= 30) => {
            Box::new(grid(sweep, n, metric))
        }
        _ => Box::new(curves(sweep, n, metric)?),
    };
    let unit = metric.metric().unit;
    let means = || sweep.cells.iter().filter_map(|cell| Some((cell, summary(cell, n)?.mean)));
    let least = means().min_by(|one, other| one.1.total_cmp(&other.1))?;
    let most = means().max_by(|one, other| one.1.total_cmp(&other.1))?;
    let say = |(cell, value): (&Cell, f64)| format!("{} ({})", quantity(value, unit, value), settings(cell));
    let rows = sweep.cells.iter().take(LISTED).map(|cell| vec![settings(cell), figure(summary(cell, n), unit)]);
    let better = match metric.metric().better {
        Some(Better::Lower) => " Lower is better.",
        Some(Better::Higher) => " Higher is better.",
        None => "",
    };
    Some(Chart {
        kind: "metric",
        title: metric.to_string(),
        description: if least.1 == most.1 {
            format!("{} in every cell.", quantity(most.1, unit, most.1))
        } else {
            format!("From {} to {}.", say(least), say(most))
        },
        note: format!("{}.{better}", metric.metric().meaning),
        table: Table {
            head: vec!["settings".to_owned(), "mean ± the longer side of its 95 % interval".to_owned()],
            rows: rows.collect(),
        },
        drawing,
        wide: false,
    })
}

/// Values of an axis as places along it: numbers stand where they are, anything else one after the other.
fn places(axis: &Axis) -> Vec<(f64, String)> {
    let numbers: Option<Vec<f64>> = axis.values.iter().map(number).collect();
    let places = numbers.unwrap_or_else(|| (0..axis.values.len()).map(|n| n as f64).collect());
    places.into_iter().zip(axis.values.iter().map(words)).collect()
}

/// A number, or a duration in seconds.
fn number(value: &Value) -> Option<f64> {
    value.as_f64().or_else(|| value.as_str()?.parse::<Span>().ok().map(Span::as_secs_f64))
}

fn curves(sweep: &Sweep, n: usize, metric: &Selector) -> Option<Curves> {
    let along = sweep.axes.last()?;
    let places = places(along);
    let place = |cell: &Cell| {
        let value = cell.settings.get(&along.path)?;
        along.values.iter().position(|of| of == value).map(|at| places[at].0)
    };
    let name = |cell: &Cell| {
        let others = cell.settings.iter().filter(|(path, _)| **path != along.path);
        others.map(|(path, value)| format!("{path} = {}", words(value))).collect::<Vec<_>>().join(", ")
    };
    let means = sweep.cells.iter().filter_map(|cell| summary(cell, n)).map(|summary| summary.mean);
    let (unit, size, up_words) = in_unit(metric.metric().unit, means.fold(0.0, |most: f64, mean| most.max(mean.abs())));
    let mut curves: Vec<Curve> = Vec::new();
    for cell in &sweep.cells {
        let (Some(x), Some(summary)) = (place(cell), summary(cell, n)) else { continue };
        let name = name(cell);
        let at = curves.iter().position(|curve| curve.name == name).unwrap_or(curves.len());
        if at == curves.len() {
            curves.push(Curve { name, points: Vec::new(), band: Vec::new(), joined: true, marked: true });
        }
        curves[at].points.push((x, summary.mean / size));
        let [low, high] = summary.ci95.unwrap_or([summary.mean; 2]);
        curves[at].band.push((x, low / size, high / size));
    }
    if curves.len() > CURVES {
        return None;
    }
    // Intervals of what cannot be below nothing, or above all of it, are drawn to there.
    let least = if curves.iter().all(|curve| curve.points.iter().all(|point| point.1 >= 0.0)) {
        0.0
    } else {
        f64::NEG_INFINITY
    };
    let most = if metric.metric().unit == Unit::Share { 1.0 / size } else { f64::INFINITY };
    for curve in &mut curves {
        curve.band.iter_mut().for_each(|band| (band.1, band.2) = (band.1.max(least), band.2.min(most)));
        curve.points.sort_by(|one, other| one.0.total_cmp(&other.0));
        curve.band.sort_by(|one, other| one.0.total_cmp(&other.0));
    }
    let mut ticks = places;
    ticks.sort_by(|one, other| one.0.total_cmp(&other.0));
    let ends = (ticks.first()?.0, ticks.last()?.0);
    Some(Curves {
        curves,
        across: Some(ends),
        up: None,
        across_title: along.path.clone(),
        up_title: unit.to_owned(),
        across_words: super::chart::plain,
        up_words,
        ticks: Some(ticks),
        lines: Vec::new(),
        square: false,
    })
}

fn grid(sweep: &Sweep, n: usize, metric: &Selector) -> Grid {
    let [down, along] = [&sweep.axes[0], &sweep.axes[1]];
    let unit = metric.metric().unit;
    let means: Vec<f64> = sweep.cells.iter().filter_map(|cell| Some(summary(cell, n)?.mean)).collect();
    let least = means.iter().copied().fold(f64::INFINITY, f64::min);
    let most = means.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let cell = |row: &Value, column: &Value| {
        let found = sweep
            .cells
            .iter()
            .find(|cell| cell.settings.get(&down.path) == Some(row) && cell.settings.get(&along.path) == Some(column));
        let value = found.and_then(|cell| summary(cell, n)).map(|summary| summary.mean);
        GridCell { value, words: value.map_or(String::new(), |value| fits(value, unit, most)) }
    };
    let cells = down.values.iter().map(|row| along.values.iter().map(|column| cell(row, column)).collect()).collect();
    // Five equal steps between the least and the most, to as many decimals as tell them apart.
    let step = (most - least) / 5.0;
    let edges: Vec<f64> = (0..5).map(|n| least + f64::from(n) * step).collect();
    let texts = |precisely: bool| -> Vec<String> {
        let text = |from: &f64| if precisely { fine(*from, unit, step) } else { quantity(*from, unit, most) };
        edges.iter().map(text).collect()
    };
    let short = texts(false);
    let texts = if short.windows(2).any(|two| two[0] == two[1]) { texts(true) } else { short };
    let steps = edges.into_iter().zip(texts).map(|(from, text)| (from, format!("≥ {text}")));
    Grid {
        rows: down.values.iter().map(words).collect(),
        columns: along.values.iter().map(words).collect(),
        cells,
        steps: if step > 0.0 { steps.collect() } else { vec![(f64::NEG_INFINITY, quantity(most, unit, most))] },
        turns: false,
        titles: Some((down.path.clone(), along.path.clone())),
    }
}

/// A number to so many decimals that a step of that size shows.
fn fine(value: f64, unit: Unit, step: f64) -> String {
    let (scale, suffix) = match unit {
        Unit::Seconds => (1.0, "s"),
        Unit::Hours => (1.0, "\u{a0}h"),
        Unit::Share => (100.0, "\u{a0}%"),
        Unit::Count | Unit::Ratio => (1.0, ""),
    };
    let decimals = (1.0 - libm::floor(libm::log10(step * scale))).clamp(0.0, 9.0) as usize;
    format!("{:.decimals$}{suffix}", value * scale)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    /// A sweep of as many axes as lengths, whose figure is the sum of the indices.
    fn sweep(lengths: &[usize]) -> Sweep {
        let axes: Vec<Axis> = lengths
            .iter()
            .enumerate()
            .map(|(n, length)| Axis {
                path: format!("agent.<{n}>.count"),
                values: (0..*length).map(|n| json!(n + 3)).collect(),
            })
            .collect();
        let metrics: Vec<Selector> = vec!["queue.wait.mean".parse().unwrap(), "tickets.created".parse().unwrap()];
        let mut cells = Vec::new();
        for index in 0..lengths.iter().product::<usize>() {
            let mut rest = index;
            let mut sum = 0;
            let mut settings = serde_json::Map::new();
            for axis in axes.iter().rev() {
                settings.insert(axis.path.clone(), axis.values[rest % axis.values.len()].clone());
                sum += rest % axis.values.len();
                rest /= axis.values.len();
            }
            let summary = Summary {
                mean: sum as f64,
                sd: Some(1.0),
                n: 4,
                ci95: Some([sum as f64 - 1.0, sum as f64 + 1.0]),
                tails: None,
                needs: None,
            };
            let metrics = vec![(metrics[0].clone(), Some(summary)), (metrics[1].clone(), None)];
            cells.push(Cell {
                settings,
                scenario: String::new(),
                digest: String::new(),
                warmup: 0.0,
                stability: None,
                metrics,
            });
        }
        Sweep {
            version: "0".to_owned(),
            title: "A & B".to_owned(),
            scenario: "5".to_owned(),
            seed: 1,
            replications: 4,
            digest: "d".to_owned(),
            draws: "f".to_owned(),
            duration: 3_600.0,
            axes,
            metrics,
            cells,
        }
    }

    #[test]
    fn every_number_of_axes_has_its_charts() {
        for (lengths, charts) in [(&[4][..], 1), (&[3, 4], 1), (&[2, 2, 3], 1), (&[4, 4, 4], 0), (&[1, 5], 1)] {
            let sweep = sweep(lengths);
            assert_eq!(sweep_charts(&sweep).len(), charts, "{lengths:?}");
            let page = sweep_html(&sweep);
            assert!(page.contains("A &amp; B") && page.contains("agent.&lt;0&gt;.count"), "{lengths:?}");
            assert!(!page.contains("agent.<0>"), "names are escaped");
        }
    }
}
