//! Runs that would never end or fill the memory: they stop, name the key, and leave every output as it was.

use std::fs;
use std::path::Path;
use std::process::Command;

const DESK: &str = r#"
schema = 1
title = "Limits"
[run]
duration = "1d"
replications = 1
[group.support]
[agent.ana]
groups = ["support"]
[channel.chat]
assignment = { groups = ["support"] }
[customer.caller]
channel = "chat"
"#;

/// The desk with what is written of the class of customers.
fn desk(customer: &str) -> String {
    format!("{DESK}{customer}\n")
}

/// Time passes at each step, but next to none: this cannot be seen without a run.
fn going_round() -> String {
    desk(
        "arrivals = { per_hour = 10 }\nhandle_time = \"1us\"\nreopens = { probability = 1.0, after = \"1us\" }\n\
         [[expect]]\nmetric = \"tickets.created\"\nat_least = 1\n\
         [staff.counts]\n\"agent.ana.count\" = { min = 1, max = 2, cost = 1.0 }\n[sweep]\n\"agent.ana.count\" = [1, 2]",
    )
}

#[track_caller]
fn check(directory: &Path, arguments: &[&str], exit: i32) -> String {
    let mut command = Command::new(env!("CARGO_BIN_EXE_desksim"));
    let output = command.current_dir(directory).args(arguments).env("RUST_BACKTRACE", "0").output().unwrap();
    let [out, err] = [output.stdout, output.stderr].map(|bytes| String::from_utf8(bytes).unwrap());
    assert_eq!(output.status.code(), Some(exit), "{arguments:?}\n{out}\n{err}");
    assert!(!err.contains("panicked"), "{err}");
    if exit != 0 {
        assert_eq!(out, "", "{arguments:?}");
    }
    err
}

/// `validate` says this of a scenario, at that spot, with a way out.
#[track_caller]
fn check_validate(scenario: &str, expected: &[&str]) {
    let directory = tempfile::tempdir().unwrap();
    fs::write(directory.path().join("desk.toml"), scenario).unwrap();
    fs::write(directory.path().join("tiny.csv"), "s\n1e-9\n0\n4e-7\n").unwrap();
    let err = check(directory.path(), &["validate", "desk.toml"], 2);
    for part in expected {
        assert!(err.contains(part), "{part}\n{err}");
    }
    assert!(err.contains("desk.toml:") && err.contains("help: "), "{err}");
}

#[test]
fn loops_in_which_no_time_passes_are_found_before_a_run() {
    // Answered in no time, and back at once, every time.
    let reopens = "arrivals = { per_hour = 10 }\nhandle_time = \"0s\"\nreopens = { probability = 1.0, after = \"0s\" }";
    check_validate(&desk(reopens), &["reopening that lets no time pass"]);
    // Every form of nothing, and what rounds to it.
    for nothing in [
        "{ uniform = { min = \"0s\", max = \"0s\" } }",
        "{ empirical = { values = [\"0s\", \"0s\"] } }",
        "{ empirical = { file = \"tiny.csv\", column = \"s\" } }",
        "{ mixture = [{ weight = 0.99999, of = \"0s\" }, { weight = 0.00001, of = \"1d\" }] }",
    ] {
        check_validate(
            &desk(&reopens.replace("after = \"0s\"", &format!("after = {nothing}"))),
            &["reopening that lets no time pass"],
        );
        check_validate(
            &desk(&reopens.replace("handle_time = \"0s\"", &format!("handle_time = {nothing}"))),
            &["reopening that lets no time pass"],
        );
    }
    // Closed by the desk at once, in place of a wrap-up.
    let silent = "arrivals = { per_hour = 10 }\nhandle_time = \"0s\"\nreplies = 3\nreply_delay = \"1h\"\n\
                  reopens = { probability = 1.0, after = \"0s\" }";
    check_validate(
        &desk(silent).replace("[customer", "close_after_silence = \"0s\"\n[customer"),
        &["reopening that lets no time pass"],
    );
    let nudges = "arrivals = { per_hour = 10 }\nhandle_time = \"10h\"\nnudges = { mixture = [{ weight = 0.9999999, of = \
                  \"0s\" }, { weight = 0.0000001, of = \"36500d\" }] }";
    check_validate(&desk(nudges), &["nudges that let no time pass", "nearly always 0s"]);
}

#[test]
fn what_takes_no_time_and_ends_is_no_loop() {
    let directory = tempfile::tempdir().unwrap();
    let instant = desk(
        "arrivals = { per_hour = 10 }\nhandle_time = \"0s\"\nreplies = 20\nreply_delay = \"0s\"\n\
         reopens = { probability = 0.9, after = \"0s\" }\nnudges = \"1s\"",
    );
    fs::write(directory.path().join("desk.toml"), instant).unwrap();
    check(directory.path(), &["run", "desk.toml", "--quiet"], 0);
    // A burst: 200,000 at one instant.
    let burst = desk("arrivals = { file = \"burst.csv\" }\nhandle_time = \"0s\"");
    fs::write(directory.path().join("burst.csv"), format!("at\n{}", "60\n".repeat(200_000))).unwrap();
    fs::write(directory.path().join("burst.toml"), burst).unwrap();
    check(directory.path(), &["run", "burst.toml", "--quiet"], 0);
}

#[test]
fn a_run_that_goes_round_stops_and_leaves_its_outputs_as_they_were() {
    let directory = tempfile::tempdir().unwrap();
    let place = directory.path();
    fs::write(place.join("desk.toml"), going_round()).unwrap();
    fs::create_dir(place.join("suite")).unwrap();
    fs::write(place.join("suite/desk.toml"), going_round()).unwrap();
    fs::create_dir(place.join("out")).unwrap();
    for name in ["results.json", "results.csv", "report.txt", "report.html", "old"] {
        fs::write(place.join("out").join(name), "old").unwrap();
    }
    let old = "out/old";
    let commands: [&[&str]; 14] = [
        &["run", "desk.toml", "--out", "out", "--trace", old],
        &["export", "tickets", "desk.toml", "-o", old],
        &["export", "messages", "desk.toml", "-o", old],
        &["export", "notifications", "desk.toml", "-o", old],
        &["export", "users", "desk.toml", "-o", old],
        &["dashboard", "desk.toml"],
        &["explain", "desk.toml", "--ticket", "1"],
        &["check", "desk.toml", "--out", "out", "--junit", old],
        &["check", "desk.toml", "--save-baseline", old],
        &["compare", "desk.toml", "--policies", "round_robin,random", "--out", "out"],
        &["bench", "suite", "--policies", "round_robin,random", "--out", "out"],
        &["sweep", "desk.toml", "--out", "out"],
        &["staff", "desk.toml", "--out", "out"],
        &["run", "desk.toml", "--set", "run.warmup=auto", "--set", "run.duration=30d"],
    ];
    for command in commands {
        // These work on one thread and take no number of them.
        let single = matches!(command[0], "export" | "explain" | "dashboard");
        let threads: &[&str] = if single { &[] } else { &["--threads", "1"] };
        let err = check(place, &[command, threads].concat(), 2);
        assert!(err.contains("steps within one second, by `customer.caller.reopens.after`"), "{command:?}\n{err}");
        assert!(err.contains("help: ") && err.contains("lower `reopens.probability`"), "{err}");
        assert_eq!(err.contains("suite/desk.toml: "), command[0] == "bench", "of several, the one is named: {err}");
        for file in fs::read_dir(place.join("out")).unwrap().map(|file| file.unwrap().path()) {
            if file.is_file() && !file.ends_with("sweep.lock") {
                assert_eq!(fs::read_to_string(&file).unwrap(), "old", "{command:?} wrote {}", file.display());
            }
        }
    }
}

#[test]
fn the_key_is_named_that_keeps_a_run_going() {
    let check = |customer: &str, key: &str| {
        let directory = tempfile::tempdir().unwrap();
        fs::write(directory.path().join("desk.toml"), desk(customer)).unwrap();
        let err = check(directory.path(), &["run", "desk.toml", "--threads", "1"], 2);
        assert!(err.contains(&format!("by `{key}`")), "{err}");
    };
    // Nudges that are seldom, but when they come, come without end.
    check(
        "arrivals = { per_hour = 10 }\nhandle_time = \"10h\"\nnudges = { mixture = [{ weight = 0.99999, of = \"1us\" }, \
         { weight = 0.00001, of = \"36500d\" }] }",
        "customer.caller.nudges",
    );
    // Conversations of 60,000 replies that take no time, and come again.
    check(
        "arrivals = { every = \"12h\" }\nhandle_time = \"0s\"\nreplies = 60000\nreply_delay = \"0s\"\n\
         reopens = { probability = 0.99, after = \"1us\" }",
        "customer.caller.reply_delay",
    );
}

#[test]
fn arrivals_have_one_limit_however_they_are_written() {
    let work = "handle_time = \"1m\"";
    for arrivals in ["{ every = \"1us\" }", "{ every = \"359us\" }", "{ per_hour = 10000001 }"] {
        check_validate(&desk(&format!("arrivals = {arrivals}\n{work}")), &["more than 10,000,000 arrivals per hour"]);
    }
    for arrivals in ["{ every = \"1ms\" }", "{ per_hour = 3000000 }", "{ per_hour = { \"mon\" = 3000000 } }"] {
        check_validate(
            &desk(&format!("arrivals = {arrivals}\n{work}")),
            &["arrivals in one replication", "at most 50,000,000"],
        );
    }
    // The first day is a Monday.
    let directory = tempfile::tempdir().unwrap();
    let elsewhere = desk(&format!("arrivals = {{ per_hour = {{ \"sun\" = 3000000 }} }}\n{work}"));
    fs::write(directory.path().join("desk.toml"), elsewhere).unwrap();
    check(directory.path(), &["validate", "desk.toml"], 0);
}

#[test]
fn names_and_numbers_of_names_have_limits() {
    let whole = desk("arrivals = { per_hour = 10 }\nhandle_time = \"1m\"");
    let many = |table: &str| (0..10_001).map(|n| format!("[{table}.x{n}]\n")).collect::<String>();
    check_validate(&format!("{whole}{}", many("group")), &["more than 10,000 groups"]);
    check_validate(&format!("{whole}{}", many("channel")), &["more than 10,000 channels"]);
    let classes: String = (0..10_000)
        .map(|n| format!("[customer.x{n}]\nchannel = \"chat\"\narrivals = {{ per_hour = 1 }}\nhandle_time = \"1m\"\n"))
        .collect();
    check_validate(&format!("{whole}{classes}"), &["more than 10,000 customer classes"]);
    check_validate(&whole.replace("[agent.ana]", "[agent.ana]\ncount = 2_000_001"), &["2000001 is too large"]);
    let two = whole.replace("[agent.ana]", "[agent.bo]\ncount = 1_000_001\n[agent.ana]\ncount = 1_000_000");
    check_validate(&two, &["more than 2,000,000 agents"]);
    check_validate(&whole.replace("ana", &"a".repeat(201)), &["longer than 200 characters"]);
    check_validate(&whole.replace("\"Limits\"", &format!("\"{}\"", "x".repeat(10_001))), &["longer than 10,000"]);
    let greeting = format!("greeting = \"{}\"\n[customer", "x".repeat(10_001));
    check_validate(&whole.replace("[customer", &greeting), &["a text longer than 10,000 characters"]);
}
