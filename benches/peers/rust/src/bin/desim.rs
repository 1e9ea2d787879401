//! M/M/c with desim: an arrival process pushes tickets to a store, each server is a process that pulls them from it.

#![feature(coroutines, coroutine_trait)]

use desim::prelude::*;
use desim::resources::SimpleStore;
use peers::{Draws, Queue, tell};
use std::cell::RefCell;
use std::collections::VecDeque;
use std::rc::Rc;

/// What processes yield: the bare effect, without a log.
#[derive(Clone, Copy)]
struct Quiet(Effect);

impl SimState for Quiet {
    fn get_effect(&self) -> Effect {
        self.0
    }
    fn set_effect(&mut self, effect: Effect) {
        self.0 = effect;
    }
    fn should_log(&self) -> bool {
        false
    }
}

/// What the processes share. A store carries no values, so the times of arrival stand beside it.
struct Desk {
    draws: Draws,
    waiting: VecDeque<f64>,
    waits: Vec<f64>,
    arrivals: usize,
    departures: usize,
}

fn main() {
    let queue = Queue::from_arguments();
    let desk = Rc::new(RefCell::new(Desk {
        draws: queue.draws(),
        waiting: VecDeque::new(),
        waits: Vec::new(),
        arrivals: 0,
        departures: 0,
    }));
    let mut simulation = Simulation::new();
    let store = simulation.create_store(Box::new(SimpleStore::new(usize::MAX)));
    let start = Quiet(Effect::TimeOut(0.0));

    for _ in 0..queue.servers {
        let desk = Rc::clone(&desk);
        let server = simulation.create_process(Box::new(
            #[coroutine]
            move |_: SimContext<Quiet>| {
                loop {
                    let context = yield Quiet(Effect::Pull(store));
                    let service = {
                        let mut desk = desk.borrow_mut();
                        let arrived = desk.waiting.pop_front().expect("what is pulled was pushed");
                        desk.waits.push(context.time() - arrived);
                        desk.draws.service()
                    };
                    yield Quiet(Effect::TimeOut(service));
                    desk.borrow_mut().departures += 1;
                }
            },
        ));
        simulation.schedule_event(0.0, server, start);
    }

    let arrivals = Rc::clone(&desk);
    let source = simulation.create_process(Box::new(
        #[coroutine]
        move |_: SimContext<Quiet>| {
            loop {
                let interarrival = arrivals.borrow_mut().draws.interarrival();
                let context = yield Quiet(Effect::TimeOut(interarrival));
                {
                    let mut desk = arrivals.borrow_mut();
                    desk.arrivals += 1;
                    desk.waiting.push_back(context.time());
                }
                yield Quiet(Effect::Push(store));
            }
        },
    ));
    simulation.schedule_event(0.0, source, start);

    drop(simulation.run(EndCondition::Time(queue.duration)));
    let desk = desk.borrow();
    tell(desk.arrivals, desk.departures, &desk.waits);
}
