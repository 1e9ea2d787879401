//! Agents: what they do with their time and how much rests on them.
//!
//! Only users that work tickets count. A group's figures are over everybody who is in it, so whoever is in several groups
//! counts in each of them, and once for the desk. A disabled user is neither connected nor available (USR-1).
//!
//! The integral of a level over time is kept as a sum over its changes: from `a` to `b` at time `t` it grows by
//! `(a - b) t`, and at the end by the level times the end. So nothing is written but at changes, and nothing is to be
//! brought up to date before one. Sums wrap on their way; what comes out is less than 2^64.

use super::balance::{self, Load};
use super::cast::Cast;
use super::catalog::MetricId;
use super::sheet::{Scope, Sheet};
use super::sla;
use crate::desk::{Desk, GroupId, Outcome, StatusId, Timer, UserId};
use prefetch_index::prefetch_index;

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
    /// Who.
    pub user: UserId,
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

/// What changes with every ticket of an agent: one cache line. Integrals are in microseconds of the window's clock, or
/// tickets times those.
#[derive(Clone, Default, Debug)]
#[repr(align(64))]
struct Agent {
    /// With at least one reply in hand, while connected: so nobody is occupied for longer than they are there.
    busy_time: u64,
    /// Tickets held while available.
    open_time: u64,
    pending_time: u64,
    /// How many they hold and owe a reply to, while available; else none.
    open: u32,
    pending: u32,
    works: bool,
    connected: bool,
    available: bool,
    /// While connected.
    over_cap: bool,
    assigned: u32,
    closed: u32,
    met: [u32; 2],
    breached: [u32; 2],
}

/// What changes but a few times a day.
#[derive(Clone, Debug)]
struct Presence {
    connected_time: u64,
    available_time: u64,
    /// Over the cap, while connected.
    over_cap_time: u64,
    status: StatusId,
    /// Since when they are in their status, for the shares of time by status.
    since: u64,
}

/// The family's agents, by user.
#[derive(Clone, Debug)]
pub(super) struct Agents {
    agents: Vec<Agent>,
    presences: Vec<Presence>,
    /// Time in each status: of each user where agents have rows of their own, else of each group, then of all together.
    status_time: Vec<Vec<u64>>,
    detailed: bool,
}

/// One agent's integrals over the whole window.
#[derive(Clone, Copy, Debug)]
struct Account {
    connected: u64,
    available: u64,
    busy: u64,
    over_cap: u64,
    open: u64,
    pending: u64,
}

/// A level changes, and its integral with it.
#[inline]
fn change(integral: &mut u64, was: impl Into<u64>, is: impl Into<u64>, clock: u64) {
    *integral = integral.wrapping_add(was.into().wrapping_sub(is.into()).wrapping_mul(clock));
}

/// The integral of a level up to `end`.
fn whole(integral: u64, level: impl Into<u64>, end: u64) -> u64 {
    integral.wrapping_add(level.into().wrapping_mul(end))
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
        let nowhere =
            Presence { connected_time: 0, available_time: 0, over_cap_time: 0, status: StatusId::OFFLINE, since: 0 };
        let working = users(cast).filter(|user| cast.works(*user)).count();
        let detailed = working <= AGENT_ROWS;
        let rows = if detailed { cast.user_count() } else { cast.group_count() + 1 };
        Agents {
            agents: vec![Agent::default(); cast.user_count()],
            presences: vec![nowhere; cast.user_count()],
            status_time: vec![Vec::new(); rows],
            detailed,
        }
    }

    /// The agent stands like that from now on.
    pub(super) fn stands(&mut self, cast: &Cast, clock: u64, user: UserId, standing: Standing) {
        if standing.status != self.presences[user.index()].status {
            self.leave_status(cast, clock, user);
        }
        let (agent, presence) = (&mut self.agents[user.index()], &mut self.presences[user.index()]);
        let over_cap = standing.connected && standing.over_cap;
        let works = (agent.works && agent.connected, agent.works && standing.connected);
        change(&mut presence.connected_time, agent.connected, standing.connected, clock);
        change(&mut presence.available_time, agent.available, standing.available, clock);
        change(&mut presence.over_cap_time, agent.over_cap, over_cap, clock);
        change(&mut agent.busy_time, works.0, works.1, clock);
        presence.status = standing.status;
        (agent.connected, agent.available, agent.over_cap) = (standing.connected, standing.available, over_cap);
        agent.holds(clock, standing.open, standing.pending);
    }

    /// The agent holds, and owes a reply to, so many tickets from now on; all else is as before.
    ///
    /// Who is not over the cap does not come to be by having fewer tickets, or fewer that wait: `grew` says whether there
    /// may be more.
    #[inline(always)]
    pub(super) fn holds(
        &mut self,
        clock: u64,
        user: UserId,
        (open, pending): (u32, u32),
        grew: bool,
        is_over_cap: impl FnOnce() -> bool,
    ) {
        let agent = &mut self.agents[user.index()];
        agent.holds(clock, open, pending);
        if agent.over_cap || (grew && agent.connected) {
            let over_cap = is_over_cap();
            if over_cap != agent.over_cap {
                self.crosses_cap(clock, user, over_cap);
            }
        }
    }

    #[cold]
    fn crosses_cap(&mut self, clock: u64, user: UserId, over_cap: bool) {
        change(&mut self.presences[user.index()].over_cap_time, !over_cap, over_cap, clock);
        self.agents[user.index()].over_cap = over_cap;
    }

    /// The agent works on that many replies from now on.
    #[inline]
    pub(super) fn works(&mut self, clock: u64, user: UserId, in_hand: u16) {
        let agent = &mut self.agents[user.index()];
        let works = in_hand > 0;
        if works != agent.works {
            change(&mut agent.busy_time, agent.works && agent.connected, works && agent.connected, clock);
            agent.works = works;
        }
    }

    /// Fetches a user's record into the cache.
    pub(super) fn fetch(&self, user: UserId) {
        prefetch_index(&self.agents, user.index());
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

    /// The window ends.
    pub(super) fn finish(&mut self, cast: &Cast, clock: u64) {
        users(cast).for_each(|user| self.leave_status(cast, clock, user));
    }

    fn leave_status(&mut self, cast: &Cast, clock: u64, user: UserId) {
        let presence = &mut self.presences[user.index()];
        let elapsed = clock - std::mem::replace(&mut presence.since, clock);
        let status = presence.status.index();
        if elapsed == 0 || !cast.works(user) {
            return;
        }
        let mut add = |row: usize| {
            let row = &mut self.status_time[row];
            if row.len() <= status {
                row.resize(status + 1, 0);
            }
            row[status] += elapsed;
        };
        if self.detailed {
            add(user.index());
        } else {
            add(cast.group_count());
            cast.groups_of(user).iter().for_each(|group| add(group.index()));
        }
    }

    /// What each agent bore, by user; `length` is the window's, in microseconds.
    pub(super) fn work(&self, cast: &Cast, length: u64) -> Vec<AgentWork> {
        let work = |user: UserId| AgentWork {
            user,
            assigned: self.agents[user.index()].assigned.into(),
            available: self.account(user, length).available,
        };
        users(cast).filter(|user| cast.works(*user)).map(work).collect()
    }

    /// The agent's figures at the end of the window.
    fn account(&self, user: UserId, end: u64) -> Account {
        let (agent, presence) = (&self.agents[user.index()], &self.presences[user.index()]);
        Account {
            connected: whole(presence.connected_time, agent.connected, end),
            available: whole(presence.available_time, agent.available, end),
            busy: whole(agent.busy_time, agent.works && agent.connected, end),
            over_cap: whole(presence.over_cap_time, agent.over_cap, end),
            open: whole(agent.open_time, agent.open, end),
            pending: whole(agent.pending_time, agent.pending, end),
        }
    }

    /// Writes the figures of all scopes; `length` is the window's, in microseconds.
    pub(super) fn write(&self, cast: &Cast, length: u64, statuses: usize, sheet: &mut Sheet) {
        let mut desk = Total::default();
        let mut groups = vec![Total::default(); cast.group_count()];
        let mut loads: Vec<Vec<Load>> = vec![Vec::new(); cast.group_count()];
        for user in users(cast).filter(|user| cast.works(*user)) {
            let (agent, account) = (&self.agents[user.index()], self.account(user, length));
            desk.add(account);
            let load = agent.load(account);
            for group in cast.groups_of(user) {
                groups[group.index()].add(account);
                loads[group.index()].extend(load);
            }
            if self.detailed {
                let mut own = Total::default();
                own.add(account);
                own.write(Scope::Agent(user), sheet);
                agent.write_counts(Scope::Agent(user), sheet);
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
            let time_in = |row: usize| u128::from(self.status_time[row].get(status).copied().unwrap_or(0));
            let mut desk = 0;
            let mut by_group = vec![0; groups.len()];
            if self.detailed {
                for user in users(cast).filter(|user| cast.works(*user)) {
                    let time = time_in(user.index());
                    desk += time;
                    put(Scope::Agent(user), status, time, 1);
                    cast.groups_of(user).iter().for_each(|group| by_group[group.index()] += time);
                }
            } else {
                desk = time_in(groups.len());
                by_group.iter_mut().enumerate().for_each(|(group, time)| *time = time_in(group));
            }
            put(Scope::Desk, status, desk, working);
            for (group, time) in by_group.into_iter().enumerate() {
                put(Scope::Group(GroupId::at(group)), status, time, groups[group].agents);
            }
        }
    }
}

impl Agent {
    #[inline]
    fn holds(&mut self, clock: u64, open: u32, pending: u32) {
        let (open, pending) = if self.available { (open, pending) } else { (0, 0) };
        change(&mut self.open_time, self.open, open, clock);
        change(&mut self.pending_time, self.pending, pending, clock);
        (self.open, self.pending) = (open, pending);
    }

    /// What the agent had to bear; `None` where they were never available.
    fn load(&self, account: Account) -> Option<Load> {
        let ratio = |part: u64, whole: u64| (whole > 0).then(|| part as f64 / whole as f64);
        (account.available > 0).then(|| Load {
            assigned: f64::from(self.assigned) / (account.available as f64 / HOUR),
            busy: ratio(account.busy, account.connected),
            open: account.open as f64 / account.available as f64,
            breaches: ratio(self.breached.iter().map(|n| u64::from(*n)).sum(), u64::from(self.assigned)),
        })
    }

    fn write_counts(&self, scope: Scope, sheet: &mut Sheet) {
        sheet.put_count(MetricId::named("tickets.assigned"), &[scope], u64::from(self.assigned));
        sheet.put_count(MetricId::named("tickets.closed"), &[scope], u64::from(self.closed));
        for timer in [Timer::FirstResponse, Timer::Closure] {
            let (met, breached) = (self.met[timer as usize], self.breached[timer as usize]);
            sla::write_agent(timer, scope, u64::from(met), u64::from(breached), sheet);
        }
    }
}

const HOUR: f64 = 3.6e9;

impl Total {
    fn add(&mut self, account: Account) {
        self.agents += 1;
        self.connected += u128::from(account.connected);
        self.available += u128::from(account.available);
        self.busy += u128::from(account.busy);
        self.over_cap += u128::from(account.over_cap);
        self.open += u128::from(account.open);
        self.pending += u128::from(account.pending);
    }

    fn write(&self, scope: Scope, sheet: &mut Sheet) {
        let mut put = |name, part: u128, whole: u128| {
            let ratio = (whole > 0).then(|| part as f64 / whole as f64);
            sheet.put_mean(MetricId::named(name), &[scope], ratio, whole as f64);
        };
        put("agents.occupancy", self.busy, self.connected);
        put("agents.over_cap_share", self.over_cap, self.connected);
        put("agents.open.mean", self.open, self.available);
        put("agents.pending.mean", self.pending, self.available);
        sheet.put(MetricId::named("agents.available_hours"), &[scope], Some(self.available as f64 / HOUR));
    }
}

fn users(cast: &Cast) -> impl Iterator<Item = UserId> + use<> {
    (0..cast.user_count()).map(UserId::at)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn an_agent_costs_little_memory() {
        assert_eq!(size_of::<Agent>(), 64, "what every ticket touches");
        assert!(size_of::<Agent>() + size_of::<Presence>() <= 104);
    }

    #[derive(Clone, Copy, Debug)]
    enum Change {
        Stands(Standing),
        Holds { open: u32, pending: u32, grew: bool, over_cap: bool },
        Works(u16),
    }

    fn change() -> impl Strategy<Value = Change> {
        let flag = any::<bool>;
        let standing =
            (flag(), flag(), flag(), 0..4_u32, 0..4_u32).prop_map(|(connected, available, over, open, pending)| {
                let status = if available { StatusId::AVAILABLE } else { StatusId::AWAY };
                Change::Stands(Standing { status, connected, available, over_cap: over, open, pending })
            });
        let holds = (0..4_u32, 0..4_u32, flag(), flag()).prop_map(|(open, pending, grew, over_cap)| Change::Holds {
            open,
            pending,
            grew,
            over_cap,
        });
        prop_oneof![standing, holds, (0..3_u16).prop_map(Change::Works)]
    }

    proptest! {
        /// Each level times how long it lasted, added up as it goes.
        #[test]
        fn integrals_are_those_of_the_plain_sum(changes in prop::collection::vec((0..50_u64, change()), 0..40)) {
            let user = UserId(0);
            let cast = Cast::of(1, &[], &[], &[(&[GroupId(0)], true)]);
            let mut agents = Agents::new(&cast);
            let mut level = [0_u64; 6];
            let (mut now, mut sums, mut works) = (0, [0_u64; 6], false);
            for (wait, change) in changes.iter().copied().chain([(7, Change::Works(0))]) {
                now += wait;
                sums.iter_mut().zip(level).for_each(|(sum, level)| *sum += level * wait);
                let [connected, available, _, over_cap, ..] = level;
                match change {
                    Change::Stands(to) => {
                        agents.stands(&cast, now, user, to);
                        let held = [to.open, to.pending].map(|n| u64::from(n) * u64::from(to.available));
                        let over_cap = u64::from(to.connected && to.over_cap);
                        let busy = u64::from(works && to.connected);
                        level = [to.connected.into(), to.available.into(), busy, over_cap, held[0], held[1]];
                    }
                    Change::Holds { open, pending, grew, over_cap: over } => {
                        agents.holds(now, user, (open, pending), grew, || over);
                        level[3] = u64::from(over && (grew || over_cap == 1)) * connected;
                        (level[4], level[5]) = (u64::from(open) * available, u64::from(pending) * available);
                    }
                    Change::Works(in_hand) => {
                        works = in_hand > 0;
                        agents.works(now, user, in_hand);
                        level[2] = u64::from(works) * connected;
                    }
                }
            }
            let account = agents.account(user, now);
            let Account { connected, available, busy, over_cap, open, pending } = account;
            prop_assert_eq!([connected, available, busy, over_cap, open, pending], sums);
            agents.finish(&cast, now);
            prop_assert_eq!(agents.status_time[0].iter().sum::<u64>(), now);
        }
    }
}
