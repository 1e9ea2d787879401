//! Who is there to be counted: classes of customers, channels, groups and agents, in the shapes that folds look up.

use crate::desk::{Assignment, ChannelId, GroupId, UserId};
use crate::simulation::Model;
use prefetch_index::prefetch_index;

/// Where tickets come from: a class of customers, or a channel for those without a class.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Origin(u32);

impl Origin {
    pub(super) fn at(index: usize) -> Origin {
        Origin(u32::try_from(index).expect("fewer than 2^32 origins"))
    }

    pub(super) fn index(self) -> usize {
        self.0 as usize
    }
}

/// The labels' values, shared by all replications of a model.
///
/// Groups are those of the scenario: joining or leaving one during a run moves nobody's figures.
#[derive(Clone, Debug)]
pub struct Cast {
    classes: usize,
    groups: usize,
    /// The channel of each origin: of the classes first, then of the channels themselves.
    channels: Vec<ChannelId>,
    channel_count: usize,
    /// The groups that serve each channel's own lane, overflow included; sorted.
    serving: Vec<Vec<GroupId>>,
    /// Groups of all users, one user after the other.
    joined: Vec<GroupId>,
    /// Where each user's groups begin in `joined`; one more entry than users.
    joined_from: Vec<u32>,
    works: Vec<bool>,
}

impl Cast {
    /// The cast of a model.
    pub fn new(model: &Model) -> Cast {
        let mut served = Vec::with_capacity(model.settings.channels.len());
        for channel in &model.settings.channels {
            served.push(match &channel.assignment {
                Assignment::Manual => Vec::new(),
                Assignment::RoundRobin { groups, overflow, .. } => {
                    groups.iter().chain(overflow.iter().flat_map(|step| &step.groups)).copied().collect()
                }
            });
        }
        let users: Vec<(&[GroupId], bool)> = (0..model.settings.users.len())
            .map(|user| {
                let works = model.plan.agents.get(user).is_none_or(|agent| agent.works);
                (model.settings.users[user].groups.as_slice(), works)
            })
            .collect();
        let classes: Vec<ChannelId> = model.plan.customers.iter().map(|class| class.channel).collect();
        Cast::of(model.settings.groups, &served, &classes, &users)
    }

    /// A cast from its parts: how many groups, each channel's groups, each class's channel, each user's groups and
    /// whether they work tickets.
    pub(super) fn of(
        groups: usize,
        served: &[Vec<GroupId>],
        classes: &[ChannelId],
        users: &[(&[GroupId], bool)],
    ) -> Cast {
        let sorted = |of_channel: &Vec<GroupId>| {
            let mut of_channel = of_channel.clone();
            of_channel.sort_unstable();
            of_channel
        };
        let mut joined = Vec::new();
        let mut joined_from = vec![0];
        for (of_user, _) in users {
            joined.extend_from_slice(of_user);
            joined_from.push(u32::try_from(joined.len()).expect("fewer than 2^32 memberships"));
        }
        Cast {
            classes: classes.len(),
            groups,
            channels: classes.iter().copied().chain((0..served.len()).map(ChannelId::at)).collect(),
            channel_count: served.len(),
            serving: served.iter().map(sorted).collect(),
            joined,
            joined_from,
            works: users.iter().map(|(_, works)| *works).collect(),
        }
    }

    /// How many agents are in each group; who is in several counts in each.
    pub fn group_sizes(&self) -> Vec<usize> {
        let mut sizes = vec![0; self.groups];
        let agents = (0..self.works.len()).map(UserId::at).filter(|user| self.works(*user));
        agents.flat_map(|user| self.groups_of(user)).for_each(|group| sizes[group.index()] += 1);
        sizes
    }

    pub(super) fn origin(&self, class: Option<u16>, channel: ChannelId) -> Origin {
        let index = class.map_or(self.classes + channel.index(), usize::from);
        debug_assert_eq!(self.channels[index], channel, "a class of customers writes to one channel");
        Origin::at(index)
    }

    pub(super) fn channel(&self, origin: Origin) -> ChannelId {
        self.channels[origin.index()]
    }

    pub(super) fn origin_count(&self) -> usize {
        self.channels.len()
    }

    pub(super) fn class_count(&self) -> usize {
        self.classes
    }

    pub(super) fn channel_count(&self) -> usize {
        self.channel_count
    }

    pub(super) fn group_count(&self) -> usize {
        self.groups
    }

    pub(super) fn user_count(&self) -> usize {
        self.works.len()
    }

    /// Whether the user works tickets; others are left out of the figures on agents.
    pub fn works(&self, user: UserId) -> bool {
        self.works[user.index()]
    }

    /// The user's first group.
    pub fn home(&self, user: UserId) -> Option<GroupId> {
        self.groups_of(user).first().copied()
    }

    /// The group as whose member the user has a ticket: the group that it was transferred to, else their first group among
    /// the lane's, else their first group.
    #[inline]
    pub fn group(&self, user: UserId, channel: ChannelId, transferred: Option<GroupId>) -> Option<GroupId> {
        let groups = self.groups_of(user);
        if let [only] = groups {
            return Some(*only);
        }
        let serves = |group: &&GroupId| self.serving[channel.index()].binary_search(group).is_ok();
        transferred
            .filter(|group| groups.contains(group))
            .or_else(|| groups.iter().find(serves).copied())
            .or_else(|| groups.first().copied())
    }

    /// Fetches a user's groups into the cache.
    pub(super) fn fetch(&self, user: UserId) {
        prefetch_index(&self.joined, self.joined_from[user.index()] as usize);
    }

    /// The groups that the user is in.
    pub fn groups_of(&self, user: UserId) -> &[GroupId] {
        let of = user.index();
        &self.joined[self.joined_from[of] as usize..self.joined_from[of + 1] as usize]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_ticket_belongs_to_the_group_through_which_it_was_had() {
        let [a, b, c] = [0, 1, 2].map(GroupId);
        let chat = ChannelId(0);
        let cast = Cast::of(3, &[vec![b], vec![]], &[chat], &[(&[a, b, c], true), (&[a], true), (&[], false)]);
        let group = |user, channel, transferred| cast.group(UserId(user), ChannelId(channel), transferred);
        assert_eq!(group(0, 0, None), Some(b), "the lane's");
        assert_eq!(group(0, 0, Some(c)), Some(c), "the group it was transferred to");
        assert_eq!(group(1, 0, Some(c)), Some(a), "not in that group, nor in the lane's");
        assert_eq!(group(0, 1, None), Some(a), "a channel without groups");
        assert_eq!(group(2, 0, None), None, "in no group");
    }

    #[test]
    fn tickets_without_a_class_come_from_their_channel() {
        let (chat, mail) = (ChannelId(0), ChannelId(1));
        let cast = Cast::of(0, &[vec![], vec![]], &[mail], &[]);
        let origins = [cast.origin(Some(0), mail), cast.origin(None, chat), cast.origin(None, mail)];
        assert_eq!(origins.map(Origin::index), [0, 1, 2]);
        assert_eq!(origins.map(|origin| cast.channel(origin)), [mail, chat, mail]);
    }
}
