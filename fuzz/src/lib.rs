//! What coverage-guided fuzzing tries, one function for each kind of input. `tests/corpus.rs` calls the same functions on
//! the inputs in `corpus/`, so that what was found once stays mended.
//!
//! `fuzz/run` runs all of them; `cargo +nightly fuzz run -s none scenario PATH` tries one input again.

use desksim::desk::{Desk, Policy};
use desksim::experiment::check::Baseline;
use desksim::experiment::{Experiment, Repetition, SourceText, picture};
use desksim::ledger::{
    Content, Dashboard, Filter, Hindsight, Ledger, Message, Messages, TicketCard, TicketRow, Until, just_after,
};
use desksim::measures::Cast;
use desksim::report::export::{FileFormat, MessageTable, TicketTable};
use desksim::report::{
    Circumstances, SCHEMA, Saved, Style, dashboard_json, dashboard_markdown, dashboard_page, html, json_with_picture,
    page_with_picture, read, read_cell, run_csv, run_markdown, story_json, story_markdown, story_page,
};
use desksim::scenario::{Part, Scenario, Source, load, load_at};
use desksim::simulation::{
    Bench, Case, LogError, Model, Observer, ReadChange, RunError, Step, Storyteller, Trace, replay, simulate,
    simulate_until,
};
use desksim::time::{Instant, Span};
use desksim::workload::Arrivals;
use xxhash_rust::xxh3::xxh3_128;

/// Arrivals that a run is shortened to.
const ARRIVALS: f64 = 500.0;
/// A run is no longer than this.
const LONGEST: Span = Span::from_secs(2 * 86_400);
/// More agents than this are not tried.
const AGENTS: usize = 2_000;

/// A scenario: what loads runs, the desk keeps its rules, its pages can be made, and its results and log read back.
pub fn scenario(bytes: &[u8]) {
    let Some(text) = text(bytes) else { return };
    let source = Source::new("nowhere/fuzz.toml", text);
    match load(&source, &[], Part::Whole) {
        Ok(scenario) => run(scenario, text),
        Err(problems) => {
            assert!(!problems.is_empty() && !problems.render(false).is_empty());
            for problem in problems.iter() {
                problems.position(problem);
            }
        }
    }
}

fn run(mut scenario: Scenario, text: &str) {
    let model = &mut scenario.model;
    if model.names.user_count() > AGENTS {
        return;
    }
    shorten(model);
    // A run may pass a limit, and says so; then there is nothing more to see.
    if simulate(model, model.run.seed, 0, &mut Auditor(0)).is_err() {
        return;
    }
    let model = &scenario.model;
    let experiment = Experiment { seed: model.run.seed, repetition: Repetition::Times(2), threads: Some(1) };
    let source = SourceText::new("fuzz.toml", text, &[]);
    let Ok((results, picture)) = picture(model, &experiment, source, &|_| ()) else { return };
    let saved = json_with_picture(&results, &picture);
    let (again, pictured) = read(&saved).expect("what is written reads back");
    let pictured = pictured.expect("with its picture");
    assert_eq!(json_with_picture(&again, &pictured), saved, "and says the same");
    page_with_picture(&results, &picture, Style::Colour);
    run_markdown(&results);
    run_csv(&results, &mut Vec::new()).expect("memory takes what is written");
    html(&results, &picture);
    let mut trace = Trace::new(model, Vec::new());
    simulate(model, model.run.seed, 0, &mut trace).expect("it ran before");
    let log = trace.into_inner().expect("memory takes what is written");
    let read: &ReadChange<'_> = &|names, _, settings| scenario.vocabulary.channel_change(settings, names);
    let mut bench = Bench::new(model, model.run.seed, read);
    if let Err(error) = replay(log.as_slice(), &mut bench, &mut Vec::new()) {
        panic!("a run's log goes through its own desk: {error:?}");
    }
    look(model, &scenario.vocabulary.policies());
}

/// Looks at a run that is known to pass no limit: its dashboard half way, one ticket explained, its tables.
fn look(model: &Model, policies: &[(String, Policy)]) {
    let seed = model.run.seed;
    let half = Instant::ZERO + Span::from_micros(model.run.duration.as_micros() / 2);
    let circumstances = Circumstances {
        version: "0".to_owned(),
        title: model.title.clone(),
        scenario: model.hash.clone(),
        seed,
        replication: Some(0),
    };
    let dashboard = Dashboard::of(model, seed, 0, half, &Filter::default()).expect("it ran before");
    dashboard_page(&circumstances, &dashboard);
    dashboard_markdown(&circumstances, &dashboard);
    dashboard_json(&circumstances, &dashboard);

    let others = policies.iter().map(|(name, _)| name.clone()).collect();
    let settings = &model.settings;
    let mut teller = Storyteller::new(1, settings.civil.clone(), settings.channels.len(), policies.to_vec(), others);
    let content = || Content::new(&model.names, seed, 0);
    let (cast, hindsight) = (Cast::new(model), Hindsight::of(model, seed, 0, &mut ()).expect("it ran before"));
    let (mut rows, mut sent) = (Vec::new(), Vec::new());
    {
        let ledger = Ledger::new(&cast, &hindsight, |row: &TicketRow| rows.push(row.clone()));
        let messages = Messages::new(|message: &Message| sent.push(*message));
        let mut watchers = (&mut teller, Until(half, ledger), messages);
        simulate_until(model, seed, 0, just_after(half), &mut watchers).expect("it ran before");
    }
    if let Some(row) = rows.iter().rev().find(|row| row.ticket.number == 1) {
        let of: Vec<Message> = sent
            .iter()
            .filter(|message| message.ticket.is_some_and(|(ticket, _)| ticket.number == 1))
            .copied()
            .collect();
        let card = TicketCard::new(row, &of, &model.names, &model.plan.civil, content());
        let story = teller.tell(&model.names);
        story_page(&circumstances, &card, &story);
        story_markdown(&circumstances, &card, &story);
        story_json(&circumstances, &card, &story);
    }
    for format in [FileFormat::Csv, FileFormat::Xlsx, FileFormat::Jsonl] {
        let mut bytes = Vec::new();
        let mut table = TicketTable::new(settings, &model.names, content());
        let mut out =
            format.open(table.columns(), &model.plan.civil, &mut bytes).expect("memory takes what is written");
        rows.iter().try_for_each(|row| table.write(row, &mut *out)).expect("memory takes what is written");
        out.finish().expect("memory takes what is written");
    }
    let mut bytes = Vec::new();
    let mut table = MessageTable::new(&model.names, content());
    let mut out =
        FileFormat::Jsonl.open(table.columns(), &model.plan.civil, &mut bytes).expect("memory takes what is written");
    sent.iter()
        .try_for_each(|message| table.write(message, &mut *out).map(drop))
        .expect("memory takes what is written");
    out.finish().expect("memory takes what is written");
}

/// Makes a run short enough to try thousands of them.
fn shorten(model: &mut Model) {
    let rate: f64 = model.plan.customers.iter().map(|class| per_second(&class.arrivals)).sum();
    let longest = if rate > 0.0 { Span::from_secs_f64(ARRIVALS / rate) } else { LONGEST };
    model.run.duration = model.run.duration.min(longest).min(LONGEST).max(Span::from_micros(1));
    if model.run.warmup >= model.run.duration {
        model.run.warmup = Span::ZERO;
    }
    model.run.batches = None;
}

/// The most arrivals in a second, about.
fn per_second(arrivals: &Arrivals) -> f64 {
    match arrivals {
        Arrivals::Every(span) => 1.0 / span.as_secs_f64(),
        Arrivals::File(_) => 0.0,
        Arrivals::Rates(rates) => {
            let factor = rates.day_factor.as_ref().map_or(1.0, |factor| factor.mean().max(1.0));
            let highest = rates.per_hour.iter().flat_map(|day| day.iter()).fold(0.0, |one: f64, other| one.max(*other));
            highest * factor / 3_600.0
        }
    }
}

/// Audits the desk now and then, and at the end.
struct Auditor(u64);

impl Observer for Auditor {
    fn step(&mut self, _: &Step<'_>, desk: &Desk) {
        self.0 += 1;
        if self.0.is_multiple_of(97) {
            desk.audit().unwrap();
        }
    }

    fn finish(&mut self, _: Instant, desk: &Desk) {
        desk.audit().unwrap();
    }
}

/// The desk that logs are put through.
const DESK: &str = "[field.topic]\ntype = \"choice\"\nchoices = [\"a\", \"b\"]\n[group.support]\n[group.leads]\n[agent.root]\nrole = \"admin\"\n\
                    [agent.ana]\ngroups = [\"support\"]\n[agent.ben]\ngroups = [\"support\", \"leads\"]\n[channel.chat]\n\
                    assignment = { rule = \"round_robin\", groups = [\"support\"], overflow = [{ groups = [\"leads\"], after = \"5m\" }] }\n\
                    limit = { max_open = 2 }\nsla = { first_response = \"5m\", closure = \"1h\", escalate_to = \"root\" }\nclose_after_silence = \"1d\"\n\
                    [channel.mail]\nassignment = { groups = [\"leads\"], policy = \"least_open\" }\nconsent = true\n";

/// A log: it goes through the desk or says where it is wrong, and the desk keeps its rules.
pub fn log(bytes: &[u8]) {
    let scenario = load(&Source::new("desk.toml", DESK), &[], Part::Desk).expect("the desk is well formed");
    let read: &ReadChange<'_> = &|names, _, settings| scenario.vocabulary.channel_change(settings, names);
    let mut bench = Bench::new(&scenario.model, 1, read);
    match replay(bytes, &mut bench, &mut Vec::new()) {
        Ok(_) | Err(LogError::Differs(_)) => {}
        Err(LogError::Line { text, spot, error, .. }) => {
            assert!(!error.to_string().is_empty() && text.get(spot).is_some());
        }
        Err(error) => panic!("memory can be read and written: {error:?}"),
    }
    bench.desk().audit().unwrap();
}

/// A case: it runs, or says what is wrong with it and where.
pub fn case(bytes: &[u8]) {
    let Some(text) = text(bytes) else { return };
    let case = match Case::parse(text) {
        Ok(case) => case,
        Err(flaws) => return assert!(flaws.iter().all(|flaw| text.get(flaw.span.clone()).is_some()), "{flaws:?}"),
    };
    assert!(case.flaws.iter().all(|flaw| text.get(flaw.span.clone()).is_some()), "{:?}", case.flaws);
    let Ok(scenario) = load_at(&Source::new("fuzz.toml", text), &["scenario"], &[], Part::Desk) else { return };
    if scenario.model.names.user_count() > AGENTS {
        return;
    }
    let read: &ReadChange<'_> = &|names, _, settings| scenario.vocabulary.channel_change(settings, names);
    match case.check(&scenario.model, read) {
        Ok(()) => {
            if let Err(failure) = case.run(&scenario.model, read) {
                assert!(!failure.reasons.is_empty() && failure.to_string().contains("step"));
            }
        }
        Err(flaws) => assert!(flaws.iter().all(|flaw| text.get(flaw.span.clone()).is_some()), "{flaws:?}"),
    }
}

/// A baseline: it reads back to itself, or says why it is none.
pub fn baseline(bytes: &[u8]) {
    let Some(text) = text(bytes) else { return };
    match Baseline::parse(text) {
        Ok(baseline) => {
            let written = baseline.json();
            assert_eq!(Baseline::parse(&written).map(|again| again.json()).ok(), Some(written));
        }
        Err(error) => assert!(!error.message.is_empty() && !error.help.is_empty()),
    }
}

/// Saved results of any kind: their pages and plots can be made, or they say why not. The cell of a sweep, with its checksum
/// right, reads or does not.
pub fn results(bytes: &[u8]) {
    let Some(text) = text(bytes) else { return };
    match Saved::read(text) {
        Ok(saved) => {
            saved.html();
            let plots = saved.plots();
            for (kind, _) in plots.list() {
                plots.get(kind).expect("what is listed is there").svg();
            }
        }
        Err(error) => assert!(!error.to_string().is_empty()),
    }
    let checksum = xxh3_128(bytes);
    let cell = format!("{{\"schema\":{SCHEMA},\"kind\":\"cell\",\"checksum\":\"{checksum:032x}\",\"cell\":{text}}}\n");
    drop(read_cell(cell.as_bytes()));
}

/// A CSV file, in each of the places where a scenario may name one.
pub fn table(bytes: &[u8]) {
    let place = tempfile::tempdir().expect("there is room");
    std::fs::write(place.path().join("t.csv"), bytes).expect("there is room");
    let desk = "schema = 1\ntitle = \"t\"\n[run]\nduration = \"1d\"\n[field.topic]\ntype = \"choice\"\nchoices = [\"a\", \"b\"]\n[group.g]\n\
                [agent.ana]\ngroups = [\"g\"]\nROSTER\n[channel.chat]\nassignment = { groups = [\"g\"] }\n[customer.c]\nchannel = \"chat\"\n\
                reply_delay = \"1m\"\narrivals = ARRIVALS\nhandle_time = WORK\n";
    for (roster, arrivals, work) in [
        ("", "{ file = \"t.csv\" }", "\"1m\""),
        ("roster = \"t.csv\"", "{ every = \"1h\" }", "\"1m\""),
        ("", "{ every = \"1h\" }", "{ empirical = { file = \"t.csv\", column = \"s\" } }"),
    ] {
        let text = desk.replace("ROSTER", roster).replace("ARRIVALS", arrivals).replace("WORK", work);
        let source = Source::new(place.path().join("desk.toml").display().to_string(), text);
        match load(&source, &[], Part::Whole) {
            Ok(scenario) => {
                let done: Result<_, RunError> = simulate(&scenario.model, 1, 0, &mut Auditor(0));
                drop(done);
            }
            Err(problems) => assert!(!problems.render(true).is_empty()),
        }
    }
}

/// An input as a text that names no file of the machine.
fn text(bytes: &[u8]) -> Option<&str> {
    str::from_utf8(bytes).ok().filter(|text| !text.contains("\"/") && !text.contains("'/") && !text.contains(".."))
}
