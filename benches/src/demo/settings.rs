//! What can be set while the demonstration runs: how the server shares connections out, and the load.

use std::fmt;
use std::path::Path;
use std::str::FromStr;
use std::time::Duration;

use serde::Serialize;
use server::Mode;

use crate::harness::load_process::{self, Bound, Schedule};

const MOST_CONNECTIONS: u32 = 4096;

/// The highest rate that the page may ask for, in requests a second.
const HIGHEST_RATE: f64 = 1e6;

/// How long a generator runs when nobody stops it: longer than any class.
pub const LONG: Duration = Duration::from_secs(24 * 60 * 60);

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Serving {
    pub mode: Mode,
    pub workers: u32,
}

/// What the generator is to do; as JSON, what the page shows of it.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Load {
    /// Requests a second; `None`: a closed loop.
    pub rate: Option<f64>,
    pub connections: u32,
    pub keepalive: bool,
    pub workload: Workload,
    pub paused: bool,
}

impl Default for Load {
    fn default() -> Self {
        let workload = Workload::new("hello", "/");
        Self { rate: None, connections: 32, keepalive: true, workload, paused: false }
    }
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct Workload {
    pub name: String,
    /// The path, or a mix of paths as `load --mix` takes it.
    #[serde(skip)]
    pub paths: String,
}

const WORKLOADS: [(&str, &str); 4] = [
    // An answer that costs next to nothing.
    ("hello", "/"),
    // One that computes for some 200 µs on a usual core.
    ("work", "/work?rounds=10000"),
    // Nineteen of the first to one that computes for some milliseconds.
    ("mixed", "95:/,5:/work?rounds=200000"),
    // One that waits for 10 ms without computing.
    ("sleep", "/sleep?ms=10"),
];

impl Workload {
    /// One that may be none of [`WORKLOADS`]: a lab has its own.
    pub fn new(name: impl Into<String>, paths: impl Into<String>) -> Self {
        Self { name: name.into(), paths: paths.into() }
    }
}

/// A value that makes no sense; the line says what would.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct BadValue(pub String);

impl FromStr for Workload {
    type Err = BadValue;

    fn from_str(text: &str) -> Result<Self, BadValue> {
        let named = WORKLOADS.into_iter().find(|(name, _)| *name == text);
        let (name, paths) =
            named.ok_or_else(|| bad("workload", text, "hello, work, mixed or sleep"))?;
        Ok(Self::new(name, paths))
    }
}

impl Load {
    /// These settings with what a query changes, as in `connections=64&rate=closed`.
    pub fn with(mut self, query: &str) -> Result<Self, BadValue> {
        for (key, value) in pairs(query) {
            match key {
                "connections" => self.connections = connections(value)?,
                "rate" => self.rate = rate(value)?,
                "keepalive" => {
                    self.keepalive =
                        value.parse().map_err(|_| bad("keep-alive", value, "true or false"))?;
                }
                "workload" => self.workload = value.parse()?,
                other => {
                    let right = "connections, rate, keepalive or workload";
                    return Err(bad("setting of the load", other, right));
                }
            }
        }
        Ok(self)
    }

    pub fn process<'a>(&'a self, program: &'a Path, url: &'a str) -> load_process::Load<'a> {
        let schedule = |rate_rps| Schedule { rate_rps, arrivals: "constant" };
        load_process::Load {
            program,
            url,
            paths: &self.workload.paths,
            schedule: self.rate.map(schedule),
            connections: self.connections,
            keepalive: self.keepalive,
            cpus: &[],
            seed: 0,
            bound: Bound::Time { warmup: Duration::ZERO, duration: LONG },
            tools: &[],
            snapshots: true,
        }
    }

    pub fn command_line(&self, url: &str) -> String {
        self.process(Path::new(""), url).command_line()
    }
}

fn connections(text: &str) -> Result<u32, BadValue> {
    let number = text.parse().ok().filter(|number| (1..=MOST_CONNECTIONS).contains(number));
    number.ok_or_else(|| bad("number of connections", text, &format!("1 to {MOST_CONNECTIONS}")))
}

fn rate(text: &str) -> Result<Option<f64>, BadValue> {
    if text == "closed" {
        return Ok(None);
    }
    let rate = text.parse().ok().filter(|rate| (1.0..=HIGHEST_RATE).contains(rate));
    let right = format!("1 to {HIGHEST_RATE} requests a second, or closed");
    rate.map(Some).ok_or_else(|| bad("rate", text, &right))
}

pub fn pairs(query: &str) -> impl Iterator<Item = (&str, &str)> {
    let parts = query.split('&').filter(|part| !part.is_empty());
    parts.map(|part| part.split_once('=').unwrap_or((part, "")))
}

pub fn bad(what: &str, value: &str, right: &str) -> BadValue {
    let value: String = value.chars().filter(|c| !c.is_control()).take(40).collect();
    BadValue(format!("'{value}' as {what}: give {right}"))
}

impl fmt::Display for Serving {
    /// The command line of a server like this.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { mode, workers } = self;
        write!(formatter, "hello-cluster serve --mode {mode} --workers {workers}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_query_changes_what_it_names_and_nothing_else() {
        let load = Load::default().with("rate=500&workload=mixed&keepalive=false").unwrap();
        assert_eq!((load.rate, load.keepalive), (Some(500.0), false));
        assert_eq!((load.workload.name.as_str(), load.connections), ("mixed", 32));
        assert_eq!(load.clone().with("rate=closed").unwrap().rate, None);
        assert_eq!(load.clone().with("").unwrap(), load);
        assert_eq!(Load::default().with("workload=hello").unwrap(), Load::default());
    }

    #[test]
    fn nonsense_is_answered_with_what_would_be_right() {
        for (query, right) in [
            ("connections=0", "1 to 4096"),
            ("connections=4097", "1 to 4096"),
            ("rate=fast", "or closed"),
            ("rate=inf", "or closed"),
            ("rate=0", "or closed"),
            ("keepalive=maybe", "true or false"),
            ("workload=play", "mixed or sleep"),
            ("speed=1", "connections, rate"),
        ] {
            let line = Load::default().with(query).unwrap_err().to_string();
            assert!(line.contains(right) && !line.contains('\n'), "{query}: {line}");
        }
    }

    #[test]
    fn the_settings_become_the_command_line_of_load_and_the_page_shows_what_matters_of_it() {
        let url = "http://127.0.0.1:8000";
        let load = Load::default();
        assert_eq!(load.command_line(url), "hello-cluster load 'http://127.0.0.1:8000/' -c 32");
        let load = load.with("workload=mixed&rate=250.5&keepalive=false").unwrap();
        assert_eq!(
            load.command_line(url),
            "hello-cluster load 'http://127.0.0.1:8000/' --mix '95:/,5:/work?rounds=200000' -c 32 \
             -R 250.5 --no-keepalive"
        );
        let words = load.process(Path::new("hello-cluster"), url).arguments();
        let line = words.join(std::ffi::OsStr::new(" ")).into_string().unwrap();
        for part in [
            "http://127.0.0.1:8000/ --mix 95:/,5:/work?rounds=200000 -c 32 -R 250.5 --no-keepalive ",
            " --warmup 0s -d 1day ",
            " --snapshots 200ms ",
        ] {
            assert!(line.contains(part), "{part} in {line}");
        }
        assert!(!line.contains("--cpus"), "{line}");
    }
}
