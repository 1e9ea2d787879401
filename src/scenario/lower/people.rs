//! Agents and customers.

use super::lowering::Lowering;
use crate::desk::{ChannelId, FieldId, FieldKind, FieldValue, FormId, Role, Settings, Skill, UserId};
use crate::kernel::{Count, Streams, Variate, VariateError};
use crate::scenario::diagnostic::help_with_name;
use crate::scenario::document::{Node, Value};
use crate::scenario::load::Part;
use crate::scenario::read::{Anything, Entry, Map, Whole};
use crate::scenario::schema;
use crate::scenario::source::{At, Place};
use crate::scenario::unit::{
    CountDistribution, CountForm, Distribution, Duration, Form, Hours, OneOrMore, Positive, Quantity, Share, Times,
    WeekRates, parse_date,
};
use crate::simulation::RunPlan;
use crate::simulation::limits::{self, grouped};
use crate::time::{Civil, Instant, Span, WeekdaySet};
use crate::workload::{
    Abandons, AgentPlan, Arrivals, BreakPlan, CustomerPlan, FieldPlan, Plan, Rates, Reopens, ShiftPlan, WorkOrder,
};
use rustc_hash::FxHashMap;
use std::sync::Arc;

/// More combinations of values of asked fields than this are not kept as forms.
const MOST_FORMS: usize = 65_536;

impl Lowering<'_> {
    /// Everybody. Fills in what users are better or worse at, too, which names channels and fields.
    pub(super) fn people(&mut self, civil: &Civil, run: &RunPlan, settings: &mut Settings) -> Plan {
        let shifts = self.shifts();
        let agents = self.agents(civil, &shifts, settings);
        let asked_fields = self.asked_fields(settings);
        let customers = self.customers(civil, run, settings, &asked_fields);
        Plan {
            civil: civil.clone(),
            customers,
            agents,
            shifts,
            events: Vec::new(),
            default_values: self.default_values(civil),
            asked_fields,
        }
    }

    fn shifts(&mut self) -> Vec<ShiftPlan> {
        let file = self.file;
        let mut shifts = Vec::new();
        for entry in file.shift.iter().flat_map(|shifts| &shifts.entries) {
            let Some(shift) = &entry.value else {
                shifts.push(ShiftPlan {
                    days: WeekdaySet::ALL,
                    hours: Vec::new(),
                    breaks: Arc::new([]),
                    late: None,
                    absence: 0.0,
                });
                continue;
            };
            let OneOrMore(hours) = &shift.hours;
            let mut hours = hours.clone();
            // Within one day the order of writing means nothing; past midnight it says what follows what.
            if hours.iter().all(|hours| hours.value.from < hours.value.to) {
                hours.sort_by_key(|hours| hours.value.from);
            }
            let hours = hours.as_slice();
            self.check_hours(hours);
            let breaks = self.breaks(shift.breaks.as_deref().unwrap_or_default(), Some(hours));
            shifts.push(ShiftPlan {
                days: shift.days.map_or(WeekdaySet::ALL, |days| days.value.0),
                hours: hours.iter().map(|hours| (hours.value.from, hours.value.to)).collect(),
                breaks,
                late: shift.late.as_ref().and_then(|late| self.variate(late)),
                absence: shift.absence.map_or(0.0, |Share(share)| share),
            });
        }
        shifts
    }

    /// Stretches of one shift must not overlap: nobody starts twice.
    fn check_hours(&mut self, hours: &[At<Hours>]) {
        if hours.is_empty() {
            return;
        }
        let first = hours[0].value;
        let mut busy = 0;
        for At { place, value } in hours {
            if value.from == value.to && value.from != jiff::civil::Time::midnight() {
                self.report.error(
                    *place,
                    "hours without length",
                    "",
                    "end later than the start; 00:00-24:00 is a whole day",
                );
                return;
            }
            let from = first.offset(value.from);
            if from < busy || from + value.length() > 86_400 {
                self.report.error(
                    *place,
                    "hours that overlap",
                    "overlaps other hours of the shift",
                    "list the hours of a day one after the other",
                );
                return;
            }
            busy = from + value.length();
        }
    }

    /// Breaks, which must lie within the hours where those are known.
    fn breaks(&mut self, given: &[schema::Break], hours: Option<&[At<Hours>]>) -> Arc<[BreakPlan]> {
        let mut breaks = Vec::with_capacity(given.len());
        for pause in given {
            let status = self.status(&pause.status);
            let Duration(length) = pause.r#for.value;
            if length == Span::ZERO {
                self.report.error(
                    pause.r#for.place,
                    "a break of 0s",
                    "",
                    "write a duration above zero, or remove the break",
                );
            }
            if let Some(hours) = hours {
                let within = hours.iter().any(|hours| {
                    let from = hours.value.offset(pause.at.value.0);
                    let length = length.as_micros().div_ceil(1_000_000);
                    from < hours.value.length() && length <= (hours.value.length() - from).cast_unsigned()
                });
                if !within && !hours.is_empty() {
                    let shown = &hours[0].value;
                    self.report.error(
                        pause.at.place,
                        "a break outside its shift",
                        format!("lasts {length}"),
                        format!(
                            "the shift goes from {} to {}; end the break before that",
                            shown.from.strftime("%H:%M"),
                            shown.to.strftime("%H:%M")
                        ),
                    );
                }
            }
            breaks.extend(status.map(|status| BreakPlan {
                status,
                at: pause.at.value.0,
                length,
                stagger: pause.stagger.map_or(Span::ZERO, |stagger| stagger.value.0),
            }));
        }
        breaks.into()
    }

    fn agents(&mut self, civil: &Civil, shifts: &[ShiftPlan], settings: &mut Settings) -> Vec<AgentPlan> {
        let file = self.file;
        let shift_index: FxHashMap<&str, usize> = file
            .shift
            .iter()
            .flat_map(|shifts| &shifts.entries)
            .enumerate()
            .map(|(index, entry)| (entry.name.value.as_str(), index))
            .collect();
        // Agents of one shift with the same breaks of their own take turns at breaks.
        let mut ranks: FxHashMap<(Option<usize>, String), u32> = FxHashMap::default();
        let mut agents = Vec::with_capacity(settings.users.len());
        let unset = AgentPlan {
            shift: None,
            roster: None,
            stagger_rank: 0,
            concurrency: 1,
            slowdown: Arc::new([1.0]),
            pace: Variate::constant(1.0),
            work_order: WorkOrder::OldestFirst,
            escalates: 0.0,
            breaks: Arc::new([]),
            proficiency: Arc::new([]),
            group: None,
            works: true,
            user: UserId(0),
        };
        for entry in file.agent.iter().flat_map(|agents| &agents.entries) {
            let Some(users) = self.vocabulary.table(&entry.name.value) else { continue };
            let mut plan = unset.clone();
            let mut own_breaks = String::new();
            if let Some(agent) = &entry.value {
                let shift = agent.shift.as_ref().and_then(|name| self.shift(name, &shift_index));
                if let (Some(_), Some(roster)) = (&agent.shift, &agent.roster) {
                    self.report.error(
                        roster.place,
                        "a roster together with a shift",
                        "a roster stands in place of a shift",
                        "keep one of the two",
                    );
                }
                let hours = file
                    .shift
                    .as_ref()
                    .and_then(|shifts| shifts.entries.get(shift?)?.value.as_ref())
                    .map(|shift| shift.hours.0.as_slice());
                let breaks = agent.breaks.as_deref().unwrap_or_default();
                if let Some(first) = breaks.first()
                    && agent.shift.is_none()
                {
                    self.report.error(
                        first.place,
                        "breaks of nobody's shift",
                        "breaks need a shift",
                        "add shift = \"…\", or remove the breaks",
                    );
                }
                plan.breaks = self.breaks(breaks, hours);
                if !plan.breaks.is_empty() {
                    own_breaks = format!("{:?}", plan.breaks);
                }
                plan.shift = shift.filter(|shift| *shift < shifts.len());
                (plan.concurrency, plan.slowdown) = self.slowdown(agent);
                plan.pace = match &agent.pace {
                    Some(pace) => self.factor(pace).unwrap_or_else(|| Variate::constant(1.0)),
                    None => Variate::constant(1.0),
                };
                plan.work_order = match agent.work_order {
                    Some(schema::WorkOrder::NewestFirst) => WorkOrder::NewestFirst,
                    Some(schema::WorkOrder::DeadlineFirst) => WorkOrder::DeadlineFirst,
                    Some(schema::WorkOrder::Random) => WorkOrder::Random,
                    Some(schema::WorkOrder::OldestFirst) | None => WorkOrder::OldestFirst,
                };
                plan.escalates = agent.escalates.map_or(0.0, |Share(share)| share);
                plan.proficiency = self.proficiency(agent.proficiency.as_ref()).into();
            }
            let rank = ranks.entry((plan.shift, own_breaks)).or_insert(0);
            for user in users {
                let id = UserId(user);
                let user = &mut settings.users[id.index()];
                user.proficiency = plan.proficiency.to_vec();
                plan.user = id;
                plan.group = user.groups.first().copied();
                plan.works = user.role == Role::Agent || !user.groups.is_empty();
                plan.stagger_rank = *rank;
                *rank += 1;
                agents.push(plan.clone());
            }
            if let Some(roster) = entry.value.as_ref().and_then(|agent| agent.roster.as_ref()) {
                self.rosters(roster, &entry.name, civil, &mut agents);
            }
        }
        agents
    }

    fn shift(&mut self, name: &At<String>, index: &FxHashMap<&str, usize>) -> Option<usize> {
        let found = index.get(name.value.as_str()).copied();
        if found.is_none() {
            let shifts = self.file.shift.iter().flat_map(|shifts| &shifts.entries);
            let known = shifts.map(|entry| entry.name.value.as_str());
            self.report.error(
                name.place,
                format!("unknown shift `{}`", name.value),
                "no shift has this name",
                help_with_name(&name.value, known, "the shifts", &format!("add [shift.{}]", name.value)),
            );
        }
        found
    }

    fn slowdown(&mut self, agent: &schema::Agent) -> (u16, Arc<[f64]>) {
        let concurrency = agent.concurrency.map_or(1, |At { value: Whole(concurrency), .. }| concurrency as u16);
        let Some(slowdown) = &agent.slowdown else {
            return (concurrency, vec![1.0; usize::from(concurrency)].into());
        };
        let factors: Vec<f64> = slowdown.value.iter().map(|Positive(factor)| *factor).collect();
        if factors.len() != usize::from(concurrency) && !agent.broken.contains(&"concurrency") {
            self.report.error(
                slowdown.place,
                format!("{} factors for {concurrency} at a time", factors.len()),
                "one factor for each number of replies in hand",
                format!("list {concurrency}, the first for one reply at a time, or change `concurrency`"),
            );
        }
        let mut factors = factors;
        factors.resize(usize::from(concurrency), 1.0);
        (concurrency, factors.into())
    }

    /// Factors by channel or by a field's value, which may be written `field=value` where several fields have it.
    fn proficiency(&mut self, given: Option<&Map<At<Positive>>>) -> Vec<(Skill, f64)> {
        let mut skills = Vec::new();
        for Entry { name, value } in given.iter().flat_map(|given| &given.entries) {
            let Some(At { value: Positive(factor), .. }) = *value else { continue };
            let mut found: Vec<(String, Skill)> = Vec::new();
            if let Some(channel) = self.names.find_channel(&name.value) {
                found.push((format!("the channel `{}`", name.value), Skill::Channel(channel)));
            }
            if let Some((field, value)) = name.value.split_once('=') {
                let field = At::new(name.place, field.trim().to_owned());
                if let Some(id) = self.field(&field)
                    && let Some(value) = self.value_from_text(id, &At::new(name.place, value.trim().to_owned()))
                {
                    skills.push((Skill::Value(id, value), factor));
                }
                continue;
            }
            for field in (0..self.names.field_count()).map(FieldId::at) {
                if let Some(choice) = self.names.find_choice(field, &name.value) {
                    let spelled = format!("\"{}={}\"", self.names.field(field), name.value);
                    found.push((spelled, Skill::Value(field, FieldValue::Choice(choice))));
                }
            }
            match found.as_slice() {
                [(_, skill)] => skills.push((*skill, factor)),
                [] => {
                    let mut known: Vec<&str> = (0..self.names.channel_count())
                        .map(|channel| self.names.channel(ChannelId::at(channel)))
                        .collect();
                    for (field, kind) in self.kinds.iter().enumerate() {
                        if let FieldKind::Choice(count) = kind {
                            known.extend((0..*count).map(|choice| self.names.choice(FieldId::at(field), choice)));
                        }
                    }
                    let help = help_with_name(
                        &name.value,
                        known.into_iter(),
                        "channels and choices",
                        "name a channel or a field's choice",
                    );
                    self.report.error(
                        name.place,
                        format!("neither a channel nor a choice is called `{}`", name.value),
                        "",
                        help,
                    );
                }
                several => {
                    let spelled: Vec<&str> = several.iter().map(|(spelled, _)| spelled.as_str()).collect();
                    self.report.error(
                        name.place,
                        format!("`{}` may mean several things", name.value),
                        spelled.join(" or "),
                        "write a field's value as \"field=value\", or rename one of them",
                    );
                }
            }
        }
        skills
    }

    fn asked_fields(&self, settings: &Settings) -> Vec<FieldId> {
        let fields = self.file.field.iter().flat_map(|fields| &fields.entries);
        fields
            .zip(&settings.fields)
            .enumerate()
            .filter(|(_, (entry, settings))| {
                let asked = entry.value.as_ref().and_then(|field| field.asked);
                asked.unwrap_or_else(|| settings.priority.iter().any(|points| *points != 0))
            })
            .map(|(index, _)| FieldId::at(index))
            .collect()
    }

    /// What agents write into fields that the customers' class says nothing about.
    fn default_values(&mut self, civil: &Civil) -> Vec<FieldValue> {
        let note = self.names.intern("-");
        let today = days_since_1970(civil.date(0));
        self.kinds
            .iter()
            .map(|kind| match kind {
                FieldKind::Text => FieldValue::Text(note),
                FieldKind::Number => FieldValue::Number(0.0),
                FieldKind::Choice(_) => FieldValue::Choice(0),
                FieldKind::Date => FieldValue::Date(today),
                FieldKind::Checkbox => FieldValue::Checkbox(true),
            })
            .collect()
    }

    /// The channel of that name, or a problem.
    pub(super) fn channel_named(&mut self, name: &At<String>) -> Option<ChannelId> {
        self.vocabulary.channel_named(name, &self.names, self.report)
    }

    fn customers(&mut self, civil: &Civil, run: &RunPlan, settings: &Settings, asked: &[FieldId]) -> Vec<CustomerPlan> {
        let file = self.file;
        let mut customers = Vec::new();
        let mut known = Vec::new();
        let errors = self.report.errors();
        // By channel, the least handle time of a class that writes there.
        let mut least: Vec<Option<Variate>> = vec![None; settings.channels.len()];
        for entry in file.customer.iter().flat_map(|customers| &customers.entries) {
            let Some(customer) = &entry.value else { continue };
            let fields = self.field_plans(customer.fields.as_ref());
            let forms = self.forms_of(&fields, asked, customer);
            let arrivals = self.arrivals(customer, &fields, asked, civil, run);
            let channel = self.channel_named(&customer.channel).unwrap_or(ChannelId(0));
            let replies = match &customer.replies {
                Some(replies) => self.count(replies),
                None => Count::constant(1).ok(),
            };
            if let Some(replies) = &customer.replies
                && replies.exceeds_one()
            {
                self.need_reply_delay(customer, replies.place);
            }
            let handle_time = self.variate(&customer.handle_time);
            if let Some(variate) = &handle_time
                && variate.mean().is_infinite()
            {
                self.report.error(
                    customer.handle_time.place,
                    "work that never ends",
                    "",
                    "write a duration or a distribution with a mean",
                );
            }
            let wrap_up = self.variate_or(customer.wrap_up.as_ref(), Variate::constant(0.0));
            if wrap_up.mean().is_infinite() {
                let place = customer.wrap_up.as_ref().map_or(Place::NONE, |wrap_up| wrap_up.place);
                self.report.error(place, "work that never ends", "", "write a duration or a distribution with a mean");
            }
            let reopens = customer.reopens.as_ref().and_then(|reopens| {
                let Share(probability) = reopens.probability;
                Some(Reopens { probability, after: self.variate(&reopens.after)? })
            });
            let at_start = settings.channels.get(channel.index()).is_some_and(|channel| channel.answers_at_start);
            let abandons = self.abandons(customer, at_start);
            let patience = self.variate_or(customer.patience.as_ref(), Variate::never());
            if let Some(handle_time) = handle_time.as_ref().filter(|_| !at_start) {
                self.check_answering(customer, abandons, &patience, handle_time);
                let shortest = least.get_mut(channel.index());
                if let Some(known) = shortest
                    && known.as_ref().is_none_or(|known| handle_time.mean() < known.mean())
                {
                    *known = Some(handle_time.clone());
                }
            }
            let plan = CustomerPlan {
                channel,
                arrivals,
                handle_time: handle_time.unwrap_or_else(Variate::never),
                wrap_up,
                replies: replies.unwrap_or_else(|| Count::constant(1).expect("1 is a count")),
                reply_delay: self.variate_or(customer.reply_delay.as_ref(), Variate::never()),
                patience,
                abandons,
                reopens,
                nudges: self.nudges(customer.nudges.as_ref()),
                spam: customer.spam.map_or(0.0, |Share(share)| share),
                silent: customer.silent.map_or(0.0, |Share(share)| share),
                consents: customer.consents.map_or(1.0, |Share(share)| share),
                consent_delay: self.variate_or(customer.consent_delay.as_ref(), Variate::constant(0.0)),
                fields,
                priority: customer.priority.map_or(0, |At { value: Whole(points), .. }| points as i16),
                forms,
            };
            let silence = settings.channels.get(plan.channel.index()).and_then(|channel| channel.close_after_silence);
            self.check_reopening(customer, &plan, silence);
            known.push((customer, customers.len()));
            customers.push(plan);
        }
        if self.part == Part::Whole && self.report.errors() == errors {
            self.check_arrivals(&known, &customers, civil, run);
        }
        for (channel, least) in least.iter().enumerate() {
            if let Some(handle_time) = least {
                self.check_target(ChannelId::at(channel), handle_time);
            }
        }
        customers
    }

    /// What patience is lost over; where people are picked up as work starts, that is what they wait for (TIC-12).
    fn abandons(&mut self, customer: &schema::Customer, at_start: bool) -> Abandons {
        match (customer.abandons.map(|abandons| (abandons.value, abandons.place)), at_start) {
            (Some((schema::Abandons::Queue, place)), true) => {
                self.report.error(
                    place,
                    "patience that ends with the queue, where people are picked up as work starts",
                    format!("`{}` has answers = \"at_start\" (TIC-12)", customer.channel.value),
                    "write abandons = \"first_response\", or leave it out: patience then ends when work starts",
                );
                Abandons::FirstResponse
            }
            (Some((schema::Abandons::FirstResponse, _)), _) | (None, true) => Abandons::FirstResponse,
            (Some((schema::Abandons::Queue, _)) | None, false) => Abandons::Queue,
        }
    }

    /// Warns where customers lose patience while they are being answered: as a rule a mistake about what a reply is (TIC-12).
    fn check_answering(
        &mut self,
        customer: &schema::Customer,
        abandons: Abandons,
        patience: &Variate,
        handle_time: &Variate,
    ) {
        let Some(given) = customer.patience.as_ref().filter(|_| abandons == Abandons::FirstResponse) else { return };
        if patience.mean() < handle_time.mean() {
            let [patience, handle_time] = [patience, handle_time].map(typical);
            self.report.warning(
                given.place,
                "customers give up while they are being answered",
                format!("patience of {patience} against a handle time of {handle_time}"),
                format!(
                    "a reply counts when it is sent; for calls, add answers = \"at_start\" to [channel.{}]",
                    customer.channel.value
                ),
            );
        }
    }

    /// Warns of a channel whose target is missed even where nobody waits, whichever class writes (TIC-12).
    fn check_target(&mut self, channel: ChannelId, handle_time: &Variate) {
        let entry = self.file.channel.iter().flat_map(|channels| &channels.entries).nth(channel.index());
        let sla = entry.and_then(|entry| entry.value.as_ref()).and_then(|channel| channel.sla.as_ref());
        let Some(target) = sla.and_then(|sla| sla.first_response) else { return };
        if target.value.0.as_secs_f64() < handle_time.mean() {
            self.report.warning(
                target.place,
                "a first-response target below the handle time",
                format!("{} against {}: most replies take longer to write", target.value.0, typical(handle_time)),
                format!(
                    "a reply counts when it is sent; for calls, add answers = \"at_start\" to [channel.{}]",
                    self.names.channel(channel)
                ),
            );
        }
    }

    /// Whoever waits for more than one reply writes in between, after some time.
    pub(super) fn need_reply_delay(&mut self, customer: &schema::Customer, place: Place) {
        if customer.reply_delay.is_none() && !customer.broken.contains(&"reply_delay") {
            self.report.error(
                place,
                "`reply_delay` is missing",
                "more than one reply: customers write in between",
                "add how long they take to answer, such as reply_delay = { exponential = { mean = \"10m\" } }",
            );
        }
    }

    /// Messages without end at one instant would stop the clock.
    fn nudges(&mut self, given: Option<&Distribution<Times>>) -> Variate {
        let nudges = self.variate_or(given, Variate::never());
        if let Some(given) = given
            && nudges.mean() < 1.0
        {
            self.report.error(
                given.place,
                "a nudge more than once a second",
                "on average",
                "write the time between two messages of one who waits, such as \"1h\"",
            );
        }
        if let Some(given) = given
            && lets_no_time_pass(&nudges)
            && nudges.mean() >= 1.0
        {
            self.report.error(
                given.place,
                "nudges that let no time pass",
                "nearly always 0s",
                "write the time between two messages of one who waits, such as \"1h\"",
            );
        }
        nudges
    }

    /// Who is answered and closed in no time, and comes back at once every time, would stop the clock.
    fn check_reopening(&mut self, customer: &schema::Customer, plan: &CustomerPlan, silence: Option<Span>) {
        let (Some(given), Some(reopens)) = (&customer.reopens, &plan.reopens) else { return };
        let at_once = reopens.probability > 0.999 && lets_no_time_pass(&reopens.after);
        let one_reply = plan.replies.mean() == 1.0 || lets_no_time_pass(&plan.reply_delay);
        let closed = silence == Some(Span::ZERO) || (one_reply && lets_no_time_pass(&plan.wrap_up));
        if at_once && closed && lets_no_time_pass(&plan.handle_time) {
            self.report.error(
                given.after.place,
                "reopening that lets no time pass",
                "comes back at once, and every time, to be answered in no time",
                "give `after` or `handle_time` a length, or lower `probability`",
            );
        }
    }

    /// A run has room for so many arrivals and no more. What is expected is close enough; the run itself counts.
    fn check_arrivals(
        &mut self,
        customers: &[(&schema::Customer, usize)],
        plans: &[CustomerPlan],
        civil: &Civil,
        run: &RunPlan,
    ) {
        let expected: Vec<f64> =
            customers.iter().map(|(_, plan)| expected(&plans[*plan].arrivals, civil, run)).collect();
        let total: f64 = expected.iter().sum();
        if total <= limits::ARRIVALS as f64 {
            return;
        }
        let most = (0..expected.len()).max_by(|one, other| expected[*one].total_cmp(&expected[*other]));
        let Some((customer, _)) = most.map(|most| customers[most]) else { return };
        self.report.error(
            customer.arrivals.place,
            format!("about {} arrivals in one replication", grouped(total as u64)),
            format!("a replication has at most {}", grouped(limits::ARRIVALS)),
            "rates are per hour: divide a rate per day by 24; or shorten the run",
        );
    }

    fn arrivals(
        &mut self,
        customer: &schema::Customer,
        fields: &[FieldPlan],
        asked: &[FieldId],
        civil: &Civil,
        run: &RunPlan,
    ) -> Arrivals {
        let arrivals = &customer.arrivals;
        let nobody =
            || Arrivals::Rates(Rates { per_hour: std::array::from_fn(|_| Arc::from([0.0])), day_factor: None });
        let given = [arrivals.per_hour.is_some(), arrivals.every.is_some(), arrivals.file.is_some()];
        if given.iter().filter(|given| **given).count() != 1 {
            if arrivals.broken.is_empty() {
                self.report.error(
                    arrivals.place,
                    "arrivals are one of `per_hour`, `every` and `file`",
                    "",
                    "write arrivals = { per_hour = 40 }, { every = \"30s\" } or { file = \"arrivals.csv\" }",
                );
            }
            return nobody();
        }
        if let Some(day_factor) = &arrivals.day_factor
            && arrivals.per_hour.is_none()
        {
            self.report.error(
                day_factor.place,
                "`day_factor` needs `per_hour`",
                "only rates are multiplied",
                "write per_hour, or remove it",
            );
        }
        if let Some(every) = arrivals.every {
            let Duration(span) = every.value;
            if span > Span::ZERO && 3600.0 / span.as_secs_f64() > limits::ARRIVALS_PER_HOUR {
                self.too_many_per_hour(every.place, "write a longer time, such as \"30s\"");
            }
            if span == Span::ZERO {
                self.report.error(
                    every.place,
                    "an arrival every 0s",
                    "no time would pass",
                    "write a duration above zero",
                );
                return nobody();
            }
            return Arrivals::Every(span);
        }
        if let Some(file) = &arrivals.file {
            return match self.recorded_arrivals(file, customer, fields, asked, civil, run) {
                Some(rows) => Arrivals::File(rows),
                None => nobody(),
            };
        }
        let Some(per_hour) = &arrivals.per_hour else { return nobody() };
        let none: Arc<[f64]> = Arc::from([0.0]);
        let per_day: [Arc<[f64]>; 7] = match &per_hour.value {
            WeekRates::Daily(rates) => {
                let rates: Arc<[f64]> = rates.0.clone().into();
                std::array::from_fn(|_| rates.clone())
            }
            WeekRates::Weekly(sets) => {
                let mut week = std::array::from_fn(|_| none.clone());
                for (days, rates) in &sets.0 {
                    let rates: Arc<[f64]> = rates.0.clone().into();
                    for (day, slot) in week.iter_mut().enumerate() {
                        if days.0.0 >> day & 1 == 1 {
                            *slot = rates.clone();
                        }
                    }
                }
                week
            }
        };
        let day_factor = arrivals.day_factor.as_ref().and_then(|factor| self.factor(factor));
        let factor = day_factor.as_ref().map_or(1.0, |factor| factor.mean().max(1.0));
        if per_day.iter().any(|rates| rates.iter().any(|rate| *rate * factor > limits::ARRIVALS_PER_HOUR)) {
            self.too_many_per_hour(per_hour.place, "rates are per hour: divide a rate per day by 24");
        }
        Arrivals::Rates(Rates { per_hour: per_day, day_factor })
    }

    fn too_many_per_hour(&mut self, place: Place, help: &str) {
        let most = grouped(limits::ARRIVALS_PER_HOUR as u64);
        self.report.error(place, format!("more than {most} arrivals per hour"), "", help);
    }

    /// How the fields of a class are filled, in the order of the file.
    fn field_plans(&mut self, given: Option<&Map<Anything>>) -> Vec<FieldPlan> {
        let mut plans = Vec::new();
        for Entry { name, value } in given.iter().flat_map(|given| &given.entries) {
            let Some(field) = self.field(name) else { continue };
            let Some(Anything(node)) = value else { continue };
            let Value::Table(table) = &node.value else {
                if let Some(value) = self.value_from_node(field, node) {
                    plans.push(FieldPlan { field, values: vec![(value, 1.0)] });
                }
                continue;
            };
            let mut values = Vec::with_capacity(table.entries.len());
            for (key, weight) in &table.entries {
                let value = self.value_from_text(field, &At::new(key.place, key.name.clone()));
                let weight =
                    <crate::scenario::unit::NotNegative as crate::scenario::read::Read>::read(weight, self.report);
                if let (Some(value), Some(weight)) = (value, weight) {
                    values.push((value, weight.0));
                }
            }
            let total: f64 = values.iter().map(|(_, weight)| weight).sum();
            if values.len() == table.entries.len() && (total <= 0.0 || !total.is_finite()) {
                self.report.error(
                    node.place,
                    format!("no value of `{}` has a weight", name.value),
                    "the weights add up to nothing",
                    "write { value = weight, … } with some weight above zero",
                );
                continue;
            }
            if !values.is_empty() {
                plans.push(FieldPlan { field, values });
            }
        }
        plans
    }

    /// A field's value from a key or a CSV cell, or a problem.
    fn value_from_text(&mut self, field: FieldId, text: &At<String>) -> Option<FieldValue> {
        let kind = self.kinds[field.index()];
        if let (FieldKind::Choice(_), None) = (kind, self.names.find_choice(field, &text.value)) {
            self.unknown_choice(field, kind, text);
            return None;
        }
        let value = self.parse_value(field, &text.value);
        if value.is_none() {
            self.misfit(field, text.place, &text.value);
        }
        value
    }

    /// A field's value from a text, if it fits the field's type.
    pub(super) fn parse_value(&mut self, field: FieldId, text: &str) -> Option<FieldValue> {
        match self.kinds[field.index()] {
            FieldKind::Text => (!text.trim().is_empty()).then(|| FieldValue::Text(self.names.intern(text))),
            FieldKind::Number => {
                text.trim().parse().ok().filter(|number: &f64| number.is_finite()).map(FieldValue::Number)
            }
            FieldKind::Choice(_) => self.names.find_choice(field, text).map(FieldValue::Choice),
            FieldKind::Date => parse_date(text).map(|date| FieldValue::Date(days_since_1970(date))),
            FieldKind::Checkbox => text.trim().parse().ok().map(FieldValue::Checkbox),
        }
    }

    fn value_from_node(&mut self, field: FieldId, node: &Node) -> Option<FieldValue> {
        let text = match &node.value {
            Value::Text(text) => text.clone(),
            Value::Integer(number) => number.to_string(),
            Value::Float(number) => number.to_string(),
            Value::Flag(flag) => flag.to_string(),
            Value::Datetime(datetime) => datetime.to_string(),
            Value::List(_) | Value::Table(_) => {
                self.misfit(field, node.place, node.value.kind());
                return None;
            }
        };
        self.value_from_text(field, &At::new(node.place, text))
    }

    fn misfit(&mut self, field: FieldId, place: Place, text: &str) {
        if self.broken_fields.contains(&field) {
            return;
        }
        let expected = match self.kinds[field.index()] {
            FieldKind::Text => "a text that is not empty",
            FieldKind::Number => "a number",
            FieldKind::Choice(_) => "one of the choices",
            FieldKind::Date => "a date such as \"2026-05-01\"",
            FieldKind::Checkbox => "true or false",
        };
        self.report.error(
            place,
            format!("`{text}` does not fit the field `{}`", self.names.field(field)),
            "wrong type (TIC-11)",
            format!("write {expected}"),
        );
    }

    /// A form for every combination of values of the fields that customers fill in, the first field fastest.
    fn forms_of(&mut self, fields: &[FieldPlan], asked: &[FieldId], customer: &schema::Customer) -> Vec<FormId> {
        let filled: Vec<&FieldPlan> = fields.iter().filter(|plan| asked.contains(&plan.field)).collect();
        if filled.is_empty() {
            return Vec::new();
        }
        let combinations = filled.iter().try_fold(1_usize, |count, plan| count.checked_mul(plan.values.len()));
        let Some(combinations) = combinations.filter(|count| *count <= MOST_FORMS) else {
            let first = customer.fields.as_ref().and_then(|fields| fields.entries.first());
            self.report.error(
                first.map_or(customer.place, |first| first.name.place),
                "too many combinations of field values",
                format!("more than {MOST_FORMS}"),
                "fill in fewer fields with `asked`, or give them fewer values",
            );
            return Vec::new();
        };
        (0..combinations)
            .map(|combination| {
                let mut rest = combination;
                let values = filled
                    .iter()
                    .map(|plan| {
                        let (value, _) = plan.values[rest % plan.values.len()];
                        rest /= plan.values.len();
                        (plan.field, value)
                    })
                    .collect();
                self.forms.add(values)
            })
            .collect()
    }

    fn variate_or<Q: Quantity>(&mut self, given: Option<&Distribution<Q>>, otherwise: Variate) -> Variate {
        given.and_then(|given| self.variate(given)).unwrap_or(otherwise)
    }

    /// A distribution of what multiplies something: neither never nor always nothing.
    fn factor<Q: Quantity>(&mut self, given: &Distribution<Q>) -> Option<Variate> {
        let variate = self.variate(given)?;
        let mean = variate.mean();
        if mean > 0.0 && mean.is_finite() {
            return Some(variate);
        }
        self.report.error(
            given.place,
            "not a factor",
            "its mean is not above zero, or without end",
            "1.0 changes nothing",
        );
        None
    }

    /// A distribution, or a problem.
    fn variate<Q: Quantity>(&mut self, given: &Distribution<Q>) -> Option<Variate> {
        let made = match &given.form {
            Form::Never => Ok(Variate::never()),
            Form::Constant(value) => Ok(Variate::constant(*value)),
            Form::Exponential { mean } => Variate::exponential(*mean),
            Form::Lognormal { mean, cv } => Variate::lognormal(*mean, *cv),
            Form::Gamma { mean, cv } => Variate::gamma(*mean, *cv),
            Form::Weibull { mean, shape } => Variate::weibull(*mean, *shape),
            Form::Uniform { min, max } => Variate::uniform(*min, *max),
            Form::Triangular { min, mode, max } => Variate::triangular(*min, *mode, *max),
            Form::Empirical { values, weights } => Variate::empirical(values.clone(), weights.clone()),
            Form::File { file, column, .. } => Variate::empirical(self.recorded_values(file, column)?, Vec::new()),
            Form::Mixture(parts) => {
                let lowered: Vec<(f64, Variate)> =
                    parts.iter().filter_map(|(weight, part)| Some((*weight, self.variate(part)?))).collect();
                if lowered.len() < parts.len() {
                    return None;
                }
                Variate::mixture(lowered)
            }
        };
        made.map_err(|error| self.no_distribution(given.place, error)).ok()
    }

    fn count(&mut self, given: &CountDistribution) -> Option<Count> {
        let made = match &given.form {
            CountForm::Geometric(mean) | CountForm::Poisson(mean) if *mean > limits::REPLIES_ON_AVERAGE => {
                let most = limits::REPLIES_ON_AVERAGE;
                let error =
                    format!("a number of replies that cannot be: its mean must be at most {most}; {mean} is not");
                self.report.error(given.place, error, "", "write a smaller mean");
                return None;
            }
            CountForm::Constant(count) => Count::constant(*count),
            CountForm::Geometric(mean) => Count::geometric(*mean),
            CountForm::Poisson(mean) => Count::poisson(*mean),
            CountForm::Weights(weights) => Count::weights(weights),
        };
        made.map_err(|error| self.no_distribution(given.place, error)).ok()
    }

    fn no_distribution(&mut self, place: Place, VariateError(error): VariateError) {
        self.report.error(place, format!("a distribution that cannot be: {error}"), "", "change its parameters");
    }
}

/// The mean of a time, to the second where it is longer than that.
fn typical(time: &Variate) -> String {
    let mean = time.mean();
    Span::from_secs_f64(if mean < 1.0 { mean } else { libm::rint(mean) }).to_string()
}

/// So many draws of a distribution are looked at for whether it lets time pass.
const PROBES: u64 = 4_096;

/// Whether draws are as good as always 0, to the microsecond: fewer than one in a thousand is not.
fn lets_no_time_pass(variate: &Variate) -> bool {
    let streams = Streams::new(0, 0);
    (0..PROBES).all(|probe| variate.draw_span(&mut streams.stream(0, 0, probe)) == Some(Span::ZERO))
}

/// How many arrivals a replication has on average, about.
fn expected(arrivals: &Arrivals, civil: &Civil, run: &RunPlan) -> f64 {
    let (seconds, week) = (run.duration.as_secs_f64(), 7.0 * 86_400.0);
    match arrivals {
        Arrivals::Every(span) => seconds / span.as_secs_f64(),
        Arrivals::File(rows) => {
            let end = Instant::ZERO + run.duration;
            rows.partition_point(|row| row.at < end) as f64
        }
        Arrivals::Rates(rates) => {
            let factor = rates.day_factor.as_ref().map_or(1.0, Variate::mean);
            let of_day = |day: usize| {
                let rates = &rates.per_hour[day % 7];
                rates.iter().sum::<f64>() / rates.len() as f64 * 24.0 * factor
            };
            let first = civil.date(0).weekday().to_monday_zero_offset() as usize;
            let weeks = (seconds / week).floor();
            let mut sum = weeks * (0..7).map(of_day).sum::<f64>();
            let mut rest = (seconds - weeks * week) / 86_400.0;
            for day in first.. {
                if rest <= 0.0 {
                    break;
                }
                sum += of_day(day) * rest.min(1.0);
                rest -= 1.0;
            }
            sum
        }
    }
}

fn days_since_1970(date: jiff::civil::Date) -> i32 {
    (date - jiff::civil::date(1970, 1, 1)).get_days()
}
