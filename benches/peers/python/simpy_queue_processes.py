"""M/M/c with SimPy as it is usually written: a process for each ticket, and a resource."""

import random
import statistics

import peer
import simpy


class Record:
    def __init__(self):
        self.arrivals = 0
        self.departures = 0
        self.waits = []


def source(env, desk, rng, rate, mu, record):
    while True:
        yield env.timeout(rng.expovariate(rate))
        record.arrivals += 1
        env.process(ticket(env, desk, rng, mu, record))


def ticket(env, desk, rng, mu, record):
    arrived = env.now
    with desk.request() as turn:
        yield turn
        record.waits.append(env.now - arrived)
        yield env.timeout(rng.expovariate(mu))
    record.departures += 1


def main():
    servers, rate, mu, duration, seed = peer.queue()
    rng = random.Random(seed)
    record = Record()
    env = simpy.Environment()
    desk = simpy.Resource(env, capacity=servers)
    env.process(source(env, desk, rng, rate, mu, record))
    env.run(until=duration)
    peer.tell(
        events=record.arrivals + record.departures,
        tickets=len(record.waits),
        mean_wait=statistics.fmean(record.waits),
    )


if __name__ == "__main__":
    main()
