//! Results read back from their JSON, so that a report can be made again.

use super::json::warmup_of;
use super::json::{KIND, SCHEMA};
use super::sound;
use crate::experiment::{Batches, Facts, Figure, GroupFacts, Note, Picture, Results, Stability, Summary, Target};
use crate::time::Span;
use serde::Deserialize;
use serde_json::{Map, Value};
use std::fmt;

/// Why a text holds no results.
#[derive(Debug)]
pub enum ReadError {
    /// It is no JSON, or lacks what results have; the parser's own words.
    Shape(serde_json::Error),
    /// It is of another schema than this version writes.
    Schema(u64),
    /// It holds results of another kind.
    Kind(String),
    /// It holds figures alone.
    NoPicture,
    /// A metric that this version does not know.
    Metric(String),
    /// Its parts do not hang together: the place, and what is wrong there.
    Unsound(String),
}

impl fmt::Display for ReadError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            ReadError::Shape(error) => write!(f, "these are no results: {error}"),
            ReadError::Schema(schema) => {
                write!(f, "these results have schema {schema}, and this version reads {SCHEMA}")
            }
            ReadError::Kind(kind) => write!(f, "these are results of kind `{kind}`"),
            ReadError::NoPicture => f.write_str("they hold figures alone, and no charts"),
            ReadError::Metric(metric) => write!(f, "there is no metric `{metric}`"),
            ReadError::Unsound(words) => write!(f, "these results are damaged at {words}"),
        }
    }
}

impl std::error::Error for ReadError {}

/// What kind of results a text holds, if they are of the schema that this version writes and their numbers can be counted with.
pub(super) fn kind(text: &str) -> Result<String, ReadError> {
    let document: Value = serde_json::from_str(text).map_err(ReadError::Shape)?;
    let head: Head = Head::deserialize(&document).map_err(ReadError::Shape)?;
    if head.schema != u64::from(SCHEMA) {
        return Err(ReadError::Schema(head.schema));
    }
    sound::numbers(&document).map_err(ReadError::Unsound)?;
    Ok(head.kind)
}

#[derive(Deserialize)]
struct Head {
    schema: u64,
    kind: String,
}

#[derive(Deserialize)]
struct File {
    desksim: String,
    title: String,
    scenario: String,
    seed: u64,
    replications: u32,
    digest: String,
    draws: String,
    duration: f64,
    warmup: f64,
    chosen_warmup: Option<String>,
    batches: Option<BatchesText>,
    stability: Option<Stability>,
    #[serde(default)]
    notes: Vec<Note>,
    targets: Vec<TargetText>,
    groups: Vec<GroupText>,
    metrics: Map<String, Value>,
    picture: Option<Picture>,
}

#[derive(Deserialize)]
struct BatchesText {
    count: usize,
    length: f64,
    #[serde(default)]
    needs: Option<f64>,
    with_interval: usize,
}

#[derive(Deserialize)]
struct TargetText {
    channel: String,
    first_response: Option<f64>,
    closure: Option<f64>,
}

#[derive(Deserialize)]
struct GroupText {
    name: String,
    agents: usize,
}

/// Reads the results of a run, and the picture where it is there. Values of single replications are not.
///
/// # Errors
/// If the text is something else.
pub fn read(text: &str) -> Result<(Results, Option<Picture>), ReadError> {
    match kind(text)?.as_str() {
        KIND => {}
        _ => return Err(ReadError::Kind(kind(text)?)),
    }
    let file: File = serde_json::from_str(text).map_err(ReadError::Shape)?;
    let secs = |secs: Option<f64>| secs.map(Span::from_secs_f64);
    let target = |of: TargetText| Target {
        channel: of.channel,
        first_response: secs(of.first_response),
        closure: secs(of.closure),
    };
    let facts = Facts {
        title: file.title,
        duration: Span::from_secs_f64(file.duration),
        warmup: Span::from_secs_f64(file.warmup),
        chosen_warmup: file.chosen_warmup.and_then(|words| warmup_of(&words, Span::from_secs_f64(file.warmup))),
        targets: file.targets.into_iter().map(target).collect(),
        groups: file.groups.into_iter().map(|of| GroupFacts { name: of.name, agents: of.agents }).collect(),
    };
    let results = Results {
        version: file.desksim,
        scenario: file.scenario,
        seed: file.seed,
        replications: file.replications,
        digest: file.digest,
        draws: file.draws,
        facts,
        batches: file.batches.map(|of| Batches {
            count: of.count,
            length: Span::from_secs_f64(of.length),
            needs: secs(of.needs),
            with_interval: of.with_interval,
        }),
        stability: file.stability,
        notes: file.notes,
        figures: file.metrics.into_iter().map(figure).collect::<Result<_, _>>()?,
    };
    sound::results(&results).map_err(ReadError::Unsound)?;
    if let Some(picture) = &file.picture {
        sound::picture(&results, picture).map_err(ReadError::Unsound)?;
    }
    Ok((results, file.picture))
}

fn figure((name, value): (String, Value)) -> Result<Figure, ReadError> {
    let selector = name.parse().map_err(|_| ReadError::Metric(name))?;
    // Where nothing happened that a figure could tell of, its mean is null.
    let summary: Option<Summary> = match value.get("mean") {
        Some(Value::Null) => None,
        _ => Some(serde_json::from_value(value).map_err(ReadError::Shape)?),
    };
    Ok(Figure { selector, values: Vec::new(), summary })
}

#[cfg(test)]
mod tests {
    use super::super::{json, samples};
    use super::*;

    #[test]
    fn what_was_written_is_read_back() {
        for results in [samples::tiny(), samples::wide(), samples::single(), samples::empty()] {
            let (read, picture) = read(&json(&results)).unwrap();
            assert_eq!(json(&read), json(&results));
            assert!(picture.is_none());
        }
    }

    #[test]
    fn what_is_no_result_says_why() {
        let check = |text: &str, why: &str| {
            let error = read(text).unwrap_err().to_string();
            assert!(error.contains(why), "{error}");
        };
        check("", "no results");
        check("{}", "missing field `schema`");
        check("{\"schema\": 2, \"kind\": \"run\"}", "schema 2");
        check("{\"schema\": 1, \"kind\": \"bench\"}", "kind `bench`");
        check(&json(&samples::tiny()).replace("queue.wait.mean", "queue.wiat.mean"), "no metric `queue.wiat.mean`");
    }
}
