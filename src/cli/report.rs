//! `report DIR|RESULTS.json`.

use super::exit::{Exit, Failure};
use super::files;
use super::terminal::Terminal;
use crate::report::{ReadError, Saved};
use clap::Args;
use std::path::{Path, PathBuf};

/// Arguments of `report`.
#[derive(Args, Debug)]
pub struct Report {
    /// A directory that `--out` wrote, or its results.json
    #[arg(value_name = "DIR|RESULTS.json")]
    pub results: PathBuf,
    /// Where to write the page [default: report.html beside the results]
    #[arg(long, short, value_name = "FILE")]
    pub output: Option<PathBuf>,
}

/// Makes the page again from saved results.
pub(super) fn report(arguments: &Report, terminal: &Terminal) -> Result<(), Failure> {
    let path = file_of(&arguments.results);
    let saved = saved(&path, terminal)?;
    let output = arguments.output.clone().unwrap_or_else(|| path.with_file_name("report.html"));
    files::write(&output, saved.html().as_bytes(), terminal)?;
    terminal.say(format!("wrote {}", output.display()));
    Ok(())
}

/// The results in a directory, or themselves.
pub(super) fn file_of(path: &Path) -> PathBuf {
    let files = ["results.json", "bench.json"].map(|name| path.join(name));
    let found = files.iter().find(|file| file.is_file()).unwrap_or(&files[0]);
    if path.is_dir() { found.clone() } else { path.to_owned() }
}

/// Saved results, with all that charts need.
pub(super) fn saved(path: &Path, terminal: &Terminal) -> Result<Saved, Failure> {
    let text = files::read(path, terminal)?;
    Saved::read(&text).map_err(|error| {
        let message = format!("{}: {error}", path.display());
        match error {
            ReadError::Schema(_) => {
                let help = "make the results again with this version";
                Failure::Told(Exit::NotComparable, terminal.error(message, help))
            }
            ReadError::NoPicture => {
                let help = "`desksim run FILE --out DIR` writes results with all that a report shows";
                Failure::input(terminal, message, help)
            }
            _ => Failure::input(terminal, message, "give a directory that `--out` wrote, or the results.json in it"),
        }
    })
}
