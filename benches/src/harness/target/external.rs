//! Somebody else's server: a command under a keeper, awaited until it is ready, its workers pinned
//! as ours are.
//!
//! What it is made of is seen from outside: the command's process is its master, the processes
//! below it are its workers; where the command itself answers, it is the worker. It keeps no books
//! that could be compared with the generator's.

use std::ffi::OsString;
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::time::{Duration, Instant};

use procfs::process::Process;
use reports::record::Worker;

use super::Serve;
use crate::harness::cpu_snapshot::{Snapshot, all_stats, descendants};
use crate::harness::interrupt::Interrupt;
use crate::harness::process::{Child, EndError, Stream, WaitError};
use crate::harness::subreaper::KEPT;
use crate::harness::target::spec::Tells;
use crate::harness::temp_dir::TempDir;
use crate::sys::clocks;

/// How long a server may take until it is ready.
const START: Duration = Duration::from_secs(20);

/// How long it may take to end.
const STOP: Duration = Duration::from_secs(8);

/// How often it is looked at while it is awaited.
const GLANCE: Duration = Duration::from_millis(10);

/// How a server is started and known to be ready.
#[derive(Debug)]
pub struct Launch {
    /// Its name, for messages.
    pub name: String,
    /// The command.
    pub words: Vec<OsString>,
    /// When it is ready.
    pub ready: Ready,
    /// Worker processes that must be there before it is ready, beside the command's own.
    pub forks: u32,
    /// What its answers tell.
    pub tells: Tells,
    /// Files that it needs, removed with it.
    pub files: Option<TempDir>,
}

/// What shows that a server is ready.
#[derive(Debug)]
pub enum Ready {
    /// A line `Listening on URL`.
    TellsUrl,
    /// A line with this text; it listens at this URL.
    Says(String, String),
    /// It takes connections at this address.
    Connects(SocketAddr),
}

/// A running server.
#[derive(Debug)]
pub struct External {
    child: Child,
    root: u32,
    url: String,
    tells: Tells,
    _files: Option<TempDir>,
}

impl External {
    /// Starts a command and waits until it is ready and its workers are pinned; fails when it is not
    /// ready in time or ends before.
    pub fn start(
        launch: Launch,
        serve: &Serve<'_>,
        interrupt: &Interrupt,
    ) -> Result<Self, WaitError> {
        let child = Child::start_kept(serve.program, &launch.name, &launch.words, serve.cpus)?;
        let (tells, files) = (launch.tells, launch.files);
        let mut server = Self { child, root: 0, url: String::new(), tells, _files: files };
        let deadline = Instant::now() + START;
        server.await_ready(&launch.ready, interrupt, deadline)?;
        server.await_forks(launch.forks, interrupt, deadline)?;
        server.pin(serve.cpus);
        Ok(server)
    }

    /// Where it listens.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Its processes now, the command's own first.
    pub fn processes(&self) -> Vec<u32> {
        let mut processes = vec![self.root];
        processes.extend(self.forked());
        processes
    }

    /// Its workers and its masters at the window's end.
    pub fn owners(&self, answered: &[Worker], end: &Snapshot) -> (Vec<u32>, Vec<u32>) {
        let below = descendants(&end.stats, self.root);
        let root_answers = answered.iter().any(|worker| worker.pid == Some(self.root));
        match self.tells {
            Tells::None => ([vec![self.root], below].concat(), Vec::new()),
            Tells::Pid if root_answers || below.is_empty() => (vec![self.root], below),
            Tells::Pid => (below, vec![self.root]),
        }
    }

    /// Whether its workers were told apart, and pinned.
    pub fn pins_workers(&self) -> bool {
        self.tells == Tells::Pid
    }

    /// Asks it to end, and sees to it that it does: whatever it leaves behind its keeper kills.
    pub fn stop(mut self, interrupt: &Interrupt) -> Result<(), EndError> {
        self.child.terminate()?;
        self.child.await_end(STOP, interrupt)?;
        Ok(())
    }

    fn await_ready(
        &mut self,
        ready: &Ready,
        interrupt: &Interrupt,
        deadline: Instant,
    ) -> Result<(), WaitError> {
        let (mut root, mut url) = (None, None);
        loop {
            let step = self.child.await_line("get ready", GLANCE, interrupt, |stream, line| {
                match (ready, line.split_whitespace().collect::<Vec<_>>().as_slice()) {
                    (_, [KEPT, pid]) if root.is_none() && stream == Stream::Out => {
                        root = pid.parse().ok();
                    }
                    (Ready::TellsUrl, ["Listening", "on", address, ..]) => {
                        url = Some((*address).to_owned());
                    }
                    (Ready::Says(text, address), _) if line.contains(text) => {
                        url = Some(address.clone());
                    }
                    _ => return None,
                }
                Some(())
            });
            if let Ready::Connects(address) = ready
                && root.is_some()
                && TcpStream::connect_timeout(address, GLANCE).is_ok()
            {
                url = Some(format!("http://{address}"));
            }
            match step {
                Ok(()) | Err(WaitError::TooLate { .. }) => {}
                Err(other) => return Err(other),
            }
            if let (Some(root), Some(url)) = (root, &url) {
                self.root = root;
                self.url.clone_from(url);
                return Ok(());
            }
            self.check(deadline)?;
        }
    }

    /// Waits until it has forked its workers.
    fn await_forks(
        &self,
        forks: u32,
        interrupt: &Interrupt,
        deadline: Instant,
    ) -> Result<(), WaitError> {
        while self.forked().len() < forks as usize {
            if interrupt.is_set() {
                return Err(WaitError::Interrupted);
            }
            self.check(deadline)?;
            std::thread::sleep(GLANCE);
        }
        Ok(())
    }

    fn check(&self, deadline: Instant) -> Result<(), WaitError> {
        if Instant::now() < deadline {
            return Ok(());
        }
        Err(WaitError::TooLate {
            name: self.child.name().to_owned(),
            what: "get ready",
            limit: START,
        })
    }

    /// The processes below the command's own, rising: those that are gone are none.
    fn forked(&self) -> Vec<u32> {
        all_stats().map(|stats| descendants(&stats, self.root)).unwrap_or_default()
    }

    /// Pins the `i`-th worker to the `i`-th CPU, round and round, as `serve` does with ours. One that
    /// cannot be pinned stays within the CPUs of its keeper.
    fn pin(&self, cpus: &[u32]) {
        if !self.pins_workers() {
            return;
        }
        for (worker, cpu) in self.forked().into_iter().zip(cpus.iter().cycle()) {
            let tasks = Process::new(worker.cast_signed()).and_then(|it| it.tasks());
            for task in tasks.into_iter().flatten().flatten() {
                let _ = clocks::pin(task.tid.cast_unsigned(), &[*cpu]);
            }
        }
    }
}

/// A port that is free now: for a server that cannot choose one itself.
///
/// # Errors
/// [`WaitError::System`].
pub fn free_port(name: &str) -> Result<u16, WaitError> {
    let port = TcpListener::bind("127.0.0.1:0").and_then(|socket| socket.local_addr());
    port.map(|address| address.port())
        .map_err(|why| WaitError::system(name, "find a free port for", why))
}
