//! Exit codes, one meaning each, and why a subcommand ends with one.

use super::terminal::Terminal;
use crate::experiment::{ExperimentError, WorkersError};
use crate::simulation::RunError;
use std::fmt::Display;
use std::io;
use std::path::Path;

/// What the process tells whoever started it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(u8)]
pub enum Exit {
    /// It did what was asked.
    Success = 0,
    /// Something went wrong in desksim or the machine.
    Machine = 1,
    /// The command line or a file is wrong.
    Input = 2,
    /// Parts are missing.
    Incomplete = 3,
    /// A baseline of another scenario or schema.
    NotComparable = 4,
    /// A check failed, or no staff meets the targets.
    CheckFailed = 99,
}

impl From<Exit> for std::process::ExitCode {
    fn from(exit: Exit) -> std::process::ExitCode {
        std::process::ExitCode::from(exit as u8)
    }
}

/// Why a subcommand ended early.
#[derive(Debug)]
pub(super) enum Failure {
    /// With this code, and these words for standard error; they are complete, and end with a line break unless empty.
    Told(Exit, String),
    /// Nobody reads standard output any more (`| head`), so there is nothing left to do.
    ClosedPipe,
    /// An experiment ended without results; on the scenario of this path, where there are several.
    Experiment(Option<String>, ExperimentError),
}

impl From<ExperimentError> for Failure {
    fn from(error: ExperimentError) -> Failure {
        Failure::Experiment(None, error)
    }
}

impl From<WorkersError> for Failure {
    fn from(error: WorkersError) -> Failure {
        ExperimentError::from(error).into()
    }
}

impl From<RunError> for Failure {
    fn from(error: RunError) -> Failure {
        ExperimentError::from(error).into()
    }
}

impl Failure {
    /// The code and the words that it ends the process with; nothing where nobody reads on.
    pub(super) fn told(self, terminal: &Terminal) -> Option<(Exit, String)> {
        match self {
            Failure::Told(exit, words) => Some((exit, words)),
            Failure::ClosedPipe => None,
            Failure::Experiment(_, ExperimentError::Workers(error)) => Some((Exit::Machine, terminal.error(error, ""))),
            Failure::Experiment(path, ExperimentError::Run(error)) => {
                let path = path.map_or_else(String::new, |path| format!("{path}: "));
                Some((Exit::Input, terminal.error(format!("{path}{error}"), &error.help)))
            }
        }
    }

    /// The command line or a file is wrong, and there is a way out.
    pub(super) fn input(terminal: &Terminal, message: impl Display, help: impl Display) -> Failure {
        Failure::Told(Exit::Input, terminal.error(message, help))
    }

    /// A file cannot be written: there is no such place (the user's error), or the machine does not let us.
    pub(super) fn file(terminal: &Terminal, what: &str, path: &Path, error: &io::Error) -> Failure {
        use io::ErrorKind::{
            FileTooLarge, IsADirectory, NotADirectory, NotFound, QuotaExceeded, ReadOnlyFilesystem, StorageFull,
        };
        let (exit, why, help) = match error.kind() {
            NotFound => (Exit::Input, "there is no such directory", "make the directory first, or check the path"),
            NotADirectory => (Exit::Input, "part of its path is a file, where a directory is wanted", "check the path"),
            IsADirectory => (Exit::Input, "it is a directory", "name a file in it"),
            StorageFull => (Exit::Machine, "the disk is full", "free some space, or write to another disk"),
            QuotaExceeded => (Exit::Machine, "the disk quota is used up", "free some space, or write to another disk"),
            FileTooLarge => (
                Exit::Machine,
                "the file would be larger than the system allows",
                "raise the limit (ulimit -f), or write less",
            ),
            ReadOnlyFilesystem => (Exit::Machine, "the disk is read-only", "write to another disk"),
            _ => (Exit::Machine, "", ""),
        };
        let why = if why.is_empty() { error.to_string() } else { why.to_owned() };
        Failure::Told(exit, terminal.error(format!("cannot {what} {}: {why}", path.display()), help))
    }

    /// Standard output would not take a result.
    pub(super) fn output(terminal: &Terminal, error: &io::Error) -> Failure {
        if error.kind() == io::ErrorKind::BrokenPipe {
            return Failure::ClosedPipe;
        }
        Failure::file(terminal, "write to", Path::new("standard output"), error)
    }
}
