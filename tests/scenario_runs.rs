//! Every scenario runs: the same bytes for any number of threads and twice in a row, with the digest that is written
//! down; nothing is lost on the way; and two policies meet the same customers.

use desksim::desk::{Command, Desk, Effect, Policy, Timer};
use desksim::experiment::{Experiment, Repetition, replicate};
use desksim::report::json;
use desksim::scenario::{Part, Source, load};
use desksim::simulation::{Bench, Input, Model, Observer, ReadChange, Step, Trace, replay, simulate};
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

#[test]
fn who_sits_outside_a_channels_groups_is_measured_against_its_limit_too() {
    let text = |own: &str| {
        format!(
            "schema = 1\ntitle = \"outsiders\"\n[run]\nduration = \"1h\"\nreplications = 1\n[group.support]\n\
             [group.leads]\n[agent.ana]\ngroups = [\"support\"]\n[agent.lead]\ngroups = [\"leads\"]\n{own}\
             [channel.chat]\nassignment = {{ groups = [\"support\"] }}\nlimit = {{ max_open = 1 }}\n\
             sla = {{ first_response = \"1m\", escalate_to = \"lead\" }}\n[customer.x]\nchannel = \"chat\"\n\
             arrivals = {{ every = \"20m\" }}\nhandle_time = \"2h\"\n"
        )
    };
    let share = |own: &str| {
        let scenario = load(&Source::new("outsiders.toml", text(own)), &[], Part::Whole);
        let model = scenario.unwrap_or_else(|problems| panic!("{problems}")).model;
        let experiment = Experiment { seed: 1, repetition: Repetition::Times(1), threads: Some(1) };
        let results: serde_json::Value =
            serde_json::from_str(&json(&replicate(&model, &experiment, &|_| ()).unwrap())).unwrap();
        let metric = &results["metrics"]["agents.over_cap_share{agent=\"lead\"}"];
        metric["mean"].as_f64().unwrap_or_else(|| panic!("{metric}"))
    };
    // Breaches at 21 and 41 minutes: from the second on the lead has two, where the channel's limit is one.
    assert!((share("") - 19.0 / 60.0).abs() < 1e-9, "CAP-3: {}", share(""));
    assert_eq!(share("max_open = 2\n"), 0.0, "CAP-3: a cap of their own stands in its place");
}

#[test]
fn changes_of_settings_go_through_a_log_unchanged() {
    let mut text = fs::read_to_string("scenarios/quickstart.toml").unwrap();
    text += "\n[agent.root]\nrole = \"admin\"\n";
    for (at, settings) in [
        ("1h", "limit = { counts = \"pending\" }, sla = { closure = \"none\" }"),
        ("2h", "limit = { max_open = \"none\" }, assignment = { by_wait_time = true }, weight = 0.5"),
        ("3h", "limit = \"none\", sla = {}, assignment = { policy = \"least_open\" }, view = \"none\""),
    ] {
        text += &format!(
            "[[event]]\nat = \"{at}\"\ndo = {{ configure_channel = {{ by = \"root\", channel = \"chat\", {settings} }} }}\n"
        );
    }
    let scenario = load(&Source::new("changes.toml", text), &[], Part::Whole);
    let scenario = scenario.unwrap_or_else(|problems| panic!("{}", problems.render(false)));
    let mut trace = Trace::new(&scenario.model, Vec::new());
    simulate(&scenario.model, 1, 0, &mut trace).unwrap();
    let log = trace.into_inner().unwrap();
    let lines = str::from_utf8(&log).unwrap().lines().map(|line| serde_json::from_str(line).unwrap());
    let named: Vec<serde_json::Value> = lines
        .filter_map(|line: serde_json::Value| {
            let mut settings = line["do"]["configure_channel"].as_object()?.clone();
            settings.retain(|key, _| key != "by" && key != "channel");
            Some(settings.into())
        })
        .collect();
    let expected = [
        serde_json::json!({ "limit": { "counts": "pending" }, "sla": { "closure": "none" } }),
        serde_json::json!({ "limit": { "max_open": "none" }, "assignment": { "by_wait_time": true }, "weight": 0.5 }),
        serde_json::json!({ "limit": "none", "sla": {}, "assignment": { "policy": "least_open" }, "view": "none" }),
    ];
    assert_eq!(named, expected, "CHN-2: what is not named is not written");
    let read: &ReadChange<'_> = &|names, _, settings| scenario.vocabulary.channel_change(settings, names);
    let mut bench = Bench::new(&scenario.model, 1, read);
    let replayed = replay(log.as_slice(), &mut bench, &mut std::io::sink());
    let replayed = replayed.unwrap_or_else(|error| panic!("{error:?}"));
    assert!(replayed.effects > 1000, "{replayed:?}");
}
