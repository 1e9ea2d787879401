//! The page of a run.

use super::words::{count, mean, secs, share};
use super::{ChartText, embedded, filled};
use crate::experiment::StabilityVerdict;
use crate::experiment::{
    CELL_NUMBERS, CUSTOMER_OUTCOMES, OUTCOMES, Picture, Results, Story, Summary, TicketLine, TimerLine, ToldTicket,
    cell_number,
};
use crate::ledger::{
    CardMessage, Dashboard as DeskDashboard, Notices, NotificationLine, QueueLine, TimerLine as LiveTimer, UserLine,
};
use crate::measures::Unit;
use crate::report::chart::Clock;
use crate::report::explain;
use crate::report::page;
use crate::report::quantity::{NONE, duration, figure};
use crate::report::run_charts::{charts, clock, several};
use crate::simulation::Moment;
use crate::time::Span;
use serde::Serialize;
use std::collections::BTreeMap;

/// Tickets that the page lists before the script does.
const LISTED: usize = 25;

#[derive(Serialize)]
struct Page<'a> {
    title: &'a str,
    about: Vec<(&'static str, String)>,
    verdict: String,
    tiles: Vec<Tile>,
    dashboard: Dashboard<'a>,
    sla: Vec<SlaLine>,
    flow: Vec<Vec<String>>,
    precision: Vec<Vec<String>>,
    hint: String,
    stability: Vec<String>,
    notes: Vec<String>,
    stable: &'static str,
    charts: BTreeMap<&'static str, ChartText>,
    replications: u32,
    pictured: u32,
    source: &'a crate::experiment::SourceText,
    scenario: &'a str,
    digest: &'a str,
    draws: &'a str,
    seed: u64,
    version: &'a str,
    /// JSON that is safe to stand in the page.
    data: String,
}

#[derive(Serialize)]
struct Tile {
    name: &'static str,
    value: String,
    spread: String,
    note: String,
}

#[derive(Serialize)]
struct Dashboard<'a> {
    channels: &'a [String],
    groups: &'a [String],
    /// Agents that had a ticket, with their index.
    agents: Vec<(usize, &'a str)>,
    cards: Vec<Card<'a>>,
    total: String,
    first_day: &'a str,
    last_day: &'a str,
    days_together: u32,
    by_agent: bool,
    /// DSH-2: the table; the bars and the pie are charts.
    kpi: Vec<Kpi>,
    every: u32,
    rows: Vec<Vec<String>>,
    listed: String,
    /// Whether there are cards of tickets, and of every how many-th.
    cards_every: Option<u32>,
    /// The desk at the end of the run (DSH-3).
    connections: [u64; 3],
    users: Vec<Vec<String>>,
    more_users: usize,
    queue: Vec<Vec<String>>,
    queue_length: String,
    stays_every: u32,
    timers: Vec<Vec<String>>,
    live_timers: String,
    notices: &'a Notices,
    notifications: Vec<Vec<String>>,
}

#[derive(Serialize)]
struct Card<'a> {
    name: &'a str,
    count: String,
    share: String,
}

#[derive(Serialize)]
struct Kpi {
    name: String,
    /// Its cycles as a part of the most that anybody has, in percent.
    bar: String,
    cells: Vec<String>,
}

#[derive(Serialize)]
struct SlaLine {
    channel: String,
    cells: Vec<String>,
}

/// What the script works on.
#[derive(Serialize)]
struct Data<'a> {
    start: &'a str,
    zone: &'a str,
    end: f64,
    days: Vec<(f64, &'a str)>,
    numbers: [&'static str; CELL_NUMBERS.len()],
    outcomes: [&'static str; OUTCOMES.len()],
    customer_outcomes: [&'static str; CUSTOMER_OUTCOMES.len()],
    story: Story,
    /// By ticket number: what its card says.
    ticket_cards: BTreeMap<u32, CardText>,
}

/// A ticket's card in words.
#[derive(Serialize)]
struct CardText {
    facts: Vec<(String, String)>,
    /// When, who, and what they wrote.
    messages: Vec<[String; 3]>,
    /// When, and what happened.
    history: Vec<[String; 2]>,
}

/// A run's results and picture as a page for a browser.
pub fn html(results: &Results, picture: &Picture) -> String {
    let story = &picture.story;
    let data = Data {
        start: &picture.start,
        zone: &picture.zone,
        end: results.facts.duration.as_secs_f64(),
        days: picture.days.iter().map(|day| (day.at, day.date.as_str())).collect(),
        numbers: CELL_NUMBERS,
        outcomes: OUTCOMES.map(|outcome| outcome.name()),
        customer_outcomes: CUSTOMER_OUTCOMES.map(|outcome| outcome.name()),
        // What stands in the page in words is not given to the script again.
        story: Story { ticket_cards: Vec::new(), dashboard: DeskDashboard::default(), ..story.clone() },
        ticket_cards: story.ticket_cards.iter().filter_map(ticket_card).collect(),
    };
    let title = results.facts.title.trim();
    let clock = clock(results, picture);
    let page = Page {
        title: if title.is_empty() { "Untitled" } else { title },
        about: about(results, picture),
        verdict: verdict(results),
        tiles: tiles(results),
        dashboard: dashboard(picture, clock.as_ref()),
        sla: sla(results),
        flow: flow(results),
        precision: precision(results),
        hint: page::about(results),
        stability: page::stability(results),
        notes: super::super::notes(results),
        stable: stable(results),
        charts: charts(results, picture).into_iter().map(|chart| (chart.kind, ChartText::new(chart))).collect(),
        replications: results.replications,
        pictured: picture.replications,
        source: &picture.source,
        scenario: &results.scenario,
        digest: &results.digest,
        draws: &results.draws,
        seed: results.seed,
        version: &results.version,
        data: embedded(&data),
    };
    filled("run.html", page)
}

fn ticket_card(told: &ToldTicket) -> Option<(u32, CardText)> {
    let short = |time: &str| time.get(5..19).unwrap_or(time).replace('T', " ");
    let message = |of: &CardMessage| {
        let parts: Vec<String> = of.parts.iter().map(explain::part).collect();
        [short(&of.time), of.sender.clone(), parts.join(" ")]
    };
    let moment = |of: &Moment| {
        let day = of.time.split('T').next().unwrap_or_default();
        [short(&of.time), explain::sentence(&of.what, day)]
    };
    let text = CardText {
        facts: explain::facts(&told.card),
        messages: told.card.messages.iter().map(message).collect(),
        history: told.history.iter().map(moment).collect(),
    };
    Some((told.card.ticket.parse().ok()?, text))
}

/// The verdict on stability in a word or two.
fn stable(results: &Results) -> &'static str {
    match results.stability.as_ref().map(|of| of.verdict) {
        Some(StabilityVerdict::Stable) => "stable",
        Some(StabilityVerdict::Unsettled) => "not settled",
        Some(StabilityVerdict::Unknown) => "too close to tell",
        Some(StabilityVerdict::Overloaded) => "overloaded",
        None => "not told",
    }
}

fn desk(results: &Results, metric: &str) -> Option<Summary> {
    results.get(metric)?.summary
}

fn about(results: &Results, picture: &Picture) -> Vec<(&'static str, String)> {
    let runs = several(u64::from(results.replications), "run");
    let warmup = match results.facts.warmup {
        Span::ZERO => String::new(),
        warmup => format!(", the first {warmup} left out"),
    };
    // Groups may share agents, so their sizes do not add up to the desk's.
    let agents = picture.story.diary.agents.len() as u64 + u64::from(picture.story.diary.others);
    vec![
        ("Runs", format!("{runs} of {}{warmup}", results.facts.duration)),
        ("From", format!("{}, {}", picture.start.replace('T', " "), picture.zone)),
        (
            "Desk",
            format!(
                "{}, {}, {}",
                several(results.facts.targets.len() as u64, "channel"),
                several(results.facts.groups.len() as u64, "group"),
                several(agents, "agent")
            ),
        ),
        ("Seed", results.seed.to_string()),
    ]
}

/// The verdict in a sentence.
fn verdict(results: &Results) -> String {
    let of =
        |metric: &str, unit| desk(results, metric).map(|summary| super::super::quantity::mean(Some(summary), unit));
    let kept = |timer: &str| {
        let summary = desk(results, &format!("sla.{timer}.breach_rate"))?;
        Some(format!("{:.1}\u{a0}%", (1.0 - summary.mean) * 100.0))
    };
    let abandoned = desk(results, "tickets.abandon_rate").filter(|rate| rate.mean > 0.0).map(|rate| {
        let rate = super::super::quantity::mean(Some(rate), Unit::Share);
        format!("{rate} of the tickets were abandoned")
    });
    let waited = of("customer.first_response.mean", Unit::Seconds)
        .map(|time| format!("customers waited {time} on average for a first reply, queue included"));
    let promises = match (kept("first_response"), kept("closure")) {
        (Some(first), Some(closure)) => {
            Some(format!("The desk kept {first} of its promises of a first response and {closure} of those of closure"))
        }
        (Some(first), None) => Some(format!("The desk kept {first} of its promises of a first response")),
        (None, Some(closure)) => Some(format!("The desk kept {closure} of its promises of closure")),
        // Where nothing was promised, what became of customers comes first.
        (None, None) => None,
    };
    let queued = of("queue.wait.p95", Unit::Seconds)
        .filter(|_| promises.is_none())
        .map(|time| format!("95\u{a0}% of those assigned from the queue waited no longer than {time}"));
    let silent = match (&promises, results.facts.targets.iter().all(|of| of.first_response.or(of.closure).is_none())) {
        (Some(_), _) => "",
        (None, true) => " No channel has an SLA.",
        (None, false) => " No SLA timer was met or breached.",
    };
    let occupied = of("agents.occupancy", Unit::Share)
        .map(|share| format!("agents were occupied {share} of the time they were connected"));
    let parts: Vec<String> = [promises, abandoned, waited, queued, occupied].into_iter().flatten().collect();
    let mut said = parts.join("; ");
    if let Some(first) = said.get(..1).map(str::to_uppercase) {
        said.replace_range(..1, &first);
    } else {
        said.push_str("Nothing happened");
    }
    // Figures of a desk that is swamped say how long it was looked at.
    let swamped = match results.stability.as_ref().map(|of| of.verdict) {
        Some(StabilityVerdict::Overloaded) => " The desk is overloaded: these figures depend on how long the run is.",
        Some(StabilityVerdict::Unsettled) => " Open tickets still grow: the desk has not settled.",
        _ => "",
    };
    format!("{said}.{silent}{swamped}")
}

fn tiles(results: &Results) -> Vec<Tile> {
    let tile = |name, metric: &str, unit, note: String| {
        let text = figure(desk(results, metric), unit);
        let (value, spread) = match text.split_once('±') {
            Some((value, spread)) => (value.trim().to_owned(), format!("± {}", spread.trim())),
            None => (text, String::new()),
        };
        Tile { name, value, spread, note }
    };
    let of = |metric: &str, unit| super::super::quantity::mean(desk(results, metric), unit);
    // What there is no figure for needs no explanation.
    let note = |metric: &str, unit, words: &dyn Fn(String) -> String| match of(metric, unit) {
        none if none == NONE => String::new(),
        said => words(said),
    };
    let timers = |timer: &str| match desk(results, &format!("sla.{timer}.started")) {
        Some(started) if started.mean > 0.0 => {
            format!("of {} timers a run", of(&format!("sla.{timer}.started"), Unit::Count))
        }
        _ => "no timer started".to_owned(),
    };
    let started = |timer: &str| desk(results, &format!("sla.{timer}.started")).is_some_and(|of| of.mean > 0.0);
    // Where nothing is promised, what customers put up with stands in its place.
    let [first, second] = if started("first_response") || started("closure") {
        [
            tile("First responses late", "sla.first_response.breach_rate", Unit::Share, timers("first_response")),
            tile("Closures late", "sla.closure.breach_rate", Unit::Share, timers("closure")),
        ]
    } else {
        [
            tile(
                "Abandoned",
                "tickets.abandon_rate",
                Unit::Share,
                note("tickets.abandoned", Unit::Count, &|count| format!("{count} tickets a run; no SLA timer started")),
            ),
            tile(
                "Waited over 1 min",
                "queue.wait.over.60s",
                Unit::Share,
                note("queue.wait.over.300s", Unit::Share, &|share| {
                    format!("in the queue, however it ended; over 5 min {share}")
                }),
            ),
        ]
    };
    vec![
        first,
        second,
        tile(
            "First reply",
            "customer.first_response.mean",
            Unit::Seconds,
            note("customer.first_response.p90", Unit::Seconds, &|p90| {
                format!("by the customer’s clock; 90\u{a0}% within {p90}")
            }),
        ),
        tile(
            "Wait in the queue",
            "queue.wait.mean",
            Unit::Seconds,
            note("queue.wait.zero_share", Unit::Share, &|share| format!("{share} are assigned at once")),
        ),
        tile(
            "Agents occupied",
            "agents.occupancy",
            Unit::Share,
            note("agents.open.mean", Unit::Count, &|open| format!("of the time connected; {open} tickets open each")),
        ),
        tile(
            "Balance (Jain)",
            "balance.assigned.jain",
            Unit::Ratio,
            note("balance.assigned.max_over_mean", Unit::Ratio, &|most| {
                format!("1 is even; the most laden has {most} × the mean")
            }),
        ),
    ]
}

/// For each channel and then the desk: what was promised, what was breached, the SLA's clock and the customer's own.
fn sla(results: &Results) -> Vec<SlaLine> {
    let line = |channel: Option<&str>, name: &str, targets: [Option<Span>; 2]| {
        let of = |metric: &str, unit| {
            let found = match channel {
                Some(channel) => results.labelled(metric, "channel", channel).and_then(|figure| figure.summary),
                None => desk(results, metric),
            };
            figure(found, unit)
        };
        let mut cells = Vec::new();
        for ((timer, own), target) in
            [("first_response", "first_response"), ("closure", "resolution")].into_iter().zip(targets)
        {
            cells.push(target.map_or(NONE.to_owned(), |span| span.to_string()));
            cells.push(of(&format!("sla.{timer}.breach_rate"), Unit::Share));
            cells.push(of(&format!("sla.{timer}.time.mean"), Unit::Seconds));
            cells.push(of(&format!("customer.{own}.mean"), Unit::Seconds));
        }
        SlaLine { channel: name.to_owned(), cells }
    };
    let targets = &results.facts.targets;
    let channels = targets.iter().map(|of| line(Some(&of.channel), &of.channel, [of.first_response, of.closure]));
    channels.chain((targets.len() > 1).then(|| line(None, "whole desk", [None, None]))).collect()
}

/// For each channel and then the desk: what became of tickets.
fn flow(results: &Results) -> Vec<Vec<String>> {
    let metrics = ["created", "closed", "reopened", "escalated", "transferred", "abandoned", "open_at_end"];
    let line = |channel: Option<&str>, name: &str| {
        let of = |metric: &str| {
            let metric = format!("tickets.{metric}");
            let found = match channel {
                Some(channel) => results.labelled(&metric, "channel", channel).and_then(|figure| figure.summary),
                None => desk(results, &metric),
            };
            figure(found, Unit::Count)
        };
        std::iter::once(name.to_owned()).chain(metrics.map(of)).collect()
    };
    let targets = &results.facts.targets;
    let channels = targets.iter().map(|of| line(Some(&of.channel), &of.channel));
    channels.chain((targets.len() > 1).then(|| line(None, "whole desk"))).collect()
}

/// How well the main figures are known.
fn precision(results: &Results) -> Vec<Vec<String>> {
    let metrics = [
        ("sla.first_response.breach_rate", "first responses late"),
        ("sla.closure.breach_rate", "closures late"),
        ("customer.first_response.mean", "first reply, customer’s clock"),
        ("customer.resolution.mean", "resolution, customer’s clock"),
        ("queue.wait.mean", "wait in the queue"),
        ("queue.wait.p95", "95 % wait no longer than"),
        ("queue.length.mean", "tickets in the queue"),
        ("agents.occupancy", "agents occupied"),
        ("balance.assigned.jain", "balance of tickets (Jain)"),
    ];
    let line = |(metric, words): (&str, &str)| {
        let found = results.get(metric)?;
        let summary = found.summary?;
        let unit = found.selector.metric().unit;
        let relative = summary.half_width().filter(|_| summary.mean != 0.0).map(|half| half / summary.mean.abs());
        Some(vec![
            words.to_owned(),
            figure(Some(summary), unit),
            relative.map_or(NONE.to_owned(), |relative| format!("± {:.1}\u{a0}%", relative * 100.0)),
            summary.n.to_string(),
        ])
    };
    metrics.into_iter().filter_map(line).collect()
}

fn dashboard<'a>(picture: &'a Picture, clock: Option<&Clock>) -> Dashboard<'a> {
    let story = &picture.story;
    let tickets = cell_number("tickets");
    let on = |card: usize| -> u64 {
        story.cells.iter().filter(|cell| cell.of[4] == card as i64).map(|cell| cell.sums[tickets]).sum()
    };
    let total: u64 = (0..story.cards.len()).map(on).sum();
    let cards =
        story.cards.iter().enumerate().map(|(n, name)| Card { name, count: count(on(n)), share: share(on(n), total) });
    let had = |user: usize| story.cells.iter().any(|cell| cell.of[3] == user as i64);
    let agents =
        story.users.iter().enumerate().filter(|(user, _)| had(*user)).map(|(user, name)| (user, name.as_str()));
    Dashboard {
        channels: &story.channels,
        groups: &story.groups,
        agents: agents.collect(),
        cards: cards.collect(),
        total: count(total),
        first_day: picture.days.first().map_or("", |day| &day.date),
        last_day: picture.days.last().map_or("", |day| &day.date),
        days_together: story.days_together,
        by_agent: story.by_agent,
        kpi: kpi(story),
        every: story.every,
        rows: story.rows.iter().take(LISTED).map(|row| ticket(row, story, clock)).collect(),
        listed: count(story.rows.len() as u64),
        cards_every: every_of(&story.ticket_cards),
        connections: {
            let of = &story.dashboard.connections;
            [of.connected, of.inactive, of.disconnected]
        },
        users: story.dashboard.users.iter().map(user_line).collect(),
        more_users: {
            let of = &story.dashboard.connections;
            (of.connected + of.inactive + of.disconnected) as usize - story.dashboard.users.len()
        },
        queue: story.dashboard.queue.iter().map(queue_line).collect(),
        queue_length: count(story.dashboard.queue_length),
        stays_every: story.stays_every,
        timers: story.dashboard.timers.iter().take(LISTED).map(timer_line).collect(),
        live_timers: count(story.dashboard.live_timers),
        notices: &story.dashboard.notifications,
        notifications: story.dashboard.notifications.list.iter().rev().map(notification_line).collect(),
    }
}

/// Every how many-th ticket has a card; `None` if none has.
fn every_of(cards: &[ToldTicket]) -> Option<u32> {
    let mut numbers = cards.iter().filter_map(|told| told.card.ticket.parse::<u32>().ok());
    let first = numbers.next()?;
    Some(numbers.next().map_or(1, |second| second.saturating_sub(first)))
}

fn user_line(of: &UserLine) -> Vec<String> {
    let status = if of.state == "enabled" { of.status.clone() } else { format!("{} ({})", of.status, of.state) };
    vec![
        of.user.clone(),
        status,
        of.connection.clone(),
        duration(of.in_status_s),
        of.open.to_string(),
        of.pending.to_string(),
    ]
}

fn queue_line(of: &QueueLine) -> Vec<String> {
    let lane = of.group.as_ref().map_or(of.channel.clone(), |group| format!("{}/{group}", of.channel));
    let session = of.session.replace('_', " ");
    vec![of.ticket.clone(), session, lane, of.priority.to_string(), duration(of.waiting_s)]
}

fn timer_line(of: &LiveTimer) -> Vec<String> {
    let due = of.due.as_deref().map_or("paused".to_owned(), |due| due.get(..19).unwrap_or(due).replace('T', " "));
    let agent = of.agent.clone().unwrap_or_else(|| NONE.to_owned());
    let timer = of.timer.replace('_', " ");
    vec![of.ticket.clone(), timer, of.channel.clone(), agent, duration(of.remaining_s), due]
}

fn notification_line(of: &NotificationLine) -> Vec<String> {
    let time = of.time.get(..19).unwrap_or(&of.time).replace('T', " ");
    let none = |text: &Option<String>| text.clone().unwrap_or_else(|| NONE.to_owned());
    vec![time, of.user.clone(), of.about.replace('_', " "), none(&of.ticket), none(&of.channel)]
}

/// A line for each agent that had a ticket, or each group where agents are too many; then for nobody.
fn kpi(story: &Story) -> Vec<Kpi> {
    let by = if story.by_agent { 3 } else { 2 };
    let mut sums: BTreeMap<i64, [u64; CELL_NUMBERS.len()]> = BTreeMap::new();
    for cell in &story.cells {
        // Nobody comes last.
        let of = if cell.of[by] < 0 { i64::MAX } else { cell.of[by] };
        let sums = sums.entry(of).or_default();
        sums.iter_mut().zip(cell.sums).for_each(|(sum, more)| *sum += more);
    }
    let most = sums
        .iter()
        .filter(|(of, _)| **of != i64::MAX)
        .map(|(_, sums)| sums[cell_number("cycles")])
        .max()
        .unwrap_or(1)
        .max(1);
    let names = if story.by_agent { &story.users } else { &story.groups };
    let line = |(of, sums): (i64, [u64; CELL_NUMBERS.len()])| {
        let [tickets, cycles, closed, met, breached, in_time, late, replied, reply, resolved, resolution, escalations] =
            sums;
        let name = usize::try_from(of).ok().and_then(|of| names.get(of)).map_or("nobody", String::as_str);
        Kpi {
            name: name.to_owned(),
            bar: if of == i64::MAX { 0 } else { cycles * 100 / most }.to_string(),
            cells: vec![
                count(cycles),
                count(tickets),
                count(closed),
                share(met, met + breached),
                count(breached),
                share(in_time, in_time + late),
                count(late),
                mean(reply, replied),
                mean(resolution, resolved),
                count(escalations),
            ],
        }
    };
    sums.into_iter().map(line).collect()
}

fn ticket(row: &TicketLine, story: &Story, clock: Option<&Clock>) -> Vec<String> {
    let TicketLine(number, of, cycle, created, queued, reply, resolution, escalations, ..) = row;
    let name = |names: &[String], index: i64| {
        usize::try_from(index).ok().and_then(|index| names.get(index)).map_or(NONE.to_owned(), Clone::clone)
    };
    // Each clock stands with its own verdict.
    let judged = |time: Option<f64>, verdict: Option<&'static str>| match (time, verdict) {
        (Some(time), Some(verdict)) => format!("{} ({verdict})", duration(time)),
        (None, Some(verdict)) => verdict.to_owned(),
        (time, None) => secs(time),
    };
    let clocks = |TimerLine(customer, outcome, took, verdict): &TimerLine| {
        let at = |index: &i64| usize::try_from(*index).ok();
        let outcome = at(outcome).and_then(|index| OUTCOMES.get(index)).map(|outcome| outcome.name());
        let verdict = at(verdict).and_then(|index| CUSTOMER_OUTCOMES.get(index)).map(|outcome| outcome.name());
        [judged(*took, outcome), judged(*customer, verdict)]
    };
    let ([sla_reply, reply], [sla_closure, resolution]) = (clocks(reply), clocks(resolution));
    vec![
        format!("{number:07}"),
        clock.map_or_else(|| duration(*created), |clock| clock.moment(*created)),
        name(&story.channels, of[0]),
        name(&story.groups, of[1]),
        u32::try_from(of[2])
            .ok()
            .and_then(|user| story.more_users.get(&user).cloned())
            .unwrap_or_else(|| name(&story.users, of[2])),
        name(&story.cards, of[3]),
        cycle.to_string(),
        secs(*queued),
        sla_reply,
        reply,
        sla_closure,
        resolution,
        escalations.to_string(),
    ]
}
