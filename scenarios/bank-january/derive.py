#!/usr/bin/env python3
"""Makes a scenario of a month at a bank's call centre from its call log.

    derive.py INPUT.txt.gz OUTDIR

writes OUTDIR.toml (the scenario) and, in OUTDIR, the files that it reads:

    arrivals.csv    every call that wanted an agent: when, its service time, patience and priority
    roster.csv      who was on duty when
    quantiles.csv   a thousand slices of the service times and of the work after a call
    real.json       what really happened, on weekdays, to hold the simulation against

Source of the log: I. Guedj and A. Mandelbaum, Technion, "Anonymous Bank" call centre data, 1999; analysed in L. Brown,
N. Gans, A. Mandelbaum, A. Sakov, H. Shen, S. Zeltyn and L. Zhao, "Statistical analysis of a telephone call center: a
queueing-science perspective", JASA 100 (2005). Free to use with acknowledgement.

The log has neither rosters, nor the patience of those who were served, nor the work after a call. They are inferred
from the calls of the same month, by estimators that never see a simulated figure:

Patience. A caller who hung up shows it; one who was served is known to have had more than their wait (right
    censoring). It is drawn from the Kaplan-Meier curve of all callers, given that it exceeds the wait. Past the last
    hang-up the curve is closed there (Efron).

Absence. Between two services of an agent lie their absence (work after the call, a breath, a break) and then the
    wait for the next call. If the next caller had waited, the agent was absent to the end of the gap: absence = gap.
    If not, the agent was back before: absence <= gap; but while others waited in the queue an idle agent would have
    been given their call, so absence >= the last such moment in the gap. Absences that must have been longer than
    OFF_DUTY, and gaps longer than LONGEST_IDLE, end a spell of duty; the others are interval-censored observations
    of the work after a call, whose distribution is estimated without assuming a shape (Turnbull's EM).

Priority. The log holds it for those who waited alone. For the others it is drawn from those who waited with the
    same type of call.

No parameter was found by optimising waits or abandonment, but two choices were made after comparing prototypes with
January's figures, on the whole month, so January is no test of them: OFF_DUTY, a round number (from 4 to 7 minutes the
prototype's mean wait went from 36.3 to 40.0 s, 40.1 s being real), and taking the waits of all types of call as
evidence of absence (other choices gave 36.3 to 37.5 s). No other month was tried.

Only Python's standard library is needed. The same input gives the same bytes (SEED; only Random.random() is drawn).
"""

import bisect
import csv
import datetime
import gzip
import itertools
import json
import pathlib
import random
import sys
from collections import Counter, defaultdict

SEED = 1999
HAND_OVER = 3  # seconds: waits up to this long are the exchange's own switching, not a queue
OFF_DUTY = 300  # seconds: an absence longer than this is no work after a call
LONGEST_IDLE = 3600  # seconds: nobody sits idle this long without having gone
EM_ROUNDS = 200
SLICES = 1000
HIGH_PRIORITY = 2
HEAD_START = 90  # seconds that a caller of high priority is moved ahead in the queue (from the source)
DAY = 86400
WEEKDAYS = {6, 0, 1, 2, 3}  # Sunday to Thursday, as Python numbers them from Monday


class Call:
    """A call that wanted an agent. Times are seconds since the month's first midnight, by the local clock."""

    def __init__(self, row, day, weekday):
        base = day * DAY

        def clock(field, not_before):
            at = base + seconds(row[field])
            return at + DAY if at < not_before - DAY // 2 else at  # past midnight

        entry = base + seconds(row["vru_entry"])
        self.id = int(row["call_id"])
        self.type = row["type"]
        self.weekday = weekday
        self.queued = seconds(row["q_start"]) > 0
        self.at = clock("q_start" if self.queued else "vru_exit", entry)
        self.wait = int(row["q_time"])
        self.abandoned = row["outcome"] == "HANG"
        self.high = int(row["priority"]) == HIGH_PRIORITY
        self.service = None if self.abandoned else int(row["ser_time"])
        self.server = None
        if not self.abandoned and row["server"] != "NO_SERVER" and seconds(row["ser_start"]) > 0:
            self.server = row["server"].lower()
            self.start = clock("ser_start", self.at)
            self.end = self.start + self.service


def seconds(clock):
    hours, minutes, rest = map(int, clock.split(":"))
    return hours * 3600 + minutes * 60 + rest


def read(path):
    """The calls that wanted an agent, in order of arrival, and the month's first day and number of days."""
    with gzip.open(path, "rt", encoding="ascii") as file:
        rows = list(csv.DictReader(file, delimiter="\t"))
    dates = [datetime.datetime.strptime("19" + row["date"], "%Y%m%d").date() for row in rows]
    first, last = min(dates), max(dates)
    calls = [
        Call(row, (date - first).days, date.weekday())
        for row, date in zip(rows, dates)
        if row["outcome"] == "AGENT" or (row["outcome"] == "HANG" and seconds(row["q_start"]) > 0)
    ]
    calls.sort(key=lambda call: (call.at, call.id))
    return calls, first, (last - first).days + 1


def kaplan_meier(calls):
    """The share of callers whose patience exceeds t, as steps [(t, share)], closed at the last hang-up."""
    hung_up = Counter(call.wait for call in calls if call.abandoned)
    served = Counter(call.wait for call in calls if not call.abandoned)
    at_risk, share, steps = len(calls), 1.0, []
    for wait in sorted(hung_up.keys() | served.keys()):
        if hung_up[wait]:
            share *= 1 - hung_up[wait] / at_risk
            steps.append((wait, share))
        at_risk -= hung_up[wait] + served[wait]
    steps[-1] = (steps[-1][0], 0.0)
    return steps


def patience_beyond(steps, wait, chance):
    """Patience, given that it exceeds `wait`."""
    after = bisect.bisect_right(steps, wait, key=lambda step: step[0])
    if after == len(steps):
        return wait + 1
    surviving = steps[after - 1][1] if after else 1.0
    level = chance.random() * surviving
    return next(time for time, share in steps[after:] if share <= level)


def queue_spells(calls):
    """When somebody waited in the queue, as disjoint spells [(from, to)]."""
    spells = []
    for start, end in sorted((c.at + HAND_OVER, c.at + c.wait) for c in calls if c.queued and c.wait > HAND_OVER):
        if spells and start <= spells[-1][1]:
            spells[-1] = (spells[-1][0], max(end, spells[-1][1]))
        else:
            spells.append((start, end))
    return spells


def duty(calls):
    """Spells of duty {agent: [(from, to)]}, and absences within them as intervals [(at least, at most)]."""
    spells = queue_spells(calls)
    spell_starts = [start for start, _ in spells]
    by_agent = defaultdict(list)
    for call in calls:
        if call.server:
            by_agent[call.server].append(call)
    roster, absences = {}, []
    for agent, own in by_agent.items():
        own.sort(key=lambda call: (call.start, call.id))
        on_duty, since, free = [], own[0].start, own[0].end
        for call in own[1:]:
            gap = max(0, call.start - free)
            at_least = 0
            if call.queued and call.wait > HAND_OVER:
                at_least = gap
            else:
                last = bisect.bisect_left(spell_starts, call.start) - 1
                if last >= 0:
                    at_least = min(gap, max(0, spells[last][1] - free))
            if at_least > OFF_DUTY or gap > LONGEST_IDLE:
                on_duty.append((since, free))
                since = call.start
            else:
                absences.append((at_least, min(gap, OFF_DUTY)))
            free = max(free, call.end)
        on_duty.append((since, free))
        # A spell of one call without length is no time on duty.
        roster[agent] = [(start, end) for start, end in on_duty if end > start]
    return roster, absences


def turnbull(intervals, top):
    """The distribution on 0..top seconds that makes interval-censored observations most likely."""
    observed = Counter(intervals)
    share = [1 / (top + 1)] * (top + 1)
    for _ in range(EM_ROUNDS):
        below = [0.0, *itertools.accumulate(share)]
        density = [0.0] * (top + 2)
        for (low, high), count in observed.items():
            weight = count / (below[high + 1] - below[low])
            density[low] += weight
            density[high + 1] -= weight
        share = [p * d / len(intervals) for p, d in zip(share, itertools.accumulate(density))]
    return share


def slices(weights):
    """Means of SLICES equally likely slices of the distribution {value: weight}: short, and of the same mean."""
    values = sorted(weights)
    total = sum(weights.values())
    means, index, left = [], 0, weights[values[0]]
    for _ in range(SLICES):
        need, area = total / SLICES, 0.0
        while need > total * 1e-12 and index < len(values):
            take = min(need, left)
            area += take * values[index]
            need -= take
            left -= take
            if left <= total * 1e-12:
                index += 1
                left = weights[values[index]] if index < len(values) else 0.0
        means.append(area / (total / SLICES - need))
    return means


def real_figures(calls):
    weekday = [call for call in calls if call.weekday in WEEKDAYS]
    waits = sorted(call.wait for call in weekday)
    return {
        "days": "sun-thu",
        "calls": len(waits),
        "mean_wait_s": round(sum(waits) / len(waits), 3),
        "abandoned": round(sum(call.abandoned for call in weekday) / len(waits), 5),
        "waited_over_60s": round(sum(wait > 60 for wait in waits) / len(waits), 5),
        "wait_p90_s": waits[int(0.9 * len(waits))],
    }


def scenario(name, first, days, roster):
    agents = "\n".join(
        f'[agent.{agent}]\ngroups = ["tellers"]\nroster = "{name}/roster.csv"\n' for agent in sorted(roster)
    )
    return f"""# A real month at a small Israeli bank's call centre: the calls of {first:%B %Y}, as they came, with their own service times.
# Made by {name}/derive.py, which says how patience, duty and the work after a call were inferred; edit that, not this.
#
# Source: I. Guedj and A. Mandelbaum, Technion, "Anonymous Bank" call centre data, 1999, analysed in Brown et al.,
# "Statistical analysis of a telephone call center: a queueing-science perspective", JASA 100 (2005).
# Free to use with acknowledgement of the source. Agents are known by the first names of the log.

schema = 1
title = "A bank's call centre, {first:%B %Y}"

[run]
start = "{first}T00:00:00"
duration = "{days}d"
seed = 1
replications = 4

[desk]
timezone = "Asia/Jerusalem"

[group.tellers]

# One call at a time, to whoever has been idle longest; callers of high priority have a head start of {HEAD_START} s.
[channel.phone]
assignment = {{ groups = ["tellers"], policy = "longest_idle" }}
limit = {{ max_open = 1 }}
queue = {{ order = "aged", head_start = "{HEAD_START}s" }}

[customer.caller]
channel = "phone"
arrivals = {{ file = "{name}/arrivals.csv" }}
# For those who hung up in reality and are served here: all the month's service times, in a thousand slices.
handle_time = {{ empirical = {{ file = "{name}/quantiles.csv", column = "handle_time" }} }}
wrap_up = {{ empirical = {{ file = "{name}/quantiles.csv", column = "wrap_up" }} }}
replies = 1
abandons = "queue"

{agents}"""


def write_csv(path, header, rows):
    with open(path, "w", encoding="ascii", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(header)
        writer.writerows(rows)


def main():
    if len(sys.argv) != 3:
        sys.exit("usage: derive.py INPUT.txt.gz OUTDIR")
    out = pathlib.Path(sys.argv[2])
    out.mkdir(parents=True, exist_ok=True)
    calls, first, days = read(sys.argv[1])
    midnight = datetime.datetime.combine(first, datetime.time())

    def civil(at):
        return (midnight + datetime.timedelta(seconds=at)).isoformat()

    chance = random.Random(SEED)
    steps = kaplan_meier(calls)
    known = defaultdict(list)
    for call in calls:
        if call.queued:
            known[call.type].append(call.high)
    rows = []
    for call in calls:
        patience = call.wait if call.abandoned else patience_beyond(steps, call.wait, chance)
        high = call.high
        if not call.queued and known[call.type]:
            high = known[call.type][int(chance.random() * len(known[call.type]))]
        rows.append((civil(call.at), "" if call.service is None else call.service, patience, int(high)))
    write_csv(out / "arrivals.csv", ("at", "handle_time", "patience", "priority"), rows)

    roster, absences = duty(calls)
    spells = sorted((start, end, agent) for agent, own in roster.items() for start, end in own)
    write_csv(out / "roster.csv", ("agent", "start", "end"), [(a, civil(s), civil(e)) for s, e, a in spells])

    after_call = turnbull(absences, OFF_DUTY)
    columns = (
        slices(Counter(call.service for call in calls if call.service is not None)),
        slices(dict(enumerate(after_call))),
    )
    write_csv(out / "quantiles.csv", ("handle_time", "wrap_up"), [tuple(f"{v:.2f}" for v in row) for row in zip(*columns)])

    real = real_figures(calls)
    (out / "real.json").write_text(json.dumps(real, indent=2) + "\n", encoding="ascii")
    out.with_name(out.name + ".toml").write_text(scenario(out.name, first, days, roster), encoding="ascii")

    hours = sum(end - start for start, end, _ in spells) / 3600
    mean_after = sum(second * share for second, share in enumerate(after_call))
    print(f"{len(calls)} calls, {len(roster)} agents, {len(spells)} spells of duty, {hours:.0f} hours on duty")
    print(f"work after a call: {mean_after:.1f} s on average; real, {json.dumps(real)}")


if __name__ == "__main__":
    main()
