//! The future-event list in the hold model: take the next event, schedule one in its place (J. G. Vaucher and P. Duval,
//! "A comparison of simulation event list algorithms", Communications of the ACM 18 (1975) 223-230), beside a plain
//! binary heap.

#![allow(missing_docs)]

use criterion::{BatchSize, BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use desksim::kernel::{Agenda, Streams, Variate};
use desksim::time::{Instant, Span};
use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::hint::black_box;

/// As large as the events of a run.
type Event = [u32; 3];

/// What is measured: both lists order alike, by (time, class, sequence).
trait List {
    fn new() -> Self;
    fn schedule(&mut self, at: Instant, class: u8, event: Event);
    fn pop(&mut self) -> Option<(Instant, Event)>;
}

impl List for Agenda<Event> {
    fn new() -> Self {
        Agenda::new()
    }
    fn schedule(&mut self, at: Instant, class: u8, event: Event) {
        Agenda::schedule(self, at, class, event);
    }
    fn pop(&mut self) -> Option<(Instant, Event)> {
        Agenda::pop(self)
    }
}

#[derive(Default)]
struct Heap {
    heap: BinaryHeap<Reverse<(Instant, u64, Event)>>,
    scheduled: u64,
}

impl List for Heap {
    fn new() -> Self {
        Heap::default()
    }
    fn schedule(&mut self, at: Instant, class: u8, event: Event) {
        self.scheduled += 1;
        self.heap.push(Reverse((at, u64::from(class) << 56 | self.scheduled, event)));
    }
    fn pop(&mut self) -> Option<(Instant, Event)> {
        self.heap.pop().map(|Reverse((at, _, event))| (at, event))
    }
}

/// Delays to come, drawn beforehand: what is measured is the list alone.
struct Delays {
    spans: Vec<Span>,
    next: usize,
}

impl Delays {
    fn new(law: &Variate) -> Delays {
        let streams = Streams::new(1, 0);
        let draw = |index| law.draw_span(&mut streams.stream(0, 0, index)).expect("a delay");
        Delays { spans: (0..1 << 16).map(draw).collect(), next: 0 }
    }

    fn take(&mut self) -> Span {
        self.next = (self.next + 1) % self.spans.len();
        self.spans[self.next]
    }
}

fn hold<L: List>(list: &mut L, delays: &mut Delays, times: usize) {
    for _ in 0..times {
        let (now, event) = list.pop().expect("as many are scheduled as are taken");
        list.schedule(now + delays.take(), 0, black_box(event));
    }
}

/// A list of that many events, worn in.
fn worn_in<L: List>(pending: usize, delays: &mut Delays) -> L {
    let mut list = L::new();
    for index in 0..pending {
        list.schedule(Instant::ZERO + delays.take(), 0, [index as u32; 3]);
    }
    hold(&mut list, delays, 4 * pending);
    list
}

fn hold_model(c: &mut Criterion) {
    const TIMES: usize = 1_000;
    let laws = [
        ("exponential", Variate::exponential(300.0).expect("right")),
        ("uniform", Variate::uniform(0.0, 600.0).expect("right")),
        // Short replies among long silences: most of what is scheduled is due long before most of what is pending.
        (
            "bimodal",
            Variate::mixture(vec![
                (0.9, Variate::exponential(1.0).expect("right")),
                (0.1, Variate::exponential(86_400.0).expect("right")),
            ])
            .expect("right"),
        ),
    ];
    for (name, law) in laws {
        let mut delays = Delays::new(&law);
        let mut group = c.benchmark_group(format!("hold/{name}"));
        group.throughput(Throughput::Elements(TIMES as u64));
        for pending in [100, 10_000, 1_000_000] {
            let mut agenda: Agenda<Event> = worn_in(pending, &mut delays);
            group.bench_function(BenchmarkId::new("agenda", pending), |b| {
                b.iter(|| hold(&mut agenda, &mut delays, TIMES));
            });
            drop(agenda);
            let mut heap: Heap = worn_in(pending, &mut delays);
            group.bench_function(BenchmarkId::new("heap", pending), |b| {
                b.iter(|| hold(&mut heap, &mut delays, TIMES));
            });
        }
    }
}

/// Ten thousand events at one instant, each of which schedules another without delay.
fn present(c: &mut Criterion) {
    const MANY: usize = 10_000;
    fn run<L: List>(list: &mut L) {
        for _ in 0..MANY {
            let (now, event) = list.pop().expect("scheduled above");
            list.schedule(now, 1, black_box(event));
        }
        while let Some(taken) = list.pop() {
            black_box(taken);
        }
    }
    fn burst<L: List>() -> L {
        let mut list = L::new();
        (0..MANY).for_each(|index| list.schedule(Instant::from_micros(32_400_000_000), 2, [index as u32; 3]));
        list
    }
    let mut group = c.benchmark_group("present");
    group.throughput(Throughput::Elements(2 * MANY as u64));
    group.bench_function("agenda", |b| b.iter_batched_ref(burst::<Agenda<Event>>, run, BatchSize::LargeInput));
    group.bench_function("heap", |b| b.iter_batched_ref(burst::<Heap>, run, BatchSize::LargeInput));
}

criterion_group!(benches, hold_model, present);
criterion_main!(benches);
