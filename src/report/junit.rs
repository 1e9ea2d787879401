//! A check as JUnit's XML, which CI servers show.

use super::check::{circumstances, lines};
use super::page::clean;
use super::quantity::FIRM;
use super::unsettled::warnings;
use crate::experiment::check::{Check, Consequence, Verdict};
use quick_junit::{NonSuccessKind, Property, Report, TestCase, TestCaseStatus, TestSuite};

/// A check as JUnit's XML: a test for each condition. Without times and dates, so the same check gives the same bytes.
pub fn junit(check: &Check) -> String {
    let mut suite = TestSuite::new(clean(&check.title));
    for (name, value) in [
        ("desksim", check.version.clone()),
        ("scenario", check.scenario.clone()),
        ("seed", check.seed.to_string()),
        ("digest", check.digest.clone()),
        ("circumstances", circumstances(check)),
    ] {
        suite.add_property(Property::new(name, value.replace(FIRM, " ")));
    }
    let warnings = warnings(check.stability.as_ref());
    if !warnings.is_empty() {
        suite.set_system_out(warnings.join("\n").replace(FIRM, " "));
    }
    for line in lines(check) {
        let message = format!("{}; expected: {}", line.value, line.limit).replace(FIRM, " ");
        let words = line.notes.join("\n").replace(FIRM, " ");
        let mut status = match (line.verdict, line.consequence) {
            (Verdict::Skipped, _) => TestCaseStatus::skipped(),
            // Neither passed nor failed: it could not be tested.
            (Verdict::NotComparable, _) => TestCaseStatus::non_success(NonSuccessKind::Error),
            (_, Consequence::Passes | Consequence::Warns) => TestCaseStatus::success(),
            (_, Consequence::Fails) => TestCaseStatus::non_success(NonSuccessKind::Failure),
        };
        let mark = line.mark();
        if mark == "FAIL" || line.verdict == Verdict::NotComparable {
            status.set_type(match line.verdict {
                Verdict::Inconclusive => "inconclusive",
                Verdict::NoData => "no_data",
                Verdict::NotComparable => "not_comparable",
                Verdict::Pass | Verdict::Fail | Verdict::Skipped => "fail",
            });
            status.set_message(message.as_str()).set_description(words.as_str());
        }
        let mut case = TestCase::new(format!("{}: {}", clean(&line.what), line.limit.replace(FIRM, " ")), status);
        case.set_classname("desksim.check").set_system_out(format!("{mark}: {message}\n{words}").trim_end());
        suite.add_test_case(case);
    }
    let mut report = Report::new("desksim check");
    report.add_test_suite(suite);
    report.to_string().expect("what was put together here is well formed")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::samples;

    #[test]
    fn every_condition_is_a_test() {
        let check = samples::check();
        let text = junit(&check);
        let report = Report::deserialize(text.as_bytes()).unwrap();
        let [suite] = &report.test_suites[..] else { panic!("one suite") };
        assert_eq!(suite.name.as_str(), "Web shop");
        assert_eq!(suite.test_cases.len(), check.findings.len() + 1);
        let failures: Vec<(&str, &str)> = suite
            .test_cases
            .iter()
            .filter_map(|case| match &case.status {
                TestCaseStatus::NonSuccess { ty, message, .. } => {
                    assert!(case.name.as_str().contains(':'));
                    Some((ty.as_ref()?.as_str(), message.as_ref()?.as_str()))
                }
                _ => None,
            })
            .collect();
        assert_eq!(
            failures,
            [
                ("fail", "another in 12 of 20 runs; expected: exactly the baseline's"),
                ("fail", "0.341 ± 0.034; expected: mean at least 0.900"),
                ("inconclusive", "33s; baseline 30s; expected: the same, give or take 5s"),
                ("no_data", "–; expected: mean at most 10.0 %"),
            ]
        );
        assert_eq!((report.failures, report.skipped), (4, 1));
        assert_eq!(junit(&check), text);
    }

    #[test]
    fn whatever_names_hold_it_stays_well_formed() {
        let check = samples::wide_check();
        let report = Report::deserialize(junit(&check).as_bytes()).unwrap();
        assert_eq!(report.test_suites[0].test_cases.len(), check.findings.len() + 1);
    }
}
