use super::*;
use crate::ledger::{Content, Hindsight, Ledger, TicketRow};
use crate::measures::Cast;
use crate::scenario::{Part, Source, load};
use crate::simulation::{Model, simulate};
use crate::time::{Civil, Instant, Span};

const EVERY_KIND: [(&str, Kind); 7] = [
    ("text", Kind::Text),
    ("=time", Kind::Time),
    ("seconds", Kind::Seconds),
    ("count", Kind::Count),
    ("number", Kind::Number),
    ("date", Kind::Date),
    ("flag", Kind::Flag),
];

fn columns(columns: &[(&str, Kind)]) -> Vec<Column> {
    columns.iter().map(|&(name, kind)| Column { name: name.to_owned(), kind }).collect()
}

fn berlin() -> Civil {
    Civil::new("Europe/Berlin", "2026-03-29T00:00:00".parse().unwrap()).unwrap()
}

/// A row of every kind, one of odd values, and one of nothing.
fn rows() -> [[Cell<'static>; 7]; 3] {
    let at = |secs| Instant::ZERO + Span::from_secs_f64(secs);
    [
        [
            Cell::Text("=1+1"),
            Cell::Time(at(0.0)),
            Cell::Seconds(Span::from_micros(12_345_678)),
            Cell::Count(7),
            Cell::Number(-1.5),
            Cell::Date(-1),
            Cell::Flag(true),
        ],
        [
            Cell::Text("a \"b\",\nc"),
            // Clocks go forward at two.
            Cell::Time(at(7200.25)),
            Cell::Seconds(Span::from_secs(30)),
            Cell::Count(0),
            Cell::Number(1e21),
            Cell::Date(20_514),
            Cell::Flag(false),
        ],
        [Cell::Empty; 7],
    ]
}

fn write(format: FileFormat, names: &[(&str, Kind)], rows: &[impl AsRef<[Cell<'static>]>]) -> Vec<u8> {
    let (civil, mut out) = (berlin(), Vec::new());
    let mut table = format.open(&columns(names), &civil, &mut out).unwrap();
    for row in rows {
        row.as_ref().iter().for_each(|cell| table.cell(*cell).unwrap());
        table.end_row().unwrap();
    }
    table.finish().unwrap();
    out
}

#[test]
fn csv_has_a_line_of_names_and_guards_text_alone() {
    let text = String::from_utf8(write(FileFormat::Csv, &EVERY_KIND, &rows())).unwrap();
    assert_eq!(
        text,
        "text,'=time,seconds,count,number,date,flag\n\
         '=1+1,2026-03-29T00:00:00+01:00,12.345678,7,-1.5,1969-12-31,true\n\
         \"a \"\"b\"\",\nc\",2026-03-29T03:00:00.25+02:00,30,0,1e21,2026-03-02,false\n\
         ,,,,,,\n"
    );
}

#[test]
fn jsonl_has_every_column_in_its_order() {
    let text = String::from_utf8(write(FileFormat::Jsonl, &EVERY_KIND, &rows())).unwrap();
    let lines: Vec<&str> = text.lines().collect();
    assert_eq!(
        lines[0],
        r#"{"text":"=1+1","=time":"2026-03-29T00:00:00+01:00","seconds":12.345678,"count":7,"number":-1.5,"date":"1969-12-31","flag":true}"#
    );
    let names: Vec<&str> = EVERY_KIND.iter().map(|(name, _)| *name).collect();
    for line in lines {
        let object: serde_json::Map<String, serde_json::Value> = serde_json::from_str(line).unwrap();
        assert_eq!(object.keys().collect::<Vec<_>>(), names);
    }
}

#[test]
fn the_same_rows_are_the_same_bytes() {
    for format in [FileFormat::Csv, FileFormat::Xlsx, FileFormat::Parquet, FileFormat::Jsonl] {
        if format.is_built() {
            assert_eq!(write(format, &EVERY_KIND, &rows()), write(format, &EVERY_KIND, &rows()), "{format:?}");
        }
    }
}

#[cfg(feature = "parquet")]
#[test]
fn parquet_is_written_in_groups_and_reads_back() {
    use ::parquet::file::reader::{FileReader, SerializedFileReader};
    use ::parquet::record::RowAccessor;
    let many: Vec<[Cell<'static>; 2]> =
        (0..70_000).map(|n| [if n % 3 == 0 { Cell::Empty } else { Cell::Text("word") }, Cell::Count(n)]).collect();
    let bytes = write(FileFormat::Parquet, &[("a", Kind::Text), ("n", Kind::Count)], &many);
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("many.parquet");
    std::fs::write(&path, bytes).unwrap();
    let reader = SerializedFileReader::new(std::fs::File::open(path).unwrap()).unwrap();
    assert_eq!(reader.num_row_groups(), 3, "memory holds one group at a time");
    let mut count = 0;
    for (n, row) in (0..).zip(reader.get_row_iter(None).unwrap()) {
        let row = row.unwrap();
        assert_eq!(row.get_int(1).unwrap(), n);
        assert_eq!(row.get_string(0).ok().map(String::as_str), if n % 3 == 0 { None } else { Some("word") });
        count += 1;
    }
    assert_eq!(count, 70_000);
    let empty = write(FileFormat::Parquet, &[("a", Kind::Text)], &[[Cell::Empty; 1]; 0]);
    assert!(empty.starts_with(b"PAR1") && empty.ends_with(b"PAR1"));
}

/// A desk whose words are as awkward as a scenario may have them.
fn awkward() -> Model {
    let text = r#"
        schema = 1
        title = "awkward"
        run = { duration = "2h" }
        [group."=group"]
        [agent."@ana, the \"first\""]
        groups = ["=group"]
        [channel."-chat"]
        assignment = { groups = ["=group"] }
        [field."=choice"]
        type = "choice"
        choices = ["+1", "plain"]
        asked = true
        [field.number]
        type = "number"
        asked = true
        [field.since]
        type = "date"
        asked = true
        [field.ticked]
        type = "checkbox"
        asked = true
        [field.remark]
        type = "text"
        asked = true
        [customer.any]
        channel = "-chat"
        arrivals = { every = "50m" }
        handle_time = "1m"
        fields = { "=choice" = "+1", number = -5, since = "2026-03-01", ticked = true, remark = "\t=2" }
    "#;
    load(&Source::new("awkward.toml", text), &[], Part::Whole).unwrap_or_else(|problems| panic!("{problems}")).model
}

fn tickets(model: &Model, format: FileFormat) -> Vec<u8> {
    let (cast, hindsight) = (Cast::new(model), Hindsight::of(model, 1, 0, &mut ()).unwrap());
    let mut table = TicketTable::new(&model.settings, &model.names, Content::new(&model.names, 1, 0));
    let mut out = Vec::new();
    let mut rows = format.open(table.columns(), &model.plan.civil, &mut out).unwrap();
    simulate(model, 1, 0, &mut Ledger::new(&cast, &hindsight, |row: &TicketRow| table.write(row, &mut *rows).unwrap()))
        .unwrap();
    rows.finish().unwrap();
    out
}

#[test]
fn columns_are_those_of_the_rules_with_the_fields_among_them() {
    let model = awkward();
    let table = TicketTable::new(&model.settings, &model.names, Content::new(&model.names, 1, 0));
    let names: Vec<&str> = table.columns().iter().map(|column| column.name.as_str()).collect();
    // EXP-3, word for word; what is said besides stands behind the fields.
    let rules = "ticket_id, conversation, channel, group, status, session, cycle, created_at, queued_at, assigned_at, \
        first_response_at, closed_at, closed_by, assigned_agent, first_response_target_s, first_response_s, first_response_sla, \
        closure_target_s, closure_s, closure_sla, queue_s, customer_first_response_s, customer_resolution_s, escalations, \
        escalated_to, reopens, transfers, last_message, sentiment";
    let (system, fields) = names.split_at(29);
    assert_eq!(system.join(", "), rules);
    let (fields, more) = fields.split_at(5);
    assert_eq!(fields, ["=choice", "number", "since", "ticked", "remark"]);
    let also = "customer, priority, first_response_due, first_response_remaining_s, closure_due, closure_remaining_s, \
        remaining_s, assigned_group, first_response_charged_to, closure_charged_to";
    assert_eq!(more.join(", "), also);
}

#[test]
fn a_field_that_is_called_as_a_later_column_keeps_its_own() {
    let text = "[group.g]\n[agent.a]\ngroups = [\"g\"]\n[channel.c]\nassignment = { groups = [\"g\"] }\n\
        [field.priority]\ntype = \"text\"\n[field.other]\ntype = \"text\"\n";
    let model =
        load(&Source::new("field.toml", text), &[], Part::Desk).unwrap_or_else(|problems| panic!("{problems}")).model;
    let table = TicketTable::new(&model.settings, &model.names, Content::new(&model.names, 1, 0));
    let names: Vec<&str> = table.columns()[29..].iter().map(|column| column.name.as_str()).collect();
    assert_eq!(names[..4], ["field.priority", "other", "customer", "priority"]);
}

#[test]
fn no_field_is_called_as_a_column_is() {
    let model = awkward();
    let table = TicketTable::new(&model.settings, &model.names, Content::new(&model.names, 1, 0));
    for column in &table.columns()[..29] {
        let text = format!("[field.{}]\ntype = \"text\"\n", column.name);
        let problems = load(&Source::new("field.toml", text), &[], Part::Desk).unwrap_err().to_string();
        assert!(problems.contains("is a field of the system"), "{}: {problems}", column.name);
    }
}

#[test]
fn awkward_words_stay_words() {
    let model = awkward();
    let text = String::from_utf8(tickets(&model, FileFormat::Csv)).unwrap();
    let mut reader = ::csv::Reader::from_reader(text.as_bytes());
    let headers = reader.headers().unwrap().clone();
    let rows: Vec<::csv::StringRecord> = reader.records().map(Result::unwrap).collect();
    assert_eq!(rows.len(), 2);
    let cell = |name: &str| &rows[0][headers.iter().position(|header| header == name).unwrap()];
    assert_eq!([cell("channel"), cell("group"), cell("assigned_agent")], ["'-chat", "'=group", "'@ana, the \"first\""]);
    assert_eq!([cell("'=choice"), cell("remark")], ["'+1", "'\t=2"]);
    assert_eq!([cell("number"), cell("since"), cell("ticked")], ["-5", "2026-03-01", "true"]);
    assert_eq!(cell("ticket_id"), "0000001");
}

#[test]
fn a_conversation_is_written_part_by_part() {
    let model = awkward();
    let mut table = MessageTable::new(&model.names, Content::new(&model.names, 1, 0));
    let mut out = Vec::new();
    let mut rows = FileFormat::Jsonl.open(table.columns(), &model.plan.civil, &mut out).unwrap();
    let mut written = 0;
    let mut messages = crate::ledger::Messages::new(|message: &crate::ledger::Message| {
        written += table.write(message, &mut *rows).unwrap();
    });
    simulate(&model, 1, 0, &mut messages).unwrap();
    rows.finish().unwrap();
    let text = String::from_utf8(out).unwrap();
    let lines: Vec<serde_json::Value> = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(lines.len() as u64, written);
    let first = &lines[0];
    assert_eq!((&first["sent_at"], &first["sender"]), (&"2026-03-02T00:50:00+00:00".into(), &"c1".into()));
    assert_eq!(first["conversation_url"], "https://desk.example/conversations/c1");
    assert_eq!((&first["content_type"], &first["direction"]), (&"Text".into(), &"Inbound".into()));
    assert_eq!(first["ticket_id"], "0000001");
    let reply: Vec<_> = lines.iter().filter(|line| line["sender"] == "@ana, the \"first\"").collect();
    assert!(reply.iter().all(|line| line["direction"] == "Outbound"));
    assert_eq!(reply[0]["content_type"], "Header");
}
