//! Which tickets, users and moments of a run are meant: the options that exports and the dashboard share (DSH-4, EXP-1).

use super::exit::{Exit, Failure};
use super::terminal::Terminal;
use crate::desk::UserId;
use crate::ledger::{Filter, StatusCard};
use crate::scenario::Scenario;
use crate::simulation::offer;
use crate::time::{Civil, Instant, Span};
use clap::Args;

/// Options that choose tickets.
#[derive(Args, Debug)]
pub struct Filters {
    /// Only what was open at or after this date or time, in the desk's civil time
    #[arg(long, value_name = "TIME")]
    pub from: Option<String>,
    /// Only what was open before this date or time
    #[arg(long, value_name = "TIME")]
    pub to: Option<String>,
    /// Only of this channel (repeatable)
    #[arg(long = "channel", value_name = "NAME")]
    pub channels: Vec<String>,
    /// Only had by a member of this group, waiting for it, or assigned through it (repeatable)
    #[arg(long = "group", value_name = "NAME")]
    pub groups: Vec<String>,
    /// Only assigned to this agent; the name of an agent table is all of its people (repeatable)
    #[arg(long = "agent", value_name = "NAME")]
    pub agents: Vec<String>,
    /// Only with this status: closed, queued, escalated, reopened, awaiting-response, open (repeatable)
    #[arg(long = "status", value_name = "STATUS", value_delimiter = ',')]
    pub statuses: Vec<String>,
}

/// What a command line asks for: a filter and an instant.
pub(super) struct Chosen {
    pub(super) filter: Filter,
    /// The end of the run unless set.
    pub(super) at: Instant,
}

/// What is wrong with a command line, told together.
pub(super) struct Complaints<'a> {
    terminal: &'a Terminal,
    words: String,
}

impl<'a> Complaints<'a> {
    pub(super) fn new(terminal: &'a Terminal) -> Complaints<'a> {
        Complaints { terminal, words: String::new() }
    }

    pub(super) fn tell(&mut self, message: String, help: String) {
        self.words.push_str(&self.terminal.error(message, help));
    }

    pub(super) fn finish(self) -> Result<(), Failure> {
        if self.words.is_empty() { Ok(()) } else { Err(Failure::Told(Exit::Input, self.words)) }
    }
}

impl Filters {
    /// The filter and the instant that are asked for; what is wrong is told to `wrong`.
    pub(super) fn choose(
        &self,
        at: Option<&str>,
        replication: u32,
        scenario: &Scenario,
        wrong: &mut Complaints<'_>,
    ) -> Chosen {
        let names = &scenario.model.names;
        let civil = &scenario.model.plan.civil;
        let duration = scenario.model.run.duration;
        let terminal = *wrong.terminal;
        check_replication(replication, scenario, wrong);

        let mut bound = |option: &str, text: &Option<String>| {
            let text = text.as_ref()?;
            let at = civil.read(text);
            if at.is_none() {
                wrong.tell(
                    format!("--{option}: `{text}` is not a date and time"),
                    "write civil time of the desk, 2026-03-02 or 2026-03-02T09:00, or give an offset: \
                     2026-03-02T09:00:00+01:00"
                        .to_owned(),
                );
            }
            at
        };
        let (from, to) = (bound("from", &self.from), bound("to", &self.to));
        if let (Some(first), Some(last)) = (from, to)
            && first >= last
        {
            let [from, to] = [&self.from, &self.to].map(|text| text.as_deref().unwrap_or_default());
            wrong.tell(
                format!("--from {from} is not before --to {to}"),
                if first == last {
                    "rows from --from on and before --to are written: give a later --to".to_owned()
                } else {
                    format!("exchange them: --from {to} --to {from}")
                },
            );
        }
        let at = moment(at, civil, duration, wrong);

        let mut filter = Filter::default();
        // What lies before the run is as early as can be.
        let instant = |micros: i64| Instant::from_micros(u64::try_from(micros).unwrap_or(0));
        (filter.from, filter.to) = (from.map(instant), to.map(instant));
        let mut tell = |message: String, help: String| wrong.tell(message, help);
        for name in &self.channels {
            match names.find_channel(name) {
                Some(channel) => filter.channels.push(channel),
                None => tell(format!("--channel: no channel is called `{name}`"), offer(name, names.channel_names())),
            }
        }
        for name in &self.groups {
            match names.find_group(name) {
                Some(group) => filter.groups.push(group),
                None => tell(format!("--group: no group is called `{name}`"), offer(name, names.group_names())),
            }
        }
        for name in &self.agents {
            // As everywhere in a scenario, a table of agents is all of them.
            match (names.find_user(name), scenario.vocabulary.table(name)) {
                (Some(user), _) => filter.agents.push(user),
                (None, Some(users)) => filter.agents.extend(users.map(UserId)),
                (None, None) => tell(format!("--agent: no agent is called `{name}`"), offer(name, names.user_names())),
            }
        }
        for name in &self.statuses {
            match StatusCard::named(name) {
                Some(card) => filter.cards.push(card),
                None => {
                    let cards = StatusCard::ALL.map(StatusCard::name);
                    tell(format!("--status: no status is called `{name}`"), offer(name, cards.into_iter()));
                }
            }
        }
        warn_of_emptiness(from, to, civil, duration, &terminal);
        Chosen { filter, at }
    }
}

/// Says so if the scenario has no such replication.
fn check_replication(replication: u32, scenario: &Scenario, wrong: &mut Complaints<'_>) {
    let most = scenario.precision.as_ref().map_or(scenario.model.run.replications, |precision| precision.at_most);
    if replication >= most {
        wrong.tell(
            format!("there is no replication {replication}: the scenario's are 0 to {}", most - 1),
            format!("choose one of them, or run more: --set run.replications={}", u64::from(replication) + 1),
        );
    }
}

/// The instant that `--at` names: a civil time, or so long after the start; the end of the run unless set.
pub(super) fn moment(text: Option<&str>, civil: &Civil, duration: Span, wrong: &mut Complaints<'_>) -> Instant {
    let end = Instant::ZERO + duration;
    let Some(text) = text else { return end };
    let span = || text.trim().parse::<Span>().ok().and_then(|span| i64::try_from(span.as_micros()).ok());
    let Some(micros) = civil.read(text).or_else(span) else {
        wrong.tell(
            format!("--at: `{text}` is neither a time nor a duration"),
            "write civil time of the desk, 2026-03-02T09:00, or a duration from the start of the run, 90m".to_owned(),
        );
        return end;
    };
    match u64::try_from(micros).map(Instant::from_micros) {
        Ok(at) if at <= end => at,
        _ => {
            let (first, last) = (civil.with_offset(Instant::ZERO), civil.with_offset(end));
            wrong.tell(
                format!("--at {text} lies outside the run"),
                format!(
                    "the run lasts from {first} to {last}: choose a time in it, or at most {duration} from its start"
                ),
            );
            end
        }
    }
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
