//! Agents: what they do with their time and how much rests on them.
//!
//! Only users that work tickets count. An agent's figures go to their first group. A disabled user is neither connected
//! nor available (USR-1). Integrals are brought up to date when something about the agent changes, and at no other time.

use super::balance::{self, Load};
use super::cast::Cast;
use super::catalog::MetricId;
use super::sheet::{Scope, Sheet};
use super::sla::SlaTimer;
use super::window::Window;
use crate::desk::{Desk, GroupId, Outcome, StatusId, Timer, UserId};
use crate::time::Instant;

/// Agents have rows of their own in results of at most this many of them.
pub const AGENT_ROWS: usize = 200;

/// How an agent stands on the desk.
#[derive(Clone, Copy, PartialEq, Debug)]
pub(super) struct Standing {
    pub(super) status: StatusId,
    pub(super) connected: bool,
    pub(super) available: bool,
    pub(super) over_cap: bool,
    pub(super) open: u32,
    pub(super) pending: u32,
}

impl Standing {
    pub(super) fn on(desk: &Desk, user: UserId) -> Standing {
        Standing {
            status: desk.user_status(user),
            connected: desk.is_connected(user),
            available: desk.is_available(user),
            over_cap: desk.is_over_cap(user),
            open: desk.open_count(user),
            pending: desk.pending_count(user),
        }
    }
}

/// What one agent bore, of those that work tickets.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct AgentWork {
    /// Whose figures go with it.
    pub group: Option<GroupId>,
    /// Tickets that they were assigned.
    pub assigned: u64,
    /// How long they were available, in microseconds.
    pub available: u64,
}

impl AgentWork {
    /// Adds what the same agent bore in another run.
    pub fn add(&mut self, other: &AgentWork) {
        self.assigned += other.assigned;
        self.available += other.available;
    }
}

#[derive(Clone, Debug)]
struct Agent {
    /// Up to when the integrals stand; all are in microseconds, or tickets times microseconds.
    since: Instant,
    connected: u64,
    available: u64,
    /// With at least one reply in hand, while connected: so nobody is occupied for longer than they are there.
    busy: u64,
    /// Over the cap, while connected.
    over_cap: u64,
    /// Tickets held while available.
    open: u64,
    pending: u64,
    /// Since when they are in their status, for the shares of time by status.
    status_since: Instant,
    standing: Standing,
    in_hand: u16,
    assigned: u32,
    closed: u32,
    met: [u32; 2],
    breached: [u32; 2],
}

/// The family's agents, by user.
#[derive(Clone, Debug)]
pub(super) struct Agents {
    agents: Vec<Agent>,
    /// Time in each status: of each user where agents have rows of their own, else of each group, then of those in none.
    status_time: Vec<Vec<u64>>,
    detailed: bool,
}

/// Sums over some agents.
#[derive(Clone, Copy, Default, Debug)]
struct Total {
    agents: u64,
    connected: u128,
    available: u128,
    busy: u128,
    over_cap: u128,
    open: u128,
    pending: u128,
}

impl Agents {
    pub(super) fn new(cast: &Cast) -> Agents {
        let agent = Agent {
            since: Instant::ZERO,
            connected: 0,
            available: 0,
            busy: 0,
            over_cap: 0,
            open: 0,
            pending: 0,
            status_since: Instant::ZERO,
            standing: Standing {
                status: StatusId::OFFLINE,
                connected: false,
                available: false,
                over_cap: false,
                open: 0,
                pending: 0,
            },
            in_hand: 0,
            assigned: 0,
            closed: 0,
            met: [0; 2],
            breached: [0; 2],
        };
        let working = users(cast).filter(|user| cast.works(*user)).count();
        let detailed = working <= AGENT_ROWS;
        let rows = if detailed { cast.user_count() } else { cast.group_count() + 1 };
        Agents { agents: vec![agent; cast.user_count()], status_time: vec![Vec::new(); rows], detailed }
    }

    /// The agent's standing may have changed.
    pub(super) fn stands(&mut self, cast: &Cast, window: Window, now: Instant, user: UserId, standing: Standing) {
        let agent = &mut self.agents[user.index()];
        agent.advance(window, now);
        if standing.status != agent.standing.status {
            self.leave_status(cast, window, now, user);
        }
        self.agents[user.index()].standing = standing;
    }

    /// The agent works on that many replies from now on.
    pub(super) fn works(&mut self, window: Window, now: Instant, user: UserId, in_hand: u16) {
        let agent = &mut self.agents[user.index()];
        agent.advance(window, now);
        agent.in_hand = in_hand;
    }

    pub(super) fn assigned(&mut self, user: UserId) {
        self.agents[user.index()].assigned += 1;
    }

    pub(super) fn closed(&mut self, user: UserId) {
        self.agents[user.index()].closed += 1;
    }

    /// A timer ended on the user's hands.
    pub(super) fn timer_ended(&mut self, user: UserId, timer: Timer, outcome: Outcome) {
        let agent = &mut self.agents[user.index()];
        match outcome {
            Outcome::Met => agent.met[timer as usize] += 1,
            Outcome::Breached => agent.breached[timer as usize] += 1,
            Outcome::Cancelled | Outcome::Unanswered => {}
        }
    }

    pub(super) fn finish(&mut self, cast: &Cast, window: Window, end: Instant) {
        for user in users(cast) {
            self.agents[user.index()].advance(window, end);
            self.leave_status(cast, window, end, user);
        }
    }

    fn leave_status(&mut self, cast: &Cast, window: Window, now: Instant, user: UserId) {
        let agent = &mut self.agents[user.index()];
        let elapsed = window.elapsed(agent.status_since, now);
        agent.status_since = now;
        let row = if self.detailed { user.index() } else { cast.home(user).map_or(cast.group_count(), GroupId::index) };
        if elapsed > 0 && cast.works(user) {
            let (row, status) = (&mut self.status_time[row], agent.standing.status.index());
            if row.len() <= status {
                row.resize(status + 1, 0);
            }
            row[status] += elapsed;
        }
    }

    /// What each agent bore, by user.
    pub(super) fn work(&self, cast: &Cast) -> Vec<AgentWork> {
        let work = |user: UserId| {
            let agent = &self.agents[user.index()];
            AgentWork { group: cast.home(user), assigned: agent.assigned.into(), available: agent.available }
        };
        users(cast).filter(|user| cast.works(*user)).map(work).collect()
    }

    /// Writes the figures of all scopes; `length` is the window's, in microseconds.
    pub(super) fn write(&self, cast: &Cast, length: u64, statuses: usize, timers: &[SlaTimer; 2], sheet: &mut Sheet) {
        let mut desk = Total::default();
        let mut groups = vec![Total::default(); cast.group_count()];
        let mut loads: Vec<Vec<Load>> = vec![Vec::new(); cast.group_count()];
        for user in users(cast).filter(|user| cast.works(*user)) {
            let agent = &self.agents[user.index()];
            desk.add(agent);
            if let Some(home) = cast.home(user) {
                groups[home.index()].add(agent);
                loads[home.index()].extend(agent.load());
            }
            if self.detailed {
                let mut own = Total::default();
                own.add(agent);
                own.write(Scope::Agent(user), sheet);
                agent.write_counts(Scope::Agent(user), timers, sheet);
            }
        }
        desk.write(Scope::Desk, sheet);
        for (index, total) in groups.iter().enumerate() {
            total.write(Scope::Group(GroupId::at(index)), sheet);
        }
        self.write_status_shares(cast, length, statuses, desk.agents, &groups, sheet);
        balance::write(&loads, sheet);
    }

    fn write_status_shares(
        &self,
        cast: &Cast,
        length: u64,
        statuses: usize,
        working: u64,
        groups: &[Total],
        sheet: &mut Sheet,
    ) {
        let metric = MetricId::named("agents.status_share");
        let mut put = |scope, status: usize, time: u128, agents: u64| {
            let whole = u128::from(length) * u128::from(agents);
            let share = (whole > 0).then(|| time as f64 / whole as f64);
            sheet.put_status(metric, scope, StatusId::at(status), share);
        };
        for status in 0..statuses {
            let mut desk = 0;
            let mut by_group = vec![0; groups.len()];
            for (row, times) in self.status_time.iter().enumerate() {
                let time = u128::from(times.get(status).copied().unwrap_or(0));
                desk += time;
                let home = if self.detailed {
                    let user = UserId::at(row);
                    if cast.works(user) {
                        put(Scope::Agent(user), status, time, 1);
                    }
                    cast.home(user)
                } else {
                    (row < groups.len()).then(|| GroupId::at(row))
                };
                if let Some(home) = home {
                    by_group[home.index()] += time;
                }
            }
            put(Scope::Desk, status, desk, working);
            for (group, time) in by_group.into_iter().enumerate() {
                put(Scope::Group(GroupId::at(group)), status, time, groups[group].agents);
            }
        }
    }
}

impl Agent {
    fn advance(&mut self, window: Window, now: Instant) {
        let elapsed = window.elapsed(self.since, now);
        self.since = now;
        if elapsed == 0 {
            return;
        }
        if self.standing.connected {
            self.connected += elapsed;
            self.busy += if self.in_hand > 0 { elapsed } else { 0 };
            self.over_cap += if self.standing.over_cap { elapsed } else { 0 };
        }
        if self.standing.available {
            self.available += elapsed;
            self.open += elapsed * u64::from(self.standing.open);
            self.pending += elapsed * u64::from(self.standing.pending);
        }
    }

    /// What the agent had to bear; `None` where they were never available.
    fn load(&self) -> Option<Load> {
        let ratio = |part: u64, whole: u64| (whole > 0).then(|| part as f64 / whole as f64);
        (self.available > 0).then(|| Load {
            assigned: f64::from(self.assigned) / (self.available as f64 / HOUR),
            busy: ratio(self.busy, self.connected),
            open: self.open as f64 / self.available as f64,
            breaches: ratio(self.breached.iter().map(|n| u64::from(*n)).sum(), u64::from(self.assigned)),
        })
    }

    fn write_counts(&self, scope: Scope, timers: &[SlaTimer; 2], sheet: &mut Sheet) {
        sheet.put_count(MetricId::named("tickets.assigned"), scope, u64::from(self.assigned));
        sheet.put_count(MetricId::named("tickets.closed"), scope, u64::from(self.closed));
        for (n, timer) in timers.iter().enumerate() {
            timer.write_agent(scope, u64::from(self.met[n]), u64::from(self.breached[n]), sheet);
        }
    }
}

const HOUR: f64 = 3.6e9;

impl Total {
    fn add(&mut self, agent: &Agent) {
        self.agents += 1;
        self.connected += u128::from(agent.connected);
        self.available += u128::from(agent.available);
        self.busy += u128::from(agent.busy);
        self.over_cap += u128::from(agent.over_cap);
        self.open += u128::from(agent.open);
        self.pending += u128::from(agent.pending);
    }

    fn write(&self, scope: Scope, sheet: &mut Sheet) {
        let ratio = |part: u128, whole: u128| (whole > 0).then(|| part as f64 / whole as f64);
        let mut put = |name, value| sheet.put(MetricId::named(name), scope, value);
        put("agents.occupancy", ratio(self.busy, self.connected));
        put("agents.available_hours", Some(self.available as f64 / HOUR));
        put("agents.over_cap_share", ratio(self.over_cap, self.connected));
        put("agents.open.mean", ratio(self.open, self.available));
        put("agents.pending.mean", ratio(self.pending, self.available));
    }
}

fn users(cast: &Cast) -> impl Iterator<Item = UserId> + use<> {
    (0..cast.user_count()).map(UserId::at)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_agent_costs_little_memory() {
        assert!(size_of::<Agent>() <= 120, "{}", size_of::<Agent>());
    }
}
