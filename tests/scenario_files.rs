//! Every scenario and every case of the project loads.

use desksim::scenario::{Part, Scenario, Source, load, load_at};
use std::fs;
use std::path::{Path, PathBuf};

fn files(folder: &str) -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join(folder);
    let mut found = Vec::new();
    let mut folders = vec![folder];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "toml") {
                found.push(path);
            }
        }
    }
    found.sort();
    assert!(!found.is_empty());
    found
}

fn source(path: &Path) -> Source {
    Source::new(path.display().to_string(), fs::read_to_string(path).unwrap())
}

#[track_caller]
fn loaded(result: Result<Scenario, desksim::scenario::Problems>) -> Scenario {
    result.unwrap_or_else(|problems| panic!("{}", problems.render(false)))
}

#[test]
fn every_scenario_loads_without_a_warning() {
    for path in files("scenarios") {
        let scenario = loaded(load(&source(&path), &[], Part::Whole));
        assert!(scenario.warnings.is_empty(), "{}", scenario.warnings.render(false));
        assert!(scenario.model.plan.agents.len() == scenario.model.settings.users.len(), "{}", path.display());
    }
}

#[test]
fn every_variant_and_value_of_a_sweep_loads_as_a_set() {
    let mut changes = 0;
    for path in files("scenarios") {
        let source = source(&path);
        let scenario = loaded(load(&source, &[], Part::Whole));
        let variants = scenario.variants.iter().map(|variant| variant.sets.clone());
        let sweep = scenario.sweep.iter().flat_map(|axis| axis.sets().into_iter().map(|set| vec![set]));
        for sets in variants.chain(sweep) {
            let changed = loaded(load(&source, &sets, Part::Whole));
            changes += usize::from(changed.model.hash != scenario.model.hash);
        }
    }
    assert!(changes >= 10, "{changes}");
}

#[test]
fn the_desk_of_every_case_loads() {
    for path in files("tests/cases") {
        let source = source(&path);
        if source.text.contains("[scenario") {
            loaded(load_at(&source, &["scenario"], &[], Part::Desk));
        }
    }
}
