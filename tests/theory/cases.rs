//! The reference models, each as a scenario and a list of figures.
//!
//! A case names its entry in `tests/data/exact.json`; a figure names the expected value there, and says how it follows from
//! what the watch adds up. Every key of an entry is either a figure or left out with the reason.

use super::judge::Of;
use super::watch::{Sum, Sums, Watching};
use std::fmt::Write as _;

/// A reference model as a scenario.
pub(crate) struct Case {
    /// Its entry in `exact.json`.
    pub(crate) name: &'static str,
    /// What sets it apart from other cases of the same entry.
    pub(crate) variant: &'static str,
    /// The scenario, without its head.
    pub(crate) scenario: String,
    /// Files that it reads.
    pub(crate) files: Vec<(&'static str, String)>,
    /// What is watched.
    pub(crate) watching: Watching,
    /// How long and how often it runs for intervals as narrow as asked for.
    pub(crate) full: Run,
    /// The same for the figures that are marked as quick, where the case is part of the fast subset.
    pub(crate) quick: Option<Run>,
    /// What is compared.
    pub(crate) figures: Vec<Figure>,
    /// Expected values that are not compared, with the reason.
    pub(crate) left_out: Vec<(&'static str, &'static str)>,
}

/// The length of a run and its repetition.
#[derive(Clone, Copy)]
pub(crate) struct Run {
    /// Hours measured.
    pub(crate) hours: f64,
    /// Hours before that.
    pub(crate) warmup: f64,
    /// Replications.
    pub(crate) replications: u32,
}

/// One expected value.
pub(crate) struct Figure {
    /// Where it stands below `expected`.
    pub(crate) path: Vec<String>,
    /// What else it must be, where the entry does not give the figure itself.
    pub(crate) instead: Option<f64>,
    /// How it is estimated.
    pub(crate) of: Of,
    /// The widest half-width of its 95 % interval, as a share of the value.
    pub(crate) narrow: f64,
    /// Whether the fast subset asks for a narrow interval too.
    pub(crate) quick: bool,
}

/// For figures in general.
const NARROW: f64 = 0.02;
/// For small probabilities.
const SMALL: f64 = 0.05;

fn figure(key: &str, of: impl Fn(&Sums) -> f64 + Sync + Send + 'static) -> Figure {
    Figure { path: vec![key.to_owned()], instead: None, of: Box::new(of), narrow: NARROW, quick: false }
}

fn share(key: &str, of: Sum, among: Sum) -> Figure {
    figure(key, move |sums| sums.share(of, among))
}

fn nth(key: &str, of: Sum, n: usize, among: Sum) -> Figure {
    figure(key, move |sums| sums[(of, n)] / sums[among])
}

impl Figure {
    /// Part of the fast subset.
    fn quick(mut self) -> Figure {
        self.quick = true;
        self
    }

    /// A small probability.
    fn small(mut self) -> Figure {
        self.narrow = SMALL;
        self
    }

    fn below(mut self, key: &str) -> Figure {
        self.path.push(key.to_owned());
        self
    }

    fn instead(mut self, value: f64) -> Figure {
        self.instead = Some(value);
        self
    }
}

/// Runs of about so many customers each.
fn customers(each: f64, per_hour: f64, warmup: f64, replications: u32) -> Run {
    Run { hours: (each / per_hour).ceil(), warmup, replications }
}

fn seconds(mean: f64) -> String {
    format!("\"{mean}s\"")
}

fn exponential(mean: f64) -> String {
    format!("{{ exponential = {{ mean = \"{mean}s\" }} }}")
}

/// One channel, one group and one class of customers.
struct Line<'a> {
    agents: usize,
    per_hour: String,
    service: String,
    /// Further lines of the agents' table.
    agent: &'a str,
    /// Further lines of the channel's table.
    channel: &'a str,
    /// Further lines of the customers' table.
    customer: &'a str,
}

impl Line<'_> {
    fn toml(&self) -> String {
        let Line { agents, per_hour, service, agent, channel, customer } = self;
        format!(
            "[group.desk]\n\
             [agent.a]\ncount = {agents}\ngroups = [\"desk\"]\n{agent}\n\
             [channel.line]\n{channel}\n\
             [customer.caller]\nchannel = \"line\"\narrivals = {{ per_hour = {per_hour} }}\nhandle_time = {service}\n{customer}\n"
        )
    }
}

const ONE_EACH: &str = "assignment = { groups = [\"desk\"] }\nlimit = { max_open = 1 }";

/// Agents who serve one customer at a time from one queue in order of arrival.
pub(crate) fn queue(agents: usize, per_hour: f64, service: String, customer: &str) -> String {
    Line { agents, per_hour: per_hour.to_string(), service, agent: "", channel: ONE_EACH, customer }.toml()
}

fn utilisation(agents: usize) -> Figure {
    figure("utilisation", move |sums| sums.share(Sum::Busy, Sum::Time) / agents as f64)
}

/// Compared as the standard deviation, which is in seconds like the wait.
fn wait_deviation(variance: f64) -> Figure {
    figure("wait_variance_s2", |sums| {
        let mean = sums.share(Sum::Wait, Sum::Left);
        (sums.share(Sum::WaitSquared, Sum::Left) - mean * mean).sqrt()
    })
    .instead(variance.sqrt())
}

/// The 90th percentile of waits, between two thresholds on either side of it, `first` and the next: tails of waits are close
/// to exponential, so it is interpolated on their logarithms. Thresholds that do not enclose it give no number.
fn wait_p90(first: usize, low: f64, high: f64) -> Figure {
    figure("wait_p90_s", move |sums| {
        let over = |n| sums[(Sum::WaitOver, n)] / sums[Sum::Left];
        let (low_share, high_share): (f64, f64) = (over(first), over(first + 1));
        low + (high - low) * (low_share / 0.1).ln() / (low_share / high_share).ln()
    })
}

/// The figures of a queue without abandonment. Of `waits` and `sojourns`, in seconds, the shares beyond are expected; `p90` is
/// about where a tenth waits longer.
fn waiting_figures(agents: usize, waits: &[f64], sojourns: &[f64], p90: Option<f64>) -> (Watching, Vec<Figure>) {
    let mut figures = vec![
        share("prob_wait", Sum::Waited, Sum::Left).quick(),
        share("mean_wait_s", Sum::Wait, Sum::Left).quick(),
        share("mean_sojourn_s", Sum::Sojourn, Sum::Closed).quick(),
        share("mean_queue_len", Sum::Queue, Sum::Time),
        utilisation(agents).quick(),
    ];
    for (n, wait) in waits.iter().enumerate() {
        let over = nth(&format!("prob_wait_gt_{wait}s"), Sum::WaitOver, n, Sum::Left);
        // Of the 9 agents' customers, one in 800 waits an hour.
        figures.push(if *wait == 3600.0 { over.small() } else { over });
    }
    for (n, sojourn) in sojourns.iter().enumerate() {
        figures.push(nth(&format!("prob_sojourn_gt_{sojourn}s"), Sum::SojournOver, n, Sum::Closed));
    }
    let mut thresholds = waits.to_vec();
    if let Some(p90) = p90 {
        figures.push(wait_p90(thresholds.len(), 0.9 * p90, 1.1 * p90));
        thresholds.extend([0.9 * p90, 1.1 * p90]);
    }
    let watching = Watching { agents, waits: thresholds, sojourns: sojourns.to_vec(), ..Watching::default() };
    (watching, figures)
}

/// Thresholds in seconds.
struct Tails<'a> {
    waits: &'a [f64],
    sojourns: &'a [f64],
    /// About what a tenth waits longer than.
    p90: f64,
    /// Of the wait, in square seconds.
    variance: f64,
}

fn erlang_c(name: &'static str, agents: usize, per_hour: f64, service: f64, tails: &Tails, full: Run) -> Case {
    let (watching, mut figures) = waiting_figures(agents, tails.waits, tails.sojourns, Some(tails.p90));
    figures.push(share("mean_wait_given_wait_s", Sum::Wait, Sum::Waited));
    figures.push(wait_deviation(tails.variance));
    Case {
        name,
        variant: "",
        scenario: queue(agents, per_hour, exponential(service), "replies = 1"),
        files: Vec::new(),
        watching,
        full,
        quick: None,
        figures,
        left_out: Vec::new(),
    }
}

fn single_server(name: &'static str, service: &str, variance: Option<f64>, full: Run) -> Case {
    let (watching, mut figures) = waiting_figures(1, &[], &[], None);
    let mut left_out = Vec::new();
    match variance {
        Some(variance) => figures.push(wait_deviation(variance)),
        None => left_out.push(("wait_variance_s2", "dominated by rare events, as the entry's notes say")),
    }
    Case {
        name,
        variant: "",
        scenario: queue(1, 8.4, service.to_owned(), "replies = 1"),
        files: Vec::new(),
        watching,
        full,
        quick: None,
        figures,
        left_out,
    }
}

fn loss(variant: &'static str, service: &str) -> Case {
    Case {
        name: "erlangB_10_a8",
        variant,
        scenario: queue(10, 96.0, service.to_owned(), "replies = 1\npatience = \"0s\"\nabandons = \"queue\""),
        files: Vec::new(),
        watching: Watching { agents: 10, ..Watching::default() },
        full: customers(100_000.0, 96.0, 24.0, 24),
        quick: Some(customers(30_000.0, 96.0, 24.0, 24)),
        figures: vec![
            share("prob_blocked", Sum::Abandoned, Sum::Left).quick(),
            utilisation(10).quick(),
            share("mean_busy", Sum::Busy, Sum::Time).quick(),
        ],
        left_out: Vec::new(),
    }
}

fn impatient(
    name: &'static str,
    agents: usize,
    per_hour: f64,
    service: f64,
    patience: String,
    waits: &[f64],
    full: Run,
) -> Case {
    let mut figures = vec![
        share("prob_wait", Sum::Waited, Sum::Left).quick(),
        share("prob_abandon", Sum::Abandoned, Sum::Left).small(),
        share("mean_wait_all_s", Sum::Wait, Sum::Left),
        figure("mean_wait_served_s", |sums| {
            (sums[Sum::Wait] - sums[Sum::WaitAbandoned]) / (sums[Sum::Left] - sums[Sum::Abandoned])
        }),
        share("mean_queue_len", Sum::Queue, Sum::Time),
        utilisation(agents).quick(),
        share("mean_wait_abandoned_s", Sum::WaitAbandoned, Sum::Abandoned).quick(),
    ];
    for (n, wait) in waits.iter().enumerate() {
        figures.push(nth(&format!("prob_served_within_{wait}s"), Sum::AssignedWithin, n, Sum::Left));
        figures.push(nth(&format!("prob_wait_gt_{wait}s_all"), Sum::WaitOver, n, Sum::Left).small());
    }
    let mut thresholds = waits.to_vec();
    if name == "erlangA_50_gmr" {
        figures.push(wait_p90(thresholds.len(), 12.0, 13.0));
        thresholds.extend([12.0, 13.0]);
    }
    Case {
        name,
        variant: "",
        scenario: queue(
            agents,
            per_hour,
            exponential(service),
            &format!("replies = 1\npatience = {patience}\nabandons = \"queue\""),
        ),
        files: Vec::new(),
        watching: Watching { agents, waits: thresholds, ..Watching::default() },
        full,
        quick: None,
        figures,
        left_out: vec![(
            "mean_offered_wait_s",
            "the wait of a customer without end of patience among the others: nobody in the run has it",
        )],
    }
}

/// Case managers: a ticket keeps its agent until it is resolved, who has at most `cap` of them.
struct Managers {
    name: &'static str,
    agents: usize,
    cap: usize,
    per_hour: f64,
    service: f64,
    replies: f64,
    delay: f64,
    keys: &'static str,
    patience: Option<f64>,
}

impl Managers {
    fn toml(&self) -> String {
        let Managers { agents, cap, per_hour, service, replies, delay, keys, patience, .. } = self;
        let mut customer =
            format!("replies = {{ geometric = {{ mean = {replies} }} }}\nreply_delay = {}\n", exponential(*delay));
        if let Some(patience) = patience {
            let _ = writeln!(customer, "patience = {}\nabandons = \"queue\"", exponential(*patience));
        }
        let channel =
            format!("assignment = {{ groups = [\"desk\"], policy = \"stated\" }}\nlimit = {{ max_open = {cap} }}");
        let line = Line {
            agents: *agents,
            per_hour: per_hour.to_string(),
            service: exponential(*service),
            agent: "",
            channel: &channel,
            customer: &customer,
        };
        format!("{}[policy.stated]\nkeys = {keys}\n", line.toml())
    }

    fn case(self, waits: &[f64], full: Run) -> Case {
        let (agents, cap) = (self.agents, self.cap);
        let mut figures = vec![
            utilisation(agents).quick(),
            share("prob_assign_wait", Sum::Waited, Sum::Left).quick(),
            share("mean_queue_len", Sum::Queue, Sum::Time),
            share("mean_needing_reply", Sum::Pending, Sum::Time).quick(),
            figure("mean_awaiting_customer", |sums| (sums[Sum::Open] - sums[Sum::Pending]) / sums[Sum::Time]),
            share("mean_time_open_after_assignment_s", Sum::InService, Sum::Closed).quick(),
        ];
        let mut left_out = Vec::new();
        if self.patience.is_some() {
            figures.extend([
                share("mean_assign_wait_all_s", Sum::Wait, Sum::Left),
                share("prob_abandon", Sum::Abandoned, Sum::Left).quick(),
                share("resolved_rate_per_s", Sum::Closed, Sum::Time),
            ]);
        } else {
            figures.extend([
                share("mean_assign_wait_s", Sum::Wait, Sum::Left),
                share("mean_open_assigned", Sum::Open, Sum::Time),
                share("mean_first_reply_start_wait_s", Sum::ToStart, Sum::Answered),
                share("mean_first_reply_done_s", Sum::ToFirstReply, Sum::Answered),
                share("mean_time_to_resolve_s", Sum::Sojourn, Sum::Closed),
                share("mean_ahead_at_assignment", Sum::Ahead, Sum::Left),
            ]);
            for n in 0..=cap {
                for (key, sum) in
                    [("dist_open_per_agent", Sum::AgentsWithOpen), ("dist_needing_reply_per_agent", Sum::AgentsOwing)]
                {
                    figures.push(
                        figure(key, move |sums| sums[(sum, n)] / sums[Sum::Time] / agents as f64)
                            .below(&n.to_string())
                            .small(),
                    );
                }
            }
            for (n, wait) in waits.iter().enumerate() {
                figures.push(nth(&format!("prob_assign_wait_gt_{wait}s"), Sum::WaitOver, n, Sum::Left));
            }
            if !waits.is_empty() {
                left_out.push((
                    "saturation_arrival_rate_per_s",
                    "a bound on the arrival rate, not a figure of this run: see casemgr_saturated_throughput",
                ));
            }
        }
        Case {
            name: self.name,
            variant: "",
            scenario: self.toml(),
            files: Vec::new(),
            watching: Watching { agents, waits: waits.to_vec(), by_agent: true, ..Watching::default() },
            full,
            quick: None,
            figures,
            left_out,
        }
    }
}

const FEWEST_PENDING: &str = "[\"pending\", \"random\"]";

fn case_managers() -> Vec<Case> {
    let slow = |name, agents, cap, per_hour, patience| Managers {
        name,
        agents,
        cap,
        per_hour,
        service: 900.0,
        replies: 2.5,
        delay: 3600.0,
        keys: FEWEST_PENDING,
        patience,
    };
    let waits = [600.0, 3600.0, 14_400.0];
    let chat = Managers {
        name: "casemgr_K2_M4_chat",
        agents: 2,
        cap: 4,
        per_hour: 20.0,
        service: 60.0,
        replies: 5.0,
        delay: 90.0,
        keys: FEWEST_PENDING,
        patience: None,
    };
    let fewest_open = Managers { keys: "[\"open\", \"random\"]", ..slow("casemgr_K2_M3_fewest_open", 2, 3, 2.0, None) };
    vec![
        slow("casemgr_K1_M2", 1, 2, 0.6, None).case(&waits, customers(100_000.0, 0.6, 2_000.0, 24)),
        slow("casemgr_K2_M1", 2, 1, 0.7, None).case(&waits, customers(100_000.0, 0.7, 2_000.0, 24)),
        slow("casemgr_K2_M3", 2, 3, 2.0, None).case(&waits, customers(200_000.0, 2.0, 2_000.0, 48)),
        chat.case(&[30.0, 120.0, 600.0], customers(200_000.0, 20.0, 100.0, 40)),
        fewest_open.case(&[], customers(200_000.0, 2.0, 2_000.0, 60)),
        slow("casemgr_K2_M3_patience", 2, 3, 2.6, Some(7200.0)).case(&[], customers(50_000.0, 2.6, 500.0, 30)),
        slow("casemgr_K2_M4_patience_overload", 2, 4, 4.0, Some(3600.0)).case(&[], customers(50_000.0, 4.0, 500.0, 30)),
    ]
}

/// Agents whom an overload keeps at their cap: each is a model of its own.
fn saturated() -> Vec<Case> {
    let agents = 20;
    [(1, 0.471), (2, 0.867), (3, 1.171), (4, 1.379), (6, 1.562), (8, 1.597), (12, 1.6)]
        .into_iter()
        .map(|(cap, throughput)| {
            let per_hour = f64::round(agents as f64 * throughput * 1.3);
            let managers = Managers {
                name: "casemgr_saturated_throughput",
                agents,
                cap,
                per_hour,
                service: 900.0,
                replies: 2.5,
                delay: 3600.0,
                keys: FEWEST_PENDING,
                patience: None,
            };
            let key = format!("M{cap}");
            Case {
                name: managers.name,
                variant: ["", "M1", "M2", "M3", "M4", "", "M6", "", "M8", "", "", "", "M12"][cap],
                scenario: managers.toml(),
                files: Vec::new(),
                watching: Watching { agents, ..Watching::default() },
                full: customers(6_000.0, per_hour, 200.0, 20),
                quick: None,
                figures: vec![figure(&key, move |sums| sums.share(Sum::Closed, Sum::Time) * 3600.0 / agents as f64)],
                left_out: Vec::new(),
            }
        })
        .collect()
}

/// Two agents who are given each ticket as it comes, and have a queue of their own.
fn own_queues(name: &'static str, policy: &str, full: Run) -> Case {
    let mut figures =
        vec![share("mean_wait_s", Sum::ToStart, Sum::Answered), share("prob_wait", Sum::StartWaited, Sum::Answered)];
    if name == "routing_jsq_2" {
        figures.push(share("mean_in_system", Sum::Open, Sum::Time));
    } else {
        figures.push(utilisation(2));
    }
    let line = Line {
        agents: 2,
        per_hour: "96".to_owned(),
        service: exponential(60.0),
        agent: "",
        channel: &format!("assignment = {{ groups = [\"desk\"], policy = \"{policy}\" }}"),
        customer: "replies = 1",
    };
    Case {
        name,
        variant: "",
        scenario: format!("{}[policy.shortest]\nkeys = {FEWEST_PENDING}\n", line.toml()),
        files: Vec::new(),
        watching: Watching { agents: 2, ..Watching::default() },
        full,
        quick: None,
        figures,
        left_out: Vec::new(),
    }
}

/// Classes of customers, the first of the highest priority.
fn priorities(name: &'static str, classes: &[(f64, &str)], full: Run) -> Case {
    let mut scenario = format!("[group.desk]\n[agent.a]\ngroups = [\"desk\"]\n[channel.line]\n{ONE_EACH}\n");
    let mut figures = Vec::new();
    for (n, (per_hour, service)) in classes.iter().enumerate() {
        let (class, priority) = (n + 1, classes.len() - n);
        let _ = write!(
            scenario,
            "[customer.class{class}]\nchannel = \"line\"\narrivals = {{ per_hour = {per_hour} }}\n\
             handle_time = {service}\nreplies = 1\npriority = {priority}\n"
        );
        let mean = move |sums: &Sums| sums[(Sum::WaitOfClass, n)] / sums[(Sum::LeftOfClass, n)];
        let mean = figure(&format!("mean_wait_class{class}_s"), mean);
        figures.push(if n == 0 { mean.quick() } else { mean });
    }
    if name == "prio_np_mm1_2class" {
        figures.push(share("prob_wait", Sum::Waited, Sum::Left));
        figures.push(share("mean_wait_all_s", Sum::Wait, Sum::Left));
    } else {
        figures.push(utilisation(1));
    }
    Case {
        name,
        variant: "",
        scenario,
        files: Vec::new(),
        watching: Watching { agents: 1, ..Watching::default() },
        full,
        quick: None,
        figures,
        left_out: Vec::new(),
    }
}

fn feedback() -> Case {
    let line = Line {
        agents: 1,
        per_hour: "18".to_owned(),
        service: exponential(60.0),
        agent: "",
        channel: "assignment = { groups = [\"desk\"] }",
        customer: "replies = { geometric = { mean = 2.5 } }\nreply_delay = \"0s\"",
    };
    Case {
        name: "mm1_bernoulli_feedback",
        variant: "",
        scenario: line.toml(),
        files: Vec::new(),
        watching: Watching { agents: 1, ..Watching::default() },
        full: customers(200_000.0, 18.0, 100.0, 30),
        quick: None,
        figures: vec![
            utilisation(1),
            share("mean_in_system", Sum::Open, Sum::Time),
            share("mean_total_sojourn_s", Sum::Sojourn, Sum::Closed),
            share("mean_passes", Sum::Replies, Sum::Closed),
            share("mean_total_wait_s", Sum::TotalWait, Sum::Closed),
            share("mean_wait_per_pass_s", Sum::TotalWait, Sum::Replies),
        ],
        left_out: Vec::new(),
    }
}

/// Customers who come back after closure to whoever is free: the cycles of a ticket are visits to a pool of agents.
fn erlang_r() -> Case {
    Case {
        name: "reopen_erlangR_10",
        variant: "",
        scenario: queue(
            10,
            12.0,
            exponential(900.0),
            "replies = 1\nreopens = { probability = 0.65, after = { exponential = { mean = \"7200s\" } } }",
        ),
        files: Vec::new(),
        watching: Watching { agents: 10, returns: true, ..Watching::default() },
        full: customers(200_000.0, 12.0, 500.0, 40),
        quick: None,
        figures: vec![
            utilisation(10),
            share("prob_wait_per_visit", Sum::Waited, Sum::Left),
            share("mean_wait_per_visit_s", Sum::Wait, Sum::Left),
            share("mean_visits", Sum::Closed, Sum::Created),
            figure("mean_needy", |sums| (sums[Sum::Queue] + sums[Sum::Open]) / sums[Sum::Time]),
            share("mean_content", Sum::Away, Sum::Time),
            figure("mean_time_to_resolve_s", |sums| (sums[Sum::Sojourn] + sums[Sum::Away]) / sums[Sum::Created]),
            share("visit_rate_per_s", Sum::Left, Sum::Time),
        ],
        left_out: Vec::new(),
    }
}

/// Ten customers who always come back.
fn finite_source() -> Case {
    let scenario = format!(
        "[group.desk]\n[agent.a]\ncount = 2\ngroups = [\"desk\"]\n[channel.line]\n{ONE_EACH}\n\
         [customer.source]\nchannel = \"line\"\narrivals = {{ file = \"sources.csv\" }}\nhandle_time = {}\nreplies = 1\n\
         reopens = {{ probability = 1.0, after = {} }}\n",
        exponential(120.0),
        exponential(600.0)
    );
    Case {
        name: "finite_source_10_2",
        variant: "",
        scenario,
        files: vec![("sources.csv", format!("at\n{}", "0\n".repeat(10)))],
        watching: Watching { agents: 2, returns: true, ..Watching::default() },
        full: customers(40_000.0, 45.6, 10.0, 24),
        quick: Some(customers(15_000.0, 45.6, 10.0, 24)),
        figures: vec![
            utilisation(2).quick(),
            share("throughput_per_s", Sum::Closed, Sum::Time).quick(),
            figure("mean_in_repair", |sums| (sums[Sum::Queue] + sums[Sum::Open]) / sums[Sum::Time]).quick(),
            share("mean_queue_len", Sum::Queue, Sum::Time).quick(),
            share("mean_wait_s", Sum::Wait, Sum::Left).quick(),
            share("prob_wait_seen_by_request", Sum::Waited, Sum::Left).quick(),
            figure("mean_up", |sums| 10.0 - (sums[Sum::Queue] + sums[Sum::Open]) / sums[Sum::Time]).quick(),
        ],
        left_out: Vec::new(),
    }
}

/// Chats that slow each other down: with n at a time each takes n over the total speed longer.
fn concurrency() -> Case {
    let line = Line {
        agents: 1,
        per_hour: "54".to_owned(),
        service: exponential(120.0),
        agent: &format!("concurrency = 3\nslowdown = [1.0, {}, {}]", 2.0 / 1.7, 3.0 / 2.1),
        channel: "assignment = { groups = [\"desk\"] }\nlimit = { max_open = 3 }",
        customer: "replies = 1\npatience = { exponential = { mean = \"180s\" } }\nabandons = \"queue\"",
    };
    Case {
        name: "chat_concurrency_1_agent",
        variant: "",
        scenario: line.toml(),
        files: Vec::new(),
        watching: Watching { agents: 1, by_agent: true, ..Watching::default() },
        full: customers(60_000.0, 54.0, 24.0, 24),
        quick: Some(customers(25_000.0, 54.0, 24.0, 24)),
        figures: vec![
            share("prob_wait", Sum::Waited, Sum::Left).quick(),
            share("prob_abandon", Sum::Abandoned, Sum::Left).quick(),
            share("mean_wait_all_s", Sum::Wait, Sum::Left).quick(),
            share("mean_in_service", Sum::Open, Sum::Time).quick(),
            share("mean_sojourn_in_service_s", Sum::InService, Sum::Closed).quick(),
            nth("prob_idle", Sum::AgentsWithOpen, 0, Sum::Time).quick(),
        ],
        left_out: vec![("truncation_mass", "of the numerical solution, not of the model")],
    }
}

fn by_hours(rates: &[f64]) -> String {
    let mut hours = rates.to_vec();
    hours.resize(24, 0.0);
    format!("{hours:?}")
}

/// Twelve agents, and calls in the first eight hours of each day.
pub(crate) fn day_line(customer: &str) -> String {
    Line {
        agents: 12,
        per_hour: by_hours(&[252.0; 8]),
        service: exponential(120.0),
        agent: "",
        channel: ONE_EACH,
        customer,
    }
    .toml()
}

fn day_from_empty() -> Case {
    Case {
        name: "mmc_12_day_from_empty",
        variant: "",
        scenario: day_line("replies = 1"),
        files: Vec::new(),
        watching: Watching { agents: 12, waits: vec![20.0], day: Some(28_800.0), ..Watching::default() },
        full: Run { hours: 24.0 * 100.0, warmup: 0.0, replications: 30 },
        quick: Some(Run { hours: 24.0 * 80.0, warmup: 0.0, replications: 20 }),
        figures: vec![
            share("prob_wait", Sum::Waited, Sum::Left).quick(),
            share("time_avg_queue", Sum::Queue, Sum::Time),
            utilisation(12).quick(),
            figure("mean_arrivals", |sums| sums[Sum::Created] / (sums[Sum::Time] / 28_800.0)).quick(),
            share("mean_wait_s", Sum::Wait, Sum::Left),
            figure("prob_wait_le_20s", |sums| 1.0 - sums[(Sum::WaitOver, 0)] / sums[Sum::Left]).quick(),
        ],
        left_out: Vec::new(),
    }
}

/// Arrivals per hour at 100 + 20 sin t, t in hours: means over the minutes of a day, so that the number in service at a whole
/// minute is off by less than a millionth.
fn sinusoid() -> Vec<f64> {
    let mean = |from: f64, to: f64| 100.0 + 20.0 * (from.cos() - to.cos()) / (to - from);
    (0..1440).map(|minute| mean(f64::from(minute) / 60.0, f64::from(minute + 1) / 60.0)).collect()
}

fn infinite_servers() -> Case {
    let hours = [("0.5", 0.5), ("1", 1.0), ("2", 2.0), ("4", 4.0), ("8", 8.0), ("12", 12.0)];
    let line = Line {
        // Beyond 200 in service the Poisson distribution of mean 111 has less than one part in a hundred million millions.
        agents: 300,
        per_hour: format!("{:?}", sinusoid()),
        service: exponential(3600.0),
        agent: "",
        channel: ONE_EACH,
        customer: "replies = 1",
    };
    let mut figures = Vec::new();
    for (n, (key, _)) in hours.iter().enumerate() {
        let mean = move |sums: &Sums| sums[(Sum::Probed, n)] / sums[(Sum::Probes, n)];
        figures.push(figure("mean_in_service_at_hour", mean).below(key));
        // Poisson: the variance is the mean.
        figures.push(
            figure("mean_in_service_at_hour", move |sums| {
                sums[(Sum::ProbedSquared, n)] / sums[(Sum::Probes, n)] - mean(sums) * mean(sums)
            })
            .below(key)
            .small(),
        );
    }
    Case {
        name: "mt_m_inf_sinusoid",
        variant: "",
        scenario: line.toml(),
        files: Vec::new(),
        watching: Watching {
            agents: 300,
            probes: hours.iter().map(|(_, hour)| (hour * 3600.0, f64::INFINITY)).collect(),
            ..Watching::default()
        },
        full: Run { hours: 12.02, warmup: 0.0, replications: 4_000 },
        quick: None,
        figures,
        left_out: vec![("note", "words; the variances are compared with the means")],
    }
}

/// As many agents at every instant as s(t) says, from a roster to the second.
fn square_root_staffing(beta: u8) -> Case {
    use std::f64::consts::FRAC_PI_4;
    let mean = |hour: f64| 100.0 + 10.0 * (hour.sin() - hour.cos());
    // At some of the phases it is a whole number, which rounding must not push up.
    let needed = move |hour: f64| (mean(hour) + f64::from(beta) * mean(hour).sqrt() - 1e-9).ceil();
    let end = 8 * 3600;
    let heads = |second: i32| needed(f64::from(second) / 3600.0) as usize;
    let most = (0..end).map(heads).max().unwrap_or(0);
    let mut roster = String::from("agent,start,end\n");
    for agent in 1..=most {
        let mut since = None;
        for second in 0..=end {
            let on_duty = second < end && heads(second) >= agent;
            match (on_duty, since) {
                (true, None) => since = Some(second),
                (false, Some(start)) => {
                    let _ = writeln!(roster, "a-{agent},{start},{second}");
                    since = None;
                }
                _ => {}
            }
        }
    }
    // As many as there would be had it always run: a Poisson number in the first minute, less those who leave within it.
    let minute = 1.0 / 60.0_f64;
    let usual = sinusoid();
    let filling = (mean(minute) - usual[0] * (1.0 - (-minute).exp())) / (1.0 - (-minute).exp());
    let mut rates = vec![0.0; 1440];
    rates[0] = filling;
    let line = Line {
        agents: most,
        per_hour: format!("{usual:?}"),
        service: exponential(3600.0),
        agent: "roster = \"roster.csv\"",
        channel: ONE_EACH,
        customer: "replies = 1\npatience = { exponential = { mean = \"1h\" } }\nabandons = \"queue\"",
    };
    let scenario = format!(
        "{}[customer.before]\nchannel = \"line\"\narrivals = {{ per_hour = {rates:?} }}\nhandle_time = {}\nreplies = 1\n\
         patience = {{ exponential = {{ mean = \"1h\" }} }}\nabandons = \"queue\"\n",
        line.toml(),
        exponential(3600.0)
    );
    let mut probes = Vec::new();
    let mut figures = Vec::new();
    for phase in 1..=8_u8 {
        // The phase of the start is seen a whole period later.
        let hour = f64::from(phase) * FRAC_PI_4;
        let (at, level) = (probes.len(), needed(hour));
        probes.push((hour * 3600.0, level));
        let key = format!("s_and_prob_N_ge_s_beta{beta}");
        let phase = format!("{}pi/4", phase % 8);
        figures.push(figure(&key, move |_| level).below(&phase).below("0"));
        let reached = move |sums: &Sums| sums[(Sum::ProbedAtLevel, at)] / sums[(Sum::Probes, at)];
        figures.push(figure(&key, reached).below(&phase).below("1"));
    }
    let small = beta == 2;
    if small {
        figures = figures.into_iter().map(Figure::small).collect();
    }
    Case {
        name: "mt_m_st_plus_M_square_root_staffing",
        variant: ["beta 0", "beta 1", "beta 2"][usize::from(beta)],
        scenario,
        files: vec![("roster.csv", roster)],
        watching: Watching { agents: most, probes, ..Watching::default() },
        full: Run { hours: 6.4, warmup: 0.0, replications: [11_500, 60_000, 64_000][usize::from(beta)] },
        quick: None,
        figures,
        left_out: Vec::new(),
    }
}

/// How many days of a call centre make a replication.
pub(crate) const DAYS: f64 = 50.0;

/// CallCC, with 4, 6, 8, 8, 8, 7, 8, 8, 6, 6, 4, 4, 4 agents in its hours, and 4 to clear up.
///
/// Its agents are a number: when it falls, whoever is free first goes, be it one who would have stayed. Shifts send people home
/// by name, which keeps a free colleague beside one who finishes, and gives a little more capacity. So the number is a cap: one
/// agent who can do eight calls at a time at full speed, and an admin who moves the cap by the hour (CAP-3, QUE-5).
pub(crate) fn call_centre(day_factor: &str) -> String {
    let rates = by_hours(&[100.0, 150.0, 150.0, 180.0, 200.0, 150.0, 150.0, 150.0, 120.0, 100.0, 80.0, 70.0, 60.0]);
    let line = Line {
        agents: 1,
        per_hour: format!("{rates}{day_factor}"),
        service: exponential(100.0),
        agent: "concurrency = 8\nslowdown = [1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0]",
        channel: "assignment = { groups = [\"desk\"] }\nlimit = { max_open = 4 }",
        customer: &format!(
            "replies = 1\nabandons = \"queue\"\n\
             patience = {{ mixture = [{{ weight = 0.1, of = \"0s\" }}, {{ weight = 0.9, of = {} }}] }}",
            exponential(1000.0)
        ),
    };
    let mut scenario = line.toml() + "[agent.boss]\nrole = \"admin\"\n";
    for day in 0..DAYS as u32 {
        for (hour, cap) in [(1, 6), (2, 8), (5, 7), (6, 8), (8, 6), (10, 4)] {
            let _ = write!(
                scenario,
                "[[event]]\nat = \"{}h\"\ndo = {{ configure_channel = {{ by = \"boss\", channel = \"line\", \
                 limit = {{ max_open = {cap} }} }} }}\n",
                24 * day + hour
            );
        }
    }
    scenario
}

fn callcc() -> Case {
    let mut figures = vec![
        share("mean_wait_all_s", Sum::Wait, Sum::Left),
        share("prob_must_wait", Sum::Waited, Sum::Left),
        share("prob_lost", Sum::Abandoned, Sum::Left).small(),
        figure("expected_calls", |sums| sums[Sum::Created] / (sums[Sum::Time] / 46_800.0)),
        // A call in hand is an agent at work.
        figure("busy_agent_hours_13h", |sums| sums[Sum::Open] / 3600.0 / (sums[Sum::Time] / 46_800.0)),
    ];
    for hour in 0..13 {
        figures.push(
            figure("time_avg_queue_by_hour", move |sums| {
                sums[(Sum::QueueInHour, hour)] / 3600.0 / (sums[Sum::Time] / 46_800.0)
            })
            .below(&hour.to_string())
            .small(),
        );
    }
    Case {
        name: "callcc_B1",
        variant: "",
        scenario: call_centre(""),
        files: Vec::new(),
        watching: Watching { agents: 2, day: Some(46_800.0), ..Watching::default() },
        full: Run { hours: 24.0 * DAYS, warmup: 0.0, replications: 80 },
        quick: None,
        figures,
        left_out: Vec::new(),
    }
}

/// Every entry of `exact.json` that the scenario language can express.
pub(crate) fn cases() -> Vec<Case> {
    let mut cases = vec![
        erlang_c(
            "mmc_1",
            1,
            48.0,
            60.0,
            &Tails { waits: &[60.0, 300.0], sojourns: &[60.0, 300.0], p90: 620.0, variance: 86_400.0 },
            customers(300_000.0, 48.0, 40.0, 24),
        ),
        erlang_c(
            "mmc_12_contactcenters",
            12,
            252.0,
            120.0,
            &Tails { waits: &[20.0, 60.0], sojourns: &[120.0, 300.0], p90: 20.0, variance: 371.069147110002 },
            customers(300_000.0, 252.0, 10.0, 40),
        ),
        erlang_c(
            "mmc_50_gmr",
            50,
            2880.0,
            60.0,
            &Tails { waits: &[10.0, 30.0], sojourns: &[60.0, 120.0], p90: 58.0, variance: 815.97836382381 },
            customers(400_000.0, 2880.0, 10.0, 180),
        ),
        erlang_c(
            "mmc_9_desk",
            9,
            30.0,
            900.0,
            &Tails {
                waits: &[300.0, 900.0, 3600.0],
                sojourns: &[900.0, 3600.0],
                p90: 980.0,
                variance: 273_263.372424459,
            },
            customers(400_000.0, 30.0, 100.0, 400),
        ),
        loss("", &exponential(300.0)),
        loss("constant service", &seconds(300.0)),
        loss("lognormal service", "{ lognormal = { mean = \"300s\", cv = 1.5 } }"),
        impatient(
            "erlangA_50_gmr",
            50,
            2880.0,
            60.0,
            exponential(120.0),
            &[10.0, 20.0, 30.0],
            customers(300_000.0, 2880.0, 5.0, 64),
        ),
        impatient(
            "erlangA_12_contactcenters",
            12,
            252.0,
            120.0,
            exponential(60.0),
            &[20.0],
            customers(300_000.0, 252.0, 5.0, 24),
        ),
        impatient("mmc_plus_D_50", 50, 2880.0, 60.0, seconds(60.0), &[20.0], customers(300_000.0, 2880.0, 10.0, 48)),
        single_server("mg1_deterministic", &seconds(300.0), Some(192_500.0), customers(100_000.0, 8.4, 100.0, 24)),
        single_server(
            "mg1_lognormal_cv2",
            "{ lognormal = { mean = \"300s\", cv = 2.0 } }",
            None,
            customers(300_000.0, 8.4, 500.0, 50),
        ),
        single_server(
            "mg1_erlang4",
            "{ gamma = { mean = \"300s\", cv = 0.5 } }",
            Some(322_656.25),
            customers(200_000.0, 8.4, 100.0, 24),
        ),
        priorities(
            "prio_np_mm1_2class",
            &[(18.0, &exponential(60.0)), (30.0, &exponential(60.0))],
            customers(250_000.0, 48.0, 40.0, 24),
        ),
        priorities(
            "prio_np_mg1_3class",
            &[
                (6.0, &exponential(60.0)),
                (12.0, &seconds(120.0)),
                // Erlang-2: a gamma distribution with shape 2.
                (9.0, &format!("{{ gamma = {{ mean = \"150s\", cv = {} }} }}", std::f64::consts::FRAC_1_SQRT_2)),
            ],
            customers(250_000.0, 27.0, 200.0, 24),
        ),
        feedback(),
        erlang_r(),
        finite_source(),
        own_queues("routing_random_2", "random", customers(200_000.0, 96.0, 40.0, 24)),
        own_queues("routing_jsq_2", "shortest", customers(150_000.0, 96.0, 40.0, 24)),
        concurrency(),
        day_from_empty(),
        infinite_servers(),
        callcc(),
    ];
    let (watching, figures) = waiting_figures(10, &[], &[], None);
    cases.push(Case {
        name: "mdc_10",
        variant: "",
        scenario: queue(10, 102.0, seconds(300.0), "replies = 1"),
        files: Vec::new(),
        watching,
        full: customers(200_000.0, 102.0, 20.0, 40),
        quick: None,
        figures: figures
            .into_iter()
            .filter(|figure| !["mean_sojourn_s", "utilisation"].contains(&figure.path[0].as_str()))
            .collect(),
        left_out: Vec::new(),
    });
    cases.extend(case_managers());
    cases.extend(saturated());
    cases.extend((0..3).map(square_root_staffing));
    for case in &mut cases {
        case.quick = case.quick.or(match (case.name, case.variant) {
            ("mg1_deterministic", _) => Some(customers(20_000.0, 8.4, 100.0, 24)),
            ("prio_np_mm1_2class", _) => Some(customers(20_000.0, 48.0, 40.0, 24)),
            ("erlangA_12_contactcenters", _) => Some(customers(25_000.0, 252.0, 5.0, 24)),
            ("casemgr_K2_M3_patience", _) => Some(customers(20_000.0, 2.6, 500.0, 24)),
            ("casemgr_K2_M1", _) => Some(customers(20_000.0, 0.7, 2_000.0, 24)),
            ("casemgr_saturated_throughput", "M3") => Some(case.full),
            _ => None,
        });
    }
    cases
}

/// The entries that it cannot express, with the reason.
pub(crate) const NOT_EXPRESSED: &[(&str, &str)] = &[
    (
        "mmck_12_q5_contactcenters",
        "nobody is turned away because the queue is full: customers leave of themselves alone (QUE-8)",
    ),
    ("prio_preemptive_mm1_2class", "an agent finishes the reply in hand before the next (no pre-emption)"),
    (
        "escalation_two_tier",
        "people escalate to one preset user (ESC-1), with an own queue; agents of a second tier with a queue in common \
         would need transfers to a group, which only scripts and logs ask for (ASG-8)",
    ),
];
