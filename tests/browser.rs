//! The page of a run in a browser: headless Chromium opens it from disk, and is driven through its debugging pipe.
//!
//! Where there is no Chromium these tests say so and pass; `.ci/run` installs it, and sets `DESKSIM_BROWSER=1`, with which
//! they fail instead.

#![allow(clippy::print_stderr, reason = "a test that is skipped says so")]

use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::OnceLock;

/// The browser's program, if there is one.
fn chromium() -> Option<&'static str> {
    let there = |name: &&str| Command::new(name).arg("--version").output().is_ok_and(|output| output.status.success());
    let found = ["chromium", "chromium-browser", "google-chrome"].into_iter().find(there);
    if found.is_none() {
        assert!(
            std::env::var_os("DESKSIM_BROWSER").is_none(),
            "there is no Chromium, and DESKSIM_BROWSER asks for one"
        );
        eprintln!("skipped: there is no Chromium; apt-get install chromium");
    }
    found
}

/// A browser with one page, driven through pipes.
struct Browser {
    process: Child,
    to: File,
    from: File,
    rest: Vec<u8>,
    last: u64,
    session: String,
    events: Vec<Value>,
    _directory: tempfile::TempDir,
}

impl Browser {
    fn start(program: &str) -> Browser {
        let directory = tempfile::tempdir().unwrap();
        let pipe = |name: &str| {
            let path = directory.path().join(name);
            assert!(Command::new("mkfifo").arg(&path).status().unwrap().success());
            path
        };
        let (to, from) = (pipe("to"), pipe("from"));
        // The browser reads commands from descriptor 3 and answers on 4.
        let process = Command::new("sh")
            .arg("-c")
            .arg("exec \"$0\" --headless=new --no-sandbox --disable-gpu --disable-dev-shm-usage --no-first-run --user-data-dir=\"$3\" --remote-debugging-pipe about:blank 3<\"$1\" 4>\"$2\"")
            .arg(program)
            .args([&to, &from])
            .arg(directory.path().join("profile"))
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let (to, from) = (File::options().write(true).open(to).unwrap(), File::open(from).unwrap());
        let session = String::new();
        let mut browser = Browser {
            process,
            to,
            from,
            rest: Vec::new(),
            last: 0,
            session,
            events: Vec::new(),
            _directory: directory,
        };
        let targets = browser.call("Target.getTargets", json!({}));
        let page = targets["targetInfos"].as_array().unwrap().iter().find(|target| target["type"] == "page").unwrap();
        let attached = browser.call("Target.attachToTarget", json!({ "targetId": page["targetId"], "flatten": true }));
        browser.session = attached["sessionId"].as_str().unwrap().to_owned();
        for domain in ["Page", "Runtime", "Log", "Network"] {
            browser.call(&format!("{domain}.enable"), json!({}));
        }
        browser
    }

    fn call(&mut self, method: &str, params: Value) -> Value {
        self.last += 1;
        let mut message = json!({ "id": self.last, "method": method, "params": params });
        if !self.session.is_empty() {
            message["sessionId"] = json!(self.session);
        }
        self.to.write_all(format!("{message}\0").as_bytes()).unwrap();
        loop {
            let message = self.message();
            if message["id"] == self.last {
                assert!(message["error"].is_null(), "{method}: {message}");
                return message["result"].clone();
            }
            self.events.push(message);
        }
    }

    fn message(&mut self) -> Value {
        loop {
            if let Some(end) = self.rest.iter().position(|byte| *byte == 0) {
                let message: Vec<u8> = self.rest.drain(..=end).collect();
                return serde_json::from_slice(&message[..end]).unwrap();
            }
            let mut more = vec![0; 1 << 16];
            let read = self.from.read(&mut more).unwrap();
            assert!(read > 0, "the browser closed");
            self.rest.extend_from_slice(&more[..read]);
        }
    }

    fn open(&mut self, path: &Path, width: u32, scheme: &str) {
        let size = json!({ "width": width, "height": 900, "deviceScaleFactor": 1, "mobile": width < 600 });
        self.call("Emulation.setDeviceMetricsOverride", size);
        let scheme = json!({ "features": [{ "name": "prefers-color-scheme", "value": scheme }] });
        self.call("Emulation.setEmulatedMedia", scheme);
        let address = format!("file://{}", path.display());
        self.call("Page.navigate", json!({ "url": address }));
        while !self.events.iter().any(|event| event["method"] == "Page.loadEventFired") {
            let event = self.message();
            self.events.push(event);
        }
    }

    /// What an expression comes to in the page.
    fn ask(&mut self, expression: &str) -> Value {
        let params = json!({ "expression": expression, "returnByValue": true, "awaitPromise": true });
        let answer = self.call("Runtime.evaluate", params);
        assert!(answer["exceptionDetails"].is_null(), "{expression}: {answer}");
        answer["result"]["value"].clone()
    }

    /// Complaints of the page, and whatever it asked anybody for but itself.
    fn complaints(&self) -> Vec<String> {
        let tells = |event: &&Value| match event["method"].as_str().unwrap_or_default() {
            "Runtime.exceptionThrown" | "Runtime.consoleAPICalled" | "Log.entryAdded" => true,
            "Network.requestWillBeSent" => {
                let address = event["params"]["request"]["url"].as_str().unwrap_or_default();
                !address.ends_with("/report.html") && !address.starts_with("data:")
            }
            _ => false,
        };
        self.events.iter().filter(tells).map(Value::to_string).collect()
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// The results of a scenario, made once.
fn results() -> &'static Path {
    static MADE: OnceLock<PathBuf> = OnceLock::new();
    MADE.get_or_init(|| {
        let directory = Path::new(env!("CARGO_TARGET_TMPDIR")).join("shop-week");
        let out = directory.to_str().unwrap();
        let run = ["run", "scenarios/shop-week.toml", "--replications", "3", "--out", out];
        let output = Command::new(env!("CARGO_BIN_EXE_desksim")).args(run).output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        directory
    })
}

fn opened(width: u32, scheme: &str) -> Option<Browser> {
    let mut browser = Browser::start(chromium()?);
    browser.open(&results().join("report.html"), width, scheme);
    Some(browser)
}

/// The picture in the results.
fn story() -> Value {
    let text = fs::read_to_string(results().join("results.json")).unwrap();
    let results: Value = serde_json::from_str(&text).unwrap();
    results["picture"].clone()
}

#[test]
fn the_page_opens_without_a_complaint_and_asks_nobody_for_anything() {
    for (width, scheme) in [(1280, "light"), (390, "dark")] {
        let Some(mut browser) = opened(width, scheme) else { return };
        assert_eq!(browser.ask("document.title"), "A web shop's week on three channels");
        // Nothing hangs over the edge of a phone.
        let wide = browser.ask("document.documentElement.scrollWidth").as_f64().unwrap();
        assert!(wide <= f64::from(width), "{wide} px at {width}");
        // Moving all that moves.
        browser.ask("for (const id of ['slider', 'channel', 'status']) { const it = document.getElementById(id); it.value = it.max ?? '1'; it.dispatchEvent(new Event('input', { bubbles: true })); }");
        browser.ask("document.querySelector('#kpi th button').click(); document.getElementById('play').click(); new Promise(done => setTimeout(done, 300))");
        assert_eq!(browser.complaints(), [] as [String; 0]);
        let themed = if scheme == "dark" { "rgb(24, 27, 32)" } else { "rgb(255, 255, 255)" };
        assert_eq!(browser.ask("getComputedStyle(document.documentElement).backgroundColor"), themed);
        let shown = "[...document.querySelectorAll('svg.chart')].filter(chart => chart.getBoundingClientRect().width > 0).map(chart => chart.classList.contains('narrow'))";
        let shown = browser.ask(shown);
        assert!(shown.as_array().unwrap().iter().all(|narrow| *narrow == (width < 600)), "{shown}");
        assert_eq!(shown.as_array().unwrap().len(), 10);
    }
}

/// Before a filter is touched the script has written what the page's maker had: both say numbers alike.
#[test]
fn the_script_and_the_page_say_the_same() {
    let Some(mut browser) = opened(1280, "light") else { return };
    let page = fs::read_to_string(results().join("report.html")).unwrap();
    let lines = |of: &str| -> Vec<String> {
        let (_, rest) = page.split_once(of).unwrap();
        let (_, rest) = rest.split_once("<tbody>").unwrap();
        let (body, _) = rest.split_once("</tbody>").unwrap();
        body.split("<tr>").skip(1).map(|line| texts(line).join("|")).collect()
    };
    for id in ["kpi", "tickets"] {
        let shown = browser.ask(&format!(
            "[...document.querySelectorAll('#{id} tbody tr')].map(line => [...line.cells].map(cell => cell.textContent.trim()).join('|'))"
        ));
        let shown: Vec<&str> = shown.as_array().unwrap().iter().map(|line| line.as_str().unwrap()).collect();
        assert!(shown.len() >= 20);
        assert_eq!(shown, lines(&format!("id=\"{id}\"")), "{id}");
    }
}

/// The texts between tags.
fn texts(html: &str) -> Vec<String> {
    let between = html.split('<').filter_map(|part| part.split_once('>')).map(|(_, text)| text.trim());
    let unescaped = |text: &str| text.replace("&#x27;", "'").replace("&lt;", "<").replace("&amp;", "&");
    between.filter(|text| !text.is_empty()).map(unescaped).collect()
}

/// Sets filters (indices as texts, days as dates) and gives the numbers on the cards, their sum as the page says it, and
/// how many tickets are listed.
fn filtered(browser: &mut Browser, set: &[(&str, &str)]) -> (Vec<u64>, u64, u64) {
    let set: BTreeMap<&str, &str> = set.iter().copied().collect();
    let script = format!(
        "(() => {{ const form = document.getElementById('filters'); form.reset(); const set = {}; \
         for (const [id, value] of Object.entries(set)) document.getElementById(id).value = value; \
         form.dispatchEvent(new Event('input')); const number = text => Number(text.replace(/,/g, '')); \
         return [[...document.querySelectorAll('#cards .big')].map(card => number(card.textContent)), \
         number(document.getElementById('total').textContent), number(document.getElementById('listed').textContent)]; }})()",
        json!(set)
    );
    let answer = browser.ask(&script);
    let cards = answer[0].as_array().unwrap().iter().map(|card| card.as_u64().unwrap()).collect();
    (cards, answer[1].as_u64().unwrap(), answer[2].as_u64().unwrap())
}

/// Every combination of filters against a count of the saved tickets, one by one.
#[test]
fn filters_change_cards_and_list_to_the_right_numbers() {
    let Some(mut browser) = opened(1280, "light") else { return };
    let picture = story();
    let rows = picture["story"]["rows"].as_array().unwrap();
    assert_eq!(picture["story"]["every"], 1, "all tickets are listed");
    let mut cycles: BTreeMap<u64, u64> = BTreeMap::new();
    for row in rows {
        let last = cycles.entry(row[0].as_u64().unwrap()).or_default();
        *last = (*last).max(row[2].as_u64().unwrap());
    }
    let days: Vec<(f64, &str)> = picture["days"]
        .as_array()
        .unwrap()
        .iter()
        .map(|day| (day["at"].as_f64().unwrap(), day["date"].as_str().unwrap()))
        .collect();
    let date = |at: f64| days[days.partition_point(|day| day.0 <= at) - 1].1;
    let agents = ["", "1", "8"];
    assert_eq!([1, 8].map(|user: usize| picture["story"]["users"][user].clone()), [json!("anna"), json!("late-1")]);
    let mut seen = std::collections::BTreeSet::new();
    for (from, to) in [(0, 6), (1, 1), (2, 5)] {
        for channel in ["", "0", "1", "2"] {
            for group in ["", "0", "1", "2"] {
                for agent in agents {
                    for status in ["", "0", "1", "2", "3", "4"] {
                        let wanted = [channel, group, agent, status];
                        let fits = |row: &&Value| {
                            let (first, last) = (days[from].1, days[to].1);
                            let spans = |at: &Value| {
                                let date = date(at.as_f64().unwrap());
                                first <= date && date <= last
                            };
                            let began = &row[8][0];
                            let ended = row[8][1].as_f64().map(|at| date((at - 0.05).max(began.as_f64().unwrap())));
                            let open =
                                date(began.as_f64().unwrap()) <= last && ended.is_none_or(|ended| ended >= first);
                            // EXP-3: what happened, closed since or not.
                            let has = match status {
                                "" => open,
                                "2" => row[9].as_array().unwrap().iter().any(spans),
                                "3" => row[2].as_u64().unwrap() > 1 && spans(began),
                                status => open && format!("{}", row[1][3]) == status,
                            };
                            let through = wanted[1].is_empty()
                                || [&row[1][1], &row[10]].iter().any(|of| format!("{of}") == wanted[1]);
                            has && through
                                && [0, 2]
                                    .iter()
                                    .all(|n| wanted[*n].is_empty() || format!("{}", row[1][*n]) == wanted[*n])
                        };
                        let mut expected = vec![0; 6];
                        let latest = |row: &&&Value| cycles[&row[0].as_u64().unwrap()] == row[2].as_u64().unwrap();
                        let chosen: Vec<&Value> = rows.iter().filter(fits).collect();
                        chosen
                            .iter()
                            .filter(latest)
                            .for_each(|row| expected[row[1][3].as_u64().unwrap() as usize] += 1);
                        let set = [
                            ("from", days[from].1),
                            ("to", days[to].1),
                            ("channel", channel),
                            ("group", group),
                            ("agent", agent),
                            ("status", status),
                        ];
                        let (cards, total, listed) = filtered(&mut browser, &set);
                        let sum: u64 = expected.iter().sum();
                        assert_eq!((&cards, total, listed), (&expected, sum, chosen.len() as u64), "{set:?}");
                        seen.insert(sum);
                    }
                }
            }
        }
    }
    assert!(seen.len() > 40, "the filters choose differently: {seen:?}");
}

/// DSH-2, DSH-4: the table of agents under a filter, against sums over the saved tickets' cells.
#[test]
fn filters_change_the_table_of_agents() {
    let Some(mut browser) = opened(1280, "light") else { return };
    let picture = story();
    filtered(&mut browser, &[("channel", "1"), ("from", "2026-03-04")]);
    let shown = browser.ask(
        "[...document.querySelectorAll('#kpi tbody tr')].map(line => [0, 1, 5].map(cell => line.cells[cell].textContent.replace(/,/g, '')))",
    );
    let mut expected: BTreeMap<i64, [u64; 2]> = BTreeMap::new();
    for cell in picture["story"]["cells"].as_array().unwrap() {
        let of = |n: usize| cell["of"][n].as_i64().unwrap();
        if of(1) == 1 && (of(5) < 0 || of(5) >= 2) {
            let sums = expected.entry(if of(3) < 0 { i64::MAX } else { of(3) }).or_default();
            sums[0] += cell["sums"][1].as_u64().unwrap();
            sums[1] += cell["sums"][4].as_u64().unwrap();
        }
    }
    let name = |of: i64| picture["story"]["users"][of as usize].as_str().unwrap_or("nobody");
    let expected: Vec<Value> = expected
        .iter()
        .map(|(of, sums)| {
            json!([if *of == i64::MAX { "nobody" } else { name(*of) }, sums[0].to_string(), sums[1].to_string()])
        })
        .collect();
    assert!(expected.len() > 5);
    assert_eq!(shown, Value::Array(expected));
}

/// DSH-3: who is in which status, with how many tickets open and pending.
#[test]
fn the_replay_shows_the_moment_it_stands_at() {
    let Some(mut browser) = opened(390, "light") else { return };
    let picture = story();
    let diary = &picture["story"]["diary"];
    // Tuesday noon.
    let moment = (36.0 * 3600.0 / diary["step"].as_f64().unwrap()) as u64;
    let at = |changes: &Value, key: f64| {
        let changes = changes.as_array().unwrap();
        changes.iter().rev().find(|change| change[0].as_f64().unwrap() <= key).unwrap()[1].clone()
    };
    browser.ask(&format!("(() => {{ const slider = document.getElementById('slider'); slider.value = {moment}; slider.dispatchEvent(new Event('input')); }})()"));
    assert_eq!(browser.ask("document.getElementById('moment').textContent"), "Tue 3 Mar 12:00");
    let people = browser.ask("[...document.querySelectorAll('#people li')].map(line => [line.querySelector('.who').textContent, line.querySelector('.state').textContent, line.querySelector('.hands').title])");
    let expected: Vec<Value> = diary["agents"]
        .as_array()
        .unwrap()
        .iter()
        .map(|agent| {
            let status = at(&agent["spells"], 36.0 * 3600.0 - 1e-6).as_u64().unwrap() as usize;
            let hands = at(&agent["hands"], moment as f64);
            let name = &picture["story"]["users"][agent["user"].as_u64().unwrap() as usize];
            json!([name, diary["statuses"][status]["name"], format!("{} open, {} pending", hands[0], hands[1])])
        })
        .collect();
    assert!(expected.iter().any(|line| line[1] == "Available") && expected.iter().any(|line| line[1] == "Offline"));
    assert_eq!(people, Value::Array(expected));
    let queues = browser.ask(
        "[...document.querySelectorAll('#queues li span:nth-child(2)')].map(number => Number(number.textContent))",
    );
    let expected: Vec<Value> =
        diary["queues"].as_array().unwrap().iter().map(|queue| at(queue, moment as f64)[0].clone()).collect();
    assert_eq!(queues, Value::Array(expected));
}

/// DSH-3 and tickets' cards: the tables show the end of the run, and the moment that is chosen; a ticket's number opens its card.
#[test]
fn a_moment_and_a_card_are_chosen() {
    let Some(mut browser) = opened(1280, "light") else { return };
    let picture = story();
    let lines = "(id => [...document.querySelectorAll(`#${id} tbody tr`)].map(line => [...line.cells].map(cell => cell.textContent)))";
    let users = picture["story"]["dashboard"]["users"].as_array().unwrap();
    let shown = browser.ask(&format!("{lines}('connection')"));
    let words = |user: &Value| {
        json!([user["user"], user["status"], user["connection"], user["open"].to_string(), user["pending"].to_string()])
    };
    let less = |shown: &Value| -> Vec<Value> {
        let rows = shown.as_array().unwrap().iter();
        rows.map(|row| json!([row[0], row[1], row[2], row[4], row[5]])).collect()
    };
    assert_eq!(less(&shown), users.iter().map(words).collect::<Vec<_>>(), "at the end");
    let choose = "(() => { const at = document.getElementById('at'); at.value = '2026-03-03T12:00:00'; at.dispatchEvent(new Event('input')); })()";
    browser.ask(choose);
    assert_eq!(browser.ask("document.getElementById('moment').textContent"), "Tue 3 Mar 12:00");
    let at = ["dashboard", "scenarios/shop-week.toml", "--at", "2026-03-03T11:59:59.999999", "--format", "json"];
    let output = Command::new(env!("CARGO_BIN_EXE_desksim")).args(at).output().unwrap();
    let told: Value = serde_json::from_slice(&output.stdout).unwrap();
    // The admin works no tickets.
    let agents = told["users"].as_array().unwrap().iter().filter(|user| user["user"] != "admin");
    let expected: Vec<Value> = agents.map(words).collect();
    let shown = browser.ask(&format!("{lines}('connection')"));
    let shown = less(&shown);
    assert_eq!(shown, expected, "at noon on Tuesday");
    let waiting = browser.ask("document.getElementById('waiting-count').textContent");
    assert_eq!(waiting, told["queue_length"].to_string());
    // The card of the first ticket.
    assert_eq!(browser.ask("document.getElementById('ticket-card').hidden"), true);
    browser.ask("document.querySelector('#tickets tbody th button').click()");
    assert_eq!(browser.ask("document.getElementById('ticket-card').hidden"), false);
    assert_eq!(browser.ask("document.getElementById('ticket-card-title').textContent"), "Ticket 0000001");
    let card = &picture["story"]["ticket_cards"][0];
    for (id, list) in [("ticket-messages", &card["card"]["messages"]), ("ticket-history", &card["history"])] {
        let count = browser.ask(&format!("document.querySelectorAll('#{id} li').length"));
        assert_eq!(count, list.as_array().unwrap().len(), "{id}");
    }
    assert_eq!(browser.complaints(), [] as [String; 0]);
}

/// Whatever things are called and wherever values lie: nothing hangs over the edge of any page, on a phone or on paper, and a
/// table's first column leaves room for the others.
#[test]
fn nothing_hangs_over_the_edge_of_any_page() {
    let Some(program) = chromium() else { return };
    let directory = tempfile::tempdir().unwrap();
    let scenario = directory.path().join("long.toml");
    let long = "Bartholomew-Maximilian von Hohenstein zu Oberammergau";
    let channel = "WhatsApp Business (Deutschland, Österreich, Schweiz und Liechtenstein)";
    let text = format!(
        "schema = 1\ntitle = \"{long} {channel}\"\n[run]\nstart = \"2026-03-02T00:00:00\"\nduration = \"1d\"\nreplications = 3\n\
         [status.\"Coffee, cake and a name that goes on and on, and on\"]\nconnection = \"inactive\"\n\
         [group.\"{channel}\"]\n[agent.\"{long}\"]\ncount = 3\ngroups = [\"{channel}\"]\n[group.b]\n[agent.b]\ngroups = [\"b\"]\n\
         [channel.\"{channel}\"]\nassignment = {{ groups = [\"{channel}\"] }}\nsla = {{ first_response = \"5m\", closure = \"2h\" }}\n\
         [channel.b]\nassignment = {{ groups = [\"b\"] }}\n\
         [customer.a]\nchannel = \"{channel}\"\narrivals = {{ per_hour = 30 }}\nhandle_time = {{ exponential = {{ mean = \"4m\" }} }}\n\
         [customer.b]\nchannel = \"b\"\narrivals = {{ per_hour = 4 }}\nhandle_time = {{ exponential = {{ mean = \"4m\" }} }}\n\
         [[expect]]\nmetric = \"customer.first_response.p95\"\nat_most = 1\n\
         [[expect]]\nmetric = 'balance.assigned.jain{{group=\"{channel}\"}}'\nat_least = 0.99999\n\
         [staff]\n[staff.counts]\n'agent.b.count' = {{ min = 1, max = 2, cost = 1 }}\n"
    );
    fs::write(&scenario, text).unwrap();
    let file = scenario.to_str().unwrap();
    let vary =
        ["--vary", "channel.b.limit.max_open=1,2,3", "--vary", "customer.b.patience=1h 40m 30s,2h 40m 30s,3h 40m 30s"];
    let compare = ["compare", file, "--policies", "round_robin,least_open_biased,first_listed"];
    let metric = ["--metric", "queue.wait.p95", "--metric", "customer.first_response.p95"];
    for (name, arguments, exit) in [
        ("run", vec!["run", file], 0),
        ("check", vec!["check", file], 99),
        ("compare", compare.to_vec(), 0),
        ("sweep", [&["sweep", file][..], &vary, &metric].concat(), 0),
    ] {
        let out = directory.path().join(name);
        let output =
            Command::new(env!("CARGO_BIN_EXE_desksim")).args(&arguments).arg("--out").arg(&out).output().unwrap();
        assert_eq!(output.status.code(), Some(exit), "{name}: {}", String::from_utf8_lossy(&output.stderr));
        for width in [390, 1280] {
            let mut browser = Browser::start(program);
            browser.open(&out.join("report.html"), width, "light");
            let over = browser.ask(
                "(() => { const shown = box => box.width > 0; const over = box => box.left < -1 || box.right > innerWidth + 1; \
                 const texts = [...document.querySelectorAll('svg.chart text')].map(text => [text.textContent, text.getBoundingClientRect()]); \
                 const heads = [...document.querySelectorAll('tbody th')].map(head => [head.textContent, head.getBoundingClientRect()]); \
                 return [texts.filter(([, box]) => shown(box) && over(box)).map(([text]) => text), \
                 heads.filter(([, box]) => innerWidth < 600 && box.width > innerWidth * 0.56).map(([text]) => text), \
                 document.documentElement.scrollWidth <= innerWidth]; })()",
            );
            assert_eq!(over, json!([[], [], true]), "{name} at {width}");
            assert_eq!(browser.complaints(), [] as [String; 0], "{name}");
        }
    }
}

#[test]
fn printing_gives_pages() {
    let Some(mut browser) = opened(1280, "dark") else { return };
    let printed = browser.call("Page.printToPDF", json!({ "printBackground": true, "preferCSSPageSize": true }));
    let base64 = printed["data"].as_str().unwrap();
    assert!(base64.starts_with("JVBERi0"), "a PDF");
    assert!(base64.len() > 50_000, "with something on its pages: {}", base64.len());
    browser.call("Emulation.setEmulatedMedia", json!({ "media": "print" }));
    let ground = browser.ask("getComputedStyle(document.documentElement).backgroundColor");
    assert_eq!(ground, "rgb(255, 255, 255)", "nobody prints dark pages");
    assert_eq!(browser.ask("getComputedStyle(document.getElementById('filters')).display"), "none");
}
