//! Exports from outside: what stands in them, told from the log of the same run; who else can read them; what goes wrong.

#![allow(clippy::print_stderr, reason = "a test that is skipped says so")]
#![allow(clippy::type_complexity, reason = "the timers of a ticket, as the log tells of them")]

use jiff::Timestamp;
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::{Command, Output};

const WEEK: &str = "scenarios/shop-week.toml";
const QUICKSTART: &str = "scenarios/quickstart.toml";

fn desksim(arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_desksim"));
    command.args(arguments).env_remove("NO_COLOR").env("RUST_BACKTRACE", "0").output().unwrap()
}

/// Runs desksim, checks how it ends, and gives what it wrote to standard output and standard error.
#[track_caller]
fn check(arguments: &[&str], exit: i32) -> (String, String) {
    let output = desksim(arguments);
    let [out, err] = [output.stdout, output.stderr].map(|bytes| String::from_utf8(bytes).unwrap());
    assert_eq!(output.status.code(), Some(exit), "{arguments:?}\n{out}\n{err}");
    assert!(!err.contains("panicked"), "{err}");
    (out, err)
}

type Row = Map<String, Value>;

/// The rows of an export, as JSON lines on standard output.
#[track_caller]
fn rows(arguments: &[&str]) -> Vec<Row> {
    let (out, _) = check(&[&["export"], arguments, &["--format", "jsonl", "-o", "-"]].concat(), 0);
    out.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

fn micros(seconds: &Value) -> i64 {
    (seconds.as_f64().unwrap() * 1e6).round() as i64
}

// What the log says, put together the long way round.

/// A cycle as the log tells it; times in microseconds after the start.
#[derive(Default, Debug)]
struct Cycle {
    conversation: String,
    channel: String,
    number: u64,
    began: i64,
    created: i64,
    queued: Option<i64>,
    /// Stays in the queue that have ended, and when the one that has not began.
    stays: Vec<i64>,
    waiting: Option<i64>,
    assigned: Option<i64>,
    agent: Option<String>,
    replies: Vec<i64>,
    closed: Option<(i64, String)>,
    /// By timer, of each that started: when, its outcome, and when that was.
    timers: BTreeMap<String, Vec<(i64, Option<(String, i64)>)>>,
    /// While its agent waited for the customer, and since when they do.
    pauses: Vec<(i64, i64)>,
    awaits: Option<i64>,
    /// Who held it when its first timer of a kind was breached, or else when its last ended.
    charged: BTreeMap<String, (String, Option<String>)>,
    /// A reply is not owed.
    answered: bool,
    escalated: Vec<String>,
    transfers: u64,
    fields: BTreeMap<String, Value>,
}

fn cycles_of(log: &str) -> Vec<Cycle> {
    let lines: Vec<Value> = log.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let mut done: Vec<Cycle> = Vec::new();
    // The present or last cycle of each ticket, and the tickets of conversations.
    let mut present: BTreeMap<String, usize> = BTreeMap::new();
    let mut tickets: BTreeMap<String, String> = BTreeMap::new();
    let mut form: Option<(String, Value)> = None;
    for (at_line, line) in lines.iter().enumerate() {
        let at = micros(&line["at"]);
        if let Some(command) = line.get("do") {
            let (name, what) = command.as_object().unwrap().iter().next().unwrap();
            let refused = lines.get(at_line + 1).is_some_and(|next| next["effect"].get("refused").is_some());
            if refused {
                continue;
            }
            let text = |key: &str| what[key].as_str().unwrap().to_owned();
            match name.as_str() {
                "message" if what.get("fields").is_some() => {
                    let conversation = text("conversation");
                    // It may be about a ticket that is made only now.
                    form = Some((conversation.clone(), what["fields"].clone()));
                    if let Some(ticket) = tickets.get(&conversation) {
                        let cycle = &mut done[present[ticket]];
                        if cycle.closed.is_none() {
                            fill(cycle, form.take().unwrap().1);
                        }
                    }
                }
                "set_field" => {
                    let cycle = &mut done[present[&text("ticket")]];
                    cycle.fields.insert(text("field"), what["value"].clone());
                }
                "transfer" => done[present[&text("ticket")]].transfers += 1,
                _ => {}
            }
            continue;
        }
        let (name, what) = line["effect"].as_object().unwrap().iter().next().unwrap();
        let text = |key: &str| what[key].as_str().unwrap().to_owned();
        let Some(ticket) = what.get("ticket").map(|ticket| ticket.as_str().unwrap().to_owned()) else { continue };
        if name == "created" || name == "reactivated" {
            let mut cycle = match present.get(&ticket).map(|before| &done[*before]) {
                Some(before) => Cycle {
                    conversation: before.conversation.clone(),
                    channel: before.channel.clone(),
                    number: before.number + 1,
                    created: before.created,
                    fields: before.fields.clone(),
                    ..Cycle::default()
                },
                None => Cycle {
                    conversation: text("conversation"),
                    channel: text("channel"),
                    number: 1,
                    created: at,
                    ..Cycle::default()
                },
            };
            cycle.began = at;
            tickets.insert(cycle.conversation.clone(), ticket.clone());
            if let Some((conversation, fields)) = form.take() {
                assert_eq!(conversation, cycle.conversation);
                fill(&mut cycle, fields);
            }
            present.insert(ticket, done.len());
            done.push(cycle);
            continue;
        }
        let cycle = &mut done[present[&ticket]];
        // The customer is awaited while somebody has it and no reply is owed.
        if matches!(name.as_str(), "pending" | "queued" | "closed") {
            cycle.pauses.extend(cycle.awaits.take().map(|since| (since, at)));
        }
        match name.as_str() {
            "pending" => cycle.answered = false,
            "queued" => {
                cycle.queued.get_or_insert(at);
                cycle.waiting.get_or_insert(at);
                cycle.agent = None;
            }
            "assigned" => {
                cycle.assigned.get_or_insert(at);
                cycle.stays.extend(cycle.waiting.take().map(|since| at - since));
                cycle.agent = Some(text("to"));
                if cycle.answered {
                    cycle.awaits.get_or_insert(at);
                }
            }
            "replied" => {
                cycle.replies.push(at);
                cycle.answered = true;
                if cycle.agent.is_some() {
                    cycle.awaits.get_or_insert(at);
                }
            }
            "closed" => {
                cycle.stays.extend(cycle.waiting.take().map(|since| at - since));
                cycle.closed = Some((at, text("by")));
            }
            "sla_started" => cycle.timers.entry(text("timer")).or_default().push((at, None)),
            "sla_ended" => {
                let timer = cycle.timers.get_mut(&text("timer")).unwrap().last_mut().unwrap();
                timer.1 = Some((text("outcome"), at));
                let user = what.get("user").map(|user| user.as_str().unwrap().to_owned());
                let charged = cycle.charged.entry(text("timer")).or_default();
                if charged.0 != "breached" {
                    *charged = (text("outcome"), user);
                }
            }
            "escalated" => cycle.escalated.extend(what.get("to").map(|to| to.as_str().unwrap().to_owned())),
            _ => {}
        }
    }
    done
}

fn fill(cycle: &mut Cycle, fields: Value) {
    cycle.fields.extend(fields.as_object().unwrap().clone());
}

/// How much of a time a timer of that kind counts: on `mail` the desk's hours alone, on `whatsapp` a closure timer not while the customer is
/// awaited (scenarios/shop-week.toml says so, and quickstart has neither).
fn counted(cycle: &Cycle, name: &str, scenario: &str, from: i64, to: i64) -> i64 {
    const HOUR: i64 = 3_600_000_000;
    let within = |(start, end): (i64, i64)| (to.min(end) - from.max(start)).max(0);
    match cycle.channel.as_str() {
        "mail" if scenario == WEEK => (0..60)
            .map(|day| match day % 7 {
                5 => (10, 16),
                6 => (0, 0),
                _ => (8, 20),
            })
            .zip((0..).map(|day| day * 24))
            .map(|((opens, closes), day)| within(((day + opens) * HOUR, (day + closes) * HOUR)))
            .sum(),
        "whatsapp" if scenario == WEEK && name == "closure" => {
            to - from - cycle.pauses.iter().copied().map(within).sum::<i64>()
        }
        _ => to - from,
    }
}

/// The outcome of a cycle's timers of a kind, and how long that one took on its own clock: of the first breached, else of the last.
fn timer(cycle: &Cycle, name: &str, scenario: &str) -> (Option<String>, Option<i64>) {
    let Some(started) = cycle.timers.get(name) else { return (None, None) };
    let is_breach = |timer: &&(i64, Option<(String, i64)>)| timer.1.as_ref().is_some_and(|(how, _)| how == "breached");
    if let Some((start, Some((how, breached)))) = started.iter().find(is_breach) {
        // SLA-12: until the reply or the closure that it was about. A reply at a later timer's deadline comes before it.
        let end = match name {
            "first_response" => cycle.replies.iter().copied().find(|at| at >= breached),
            _ => cycle.closed.as_ref().map(|(at, _)| *at),
        };
        return (Some(how.clone()), end.map(|end| counted(cycle, name, scenario, *start, end)));
    }
    match started.last().unwrap() {
        (_, None) => (Some("running".to_owned()), None),
        (start, Some((how, at))) => {
            (Some(how.clone()), (how == "met").then(|| counted(cycle, name, scenario, *start, *at)))
        }
    }
}

/// Compares an export with the log of the same run, row by row and column by column.
fn compare_with_log(scenario: &str, duration: &str) {
    let directory = tempfile::tempdir().unwrap();
    let trace = directory.path().join("trace.jsonl");
    let set = format!("run.duration={duration}");
    let run = ["run", scenario, "--set", &set, "--replications", "1", "--format", "json", "--trace"];
    let (results, _) = check(&[&run[..], &[trace.to_str().unwrap()]].concat(), 0);
    let cycles = cycles_of(&fs::read_to_string(&trace).unwrap());
    let start = fs::read_to_string(scenario).unwrap();
    assert!(
        start.contains("2026-03-02T00:00:00") && start.contains("Europe/Berlin"),
        "the times below are counted from it"
    );
    let start = "2026-03-02T00:00:00+01:00".parse::<Timestamp>().unwrap().as_microsecond();

    let rows = rows(&["tickets", scenario, "--set", &set]);
    assert_eq!(rows.len(), cycles.len());
    let mut of_cycle: BTreeMap<(&str, u64), &Row> = BTreeMap::new();
    for row in &rows {
        let key = (row["conversation"].as_str().unwrap(), row["cycle"].as_u64().unwrap());
        assert!(of_cycle.insert(key, row).is_none(), "{key:?} stands twice");
    }
    let reopens =
        |conversation: &str| cycles.iter().filter(|cycle| cycle.conversation == conversation).count() as u64 - 1;
    for cycle in &cycles {
        let row = of_cycle[&(cycle.conversation.as_str(), cycle.number)];
        let time =
            |name: &str| row[name].as_str().map(|time| time.parse::<Timestamp>().unwrap().as_microsecond() - start);
        let span = |name: &str| (!row[name].is_null()).then(|| micros(&row[name]));
        let word = |name: &str| row[name].as_str().map(str::to_owned);
        let context = || format!("{}\n{cycle:?}", Value::from(row.clone()));
        assert_eq!(word("channel"), Some(cycle.channel.clone()), "{}", context());
        assert_eq!(time("created_at"), Some(cycle.created), "{}", context());
        assert_eq!(time("queued_at"), cycle.queued, "{}", context());
        assert_eq!(time("assigned_at"), cycle.assigned, "{}", context());
        assert_eq!(time("first_response_at"), cycle.replies.first().copied(), "{}", context());
        assert_eq!(time("closed_at"), cycle.closed.as_ref().map(|(at, _)| *at), "{}", context());
        assert_eq!(word("closed_by"), cycle.closed.as_ref().map(|(_, by)| by.clone()), "{}", context());
        assert_eq!(word("assigned_agent"), cycle.agent, "{}", context());
        assert_eq!(row["status"] == "Closed", cycle.closed.is_some(), "{}", context());
        assert_eq!(row["status"] == "Queued", cycle.waiting.is_some(), "{}", context());
        let queue = (!cycle.stays.is_empty()).then(|| cycle.stays.iter().sum::<i64>());
        assert_eq!(span("queue_s"), queue, "{}", context());
        for name in ["first_response", "closure"] {
            let (outcome, took) = timer(cycle, name, scenario);
            assert_eq!(word(&format!("{name}_sla")), outcome, "{name} {}", context());
            assert_eq!(span(&format!("{name}_s")), took, "{name} {}", context());
            assert_eq!(span(&format!("{name}_target_s")).is_some(), outcome.is_some(), "{name} {}", context());
            let charged = cycle.charged.get(name).and_then(|(_, user)| user.clone());
            if outcome.as_deref() != Some("running") {
                assert_eq!(word(&format!("{name}_charged_to")), charged, "{name} {}", context());
            }
        }
        let response = cycle.replies.first().map(|at| at - cycle.began);
        assert_eq!(span("customer_first_response_s"), response, "{}", context());
        let resolution = cycle.closed.iter().find(|(_, by)| by != "customer").map(|(at, _)| at - cycle.began);
        assert_eq!(span("customer_resolution_s"), resolution, "{}", context());
        assert_eq!(row["escalations"], cycle.escalated.len(), "{}", context());
        assert_eq!(word("escalated_to"), cycle.escalated.last().cloned(), "{}", context());
        assert_eq!(row["transfers"], cycle.transfers, "{}", context());
        assert_eq!(row["reopens"], reopens(&cycle.conversation), "{}", context());
        assert_eq!(row["session"], if cycle.number == 1 { "new_conversation" } else { "new_session" });
        for (field, value) in row.iter().skip(29).take(row.len() - 39) {
            let logged = cycle.fields.get(field).cloned().unwrap_or(Value::Null);
            let same = logged == *value || logged.as_f64().is_some_and(|number| value.as_f64() == Some(number));
            assert!(same, "{field}: {logged} {}", context());
        }
    }

    // What stands after the fields: who wrote, and which group it came through.
    for row in &rows {
        assert!(row["customer"].is_string() && row["priority"].is_number(), "{row:?}");
        assert_eq!(row["assigned_group"].is_null(), row["assigned_at"].is_null(), "{row:?}");
        let running = ["first_response_sla", "closure_sla"].iter().any(|sla| row[*sla] == "running");
        assert!(!running || row["remaining_s"].is_number(), "{row:?}");
    }

    // And the figures of the same replication.
    let results: Value = serde_json::from_str(&results).unwrap();
    let figure = |metric: &str| results["metrics"][metric]["mean"].as_f64().unwrap();
    let count = |wanted: &dyn Fn(&Row) -> bool| rows.iter().filter(|row| wanted(row)).count() as f64;
    assert_eq!(figure("tickets.created"), count(&|row| row["cycle"] == 1));
    assert_eq!(figure("tickets.reopened"), count(&|row| row["cycle"] != 1));
    assert_eq!(figure("tickets.closed"), count(&|row| !row["closed_at"].is_null()));
    assert_eq!(figure("tickets.open_at_end"), count(&|row| row["closed_at"].is_null()));
    let escalations: u64 = rows.iter().map(|row| row["escalations"].as_u64().unwrap()).sum();
    assert_eq!(figure("tickets.escalated"), escalations as f64);
    for name in ["first_response", "closure"] {
        // Where no timer started twice in a cycle, rows and timers are one to one.
        let once = cycles.iter().all(|cycle| cycle.timers.get(name).is_none_or(|started| started.len() == 1));
        for outcome in ["met", "breached", "cancelled", "unanswered", "running"] {
            let of_rows = count(&|row| row[&format!("{name}_sla")] == outcome);
            let of_run = figure(&format!("sla.{name}.{outcome}"));
            assert!(if once { of_rows == of_run } else { of_rows <= of_run }, "{name} {outcome}: {of_rows} {of_run}");
        }
    }
    for (metric, column) in [
        ("customer.first_response.mean", "customer_first_response_s"),
        ("customer.resolution.mean", "customer_resolution_s"),
    ] {
        let all: Vec<f64> = rows.iter().filter_map(|row| row[column].as_f64()).collect();
        let mean = all.iter().sum::<f64>() / all.len() as f64;
        assert!((mean / figure(metric) - 1.0).abs() < 1e-9, "{metric}: {mean}");
    }
}

#[test]
fn every_row_is_what_the_log_says() {
    compare_with_log(WEEK, "7d");
    compare_with_log(QUICKSTART, "1d");
}

#[test]
fn messages_are_what_the_log_says() {
    let directory = tempfile::tempdir().unwrap();
    let trace = directory.path().join("trace.jsonl");
    check(&["run", WEEK, "--replications", "1", "--set", "run.duration=2d", "--trace", trace.to_str().unwrap()], 0);
    // What is said, of which log line, and who says it.
    let mut logged: Vec<(i64, String)> = Vec::new();
    let mut conversations = BTreeMap::new();
    let log = fs::read_to_string(&trace).unwrap();
    let lines: Vec<Value> = log.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    for (at_line, line) in lines.iter().enumerate() {
        let at = micros(&line["at"]);
        let next = lines.get(at_line + 1).map_or(&Value::Null, |next| &next["effect"]);
        let unheard = next.get("spam_filtered").is_some() || next.get("refused").is_some();
        for name in ["message", "consent"] {
            if let Some(what) = line["do"].get(name).filter(|_| !unheard) {
                logged.push((at, what["conversation"].as_str().unwrap().to_owned()));
            }
        }
        if let Some(what) = line["effect"].get("created") {
            conversations.insert(what["ticket"].to_string(), what["conversation"].clone());
        }
        if let Some(what) = line["effect"].get("replied") {
            logged.push((at, what["by"].as_str().unwrap().to_owned()));
        }
        if line["effect"].get("auto_message").is_some() {
            logged.push((at, "system".to_owned()));
        }
    }
    let rows = rows(&["messages", WEEK, "--set", "run.duration=2d"]);
    let start = "2026-03-02T00:00:00+01:00".parse::<Timestamp>().unwrap().as_microsecond();
    let mut sent: Vec<(i64, String)> = Vec::new();
    let mut types = BTreeMap::new();
    let mut asked = 0;
    for row in &rows {
        let at = row["sent_at"].as_str().unwrap().parse::<Timestamp>().unwrap().as_microsecond() - start;
        let sender = row["sender"].as_str().unwrap().to_owned();
        *types.entry(row["content_type"].as_str().unwrap().to_owned()).or_insert(0) += 1;
        let conversation = row["conversation_url"].as_str().unwrap().rsplit('/').next().unwrap().to_owned();
        assert_eq!(row["direction"] == "Inbound", sender == conversation, "{row:?}");
        assert_eq!(conversations[&row["ticket_id"].to_string()], conversation, "{row:?}");
        let is_header = row["content_type"] == "Header";
        // The question for consent is in no log.
        if is_header && row["content"] == "Before we begin" {
            asked += 1;
            continue;
        }
        // The desk may send several at once, and each has a header; others send one at a time.
        let is_new = if sender == "system" { is_header } else { sent.last() != Some(&(at, sender.clone())) };
        if is_new {
            sent.push((at, sender));
        }
    }
    assert!(asked > 0);
    // At one instant the log may tell things in another order.
    sent.sort();
    logged.sort();
    assert_eq!(sent, logged);
    assert_eq!(types.keys().collect::<Vec<_>>(), ["Attachment", "Button", "Footer", "Header", "Text"], "EXP-2");
}

#[test]
fn only_what_passes_the_filters_is_written() {
    let all = rows(&["tickets", WEEK]);
    let pick = |wanted: &dyn Fn(&Row) -> bool| all.iter().filter(|row| wanted(row)).cloned().collect::<Vec<Row>>();
    // EXP-3: open at any time on Wednesday; all offsets are the same, so times compare as texts.
    let day = |row: &Row| {
        let began = if row["cycle"] == 1 { "created_at" } else { "queued_at" };
        let began = row[began].as_str().or(row["assigned_at"].as_str()).unwrap();
        let (first, last) = ("2026-03-04T00:00:00+01:00", "2026-03-05T00:00:00+01:00");
        began < last && (began >= first || row["closed_at"].as_str().is_none_or(|closed| closed > first))
    };
    for (arguments, wanted) in [
        (&["--channel", "mail"][..], &(|row: &Row| row["channel"] == "mail") as &dyn Fn(&Row) -> bool),
        (&["--channel", "mail", "--channel", "chat"], &|row| row["channel"] != "whatsapp"),
        (&["--group", "second_level"], &|row| {
            row["group"] == "second_level" || row["assigned_group"] == "second_level"
        }),
        (&["--agent", "anna"], &|row| row["assigned_agent"] == "anna"),
        (&["--agent", "trainee"], &|row| {
            row["assigned_agent"].as_str().is_some_and(|name| name.starts_with("trainee-"))
        }),
        (&["--status", "QUEUED"], &|row| row["status"] == "Queued"),
        (&["--status", "awaiting-response,Open"], &|row| {
            row["status"] == "Awaiting response" || row["status"] == "Open"
        }),
        (&["--latest"], &|row| row["cycle"].as_u64() == row["reopens"].as_u64().map(|reopens| reopens + 1)),
        (&["--from", "2026-03-04", "--to", "2026-03-05"], &day),
        (&["--from", "2026-03-03T23:00:00Z", "--to", "2026-03-05 00:00"], &day),
        (
            &[
                "--from",
                "2026-03-04",
                "--to",
                "2026-03-05",
                "--channel",
                "chat",
                "--group",
                "front",
                "--status",
                "closed",
            ],
            &|row| {
                let front = row["group"] == "front" || row["assigned_group"] == "front";
                day(row) && row["channel"] == "chat" && front && row["status"] == "Closed"
            },
        ),
    ] {
        let expected = pick(wanted);
        assert!(!expected.is_empty() && expected.len() < all.len(), "{arguments:?} is a test of something");
        assert!(rows(&[&["tickets", WEEK], arguments].concat()) == expected, "{arguments:?}");
    }
    // Every cycle is open on some day, and some on several.
    let days: usize = (2..9)
        .map(|day| {
            let [from, to] = [day, day + 1].map(|day| format!("2026-03-{day:02}"));
            rows(&["tickets", WEEK, "--from", &from, "--to", &to]).len()
        })
        .sum();
    assert!(days >= all.len(), "{days} {}", all.len());
    let outside = ["export", "tickets", WEEK, "--to", "2026-03-02", "-o", "-"];
    let (out, err) = check(&outside, 0);
    assert_eq!(out.lines().count(), 1, "names alone");
    assert!(err.contains("the run lasts from 2026-03-02T00:00:00+01:00") && err.contains("no rows"), "{err}");
}

#[test]
fn messages_follow_the_tickets_that_pass() {
    let tickets = rows(&["tickets", QUICKSTART, "--agent", "support-2"]);
    let messages = rows(&["messages", QUICKSTART, "--agent", "support-2"]);
    let mut wanted: Vec<&Value> = tickets.iter().map(|row| &row["ticket_id"]).collect();
    let mut found: Vec<&Value> = messages.iter().map(|row| &row["ticket_id"]).collect();
    for list in [&mut wanted, &mut found] {
        list.sort_by_key(|id| id.to_string());
        list.dedup();
    }
    assert!(!wanted.is_empty() && wanted == found);
    let noon = rows(&["messages", QUICKSTART, "--from", "2026-03-02T12:00", "--to", "2026-03-02T13:00"]);
    assert!(!noon.is_empty());
    for row in noon {
        assert!(row["sent_at"].as_str().unwrap().starts_with("2026-03-02T12:"), "{row:?}");
    }
}

/// Python with what reads the formats, or why not.
fn python() -> Result<String, String> {
    let python = std::env::var("DESKSIM_PYTHON").unwrap_or_else(|_| "python3".to_owned());
    let probe = Command::new(&python).args(["-c", "import openpyxl, pyarrow.parquet"]).output();
    match probe {
        Ok(probe) if probe.status.success() => Ok(python),
        Ok(probe) => Err(format!("{python}: {}", String::from_utf8_lossy(&probe.stderr).trim())),
        Err(error) => Err(format!("{python}: {error}")),
    }
}

#[test]
fn other_programs_read_the_same_rows_in_every_format() {
    let python = match python() {
        Ok(python) => python,
        Err(why) => {
            assert!(std::env::var_os("DESKSIM_NEEDS_PYTHON").is_none(), "{why}");
            eprintln!("SKIPPED: no Python with openpyxl and pyarrow (pip install openpyxl pyarrow): {why}");
            return;
        }
    };
    let directory = tempfile::tempdir().unwrap();
    for what in ["tickets", "messages"] {
        let read = |format: &str| {
            let path = directory.path().join(format!("{what}.{format}"));
            check(&["export", what, WEEK, "--set", "run.duration=2d", "-o", path.to_str().unwrap()], 0);
            let script = Path::new("tests/data/read_export.py");
            let output = Command::new(&python).arg(script).arg(format).arg(&path).output().unwrap();
            assert!(output.status.success(), "{format}: {}", String::from_utf8_lossy(&output.stderr));
            let text = String::from_utf8(output.stdout).unwrap();
            text.lines().map(|line| serde_json::from_str(line).unwrap()).collect::<Vec<Vec<Value>>>()
        };
        let expected = read("jsonl");
        assert!(expected.len() > 1000, "{what}: {}", expected.len());
        let holds = |char| expected.iter().flatten().filter_map(Value::as_str).any(|text| text.contains(char));
        let awkward = if what == "tickets" { "=" } else { "=+-@\n\"ö" };
        assert!(awkward.chars().all(holds), "{what}");
        for format in ["csv", "xlsx", "parquet"] {
            if format == "parquet" && !cfg!(feature = "parquet") {
                continue;
            }
            let found = read(format);
            assert_eq!(found[0], expected[0], "{what} {format}: names");
            for (place, (found, expected)) in found.iter().zip(&expected).enumerate() {
                assert_eq!(found, expected, "{what} {format}: row {place}");
            }
            assert_eq!(found.len(), expected.len(), "{what} {format}");
        }
    }
}

#[test]
fn two_exports_of_the_same_run_are_the_same_bytes() {
    let directory = tempfile::tempdir().unwrap();
    for format in ["csv", "xlsx", "parquet", "jsonl"] {
        if format == "parquet" && !cfg!(feature = "parquet") {
            continue;
        }
        for what in ["tickets", "messages", "notifications", "users"] {
            let write = |name: &str| {
                let path = directory.path().join(name);
                let place = ["-o", path.to_str().unwrap(), "--format", format];
                check(&[&["export", what, QUICKSTART], &place[..]].concat(), 0);
                fs::read(path).unwrap()
            };
            let one = write("one");
            assert!(!one.is_empty() && write("two") == one, "{what} {format}");
        }
    }
    let of = |more: &[&str]| check(&[&["export", "tickets", QUICKSTART, "-o", "-"], more].concat(), 0).0;
    let plain = of(&[]);
    assert!(of(&["--replication", "0", "--format", "csv"]) == plain, "these are the defaults");
    for other in [&["--replication", "1"][..], &["--seed", "2"], &["--set", "agent.support.count=2"]] {
        assert!(of(other) != plain, "{other:?}");
    }
}

#[test]
fn the_ending_says_the_format_unless_it_is_given() {
    let directory = tempfile::tempdir().unwrap();
    for (name, more, head) in [
        ("a.csv", &[][..], &b"ticket_id,"[..]),
        ("a", &[], b"ticket_id,"),
        ("a.XLSX", &[], b"PK"),
        ("a.jsonl", &[], b"{\"ticket_id\":"),
        ("b.csv", &["--format", "jsonl"], b"{\"ticket_id\":"),
    ] {
        let path = directory.path().join(name);
        let (out, err) = check(&[&["export", "tickets", QUICKSTART, "-o", path.to_str().unwrap()], more].concat(), 0);
        assert!(out.is_empty() && err.starts_with("wrote ") && err.contains(name), "{err}");
        assert!(fs::read(path).unwrap().starts_with(head), "{name}");
    }
    let path = directory.path().join("a.txt");
    let (_, err) = check(&["export", "tickets", QUICKSTART, "-o", path.to_str().unwrap()], 2);
    assert!(err.contains("a.txt does not say which format is wanted") && err.contains("--format csv"), "{err}");
    assert!(!path.exists());
    let path = directory.path().join("c.parquet");
    let parquet = ["export", "tickets", QUICKSTART, "-o", path.to_str().unwrap()];
    if cfg!(feature = "parquet") {
        check(&parquet, 0);
        assert!(fs::read(path).unwrap().starts_with(b"PAR1"));
    } else {
        let (_, err) = check(&parquet, 2);
        assert!(err.contains("feature `parquet`") && err.contains("--features parquet") && !path.exists(), "{err}");
    }
}

#[test]
fn what_is_wrong_with_an_export_is_told_at_once_with_a_way_out() {
    for (more, words) in [
        (&["--channel", "chta"][..], &["no channel is called `chta`", "did you mean `chat`?"][..]),
        (&["--group", "x"], &["no group is called `x`", "there is `"]),
        (&["--agent", "suport-1"], &["no agent is called `suport-1`", "did you mean `support-1`?"]),
        (&["--status", "queud"], &["no status is called `queud`", "did you mean `Queued`?"]),
        (&["--status", "lost"], &["no status is called `lost`", "`Awaiting response`"]),
        (&["--from", "tomorrow"], &["--from: `tomorrow` is not a date and time", "2026-03-02T09:00"]),
        (&["--to", "2026-13-01"], &["--to: `2026-13-01` is not a date and time"]),
        (&["--from", "2026-03-02T09:00+01:00x"], &["is not a date and time"]),
        (&["--from", ""], &["--from: `` is not"]),
        (
            &["--from", "2026-03-03", "--to", "2026-03-02"],
            &["--from 2026-03-03 is not before --to 2026-03-02", "exchange them: --from 2026-03-02 --to 2026-03-03"],
        ),
        (&["--from", "2026-03-03", "--to", "2026-03-03"], &["is not before", "a later --to"]),
        (&["--replication", "20"], &["there is no replication 20", "0 to 19", "--set run.replications=21"]),
        (&["--replication", "-1"], &["-1"]),
        (&["--replication", "4294967296"], &["4294967296"]),
        (&["--format", "xml"], &["xml", "parquet"]),
        (&["--format", "json"], &["jsonl"]),
        (&["--set", "channel.chta.weight=1"], &["chta"]),
        (
            &["--channel", "chta", "--agent", "nobody at all", "--from", "?", "--replication", "99"],
            &["`chta`", "`nobody at all`", "`?`", "replication 99"],
        ),
    ] {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("out.csv");
        let place = ["export", "tickets", QUICKSTART, "-o", path.to_str().unwrap()];
        let (out, err) = check(&[&place[..], more].concat(), 2);
        assert!(out.is_empty(), "{more:?}");
        for word in words {
            assert!(err.contains(word), "{more:?}: {word}\n{err}");
        }
        assert_eq!(fs::read_dir(directory.path()).unwrap().count(), 0, "{more:?}: nothing is written");
    }
    for arguments in [
        &["export"][..],
        &["export", "tickets"],
        &["export", "tickets", QUICKSTART],
        &["export", "people", QUICKSTART, "-o", "-"],
        &["export", "tickets", "no/such/file.toml", "-o", "-"],
        &["--format", "json", "export", "tickets", QUICKSTART, "-o", "-"],
    ] {
        let (out, err) = check(arguments, 2);
        assert!(out.is_empty() && !err.is_empty(), "{arguments:?}");
    }
}

#[test]
fn a_file_is_written_whole_or_not_at_all() {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("file");
    fs::write(&file, "in the way").unwrap();
    for path in [file.join("out.csv"), directory.path().join("none/out.csv"), directory.path().to_owned()] {
        let (_, err) = check(&["export", "tickets", QUICKSTART, "-o", path.to_str().unwrap()], 2);
        assert!(err.contains(path.to_str().unwrap()), "{err}");
    }
    assert_eq!(fs::read_to_string(&file).unwrap(), "in the way");
}

/// Where a file may not grow further, as on a full disk; and where the process is killed for it.
#[cfg(unix)]
#[test]
fn a_full_disk_or_a_kill_leaves_the_old_file() {
    let directory = tempfile::tempdir().unwrap();
    for format in ["csv", "xlsx", "parquet", "jsonl"] {
        if format == "parquet" && !cfg!(feature = "parquet") {
            continue;
        }
        for full in [true, false] {
            let path = directory.path().join("out");
            fs::write(&path, "old").unwrap();
            let limit = format!(
                "{} ulimit -f 8; exec {} export messages {WEEK} --format {format} -o {}",
                if full { "trap '' XFSZ;" } else { "" },
                env!("CARGO_BIN_EXE_desksim"),
                path.display()
            );
            let output = Command::new("sh").args(["-c", &limit]).output().unwrap();
            let err = String::from_utf8_lossy(&output.stderr);
            let expected = if full { Some(1) } else { None };
            assert_eq!(output.status.code(), expected, "{format}: {err}");
            if full {
                assert!(err.contains(path.to_str().unwrap()) && !err.contains("panicked"), "{format}: {err}");
                assert!(!err.contains(".desksim-"), "drafts are nobody's business: {err}");
                assert_eq!(fs::read_dir(directory.path()).unwrap().count(), 1, "{format}: the draft is gone");
            }
            assert_eq!(fs::read_to_string(&path).unwrap(), "old", "{format}");
            for left in fs::read_dir(directory.path()).unwrap().map(|entry| entry.unwrap().path()) {
                fs::remove_file(left).unwrap();
            }
        }
    }
}

/// Drafts of runs that were killed on this machine go with the next one; those under way stay, and so do those of other machines.
#[test]
fn drafts_that_nobody_writes_are_taken_away() {
    let directory = tempfile::tempdir().unwrap();
    let Ok(boot) = fs::read_to_string("/proc/sys/kernel/random/boot_id") else { return };
    let own = |name: &str| format!(".desksim-{}-{name}", &boot[..8]);
    let names =
        [own("dead"), own("alive"), "desksim-other".to_owned(), ".desksim-elsewhere".to_owned(), "out.csv".to_owned()];
    let [dead, alive, other, elsewhere, out] = names.map(|name| directory.path().join(name));
    for file in [&dead, &alive, &other, &elsewhere] {
        fs::write(file, "half a file").unwrap();
    }
    let writer = fs::File::open(&alive).unwrap();
    writer.lock().unwrap();
    check(&["export", "tickets", QUICKSTART, "-o", out.to_str().unwrap()], 0);
    assert!(!dead.exists() && alive.exists() && other.exists() && out.exists());
    drop(writer);
    check(&["run", QUICKSTART, "--replications", "2", "--out", directory.path().to_str().unwrap()], 0);
    assert!(!alive.exists() && elsewhere.exists());
}

#[test]
fn whoever_stops_reading_is_no_error() {
    let mut child = Command::new(env!("CARGO_BIN_EXE_desksim"))
        .args(["export", "messages", WEEK, "-o", "-", "--quiet"])
        .stdout(std::process::Stdio::piped())
        .stderr(std::process::Stdio::piped())
        .spawn()
        .unwrap();
    let mut reader = child.stdout.take().unwrap();
    std::io::Read::read_exact(&mut reader, &mut [0; 20]).unwrap();
    drop(reader);
    let output = child.wait_with_output().unwrap();
    assert_eq!((output.status.code(), String::from_utf8_lossy(&output.stderr).as_ref()), (Some(0), ""));
}

#[test]
fn times_keep_their_civil_hour_over_the_change_of_clocks() {
    let scenario = r#"
        schema = 1
        title = "the night of the change"
        run = { start = "2026-10-25T00:00:00", duration = "5h" }
        desk = { timezone = "Europe/Berlin" }
        [group.g]
        [agent.a]
        groups = ["g"]
        [channel.c]
        assignment = { groups = ["g"] }
        [customer.k]
        channel = "c"
        arrivals = { every = "1h" }
        handle_time = "1m"
        replies = 1
    "#;
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("change.toml");
    fs::write(&path, scenario).unwrap();
    let path = path.to_str().unwrap();
    let created = |more: &[&str]| -> Vec<Value> {
        rows(&[&["tickets", path], more].concat()).into_iter().map(|row| row["created_at"].clone()).collect()
    };
    let all = json!([
        "2026-10-25T01:00:00+02:00",
        "2026-10-25T02:00:00+02:00",
        "2026-10-25T02:00:00+01:00",
        "2026-10-25T03:00:00+01:00"
    ]);
    assert_eq!(json!(created(&[])), all);
    // A civil time that is shown twice is meant at its first showing; with an offset it is either.
    assert_eq!(json!(created(&["--from", "2026-10-25T02:00"])).as_array().unwrap().len(), 3);
    assert_eq!(json!(created(&["--from", "2026-10-25T02:00+01:00"])).as_array().unwrap().len(), 2);
}
