//! Numbers to be right about: models whose figures are known exactly (`tests/data/exact.json`), each written as a scenario and
//! run through the library. An estimate lies within 3.5 standard errors of the expected figure, with a 95 % interval narrow
//! enough to mean something: half-width at most 2 % of the figure, 5 % for small probabilities.
//!
//! A fast subset runs with the normal tests; all of it with
//!
//! ```text
//! cargo test --release --test theory -- --ignored --nocapture
//! ```
//!
//! `THEORY=mmc` runs the cases whose names hold `mmc` alone. `THEORY_SHARE=0.1` runs a tenth of each length, and does not ask
//! for narrow intervals: a first look.
//!
//! Reading order: [`cases`] (the models, and the list of those that the language cannot express), [`watch`] (what is measured,
//! by an observer of the tests' own), [`judge`] (standard errors), [`published`] (simulations of others).

#![allow(clippy::print_stderr, reason = "the table of figures is what these tests are run for")]

mod cases;
mod judge;
mod published;
mod watch;

use cases::{Case, Figure, NOT_EXPRESSED, Run, cases};
use desksim::desk::{Desk, UserId};
use desksim::measures::{Cast, Measures};
use desksim::scenario::{Part, Source, load};
use desksim::simulation::{Model, Observer, Step, simulate};
use desksim::time::Instant;
use rayon::prelude::*;
use serde_json::Value;
use std::collections::BTreeSet;
use std::fmt::Write as _;
use watch::{Sum, Sums, Watch, Watching};

/// How many standard errors an estimate may be off.
const FAR: f64 = 3.5;

fn exact() -> Vec<Value> {
    let file: Value = serde_json::from_str(include_str!("../data/exact.json")).expect("exact.json is JSON");
    file["cases"].as_array().expect("a list of cases").clone()
}

fn seed(name: &str) -> u64 {
    name.bytes().fold(1, |seed, byte| (seed * 31 + u64::from(byte)) % 1_000_003)
}

/// A scenario with its head. Each name has a seed of its own, so that no luck is shared between the models.
fn model(name: &str, scenario: &str, files: &[(&str, String)], run: Run) -> Model {
    let directory = tempfile::tempdir().expect("a temporary directory");
    for (name, text) in files {
        std::fs::write(directory.path().join(name), text).expect("the file can be written");
    }
    let path = directory.path().join("theory.toml");
    let head = format!(
        "schema = 1\ntitle = \"theory\"\n[run]\nstart = \"2026-03-02T00:00:00\"\nduration = \"{}s\"\nwarmup = \"{}s\"\n\
         seed = {}\nreplications = 1\n[desk]\ntimezone = \"UTC\"\n",
        (run.hours + run.warmup) * 3600.0,
        run.warmup * 3600.0,
        seed(name)
    );
    let source = Source::new(path.to_str().expect("a temporary path is text"), head + scenario);
    load(&source, &[], Part::Whole).unwrap_or_else(|problems| panic!("{}", problems.render(false))).model
}

fn replicate(model: &Model, watching: &Watching, run: Run) -> Vec<Sums> {
    (0..run.replications)
        .into_par_iter()
        .map(|replication| {
            let mut watch = Watch::new(watching, run.warmup * 3600.0, (run.warmup + run.hours) * 3600.0);
            simulate(model, model.run.seed, replication, &mut watch).unwrap();
            watch.sums()
        })
        .collect()
}

/// Runs a case and compares its figures; the lines of a table, and what is wrong.
fn check(case: &Case, run: Run, fast: bool) -> (String, Vec<String>) {
    let started = std::time::Instant::now();
    let model = model(&format!("{} {}", case.name, case.variant), &case.scenario, &case.files, run);
    let replications = replicate(&model, &case.watching, run);
    let entries = exact();
    let entry = entries.iter().find(|entry| entry["name"] == case.name).expect("the case is in exact.json");
    let (mut table, mut wrong) = (String::new(), Vec::new());
    let _ = writeln!(
        table,
        "{} {} (seed {}, {:.1} s)",
        case.name,
        case.variant,
        model.run.seed,
        started.elapsed().as_secs_f64()
    );
    for figure in &case.figures {
        let name = figure.path.join(".");
        let expected = figure.instead.unwrap_or_else(|| expected(entry, figure));
        let found = judge::estimate(&replications, &figure.of);
        let off = found.value - expected;
        let z = if off.abs() <= 1e-9 * expected.abs() { 0.0 } else { off / found.error };
        // What does not vary is as narrow as can be, also about nought.
        let width = if found.half_width > 0.0 { found.half_width / expected.abs() } else { 0.0 };
        let _ = writeln!(
            table,
            "  {name:<42} expected {expected:>13.6} found {:>13.6} z {z:>6.2} +-{:.2}%",
            found.value,
            100.0 * width
        );
        if z.is_nan() || z.abs() > FAR {
            wrong.push(format!(
                "{} {} {name}: {} is {z:.2} standard errors from {expected}",
                case.name, case.variant, found.value
            ));
        }
        if (!fast || figure.quick) && (width.is_nan() || width > figure.narrow) {
            wrong.push(format!("{} {} {name}: the interval is +-{:.2} % wide", case.name, case.variant, 100.0 * width));
        }
    }
    (table, wrong)
}

fn expected(entry: &Value, figure: &Figure) -> f64 {
    let mut value = &entry["expected"];
    for key in &figure.path {
        value = match key.parse::<usize>() {
            Ok(index) if value.is_array() => &value[index],
            _ => &value[key.as_str()],
        };
    }
    value.as_f64().unwrap_or_else(|| panic!("{}: no number at {}", entry["name"], figure.path.join(".")))
}

fn check_all<'a>(runs: impl Iterator<Item = (&'a Case, Run)>, fast: bool) {
    let mut wrong = Vec::new();
    for (case, run) in runs {
        let (table, more) = check(case, run, fast);
        eprint!("{table}");
        wrong.extend(more);
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn a_fast_subset_agrees_with_theory() {
    let cases = cases();
    check_all(cases.iter().filter_map(|case| Some((case, case.quick?))), true);
}

#[test]
#[ignore = "takes minutes; see the top of the file"]
fn every_case_agrees_with_theory() {
    let wanted = std::env::var("THEORY").unwrap_or_default();
    let share = std::env::var("THEORY_SHARE").map_or(1.0, |share| share.parse().expect("a share"));
    let cases = cases();
    let runs = cases.iter().filter(|case| case.name.contains(&wanted)).map(|case| {
        let Run { hours, warmup, replications } = case.full;
        // Models of days have replications to spare, the others have length.
        let run = match replications > 1_000 || case.watching.day.is_some() {
            true => Run { replications: (f64::from(replications) * share) as u32, ..case.full },
            false => Run { hours: (hours * share / 24.0).ceil() * 24.0, warmup, replications },
        };
        (case, if share < 1.0 { run } else { case.full })
    });
    check_all(runs, share < 1.0);
}

#[test]
#[ignore = "takes minutes; see the top of the file"]
fn published_simulations_are_met() {
    let file: Value = serde_json::from_str(include_str!("../data/published.json")).expect("published.json is JSON");
    let mut wrong = Vec::new();
    for case in published::published() {
        let entry = file["cases"].as_array().expect("a list").iter().find(|entry| entry["name"] == case.name);
        let entry = entry.expect("the case is in published.json");
        // Most state 95 % intervals.
        let quantile = if entry["published"]["ci_level"] == 0.9 { 1.645 } else { 1.96 };
        let replications = replicate(&model(case.name, &case.scenario, &[], case.run), &case.watching, case.run);
        eprintln!("{}", case.name);
        for (path, of) in &case.figures {
            let value = path.iter().fold(entry, |value, key| &value[*key]);
            let number =
                |value: &Value| value.as_f64().unwrap_or_else(|| panic!("{}: no number at {path:?}", case.name));
            let (expected, error) = match value.as_array() {
                Some(limits) => (number(&limits[0]), (number(&limits[2]) - number(&limits[1])) / (2.0 * quantile)),
                None => (number(value), 0.0),
            };
            let found = judge::estimate(&replications, of);
            let z = (found.value - expected) / found.error.hypot(error);
            let width = 100.0 * found.half_width / expected;
            eprintln!(
                "  {:<50} expected {expected:>11.5} found {:>11.5} z {z:>6.2} +-{width:.2}%",
                path.join("."),
                found.value
            );
            if z.is_nan() || z.abs() > FAR || width > 5.0 {
                wrong.push(format!("{} {}: {} +-{width:.2} %, z {z:.2}", case.name, path.join("."), found.value));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Two observers of one run.
struct Both<A, B>(A, B);

impl<A: Observer, B: Observer> Observer for Both<A, B> {
    fn start(&mut self, now: Instant, desk: &Desk) {
        self.0.start(now, desk);
        self.1.start(now, desk);
    }
    fn step(&mut self, step: &Step<'_>, desk: &Desk) {
        self.0.step(step, desk);
        self.1.step(step, desk);
    }
    fn work(&mut self, now: Instant, user: UserId, in_hand: u16) {
        self.0.work(now, user, in_hand);
        self.1.work(now, user, in_hand);
    }
    fn finish(&mut self, now: Instant, desk: &Desk) {
        self.0.finish(now, desk);
        self.1.finish(now, desk);
    }
}

#[test]
fn the_metrics_of_a_run_are_what_the_watch_finds() {
    for case in cases().iter().filter(|case| {
        ["mmc_12_contactcenters", "erlangA_50_gmr", "casemgr_K2_M3", "reopen_erlangR_10", "chat_concurrency_1_agent"]
            .contains(&case.name)
    }) {
        let run = Run { hours: (case.full.hours / 50.0).min(10_000.0), warmup: 0.0, replications: 1 };
        let model = model(&format!("{} {}", case.name, case.variant), &case.scenario, &case.files, run);
        let cast = Cast::new(&model);
        let measures = Measures::new(&cast, &model.names, model.run.warmup);
        let mut both = Both(Watch::new(&case.watching, 0.0, run.hours * 3600.0), measures);
        simulate(&model, model.run.seed, 0, &mut both).unwrap();
        let (sums, sheet) = (both.0.sums(), both.1.sheet());
        let assigned = sums[Sum::Left] - sums[Sum::Abandoned];
        let agents = case.watching.agents as f64;
        for (metric, value) in [
            ("tickets.created", sums[Sum::Created]),
            ("tickets.abandoned", sums[Sum::Abandoned]),
            ("queue.wait.mean", (sums[Sum::Wait] - sums[Sum::WaitAbandoned]) / assigned),
            ("queue.wait.zero_share", (sums[Sum::Left] - sums[Sum::Waited]) / assigned),
            ("queue.length.mean", sums.share(Sum::Queue, Sum::Time)),
            ("agents.occupancy", sums.share(Sum::Busy, Sum::Time) / agents),
            ("agents.open.mean", sums.share(Sum::Open, Sum::Time) / agents),
            ("agents.pending.mean", sums.share(Sum::Pending, Sum::Time) / agents),
            ("customer.first_response.mean", sums.share(Sum::ToFirstReply, Sum::Answered)),
            ("customer.resolution.mean", sums.share(Sum::Sojourn, Sum::Closed)),
        ] {
            let measured = sheet.desk(metric).unwrap_or_else(|| panic!("{}: no {metric}", case.name));
            assert!(
                (measured - value).abs() <= 1e-9 * value.abs(),
                "{}: {metric} is {measured}, and {value} by the watch",
                case.name
            );
        }
    }
}

/// The paths of all expected values of an entry.
fn leaves(value: &Value, path: &mut Vec<String>, found: &mut BTreeSet<Vec<String>>) {
    match value {
        Value::Object(map) => {
            for (key, value) in map {
                path.push(key.clone());
                leaves(value, path, found);
                path.pop();
            }
        }
        Value::Array(list) => {
            for (index, value) in list.iter().enumerate() {
                path.push(index.to_string());
                leaves(value, path, found);
                path.pop();
            }
        }
        _ => {
            found.insert(path.clone());
        }
    }
}

#[test]
fn every_expected_value_is_compared_or_listed_with_the_reason() {
    let cases = cases();
    let entries = exact();
    for entry in &entries {
        let name = entry["name"].as_str().expect("a name");
        let listed = NOT_EXPRESSED.iter().any(|(other, _)| *other == name);
        let own: Vec<&Case> = cases.iter().filter(|case| case.name == name).collect();
        assert_ne!(listed, !own.is_empty(), "{name} is a case, or listed as one that cannot be expressed");
        let mut all = BTreeSet::new();
        leaves(&entry["expected"], &mut Vec::new(), &mut all);
        for path in all {
            let compared = own.iter().any(|case| case.figures.iter().any(|figure| figure.path == path));
            let left_out = own.iter().any(|case| {
                case.left_out.iter().any(|(key, _)| *key == path[0] || path.last().is_some_and(|last| last == key))
            });
            assert!(listed || compared || left_out, "{name}: nothing is said of {}", path.join("."));
            assert!(!(compared && left_out), "{name}: {} is compared and left out", path.join("."));
        }
    }
    for (name, _) in NOT_EXPRESSED {
        assert!(entries.iter().any(|entry| entry["name"] == *name), "{name} is no entry of exact.json");
    }
    for case in &cases {
        assert!(entries.iter().any(|entry| entry["name"] == case.name), "{} is no entry of exact.json", case.name);
    }
}
