//! A real month beside its simulation: `scenarios/bank-january.toml` on its weekdays (Sunday to Thursday).
//!
//! ```text
//! cargo test --release --test bank -- --nocapture
//! ```
//!
//! prints both. What stands behind the scenario, and what was inferred from the calls, is told in
//! `scenarios/bank-january/derive.py`: no parameter was found by optimising waits or abandonment, but two choices were
//! made after looking at this very month's figures: that an absence of more than five minutes is no longer work after a call,
//! and that waits of all types of call tell of absences. So agreement here is partly by choice. The same script makes a scenario
//! of another month's log, and `DESKSIM_BANK=other-month.toml` compares that; no other month was tried.

#![allow(clippy::print_stderr, reason = "the two months side by side are what this test is run for")]

use desksim::desk::{Closer, Desk, Effect};
use desksim::scenario::{Part, Source, load};
use desksim::simulation::{Model, Observer, Step, simulate};
use desksim::time::{Civil, Instant};
use jiff::civil::Weekday;
use serde_json::Value;
use std::path::{Path, PathBuf};

/// How far a simulated figure may be off, as a share of the real one.
const TOLERANCE: f64 = 0.15;
/// Who waits longer than this is counted.
const LONG_WAIT_S: f64 = 60.0;

/// Waits of the callers of weekdays, however they ended.
struct Waits<'a> {
    civil: &'a Civil,
    arrived: Vec<Option<Instant>>,
    seconds: Vec<f64>,
    abandoned: usize,
}

impl Waits<'_> {
    fn new(civil: &Civil) -> Waits<'_> {
        Waits { civil, arrived: Vec::new(), seconds: Vec::new(), abandoned: 0 }
    }

    fn leave(&mut self, slot: usize, now: Instant, abandoned: bool) {
        let Some(arrived) = self.arrived[slot].take() else { return };
        if !matches!(self.civil.at(arrived).weekday(), Weekday::Friday | Weekday::Saturday) {
            self.seconds.push((now - arrived).as_secs_f64());
            self.abandoned += usize::from(abandoned);
        }
    }
}

impl Observer for Waits<'_> {
    fn step(&mut self, step: &Step<'_>, _desk: &Desk) {
        for effect in step.effects {
            match *effect {
                Effect::Created { ticket, .. } => {
                    if self.arrived.len() <= ticket.index() {
                        self.arrived.resize(ticket.index() + 1, None);
                    }
                    self.arrived[ticket.index()] = Some(step.now);
                }
                Effect::Assigned { ticket, .. } => self.leave(ticket.index(), step.now, false),
                Effect::Closed { ticket, by, .. } => self.leave(ticket.index(), step.now, by == Closer::Customer),
                _ => {}
            }
        }
    }

    fn finish(&mut self, now: Instant, _desk: &Desk) {
        for slot in 0..self.arrived.len() {
            self.leave(slot, now, false);
        }
    }
}

/// The figures that are compared: what they are called here and in `real.json`, and whether they are held to the tolerance.
const FIGURES: [(&str, &str, bool); 4] = [
    ("mean wait (s)", "mean_wait_s", true),
    ("abandoned", "abandoned", true),
    ("waited over 60 s", "waited_over_60s", true),
    ("wait, 90th percentile (s)", "wait_p90_s", false),
];

/// Calls of weekdays, and the figures in their order, of one replication.
fn simulated(model: &Model, replication: u32) -> (usize, [f64; 4]) {
    let mut waits = Waits::new(&model.plan.civil);
    simulate(model, model.run.seed, replication, &mut waits).unwrap();
    let Waits { seconds: mut waits, abandoned, .. } = waits;
    waits.sort_by(f64::total_cmp);
    let calls = waits.len() as f64;
    let long = waits.iter().filter(|wait| **wait > LONG_WAIT_S).count();
    let figures = [
        waits.iter().sum::<f64>() / calls,
        abandoned as f64 / calls,
        long as f64 / calls,
        waits[(0.9 * calls) as usize],
    ];
    (waits.len(), figures)
}

fn scenario_path() -> PathBuf {
    std::env::var_os("DESKSIM_BANK")
        .map_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios/bank-january.toml"), PathBuf::from)
}

#[test]
fn a_simulated_month_is_like_the_real_one() {
    let path = scenario_path();
    let text = std::fs::read_to_string(&path).expect("the scenario can be read");
    let source = Source::new(path.to_str().expect("the path is text"), text);
    let model = load(&source, &[], Part::Whole).unwrap_or_else(|problems| panic!("{}", problems.render(false))).model;
    let real = std::fs::read_to_string(path.with_extension("").join("real.json")).expect("derive.py wrote real.json");
    let real: Value = serde_json::from_str(&real).expect("real.json is JSON");
    let replications = model.run.replications;
    let mut mean = [0.0; 4];
    for replication in 0..replications {
        let (calls, figures) = simulated(&model, replication);
        assert_eq!(calls as u64, real["calls"].as_u64().expect("a number of calls"), "every call of a weekday is met");
        for (mean, figure) in mean.iter_mut().zip(figures) {
            *mean += figure / f64::from(replications);
        }
    }
    eprintln!(
        "{} ({replications} replications)\n{:<26} {:>9} {:>9} {:>7}",
        model.title, "weekdays", "real", "simulated", "off"
    );
    let mut wrong = Vec::new();
    for ((name, key, held), simulated) in FIGURES.into_iter().zip(mean) {
        let real = real[key].as_f64().expect("a figure");
        let off = simulated / real - 1.0;
        eprintln!("{name:<26} {real:>9.3} {simulated:>9.3} {:>+6.1}%", 100.0 * off);
        if held && off.abs() > TOLERANCE {
            wrong.push(name);
        }
    }
    assert!(wrong.is_empty(), "more than {:.0} % off: {}", 100.0 * TOLERANCE, wrong.join(", "));
}
