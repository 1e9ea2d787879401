(() => {
  const element = id => document.getElementById(id);
  const data = JSON.parse(element("data").textContent);
  const story = data.story;
  const NONE = "–", FIRM = "\u00a0";

  // Numbers as the page's maker writes them.
  const count = n => n.toString().replace(/\B(?=(\d{3})+$)/g, ",");
  const share = (part, whole) => {
    if (whole === 0) return NONE;
    const tenths = Math.floor((part * 2000 + whole) / (2 * whole));
    return `${Math.floor(tenths / 10)}.${tenths % 10}${FIRM}%`;
  };
  const even = x => { const floor = Math.floor(x), rest = x - floor; return rest > 0.5 || (rest === 0.5 && floor % 2 === 1) ? floor + 1 : floor; };
  const duration = s => {
    const two = (small, large, rest, per) => {
      const whole = even(s / small), high = Math.floor(whole / per), low = whole % per;
      return low === 0 ? `${high}${large}` : `${high}${large}${FIRM}${low}${rest}`;
    };
    if (s <= 0) return "0s";
    if (s < 0.0095) return `${(s * 1e3).toFixed(2)}ms`;
    if (s < 0.995) return `${s.toFixed(2)}s`;
    if (s < 59.95) return `${s.toFixed(1).replace(/\.0$/, "")}s`;
    if (s < 3599.5) return two(1, "m", "s", 60);
    if (s < 86370) return two(60, "h", "m", 60);
    return two(3600, "d", "h", 24);
  };
  const mean = (ms, of) => of === 0 ? NONE : duration(ms / of / 1e3);
  const secs = s => s === null ? NONE : duration(s);

  const start = Date.parse(data.start);
  const clock = new Intl.DateTimeFormat("en-GB", { timeZone: data.zone, weekday: "short", day: "numeric", month: "short", year: "numeric", hour: "2-digit", minute: "2-digit", second: "2-digit", hourCycle: "h23" });
  const moment = at => {
    const of = {};
    for (const part of clock.formatToParts(new Date(start + Math.floor(at * 1000)))) of[part.type] = part.value;
    const year = data.end > 300 * 86400 ? ` ${of.year}` : "";
    const seconds = data.end < 7200 ? `:${of.second}` : "";
    return `${of.weekday} ${of.day} ${of.month.slice(0, 3)}${year} ${of.hour}:${of.minute}${seconds}`;
  };

  const make = (name, text, attributes = {}) => {
    const made = document.createElement(name);
    if (text !== undefined) made.textContent = text;
    for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
    return made;
  };

  // What a table holds that holds nothing.
  const nothing = columns => {
    const line = make("tr");
    line.append(make("td", "No ticket.", { colspan: String(columns) }));
    return line;
  };

  // Filters.
  const chosen = id => { const value = element(id).value; return value === "" ? null : Number(value); };
  const dayOf = (date, otherwise) => {
    // The last day that begins on or before the date; days may be told every so many.
    let found = otherwise;
    data.days.forEach(([, of], index) => { if (of <= date) found = index; });
    return found;
  };
  const filter = () => {
    const [from, to] = [element("from").value, element("to").value];
    const together = story.days_together;
    const first = from ? dayOf(from, 0) : 0;
    const last = to ? dayOf(to, -1) : data.days.length - 1;
    return {
      days: [Math.floor(first / together), Math.floor(last / together)], of: [chosen("channel"), chosen("group"), chosen("agent"), chosen("status")],
    };
  };
  // A cycle: the days on which it began, was last open (-1: it still is) and was escalated; channel, group, agent, card; the group
  // that it was assigned through; whether a reopening began it. EXP-3: which cycles dates and statuses choose.
  const CARD_ESCALATED = story.cards.indexOf("Escalated"), CARD_REOPENED = story.cards.indexOf("Reopened");
  const fits = (wanted, { began, ended, escalated, of, through, later }) => {
    const [first, last] = wanted.days, [channel, group, agent, status] = wanted.of;
    const spans = day => day >= first && day <= last;
    const open = began <= last && (ended < 0 || ended >= first);
    const has = status === null ? open : status === CARD_REOPENED ? later && spans(began) : status === CARD_ESCALATED ? escalated.some(spans) : open && status === of[3];
    return has && (channel === null || channel === of[0]) && (group === null || group === of[1] || group === through) && (agent === null || agent === of[2]);
  };
  const cellCycle = cell => ({ began: cell.of[0], ended: cell.of[5], escalated: cell.escalated ?? [], of: cell.of.slice(1, 5), through: cell.of[6], later: cell.of[7] === 1 });
  const lastDay = (began, ended) => ended === null ? -1 : Math.max(dayAt(began), dayAt(ended - 0.05));
  const rowCycle = ([, of, cycle, , , , , , [began, ended], escalated, through]) => ({ began: dayAt(began), ended: lastDay(began, ended), escalated: escalated.map(dayAt), of, through, later: cycle > 1 });
  const dayAt = at => { let low = 0, high = data.days.length; while (high - low > 1) { const middle = (low + high) >> 1; if (data.days[middle][0] <= at) low = middle; else high = middle; } return Math.floor(low / story.days_together); };

  const number = Object.fromEntries(data.numbers.map((name, index) => [name, index]));
  const kpiBy = story.by_agent ? 2 : 1;
  const kpiNames = story.by_agent ? story.users : story.groups;

  const showCards = cells => {
    const counts = story.cards.map(() => 0);
    for (const cell of cells) counts[cell.of[4]] += cell.sums[number.tickets];
    const total = counts.reduce((sum, more) => sum + more, 0);
    document.querySelectorAll("#cards .card").forEach((card, n) => {
      card.querySelector(".big").textContent = count(counts[n]);
      card.querySelector(".note").textContent = share(counts[n], total);
    });
    element("total").textContent = count(total);
  };

  const showKpi = cells => {
    const by = new Map();
    for (const cell of cells) {
      const of = cell.of[kpiBy + 1];
      if (!by.has(of)) by.set(of, data.numbers.map(() => 0));
      const sums = by.get(of);
      cell.sums.forEach((more, n) => { sums[n] += more; });
    }
    const place = of => of < 0 ? Infinity : of;
    const lines = [...by].sort(([one], [other]) => place(one) - place(other) || 0);
    const most = Math.max(1, ...lines.filter(([of]) => of >= 0).map(([, sums]) => sums[number.cycles]));
    const body = document.querySelector("#kpi tbody");
    body.replaceChildren(...lines.map(([of, s]) => {
      const line = make("tr");
      line.append(make("th", of < 0 ? "nobody" : kpiNames[of] ?? "nobody", { scope: "row" }));
      const [met, breached] = [s[number.first_response_met], s[number.first_response_breached]];
      const [inTime, late] = [s[number.closure_met], s[number.closure_breached]];
      const cells = [count(s[number.cycles]), count(s[number.tickets]), count(s[number.closed]), share(met, met + breached), count(breached), share(inTime, inTime + late), count(late), mean(s[number.reply_ms], s[number.replied]), mean(s[number.resolution_ms], s[number.resolved]), count(s[number.escalations])];
      cells.forEach((text, n) => {
        const cell = make("td", n === 0 ? undefined : text);
        if (n === 0) {
          cell.className = "bar";
          const bar = make("span");
          bar.style.setProperty("--part", of < 0 ? 0 : Math.floor(s[number.cycles] * 100 / most));
          cell.append(bar, text);
        }
        line.append(cell);
      });
      return line;
    }));
    if (lines.length === 0) body.append(nothing(11));
    sorting.again(element("kpi"));
  };

  // A ticket's card.
  const ticketId = id => String(id).padStart(7, "0");
  const showCard = id => {
    const card = data.ticket_cards[id], box = element("ticket-card");
    element("ticket-card-title").textContent = `Ticket ${ticketId(id)}`;
    element("ticket-facts").replaceChildren(...card.facts.flatMap(([name, text]) => [make("dt", name), make("dd", text)]));
    const lines = list => list.map(([time, ...words]) => {
      const line = make("li");
      line.append(make("time", time), words.join(": "));
      return line;
    });
    element("ticket-messages").replaceChildren(...lines(card.messages));
    element("ticket-history").replaceChildren(...lines(card.history));
    box.hidden = false;
    box.scrollIntoView({ block: "nearest" });
    box.focus({ preventScroll: true });
  };
  element("ticket-card-close").addEventListener("click", () => { element("ticket-card").hidden = true; });
  const ticketHead = id => {
    const head = make("th", undefined, { scope: "row" });
    if (id in data.ticket_cards) {
      const button = make("button", ticketId(id), { type: "button", "aria-label": `Card of ticket ${ticketId(id)}` });
      button.addEventListener("click", () => showCard(id));
      head.append(button);
    } else head.textContent = ticketId(id);
    return head;
  };

  // The list of tickets.
  const PAGE = 25;
  let listed = story.rows, first = 0;
  const showTickets = () => {
    const name = (names, index) => index < 0 ? NONE : names[index] ?? NONE;
    const more = story.more_users ?? {};
    // Each clock stands with its own verdict.
    const judged = (time, verdict) => verdict === undefined ? secs(time) : time === null ? verdict : `${duration(time)} (${verdict})`;
    const clocks = ([customer, outcome, took, verdict]) => [judged(took, data.outcomes[outcome]), judged(customer, data.customer_outcomes[verdict])];
    const body = document.querySelector("#tickets tbody");
    body.replaceChildren(...listed.slice(first, first + PAGE).map(([id, of, cycle, created, queued, reply, resolution, escalations]) => {
      const line = make("tr");
      line.append(ticketHead(id));
      for (const text of [moment(created), name(story.channels, of[0]), name(story.groups, of[1]), of[2] in more ? more[of[2]] : name(story.users, of[2]), name(story.cards, of[3]), String(cycle), secs(queued), ...clocks(reply), ...clocks(resolution), String(escalations)]) line.append(make("td", text));
      return line;
    }));
    if (listed.length === 0) body.append(nothing(13));
    element("listed").textContent = count(listed.length);
    element("pager").hidden = listed.length <= PAGE;
    element("range").textContent = `${count(Math.min(first + 1, listed.length))}–${count(Math.min(first + PAGE, listed.length))} of ${count(listed.length)}`;
    element("before").disabled = first === 0;
    element("after").disabled = first + PAGE >= listed.length;
  };
  element("before").addEventListener("click", () => { first = Math.max(0, first - PAGE); showTickets(); });
  element("after").addEventListener("click", () => { first += PAGE; showTickets(); });

  // On paper the fields are not there, so words say what is shown.
  const showChosen = () => {
    const said = [];
    for (const id of ["from", "to"]) {
      const field = element(id);
      if (field.value !== field.defaultValue && field.value !== "") said.push(`${id} ${field.value}`);
    }
    for (const id of ["channel", "group", "agent", "status"]) {
      const field = element(id);
      if (field.value !== "") said.push(`${id} ${field.selectedOptions[0].textContent}`);
    }
    element("chosen").hidden = said.length === 0;
    element("chosen").textContent = `Only: ${said.join(", ")}.`;
  };

  const show = () => {
    const wanted = filter();
    const cells = story.cells.filter(cell => fits(wanted, cellCycle(cell)));
    showCards(cells);
    showKpi(cells);
    listed = story.rows.filter(row => fits(wanted, rowCycle(row)));
    first = 0;
    showTickets();
    showChosen();
  };
  const form = element("filters");
  form.addEventListener("submit", event => event.preventDefault());
  form.addEventListener("input", show);
  form.addEventListener("reset", () => setTimeout(show));

  // The replay.
  const diary = story.diary;
  const at = (changes, key) => { let low = -1, high = changes.length; while (high - low > 1) { const middle = (low + high) >> 1; if (changes[middle][0] <= key) low = middle; else high = middle; } return low < 0 ? null : changes[low][1]; };
  const MARKS = { connected: "●", inactive: "◐", disconnected: "○" };
  const player = element("player"), slider = element("slider");
  // After the last moment comes the end of the run.
  slider.max = diary.moments;
  const atMoment = n => Math.min(n * diary.step, data.end);
  const longest = Math.max(1, ...diary.queues.flat().map(([, [n]]) => n));
  const queues = diary.queues.map((changes, channel) => {
    const line = make("li"), number = make("span"), bar = make("b"), rail = make("i");
    rail.append(bar);
    line.append(make("span", story.channels[channel]), number, rail);
    element("queues").append(line);
    return { changes, number, bar };
  });
  const squares = (pending, open) => {
    const most = 15, box = make("span", undefined, { class: "hands" });
    const full = Math.min(pending, most), rest = Math.min(open - pending, most - full);
    if (full > 0) box.append(make("b", "■".repeat(full)));
    if (rest > 0) box.append(make("s", "□".repeat(rest)));
    if (open > most) box.append(` +${count(open - most)}`);
    if (open === 0) box.append(FIRM);
    return box;
  };
  const people = diary.agents.map(agent => {
    const line = make("li"), mark = make("span", "", { class: "mark", "aria-hidden": "true" }), state = make("span", "", { class: "state" }), hands = make("span");
    line.append(mark, make("span", story.users[agent.user], { class: "who" }), state, hands);
    element("people").append(line);
    return { agent, line, mark, state, hands };
  });
  if (diary.others > 0) element("people").append(make("li", `and ${count(diary.others)} more`, { id: "others" }));
  // The tables of the page as it was made show the end of the run.
  const atEnd = Object.fromEntries(["connection", "waiting"].map(id => [id, [...element(id).tBodies[0].rows]]));
  const endWords = Object.fromEntries(["connection-counts", "connection-more", "waiting-count"].map(id => [id, [element(id).textContent, element(id).hidden]]));
  const cells = (head, texts) => { const line = make("tr"); line.append(head, ...texts.map(text => make("td", text))); return line; };
  const spellAt = (spells, seconds) => { let low = 0, high = spells.length; while (high - low > 1) { const middle = (low + high) >> 1; if (spells[middle][0] <= seconds) low = middle; else high = middle; } return spells[low]; };
  const showTables = (n, seconds) => {
    const end = n >= diary.moments;
    element("at-end").hidden = !end;
    if (end) {
      for (const [id, rows] of Object.entries(atEnd)) element(id).tBodies[0].replaceChildren(...rows);
      for (const [id, [text, hidden]] of Object.entries(endWords)) { element(id).textContent = text; element(id).hidden = hidden; }
      if (element("waiting-every")) element("waiting-every").textContent = "";
      sorting.again(element("connection"));
      return;
    }
    const [connected, inactive, disconnected] = at(diary.connections, n) ?? [0, 0, 0];
    element("connection-counts").textContent = `${count(connected)} connected, ${count(inactive)} inactive, ${count(disconnected)} disconnected`;
    element("connection").tBodies[0].replaceChildren(...diary.agents.map(agent => {
      const [since, index] = spellAt(agent.spells, n === 0 ? 0 : seconds - 1e-6) ?? [0, 0], status = diary.statuses[index];
      const [open, pending] = at(agent.hands, n) ?? [0, 0];
      return cells(make("th", story.users[agent.user], { scope: "row" }), [status.name, status.connection, duration(seconds - since), String(open), String(pending)]);
    }));
    sorting.again(element("connection"));
    element("connection-more").hidden = diary.others === 0;
    element("connection-more").textContent = `And ${count(diary.others)} more: desksim dashboard --at shows all of them.`;
    const waiting = story.stays.filter(([, , , , from, to]) => from < seconds && (to === null || to >= seconds));
    waiting.sort(([one, , , first, from], [other, , , second, since]) => second - first || from - since || one - other);
    const body = element("waiting").tBodies[0];
    body.replaceChildren(...waiting.slice(0, 200).map(([id, [channel, group], later, priority, from]) => cells(ticketHead(id), [later ? "new session" : "new conversation", story.channels[channel] + (group < 0 ? "" : `/${story.groups[group]}`), String(priority), duration(seconds - from)])));
    if (waiting.length === 0) { const line = make("tr"); line.append(make("td", "No ticket.", { colspan: "5" })); body.append(line); }
    element("waiting-count").textContent = count(diary.queues.reduce((sum, changes) => sum + (at(changes, n) ?? [0])[0], 0));
    if (element("waiting-every")) element("waiting-every").textContent = `; every ${story.stays_every}th ticket is listed`;
  };
  // The moment that a civil time of the desk names: the last that is not after it.
  const local = new Intl.DateTimeFormat("sv-SE", { timeZone: data.zone, year: "numeric", month: "2-digit", day: "2-digit", hour: "2-digit", minute: "2-digit", second: "2-digit", hourCycle: "h23" });
  const localAt = n => local.format(new Date(start + Math.floor(atMoment(n) * 1000))).replace(" ", "T");
  element("at").min = localAt(0);
  element("at").max = localAt(diary.moments);
  element("at").addEventListener("input", () => {
    const wanted = element("at").value;
    if (wanted === "") return;
    let low = 0, high = diary.moments + 1;
    const full = wanted.length === 16 ? `${wanted}:00` : wanted;
    while (high - low > 1) { const middle = (low + high) >> 1; if (localAt(middle) <= full) low = middle; else high = middle; }
    slider.value = low;
    showMoment();
  });
  for (const row of atEnd.waiting) { const id = Number(row.cells[0].textContent); if (id in data.ticket_cards) row.cells[0].replaceWith(ticketHead(id)); }
  const showMoment = () => {
    const n = Number(slider.value), seconds = atMoment(n);
    if (document.activeElement !== element("at")) element("at").value = localAt(n);
    showTables(n, seconds);
    element("moment").textContent = moment(seconds);
    slider.setAttribute("aria-valuetext", moment(seconds));
    for (const { changes, number, bar } of queues) {
      const [length] = at(changes, n) ?? [0];
      number.textContent = count(length);
      bar.style.width = `${100 * length / longest}%`;
    }
    const [connected, inactive, disconnected] = at(diary.connections, n) ?? [0, 0, 0];
    element("counts").textContent = `${count(connected)} connected, ${count(inactive)} inactive, ${count(disconnected)} disconnected`;
    for (const person of people) {
      // What happens at a moment shows at the next.
      const status = diary.statuses[at(person.agent.spells, n === 0 || n >= diary.moments ? seconds : seconds - 1e-6) ?? 0];
      const [open, pending] = at(person.agent.hands, n) ?? [0, 0];
      person.line.className = status.connection;
      person.mark.textContent = MARKS[status.connection];
      person.state.textContent = status.name;
      const hands = squares(pending, open);
      hands.setAttribute("aria-label", `${open} open, ${pending} pending`);
      hands.setAttribute("role", "img");
      hands.title = `${open} open, ${pending} pending`;
      person.hands.replaceWith(hands);
      person.hands = hands;
    }
    if (diary.others > 0) {
      const [open, pending] = at(diary.others_hands, n) ?? [0, 0];
      element("others").textContent = `and ${count(diary.others)} more, with ${count(open)} open and ${count(pending)} pending tickets`;
    }
  };
  slider.addEventListener("input", showMoment);
  let timer = null;
  const stop = () => { clearInterval(timer); timer = null; element("play").textContent = "▶ Play"; element("play").setAttribute("aria-pressed", "false"); };
  element("play").addEventListener("click", () => {
    if (timer !== null) { stop(); return; }
    element("play").textContent = "❚❚ Pause";
    element("play").setAttribute("aria-pressed", "true");
    if (Number(slider.value) >= Number(slider.max)) slider.value = 0;
    timer = setInterval(() => {
      slider.value = Math.min(Number(slider.max), Number(slider.value) + Number(element("speed").value));
      showMoment();
      if (Number(slider.value) >= Number(slider.max)) stop();
    }, 120);
  });
  if (diary.moments > 0) {
    // DSH-3: it opens at the end of the run.
    slider.value = diary.moments;
    player.hidden = false;
    showMoment();
  }
  show();
})();
