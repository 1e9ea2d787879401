//! The shape of a scenario file: what may stand where. What it means is decided in [`super::lower`].
//!
//! The doc comments here are what editors show, by way of the JSON Schema.

use super::read::{Anything, Map, Whole, table, words};
use super::source::At;
use super::unit::{
    BusinessHours, Confidence, CountDistribution, DateTime, Distribution, Duration, DurationOrAuto, DurationOrNever,
    Factors, Holds, Hours, Message, OneOrMore, Positive, Share, TimeOfDay, Times, WeekRates, Weekdays,
};
use crate::simulation::limits;

/// How many people one table may stand for.
const MOST_PEOPLE: i64 = limits::AGENTS as i64;

/// Priorities add up in 16 bits: a channel's, a customer's and those of up to 64 fields.
type Priority = Whole<-400, 400>;

table! {
    /// A scenario of desksim: a support desk, its people, and how long to watch them.
    Scenario, "a scenario" {
        /// The version of this file's format: 1.
        schema: Option<At<Whole<1, 1>>>,
        /// What the scenario is called in reports.
        title: Option<At<String>>,
        /// How long the run takes, and how often it is repeated.
        run: Option<Run>,
        /// The organisation.
        desk: Option<Desk>,
        /// Custom user statuses (STA); three system statuses, `Available`, `Away` and `Offline`, are there anyway.
        status: Option<Map<Status>>,
        /// Custom ticket fields (TIC-11).
        field: Option<Map<Field>>,
        /// Groups of users.
        group: Option<Map<Group>>,
        /// Shifts: when agents are in which status.
        shift: Option<Map<Shift>>,
        /// People who work tickets; their order is the last tie-break of assignment.
        agent: Option<Map<Agent>>,
        /// Where messages come from.
        channel: Option<Map<Channel>>,
        /// Classes of synthetic customers.
        customer: Option<Map<Customer>>,
        /// Assignment policies of one's own.
        policy: Option<Map<Policy>>,
        /// Things that happen to the desk, whoever is there.
        event: Option<Vec<Event>>,
        /// Named changes of this scenario, for `compare`: path = value.
        variant: Option<Map<Map<Anything>>>,
        /// A grid of changes, for `sweep`: path = list of values.
        sweep: Option<Map<At<Vec<Anything>>>>,
        /// The least staff that meets what is expected, for `staff`.
        staff: Option<Staff>,
        /// What `check` holds the results to.
        expect: Option<Vec<Expect>>,
        /// How `check` holds them to it.
        check: Option<Check>,
    }

    /// How long the run takes, and how often it is repeated.
    Run, "a table" {
        /// Civil time in the desk's zone at which the run starts; 2026-03-02T00:00:00, a Monday, unless set.
        start: Option<At<DateTime>>,
        /// How long it takes.
        duration: Option<At<Duration>>,
        /// Its beginning that is left out of every figure; `"auto"` finds it by MSER-5 in a pilot.
        warmup: Option<At<DurationOrAuto>>,
        /// Names all random draws.
        seed: Option<At<Whole<0, { i64::MAX }>>>,
        /// How many times it is repeated with other draws; 20 unless set.
        replications: Option<At<Whole<1, 1_000_000>>>,
        /// Repeat until a metric is known this well, instead of a fixed number of times.
        precision: Option<Precision>,
        /// One long replication, cut into this many batches from which intervals come, instead of repeating it.
        batches: Option<At<Whole<20, 1_000>>>,
    }

    /// Repeat until a metric is known well enough.
    Precision, "{ metric = …, relative = …, at_most = … }" {
        /// Which metric.
        metric: At<String>,
        /// Half-width of its 95 % interval, as a share of its mean; this or `absolute`.
        relative: Option<At<Positive>>,
        /// Half-width of its 95 % interval, in the metric's unit (times are seconds); this or `relative`.
        absolute: Option<At<Positive>>,
        /// No more replications than this.
        at_most: At<Whole<2, 1_000_000>>,
    }

    /// The organisation.
    Desk, "a table" {
        /// IANA time zone of all civil times; UTC unless set.
        timezone: Option<At<String>>,
        /// Opening hours by weekday, and holidays.
        business_hours: Option<BusinessHours>,
        /// CHN-8: off means messages flow without tickets.
        ticketing: Option<bool>,
        /// STA-11: a connected user who does nothing for this long is moved to `Away`.
        idle_timeout: Option<At<DurationOrNever>>,
        /// STA-12: what becomes of the tickets of a user who becomes unassignable.
        on_unavailable: Option<At<OnLoss>>,
        /// STA-12: after how long they return to the queue.
        requeue_after: Option<At<Duration>>,
        /// USR-2: what becomes of the tickets of a user who is disabled.
        on_disable: Option<At<OnLoss>>,
        /// MSG-1: the organisation's away text.
        away_message: Option<Message>,
        /// MSG-1: the organisation's text outside business hours.
        outside_business_hours_message: Option<Message>,
        /// SLA-10: what counts for SLA timers, where a channel does not say.
        clock: Option<At<Clock>>,
        /// SLA-3: whether awaiting the customer pauses the closure timer, where a channel does not say.
        pause_awaiting_customer: Option<bool>,
        /// SLA-6: what giving a ticket to another user does to its timers, where a channel does not say.
        on_reassign: Option<OnReassign>,
        /// SLA-7: what the next assignment does to cancelled timers, where a channel does not say.
        on_requeue: Option<OnRequeue>,
    }

    /// A custom user status.
    Status, "a table" {
        /// STA-4: how it connects the user.
        connection: At<Connection>,
        /// STA-5: whether users in it are assigned tickets; connected ones always are, others not unless set.
        assignable: Option<At<bool>>,
        /// MSG-3: what is sent to customers of a user in it.
        auto_message: Option<AutoMessage>,
    }

    /// A custom ticket field.
    Field, "a table" {
        /// What values fit.
        r#type: At<FieldType>,
        /// The choices, for the type `choice`.
        choices: Option<At<Vec<At<String>>>>,
        /// TIC-8: whether an agent must fill it in before closing.
        mandatory: Option<bool>,
        /// For tickets of this group alone.
        group: Option<At<String>>,
        /// Whether the customer fills it in with the first message; fields with `priority` are, others not unless set.
        asked: Option<bool>,
        /// QUE-2: points of priority by choice.
        priority: Option<Map<At<Priority>>>,
    }

    /// A group of users.
    Group, "an empty table" {}

    /// When agents are in which status; outside it they are Offline.
    Shift, "a table" {
        /// On which days it starts; every day unless set.
        days: Option<At<Weekdays>>,
        /// From when to when; over midnight where the end is not later than the start.
        hours: OneOrMore<Hours>,
        /// Breaks within the hours.
        breaks: Option<Vec<Break>>,
        /// How late people start.
        late: Option<Distribution<Times>>,
        /// Probability of not coming at all on a day.
        absence: Option<Share>,
    }

    /// A break in a shift.
    Break, "a break such as { status = \"Lunch\", at = \"12:30\", for = \"30m\" }" {
        /// The status people are in.
        status: At<String>,
        /// From when.
        at: At<TimeOfDay>,
        /// For how long.
        r#for: At<Duration>,
        /// Each next agent of the shift starts it this much later.
        stagger: Option<At<Duration>>,
    }

    /// One person, or several alike.
    Agent, "a table" {
        /// How many; one bears the table's name, more bear it with -1, -2, ….
        count: Option<At<Whole<1, MOST_PEOPLE>>>,
        /// The groups they are in.
        groups: Option<Vec<At<String>>>,
        /// When they work; without one they are always Available.
        shift: Option<At<String>>,
        /// A CSV file with columns `agent`, `start` and `end`: spells of duty of particular days, in place of a shift.
        roster: Option<At<String>>,
        /// How many replies they work on at a time; 1 unless set.
        concurrency: Option<At<Whole<1, 1000>>>,
        /// Factors on handle time with 1, 2, … at a time; all 1 unless set.
        slowdown: Option<At<Vec<Positive>>>,
        /// Factor on handle time, drawn once per agent; 2.0 takes twice as long.
        pace: Option<Distribution<Factors>>,
        /// Which ticket comes next.
        work_order: Option<WorkOrder>,
        /// Admins change statuses and channels and are notified; agents work tickets.
        role: Option<Role>,
        /// USR-1: disabled and pending users do nothing.
        state: Option<UserState>,
        /// CAP-3: a cap of their own, lower or higher, in place of the channels'; it holds where a channel has none.
        max_open: Option<At<Whole<1, 1_000_000>>>,
        /// MSG-5: a personal away text.
        away_message: Option<Message>,
        /// Breaks besides the shift's.
        breaks: Option<Vec<Break>>,
        /// Share of replies in whose place they escalate.
        escalates: Option<Share>,
        /// Factors on handle time by channel or field value.
        proficiency: Option<Map<At<Positive>>>,
    }

    /// Where messages come from.
    Channel, "a table" {
        /// CHN-1: groups and users who may reply, and be assigned tickets.
        reply: Option<Vec<At<String>>>,
        /// CHN-1: groups and users who may see it, without which nobody may do anything else; left out: who may reply or manage, too.
        view: Option<Vec<At<String>>>,
        /// CHN-1: groups and users who may close, escalate, transfer and assign to others, and reopen if they may reply.
        manage: Option<Vec<At<String>>>,
        /// CHN-3: how tickets find an assignee; by hand unless set.
        assignment: Option<Assignment>,
        /// CAP-1: the limit on open tickets; none unless set.
        limit: Option<Limit>,
        /// SLA-1: the service-level agreement.
        sla: Option<Sla>,
        /// QUE-2: the order of the queue.
        queue: Option<Queue>,
        /// QUE-2: points of priority of the channel's tickets.
        priority: Option<At<Priority>>,
        /// MSG-2: sent on the first message that a customer writes in a conversation.
        greeting: Option<Message>,
        /// MSG-1: the channel's own away text.
        away_message: Option<Message>,
        /// MSG-1: the channel's own text outside business hours.
        outside_business_hours_message: Option<Message>,
        /// CHN-6: whether messages marked as spam are filtered.
        spam_filter: Option<bool>,
        /// CHN-7: whether customers are asked for consent.
        consent: Option<bool>,
        /// TIC-9: the system closes a ticket that has awaited the customer for this long.
        close_after_silence: Option<At<DurationOrNever>>,
        /// TIC-6, ASG-11: a conversation's next ticket or session goes to its last assignee first.
        sticky: Option<bool>,
        /// TIC-6: a message later than this after closure makes a new ticket.
        reopen_within: Option<At<DurationOrNever>>,
        /// CAP-2: how much one of its tickets counts; 1 unless set.
        weight: Option<At<Positive>>,
        /// TIC-12: whether a ticket is answered with the reply, as in writing, or as work on it starts, as on the phone.
        answers: Option<Answers>,
    }

    /// How tickets find an assignee.
    Assignment, "an assignment such as { rule = \"round_robin\", groups = [\"support\"] }" {
        /// By hand alone, or by the system; round robin unless set, where groups are named.
        rule: Option<At<Rule>>,
        /// Whose users are eligible.
        groups: Option<At<Vec<At<String>>>>,
        /// ASG-3: longest since last assigned comes first.
        by_wait_time: Option<At<bool>>,
        /// ASG-5: another policy, ready-made or one's own.
        policy: Option<At<String>>,
        /// QUE-9: further groups once the head of the lane has waited.
        overflow: Option<Vec<Overflow>>,
    }

    /// Further groups for a lane whose head has waited.
    Overflow, "an overflow such as { groups = [\"leads\"], after = \"10m\" }" {
        /// Whose users become eligible.
        groups: At<Vec<At<String>>>,
        /// Once the head has waited this long.
        after: At<Duration>,
    }

    /// A limit on open tickets.
    Limit, "a limit such as { max_open = 4 }" {
        /// From this many on nothing more is assigned automatically; left out: no limit.
        max_open: Option<At<Whole<1, 1_000_000>>>,
        /// CAP-2: which tickets count.
        counts: Option<Counts>,
        /// CAP-2: over which channels.
        scope: Option<Scope>,
    }

    /// A service-level agreement.
    Sla, "an agreement such as { first_response = \"5m\", closure = \"8h\" }" {
        /// SLA-3: from assignment to the first reply.
        first_response: Option<At<Duration>>,
        /// SLA-3: from the cycle's first assignment to closure.
        closure: Option<At<Duration>>,
        /// ESC-1: the user whom breaches escalate to.
        escalate_to: Option<At<String>>,
        /// SLA-10: whether all time counts, or business hours alone.
        clock: Option<At<Clock>>,
        /// SLA-3: whether awaiting the customer pauses the closure timer.
        pause_awaiting_customer: Option<bool>,
        /// SLA-6: what giving a ticket to another user does to its timers.
        on_reassign: Option<OnReassign>,
        /// SLA-7: what the next assignment does to cancelled timers.
        on_requeue: Option<OnRequeue>,
    }

    /// The order of a queue.
    Queue, "an order such as { order = \"fifo\" }" {
        /// Which ticket comes first.
        order: Option<At<Order>>,
        /// For `aged`: how much earlier a point of priority makes the wait start.
        head_start: Option<At<Duration>>,
    }

    /// A class of synthetic customers.
    Customer, "a table" {
        /// Where they write.
        channel: At<String>,
        /// When they come.
        arrivals: Arrivals,
        /// One reply's work.
        handle_time: Distribution<Times>,
        /// The agent's work after the last reply, before closing.
        wrap_up: Option<Distribution<Times>>,
        /// Agent replies until resolved; 1 unless set.
        replies: Option<CountDistribution>,
        /// The customer's, between an agent's reply and the next message.
        reply_delay: Option<Distribution<Times>>,
        /// How long they wait before they abandon; left out: for ever.
        patience: Option<Distribution<Times>>,
        /// What patience is lost over: time in the queue, or until the first reply.
        abandons: Option<At<Abandons>>,
        /// Whether they come back after closure.
        reopens: Option<Reopens>,
        /// Between messages of one who waits for a reply; left out: they write once.
        nudges: Option<Distribution<Times>>,
        /// Share of first messages that are spam.
        spam: Option<Share>,
        /// Share who never answer an agent's reply.
        silent: Option<Share>,
        /// Share who consent where the channel asks; 1 unless set.
        consents: Option<Share>,
        /// How long the answer to the question for consent takes.
        consent_delay: Option<Distribution<Times>>,
        /// Values of custom fields: one, or several with their weights.
        fields: Option<Map<Anything>>,
        /// Points of priority of their own.
        priority: Option<At<Priority>>,
    }

    /// When customers come.
    Arrivals, "arrivals such as { per_hour = 40 }" {
        /// Poisson arrivals: a number per hour, or numbers over the day, or by weekday.
        per_hour: Option<At<WeekRates>>,
        /// A factor on the rates, drawn once per day.
        day_factor: Option<Distribution<Factors>>,
        /// One every so often.
        every: Option<At<Duration>>,
        /// A CSV file of recorded arrivals.
        file: Option<At<String>>,
    }

    /// Coming back after closure.
    Reopens, "{ probability = …, after = … }" {
        /// How likely, at each closure.
        probability: Share,
        /// How long after it.
        after: Distribution<Times>,
    }

    /// An assignment policy of one's own.
    Policy, "a table" {
        /// Keys over the eligible users, the first that differs decides; `-` means largest first.
        keys: At<Vec<At<String>>>,
    }

    /// Something that happens to the desk.
    Event, "an event such as { at = \"1d12h\", do = { … } }" {
        /// When, from the run's start.
        at: At<Duration>,
        /// A command of the log.
        r#do: Anything,
    }

    /// The least staff that meets what is expected: every `[[expect]]` with at_most or at_least, but for warnings.
    Staff, "a table" {
        /// The whole numbers that may vary, by path, such as `"agent.support.count" = { min = 5, max = 40, cost = 1.0 }`.
        counts: At<Map<StaffCount>>,
        /// In which sense the limits must hold; `"mean"` unless set.
        holds: Option<At<Holds>>,
        /// How sure it must be that they do; 0.95 unless set.
        confidence: Option<Confidence>,
        /// No more replications of one desk than this; 200 unless set.
        max_replications: Option<At<Whole<10, 1_000_000>>>,
    }

    /// A whole number that may vary.
    StaffCount, "bounds such as { min = 5, max = 40, cost = 1.0 }" {
        /// No less than this.
        min: At<Whole<0, 1_000_000>>,
        /// No more than this.
        max: At<Whole<0, 1_000_000>>,
        /// What each one costs, in any unit; 1 unless set.
        cost: Option<Positive>,
    }

    /// What `check` holds the results to.
    Expect, "an expectation such as { metric = …, at_most = … }" {
        /// Which metric, with labels in braces where it has any.
        metric: At<String>,
        /// No more than this.
        at_most: Option<At<f64>>,
        /// No less than this.
        at_least: Option<At<f64>>,
        /// What `at_most` and `at_least` are for; the mean unless set.
        on: Option<At<On>>,
        /// The mean is as near to the baseline's as this.
        within: Option<Within>,
        /// No worse than the baseline by more than this.
        no_worse_than_baseline: Option<At<Margin>>,
        /// The same as the baseline, give or take this.
        same_as_baseline: Option<At<Margin>>,
        /// Whether `check` fails with it.
        severity: Option<Severity>,
        /// How sure a verdict must be; as `[check]`, and for `staff` as `[staff]` says unless set.
        confidence: Option<Confidence>,
        /// In which sense `staff` takes `at_most` and `at_least`; as `[staff]` says unless set.
        holds: Option<At<Holds>>,
        /// What it counts as when the replications cannot tell; as `[check]` says unless set.
        on_inconclusive: Option<OnInconclusive>,
    }

    /// As near to the baseline as this.
    Within, "{ of_baseline = 0.02 }" {
        /// The largest difference.
        of_baseline: Positive,
    }

    /// A margin about the baseline.
    Margin, "{ margin = 0.01 }" {
        /// The margin, in the metric's unit.
        margin: super::unit::NotNegative,
    }

    /// How `check` holds results to what is expected.
    Check, "a table" {
        /// How sure verdicts must be; 0.95 unless set.
        confidence: Option<Confidence>,
        /// Where the replications cannot tell, up to so many are made; no more than the scenario's own unless set.
        max_replications: Option<At<Whole<1, 1_000_000>>>,
        /// What it counts as when they cannot tell even so; a failure unless set.
        on_inconclusive: Option<OnInconclusive>,
        /// Whether every command and effect must be the baseline's.
        exact: Option<bool>,
    }
}

words! {
    /// What becomes of tickets whose user is lost.
    OnLoss, "\"keep\" or \"requeue\"" {
        /// They stay.
        Keep = "keep",
        /// They return to the queue.
        Requeue = "requeue",
    }

    /// What counts for SLA timers.
    Clock, "\"round_the_clock\" or \"business_hours\"" {
        /// All time.
        RoundTheClock = "round_the_clock",
        /// Business hours alone.
        BusinessHours = "business_hours",
    }

    /// SLA-6.
    OnReassign, "one of \"restart_first_response\", \"keep\", \"restart_both\"" {
        /// The first-response timer restarts, while none was given.
        RestartFirstResponse = "restart_first_response",
        /// Nothing restarts.
        Keep = "keep",
        /// Both restart.
        RestartBoth = "restart_both",
    }

    /// SLA-7.
    OnRequeue, "\"restart\" or \"resume\"" {
        /// Timers start afresh.
        Restart = "restart",
        /// Timers go on with the time that was left.
        Resume = "resume",
    }

    /// STA-4.
    Connection, "one of \"connected\", \"inactive\", \"disconnected\"" {
        /// Present.
        Connected = "connected",
        /// Away for a while.
        Inactive = "inactive",
        /// Not there.
        Disconnected = "disconnected",
    }

    /// MSG-3.
    AutoMessage, "one of \"none\", \"away\", \"outside_business_hours\"" {
        /// No message.
        None = "none",
        /// The away text.
        Away = "away",
        /// The text outside business hours.
        OutsideBusinessHours = "outside_business_hours",
    }

    /// TIC-11.
    FieldType, "one of \"text\", \"number\", \"choice\", \"date\", \"checkbox\"" {
        /// Any text.
        Text = "text",
        /// Any number.
        Number = "number",
        /// One of some choices.
        Choice = "choice",
        /// A date.
        Date = "date",
        /// Ticked or not.
        Checkbox = "checkbox",
    }

    /// Which ticket an agent works on next.
    WorkOrder, "one of \"oldest_first\", \"newest_first\", \"deadline_first\", \"random\"" {
        /// The one that has been theirs to answer for longest.
        OldestFirst = "oldest_first",
        /// The one that became theirs to answer last.
        NewestFirst = "newest_first",
        /// The one whose SLA timer is due first.
        DeadlineFirst = "deadline_first",
        /// Any.
        Random = "random",
    }

    /// A user's role.
    Role, "\"admin\" or \"agent\"" {
        /// Changes statuses and channels, and is notified.
        Admin = "admin",
        /// Works tickets.
        Agent = "agent",
    }

    /// USR-1.
    UserState, "one of \"enabled\", \"disabled\", \"pending\"" {
        /// May act and be assigned.
        Enabled = "enabled",
        /// Neither.
        Disabled = "disabled",
        /// Invited; neither as yet.
        Pending = "pending",
    }

    /// CHN-3.
    Rule, "\"manual\" or \"round_robin\"" {
        /// By hand alone.
        Manual = "manual",
        /// By the system.
        RoundRobin = "round_robin",
    }

    /// TIC-12: when a ticket is answered.
    Answers, "\"at_reply\" or \"at_start\"" {
        /// When the reply is sent, as in writing.
        AtReply = "at_reply",
        /// When work on it starts, as on the phone.
        AtStart = "at_start",
    }

    /// CAP-2: which tickets count.
    Counts, "\"open\" or \"pending\"" {
        /// All that are not closed.
        Open = "open",
        /// Those that the user owes a reply.
        Pending = "pending",
    }

    /// CAP-2: over which channels.
    Scope, "\"user\" or \"channel\"" {
        /// All channels.
        User = "user",
        /// The limit's own.
        Channel = "channel",
    }

    /// QUE-2.
    Order, "one of \"fifo\", \"lifo\", \"sla_due\", \"sessions_first\", \"aged\"" {
        /// Longest wait first.
        Fifo = "fifo",
        /// Shortest wait first.
        Lifo = "lifo",
        /// Earliest deadline first.
        SlaDue = "sla_due",
        /// New sessions before new conversations.
        SessionsFirst = "sessions_first",
        /// By wait start, moved back for each point of priority.
        Aged = "aged",
    }

    /// What patience is lost over.
    Abandons, "\"queue\" or \"first_response\"" {
        /// Time in the queue.
        Queue = "queue",
        /// Time until the first reply.
        FirstResponse = "first_response",
    }

    /// What of a metric a limit is for.
    On, "one of \"mean\", \"ci_upper\", \"ci_lower\", \"worst_replication\"" {
        /// The mean over the replications.
        Mean = "mean",
        /// The upper end of its interval.
        CiUpper = "ci_upper",
        /// The lower end of its interval.
        CiLower = "ci_lower",
        /// Every replication.
        WorstReplication = "worst_replication",
    }

    /// Whether a check fails with an expectation.
    Severity, "\"error\" or \"warning\"" {
        /// It does.
        Error = "error",
        /// It is shown, and that is all.
        Warning = "warning",
    }

    /// What an open question counts as.
    OnInconclusive, "one of \"fail\", \"pass\", \"warn\"" {
        /// As not held.
        Fail = "fail",
        /// As held.
        Pass = "pass",
        /// As something to be shown.
        Warn = "warn",
    }
}
