//! What replications came to as a long table in CSV: a row for each figure and replication.

use super::export::guarded_csv;
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
    let mut rows = csv::Writer::from_writer(out);
    rows.write_record(["metric", "unit", "replication", "value"])?;
    for (selector, values) in columns {
        let (metric, unit) = (guarded_csv(&selector.to_string()).into_owned(), selector.metric().unit.name());
        for (replication, value) in values.iter().enumerate() {
            let value = value.map_or(String::new(), |value| value.to_string());
            rows.write_record([metric.as_str(), unit, &replication.to_string(), &value])?;
        }
    }
    rows.flush()
}
