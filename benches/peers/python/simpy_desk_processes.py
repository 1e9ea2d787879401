"""The ticket desk with SimPy as it is usually written: processes for tickets and SLA timers, agents as resources."""

import random

import peer
import simpy
from desk_figures import (
    ANSWER_MEAN,
    FIRST_RESPONSE,
    GROUPS,
    HANDLE_MU,
    HANDLE_SIGMA,
    MAX_OPEN,
    SOLVED_BY_A_REPLY,
    TICKETS_PER_AGENT_HOUR,
    Record,
)


class Agent:
    def __init__(self, env, groups):
        self.groups = groups
        self.hands = simpy.Resource(env, capacity=1)
        self.open = 0
        self.pending = 0
        self.last_assigned = float("-inf")


class Desk:
    """Who may get which ticket, and who waits."""

    def __init__(self, env, groups_of_agents):
        self.env = env
        self.agents = [Agent(env, groups) for groups in groups_of_agents]
        self.members = [[agent for agent in self.agents if group in agent.groups] for group in range(GROUPS)]
        self.waiting = [[] for _ in range(GROUPS)]

    def request(self, group):
        """An event that happens when the ticket has an agent, who is its value."""
        assigned = self.env.event()
        eligible = [agent for agent in self.members[group] if agent.open < MAX_OPEN]
        if eligible:
            # Of equals, the first in the list.
            self.assign(assigned, min(eligible, key=lambda agent: (agent.pending, agent.last_assigned)))
        else:
            self.waiting[group].append((self.env.now, assigned))
        return assigned

    def assign(self, assigned, agent):
        agent.open += 1
        agent.pending += 1
        agent.last_assigned = self.env.now
        assigned.succeed(agent)

    def close(self, agent):
        agent.open -= 1
        # Nobody else in these groups is below the limit, or nobody would wait.
        queues = [self.waiting[group] for group in agent.groups if self.waiting[group]]
        if queues:
            _, assigned = min(queues, key=lambda queue: queue[0][0]).pop(0)
            self.assign(assigned, agent)


def source(env, desk, rng, record):
    rate = TICKETS_PER_AGENT_HOUR * len(desk.agents) / 3600
    while True:
        yield env.timeout(rng.expovariate(rate))
        record.arrivals += 1
        env.process(ticket(env, desk, rng.randrange(GROUPS), rng, record))


def ticket(env, desk, group, rng, record):
    created = env.now
    agent = yield desk.request(group)
    record.waits.append(env.now - created)
    answered = env.event()
    env.process(first_response_timer(env, answered, record))
    while True:
        with agent.hands.request() as turn:
            yield turn
            yield env.timeout(rng.lognormvariate(HANDLE_MU, HANDLE_SIGMA))
        record.replies += 1
        agent.pending -= 1
        if not answered.triggered:
            answered.succeed()
            record.first_responses.append(env.now - created)
        if rng.random() < SOLVED_BY_A_REPLY:
            break
        yield env.timeout(rng.expovariate(1 / ANSWER_MEAN))
        record.answers += 1
        agent.pending += 1
    desk.close(agent)


def first_response_timer(env, answered, record):
    deadline = env.timeout(FIRST_RESPONSE)
    happened = yield answered | deadline
    if answered in happened:
        record.met += 1
    else:
        record.breached += 1


def main():
    groups_of_agents, duration, seed = peer.desk()
    rng = random.Random(seed)
    record = Record()
    env = simpy.Environment()
    desk = Desk(env, groups_of_agents)
    env.process(source(env, desk, rng, record))
    env.run(until=duration)
    record.tell()


if __name__ == "__main__":
    main()
