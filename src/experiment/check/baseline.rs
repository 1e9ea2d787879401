//! A baseline: how it was, as a small file that is kept under version control.

use super::expectation::Expectation;
use crate::experiment::Sample;
use crate::experiment::sample::digest_of;
use crate::kernel::fingerprint;
use crate::measures::Selector;
use crate::simulation::{Model, limits};
use crate::text::visible_json;
use crate::time::Span;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

/// The version of the baseline's form.
pub const BASELINE_SCHEMA: u32 = 1;

/// What a baseline's `kind` says.
const KIND: &str = "baseline";

/// What a later check compares with: who ran, and the expected metrics' values by replication.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Baseline {
    schema: u32,
    kind: String,
    /// The version of desksim that made it.
    pub desksim: String,
    /// The scenario's title.
    pub title: String,
    /// The scenario's content hash.
    pub scenario: String,
    /// Hashes of its parts.
    pub parts: BTreeMap<String, String>,
    /// Names all random draws.
    pub seed: u64,
    /// Tells generators of random draws apart.
    pub draws: String,
    /// What was left out of every figure, in seconds.
    warmup: f64,
    /// How many replications there are.
    pub replications: u32,
    /// Of all commands and effects.
    pub digest: String,
    /// Each replication's own digest, in order.
    pub digests: Vec<String>,
    /// Each expected metric's values by replication.
    pub values: BTreeMap<String, Vec<Option<f64>>>,
}

/// Why a text is no baseline.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct BaselineError {
    /// What is wrong.
    pub message: String,
    /// A way out.
    pub help: String,
    /// Whether it is a baseline all the same, of a form that this version does not know.
    pub foreign: bool,
}

/// What a run and a baseline do not have in common.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Obstacle {
    /// The seeds, the baseline's first: other customers came.
    Seed(u64, u64),
    /// The generators of random draws.
    Draws,
    /// The parts of the scenario that differ, and whether they decide which customers come.
    Scenario {
        /// Paths such as `channel.chat`.
        parts: Vec<String>,
        /// Whether customers are others, too.
        customers: bool,
    },
}

impl Baseline {
    /// The baseline that all replications of a sample make.
    pub fn of(sample: &Sample<'_>, seed: u64, expectations: &[Expectation]) -> Baseline {
        let model = sample.model();
        let values = expectations.iter().filter_map(|expectation| {
            Some((expectation.metric.to_string(), sample.values(&expectation.metric)?.to_vec()))
        });
        Baseline {
            schema: BASELINE_SCHEMA,
            kind: KIND.to_owned(),
            desksim: env!("CARGO_PKG_VERSION").to_owned(),
            title: model.title.clone(),
            scenario: model.hash.clone(),
            parts: model.parts.iter().cloned().collect(),
            seed,
            draws: format!("{:016x}", fingerprint()),
            warmup: sample.warmup().as_secs_f64(),
            replications: sample.replications(),
            digest: sample.digest(),
            digests: sample.digests().iter().map(|digest| format!("{digest:032x}")).collect(),
            values: values.collect(),
        }
    }

    /// Reads one.
    ///
    /// # Errors
    /// Why the text is none, or none of this form.
    pub fn parse(text: &str) -> Result<Baseline, BaselineError> {
        let save = "save one with `desksim check FILE --save-baseline BASELINE`";
        let error = |message: String| BaselineError { message, help: save.to_owned(), foreign: false };
        let value: Value = serde_json::from_str(text).map_err(|found| error(format!("this is not JSON: {found}")))?;
        let Some(object) = value.as_object() else { return Err(error("this is JSON, but no object".to_owned())) };
        match object.get("kind") {
            Some(Value::String(kind)) if kind == KIND => {}
            Some(Value::String(kind)) => return Err(error(format!("these are results of kind `{kind}`"))),
            _ => return Err(error("it does not say `\"kind\": \"baseline\"`".to_owned())),
        }
        match object.get("schema").and_then(Value::as_u64) {
            Some(schema) if schema == u64::from(BASELINE_SCHEMA) => {}
            Some(schema) => {
                let message =
                    format!("it is of schema {schema}; this version of desksim knows schema {BASELINE_SCHEMA}");
                return Err(BaselineError { foreign: true, ..error(message) });
            }
            None => return Err(error("it does not say its `schema`".to_owned())),
        }
        let baseline: Baseline =
            serde_json::from_value(value).map_err(|found| error(format!("it is incomplete or damaged: {found}")))?;
        baseline.check().map_err(|words| error(format!("it is damaged: {words}")))?;
        Ok(baseline)
    }

    /// Whether its parts agree with one another.
    fn check(&self) -> Result<(), String> {
        if !(0.0..1e10).contains(&self.warmup) {
            return Err(format!("a warm-up of {} s", self.warmup));
        }
        let count = self.replications as usize;
        if count == 0 {
            return Err("it is of no replications".to_owned());
        }
        if self.digests.len() != count {
            return Err(format!("{} digests of {count} replications", self.digests.len()));
        }
        for (metric, values) in &self.values {
            if values.len() != count {
                return Err(format!("{} values of `{metric}` in {count} replications", values.len()));
            }
            if let Some(value) = values.iter().flatten().find(|value| value.abs() > limits::RESULT) {
                return Err(format!("a value of `{metric}` is too large: {value:e}"));
            }
        }
        let digests: Option<Vec<u128>> =
            self.digests.iter().map(|digest| u128::from_str_radix(digest, 16).ok()).collect();
        match digests {
            Some(digests) if digest_of(&digests) == self.digest => Ok(()),
            _ => Err("the digests of its replications do not make up its digest".to_owned()),
        }
    }

    /// The baseline as JSON, with each metric on a line of its own and a newline at the end, so that a change is read in a diff.
    pub fn json(&self) -> String {
        let value = serde_json::to_value(self).expect("a baseline is plain data");
        let mut out = String::from("{\n");
        let entries = value.as_object().expect("a baseline is an object");
        for (n, (key, value)) in entries.iter().enumerate() {
            let end = if n + 1 == entries.len() { "\n" } else { ",\n" };
            let value = match value {
                Value::Object(inner) => {
                    lines(inner.iter().map(|(key, value)| format!("{}: {value}", json!(key))), '{', '}')
                }
                Value::Array(inner) => lines(inner.iter().map(Value::to_string), '[', ']'),
                value => value.to_string(),
            };
            out.push_str(&format!("  {}: {value}{end}", json!(key)));
        }
        out.push_str("}\n");
        visible_json(out)
    }

    /// What was left out of every figure; a run of the same scenario that would choose for itself leaves out the same.
    pub fn warmup(&self) -> Span {
        Span::from_secs_f64(self.warmup)
    }

    /// A metric's values by replication; `None` if it was not expected anything of then.
    pub fn values(&self, metric: &Selector) -> Option<&[Option<f64>]> {
        self.values.get(&metric.to_string()).map(Vec::as_slice)
    }

    /// Everything that keeps a run of that model and seed from being compared with it, and the parts of the scenario that were
    /// changed where that is allowed: then only the customers must be the same.
    ///
    /// # Errors
    /// The obstacles; there is at least one.
    pub fn comparable(&self, model: &Model, seed: u64, changed: bool) -> Result<Vec<String>, Vec<Obstacle>> {
        let mut obstacles = Vec::new();
        if self.seed != seed {
            obstacles.push(Obstacle::Seed(self.seed, seed));
        }
        if self.draws != format!("{:016x}", fingerprint()) {
            obstacles.push(Obstacle::Draws);
        }
        let mut parts = Vec::new();
        if self.scenario != model.hash {
            let now: BTreeMap<&String, &String> = model.parts.iter().map(|(path, hash)| (path, hash)).collect();
            let paths: BTreeSet<&String> = self.parts.keys().chain(now.keys().copied()).collect();
            parts =
                paths.into_iter().filter(|path| self.parts.get(*path) != now.get(*path).copied()).cloned().collect();
            // What differs and is in no part, such as the order of files, is not known to leave the customers alone.
            let customers = parts.is_empty() || parts.iter().any(|path| decides_customers(path));
            if !changed || customers {
                obstacles.push(Obstacle::Scenario { parts: parts.clone(), customers });
            }
        }
        if obstacles.is_empty() { Ok(parts) } else { Err(obstacles) }
    }
}

/// Whether a part of a scenario has a say in which customers come, and when.
fn decides_customers(path: &str) -> bool {
    path == "customer" || path == "desk.timezone" || path.starts_with("customer.") || path.starts_with("run.")
}

fn lines(items: impl Iterator<Item = String>, open: char, close: char) -> String {
    let items: Vec<String> = items.map(|item| format!("    {item}")).collect();
    if items.is_empty() { format!("{open}{close}") } else { format!("{open}\n{}\n  {close}", items.join(",\n")) }
}

impl fmt::Display for Obstacle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Obstacle::Seed(then, now) => write!(f, "the baseline is of seed {then}, and this is seed {now}"),
            Obstacle::Draws => f.write_str("this version of desksim draws its random numbers in another way"),
            Obstacle::Scenario { parts, .. } if parts.is_empty() => f.write_str("the baseline is of another scenario"),
            Obstacle::Scenario { parts, .. } => {
                const SHOWN: usize = 8;
                write!(
                    f,
                    "the baseline is of another scenario; what differs: {}",
                    parts[..parts.len().min(SHOWN)].join(", ")
                )?;
                if parts.len() > SHOWN { write!(f, " and {} more", parts.len() - SHOWN) } else { Ok(()) }
            }
        }
    }
}

impl Obstacle {
    /// A way out.
    pub fn help(&self) -> &'static str {
        match self {
            Obstacle::Seed(..) => "give the baseline's seed: --seed N",
            Obstacle::Scenario { customers: false, .. } => {
                "if that was meant, compare across the change with --changed: the customers are the same; or save a new baseline"
            }
            Obstacle::Scenario { customers: true, .. } => {
                "other customers come, so nothing can be compared: save a new baseline"
            }
            Obstacle::Draws => "save a new baseline: --save-baseline BASELINE",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::expectation::{Condition, On, Severity};
    use super::*;
    use crate::experiment::{Workers, samples};

    fn baseline() -> (Model, Baseline) {
        let mut model = samples::model(2, 20.0, 1);
        model.hash = "one".to_owned();
        let part = |path: &str| (path.to_owned(), format!("of {path}"));
        model.parts = ["agent", "agent.support", "channel.chat", "customer.shopper", "run.duration"].map(part).to_vec();
        let expectation = |metric: &str| Expectation {
            metric: metric.parse().unwrap(),
            conditions: vec![Condition::AtMost(1.0)],
            on: On::Mean,
            severity: Severity::Error,
            confidence: None,
            on_inconclusive: None,
            holds: None,
        };
        let expectations =
            ["tickets.created", "queue.wait.mean", "sla.closure.breach_rate{agent=\"support-1\"}"].map(expectation);
        let mut sample = Sample::new(&model, 3);
        sample.grow_until(3, &Workers::new(Some(1)).unwrap(), &|_| (), |_| false).unwrap();
        let baseline = Baseline::of(&sample, 3, &expectations);
        (model, baseline)
    }

    #[test]
    fn a_baseline_reads_back_to_the_same_bits() {
        let (_, baseline) = baseline();
        let text = baseline.json();
        let read = Baseline::parse(&text).unwrap();
        assert_eq!(read, baseline);
        for (metric, values) in &baseline.values {
            for (one, other) in values.iter().zip(&read.values[metric]) {
                assert_eq!(one.map(f64::to_bits), other.map(f64::to_bits), "{metric}");
            }
        }
        assert_eq!(read.json(), text);
        assert_eq!(
            text.lines().filter(|line| line.contains("\"queue.wait.mean\"")).count(),
            1,
            "a line for each metric"
        );
        let wait: Selector = "queue.wait.mean".parse().unwrap();
        assert_eq!(read.values(&wait).map(<[_]>::len), Some(3));
        assert_eq!(read.values(&"queue.wait.p95".parse().unwrap()), None);
    }

    #[test]
    fn what_is_no_baseline_says_why() {
        let (_, baseline) = baseline();
        let text = baseline.json();
        let digest = &baseline.digests[1];
        let changed = |from: &str, to: &str| {
            assert!(text.contains(from), "{from}");
            text.replacen(from, to, 1)
        };
        for (text, words, foreign) in [
            (String::new(), "not JSON", false),
            ("{".to_owned(), "not JSON", false),
            ("[1]".to_owned(), "no object", false),
            ("{}".to_owned(), "does not say `\"kind\": \"baseline\"`", false),
            ("{\"kind\": \"check\", \"schema\": 1}".to_owned(), "of kind `check`", false),
            ("{\"kind\": \"baseline\"}".to_owned(), "does not say its `schema`", false),
            ("{\"kind\": \"baseline\", \"schema\": 2}".to_owned(), "of schema 2", true),
            ("{\"kind\": \"baseline\", \"schema\": 1}".to_owned(), "incomplete or damaged: missing field", false),
            (changed("\"seed\": 3", "\"seed\": -3"), "incomplete or damaged", false),
            (changed("\"replications\": 3", "\"replications\": 0"), "no replications", false),
            (changed("\"replications\": 3", "\"replications\": 4"), "3 digests of 4 replications", false),
            (changed("\"tickets.created\": [", "\"tickets.created\": [1.0,"), "4 values of `tickets.created`", false),
            (changed(digest, &"0".repeat(32)), "do not make up its digest", false),
            (changed(digest, "x"), "do not make up its digest", false),
        ] {
            let error = Baseline::parse(&text).unwrap_err();
            assert!(error.message.contains(words) && !error.help.is_empty(), "{words}: {error:?}");
            assert_eq!(error.foreign, foreign, "{error:?}");
        }
    }

    #[test]
    fn values_that_cannot_be_reckoned_with_are_refused() {
        let (_, mut baseline) = baseline();
        baseline.values.get_mut("tickets.created").unwrap()[1] = Some(-1e200);
        let error = Baseline::parse(&baseline.json()).unwrap_err();
        assert_eq!(error.message, "it is damaged: a value of `tickets.created` is too large: -1e200");
    }

    #[test]
    fn only_runs_of_the_same_customers_can_be_compared() {
        let (model, baseline) = baseline();
        assert_eq!(baseline.comparable(&model, 3, false), Ok(Vec::new()));
        assert_eq!(baseline.comparable(&model, 4, true), Err(vec![Obstacle::Seed(3, 4)]));
        let with = |hash: &str, path: &str, value: Option<&str>| {
            let mut model = model.clone();
            model.hash = hash.to_owned();
            model.parts.retain(|(known, _)| known != path);
            model.parts.extend(value.map(|value| (path.to_owned(), value.to_owned())));
            model
        };
        for (path, value) in [("channel.chat", Some("x")), ("agent.support", None), ("policy.new", Some("x"))] {
            let changed = with("two", path, value);
            let obstacle = Obstacle::Scenario { parts: vec![path.to_owned()], customers: false };
            assert!(obstacle.to_string().contains(path) && obstacle.help().contains("--changed"));
            assert_eq!(baseline.comparable(&changed, 3, false), Err(vec![obstacle]));
            assert_eq!(baseline.comparable(&changed, 3, true), Ok(vec![path.to_owned()]));
        }
        for path in ["customer.shopper", "customer.new", "run.duration", "run.warmup", "desk.timezone", "customer"] {
            let changed = with("two", path, Some("x"));
            let obstacle = Obstacle::Scenario { parts: vec![path.to_owned()], customers: true };
            assert!(!obstacle.help().contains("--changed"));
            for allowed in [false, true] {
                assert_eq!(baseline.comparable(&changed, 3, allowed), Err(vec![obstacle.clone()]));
            }
        }
        let nowhere = Obstacle::Scenario { parts: Vec::new(), customers: true };
        assert_eq!(baseline.comparable(&with("two", "", None), 3, true), Err(vec![nowhere]));
        let mut foreign = baseline.clone();
        foreign.draws = "others".to_owned();
        foreign.seed = 9;
        assert_eq!(
            foreign.comparable(&model, 3, true),
            Err(vec![Obstacle::Seed(9, 3), Obstacle::Draws]),
            "all at once"
        );
    }
}
