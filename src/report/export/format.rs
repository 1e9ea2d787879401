//! The formats of exports.

use super::csv::Csv;
use super::jsonl::Jsonl;
use super::table::{Column, Rows};
use super::xlsx::Xlsx;
use crate::time::Civil;
use std::fmt;
use std::io::{self, Write};

/// A format that an export may have.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum FileFormat {
    /// Comma-separated values.
    Csv,
    /// An Excel workbook.
    Xlsx,
    /// Apache Parquet.
    Parquet,
    /// JSON, a line for each row.
    Jsonl,
}

/// Why a table could not be begun.
#[derive(Debug)]
pub enum OpenError {
    /// This build of desksim cannot write it.
    NotBuilt,
    /// Its first bytes could not be written.
    Io(io::Error),
}

impl FileFormat {
    /// The format that a file's name asks for by its ending.
    pub fn of_ending(ending: &str) -> Option<FileFormat> {
        Some(match ending.to_ascii_lowercase().as_str() {
            "csv" => FileFormat::Csv,
            "xlsx" => FileFormat::Xlsx,
            "parquet" => FileFormat::Parquet,
            "jsonl" | "ndjson" => FileFormat::Jsonl,
            _ => return None,
        })
    }

    /// Whether this build can write it.
    pub const fn is_built(self) -> bool {
        match self {
            FileFormat::Parquet => cfg!(feature = "parquet"),
            FileFormat::Csv | FileFormat::Xlsx | FileFormat::Jsonl => true,
        }
    }

    /// Begins a table with these columns; times are shown as `civil` has them.
    ///
    /// # Errors
    /// If this build cannot write the format, or the table's head could not be written.
    pub fn open<'w>(
        self,
        columns: &[Column],
        civil: &'w Civil,
        out: impl Write + Send + 'w,
    ) -> Result<Box<dyn Rows + 'w>, OpenError> {
        Ok(match self {
            FileFormat::Csv => Box::new(Csv::begin(columns, civil, out)?),
            FileFormat::Xlsx => Box::new(Xlsx::begin(columns, civil, out)?),
            FileFormat::Jsonl => Box::new(Jsonl::begin(columns, civil, out)),
            #[cfg(feature = "parquet")]
            FileFormat::Parquet => Box::new(super::parquet::Parquet::begin(columns, civil, out)?),
            #[cfg(not(feature = "parquet"))]
            FileFormat::Parquet => return Err(OpenError::NotBuilt),
        })
    }
}

impl From<io::Error> for OpenError {
    fn from(error: io::Error) -> OpenError {
        OpenError::Io(error)
    }
}

impl fmt::Display for OpenError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            OpenError::NotBuilt => f.write_str("this desksim was built without the feature `parquet`"),
            OpenError::Io(error) => error.fmt(f),
        }
    }
}

impl std::error::Error for OpenError {}
