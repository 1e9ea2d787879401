//! Commands go into the log's words and come back the same.

use super::decode::{COMMANDS, DecodeError, Resolve, decode_at, decode_command};
use super::encode::{Lexicon, write_command, write_instant};
use super::{Bench, LogError, Replayed, Trace, replay};
use crate::desk::*;
use crate::simulation::{Input, Model, Names, Observer, RunPlan, Step};
use crate::time::{Civil, Instant, Span};
use crate::workload::Plan;
use serde_json::{Map, Value, json};

/// A desk's tables, without a desk: tickets 1 to 5 exist, and every status that has a name.
struct Tables {
    statuses: Vec<StatusName>,
    forms: Vec<Vec<(FieldId, FieldValue)>>,
    changes: u32,
}

impl Resolve for Tables {
    fn ticket(&self, number: u32) -> Option<TicketId> {
        (1..=5).contains(&number).then_some(TicketId { number, slot: number - 1 })
    }
    fn status(&self, folded: Symbol) -> Option<StatusId> {
        self.statuses.iter().position(|status| status.folded == Some(folded)).map(StatusId::at)
    }
    fn field_kind(&self, field: FieldId) -> FieldKind {
        [FieldKind::Choice(2), FieldKind::Text, FieldKind::Number, FieldKind::Date, FieldKind::Checkbox][field.index()]
    }
    fn change(&mut self, _: &mut Names, _: ChannelId, settings: &Map<String, Value>) -> Result<ChangeId, DecodeError> {
        if settings.contains_key("colour") {
            return Err(DecodeError::new("a channel has no `colour`").within("colour"));
        }
        self.changes += 1;
        Ok(ChangeId(self.changes - 1))
    }
    fn form(&mut self, values: &[(FieldId, FieldValue)]) -> FormId {
        self.forms.push(values.to_vec());
        FormId::at(self.forms.len() - 1)
    }
}

fn tables() -> (Names, Tables) {
    let mut names = Names::default();
    for user in ["root", "ana", "be\"n"] {
        names.add_user(user);
    }
    names.add_group("support");
    names.add_channel("chat");
    for field in ["category", "note", "score", "day", "vip"] {
        names.add_field(field);
    }
    names.add_choice(FieldId(0), "payment");
    names.add_choice(FieldId(0), "delivery");
    let statuses = ["Available", "Away", "Offline", "Lunch"].map(|status| names.status_name(status)).to_vec();
    (names, Tables { statuses, forms: Vec::new(), changes: 0 })
}

#[track_caller]
fn check_round_trip(command: &str) -> Command {
    let (mut names, mut tables) = tables();
    let value: Value = serde_json::from_str(command).unwrap();
    let decoded = decode_command(&value, &mut names, &mut tables).unwrap_or_else(|error| panic!("{command}: {error}"));
    let mut line = Vec::new();
    let lexicon = Lexicon { names: &names, forms: &tables.forms, statuses: &tables.statuses };
    write_command(&mut line, Instant::from_micros(1_500_000), &decoded, &lexicon);
    assert_eq!(str::from_utf8(&line).unwrap(), format!("{{\"at\":1.5,\"do\":{command}}}\n"));
    decoded
}

#[test]
fn every_command_reads_and_prints_alike() {
    let commands = [
        r#"{"message":{"conversation":"c1","channel":"chat"}}"#,
        r#"{"message":{"conversation":"ü\n","channel":"chat","spam":true,"content":"Where is \"it\"?","priority":-3}}"#,
        r#"{"message":{"conversation":"c1","channel":"chat","fields":{"category":"delivery","note":"n","score":-2.5,"day":"2026-03-29","vip":false}}}"#,
        r#"{"consent":{"conversation":"c1","granted":false}}"#,
        r#"{"abandon":{"conversation":"c1"}}"#,
        r#"{"end_conversation":{"conversation":"c1"}}"#,
        r#"{"reply":{"user":"ana","ticket":"0000005"}}"#,
        r#"{"reply":{"user":"ana","ticket":null}}"#,
        r#"{"answer":{"user":"ana","ticket":"0000005"}}"#,
        r#"{"active":{"user":"ana"}}"#,
        r#"{"active":{"user":"ana","ticket":"0000005"}}"#,
        r#"{"active":{"user":"ana","ticket":null}}"#,
        r#"{"close":{"user":"be\"n","ticket":"0000001"}}"#,
        r#"{"set_field":{"user":"ana","ticket":"0000001","field":"category","value":"payment"}}"#,
        r#"{"set_field":{"user":"ana","ticket":"0000001","field":"score","value":null}}"#,
        r#"{"set_field":{"user":"ana","ticket":"0000001","field":"ticket_id","value":null}}"#,
        r#"{"set_field":{"user":"ana","ticket":"0000001","field":null,"value":null}}"#,
        r#"{"assign":{"by":"root","ticket":"0000001","to":"ana"}}"#,
        r#"{"transfer":{"by":"root","ticket":"0000001","group":"support"}}"#,
        r#"{"escalate":{"by":"root","ticket":"0000001","to":"ana"}}"#,
        r#"{"reopen":{"by":"root","ticket":"0000001"}}"#,
        r#"{"open_conversation":{"user":"ana","conversation":"c9","channel":"chat"}}"#,
        r#"{"set_status":{"user":"ana","status":"Lunch"}}"#,
        r#"{"set_status":{"user":"ana","status":null}}"#,
        r#"{"set_status":{"user":"ana","status":"Lunch","more":true}}"#,
        r#"{"create_status":{"by":"root","name":"Tea","connection":"inactive","assignable":false,"auto_message":"away"}}"#,
        r#"{"edit_status":{"by":"root","name":"Lunch","rename":"Dinner","connection":"disconnected","assignable":true,"auto_message":"none"}}"#,
        r#"{"edit_status":{"by":"root","name":null}}"#,
        r#"{"order_statuses":{"by":"root","names":["Lunch",null]}}"#,
        r#"{"delete_status":{"by":"root","name":"Lunch"}}"#,
        r#"{"delete_status":{"by":"root","name":"Lunch","replacement":"Away"}}"#,
        r#"{"enable_user":{"by":"root","user":"ana"}}"#,
        r#"{"disable_user":{"by":"root","user":"ana"}}"#,
        r#"{"add_to_group":{"by":"root","user":"ana","group":"support"}}"#,
        r#"{"remove_from_group":{"by":"root","user":"ana","group":"support"}}"#,
        r#"{"grant":{"by":"root","channel":"chat","permission":"manage","group":"support"}}"#,
        r#"{"revoke":{"by":"root","channel":"chat","permission":"view","user":"ana"}}"#,
        r#"{"configure_channel":{"by":"root","channel":"chat"}}"#,
        r#"{"configure_channel":{"by":"root","channel":"chat","limit":{"max_open":3},"greeting":"Hi"}}"#,
        r#"{"tick":{}}"#,
    ];
    for command in commands {
        check_round_trip(command);
    }
    for (name, _) in COMMANDS {
        assert!(commands.iter().any(|command| command.starts_with(&format!("{{\"{name}\""))), "{name} is tried");
    }
}

#[test]
fn what_the_desk_can_refuse_is_no_error_of_the_log() {
    let unknown = |command: &str| {
        let (mut names, mut tables) = tables();
        decode_command(&serde_json::from_str(command).unwrap(), &mut names, &mut tables).unwrap()
    };
    let ana = UserId(1);
    for id in ["0000006", "99999999999", "one", ""] {
        let command = unknown(&json!({"reply": {"user": "ana", "ticket": id}}).to_string());
        assert_eq!(command, Command::Reply { user: ana, ticket: None }, "{id}");
    }
    assert_eq!(
        unknown(r#"{"set_status": {"user": "ana", "status": "Tea"}}"#),
        Command::SetStatus { user: ana, status: None, more: false }
    );
    // TIC-11: a value that does not fit, and TIC-3: a field of the system's.
    for (field, value, name) in [
        ("category", json!("weather"), FieldName::Custom(FieldId(0))),
        ("note", json!("  "), FieldName::Custom(FieldId(1))),
        ("score", json!("7"), FieldName::Custom(FieldId(2))),
        ("day", json!("2026-02-30"), FieldName::Custom(FieldId(3))),
        ("vip", json!(1), FieldName::Custom(FieldId(4))),
        ("assigned_agent", json!("ana"), FieldName::System),
        ("colour", json!("red"), FieldName::Unknown),
    ] {
        let ticket = Some(TicketId { number: 1, slot: 0 });
        assert_eq!(
            unknown(
                &json!({"set_field": {"user": "ana", "ticket": "0000001", "field": field, "value": value}}).to_string()
            ),
            Command::SetField { user: ana, ticket, field: name, value: None },
            "{field}"
        );
    }
}

#[track_caller]
fn check_error(command: Value, expected: &str) {
    let (mut names, mut tables) = tables();
    let error = decode_command(&command, &mut names, &mut tables).expect_err("it is no command");
    assert_eq!(error.to_string(), expected);
}

#[test]
fn what_is_no_command_says_where_and_offers_a_way_out() {
    check_error(json!({"repyl": {}}), "`repyl`: no command is called `repyl` (did you mean `reply`?)");
    check_error(json!({"tick": {}, "abandon": {}}), "expected one command, found 2 (write one command for each `do`)");
    check_error(
        json!("tick"),
        "expected a command, found a text (write { tick = {} }, with a command's name as the only key)",
    );
    check_error(json!({"tick": 1}), "`tick`: expected a table, found a number (write { tick = {} })");
    check_error(json!({"tick": {"at": 1}}), "`tick.at`: `tick` has no `at` (there is none)");
    check_error(json!({"reply": {"usr": "ana"}}), "`reply.usr`: `reply` has no `usr` (did you mean `user`?)");
    check_error(json!({"reply": {"ticket": "0000001"}}), "`reply`: `user` is missing (say it: { user = … })");
    check_error(
        json!({"reply": {"user": "anna", "ticket": "0000001"}}),
        "`reply.user`: no user is called `anna` (did you mean `ana`?)",
    );
    check_error(
        json!({"reply": {"user": "ana", "ticket": 1}}),
        "`reply.ticket`: expected a text, found a number (write a ticket as \"0000001\")",
    );
    check_error(
        json!({"message": {"conversation": "", "channel": "chat"}}),
        "`message.conversation`: a conversation needs a name (write any name between the quotes)",
    );
    check_error(
        json!({"message": {"conversation": "c", "channel": "chat", "priority": 1e9}}),
        "`message.priority`: expected a whole number from -32768 to 32767, found a number (write a whole number from -32768 to 32767)",
    );
    check_error(
        json!({"message": {"conversation": "c", "channel": "chat", "fields": {"category": "weather"}}}),
        "`message.fields.category`: \"weather\" does not fit the field (TIC-11) (choose one of `payment`, `delivery`)",
    );
    check_error(
        json!({"message": {"conversation": "c", "channel": "chat", "fields": {"categori": "payment"}}}),
        "`message.fields.categori`: no custom field is called `categori` (did you mean `category`?)",
    );
    check_error(
        json!({"grant": {"by": "root", "channel": "chat", "permission": "reply"}}),
        "`grant`: a permission goes to either a `user` or a `group` (say whose it is: user = … or group = …)",
    );
    check_error(
        json!({"grant": {"by": "root", "channel": "chat", "permission": "repyl", "user": "ana"}}),
        "`grant.permission`: `repyl` is no permission (did you mean `reply`?)",
    );
    check_error(
        json!({"configure_channel": {"by": "root", "channel": "chat", "colour": 1}}),
        "`configure_channel.colour`: a channel has no `colour`",
    );
}

#[track_caller]
fn check_at(value: Value, micros: u64, printed: &str) {
    let at = decode_at(&value).unwrap();
    assert_eq!(at.as_micros(), micros, "{value}");
    let mut out = Vec::new();
    write_instant(&mut out, at);
    assert_eq!(str::from_utf8(&out).unwrap(), printed, "{value}");
    // What is printed reads as the very same instant.
    assert_eq!(decode_at(&serde_json::from_slice(&out).unwrap()).unwrap(), at);
}

#[test]
fn instants_are_exact_to_the_microsecond() {
    check_at(json!(0), 0, "0");
    check_at(json!("90s"), 90_000_000, "90");
    check_at(json!("1h30m"), 5_400_000_000, "5400");
    check_at(json!(0.000001), 1, "0.000001");
    check_at(json!(0.1), 100_000, "0.1");
    check_at(json!(12.3405), 12_340_500, "12.3405");
    check_at(json!(3_153_599_999.999_999), 3_153_599_999_999_999, "3153599999.999999");
    for bad in [json!(-1), json!("-1s"), json!(1e300), json!("soon"), json!(true), json!(null), json!([1])] {
        assert!(decode_at(&bad).is_err(), "{bad}");
    }
}

/// A desk with one channel, two agents and a lead; a first response is due after five minutes.
fn model() -> Model {
    let mut names = Names::default();
    let users = ["root", "ana", "ben"].map(|user| names.add_user(user));
    let support = names.add_group("support");
    names.add_channel("chat");
    let system_statuses = ["Available", "Away", "Offline"].map(|status| names.status_name(status));
    let civil = Civil::new("UTC", jiff::civil::date(2026, 3, 2).at(0, 0, 0, 0)).unwrap();
    let user = |role, groups: &[GroupId]| UserSettings {
        role,
        state: UserState::Enabled,
        groups: groups.to_vec(),
        max_open: None,
        away_text: false,
        status: StatusId::AVAILABLE,
        proficiency: Vec::new(),
    };
    let members = vec![Grantee::Group(support), Grantee::User(users[0])];
    let channel = ChannelSettings {
        assignment: Assignment::RoundRobin {
            groups: vec![support],
            policy: Policy::round_robin(),
            overflow: Vec::new(),
        },
        standby: Standby::default(),
        view: members.clone(),
        reply: members.clone(),
        manage: members,
        limit: None,
        weight_milli: 1000,
        sla: Sla {
            first_response: Some(Span::from_secs(300)),
            closure: None,
            escalate_to: Some(users[0]),
            business_hours: false,
            pause_awaiting_customer: false,
            on_reassign: OnReassign::RestartFirstResponse,
            on_requeue: OnRequeue::Restart,
        },
        order: QueueOrder::Fifo,
        priority: 0,
        greeting: true,
        away_text: false,
        outside_text: false,
        spam_filter: true,
        consent: false,
        close_after_silence: None,
        sticky: false,
        reopen_within: None,
        answers_at_start: false,
    };
    Model {
        title: "Two agents".to_owned(),
        settings: Settings {
            ticketing: true,
            idle_timeout: None,
            requeue_after: None,
            requeue_on_disable: true,
            away_text: true,
            outside_text: false,
            calendar: None,
            civil: civil.clone(),
            system_statuses,
            statuses: Vec::new(),
            fields: Vec::new(),
            groups: 1,
            users: vec![user(Role::Admin, &[]), user(Role::Agent, &[support]), user(Role::Agent, &[support])],
            channels: vec![channel],
            salt: 0,
        },
        changes: Vec::new(),
        forms: Vec::new(),
        plan: Plan {
            civil,
            customers: Vec::new(),
            agents: Vec::new(),
            shifts: Vec::new(),
            events: Vec::new(),
            asked_fields: Vec::new(),
            default_values: Vec::new(),
        },
        run: RunPlan {
            duration: Span::from_secs(3600),
            warmup: Span::ZERO,
            auto_warmup: false,
            seed: 1,
            replications: 1,
            batches: None,
        },
        names,
        hash: String::new(),
        parts: Vec::new(),
    }
}

fn no_changes(_: &Names, _: ChannelId, _: &Map<String, Value>) -> Result<ChannelChange, DecodeError> {
    Ok(ChannelChange::default())
}

fn replayed(log: &str) -> (Result<Replayed, LogError>, String) {
    let mut bench = Bench::new(&model(), 1, &no_changes);
    let mut out = Vec::new();
    let done = replay(log.as_bytes(), &mut bench, &mut out);
    (done, String::from_utf8(out).unwrap())
}

const SCRIPT: &str = r#"
{"at": "0s", "do": {"message": {"conversation": "hello", "channel": "chat"}}}
{"at": "5m", "do": {"reply": {"user": "ana", "ticket": "0000001"}}}
{"at": "5m", "do": {"message": {"conversation": "other", "channel": "chat"}}}
{"at": "1h", "do": {"reply": {"user": "ben", "ticket": "0000009"}}}
"#;

const STORY: &str = r#"{"at":0,"do":{"message":{"conversation":"hello","channel":"chat"}}}
{"at":0,"effect":{"created":{"ticket":"0000001","conversation":"hello","channel":"chat"}}}
{"at":0,"effect":{"auto_message":{"ticket":"0000001","conversation":"hello","kind":"greeting"}}}
{"at":0,"effect":{"queued":{"ticket":"0000001","as":"new_conversation","lane":"chat"}}}
{"at":0,"effect":{"assigned":{"ticket":"0000001","to":"ana","how":"auto"}}}
{"at":0,"effect":{"sla_started":{"ticket":"0000001","timer":"first_response","due":300}}}
{"at":300,"do":{"reply":{"user":"ana","ticket":"0000001"}}}
{"at":300,"effect":{"replied":{"ticket":"0000001","by":"ana"}}}
{"at":300,"effect":{"sla_ended":{"ticket":"0000001","timer":"first_response","outcome":"met","user":"ana"}}}
{"at":300,"do":{"message":{"conversation":"other","channel":"chat"}}}
{"at":300,"effect":{"created":{"ticket":"0000002","conversation":"other","channel":"chat"}}}
{"at":300,"effect":{"auto_message":{"ticket":"0000002","conversation":"other","kind":"greeting"}}}
{"at":300,"effect":{"queued":{"ticket":"0000002","as":"new_conversation","lane":"chat"}}}
{"at":300,"effect":{"assigned":{"ticket":"0000002","to":"ben","how":"auto"}}}
{"at":300,"effect":{"sla_started":{"ticket":"0000002","timer":"first_response","due":600}}}
{"at":600,"effect":{"sla_ended":{"ticket":"0000002","timer":"first_response","outcome":"breached","user":"ben"}}}
"#;

#[test]
fn a_script_becomes_a_story_and_the_story_agrees_with_itself() {
    let (done, story) = replayed(SCRIPT);
    assert_eq!(done.unwrap(), Replayed { commands: 4, effects: 0 });
    assert!(story.starts_with(STORY), "{story}");
    assert!(
        story.ends_with(
            "{\"at\":3600,\"effect\":{\"refused\":{\"rule\":\"TIC-2\",\"why\":\"no ticket has that ID\"}}}\n"
        )
    );
    let (done, again) = replayed(&story);
    let effects = story.lines().filter(|line| line.contains("\"effect\"")).count() as u64;
    assert_eq!(done.unwrap(), Replayed { commands: 4, effects });
    assert_eq!(again, story);
}

#[test]
fn what_is_written_otherwise_and_means_the_same_is_no_difference() {
    let (_, story) = replayed(SCRIPT);
    let spelled = story
        .replace("\"due\":300}", "\"due\": 300.0, \"note\": null}")
        .replace("{\"at\":600,", "\n{ \"at\" : \"10m\" , ");
    assert_ne!(spelled, story);
    assert!(replayed(&spelled).0.is_ok());
}

/// Edits one place of the story; the difference is found on that line.
#[track_caller]
fn check_difference(edit: impl Fn(&mut Vec<String>), line: u64, logged: Option<&str>, happened: Option<&str>) {
    let (_, story) = replayed(SCRIPT);
    let mut lines: Vec<String> = story.lines().map(str::to_owned).collect();
    edit(&mut lines);
    match replayed(&lines.join("\n")).0 {
        Err(LogError::Differs(difference)) => {
            assert_eq!(difference.line, line);
            let holds = |text: &Option<String>, part: Option<&str>| match (text, part) {
                (Some(text), Some(part)) => text.contains(part),
                (text, part) => text.is_none() && part.is_none(),
            };
            assert!(holds(&difference.logged, logged) && holds(&difference.happened, happened), "{difference:?}");
        }
        other => panic!("no difference was found: {other:?}"),
    }
}

#[test]
fn the_first_difference_is_shown_where_it_is() {
    let change = |lines: &mut Vec<String>| lines[4] = lines[4].replace("ana", "ben");
    check_difference(change, 5, Some("\"to\":\"ben\""), Some("\"to\":\"ana\""));
    // An effect that is missing, in the middle and where a command follows; one too many; and an instant that is off.
    check_difference(|lines| drop(lines.remove(4)), 5, Some("sla_started"), Some("assigned"));
    check_difference(|lines| drop(lines.remove(5)), 6, None, Some("sla_started"));
    check_difference(|lines| lines.insert(6, lines[5].clone()), 7, Some("sla_started"), None);
    check_difference(|lines| lines[15] = lines[15].replace("600", "601"), 16, Some("601"), Some("600"));
    check_difference(|lines| drop(lines.pop()), lines_of_story(), None, Some("refused"));
    // The log's first effect comes late: what came before it is missing.
    check_difference(|lines| drop(lines.drain(1..6)), 2, None, Some("created"));
}

fn lines_of_story() -> u64 {
    replayed(SCRIPT).1.lines().count() as u64
}

#[track_caller]
fn check_log_error(log: &str, line: u64, words: &str) {
    match replayed(log).0 {
        Err(LogError::Line { line: found, error, .. }) => {
            assert_eq!((found, error.to_string().as_str()), (line, words));
        }
        other => panic!("no error was found: {other:?}"),
    }
}

#[test]
fn a_broken_log_says_which_line_and_why() {
    let ok = "{\"at\": 1, \"do\": {\"tick\": {}}}\n";
    let check = |line: &str, words: &str| check_log_error(&format!("{ok}\n{line}"), 3, words);
    check("{\"at\": 0.5, \"do\": {\"tick\": {}}}", "goes back in time: 0.5s after 1s (put the lines in order of `at`)");
    check("{\"at\": 2, \"do\": {\"tock\": {}}}", "`tock`: no command is called `tock` (did you mean `tick`?)");
    check("{\"at\": 2, \"efect\": {}}", "a line of the log has no `efect` (did you mean `effect`?)");
    check("{\"at\": 2}", "a line of the log has either `do` or `effect` (write {\"at\": 0, \"do\": {\"tick\": {}}})");
    check("{\"do\": {\"tick\": {}}}", "`at` is missing (say when it was: \"at\": 0)");
    check(
        "{\"at\": 2, \"effect\": {\"craeted\": {}}}",
        "`effect`: no effect is called `craeted` (did you mean `created`?)",
    );
    check("[1]", "expected a line of the log, found a list (write {\"at\": 0, \"do\": {\"tick\": {}}})");
    let json = "(a log has one line of JSON for each command or effect, such as {\"at\": 0, \"do\": {\"tick\": {}}})";
    check("{\"at\": 2", &format!("not JSON: EOF while parsing an object {json}"));
    check("hello", &format!("not JSON: expected value {json}"));
}

#[test]
fn a_trace_says_what_a_replay_says() {
    let model = model();
    let mut desk = Desk::new(model.settings.clone()).unwrap();
    let mut trace = Trace::new(&model, Vec::new());
    trace.start(Instant::ZERO, &desk);
    let mut effects = Vec::new();
    let (ana, at) = (UserId(1), |secs| Instant::ZERO + Span::from_secs(secs));
    let message = |conversation, spam| Command::Message {
        conversation: ConversationId(conversation),
        channel: ChannelId(0),
        spam,
        priority: 0,
        form: None,
        content: None,
    };
    let commands = [
        (at(1), message(0, false)),
        (at(2), message(1, true)),
        (at(3), Command::Reply { user: UserId(2), ticket: None }),
        (at(4), Command::SetStatus { user: ana, status: Some(StatusId::AWAY), more: false }),
    ];
    for (now, command) in commands {
        effects.clear();
        let refused = desk.apply(now, &command, &mut effects).err();
        trace.step(&Step { now, input: Input::Command(command), customer: None, refused, effects: &effects }, &desk);
    }
    let due = desk.next_deadline().unwrap();
    effects.clear();
    desk.wake(due, &mut effects);
    trace.step(&Step { now: due, input: Input::Deadline, customer: None, refused: None, effects: &effects }, &desk);
    trace.finish(at(400), &desk);
    let log = String::from_utf8(trace.into_inner().unwrap()).unwrap();
    assert!(log.contains("{\"at\":2,\"effect\":{\"spam_filtered\":{\"conversation\":\"c2\"}}}"), "{log}");
    assert!(log.contains("{\"at\":301,\"effect\":{\"escalated\":"), "{log}");
    assert!(log.ends_with("{\"at\":399.999999,\"do\":{\"tick\":{}}}\n"), "{log}");
    let (done, again) = replayed(&log);
    assert!(done.is_ok(), "{done:?}\n{log}");
    assert_eq!(again, log);
}
