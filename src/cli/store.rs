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
        let lock = File::options().write(true).create(true).truncate(false).open(&path);
        let lock = lock.map_err(|error| Failure::file(terminal, "write", &path, &error))?;
        match lock.try_lock() {
            Ok(()) => {}
            Err(TryLockError::Error(error)) if error.kind() == io::ErrorKind::Unsupported => {
                let message = format!("cannot lock {}: this file system has no locks", path.display());
                let help = "two sweeps in one directory would spoil each other's cells: give --out a directory on a local disk, \
                            and copy it here afterwards";
                return Err(Failure::Told(Exit::Machine, terminal.error(message, help)));
            }
            Err(TryLockError::Error(error)) => return Err(Failure::file(terminal, "lock", &path, &error)),
            Err(TryLockError::WouldBlock) => {
                let message = format!("another sweep is at work in {}", out.display());
                return Err(Failure::Told(Exit::Machine, terminal.error(message, "wait for it, or write elsewhere")));
            }
        }
        files::clean_up(&directory);
        Ok(Store { directory, _lock: lock })
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
        let mut draft = Draft::begin(&self.path(task), terminal)?;
        draft.write(cell_json(run).as_bytes(), terminal)?;
        draft.finish(terminal)
    }

    fn path(&self, task: &CellTask) -> PathBuf {
        self.directory.join(format!("{:032x}.json", task.key))
    }
}
