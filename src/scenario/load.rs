//! From a text to a scenario that can run.

use super::diagnostic::{Problems, Report};
use super::document::{Node, Value, parse};
use super::lower::{Expectation, Lowered, Lowering, Precision, SweepAxis, Variant, Vocabulary};
use super::overrides;
use super::read::Read;
use super::schema;
use super::source::{Place, Source};
use crate::simulation::Model;

/// How much of a scenario there must be.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Part {
    /// All that a run needs.
    Whole,
    /// The desk, for cases and logs: `schema`, `title`, `[run]` and `[customer]` may be left out, and groups may be empty.
    Desk,
}

/// A scenario, made ready.
#[derive(Clone, Debug)]
pub struct Scenario {
    /// What runs.
    pub model: Model,
    /// Reads channel settings at any time of the desk's life.
    pub vocabulary: Vocabulary,
    /// Whether to repeat until a metric is known well enough.
    pub precision: Option<Precision>,
    /// What `check` holds the results to.
    pub expectations: Vec<Expectation>,
    /// The grid of `sweep`.
    pub sweep: Vec<SweepAxis>,
    /// The variants of `compare`.
    pub variants: Vec<Variant>,
    /// What is likely not meant, and hinders nothing.
    pub warnings: Problems,
}

/// Loads a scenario, with changes `PATH=VALUE` applied to it in order.
///
/// # Errors
/// Everything that is wrong with it.
pub fn load(source: &Source, sets: &[String], part: Part) -> Result<Scenario, Problems> {
    load_at(source, &[], sets, part)
}

/// Loads the scenario that stands in a table of a document, such as `["scenario"]` of a case; problems point into the document.
///
/// # Errors
/// Everything that is wrong with it.
pub fn load_at(source: &Source, table: &[&str], sets: &[String], part: Part) -> Result<Scenario, Problems> {
    let mut report = Report::default();
    let Some(document) = parse(source.clone(), &mut report) else {
        return Err(report.finish().expect_err("what does not parse is reported"));
    };
    let Some(mut document) = inner(document, table) else {
        let path = table.join(".");
        report.error(Place::NONE, format!("[{path}] is missing"), "", format!("add a table [{path}]"));
        return Err(report.finish().expect_err("just reported"));
    };
    for set in sets {
        overrides::apply(&mut document, set, &mut report);
    }
    let lowered = lower(&document, part, &mut report);
    if report.errors() == 0 {
        check_changes(&document, &lowered, part, &mut report);
    }
    let warnings = report.finish()?;
    let Lowered { model, vocabulary, goals } = lowered;
    Ok(Scenario {
        model,
        vocabulary,
        precision: goals.precision,
        expectations: goals.expectations,
        sweep: goals.sweep,
        variants: goals.variants,
        warnings,
    })
}

fn inner(node: Node, path: &[&str]) -> Option<Node> {
    let mut node = node;
    for key in path {
        let Value::Table(table) = node.value else { return None };
        (_, node) = table.entries.into_iter().find(|(known, _)| known.name == *key)?;
    }
    Some(node)
}

fn lower(document: &Node, part: Part, report: &mut Report) -> Lowered {
    let file = schema::Scenario::read(document, report);
    let file = file.unwrap_or_else(|| {
        let empty = Node { place: document.place, value: Value::Table(Default::default()) };
        schema::Scenario::read(&empty, report).expect("every key may be left out of the shape")
    });
    Lowering::new(&file, part, report).run(&canonical(document))
}

/// Every variant and every value of a sweep must make a scenario, too.
fn check_changes(document: &Node, lowered: &Lowered, part: Part, report: &mut Report) {
    for changes in &lowered.goals.changes {
        let mut changed = document.clone();
        let before = report.errors();
        for change in changes {
            overrides::set_path(&mut changed, &change.path, change.place, &change.value, report);
        }
        if report.errors() == before {
            let warnings = report.warnings();
            lower(&changed, part, report);
            report.forget_warnings(warnings);
        }
        report.drop_repeated(before);
    }
}

/// What makes the simulated world, in one way of writing it down: comments, formatting and the order of settings do not show, nor do
/// titles, seeds, numbers of replications, expectations, variants and sweeps.
fn canonical(document: &Node) -> String {
    const APART: [&str; 6] = ["schema", "title", "expect", "variant", "sweep", "staff"];
    const REPETITION: [&str; 3] = ["seed", "replications", "precision"];
    let Value::Table(table) = &document.value else { return String::new() };
    let mut entries: Vec<_> = table.entries.iter().filter(|(key, _)| !APART.contains(&key.name.as_str())).collect();
    entries.sort_by(|(one, _), (other, _)| one.name.cmp(&other.name));
    let mut out = String::new();
    for (key, node) in entries {
        let mut node = node.clone();
        match &mut node.value {
            Value::Table(table) if key.name == "run" || key.name == "desk" => {
                table.entries.retain(|(key, _)| !REPETITION.contains(&key.name.as_str()));
                node.sort_keys();
            }
            // Names stand in an order that matters; what is said of each does not.
            Value::Table(table) => table.entries.iter_mut().for_each(|(_, node)| node.sort_keys()),
            _ => node.sort_keys(),
        }
        out.push_str(&key.name);
        out.push_str(" = ");
        out.push_str(&node.to_toml());
        out.push('\n');
    }
    out
}
