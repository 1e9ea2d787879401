//! What kind of file a text is, so that one that was given for another is told in a sentence.

use serde_json::Value;
use std::path::Path;

/// A kind of file that desksim reads.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Kind {
    Scenario,
    Case,
    Policies,
    Log,
    Baseline,
    /// Saved results of any command.
    Results,
    Csv,
}

/// Longer texts are taken by their beginning.
const LOOKED_AT: usize = 1 << 20;

impl Kind {
    /// What a text looks like; `None` if nothing is alike.
    pub(super) fn of(path: &Path, text: &str) -> Option<Kind> {
        let text = text.trim_start_matches('\u{feff}').trim_start();
        if text.starts_with('{') {
            return of_json(text);
        }
        if text.len() <= LOOKED_AT
            && let Ok(table) = text.parse::<toml::Table>()
            && !table.is_empty()
        {
            let has = |key: &str| table.contains_key(key);
            return match () {
                () if has("step") || has("scenario") || has("rules") => Some(Kind::Case),
                () if table.keys().all(|key| key == "policy") => Some(Kind::Policies),
                () if ["run", "desk", "group", "agent", "channel", "customer", "title"].into_iter().any(has) => {
                    Some(Kind::Scenario)
                }
                () => None,
            };
        }
        path.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("csv")).then_some(Kind::Csv)
    }

    /// The kind in words, and what it is for.
    pub(super) fn words(self, path: &Path) -> (String, String) {
        let path = path.display();
        let (what, help) = match self {
            Kind::Scenario => {
                ("a scenario", format!("run it: desksim run {path}; or find its problems: desksim validate {path}"))
            }
            Kind::Case => ("a case, which tests rules", format!("run it: desksim replay {path}")),
            Kind::Policies => ("a file of policies", format!("rank them: desksim bench --policy-file {path}")),
            Kind::Log => {
                ("a log", format!("put it through the desk of a scenario: desksim replay {path} --desk SCENARIO.toml"))
            }
            Kind::Baseline => ("a baseline", format!("compare with it: desksim check SCENARIO.toml --baseline {path}")),
            Kind::Results => {
                ("a file of saved results", format!("make its page again: desksim report {path} -o report.html"))
            }
            Kind::Csv => ("a table", format!("name it in a scenario: arrivals = {{ file = \"{path}\" }}")),
        };
        (format!("{path} is {what}"), help)
    }
}

fn of_json(text: &str) -> Option<Kind> {
    let line = text.lines().next().unwrap_or_default();
    if let Ok(Value::Object(line)) = serde_json::from_str(line)
        && line.contains_key("at")
        && (line.contains_key("do") || line.contains_key("effect"))
    {
        return Some(Kind::Log);
    }
    // Saved files are long; what they are stands at their beginning.
    let head: String = text.chars().take(400).filter(|letter| !letter.is_whitespace()).collect();
    match head.split_once("\"kind\":\"")?.1.split('"').next()? {
        "baseline" => Some(Kind::Baseline),
        _ => Some(Kind::Results),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_are_told_apart_by_what_stands_in_them() {
        let check = |name: &str, text: &str, kind| assert_eq!(Kind::of(Path::new(name), text), kind, "{text}");
        check("a.toml", "schema = 1\ntitle = \"x\"", Some(Kind::Scenario));
        check("a.toml", "\u{feff}[[step]]\nat = 0", Some(Kind::Case));
        check("a.toml", "[scenario.group.x]", Some(Kind::Case));
        check("a.toml", "[policy.mine]\nkeys = [\"open\"]", Some(Kind::Policies));
        check("a.toml", "", None);
        check("a.toml", "colour = 3", None);
        check("a.jsonl", "{\"at\": 0, \"do\": {\"tick\": {}}}\n", Some(Kind::Log));
        check("a.json", "{\n  \"schema\": 1,\n  \"kind\": \"baseline\",", Some(Kind::Baseline));
        check("a.json", "{\"kind\":\"sweep\"", Some(Kind::Results));
        check("a.json", "{}", None);
        check("a.CSV", "at\n1\n", Some(Kind::Csv));
    }
}
