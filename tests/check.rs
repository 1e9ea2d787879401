//! `check` from outside: the gate of a CI job.

use serde_json::Value;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Four people of whom round robin makes equals, and `first_listed` does not.
const DESK: &str = r#"
schema = 1
title = "Four at a chat"
run = { duration = "6h", replications = 6 }
[group.support]
[agent.support]
count = 4
groups = ["support"]
[channel.chat]
assignment = { groups = ["support"], policy = "round_robin" }
sla = { first_response = "5m" }
[customer.any]
channel = "chat"
arrivals = { per_hour = 20 }
handle_time = { exponential = { mean = "4m" } }
"#;

const EVEN: &str = "[[expect]]\nmetric = \"balance.assigned.jain\"\nat_least = 0.9\n";
const NO_LESS_EVEN: &str =
    "[[expect]]\nmetric = \"balance.assigned.jain\"\nno_worse_than_baseline = { margin = 0.02 }\n";
const SAME_CUSTOMERS: &str = "[[expect]]\nmetric = \"tickets.created\"\nsame_as_baseline = { margin = 0 }\n";
/// The made regression: whoever is listed first gets everything.
const BIASED: [&str; 2] = ["--set", "channel.chat.assignment.policy=first_listed"];

/// A place with a scenario in it.
struct Place {
    directory: tempfile::TempDir,
}

impl Place {
    fn new(expectations: &[&str]) -> Place {
        let directory = tempfile::tempdir().unwrap();
        fs::write(directory.path().join("desk.toml"), format!("{DESK}{}", expectations.concat())).unwrap();
        Place { directory }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.directory.path().join(name)
    }

    fn read(&self, name: &str) -> String {
        fs::read_to_string(self.path(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
    }

    /// Runs `check` on the scenario, in its place.
    #[track_caller]
    fn check(&self, arguments: &[&str], exit: i32) -> (String, String) {
        let mut command = Command::new(env!("CARGO_BIN_EXE_desksim"));
        command.current_dir(self.directory.path()).args(["check", "desk.toml"]).args(arguments);
        let output = command.env("RUST_BACKTRACE", "0").env_remove("NO_COLOR").output().unwrap();
        let [out, err] = [output.stdout, output.stderr].map(|bytes| String::from_utf8(bytes).unwrap());
        assert_eq!(output.status.code(), Some(exit), "{arguments:?}\n{out}\n{err}");
        assert!(!err.contains("panicked"), "{err}");
        for line in out.lines().filter(|_| !out.starts_with('{')) {
            assert!(line.chars().count() <= 80, "{line}");
        }
        (out, err)
    }

    #[track_caller]
    fn json(&self, arguments: &[&str], exit: i32) -> Value {
        let (out, _) = self.check(&[arguments, &["--format", "json"]].concat(), exit);
        serde_json::from_str(&out).unwrap()
    }
}

/// A page without its line breaks.
fn flat(page: &str) -> String {
    page.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn with<'a>(arguments: &[&'a str], more: &[&'a str]) -> Vec<&'a str> {
    [arguments, more].concat()
}

const BASELINE: [&str; 2] = ["--baseline", "base.json"];

#[test]
fn the_made_regression_fails_by_a_plain_limit_and_is_named() {
    let place = Place::new(&[EVEN]);
    let (out, _) = place.check(&[], 0);
    assert!(out.contains("pass  balance.assigned.jain") && out.contains("Passed."), "{out}");
    let (out, _) = place.check(&BIASED, 99);
    assert!(out.contains("FAIL  balance.assigned.jain") && out.contains("FAILED: balance.assigned.jain."), "{out}");
    assert!(out.contains("mean at least 0.900"), "the limit stands beside the value: {out}");
}

#[test]
fn the_made_regression_fails_against_a_baseline_once_the_change_is_owned_up_to() {
    let place = Place::new(&[NO_LESS_EVEN, SAME_CUSTOMERS]);
    let (out, _) = place.check(&["--save-baseline", "base.json"], 0);
    assert!(out.contains("skip  balance.assigned.jain") && out.contains("no baseline yet"), "{out}");
    place.check(&BASELINE, 0);
    let (out, err) = place.check(&with(&BASELINE, &BIASED), 4);
    assert!(err.contains("channel.chat") && err.contains("--changed"), "{err}");
    assert!(out.contains("n/c   balance.assigned.jain") && !out.contains("pass") && !out.contains("FAIL"), "{out}");
    let (out, _) = place.check(&with(&with(&BASELINE, &BIASED), &["--changed"]), 99);
    assert!(out.contains("FAIL  balance.assigned.jain"), "{out}");
    assert!(out.contains("pass  tickets.created"), "the same customers came: {out}");
    assert!(flat(&out).contains("Changed since: channel.chat."), "{out}");
    // Another desk that is as even passes.
    let rotation = ["--set", "channel.chat.assignment.policy=rotation", "--changed"];
    place.check(&with(&BASELINE, &rotation), 0);
}

#[test]
fn what_cannot_be_compared_says_what_differs() {
    let place = Place::new(&[NO_LESS_EVEN]);
    place.check(&["--save-baseline", "base.json"], 0);
    for (change, words) in [
        (&["--seed", "2"] as &[&str], "seed 1, and this is seed 2"),
        (&["--set", "customer.any.arrivals.per_hour=21", "--changed"], "customer.any"),
        (&["--set", "run.duration=7h", "--changed"], "run.duration"),
        (&["--set", "agent.support.count=5"], "agent.support"),
    ] {
        let (out, err) = place.check(&with(&BASELINE, change), 4);
        assert!(err.contains("not comparable") && err.contains(words) && err.contains("help"), "{err}");
        assert!(flat(&out).contains("Nothing was checked: the baseline cannot be compared with."), "{out}");
        assert!(flat(&out).contains(words), "{out}");
    }
    // What does not make the world may change: replications, titles, expectations.
    place.check(&with(&BASELINE, &["--replications", "4"]), 0);
    place.check(&with(&BASELINE, &["--set", "title=Renamed"]), 0);
    let foreign = place.read("base.json").replacen("\"schema\": 1", "\"schema\": 2", 1);
    fs::write(place.path("base.json"), foreign).unwrap();
    let (_, err) = place.check(&BASELINE, 4);
    assert!(err.contains("schema 2"), "{err}");
}

#[test]
fn a_file_that_is_no_baseline_is_input_that_is_wrong() {
    let place = Place::new(&[NO_LESS_EVEN]);
    place.check(&["--save-baseline", "base.json"], 0);
    let right = place.read("base.json");
    for (text, words) in [
        ("hello".to_owned(), "not JSON"),
        ("{\"kind\": \"sweep\", \"schema\": 1}".to_owned(), "of kind `sweep`"),
        (right.replacen("\"replications\": 6", "\"replications\": 7", 1), "damaged"),
    ] {
        fs::write(place.path("base.json"), text).unwrap();
        let (out, err) = place.check(&BASELINE, 2);
        assert!(out.is_empty() && err.contains("base.json is no baseline") && err.contains(words), "{err}");
    }
    let (_, err) = place.check(&["--baseline", "none.json"], 2);
    assert!(err.contains("none.json"), "{err}");
    // Without one, what needs none is judged, and the rest is told apart.
    let (out, err) = place.check(&["--junit", "check.xml"], 4);
    assert!(err.contains("balance.assigned.jain") && err.contains("--baseline"), "none is given: {err}");
    assert!(out.contains("Not comparable") && place.path("check.xml").exists(), "{out}");
}

#[test]
fn a_metric_without_data_never_passes() {
    let place = Place::new(&["[[expect]]\nmetric = \"sla.closure.breach_rate\"\nat_most = 1.0\n"]);
    let (out, _) = place.check(&[], 99);
    assert!(out.contains("FAIL  sla.closure.breach_rate") && out.contains("No data"), "{out}");
    assert_eq!(place.json(&[], 99)["findings"][0]["verdict"], "no_data");
    let place =
        Place::new(&["[[expect]]\nmetric = \"sla.closure.breach_rate\"\nat_most = 1.0\nseverity = \"warning\"\n"]);
    let (out, _) = place.check(&[], 0);
    assert!(out.contains("warn  sla.closure.breach_rate"), "{out}");
    // A figure that the baseline does not have is none to compare with.
    let place = Place::new(&[EVEN]);
    place.check(&["--save-baseline", "base.json"], 0);
    let more = "[[expect]]\nmetric = \"queue.wait.mean\"\nno_worse_than_baseline = { margin = 5 }\n";
    fs::write(place.path("desk.toml"), format!("{DESK}{EVEN}{more}")).unwrap();
    let (out, _) = place.check(&BASELINE, 99);
    assert!(out.contains("FAIL  queue.wait.mean") && flat(&out).contains("Save a new one"), "{out}");
}

#[test]
fn the_same_scenario_passes_time_after_time_with_any_number_of_threads() {
    let place = Place::new(&[EVEN, NO_LESS_EVEN, SAME_CUSTOMERS, "[check]\nexact = true\nmax_replications = 12\n"]);
    place.check(&["--save-baseline", "base.json"], 0);
    let json = ["--format", "json"];
    let first = place.check(&with(&BASELINE, &json), 0).0;
    for run in 0..20 {
        let threads = ["1", "2", "3"][run % 3];
        let again = place.check(&with(&with(&BASELINE, &json), &["--threads", threads]), 0).0;
        assert_eq!(again, first, "run {run}");
    }
}

#[test]
fn an_open_question_asks_for_more_replications_and_then_counts_as_was_said() {
    let near = "[[expect]]\nmetric = \"sla.first_response.breach_rate\"\nat_most = LIMIT\non = \"ci_upper\"\n";
    let probe = |limit: f64, extra: &str| {
        let place = Place::new(&[&near.replace("LIMIT", &limit.to_string()), extra]);
        let exit = if extra.contains("pass") || extra.contains("warn") { 0 } else { 99 };
        place.json(&["--max-replications", "160"], exit)
    };
    let wide = probe(0.0, "");
    let finding = &wide["findings"][0];
    assert_eq!(finding["verdict"], "fail", "{finding}");
    let (made, needs) = (finding["replications"].as_u64().unwrap(), finding["needs"].as_u64().unwrap());
    assert!((80..=320).contains(&made) && needs <= made, "an end is believed from 80 replications on: {finding}");
    // Its own mean over all 160 is a limit that no interval about it can tell from it.
    let place = Place::new(&[&near.replace("LIMIT", "1")]);
    let all = place.json(&["--replications", "160"], 0);
    let mean = all["findings"][0]["mean"].as_f64().unwrap();
    for (word, consequence) in [("fail", "fails"), ("pass", "passes"), ("warn", "warns")] {
        let open = probe(mean, &format!("on_inconclusive = \"{word}\"\n"));
        let finding = &open["findings"][0];
        assert_eq!((&finding["verdict"], &finding["consequence"]), (&"inconclusive".into(), &consequence.into()));
        assert_eq!((&finding["replications"], &finding["look"]), (&Value::from(160), &serde_json::json!([2, 2])));
    }
}

#[test]
fn where_there_may_be_too_few_replications_an_end_of_the_interval_is_inconclusive_and_says_how_many_it_needs() {
    let sure = "[[expect]]\nmetric = \"sla.first_response.breach_rate\"\nat_most = 1\non = \"ci_upper\"\n";
    let place = Place::new(&[sure]);
    for arguments in [&[][..], &["--max-replications", "79"]] {
        let found = place.json(arguments, 99);
        assert_eq!(found["findings"][0]["verdict"], "inconclusive", "{found}");
        assert!(found["findings"][0]["needs"].as_u64().unwrap() >= 80, "{found}");
        let (page, _) = place.check(arguments, 99);
        assert!(flat(&page).contains("replications for its skewness: raise `[check] max_replications`"), "{page}");
    }
    assert_eq!(place.json(&["--max-replications", "640"], 0)["findings"][0]["verdict"], "pass");
}

#[test]
fn files_are_written_whole_even_where_the_check_fails_and_not_at_all_where_it_cannot_be_made() {
    let place = Place::new(&[EVEN, NO_LESS_EVEN]);
    place.check(&["--save-baseline", "base.json"], 0);
    let outputs = [
        "--junit",
        "check.xml",
        "--markdown",
        "check.md",
        "--out",
        "out",
        "--save-baseline",
        "new.json",
        "--trace",
        "log.jsonl",
    ];
    let biased = with(&with(&BASELINE, &BIASED), &outputs);
    let written = ["check.xml", "check.md", "out/results.json", "out/report.txt", "new.json", "log.jsonl"];
    place.check(&with(&biased, &["--set", "customer.any.channel=nowhere"]), 2);
    for name in written {
        assert!(!place.path(name).exists(), "{name}");
    }
    let (page, _) = place.check(&with(&biased, &["--changed"]), 99);
    assert_eq!(place.read("out/report.txt"), page);
    let json: Value = serde_json::from_str(&place.read("out/results.json")).unwrap();
    assert_eq!((&json["kind"], &json["failed"]), (&"check".into(), &true.into()));
    assert!(place.read("check.xml").contains("<failure") && place.read("check.xml").contains("balance.assigned.jain"));
    assert!(place.read("check.md").contains("**FAIL** | `balance.assigned.jain`"), "{}", place.read("check.md"));
    assert!(place.read("log.jsonl").lines().count() > 100);
    assert_ne!(place.read("new.json"), place.read("base.json"));
    // The baseline that was saved is one of the desk as it now is.
    place.check(&with(&["--baseline", "new.json"], &BIASED), 99);
    let left: Vec<_> = fs::read_dir(place.directory.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert!(!left.iter().any(|name| name.to_string_lossy().starts_with(".desksim")), "{left:?}");
}

#[test]
fn without_a_comparable_baseline_all_that_needs_none_is_judged_and_written() {
    let place = Place::new(&[EVEN, NO_LESS_EVEN]);
    place.check(&["--save-baseline", "base.json", "--seed", "2"], 0);
    let outputs = ["--junit", "check.xml", "--markdown", "check.md", "--out", "out", "--exact"];
    let all = with(&BASELINE, &outputs);
    // The limit holds: what remains is that nothing could be compared.
    let (page, err) = place.check(&all, 4);
    assert!(page.contains("pass  balance.assigned.jain") && page.contains("n/c   balance.assigned.jain"), "{page}");
    assert!(page.contains("n/c   commands and effects"), "{page}");
    assert!(flat(&page).contains("What needs no baseline passed. Not comparable: commands and effects"), "{page}");
    assert!(err.contains("seed 2, and this is seed 1"), "{err}");
    assert_eq!(place.read("out/report.txt"), page);
    let xml = place.read("check.xml");
    assert!(xml.contains("errors=\"2\"") && xml.contains("failures=\"0\"") && xml.contains("not_comparable"), "{xml}");
    assert!(place.read("check.md").contains("| n/c | `balance.assigned.jain`"), "{}", place.read("check.md"));
    let json: Value = serde_json::from_str(&place.read("out/results.json")).unwrap();
    assert_eq!(json["failed"], false);
    let verdicts: Vec<_> = json["findings"].as_array().unwrap().iter().map(|one| one["verdict"].clone()).collect();
    assert_eq!(verdicts, ["pass", "not_comparable"]);
    assert!(json["obstacles"][0].as_str().unwrap().contains("seed 2"), "{}", json["obstacles"]);
    // The limit does not hold: that is the graver news.
    let (page, err) = place.check(&with(&all, &BIASED), 99);
    assert!(page.contains("FAIL  balance.assigned.jain") && err.contains("not comparable"), "{page}{err}");
    assert!(place.read("check.xml").contains("failures=\"1\""));
    // A baseline of another schema is no different, and what is no baseline is a wrong file.
    let foreign = place.read("base.json").replacen("\"schema\": 1", "\"schema\": 2", 1);
    fs::write(place.path("base.json"), foreign).unwrap();
    let (page, err) = place.check(&all, 4);
    assert!(page.contains("pass  balance.assigned.jain") && err.contains("schema 2"), "{page}{err}");
    fs::write(place.path("base.json"), "{}").unwrap();
    place.check(&all, 2);
}

#[test]
fn where_digests_differ_the_first_divergence_is_shown() {
    let place = Place::new(&[]);
    place.check(&["--save-baseline", "base.json", "--trace", "base.jsonl"], 0);
    let exact = with(&BASELINE, &["--exact", "--baseline-trace", "base.jsonl"]);
    let (out, _) = place.check(&exact, 0);
    assert!(out.contains("the same in 6 of 6 runs"), "{out}");
    let other = with(&with(&exact, &BIASED), &["--changed"]);
    let (out, _) = place.check(&other, 99);
    assert!(out.contains("FAIL  commands and effects") && out.contains("another in 6 of 6 runs"), "{out}");
    let found = &place.json(&other, 99)["exact"]["divergence"];
    let (before, now) = (found["before"].as_str().unwrap(), found["now"].as_str().unwrap());
    // Round robin takes the second agent at the second ticket; the first one is free again by then, or the third comes first.
    assert!(before.contains("\"assigned\"") && now.contains("\"assigned\"") && before != now, "{found}");
    assert!(found["command"].as_str().unwrap().contains("\"message\""), "{found}");
    let line = found["line"].as_u64().unwrap() as usize;
    assert_eq!(place.read("base.jsonl").lines().nth(line - 1), Some(before));
    fs::write(place.path("base.jsonl"), "no log\n").unwrap();
    let (_, err) = place.check(&other, 2);
    assert!(err.contains("base.jsonl:1"), "{err}");
}

/// A long run in place of many.
const BATCHED: [&str; 10] = [
    "--set",
    "run.duration=20d",
    "--set",
    "run.batches=20",
    "--set",
    "run.replications=1",
    "--set",
    "customer.any.arrivals.per_hour=40",
    "--set",
    "channel.chat.limit={ max_open = 1 }",
];

#[test]
fn one_long_replication_is_held_by_the_interval_of_its_batches_as_run_prints_it() {
    let within = |on: &str, limit: f64| {
        format!("[[expect]]\nmetric = \"sla.first_response.breach_rate\"\nat_most = {limit:?}\non = \"{on}\"\n")
    };
    let place = Place::new(&[&within("ci_upper", 1.0)]);
    let mut run = Command::new(env!("CARGO_BIN_EXE_desksim"));
    run.current_dir(place.directory.path()).args(["run", "desk.toml", "--format", "json"]).args(BATCHED);
    let printed: Value = serde_json::from_slice(&run.output().unwrap().stdout).unwrap();
    let [low, high] = [0, 1].map(|end| printed["metrics"]["sla.first_response.breach_rate"]["ci95"][end].as_f64());
    let (low, high) = (low.unwrap(), high.unwrap());
    let check = place.json(&BATCHED, 0);
    let finding = &check["findings"][0];
    assert_eq!((finding["interval"][0].as_f64(), finding["interval"][1].as_f64()), (Some(low), Some(high)));
    assert_eq!((finding["held"].as_f64(), &finding["n"]), (Some(high), &1.into()));
    assert_eq!(check["batches"]["count"], 20);
    let (page, _) = place.check(&BATCHED, 0);
    assert!(flat(&page).contains("one run's intervals are from 20 batches of 1d"), "{page}");
    let place = Place::new(&[&within("ci_upper", (low + high) / 2.0)]);
    assert_eq!(place.json(&BATCHED, 99)["findings"][0]["verdict"], "inconclusive");
    let place = Place::new(&[&within("ci_upper", low * 0.99)]);
    assert_eq!(place.json(&BATCHED, 99)["findings"][0]["verdict"], "fail");
    // Balance has no interval from batches.
    let place = Place::new(&["[[expect]]\nmetric = \"balance.assigned.jain\"\nat_least = 0.1\non = \"ci_lower\"\n"]);
    let (page, _) = place.check(&BATCHED, 99);
    assert!(flat(&page).contains("Inconclusive: 1 run cannot tell. Its batches give this no interval."), "{page}");
}

#[test]
fn a_check_of_an_overloaded_desk_says_so_wherever_it_says_anything() {
    let place = Place::new(&["[[expect]]\nmetric = \"tickets.created\"\nat_least = 1\n"]);
    let outputs = ["--junit", "check.xml", "--out", "out"];
    let (page, _) = place.check(&outputs, 0);
    assert!(!page.contains("verloaded") && !place.read("check.xml").contains("verloaded"), "{page}");
    let swamped = with(&outputs, &["--set", "customer.any.arrivals.per_hour=200"]);
    let words = "support: overloaded, offered load 3.";
    let (page, _) = place.check(&swamped, 0);
    assert!(page.contains(words) && place.read("check.xml").contains(words), "{page}");
    assert!(place.read("out/report.html").contains(words));
    place.check(&with(&swamped, &["--markdown", "check.md"]), 0);
    assert!(place.read("check.md").contains(words));
    let stability = &place.json(&swamped, 0)["stability"];
    assert_eq!(
        (&stability["verdict"], &stability["groups"][0]["verdict"]),
        (&"overloaded".into(), &"overloaded".into())
    );
}

#[test]
fn a_divergence_is_shown_of_whichever_replication_differs() {
    // The baseline's replication 2, and no other, is made that of another seed; so is its log.
    let place = Place::new(&[]);
    place.check(&["--save-baseline", "base.json", "--trace", "log0.jsonl"], 0);
    place.check(
        &["--save-baseline", "other.json", "--seed", "2", "--trace", "log2.jsonl", "--trace-replication", "2"],
        0,
    );
    let [mut base, other]: [Value; 2] =
        ["base.json", "other.json"].map(|name| serde_json::from_str(&place.read(name)).unwrap());
    base["digests"][2] = other["digests"][2].clone();
    let digests: Vec<u128> = base["digests"]
        .as_array()
        .unwrap()
        .iter()
        .map(|digest| u128::from_str_radix(digest.as_str().unwrap(), 16).unwrap())
        .collect();
    let mut all = xxhash_rust::xxh3::Xxh3::new();
    digests.iter().for_each(|digest| all.update(&digest.to_le_bytes()));
    base["digest"] = format!("{:032x}", all.digest128()).into();
    fs::write(place.path("base.json"), base.to_string()).unwrap();

    let exact = with(&BASELINE, &["--exact"]);
    let (page, _) = place.check(&exact, 99);
    assert!(flat(&page).contains("The first that differs is replication 2."), "{page}");
    assert!(flat(&page).contains("--baseline-trace LOG --trace-replication 2"), "{page}");
    let with_first = with(&exact, &["--baseline-trace", "log0.jsonl"]);
    let (page, _) = place.check(&with_first, 99);
    assert!(flat(&page).contains("The log of replication 0 shows no difference."), "{page}");
    let with_its_own = with(&exact, &["--baseline-trace", "log2.jsonl", "--trace-replication", "2"]);
    let (page, _) = place.check(&with_its_own, 99);
    assert!(flat(&page).contains("Replication 2 parts from its earlier log at"), "{page}");
    let found = &place.json(&with_its_own, 99)["exact"];
    assert_eq!(found["traced"], 2);
    let line = found["divergence"]["line"].as_u64().unwrap() as usize;
    assert_eq!(place.read("log2.jsonl").lines().nth(line - 1), found["divergence"]["before"].as_str());
}

#[test]
fn a_check_of_nothing_is_a_slip() {
    let place = Place::new(&[]);
    let (out, err) = place.check(&[], 2);
    assert!(out.is_empty() && err.contains("expects nothing") && err.contains("[[expect]]"), "{err}");
    let (_, err) = place.check(&["--exact"], 2);
    assert!(err.contains("--baseline"), "{err}");
    let (_, err) = place.check(&["--changed"], 2);
    assert!(err.contains("--baseline"), "{err}");
}

#[test]
fn all_the_examples_that_expect_something_hold() {
    for entry in fs::read_dir("scenarios").unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_none_or(|extension| extension != "toml")
            || !fs::read_to_string(&path).unwrap().contains("[[expect]]")
        {
            continue;
        }
        holds(&path);
    }
}

fn holds(path: &Path) {
    let output = Command::new(env!("CARGO_BIN_EXE_desksim")).arg("check").arg(path).output().unwrap();
    let out = String::from_utf8_lossy(&output.stdout).into_owned();
    assert_eq!(output.status.code(), Some(0), "{}\n{out}", path.display());
}
