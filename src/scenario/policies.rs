//! Files of policies: `[policy.NAME]` tables as in a scenario, and nothing else.

use super::diagnostic::{Problems, Report};
use super::document::{Value, parse};
use super::lower::Vocabulary;
use super::read::Read;
use super::schema;
use super::source::Source;
use crate::desk::NAMED;

/// A policy of one's own.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct OwnPolicy {
    /// What it is called.
    pub name: String,
    /// Its keys, in order, as the file has them.
    pub keys: Vec<String>,
}

impl OwnPolicy {
    /// The table that makes it known in a scenario's text.
    pub fn table(&self) -> String {
        let text = |text: &str| super::load::toml_text(text);
        let keys: Vec<String> = self.keys.iter().map(|key| text(key)).collect();
        format!("\n[policy.{}]\nkeys = [{}]\n", text(&self.name), keys.join(", "))
    }
}

/// The names of the policies that every scenario knows, in the order of the rules' table.
pub fn ready_made_policies() -> Vec<&'static str> {
    NAMED.iter().map(|(name, _)| *name).collect()
}

/// Reads a file of policies; there is at least one.
///
/// # Errors
/// Everything that is wrong with it.
pub fn load_policies(source: &Source) -> Result<Vec<OwnPolicy>, Problems> {
    let mut report = Report::default();
    let mut policies = Vec::new();
    if let Some(document) = parse(source.clone(), &mut report) {
        if let Value::Table(table) = &document.value {
            for (key, _) in table.entries.iter().filter(|(key, _)| key.name != "policy") {
                report.error(
                    key.place,
                    format!("`{}` is not for a file of policies", key.name),
                    "only [policy.NAME] tables stand here",
                    "write [policy.mine] with keys = [\"pending\", \"-since_assigned\"]",
                );
            }
        }
        let before = report.errors();
        let file = if before == 0 { schema::Scenario::read(&document, &mut report) } else { None };
        let mut vocabulary = Vocabulary::default();
        for entry in file.iter().filter_map(|file| file.policy.as_ref()).flat_map(|policies| &policies.entries) {
            vocabulary.add_policy(&entry.name, entry.value.as_ref(), &mut report);
            let keys = entry.value.iter().flat_map(|policy| &policy.keys.value).map(|key| key.value.clone()).collect();
            policies.push(OwnPolicy { name: entry.name.value.clone(), keys });
        }
        if policies.is_empty() && report.errors() == 0 {
            report.error_nowhere(
                format!("{} holds no policy", source.name),
                "write [policy.mine] with keys = [\"pending\", \"-since_assigned\"]",
            );
        }
    }
    report.finish().map(|_| policies)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Vec<OwnPolicy>, String> {
        load_policies(&Source::new("mine.toml", text)).map_err(|problems| problems.render(false))
    }

    #[test]
    fn policies_are_read_and_written_as_tables() {
        let policies =
            read("[policy.fair]\nkeys = [\"load\", \"-since_assigned\"]\n[policy.\"my own\"]\nkeys = [\"open\"]\n")
                .unwrap();
        assert_eq!(policies.len(), 2);
        assert_eq!(policies[1].table(), "\n[policy.\"my own\"]\nkeys = [\"open\"]\n");
        assert_eq!(read(&policies[0].table()).unwrap(), policies[..1]);
    }

    #[test]
    fn what_is_no_file_of_policies_says_so() {
        for (text, expected) in [
            ("", "holds no policy"),
            ("[run]\nduration = \"1d\"", "`run` is not for a file of policies"),
            ("[policy.mine]\nkeys = [\"opne\"]", "did you mean `open`"),
            ("[policy.random]\nkeys = [\"open\"]", "there is a ready-made policy `random`"),
            ("[policy.mine]", "keys"),
            ("[policy", "this is not TOML"),
        ] {
            let problems = read(text).unwrap_err();
            assert!(problems.contains(expected), "{text}: {problems}");
        }
    }
}
