//! Results as JSON, for machines.
//!
//! One object. Keys stand in a fixed order, metrics in the catalog's, each on a line of its own so that two results can be
//! compared line by line. Numbers are written as the shortest text that reads back to the same number; times are seconds.

use crate::experiment::{ChosenWarmup, Figure, Picture, Results, Target};
use crate::text::visible_json;
use crate::time::Span;
use serde_json::{Value, json};
use std::fmt::Write;

/// The version of this form of results.
pub const SCHEMA: u32 = 1;

/// What kind of results this is.
pub(super) const KIND: &str = "run";

/// Results as JSON text, with a newline at the end.
pub fn json(results: &Results) -> String {
    written(results, None)
}

/// The same with all that a report shows beside the figures, so that it can be made again.
pub fn json_with_picture(results: &Results, picture: &Picture) -> String {
    written(results, Some(picture))
}

fn written(results: &Results, picture: Option<&Picture>) -> String {
    let mut out = String::from("{\n");
    let mut head = |key: &str, value: Value| writeln!(out, "  {}: {value},", Value::from(key)).expect("text grows");
    head("schema", json!(SCHEMA));
    head("kind", json!(KIND));
    head("desksim", json!(results.version));
    head("title", json!(results.facts.title));
    head("scenario", json!(results.scenario));
    head("seed", json!(results.seed));
    head("replications", json!(results.replications));
    head("digest", json!(results.digest));
    head("draws", json!(results.draws));
    head("duration", json!(results.facts.duration.as_secs_f64()));
    head("warmup", json!(results.facts.warmup.as_secs_f64()));
    let secs = |span: Option<Span>| span.map(Span::as_secs_f64);
    let target = |of: &Target| json!({ "channel": of.channel, "first_response": secs(of.first_response), "closure": secs(of.closure) });
    head("targets", results.facts.targets.iter().map(target).collect());
    head("groups", results.facts.groups.iter().map(|of| json!({ "name": of.name, "agents": of.agents })).collect());
    if let Some(chosen) = results.facts.chosen_warmup {
        head("chosen_warmup", json!(warmup_words(chosen)));
    }
    if let Some(batches) = &results.batches {
        let (length, needs) = (batches.length.as_secs_f64(), secs(batches.needs));
        let of =
            json!({ "count": batches.count, "length": length, "needs": needs, "with_interval": batches.with_interval });
        head("batches", of);
    }
    head("precision", results.precision().map(|(metric, share)| (metric.to_owned(), json!(share))).collect());
    if let Some(stability) = &results.stability {
        head("stability", json!(stability));
    }
    if !results.notes.is_empty() {
        out.push_str("  \"notes\": [");
        for (n, note) in results.notes.iter().enumerate() {
            out.push_str(if n == 0 { "\n" } else { ",\n" });
            write!(out, "    {}", json!(note)).expect("text grows");
        }
        out.push_str("\n  ],\n");
    }
    out.push_str("  \"metrics\": {");
    for (n, figure) in results.figures.iter().enumerate() {
        out.push_str(if n == 0 { "\n" } else { ",\n" });
        write!(out, "    {}: {}", Value::from(figure.selector.to_string()), summary(figure)).expect("text grows");
    }
    out.push_str("\n  }");
    if let Some(picture) = picture {
        let picture = serde_json::to_string(picture).expect("a picture is plain data with finite numbers");
        write!(out, ",\n  \"picture\": {picture}").expect("text grows");
    }
    out.push_str("\n}\n");
    visible_json(out)
}

fn warmup_words(chosen: ChosenWarmup) -> &'static str {
    match chosen {
        ChosenWarmup::Settles(_) => "settles",
        ChosenWarmup::DoesNotSettle(_) => "does_not_settle",
        ChosenWarmup::TooShort => "too_short",
    }
}

/// What [`warmup_words`] were written for.
pub(super) fn warmup_of(words: &str, span: Span) -> Option<ChosenWarmup> {
    let all = [ChosenWarmup::Settles(span), ChosenWarmup::DoesNotSettle(span), ChosenWarmup::TooShort];
    all.into_iter().find(|chosen| warmup_words(*chosen) == words)
}

fn summary(figure: &Figure) -> Value {
    match figure.summary {
        Some(summary) => json!(summary),
        None => json!({
            "mean": null, "ci95": null, "n": 0, "sd": null, "needs": null, "p10": null, "p50": null, "p90": null,
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::samples;

    #[test]
    fn results_as_json() {
        let results = samples::tiny();
        insta::assert_snapshot!(json(&results), @r#"
        {
          "schema": 1,
          "kind": "run",
          "desksim": "0.0.0",
          "title": "Web shop",
          "scenario": "d0c5",
          "seed": 7,
          "replications": 2,
          "digest": "0123456789abcdef0123456789abcdef",
          "draws": "f1",
          "duration": 86400.0,
          "warmup": 0.0,
          "targets": [{"channel":"chat","first_response":300.0,"closure":28800.0},{"channel":"mail","first_response":null,"closure":28800.0}],
          "groups": [{"name":"support","agents":12}],
          "precision": {"sla.first_response.breach_rate":1.4118005262416338,"customer.first_response.mean":0.030409744083386533,"queue.wait.mean":0.2572106221897712,"agents.occupancy":0.08885457857464839},
          "stability": {"verdict":"stable","groups":[{"group":"support","offered_hours":77.5,"capacity_hours":125.0,"load":0.62,"bound":"work","loss":false,"verdict":"stable"}],"growth":{"per_hour":0.125,"p":0.25},"cycle":null,"relaxation":null,"never_closed":false},
          "metrics": {
            "sla.first_response.breach_rate": {"mean":0.09,"ci95":[-0.037062047361747036,0.21706204736174703],"n":2,"sd":0.014142135623730958,"p10":0.082,"p50":0.09,"p90":0.098,"needs":80},
            "sla.first_response.breach_rate{channel=\"chat\"}": {"mean":0.09,"ci95":[-0.037062047361747036,0.21706204736174703],"n":2,"sd":0.014142135623730958,"p10":0.082,"p50":0.09,"p90":0.098,"needs":80},
            "sla.first_response.started": {"mean":955.0,"ci95":[891.4689763191266,1018.5310236808734],"n":2,"sd":7.0710678118654755,"p10":951.0,"p50":955.0,"p90":959.0,"needs":80},
            "sla.first_response.overrun.mean": {"mean":100.0,"ci95":[36.46897631912652,163.5310236808735],"n":2,"sd":7.0710678118654755,"p10":96.0,"p50":100.0,"p90":104.0,"needs":80},
            "sla.first_response.time.mean": {"mean":191.0,"ci95":[178.2937952638253,203.7062047361747],"n":2,"sd":1.4142135623730951,"p10":190.2,"p50":191.0,"p90":191.8,"needs":80},
            "sla.closure.breach_rate": {"mean":0.25,"ci95":null,"n":1,"sd":null,"p10":null,"p50":null,"p90":null,"needs":null},
            "sla.closure.started": {"mean":2.0,"ci95":[-23.412409472349395,27.412409472349395],"n":2,"sd":2.8284271247461903,"p10":0.4,"p50":2.0,"p90":3.6,"needs":80},
            "customer.first_response.mean": {"mean":250.7,"ci95":[243.07627715829497,258.323722841705],"n":2,"sd":0.8485281374238791,"p10":250.22,"p50":250.7,"p90":251.18,"needs":80},
            "customer.resolution.mean": {"mean":7500.0,"ci95":[6229.3795263825305,8770.62047361747],"n":2,"sd":141.4213562373095,"p10":7420.0,"p50":7500.0,"p90":7580.0,"needs":80},
            "queue.wait.mean": {"mean":30.875,"ci95":[22.933622039890814,38.816377960109186],"n":2,"sd":0.8838834764831844,"p10":30.375,"p50":30.875,"p90":31.375,"needs":80},
            "queue.wait.p90": {"mean":60.875,"ci95":[52.933622039890814,68.81637796010918],"n":2,"sd":0.8838834764831844,"p10":60.375,"p50":60.875,"p90":61.375,"needs":80},
            "queue.wait.zero_share": {"mean":0.505,"ci95":[0.44146897631912646,0.5685310236808736],"n":2,"sd":0.007071067811865481,"p10":0.501,"p50":0.505,"p90":0.509,"needs":80},
            "queue.wait.over.60s": {"mean":0.10500000000000001,"ci95":[0.04146897631912651,0.16853102368087353],"n":2,"sd":0.007071067811865477,"p10":0.101,"p50":0.10500000000000001,"p90":0.109,"needs":80},
            "queue.length.mean": {"mean":3.2,"ci95":[1.9293795263825309,4.470620473617469],"n":2,"sd":0.14142135623730948,"p10":3.12,"p50":3.2,"p90":3.28,"needs":80},
            "queue.length.max": {"mean":15.5,"ci95":[-3.559307104262043,34.55930710426205],"n":2,"sd":2.1213203435596424,"p10":14.3,"p50":15.5,"p90":16.7,"needs":80},
            "tickets.created": {"mean":1030.0,"ci95":[140.56566846777116,1919.434331532229],"n":2,"sd":98.99494936611666,"p10":974.0,"p50":1030.0,"p90":1086.0,"needs":80},
            "tickets.closed": {"mean":1024.0,"ci95":[83.74084952307226,1964.2591504769277],"n":2,"sd":104.65180361560904,"p10":964.8,"p50":1024.0,"p90":1083.2,"needs":80},
            "tickets.abandoned": {"mean":11.0,"ci95":[-1.7062047361746977,23.706204736174698],"n":2,"sd":1.4142135623730951,"p10":10.2,"p50":11.0,"p90":11.8,"needs":80},
            "tickets.abandon_rate": {"mean":0.01065,"ci95":[0.007473448815956322,0.013826551184043677],"n":2,"sd":0.0003535533905932741,"p10":0.01045,"p50":0.01065,"p90":0.01085,"needs":80},
            "tickets.open_at_end": {"mean":6.0,"ci95":[-44.82481894469879,56.82481894469879],"n":2,"sd":5.656854249492381,"p10":2.8,"p50":6.0,"p90":9.2,"needs":80},
            "agents.occupancy": {"mean":0.715,"ci95":[0.6514689763191264,0.7785310236808736],"n":2,"sd":0.007071067811865481,"p10":0.711,"p50":0.715,"p90":0.719,"needs":80},
            "agents.occupancy{group=\"support\"}": {"mean":0.715,"ci95":[0.6514689763191264,0.7785310236808736],"n":2,"sd":0.007071067811865481,"p10":0.711,"p50":0.715,"p90":0.719,"needs":80},
            "agents.open.mean{group=\"support\"}": {"mean":1.45,"ci95":[0.8146897631912645,2.0853102368087355],"n":2,"sd":0.07071067811865482,"p10":1.41,"p50":1.45,"p90":1.49,"needs":80},
            "agents.status_share{status=\"Lunch\"}": {"mean":0.21666666666666667,"ci95":[-1.2657238858870477,1.6990572192203812],"n":2,"sd":0.16499158227686106,"p10":0.12333333333333334,"p50":0.21666666666666667,"p90":0.31,"needs":80},
            "balance.assigned.jain": {"mean":0.985,"ci95":[0.9214689763191264,1.0485310236808736],"n":2,"sd":0.007071067811865481,"p10":0.981,"p50":0.985,"p90":0.989,"needs":80},
            "balance.assigned.max_over_mean": {"mean":1.225,"ci95":[0.9073448815956331,1.542655118404367],"n":2,"sd":0.03535533905932733,"p10":1.205,"p50":1.225,"p90":1.245,"needs":80}
          }
        }
        "#);
    }

    #[test]
    fn results_read_as_json_whatever_they_hold() {
        for results in [samples::tiny(), samples::wide(), samples::single(), samples::empty()] {
            let read: Value = serde_json::from_str(&json(&results)).unwrap();
            assert_eq!(read["metrics"].as_object().unwrap().len(), results.figures.len());
            assert_eq!(read["title"], *results.facts.title);
        }
    }

    #[test]
    fn numbers_read_back_to_the_same_bits() {
        let results = samples::tiny();
        let text = json(&results);
        for figure in &results.figures {
            let key = format!("{}: {{\"mean\":", Value::from(figure.selector.to_string()));
            let (_, rest) = text.split_once(&key).unwrap();
            let mean: f64 = rest.split_once(',').unwrap().0.parse().unwrap();
            assert_eq!(mean.to_bits(), figure.summary.unwrap().mean.to_bits(), "{key}");
        }
    }
}
