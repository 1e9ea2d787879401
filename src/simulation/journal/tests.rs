//! Commands go into the log's words and come back the same.

use super::decode::{COMMANDS, DecodeError, Resolve, decode_at, decode_command};
use super::encode::{Lexicon, write_command, write_instant};
use crate::desk::*;
use crate::simulation::Names;
use crate::time::Instant;
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
        Command::SetStatus { user: ana, status: None }
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
    check_error(json!({"tick": 1}), "`tick`: expected a table, found a number");
    check_error(json!({"tick": {"at": 1}}), "`tick.at`: `tick` has no `at` (write tick = {})");
    check_error(json!({"reply": {"usr": "ana"}}), "`reply.usr`: `reply` has no `usr` (did you mean `user`?)");
    check_error(json!({"reply": {"ticket": "0000001"}}), "`reply`: `user` is missing");
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
        "`message.conversation`: a conversation needs a name",
    );
    check_error(
        json!({"message": {"conversation": "c", "channel": "chat", "priority": 1e9}}),
        "`message.priority`: expected a whole number from -32768 to 32767, found a number",
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
        "`grant`: a permission goes to either a `user` or a `group`",
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
