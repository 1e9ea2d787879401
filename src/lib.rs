//! desksim simulates support desks.

pub mod desk;
pub mod experiment;
pub mod kernel;
pub mod measures;
pub mod report;
pub mod simulation;
pub mod stats;
pub mod time;
pub mod workload;
