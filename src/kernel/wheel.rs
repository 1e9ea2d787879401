//! Events in no order but by the digits of their time, until they are wanted.

use super::agenda::Entry;
use prefetch_index::prefetch_index;

/// A radix wheel: events lie in buckets by the highest digit in which their time differs from that of the `base`, and by
/// that digit's value. So whatever differs in a lower digit comes before whatever differs in a higher one, and of one
/// level a lower digit comes first: the first bucket of the lowest level holds the next events. It is taken whole if it
/// is small, or else becomes the base, so that its events part by lower digits.
///
/// ```text
/// level 2   · · · [b] 4 · 6 7 …     b: the base's digit; events lie to the right of it
/// level 1   · [b] 2 3 4 5 · · …     a bucket spans 256 of the next lower level's
/// level 0   [b] · 2 · · · · 7 …     a bucket is one microsecond
/// ```
///
/// Each event moves at most once per level; in practice it is placed once and moved once or twice. Buckets are chains of
/// chunks from one pool, so that memory follows the events and not the buckets' history.
#[derive(Clone, Debug)]
pub(super) struct Wheel<E> {
    /// Not after any event.
    base: u64,
    len: usize,
    /// Bit `l`: level `l` is not empty.
    levels: u32,
    /// For each level, one bit per bucket that is not empty.
    occupied: [[u64; DIGITS / 64]; LEVELS],
    buckets: Vec<Bucket>,
    chunks: Vec<Chunk<E>>,
    /// For each chunk the one that follows it in its chain: apart from them, so that chains are followed ahead of what is in them.
    next: Vec<u32>,
    /// The first chunk of the chain that is free.
    free: u32,
}

/// Bits of a digit: with fewer, events move more often, with more, there are more buckets to hold in the cache.
const BITS: usize = 8;
const DIGITS: usize = 1 << BITS;
const LEVELS: usize = 64usize.div_ceil(BITS);

#[derive(Clone, Copy, Debug)]
struct Bucket {
    head: u32,
    tail: u32,
    len: u32,
    /// The time of one of its events, and all bits in which others differ from it.
    time: u64,
    differ: u64,
}

/// So many events are enough for a window. It is as cheap to prepare a few as one.
const ENOUGH: usize = 16;
const CHUNK: usize = 16;
const NONE: u32 = u32::MAX;

/// All but the last of a chain are full. Entries of a run take six cache lines.
#[derive(Clone, Debug)]
#[repr(align(64))]
struct Chunk<E>([Entry<E>; CHUNK]);

impl<E: Copy> Wheel<E> {
    pub(super) fn new() -> Wheel<E> {
        let empty = Bucket { head: NONE, tail: NONE, len: 0, time: 0, differ: 0 };
        Wheel {
            base: 0,
            len: 0,
            levels: 0,
            occupied: [[0; DIGITS / 64]; LEVELS],
            buckets: vec![empty; LEVELS * DIGITS],
            chunks: Vec::new(),
            next: Vec::new(),
            free: NONE,
        }
    }

    pub(super) fn len(&self) -> usize {
        self.len
    }

    /// No event may be before it.
    pub(super) fn base(&self) -> u64 {
        self.base
    }

    /// Moves the base of an empty wheel.
    pub(super) fn rebase(&mut self, base: u64) {
        assert_eq!(self.len, 0, "events lie as the base has them");
        self.base = base;
    }

    /// Puts an event in, not before the base. Inlined, so that an event goes from registers straight to its place.
    #[inline(always)]
    pub(super) fn push(&mut self, entry: Entry<E>) {
        let time = entry.at.as_micros();
        debug_assert!(time >= self.base, "{time} is before the wheel's base {}", self.base);
        // The lowest bit stands in for no difference at all: level 0.
        let level = ((time ^ self.base) | 1).ilog2() as usize / BITS;
        let digit = (time >> (level * BITS)) as usize % DIGITS;
        let place = level * DIGITS + digit;
        let slot = self.buckets[place].len as usize % CHUNK;
        if slot == 0 {
            self.extend(place, entry);
        }
        let bucket = &mut self.buckets[place];
        self.chunks[bucket.tail as usize].0[slot] = entry;
        bucket.len += 1;
        bucket.differ |= time ^ bucket.time;
        self.len += 1;
    }

    /// Gives a bucket whose chunks are full another one, for an event to come.
    #[inline(never)]
    fn extend(&mut self, place: usize, entry: Entry<E>) {
        let fresh = match self.next.get(self.free as usize) {
            Some(&next) => std::mem::replace(&mut self.free, next),
            None => self.grow(entry),
        };
        let bucket = &mut self.buckets[place];
        if bucket.len == 0 {
            (bucket.head, bucket.time, bucket.differ) = (fresh, entry.at.as_micros(), 0);
            let (level, digit) = (place / DIGITS, place % DIGITS);
            self.levels |= 1 << level;
            self.occupied[level][digit / 64] |= 1 << (digit % 64);
        } else {
            self.next[bucket.tail as usize] = fresh;
        }
        bucket.tail = fresh;
    }

    /// Makes the pool larger by a chunk.
    #[cold]
    fn grow(&mut self, entry: Entry<E>) -> u32 {
        self.chunks.push(Chunk([entry; CHUNK]));
        self.next.push(NONE);
        u32::try_from(self.chunks.len() - 1).expect("fewer than 2^32 chunks")
    }

    /// Appends the next events to `run`: whole buckets, of at most `few` events together or of one instant. Returns the last
    /// instant up to which the wheel holds none any more; `None` if it was empty.
    pub(super) fn take(&mut self, few: usize, run: &mut Vec<Entry<E>>) -> Option<u64> {
        while self.levels != 0 {
            let level = self.levels.trailing_zeros() as usize;
            let bucket = self.detach(level, self.first_digit(level));
            if bucket.len as usize <= few {
                return Some(self.gather(few, level, bucket, run));
            }
            if bucket.differ == 0 {
                self.drain(bucket, |_, entry| run.push(entry));
                return Some(bucket.time);
            }
            // Digits that all its events share need no level of their own.
            let parting = bucket.differ.ilog2() as usize / BITS * BITS;
            self.base = bucket.time >> parting >> BITS << BITS << parting;
            self.drain(bucket, |wheel, entry| wheel.push(entry));
        }
        None
    }

    /// Takes a bucket and, where buckets are sparse, some of those that follow.
    fn gather(&mut self, few: usize, level: usize, mut bucket: Bucket, run: &mut Vec<Entry<E>>) -> u64 {
        loop {
            let end = bucket.time | ((1 << (level * BITS)) - 1);
            self.drain(bucket, |_, entry| run.push(entry));
            if run.len() > ENOUGH || self.levels & (1 << level) == 0 {
                return end;
            }
            let digit = self.first_digit(level);
            if run.len() + self.buckets[level * DIGITS + digit].len as usize > few {
                return end;
            }
            bucket = self.detach(level, digit);
        }
    }

    /// How many chunks the pool has, in use and free.
    #[cfg(test)]
    pub(super) fn chunk_count(&self) -> usize {
        self.chunks.len()
    }

    fn first_digit(&self, level: usize) -> usize {
        let words = &self.occupied[level];
        let word = words.iter().position(|bits| *bits != 0).expect("a level that is marked has a bucket");
        word * 64 + words[word].trailing_zeros() as usize
    }

    /// Empties a bucket; its chain is for `drain`.
    fn detach(&mut self, level: usize, digit: usize) -> Bucket {
        let words = &mut self.occupied[level];
        words[digit / 64] &= !(1 << (digit % 64));
        if words.iter().all(|bits| *bits == 0) {
            self.levels &= !(1 << level);
        }
        let bucket = &mut self.buckets[level * DIGITS + digit];
        let detached = *bucket;
        bucket.len = 0;
        self.len -= detached.len as usize;
        detached
    }

    /// Hands over the events of a detached bucket in their order, and its chunks to the pool.
    #[inline(always)]
    fn drain(&mut self, bucket: Bucket, mut to: impl FnMut(&mut Wheel<E>, Entry<E>)) {
        let (mut left, mut index) = (bucket.len as usize, bucket.head);
        while left > 0 {
            let next = self.next[index as usize];
            let taken = left.min(CHUNK);
            left -= taken;
            if left > 0 {
                self.fetch(next);
            }
            for slot in 0..taken {
                let entry = self.chunks[index as usize].0[slot];
                to(self, entry);
            }
            self.next[index as usize] = std::mem::replace(&mut self.free, index);
            index = next;
        }
    }

    /// Fetches a chunk into the cache: by the time that a full bucket is wanted, most of it is there no more.
    fn fetch(&self, chunk: u32) {
        let Chunk(entries) = &self.chunks[chunk as usize];
        (0..CHUNK).step_by((64 / size_of::<Entry<E>>()).max(1)).for_each(|slot| prefetch_index(entries, slot));
    }
}
