"""Who takes part, and how each is called."""

import collections.abc
import contextlib
import dataclasses
import itertools
import statistics
import subprocess
import sys
import tomllib

from .installing import PEERS, ROOT, build_desksim, install_python, install_rust, install_simmer
from .models import DESK, DESK_TICKETS, QUEUE, SERVICE_MEAN
from .running import Skipped, execute, figures, say

# So few that a run is hardly more than its start-up.
START_UP_TICKETS = 100


@dataclasses.dataclass
class Contestant:
    """A program, or a way of writing one, and the commands that run its models."""

    name: str
    version: str
    queue: collections.abc.Callable  # of ((servers, load), tickets, seed)
    # As many as take a few seconds.
    queue_tickets: int
    desk: collections.abc.Callable | None = None  # of (agents, tickets, seed)
    desk_tickets: int = DESK_TICKETS
    # A peer's speed is that of its simulation alone; desksim's start-up counts against it.
    start_up_counts: bool = False


@dataclasses.dataclass
class Entry:
    """A contestant in one race, and what came out round by round."""

    contestant: Contestant
    command: collections.abc.Callable
    shape: object
    tickets: int
    rates: list = dataclasses.field(default_factory=list)
    results: list = dataclasses.field(default_factory=list)

    def measure(self, seed, clock):
        """One round; events a second of processor time are added to the rates."""
        printed, seconds = execute(self.command(self.shape, self.tickets, seed), clock)
        result = figures(printed)
        events = result["events"]
        if not self.contestant.start_up_counts:
            small, small_seconds = execute(self.command(self.shape, START_UP_TICKETS, seed))
            events -= small["events"]
            seconds -= small_seconds
        self.results.append(result)
        self.rates.append(events / seconds)

    def rate(self):
        return statistics.median(self.rates)


class Desksim:
    """desksim's command line, and the scenarios that it runs."""

    def __init__(self, scratch):
        self.path, self.generator = build_desksim()
        self.scratch = scratch
        self.scenarios = {}

    def version(self):
        told = subprocess.run([self.path, "--version"], check=True, capture_output=True, text=True).stdout
        return told.split()[-1]

    def queue(self, shape, tickets, seed):
        servers, load = shape
        per_second = load * servers / SERVICE_MEAN
        changes = {
            "agent.support.count": servers,
            "customer.caller.arrivals.per_hour": per_second * 3600,
            "run.duration": f'"{round(tickets / per_second)}s"',
        }
        sets = itertools.chain.from_iterable(("--set", f"{path}={value}") for path, value in changes.items())
        return self.run(PEERS / "mm100.toml", seed, *sets)

    def desk(self, agents, tickets, seed):
        return self.run(self.scenario(agents, tickets), seed)

    def run(self, scenario, seed, *changes):
        return [self.path, "run", scenario, "--seed", seed, "--threads", 1, "--format", "json", *changes]

    def scenario(self, agents, tickets):
        """The ticket desk's, written when it is first asked for."""
        if (agents, tickets) not in self.scenarios:
            path = self.scratch / f"desk-{agents}-{tickets}.toml"
            with path.open("wb") as file:
                subprocess.run([self.generator, str(agents), str(tickets)], check=True, stdout=file)
            self.scenarios[agents, tickets] = path
        return self.scenarios[agents, tickets]


def contestants(scratch):
    """Those who take part, desksim first; and of those who do not, (name, reason)."""
    say("Installing")
    try:
        desksim = Desksim(scratch)
    except Skipped as reason:
        sys.exit(f"desksim cannot be built: {reason}")
    present = [
        Contestant(
            "desksim", desksim.version(), desksim.queue, 2_000_000, desksim.desk, 1_000_000, start_up_counts=True
        )
    ]
    skipped = []

    @contextlib.contextmanager
    def or_skipped(name):
        try:
            yield
        except Skipped as reason:
            say(f"  {name} is skipped: {reason}")
            # A reason reads the same wherever it arose.
            skipped.append((name, str(reason).replace(str(ROOT), ".").replace(str(scratch), "…")))

    def join(contestant):
        # A trial, so that what does not run is known now.
        execute(contestant.queue(QUEUE, START_UP_TICKETS, 1))
        if contestant.desk:
            execute(contestant.desk(DESK, START_UP_TICKETS, 1))
        present.append(contestant)

    def queue_of(*start):
        return lambda shape, tickets, seed: [*start, *shape, tickets, seed]

    def desk_of(*start):
        def command(agents, tickets, seed):
            # Of one scenario, so that its agents are the same whatever the length.
            scenario = desksim.scenario(agents, DESK_TICKETS)
            whole = tomllib.loads(scenario.read_text())["run"]["duration"].removesuffix("s")
            return [*start, scenario, float(whole) * tickets / DESK_TICKETS, seed]

        return command

    for crate, tickets in (("desim", 4_000_000), ("simrs", 4_000_000), ("nexosim", 2_000_000)):
        with or_skipped(crate):
            path, version = install_rust(scratch, crate)
            join(Contestant(crate, version, queue_of(path), tickets))
    with or_skipped("SimPy"):
        python, version = install_python(scratch, "simpy")
        for style, tickets in (("callbacks", 600_000), ("processes", 150_000)):
            queue, desk = (PEERS / "python" / f"simpy_{model}_{style}.py" for model in ("queue", "desk"))
            join(Contestant(f"SimPy, {style}", version, queue_of(python, queue), tickets, desk_of(python, desk)))
    with or_skipped("simmer"):
        version = install_simmer(scratch)
        join(Contestant("simmer", version, queue_of("Rscript", PEERS / "r" / "simmer_queue.R"), 200_000))
    with or_skipped("Ciw"):
        python, version = install_python(scratch, "ciw")
        join(Contestant("Ciw", version, queue_of(python, PEERS / "python" / "ciw_queue.py"), 80_000))
    return present, skipped
