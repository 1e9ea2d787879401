//! Nothing that can be typed makes the loader panic, and large scenarios are no problem.

use desksim::desk::{Desk, Grantee, UserId};
use desksim::scenario::{Part, Source, load, load_at};
use proptest::prelude::*;

const SCENARIOS: [&str; 3] = [
    include_str!("../scenarios/quickstart.toml"),
    include_str!("../scenarios/shop-week.toml"),
    include_str!("../scenarios/unequal-caps.toml"),
];

/// What is put in place of something that is right.
const PIECES: [&str; 44] = [
    "",
    " ",
    "\n",
    "0",
    "-1",
    "1e308",
    "1e-308",
    "nan",
    "inf",
    "-inf",
    "9223372036854775807",
    "\"\"",
    "\"never\"",
    "\"0s\"",
    "\"36500d\"",
    "\"-1s\"",
    "\"9999999999d\"",
    "\"support\"",
    "\"24:00-00:00\"",
    "\"00:00-00:00\"",
    "\"fri-mon\"",
    "\"*\"",
    "{}",
    "[]",
    "[[]]",
    "{ a = 1 }",
    "[0]",
    "[1, 2]",
    "true",
    "2026-03-02",
    "2026-03-02T00:00:00Z",
    "\"9000-01-01T00:00:00\"",
    "\"0001-01-01T00:00:00\"",
    "{ exponential = { mean = \"0s\" } }",
    "{ gamma = { mean = \"1s\", cv = 0 } }",
    "{ mixture = [] }",
    "{ mixture = [{ weight = 0, of = \"1s\" }] }",
    "{ empirical = { values = [] } }",
    "{ weights = [0] }",
    "{ geometric = { mean = 0.5 } }",
    "\u{0}",
    "\u{feff}",
    "'''",
    "é",
];

/// The values of a text: what stands after an equals sign, to the end of the line.
fn values(text: &str) -> Vec<std::ops::Range<usize>> {
    let mut found = Vec::new();
    let mut start = 0;
    for line in text.split_inclusive('\n') {
        if let Some(equals) = line.find(" = ")
            && !line.starts_with('#')
        {
            let from = start + equals + 3;
            found.push(from..from.max(start + line.trim_end().len()));
        }
        start += line.len();
    }
    found
}

/// Loads a text in every way; problems must render, and have their places in the text.
fn try_all(text: &str, sets: &[String]) {
    let source = Source::new("fuzz.toml", text);
    for part in [Part::Whole, Part::Desk] {
        match load(&source, sets, part) {
            // What loads, opens: the desk has nothing more to say.
            Ok(scenario) => drop(Desk::new(scenario.model.settings).expect("settings that keep the rules")),
            Err(problems) => {
                assert!(!problems.is_empty());
                assert!(problems.render(false).len() > problems.len());
                for problem in problems.iter() {
                    problems.position(problem);
                }
            }
        }
    }
    let _ = load_at(&source, &["scenario"], sets, Part::Desk).map_err(|problems| problems.render(true));
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, ..ProptestConfig::default() })]

    #[test]
    fn values_replaced_by_others(which in 0..SCENARIOS.len(), edits in prop::collection::vec((any::<prop::sample::Index>(), 0..PIECES.len()), 1..4)) {
        let mut text = SCENARIOS[which].to_owned();
        for (at, piece) in edits {
            let values = values(&text);
            if values.is_empty() {
                break;
            }
            text.replace_range(at.get(&values).clone(), PIECES[piece]);
        }
        try_all(&text, &[]);
    }

    #[test]
    fn bytes_cut_doubled_and_moved(which in 0..SCENARIOS.len(), edits in prop::collection::vec((any::<prop::sample::Index>(), 0..60_usize, 0..4_u8), 1..6)) {
        let mut text = SCENARIOS[which].to_owned();
        for (at, length, what) in edits {
            let mut start = at.index(text.len() + 1);
            while !text.is_char_boundary(start) {
                start -= 1;
            }
            let mut end = (start + length).min(text.len());
            while !text.is_char_boundary(end) {
                end += 1;
            }
            let piece = text[start..end].to_owned();
            match what {
                0 => text.replace_range(start..end, ""),
                1 => text.insert_str(start, &piece),
                2 => text.push_str(&piece),
                _ => text.truncate(end),
            }
            if text.is_empty() {
                break;
            }
        }
        try_all(&text, &[]);
    }

    #[test]
    fn any_text_and_any_set(text in "[\\[\\]a-z.=\"{}0-9,\\n #'é\u{0}]{0,200}", set in "[a-z.*\"=0-9\\[{ -é]{0,40}") {
        try_all(&text, std::slice::from_ref(&set));
        try_all(SCENARIOS[0], &[set]);
    }

    #[test]
    fn paths_of_the_scenario_to_any_value(path in prop::sample::select(vec![
        "run.start", "run.duration", "desk.timezone", "desk.business_hours.\"mon-fri\"", "agent.*.count", "agent.support.pace",
        "agent.support.concurrency", "agent.support.slowdown", "shift.day.hours", "shift.day.breaks.0.at", "channel.chat.limit",
        "channel.chat.sla.first_response", "channel.chat.assignment", "customer.shopper.arrivals", "customer.*.patience",
        "customer.shopper.arrivals.per_hour", "customer.shopper.replies", "customer.shopper.handle_time", "expect.0.metric", "group",
    ]), piece in 0..PIECES.len()) {
        try_all(SCENARIOS[0], &[format!("{path}={}", PIECES[piece])]);
    }
}

#[test]
fn arrival_files_of_any_bytes() {
    let folder = tempfile::tempdir().unwrap();
    let text =
        SCENARIOS[0].replace("arrivals = { per_hour = [", "arrivals = { file = \"a.csv\" }\nunused = { per_hour = [");
    let source = Source::new(folder.path().join("desk.toml").display().to_string(), text);
    let mut runner = proptest::test_runner::TestRunner::default();
    let bytes = prop_oneof![
        "at,replies,field.x\n([0-9.e,\"\n-]{0,60})".prop_map(String::into_bytes),
        "[at,\"\n\r0-9é]{0,60}".prop_map(String::into_bytes),
        prop::collection::vec(any::<u8>(), 0..60),
    ];
    runner
        .run(&bytes, |bytes| {
            std::fs::write(folder.path().join("a.csv"), bytes).unwrap();
            let problems = load(&source, &[], Part::Whole).unwrap_err();
            prop_assert!(problems.render(false).contains("unused"));
            Ok(())
        })
        .unwrap();
}

#[test]
fn nesting_without_end() {
    for deep in [
        "[".repeat(100_000),
        "a.".repeat(100_000),
        format!("[{}b]", "a.".repeat(100_000)),
        format!("a = {}", "{ a = ".repeat(100_000)),
    ] {
        try_all(&deep, &[]);
        try_all(SCENARIOS[0], &[format!("title={deep}"), format!("{deep}=1")]);
    }
}

#[test]
fn a_hundred_thousand_agents_in_ten_megabytes() {
    let mut text = "schema = 1\ntitle = \"Large\"\n[run]\nduration = \"1d\"\n[group.all]\n".to_owned();
    for number in 0..100_000 {
        text.push_str(&format!("[agent.person_{number}]\ngroups = [\"all\"] # {}\nconcurrency = 1\n", "-".repeat(50)));
    }
    text.push_str("[channel.chat]\nassignment = { groups = [\"all\"] }\n[channel.mail]\n[customer.any]\nchannel = \"chat\"\narrivals = { per_hour = 1 }\nhandle_time = \"1m\"\n");
    assert!(text.len() > 10_000_000, "{}", text.len());
    let scenario = load(&Source::new("large.toml", text.clone()), &[], Part::Whole).unwrap();
    assert_eq!(scenario.model.settings.users.len(), 100_000);
    assert_eq!(scenario.model.names.user(UserId(99_999)), "person_99999");
    assert_eq!(scenario.model.settings.channels[1].reply[7], Grantee::User(UserId(7)), "by hand, everybody may");
    // As many problems are as quickly said.
    let broken = text.replace("groups = [\"all\"] #", "groups = [\"al\"] #");
    let problems = load(&Source::new("large.toml", broken), &[], Part::Whole).unwrap_err();
    assert_eq!(problems.len(), 100_000);
    let lines: Vec<usize> = problems.iter().map(|problem| problems.position(problem).unwrap().line).collect();
    assert_eq!((lines[0], lines[99_999]), (7, 300_004));
    assert!(problems.render(false).ends_with("… and 99900 more\n"));
}
