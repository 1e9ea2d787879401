"""The ticket desk's numbers, and what both ways of writing it record."""

import math
import statistics

import peer

GROUPS = 50
TICKETS_PER_AGENT_HOUR = 3.1
HANDLE_MEAN = 360.0  # seconds
HANDLE_CV = 0.795
SOLVED_BY_A_REPLY = 0.45
ANSWER_MEAN = 1800.0
MAX_OPEN = 5
FIRST_RESPONSE = 3600.0

# The normal distribution under the lognormal handle time.
HANDLE_SIGMA = math.sqrt(math.log(1 + HANDLE_CV**2))
HANDLE_MU = math.log(HANDLE_MEAN) - HANDLE_SIGMA**2 / 2


class Record:
    """Counts of events, and times as they come."""

    def __init__(self):
        self.arrivals = 0
        self.replies = 0
        self.answers = 0
        self.met = 0
        self.breached = 0
        self.waits = []
        self.first_responses = []

    def tell(self):
        decided = self.met + self.breached
        peer.tell(
            # Of the SLA deadlines, those that are decided.
            events=self.arrivals + self.replies + self.answers + decided,
            tickets=self.arrivals,
            mean_wait=mean(self.waits),
            mean_first_response=mean(self.first_responses),
            breach_rate=self.breached / decided if decided else None,
        )


def mean(values):
    return statistics.fmean(values) if values else None
