//! `schema`.

use super::exit::Failure;
use super::terminal::Terminal;
use std::io::Write;

/// Prints the JSON Schema of the scenario file, for editors.
pub(super) fn schema(terminal: &Terminal) -> Result<(), Failure> {
    let schema = crate::scenario::json_schema();
    terminal.result(|out| writeln!(out, "{schema:#}"))
}
