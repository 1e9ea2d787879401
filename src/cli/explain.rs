//! `explain FILE --ticket ID`.

use super::arguments::{Arguments, Changes, Format};
use super::exit::Failure;
use super::files;
use super::filters::{Complaints, moment};
use super::replay::log_failure;
use super::scenarios;
use super::terminal::Terminal;
use crate::ledger::{Content, Hindsight, Ledger, Message, Messages, TicketCard, TicketRow, Until, just_after};
use crate::measures::Cast;
use crate::report::{Circumstances, story_json, story_markdown, story_page};
use crate::scenario::{Part, Scenario};
use crate::simulation::{Bench, Names, Observer, ReadChange, Storyteller, offer, replay, simulate_until};
use clap::Args;
use std::io::Write;
use std::path::PathBuf;

/// Arguments of `explain`.
#[derive(Args, Debug)]
#[command(after_help = "\
The ticket's card comes first (status, agent, timers with the time left, custom fields, sentiment), then its conversation and its \
history. At each automatic assignment: who was eligible, with what the policy's keys said of them, who was not and by which rule, and which key \
decided. The rules are gone through anew from what had happened until then, not read off the desk.

  desksim explain desk.toml --ticket 0000042
  desksim explain desk.toml --ticket 42 --policy least_open --policy longest_idle
  desksim explain log.jsonl --desk desk.toml --ticket 42")]
pub struct Explain {
    /// The scenario; or, with --desk, a log. `-` is standard input
    pub file: PathBuf,
    /// Which ticket, by its ID
    #[arg(long, value_name = "ID", value_parser = ticket_number)]
    pub ticket: u32,
    /// Tell who would have got it under this policy, too; JSON tells of all unless some are named
    #[arg(long = "policy", value_name = "NAME")]
    pub policies: Vec<String>,
    /// Of which replication
    #[arg(long, value_name = "N", default_value_t = 0, conflicts_with = "desk")]
    pub replication: u32,
    /// As it stood at this instant: civil time of the desk, or a duration from the start [default: the end of the run]
    #[arg(long, value_name = "TIME", conflicts_with = "desk")]
    pub at: Option<String>,
    /// The scenario whose desk the log goes through
    #[arg(long, value_name = "FILE")]
    pub desk: Option<PathBuf>,
    #[command(flatten)]
    #[allow(missing_docs)]
    pub changes: Changes,
    /// Name all random streams by this seed, instead of the scenario's
    #[arg(long, value_name = "N")]
    pub seed: Option<u64>,
}

fn ticket_number(text: &str) -> Result<u32, String> {
    match text.parse() {
        Ok(number) if number > 0 => Ok(number),
        _ => Err("tickets have IDs such as 0000042".to_owned()),
    }
}

/// Tells a ticket's life, and why it went where it went.
pub(super) fn explain(arguments: &Explain, global: &Arguments, terminal: &Terminal) -> Result<(), Failure> {
    let (path, part) = match &arguments.desk {
        Some(desk) => (desk, Part::Desk),
        None => (&arguments.file, Part::Whole),
    };
    let log = arguments.desk.as_ref().map(|_| &arguments.file);
    files::read_once([Some(path), log].into_iter().flatten().map(PathBuf::as_path), terminal)?;
    let scenario = scenarios::read(path, &arguments.changes, part, terminal)?;
    let seed = arguments.seed.unwrap_or(scenario.model.run.seed);
    let mut teller = storyteller(arguments, global.format, &scenario, terminal)?;
    let model = &scenario.model;
    let (mut row, mut messages) = (None, Vec::new());
    let names = {
        let (cast, hindsight) = (Cast::new(model), Hindsight::none());
        let ledger = Ledger::new(&cast, &hindsight, |of: &TicketRow| {
            if of.ticket.number == arguments.ticket {
                row = Some(of.clone());
            }
        });
        let correspondence = Messages::new(|message: &Message| {
            if message.ticket.is_some_and(|(ticket, _)| ticket.number == arguments.ticket) {
                messages.push(*message);
            }
        });
        match arguments.desk {
            Some(_) => {
                let mut watchers = (&mut teller, ledger, correspondence);
                watch_log(arguments, &scenario, seed, &mut watchers, terminal)?
            }
            None => {
                let mut wrong = Complaints::new(terminal);
                let at = moment(arguments.at.as_deref(), &model.plan.civil, model.run.duration, &mut wrong);
                wrong.finish()?;
                let mut watchers = (&mut teller, Until(at, ledger), correspondence);
                simulate_until(model, seed, arguments.replication, just_after(at), &mut watchers)?;
                model.names.clone()
            }
        }
    };
    if arguments.ticket as usize > teller.tickets() {
        let message = format!("there is no ticket {:07}", arguments.ticket);
        let help = match (teller.tickets(), &arguments.desk) {
            (0, _) => "no ticket was ever created".to_owned(),
            (count, Some(_)) => format!("the log makes {count} tickets: 0000001 to {count:07}"),
            (count, None) => {
                format!("replication {} makes {count} tickets: 0000001 to {count:07}", arguments.replication)
            }
        };
        return Err(Failure::input(terminal, message, help));
    }
    let story = teller.tell(&names);
    let row = row.expect("a ticket that was created has a row");
    let content = Content::new(&names, seed, arguments.replication);
    let card = TicketCard::new(&row, &messages, &names, &model.plan.civil, content);
    let circumstances = Circumstances {
        version: env!("CARGO_PKG_VERSION").to_owned(),
        title: scenario.model.title.clone(),
        scenario: scenario.model.hash.clone(),
        seed,
        replication: arguments.desk.is_none().then_some(arguments.replication),
    };
    let text = match global.format {
        Format::Text => story_page(&circumstances, &card, &story),
        Format::Markdown => story_markdown(&circumstances, &card, &story),
        Format::Json => story_json(&circumstances, &card, &story),
    };
    terminal.result(|out| out.write_all(text.as_bytes()))
}

fn storyteller(
    arguments: &Explain,
    format: Format,
    scenario: &Scenario,
    terminal: &Terminal,
) -> Result<Storyteller, Failure> {
    let named = scenario.vocabulary.policies();
    let known = named.iter().map(|(name, _)| name.as_str());
    for name in &arguments.policies {
        if !known.clone().any(|known| known == name) {
            let message = format!("no policy is called `{name}`");
            return Err(Failure::input(terminal, message, offer(name, known)));
        }
    }
    let others = match (arguments.policies.is_empty(), format) {
        (true, Format::Text | Format::Markdown) => Vec::new(),
        (true, Format::Json) => named.iter().map(|(name, _)| name.clone()).collect(),
        (false, _) => arguments.policies.clone(),
    };
    let settings = &scenario.model.settings;
    Ok(Storyteller::new(arguments.ticket, settings.civil.clone(), settings.channels.len(), named, others))
}

/// Puts a log through the desk; gives the names that it knows afterwards.
fn watch_log(
    arguments: &Explain,
    scenario: &Scenario,
    seed: u64,
    watchers: &mut dyn Observer,
    terminal: &Terminal,
) -> Result<Names, Failure> {
    let mut log = files::open(&arguments.file, terminal)?;
    let read: &ReadChange<'_> = &|names, _, settings| scenario.vocabulary.channel_change(settings, names);
    let mut bench = Bench::new(&scenario.model, seed, read);
    bench.watch(watchers);
    replay(&mut log, &mut bench, &mut std::io::sink())
        .map_err(|error| log_failure(&files::name_of(&arguments.file), error, terminal))?;
    bench.finish();
    Ok(bench.names().clone())
}
