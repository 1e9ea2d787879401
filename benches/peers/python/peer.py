"""What the Python peers share: what is asked for, and the line that tells what came out."""

import json
import sys
import tomllib

SERVICE_MEAN = 300.0  # seconds


def queue():
    """An M/M/c queue: servers, arrivals a second, services a second, simulated seconds, seed."""
    servers, load, tickets, seed = (float(word) for word in arguments("SERVERS LOAD TICKETS SEED"))
    rate = load * servers / SERVICE_MEAN
    return int(servers), rate, 1 / SERVICE_MEAN, tickets / rate, int(seed)


def desk():
    """The ticket desk: which groups each agent is in, simulated seconds, seed."""
    scenario, seconds, seed = arguments("SCENARIO SECONDS SEED")
    with open(scenario, "rb") as file:
        entries = tomllib.load(file)["agent"].values()
    groups = [[int(name[1:]) for name in entry["groups"]] for entry in entries for _ in range(entry["count"])]
    return groups, float(seconds), int(seed)


def arguments(names):
    """The command line, as many words as there are names."""
    words = sys.argv[1:]
    if len(words) != len(names.split()):
        sys.exit(f"wanted: {names}")
    return words


def tell(**figures):
    """Prints what `run` reads."""
    print(json.dumps(figures))
