//! `report DIR|RESULTS.json`.

use super::exit::{Exit, Failure};
use super::files;
use super::terminal::Terminal;
use crate::experiment::{Picture, Results};
use crate::report::{ReadError, html, read};
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
    let (results, picture) = saved(&path, terminal)?;
    let output = arguments.output.clone().unwrap_or_else(|| path.with_file_name("report.html"));
    files::write(&output, html(&results, &picture).as_bytes(), terminal)?;
    terminal.say(format!("wrote {}", output.display()));
    Ok(())
}

/// The results in a directory, or themselves.
pub(super) fn file_of(path: &Path) -> PathBuf {
    if path.is_dir() { path.join("results.json") } else { path.to_owned() }
}

/// Saved results with all that charts need.
pub(super) fn saved(path: &Path, terminal: &Terminal) -> Result<(Results, Picture), Failure> {
    let text = files::read(path, terminal)?;
    match read(&text) {
        Ok((results, Some(picture))) => Ok((results, picture)),
        Ok((_, None)) => {
            let message = format!("{} holds figures alone, and no charts", path.display());
            Err(Failure::input(
                terminal,
                message,
                "`desksim run FILE --out DIR` writes results with all that a report shows",
            ))
        }
        Err(error @ ReadError::Schema(_)) => {
            let message =
                terminal.error(format!("{}: {error}", path.display()), "run the scenario again with this version");
            Err(Failure::Told(Exit::NotComparable, message))
        }
        Err(error) => {
            let message = format!("{}: {error}", path.display());
            Err(Failure::input(terminal, message, "give a directory that `--out` wrote, or the results.json in it"))
        }
    }
}
