//! Saved results of any kind, read back: from them the page and the plots are made again.

use super::bench_html::{bench_charts, bench_html};
use super::check_html::{check_charts, check_html};
use super::compare_html::{comparison_charts, comparison_html};
use super::html::html;
use super::json::SCHEMA;
use super::plots::Plots;
use super::read::{ReadError, read};
use super::staff_html::{staff_charts, staff_html};
use super::sweep_charts::{sweep_charts, sweep_html};
use crate::experiment::bench::Bench;
use crate::experiment::check::Check;
use crate::experiment::comparison::Comparison;
use crate::experiment::staffing::Staffing;
use crate::experiment::sweep::Sweep;
use crate::experiment::{Picture, Results};
use serde::Deserialize;

/// Results that a report can be made of.
#[derive(Debug)]
pub enum Saved {
    /// Of a run, with its picture.
    Run(Box<(Results, Picture)>),
    /// Of a comparison.
    Compare(Comparison),
    /// Of a sweep.
    Sweep(Sweep),
    /// Of a check.
    Check(Box<Check>),
    /// Of a benchmark.
    Bench(Bench),
    /// Of a search for the least staff.
    Staff(Box<Staffing>),
}

#[derive(Deserialize)]
struct Head {
    schema: u64,
    kind: String,
}

impl Saved {
    /// Reads results from their JSON.
    ///
    /// # Errors
    /// If the text is something else, or holds nothing to draw.
    pub fn read(text: &str) -> Result<Saved, ReadError> {
        let head: Head = serde_json::from_str(text).map_err(ReadError::Shape)?;
        if head.schema != u64::from(SCHEMA) {
            return Err(ReadError::Schema(head.schema));
        }
        Ok(match head.kind.as_str() {
            "run" => match read(text)? {
                (results, Some(picture)) => Saved::Run(Box::new((results, picture))),
                (_, None) => return Err(ReadError::NoPicture),
            },
            "compare" => Saved::Compare(serde_json::from_str(text).map_err(ReadError::Shape)?),
            "sweep" => Saved::Sweep(serde_json::from_str(text).map_err(ReadError::Shape)?),
            "check" => Saved::Check(Box::new(serde_json::from_str(text).map_err(ReadError::Shape)?)),
            "staff" => Saved::Staff(serde_json::from_str(text).map_err(ReadError::Shape)?),
            "bench" => Saved::Bench(serde_json::from_str(text).map_err(ReadError::Shape)?),
            _ => return Err(ReadError::Kind(head.kind)),
        })
    }

    /// The page for a browser.
    pub fn html(&self) -> String {
        match self {
            Saved::Run(run) => html(&run.0, &run.1),
            Saved::Compare(comparison) => comparison_html(comparison),
            Saved::Sweep(sweep) => sweep_html(sweep),
            Saved::Check(check) => check_html(check),
            Saved::Bench(bench) => bench_html(bench),
            Saved::Staff(staffing) => staff_html(staffing),
        }
    }

    /// The plots there are.
    pub fn plots(&self) -> Plots {
        match self {
            Saved::Run(run) => Plots::of_run(&run.0, &run.1),
            Saved::Compare(comparison) => Plots::by_title(comparison_charts(comparison)),
            Saved::Sweep(sweep) => Plots::by_title(sweep_charts(sweep)),
            Saved::Check(check) => Plots::by_title(check_charts(check)),
            Saved::Bench(bench) => Plots::by_title(bench_charts(bench)),
            Saved::Staff(staffing) => Plots::by_title(staff_charts(staffing)),
        }
    }
}
