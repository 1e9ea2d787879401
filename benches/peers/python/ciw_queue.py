"""M/M/c with Ciw: a network of one node, and the records that it keeps of each ticket."""

import statistics

import ciw
import peer


def main():
    servers, rate, mu, duration, seed = peer.queue()
    ciw.seed(seed)
    network = ciw.create_network(
        arrival_distributions=[ciw.dists.Exponential(rate=rate)],
        service_distributions=[ciw.dists.Exponential(rate=mu)],
        number_of_servers=[servers],
    )
    simulation = ciw.Simulation(network)
    simulation.simulate_until_max_time(duration)
    waits = [record.waiting_time for record in simulation.get_all_records()]
    # A record is written at departure; those who are still there have only arrived.
    arrivals = simulation.nodes[0].number_of_individuals
    peer.tell(events=arrivals + len(waits), tickets=len(waits), mean_wait=statistics.fmean(waits))


if __name__ == "__main__":
    main()
