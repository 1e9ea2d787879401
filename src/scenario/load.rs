//! From a text to a scenario that can run.

use super::diagnostic::{Problems, Report};
use super::document::{Key, Node, Value, parse};
use super::lower::{Change, Lowered, Lowering, Precision, SweepAxis, Variant, Vocabulary};
use super::overrides;
use super::read::Read;
use super::schema;
use super::source::{Place, Source};
use crate::desk::{Assignment, NAMED, Policy};
use crate::experiment::check::{Expectation, Gate};
use crate::experiment::staffing::StaffPlan;
use crate::simulation::Model;
use std::path::PathBuf;

/// How much of a scenario there must be.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Part {
    /// All that a run needs.
    Whole,
    /// The desk, for cases and logs: `schema`, `title`, `[run]` and `[customer]` may be left out, and groups may be empty.
    Desk,
}

/// A scenario, made ready.
#[derive(Clone, Debug)]
pub struct Scenario {
    /// What runs.
    pub model: Model,
    /// Reads channel settings at any time of the desk's life.
    pub vocabulary: Vocabulary,
    /// Whether to repeat until a metric is known well enough.
    pub precision: Option<Precision>,
    /// What `check` holds the results to.
    pub expectations: Vec<Expectation>,
    /// How it does so.
    pub gate: Gate,
    /// The grid of `sweep`.
    pub sweep: Vec<SweepAxis>,
    /// What `staff` is asked.
    pub staff: Option<StaffPlan>,
    /// The variants of `compare`.
    pub variants: Vec<Variant>,
    /// The files that it names, those of its variants and sweeps included.
    pub files: Vec<PathBuf>,
    /// What is likely not meant, and hinders nothing.
    pub warnings: Problems,
}

impl Scenario {
    /// The names of all policies: the scenario's own, then the ready-made ones.
    pub fn policy_names(&self) -> impl Iterator<Item = &str> + Clone {
        self.vocabulary.policy_names().chain(NAMED.iter().map(|(name, _)| *name))
    }

    /// The changes, as [`load`] takes them, that give a policy to every channel that assigns automatically; none where no
    /// channel does.
    pub fn policy_sets(&self, policy: &str) -> Vec<String> {
        let (settings, names) = (&self.model.settings, &self.model.names);
        let wait_time = Policy::named("wait_time");
        let mut sets = Vec::new();
        for (channel, name) in settings.channels.iter().zip(names.channel_names()) {
            let Assignment::RoundRobin { policy: own, .. } = &channel.assignment else { continue };
            let path = format!("channel.{}.assignment", overrides::segment(name));
            // `by_wait_time = true` would stand against it.
            if wait_time.as_ref() == Some(own) {
                sets.push(format!("{path}.by_wait_time=false"));
            }
            sets.push(format!("{path}.policy={}", toml_text(policy)));
        }
        sets
    }
}

pub(super) fn toml_text(text: &str) -> String {
    Node { place: Place::NONE, value: Value::Text(text.to_owned()) }.to_toml()
}

/// Loads a scenario, with changes `PATH=VALUE` applied to it in order.
///
/// # Errors
/// Everything that is wrong with it.
pub fn load(source: &Source, sets: &[String], part: Part) -> Result<Scenario, Problems> {
    load_at(source, &[], sets, part)
}

/// Loads the scenario that stands in a table of a document, such as `["scenario"]` of a case; problems point into the document.
///
/// # Errors
/// Everything that is wrong with it.
pub fn load_at(source: &Source, table: &[&str], sets: &[String], part: Part) -> Result<Scenario, Problems> {
    let mut report = Report::default();
    let document = document(source, table, sets, &mut report);
    scenario(document.as_ref(), part, report)
}

/// A scenario's document with changes applied to it; `None` if there is none, which is then reported.
pub(super) fn document(source: &Source, table: &[&str], sets: &[String], report: &mut Report) -> Option<Node> {
    let Some(mut document) = inner(parse(source.clone(), report)?, table) else {
        let path = table.join(".");
        report.error(Place::NONE, format!("[{path}] is missing"), "", format!("add a table [{path}]"));
        return None;
    };
    for set in sets {
        overrides::apply(&mut document, set, report);
    }
    Some(document)
}

/// The scenario of a document, if nothing was or is reported.
pub(super) fn scenario(document: Option<&Node>, part: Part, mut report: Report) -> Result<Scenario, Problems> {
    let Some(document) = document else {
        return Err(report.finish().expect_err("what is not there is reported"));
    };
    let lowered = lower(document, part, &mut report);
    if report.errors() == 0 {
        check_changes(document, &lowered.goals.changes, part, &mut report);
    }
    let files = report.files();
    let warnings = report.finish()?;
    let Lowered { model, vocabulary, goals } = lowered;
    Ok(Scenario {
        model,
        vocabulary,
        precision: goals.precision,
        expectations: goals.expectations,
        gate: goals.gate,
        sweep: goals.sweep,
        staff: goals.staff,
        variants: goals.variants,
        files,
        warnings,
    })
}

fn inner(node: Node, path: &[&str]) -> Option<Node> {
    let mut node = node;
    for key in path {
        let Value::Table(table) = node.value else { return None };
        (_, node) = table.entries.into_iter().find(|(known, _)| known.name == *key)?;
    }
    Some(node)
}

/// Makes a document's scenario; it is of use only if nothing was reported.
pub(super) fn lower(document: &Node, part: Part, report: &mut Report) -> Lowered {
    let file = schema::Scenario::read(document, report);
    let file = file.unwrap_or_else(|| {
        let empty = Node { place: document.place, value: Value::Table(Default::default()) };
        schema::Scenario::read(&empty, report).expect("every key may be left out of the shape")
    });
    let world = world(document);
    Lowering::new(&file, part, report).run(&canonical(&world), &parts(&world))
}

/// Every variant and every value of a sweep must make a scenario, too.
pub(super) fn check_changes(document: &Node, changes: &[Vec<Change>], part: Part, report: &mut Report) {
    for changes in changes {
        let mut changed = document.clone();
        let before = report.errors();
        for change in changes {
            overrides::set_path(&mut changed, &change.path, change.place, &change.value, report);
        }
        if report.errors() == before {
            let warnings = report.warnings();
            lower(&changed, part, report);
            report.forget_warnings(warnings);
        }
        report.drop_repeated(before);
    }
}

/// What makes the simulated world, in one way of writing it down: comments, formatting and the order of settings do not show, nor do
/// titles, seeds, numbers of replications, expectations, variants and sweeps.
fn world(document: &Node) -> Vec<(&str, Node)> {
    const APART: [&str; 7] = ["schema", "title", "expect", "check", "variant", "sweep", "staff"];
    const REPETITION: [&str; 4] = ["seed", "replications", "precision", "batches"];
    let Value::Table(table) = &document.value else { return Vec::new() };
    let mut entries: Vec<_> = table.entries.iter().filter(|(key, _)| !APART.contains(&key.name.as_str())).collect();
    entries.sort_by(|(one, _), (other, _)| one.name.cmp(&other.name));
    let sorted = |(key, node): &(Key, Node)| {
        let mut node = node.clone();
        match &mut node.value {
            Value::Table(table) if key.name == "run" || key.name == "desk" => {
                table.entries.retain(|(key, _)| !REPETITION.contains(&key.name.as_str()));
                node.sort_keys();
            }
            // Names stand in an order that matters; what is said of each does not.
            Value::Table(table) => table.entries.iter_mut().for_each(|(_, node)| node.sort_keys()),
            _ => node.sort_keys(),
        }
        node
    };
    entries.into_iter().map(|entry| (entry.0.name.as_str(), sorted(entry))).collect()
}

/// The world as one text, which is hashed.
fn canonical(world: &[(&str, Node)]) -> String {
    let mut out = String::new();
    for (key, node) in world {
        out.push_str(key);
        out.push_str(" = ");
        out.push_str(&node.to_toml());
        out.push('\n');
    }
    out
}

/// The world by parts, so that two can be told apart: a path such as `channel.chat`, or the table alone for the order of its names.
fn parts(world: &[(&str, Node)]) -> Vec<(String, Node)> {
    let mut parts = Vec::new();
    for (key, node) in world {
        let Value::Table(table) = &node.value else {
            parts.push(((*key).to_owned(), node.clone()));
            continue;
        };
        if !matches!(*key, "run" | "desk") {
            let names =
                table.entries.iter().map(|(key, _)| Node { place: node.place, value: Value::Text(key.name.clone()) });
            parts.push(((*key).to_owned(), Node { place: node.place, value: Value::List(names.collect()) }));
        }
        parts.extend(table.entries.iter().map(|(name, node)| (format!("{key}.{}", name.name), node.clone())));
    }
    parts
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::desk::{Assignment, Grantee, GroupId, StatusId, UserId};
    use crate::time::Span;

    const DESK: &str = r#"
        schema = 1
        title = "Two channels"
        run = { duration = "2d" }
        desk = { on_reassign = "keep", business_hours = { "mon-fri" = "09:00-17:00" } }
        [group.support]
        [group.leads]
        [group.spare]
        [shift.day]
        hours = "09:00-17:00"
        [agent.ana]
        groups = ["support"]
        [agent.team]
        count = 3
        groups = ["leads", "support"]
        shift = "day"
        [agent.boss]
        role = "admin"
        [agent.extra]
        groups = ["spare"]
        [channel.chat]
        assignment = { groups = ["support"], overflow = [{ groups = ["spare"], after = "5m" }] }
        sla = { closure = "1d", escalate_to = "boss", clock = "business_hours" }
        weight = 0.5
        [channel.mail]
        view = ["team", "ana"]
        [customer.any]
        channel = "chat"
        arrivals = { per_hour = { "mon" = 3 } }
        handle_time = "1m"
    "#;

    fn loaded(text: &str, sets: &[&str]) -> Scenario {
        let sets: Vec<String> = sets.iter().map(|set| (*set).to_owned()).collect();
        load(&Source::new("desk.toml", text), &sets, Part::Whole).unwrap_or_else(|problems| panic!("{problems}"))
    }

    #[test]
    fn people_stand_in_listed_order_and_start_where_their_shift_says() {
        let Scenario { model, .. } = loaded(DESK, &[]);
        let names: Vec<&str> = (0..6).map(|user| model.names.user(UserId(user))).collect();
        assert_eq!(names, ["ana", "team-1", "team-2", "team-3", "boss", "extra"]);
        let statuses: Vec<StatusId> = model.settings.users.iter().map(|user| user.status).collect();
        let (here, off) = (StatusId::AVAILABLE, StatusId::OFFLINE);
        assert_eq!(statuses, [here, off, off, off, here, here]);
        let agents = &model.plan.agents;
        assert_eq!(agents.iter().map(|agent| agent.stagger_rank).collect::<Vec<_>>(), [0, 0, 1, 2, 1, 2]);
        assert_eq!(agents.iter().map(|agent| agent.works).collect::<Vec<_>>(), [true, true, true, true, false, true]);
        assert_eq!(agents[1].group, Some(GroupId(1)), "the first of their groups");
    }

    #[test]
    fn permissions_left_out_go_to_those_who_get_the_tickets() {
        let Scenario { model, .. } = loaded(DESK, &[]);
        let [chat, mail] = &model.settings.channels[..] else { panic!("two channels") };
        let theirs = [Grantee::Group(GroupId(0)), Grantee::Group(GroupId(2)), Grantee::User(UserId(4))];
        assert_eq!((&chat.view[..], &chat.reply[..], &chat.manage[..]), (&theirs[..], &theirs[..], &theirs[..]));
        assert!(matches!(mail.assignment, Assignment::Manual));
        assert_eq!(mail.view, [1, 2, 3, 0].map(|user| Grantee::User(UserId(user))), "a table is all of its people");
        assert_eq!(mail.reply, [0, 1, 2, 3, 4, 5].map(|user| Grantee::User(UserId(user))), "by hand: everybody");
    }

    #[test]
    fn channels_take_the_options_of_the_desk_unless_they_say_otherwise() {
        let Scenario { model, vocabulary, .. } = loaded(DESK, &[]);
        let chat = &model.settings.channels[0];
        assert_eq!((chat.weight_milli, chat.sla.business_hours), (500, true));
        assert_eq!(chat.sla.on_reassign, crate::desk::OnReassign::Keep);
        let json = serde_json::json!({ "sla": { "first_response": "5m" }, "limit": null, "reopen_within": null, "sticky": true });
        let change = vocabulary.channel_change(json.as_object().unwrap(), &model.names).unwrap();
        let sla = change.sla.unwrap();
        assert_eq!(
            (sla.first_response, sla.closure),
            (Some(Some(Span::from_secs(300))), None),
            "CHN-2: what is not named stays"
        );
        assert_eq!((sla.on_reassign, sla.business_hours), (None, None));
        assert_eq!(change.limit, Some(crate::desk::LimitChange::NONE));
        assert_eq!((change.reopen_within, change.sticky), (Some(None), Some(true)));
        assert_eq!((change.reply, change.assignment, change.priority), (None, None, None), "what is not named stays");
    }

    #[test]
    fn none_takes_a_setting_away_wherever_it_stands() {
        use crate::desk::{AssignmentChange, ChannelChange, LimitChange, QueueChange, SlaChange};
        let Scenario { model, vocabulary, .. } = loaded(DESK, &[]);
        let change = |json: serde_json::Value| {
            vocabulary.channel_change(json.as_object().unwrap(), &model.names).unwrap_or_else(|error| panic!("{error}"))
        };
        let empty = ChannelChange::default;
        for none in [serde_json::json!("none"), serde_json::Value::Null] {
            let nested =
                change(serde_json::json!({ "limit": { "scope": none }, "sla": { "closure": none, "clock": none } }));
            let limit = LimitChange { scope: LimitChange::NONE.scope, ..LimitChange::default() };
            let sla = SlaChange { closure: Some(None), business_hours: Some(false), ..SlaChange::default() };
            assert_eq!(nested, ChannelChange { limit: Some(limit), sla: Some(sla), ..empty() }, "CHN-2");
            let whole = change(serde_json::json!({ "assignment": none, "queue": none, "sla": none, "reply": none }));
            let sla = whole.sla.unwrap();
            assert_eq!(sla.on_reassign, Some(crate::desk::OnReassign::Keep), "what the desk says is in force again");
            assert_eq!((sla.first_response, sla.escalate_to), (Some(None), Some(None)));
            let whole = ChannelChange { sla: None, ..whole };
            let (assignment, queue) = (Some(AssignmentChange::none()), Some(QueueChange::NONE));
            assert_eq!(whole, ChannelChange { assignment, queue, reply: Some(None), ..empty() });
        }
        let empty_tables = change(serde_json::json!({ "assignment": {}, "limit": {}, "sla": {}, "queue": {} }));
        assert_eq!(empty_tables.assignment, Some(AssignmentChange::default()));
        assert_eq!((empty_tables.limit, empty_tables.sla), (Some(LimitChange::default()), Some(SlaChange::default())));
        let policy = change(serde_json::json!({ "assignment": { "by_wait_time": false } })).assignment.unwrap();
        assert_eq!(policy, AssignmentChange { policy: Some(None), ..AssignmentChange::default() });
        let both = change(serde_json::json!({ "assignment": { "by_wait_time": "none", "policy": "least_open" } }));
        assert_eq!(
            both.assignment.unwrap().policy,
            Some(crate::desk::Policy::named("least_open")),
            "what is named goes first"
        );
        // What there is no such setting of is reported like any other slip.
        for (json, path, message) in [
            (serde_json::json!({ "limt": "none" }), "limt", "unknown key `limt`"),
            (serde_json::json!({ "limit": { "max": null } }), "limit.max", "unknown key `max`"),
            (serde_json::json!({ "sla": { "target": "none" } }), "sla.target", "unknown key `target`"),
        ] {
            let error = vocabulary.channel_change(json.as_object().unwrap(), &model.names).unwrap_err();
            assert_eq!((error.path.join("."), error.message), (path.to_owned(), message.to_owned()));
        }
    }

    #[test]
    fn settings_that_do_not_fit_say_where() {
        let Scenario { model, vocabulary, .. } = loaded(DESK, &[]);
        let error = |json: serde_json::Value| {
            let error = vocabulary.channel_change(json.as_object().unwrap(), &model.names).unwrap_err();
            (error.path.join("."), error.message, error.help.unwrap())
        };
        let expect = |path: &str, message: &str, help: &str| (path.to_owned(), message.to_owned(), help.to_owned());
        assert_eq!(
            error(serde_json::json!({ "limit": { "max_open": 0 } })),
            expect("limit.max_open", "0 is too small", "write 1 or more")
        );
        assert_eq!(
            error(serde_json::json!({ "sla": { "escalate_to": "bos" } })),
            expect("sla.escalate_to", "unknown agent `bos`", "did you mean `boss`?")
        );
        assert_eq!(
            error(serde_json::json!({ "limits": {} })),
            expect("limits", "unknown key `limits`", "did you mean `limit`?")
        );
    }

    #[test]
    fn the_hash_is_of_the_simulated_world() {
        let hash = |text: &str, sets: &[&str]| loaded(text, sets).model.hash;
        let of_desk = hash(DESK, &[]);
        let rewritten = DESK
            .replace("schema = 1", "# Nothing but a comment.\nschema = 1")
            .replace("weight = 0.5\n", "")
            .replace("[channel.chat]\n", "[channel.chat]\nweight = 0.50\n")
            .replace("Two channels", "Renamed");
        assert_eq!(hash(&rewritten, &["run.seed=7", "run.replications=3"]), of_desk);
        for change in
            ["agent.team.count=4", "run.duration=3d", "channel.mail.sticky=true", "customer.any.handle_time=61s"]
        {
            assert_ne!(hash(DESK, &[change]), of_desk, "{change}");
        }
        let reordered =
            DESK.replace("[group.support]\n", "").replace("[group.spare]\n", "[group.spare]\n[group.support]\n");
        assert_ne!(hash(&reordered, &[]), of_desk, "listed order decides ties");
    }

    #[test]
    fn events_follow_the_statuses_that_events_make() {
        let with = |events: &str| {
            let text = format!("{DESK}\n{events}");
            load(&Source::new("desk.toml", text), &[], Part::Whole)
        };
        let event = |at: &str, command: &str| format!("[[event]]\nat = \"{at}\"\ndo = {{ {command} }}\n");
        let create = event("1h", "create_status = { by = \"boss\", name = \"Tea\", connection = \"inactive\" }");
        let select = event("2h", "set_status = { user = \"ana\", status = \"tea\" }");
        let scenario = with(&format!("{select}{create}")).unwrap_or_else(|problems| panic!("{problems}"));
        let last = scenario.model.plan.events.last().unwrap();
        let expected = crate::desk::Command::SetStatus { user: UserId(0), status: Some(StatusId(3)), more: false };
        assert_eq!(last.1, expected, "in order of time, not of the file");
        assert!(with(&select).is_err());
        let delete = event("90m", "delete_status = { by = \"boss\", name = \"Tea\" }");
        assert!(with(&format!("{create}{delete}{select}")).is_err());
        let close = event("2h", "close = { user = \"ana\", ticket = \"0000001\" }");
        let scenario = with(&close).unwrap_or_else(|problems| panic!("{problems}"));
        let crate::desk::Command::Close { ticket: Some(ticket), .. } = scenario.model.plan.events[0].1 else {
            panic!()
        };
        assert_eq!(ticket.number, 1, "which ticket bears the number is known as the run goes");
        for (ticket, words) in [("1", "a ticket's number is a text"), ("\"c1\"", "`c1` is no ticket's number")] {
            let close = event("2h", &format!("close = {{ user = \"ana\", ticket = {ticket} }}"));
            let problems = with(&close).unwrap_err().to_string();
            assert!(problems.contains(words), "{problems}");
        }
        let configure = event("2h", "configure_channel = { by = \"boss\", channel = \"chat\", limit = \"none\" }");
        let scenario = with(&configure).unwrap_or_else(|problems| panic!("{problems}"));
        assert_eq!(scenario.model.changes[0].limit, Some(crate::desk::LimitChange::NONE));
    }
}
