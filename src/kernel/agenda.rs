//! The future-event list.

use super::wheel::Wheel;
use crate::time::Instant;
use std::cmp::Ordering;
use std::collections::{BinaryHeap, VecDeque};

/// Events to come, in one total order: (time, class, order of scheduling).
///
/// An event waits in the first of these places that its time admits; each is sorted as well as it needs to be:
///
/// ```text
///  at the present instant │ up to the window's end              │ later
///  `present`: a line for  │ `run`, in order, prepared at once   │ `wheel`: by the digits of their time
///  each class             │ `near`, a heap: what came since     │
/// ```
///
/// When run and heap are empty, the wheel gives the next few events, and with them the next window. Where a heap costs
/// the more the more is pending, here each event is placed, moved on once or twice and sorted among few. Nothing is
/// allocated once warm, but where many events of several classes meet at one instant; and there is nothing to tune.
#[derive(Clone, Debug)]
pub struct Agenda<E> {
    now: Instant,
    scheduled: u64,
    /// By class; all at `now`, and all scheduled at it, so after whatever else is due then in their class.
    present: Vec<VecDeque<E>>,
    /// One bit per class that has events in `present`.
    present_classes: [u64; 4],
    present_len: usize,
    /// Ascending; those before `run_next` are done.
    run: Vec<Entry<E>>,
    run_next: usize,
    near: BinaryHeap<Late<E>>,
    /// The last instant whose events go to `near`; all in the wheel are later.
    window_end: u64,
    wheel: Wheel<E>,
}

/// An event in the wheel or in the run, where those of one time and class lie in the order of scheduling.
#[derive(Clone, Copy, Debug)]
pub(super) struct Entry<E> {
    pub(super) at: Instant,
    /// The class in the highest eight bits; below, while a few are sorted, the place where it lay.
    rank: u32,
    event: E,
}

/// An event in a heap, where the order of scheduling must be told.
#[derive(Clone, Copy, Debug)]
struct Late<E> {
    at: Instant,
    /// The class in the highest eight bits, the order of scheduling below.
    rank: u64,
    event: E,
}

/// What is known of the next event before it is taken.
#[derive(Clone, Copy)]
struct Next {
    at: Instant,
    class: u8,
    in_run: bool,
}

/// So many events are sorted at once rather than parted by one more digit; up to four times as many where a lot is pending.
const FEW: usize = 64;

impl<E: Copy> Agenda<E> {
    /// An agenda without events, at the run's start.
    pub fn new() -> Agenda<E> {
        Agenda {
            now: Instant::ZERO,
            scheduled: 0,
            present: Vec::new(),
            present_classes: [0; 4],
            present_len: 0,
            run: Vec::new(),
            run_next: 0,
            near: BinaryHeap::new(),
            window_end: u64::MAX,
            wheel: Wheel::new(),
        }
    }

    /// The present: the instant of the event popped last, or that the clock was moved to since.
    pub fn now(&self) -> Instant {
        self.now
    }

    /// Moves the clock on, where something happens that is not on the agenda.
    ///
    /// # Panics
    /// If that would be back in time, or past an event that is due.
    pub fn advance(&mut self, now: Instant) {
        assert!(now >= self.now, "the clock cannot go back from {:?} to {now:?}", self.now);
        assert!(self.peek().is_none_or(|due| due >= now), "an event is due before {now:?}");
        self.now = now;
    }

    /// Schedules an event at `at`, not before [`Agenda::now`]; at one instant lower classes go first.
    ///
    /// # Panics
    /// If `at` is in the past.
    #[inline]
    pub fn schedule(&mut self, at: Instant, class: u8, event: E) {
        assert!(at >= self.now, "an event at {at:?} cannot be scheduled at {:?}", self.now);
        if at == self.now {
            return self.schedule_now(class, event);
        }
        if at.as_micros() > self.window_end {
            self.wheel.push(Entry::new(at, class, event));
        } else {
            self.scheduled += 1;
            self.near.push(Late { at, rank: u64::from(class) << 56 | self.scheduled, event });
            if self.near.len() > FEW.max(self.run.len() - self.run_next) {
                self.narrow_window();
            }
        }
    }

    /// When the next event is due.
    #[inline]
    pub fn peek(&mut self) -> Option<Instant> {
        if self.present_len > 0 { Some(self.now) } else { self.next_entry().map(|next| next.at) }
    }

    /// Takes the next event.
    pub fn pop(&mut self) -> Option<(Instant, E)> {
        self.pop_by(Instant::MAX)
    }

    /// Takes the next event if it is due by `limit`.
    #[inline]
    pub fn pop_by(&mut self, limit: Instant) -> Option<(Instant, E)> {
        let next = self.next_entry();
        if self.present_len > 0 {
            let class = self.present_class();
            // What was scheduled for this instant before it came precedes what was scheduled at it, within a class.
            if next.is_none_or(|next| next.at > self.now || usize::from(next.class) > class) {
                return (self.now <= limit).then(|| (self.now, self.pop_present(class)));
            }
        }
        let next = next.filter(|next| next.at <= limit)?;
        self.now = next.at;
        if next.in_run {
            self.run_next += 1;
            Some((next.at, self.run[self.run_next - 1].event))
        } else {
            self.near.pop().map(|late| (next.at, late.event))
        }
    }

    /// Takes the next event if it is due at the present and of that class.
    pub fn pop_present_of(&mut self, class: u8) -> Option<E> {
        let next = self.next_entry().filter(|next| next.at == self.now).map(|next| usize::from(next.class));
        let present = (self.present_len > 0).then(|| self.present_class());
        let first = next.into_iter().chain(present).min()?;
        if first == usize::from(class) { self.pop_by(self.now).map(|(_, event)| event) } else { None }
    }

    /// The event that many places after the next one, as far as the order is prepared: what is scheduled meanwhile may come
    /// before it. Whoever gets ready for it must be right without.
    #[inline]
    pub fn ahead(&self, places: usize) -> Option<&E> {
        self.run.get(self.run_next + places).map(|entry| &entry.event)
    }

    /// How many events are to come.
    pub fn len(&self) -> usize {
        self.present_len + self.run.len() - self.run_next + self.near.len() + self.wheel.len()
    }

    /// Whether no event is to come.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The next event apart from `present`.
    #[inline(always)]
    fn next_entry(&mut self) -> Option<Next> {
        loop {
            let near = self.near.peek().map(|late| Next { at: late.at, class: late.class(), in_run: false });
            let run =
                self.run.get(self.run_next).map(|entry| Next { at: entry.at, class: entry.class(), in_run: true });
            match (run, near) {
                // What is near was scheduled after what is in the run.
                (Some(run), Some(near)) if near.key() < run.key() => return Some(near),
                (None, None) if self.wheel.len() == 0 => return None,
                (None, None) => self.open_window(),
                (run, near) => return run.or(near),
            }
        }
    }

    /// Takes the wheel's next events into an empty run.
    #[inline(never)]
    fn open_window(&mut self) {
        self.run.clear();
        self.run_next = 0;
        // What is scheduled into the window goes through the heap: it is to hold but a part of what is to come.
        let few = (self.wheel.len() / 8).clamp(FEW, 4 * FEW);
        let end = self.wheel.take(few, &mut self.run).expect("the wheel is not empty");
        if self.run.len() <= few {
            (0..).zip(&mut self.run).for_each(|(place, entry)| entry.rank |= place);
            self.run.sort_unstable_by_key(Entry::key);
        } else if !self.run.is_sorted_by_key(Entry::class) {
            self.run.sort_by_key(Entry::class);
        }
        self.window_end = if self.wheel.len() == 0 { u64::MAX } else { end };
    }

    /// Gives all events up to the window's end back to the wheel, so that they part by lower digits: so many came since it
    /// was opened that the heap is no longer small.
    #[cold]
    #[inline(never)]
    fn narrow_window(&mut self) {
        if self.wheel.len() == 0 {
            self.wheel.rebase(self.now.as_micros());
        }
        // A look ahead may have moved the base past the present; what came before it since must stay in the heap.
        if self.near.peek().is_some_and(|entry| entry.at.as_micros() < self.wheel.base()) {
            return;
        }
        let run = self.run.drain(self.run_next..);
        run.for_each(|entry| self.wheel.push(Entry::new(entry.at, entry.class(), entry.event)));
        let mut near = std::mem::take(&mut self.near).into_vec();
        near.sort_unstable_by_key(Late::key);
        near.drain(..).for_each(|late| self.wheel.push(Entry::new(late.at, late.class(), late.event)));
        self.near = near.into();
        self.open_window();
    }

    #[inline(never)]
    fn schedule_now(&mut self, class: u8, event: E) {
        let class = usize::from(class);
        if self.present.len() <= class {
            self.present.resize_with(class + 1, VecDeque::new);
        }
        self.present[class].push_back(event);
        self.present_classes[class / 64] |= 1 << (class % 64);
        self.present_len += 1;
    }

    /// The lowest class that has events in `present`, which is not empty.
    fn present_class(&self) -> usize {
        let word = self.present_classes.iter().position(|bits| *bits != 0).expect("some class has events");
        word * 64 + self.present_classes[word].trailing_zeros() as usize
    }

    fn pop_present(&mut self, class: usize) -> E {
        let line = &mut self.present[class];
        let event = line.pop_front().expect("a class that is marked has events");
        if line.is_empty() {
            self.present_classes[class / 64] &= !(1 << (class % 64));
        }
        self.present_len -= 1;
        event
    }
}

impl<E: Copy> Default for Agenda<E> {
    fn default() -> Agenda<E> {
        Agenda::new()
    }
}

impl<E> Entry<E> {
    #[inline]
    fn new(at: Instant, class: u8, event: E) -> Entry<E> {
        Entry { at, rank: u32::from(class) << 24, event }
    }

    #[inline]
    fn key(&self) -> (Instant, u32) {
        (self.at, self.rank)
    }

    #[inline]
    fn class(&self) -> u8 {
        (self.rank >> 24) as u8
    }
}

impl Next {
    #[inline]
    fn key(&self) -> (Instant, u8) {
        (self.at, self.class)
    }
}

impl<E> Late<E> {
    #[inline]
    fn key(&self) -> (Instant, u64) {
        (self.at, self.rank)
    }

    #[inline]
    fn class(&self) -> u8 {
        (self.rank >> 56) as u8
    }
}

impl<E> Ord for Late<E> {
    /// The earliest is the greatest: a heap gives the greatest first.
    #[inline]
    fn cmp(&self, other: &Late<E>) -> Ordering {
        other.key().cmp(&self.key())
    }
}

impl<E> PartialOrd for Late<E> {
    #[inline]
    fn partial_cmp(&self, other: &Late<E>) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl<E> PartialEq for Late<E> {
    fn eq(&self, other: &Late<E>) -> bool {
        self.key() == other.key()
    }
}

impl<E> Eq for Late<E> {}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::cmp::Reverse;

    /// The obvious twin.
    #[derive(Default)]
    struct Twin {
        heap: BinaryHeap<Reverse<(Instant, u8, u32)>>,
    }

    #[test]
    fn events_may_be_larger_than_a_cache_line() {
        let mut agenda = Agenda::new();
        let at = |number: u64| Instant::from_micros(1_000_000 + 7 * number % 300);
        (0..300).for_each(|number| agenda.schedule(at(number), 0, [number; 8]));
        let mut taken = Vec::new();
        while let Some((now, [number, ..])) = agenda.pop() {
            assert_eq!(now, at(number));
            taken.push((now, number));
        }
        assert!(taken.len() == 300 && taken.is_sorted(), "{taken:?}");
    }

    /// What a test does: schedule so many events that long after the present, look, take so many, or let time pass.
    #[derive(Clone, Debug)]
    enum Move {
        Schedule { delay: u64, class: u8, times: u32 },
        Peek,
        Pop { times: u32 },
        Advance { share: u8 },
    }

    /// Plays the moves on both, comparing all that can be seen, and empties them in the end.
    fn check(moves: &[Move]) {
        let mut agenda = Agenda::new();
        let mut twin = Twin::default();
        let mut number = 0;
        let pop = |agenda: &mut Agenda<u32>, twin: &mut Twin| {
            let expected = twin.heap.pop().map(|Reverse((at, _, event))| (at, event));
            assert_eq!(agenda.pop(), expected);
            if let Some((at, _)) = expected {
                assert_eq!(agenda.now(), at);
            }
            assert_eq!((agenda.len(), agenda.is_empty()), (twin.heap.len(), twin.heap.is_empty()));
        };
        for step in moves {
            match *step {
                Move::Schedule { delay, class, times } => {
                    let at = Instant::from_micros(agenda.now().as_micros().saturating_add(delay));
                    for _ in 0..times {
                        agenda.schedule(at, class, number);
                        twin.heap.push(Reverse((at, class, number)));
                        number += 1;
                    }
                }
                Move::Peek => {
                    assert_eq!(agenda.peek(), twin.heap.peek().map(|Reverse((at, ..))| *at));
                }
                Move::Pop { times } => (0..times).for_each(|_| pop(&mut agenda, &mut twin)),
                Move::Advance { share } => {
                    let now = agenda.now().as_micros();
                    if let Some(Reverse((due, ..))) = twin.heap.peek() {
                        let ahead = (due.as_micros() - now) as u128 * u128::from(share) / 255;
                        agenda.advance(Instant::from_micros(now + ahead as u64));
                    }
                }
            }
        }
        while !twin.heap.is_empty() {
            pop(&mut agenda, &mut twin);
        }
        assert_eq!((agenda.pop(), agenda.peek()), (None, None));
    }

    fn any_delay() -> impl Strategy<Value = u64> {
        prop_oneof![
            3 => Just(0),
            3 => 0u64..4,
            3 => 0u64..300,
            3 => 0u64..100_000,
            3 => 0u64..3_600_000_000,
            1 => any::<u64>(),
            1 => Just(u64::MAX),
            // Round figures meet at one instant.
            3 => (0u64..5).prop_map(|minutes| minutes * 60_000_000),
        ]
    }

    fn any_move() -> impl Strategy<Value = Move> {
        prop_oneof![
            6 => (any_delay(), prop_oneof![Just(0u8), 0u8..4, any::<u8>()], prop_oneof![4 => Just(1u32), 1 => 1u32..200])
                .prop_map(|(delay, class, times)| Move::Schedule { delay, class, times }),
            2 => Just(Move::Peek),
            4 => prop_oneof![3 => 1u32..3, 1 => 1u32..150].prop_map(|times| Move::Pop { times }),
            1 => any::<u8>().prop_map(|share| Move::Advance { share }),
        ]
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(400))]
        #[test]
        fn the_order_is_that_of_a_heap(moves in prop::collection::vec(any_move(), 1..120)) {
            check(&moves);
        }
    }

    /// A long hold model, with delays on many scales.
    fn hold(pending: u32, scales: &[u64], times: u32) {
        let mut moves = Vec::new();
        let mut random = crate::kernel::Streams::new(5, 0).stream(0, u64::from(pending), 0);
        let mut schedule = |moves: &mut Vec<Move>| {
            let scale = scales[random.bits() as usize % scales.len()];
            moves.push(Move::Schedule { delay: random.bits() % scale, class: (random.bits() % 3) as u8, times: 1 });
        };
        (0..pending).for_each(|_| schedule(&mut moves));
        for _ in 0..times {
            moves.push(Move::Pop { times: 1 });
            schedule(&mut moves);
        }
        check(&moves);
    }

    #[test]
    fn long_runs_keep_their_order() {
        hold(10, &[1000], 10_000);
        hold(1_000, &[600_000_000], 20_000);
        hold(20_000, &[600_000_000], 60_000);
        hold(3_000, &[1, 1_000, 1_000_000, 86_400_000_000], 30_000);
        hold(5_000, &[50], 20_000);
    }

    #[test]
    fn at_one_instant_classes_come_in_order_and_each_in_order_of_scheduling() {
        let mut agenda = Agenda::new();
        let nine = Instant::from_micros(32_400_000_000);
        for (class, event) in [(2, 'c'), (0, 'a'), (2, 'd'), (1, 'b')] {
            agenda.schedule(nine, class, event);
        }
        assert_eq!(agenda.pop(), Some((nine, 'a')));
        // Scheduled without delay: a class already past goes next, others behind their like.
        agenda.schedule(nine, 0, 'A');
        agenda.schedule(nine, 2, 'e');
        agenda.schedule(nine, 1, 'B');
        let rest: String = std::iter::from_fn(|| agenda.pop()).map(|(_, event)| event).collect();
        assert_eq!(rest, "AbBcde");
    }

    #[test]
    fn a_look_ahead_does_not_bind() {
        let mut agenda = Agenda::new();
        for event in 0..1000 {
            agenda.schedule(Instant::from_micros(1_000_000 + event), 0, event);
        }
        assert_eq!(agenda.peek(), Some(Instant::from_micros(1_000_000)));
        // The present is still long before what was seen.
        let earlier: Vec<u64> = (0..500).map(|index| 900_000 - index * 1_001 % 777).collect();
        for at in &earlier {
            agenda.schedule(Instant::from_micros(*at), 0, *at);
        }
        let mut expected = earlier;
        expected.sort_unstable();
        expected.extend(0..1000);
        let popped: Vec<u64> = std::iter::from_fn(|| agenda.pop()).map(|(_, event)| event).collect();
        assert_eq!(popped, expected);
    }

    #[test]
    fn memory_follows_what_is_pending() {
        // A million events pass through, a hundred at a time.
        let mut agenda = Agenda::new();
        (0..100).for_each(|event| agenda.schedule(Instant::from_micros(event * 1_000_003), 0, event));
        for _ in 0..1_000_000 {
            let (now, event) = agenda.pop().unwrap();
            agenda.schedule(Instant::from_micros(now.as_micros() + 100_000_300), 0, event);
        }
        assert!(agenda.wheel.chunk_count() <= 101, "{} chunks", agenda.wheel.chunk_count());
        assert!(agenda.run.capacity() <= 4 * FEW && agenda.near.capacity() <= 4 * FEW);
    }

    #[test]
    #[should_panic(expected = "cannot be scheduled")]
    fn the_past_is_past() {
        let mut agenda = Agenda::new();
        agenda.schedule(Instant::from_micros(5), 0, ());
        agenda.pop();
        agenda.schedule(Instant::from_micros(4), 0, ());
    }

    #[test]
    #[should_panic(expected = "due before")]
    fn the_clock_cannot_pass_an_event() {
        let mut agenda = Agenda::new();
        agenda.schedule(Instant::from_micros(5), 0, ());
        agenda.advance(Instant::from_micros(6));
    }
}
