"""M/M/c with SimPy's events alone: a timeout for each arrival and each departure, and what to do when it is due."""

import collections
import random
import statistics

import peer
import simpy


class Desk:
    def __init__(self, env, servers, rate, mu, rng):
        self.env = env
        self.idle = servers
        self.rate = rate
        self.mu = mu
        self.expovariate = rng.expovariate
        self.waiting = collections.deque()
        self.arrivals = 0
        self.departures = 0
        self.waits = []
        self.expect()

    def expect(self):
        self.env.timeout(self.expovariate(self.rate)).callbacks.append(self.arrive)

    def arrive(self, _):
        self.arrivals += 1
        self.expect()
        if self.idle:
            self.idle -= 1
            self.serve(0.0)
        else:
            self.waiting.append(self.env.now)

    def serve(self, wait):
        self.waits.append(wait)
        self.env.timeout(self.expovariate(self.mu)).callbacks.append(self.depart)

    def depart(self, _):
        self.departures += 1
        if self.waiting:
            self.serve(self.env.now - self.waiting.popleft())
        else:
            self.idle += 1


def main():
    servers, rate, mu, duration, seed = peer.queue()
    env = simpy.Environment()
    desk = Desk(env, servers, rate, mu, random.Random(seed))
    env.run(until=duration)
    peer.tell(
        events=desk.arrivals + desk.departures,
        tickets=len(desk.waits),
        mean_wait=statistics.fmean(desk.waits),
    )


if __name__ == "__main__":
    main()
