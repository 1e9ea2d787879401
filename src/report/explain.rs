//! A ticket's life as a page of text and as JSON: at each assignment who was eligible, who was not, and what decided.

use super::json::SCHEMA;
use super::markdown::{heading, paragraph, plain, table};
use super::page::{WIDTH, clean, cut, wrapped};
use super::quantity::{NONE, duration};
use crate::ledger::{CardPart, CardTimer, TicketCard};
use crate::simulation::{Routing, Story, What};
use crate::text::visible_json;
use serde_json::{Value, json};
use std::fmt::Write;

/// What a story is of.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Circumstances {
    /// desksim's version.
    pub version: String,
    /// The scenario's title.
    pub title: String,
    /// Its content hash.
    pub scenario: String,
    /// Names all random draws.
    pub seed: u64,
    /// Which replication of the scenario; `None` for a log.
    pub replication: Option<u32>,
}

/// A ticket's card and story as JSON text, each moment on a line of its own, with a newline at the end.
pub fn story_json(of: &Circumstances, card: &TicketCard, story: &Story) -> String {
    let card = serde_json::to_value(card).expect("a card is plain data");
    let mut story = serde_json::to_value(story).expect("a story is plain data");
    story.as_object_mut().expect("an object").insert("card".to_owned(), card);
    head_json(of, "explain", &story)
}

/// An object as JSON text after what it is of, with each item of its lists on a line of its own.
pub(super) fn head_json(of: &Circumstances, kind: &str, what: &Value) -> String {
    let mut out = format!("{{\n  \"schema\": {SCHEMA},\n  \"kind\": \"{kind}\"");
    let head = json!({
        "desksim": of.version, "title": of.title, "scenario": of.scenario, "seed": of.seed, "replication": of.replication,
    });
    let entries = [&head, what].into_iter().flat_map(|part| part.as_object().expect("an object"));
    for (key, value) in entries {
        write!(out, ",\n  {}: ", json!(key)).expect("text grows");
        match value {
            Value::Array(items) if !items.is_empty() => {
                let items: Vec<String> = items.iter().map(|item| format!("    {item}")).collect();
                write!(out, "[\n{}\n  ]", items.join(",\n")).expect("text grows");
            }
            value => write!(out, "{value}").expect("text grows"),
        }
    }
    out.push_str("\n}\n");
    visible_json(out)
}

/// A ticket's card, conversation and story as a page of text of at most 80 columns, with a newline at the end.
pub fn story_page(of: &Circumstances, card: &TicketCard, story: &Story) -> String {
    let mut page = Page { out: String::new() };
    about(of, story).iter().for_each(|words| page.words(0, words));
    page.card(card);
    page.conversation(card);
    page.words(0, "");
    page.words(0, "History");
    let mut day = "";
    let mut clock = "";
    for moment in &story.moments {
        let (date, time) = date_and_time(&moment.time);
        if date != day {
            write!(page.out, "\n{date}\n").expect("text grows");
            (day, clock) = (date, "");
        }
        let stamp = if time == clock { "" } else { time };
        clock = time;
        page.moment(stamp, date, &moment.what);
    }
    page.out
}

/// A ticket's card, conversation and story as Markdown, with a newline at the end: a list of moments for each day, with a table
/// at each assignment.
pub fn story_markdown(of: &Circumstances, card: &TicketCard, story: &Story) -> String {
    let [title, run] = about(of, story);
    let mut out = heading(3, &title);
    paragraph(&mut out, &plain(&run));
    write!(out, "\n{}", heading(4, "Card")).expect("text grows");
    let rows = facts(card).into_iter().map(|(name, text)| vec![plain(&name), plain(&text)]);
    table(&mut out, &["field".to_owned(), "value".to_owned()], 0, rows);
    write!(out, "\n{}\n", heading(4, "Conversation")).expect("text grows");
    for message in &card.messages {
        let parts: Vec<String> = message.parts.iter().map(part).collect();
        let time = message.time.replace('T', " ");
        let words = plain(&parts.join(" "));
        writeln!(out, "- **{}** {}: {words}", plain(&time), plain(&message.sender)).expect("text grows");
    }
    let mut day = "";
    for moment in &story.moments {
        let (date, time) = date_and_time(&moment.time);
        if date != day {
            write!(out, "\n{}\n", heading(4, date)).expect("text grows");
            day = date;
        }
        writeln!(out, "- **{}** {}", plain(time), plain(&sentence(&moment.what, date))).expect("text grows");
        if let What::Assigned { why: Some(why), .. } | What::Waits { why: Some(why), .. } = &moment.what {
            routing_markdown(&mut out, why);
        }
    }
    out
}

/// Below a moment of a list: who was eligible, what decided, and who was not.
fn routing_markdown(out: &mut String, why: &Routing) {
    if let Some(first) = why.eligible.first() {
        let keys = first.keys.iter().map(|key| plain(&key.key));
        let heads: Vec<String> = std::iter::once("eligible".to_owned()).chain(keys).collect();
        let rows = why.eligible.iter().take(SHOWN).map(|one| {
            let name = plain(&one.user);
            let name = if why.chosen.as_ref() == Some(&one.user) { format!("**{name}**") } else { name };
            std::iter::once(name).chain(one.keys.iter().map(|key| plain(&key.words))).collect()
        });
        table(out, &heads, 2, rows);
        out.push('\n');
        if why.eligible.len() > SHOWN {
            writeln!(out, "  - and {} more", why.eligible.len() - SHOWN).expect("text grows");
        }
    }
    let reasons = not_eligible(why).into_iter().map(|(why, users)| format!("Not eligible: {why}: {}", listed(&users)));
    let others =
        under_others(why).into_iter().map(|(who, by)| format!("Under another policy: {who}: {}", by.join(", ")));
    let lines = decided(why).into_iter().chain(reasons).chain(others);
    lines.for_each(|line| writeln!(out, "  - {}", plain(&line)).expect("text grows"));
}

/// Which ticket, and of which run.
fn about(of: &Circumstances, story: &Story) -> [String; 2] {
    let run = match of.replication {
        Some(replication) => format!("replication {replication}, seed {}", of.seed),
        None => format!("from a log, seed {}", of.seed),
    };
    let title = format!("Ticket {}: {}", story.ticket, clean(&of.title));
    [title, format!("{run}; times of {}", story.timezone)]
}

fn date_and_time(moment: &str) -> (&str, &str) {
    moment.split_once('T').unwrap_or((moment, ""))
}

/// Users who were not eligible, by reason in order of its first user.
fn not_eligible(why: &Routing) -> Vec<(String, Vec<String>)> {
    let mut reasons: Vec<(String, Vec<String>)> = Vec::new();
    for left in &why.excluded {
        let reason = format!("{} ({})", left.why, left.rule);
        let name = match &left.numbers {
            Some(numbers) => format!("{} ({numbers})", clean(&left.user)),
            None => clean(&left.user),
        };
        match reasons.iter_mut().find(|(known, _)| *known == reason) {
            Some((_, users)) => users.push(name),
            None => reasons.push((reason, vec![name])),
        }
    }
    reasons
}

/// Who would have taken it under other policies, with those policies.
fn under_others(why: &Routing) -> Vec<(String, Vec<String>)> {
    let mut takers: Vec<(String, Vec<String>)> = Vec::new();
    for other in &why.otherwise {
        let taker = clean(other.chosen.as_deref().unwrap_or("nobody"));
        match takers.iter_mut().find(|(known, _)| *known == taker) {
            Some((_, policies)) => policies.push(clean(&other.policy)),
            None => takers.push((taker, vec![clean(&other.policy)])),
        }
    }
    takers
}

struct Page {
    out: String,
}

/// Where a moment's text begins, after its time; its details stand two further in.
const INDENT: usize = 10;
/// A list shows this many users; the JSON has all.
const SHOWN: usize = 8;

/// What a card says beside the conversation, as names and texts.
pub(super) fn facts(card: &TicketCard) -> Vec<(String, String)> {
    let none = |text: &Option<String>| text.clone().unwrap_or_else(|| NONE.to_owned());
    let civil = |time: &str| time.get(..19).unwrap_or(time).replace('T', " ");
    let timer = |timer: &CardTimer| {
        let Some(outcome) = &timer.outcome else { return "no timer".to_owned() };
        let took = timer.took_s.map(|took| format!(" in {}", duration(took))).unwrap_or_default();
        let target = timer.target_s.map(|target| format!(", target {}", duration(target))).unwrap_or_default();
        let due = timer.due.as_ref().map(|due| format!(", due {}", civil(due))).unwrap_or_default();
        match timer.remaining_s {
            Some(left) if outcome == "running" => format!("running, {} left{target}{due}", duration(left)),
            Some(left) => format!("{outcome}{took}{target}; runs again, {} left{due}", duration(left)),
            None => format!("{outcome}{took}{target}{due}"),
        }
    };
    let closed = match (&card.closed, &card.closed_by) {
        (Some(closed), Some(by)) => format!("{} by {by}", civil(closed)),
        _ => NONE.to_owned(),
    };
    let class = card.customer.as_ref().map(|class| format!(", {class}")).unwrap_or_default();
    let counts = |count: u32, what: &str| format!("{count} {what}{}", if count == 1 { "" } else { "s" });
    let clocks =
        [card.customer_first_response_s, card.customer_resolution_s].map(|secs| secs.map_or(NONE.to_owned(), duration));
    let mut facts: Vec<(String, String)> = [
        ("Status", format!("{}, cycle {} ({})", card.status, card.cycle, card.session.replace('_', " "))),
        ("Customer", format!("conversation {} on {}{class}", card.conversation, card.channel)),
        ("Agent", none(&card.agent)),
        ("Group", format!("{}; assigned through {}", none(&card.group), none(&card.assigned_group))),
        ("Priority", card.priority.to_string()),
        ("Created", civil(&card.created)),
        ("Closed", closed),
        ("First response", timer(&card.first_response)),
        ("Closure", timer(&card.closure)),
        ("Customer's clock", format!("first response {}, resolution {}", clocks[0], clocks[1])),
        (
            "Moves",
            [
                counts(card.reopens, "reopening"),
                counts(card.escalations, "escalation"),
                counts(card.transfers, "transfer"),
            ]
            .join(", "),
        ),
        ("Sentiment", none(&card.sentiment)),
        ("Last message", none(&card.last_message)),
    ]
    .map(|(name, text)| (name.to_owned(), text))
    .into();
    facts.extend(card.fields.iter().map(|field| (format!("Field {}", field.name), none(&field.value))));
    facts
}

impl Page {
    /// What is known of the ticket as it stands.
    fn card(&mut self, card: &TicketCard) {
        const NAME: usize = 18;
        self.out.push_str("\nCard\n");
        for (name, text) in facts(card) {
            for (n, line) in wrapped(&clean(&text), WIDTH - 2 - NAME).into_iter().enumerate() {
                let name = if n == 0 { cut(&clean(&name), NAME - 1) } else { String::new() };
                writeln!(self.out, "{}", format!("  {name:NAME$}{line}").trim_end()).expect("text grows");
            }
        }
    }

    /// What was written, with its times.
    fn conversation(&mut self, card: &TicketCard) {
        self.out.push_str("\nConversation\n");
        for message in &card.messages {
            let time = message.time.get(5..).unwrap_or(&message.time).replace('T', " ");
            let parts: Vec<String> = message.parts.iter().map(part).collect();
            self.words(2, &format!("{time}  {}: {}", clean(&message.sender), clean(&parts.join(" "))));
        }
    }

    fn moment(&mut self, stamp: &str, date: &str, what: &What) {
        for (n, line) in wrapped(&sentence(what, date), WIDTH - INDENT).into_iter().enumerate() {
            let stamp = if n == 0 { stamp } else { "" };
            writeln!(self.out, "{}", format!("{stamp:INDENT$}{line}").trim_end()).expect("text grows");
        }
        if let What::Assigned { why: Some(why), .. } | What::Waits { why: Some(why), .. } = what {
            self.routing(why);
        }
    }

    fn routing(&mut self, why: &Routing) {
        self.contenders(why);
        if let Some(words) = decided(why) {
            self.words(INDENT + 2, &words);
        }
        let reasons = not_eligible(why);
        if !reasons.is_empty() {
            self.words(INDENT + 2, "Not eligible:");
        }
        for (reason, users) in reasons {
            self.words(INDENT + 4, &format!("{}: {}", clean(&reason), listed(&users)));
        }
        let takers = under_others(why);
        if !takers.is_empty() {
            self.words(INDENT + 2, "Under another policy:");
        }
        for (taker, policies) in takers {
            self.words(INDENT + 4, &format!("{taker}: {}", policies.join(", ")));
        }
    }

    /// A table of who is eligible, with what each key says of them.
    fn contenders(&mut self, why: &Routing) {
        let Some(first) = why.eligible.first() else { return };
        let shown: Vec<_> = why.eligible.iter().take(SHOWN).collect();
        let heads: Vec<&str> = first.keys.iter().map(|key| key.key.as_str()).collect();
        const NAME: usize = 22;
        let room = (WIDTH - INDENT - 2 - NAME).checked_div(heads.len()).unwrap_or(0);
        let width = |column: usize| {
            let words = shown.iter().map(|one| one.keys[column].words.chars().count());
            words.chain([heads[column].chars().count()]).max().unwrap_or(0).min(room.saturating_sub(2)) + 2
        };
        let widths: Vec<usize> = (0..heads.len()).map(width).collect();
        let mut row = |name: &str, cells: &[&str]| {
            let mut line = format!("{:1$}{2:3$}", "", INDENT + 2, cut(&clean(name), NAME), NAME);
            for (cell, width) in cells.iter().zip(&widths) {
                write!(line, "{:>width$}", cut(cell, width - 1)).expect("text grows");
            }
            writeln!(self.out, "{}", line.trim_end()).expect("text grows");
        };
        row("eligible", &heads);
        for one in &shown {
            let mark = if why.chosen.as_ref() == Some(&one.user) { "> " } else { "  " };
            let cells: Vec<&str> = one.keys.iter().map(|key| key.words.as_str()).collect();
            row(&format!("{mark}{}", one.user), &cells);
        }
        if why.eligible.len() > SHOWN {
            self.words(INDENT + 4, &format!("and {} more", why.eligible.len() - SHOWN));
        }
    }

    fn words(&mut self, indent: usize, text: &str) {
        for (n, line) in wrapped(text, WIDTH - indent - 2).into_iter().enumerate() {
            let indent = if n == 0 || indent == 0 { indent } else { indent + 2 };
            writeln!(self.out, "{}", format!("{:indent$}{line}", "").trim_end()).expect("text grows");
        }
    }
}

/// A part of a message; all but plain text say what they are.
pub(super) fn part(part: &CardPart) -> String {
    if part.kind == "Text" { part.content.clone() } else { format!("[{}: {}]", part.kind.to_lowercase(), part.content) }
}

/// Names, the first few of them.
fn listed(users: &[String]) -> String {
    match users.len() {
        few if few <= SHOWN => users.join(", "),
        many => format!("{} and {} more", users[..SHOWN].join(", "), many - SHOWN),
    }
}

/// What decided, in a sentence.
fn decided(why: &Routing) -> Option<String> {
    let chosen = why.chosen.as_deref()?;
    let runner_up = why.runner_up.as_deref().map(clean).unwrap_or_default();
    let of = |user: &str| why.eligible.iter().find(|one| one.user == user);
    Some(match why.because.as_deref()? {
        "only" => "Nobody else is eligible.".to_owned(),
        "only_other" => "The only other one is the former assignee, who comes last (ASG-8).".to_owned(),
        "last_assignee" => "They had the conversation's latest ticket, and the channel gives its tickets to them first (TIC-6, ASG-11).".to_owned(),
        "listed_first" if of(chosen).is_none_or(|one| one.keys.is_empty()) => format!("Listed before {runner_up}."),
        "listed_first" => format!("Equal in every key, and listed before {runner_up}."),
        "row" => format!("First in the row; {runner_up} is next."),
        "drawn" => "Drawn at random.".to_owned(),
        "pair" => format!("Drawn at random with {runner_up}, who has more pending, or as many and is listed later."),
        _ => {
            let key = why.key.as_deref()?;
            let said = |user: &str| {
                of(user).and_then(|one| one.keys.iter().find(|value| value.key == key)).map(|value| value.words.clone())
            };
            let runner = why.runner_up.as_deref()?;
            let earlier: Vec<&str> =
                of(chosen)?.keys.iter().map(|value| value.key.as_str()).take_while(|known| *known != key).collect();
            let equal = if earlier.is_empty() { String::new() } else { format!(", equal in {}", earlier.join(", ")) };
            let (ours, theirs) = (said(chosen)?, said(runner)?);
            let name = key.trim_start_matches('-');
            let [most, least] = match name {
                time if time.starts_with("since_") || time == "idle" => ["longest", "shortest"],
                "pending" | "open" | "assigned_today" | "assigned_total" => ["most", "fewest"],
                count if count.starts_with("recent") => ["most", "fewest"],
                _ => ["largest", "smallest"],
            };
            let which = if key.starts_with('-') { most } else { least };
            format!("Decided by {name}, {which} first: {ours} against {theirs} of {runner_up}, who is next{equal}.")
        }
    })
}

/// A moment in a sentence; a time of the same day stands without its date.
pub(super) fn sentence(what: &What, date: &str) -> String {
    let timer_name = |timer: &str| timer.replace('_', " ");
    let clock = |time: &str| match time.split_once('T') {
        Some((day, clock)) if day == date => clock.to_owned(),
        _ => time.replace('T', " "),
    };
    let by = |by: &Option<String>| by.as_ref().map(|by| format!(" by {}", clean(by))).unwrap_or_default();
    match what {
        What::Created { conversation, channel, by: None } => {
            format!("Created: conversation {} on {}.", clean(conversation), clean(channel))
        }
        What::Created { conversation, channel, by: Some(by) } => {
            format!("Created: {} opens conversation {} on {}.", clean(by), clean(conversation), clean(channel))
        }
        What::AwaitsConsent => "Waits outside the queue for the customer's consent (CHN-7).".to_owned(),
        What::Wrote => "The customer writes again.".to_owned(),
        What::Pending => "The customer answers: a reply is owed.".to_owned(),
        What::Reactivated { cycle, by: None } => format!("The customer writes again: cycle {cycle} begins (TIC-6)."),
        What::Reactivated { cycle, by: Some(by) } => format!("Reopened by {}: cycle {cycle} begins.", clean(by)),
        What::Transferred { by, group } => format!("Transferred to {} by {} (ASG-8).", clean(group), clean(by)),
        What::Queued { channel, group, new_conversation } => {
            let session = if *new_conversation { "conversation" } else { "session" };
            let lane = group.as_ref().map(|group| format!(" for {}", clean(group))).unwrap_or_default();
            format!("Queued on {}{lane}, as a new {session}.", clean(channel))
        }
        What::Waits { waiting, why } => {
            let others = match waiting.saturating_sub(1) {
                0 => String::new(),
                1 => "; one other waits there".to_owned(),
                others => format!("; {others} others wait there"),
            };
            let why = match why {
                None => "to be taken by hand (CHN-3)",
                Some(why) if why.eligible.is_empty() => "because nobody is eligible (QUE-8)",
                Some(_) => "for its turn",
            };
            format!("Waits {why}{others}.")
        }
        What::Assigned { to, from, how, by: doer, why } => {
            let from = from.as_ref().map(|from| format!(", from {}", clean(from))).unwrap_or_default();
            match (how.as_str(), why) {
                ("auto", Some(why)) => {
                    let waited = match why.waited {
                        none if none < 0.001 => String::new(),
                        waited => format!(", after {} in this cycle", super::quantity::duration(waited)),
                    };
                    format!("Assigned to {} by {}{waited}.", clean(to), clean(&why.policy))
                }
                ("auto", None) => format!("Assigned to {}, automatically.", clean(to)),
                ("escalation", _) => format!("Assigned to {} by escalation{from}.", clean(to)),
                ("own", _) => format!("Assigned to {}, who opened the conversation (TIC-1).", clean(to)),
                ("reopen", _) => format!("Assigned to {}, who reopened it (TIC-7).", clean(to)),
                ("manual", _) => format!("Assigned to {} by hand{}{from} (ASG-7).", clean(to), by(doer)),
                (how, _) => format!("Assigned to {}: {how}{from}.", clean(to)),
            }
        }
        What::Answered { by } => format!("{} answers: the reply is still owed (TIC-12).", clean(by)),
        What::Replied { by } => format!("{} replies.", clean(by)),
        What::TimerStarted { timer, due: Some(due) } => {
            format!("SLA {}: the timer starts, due {}.", timer_name(timer), clock(due))
        }
        What::TimerStarted { timer, due: None } => {
            format!("SLA {}: the timer starts, and is never due: the calendar does not open.", timer_name(timer))
        }
        What::TimerEnded { timer, outcome, user, took, customer, customer_in_time } => {
            let span = super::quantity::duration;
            let holder = match user {
                Some(user) if outcome == "breached" => format!(", held by {}", clean(user)),
                _ => String::new(),
            };
            // Each clock with its own verdict: they need not agree.
            let took = took.map_or(String::new(), |took| format!(" after {} on its own clock", span(took)));
            let customer = customer.map_or(String::new(), |waited| {
                let verdict = match customer_in_time {
                    Some(true) => "; in time by the same target",
                    Some(false) => "; late by the same target",
                    None => "",
                };
                format!(" Customer's clock: {}{verdict}.", span(waited))
            });
            format!("SLA {}: {outcome}{holder}{took}.{customer}", timer_name(timer))
        }
        What::Escalated { to, cause } => {
            let cause = match cause.as_str() {
                "manual" => "by hand".to_owned(),
                timer => format!("by the breach of its {}", timer_name(timer)),
            };
            match to {
                Some(to) => format!("Escalated to {} {cause} (ESC).", clean(to)),
                None => format!("Escalated {cause}, and there is nowhere to go (ESC-4)."),
            }
        }
        What::FieldSet { by, field, value } => format!("{} sets {} to {}.", clean(by), clean(field), clean(value)),
        What::Notified { user, about } => format!("{} is notified: {}.", clean(user), about.replace('_', " ")),
        What::AutoMessage { kind } => format!("The system sends the customer a message: {}.", kind.replace('_', " ")),
        What::Closed { by, empty_fields } => {
            let empty = match empty_fields.as_slice() {
                [] => String::new(),
                fields => format!("; empty: {}", clean(&fields.join(", "))),
            };
            let by = match by.as_str() {
                "customer" => "the customer, who gave up or refused",
                "system" => "the system",
                user => &clean(user),
            };
            format!("Closed by {by}{empty}.")
        }
        What::Refused { command, by: doer, rule, why } => {
            format!("Refused: {}{}; {why} ({rule}).", command.replace('_', " "), by(doer))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::simulation::{Alternative, Contender, KeyValue, LeftOut, Moment};

    fn of() -> Circumstances {
        Circumstances {
            version: "0.0.0".to_owned(),
            title: "Web shop".to_owned(),
            scenario: "d0c5".to_owned(),
            seed: 7,
            replication: Some(3),
        }
    }

    fn contender(user: &str, words: [&str; 2]) -> Contender {
        let key = |key: &str, words: &str| KeyValue { key: key.to_owned(), value: Some(1.5), words: words.to_owned() };
        Contender {
            user: user.to_owned(),
            tier: 0,
            keys: vec![key("pending", words[0]), key("-since_assigned", words[1])],
        }
    }

    fn routing() -> Routing {
        let left = |user: &str, rule: &str, why: &str, numbers: Option<&str>| LeftOut {
            user: user.to_owned(),
            rule: rule.to_owned(),
            why: why.to_owned(),
            numbers: numbers.map(str::to_owned),
        };
        let other =
            |policy: &str, chosen: &str| Alternative { policy: policy.to_owned(), chosen: Some(chosen.to_owned()) };
        Routing {
            policy: "round_robin".to_owned(),
            waited: 95.0,
            groups: vec!["support".to_owned()],
            eligible: vec![contender("ben", ["2", "3m20s"]), contender("ana", ["2", "1m5s"])],
            excluded: vec![
                left("cleo", "CAP-1", "at the cap", Some("4 of 4 open")),
                left("dan", "STA-1", "Away, not assignable", None),
                left("eva", "CAP-1", "at the cap", Some("5 of 4 open")),
            ],
            chosen: Some("ben".to_owned()),
            because: Some("key".to_owned()),
            key: Some("-since_assigned".to_owned()),
            runner_up: Some("ana".to_owned()),
            otherwise: vec![other("wait_time", "ben"), other("first_listed", "ana"), other("least_open", "ben")],
        }
    }

    fn story() -> Story {
        let moment = |time: &str, what: What| Moment { at: 1.0, time: format!("2026-03-02T{time}"), what };
        let word = |text: &str| text.to_owned();
        let moments = vec![
            moment("08:12:05", What::Created { conversation: word("c42"), channel: word("chat"), by: None }),
            moment("08:12:05", What::Queued { channel: word("chat"), group: None, new_conversation: true }),
            moment(
                "08:12:05",
                What::Waits {
                    waiting: 3,
                    why: Some(Routing { eligible: Vec::new(), chosen: None, because: None, ..routing() }),
                },
            ),
            moment(
                "08:13:40",
                What::Assigned { to: word("ben"), from: None, how: word("auto"), by: None, why: Some(routing()) },
            ),
            moment("08:13:40", What::TimerStarted { timer: word("closure"), due: Some(word("2026-03-03T08:13:40")) }),
            moment(
                "08:20:00",
                What::Refused {
                    command: word("set_field"),
                    by: Some(word("ben")),
                    rule: word("TIC-3"),
                    why: word("no"),
                },
            ),
        ];
        let mut story = Story { ticket: word("0000042"), timezone: word("Europe/Berlin"), moments };
        let closed = What::Closed { by: word("system"), empty_fields: vec![word("category")] };
        story.moments.push(Moment { at: 9e4, time: word("2026-03-03T09:00:00"), what: closed });
        story
    }

    fn card() -> TicketCard {
        use crate::ledger::{CardField, CardMessage};
        let word = |word: &str| word.to_owned();
        let timer = |outcome: &str, left: Option<f64>| CardTimer {
            outcome: Some(word(outcome)),
            target_s: Some(300.0),
            took_s: left.is_none().then_some(120.0),
            due: Some(word("2026-03-02T08:18:40+01:00")),
            remaining_s: left,
        };
        let message = CardMessage {
            at: 29_525.0,
            time: word("2026-03-02T08:12:05"),
            cycle: 1,
            sender: word("customer"),
            direction: word("Inbound"),
            parts: vec![
                CardPart { kind: word("Text"), content: word("Where is it?") },
                CardPart { kind: word("Attachment"), content: word("photo-0001.jpg") },
            ],
        };
        TicketCard {
            ticket: word("0000042"),
            status: word("Awaiting response"),
            conversation: word("c42"),
            customer: None,
            channel: word("chat"),
            group: Some(word("support")),
            assigned_group: Some(word("support")),
            agent: Some(word("ana")),
            session: word("new_session"),
            cycle: 2,
            priority: 3,
            created: word("2026-03-02T08:12:05+01:00"),
            closed: None,
            closed_by: None,
            first_response: timer("met", None),
            closure: timer("running", Some(90.0)),
            customer_first_response_s: Some(215.0),
            customer_resolution_s: None,
            reopens: 1,
            escalations: 0,
            transfers: 2,
            sentiment: Some(word("neutral")),
            last_message: Some(word("Where is it?")),
            fields: vec![CardField { name: word("category"), value: Some(word("payment")) }],
            messages: vec![message],
        }
    }

    #[test]
    fn a_story_as_a_page() {
        insta::assert_snapshot!(story_page(&of(), &card(), &story()), @r#"
        Ticket 0000042: Web shop
        replication 3, seed 7; times of Europe/Berlin

        Card
          Status            Awaiting response, cycle 2 (new session)
          Customer          conversation c42 on chat
          Agent             ana
          Group             support; assigned through support
          Priority          3
          Created           2026-03-02 08:12:05
          Closed            –
          First response    met in 2m, target 5m, due 2026-03-02 08:18:40
          Closure           running, 1m 30s left, target 5m, due 2026-03-02 08:18:40
          Customer's clock  first response 3m 35s, resolution –
          Moves             1 reopening, 0 escalations, 2 transfers
          Sentiment         neutral
          Last message      Where is it?
          Field category    payment

        Conversation
          03-02 08:12:05  customer: Where is it? [attachment: photo-0001.jpg]

        History

        2026-03-02
        08:12:05  Created: conversation c42 on chat.
                  Queued on chat, as a new conversation.
                  Waits because nobody is eligible (QUE-8); 2 others wait there.
                    Not eligible:
                      at the cap (CAP-1): cleo (4 of 4 open), eva (5 of 4 open)
                      Away, not assignable (STA-1): dan
                    Under another policy:
                      ben: wait_time, least_open
                      ana: first_listed
        08:13:40  Assigned to ben by round_robin, after 1m 35s in this cycle.
                    eligible                pending  -since_assigned
                    > ben                         2            3m20s
                      ana                         2             1m5s
                    Decided by since_assigned, longest first: 3m20s against 1m5s of
                      ana, who is next, equal in pending.
                    Not eligible:
                      at the cap (CAP-1): cleo (4 of 4 open), eva (5 of 4 open)
                      Away, not assignable (STA-1): dan
                    Under another policy:
                      ben: wait_time, least_open
                      ana: first_listed
                  SLA closure: the timer starts, due 2026-03-03 08:13:40.
        08:20:00  Refused: set field by ben; no (TIC-3).

        2026-03-03
        09:00:00  Closed by the system; empty: category.
        "#);
    }

    #[test]
    fn a_story_reads_back_from_its_json() {
        let value: Value = serde_json::from_str(&story_json(&of(), &card(), &story())).unwrap();
        assert_eq!((&value["kind"], &value["replication"]), (&json!("explain"), &json!(3)));
        assert_eq!(serde_json::from_value::<Story>(value).unwrap(), story());
    }

    #[test]
    fn every_kind_of_reason_is_a_sentence() {
        for because in ["only", "only_other", "last_assignee", "listed_first", "row", "drawn", "pair", "key"] {
            let words = decided(&Routing { because: Some(because.to_owned()), ..routing() }).unwrap();
            assert!(words.ends_with('.') && words.len() > 10, "{words}");
        }
        assert_eq!(decided(&Routing { because: None, ..routing() }), None);
    }

    #[test]
    fn no_line_is_wider_than_the_page_whatever_names_there_are() {
        let name = "ein sehr langer\tName ".repeat(9);
        let long = json!(name).to_string();
        let words = ["support", "ana", "category", "chat", "c42", "payment", "Where is it?"];
        let long_card = words
            .iter()
            .fold(serde_json::to_string(&card()).unwrap(), |text, word| text.replace(&json!(word).to_string(), &long));
        let long_card: TicketCard = serde_json::from_str(&long_card).unwrap();
        let text = serde_json::to_string(&story()).unwrap();
        let text = ["ana", "ben", "cleo", "chat", "support", "round_robin", "3m20s", "category", "c42"]
            .iter()
            .fold(text, |text, word| text.replace(&json!(word).to_string(), &long));
        let page =
            story_page(&Circumstances { title: name, ..of() }, &long_card, &serde_json::from_str(&text).unwrap());
        for line in page.lines() {
            assert!(line.chars().count() <= WIDTH, "{} columns: {line}", line.chars().count());
            assert_eq!(line, line.trim_end());
        }
    }
}
