//! A suite file: what to measure, as a person wrote it, with every key checked.
//!
//! A suite says which workloads are run in which modes with how many workers, and for how long.
//! Worker counts may be left open (`"auto"`), so a suite means something on every machine;
//! [`super::plan`] makes the list of trials from it, and is the file to read next. The value types
//! with their checks are in [`super::values`].

use std::path::Path;

use serde::Deserialize;
use toml::Spanned;

use super::values::{Bounded, Length, Mode, Name, NonEmpty, Target, Workers};

/// The suites that are built into the binary, so that an installed one has them too.
const BUILT_IN: [(&str, &str); 2] = [
    ("quick", include_str!("../../suites/quick.toml")),
    ("smoke", include_str!("../../suites/smoke.toml")),
];

/// A suite: the whole of its file.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Suite {
    /// Its name, part of each run's id: letters, digits, `-` and `_`.
    pub name: Name,
    /// One sentence on what it is for.
    #[serde(default)]
    pub description: String,
    /// How often each cell is run; six or more for an interval, 1000 at most.
    pub blocks: Bounded<1, 1000>,
    /// Load before each measurement that no figure includes: `"300ms"`. Default: none.
    #[serde(default = "Length::zero")]
    pub warmup: Length,
    /// Length of each measurement, from 50 ms to 10 minutes: `"1s"`.
    #[serde(deserialize_with = "Length::measurement")]
    pub duration: Length,
    /// Time that the whole run may take: `"5m"`. Worker counts of `"auto"` are cut until it does.
    pub budget: Option<Length>,
    /// What the clients ask for: `[[workload]]`.
    pub workload: NonEmpty<Workload>,
    /// Which workloads run in which modes with how many workers: `[[cells]]`.
    pub cells: NonEmpty<Cells>,
}

/// One `[[workload]]`: what the clients ask for.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Workload {
    /// Its name, to which `[[cells]]` refer.
    pub name: Spanned<Name>,
    /// One sentence on what a request costs the server.
    #[serde(default)]
    pub description: String,
    /// The target asked for, from `/` on. Default: `/`.
    pub path: Option<Spanned<Target>>,
    /// Instead of a path: CPU time that a request shall take, in microseconds, from 20 to 100,000.
    /// The number of rounds for it is found once a run and recorded.
    pub work_us: Option<Bounded<20, 100_000>>,
    /// Whether a connection carries many requests; `false`: one connection a request.
    /// Default: `true`.
    #[serde(default = "yes")]
    pub keepalive: bool,
    /// Concurrent connections, the same in every cell: 1 to 10,000.
    pub connections: Bounded<1, 10_000>,
}

/// One `[[cells]]`: each of its workloads × each of its modes × each of its worker counts.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Cells {
    /// Names of workloads.
    pub workloads: NonEmpty<Spanned<Name>>,
    /// How connections are shared out.
    pub modes: NonEmpty<Mode>,
    /// How many workers: a list, or `"auto"`, `"cores"`, `"twice-cores"`. The mode `single` has one
    /// in any case.
    pub workers: Workers,
}

/// Why there is no suite.
#[derive(Debug, thiserror::Error)]
pub enum SuiteError {
    /// Neither built in nor a path.
    #[error("there is no suite `{name}`: built in are {known}; a file of your own ends in .toml", known = names())]
    Unknown {
        /// What was asked for.
        name: String,
    },
    /// The file cannot be read.
    #[error("cannot read the suite {file}: {source}")]
    Read {
        /// The file.
        file: String,
        /// Why not.
        source: std::io::Error,
    },
    /// The file is not a suite.
    #[error("{file}:{line}: {message}")]
    Bad {
        /// The file.
        file: String,
        /// The line, from 1.
        line: usize,
        /// What is wrong and what would be right, in one line.
        message: String,
    },
}

impl Suite {
    /// Finds a suite by name, or reads the file at a path (anything with a `/` or ending in
    /// `.toml`).
    ///
    /// # Errors
    /// [`SuiteError`], each of whose variants is one line for a person.
    pub fn find(name_or_path: &str) -> Result<Self, SuiteError> {
        if let Some((name, text)) = BUILT_IN.iter().find(|(name, _)| *name == name_or_path) {
            return Self::parse(&format!("{name} (built in)"), text);
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
        Self::parse(name_or_path, &text)
    }

    /// Reads a suite from the text of a file; `file` is its name in errors.
    ///
    /// # Errors
    /// [`SuiteError::Bad`] with the line at which the file is wrong.
    pub fn parse(file: &str, text: &str) -> Result<Self, SuiteError> {
        let bad = |offset: usize, message: String| SuiteError::Bad {
            file: file.to_owned(),
            line: line_of(text, offset),
            message,
        };
        let suite: Self = toml::from_str(text).map_err(|error| {
            bad(error.span().map_or(0, |span| span.start), one_line(error.message()))
        })?;
        suite.check().map_err(|wrong| bad(wrong.offset, wrong.message))?;
        Ok(suite)
    }

    /// Checks what no single value can show.
    fn check(&self) -> Result<(), Wrong> {
        let mut names: Vec<&str> = Vec::new();
        let mut calibrated: Option<u32> = None;
        for workload in &self.workload.0 {
            let name = workload.name.get_ref().as_str();
            if names.contains(&name) {
                return Err(Wrong::at(
                    &workload.name,
                    format!("the workload `{name}` is there twice"),
                ));
            }
            names.push(name);
            if let (Some(path), Some(_)) = (&workload.path, &workload.work_us) {
                let message = format!(
                    "the workload `{name}` has both `path` and `work_us`: with `work_us` the path \
                     is found by the calibration"
                );
                return Err(Wrong::at(path, message));
            }
            if let Some(work_us) = &workload.work_us {
                let first = *calibrated.get_or_insert(work_us.0);
                if first != work_us.0 {
                    let message = format!(
                        "the workload `{name}` has another `work_us` than one before it: a suite is \
                         calibrated once, so give {first} here too"
                    );
                    return Err(Wrong::at(&workload.name, message));
                }
            }
        }
        for name in self.cells.0.iter().flat_map(|cells| &cells.workloads.0) {
            if !names.contains(&name.get_ref().as_str()) {
                let message = format!(
                    "there is no workload `{}`; expected one of `{}`",
                    name.get_ref().as_str(),
                    names.join("`, `")
                );
                return Err(Wrong::at(name, message));
            }
        }
        Ok(())
    }
}

/// Something wrong at a place in the file.
struct Wrong {
    offset: usize,
    message: String,
}

impl Wrong {
    fn at<T>(place: &Spanned<T>, message: String) -> Self {
        Self { offset: place.span().start, message }
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
    BUILT_IN.map(|(name, _)| name).join(" and ")
}

/// serde takes defaults from functions only.
fn yes() -> bool {
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    const GOOD: &str = r#"name = "mine"
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

    fn error_of(from: &str, to: &str) -> String {
        assert!(GOOD.contains(from), "the test replaces nothing: {from}");
        Suite::parse("mine.toml", &GOOD.replace(from, to)).unwrap_err().to_string()
    }

    #[test]
    fn the_built_in_suites_are_good() {
        for (name, _) in BUILT_IN {
            assert_eq!(Suite::find(name).unwrap().name.as_str(), name);
        }
    }

    #[test]
    fn a_short_suite_is_enough() {
        let suite = Suite::parse("mine.toml", GOOD).unwrap();
        assert_eq!(suite.warmup, Length::zero());
        assert!(suite.workload.0[0].keepalive);
    }

    #[test]
    fn an_unknown_key_is_named_with_its_line_and_the_allowed_ones() {
        let error = error_of("connections = 8", "connections = 8\nconnection = 9");
        assert!(error.starts_with("mine.toml:8: unknown field `connection`"), "{error}");
        assert!(error.contains("`work_us`") && error.contains("`connections`"), "{error}");
    }

    #[test]
    fn an_unknown_table_is_named_with_its_line() {
        let error = error_of("[[cells]]", "[[cell]]");
        assert!(error.contains("mine.toml:9: unknown field `cell`"), "{error}");
    }

    #[test]
    fn a_wrong_type_is_named_with_its_line() {
        let error = error_of("blocks = 2", "blocks = \"six\"");
        assert_eq!(
            error,
            "mine.toml:2: invalid type: string \"six\", expected a whole number from 1 to 1000"
        );
    }

    #[test]
    fn values_out_of_range_are_refused_with_the_range() {
        assert!(error_of("blocks = 2", "blocks = 0").contains("a whole number from 1 to 1000"));
        assert!(error_of("[1, 2]", "[1, 0]").starts_with("mine.toml:12: "));
        assert!(error_of("[1, 2]", "[1, 0]").contains("zero workers"));
        assert!(error_of("[1, 2]", "\"all\"").contains("`auto`"));
        assert!(error_of("\"1s\"", "\"soon\"").contains("mine.toml:3: "));
        assert!(error_of("\"1s\"", "\"1ms\"").contains("50 ms"));
    }

    #[test]
    fn an_unknown_mode_is_named_with_the_known_ones() {
        let error = error_of("\"reuseport\"", "\"fastest\"");
        assert!(error.starts_with("mine.toml:11: there is no mode 'fastest'"), "{error}");
        assert!(error.contains("round-robin"), "{error}");
    }

    #[test]
    fn cells_of_an_unknown_workload_are_refused() {
        let error = error_of("workloads = [\"hello\"]", "workloads = [\"hallo\"]");
        assert_eq!(error, "mine.toml:10: there is no workload `hallo`; expected one of `hello`");
    }

    #[test]
    fn a_workload_has_a_path_or_an_amount_of_work() {
        let error = error_of("connections = 8", "connections = 8\npath = \"/\"\nwork_us = 100");
        assert!(error.starts_with("mine.toml:8: the workload `hello` has both"), "{error}");
    }

    #[test]
    fn a_second_amount_of_work_is_refused_for_there_is_one_calibration() {
        let second = "connections = 8\nwork_us = 100\n\n[[workload]]\nname = \"heavy\"\n\
                      description = \"more\"\nconnections = 8\nwork_us = 300";
        let error = error_of("connections = 8", second);
        assert!(error.starts_with("mine.toml:11: the workload `heavy` has another"), "{error}");
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
        let error = Suite::find("quik").unwrap_err().to_string();
        assert!(error.contains("quick and smoke"), "{error}");
    }
}
