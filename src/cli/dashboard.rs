//! `dashboard FILE [--at TIME]`.

use super::arguments::{Arguments, Changes, Format};
use super::exit::Failure;
use super::filters::{Complaints, Filters};
use super::scenarios;
use super::terminal::Terminal;
use crate::ledger::Dashboard;
use crate::report::{Circumstances, dashboard_json, dashboard_markdown, dashboard_page};
use crate::scenario::Part;
use clap::Args;
use std::io::Write;
use std::path::PathBuf;

/// Arguments of `dashboard`.
#[derive(Args, Debug)]
#[command(after_long_help = "\
Shows one replication at one instant, after what happened at that instant: the six status cards, how many users are connected, \
inactive and disconnected, each user's status with the time in it and their open and pending tickets, the queue in the order in \
which it is served, the time that is left of live SLA timers (on each timer's own clock), and the notifications until then.

The filters choose tickets as they do in `desksim export`; --agent and --group choose users, too.

Examples:
  desksim dashboard week.toml
  desksim dashboard week.toml --at 2026-03-03T10:30 --channel chat
  desksim dashboard week.toml --at 90m --format json")]
pub struct Show {
    /// The scenario
    pub file: PathBuf,
    /// The instant: civil time of the desk, or a duration from the start of the run [default: the end of the run]
    #[arg(long, value_name = "TIME")]
    pub at: Option<String>,
    #[command(flatten)]
    #[allow(missing_docs)]
    pub filters: Filters,
    /// Which replication; the scenario's are counted from 0
    #[arg(long, value_name = "N", default_value_t = 0)]
    pub replication: u32,
    /// Random seed; overrides the scenario's
    #[arg(long, value_name = "N")]
    pub seed: Option<u64>,
    #[command(flatten)]
    #[allow(missing_docs)]
    pub changes: Changes,
}

/// Shows how the desk stands at an instant.
pub(super) fn dashboard(arguments: &Show, global: &Arguments, terminal: &Terminal) -> Result<(), Failure> {
    let scenario = scenarios::read(&arguments.file, &arguments.changes, Part::Whole, terminal)?;
    let mut wrong = Complaints::new(terminal);
    let chosen = arguments.filters.choose(arguments.at.as_deref(), arguments.replication, &scenario, &mut wrong);
    wrong.finish()?;
    let model = &scenario.model;
    let seed = arguments.seed.unwrap_or(model.run.seed);
    let dashboard = Dashboard::of(model, seed, arguments.replication, chosen.at, &chosen.filter)?;
    let circumstances = Circumstances {
        version: env!("CARGO_PKG_VERSION").to_owned(),
        title: model.title.clone(),
        scenario: model.hash.clone(),
        seed,
        replication: Some(arguments.replication),
    };
    let text = match global.format {
        Format::Text => dashboard_page(&circumstances, &dashboard),
        Format::Markdown => dashboard_markdown(&circumstances, &dashboard),
        Format::Json => dashboard_json(&circumstances, &dashboard),
    };
    terminal.result(|out| out.write_all(text.as_bytes()))
}
