//! Whole runs, people and all, with nobody watching, with the digest, and as `desksim run` does it: all measures on. An
//! M/M/c queue at load 0.95 as a scenario (cap 1, one reply, both SLA timers), the week of a shop, and the ticket desk
//! of `ticket_desk`.
//!
//! `cargo bench --bench run`; elements are events. A ticket of an M/M/c queue has two, arrival and departure, and comes
//! to three commands and nine effects; one of the ticket desk has 5.4, its SLA deadline among them.

#[path = "ticket_desk/mod.rs"]
mod ticket_desk;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use desksim::experiment::{Experiment, Repetition, replicate};
use desksim::scenario::{Part, Source, load};
use desksim::simulation::{Digest, Model, simulate};
use std::hint::black_box;
use std::time::Duration;

const TICKETS: u32 = 200_000;
const HANDLE_SECONDS: f64 = 300.0;

fn queue(agents: u32) -> String {
    let rate = 0.95 * f64::from(agents) * 3600.0 / HANDLE_SECONDS;
    let seconds = (f64::from(TICKETS) / rate * 3600.0) as u64;
    format!(
        r#"
        schema = 1
        title = "M/M/{agents}"
        [run]
        start = "2026-03-02T00:00:00"
        duration = "{seconds}s"
        [desk]
        timezone = "UTC"
        [group.support]
        [agent.support]
        count = {agents}
        groups = ["support"]
        [channel.chat]
        assignment = {{ rule = "round_robin", groups = ["support"] }}
        limit = {{ max_open = 1 }}
        sla = {{ first_response = "1h", closure = "8h" }}
        [customer.caller]
        channel = "chat"
        arrivals = {{ per_hour = {rate} }}
        handle_time = {{ exponential = {{ mean = "{HANDLE_SECONDS}s" }} }}
        replies = 1
        "#
    )
}

fn model(text: String) -> Model {
    let source = Source::new("bench.toml", text);
    load(&source, &[], Part::Whole).unwrap_or_else(|problems| panic!("{problems}")).model
}

fn measured(model: &Model) {
    let once = Experiment { seed: 1, repetition: Repetition::Times(1), threads: Some(1) };
    black_box(replicate(model, &once, &|_| ()).expect("a thread can be had"));
}

fn run(c: &mut Criterion, name: &str, model: &Model, events: f64) {
    let mut group = c.benchmark_group(name);
    group.throughput(Throughput::Elements(events as u64)).sample_size(10);
    group.warm_up_time(Duration::from_millis(1)).measurement_time(Duration::from_secs(3));
    group.bench_function("unwatched", |bencher| bencher.iter(|| black_box(simulate(model, 1, 0, &mut ()).unwrap())));
    group.bench_function("digest", |bencher| {
        bencher.iter(|| {
            let mut digest = Digest::new();
            simulate(model, 1, 0, &mut digest).unwrap();
            black_box(digest.value())
        });
    });
    group.bench_function("measured", |bencher| bencher.iter(|| measured(model)));
    group.finish();
}

fn runs(c: &mut Criterion) {
    for agents in [10, 100, 1_000, 10_000] {
        run(c, &format!("mmc/{agents}"), &model(queue(agents)), 2.0 * f64::from(TICKETS));
    }
    for agents in [1_000, 10_000, 100_000] {
        let tickets = TICKETS.max(5 * agents);
        let desk = model(ticket_desk::scenario(agents, tickets));
        run(c, &format!("ticket-desk/{agents}"), &desk, ticket_desk::EVENTS * f64::from(tickets));
    }
    let week = model(include_str!("../scenarios/shop-week.toml").to_owned());
    let outcome = simulate(&week, 1, 0, &mut ()).unwrap();
    run(c, "shop-week", &week, (outcome.events + outcome.deadlines) as f64);
}

criterion_group!(benches, runs);
criterion_main!(benches);
