//! Channels as the desk keeps them, and who may do what on them (CHN-1).

use super::deadline::RingId;
use super::groups::Groups;
use super::{
    Assignment, ChannelChange, ChannelSettings, Grantee, GroupId, LaneId, Limit, Permission, QueueOrder, Sla, Timer,
    UserId,
};
use crate::time::Span;

/// A channel.
#[derive(Clone, Debug)]
pub(super) struct Channel {
    pub(super) assignment: Assignment,
    /// By [`Permission`].
    pub(super) grants: [Grants; 3],
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

    /// Whether a user with these groups is among them.
    #[inline]
    pub(super) fn include(&self, user: UserId, groups: &Groups) -> bool {
        self.groups.meet(groups) || !self.users.is_empty() && self.users.binary_search(&user).is_ok()
    }
}

impl Channel {
    pub(super) fn new(settings: &ChannelSettings, lane: LaneId, rings: [RingId; 3]) -> Channel {
        let [first_response_ring, closure_ring, silence_ring] = rings;
        Channel {
            assignment: settings.assignment.clone(),
            grants: [&settings.view, &settings.reply, &settings.manage].map(|grantees| Grants::new(grantees)),
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

    /// Replaces what the change names (CHN-2).
    pub(super) fn change(&mut self, change: &ChannelChange) {
        macro_rules! replace {
            ($($setting:ident),*) => {$(
                if let Some(value) = &change.$setting {
                    self.$setting = value.clone();
                }
            )*};
        }
        replace!(
            assignment,
            limit,
            weight_milli,
            sla,
            order,
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
        for (permission, grantees) in
            [(Permission::View, &change.view), (Permission::Reply, &change.reply), (Permission::Manage, &change.manage)]
        {
            if let Some(grantees) = grantees {
                self.grants[permission as usize] = Grants::new(grantees);
            }
        }
    }
}
