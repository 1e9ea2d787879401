//! Agents whose shift ends finish what is in hand, and leave nothing behind that they were handed in the instant of going.

use desksim::desk::{Desk, UserId};
use desksim::scenario::{Part, Source, load};
use desksim::simulation::{Observer, Step, simulate};
use desksim::time::Instant;

const SCENARIO: &str = r#"
schema = 1
title = "A shift that ends with a full queue"
[run]
start = "2026-03-02T00:00:00"
duration = "23h"
seed = 1
replications = 1
[group.desk]
[shift.day]
days = "mon-sun"
hours = "09:00-10:00"
breaks = [{ status = "Away", at = "09:30", for = "10m" }]
[agent.a]
count = 5
groups = ["desk"]
shift = "day"
[channel.line]
assignment = { groups = ["desk"] }
limit = { max_open = 1 }
[customer.caller]
channel = "line"
arrivals = { per_hour = 60 }
handle_time = { exponential = { mean = "7m" } }
wrap_up = "WRAP_UP"
replies = 1
"#;

#[derive(Default)]
struct Held {
    by_absentees: u32,
    closed: usize,
    waiting: usize,
}

impl Observer for Held {
    fn step(&mut self, step: &Step<'_>, _desk: &Desk) {
        self.closed +=
            step.effects.iter().filter(|effect| matches!(effect, desksim::desk::Effect::Closed { .. })).count();
    }
    fn finish(&mut self, _now: Instant, desk: &Desk) {
        self.by_absentees = (0..5).map(|user| desk.open_count(UserId(user))).sum();
        self.waiting = desk.queue_length();
    }
}

#[test]
fn nobody_goes_home_with_a_ticket() {
    for wrap_up in ["0s", "90s"] {
        let source = Source::new("leaving.toml", SCENARIO.replace("WRAP_UP", wrap_up));
        let model =
            load(&source, &[], Part::Whole).unwrap_or_else(|problems| panic!("{}", problems.render(false))).model;
        for replication in 0..5 {
            let mut held = Held::default();
            simulate(&model, model.run.seed, replication, &mut held).unwrap();
            assert!(held.closed > 20 && held.waiting > 100, "they were busy to the end, and the queue was long");
            assert_eq!(held.by_absentees, 0, "wrap-up {wrap_up}, seed 1, replication {replication}");
        }
    }
}
