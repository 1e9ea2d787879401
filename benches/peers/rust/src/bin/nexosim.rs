//! M/M/c with nexosim: a model that schedules its own arrivals and departures, on one thread.

use nexosim::model::{BuildContext, Context, Model, ProtoModel, schedulable};
use nexosim::ports::QuerySource;
use nexosim::simulation::{Mailbox, SimInit, SimulationError};
use nexosim::time::MonotonicTime;
use peers::{Draws, Queue, tell};
use serde::{Deserialize, Serialize};
use std::collections::VecDeque;
use std::time::Duration;

/// The servers, and the queue before them.
#[derive(Serialize, Deserialize)]
struct Desk {
    idle: usize,
    /// Times of arrival of those who wait.
    waiting: VecDeque<MonotonicTime>,
    arrivals: usize,
    departures: usize,
    waits: Vec<f64>,
}

#[Model(type Env = Draws)]
impl Desk {
    #[nexosim(init)]
    async fn init(&mut self, cx: &Context<Self>, draws: &mut Draws) {
        cx.schedule_event(span(draws.interarrival()), schedulable!(Self::arrival), ()).expect("it is later");
    }

    #[nexosim(schedulable)]
    fn arrival(&mut self, _: (), cx: &Context<Self>, draws: &mut Draws) {
        self.arrivals += 1;
        cx.schedule_event(span(draws.interarrival()), schedulable!(Self::arrival), ()).expect("it is later");
        if self.idle > 0 {
            self.idle -= 1;
            self.serve(0.0, cx, draws);
        } else {
            self.waiting.push_back(cx.time());
        }
    }

    #[nexosim(schedulable)]
    fn departure(&mut self, _: (), cx: &Context<Self>, draws: &mut Draws) {
        self.departures += 1;
        match self.waiting.pop_front() {
            Some(arrived) => self.serve(cx.time().duration_since(arrived).as_secs_f64(), cx, draws),
            None => self.idle += 1,
        }
    }

    fn serve(&mut self, wait: f64, cx: &Context<Self>, draws: &mut Draws) {
        self.waits.push(wait);
        cx.schedule_event(span(draws.service()), schedulable!(Self::departure), ()).expect("it is later");
    }

    /// Hands over what was recorded: arrivals, departures, waits.
    async fn record(&mut self) -> (usize, usize, Vec<f64>) {
        (self.arrivals, self.departures, std::mem::take(&mut self.waits))
    }
}

/// What nexosim makes the model from: a generator of random numbers is no part of what it can save.
struct Prototype(Queue);

impl ProtoModel for Prototype {
    type Model = Desk;

    fn build(self, _: &mut BuildContext<Self>) -> (Desk, Draws) {
        let Prototype(queue) = self;
        let desk =
            Desk { idle: queue.servers, waiting: VecDeque::new(), arrivals: 0, departures: 0, waits: Vec::new() };
        (desk, queue.draws())
    }
}

/// nexosim schedules nothing for the present instant.
fn span(seconds: f64) -> Duration {
    Duration::from_secs_f64(seconds).max(Duration::from_nanos(1))
}

fn main() -> Result<(), SimulationError> {
    let queue = Queue::from_arguments();
    let duration = Duration::from_secs_f64(queue.duration);
    let mailbox = Mailbox::new();
    let mut bench = SimInit::with_num_threads(1);
    let record = QuerySource::new().connect(Desk::record, &mailbox).register(&mut bench);
    let mut simulation = bench.add_model(Prototype(queue), mailbox, "desk").init(MonotonicTime::EPOCH)?;
    simulation.step_until(duration)?;
    let (arrivals, departures, waits) = simulation.process_query(&record, ())?;
    tell(arrivals, departures, &waits);
    Ok(())
}
