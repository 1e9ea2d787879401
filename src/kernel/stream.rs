//! Random streams found by name (DESIGN, Sameness).

/// All streams of one replication: keyed by (seed, replication).
#[derive(Clone, Copy, Debug)]
pub struct Streams {
    key: u64,
}

/// One stream: the draws of one (purpose, entity, ordinal).
#[derive(Clone, Copy, Debug)]
pub struct Stream {
    state: u64,
}

impl Streams {
    /// The streams of a replication.
    pub fn new(seed: u64, replication: u64) -> Streams {
        todo!("{seed} {replication}")
    }
    /// The stream of that name; no state is kept, so who asks when changes nothing.
    pub fn stream(&self, purpose: u32, entity: u64, ordinal: u64) -> Stream {
        todo!("{purpose} {entity} {ordinal} {}", self.key)
    }
}

impl Stream {
    /// The next 64 random bits.
    pub fn bits(&mut self) -> u64 {
        todo!("{}", self.state)
    }
    /// The next uniform draw, strictly between 0 and 1.
    pub fn uniform(&mut self) -> f64 {
        todo!()
    }
}
