//! A lane's waiting tickets in order.

use super::heap::IndexedHeap;
use std::collections::VecDeque;

/// Waiting tickets by key, least first. A key that comes after all or before all is put there in O(1), as first come, first
/// served and its reverse always do; what would have to go between waits in a heap beside.
#[derive(Clone, Debug)]
pub(super) struct Line {
    /// In order of their keys; those who left in between are holes.
    row: VecDeque<(u128, u32)>,
    /// The place of the first entry of `row`; places count up and down and wrap round.
    base: u32,
    holes: u32,
    apart: IndexedHeap<u128, u32>,
}

const HOLE: u32 = u32::MAX;
/// Marks a place in the heap.
const APART: u32 = 1 << 31;
/// So many holes are no matter.
const FEW: u32 = 64;

impl Line {
    pub(super) fn new() -> Line {
        Line { row: VecDeque::new(), base: 0, holes: 0, apart: IndexedHeap::new() }
    }

    pub(super) fn len(&self) -> usize {
        self.row.len() - self.holes as usize + self.apart.len()
    }

    #[inline]
    pub(super) fn is_empty(&self) -> bool {
        // Holes at the ends are dropped, so a row of holes alone is empty.
        self.row.is_empty() && self.apart.is_empty()
    }

    /// The least key, and whose it is.
    #[inline]
    pub(super) fn first(&self) -> Option<(u128, u32)> {
        match (self.row.front(), self.apart.first()) {
            (Some(&front), None) => Some(front),
            (Some(&front), Some(apart)) => Some(front.min(apart)),
            (None, apart) => apart,
        }
    }

    /// All keys and whose they are, in no particular order.
    pub(super) fn iter(&self) -> impl Iterator<Item = (u128, u32)> {
        self.row.iter().copied().filter(|&(_, slot)| slot != HOLE).chain(self.apart.iter())
    }

    /// Adds a ticket; the place is good until it leaves, or the line closes up.
    pub(super) fn insert(&mut self, key: u128, slot: u32) -> u32 {
        match (self.row.front(), self.row.back()) {
            (_, Some(&(last, _))) if last > key => {
                if self.row.front().is_some_and(|&(first, _)| first < key) {
                    return self.apart.insert(key, slot) | APART;
                }
                self.base = self.base.wrapping_sub(1);
                self.row.push_front((key, slot));
                self.base & !APART
            }
            _ => {
                self.row.push_back((key, slot));
                self.base.wrapping_add(self.row.len() as u32 - 1) & !APART
            }
        }
    }

    /// Takes the ticket of a place out.
    pub(super) fn remove(&mut self, place: u32) {
        if place & APART != 0 {
            self.apart.remove(place & !APART);
            return;
        }
        let index = (place.wrapping_sub(self.base) & !APART) as usize;
        self.row[index].1 = HOLE;
        self.holes += 1;
        while self.row.front().is_some_and(|&(_, slot)| slot == HOLE) {
            self.row.pop_front();
            self.base = self.base.wrapping_add(1);
            self.holes -= 1;
        }
        while self.row.back().is_some_and(|&(_, slot)| slot == HOLE) {
            self.row.pop_back();
            self.holes -= 1;
        }
    }

    /// Gives a ticket another key; its new place.
    pub(super) fn rekey(&mut self, place: u32, key: u128, slot: u32) -> u32 {
        if place & APART != 0 {
            self.apart.rekey(place & !APART, key);
            return place;
        }
        self.remove(place);
        self.insert(key, slot)
    }

    /// Closes the gaps that those left who went from the middle, if there are many; tells the new places.
    pub(super) fn close_up(&mut self, mut moved: impl FnMut(u32, u32)) {
        if self.holes <= FEW.max(self.row.len() as u32 / 2) {
            return;
        }
        self.row.retain(|&(_, slot)| slot != HOLE);
        self.holes = 0;
        for (at, &(_, slot)) in (0..).zip(&self.row) {
            moved(slot, self.base.wrapping_add(at) & !APART);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn a_line_is_a_sorted_list(moves in prop::collection::vec((0u8..8, 0u32..1000), 1..600), base in prop::num::u32::ANY) {
            let mut line = Line::new();
            line.base = base;
            // By slot: key and place.
            let mut plain: Vec<Option<(u128, u32)>> = Vec::new();
            for (number, (action, n)) in (0u32..).zip(moves) {
                let waiting: Vec<u32> = (0..plain.len() as u32).filter(|&slot| plain[slot as usize].is_some()).collect();
                let chosen = waiting.get(n as usize % waiting.len().max(1)).copied();
                match (action, chosen) {
                    (0..=2, _) => {
                        // Mostly at the end, or the front, or anywhere.
                        let key = match action {
                            0 => u128::from(2000 + number),
                            1 => u128::from(n),
                            _ => u128::from(1000 - number),
                        };
                        let slot = plain.len() as u32;
                        plain.push(Some((key, line.insert(key, slot))));
                    }
                    (3, Some(slot)) => {
                        let (_, place) = plain[slot as usize].unwrap();
                        plain[slot as usize] = Some((n.into(), line.rekey(place, n.into(), slot)));
                    }
                    (_, Some(slot)) => {
                        let (_, place) = plain[slot as usize].take().unwrap();
                        line.remove(place);
                        line.close_up(|slot, place| plain[slot as usize].as_mut().unwrap().1 = place);
                    }
                    (_, None) => {}
                }
                let mut listed: Vec<(u128, u32)> =
                    (0..).zip(&plain).filter_map(|(slot, entry)| entry.map(|(key, _)| (key, slot))).collect();
                listed.sort_unstable();
                prop_assert_eq!(line.first().map(|first| first.0), listed.first().map(|first| first.0));
                prop_assert_eq!(line.len(), listed.len());
                prop_assert_eq!(line.is_empty(), listed.is_empty());
                let mut all: Vec<_> = line.iter().collect();
                all.sort_unstable();
                prop_assert_eq!(all, listed);
            }
        }

        #[test]
        fn gaps_do_not_outgrow_those_who_stay(left in prop::collection::vec(1u32..5000, 0..2000)) {
            let mut line = Line::new();
            let mut places: Vec<u32> = Vec::new();
            for slot in 0..5000 {
                places.push(line.insert(slot.into(), slot));
            }
            let mut left = left;
            left.sort_unstable();
            left.dedup();
            for slot in left {
                line.remove(places[slot as usize]);
                line.close_up(|slot, place| places[slot as usize] = place);
                prop_assert!(line.row.len() <= 2 * line.len() + FEW as usize + 1);
            }
        }
    }
}
