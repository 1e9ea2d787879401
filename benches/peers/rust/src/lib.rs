//! What the peers share: the queue that is asked for, the draws, and the line that tells how it went.

use rand::SeedableRng;
use rand::distr::Distribution;
use rand::rngs::SmallRng;
use rand_distr::Exp;

/// Mean of the exponential service time, in seconds.
const SERVICE_MEAN: f64 = 300.0;

/// An M/M/c queue, and for how long it runs.
pub struct Queue {
    pub servers: usize,
    /// How long the run takes, in simulated seconds: what so many tickets need in the mean.
    pub duration: f64,
    interarrival: Exp<f64>,
    service: Exp<f64>,
    seed: u64,
}

impl Queue {
    /// From the command line: `SERVERS LOAD TICKETS SEED`.
    pub fn from_arguments() -> Queue {
        let arguments: Vec<f64> = std::env::args().skip(1).filter_map(|argument| argument.parse().ok()).collect();
        let &[servers, load, tickets, seed] = arguments.as_slice() else {
            eprintln!("four numbers are wanted: SERVERS LOAD TICKETS SEED");
            std::process::exit(2);
        };
        let rate = load * servers / SERVICE_MEAN;
        Queue {
            servers: servers as usize,
            duration: tickets / rate,
            interarrival: Exp::new(rate).expect("the load is above 0"),
            service: Exp::new(1.0 / SERVICE_MEAN).expect("the mean is above 0"),
            seed: seed as u64,
        }
    }

    /// A source of both kinds of times.
    pub fn draws(&self) -> Draws {
        Draws { interarrival: self.interarrival, service: self.service, generator: SmallRng::seed_from_u64(self.seed) }
    }
}

/// Interarrival and service times, in seconds.
pub struct Draws {
    interarrival: Exp<f64>,
    service: Exp<f64>,
    generator: SmallRng,
}

impl Draws {
    pub fn interarrival(&mut self) -> f64 {
        self.interarrival.sample(&mut self.generator)
    }

    pub fn service(&mut self) -> f64 {
        self.service.sample(&mut self.generator)
    }
}

/// Prints what `benches/peers/run` reads; an event is an arrival or a departure.
pub fn tell(arrivals: usize, departures: usize, waits: &[f64]) {
    let events = arrivals + departures;
    let tickets = waits.len();
    let mean_wait = waits.iter().sum::<f64>() / tickets as f64;
    println!("{{\"events\": {events}, \"tickets\": {tickets}, \"mean_wait\": {mean_wait}}}");
}
