//! `report DIR|RESULTS.json`.

use super::arguments::Format;
use super::exit::{Exit, Failure};
use super::files;
use super::outputs::{self, Inputs, Output};
use super::terminal::Terminal;
use crate::report::{ReadError, Saved};
use clap::Args;
use std::path::{Path, PathBuf};

/// Arguments of `report`.
#[derive(Args, Debug)]
pub struct Report {
    /// A directory that `--out` wrote, or its results.json; `-` is standard input
    #[arg(value_name = "DIR|RESULTS.json")]
    pub results: PathBuf,
    /// Where to write the page; `-` is standard output [default: report.html beside the results]
    #[arg(long, short, value_name = "FILE")]
    pub output: Option<PathBuf>,
}

/// Makes the page again from saved results.
pub(super) fn report(arguments: &Report, terminal: &Terminal) -> Result<(), Failure> {
    let path = file_of(&arguments.results);
    let saved = saved(&path, terminal)?;
    let beside = match files::is_standard(&path) {
        true => PathBuf::from("report.html"),
        false => path.with_file_name("report.html"),
    };
    let output = arguments.output.as_ref().unwrap_or(&beside);
    write(output, &path, saved.html().as_bytes(), terminal)?;
    if !files::is_standard_output(output) {
        terminal.say(format!("wrote {}", output.display()));
    }
    Ok(())
}

/// Writes what was made of saved results.
pub(super) fn write(output: &Path, results: &Path, bytes: &[u8], terminal: &Terminal) -> Result<(), Failure> {
    let mut inputs = Inputs::default();
    inputs.add("the results", Some(results));
    let output = Output::at("--output", Some(output));
    let [draft] = outputs::begin(&inputs, [output], Format::Text, terminal)?;
    files::place(files::written([(draft, bytes)], terminal)?, terminal)
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
        let message = format!("{}: {error}", files::name_of(path));
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
