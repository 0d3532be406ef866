//! The server under test: started, awaited until all its workers are ready, stopped, and its books
//! read.
//!
//! Readiness is read from the server's own words: a request sent as a probe would have to be
//! accounted for. Next: [`super::generator`], the other side.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use super::children::{Child, Stream, WaitError};
use super::events::Books;
use super::interrupt::Interrupt;

/// How long a server may take until all workers are ready.
const START: Duration = Duration::from_secs(10);

/// How long requests in progress may take once the server was told to stop.
const DRAIN: Duration = Duration::from_secs(3);

/// How long the server may take to end; longer than [`DRAIN`].
const STOP: Duration = Duration::from_secs(8);

/// A running server with all its workers ready.
#[derive(Debug)]
pub struct Target {
    child: Child,
    url: String,
    events: PathBuf,
}

/// What is asked of a server.
#[derive(Debug, Clone, Copy)]
pub struct Serve<'a> {
    /// The mode.
    pub mode: &'a str,
    /// Number of workers.
    pub workers: u32,
    /// Worker `i` is pinned to the `i`-th of these.
    pub cpus: &'a [u32],
}

impl Target {
    /// Starts a server and waits until it listens and every worker is ready.
    ///
    /// `folder` takes its event file, which is removed with the target.
    ///
    /// # Errors
    /// [`WaitError`] when it is not ready in time or ends before.
    pub fn start(
        serve: &Serve<'_>,
        folder: &Path,
        interrupt: &Interrupt,
    ) -> Result<Self, WaitError> {
        let events = folder.join(".events.jsonl");
        let mut child = Child::start("serve", &serve.arguments(&events))?;
        let mut url = None;
        let mut ready = 0;
        child.await_line("get all its workers ready", START, interrupt, |stream, line| {
            if stream == Stream::Out {
                match line.split_whitespace().collect::<Vec<_>>()[..] {
                    ["Listening", "on", address, ..] => url = Some(address.to_owned()),
                    ["Worker", _, "started"] => ready += 1,
                    _ => {}
                }
            }
            (url.is_some() && ready >= serve.workers).then_some(())
        })?;
        Ok(Self { child, url: url.unwrap_or_default(), events })
    }

    /// Where it listens: `http://127.0.0.1:PORT`.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Its master's process id.
    pub fn pid(&self) -> u32 {
        self.child.pid()
    }

    /// The books as they stand, with at least this many workers in them.
    ///
    /// The server says that a worker is ready a moment before it writes so, hence the patience.
    ///
    /// # Errors
    /// One line for a person.
    pub fn books(&self, workers: u32) -> Result<Books, String> {
        let deadline = Instant::now() + Duration::from_secs(2);
        loop {
            let books = read(&self.events)?;
            if books.workers.len() >= workers as usize {
                return Ok(books);
            }
            if Instant::now() >= deadline {
                return Err(format!(
                    "`serve` has {workers} workers ready, but wrote {} of them down",
                    books.workers.len()
                ));
            }
            std::thread::sleep(Duration::from_millis(2));
        }
    }

    /// Has the server end in order, and returns its closing books.
    ///
    /// # Errors
    /// One line for a person, when it does not end in time or not as it should.
    pub fn stop(mut self, interrupt: &Interrupt) -> Result<Books, StopError> {
        self.child.terminate()?;
        let (status, _) = self.child.await_end(STOP, interrupt)?;
        if !status.success() {
            let said = self.child.last_words();
            return Err(StopError::Bad(format!("`serve` ended with {status}: {said}")));
        }
        read(&self.events).map_err(StopError::Bad)
    }
}

/// Why a server's end was no good one.
#[derive(Debug, thiserror::Error)]
pub enum StopError {
    /// It could not be awaited.
    #[error(transparent)]
    Wait(#[from] WaitError),
    /// It ended badly, or its books cannot be read.
    #[error("{0}")]
    Bad(String),
}

impl Drop for Target {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.events);
    }
}

impl Serve<'_> {
    /// The command line of `serve`.
    fn arguments(&self, events: &Path) -> Vec<OsString> {
        let mut arguments: Vec<OsString> = ["--mode", self.mode].map(Into::into).into();
        let workers = self.workers.to_string();
        let drain = humantime::format_duration(DRAIN).to_string();
        for (name, value) in [
            ("--workers", workers.as_str()),
            ("--listen", "127.0.0.1:0"),
            ("--cpus", &cpu_list(self.cpus)),
            ("--drain-timeout", &drain),
        ] {
            arguments.extend([name.into(), value.into()]);
        }
        arguments.extend(["--events".into(), events.into()]);
        arguments
    }
}

/// CPUs as `--cpus` takes them.
pub fn cpu_list(cpus: &[u32]) -> String {
    cpus.iter().map(u32::to_string).collect::<Vec<_>>().join(",")
}

fn read(events: &Path) -> Result<Books, String> {
    let text = std::fs::read_to_string(events)
        .map_err(|why| format!("cannot read the server's events: {why}"))?;
    Books::read(&text)
}
