//! Who gets the next ticket of a lane: an index over its eligible users, by the keys of its policy (ASG-1 to ASG-5).
//!
//! A policy's keys that depend on the user alone are packed into a rank, smallest first, that ends with the listed
//! order; a [`MinTree`] of ranks gives the best one in O(1) and takes a change in O(log n). `last_agent` in first
//! place, `random` alone, `two_choices` and `rotation` have their own short ways. Key lists that need the ticket or
//! the clock in another way (`recent`, `proficiency`, `last_agent` or `random` among other keys) compare all eligible
//! users of the lane at each assignment.

use super::tree::{Absent, MinTree};
use super::user::{User, stamp};
use super::{Desk, Key, KeyKind, Limit, Policy, Scope, Skill, UserId};
use crate::time::{Instant, Span};

/// How a lane's policy finds its choice.
#[derive(Clone, PartialEq, Debug)]
pub(super) enum Chooser {
    /// By rank: static keys; with `sticky`, the ticket's last assignee before them.
    Ranked { sticky: bool, keys: Vec<Key> },
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
            rest => Chooser::Ranked { sticky, keys: rest.to_vec() },
        }
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
    /// Two keys that fit into 96 bits, and the member.
    Narrow(MinTree<u128>),
    /// Up to three keys and the member.
    Wide(MinTree<[u64; 4]>),
    /// Any keys (there are fewer than 15 static ones) and the member.
    Widest(MinTree<[u64; 16]>),
    /// Just who is eligible, counted, so that the n-th is found.
    Set(CountedSet),
}

impl Tier {
    pub(super) fn new(after: Span, members: Vec<UserId>, chooser: &Chooser) -> Tier {
        let len = members.len();
        let ranks = match chooser {
            Chooser::Rotation => Ranks::Narrow(MinTree::new(len)),
            Chooser::Ranked { keys, .. } if keys.iter().map(bits).sum::<u32>() <= 96 => {
                Ranks::Narrow(MinTree::new(len))
            }
            Chooser::Ranked { keys, .. } if keys.len() <= 3 => Ranks::Wide(MinTree::new(len)),
            Chooser::Ranked { .. } => Ranks::Widest(MinTree::new(len)),
            Chooser::Random | Chooser::TwoChoices | Chooser::Scan(_) => Ranks::Set(CountedSet::new(len)),
        };
        Tier { after, members, eligible: 0, ranks }
    }

    /// Whether a member is eligible.
    pub(super) fn is_eligible(&self, member: usize) -> bool {
        match &self.ranks {
            Ranks::Narrow(tree) => !tree.key(member).is_absent(),
            Ranks::Wide(tree) => !tree.key(member).is_absent(),
            Ranks::Widest(tree) => !tree.key(member).is_absent(),
            Ranks::Set(set) => set.contains(member),
        }
    }

    /// The eligible members, in listed order.
    pub(super) fn eligible_members(&self) -> impl Iterator<Item = UserId> {
        self.members.iter().enumerate().filter(|&(member, _)| self.is_eligible(member)).map(|(_, &user)| user)
    }

    /// The member of best rank.
    fn best_user(&self) -> Option<UserId> {
        match &self.ranks {
            Ranks::Narrow(tree) => Some(tree.least()).filter(|rank| !rank.is_absent()).map(|rank| UserId(rank as u32)),
            _ => self.best().map(|(_, user)| user),
        }
    }

    /// The member of best rank, with its rank widened so that ranks of tiers compare.
    fn best(&self) -> Option<([u64; 16], UserId)> {
        let mut wide = [0; 16];
        let member = match &self.ranks {
            Ranks::Narrow(tree) => {
                let rank = tree.least();
                (wide[0], wide[1]) = ((rank >> 64) as u64, rank as u64);
                (!rank.is_absent()).then_some(rank as u32)
            }
            Ranks::Wide(tree) => {
                let rank = tree.least();
                wide[..4].copy_from_slice(&rank);
                (!rank.is_absent()).then_some(rank[3] as u32)
            }
            Ranks::Widest(tree) => {
                wide = tree.least();
                (!wide.is_absent()).then_some(wide[15] as u32)
            }
            Ranks::Set(_) => unreachable!("only ranked tiers have a best"),
        }?;
        Some((wide, UserId(member)))
    }
}

impl Ranks {
    /// A member who is not eligible.
    fn clear(&mut self, member: usize) {
        match self {
            Ranks::Narrow(tree) => tree.set(member, Absent::ABSENT),
            Ranks::Wide(tree) => tree.set(member, Absent::ABSENT),
            Ranks::Widest(tree) => tree.set(member, Absent::ABSENT),
            Ranks::Set(set) => set.set(member, false),
        }
    }

    /// A member who is, by what the keys say of them.
    fn set(&mut self, member: usize, user: UserId, keys: &[Key], key: impl Fn(&Key) -> u64) {
        match self {
            Ranks::Narrow(tree) => {
                let rank = keys.iter().fold(0u128, |rank, each| rank << bits(each) | u128::from(key(each)));
                tree.set(member, rank << 32 | u128::from(user.0));
            }
            Ranks::Wide(tree) => tree.set(member, wide(user, keys, key)),
            Ranks::Widest(tree) => tree.set(member, wide(user, keys, key)),
            Ranks::Set(set) => set.set(member, true),
        }
    }

    /// A member who is, at a place in a row.
    fn stand(&mut self, member: usize, user: UserId, place: u64) {
        let Ranks::Narrow(tree) = self else { unreachable!("a row has narrow ranks") };
        tree.set(member, u128::from(place) << 32 | u128::from(user.0));
    }
}

/// Keys one a word, and the user in the last.
fn wide<const N: usize>(user: UserId, keys: &[Key], key: impl Fn(&Key) -> u64) -> [u64; N] {
    let mut rank = [0; N];
    keys.iter().zip(&mut rank).for_each(|(each, word)| *word = key(each));
    rank[N - 1] = user.0.into();
    rank
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
    /// Brings a user's entries in all indexes up to date (ASG-1), and marks lanes that gained an eligible user.
    pub(super) fn touch(&mut self, user: UserId) {
        let Desk { users, lanes, channels, counts, dirty, today, .. } = self;
        let person = &users[user.index()];
        for seat in &person.seats {
            let lane = &mut lanes[seat.lane.index()];
            let (tier, member) = (&mut lane.tiers[seat.tier as usize], seat.member as usize);
            let was = tier.is_eligible(member);
            // ASG-1, for a member of the lane: enabled, in an assignable status, under the cap, where the system assigns.
            let capped = (lane.automatic && person.available).then(|| {
                let limit = channels[lane.channel.index()].limit;
                cap_and_count(person, counts, channels.len(), lane.channel.index(), user, limit)
            });
            let Some((cap, counted)) = capped.filter(|&(cap, counted)| cap.is_none_or(|cap| counted < cap)) else {
                if was {
                    tier.ranks.clear(member);
                    tier.eligible -= 1;
                }
                continue;
            };
            let key = |key: &Key| oriented(key, value(key.kind, person, cap, counted, seat.tier, *today));
            match &lane.chooser {
                Chooser::Ranked { keys, .. } => tier.ranks.set(member, user, keys, key),
                Chooser::Rotation => tier.ranks.stand(member, user, lane.row.get(&user).copied().unwrap_or(0)),
                Chooser::Random | Chooser::TwoChoices | Chooser::Scan(_) => tier.ranks.set(member, user, &[], key),
            }
            if !was {
                tier.eligible += 1;
                if !lane.is_dirty && !lane.waiting.is_empty() {
                    lane.is_dirty = true;
                    dirty.push(seat.lane);
                }
            }
        }
    }

    /// How many of a lane's tiers are open to its head: those whose users are eligible by now (QUE-9).
    pub(super) fn open_tiers(&self, lane: super::LaneId, waited: Span) -> usize {
        self.lanes[lane.index()].tiers.iter().take_while(|tier| tier.after <= waited).count()
    }

    /// Whom the policy gives the lane's head to; `None` if nobody is eligible.
    pub(super) fn choose(&mut self, now: Instant, lane_id: super::LaneId, slot: u32) -> Option<UserId> {
        let ticket = &self.tickets[slot];
        let tiers = self.open_tiers(lane_id, now.since(ticket.wait_start));
        let lane = &self.lanes[lane_id.index()];
        let eligible: u32 = lane.tiers[..tiers].iter().map(|tier| tier.eligible).sum();
        if eligible == 0 {
            return None;
        }
        let last = ticket.last_assignee.filter(|&last| self.is_eligible_in(last, lane_id, tiers));
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

    fn is_eligible_in(&self, user: UserId, lane: super::LaneId, tiers: usize) -> bool {
        let seat = self.users[user.index()].seats.iter().find(|seat| seat.lane == lane);
        seat.is_some_and(|seat| {
            (seat.tier as usize) < tiers
                && self.lanes[lane.index()].tiers[seat.tier as usize].is_eligible(seat.member as usize)
        })
    }

    /// Chooses as if one eligible user were not (ASG-8).
    fn choose_but(&mut self, now: Instant, lane: super::LaneId, slot: u32, tiers: usize, but: UserId) -> UserId {
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

    fn best(&self, now: Instant, lane_id: super::LaneId, slot: u32, tiers: usize, eligible: u32) -> UserId {
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
            Chooser::Ranked { .. } | Chooser::Rotation => {
                let best = match open {
                    [only] => only.best_user(),
                    tiers => tiers.iter().filter_map(Tier::best).min().map(|(_, user)| user),
                };
                best.expect("somebody is eligible")
            }
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
            KeyKind::LastAgent => signed(u64::from(ticket.last_assignee == Some(user))),
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
    pub(super) fn note_assignment(&mut self, now: Instant, user: UserId) {
        let today = self.today;
        let person = &mut self.users[user.index()];
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

/// What binds a user on a channel, if anything does, and what counts towards it, in thousandths (CAP-1 to CAP-3).
pub(super) fn cap_and_count(
    person: &User,
    counts: &[(u32, u32)],
    channels: usize,
    channel: usize,
    user: UserId,
    limit: Option<Limit>,
) -> (Option<u32>, u32) {
    let most = limit.map_or(u32::MAX, |limit| limit.max_open).min(person.max_open);
    let cap = (most != u32::MAX).then(|| most.saturating_mul(1000));
    let (open, pending) = match limit {
        Some(Limit { scope: Scope::Channel, .. }) => counts[user.index() * channels + channel],
        _ => (person.open_weight, person.pending_weight),
    };
    let counted = match limit {
        Some(Limit { counts: super::Counts::Pending, .. }) => pending,
        _ => open,
    };
    (cap, counted)
}
