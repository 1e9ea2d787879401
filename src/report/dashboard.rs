//! The dashboard at an instant, as text, Markdown and JSON (DSH-1, DSH-3).

use super::explain::{Circumstances, head_json};
use super::markdown::plain;
use super::page::{WIDTH, clean, wrapped};
use super::quantity::{duration, thousands};
use super::run_charts::several;
use super::table::{Column, table};
use crate::ledger::{Dashboard, NotificationLine, QueueLine, TimerLine, UserLine};
use std::fmt::Write;

/// Rows of a table on the page; the JSON has all.
const ROWS: usize = 40;

/// A table with its title.
struct Section {
    title: &'static str,
    /// In a sentence, what it comes to.
    words: String,
    head: &'static [&'static str],
    rows: Vec<Vec<String>>,
    /// How many rows there are in all.
    of: usize,
}

/// A dashboard as JSON text, with a newline at the end.
pub fn dashboard_json(of: &Circumstances, dashboard: &Dashboard) -> String {
    head_json(of, "dashboard", &serde_json::to_value(dashboard).expect("plain data with finite numbers"))
}

/// A dashboard as a page of text of at most 80 columns, with a newline at the end.
pub fn dashboard_page(of: &Circumstances, dashboard: &Dashboard) -> String {
    let mut out = String::new();
    for text in [clean(&of.title), moment(of, dashboard)] {
        wrapped(&text, WIDTH).iter().for_each(|line| put(line, &mut out));
    }
    for section in sections(dashboard) {
        put("", &mut out);
        put(section.title, &mut out);
        wrapped(&section.words, WIDTH - 2).iter().for_each(|line| put(&format!("  {line}"), &mut out));
        if !section.rows.is_empty() {
            let column = |n: usize| {
                let cells = section.rows.iter().map(|row| row[n].clone()).collect();
                Column::new(section.head[n], cells)
            };
            let columns: Vec<Column> = (0..section.head.len()).map(column).collect();
            table(&columns, &mut out);
        }
        if let Some(more) = more(&section) {
            put(&format!("  {more}"), &mut out);
        }
    }
    out
}

/// A dashboard as Markdown, with a newline at the end.
pub fn dashboard_markdown(of: &Circumstances, dashboard: &Dashboard) -> String {
    let mut out = format!("# {}\n\n{}\n", plain(of.title.trim()), plain(&moment(of, dashboard)));
    for section in sections(dashboard) {
        write!(out, "\n## {}\n", section.title).expect("text grows");
        if !section.words.is_empty() {
            write!(out, "\n{}\n", plain(&section.words)).expect("text grows");
        }
        if !section.rows.is_empty() {
            let row = |cells: Vec<String>| format!("| {} |\n", cells.join(" | "));
            out.push('\n');
            out.push_str(&row(section.head.iter().map(|name| (*name).to_owned()).collect()));
            out.push_str(&row(vec!["---".to_owned(); section.head.len()]));
            section.rows.iter().for_each(|cells| out.push_str(&row(cells.iter().map(|cell| plain(cell)).collect())));
        }
        if let Some(more) = more(&section) {
            write!(out, "\n{more}\n").expect("text grows");
        }
    }
    out
}

fn put(line: &str, out: &mut String) {
    writeln!(out, "{}", line.trim_end()).expect("text grows");
}

fn moment(of: &Circumstances, dashboard: &Dashboard) -> String {
    let time = civil(&dashboard.time);
    let replication = of.replication.unwrap_or(0);
    format!("{time} ({}); replication {replication}, seed {}", dashboard.timezone, of.seed)
}

/// A civil time without its offset.
fn civil(time: &str) -> String {
    time.get(..19).unwrap_or(time).replace('T', " ")
}

fn more(section: &Section) -> Option<String> {
    let left = section.of - section.rows.len();
    (left > 0).then(|| format!("… and {} more, in the JSON.", thousands(&left.to_string())))
}

fn sections(dashboard: &Dashboard) -> [Section; 5] {
    let Dashboard { cards, connections, users, queue, timers, notifications, .. } = dashboard;
    let total: u64 = cards.iter().map(|card| card.tickets).sum();
    let none = |text: &Option<String>| text.clone().unwrap_or_else(|| "–".to_owned());
    let user = |of: &UserLine| {
        let status = if of.state == "enabled" { of.status.clone() } else { format!("{} ({})", of.status, of.state) };
        let tickets = [of.open, of.pending].map(|count| count.to_string());
        [vec![of.user.clone(), status, of.connection.clone(), duration(of.in_status_s)], tickets.to_vec()].concat()
    };
    let waiting = |of: &QueueLine| {
        let lane = of.group.as_ref().map_or(of.channel.clone(), |group| format!("{}/{group}", of.channel));
        let waited = duration(of.waiting_s);
        vec![of.ticket.clone(), of.session.clone(), lane, none(&of.customer), of.priority.to_string(), waited]
    };
    let timer = |of: &TimerLine| {
        let due = of.due.as_deref().map_or("paused".to_owned(), |due| civil(due).chars().skip(5).collect());
        vec![of.ticket.clone(), of.timer.clone(), of.channel.clone(), none(&of.agent), duration(of.remaining_s), due]
    };
    let notice = |of: &NotificationLine| {
        let when: String = civil(&of.time).chars().skip(5).collect();
        vec![when, of.user.clone(), of.about.clone(), none(&of.ticket), none(&of.channel)]
    };
    let new = queue.iter().filter(|of| of.session == "new_conversation").count();
    let by_kind = format!(
        "{} of escalations, {} of breaches that could not be escalated, {} of round robin that may be affected.",
        notifications.escalation, notifications.breach, notifications.round_robin
    );
    let latest = notifications.list.iter().rev().take(ROWS);
    [
        Section {
            title: "Status cards",
            words: format!("{}, each on one card.", several(total, "ticket")),
            head: &["card", "tickets"],
            rows: cards.iter().map(|of| vec![of.card.clone(), thousands(&of.tickets.to_string())]).collect(),
            of: cards.len(),
        },
        Section {
            title: "Connection state",
            words: format!(
                "{} connected, {} inactive, {} disconnected.",
                connections.connected, connections.inactive, connections.disconnected
            ),
            head: &["user", "status", "connection", "in status", "open", "pending"],
            rows: users.iter().map(user).collect(),
            of: users.len(),
        },
        Section {
            title: "Queue",
            words: {
                let old = (queue.len() - new) as u64;
                let new = several(new as u64, "new conversation");
                format!("{new} and {} in the queue.", several(old, "new session"))
            },
            head: &["ticket", "session", "lane", "customer", "priority", "waiting"],
            rows: queue.iter().take(ROWS).map(waiting).collect(),
            of: queue.len(),
        },
        Section {
            title: "SLA timers",
            words: format!("{} running or paused, the least time left first.", several(dashboard.live_timers, "timer")),
            head: &["ticket", "timer", "channel", "agent", "left", "due"],
            rows: timers.iter().take(ROWS).map(timer).collect(),
            of: timers.len(),
        },
        Section {
            title: "Notifications",
            words: format!("{}: {by_kind}", several(notifications.count, "notification")),
            head: &["when", "user", "about", "ticket", "channel"],
            rows: latest.map(notice).collect(),
            of: notifications.count as usize,
        },
    ]
}
