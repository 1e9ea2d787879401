//! What may stand on the command line.

use super::bench::Bench;
use super::catalogs::Listing;
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

    /// Threads that run, compare, sweep, check, bench and staff use; results are the same with any number [default: one per core]
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
    /// Show how the desk stands at one instant of one replication
    Dashboard(super::dashboard::Show),
    /// Write the tickets, messages, notifications or users of one replication as a table
    Export(super::export::Export),
    /// Tell a ticket's life, and why each assignment went where it went
    Explain(super::explain::Explain),
    /// Put a log through the desk of a scenario, or run cases that test rules
    Replay(Replay),
    /// Make the page of saved results again
    Report(super::report::Report),
    /// Draw one plot of saved results
    Plot(super::plot::Plot),
    /// List every metric, with its unit, labels and meaning
    Metrics(Listing),
    /// List the ready-made assignment policies, and the keys of one's own
    Policies(Listing),
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
    /// Scenarios; `-` is standard input
    #[arg(required = true, value_name = "FILE")]
    pub files: Vec<PathBuf>,
    #[command(flatten)]
    #[allow(missing_docs)]
    pub changes: Changes,
}

/// Arguments of `run`.
#[derive(Args, Debug)]
pub struct Run {
    /// The scenario; `-` is standard input
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
    /// Write results.json, results.csv, report.txt and report.html into this directory
    #[arg(long, value_name = "DIR")]
    pub out: Option<PathBuf>,
    /// Write the log of replication 0: every command and effect, one line of JSON each; to `-` in place of the page
    #[arg(long, value_name = "FILE")]
    pub trace: Option<PathBuf>,
}

/// Arguments of `replay`.
#[derive(Args, Debug)]
pub struct Replay {
    /// A log (with --desk; `-` is standard input), or cases
    #[arg(required = true, value_name = "LOG|CASE.toml")]
    pub files: Vec<PathBuf>,
    /// The scenario whose desk the log goes through; `-` is standard input
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

/// How a scenario is read: what is changed in it, and what it may read.
#[derive(Args, Debug)]
pub struct Changes {
    /// Change a value of the scenario, such as channel.chat.limit.max_open=3; `*` stands for every name at its level
    #[arg(long = "set", value_name = "PATH=VALUE")]
    pub sets: Vec<String>,
    /// Let the scenario read files outside its directory (of a scenario on standard input: the working directory)
    #[arg(long)]
    pub allow_outside: bool,
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
