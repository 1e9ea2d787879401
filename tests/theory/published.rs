//! Published simulation results (`tests/data/published.json`), as scenarios.

use super::cases::{DAYS, Run, call_centre, day_line, queue};
use super::judge::Of;
use super::watch::{Sum, Sums, Watching};

/// A published result as a scenario.
pub(crate) struct Published {
    /// Its entry in `published.json`.
    pub(crate) name: &'static str,
    /// The scenario, without its head.
    pub(crate) scenario: String,
    /// What is watched.
    pub(crate) watching: Watching,
    /// How long and how often it runs.
    pub(crate) run: Run,
    /// Where a value stands below the entry, a number or `[mean, low, high]`, and how it is estimated.
    pub(crate) figures: Vec<(Vec<&'static str>, Of)>,
}

/// Days of the published call centres, of which so many hours are watched.
fn days(sums: &Sums, hours: f64) -> f64 {
    sums[Sum::Time] / (hours * 3600.0)
}

fn share(of: Sum, among: Sum) -> Of {
    Box::new(move |sums| sums.share(of, among))
}

fn left_within(sums: &Sums) -> f64 {
    sums[Sum::Left] - sums[(Sum::WaitOver, 0)]
}

fn served(sums: &Sums) -> f64 {
    sums[Sum::Left] - sums[Sum::Abandoned]
}

fn minutes_to_answer(sums: &Sums) -> f64 {
    (sums[Sum::Wait] - sums[Sum::WaitAbandoned]) / served(sums) / 60.0
}

fn occupancy_of_12(sums: &Sums) -> f64 {
    sums.share(Sum::Busy, Sum::Time) / 12.0
}

fn mmc() -> Published {
    let service_level = |sums: &Sums| left_within(sums) / sums[Sum::Left];
    Published {
        name: "MMC",
        scenario: day_line("replies = 1"),
        watching: Watching { agents: 12, waits: vec![20.0], day: Some(28_800.0), ..Watching::default() },
        run: Run { hours: 24.0 * 100.0, warmup: 0.0, replications: 30 },
        figures: vec![
            (vec!["published", "service_level"], Box::new(service_level)),
            (vec!["own_des", "exact", "service_level"], Box::new(service_level)),
            (vec!["published", "speed_of_answer_min"], Box::new(minutes_to_answer)),
            (vec!["own_des", "exact", "speed_of_answer_min"], Box::new(minutes_to_answer)),
            (vec!["published", "occupancy"], Box::new(occupancy_of_12)),
            (vec!["own_des", "exact", "occupancy"], Box::new(occupancy_of_12)),
            (vec!["published", "in_target"], Box::new(|sums| left_within(sums) / days(sums, 8.0))),
        ],
    }
}

fn mmc_with_abandonment() -> Published {
    Published {
        name: "MMCAb",
        scenario: day_line("replies = 1\npatience = { exponential = { mean = \"60s\" } }\nabandons = \"queue\""),
        watching: Watching { agents: 12, waits: vec![20.0], day: Some(28_800.0), ..Watching::default() },
        run: Run { hours: 24.0 * 100.0, warmup: 0.0, replications: 30 },
        figures: vec![
            (vec!["published", "abandoned"], Box::new(|sums| sums[Sum::Abandoned] / days(sums, 8.0))),
            (vec!["published", "service_level_served"], Box::new(|sums| sums[(Sum::AssignedWithin, 0)] / served(sums))),
            (
                vec!["published", "service_level_incl_abandoned_after_awt"],
                Box::new(|sums| {
                    let gone_within = left_within(sums) - sums[(Sum::AssignedWithin, 0)];
                    sums[(Sum::AssignedWithin, 0)] / (sums[Sum::Left] - gone_within)
                }),
            ),
            (vec!["published", "speed_of_answer_min"], Box::new(minutes_to_answer)),
            (vec!["published", "occupancy"], Box::new(occupancy_of_12)),
            (vec!["published", "in_target"], Box::new(|sums| sums[(Sum::AssignedWithin, 0)] / days(sums, 8.0))),
        ],
    }
}

fn callcc() -> Published {
    Published {
        name: "CallCC",
        // Gamma(10, 10): mean 1, and 1 over the root of 10 as coefficient of variation.
        scenario: call_centre(&format!(
            ", day_factor = {{ gamma = {{ mean = 1.0, cv = {} }} }}",
            10.0_f64.sqrt().recip()
        )),
        watching: Watching { agents: 2, waits: vec![20.0], day: Some(46_800.0), ..Watching::default() },
        run: Run { hours: 24.0 * DAYS, warmup: 0.0, replications: 300 },
        figures: vec![
            (vec!["published", "calls_per_day"], Box::new(|sums| sums[Sum::Created] / days(sums, 13.0))),
            (vec!["published", "mean_wait_s"], share(Sum::Wait, Sum::Left)),
            (vec!["own_des", "exact", "mean_wait_s"], share(Sum::Wait, Sum::Left)),
            (vec!["published", "fraction_within_20s"], Box::new(|sums| left_within(sums) / days(sums, 13.0) / 1660.0)),
            (vec!["published", "fraction_lost"], share(Sum::Abandoned, Sum::Left)),
            (vec!["own_des", "exact", "fraction_lost"], share(Sum::Abandoned, Sum::Left)),
        ],
    }
}

/// The table's third row; its first two are cases of `exact.json`.
fn fewer_calls_instead_of_abandonment() -> Published {
    Published {
        name: "GMR2002_table",
        scenario: queue(50, 2880.0 * (1.0 - 0.031), "{ exponential = { mean = \"60s\" } }".to_owned(), "replies = 1"),
        watching: Watching { agents: 50, ..Watching::default() },
        run: Run { hours: 100.0, warmup: 5.0, replications: 40 },
        figures: vec![
            (vec!["exact", "MMN_lambda_less_3_1pct", "asa_s"], share(Sum::Wait, Sum::Left)),
            (vec!["exact", "MMN_lambda_less_3_1pct", "queue"], share(Sum::Queue, Sum::Time)),
            (vec!["exact", "MMN_lambda_less_3_1pct", "util"], Box::new(|sums| sums.share(Sum::Busy, Sum::Time) / 50.0)),
        ],
    }
}

fn pyworkforce() -> Published {
    Published {
        name: "pyworkforce_ErlangC_readme",
        scenario: queue(14, 200.0, "{ exponential = { mean = \"180s\" } }".to_owned(), "replies = 1"),
        watching: Watching { agents: 14, waits: vec![20.0], ..Watching::default() },
        run: Run { hours: 1_000.0, warmup: 5.0, replications: 40 },
        figures: vec![
            (vec!["published", "service_level"], Box::new(|sums| left_within(sums) / sums[Sum::Left])),
            (vec!["published", "occupancy"], Box::new(|sums| sums.share(Sum::Busy, Sum::Time) / 14.0)),
            (vec!["published", "waiting_probability"], share(Sum::Waited, Sum::Left)),
        ],
    }
}

/// All of them.
pub(crate) fn published() -> Vec<Published> {
    vec![mmc(), mmc_with_abandonment(), callcc(), fewer_calls_instead_of_abandonment(), pyworkforce()]
}
