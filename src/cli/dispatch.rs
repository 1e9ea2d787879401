//! From arguments to an exit code.

use super::arguments::{Arguments, Subcommand};
use super::exit::Exit;
use super::terminal::Terminal;
use super::{
    bench, catalogs, check, compare, completions, dashboard, explain, export, init, plot, replay, report, run, schema,
    staff, sweep, validate,
};
use clap::Parser;
use std::io::Write;
use std::process::ExitCode;

/// The program: reads the command line, does what it says, and tells how it went.
pub fn main() -> ExitCode {
    match Arguments::try_parse() {
        Ok(arguments) => execute(&arguments).into(),
        Err(error) => {
            // Help and version are results; usage errors are messages. Either may find its reader gone.
            let _ = error.print();
            if error.use_stderr() { Exit::Input.into() } else { Exit::Success.into() }
        }
    }
}

/// Does what the arguments say.
pub fn execute(arguments: &Arguments) -> Exit {
    let terminal = Terminal::detect(arguments.quiet);
    let done = match &arguments.subcommand {
        Subcommand::Init(init) => init::init(init, &terminal),
        Subcommand::Validate(validate) => validate::validate(validate, arguments.format, &terminal),
        Subcommand::Run(run) => run::run(run, arguments, &terminal),
        Subcommand::Staff(staff) => staff::run(staff, arguments, &terminal),
        Subcommand::Sweep(sweep) => sweep::sweep(sweep, arguments, &terminal),
        Subcommand::Check(check) => check::check(check, arguments, &terminal),
        Subcommand::Bench(bench) => bench::bench(bench, arguments, &terminal),
        Subcommand::Compare(compare) => compare::compare(compare, arguments, &terminal),
        Subcommand::Export(export) => export::export(export, arguments, &terminal),
        Subcommand::Dashboard(show) => dashboard::dashboard(show, arguments, &terminal),
        Subcommand::Explain(explain) => explain::explain(explain, arguments, &terminal),
        Subcommand::Replay(replay) => replay::replay(replay, arguments.format, &terminal),
        Subcommand::Report(report) => report::report(report, &terminal),
        Subcommand::Plot(plot) => plot::plot(plot, &terminal),
        Subcommand::Metrics(listing) => catalogs::metrics(listing, arguments.format, &terminal),
        Subcommand::Policies(listing) => catalogs::policies(listing, arguments.format, &terminal),
        Subcommand::Schema => schema::schema(&terminal),
        Subcommand::Completions(completions) => completions::completions(completions, &terminal),
    };
    match done.err().and_then(|failure| failure.told(&terminal)) {
        None => Exit::Success,
        Some((exit, words)) => {
            // Whoever closed standard error does not want to read it; the exit code says it all the same.
            let _ = std::io::stderr().lock().write_all(words.as_bytes());
            exit
        }
    }
}
