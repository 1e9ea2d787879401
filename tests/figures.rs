//! Every metric by hand: small desks with a few tickets, scripted to the second, and what their figures must be.
//!
//! Figures that come from thousands of random tickets cannot be checked by anybody; these can, with pencil and paper. The
//! last test makes sure that no metric of the catalog is left out.

use desksim::ledger::{Charged, CustomerOutcome, Hindsight, Ledger, SlaOutcome, TicketRow};
use desksim::measures::{Cast, Measures, Sheet, catalog};
use desksim::scenario::{Part, Scenario, Source, load};
use desksim::simulation::{Bench, Model, Observer, ReadChange, simulate};
use desksim::time::{Instant, Span};
use std::collections::BTreeMap;

/// Ana and Ben support, Lead leads; five minutes to the first response, an hour to closure.
const DESK: &str = r#"
[group.support]
[group.leads]
[agent.ana]
groups = ["support"]
[agent.ben]
groups = ["support"]
[agent.lead]
groups = ["leads"]
role = "admin"
[channel.chat]
assignment = { groups = ["support"] }
reply = ["support", "leads"]
manage = ["support", "leads"]
"#;

const SLA: &str = "sla = { first_response = \"5m\", closure = \"1h\" }\n";
const ESCALATES: &str = "sla = { first_response = \"5m\", closure = \"1h\", escalate_to = \"lead\" }\n";

/// What a small run came to.
struct Figures {
    values: BTreeMap<String, Option<f64>>,
    rows: Vec<TicketRow>,
    model: Model,
}

impl Figures {
    fn new(model: Model, sheet: &Sheet, rows: Vec<TicketRow>) -> Figures {
        let named = |(key, value): &(desksim::measures::Key, Option<f64>)| {
            (key.selector(&model.names, sheet.statuses()).to_string(), *value)
        };
        Figures { values: sheet.rows().iter().map(named).collect(), rows, model }
    }

    /// Checks figures, one to a line: `metric = value`, where `-` is none and labels are written without quotes.
    #[track_caller]
    fn are(&self, expected: &str) -> &Figures {
        for line in expected.lines().map(str::trim).filter(|line| !line.is_empty()) {
            let (metric, value) = line.rsplit_once(" = ").unwrap_or_else(|| panic!("{line}"));
            let selector = match metric.split_once('{') {
                None => metric.to_owned(),
                Some((name, label)) => {
                    let (label, of) = label.trim_end_matches('}').split_once('=').unwrap();
                    format!("{name}{{{label}=\"{of}\"}}")
                }
            };
            let found = *self.values.get(&selector).unwrap_or_else(|| panic!("there is no {selector}"));
            let wanted = match value {
                "-" => None,
                value => {
                    Some(value.split('/').map(|part| part.trim().parse::<f64>().unwrap()).reduce(|a, b| a / b).unwrap())
                }
            };
            let near = match (found, wanted) {
                // Quantiles are to three digits.
                (Some(found), Some(wanted)) => {
                    (found - wanted).abs() <= 1e-9 + 1e-3 * wanted.abs() * f64::from(u8::from(metric.contains(".p")))
                }
                (found, wanted) => found == wanted,
            };
            assert!(near, "{metric}: found {found:?}, expected {wanted:?}");
        }
        self
    }

    fn row(&self, ticket: u32, cycle: u32) -> &TicketRow {
        self.rows.iter().find(|row| row.ticket.number == ticket && row.cycle == cycle).expect("the cycle has a row")
    }

    /// What is charged to a user: timers as `first_response met`, and so on, in order.
    fn charged_to(&self, user: &str) -> Vec<String> {
        let is_theirs = |row: &TicketRow| row.charges.clone();
        self.rows
            .iter()
            .flat_map(is_theirs)
            .filter(|charge| charge.user.map(|of| self.model.names.user(of)) == Some(user))
            .map(|charge| match charge.what {
                Charged::TimerEnded(timer, outcome) => format!("{timer:?} {outcome:?}"),
                Charged::FirstResponse(time) => format!("reply after {}", time.as_secs_f64()),
                Charged::Closed(_) => "closed".to_owned(),
                Charged::Escalated => "escalated".to_owned(),
            })
            .collect()
    }
}

fn secs(secs: u64) -> Instant {
    Instant::ZERO + Span::from_secs(secs)
}

fn scenario(text: &str, part: Part) -> Scenario {
    let text = format!("schema = 1\ntitle = \"by hand\"\n{text}");
    load(&Source::new("hand.toml", text), &[], part).unwrap_or_else(|problems| panic!("{problems}"))
}

/// Puts commands through a desk, one to a line: `seconds command { … }`, up to and without the end.
fn drive(scenario: &Scenario, script: &str, end: u64, observer: &mut dyn Observer) {
    let read: &ReadChange<'_> = &|names, _, settings| scenario.vocabulary.channel_change(settings, names);
    let desk = {
        let mut bench = Bench::new(&scenario.model, 0, read);
        bench.watch(observer);
        let mut out = Vec::new();
        for line in script.lines().map(str::trim).filter(|line| !line.is_empty()) {
            let (line, refused) = line.split_once(" # ").unwrap_or((line, ""));
            let (at, command) = line.split_once(' ').unwrap();
            let at = secs(at.parse().unwrap());
            bench.pass_to(at, &mut out);
            let (name, arguments) = command.split_once(' ').unwrap();
            let table: toml::Table =
                format!("it = {{ {name} = {arguments} }}").parse().unwrap_or_else(|error| panic!("{line}: {error}"));
            let json = serde_json::to_value(&table["it"]).unwrap();
            let command = bench.decode(&json).unwrap_or_else(|error| panic!("{line}: {error}"));
            out.clear();
            bench.apply(at, command, &mut out);
            let said = String::from_utf8_lossy(&out);
            assert_eq!(said.contains("\"refused\""), refused == "refused", "{line}: {said}");
        }
        bench.pass_to(secs(end), &mut out);
        bench.desk().clone()
    };
    observer.finish(secs(end), &desk);
}

/// The figures of a script on a desk, after `warmup` seconds and before `end`.
fn scripted_after(warmup: u64, desk: &str, script: &str, end: u64) -> Figures {
    let scenario = scenario(desk, Part::Desk);
    let model = &scenario.model;
    let cast = Cast::new(model);
    let mut hindsight = Hindsight::default();
    drive(&scenario, script, end, &mut hindsight);
    let mut rows = Vec::new();
    let mut measures = Measures::new(&cast, &model.names, Span::from_secs(warmup));
    let ledger = Ledger::new(&cast, &hindsight, |row: &TicketRow| rows.push(row.clone()));
    drive(&scenario, script, end, &mut (&mut measures, ledger));
    Figures::new(model.clone(), &measures.sheet(), rows)
}

fn scripted(desk: &str, script: &str, end: u64) -> Figures {
    scripted_after(0, desk, script, end)
}

/// The figures of a whole scenario's run.
fn run(text: &str) -> Figures {
    let scenario = scenario(text, Part::Whole);
    let model = &scenario.model;
    let (cast, hindsight) = (Cast::new(model), Hindsight::of(model, model.run.seed, 0, &mut ()).unwrap());
    let mut rows = Vec::new();
    let mut measures = Measures::new(&cast, &model.names, model.run.warmup);
    let ledger = Ledger::new(&cast, &hindsight, |row: &TicketRow| rows.push(row.clone()));
    simulate(model, model.run.seed, 0, &mut (&mut measures, ledger)).unwrap();
    Figures::new(model.clone(), &measures.sheet(), rows)
}

/// Assigned at once, answered after 60 s, closed after 120 s; looked at for ten minutes.
#[test]
fn a_plain_ticket() {
    let figures = scripted(
        &format!("{DESK}{SLA}"),
        r#"
        0 message { conversation = "c1", channel = "chat" }
        60 reply { user = "ana", ticket = "0000001" }
        120 close { user = "ana", ticket = "0000001" }
        130 close { user = "ana", ticket = "0000001" } # refused
        "#,
        600,
    );
    figures.are(
        "
        tickets.created = 1
        tickets.created{channel=chat} = 1
        tickets.assigned = 1
        tickets.assigned{agent=ana} = 1
        tickets.assigned{agent=ben} = 0
        tickets.assigned{group=support} = 1
        tickets.assigned{group=leads} = 0
        tickets.closed = 1
        tickets.closed{agent=ana} = 1
        tickets.closed{group=support} = 1
        tickets.abandoned = 0
        tickets.abandon_rate = 0
        tickets.reopened = 0
        tickets.escalated = 0
        tickets.transferred = 0
        tickets.open_at_end = 0
        commands.refused = 1
        sla.first_response.started = 1
        sla.first_response.met = 1
        sla.first_response.met{agent=ana} = 1
        sla.first_response.met{group=support} = 1
        sla.first_response.breached = 0
        sla.first_response.breach_rate = 0
        sla.first_response.breach_rate{agent=ben} = -
        sla.first_response.cancelled = 0
        sla.first_response.unanswered = 0
        sla.first_response.running = 0
        sla.first_response.overrun.mean = -
        sla.first_response.time.mean = 60
        sla.first_response.time.p50 = 60
        sla.first_response.time.p90 = 60
        sla.first_response.time.p95 = 60
        sla.first_response.time.p99 = 60
        sla.first_response.time.max = 60
        sla.closure.started = 1
        sla.closure.met = 1
        sla.closure.met{agent=ana} = 1
        sla.closure.breached = 0
        sla.closure.breach_rate = 0
        sla.closure.cancelled = 0
        sla.closure.unanswered = 0
        sla.closure.running = 0
        sla.closure.overrun.mean = -
        sla.closure.time.mean = 120
        sla.closure.time.p50 = 120
        sla.closure.time.p90 = 120
        sla.closure.time.p95 = 120
        sla.closure.time.p99 = 120
        sla.closure.time.max = 120
        customer.first_response.mean = 60
        customer.first_response.p50 = 60
        customer.first_response.p90 = 60
        customer.first_response.p95 = 60
        customer.first_response.p99 = 60
        customer.first_response.max = 60
        customer.resolution.mean = 120
        customer.resolution.p50 = 120
        customer.resolution.p90 = 120
        customer.resolution.p95 = 120
        customer.resolution.p99 = 120
        customer.resolution.max = 120
        queue.wait.mean = 0
        queue.wait.zero_share = 1
        queue.length.mean = 0
        queue.length.max = 0
        agents.available_hours = 0.5
        agents.available_hours{agent=ana} = 600 / 3600
        agents.open.mean = 120 / 1800
        agents.open.mean{agent=ana} = 120 / 600
        agents.open.mean{group=support} = 120 / 1200
        agents.pending.mean = 60 / 1800
        agents.pending.mean{agent=ana} = 60 / 600
        agents.over_cap_share = 0
        balance.assigned.jain{group=support} = 0.5
        balance.assigned.gini{group=support} = 0.5
        balance.assigned.cv{group=support} = 1
        balance.assigned.max_over_mean{group=support} = 2
        balance.assigned.jain{group=leads} = -
        balance.assigned.jain = 0.5
        balance.assigned.gini = 0.5
        balance.assigned.cv = 1
        balance.assigned.max_over_mean = 2
        balance.open.jain = 0.5
        balance.open.gini = 0.5
        balance.open.cv = 1
        balance.open.max_over_mean = 2
        balance.breaches.jain = -
        ",
    );
    assert_eq!(figures.charged_to("ana"), ["reply after 60", "FirstResponse Met", "Closure Met", "closed"]);
}

/// Fault f1: Ana holds the ticket at the deadline, Lead has it at the end. The breach is Ana's and her group's (SLA-12, DSH-2).
#[test]
fn f1_a_breach_is_the_users_at_the_deadline() {
    let figures = scripted(
        &format!("{DESK}{ESCALATES}"),
        r#"
        0 message { conversation = "c1", channel = "chat" }
        420 reply { user = "lead", ticket = "0000001" }
        480 close { user = "lead", ticket = "0000001" }
        "#,
        600,
    );
    figures.are(
        "
        sla.first_response.started = 2
        sla.first_response.breached = 1
        sla.first_response.breached{agent=ana} = 1
        sla.first_response.breached{agent=lead} = 0
        sla.first_response.breached{group=support} = 1
        sla.first_response.breached{group=leads} = 0
        sla.first_response.met{agent=ana} = 0
        sla.first_response.met{agent=lead} = 1
        sla.first_response.met{group=leads} = 1
        sla.first_response.breach_rate = 0.5
        sla.first_response.breach_rate{agent=ana} = 1
        sla.first_response.breach_rate{agent=lead} = 0
        sla.first_response.overrun.mean = 120
        sla.first_response.overrun.mean{group=support} = 120
        sla.first_response.overrun.mean{group=leads} = -
        sla.first_response.time.mean = 420
        sla.first_response.time.mean{group=support} = 420
        sla.first_response.time.mean{group=leads} = -
        sla.closure.cancelled = 1
        sla.closure.met{agent=lead} = 1
        sla.closure.time.mean = 180
        customer.first_response.mean{group=leads} = 420
        customer.resolution.mean{group=leads} = 480
        tickets.escalated{group=support} = 1
        tickets.escalated{group=leads} = 0
        notifications = 1
        tickets.assigned{agent=ana} = 1
        tickets.assigned{agent=lead} = 1
        tickets.closed{agent=ana} = 0
        tickets.closed{agent=lead} = 1
        tickets.closed{group=leads} = 1
        balance.breaches.jain{group=support} = 1
        balance.breaches.gini{group=support} = 0
        balance.breaches.cv{group=support} = 0
        balance.breaches.max_over_mean{group=support} = 1
        balance.breaches.jain{group=leads} = -
        balance.breaches.jain = 1
        balance.breaches.gini = 0
        balance.breaches.cv = 0
        balance.breaches.max_over_mean = 1
        ",
    );
    let ana = figures.charged_to("ana");
    assert!(ana.contains(&"FirstResponse Breached".to_owned()) && ana.contains(&"escalated".to_owned()), "{ana:?}");
    let lead = figures.charged_to("lead");
    assert!(!lead.contains(&"FirstResponse Breached".to_owned()), "{lead:?}");
    let row = figures.row(1, 1);
    let [ana, lead] = ["ana", "lead"].map(|name| figures.model.names.find_user(name));
    assert_eq!((row.assigned_agent, row.first_response.user, row.closure.user), (lead, ana, lead));
    assert_eq!(row.first_response.outcome, Some(SlaOutcome::Breached));
    assert_eq!(row.first_response.took, Some(Span::from_secs(420)));
}

/// Fault f2: a first response that was never given has no time; its overrun ends with the closure (SLA-12).
#[test]
fn f2_what_was_never_answered_took_no_time() {
    let figures = scripted(
        &format!("{DESK}{SLA}"),
        r#"
        0 message { conversation = "c1", channel = "chat" }
        0 message { conversation = "c2", channel = "chat" }
        100 abandon { conversation = "c2" }
        1000 abandon { conversation = "c1" }
        "#,
        1200,
    );
    figures.are(
        "
        sla.first_response.breached = 1
        sla.first_response.breached{agent=ana} = 1
        sla.first_response.unanswered = 1
        sla.first_response.unanswered{group=support} = 1
        sla.first_response.met = 0
        sla.first_response.breach_rate = 1
        sla.first_response.time.mean = -
        sla.first_response.time.max = -
        sla.first_response.overrun.mean = 700
        sla.closure.met = 2
        sla.closure.time.mean = 550
        sla.closure.time.max = 1000
        customer.first_response.mean = -
        customer.resolution.mean = -
        tickets.abandoned = 2
        tickets.abandon_rate = 1
        tickets.closed = 2
        tickets.closed{agent=ana} = 0
        tickets.closed{group=support} = 2
        ",
    );
    let (late, early) = (figures.row(1, 1), figures.row(2, 1));
    assert_eq!((late.first_response.took, late.first_response.outcome), (None, Some(SlaOutcome::Breached)));
    assert_eq!((early.first_response.took, early.first_response.outcome), (None, Some(SlaOutcome::Unanswered)));
    assert_eq!(late.first_response.customer, Some(CustomerOutcome::Late), "waited longer than the target");
    assert_eq!(early.first_response.customer, None, "gave up before it");
}

/// USR-2 sends Ana's ticket back to the queue, where it waits for Ben: with `restart` the timer begins anew (SLA-7).
const REQUEUED: &str = r#"
    0 set_status { user = "ben", status = "Away" }
    0 message { conversation = "c1", channel = "chat" }
    100 disable_user { by = "lead", user = "ana" }
    250 set_status { user = "ben", status = "Available" }
    310 reply { user = "ben", ticket = "0000001" }
    370 close { user = "ben", ticket = "0000001" }
    "#;

#[test]
fn a_requeued_ticket_begins_anew() {
    scripted(&format!("{DESK}{SLA}"), REQUEUED, 400).are(
        "
        sla.first_response.started = 2
        sla.first_response.cancelled = 1
        sla.first_response.cancelled{group=support} = 1
        sla.first_response.met{agent=ben} = 1
        sla.first_response.time.mean = 60
        sla.closure.time.mean = 120
        customer.first_response.mean = 310
        customer.resolution.mean = 370
        tickets.assigned = 2
        tickets.assigned{agent=ana} = 1
        tickets.assigned{agent=ben} = 1
        queue.wait.mean = 75
        queue.wait.p50 = 0
        queue.wait.p90 = 150
        queue.wait.p95 = 150
        queue.wait.p99 = 150
        queue.wait.max = 150
        queue.wait.zero_share = 0.5
        queue.wait.all.mean = 75
        queue.wait.over.10s = 0.5
        queue.wait.over.20s = 0.5
        queue.wait.over.30s = 0.5
        queue.wait.over.60s = 0.5
        queue.wait.over.120s = 0.5
        queue.wait.over.300s = 0
        queue.wait.over.600s = 0
        queue.wait.over.900s = 0
        queue.wait.over.3600s = 0
        queue.wait.over.14400s = 0
        queue.length.mean = 150 / 400
        queue.length.max = 1
        agents.available_hours{agent=ana} = 100 / 3600
        agents.available_hours{agent=ben} = 150 / 3600
        agents.open.mean{agent=ana} = 1
        agents.open.mean{agent=ben} = 120 / 150
        agents.status_share{status=Away} = 250 / 1200
        agents.status_share{status=Available} = 950 / 1200
        ",
    );
}

/// With `resume` the timer's own clock has counted 100 s with Ana and 60 s with Ben, and nothing in the queue (SLA-7, SLA-12).
#[test]
fn sla12_a_resumed_timer_counts_what_it_ran() {
    let resumes = "sla = { first_response = \"5m\", closure = \"1h\", on_requeue = \"resume\" }\n";
    let figures = scripted(&format!("{DESK}{resumes}"), REQUEUED, 400);
    figures.are(
        "
        sla.first_response.started = 2
        sla.first_response.met{agent=ben} = 1
        sla.first_response.time.mean = 160
        sla.closure.time.mean = 220
        customer.first_response.mean = 310
        ",
    );
    assert_eq!(figures.row(1, 1).first_response.took, Some(Span::from_secs(160)));
    assert_eq!(figures.row(1, 1).closure.took, Some(Span::from_secs(220)));
    // Ben answers 50 s after the 200 s that were left: the breach is his.
    let late = REQUEUED.replace("310 reply", "500 reply").replace("370 close", "520 close");
    scripted(&format!("{DESK}{resumes}"), &late, 600).are(
        "
        sla.first_response.breached{agent=ben} = 1
        sla.first_response.breached{agent=ana} = 0
        sla.first_response.overrun.mean = 50
        sla.first_response.time.mean = 350
        sla.closure.time.mean = 370
        ",
    );
    // ESC-3 restarts in full what was suspended in the queue.
    let moved_up = REQUEUED.replace(
        "250 set_status { user = \"ben\", status = \"Available\" }",
        "250 escalate { by = \"lead\", ticket = \"0000001\", to = \"lead\" }",
    );
    scripted(&format!("{DESK}{resumes}"), &moved_up.replace("\"ben\", ticket", "\"lead\", ticket"), 400).are(
        "
        sla.first_response.time.mean{group=leads} = 60
        sla.closure.time.mean = 120
        ",
    );
}

/// From Friday, ten minutes before closing, over a weekend in which clocks go forward (SLA-10, SLA-12, field/60).
#[test]
fn field60_business_hours_alone_are_counted() {
    let desk = format!(
        "[run]\nstart = \"2026-03-27T16:50:00\"\n[desk]\ntimezone = \"Europe/Berlin\"\nbusiness_hours = {{ \"mon-fri\" = [\"09:00-17:00\"] }}\n\
         {DESK}sla = {{ first_response = \"15m\", closure = \"1h\", clock = \"business_hours\" }}\n"
    );
    // Monday 09:00 is 64 h 10 min on the clock, and an hour less on the wall: 227,400 s.
    let figures = scripted(
        &desk,
        r#"
        0 message { conversation = "c1", channel = "chat" }
        0 message { conversation = "c2", channel = "chat" }
        227580 reply { user = "ana", ticket = "0000001" }
        228120 reply { user = "ben", ticket = "0000002" }
        230400 close { user = "ana", ticket = "0000001" }
        231000 close { user = "ben", ticket = "0000002" }
        "#,
        240_000,
    );
    figures.are(
        "
        sla.first_response.met{agent=ana} = 1
        sla.first_response.breached{agent=ben} = 1
        sla.first_response.overrun.mean = 420
        sla.first_response.time.mean = 1050
        sla.first_response.time.max = 1320
        sla.closure.met{agent=ana} = 1
        sla.closure.breached{agent=ben} = 1
        sla.closure.overrun.mean = 600
        sla.closure.time.mean = 3900
        sla.closure.time.max = 4200
        customer.first_response.mean = 227850
        customer.first_response.max = 228120
        customer.resolution.max = 231000
        ",
    );
    let row = figures.row(1, 1);
    assert_eq!(row.first_response.took, Some(Span::from_secs(780)));
    assert_eq!(
        (row.first_response.outcome, row.first_response.customer),
        (Some(SlaOutcome::Met), Some(CustomerOutcome::Late))
    );
    assert_eq!(figures.row(2, 1).closure.took, Some(Span::from_secs(4200)));
}

/// While the customer is awaited the closure timer sleeps, after a breach too (SLA-3, SLA-12).
#[test]
fn sla12_pauses_are_not_counted() {
    let desk = |closure: &str| {
        format!("{DESK}sla = {{ first_response = \"5m\", closure = \"{closure}\", pause_awaiting_customer = true }}\n")
    };
    let script = r#"
        0 message { conversation = "c1", channel = "chat" }
        60 reply { user = "ana", ticket = "0000001" }
        1000 message { conversation = "c1", channel = "chat" }
        1100 reply { user = "ana", ticket = "0000001" }
        2000 close { user = "ana", ticket = "0000001" }
        "#;
    let figures = scripted(&desk("1h"), script, 2100);
    figures.are(
        "
        sla.first_response.time.mean = 60
        sla.closure.met = 1
        sla.closure.time.mean = 160
        customer.resolution.mean = 2000
        ",
    );
    assert_eq!(figures.row(1, 1).closure.took, Some(Span::from_secs(160)));
    // Two minutes are over at 1060; what comes after 1100 is the customer's.
    let figures = scripted(&desk("2m"), script, 2100);
    figures.are(
        "
        sla.closure.breached{agent=ana} = 1
        sla.closure.overrun.mean = 40
        sla.closure.time.mean = 160
        ",
    );
    assert_eq!(figures.row(1, 1).closure.took, Some(Span::from_secs(160)));
}

/// A clock that begins to pause in mid-run counts as it did until then (CHN-2).
#[test]
fn sla12_clocks_may_change_in_mid_run() {
    let script = r#"
        0 message { conversation = "c1", channel = "chat" }
        50 configure_channel { by = "lead", channel = "chat", sla = { first_response = "5m", closure = "1h", pause_awaiting_customer = true } }
        60 reply { user = "ana", ticket = "0000001" }
        1000 close { user = "ana", ticket = "0000001" }
        "#;
    let figures = scripted(&format!("{DESK}{SLA}"), script, 1100);
    figures.are(
        "
        sla.first_response.time.mean = 60
        sla.closure.time.mean = 60
        ",
    );
    assert_eq!(figures.row(1, 1).closure.took, Some(Span::from_secs(60)));
}

/// SLA-6: the first-response timer restarts with the other user, the closure timer runs on.
#[test]
fn a_hand_over_restarts_the_first_response() {
    scripted(
        &format!("{DESK}{SLA}"),
        r#"
        0 message { conversation = "c1", channel = "chat" }
        100 assign { by = "lead", ticket = "0000001", to = "ben" }
        160 reply { user = "ben", ticket = "0000001" }
        200 close { user = "lead", ticket = "0000001" }
        "#,
        300,
    )
    .are(
        "
        sla.first_response.started = 2
        sla.first_response.cancelled = 1
        sla.first_response.met{agent=ben} = 1
        sla.first_response.time.mean = 60
        sla.closure.started = 1
        sla.closure.met{agent=ben} = 1
        sla.closure.time.mean = 200
        customer.first_response.mean = 160
        tickets.closed{agent=lead} = 1
        tickets.closed{agent=ben} = 0
        tickets.closed{group=support} = 1
        tickets.escalated = 0
        ",
    );
}

/// SLA-3, DSH-2: the reply is Lead's who wrote it, the timer that it meets is Ana's who holds the ticket.
#[test]
fn whoever_replies_meets_the_holders_timer() {
    let figures = scripted(
        &format!("{DESK}{SLA}"),
        r#"
        0 message { conversation = "c1", channel = "chat" }
        90 reply { user = "lead", ticket = "0000001" }
        "#,
        300,
    );
    figures.are(
        "
        sla.first_response.met{agent=ana} = 1
        sla.first_response.met{agent=lead} = 0
        sla.first_response.time.mean{group=support} = 90
        customer.first_response.mean{group=support} = 90
        sla.closure.running = 1
        tickets.open_at_end = 1
        ",
    );
    assert_eq!(figures.charged_to("lead"), ["reply after 90"]);
    assert_eq!(figures.charged_to("ana"), ["FirstResponse Met"]);
}

/// TIC-6 and TIC-7: a cycle of its own each; by hand it never waits.
#[test]
fn reopened_by_the_customer_and_by_hand() {
    let figures = scripted(
        &format!("{DESK}{SLA}"),
        r#"
        0 message { conversation = "c1", channel = "chat" }
        60 reply { user = "ana", ticket = "0000001" }
        120 close { user = "ana", ticket = "0000001" }
        500 message { conversation = "c1", channel = "chat" }
        530 reply { user = "ben", ticket = "0000001" }
        560 close { user = "ben", ticket = "0000001" }
        600 reopen { by = "lead", ticket = "0000001" }
        690 reply { user = "lead", ticket = "0000001" }
        "#,
        700,
    );
    figures.are(
        "
        tickets.created = 1
        tickets.reopened = 2
        tickets.closed = 2
        tickets.open_at_end = 1
        tickets.assigned = 3
        tickets.assigned{agent=lead} = 1
        tickets.assigned{group=leads} = 1
        sla.first_response.started = 3
        sla.first_response.time.mean = 60
        sla.first_response.time.max = 90
        sla.closure.time.mean = 90
        sla.closure.running = 1
        customer.first_response.mean = 60
        customer.resolution.mean = 90
        queue.wait.mean = 0
        queue.wait.all.mean = 0
        tickets.abandon_rate = 0
        ",
    );
    assert_eq!(figures.row(1, 3).customer_first_response, Some(Span::from_secs(90)), "from reactivation");
}

/// SLA-11: the clocks of an agent's own conversation start with the customer's first message.
#[test]
fn an_agents_own_conversation() {
    scripted(
        &format!("{DESK}{SLA}"),
        r#"
        0 open_conversation { user = "ana", conversation = "c1", channel = "chat" }
        10 reply { user = "ana", ticket = "0000001" }
        50 message { conversation = "c1", channel = "chat" }
        80 reply { user = "ana", ticket = "0000001" }
        90 close { user = "ana", ticket = "0000001" }
        "#,
        100,
    )
    .are(
        "
        sla.first_response.time.mean = 30
        sla.closure.time.mean = 90
        customer.first_response.mean = 30
        customer.resolution.mean = 40
        queue.wait.mean = -
        queue.wait.all.mean = -
        queue.wait.zero_share = -
        queue.wait.over.10s = -
        tickets.assigned = 1
        ",
    );
}

/// One gives up in the queue after 30 s, the other is assigned after 100 s.
#[test]
fn abandonment_in_the_queue() {
    scripted(
        &format!("{DESK}{SLA}"),
        r#"
        0 set_status { user = "ana", status = "Offline" }
        0 set_status { user = "ben", status = "Away" }
        0 message { conversation = "c1", channel = "chat" }
        0 message { conversation = "c2", channel = "chat" }
        30 abandon { conversation = "c1" }
        100 set_status { user = "ben", status = "Available" }
        "#,
        200,
    )
    .are(
        "
        tickets.abandoned = 1
        tickets.abandon_rate = 0.5
        tickets.closed = 1
        tickets.closed{agent=ben} = 0
        tickets.open_at_end = 1
        queue.wait.mean = 100
        queue.wait.all.mean = 65
        queue.wait.over.30s = 0.5
        queue.wait.over.60s = 0.5
        queue.length.mean = 130 / 200
        queue.length.max = 2
        sla.first_response.started = 1
        sla.first_response.running = 1
        sla.first_response.breach_rate = -
        agents.available_hours = 300 / 3600
        agents.available_hours{group=support} = 100 / 3600
        agents.status_share{status=Offline} = 200 / 600
        balance.assigned.jain{group=support} = 1
        ",
    );
}

/// ASG-8: the group that it is transferred to has it.
#[test]
fn a_transfer_to_a_group() {
    scripted(
        &format!("{DESK}{SLA}"),
        r#"
        0 message { conversation = "c1", channel = "chat" }
        60 transfer { by = "ana", ticket = "0000001", group = "leads" }
        90 reply { user = "lead", ticket = "0000001" }
        100 close { user = "lead", ticket = "0000001" }
        "#,
        200,
    )
    .are(
        "
        tickets.transferred = 1
        tickets.transferred{group=leads} = 1
        tickets.transferred{group=support} = 0
        tickets.assigned{group=support} = 1
        tickets.assigned{group=leads} = 1
        sla.first_response.cancelled{group=support} = 1
        sla.first_response.time.mean{group=leads} = 30
        customer.first_response.mean{group=leads} = 90
        customer.resolution.mean{group=leads} = 100
        queue.wait.mean{group=leads} = 0
        ",
    );
}

/// What ends after the warm-up counts in full, what ended before it not at all; time-weighted figures are of the rest alone.
#[test]
fn tickets_across_the_warmup() {
    scripted_after(
        400,
        &format!("{DESK}{SLA}"),
        r#"
        50 message { conversation = "c1", channel = "chat" }
        350 message { conversation = "c2", channel = "chat" }
        450 reply { user = "ana", ticket = "0000001" }
        450 reply { user = "ben", ticket = "0000002" }
        500 close { user = "ana", ticket = "0000001" }
        500 message { conversation = "c3", channel = "chat" }
        "#,
        600,
    )
    .are(
        "
        tickets.created = 1
        tickets.assigned = 1
        tickets.closed = 1
        tickets.open_at_end = 2
        sla.first_response.started = 1
        sla.first_response.breached = 0
        sla.first_response.met = 1
        sla.first_response.running = 1
        sla.first_response.overrun.mean = 100
        sla.first_response.time.mean = 250
        sla.first_response.time.max = 400
        sla.closure.time.mean = 450
        customer.first_response.mean = 250
        customer.resolution.mean = 450
        agents.available_hours{agent=ana} = 200 / 3600
        agents.open.mean{agent=ben} = 1
        agents.pending.mean{agent=ana} = 150 / 200
        ",
    );
}

/// CAP-3: by hand a second ticket exceeds the cap of one, for 100 of 400 s.
#[test]
fn over_the_cap() {
    scripted(
        &format!("{DESK}limit = {{ max_open = 1 }}\n"),
        r#"
        0 message { conversation = "c1", channel = "chat" }
        0 message { conversation = "c2", channel = "chat" }
        10 message { conversation = "c3", channel = "chat" }
        100 assign { by = "lead", ticket = "0000003", to = "ana" }
        200 close { user = "ana", ticket = "0000001" }
        "#,
        400,
    )
    .are(
        "
        agents.over_cap_share{agent=ana} = 100 / 400
        agents.over_cap_share{agent=ben} = 0
        agents.over_cap_share{group=support} = 100 / 800
        agents.over_cap_share = 100 / 1200
        agents.open.mean{agent=ana} = 500 / 400
        queue.wait.mean = 30
        sla.closure.time.mean = -
        ",
    );
}

/// Ana is in both groups, and counts in both, with all that she does; once for the desk. Dan is never there, and Boss
/// works no tickets.
#[test]
fn agents_in_several_groups_count_in_each() {
    let desk = r#"
        [group.a]
        [group.b]
        [agent.ana]
        groups = ["a", "b"]
        [agent.ben]
        groups = ["a"]
        [agent.cleo]
        groups = ["b"]
        [agent.dan]
        groups = ["b", "a"]
        [agent.boss]
        role = "admin"
        [channel.chat]
        assignment = { groups = ["a"] }
        [channel.mail]
        assignment = { groups = ["b"] }
        "#;
    // Chat: Ana, Ben. Mail: Cleo (nothing pending), then Ana (longer since assigned), then Cleo.
    let figures = scripted(
        desk,
        r#"
        0 set_status { user = "dan", status = "Offline" }
        0 set_status { user = "boss", status = "Offline" }
        10 message { conversation = "c1", channel = "chat" }
        20 message { conversation = "c2", channel = "chat" }
        30 message { conversation = "m1", channel = "mail" }
        40 message { conversation = "m2", channel = "mail" }
        50 message { conversation = "m3", channel = "mail" }
        "#,
        3600,
    );
    figures.are(
        "
        tickets.assigned{agent=ana} = 2
        tickets.assigned{agent=ben} = 1
        tickets.assigned{agent=cleo} = 2
        tickets.assigned{group=a} = 2
        tickets.assigned{group=b} = 3
        agents.available_hours = 3
        agents.available_hours{group=a} = 2
        agents.available_hours{group=b} = 2
        agents.open.mean{group=a} = 10730 / 7200
        agents.open.mean{group=b} = 14270 / 7200
        agents.status_share{status=Offline} = 1 / 4
        balance.assigned.jain{group=a} = 0.9
        balance.assigned.max_over_mean{group=a} = 4 / 3
        balance.assigned.jain{group=b} = 1
        balance.assigned.gini{group=b} = 0
        balance.assigned.jain = 0.95
        balance.assigned.gini = 1 / 12
        ",
    );
}

/// What people do of themselves: Ana works 5 of each ticket's 10 minutes before it is escalated to Lead, who begins anew.
#[test]
fn occupancy_is_work_over_time_connected() {
    run(r#"
        [run]
        duration = "4h"
        seed = 1
        replications = 1
        [group.support]
        [agent.ana]
        groups = ["support"]
        [agent.lead]
        [channel.chat]
        assignment = { rule = "round_robin", groups = ["support"] }
        sla = { first_response = "5m", escalate_to = "lead" }
        [customer.x]
        channel = "chat"
        arrivals = { every = "1h" }
        handle_time = "10m"
        replies = 1
        "#)
    .are(
        "
        tickets.created{customer=x} = 3
        sla.first_response.breached = 6
        sla.first_response.breached{agent=ana} = 3
        sla.first_response.breached{agent=lead} = 3
        sla.first_response.met{agent=lead} = 0
        sla.first_response.overrun.mean = 450
        sla.first_response.time.mean = 900
        agents.occupancy{agent=ana} = 1 / 16
        agents.occupancy{agent=lead} = 1 / 8
        agents.occupancy = 3 / 32
        agents.occupancy{group=support} = 1 / 16
        balance.busy.jain = 1
        balance.busy.gini = 0
        balance.busy.cv = 0
        balance.busy.max_over_mean = 1
        ",
    );
}

/// Without rows for each agent the figures of groups are the same.
#[test]
fn many_agents_in_several_groups_count_in_each() {
    let desk = r#"
        [group.a]
        [group.b]
        [agent.both]
        count = 250
        groups = ["a", "b"]
        [agent.one]
        count = 50
        groups = ["b"]
        [channel.chat]
        assignment = { groups = ["a", "b"] }
        "#;
    let script = r#"
        0 set_status { user = "both-1", status = "Away" }
        1800 set_status { user = "one-1", status = "Away" }
        "#;
    let figures = scripted(desk, script, 3600);
    figures.are(
        "
        agents.available_hours = 298.5
        agents.available_hours{group=a} = 249
        agents.available_hours{group=b} = 298.5
        agents.status_share{status=Away} = 1.5 / 300
        agents.status_share{status=Offline} = 0
        ",
    );
    let share = |group: &str| figures.values[&format!("agents.status_share{{group=\"{group}\",status=\"Away\"}}")];
    assert_eq!([share("a"), share("b")], [Some(1.0 / 250.0), Some(1.5 / 300.0)]);
}

#[test]
fn every_metric_has_a_value_by_hand() {
    let source = include_str!("figures.rs");
    let checked: Vec<&str> = source.lines().filter_map(|line| line.trim().split([' ', '{']).next()).collect();
    let left: Vec<&str> =
        catalog::catalog().iter().map(|metric| metric.name.as_str()).filter(|name| !checked.contains(name)).collect();
    assert!(left.is_empty(), "no value by hand for {left:?}");
}
