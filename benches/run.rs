//! Whole runs, people and all: an M/M/c queue at load 0.95 as a scenario (cap 1, one reply, both SLA timers), with nobody
//! watching, with the digest, and as `desksim run` does it: all measures on.
//!
//! `cargo bench --bench run`; figures are per ticket, that is two events, three commands and about ten effects.

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use desksim::experiment::{Experiment, Repetition, replicate};
use desksim::scenario::{Part, Source, load};
use desksim::simulation::{Digest, Model, simulate};
use std::hint::black_box;

const TICKETS: u64 = 200_000;
const HANDLE_SECONDS: f64 = 300.0;

fn model(agents: u32) -> Model {
    let rate = 0.95 * f64::from(agents) * 3600.0 / HANDLE_SECONDS;
    let seconds = (TICKETS as f64 / rate * 3600.0) as u64;
    let text = format!(
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
    );
    let source = Source::new("bench.toml", text);
    load(&source, &[], Part::Whole).unwrap_or_else(|problems| panic!("{problems}")).model
}

fn runs(c: &mut Criterion) {
    let mut group = c.benchmark_group("mmc");
    group.throughput(Throughput::Elements(TICKETS)).sample_size(10);
    for agents in [10, 100, 1_000, 10_000] {
        let model = model(agents);
        group.bench_with_input(BenchmarkId::new("unwatched", agents), &model, |bencher, model| {
            bencher.iter(|| black_box(simulate(model, 1, 0, &mut ())));
        });
        group.bench_with_input(BenchmarkId::new("digest", agents), &model, |bencher, model| {
            bencher.iter(|| {
                let mut digest = Digest::new();
                simulate(model, 1, 0, &mut digest);
                black_box(digest.value())
            });
        });
        group.bench_with_input(BenchmarkId::new("measured", agents), &model, |bencher, model| {
            let once = Experiment { seed: 1, repetition: Repetition::Times(1), threads: Some(1) };
            bencher.iter(|| black_box(replicate(model, &once, &|_| ()).expect("a thread can be had")));
        });
    }
    group.finish();
}

criterion_group!(benches, runs);
criterion_main!(benches);
