//! Every scenario runs: the same bytes for any number of threads and twice in a row, with the digest that is written
//! down; nothing is lost on the way; and two policies meet the same customers.

use desksim::desk::{Command, Desk, Effect, Policy, Timer};
use desksim::experiment::{Experiment, Repetition, replicate};
use desksim::report::json;
use desksim::scenario::{Part, Source, load};
use desksim::simulation::{Input, Model, Observer, Step, simulate};
use desksim::time::Instant;
use std::collections::BTreeMap;
use std::fmt::Write;
use std::fs;
use std::path::PathBuf;

/// Digests by scenario, of two replications. Where a change of what runs do is meant, `DESKSIM_BLESS=1` writes them anew.
const GOLDEN: &str = "tests/data/digests.txt";

fn scenarios() -> Vec<PathBuf> {
    let mut paths: Vec<PathBuf> = fs::read_dir("scenarios")
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "toml"))
        .collect();
    paths.sort();
    paths
}

fn model(path: &PathBuf, sets: &[&str]) -> Model {
    let source = Source::new(path.to_string_lossy(), fs::read_to_string(path).unwrap());
    let sets: Vec<String> = sets.iter().map(|set| (*set).to_owned()).collect();
    match load(&source, &sets, Part::Whole) {
        Ok(scenario) => scenario.model,
        Err(problems) => panic!("{}", problems.render(false)),
    }
}

fn results(model: &Model, threads: usize) -> (String, String) {
    let experiment = Experiment { seed: model.run.seed, repetition: Repetition::Times(2), threads: Some(threads) };
    let results = replicate(model, &experiment, &|_| ()).unwrap();
    (results.digest.clone(), json(&results))
}

#[test]
fn every_scenario_gives_the_same_bytes_always() {
    let mut digests = String::new();
    for path in scenarios() {
        let model = model(&path, &[]);
        let (digest, bytes) = results(&model, 1);
        assert_eq!(results(&model, 2).1, bytes, "{} with two threads", path.display());
        assert_eq!(results(&model, 1).1, bytes, "{} once more", path.display());
        writeln!(digests, "{digest} {}", path.file_stem().unwrap().to_string_lossy()).unwrap();
    }
    if std::env::var_os("DESKSIM_BLESS").is_some() {
        fs::write(GOLDEN, &digests).unwrap();
    }
    let golden = fs::read_to_string(GOLDEN).unwrap();
    assert_eq!(digests, golden, "runs differ from those in {GOLDEN}; DESKSIM_BLESS=1 writes it anew, if that is meant");
}

/// Counts what must add up.
#[derive(Default)]
struct Ledger {
    began: u64,
    closed: u64,
    started: u64,
    ended: u64,
    open: u64,
    running: u64,
}

impl Observer for Ledger {
    fn step(&mut self, step: &Step<'_>, _desk: &Desk) {
        for effect in step.effects {
            match effect {
                Effect::Created { .. } | Effect::Reactivated { .. } => self.began += 1,
                Effect::Closed { .. } => self.closed += 1,
                Effect::SlaStarted { timer: Timer::FirstResponse, .. } => self.started += 1,
                Effect::SlaEnded { timer: Timer::FirstResponse, .. } => self.ended += 1,
                _ => {}
            }
        }
    }

    fn finish(&mut self, _now: Instant, desk: &Desk) {
        self.open = desk.open_tickets() as u64;
        let tickets = (1..=desk.ticket_count()).filter_map(|number| desk.find(number as u32));
        self.running = tickets.filter(|&ticket| desk.due(ticket, Timer::FirstResponse).is_some()).count() as u64;
        desk.audit().unwrap();
    }
}

#[test]
fn nothing_is_lost_and_every_timer_ends_once() {
    for path in scenarios() {
        let model = model(&path, &[]);
        for replication in 0..2 {
            let mut ledger = Ledger::default();
            simulate(&model, model.run.seed, replication, &mut ledger).unwrap();
            assert!(ledger.began > 100, "{} does something", path.display());
            assert_eq!(ledger.began, ledger.closed + ledger.open, "{}: created is closed and open", path.display());
            assert_eq!(ledger.started, ledger.ended + ledger.running, "{}: one outcome each", path.display());
        }
    }
}

/// Who came when and with what: the first message of every conversation.
#[derive(Default)]
struct Arrivals(BTreeMap<u32, (Instant, Command)>);

impl Observer for Arrivals {
    fn step(&mut self, step: &Step<'_>, _desk: &Desk) {
        if let Input::Command(command @ Command::Message { conversation, .. }) = step.input {
            self.0.entry(conversation.0).or_insert((step.now, command));
        }
    }
}

#[test]
fn every_policy_meets_the_same_customers_in_every_scenario() {
    for path in scenarios() {
        let arrivals = |policy: &str| {
            let mut model = model(&path, &[]);
            for channel in &mut model.settings.channels {
                if let desksim::desk::Assignment::RoundRobin { policy: own, .. } = &mut channel.assignment {
                    *own = Policy::named(policy).unwrap();
                }
            }
            let mut arrivals = Arrivals::default();
            simulate(&model, model.run.seed, 0, &mut arrivals).unwrap();
            arrivals.0
        };
        let met = arrivals("round_robin");
        assert!(met.len() > 100);
        for policy in ["least_open", "random", "wait_time", "two_choices"] {
            assert!(met == arrivals(policy), "{} under {policy}", path.display());
        }
    }
}
