//! The dashboard at an instant, tickets' cards, and exports that choose cycles: asserted by hand on a desk that is scripted
//! throughout (DSH-1, DSH-3, EXP-3).

use serde_json::{Map, Value, json};
use std::fs;
use std::process::Command;
use tempfile::TempDir;

/// Nobody works on `chat` but by the script: no class of customers writes there.
const DESK: &str = r#"
schema = 1
title = "Scripted"
run = { start = "2026-03-02T09:00:00", duration = "2h", replications = 1 }
desk = { timezone = "Europe/Berlin" }
[status.Lunch]
connection = "inactive"
assignable = false
[field.topic]
type = "choice"
choices = ["payment", "delivery"]
[group.support]
[group.leads]
[agent.ana]
groups = ["support"]
[agent.ben]
groups = ["support"]
[agent.lead]
groups = ["leads"]
role = "admin"
[channel.chat]
assignment = { groups = ["support"] }
limit = { max_open = 1 }
sla = { first_response = "10m", closure = "1h", escalate_to = "lead" }
[channel.mail]
assignment = { groups = ["support"] }
[customer.writer]
channel = "mail"
arrivals = { every = "50d" }
handle_time = "1m"
"#;

const SCRIPT: &[(&str, &str)] = &[
    ("1m", r#"message = { conversation = "c1", channel = "chat", content = "Where is my parcel?" }"#),
    ("2m", r#"message = { conversation = "c2", channel = "chat", priority = 2 }"#),
    ("3m", r#"message = { conversation = "c3", channel = "chat" }"#),
    ("4m", r#"message = { conversation = "c4", channel = "chat", priority = 5 }"#),
    ("5m", r#"set_status = { user = "ana", status = "Lunch" }"#),
    ("6m", r#"reply = { user = "ana", ticket = "0000001" }"#),
    ("20m", r#"close = { user = "ana", ticket = "0000001" }"#),
    ("30m", r#"reopen = { by = "ana", ticket = "0000001" }"#),
    ("35m", r#"set_field = { user = "lead", ticket = "0000002", field = "topic", value = "payment" }"#),
    ("50m", r#"reply = { user = "ana", ticket = "0000099" }"#),
    ("60m", r#"close = { user = "lead", ticket = "0000002" }"#),
];

/// A scenario's file, and the directory that it lies in.
fn desk() -> (TempDir, String) {
    let events: Vec<String> =
        SCRIPT.iter().map(|(at, command)| format!("[[event]]\nat = \"{at}\"\ndo = {{ {command} }}\n")).collect();
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("desk.toml");
    fs::write(&file, format!("{DESK}{}", events.concat())).unwrap();
    (directory, file.to_str().unwrap().to_owned())
}

#[track_caller]
fn check(arguments: &[&str], exit: i32) -> (String, String) {
    let output = Command::new(env!("CARGO_BIN_EXE_desksim")).args(arguments).output().unwrap();
    let [out, err] = [output.stdout, output.stderr].map(|bytes| String::from_utf8(bytes).unwrap());
    assert_eq!(output.status.code(), Some(exit), "{arguments:?}\n{out}\n{err}");
    assert!(!err.contains("panicked"), "{err}");
    (out, err)
}

#[track_caller]
fn told(arguments: &[&str]) -> Value {
    serde_json::from_str(&check(&[arguments, &["--format", "json"]].concat(), 0).0).unwrap()
}

#[track_caller]
fn rows(arguments: &[&str]) -> Vec<Map<String, Value>> {
    let (out, _) = check(&[&["export"], arguments, &["--format", "jsonl", "-o", "-"]].concat(), 0);
    out.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

/// Which cycles there are, as ticket and cycle.
fn cycles(rows: &[Map<String, Value>]) -> Vec<String> {
    let mut found: Vec<String> =
        rows.iter().map(|row| format!("{}/{}", row["ticket_id"].as_str().unwrap(), row["cycle"])).collect();
    found.sort();
    found
}

fn cards(dashboard: &Value) -> Vec<u64> {
    dashboard["cards"].as_array().unwrap().iter().map(|card| card["tickets"].as_u64().unwrap()).collect()
}

/// DSH-1, DSH-3: everything of ten minutes past nine, in civil time and as a duration.
#[test]
fn the_desk_at_an_instant() {
    let (_directory, file) = desk();
    let at = told(&["dashboard", &file, "--at", "10m"]);
    assert_eq!(told(&["dashboard", &file, "--at", "2026-03-02T09:10"]), at);
    assert_eq!((&at["kind"], &at["at"]), (&json!("dashboard"), &json!(600.0)));
    assert_eq!(at["time"], "2026-03-02T09:10:00+01:00");
    // Closed, queued, escalated, reopened, awaiting response, open.
    assert_eq!(cards(&at), [0, 2, 0, 0, 1, 1]);
    assert_eq!(at["connections"], json!({ "connected": 2, "inactive": 1, "disconnected": 0 }));
    let user = |user: &str, status: &str, connection: &str, seconds: f64, open: u32, pending: u32| {
        json!({ "user": user, "state": "enabled", "status": status, "connection": connection, "in_status_s": seconds,
                "open": open, "pending": pending })
    };
    let users = [
        user("ana", "Lunch", "inactive", 300.0, 1, 0),
        user("ben", "Available", "connected", 600.0, 1, 1),
        user("lead", "Available", "connected", 600.0, 0, 0),
    ];
    assert_eq!(at["users"], json!(users));
    let waiting = |ticket: &str, conversation: &str, priority: i32, seconds: f64| {
        json!({ "ticket": ticket, "session": "new_conversation", "conversation": conversation, "customer": null,
                "channel": "chat", "group": null, "priority": priority, "waiting_s": seconds })
    };
    // QUE-2: the higher priority first.
    assert_eq!(at["queue"], json!([waiting("0000004", "c4", 5, 360.0), waiting("0000003", "c3", 0, 420.0)]));
    let timer = |ticket: &str, timer: &str, agent: &str, due: &str, seconds: f64| {
        json!({ "ticket": ticket, "timer": timer, "channel": "chat", "agent": agent,
                "due": format!("2026-03-02T{due}:00+01:00"), "remaining_s": seconds })
    };
    let timers = [
        timer("0000002", "first_response", "ben", "09:12", 120.0),
        timer("0000001", "closure", "ana", "10:01", 3060.0),
        timer("0000002", "closure", "ben", "10:02", 3120.0),
    ];
    assert_eq!(at["timers"], json!(timers));
    assert_eq!(at["notifications"]["count"], 0);

    // What happens at the instant has happened: ESC-1 at 9:12, and the freed place is filled.
    let at = told(&["dashboard", &file, "--at", "12m"]);
    assert_eq!(cards(&at), [0, 1, 1, 0, 1, 1]);
    let notice = json!({ "at": 720.0, "time": "2026-03-02T09:12:00+01:00", "user": "lead", "about": "escalation",
                         "ticket": "0000002", "channel": "chat" });
    assert_eq!(at["notifications"]["list"], json!([notice]));
    assert_eq!(at["timers"][0]["remaining_s"], 600.0, "ESC-3: started anew");
    // Without an instant it is the end of the run.
    let end = told(&["dashboard", &file]);
    assert_eq!((&end["at"], cards(&end).iter().sum::<u64>()), (&json!(7200.0), 4));
    assert_eq!(told(&["dashboard", &file, "--at", "2h"]), end);
}

#[test]
fn filters_choose_what_the_dashboard_shows() {
    let (_directory, file) = desk();
    let of = |more: &[&str]| told(&[&["dashboard", &file, "--at", "10m"], more].concat());
    let users = |dashboard: &Value| dashboard["users"].as_array().unwrap().len();
    let ben = of(&["--agent", "ben"]);
    assert_eq!((cards(&ben), users(&ben)), (vec![0, 0, 0, 0, 1, 0], 1));
    assert_eq!(ben["connections"]["connected"], 1);
    let leads = of(&["--group", "leads"]);
    assert_eq!((cards(&leads).iter().sum::<u64>(), users(&leads)), (0, 1));
    assert_eq!(cards(&of(&["--channel", "mail"])), [0; 6]);
    assert_eq!(cards(&of(&["--status", "queued"])), [0, 2, 0, 0, 0, 0]);
}

#[test]
fn text_and_markdown_show_the_same() {
    let (_directory, file) = desk();
    let (text, _) = check(&["dashboard", &file, "--at", "10m"], 0);
    assert!(text.lines().all(|line| line.chars().count() <= 80), "{text}");
    for words in [
        "2026-03-02 09:10:00 (Europe/Berlin)",
        "2 connected, 1 inactive, 0 disconnected.",
        "2 new conversations and 0 new sessions in the queue.",
        "3 timers running or paused",
        "0 notifications",
    ] {
        assert!(text.contains(words), "{words}\n{text}");
    }
    let ana = text.lines().find(|line| line.trim_start().starts_with("ana ")).unwrap();
    assert_eq!(ana.split_whitespace().collect::<Vec<_>>(), ["ana", "Lunch", "inactive", "5m", "1", "0"]);
    let (markdown, _) = check(&["dashboard", &file, "--at", "10m", "--format", "markdown"], 0);
    assert!(markdown.contains("| ana | Lunch | inactive | 5m | 1 | 0 |"), "{markdown}");
}

#[test]
fn an_instant_that_is_none_is_told() {
    let (_directory, file) = desk();
    for (at, words) in [
        ("3h", &["--at 3h lies outside the run", "2026-03-02T11:00:00+01:00", "at most 2h"][..]),
        ("2026-03-02T08:59", &["lies outside the run", "2026-03-02T09:00:00+01:00"]),
        ("tomorrow", &["`tomorrow` is neither a time nor a duration", "90m"]),
        ("", &["`` is neither"]),
    ] {
        for what in [&["dashboard", &file][..], &["explain", &file, "--ticket", "1"]] {
            let (out, err) = check(&[what, &["--at", at]].concat(), 2);
            assert!(out.is_empty() && words.iter().all(|word| err.contains(word)), "{at}: {err}");
        }
    }
    let (_, err) = check(&["export", "users", &file, "-o", "-", "--from", "2026-03-02", "--status", "open"], 2);
    assert!(err.contains("users have no --from") && err.contains("users have no --status"), "{err}");
    let (_, err) = check(&["export", "notifications", &file, "-o", "-", "--latest"], 2);
    assert!(err.contains("notifications have no --latest"), "{err}");
}

/// EXP-3: filters choose cycles by what happened, closed since or not.
#[test]
fn only_what_was_escalated_or_reopened_in_a_range_is_exported() {
    let (_directory, file) = desk();
    let of = |more: &[&str]| cycles(&rows(&[&["tickets", &file], more].concat()));
    assert_eq!(of(&[]), ["0000001/1", "0000001/2", "0000002/1", "0000003/1", "0000004/1"]);
    // 0000002 at 9:12, 0000004 at 9:22, 0000003 at 9:32, 0000001 in its second cycle at 9:40.
    assert_eq!(of(&["--status", "escalated"]), ["0000001/2", "0000002/1", "0000003/1", "0000004/1"]);
    let from = |from: &'static str, to: &'static str| ["--status", "escalated", "--from", from, "--to", to];
    assert_eq!(of(&from("2026-03-02T09:12", "2026-03-02T09:22")), ["0000002/1"]);
    assert_eq!(of(&from("2026-03-02T09:20", "2026-03-02T09:40")), ["0000003/1", "0000004/1"]);
    let closed = rows(&["tickets", &file, "--status", "escalated", "--to", "2026-03-02T09:20"]);
    assert_eq!((closed.len(), &closed[0]["status"]), (1, &json!("Closed")), "closed since, and escalated then");
    assert_eq!(of(&["--status", "reopened"]), ["0000001/2"]);
    assert_eq!(of(&["--status", "reopened", "--from", "2026-03-02T09:31"]), [] as [&str; 0]);
    assert_eq!(of(&["--status", "reopened", "--from", "2026-03-02T09:30", "--to", "2026-03-02T09:31"]), ["0000001/2"]);
    // Open at any time in the range: the first cycle of 0000001 was closed at 9:20.
    let open = of(&["--from", "2026-03-02T09:21", "--to", "2026-03-02T09:29"]);
    assert_eq!(open, ["0000002/1", "0000003/1", "0000004/1"]);
    assert_eq!(
        of(&["--status", "closed", "--from", "2026-03-02T09:19", "--to", "2026-03-02T09:25"]),
        ["0000001/1", "0000002/1"]
    );
    // The group that it came through is kept after escalation.
    let support = of(&["--group", "support", "--status", "escalated"]);
    assert_eq!(
        support,
        ["0000002/1", "0000003/1", "0000004/1", "0000001/2"]
            .map(str::to_owned)
            .into_iter()
            .collect::<std::collections::BTreeSet<_>>()
            .into_iter()
            .collect::<Vec<_>>()
    );
}

/// EXP-3: what is left of timers, on their own clock; who a ticket came through; points of priority.
#[test]
fn columns_of_a_ticket_at_an_instant() {
    let (_directory, file) = desk();
    let at = rows(&["tickets", &file, "--at", "10m"]);
    let row = |id: &str| at.iter().find(|row| row["ticket_id"] == id).unwrap();
    let second = row("0000002");
    for (column, value) in [
        ("status", json!("Awaiting response")),
        ("priority", json!(2)),
        ("customer", json!(null)),
        ("first_response_due", json!("2026-03-02T09:12:00+01:00")),
        ("first_response_remaining_s", json!(120)),
        ("closure_due", json!("2026-03-02T10:02:00+01:00")),
        ("closure_remaining_s", json!(3120)),
        ("remaining_s", json!(120)),
        ("group", json!("support")),
        ("assigned_group", json!("support")),
        ("topic", json!(null)),
    ] {
        assert_eq!(second[column], value, "{column}");
    }
    assert_eq!((&row("0000001")["first_response_sla"], &row("0000001")["remaining_s"]), (&json!("met"), &json!(3060)));
    assert_eq!(row("0000003")["remaining_s"], json!(null), "SLA-2: no timer runs in the queue");
    let end = rows(&["tickets", &file]);
    let second = end.iter().find(|row| row["ticket_id"] == "0000002").unwrap();
    let kept = [&second["group"], &second["assigned_group"], &second["escalated_to"], &second["topic"]];
    assert_eq!(kept, [&json!("leads"), &json!("support"), &json!("lead"), &json!("payment")]);
    assert_eq!(second["first_response_due"], "2026-03-02T09:12:00+01:00", "of the timer that was breached");
    let users = rows(&["users", &file, "--at", "10m"]);
    let ana = json!({ "user": "ana", "state": "enabled", "status": "Lunch", "connection": "inactive", "in_status_s": 300,
                      "open": 1, "pending": 0 });
    assert_eq!(Value::Object(users[0].clone()), ana);
}

/// SLA-10: business hours are a timer's own clock, in what is left of it too.
#[test]
fn time_left_is_on_the_timers_own_clock() {
    let (directory, _) = desk();
    let hours = DESK
        .replace(
            "timezone = \"Europe/Berlin\"",
            "timezone = \"Europe/Berlin\", business_hours = { \"mon-fri\" = [\"09:00-09:30\"] }",
        )
        .replace("closure = \"1h\"", "closure = \"1h\", clock = \"business_hours\"");
    let file = directory.path().join("hours.toml");
    let event = "[[event]]\nat = \"20m\"\ndo = { message = { conversation = \"c1\", channel = \"chat\" } }\n";
    fs::write(&file, format!("{hours}{event}")).unwrap();
    let at = told(&["dashboard", file.to_str().unwrap(), "--at", "1h"]);
    let left: Vec<&Value> = at["timers"].as_array().unwrap().iter().map(|timer| &timer["remaining_s"]).collect();
    // Ten minutes of opening time went by until 9:30: the first response was due then, and was escalated.
    assert_eq!(left, [&json!(600.0), &json!(3600.0)]);
    assert_eq!(at["timers"][0]["due"], "2026-03-03T09:10:00+01:00");
}

/// A ticket's card: fields, timers, conversation and history, as text and JSON.
#[test]
fn a_tickets_card() {
    let (_directory, file) = desk();
    let at = told(&["explain", &file, "--ticket", "1", "--at", "10m"]);
    let card = &at["card"];
    for (key, value) in [
        ("status", json!("Open")),
        ("conversation", json!("c1")),
        ("agent", json!("ana")),
        ("assigned_group", json!("support")),
        ("cycle", json!(1)),
        ("sentiment", json!("neutral")),
        ("fields", json!([{ "name": "topic", "value": null }])),
    ] {
        assert_eq!(card[key], value, "{key}");
    }
    assert_eq!((&card["first_response"]["outcome"], &card["first_response"]["took_s"]), (&json!("met"), &json!(300.0)));
    assert_eq!((&card["closure"]["outcome"], &card["closure"]["remaining_s"]), (&json!("running"), &json!(3060.0)));
    let messages = card["messages"].as_array().unwrap();
    assert_eq!(
        (messages.len(), &messages[0]["sender"], &messages[1]["sender"]),
        (2, &json!("customer"), &json!("ana"))
    );
    assert_eq!(messages[0]["parts"][0]["content"], "Where is my parcel?");
    assert_eq!(messages[1]["time"], "2026-03-02T09:06:00");
    let second = told(&["explain", &file, "--ticket", "2"]);
    assert_eq!(second["card"]["fields"], json!([{ "name": "topic", "value": "payment" }]));
    let kinds: Vec<&str> = second["moments"]
        .as_array()
        .unwrap()
        .iter()
        .map(|moment| moment["what"].as_object().unwrap().keys().next().unwrap().as_str())
        .collect();
    for kind in ["created", "assigned", "timer_started", "escalated", "notified", "field_set", "closed"] {
        assert!(kinds.contains(&kind), "{kind}: {kinds:?}");
    }
    let (text, _) = check(&["explain", &file, "--ticket", "1", "--at", "10m"], 0);
    for words in ["Card", "Conversation", "History", "Where is my parcel?", "running, 51m left", "Sentiment"] {
        assert!(text.contains(words), "{words}\n{text}");
    }
}

/// Notifications, counted and listed; and what the script was refused.
#[test]
fn notifications_are_counted_and_exported() {
    let (_directory, file) = desk();
    let run = told(&["run", &file]);
    let all = rows(&["notifications", &file]);
    let first = json!({ "notified_at": "2026-03-02T09:12:00+01:00", "user": "lead", "about": "escalation",
                        "ticket_id": "0000002", "channel": "chat" });
    assert_eq!(Value::Object(all[0].clone()), first);
    assert_eq!(run["metrics"]["notifications"]["mean"], all.len() as f64);
    let dashboard = told(&["dashboard", &file]);
    assert_eq!(dashboard["notifications"]["count"], all.len());
    let early = rows(&["notifications", &file, "--to", "2026-03-02T09:20", "--agent", "lead", "--channel", "chat"]);
    assert_eq!(early.len(), 1);
    assert_eq!(rows(&["notifications", &file, "--agent", "ana"]).len(), 0);
    // TIC-2: there is no ticket 0000099 at that instant, so the command is refused.
    assert_eq!(run["metrics"]["commands.refused"]["mean"], 1.0);
}

/// `[[event]]` reaches every command that a log may hold, those that name a ticket included.
#[test]
fn what_is_scripted_runs_as_it_is_replayed() {
    let (directory, file) = desk();
    let trace = directory.path().join("trace.jsonl");
    check(&["run", &file, "--trace", trace.to_str().unwrap()], 0);
    let log = fs::read_to_string(&trace).unwrap();
    for command in ["reply", "close", "reopen", "set_field"] {
        assert!(log.contains(&format!("{{\"{command}\":")), "{command}");
    }
    check(&["replay", trace.to_str().unwrap(), "--desk", &file], 0);
    // Others that name a ticket, each of them carried out.
    let more = [
        ("10m", r#"transfer = { by = "ben", ticket = "0000002", group = "leads" }"#, "queued"),
        ("10m", r#"assign = { by = "lead", ticket = "0000003", to = "lead" }"#, "manual"),
        ("10m", r#"escalate = { by = "ben", ticket = "0000002", to = "lead" }"#, "escalated"),
    ];
    for (at, command, effect) in more {
        let text = fs::read_to_string(&file).unwrap();
        let other = directory.path().join("other.toml");
        fs::write(&other, format!("{text}[[event]]\nat = \"{at}\"\ndo = {{ {command} }}\n")).unwrap();
        let trace = directory.path().join("other.jsonl");
        check(&["run", other.to_str().unwrap(), "--trace", trace.to_str().unwrap()], 0);
        let log = fs::read_to_string(&trace).unwrap();
        let after: Vec<&str> = log.lines().skip_while(|line| !line.starts_with("{\"at\":600,\"do\"")).take(4).collect();
        assert!(after.join("\n").contains(effect) && !after.join("\n").contains("refused"), "{command}: {after:?}");
    }
    for (ticket, words) in
        [("2", "a ticket's number is a text"), ("\"two\"", "`two` is no ticket's number"), ("\"\"", "`` is no")]
    {
        let text =
            format!("{DESK}[[event]]\nat = \"1m\"\ndo = {{ reply = {{ user = \"ana\", ticket = {ticket} }} }}\n");
        let other = directory.path().join("wrong.toml");
        fs::write(&other, text).unwrap();
        let (_, err) = check(&["validate", other.to_str().unwrap()], 2);
        assert!(err.contains(words) && err.contains("0000001"), "{ticket}: {err}");
    }
}

/// A spreadsheet runs nothing that a result's table says.
#[test]
fn tables_of_results_are_guarded_as_exports_are() {
    let (directory, file) = desk();
    let out = directory.path().join("out");
    let vary = "channel.chat.greeting==1+1,hello";
    check(&["sweep", &file, "--vary", vary, "--replications", "2", "--out", out.to_str().unwrap()], 0);
    for name in ["results.csv", "replications.csv"] {
        let table = fs::read_to_string(out.join(name)).unwrap();
        assert!(table.contains(",'=1+1,") && !table.contains(",=1+1,"), "{name}: {}", &table[..300]);
    }
}

/// The same on the page of a run.
#[test]
fn the_page_carries_cards_connection_states_and_notifications() {
    let (directory, file) = desk();
    let out = directory.path().join("out");
    check(&["run", &file, "--out", out.to_str().unwrap()], 0);
    let saved: Value = serde_json::from_str(&fs::read_to_string(out.join("results.json")).unwrap()).unwrap();
    let story = &saved["picture"]["story"];
    let end = told(&["dashboard", &file]);
    for key in ["cards", "connections", "users", "queue", "timers", "notifications"] {
        assert_eq!(story["dashboard"][key], end[key], "{key}");
    }
    let numbers: Vec<&str> =
        story["ticket_cards"].as_array().unwrap().iter().map(|told| told["card"]["ticket"].as_str().unwrap()).collect();
    assert_eq!(numbers, ["0000001", "0000002", "0000003", "0000004"]);
    // Who waited when: 0000003 from 9:03, 0000004 from 9:04 to 9:12.
    let stay = |ticket: u64| story["stays"].as_array().unwrap().iter().find(|stay| stay[0] == ticket).unwrap();
    assert_eq!(stay(4), &json!([4, [0, -1], 0, 5, 240.0, 720.0]));
    let page = fs::read_to_string(out.join("report.html")).unwrap();
    let counts = &end["connections"];
    let said = format!(
        "{} connected, {} inactive, {} disconnected",
        counts["connected"], counts["inactive"], counts["disconnected"]
    );
    assert!(page.contains(&said), "{said}");
    assert!(page.contains("Where is my parcel?") && page.contains("of escalations to them"));
    // Made again from what was saved, it is the same.
    let again = directory.path().join("again.html");
    check(&["report", out.to_str().unwrap(), "-o", again.to_str().unwrap()], 0);
    assert!(fs::read_to_string(again).unwrap() == page);
}
