//! Sets of groups that are compared at once: a permission is looked up at every command.

use super::GroupId;
use std::ops::Deref;

/// Groups in the order in which they were added, each once.
#[derive(Clone, Debug, Default)]
#[repr(C)]
pub(super) struct Groups {
    /// A bit for each; those from number 63 on share the last. First, where users are read.
    bits: u64,
    list: Box<[GroupId]>,
}

const SHARED: u32 = 63;

fn bit(group: GroupId) -> u64 {
    1 << group.0.min(SHARED)
}

impl Groups {
    pub(super) fn new(groups: &[GroupId]) -> Groups {
        let mut set = Groups::default();
        groups.iter().for_each(|&group| set.add(group));
        set
    }

    pub(super) fn add(&mut self, group: GroupId) {
        if !self.list.contains(&group) {
            self.list = self.list.iter().copied().chain([group]).collect();
            self.bits |= bit(group);
        }
    }

    pub(super) fn remove(&mut self, group: GroupId) {
        self.list = self.list.iter().copied().filter(|&other| other != group).collect();
        self.bits = self.list.iter().fold(0, |bits, &group| bits | bit(group));
    }

    /// Whether the two have a group in common.
    #[inline]
    pub(super) fn meet(&self, other: &Groups) -> bool {
        match self.bits & other.bits {
            0 => false,
            common => common != 1 << SHARED || self.list.iter().any(|group| other.list.contains(group)),
        }
    }
}

impl Deref for Groups {
    type Target = [GroupId];
    fn deref(&self) -> &[GroupId] {
        &self.list
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn they_meet_where_a_search_finds_a_common_one(
            one in prop::collection::vec(0u32..80, 0..6), other in prop::collection::vec(50u32..80, 0..6), gone in 50u32..80
        ) {
            let set = |ids: &[u32]| Groups::new(&ids.iter().map(|&id| GroupId(id)).collect::<Vec<_>>());
            let (mut one, other) = (set(&one), set(&other));
            for _ in 0..2 {
                prop_assert_eq!(one.meet(&other), one.iter().any(|group| other.contains(group)));
                one.remove(GroupId(gone));
                prop_assert!(!one.contains(&GroupId(gone)));
            }
        }
    }
}
