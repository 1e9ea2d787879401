//! Saved results that were damaged: whatever became of them, reading them back says what is wrong, or all of it can be drawn.
//!
//! `DAMAGES=20000 cargo test --release --test damaged` goes on for minutes; the test that is ignored tries 10,000 of each kind. A
//! failure names the seed of the damage and what it did.

#[path = "common/guard.rs"]
#[allow(unreachable_pub)]
mod guard;

use desksim::experiment::check::Baseline;
use desksim::report::{Saved, read_cell};
use guard::Guard;
use serde_json::{Map, Value, json};
use std::fs;
use std::path::Path;
use std::process::Command;
use xxhash_rust::xxh3::xxh3_128;

const SCENARIO: &str = r#"
schema = 1
title = "Small"
[run]
start = "2026-03-02T08:00:00"
duration = "4h"
warmup = "30m"
replications = 2
[group.support]
[group.leads]
[shift.day]
hours = "08:00-12:00"
breaks = [{ status = "Away", at = "10:00", for = "15m" }]
[agent.ana]
count = 2
groups = ["support"]
[agent.lead]
groups = ["leads"]
shift = "day"
[channel.chat]
assignment = { groups = ["support"] }
limit = { max_open = 2 }
sla = { first_response = "5m", closure = "1h", escalate_to = "lead" }
[channel.mail]
assignment = { groups = ["support", "leads"] }
sla = { closure = "2h" }
[customer.shopper]
channel = "chat"
arrivals = { per_hour = 9 }
handle_time = { exponential = { mean = "5m" } }
replies = 2
reply_delay = "2m"
patience = "20m"
[customer.writer]
channel = "mail"
arrivals = { per_hour = 3 }
handle_time = { exponential = { mean = "6m" } }
[staff]
max_replications = 10
[staff.counts]
"agent.ana.count" = { min = 1, max = 3, cost = 1.5 }
[[expect]]
metric = "sla.first_response.breach_rate"
at_most = 0.9
[[expect]]
metric = "queue.wait.mean"
no_worse_than_baseline = { margin = 60.0 }
"#;

/// Runs desksim where the scenario lies; it may find that a check fails.
fn desksim(directory: &Path, arguments: &[&str]) {
    let output = Command::new(env!("CARGO_BIN_EXE_desksim")).args(arguments).current_dir(directory).output().unwrap();
    let code = output.status.code();
    assert!(matches!(code, Some(0 | 99)), "{arguments:?}: {code:?} {}", String::from_utf8_lossy(&output.stderr));
}

/// The same numbers every time (Steele and Vigna's splitmix64).
struct Draws(u64);

impl Draws {
    fn below(&mut self, most: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((z ^ (z >> 31)) % most.max(1) as u64) as usize
    }
}

/// Damages one place of a document; says what it did.
fn damage(document: &mut Value, draws: &mut Draws) -> String {
    let mut place = String::new();
    let mut at = document;
    loop {
        let size = match &*at {
            Value::Array(items) => items.len(),
            Value::Object(entries) => entries.len(),
            _ => 0,
        };
        if size == 0 || draws.below(7) == 0 {
            break;
        }
        let n = draws.below(size);
        at = match at {
            Value::Array(items) => {
                place.push_str(&format!(".{n}"));
                &mut items[n]
            }
            Value::Object(entries) => {
                let (key, value) = entries.iter_mut().nth(n).expect("there are as many");
                place.push_str(&format!(".{key}"));
                value
            }
            _ => unreachable!("others have no size"),
        };
    }
    let what = match (&mut *at, draws.below(5)) {
        (Value::Array(items), 0) if !items.is_empty() => {
            let n = draws.below(items.len());
            items.remove(n);
            format!("without its {n}th")
        }
        (Value::Array(items), 1) if !items.is_empty() => {
            let item = items[draws.below(items.len())].clone();
            let times = [1, 2, 50][draws.below(3)];
            items.extend(vec![item; times]);
            format!("longer by {times}")
        }
        (Value::Array(items), 2) => {
            items.truncate(draws.below(items.len() + 1));
            format!("cut to {}", items.len())
        }
        (Value::Array(items), 3) => {
            items.reverse();
            "turned around".to_owned()
        }
        (Value::Object(entries), 0 | 1) if !entries.is_empty() => {
            let key = entries.keys().nth(draws.below(entries.len())).expect("there is one").clone();
            entries.remove(&key);
            format!("without `{key}`")
        }
        (Value::Object(entries), 2 | 3) if !entries.is_empty() => {
            let n = draws.below(entries.len());
            let renamed = entries
                .iter()
                .enumerate()
                .map(|(m, (key, value))| (if n == m { format!("{key}x") } else { key.clone() }, value.clone()));
            let renamed: Map<String, Value> = renamed.collect();
            *entries = renamed;
            format!("with its {n}th key renamed")
        }
        (Value::Number(number), 0 | 1) => {
            let was = number.as_f64().unwrap();
            let now = [was * 1e3, -was, was + 1.0, was - 1.0, was * 1e90][draws.below(5)];
            *at = if now.fract() == 0.0 && now.abs() < 1e15 { json!(now as i64) } else { json!(now) };
            format!("{was} made {at}")
        }
        _ => {
            let scraps = [
                json!(null),
                json!(true),
                json!("x"),
                json!("NaN"),
                json!("queue.wait.mean"),
                json!("\u{1b}[2J"),
                json!(-1),
                json!(0),
                json!(1),
                json!(7),
                json!(0.5),
                json!(1e99),
                json!(-1e99),
                json!(1.797e308),
                json!(u64::MAX),
                json!(u32::MAX),
                json!(i64::MIN),
                json!([]),
                json!({}),
                json!([[0, 0]]),
            ];
            *at = scraps[draws.below(scraps.len())].clone();
            format!("made {at}")
        }
    };
    format!("{place} {what}")
}

/// Damages a document over and over.
fn damaged(name: &str, text: &str, times: u64, check: impl Fn(&str) -> bool) {
    let document: Value = serde_json::from_str(text).unwrap();
    let mut sound = 0;
    let guard = Guard::new();
    for seed in 0..times {
        let mut draws = Draws(seed);
        let mut broken = document.clone();
        let what: Vec<String> = (0..=draws.below(2)).map(|_| damage(&mut broken, &mut draws)).collect();
        let text = broken.to_string();
        // A panic is a failure of this test; what it was of is told.
        let what = format!("{name}, seed {seed}: {}", what.join("; "));
        let told = Told(Some(what.clone()));
        sound += u64::from(guard.watch(&what, || check(&text)));
        told.well();
    }
    assert!(sound > 0 && sound < times, "{name}: {sound} of {times} were sound: damage must tell");
}

/// Told where a panic passes.
struct Told(Option<String>);

impl Told {
    fn well(mut self) {
        self.0 = None;
    }
}

#[allow(clippy::print_stderr)] // a panic passes, and nothing else can say of what
impl Drop for Told {
    fn drop(&mut self) {
        if let Some(words) = &self.0 {
            eprintln!("{words}");
        }
    }
}

/// Reads results and draws all that can be drawn of them; false if they are refused.
fn drawn(text: &str) -> bool {
    match Saved::read(text) {
        Err(error) => {
            assert!(!error.to_string().is_empty());
            false
        }
        Ok(saved) => {
            assert!(saved.html().contains("</html>"));
            let plots = saved.plots();
            let kinds: Vec<String> = plots.list().map(|(kind, _)| kind.to_owned()).collect();
            for kind in kinds {
                assert!(plots.get(&kind).unwrap().svg().ends_with("</svg>\n"), "{kind}");
            }
            true
        }
    }
}

fn times(usual: u64) -> u64 {
    std::env::var("DAMAGES").ok().and_then(|times| times.parse().ok()).unwrap_or(usual)
}

/// What the tests that are ignored try of each kind.
const MANY: u64 = 10_000;

fn scenario() -> tempfile::TempDir {
    let directory = tempfile::tempdir().unwrap();
    fs::write(directory.path().join("desk.toml"), SCENARIO).unwrap();
    directory
}

#[track_caller]
fn results(arguments: &[&str], times: u64) {
    let directory = scenario();
    desksim(directory.path(), &[arguments, &["--out", "out"]].concat());
    let text = fs::read_to_string(directory.path().join("out/results.json")).unwrap();
    assert!(drawn(&text), "sound results can be drawn");
    damaged(arguments[0], &text, times, drawn);
}

const RUN: [&str; 2] = ["run", "desk.toml"];
const COMPARE: [&str; 4] = ["compare", "desk.toml", "--policies", "round_robin,least_open"];
const SWEEP: [&str; 6] =
    ["sweep", "desk.toml", "--vary", "agent.ana.count=1,2", "--vary", "channel.chat.limit.max_open=1,3"];
const STAFF: [&str; 2] = ["staff", "desk.toml"];

#[test]
fn damaged_results_of_a_run() {
    results(&RUN, times(150));
}

#[test]
#[ignore = "minutes"]
fn ten_thousand_damaged_results_of_a_run() {
    results(&RUN, MANY);
}

#[test]
fn damaged_results_of_a_comparison() {
    results(&COMPARE, times(300));
}

#[test]
#[ignore = "minutes"]
fn ten_thousand_damaged_results_of_a_comparison() {
    results(&COMPARE, MANY);
}

#[test]
fn damaged_results_of_a_sweep() {
    results(&SWEEP, times(300));
}

#[test]
#[ignore = "minutes"]
fn ten_thousand_damaged_results_of_a_sweep() {
    results(&SWEEP, MANY);
}

#[test]
fn damaged_results_of_staff() {
    results(&STAFF, times(200));
}

#[test]
#[ignore = "minutes"]
fn ten_thousand_damaged_results_of_staff() {
    results(&STAFF, MANY);
}

#[test]
fn damaged_results_of_a_bench() {
    bench(times(300));
}

#[test]
#[ignore = "minutes"]
fn ten_thousand_damaged_results_of_a_bench() {
    bench(MANY);
}

fn bench(times: u64) {
    let directory = scenario();
    fs::create_dir(directory.path().join("suite")).unwrap();
    for name in ["one", "two"] {
        fs::copy(directory.path().join("desk.toml"), directory.path().join(format!("suite/{name}.toml"))).unwrap();
    }
    let bench = ["bench", "suite", "--policies", "round_robin,least_open,random", "--metric", "queue.wait.mean"];
    desksim(directory.path(), &[&bench[..], &["--out", "out"]].concat());
    let text = fs::read_to_string(directory.path().join("out/bench.json")).unwrap();
    assert!(drawn(&text), "sound results can be drawn");
    damaged("bench", &text, times, drawn);
}

#[test]
fn damaged_checks_and_baselines() {
    checks_and_baselines(times(300), times(2_000), times(10).min(100));
}

#[test]
#[ignore = "minutes"]
fn ten_thousand_damaged_checks_and_baselines() {
    checks_and_baselines(MANY, MANY, 100);
}

fn checks_and_baselines(checks: u64, baselines: u64, compared_with: u64) {
    let directory = scenario();
    desksim(directory.path(), &["check", "desk.toml", "--save-baseline", "base.json"]);
    desksim(directory.path(), &["check", "desk.toml", "--baseline", "base.json", "--out", "out"]);
    let text = fs::read_to_string(directory.path().join("out/results.json")).unwrap();
    assert!(drawn(&text), "sound results can be drawn");
    damaged("check", &text, checks, drawn);

    let baseline = fs::read_to_string(directory.path().join("base.json")).unwrap();
    assert!(Baseline::parse(&baseline).is_ok());
    damaged("baseline", &baseline, baselines, |text| Baseline::parse(text).is_ok());
    // Those that still read are compared with, too.
    let mut compared = 0;
    for seed in 0.. {
        let mut document: Value = serde_json::from_str(&baseline).unwrap();
        damage(&mut document["values"], &mut Draws(seed));
        if Baseline::parse(&document.to_string()).is_err() {
            continue;
        }
        fs::write(directory.path().join("damaged.json"), document.to_string()).unwrap();
        let check = ["check", "desk.toml", "--baseline", "damaged.json", "--junit", "check.xml"];
        let output =
            Command::new(env!("CARGO_BIN_EXE_desksim")).args(check).current_dir(directory.path()).output().unwrap();
        let words = String::from_utf8_lossy(&output.stderr);
        assert!(matches!(output.status.code(), Some(0 | 2 | 4 | 99)), "seed {seed}: {words}");
        compared += 1;
        if compared == compared_with {
            break;
        }
    }
}

#[test]
fn damaged_cells_of_a_sweep() {
    cells(times(2_000));
}

#[test]
#[ignore = "minutes"]
fn ten_thousand_damaged_cells_of_a_sweep() {
    cells(MANY);
}

fn cells(times: u64) {
    let directory = scenario();
    desksim(directory.path(), &["sweep", "desk.toml", "--vary", "agent.ana.count=1,2", "--out", "out"]);
    let cells = fs::read_dir(directory.path().join("out/cells")).unwrap().map(|entry| entry.unwrap().path());
    let cell = cells.into_iter().find(|path| path.extension().is_some_and(|of| of == "json")).unwrap();
    let text = fs::read_to_string(&cell).unwrap();
    // Whoever damages a cell on purpose makes its checksum right, too.
    let document: Value = serde_json::from_str(&text).unwrap();
    damaged("cell", &document["cell"].to_string(), times, |cell| {
        let checksum = xxh3_128(cell.as_bytes());
        let text = format!("{{\"schema\":1,\"kind\":\"cell\",\"checksum\":\"{checksum:032x}\",\"cell\":{cell}}}\n");
        read_cell(text.as_bytes()).is_ok()
    });
    let mut large = document["cell"].clone();
    large["metrics"]["queue.wait.mean"][0] = json!(1e200);
    let large = large.to_string();
    let checksum = xxh3_128(large.as_bytes());
    let text = format!("{{\"schema\":1,\"kind\":\"cell\",\"checksum\":\"{checksum:032x}\",\"cell\":{large}}}\n");
    assert_eq!(read_cell(text.as_bytes()).err(), Some("one of its numbers is too large"));
    // A cell that reads and is another's, or lacks values, is made again.
    for seed in 0..5 {
        let mut broken = document["cell"].clone();
        damage(&mut broken, &mut Draws(seed));
        let broken = broken.to_string();
        let checksum = xxh3_128(broken.as_bytes());
        let text = format!("{{\"schema\":1,\"kind\":\"cell\",\"checksum\":\"{checksum:032x}\",\"cell\":{broken}}}\n");
        fs::write(&cell, text).unwrap();
        desksim(directory.path(), &["sweep", "desk.toml", "--vary", "agent.ana.count=1,2", "--out", "out"]);
    }
}

/// The inputs that found this: lists too short, and a series of another name.
#[test]
fn what_was_drawn_unchecked_is_refused_with_its_place() {
    let directory = scenario();
    desksim(directory.path(), &["run", "desk.toml", "--out", "out"]);
    let path = directory.path().join("out/results.json");
    let sound: Value = serde_json::from_str(&fs::read_to_string(&path).unwrap()).unwrap();
    let refused = |change: &dyn Fn(&mut Value), place: &str| {
        let mut broken = sound.clone();
        change(&mut broken);
        fs::write(&path, broken.to_string()).unwrap();
        for arguments in [&["report", "out"][..], &["plot", "out"], &["plot", "out", "--kind", "course"]] {
            let output = Command::new(env!("CARGO_BIN_EXE_desksim"))
                .args(arguments)
                .current_dir(directory.path())
                .output()
                .unwrap();
            let words = String::from_utf8_lossy(&output.stderr);
            assert_eq!(output.status.code(), Some(2), "{place}: {words}");
            assert!(words.contains(place), "{place}: {words}");
        }
    };
    refused(&|of| of["picture"]["week_hours"]["closure"] = json!([]), "picture.week_hours.closure: 0 entries");
    refused(&|of| of["picture"]["series"][1]["name"] = json!("queues"), "picture.series: `queue` is there 0 times");
    refused(&|of| of["picture"]["story"]["rows"][0][1][0] = json!(9), "picture.story.rows.0: 9 is no index");
    refused(&|of| of["metrics"]["queue.wait.mean"]["mean"] = json!(1.7e308), "metrics.queue.wait.mean.mean");
    let connections = |of: &mut Value| of["picture"]["story"]["dashboard"]["connections"]["connected"] = json!(0);
    refused(&connections, "picture.story.dashboard.users");
}
