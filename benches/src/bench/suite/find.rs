//! Where suites come from: built into the binary, or a file of one's own.
//!
//! Whatever is wrong in a file is told in one line with its place.

use std::path::Path;

use serde::de::DeserializeOwned;
use toml::Spanned;

use super::Suite;

/// The suites that are built into the binary, so that an installed one has them too.
const BUILT_IN: [(&str, &str); 5] = [
    ("quick", include_str!("../../../suites/quick.toml")),
    ("smoke", include_str!("../../../suites/smoke.toml")),
    ("workshop", include_str!("../../../suites/workshop.toml")),
    ("peers", include_str!("../../../suites/peers.toml")),
    ("full", include_str!("../../../suites/full.toml")),
];

/// A suite's text and what to call it in errors.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct File {
    /// `quick (built in)`, or the path.
    pub name: String,
    /// All of it.
    pub text: String,
}

/// Why there is no suite: one line for a person.
#[derive(Debug, thiserror::Error)]
pub enum SuiteError {
    #[error("there is no suite `{name}`: built in are {known}; a file of your own ends in .toml", known = names())]
    Unknown { name: String },
    #[error("cannot read the suite {file}: {source}")]
    Read { file: String, source: std::io::Error },
    #[error("{file}:{line}: {message}")]
    Bad {
        file: String,
        line: usize,
        /// What is wrong and what would be right, in one line.
        message: String,
    },
}

impl File {
    /// Finds a suite by name, or reads the file at a path (anything with a `/` or ending in
    /// `.toml`).
    pub fn find(name_or_path: &str) -> Result<Self, SuiteError> {
        if let Some((name, text)) = BUILT_IN.iter().find(|(name, _)| *name == name_or_path) {
            return Ok(Self { name: format!("{name} (built in)"), text: (*text).to_owned() });
        }
        let is_path = name_or_path.contains('/')
            || Path::new(name_or_path)
                .extension()
                .is_some_and(|it| it.eq_ignore_ascii_case("toml"));
        if !is_path {
            return Err(SuiteError::Unknown { name: name_or_path.to_owned() });
        }
        let text = std::fs::read_to_string(name_or_path)
            .map_err(|source| SuiteError::Read { file: name_or_path.to_owned(), source })?;
        Ok(Self { name: name_or_path.to_owned(), text })
    }

    /// Reads the suite in it, as [`Self::read`].
    pub fn parse(&self) -> Result<Suite, SuiteError> {
        self.read()
    }

    /// Reads what is in it: a suite, or a lab. An error names the line at which the file is wrong.
    pub fn read<T: Checked>(&self) -> Result<T, SuiteError> {
        let bad = |offset: usize, message: String| SuiteError::Bad {
            file: self.name.clone(),
            line: line_of(&self.text, offset),
            message,
        };
        let content: T = toml::from_str(&self.text).map_err(|error| {
            bad(error.span().map_or(0, |span| span.start), one_line(error.message()))
        })?;
        content.check().map_err(|wrong| bad(wrong.offset, wrong.message))?;
        Ok(content)
    }
}

/// What can be read from a file: each of its values is checked as it is read, the whole afterwards.
pub trait Checked: DeserializeOwned {
    /// Finds what no single value can show.
    fn check(&self) -> Result<(), Wrong>;
}

/// Something wrong at a place in the file.
#[derive(Debug)]
pub struct Wrong {
    offset: usize,
    message: String,
}

impl Wrong {
    /// Wrong where this value stands.
    pub fn at<T>(place: &Spanned<T>, message: impl Into<String>) -> Self {
        Self { offset: place.span().start, message: message.into() }
    }
}

/// The line of a byte offset, from 1.
fn line_of(text: &str, offset: usize) -> usize {
    1 + text.get(..offset).unwrap_or(text).matches('\n').count()
}

/// Parser messages may have several lines; a person gets one.
fn one_line(message: &str) -> String {
    message.lines().map(str::trim).filter(|line| !line.is_empty()).collect::<Vec<_>>().join("; ")
}

/// The names of the built-in suites, for an error message.
fn names() -> String {
    let [first @ .., last] = BUILT_IN.map(|(name, _)| name);
    format!("{} and {last}", first.join(", "))
}

#[cfg(test)]
pub(in crate::bench) mod tests {
    use super::*;
    use crate::bench::suite::values::Length;

    pub(in crate::bench) fn built_in(name: &str) -> Suite {
        File::find(name).unwrap().parse().unwrap()
    }

    /// A suite from its text.
    pub(in crate::bench) fn parse(text: &str) -> Result<Suite, String> {
        let file = File { name: "mine.toml".to_owned(), text: text.to_owned() };
        file.parse().map_err(|error| error.to_string())
    }

    pub(in crate::bench) const GOOD: &str = r#"name = "mine"
blocks = 2
duration = "1s"

[[workload]]
name = "hello"
connections = 8

[[cells]]
workloads = ["hello"]
modes = ["reuseport"]
workers = [1, 2]
"#;

    /// What is said of [`GOOD`] with one place changed.
    pub(in crate::bench) fn error_of(from: &str, to: &str) -> String {
        assert!(GOOD.contains(from), "the test replaces nothing: {from}");
        parse(&GOOD.replace(from, to)).unwrap_err()
    }

    /// Asserts that [`error_of`] has these parts, the one with the line first of all.
    #[track_caller]
    pub(in crate::bench) fn assert_error(from: &str, to: &str, parts: &[&str]) {
        let error = error_of(from, to);
        for part in parts {
            let at = error.find(part).unwrap_or_else(|| panic!("no {part} in {error}"));
            assert!(at == 0 || !part.starts_with("mine.toml"), "{error}");
        }
    }

    #[test]
    fn the_built_in_suites_are_good() {
        for (name, _) in BUILT_IN {
            assert_eq!(built_in(name).name.as_str(), name);
        }
    }

    #[test]
    fn a_short_suite_is_enough() {
        let suite = parse(GOOD).unwrap();
        assert_eq!(suite.warmup, Length::zero());
        assert!(suite.workload.0[0].keepalive);
    }

    #[test]
    fn an_unknown_key_is_named_with_its_line_and_the_allowed_ones() {
        let parts = ["mine.toml:8: unknown field `connection`", "`work_us`", "`connections`"];
        assert_error("connections = 8", "connections = 8\nconnection = 9", &parts);
    }

    #[test]
    fn every_key_is_explained_in_the_readme_of_the_suites() {
        let readme = include_str!("../../../suites/README.md");
        let rest = format!("{GOOD}\n[[target]]\nname = \"t\"\ncommand = [\"{{port}}\"]\n");
        for (from, to) in [
            ("name = \"mine\"", "name = \"mine\"\nx = 1"),
            ("connections = 8", "connections = 8\nx = 1"),
            ("connections = 8", "connections = 8\nmix = [{share = 1, x = 1}]"),
            ("workers = [1, 2]", "workers = [1, 2]\nx = 1"),
            ("name = \"t\"", "name = \"t\"\nx = 1"),
        ] {
            let error = parse(&rest.replace(from, to)).unwrap_err();
            let (_, known) =
                error.split_once("expected one of ").unwrap_or_else(|| panic!("{error}"));
            for key in known.split(", ") {
                assert!(readme.contains(key), "{key} is not explained");
            }
        }
    }

    #[test]
    fn an_unknown_table_is_named_with_its_line() {
        assert_error("[[cells]]", "[[cell]]", &["mine.toml:9: unknown field `cell`"]);
    }

    #[test]
    fn a_wrong_type_is_named_with_its_line() {
        let wrong = "invalid type: string \"six\", expected a whole number from 1 to 1000";
        assert_eq!(error_of("blocks = 2", "blocks = \"six\""), format!("mine.toml:2: {wrong}"));
    }

    #[test]
    fn values_out_of_range_are_refused_with_the_range() {
        assert_error("blocks = 2", "blocks = 0", &["a whole number from 1 to 1000"]);
        assert_error("[1, 2]", "[1, 0]", &["mine.toml:12: ", "zero workers"]);
        assert_error("[1, 2]", "\"all\"", &["`auto`"]);
        assert_error("\"1s\"", "\"soon\"", &["mine.toml:3: "]);
        assert_error("\"1s\"", "\"1ms\"", &["50 ms"]);
    }

    #[test]
    fn a_syntax_error_is_one_line() {
        let error = error_of("blocks = 2", "blocks = ");
        assert!(error.starts_with("mine.toml:2: "), "{error}");
        assert_eq!(error.lines().count(), 1);
    }

    #[test]
    fn a_missing_key_is_named() {
        assert!(error_of("duration = \"1s\"", "").contains("missing field `duration`"));
    }

    #[test]
    fn a_name_that_is_not_built_in_gets_the_list() {
        let error = File::find("quik").unwrap_err().to_string();
        assert!(error.contains("quick, smoke, workshop, peers and full"), "{error}");
    }
}
