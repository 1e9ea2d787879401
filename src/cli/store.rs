//! Finished cells of a sweep in a directory, so that one that was stopped goes on where it was.

use super::exit::{Exit, Failure};
use super::files::{self, Draft};
use super::terminal::Terminal;
use crate::experiment::sweep::{CellRun, CellTask};
use crate::report::{cell_json, read_cell};
use std::fs::{self, File, TryLockError};
use std::io;
use std::path::{Path, PathBuf};

/// A directory of cells, one file each, named by the cell's key; nobody else writes there meanwhile.
#[derive(Debug)]
pub(super) struct Store {
    directory: PathBuf,
    /// Locked until it is closed, by the end of the process at the latest.
    _lock: File,
}

impl Store {
    /// The cells of an output directory, which is made if it is not there.
    pub(super) fn open(out: &Path, terminal: &Terminal) -> Result<Store, Failure> {
        let directory = out.join("cells");
        files::make_directory(&directory, terminal)?;
        let path = directory.join("lock");
        let lock = File::create(&path).map_err(|error| Failure::file(terminal, "write", &path, &error))?;
        match lock.try_lock() {
            // Where files cannot be locked, nobody is kept out.
            Ok(()) => {}
            Err(TryLockError::Error(error)) if error.kind() == io::ErrorKind::Unsupported => {}
            Err(TryLockError::Error(error)) => return Err(Failure::file(terminal, "lock", &path, &error)),
            Err(TryLockError::WouldBlock) => {
                let message = format!("another sweep is at work in {}", out.display());
                return Err(Failure::Told(Exit::Machine, terminal.error(message, "wait for it, or write elsewhere")));
            }
        }
        // Drafts of one that was stopped by force.
        for entry in fs::read_dir(&directory).into_iter().flatten().flatten() {
            if entry.file_name().to_string_lossy().starts_with(files::DRAFT) {
                let _ = fs::remove_file(entry.path());
            }
        }
        Ok(Store { directory, _lock: lock })
    }

    /// Where drafts lie: here they are found and taken away.
    pub(super) fn aside(&self) -> &Path {
        &self.directory
    }

    /// A cell that is there and whole; what is there and is not is told.
    pub(super) fn get(&self, task: &CellTask, terminal: &Terminal) -> Option<CellRun> {
        let path = self.path(task);
        let why = match fs::read(&path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return None,
            Err(error) => error.to_string(),
            Ok(bytes) => match read_cell(&bytes) {
                Err(why) => why.to_owned(),
                Ok(run) if run.fits(task) => return Some(run),
                Ok(_) => "it is of another cell".to_owned(),
            },
        };
        terminal.say(format!("warning: {} is of no use ({why}): its cell is made again", path.display()));
        None
    }

    /// Keeps a cell.
    pub(super) fn put(&self, task: &CellTask, run: &CellRun, terminal: &Terminal) -> Result<(), Failure> {
        let mut draft = Draft::begin_in(&self.path(task), Some(self.aside()), terminal)?;
        draft.write(cell_json(run).as_bytes(), terminal)?;
        draft.finish(terminal)
    }

    fn path(&self, task: &CellTask) -> PathBuf {
        self.directory.join(format!("{:032x}.json", task.key))
    }
}
