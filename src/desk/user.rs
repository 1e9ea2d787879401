//! Users as the desk keeps them.

use super::deadline::Handle;
use super::groups::Groups;
use super::ticket::NONE;
use super::{LaneId, Role, StatusId, UserSettings, UserState};
use crate::time::Instant;

/// A user's place in a lane: which tier, which member of it, and how they stand there.
#[derive(Clone, Copy, Debug)]
pub(super) struct Seat {
    pub(super) lane: LaneId,
    pub(super) member: u32,
    pub(super) tier: u32,
    /// ASG-1.
    pub(super) eligible: bool,
}

/// A user. Laid out by what is touched together: of a large desk's users any may be next, and none is in the cache.
#[derive(Clone, Debug)]
#[repr(C, align(64))]
pub(super) struct User {
    // What their standing goes by.
    pub(super) role: Role,
    pub(super) state: UserState,
    /// Enabled and in an assignable status: what [`super::Desk::is_available`] tells, kept for speed.
    pub(super) available: bool,
    /// Enabled and in a connected status.
    pub(super) connected: bool,
    /// MSG-5.
    pub(super) away_text: bool,
    /// STA-12: their tickets went back to the queue since they became unassignable, but for work in hand.
    pub(super) overdue: bool,
    pub(super) status: StatusId,
    pub(super) open: u32,
    pub(super) pending: u32,
    /// The same by the channels' weights, in thousandths (CAP-2).
    pub(super) open_weight: u32,
    pub(super) pending_weight: u32,
    /// CAP-3; [`super::Limit::NONE`] for none.
    pub(super) max_open: u32,
    /// Counts the instants of assignment up to when they were last assigned (ASG-4); 0 is never.
    pub(super) turn: u64,
    pub(super) quick: Quick,
    pub(super) groups: Groups,

    // What assignments, replies and closures change besides.
    /// One more than the microseconds of the instant; 0 is never (ASG-4).
    pub(super) last_assigned: u64,
    pub(super) last_closed: u64,
    pub(super) idle_since: u64,
    /// Ends of the list of their open tickets.
    pub(super) first: u32,
    pub(super) last: u32,
    pub(super) assigned_total: u32,
    /// Assigned on civil day `day`.
    pub(super) assigned_on_day: u32,
    pub(super) day: u32,
    /// Numbers the time in one status, across all users, so that an auto-message is sent once per spell (MSG-3).
    pub(super) spell: u32,

    // What is rarely asked for.
    pub(super) seats: Vec<Seat>,
    pub(super) available_since: u64,
    /// STA-10.
    pub(super) status_since: Instant,
    /// When their idle time runs out (STA-11); [`Instant::MAX`] where it does not run.
    pub(super) idle_due: Instant,
    /// A deadline at that instant or before.
    pub(super) idle: Handle,
    pub(super) requeue: Handle,
    /// How many tickets they have in hand (STA-11).
    pub(super) in_hand: u32,
    /// How many of their open tickets are marked as an outsider's.
    pub(super) outside: u32,
}

/// Thresholds of a user's open weight that save a look at their lanes.
///
/// `under` and `over` hold while the user is available, and only if all lanes use the usual keys and count open tickets over all
/// channels, if anything. `cap` and `over_cap` hold in any case.
#[derive(Clone, Copy, Debug)]
pub(super) struct Quick {
    /// They are eligible in all lanes as long as their open weight is less …
    pub(super) under: u32,
    /// … and in none as long as it is not less than this.
    pub(super) over: u32,
    /// They are over the cap of no lane as long as it is not greater.
    pub(super) cap: u32,
    /// With a greater one they are certainly over some lane's cap; otherwise the lanes have to be asked.
    pub(super) over_cap: bool,
}

impl Quick {
    /// The lanes have to be looked at.
    pub(super) const NO: Quick = Quick { under: 0, over: u32::MAX, cap: 0, over_cap: false };
}

/// How a user stands in all their lanes, where that is the same: apart from the rest, for whoever chooses looks at several.
#[derive(Clone, Copy, Debug)]
pub(super) struct Standing {
    /// Their rank, as long as their open weight is less than [`Quick::under`]; else [`Standing::LOOK`].
    pub(super) rank: u64,
    /// No lane keeps them with a greater rank, where they are eligible in all.
    pub(super) kept: u64,
}

impl Standing {
    /// In place of a rank: the lanes have to be looked at.
    pub(super) const LOOK: u64 = u64::MAX;
    pub(super) const UNKNOWN: Standing = Standing { rank: Standing::LOOK, kept: u64::MAX };
}

// Memory goes by who there is.
const _: () = assert!(size_of::<User>() <= 192);
const _: () = assert!(std::mem::offset_of!(User, groups) == 56);
const _: () = assert!(std::mem::offset_of!(User, seats) == 128);

impl User {
    pub(super) fn new(settings: &UserSettings) -> User {
        User {
            role: settings.role,
            state: settings.state,
            status: settings.status,
            available: false,
            connected: false,
            away_text: settings.away_text,
            status_since: Instant::ZERO,
            spell: 0,
            max_open: settings.max_open.unwrap_or(super::Limit::NONE),
            open: 0,
            pending: 0,
            open_weight: 0,
            pending_weight: 0,
            turn: 0,
            quick: Quick::NO,
            last_assigned: 0,
            last_closed: 0,
            available_since: stamp(Instant::ZERO),
            idle_since: stamp(Instant::ZERO),
            assigned_total: 0,
            assigned_on_day: 0,
            day: 0,
            first: NONE,
            last: NONE,
            idle_due: Instant::MAX,
            idle: Handle::NONE,
            requeue: Handle::NONE,
            in_hand: 0,
            overdue: false,
            outside: 0,
            groups: Groups::new(&settings.groups),
            seats: Vec::new(),
        }
    }

    pub(super) fn is_enabled(&self) -> bool {
        self.state == UserState::Enabled
    }
}

/// An instant as users keep it: 0 is left for never.
pub(super) fn stamp(at: Instant) -> u64 {
    at.as_micros() + 1
}
