//! What `init` writes.

/// The scenario that everybody starts from: commented, and it runs.
pub const TEMPLATE: &str = include_str!("../../scenarios/quickstart.toml");
