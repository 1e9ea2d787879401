//! `init [FILE]`.

use super::arguments::Init;
use super::exit::Failure;
use super::files::Draft;
use super::terminal::Terminal;
use crate::scenario::TEMPLATE;
use std::io::Write;
use std::path::Path;

/// Writes a commented scenario that runs; never over a file that exists.
pub(super) fn init(arguments: &Init, terminal: &Terminal) -> Result<(), Failure> {
    let path = &arguments.file;
    if path == Path::new("-") {
        return terminal.result(|out| out.write_all(TEMPLATE.as_bytes()));
    }
    if path.exists() {
        let message = format!("{} exists already", path.display());
        return Err(Failure::input(terminal, message, "name another file: desksim init other.toml"));
    }
    let mut draft = Draft::begin(path, terminal)?;
    draft.write(TEMPLATE.as_bytes(), terminal)?;
    draft.finish_new(terminal)?;
    let path = path.display();
    terminal.say(format_args!("wrote {path}; run it with: desksim run {path}"));
    Ok(())
}
