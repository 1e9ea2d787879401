//! One pass through a scenario.

use super::goals::Goals;
use super::recorded::Rosters;
use super::vocabulary::Vocabulary;
use crate::desk::{ChannelChange, FieldId, FieldKind, FieldValue, StatusId};
use crate::scenario::diagnostic::Report;
use crate::scenario::document::{Node, Value};
use crate::scenario::load::Part;
use crate::scenario::read::{Whole, missing};
use crate::scenario::schema;
use crate::scenario::source::{At, Place};
use crate::scenario::unit::{DateTime, Duration};
use crate::simulation::limits::{self, grouped};
use crate::simulation::{Model, Names, RunPlan};
use crate::time::{Civil, Span};
use crate::workload::Plan;
use jiff::civil;
use rustc_hash::FxHashMap;
use std::fs::File;
use std::io::{self, Read};
use std::path::Path;
use std::sync::Arc;
use xxhash_rust::xxh3::Xxh3;

/// A Monday.
const DEFAULT_START: civil::DateTime = civil::datetime(2026, 3, 2, 0, 0, 0, 0);
const DEFAULT_REPLICATIONS: u32 = 20;
const DEFAULT_SEED: u64 = 1;

/// What is known so far while a scenario is lowered.
pub(in crate::scenario) struct Lowering<'a> {
    pub(super) file: &'a schema::Scenario,
    pub(super) part: Part,
    pub(super) report: &'a mut Report,
    pub(super) names: Names,
    pub(super) vocabulary: Vocabulary,
    /// Statuses by their names as they are compared (STA-3).
    pub(super) status_index: FxHashMap<String, StatusId>,
    /// By [`StatusId`], as they are shown.
    pub(super) status_names: Vec<String>,
    pub(super) kinds: Vec<FieldKind>,
    /// Fields whose type or choices did not fit, so that nothing can be said about their values.
    pub(super) broken_fields: Vec<FieldId>,
    /// Whether somebody's groups did not fit, so that it is not known who is in which.
    pub(super) members_unsure: bool,
    pub(super) forms: Forms,
    pub(super) changes: Vec<ChannelChange>,
    pub(super) files: Files,
    pub(super) rosters: Rosters,
}

/// What a scenario lowers to.
pub(in crate::scenario) struct Lowered {
    pub(in crate::scenario) model: Model,
    pub(in crate::scenario) vocabulary: Vocabulary,
    pub(in crate::scenario) goals: Goals,
}

/// Combinations of field values, each kept once.
#[derive(Default)]
pub(super) struct Forms {
    pub(super) list: Vec<Vec<(FieldId, FieldValue)>>,
    index: FxHashMap<Vec<(u32, u8, u64)>, u32>,
}

/// The files that a scenario names, each read once.
#[derive(Default)]
pub(super) struct Files {
    texts: FxHashMap<String, Option<Arc<str>>>,
    /// Of what was read, in order.
    hash: Option<Box<Xxh3>>,
}

impl<'a> Lowering<'a> {
    pub(in crate::scenario) fn new(file: &'a schema::Scenario, part: Part, report: &'a mut Report) -> Lowering<'a> {
        let system = StatusId::SYSTEM_NAMES;
        Lowering {
            file,
            part,
            report,
            names: Names::default(),
            vocabulary: Vocabulary::default(),
            status_index: system.iter().zip(0..).map(|(name, id)| (name.to_lowercase(), StatusId(id))).collect(),
            status_names: system.iter().map(|name| (*name).to_owned()).collect(),
            kinds: Vec::new(),
            broken_fields: Vec::new(),
            members_unsure: false,
            forms: Forms::default(),
            changes: Vec::new(),
            files: Files::default(),
            rosters: Rosters::default(),
        }
    }

    /// Goes through the whole file. What it gives is of use only if nothing was reported; `canonical` is the file as it is hashed,
    /// `parts` the same by parts.
    pub(in crate::scenario) fn run(mut self, canonical: &str, parts: &[(String, Node)]) -> Lowered {
        let file = self.file;
        if self.part == Part::Whole {
            self.check_whole();
        }
        let run = self.run_plan();
        let start = file.run.as_ref().and_then(|run| run.start);
        let civil = self.civil(start);
        self.name_everything();
        let mut settings = self.desk(&civil, run.seed);
        let plan = self.people(&civil, &run, &mut settings);
        let plan = Plan { events: self.script(&settings), ..plan };
        if self.part == Part::Whole {
            self.check_hours_are_used(&settings);
        }
        let goals = self.goals();
        let parts = parts.iter().map(|(path, node)| (path.clone(), self.files.hash_of(node))).collect();
        let mut hash = self.files.hash.take().unwrap_or_default();
        hash.update(canonical.as_bytes());
        Lowered {
            model: Model {
                title: file.title.as_ref().map_or_else(|| "Untitled".to_owned(), |title| title.value.clone()),
                settings,
                changes: self.changes,
                forms: self.forms.list,
                plan,
                run,
                names: self.names,
                hash: format!("{:032x}", hash.digest128()),
                parts,
            },
            vocabulary: self.vocabulary,
            goals,
        }
    }

    /// What a whole scenario needs, and a desk alone does not.
    fn check_whole(&mut self) {
        let file = self.file;
        let top = Place::NONE;
        let mut need = |there: bool, key: &'static str, expected: &str| {
            if !there && !file.broken.contains(&key) {
                missing(top, key, expected, self.report);
            }
        };
        need(file.schema.is_some(), "schema", "the version of the format, 1");
        need(file.title.is_some(), "title", "what the scenario is called in reports");
        if let Some(title) = &file.title
            && title.value.chars().nth(limits::TEXT_CHARS).is_some()
        {
            let longest = grouped(limits::TEXT_CHARS as u64);
            self.report.error(
                title.place,
                format!("a title longer than {longest} characters"),
                "too long",
                "shorten it",
            );
        }
        if file.run.is_none() && !file.broken.contains(&"run") {
            self.report.error(top, "[run] is missing", "", "add a table [run] with a duration: duration = \"1d\"");
        }
        if file.customer.as_ref().is_none_or(|customers| customers.entries.is_empty())
            && !file.broken.contains(&"customer")
            && file.event.as_ref().is_none_or(Vec::is_empty)
        {
            self.report.error(
                top,
                "nobody writes: there is no [customer.NAME]",
                "",
                "add a class of customers with a channel, arrivals and a handle_time",
            );
        }
    }

    fn run_plan(&mut self) -> RunPlan {
        let run = self.file.run.as_ref();
        let day = Span::from_secs(86_400);
        let duration = run.and_then(|run| run.duration);
        if let Some(run) = run
            && duration.is_none()
            && self.part == Part::Whole
            && !run.broken.contains(&"duration")
        {
            missing(run.place, "duration", "a duration such as \"1d\"", self.report);
        }
        if let Some(At { place, value: Duration(Span::ZERO) }) = duration {
            self.report.error(
                place,
                "a run of no time at all",
                "nothing can happen in it",
                "write a duration above zero: \"1d\"",
            );
        }
        let warmup = run.and_then(|run| run.warmup);
        let auto_warmup = warmup.is_some_and(|warmup| warmup.value.0.is_none());
        let warmup = warmup.and_then(|At { place, value }| Some(At::new(place, Duration(value.0?))));
        if let (Some(warmup), Some(duration)) = (warmup, duration)
            && warmup.value.0 >= duration.value.0
            && duration.value.0 > Span::ZERO
        {
            self.report.error(
                warmup.place,
                "a warm-up that is not shorter than the run",
                format!("the run ends after {}", duration.value.0),
                "nothing would be left to measure: shorten it, or lengthen the run",
            );
        }
        let batches = run.and_then(|run| run.batches);
        if let (Some(run), Some(batches)) = (run, batches) {
            let repeated = run.replications.is_some_and(|At { value: Whole(times), .. }| times > 1);
            if repeated || run.precision.is_some() {
                self.report.error(
                    batches.place,
                    "batches of more than one replication",
                    "one long replication is cut into batches",
                    "keep one: batches, or replications (or precision)",
                );
            }
        }
        let replications = run.and_then(|run| run.replications);
        let default = if batches.is_some() { 1 } else { DEFAULT_REPLICATIONS };
        RunPlan {
            duration: duration.map_or(day, |duration| duration.value.0),
            warmup: warmup.map_or(Span::ZERO, |warmup| warmup.value.0),
            auto_warmup,
            seed: run.and_then(|run| run.seed).map_or(DEFAULT_SEED, |At { value: Whole(seed), .. }| seed as u64),
            replications: replications.map_or(default, |At { value: Whole(replications), .. }| replications as u32),
            batches: batches.map(|At { value: Whole(batches), .. }| batches as u32),
        }
    }

    fn civil(&mut self, start: Option<At<DateTime>>) -> Civil {
        let zone = self.file.desk.as_ref().and_then(|desk| desk.timezone.as_ref());
        let written = start.map_or(DEFAULT_START, |start| start.value.0);
        Civil::new(zone.map_or("UTC", |zone| zone.value.as_str()), written).unwrap_or_else(|error| {
            let fallback = Civil::new("UTC", DEFAULT_START).expect("UTC is a time zone");
            match zone {
                // The start was read as one that every zone can have, so the zone it is.
                Some(zone) => {
                    let (title, help) = error
                        .0
                        .split_once("; ")
                        .unwrap_or((&error.0, "zones have IANA names such as \"Europe/Berlin\""));
                    self.report.error(zone.place, title, "no such time zone", help);
                }
                None => self.report.error(
                    start.map_or(Place::NONE, |start| start.place),
                    error.0,
                    "",
                    "write a start in the years 1 to 8000",
                ),
            }
            fallback
        })
    }

    /// The text of a file that the scenario names, relative to the scenario's own; a problem if it cannot be read.
    pub(super) fn read_file(&mut self, name: &At<String>) -> Option<Arc<str>> {
        if let Some(known) = self.files.texts.get(&name.value) {
            return known.clone();
        }
        let path = self.report.source(0).resolve(&name.value);
        let text = match read_at_most(&path, limits::CSV_BYTES) {
            Ok(None) => {
                self.report.error(
                    name.place,
                    format!("`{}` is longer than {} bytes", name.value, grouped(limits::CSV_BYTES)),
                    "too long",
                    "keep the columns and rows that are needed",
                );
                None
            }
            Ok(Some(bytes)) => match String::from_utf8(bytes) {
                Ok(text) => Some(Arc::<str>::from(text.strip_prefix('\u{feff}').unwrap_or(&text))),
                Err(_) => {
                    self.report.error(
                        name.place,
                        format!("`{}` is not a text file", name.value),
                        "not UTF-8",
                        "save it as CSV in UTF-8",
                    );
                    None
                }
            },
            Err(error) => {
                self.report.error(
                    name.place,
                    format!("`{}` cannot be read", name.value),
                    error.to_string(),
                    format!("paths start at the scenario file: this one means {}", path.display()),
                );
                None
            }
        };
        if let Some(text) = &text {
            self.files.hash.get_or_insert_default().update(text.as_bytes());
        }
        self.files.texts.insert(name.value.clone(), text.clone());
        text
    }
}

/// The bytes of a file; `None` if there are more of them than that.
fn read_at_most(path: &Path, most: u64) -> io::Result<Option<Vec<u8>>> {
    let mut bytes = Vec::new();
    File::open(path)?.take(most + 1).read_to_end(&mut bytes)?;
    Ok((bytes.len() as u64 <= most).then_some(bytes))
}

impl Files {
    /// A hash of a value and of the files that it names.
    fn hash_of(&self, node: &Node) -> String {
        let mut hash = Xxh3::new();
        hash.update(node.to_toml().as_bytes());
        self.add_files(node, &mut hash);
        format!("{:016x}", hash.digest())
    }

    fn add_files(&self, node: &Node, hash: &mut Xxh3) {
        match &node.value {
            Value::Table(table) => table.entries.iter().for_each(|(_, node)| self.add_files(node, hash)),
            Value::List(items) => items.iter().for_each(|node| self.add_files(node, hash)),
            Value::Text(text) => {
                if let Some(Some(contents)) = self.texts.get(text) {
                    hash.update(contents.as_bytes());
                }
            }
            _ => {}
        }
    }
}

impl Forms {
    /// The form with these values, new or known.
    pub(super) fn add(&mut self, values: Vec<(FieldId, FieldValue)>) -> crate::desk::FormId {
        let key = values
            .iter()
            .map(|(field, value)| match *value {
                FieldValue::Text(symbol) => (field.0, 0, u64::from(symbol.0)),
                FieldValue::Number(number) => (field.0, 1, number.to_bits()),
                FieldValue::Choice(choice) => (field.0, 2, u64::from(choice)),
                FieldValue::Date(day) => (field.0, 3, u64::from(day.cast_unsigned())),
                FieldValue::Checkbox(ticked) => (field.0, 4, u64::from(ticked)),
            })
            .collect();
        let next = self.list.len() as u32;
        let index = *self.index.entry(key).or_insert(next);
        if index == next {
            self.list.push(values);
        }
        crate::desk::FormId(index)
    }
}
