//! The queue: lanes, their order, and draining (QUE).

use super::assignment::{Chooser, Tier};
use super::deadline::{Handle, Kind};
use super::line::Line;
use super::ticket::{NONE, Phase};
use super::user::Seat;
use super::{
    Assignment, ChannelId, Desk, Effect, GroupId, LaneId, Permission, Policy, QueueOrder, Session, TicketId,
    TicketState, Timer, UserId,
};
use crate::time::{Instant, Span};
use rustc_hash::FxHashMap;

/// Where a ticket stands in its lane, least first: priority (turned), then the order's own keys, then the ticket.
///
/// Keys of lanes of one order compare across lanes too (QUE-4).
pub(super) type LaneKey = u128;

/// Packs points of priority, largest first, whether it comes in the second part of its equals, a time and the ticket.
#[inline]
fn lane_key(points: i32, second: bool, time: i64, number: u32) -> LaneKey {
    // Points are few bits of many: a channel's, a customer's and the fields', each from 16.
    let points = ((-points) * 2 + i32::from(second)) as u32 ^ 1 << 31;
    let time = time as u64 ^ 1 << 63;
    u128::from(points) << 96 | u128::from(time) << 32 | u128::from(number)
}

/// A lane (QUE-2).
#[derive(Clone, Debug)]
pub(super) struct Lane {
    pub(super) channel: ChannelId,
    /// For tickets transferred to it; `None` for the channel's own lane.
    pub(super) group: Option<GroupId>,
    /// Whether the system assigns from it (CHN-3).
    pub(super) automatic: bool,
    pub(super) chooser: Chooser,
    /// Its own groups, then each overflow (QUE-9); no user sits in two.
    pub(super) tiers: Vec<Tier>,
    /// Where the system assigns by the usual keys (ASG-2), and a cap counts open tickets over all channels if there is one:
    /// the channel's own cap, or `u32::MAX`.
    pub(super) plain: Option<u32>,
    /// How many users of its own groups are connected (MSG-4).
    pub(super) connected: u32,
    pub(super) waiting: Line,
    /// When its head has waited for the next tier.
    pub(super) overflow: Handle,
    /// The instant of `overflow`.
    pub(super) overflow_at: Option<Instant>,
    /// `rotation`: since which turn a user stands at the end of the row; those who never had one stand first.
    pub(super) row: FxHashMap<UserId, u64>,
    pub(super) turns: u64,
    pub(super) is_dirty: bool,
}

impl Desk {
    /// A ticket's key in its lane (QUE-2).
    pub(super) fn lane_key(&self, slot: u32) -> LaneKey {
        let ticket = &self.tickets[slot];
        let channel = &self.channels[ticket.channel.index()];
        let points = self.priority(slot);
        debug_assert!(ticket.wait_start <= self.now, "QUE-6: whatever waits has a wait start");
        let start = ticket.wait_start.as_micros() as i64;
        let number = ticket.number;
        match channel.order {
            QueueOrder::Fifo => lane_key(points, false, start, number),
            QueueOrder::Lifo => lane_key(points, false, -start, !number),
            QueueOrder::SlaDue => {
                let due = self.due_if_started(slot).map_or(i64::MAX, |due| due.as_micros() as i64);
                lane_key(points, false, due, number)
            }
            QueueOrder::SessionsFirst => lane_key(points, ticket.cycle == 1, start, number),
            QueueOrder::Aged { head_start } => {
                // Such a head start as no run lasts goes before all.
                let ahead = i64::try_from(head_start.as_micros()).unwrap_or(i64::MAX).saturating_mul(points.into());
                lane_key(0, false, start.saturating_sub(ahead), number)
            }
        }
    }

    /// The earliest deadline that assignment would start, had it come when the wait began (`sla_due`).
    fn due_if_started(&self, slot: u32) -> Option<Instant> {
        let ticket = &self.tickets[slot];
        let sla = &self.channels[ticket.channel.index()].sla;
        let left = |timer: Timer, full: Option<Span>| match ticket.phase(timer) {
            // SLA-7: what was breached is over.
            Phase::Breached => None,
            Phase::Suspended if sla.on_requeue == super::OnRequeue::Resume => {
                Some(self.tickets.goal(slot, timer).left())
            }
            _ => full,
        };
        // SLA-11: no first response is owed to who was written to, and has not written.
        let owes_none = ticket.flags.answered() || ticket.flags.unopened();
        let first = if owes_none { None } else { left(Timer::FirstResponse, sla.first_response) };
        let span = first.into_iter().chain(left(Timer::Closure, sla.closure)).min()?;
        Some(ticket.wait_start + span)
    }

    /// A ticket's points of priority: the channel's, the customer's own, and those of its fields' values (QUE-2).
    pub(super) fn priority(&self, slot: u32) -> i32 {
        let ticket = &self.tickets[slot];
        self.points(ticket.channel, ticket.own_priority, self.tickets.id(slot))
    }

    /// The same of a ticket on that channel, open or closed, whose message came with `own` points.
    pub(super) fn points(&self, channel: ChannelId, own: i16, ticket: TicketId) -> i32 {
        let mut points = i32::from(self.channels[channel.index()].priority) + i32::from(own);
        if self.fields_give_priority {
            for (field, value) in self.fields.iter().zip(self.tickets.fields(ticket)) {
                if let Some(super::FieldValue::Choice(choice)) = value {
                    points += i32::from(field.priority.get(*choice as usize).copied().unwrap_or(0));
                }
            }
        }
        points
    }

    /// A ticket enters its lane (QUE-1, QUE-3); draining is the caller's.
    #[inline]
    pub(super) fn enqueue(&mut self, slot: u32, fx: &mut Vec<Effect>) {
        let key = self.lane_key(slot);
        let ticket = &mut self.tickets[slot];
        ticket.state = TicketState::Queued;
        let lane = ticket.lane;
        let session = if ticket.cycle == 1 { Session::NewConversation } else { Session::NewSession };
        ticket.link = self.lanes[lane.index()].waiting.insert(key, slot);
        fx.push(Effect::Queued { ticket: self.tickets.id(slot), session, lane });
        self.head_may_have_changed(lane);
    }

    /// A ticket that nobody had enters its lane, and the lane is drained if it can be (QUE-3); other lanes do not wait for
    /// that. Where none wait before it and somebody is eligible, it goes straight to them.
    #[inline(always)]
    pub(super) fn enter_queue(&mut self, now: Instant, slot: u32, fx: &mut Vec<Effect>) {
        let id = self.tickets[slot].lane;
        let lane = &self.lanes[id.index()];
        // Between commands no head has an eligible user, so nobody is eligible for those who wait.
        let goes_straight = lane.waiting.is_empty() && lane.tiers.iter().any(|tier| tier.eligible > 0);
        if !goes_straight || !self.dirty.is_empty() {
            return self.enqueue(slot, fx);
        }
        let Some(user) = self.choose(now, id, slot) else { return self.enqueue(slot, fx) };
        let ticket = &mut self.tickets[slot];
        ticket.state = TicketState::Queued;
        let session = if ticket.cycle == 1 { Session::NewConversation } else { Session::NewSession };
        fx.push(Effect::Queued { ticket: self.tickets.id(slot), session, lane: id });
        self.turn_row(id, user);
        self.assign_at_once(now, slot, user, fx);
    }

    /// A ticket leaves its lane.
    #[inline(always)]
    pub(super) fn dequeue(&mut self, slot: u32) {
        let ticket = &mut self.tickets[slot];
        let lane = ticket.lane;
        let place = std::mem::replace(&mut ticket.link, NONE);
        let waiting = &mut self.lanes[lane.index()].waiting;
        waiting.remove(place);
        waiting.close_up(|slot, place| self.tickets[slot].link = place);
        self.head_may_have_changed(lane);
    }

    /// A waiting ticket's place follows what it depends on.
    pub(super) fn rekey(&mut self, slot: u32) {
        let key = self.lane_key(slot);
        let ticket = &mut self.tickets[slot];
        let lane = ticket.lane;
        let waiting = &mut self.lanes[lane.index()].waiting;
        ticket.link = waiting.rekey(ticket.link, key, slot);
        waiting.close_up(|slot, place| self.tickets[slot].link = place);
        self.head_may_have_changed(lane);
    }

    /// Marks a lane for the next draining.
    #[inline]
    pub(super) fn mark(&mut self, lane: LaneId) {
        let marked = &mut self.lanes[lane.index()];
        if !marked.is_dirty && !marked.waiting.is_empty() {
            marked.is_dirty = true;
            self.dirty.push(lane);
        }
    }

    #[inline]
    fn head_may_have_changed(&mut self, lane: LaneId) {
        self.mark(lane);
        if self.lanes[lane.index()].tiers.len() > 1 {
            self.watch_overflow(lane);
        }
    }

    /// Keeps the deadline at which the lane's head has waited for the next overflow (QUE-9).
    pub(super) fn watch_overflow(&mut self, id: LaneId) {
        let lane = &self.lanes[id.index()];
        let wanted = lane.waiting.first().and_then(|(_, slot)| {
            let start = self.tickets[slot].wait_start;
            lane.tiers.iter().map(|tier| start + tier.after).find(|&opens| opens > self.now)
        });
        let lane = &mut self.lanes[id.index()];
        if lane.overflow_at == wanted {
            return;
        }
        lane.overflow_at = wanted;
        self.deadlines.cancel_apart(&mut lane.overflow);
        if let Some(due) = wanted {
            lane.overflow = self.deadlines.set_apart(Kind::Overflow, due, id.0, id.0);
        }
    }

    /// Assigns waiting tickets while some marked lane's head has an eligible user (QUE-4, QUE-5).
    ///
    /// Between drainings no head has an eligible user, so only lanes that changed need a look. What nobody may take waits,
    /// and is never dropped (QUE-8).
    pub(super) fn drain(&mut self, now: Instant, fx: &mut Vec<Effect>) {
        while let Some((slot, lane)) = self.next_to_assign(now) {
            let user = self.choose(now, lane, slot).expect("a takeable head has an eligible user");
            self.turn_row(lane, user);
            self.dequeue(slot);
            self.assign_at_once(now, slot, user, fx);
        }
    }

    /// `rotation`: whoever is chosen goes to the end of the row.
    #[inline(always)]
    fn turn_row(&mut self, lane: LaneId, user: UserId) {
        let lane = &mut self.lanes[lane.index()];
        if matches!(lane.chooser, Chooser::Rotation) {
            lane.turns += 1;
            lane.row.insert(user, lane.turns);
        }
    }

    /// Of the marked lanes' heads that somebody is eligible for, the one that comes first; lanes without lose their mark.
    #[inline(always)]
    fn next_to_assign(&mut self, now: Instant) -> Option<(u32, LaneId)> {
        let mut best: Option<(LaneKey, u32, LaneId)> = None;
        let mut kept = 0;
        for index in 0..self.dirty.len() {
            let id = self.dirty[index];
            let Some((key, slot)) = self.takeable_head(now, id) else {
                self.lanes[id.index()].is_dirty = false;
                continue;
            };
            self.dirty[kept] = id;
            kept += 1;
            let key = if self.orders_differ { self.wait_key(slot) } else { key };
            if best.is_none_or(|(least, _, _)| key < least) {
                best = Some((key, slot, id));
            }
        }
        self.dirty.truncate(kept);
        best.map(|(_, slot, lane)| (slot, lane))
    }

    /// A lane's head, if somebody is eligible for it.
    #[inline(always)]
    fn takeable_head(&self, now: Instant, id: LaneId) -> Option<(LaneKey, u32)> {
        let lane = &self.lanes[id.index()];
        let (key, slot) = lane.waiting.first()?;
        let takeable = match lane.tiers.as_slice() {
            [own] => own.eligible > 0,
            tiers => {
                let open = self.open_tiers(id, now.since(self.tickets[slot].wait_start));
                tiers[..open].iter().any(|tier| tier.eligible > 0)
            }
        };
        takeable.then_some((key, slot))
    }

    /// What compares heads where channels differ in their order: priority, then the longest wait.
    fn wait_key(&self, slot: u32) -> LaneKey {
        let ticket = &self.tickets[slot];
        lane_key(self.priority(slot), false, ticket.wait_start.as_micros() as i64, ticket.number)
    }

    /// The lane for a group's tickets on a channel, made when it is first needed (QUE-2).
    pub(super) fn group_lane(&mut self, channel: ChannelId, group: GroupId) -> LaneId {
        let known = self.channels[channel.index()].group_lanes.iter().find(|(of, _)| *of == group);
        if let Some(&(_, lane)) = known {
            return lane;
        }
        let lane = self.add_lane(channel, Some(group));
        self.channels[channel.index()].group_lanes.push((group, lane));
        self.seat_lane(lane);
        self.note_outsiders(channel);
        lane
    }

    /// A lane without users as yet.
    pub(super) fn add_lane(&mut self, channel: ChannelId, group: Option<GroupId>) -> LaneId {
        let id = LaneId::at(self.lanes.len());
        self.lanes.push(Lane {
            channel,
            group,
            automatic: false,
            plain: None,
            chooser: Chooser::Rotation,
            tiers: Vec::new(),
            connected: 0,
            waiting: Line::new(),
            overflow: Handle::NONE,
            overflow_at: None,
            row: FxHashMap::default(),
            turns: 0,
            is_dirty: false,
        });
        id
    }

    /// Seats the users of a lane anew, after settings, groups or permissions changed; keeps the row of `rotation`.
    pub(super) fn seat_lane(&mut self, id: LaneId) {
        for tier in std::mem::take(&mut self.lanes[id.index()].tiers) {
            for user in tier.members {
                self.users[user.index()].seats.retain(|seat| seat.lane != id);
                self.unsettle(user);
            }
        }
        let lane = &self.lanes[id.index()];
        let channel = &self.channels[lane.channel.index()];
        let may_reply =
            |user: &UserId| channel.grants(Permission::Reply).include(*user, &self.users[user.index()].groups);
        let within = |groups: &[GroupId]| -> Vec<UserId> {
            let mut users: Vec<UserId> =
                groups.iter().flat_map(|group| self.members[group.index()].iter().copied()).collect();
            users.sort_unstable();
            users.dedup();
            users
        };
        let (policy, own, overflow) = match (&channel.assignment, lane.group) {
            (Assignment::Manual, group) => {
                let own =
                    group.map_or_else(|| (0..self.users.len()).map(UserId::at).collect(), |group| within(&[group]));
                (Policy::Rotation, own, &[][..])
            }
            (Assignment::RoundRobin { policy, .. }, Some(group)) => (policy.clone(), within(&[group]), &[][..]),
            (Assignment::RoundRobin { groups, policy, overflow }, None) => {
                (policy.clone(), within(groups), overflow.as_slice())
            }
        };
        let automatic = channel.assignment != Assignment::Manual;
        let chooser = Chooser::new(&policy);
        let plain = if automatic { chooser.plain_cap(channel.limit) } else { None };
        let mut seated: Vec<UserId> = Vec::new();
        let mut tiers = Vec::new();
        let groups = overflow.iter().map(|overflow| (overflow.after, within(&overflow.groups)));
        for (after, users) in std::iter::once((Span::ZERO, own)).chain(groups) {
            let members: Vec<UserId> =
                users.into_iter().filter(may_reply).filter(|user| seated.binary_search(user).is_err()).collect();
            seated.extend(&members);
            seated.sort_unstable();
            tiers.push(Tier::new(after, members, &chooser));
        }
        for (tier, row) in (0..).zip(&tiers) {
            for (member, user) in (0..).zip(&row.members) {
                self.users[user.index()].seats.push(Seat { lane: id, tier, member, eligible: false });
                self.unsettle(*user);
            }
        }
        let connected = tiers[0].members.iter().filter(|user| self.users[user.index()].connected).count() as u32;
        let lane = &mut self.lanes[id.index()];
        (lane.automatic, lane.plain, lane.connected) = (automatic, plain, connected);
        (lane.chooser, lane.tiers) = (chooser, tiers);
        for user in seated {
            self.touch(user);
        }
        self.watch_overflow(id);
    }
}
