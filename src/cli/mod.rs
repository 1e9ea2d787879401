//! The outside world: arguments, files, the terminal and exit codes. One file for each subcommand.
//!
//! Reading order: [`Arguments`], then [`execute`], then the subcommand of interest. Results go to standard output, messages and progress to
//! standard error.

mod arguments;
mod bench;
mod catalogs;
mod check;
mod compare;
mod completions;
mod dashboard;
mod dispatch;
mod exit;
mod explain;
mod export;
mod files;
mod filters;
mod init;
mod kinds;
mod leaving;
mod outputs;
mod plot;
mod progress;
mod replay;
mod report;
mod run;
mod scenarios;
mod schema;
mod staff;
mod store;
mod sweep;
mod terminal;
mod validate;

pub use arguments::{Arguments, Subcommand};
pub use dispatch::{execute, main};
pub use exit::Exit;
