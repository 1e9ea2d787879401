//! `staff FILE`.

use super::arguments::{Arguments, Changes, Format};
use super::exit::{Exit, Failure};
use super::files::{self, Draft};
use super::progress::with_count;
use super::scenarios;
use super::terminal::Terminal;
use crate::experiment::Workers;
use crate::experiment::staffing::{StaffPlan, Staffing, staff};
use crate::report::{Style, staff_csv, staff_html, staff_json, staff_page};
use crate::scenario::{Base, Problems, Source};
use clap::Args;
use std::io::Write;
use std::path::PathBuf;

/// Arguments of `staff`.
#[derive(Args, Debug)]
#[command(after_help = "\
What may vary stands in the scenario, and what must hold in its [[expect]]s with at_most or at_least:

  [staff]
  holds = \"mean\"            # or { share_of_days = 0.9 }: within the limits in nine of ten runs
  confidence = 0.95
  max_replications = 200    # of one desk; few where it is clear, more where it is close

  [staff.counts]            # any whole number, by path, with bounds and what each one costs
  \"agent.early.count\" = { min = 2, max = 12, cost = 1.0 }
  \"agent.late.count\" = { min = 2, max = 12, cost = 1.1 }

  [[expect]]
  metric = \"sla.first_response.breach_rate\"
  at_most = 0.10
  # holds and confidence here are for this target alone

The search starts where Erlang A (or C, where nobody gives up) puts it, and ends with a proof on customers that it did not see: the answer \
meets the targets, and one head fewer of anything does not, or it cannot be told that it does. Where several counts vary, desks are ruled out \
by those with at least as much of everything that do not meet the targets: nothing cheaper does, as far as more heads never harm.

Exits with 99 where no staff within the bounds meets the targets; the nearest is told.")]
pub struct Staff {
    /// The scenario
    pub file: PathBuf,
    #[command(flatten)]
    #[allow(missing_docs)]
    pub changes: Changes,
    /// Name all random streams of the search by this seed, instead of the scenario's; the proof takes the next one
    #[arg(long, value_name = "N")]
    pub seed: Option<u64>,
    /// Make no more replications of one desk than this, instead of the scenario's max_replications
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(10..=1_000_000))]
    pub replications: Option<u32>,
    /// Write results.json, results.csv, report.txt and report.html into this directory
    #[arg(long, value_name = "DIR")]
    pub out: Option<PathBuf>,
}

/// Finds the least staff that meets the targets.
pub(super) fn run(arguments: &Staff, global: &Arguments, terminal: &Terminal) -> Result<(), Failure> {
    let source = Source::new(arguments.file.display().to_string(), files::read(&arguments.file, terminal)?);
    let broken = |problems: Problems| scenarios::broken(&problems, terminal);
    let base = Base::load(&source, &arguments.changes.sets)
        .map_err(|problems| scenarios::broken_file(&source, &problems, terminal))?;
    scenarios::warn(base.scenario(), terminal);
    let plan = plan(&base, arguments, terminal)?;
    if let Some(directory) = &arguments.out {
        files::make_directory(directory, terminal)?;
    }
    let output =
        |name: &str| arguments.out.as_ref().map(|directory| Draft::begin(&directory.join(name), terminal)).transpose();
    let drafts = [output("results.json")?, output("results.csv")?, output("report.txt")?, output("report.html")?];

    let workers = Workers::new(global.threads.map(usize::from))?;
    let model = &base.scenario().model;
    let seed = arguments.seed.unwrap_or(model.run.seed);
    let desk = |heads: &[u32]| base.staffed(heads).map_err(broken);
    let staffing =
        with_count(terminal, "runs", |progress| staff(model, &plan, &base.teams(), seed, &workers, &desk, progress))?;

    let (json, page) = (staff_json(&staffing), staff_page(&staffing, Style::Plain));
    let mut csv = Vec::new();
    staff_csv(&staffing, &mut csv).expect("memory takes what is written");
    let html = if arguments.out.is_some() { staff_html(&staffing) } else { String::new() };
    let texts = [json.as_bytes(), &csv, page.as_bytes(), html.as_bytes()];
    files::place(files::written(drafts.into_iter().zip(texts), terminal)?, terminal)?;
    terminal.result(|out| match global.format {
        Format::Json => out.write_all(json.as_bytes()),
        Format::Text if terminal.colour_results => out.write_all(staff_page(&staffing, Style::Colour).as_bytes()),
        Format::Text => out.write_all(page.as_bytes()),
        Format::Markdown => write!(out, "```text\n{page}```\n"),
    })?;
    unmet(&staffing, terminal)
}

fn plan(base: &Base, arguments: &Staff, terminal: &Terminal) -> Result<StaffPlan, Failure> {
    let Some(plan) = &base.scenario().staff else {
        return Err(Failure::input(
            terminal,
            format!("{} has no [staff]", arguments.file.display()),
            "add a table that says what may vary: [staff.counts] with \"agent.support.count\" = { min = 5, max = 40, cost = 1.0 }",
        ));
    };
    let plan = StaffPlan { max_replications: arguments.replications.unwrap_or(plan.max_replications), ..plan.clone() };
    match plan.too_few() {
        None => Ok(plan),
        Some((_, days)) => Err(Failure::input(
            terminal,
            format!("{} replications cannot show that so large a share of them holds", plan.max_replications),
            format!("write --replications {days} or more"),
        )),
    }
}

/// That no staff will do is no success.
fn unmet(staffing: &Staffing, terminal: &Terminal) -> Result<(), Failure> {
    match staffing.answer {
        Some(_) => Ok(()),
        None => Err(Failure::Told(
            Exit::CheckFailed,
            terminal.error("no staff within the bounds of [staff] meets the targets", "the nearest to them is told"),
        )),
    }
}
