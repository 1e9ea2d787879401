//! `sweep` from outside: its tables, what it does with cells that are there, and what it says of grids that are none.

use serde_json::Value;
use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::{Command, Output, Stdio};
use std::time::{Duration, Instant};

const QUICKSTART: &str = "scenarios/quickstart.toml";

fn command(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_desksim"));
    command.arg("sweep").args(arguments).env("RUST_BACKTRACE", "0");
    command
}

/// Sweeps, checks how it ends, and gives what was written to standard output and standard error.
#[track_caller]
fn check(arguments: &[&str], exit: i32) -> (String, String) {
    let Output { status, stdout, stderr } = command(arguments).output().unwrap();
    let (out, err) = (String::from_utf8(stdout).unwrap(), String::from_utf8(stderr).unwrap());
    assert_eq!(status.code(), Some(exit), "{arguments:?}\n{out}\n{err}");
    assert!(!err.contains("panicked"), "{err}");
    (out, err)
}

/// Every file below a directory, with its bytes.
fn files(directory: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut found = BTreeMap::new();
    for entry in fs::read_dir(directory).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_str().unwrap().to_owned();
        match path.is_dir() {
            true => found.extend(files(&path).into_iter().map(|(below, bytes)| (format!("{name}/{below}"), bytes))),
            false => drop(found.insert(name, fs::read(path).unwrap())),
        }
    }
    found
}

fn cells(directory: &Path) -> Vec<String> {
    let Ok(entries) = fs::read_dir(directory.join("cells")) else { return Vec::new() };
    let mut names: Vec<String> =
        entries.flatten().map(|entry| entry.file_name().to_string_lossy().into_owned()).collect();
    names.retain(|name| name.ends_with(".json"));
    names.sort();
    names
}

/// Four staffings by three caps.
const GRID: [&str; 8] = [
    QUICKSTART,
    "--vary",
    "agent.support.count=4,5,6,7",
    "--vary",
    "channel.chat.limit.max_open=2,4,6",
    "--replications",
    "3",
    "--quiet",
];

fn with<'a>(arguments: &[&'a str], more: &[&'a str]) -> Vec<&'a str> {
    [arguments, more].concat()
}

#[test]
fn a_grid_gives_a_row_for_each_cell_and_metric() {
    let directory = tempfile::tempdir().unwrap();
    let out = directory.path().to_str().unwrap();
    let (page, _) = check(&with(&GRID, &["--out", out]), 0);
    let found = files(directory.path());
    assert_eq!(String::from_utf8(found["report.txt"].clone()).unwrap(), page);
    assert!(page.lines().all(|line| line.chars().count() <= 80), "{page}");
    assert!(page.contains("12 cells (4 × 3), 3 runs of 1d each, seed 1"), "{page}");

    let json: Value = serde_json::from_slice(&found["results.json"]).unwrap();
    assert_eq!((&json["schema"], &json["kind"]), (&1.into(), &"sweep".into()));
    assert_eq!(json["axes"][1]["values"], serde_json::json!([2, 4, 6]));
    let cells = json["cells"].as_array().unwrap();
    assert_eq!(cells.len(), 12);
    assert_eq!(cells[4]["settings"], serde_json::json!({"agent.support.count": 5, "channel.chat.limit.max_open": 4}));
    // The same customers come, whatever the desk is like; who is there longer waits less.
    let of = |cell: &Value, metric: &str| cell["metrics"][metric]["mean"].as_f64().unwrap();
    assert!(of(&cells[0], "queue.wait.mean") > of(&cells[11], "queue.wait.mean"));

    let mut rows = csv::Reader::from_reader(&found["results.csv"][..]);
    let head: Vec<&str> = vec!["cell", "agent.support.count", "channel.chat.limit.max_open", "metric"];
    assert_eq!(rows.headers().unwrap().iter().take(4).collect::<Vec<_>>(), head);
    let metrics = json["metrics"].as_array().unwrap().len();
    let rows: Vec<csv::StringRecord> = rows.records().map(Result::unwrap).collect();
    assert_eq!(rows.len(), 12 * metrics);
    let waits = rows.iter().find(|row| &row[0] == "4" && &row[3] == "queue.wait.mean").unwrap();
    assert_eq!(waits[4].parse::<f64>().unwrap(), of(&cells[4], "queue.wait.mean"));
    let mut replications = csv::Reader::from_reader(&found["replications.csv"][..]);
    let values: Vec<f64> = replications
        .records()
        .map(Result::unwrap)
        .filter(|row| &row[0] == "4" && &row[4] == "queue.wait.mean")
        .map(|row| row[5].parse().unwrap())
        .collect();
    assert!((values.iter().sum::<f64>() / 3.0 - of(&cells[4], "queue.wait.mean")).abs() < 1e-9);

    let last = rows[0].len() - 2;
    assert!(rows.iter().all(|row| &row[last] == "0.0" && &row[last + 1] == "stable"), "{:?}", rows[0]);

    // A cell is what a run of its settings is.
    let run = Command::new(env!("CARGO_BIN_EXE_desksim"))
        .args(["run", QUICKSTART, "--replications", "3", "--format", "json", "--set", "agent.support.count=5"])
        .args(["--set", "channel.chat.limit.max_open=4"])
        .output()
        .unwrap();
    let run: Value = serde_json::from_slice(&run.stdout).unwrap();
    for key in ["digest", "scenario"] {
        assert_eq!(cells[4][key], run[key]);
    }
    for (metric, figure) in cells[4]["metrics"].as_object().unwrap() {
        assert_eq!(figure, &run["metrics"][metric], "{metric}");
    }
}

#[test]
fn the_bytes_are_the_same_with_any_number_of_threads() {
    let [one, two, again] = ["1", "2", "2"].map(|threads| {
        let directory = tempfile::tempdir().unwrap();
        let out = directory.path().to_str().unwrap();
        check(&with(&GRID, &["--out", out, "--threads", threads]), 0);
        files(directory.path())
    });
    assert!(one == two && two == again);
    assert_eq!(one.len(), 5 + 12 + 1, "tables and pages, cells and the lock: {:?}", one.keys());
}

#[test]
#[cfg(unix)]
fn what_was_killed_goes_on_and_ends_with_the_same_bytes() {
    let grid = [
        QUICKSTART,
        "--vary",
        "agent.support.count=3,4,5,6,7,8,9,10",
        "--vary",
        "channel.chat.limit.max_open=2,3,4,5,6",
        "--replications",
        "30",
    ];
    let whole = tempfile::tempdir().unwrap();
    check(&with(&grid, &["--out", whole.path().to_str().unwrap(), "--threads", "2"]), 0);
    let killed = tempfile::tempdir().unwrap();
    let out = killed.path().to_str().unwrap();
    for (threads, at_least) in [("2", 3), ("1", 8)] {
        let mut child = command(&with(&grid, &["--out", out, "--threads", threads]))
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let start = Instant::now();
        while cells(killed.path()).len() < at_least {
            assert!(start.elapsed() < Duration::from_secs(120), "no cell comes");
            std::thread::sleep(Duration::from_millis(1));
        }
        child.kill().unwrap();
        assert_eq!(child.wait().unwrap().code(), None, "it was killed, not done");
    }
    let there = cells(killed.path());
    assert!(there.len() >= 8 && there.len() < 40, "{} cells", there.len());
    assert!(!killed.path().join("results.json").exists());

    // What was half written when the power failed, and what rotted since.
    let path = |cell: &str| killed.path().join("cells").join(cell);
    let spoil = |cell: &str, spoil: &dyn Fn(&mut Vec<u8>)| {
        let mut bytes = fs::read(path(cell)).unwrap();
        spoil(&mut bytes);
        fs::write(path(cell), bytes).unwrap();
    };
    spoil(&there[0], &|bytes| bytes.truncate(bytes.len() / 2));
    spoil(&there[1], &|bytes| {
        let middle = bytes.len() / 2;
        bytes[middle] ^= 1;
    });
    spoil(&there[2], &|bytes| bytes.clear());
    fs::copy(path(&there[4]), path(&there[3])).unwrap();
    // A draft of a process of this machine that is no more.
    if let Ok(boot) = fs::read_to_string("/proc/sys/kernel/random/boot_id") {
        fs::write(path(&format!(".desksim-{}-half", &boot[..8])), "half a draft").unwrap();
    }

    let (_, err) = check(&with(&grid, &["--out", out, "--threads", "1"]), 0);
    for (cell, why) in there.iter().zip(["cut short", "checksum is another", "no cell of this version", "another cell"])
    {
        assert!(err.lines().any(|line| line.contains(cell) && line.contains(why)), "{cell}: {why}\n{err}");
    }
    assert!(err.contains(&format!("{} of 40 cells were there already", there.len() - 4)), "{err}");
    let (killed, whole) = (files(killed.path()), files(whole.path()));
    assert_eq!(killed.keys().collect::<Vec<_>>(), whole.keys().collect::<Vec<_>>());
    for (name, bytes) in &whole {
        assert!(killed[name] == *bytes, "{name} differs");
    }
}

#[test]
fn only_new_cells_are_made() {
    let directory = tempfile::tempdir().unwrap();
    let out = directory.path().to_str().unwrap();
    let grid = |values: &'static str| [QUICKSTART, "--vary", values, "--replications", "2", "--out"];
    let (_, err) = check(&with(&grid("agent.support.count=4,5"), &[out]), 0);
    assert_eq!(err, "");
    let (_, err) = check(&with(&grid("agent.support.count=5,6,4"), &[out]), 0);
    assert_eq!(err, "2 of 3 cells were there already\n");
    let (_, err) = check(&with(&grid("agent.support.count=4"), &[out, "--seed", "9"]), 0);
    assert_eq!(err, "", "another seed is another cell");
    let (_, err) = check(&with(&grid("agent.support.count=4"), &[out, "--metric", "queue.wait.mean"]), 0);
    assert_eq!(err, "", "other metrics are, too");
    // The same desk, written otherwise.
    let (_, err) = check(&with(&grid("agent.\"support\".count=5"), &[out, "--set", "title=Renamed"]), 0);
    assert_eq!(err, "1 of 1 cells were there already\n");
}

#[test]
fn one_sweep_at_a_time_works_in_a_directory() {
    let directory = tempfile::tempdir().unwrap();
    let out = directory.path().to_str().unwrap();
    fs::create_dir(directory.path().join("cells")).unwrap();
    let lock = fs::File::create(directory.path().join("cells/lock")).unwrap();
    lock.lock().unwrap();
    let (_, err) = check(&with(&GRID, &["--out", out]), 1);
    assert!(err.contains("another sweep is at work in"), "{err}");
    lock.unlock().unwrap();
    check(&with(&GRID, &["--out", out]), 0);
}

#[test]
fn the_file_s_own_grid_is_swept_and_an_axis_replaced() {
    let sweep = |more: &[&str]| {
        let fixed = ["scenarios/shop-week.toml", "--replications", "1", "--set", "run.duration=6h", "--format", "json"];
        serde_json::from_str::<Value>(&check(&with(&fixed, more), 0).0).unwrap()
    };
    let own = sweep(&[]);
    assert_eq!(own["cells"].as_array().unwrap().len(), 12);
    assert!(own["metrics"].as_array().unwrap().contains(&"sla.first_response.breach_rate{channel=\"chat\"}".into()));
    let other = sweep(&["--vary", "agent.early.count=3", "--metric", "queue.wait.*", "--metric", "queue.wait.mean"]);
    assert_eq!(other["axes"][0], serde_json::json!({"path": "agent.early.count", "values": [3]}));
    assert_eq!(other["cells"].as_array().unwrap().len(), 3);
    let metrics: Vec<&str> = other["metrics"].as_array().unwrap().iter().filter_map(Value::as_str).collect();
    assert!(metrics.len() > 10 && metrics.iter().all(|name| name.starts_with("queue.wait.")), "{metrics:?}");
}

#[test]
fn values_may_hold_commas_of_their_own() {
    let vary =
        "channel.chat.assignment={ groups = [\"support\", \"leads\"] },{ groups = [\"leads\"], policy = \"random\" }";
    let arguments =
        [QUICKSTART, "--vary", vary, "--vary", "run.duration=2h,1h30m", "--replications", "1", "--format", "json"];
    let json: Value = serde_json::from_str(&check(&arguments, 0).0).unwrap();
    assert_eq!(json["cells"].as_array().unwrap().len(), 4);
    assert_eq!(json["axes"][0]["values"][1]["policy"], "random");
    assert_eq!(json["axes"][1]["values"], serde_json::json!(["2h", "1h30m"]));
}

#[test]
fn a_grid_that_is_none_is_input_that_is_wrong() {
    let values: Vec<String> = (0..101).map(|value| value.to_string()).collect();
    let seeds = format!("run.seed={}", values.join(","));
    let priorities = format!("channel.chat.priority={}", values.join(","));
    let own = format!("customer.shopper.priority={}", values.join(","));
    let cases: [(&[&str], &[&str]); 9] = [
        (&[], &["there is nothing to vary", "--vary agent.support.count=10,11,12"]),
        (&["--vary", "agent.support.count"], &["`--vary` takes PATH=VALUE"]),
        (&["--vary", "agent.support.count="], &["there is no value"]),
        (&["--vary", "agent.support.count=4,,5"], &["a value is missing"]),
        (&["--vary", "agent.support.count=4,5,4"], &["4 stands twice on this axis"]),
        (
            &["--vary", "agent.support.count=4", "--vary", "agent.\"support\".count=5"],
            &["is varied twice", "put all its values in one"],
        ),
        // Everything at once.
        (
            &[
                "--vary",
                "agent.suport.count=4",
                "--vary",
                "channel.chat.limit.max_open=0",
                "--vary",
                "agent.lead.count=x",
            ],
            &["matches nothing", "did you mean `agent.support.count`?", "0 is too small", "expected a whole number"],
        ),
        // Each value is right, and the two together are not.
        (
            &["--vary", "run.warmup=0s,12h", "--vary", "run.duration=6h,1d"],
            &["a warm-up that is not shorter than the run", "so it is with run.warmup=\"12h\", run.duration=\"6h\""],
        ),
        (
            &["--vary", &seeds, "--vary", &priorities, "--vary", &own],
            &["a grid of 101 × 101 × 101 is 1030301 cells", "--yes"],
        ),
    ];
    let directory = tempfile::tempdir().unwrap();
    let out = directory.path().join("out");
    for (arguments, words) in cases {
        let arguments = with(&with(&[QUICKSTART], arguments), &["--out", out.to_str().unwrap()]);
        let (_, err) = check(&arguments, 2);
        for word in words {
            assert!(err.contains(word), "{arguments:?} should say {word}:\n{err}");
        }
        assert!(!out.exists(), "nothing is written");
    }
    let (_, err) = check(&[QUICKSTART, "--vary", "agent.support.count=4", "--metric", "queue.wiat.mean"], 2);
    assert!(err.contains("did you mean `queue.wait.mean`"), "{err}");
    let labels = "queue.wait.mean{channel=\"mail\"}";
    let (_, err) = check(&[QUICKSTART, "--vary", "agent.support.count=4", "--metric", labels], 2);
    assert!(err.contains("unknown channel `mail`"), "{err}");
}

#[test]
fn each_cell_says_what_it_leaves_out_and_whether_it_lasts() {
    let directory = tempfile::tempdir().unwrap();
    let desk = directory.path().join("desk.toml");
    fs::write(
        &desk,
        r#"
        schema = 1
        title = "A line"
        run = { duration = "3d", warmup = "auto", replications = 3 }
        [group.all]
        [agent.server]
        groups = ["all"]
        [channel.line]
        assignment = { groups = ["all"] }
        limit = { max_open = 1 }
        [customer.caller]
        channel = "line"
        arrivals = { per_hour = 50 }
        handle_time = { exponential = { mean = "4m" } }
        [sweep]
        "agent.server.count" = [3, 4, 6]
        "#,
    )
    .unwrap();
    let desk = desk.to_str().unwrap();
    let out = directory.path().join("out");
    let (page, _) = check(&[desk, "--quiet", "--out", out.to_str().unwrap()], 0);
    let flat = page.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(
        flat.contains("Each cell leaves out a beginning of its own, ") && flat.contains("set run.warmup"),
        "{page}"
    );
    assert!(flat.contains("Overloaded: agent.server.count 3 (load 1.1"), "{page}");
    let results = fs::read(out.join("results.json")).unwrap();
    let json: Value = serde_json::from_slice(&results).unwrap();
    let cells = json["cells"].as_array().unwrap();
    let verdicts: Vec<&Value> = cells.iter().map(|cell| &cell["stability"]["verdict"]).collect();
    assert_eq!(verdicts, ["overloaded", "stable", "stable"]);
    assert_eq!(cells[0]["warmup"], 129_600.0, "half of what never settles");
    // A cell leaves out what a run of it does.
    let run = Command::new(env!("CARGO_BIN_EXE_desksim"))
        .args(["run", desk, "--format", "json", "--set", "agent.server.count=4"])
        .output()
        .unwrap();
    let run: Value = serde_json::from_slice(&run.stdout).unwrap();
    assert_eq!((&cells[1]["warmup"], &cells[1]["stability"]), (&run["warmup"], &run["stability"]));
    // Kept cells keep it.
    check(&[desk, "--quiet", "--out", out.to_str().unwrap()], 0);
    assert_eq!(fs::read(out.join("results.json")).unwrap(), results);
    // All can be made to leave out the same.
    let (page, _) = check(&[desk, "--quiet", "--set", "run.warmup=6h"], 0);
    assert!(page.contains("The first 6h of each run is left out.") && !page.contains("of its own"), "{page}");
}

#[test]
fn markdown_has_a_table_of_the_cells() {
    let grid = [
        "scenarios/quickstart.toml",
        "--vary",
        "agent.support.count=2,3",
        "--replications",
        "2",
        "--format",
        "markdown",
    ];
    let (page, _) = check(&grid, 0);
    assert!(page.starts_with("### ") && !page.contains("```"), "{page}");
    let rows: Vec<&str> = page.lines().filter(|line| line.starts_with('|')).collect();
    assert_eq!(rows.len(), 4, "{page}");
    assert!(rows[0].starts_with("| `agent.support.count` | `") && rows[1].starts_with("|---|---:|"), "{page}");
    assert!(rows[2].starts_with("| 2 | ") && rows[3].starts_with("| 3 | "), "{page}");
}
