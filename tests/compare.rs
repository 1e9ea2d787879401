//! `compare` and `bench` from outside: what they say, that they say it again, and what they do with bad input.

use serde_json::Value;
use std::fs;
use std::path::Path;
use std::process::Command;

const CAPS: &str = "scenarios/unequal-caps.toml";
const AWAITING: &str = "scenarios/bench/awaiting-customers.toml";

/// Runs desksim, checks how it ends, and gives what it wrote to standard output and standard error.
#[track_caller]
fn check(arguments: &[&str], exit: i32) -> (String, String) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_desksim"));
    let output = command.args(arguments).env_remove("NO_COLOR").env("RUST_BACKTRACE", "0").output().unwrap();
    let text = |bytes: &[u8]| str::from_utf8(bytes).expect("desksim writes text").to_owned();
    let (out, err) = (text(&output.stdout), text(&output.stderr));
    assert_eq!(output.status.code(), Some(exit), "{arguments:?}\n{out}\n{err}");
    assert!(!err.contains("panicked"), "{err}");
    (out, err)
}

#[track_caller]
fn compared(arguments: &[&str]) -> Value {
    let arguments = [&["compare"], arguments, &["--format", "json"]].concat();
    serde_json::from_str(&check(&arguments, 0).0).unwrap()
}

/// A contender's entry in a metric.
fn entry<'a>(comparison: &'a Value, metric: &str, contender: &str) -> &'a Value {
    let names: Vec<&Value> = comparison["contenders"].as_array().unwrap().iter().map(|one| &one["name"]).collect();
    let place = names.iter().position(|name| *name == contender).unwrap_or_else(|| panic!("{names:?}"));
    let metrics = comparison["metrics"].as_array().unwrap();
    &metrics.iter().find(|compared| compared["metric"] == metric).unwrap()["entries"][place]
}

fn verdict(comparison: &Value, metric: &str, contender: &str) -> String {
    entry(comparison, metric, contender)["difference"]["verdict"].as_str().unwrap_or("none").to_owned()
}

#[test]
fn policies_win_by_different_metrics() {
    let policies = "round_robin,least_open,wait_time,random";
    let caps = compared(&[CAPS, "--policies", policies, "--replications", "20"]);
    for other in ["least_open", "wait_time", "random"] {
        assert_eq!(verdict(&caps, "sla.first_response.breach_rate", other), "worse", "{other}");
    }
    assert_eq!(verdict(&caps, "balance.assigned.jain", "least_open"), "better");
    // Service against evenness where most open tickets await their customers.
    let policies = "round_robin,least_open,least_total,random";
    let awaiting = compared(&[AWAITING, "--policies", policies]);
    assert_eq!(verdict(&awaiting, "sla.first_response.breach_rate", "least_total"), "worse");
    assert_eq!(verdict(&awaiting, "balance.assigned.jain", "least_total"), "better");
    for comparison in [&caps, &awaiting] {
        let difference = &entry(comparison, "customer.first_response.mean", "random")["difference"];
        let ends = difference["ci"].as_array().unwrap();
        assert!(ends[0].as_f64() < difference["mean"].as_f64() && difference["mean"].as_f64() < ends[1].as_f64());
        assert!(comparison["family"].as_u64() > Some(10), "{}", comparison["family"]);
    }
    // The same customers met all of them, and that saved most of the variance.
    assert!(caps["metrics"][2]["variance_saved"].as_f64() > Some(2.0), "{}", caps["metrics"][2]["variance_saved"]);
}

#[test]
fn a_comparison_is_the_same_bytes_always_and_its_page_fits() {
    let arguments = ["compare", CAPS, "--variants", "--replications", "4"];
    let with = |more: &[&str]| check(&[&arguments[..], more].concat(), 0).0;
    let json = with(&["--format", "json", "--threads", "1"]);
    assert!(json == with(&["--format", "json", "--threads", "2"]), "it hangs on the threads");
    let page = with(&[]);
    assert!(page.lines().all(|line| line.chars().count() <= 80), "{page}");
    for name in ["base", "lowest_load", "most_spare", "least_open"] {
        assert!(page.contains(name), "{page}");
    }
    assert!(page.contains("Variance saved by pairing"), "{page}");

    let directory = tempfile::tempdir().unwrap();
    let out = directory.path().join("deep/er");
    with(&["--out", out.to_str().unwrap()]);
    let read = |name: &str| fs::read_to_string(out.join(name)).unwrap();
    assert!(read("results.json") == json && read("report.txt") == page);
    let table = read("results.csv");
    assert_eq!(table.lines().next(), Some("metric,unit,contender,replication,value"));
    assert_eq!(table.lines().count(), 1 + 8 * 4 * 4, "metrics, contenders, replications");
}

#[test]
fn policies_are_what_variants_of_them_are() {
    let metric = ["--metric", "queue.wait.mean", "--replications", "3"];
    let by_name = compared(&[&[CAPS, "--policies", "round_robin,lowest_load"], &metric[..]].concat());
    let by_variant = compared(&[&[CAPS, "--variants=lowest_load"], &metric[..]].concat());
    let values = |comparison: &Value| entry(comparison, "queue.wait.mean", "lowest_load")["values"].clone();
    assert_eq!(values(&by_name), values(&by_variant));
    let digest = |comparison: &Value, place: usize| comparison["contenders"][place]["digest"].clone();
    assert_eq!(digest(&by_name, 0), digest(&by_variant, 0), "round_robin is what the file has");
    assert_eq!(digest(&by_name, 1), digest(&by_variant, 1));
    // `run` of the same cell has the same digest.
    let set = "channel.chat.assignment.policy=lowest_load";
    let run = check(&["run", CAPS, "--set", set, "--replications", "3", "--format", "json"], 0).0;
    assert_eq!(serde_json::from_str::<Value>(&run).unwrap()["digest"], digest(&by_name, 1));
}

#[test]
fn policies_reach_every_channel_that_assigns_automatically() {
    let text = r#"
        schema = 1
        title = "Three channels"
        run = { duration = "6h", replications = 2 }
        [group.a]
        [agent.b]
        count = 3
        groups = ["a"]
        [channel.first]
        assignment = { rule = "round_robin", groups = ["a"], by_wait_time = true }
        [channel."second one"]
        assignment = { groups = ["a"], policy = "mine" }
        [channel.third]
        assignment = { rule = "manual" }
        [policy.mine]
        keys = ["open"]
        [customer.c]
        channel = "first"
        arrivals = { per_hour = 30 }
        handle_time = { exponential = { mean = "3m" } }
    "#;
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("three.toml");
    fs::write(&path, text).unwrap();
    let path = path.to_str().unwrap();
    let found = compared(&[path, "--policies", "round_robin,mine"]);
    let sets: Vec<&str> =
        found["contenders"][1]["sets"].as_array().unwrap().iter().map(|set| set.as_str().unwrap()).collect();
    let expected = [
        "channel.first.assignment.by_wait_time=false",
        "channel.first.assignment.policy=\"mine\"",
        "channel.\"second one\".assignment.policy=\"mine\"",
    ];
    assert_eq!(sets, expected);
    // A single replication has no test.
    let (page, _) = check(&["compare", path, "--policies", "round_robin,mine", "--replications", "1"], 0);
    assert!(page.contains("one run cannot tell") && page.contains("Nothing was tested"), "{page}");
}

#[test]
fn what_is_wrong_with_a_comparison_is_said_with_a_way_out() {
    for (arguments, expected) in [
        (&["compare", CAPS] as &[&str], "--policies"),
        (&["compare", CAPS, "--policies", "round_robin"], "nothing to compare it to"),
        (&["compare", CAPS, "--policies", "round_robin,least_opne"], "did you mean `least_open`?"),
        (&["compare", CAPS, "--policies", "random,random"], "named twice"),
        (&["compare", CAPS, "--policies", "round_robin,random", "--against", "rotatoin"], "did you mean `rotation`?"),
        (&["compare", CAPS, "--policies", "round_robin,random", "--metric", "queue.wait.p59"], "did you mean"),
        (
            &["compare", CAPS, "--policies", "round_robin,random", "--metric", "queue.wait.p95{channel=\"chta\"}"],
            "did you mean `chat`?",
        ),
        (
            &[
                "compare",
                CAPS,
                "--policies",
                "round_robin,random",
                "--metric",
                "tickets.created",
                "--metric",
                "tickets.created",
            ],
            "named twice",
        ),
        (&["compare", CAPS, "--policies", "round_robin,random", "--level", "95"], "0.95"),
        (&["compare", CAPS, "--variants=lowest_laod"], "did you mean `lowest_load`?"),
        (&["compare", CAPS, "--variants", "--against", "lowest"], "not among those compared"),
        (&["compare", CAPS, "--variants", "--policies", "random,rotation"], "cannot be used with"),
        (&["compare", "scenarios/quickstart.toml", "--variants"], "has no variants"),
        (&["compare", "no/such.toml", "--variants"], "cannot read"),
        (&["bench", "no/such/folder"], "cannot read the folder"),
        (&["bench", "tests/data"], "there is no scenario"),
        (&["bench", "--desks", "stedy"], "did you mean `steady`?"),
        (&["bench", "--policies", "random"], "needs two policies"),
        (&["bench", "--policies", "random,rotate"], "unknown policy `rotate`"),
        (&["bench", "--policy-file", "scenarios/quickstart.toml"], "is not for a file of policies"),
        (&["bench", "--metric", "queue.wait"], "unknown metric"),
    ] {
        let (out, err) = check(arguments, 2);
        assert!(out.is_empty() && err.contains(expected), "{arguments:?}: {err}");
    }
}

#[test]
fn every_desk_of_the_suite_sets_policies_apart() {
    let (out, _) = check(&["bench", "--replications", "12", "--format", "json"], 0);
    let bench: Value = serde_json::from_str(&out).unwrap();
    let desks = bench["desks"].as_array().unwrap();
    assert!(desks.len() >= 10);
    for desk in desks {
        let ranks = desk["ranks"].as_array().unwrap().iter().flat_map(|metric| metric.as_array().unwrap());
        let apart = ranks.filter(|rank| rank.as_u64() > Some(1)).count();
        assert!(apart > 5, "{}: {apart}", desk["name"]);
    }
    // What is built in is what lies in the folder, and the folder has nothing else.
    let folder = fs::read_dir("scenarios/bench").unwrap().map(|entry| entry.unwrap().path());
    assert_eq!(folder.filter(|path| path.extension().is_some_and(|ending| ending == "toml")).count(), desks.len());
    let of_folder = check(
        &["bench", "scenarios/bench", "--replications", "2", "--format", "json", "--policies", "round_robin,random"],
        0,
    )
    .0;
    let built_in =
        check(&["bench", "--replications", "2", "--format", "json", "--policies", "round_robin,random"], 0).0;
    assert_eq!(of_folder.replace("desksim bench scenarios/bench", "desksim bench"), built_in);
}

#[test]
fn findings_are_computed_again_by_the_commands_they_name() {
    let (out, _) = check(&["bench", "--desks", "steady,overload", "--replications", "6", "--format", "json"], 0);
    let bench: Value = serde_json::from_str(&out).unwrap();
    let mut again = 0;
    for finding in bench["findings"].as_array().unwrap() {
        let command = finding["command"].as_str().unwrap();
        let words: Vec<&str> = command.strip_prefix("desksim ").unwrap().split(' ').collect();
        if words[0] == "bench" {
            assert_eq!(command, "desksim bench --desks steady,overload --replications 6");
            continue;
        }
        let comparison = compared(&words[1..]);
        let (metric, policy) = (finding["metric"].as_str().unwrap(), finding["policy"].as_str().unwrap());
        let difference = &entry(&comparison, metric, policy)["difference"];
        assert_eq!((&difference["mean"], &difference["ci"]), (&finding["difference"], &finding["ci"]), "{command}");
        again += 1;
    }
    assert!(again > 5, "{again}");
}

#[test]
fn a_policy_of_ones_own_enters_the_board() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("mine.toml");
    fs::write(&path, "[policy.backwards]\nkeys = [\"-open\"]\n").unwrap();
    let file = path.to_str().unwrap();
    let run = |threads| {
        let board = directory.path().join(threads);
        let arguments =
            ["bench", "--desks", "steady", "--replications", "6", "--policy-file", file, "--threads", threads];
        let page = check(&[&arguments[..], &["--out", board.to_str().unwrap()]].concat(), 0).0;
        (page, fs::read_to_string(board.join("bench.json")).unwrap(), board)
    };
    let (page, json, board) = run("1");
    let (other_page, other_json, _) = run("2");
    assert!(page == other_page && json == other_json, "it hangs on the threads");
    assert!(page.contains("backwards") && page.lines().all(|line| line.chars().count() <= 80), "{page}");
    let bench: Value = serde_json::from_str(&json).unwrap();
    // Who has the most open is given more: nothing is less even.
    let last = bench["boards"][3]["rows"].as_array().unwrap().last().unwrap();
    assert!(["backwards", "first_listed"].contains(&last["policy"].as_str().unwrap()), "{last}");
    let markdown = fs::read_to_string(board.join("bench.md")).unwrap();
    // Where it is written is no part of what is written.
    assert!(
        markdown == fs::read_to_string(directory.path().join("2/bench.md")).unwrap() && !markdown.contains("--out"),
        "{markdown}"
    );
    assert!(markdown.contains("| backwards |") && markdown.contains("--policy-file"), "{markdown}");
}

#[test]
fn contenders_that_cannot_do_what_comes_are_named() {
    let overload = [
        "compare",
        "scenarios/overload.toml",
        "--policies",
        "round_robin,random",
        "--replications",
        "3",
        "--set",
        "customer.shopper.patience=never",
    ];
    let (page, _) = check(&overload, 0);
    let flat = |page: &str| page.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(flat(&page).contains("Overloaded: all contenders (load 1."), "{page}");
    let json = compared(&overload[1..]);
    assert_eq!(json["contenders"][1]["stability"]["verdict"], "overloaded");
    assert!(json["contenders"][1]["stability"]["groups"][0]["load"].as_f64() > Some(1.0));
    let (page, _) = check(&["compare", CAPS, "--policies", "round_robin,random", "--replications", "3"], 0);
    assert!(!page.contains("verloaded"), "{page}");
    // The desk of the suite whose customers leave has a steady state; the same without patience has none.
    let folder = tempfile::tempdir().unwrap();
    let overload = fs::read_to_string("scenarios/bench/overload.toml").unwrap();
    let patient: String =
        overload.lines().filter(|line| !line.starts_with("patience")).map(|line| format!("{line}\n")).collect();
    fs::write(folder.path().join("overload.toml"), patient).unwrap();
    fs::copy("scenarios/bench/steady.toml", folder.path().join("steady.toml")).unwrap();
    let suite = ["--desks", "overload,steady", "--policies", "round_robin,random", "--replications", "3"];
    let (page, _) = check(&[&["bench"][..], &suite].concat(), 0);
    assert!(page.contains("1 overload (3 runs each, seed 1)"), "{page}");
    let (page, _) = check(&[&["bench", folder.path().to_str().unwrap()][..], &suite].concat(), 0);
    assert!(page.contains("1 overload (3 runs each, seed 1; overloaded)"), "{page}");
    assert!(page.contains("2 steady (3 runs each, seed 1)"), "{page}");
}

#[test]
fn what_is_to_be_compared_may_be_policies_or_variants() {
    let (_, err) = check(&["compare", CAPS], 2);
    assert!(err.contains("--policies") && err.contains("--variants"), "{err}");
    check(&["compare", CAPS, "--policies", "random,round_robin", "--variants"], 2);
}

#[test]
fn two_runs_that_differ_alike_do_not_show_a_difference() {
    // One ticket a run is closed or not, in both runs the same: that is no proof.
    let directory = tempfile::tempdir().unwrap();
    let desk = directory.path().join("desk.toml");
    let text = r#"
        schema = 1
        title = "A line"
        run = { duration = "1h", replications = 2 }
        [group.all]
        [agent.server]
        groups = ["all"]
        [channel.line]
        assignment = { groups = ["all"] }
        [customer.caller]
        channel = "line"
        arrivals = { every = "20m" }
        handle_time = "1m"
        [variant.slow]
        "customer.caller.handle_time" = "30m"
    "#;
    fs::write(&desk, text).unwrap();
    let alike = |replications: &str| {
        let desk = desk.to_str().unwrap();
        let asked = [desk, "--variants", "--metric", "tickets.closed", "--replications", replications];
        entry(&compared(&asked), "tickets.closed", "slow")["difference"].clone()
    };
    let two = alike("2");
    assert_eq!((&two["verdict"], &two["sd"], &two["p"]), (&"open".into(), &0.0.into(), &0.5.into()), "{two}");
    assert_eq!(two["needed"], 6, "2^-5 is below 5 %");
    assert_ne!(alike("6")["verdict"], "open");
}

/// The committed board is what the program writes; this desk of it, in the normal tests.
#[test]
fn the_committed_board_is_up_to_date() {
    let committed: Value = serde_json::from_str(&fs::read_to_string("reports/bench.json").unwrap()).unwrap();
    let (out, _) = check(&["bench", "--desks", "overload", "--format", "json"], 0);
    let fresh: Value = serde_json::from_str(&out).unwrap();
    let desks = committed["desks"].as_array().unwrap();
    let of_committed = desks.iter().find(|desk| desk["name"] == "overload").unwrap();
    assert!(*of_committed == fresh["desks"][0], "run `desksim bench --out reports` again");
    assert_eq!(desks.len(), 12);
}

#[test]
#[ignore = "takes a minute"]
fn the_committed_board_is_what_one_command_writes() {
    let directory = tempfile::tempdir().unwrap();
    let out = directory.path().join("reports");
    check(&["bench", "--out", out.to_str().unwrap()], 0);
    let json = |folder: &Path| fs::read_to_string(folder.join("bench.json")).unwrap();
    assert!(json(&out) == json(Path::new("reports")), "run `desksim bench --out reports` again");
}
