//! What is wrong with a scenario is said all at once, each problem with its line and column, the marked text and the way out.

use desksim::scenario::{Part, Problems, Source, load, load_at};
use std::fs;

/// A scenario that is right, to be broken in one place after the other.
const RIGHT: &str = r#"schema = 1
title = "A desk"

[run]
duration = "1d"

[desk]
timezone = "Europe/Berlin"

[status.Lunch]
connection = "inactive"

[field.category]
type = "choice"
choices = ["payment", "delivery"]

[group.support]
[group.leads]

[shift.day]
days = "mon-fri"
hours = "09:00-17:30"
breaks = [{ status = "Lunch", at = "12:30", for = "30m" }]

[agent.support]
count = 3
groups = ["support"]
shift = "day"
concurrency = 2
slowdown = [1.0, 1.6]

[agent.lead]
groups = ["leads"]

[channel.chat]
assignment = { rule = "round_robin", groups = ["support"] }
limit = { max_open = 4 }
sla = { first_response = "5m", escalate_to = "lead" }
reply = ["support", "lead"]

[customer.shopper]
channel = "chat"
arrivals = { per_hour = 40 }
handle_time = { lognormal = { mean = "4m", cv = 0.9 } }
replies = { geometric = { mean = 2.2 } }
reply_delay = "5m"
fields = { category = { payment = 0.4, delivery = 0.6 } }

[[event]]
at = "12h"
do = { disable_user = { by = "lead", user = "support-3" } }

[[expect]]
metric = "sla.first_response.breach_rate"
at_most = 0.1
"#;

/// The problems of a text, each as `line:column marked | title | help`.
fn problems_of(text: &str, sets: &[&str]) -> Vec<String> {
    let sets: Vec<String> = sets.iter().map(|set| (*set).to_owned()).collect();
    match load(&Source::new("desk.toml", text), &sets, Part::Whole) {
        Ok(_) => Vec::new(),
        Err(problems) => shown(&problems),
    }
}

fn shown(problems: &Problems) -> Vec<String> {
    assert!(problems.len() > 0);
    let show = |problem| {
        let problem: &desksim::scenario::Problem = problem;
        let place = match problems.position(problem) {
            Some(at) => format!("{}:{} {}", at.line, at.column, at.marked),
            None => "-".to_owned(),
        };
        assert!(!problem.help.is_empty(), "no way out: {place} {}", problem.title);
        format!("{place} | {} | {}", problem.title, problem.help)
    };
    problems.iter().map(show).collect()
}

/// Replaces `right` by `wrong`, which is then the only problem.
#[track_caller]
fn check(right: &str, wrong: &str, expected: &str) {
    assert_eq!(RIGHT.matches(right).count(), 1, "`{right}` stands once");
    let text = RIGHT.replace(right, wrong);
    assert_eq!(problems_of(&text, &[]), [expected], "{wrong}");
}

#[test]
fn the_right_one_is_right() {
    assert_eq!(problems_of(RIGHT, &[]), [""; 0]);
}

#[test]
fn probe() {
    for (right, wrong) in [
        ("[group.leads]", "[group.leads"),
        ("title = \"A desk\"", "title = \"A desk"),
        ("title = \"A desk\"", "title = A desk"),
        ("[group.leads]", "[group.leads]\n[group.support]"),
        ("count = 3", "cuont = 3"),
        ("count = 3", "count = \"3\""),
        ("count = 3", "count = 0"),
        ("duration = \"1d\"", "duration = 86400"),
        ("duration = \"1d\"", "duration = \"0s\""),
        ("duration = \"1d\"", "duration = \"-1d\""),
        ("duration = \"1d\"", "duration = \"900y\""),
        ("duration = \"1d\"", "duration = \"soon\""),
        ("duration = \"1d\"", "duration = \"1d\"\nwarmup = \"1d\""),
        ("[agent.support]\ncount = 3\ngroups = [\"support\"]", "[agent.support]\ncount = 3\ngroups = [\"suport\"]"),
        ("groups = [\"support\"] }", "groups = [\"leds\"] }"),
        ("escalate_to = \"lead\"", "escalate_to = \"leda\""),
        ("escalate_to = \"lead\"", "escalate_to = \"support\""),
        ("channel = \"chat\"", "channel = \"chta\""),
        ("{ status = \"Lunch\"", "{ status = \"Lunhc\""),
        ("{ category = {", "{ categry = {"),
        ("delivery = 0.6", "delivry = 0.6"),
        ("\"round_robin\", ", "\"round_robin\", policy = \"least_opne\", "),
        ("sla.first_response.breach_rate", "sla.first_response.breach_rat"),
        ("sla.first_response.breach_rate", "queue.wait.mean{channel=chat}"),
        ("timezone = \"Europe/Berlin\"", "timezone = \"Europe/Berln\""),
        ("at = \"12:30\"", "at = \"17:15\""),
        ("slowdown = [1.0, 1.6]", "slowdown = [1.0]"),
        ("per_hour = 40", "per_hour = [1, 2, 3, 4, 5, 6, 7]"),
        ("per_hour = 40", "per_hour = { \"mon-fri\" = 1, \"fri\" = 2 }"),
        ("payment = 0.4, delivery = 0.6", "payment = 0, delivery = 0"),
        ("max_open = 4", "max_open = 0"),
        ("user = \"support-3\"", "user = \"support-4\""),
        ("reply = [\"support\", \"lead\"]", "reply = [\"lead\"]"),
        ("connection = \"inactive\"", "connection = \"connected\"\nassignable = false"),
        ("[status.Lunch]", "[status.\"away \"]"),
        ("cv = 0.9", "cv = -1"),
        ("cv = 0.9", "vc = 0.9"),
        ("lognormal", "lognorml"),
        ("reply_delay = \"5m\"", "silent = 5"),
        ("reply_delay = \"5m\"", "reply_delay = \"5m\"\nsilent = 5"),
        ("per_hour = 40", "file = \"nowhere.csv\""),
    ] {
        assert_eq!(RIGHT.matches(right).count(), 1, "`{right}` stands once");
        println!("{right} -> {wrong}");
        for line in problems_of(&RIGHT.replace(right, wrong), &[]) {
            println!("      {line}");
        }
    }
    let _ = (load_at, fs::read("x"));
}
