//! What replications came to as a long table in CSV: a row for each figure and replication.

use super::long_csv::{Field, LongCsv, count, number};
use crate::experiment::Results;
use crate::measures::Selector;
use std::io;

/// Every figure of every replication, as `metric,unit,replication,value`; a value is empty where the run has none. Metrics
/// are called as they are in the JSON, with their labels.
///
/// # Errors
/// Those of the writer.
pub fn run_csv(results: &Results, out: impl io::Write) -> io::Result<()> {
    values_csv(results.figures.iter().map(|figure| (&figure.selector, figure.values.as_slice())), out)
}

/// The same of some metrics, each with its values in the order of replications.
///
/// # Errors
/// Those of the writer.
pub fn values_csv<'a>(
    columns: impl IntoIterator<Item = (&'a Selector, &'a [Option<f64>])>,
    out: impl io::Write,
) -> io::Result<()> {
    let mut rows = LongCsv::new(out);
    rows.row(["metric", "unit", "replication", "value"])?;
    for (selector, values) in columns {
        let (metric, unit) = (selector.to_string(), selector.metric().unit.name());
        for (replication, value) in values.iter().enumerate() {
            rows.row([Field::from(metric.as_str()), unit.into(), count(replication), number(*value)])?;
        }
    }
    rows.finish()
}
