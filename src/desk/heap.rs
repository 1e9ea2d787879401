//! A priority queue whose entries can be taken out from anywhere.

const NOWHERE: u32 = u32::MAX;

/// A 4-ary heap of keys with values; each entry has a handle by which it can be removed or moved in O(log n).
#[derive(Clone, Debug)]
pub(super) struct IndexedHeap<K, V> {
    /// Key, value and handle, in heap order.
    entries: Vec<(K, V, u32)>,
    /// Where each handle's entry stands.
    places: Vec<u32>,
    free: Vec<u32>,
}

impl<K: Copy + Ord, V: Copy> IndexedHeap<K, V> {
    pub(super) fn new() -> IndexedHeap<K, V> {
        IndexedHeap { entries: Vec::new(), places: Vec::new(), free: Vec::new() }
    }

    pub(super) fn len(&self) -> usize {
        self.entries.len()
    }

    pub(super) fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// The entry with the least key.
    pub(super) fn first(&self) -> Option<(K, V)> {
        self.entries.first().map(|&(key, value, _)| (key, value))
    }

    /// All entries, in no particular order.
    pub(super) fn iter(&self) -> impl Iterator<Item = (K, V)> {
        self.entries.iter().map(|&(key, value, _)| (key, value))
    }

    /// Adds an entry; the handle is good until its removal.
    pub(super) fn insert(&mut self, key: K, value: V) -> u32 {
        let handle = self.free.pop().unwrap_or_else(|| {
            self.places.push(NOWHERE);
            u32::try_from(self.places.len() - 1).expect("fewer than 2^32 entries")
        });
        self.entries.push((key, value, handle));
        self.rise(self.entries.len() - 1);
        handle
    }

    /// Takes out the entry of a handle.
    pub(super) fn remove(&mut self, handle: u32) -> (K, V) {
        let place = self.places[handle as usize] as usize;
        let (key, value, _) = self.entries.swap_remove(place);
        self.places[handle as usize] = NOWHERE;
        self.free.push(handle);
        if place < self.entries.len() {
            self.settle(place);
        }
        (key, value)
    }

    /// Gives the entry of a handle another key.
    pub(super) fn rekey(&mut self, handle: u32, key: K) {
        let place = self.places[handle as usize] as usize;
        self.entries[place].0 = key;
        self.settle(place);
    }

    /// Takes out the entry with the least key.
    pub(super) fn pop(&mut self) -> Option<(K, V)> {
        let handle = self.entries.first()?.2;
        Some(self.remove(handle))
    }

    fn settle(&mut self, place: usize) {
        let place = self.rise(place);
        self.sink(place);
    }

    fn rise(&mut self, mut place: usize) -> usize {
        let entry = self.entries[place];
        while place > 0 {
            let parent = (place - 1) / 4;
            if self.entries[parent].0 <= entry.0 {
                break;
            }
            self.put(place, self.entries[parent]);
            place = parent;
        }
        self.put(place, entry);
        place
    }

    fn sink(&mut self, mut place: usize) {
        let entry = self.entries[place];
        loop {
            let first = place * 4 + 1;
            let last = (first + 4).min(self.entries.len());
            let Some(child) = (first..last).min_by_key(|&child| self.entries[child].0) else { break };
            if self.entries[child].0 >= entry.0 {
                break;
            }
            self.put(place, self.entries[child]);
            place = child;
        }
        self.put(place, entry);
    }

    fn put(&mut self, place: usize, entry: (K, V, u32)) {
        self.entries[place] = entry;
        self.places[entry.2 as usize] = place as u32;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn entries_leave_in_order_and_from_anywhere(actions in prop::collection::vec((0u8..4, 0u32..40), 1..300)) {
            let mut heap = IndexedHeap::new();
            let mut plain: Vec<(u32, u32, u32)> = Vec::new();
            for (number, (action, key)) in (0u32..).zip(actions) {
                match action {
                    0 | 1 => plain.push((key, number, heap.insert(key, number))),
                    2 if !plain.is_empty() => {
                        let (key, value, handle) = plain.swap_remove(key as usize % plain.len());
                        prop_assert_eq!(heap.remove(handle), (key, value));
                    }
                    3 if !plain.is_empty() => {
                        let which = key as usize % plain.len();
                        plain[which].0 = key / 2;
                        heap.rekey(plain[which].2, key / 2);
                    }
                    _ => {}
                }
                prop_assert_eq!(heap.len(), plain.len());
                prop_assert_eq!(heap.first().map(|(key, _)| key), plain.iter().map(|entry| entry.0).min());
            }
            let mut last = 0;
            while let Some((key, _)) = heap.pop() {
                prop_assert!(last <= key);
                last = key;
            }
            prop_assert!(heap.is_empty());
        }
    }
}
