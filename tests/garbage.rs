//! Whatever is typed, nothing panics: cases and logs with random slips either pass or say what is wrong with them.
//!
//! `PROPTEST_CASES=100000 cargo test --release --test garbage` goes on for minutes. A failure prints the text that failed, smaller and smaller.

use desksim::scenario::{Part, Source, load, load_at};
use desksim::simulation::{Bench, Case, Flaw, LogError, ReadChange, replay};
use proptest::prelude::*;
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

fn check_case(text: &str) {
    let flawed = |flaws: &[Flaw]| assert!(flaws.iter().all(|flaw| text.get(flaw.span.clone()).is_some()), "{flaws:?}");
    let case = match Case::parse(text) {
        Ok(case) => case,
        Err(flaws) => return flawed(&flaws),
    };
    flawed(&case.flaws);
    let Ok(scenario) = load_at(&Source::new("garbage.toml", text), &["scenario"], &[], Part::Desk) else { return };
    let read: &ReadChange<'_> = &|names, _, settings| scenario.vocabulary.channel_change(settings, names);
    match case.check(&scenario.model, read) {
        Ok(()) => {
            if let Err(failure) = case.run(&scenario.model, read) {
                assert!(!failure.reasons.is_empty() && failure.to_string().contains("step"));
            }
        }
        Err(flaws) => flawed(&flaws),
    }
}

fn check_log(log: &[u8]) {
    let desk = "[group.support]\n[agent.root]\nrole = \"admin\"\n[agent.ana]\ngroups = [\"support\"]\n[channel.chat]\n\
                assignment = { rule = \"round_robin\", groups = [\"support\"] }\nsla = { first_response = \"5m\", escalate_to = \"root\" }\n";
    let scenario = load(&Source::new("desk.toml", desk), &[], Part::Desk).expect("the desk is well formed");
    let read: &ReadChange<'_> = &|names, _, settings| scenario.vocabulary.channel_change(settings, names);
    let mut bench = Bench::new(&scenario.model, 1, read);
    match replay(log, &mut bench, &mut Vec::new()) {
        Ok(_) | Err(LogError::Differs(_)) => {}
        Err(LogError::Line { error, .. }) => assert!(!error.to_string().is_empty()),
        Err(error) => panic!("memory can be read and written: {error:?}"),
    }
    bench.desk().audit().unwrap();
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

proptest! {
    #[test]
    fn cases(which in any::<prop::sample::Index>(), slips in slips()) {
        let mut paths: Vec<_> = ["tests/cases/shared", "tests/cases/rules"]
            .iter()
            .flat_map(|directory| fs::read_dir(directory).unwrap().map(|entry| entry.unwrap().path()))
            .collect();
        paths.sort();
        check_case(&with(&slips, &fs::read_to_string(which.get(&paths)).unwrap()));
    }

    #[test]
    fn logs(slips in slips()) {
        check_log(with(&slips, LOG).as_bytes());
    }

    #[test]
    fn bytes(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
        check_log(&bytes);
        check_case(&String::from_utf8_lossy(&bytes));
    }
}
