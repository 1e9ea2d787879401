//! `completions SHELL`.

use super::arguments::{Arguments, Completions};
use super::exit::Failure;
use super::terminal::Terminal;
use clap::CommandFactory;
use std::io::Write;

/// Prints completions for a shell.
pub(super) fn completions(arguments: &Completions, terminal: &Terminal) -> Result<(), Failure> {
    // The generator panics on a closed pipe, so it gets a buffer.
    let mut script = Vec::new();
    clap_complete::generate(arguments.shell, &mut Arguments::command(), "desksim", &mut script);
    terminal.result(|out| out.write_all(&script))
}
