//! Named texts, and places in them.

use crate::simulation::limits::grouped;
use std::fmt;
use std::fs::File;
use std::io::Read;
use std::ops::Range;
use std::path::{Path, PathBuf};

/// A text with the name that messages give it: a file's path, as the user wrote it.
#[derive(Clone, Debug)]
pub struct Source {
    /// Where it came from. Paths inside the text are relative to the directory of this one.
    pub name: String,
    /// What it says.
    pub text: String,
    /// Whether it may name files outside its directory.
    outside: bool,
}

impl Source {
    /// A named text, which may name files in its own directory and below it.
    ///
    /// The directory is that of its name, links followed; of a name without one (standard input) it is the working directory.
    pub fn new(name: impl Into<String>, text: impl Into<String>) -> Source {
        Source { name: name.into(), text: text.into(), outside: false }
    }

    /// Lets it name files anywhere, if `allowed`.
    #[must_use]
    pub fn allow_outside(self, allowed: bool) -> Source {
        Source { outside: allowed, ..self }
    }

    /// The directory that paths in this text start at.
    fn directory(&self) -> &Path {
        match Path::new(&self.name).parent() {
            Some(parent) if parent != Path::new("") => parent,
            _ => Path::new("."),
        }
    }

    /// The file that a path in this text means: relative paths start where this text lies.
    pub fn resolve(&self, path: &str) -> PathBuf {
        Path::new(&self.name).parent().unwrap_or(Path::new("")).join(path)
    }

    /// The bytes of a file that this text names, at most `most` of them.
    ///
    /// # Errors
    /// If it lies outside this text's directory and may not, cannot be read, or is longer.
    pub fn read(&self, path: &str, most: u64) -> Result<Vec<u8>, NamedFileError> {
        let file = self.resolve(path);
        if !self.outside && !self.holds(&file) {
            return Err(NamedFileError::Outside(self.directory().to_owned()));
        }
        let mut bytes = Vec::new();
        let read = file.metadata().and_then(|there| match self.outside || there.is_file() || there.is_dir() {
            true => File::open(&file)?.take(most.saturating_add(1)).read_to_end(&mut bytes),
            // A pipe may wait for ever, and a device may never end.
            false => Err(std::io::Error::other("it is no file")),
        });
        read.map_err(NamedFileError::Unreadable)?;
        if bytes.len() as u64 > most { Err(NamedFileError::TooLong(most)) } else { Ok(bytes) }
    }

    /// Whether a file lies in this text's directory or below it, once all links are followed.
    fn holds(&self, file: &Path) -> bool {
        let Ok(directory) = self.directory().canonicalize() else { return false };
        match file.canonicalize() {
            Ok(file) => file.starts_with(directory),
            // What is not there says so if it would lie inside, as far as its path tells.
            Err(_) => {
                let lies = |part: std::path::Component<'_>| matches!(part, std::path::Component::Normal(_));
                let below = file.strip_prefix(self.directory()).unwrap_or(file);
                below.components().all(|part| lies(part) || part == std::path::Component::CurDir)
            }
        }
    }

    /// The nearest character boundary at or before an offset.
    pub(super) fn floor(&self, offset: usize) -> usize {
        let mut offset = offset.min(self.text.len());
        while !self.text.is_char_boundary(offset) {
            offset -= 1;
        }
        offset
    }
}

/// Why a file that a text names gives no bytes.
#[derive(Debug)]
pub enum NamedFileError {
    /// It lies outside this directory, which is that of the text.
    Outside(PathBuf),
    /// The system would not read it.
    Unreadable(std::io::Error),
    /// It has more bytes than this.
    TooLong(u64),
}

impl NamedFileError {
    /// The way out.
    pub fn help(&self, path: &Path) -> String {
        match self {
            NamedFileError::Outside(directory) => {
                format!("move it into {}, or allow files elsewhere: --allow-outside", directory.display())
            }
            NamedFileError::Unreadable(_) => {
                format!("paths start at the scenario file: this one means {}", path.display())
            }
            NamedFileError::TooLong(_) => "keep the columns and rows that are needed".to_owned(),
        }
    }
}

impl fmt::Display for NamedFileError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            NamedFileError::Outside(directory) => write!(f, "it lies outside {}", directory.display()),
            NamedFileError::Unreadable(error) => error.fmt(f),
            NamedFileError::TooLong(most) => write!(f, "it is longer than {} bytes", grouped(*most)),
        }
    }
}

impl std::error::Error for NamedFileError {}

/// A stretch of one of the texts that a scenario is made of: its file, a `--set`, a file that it names.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub(super) struct Place {
    /// Which text, by its index.
    pub(super) source: u32,
    /// From which byte.
    pub(super) start: u32,
    /// To which byte, which is the first one after it.
    pub(super) end: u32,
}

impl Place {
    /// Nowhere in particular: what was not read from a text.
    pub(super) const NONE: Place = Place { source: 0, start: 0, end: 0 };

    /// A range of bytes of a text.
    pub(super) fn new(source: u32, range: Range<usize>) -> Place {
        // Texts longer than 4 GB are refused before they are parsed.
        Place { source, start: range.start as u32, end: range.end as u32 }
    }
}

/// A value and where it stands.
#[derive(Clone, Copy, PartialEq, Debug)]
pub(super) struct At<T> {
    /// Where.
    pub(super) place: Place,
    /// What.
    pub(super) value: T,
}

impl<T> At<T> {
    /// A value at a place.
    pub(super) fn new(place: Place, value: T) -> At<T> {
        At { place, value }
    }
}
