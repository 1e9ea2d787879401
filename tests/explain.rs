//! Explanations of assignments: they say what the desk then does, and what a desk with another policy would do.

use desksim::desk::{
    Assignment, AssignmentChange, ChannelChange, Command, Desk, Effect, How, NAMED, Policy, TicketId, UserId,
};
use desksim::scenario::{Part, Scenario, Source, load};
use desksim::simulation::{Because, Decision, Input, Observer, Standings, Step, simulate};
use desksim::time::{Instant, Span};
use serde_json::Value;
use std::fs;
use std::process::Command as Process;

const SHOP_WEEK: &str = "scenarios/shop-week.toml";

fn shop_week(policy: &str) -> Scenario {
    let text = fs::read_to_string(SHOP_WEEK).unwrap().replace(", by_wait_time = true", "");
    let text = text.replace("\"channel.chat.assignment.by_wait_time\" = true", "\"agent.late.count\" = 7");
    let sets = [format!("channel.*.assignment.policy={policy}")];
    let loaded = load(&Source::new(SHOP_WEEK, text), &sets, Part::Whole);
    let mut scenario = loaded.unwrap_or_else(|problems| panic!("{problems}"));
    // Until the system fails on Wednesday and after it.
    scenario.model.run.duration = Span::from_secs(2 * 86_400 + 15 * 3_600);
    scenario
}

/// Holds every automatic assignment to what is said of it, and of some of them what every other policy would do.
struct Judge {
    standings: Option<Standings>,
    scenario: Scenario,
    steps: u64,
    /// The desk before the next step, for some steps.
    before: Option<Desk>,
    assigned: u32,
    compared: u32,
    /// How often each policy would have taken somebody else.
    others: Vec<u32>,
    reasons: Vec<Because>,
}

impl Judge {
    fn new(scenario: Scenario) -> Judge {
        let others = vec![0; NAMED.len()];
        Judge {
            standings: None,
            scenario,
            steps: 0,
            before: None,
            assigned: 0,
            compared: 0,
            others,
            reasons: Vec::new(),
        }
    }

    /// Whom a desk gives the ticket that is given this policy just before the step.
    fn with_policy(&self, before: &Desk, policy: &Policy, decision: &Decision, step: &Step<'_>) -> Option<UserId> {
        let mut desk = before.clone();
        if !matches!(desk.assignment(decision.channel), Assignment::RoundRobin { .. }) {
            return None;
        }
        // What a change does not name stays (CHN-2).
        let assignment = AssignmentChange { policy: Some(Some(policy.clone())), ..AssignmentChange::default() };
        let change = desk.prepare(ChannelChange { assignment: Some(assignment), ..ChannelChange::default() });
        let admin = self.scenario.model.names.find_user("admin").unwrap();
        let mut effects = Vec::new();
        let configure = Command::ConfigureChannel { by: admin, channel: decision.channel, change };
        desk.apply(step.now, &configure, &mut effects).unwrap();
        // At the very instant at which further groups take over (QUE-9) the new policy is at once asked what the deadline would ask.
        if let Some((ticket, to)) = first_auto(&effects) {
            assert!(matches!(step.input, Input::Deadline) && ticket == decision.ticket, "nobody else waited for that");
            return Some(to);
        }
        effects.clear();
        match step.input {
            Input::Command(command) => desk.apply(step.now, &command, &mut effects).unwrap(),
            Input::Deadline => desk.wake(step.now, &mut effects),
        }
        first_auto(&effects).map(|(ticket, to)| {
            assert_eq!(ticket, decision.ticket);
            to
        })
    }
}

fn first_auto(effects: &[Effect]) -> Option<(TicketId, UserId)> {
    effects.iter().find_map(|effect| match *effect {
        Effect::Assigned { ticket, to, how: How::Auto, .. } => Some((ticket, to)),
        _ => None,
    })
}

impl Observer for Judge {
    fn start(&mut self, _now: Instant, desk: &Desk) {
        let settings = &self.scenario.model.settings;
        self.standings = Some(Standings::new(settings.civil.clone(), desk, settings.channels.len()));
        self.before = Some(desk.clone());
    }

    fn step(&mut self, step: &Step<'_>, desk: &Desk) {
        let mut standings = self.standings.take().unwrap();
        let first = first_auto(step.effects).map(|(ticket, _)| ticket);
        let mut decisions = Vec::new();
        standings.follow(step, desk, |standings, ticket, to| {
            let decision = standings.decide(step.now, ticket, desk).expect("it waits in a lane");
            let choice = decision.choice.expect("somebody is eligible");
            assert_eq!(choice.user, to, "{decision:#?}");
            if Some(ticket) == first {
                let others: Vec<_> = NAMED
                    .iter()
                    .map(|(name, _)| {
                        standings.decide_by(step.now, ticket, &Policy::named(name).unwrap(), desk).unwrap()
                    })
                    .collect();
                decisions.push((decision, others));
            } else {
                decisions.push((decision, Vec::new()));
            }
        });
        for (decision, others) in &decisions {
            self.assigned += 1;
            let choice = decision.choice.unwrap();
            let kind = std::mem::discriminant(&choice.because);
            if !self.reasons.iter().any(|known| std::mem::discriminant(known) == kind) {
                self.reasons.push(choice.because);
            }
            // A draining that was deferred (QUE-5) is done before the policy can be changed.
            let before = self.before.as_ref().filter(|before| !others.is_empty() && !before.defers_draining());
            let Some(before) = before else { continue };
            self.compared += 1;
            for (index, ((name, _), other)) in NAMED.iter().zip(others).enumerate() {
                let said = other.choice.map(|choice| choice.user);
                let done = self.with_policy(before, &Policy::named(name).unwrap(), decision, step);
                assert_eq!(said, done, "{} under {name}: {other:#?}", decision.ticket);
                self.others[index] += u32::from(done != Some(choice.user));
            }
        }
        self.steps += 1;
        // A desk is copied now and then.
        let copied = self.steps.is_multiple_of(23);
        self.before = copied.then(|| desk.clone());
        self.standings = Some(standings);
    }
}

#[test]
fn what_is_said_of_a_week_of_assignments_is_what_every_policy_does() {
    let mut reasons: Vec<Because> = Vec::new();
    for (name, _) in NAMED {
        let scenario = shop_week(name);
        let model = scenario.model.clone();
        let mut judge = Judge::new(scenario);
        simulate(&model, 1, 0, &mut judge).unwrap();
        assert!(judge.assigned > 500, "{name}: {} assignments", judge.assigned);
        assert!(judge.compared > 15, "{name}: {} compared", judge.compared);
        let apart = judge.others.iter().filter(|count| **count > 0).count();
        assert!(apart > 3, "{name}: the policies hardly ever differ: {:?}", judge.others);
        reasons.extend(judge.reasons);
    }
    let has = |wanted: fn(&Because) -> bool| reasons.iter().any(wanted);
    assert!(has(|because| matches!(because, Because::Key(_))));
    assert!(has(|because| matches!(because, Because::OnlyOne)));
    assert!(has(|because| matches!(because, Because::LastAssignee)), "TIC-6: chat is sticky");
    assert!(has(|because| matches!(because, Because::ListedFirst)));
    assert!(has(|because| matches!(because, Because::Row)));
    assert!(has(|because| matches!(because, Because::Drawn { .. })));
    assert!(has(|because| matches!(because, Because::Pair { .. })));
}

/// Runs `explain`, and gives what it wrote to standard output and standard error.
#[track_caller]
fn explain(arguments: &[&str], exit: i32) -> (String, String) {
    let output = Process::new(env!("CARGO_BIN_EXE_desksim"))
        .arg("explain")
        .args(arguments)
        .env_remove("NO_COLOR")
        .output()
        .unwrap();
    let [out, err] = [output.stdout, output.stderr].map(|bytes| String::from_utf8(bytes).unwrap());
    assert_eq!(output.status.code(), Some(exit), "{arguments:?}\n{out}\n{err}");
    assert!(!err.contains("panicked"), "{err}");
    for line in out.lines().filter(|_| !out.starts_with('{')) {
        assert!(line.chars().count() <= 80, "{} columns: {line}", line.chars().count());
        assert_eq!(line, line.trim_end());
    }
    (out, err)
}

#[track_caller]
fn json(arguments: &[&str]) -> Value {
    let (out, _) = explain(&[arguments, &["--format", "json"]].concat(), 0);
    serde_json::from_str(&out).unwrap()
}

#[test]
fn a_story_tells_everything_that_happened_to_a_ticket() {
    let directory = tempfile::tempdir().unwrap();
    let log = directory.path().join("log.jsonl");
    let log = log.to_str().unwrap();
    let run = Process::new(env!("CARGO_BIN_EXE_desksim"))
        .args(["run", SHOP_WEEK, "--set", "run.duration=2d", "--replications", "1", "--trace", log, "--quiet"])
        .output()
        .unwrap();
    assert!(run.status.success());
    let text = fs::read_to_string(log).unwrap();
    for id in ["0000001", "0000042", "0000200", "0000333"] {
        let by_run = json(&[SHOP_WEEK, "--set", "run.duration=2d", "--ticket", id]);
        let by_log = json(&[log, "--desk", SHOP_WEEK, "--ticket", id]);
        assert_eq!(by_run["moments"], by_log["moments"], "{id}");
        let moments = by_run["moments"].as_array().unwrap();
        let told = |kind: &str| moments.iter().filter(|moment| moment["what"].get(kind).is_some()).count();
        let logged = |kind: &str| {
            let mark = format!("\"effect\":{{\"{kind}\":");
            let ticket = format!("\"ticket\":\"{id}\"");
            text.lines().filter(|line| line.contains(&mark) && line.contains(&ticket)).count()
        };
        for (kind, effect) in [
            ("created", "created"),
            ("queued", "queued"),
            ("assigned", "assigned"),
            ("replied", "replied"),
            ("closed", "closed"),
            ("reactivated", "reactivated"),
            ("timer_started", "sla_started"),
            ("timer_ended", "sla_ended"),
            ("escalated", "escalated"),
            ("auto_message", "auto_message"),
        ] {
            assert_eq!(told(kind), logged(effect), "{kind} of {id}");
        }
        for moment in moments {
            let assigned = &moment["what"]["assigned"];
            if assigned["how"] == "auto" {
                assert_eq!(assigned["why"]["chosen"], assigned["to"], "{id}");
                assert_eq!(
                    assigned["why"]["otherwise"].as_array().unwrap().len(),
                    NAMED.len() + 1,
                    "with the scenario's own"
                );
            }
        }
        explain(
            &[SHOP_WEEK, "--set", "run.duration=2d", "--ticket", id, "--policy", "least_open", "--policy", "fair"],
            0,
        );
    }
}

/// Three people: one at the cap, one away, one disabled; and one of another group.
const DESK: &str = r#"
schema = 1
title = "Why Ben"
run = { duration = "1h" }
[group.support]
[group.leads]
[agent.ana]
groups = ["support"]
max_open = 1
[agent.ben]
groups = ["support"]
[agent.cleo]
groups = ["support"]
[agent.dan]
groups = ["support"]
state = "disabled"
[agent.eva]
groups = ["leads"]
[agent.boss]
role = "admin"
[agent.fay]
groups = ["support"]
[channel.chat]
assignment = { groups = ["support"], overflow = [{ groups = ["leads"], after = "10m" }] }
reply = ["ana", "ben", "cleo", "dan", "eva"]
limit = { max_open = 2 }
[customer.any]
channel = "chat"
arrivals = { every = "30m" }
handle_time = "1m"
"#;

const LOG: &str = r#"
{"at": 0, "do": {"message": {"conversation": "one", "channel": "chat"}}}
{"at": 10, "do": {"set_status": {"user": "cleo", "status": "Away"}}}
{"at": 20, "do": {"message": {"conversation": "two", "channel": "chat"}}}
{"at": 30, "do": {"message": {"conversation": "three", "channel": "chat"}}}
{"at": 40, "do": {"message": {"conversation": "four", "channel": "chat"}}}
{"at": 700, "do": {"tick": {}}}
{"at": 705, "do": {"close": {"user": "ben", "ticket": "0000002"}}}
"#;

#[test]
fn why_ben() {
    let directory = tempfile::tempdir().unwrap();
    let (desk, log) = (directory.path().join("desk.toml"), directory.path().join("log.jsonl"));
    fs::write(&desk, DESK).unwrap();
    fs::write(&log, LOG).unwrap();
    let (desk, log) = (desk.to_str().unwrap(), log.to_str().unwrap());
    let (page, _) = explain(&[log, "--desk", desk, "--ticket", "2", "--policy", "wait_time"], 0);
    insta::assert_snapshot!(page, @r###"
    Ticket 0000002: Why Ben
    from a log, seed 1; times of UTC

    Card
      Status            Closed, cycle 1 (new conversation)
      Customer          conversation two on chat
      Agent             ben
      Group             support; assigned through support
      Priority          0
      Created           2026-03-02 00:00:20
      Closed            2026-03-02 00:11:45 by ben
      First response    no timer
      Closure           no timer
      Customer's clock  first response –, resolution 11m 25s
      Moves             0 reopenings, 0 escalations, 0 transfers
      Sentiment         neutral
      Last message      @team: can somebody help me with my account?

    Conversation
      03-02 00:00:20  customer: @team: can somebody help me with my account?

    History

    2026-03-02
    00:00:20  Created: conversation two on chat.
              Queued on chat, as a new conversation.
              Assigned to ben by round_robin.
                eligible                pending  -since_assigned
                > ben                         0            never
                Nobody else is eligible.
                Not eligible:
                  at a cap of their own (CAP-3): ana (1 of 1 open)
                  Away, not assignable (STA-1): cleo
                  disabled (USR-1): dan
                  takes over after 10m of waiting (QUE-9): eva
                  not in support (ASG-1): boss
                  without reply permission (CHN-1): fay
                Under another policy:
                  ben: wait_time
    00:11:45  Closed by ben.
    "###);
    let (page, _) = explain(&[log, "--desk", desk, "--ticket", "0000004"], 0);
    insta::assert_snapshot!(page, @r###"
    Ticket 0000004: Why Ben
    from a log, seed 1; times of UTC

    Card
      Status            Awaiting response, cycle 1 (new conversation)
      Customer          conversation four on chat
      Agent             eva
      Group             leads; assigned through leads
      Priority          0
      Created           2026-03-02 00:00:40
      Closed            –
      First response    no timer
      Closure           no timer
      Customer's clock  first response –, resolution –
      Moves             0 reopenings, 0 escalations, 0 transfers
      Sentiment         neutral
      Last message      -10% is what my voucher says, and it does not work

    Conversation
      03-02 00:00:40  customer: -10% is what my voucher says, and it does not work

    History

    2026-03-02
    00:00:40  Created: conversation four on chat.
              Queued on chat, as a new conversation.
              Waits because nobody is eligible (QUE-8).
                Not eligible:
                  at a cap of their own (CAP-3): ana (1 of 1 open)
                  at the cap (CAP-1): ben (2 of 2 open)
                  Away, not assignable (STA-1): cleo
                  disabled (USR-1): dan
                  takes over after 10m of waiting (QUE-9): eva
                  not in support (ASG-1): boss
                  without reply permission (CHN-1): fay
    00:10:40  Assigned to eva by round_robin, after 10m in this cycle.
                eligible                pending  -since_assigned
                > eva                         0            never
                Nobody else is eligible.
                Not eligible:
                  at a cap of their own (CAP-3): ana (1 of 1 open)
                  at the cap (CAP-1): ben (2 of 2 open)
                  Away, not assignable (STA-1): cleo
                  disabled (USR-1): dan
                  not in support or leads (ASG-1): boss
                  without reply permission (CHN-1): fay
    "###);
}

#[test]
fn who_asks_for_what_is_not_there_is_told_what_is() {
    let (_, err) = explain(&[SHOP_WEEK, "--set", "run.duration=9h", "--ticket", "0999999"], 2);
    assert!(err.contains("there is no ticket 0999999") && err.contains("0000001 to 0000"), "{err}");
    let (_, err) = explain(&[SHOP_WEEK, "--ticket", "42", "--policy", "least_opn"], 2);
    assert!(err.contains("did you mean `least_open`?"), "{err}");
    for wrong in ["0", "-1", "abc", ""] {
        let (_, err) = explain(&[SHOP_WEEK, &format!("--ticket={wrong}")], 2);
        assert!(err.contains("0000042"), "{err}");
    }
    let (_, err) = explain(&["none.jsonl", "--desk", SHOP_WEEK, "--ticket", "1"], 2);
    assert!(err.contains("none.jsonl"), "{err}");
    explain(&["none.jsonl", "--desk", SHOP_WEEK, "--ticket", "1", "--replication", "2"], 2);
}

#[test]
fn lanes_of_manual_channels_say_so() {
    let directory = tempfile::tempdir().unwrap();
    let (desk, log) = (directory.path().join("desk.toml"), directory.path().join("log.jsonl"));
    let manual = DESK.replace(
        "assignment = { groups = [\"support\"], overflow = [{ groups = [\"leads\"], after = \"10m\" }] }\n",
        "",
    );
    fs::write(&desk, manual).unwrap();
    fs::write(&log, LOG.lines().take(2).collect::<Vec<_>>().join("\n")).unwrap();
    let (page, _) = explain(&[log.to_str().unwrap(), "--desk", desk.to_str().unwrap(), "--ticket", "1"], 0);
    assert!(page.contains("by hand (CHN-3)"), "{page}");
}

#[test]
fn markdown_has_headings_lists_and_tables() {
    let arguments = ["explain", "scenarios/quickstart.toml", "--ticket", "20", "--format", "markdown"];
    let output = Process::new(env!("CARGO_BIN_EXE_desksim")).args(arguments).output().unwrap();
    let (page, err) = (String::from_utf8(output.stdout).unwrap(), String::from_utf8(output.stderr).unwrap());
    assert!(output.status.success(), "{err}");
    assert!(page.starts_with("### Ticket 0000020") && page.contains("\n#### 20") && !page.contains("```"), "{page}");
    assert!(page.contains("\n- **") && page.contains("\n  | eligible | "), "{page}");
    assert!(page.contains("\n  |---|") && page.contains("Created: conversation"), "{page}");
}
