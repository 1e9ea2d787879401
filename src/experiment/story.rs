//! Replication 0 as a report tells it: its tickets, summed up and listed, some of them with their cards, the desk as it stands at
//! the end, who waited when, and the diary of its agents.

use super::picture::{days, fixed};
use crate::desk::{Desk, Effect, GroupId, Outcome, Session, TicketId, Timer, UserId};
use crate::ledger::{
    Charged, Content, CustomerOutcome, Dashboard, Filter, Hindsight, Histories, SlaOutcome, StatusCard, TicketCard,
    TicketRow, TimerRow,
};
use crate::measures::{AGENT_ROWS, Cast, Changes, Diary, Stretches};
use crate::simulation::{Model, Moment, Observer, RunError, Step};
use crate::time::{Instant, Span};
use serde::{Deserialize, Deserializer, Serialize};
use std::collections::BTreeMap;

/// Moments of a diary, at most.
const MOMENTS: u64 = 2_016;
/// Tickets that are listed one by one, at most; of more, every so many-th.
const LISTED: u32 = 6_000;
/// Moments and messages of tickets' cards, at most; of more, the cards of every so many-th ticket.
const TOLD: usize = 6_000;
/// Stays in the queue that are listed, at most; of more, those of every so many-th ticket.
const STAYS: usize = 3_000;
/// Lines of a list of the dashboard, at most.
const LINES: usize = 200;
/// Cells that tickets are summed up in, at most, before days are taken together.
const CELLS: usize = 16_000;

/// One replication, told.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Story {
    /// Channels, in listed order; cells and rows name them by index.
    pub channels: Vec<String>,
    /// Groups.
    pub groups: Vec<String>,
    /// Users.
    pub users: Vec<String>,
    /// Where there are more users than that: those of listed tickets, by index.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub more_users: BTreeMap<u32, String>,
    /// The six cards (DSH-1), in the order in which the first that fits is taken.
    pub cards: Vec<String>,
    /// Tickets summed up by what filters tell apart.
    pub cells: Vec<TicketCell>,
    /// How many of the picture's days a cell takes together.
    pub days_together: u32,
    /// Whether cells tell agents apart.
    pub by_agent: bool,
    /// How many tickets there were.
    pub tickets: u64,
    /// The cycles of tickets one by one: of all, or of every so many-th.
    pub rows: Vec<TicketLine>,
    /// Every how many-th ticket is listed.
    pub every: u32,
    /// Tickets' cards: of all, or of every so many-th.
    #[serde(default)]
    pub ticket_cards: Vec<ToldTicket>,
    /// The desk as it stands at the end of the run (DSH-3); its lists are cut.
    #[serde(default)]
    pub dashboard: Dashboard,
    /// Stays in the queue that took time, in order of their beginning: of all tickets, or of every so many-th.
    #[serde(default)]
    pub stays: Vec<Stay>,
    /// Every how many-th ticket's stays are listed.
    #[serde(default)]
    pub stays_every: u32,
    /// What agents did.
    pub diary: DiaryText,
}

/// Tickets that filters do not tell apart, summed up.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(try_from = "ReadCell")]
pub struct TicketCell {
    /// Day on which the cycle began, by index in the picture's days divided by [`Story::days_together`]; channel; group; agent;
    /// card; the last day on which it was open; the group that it was assigned through; 1 in a later cycle than the first. A
    /// group or an agent of -1 is nobody, a last day of -1 has not come.
    pub of: [i64; 8],
    /// The days on which it was escalated.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub escalated: Vec<i64>,
    /// Numbers, as [`CELL_NUMBERS`] calls them.
    pub sums: [u64; CELL_NUMBERS.len()],
}

/// A cell as results have it. The keys of 0.1.0 end with the card.
#[derive(Deserialize)]
struct ReadCell {
    of: Vec<i64>,
    #[serde(default)]
    escalated: Vec<i64>,
    sums: [u64; CELL_NUMBERS.len()],
}

impl TryFrom<ReadCell> for TicketCell {
    type Error = String;

    /// Filters choose the cells of 0.1.0 as they did then: by the day of creation and the card.
    fn try_from(ReadCell { of, escalated, sums }: ReadCell) -> Result<TicketCell, String> {
        let cell = |of, escalated| TicketCell { of, escalated, sums };
        match of[..] {
            [day, channel, group, agent, card] => {
                let on = |wanted: StatusCard| card == wanted as i64;
                let of = [day, channel, group, agent, card, day, -1, i64::from(on(StatusCard::Reopened))];
                Ok(cell(of, if on(StatusCard::Escalated) { vec![day] } else { Vec::new() }))
            }
            _ => match of.try_into() {
                Ok(of) => Ok(cell(of, escalated)),
                Err(of) => Err(format!("a cell's key has 8 numbers, not {}", of.len())),
            },
        }
    }
}

/// What a cell counts. A ticket counts once, as it stands at the end, and a cycle for who has it or had it when it was
/// closed. All else counts for whom it is charged to ([`crate::ledger::Charge`]): timers as they ended, first responses for
/// who gave them, closures for who closed, escalations for who had the ticket until then. Times are in milliseconds.
pub const CELL_NUMBERS: [&str; 12] = [
    "tickets",
    "cycles",
    "closed",
    "first_response_met",
    "first_response_breached",
    "closure_met",
    "closure_breached",
    "replied",
    "reply_ms",
    "resolved",
    "resolution_ms",
    "escalations",
];

/// A ticket's card and what happened to it.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct ToldTicket {
    /// The card, with the conversation.
    pub card: TicketCard,
    /// Every effect on it, with its time.
    pub history: Vec<Moment>,
}

/// A stay in the queue; times are in seconds.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Stay(
    /// The ticket's number.
    pub u32,
    /// Channel and group of the lane, by index; a group of -1 is the channel's own lane.
    pub [i64; 2],
    /// 1 for a new session, 0 for a new conversation (QUE-1).
    pub u8,
    /// Points of priority.
    pub i32,
    /// From when.
    pub f64,
    /// Until when; `None` if it has not ended.
    pub Option<f64>,
);

/// A cycle of a ticket as it ended or stands at the end; times are in seconds.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(from = "ReadLine")]
pub struct TicketLine(
    /// Its number.
    pub u32,
    /// Channel, group, agent and card, by index; -1 is none.
    pub [i64; 4],
    /// Its cycle.
    pub u32,
    /// When it was created.
    pub f64,
    /// In the queue in this cycle.
    pub Option<f64>,
    /// The first response.
    pub TimerLine,
    /// Closure.
    pub TimerLine,
    /// Escalations.
    pub u32,
    /// When the cycle began and ended.
    pub (f64, Option<f64>),
    /// When it was escalated.
    pub Vec<f64>,
    /// The group that it was assigned through, by index; -1 is none.
    pub i64,
);

/// A line as results have it. Those of 0.1.0 end with the escalations.
#[derive(Deserialize)]
struct ReadLine(
    u32,
    [i64; 4],
    u32,
    f64,
    Option<f64>,
    TimerLine,
    TimerLine,
    u32,
    #[serde(default)] Option<(f64, Option<f64>)>,
    #[serde(default)] Option<Vec<f64>>,
    #[serde(default)] Option<i64>,
);

impl From<ReadLine> for TicketLine {
    /// Filters choose the lines of 0.1.0 as they did then: by creation and the card.
    fn from(line: ReadLine) -> TicketLine {
        let ReadLine(
            number,
            of,
            cycle,
            created,
            queued,
            reply,
            closure,
            escalations,
            cycle_from_to,
            escalated,
            through,
        ) = line;
        let on_card = || if of[3] == StatusCard::Escalated as i64 { vec![created] } else { Vec::new() };
        TicketLine(
            number,
            of,
            cycle,
            created,
            queued,
            reply,
            closure,
            escalations,
            cycle_from_to.unwrap_or((created, Some(created))),
            escalated.unwrap_or_else(on_card),
            through.unwrap_or(-1),
        )
    }
}

/// A promise to a customer by both clocks, each with its own verdict; times are in seconds.
#[derive(Clone, Copy, PartialEq, Debug, Serialize)]
pub struct TimerLine(
    /// From the customer's asking to the reply or closure.
    pub Option<f64>,
    /// How the SLA's timer ended: index in [`OUTCOMES`]; -1 where none started.
    pub i64,
    /// What the timer took on its own clock.
    pub Option<f64>,
    /// Whether the customer was served within the timer's target: index in [`CUSTOMER_OUTCOMES`]; -1 is not known.
    pub i64,
);

impl<'de> Deserialize<'de> for TimerLine {
    /// Lines of 0.1.0 have the first two parts alone.
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<TimerLine, D::Error> {
        #[derive(Deserialize)]
        #[serde(untagged)]
        enum Line {
            Whole(Option<f64>, i64, Option<f64>, i64),
            Old(Option<f64>, i64),
        }
        Ok(match Line::deserialize(deserializer)? {
            Line::Whole(customer, outcome, took, verdict) => TimerLine(customer, outcome, took, verdict),
            Line::Old(customer, outcome) => TimerLine(customer, outcome, None, -1),
        })
    }
}

/// Verdicts of the customer's clock, as rows name them.
pub const CUSTOMER_OUTCOMES: [CustomerOutcome; 2] = [CustomerOutcome::InTime, CustomerOutcome::Late];

/// Outcomes of timers, as rows name them.
pub const OUTCOMES: [SlaOutcome; 5] =
    [SlaOutcome::Met, SlaOutcome::Breached, SlaOutcome::Cancelled, SlaOutcome::Unanswered, SlaOutcome::Running];

/// The diary of the replication's agents.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct DiaryText {
    /// How far apart moments are, in seconds.
    pub step: f64,
    /// How many moments there are.
    pub moments: u32,
    /// Statuses there were.
    pub statuses: Vec<StatusText>,
    /// Agents with pages of their own, in listed order.
    pub agents: Vec<AgentText>,
    /// Whether all changes of their status are told.
    pub complete: bool,
    /// How many agents have no pages.
    pub others: u32,
    /// Their open and pending tickets together, from moments on.
    pub others_hands: Vec<(u32, [u32; 2])>,
    /// Agents connected, inactive and disconnected, from moments on.
    pub connections: Vec<(u32, [u32; 3])>,
    /// Tickets in the queue from moments on, by channel.
    pub queues: Vec<Vec<(u32, [u32; 1])>>,
}

/// A status.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct StatusText {
    /// What it is called.
    pub name: String,
    /// `connected`, `inactive` or `disconnected`.
    pub connection: String,
    /// Whether those in it are assigned tickets.
    pub assignable: bool,
}

/// An agent's pages.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct AgentText {
    /// Which user, by index.
    pub user: u32,
    /// Their first group, by index; -1 is none.
    pub group: i64,
    /// From which second on in which status, by index.
    pub spells: Vec<(f64, u32)>,
    /// Open and pending tickets from moments on.
    pub hands: Vec<(u32, [u32; 2])>,
}

impl Story {
    /// Replication 0 of a model.
    pub(super) fn of(model: &Model, cast: &Cast, seed: u64) -> Result<Story, RunError> {
        let names = &model.names;
        let mut tally = Tally::new(model, cast);
        let mut diary = Diary::new(cast, names, Stretches::at_most(MOMENTS, model.run.duration));
        let mut histories = Histories::at_most(TOLD, &model.plan.civil);
        let mut stays = Stays::default();
        let hindsight = Hindsight::of(model, seed, 0, &mut (&mut diary, &mut histories, &mut stays))?;
        let mut latest: BTreeMap<u32, TicketRow> = BTreeMap::new();
        let end = Instant::ZERO + model.run.duration;
        let dashboard = Dashboard::with(model, seed, 0, end, &Filter::default(), &hindsight, LINES, |row| {
            tally.take(row);
            if row.is_latest() && histories.has(row.ticket.number) {
                latest.insert(row.ticket.number, row.clone());
            }
        })?;
        let content = Content::new(names, seed, 0);
        let told = |(number, row): (u32, TicketRow)| {
            let (history, messages) = histories.of(number, names)?;
            Some(ToldTicket { card: TicketCard::new(&row, messages, names, &model.plan.civil, content), history })
        };
        let ticket_cards = latest.into_iter().filter_map(told).collect();
        let diary = diary_text(&diary, cast);
        let (rows, every) = tally.rows();
        let named = if tally.by_agent { usize::MAX } else { AGENT_ROWS };
        let holders = rows.iter().filter_map(|row| u32::try_from(row.1[2]).ok());
        let more_users = holders.filter(|user| *user as usize >= named);
        let more_users = more_users.map(|user| (user, names.user(UserId(user)).to_owned())).collect();
        Ok(Story {
            channels: names.channel_names().map(str::to_owned).collect(),
            groups: names.group_names().map(str::to_owned).collect(),
            users: names.user_names().take(named).map(str::to_owned).collect(),
            more_users,
            cards: StatusCard::ALL.map(|card| card.name().to_owned()).to_vec(),
            tickets: tally.tickets,
            by_agent: tally.by_agent,
            days_together: tally.fold_days(),
            cells: tally.cells.into_iter().map(|((of, escalated), sums)| TicketCell { of, escalated, sums }).collect(),
            rows,
            every,
            ticket_cards,
            dashboard,
            stays_every: stays.every,
            stays: stays.list,
            diary,
        })
    }
}

/// Who waited in the queue from when to when.
#[derive(Default)]
struct Stays {
    /// By slot, of tickets that wait.
    waiting: Vec<Option<Stay>>,
    list: Vec<Stay>,
    every: u32,
}

impl Stays {
    fn leave(&mut self, ticket: TicketId, now: Option<Instant>) {
        let Some(mut stay) = self.waiting.get_mut(ticket.index()).and_then(Option::take) else { return };
        stay.5 = now.map(|now| fixed(now.as_secs_f64()));
        if stay.5 == Some(stay.4) || !(stay.0 - 1).is_multiple_of(self.every) {
            return;
        }
        self.list.push(stay);
        if self.list.len() > STAYS {
            self.every *= 2;
            let every = self.every;
            self.list.retain(|stay| (stay.0 - 1).is_multiple_of(every));
        }
    }
}

impl Observer for Stays {
    fn start(&mut self, _: Instant, _: &Desk) {
        self.every = 1;
    }

    fn step(&mut self, step: &Step<'_>, desk: &Desk) {
        for effect in step.effects {
            match *effect {
                Effect::Queued { ticket, session, lane } => {
                    self.leave(ticket, Some(step.now));
                    if ticket.index() >= self.waiting.len() {
                        self.waiting.resize(ticket.index() + 1, None);
                    }
                    let group = index(desk.lane_group(lane).map(|group| group.index()));
                    self.waiting[ticket.index()] = Some(Stay(
                        ticket.number,
                        [desk.lane_channel(lane).index() as i64, group],
                        u8::from(session == Session::NewSession),
                        desk.priority_of(ticket),
                        fixed(step.now.as_secs_f64()),
                        None,
                    ));
                }
                Effect::Assigned { ticket, .. } | Effect::Closed { ticket, .. } => self.leave(ticket, Some(step.now)),
                _ => {}
            }
        }
    }

    fn finish(&mut self, _: Instant, _: &Desk) {
        for slot in 0..self.waiting.len() as u32 {
            self.leave(TicketId { number: 0, slot }, None);
        }
        self.list.sort_by(|one, other| one.4.total_cmp(&other.4).then(one.0.cmp(&other.0)));
    }
}

/// Sums tickets up, and keeps some of them.
struct Tally {
    days: Vec<f64>,
    by_agent: bool,
    tickets: u64,
    cells: BTreeMap<([i64; 8], Vec<i64>), [u64; CELL_NUMBERS.len()]>,
    /// By number and cycle, with the agent whether or not cells tell agents apart.
    listed: BTreeMap<(u32, u32), TicketLine>,
    every: u32,
}

/// Where a cell counts a number of that name.
pub fn cell_number(name: &str) -> usize {
    CELL_NUMBERS.iter().position(|of| *of == name).unwrap_or_else(|| panic!("cells count no {name}"))
}

fn index(of: Option<usize>) -> i64 {
    of.map_or(-1, |index| index as i64)
}

impl Tally {
    fn new(model: &Model, cast: &Cast) -> Tally {
        let working = (0..model.names.user_count()).filter(|user| cast.works(UserId::at(*user))).count();
        Tally {
            days: days(model).iter().map(|day| day.at).collect(),
            by_agent: working <= AGENT_ROWS,
            tickets: 0,
            cells: BTreeMap::new(),
            listed: BTreeMap::new(),
            every: 1,
        }
    }

    fn take(&mut self, row: &TicketRow) {
        let agent = row.assigned_agent.map(UserId::index);
        let day = |at: Instant| self.days.partition_point(|day| *day <= at.as_secs_f64()) as i64 - 1;
        let [channel, card, came] =
            [Some(row.channel.index()), Some(row.card() as usize), row.assigned_group.map(|group| group.index())];
        // What ends with a day is not open on the next.
        let last = |closed: Instant| day(Instant::from_micros(closed.as_micros().max(1) - 1).max(row.began_at));
        let (began, ended) = (day(row.began_at), row.closed_at.map_or(-1, last));
        let mut escalated: Vec<i64> = row.escalated_at.iter().map(|at| day(*at)).collect();
        escalated.dedup();
        let by_agent = self.by_agent;
        let mut add = |group: Option<GroupId>, user: Option<UserId>, name: &str, number: u64| {
            let of = [
                began,
                index(channel),
                index(group.map(GroupId::index)),
                if by_agent { index(user.map(UserId::index)) } else { -1 },
                index(card),
                ended,
                index(came),
                i64::from(row.cycle > 1),
            ];
            self.cells.entry((of, escalated.clone())).or_default()[cell_number(name)] += number;
        };
        let millis = |span: Span| (span.as_micros() + 500) / 1000;
        add(row.group, row.assigned_agent, "cycles", 1);
        add(row.group, row.assigned_agent, "tickets", u64::from(row.is_latest()));
        for charge in &row.charges {
            let mut charge_to = |name, number| add(charge.group, charge.user, name, number);
            match charge.what {
                Charged::TimerEnded(Timer::FirstResponse, Outcome::Met) => charge_to("first_response_met", 1),
                Charged::TimerEnded(Timer::FirstResponse, Outcome::Breached) => charge_to("first_response_breached", 1),
                Charged::TimerEnded(Timer::Closure, Outcome::Met) => charge_to("closure_met", 1),
                Charged::TimerEnded(Timer::Closure, Outcome::Breached) => charge_to("closure_breached", 1),
                Charged::TimerEnded(_, Outcome::Cancelled | Outcome::Unanswered) => {}
                Charged::FirstResponse(time) => {
                    charge_to("replied", 1);
                    charge_to("reply_ms", millis(time));
                }
                Charged::Closed(resolution) => {
                    charge_to("closed", 1);
                    if let Some(time) = resolution {
                        charge_to("resolved", 1);
                        charge_to("resolution_ms", millis(time));
                    }
                }
                Charged::Escalated => charge_to("escalations", 1),
            }
        }
        self.tickets += u64::from(row.is_latest());
        self.list(row, [index(channel), index(row.group.map(GroupId::index)), index(agent), index(card)]);
    }

    /// Lists a cycle; once there are too many, those of every second ticket are left out.
    fn list(&mut self, row: &TicketRow, of: [i64; 4]) {
        let TicketId { number, .. } = row.ticket;
        if (number - 1) % self.every != 0 {
            return;
        }
        let secs = |span: Option<Span>| span.map(|span| tenths(span.as_secs_f64()));
        let promise = |timer, customer| {
            let TimerRow { took, outcome, customer: verdict, .. } = *row.timer(timer);
            let outcome = outcome.and_then(|outcome| OUTCOMES.iter().position(|of| *of == outcome));
            let verdict = verdict.and_then(|verdict| CUSTOMER_OUTCOMES.iter().position(|of| *of == verdict));
            TimerLine(secs(customer), index(outcome), secs(took), index(verdict))
        };
        let listed = TicketLine(
            number,
            of,
            row.cycle,
            tenths(row.created_at.as_secs_f64()),
            secs(row.queued_for),
            promise(Timer::FirstResponse, row.customer_first_response),
            promise(Timer::Closure, row.customer_resolution),
            row.escalations,
            (tenths(row.began_at.as_secs_f64()), row.closed_at.map(|at| tenths(at.as_secs_f64()))),
            row.escalated_at.iter().map(|at| tenths(at.as_secs_f64())).collect(),
            index(row.assigned_group.map(|group| group.index())),
        );
        self.listed.insert((number, row.cycle), listed);
        if self.listed.len() > LISTED as usize {
            self.every *= 2;
            let every = self.every;
            self.listed.retain(|(number, _), _| (number - 1) % every == 0);
        }
    }

    fn rows(&mut self) -> (Vec<TicketLine>, u32) {
        (std::mem::take(&mut self.listed).into_values().collect(), self.every)
    }

    /// Takes days together until there are few enough cells; says how many.
    fn fold_days(&mut self) -> u32 {
        let mut together = 1;
        while self.cells.len() > CELLS && (together as usize) < self.days.len() {
            together *= 2;
            for ((mut of, mut escalated), sums) in std::mem::take(&mut self.cells) {
                of[0] /= 2;
                of[5] = if of[5] < 0 { -1 } else { of[5] / 2 };
                escalated.iter_mut().for_each(|day| *day /= 2);
                escalated.dedup();
                let place = self.cells.entry((of, escalated)).or_default();
                place.iter_mut().zip(sums).for_each(|(sum, more)| *sum += more);
            }
        }
        together
    }
}

/// To a tenth of a second.
fn tenths(secs: f64) -> f64 {
    libm::rint(secs * 10.0) / 10.0
}

fn diary_text(diary: &Diary<'_>, cast: &Cast) -> DiaryText {
    let statuses = diary.statuses().iter().map(|status| StatusText {
        name: status.name.clone(),
        connection: status.connection.name().to_owned(),
        assignable: status.assignable,
    });
    let agents = diary.agents().map(|(user, page)| AgentText {
        user: user.0,
        group: index(cast.home(user).map(|group| group.index())),
        spells: page.spells.iter().map(|(at, status)| (fixed(at.as_secs_f64()), *status)).collect(),
        hands: page.hands.clone(),
    });
    let (others, hands): (usize, &Changes<2>) = diary.others();
    DiaryText {
        step: diary.moments().length.as_secs_f64(),
        moments: diary.moments().count() as u32,
        statuses: statuses.collect(),
        agents: agents.collect(),
        complete: diary.is_complete(),
        others: others as u32,
        others_hands: hands.clone(),
        connections: diary.connections().clone(),
        queues: diary.queues().to_vec(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_of_0_1_0_are_read_without_the_second_clock() {
        let read = |text: &str| serde_json::from_str::<TimerLine>(text).unwrap();
        assert_eq!(read("[76200.0,0]"), TimerLine(Some(76_200.0), 0, None, -1));
        let line = TimerLine(Some(76_200.0), 0, Some(600.0), 1);
        assert_eq!(read(&serde_json::to_string(&line).unwrap()), line);
        assert!(serde_json::from_str::<TimerLine>("[1.0]").is_err());
    }

    #[test]
    fn cells_and_lines_of_0_1_0_are_chosen_by_creation_and_card() {
        let sums = [1; CELL_NUMBERS.len()];
        let cell = |of: &str| serde_json::from_str::<TicketCell>(&format!(r#"{{"of":{of},"sums":{sums:?}}}"#));
        let [escalated, reopened, closed] =
            [StatusCard::Escalated, StatusCard::Reopened, StatusCard::Closed].map(|card| card as i64);
        let old = |card: i64| cell(&format!("[4,1,0,-1,{card}]")).unwrap();
        assert_eq!(old(closed), TicketCell { of: [4, 1, 0, -1, closed, 4, -1, 0], escalated: Vec::new(), sums });
        assert_eq!(old(reopened).of, [4, 1, 0, -1, reopened, 4, -1, 1]);
        assert_eq!(old(escalated).escalated, [4]);
        let new = TicketCell { of: [4, 1, 0, -1, escalated, 6, 2, 0], escalated: vec![4, 5], sums };
        assert_eq!(serde_json::from_str::<TicketCell>(&serde_json::to_string(&new).unwrap()).unwrap(), new);
        assert!(cell("[1,2,3,4,5,6]").unwrap_err().to_string().contains("a cell's key has 8 numbers, not 6"));

        let read = |text: &str| serde_json::from_str::<TicketLine>(text).unwrap();
        let line = read(&format!("[7,[0,1,2,{escalated}],1,60.0,null,[1.0,0],[null,-1],1]"));
        let (promise, none) = (TimerLine(Some(1.0), 0, None, -1), TimerLine(None, -1, None, -1));
        let of = [0, 1, 2, escalated];
        assert_eq!(line, TicketLine(7, of, 1, 60.0, None, promise, none, 1, (60.0, Some(60.0)), vec![60.0], -1));
        let new = TicketLine(7, of, 2, 60.0, None, promise, none, 0, (90.0, None), Vec::new(), 1);
        assert_eq!(read(&serde_json::to_string(&new).unwrap()), new);
    }
}
