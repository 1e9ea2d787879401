//! When agents are in which status: shifts, breaks, lateness and absence, by civil day.

use super::plan::{AgentPlan, BreakPlan, ShiftPlan};
use super::purpose::{Purpose, World};
use crate::desk::StatusId;
use crate::time::{Civil, Instant, Span};
use jiff::civil::{Date, DateTime, Time};

/// Works out shifts day by day, and keeps the last few days' hours for the many agents that share them.
#[derive(Clone, Debug)]
pub(super) struct Roster {
    start: DateTime,
    /// Hours by (shift, civil day), the latest last.
    hours: Vec<((usize, i64), Hours)>,
    scratch: Vec<Turn>,
    breaks: Vec<(i64, i64, StatusId)>,
}

/// Where an agent stands in their roster: the civil day (−1 is the day before the start), and the turn of it that is next. In a
/// roster file, where days mean nothing, the turns are counted from its beginning.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Cursor {
    day: i32,
    turn: u32,
}

/// From an instant on (in microseconds since the start, below zero before it) the roster asks for a status.
type Turn = (i64, StatusId);

/// A shift's hours on one civil day, in microseconds since the start, each with the breaks that lie in it.
#[derive(Clone, Debug, Default)]
struct Hours {
    works: bool,
    spans: Vec<(i64, i64)>,
    /// Which span, from when, for how long, staggered by how much, in which status.
    breaks: Vec<(usize, i64, i64, i64, StatusId)>,
}

impl Cursor {
    /// The day before the start, whose night shift may last into the run.
    pub(super) const FIRST: Cursor = Cursor { day: -1, turn: 0 };
}

impl Roster {
    pub(super) fn new(civil: &Civil) -> Roster {
        Roster { start: civil.at(Instant::ZERO), hours: Vec::new(), scratch: Vec::new(), breaks: Vec::new() }
    }

    /// The agent's next turn from `cursor` on, which moves past it; `None` where there is none before `end`.
    pub(super) fn next(
        &mut self,
        cursor: &mut Cursor,
        agent: u32,
        plan: &AgentPlan,
        shifts: &[ShiftPlan],
        world: World<'_>,
    ) -> Option<Turn> {
        if let Some(spells) = &plan.roster {
            return recorded(cursor, spells);
        }
        let index = plan.shift?;
        let shift = &shifts[index];
        loop {
            if cursor.day > 0 && world.civil.day_start(cursor.day as u32) >= world.end {
                return None;
            }
            self.turns(cursor.day, agent, plan, index, shift, world);
            let Some(&turn) = self.scratch.get(cursor.turn as usize) else {
                *cursor = Cursor { day: cursor.day + 1, turn: 0 };
                continue;
            };
            let last = cursor.turn as usize + 1 == self.scratch.len();
            cursor.turn += 1;
            if last {
                // Hours that go straight on into the next day's do not send anybody home.
                let tomorrow = cursor.day + 1;
                self.turns(tomorrow, agent, plan, index, shift, world);
                if let Some(&(at, status)) = self.scratch.first()
                    && at <= turn.0
                {
                    *cursor = Cursor { day: tomorrow, turn: 1 };
                    return Some((turn.0, status));
                }
            }
            return Some(turn);
        }
    }

    /// Puts the turns of one day into `scratch`: the last sends the agent home.
    fn turns(&mut self, day: i32, agent: u32, plan: &AgentPlan, index: usize, shift: &ShiftPlan, world: World<'_>) {
        let World { civil, chance, .. } = world;
        self.scratch.clear();
        let at = self.hours_of(day, index, shift, civil);
        if !self.hours[at].1.works {
            return;
        }
        let ordinal = (i64::from(day) + 1) as u64;
        if chance.happens(shift.absence, Purpose::Absence, u64::from(agent), ordinal) {
            return;
        }
        let late = match &shift.late {
            Some(late) => late.draw_span(&mut chance.stream(Purpose::Lateness, u64::from(agent), ordinal)),
            None => Some(Span::ZERO),
        };
        // Who is late for ever does not come.
        let Some(late) = late else { return };
        let mut own = Hours::default();
        if !plan.breaks.is_empty() {
            own = Hours::new(day, shift, &plan.breaks, self.start, civil);
        }
        let hours = &self.hours[at].1;
        let mut left = i64::MIN;
        for (number, &(from, to)) in hours.spans.iter().enumerate() {
            let late = if number == 0 { late.as_micros().min(i64::MAX as u64 / 4) as i64 } else { 0 };
            let came = (from + late).max(left);
            if came >= to {
                continue;
            }
            self.breaks.clear();
            for &(_, at, length, stagger, status) in
                hours.breaks.iter().chain(&own.breaks).filter(|(span, ..)| *span == number)
            {
                let at = at + stagger * wave(plan.stagger_rank, to - length - at, stagger);
                self.breaks.push((at, at + length, status));
            }
            // Stable: of two breaks at one instant the shift's comes first.
            self.breaks.sort_by_key(|&(at, ..)| at);
            put(&mut self.scratch, came, StatusId::AVAILABLE);
            let mut back = came;
            for &(at, until, status) in &self.breaks {
                // One break at a time: what overlaps begins as the other ends, and ends when it would have.
                let (at, until) = (at.max(back), until.min(to));
                if at < until {
                    put(&mut self.scratch, at, status);
                    put(&mut self.scratch, until, StatusId::AVAILABLE);
                    back = until;
                }
            }
            put(&mut self.scratch, to, StatusId::OFFLINE);
            left = to;
        }
    }

    /// Where the hours of that day are kept.
    fn hours_of(&mut self, day: i32, index: usize, shift: &ShiftPlan, civil: &Civil) -> usize {
        let key = (index, i64::from(day));
        if let Some(at) = self.hours.iter().rposition(|(known, _)| *known == key) {
            return at;
        }
        // Agents of one shift go through its days together: a day's hours are soon of no more use.
        if let Some(old) = self.hours.iter().position(|((shift, _), _)| *shift == index)
            && self.hours.iter().filter(|((shift, _), _)| *shift == index).count() >= 3
        {
            self.hours.remove(old);
        }
        self.hours.push((key, Hours::new(day, shift, &shift.breaks, self.start, civil)));
        self.hours.len() - 1
    }
}

/// The next turn of a roster that is given spell by spell: every other one sends the agent home. What goes straight on into
/// the next spell does not.
fn recorded(cursor: &mut Cursor, spells: &[(Instant, Instant)]) -> Option<Turn> {
    let at = |instant: Instant| i64::try_from(instant.as_micros()).unwrap_or(i64::MAX);
    loop {
        let turn = cursor.turn as usize;
        let &(start, end) = spells.get(turn / 2)?;
        cursor.turn += 1;
        if turn.is_multiple_of(2) {
            return Some((at(start), StatusId::AVAILABLE));
        }
        if spells.get(turn / 2 + 1).is_some_and(|next| next.0 <= end) {
            cursor.turn += 1;
            continue;
        }
        return Some((at(end), StatusId::OFFLINE));
    }
}

/// At one instant the last word counts.
fn put(turns: &mut Vec<Turn>, at: i64, status: StatusId) {
    match turns.last_mut() {
        Some(last) if last.0 == at => last.1 = status,
        _ => turns.push((at, status)),
    }
}

/// Which wave of a staggered break an agent of that rank goes with: as many waves as fit into `room`, then round again.
fn wave(rank: u32, room: i64, stagger: i64) -> i64 {
    if stagger <= 0 || room < stagger {
        return 0;
    }
    i64::from(rank) % (room / stagger + 1)
}

impl Hours {
    fn new(day: i32, shift: &ShiftPlan, breaks: &[BreakPlan], start: DateTime, civil: &Civil) -> Hours {
        let date = match u32::try_from(day) {
            Ok(day) => civil.date(day),
            Err(_) => civil.date(0).yesterday().expect("runs start within the calendar"),
        };
        let mut hours = Hours { works: shift.days.contains(date.weekday()), ..Hours::default() };
        if !hours.works {
            return hours;
        }
        let micros = |date: Date, time: Time| micros(civil, start, date.to_datetime(time));
        let next = date.tomorrow().expect("runs end within the calendar");
        for (number, &(from, to)) in shift.hours.iter().enumerate() {
            let overnight = to <= from;
            hours.spans.push((micros(date, from), micros(if overnight { next } else { date }, to)));
            for rest in breaks {
                let on = if rest.at >= from && (overnight || rest.at < to) {
                    date
                } else if overnight && rest.at < to {
                    next
                } else {
                    continue;
                };
                let (length, stagger) = (rest.length.as_micros() as i64, rest.stagger.as_micros() as i64);
                hours.breaks.push((number, micros(on, rest.at), length, stagger, rest.status));
            }
        }
        hours
    }
}

/// A civil time in microseconds since the start; before it, by the clock on the wall.
fn micros(civil: &Civil, start: DateTime, at: DateTime) -> i64 {
    match civil.instant(at) {
        Some(at) => at.as_micros() as i64,
        None => at.duration_since(start).as_micros() as i64,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_recorded_roster_turns_at_the_ends_of_its_spells_and_joins_those_that_touch() {
        let spell = |from, to| (Instant::from_micros(from), Instant::from_micros(to));
        let spells = [spell(0, 10), spell(10, 20), spell(30, 40), spell(50, 60)];
        let mut cursor = Cursor::FIRST;
        let turns: Vec<Turn> = std::iter::from_fn(|| recorded(&mut cursor, &spells)).collect();
        let (on, off) = (StatusId::AVAILABLE, StatusId::OFFLINE);
        assert_eq!(turns, [(0, on), (20, off), (30, on), (40, off), (50, on), (60, off)]);
        assert_eq!(recorded(&mut Cursor::FIRST.clone(), &[]), None);
    }
}
