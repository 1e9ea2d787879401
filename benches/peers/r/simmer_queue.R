# M/M/c with simmer: a trajectory that seizes a resource, and the monitor of arrivals that simmer keeps.

suppressPackageStartupMessages(library(simmer))

asked <- as.numeric(commandArgs(trailingOnly = TRUE))
stopifnot("wanted: SERVERS LOAD TICKETS SEED" = length(asked) == 4 && !anyNA(asked))
servers <- asked[1]
mu <- 1 / 300
rate <- asked[2] * servers * mu
duration <- asked[3] / rate
set.seed(asked[4])

ticket <- trajectory() %>%
  seize("desk") %>%
  timeout(function() rexp(1, mu)) %>%
  release("desk")

desk <- simmer() %>%
  add_resource("desk", servers, mon = FALSE) %>%
  add_generator("ticket", ticket, function() rexp(100, rate)) %>%
  run(until = duration)

# A row is written at departure; those who are still there have only arrived.
departed <- get_mon_arrivals(desk)
present <- get_server_count(desk, "desk") + get_queue_count(desk, "desk")
waits <- departed$end_time - departed$start_time - departed$activity_time
cat(sprintf(
  '{"events": %.0f, "tickets": %.0f, "mean_wait": %.12g}\n',
  2 * nrow(departed) + present, nrow(departed), mean(waits)
))
