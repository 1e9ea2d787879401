//! `export tickets|messages FILE -o OUT`.

use super::arguments::{Arguments, Changes, Format};
use super::exit::{Exit, Failure};
use super::files::Draft;
use super::outputs::{self, Inputs, Output};
use super::progress::with_bar;
use super::scenarios;
use super::terminal::Terminal;
use crate::desk::{Desk, UserId};
use crate::experiment::Progress;
use crate::ledger::{Content, Filter, Hindsight, Ledger, Message, Messages, StatusCard, TicketRow, Wanted};
use crate::measures::Cast;
use crate::report::export::{FileFormat, MessageTable, OpenError, Rows, TicketTable, TooManyRows};
use crate::scenario::{Part, Scenario};
use crate::simulation::{Model, Observer, RunError, Step, offer, simulate};
use crate::time::{Civil, Instant, Span};
use clap::{Args, ValueEnum};
use std::io::{self, Write};
use std::path::PathBuf;

/// Arguments of `export`.
#[derive(Args, Debug)]
#[command(after_long_help = "\
Tickets: a row is one cycle of a ticket, from its creation or a reopening to its closure; tickets that are never reopened \
have one row. Its `status` is the card of the dashboard that it is on: Closed once it has ended. `reopens` counts the \
reopenings of the whole run, so the row with cycle = reopens + 1 says how the ticket stands at the end (--latest writes no \
others). Rows stand in the order in which cycles ended; those that have not ended come last, by ticket. Dates are those of \
`created_at`.

The SLA columns tell of one timer of the cycle: the first that was breached, or else the last that started. Its time is on \
its own clock, and `first_response_charged_to` and `closure_charged_to` name who held the ticket when it ended. `sentiment` \
follows from what the customer went through.

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
    /// The scenario; `-` is standard input
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

/// Writes the tickets or messages of one replication.
pub(super) fn export(arguments: &Export, global: &Arguments, terminal: &Terminal) -> Result<(), Failure> {
    let format = format(arguments, global, terminal)?;
    let scenario = scenarios::read(&arguments.file, &arguments.changes, Part::Whole, terminal)?;
    let filter = choice(arguments, &scenario, terminal)?;
    let model = &scenario.model;
    let run = Run { model, seed: arguments.seed.unwrap_or(model.run.seed), replication: arguments.replication };
    // A place that cannot be written is found before the work, not after it.
    let output = Output::at("--output", Some(&arguments.output));
    let [draft] = outputs::begin(&Inputs::of(&arguments.file, &scenario), [output], Format::Text, terminal)?;
    let mut draft = draft.expect("an export has a place");
    let written = with_bar(terminal, "simulated days", |progress| {
        let out = draft.out();
        match arguments.what {
            Exported::Tickets => run.tickets(&filter, format, out, progress),
            Exported::Messages => run.messages(&filter, format, out, progress),
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

/// What `--format` says, or the ending of the file's name, or else CSV.
fn format(arguments: &Export, global: &Arguments, terminal: &Terminal) -> Result<FileFormat, Failure> {
    if global.format != Format::Text {
        let help = "give the format after `export`: --format jsonl";
        return Err(Failure::input(terminal, "an export is csv, xlsx, parquet or jsonl", help));
    }
    let ending = || arguments.output.extension().and_then(|ending| FileFormat::of_ending(ending.to_str()?));
    let format = match arguments.table_format {
        Some(TableFormat::Csv) => FileFormat::Csv,
        Some(TableFormat::Xlsx) => FileFormat::Xlsx,
        Some(TableFormat::Parquet) => FileFormat::Parquet,
        Some(TableFormat::Jsonl) => FileFormat::Jsonl,
        None => ending().unwrap_or(FileFormat::Csv),
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

/// The filter that the command line asks for, or all that is wrong with it.
fn choice(arguments: &Export, scenario: &Scenario, terminal: &Terminal) -> Result<Filter, Failure> {
    let names = &scenario.model.names;
    let civil = &scenario.model.plan.civil;
    let mut wrong = String::new();
    let mut tell = |message: String, help: String| wrong.push_str(&terminal.error(message, help));

    let most = scenario.precision.as_ref().map_or(scenario.model.run.replications, |precision| precision.at_most);
    if arguments.replication >= most {
        tell(
            format!("there is no replication {}: the scenario's are 0 to {}", arguments.replication, most - 1),
            format!("choose one of them, or run more: --set run.replications={}", u64::from(arguments.replication) + 1),
        );
    }

    let mut bound = |option: &str, text: &Option<String>| {
        let text = text.as_ref()?;
        let at = civil.read(text);
        if at.is_none() {
            tell(
                format!("--{option}: `{text}` is not a date and time"),
                "write civil time of the desk, 2026-03-02 or 2026-03-02T09:00, or give an offset: \
                 2026-03-02T09:00:00+01:00"
                    .to_owned(),
            );
        }
        at
    };
    let (from, to) = (bound("from", &arguments.from), bound("to", &arguments.to));
    if let (Some(first), Some(last)) = (from, to)
        && first >= last
    {
        let [from, to] = [&arguments.from, &arguments.to].map(|text| text.as_deref().unwrap_or_default());
        tell(
            format!("--from {from} is not before --to {to}"),
            if first == last {
                "rows from --from on and before --to are written: give a later --to".to_owned()
            } else {
                format!("exchange them: --from {to} --to {from}")
            },
        );
    }

    let mut filter = Filter { latest: arguments.latest, ..Filter::default() };
    // What lies before the run is as early as can be.
    let instant = |micros: i64| Instant::from_micros(u64::try_from(micros).unwrap_or(0));
    (filter.from, filter.to) = (from.map(instant), to.map(instant));
    for name in &arguments.channels {
        match names.find_channel(name) {
            Some(channel) => filter.channels.push(channel),
            None => tell(format!("--channel: no channel is called `{name}`"), offer(name, names.channel_names())),
        }
    }
    for name in &arguments.groups {
        match names.find_group(name) {
            Some(group) => filter.groups.push(group),
            None => tell(format!("--group: no group is called `{name}`"), offer(name, names.group_names())),
        }
    }
    for name in &arguments.agents {
        // As everywhere in a scenario, a table of agents is all of them.
        match (names.find_user(name), scenario.vocabulary.table(name)) {
            (Some(user), _) => filter.agents.push(user),
            (None, Some(users)) => filter.agents.extend(users.map(UserId)),
            (None, None) => tell(format!("--agent: no agent is called `{name}`"), offer(name, names.user_names())),
        }
    }
    for name in &arguments.statuses {
        match StatusCard::named(name) {
            Some(card) => filter.cards.push(card),
            None => {
                let cards = StatusCard::ALL.map(StatusCard::name);
                tell(format!("--status: no status is called `{name}`"), offer(name, cards.into_iter()));
            }
        }
    }
    if !wrong.is_empty() {
        return Err(Failure::Told(Exit::Input, wrong));
    }
    warn_of_emptiness(from, to, civil, scenario.model.run.duration, terminal);
    Ok(filter)
}

/// Says so if the range of dates and the run do not meet.
fn warn_of_emptiness(from: Option<i64>, to: Option<i64>, civil: &Civil, duration: Span, terminal: &Terminal) {
    let after = from.is_some_and(|from| from >= i64::try_from(duration.as_micros()).unwrap_or(i64::MAX));
    if after || to.is_some_and(|to| to <= 0) {
        let end = Instant::ZERO + duration;
        terminal.say(format_args!(
            "note: the run lasts from {} to {}, and the dates asked for lie outside",
            civil.with_offset(Instant::ZERO),
            civil.with_offset(end)
        ));
    }
}

/// The run whose rows are written.
#[derive(Clone, Copy)]
struct Run<'m> {
    model: &'m Model,
    seed: u64,
    replication: u32,
}

impl Run<'_> {
    /// Writes the rows of tickets; how many there were.
    fn tickets(
        self,
        filter: &Filter,
        format: FileFormat,
        out: &mut (dyn Write + Send),
        progress: &(dyn Fn(Progress) + Sync),
    ) -> Result<u64, Unwritten> {
        let Run { model, seed, replication } = self;
        let content = Content::new(&model.names, seed, replication);
        let mut table = TicketTable::new(&model.settings, &model.names, content);
        let mut rows = format.open(table.columns(), &model.plan.civil, out)?;
        let mut days = Days::new(model, 2, progress);
        let hindsight = Hindsight::of(model, seed, replication, &mut days)?;
        let cast = Cast::new(model);
        let mut tally = Tally::default();
        let ledger = Ledger::new(&cast, &hindsight, |row: &TicketRow| {
            if filter.passes(row) {
                tally.add(|| table.write(row, &mut *rows).map(|()| 1));
            }
        });
        simulate(model, seed, replication, &mut (ledger, days))?;
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
        let Run { model, seed, replication } = self;
        let content = Content::new(&model.names, seed, replication);
        let mut table = MessageTable::new(&model.names, content);
        let mut rows = format.open(table.columns(), &model.plan.civil, out)?;
        let mut days = Days::new(model, 1 + Wanted::passes(filter), progress);
        let wanted = Wanted::of(model, seed, replication, filter, &mut days)?;
        let mut tally = Tally::default();
        let messages = Messages::new(|message: &Message| {
            if wanted.holds(message) {
                tally.add(|| table.write(message, &mut *rows));
            }
        });
        simulate(model, seed, replication, &mut (messages, days))?;
        tally.finish(rows)
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
    fn new(model: &Model, passes: u64, progress: &'a (dyn Fn(Progress) + Sync)) -> Days<'a> {
        let of = passes * model.run.duration.as_micros().div_ceil(DAY.as_micros());
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
