//! desksim simulates support desks.

pub mod desk;
pub mod kernel;
pub mod simulation;
pub mod stats;
pub mod time;
pub mod workload;
