//! A tournament of keys: the least of many, kept up to date one key at a time.

/// An implicit tree whose inner nodes hold the least key below them, and under which child it is.
///
/// Siblings share a cache line where keys are narrow, so an update touches one line a level and stops at the first level
/// that it does not change. Where the least lies is read off the winners alone, which are few enough to stay in the cache.
/// Absent keys are [`Absent::ABSENT`], the greatest of all.
#[derive(Clone, Debug)]
pub(super) struct MinTree<K> {
    /// Level by level from the leaves to the root, each padded to whole sets of siblings.
    keys: Vec<K>,
    /// Which child of each inner node has its key; the first of those that do. In the order of `keys`, without the leaves.
    winners: Vec<u8>,
    /// Where each level begins in `keys`.
    levels: Vec<u32>,
}

/// A key type with a value that stands for no key.
pub(super) trait Absent: Copy + Ord {
    /// Greater than every present key.
    const ABSENT: Self;
    /// How many siblings there are.
    const ARITY: usize;

    /// The least of a set of siblings, and the first place where it is.
    fn least_of(siblings: &[Self]) -> (Self, u8) {
        let places = siblings.iter().copied().zip(0..);
        places.reduce(|least, next| if next.0 < least.0 { next } else { least }).expect("siblings are some")
    }
}

impl Absent for u64 {
    const ABSENT: u64 = u64::MAX;
    const ARITY: usize = 8;

    // Which of the eight it is cannot be foreseen, so all are looked at without a jump.
    #[inline]
    fn least_of(siblings: &[u64]) -> (u64, u8) {
        fn less(a: (u64, u8), b: (u64, u8)) -> (u64, u8) {
            let after = b.0 < a.0;
            (a.0.min(b.0), std::hint::select_unpredictable(after, b.1, a.1))
        }
        let [a, b, c, d, e, f, g, h] = *siblings.first_chunk().expect("siblings are eight");
        let (left, right) =
            (less(less((a, 0), (b, 1)), less((c, 2), (d, 3))), less(less((e, 4), (f, 5)), less((g, 6), (h, 7))));
        less(left, right)
    }
}

impl Absent for u128 {
    const ABSENT: u128 = u128::MAX;
    const ARITY: usize = 4;
}

impl<const N: usize> Absent for [u64; N] {
    const ABSENT: [u64; N] = [u64::MAX; N];
    const ARITY: usize = 4;
}

impl<K: Absent> MinTree<K> {
    /// A tree of `len` leaves without keys.
    pub(super) fn new(len: usize) -> MinTree<K> {
        let mut levels = Vec::new();
        let mut size = 0;
        let mut width = len.max(1);
        loop {
            levels.push(u32::try_from(size).expect("fewer than 2^32 nodes"));
            if width == 1 {
                size += 1;
                break;
            }
            let padded = width.next_multiple_of(K::ARITY);
            size += padded;
            width = padded / K::ARITY;
        }
        let leaves = levels.get(1).map_or(size, |&first| first as usize);
        MinTree { keys: vec![K::ABSENT; size], winners: vec![0; size - leaves], levels }
    }

    /// The key of a leaf.
    pub(super) fn key(&self, leaf: usize) -> K {
        self.keys[leaf]
    }

    /// The least key; absent if all are.
    pub(super) fn least(&self) -> K {
        self.keys[self.keys.len() - 1]
    }

    /// Changes the key of a leaf.
    #[inline(never)]
    pub(super) fn set(&mut self, leaf: usize, key: K) {
        let mut key = key;
        self.keys[leaf] = key;
        let leaves = self.keys.len() - self.winners.len();
        let mut place = leaf;
        for pair in self.levels.windows(2) {
            let (first, child) = (pair[0] as usize + place / K::ARITY * K::ARITY, (place % K::ARITY) as u8);
            place /= K::ARITY;
            let parent = pair[1] as usize + place;
            let (was, winner) = (self.keys[parent], &mut self.winners[parent - leaves]);
            if key < was {
                *winner = child;
            } else if *winner == child {
                // The least of the siblings went up, if it is another: any of them may be the least now.
                (key, *winner) = K::least_of(&self.keys[first..first + K::ARITY]);
            } else {
                // A sibling was the least and still is, at most beside this one.
                if key == was {
                    *winner = child.min(*winner);
                }
                return;
            }
            if key == was {
                return;
            }
            self.keys[parent] = key;
        }
    }

    /// The first leaf with the least key, and one with the least of the others; none where none is present.
    pub(super) fn two_least_leaves(&self) -> [Option<usize>; 2] {
        if self.least() == K::ABSENT {
            return [None; 2];
        }
        let first = self.least_leaf();
        // The second least is the least of those that the first passed by on its way up.
        let (mut place, mut best, mut other) = (first, K::ABSENT, None);
        for (height, &level) in self.levels.iter().enumerate().take(self.levels.len() - 1) {
            let from = place / K::ARITY * K::ARITY;
            for sibling in (from..from + K::ARITY).filter(|&sibling| sibling != place) {
                let key = self.keys[level as usize + sibling];
                if key < best {
                    (best, other) = (key, Some((height, sibling)));
                }
            }
            place /= K::ARITY;
        }
        [Some(first), other.map(|(height, sibling)| self.leaf_below(height, sibling))]
    }

    /// The first leaf with the least key.
    #[inline]
    pub(super) fn least_leaf(&self) -> usize {
        self.leaf_below(self.levels.len() - 1, 0)
    }

    /// The first leaf with the key of a node, which is `place` on the level of that height.
    #[inline]
    fn leaf_below(&self, height: usize, place: usize) -> usize {
        let leaves = self.keys.len() - self.winners.len();
        let inner = self.levels[1..=height].iter().rev();
        inner.fold(place, |place, &level| place * K::ARITY + usize::from(self.winners[level as usize - leaves + place]))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn the_least_is_what_a_scan_finds(len in 1usize..300, changes in prop::collection::vec((0usize..300, prop::option::of(0u128..50)), 1..200)) {
            let mut tree = MinTree::<u128>::new(len);
            let mut plain = vec![u128::ABSENT; len];
            for (leaf, key) in changes {
                let key = key.unwrap_or(u128::ABSENT);
                tree.set(leaf % len, key);
                plain[leaf % len] = key;
                prop_assert_eq!(tree.least(), *plain.iter().min().unwrap());
                prop_assert_eq!(tree.key(leaf % len), key);
                prop_assert_eq!(tree.least_leaf(), plain.iter().position(|&key| key == tree.least()).unwrap());
                let mut present: Vec<u128> = plain.iter().copied().filter(|&key| key != u128::ABSENT).collect();
                present.sort_unstable();
                let found = tree.two_least_leaves();
                prop_assert_eq!(found.map(|leaf| leaf.map(|leaf| plain[leaf])), [present.first().copied(), present.get(1).copied()]);
                prop_assert!(found[0].is_none() || found[0] != found[1]);
            }
        }

        #[test]
        fn narrow_keys_lie_in_a_wider_tree(len in 1usize..700, changes in prop::collection::vec((0usize..700, prop::option::of(0u64..50)), 1..200)) {
            let mut tree = MinTree::<u64>::new(len);
            let mut plain = vec![u64::ABSENT; len];
            for (leaf, key) in changes {
                let key = key.unwrap_or(u64::ABSENT);
                tree.set(leaf % len, key);
                plain[leaf % len] = key;
                prop_assert_eq!(tree.least(), *plain.iter().min().unwrap());
                prop_assert_eq!(tree.least_leaf(), plain.iter().position(|&key| key == tree.least()).unwrap());
            }
        }
    }
}
