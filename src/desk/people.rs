//! Users and their statuses (STA, USR), groups, permissions and channel settings (CHN).

use super::channel::{Channel, Grants};
use super::deadline::Handle;
use super::machine::past_consent;
use super::ticket::Found;
use super::user::stamp;
use super::{
    About, Assignment, AssignmentChange, AutoMessage, ChangeId, ChannelChange, ChannelId, Connection, Desk, Effect,
    Grantee, GroupId, KeyKind, LaneId, Permission, Policy, Refusal, Rule, StatusId, StatusName, StatusOrder, TicketId,
    UserId, UserState,
};
use crate::time::{Instant, Span};

impl Desk {
    /// STA-7: any enabled user, for themself. The status that they are in already changes nothing.
    pub(super) fn select_status(
        &mut self,
        now: Instant,
        user: UserId,
        status: Option<StatusId>,
        more: bool,
        fx: &mut Vec<Effect>,
    ) -> Result<(), Refusal> {
        self.check_enabled(user)?;
        let status = self.statuses.living(status)?;
        self.move_to(now, user, status, Some(user), fx);
        // QUE-5: several who change status together are one change.
        if more {
            self.defer_draining();
        } else if self.defers_draining() {
            self.end_deferral();
        }
        Ok(())
    }

    /// STA-9, STA-10: a change of status acts at once.
    fn move_to(&mut self, now: Instant, user: UserId, to: StatusId, by: Option<UserId>, fx: &mut Vec<Effect>) {
        let person = &mut self.users[user.index()];
        let from = person.status;
        if from == to {
            return;
        }
        self.spells += 1;
        person.status = to;
        person.status_since = now;
        person.spell = self.spells;
        fx.push(Effect::StatusChanged { user, from, to, by });
        self.refresh(now, user, fx);
        self.restart_idle(user);
        self.announce_status(user, fx);
    }

    /// What a user's state and status make of them: connected or not, assignable or not (STA-12).
    fn refresh(&mut self, now: Instant, user: UserId, fx: &mut Vec<Effect>) {
        let person = &mut self.users[user.index()];
        let status = self.statuses.get(person.status);
        let connected = person.is_enabled() && status.connection == Connection::Connected;
        let available = person.is_enabled() && status.assignable;
        let was_connected = std::mem::replace(&mut person.connected, connected);
        let was_available = std::mem::replace(&mut person.available, available);
        if connected != was_connected {
            for seat in person.seats.iter().filter(|seat| seat.tier == 0) {
                let count = &mut self.lanes[seat.lane.index()].connected;
                *count = if connected { *count + 1 } else { *count - 1 };
            }
        }
        if available && !was_available {
            person.available_since = stamp(now);
            person.idle_since = stamp(now);
            let was_overdue = std::mem::replace(&mut person.overdue, false);
            let mut requeue = std::mem::replace(&mut person.requeue, Handle::NONE);
            self.deadlines.cancel(Desk::requeue_ring(), &mut requeue);
            if was_overdue {
                self.keep_all(user);
            }
        }
        let enabled = self.users[user.index()].is_enabled();
        self.touch(user);
        if was_available && !available && enabled {
            match self.requeue_after {
                None => {}
                Some(Span::ZERO) => self.requeue_unassignable(now, user, fx),
                Some(span) => {
                    let handle = self.deadlines.set(Desk::requeue_ring(), now + span, user.0, user.0);
                    self.users[user.index()].requeue = handle;
                }
            }
        }
    }

    /// STA-12, `on_unavailable = "requeue"`: the time has passed, or work in hand is over.
    pub(super) fn requeue_unavailable(&mut self, now: Instant, user: UserId, fx: &mut Vec<Effect>) {
        let person = &self.users[user.index()];
        if !person.available && person.requeue == Handle::NONE {
            self.requeue_unassignable(now, user, fx);
        }
    }

    /// STA-12: what a user who became unassignable holds goes back to the queue, by ticket ID; work in hand is finished first.
    /// From then on only what was in hand goes back, whatever they are given besides.
    fn requeue_unassignable(&mut self, now: Instant, user: UserId, fx: &mut Vec<Effect>) {
        let goes_on = std::mem::replace(&mut self.users[user.index()].overdue, true);
        let mut slots = std::mem::take(&mut self.scratch);
        self.collect_open(user, &mut slots);
        for &slot in &slots {
            let flags = &mut self.tickets[slot].flags;
            flags.set_returning(!goes_on || flags.returning());
            if flags.returning() && !flags.in_hand() {
                self.return_to_queue(now, slot, fx);
            }
        }
        self.scratch = slots;
    }

    /// STA-12: who is assignable again keeps what they still have.
    #[cold]
    fn keep_all(&mut self, user: UserId) {
        let mut slots = std::mem::take(&mut self.scratch);
        self.collect_open(user, &mut slots);
        for &slot in &slots {
            self.tickets[slot].flags.set_returning(false);
        }
        self.scratch = slots;
    }

    /// STA-11: a user takes a ticket of theirs in hand, or says that they are at work.
    pub(super) fn be_active(&mut self, user: UserId, ticket: Option<Option<TicketId>>) -> Result<(), Refusal> {
        let Some(ticket) = ticket else { return self.check_enabled(user) };
        let (slot, assignee) = match self.found(user, ticket)? {
            Found::Open(open) => {
                past_consent(open)?;
                (ticket.and_then(|id| self.tickets.slot(id)).expect("it was found open"), open.assignee())
            }
            Found::Closed(_) => return Err(Refusal::TicketClosed),
        };
        if assignee != Some(user) {
            return Err(Refusal::NotTheAssignee);
        }
        self.take_in_hand(slot, user);
        Ok(())
    }

    /// STA-11: whoever has work in hand is not idle.
    pub(super) fn take_in_hand(&mut self, slot: u32, user: UserId) {
        let flags = &mut self.tickets[slot].flags;
        if !flags.in_hand() {
            flags.set_in_hand(true);
            self.users[user.index()].in_hand += 1;
        }
    }

    /// The work in hand on a ticket is over (STA-11): what STA-12 held back goes at this instant's deadlines.
    #[cold]
    #[inline(never)]
    pub(super) fn end_work(&mut self, slot: u32, user: UserId) {
        let flags = &mut self.tickets[slot].flags;
        flags.set_in_hand(false);
        let returns = flags.returning();
        let person = &mut self.users[user.index()];
        person.in_hand -= 1;
        if returns && person.requeue == Handle::NONE {
            person.requeue = self.deadlines.set(Desk::requeue_ring(), self.now, user.0, user.0);
        }
        if self.users[user.index()].in_hand == 0 {
            self.restart_idle(user);
        }
    }

    /// A ticket leaves its assignee, and so does the work in hand on it (STA-11).
    #[cold]
    #[inline(never)]
    pub(super) fn leave_work(&mut self, slot: u32, user: UserId) {
        let flags = &mut self.tickets[slot].flags;
        flags.set_returning(false);
        if flags.in_hand() {
            self.end_work(slot, user);
        }
    }

    /// Who is disabled drops the work in hand (STA-12).
    fn drop_work(&mut self, user: UserId) {
        let mut slots = std::mem::take(&mut self.scratch);
        self.collect_open(user, &mut slots);
        for &slot in &slots {
            if self.tickets[slot].flags.in_hand() {
                self.end_work(slot, user);
            }
        }
        self.scratch = slots;
    }

    /// A user's open tickets, or those of one channel, go back to the queue, by ticket ID.
    fn requeue_all(&mut self, now: Instant, user: UserId, channel: Option<ChannelId>, fx: &mut Vec<Effect>) {
        let mut slots = std::mem::take(&mut self.scratch);
        self.collect_open(user, &mut slots);
        for &slot in &slots {
            if channel.is_none_or(|channel| self.tickets[slot].channel == channel) {
                self.return_to_queue(now, slot, fx);
            }
        }
        self.scratch = slots;
    }

    /// STA-11: a user did something, so their idle time starts again.
    #[inline]
    pub(super) fn restart_idle(&mut self, user: UserId) {
        if let Some(timeout) = self.idle_timeout {
            self.restart_timeout(user, timeout);
        }
    }

    /// Restarts the idle time. A pending deadline stays and is moved when it surfaces: most actions come long before the timeout.
    fn restart_timeout(&mut self, user: UserId, timeout: Span) {
        let person = &mut self.users[user.index()];
        // Who has work in hand is not idle.
        let counts = person.connected && person.in_hand == 0;
        person.idle_due = if counts { self.now + timeout } else { Instant::MAX };
        if counts && person.idle == Handle::NONE {
            self.set_idle_deadline(user);
        }
    }

    #[cold]
    #[inline(never)]
    fn set_idle_deadline(&mut self, user: UserId) {
        let person = &mut self.users[user.index()];
        person.idle = self.deadlines.set(Desk::idle_ring(), person.idle_due, user.0, user.0);
    }

    /// STA-11: the idle timeout has passed, or would have if nothing had been done since its deadline was set.
    pub(super) fn move_idle(&mut self, now: Instant, user: UserId, fx: &mut Vec<Effect>) {
        let person = &mut self.users[user.index()];
        if person.idle_due <= now {
            self.move_to(now, user, StatusId::AWAY, None, fx);
        } else if person.idle_due != Instant::MAX && person.idle == Handle::NONE {
            self.set_idle_deadline(user);
        }
    }

    /// STA-2 to STA-7.
    pub(super) fn create_status(
        &mut self,
        by: UserId,
        name: StatusName,
        connection: Connection,
        assignable: bool,
        auto_message: Option<AutoMessage>,
    ) -> Result<(), Refusal> {
        self.check_admin(by, Refusal::StatusNeedsAdmin)?;
        self.statuses.create(name, connection, assignable, auto_message).map(drop)
    }

    /// STA-7, STA-9: an edit acts at once on the users in the status.
    #[allow(clippy::too_many_arguments, reason = "one for each field of the command")]
    pub(super) fn edit_status(
        &mut self,
        now: Instant,
        by: UserId,
        status: Option<StatusId>,
        rename: Option<StatusName>,
        connection: Option<Connection>,
        assignable: Option<bool>,
        auto_message: Option<Option<AutoMessage>>,
        fx: &mut Vec<Effect>,
    ) -> Result<(), Refusal> {
        self.check_admin(by, Refusal::StatusNeedsAdmin)?;
        let status = self.statuses.custom(status)?;
        self.statuses.edit(status, rename, connection, assignable, auto_message)?;
        for user in self.users_in(status) {
            let was_connected = self.users[user.index()].connected;
            self.refresh(now, user, fx);
            if self.users[user.index()].connected != was_connected {
                self.restart_idle(user);
            }
            if auto_message.is_some() {
                self.announce_status(user, fx);
            }
        }
        Ok(())
    }

    /// STA-7.
    pub(super) fn order_statuses(&mut self, by: UserId, order: StatusOrder) -> Result<(), Refusal> {
        self.check_admin(by, Refusal::StatusNeedsAdmin)?;
        self.statuses.reorder(order)
    }

    /// STA-8.
    pub(super) fn delete_status(
        &mut self,
        now: Instant,
        by: UserId,
        status: Option<StatusId>,
        replacement: Option<StatusId>,
        fx: &mut Vec<Effect>,
    ) -> Result<(), Refusal> {
        self.check_admin(by, Refusal::StatusNeedsAdmin)?;
        let status = self.statuses.custom(status)?;
        let inside = self.users_in(status);
        if !inside.is_empty() {
            let to = self.statuses.living(replacement).ok().filter(|&to| to != status);
            let to = to.ok_or(Refusal::StatusNeedsReplacement)?;
            for user in inside {
                self.move_to(now, user, to, Some(by), fx);
            }
        }
        self.statuses.delete(status);
        Ok(())
    }

    fn users_in(&self, status: StatusId) -> Vec<UserId> {
        (0..self.users.len()).map(UserId::at).filter(|user| self.users[user.index()].status == status).collect()
    }

    /// USR-1, USR-4; what they kept and what waits is drained (QUE-5).
    pub(super) fn enable_user(
        &mut self,
        now: Instant,
        by: UserId,
        user: UserId,
        fx: &mut Vec<Effect>,
    ) -> Result<(), Refusal> {
        self.check_admin(by, Refusal::UserNeedsAdmin)?;
        if !self.users[user.index()].is_enabled() {
            self.users[user.index()].state = UserState::Enabled;
            self.refresh(now, user, fx);
            self.restart_idle(user);
        }
        Ok(())
    }

    /// USR-1, USR-2, USR-4, CHN-5.
    pub(super) fn disable_user(
        &mut self,
        now: Instant,
        by: UserId,
        user: UserId,
        fx: &mut Vec<Effect>,
    ) -> Result<(), Refusal> {
        self.check_admin(by, Refusal::UserNeedsAdmin)?;
        if self.users[user.index()].state == UserState::Disabled {
            return Ok(());
        }
        self.users[user.index()].state = UserState::Disabled;
        // Who was unassignable already stays so: what STA-12 began goes on.
        self.refresh(now, user, fx);
        self.drop_work(user);
        self.restart_idle(user);
        let groups = std::mem::take(&mut self.users[user.index()].groups);
        for channel in (0..self.channels.len()).map(ChannelId::at) {
            if self.rotates_over(channel, &groups) {
                self.tell_admins(About::RoundRobin, None, Some(channel), fx);
            }
        }
        self.users[user.index()].groups = groups;
        if self.requeue_on_disable {
            self.requeue_all(now, user, None, fx);
        }
        Ok(())
    }

    /// CHN-5: whether the channel assigns automatically over one of these groups, from the start or by overflow.
    fn rotates_over(&self, channel: ChannelId, groups: &[GroupId]) -> bool {
        match &self.channels[channel.index()].assignment {
            Assignment::Manual => false,
            Assignment::RoundRobin { groups: own, overflow, .. } => {
                let mut all = own.iter().chain(overflow.iter().flat_map(|overflow| &overflow.groups));
                all.any(|group| groups.contains(group))
            }
        }
    }

    /// USR-4, QUE-5: a group is gained.
    pub(super) fn add_to_group(&mut self, by: UserId, user: UserId, group: GroupId) -> Result<(), Refusal> {
        self.check_admin(by, Refusal::UserNeedsAdmin)?;
        if let Err(place) = self.members[group.index()].binary_search(&user) {
            self.members[group.index()].insert(place, user);
            self.users[user.index()].groups.add(group);
            self.seat_lanes_of(group);
        }
        Ok(())
    }

    /// USR-3, USR-4, CHN-5.
    pub(super) fn remove_from_group(
        &mut self,
        now: Instant,
        by: UserId,
        user: UserId,
        group: GroupId,
        fx: &mut Vec<Effect>,
    ) -> Result<(), Refusal> {
        self.check_admin(by, Refusal::UserNeedsAdmin)?;
        let Ok(place) = self.members[group.index()].binary_search(&user) else { return Ok(()) };
        let channels = (0..self.channels.len()).map(ChannelId::at);
        let could: Vec<ChannelId> = channels.filter(|&channel| self.may(user, Permission::Reply, channel)).collect();
        self.members[group.index()].remove(place);
        self.users[user.index()].groups.remove(group);
        self.seat_lanes_of(group);
        // With the group may go a channel's reply permission, and with that the channel's tickets.
        let lost = |channel: ChannelId| could.contains(&channel) && !self.may(user, Permission::Reply, channel);
        let lost: Vec<ChannelId> =
            (0..self.channels.len()).map(ChannelId::at).filter(|&channel| lost(channel)).collect();
        for channel in (0..self.channels.len()).map(ChannelId::at) {
            let misses = lost.contains(&channel) && self.rotates_over(channel, &self.users[user.index()].groups);
            if misses || self.rotates_over(channel, &[group]) {
                self.tell_admins(About::RoundRobin, None, Some(channel), fx);
            }
        }
        for channel in lost {
            self.requeue_all(now, user, Some(channel), fx);
        }
        Ok(())
    }

    /// CHN-1, CHN-2, QUE-5.
    pub(super) fn grant(
        &mut self,
        by: UserId,
        channel: ChannelId,
        permission: Permission,
        to: Grantee,
    ) -> Result<(), Refusal> {
        self.check_admin(by, Refusal::ChannelNeedsAdmin)?;
        self.channels[channel.index()].grant(permission, to);
        if permission == Permission::Reply {
            self.seat_lanes(channel);
        }
        Ok(())
    }

    /// CHN-1, CHN-2, CHN-5, USR-3.
    pub(super) fn revoke(
        &mut self,
        now: Instant,
        by: UserId,
        channel: ChannelId,
        permission: Permission,
        from: Grantee,
        fx: &mut Vec<Effect>,
    ) -> Result<(), Refusal> {
        self.check_admin(by, Refusal::ChannelNeedsAdmin)?;
        let before = self.channels[channel.index()].grants(Permission::Reply).clone();
        self.channels[channel.index()].revoke(permission, from);
        if permission != Permission::Manage {
            self.reply_grants_changed(now, channel, &before, fx);
        }
        Ok(())
    }

    /// Users who had a channel's reply permission and have it no more: CHN-5, USR-3.
    fn reply_grants_changed(&mut self, now: Instant, channel: ChannelId, before: &Grants, fx: &mut Vec<Effect>) {
        self.seat_lanes(channel);
        let after = self.channels[channel.index()].grants(Permission::Reply);
        let lost = |user: &UserId| {
            let groups = &self.users[user.index()].groups;
            before.include(*user, groups) && !after.include(*user, groups)
        };
        let lost: Vec<UserId> = (0..self.users.len()).map(UserId::at).filter(lost).collect();
        if lost.iter().any(|user| self.rotates_over(channel, &self.users[user.index()].groups)) {
            self.tell_admins(About::RoundRobin, None, Some(channel), fx);
        }
        for user in lost {
            self.requeue_all(now, user, Some(channel), fx);
        }
    }

    /// CHN-2 to CHN-4; deadlines that already run stay.
    pub(super) fn configure_channel(
        &mut self,
        now: Instant,
        by: UserId,
        channel: ChannelId,
        change: ChangeId,
        fx: &mut Vec<Effect>,
    ) -> Result<(), Refusal> {
        self.check_admin(by, Refusal::ChannelNeedsAdmin)?;
        let change = self.changes[change.index()].clone();
        let mut changed = self.channels[channel.index()].clone();
        // By whatever way they do: a group sees what all of its members see.
        let sees = |grantee: Grantee, view: &Grants| {
            let member_sees = |user: &UserId| view.include(*user, &self.users[user.index()].groups);
            match grantee {
                Grantee::User(user) => member_sees(&user),
                Grantee::Group(group) => {
                    let members = self.members_of(group);
                    view.groups.contains(&group) || !members.is_empty() && members.iter().all(member_sees)
                }
            }
        };
        changed.change(&change, self.users.len(), sees)?;
        let lacking = self.check_somebody_replies(&changed, &change)?;
        let before = std::mem::replace(&mut self.channels[channel.index()], changed);
        for user in lacking {
            fx.push(Effect::Warning { rule: Rule("CHN-4"), channel, user: Some(user), group: None });
        }
        self.note_settings();
        if change.limit.is_some() || change.weight_milli.is_some() {
            self.recount();
            for user in 0..self.users.len() {
                self.unsettle(UserId::at(user));
                self.touch(UserId::at(user));
            }
        }
        let assigned_anew = change.assignment.is_some() || change.limit.is_some();
        if change.reply.is_some() || change.view.is_some() {
            self.reply_grants_changed(now, channel, before.grants(Permission::Reply), fx);
        } else if assigned_anew {
            self.seat_lanes(channel);
        }
        if change.queue.is_some() || change.priority.is_some() || change.sla.is_some() {
            let slots: Vec<u32> = self.tickets.slots().collect();
            for slot in slots {
                if self.tickets[slot].channel == channel && self.tickets[slot].place() != super::ticket::NONE {
                    self.rekey(slot);
                }
            }
        }
        Ok(())
    }

    /// CHN-4: refuses a change to automatic assignment over people of whom none may reply; else names those who may not.
    fn check_somebody_replies(&self, changed: &Channel, change: &ChannelChange) -> Result<Vec<UserId>, Refusal> {
        let Assignment::RoundRobin { groups, .. } = &changed.assignment else { return Ok(Vec::new()) };
        if !change.assignment.as_ref().is_some_and(AssignmentChange::names_groups) {
            return Ok(Vec::new());
        }
        let grants = changed.grants(Permission::Reply);
        let mut users: Vec<UserId> = groups.iter().flat_map(|&group| self.members_of(group).iter().copied()).collect();
        users.sort_unstable();
        users.dedup();
        let all = users.len();
        users.retain(|user| !grants.include(*user, &self.users[user.index()].groups));
        if users.len() == all { Err(Refusal::NobodyMayReply) } else { Ok(users) }
    }

    fn seat_lanes(&mut self, channel: ChannelId) {
        let lanes: Vec<LaneId> = self.channels[channel.index()].lanes().collect();
        for lane in lanes {
            self.seat_lane(lane);
        }
        self.note_outsiders(channel);
    }

    /// Seats anew the lanes that a group's members may sit in: through assignment, transfer or permission.
    fn seat_lanes_of(&mut self, group: GroupId) {
        for channel in (0..self.channels.len()).map(ChannelId::at) {
            let settings = &self.channels[channel.index()];
            let concerned = self.rotates_over(channel, &[group])
                || settings.grants(Permission::Reply).groups.contains(&group)
                || settings.group_lanes.iter().any(|&(of, _)| of == group);
            if concerned {
                self.seat_lanes(channel);
            }
        }
    }

    /// Notes what the settings of all channels together ask for.
    pub(super) fn note_settings(&mut self) {
        let first = self.channels.first().map(|channel| std::mem::discriminant(&channel.order));
        self.orders_differ = self.channels.iter().any(|channel| Some(std::mem::discriminant(&channel.order)) != first);
        let keys = |policy: &Policy| match policy {
            Policy::Keys(keys) => keys.clone(),
            Policy::Rotation | Policy::TwoChoices => Vec::new(),
        };
        // A change that may come makes its policy look back on what happened before it.
        let policies = self.channels.iter().filter_map(|channel| match &channel.assignment {
            Assignment::RoundRobin { policy, .. } => Some(policy),
            Assignment::Manual => None,
        });
        let to_come = self.changes.iter().filter_map(|change| change.assignment.as_ref()?.policy.as_ref()?.as_ref());
        let keys: Vec<KeyKind> = policies.chain(to_come).flat_map(keys).map(|key| key.kind).collect();
        self.counts_today = keys.contains(&KeyKind::AssignedToday);
        // What was assigned before a policy first asked for `recent` is not remembered.
        self.longest_recent =
            keys.iter().filter_map(|kind| if let KeyKind::Recent(span) = kind { Some(*span) } else { None }).max();
        if self.longest_recent.is_some() {
            self.recent.resize(self.users.len(), Default::default());
        }
        let by_channel =
            self.channels.iter().any(|channel| channel.limit.is_some_and(|limit| limit.scope == super::Scope::Channel));
        if by_channel && self.counts.is_empty() {
            self.recount();
        }
    }

    /// CHN-1: refuses what the user lacks the permission for, or `view` beneath it.
    #[inline(always)]
    pub(super) fn permit(&self, user: UserId, permission: Permission, channel: ChannelId) -> Result<(), Refusal> {
        let sees = self.channels[channel.index()].sees || self.may(user, Permission::View, channel);
        if sees && self.may(user, permission, channel) {
            return Ok(());
        }
        Err(match permission {
            _ if !sees => Refusal::NoViewPermission,
            Permission::View => Refusal::NoViewPermission,
            Permission::Reply => Refusal::NoReplyPermission,
            Permission::Manage => Refusal::NoManagePermission,
        })
    }
}
