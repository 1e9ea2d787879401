//! Changes of a channel's settings, and how they are merged into what is set (CHN-2).
//!
//! What a change does not name stays, inside nested settings too; an inner `None` takes a setting away; of two keys that
//! exclude each other the one named takes the other away.

use super::{
    Assignment, Counts, Grantee, GroupId, Limit, OnReassign, OnRequeue, Overflow, Policy, QueueOrder, Refusal, Scope,
    Sla, Standby, UserId,
};
use crate::time::Span;

/// What a change names of an assignment (CHN-3).
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct AssignmentChange {
    /// The rule; an inner `None` leaves it to the groups: round robin where some are named.
    pub rule: Option<Option<Rotates>>,
    /// The groups; none take the setting away.
    pub groups: Option<Vec<GroupId>>,
    /// The policy, by name or as `by_wait_time`; an inner `None` is round robin's own (ASG-2).
    pub policy: Option<Option<Policy>>,
    /// The overflows, in the order of `after`; none take the setting away (QUE-9).
    pub overflow: Option<Vec<Overflow>>,
}

/// The rule of an assignment (CHN-3).
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Rotates {
    /// Round robin.
    Yes,
    /// By hand alone.
    No,
}

/// What a change names of a limit (CAP).
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct LimitChange {
    /// CAP-1; an inner `None` is no limit.
    pub max_open: Option<Option<u32>>,
    /// CAP-2.
    pub counts: Option<Counts>,
    /// CAP-2.
    pub scope: Option<Scope>,
}

/// What a change names of a service-level agreement (SLA-1).
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct SlaChange {
    /// SLA-3.
    pub first_response: Option<Option<Span>>,
    /// SLA-3.
    pub closure: Option<Option<Span>>,
    /// ESC-1.
    pub escalate_to: Option<Option<UserId>>,
    /// SLA-10.
    pub business_hours: Option<bool>,
    /// SLA-3.
    pub pause_awaiting_customer: Option<bool>,
    /// SLA-6.
    pub on_reassign: Option<OnReassign>,
    /// SLA-7.
    pub on_requeue: Option<OnRequeue>,
}

/// What a change names of a queue (QUE-2).
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct QueueChange {
    /// The order; for [`QueueOrder::Aged`] the head start is that of `head_start`, or the one that is set.
    pub order: Option<QueueOrder>,
    /// For `aged`; an inner `None` takes it away.
    pub head_start: Option<Option<Span>>,
}

impl AssignmentChange {
    /// Takes the whole setting away.
    pub fn none() -> AssignmentChange {
        AssignmentChange { rule: Some(None), groups: Some(Vec::new()), policy: Some(None), overflow: Some(Vec::new()) }
    }

    /// Whether it switches round robin on, or says over which groups (CHN-4).
    pub(super) fn names_groups(&self) -> bool {
        self.groups.is_some() || self.rule == Some(Some(Rotates::Yes))
    }

    /// Merges it into an assignment.
    ///
    /// # Errors
    /// [`Refusal::NobodyMayReply`] where round robin would go over no groups (CHN-4).
    pub(crate) fn merge(&self, assignment: &mut Assignment, standby: &mut Standby) -> Result<(), Refusal> {
        let (mut rule, groups, policy, overflow) = match assignment {
            Assignment::Manual => {
                let rule = standby.by_hand.then_some(Rotates::No);
                (rule, standby.groups.clone(), None, standby.overflow.clone())
            }
            Assignment::RoundRobin { groups, policy, overflow } => {
                (None, groups.clone(), Some(policy.clone()), overflow.clone())
            }
        };
        let names_policy = matches!(self.policy, Some(Some(_)));
        if names_policy {
            // A policy and assignment by hand exclude each other.
            rule = None;
        }
        let rule = self.rule.unwrap_or(rule);
        let groups = self.groups.clone().unwrap_or(groups);
        let overflow = self.overflow.clone().unwrap_or(overflow);
        let rotates = match rule {
            Some(rule) => rule == Rotates::Yes,
            None => !groups.is_empty(),
        };
        if (rotates || names_policy) && groups.is_empty() {
            return Err(Refusal::NobodyMayReply);
        }
        if rotates {
            let policy = self.policy.clone().unwrap_or(policy).unwrap_or_else(Policy::round_robin);
            *assignment = Assignment::RoundRobin { groups, policy, overflow };
            *standby = Standby::default();
        } else {
            *assignment = Assignment::Manual;
            *standby = Standby { by_hand: rule.is_some(), groups, overflow };
        }
        Ok(())
    }
}

impl LimitChange {
    /// Takes the whole setting away.
    pub const NONE: LimitChange =
        LimitChange { max_open: Some(None), counts: Some(Counts::Open), scope: Some(Scope::User) };

    /// The limit with the change merged into it.
    pub(crate) fn merge(&self, limit: Option<Limit>) -> Option<Limit> {
        let plain = Limit { max_open: Limit::NONE, counts: Counts::Open, scope: Scope::User };
        let before = limit.unwrap_or(plain);
        let after = Limit {
            max_open: self.max_open.map_or(before.max_open, |most| most.unwrap_or(Limit::NONE)),
            counts: self.counts.unwrap_or(before.counts),
            scope: self.scope.unwrap_or(before.scope),
        };
        (after != plain).then_some(after)
    }
}

impl SlaChange {
    /// Takes the whole setting away: what is then in force of the options is the desk's.
    pub fn none(desk: &Sla) -> SlaChange {
        SlaChange {
            first_response: Some(None),
            closure: Some(None),
            escalate_to: Some(None),
            business_hours: Some(desk.business_hours),
            pause_awaiting_customer: Some(desk.pause_awaiting_customer),
            on_reassign: Some(desk.on_reassign),
            on_requeue: Some(desk.on_requeue),
        }
    }

    /// Merges it into an agreement.
    pub(crate) fn merge(&self, sla: &mut Sla) {
        let SlaChange {
            first_response,
            closure,
            escalate_to,
            business_hours,
            pause_awaiting_customer,
            on_reassign,
            on_requeue,
        } = *self;
        sla.first_response = first_response.unwrap_or(sla.first_response);
        sla.closure = closure.unwrap_or(sla.closure);
        sla.escalate_to = escalate_to.unwrap_or(sla.escalate_to);
        sla.business_hours = business_hours.unwrap_or(sla.business_hours);
        sla.pause_awaiting_customer = pause_awaiting_customer.unwrap_or(sla.pause_awaiting_customer);
        sla.on_reassign = on_reassign.unwrap_or(sla.on_reassign);
        sla.on_requeue = on_requeue.unwrap_or(sla.on_requeue);
    }
}

impl QueueChange {
    /// Takes the whole setting away.
    pub const NONE: QueueChange = QueueChange { order: Some(QueueOrder::Fifo), head_start: Some(None) };

    /// The order with the change merged into it.
    ///
    /// # Errors
    /// A head start without the order that has one, or the other way round.
    pub(crate) fn merge(&self, order: QueueOrder) -> Result<QueueOrder, Refusal> {
        let set = match order {
            QueueOrder::Aged { head_start } => Some(head_start),
            _ => None,
        };
        match self.order.unwrap_or(order) {
            QueueOrder::Aged { .. } => match self.head_start.unwrap_or(set) {
                Some(head_start) => Ok(QueueOrder::Aged { head_start }),
                None => Err(Refusal::AgedNeedsHeadStart),
            },
            // An order without head start takes away the one that was set.
            other => match self.head_start {
                Some(Some(_)) => Err(Refusal::HeadStartNeedsAged),
                _ => Ok(other),
            },
        }
    }
}

/// Who has a channel's permissions where nothing is said of them: the groups of its assignment, or everybody, and the user
/// whom breaches escalate to.
pub(crate) fn default_grantees(
    assignment: &Assignment,
    standby: &Standby,
    escalate_to: Option<UserId>,
    users: usize,
) -> Vec<Grantee> {
    let mut grantees: Vec<Grantee> = match assignment {
        Assignment::RoundRobin { groups, overflow, .. } => {
            let overflow = overflow.iter().flat_map(|overflow| &overflow.groups);
            groups.iter().chain(overflow).map(|group| Grantee::Group(*group)).collect()
        }
        Assignment::Manual if !standby.groups.is_empty() => {
            standby.groups.iter().map(|group| Grantee::Group(*group)).collect()
        }
        Assignment::Manual => (0..users).map(|user| Grantee::User(UserId::at(user))).collect(),
    };
    if let Some(user) = escalate_to
        && !grantees.contains(&Grantee::User(user))
    {
        grantees.push(Grantee::User(user));
    }
    grantees
}
