//! The page of a run, its plots and what they are made of, from outside: the same bytes each time, nothing of the users'
//! that acts, sound markup, and a size that stays small.

use html5ever::tendril::TendrilSink;
use markup5ever_rcdom::{Handle, NodeData, RcDom};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;
use std::process::Command;

#[track_caller]
fn desksim(arguments: &[&str], exit: i32) -> (Vec<u8>, String) {
    let output = Command::new(env!("CARGO_BIN_EXE_desksim")).args(arguments).output().unwrap();
    let err = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(exit), "{arguments:?}\n{err}");
    assert!(!err.contains("panicked"), "{err}");
    (output.stdout, err)
}

fn path(directory: &Path, name: &str) -> String {
    directory.join(name).to_str().unwrap().to_owned()
}

#[test]
fn a_report_is_the_same_bytes_for_any_threads_and_when_it_is_made_again() {
    let directory = tempfile::tempdir().unwrap();
    let [one, two] = ["1", "2"].map(|threads| {
        let out = path(directory.path(), threads);
        let run = ["run", "scenarios/shop-week.toml", "--replications", "3", "--threads", threads, "--out", &out];
        desksim(&run, 0);
        out
    });
    for name in ["results.json", "report.html", "report.txt"] {
        assert!(fs::read(format!("{one}/{name}")).unwrap() == fs::read(format!("{two}/{name}")).unwrap(), "{name}");
    }
    let page = fs::read(format!("{one}/report.html")).unwrap();
    for from in [one.clone(), format!("{one}/results.json")] {
        let again = path(directory.path(), "again.html");
        desksim(&["report", &from, "-o", &again], 0);
        assert!(fs::read(&again).unwrap() == page, "from {from}");
    }
    fs::remove_file(format!("{one}/report.html")).unwrap();
    desksim(&["report", &one], 0);
    assert!(fs::read(format!("{one}/report.html")).unwrap() == page);

    // Plots: each kind that is listed, as SVG and PNG, and again.
    let (listed, _) = desksim(&["plot", &one], 0);
    let listed = String::from_utf8(listed).unwrap();
    let kinds: Vec<&str> = listed.lines().map(|line| line.split_whitespace().next().unwrap()).collect();
    assert_eq!(kinds.len(), 10, "{listed}");
    for kind in &kinds {
        let (svg, _) = desksim(&["plot", &one, "--kind", kind], 0);
        assert!(svg.starts_with(b"<svg ") && svg.ends_with(b"</svg>\n"), "{kind}");
        let files = [("a.svg"), ("b.svg"), ("a.png"), ("b.png")].map(|name| path(directory.path(), name));
        for file in &files {
            desksim(&["plot", &one, "--kind", kind, "-o", file], 0);
        }
        let [a, b, c, d] = files.map(|file| fs::read(file).unwrap());
        assert!(a == svg && b == svg && c == d, "{kind}");
        assert!(c.starts_with(b"\x89PNG") && c.len() > 5_000, "{kind}: {} bytes", c.len());
    }
}

/// SLA-12, DSH-2: what the page charges to an agent is what the results charge to them. The cells are what the table of agents, its
/// filters and the bars go by.
#[test]
fn f1_the_page_and_the_results_charge_alike() {
    let directory = tempfile::tempdir().unwrap();
    let out = path(directory.path(), "out");
    desksim(&["run", "scenarios/shop-week.toml", "--replications", "1", "--set", "run.warmup=0s", "--out", &out], 0);
    let results: Value = serde_json::from_slice(&fs::read(format!("{out}/results.json")).unwrap()).unwrap();
    let story = &results["picture"]["story"];
    let names =
        ["first_response_met", "first_response_breached", "closure_met", "closure_breached", "closed", "escalations"];
    let numbers = [3, 4, 5, 6, 2, 11];
    let metrics = [
        "sla.first_response.met",
        "sla.first_response.breached",
        "sla.closure.met",
        "sla.closure.breached",
        "tickets.closed",
        "tickets.escalated",
    ];
    let mut charged = 0;
    for ((name, number), metric) in names.into_iter().zip(numbers).zip(metrics) {
        for (place, label, whose) in [(3, "agent", "users"), (2, "group", "groups")] {
            for (index, whose) in (0..).zip(story[whose].as_array().unwrap()) {
                let selector = format!("{metric}{{{label}={whose}}}");
                // Escalations have no figure by agent.
                let Some(figure) = results["metrics"].get(&selector) else { continue };
                let cells = story["cells"].as_array().unwrap().iter().filter(|cell| cell["of"][place] == index);
                let sum: u64 = cells.map(|cell| cell["sums"][number].as_u64().unwrap()).sum();
                assert_eq!(figure["mean"].as_f64().unwrap() as u64, sum, "{name}: {selector}");
                charged += sum;
            }
        }
    }
    assert!(charged > 1_000, "{charged}");
}

/// field/60: raised on a Sunday at noon and answered on Monday at 09:10, by business hours from 09:00 on and a target of 15 minutes. Each
/// clock has its own verdict, on the page and in an explanation.
#[test]
fn field60_each_clock_has_its_own_verdict() {
    let directory = tempfile::tempdir().unwrap();
    let file = |name: &str, text: &str| {
        let path = path(directory.path(), name);
        fs::write(&path, text).unwrap();
        path
    };
    file("arrivals.csv", "at\n2026-03-08T12:00:00\n");
    let scenario = file(
        "day-off.toml",
        r#"
schema = 1
title = "day off"
[run]
start = "2026-03-08T00:00:00"
duration = "2d"
replications = 1
[desk]
business_hours = { "mon-fri" = ["09:00-17:00"] }
[group.g]
[agent.a]
groups = ["g"]
[channel.mail]
assignment = { groups = ["g"] }
sla = { first_response = "15m", clock = "business_hours" }
[customer.c]
channel = "mail"
arrivals = { file = "arrivals.csv" }
handle_time = "21h10m"
replies = 1
"#,
    );
    let out = path(directory.path(), "out");
    desksim(&["run", &scenario, "--out", &out], 0);
    let page = parsed(&fs::read_to_string(format!("{out}/report.html")).unwrap());
    let tables = elements(&page.document);
    let list = tables
        .iter()
        .find(|(name, attributes, _)| name == "table" && attributes.get("id").is_some_and(|id| id == "tickets"));
    let list = text_of(&list.expect("there is a list of tickets").2).replace('\u{a0}', " ");
    assert!(list.contains("10m (met)") && list.contains("21h 10m (late)"), "{list}");
    let results: Value = serde_json::from_slice(&fs::read(format!("{out}/results.json")).unwrap()).unwrap();
    let of = |metric: &str| results["metrics"][metric]["mean"].as_f64();
    assert_eq!(of("sla.first_response.time.mean"), Some(600.0));
    assert_eq!(of("customer.first_response.mean"), Some(76_200.0));
    let (story, _) = desksim(&["explain", &scenario, "--ticket", "1"], 0);
    let story = String::from_utf8(story).unwrap().split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(
        story.contains("met after 10m on its own clock. Customer's clock: 21h 10m; late by the same target."),
        "{story}"
    );
}

#[test]
fn what_holds_no_report_says_why() {
    let directory = tempfile::tempdir().unwrap();
    let file = |name: &str, text: &str| {
        let path = path(directory.path(), name);
        fs::write(&path, text).unwrap();
        path
    };
    let (json, _) = desksim(&["run", "scenarios/quickstart.toml", "--replications", "2", "--format", "json"], 0);
    let figures = file("figures.json", str::from_utf8(&json).unwrap());
    let old = file("old.json", "{\"schema\": 0, \"kind\": \"run\"}");
    let other = file("other.json", "[1, 2]");
    for (arguments, exit, words) in [
        (&["report", figures.as_str()][..], 2, "no charts"),
        (&["report", &old], 4, "schema 0"),
        (&["report", &other], 2, "no results"),
        (&["report", "no/such"], 2, "cannot read"),
        (&["plot", &figures], 2, "no charts"),
        (&["plot", &figures, "-o", "x.svg"], 2, "--kind"),
    ] {
        let (_, err) = desksim(arguments, exit);
        assert!(err.contains(words) && err.contains("help") || err.contains(words), "{arguments:?}: {err}");
    }
    let out = path(directory.path(), "out");
    desksim(&["run", "scenarios/quickstart.toml", "--replications", "2", "--out", &out], 0);
    let (_, err) = desksim(&["plot", &out, "--kind", "pie"], 2);
    assert!(err.contains("no plot `pie`") && err.contains("lorenz"), "{err}");
    let (_, err) = desksim(&["plot", &out, "--kind", "sla", "-o", "x.jpg"], 2);
    assert!(err.contains(".svg") && err.contains(".png"), "{err}");
}

/// The figures on the page are those of the JSON, and the picture changes none.
#[test]
fn numbers_on_the_page_are_those_of_the_json() {
    let directory = tempfile::tempdir().unwrap();
    let out = path(directory.path(), "out");
    let run = ["run", "scenarios/shop-week.toml", "--replications", "3"];
    desksim(&[&run[..], &["--out", &out]].concat(), 0);
    let (figures, _) = desksim(&[&run[..], &["--format", "json"]].concat(), 0);
    let figures: Value = serde_json::from_slice(&figures).unwrap();
    let saved: Value = serde_json::from_slice(&fs::read(format!("{out}/results.json")).unwrap()).unwrap();
    for (key, value) in figures.as_object().unwrap() {
        assert_eq!(&saved[key], value, "{key}");
    }
    let text = text_of(&parsed(&fs::read_to_string(format!("{out}/report.html")).unwrap()).document);
    let metric = |name: &str| {
        let of = &saved["metrics"][name];
        let [mean, low, high] = [&of["mean"], &of["ci95"][0], &of["ci95"][1]].map(|value| value.as_f64().unwrap());
        (mean, (mean - low).max(high - mean))
    };
    for name in ["sla.first_response.breach_rate", "sla.closure.breach_rate{channel=\"whatsapp\"}", "agents.occupancy"]
    {
        let (mean, reach) = metric(name);
        let (mean, reach) = (mean * 100.0, reach * 100.0);
        let said = format!("{mean:.1} % ± {reach:.1} %");
        assert!(text.contains(&said), "{name}: {said}");
    }
    let (mean, reach) = metric("balance.assigned.jain");
    assert!(text.contains(&format!("{mean:.3} ± {reach:.3}")));
    let cells = saved["picture"]["story"]["cells"].as_array().unwrap();
    let tickets: u64 = cells.iter().map(|cell| cell["sums"][0].as_u64().unwrap()).sum();
    assert_eq!(saved["picture"]["story"]["tickets"], tickets);
    assert!(text.contains(&format!("{},{:03} tickets is on one card", tickets / 1000, tickets % 1000)), "{tickets}");
}

/// The long table of a run has every replication's figures, whose means are those of the JSON.
#[test]
fn the_table_of_replications_holds_what_the_figures_are_made_of() {
    let directory = tempfile::tempdir().unwrap();
    let out = path(directory.path(), "out");
    desksim(&["run", "scenarios/shop-week.toml", "--replications", "3", "--out", &out], 0);
    let saved: Value = serde_json::from_slice(&fs::read(format!("{out}/results.json")).unwrap()).unwrap();
    let mut table = csv::Reader::from_path(format!("{out}/results.csv")).unwrap();
    assert_eq!(table.headers().unwrap(), ["metric", "unit", "replication", "value"].as_slice());
    let mut values: BTreeMap<String, Vec<Option<f64>>> = BTreeMap::new();
    for row in table.records() {
        let row = row.unwrap();
        let of = values.entry(row[0].to_owned()).or_default();
        assert_eq!(row[2], of.len().to_string(), "{row:?}");
        of.push((!row[3].is_empty()).then(|| row[3].parse().unwrap()));
    }
    let metrics = saved["metrics"].as_object().unwrap();
    assert_eq!(
        values.keys().collect::<Vec<_>>(),
        metrics.keys().collect::<BTreeSet<_>>().into_iter().collect::<Vec<_>>()
    );
    for (metric, values) in values {
        assert_eq!(values.len(), 3, "{metric}");
        let known: Vec<f64> = values.into_iter().flatten().collect();
        match metrics[&metric]["mean"].as_f64() {
            None => assert_eq!(known, [] as [f64; 0], "{metric}"),
            Some(mean) => {
                let found = known.iter().sum::<f64>() / known.len() as f64;
                assert!((found - mean).abs() <= 1e-9 * mean.abs().max(1.0), "{metric}: {found} {mean}");
            }
        }
    }
}

fn parsed(html: &str) -> RcDom {
    html5ever::parse_document(RcDom::default(), html5ever::ParseOpts::default()).one(html)
}

/// All elements below a node, with their attributes.
fn elements(node: &Handle) -> Vec<(String, BTreeMap<String, String>, Handle)> {
    let mut found = Vec::new();
    if let NodeData::Element { name, attrs, .. } = &node.data {
        let attributes = attrs.borrow().iter().map(|of| (of.name.local.to_string(), of.value.to_string())).collect();
        found.push((name.local.to_string(), attributes, node.clone()));
    }
    for child in node.children.borrow().iter() {
        found.extend(elements(child));
    }
    found
}

/// The elements right under a node.
fn elements_in(node: &Handle) -> Vec<(String, BTreeMap<String, String>, Handle)> {
    node.children.borrow().iter().filter_map(|child| elements(child).into_iter().next()).collect()
}

/// What a reader sees: texts, with one space for each stretch of blanks.
fn text_of(node: &Handle) -> String {
    fn collect(node: &Handle, out: &mut String) {
        match &node.data {
            NodeData::Text { contents } => out.push_str(&contents.borrow()),
            NodeData::Element { name, .. } if ["script", "style"].contains(&&*name.local) => {}
            _ => node.children.borrow().iter().for_each(|child| collect(child, out)),
        }
        out.push(' ');
    }
    let mut out = String::new();
    collect(node, &mut out);
    out.replace('\u{a0}', " ").split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Sound markup: it parses without a complaint, ids are unique, what is referred to is there, and everything has a name.
#[track_caller]
fn check_markup(html: &str) {
    let dom = parsed(html);
    let errors = dom.errors.borrow();
    assert!(errors.is_empty(), "{errors:?}");
    let all = elements(&dom.document);
    let mut ids = BTreeSet::new();
    for (name, attributes, _) in &all {
        if let Some(id) = attributes.get("id") {
            assert!(ids.insert(id.clone()), "the id {id} stands twice");
        }
        assert!(!attributes.keys().any(|key| key.starts_with("on")), "{name} {attributes:?}");
        for key in ["src", "href"] {
            let to = attributes.get(key).map_or("", String::as_str);
            assert!(to.is_empty() || to.starts_with('#') || to.starts_with("data:"), "{name} refers to {to}");
        }
    }
    for (name, attributes, node) in &all {
        for key in ["aria-labelledby", "for"] {
            let refers = attributes.get(key).map_or("", String::as_str);
            refers.split_whitespace().for_each(|id| assert!(ids.contains(id), "{name} refers to #{id}"));
        }
        if let Some(to) = attributes.get("href").and_then(|to| to.strip_prefix('#')) {
            assert!(ids.contains(to), "a link leads to #{to}");
        }
        if name == "svg" {
            let parts: Vec<String> = elements(node).into_iter().map(|part| part.0).collect();
            assert!(parts.contains(&"title".to_owned()) && parts.contains(&"desc".to_owned()));
        }
        if name == "table" {
            assert!(elements(node).iter().any(|part| part.0 == "caption"), "a table without caption");
        }
        if name == "figure" {
            let parts: Vec<String> = elements(node).into_iter().map(|part| part.0).collect();
            assert!(parts.contains(&"table".to_owned()), "a figure without a table of its data");
            let last = elements_in(node).pop().map(|part| part.0);
            assert_eq!(last.as_deref(), Some("figcaption"), "a caption stands first or last in its figure");
        }
    }
}

#[test]
fn markup_is_sound_whatever_things_are_called() {
    let directory = tempfile::tempdir().unwrap();
    let evil = "</script><script>alert(1)</script>\\\"'&amp;<b>";
    let scenario = format!(
        "schema = 1\ntitle = \"{evil}\"\n[run]\nduration = \"6h\"\nreplications = 2\n\
         [group.\"{evil}\"]\n[agent.\"{evil}\"]\ngroups = [\"{evil}\"]\n[agent.\"<img src=x onerror=alert(1)>\"]\ngroups = [\"{evil}\"]\n\
         [status.\"<i>tea\"]\nconnection = \"inactive\"\n\
         [channel.\"{evil}\"]\nassignment = {{ groups = [\"{evil}\"] }}\nsla = {{ first_response = \"5m\", closure = \"2h\" }}\n\
         [customer.\"{evil}\"]\nchannel = \"{evil}\"\narrivals = {{ per_hour = 30 }}\nhandle_time = {{ exponential = {{ mean = \"4m\" }} }}\n\
         [[expect]]\nmetric = \"tickets.created\"\nat_most = 1\n"
    );
    let file = path(directory.path(), "<b>evil.toml");
    fs::write(&file, scenario).unwrap();
    let out = path(directory.path(), "out");
    let check = |name: &str| {
        let html = fs::read_to_string(format!("{out}/{name}")).unwrap();
        check_markup(&html);
        let scripts = elements(&parsed(&html).document).iter().filter(|part| part.0 == "script").count();
        assert!(scripts <= 2, "names make no elements");
        assert!(!elements(&parsed(&html).document).iter().any(|part| ["img", "b", "i"].contains(&part.0.as_str())));
    };
    desksim(&["run", &file, "--out", &out], 0);
    check("report.html");
    let vary = "run.duration=1h,2h,3h";
    desksim(&["sweep", &file, "--vary", vary, "--out", &out], 0);
    check("report.html");
    desksim(&["check", &file, "--out", &out], 99);
    check("report.html");
}

#[test]
fn markup_of_a_whole_week_is_sound() {
    let directory = tempfile::tempdir().unwrap();
    let out = path(directory.path(), "out");
    desksim(&["run", "scenarios/shop-week.toml", "--replications", "2", "--out", &out], 0);
    check_markup(&fs::read_to_string(format!("{out}/report.html")).unwrap());
}

/// What is too much to be shown one by one is summed up.
#[test]
fn the_page_of_a_million_tickets_stays_small() {
    let directory = tempfile::tempdir().unwrap();
    let scenario = "schema = 1\ntitle = \"A million\"\n[run]\nduration = \"100d\"\nreplications = 1\n[group.all]\n\
         [agent.a]\ncount = 300\ngroups = [\"all\"]\n[channel.one]\nassignment = { groups = [\"all\"] }\nlimit = { max_open = 1 }\n\
         sla = { first_response = \"5m\", closure = \"1d\" }\n[channel.two]\nassignment = { groups = [\"all\"] }\n\
         [customer.x]\nchannel = \"one\"\narrivals = { per_hour = 400 }\nhandle_time = { exponential = { mean = \"30m\" } }\nreplies = 1\n\
         [customer.y]\nchannel = \"two\"\narrivals = { per_hour = 30 }\nhandle_time = { exponential = { mean = \"30m\" } }\nreplies = 1\n";
    let file = path(directory.path(), "million.toml");
    fs::write(&file, scenario).unwrap();
    let out = path(directory.path(), "out");
    desksim(&["run", &file, "--out", &out, "--quiet"], 0);
    let saved: Value = serde_json::from_slice(&fs::read(format!("{out}/results.json")).unwrap()).unwrap();
    let story = &saved["picture"]["story"];
    let tickets = story["tickets"].as_u64().unwrap();
    assert!(tickets > 1_000_000, "{tickets}");
    assert_eq!(saved["metrics"]["tickets.created"]["mean"], tickets as f64);
    let cells = story["cells"].as_array().unwrap();
    assert_eq!(cells.iter().map(|cell| cell["sums"][0].as_u64().unwrap()).sum::<u64>(), tickets);
    let (listed, every) = (story["rows"].as_array().unwrap().len() as u64, story["every"].as_u64().unwrap());
    assert!(every > 1 && listed == tickets.div_ceil(every), "{listed} {every}");
    let page = fs::metadata(format!("{out}/report.html")).unwrap().len();
    assert!(page < 5_000_000, "{page} bytes");
}

#[test]
fn a_report_is_whole_or_not_there() {
    let directory = tempfile::tempdir().unwrap();
    let out = path(directory.path(), "out");
    fs::create_dir_all(format!("{out}/report.html")).unwrap();
    let (_, err) = desksim(&["run", "scenarios/quickstart.toml", "--replications", "2", "--out", &out], 2);
    assert!(err.contains("report.html: it is a directory"), "{err}");
    let left: Vec<_> = fs::read_dir(&out).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert_eq!(left, ["report.html"], "nothing else was begun");
    fs::remove_dir(format!("{out}/report.html")).unwrap();
    fs::write(format!("{out}/report.html"), "as it was").unwrap();
    desksim(&["report", &out], 2);
    assert_eq!(fs::read_to_string(format!("{out}/report.html")).unwrap(), "as it was");
}
