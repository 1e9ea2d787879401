"""What an M/M/c queue's mean wait must be, and how far a run of so many tickets may lie from it."""

import math


class MeanWait:
    """The mean wait in the long run (Erlang C), and of a run that begins empty: its expectation and standard error.

    The queue is a birth-death chain. The sum over a run of (waits - w), with w the long run's mean wait, is the integral
    of (those who wait - rate w) less w for each arrival beyond the expected ones. Poisson's equation for it has a solution
    h in closed form; h gives the bias of an empty beginning, and the squares of its jumps the variance (for the theory see
    S. Asmussen and P. W. Glynn, "Stochastic Simulation", 2007, IV.4 and its references).
    """

    def __init__(self, servers, load, service_mean):
        rate = load * servers / service_mean
        # Beyond this many, the probabilities are below any double's precision.
        states = servers + math.ceil(40 / -math.log(load))
        weights = [1.0]
        for state in range(1, states):
            weights.append(weights[-1] * rate * service_mean / min(state, servers))
        total = math.fsum(weights)
        probability = [weight / total for weight in weights]
        waiting = [max(state - servers, 0) for state in range(states)]
        self.mean = math.fsum(p * n for p, n in zip(probability, waiting)) / rate  # Little's law

        # What an arrival adds to h in each state: the reward of the states up to it, or less that of those beyond it; both
        # are the same, for all add up to nothing. Each is taken where it loses no digits.
        reward = [p * (n - rate * self.mean) for p, n in zip(probability, waiting)]
        jump = [0.0] * states
        below = beyond = 0.0
        for state in range(servers):
            below += reward[state]
            jump[state] = -below / (rate * probability[state])
        for state in reversed(range(servers, states - 1)):
            beyond += reward[state + 1]
            jump[state] = beyond / (rate * probability[state])
        variance = math.fsum(rate * p * ((d - self.mean) ** 2 + d**2) for p, d in zip(probability, jump))
        height = average = 0.0
        for p, d in zip(probability, jump):
            average += p * height
            height += d
        self._bias = -average
        self._variance = variance / rate

    def expected(self, tickets):
        """The expected mean wait of a run of so many tickets that begins empty."""
        return self.mean + self._bias / tickets

    def standard_error(self, tickets):
        """The standard deviation of the mean wait of such a run."""
        return math.sqrt(self._variance / tickets)
