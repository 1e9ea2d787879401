//! Channels as the desk keeps them, and who may do what on them (CHN-1).

use super::deadline::RingId;
use super::groups::Groups;
use super::{
    Assignment, ChannelChange, ChannelSettings, Grantee, GroupId, LaneId, Limit, Permission, QueueOrder, Refusal, Sla,
    Standby, Timer, UserId, default_grantees,
};
use crate::time::Span;

/// A channel.
#[derive(Clone, Debug)]
pub(super) struct Channel {
    pub(super) assignment: Assignment,
    pub(super) standby: Standby,
    /// By [`Permission`].
    pub(super) grants: [Grants; 3],
    /// CHN-1: who may reply or manage may view. Only a desk's opening settings can have left somebody out.
    pub(super) sees: bool,
    pub(super) limit: Option<Limit>,
    pub(super) weight_milli: u32,
    pub(super) sla: Sla,
    pub(super) order: QueueOrder,
    pub(super) priority: i16,
    pub(super) greeting: bool,
    pub(super) away_text: bool,
    pub(super) outside_text: bool,
    pub(super) spam_filter: bool,
    pub(super) consent: bool,
    pub(super) close_after_silence: Option<Span>,
    pub(super) sticky: bool,
    pub(super) reopen_within: Option<Span>,
    pub(super) answers_at_start: bool,
    /// Its own lane.
    pub(super) lane: LaneId,
    /// Lanes for tickets transferred to a group, made when the first one is.
    pub(super) group_lanes: Vec<(GroupId, LaneId)>,
    pub(super) first_response_ring: RingId,
    pub(super) closure_ring: RingId,
    pub(super) silence_ring: RingId,
}

/// Who holds a permission.
#[derive(Clone, Debug, Default)]
pub(super) struct Grants {
    pub(super) groups: Groups,
    /// In ascending order.
    pub(super) users: Vec<UserId>,
}

impl Grants {
    pub(super) fn new(grantees: &[Grantee]) -> Grants {
        let mut grants = Grants::default();
        for &grantee in grantees {
            grants.add(grantee);
        }
        grants
    }

    pub(super) fn add(&mut self, grantee: Grantee) {
        match grantee {
            Grantee::Group(group) => self.groups.add(group),
            Grantee::User(user) => {
                if let Err(place) = self.users.binary_search(&user) {
                    self.users.insert(place, user);
                }
            }
        }
    }

    pub(super) fn remove(&mut self, grantee: Grantee) {
        match grantee {
            Grantee::Group(group) => self.groups.remove(group),
            Grantee::User(user) => self.users.retain(|&other| other != user),
        }
    }

    /// All who are among the others, too.
    fn join(&mut self, others: &Grants) {
        others.groups.iter().for_each(|&group| self.groups.add(group));
        others.users.iter().for_each(|&user| self.add(Grantee::User(user)));
    }

    /// Those alone of whom that is so.
    fn keep(&mut self, stays: impl Fn(Grantee) -> bool) {
        let gone: Vec<GroupId> = self.groups.iter().copied().filter(|group| !stays(Grantee::Group(*group))).collect();
        gone.into_iter().for_each(|group| self.groups.remove(group));
        self.users.retain(|user| stays(Grantee::User(*user)));
    }

    /// Whether the others have all of them.
    pub(super) fn are_within(&self, others: &Grants) -> bool {
        self.groups.iter().all(|group| others.groups.contains(group))
            && self.users.iter().all(|user| others.users.binary_search(user).is_ok())
    }

    /// Whether a user with these groups is among them.
    #[inline]
    pub(super) fn include(&self, user: UserId, groups: &Groups) -> bool {
        self.groups.meet(groups) || !self.users.is_empty() && self.users.binary_search(&user).is_ok()
    }
}

impl Channel {
    pub(super) fn new(settings: &ChannelSettings, lane: LaneId, rings: [RingId; 3]) -> Channel {
        let [first_response_ring, closure_ring, silence_ring] = rings;
        let grants = [&settings.view, &settings.reply, &settings.manage].map(|grantees| Grants::new(grantees));
        let [view, reply, manage] = &grants;
        Channel {
            assignment: settings.assignment.clone(),
            standby: settings.standby.clone(),
            sees: reply.are_within(view) && manage.are_within(view),
            grants,
            limit: settings.limit,
            weight_milli: settings.weight_milli,
            sla: settings.sla,
            order: settings.order,
            priority: settings.priority,
            greeting: settings.greeting,
            away_text: settings.away_text,
            outside_text: settings.outside_text,
            spam_filter: settings.spam_filter,
            consent: settings.consent,
            close_after_silence: settings.close_after_silence,
            sticky: settings.sticky,
            reopen_within: settings.reopen_within,
            answers_at_start: settings.answers_at_start,
            lane,
            group_lanes: Vec::new(),
            first_response_ring,
            closure_ring,
            silence_ring,
        }
    }

    /// The ring for a timer's deadlines.
    #[inline]
    pub(super) fn ring(&self, timer: Timer) -> RingId {
        match timer {
            Timer::FirstResponse => self.first_response_ring,
            Timer::Closure => self.closure_ring,
        }
    }

    /// How long a timer runs in full; `None` where the channel has none.
    #[inline]
    pub(super) fn target(&self, timer: Timer) -> Option<Span> {
        match timer {
            Timer::FirstResponse => self.sla.first_response,
            Timer::Closure => self.sla.closure,
        }
    }

    pub(super) fn grants(&self, permission: Permission) -> &Grants {
        &self.grants[permission as usize]
    }

    /// The groups that the channel's own lane draws on from the start; none where assignment is by hand.
    pub(super) fn groups(&self) -> &[GroupId] {
        match &self.assignment {
            Assignment::Manual => &[],
            Assignment::RoundRobin { groups, .. } => groups,
        }
    }

    /// The channel's own lane and those of groups.
    pub(super) fn lanes(&self) -> impl Iterator<Item = LaneId> {
        std::iter::once(self.lane).chain(self.group_lanes.iter().map(|&(_, lane)| lane))
    }

    /// Grants a permission, and `view` with it (CHN-1).
    pub(super) fn grant(&mut self, permission: Permission, to: Grantee) {
        self.grants[permission as usize].add(to);
        self.grants[Permission::View as usize].add(to);
    }

    /// Takes a permission back; who loses `view` loses all (CHN-1).
    pub(super) fn revoke(&mut self, permission: Permission, from: Grantee) {
        let [view, reply, manage] = &mut self.grants;
        match permission {
            Permission::View => [view, reply, manage].into_iter().for_each(|grants| grants.remove(from)),
            Permission::Reply => reply.remove(from),
            Permission::Manage => manage.remove(from),
        }
    }

    /// Merges what a change names into the settings (CHN-2); `users` is how many there are, and `sees` says whether all whom a grantee
    /// stands for are among others.
    ///
    /// # Errors
    /// What does not fit what is set; the channel is then of no use.
    pub(super) fn change(
        &mut self,
        change: &ChannelChange,
        users: usize,
        sees: impl Fn(Grantee, &Grants) -> bool,
    ) -> Result<(), Refusal> {
        if let Some(assignment) = &change.assignment {
            assignment.merge(&mut self.assignment, &mut self.standby)?;
        }
        if let Some(queue) = &change.queue {
            self.order = queue.merge(self.order)?;
        }
        if let Some(limit) = &change.limit {
            self.limit = limit.merge(self.limit);
        }
        if let Some(sla) = &change.sla {
            sla.merge(&mut self.sla);
        }
        macro_rules! replace {
            ($($setting:ident),*) => {$(
                if let Some(value) = &change.$setting {
                    self.$setting = value.clone();
                }
            )*};
        }
        replace!(
            weight_milli,
            priority,
            greeting,
            away_text,
            outside_text,
            spam_filter,
            consent,
            close_after_silence,
            sticky,
            reopen_within,
            answers_at_start
        );
        self.change_grants(change, users, sees);
        Ok(())
    }

    /// CHN-1: whoever is named for a permission gets `view` with it, and who is no longer among those named for `view` loses all.
    fn change_grants(&mut self, change: &ChannelChange, users: usize, sees: impl Fn(Grantee, &Grants) -> bool) {
        let named = [&change.view, &change.reply, &change.manage];
        if named.iter().all(|grantees| grantees.is_none()) {
            return;
        }
        let escalate_to = self.sla.escalate_to;
        for (grants, grantees) in self.grants.iter_mut().zip(named) {
            match grantees {
                Some(Some(grantees)) => *grants = Grants::new(grantees),
                Some(None) => {
                    *grants = Grants::new(&default_grantees(&self.assignment, &self.standby, escalate_to, users));
                }
                None => {}
            }
        }
        let [view, reply, manage] = &mut self.grants;
        // As if nobody had ever been named for it: then whoever may do more may view.
        let taken_away = change.view == Some(None);
        let others = [(reply, change.reply.is_some()), (manage, change.manage.is_some())];
        others.iter().filter(|(_, named)| *named || taken_away).for_each(|(grants, _)| view.join(grants));
        if change.view.is_some() && !taken_away {
            others.into_iter().for_each(|(grants, _)| grants.keep(|grantee| sees(grantee, view)));
        }
        let [view, reply, manage] = &self.grants;
        self.sees = reply.are_within(view) && manage.are_within(view);
    }
}
