//! desksim simulates support desks: synthetic customers write, synthetic agents answer, and in between stands a desk that knows the
//! rules of tickets, queues, assignment and service levels, and nothing of chance, clocks or files.
//!
//! # The flow
//!
//! ```text
//!  scenario.toml ─► scenario ─► Model ──┐
//!                                       ├─► simulation ─► Step Step Step… ─► measures ─► Sheet ─► experiment ─► Results ─► report ─► bytes ─► cli
//!                  seed, replication ───┘     │  ▲
//!                                      Command│  │Effect
//!                                       desk ◄┘  └─► workload ─► Event ─► kernel::agenda ─► workload …
//! ```
//!
//! People ([`workload`]) see effects, draw chances and put events on the agenda; an event that falls due becomes a command; the [`desk`] answers
//! with effects. People never touch the desk directly, and the desk never draws, schedules or prints.
//!
//! # The rooms
//!
//! What each may use is held to the code by `tests/map.rs`, both ways.
//!
//! | room | what lives there | imports |
//! |---|---|---|
//! | `time` | instants, spans, civil time and calendars: the words everyone shares | |
//! | `stats` | plain numerics without a domain: tallies, quantiles, intervals | |
//! | `desk` | the rules: commands in, effects out | `time` |
//! | `kernel` | where time moves: agenda, random streams, variates; has never heard of tickets | `time` |
//! | `workload` | synthetic people: customers, agents, shifts | `time`, `desk`, `kernel` |
//! | `simulation` | one run: model, loop, steps and observers; the log, its replay, and cases | `time`, `desk`, `kernel`, `workload` |
//! | `measures` | from the steps of one run to its numbers | `time`, `stats`, `desk`, `simulation` |
//! | `experiment` | from many runs to an answer | `stats`, `workload`, `simulation`, `measures` |
//! | `scenario` | from a file to a model, with every problem at once | `time`, `desk`, `kernel`, `workload`, `simulation` |
//! | `report` | from results to bytes | `measures`, `experiment` |
//! | `cli` | the outside world: arguments, files, terminal, exit codes | `simulation`, `experiment`, `scenario`, `report` |
//!
//! # What is deliberately absent
//!
//! No wall clock: a run never asks what time it is. No global state. No `HashMap` whose order shows. No standard-library transcendental functions,
//! which differ between machines; [`libm`] does not. No statistics in the desk: it is observed ([`simulation::Observer`]), not instrumented.

pub mod cli;
pub mod desk;
pub mod kernel;
pub mod measures;
pub mod scenario;
pub mod simulation;
pub mod time;
pub mod workload;
