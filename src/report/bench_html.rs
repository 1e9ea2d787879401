//! The page of a benchmark: the score board of policies, and the desks it rests on.

use super::bench::{overloaded, said};
use super::chart::{Chart, Grid, GridCell, Table};
use super::html::{Article, Section};
use super::quantity::{FIRM, NONE};
use crate::experiment::bench::{Bench, Board};

/// A benchmark as a page for a browser.
pub fn bench_html(bench: &Bench) -> String {
    let findings: Vec<String> = bench.findings.iter().map(said).collect();
    let rows = bench.findings.iter().zip(&findings).map(|(finding, said)| vec![said.clone(), finding.command.clone()]);
    let head = |cells: &[&str]| cells.iter().map(|cell| (*cell).to_owned()).collect::<Vec<String>>();
    let table = Table { head: head(&["finding", "computed again by"]), rows: rows.collect() };
    let ranks = format!(
        "A rank is 1 plus the number of policies that are really better on that desk (Student’s paired test, Holm over all \
         pairs, {}{FIRM}%), so 1 is not told from the best. Means over the desks; a click on a column’s head sorts by it.",
        bench.level * 100.0
    );
    let mut sections = vec![
        Section::new("Score board", &ranks).table(
            "Mean rank by figure; on how many desks nobody is really better",
            scores(bench),
            true,
        ),
        Section::new("What stands out", "").table("Findings, and the commands that compute them again", table, false),
    ];
    let lasting: Vec<String> =
        bench.desks.iter().filter_map(|desk| Some(format!("{} is {}", desk.name, overloaded(desk)?))).collect();
    let lasting = lasting.join("; ");
    let charts: Vec<Chart> = bench.boards.iter().map(|board| chart(bench, board)).collect();
    if !charts.is_empty() {
        sections.push(Section::new("Ranks by desk", "").charts(charts));
    }
    Article {
        title: "Assignment policies, side by side".to_owned(),
        about: [
            ("Policies", bench.policies.len().to_string()),
            ("Desks", bench.desks.len().to_string()),
            ("Figures", bench.metrics.len().to_string()),
        ]
        .into_iter()
        .chain(Some(lasting).filter(|words| !words.is_empty()).map(|words| ("Stability", words)))
        .collect(),
        verdict: findings.first().cloned().unwrap_or_else(|| "No policy stands out.".to_owned()),
        sections,
        foot: vec![format!("desksim {}", bench.desksim)],
        version: bench.desksim.clone(),
    }
    .html()
}

/// The charts of a benchmark: one for each figure.
pub(crate) fn bench_charts(bench: &Bench) -> Vec<Chart> {
    bench.boards.iter().map(|board| chart(bench, board)).collect()
}

/// A row for each policy, with its mean rank in each figure.
fn scores(bench: &Bench) -> Table {
    let head = std::iter::once("policy".to_owned()).chain(bench.boards.iter().map(|board| board.metric.clone()));
    let rows = bench.policies.iter().map(|policy| {
        let rank = |board: &Board| {
            let row = board.rows.iter().find(|row| row.policy == *policy);
            row.map_or(NONE.to_owned(), |row| format!("{:.2} ({} of {})", row.mean_rank, row.first, board.desks))
        };
        std::iter::once(policy.clone()).chain(bench.boards.iter().map(rank)).collect()
    });
    Table { head: head.collect(), rows: rows.collect() }
}

/// Ranks by policy and desk, best mean rank first.
fn chart(bench: &Bench, board: &Board) -> Chart {
    let desks: Vec<String> = bench.desks.iter().map(|desk| desk.name.clone()).collect();
    let words = |rank: Option<usize>| rank.map_or(NONE.to_owned(), |rank| rank.to_string());
    let cells = board.rows.iter().map(|row| {
        let cell = |rank: &Option<usize>| GridCell { value: rank.map(|rank| rank as f64), words: words(*rank) };
        row.ranks.iter().map(cell).collect()
    });
    let rows = board.rows.iter().map(|row| {
        let ranks = row.ranks.iter().map(|rank| words(*rank));
        [row.policy.clone(), format!("{:.2}", row.mean_rank)].into_iter().chain(ranks).collect()
    });
    let head = ["policy".to_owned(), "mean rank".to_owned()].into_iter().chain(desks.iter().cloned());
    let best = board.rows.first();
    let steps = [(1.0, "1"), (2.0, "2"), (4.0, "4"), (7.0, "7"), (10.0, "≥ 10")];
    Chart {
        kind: "ranks",
        title: board.metric.clone(),
        description: best.map_or(String::new(), |best| {
            format!(
                "Best mean rank: {}, {:.2}; first on {} of {} desks.",
                best.policy, best.mean_rank, best.first, board.desks
            )
        }),
        note: "Rank on each desk, best mean rank first; empty where all are the same.".to_owned(),
        table: Table { head: head.collect(), rows: rows.collect() },
        drawing: Box::new(Grid {
            rows: board.rows.iter().map(|row| row.policy.clone()).collect(),
            columns: desks,
            cells: cells.collect(),
            steps: steps.map(|(from, words)| (from, words.to_owned())).to_vec(),
            titles: None,
            turns: false,
        }),
        wide: true,
    }
}
