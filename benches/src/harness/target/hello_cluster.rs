//! Our own server: `serve` of this very program.
//!
//! Readiness is read from the server's own words: a request sent as a probe would have to be
//! accounted for.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use super::{Serve, is_one_process};
use crate::harness::admin_client::Client;
use crate::harness::interrupt::Interrupt;
use crate::harness::process::{Child, EndError, Stream, WaitError, cpu_list};
use crate::harness::server_counts::ServerCounts;

/// How long a server may take until all workers are ready.
const START: Duration = Duration::from_secs(10);

/// How long requests in progress may take once the server was told to stop.
const DRAIN: Duration = Duration::from_secs(3);

/// How long the server may take to end; longer than [`DRAIN`].
const STOP: Duration = Duration::from_secs(8);

/// A running server with all its workers ready.
#[derive(Debug)]
pub struct HelloCluster {
    child: Child,
    url: String,
    admin: Option<Client>,
    events: PathBuf,
    opening: ServerCounts,
}

impl HelloCluster {
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
        let mut child = Child::start(serve.program, "serve", &arguments(serve, &events), None)?;
        let processes = if is_one_process(serve.mode) { 1 } else { serve.workers };
        let (mut url, mut operators, mut token) = (None, None, String::new());
        let mut ready = 0;
        child.await_line("get all its workers ready", START, interrupt, |stream, line| {
            if stream == Stream::Out {
                match line.split_whitespace().collect::<Vec<_>>()[..] {
                    ["Listening", "on", address, ..] => url = Some(address.to_owned()),
                    ["Admin", "on", address] => {
                        operators = address.strip_prefix("http://")?.parse().ok();
                    }
                    ["Admin", "token", secret] => secret.clone_into(&mut token),
                    ["Worker", _, "started"] => ready += 1,
                    _ => {}
                }
            }
            (url.is_some() && ready >= processes).then_some(())
        })?;
        let admin = operators.map(|address| Client { address, token });
        let url = url.unwrap_or_default();
        let mut own = Self { child, url, admin, events, opening: ServerCounts::default() };
        own.opening = own.books(processes)?;
        Ok(own)
    }

    /// Where it listens: `http://127.0.0.1:PORT`.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Its operator, if it was to have an address for one.
    #[must_use]
    pub fn admin(&self) -> Option<&Client> {
        self.admin.as_ref()
    }

    /// Its workers' process ids and its master's. Operators may have had workers added or replaced.
    #[must_use]
    pub fn owners(&self) -> (Vec<u32>, Vec<u32>) {
        let now = read(&self.events).unwrap_or_else(|_| self.opening.clone());
        let master = now.master.unwrap_or_else(|| self.child.pid());
        (now.pids().into_values().collect(), vec![master])
    }

    /// Its processes.
    #[must_use]
    pub fn processes(&self) -> Vec<u32> {
        let (workers, masters) = self.owners();
        [workers, masters].concat()
    }

    /// The process id of its first worker.
    #[must_use]
    pub fn first_worker(&self) -> Option<u32> {
        self.opening.pids().into_values().next()
    }

    /// The books as they stand, with at least this many workers in them.
    ///
    /// The server says that a worker is ready a moment before it writes so, hence the patience.
    ///
    /// # Errors
    /// One line for a person.
    fn books(&self, workers: u32) -> Result<ServerCounts, WaitError> {
        let failed =
            |why| WaitError::System { name: "serve".to_owned(), what: "read the events of", why };
        let deadline = Instant::now() + Duration::from_secs(2);
        loop {
            let books = read(&self.events).map_err(failed)?;
            if books.workers.len() >= workers as usize {
                return Ok(books);
            }
            if Instant::now() >= deadline {
                let why = format!(
                    "{workers} workers are ready, but {} of them written down",
                    books.workers.len()
                );
                return Err(failed(why));
            }
            std::thread::sleep(Duration::from_millis(2));
        }
    }

    /// Has the server end in order, and returns its closing books.
    ///
    /// # Errors
    /// One line for a person, when it does not end in time or not as it should.
    pub fn stop(mut self, interrupt: &Interrupt) -> Result<ServerCounts, EndError> {
        self.child.terminate()?;
        let (status, _) = self.child.await_end(STOP, interrupt)?;
        if !status.success() {
            let said = self.child.last_words();
            return Err(EndError::Bad(format!("`serve` ended with {status}: {said}")));
        }
        read(&self.events).map_err(EndError::Bad)
    }
}

impl Drop for HelloCluster {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.events);
    }
}

/// The command line of `serve`.
fn arguments(serve: &Serve<'_>, events: &Path) -> Vec<OsString> {
    let mut arguments: Vec<OsString> = ["--mode", serve.mode].map(Into::into).into();
    let workers = serve.workers.to_string();
    let drain = humantime::format_duration(DRAIN).to_string();
    for (name, value) in
        [("--workers", workers.as_str()), ("--listen", "127.0.0.1:0"), ("--drain-timeout", &drain)]
    {
        arguments.extend([name.into(), value.into()]);
    }
    if !serve.cpus.is_empty() {
        arguments.extend(["--cpus".into(), cpu_list(serve.cpus).into()]);
    }
    if serve.admin {
        arguments.extend(["--admin", "127.0.0.1:0"].map(Into::into));
    }
    arguments.extend(["--events".into(), events.into()]);
    arguments
}

fn read(events: &Path) -> Result<ServerCounts, String> {
    let text = std::fs::read_to_string(events)
        .map_err(|why| format!("cannot read the server's events: {why}"))?;
    ServerCounts::read(&text)
}
