//! What may stand on the command line.

use super::bench::Bench;
use super::compare::Compare;
use clap::{Args, Parser, ValueEnum};
use std::path::PathBuf;

/// Simulates support desks: a scenario goes in, SLA breach rates and the balance of work come out.
#[derive(Parser, Debug)]
#[command(name = "desksim", version, arg_required_else_help = true, max_term_width = 100)]
#[command(after_help = "\
Exit codes: 0 success; 1 something went wrong in desksim or the machine; 2 the command line or a file is wrong; \
3 incomplete; 4 not comparable; 99 a check failed.")]
pub struct Arguments {
    /// What to do.
    #[command(subcommand)]
    pub subcommand: Subcommand,

    /// How results are printed
    #[arg(long, global = true, value_enum, default_value_t = Format::Text)]
    pub format: Format,

    /// Say nothing but results and errors
    #[arg(long, short, global = true)]
    pub quiet: bool,

    /// How many threads to use; the results are the same with any number [default: one per core]
    #[arg(long, global = true, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=1024))]
    pub threads: Option<u16>,
}

/// How results are printed.
#[derive(Clone, Copy, PartialEq, Eq, Debug, ValueEnum)]
pub enum Format {
    /// For people.
    Text,
    /// For programs.
    Json,
    /// For pasting into a pull request or a wiki.
    Markdown,
}

/// What to do.
#[derive(clap::Subcommand, Debug)]
pub enum Subcommand {
    /// Write a commented scenario that runs
    Init(Init),
    /// Say all that is wrong with scenarios, or nothing
    Validate(Validate),
    /// Run a scenario and print its figures
    Run(Run),
    /// Find the least staff that meets the targets
    Staff(super::staff::Staff),
    /// Run every combination of some values, and tell of each
    Sweep(super::sweep::Sweeping),
    /// Hold a scenario's results to what it expects of them, for CI
    Check(super::check::Check),
    /// Rank assignment policies on a suite of desks
    Bench(Bench),
    /// Compare policies or variants of a scenario under the same customers
    Compare(Compare),
    /// Write the tickets or messages of one replication as a table
    Export(Export),
    /// Tell a ticket's life, and why each assignment went where it went
    Explain(super::explain::Explain),
    /// Put a log through the desk of a scenario, or run cases that test rules
    Replay(Replay),
    /// Make the page of saved results again
    Report(super::report::Report),
    /// Draw one plot of saved results
    Plot(super::plot::Plot),
    /// Print the JSON Schema of the scenario file, for editors
    Schema,
    /// Print completions for a shell
    Completions(Completions),
}

/// Arguments of `init`.
#[derive(Args, Debug)]
pub struct Init {
    /// Where to write it; `-` is standard output
    #[arg(default_value = "scenario.toml")]
    pub file: PathBuf,
}

/// Arguments of `validate`.
#[derive(Args, Debug)]
pub struct Validate {
    /// Scenarios
    #[arg(required = true, value_name = "FILE")]
    pub files: Vec<PathBuf>,
    #[command(flatten)]
    #[allow(missing_docs)]
    pub changes: Changes,
}

/// Arguments of `run`.
#[derive(Args, Debug)]
pub struct Run {
    /// The scenario
    pub file: PathBuf,
    #[command(flatten)]
    #[allow(missing_docs)]
    pub changes: Changes,
    /// Name all random streams by this seed, instead of the scenario's
    #[arg(long, value_name = "N")]
    pub seed: Option<u64>,
    /// Run this many replications, instead of the scenario's number
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    pub replications: Option<u32>,
    /// Write results.json, report.txt and report.html into this directory
    #[arg(long, value_name = "DIR")]
    pub out: Option<PathBuf>,
    /// Write the log of replication 0: every command and effect, one line of JSON each
    #[arg(long, value_name = "FILE")]
    pub trace: Option<PathBuf>,
}

/// Arguments of `export`.
#[derive(Args, Debug)]
#[command(after_long_help = "\
Tickets: a row is one cycle of a ticket, from its creation or a reopening to its closure; tickets that are never reopened \
have one row. `reopens` counts the reopenings of the whole run, so the row with cycle = reopens + 1 says how the ticket \
stands at the end (--latest writes no others). Rows stand in the order in which cycles ended; those that have not ended \
come last, by ticket. Dates are those of `created_at`.

Messages: a row is one part of a message, in the order in which they were sent. Dates are those of `sent_at`; the other \
filters choose the messages of the cycles whose rows they would choose.

Filters of one kind add up (--channel chat --channel mail is either), those of several kinds must all fit. Nothing is \
left out as warm-up. Times are the desk's civil time with its offset; lengths of time are in seconds. In CSV and Excel \
text that a spreadsheet would take for a formula begins with an apostrophe.

Examples:
  desksim export tickets week.toml -o tickets.csv
  desksim export tickets week.toml --from 2026-03-03 --to 2026-03-04 --channel chat -o tuesday.xlsx
  desksim export tickets week.toml --latest --status queued,awaiting-response -o open.jsonl
  desksim export messages week.toml --agent anna --replication 3 --format csv -o - | head")]
pub struct Export {
    /// What a row is
    #[arg(value_enum, value_name = "WHAT")]
    pub what: Exported,
    /// The scenario
    pub file: PathBuf,
    /// Where to write it; `-` is standard output
    #[arg(long, short, value_name = "OUT")]
    pub output: PathBuf,
    /// What to write [default: what the ending of OUT says, else csv]
    #[arg(id = "table_format", long = "format", value_enum, value_name = "FORMAT")]
    pub table_format: Option<TableFormat>,
    /// Only from this date or time on, in the desk's civil time
    #[arg(long, value_name = "TIME")]
    pub from: Option<String>,
    /// Only before this date or time
    #[arg(long, value_name = "TIME")]
    pub to: Option<String>,
    /// Only of this channel (repeatable)
    #[arg(long = "channel", value_name = "NAME")]
    pub channels: Vec<String>,
    /// Only had by a member of this group, or waiting for it (repeatable)
    #[arg(long = "group", value_name = "NAME")]
    pub groups: Vec<String>,
    /// Only assigned to this agent; the name of an agent table is all of its people (repeatable)
    #[arg(long = "agent", value_name = "NAME")]
    pub agents: Vec<String>,
    /// Only with this status: closed, queued, escalated, reopened, awaiting-response, open (repeatable)
    #[arg(long = "status", value_name = "STATUS", value_delimiter = ',')]
    pub statuses: Vec<String>,
    /// Only the last cycle of each ticket: how it stands at the end
    #[arg(long)]
    pub latest: bool,
    /// Which replication; the scenario's are counted from 0
    #[arg(long, value_name = "N", default_value_t = 0)]
    pub replication: u32,
    /// Name all random streams by this seed, instead of the scenario's
    #[arg(long, value_name = "N")]
    pub seed: Option<u64>,
    #[command(flatten)]
    #[allow(missing_docs)]
    pub changes: Changes,
    /// Stands in the place of the global `--format`, which is about what is printed: here nothing is.
    #[arg(id = "format", long = "printed", hide = true, value_enum)]
    pub printed: Option<Format>,
}

/// What a row of an export is.
#[derive(Clone, Copy, PartialEq, Eq, Debug, ValueEnum)]
pub enum Exported {
    /// One cycle of a ticket
    Tickets,
    /// One part of a message
    Messages,
}

/// How a table is written.
#[derive(Clone, Copy, PartialEq, Eq, Debug, ValueEnum)]
pub enum TableFormat {
    /// Comma-separated values
    Csv,
    /// An Excel workbook
    Xlsx,
    /// Apache Parquet
    Parquet,
    /// An object of JSON on each line
    Jsonl,
}

/// Arguments of `replay`.
#[derive(Args, Debug)]
pub struct Replay {
    /// A log (with --desk; `-` is standard input), or cases
    #[arg(required = true, value_name = "LOG|CASE.toml")]
    pub files: Vec<PathBuf>,
    /// The scenario whose desk the log goes through
    #[arg(long, value_name = "FILE")]
    pub desk: Option<PathBuf>,
    #[command(flatten)]
    #[allow(missing_docs)]
    pub changes: Changes,
    /// The seed of the run that wrote the log, where its desk assigns at random
    #[arg(long, value_name = "N")]
    pub seed: Option<u64>,
}

/// Arguments of `completions`.
#[derive(Args, Debug)]
pub struct Completions {
    /// For which shell
    pub shell: clap_complete::Shell,
}

/// Changes to a scenario.
#[derive(Args, Debug)]
pub struct Changes {
    /// Change a value of the scenario, such as channel.chat.limit.max_open=3; `*` stands for every name at its level
    #[arg(long = "set", value_name = "PATH=VALUE")]
    pub sets: Vec<String>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_command_line_is_consistent() {
        use clap::CommandFactory;
        Arguments::command().debug_assert();
    }
}
