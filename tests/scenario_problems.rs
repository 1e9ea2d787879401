//! What is wrong with a scenario is said all at once, each problem with its line and column, the marked text and the way out.

use desksim::scenario::{Part, Problems, Source, load, load_at};
use std::fs;

/// A scenario that is right, to be broken in one place after the other.
const RIGHT: &str = r#"schema = 1
title = "A desk"

[run]
duration = "1d"

[desk]
timezone = "Europe/Berlin"

[status.Lunch]
connection = "inactive"

[field.category]
type = "choice"
choices = ["payment", "delivery"]

[group.support]
[group.leads]

[shift.day]
days = "mon-fri"
hours = "09:00-17:30"
breaks = [{ status = "Lunch", at = "12:30", for = "30m" }]

[agent.support]
count = 3
groups = ["support"]
shift = "day"
concurrency = 2
slowdown = [1.0, 1.6]

[agent.lead]
groups = ["leads"]

[channel.chat]
assignment = { rule = "round_robin", groups = ["support"] }
limit = { max_open = 4 }
sla = { first_response = "5m", escalate_to = "lead" }
reply = ["support", "lead"]

[customer.shopper]
channel = "chat"
arrivals = { per_hour = 40 }
handle_time = { lognormal = { mean = "4m", cv = 0.9 } }
replies = { geometric = { mean = 2.2 } }
reply_delay = "5m"
fields = { category = { payment = 0.4, delivery = 0.6 } }

[[event]]
at = "12h"
do = { disable_user = { by = "lead", user = "support-3" } }

[[expect]]
metric = "sla.first_response.breach_rate"
at_most = 0.1
"#;

/// The problems of a text, each as `line:column marked | title | help`.
fn problems_of(text: &str, sets: &[&str]) -> Vec<String> {
    let sets: Vec<String> = sets.iter().map(|set| (*set).to_owned()).collect();
    match load(&Source::new("desk.toml", text), &sets, Part::Whole) {
        Ok(_) => Vec::new(),
        Err(problems) => shown(&problems),
    }
}

fn shown(problems: &Problems) -> Vec<String> {
    assert!(!problems.is_empty());
    let show = |problem| {
        let problem: &desksim::scenario::Problem = problem;
        let place = match problems.position(problem) {
            Some(at) => format!("{}:{} {}", at.line, at.column, at.marked),
            None => "-".to_owned(),
        };
        assert!(!problem.help.is_empty(), "no way out: {place} {}", problem.title);
        format!("{place} | {} | {}", problem.title, problem.help)
    };
    problems.iter().map(show).collect()
}

/// Replaces `right` by `wrong`, which is then the only problem.
#[track_caller]
fn check(right: &str, wrong: &str, expected: &str) {
    assert_eq!(RIGHT.matches(right).count(), 1, "`{right}` stands once");
    let text = RIGHT.replace(right, wrong);
    assert_eq!(problems_of(&text, &[]), [expected], "{wrong}");
}

#[test]
fn the_right_one_is_right() {
    assert_eq!(problems_of(RIGHT, &[]), [""; 0]);
}

#[test]
fn what_is_not_toml() {
    check(
        "title = \"A desk\"",
        "title = \"A desk",
        r#"2:16  | this is not TOML: invalid basic string, expected `"` | texts, durations and names stand in double quotes: "15m""#,
    );
    check(
        "[group.leads]",
        "[group.leads]\n[group.support]",
        "19:8 support | this is not TOML: duplicate key | a key stands once in a table: rename or remove one of the two",
    );
}

#[test]
fn keys_and_types() {
    check(
        "concurrency = 2",
        "concurency = 2",
        "29:1 concurency | unknown key `concurency` | did you mean `concurrency`?",
    );
    check("count = 3", "count = \"3\"", "26:9 \"3\" | expected a whole number, found a text | write a whole number");
    check(
        "duration = \"1d\"",
        "duration = 86400",
        r#"5:12 86400 | expected a duration such as "15m", found a whole number | durations are texts with a unit: "86400s", "15m", "1h30m""#,
    );
    check("[group.leads]", "[group.leads]\nsize = 3", "19:1 size | unknown key `size` | remove it");
    check(
        "rule = \"round_robin\"",
        "rule = \"robin\"",
        r#"36:23 "robin" | `robin` is not "manual" or "round_robin" | the possible words are `manual`, `round_robin`"#,
    );
    check(
        "handle_time = { lognormal = { mean = \"4m\", cv = 0.9 } }\n",
        "",
        "41:1 [customer.shopper] | `handle_time` is missing | add `handle_time = …`: a duration such as \"15m\", or a \
         distribution such as { exponential = { mean = \"5m\" } }",
    );
}

#[test]
fn one_slip_is_one_problem() {
    check("count = 3", "cuont = 3", "26:1 cuont | unknown key `cuont` | did you mean `count`?");
    check("count = 3", "count = 0", "26:9 0 | 0 is too small | write 1 or more");
    check(
        "\nchannel = \"chat\"",
        "\nchanel = \"chat\"",
        "42:1 chanel | unknown key `chanel` | did you mean `channel`?",
    );
    check("reply_delay", "reply_dely", "46:1 reply_dely | unknown key `reply_dely` | did you mean `reply_delay`?");
    check("cv = 0.9", "vc = 0.9", "44:44 vc | unknown parameter `vc` | did you mean `cv`?");
}

#[test]
fn names_that_nobody_bears() {
    check(
        "3\ngroups = [\"support\"]",
        "3\ngroups = [\"suport\"]",
        "27:11 \"suport\" | unknown group `suport` | did you mean `support`?",
    );
    check(
        "groups = [\"support\"] }",
        "groups = [\"leds\"] }",
        "36:48 \"leds\" | unknown group `leds` | did you mean `leads`?",
    );
    check(
        "escalate_to = \"lead\"",
        "escalate_to = \"leda\"",
        "38:46 \"leda\" | unknown agent `leda` | did you mean `lead`?",
    );
    check(
        "escalate_to = \"lead\"",
        "escalate_to = \"support\"",
        "38:46 \"support\" | `support` is 3 people | name one of `support-1` to `support-3`",
    );
    check(
        "\"support\", \"lead\"]",
        "\"support\", \"laed\"]",
        "39:21 \"laed\" | unknown group or agent `laed` | did you mean `lead`?",
    );
    check("channel = \"chat\"", "channel = \"chta\"", "42:11 \"chta\" | unknown channel `chta` | did you mean `chat`?");
    check("shift = \"day\"", "shift = \"dya\"", "28:9 \"dya\" | unknown shift `dya` | did you mean `day`?");
    check(
        "status = \"Lunch\"",
        "status = \"Lunhc\"",
        "23:22 \"Lunhc\" | unknown status `Lunhc` | did you mean `Lunch`?",
    );
    check("{ category = {", "{ categry = {", "47:12 categry | unknown field `categry` | did you mean `category`?");
    check(
        "delivery = 0.6",
        "delivry = 0.6",
        "47:40 delivry | `delivry` is not a choice of `category` | did you mean `delivery`?",
    );
    check(
        "\"round_robin\", ",
        "\"round_robin\", policy = \"least_opne\", ",
        "36:47 \"least_opne\" | unknown policy `least_opne` | did you mean `least_open`?",
    );
    check(
        "sla.first_response.breach_rate",
        "sla.first_response.time.p59",
        "54:10 \"sla.first_response.time.p59\" | unknown metric `sla.first_response.time.p59` | did you mean \
         `sla.first_response.time.p95`, `sla.first_response.time.p50`, `sla.first_response.time.p90`?",
    );
    check(
        "\"sla.first_response.breach_rate\"",
        "'sla.first_response.breach_rate{channel=\"chta\"}'",
        "54:10 'sla.first_response.breach_rate{channel=\"chta\"}' | unknown channel `chta` | did you mean `chat`?",
    );
    check(
        "user = \"support-3\"",
        "user = \"support-4\"",
        "51:45 \"support-4\" | no user is called `support-4` | did you mean `support-1`?",
    );
    check(
        "disable_user",
        "disable_usr",
        "51:8 disable_usr | no command is called `disable_usr` | did you mean `disable_user`?",
    );
    check(
        "timezone = \"Europe/Berlin\"",
        "timezone = \"Europe/Berln\"",
        "8:12 \"Europe/Berln\" | there is no time zone `Europe/Berln` | did you mean `Europe/Berlin`?",
    );
}

#[test]
fn two_of_a_name() {
    check(
        "[status.Lunch]",
        "[status.\" LUNCH\"]\nconnection = \"inactive\"\n[status.Lunch]",
        "12:9 Lunch | two statuses are called `Lunch` | give this one another name",
    );
    check(
        "[status.Lunch]",
        "[status.\"away \"]\nconnection = \"inactive\"\n[status.Lunch]",
        "10:9 \"away \" | two statuses are called `away` | give this one another name",
    );
    check(
        "[agent.lead]",
        "[agent.support-2]\n[agent.lead]",
        "32:8 support-2 | two agents are called `support-2` | rename one of the two tables: several people of a table are \
         called NAME-1, NAME-2, …",
    );
    check(
        "choices = [\"payment\", ",
        "choices = [\"payment\", \"delivery\", ",
        "15:35 \"delivery\" | two choices are called `delivery` | remove or rename one",
    );
    check(
        "[customer.shopper]",
        "[policy.sticky]\nkeys = [\"open\"]\n[customer.shopper]",
        "41:9 sticky | there is a ready-made policy `sticky` | give yours another name",
    );
    check(
        "[field.category]",
        "[field.queue_s]\ntype = \"number\"\n[field.category]",
        "13:8 queue_s | `queue_s` is a field of the system | give the custom field another name",
    );
}

#[test]
fn rules_of_the_desk() {
    let eight: String = (1..8).map(|n| format!("[status.s{n}]\nconnection = \"inactive\"\n")).collect();
    check("[field.category]", &format!("{eight}[field.category]"), "25:9 s7 | an eighth custom status | remove one");
    check(
        "connection = \"inactive\"",
        "connection = \"connected\"\nassignable = false",
        "12:14 false | a connected status that is not assignable | write connection = \"inactive\", or assignable = true",
    );
    check(
        "reply = [\"support\", \"lead\"]",
        "reply = [\"lead\"]",
        "36:47 [\"support\"] | round robin over people of whom none may reply on `chat` | add the group to the channel's \
         `reply`, or leave `reply` out",
    );
    check(
        "[agent.support]\ncount = 3\ngroups = [\"support\"]",
        "[agent.support]\ncount = 3",
        "35:48 \"support\" | nobody is in group `support` | put agents into it with groups = [\"support\"], or leave it out here",
    );
    check(
        "groups = [\"support\"] }",
        "groups = [] }",
        "36:47 [] | round robin over no groups | name the groups whose users are assigned tickets: groups = [\"support\"]",
    );
    check("max_open = 4", "max_open = 0", "37:22 0 | 0 is too small | write 1 or more");
    check(
        "{ rule = \"round_robin\", groups = [\"support\"] }",
        "{ groups = [\"support\"], policy = \"least_open\", by_wait_time = true }",
        "36:47 \"least_open\" | by_wait_time together with a policy | keep one of the two; by_wait_time = true is policy = \"wait_time\"",
    );
    check(
        "escalate_to = \"lead\" }",
        "escalate_to = \"lead\", clock = \"business_hours\" }",
        "38:62 \"business_hours\" | a clock of business hours, and there are none | add business_hours = { \"mon-fri\" = \
         [\"09:00-18:00\"] } to [desk]",
    );
    check(
        "limit = { max_open = 4 }",
        "limit = { max_open = 4 }\nqueue = { order = \"aged\" }",
        "38:19 \"aged\" | `head_start` is missing | add `head_start = …`: how much earlier a point of priority makes the \
         wait start, such as \"90s\"",
    );
    let fields: String = (0..64).map(|n| format!("[field.f{n}]\ntype = \"text\"\n")).collect();
    check(
        "[group.support]",
        &format!("{fields}[group.support]"),
        "143:8 f63 | more than 64 custom fields | remove fields, or make several into choices of one",
    );
}

#[test]
fn time() {
    check("\"1d\"", "\"0s\"", "5:12 \"0s\" | a run of no time at all | write a duration above zero: \"1d\"");
    check("\"1d\"", "\"-1d\"", "5:12 \"-1d\" | `-1d` is negative | write a duration of zero or more: \"0s\", \"15m\"");
    check(
        "\"1d\"",
        "\"900y\"",
        "5:12 \"900y\" | `900y` is too long, or in months or years | write up to \"36500d\", in d, h, m and s",
    );
    check(
        "\"1d\"",
        "\"soon\"",
        "5:12 \"soon\" | `soon` is not a duration | write a number with a unit: \"90s\", \"15m\", \"1h30m\", \"2d\"",
    );
    check(
        "duration = \"1d\"",
        "duration = \"1d\"\nwarmup = \"1d\"",
        "6:10 \"1d\" | a warm-up that is not shorter than the run | nothing would be left to measure: shorten it, or lengthen the run",
    );
    check(
        "duration = \"1d\"",
        "duration = \"1d\"\nwarmup = \"automatic\"",
        "6:10 \"automatic\" | `automatic` is not a duration | write a number with a unit: \"90s\", \"15m\", \"1h30m\", \"2d\"",
    );
    check(
        "duration = \"1d\"",
        "duration = \"1d\"\nreplications = 3\nbatches = 20",
        "7:11 20 | batches of more than one replication | keep one: batches, or replications (or precision)",
    );
    check("duration = \"1d\"", "duration = \"1d\"\nbatches = 5", "6:11 5 | 5 is too small | write 20 or more");
    let precision = |more: &str, expected: &str| {
        let text = format!("duration = \"1d\"\nprecision = {{ metric = \"queue.wait.mean\", {more} }}");
        check("duration = \"1d\"", &text, expected);
    };
    precision(
        "relative = 0.1, absolute = 3, at_most = 9",
        "6:70 3 | a precision both relative and absolute | keep one: relative is a share of the mean, absolute is in the \
         metric's unit",
    );
    precision(
        "at_most = 9",
        "6:24 \"queue.wait.mean\" | a precision that does not say how precise | add relative = 0.02 (a share of the mean) or \
         absolute = 0.5 (in the metric's unit)",
    );
    precision("absolute = 0, at_most = 9", "6:54 0 | 0 is not above zero | write a number above zero");
    check(
        "at = \"12:30\"",
        "at = \"17:15\"",
        "23:36 \"17:15\" | a break outside its shift | the shift goes from 09:00 to 17:30; end the break before that",
    );
    check(
        "hours = \"09:00-17:30\"",
        "hours = \"9-17\"",
        "22:9 \"9-17\" | `9-17` are no hours | write two times of day: \"09:00-18:00\"",
    );
    check(
        "days = \"mon-fri\"",
        "days = \"mo-fr\"",
        "21:8 \"mo-fr\" | `mo-fr` are no weekdays | write days as \"mon-fri\", \"sat,sun\" or \"mon\"",
    );
    check(
        "per_hour = 40",
        "per_hour = { \"mon-fri\" = 1, \"fri\" = 2 }",
        "43:42 \"fri\" | a weekday stands in two sets | name every weekday once; days not named have none",
    );
    check(
        "per_hour = 40",
        "per_hour = [1, 2, 3, 4, 5, 6, 7]",
        "43:25 [1, 2, 3, 4, 5, 6, 7] | 7 numbers do not divide the day evenly | give 24 numbers for hours, 48 for half \
         hours, 96 for quarter hours, or another divisor of 1440",
    );
    check("per_hour = 40", "every = \"0s\"", "43:22 \"0s\" | an arrival every 0s | write a duration above zero");
}

#[test]
fn shares_weights_and_distributions() {
    check(
        "reply_delay = \"5m\"",
        "reply_delay = \"5m\"\nsilent = 5",
        "47:10 5 | 5 is not a share | shares go from 0 to 1: 5 % is 0.05",
    );
    check(
        "payment = 0.4, delivery = 0.6",
        "payment = 0, delivery = 0",
        "47:23 { payment = 0, delivery = 0 } | no value of `category` has a weight | write { value = weight, … } with some weight above zero",
    );
    check("payment = 0.4", "payment = -0.4", "47:35 -0.4 | -0.4 is negative | write zero or more");
    check(
        "reply_delay = \"5m\"",
        "reply_delay = { empirical = { values = [\"1m\", \"2m\"], weights = [1] } }",
        "46:64 [1] | weights that do not fit | give every value one weight",
    );
    check(
        "slowdown = [1.0, 1.6]",
        "slowdown = [1.0]",
        "30:12 [1.0] | 1 factors for 2 at a time | list 2, the first for one reply at a time, or change `concurrency`",
    );
    check("lognormal", "lognorml", "44:17 lognorml | unknown distribution `lognorml` | did you mean `lognormal`?");
    check(
        "mean = \"4m\", cv = 0.9",
        "mean = \"4m\", cv = 0.9, vc = 1",
        "44:54 vc | unknown parameter `vc` | did you mean `cv`?",
    );
    check("{ geometric = { mean = 2.2 } }", "65536", "45:11 65536 | 65536 is too large | write 65535 or less");
    for law in ["geometric", "poisson"] {
        check(
            "{ geometric = { mean = 2.2 } }",
            &format!("{{ {law} = {{ mean = 1001 }} }}"),
            &format!(
                "45:11 {{ {law} = {{ mean = 1001 }} }} | a number of replies that cannot be: its mean must be at most 1000; 1001 \
                 is not | write a smaller mean"
            ),
        );
    }
    check(
        "reply_delay = \"5m\"\n",
        "",
        "45:11 { geometric = { mean = 2.2 } } | `reply_delay` is missing | add how long they take to answer, such as \
         reply_delay = { exponential = { mean = \"10m\" } }",
    );
    check(
        "handle_time = { lognormal = { mean = \"4m\", cv = 0.9 } }",
        "handle_time = \"never\"",
        "44:15 \"never\" | work that never ends | write a duration or a distribution with a mean",
    );
}

/// What is reckoned from them must read back from results.
#[test]
fn numbers_that_are_too_large() {
    let words = |number: &str| format!("{number} is too large | write an ordinary number");
    for number in ["1e200", "-1e200", "2e18", "9223372036854775807"] {
        let shown = format!("{:e}", number.parse::<f64>().unwrap());
        check("cv = 0.9", &format!("cv = {number}"), &format!("44:49 {number} | {}", words(&shown)));
    }
    assert_eq!(problems_of(&RIGHT.replace("per_hour = 40", "per_hour = 1e6"), &[]), Vec::<String>::new());
}

#[test]
fn everything_is_said_at_once() {
    let text = RIGHT
        .replace("count = 3", "count = 0")
        .replace("max_open = 4", "max_opne = 4")
        .replace("channel = \"chat\"", "channel = \"chta\"")
        .replace("at_most = 0.1", "")
        .replace("12:30", "25:30");
    assert_eq!(
        problems_of(&text, &["run.duration=0s"]),
        [
            "23:36 \"25:30\" | `25:30` is not a time of day | write hours and minutes, from \"00:00\" to \"23:59\"",
            "26:9 0 | 0 is too small | write 1 or more",
            "37:11 max_opne | unknown key `max_opne` | did you mean `max_open`?",
            "42:11 \"chta\" | unknown channel `chta` | did you mean `chat`?",
            "54:10 \"sla.first_response.breach_rate\" | an expectation that expects nothing | add at_most, at_least, within = \
             { of_baseline = … }, no_worse_than_baseline = { margin = … } or same_as_baseline = { margin = … }",
            "1:14 0s | a run of no time at all | write a duration above zero: \"1d\"",
        ]
    );
}

#[test]
fn whole_scenarios_say_what_they_need() {
    assert_eq!(
        problems_of("", &[]),
        [
            "1:1  | `schema` is missing | add `schema = …`: the version of the format, 1",
            "1:1  | `title` is missing | add `title = …`: what the scenario is called in reports",
            "1:1  | [run] is missing | add a table [run] with a duration: duration = \"1d\"",
            "1:1  | nobody writes: there is no [customer.NAME] | add a class of customers with a channel, arrivals and a handle_time",
        ]
    );
    assert!(load(&Source::new("desk.toml", ""), &[], Part::Desk).is_ok());
    check("schema = 1", "schema = 2", "1:10 2 | 2 is too large | write 1 or less");
}

#[test]
fn sets_change_values_and_say_where_they_lead_nowhere() {
    assert_eq!(problems_of(RIGHT, &["agent.support.count=5", "channel.*.limit.max_open=2", "run.seed=9"]), [""; 0]);
    let check = |set: &str, expected: &str| assert_eq!(problems_of(RIGHT, &[set]), [expected], "{set}");
    check(
        "agent.suport.count=5",
        "1:7 suport | the path `agent.suport.count` matches nothing | did you mean `agent.support.count`?",
    );
    check("channel.chat.limt.max_open=5", "1:14 limt | unknown key `limt` | did you mean `limit`?");
    check("channel.chat.limit.max_open=0", "1:29 0 | 0 is too small | write 1 or more");
    let name =
        |text: &str| load(&Source::new("desk.toml", text), &["title=x=1".to_owned()], Part::Whole).unwrap().model.title;
    assert_eq!(name(RIGHT), "x=1");
}

#[test]
fn variants_and_sweeps_are_tried() {
    let more = |text: &str| problems_of(&format!("{RIGHT}\n{text}"), &[]);
    assert_eq!(
        more("[variant.a]\n\"channel.chat.limit.max_open\" = 2\n[sweep]\n\"agent.support.count\" = [3, 4]"),
        [""; 0]
    );
    assert_eq!(
        more("[variant.a]\n\"chanel.chat.limit.max_open\" = 2"),
        [
            "58:2 chanel | the path `chanel.chat.limit.max_open` matches nothing | did you mean `channel.chat.limit.max_open`?"
        ]
    );
    assert_eq!(
        more("[sweep]\n\"agent.support.count\" = [2, 3, 0]"),
        [
            "58:32 0 | 0 is too small | write 1 or more",
            // With two of them, there is no support-3 to disable.
            "51:45 \"support-3\" | no user is called `support-3` | did you mean `support-1`?",
        ]
        .map(str::to_owned)
        .into_iter()
        .rev()
        .collect::<Vec<_>>()
    );
}

#[test]
fn a_case_carries_its_desk_inside() {
    let case = "rules = [\"CAP-1\"]\n[scenario.group.support]\n[scenario.agent.ana]\ngroups = [\"suport\"]\n[[step]]\n";
    let problems = load_at(&Source::new("case.toml", case), &["scenario"], &[], Part::Desk).unwrap_err();
    assert_eq!(shown(&problems), ["4:11 \"suport\" | unknown group `suport` | did you mean `support`?"]);
    let problems = load_at(&Source::new("case.toml", "rules = []"), &["scenario"], &[], Part::Desk).unwrap_err();
    assert_eq!(shown(&problems), ["1:1  | [scenario] is missing | add a table [scenario]"]);
    let rendered = problems.render(false);
    assert!(rendered.contains("case.toml:1:1") && rendered.contains("help: add a table [scenario]"), "{rendered}");
}

/// The warnings of the right scenario with one text in another's place.
/// The right scenario, whose event is an admin's (USR-4): nothing is to be warned of.
fn by_an_admin() -> String {
    RIGHT.replacen("[agent.lead]", "[agent.lead]\nrole = \"admin\"", 1)
}

#[track_caller]
fn warnings(from: &str, to: &str) -> Vec<String> {
    assert!(RIGHT.contains(from), "{from}");
    let scenario = load(&Source::new("desk.toml", by_an_admin().replacen(from, to, 1)), &[], Part::Whole);
    let scenario = scenario.unwrap_or_else(|problems| panic!("{problems}"));
    scenario.warnings.iter().map(|problem| format!("{} | {}", problem.title, problem.help)).collect()
}

#[test]
fn a_view_that_leaves_out_who_may_reply_is_told() {
    let left_out = |who: &str| {
        format!(
            "{who} may reply or manage on `chat`, and not view it | add them or their group to `view`, or leave `view` \
             out: who may reply or manage may then view"
        )
    };
    let reply = "reply = [\"support\", \"lead\"]";
    assert_eq!(warnings(reply, reply), [""; 0]);
    assert_eq!(warnings(reply, &format!("{reply}\nview = [\"support\", \"leads\"]")), [""; 0], "CHN-1: by the group");
    assert_eq!(warnings(reply, &format!("{reply}\nview = [\"support\"]")), [left_out("`lead`")], "CHN-1");
    assert_eq!(warnings(reply, &format!("{reply}\nview = []")), [left_out("`support-1` and 3 more")]);
}

#[test]
fn business_hours_that_nothing_goes_by_are_told() {
    let hours = |rest: &str| {
        let rest = format!("business_hours = {{ \"mon-fri\" = \"09:00-17:00\" }}\n{rest}");
        let right = by_an_admin();
        let text = right.replacen("[status.Lunch]", &format!("[desk]\n{rest}\n[status.Lunch]"), 1);
        let desk = right.contains("[desk]");
        let text = if desk { right.replacen("[desk]\n", &format!("[desk]\n{rest}\n"), 1) } else { text };
        let scenario = load(&Source::new("desk.toml", text), &[], Part::Whole);
        let warnings = scenario.unwrap_or_else(|problems| panic!("{problems}")).warnings;
        warnings.iter().map(|problem| problem.title.clone()).collect::<Vec<String>>()
    };
    assert_eq!(hours(""), ["business hours that nothing goes by"], "SLA-16");
    assert_eq!(hours("clock = \"business_hours\""), [""; 0]);
    assert_eq!(hours("outside_business_hours_message = \"Closed.\""), [""; 0]);
}

/// The problems of the right scenario with arrivals from a file of this text.
fn arrivals(csv: &str) -> Vec<String> {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("arrivals.csv"), csv).unwrap();
    let text = RIGHT.replace("per_hour = 40", "file = \"arrivals.csv\"");
    let source = Source::new(folder.path().join("desk.toml").display().to_string(), text);
    match load(&source, &[], Part::Whole) {
        // The event of `RIGHT` is by somebody who is no admin, which is another matter.
        Ok(scenario) => {
            let titles = scenario.warnings.iter().map(|problem| format!("warning: {}", problem.title));
            titles.filter(|title| !title.contains("is no admin")).collect()
        }
        Err(problems) => {
            let in_csv = |problem| problems.position(problem).unwrap().name.ends_with("arrivals.csv");
            assert!(problems.iter().all(in_csv) || csv.lines().count() < 2 || !csv.contains("at"), "{problems}");
            shown(&problems)
        }
    }
}

#[test]
fn arrival_files() {
    assert_eq!(
        arrivals("at,handle_time,patience,replies,priority,field.category\n0,,,,,\n1.5,2m,never,3,-2,payment\n"),
        [""; 0]
    );
    assert_eq!(arrivals("at\n2026-03-02T08:00:00\n2026-03-02 09:30:00\n"), [""; 0]);
    assert_eq!(arrivals("at\n2026-03-09T08:00:00\n"), ["warning: no arrival of `arrivals.csv` falls into the run"]);
    check(
        "per_hour = 40",
        "file = \"nowhere.csv\"",
        "43:21 \"nowhere.csv\" | `nowhere.csv` cannot be read | paths start at the scenario file: this one means nowhere.csv",
    );
    assert_eq!(
        arrivals(""),
        [
            "43:21 \"arrivals.csv\" | `arrivals.csv` is empty | its first line names the columns, and each line after it is a row"
        ]
    );
    assert_eq!(
        arrivals("at\n"),
        ["43:21 \"arrivals.csv\" | `arrivals.csv` holds no arrivals | each line after the first is an arrival"]
    );
    assert_eq!(
        arrivals("at,priority\n7,1\n5,1\n9,high\n,1\n"),
        [
            "3:1 5 | arrivals out of order | sort the rows by `at`",
            "4:3 high | `high` does not fit the column `priority` | write a whole number from -400 to 400",
            "5:1  | `` does not fit the column `at` | write seconds from the start, or a civil date and time such as 2026-03-02T09:00:00",
        ]
    );
    assert_eq!(
        arrivals("at,handel_time,field.topic\n7,1,x\n"),
        [
            "1:4 handel_time | unknown column `handel_time` | did you mean `handle_time`?",
            "1:16 field.topic | unknown field `topic` | there is only `category`",
        ]
    );
    assert_eq!(
        arrivals("at,field.category\n7,mony\n8,payment,1\n"),
        [
            "2:3 mony | `mony` does not fit the column `field.category` | write a value that fits the field's type (TIC-11)",
            "3:11 1 | a row with 3 cells under 2 columns | give every cell a column; decimals take a point, not a comma",
        ]
    );
    assert_eq!(
        arrivals("when\n7\n"),
        [
            "1:1 when | there is no column `at` | there is only `when`",
            "1:1 when | unknown column `when` | the columns are `at`, `handle_time`, `patience`, `replies`, `priority`",
        ]
    );
}

#[test]
fn rosters_and_samples_come_from_files_too() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(
        folder.path().join("roster.csv"),
        "agent,start,end\nsupport-1,0,3600\nsupport-2,0,60\nsupport-3,10,20\nsuport-1,1,2\nsupport-1,60,90\n",
    )
    .unwrap();
    fs::write(folder.path().join("samples.csv"), "s,t\n1.5,x\n2m,\n").unwrap();
    let text = RIGHT
        .replace("shift = \"day\"", "roster = \"roster.csv\"")
        .replace("reply_delay = \"5m\"", "reply_delay = { empirical = { file = \"samples.csv\", column = \"s\" } }\nwrap_up = { empirical = { file = \"samples.csv\", column = \"t\" } }");
    let source = Source::new(folder.path().join("desk.toml").display().to_string(), text);
    let problems = load(&source, &[], Part::Whole).unwrap_err();
    let mut shown = shown(&problems);
    shown.sort();
    assert_eq!(
        shown,
        [
            "2:5 x | `x` does not fit the column `t` | write a number of zero or more, or a duration such as 15m",
            "5:1 suport-1 | unknown agent `suport-1` | did you mean `support-1`?",
            "6:11 60 | spells of `support-1` overlap or are out of order | sort an agent's rows by `start`, and join those that overlap",
        ]
    );
}

#[test]
fn the_page_of_problems_shows_file_place_text_and_way_out() {
    let text = RIGHT.replace("timezone = \"Europe/Berlin\"", "timezone = \"Europe/Berln\"");
    let problems = load(&Source::new("desks/shop.toml", text), &[], Part::Whole).unwrap_err();
    let expected = r#"error: there is no time zone `Europe/Berln`
 --> desks/shop.toml:8:12
  |
8 | timezone = "Europe/Berln"
  |            ^^^^^^^^^^^^^^ no such time zone
  |
  = help: did you mean `Europe/Berlin`?
"#;
    assert_eq!(problems.render(false), expected);
    assert!(problems.render(true).contains("\u{1b}["), "colour only where it is asked for");
}

#[test]
fn expectations_that_cannot_be_meant() {
    let expect = |lines: &str| {
        let wrong = format!("at_most = 0.1\n{lines}");
        let text = RIGHT.replace("at_most = 0.1\n", &wrong);
        problems_of(&text, &[])
    };
    let metric = "metric = \"sla.first_response.breach_rate\"\nat_most = 0.1\n";
    let replaced = |lines: &str| problems_of(&RIGHT.replace(metric, lines), &[]);
    assert_eq!(
        expect("on = \"ci_upper\"\nseverity = \"warning\"\nconfidence = 0.99\non_inconclusive = \"warn\"\n"),
        [""; 0]
    );
    assert_eq!(
        expect("[check]\nconfidence = 0.9\nmax_replications = 80\non_inconclusive = \"pass\"\nexact = true\n"),
        [""; 0]
    );
    assert_eq!(
        expect("at_least = 0.2\n"),
        ["56:12 0.2 | at least 0.2 and at most 0.1: no value is both | swap them, or leave one out"]
    );
    assert_eq!(
        expect("on = \"median\"\n"),
        [
            "56:6 \"median\" | `median` is not one of \"mean\", \"ci_upper\", \"ci_lower\", \"worst_replication\" | did you \
             mean `mean`?"
        ]
    );
    assert_eq!(expect("confidence = 95\n"), ["56:14 95 | 95 is no confidence | write 0.95 for 95 %"]);
    assert_eq!(
        expect("[check]\nconfidence = 1\n"),
        ["57:14 1 | 1 is no confidence | write a number from 0.5 up to, and not quite, 1"]
    );
    assert_eq!(
        replaced("metric = \"sla.first_response.breach_rate\"\nat_most = 20\n"),
        ["55:11 20 | 20 is no share: `sla.first_response.breach_rate` lies between 0 and 1 | for 20 % write 0.2"]
    );
    assert_eq!(
        replaced("metric = \"tickets.created\"\nno_worse_than_baseline = { margin = 1 }\n"),
        [
            "55:26 { margin = 1 } | of `tickets.created` neither more nor less is better | write same_as_baseline = { margin = … } \
             or within = { of_baseline = … }"
        ]
    );
    assert_eq!(
        replaced("metric = \"queue.wait.mean\"\nsame_as_baseline = { margin = -1 }\n"),
        ["55:31 -1 | -1 is negative | write zero or more"]
    );
    assert_eq!(
        replaced("metric = \"queue.wait.mean\"\non = \"ci_upper\"\nwithin = { of_baseline = 1 }\n"),
        [
            "55:6 \"ci_upper\" | `on` says what a limit is for, and there is none | add at_most or at_least, or leave `on` out: a \
             baseline is compared replication by replication"
        ]
    );
}
