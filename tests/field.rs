//! What people give desksim by mistake or from other tools: one clear sentence, and a way out.

use std::fs;
use std::path::Path;
use std::process::Command;

const DESK: &str = "schema = 1\ntitle = \"Two at a desk\"\n[run]\nstart = \"2025-07-12T00:00:00\"\nduration = \"1d\"\nreplications = 2\n\
                    [group.g]\n[agent.a]\ncount = 2\ngroups = [\"g\"]\n[channel.mail]\nassignment = { groups = [\"g\"] }\n\
                    [customer.c]\nchannel = \"mail\"\narrivals = { per_hour = 5 }\nhandle_time = \"5m\"\n";
const CASE: &str = "rules = [\"TIC-1\"]\n[scenario.group.g]\n[scenario.agent.a]\ngroups = [\"g\"]\n[scenario.channel.mail]\n\
                    assignment = { groups = [\"g\"] }\n[[step]]\nat = \"0s\"\ndo = { message = { conversation = \"c1\", channel = \"mail\" } }\n\
                    expect = [{ created = { ticket = \"0000001\" } }]\n";
const LOG: &str = "{\"at\": 0, \"do\": {\"message\": {\"conversation\": \"c1\", \"channel\": \"mail\"}}}\n";
const POLICIES: &str = "[policy.mine]\nkeys = [\"open\"]\n";
const ARRIVALS: &str = "at\n2025-07-11T20:47:12\n2025-07-12T08:00:00\n2025-07-14T09:00:00\n";

/// A place with a file of each kind.
fn place() -> tempfile::TempDir {
    let place = tempfile::tempdir().unwrap();
    for (name, text) in [
        ("desk.toml", DESK),
        ("case.toml", CASE),
        ("log.jsonl", LOG),
        ("mine.toml", POLICIES),
        ("arrivals.csv", ARRIVALS),
    ] {
        fs::write(place.path().join(name), text).unwrap();
    }
    place
}

#[track_caller]
fn check(place: &Path, arguments: &[&str], exit: i32) -> (String, String) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_desksim"));
    let output = command.current_dir(place).args(arguments).env("RUST_BACKTRACE", "0").output().unwrap();
    let [out, err] = [output.stdout, output.stderr].map(|bytes| String::from_utf8(bytes).unwrap());
    assert_eq!(output.status.code(), Some(exit), "{arguments:?}\n{out}\n{err}");
    assert!(!err.contains("panicked"), "{err}");
    (out, err)
}

#[test]
fn each_file_is_what_it_should_be_for_its_command() {
    let place = place();
    check(place.path(), &["validate", "desk.toml"], 0);
    check(place.path(), &["replay", "case.toml"], 0);
    check(place.path(), &["replay", "log.jsonl", "--desk", "desk.toml"], 0);
}

/// Field input 113 and its siblings.
#[test]
fn a_file_of_another_kind_is_told_in_one_sentence_with_the_command_for_it() {
    let place = place();
    check(place.path(), &["check", "desk.toml", "--save-baseline", "base.json"], 0);
    check(place.path(), &["run", "desk.toml", "--out", "out", "--quiet"], 0);
    for (arguments, sentence, command) in [
        (
            &["validate", "case.toml"] as &[&str],
            "case.toml is a case, which tests rules, not a scenario",
            "desksim replay case.toml",
        ),
        (&["run", "case.toml"], "case.toml is a case", "desksim replay case.toml"),
        (&["sweep", "case.toml"], "case.toml is a case", "desksim replay case.toml"),
        (&["staff", "case.toml"], "case.toml is a case", "desksim replay case.toml"),
        (&["export", "tickets", "log.jsonl", "-o", "x.csv"], "log.jsonl is a log", "desksim replay log.jsonl --desk"),
        (&["validate", "log.jsonl"], "log.jsonl is a log", "desksim replay log.jsonl --desk"),
        (&["validate", "base.json"], "base.json is a baseline", "desksim check SCENARIO.toml --baseline base.json"),
        (
            &["validate", "out/results.json"],
            "results.json is a file of saved results",
            "desksim report out/results.json",
        ),
        (&["validate", "arrivals.csv"], "arrivals.csv is a table", "arrivals = { file = "),
        (&["validate", "mine.toml"], "mine.toml is a file of policies", "desksim bench --policy-file mine.toml"),
        (&["replay", "desk.toml"], "desk.toml is a scenario, not a case", "desksim run desk.toml"),
        (&["replay", "arrivals.csv"], "arrivals.csv is a table, not a case or a log", "arrivals = { file = "),
        (&["replay", "log.jsonl"], "log.jsonl is no case, and a log needs a desk", "--desk FILE"),
        (
            &["replay", "desk.toml", "--desk", "desk.toml"],
            "desk.toml is a scenario, not a log",
            "desksim run desk.toml",
        ),
        (&["replay", "log.jsonl", "--desk", "case.toml"], "case.toml is a case", "desksim replay case.toml"),
    ] {
        let (out, err) = check(place.path(), arguments, 2);
        let flat = err.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(flat.contains(sentence) && flat.contains(command), "{arguments:?}\n{err}");
        assert!(err.matches("error").count() == 1 && out.is_empty(), "one sentence will do: {err}");
    }
    let (out, _) = check(place.path(), &["validate", "case.toml", "--format", "json"], 2);
    assert_eq!(out.matches("\"message\"").count(), 1, "{out}");
}

/// Field input 107.
#[test]
fn a_date_in_a_log_says_what_to_write_in_no_librarys_words() {
    let place = place();
    for at in
        ["2025-07-12T08:00:00", "2025-07-12T08:00:00Z", "2025-07-12 08:00", "2025-07-12T08:00:00+02:00", "2025-07-12"]
    {
        fs::write(place.path().join("dates.jsonl"), LOG.replace("0,", &format!("\"{at}\","))).unwrap();
        let (_, err) = check(place.path(), &["replay", "dates.jsonl", "--desk", "desk.toml"], 2);
        assert!(err.contains("a log's times are counted from its start, and this is a date and a time"), "{err}");
        assert!(err.contains("write the seconds since the first line's time"), "{err}");
    }
    for at in ["soon", "8:00", "", "5 apples"] {
        fs::write(place.path().join("dates.jsonl"), LOG.replace("0,", &format!("\"{at}\","))).unwrap();
        let (_, err) = check(place.path(), &["replay", "dates.jsonl", "--desk", "desk.toml"], 2);
        assert!(err.contains("not a duration") && err.contains("\"1h30m\"") && !err.contains("friendly"), "{err}");
    }
}

/// Field input 69.
#[test]
fn arrivals_outside_the_run_are_counted() {
    let place = place();
    let recorded = DESK.replace("per_hour = 5", "file = \"arrivals.csv\"");
    let said = |duration: &str, start: &str| {
        let text = recorded.replace("\"1d\"", &format!("\"{duration}\"")).replace("2025-07-12T00:00:00", start);
        fs::write(place.path().join("recorded.toml"), text).unwrap();
        check(place.path(), &["validate", "recorded.toml"], 0).1
    };
    let err = said("1d", "2025-07-12T00:00:00");
    assert!(err.contains("2 of 3 arrivals of `arrivals.csv` lie outside the run"), "{err}");
    assert!(err.contains("1 before its start, 1 after its end") && err.contains("run.duration"), "{err}");
    assert!(said("7d", "2025-07-12T00:00:00").contains("1 of 3") && said("7d", "2025-07-11T00:00:00").is_empty());
    assert!(said("1h", "2025-07-11T00:00:00").contains("no arrival of `arrivals.csv` falls into the run"));
}

#[test]
fn names_that_a_message_cannot_list_have_a_command_that_does() {
    let place = place();
    let expect = "[[expect]]\nmetric = \"zzz\"\nat_most = 1\n";
    fs::write(place.path().join("metric.toml"), format!("{DESK}{expect}")).unwrap();
    let (_, err) = check(place.path(), &["validate", "metric.toml"], 2);
    assert!(err.contains("desksim metrics"), "{err}");
    let (all, _) = check(place.path(), &["metrics"], 0);
    let (json, _) = check(place.path(), &["metrics", "--format", "json"], 0);
    let listed: serde_json::Value = serde_json::from_str(&json).unwrap();
    let listed = listed.as_array().unwrap();
    let names = all.lines().filter(|line| !line.starts_with(' ')).count();
    assert!(listed.len() > 80 && names == listed.len());
    let breach = listed.iter().find(|one| one["name"] == "sla.first_response.breach_rate").unwrap();
    assert_eq!((&breach["unit"], &breach["better"]), (&"share".into(), &"lower".into()));
    assert!(breach["labels"].as_array().unwrap().contains(&"channel".into()) && breach["meaning"].is_string());
    let (some, _) = check(place.path(), &["metrics", "queue", "p95", "--format", "markdown"], 0);
    assert!(some.contains("| queue.wait.p95 | seconds |") && some.lines().count() == 3, "{some}");

    let policy = DESK.replace("{ groups = [\"g\"] }", "{ groups = [\"g\"], policy = \"zzzzzz\" }");
    fs::write(place.path().join("policy.toml"), policy).unwrap();
    let (_, err) = check(place.path(), &["validate", "policy.toml"], 2);
    assert!(err.contains("desksim policies") && err.contains("two_choices"), "{err}");
    let (policies, _) = check(place.path(), &["policies"], 0);
    assert!(policies.contains("two_choices") && policies.contains("since_assigned"), "{policies}");
    let (json, _) = check(place.path(), &["policies", "--format", "json"], 0);
    assert!(serde_json::from_str::<serde_json::Value>(&json).unwrap().as_array().unwrap().len() == 28);

    // Of many names of the file's own, the number is told.
    let groups: String = (0..40).map(|n| format!("[group.g{n:02}x]\n")).collect();
    let many = format!("{DESK}{groups}").replace("groups = [\"g\"]\n[channel", "groups = [\"elsewhere\"]\n[channel");
    fs::write(place.path().join("many.toml"), many).unwrap();
    let (_, err) = check(place.path(), &["validate", "many.toml"], 2);
    assert!(err.contains("and 33 more"), "{err}");
}

/// Everything that people asked for, as far as it lies beside the repository: it is right, or wrong with a way out.
#[test]
#[allow(clippy::print_stdout)]
fn inputs_from_the_field_are_understood_or_refused_with_a_way_out() {
    let Ok(inputs) = fs::read_dir("../shared/field") else {
        println!("skipped: there is no ../shared/field");
        return;
    };
    for path in inputs.map(|input| input.unwrap().path()).filter(|path| path.extension().is_some_and(|of| of == "toml"))
    {
        let mut command = Command::new(env!("CARGO_BIN_EXE_desksim"));
        let output = command.arg("validate").arg(&path).env("RUST_BACKTRACE", "0").output().unwrap();
        let err = String::from_utf8(output.stderr).unwrap();
        match output.status.code() {
            Some(0) => {}
            Some(2) => assert!(err.contains("help: "), "{}: {err}", path.display()),
            other => panic!("{}: {other:?}\n{err}", path.display()),
        }
    }
}
