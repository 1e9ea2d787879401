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
    assert_eq!(page.contains("Overloaded: these figures"), expected == StabilityVerdict::Overloaded, "{page}");
    // What the trend says and the verdict never contradict each other.
    if expected == StabilityVerdict::Overloaded {
        assert!(!page.contains("do not grow") && !page.contains("run longer"), "{page}");
        assert!(stability.growth.is_none_or(|growth| growth.per_hour > 0.0), "{stability:?}");
    }
}

#[track_caller]
fn limited(results: &Results, expected: StabilityVerdict, bound: Bound, load: std::ops::Range<f64>) {
    verdict(results, expected);
    let group = &results.stability.as_ref().unwrap().groups[0];
    assert_eq!(group.bound, bound, "{group:?}");
    assert!(group.load.is_some_and(|found| load.contains(&found)), "{group:?}");
}

#[test]
fn examples_are_stable_and_overload_is_because_customers_leave() {
    let overload = run(&file("overload"), &[], 5, 2);
    verdict(&overload, StabilityVerdict::Stable);
    let group = &overload.stability.as_ref().unwrap().groups[0];
    assert!(group.loss && group.load.unwrap() > 1.1, "{group:?}");
    let page = page(&overload, Style::Plain);
    assert!(page.contains("support: stable because customers leave, offered load 1."), "{page}");
    verdict(&run(&file("overload"), &["customer.shopper.patience=never"], 5, 2), StabilityVerdict::Overloaded);
    verdict(&run(&file("quickstart"), &[], 5, 2), StabilityVerdict::Stable);
    verdict(&run(&file("shop-week"), &[], 3, 2), StabilityVerdict::Stable);
    verdict(&run(&file("unequal-caps"), &[], 4, 2), StabilityVerdict::Stable);
}

#[test]
fn a_queue_near_its_capacity_is_stable_and_one_above_it_is_not() {
    let near = run(&queue(10, 0.95, 40, ""), &["run.warmup=10h"], 10, 2);
    limited(&near, StabilityVerdict::Stable, Bound::Work, 0.94..0.96);
    let above = run(&queue(10, 1.05, 40, ""), &[], 10, 2);
    limited(&above, StabilityVerdict::Overloaded, Bound::Work, 1.04..1.06);
    let growth = above.stability.unwrap().growth.unwrap();
    // What comes and cannot be served piles up: a twentieth of 600 an hour.
    assert!(growth.p < 1e-6 && (growth.per_hour - 30.0).abs() < 3.0, "{growth:?}");
    // So it is without a cap, where tickets pile up on agents.
    let piles = run(&queue(10, 1.05, 40, ""), &["channel.c.limit={}"], 10, 2);
    limited(&piles, StabilityVerdict::Overloaded, Bound::Work, 1.04..1.06);
    // Two replications show it as well as ten, and a single one by its load.
    verdict(&run(&queue(10, 1.3, 40, ""), &[], 2, 2), StabilityVerdict::Overloaded);
    verdict(&run(&queue(10, 1.3, 40, ""), &[], 1, 1), StabilityVerdict::Overloaded);
}

#[test]
fn erlang_a_and_b_have_a_steady_state_at_any_load() {
    for load in [0.8, 1.2, 2.0, 5.0] {
        for patience in ["\"0s\"", "{ exponential = { mean = \"2m\" } }"] {
            let lossy = run(&queue(10, load, 40, &format!("patience = {patience}\n")), &[], 6, 2);
            limited(&lossy, StabilityVerdict::Stable, Bound::Work, load - 0.03..load + 0.03);
            let page = page(&lossy, Style::Plain);
            assert!(page.contains("Open tickets do not grow"), "{page}");
            assert_eq!(page.contains("g: stable because customers leave, offered load"), load >= 1.0, "{page}");
        }
    }
    // Of a queue without a cap nobody is turned away: tickets lie with agents, where patience for the queue does not end.
    let piles = run(&queue(10, 1.2, 40, "patience = \"2m\"\n"), &["channel.c.limit={}"], 6, 2);
    verdict(&piles, StabilityVerdict::Overloaded);
}

/// Where some leave and others never do, those who stay must be served.
#[test]
fn those_who_never_leave_are_a_load_of_their_own() {
    let more = |stay: f64| {
        format!(
            "patience = {{ exponential = {{ mean = \"2m\" }} }}\n[customer.y]\nchannel = \"c\"\narrivals = {{ per_hour = {} }}\n\
             handle_time = {{ exponential = {{ mean = \"1m\" }} }}\nreplies = 1\n",
            stay * 600.0
        )
    };
    verdict(&run(&queue(10, 0.8, 40, &more(0.6)), &[], 8, 2), StabilityVerdict::Stable);
    verdict(&run(&queue(10, 0.8, 40, &more(1.1)), &[], 8, 2), StabilityVerdict::Overloaded);
}

/// Two agents for half a day on weekdays, and customers who take six hours to answer.
fn half_days(per_hour: f64, cap: u32, days: u32) -> Source {
    let text = fs::read_to_string("tests/stability/half-days.toml").unwrap();
    let text = text
        .replace("max_open = 5", &format!("max_open = {cap}"))
        .replace("per_hour = 0.5", &format!("per_hour = {per_hour}"))
        .replace("\"14d\"", &format!("\"{days}d\""));
    Source::new("half-days.toml", text)
}

/// A place is held over night: ten of them serve some 50 tickets in a week of five half days, and 84 come.
#[test]
fn places_that_are_held_over_night_are_too_few() {
    for days in [14, 56, 140] {
        let results = run(&half_days(0.5, 5, days), &[], 8, 2);
        limited(&results, StabilityVerdict::Overloaded, Bound::Places, 1.4..1.95);
        let page = page(&results, Style::Plain);
        assert!(page.contains("g: overloaded, offered load 1."), "{page}");
        assert!(
            page.contains("(limited by places under the cap)") && page.contains("Open tickets grow by 0."),
            "{page}"
        );
    }
    // Nearer to the limit of some 50 a week, on either side, over many weeks.
    limited(&run(&half_days(0.36, 5, 140), &[], 8, 2), StabilityVerdict::Overloaded, Bound::Places, 1.05..1.35);
    limited(&run(&half_days(0.24, 5, 140), &[], 8, 2), StabilityVerdict::Stable, Bound::Places, 0.6..0.98);
    // With twice the places agents' time is what there is least of, and enough.
    verdict(&run(&half_days(0.5, 20, 140), &[], 8, 2), StabilityVerdict::Stable);
    // One week cannot tell: what it would take is said.
    let short = run(&half_days(0.5, 5, 7), &[], 8, 2);
    verdict(&short, StabilityVerdict::Unknown);
    let page = page(&short, Style::Plain);
    assert!(page.contains("needs 2 replications of at least 4 weeks"), "{page}");
}

/// The work of a whole week against half days: places are free at night, and agents' time is what limits.
#[test]
fn agents_time_in_half_days_is_what_limits_where_places_are_free() {
    let desk = |per_hour: f64| {
        run(
            &half_days(per_hour, 5, 84),
            &["customer.c.replies=1", "customer.c.handle_time=20m", "run.warmup=14d"],
            8,
            2,
        )
    };
    // 40 hours a week do 120 tickets of 20 minutes; 0.64 an hour are 107, 0.8 are 134.
    limited(&desk(0.64), StabilityVerdict::Stable, Bound::Work, 0.85..0.94);
    limited(&desk(0.82), StabilityVerdict::Overloaded, Bound::Work, 1.1..1.2);
}

/// Jennings and de Véricourt's closed nurses, turned about: a case manager's queue with a place for each case.
#[test]
fn case_managers_are_limited_by_cases_or_by_their_time() {
    let desk = |per_hour: f64, cap: u32| {
        let sets = [
            format!("channel.c.limit.max_open={cap}"),
            "customer.x.replies={ geometric = { mean = 5 } }".to_owned(),
            "customer.x.reply_delay={ exponential = { mean = \"30m\" } }".to_owned(),
            "customer.x.handle_time={ exponential = { mean = \"6m\" } }".to_owned(),
            format!("customer.x.arrivals.per_hour={per_hour}"),
        ];
        run(&queue(4, 0.5, 300, ""), &sets.iter().map(String::as_str).collect::<Vec<_>>(), 8, 2)
    };
    // A case is 30 minutes of work and two hours of waiting: 8 cases an hour are all that four people can do, by their time.
    limited(&desk(6.8, 40), StabilityVerdict::Stable, Bound::Work, 0.82..0.88);
    limited(&desk(8.6, 40), StabilityVerdict::Overloaded, Bound::Work, 1.05..1.1);
    // With three cases each, 12 places turn over in at least two and a half hours: under 4.8 cases an hour.
    limited(&desk(3.0, 3), StabilityVerdict::Stable, Bound::Places, 0.6..0.95);
    limited(&desk(5.4, 3), StabilityVerdict::Overloaded, Bound::Places, 1.1..1.6);
}

/// A user's own cap stands in place of the channel's (CAP-3), and caps of one channel alone are counted apart (CAP-2).
#[test]
fn caps_of_every_kind_limit() {
    let delayed = ["customer.x.replies=2", "customer.x.handle_time=30s", "customer.x.reply_delay=1h"];
    let desk = |sets: &[&str]| run(&queue(10, 0.1, 60, ""), &[&delayed, sets].concat(), 5, 2);
    let [few, many] = ["customer.x.arrivals.per_hour=14", "customer.x.arrivals.per_hour=30"];
    let own = ["channel.c.limit={}", "agent.a.max_open=2"];
    limited(&desk(&[&own[..], &[few]].concat()), StabilityVerdict::Stable, Bound::Places, 0.6..0.85);
    limited(&desk(&[&own[..], &[many]].concat()), StabilityVerdict::Overloaded, Bound::Places, 1.35..1.65);
    let apart = ["channel.c.limit.scope=channel", "channel.c.limit.max_open=2"];
    limited(&desk(&[&apart[..], &[many]].concat()), StabilityVerdict::Overloaded, Bound::Places, 1.35..1.65);
    let heavy = ["channel.c.limit.max_open=4", "channel.c.weight=2"];
    limited(&desk(&[&heavy[..], &[few]].concat()), StabilityVerdict::Stable, Bound::Places, 0.6..0.85);
    limited(&desk(&[&heavy[..], &[many]].concat()), StabilityVerdict::Overloaded, Bound::Places, 1.35..1.65);
    // Where pending tickets alone count, those that await the customer hold no place.
    let pending = ["channel.c.limit.counts=pending", "channel.c.limit.max_open=2"];
    verdict(&desk(&[&pending[..], &[many]].concat()), StabilityVerdict::Stable);
}

/// A week with a weekend, over weeks: the backlog of Monday morning is no growth.
#[test]
fn a_rhythm_of_weeks_is_no_growth() {
    let more = "[shift.days]\ndays = \"mon-fri\"\nhours = \"09:00-17:00\"\n";
    let desk = |per_hour: f64| {
        let rate = format!("customer.x.arrivals.per_hour={per_hour}");
        let sets = [
            "agent.a.shift=days",
            "channel.c.limit.max_open=4",
            "customer.x.handle_time=12m",
            "run.warmup=7d",
            rate.as_str(),
        ];
        run(&queue(3, 0.5, 24 * 42, more), &sets, 6, 2)
    };
    // 120 hours a week are 600 tickets; 3.2 an hour are 538, 3.8 are 638.
    limited(&desk(3.2), StabilityVerdict::Stable, Bound::Work, 0.87..0.92);
    limited(&desk(3.8), StabilityVerdict::Overloaded, Bound::Work, 1.04..1.09);
}

/// Growth by a few tickets in a hundred is found where the run is long enough.
#[test]
fn slow_growth_is_found() {
    let slow = run(&queue(4, 1.02, 600, ""), &[], 10, 2);
    limited(&slow, StabilityVerdict::Overloaded, Bound::Work, 1.01..1.03);
}

/// Tickets of customers who stop answering fill the places, unless they are closed for their silence.
#[test]
fn tickets_that_are_never_closed_fill_the_places() {
    let sets =
        ["customer.x.replies=2", "customer.x.reply_delay=10m", "customer.x.silent=0.1", "channel.c.limit.max_open=20"];
    let rate = "customer.x.arrivals.per_hour=30";
    let desk = |more: &[&str]| run(&queue(4, 0.2, 400, ""), &[&sets[..], &[rate], more].concat(), 5, 2);
    let full = desk(&[]);
    verdict(&full, StabilityVerdict::Overloaded);
    assert_eq!(full.stability.as_ref().unwrap().groups[0].bound, Bound::Places);
    verdict(&desk(&["channel.c.close_after_silence=2h"]), StabilityVerdict::Stable);
    let open = desk(&["channel.c.limit={}"]);
    verdict(&open, StabilityVerdict::Unsettled);
    assert!(page(&open, Style::Plain).contains("close_after_silence"), "{}", page(&open, Style::Plain));
}

/// Seeds of a desk at 0.95, of half days at 0.95 of their places, and of a desk that leaves: none is called overloaded.
#[test]
fn false_alarms_are_rare() {
    let mut alarms = Vec::new();
    for seed in 0..16 {
        let set = format!("run.seed={seed}");
        let desks = [
            run(&queue(5, 0.95, 60, ""), &[&set], 5, 2),
            run(&queue(2, 0.9, 60, ""), &[&set, "channel.c.limit.max_open=3"], 5, 2),
            run(&half_days(0.27, 5, 56), &[&set], 5, 2),
        ];
        for (n, desk) in desks.iter().enumerate() {
            let stability = desk.stability.as_ref().unwrap();
            if stability.verdict == StabilityVerdict::Overloaded {
                alarms.push((seed, n, stability.clone()));
            }
        }
    }
    assert!(alarms.len() <= 1, "{alarms:#?}");
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
    verdict(&full, StabilityVerdict::Overloaded);
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
    verdict(&empty, StabilityVerdict::Overloaded);
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
