use super::*;
use crate::desk::{AutoMessage, ChannelId, Closer, Command, Desk, Effect, GroupId, Session, TicketState, UserId};
use crate::measures::{Cast, Measures, Sheet};
use crate::scenario::{Part, Source, load};
use crate::simulation::{Input, Model, Observer, Step, simulate};
use crate::time::{Instant, Span};
use proptest::prelude::*;
use std::sync::LazyLock;

/// A model from a file of `scenarios/`.
fn scenario(file: &str) -> Model {
    let text = std::fs::read_to_string(file).unwrap();
    load(&Source::new(file, text), &[], Part::Whole).unwrap_or_else(|problems| panic!("{problems}")).model
}

/// A model of one channel, `chat`, of the group `support` with the agent `ana`, and what else is said.
fn small(channel: &str, rest: &str) -> Model {
    let text = format!(
        "schema = 1\ntitle = \"small\"\n[group.support]\n[group.leads]\n[agent.ana]\ngroups = [\"support\"]\n\
         [agent.lead]\ngroups = [\"leads\"]\n[channel.chat]\nassignment = {{ groups = [\"support\"] }}\n{channel}\n\
         [customer.caller]\nchannel = \"chat\"\n{rest}"
    );
    load(&Source::new("small.toml", text), &[], Part::Whole).unwrap_or_else(|problems| panic!("{problems}")).model
}

fn rows_of(model: &Model, replication: u32) -> Vec<TicketRow> {
    let (cast, hindsight) = (Cast::new(model), Hindsight::of(model, model.run.seed, replication, &mut ()).unwrap());
    let mut rows = Vec::new();
    simulate(
        model,
        model.run.seed,
        replication,
        &mut Ledger::new(&cast, &hindsight, |row: &TicketRow| rows.push(row.clone())),
    )
    .unwrap();
    rows
}

fn secs(secs: u64) -> Instant {
    Instant::ZERO + Span::from_secs(secs)
}

fn span(secs: u64) -> Option<Span> {
    Some(Span::from_secs(secs))
}

const ANA: UserId = UserId(0);
const LEAD: UserId = UserId(1);

#[test]
fn a_plain_ticket_is_one_row() {
    let model = small(
        "sla = { first_response = \"5m\", closure = \"1h\" }\nlimit = { max_open = 1 }",
        "arrivals = { every = \"1m\" }\nhandle_time = \"90s\"\nreplies = 1\n[run]\nduration = \"5m\"\n",
    );
    let rows = rows_of(&model, 0);
    let shown = |row: &TicketRow| (row.ticket.number, row.queued_for, row.closed_at, row.card());
    use StatusCard::{AwaitingResponse, Closed, Queued};
    assert_eq!(
        rows.iter().map(shown).collect::<Vec<_>>(),
        [
            (1, span(0), Some(secs(150)), Closed),
            (2, span(30), Some(secs(240)), Closed),
            (3, span(60), None, AwaitingResponse),
            (4, None, None, Queued)
        ],
        "cycles that ended in the order in which they did, then the others by ticket"
    );
    let second = &rows[1];
    assert_eq!(
        (second.created_at, second.queued_at, second.assigned_at),
        (secs(120), Some(secs(120)), Some(secs(150)))
    );
    assert_eq!((second.first_response_at, second.closed_by), (Some(secs(240)), Some(Closer::User(ANA))));
    assert_eq!((second.group, second.assigned_agent), (Some(GroupId(0)), Some(ANA)));
    let met = |target, took| TimerRow {
        target: span(target),
        took: span(took),
        outcome: Some(SlaOutcome::Met),
        user: Some(ANA),
        customer: Some(CustomerOutcome::InTime),
    };
    assert_eq!((second.first_response, second.closure), (met(300, 90), met(3600, 90)));
    assert_eq!((second.customer_first_response, second.customer_resolution), (span(120), span(120)));
    assert_eq!((second.cycle, second.reopens, second.session()), (1, 0, Session::NewConversation));
    assert_eq!(second.sentiment, Some(Sentiment::Positive));
    let message = second.last_message.unwrap();
    assert_eq!((message.at, message.sender, message.occasion), (secs(240), Sender::User(ANA), Occasion::FirstReply));
    assert_eq!(rows[2].first_response.outcome, Some(SlaOutcome::Running));
    assert_eq!((rows[3].first_response, rows[3].assigned_agent, rows[3].group), (TimerRow::default(), None, None));
    assert_eq!(rows[3].sentiment, Some(Sentiment::Neutral));
}

#[test]
fn a_wait_begins_with_the_queue() {
    let text = "schema = 1\ntitle = \"own\"\n[run]\nduration = \"10m\"\n[group.support]\n[group.leads]\n[agent.ana]\n\
        groups = [\"support\"]\n[agent.root]\nrole = \"admin\"\ngroups = [\"leads\"]\n[channel.chat]\n\
        assignment = { groups = [\"support\"] }\n[customer.caller]\nchannel = \"chat\"\narrivals = { every = \"1h\" }\n\
        handle_time = \"30m\"\n[[event]]\nat = \"10s\"\n\
        do = { open_conversation = { user = \"ana\", conversation = \"x\", channel = \"chat\" } }\n\
        [[event]]\nat = \"100s\"\ndo = { disable_user = { by = \"root\", user = \"ana\" } }\n\
        [[event]]\nat = \"130s\"\ndo = { enable_user = { by = \"root\", user = \"ana\" } }\n";
    let model =
        load(&Source::new("own.toml", text), &[], Part::Whole).unwrap_or_else(|problems| panic!("{problems}")).model;
    let [row] = &rows_of(&model, 0)[..] else { panic!("one ticket") };
    assert_eq!((row.created_at, row.assigned_at), (secs(10), Some(secs(10))));
    assert_eq!((row.queued_at, row.queued_for), (Some(secs(100)), span(30)), "QUE-6");
}

#[test]
fn a_breach_is_told_from_the_timer_that_was_breached() {
    let model = small(
        "sla = { first_response = \"1m\", closure = \"1h\", escalate_to = \"lead\" }",
        "arrivals = { every = \"10m\" }\nhandle_time = \"5m\"\nreplies = 1\n[run]\nduration = \"18m\"\n",
    );
    let [row] = &rows_of(&model, 0)[..] else { panic!("one ticket") };
    // ESC-1 at 11m; the lead begins anew and replies at 16m, when the second timer is over too.
    let breached = TimerRow {
        target: span(60),
        took: span(360),
        outcome: Some(SlaOutcome::Breached),
        user: Some(ANA),
        customer: Some(CustomerOutcome::Late),
    };
    assert_eq!((row.first_response, row.customer_first_response), (breached, span(360)));
    let restarted = TimerRow {
        target: span(3600),
        took: span(300),
        outcome: Some(SlaOutcome::Met),
        user: Some(LEAD),
        customer: Some(CustomerOutcome::InTime),
    };
    assert_eq!(row.closure, restarted, "ESC-3");
    assert_eq!((row.escalations, row.escalated_to, row.assigned_agent), (1, Some(LEAD), Some(LEAD)));
    assert_eq!((row.group, row.sentiment), (Some(GroupId(1)), Some(Sentiment::Negative)));
    assert_eq!((row.state, row.card()), (TicketState::Closed, StatusCard::Closed));
}

#[test]
fn a_reopened_ticket_is_a_row_for_each_cycle() {
    let model = small(
        "",
        "arrivals = { every = \"10m\" }\nhandle_time = \"1m\"\nreplies = 1\n\
         reopens = { probability = 1.0, after = \"2m\" }\n[run]\nduration = \"17m\"\n",
    );
    let rows = rows_of(&model, 0);
    let shown = |row: &TicketRow| (row.cycle, row.reopens, row.created_at, row.queued_at, row.is_latest(), row.card());
    assert_eq!(
        rows.iter().map(shown).collect::<Vec<_>>(),
        [
            (1, 2, secs(600), Some(secs(600)), false, StatusCard::Closed),
            (2, 2, secs(600), Some(secs(780)), false, StatusCard::Closed),
            (3, 2, secs(600), Some(secs(960)), true, StatusCard::Reopened),
        ]
    );
    assert_eq!(rows[1].customer_first_response, span(60), "from reactivation");
    assert_eq!(
        (rows[1].session(), rows[1].last_message.unwrap().occasion),
        (Session::NewSession, Occasion::FirstReply)
    );
    assert_eq!(rows[2].last_message.unwrap().occasion, Occasion::Return);
}

/// How the desk itself says that its tickets stand at the end.
#[derive(Default)]
struct AtTheEnd(Vec<StatusCard>);

impl Observer for AtTheEnd {
    fn step(&mut self, _step: &Step<'_>, _desk: &Desk) {}

    fn finish(&mut self, _now: Instant, desk: &Desk) {
        let card = |number| {
            let ticket = desk.find(number).expect("numbers have no gaps");
            StatusCard::of(desk.state(ticket), desk.is_escalated(ticket), desk.cycle(ticket))
        };
        self.0 = (1..=desk.ticket_count() as u32).map(card).collect();
    }
}

/// How many messages the steps say there were: by the customers, by people of the desk, by the desk itself.
#[derive(Default)]
struct Counted([usize; 3]);

impl Observer for Counted {
    fn step(&mut self, step: &Step<'_>, _desk: &Desk) {
        let is_filtered = |effect: &Effect| matches!(effect, Effect::SpamFiltered { .. });
        match step.input {
            Input::Command(Command::Message { .. }) if step.effects.iter().any(is_filtered) => {}
            Input::Command(Command::Message { .. } | Command::Consent { .. }) if step.refused.is_none() => {
                self.0[0] += 1
            }
            _ => {}
        }
        self.0[1] += step.effects.iter().filter(|effect| matches!(effect, Effect::Replied { .. })).count();
        self.0[2] += step.effects.iter().filter(|effect| matches!(effect, Effect::AutoMessageSent { .. })).count();
    }
}

struct Week {
    rows: Vec<TicketRow>,
    messages: Vec<Message>,
    counted: [usize; 3],
    sheet: Sheet,
    cards: Vec<StatusCard>,
    model: Model,
}

/// The busiest example: three channels, reopening, escalation, consent, spam, silence, overflow.
static WEEK: LazyLock<Week> = LazyLock::new(|| {
    let model = scenario("scenarios/shop-week.toml");
    let (cast, hindsight) = (Cast::new(&model), Hindsight::of(&model, 1, 0, &mut ()).unwrap());
    let (mut rows, mut messages) = (Vec::new(), Vec::new());
    let mut watch = (
        Ledger::new(&cast, &hindsight, |row: &TicketRow| rows.push(row.clone())),
        Measures::new(&cast, &model.names, Span::ZERO),
        AtTheEnd::default(),
        Messages::new(|message: &Message| messages.push(*message)),
        Counted::default(),
    );
    simulate(&model, 1, 0, &mut watch).unwrap();
    let (_, measures, AtTheEnd(cards), _, Counted(counted)) = watch;
    let sheet = measures.sheet();
    Week { rows, messages, counted, sheet, cards, model }
});

#[test]
fn rows_add_up_to_the_figures_of_the_run() {
    let Week { rows, sheet, .. } = &*WEEK;
    let count = |wanted: &dyn Fn(&TicketRow) -> bool| rows.iter().filter(|row| wanted(row)).count() as f64;
    let sum = |of: &dyn Fn(&TicketRow) -> u32| rows.iter().map(|row| f64::from(of(row))).sum::<f64>();
    let mean = |of: &dyn Fn(&TicketRow) -> Option<Span>| {
        let all: Vec<u64> = rows.iter().filter_map(of).map(Span::as_micros).collect();
        all.iter().sum::<u64>() as f64 / 1e6 / all.len() as f64
    };
    for (metric, of_rows) in [
        ("tickets.created", count(&|row| row.cycle == 1)),
        ("tickets.created", count(&TicketRow::is_latest)),
        ("tickets.reopened", count(&|row| row.cycle > 1)),
        ("tickets.closed", count(&|row| row.closed_at.is_some())),
        ("tickets.open_at_end", count(&|row| row.closed_at.is_none())),
        ("tickets.escalated", sum(&|row| row.escalations)),
        ("tickets.transferred", sum(&|row| row.transfers)),
    ] {
        assert_eq!(sheet.desk(metric), Some(of_rows), "{metric}");
    }
    for (metric, of_rows) in [
        ("customer.first_response.mean", mean(&|row| row.customer_first_response)),
        ("customer.resolution.mean", mean(&|row| row.customer_resolution)),
    ] {
        let figure = sheet.desk(metric).unwrap();
        assert!((of_rows / figure - 1.0).abs() < 1e-9, "{metric}: {of_rows} and {figure}");
    }
    // Timers may start again within a cycle, which has one row: a row has at most as many as the run.
    for (timer, of_row) in [("first_response", 0), ("closure", 1)] {
        let with = |outcome| count(&|row| [row.first_response, row.closure][of_row].outcome == Some(outcome));
        let figure = |suffix: &str| sheet.desk(&format!("sla.{timer}.{suffix}")).unwrap();
        assert!(with(SlaOutcome::Breached) > 0.0 && with(SlaOutcome::Breached) <= figure("breached"), "{timer}");
        assert!(with(SlaOutcome::Met) > 0.0 && with(SlaOutcome::Met) <= figure("met"), "{timer}");
        let ended = ["met", "breached", "cancelled", "unanswered", "running"].map(figure).iter().sum::<f64>();
        assert_eq!(ended, figure("started"), "{timer}");
    }
}

#[test]
fn the_six_cards_are_the_desks_tickets() {
    let Week { rows, cards, .. } = &*WEEK;
    let mut latest: Vec<(u32, StatusCard)> =
        rows.iter().filter(|row| row.is_latest()).map(|row| (row.ticket.number, row.card())).collect();
    latest.sort_unstable();
    assert_eq!(latest, (1..).zip(cards.iter().copied()).collect::<Vec<_>>(), "each ticket once, as the desk has it");
    let mut counted = Cards::default();
    rows.iter().for_each(|row| counted.count(row));
    assert_eq!(counted.total(), cards.len() as u64);
    for card in StatusCard::ALL {
        assert_eq!(counted.on(card), cards.iter().filter(|other| **other == card).count() as u64, "{card:?}");
    }
}

#[test]
fn rows_come_as_cycles_end_and_a_tickets_in_its_order() {
    let rows = &WEEK.rows;
    let key = |row: &TicketRow| (row.closed_at.unwrap_or(Instant::MAX), row.closed_at.map_or(row.ticket.number, |_| 0));
    assert!(rows.is_sorted_by_key(key));
    let mut cycles = std::collections::BTreeMap::new();
    for row in rows {
        let before = cycles.insert(row.ticket.number, row.cycle).unwrap_or(0);
        assert_eq!(row.cycle, before + 1, "ticket {}", row.ticket);
    }
    assert!(rows.iter().any(|row| row.reopens > 1), "some come back twice");
}

#[test]
fn every_message_is_one_and_has_its_place() {
    let Week { rows, messages, counted, .. } = &*WEEK;
    let sent_by = |wanted: &dyn Fn(&Message) -> bool| messages.iter().filter(|message| wanted(message)).count();
    let asked = sent_by(&|message| message.occasion == Occasion::ConsentAsked);
    assert_eq!(sent_by(&|message| message.sender == Sender::Customer), counted[0]);
    assert_eq!(sent_by(&|message| matches!(message.sender, Sender::User(_))), counted[1]);
    assert_eq!(sent_by(&|message| message.sender == Sender::System), counted[2] + asked);
    assert!(asked > 0 && counted.iter().all(|count| *count > 100), "{asked} {counted:?}");
    assert!(messages.is_sorted_by_key(|message| message.at));
    let mut last = std::collections::BTreeMap::new();
    for message in messages {
        let (ticket, cycle) = message.ticket.expect("ticketing is on");
        last.insert((ticket.number, cycle), *message);
        if let Sender::User(_) | Sender::System = message.sender {
            assert_eq!(message.direction(), Direction::Outbound);
        } else {
            assert_eq!(message.direction(), Direction::Inbound);
        }
    }
    assert_eq!(last.len(), rows.len(), "every cycle begins with a message here");
    for row in rows {
        let said = last[&(row.ticket.number, row.cycle)];
        assert_eq!(row.last_message, Some(said), "ticket {} cycle {}", row.ticket, row.cycle);
        let within = row.created_at <= said.at && row.closed_at.is_none_or(|closed| said.at <= closed);
        assert!(within, "ticket {} cycle {}", row.ticket, row.cycle);
    }
}

#[test]
fn messages_are_on_the_occasion_that_the_ticket_shows() {
    let model = small(
        "consent = true\ngreeting = \"Hello!\"",
        "arrivals = { every = \"1h\" }\nhandle_time = \"4m\"\nreplies = 2\nreply_delay = \"10m\"\nconsent_delay = \"1m\"\n\
         nudges = \"3m\"\nreopens = { probability = 1.0, after = \"20m\" }\n[run]\nduration = \"1h45m\"\n",
    );
    let mut told = Vec::new();
    let mut messages = Messages::new(|message: &Message| {
        let (ticket, cycle) = message.ticket.unwrap();
        told.push((message.at, ticket.number, cycle, message.sender, message.occasion));
    });
    simulate(&model, 1, 0, &mut messages).unwrap();
    let at = |minutes: u64| secs(60 * minutes);
    use Occasion::*;
    use Sender::{Customer, System, User};
    let first: Vec<_> =
        told.into_iter().filter(|told| told.1 == 1).map(|(at, _, cycle, who, why)| (at, cycle, who, why)).collect();
    assert_eq!(
        first,
        [
            (at(60), 1, Customer, Request),
            (at(60), 1, System, Auto(AutoMessage::Greeting, None)),
            (at(60), 1, System, ConsentAsked),
            (at(61), 1, Customer, Consent(true)),
            (at(64), 1, Customer, Reminder),
            (at(65), 1, User(ANA), FirstReply),
            (at(75), 1, Customer, Answer),
            (at(78), 1, Customer, Reminder),
            (at(79), 1, User(ANA), Reply),
            (at(99), 2, Customer, Return),
            (at(102), 2, Customer, Reminder),
            (at(103), 2, User(ANA), FirstReply),
        ]
    );
}

#[test]
fn a_refused_consent_is_the_last_that_is_heard() {
    let model = small(
        "consent = true",
        "arrivals = { every = \"50m\" }\nhandle_time = \"4m\"\nconsents = 0.0\nconsent_delay = \"1m\"\n[run]\nduration = \"1h\"\n",
    );
    let [row] = &rows_of(&model, 0)[..] else { panic!("one ticket") };
    assert_eq!((row.closed_by, row.queued_at, row.queued_for), (Some(Closer::Customer), None, None));
    assert_eq!(row.last_message.unwrap().occasion, Occasion::Consent(false));
    assert_eq!(row.sentiment, Some(Sentiment::Neutral), "to refuse is not to give up");
}

#[test]
fn without_tickets_there_are_messages_all_the_same() {
    let model = small(
        "greeting = \"Hello!\"",
        "arrivals = { every = \"10m\" }\nhandle_time = \"4m\"\n[desk]\nticketing = false\n[run]\nduration = \"25m\"\n",
    );
    assert!(rows_of(&model, 0).is_empty(), "CHN-8");
    let mut told = Vec::new();
    let mut messages = Messages::new(|message: &Message| told.push((message.ticket, message.sender, message.occasion)));
    simulate(&model, 1, 0, &mut messages).unwrap();
    let both = [
        (None, Sender::Customer, Occasion::Request),
        (None, Sender::System, Occasion::Auto(AutoMessage::Greeting, None)),
    ];
    assert_eq!(told, [both, both].concat());
}

#[test]
fn what_is_written_is_the_same_each_time_and_of_all_five_types() {
    let Week { messages, model, .. } = &*WEEK;
    let content = Content::new(&model.names, 1, 0);
    let (mut parts, mut again) = (Vec::new(), Vec::new());
    let mut seen = std::collections::BTreeMap::new();
    for message in messages {
        content.parts(message, &mut parts);
        Content::new(&model.names, 1, 0).parts(message, &mut again);
        assert_eq!(parts, again);
        assert!(!parts.is_empty());
        for part in &parts {
            *seen.entry((message.direction().name(), part.content_type)).or_insert(0) += 1;
        }
        let text = content.text(message);
        assert!(parts.iter().any(|part| part.content == text) && !text.is_empty());
    }
    for content_type in ContentType::ALL {
        let count: i32 = seen.iter().filter(|((_, other), _)| *other == content_type).map(|(_, count)| count).sum();
        assert!(count > 100, "EXP-2: {content_type:?}: {seen:?}");
    }
    // What the scenario says itself: a channel's greeting and the organisation's texts.
    let texts: std::collections::BTreeSet<_> = messages.iter().map(|message| content.text(message)).collect();
    for own in [
        "Hello! How can we help?",
        "Our desk opens at eight. Your message is not lost.",
        "We will be with you shortly.",
    ] {
        assert!(texts.contains(own), "{own}");
    }
    let other = Content::new(&model.names, 2, 0);
    assert!(messages.iter().any(|message| other.text(message) != content.text(message)), "seeds name the words");
}

fn filters() -> impl Strategy<Value = Filter> {
    let week = &*WEEK;
    let end = week.model.run.duration.as_micros();
    let instant = proptest::option::of((0..end).prop_map(Instant::from_micros));
    let channels = proptest::collection::vec((0..3u32).prop_map(ChannelId), 0..3);
    let groups = proptest::collection::vec((0..3u32).prop_map(GroupId), 0..3);
    let users = week.model.names.user_count() as u32;
    let agents = proptest::collection::vec((0..users).prop_map(UserId), 0..6);
    let cards = proptest::sample::subsequence(StatusCard::ALL.to_vec(), 0..=6);
    (instant.clone(), instant, channels, groups, agents, cards, any::<bool>()).prop_map(
        |(from, to, channels, groups, agents, cards, latest)| Filter {
            from,
            to,
            channels,
            groups,
            agents,
            cards,
            latest,
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 100, ..ProptestConfig::default() })]

    /// DSH-1, DSH-4: whatever is filtered for, every ticket that passes is on one card.
    #[test]
    fn the_cards_add_up_under_every_filter(filter in filters()) {
        let rows = &WEEK.rows;
        let mut cards = Cards::default();
        rows.iter().filter(|row| filter.passes(row)).for_each(|row| cards.count(row));
        let numbers: std::collections::BTreeSet<u32> = rows
            .iter()
            .filter(|row| filter.passes(row) && row.is_latest())
            .map(|row| row.ticket.number)
            .collect();
        prop_assert_eq!(cards.total(), numbers.len() as u64);
        // EXP-3: Escalated and Reopened choose what happened, whatever the card is now.
        for card in [StatusCard::Closed, StatusCard::Queued, StatusCard::AwaitingResponse, StatusCard::Open] {
            let of_card = Filter { cards: vec![card], ..filter.clone() };
            let alone = rows.iter().filter(|row| of_card.passes(row) && row.is_latest()).count() as u64;
            prop_assert!(!filter.cards.is_empty() || cards.on(card) == alone);
        }
    }

    /// A filter is what its parts are together, and no row passes that a part would not let through.
    #[test]
    fn a_filter_is_all_of_its_parts(filter in filters()) {
        for row in &WEEK.rows {
            let within = |at: Instant| filter.from.is_none_or(|from| at >= from) && filter.to.is_none_or(|to| at < to);
            // Open at any time in the range: it began in it, or before it and was not closed yet.
            let before = filter.from.is_some_and(|from| row.began_at < from);
            let lasts = filter.from.is_some_and(|from| row.closed_at.is_none_or(|closed| closed > from));
            let open = within(row.began_at) || before && lasts && filter.to.is_none_or(|to| row.began_at < to);
            let channel = filter.channels.is_empty() || filter.channels.contains(&row.channel);
            let came = |group: &GroupId| row.group == Some(*group) || row.assigned_group == Some(*group);
            let group = filter.groups.is_empty() || filter.groups.iter().any(came);
            let agent = filter.agents.is_empty() || filter.agents.iter().any(|user| row.assigned_agent == Some(*user));
            let reopened = filter.cards.contains(&StatusCard::Reopened) && row.cycle > 1 && within(row.began_at);
            let escalated = filter.cards.contains(&StatusCard::Escalated) && row.escalated_at.iter().any(|at| within(*at));
            let told = matches!(row.card(), StatusCard::Reopened | StatusCard::Escalated);
            let on_card = !told && filter.cards.contains(&row.card()) && open;
            let card = if filter.cards.is_empty() { open } else { reopened || escalated || on_card };
            let latest = !filter.latest || row.cycle == row.reopens + 1;
            prop_assert_eq!(filter.passes(row), channel && group && agent && card && latest);
        }
    }
}

proptest! {
    // Each case walks through the week twice.
    #![proptest_config(ProptestConfig { cases: 20, ..ProptestConfig::default() })]

    /// EXP-2: a message is wanted with its cycle, and in the range of dates by when it was sent.
    #[test]
    fn messages_are_wanted_with_their_cycles(filter in filters()) {
        let Week { rows, messages, model, .. } = &*WEEK;
        let fitting: std::collections::BTreeSet<(u32, u32)> =
            rows.iter().filter(|row| filter.fits(row)).map(|row| (row.ticket.number, row.cycle)).collect();
        let wanted = Wanted::of(model, 1, 0, Instant::MAX, &filter, &mut ()).unwrap();
        for message in messages {
            let (ticket, cycle) = message.ticket.expect("ticketing is on");
            let expected = filter.spans(message.at) && fitting.contains(&(ticket.number, cycle));
            prop_assert_eq!(wanted.holds(message), expected, "{:?}", message);
        }
    }
}
