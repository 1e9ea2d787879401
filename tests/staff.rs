//! `staff` from outside: its answers beside those of Erlang's formulas, what other customers say of them, and what it says of
//! questions that have no answer.

use desksim::stats::{ErlangA, ErlangC};
use serde_json::Value;
use std::fs;
use std::process::Command;

/// Runs desksim, checks how it ends, and gives what it wrote to standard output and standard error.
#[track_caller]
fn check(arguments: &[&str], exit: i32) -> (String, String) {
    let output =
        Command::new(env!("CARGO_BIN_EXE_desksim")).args(arguments).env("RUST_BACKTRACE", "0").output().unwrap();
    let (out, err) = (String::from_utf8(output.stdout).unwrap(), String::from_utf8(output.stderr).unwrap());
    assert_eq!(output.status.code(), Some(exit), "{arguments:?}\n{out}\n{err}");
    assert!(!err.contains("panicked"), "{err}");
    (out, err)
}

/// The same with a scenario that says `text`.
#[track_caller]
fn staffed(text: &str, more: &[&str], exit: i32) -> (String, String) {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("desk.toml");
    fs::write(&path, text).unwrap();
    check(&[&["staff", path.to_str().unwrap()], more].concat(), exit)
}

fn answer(json: &str) -> Value {
    let json: Value = serde_json::from_str(json).unwrap();
    assert_eq!((&json["schema"], &json["kind"]), (&1.into(), &"staff".into()));
    json
}

/// A queue of equal servers: customers per hour, with two minutes of work each.
fn queue(per_hour: f64, patience: Option<f64>, targets: &[(&str, f64)]) -> String {
    let patience =
        patience.map_or(String::new(), |mean| format!("patience = {{ exponential = {{ mean = \"{mean}s\" }} }}"));
    let targets: String =
        targets.iter().map(|(metric, most)| format!("[[expect]]\nmetric = '{metric}'\nat_most = {most:?}\n")).collect();
    format!(
        r#"
        schema = 1
        title = "A queue"
        [run]
        duration = "2d"
        warmup = "3h"
        [group.all]
        [agent.server]
        groups = ["all"]
        [channel.line]
        assignment = {{ rule = "round_robin", groups = ["all"] }}
        limit = {{ max_open = 1 }}
        [customer.caller]
        channel = "line"
        arrivals = {{ per_hour = {per_hour:?} }}
        handle_time = {{ exponential = {{ mean = "2m" }} }}
        {patience}
        [staff.counts]
        "agent.server.count" = {{ min = 1, max = 60 }}
        {targets}"#
    )
}

const WORK: f64 = 120.0;

/// A limit that `servers` meet and one fewer does not, with room on both sides: the figures lie far apart, and it between them.
fn between(figure: impl Fn(u32) -> f64, servers: u32) -> f64 {
    let (good, bad) = (figure(servers), figure(servers - 1));
    assert!(bad > 1.2 * good, "{good} and {bad} are too near one another");
    (good * bad).sqrt()
}

#[track_caller]
fn found(text: &str, servers: u32) -> Value {
    let json = answer(&staffed(text, &["--format", "json"], 0).0);
    assert_eq!(json["answer"]["counts"]["agent.server.count"], servers, "{text}");
    let fewer = &json["proof"]["one_fewer"][0];
    assert_eq!((&fewer["counts"]["agent.server.count"], &fewer["verdict"]), (&(servers - 1).into(), &"fails".into()));
    json
}

#[test]
fn on_a_plain_queue_it_is_erlang_c_s_answer() {
    for (per_hour, servers) in [(45.0, 3), (120.0, 6), (270.0, 12), (600.0, 24)] {
        let rate = per_hour / 3_600.0;
        let wait = |servers| ErlangC::new(servers, rate, WORK).map_or(1e5, |queue| queue.mean_wait());
        let late = |servers| ErlangC::new(servers, rate, WORK).map_or(1.0, |queue| queue.prob_wait_above(20.0));
        let json = found(&queue(per_hour, None, &[("queue.wait.mean", between(wait, servers))]), servers);
        assert_eq!(json["approach"]["start"]["agent.server.count"], servers, "the formula knows it");
        assert_eq!(json["loads"][0]["formula"], "Erlang C");
        assert!((json["loads"][0]["load"].as_f64().unwrap() - rate * WORK).abs() < 1e-9);
        found(&queue(per_hour, None, &[("queue.wait.over.20s", between(late, servers))]), servers);
    }
}

#[test]
fn on_a_queue_whose_customers_give_up_it_is_erlang_a_s_answer() {
    for (per_hour, servers) in [(60.0, 3), (300.0, 11), (600.0, 22)] {
        let erlang = |servers| ErlangA::new(servers, per_hour / 3_600.0, WORK, 90.0);
        let lost = between(|servers| erlang(servers).prob_abandon(), servers);
        let json = found(&queue(per_hour, Some(90.0), &[("tickets.abandon_rate", lost)]), servers);
        assert_eq!(json["loads"][0]["formula"], "Erlang A");
        assert_eq!(json["approach"]["start"]["agent.server.count"], servers);
        let late = between(|servers| erlang(servers).prob_wait_above(20.0), servers);
        // Of two targets the harder one decides.
        found(&queue(per_hour, Some(90.0), &[("queue.wait.over.20s", late), ("tickets.abandon_rate", 0.5)]), servers);
    }
}

#[test]
fn without_a_formula_for_the_target_it_finds_the_answer_all_the_same() {
    // Of the p95 with patience no formula is used, and a start at the wrong end is mended.
    let wait = |servers| ErlangC::new(servers, 0.075, WORK).map_or(1e5, |queue| queue.wait_quantile(0.95));
    let text = queue(270.0, None, &[("queue.wait.p95", between(wait, 12))]);
    found(&text, 12);
    let text =
        text.replace("\"agent.server.count\"", "\"agent.*.count\"").replace("min = 1, max = 60", "min = 1, max = 500");
    let json = answer(&staffed(&text, &["--format", "json"], 0).0);
    assert_eq!(json["approach"]["start"]["agent.*.count"], 250);
    assert_eq!(json["answer"]["counts"]["agent.*.count"], 12);
    assert!(json["approach"]["desks"].as_u64().unwrap() < 25, "{}", json["approach"]);
}

#[test]
fn a_share_of_days_takes_more_people_than_the_mean() {
    let text = queue(120.0, None, &[("queue.wait.mean", 20.0)]).replace("duration = \"2d\"", "duration = \"9h\"");
    let of = |holds: &str| {
        let text = text.replace("[staff.counts]", &format!("[staff]\nholds = {holds}\n[staff.counts]"));
        let json = answer(&staffed(&text, &["--format", "json"], 0).0);
        (json["answer"]["counts"]["agent.server.count"].as_u64().unwrap(), json)
    };
    let (mean, _) = of("\"mean\"");
    let (days, json) = of("{ share_of_days = 0.9 }");
    assert!(days > mean, "{days} {mean}");
    let target = &json["answer"]["targets"][0];
    assert!(target["share"].as_f64().unwrap() > 0.9 && target["bounds"][0].as_f64().unwrap() >= 0.9, "{target}");
    assert!(json["answer"]["replications"].as_u64().unwrap() >= 40, "ten days cannot show it");
}

#[test]
fn other_customers_confirm_the_answer_for_shop_week() {
    let (out, _) = check(&["staff", "scenarios/shop-week.toml", "--format", "json"], 0);
    let json = answer(&out);
    assert_eq!(json["proof"]["scope"], "everywhere");
    let run = |counts: &Value| {
        let sets: Vec<String> =
            counts.as_object().unwrap().iter().map(|(path, heads)| format!("--set={path}={heads}")).collect();
        let fixed = ["run", "scenarios/shop-week.toml", "--seed", "4711", "--replications", "40", "--format", "json"];
        let arguments: Vec<&str> = fixed.into_iter().chain(sets.iter().map(String::as_str)).collect();
        serde_json::from_str::<Value>(&check(&arguments, 0).0).unwrap()
    };
    let limit = |target: &Value| target["at_most"].as_f64().unwrap();
    let targets = json["plan"]["targets"].as_array().unwrap();
    let mean =
        |run: &Value, target: &Value| run["metrics"][target["metric"].as_str().unwrap()]["mean"].as_f64().unwrap();
    let confirmed = run(&json["answer"]["counts"]);
    for target in targets {
        assert!(mean(&confirmed, target) <= limit(target), "{target}");
    }
    let fewer = json["proof"]["one_fewer"].as_array().unwrap();
    assert_eq!(fewer.len(), 2);
    for desk in fewer {
        assert_ne!(desk["verdict"], "meets");
        if desk["verdict"] == "fails" {
            let refuted = run(&desk["counts"]);
            assert!(targets.iter().any(|target| mean(&refuted, target) > limit(target)), "{desk}");
        }
    }
    // More money buys something on the frontier, each time.
    let desks = json["desks"].as_array().unwrap();
    let metric = targets[0]["metric"].as_str().unwrap();
    let frontier: Vec<(f64, f64)> = desks
        .iter()
        .filter(|desk| desk["frontier"] == true)
        .map(|desk| (desk["cost"].as_f64().unwrap(), desk["targets"][0]["figure"]["mean"].as_f64().unwrap()))
        .collect();
    assert!(frontier.len() >= 4, "{metric}: {frontier:?}");
    assert!(frontier.windows(2).all(|two| two[0].0 < two[1].0 && two[0].1 > two[1].1), "{frontier:?}");
}

#[test]
fn the_bytes_are_the_same_with_any_number_of_threads_and_the_page_fits() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("desk.toml");
    let text = queue(120.0, Some(90.0), &[("tickets.abandon_rate", 0.05), ("queue.wait.over.20s", 0.2)]);
    // Slow ones are cheap: two of them do the work of one.
    let slow = "[agent.slow]\ngroups = [\"all\"]\npace = 2.0\n[channel.line]";
    let counts = "\"agent.slow.count\" = { min = 1, max = 20, cost = 0.4 }\n[[expect]]";
    let text = text.replace("[channel.line]", slow).replacen("[[expect]]", counts, 1).replace("\"2d\"", "\"1d\"");
    fs::write(&path, text).unwrap();
    let staffed = |threads: &str| {
        let out = directory.path().join(threads);
        let arguments = ["staff", path.to_str().unwrap(), "--threads", threads, "--out", out.to_str().unwrap()];
        let (page, _) = check(&arguments, 0);
        assert_eq!(fs::read_to_string(out.join("report.txt")).unwrap(), page);
        ["results.json", "results.csv", "report.txt"].map(|name| fs::read_to_string(out.join(name)).unwrap())
    };
    let one = staffed("1");
    assert_eq!(one, staffed("2"));
    assert!(one[2].lines().all(|line| line.chars().count() <= 80), "{}", one[2]);
    let mut rows = csv::Reader::from_reader(one[1].as_bytes());
    let proved = rows.records().map(Result::unwrap).filter(|row| &row[3] == "meets" && &row[4] == "true").count();
    assert!(proved > 0, "{}", one[1]);
    let slow = answer(&one[0])["answer"]["counts"]["agent.slow.count"].as_u64().unwrap();
    assert!(slow > 5, "what is cheap does the work: {}", one[2]);
}

#[test]
fn targets_that_no_staff_meets_are_told_with_the_nearest() {
    let text = queue(270.0, None, &[("queue.wait.mean", 1.0)]).replace("max = 60", "max = 11");
    let (page, err) = staffed(&text, &[], 99);
    assert!(page.contains("No staff within the bounds meets the targets."), "{page}");
    assert!(page.contains("Nearest to them") && err.contains("no staff within the bounds of [staff]"), "{page}{err}");
    let json = answer(&staffed(&text, &["--format", "json"], 99).0);
    assert_eq!((&json["answer"], &json["proof"]), (&Value::Null, &Value::Null));
    assert_eq!(json["nearest"]["counts"]["agent.server.count"], 11);
    // What has no data meets nothing: there is no SLA here.
    let text = queue(60.0, None, &[("sla.closure.breach_rate", 0.5)]).replace("max = 60", "max = 4");
    let json = answer(&staffed(&text, &["--format", "json", "--replications", "10"], 99).0);
    assert_eq!(json["nearest"]["targets"][0]["verdict"], "no_data");
}

#[test]
fn all_desks_leave_the_same_beginning_out() {
    let wait = |servers| ErlangC::new(servers, 120.0 / 3_600.0, WORK).map_or(1e5, |queue| queue.mean_wait());
    let text = queue(120.0, None, &[("queue.wait.mean", between(wait, 6))]).replace("\"3h\"", "\"auto\"");
    let json = answer(&staffed(&text, &["--format", "json"], 0).0);
    let (search, proof) = (json["warmup"].as_f64().unwrap(), json["proof_warmup"].as_f64().unwrap());
    assert!(search > 0.0 && proof > 0.0, "{search} {proof}");
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("desk.toml");
    fs::write(&path, text).unwrap();
    // What each desk of the proof says is what a run says that leaves so much out.
    let desks = json["proof"]["one_fewer"].as_array().unwrap().iter().chain([&json["answer"]]);
    for desk in desks {
        let (heads, runs) = (&desk["counts"]["agent.server.count"], &desk["replications"]);
        let (out, _) = check(
            &[
                "run",
                path.to_str().unwrap(),
                "--seed",
                "2",
                "--replications",
                &runs.to_string(),
                "--set",
                &format!("run.warmup={proof}s"),
                "--set",
                &format!("agent.server.count={heads}"),
                "--format",
                "json",
            ],
            0,
        );
        let run: Value = serde_json::from_str(&out).unwrap();
        assert_eq!(desk["targets"][0]["figure"], run["metrics"]["queue.wait.mean"], "{heads} heads");
    }
}

#[test]
fn a_target_may_hold_in_a_sense_of_its_own_and_as_surely_as_it_says() {
    let targets = [("queue.wait.mean", 60.0), ("queue.wait.p95", 200.0)];
    let own = "metric = 'queue.wait.p95'\nholds = { share_of_days = 0.8 }\nconfidence = 0.9";
    let text = queue(120.0, None, &targets).replace("metric = 'queue.wait.p95'", own);
    let (page, _) = staffed(&text, &[], 0);
    let flat = page.split_whitespace().collect::<Vec<_>>().join(" ");
    for words in [
        "queue.wait.mean at most 1m in the mean over the runs, with 95 % confidence",
        "queue.wait.p95 at most 3m 20s in 80 % of the runs, with 90 % confidence",
    ] {
        assert!(flat.contains(words), "{page}");
    }
    let json = answer(&staffed(&text, &["--format", "json"], 0).0);
    let targets = json["answer"]["targets"].as_array().unwrap();
    assert!(targets[0]["share"].is_null() && targets[1]["share"].as_f64() >= Some(0.8), "{targets:?}");
    // 0.1 / 2 = 0.8^n at 13.4, but at the plan's confidence 0.05 / 2 at 16.5; both in two looks.
    staffed(&text, &["--replications", "14"], 0);
    let surer = text.replace("confidence = 0.9", "confidence = 0.95");
    assert!(staffed(&surer, &["--replications", "14"], 2).1.contains("write --replications 17 or more"));
    let none = text.replace("at_most = 200.0", "within = { of_baseline = 1 }");
    assert!(staffed(&none, &[], 2).1.contains("`holds` says in which sense `staff` is to keep a limit"));
}

#[test]
fn staff_that_cannot_do_what_comes_is_told_to_be_overloaded() {
    // Without a cap nobody ever queues, so one head meets a target on the queue.
    let text = queue(60.0, None, &[("queue.wait.mean", 20.0)]).replace("limit = { max_open = 1 }", "");
    let (page, _) = staffed(&text, &[], 0);
    assert!(page.contains("agent.server.count 1") && page.contains("all: overloaded, offered load 2."), "{page}");
    let (page, _) = staffed(&queue(60.0, None, &[("queue.wait.mean", 20.0)]), &[], 0);
    assert!(!page.contains("verloaded"), "{page}");
}

#[test]
fn every_target_stands_in_the_proof_however_many_columns_that_takes() {
    let targets =
        [("queue.wait.over.20s", 0.9), ("customer.first_response.p95", 900.0), ("tickets.abandon_rate", 0.05)];
    let second = "\"agent.another_team.count\" = { min = 1, max = 1 }\n[[expect]]";
    let team = "[agent.another_team]\ngroups = [\"all\"]\n[channel.line]";
    let text = queue(120.0, Some(90.0), &targets).replacen("[[expect]]", second, 1).replace("[channel.line]", team);
    let (page, _) = staffed(&text, &[], 0);
    assert!(page.lines().all(|line| line.chars().count() <= 80), "{page}");
    let proof = page.split("Proof").nth(1).unwrap().split("What a cost buys").next().unwrap();
    for word in ["over.20s", "p95", "abandon_rate"] {
        assert!(proof.contains(word), "{word}: {page}");
    }
}

#[test]
fn a_question_that_is_none_is_input_that_is_wrong() {
    let text = queue(270.0, None, &[("queue.wait.mean", 20.0)]);
    let cases = [
        ("min = 1, max = 60", "min = 9, max = 6", "no number is at least 9 and at most 6"),
        ("min = 1, max = 60", "min = 0, max = 6", "0 is too small"),
        ("min = 1, max = 60", "min = 1, max = 6, cost = 0", "0 is not above zero"),
        ("min = 1, max = 60", "min = 1, maxi = 6", "did you mean `max`?"),
        ("\"agent.server.count\"", "\"agent.sever.count\"", "did you mean `agent.server.count`?"),
        ("\"agent.server.count\"", "\"agent.server.groups\"", "expected a list"),
        ("\"agent.server.count\" = { min = 1, max = 60 }", "", "no count may vary"),
        ("at_most = 20.0", "within = { of_baseline = 0.1 }", "staff for no target"),
        ("at_most = 20.0", "at_most = 20.0\nseverity = \"warning\"", "staff for no target"),
        ("queue.wait.mean", "queue.wait.meen", "unknown metric `queue.wait.meen`"),
        ("[staff.counts]", "[staff]\nconfidence = 1.5\n[staff.counts]", "1.5 is no confidence"),
        ("[staff.counts]", "[staff]\nholds = \"median\"\n[staff.counts]", "expected \"mean\", or a share"),
        ("[staff.counts]", "[staff]\nholds = { share_of_days = 1.0 }\n[staff.counts]", "1 of the days"),
        (
            "[staff.counts]",
            "[staff]\nmax_replications = 20\nholds = { share_of_days = 0.9 }\n[staff.counts]",
            "it takes 39 if all of them are within the limit",
        ),
    ];
    for (from, to, word) in cases {
        let broken = text.replacen(from, to, 1);
        assert_ne!(broken, text, "{from}");
        let (_, err) = staffed(&broken, &[], 2);
        assert!(err.contains(word), "{to} should say {word}:\n{err}");
    }
    let twice = text.replace("[staff.counts]", "[staff.counts]\n\"agent.\\\"server\\\".count\" = { min = 1, max = 2 }");
    assert!(staffed(&twice, &[], 2).1.contains("is varied twice"));
    assert!(check(&["staff", "scenarios/overload.toml"], 2).1.contains("has no [staff]"));
    let share = text.replace("[staff.counts]", "[staff]\nholds = { share_of_days = 0.9 }\n[staff.counts]");
    assert!(staffed(&share, &["--replications", "20"], 2).1.contains("write --replications 39 or more"));
}

/// Costs of any size that may be can be drawn (a large one once ended in a panic after all the work), and Markdown is Markdown.
#[test]
fn any_cost_is_drawn_and_markdown_has_tables() {
    let few = ["--replications", "10"];
    let out = tempfile::tempdir().unwrap();
    let text = queue(60.0, None, &[("queue.wait.mean", 20.0)]).replace("max = 60 }", "max = 60, cost = 1e18 }");
    let (page, _) =
        staffed(&text, &[&few[..], &["--format", "markdown", "--out", out.path().to_str().unwrap()]].concat(), 0);
    assert!(fs::read_to_string(out.path().join("report.html")).unwrap().contains("e18"));
    assert!(
        page.starts_with("### A queue\n") && page.contains("\n#### Targets\n") && page.contains("\n|---|---:|"),
        "{page}"
    );
    assert!(!page.contains("```") && page.contains("| answer |"), "{page}");
}
