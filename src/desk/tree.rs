//! A tournament of keys: the least of many, kept up to date one key at a time.

use std::hint::select_unpredictable;

/// A tree of nodes that hold the keys of `A` children each, and which of those is the least: that one is the node's key in
/// the node above.
///
/// A node is a cache line where keys are narrow, so an update touches one line a level and stops at the first level that
/// it does not change. Where the least lies is read off the winners alone, which are few enough to stay in the cache.
/// Absent keys are [`Absent::ABSENT`], the greatest of all.
#[derive(Clone, Debug)]
pub(super) struct MinTree<K, const A: usize> {
    /// Level by level; the first holds the leaves, the last is one node.
    nodes: Vec<[K; A]>,
    /// Which child of each node is the least; the first of those that are.
    winners: Vec<u8>,
    /// Where each level begins.
    levels: Vec<u32>,
}

/// A key type with a value that stands for no key.
pub(super) trait Absent: Copy + Ord {
    /// Greater than every present key.
    const ABSENT: Self;

    /// The least of some keys, and the first place where it is.
    fn least_of(keys: &[Self]) -> (Self, u8) {
        let places = keys.iter().copied().zip(0..);
        places.reduce(|least, next| if next.0 < least.0 { next } else { least }).expect("a node has children")
    }
}

impl Absent for u64 {
    const ABSENT: u64 = u64::MAX;

    // Which of the eight it is cannot be foreseen, so all are looked at without a jump.
    #[inline]
    fn least_of(keys: &[u64]) -> (u64, u8) {
        fn less(a: (u64, u32), b: (u64, u32)) -> (u64, u32) {
            (a.0.min(b.0), select_unpredictable(b.0 < a.0, b.1, a.1))
        }
        let [a, b, c, d, e, f, g, h] = *keys.first_chunk().expect("a node of words has eight children");
        let left = less(less((a, 0), (b, 1)), less((c, 2), (d, 3)));
        let (key, place) = less(left, less(less((e, 4), (f, 5)), less((g, 6), (h, 7))));
        (key, place as u8)
    }
}

impl Absent for u128 {
    const ABSENT: u128 = u128::MAX;
}

impl<const N: usize> Absent for [u64; N] {
    const ABSENT: [u64; N] = [u64::MAX; N];
}

impl<K: Absent, const A: usize> MinTree<K, A> {
    /// A tree of `len` leaves without keys.
    pub(super) fn new(len: usize) -> MinTree<K, A> {
        let mut levels = Vec::new();
        let mut size = 0;
        let mut width = len;
        loop {
            levels.push(u32::try_from(size).expect("fewer than 2^32 nodes"));
            width = width.div_ceil(A).max(1);
            size += width;
            if width == 1 {
                break;
            }
        }
        MinTree { nodes: vec![[K::ABSENT; A]; size], winners: vec![0; size], levels }
    }

    /// The key of a leaf.
    #[inline]
    pub(super) fn key(&self, leaf: usize) -> K {
        self.nodes[leaf / A][leaf % A]
    }

    /// The least key; absent if all are.
    #[inline]
    pub(super) fn least(&self) -> K {
        let root = self.nodes.len() - 1;
        self.nodes[root][usize::from(self.winners[root])]
    }

    /// Changes the key of a leaf.
    #[inline(never)]
    pub(super) fn set(&mut self, leaf: usize, key: K) {
        let mut key = key;
        let mut place = leaf;
        for &level in &self.levels {
            let child = place % A;
            place /= A;
            let at = level as usize + place;
            let (node, winner) = (&mut self.nodes[at], &mut self.winners[at]);
            let was = usize::from(*winner) % A;
            let least = node[was];
            node[child] = key;
            if key < least {
                *winner = child as u8;
            } else if child == was {
                // The least went up, if it is another: any of them may be the least now.
                (key, *winner) = K::least_of(node);
            } else {
                // A sibling was the least and still is, at most beside this one.
                if key == least {
                    *winner = was.min(child) as u8;
                }
                return;
            }
            if key == least {
                return;
            }
        }
    }

    /// The first leaf with the least key.
    #[inline]
    pub(super) fn least_leaf(&self) -> usize {
        let levels = self.levels.iter().rev();
        levels.fold(0, |place, &level| place * A + usize::from(self.winners[level as usize + place]))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn the_least_is_what_a_scan_finds(len in 1usize..300, changes in prop::collection::vec((0usize..300, prop::option::of(0u128..50)), 1..200)) {
            let mut tree = MinTree::<u128, 4>::new(len);
            let mut plain = vec![u128::ABSENT; len];
            for (leaf, key) in changes {
                let key = key.unwrap_or(u128::ABSENT);
                tree.set(leaf % len, key);
                plain[leaf % len] = key;
                prop_assert_eq!(tree.least(), *plain.iter().min().unwrap());
                prop_assert_eq!(tree.key(leaf % len), key);
                prop_assert_eq!(tree.least_leaf(), plain.iter().position(|&key| key == tree.least()).unwrap());
            }
        }

        #[test]
        fn narrow_keys_lie_in_a_wider_tree(len in 1usize..700, changes in prop::collection::vec((0usize..700, prop::option::of(0u64..50)), 1..200)) {
            let mut tree = MinTree::<u64, 8>::new(len);
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
