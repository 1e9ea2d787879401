//! Who gets the next ticket of a lane: an index over its eligible users, by the keys of its policy (ASG-1 to ASG-5).
//!
//! A policy's keys that depend on the user alone are packed into a rank, smallest first, that ends with the listed
//! order; a [`MinTree`] of ranks gives the best one in O(1) and takes a change in O(log n). `last_agent` in first
//! place, `random` alone, `two_choices` and `rotation` have their own short ways. Key lists that need the ticket or
//! the clock in another way (`recent`, `proficiency`, `last_agent` or `random` among other keys) compare all eligible
//! users of the lane at each assignment.
//!
//! Most changes make a user come later: they got a ticket, or have one more to answer. So ranks in the tree are only
//! never greater than what they should be: a rank that fell is put in at once, one that rose, or that has no standing any
//! more, is put right when it surfaces as the least. What changes forth and back in between costs nothing, and nobody is
//! put right more often than they changed. Who alone is eligible, as where tickets wait, need not be in the tree at all.

use super::channel::Channel;
use super::queue::Lane;
use super::tree::{Absent, MinTree};
use super::user::{Quick, Seat, Standing, User, stamp};
use super::{ChannelId, Counts, Desk, Key, KeyKind, LaneId, Limit, Policy, Scope, Skill, UserId};
use crate::time::{Instant, Span};
use rustc_hash::FxHashMap;

/// How a lane's policy finds its choice.
#[derive(Clone, PartialEq, Debug)]
pub(super) enum Chooser {
    /// By rank: static keys; with `sticky`, the ticket's last assignee before them.
    Ranked { sticky: bool, keys: Vec<Key>, round_robin: bool },
    /// By rank of the row.
    Rotation,
    /// Any of the eligible.
    Random,
    /// The one with fewer pending of any two of the eligible.
    TwoChoices,
    /// By comparing all.
    Scan(Vec<Key>),
}

impl Chooser {
    pub(super) fn new(policy: &Policy) -> Chooser {
        let keys = match policy {
            Policy::Rotation => return Chooser::Rotation,
            Policy::TwoChoices => return Chooser::TwoChoices,
            Policy::Keys(keys) => keys,
        };
        // A key decides where it first stands; a second time it can tell nobody apart.
        let mut seen = Vec::new();
        let mut keys = keys.clone();
        keys.retain(|key| {
            !seen.contains(&key.kind) && {
                seen.push(key.kind);
                true
            }
        });
        let (sticky, rest) = match keys.split_first() {
            Some((first, rest)) if first.kind == KeyKind::LastAgent && first.largest_first => (true, rest),
            _ => (false, keys.as_slice()),
        };
        let dynamic = |key: &Key| {
            matches!(key.kind, KeyKind::LastAgent | KeyKind::Recent(_) | KeyKind::Proficiency | KeyKind::Random)
        };
        match rest {
            [key] if !sticky && key.kind == KeyKind::Random => Chooser::Random,
            rest if rest.iter().any(dynamic) => Chooser::Scan(keys),
            rest => {
                // The usual keys (ASG-2) have a short way.
                let round_robin = matches!(
                    rest,
                    [
                        Key { kind: KeyKind::Pending, largest_first: false },
                        Key { kind: KeyKind::SinceAssigned, largest_first: true }
                    ]
                );
                Chooser::Ranked { sticky, keys: rest.to_vec(), round_robin }
            }
        }
    }

    /// Whether the keys are the usual ones (ASG-2).
    #[inline]
    fn is_round_robin(&self) -> bool {
        matches!(self, Chooser::Ranked { round_robin: true, .. })
    }

    /// Where a user's standing hangs on the usual keys and on what they have open over all channels, if on anything: the
    /// channel's cap, or [`Limit::NONE`].
    pub(super) fn plain_cap(&self, limit: Option<Limit>) -> Option<u32> {
        let by_open = limit.is_none_or(|limit| limit.scope == Scope::User && limit.counts == Counts::Open);
        (self.is_round_robin() && by_open).then(|| limit.map_or(Limit::NONE, |limit| limit.max_open))
    }
}

/// The users of a lane who become eligible together: its own groups, or those of one overflow (QUE-9).
#[derive(Clone, Debug)]
pub(super) struct Tier {
    /// Eligible once the lane's head has waited this long.
    pub(super) after: Span,
    /// In listed order.
    pub(super) members: Vec<UserId>,
    /// How many are eligible (ASG-1).
    pub(super) eligible: u32,
    ranks: Ranks,
}

#[derive(Clone, Debug)]
enum Ranks {
    /// Keys that fit into a word with a bit to spare; the place in the tree tells the member.
    Slim(Order<u64, 8>),
    /// Keys that fit into 96 bits, and the user.
    Narrow(Order<u128, 4>),
    /// Up to three keys and the user.
    Wide(Order<[u64; 4], 4>),
    /// Any keys (there are fewer than 15 static ones) and the user.
    Widest(Order<[u64; 16], 4>),
    /// Just who is eligible, counted, so that the n-th is found.
    Set(CountedSet),
}

impl Tier {
    pub(super) fn new(after: Span, members: Vec<UserId>, chooser: &Chooser) -> Tier {
        let len = members.len();
        let ranks = match chooser {
            Chooser::Rotation => Ranks::Slim(Order::new(len)),
            Chooser::Ranked { keys, .. } if slim_bits(keys).is_some_and(|bits| bits < 64) => {
                Ranks::Slim(Order::new(len))
            }
            Chooser::Ranked { keys, .. } if keys.iter().map(bits).sum::<u32>() <= 96 => Ranks::Narrow(Order::new(len)),
            Chooser::Ranked { keys, .. } if keys.len() <= 3 => Ranks::Wide(Order::new(len)),
            Chooser::Ranked { .. } => Ranks::Widest(Order::new(len)),
            Chooser::Random | Chooser::TwoChoices | Chooser::Scan(_) => Ranks::Set(CountedSet::new(len)),
        };
        Tier { after, members, eligible: 0, ranks }
    }

    /// Notes whether a member is eligible, and says whether they were.
    #[inline]
    fn count(&mut self, seat: &mut Seat, eligible: bool) -> bool {
        let was = std::mem::replace(&mut seat.eligible, eligible);
        self.eligible = self.eligible + u32::from(eligible) - u32::from(was);
        was
    }

    /// A member of a plain lane is eligible or not, and has that rank; says whether they have become eligible.
    #[inline]
    fn stand(&mut self, seat: &mut Seat, eligible: bool, rank: u64) -> bool {
        let was = self.count(seat, eligible);
        let Ranks::Slim(order) = &mut self.ranks else { unreachable!("the usual keys fit into a word") };
        order.stand(seat.member, was, eligible, self.eligible > 1, || rank);
        eligible && !was
    }

    /// The same of any lane: the rank is told where it is needed.
    fn stand_by(&mut self, seat: &mut Seat, eligible: bool, person: &User, user: UserId, scale: &Scale<'_>) -> bool {
        let was = self.count(seat, eligible);
        let Seat { member, tier, .. } = *seat;
        let others = self.eligible > 1;
        match &mut self.ranks {
            Ranks::Slim(order) => order.stand(member, was, eligible, others, || scale.slim(person, user, tier)),
            Ranks::Narrow(order) => order.stand(member, was, eligible, others, || scale.narrow(person, user, tier)),
            Ranks::Wide(order) => order.stand(member, was, eligible, others, || scale.wide(person, user, tier)),
            Ranks::Widest(order) => order.stand(member, was, eligible, others, || scale.wide(person, user, tier)),
            Ranks::Set(set) => set.set(member as usize, eligible),
        }
        eligible && !was
    }

    /// What an eligible member is kept with, where ranks are slim.
    #[inline]
    fn kept(&self, member: u32) -> u64 {
        match &self.ranks {
            Ranks::Slim(order) => order.key(member),
            _ => unreachable!("only the usual keys have a short way"),
        }
    }

    /// The eligible member of least rank, with that rank widened so that ranks of tiers compare; somebody is eligible.
    #[inline(never)]
    fn least(
        &mut self,
        users: &[User],
        standings: &mut [Standing],
        lane: LaneId,
        scale: &Scale<'_>,
    ) -> ([u64; 16], UserId) {
        fn widened<const N: usize>(rank: [u64; N]) -> [u64; 16] {
            let mut wide = [0; 16];
            wide[..N].copy_from_slice(&rank);
            wide
        }
        fn least<K: Absent, const A: usize>(
            order: &mut Order<K, A>,
            members: &[UserId],
            users: &[User],
            lane: LaneId,
            rank: impl Fn(&User, UserId, u32) -> K,
        ) -> (u32, K) {
            order.least(|member, _| {
                let user = members[member as usize];
                let person = &users[user.index()];
                let seat = person.seat_in(lane);
                let rank = if seat.eligible { rank(person, user, seat.tier) } else { K::ABSENT };
                (rank, rank)
            })
        }
        let members = &self.members;
        let (member, rank) = match &mut self.ranks {
            Ranks::Slim(order) => {
                let (member, rank) = least_slim(order, members, users, standings, lane, scale);
                (member, widened([rank]))
            }
            Ranks::Narrow(order) => {
                let rank = |person: &User, user, tier| scale.narrow(person, user, tier);
                let (member, rank) = least(order, members, users, lane, rank);
                (member, widened([(rank >> 64) as u64, rank as u64]))
            }
            Ranks::Wide(order) => {
                let rank = |person: &User, user, tier| scale.wide(person, user, tier);
                let (member, rank) = least(order, members, users, lane, rank);
                (member, widened(rank))
            }
            Ranks::Widest(order) => {
                let rank = |person: &User, user, tier| scale.wide(person, user, tier);
                least(order, members, users, lane, rank)
            }
            Ranks::Set(_) => unreachable!("only ranked tiers have a least"),
        };
        (rank, members[member as usize])
    }

    /// The eligible member of least rank; somebody is eligible.
    #[inline]
    fn first(&mut self, users: &[User], standings: &mut [Standing], lane: LaneId, scale: &Scale<'_>) -> UserId {
        match &mut self.ranks {
            Ranks::Slim(Order { alone: Some((member, _)), .. }) => self.members[*member as usize],
            Ranks::Slim(order) => {
                self.members[least_slim(order, &self.members, users, standings, lane, scale).0 as usize]
            }
            _ => self.least(users, standings, lane, scale).1,
        }
    }

    /// The eligible members, in listed order, where they are kept as a set.
    fn eligible_members(&self) -> impl Iterator<Item = UserId> {
        let Ranks::Set(set) = &self.ranks else { unreachable!("ranked tiers tell the least alone") };
        set.iter().map(|member| self.members[member])
    }

    /// What must hold of a member's entry: it comes no later than it should, and a set holds the eligible.
    pub(super) fn audit(&self, seat: &Seat, person: &User, user: UserId, scale: &Scale<'_>) -> Result<(), String> {
        fn fits<K: Absent, const A: usize>(
            order: &Order<K, A>,
            seat: &Seat,
            eligible: u32,
            rank: impl Fn() -> K,
        ) -> bool {
            let alone_is_alone = match order.alone {
                Some((alone, _)) => eligible == 1 && (alone != seat.member || seat.eligible),
                None => true,
            };
            alone_is_alone && (!seat.eligible || order.key(seat.member) <= rank())
        }
        let fits = match &self.ranks {
            Ranks::Slim(order) => fits(order, seat, self.eligible, || scale.slim(person, user, seat.tier)),
            Ranks::Narrow(order) => fits(order, seat, self.eligible, || scale.narrow(person, user, seat.tier)),
            Ranks::Wide(order) => fits(order, seat, self.eligible, || scale.wide(person, user, seat.tier)),
            Ranks::Widest(order) => fits(order, seat, self.eligible, || scale.wide(person, user, seat.tier)),
            Ranks::Set(set) => set.contains(seat.member as usize) == seat.eligible,
        };
        if fits { Ok(()) } else { Err(format!("{user:?} is kept too far back in {seat:?}")) }
    }
}

impl User {
    fn seat_in(&self, lane: LaneId) -> &Seat {
        self.seats.iter().find(|seat| seat.lane == lane).expect("who is ranked has a seat")
    }

    /// How they stand in all lanes, where none keeps them with a greater rank than `kept`.
    #[inline]
    fn standing(&self, kept: u64) -> Standing {
        let is_short = self.available && self.open_weight < self.quick.under;
        Standing { rank: if is_short { round_robin(self) } else { Standing::LOOK }, kept }
    }

    /// What must hold of the short way to tell that nothing has changed.
    pub(super) fn audit_quick(&self, standing: Standing, lanes: &[Lane]) -> Result<(), String> {
        let (Quick { under, over, .. }, kept) = (self.quick, standing.kept);
        if standing.rank != Standing::LOOK && standing.rank != self.standing(kept).rank {
            return Err(format!("{self:?} stands as {standing:?}"));
        }
        if !self.available {
            // The short way is not taken.
            return Ok(());
        }
        let is_kept = |seat: &Seat| lanes[seat.lane.index()].tiers[seat.tier as usize].kept(seat.member) <= kept;
        let stands = self.open_weight >= under || self.seats.iter().all(|seat| seat.eligible && is_kept(seat));
        let falls = self.open_weight < over || self.seats.iter().all(|seat| !seat.eligible);
        if stands && falls { Ok(()) } else { Err(format!("{self:?} seems to stand otherwise than they do")) }
    }
}

fn least_slim(
    order: &mut Order<u64, 8>,
    members: &[UserId],
    users: &[User],
    standings: &mut [Standing],
    lane: LaneId,
    scale: &Scale<'_>,
) -> (u32, u64) {
    order.least(|member, kept| {
        let user = members[member as usize];
        // Where their standing tells, neither the user nor the seat need be looked at: they lie elsewhere.
        let standing = &mut standings[user.index()];
        let rank = if standing.rank != Standing::LOOK {
            debug_assert!(users[user.index()].seat_in(lane).eligible, "who has a short way is eligible");
            debug_assert_eq!(standing.rank, round_robin(&users[user.index()]), "a standing is up to date");
            standing.rank
        } else {
            let person = &users[user.index()];
            let seat = person.seat_in(lane);
            if seat.eligible { scale.slim(person, user, seat.tier) } else { u64::ABSENT }
        };
        // Who was assigned since has likely answered when they come round again: till then they are kept as if they had.
        let assigned_since = scale.chooser.is_round_robin() && rank != u64::ABSENT && (rank ^ kept) & TURNS != 0;
        let keep = if assigned_since { kept & !TURNS | rank & TURNS } else { rank };
        standing.kept = standing.kept.max(keep);
        (rank, keep)
    })
}

/// Ranks of a tier's members, of which the least are found.
#[derive(Clone, Debug)]
struct Order<K, const A: usize> {
    /// None greater than it should be.
    tree: MinTree<K, A>,
    /// The only eligible member, where they need not be in the tree, with a rank that is not greater than theirs.
    alone: Option<(u32, K)>,
}

impl<K: Absent, const A: usize> Order<K, A> {
    fn new(len: usize) -> Order<K, A> {
        Order { tree: MinTree::new(len), alone: None }
    }

    /// The rank that a member is kept with.
    fn key(&self, member: u32) -> K {
        match self.alone {
            Some((alone, rank)) if alone == member => rank,
            _ => self.tree.key(member as usize),
        }
    }

    /// A member was eligible or not and is or is not, now as the only one or beside others.
    #[inline]
    fn stand(&mut self, member: u32, was: bool, is: bool, others: bool, rank: impl FnOnce() -> K) {
        match (was, is) {
            (false, false) => {}
            (false, true) => self.enter(member, rank(), others),
            (true, true) => self.stay(member, rank()),
            (true, false) => {
                if matches!(self.alone, Some((alone, _)) if alone == member) {
                    self.alone = None;
                }
            }
        }
    }

    #[inline]
    fn enter(&mut self, member: u32, rank: K, others: bool) {
        if !others {
            self.alone = Some((member, rank));
            return;
        }
        if let Some((alone, rank)) = self.alone.take() {
            self.tree.set(alone as usize, rank);
        }
        if rank < self.tree.key(member as usize) {
            self.tree.set(member as usize, rank);
        }
    }

    #[inline]
    fn stay(&mut self, member: u32, rank: K) {
        match &mut self.alone {
            Some((alone, kept)) if *alone == member => *kept = rank.min(*kept),
            _ if rank < self.tree.key(member as usize) => self.tree.set(member as usize, rank),
            _ => {}
        }
    }

    /// The eligible member of least rank, of whom there are some, and that rank; of equals the first listed. `known` says of
    /// a member and what they are kept with what their rank is, and with what no greater one they are kept from now on:
    /// another than before, if that was not the rank.
    #[inline]
    fn least(&mut self, mut known: impl FnMut(u32, K) -> (K, K)) -> (u32, K) {
        if let Some((member, kept)) = self.alone {
            let (rank, keep) = known(member, kept);
            self.alone = Some((member, keep));
            return (member, rank);
        }
        loop {
            let member = self.tree.least_leaf() as u32;
            let kept = self.tree.least();
            let (rank, keep) = known(member, kept);
            if rank == kept {
                return (member, rank);
            }
            debug_assert!(keep > kept, "who is put right moves back");
            self.tree.set(member as usize, keep);
        }
    }
}

/// What the ranks of a lane's users go by.
#[derive(Clone, Copy)]
pub(super) struct Scale<'a> {
    chooser: &'a Chooser,
    row: &'a FxHashMap<UserId, u64>,
    limit: Option<Limit>,
    counts: &'a [(u32, u32)],
    channel: usize,
    channels: usize,
    today: u32,
}

impl<'a> Scale<'a> {
    /// The scale of a lane, apart from its tiers.
    pub(super) fn new(
        chooser: &'a Chooser,
        row: &'a FxHashMap<UserId, u64>,
        channel: ChannelId,
        channels: &[Channel],
        counts: &'a [(u32, u32)],
        today: u32,
    ) -> Scale<'a> {
        let limit = channels[channel.index()].limit;
        Scale { chooser, row, limit, counts, channel: channel.index(), channels: channels.len(), today }
    }

    /// CAP-1.
    #[inline]
    fn cap(&self, person: &User, user: UserId) -> (Option<u32>, u32) {
        cap_and_count(person, self.counts, self.channels, self.channel, user, self.limit)
    }

    /// The rank where keys fit into a word.
    #[inline]
    fn slim(&self, person: &User, user: UserId, tier: u32) -> u64 {
        if self.chooser.is_round_robin() { round_robin(person) } else { self.slim_by_keys(person, user, tier) }
    }

    #[inline(never)]
    fn slim_by_keys(&self, person: &User, user: UserId, tier: u32) -> u64 {
        match self.chooser {
            Chooser::Ranked { keys, .. } => keys.iter().fold(0, |rank, key| {
                let bits = slim(key).expect("the keys fit");
                rank << bits | self.slim_key(key, bits, person, tier)
            }),
            _ => self.row.get(&user).copied().unwrap_or(0),
        }
    }

    fn slim_key(&self, key: &Key, bits: u32, person: &User, tier: u32) -> u64 {
        let most = (1 << bits) - 1;
        let (value, as_instant) = match key.kind {
            KeyKind::SinceAssigned => (person.turn, true),
            kind => (value(kind, person, None, 0, tier, self.today), false),
        };
        // Since-keys are kept as instants: the earliest is the longest.
        let value = value.min(most);
        if key.largest_first == as_instant { value } else { most - value }
    }

    /// The rank where keys fit into 96 bits.
    fn narrow(&self, person: &User, user: UserId, tier: u32) -> u128 {
        let Chooser::Ranked { keys, .. } = self.chooser else { unreachable!("a row has slim ranks") };
        let rank =
            keys.iter().fold(0u128, |rank, key| rank << bits(key) | u128::from(self.key(key, person, user, tier)));
        rank << 32 | u128::from(user.0)
    }

    /// The rank with keys one a word, and the user in the last.
    fn wide<const N: usize>(&self, person: &User, user: UserId, tier: u32) -> [u64; N] {
        let Chooser::Ranked { keys, .. } = self.chooser else { unreachable!("a row has narrow ranks") };
        let mut rank = [0; N];
        keys.iter().zip(&mut rank).for_each(|(key, word)| *word = self.key(key, person, user, tier));
        rank[N - 1] = user.0.into();
        rank
    }

    fn key(&self, key: &Key, person: &User, user: UserId, tier: u32) -> u64 {
        let (cap, counted) = self.cap(person, user);
        oriented(key, value(key.kind, person, cap, counted, tier, self.today))
    }
}

/// A set of numbers below a bound that finds its n-th element: words of 64 and a Fenwick tree of their counts.
#[derive(Clone, Debug)]
struct CountedSet {
    words: Vec<u64>,
    /// Entry n, from 1, counts the words from n - (n & -n) to n - 1.
    counts: Vec<u32>,
}

impl CountedSet {
    fn new(len: usize) -> CountedSet {
        let words = len.div_ceil(64);
        CountedSet { words: vec![0; words], counts: vec![0; words + 1] }
    }

    fn contains(&self, number: usize) -> bool {
        self.words[number / 64] >> (number % 64) & 1 == 1
    }

    fn set(&mut self, number: usize, is_in: bool) {
        if self.contains(number) == is_in {
            return;
        }
        self.words[number / 64] ^= 1 << (number % 64);
        let mut place = number / 64 + 1;
        while place < self.counts.len() {
            self.counts[place] = if is_in { self.counts[place] + 1 } else { self.counts[place] - 1 };
            place += place & place.wrapping_neg();
        }
    }

    fn iter(&self) -> impl Iterator<Item = usize> {
        let elements = |(at, &word): (usize, &u64)| {
            let mut left = word;
            std::iter::from_fn(move || {
                let element = (left != 0).then(|| at * 64 + left.trailing_zeros() as usize)?;
                left &= left - 1;
                Some(element)
            })
        };
        self.words.iter().enumerate().flat_map(elements)
    }

    /// The element that `before` others precede.
    fn nth(&self, before: u32) -> usize {
        let mut left = before;
        let mut place = 0;
        let mut step = self.counts.len().next_power_of_two();
        while step > 0 {
            if place + step < self.counts.len() && self.counts[place + step] <= left {
                place += step;
                left -= self.counts[place];
            }
            step /= 2;
        }
        let mut word = self.words[place];
        for _ in 0..left {
            word &= word - 1;
        }
        place * 64 + word.trailing_zeros() as usize
    }
}

/// How many bits of a slim rank count assignments: no run comes to so many.
const TURN_BITS: u32 = 40;
const TURNS: u64 = (1 << TURN_BITS) - 1;
/// As many open tickets as one user can have in memory are fewer.
const COUNT: u32 = (1 << 23) - 1;

/// The rank by the usual keys (ASG-2).
#[inline]
fn round_robin(person: &User) -> u64 {
    u64::from(person.pending.min(COUNT)) << TURN_BITS | person.turn & TURNS
}

/// How many bits a key takes in a slim rank, if it has a place there.
fn slim(key: &Key) -> Option<u32> {
    match key.kind {
        KeyKind::SinceAssigned => Some(TURN_BITS),
        KeyKind::Pending | KeyKind::Open => Some(COUNT.count_ones()),
        KeyKind::AssignedToday | KeyKind::AssignedTotal | KeyKind::Tier => Some(32),
        _ => None,
    }
}

/// How many bits the keys take in a slim rank, if all have a place there.
fn slim_bits(keys: &[Key]) -> Option<u32> {
    keys.iter().map(slim).sum()
}

/// How many bits a key takes in a rank.
fn bits(key: &Key) -> u32 {
    match key.kind {
        KeyKind::Pending
        | KeyKind::Open
        | KeyKind::Spare
        | KeyKind::AssignedToday
        | KeyKind::AssignedTotal
        | KeyKind::Tier => 32,
        _ => 64,
    }
}

/// What a static key says of a user, as a number that fits into its bits; since-keys as the stamp of their instant.
fn value(kind: KeyKind, user: &User, cap: Option<u32>, counted: u32, tier: u32, today: u32) -> u64 {
    match kind {
        KeyKind::Pending => user.pending.into(),
        KeyKind::Open => user.open.into(),
        KeyKind::Load => cap.map_or(0, |cap| (u64::from(counted) << 31) / u64::from(cap)),
        KeyKind::Spare => cap.map_or(u32::MAX, |cap| cap.saturating_sub(counted)).into(),
        KeyKind::SinceAssigned => user.last_assigned,
        KeyKind::SinceAvailable => user.available_since,
        KeyKind::SinceClosed => user.last_closed,
        KeyKind::Idle if user.pending > 0 => u64::MAX - 1,
        KeyKind::Idle => user.idle_since,
        KeyKind::AssignedToday => (if user.day == today { user.assigned_on_day } else { 0 }).into(),
        KeyKind::AssignedTotal => user.assigned_total.into(),
        KeyKind::Tier => tier.into(),
        KeyKind::LastAgent | KeyKind::Recent(_) | KeyKind::Proficiency | KeyKind::Random => {
            unreachable!("not a static key")
        }
    }
}

/// A key's value turned so that the smallest comes first, within its bits.
fn oriented(key: &Key, value: u64) -> u64 {
    // Since-keys and idle are kept as instants: the earliest is the longest.
    let as_instant =
        matches!(key.kind, KeyKind::SinceAssigned | KeyKind::SinceAvailable | KeyKind::SinceClosed | KeyKind::Idle);
    if key.largest_first == as_instant {
        value
    } else if bits(key) == 32 {
        u64::from(u32::MAX) - value
    } else {
        u64::MAX - value
    }
}

/// A well-mixed hash of a few numbers (SplitMix64's finaliser after each).
pub(super) fn hash(numbers: &[u64]) -> u64 {
    numbers.iter().fold(0x9e37_79b9_7f4a_7c15, |state, &number| {
        let mut z = (state ^ number).wrapping_add(0x9e37_79b9_7f4a_7c15);
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    })
}

impl Desk {
    /// Brings a user's standing in all lanes up to date (ASG-1), and marks lanes that gained an eligible user.
    #[inline(always)]
    pub(super) fn touch(&mut self, user: UserId) {
        let person = &self.users[user.index()];
        let standing = &mut self.standings[user.index()];
        *standing = person.standing(standing.kept);
        let stands = standing.rank != Standing::LOOK && standing.rank >= standing.kept;
        if stands || person.available && person.open_weight >= person.quick.over {
            return;
        }
        self.look_at_lanes(user);
    }

    /// A user's standing has to be looked up in their lanes, until they are touched.
    pub(super) fn unsettle(&mut self, user: UserId) {
        self.users[user.index()].quick = Quick::NO;
        self.standings[user.index()] = Standing::UNKNOWN;
    }

    #[inline(never)]
    fn look_at_lanes(&mut self, user: UserId) {
        let Desk { users, standings, lanes, channels, counts, dirty, today, .. } = self;
        let person = &mut users[user.index()];
        let (available, open, own_cap, usual) =
            (person.available, person.open_weight, person.max_open, round_robin(person));
        // What is gathered of all lanes: the least and the greatest cap, and the greatest rank that they are kept with.
        let (mut plain, mut least, mut most, mut kept) = (true, u32::MAX, 0, 0);
        let mut eligible_in = 0;
        for at in 0..person.seats.len() {
            let lane = &mut lanes[person.seats[at].lane.index()];
            // ASG-1, for a member of the lane: enabled, in an assignable status, under the cap, where the system assigns.
            let (eligible, entered) = if let Some(cap) = lane.plain {
                let seat = &mut person.seats[at];
                let tier = &mut lane.tiers[seat.tier as usize];
                let cap = binding_cap(own_cap, cap).saturating_mul(1000);
                let eligible = available && open < cap;
                let entered = tier.stand(seat, eligible, usual);
                (least, most) = (least.min(cap), most.max(cap));
                if eligible {
                    kept = kept.max(tier.kept(seat.member));
                }
                (eligible, entered)
            } else {
                plain = false;
                let scale = Scale::new(&lane.chooser, &lane.row, lane.channel, channels, counts, *today);
                let mut seat = person.seats[at];
                let (cap, counted) = scale.cap(person, user);
                let has_room = cap.is_none_or(|cap| {
                    if counted > cap {
                        least = 0;
                    }
                    counted < cap
                });
                let eligible = lane.automatic && available && has_room;
                let entered = lane.tiers[seat.tier as usize].stand_by(&mut seat, eligible, person, user, &scale);
                person.seats[at] = seat;
                (eligible, entered)
            };
            if entered && !lane.is_dirty && !lane.waiting.is_empty() {
                lane.is_dirty = true;
                dirty.push(person.seats[at].lane);
            }
            eligible_in += usize::from(eligible);
        }
        person.quick = match eligible_in {
            // Every change of their tickets comes here again, so this holds for the present: `least` is 0 if they are over a cap.
            _ if !plain => Quick { cap: least, over_cap: least == 0, ..Quick::NO },
            all if all == person.seats.len() => Quick { under: least, cap: least, ..Quick::NO },
            0 => Quick { over: most, cap: least, ..Quick::NO },
            _ => Quick { cap: least, ..Quick::NO },
        };
        standings[user.index()] = person.standing(kept);
    }

    /// How many of a lane's tiers are open to its head: those whose users are eligible by now (QUE-9).
    pub(super) fn open_tiers(&self, lane: LaneId, waited: Span) -> usize {
        self.lanes[lane.index()].tiers.iter().take_while(|tier| tier.after <= waited).count()
    }

    /// Whom the policy gives the lane's head to; `None` if nobody is eligible.
    #[inline]
    pub(super) fn choose(&mut self, now: Instant, lane_id: LaneId, slot: u32) -> Option<UserId> {
        let ticket = &self.tickets[slot];
        let tiers = self.open_tiers(lane_id, now.since(ticket.wait_start));
        let lane = &self.lanes[lane_id.index()];
        let eligible: u32 = lane.tiers[..tiers].iter().map(|tier| tier.eligible).sum();
        if eligible == 0 {
            return None;
        }
        if ticket.last_assignee().is_none() {
            return Some(self.best(now, lane_id, slot, tiers, eligible));
        }
        let last = ticket.last_assignee().filter(|&last| self.is_eligible_in(last, lane_id, tiers));
        if let Some(last) = last {
            let sticky = matches!(lane.chooser, Chooser::Ranked { sticky: true, .. }) && !ticket.flags.avoids_last();
            if eligible == 1 || sticky || ticket.flags.sticky() {
                return Some(last);
            }
            if ticket.flags.avoids_last() {
                return Some(self.choose_but(now, lane_id, slot, tiers, last));
            }
        }
        Some(self.best(now, lane_id, slot, tiers, eligible))
    }

    fn is_eligible_in(&self, user: UserId, lane: LaneId, tiers: usize) -> bool {
        let seat = self.users[user.index()].seats.iter().find(|seat| seat.lane == lane);
        seat.is_some_and(|seat| seat.eligible && (seat.tier as usize) < tiers)
    }

    /// Chooses as if one eligible user were not (ASG-8).
    fn choose_but(&mut self, now: Instant, lane: LaneId, slot: u32, tiers: usize, but: UserId) -> UserId {
        let available = std::mem::replace(&mut self.users[but.index()].available, false);
        let dirty = self.dirty.len();
        self.touch(but);
        let eligible = self.lanes[lane.index()].tiers[..tiers].iter().map(|tier| tier.eligible).sum();
        let best = self.best(now, lane, slot, tiers, eligible);
        self.users[but.index()].available = available;
        self.touch(but);
        for lane in self.dirty.drain(dirty..) {
            self.lanes[lane.index()].is_dirty = false;
        }
        best
    }

    /// Who would be assigned a ticket of a channel if one came now, where that is soon told. Puts ranks right that are behind,
    /// as the assignment itself would, and changes nothing else.
    pub(crate) fn likely_assignee(&mut self, channel: ChannelId) -> Option<UserId> {
        let id = self.channels[channel.index()].lane;
        let lane = &self.lanes[id.index()];
        let tier = lane.tiers.first()?;
        (lane.plain.is_some() && tier.eligible > 0).then(|| self.first_ranked(id, 1))
    }

    /// The eligible user of least rank.
    #[inline(always)]
    fn first_ranked(&mut self, id: LaneId, open: usize) -> UserId {
        let Desk { users, standings, lanes, channels, counts, today, .. } = self;
        let Lane { channel, chooser, row, tiers, .. } = &mut lanes[id.index()];
        let scale = Scale::new(chooser, row, *channel, channels, counts, *today);
        match &mut tiers[..open] {
            [only] => only.first(users, standings, id, &scale),
            tiers => {
                let peopled = tiers.iter_mut().filter(|tier| tier.eligible > 0);
                peopled.map(|tier| tier.least(users, standings, id, &scale)).min().expect("somebody is eligible").1
            }
        }
    }

    #[inline(always)]
    fn best(&mut self, now: Instant, lane_id: LaneId, slot: u32, tiers: usize, eligible: u32) -> UserId {
        let lane = &self.lanes[lane_id.index()];
        match lane.chooser {
            Chooser::Ranked { .. } | Chooser::Rotation => self.first_ranked(lane_id, tiers),
            _ => self.best_unranked(now, lane_id, slot, tiers, eligible),
        }
    }

    #[inline(never)]
    fn best_unranked(&self, now: Instant, lane_id: LaneId, slot: u32, tiers: usize, eligible: u32) -> UserId {
        let lane = &self.lanes[lane_id.index()];
        let open = &lane.tiers[..tiers];
        let ticket = &self.tickets[slot];
        let chance = |salt: u64| hash(&[self.salt, ticket.number.into(), now.as_micros(), salt]);
        let nth = |mut before: u32| {
            for tier in open {
                if before < tier.eligible {
                    let Ranks::Set(set) = &tier.ranks else { unreachable!("chance draws from sets") };
                    return tier.members[set.nth(before)];
                }
                before -= tier.eligible;
            }
            unreachable!("fewer than `eligible` come before")
        };
        match &lane.chooser {
            Chooser::Ranked { .. } | Chooser::Rotation => unreachable!("ranks have told"),
            Chooser::Random => nth((chance(0) % u64::from(eligible)) as u32),
            Chooser::TwoChoices => {
                let first = (chance(0) % u64::from(eligible)) as u32;
                if eligible == 1 {
                    return nth(first);
                }
                // The second is any of the others.
                let second = (chance(1) % u64::from(eligible - 1)) as u32;
                let second = if second >= first { second + 1 } else { second };
                let pair = [nth(first.min(second)), nth(first.max(second))];
                pair.into_iter().min_by_key(|user| (self.users[user.index()].pending, *user)).expect("a pair")
            }
            Chooser::Scan(keys) => {
                let candidates =
                    (0..).zip(open).flat_map(|(number, tier)| tier.eligible_members().map(move |user| (user, number)));
                let mut best: Option<(UserId, u32)> = None;
                for candidate in candidates {
                    let better = best.is_none_or(|best| {
                        let key = |key: &Key, of: (UserId, u32)| self.scanned(key, of, now, lane.channel, slot);
                        let order = keys.iter().map(|each| key(each, candidate).cmp(&key(each, best)));
                        order.fold(std::cmp::Ordering::Equal, |all, next| all.then(next)).then(candidate.0.cmp(&best.0))
                            == std::cmp::Ordering::Less
                    });
                    if better {
                        best = Some(candidate);
                    }
                }
                best.expect("somebody is eligible").0
            }
        }
    }

    /// What any key says of a user for a ticket, turned so that the smallest comes first.
    fn scanned(
        &self,
        key: &Key,
        (user, tier): (UserId, u32),
        now: Instant,
        channel: super::ChannelId,
        slot: u32,
    ) -> i128 {
        let person = &self.users[user.index()];
        let ticket = &self.tickets[slot];
        let signed = |value: u64| if key.largest_first { -i128::from(value) } else { i128::from(value) };
        match key.kind {
            KeyKind::LastAgent => signed(u64::from(ticket.last_assignee() == Some(user))),
            KeyKind::Random => signed(hash(&[self.salt, ticket.number.into(), now.as_micros(), u64::from(user.0) + 2])),
            KeyKind::Recent(span) => {
                let since = now.as_micros().saturating_sub(span.as_micros());
                let recent = self.recent[user.index()].iter().filter(|at| at.as_micros() >= since).count();
                signed(recent as u64)
            }
            // The bits of positive floats stand in the order of the floats.
            KeyKind::Proficiency => signed(self.proficiency(user, self.tickets.id(slot), channel).to_bits()),
            _ => {
                let limit = self.channels[channel.index()].limit;
                let (cap, counted) =
                    cap_and_count(person, &self.counts, self.channels.len(), channel.index(), user, limit);
                oriented(key, value(key.kind, person, cap, counted, tier, self.today)).into()
            }
        }
    }

    /// The product of a user's factors that apply to a ticket.
    fn proficiency(&self, user: UserId, ticket: super::TicketId, channel: super::ChannelId) -> f64 {
        let fields = self.tickets.fields(ticket);
        let applies = |skill: &Skill| match *skill {
            Skill::Channel(of) => of == channel,
            Skill::Value(field, value) => fields[field.index()] == Some(value),
        };
        let factors = &self.proficiencies[user.index()];
        factors.iter().filter(|(skill, _)| applies(skill)).map(|(_, factor)| factor).product()
    }

    /// Notes an assignment in what policies look at (ASG-4).
    #[inline(always)]
    pub(super) fn note_assignment(&mut self, now: Instant, user: UserId) {
        let today = self.today;
        if self.assigned_at != stamp(now) {
            self.assigned_at = stamp(now);
            self.turn += 1;
        }
        let person = &mut self.users[user.index()];
        person.turn = self.turn;
        person.last_assigned = stamp(now);
        person.assigned_total += 1;
        if person.day != today {
            (person.day, person.assigned_on_day) = (today, 0);
        }
        person.assigned_on_day += 1;
        if let Some(longest) = self.longest_recent {
            let recent = &mut self.recent[user.index()];
            while recent.front().is_some_and(|&at| now.since(at) > longest) {
                recent.pop_front();
            }
            recent.push_back(now);
        }
    }
}

/// CAP-3: a user's own cap stands in place of the channel's.
#[inline]
fn binding_cap(own: u32, channel: u32) -> u32 {
    if own == Limit::NONE { channel } else { own }
}

/// What binds a user on a channel, if anything does, and what counts towards it, in thousandths (CAP-1 to CAP-3).
#[inline]
pub(super) fn cap_and_count(
    person: &User,
    counts: &[(u32, u32)],
    channels: usize,
    channel: usize,
    user: UserId,
    limit: Option<Limit>,
) -> (Option<u32>, u32) {
    let most = binding_cap(person.max_open, limit.map_or(Limit::NONE, |limit| limit.max_open));
    let cap = (most != Limit::NONE).then(|| most.saturating_mul(1000));
    let (open, pending) = match limit {
        Some(Limit { scope: Scope::Channel, .. }) => counts[user.index() * channels + channel],
        _ => (person.open_weight, person.pending_weight),
    };
    let counted = match limit {
        Some(Limit { counts: Counts::Pending, .. }) => pending,
        _ => open,
    };
    (cap, counted)
}
