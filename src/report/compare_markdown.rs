//! A comparison as Markdown, for pasting: a row for each figure that differs, a column for each contender.

use super::comparison::{common_value, percent, rounded, shown, unit_of, verdict};
use super::markdown::{code, plain};
use super::quantity::{FIRM, NONE, quantity};
use crate::experiment::comparison::{Comparison, Verdict, Way};
use crate::time::Span;
use std::fmt::Write;

/// A comparison as Markdown, with a newline at the end. What is really better or worse stands in bold.
pub fn comparison_markdown(comparison: &Comparison) -> String {
    let title = comparison.title.trim();
    let mut out = format!("### {}\n\n", plain(if title.is_empty() { "Untitled" } else { title }));
    let runs = if comparison.replications == 1 { "run" } else { "runs" };
    let about = format!(
        "{} contenders, {} {runs} of {} each, seed {}: the same customers under each. Differences are to {}, with their {}{FIRM}% intervals.",
        comparison.contenders.len(),
        comparison.replications,
        Span::from_secs_f64(comparison.duration),
        comparison.seed,
        comparison.reference,
        percent(comparison.level),
    );
    writeln!(out, "{}\n", plain(&about)).expect("text grows");
    let names = comparison.contenders.iter().map(|contender| match contender.name == comparison.reference {
        true => format!("{} (reference)", plain(&contender.name)),
        false => plain(&contender.name),
    });
    let names: Vec<String> = names.collect();
    writeln!(out, "| figure | {} |\n|---|{}", names.join(" | "), "---:|".repeat(names.len())).expect("text grows");
    let mut same = Vec::new();
    for compared in &comparison.metrics {
        if let Some(value) = common_value(compared) {
            same.push(format!("{} ({value})", compared.metric));
            continue;
        }
        let unit = unit_of(compared);
        let cells = compared.entries.iter().map(|entry| {
            let mean = entry.mean.map_or(NONE.to_owned(), |mean| quantity(mean, unit, mean));
            let Some(difference) = &entry.difference else { return plain(&mean) };
            let (found, said) = (plain(&shown(difference, unit)), plain(&verdict(difference)));
            match difference.verdict {
                Verdict::Open | Verdict::Same => format!("{}<br>{found}, {said}", plain(&mean)),
                _ => format!("{}<br>**{found}**, {said}", plain(&mean)),
            }
        });
        let way = match compared.better {
            Some(Way::Lower) => ", lower is better",
            Some(Way::Higher) => ", higher is better",
            None => "",
        };
        let cells: Vec<String> = cells.collect();
        writeln!(out, "| {}{way} | {} |", code(&compared.metric), cells.join(" | ")).expect("text grows");
    }
    if !same.is_empty() {
        writeln!(out, "\nThe same for all, in every run: {}.", plain(&same.join(", "))).expect("text grows");
    }
    if comparison.family > 0 {
        let tests = if comparison.family == 1 { "test" } else { "tests" };
        writeln!(
            out,
            "\nBold: p < {} by Student's paired test, corrected by Holm over {} {tests}.",
            rounded(1.0 - comparison.level),
            comparison.family
        )
        .expect("text grows");
    }
    writeln!(
        out,
        "\ndesksim {}, seed {}, draws {}.",
        plain(&comparison.desksim),
        comparison.seed,
        code(&comparison.draws)
    )
    .expect("text grows");
    out
}
