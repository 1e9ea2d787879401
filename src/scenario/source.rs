//! Named texts, and places in them.

use std::ops::Range;

/// A text with the name that messages give it: a file's path, as the user wrote it.
#[derive(Clone, Debug)]
pub struct Source {
    /// Where it came from. Paths inside the text are relative to the directory of this one.
    pub name: String,
    /// What it says.
    pub text: String,
}

impl Source {
    /// A named text.
    pub fn new(name: impl Into<String>, text: impl Into<String>) -> Source {
        Source { name: name.into(), text: text.into() }
    }

    /// The file that a path in this text means: relative paths start where this text lies.
    pub(super) fn resolve(&self, path: &str) -> std::path::PathBuf {
        std::path::Path::new(&self.name).parent().unwrap_or(std::path::Path::new("")).join(path)
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
