//! What holds at every moment, counted anew from the plainest data: for tests.

use super::assignment::Scale;
use super::deadline::Handle;
use super::ticket::{NO_WAIT, NONE, Phase};
use super::user::Seat;
use super::{Desk, Permission, TicketState, Timer, UserId};
use crate::time::Instant;

macro_rules! ensure {
    ($holds:expr, $($words:tt)*) => {
        if !$holds {
            return Err(format!($($words)*));
        }
    };
}

impl Desk {
    /// Checks what must hold between commands: counts match tickets, none is lost, a conversation has one open ticket,
    /// pending deadlines belong to running timers, indexes agree with a recount, nothing takeable waits.
    ///
    /// # Errors
    /// The first thing that does not hold, in words.
    pub fn audit(&self) -> Result<(), String> {
        self.statuses.audit()?;
        let slots: Vec<u32> = self.tickets.slots().collect();
        ensure!(slots.len() == self.tickets.open_count(), "a ticket is lost");
        let mut conversations: Vec<u32> = slots.iter().map(|&slot| self.tickets[slot].conversation.0).collect();
        conversations.sort_unstable();
        ensure!(conversations.is_sorted_by(|a, b| a < b), "a conversation has two open tickets");
        let mut deadlines = 0;
        let mut waiting = 0;
        for &slot in &slots {
            deadlines += self.audit_ticket(slot)?;
            waiting += usize::from(self.tickets[slot].place() != NONE);
        }
        for user in (0..self.users.len()).map(UserId::at) {
            deadlines += self.audit_user(user, &slots)?;
        }
        for lane in 0..self.lanes.len() {
            deadlines += self.audit_lane(lane)?;
        }
        for (index, channel) in self.channels.iter().enumerate() {
            let view = channel.grants(Permission::View);
            let within = [Permission::Reply, Permission::Manage].map(|other| channel.grants(other).are_within(view));
            ensure!(!channel.sees || within == [true; 2], "CHN-1: somebody may reply or manage on {index}, not view");
        }
        let queued: usize = self.lanes.iter().map(|lane| lane.waiting.len()).sum();
        ensure!(queued == waiting, "{queued} entries wait for {waiting} queued tickets");
        deadlines += usize::from(self.defers_draining());
        ensure!(deadlines == self.deadlines.len(), "{} deadlines pend, {deadlines} are owned", self.deadlines.len());
        ensure!(self.dirty.is_empty() || self.defers_draining(), "lanes are marked between commands");
        Ok(())
    }

    /// Returns how many deadlines the ticket has pending.
    fn audit_ticket(&self, slot: u32) -> Result<usize, String> {
        let ticket = &self.tickets[slot];
        let id = self.tickets.id(slot);
        let assigned = matches!(ticket.state, TicketState::Pending | TicketState::AwaitingCustomer);
        ensure!(assigned == ticket.assignee().is_some(), "{id} is {:?} with {:?}", ticket.state, ticket.assignee());
        ensure!((ticket.state == TicketState::Queued) == (ticket.place() != NONE), "{id} is queued in no lane");
        ensure!(ticket.state != TicketState::Closed, "{id} is closed among the open");
        ensure!(
            !assigned || (ticket.state == TicketState::Pending) == ticket.flags.owed(),
            "{id} is {:?} and owed: {}",
            ticket.state,
            ticket.flags.owed()
        );
        ensure!(ticket.wait_start == NO_WAIT || ticket.wait_start <= self.now, "QUE-6: {id} waits from later on");
        ensure!(ticket.wait_start != NO_WAIT || ticket.place() == NONE, "QUE-6: {id} waits since never");
        let mut deadlines = 0;
        for timer in [Timer::FirstResponse, Timer::Closure] {
            let phase = ticket.phase(timer);
            ensure!(assigned || !phase.is_live(), "SLA-2: {id}'s {timer:?} runs without assignee");
            if phase == Phase::Running {
                let (due, handle) = (self.tickets.goal(slot, timer).due(), ticket.handles[timer as usize]);
                ensure!((due == Instant::MAX) == (handle == Handle::NONE), "{id}'s {timer:?} has no deadline");
                ensure!(due >= self.now, "{id}'s {timer:?} was due at {due:?}");
                deadlines += usize::from(handle != Handle::NONE);
                if let Some((when, whose)) =
                    self.deadlines.get(self.channels[ticket.channel.index()].ring(timer), handle)
                {
                    ensure!(when == due && whose == slot, "{id}'s {timer:?} is on the agenda at {when:?}, not {due:?}");
                }
            }
        }
        let at_work = ticket.flags.in_hand() || ticket.flags.returning();
        ensure!(assigned || !at_work, "STA-11: {id} is in hand while {:?}", ticket.state);
        let answered_live = ticket.flags.answered() && ticket.phase(Timer::FirstResponse).is_live();
        ensure!(!answered_live, "SLA-3: {id} was answered and its first-response timer runs");
        if ticket.silence != Handle::NONE {
            ensure!(ticket.state == TicketState::AwaitingCustomer, "{id} counts silence while {:?}", ticket.state);
            deadlines += 1;
        }
        Ok(deadlines)
    }

    fn audit_user(&self, user: UserId, slots: &[u32]) -> Result<usize, String> {
        let person = &self.users[user.index()];
        let theirs = || slots.iter().map(|&slot| &self.tickets[slot]).filter(|ticket| ticket.assignee() == Some(user));
        let weight = |ticket: &&super::ticket::Ticket| self.channels[ticket.channel.index()].weight_milli;
        let pending = || theirs().filter(|ticket| ticket.state == TicketState::Pending);
        let counted = (theirs().count() as u32, pending().count() as u32);
        ensure!(counted == (person.open, person.pending), "{user:?} has {counted:?}, kept as {person:?}");
        let weighed = (theirs().map(|t| weight(&t)).sum::<u32>(), pending().map(|t| weight(&t)).sum::<u32>());
        ensure!(weighed == (person.open_weight, person.pending_weight), "{user:?} weighs {weighed:?}");
        let mut listed = Vec::new();
        self.collect_open(user, &mut listed);
        ensure!(listed.len() == person.open as usize, "{user:?} lists {listed:?}");
        for channel in 0..if self.counts.is_empty() { 0 } else { self.channels.len() } {
            let here = |ticket: &&super::ticket::Ticket| ticket.channel.index() == channel;
            let open = theirs().filter(here).map(|t| weight(&t)).sum::<u32>();
            let owed = pending().filter(here).map(|t| weight(&t)).sum::<u32>();
            let kept = self.counts[user.index() * self.channels.len() + channel];
            ensure!((open, owed) == kept, "{user:?} weighs {open}, {owed} on channel {channel}, kept as {kept:?}");
        }
        person.audit_quick(self.standings[user.index()], &self.lanes)?;
        let over = person.seats.iter().any(|seat| self.exceeds_cap(user, self.lanes[seat.lane.index()].channel))
            || theirs().any(|ticket| self.exceeds_cap(user, ticket.channel));
        ensure!(over == self.is_over_cap(user), "{user:?} is over a cap: {over}");
        let status = self.statuses.get(person.status);
        let connected = status.connection == super::Connection::Connected;
        ensure!(person.available == (person.is_enabled() && status.assignable), "{user:?} is wrongly available");
        ensure!(person.connected == (person.is_enabled() && connected), "{user:?} is wrongly connected");
        let in_hand = theirs().filter(|ticket| ticket.flags.in_hand()).count() as u32;
        ensure!(in_hand == person.in_hand, "STA-11: {user:?} has {in_hand} in hand, kept as {}", person.in_hand);
        ensure!(person.is_enabled() || in_hand == 0, "USR-1: {user:?} is not enabled and has work in hand");
        let may_idle = person.connected && in_hand == 0;
        let idles = person.idle_due != Instant::MAX;
        ensure!(!idles || may_idle, "STA-11: {user:?} counts idle time while away or at work");
        ensure!(self.idle_timeout.is_none() || !may_idle || idles, "{user:?} never idles");
        ensure!(!idles || person.idle != Handle::NONE, "{user:?} is never found to idle");
        let deadline = self.deadlines.get(Desk::idle_ring(), person.idle);
        ensure!(!idles || deadline.is_none_or(|(due, _)| due <= person.idle_due), "{user:?} is found to idle too late");
        let returning = theirs().any(|ticket| ticket.flags.returning());
        ensure!(!returning || person.overdue && !person.available, "STA-12: {user:?} finishes what does not return");
        ensure!(person.requeue == Handle::NONE || !person.available, "{user:?} is available and to lose tickets");
        Ok(usize::from(person.idle != Handle::NONE) + usize::from(person.requeue != Handle::NONE))
    }

    fn audit_lane(&self, index: usize) -> Result<usize, String> {
        let lane = &self.lanes[index];
        let id = super::LaneId::at(index);
        let scale = Scale::new(&lane.chooser, &lane.row, lane.channel, &self.channels, &self.counts, self.today);
        let mut seated = Vec::new();
        for (number, tier) in (0..).zip(&lane.tiers) {
            let mut eligible = 0;
            for (member, &user) in (0..).zip(&tier.members) {
                let may = lane.automatic && self.users[user.index()].available && self.is_under_cap(user, lane.channel);
                eligible += u32::from(may);
                ensure!(self.may(user, Permission::Reply, lane.channel), "{user:?} sits in lane {index} unpermitted");
                let person = &self.users[user.index()];
                let here = |seat: &&Seat| seat.lane == id && seat.tier == number && seat.member == member;
                let Some(seat) = person.seats.iter().find(here) else {
                    return Err(format!("{user:?} does not know of a seat in lane {index}"));
                };
                ensure!(seat.eligible == may, "ASG-1: {user:?} is kept as eligible: {} in lane {index}", !may);
                tier.audit(seat, person, user, &scale)?;
                seated.push(user);
            }
            ensure!(eligible == tier.eligible, "lane {index} counts {} eligible, not {eligible}", tier.eligible);
        }
        let all = seated.len();
        seated.sort_unstable();
        seated.dedup();
        ensure!(seated.len() == all, "somebody sits twice in lane {index}");
        let seats = self.users.iter().flat_map(|user| &user.seats).filter(|seat| seat.lane == id).count();
        ensure!(seats == all, "{seats} seats for {all} members in lane {index}");
        let own = lane.tiers.first().map_or(&[][..], |tier| &tier.members);
        let connected = own.iter().filter(|user| self.users[user.index()].connected).count() as u32;
        ensure!(connected == lane.connected, "lane {index} counts {} connected, not {connected}", lane.connected);
        for (key, slot) in lane.waiting.iter() {
            ensure!(key == self.lane_key(slot), "QUE-2: {} stands wrong in lane {index}", self.tickets.id(slot));
            ensure!(self.tickets[slot].lane == id, "{} waits in another's lane", self.tickets.id(slot));
        }
        if let Some((_, slot)) = lane.waiting.first().filter(|_| !self.defers_draining()) {
            let open = self.open_tiers(id, self.now.since(self.tickets[slot].wait_start));
            let takeable = lane.tiers[..open].iter().any(|tier| tier.eligible > 0);
            ensure!(!takeable, "QUE-5: {} waits although somebody is eligible", self.tickets.id(slot));
        }
        Ok(usize::from(lane.overflow != Handle::NONE))
    }
}
