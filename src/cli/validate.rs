//! `validate FILE…`.

use super::arguments::{Format, Validate};
use super::exit::{Exit, Failure};
use super::files;
use super::scenarios;
use super::terminal::Terminal;
use crate::scenario::{Part, Problems, Source, load};
use serde_json::{Value, json};
use std::io::Write;

/// Says all that is wrong with scenarios, or nothing.
pub(super) fn validate(arguments: &Validate, format: Format, terminal: &Terminal) -> Result<(), Failure> {
    let mut words = String::new();
    let mut found = Vec::new();
    let mut wrong = 0;
    for path in &arguments.files {
        let name = path.display().to_string();
        let text = match files::read(path, terminal) {
            Ok(text) => text,
            Err(Failure::Told(_, told)) => {
                words.push_str(&told);
                found.push(json!({ "file": name, "message": "cannot be read" }));
                wrong += 1;
                continue;
            }
            Err(closed) => return Err(closed),
        };
        let source = Source::new(name.as_str(), text);
        match load(&source, &arguments.changes.sets, Part::Whole) {
            Ok(scenario) => scenarios::warn(&scenario, terminal),
            Err(problems) => {
                wrong += 1;
                // Of a file that is something else altogether one sentence says it all.
                if let Some(Failure::Told(_, told)) = scenarios::other_kind(&source, terminal) {
                    words.push_str(&told);
                    found.push(json!({ "file": name, "message": "is not a scenario" }));
                    continue;
                }
                words.push_str(&problems.render(terminal.colour));
                found.extend(listed(&problems));
            }
        }
    }
    if format == Format::Json {
        // Programs read standard output; what people read is left out.
        words.clear();
        let result = json!({ "problems": found });
        terminal.result(|out| writeln!(out, "{result:#}"))?;
    }
    if wrong == 0 { Ok(()) } else { Err(Failure::Told(Exit::Input, words)) }
}

fn listed(problems: &Problems) -> impl Iterator<Item = Value> {
    problems.iter().map(|problem| {
        let mut listed = json!({ "message": problem.title });
        if let Some(position) = problems.position(problem) {
            listed["file"] = position.name.into();
            listed["line"] = position.line.into();
            listed["column"] = position.column.into();
            listed["marked"] = position.marked.into();
        }
        if !problem.label.is_empty() {
            listed["label"] = problem.label.as_str().into();
        }
        if !problem.help.is_empty() {
            listed["help"] = problem.help.as_str().into();
        }
        listed
    })
}
