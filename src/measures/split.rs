//! One thing counted by where it came from and by who had it, so that every label's figure can be told.
//!
//! An origin is a class of customers, or a channel for tickets without a class (those that an agent opened, and those of
//! a replayed log). An origin has one channel. Each value is recorded once, in the cell of its origin and group; every
//! scope is a sum of cells. So there are as many cells as pairs that occurred, and few of those that could.

use super::cast::{Cast, Origin};
use super::sheet::Scope;
use crate::desk::GroupId;

/// What can be added up.
pub(super) trait Merge: Default {
    /// Adds another one to this one.
    fn merge(&mut self, other: &Self);
}

/// A `T` per origin and group.
#[derive(Clone, Debug)]
pub(super) struct Split<T> {
    /// First one per origin, of what no group had; then those of origin and group, as they came.
    cells: Vec<T>,
    whose: Vec<(Origin, Option<GroupId>)>,
    /// By origin, then group: the cell, or [`NONE`]. A row is as long as it had to be.
    rows: Vec<Vec<u32>>,
}

const NONE: u32 = u32::MAX;

impl<T: Merge> Split<T> {
    pub(super) fn new(cast: &Cast) -> Split<T> {
        let origins = cast.origin_count();
        Split {
            cells: std::iter::repeat_with(T::default).take(origins).collect(),
            whose: (0..origins).map(|index| (Origin::at(index), None)).collect(),
            rows: vec![Vec::new(); origins],
        }
    }

    /// The cell of what no group had.
    #[inline]
    pub(super) fn of_origin(&mut self, origin: Origin) -> &mut T {
        &mut self.cells[origin.index()]
    }

    /// The cell of what a group had, if one did.
    #[inline]
    pub(super) fn of(&mut self, origin: Origin, group: Option<GroupId>) -> &mut T {
        let Some(group) = group else { return self.of_origin(origin) };
        let cell = match self.rows[origin.index()].get(group.index()) {
            Some(&cell) if cell != NONE => cell as usize,
            _ => self.open(origin, group),
        };
        &mut self.cells[cell]
    }

    #[cold]
    fn open(&mut self, origin: Origin, group: GroupId) -> usize {
        let cell = self.cells.len();
        let row = &mut self.rows[origin.index()];
        if row.len() <= group.index() {
            row.resize(group.index() + 1, NONE);
        }
        row[group.index()] = u32::try_from(cell).expect("fewer than 2^32 cells");
        self.whose.push((origin, Some(group)));
        self.cells.push(T::default());
        cell
    }

    /// Everything that belongs to a scope; nothing for those that a split does not know.
    pub(super) fn total(&self, cast: &Cast, scope: Scope) -> T {
        let belongs = |&(origin, group): &(Origin, Option<GroupId>)| match scope {
            Scope::Desk => true,
            Scope::Channel(channel) => cast.channel(origin) == channel,
            Scope::Customer(class) => origin.index() == usize::from(class),
            Scope::Group(of) => group == Some(of),
            Scope::Agent(_) => false,
        };
        let mut total = T::default();
        let own = self.whose.iter().zip(&self.cells).filter(|(whose, _)| belongs(whose));
        own.for_each(|(_, cell)| total.merge(cell));
        total
    }
}
