//! The diary of one run: who was in which status when, what everybody had on their hands, and who waited.
//!
//! It is what a replay of the day shows, and stays small however long the run and however many the agents: moments stand a
//! fixed time apart, the first agents have pages of their own, and the others are summed up.

use super::Stretches;
use super::cast::Cast;
use crate::desk::{ChannelId, Connection, Desk, Effect, StatusId, UserId, UserState};
use crate::simulation::{Input, Names, Observer, Step};
use crate::time::Instant;

/// Agents with pages of their own.
pub const DIARY_AGENTS: usize = 60;
/// Changes of status that are written down at most, of all agents together.
const SPELLS: usize = 20_000;

/// A number, or several, that are written down when they differ from those of the moment before.
pub type Changes<const N: usize> = Vec<(u32, [u32; N])>;

/// A status that people were in.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct DiaryStatus {
    /// What it is called.
    pub name: String,
    /// How it connects.
    pub connection: Connection,
    /// Whether those in it are assigned tickets.
    pub assignable: bool,
}

/// An agent's pages.
#[derive(Clone, Default, PartialEq, Eq, Debug)]
pub struct DiaryAgent {
    /// From when on in which status, by index; the first from the start.
    pub spells: Vec<(Instant, u32)>,
    /// Open and pending tickets at moments.
    pub hands: Changes<2>,
}

/// What everybody did; an observer of one run.
#[derive(Clone, Debug)]
pub struct Diary<'a> {
    cast: &'a Cast,
    names: &'a Names,
    moments: Stretches,
    next: usize,
    /// Who has pages: working users in listed order.
    shown: usize,
    pages: Vec<DiaryAgent>,
    by_user: Vec<Option<u32>>,
    spells_left: usize,
    statuses: Vec<DiaryStatus>,
    /// Those without pages, summed up: open and pending tickets.
    others: Changes<2>,
    /// Agents that are connected, inactive and disconnected.
    connections: Changes<3>,
    /// Tickets in the queue, by channel.
    queues: Vec<Changes<1>>,
    /// By slot of an open ticket: its channel while it waits.
    waiting: Vec<Option<ChannelId>>,
    lengths: Vec<u32>,
    hands: Vec<[u32; 2]>,
    connected_as: Vec<Connection>,
    holders: Vec<Option<UserId>>,
}

impl<'a> Diary<'a> {
    /// Of a run, with moments at the beginnings of stretches.
    pub fn new(cast: &'a Cast, names: &'a Names, moments: Stretches) -> Diary<'a> {
        let mut by_user = vec![None; cast.user_count()];
        let working: Vec<usize> = (0..cast.user_count()).filter(|user| cast.works(UserId::at(*user))).collect();
        let shown = working.len().min(DIARY_AGENTS);
        for (page, user) in (0..).zip(&working[..shown]) {
            by_user[*user] = Some(page);
        }
        Diary {
            cast,
            names,
            moments,
            next: 0,
            shown,
            pages: vec![DiaryAgent::default(); shown],
            by_user,
            spells_left: SPELLS,
            statuses: Vec::new(),
            others: Vec::new(),
            connections: Vec::new(),
            queues: vec![Vec::new(); cast.channel_count()],
            waiting: Vec::new(),
            lengths: vec![0; cast.channel_count()],
            hands: vec![[0; 2]; cast.user_count()],
            connected_as: vec![Connection::Disconnected; cast.user_count()],
            holders: Vec::new(),
        }
    }

    /// The moments, which are the beginnings of stretches; each shows what was before anything happened at it. After the last of
    /// them the end of the run is written down as one more.
    pub fn moments(&self) -> Stretches {
        self.moments
    }

    /// The statuses, by their index in spells.
    pub fn statuses(&self) -> &[DiaryStatus] {
        &self.statuses
    }

    /// The agents with pages, in listed order.
    pub fn agents(&self) -> impl Iterator<Item = (UserId, &DiaryAgent)> {
        let users = (0..self.by_user.len()).map(UserId::at).filter(|user| self.by_user[user.index()].is_some());
        users.zip(&self.pages)
    }

    /// Whether all changes of status are written down.
    pub fn is_complete(&self) -> bool {
        self.spells_left > 0
    }

    /// How many agents have no pages, and their open and pending tickets together.
    pub fn others(&self) -> (usize, &Changes<2>) {
        let working = (0..self.by_user.len()).filter(|user| self.cast.works(UserId::at(*user))).count();
        (working - self.shown, &self.others)
    }

    /// How many agents are connected, inactive and disconnected.
    pub fn connections(&self) -> &Changes<3> {
        &self.connections
    }

    /// How many tickets wait, by channel.
    pub fn queues(&self) -> &[Changes<1>] {
        &self.queues
    }

    /// Writes down the moments up to and with `now`.
    fn write_until(&mut self, now: Instant) {
        while self.next < self.moments.count() && self.moments.start(self.next) <= now {
            self.write_moment();
        }
    }

    /// Writes the next moment down, as things are.
    fn write_moment(&mut self) {
        let moment = self.next as u32;
        let mut others = [0; 2];
        let mut connections = [0; 3];
        for (user, hands) in self.hands.iter().enumerate() {
            if !self.cast.works(UserId::at(user)) {
                continue;
            }
            connections[self.connected_as[user] as usize] += 1;
            match self.by_user[user] {
                Some(page) => note(&mut self.pages[page as usize].hands, moment, *hands),
                None => others = [others[0] + hands[0], others[1] + hands[1]],
            }
        }
        note(&mut self.others, moment, others);
        note(&mut self.connections, moment, connections);
        for (queue, length) in self.queues.iter_mut().zip(&self.lengths) {
            note(queue, moment, [*length]);
        }
        self.next += 1;
    }

    fn look_at(&mut self, now: Instant, user: UserId, desk: &Desk) {
        self.hands[user.index()] = [desk.open_count(user), desk.pending_count(user)];
        let status = desk.user_status(user);
        // USR-1: who is not enabled is not there, whatever their status.
        let enabled = desk.user_state(user) == UserState::Enabled;
        self.connected_as[user.index()] = if enabled { desk.connection(status) } else { Connection::Disconnected };
        let Some(page) = self.by_user[user.index()] else { return };
        let spells = &mut self.pages[page as usize].spells;
        if spells.last().is_none_or(|last| last.1 != status.0) && self.spells_left > 0 {
            // Of several at one instant the last one lasted.
            if spells.last().is_some_and(|last| last.0 == now) {
                spells.pop();
            }
            spells.push((now, status.0));
            self.spells_left -= 1;
        }
    }

    fn look_at_everybody(&mut self, now: Instant, desk: &Desk) {
        for user in 0..self.cast.user_count() {
            self.look_at(now, UserId::at(user), desk);
        }
    }

    fn learn_statuses(&mut self, desk: &Desk) {
        let status = |index| {
            let id = StatusId::at(index);
            DiaryStatus {
                name: self.names.text(desk.status_name(id).shown).to_owned(),
                connection: desk.connection(id),
                assignable: desk.is_assignable(id),
            }
        };
        self.statuses = (0..desk.status_count()).map(status).collect();
    }

    fn hold(&mut self, slot: usize, holder: Option<UserId>) -> Option<UserId> {
        if slot >= self.holders.len() {
            self.holders.resize(slot + 1, None);
            self.waiting.resize(slot + 1, None);
        }
        std::mem::replace(&mut self.holders[slot], holder)
    }

    fn wait(&mut self, slot: usize, channel: Option<ChannelId>) {
        if let Some(left) = self.waiting[slot] {
            self.lengths[left.index()] -= 1;
        }
        if let Some(entered) = channel {
            self.lengths[entered.index()] += 1;
        }
        self.waiting[slot] = channel;
    }

    fn effect(&mut self, now: Instant, effect: &Effect, desk: &Desk) {
        let touched = match *effect {
            Effect::Queued { ticket, lane, .. } => {
                let held = self.hold(ticket.index(), None);
                self.wait(ticket.index(), Some(desk.lane_channel(lane)));
                [held, None]
            }
            Effect::Assigned { ticket, to, .. } => {
                let held = self.hold(ticket.index(), Some(to));
                self.wait(ticket.index(), None);
                [held, Some(to)]
            }
            Effect::Closed { ticket, .. } => {
                let held = self.hold(ticket.index(), None);
                self.wait(ticket.index(), None);
                [held, None]
            }
            Effect::Replied { ticket, .. } | Effect::Pending { ticket } => {
                [self.holders.get(ticket.index()).copied().flatten(), None]
            }
            Effect::StatusChanged { user, .. } => [Some(user), None],
            _ => return,
        };
        for user in touched.into_iter().flatten() {
            self.look_at(now, user, desk);
        }
    }
}

/// Writes numbers down where they changed.
fn note<const N: usize>(changes: &mut Changes<N>, moment: u32, now: [u32; N]) {
    if changes.last().is_none_or(|last| last.1 != now) {
        changes.push((moment, now));
    }
}

impl Observer for Diary<'_> {
    fn start(&mut self, now: Instant, desk: &Desk) {
        self.look_at_everybody(now, desk);
    }

    fn step(&mut self, step: &Step<'_>, desk: &Desk) {
        self.write_until(step.now);
        for effect in step.effects {
            self.effect(step.now, effect, desk);
        }
        // Statuses are rarely edited, and anybody may be in them; users are rarely enabled and disabled.
        use crate::desk::Command::{DisableUser, EditStatus, EnableUser};
        if let Input::Command(EditStatus { .. } | EnableUser { .. } | DisableUser { .. }) = step.input {
            self.look_at_everybody(step.now, desk);
        }
    }

    fn finish(&mut self, now: Instant, desk: &Desk) {
        self.write_until(now);
        self.write_moment();
        self.learn_statuses(desk);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::simulation::{sample, simulate};

    /// Reads changes at a moment.
    fn at<const N: usize>(changes: &Changes<N>, moment: u32) -> [u32; N] {
        changes[changes.partition_point(|change| change.0 <= moment) - 1].1
    }

    /// Looks at the desk itself at each moment.
    struct Twin<'a> {
        diary: Diary<'a>,
        seen: Vec<(usize, Vec<[u32; 2]>)>,
        before: (usize, Vec<[u32; 2]>),
    }

    fn look(desk: &Desk) -> (usize, Vec<[u32; 2]>) {
        let users = (0..desk.user_count()).map(UserId::at);
        (desk.queue_length(), users.map(|user| [desk.open_count(user), desk.pending_count(user)]).collect())
    }

    impl Observer for Twin<'_> {
        fn start(&mut self, now: Instant, desk: &Desk) {
            self.diary.start(now, desk);
            self.before = look(desk);
        }
        fn step(&mut self, step: &Step<'_>, desk: &Desk) {
            while self.diary.moments.start(self.seen.len()) <= step.now {
                self.seen.push(self.before.clone());
            }
            self.diary.step(step, desk);
            self.before = look(desk);
        }
        fn finish(&mut self, now: Instant, desk: &Desk) {
            self.diary.finish(now, desk);
        }
    }

    #[test]
    fn moments_show_the_desk_as_it_was() {
        let mut model = sample::model(DIARY_AGENTS + 3);
        model.settings.channels[0].limit = sample::cap(1);
        let plan = sample::customers(&mut model.names, sample::per_hour(2_300.0), 100.0);
        model.plan.customers.push(plan);
        let cast = Cast::new(&model);
        let moments = Stretches::at_most(100, model.run.duration);
        let diary = Diary::new(&cast, &model.names, moments);
        let mut twin = Twin { diary, seen: Vec::new(), before: (0, Vec::new()) };
        simulate(&model, 3, 0, &mut twin).unwrap();
        let Twin { diary, seen, .. } = twin;
        assert!(seen.len() > 40 && diary.next == moments.count() + 1 && diary.is_complete());
        for (moment, (queue, hands)) in (0..).zip(&seen) {
            assert_eq!(at(&diary.queues()[0], moment), [*queue as u32], "moment {moment}");
            for (user, page) in diary.agents() {
                assert_eq!(at(&page.hands, moment), hands[user.index()], "{user:?} at moment {moment}");
            }
            let sum = |n: usize| hands[DIARY_AGENTS..].iter().map(|hands| hands[n]).sum::<u32>();
            assert_eq!(at(diary.others().1, moment), [sum(0), sum(1)]);
        }
        assert!(seen.iter().any(|(queue, _)| *queue > 0));
        assert_eq!((diary.others().0, diary.connections().as_slice()), (3, &[(0, [63, 0, 0])][..]));
        assert_eq!(diary.agents().next().unwrap().1.spells, [(Instant::ZERO, 0)]);
    }
}
