//! What a draw costs: finding its stream by name, and each distribution's transform, beside `rand` and `rand_distr`.

#![allow(missing_docs)]

use criterion::{Criterion, criterion_group, criterion_main};
use desksim::kernel::{Count, Stream, Streams, Variate};
use rand::rngs::SmallRng;
use rand::{RngExt, SeedableRng};
use rand_distr::Distribution;
use std::hint::black_box;
use std::time::Duration;

fn streams(c: &mut Criterion) {
    let streams = Streams::new(1, 0);
    let mut group = c.benchmark_group("stream");
    let mut ordinal = 0;
    group.bench_function("find and draw", |b| {
        b.iter(|| {
            ordinal += 1;
            streams.stream(black_box(3), black_box(17), ordinal).uniform()
        });
    });
    let mut stream = streams.stream(0, 0, 0);
    group.bench_function("next draw", |b| b.iter(|| stream.uniform()));
    let mut rng = SmallRng::seed_from_u64(1);
    group.bench_function("rand's SmallRng, next draw", |b| b.iter(|| rng.random::<f64>()));
    group.bench_function("rand's SmallRng, seeded afresh", |b| {
        b.iter(|| {
            ordinal += 1;
            SmallRng::seed_from_u64(ordinal).random::<f64>()
        });
    });
}

fn variates(c: &mut Criterion) {
    let streams = Streams::new(1, 0);
    let laws = [
        ("exponential", Variate::exponential(300.0)),
        ("lognormal", Variate::lognormal(300.0, 1.0)),
        ("gamma", Variate::gamma(300.0, 0.5)),
        ("weibull", Variate::weibull(300.0, 1.5)),
        ("uniform", Variate::uniform(10.0, 20.0)),
        ("triangular", Variate::triangular(10.0, 15.0, 40.0)),
        ("empirical", Variate::empirical((0..10_000).map(f64::from).collect(), vec![])),
        ("empirical, weighted", Variate::empirical((0..10_000).map(f64::from).collect(), vec![1.0; 10_000])),
    ];
    let mut group = c.benchmark_group("variate");
    for (name, law) in laws {
        let law = law.expect("right");
        let mut stream = streams.stream(1, 0, 0);
        group.bench_function(name, |b| b.iter(|| law.draw(black_box(&mut stream))));
    }
    let mut rng = SmallRng::seed_from_u64(1);
    let exponential = rand_distr::Exp::new(1.0 / 300.0).expect("right");
    group.bench_function("rand_distr's exponential", |b| b.iter(|| exponential.sample(&mut rng)));
    let lognormal = rand_distr::LogNormal::from_mean_cv(300.0, 1.0).expect("right");
    group.bench_function("rand_distr's lognormal", |b| b.iter(|| lognormal.sample(&mut rng)));
}

fn counts(c: &mut Criterion) {
    let mut group = c.benchmark_group("count");
    let laws = [
        ("geometric", Count::geometric(2.5)),
        ("poisson", Count::poisson(2.0)),
        ("weights", Count::weights(&[0.5, 0.3, 0.2])),
    ];
    let draw = |count: &Count, stream: &mut Stream| count.draw(stream);
    for (name, count) in laws {
        let count = count.expect("right");
        let mut stream = Streams::new(1, 0).stream(2, 0, 0);
        group.bench_function(name, |b| b.iter(|| draw(&count, black_box(&mut stream))));
    }
}

criterion_group! {
    name = benches;
    config = Criterion::default().warm_up_time(Duration::from_millis(500)).measurement_time(Duration::from_secs(2));
    targets = streams, variates, counts
}
criterion_main!(benches);
