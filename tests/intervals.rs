//! Intervals and tests that hold: on queues whose mean is known, intervals cover it as often as they say; a paired test without a
//! difference errs at most at its level, and with one finds it as often as announced.
//!
//! The whole takes some ten minutes: `cargo test --release --test intervals -- --ignored --nocapture`.

#![allow(clippy::print_stdout, reason = "shares are what the long run is for")]

use desksim::experiment::check::{Condition, Expectation, Gate, On, OnInconclusive, Severity, Verdict, check};
use desksim::experiment::{Experiment, Precision, Repetition, Results, Summary, Tolerance, replicate};
use desksim::scenario::{Part, Source, load};
use desksim::simulation::Model;
use desksim::stats::{ErlangC, Interval, Paired, Sides, power};

/// M/M/2 with an hour's 60 customers of a minute each: half of the servers busy.
fn model(sets: &[&str]) -> Model {
    let text = r#"
        schema = 1
        title = "M/M/2"
        [run]
        duration = "22h"
        warmup = "2h"
        [group.g]
        [agent.a]
        count = 2
        groups = ["g"]
        [channel.c]
        assignment = { rule = "round_robin", groups = ["g"] }
        limit = { max_open = 1 }
        [customer.x]
        channel = "c"
        arrivals = { per_hour = 60 }
        handle_time = { exponential = { mean = "1m" } }
        replies = 1
    "#;
    let sets: Vec<String> = sets.iter().map(|set| (*set).to_owned()).collect();
    load(&Source::new("mm2.toml", text), &sets, Part::Whole).unwrap_or_else(|problems| panic!("{problems}")).model
}

/// What theory says of each metric that is looked at.
fn known() -> [(&'static str, f64); 3] {
    let queue = ErlangC::new(2, 1.0 / 60.0, 60.0).unwrap();
    [
        ("agents.occupancy", queue.utilisation()),
        ("queue.length.mean", queue.mean_queue()),
        ("queue.wait.mean", queue.mean_wait()),
    ]
}

fn run(model: &Model, seed: u64, replications: u32) -> Results {
    let experiment = Experiment { seed, repetition: Repetition::Times(replications), threads: None };
    replicate(model, &experiment, &|_| ()).unwrap()
}

/// In how many of `experiments` independent experiments the 95 % interval covers what theory says, as a share.
fn coverage(model: &Model, experiments: u64, replications: u32, from: u64) -> Vec<(&'static str, f64, u64)> {
    let mut counts: Vec<(&'static str, u64, u64)> = known().map(|(metric, _)| (metric, 0, 0)).to_vec();
    for seed in from..from + experiments {
        let results = run(model, seed, replications);
        for (count, (metric, truth)) in counts.iter_mut().zip(known()) {
            // Where batches hang together there is no interval, and nothing is claimed.
            let Some([low, high]) = results.get(metric).unwrap().summary.unwrap().ci95 else { continue };
            count.2 += 1;
            count.1 += u64::from(Interval { low, high }.contains(truth));
        }
    }
    counts.into_iter().map(|(metric, covered, of)| (metric, covered as f64 / of as f64, of)).collect()
}

fn check_coverage(model: &Model, experiments: u64, replications: u32, range: std::ops::RangeInclusive<f64>) {
    for (metric, share, of) in coverage(model, experiments, replications, 1) {
        println!("{metric}: {:.1} % of {of} intervals cover the truth", share * 100.0);
        assert!(of * 10 >= experiments * 9, "{metric}: only {of} of {experiments} have an interval");
        assert!(range.contains(&share), "{metric}: {share}, seeds 1 to {experiments}");
    }
}

#[test]
fn intervals_cover_the_truth() {
    // Of 150 at 95 %, within three standard errors.
    check_coverage(&model(&[]), 150, 10, 0.897..=1.0);
}

#[test]
#[ignore = "takes a minute"]
fn intervals_cover_the_truth_in_93_to_97_percent_of_a_thousand_experiments() {
    check_coverage(&model(&[]), 1_000, 10, 0.93..=0.97);
}

/// M/M/2 with handle times of a minute in one long run of 40 batches, with room for `relaxations` of its relaxation time; and what theory
/// says of it.
fn long_run(load: f64, relaxations: f64) -> (Model, [(&'static str, f64); 5]) {
    let relaxation = 30.0 / (1.0 - load.sqrt()).powi(2);
    let warmup = 20.0 * relaxation;
    let model = model(&[
        &format!("run.warmup={}s", warmup.round()),
        &format!("run.duration={}s", (warmup + relaxations * relaxation).round()),
        "run.batches=40",
        &format!("customer.x.arrivals.per_hour={}", load * 120.0),
        "channel.c.sla.first_response=2m",
    ]);
    let queue = ErlangC::new(2, load * 2.0 / 60.0, 60.0).unwrap();
    let known = [
        ("queue.wait.mean", queue.mean_wait()),
        ("queue.wait.p95", queue.wait_quantile(0.95)),
        ("queue.wait.p99", queue.wait_quantile(0.99)),
        ("queue.wait.over.600s", queue.prob_wait_above(600.0)),
        ("sla.first_response.breach_rate", (-2.0_f64).exp()),
    ];
    (model, known)
}

/// Of that many long runs, the share that has an interval, and of those the shares that cover, that lie below and above.
fn of_batches(load: f64, runs: u64, from: u64) -> Vec<(&'static str, [f64; 4])> {
    let (model, known) = long_run(load, 720.0);
    let mut counts = [[0.0; 4]; 5];
    for seed in from..from + runs {
        let results = run(&model, seed, 1);
        for (count, (metric, truth)) in counts.iter_mut().zip(known) {
            let Some([low, high]) = results.get(metric).unwrap().summary.unwrap().ci95 else { continue };
            count[0] += 1.0;
            count[if high < truth {
                2
            } else if low > truth {
                3
            } else {
                1
            }] += 1.0;
        }
    }
    let share =
        |[with, covers, below, above]: [f64; 4]| [with / runs as f64, covers / with, below / with, above / with];
    known.iter().zip(counts).map(|((metric, _), counts)| (*metric, share(counts))).collect()
}

fn check_batches(load: f64, runs: u64, errors: f64) {
    let mut wrong = Vec::new();
    for (metric, [with, covers, below, above]) in of_batches(load, runs, 1) {
        let percent = |share: f64| 100.0 * share;
        println!(
            "load {load}, {runs} runs of 40 batches, {metric}: {:.1} % have an interval; {:.1} % cover, {:.1} % below, {:.1} % above",
            percent(with),
            percent(covers),
            percent(below),
            percent(above)
        );
        let room = |share: f64| errors * (share * (1.0 - share) / runs as f64).sqrt();
        let right = with > 0.9
            && (0.94 - room(0.95)..=0.97 + room(0.95)).contains(&covers)
            && below < 0.035 + room(0.025)
            && above < 0.035 + room(0.025);
        if !right {
            wrong.push(format!("{metric}: {with} {covers} {below} {above}"));
        }
    }
    assert!(wrong.is_empty(), "load {load}, seeds 1 to {runs}: {wrong:#?}");
}

#[test]
fn intervals_from_batches_cover_the_truth() {
    check_batches(0.8, 60, 3.5);
}

#[test]
#[ignore = "takes some minutes"]
fn intervals_from_batches_cover_the_truth_in_94_to_97_percent_of_two_thousand_runs() {
    check_batches(0.8, 2_000, 1.0);
}

#[test]
#[ignore = "takes half an hour"]
fn intervals_from_batches_cover_the_truth_near_saturation_too() {
    check_batches(0.95, 400, 2.0);
}

#[test]
fn a_run_that_is_too_short_for_its_desk_has_no_interval_from_batches() {
    // 40 batches of 32 hours with handle times of five minutes: 342 relaxation times.
    let (short, known) = long_run(0.8, 342.0);
    let results = run(&short, 3, 1);
    let batches = results.batches.clone().unwrap();
    assert!(!batches.are_long_enough() && batches.with_interval == 0, "{batches:?}");
    for (metric, _) in known {
        assert_eq!(results.get(metric).unwrap().summary.unwrap().ci95, None, "{metric}");
    }
    // What it says about itself is what theory says.
    let relaxation = results.stability.unwrap().relaxation.unwrap();
    assert!((relaxation / (30.0 / (1.0 - 0.8_f64.sqrt()).powi(2)) - 1.0).abs() < 0.1, "{relaxation}");
    // Who has more than can be done never forgets.
    let overloaded = model(&["run.duration=402h", "run.batches=40", "customer.x.arrivals.per_hour=132"]);
    let results = run(&overloaded, 3, 1);
    assert_eq!((results.stability.unwrap().relaxation, results.batches.unwrap().needs), (None, None));
}

/// The shares of experiments in which a paired test at 5 % finds a difference where there is none, and one of `effect` standard
/// deviations, of two samples of ten independent replications each.
fn found(experiments: u64, effect: f64) -> [f64; 2] {
    let model = model(&[]);
    let values = |seed| run(&model, seed, 10).get("agents.occupancy").unwrap().values.clone();
    let pairs: Vec<_> = (0..experiments).map(|n| (values(10_001 + 2 * n), values(10_002 + 2 * n))).collect();
    // The deviation of a difference, from all of them.
    let differences =
        pairs.iter().flat_map(|(one, other)| one.iter().zip(other)).map(|(one, other)| one.unwrap() - other.unwrap());
    let tally: desksim::stats::Tally = differences.collect();
    let shift = effect * tally.standard_deviation().unwrap();
    let share = |shift: f64| {
        let shifted =
            |values: &[Option<f64>]| values.iter().map(|value| value.map(|value| value + shift)).collect::<Vec<_>>();
        let p = |one: &[Option<f64>], other: &[Option<f64>]| {
            Paired::of(&shifted(one), other).unwrap().p_two_sided().unwrap()
        };
        pairs.iter().filter(|(one, other)| p(one, other) < 0.05).count() as f64 / experiments as f64
    };
    [share(0.0), share(shift)]
}

fn check_test(experiments: u64) {
    let effect = 1.0;
    let [errs, finds] = found(experiments, effect);
    let announced = power(effect, 10, 0.05, Sides::Two);
    let error = |share: f64| 3.0 * (share * (1.0 - share) / experiments as f64).sqrt();
    println!("errs in {:.1} %, finds {:.1} % for {:.1} % announced", errs * 100.0, finds * 100.0, announced * 100.0);
    assert!(errs <= 0.05 + error(0.05), "{errs}");
    assert!((finds - announced).abs() < error(announced), "{finds} for {announced}");
}

#[test]
fn a_paired_test_errs_at_its_level_and_finds_with_the_power_announced() {
    check_test(120);
}

#[test]
#[ignore = "takes a minute"]
fn a_paired_test_errs_at_its_level_and_finds_with_the_power_announced_in_a_thousand_experiments() {
    check_test(1_000);
}

/// What the replications of a queue in heavy use say: skewed values, of which few do not show how skewed they are.
const SKEWED: [&str; 4] =
    ["queue.wait.mean", "queue.wait.p95", "queue.wait.over.600s", "sla.first_response.breach_rate"];

/// M/M/2 with handle times of `handle` seconds, 32 hours from an empty desk; a promise is broken after twice the handle time.
fn busy(load: f64, handle: f64) -> Model {
    model(&[
        "run.duration=32h",
        "run.warmup=0s",
        &format!("customer.x.arrivals.per_hour={}", load * 2.0 * 3_600.0 / handle),
        &format!("customer.x.handle_time.exponential.mean={handle}s"),
        &format!("channel.c.sla.first_response={}s", 2.0 * handle),
    ])
}

/// Each of [`SKEWED`] in many replications, from which experiments are drawn; the mean of all is their truth.
fn bank(load: f64, handle: f64, replications: u32) -> Vec<Vec<f64>> {
    let results = run(&busy(load, handle), 1, replications);
    let of = |metric: &&str| results.get(metric).unwrap().values.iter().flatten().copied().collect();
    SKEWED.iter().map(of).collect()
}

/// Of independent experiments, each with replications of its own: covered, missed below, missed above, and mean replications used.
fn whole(bank: &[f64], experiments: u64, seed: u64, enough: impl Fn(&[Option<f64>]) -> bool) -> [f64; 4] {
    use rand::{RngExt, SeedableRng};
    let truth = bank.iter().sum::<f64>() / bank.len() as f64;
    let mut random = rand::rngs::SmallRng::seed_from_u64(seed);
    let mut found = [0.0; 4];
    for _ in 0..experiments {
        let mut values = Vec::new();
        while values.len() < 4_000 && !enough(&values) {
            values.push(Some(bank[random.random_range(0..bank.len())]));
        }
        let [low, high] = Summary::of(&values).unwrap().ci95.unwrap();
        let side = if high < truth {
            1
        } else if low > truth {
            2
        } else {
            0
        };
        found[side] += 1.0 / experiments as f64;
        found[3] += values.len() as f64 / experiments as f64;
    }
    found
}

/// As many as an interval needs, asked after each replication.
fn believable(values: &[Option<f64>]) -> bool {
    values.len() >= 80 && Summary::of(values).unwrap().is_believable()
}

/// Until half the interval is that share of the mean.
fn precise(share: f64) -> impl Fn(&[Option<f64>]) -> bool {
    let metric = "queue.wait.mean".parse().unwrap();
    let precision = Precision { metric, to: Tolerance::Relative(share), at_most: 4_000 };
    move |values| precision.is_reached(values)
}

#[test]
fn stopping_as_soon_as_an_interval_is_believable_keeps_its_word() {
    let bank = bank(0.8, 300.0, 1_500);
    for (metric, values) in SKEWED.iter().zip(&bank) {
        let [covered, below, above, used] = whole(values, 400, 3, believable);
        println!("{metric}: {covered:.3}, {below:.3} below, {above:.3} above, {used:.0} replications, seeds 1 and 3");
        // Three standard errors of 400 about 95 % and 2.5 %.
        assert!(
            covered > 0.917 && below < 0.049 && above < 0.049,
            "{metric}: {covered} {below} {above}, seeds 1 and 3"
        );
        assert!(used >= 80.0);
    }
}

#[test]
#[ignore = "takes some minutes"]
fn whole_procedures_cover_94_to_96_percent_and_miss_on_both_sides_alike() {
    let mut wrong = Vec::new();
    for (load, handle) in [(0.8, 300.0), (0.95, 300.0), (0.8, 60.0), (0.95, 60.0)] {
        let bank = bank(load, handle, if handle > 100.0 { 60_000 } else { 30_000 });
        for (metric, values) in SKEWED.iter().zip(&bank) {
            let mut row = |name: &str, [covered, below, above, used]: [f64; 4]| {
                println!(
                    "load {load} handle {handle} {metric} {name}: n {used:.0}, {:.1} % covered, {:.1} % below, {:.1} % above",
                    covered * 100.0,
                    below * 100.0,
                    above * 100.0
                );
                // As the experiments are 4,000, with a standard error more than what is claimed.
                let sides = [below, above].iter().all(|side| (0.012..=0.038).contains(side));
                if !(0.9365..=0.9635).contains(&covered) || !sides {
                    wrong.push(format!("{load} {handle} {metric} {name}: {covered} {below} {above}"));
                }
            };
            row("believable", whole(values, 4_000, 11, believable));
            for share in [0.1, 0.05] {
                row(&format!("precision {share}"), whole(values, 4_000, 12, precise(share)));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

/// The whole gate, at exactly the true limit.
#[test]
#[ignore = "takes a minute"]
fn a_sure_limit_at_the_truth_passes_no_more_often_than_announced() {
    let bank = bank(0.8, 300.0, 20_000);
    let model = busy(0.8, 300.0);
    let gate = Gate { max_replications: Some(320), ..Gate::default() };
    for (metric, values) in SKEWED.iter().zip(&bank) {
        let truth = values.iter().sum::<f64>() / values.len() as f64;
        let expectation = Expectation {
            metric: metric.parse().unwrap(),
            conditions: vec![Condition::AtMost(truth)],
            on: On::CiUpper,
            severity: Severity::Error,
            confidence: None,
            on_inconclusive: Some(OnInconclusive::Warn),
            holds: None,
        };
        let passes = (1..=400).filter(|seed| {
            let experiment = Experiment { seed: 90_000 + seed, repetition: Repetition::Times(20), threads: None };
            let found = check(&model, std::slice::from_ref(&expectation), &gate, &experiment, None, false, &|_| ());
            found.unwrap().0.findings[0].verdict == Verdict::Pass
        });
        let share = passes.count() as f64 / 400.0;
        println!("{metric}: {:.1} % pass at the true limit", share * 100.0);
        assert!(share <= 0.025 + 3.0 * 0.0078, "{metric}: {share}");
    }
}
