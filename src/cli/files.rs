//! Files: read whole or line by line, and written aside and renamed, so that nothing is ever half written.

use super::exit::{Exit, Failure};
use super::leaving;
use super::terminal::Terminal;
use crate::simulation::limits::{self, grouped};
use std::fs::{File, TryLockError};
use std::io::{self, BufRead, BufReader, BufWriter, Read, Stdout, Write};
use std::path::{Path, PathBuf};
use tempfile::{NamedTempFile, TempPath};

/// What messages call standard input.
const STANDARD_INPUT: &str = "standard input";

/// Whether a path stands for standard input or standard output.
pub(super) fn is_standard(path: &Path) -> bool {
    path == Path::new("-")
}

/// What messages call a file that is read; `-` is standard input.
pub(super) fn name_of(path: &Path) -> String {
    if is_standard(path) { STANDARD_INPUT.to_owned() } else { path.display().to_string() }
}

/// The text of a file that the command line or another file names; `-` is standard input.
pub(super) fn read(path: &Path, terminal: &Terminal) -> Result<String, Failure> {
    let mut bytes = Vec::new();
    let read = match is_standard(path) {
        true => io::stdin().lock().take(limits::FILE_BYTES + 1).read_to_end(&mut bytes),
        false => File::open(path).and_then(|file| file.take(limits::FILE_BYTES + 1).read_to_end(&mut bytes)),
    };
    read.map_err(|error| unreadable(path, &error, terminal))?;
    if bytes.len() as u64 > limits::FILE_BYTES {
        let message = format!("{} is longer than {} bytes", name_of(path), grouped(limits::FILE_BYTES));
        return Err(Failure::input(terminal, message, "split off recorded arrivals into CSV files"));
    }
    String::from_utf8(bytes).map_err(|error| {
        let line =
            error.as_bytes()[..error.utf8_error().valid_up_to()].iter().filter(|&&byte| byte == b'\n').count() + 1;
        let message = format!("{}:{line}: this is not UTF-8 text", name_of(path));
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
    if is_standard(path) {
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

/// Refuses a command line that names standard input more than once.
pub(super) fn read_once<'a>(paths: impl IntoIterator<Item = &'a Path>, terminal: &Terminal) -> Result<(), Failure> {
    match paths.into_iter().filter(|path| is_standard(path)).count() {
        0 | 1 => Ok(()),
        _ => Err(Failure::input(
            terminal,
            "standard input can be read only once",
            "write `-` for one of the files, and the path of the others",
        )),
    }
}

fn unreadable(path: &Path, error: &io::Error, terminal: &Terminal) -> Failure {
    let help = match error.kind() {
        io::ErrorKind::NotFound => "check the path; it is relative to the working directory",
        _ => "",
    };
    Failure::Told(Exit::Input, terminal.error(format!("cannot read {}: {error}", name_of(path)), help))
}

/// A file under way: it lies beside its place, takes it when it is complete, and is gone if it never is.
///
/// A pipe or a device has no place to take: it is written straight into.
pub(super) struct Draft {
    path: PathBuf,
    out: BufWriter<Out>,
}

struct Out {
    kind: OutKind,
    /// The first error of the system. What writes a format may give it words of its own, which say less.
    failed: Option<io::Error>,
}

enum OutKind {
    /// A file that takes its place later; the permissions are those of the file that it replaces.
    Aside(File, DraftPath, Option<std::fs::Permissions>),
    /// A pipe or a device.
    Straight(File),
    /// Standard output.
    Standard(Stdout),
    /// A file that others write to as well, and what is added to it, all at once.
    Appended(File, Vec<u8>),
}

impl OutKind {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self {
            // The library's own errors name the draft, which means nothing to anybody; the file's are the system's.
            OutKind::Aside(file, ..) | OutKind::Straight(file) => file.write(bytes),
            OutKind::Standard(out) => out.write(bytes),
            OutKind::Appended(_, text) => text.write(bytes),
        }
    }
}

impl Write for Out {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.kind.write(bytes).inspect_err(|error| {
            if self.failed.is_none() {
                self.failed = Some(copied(error));
            }
        })
    }

    fn flush(&mut self) -> io::Result<()> {
        match &mut self.kind {
            OutKind::Aside(file, ..) | OutKind::Straight(file) => file.flush(),
            OutKind::Standard(out) => out.flush(),
            OutKind::Appended(..) => Ok(()),
        }
    }
}

fn copied(error: &io::Error) -> io::Error {
    error.raw_os_error().map_or_else(|| error.kind().into(), io::Error::from_raw_os_error)
}

impl Draft {
    /// Begins a file; fails at once if its directory cannot be written. `-` is standard output.
    pub(super) fn begin(path: &Path, terminal: &Terminal) -> Result<Draft, Failure> {
        let (path, kind) = OutKind::begin(path).map_err(|(path, error)| unwritable(&path, &error, terminal))?;
        Ok(Draft::of(path, kind))
    }

    /// Begins an addition to a file that others write to as well.
    pub(super) fn append(path: &Path, terminal: &Terminal) -> Result<Draft, Failure> {
        let file = File::options().append(true).create(true).open(path);
        let file = file.map_err(|error| unwritable(path, &error, terminal))?;
        Ok(Draft::of(path.to_owned(), OutKind::Appended(file, Vec::new())))
    }

    fn of(path: PathBuf, kind: OutKind) -> Draft {
        Draft { path, out: BufWriter::with_capacity(1 << 16, Out { kind, failed: None }) }
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
        self.out.write_all(bytes).map_err(|error| self.failure(error, terminal))
    }

    /// Why the file cannot be written: what the system said, where that is known, rather than what was made of it.
    pub(super) fn failure(&self, error: io::Error, terminal: &Terminal) -> Failure {
        let error = self.out.get_ref().failed.as_ref().unwrap_or(&error);
        match self.out.get_ref().kind {
            OutKind::Standard(_) => Failure::output(terminal, error),
            _ => unwritable(&self.path, error, terminal),
        }
    }

    /// Puts the complete file in its place.
    pub(super) fn finish(self, terminal: &Terminal) -> Result<(), Failure> {
        place(vec![self], terminal)
    }

    /// Puts the complete file in its place, if nothing lies there.
    pub(super) fn finish_new(mut self, terminal: &Terminal) -> Result<(), Failure> {
        self.settle(terminal)?;
        let (kind, path) = self.into_parts();
        match kind {
            OutKind::Aside(_, draft, _) => {
                draft.persist_new(&path).map_err(|error| unwritable(&path, &error, terminal))?;
                synced_directory(&path, terminal)
            }
            _ => Ok(()),
        }
    }

    /// Writes out all that is held back, so that a power cut after this loses nothing of it.
    fn settle(&mut self, terminal: &Terminal) -> Result<(), Failure> {
        let settled = self.out.flush().and_then(|()| match &self.out.get_ref().kind {
            OutKind::Aside(file, _, permissions) => {
                if let Some(permissions) = permissions {
                    file.set_permissions(permissions.clone())?;
                }
                synced(file)
            }
            _ => Ok(()),
        });
        settled.map_err(|error| self.failure(error, terminal))
    }

    /// Takes the place of the file; what has no place is written to its end.
    fn take_place(self, terminal: &Terminal) -> Result<(), Failure> {
        let (kind, path) = self.into_parts();
        let taken = match kind {
            OutKind::Aside(_, draft, _) => draft.persist(&path),
            OutKind::Straight(_) | OutKind::Standard(_) => Ok(()),
            OutKind::Appended(file, text) => append(file, &text),
        };
        taken.map_err(|error| unwritable(&path, &error, terminal))
    }

    fn is_file(&self) -> bool {
        matches!(self.out.get_ref().kind, OutKind::Aside(..))
    }

    fn into_parts(self) -> (OutKind, PathBuf) {
        let (out, _) = self.out.into_parts();
        (out.kind, self.path)
    }
}

impl OutKind {
    /// What is written for a path, and the path that is meant: a link stays a link, and what it leads to is written.
    fn begin(path: &Path) -> Result<(PathBuf, OutKind), (PathBuf, io::Error)> {
        if is_standard_output(path) {
            return Ok((path.to_owned(), OutKind::Standard(io::stdout())));
        }
        let failed = |error| (path.to_owned(), error);
        // What a descriptor leads to may be a file that others write to.
        let is_descriptor = path.starts_with("/dev") || path.starts_with("/proc");
        let target = resolved(path);
        let there = target.metadata().ok();
        match &there {
            Some(there) if there.is_dir() => return Err(failed(io::ErrorKind::IsADirectory.into())),
            Some(there) if is_descriptor || !there.is_file() => {
                let file = File::options().write(true).append(there.is_file()).open(&target).map_err(failed)?;
                return Ok((path.to_owned(), OutKind::Straight(file)));
            }
            _ => {}
        }
        let (file, draft) = draft_in(directory_of(&target)).map_err(failed)?;
        let permissions = there.map(|there| there.permissions());
        Ok((target, OutKind::Aside(file, draft, permissions)))
    }
}

/// Standard output by any of its names.
pub(super) fn is_standard_output(path: &Path) -> bool {
    ["-", "/dev/stdout", "/dev/fd/1", "/proc/self/fd/1"].iter().any(|name| path == Path::new(name))
}

/// Puts complete files in their places: none before all are on the disk, so that what belongs together stays so.
pub(super) fn place(mut drafts: Vec<Draft>, terminal: &Terminal) -> Result<(), Failure> {
    for draft in &mut drafts {
        draft.settle(terminal)?;
    }
    // What others read as it comes is last: nobody has seen it when a file cannot take its place.
    let (files, streams): (Vec<Draft>, Vec<Draft>) = drafts.into_iter().partition(Draft::is_file);
    let mut places: Vec<PathBuf> = Vec::new();
    for draft in files {
        if !places.iter().any(|place| place.parent() == draft.path.parent()) {
            places.push(draft.path.clone());
        }
        draft.take_place(terminal)?;
    }
    for place in places {
        synced_directory(&place, terminal)?;
    }
    streams.into_iter().try_for_each(|draft| draft.take_place(terminal))
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

/// Adds a text to a file: the whole of it or nothing.
fn append(mut file: File, text: &[u8]) -> io::Result<()> {
    let before = file.metadata()?.len();
    let apart: &[u8] = if before > 0 { b"\n" } else { b"" };
    let added = file.write_all(&[apart, text].concat()).and_then(|()| synced(&file));
    added.inspect_err(|_| {
        // What is there of it would be half a text; if it cannot be taken away, nothing can be done about it.
        let _ = file.set_len(before);
    })
}

/// Waits until a file is on the disk, where there is one.
fn synced(file: &File) -> io::Result<()> {
    match file.sync_all() {
        Err(error) if matches!(error.kind(), io::ErrorKind::Unsupported | io::ErrorKind::InvalidInput) => Ok(()),
        done => done,
    }
}

/// Waits until the name of a new file is on the disk.
fn synced_directory(path: &Path, terminal: &Terminal) -> Result<(), Failure> {
    // Elsewhere a directory is no file that could be synced.
    if !cfg!(unix) {
        return Ok(());
    }
    let done = File::open(directory_of(path)).and_then(|directory| synced(&directory));
    match done {
        // One may write where one may not look.
        Err(error) if error.kind() != io::ErrorKind::PermissionDenied => Err(unwritable(path, &error, terminal)),
        _ => Ok(()),
    }
}

fn unwritable(path: &Path, error: &io::Error, terminal: &Terminal) -> Failure {
    Failure::file(terminal, "write", path, error)
}

/// The directory that a file lies in.
pub(super) fn directory_of(path: &Path) -> &Path {
    match path.parent() {
        Some(parent) if parent != Path::new("") => parent,
        _ => Path::new("."),
    }
}

/// The file that a path means, links followed, be it there or not.
pub(super) fn resolved(path: &Path) -> PathBuf {
    /// A link that leads through more is a circle.
    const LINKS: u32 = 40;
    fn follow(path: &Path, links: u32) -> PathBuf {
        if let Ok(path) = path.canonicalize() {
            return path;
        }
        if links > 0
            && let Ok(target) = path.read_link()
        {
            return follow(&directory_of(path).join(target), links - 1);
        }
        match (path.parent(), path.components().next_back()) {
            (Some(parent), Some(std::path::Component::Normal(name))) => {
                let parent = if parent == Path::new("") { Path::new(".") } else { parent };
                follow(parent, links).join(name)
            }
            (Some(parent), Some(std::path::Component::ParentDir)) => {
                let parent = follow(parent, links);
                parent.parent().map_or(parent.clone(), Path::to_owned)
            }
            _ => path.to_owned(),
        }
    }
    follow(path, LINKS)
}

/// A draft's file, gone when it is dropped, or by a signal.
struct DraftPath(Option<TempPath>);

impl DraftPath {
    fn persist(mut self, path: &Path) -> io::Result<()> {
        self.named(|draft| draft.persist(path).map_err(|error| error.error))
    }

    fn persist_new(mut self, path: &Path) -> io::Result<()> {
        self.named(|draft| draft.persist_noclobber(path).map_err(|error| error.error))
    }

    fn named(&mut self, rename: impl FnOnce(TempPath) -> io::Result<()>) -> io::Result<()> {
        let Some(draft) = self.0.take() else { return Ok(()) };
        let name = draft.to_path_buf();
        let renamed = rename(draft);
        leaving::forget(&name);
        renamed
    }
}

impl Drop for DraftPath {
    fn drop(&mut self) {
        let _ = self.named(|draft| draft.close());
    }
}

/// How the names of drafts begin.
const DRAFT: &str = ".desksim-";

/// A draft of this process alone, locked as long as it is written.
fn draft_in(directory: &Path) -> io::Result<(File, DraftPath)> {
    loop {
        let file = new_draft(directory, &cleanable())?;
        match file.as_file().lock() {
            // Who cleans up may have come between making it and locking it, and taken it away.
            Ok(()) if !file.path().exists() => leaving::forget(file.path()),
            Ok(()) => return Ok(parts_of(file)),
            // Nobody could tell that somebody writes it, so it gets a name that nobody cleans up.
            Err(_) => {
                leaving::forget(file.path());
                drop(file);
                return Ok(parts_of(new_draft(directory, DRAFT)?));
            }
        }
    }
}

fn parts_of(file: NamedTempFile) -> (File, DraftPath) {
    let (file, path) = file.into_parts();
    (file, DraftPath(Some(path)))
}

fn new_draft(directory: &Path, prefix: &str) -> io::Result<NamedTempFile> {
    let mut builder = tempfile::Builder::new();
    builder.prefix(prefix);
    // A draft becomes a file like any other, so it gets the permissions of one, less the umask.
    #[cfg(unix)]
    builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
    // The library's words name the draft, which means nothing to anybody; the kind of error says enough.
    leaving::remember(|| builder.tempfile_in(directory), |file| file.path().to_owned())
        .map_err(|error| io::Error::from(error.kind()))
}

/// How drafts begin that processes on this machine, since it was started, may clean up when nobody holds them locked.
///
/// Locks tell those on one machine apart. On a shared disk another machine may not see them, so its drafts are left alone.
fn cleanable() -> String {
    let boot = std::fs::read_to_string("/proc/sys/kernel/random/boot_id").unwrap_or_default();
    match boot.get(..8) {
        Some(boot) => format!("{DRAFT}{boot}-"),
        None => DRAFT.to_owned(),
    }
}

/// Takes away the drafts of processes that were killed: those of this machine that nobody holds locked.
pub(super) fn clean_up(directory: &Path) {
    let cleanable = cleanable();
    if cleanable == DRAFT {
        return;
    }
    for entry in std::fs::read_dir(directory).into_iter().flatten().flatten() {
        if !entry.file_name().to_string_lossy().starts_with(&cleanable)
            || !entry.file_type().is_ok_and(|of| of.is_file())
        {
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

/// Makes a directory, with those above it.
pub(super) fn make_directory(path: &Path, terminal: &Terminal) -> Result<(), Failure> {
    if path.exists() && !path.is_dir() {
        let what = format!("{} is a file, where a directory is wanted", path.display());
        return Err(Failure::input(terminal, what, "name a directory that is there or can be made"));
    }
    std::fs::create_dir_all(path).map_err(|error| Failure::file(terminal, "make the directory", path, &error))
}
