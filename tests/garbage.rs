//! Whatever is typed, nothing panics: every kind of input with random slips either passes or says what is wrong with it.
//!
//! `PROPTEST_CASES=100000 cargo test --release --test garbage` goes on for minutes; the tests that are ignored try 10,000 of each
//! kind. A failure prints the text that failed, smaller and smaller.

#[path = "../fuzz/src/lib.rs"]
#[allow(unreachable_pub)]
mod fuzz;
#[path = "common/guard.rs"]
#[allow(unreachable_pub)]
mod guard;

use guard::Guard;
use proptest::prelude::*;
use proptest::test_runner::TestRunner;
use std::fs;

/// One slip of the pen, at a place given as a share of the text.
#[derive(Clone, Debug)]
enum Slip {
    /// So many bytes are lost.
    Lose(f64, usize),
    /// A scrap comes in.
    Insert(f64, String),
    /// A line comes twice, the second time elsewhere.
    Copy(f64, f64),
    /// A value after `=` or `:` becomes a scrap.
    Replace(f64, String),
}

/// What breaks parsers and arithmetic.
const SCRAPS: &[&str] = &[
    "\"",
    "'",
    "[",
    "]",
    "{",
    "}",
    "=",
    ",",
    ".",
    "#",
    "\\",
    "\n",
    "\r\n",
    "\u{0}",
    "\u{feff}",
    "ü",
    "[[step]]\n",
    "[scenario]\n",
    "-1",
    "0",
    "1e999",
    "nan",
    "inf",
    "-inf",
    "9223372036854775807",
    "18446744073709551616",
    "0.1",
    "true",
    "null",
    "[]",
    "{}",
    "\"\"",
    "\"0s\"",
    "\"-1s\"",
    "\"36500d\"",
    "\"99999999d\"",
    "\"never\"",
    "\"0000001\"",
    "\"9999999999\"",
    "\"none\"",
    "\"chat\"",
    "\"ana\"",
    "\"mon-fri\"",
    "\"25:00\"",
    "1979-05-27",
    "07:32:00",
    "[1, \"a\"]",
    "{ a = 1 }",
];

fn slip() -> impl Strategy<Value = Slip> {
    let place = || 0.0..1.0f64;
    let scrap = || prop_oneof![4 => proptest::sample::select(SCRAPS).prop_map(str::to_owned), 1 => "\\PC{0,6}"];
    prop_oneof![
        (place(), 1..20usize).prop_map(|(at, length)| Slip::Lose(at, length)),
        (place(), scrap()).prop_map(|(at, scrap)| Slip::Insert(at, scrap)),
        (place(), place()).prop_map(|(from, to)| Slip::Copy(from, to)),
        (place(), scrap()).prop_map(|(at, scrap)| Slip::Replace(at, scrap)),
    ]
}

fn slips() -> impl Strategy<Value = Vec<Slip>> {
    proptest::collection::vec(slip(), 1..6)
}

fn with(slips: &[Slip], text: &str) -> String {
    let mut text = text.to_owned();
    for slip in slips {
        let place = |share: f64, text: &str| {
            let mut at = (share * text.len() as f64) as usize;
            while !text.is_char_boundary(at) {
                at -= 1;
            }
            at
        };
        match slip {
            Slip::Lose(at, length) => {
                let at = place(*at, &text);
                let end = text[at..].char_indices().nth(*length).map_or(text.len(), |(offset, _)| at + offset);
                text.replace_range(at..end, "");
            }
            Slip::Insert(at, scrap) => text.insert_str(place(*at, &text), scrap),
            Slip::Copy(from, to) => {
                let line = text[place(*from, &text)..].lines().nth(1).unwrap_or_default().to_owned();
                let to = place(*to, &text);
                let to = text[to..].find('\n').map_or(text.len(), |offset| to + offset);
                text.insert_str(to, &format!("\n{line}"));
            }
            Slip::Replace(at, scrap) => {
                let at = place(*at, &text);
                if let Some(sign) = text[at..].find(['=', ':']) {
                    let start = at + sign + 1;
                    let end = text[start..].find([',', '}', '\n']).map_or(text.len(), |offset| start + offset);
                    text.replace_range(start..end, &format!(" {scrap}"));
                }
            }
        }
    }
    text
}

const LOG: &str = r#"{"at": 0, "do": {"message": {"conversation": "c1", "channel": "chat", "content": "hello", "priority": 1}}}
{"at": 1, "do": {"set_status": {"user": "ana", "status": "Away"}}}
{"at": 2, "do": {"create_status": {"by": "root", "name": "Lunch", "connection": "inactive", "assignable": false}}}
{"at": "3s", "do": {"configure_channel": {"by": "root", "channel": "chat", "limit": {"max_open": 2}, "sla": {"closure": "1h"}}}}
{"at": 4, "do": {"order_statuses": {"by": "root", "names": ["Lunch"]}}}
{"at": 5, "do": {"grant": {"by": "root", "channel": "chat", "permission": "reply", "user": "root"}}}
{"at": "10m", "do": {"assign": {"by": "root", "ticket": "0000001", "to": "root"}}}
{"at": 700, "effect": {"closed": {"ticket": "0000001", "by": "system"}}}
{"at": 701, "do": {"delete_status": {"by": "root", "name": "Lunch", "replacement": "Away"}}}
{"at": 702, "do": {"tick": {}}}
"#;

/// The texts in these directories whose names end so, in a fixed order.
fn texts(directories: &[&str], ending: &str) -> Vec<String> {
    let mut paths: Vec<_> = directories
        .iter()
        .flat_map(|directory| fs::read_dir(directory).unwrap().map(|entry| entry.unwrap().path()))
        .filter(|path| path.to_str().unwrap().ends_with(ending))
        .collect();
    paths.sort();
    assert!(!paths.is_empty(), "{directories:?}");
    paths.iter().filter_map(|path| String::from_utf8(fs::read(path).unwrap()).ok()).collect()
}

/// One of these texts, with slips.
fn damaged(texts: Vec<String>) -> impl Strategy<Value = String> {
    (any::<prop::sample::Index>(), slips()).prop_map(move |(which, slips)| with(&slips, which.get::<String>(&texts)))
}

fn scenarios() -> impl Strategy<Value = String> {
    damaged(texts(&["scenarios", "scenarios/bench", "fuzz/corpus/scenario"], ".toml"))
}

fn cases() -> impl Strategy<Value = String> {
    damaged(texts(&["tests/cases/shared", "tests/cases/rules", "fuzz/corpus/case"], ".toml"))
}

fn logs() -> impl Strategy<Value = String> {
    let mut logs = texts(&["fuzz/corpus/log"], ".jsonl");
    logs.push(LOG.to_owned());
    damaged(logs)
}

fn baselines() -> impl Strategy<Value = String> {
    damaged(texts(&["fuzz/corpus/baseline"], ".json"))
}

fn results() -> impl Strategy<Value = String> {
    damaged(texts(&["fuzz/corpus/results"], ".json"))
}

fn tables() -> impl Strategy<Value = String> {
    damaged(texts(&["fuzz/corpus/table"], ".csv"))
}

/// Tries that many inputs, or as many as PROPTEST_CASES says.
#[track_caller]
fn check(times: Option<u32>, inputs: impl Strategy<Value = String>, tried: fn(&[u8])) {
    let config = ProptestConfig { failure_persistence: None, ..ProptestConfig::default() };
    let config = times.map_or(config.clone(), |cases| ProptestConfig { cases, ..config });
    let guard = Guard::new();
    let ended = TestRunner::new(config).run(&inputs, |text| {
        guard.watch(&text, || tried(text.as_bytes()));
        Ok(())
    });
    if let Err(error) = ended {
        panic!("{error}");
    }
}

#[test]
fn cases_and_logs_with_slips() {
    check(None, cases(), fuzz::case);
    check(None, logs(), fuzz::log);
}

#[test]
fn baselines_results_and_tables_with_slips() {
    check(None, baselines(), fuzz::baseline);
    check(None, results(), fuzz::results);
    check(None, tables(), fuzz::table);
}

#[test]
fn bytes_of_no_kind() {
    let bytes =
        || proptest::collection::vec(any::<u8>(), 0..200).prop_map(|bytes| String::from_utf8_lossy(&bytes).into());
    for tried in [fuzz::log, fuzz::case, fuzz::baseline, fuzz::results] {
        check(None, bytes(), tried);
    }
}

const MANY: Option<u32> = Some(10_000);

#[test]
#[ignore = "minutes"]
fn ten_thousand_scenarios() {
    check(MANY, scenarios(), fuzz::scenario);
}

#[test]
#[ignore = "minutes"]
fn ten_thousand_cases() {
    check(MANY, cases(), fuzz::case);
}

#[test]
#[ignore = "minutes"]
fn ten_thousand_logs() {
    check(MANY, logs(), fuzz::log);
}

#[test]
#[ignore = "minutes"]
fn ten_thousand_baselines() {
    check(MANY, baselines(), fuzz::baseline);
}

#[test]
#[ignore = "minutes"]
fn ten_thousand_results() {
    check(MANY, results(), fuzz::results);
}

#[test]
#[ignore = "minutes"]
fn ten_thousand_tables() {
    check(MANY, tables(), fuzz::table);
}
