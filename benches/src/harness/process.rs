//! The suite's own processes: `serve` and `load`, started anew for each trial.
//!
//! Both are this very program, run again; somebody else's server is started by a
//! [keeper](super::keeper), which is this program too. A [`Child`] has a process group of its own,
//! dies with the suite, and is killed with its whole group when it is dropped, so that no trial,
//! however it ends, leaves a process behind. Every wait has an end: a hung child cannot hang the
//! suite.

use std::ffi::OsString;
use std::io::{BufRead, BufReader, Read};
use std::path::{Path, PathBuf};
use std::process::{Command, ExitStatus, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::time::{Duration, Instant};

use super::interrupt::Interrupt;
use crate::sys::child;
pub use crate::sys::child::{Signal, bind_to_parent, kill_group, signal};

/// How often a wait looks whether the user wants to stop.
const GLANCE: Duration = Duration::from_millis(100);

/// How often the end of a process is looked for.
const REAP_EVERY: Duration = Duration::from_millis(2);

/// How long a keeper may take to end all that it keeps.
const KEEPER: Duration = Duration::from_secs(3);

/// Lines of a child's own words that an error message may quote.
const MOST_QUOTED: usize = 3;

/// Where a line came from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stream {
    /// Standard output.
    Out,
    /// Standard error.
    Err,
}

/// Why a child could not be waited for.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum WaitError {
    /// The user wants to stop.
    #[error("interrupted")]
    Interrupted,
    /// Nothing came in time.
    #[error("`{name}` did not {what} within {limit:?}")]
    TooLate {
        /// `serve`, `load`, or a target.
        name: String,
        /// What was waited for.
        what: &'static str,
        /// How long.
        limit: Duration,
    },
    /// It ended before.
    #[error("`{name}` ended before it could {what}: {said}")]
    Ended {
        /// `serve`, `load`, or a target.
        name: String,
        /// What was waited for.
        what: &'static str,
        /// Its last words.
        said: String,
    },
    /// The system failed.
    #[error("cannot {what} `{name}`: {why}")]
    System {
        /// `serve`, `load`, or a target.
        name: String,
        /// What was tried.
        what: &'static str,
        /// The system's reason.
        why: String,
    },
}

impl WaitError {
    /// The system failed when `what` was tried with `name`.
    pub(crate) fn system(name: &str, what: &'static str, why: impl std::fmt::Display) -> Self {
        Self::System { name: name.to_owned(), what, why: why.to_string() }
    }
}

/// Why a child's end was no good one.
#[derive(Debug, thiserror::Error)]
pub enum EndError {
    /// It could not be awaited.
    #[error(transparent)]
    Wait(#[from] WaitError),
    /// It ended badly, or what it left behind cannot be read.
    #[error("{0}")]
    Bad(String),
}

/// Hears each line on a child's standard error first, on the thread that reads it, and says whether
/// it keeps the line to itself.
pub type StderrTap = Box<dyn Fn(&str) -> bool + Send>;

/// A running child.
#[derive(Debug)]
pub struct Child {
    name: String,
    /// Whether it is a keeper, which takes its whole tree along when it is told to.
    keeps: bool,
    process: std::process::Child,
    lines: Receiver<(Stream, String)>,
    /// Lines on standard output that nobody waited for. The two streams are read side by side, so
    /// a result on this one may overtake a line on the other.
    output: String,
    /// Lines on standard error that nobody waited for: its complaints.
    complaints: Vec<String>,
    ended: bool,
}

/// This program's file: by running it again a trial starts `serve` and `load`.
///
/// # Errors
/// The system's, when the file cannot be named.
pub fn this_program() -> std::io::Result<PathBuf> {
    std::env::current_exe()
}

impl Child {
    /// Runs a command of `program`, which is `hello-cluster`: `name` is `serve` or `load`. Its lines on
    /// standard error go to `tap` first.
    ///
    /// # Errors
    /// [`WaitError::System`] when it cannot be started.
    pub fn start(
        program: &Path,
        name: &str,
        arguments: &[OsString],
        tap: Option<StderrTap>,
    ) -> Result<Self, WaitError> {
        let mut command = Command::new(program);
        command.arg(name).args(arguments);
        Self::spawn(name, command, tap)
    }

    /// Starts any command, called `name` in messages.
    ///
    /// # Errors
    /// [`WaitError::System`] when it cannot be started.
    pub fn spawn(name: &str, command: Command, tap: Option<StderrTap>) -> Result<Self, WaitError> {
        Self::spawn_bound(name, command, tap, false)
    }

    /// Starts somebody else's server, called `name`, under a keeper on these CPUs; `program` is
    /// `hello-cluster`.
    ///
    /// # Errors
    /// [`WaitError::System`] when the keeper cannot be started.
    pub fn start_kept(
        program: &Path,
        name: &str,
        words: &[OsString],
        cpus: &[u32],
    ) -> Result<Self, WaitError> {
        let mut command = Command::new(program);
        command.args(["keep", "--cpus", &cpu_list(cpus), "--"]).args(words);
        Self::spawn_bound(name, command, None, true)
    }

    fn spawn_bound(
        name: &str,
        mut command: Command,
        tap: Option<StderrTap>,
        keeps: bool,
    ) -> Result<Self, WaitError> {
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        // A keeper ends all that it keeps when it is interrupted.
        let at_our_end = if keeps { Signal::SIGINT } else { Signal::SIGKILL };
        child::bind_to_parent(&mut command, at_our_end);
        let mut process = command.spawn().map_err(|why| WaitError::system(name, "start", why))?;
        let (sender, lines) = channel();
        if let Some(pipe) = process.stdout.take() {
            forward(pipe, Stream::Out, None, sender.clone());
        }
        if let Some(pipe) = process.stderr.take() {
            forward(pipe, Stream::Err, tap, sender);
        }
        Ok(Self {
            name: name.to_owned(),
            keeps,
            process,
            lines,
            output: String::new(),
            complaints: Vec::new(),
            ended: false,
        })
    }

    /// What it is called in messages.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Its process id, which is its group's too.
    #[must_use]
    pub fn pid(&self) -> u32 {
        self.process.id()
    }

    /// The next line for which `pick` returns something; others are put aside.
    ///
    /// `what` completes the sentence "it did not …".
    ///
    /// # Errors
    /// [`WaitError`], when the line does not come until `deadline`.
    pub fn await_line<T>(
        &mut self,
        what: &'static str,
        limit: Duration,
        interrupt: &Interrupt,
        mut pick: impl FnMut(Stream, &str) -> Option<T>,
    ) -> Result<T, WaitError> {
        let deadline = Instant::now() + limit;
        loop {
            if interrupt.is_set() {
                return Err(WaitError::Interrupted);
            }
            let left = deadline.saturating_duration_since(Instant::now());
            match self.lines.recv_timeout(left.min(GLANCE)) {
                Ok((stream, line)) => {
                    if let Some(found) = pick(stream, &line) {
                        return Ok(found);
                    }
                    self.put_aside(stream, line);
                }
                Err(RecvTimeoutError::Timeout) if left.is_zero() => {
                    let name = self.name.clone();
                    return Err(WaitError::TooLate { name, what, limit });
                }
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => {
                    let said = self.last_words();
                    return Err(WaitError::Ended { name: self.name.clone(), what, said });
                }
            }
        }
    }

    fn put_aside(&mut self, stream: Stream, line: String) {
        match stream {
            Stream::Out => self.output.extend([line.as_str(), "\n"]),
            Stream::Err => self.complaints.push(line),
        }
    }

    /// Waits for its end; standard output that nobody waited for is returned with its status.
    ///
    /// # Errors
    /// [`WaitError`], when it does not end within the limit.
    pub fn await_end(
        &mut self,
        limit: Duration,
        interrupt: &Interrupt,
    ) -> Result<(ExitStatus, String), WaitError> {
        let (name, what) = (self.name.clone(), "end");
        let deadline = Instant::now() + limit;
        // Both streams end with the process, and its last lines come before.
        match self.await_line(what, limit, interrupt, |_, _| None::<()>) {
            Ok(()) | Err(WaitError::Ended { .. }) => {}
            Err(other) => return Err(other),
        }
        loop {
            if let Some(status) = self.status()? {
                return Ok((status, std::mem::take(&mut self.output)));
            }
            if Instant::now() >= deadline {
                return Err(WaitError::TooLate { name, what, limit });
            }
            std::thread::sleep(REAP_EVERY);
        }
    }

    /// Returns whether it has ended.
    ///
    /// # Errors
    /// [`WaitError::System`].
    pub fn has_ended(&mut self) -> Result<bool, WaitError> {
        Ok(self.status()?.is_some())
    }

    /// How it ended, if it has.
    fn status(&mut self) -> Result<Option<ExitStatus>, WaitError> {
        let status =
            self.process.try_wait().map_err(|why| WaitError::system(&self.name, "await", why))?;
        self.ended |= status.is_some();
        Ok(status)
    }

    /// Fails if it has ended; `what` completes the sentence "it ended before it could …".
    ///
    /// # Errors
    /// [`WaitError::Ended`] with what it said last, or [`WaitError::System`].
    pub fn expect_running(&mut self, what: &'static str) -> Result<(), WaitError> {
        if !self.has_ended()? {
            return Ok(());
        }
        // Its streams end with it.
        while let Ok((stream, line)) = self.lines.recv_timeout(GLANCE) {
            self.put_aside(stream, line);
        }
        Err(WaitError::Ended { name: self.name.clone(), what, said: self.last_words() })
    }

    /// Asks it to end in order (SIGTERM).
    ///
    /// # Errors
    /// [`WaitError::System`].
    pub fn terminate(&self) -> Result<(), WaitError> {
        child::signal(self.pid(), Signal::SIGTERM)
            .map_err(|why| WaitError::system(&self.name, "stop", why))
    }

    /// What it said on standard error last, in one line.
    #[must_use]
    pub fn last_words(&self) -> String {
        let from = self.complaints.len().saturating_sub(MOST_QUOTED);
        let words = self.complaints[from..].join("; ");
        if words.is_empty() { "it said nothing".to_owned() } else { words }
    }
}

impl Drop for Child {
    /// Nothing of a trial outlives it: the group is killed, workers included, and its leader reaped.
    fn drop(&mut self) {
        if self.ended {
            return;
        }
        if self.keeps {
            // It finds those, too, that have left its group.
            let _ = child::signal(self.pid(), Signal::SIGINT);
            let deadline = Instant::now() + KEEPER;
            while matches!(self.process.try_wait(), Ok(None)) && Instant::now() < deadline {
                std::thread::sleep(REAP_EVERY);
            }
        }
        child::kill_group(self.pid());
        let _ = self.process.wait();
    }
}

/// CPUs as `--cpus` takes them.
pub fn cpu_list(cpus: &[u32]) -> String {
    cpus.iter().map(u32::to_string).collect::<Vec<_>>().join(",")
}

/// Passes a stream's lines on until it ends or nobody listens.
fn forward(
    pipe: impl Read + Send + 'static,
    stream: Stream,
    ear: Option<StderrTap>,
    to: Sender<(Stream, String)>,
) {
    std::thread::spawn(move || {
        for line in BufReader::new(pipe).lines() {
            let Ok(line) = line else { break };
            if ear.as_ref().is_some_and(|keeps| keeps(&line)) {
                continue;
            }
            if to.send((stream, line)).is_err() {
                break;
            }
        }
    });
}
