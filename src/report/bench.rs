//! The board of the benchmark of policies: as JSON, as a page of text, and as Markdown for the repository.

use super::long_csv::{LongCsv, count, number};
use super::markdown::code;
use super::outline::outline;
use super::page::{Style, WIDTH, clean, cut, pad, wrapped};
use super::quantity::{FIRM, NONE, difference, quantity};
use crate::experiment::StabilityVerdict;
use crate::experiment::bench::{Bench, Board, DeskBoard, Finding, FindingKind};
use crate::experiment::comparison::Contender;
use crate::measures::{Unit, find};
use serde::Serialize;
use std::fmt::Write;
use std::io;

/// The version of the form of boards.
const SCHEMA: u32 = 1;

#[derive(Serialize)]
struct Document<'a> {
    schema: u32,
    kind: &'static str,
    #[serde(flatten)]
    bench: &'a Bench,
}

/// A board as JSON text, with a newline at the end.
pub fn bench_json(bench: &Bench) -> String {
    outline(&Document { schema: SCHEMA, kind: "bench", bench }, 5)
}

/// What was measured as a long table in CSV: a row for each desk, metric, policy and replication.
///
/// # Errors
/// Those of the writer.
pub fn bench_csv(bench: &Bench, out: impl io::Write) -> io::Result<()> {
    let mut rows = LongCsv::new(out);
    rows.row(["desk", "metric", "unit", "policy", "replication", "value"])?;
    for DeskBoard { name: desk, comparison, .. } in &bench.desks {
        for compared in &comparison.metrics {
            for (policy, entry) in comparison.contenders.iter().zip(&compared.entries) {
                for (replication, value) in entry.values.iter().enumerate() {
                    let texts = [desk, &compared.metric, &compared.unit, &policy.name].map(|text| text.as_str().into());
                    rows.row(texts.into_iter().chain([count(replication), number(*value)]))?;
                }
            }
        }
    }
    rows.finish()
}

/// A board as a page of text of 80 columns, with a newline at the end.
pub fn bench_page(bench: &Bench, style: Style) -> String {
    let mut page = Page { style, out: String::new() };
    page.bold("Assignment policies, side by side");
    page.words(&format!(
        "{} policies on {} desks, the same customers under each. A rank is 1 plus the number of policies that are really better \
         (Student's paired test, Holm over all pairs of a desk and metric, {}{FIRM}%); 1 is not told from the best.",
        bench.policies.len(),
        bench.desks.len(),
        bench.level * 100.0,
    ));
    page.out.push('\n');
    for (number, desk) in (1..).zip(&bench.desks) {
        page.words(&format!(
            "{number:>2} {} ({} runs each, seed {}{})",
            clean(&desk.name),
            desk.comparison.replications,
            desk.comparison.seed,
            overloaded(desk).map_or(String::new(), |words| format!("; {words}")),
        ));
    }
    for (metric, board) in bench.boards.iter().enumerate() {
        page.board(bench, metric, board);
    }
    page.out.push('\n');
    page.bold("What stands out");
    for finding in &bench.findings {
        page.out.push('\n');
        page.words(&said(finding));
        page.words(&format!("  {}", finding.command));
    }
    page.out
}

/// Under how many policies more comes to a desk than it can do, in words; `None` where under none.
pub(super) fn overloaded(desk: &DeskBoard) -> Option<String> {
    let contenders = &desk.comparison.contenders;
    let is_overloaded = |contender: &&Contender| {
        contender.stability.as_ref().is_some_and(|stability| stability.verdict == StabilityVerdict::Overloaded)
    };
    match contenders.iter().filter(is_overloaded).count() {
        0 => None,
        all if all == contenders.len() => Some("overloaded".to_owned()),
        some => Some(format!("overloaded under {some} of {} policies", contenders.len())),
    }
}

struct Page {
    style: Style,
    out: String,
}

/// Columns: the policy, the mean of ranks, on how many desks first, and a rank for each desk.
const NAME: usize = 18;
const NUMBER: usize = 6;
const RANK: usize = 4;
const RANKS_SHOWN: usize = (WIDTH - 2 - NAME - 2 * NUMBER) / RANK;

impl Page {
    fn board(&mut self, bench: &Bench, metric: usize, board: &Board) {
        self.out.push('\n');
        self.bold(&board.metric);
        if board.desks == 0 {
            self.words("  The same for all, on every desk.");
            return;
        }
        let mut head = format!("  {}{:>NUMBER$}{:>NUMBER$}", pad("", NAME), "rank", "first");
        for number in 1..=bench.desks.len().min(RANKS_SHOWN) {
            write!(head, "{number:>RANK$}").expect("text grows");
        }
        self.line(&head);
        for row in &board.rows {
            let name = pad(&cut(&clean(&row.policy), NAME - 1), NAME);
            let mut line = format!("  {name}{:>NUMBER$.1}{:>NUMBER$}", row.mean_rank, row.first);
            for rank in row.ranks.iter().take(RANKS_SHOWN) {
                let shown = rank.map_or(NONE.to_owned(), |rank| rank.to_string());
                write!(line, "{}{shown}", " ".repeat(RANK - shown.chars().count())).expect("text grows");
            }
            self.line(&line);
        }
        // The best figures with their intervals; all are in the file.
        for (number, desk) in (1..).zip(&bench.desks) {
            let best = best(desk, metric);
            if let Some(best) = best {
                self.words(&format!(
                    "  {number:>2} best {}: {}",
                    clean(&bench.policies[best]),
                    cell(desk, metric, best)
                ));
            }
        }
    }

    fn line(&mut self, line: &str) {
        writeln!(self.out, "{}", line.trim_end()).expect("text grows");
    }

    fn bold(&mut self, text: &str) {
        match self.style {
            Style::Plain => writeln!(self.out, "{text}"),
            Style::Colour => writeln!(self.out, "\u{1b}[1m{text}\u{1b}[0m"),
        }
        .expect("text grows");
    }

    fn words(&mut self, text: &str) {
        let indent = text.len() - text.trim_start().len();
        for (n, line) in wrapped(text.trim_start(), WIDTH - 2 - indent).into_iter().enumerate() {
            let indent = " ".repeat(if n == 0 || indent == 0 { indent } else { indent + 2 });
            writeln!(self.out, "{indent}{line}").expect("text grows");
        }
    }
}

/// The first policy of the best rank, by its mean; `None` where all are the same.
fn best(desk: &DeskBoard, metric: usize) -> Option<usize> {
    let compared = &desk.comparison.metrics[metric];
    let lower = compared.better == Some(crate::experiment::comparison::Way::Lower);
    let known = desk.ranks[metric].iter().enumerate().filter(|(_, rank)| rank.is_some());
    let mean = |policy: usize| compared.entries[policy].mean.map(|mean| if lower { mean } else { -mean });
    known
        .filter_map(|(policy, _)| Some((mean(policy)?, policy)))
        .min_by(|one, other| one.0.total_cmp(&other.0))
        .map(|(_, policy)| policy)
}

fn unit_of(metric: &str) -> Unit {
    find(metric.split('{').next().unwrap_or_default()).map_or(Unit::Ratio, |metric| metric.unit)
}

/// A figure with half the width of its interval.
fn cell(desk: &DeskBoard, metric: usize, policy: usize) -> String {
    let compared = &desk.comparison.metrics[metric];
    let (entry, unit) = (&compared.entries[policy], unit_of(&compared.metric));
    match (entry.mean, entry.ci) {
        (Some(mean), Some([low, high])) => {
            format!("{}{FIRM}±{FIRM}{}", quantity(mean, unit, mean), quantity((high - low) / 2.0, unit, mean))
        }
        (Some(mean), None) => quantity(mean, unit, mean),
        (None, _) => NONE.to_owned(),
    }
}

pub(super) fn said(finding: &Finding) -> String {
    let (policy, metric) = (&finding.policy, &finding.metric);
    let against = finding.against.as_deref().unwrap_or_default();
    let desk = finding.desk.as_deref().unwrap_or_default();
    let unit = unit_of(metric);
    let by = match (finding.difference, finding.ci) {
        (Some(mean), Some([low, high])) => {
            let sign = if mean < 0.0 { "-" } else { "+" };
            format!("{sign}{}", difference(mean.abs(), Some((high - low) / 2.0), unit))
        }
        _ => String::new(),
    };
    match finding.kind {
        FindingKind::Overall => format!(
            "{metric}: {policy} has the best mean rank, {:.1}; on {} desks it is not told from the best.",
            finding.mean_rank.unwrap_or_default(),
            finding.first.unwrap_or_default(),
        ),
        FindingKind::Unbeaten => format!("{metric}: on no desk is any policy really better than {policy}."),
        FindingKind::Beaten => {
            format!("{metric}: {against} is beaten by most on {desk}, where {policy} less {against} is {by}.")
        }
        FindingKind::WidestGap => {
            format!("{metric}: policies lie farthest apart on {desk}, where {policy} less {against} is {by}.")
        }
        FindingKind::Tradeoff => format!(
            "On {desk} the choice is between service and evenness: {policy} has the most even assignments and {against} the \
             fewest breaches; in {metric}, {policy} less {against} is {by}."
        ),
    }
}

/// A board as Markdown, with a newline at the end; `command` is what wrote it.
pub fn bench_markdown(bench: &Bench, command: &str) -> String {
    let mut out = String::from("# The bench: assignment policies, side by side\n\n");
    let mut say = |text: &str| writeln!(out, "{text}").expect("text grows");
    say(&format!(
        "Written by desksim {} with {}. {} policies on {} desks (`scenarios/bench/README.md` says what they are), the same customers under \
         each.\n\nA policy's rank is 1 plus the number of policies that are really better on that desk, by Student's paired test over the replications, \
         corrected by Holm over all pairs of policies on that desk and metric, at {} %. So who has rank 1 cannot be told from the best. A figure stands with \
         half the width of its interval.",
        bench.desksim,
        code(command),
        bench.policies.len(),
        bench.desks.len(),
        bench.level * 100.0,
    ));
    say("\n## What stands out\n");
    for finding in &bench.findings {
        say(&format!("- {}<br>{}", marked(&said(finding)), code(&finding.command)));
    }
    say("\n## Ranks by metric\n");
    say("Policies by the mean of their ranks over desks, and on how many desks they are not told from the best.");
    for board in &bench.boards {
        say(&format!("\n### {}\n", marked(&board.metric)));
        if board.desks == 0 {
            say("The same for all, on every desk.");
            continue;
        }
        let desks: Vec<String> = bench.desks.iter().map(|desk| marked(&desk.name)).collect();
        say(&format!("| policy | mean rank | first | {} |", desks.join(" | ")));
        say(&format!("|---|--:|--:|{}", "--:|".repeat(desks.len())));
        for row in &board.rows {
            let ranks: Vec<String> =
                row.ranks.iter().map(|rank| rank.map_or(NONE.to_owned(), |rank| rank.to_string())).collect();
            say(&format!("| {} | {:.1} | {} | {} |", marked(&row.policy), row.mean_rank, row.first, ranks.join(" | ")));
        }
    }
    say("\n## Figures by desk\n");
    say("Each cell: the mean over replications, half the width of its interval, and in brackets the rank.");
    for desk in &bench.desks {
        say(&format!("\n### {}\n", marked(&desk.name)));
        let comparison = &desk.comparison;
        say(&format!(
            "{}. {} replications under each policy, seed {}, scenario `{}` as it stands under {}.\n",
            marked(&comparison.title),
            comparison.replications,
            comparison.seed,
            comparison.contenders.first().map_or("", |contender| &contender.scenario),
            marked(&comparison.reference),
        ));
        if let Some(words) = overloaded(desk) {
            say(&format!("This desk is {words}: its figures depend on how long the run is.\n"));
        }
        let metrics: Vec<String> = bench.metrics.iter().map(|metric| marked(metric)).collect();
        say(&format!("| policy | {} |", metrics.join(" | ")));
        say(&format!("|---|{}", "--:|".repeat(bench.metrics.len())));
        for (policy, name) in bench.policies.iter().enumerate() {
            let cells: Vec<String> = (0..bench.metrics.len())
                .map(|metric| match desk.ranks[metric][policy] {
                    Some(rank) => format!("{} ({rank})", cell(desk, metric, policy)),
                    None => cell(desk, metric, policy),
                })
                .collect();
            say(&format!("| {} | {} |", marked(name), cells.join(" | ")));
        }
    }
    out.replace(FIRM, " ")
}

/// Text as Markdown: what would be a mark stands as it is.
fn marked(text: &str) -> String {
    let mut out = String::new();
    for letter in clean(text).chars() {
        match letter {
            '<' => out.push_str("&lt;"),
            '&' => out.push_str("&amp;"),
            '|' | '`' | '*' | '[' | '\\' => out.extend(['\\', letter]),
            _ => out.push(letter),
        }
    }
    out
}
