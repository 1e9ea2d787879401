//! Nothing is ever lost: what is written over what, what is left behind, what may be read, and what of others is printed.

#![cfg(unix)]

use std::fs;
use std::io::Write;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::time::Duration;

const DESK: &str = r#"
schema = 1
title = "Small"
[run]
start = "2026-03-02T08:00:00"
duration = "2h"
replications = 2
[group.support]
[agent.ana]
groups = ["support"]
[channel.chat]
assignment = { groups = ["support"] }
sla = { first_response = "5m" }
[customer.shopper]
channel = "chat"
arrivals = { file = "arrivals.csv" }
handle_time = "5m"
[[expect]]
metric = "sla.first_response.breach_rate"
at_most = 0.9
"#;

const ARRIVALS: &str = "at\n60\n120\n600\n";

struct Place(tempfile::TempDir);

impl Place {
    /// A directory with a scenario and the file that it names.
    fn new() -> Place {
        let place = Place(tempfile::tempdir().unwrap());
        place.put("d.toml", DESK);
        place.put("arrivals.csv", ARRIVALS);
        place
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn put(&self, name: &str, text: &str) {
        fs::write(self.path(name), text).unwrap();
    }

    fn text(&self, name: &str) -> String {
        fs::read_to_string(self.path(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_desksim"));
        command.args(arguments).current_dir(self.0.path()).env_remove("GITHUB_STEP_SUMMARY");
        command
    }

    fn run(&self, arguments: &[&str]) -> Output {
        self.command(arguments).output().unwrap()
    }

    /// Runs desksim, checks how it ends, and gives what it wrote to standard output and standard error.
    #[track_caller]
    fn check(&self, arguments: &[&str], exit: i32) -> (String, String) {
        told(arguments, &self.run(arguments), exit)
    }

    /// The same with a text on standard input.
    #[track_caller]
    fn check_with_input(&self, input: &str, arguments: &[&str], exit: i32) -> (String, String) {
        let mut command = self.command(arguments);
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let mut stdin = child.stdin.take().unwrap();
        let _ = stdin.write_all(input.as_bytes());
        drop(stdin);
        told(arguments, &child.wait_with_output().unwrap(), exit)
    }

    /// The files there are, hidden ones too, but for the scenario and what it names.
    fn files(&self) -> Vec<String> {
        fn list(directory: &Path, before: &str, into: &mut Vec<String>) {
            for entry in fs::read_dir(directory).unwrap() {
                let entry = entry.unwrap();
                let name = format!("{before}{}", entry.file_name().to_string_lossy());
                match entry.file_type().unwrap().is_dir() {
                    true => list(&entry.path(), &format!("{name}/"), into),
                    false => into.push(name),
                }
            }
        }
        let mut names = Vec::new();
        list(self.0.path(), "", &mut names);
        names.retain(|name| name != "d.toml" && name != "arrivals.csv");
        names.sort();
        names
    }
}

#[track_caller]
fn told(arguments: &[&str], output: &Output, exit: i32) -> (String, String) {
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    let (out, err) = (text(&output.stdout), text(&output.stderr));
    assert_eq!(output.status.code(), Some(exit), "{arguments:?}\n{out}\n{err}");
    assert!(!err.contains("panicked"), "{err}");
    (out, err)
}

/// Every output that is an input is refused before any work, by whatever name.
#[test]
fn an_output_is_never_an_input() {
    let place = Place::new();
    symlink("d.toml", place.path("link.toml")).unwrap();
    fs::hard_link(place.path("d.toml"), place.path("hard.toml")).unwrap();
    symlink("arrivals.csv", place.path("link.csv")).unwrap();
    fs::create_dir(place.path("sub")).unwrap();
    place.check(&["check", "d.toml", "--save-baseline", "base.json"], 0);
    place.check(&["run", "d.toml", "--trace", "log.jsonl"], 0);
    place.check(&["run", "d.toml", "--out", "out"], 0);
    let (base, log, results) = (place.text("base.json"), place.text("log.jsonl"), place.text("out/results.json"));
    let before = place.files();
    for arguments in [
        "export tickets d.toml -o d.toml",
        "export tickets ./d.toml -o sub/../d.toml",
        "export messages d.toml -o arrivals.csv",
        "run d.toml --trace d.toml",
        "run d.toml --trace link.toml",
        "run link.toml --trace d.toml",
        "run d.toml --trace hard.toml",
        "run d.toml --trace arrivals.csv",
        "run d.toml --trace link.csv",
        "check d.toml --save-baseline d.toml",
        "check d.toml --baseline base.json --junit base.json",
        "check d.toml --baseline base.json --markdown ./base.json",
        "check d.toml --exact --baseline base.json --baseline-trace log.jsonl --trace log.jsonl",
        "report out -o out/results.json",
        "report out/results.json -o ./out/results.json",
        "plot out --kind course -o out/results.json",
        "sweep d.toml --vary agent.ana.count=1,2 --vary customer.shopper.arrivals.file=\"arrivals.csv\" --out arrivals.csv",
    ] {
        let words: Vec<&str> = arguments.split(' ').collect();
        let output = place.run(&words);
        let err = String::from_utf8_lossy(&output.stderr).into_owned();
        let code = output.status.code();
        assert!(
            code == Some(2) || (arguments.ends_with("--out arrivals.csv") && code == Some(1)),
            "{arguments}: {err}"
        );
        assert_eq!(
            (place.text("d.toml"), place.text("arrivals.csv")),
            (DESK.to_owned(), ARRIVALS.to_owned()),
            "{arguments}"
        );
        assert_eq!(place.files(), before, "{arguments}");
    }
    assert_eq!((place.text("base.json"), place.text("log.jsonl")), (base, log));
    assert_eq!(place.text("out/results.json"), results);
    let (_, err) = place.check(&["run", "d.toml", "--trace", "link.toml"], 2);
    assert!(err.contains("--trace would overwrite the scenario (d.toml)") && err.contains("link.toml"), "{err}");
    let (_, err) = place.check(&["run", "d.toml", "--trace", "arrivals.csv"], 2);
    assert!(err.contains("a file that the scenario names") && err.contains("give --trace another path"), "{err}");
}

/// A scenario that is called as an output, in its own `--out`.
#[test]
fn a_scenario_may_not_be_called_as_what_is_written_beside_it() {
    for name in ["report.txt", "results.json", "results.csv", "report.html", "bench.json"] {
        let place = Place::new();
        place.put(name, DESK);
        for command in ["run", "check", "compare --policies round_robin,least_open", "sweep --vary agent.ana.count=1,2"]
        {
            if name == "bench.json" {
                continue;
            }
            let mut words: Vec<&str> = command.split(' ').collect();
            words.insert(1, name);
            words.extend(["--out", "."]);
            let (_, err) = place.check(&words, 2);
            assert!(err.contains("--out would overwrite the scenario") && err.contains("another directory"), "{err}");
            assert_eq!(place.text(name), DESK);
            assert_eq!(place.files(), [name]);
        }
    }
    // A file in the place of the directory stays, too.
    for command in ["run d.toml", "check d.toml", "sweep d.toml --vary agent.ana.count=1,2"] {
        let place = Place::new();
        place.put("other.txt", "mine");
        let words: Vec<&str> = command.split(' ').chain(["--out", "other.txt"]).collect();
        let (_, err) = place.check(&words, 2);
        assert!(err.contains("other.txt is a file, where a directory is wanted"), "{command}: {err}");
        assert_eq!(place.text("other.txt"), "mine");
    }
    // So does nothing where there is no directory.
    for arguments in
        [&["run", "d.toml", "--trace", "none/t.jsonl"][..], &["export", "tickets", "d.toml", "-o", "none/t.csv"]]
    {
        let place = Place::new();
        let (_, err) = place.check(arguments, 2);
        assert!(err.contains("there is no such directory") && err.contains("make the directory first"), "{err}");
        assert!(place.files().is_empty());
    }
    // What a value of --vary names is read, too.
    let place = Place::new();
    place.put("results.csv", ARRIVALS);
    let vary = "customer.shopper.arrivals.file=\"arrivals.csv\",\"results.csv\"";
    place.check(&["sweep", "d.toml", "--vary", vary, "--out", "."], 2);
    assert_eq!(place.files(), ["results.csv"]);
}

#[test]
fn two_outputs_are_never_one_file() {
    let place = Place::new();
    for arguments in [
        &["--junit", "x", "--markdown", "x"][..],
        &["--junit", "x", "--save-baseline", "./x"],
        &["--trace", "out/report.txt", "--out", "out"],
        &["--junit", "-", "--markdown", "/dev/stdout"],
        &["--junit", "-", "--format", "json"],
    ] {
        let (out, err) = place.check(&[&["check", "d.toml"], arguments].concat(), 2);
        assert!(out.is_empty() && (err.contains("same file") || err.contains("takes one output")), "{err}");
        assert!(place.files().is_empty(), "{arguments:?}: {:?}", place.files());
    }
    // A link to nowhere is the file that it leads to.
    symlink("x", place.path("to-x")).unwrap();
    place.check(&["check", "d.toml", "--junit", "x", "--markdown", "to-x"], 2);
    // What takes from many is no file.
    place.check(&["check", "d.toml", "--junit", "/dev/null", "--markdown", "/dev/null"], 0);
    // Standard output led into a file is that file.
    let file = fs::File::create(place.path("y")).unwrap();
    let output = place.command(&["check", "d.toml", "--junit", "y"]).stdout(file).output().unwrap();
    assert_eq!(output.status.code(), Some(2));
}

#[test]
fn what_may_not_be_written_stays() {
    let place = Place::new();
    place.put("old", "precious");
    fs::set_permissions(place.path("old"), PermissionsExt::from_mode(0o444)).unwrap();
    for arguments in [
        &["run", "d.toml", "--trace", "old"][..],
        &["export", "tickets", "d.toml", "-o", "old"],
        &["check", "d.toml", "--junit", "old"],
    ] {
        let (_, err) = place.check(arguments, 2);
        assert!(err.contains("old is read-only"), "{err}");
        assert_eq!((place.text("old"), place.files()), ("precious".to_owned(), vec!["old".to_owned()]));
    }
    let (_, err) = place.check(&["run", "d.toml", "--trace", "."], 2);
    assert!(err.contains("cannot write .: it is a directory"), "{err}");
    // What may be replaced keeps its permissions, and a link stays a link.
    fs::set_permissions(place.path("old"), PermissionsExt::from_mode(0o640)).unwrap();
    symlink("old", place.path("link")).unwrap();
    place.check(&["run", "d.toml", "--trace", "link"], 0);
    assert!(place.path("link").is_symlink() && place.text("old").contains("\"do\""));
    assert_eq!(place.path("old").metadata().unwrap().permissions().mode() & 0o777, 0o640);
    // A link to nowhere makes the file that it leads to.
    symlink("new", place.path("nowhere")).unwrap();
    place.check(&["run", "d.toml", "--trace", "nowhere"], 0);
    assert!(place.path("nowhere").is_symlink() && place.text("new").contains("\"do\""));
}

#[test]
fn a_full_disk_says_so_in_our_words_and_leaves_nothing() {
    let place = Place::new();
    for format in ["csv", "jsonl", "xlsx", "parquet"] {
        if format == "parquet" && !cfg!(feature = "parquet") {
            continue;
        }
        let (_, err) = place.check(&["export", "tickets", "d.toml", "-o", "/dev/full", "--format", format], 1);
        assert!(err.contains("cannot write /dev/full: the disk is full"), "{format}: {err}");
        assert!(err.contains("free some space"), "{format}: {err}");
        assert_eq!(err.matches("error").count(), 1, "{format}: {err}");
    }
    for arguments in [
        &["run", "d.toml", "--trace", "/dev/full"][..],
        &["check", "d.toml", "--junit", "/dev/full"],
        &["check", "d.toml", "--markdown", "/dev/full", "--save-baseline", "base.json"],
    ] {
        let (_, err) = place.check(arguments, 1);
        assert!(err.contains("the disk is full"), "{err}");
        assert!(place.files().is_empty(), "nothing takes its place before all is written: {:?}", place.files());
    }
    let full = fs::File::options().write(true).open("/dev/full").unwrap();
    let output = place.command(&["run", "d.toml"]).stdout(full).output().unwrap();
    let (_, err) = told(&["run"], &output, 1);
    assert!(err.contains("cannot write to standard output: the disk is full"), "{err}");
}

/// A library that makes `flock` fail, where there is a compiler for it.
fn without_locks(place: &Place) -> Option<PathBuf> {
    let source =
        "#include <errno.h>\nint flock(int fd, int op) { (void)fd; (void)op; errno = EOPNOTSUPP; return -1; }\n";
    place.put("nolock.c", source);
    let library = place.path("nolock.so");
    let made = Command::new("cc").args(["-shared", "-fPIC", "-o"]).arg(&library).arg(place.path("nolock.c")).status();
    fs::remove_file(place.path("nolock.c")).unwrap();
    made.is_ok_and(|status| status.success()).then_some(library)
}

#[test]
fn where_locks_do_not_work_a_sweep_says_so_and_others_need_none() {
    let place = Place::new();
    let Some(library) = without_locks(&place) else { return };
    let run = |arguments: &[&str], exit| {
        let output = place.command(arguments).env("LD_PRELOAD", &library).output().unwrap();
        told(arguments, &output, exit)
    };
    // A draft of somebody else's is left alone.
    fs::create_dir_all(place.path("out/cells")).unwrap();
    place.put("out/cells/.desksim-other", "under way");
    place.put("out/.desksim-other", "under way");
    let (_, err) = run(&["sweep", "d.toml", "--vary", "agent.ana.count=1,2", "--out", "out"], 1);
    assert!(err.contains("this file system has no locks") && err.contains("local disk"), "{err}");
    run(&["run", "d.toml", "--out", "out", "--trace", "out/log.jsonl"], 0);
    run(&["check", "d.toml", "--out", "out"], 0);
    run(&["export", "tickets", "d.toml", "-o", "out/tickets.xlsx"], 0);
    let files = place.files();
    assert!(files.contains(&"out/.desksim-other".to_owned()), "{files:?}");
    assert!(files.contains(&"out/cells/.desksim-other".to_owned()), "{files:?}");
    let drafts = files.iter().filter(|name| name.contains(".desksim-")).count();
    assert_eq!(drafts, 2, "{files:?}");
    // With locks it goes on, and leaves what others began.
    place.check(&["sweep", "d.toml", "--vary", "agent.ana.count=1,2", "--out", "out"], 0);
    assert_eq!(place.files().iter().filter(|name| name.contains(".desksim-")).count(), 2);
}

/// Kills commands at random moments: no file is ever half there, and none that was there is lost.
fn killed(times: u32, locks: bool) {
    let place = Place::new();
    // Long enough to be killed at work.
    let long = DESK.replace("duration = \"2h\"", "duration = \"30d\"").replace("replications = 2", "replications = 5");
    place.put("d.toml", &long.replace("{ file = \"arrivals.csv\" }", "{ per_hour = 5 }"));
    let library = if locks { None } else { without_locks(&place) };
    if !locks && library.is_none() {
        return;
    }
    let mut commands: Vec<Vec<&str>> = vec![
        "run d.toml --out out --trace out/log.jsonl".split(' ').collect(),
        "check d.toml --out checked --junit checked/check.xml --save-baseline checked/base.json".split(' ').collect(),
        "export tickets d.toml -o out/tickets.csv".split(' ').collect(),
        "export messages d.toml -o out/messages.jsonl".split(' ').collect(),
    ];
    if locks {
        commands.push("sweep d.toml --vary agent.ana.count=1,2,3 --out swept --replications 2".split(' ').collect());
    }
    let whole = |place: &Place| -> Vec<(String, String)> {
        let names = place.files().into_iter().filter(|name| !name.contains(".desksim-") && !name.ends_with("lock"));
        names.filter(|name| !name.ends_with(".so")).map(|name| (name.clone(), place.text(&name))).collect()
    };
    let mut took = Vec::new();
    for command in &commands {
        let start = std::time::Instant::now();
        place.check(command, 0);
        took.push(start.elapsed());
    }
    let expected = whole(&place);
    let mut draw: u64 = 7;
    for n in 0..times {
        let which = n as usize % commands.len();
        if n as usize % (2 * commands.len()) >= commands.len() {
            // What is not there yet comes whole or not at all.
            let _ = fs::remove_dir_all(place.path(["out", "checked", "out", "out", "swept"][which]));
            fs::create_dir_all(place.path("out")).unwrap();
        }
        let there = place.files().into_iter().filter(|name| !name.contains(".desksim-")).collect::<Vec<_>>();
        let mut command = place.command(&commands[which]);
        if let Some(library) = &library {
            command.env("LD_PRELOAD", library);
        }
        let mut child = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        draw = draw.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        std::thread::sleep(took[which].mul_f64(1.1 * (draw >> 40) as f64 / (1_u64 << 24) as f64));
        let _ = child.kill();
        child.wait().unwrap();
        let left = place.files();
        assert!(there.iter().all(|name| left.contains(name)), "kill {n}: {there:?} became {left:?}");
        for (name, text) in whole(&place) {
            let known = expected.iter().find(|(known, _)| *known == name);
            assert!(known.is_some_and(|(_, whole)| *whole == text), "kill {n}: {name} is not whole");
        }
    }
    // Everything can be made again, and what was left behind on this machine is cleaned up where it can be told.
    for command in &commands {
        place.check(command, 0);
    }
    assert!(whole(&place) == expected, "it ends with the same bytes");
    if locks && Path::new("/proc/sys/kernel/random/boot_id").exists() {
        let left: Vec<String> = place.files().into_iter().filter(|name| name.contains(".desksim-")).collect();
        assert!(left.is_empty(), "{left:?}");
    }
}

#[test]
fn kills_leave_no_half_file() {
    killed(15, true);
    killed(8, false);
}

#[test]
#[ignore = "takes minutes"]
fn three_hundred_kills_leave_no_half_file() {
    killed(300, true);
    killed(300, false);
}

#[test]
fn a_signal_takes_drafts_away_and_ends_as_it_says() {
    use std::os::unix::process::ExitStatusExt;
    // Who is told to ignore a signal, as nohup tells, goes on.
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let ignored = status.lines().find_map(|line| line.strip_prefix("SigIgn:")).map(str::trim);
    let ignored = ignored.and_then(|mask| u64::from_str_radix(mask, 16).ok()).unwrap_or(0);
    for (name, signal) in [("INT", 2), ("TERM", 15), ("HUP", 1)] {
        if ignored & 1 << (signal - 1) != 0 {
            continue;
        }
        let place = Place::new();
        place.put(
            "d.toml",
            &DESK
                .replace("duration = \"2h\"", "duration = \"2000d\"")
                .replace("{ file = \"arrivals.csv\" }", "{ per_hour = 60 }"),
        );
        let arguments = ["run", "d.toml", "--out", "out", "--trace", "log.jsonl", "--replications", "100"];
        let mut child = place.command(&arguments).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        for _ in 0..1_000 {
            if place.files().len() >= 5 {
                break;
            }
            std::thread::sleep(Duration::from_millis(10));
        }
        assert_eq!(place.files().len(), 5, "five files are under way");
        Command::new("kill").args([format!("-{name}"), child.id().to_string()]).status().unwrap();
        let status = child.wait().unwrap();
        assert_eq!(status.signal(), Some(signal), "{status:?}");
        assert_eq!(place.files(), [""; 0], "{name}");
    }
}

#[test]
fn files_outside_the_scenarios_directory_must_be_allowed() {
    let place = Place::new();
    let secret = "root:x:0:0:a-long-secret-that-nobody-asked-to-see-on-this-terminal:/root:/bin/sh\nmore secrets\n";
    place.put("secret.csv", secret);
    fs::create_dir(place.path("in")).unwrap();
    symlink("../secret.csv", place.path("in/link.csv")).unwrap();
    place.put("in/own.csv", ARRIVALS);
    symlink("own.csv", place.path("in/alias.csv")).unwrap();
    let absolute = place.path("secret.csv").display().to_string();
    for file in ["../secret.csv", "link.csv", absolute.as_str(), "/etc/hostname", "../not-there.csv"] {
        place.put("in/d.toml", &DESK.replace("arrivals.csv", file));
        for command in [
            "validate in/d.toml",
            "run in/d.toml",
            "check in/d.toml",
            "compare in/d.toml --policies round_robin,least_open",
            "sweep in/d.toml --vary agent.ana.count=1,2",
            "staff in/d.toml",
            "export tickets in/d.toml -o -",
            "explain in/d.toml --ticket 1",
            "bench in --policies round_robin,least_open",
        ] {
            let words: Vec<&str> = command.split(' ').collect();
            let (out, err) = place.check(&words, 2);
            assert!(
                err.contains("is not in the scenario's directory") && err.contains("--allow-outside"),
                "{command}: {err}"
            );
            assert!(!err.contains("root:x") && !out.contains("root:x") && !err.contains("secrets"), "{command}: {err}");
        }
    }
    // Allowed, its content is quoted by a cell at most, and shortened.
    place.put("in/d.toml", &DESK.replace("arrivals.csv", "../secret.csv"));
    let (_, err) = place.check(&["validate", "in/d.toml", "--allow-outside"], 2);
    assert!(err.contains("there is no column `at`") && !err.contains("more secrets"), "{err}");
    assert!(!err.contains("nobody-asked-to-see"), "{err}");
    place.put("secret.csv", "at,more\n60,x\nwrong,hidden\n");
    let (_, err) = place.check(&["validate", "in/d.toml", "--allow-outside"], 2);
    assert!(err.contains("secret.csv:3:1") && err.contains("`wrong` does not fit") && !err.contains("hidden"), "{err}");
    place.put("secret.csv", ARRIVALS);
    place.check(&["run", "in/d.toml", "--allow-outside"], 0);
    // What lies inside needs nothing, through a link that stays inside too.
    for file in ["own.csv", "./own.csv", "alias.csv", "../in/own.csv"] {
        place.put("in/d.toml", &DESK.replace("arrivals.csv", file));
        place.check(&["run", "in/d.toml"], 0);
    }
    // The directory is that of the file, as it is named; of standard input it is the working directory.
    place.check_with_input(DESK, &["run", "-"], 0);
    place.check_with_input(&DESK.replace("arrivals.csv", "/etc/hostname"), &["run", "-"], 2);
    // A pipe or a device would never end.
    place.put("in/d.toml", &DESK.replace("arrivals.csv", "pipe"));
    Command::new("mkfifo").arg(place.path("in/pipe")).status().unwrap();
    let (_, err) = place.check(&["validate", "in/d.toml"], 2);
    assert!(err.contains("it is no file"), "{err}");
    // A case may not show what a file elsewhere says.
    place.put("in/case.toml", &format!("rules = [\"TIC-1\"]\ndesk = \"{absolute}\"\n"));
    let (_, err) = place.check(&["replay", "in/case.toml"], 2);
    assert!(err.contains("it lies outside") && err.contains("--allow-outside") && !err.contains("60"), "{err}");
}

#[test]
fn standard_streams_stand_for_files() {
    let place = Place::new();
    let (page, _) = place.check(&["run", "d.toml"], 0);
    assert_eq!(place.check_with_input(DESK, &["run", "-"], 0).0, page);
    place.check_with_input(DESK, &["validate", "-"], 0);
    let (_, err) = place.check_with_input("schema = 1\n[colour]\n", &["validate", "-"], 2);
    assert!(err.contains("standard input:2"), "{err}");
    place.check_with_input(DESK, &["check", "-"], 0);
    place.check_with_input(DESK, &["compare", "-", "--policies", "round_robin,least_open"], 0);
    place.check_with_input(DESK, &["sweep", "-", "--vary", "agent.ana.count=1,2"], 0);
    place.check_with_input(DESK, &["explain", "-", "--ticket", "1"], 0);
    assert!(place.check_with_input(DESK, &["export", "tickets", "-", "-o", "-"], 0).0.starts_with("ticket"));
    for arguments in [&["validate", "-", "-"][..], &["replay", "-", "--desk", "-"], &["check", "-", "--baseline", "-"]]
    {
        let (_, err) = place.check_with_input(DESK, arguments, 2);
        assert!(err.contains("only once"), "{err}");
    }
    // An output to standard output takes the page's place.
    let (xml, _) = place.check(&["check", "d.toml", "--junit", "-"], 0);
    assert!(xml.starts_with("<?xml") && xml.ends_with("</testsuites>\n"), "{xml}");
    let (text, _) = place.check(&["check", "d.toml", "--markdown", "-"], 0);
    assert!(text.starts_with("### Small"), "{text}");
    let (base, _) = place.check(&["check", "d.toml", "--save-baseline", "-"], 0);
    assert!(base.starts_with('{'), "{base}");
    place.check_with_input(&base, &["check", "d.toml", "--baseline", "-"], 0);
    let (log, _) = place.check(&["run", "d.toml", "--trace", "-"], 0);
    assert!(log.lines().all(|line| line.starts_with("{\"at\":")), "{log}");
    assert_eq!(place.check_with_input(&log, &["replay", "-", "--desk", "d.toml"], 0).0, log);
    place.check(&["run", "d.toml", "--out", "out"], 0);
    let results = place.text("out/results.json");
    let (html, _) = place.check_with_input(&results, &["report", "-", "-o", "-"], 0);
    assert_eq!(html, place.text("out/report.html"));
    let (svg, _) = place.check_with_input(&results, &["plot", "-", "--kind", "course", "-o", "-"], 0);
    assert!(svg.starts_with("<svg"));
}

#[test]
fn the_summary_of_a_job_is_added_to() {
    let place = Place::new();
    place.put("summary.md", "# What came before\n");
    let check = |name: &str| {
        let arguments = ["check", "d.toml", "--markdown", name];
        let output = place.command(&arguments).env("GITHUB_STEP_SUMMARY", place.path("summary.md")).output().unwrap();
        told(&arguments, &output, 0)
    };
    check("summary.md");
    check("./summary.md");
    let text = place.text("summary.md");
    assert!(text.starts_with("# What came before\n\n### Small") && text.matches("### Small").count() == 2, "{text}");
    // Any other file is what the last check wrote.
    check("other.md");
    check("other.md");
    assert_eq!(place.text("other.md").matches("### Small").count(), 1);
}

#[test]
fn a_closed_pipe_is_quiet() {
    let place = Place::new();
    place.put(
        "d.toml",
        &DESK
            .replace("duration = \"2h\"", "duration = \"60d\"")
            .replace("{ file = \"arrivals.csv\" }", "{ per_hour = 60 }"),
    );
    for arguments in ["export messages d.toml -o -", "run d.toml --trace - --replications 1"] {
        let words: Vec<&str> = arguments.split(' ').collect();
        let mut child = place.command(&words).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let mut reader = child.stdout.take().unwrap();
        std::io::Read::read_exact(&mut reader, &mut [0; 20]).unwrap();
        drop(reader);
        let output = child.wait_with_output().unwrap();
        assert_eq!(
            (output.status.code(), String::from_utf8_lossy(&output.stderr).as_ref()),
            (Some(0), ""),
            "{arguments}"
        );
    }
}

/// What breaks terminals, tables and markup, in a name.
const NASTY: &str = r##"\u001b[31mé|`<b>&\"*_\n=1\u0007\u007f\u0085\u009b\u2028\u202e\u2066"##;

/// A scenario whose every name, title, label and choice is nasty.
const NASTY_DESK: &str = r#"
schema = 1
title = "=T~"
[run]
start = "2026-03-02T08:00:00"
duration = "4h"
replications = 2
[status."s~"]
connection = "inactive"
assignable = false
[field."f~"]
type = "choice"
choices = ["c~", "d~"]
[group."g~"]
[group."l~"]
[shift."h~"]
hours = "08:00-12:00"
breaks = [{ status = "s~", at = "09:00", for = "10m" }]
[agent.crew]
count = 2
groups = ["g~"]
shift = "h~"
[agent."b~"]
groups = ["l~"]
role = "admin"
[policy."p~"]
keys = ["load"]
[channel."k~"]
assignment = { groups = ["g~"], policy = "p~" }
limit = { max_open = 2 }
sla = { first_response = "5m", closure = "1h", escalate_to = "b~" }
greeting = "hello~"
[channel."m~"]
assignment = { groups = ["g~", "l~"] }
[customer."u~"]
channel = "k~"
arrivals = { per_hour = 20 }
handle_time = "5m"
patience = "10m"
fields = { "f~" = { "c~" = 0.5, "d~" = 0.5 } }
[customer."v~"]
channel = "m~"
arrivals = { per_hour = 3 }
handle_time = "6m"
[variant."x~"]
"agent.*.concurrency" = 2
[staff]
max_replications = 10
[staff.counts]
"agent.crew.count" = { min = 1, max = 2, cost = 1.0 }
[[event]]
at = "1h"
do = { configure_channel = { by = "b~", channel = "k~", greeting = "hi~" } }
[[event]]
at = "2h"
do = { create_status = { by = "b~", name = "t~", connection = "connected", assignable = true } }
[[expect]]
metric = "sla.first_response.breach_rate"
at_most = 0.5
"#;

/// No control character of others reaches a terminal or a file, in any command and format.
#[test]
fn no_control_character_of_others_is_printed() {
    let place = Place::new();
    place.put("d.toml", &NASTY_DESK.replace('~', NASTY));
    fs::create_dir(place.path("suite")).unwrap();
    place.put("suite/x\u{1b}[2J\u{9b}y.toml", &NASTY_DESK.replace('~', NASTY));
    let mut printed: Vec<(String, String)> = Vec::new();
    let mut run = |arguments: &[&str], exits: &[i32]| {
        let output = place.run(arguments);
        let [out, err] = [output.stdout, output.stderr].map(|bytes| String::from_utf8(bytes).unwrap());
        let code = output.status.code().unwrap();
        assert!(exits.contains(&code), "{arguments:?}: {code}\n{err}");
        printed.push((format!("{arguments:?}, printed"), out));
        printed.push((format!("{arguments:?}, told"), err));
    };
    for format in ["text", "json", "markdown"] {
        for arguments in [
            "run d.toml --out o/run --trace o/run/log.jsonl",
            "check d.toml --out o/check --junit o/check/j.xml --markdown o/check/m.md --save-baseline o/check/b.json",
            "compare d.toml --policies round_robin,least_open --out o/compare",
            "compare d.toml --variants --out o/variants",
            "sweep d.toml --vary agent.crew.count=1,2 --vary title=\"=x\\u001b[2J\",y --out o/sweep",
            "staff d.toml --out o/staff",
            "bench suite --policies round_robin,least_open --metric queue.wait.mean --out o/bench",
            "explain d.toml --ticket 3",
            "dashboard d.toml",
        ] {
            let words: Vec<&str> = arguments.split(' ').chain(["--format", format]).collect();
            run(&words, &[0, 99]);
        }
    }
    for format in ["csv", "jsonl", "xlsx"] {
        for what in ["tickets", "messages", "notifications", "users"] {
            run(&["export", what, "d.toml", "-o", &format!("o/{what}.{format}")], &[0]);
        }
    }
    run(&["validate", "d.toml"], &[0]);
    run(&["replay", "o/run/log.jsonl", "--desk", "d.toml"], &[0]);
    run(&["plot", "o/run"], &[0]);
    let charts =
        ["sla", "course", "service-level", "breaches", "waits", "lorenz", "agents", "share", "connections", "statuses"];
    for kind in charts {
        run(&["plot", "o/run", "--kind", kind, "-o", &format!("o/{kind}.svg")], &[0]);
    }
    // Mistakes are told without what they were made with.
    let nasty = "\u{1b}[2J\u{9b}x\u{202e}";
    let named = |words: &str| words.replace('~', nasty);
    place.put("bad.jsonl", &named("{\"at\": 1, \"do\": {\"~\": {}}}\n"));
    place.put("worse.jsonl", "{\"at\": 1, \"do\": {\"reply\": {\"user\": \"\\u001b[2J\", \"ticket\": \"0000001\"}}}\n");
    place.put(
        "group.toml",
        "schema=1\ntitle=\"x\"\n[group.\"\\u001b[2J\\u001b[31mPWNED\"]\n[agent.a]\ngroups=[\"g\"]\n",
    );
    for arguments in [
        "run|d.toml|--set|channel.~.limit=3",
        "run|d.toml|--seed|~",
        "run|d.toml|--~",
        "run|~.toml",
        "export|tickets|d.toml|-o|-|--channel|~",
        "export|tickets|d.toml|-o|-|--agent|crw",
        "export|tickets|d.toml|-o|-|--from|~",
        "export|tickets|d.toml|-o|-|--status|~",
        "compare|d.toml|--policies|~,least_open",
        "compare|d.toml|--policies|round_robin,least_open|--metric|queue.wait.mean{channel=\"~\"}",
        "explain|d.toml|--ticket|3|--policy|~",
        "sweep|d.toml|--vary|~=1",
        "plot|o/run|--kind|~",
        "replay|bad.jsonl|--desk|d.toml",
        "replay|worse.jsonl|--desk|d.toml",
        "validate|group.toml",
        "validate|group.toml|--format|json",
    ] {
        let words: Vec<String> = arguments.split('|').map(named).collect();
        run(&words.iter().map(String::as_str).collect::<Vec<_>>(), &[2]);
    }
    let written = place.files().into_iter().filter(|name| name.starts_with("o/") && !name.ends_with(".xlsx"));
    printed.extend(written.map(|name| (name.clone(), place.text(&name))));
    assert!(printed.len() > 100, "{}", printed.len());
    for (what, text) in &printed {
        let raw = |letter: char| desksim::text::is_hidden(letter) && !matches!(letter, '\n' | '\t');
        if let Some(at) = text.find(raw) {
            let from = text[..at].char_indices().rev().nth(60).map_or(0, |(from, _)| from);
            panic!("{what}: {:?}", &text[from..text.len().min(at + 4)]);
        }
        if what.ends_with(".svg") || what.ends_with(".xml") {
            well_formed(what, text);
        }
        if what.ends_with(".csv") {
            let mut rows = csv::Reader::from_reader(text.as_bytes());
            for row in rows.records() {
                assert!(row.unwrap().iter().all(|cell| !cell.starts_with('=')), "{what}");
            }
        }
        if what.ends_with(".md") || (what.contains("markdown") && what.contains("printed")) {
            assert!(!text.contains("<b>") || text.contains("```text") || text.contains("`<b>"), "{what}: {text}");
        }
    }
}

/// Every element is closed by its name, and what stands within is XML.
fn well_formed(what: &str, text: &str) {
    let mut open: Vec<String> = Vec::new();
    let mut rest = text;
    while let Some(start) = rest.find('<') {
        let between = &rest[..start];
        assert!(!between.contains('>'), "{what}: {between}");
        let end = start + rest[start..].find('>').unwrap_or_else(|| panic!("{what}: a tag is not closed"));
        let tag = &rest[start + 1..end];
        let name: String = tag.trim_start_matches('/').chars().take_while(|letter| letter.is_alphanumeric()).collect();
        match tag {
            tag if tag.starts_with('?') || tag.ends_with('/') => {}
            tag if tag.starts_with('/') => assert_eq!(open.pop(), Some(name), "{what}"),
            _ => open.push(name),
        }
        assert_eq!(tag.matches('"').count() % 2, 0, "{what}: {tag}");
        rest = &rest[end + 1..];
    }
    assert!(open.is_empty(), "{what}: {open:?}");
    let entities = ["amp;", "lt;", "gt;", "quot;", "apos;", "#"];
    for (at, _) in text.match_indices('&') {
        assert!(entities.iter().any(|entity| text[at + 1..].starts_with(entity)), "{what}: {}", &text[at..]);
    }
}
