//! The inputs of `fuzz/corpus`, small ones that fuzzing started from or found, as ordinary tests.

#[path = "../fuzz/src/lib.rs"]
#[allow(unreachable_pub)]
mod fuzz;

use std::fs;

#[track_caller]
#[allow(clippy::print_stdout)]
fn check(target: &str, tried: fn(&[u8])) {
    let mut paths: Vec<_> =
        fs::read_dir(format!("fuzz/corpus/{target}")).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    assert!(paths.len() > 2, "{target} has too few inputs");
    for path in paths {
        println!("{}", path.display());
        tried(&fs::read(path).unwrap());
    }
}

#[test]
fn scenarios() {
    check("scenario", fuzz::scenario);
}

#[test]
fn logs() {
    check("log", fuzz::log);
}

#[test]
fn cases() {
    check("case", fuzz::case);
}

#[test]
fn baselines() {
    check("baseline", fuzz::baseline);
}

#[test]
fn results() {
    check("results", fuzz::results);
}

#[test]
fn tables() {
    check("table", fuzz::table);
}
