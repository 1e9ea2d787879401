//! A run as Markdown, for pasting: the verdict and the main tables.

use super::markdown::{code, plain};
use super::page::{about, verdict};
use super::quantity::figure;
use crate::experiment::{Results, Summary};
use crate::measures::Unit;
use std::fmt::Write;

/// A run's results as Markdown, with a newline at the end.
pub fn run_markdown(results: &Results) -> String {
    let title = results.facts.title.trim();
    let mut out =
        format!("### {}\n\n{}\n\n", plain(if title.is_empty() { "Untitled" } else { title }), plain(&about(results)));
    for line in verdict(results) {
        let (name, rest) = line.split_once(": ").unwrap_or(("", &line));
        writeln!(out, "- **{}**: {}", plain(name), plain(rest)).expect("text grows");
    }
    for note in super::notes(results) {
        writeln!(out, "- **Note**: {}", plain(&note)).expect("text grows");
    }
    table(&mut out, "channel", &["reply breached", "closure breached", "wait", "first reply", "resolution"]);
    let desk = |metric: &str| results.get(metric).and_then(|figure| figure.summary);
    let metrics = [
        ("sla.first_response.breach_rate", Unit::Share),
        ("sla.closure.breach_rate", Unit::Share),
        ("queue.wait.mean", Unit::Seconds),
        ("customer.first_response.mean", Unit::Seconds),
        ("customer.resolution.mean", Unit::Seconds),
    ];
    for target in &results.facts.targets {
        row(&mut out, &target.channel, &metrics, |metric| labelled(results, metric, "channel", &target.channel));
    }
    if results.facts.targets.len() != 1 {
        row(&mut out, "whole desk", &metrics, desk);
    }
    if !results.facts.groups.is_empty() {
        table(&mut out, "group", &["occupancy", "open tickets each", "balance (Jain)"]);
        let metrics = [
            ("agents.occupancy", Unit::Share),
            ("agents.open.mean", Unit::Count),
            ("balance.assigned.jain", Unit::Ratio),
        ];
        for group in &results.facts.groups {
            let name = format!("{} ({})", group.name, group.agents);
            row(&mut out, &name, &metrics, |metric| labelled(results, metric, "group", &group.name));
        }
    }
    let Results { version, scenario, digest, .. } = results;
    writeln!(out, "\ndesksim {}, scenario {}, digest {}.", plain(version), code(scenario), code(digest))
        .expect("text grows");
    out
}

fn labelled(results: &Results, metric: &str, label: &str, value: &str) -> Option<Summary> {
    results.labelled(metric, label, value)?.summary
}

fn table(out: &mut String, first: &str, others: &[&str]) {
    writeln!(out, "\n| {first} | {} |\n|---|{}", others.join(" | "), "---:|".repeat(others.len())).expect("text grows");
}

fn row(out: &mut String, name: &str, metrics: &[(&str, Unit)], of: impl Fn(&str) -> Option<Summary>) {
    let cells: Vec<String> = metrics.iter().map(|(metric, unit)| plain(&figure(of(metric), *unit))).collect();
    writeln!(out, "| {} | {} |", plain(name), cells.join(" | ")).expect("text grows");
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::samples;

    #[test]
    fn a_run_as_markdown() {
        insta::assert_snapshot!(run_markdown(&samples::tiny()), @r#"
        ### Web shop

        2 runs of 1d, seed 7. Each figure is a mean over the runs ± the longer side of its 95 % interval. \* marks intervals with too few runs to be believed: they need 80.

        - **First response**: 9.0 % ± 12.7 %\* of the timers breached (target: chat 5m), late by 1m 40s on average. By the SLA clock it took 3m 11s ± 12.7s\* from assignment to first reply; customers waited 4m 11s ± 7.6s\*, queue included.
        - **Closure**: 25.0 % of the timers breached (target: chat 8h, mail 8h). Customers waited 2h 5m ± 21m 11s\*, queue included.
        - **Balance**: tickets per available hour are spread over a group's agents with a Jain index of 0.985 ± 0.064\* (1 is even); the most laden has 1.225 ± 0.318\* times the mean. Agents are occupied 71.5 % ± 6.4 %\* of the time they are connected.
        - **Tickets**: 1,030 ± 889\* created, 1,024 ± 940\* closed, 11.0 ± 12.7\* abandoned (1.1 % ± 0.3 %\*); 6.0 ± 50.8\* open at the end.

        | channel | reply breached | closure breached | wait | first reply | resolution |
        |---|---:|---:|---:|---:|---:|
        | chat | 9.0 % ± 12.7 %\* | – | – | – | – |
        | mail | – | – | – | – | – |
        | whole desk | 9.0 % ± 12.7 %\* | 25.0 % | 30.9s ± 7.9s\* | 4m 11s ± 7.6s\* | 2h 5m ± 21m 11s\* |

        | group | occupancy | open tickets each | balance (Jain) |
        |---|---:|---:|---:|
        | support (12) | 71.5 % ± 6.4 %\* | 1.4 ± 0.6\* | – |

        desksim 0.0.0, scenario `d0c5`, digest `0123456789abcdef0123456789abcdef`.
        "#);
    }

    #[test]
    fn names_do_not_break_tables() {
        for results in [samples::wide(), samples::single(), samples::empty()] {
            let text = run_markdown(&results);
            let tables = text.lines().filter(|line| line.starts_with('|'));
            for line in tables {
                let bars = line.replace("\\|", "").matches('|').count();
                assert!([5, 7].contains(&bars), "{line}");
            }
        }
    }
}
