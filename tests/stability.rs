//! Whether a run's figures describe a state that lasts: verdicts, warm-ups that are chosen, and what the page says of them.

use desksim::experiment::{Bound, ChosenWarmup, Experiment, Repetition, Results, StabilityVerdict, replicate};
use desksim::report::{Style, json, page};
use desksim::scenario::{Part, Source, load};
use std::fs;

fn run(source: &Source, sets: &[&str], replications: u32, threads: usize) -> Results {
    let sets: Vec<String> = sets.iter().map(|set| (*set).to_owned()).collect();
    let scenario = load(source, &sets, Part::Whole).unwrap_or_else(|problems| panic!("{problems}"));
    let repetition = Repetition::Times(replications);
    let experiment = Experiment { seed: scenario.model.run.seed, repetition, threads: Some(threads) };
    replicate(&scenario.model, &experiment, &|_| ()).unwrap()
}

fn file(name: &str) -> Source {
    let path = format!("scenarios/{name}.toml");
    Source::new(path.as_str(), fs::read_to_string(&path).unwrap())
}

/// `servers` agents who serve one customer at a time, for a minute on average; customers as `load` says.
fn queue(servers: u32, load: f64, hours: u32, more: &str) -> Source {
    let per_hour = load * f64::from(servers) * 60.0;
    let text = format!(
        "schema = 1\ntitle = \"M/M/c\"\nrun = {{ duration = \"{hours}h\", warmup = \"0s\" }}\n[group.g]\n[agent.a]\ncount = {servers}\n\
         groups = [\"g\"]\n[channel.c]\nassignment = {{ groups = [\"g\"] }}\nlimit = {{ max_open = 1 }}\n[customer.x]\n\
         channel = \"c\"\narrivals = {{ per_hour = {per_hour} }}\nhandle_time = {{ exponential = {{ mean = \"1m\" }} }}\nreplies = 1\n{more}"
    );
    Source::new("queue.toml", text)
}

#[track_caller]
fn verdict(results: &Results, expected: StabilityVerdict) {
    let stability = results.stability.as_ref().unwrap();
    assert_eq!(stability.verdict, expected, "{stability:?}");
    let page = page(results, Style::Plain);
    assert_eq!(page.contains("Unstable:"), expected == StabilityVerdict::Unstable, "{page}");
}

#[test]
fn overload_is_unstable_and_the_other_examples_are_not() {
    verdict(&run(&file("overload"), &[], 5, 2), StabilityVerdict::Unstable);
    verdict(&run(&file("quickstart"), &[], 5, 2), StabilityVerdict::Stable);
    verdict(&run(&file("shop-week"), &[], 3, 2), StabilityVerdict::Stable);
    verdict(&run(&file("unequal-caps"), &[], 4, 2), StabilityVerdict::Stable);
    // Two more people are enough.
    verdict(&run(&file("overload"), &["agent.support.count=12"], 5, 2), StabilityVerdict::Stable);
}

#[test]
fn a_queue_near_its_capacity_is_stable_and_one_above_it_is_not() {
    let near = run(&queue(10, 0.95, 40, ""), &["run.warmup=10h"], 10, 2);
    verdict(&near, StabilityVerdict::Stable);
    let load = near.stability.unwrap().groups[0].load.unwrap();
    assert!((load - 0.95).abs() < 0.01, "{load}");
    let above = run(&queue(10, 1.05, 40, ""), &[], 10, 2);
    verdict(&above, StabilityVerdict::Unstable);
    let stability = above.stability.unwrap();
    let growth = stability.growth.unwrap();
    // What comes and cannot be served piles up: a twentieth of 600 an hour.
    assert!(growth.p < 1e-6 && (growth.per_hour - 30.0).abs() < 3.0, "{growth:?}");
    assert!((stability.groups[0].offered_hours.unwrap() / stability.groups[0].capacity_hours - 1.05).abs() < 0.01);
}

#[test]
fn a_queue_that_still_fills_is_not_settled() {
    // At 0.99 the queue takes days to fill up; from empty it grows all along.
    let filling = run(&queue(10, 0.99, 12, ""), &[], 40, 2);
    let stability = filling.stability.as_ref().unwrap();
    assert!(stability.growth.unwrap().p < 0.01, "{stability:?}");
    verdict(&filling, StabilityVerdict::Unsettled);
    assert!(page(&filling, Style::Plain).contains("Not settled"), "{}", page(&filling, Style::Plain));
}

#[test]
fn tickets_that_await_customers_can_fill_all_places() {
    // A minute's work in two replies, and an hour between them: 20 places for what needs 60.
    let more = "reply_delay = \"1h\"\n";
    let sets = [
        "customer.x.replies=2",
        "channel.c.limit.max_open=2",
        "customer.x.handle_time=30s",
        "customer.x.arrivals.per_hour=60",
    ];
    let full = run(&queue(10, 0.1, 60, more), &sets, 4, 2);
    verdict(&full, StabilityVerdict::Unstable);
    let group = &full.stability.as_ref().unwrap().groups[0];
    assert_eq!(group.bound, Bound::Places);
    assert!(group.load.unwrap() > 2.9 && group.load.unwrap() < 3.2, "{group:?}");
    assert!(group.offered_hours.unwrap() / group.capacity_hours < 0.2, "{group:?}");
    let roomy = [sets[0], "channel.c.limit.max_open=9", sets[2], sets[3]];
    verdict(&run(&queue(10, 0.1, 60, more), &roomy, 4, 2), StabilityVerdict::Stable);
}

#[test]
fn where_nobody_is_there_the_load_has_no_bound() {
    let more = "[shift.never]\nhours = \"09:00-10:00\"\nabsence = 1.0\n";
    let empty = run(&queue(3, 0.5, 20, more), &["agent.a.shift=never"], 2, 1);
    verdict(&empty, StabilityVerdict::Unstable);
    assert_eq!(empty.stability.as_ref().unwrap().groups[0].load, None);
    assert!(json(&empty).contains("\"load\":null"));
}

#[test]
fn a_warmup_may_be_chosen_and_results_say_so() {
    let source = queue(10, 0.9, 100, "");
    let auto = ["run.warmup=auto"];
    let chosen = run(&source, &auto, 6, 2);
    let Some(ChosenWarmup::Settles(warmup)) = chosen.facts.chosen_warmup else {
        panic!("{:?}", chosen.facts.chosen_warmup)
    };
    assert_eq!(chosen.facts.warmup, warmup);
    let page = page(&chosen, Style::Plain);
    assert!(page.contains("MSER-5"), "{page}");
    // The same warm-up by hand gives the same figures; so does another number of threads.
    let set = format!("run.warmup={:?}", warmup.to_string());
    let by_hand = run(&source, &[&set], 6, 2);
    assert_eq!(by_hand.facts.warmup, warmup, "{set}");
    assert!(by_hand.figures == chosen.figures, "a warm-up by hand is another one");
    assert_eq!(json(&run(&source, &auto, 6, 1)), json(&chosen));
    assert!(json(&chosen).contains("\"chosen_warmup\": \"settles\""));

    let never = run(&queue(10, 1.2, 100, ""), &auto, 3, 2);
    assert!(
        matches!(never.facts.chosen_warmup, Some(ChosenWarmup::DoesNotSettle(_))),
        "{:?}",
        never.facts.chosen_warmup
    );
    assert_eq!(never.facts.warmup, desksim::time::Span::from_secs(50 * 3_600));
    let short = run(&file("quickstart"), &auto, 2, 2);
    assert_eq!(short.facts.chosen_warmup, Some(ChosenWarmup::TooShort));
}

#[test]
fn results_say_how_precise_they_are() {
    let results = run(&queue(10, 0.8, 50, ""), &["run.warmup=5h"], 10, 2);
    let precision: Vec<(&str, Option<f64>)> = results.precision().collect();
    let summary = results.get("queue.wait.mean").unwrap().summary.unwrap();
    let wait = precision.iter().find(|(metric, _)| *metric == "queue.wait.mean").unwrap().1.unwrap();
    assert!((wait - summary.half_width().unwrap() / summary.mean).abs() < 1e-12);
    // No SLA, no breach rate.
    assert_eq!(precision[0], ("sla.first_response.breach_rate", None));
    let read: serde_json::Value = serde_json::from_str(&json(&results)).unwrap();
    assert_eq!(read["precision"]["queue.wait.mean"].as_f64(), Some(wait));
    assert_eq!(read["stability"]["verdict"], "stable");
}
