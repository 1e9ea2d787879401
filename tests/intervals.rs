//! Intervals and tests that hold: on queues whose mean is known, intervals cover it as often as they say; a paired test without a
//! difference errs at most at its level, and with one finds it as often as announced.
//!
//! The whole takes a minute or two: `cargo test --release --test intervals -- --ignored --nocapture`.

#![allow(clippy::print_stdout, reason = "shares are what the long run is for")]

use desksim::experiment::{Experiment, Repetition, Results, replicate};
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

#[test]
#[ignore = "takes a minute"]
fn intervals_from_batches_cover_the_truth_in_93_to_97_percent_of_a_thousand_experiments() {
    check_coverage(&model(&["run.duration=402h", "run.batches=40"]), 1_000, 1, 0.93..=0.97);
}

#[test]
fn intervals_from_batches_cover_the_truth() {
    check_coverage(&model(&["run.duration=402h", "run.batches=40"]), 100, 1, 0.885..=1.0);
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
