//! Desks and command lists drawn at random: which features are on varies, not only their values.

use desksim::desk::*;
use desksim::time::{Calendar, Civil, DayHours, Span, WeekdaySet};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;

/// A desk, before it becomes [`Settings`].
#[derive(Clone, Debug)]
pub(crate) struct World {
    pub(crate) organisation: Organisation,
    pub(crate) statuses: Vec<CustomStatus>,
    pub(crate) groups: u32,
    pub(crate) users: Vec<Person>,
    pub(crate) channels: Vec<Line>,
    /// What `configure_channel` may do: for each setting, in two bits, whether it is named, and by what.
    pub(crate) changes: Vec<(u64, Line)>,
}

#[derive(Clone, Debug)]
pub(crate) struct Organisation {
    pub(crate) ticketing: bool,
    pub(crate) idle_timeout_s: Option<u64>,
    pub(crate) requeue_after_s: Option<u64>,
    pub(crate) requeue_on_disable: bool,
    pub(crate) away_text: bool,
    pub(crate) outside_text: bool,
    pub(crate) business_hours: bool,
    pub(crate) mandatory_field: bool,
    pub(crate) field_priority: bool,
    /// The order of every channel's queue; `None` lets them differ.
    pub(crate) order: Option<u8>,
}

#[derive(Clone, Debug)]
pub(crate) struct CustomStatus {
    pub(crate) connection: u8,
    pub(crate) assignable: bool,
    pub(crate) auto_message: u8,
}

#[derive(Clone, Debug)]
pub(crate) struct Person {
    pub(crate) admin: bool,
    pub(crate) state: u8,
    pub(crate) groups: u8,
    pub(crate) max_open: Option<u32>,
    pub(crate) away_text: bool,
    pub(crate) skill: Option<(u8, u8)>,
    pub(crate) status: u8,
}

/// A channel's settings.
#[derive(Clone, Debug)]
pub(crate) struct Line {
    pub(crate) manual: bool,
    pub(crate) groups: u8,
    pub(crate) policy: Choice,
    pub(crate) overflow: Vec<(u8, u64)>,
    pub(crate) reply: (u8, u8),
    pub(crate) manage: (u8, u8),
    /// Who may view besides; whether the others may is left to this alone (CHN-1).
    pub(crate) view: (u8, u8, bool),
    pub(crate) limit: Option<(u32, bool, bool)>,
    pub(crate) weight_milli: u32,
    pub(crate) first_response_s: Option<u64>,
    pub(crate) closure_s: Option<u64>,
    pub(crate) escalate_to: Option<u8>,
    pub(crate) sla: (bool, bool, u8, bool),
    pub(crate) order: u8,
    pub(crate) priority: i16,
    pub(crate) texts: (bool, bool, bool),
    pub(crate) spam_filter: bool,
    pub(crate) consent: bool,
    pub(crate) silence_s: Option<u64>,
    pub(crate) sticky: bool,
    pub(crate) reopen_within_s: Option<u64>,
}

#[derive(Clone, Debug)]
pub(crate) enum Choice {
    Named(usize),
    Keys(Vec<(u8, bool)>),
}

/// Something to do next; what its numbers name depends on the desk as it is then.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Op {
    pub(crate) kind: Kind,
    pub(crate) a: u8,
    pub(crate) b: u8,
    pub(crate) c: u8,
    pub(crate) wait: Wait,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Message,
    Reply,
    Close,
    SetStatus,
    Assign,
    Transfer,
    Escalate,
    Reopen,
    OpenConversation,
    Consent,
    Abandon,
    EndConversation,
    SetField,
    Answer,
    Active,
    EnableUser,
    DisableUser,
    AddToGroup,
    RemoveFromGroup,
    Grant,
    Revoke,
    Configure,
    CreateStatus,
    EditStatus,
    DeleteStatus,
    Tick,
}

#[derive(Clone, Copy, Debug)]
pub(crate) enum Wait {
    Not,
    Seconds(u64),
    /// To the desk's next deadline exactly, so that the command meets it.
    Deadline,
}

fn mask() -> impl Strategy<Value = u8> {
    0u8..8
}

fn choice() -> impl Strategy<Value = Choice> {
    prop_oneof![
        3 => (0..NAMED.len()).prop_map(Choice::Named),
        2 => vec((0u8..15, any::<bool>()), 1..5).prop_map(Choice::Keys),
    ]
}

fn line() -> impl Strategy<Value = Line> {
    let routing = (
        prop::bool::weighted(0.12),
        mask(),
        choice(),
        vec((mask(), select(vec![60u64, 300, 600])), 0..3),
        ((mask(), any::<u8>()), (mask(), any::<u8>(), prop::bool::weighted(0.1))),
        (mask(), any::<u8>()),
        prop::option::weighted(0.6, (1u32..4, any::<bool>(), any::<bool>())),
        select(vec![1000u32, 1000, 500, 2000]),
    );
    let sla = (
        prop::option::of(select(vec![60u64, 300])),
        prop::option::of(select(vec![300u64, 600, 3600])),
        prop::option::of(any::<u8>()),
        (any::<bool>(), any::<bool>(), 0u8..3, any::<bool>()),
    );
    let rest = (
        0u8..5,
        select(vec![0i16, 0, 1, -2]),
        any::<(bool, bool, bool)>(),
        prop::bool::weighted(0.3),
        prop::bool::weighted(0.2),
        prop::option::of(select(vec![60u64, 300])),
        any::<bool>(),
        prop::option::of(select(vec![0u64, 60, 600])),
    );
    (routing, sla, rest).prop_map(|(routing, timers, rest)| {
        let (manual, groups, policy, overflow, (reply, view), manage, limit, weight_milli) = routing;
        let (first_response_s, closure_s, escalate_to, sla) = timers;
        let (order, priority, texts, spam_filter, consent, silence_s, sticky, reopen_within_s) = rest;
        Line {
            manual,
            groups,
            policy,
            overflow,
            reply,
            manage,
            view,
            limit,
            weight_milli,
            first_response_s,
            closure_s,
            escalate_to,
            sla,
            order,
            priority,
            texts,
            spam_filter,
            consent,
            silence_s,
            sticky,
            reopen_within_s,
        }
    })
}

pub(crate) fn world() -> impl Strategy<Value = World> {
    let organisation = (
        prop::bool::weighted(0.97),
        prop::option::weighted(0.3, select(vec![60u64, 900])),
        prop::option::weighted(0.4, select(vec![0u64, 60, 600])),
        any::<bool>(),
        any::<bool>(),
        any::<bool>(),
        prop::bool::weighted(0.3),
        prop::bool::weighted(0.3),
        any::<bool>(),
        prop::option::weighted(0.85, 0u8..5),
    )
        .prop_map(|tuple| {
            let (ticketing, idle_timeout_s, requeue_after_s, requeue_on_disable, away_text, ..) = tuple;
            let (.., outside_text, business_hours, mandatory_field, field_priority, order) = tuple;
            Organisation {
                ticketing,
                idle_timeout_s,
                requeue_after_s,
                requeue_on_disable,
                away_text,
                outside_text,
                business_hours,
                mandatory_field,
                field_priority,
                order,
            }
        });
    let status = (0u8..3, any::<bool>(), 0u8..3).prop_map(|(connection, assignable, auto_message)| CustomStatus {
        connection,
        assignable,
        auto_message,
    });
    let person = (
        prop::bool::weighted(0.3),
        select(vec![0u8, 0, 0, 0, 0, 1, 2]),
        mask(),
        prop::option::weighted(0.3, 1u32..4),
        any::<bool>(),
        prop::option::of((0u8..3, 0u8..3)),
        select(vec![0u8, 0, 0, 1, 2]),
    )
        .prop_map(|(admin, state, groups, max_open, away_text, skill, status)| Person {
            admin,
            state,
            groups,
            max_open,
            away_text,
            skill,
            status,
        });
    (organisation, vec(status, 0..3), 1u32..4, vec(person, 2..7), vec(line(), 1..4), vec((any::<u64>(), line()), 1..4))
        .prop_map(|(organisation, statuses, groups, users, channels, changes)| World {
            organisation,
            statuses,
            groups,
            users,
            channels,
            changes,
        })
}

pub(crate) fn ops(most: usize) -> impl Strategy<Value = Vec<Op>> {
    use Kind::*;
    let weights = [
        (Message, 40),
        (Reply, 14),
        (Close, 14),
        (SetStatus, 12),
        (Assign, 5),
        (Transfer, 5),
        (Escalate, 3),
        (Reopen, 3),
        (OpenConversation, 3),
        (Consent, 4),
        (Abandon, 2),
        (EndConversation, 2),
        (SetField, 3),
        (Answer, 6),
        (Active, 12),
        (EnableUser, 4),
        (DisableUser, 2),
        (AddToGroup, 3),
        (RemoveFromGroup, 2),
        (Grant, 3),
        (Revoke, 2),
        (Configure, 4),
        (CreateStatus, 1),
        (EditStatus, 2),
        (DeleteStatus, 1),
        (Tick, 2),
    ];
    let kinds: Vec<Kind> = weights.iter().flat_map(|&(kind, weight)| std::iter::repeat_n(kind, weight)).collect();
    let wait = prop_oneof![
        4 => Just(Wait::Not),
        6 => select(vec![1u64, 1, 7, 30, 60, 300]).prop_map(Wait::Seconds),
        2 => Just(Wait::Deadline),
        1 => select(vec![3600u64, 40_000, 86_400]).prop_map(Wait::Seconds),
    ];
    let op = (select(kinds), any::<u8>(), any::<u8>(), any::<u8>(), wait).prop_map(|(kind, a, b, c, wait)| Op {
        kind,
        a,
        b,
        c,
        wait,
    });
    vec(op, 1..most)
}

/// A status's name; the desk compares symbols and never reads them.
pub(crate) fn status_name(number: u32) -> StatusName {
    StatusName { shown: Symbol(number), folded: Some(Symbol(number)) }
}

impl World {
    fn groups(&self, mask: u8) -> Vec<GroupId> {
        let mut groups: Vec<GroupId> = (0..self.groups).filter(|n| mask >> n & 1 == 1).map(GroupId).collect();
        if groups.is_empty() {
            groups.push(GroupId(0));
        }
        groups
    }

    fn grantees(&self, (groups, users): (u8, u8)) -> Vec<Grantee> {
        let groups = self.groups(groups).into_iter().map(Grantee::Group);
        let users = (0..self.users.len() as u32).filter(|n| users >> n & 1 == 1).map(|n| Grantee::User(UserId(n)));
        groups.chain(users).collect()
    }

    fn policy(&self, choice: &Choice) -> Policy {
        match choice {
            Choice::Named(index) => Policy::named(NAMED[*index].0).expect("it is in the table"),
            Choice::Keys(keys) => Policy::Keys(
                keys.iter()
                    .map(|&(kind, largest_first)| {
                        let mut key = Key::parse(KEYS[kind as usize]).expect("it is in the table");
                        if let KeyKind::Recent(_) = key.kind {
                            // Off the grid of whole seconds, so that whether the end counts does not matter.
                            key.kind = KeyKind::Recent(Span::from_micros(300_000_011));
                        }
                        Key { largest_first, ..key }
                    })
                    .collect(),
            ),
        }
    }

    /// A channel's settings; `number` keeps instants of overflow apart from each other and from everything else.
    fn channel(&self, line: &Line, number: u64) -> ChannelSettings {
        let mut overflow: Vec<Overflow> = line
            .overflow
            .iter()
            .zip(1..)
            .map(|(&(groups, after), tier)| Overflow {
                groups: self.groups(groups),
                after: Span::from_micros(after * 1_000_000 + number * 10 + tier),
            })
            .collect();
        overflow.sort_by_key(|overflow| overflow.after);
        let assignment = if line.manual {
            Assignment::Manual
        } else {
            Assignment::RoundRobin { groups: self.groups(line.groups), policy: self.policy(&line.policy), overflow }
        };
        let user = |n: u8| UserId(u32::from(n) % self.users.len() as u32);
        let (business_hours, pause, on_reassign, resume) = line.sla;
        let (reply, manage) = (self.grantees(line.reply), self.grantees(line.manage));
        let (groups, users, alone) = line.view;
        let mut view = self.grantees((groups, users));
        if !alone {
            view.extend(reply.iter().chain(&manage));
        }
        ChannelSettings {
            assignment,
            standby: Standby::default(),
            view,
            reply,
            manage,
            limit: line.limit.map(|(max_open, pending, channel)| Limit {
                max_open,
                counts: if pending { Counts::Pending } else { Counts::Open },
                scope: if channel { Scope::Channel } else { Scope::User },
            }),
            weight_milli: line.weight_milli,
            sla: Sla {
                first_response: line.first_response_s.map(Span::from_secs),
                closure: line.closure_s.map(Span::from_secs),
                escalate_to: line.escalate_to.map(user),
                business_hours,
                // Where the queue goes by deadlines the twin must know what is left of every timer.
                pause_awaiting_customer: pause && self.organisation.order.is_some_and(|order| order != 2),
                on_reassign: [OnReassign::RestartFirstResponse, OnReassign::Keep, OnReassign::RestartBoth]
                    [on_reassign as usize],
                on_requeue: if resume { OnRequeue::Resume } else { OnRequeue::Restart },
            },
            order: order(self.organisation.order.unwrap_or(line.order)),
            priority: line.priority,
            greeting: line.texts.0,
            away_text: line.texts.1,
            outside_text: line.texts.2,
            spam_filter: line.spam_filter,
            consent: line.consent,
            close_after_silence: line.silence_s.map(Span::from_secs),
            sticky: line.sticky,
            reopen_within: line.reopen_within_s.map(Span::from_secs),
            answers_at_start: line.texts.0,
        }
    }

    pub(crate) fn settings(&self) -> Settings {
        let organisation = &self.organisation;
        let civil = Civil::new("UTC", jiff::civil::date(2026, 3, 2).at(8, 0, 0, 0)).expect("UTC is a zone");
        let hours = DayHours {
            days: WeekdaySet::parse("mon-fri").expect("days"),
            hours: vec![(jiff::civil::time(9, 0, 0, 0), jiff::civil::time(17, 0, 0, 0))],
        };
        let calendar = organisation
            .business_hours
            .then(|| Calendar::new(civil.clone(), vec![hours], Vec::new()).expect("hours that open"));
        let statuses = self.statuses.iter().zip(3..).map(|(status, number)| {
            let connection = connection(status.connection);
            StatusSettings {
                name: status_name(number),
                connection,
                assignable: status.assignable || connection == Connection::Connected,
                auto_message: [None, Some(AutoMessage::Away), Some(AutoMessage::OutsideBusinessHours)]
                    [status.auto_message as usize],
            }
        });
        let users = self.users.iter().map(|person| UserSettings {
            role: if person.admin { Role::Admin } else { Role::Agent },
            state: [UserState::Enabled, UserState::Disabled, UserState::Pending][person.state as usize],
            groups: (0..self.groups).filter(|n| person.groups >> n & 1 == 1).map(GroupId).collect(),
            max_open: person.max_open,
            away_text: person.away_text,
            status: StatusId(person.status.into()),
            proficiency: person
                .skill
                .map(|(channel, factor)| {
                    let channel = ChannelId(u32::from(channel) % self.channels.len() as u32);
                    (Skill::Channel(channel), [0.5, 1.0, 2.0][factor as usize])
                })
                .into_iter()
                .collect(),
        });
        Settings {
            ticketing: organisation.ticketing,
            idle_timeout: organisation.idle_timeout_s.map(Span::from_secs),
            requeue_after: organisation.requeue_after_s.map(Span::from_secs),
            requeue_on_disable: organisation.requeue_on_disable,
            away_text: organisation.away_text,
            outside_text: organisation.outside_text,
            calendar,
            civil,
            system_statuses: [status_name(0), status_name(1), status_name(2)],
            statuses: statuses.collect(),
            fields: vec![FieldSettings {
                kind: FieldKind::Choice(3),
                mandatory: organisation.mandatory_field,
                group: None,
                priority: if organisation.field_priority { vec![0, 1, 5] } else { Vec::new() },
            }],
            groups: self.groups as usize,
            users: users.collect(),
            channels: self.channels.iter().zip(1..).map(|(line, number)| self.channel(line, number)).collect(),
            salt: 7,
        }
    }

    pub(crate) fn changes(&self) -> Vec<ChannelChange> {
        let changes = self.changes.iter().zip(100..);
        changes
            .map(|((mask, line), number)| {
                let channel = self.channel(line, number);
                let mut bits = *mask;
                // Of four: not named, not named, named, taken away.
                let mut drawn = || {
                    let two = bits & 3;
                    bits = bits.rotate_right(2);
                    two
                };
                fn named<T>(drawn: u64, value: T) -> Option<T> {
                    (drawn > 1).then_some(value)
                }
                fn taken<T>(drawn: u64, value: Option<T>) -> Option<Option<T>> {
                    (drawn > 1).then(|| value.filter(|_| drawn == 2))
                }
                let (groups, policy, overflow) = match channel.assignment {
                    Assignment::Manual => (self.groups(line.groups), self.policy(&line.policy), Vec::new()),
                    Assignment::RoundRobin { groups, policy, overflow } => (groups, policy, overflow),
                };
                let rule = if line.manual { Rotates::No } else { Rotates::Yes };
                let list = |drawn: u64, list: Vec<Overflow>| named(drawn, if drawn == 2 { list } else { Vec::new() });
                let assignment = AssignmentChange {
                    rule: taken(drawn(), Some(rule)),
                    groups: named(drawn(), groups).filter(|_| !line.sticky),
                    policy: taken(drawn(), Some(policy)),
                    overflow: list(drawn(), overflow),
                };
                let most = channel.limit.map(|limit| limit.max_open);
                let limit = LimitChange {
                    max_open: taken(drawn(), most),
                    counts: named(drawn(), channel.limit.map_or(Counts::Open, |limit| limit.counts)),
                    scope: named(drawn(), channel.limit.map_or(Scope::User, |limit| limit.scope)),
                };
                let sla = SlaChange {
                    first_response: taken(drawn(), channel.sla.first_response),
                    closure: taken(drawn(), channel.sla.closure),
                    escalate_to: taken(drawn(), channel.sla.escalate_to),
                    business_hours: named(drawn(), channel.sla.business_hours),
                    pause_awaiting_customer: named(drawn(), channel.sla.pause_awaiting_customer),
                    on_reassign: named(drawn(), channel.sla.on_reassign),
                    on_requeue: named(drawn(), channel.sla.on_requeue),
                };
                let queue = QueueChange {
                    order: named(drawn(), channel.order),
                    head_start: taken(drawn(), Some(Span::from_secs(120))),
                };
                ChannelChange {
                    assignment: named(drawn(), assignment),
                    // Taken away in one go, people and tickets go too often: rarely.
                    view: taken(drawn() & drawn(), Some(channel.view)),
                    reply: taken(drawn() & drawn(), Some(channel.reply)),
                    manage: taken(drawn(), Some(channel.manage)),
                    limit: named(drawn(), limit),
                    weight_milli: named(drawn(), channel.weight_milli),
                    sla: named(drawn(), sla),
                    queue: named(drawn(), queue).filter(|_| self.organisation.order.is_none()),
                    priority: named(drawn(), channel.priority),
                    greeting: named(drawn(), channel.greeting),
                    away_text: named(drawn(), channel.away_text),
                    outside_text: named(drawn(), channel.outside_text),
                    spam_filter: named(drawn(), channel.spam_filter),
                    consent: named(drawn(), channel.consent),
                    close_after_silence: taken(drawn(), channel.close_after_silence),
                    sticky: named(drawn(), channel.sticky),
                    reopen_within: taken(drawn(), channel.reopen_within),
                    answers_at_start: named(drawn(), channel.answers_at_start),
                }
            })
            .collect()
    }
}

pub(crate) fn connection(number: u8) -> Connection {
    [Connection::Connected, Connection::Inactive, Connection::Disconnected][number as usize % 3]
}

fn order(number: u8) -> QueueOrder {
    match number {
        0 => QueueOrder::Fifo,
        1 => QueueOrder::Lifo,
        2 => QueueOrder::SlaDue,
        3 => QueueOrder::SessionsFirst,
        _ => QueueOrder::Aged { head_start: Span::from_secs(120) },
    }
}
