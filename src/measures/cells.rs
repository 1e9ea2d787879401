//! What is counted of tickets, by where they came from and by who had them, so that every label's figure can be told.
//!
//! An origin is a class of customers, or a channel for tickets without a class (those that an agent opened, and those of
//! a replayed log). An origin has one channel. Each value is recorded once, in the cell of its origin and group; every
//! scope is a sum of cells. So there are as many cells as pairs that occurred, and few of those that could. A ticket knows
//! its present cell, and all families have their part in it, so that what happens to a ticket is written in one place.

use super::cast::{Cast, Origin};
use super::customer::CustomerTimes;
use super::queue::Stays;
use super::sheet::{Scope, Sheet};
use super::sla::Timers;
use super::tickets::Counts;
use super::timing::Times;
use crate::desk::{GroupId, Timer};
use std::collections::BTreeMap;
use std::ops::{Index, IndexMut};

/// What can be added up.
pub(super) trait Merge {
    /// Adds another one to this one.
    fn merge(&mut self, other: &Self);
}

/// The families' parts.
///
/// A metric that takes no group label goes by its origin alone: it may be counted in any of the origin's cells, and is,
/// in the one at hand. What rises in one cell may so fall in another; only their sum says something.
#[derive(Clone, Default, Debug)]
pub(super) struct Cell {
    pub(super) tickets: Counts,
    /// By [`Timer`].
    pub(super) sla: [Timers; 2],
    pub(super) customer: CustomerTimes,
    pub(super) queue: Stays,
}

/// Which cell.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub(super) struct CellId(u32);

/// All cells.
#[derive(Clone, Debug)]
pub(super) struct Cells {
    /// First one per origin, of what no group had; then those of origin and group, as they came.
    cells: Vec<Cell>,
    whose: Vec<(Origin, Option<GroupId>)>,
    /// By origin, then group: the cell, or [`NONE`]. A row is as long as it had to be.
    rows: Vec<Vec<u32>>,
}

const NONE: u32 = u32::MAX;

impl Cells {
    pub(super) fn new(cast: &Cast) -> Cells {
        let origins = cast.origin_count();
        Cells {
            cells: std::iter::repeat_with(Cell::default).take(origins).collect(),
            whose: (0..origins).map(|index| (Origin::at(index), None)).collect(),
            rows: vec![Vec::new(); origins],
        }
    }

    /// The cell of what a group had, if one did.
    #[inline]
    pub(super) fn find(&mut self, origin: Origin, group: Option<GroupId>) -> CellId {
        let Some(group) = group else { return CellId(origin.index() as u32) };
        match self.rows[origin.index()].get(group.index()) {
            Some(&cell) if cell != NONE => CellId(cell),
            _ => self.open(origin, group),
        }
    }

    #[cold]
    fn open(&mut self, origin: Origin, group: GroupId) -> CellId {
        let cell = u32::try_from(self.cells.len()).expect("fewer than 2^32 cells");
        let row = &mut self.rows[origin.index()];
        if row.len() <= group.index() {
            row.resize(group.index() + 1, NONE);
        }
        row[group.index()] = cell;
        self.whose.push((origin, Some(group)));
        self.cells.push(Cell::default());
        CellId(cell)
    }

    /// The window ends.
    pub(super) fn finish(&mut self) {
        self.cells.iter_mut().flat_map(Cell::times).for_each(Times::finish);
    }

    /// Writes the figures of all scopes; those of scopes with the same cells are found once.
    pub(super) fn write(&self, cast: &Cast, scopes: impl Iterator<Item = Scope>, sheet: &mut Sheet) {
        let mut alike: BTreeMap<Vec<usize>, Vec<Scope>> = BTreeMap::new();
        for scope in scopes {
            alike.entry(self.of(cast, scope)).or_default().push(scope);
        }
        for (cells, scopes) in alike {
            let mut total = Cell::default();
            cells.into_iter().for_each(|cell| total.merge(&self.cells[cell]));
            total.write(&scopes, sheet);
        }
    }

    /// The cells that belong to a scope, less those in which nothing was ever counted.
    fn of(&self, cast: &Cast, scope: Scope) -> Vec<usize> {
        let belongs = |(origin, group): (Origin, Option<GroupId>)| match scope {
            Scope::Desk => true,
            Scope::Channel(channel) => cast.channel(origin) == channel,
            Scope::Customer(class) => origin.index() == usize::from(class),
            Scope::Group(of) => group == Some(of),
            Scope::Agent(_) => false,
        };
        (0..self.cells.len()).filter(|&cell| belongs(self.whose[cell]) && !self.cells[cell].is_blank()).collect()
    }
}

impl Index<CellId> for Cells {
    type Output = Cell;

    fn index(&self, id: CellId) -> &Cell {
        &self.cells[id.0 as usize]
    }
}

impl IndexMut<CellId> for Cells {
    fn index_mut(&mut self, id: CellId) -> &mut Cell {
        &mut self.cells[id.0 as usize]
    }
}

impl Cell {
    fn times(&mut self) -> [&mut Times; 5] {
        let [first_response, closure] = &mut self.sla;
        let CustomerTimes { first_response: answer, resolution } = &mut self.customer;
        [&mut first_response.time, &mut closure.time, answer, resolution, &mut self.queue.wait]
    }

    fn is_blank(&self) -> bool {
        self.tickets.is_blank()
            && self.sla.iter().all(Timers::is_blank)
            && self.customer.is_blank()
            && self.queue.is_blank()
    }

    fn write(&self, scopes: &[Scope], sheet: &mut Sheet) {
        self.tickets.write(scopes, sheet);
        self.sla[0].write(Timer::FirstResponse, scopes, sheet);
        self.sla[1].write(Timer::Closure, scopes, sheet);
        self.customer.write(scopes, sheet);
        self.queue.write(scopes, sheet);
    }
}

impl Merge for Cell {
    fn merge(&mut self, other: &Cell) {
        self.tickets.merge(&other.tickets);
        self.sla.iter_mut().zip(&other.sla).for_each(|(timers, more)| timers.merge(more));
        self.customer.merge(&other.customer);
        self.queue.merge(&other.queue);
    }
}
