//! `metrics` and `policies`: all names that error messages offer only some of.

use super::arguments::Format;
use super::exit::Failure;
use super::terminal::Terminal;
use crate::desk::{KEYS, NAMED};
use crate::measures::catalog::catalog;
use crate::measures::{Better, Metric};
use crate::report::wrapped;
use clap::Args;
use serde_json::{Value, json};
use std::io::Write;

/// Arguments of `metrics` and `policies`.
#[derive(Args, Debug)]
pub struct Listing {
    /// Only those whose name has all of these in it
    #[arg(value_name = "WORD")]
    pub words: Vec<String>,
}

impl Listing {
    fn wants(&self, name: &str) -> bool {
        self.words.iter().all(|word| name.contains(word.as_str()))
    }
}

/// Lists the metrics.
pub(super) fn metrics(arguments: &Listing, format: Format, terminal: &Terminal) -> Result<(), Failure> {
    let metrics: Vec<&Metric> = catalog().iter().filter(|metric| arguments.wants(&metric.name)).collect();
    let labels = |metric: &Metric| metric.labels.iter().map(|label| label.name()).collect::<Vec<_>>();
    let as_json = |metric: &&Metric| {
        json!({
            "name": metric.name,
            "unit": metric.unit.name(),
            "labels": labels(metric),
            "better": metric.better.map(word),
            "meaning": metric.meaning,
        })
    };
    let rows = metrics.iter().map(|metric| {
        [metric.name.clone(), metric.unit.name().to_owned(), labels(metric).join(", "), metric.meaning.clone()]
    });
    let heads = ["metric", "unit", "labels", "meaning"];
    print(format, heads, rows.collect(), metrics.iter().map(as_json).collect(), terminal)
}

/// Lists the ready-made policies, and the keys that a scenario's own are made of.
pub(super) fn policies(arguments: &Listing, format: Format, terminal: &Terminal) -> Result<(), Failure> {
    let policies = NAMED.iter().filter(|(name, _)| arguments.wants(name));
    let keys = KEYS.iter().filter(|key| arguments.wants(key));
    let mut rows: Vec<[String; 4]> = policies
        .clone()
        .map(|(name, keys)| ["policy".to_owned(), (*name).to_owned(), keys.join(", "), policy(name).to_owned()])
        .collect();
    rows.extend(keys.clone().map(|name| ["key".to_owned(), (*name).to_owned(), String::new(), key(name).to_owned()]));
    let mut list: Vec<Value> = policies
        .map(|(name, keys)| json!({ "kind": "policy", "name": name, "keys": keys, "meaning": policy(name) }))
        .collect();
    list.extend(keys.map(|name| json!({ "kind": "key", "name": name, "meaning": key(name) })));
    print(format, ["kind", "name", "keys", "meaning"], rows, list, terminal)
}

fn print(
    format: Format,
    heads: [&str; 4],
    rows: Vec<[String; 4]>,
    list: Vec<Value>,
    terminal: &Terminal,
) -> Result<(), Failure> {
    terminal.result(|out| match format {
        Format::Json => writeln!(out, "{:#}", Value::from(list)),
        Format::Markdown => {
            writeln!(out, "| {} |\n|---|---|---|---|", heads.join(" | "))?;
            rows.iter().try_for_each(|row| writeln!(out, "| {} |", row.join(" | ").replace("||", "\\|\\|")))
        }
        Format::Text => {
            let wide = |at: usize| rows.iter().map(|row| row[at].len()).max().unwrap_or(0);
            let (first, second) = (wide(0), wide(1));
            rows.iter().try_for_each(|[one, two, three, meaning]| {
                writeln!(out, "{}", format!("{one:first$}  {two:second$}  {three}").trim_end())?;
                wrapped(meaning, 76).iter().try_for_each(|line| writeln!(out, "    {line}"))
            })
        }
    })
}

fn word(better: Better) -> &'static str {
    match better {
        Better::Lower => "lower",
        Better::Higher => "higher",
    }
}

fn policy(name: &str) -> &'static str {
    match name {
        "round_robin" => "fewest pending responses, then longest since last assigned (ASG-2)",
        "wait_time" => "longest since last assigned, then fewest pending responses (ASG-3)",
        "rotation" => "agents stand in a row; the first eligible one is chosen and goes to its end",
        "least_open" => "fewest open tickets, then longest since last assigned",
        "least_open_biased" => "fewest open tickets; listed order breaks ties",
        "most_spare" => "most room under the cap, then longest since last assigned",
        "lowest_load" => "lowest share of the cap in use, then longest since last assigned",
        "longest_idle" => "longest with nothing pending",
        "least_total" => "fewest tickets assigned ever",
        "first_listed" => "the first in listed order",
        "random" => "any eligible agent, with equal chances",
        "two_choices" => "the one with fewer pending responses of two drawn at random",
        "sticky" => "the conversation's last assignee, then as round_robin",
        _ => "",
    }
}

fn key(name: &str) -> &'static str {
    match name {
        "pending" => "pending responses, over all channels",
        "open" => "open tickets",
        "load" => "what counts towards the cap / the cap",
        "spare" => "the cap less what counts towards it",
        "since_assigned" => "time since last assigned (ASG-4); never is longest",
        "since_available" => "time since they last became assignable",
        "since_closed" => "time since a ticket of theirs was last closed; never is longest",
        "idle" => "time with nothing pending",
        "assigned_today" => "tickets assigned since midnight",
        "assigned_total" => "tickets assigned ever",
        "recent(15m)" => "tickets assigned within this span",
        "last_agent" => "1 for the last assignee, else 0 (ASG-11)",
        "tier" => "0 for the lane's own groups, 1 for the first overflow, and so on (QUE-9)",
        "proficiency" => "the agent's factor on this ticket's handle time",
        "random" => "drawn for each ticket and agent",
        _ => "",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_policy_and_every_key_has_a_meaning() {
        for (name, _) in NAMED {
            assert_ne!(policy(name), "", "{name}");
        }
        for name in KEYS {
            assert_ne!(key(name), "", "{name}");
        }
    }
}
