//! The desk's own deadlines: rings for constant spans, a heap for the rest.
//!
//! Deadlines of one kind and one constant span come about in the order in which they fall due, so a ring holds them
//! and costs O(1). What would break a ring's order (a span that was changed, a timer that goes on with the time that
//! was left) goes to the heap. A cancelled deadline in a ring becomes a hole, and holes at the front are dropped.

use super::heap::IndexedHeap;
use super::tree::MinTree;
use crate::time::Instant;
use std::collections::VecDeque;

/// What falls due. The order is that in which deadlines of one instant are acted on (SLA-4).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(super) enum Kind {
    /// The draining that `set_status` with `more` deferred (QUE-5).
    Drain,
    /// A ticket's first-response timer.
    FirstResponse,
    /// A ticket's closure timer.
    Closure,
    /// A ticket has awaited its customer for long (TIC-9).
    Silence,
    /// A user did nothing for long (STA-11).
    Idle,
    /// A user was unassignable for long (STA-12).
    Requeue,
    /// A lane's head waited long enough for further groups (QUE-9).
    Overflow,
}

/// A deadline that fell due.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(super) struct Due {
    pub(super) kind: Kind,
    /// The ticket's number, or the user's or lane's id: the order among deadlines of one kind.
    pub(super) order: u32,
    /// The ticket's slot, or the user's or lane's id.
    pub(super) whose: u32,
}

/// How a deadline is found again to cancel it: its place in the ring that it was set in, or in the heap.
///
/// Whoever keeps one knows the ring, so it is not kept here: open tickets have three of these.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Handle(u32);

impl Handle {
    /// No deadline.
    pub(super) const NONE: Handle = Handle(u32::MAX);
    /// Marks a place in the heap.
    const HEAP: u32 = 1 << 31;

    const fn in_ring(place: u32) -> Handle {
        Handle(place & !Handle::HEAP)
    }

    const fn in_heap(place: u32) -> Handle {
        Handle(place | Handle::HEAP)
    }
}

/// Which ring a deadline belongs to; made once per constant span.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct RingId(u32);

const HOLE: u32 = u32::MAX;

#[derive(Clone, Copy, Debug)]
struct Entry {
    due: Instant,
    order: u32,
    whose: u32,
}

#[derive(Clone, Debug)]
struct Ring {
    kind: Kind,
    entries: VecDeque<Entry>,
    /// The place of the first entry; places count up and wrap round.
    base: u32,
}

impl Ring {
    /// Where an entry lies by now.
    fn index(&self, handle: Handle) -> usize {
        (handle.0.wrapping_sub(self.base) & !Handle::HEAP) as usize
    }
}

/// All deadlines of a desk.
#[derive(Clone, Debug)]
pub(super) struct Deadlines {
    rings: Vec<Ring>,
    /// The rings' fronts: instant, then ring.
    fronts: MinTree<u128, 4>,
    heap: IndexedHeap<(Instant, Due), ()>,
    /// How many deadlines are pending.
    pending: usize,
}

impl Deadlines {
    /// Deadlines with a ring for each of these kinds, which get the ids 0, 1, …
    pub(super) fn new(kinds: &[Kind]) -> Deadlines {
        let rings: Vec<Ring> = kinds.iter().map(|&kind| Ring { kind, entries: VecDeque::new(), base: 0 }).collect();
        Deadlines { fronts: MinTree::new(rings.len()), rings, heap: IndexedHeap::new(), pending: 0 }
    }

    /// The ring of that number.
    pub(super) fn ring(number: usize) -> RingId {
        RingId(number as u32)
    }

    /// Sets a deadline; cheap where it is not earlier than the ring's last.
    #[inline(always)]
    pub(super) fn set(&mut self, ring: RingId, due: Instant, order: u32, whose: u32) -> Handle {
        let id = ring.0;
        let ring = &mut self.rings[id as usize];
        let was_empty = match ring.entries.back() {
            Some(last) if due < last.due => {
                let kind = ring.kind;
                return self.set_apart(kind, due, order, whose);
            }
            last => last.is_none(),
        };
        self.pending += 1;
        let place = ring.base.wrapping_add(ring.entries.len() as u32);
        ring.entries.push_back(Entry { due, order, whose });
        if was_empty {
            self.show_front(id);
        }
        Handle::in_ring(place)
    }

    /// Sets a deadline that fits no ring.
    #[cold]
    pub(super) fn set_apart(&mut self, kind: Kind, due: Instant, order: u32, whose: u32) -> Handle {
        self.pending += 1;
        Handle::in_heap(self.heap.insert((due, Due { kind, order, whose }), ()))
    }

    /// Cancels a deadline of a ring's kind, if it is one, and forgets its handle.
    #[inline(always)]
    pub(super) fn cancel(&mut self, ring: RingId, handle: &mut Handle) {
        let handle = std::mem::replace(handle, Handle::NONE);
        if handle.0 & Handle::HEAP != 0 {
            return self.drop_apart(handle);
        }
        self.pending -= 1;
        let id = ring.0;
        let ring = &mut self.rings[id as usize];
        let index = ring.index(handle);
        ring.entries[index].whose = HOLE;
        if index == 0 {
            self.drop_holes(id);
        }
    }

    /// Cancels a deadline that was set apart, if it is one, and forgets its handle.
    pub(super) fn cancel_apart(&mut self, handle: &mut Handle) {
        let handle = std::mem::replace(handle, Handle::NONE);
        self.drop_apart(handle);
    }

    fn drop_apart(&mut self, handle: Handle) {
        if handle != Handle::NONE {
            self.pending -= 1;
            self.heap.remove(handle.0 & !Handle::HEAP);
        }
    }

    /// The earliest deadline.
    #[inline]
    pub(super) fn next(&self) -> Option<Instant> {
        let ring = self.fronts.least();
        let ring = (ring != u128::MAX).then(|| Instant::from_micros((ring >> 32) as u64));
        match (ring, self.heap.first()) {
            (Some(ring), Some(((apart, _), ()))) => Some(ring.min(apart)),
            (ring, apart) => ring.or(apart.map(|((due, _), ())| due)),
        }
    }

    /// Takes out all deadlines that fall due at `at`, the earliest, in the order in which they are to be acted on.
    pub(super) fn take(&mut self, at: Instant, into: &mut Vec<Due>) {
        into.clear();
        loop {
            let front = self.fronts.least();
            if front == u128::MAX || Instant::from_micros((front >> 32) as u64) > at {
                break;
            }
            let id = front as u32;
            let ring = &mut self.rings[id as usize];
            while let Some(entry) = ring.entries.front().copied().filter(|entry| entry.due <= at) {
                ring.entries.pop_front();
                ring.base = ring.base.wrapping_add(1);
                if entry.whose != HOLE {
                    into.push(Due { kind: ring.kind, order: entry.order, whose: entry.whose });
                }
            }
            self.drop_holes(id);
        }
        while let Some(((_, due), ())) = self.heap.first().filter(|((when, _), ())| *when <= at) {
            self.heap.pop();
            into.push(due);
        }
        self.pending -= into.len();
        into.sort_unstable();
    }

    /// How many deadlines are pending, for audits.
    pub(super) fn len(&self) -> usize {
        self.pending
    }

    /// The deadline of a handle in a ring; `None` of one that is none, or is set apart.
    pub(super) fn get(&self, ring: RingId, handle: Handle) -> Option<(Instant, u32)> {
        if handle.0 & Handle::HEAP != 0 {
            return None;
        }
        let ring = &self.rings[ring.0 as usize];
        let entry = ring.entries.get(ring.index(handle))?;
        Some((entry.due, entry.whose))
    }

    fn drop_holes(&mut self, id: u32) {
        let ring = &mut self.rings[id as usize];
        while ring.entries.front().is_some_and(|entry| entry.whose == HOLE) {
            ring.entries.pop_front();
            ring.base = ring.base.wrapping_add(1);
        }
        self.show_front(id);
    }

    fn show_front(&mut self, id: u32) {
        let front = self.rings[id as usize].entries.front();
        let key = front.map_or(u128::MAX, |entry| u128::from(entry.due.as_micros()) << 32 | u128::from(id));
        self.fronts.set(id as usize, key);
    }
}
