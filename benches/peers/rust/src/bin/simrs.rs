//! M/M/c with simrs: one component, whose events are arrivals and departures.

use peers::{Draws, Queue, tell};
use simrs::{Component, ComponentId, Executor, Fifo, Key, QueueId, Scheduler, Simulation, State};
use std::cell::RefCell;
use std::rc::Rc;
use std::time::Duration;

#[derive(Debug)]
enum Event {
    Arrival,
    Departure,
}

/// The servers, and the queue before them. Components cannot change, so what changes lies in the simulation's state.
struct Desk {
    /// Times of arrival of those who wait.
    waiting: QueueId<Fifo<Duration>>,
    idle: Key<usize>,
    draws: RefCell<Draws>,
    record: Rc<RefCell<Record>>,
}

#[derive(Default)]
struct Record {
    arrivals: usize,
    departures: usize,
    waits: Vec<f64>,
}

impl Desk {
    fn serve(&self, this: ComponentId<Event>, wait: Duration, scheduler: &mut Scheduler) {
        self.record.borrow_mut().waits.push(wait.as_secs_f64());
        let service = Duration::from_secs_f64(self.draws.borrow_mut().service());
        scheduler.schedule(service, this, Event::Departure);
    }
}

impl Component for Desk {
    type Event = Event;

    fn process_event(&self, this: ComponentId<Event>, event: &Event, scheduler: &mut Scheduler, state: &mut State) {
        let now = scheduler.time();
        match event {
            Event::Arrival => {
                self.record.borrow_mut().arrivals += 1;
                let next = Duration::from_secs_f64(self.draws.borrow_mut().interarrival());
                scheduler.schedule(next, this, Event::Arrival);
                let idle = state.get_mut(self.idle).expect("it is never removed");
                if *idle > 0 {
                    *idle -= 1;
                    self.serve(this, Duration::ZERO, scheduler);
                } else {
                    state.send(self.waiting, now).expect("the queue has no bound");
                }
            }
            Event::Departure => {
                self.record.borrow_mut().departures += 1;
                match state.recv(self.waiting) {
                    Some(arrived) => self.serve(this, now - arrived, scheduler),
                    None => *state.get_mut(self.idle).expect("it is never removed") += 1,
                }
            }
        }
    }
}

fn main() {
    let queue = Queue::from_arguments();
    let mut simulation = Simulation::default();
    let waiting = simulation.add_queue(Fifo::default());
    let idle = simulation.state.insert(queue.servers);
    let record = Rc::new(RefCell::new(Record::default()));
    let draws = RefCell::new(queue.draws());
    let desk = simulation.add_component(Desk { waiting, idle, draws, record: Rc::clone(&record) });
    simulation.schedule(Duration::ZERO, desk, Event::Arrival);
    simulation.execute(Executor::timed(Duration::from_secs_f64(queue.duration)));
    let record = record.borrow();
    tell(record.arrivals, record.departures, &record.waits);
}
