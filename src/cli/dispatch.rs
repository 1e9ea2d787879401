//! From arguments to an exit code.

use super::arguments::{Arguments, Subcommand};
use super::exit::{Exit, Failure};
use super::terminal::Terminal;
use super::{
    bench, catalogs, check, compare, completions, dashboard, explain, export, init, plot, replay, report, run, schema,
    staff, sweep, validate,
};
use crate::text::visible_lines;
use clap::Parser;
use std::borrow::Cow;
use std::io::Write;
use std::process::ExitCode;

/// The program: reads the command line, does what it says, and tells how it went.
pub fn main() -> ExitCode {
    match Arguments::try_parse() {
        Ok(arguments) => execute(&arguments).into(),
        Err(error) => {
            // Help and version are results; usage errors are messages. Either may find its reader gone.
            let text = error.render().to_string();
            let _ = match visible_lines(&text) {
                Cow::Borrowed(_) => error.print(),
                // What was typed would be repeated as it is.
                Cow::Owned(text) => std::io::stderr().lock().write_all(text.as_bytes()),
            };
            if error.use_stderr() { Exit::Input.into() } else { Exit::Success.into() }
        }
    }
}

/// Does what the arguments say.
pub fn execute(arguments: &Arguments) -> Exit {
    let terminal = Terminal::detect(arguments.quiet);
    let done = suits(arguments, &terminal).and_then(|()| carry_out(arguments, &terminal));
    match done.err().and_then(|failure| failure.told(&terminal)) {
        None => Exit::Success,
        Some((exit, words)) => {
            // Whoever closed standard error does not want to read it; the exit code says it all the same.
            let _ = std::io::stderr().lock().write_all(words.as_bytes());
            exit
        }
    }
}

/// Refuses an option for all commands where it would change nothing: whoever gives it expects something of it.
fn suits(arguments: &Arguments, terminal: &Terminal) -> Result<(), Failure> {
    let name = match &arguments.subcommand {
        Subcommand::Run(_)
        | Subcommand::Staff(_)
        | Subcommand::Sweep(_)
        | Subcommand::Check(_)
        | Subcommand::Bench(_)
        | Subcommand::Compare(_) => return Ok(()),
        Subcommand::Init(_) => "init",
        Subcommand::Validate(_) => "validate",
        Subcommand::Export(_) => "export",
        Subcommand::Dashboard(_) => "dashboard",
        Subcommand::Explain(_) => "explain",
        Subcommand::Replay(_) => "replay",
        Subcommand::Report(_) => "report",
        Subcommand::Plot(_) => "plot",
        Subcommand::Metrics(_) => "metrics",
        Subcommand::Policies(_) => "policies",
        Subcommand::Schema => "schema",
        Subcommand::Completions(_) => "completions",
    };
    match arguments.threads {
        None => Ok(()),
        Some(_) => Err(Failure::input(
            terminal,
            format!("`{name}` works on one thread"),
            "leave out --threads; run, compare, sweep, check, bench and staff take it",
        )),
    }
}

fn carry_out(arguments: &Arguments, terminal: &Terminal) -> Result<(), Failure> {
    match &arguments.subcommand {
        Subcommand::Init(init) => init::init(init, terminal),
        Subcommand::Validate(validate) => validate::validate(validate, arguments.format, terminal),
        Subcommand::Run(run) => run::run(run, arguments, terminal),
        Subcommand::Staff(staff) => staff::run(staff, arguments, terminal),
        Subcommand::Sweep(sweep) => sweep::sweep(sweep, arguments, terminal),
        Subcommand::Check(check) => check::check(check, arguments, terminal),
        Subcommand::Bench(bench) => bench::bench(bench, arguments, terminal),
        Subcommand::Compare(compare) => compare::compare(compare, arguments, terminal),
        Subcommand::Export(export) => export::export(export, arguments, terminal),
        Subcommand::Dashboard(show) => dashboard::dashboard(show, arguments, terminal),
        Subcommand::Explain(explain) => explain::explain(explain, arguments, terminal),
        Subcommand::Replay(replay) => replay::replay(replay, arguments.format, terminal),
        Subcommand::Report(report) => report::report(report, terminal),
        Subcommand::Plot(plot) => plot::plot(plot, terminal),
        Subcommand::Metrics(listing) => catalogs::metrics(listing, arguments.format, terminal),
        Subcommand::Policies(listing) => catalogs::policies(listing, arguments.format, terminal),
        Subcommand::Schema => schema::schema(terminal),
        Subcommand::Completions(completions) => completions::completions(completions, terminal),
    }
}
