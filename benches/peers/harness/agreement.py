"""Whether means agree with each other, and with what they must be."""

import itertools
import math
import statistics

from .models import SERVICE_MEAN

# Means may differ by so many standard errors.
TOLERANCE = 4
DESK_FIGURES = ("mean_wait", "mean_first_response", "breach_rate")


class MeanWait:
    """The mean wait in the long run (Erlang C), and of a run that begins empty: its expectation and standard error.

    How many are there is a birth-death chain, and the sum of a run's waits is the time integral of how many wait. Take
    the long run's mean off for each arrival: what is left is a martingale plus h(beginning) - h(end), where h solves
    Poisson's equation of the chain. For a birth-death chain h has a closed form; it tells the bias of an empty
    beginning, and the squares of the martingale's jumps the variance.
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

        # What an arrival adds to h, state by state: minus the reward of the states up to there, or the reward of those
        # beyond. The two are one, for all add up to nothing; each is taken where it loses no digits.
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


class Checks:
    """Comparisons of means; those that are too far apart are noted."""

    def __init__(self):
        self.failed = []

    def compare(self, what, difference, error):
        """How many standard errors a difference is."""
        distance = difference / error if error > 0 else math.copysign(math.inf, difference) if difference else 0.0
        # What is not a number agrees with nothing.
        if not abs(distance) <= TOLERANCE:
            self.failed.append(f"{what}: {distance:+.1f} standard errors")
        return distance


def check_waits(checks, shape, runs):
    """Each program's mean wait against Erlang C, and against every other's; rows of (name, mean, distance)."""
    servers, load = shape
    queue = f"M/M/{servers}"
    exact = MeanWait(servers, load, SERVICE_MEAN)
    rows = []
    offsets = []
    for name, results in runs:
        tickets = sum(result["tickets"] for result in results)
        mean = sum(result["mean_wait"] * result["tickets"] for result in results) / tickets
        offset = mean - exact.expected(tickets / len(results))
        error = exact.standard_error(tickets)
        rows.append((name, mean, checks.compare(f"{queue}: {name} and Erlang C", offset, error)))
        offsets.append((name, offset, error))
    for (one, offset, error), (other, other_offset, other_error) in itertools.combinations(offsets, 2):
        checks.compare(f"{queue}: {one} and {other}", offset - other_offset, math.hypot(error, other_error))
    return rows


def check_desks(checks, agents, runs):
    """Each pair of programs at the ticket desk, by the spread over the rounds; rows of (name, means with errors).

    All run the same model over the same time, so the spread is one, and known best from all of them.
    """
    rows = [(name, {}) for name, _ in runs]
    for figure in DESK_FIGURES:
        columns = [[result[figure] for result in results] for _, results in runs]
        variance = statistics.fmean(statistics.variance(column) for column in columns)
        for (_, means), column in zip(rows, columns):
            means[figure] = (statistics.fmean(column), math.sqrt(variance / len(column)))
    for (one, one_means), (other, other_means) in itertools.combinations(rows, 2):
        for figure, (mean, error) in one_means.items():
            other_mean, other_error = other_means[figure]
            checks.compare(
                f"{agents} agents: {figure} of {one} and {other}", mean - other_mean, math.hypot(error, other_error)
            )
    return rows
