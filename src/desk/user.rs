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
    pub(super) tier: u32,
    pub(super) member: u32,
    /// ASG-1.
    pub(super) eligible: bool,
    /// The rank that they are kept with, or a greater one; not where ranks are wide.
    pub(super) kept: u128,
}

/// A user.
#[derive(Clone, Debug)]
pub(super) struct User {
    pub(super) role: Role,
    pub(super) state: UserState,
    pub(super) status: StatusId,
    /// Enabled and in an assignable status: what [`super::Desk::is_available`] tells, kept for speed.
    pub(super) available: bool,
    /// Enabled and in a connected status.
    pub(super) connected: bool,
    /// MSG-5.
    pub(super) away_text: bool,
    /// STA-10.
    pub(super) status_since: Instant,
    /// Numbers the time in one status, across all users, so that an auto-message is sent once per spell (MSG-3).
    pub(super) spell: u32,
    /// CAP-3; none is `u32::MAX`.
    pub(super) max_open: u32,
    pub(super) open: u32,
    pub(super) pending: u32,
    /// The same by the channels' weights, in thousandths (CAP-2).
    pub(super) open_weight: u32,
    pub(super) pending_weight: u32,
    /// One more than the microseconds of the instant; 0 is never (ASG-4).
    pub(super) last_assigned: u64,
    pub(super) last_closed: u64,
    pub(super) available_since: u64,
    pub(super) idle_since: u64,
    pub(super) assigned_total: u32,
    /// Assigned on civil day `day`.
    pub(super) assigned_on_day: u32,
    pub(super) day: u32,
    /// Ends of the list of their open tickets.
    pub(super) first: u32,
    pub(super) last: u32,
    pub(super) idle: Handle,
    pub(super) requeue: Handle,
    pub(super) groups: Groups,
    pub(super) seats: Vec<Seat>,
}

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
            max_open: settings.max_open.unwrap_or(u32::MAX),
            open: 0,
            pending: 0,
            open_weight: 0,
            pending_weight: 0,
            last_assigned: 0,
            last_closed: 0,
            available_since: stamp(Instant::ZERO),
            idle_since: stamp(Instant::ZERO),
            assigned_total: 0,
            assigned_on_day: 0,
            day: 0,
            first: NONE,
            last: NONE,
            idle: Handle::NONE,
            requeue: Handle::NONE,
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
