//! Every case under `tests/cases` holds. After every command of theirs the desk's audit holds too, where assertions are on.

use desksim::scenario::{Part, Source, load, load_at};
use desksim::simulation::{Case, DeskPlace, ReadChange};
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

#[test]
fn every_case_holds() {
    let paths = cases_in(Path::new("tests/cases"));
    assert!(!paths.is_empty(), "there are cases");
    let failures: Vec<String> = paths
        .iter()
        .filter_map(|path| run(path).err().map(|failure| format!("{}: {failure}", path.display())))
        .collect();
    assert!(failures.is_empty(), "{} of {} cases failed\n\n{}\n", failures.len(), paths.len(), failures.join("\n\n"));
}

#[test]
fn cases_and_rules_agree() {
    let mut known = rules();
    assert!(known.len() > 50, "the rules are read");
    for path in cases_in(Path::new("tests/cases")) {
        let case =
            Case::parse(&fs::read_to_string(&path).unwrap()).unwrap_or_else(|flaws| panic!("{path:?}: {flaws:?}"));
        assert!(!case.rules.is_empty(), "{} names no rule", path.display());
        for rule in &case.rules {
            let rule = known.get_mut(rule).unwrap_or_else(|| panic!("{}: there is no rule {rule}", path.display()));
            *rule += 1;
        }
    }
    // DSH and EXP are about what is shown and exported, which no desk does.
    let bare: Vec<&String> = known
        .iter()
        .filter(|(rule, cases)| **cases == 0 && !rule.starts_with("DSH") && !rule.starts_with("EXP"))
        .map(|(rule, _)| rule)
        .collect();
    assert!(bare.is_empty(), "rules without a case: {bare:?}");
}

/// Every rule's ID (RULES.md), with how many cases name it.
fn rules() -> BTreeMap<String, usize> {
    let families = [
        ("STA", 12),
        ("USR", 4),
        ("CHN", 8),
        ("TIC", 12),
        ("QUE", 9),
        ("ASG", 8),
        ("CAP", 3),
        ("SLA", 12),
        ("ESC", 5),
        ("MSG", 5),
        ("DSH", 4),
        ("EXP", 3),
    ];
    let numbered = families.iter().flat_map(|(family, last)| (1..=*last).map(move |n| format!("{family}-{n}")));
    // Their families' other new rules are not built yet.
    let apart = ["ASG-11", "SLA-16"].map(str::to_owned);
    numbered.chain(apart).map(|rule| (rule, 0)).collect()
}

fn run(path: &Path) -> Result<(), String> {
    let text = fs::read_to_string(path).map_err(|error| error.to_string())?;
    let case = Case::parse(&text).map_err(|flaws| format!("{flaws:#?}"))?;
    let loaded = match &case.desk {
        DeskPlace::File(desk, _) => {
            let desk = path.parent().unwrap().join(desk);
            let text = fs::read_to_string(&desk).map_err(|error| error.to_string())?;
            load(&Source::new(desk.display().to_string(), text), &[], Part::Desk)
        }
        DeskPlace::Inline => {
            load_at(&Source::new(path.display().to_string(), text.as_str()), &["scenario"], &[], Part::Desk)
        }
        DeskPlace::Nowhere => return Err(format!("{:#?}", case.flaws)),
    };
    let scenario = loaded.map_err(|problems| problems.render(false))?;
    let read: &ReadChange<'_> = &|names, _, settings| scenario.vocabulary.channel_change(settings, names);
    case.check(&scenario.model, read).map_err(|flaws| format!("{flaws:#?}"))?;
    case.run(&scenario.model, read).map_err(|failure| failure.to_string())
}

fn cases_in(directory: &Path) -> Vec<PathBuf> {
    let mut paths = Vec::new();
    for entry in fs::read_dir(directory).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            paths.extend(cases_in(&path));
        } else if path.extension().is_some_and(|extension| extension == "toml") {
            paths.push(path);
        }
    }
    paths.sort();
    paths
}
