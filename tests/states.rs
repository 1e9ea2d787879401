//! What people's states do to whole runs: idle timeouts, shifts that end in mid-work, shifts that start together, calls that are
//! answered as work starts, breaks whose status is gone, and what is said of commands that the desk refuses.

use desksim::desk::{Command, Desk, Effect, Refusal, UserId};
use desksim::experiment::{Experiment, Note, Repetition, Results, replicate};
use desksim::report::{html, json, notes, read};
use desksim::scenario::{Part, Scenario, Source, load};
use desksim::simulation::{Input, Model, Observer, Step, simulate};
use desksim::time::Instant;
use std::collections::BTreeMap;

/// Files that a scenario names lie beside the golden digests.
fn loaded(text: &str, sets: &[&str]) -> Result<Scenario, String> {
    let sets: Vec<String> = sets.iter().map(|set| (*set).to_owned()).collect();
    load(&Source::new("tests/data/scenario.toml", text), &sets, Part::Whole).map_err(|problems| problems.render(false))
}

fn scenario(text: &str, sets: &[&str]) -> Scenario {
    loaded(text, sets).unwrap_or_else(|problems| panic!("{problems}"))
}

fn results(model: &Model, replications: u32) -> Results {
    let experiment = Experiment { seed: 1, repetition: Repetition::Times(replications), threads: Some(1) };
    replicate(model, &experiment, &|_| ()).unwrap()
}

/// When, by what command unless by a deadline, why refused if it was, and what happened.
type Seen = (f64, Option<Command>, Option<Refusal>, Vec<Effect>);

/// What happened, step by step.
#[derive(Default)]
struct Steps(Vec<Seen>);

impl Observer for Steps {
    fn step(&mut self, step: &Step<'_>, _: &Desk) {
        let command = match step.input {
            Input::Command(command) => Some(command),
            Input::Deadline => None,
        };
        self.0.push((step.now.since(Instant::ZERO).as_secs_f64(), command, step.refused, step.effects.to_vec()));
    }
}

impl Steps {
    fn of(model: &Model) -> Steps {
        let mut steps = Steps::default();
        simulate(model, 1, 0, &mut steps).unwrap();
        steps
    }

    fn count(&self, is: impl Fn(&Effect) -> bool) -> usize {
        self.0.iter().flat_map(|(.., effects)| effects).filter(|effect| is(effect)).count()
    }

    /// When and to which status a user changed.
    fn statuses(&self, user: u32) -> Vec<(f64, u32)> {
        let changes = self.0.iter().flat_map(|(at, .., effects)| effects.iter().map(move |effect| (*at, effect)));
        changes
            .filter_map(|(at, effect)| match effect {
                Effect::StatusChanged { user: of, to, .. } if *of == UserId(user) => Some((at, to.0)),
                _ => None,
            })
            .collect()
    }

    /// How many tickets each user got.
    fn assigned(&self) -> Vec<u32> {
        let mut counts: BTreeMap<UserId, u32> = BTreeMap::new();
        for effect in self.0.iter().flat_map(|(.., effects)| effects) {
            if let Effect::Assigned { to, .. } = effect {
                *counts.entry(*to).or_default() += 1;
            }
        }
        counts.into_values().collect()
    }
}

const IDLE: &str = r#"
schema = 1
title = "Idle while working"
[run]
duration = "4h"
[desk]
idle_timeout = "10m"
away_message = "I am away."
[group.support]
[agent.ana]
groups = ["support"]
[channel.chat]
assignment = { groups = ["support"] }
[customer.x]
channel = "chat"
arrivals = { every = "50m" }
handle_time = "30m"
"#;

/// STA-11: whoever works is not idle. Four replies of 30 min; Available for 10 min at first, and for 40 min of each 50.
#[test]
fn work_in_hand_is_not_idle() {
    let model = scenario(IDLE, &[]).model;
    let results = results(&model, 1);
    assert_eq!(results.mean("agents.occupancy"), Some(120.0 / 170.0));
    let steps = Steps::of(&model);
    let minutes = |list: &[(f64, u32)]| list.iter().map(|&(at, to)| (at / 60.0, to)).collect::<Vec<_>>();
    let (away, back) = (1, 0);
    let expected =
        [10, 50, 90, 100, 140, 150, 190, 200].map(f64::from).into_iter().zip([away, back].into_iter().cycle());
    assert_eq!(minutes(&steps.statuses(0)), expected.collect::<Vec<_>>());
    let told = |effect: &Effect| matches!(effect, Effect::AutoMessageSent { .. });
    // MSG-4 tells those who find nobody there; nobody hears that who answers them is away.
    assert_eq!(steps.count(told), 4);
}

/// STA-11: the wrap-up is work in hand, too, and so is what is done by those who may not close.
#[test]
fn wrapping_up_is_not_idle() {
    for manage in ["[\"support\"]", "[]"] {
        let sets =
            ["customer.x.handle_time=\"1m\"", "customer.x.wrap_up=\"8m\"", &format!("channel.chat.manage={manage}")];
        let text = IDLE.replace("[customer.x]", "reply = [\"support\"]\nview = [\"support\"]\n[customer.x]");
        let steps = Steps::of(&scenario(&text, &sets).model);
        let away = steps.statuses(0);
        // The reply at 51 min, then 8 min of wrap-up; who closes does something at 59 min.
        let from = if manage == "[]" { 61.0 } else { 69.0 };
        assert_eq!((away[2].0 / 60.0, away[2].1), (from, 1), "manage = {manage}: {away:?}");
    }
}

/// Nobody says what they have in hand without an idle timeout that it would outlast, and without `requeue`.
#[test]
fn active_is_said_where_something_comes_of_it() {
    let active = |sets: &[&str]| {
        let steps = Steps::of(&scenario(IDLE, sets).model);
        steps.0.iter().filter(|(_, command, ..)| matches!(command, Some(Command::Active { .. }))).count()
    };
    assert_eq!(active(&["desk.idle_timeout=\"never\""]), 0);
    assert_eq!(active(&[]), 4);
    // As long as the idle time, which a reply at its very end restarts before it is acted on (SLA-4).
    assert_eq!(active(&["customer.x.handle_time=\"10m\""]), 0);
    assert_eq!(active(&["customer.x.handle_time=\"601s\""]), 4);
    assert_eq!(active(&["desk.idle_timeout=\"never\"", "desk.on_unavailable=\"requeue\""]), 4);
}

/// Field 61: A's reply is given at 14:15, in A's overtime; B is busy until 15:00 with another ticket.
const OVERTIME: &str = r#"
schema = 1
title = "Finished in overtime"
[run]
start = "2026-03-02T00:00:00"
duration = "1d"
[desk]
on_unavailable = "requeue"
requeue_after = "0s"
[group.g]
[shift.a]
hours = "06:00-14:00"
[shift.b]
hours = "14:00-22:00"
[agent.a]
groups = ["g"]
shift = "a"
[agent.b]
groups = ["g"]
shift = "b"
[channel.chat]
assignment = { groups = ["g"] }
limit = { max_open = 1 }
sla = { first_response = "30m", closure = "30m" }
[customer.first]
channel = "chat"
arrivals = { every = "13h55m" }
handle_time = "20m"
[customer.second]
channel = "chat"
arrivals = { every = "14h" }
handle_time = "1h"
"#;

/// STA-12: what is answered in overtime is closed, not given to the next shift.
#[test]
fn what_is_finished_in_overtime_does_not_return() {
    let at_once = OVERTIME.replace("requeue_after = \"0s\"\n", "");
    for text in [OVERTIME, &at_once, &OVERTIME.replace("\"0s\"", "\"5m\"")] {
        let model = scenario(text, &[]).model;
        let results = results(&model, 1);
        assert_eq!(results.mean("customer.resolution.mean"), Some(2400.0));
        assert_eq!(results.mean("tickets.assigned"), Some(2.0));
        assert_eq!(results.mean("sla.closure.cancelled"), Some(0.0));
        assert_eq!(Steps::of(&model).count(|effect| matches!(effect, Effect::Queued { .. })), 2);
    }
}

/// Field 40: with B free, A finishes all the same, and nothing is assigned twice.
#[test]
fn a_hand_over_at_the_shifts_end_needs_no_second_assignment() {
    for sets in [
        &["customer.second.arrivals.every=\"2d\""][..],
        &["customer.second.arrivals.every=\"2d\"", "desk.requeue_after=\"5m\""],
    ] {
        let results = results(&scenario(OVERTIME, sets).model, 1);
        assert_eq!(results.mean("customer.resolution.mean"), Some(1200.0));
        assert_eq!(results.mean("tickets.assigned"), Some(1.0));
    }
}

/// STA-12: what is left open in overtime goes to the next shift at that instant.
#[test]
fn what_is_answered_and_open_returns() {
    let sets =
        ["customer.first.replies=2", "customer.first.reply_delay=\"1h\"", "customer.second.arrivals.every=\"2d\""];
    let model = scenario(OVERTIME, &sets).model;
    let steps = Steps::of(&model);
    let queued = |effect: &Effect| matches!(effect, Effect::Queued { .. });
    let at: Vec<f64> =
        steps.0.iter().filter(|(.., effects)| effects.iter().any(queued)).map(|(at, ..)| at / 60.0).collect();
    assert_eq!(at, [835.0, 855.0]);
    assert_eq!(steps.assigned(), [1, 1]);
}

const RUSH: &str = r#"
schema = 1
title = "Morning rush"
[run]
start = "2026-03-02T00:00:00"
duration = "1d"
[group.g]
[shift.d]
hours = "09:00-17:00"
[agent.a]
count = 6
groups = ["g"]
shift = "d"
[channel.mail]
assignment = { groups = ["g"] }
sla = { first_response = "2h" }
[customer.c]
channel = "mail"
arrivals = { file = "night-mails.csv" }
handle_time = "10m"
"#;

/// QUE-5, field 102 and 104: six who start at one instant share the night's 60 mails, with a cap and without.
#[test]
fn shifts_that_start_together_share_the_backlog() {
    for sets in [&[][..], &["channel.mail.limit.max_open=3"]] {
        let model = scenario(RUSH, sets).model;
        let results = results(&model, 1);
        assert_eq!(Steps::of(&model).assigned(), [10; 6], "{sets:?}");
        assert_eq!(results.mean("sla.first_response.breach_rate"), Some(0.0));
        assert_eq!(results.mean("balance.assigned.jain"), Some(1.0));
        assert_eq!(results.notes, []);
    }
}

/// QUE-5: half each of what waits is no rush, however much it is.
#[test]
fn two_who_share_a_backlog_evenly_have_no_rush() {
    let model = scenario(RUSH, &["agent.a.count=2"]).model;
    assert_eq!(results(&model, 1).notes, []);
    let assigned = Steps::of(&model).assigned();
    assert_eq!(assigned, [30, 30]);
}

/// QUE-5: also where the agents have leftovers of their own to say something of at that instant.
#[test]
fn shifts_start_together_whatever_their_agents_begin_with() {
    let text = RUSH.replace("[group.g]", "[desk]\non_unavailable = \"requeue\"\nrequeue_after = \"20h\"\n[group.g]");
    let text = text.replace("duration = \"1d\"", "duration = \"2d\"");
    let text = format!(
        "{text}\n[customer.evening]\nchannel = \"mail\"\narrivals = {{ every = \"16h59m\" }}\nhandle_time = \"20m\"\nreplies = 2\nreply_delay = \"6h\"\n"
    );
    let text = format!(
        "{text}\n[customer.night]\nchannel = \"mail\"\narrivals = {{ every = \"26h\" }}\nhandle_time = \"1m\"\n"
    );
    let steps = Steps::of(&scenario(&text, &[]).model);
    // On the second morning somebody goes on with the evening's ticket; the night's goes to one who is free.
    let morning: Vec<_> = steps.0.iter().filter(|(at, ..)| *at == 33.0 * 3600.0).collect();
    let commands: Vec<bool> =
        morning.iter().filter_map(|(_, command, ..)| Some(matches!((*command)?, Command::SetStatus { .. }))).collect();
    assert!(commands.len() > 6 && commands[..6].iter().all(|&is_status| is_status), "{morning:?}");
}

/// QUE-5: who comes first of several who come late gets all that waits, and the page says so.
#[test]
fn a_rush_is_told_of() {
    let sets = ["shift.d.late={ exponential = { mean = \"3m\" } }"];
    let model = scenario(RUSH, &sets).model;
    let results = results(&model, 4);
    let [Note::Rush { tickets: 60, of: 60, replications: 4, replication: 0, agent, time }] = &results.notes[..] else {
        panic!("{:?}", results.notes)
    };
    assert!(agent.starts_with("a-") && time.starts_with("2026-03-02T09:0"), "{agent} {time}");
    let said = notes(&results);
    assert!(said[0].starts_with("One agent got a backlog in 4 runs: a-"), "{said:?}");
    let (read, _) = read(&json(&results)).unwrap();
    assert_eq!(read.notes, results.notes, "results can be read back");
}

/// A phone desk (ux-sl2): replies count when the call ends, unless people answer as work starts.
const PHONE: &str = r#"
schema = 1
title = "Hotline"
[run]
duration = "1d"
[group.g]
[agent.a]
count = 12
groups = ["g"]
[channel.phone]
assignment = { groups = ["g"] }
limit = { max_open = 1 }
sla = { first_response = "20s" }
[customer.c]
channel = "phone"
arrivals = { per_hour = 60 }
handle_time = { exponential = { mean = "4m" } }
patience = "2m"
abandons = "first_response"
"#;

/// TIC-12: calls are answered as work starts, which is the first response and the end of patience.
#[test]
fn calls_are_answered_as_work_starts() {
    let before = results(&scenario(PHONE, &[]).model, 2);
    assert!(before.mean("sla.first_response.breach_rate").unwrap() > 0.8);
    assert!(before.mean("tickets.abandon_rate").unwrap() > 0.4);
    let model = scenario(PHONE, &["channel.phone.answers=\"at_start\""]).model;
    let after = results(&model, 2);
    // 4 Erlang on 12 lines: nobody waits, so nobody gives up.
    assert_eq!(after.mean("sla.first_response.breach_rate"), Some(0.0));
    assert_eq!(after.mean("tickets.abandoned"), Some(0.0));
    assert_eq!(after.mean("sla.first_response.time.max"), Some(0.0));
    assert_eq!(after.mean("customer.first_response.mean"), Some(0.0));
    let resolution = after.mean("customer.resolution.mean").unwrap();
    assert!((220.0..260.0).contains(&resolution), "a call takes its time: {resolution}");
    let steps = Steps::of(&model);
    let answered = steps.count(|effect| matches!(effect, Effect::Answered { .. }));
    assert_eq!(answered, steps.count(|effect| matches!(effect, Effect::Assigned { .. })));
}

/// TIC-12: patience without end in the queue is Erlang's loss system; a caller who is picked up at that instant stays.
#[test]
fn no_patience_at_all_is_erlang_b_on_the_phone_too() {
    let sets =
        ["channel.phone.answers=\"at_start\"", "customer.c.patience=\"0s\"", "agent.a.count=4", "run.duration=\"20d\""];
    let results = results(&scenario(PHONE, &sets).model, 4);
    // 4 Erlang on 4 lines.
    let blocked = results.mean("tickets.abandon_rate").unwrap();
    assert!((blocked - 0.310_68).abs() < 0.012, "{blocked}");
}

/// TIC-12: where `answers` does not fit what else is said, or is likely missing, that is said at the spot.
#[test]
fn answers_are_checked() {
    let warnings = |sets: &[&str]| scenario(PHONE, sets).warnings.render(false);
    let said = warnings(&[]);
    assert!(
        said.contains("a first-response target below the handle time") && said.contains("20s against 4m"),
        "{said}"
    );
    assert!(said.contains("customers give up while they are being answered") && said.contains("2m against"), "{said}");
    assert_eq!(said.matches("add answers = \"at_start\" to [channel.phone]").count(), 2, "{said}");
    assert_eq!(warnings(&["channel.phone.answers=\"at_start\""]).trim(), "");
    let writing = ["channel.phone.sla.first_response=\"5m\"", "customer.c.patience=\"10m\""];
    assert_eq!(warnings(&writing).trim(), "");
    assert!(
        !warnings(&["customer.c.abandons=\"queue\""]).contains("give up"),
        "patience with the queue is another matter"
    );

    let queue = loaded(PHONE, &["channel.phone.answers=\"at_start\"", "customer.c.abandons=\"queue\""]).err().unwrap();
    assert!(queue.contains("patience that ends with the queue") && queue.contains("write abandons ="), "{queue}");
    let wrong = loaded(PHONE, &["channel.phone.answers=\"at_once\""]).err().unwrap();
    assert!(wrong.contains("at_reply") && wrong.contains("at_start"), "{wrong}");
}

const LUNCH: &str = r#"
schema = 1
title = "Break in a deleted status"
[run]
duration = "1d"
[status.Lunch]
connection = "inactive"
[group.support]
[shift.day]
hours = "09:00-17:00"
breaks = [{ status = "Lunch", at = "12:00", for = "1h" }]
[agent.root]
role = "admin"
[agent.ana]
groups = ["support"]
shift = "day"
[channel.chat]
assignment = { groups = ["support"] }
[customer.x]
channel = "chat"
arrivals = { every = "1h" }
handle_time = "5m"
[[event]]
at = "10h"
do = { delete_status = { by = "root", name = "Lunch", replacement = "Away" } }
"#;

/// STA-8: a break in a status that was deleted is taken in the status that took its place.
#[test]
fn a_break_in_a_deleted_status_is_taken_in_its_replacement() {
    let model = scenario(LUNCH, &[]).model;
    let hours: Vec<(f64, u32)> = Steps::of(&model).statuses(1).iter().map(|&(at, to)| (at / 3600.0, to)).collect();
    assert_eq!(hours, [(0.0, 2), (9.0, 0), (12.0, 1), (13.0, 0), (17.0, 2)][1..]);
    assert_eq!(results(&model, 1).notes, []);
}

/// A refused command of a shift or of the script is told of, with its time and rule.
#[test]
fn refused_commands_are_told_of() {
    let text = LUNCH.replace(", replacement = \"Away\"", "");
    let text =
        format!("{text}[[event]]\nat = \"11h\"\ndo = {{ disable_user = {{ by = \"ana\", user = \"root\" }} }}\n");
    let scenario = scenario(&text, &["run.duration=\"2d\""]);
    let warned = scenario.warnings.render(false);
    assert!(warned.contains("`ana` is no admin") && warned.contains("USR-4"), "{warned}");
    let results = results(&scenario.model, 3);
    let said = notes(&results);
    assert_eq!(
        said,
        [
            "Refused in run 0 at 2026-03-02T11:00:00: {\"disable_user\":{\"by\":\"ana\",\"user\":\"root\"}} (USR-4: only admins \
             enable and disable users and change who is in a group); refused 3 times in all.",
            "Refused in run 0 at 2026-03-02T12:00:00: {\"set_status\":{\"user\":\"ana\",\"status\":\"Lunch\"}} (STA-7: no status \
             has that name); refused 6 times in all.",
        ]
    );
    let (read, _) = read(&json(&results)).unwrap();
    assert_eq!(notes(&read), said);
}

/// The page of a run shows its notes.
#[test]
fn pages_show_notes() {
    use desksim::experiment::{SourceText, picture};
    let model = scenario(&LUNCH.replace(", replacement = \"Away\"", ""), &[]).model;
    let experiment = Experiment { seed: 1, repetition: Repetition::Times(1), threads: Some(1) };
    let (results, picture) = picture(&model, &experiment, SourceText::default(), &|_| ()).unwrap();
    let page = html(&results, &picture);
    assert!(page.contains("<h3>Notes</h3>") && page.contains("Refused in run 0 at 2026-03-02T12:00:00"));
    assert!(desksim::report::page(&results, desksim::report::Style::Plain).contains("Refused in run 0 at"));
}

/// TIC-12: exports and ticket rows have the answer as the first response.
#[test]
fn rows_have_the_answer_as_first_response() {
    use desksim::ledger::{Hindsight, Ledger, SlaOutcome, TicketRow};
    use desksim::measures::Cast;
    let model = scenario(PHONE, &["channel.phone.answers=\"at_start\""]).model;
    let cast = Cast::new(&model);
    let hindsight = Hindsight::of(&model, 1, 0, &mut Steps::default()).unwrap();
    let mut rows: Vec<TicketRow> = Vec::new();
    simulate(&model, 1, 0, &mut Ledger::new(&cast, &hindsight, |row: &TicketRow| rows.push(row.clone()))).unwrap();
    assert!(rows.len() > 1000);
    for row in rows {
        assert_eq!(row.first_response_at, row.assigned_at, "{row:?}");
        assert_eq!(row.first_response.outcome, Some(SlaOutcome::Met), "{row:?}");
        assert_eq!(row.customer_first_response, row.assigned_at.map(|at| at - row.created_at), "{row:?}");
    }
}

/// STA-11: with several pieces of work in hand, whoever works passes for idle at no time, however short the idle time is.
#[test]
fn work_on_several_tickets_at_once_is_not_idle() {
    for timeout in ["1m", "7m", "20m"] {
        for sets in [
            &[][..],
            &[
                "customer.x.wrap_up=\"9m\"",
                "customer.x.replies={ geometric = { mean = 2 } }",
                "customer.x.reply_delay=\"5m\"",
            ],
        ] {
            let timeout = format!("desk.idle_timeout=\"{timeout}\"");
            let own =
                [&timeout, "agent.ana.concurrency=3", "customer.x.arrivals={ per_hour = 0.8 }", "run.duration=\"20d\""];
            let model = scenario(IDLE, &[&own, sets].concat()).model;
            // Whoever is Away has nothing in hand.
            let mut watch = AtWork::default();
            simulate(&model, 3, 0, &mut watch).unwrap();
            assert!(watch.away > 0, "{timeout} tests something");
            assert_eq!(watch.idle_at_work, 0, "{timeout}, seed 3");
        }
    }
}

/// Counts who is put Away, and whether they were at work.
#[derive(Default)]
struct AtWork {
    in_hand: u16,
    away: u32,
    idle_at_work: u32,
}

impl Observer for AtWork {
    fn step(&mut self, step: &Step<'_>, _desk: &Desk) {
        let put_away = |effect: &&Effect| matches!(effect, Effect::StatusChanged { by: None, .. });
        let count = step.effects.iter().filter(put_away).count() as u32;
        self.away += count;
        self.idle_at_work += if self.in_hand > 0 { count } else { 0 };
    }

    fn work(&mut self, _now: Instant, _user: UserId, in_hand: u16) {
        self.in_hand = in_hand;
    }
}
