//! `export tickets|messages|notifications|users FILE -o OUT`.

use super::arguments::{Arguments, Changes, Format};
use super::exit::Failure;
use super::files::Draft;
use super::filters::{Chosen, Complaints, Filters};
use super::outputs::{self, Inputs, Output};
use super::progress::with_bar;
use super::scenarios;
use super::terminal::Terminal;
use crate::desk::Desk;
use crate::experiment::Progress;
use crate::ledger::{
    Content, Filter, Hindsight, Ledger, Message, Messages, Notification, Notifications, TicketRow, Until, UserRow,
    Wanted, just_after,
};
use crate::measures::Cast;
use crate::report::export::{
    FileFormat, MessageTable, NotificationTable, OpenError, Rows, TicketTable, TooManyRows, UserTable,
};
use crate::scenario::{Part, Scenario};
use crate::simulation::{Model, Observer, RunError, Step, simulate_until};
use crate::time::{Instant, Span};
use clap::{Args, ValueEnum};
use std::io::{self, Write};
use std::path::PathBuf;

/// Arguments of `export`.
#[derive(Args, Debug)]
#[command(after_long_help = "\
Tickets: a row is one cycle of a ticket, from its creation or a reopening to its closure; tickets that are never reopened \
have one row. Its `status` is the card of the dashboard that it is on: Closed once it has ended. `reopens` counts the \
reopenings of the whole run, so the row with cycle = reopens + 1 says how the ticket stands at the end (--latest writes no \
others). Rows stand in the order in which cycles ended; those that have not ended come last, by ticket. --at writes all of it \
as it stood at that instant, after what happened at it.

--from and --to choose the cycles that were open at any time in that range. --status reopened chooses the cycles that a \
reopening began in the range, --status escalated those that were escalated in it, closed since or not; the others go by the \
card that the cycle is on.

The SLA columns tell of one timer of the cycle: the first that was breached, or else the last that started. Its time is on \
its own clock, and `first_response_charged_to` and `closure_charged_to` name who held the ticket when it ended. The due \
columns tell of the timer that runs, if one does; the remaining ones are on that timer's own clock, and `remaining_s` is the \
least of them. `group` is the group as whose member its agent has it, `assigned_group` the one that it was assigned through: \
hand-overs and escalations leave it as it is. `sentiment` follows from what the customer went through. A custom field that is \
called as one of the columns behind the fields is written as field.NAME.

Messages: a row is one part of a message, in the order in which they were sent. Dates are those of `sent_at`; the other \
filters choose the messages of the cycles whose rows they would choose.

Notifications: a row is one user who was told of an escalation to them, of a breach that could not be escalated, or of a \
channel whose round robin may be affected. Users: a row is one user's status, the time in it, and their open and pending \
tickets at --at.

Filters of one kind add up (--channel chat --channel mail is either), those of several kinds must all fit. Nothing is \
left out as warm-up. Times are the desk's civil time with its offset; lengths of time are in seconds. In CSV and Excel \
text that a spreadsheet would take for a formula begins with an apostrophe.

Examples:
  desksim export tickets week.toml -o tickets.csv
  desksim export tickets week.toml --from 2026-03-03 --to 2026-03-04 --channel chat -o tuesday.xlsx
  desksim export tickets week.toml --latest --status queued,awaiting-response -o open.jsonl
  desksim export tickets week.toml --from 2026-03-02 --to 2026-03-09 --status escalated -o escalated.csv
  desksim export users week.toml --at 2026-03-03T10:30 -o users.csv
  desksim export messages week.toml --agent anna --replication 3 --format csv -o - | head")]
pub struct Export {
    /// What a row is
    #[arg(value_enum, value_name = "WHAT")]
    pub what: Exported,
    /// The scenario; `-` is standard input
    pub file: PathBuf,
    /// Where to write it; `-` is standard output
    #[arg(long, short, value_name = "OUT")]
    pub output: PathBuf,
    /// File format [default: by the extension of OUT; csv if it has none]
    #[arg(id = "table_format", long = "format", value_enum, value_name = "FORMAT")]
    pub table_format: Option<TableFormat>,
    /// How things stood at this instant: civil time of the desk, or a duration from the start [default: the end of the run]
    #[arg(long, value_name = "TIME")]
    pub at: Option<String>,
    #[command(flatten)]
    #[allow(missing_docs)]
    pub filters: Filters,
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
    /// One user who was told something
    Notifications,
    /// One user's connection state at an instant
    Users,
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

/// Writes the rows of one replication.
pub(super) fn export(arguments: &Export, global: &Arguments, terminal: &Terminal) -> Result<(), Failure> {
    let format = format(arguments, global, terminal)?;
    let scenario = scenarios::read(&arguments.file, &arguments.changes, Part::Whole, terminal)?;
    let Chosen { filter, at } = choice(arguments, &scenario, terminal)?;
    let model = &scenario.model;
    let seed = arguments.seed.unwrap_or(model.run.seed);
    let run = Run { model, seed, replication: arguments.replication, at };
    // A place that cannot be written is found before the work, not after it.
    let output = Output::at("--output", Some(&arguments.output));
    let [draft] = outputs::begin(&Inputs::of(&arguments.file, &scenario), [output], Format::Text, terminal)?;
    let mut draft = draft.expect("an export has a place");
    let written = with_bar(terminal, "simulated days", |progress| {
        let out = draft.out();
        match arguments.what {
            Exported::Tickets => run.tickets(&filter, format, out, progress),
            Exported::Messages => run.messages(&filter, format, out, progress),
            Exported::Notifications => run.notifications(&filter, format, out, progress),
            Exported::Users => run.users(&filter, format, out, progress),
        }
    });
    let rows = written.map_err(|error| unwritten(error, &draft, terminal))?;
    draft.finish(terminal)?;
    let path = arguments.output.display();
    match rows {
        0 => terminal.say(format_args!("nothing passes the filters: {path} has no rows")),
        1 => terminal.say(format_args!("wrote 1 row to {path}")),
        rows => terminal.say(format_args!("wrote {rows} rows to {path}")),
    }
    Ok(())
}

/// The format by `--format`, or by the extension of the file's name; CSV if it has none.
fn format(arguments: &Export, global: &Arguments, terminal: &Terminal) -> Result<FileFormat, Failure> {
    if global.format != Format::Text {
        let help = "give the format after `export`: --format jsonl";
        return Err(Failure::input(terminal, "an export is csv, xlsx, parquet or jsonl", help));
    }
    let format = match arguments.table_format {
        Some(TableFormat::Csv) => FileFormat::Csv,
        Some(TableFormat::Xlsx) => FileFormat::Xlsx,
        Some(TableFormat::Parquet) => FileFormat::Parquet,
        Some(TableFormat::Jsonl) => FileFormat::Jsonl,
        None => match arguments.output.extension() {
            None => FileFormat::Csv,
            Some(ending) => ending.to_str().and_then(FileFormat::of_ending).ok_or_else(|| {
                let message = format!("the name {} does not say which format is wanted", arguments.output.display());
                Failure::input(terminal, message, "use .csv, .xlsx, .parquet or .jsonl, or add --format csv")
            })?,
        },
    };
    match format.is_built() {
        true => Ok(format),
        false => Err(not_built(terminal)),
    }
}

fn not_built(terminal: &Terminal) -> Failure {
    let help = "build it with `--features parquet`, or write csv, xlsx or jsonl";
    Failure::input(terminal, OpenError::NotBuilt, help)
}

/// The filter and the instant that the command line asks for, or all that is wrong with it.
fn choice(arguments: &Export, scenario: &Scenario, terminal: &Terminal) -> Result<Chosen, Failure> {
    let mut wrong = Complaints::new(terminal);
    let Filters { from, to, channels, statuses, .. } = &arguments.filters;
    let (rows, mut unfit, help) = match arguments.what {
        Exported::Tickets | Exported::Messages => ("", Vec::new(), ""),
        Exported::Notifications => {
            let unfit = vec![("--status", !statuses.is_empty())];
            ("notifications have", unfit, "choose them by --from, --to, --channel, --group and --agent")
        }
        Exported::Users => {
            let dates = [("--from", from.is_some()), ("--to", to.is_some())];
            let others = [("--channel", !channels.is_empty()), ("--status", !statuses.is_empty())];
            let help = "choose them by --group and --agent, and the instant by --at";
            ("users have", [dates, others].concat(), help)
        }
    };
    if !rows.is_empty() {
        unfit.push(("--latest", arguments.latest));
    }
    for (option, _) in unfit.into_iter().filter(|(_, given)| *given) {
        wrong.tell(format!("{rows} no {option}"), help.to_owned());
    }
    let at = arguments.at.as_deref();
    let mut chosen = arguments.filters.choose(at, arguments.replication, scenario, &mut wrong);
    wrong.finish()?;
    chosen.filter.latest = arguments.latest;
    Ok(chosen)
}

/// The run whose rows are written.
#[derive(Clone, Copy)]
struct Run<'m> {
    model: &'m Model,
    seed: u64,
    replication: u32,
    /// The instant that it is looked at, after what happened at it.
    at: Instant,
}

impl Run<'_> {
    fn watch(self, observer: &mut impl Observer) -> Result<(), RunError> {
        simulate_until(self.model, self.seed, self.replication, just_after(self.at), observer).map(|_| ())
    }

    /// Writes the rows of tickets; how many there were.
    fn tickets(
        self,
        filter: &Filter,
        format: FileFormat,
        out: &mut (dyn Write + Send),
        progress: &(dyn Fn(Progress) + Sync),
    ) -> Result<u64, Unwritten> {
        let Run { model, seed, replication, at } = self;
        let content = Content::new(&model.names, seed, replication);
        let mut table = TicketTable::new(&model.settings, &model.names, content);
        let mut rows = format.open(table.columns(), &model.plan.civil, out)?;
        let mut days = Days::new(at, 2, progress);
        let hindsight = Hindsight::until(model, seed, replication, just_after(at), &mut days)?;
        let cast = Cast::new(model);
        let mut tally = Tally::default();
        let ledger = Ledger::new(&cast, &hindsight, |row: &TicketRow| {
            if filter.passes(row) {
                tally.add(|| table.write(row, &mut *rows).map(|()| 1));
            }
        });
        self.watch(&mut (Until(at, ledger), days))?;
        tally.finish(rows)
    }

    /// Writes the rows of messages; how many there were.
    fn messages(
        self,
        filter: &Filter,
        format: FileFormat,
        out: &mut (dyn Write + Send),
        progress: &(dyn Fn(Progress) + Sync),
    ) -> Result<u64, Unwritten> {
        let Run { model, seed, replication, at } = self;
        let content = Content::new(&model.names, seed, replication);
        let mut table = MessageTable::new(&model.names, content);
        let mut rows = format.open(table.columns(), &model.plan.civil, out)?;
        let mut days = Days::new(at, 1 + Wanted::passes(filter), progress);
        let wanted = Wanted::of(model, seed, replication, just_after(at), filter, &mut days)?;
        let mut tally = Tally::default();
        let messages = Messages::new(|message: &Message| {
            if wanted.holds(message) {
                tally.add(|| table.write(message, &mut *rows));
            }
        });
        self.watch(&mut (messages, days))?;
        tally.finish(rows)
    }

    /// Writes the rows of notifications; how many there were.
    fn notifications(
        self,
        filter: &Filter,
        format: FileFormat,
        out: &mut (dyn Write + Send),
        progress: &(dyn Fn(Progress) + Sync),
    ) -> Result<u64, Unwritten> {
        let table = NotificationTable::new(&self.model.names);
        let mut rows = format.open(table.columns(), &self.model.plan.civil, out)?;
        let mut tally = Tally::default();
        let notifications = Notifications::new(filter, |of: &Notification| {
            tally.add(|| table.write(of, &mut *rows).map(|()| 1));
        });
        self.watch(&mut (notifications, Days::new(self.at, 1, progress)))?;
        tally.finish(rows)
    }

    /// Writes the rows of users; how many there were.
    fn users(
        self,
        filter: &Filter,
        format: FileFormat,
        out: &mut (dyn Write + Send),
        progress: &(dyn Fn(Progress) + Sync),
    ) -> Result<u64, Unwritten> {
        let table = UserTable::new(&self.model.names);
        let mut rows = format.open(table.columns(), &self.model.plan.civil, out)?;
        let mut users = Users { at: self.at, filter, rows: Vec::new() };
        self.watch(&mut (&mut users, Days::new(self.at, 1, progress)))?;
        let mut tally = Tally::default();
        users.rows.iter().for_each(|row| tally.add(|| table.write(row, &mut *rows).map(|()| 1)));
        tally.finish(rows)
    }
}

/// Reads users off the desk when the instant has come.
struct Users<'a> {
    at: Instant,
    filter: &'a Filter,
    rows: Vec<UserRow>,
}

impl Observer for Users<'_> {
    fn step(&mut self, _: &Step<'_>, _: &Desk) {}

    fn finish(&mut self, _: Instant, desk: &Desk) {
        self.rows = UserRow::all(self.at, desk, self.filter);
    }
}

/// Why a table was not written.
enum Unwritten {
    Table(OpenError),
    Run(RunError),
}

impl From<OpenError> for Unwritten {
    fn from(error: OpenError) -> Unwritten {
        Unwritten::Table(error)
    }
}

impl From<io::Error> for Unwritten {
    fn from(error: io::Error) -> Unwritten {
        Unwritten::Table(error.into())
    }
}

impl From<RunError> for Unwritten {
    fn from(error: RunError) -> Unwritten {
        Unwritten::Run(error)
    }
}

/// How many rows were written, and what hindered it; what comes after that is not written.
#[derive(Default)]
struct Tally {
    rows: u64,
    failed: Option<io::Error>,
}

impl Tally {
    fn add(&mut self, write: impl FnOnce() -> io::Result<u64>) {
        if self.failed.is_none() {
            match write() {
                Ok(rows) => self.rows += rows,
                Err(error) => self.failed = Some(error),
            }
        }
    }

    fn finish(self, rows: Box<dyn Rows + '_>) -> Result<u64, Unwritten> {
        if let Some(error) = self.failed {
            return Err(error.into());
        }
        rows.finish()?;
        Ok(self.rows)
    }
}

/// Tells the simulated days that are over, of all passes through the run.
struct Days<'a> {
    progress: &'a (dyn Fn(Progress) + Sync),
    tomorrow: Instant,
    done: u64,
    of: u64,
}

const DAY: Span = Span::from_secs(86_400);

impl<'a> Days<'a> {
    fn new(at: Instant, passes: u64, progress: &'a (dyn Fn(Progress) + Sync)) -> Days<'a> {
        let of = passes * at.as_micros().div_ceil(DAY.as_micros()).max(1);
        Days { progress, tomorrow: Instant::MAX, done: 0, of }
    }

    fn tell(&mut self) {
        self.done += 1;
        (self.progress)(Progress { done: self.done, of: self.of, hundredths: 0 });
    }
}

impl Observer for Days<'_> {
    fn start(&mut self, now: Instant, _desk: &Desk) {
        self.tomorrow = now + DAY;
    }

    fn step(&mut self, step: &Step<'_>, _desk: &Desk) {
        while step.now >= self.tomorrow {
            self.tomorrow = self.tomorrow + DAY;
            self.tell();
        }
    }

    fn finish(&mut self, now: Instant, _desk: &Desk) {
        while now > self.tomorrow {
            self.tomorrow = self.tomorrow + DAY;
            self.tell();
        }
        self.tell();
    }
}

/// Why a table was not written, in words.
fn unwritten(error: Unwritten, draft: &Draft, terminal: &Terminal) -> Failure {
    let error = match error {
        Unwritten::Run(error) => return error.into(),
        Unwritten::Table(OpenError::NotBuilt) => return not_built(terminal),
        Unwritten::Table(OpenError::Io(error)) => error,
    };
    if error.get_ref().is_some_and(|source| source.is::<TooManyRows>()) {
        let help = "write csv, parquet or jsonl, or choose fewer rows with --from and --to";
        return Failure::input(terminal, error, help);
    }
    draft.failure(error, terminal)
}
