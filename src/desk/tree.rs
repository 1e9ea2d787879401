//! A tournament of keys: the least of many, kept up to date one key at a time.

/// An implicit tree whose inner nodes hold the least key below them.
///
/// Siblings share a cache line where keys are narrow, so an update touches one line a level and stops at the first level
/// that it does not change. Absent keys are [`Absent::ABSENT`], the greatest of all.
#[derive(Clone, Debug)]
pub(super) struct MinTree<K> {
    /// Level by level from the leaves to the root, each padded to whole sets of siblings.
    keys: Vec<K>,
    /// Where each level begins in `keys`.
    levels: Vec<u32>,
}

/// A key type with a value that stands for no key.
pub(super) trait Absent: Copy + Ord {
    /// Greater than every present key.
    const ABSENT: Self;
    /// How many siblings there are.
    const ARITY: usize;

    /// The least of a set of siblings.
    fn least_of(siblings: &[Self]) -> Self {
        siblings.iter().fold(Self::ABSENT, |least, &key| least.min(key))
    }

    /// The first of a set of siblings that has this key, which some have.
    fn place_of(siblings: &[Self], key: Self) -> usize {
        siblings.iter().position(|&sibling| sibling == key).expect("a node has its least child's key")
    }
}

impl Absent for u64 {
    const ABSENT: u64 = u64::MAX;
    const ARITY: usize = 8;

    // Which of the eight it is cannot be foreseen, so all are looked at without a jump.
    #[inline]
    fn least_of(siblings: &[u64]) -> u64 {
        let [a, b, c, d, e, f, g, h] = *siblings.first_chunk().expect("siblings are eight");
        a.min(b).min(c.min(d)).min(e.min(f).min(g.min(h)))
    }

    #[inline]
    fn place_of(siblings: &[u64], key: u64) -> usize {
        let siblings: [u64; 8] = *siblings.first_chunk().expect("siblings are eight");
        let bit = |(place, sibling): (usize, u64)| u32::from(sibling == key) << place;
        let same = siblings.into_iter().enumerate().map(bit).fold(0, |all, bit| all | bit);
        debug_assert!(same != 0, "a node has its least child's key");
        same.trailing_zeros() as usize
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
        MinTree { keys: vec![K::ABSENT; size], levels }
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
        let mut old = std::mem::replace(&mut self.keys[leaf], key);
        let mut place = leaf;
        for pair in self.levels.windows(2) {
            let first = pair[0] as usize + place / K::ARITY * K::ARITY;
            place /= K::ARITY;
            let parent = pair[1] as usize + place;
            let was = self.keys[parent];
            if key >= was {
                if old != was {
                    // A sibling was the least and still is.
                    return;
                }
                // The least of the siblings went up: any of them may be the least now.
                key = K::least_of(&self.keys[first..first + K::ARITY]);
            }
            if key == was {
                return;
            }
            self.keys[parent] = key;
            old = was;
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
        let second = other.map(|(height, sibling)| {
            self.levels[..height].iter().rev().fold(sibling, |place, &level| {
                let from = place * K::ARITY;
                from + K::place_of(&self.keys[level as usize + from..][..K::ARITY], best)
            })
        });
        [Some(first), second]
    }

    /// The first leaf with the least key.
    pub(super) fn least_leaf(&self) -> usize {
        let least = self.least();
        let mut place = 0;
        for &level in self.levels.iter().rev().skip(1) {
            let first = place * K::ARITY;
            let siblings = &self.keys[level as usize + first..][..K::ARITY];
            place = first + K::place_of(siblings, least);
        }
        place
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
