//! Saved results of any kind, read back: from them the page and the plots are made again.

use super::bench_html::{bench_charts, bench_html};
use super::check_html::{check_charts, check_html};
use super::compare_html::{comparison_charts, comparison_html};
use super::html::html;
use super::plots::Plots;
use super::read::{ReadError, kind, read};
use super::sound::{self, Sound};
use super::staff_html::{staff_charts, staff_html};
use super::sweep_charts::{sweep_charts, sweep_html};
use crate::experiment::bench::Bench;
use crate::experiment::check::Check;
use crate::experiment::comparison::Comparison;
use crate::experiment::staffing::Staffing;
use crate::experiment::sweep::Sweep;
use crate::experiment::{Picture, Results};
use serde::de::DeserializeOwned;

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

/// Results in one piece, once it is known that their parts hang together.
fn whole<T: DeserializeOwned>(text: &str, sound: impl FnOnce(&T) -> Sound) -> Result<T, ReadError> {
    let read: T = serde_json::from_str(text).map_err(ReadError::Shape)?;
    sound(&read).map_err(ReadError::Unsound)?;
    Ok(read)
}

impl Saved {
    /// Reads results from their JSON.
    ///
    /// # Errors
    /// If the text is something else, or holds nothing to draw.
    pub fn read(text: &str) -> Result<Saved, ReadError> {
        Ok(match kind(text)?.as_str() {
            "run" => match read(text)? {
                (results, Some(picture)) => Saved::Run(Box::new((results, picture))),
                (_, None) => return Err(ReadError::NoPicture),
            },
            "compare" => Saved::Compare(whole(text, sound::comparison)?),
            "sweep" => Saved::Sweep(whole(text, sound::sweep)?),
            "check" => Saved::Check(Box::new(whole(text, sound::check)?)),
            "staff" => Saved::Staff(Box::new(whole(text, sound::staffing)?)),
            "bench" => Saved::Bench(whole(text, sound::bench)?),
            other => return Err(ReadError::Kind(other.to_owned())),
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
