"""The models that are raced: their sizes, and what is held against what."""

# An exponential service, in seconds.
SERVICE_MEAN = 300
# Servers and load: of the race, and of a queue that forgets so soon that means come out sharp.
QUEUE = (100, 0.95)
CHECK_QUEUE = (2, 0.6)
CHECK_QUEUE_TICKETS = 300_000
# Agents of the race against the peers, and of a desk so small that tickets queue.
DESK = 1_000
CHECK_DESK = 100
DESK_TICKETS = 40_000
# Agents of desksim's further runs, and their tickets.
LARGE_DESKS = {10_000: 1_000_000, 100_000: 2_000_000}
SOLVED_BY_A_REPLY = 0.45
