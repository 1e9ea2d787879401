"""Running a program once: what came out, and the processor time that it took."""

import json
import os
import subprocess
import sys
import time

from .models import SOLVED_BY_A_REPLY

# Libraries that would take more threads of themselves.
ONE_THREAD = {name: "1" for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")}


class Skipped(Exception):
    """What is not to be had, and why."""


def say(*words, **options):
    """Progress goes to standard error."""
    print(*words, file=sys.stderr, flush=True, **options)


class Clock:
    """For what share of its time each run had a processor."""

    def __init__(self):
        self.shares = []

    def note(self, processor, wall):
        # Short runs tell nothing.
        if wall > 0.5:
            self.shares.append(processor / wall)


def execute(command, clock=None):
    """Runs it; what it printed, as JSON, and the processor time that it took, in seconds."""
    environment = {**os.environ, **ONE_THREAD, "PYTHONDONTWRITEBYTECODE": "1"}
    begun = time.monotonic()
    with subprocess.Popen([str(word) for word in command], stdout=subprocess.PIPE, env=environment) as process:
        printed = process.stdout.read()
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    wall = time.monotonic() - begun
    if process.returncode != 0:
        raise Skipped(f"it ends with exit code {process.returncode}")
    processor = usage.ru_utime + usage.ru_stime
    if clock is not None:
        clock.note(processor, wall)
    return json.loads(printed), processor


def figures(printed):
    """A program's figures: peers print them as they are wanted, desksim prints everything."""
    if "metrics" not in printed:
        return printed
    metrics = {name: value["mean"] for name, value in printed["metrics"].items() if "{" not in name}
    created, closed = metrics["tickets.created"], metrics["tickets.closed"]
    if printed["title"].startswith("M/M/"):
        events = created + closed
    else:
        # Each reply solves with the same probability, so there are so many replies for each closed ticket; customers
        # answer each that did not, but for those who have not yet: at most all tickets still open.
        replies = closed / SOLVED_BY_A_REPLY
        answers = replies - closed - metrics["tickets.open_at_end"]
        decided = metrics["sla.first_response.met"] + metrics["sla.first_response.breached"]
        events = created + replies + answers + decided
    return {
        "events": events,
        "tickets": metrics["tickets.assigned"],
        "mean_wait": metrics["queue.wait.mean"],
        "mean_first_response": metrics["customer.first_response.mean"],
        "breach_rate": metrics["sla.first_response.breach_rate"],
    }
