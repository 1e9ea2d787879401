//! One thing counted by where it came from and by who had it, so that every label's figure can be told.
//!
//! An origin is a class of customers, or a channel for tickets without a class (those that an agent opened, and those of
//! a replayed log). An origin has one channel. So counting by origin gives customers directly, channels as sums of their
//! origins, and the desk as the sum of all; groups are counted beside. Each value is recorded at most twice.

use super::cast::{Cast, Origin};
use super::sheet::Scope;
use crate::desk::GroupId;

/// What can be added up.
pub(super) trait Merge: Default {
    /// Adds another one to this one.
    fn merge(&mut self, other: &Self);
}

/// A `T` per origin and per group.
#[derive(Clone, Debug)]
pub(super) struct Split<T> {
    by_origin: Vec<T>,
    by_group: Vec<T>,
}

impl<T: Merge> Split<T> {
    pub(super) fn new(cast: &Cast) -> Split<T> {
        let of = |count| std::iter::repeat_with(T::default).take(count).collect();
        Split { by_origin: of(cast.origin_count()), by_group: of(cast.group_count()) }
    }

    /// Counts something of no group.
    pub(super) fn of_origin(&mut self, origin: Origin) -> &mut T {
        &mut self.by_origin[origin.index()]
    }

    /// Counts something with the group that had it, if one did.
    pub(super) fn count(&mut self, origin: Origin, group: Option<GroupId>, mut how: impl FnMut(&mut T)) {
        how(&mut self.by_origin[origin.index()]);
        if let Some(group) = group {
            how(&mut self.by_group[group.index()]);
        }
    }

    /// Everything that belongs to a scope; nothing for those that a split does not know.
    pub(super) fn total(&self, cast: &Cast, scope: Scope) -> T {
        let mut total = T::default();
        match scope {
            Scope::Desk => self.by_origin.iter().for_each(|part| total.merge(part)),
            Scope::Channel(channel) => {
                let of_channel = |(index, _): &(usize, &T)| cast.channel(Origin::at(*index)) == channel;
                self.by_origin.iter().enumerate().filter(of_channel).for_each(|(_, part)| total.merge(part));
            }
            Scope::Customer(class) => total.merge(&self.by_origin[usize::from(class)]),
            Scope::Group(group) => total.merge(&self.by_group[group.index()]),
            Scope::Agent(_) => {}
        }
        total
    }
}
