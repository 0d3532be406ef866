//! The generator: started for one measurement, followed through its phases, its result read.
//!
//! `load --phases` says on standard error when the measurement begins and when it ends, so that the
//! suite reads the CPU clocks at those very moments.

use std::borrow::Cow;
use std::ffi::OsString;
use std::path::Path;
use std::time::Duration;

use loadgen::Snapshot;
use reports::record::{SeriesPoint, TrialResult};
use serde::Deserialize;

use super::interrupt::Interrupt;
use super::process::{Child, EndError, StderrTap, Stream, WaitError, cpu_list};

/// How long a request may wait for its answer.
const REQUEST_TIMEOUT: Duration = Duration::from_secs(5);

/// What each phase may take beyond its length, on a machine that is busy with something else.
const PATIENCE: Duration = Duration::from_secs(10);

/// How often a generator tells how it goes, if it does.
const SNAPSHOTS_EVERY: Duration = Duration::from_millis(200);

/// `load`'s exit code for a measurement that is not valid: there is a result nevertheless.
const NOT_VALID: i32 = 4;

/// What is asked of a generator.
#[derive(Debug, Clone, Copy)]
pub struct Load<'a> {
    /// The file of `hello-cluster`.
    pub program: &'a Path,
    /// The server's URL, without a path.
    pub url: &'a str,
    /// The path, or several with their weights as in `95:/,5:/work?rounds=1000`.
    pub paths: &'a str,
    /// Open loop: what is due; `None`: closed loop.
    pub schedule: Option<Schedule<'a>>,
    /// Concurrent connections.
    pub connections: u32,
    /// Whether a connection carries many requests.
    pub keepalive: bool,
    /// One thread on each of these CPUs.
    pub cpus: &'a [u32],
    /// Seed of random arrivals and of the order of a mix.
    pub seed: u64,
    /// How long.
    pub bound: Bound,
    /// Other load generators whose figures are wanted.
    pub tools: &'a [String],
    /// Whether it tells how it goes while it goes.
    pub snapshots: bool,
}

/// An open loop's requests.
#[derive(Debug, Clone, Copy)]
pub struct Schedule<'a> {
    /// Requests a second.
    pub rate_rps: f64,
    /// `constant` or `poisson`.
    pub arrivals: &'a str,
}

/// Creates a tap that passes on the snapshots among the lines of a generator's standard error; a line
/// that looks like one and is none is an error.
pub fn snapshots_to(
    pass_on: impl Fn(serde_json::Result<Box<Snapshot>>) + Send + 'static,
) -> StderrTap {
    Box::new(move |line| {
        let is_snapshot = line.starts_with('{');
        if is_snapshot {
            pass_on(serde_json::from_str(line));
        }
        is_snapshot
    })
}

/// When a generator stops.
#[derive(Debug, Clone, Copy)]
pub enum Bound {
    /// After a warm-up and a measurement of these lengths.
    Time {
        /// Not measured.
        warmup: Duration,
        /// Measured.
        duration: Duration,
    },
    /// After so many requests.
    Requests(u32),
}

impl Bound {
    /// How long warm-up and measurement take, as far as time bounds them.
    fn lengths(self) -> (Duration, Duration) {
        match self {
            Self::Time { warmup, duration } => (warmup, duration),
            Self::Requests(_) => (Duration::ZERO, Duration::ZERO),
        }
    }
}

/// A running generator.
#[derive(Debug)]
pub struct Generator {
    child: Child,
    bound: Bound,
}

/// What a generator tells at its end.
#[derive(Debug)]
pub struct Loaded {
    /// The result.
    pub result: TrialResult,
    /// The slices before the measured window.
    pub warmup: Vec<SeriesPoint>,
}

/// The part of `load --json` that a record keeps elsewhere.
#[derive(Deserialize)]
struct Before {
    #[serde(default)]
    warmup_series: Vec<SeriesPoint>,
}

impl Generator {
    /// Starts it; `ear` hears what it says, its snapshots above all.
    ///
    /// # Errors
    /// [`WaitError::System`] when it cannot be started.
    pub fn start(load: &Load<'_>, ear: Option<StderrTap>) -> Result<Self, WaitError> {
        let child = Child::start(load.program, "load", &load.arguments(), ear)?;
        Ok(Self { child, bound: load.bound })
    }

    /// Its process id.
    #[must_use]
    pub fn pid(&self) -> u32 {
        self.child.pid()
    }

    /// Waits until the warm-up is over.
    ///
    /// # Errors
    /// [`WaitError`].
    pub fn await_measurement(&mut self, interrupt: &Interrupt) -> Result<(), WaitError> {
        let (warmup, _) = self.bound.lengths();
        self.await_phase("phase measure", "begin to measure", warmup + PATIENCE, interrupt)
    }

    /// Waits until the measurement is over.
    ///
    /// # Errors
    /// [`WaitError`].
    pub fn await_drain(&mut self, interrupt: &Interrupt) -> Result<(), WaitError> {
        let (_, duration) = self.bound.lengths();
        self.await_phase("phase drain", "end its measurement", duration + PATIENCE, interrupt)
    }

    /// Waits for its end and reads its result.
    ///
    /// # Errors
    /// [`EndError`].
    pub fn finish(mut self, interrupt: &Interrupt) -> Result<Loaded, EndError> {
        let (status, output) = self.child.await_end(REQUEST_TIMEOUT + PATIENCE, interrupt)?;
        if !status.success() && status.code() != Some(NOT_VALID) {
            let said = self.child.last_words();
            return Err(EndError::Bad(format!("`load` ended with {status}: {said}")));
        }
        let bad = |why| EndError::Bad(format!("`load` printed a result that is none: {why}"));
        let Before { warmup_series } = serde_json::from_str(&output).map_err(bad)?;
        Ok(Loaded { result: serde_json::from_str(&output).map_err(bad)?, warmup: warmup_series })
    }

    fn await_phase(
        &mut self,
        phase: &str,
        what: &'static str,
        limit: Duration,
        interrupt: &Interrupt,
    ) -> Result<(), WaitError> {
        self.child.await_line(what, limit, interrupt, |stream, line| {
            (stream == Stream::Err && line == phase).then_some(())
        })
    }
}

impl Load<'_> {
    /// What the server is asked, as words: the URL, what is asked for, how often and how.
    fn traffic(&self) -> Vec<String> {
        let is_mix = !self.paths.starts_with('/');
        let path = if is_mix { "/" } else { self.paths };
        let mut words = vec![format!("{}{path}", self.url)];
        if is_mix {
            words.extend(["--mix".into(), self.paths.into()]);
        }
        words.extend(["-c".into(), self.connections.to_string()]);
        if let Some(schedule) = self.schedule {
            words.extend(["-R".into(), schedule.rate_rps.to_string()]);
        }
        if !self.keepalive {
            words.push("--no-keepalive".into());
        }
        words
    }

    /// The arguments of `load`.
    #[must_use]
    pub fn arguments(&self) -> Vec<OsString> {
        let in_words =
            |time: Duration| humantime::format_duration(time).to_string().replace(' ', "");
        let mut words = self.traffic();
        let mut add = |name: &str, value: String| words.extend([name.to_owned(), value]);
        if let Some(schedule) = self.schedule {
            add("--arrivals", schedule.arrivals.to_owned());
        }
        add("--seed", self.seed.to_string());
        match self.bound {
            Bound::Time { warmup, duration } => {
                add("--warmup", in_words(warmup));
                add("-d", in_words(duration));
            }
            Bound::Requests(requests) => {
                add("--warmup", "0s".to_owned());
                add("-n", requests.to_string());
            }
        }
        add("--timeout", in_words(REQUEST_TIMEOUT));
        if !self.cpus.is_empty() {
            add("--cpus", cpu_list(self.cpus));
        }
        if !self.tools.is_empty() {
            add("--as", self.tools.join(","));
        }
        if self.snapshots {
            add("--snapshots", in_words(SNAPSHOTS_EVERY));
        }
        words.extend(["--json", "-", "--phases"].map(Into::into));
        words.into_iter().map(Into::into).collect()
    }

    /// What a person types to ask the server the same: quoted for a shell, and without what only
    /// this program needs (how long, from which CPUs, what is written).
    #[must_use]
    pub fn command_line(&self) -> String {
        let words = self.traffic();
        let quoted = words.iter().fold(String::new(), |line, word| line + " " + &quoted(word));
        format!("hello-cluster load{quoted}")
    }
}

/// A word for a shell; only plain ones go without quotes.
fn quoted(word: &str) -> Cow<'_, str> {
    if word.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-.".contains(&byte)) {
        return word.into();
    }
    format!("'{}'", word.replace('\'', r"'\''")).into()
}
