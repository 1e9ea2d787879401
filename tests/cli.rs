//! The program from outside: exit codes, streams and files.

use std::fs;
use std::io::{Read, Write};
use std::path::Path;
use std::process::{Command, Output, Stdio};

const QUICKSTART: &str = "scenarios/quickstart.toml";

fn command(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_desksim"));
    command.args(arguments).env_remove("NO_COLOR").env("RUST_BACKTRACE", "0");
    command
}

fn desksim(arguments: &[&str]) -> Output {
    command(arguments).output().unwrap()
}

fn text(bytes: &[u8]) -> &str {
    str::from_utf8(bytes).expect("desksim writes text")
}

/// Runs desksim, checks how it ends, and gives what it wrote to standard output and standard error.
#[track_caller]
fn check(arguments: &[&str], exit: i32) -> (String, String) {
    let output = desksim(arguments);
    let (out, err) = (text(&output.stdout).to_owned(), text(&output.stderr).to_owned());
    assert_eq!(output.status.code(), Some(exit), "{arguments:?}\n{out}\n{err}");
    assert!(!err.contains("panicked"), "{err}");
    (out, err)
}

/// The same with a file `name` that says `contents`; its path is the arguments' `{}`.
#[track_caller]
fn check_file(name: &str, contents: &str, arguments: &[&str], exit: i32) -> (String, String) {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join(name);
    fs::write(&path, contents).unwrap();
    let arguments: Vec<String> = arguments.iter().map(|part| part.replace("{}", path.to_str().unwrap())).collect();
    check(&arguments.iter().map(String::as_str).collect::<Vec<_>>(), exit)
}

#[test]
fn help_and_version_are_results() {
    let (help, _) = check(&["--help"], 0);
    let known = [
        "init",
        "validate",
        "run",
        "check",
        "compare",
        "bench",
        "explain",
        "export",
        "staff",
        "sweep",
        "report",
        "plot",
        "replay",
        "metrics",
        "policies",
        "schema",
        "completions",
    ];
    for subcommand in known {
        assert!(help.contains(subcommand), "{help}");
    }
    let (version, _) = check(&["--version"], 0);
    assert_eq!(version, format!("desksim {}\n", env!("CARGO_PKG_VERSION")));
}

#[test]
fn a_wrong_command_line_is_input_that_is_wrong() {
    for arguments in [
        &[] as &[&str],
        &["rnu"],
        &["run"],
        &["run", QUICKSTART, "--threads", "0"],
        &["run", QUICKSTART, "--replications", "0"],
        &["run", QUICKSTART, "--seed", "-1"],
        &["run", QUICKSTART, "--format", "xml"],
        &["run", "no/such/file.toml"],
        &["run", "scenarios"],
        &["run", QUICKSTART, "--set", "channel.chta.limit.max_open=3"],
        &["validate", "no/such/file.toml"],
        &["replay", "no/such/log.jsonl"],
        &["replay", "no/such/log.jsonl", "--desk", QUICKSTART],
        &["replay", "one.jsonl", "two.jsonl", "--desk", QUICKSTART],
        &["completions", "klingon"],
    ] {
        let (out, err) = check(arguments, 2);
        assert!(out.is_empty() && !err.is_empty(), "{arguments:?}");
    }
}

#[test]
fn validate_says_nothing_of_what_is_right() {
    for entry in fs::read_dir("scenarios").unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_some_and(|extension| extension == "toml") {
            let (out, err) = check(&["validate", path.to_str().unwrap()], 0);
            assert_eq!((out.as_str(), err.as_str()), ("", ""), "{}", path.display());
        }
    }
}

#[test]
fn validate_says_all_that_is_wrong_at_once_and_where() {
    let broken = fs::read_to_string(QUICKSTART).unwrap() + "\n[group.support]\ncolour = \"red\"\n[run2]\n";
    let broken = broken.replacen("[group.support]", "[group.support2]", 1);
    let (out, err) = check_file("broken.toml", &broken, &["validate", "{}"], 2);
    assert_eq!(out, "");
    let line = broken.lines().position(|line| line.contains("colour")).unwrap() + 1;
    assert!(err.contains("broken.toml:") && err.contains(&format!(":{line}:")) && err.contains("run2"), "{err}");
    assert!(!err.contains('\u{1b}'), "colour is for terminals: {err}");
    let (out, err) = check_file("broken.toml", &broken, &["validate", "{}", "--format", "json"], 2);
    let listed: serde_json::Value = serde_json::from_str(&out).unwrap();
    let lines: Vec<u64> =
        listed["problems"].as_array().unwrap().iter().filter_map(|one| one["line"].as_u64()).collect();
    assert!(lines.contains(&(line as u64)) && lines.len() > 1, "{out}");
    assert_eq!(err, "");
}

#[test]
fn a_run_gives_the_same_bytes_with_any_number_of_threads() {
    let run =
        |threads| check(&["run", QUICKSTART, "--format", "json", "--replications", "3", "--threads", threads], 0).0;
    let one = run("1");
    let results: serde_json::Value = serde_json::from_str(&one).unwrap();
    assert_eq!(results["replications"], 3);
    assert_eq!(run("2"), one);
    assert_eq!(run("1"), one);
}

#[test]
fn another_seed_is_another_run_and_the_page_fits_the_terminal() {
    let run = |seed| check(&["run", QUICKSTART, "--replications", "2", "--seed", seed], 0).0;
    let page = run("1");
    assert_ne!(run("2"), page);
    for line in page.lines() {
        assert!(line.chars().count() <= 80, "{line}");
    }
    assert!(!page.contains('\u{1b}'), "colour is for terminals: {page}");
}

#[test]
fn out_writes_what_is_printed() {
    let directory = tempfile::tempdir().unwrap();
    let out = directory.path().join("new/results");
    let arguments = ["run", QUICKSTART, "--replications", "2", "--out", out.to_str().unwrap()];
    let (page, _) = check(&arguments, 0);
    assert_eq!(fs::read_to_string(out.join("report.txt")).unwrap(), page);
    let (json, _) = check(&[&arguments[..], &["--format", "json"]].concat(), 0);
    // The file holds what a report shows beside the figures, too; the figures are the same to the byte.
    let figures = json.strip_suffix("\n}\n").unwrap();
    assert!(
        fs::read_to_string(out.join("results.json")).unwrap().starts_with(&format!("{figures},\n  \"picture\": {{"))
    );
    let mut names: Vec<_> = fs::read_dir(&out).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    names.sort();
    assert_eq!(names, ["report.html", "report.txt", "results.csv", "results.json"], "and nothing else is left behind");
}

#[test]
fn nothing_is_written_on_bad_input() {
    let directory = tempfile::tempdir().unwrap();
    let (out, trace) = (directory.path().join("results"), directory.path().join("trace.jsonl"));
    let scenario = directory.path().join("broken.toml");
    fs::write(&scenario, fs::read_to_string(QUICKSTART).unwrap() + "\n[colour]\n").unwrap();
    let paths = [&scenario, &out, &trace].map(|path| path.to_str().unwrap());
    check(&["run", paths[0], "--out", paths[1], "--trace", paths[2]], 2);
    assert!(!out.exists() && !trace.exists());
}

#[test]
fn where_nothing_can_be_written_is_named() {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("file");
    fs::write(&file, "in the way").unwrap();
    let below = file.join("results");
    let (out, err) = check(&["run", QUICKSTART, "--out", below.to_str().unwrap()], 2);
    assert!(out.is_empty() && err.contains(below.to_str().unwrap()), "{err}");
    let (_, err) = check(&["run", QUICKSTART, "--trace", directory.path().to_str().unwrap()], 2);
    assert!(err.contains(directory.path().to_str().unwrap()), "{err}");
    let nowhere = directory.path().join("none/trace.jsonl");
    let (_, err) = check(&["run", QUICKSTART, "--trace", nowhere.to_str().unwrap()], 2);
    assert!(err.contains(nowhere.to_str().unwrap()), "{err}");
    assert_eq!(fs::read_to_string(&file).unwrap(), "in the way");
}

#[test]
fn init_writes_a_scenario_that_runs_and_never_over_another() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("mine.toml");
    let path = path.to_str().unwrap();
    let (out, err) = check(&["init", path], 0);
    assert!(out.is_empty() && err.contains(path), "{err}");
    check(&["run", path, "--replications", "1"], 0);
    fs::write(path, "precious").unwrap();
    check(&["init", path], 2);
    assert_eq!(fs::read_to_string(path).unwrap(), "precious");
    let (printed, _) = check(&["init", "-"], 0);
    assert!(printed.contains("schema = 1"));
    let (_, err) = check(&["init", directory.path().join("other.toml").to_str().unwrap(), "--quiet"], 0);
    assert_eq!(err, "");
}

/// A trace of a short run of the quickstart.
fn trace(directory: &Path) -> String {
    let path = directory.join("trace.jsonl");
    let run = ["run", QUICKSTART, "--replications", "1", "--seed", "7", "--trace", path.to_str().unwrap()];
    check(&run, 0);
    fs::read_to_string(path).unwrap()
}

#[test]
fn a_replay_agrees_with_the_trace_to_the_last_effect() {
    let directory = tempfile::tempdir().unwrap();
    let log = trace(directory.path());
    let effects = log.lines().filter(|line| line.contains("\"effect\":")).count();
    assert!(effects > 100, "{effects}");
    let (again, err) = check_file("log.jsonl", &log, &["replay", "{}", "--desk", QUICKSTART, "--seed", "7"], 0);
    assert!(again == log, "a replay prints what the trace says");
    assert!(err.contains(&format!("all {effects} effects")), "{err}");
    // Its commands alone bring the same about.
    let commands: String =
        log.lines().filter(|line| !line.contains("\"effect\":")).flat_map(|line| [line, "\n"]).collect();
    let (again, _) = check_file("log.jsonl", &commands, &["replay", "{}", "--desk", QUICKSTART, "--seed", "7"], 0);
    let sorted = |log: &str| {
        let mut lines: Vec<String> = log.lines().map(str::to_owned).collect();
        lines.sort();
        lines
    };
    assert!(sorted(&again) == sorted(&log));
}

#[test]
fn a_log_edited_in_one_place_is_caught_there() {
    let directory = tempfile::tempdir().unwrap();
    let log = trace(directory.path());
    let lines: Vec<&str> = log.lines().collect();
    let nth = lines.len() / 2;
    let nth = nth + lines[nth..].iter().position(|line| line.contains("\"assigned\":")).unwrap();
    let edited = lines[nth].replace("\"how\":\"auto\"", "\"how\":\"manual\"");
    assert_ne!(edited, lines[nth]);
    let mut edit = lines.clone();
    edit[nth] = &edited;
    let replay = ["replay", "{}", "--desk", QUICKSTART, "--seed", "7"];
    let (_, err) = check_file("log.jsonl", &edit.join("\n"), &replay, 99);
    assert!(err.contains(&format!("log.jsonl:{}", nth + 1)), "{err}");
    assert!(err.contains(&edited) && err.contains(lines[nth]), "both are shown: {err}");
    let mut cut = lines.clone();
    cut.remove(nth);
    let (_, err) = check_file("log.jsonl", &cut.join("\n"), &replay, 99);
    assert!(err.contains(&format!("log.jsonl:{}", nth + 1)) && err.contains(lines[nth]), "{err}");
}

#[test]
fn a_broken_log_is_input_that_is_wrong() {
    let ok = "{\"at\": 1, \"do\": {\"tick\": {}}}\n";
    for (line, words) in [
        ("hello", "not JSON"),
        ("{\"at\": 0, \"do\": {\"tick\": {}}}", "goes back in time"),
        ("{\"at\": 2, \"do\": {\"tock\": {}}}", "did you mean `tick`?"),
        (
            "{\"at\": 2, \"do\": {\"set_status\": {\"user\": \"nobody at all\", \"status\": \"Away\"}}}",
            "no user is called",
        ),
    ] {
        let (out, err) = check_file("log.jsonl", &format!("{ok}{line}\n"), &["replay", "{}", "--desk", QUICKSTART], 2);
        assert_eq!(out, "{\"at\":1,\"do\":{\"tick\":{}}}\n");
        assert!(err.contains("log.jsonl:2") && err.contains(words) && err.contains("help"), "{err}");
        // The line is shown, and the spot in it is marked.
        let marks = err.lines().filter(|shown| shown.contains('^')).count();
        assert!(err.contains(line) && marks == 1, "{err}");
    }
    let line = "{\"at\": 2, \"do\": {\"reply\": {\"user\": \"support-9\", \"ticket\": \"0000001\"}}}";
    let (_, err) = check_file("log.jsonl", &format!("{ok}{line}\n"), &["replay", "{}", "--desk", QUICKSTART], 2);
    assert!(err.contains("log.jsonl:2:36") && err.contains(&format!("{:>46}", "^^^^^^^^^^^")), "{err}");
    // Of a very long line only the place is told.
    let line = format!("{{\"at\": 2, \"do\": {{\"tock\": {{}}}},{}\"do\": 1}}", " ".repeat(5000));
    let (_, err) = check_file("log.jsonl", &format!("{ok}{line}\n"), &["replay", "{}", "--desk", QUICKSTART], 2);
    assert!(err.contains("log.jsonl:2:5036") && err.len() < 1000, "{err}");
    // A mark of the byte order before the first line says nothing.
    check_file("log.jsonl", &format!("\u{feff}{ok}\u{d}\n"), &["replay", "{}", "--desk", QUICKSTART], 0);
    let (_, err) = check_file("log.jsonl", ok, &["replay", "{}"], 2);
    assert!(err.contains("--desk"), "{err}");
    let (_, err) = check_file(
        "log.jsonl",
        "{\"at\": 1, \"do\": {\"tick\": {\"x\": \"\u{7f}",
        &["replay", "{}", "--desk", QUICKSTART],
        2,
    );
    assert!(err.contains("log.jsonl:1"), "{err}");
}

#[test]
fn a_log_may_come_from_standard_input() {
    let mut child = command(&["replay", "-", "--desk", QUICKSTART, "--quiet"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(b"{\"at\": \"1h\", \"do\": {\"tick\": {}}}\n").unwrap();
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(0));
    assert_eq!((text(&output.stdout), text(&output.stderr)), ("{\"at\":3600,\"do\":{\"tick\":{}}}\n", ""));
}

const CASE: &str = r#"
rules = ["TIC-1"]
[scenario.group.support]
[scenario.agent.ana]
groups = ["support"]
[scenario.channel.chat]
assignment = { rule = "round_robin", groups = ["support"] }
[[step]]
at = "1s"
do = { message = { conversation = "c1", channel = "chat" } }
expect = [{ created = { ticket = "0000001" } }, { assigned = { to = "ana" } }]
"#;

#[test]
fn a_case_that_holds_prints_one_line() {
    let (out, err) = check_file("life.toml", CASE, &["replay", "{}"], 0);
    assert_eq!((out.as_str(), err.as_str()), ("ok life: TIC-1 (1 steps)\n", ""));
    let (out, _) = check(
        &["replay", "tests/cases/shared/cap1-holds-in-queue.toml", "tests/cases/shared/esc1-breach-escalates.toml"],
        0,
    );
    assert_eq!(out.lines().count(), 2);
}

#[test]
fn an_expectation_may_say_a_ticket_and_nothing_as_people_do() {
    let expected =
        "expect = [{ assigned = { ticket = \"1\", from = \"none\" } }, { assigned = { from = \"\", to = \"ana\" } }]\n";
    let case = CASE.split_once("expect").unwrap().0.to_owned() + expected;
    let (out, _) = check_file("life.toml", &case, &["replay", "{}"], 99);
    assert!(out.contains("each matches another effect"), "{out}");
    let (first, _) = expected.split_once("}, {").unwrap();
    let case = CASE.split_once("expect").unwrap().0.to_owned() + first + "}]\n";
    check_file("life.toml", &case, &["replay", "{}"], 0);
}

#[test]
fn a_case_that_fails_shows_the_step_and_what_happened() {
    let wrong = CASE.replace("{ assigned = { to = \"ana\" } }", "{ assigned = { how = \"manual\" } }");
    let (out, _) = check_file("life.toml", &wrong, &["replay", "{}"], 99);
    assert!(out.contains("FAILED life: TIC-1") && out.contains("life.toml:8") && out.contains("step 1"), "{out}");
    assert!(out.contains("expected {\"assigned\":{\"how\":\"manual\"}}"), "{out}");
    assert!(
        out.contains("{\"at\":1,\"effect\":{\"assigned\":{\"ticket\":\"0000001\",\"to\":\"ana\",\"how\":\"auto\"}}}"),
        "{out}"
    );
    let (out, _) = check_file("life.toml", &wrong, &["replay", "{}", "--format", "json"], 99);
    let told: serde_json::Value = serde_json::from_str(&out).unwrap();
    assert_eq!((&told["ok"], &told["failed"]["step"]), (&false.into(), &1.into()));
}

#[test]
fn a_broken_case_is_input_that_is_wrong() {
    for (from, to, words) in [
        ("created =", "craeted =", "did you mean `created`?"),
        ("\"1s\"", "\"soon\"", "duration"),
        ("message =", "mesage =", "did you mean `message`?"),
        ("channel = \"chat\"", "channel = \"chta\"", "did you mean `chat`?"),
        ("[scenario.agent.ana]", "[scenario.agnet.ana]", "agnet"),
        ("rules =", "rules", "see https://toml.io"),
    ] {
        let (out, err) = check_file("life.toml", &CASE.replace(from, to), &["replay", "{}"], 2);
        assert_eq!(out, "");
        assert!(err.contains("life.toml:") && err.contains(words), "{err}");
    }
    // An expectation that nothing can ever meet is a slip of the pen, and one that nothing may meet would hold for ever.
    for (expected, marked, words) in [
        ("assigned = { to = \"anna\" }", "\"anna\"", "did you mean `ana`?"),
        ("assigned = { how = \"automatic\" }", "\"automatic\"", "there is `auto`"),
        ("closed = { by = \"sytem\" }", "\"sytem\"", "did you mean `system`?"),
        ("created = { channel = \"chta\" }", "\"chta\"", "did you mean `chat`?"),
        ("warning = { group = \"suport\" }", "\"suport\"", "did you mean `support`?"),
        ("status_changed = { to = \"Awya\" }", "\"Awya\"", "did you mean `Away`?"),
        ("sla_ended = { outcome = \"mett\" }", "\"mett\"", "did you mean `met`?"),
        ("sla_started = { due = \"soon\" }", "\"soon\"", "write seconds"),
        ("reactivated = { cycle = \"2\" }", "\"2\"", "write a number"),
        ("closed = { empty_fields = [\"category\"] }", "\"category\"", "there is none"),
        ("queued = { ticket = \"first\" }", "\"first\"", "seven digits"),
        ("queued = { ticket = 1 }", "1", "write it in double quotes"),
    ] {
        for list in ["expect = [{ created = {} }, ", "never = ["] {
            let case = CASE.split_once("expect").unwrap().0.to_owned() + list + "{ " + expected + " }]\n";
            let (_, err) = check_file("life.toml", &case, &["replay", "{}"], 2);
            let spot = case.lines().last().unwrap().rfind(marked).unwrap() + 1;
            assert!(err.contains(&format!("life.toml:11:{spot}")) && err.contains(words), "{expected}: {err}");
        }
    }
    let case = format!("{CASE}users = {{ ann = {{ open = 1 }}, ana = {{ status = \"Awya\" }} }}\n");
    let (_, err) = check_file("life.toml", &case, &["replay", "{}"], 2);
    assert!(err.contains("life.toml:12:11") && err.contains("life.toml:12:48"), "{err}");
    // A path that leads nowhere is told where it stands, with what else is wrong.
    let (desk, steps) = CASE.split_once("[[step]]").unwrap();
    assert!(desk.contains("[scenario"));
    let case = format!("rules = [\"TIC-1\"]\ndesk = \"nowhere.toml\"\n[[step]]{}", steps.replace("\"1s\"", "\"soon\""));
    let (_, err) = check_file("life.toml", &case, &["replay", "{}"], 2);
    assert!(err.contains("life.toml:2:8") && err.contains("life.toml:4:6"), "{err}");
    // What is wrong with the desk and what is wrong with the steps is told at once.
    let both = CASE.replace("groups = [\"support\"]\n", "groups = [\"suport\"]\n").replace("\"1s\"", "\"soon\"");
    let (_, err) = check_file("life.toml", &both, &["replay", "{}"], 2);
    assert!(err.contains("life.toml:5") && err.contains("life.toml:9"), "{err}");
}

#[test]
fn whoever_stops_reading_is_no_error() {
    let mut log = String::new();
    for second in 0..20_000 {
        log.push_str(&format!("{{\"at\": {second}, \"do\": {{\"tick\": {{}}}}}}\n"));
    }
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("log.jsonl");
    fs::write(&path, log).unwrap();
    let mut child = command(&["replay", path.to_str().unwrap(), "--desk", QUICKSTART])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut reader = child.stdout.take().unwrap();
    reader.read_exact(&mut [0; 20]).unwrap();
    drop(reader);
    let output = child.wait_with_output().unwrap();
    assert_eq!((output.status.code(), text(&output.stderr)), (Some(0), ""));
}

#[test]
fn schema_and_completions_are_what_their_readers_want() {
    let (schema, _) = check(&["schema"], 0);
    let schema: serde_json::Value = serde_json::from_str(&schema).unwrap();
    assert!(schema["properties"]["channel"].is_object());
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        let (script, _) = check(&["completions", shell], 0);
        assert!(script.contains("replay") && script.contains("trace"), "{shell}");
    }
}

/// An option that would change nothing is refused, with where it does something.
#[test]
fn threads_are_refused_where_there_is_one() {
    let commands: [&[&str]; 6] = [
        &["validate", QUICKSTART],
        &["schema"],
        &["export", "tickets", QUICKSTART, "-o", "-"],
        &["explain", QUICKSTART, "--ticket", "1"],
        &["completions", "bash"],
        &["init", "-"],
    ];
    for command in commands {
        let (out, err) = check(&[command, &["--threads", "2"]].concat(), 2);
        assert!(out.is_empty() && err.contains(&format!("`{}` works on one thread", command[0])), "{command:?}: {err}");
        assert!(err.contains("leave out --threads"), "{err}");
    }
}

/// A title of one word as long as may be is wrapped; a longer one, of 4 MB, is refused.
#[test]
fn a_title_of_one_long_word_is_wrapped_or_refused() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("long.toml");
    let text = fs::read_to_string(QUICKSTART).unwrap();
    let title = text.lines().find(|line| line.starts_with("title")).unwrap();
    let titled = |length: usize, exit: i32| {
        fs::write(&path, text.replace(title, &format!("title = \"{}\"", "x".repeat(length)))).unwrap();
        check(&["run", path.to_str().unwrap(), "--replications", "1"], exit)
    };
    let (page, _) = titled(10_000, 0);
    assert!(page.lines().filter(|line| line.chars().all(|letter| letter == 'x')).count() >= 125);
    let (_, err) = titled(4_000_000, 2);
    assert!(err.contains("a title longer than 10,000 characters"), "{err}");
}

#[test]
fn the_lists_of_names_fit_a_terminal() {
    for list in ["metrics", "policies"] {
        let (out, _) = check(&[list], 0);
        let wide = out.lines().find(|line| line.chars().count() > 80);
        assert_eq!(wide, None, "{list}");
        assert!(out.lines().any(|line| line.starts_with("    ")), "{list} say what names mean");
    }
}
