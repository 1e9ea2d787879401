//! desksim simulates support desks.

pub mod desk;
pub mod kernel;
pub mod measures;
pub mod scenario;
pub mod simulation;
pub mod time;
pub mod workload;
