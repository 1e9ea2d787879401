//! Files: read whole or line by line, and written aside and renamed, so that nothing is ever half written.

use super::exit::{Exit, Failure};
use super::terminal::Terminal;
use crate::simulation::limits::{self, grouped};
use std::fs::{File, TryLockError};
use std::io::{self, BufRead, BufReader, BufWriter, Read, Write};
use std::path::{Path, PathBuf};
use tempfile::NamedTempFile;

/// The text of a file that the command line or another file names.
pub(super) fn read(path: &Path, terminal: &Terminal) -> Result<String, Failure> {
    let mut bytes = Vec::new();
    File::open(path)
        .and_then(|file| file.take(limits::FILE_BYTES + 1).read_to_end(&mut bytes))
        .map_err(|error| unreadable(path, &error, terminal))?;
    if bytes.len() as u64 > limits::FILE_BYTES {
        let message = format!("{} is longer than {} bytes", path.display(), grouped(limits::FILE_BYTES));
        return Err(Failure::input(terminal, message, "split off recorded arrivals into CSV files"));
    }
    String::from_utf8(bytes).map_err(|error| {
        let line =
            error.as_bytes()[..error.utf8_error().valid_up_to()].iter().filter(|&&byte| byte == b'\n').count() + 1;
        let message = format!("{}:{line}: this is not UTF-8 text", path.display());
        Failure::input(terminal, message, "save the file as UTF-8")
    })
}

/// The beginning of a file, to see what it is; what is no text in it is replaced.
pub(super) fn head(path: &Path, terminal: &Terminal) -> Result<String, Failure> {
    let mut bytes = Vec::new();
    File::open(path)
        .and_then(|file| file.take(1 << 20).read_to_end(&mut bytes))
        .map_err(|error| unreadable(path, &error, terminal))?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

/// A file to read line by line; `-` is standard input.
pub(super) fn open(path: &Path, terminal: &Terminal) -> Result<Box<dyn BufRead>, Failure> {
    if path == Path::new("-") {
        return Ok(Box::new(io::stdin().lock()));
    }
    // A directory opens, and fails only when it is read.
    let file = File::open(path).and_then(|file| match file.metadata()?.is_dir() {
        true => Err(io::ErrorKind::IsADirectory.into()),
        false => Ok(file),
    });
    let file = file.map_err(|error| unreadable(path, &error, terminal))?;
    Ok(Box::new(BufReader::with_capacity(1 << 16, file)))
}

fn unreadable(path: &Path, error: &io::Error, terminal: &Terminal) -> Failure {
    let help = match error.kind() {
        io::ErrorKind::NotFound => "check the path; it is relative to the working directory",
        _ => "",
    };
    Failure::Told(Exit::Input, terminal.error(format!("cannot read {}: {error}", path.display()), help))
}

/// A file under way: it lies beside its place, takes it when it is complete, and is gone if it never is.
///
/// What is no file, such as a pipe or a device, has no place to take: it is written straight into.
pub(super) struct Draft {
    path: PathBuf,
    out: BufWriter<Out>,
}

enum Out {
    Aside(NamedTempFile),
    Straight(File),
}

impl Write for Out {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self {
            // Straight into the file: the library's own errors name the draft, which means nothing to anybody.
            Out::Aside(file) => file.as_file_mut().write(bytes),
            Out::Straight(file) => file.write(bytes),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match self {
            Out::Aside(file) => file.as_file_mut().flush(),
            Out::Straight(file) => file.flush(),
        }
    }
}

/// How the names of drafts begin.
pub(super) const DRAFT: &str = ".desksim-";

impl Draft {
    /// Begins a file; fails at once if its directory cannot be written.
    pub(super) fn begin(path: &Path, terminal: &Terminal) -> Result<Draft, Failure> {
        Draft::begin_in(path, None, terminal)
    }

    /// Begins a file that lies in another directory of the same disk until it is complete.
    pub(super) fn begin_in(path: &Path, aside: Option<&Path>, terminal: &Terminal) -> Result<Draft, Failure> {
        // What a link leads to may lie on another disk.
        let aside = aside.filter(|_| !path.is_symlink());
        // A link stays a link: what it leads to is written.
        let target = path.canonicalize().unwrap_or_else(|_| path.to_owned());
        let path = target.as_path();
        if path.exists() && !path.is_file() && !path.is_dir() {
            let file = File::options().write(true).open(path);
            let file = file.map_err(|error| Failure::file(terminal, "write", path, &error))?;
            return Ok(Draft { path: path.to_owned(), out: BufWriter::with_capacity(1 << 16, Out::Straight(file)) });
        }
        let directory = match (aside, path.parent()) {
            (Some(aside), _) => aside,
            (None, Some(parent)) if parent != Path::new("") => parent,
            _ => Path::new("."),
        };
        if path.is_dir() {
            let error = io::Error::from(io::ErrorKind::IsADirectory);
            return Err(Failure::file(terminal, "write", path, &error));
        }
        if aside.is_none() {
            sweep_out(directory);
        }
        // The library's words name the draft, which means nothing to anybody; the kind of error says enough.
        let file = draft_in(directory)
            .map_err(|error| Failure::file(terminal, "write", path, &io::Error::from(error.kind())))?;
        Ok(Draft { path: path.to_owned(), out: BufWriter::with_capacity(1 << 16, Out::Aside(file)) })
    }

    /// The file that it becomes.
    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// Where to write.
    pub(super) fn out(&mut self) -> &mut (dyn Write + Send) {
        &mut self.out
    }

    /// Writes on.
    pub(super) fn write(&mut self, bytes: &[u8], terminal: &Terminal) -> Result<(), Failure> {
        self.out.write_all(bytes).map_err(|error| Failure::file(terminal, "write", &self.path, &error))
    }

    /// Writes all of the file, and puts it in its place.
    pub(super) fn complete(mut self, bytes: &[u8], terminal: &Terminal) -> Result<(), Failure> {
        self.write(bytes, terminal)?;
        self.finish(terminal)
    }

    /// Puts the complete file in its place.
    pub(super) fn finish(self, terminal: &Terminal) -> Result<(), Failure> {
        let Draft { path, out } = self;
        out.into_inner()
            .map_err(io::IntoInnerError::into_error)
            .and_then(|out| match out {
                Out::Aside(file) => file.persist(&path).map(drop).map_err(|error| error.error),
                Out::Straight(_) => Ok(()),
            })
            .map_err(|error| Failure::file(terminal, "write", &path, &error))
    }
}

/// The drafts that there are, each with its bytes.
pub(super) fn written<'a>(
    files: impl IntoIterator<Item = (Option<Draft>, &'a [u8])>,
    terminal: &Terminal,
) -> Result<Vec<Draft>, Failure> {
    let write = |(draft, bytes): (Option<Draft>, &[u8])| {
        let mut draft = draft?;
        Some(draft.write(bytes, terminal).map(|()| draft))
    };
    files.into_iter().filter_map(write).collect()
}

/// Puts complete files in their places: none before all are on the disk, so that what belongs together stays so.
pub(super) fn place(mut drafts: Vec<Draft>, terminal: &Terminal) -> Result<(), Failure> {
    for draft in &mut drafts {
        draft.out.flush().map_err(|error| Failure::file(terminal, "write", &draft.path, &error))?;
    }
    drafts.into_iter().try_for_each(|draft| draft.finish(terminal))
}

/// A draft, locked as long as it is written.
fn draft_in(directory: &Path) -> io::Result<NamedTempFile> {
    let mut builder = tempfile::Builder::new();
    builder.prefix(DRAFT);
    // A draft becomes a file like any other, so it gets the permissions of one, less the umask.
    #[cfg(unix)]
    builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
    loop {
        let file = builder.tempfile_in(directory)?;
        // Who sweeps out may have come between making it and locking it, and taken it away. Where files cannot be locked,
        // nobody sweeps out either.
        if file.as_file().lock().is_err() || file.path().exists() {
            return Ok(file);
        }
    }
}

/// Takes away the drafts of those who were stopped by force: the ones that nobody holds locked.
fn sweep_out(directory: &Path) {
    for entry in std::fs::read_dir(directory).into_iter().flatten().flatten() {
        if !entry.file_name().to_string_lossy().starts_with(DRAFT) || !entry.file_type().is_ok_and(|of| of.is_file()) {
            continue;
        }
        let Ok(file) = File::options().write(true).open(entry.path()) else { continue };
        match file.try_lock() {
            // It goes while it is locked, so that no one takes it for theirs.
            Ok(()) => drop(std::fs::remove_file(entry.path())),
            Err(TryLockError::WouldBlock | TryLockError::Error(_)) => {}
        }
    }
}

/// Writes a whole file.
pub(super) fn write(path: &Path, bytes: &[u8], terminal: &Terminal) -> Result<(), Failure> {
    Draft::begin(path, terminal)?.complete(bytes, terminal)
}

/// Makes a directory, with those above it.
pub(super) fn make_directory(path: &Path, terminal: &Terminal) -> Result<(), Failure> {
    std::fs::create_dir_all(path).map_err(|error| Failure::file(terminal, "make the directory", path, &error))
}
