//! The charts of a run.

use super::axis_words::time_unit;
use super::chart::{
    Band, Bar, BarPanel, Bars, Chart, Clock, Columns, Course, Curve, Curves, Forest, Grid, GridCell, Interval, Line,
    Panel, Pie, Spell, SpellRow, Spells, Table, inks, plain,
};
use super::quantity::{FIRM, NONE, duration, figure, thousands};
use crate::experiment::{Picture, Results, Series, Summary};
use crate::measures::Unit;

/// Agents in a chart with a row for each, at most; of more, half of them the most laden and half the least laden.
const AGENTS: usize = 40;

/// Everything that is drawn of a run, in the order of the page.
pub(crate) fn charts(results: &Results, picture: &Picture) -> Vec<Chart> {
    let Some(clock) = clock(results, picture) else { return Vec::new() };
    let charts = [
        sla(results),
        Some(course(results, picture, &clock)),
        service_level(picture),
        breaches(picture),
        waits(picture),
        lorenz(results, picture),
        agents(results),
        share(results),
        Some(connections(picture, &clock)),
        statuses(picture, &clock),
    ];
    charts.into_iter().flatten().collect()
}

/// The run's clock.
pub(crate) fn clock(results: &Results, picture: &Picture) -> Option<Clock> {
    Clock::new(&picture.start, &picture.zone, results.facts.duration.as_secs_f64())
}

fn percent(share: f64) -> String {
    format!("{}{FIRM}%", plain(libm::rint(share * 1e5) / 1e3))
}

/// A share to a tenth of a percent.
fn share_words(share: f64) -> String {
    format!("{:.1}{FIRM}%", share * 100.0)
}

fn runs(count: u32) -> String {
    if count == 1 { "1 run".to_owned() } else { format!("{count} runs") }
}

/// How many of something there are.
pub(crate) fn several(count: u64, what: &str) -> String {
    format!("{} {what}{}", thousands(&count.to_string()), if count == 1 { "" } else { "s" })
}

fn row(cells: &[&str]) -> Vec<String> {
    cells.iter().map(|cell| (*cell).to_owned()).collect()
}

fn sla(results: &Results) -> Option<Chart> {
    let mut intervals = Vec::new();
    let mut table = Table { head: row(&["channel", "timer", "breached", "95 % interval"]), rows: Vec::new() };
    for target in &results.facts.targets {
        for (kind, (timer, name)) in [("first_response", "first response"), ("closure", "closure")].iter().enumerate() {
            let figure = results.labelled(&format!("sla.{timer}.breach_rate"), "channel", &target.channel);
            let Some(summary) = figure.and_then(|figure| figure.summary) else { continue };
            let words = super::quantity::figure(Some(summary), Unit::Share);
            let ends = summary.ci95;
            let interval =
                ends.map_or(NONE.to_owned(), |[low, high]| format!("{} to {}", share_words(low), share_words(high)));
            table.rows.push(vec![target.channel.clone(), (*name).to_owned(), share_words(summary.mean), interval]);
            let name = format!("{}, {name}", target.channel);
            intervals.push(Interval { name, value: summary.mean, ends, words, kind });
        }
    }
    if intervals.is_empty() {
        return None;
    }
    let worst = intervals.iter().max_by(|one, other| one.value.total_cmp(&other.value)).expect("there is one");
    let description = format!("Most often: {}, {}.", worst.name, worst.words);
    Some(Chart {
        kind: "sla",
        title: "SLA timers breached, by channel".to_owned(),
        description,
        note: "Mean over the runs with its 95 % interval. Round: first response; square: closure.".to_owned(),
        table,
        drawing: Box::new(Forest { intervals, words: percent, zero: None, sides: None, from_zero: true }),
        wide: false,
    })
}

/// Values divided by a unit's size.
fn per(values: &[Option<f64>], unit: f64) -> Vec<Option<f64>> {
    values.iter().map(|value| value.map(|value| value / unit)).collect()
}

fn most(series: &Series) -> f64 {
    series.mean.iter().chain(&series.high).flatten().copied().fold(0.0, f64::max)
}

fn band(series: &Series, unit: f64, at: &[f64], ink: super::chart::Ink, spread: bool) -> Band {
    let ends = |values: &[Option<f64>]| if spread { per(values, unit) } else { Vec::new() };
    Band {
        name: series.name.clone(),
        ink,
        at: at.to_vec(),
        mean: per(&series.mean, unit),
        low: ends(&series.low),
        high: ends(&series.high),
        steps: false,
    }
}

fn course(results: &Results, picture: &Picture, clock: &Clock) -> Chart {
    let empty = Series { name: String::new(), mean: vec![], low: vec![], high: vec![] };
    let series = |name: &str| picture.series.iter().find(|series| series.name == name).unwrap_or(&empty);
    let [queue, wait, arrivals, available, open] = ["queue", "wait", "arrivals", "available", "open"].map(series);
    let at: Vec<f64> = (0..queue.mean.len()).map(|n| n as f64 * picture.stretch).collect();
    let spread = picture.replications > 1;
    let (unit, size) = time_unit(most(wait));
    let panel = |title: String, bands, height| Panel { title, bands, words: plain, height };
    let panels = vec![
        panel("Tickets in the queue".to_owned(), vec![band(queue, 1.0, &at, inks::BLUE, spread)], 120.0),
        panel(format!("Wait until assigned, {unit}"), vec![band(wait, size, &at, inks::VERMILION, spread)], 120.0),
        panel("Tickets that come, per hour".to_owned(), vec![band(arrivals, 1.0, &at, inks::PURPLE, spread)], 70.0),
        panel("Available agents".to_owned(), vec![band(available, 1.0, &at, inks::GREEN, spread)], 70.0),
    ];
    let peak = |series: &Series| {
        let top = series.mean.iter().enumerate().filter_map(|(n, value)| Some((n, (*value)?)));
        top.max_by(|one, other| one.1.total_cmp(&other.1).then(other.0.cmp(&one.0)))
    };
    let description = match (peak(queue), peak(wait)) {
        (Some((longest, tickets)), Some((worst, seconds))) if tickets > 0.0 || seconds > 0.0 => format!(
            "The queue is longest at {} with {tickets:.1} tickets; those assigned at {} had waited longest, {} on average.",
            clock.moment(at[longest]),
            clock.moment(at[worst]),
            duration(seconds)
        ),
        _ => "Nobody waited.".to_owned(),
    };
    let cell = |value: Option<f64>| value.map_or(NONE.to_owned(), |value| format!("{value:.1}"));
    let range = |series: &Series, n: usize| match (series.low[n], series.high[n]) {
        (Some(low), Some(high)) if spread => format!("{low:.1} to {high:.1}"),
        _ => NONE.to_owned(),
    };
    let head =
        ["from", "in the queue", "10–90 %", "wait, s", "10–90 %", "come per hour", "available agents", "open tickets"];
    let rows = (0..at.len()).map(|n| {
        vec![
            clock.moment(at[n]),
            cell(queue.mean[n]),
            range(queue, n),
            cell(wait.mean[n]),
            range(wait, n),
            cell(arrivals.mean[n]),
            cell(available.mean[n]),
            cell(open.mean[n]),
        ]
    });
    let band = if spread { "; bands hold 10 to 90 % of the runs" } else { "" };
    let warmup =
        if results.facts.warmup > crate::time::Span::ZERO { " The shaded warm-up is left out of figures." } else { "" };
    Chart {
        kind: "course",
        title: "Queue, waits, arrivals and available agents".to_owned(),
        description,
        note: format!(
            "Means of {} by stretches of {}{band}. A wait counts where it ended.{warmup}",
            runs(picture.replications),
            duration(picture.stretch)
        ),
        table: Table { head: row(&head), rows: rows.collect() },
        drawing: Box::new(Course { clock: clock.clone(), panels, warmup: results.facts.warmup.as_secs_f64() }),
        wide: true,
    }
}

fn service_level(picture: &Picture) -> Option<Chart> {
    let ends = &picture.half_hours.first_response;
    let total: [u64; 2] = [0, 1].map(|n| ends.iter().map(|of| of[n]).sum());
    if total[0] + total[1] == 0 {
        return None;
    }
    let level = |[met, breached]: [u64; 2]| (met + breached > 0).then(|| met as f64 / (met + breached) as f64);
    let overall = level(total).expect("there are some");
    let time = |n: usize| format!("{:02}:{:02}", n / 2, n % 2 * 30);
    let values: Vec<Option<f64>> = ends.iter().map(|of| level(*of)).collect();
    // A few timers at night say little.
    let counts = |n: usize| (ends[n][0] + ends[n][1]) * 100 >= total[0] + total[1];
    let worst = values.iter().enumerate().filter(|(n, _)| counts(*n)).filter_map(|(n, value)| Some((n, (*value)?)));
    let (worst, least) = worst.min_by(|one, other| one.1.total_cmp(&other.1)).expect("there are some");
    let rows = ends.iter().enumerate().map(|(n, of)| {
        vec![time(n), level(*of).map_or(NONE.to_owned(), share_words), of[0].to_string(), of[1].to_string()]
    });
    Some(Chart {
        kind: "service-level",
        title: "First responses in time, by half hour of the day".to_owned(),
        description: format!(
            "{} in all; least from {} with {}.",
            share_words(overall),
            time(worst),
            share_words(least)
        ),
        note: format!(
            "Share met of the timers that were met or breached in that half hour, {}. A stub: none met; a gap: no timer.",
            runs(picture.replications)
        ),
        table: Table { head: row(&["from", "in time", "met", "breached"]), rows: rows.collect() },
        drawing: Box::new(Columns {
            values,
            edges: (0..=8).map(|n| (f64::from(n) * 6.0, format!("{:02}:00", n * 3))).collect(),
            words: percent,
            most: Some(1.0),
            stubs: true,
            marks: Vec::new(),
            ink: inks::BLUE,
            title: String::new(),
            line: Some((overall, format!("all day {}", share_words(overall)))),
        }),
        wide: false,
    })
}

const WEEKDAYS: [&str; 7] = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];

fn breaches(picture: &Picture) -> Option<Chart> {
    let of = |hour: usize| {
        let [one, other] = [picture.week_hours.first_response[hour], picture.week_hours.closure[hour]];
        [one[0] + other[0], one[1] + other[1]]
    };
    let all: u64 = (0..168).map(|hour| of(hour).iter().sum::<u64>()).sum();
    if all == 0 {
        return None;
    }
    let mut rows = Vec::new();
    let mut cells = vec![vec![GridCell::default(); 24]; 7];
    let mut worst = (0, 0, 0);
    for (day, name) in WEEKDAYS.iter().enumerate() {
        for (hour, cell) in cells[day].iter_mut().enumerate() {
            let [met, breached] = of(day * 24 + hour);
            if met + breached == 0 {
                continue;
            }
            if breached > worst.0 {
                worst = (breached, day, hour);
            }
            let share = breached as f64 / (met + breached) as f64;
            let words = format!("{:.0}", libm::rint(share * 100.0));
            *cell = GridCell { value: Some(if breached == 0 { -1.0 } else { share }), words };
            let name = (*name).to_owned();
            rows.push(vec![name, format!("{hour:02}:00"), share_words(share), breached.to_string(), met.to_string()]);
        }
    }
    let description = match worst {
        (0, ..) => "No timer was breached.".to_owned(),
        (breached, day, hour) => {
            let breached = thousands(&breached.to_string());
            let runs = runs(picture.replications);
            format!("Most breaches fall on {} from {hour:02}:00: {breached} timers in {runs}.", WEEKDAYS[day])
        }
    };
    let steps = [(0.0, "> 0 %"), (0.05, "≥ 5 %"), (0.1, "≥ 10 %"), (0.25, "≥ 25 %"), (0.5, "≥ 50 %")];
    Some(Chart {
        kind: "breaches",
        title: "Timers breached, by hour and weekday".to_owned(),
        description,
        note: format!(
            "Breached in percent of the timers of both kinds that were met or breached in that hour, {}; empty where none was.",
            runs(picture.replications)
        ),
        table: Table { head: row(&["day", "hour", "breached", "breached timers", "met timers"]), rows },
        drawing: Box::new(Grid {
            rows: WEEKDAYS.map(str::to_owned).to_vec(),
            columns: (0..24).map(|hour| format!("{hour:02}")).collect(),
            cells,
            steps: steps.map(|(from, words)| (from, words.to_owned())).to_vec(),
            titles: None,
            turns: true,
        }),
        wide: true,
    })
}

fn waits(picture: &Picture) -> Option<Chart> {
    let waits = &picture.waits;
    if waits.count == 0 {
        return None;
    }
    let of_all = |count: u64| count as f64 / waits.count as f64;
    // Bars: no wait, then up to each edge; those of a tenth of a second and less stand with the first.
    let mut values = vec![Some(of_all(waits.zero)), None];
    values.extend(waits.bars.iter().map(|count| Some(of_all(*count))));
    let place = |secs: f64| match waits.edges.iter().position(|edge| secs < *edge) {
        _ if secs <= 0.0 => 0.5,
        Some(0) => 2.5,
        Some(n) => {
            let [low, high] = [libm::log10(waits.edges[n - 1]), libm::log10(waits.edges[n])];
            2.0 + n as f64 + (libm::log10(secs) - low) / (high - low)
        }
        None => {
            let last = waits.edges.last().copied().unwrap_or(0.1);
            let part = 5.0 * (libm::log10(secs.max(last)) - libm::log10(last));
            2.0 + waits.edges.len() as f64 + part.clamp(0.0, 1.0)
        }
    };
    let mut edges = vec![(0.5, "none".to_owned())];
    let longest = waits.quantiles.last().map_or(0.0, |last| last.1);
    let times = [1.0, 10.0, 60.0, 600.0, 3_600.0, 21_600.0, 86_400.0, 604_800.0, 2_592_000.0, 31_536_000.0];
    edges.extend(times.into_iter().filter(|time| *time <= longest).map(|time| (place(time), duration(time))));
    let label = |level: f64| if level >= 1.0 { "longest".to_owned() } else { format!("{} %", plain(level * 100.0)) };
    // Levels of the same wait share a mark.
    let marks: Vec<(f64, String)> = waits
        .quantiles
        .chunk_by(|one, other| one.1 == other.1)
        .map(|same| {
            let levels: Vec<String> = same.iter().map(|(level, _)| label(*level)).collect();
            (place(same[0].1), format!("{}: {}", levels.join(", "), duration(same[0].1)))
        })
        .collect();
    // Few bars stay bars.
    values.resize(values.len().max(8), None);
    let mut rows = vec![vec!["no wait".to_owned(), waits.zero.to_string(), share_words(of_all(waits.zero))]];
    let mut from = 0.0;
    for (n, count) in waits.bars.iter().enumerate() {
        let name = match waits.edges.get(n) {
            Some(edge) => format!("{} to {}", duration(from), duration(*edge)),
            None => format!("over {}", duration(from)),
        };
        rows.push(vec![name, count.to_string(), share_words(of_all(*count))]);
        from = waits.edges.get(n).copied().unwrap_or(from);
    }
    rows.extend(waits.quantiles.iter().map(|(level, secs)| vec![label(*level), duration(*secs), String::new()]));
    Some(Chart {
        kind: "waits",
        title: "How long tickets wait until assigned".to_owned(),
        description: format!(
            "{} of {} did not wait; {}.",
            share_words(of_all(waits.zero)),
            thousands(&waits.count.to_string()),
            marks.iter().map(|mark| mark.1.clone()).collect::<Vec<_>>().join(", ")
        ),
        note: format!(
            "Share of all waits, {}; the scale of times is logarithmic. A mark says what share waited no longer.",
            runs(picture.replications)
        ),
        table: Table { head: row(&["wait", "tickets", "share"]), rows },
        drawing: Box::new(Columns {
            values,
            edges,
            words: percent,
            most: None,
            stubs: false,
            marks,
            ink: inks::VERMILION,
            title: "wait (log scale)".to_owned(),
            line: None,
        }),
        wide: false,
    })
}

fn lorenz(results: &Results, picture: &Picture) -> Option<Chart> {
    if picture.lorenz.is_empty() {
        return None;
    }
    let of = |metric: &str, group: &str| {
        figure(results.labelled(metric, "group", group).and_then(|figure| figure.summary), Unit::Ratio)
    };
    let curves = picture.lorenz.iter().map(|lorenz| Curve {
        name: format!(
            "{} (Gini {})",
            lorenz.group,
            of("balance.assigned.gini", &lorenz.group).split(FIRM).next().unwrap_or(NONE)
        ),
        points: lorenz.points.clone(),
        band: Vec::new(),
        joined: true,
        marked: false,
    });
    let rows = picture.lorenz.iter().flat_map(|lorenz| {
        // A tenth of the agents after the other, which is what the eye reads off a curve.
        let points = lorenz.points.iter().filter(|(_, part)| *part > 0.0);
        points.map(|(share, part)| vec![lorenz.group.clone(), share_words(*share), share_words(*part)])
    });
    let description = picture
        .lorenz
        .iter()
        .map(|lorenz| {
            let group = &lorenz.group;
            let (gini, jain) = (of("balance.assigned.gini", group), of("balance.assigned.jain", group));
            format!("{group}, {}: Gini {gini}, Jain {jain}", several(lorenz.agents, "agent"))
        })
        .collect::<Vec<_>>()
        .join("; ");
    Some(Chart {
        kind: "lorenz",
        title: "How evenly tickets are spread over agents".to_owned(),
        description: format!("{description}."),
        note: format!(
            "Lorenz curves of tickets assigned per available hour within each group, {}; on the broken line all bear the same. The curves pool the runs; Gini and Jain are means over the runs.",
            runs(picture.replications)
        ),
        table: Table { head: row(&["group", "least laden agents", "bear of the load"]), rows: rows.collect() },
        drawing: Box::new(Curves {
            curves: curves.collect(),
            across: Some((0.0, 1.0)),
            up: Some((0.0, 1.0)),
            across_title: "share of the agents".to_owned(),
            up_title: "share of the load".to_owned(),
            across_words: percent,
            up_words: percent,
            ticks: None,
            lines: vec![Line { from: (0.0, 0.0), to: (1.0, 1.0), name: "even".to_owned() }],
            square: true,
        }),
        wide: false,
    })
}

/// Users with rows of their own, in the order of results, that ever were available.
pub(crate) fn agent_names(results: &Results) -> Vec<&str> {
    let figures = results.figures.iter().filter(|figure| figure.selector.metric().name == "agents.available_hours");
    figures.filter_map(|figure| figure.selector.label(crate::measures::Label::Agent)).collect()
}

pub(crate) fn of_agent(results: &Results, metric: &str, agent: &str) -> Option<Summary> {
    results.labelled(metric, "agent", agent)?.summary
}

/// Breached timers of both kinds.
fn breached(results: &Results, agent: &str) -> Option<f64> {
    let of = |timer| of_agent(results, &format!("sla.{timer}.breached"), agent).map(|summary| summary.mean);
    Some(of("first_response")? + of("closure")?)
}

/// The agents to show, and which of them all they are, in words: all in listed order, or of very many the most and the least
/// laden by tickets assigned per available hour, the most laden first. Who was never available bears nothing that could be
/// compared.
fn shown_agents(results: &Results) -> (Vec<&str>, String) {
    let all = agent_names(results);
    if all.len() <= AGENTS {
        return (all, String::new());
    }
    let mean = |metric: &str, name: &str| of_agent(results, metric, name).map_or(0.0, |of| of.mean);
    let mut by_load: Vec<(f64, &str)> = all
        .iter()
        .map(|name| (mean("tickets.assigned", name), mean("agents.available_hours", name), *name))
        .filter(|(_, hours, _)| *hours > 0.0)
        .map(|(assigned, hours, name)| (assigned / hours, name))
        .collect();
    // Equal ones stay in listed order.
    by_load.sort_by(|one, other| other.0.total_cmp(&one.0));
    let there = by_load.len();
    if there > AGENTS {
        by_load.drain(AGENTS / 2..there - AGENTS / 2);
    }
    let names = by_load.into_iter().map(|(_, name)| name).collect();
    let words = format!(
        " Of {} agents, the {half} with the most tickets per available hour, then the {half} with the fewest.",
        thousands(&there.to_string()),
        half = AGENTS / 2
    );
    (names, if there > AGENTS { words } else { String::new() })
}

fn agents(results: &Results) -> Option<Chart> {
    let (names, more) = shown_agents(results);
    if names.is_empty() {
        return None;
    }
    let bar = |metric: &str| -> Vec<Option<Bar>> {
        let bar = |name: &&str| of_agent(results, metric, name).map(|of| Bar { value: of.mean, interval: of.ci95 });
        names.iter().map(bar).collect()
    };
    let breaches =
        names.iter().map(|name| breached(results, name).map(|value| Bar { value, interval: None })).collect();
    let rows = names.iter().map(|name| {
        let of = |metric: &str, unit| figure(of_agent(results, metric, name), unit);
        vec![
            (*name).to_owned(),
            of("tickets.assigned", Unit::Count),
            of("agents.occupancy", Unit::Share),
            breached(results, name).map_or(NONE.to_owned(), |value| format!("{value:.1}")),
            of("agents.available_hours", Unit::Hours),
        ]
    });
    let desk = |metric: &str| results.get(metric).and_then(|figure| figure.summary);
    let [jain, gini] = ["jain", "gini"].map(|of| figure(desk(&format!("balance.assigned.{of}")), Unit::Ratio));
    let busy = figure(desk("balance.busy.jain"), Unit::Ratio);
    let description = if jain == NONE {
        "Nobody was assigned a ticket while available.".to_owned()
    } else {
        format!(
            "Within groups, tickets per available hour have a Jain index of {jain} and a Gini coefficient of {gini}; occupancy a Jain index of {busy}."
        )
    };
    let panel = |title: &str, ink, words, limit, bars| BarPanel { title: title.to_owned(), ink, words, limit, bars };
    Some(Chart {
        kind: "agents",
        title: if more.is_empty() { "Workload per agent" } else { "Workload of the most and the least laden agents" }
            .to_owned(),
        description,
        note: format!("Means over the runs; a line through a bar is the 95 % interval.{more}"),
        table: Table {
            head: row(&["agent", "assigned", "occupied", "breached timers", "available"]),
            rows: rows.collect(),
        },
        drawing: Box::new(Bars {
            names: names.iter().map(|name| (*name).to_owned()).collect(),
            panels: vec![
                panel("Tickets assigned", inks::BLUE, plain, None, bar("tickets.assigned")),
                panel("Occupied while connected", inks::GREEN, percent, Some(1.0), bar("agents.occupancy")),
                panel("Timers breached", inks::VERMILION, plain, None, breaches),
            ],
        }),
        wide: true,
    })
}

/// Parts of a pie that are named, the largest; the others are taken together.
const PARTS: usize = 15;

fn share(results: &Results) -> Option<Chart> {
    let mut parts: Vec<(String, f64)> = agent_names(results)
        .into_iter()
        .filter_map(|name| Some((name.to_owned(), of_agent(results, "tickets.assigned", name)?.mean)))
        .filter(|part| part.1 > 0.0)
        .collect();
    // Equal ones stay in listed order.
    parts.sort_by(|one, other| other.1.total_cmp(&one.1));
    let total: f64 = parts.iter().map(|part| part.1).sum();
    if parts.len() < 2 {
        return None;
    }
    let rows =
        parts.iter().map(|(name, part)| vec![name.clone(), format!("{part:.1}"), share_words(part / total)]).collect();
    let agents = parts.len();
    let rest = agents > PARTS + 1;
    let mut description = format!("{} has the largest part, {}.", parts[0].0, share_words(parts[0].1 / total));
    if rest {
        let others = parts.split_off(PARTS);
        let (count, sum) = (others.len(), others.iter().map(|part| part.1).sum::<f64>());
        let each = share_words(sum / total / count as f64);
        description = format!(
            "The {PARTS} largest parts of {agents} agents are named; {} has {}. The other {count} agents have {} together, {each} each on \
             average.",
            parts[0].0,
            share_words(parts[0].1 / total),
            share_words(sum / total)
        );
        parts.push((format!("{count} others, {each} each"), sum));
    }
    Some(Chart {
        kind: "share",
        title: "Who is assigned the tickets".to_owned(),
        description,
        note: "Tickets assigned, means over the runs.".to_owned(),
        table: Table { head: row(&["agent", "assigned", "share"]), rows },
        drawing: Box::new(Pie { parts, rest }),
        wide: false,
    })
}

fn connections(picture: &Picture, clock: &Clock) -> Chart {
    let diary = &picture.story.diary;
    let at: Vec<f64> = diary.connections.iter().map(|change| f64::from(change.0) * diary.step).collect();
    let band = |name: &str, ink, n: usize| Band {
        name: name.to_owned(),
        ink,
        at: at.clone(),
        mean: diary.connections.iter().map(|change| Some(f64::from(change.1[n]))).collect(),
        low: Vec::new(),
        high: Vec::new(),
        steps: true,
    };
    let rows = diary.connections.iter().zip(&at).map(|(change, at)| {
        let [connected, inactive, disconnected] = change.1.map(|count| count.to_string());
        vec![clock.moment(*at), connected, inactive, disconnected]
    });
    let most = diary.connections.iter().map(|change| change.1[0]).max().unwrap_or(0);
    let all = diary.connections.first().map_or(0, |change| change.1.iter().sum::<u32>());
    Chart {
        kind: "connections",
        title: "Connection state of the agents".to_owned(),
        description: format!(
            "At most {} of {} connected at a time.",
            thousands(&most.to_string()),
            match all {
                1 => "1 agent is".to_owned(),
                many => format!("{} are", several(u64::from(many), "agent")),
            }
        ),
        note: format!("Replication 0, every {}; the others are disconnected.", duration(diary.step)),
        table: Table { head: row(&["from", "connected", "inactive", "disconnected"]), rows: rows.collect() },
        drawing: Box::new(Course {
            clock: clock.clone(),
            panels: vec![Panel {
                title: "Agents".to_owned(),
                bands: vec![band("connected", inks::GREEN, 0), band("inactive", inks::VERMILION, 1)],
                words: plain,
                height: 170.0,
            }],
            warmup: 0.0,
        }),
        wide: false,
    }
}

/// DSH-3: who was in which status when.
fn statuses(picture: &Picture, clock: &Clock) -> Option<Chart> {
    let (story, diary) = (&picture.story, &picture.story.diary);
    if diary.agents.is_empty() {
        return None;
    }
    let mut custom = [inks::ORANGE, inks::PURPLE, inks::SKY, inks::YELLOW, inks::BLUE].iter().cycle();
    let statuses: Vec<_> = diary
        .statuses
        .iter()
        .enumerate()
        .map(|(n, status)| {
            let ink = match n {
                0 => inks::GREEN,
                1 => inks::VERMILION,
                2 => inks::AXIS,
                _ => *custom.next().expect("a cycle has no end"),
            };
            let part = match status.connection.as_str() {
                "connected" => 1.0,
                "inactive" => 0.55,
                _ => 0.1,
            };
            (status.name.clone(), ink, part)
        })
        .collect();
    let name = |user: u32| story.users.get(user as usize).cloned().unwrap_or_default();
    let mut table = Table { head: row(&["agent", "from", "status", "for"]), rows: Vec::new() };
    let mut rows = Vec::new();
    for agent in &diary.agents {
        let ends = agent.spells.iter().skip(1).map(|spell| spell.0).chain([clock.end()]);
        let spells: Vec<Spell> = agent
            .spells
            .iter()
            .zip(ends)
            .map(|(&(from, status), to)| Spell { from, to, status: status as usize })
            .filter(|spell| spell.status < statuses.len())
            .collect();
        for spell in spells.iter().take(TABLE_SPELLS / diary.agents.len()) {
            let status = statuses[spell.status].0.clone();
            table.rows.push(vec![name(agent.user), clock.moment(spell.from), status, duration(spell.to - spell.from)]);
        }
        rows.push(SpellRow { name: name(agent.user), spells });
    }
    let cut = if diary.complete { "" } else { " Not all changes are told: there are too many." };
    let others = if diary.others > 0 {
        format!(" {} more agents are not shown.", thousands(&diary.others.to_string()))
    } else {
        String::new()
    };
    Some(Chart {
        kind: "statuses",
        title: "Status of each agent over time".to_owned(),
        description: match rows.len() {
            1 => format!("The agent's times in {} statuses.", statuses.len()),
            many => format!("A row for each of {many} agents, with the times in {} statuses.", statuses.len()),
        },
        note: format!(
            "Replication 0. High blocks are connected statuses, half-high ones inactive, thin lines disconnected.{others}{cut}"
        ),
        table,
        drawing: Box::new(Spells { clock: clock.clone(), rows, statuses }),
        wide: true,
    })
}

/// Spells in the table beside the timeline, at most.
const TABLE_SPELLS: usize = 4_000;
