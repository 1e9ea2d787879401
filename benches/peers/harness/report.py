"""What is told: headings, paragraphs and tables, as text and as Markdown."""

import os
import statistics
import subprocess
import sys
import textwrap

from .agreement import DESK_FIGURES, TOLERANCE, MeanWait
from .models import CHECK_DESK, CHECK_QUEUE, CHECK_QUEUE_TICKETS, DESK, DESK_TICKETS, QUEUE, SERVICE_MEAN

# A machine on which runs have a processor for this share of the time is quiet.
QUIET = 0.9


class Table:
    """A table that can be read as text and as Markdown: the first column to the left, the others to the right."""

    def __init__(self, *head):
        self.head = head
        self.rows = []

    def add(self, *row):
        self.rows.append(row)

    def text(self):
        first, *others = (max(map(len, column)) for column in zip(self.head, *self.rows))
        lines = []
        for name, *cells in (self.head, *self.rows):
            aligned = [name.ljust(first), *(cell.rjust(width) for cell, width in zip(cells, others))]
            lines.append("  ".join(aligned).rstrip())
        return "\n".join(lines)

    def markdown(self):
        rule = ["---"] + ["---:"] * (len(self.head) - 1)
        return "\n".join(f"| {' | '.join(row)} |" for row in (self.head, rule, *self.rows))


def millions(number):
    """In millions, to three decimals at most."""
    return f"{number / 1e6:.2f} M" if number >= 1e5 else f"{number / 1e6:.3f} M"


def compose(arguments, races, waits, sharp_waits, met, checks, clock, skipped):
    """(kind, content) of each part, in order."""
    parts = []

    def add(kind, *content):
        parts.append((kind, content[0] if kind == "table" else " ".join(content)))

    share = statistics.median(clock.shares)
    quiet = "." if share >= QUIET else ": the machine was busy, and the figures are preliminary."
    add("heading", "desksim and its peers")
    add(
        "text",
        f"Made by `{arguments.shown}` on a machine with {os.cpu_count()} processors; `benches/peers/README.md` says",
        "what is compared, and how. Speeds are events a second of processor time, medians of",
        f"{arguments.rounds} rounds in which all ran in turn, each on one thread.",
        f"While they ran they had a processor for {share:.0%} of the time (median){quiet}",
    )

    servers, load = QUEUE
    exact = MeanWait(servers, load, SERVICE_MEAN).mean
    add("section", f"One queue: M/M/{servers} at load {load}")
    add(
        "text",
        "Two events a ticket, arrival and departure. desksim runs its full model of that queue, start-up included:",
        "cap 1, one reply, both SLA timers, all measures, the digest. Peers run the bare queue and keep the waits.",
        f"The mean wait is {exact:.2f} s by Erlang C; beside each program's stands how far it lies from what it must",
        "be, in standard errors.",
    )
    table = Table("program", "tickets a run", "events a second", "desksim ÷ it", "mean wait", "off by")
    for entry, (_, mean, distance) in zip(races["queue"], waits):
        table.add(*speed(entry, races["queue"][0]), f"{mean:.2f} s", f"{distance:+.1f}")
    add("table", table)
    servers, load = CHECK_QUEUE
    exact = MeanWait(servers, load, SERVICE_MEAN).mean
    add(
        "text",
        f"The same programs once more, M/M/{servers} at load {load}, {CHECK_QUEUE_TICKETS:,} tickets: a queue that",
        f"soon forgets, so that means are sharp. Erlang C says {exact:.2f} s.",
    )
    table = Table("program", "mean wait", "off by")
    for name, mean, distance in sharp_waits:
        table.add(name, f"{mean:.2f} s", f"{distance:+.1f}")
    add("table", table)

    add("section", f"The ticket desk, {DESK:,} agents")
    add(
        "text",
        "Agents in 3 of 50 groups each, a channel for each group, round robin, cap 5, replies that solve with",
        "probability 0.45, first response within an hour. Events are arrivals, replies, customers' answers, and SLA",
        "deadlines once it is known whether they are met.",
    )
    table = Table("program", "tickets a run", "events a second", "desksim ÷ it")
    for entry in races["desk"]:
        table.add(*speed(entry, races["desk"][0]))
    add("table", table)
    add("text", "desksim at larger desks of the same kind:")
    table = Table("agents", "tickets a run", "events a second")
    for entry in races["large desk"]:
        table.add(f"{entry.shape:,}", f"{entry.tickets:,}", millions(entry.rate()))
    add("table", table)
    add(
        "text",
        f"What customers met in {arguments.rounds} runs of {DESK_TICKETS:,} tickets, with standard errors; at",
        f"{CHECK_DESK} agents tickets queue.",
    )
    table = Table("program", "agents", "mean wait", "mean first response", "breach rate")
    for agents, rows in met.items():
        for name, means in rows:
            wait, response, breaches = (means[figure] for figure in DESK_FIGURES)
            seconds = [f"{mean:.1f} ± {error:.1f} s" for mean, error in (wait, response)]
            table.add(name, f"{agents:,}", *seconds, f"{breaches[0]:.3%} ± {breaches[1]:.3%}")
    add("table", table)

    add("section", "Agreement")
    if checks.failed:
        add("text", "These means do not agree: " + "; ".join(checks.failed) + ".")
    else:
        add(
            "text",
            f"Every mean lies within {TOLERANCE} standard errors of every other program's and, at the queues, of what",
            "Erlang C makes it.",
        )

    add("section", "Versions")
    present = (entry.contestant for entry in races["queue"])
    versions = dict.fromkeys((contestant.name.partition(",")[0], contestant.version) for contestant in present)
    python = ".".join(map(str, sys.version_info[:3]))
    rust = subprocess.run(["rustc", "--version"], capture_output=True, text=True).stdout.split()[1]
    add("text", ", ".join(f"{name} {version}" for name, version in versions) + f"; Python {python}, Rust {rust}.")
    if skipped:
        add("section", "Skipped")
        for name, reason in skipped:
            add("text", f"{name}: {reason}.")
    return parts


def speed(entry, home):
    """The cells that tell of a contestant's speed."""
    factor = home.rate() / entry.rate()
    digits = 2 if factor < 10 else 0
    return entry.contestant.name, f"{entry.tickets:,}", millions(entry.rate()), f"{factor:.{digits}f}"


def wrapped(text):
    return textwrap.fill(text, 100, break_long_words=False, break_on_hyphens=False)


def as_text(parts):
    shown = {"heading": str.upper, "section": str.upper, "text": wrapped, "table": Table.text}
    return "\n\n".join(shown[kind](part) for kind, part in parts) + "\n"


def as_markdown(parts):
    shown = {"heading": "# {}".format, "section": "## {}".format, "text": str, "table": Table.markdown}
    return "\n\n".join(shown[kind](part) for kind, part in parts) + "\n"
