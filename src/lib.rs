//! desksim is a discrete-event simulator of support desks: a deterministic clock drives synthetic customers and agents
//! through the complete ticketing rules of a desk, and what comes out is SLA breach rates and workload balance.
//!
//! ```text
//!  scenario.toml ─► scenario ─► Model ──┐
//!                                       ├─► simulation ─► Step Step Step… ─► measures ─► Sheet ─► experiment ─► Results ─► report ─► cli
//!                  seed, replication ───┘     │  ▲
//!                                      Command│  │Effect
//!                                       desk ◄┘  └─► workload ─► Event ─► kernel's agenda ─► workload …
//! ```
//!
//! People ([`workload`]) see effects, draw chances and put events on the agenda; an event that falls due becomes a
//! command; the desk answers with effects. People never touch the desk directly, and the desk never draws, schedules
//! or prints.
//!
//! # The map
//!
//! Rooms stand in the order in which they may import one another; a test holds this table to the code, both ways.
//!
//! | room | what lives there | imports |
//! |---|---|---|
//! | `text` | names and other text of others, made safe to print | |
//! | `time` | instants, spans, civil time, calendars: the words everyone shares | |
//! | `stats` | plain numerics, no domain: tallies, quantiles, intervals, tests, warm-up, inequality, Erlang closed forms | |
//! | `desk` | the rules (RULES.md): commands in, effects out | `time` |
//! | `kernel` | where time moves: agenda, random streams, variates; has never heard of tickets | `time` |
//! | `workload` | synthetic people: customers, agents, shifts, and what is scripted | `time`, `desk`, `kernel` |
//! | `simulation` | one run: model, loop, step and observer, digest, log, replay, cases and explanations | `text`, `time`, `desk`, `kernel`, `workload` |
//! | `measures` | from the steps of one run to its numbers | `time`, `stats`, `desk`, `simulation` |
//! | `ledger` | from the steps of one run to its rows: tickets, messages, status cards, filters | `time`, `desk`, `kernel`, `workload`, `simulation`, `measures` |
//! | `experiment` | from many runs to an answer | `text`, `time`, `stats`, `desk`, `kernel`, `workload`, `simulation`, `measures`, `ledger` |
//! | `scenario` | from TOML to a model, collecting every problem | `text`, `time`, `desk`, `kernel`, `workload`, `simulation`, `measures`, `experiment` |
//! | `report` | from results and rows to bytes: the text page, JSON, exports | `text`, `time`, `desk`, `simulation`, `measures`, `ledger`, `experiment` |
//! | `cli` | the outside world: arguments, files, terminal, exit codes | `text`, `time`, `desk`, `simulation`, `measures`, `ledger`, `experiment`, `scenario`, `report` |
//!
//! # Deliberately absent
//!
//! There is no wall clock, no thread-dependent order, no global state and no I/O outside `cli`. The desk keeps no
//! statistics (measures fold over its effects), and nothing is kept of a closed ticket but what reopening needs.

pub mod cli;
pub mod desk;
pub mod experiment;
pub mod kernel;
pub mod ledger;
pub mod measures;
pub mod report;
pub mod scenario;
pub mod simulation;
pub mod stats;
pub mod text;
pub mod time;
pub mod workload;
