//! Parquet: typed columns, every one of them optional, compressed with Snappy.
//!
//! Times are instants in microseconds, which readers show in the zone they are asked for; the desk's own stands in the
//! file's metadata as `timezone`.

use super::table::{Cell, Column, Kind, Rows};
use crate::time::Civil;
use parquet::basic::{Compression, LogicalType, Repetition, TimeUnit, Type as Physical};
use parquet::data_type::{BoolType, ByteArray, ByteArrayType, DoubleType, Int32Type, Int64Type};
use parquet::errors::ParquetError;
use parquet::file::metadata::KeyValue;
use parquet::file::properties::WriterProperties;
use parquet::file::writer::{SerializedColumnWriter, SerializedFileWriter};
use parquet::schema::types::Type;
use std::io::{self, Write};
use std::sync::Arc;

/// Rows that are kept until they are written column by column.
const GROUP: usize = 1 << 15;

pub(super) struct Parquet<'a, W: Write + Send> {
    out: SerializedFileWriter<W>,
    civil: &'a Civil,
    columns: Vec<Buffer>,
    rows: usize,
    place: usize,
}

/// The cells of one column that are not written yet.
struct Buffer {
    /// For each cell, whether there is a value.
    present: Vec<i16>,
    values: Values,
}

enum Values {
    /// One text after the other, and where each ends.
    Text(Vec<u8>, Vec<usize>),
    Time(Vec<i64>),
    Decimal(Vec<f64>),
    Whole(Vec<i32>),
    Flag(Vec<bool>),
}

impl<'a, W: Write + Send> Parquet<'a, W> {
    pub(super) fn begin(columns: &[Column], civil: &'a Civil, out: W) -> io::Result<Parquet<'a, W>> {
        let fields = columns.iter().map(field).collect::<Result<_, _>>().map_err(io_error)?;
        let schema = Type::group_type_builder("export").with_fields(fields).build().map_err(io_error)?;
        let zone = KeyValue::new("timezone".to_owned(), civil.zone_name().to_owned());
        let properties = WriterProperties::builder()
            .set_compression(Compression::SNAPPY)
            .set_created_by(concat!("desksim ", env!("CARGO_PKG_VERSION")).to_owned())
            .set_key_value_metadata(Some(vec![zone]))
            .build();
        let out = SerializedFileWriter::new(out, Arc::new(schema), Arc::new(properties)).map_err(io_error)?;
        Ok(Parquet { out, civil, columns: columns.iter().map(Buffer::new).collect(), rows: 0, place: 0 })
    }

    fn write_group(&mut self) -> Result<(), ParquetError> {
        let mut group = self.out.next_row_group()?;
        for buffer in &mut self.columns {
            let mut column = group.next_column()?.expect("as many columns as there are");
            buffer.write(&mut column)?;
            column.close()?;
        }
        group.close()?;
        self.rows = 0;
        Ok(())
    }
}

impl<W: Write + Send> Rows for Parquet<'_, W> {
    fn cell(&mut self, cell: Cell<'_>) -> io::Result<()> {
        let Buffer { present, values } = &mut self.columns[self.place];
        self.place += 1;
        present.push(i16::from(cell != Cell::Empty));
        match (values, cell) {
            (_, Cell::Empty) => {}
            (Values::Text(texts, ends), Cell::Text(text)) => {
                texts.extend_from_slice(text.as_bytes());
                ends.push(texts.len());
            }
            (Values::Time(values), Cell::Time(at)) => values.push(self.civil.unix_micros(at)),
            (Values::Decimal(values), Cell::Seconds(span)) => values.push(span.as_secs_f64()),
            (Values::Decimal(values), Cell::Number(number)) => values.push(number),
            (Values::Whole(values), Cell::Date(days)) => values.push(days),
            // Nothing is counted up to 2^31 that has a row.
            (Values::Whole(values), Cell::Count(count)) => values.push(count.try_into().unwrap_or(i32::MAX)),
            (Values::Flag(values), Cell::Flag(flag)) => values.push(flag),
            (_, cell) => unreachable!("{cell:?} is not of its column's kind"),
        }
        Ok(())
    }

    fn end_row(&mut self) -> io::Result<()> {
        self.place = 0;
        self.rows += 1;
        if self.rows == GROUP { self.write_group().map_err(io_error) } else { Ok(()) }
    }

    fn finish(mut self: Box<Self>) -> io::Result<()> {
        if self.rows > 0 {
            self.write_group().map_err(io_error)?;
        }
        self.out.finish().map_err(io_error)?;
        self.out.inner_mut().flush()
    }
}

impl Buffer {
    fn new(column: &Column) -> Buffer {
        let values = match column.kind {
            Kind::Text => Values::Text(Vec::new(), Vec::new()),
            Kind::Time => Values::Time(Vec::new()),
            Kind::Seconds | Kind::Number => Values::Decimal(Vec::new()),
            Kind::Count | Kind::Date => Values::Whole(Vec::new()),
            Kind::Flag => Values::Flag(Vec::new()),
        };
        Buffer { present: Vec::new(), values }
    }

    /// Writes the cells, and forgets them.
    fn write(&mut self, column: &mut SerializedColumnWriter<'_>) -> Result<(), ParquetError> {
        let present = Some(&self.present[..]);
        match &mut self.values {
            Values::Text(texts, ends) => {
                let all = ByteArray::from(std::mem::take(texts));
                let mut from = 0;
                let slice = |to: usize| {
                    let slice = all.slice(from, to - from);
                    from = to;
                    slice
                };
                let slices: Vec<ByteArray> = ends.drain(..).map(slice).collect();
                column.typed::<ByteArrayType>().write_batch(&slices, present, None)?;
            }
            Values::Time(values) => {
                column.typed::<Int64Type>().write_batch(values, present, None)?;
                values.clear();
            }
            Values::Decimal(values) => {
                column.typed::<DoubleType>().write_batch(values, present, None)?;
                values.clear();
            }
            Values::Whole(values) => {
                column.typed::<Int32Type>().write_batch(values, present, None)?;
                values.clear();
            }
            Values::Flag(values) => {
                column.typed::<BoolType>().write_batch(values, present, None)?;
                values.clear();
            }
        }
        self.present.clear();
        Ok(())
    }
}

fn field(column: &Column) -> Result<Arc<Type>, ParquetError> {
    let (physical, logical) = match column.kind {
        Kind::Text => (Physical::BYTE_ARRAY, Some(LogicalType::String)),
        Kind::Time => (Physical::INT64, Some(LogicalType::timestamp(true, TimeUnit::MICROS))),
        Kind::Seconds | Kind::Number => (Physical::DOUBLE, None),
        Kind::Count => (Physical::INT32, None),
        Kind::Date => (Physical::INT32, Some(LogicalType::Date)),
        Kind::Flag => (Physical::BOOLEAN, None),
    };
    let builder = Type::primitive_type_builder(&column.name, physical)
        .with_repetition(Repetition::OPTIONAL)
        .with_logical_type(logical);
    Ok(Arc::new(builder.build()?))
}

fn io_error(error: ParquetError) -> io::Error {
    match error {
        ParquetError::External(source) => match source.downcast::<io::Error>() {
            Ok(error) => *error,
            Err(source) => io::Error::other(source),
        },
        error => io::Error::other(error),
    }
}
