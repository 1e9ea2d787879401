//! Who is eligible, who is not and why, and whom a policy takes, by the letter of the rules.

use crate::desk::{
    ChannelId, GroupId, Key, KeyKind, LaneId, Policy, StatusId, StatusName, TicketId, UserId, UserState,
};
use crate::time::{Instant, Span};

/// An automatic assignment as it is about to be made, or a wait because nobody may take the ticket.
#[derive(Clone, PartialEq, Debug)]
pub struct Decision {
    /// When.
    pub at: Instant,
    /// Which ticket.
    pub ticket: TicketId,
    /// On which channel.
    pub channel: ChannelId,
    /// In which lane of the queue.
    pub lane: LaneId,
    /// The lane's group, where the ticket was transferred to one (ASG-8).
    pub group: Option<GroupId>,
    /// How long it has waited in this cycle (QUE-6).
    pub waited: Span,
    /// The policy in force.
    pub policy: Policy,
    /// Who is eligible (ASG-1), in the order in which the policy takes them where it is by keys, else in listed order.
    pub eligible: Vec<Candidate>,
    /// Who is not, in listed order, each with the first reason that applies.
    pub excluded: Vec<(UserId, Exclusion)>,
    /// Whom the policy takes; `None` if nobody is eligible.
    pub choice: Option<Choice>,
}

/// A user who is eligible.
#[derive(Clone, PartialEq, Debug)]
pub struct Candidate {
    /// Who.
    pub user: UserId,
    /// 0 for the lane's own groups, 1 for the first overflow, and so on (QUE-9).
    pub tier: u32,
    /// What each key of the policy says of them.
    pub amounts: Vec<(Key, Amount)>,
    /// The last turn they had in the lane's row, counted from 1; 0 for none (`rotation`).
    pub turn: u64,
    /// Their pending responses (`two_choices`).
    pub pending: u32,
}

/// Why a user is not eligible, the first that applies in this order.
#[derive(Clone, Copy, PartialEq, Debug)]
pub enum Exclusion {
    /// USR-1: disabled, or invited.
    NotEnabled(UserState),
    /// ASG-1: in none of the lane's groups.
    OtherGroup,
    /// QUE-9: in one that takes over only later.
    NotYet {
        /// Once the ticket has waited this long.
        after: Span,
    },
    /// CHN-1: no reply permission.
    MayNotReply,
    /// STA-1, STA-5: in a status that is not assignable.
    Status(StatusId, StatusName),
    /// CAP-1: at the cap.
    AtCap {
        /// What counts towards it, in thousandths of a ticket.
        counted: u32,
        /// The cap, in thousandths.
        cap: u32,
        /// Whether it is their own, in place of the channel's (CAP-3).
        own: bool,
        /// Whether pending tickets alone count (CAP-2).
        pending: bool,
    },
}

/// Whom a policy takes.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Choice {
    /// Who.
    pub user: UserId,
    /// What decided.
    pub because: Because,
    /// Who would be next, where the policy puts users in an order.
    pub runner_up: Option<UserId>,
}

/// What decided for one user and against the others.
#[derive(Clone, Copy, PartialEq, Debug)]
pub enum Because {
    /// Nobody else is eligible.
    OnlyOne,
    /// ASG-8: the only other one is the former assignee, who comes last.
    OnlyOther,
    /// TIC-6, ASG-11: the channel gives the tickets of a conversation to their last assignee first.
    LastAssignee,
    /// The first key in which they differ from the runner-up.
    Key(Key),
    /// Equal in every key, and listed first.
    ListedFirst,
    /// They stand first in the row (`rotation`).
    Row,
    /// A hash of the ticket and the instant took the n-th of the eligible (`random`).
    Drawn {
        /// Counted from 1.
        nth: u32,
    },
    /// Two were drawn, and this one has fewer pending, or as few and is listed first (`two_choices`).
    Pair {
        /// The other.
        other: UserId,
    },
}

/// What a key says of a user.
#[derive(Clone, Copy, PartialEq, Debug)]
pub enum Amount {
    /// So many.
    Count(u64),
    /// So long ago; `None` is never, which is longest.
    Since(Option<Span>),
    /// Nothing pending for so long; `None` while something is, which is less than any time.
    Idle(Option<Span>),
    /// What counts towards the cap, and the cap, in thousandths; without a cap nothing weighs.
    Load(u32, Option<u32>),
    /// The cap less what counts, in thousandths; `None` without a cap, which is most.
    Spare(Option<u32>),
    /// Whether they are the assignee of the conversation's latest ticket (ASG-11).
    Last(bool),
    /// A factor on handle time.
    Factor(f64),
    /// A hash.
    Hash(u64),
}

impl Amount {
    /// A number by which amounts of one key compare.
    pub(super) fn rank(self) -> i128 {
        match self {
            Amount::Count(count) => count.into(),
            Amount::Since(None) => i128::MAX,
            Amount::Since(Some(span)) | Amount::Idle(Some(span)) => span.as_micros().into(),
            Amount::Idle(None) => -1,
            // To 31 binary digits, as RULES' load is compared.
            Amount::Load(counted, cap) => cap.map_or(0, |cap| ((u64::from(counted) << 31) / u64::from(cap)).into()),
            Amount::Spare(spare) => spare.map_or(i128::MAX, Into::into),
            Amount::Last(last) => last.into(),
            // The bits of positive floats stand in the order of the floats.
            Amount::Factor(factor) => factor.to_bits().into(),
            Amount::Hash(hash) => hash.into(),
        }
    }

    /// As a number for machines: counts, seconds, tickets, a share, 0 or 1; `None` for never, busy and no cap.
    pub fn value(self) -> Option<f64> {
        match self {
            Amount::Count(count) => Some(count as f64),
            Amount::Since(span) | Amount::Idle(span) => span.map(Span::as_secs_f64),
            Amount::Load(counted, cap) => cap.map(|cap| f64::from(counted) / f64::from(cap)),
            Amount::Spare(spare) => spare.map(|spare| f64::from(spare) / 1000.0),
            Amount::Last(last) => Some(f64::from(u8::from(last))),
            Amount::Factor(factor) => Some(factor),
            Amount::Hash(hash) => Some(hash as f64 / 2f64.powi(64)),
        }
    }
}

/// What a choice needs to know of the ticket.
#[derive(Clone, Copy, Debug)]
pub(super) struct Asked {
    pub(super) last_assignee: Option<UserId>,
    /// TIC-6, ASG-11.
    pub(super) prefers_last: bool,
    /// ASG-8.
    pub(super) avoids_last: bool,
}

/// Whom a policy takes of the eligible, who stand by tier and then in listed order; `chance` is the desk's.
pub(super) fn choose_among(
    policy: &Policy,
    eligible: &[Candidate],
    asked: Asked,
    chance: impl Fn(u64) -> u64,
) -> Option<Choice> {
    let found = |last: UserId| eligible.iter().find(|one| one.user == last);
    if let [only] = eligible {
        return Some(Choice { user: only.user, because: Because::OnlyOne, runner_up: None });
    }
    match asked.last_assignee.and_then(found) {
        Some(last) if asked.prefers_last => {
            Some(Choice { user: last.user, because: Because::LastAssignee, runner_up: None })
        }
        Some(last) if asked.avoids_last => {
            let others: Vec<Candidate> = eligible.iter().filter(|one| one.user != last.user).cloned().collect();
            let choice = best(policy, &others, chance)?;
            let because = if choice.because == Because::OnlyOne { Because::OnlyOther } else { choice.because };
            Some(Choice { because, ..choice })
        }
        _ => best(policy, eligible, chance),
    }
}

fn best(policy: &Policy, eligible: &[Candidate], chance: impl Fn(u64) -> u64) -> Option<Choice> {
    let count = eligible.len() as u64;
    match (policy, eligible) {
        (_, []) => None,
        (_, [only]) => Some(Choice { user: only.user, because: Because::OnlyOne, runner_up: None }),
        (Policy::Rotation, _) => {
            let mut row: Vec<&Candidate> = eligible.iter().collect();
            row.sort_by_key(|one| (one.turn, one.user));
            Some(Choice { user: row[0].user, because: Because::Row, runner_up: Some(row[1].user) })
        }
        (Policy::TwoChoices, _) => {
            let first = chance(0) % count;
            // The second is any of the others.
            let second = chance(1) % (count - 1);
            let second = if second >= first { second + 1 } else { second };
            let mut pair = [first, second].map(|nth| &eligible[nth as usize]);
            pair.sort_by_key(|one| (one.pending, one.user));
            Some(Choice { user: pair[0].user, because: Because::Pair { other: pair[1].user }, runner_up: None })
        }
        (Policy::Keys(keys), _) if is_chance_alone(keys) => {
            let nth = (chance(0) % count) as u32;
            let because = Because::Drawn { nth: nth + 1 };
            Some(Choice { user: eligible[nth as usize].user, because, runner_up: None })
        }
        (Policy::Keys(_), _) => {
            let mut order: Vec<&Candidate> = eligible.iter().collect();
            sort(&mut order);
            let because = first_difference(order[0], order[1]).map_or(Because::ListedFirst, Because::Key);
            Some(Choice { user: order[0].user, because, runner_up: Some(order[1].user) })
        }
    }
}

/// Whether a list of keys is `random` and nothing else, however often.
fn is_chance_alone(keys: &[Key]) -> bool {
    !keys.is_empty() && keys.iter().all(|key| key.kind == KeyKind::Random)
}

/// Puts users in the order in which a policy's keys take them.
pub(super) fn sort(candidates: &mut [&Candidate]) {
    candidates.sort_by(|one, other| {
        let keys = one.amounts.iter().zip(&other.amounts).map(|((key, one), (_, other))| compare(key, *one, *other));
        keys.fold(std::cmp::Ordering::Equal, std::cmp::Ordering::then).then(one.user.cmp(&other.user))
    });
}

fn first_difference(one: &Candidate, other: &Candidate) -> Option<Key> {
    let mut pairs = one.amounts.iter().zip(&other.amounts);
    pairs.find(|((key, one), (_, other))| compare(key, *one, *other).is_ne()).map(|((key, _), _)| *key)
}

fn compare(key: &Key, one: Amount, other: Amount) -> std::cmp::Ordering {
    let order = one.rank().cmp(&other.rank());
    if key.largest_first { order.reverse() } else { order }
}
