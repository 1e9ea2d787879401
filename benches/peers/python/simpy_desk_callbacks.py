"""The ticket desk with SimPy's events alone: a timeout for whatever is to happen, and what to do when it is due."""

import collections
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
    __slots__ = ("groups", "owed", "busy", "open", "pending", "last_assigned")

    def __init__(self, groups):
        self.groups = groups
        self.owed = collections.deque()
        self.busy = False
        self.open = 0
        self.pending = 0
        self.last_assigned = float("-inf")


class Ticket:
    __slots__ = ("created", "agent", "answered", "breached")

    def __init__(self, created):
        self.created = created
        self.agent = None
        self.answered = False
        self.breached = False


def standing(agent):
    """Who comes first: the fewest pending, then the longest without a new ticket."""
    return agent.pending, agent.last_assigned


class Desk:
    def __init__(self, env, groups_of_agents, rng):
        self.env = env
        self.rng = rng
        self.rate = TICKETS_PER_AGENT_HOUR * len(groups_of_agents) / 3600
        self.agents = [Agent(groups) for groups in groups_of_agents]
        self.members = [[agent for agent in self.agents if group in agent.groups] for group in range(GROUPS)]
        self.waiting = [collections.deque() for _ in range(GROUPS)]
        self.record = Record()
        self.expect()

    def after(self, delay, action, value=None):
        self.env.timeout(delay, value).callbacks.append(action)

    def expect(self):
        self.after(self.rng.expovariate(self.rate), self.arrive)

    def arrive(self, _):
        self.expect()
        self.record.arrivals += 1
        group = self.rng.randrange(GROUPS)
        ticket = Ticket(self.env.now)
        eligible = [agent for agent in self.members[group] if agent.open < MAX_OPEN]
        if eligible:
            self.assign(ticket, min(eligible, key=standing))
        else:
            self.waiting[group].append(ticket)

    def assign(self, ticket, agent):
        now = self.env.now
        self.record.waits.append(now - ticket.created)
        ticket.agent = agent
        agent.open += 1
        agent.last_assigned = now
        self.after(FIRST_RESPONSE, self.deadline, ticket)
        self.owe(agent, ticket)

    def owe(self, agent, ticket):
        agent.pending += 1
        if agent.busy:
            agent.owed.append(ticket)
        else:
            agent.busy = True
            self.begin(ticket)

    def begin(self, ticket):
        self.after(self.rng.lognormvariate(HANDLE_MU, HANDLE_SIGMA), self.reply, ticket)

    def reply(self, event):
        ticket = event.value
        agent = ticket.agent
        self.record.replies += 1
        agent.pending -= 1
        if not ticket.answered:
            ticket.answered = True
            self.record.met += not ticket.breached
            self.record.first_responses.append(self.env.now - ticket.created)
        # The next piece of work is begun before a new ticket can come.
        if agent.owed:
            self.begin(agent.owed.popleft())
        else:
            agent.busy = False
        if self.rng.random() < SOLVED_BY_A_REPLY:
            self.close(agent)
        else:
            self.after(self.rng.expovariate(1 / ANSWER_MEAN), self.answer, ticket)

    def answer(self, event):
        self.record.answers += 1
        self.owe(event.value.agent, event.value)

    def deadline(self, event):
        ticket = event.value
        if not ticket.answered:
            ticket.breached = True
            self.record.breached += 1

    def close(self, agent):
        agent.open -= 1
        # Nobody else in these groups is below the limit, or nobody would wait.
        queues = [self.waiting[group] for group in agent.groups if self.waiting[group]]
        if queues:
            first = min(queues, key=lambda queue: queue[0].created)
            self.assign(first.popleft(), agent)


def main():
    groups_of_agents, duration, seed = peer.desk()
    env = simpy.Environment()
    desk = Desk(env, groups_of_agents, random.Random(seed))
    env.run(until=duration)
    desk.record.tell()


if __name__ == "__main__":
    main()
