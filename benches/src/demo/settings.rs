//! What can be set while the demonstration runs: how the server shares connections out, and the load.

use std::fmt;
use std::str::FromStr;

use server::Mode;

use super::dashboard::LoadSettings;

/// The most connections that the page may ask for.
const MOST_CONNECTIONS: u32 = 4096;

/// The highest rate that the page may ask for, in requests a second.
const HIGHEST_RATE: f64 = 1e6;

/// How the server is to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Serving {
    /// How connections are shared out.
    pub mode: Mode,
    /// Workers (threads, in mode `threads`).
    pub workers: u32,
}

/// What the generator is to do.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Load {
    /// Requests a second; `None`: a closed loop.
    pub rate: Option<f64>,
    /// Concurrent connections.
    pub connections: u32,
    /// Whether a connection carries many requests.
    pub keepalive: bool,
    /// What is asked for.
    pub workload: Workload,
    /// Whether it pauses.
    pub paused: bool,
}

impl Default for Load {
    fn default() -> Self {
        Self {
            rate: None,
            connections: 32,
            keepalive: true,
            workload: Workload::Hello,
            paused: false,
        }
    }
}

/// What the requests ask for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Workload {
    /// An answer that costs next to nothing.
    Hello,
    /// One that computes for some 200 µs on a usual core.
    Work,
    /// Nineteen of the first to one that computes for some milliseconds.
    Mixed,
    /// One that waits for 10 ms without computing.
    Sleep,
}

impl Workload {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Hello, Self::Work, Self::Mixed, Self::Sleep];

    /// Its name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Hello => "hello",
            Self::Work => "work",
            Self::Mixed => "mixed",
            Self::Sleep => "sleep",
        }
    }

    /// The path, or a mix of paths as `load --mix` takes it.
    pub fn paths(self) -> &'static str {
        match self {
            Self::Hello => "/",
            Self::Work => "/work?rounds=10000",
            Self::Mixed => "95:/,5:/work?rounds=200000",
            Self::Sleep => "/sleep?ms=10",
        }
    }
}

/// A value that makes no sense; the line says what would.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct BadValue(pub String);

impl FromStr for Workload {
    type Err = BadValue;

    fn from_str(text: &str) -> Result<Self, BadValue> {
        let named = Self::ALL.into_iter().find(|workload| workload.name() == text);
        named.ok_or_else(|| bad("workload", text, "hello, work, mixed or sleep"))
    }
}

impl Load {
    /// These settings with what a query changes, as in `connections=64&rate=closed`.
    ///
    /// # Errors
    /// [`BadValue`] for the first value that makes no sense.
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

/// The keys and values of a query.
pub fn pairs(query: &str) -> impl Iterator<Item = (&str, &str)> {
    let parts = query.split('&').filter(|part| !part.is_empty());
    parts.map(|part| part.split_once('=').unwrap_or((part, "")))
}

/// The line about a value that is no good.
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

impl Load {
    /// The command line that does the same to this URL.
    pub fn command(&self, url: &str) -> String {
        command_line(url, self.workload.paths(), &self.into())
    }
}

/// The command line of a generator that asks this URL for a path, or a mix of paths.
pub fn command_line(url: &str, paths: &str, load: &LoadSettings) -> String {
    let is_mix = !paths.starts_with('/');
    let path = if is_mix { "/" } else { paths };
    let mix = if is_mix { format!(" --mix '{paths}'") } else { String::new() };
    let rate = load.rate.map(|rate| format!(" -R {rate}")).unwrap_or_default();
    let keepalive = if load.keepalive { "" } else { " --no-keepalive" };
    format!("hello-cluster load '{url}{path}'{mix} -c {}{rate}{keepalive}", load.connections)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_query_changes_what_it_names_and_nothing_else() {
        let load = Load::default().with("rate=500&workload=mixed&keepalive=false").unwrap();
        assert_eq!((load.rate, load.keepalive), (Some(500.0), false));
        assert_eq!((load.workload, load.connections), (Workload::Mixed, 32));
        assert_eq!(load.with("rate=closed").unwrap().rate, None);
        assert_eq!(load.with("").unwrap(), load);
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
    fn the_command_line_says_all_that_differs_from_the_usual() {
        let url = "http://127.0.0.1:8000";
        let load = Load::default();
        assert_eq!(load.command(url), "hello-cluster load 'http://127.0.0.1:8000/' -c 32");
        let load = load.with("workload=mixed&rate=250.5&keepalive=false").unwrap();
        assert_eq!(
            load.command(url),
            "hello-cluster load 'http://127.0.0.1:8000/' --mix '95:/,5:/work?rounds=200000' -c 32 \
             -R 250.5 --no-keepalive"
        );
    }
}
