//! A cluster under test as a process of its own, followed by its output and its events.

use std::collections::BTreeMap;
use std::fs;
use std::io::{self, BufRead, BufReader, Read};
use std::net::{SocketAddr, TcpStream};
use std::os::unix::fs::PermissionsExt;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::{Arc, Condvar, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use server::events::{Event, Exit, ExitReason, Timestamped};
use server::scoreboard::Counts;

use super::answer::{Answer, ask, exchange};
use super::events::{self, EventLog};
use super::{PATIENCE, eventually, hello_cluster, signal};

/// The lines that a process has written so far.
#[derive(Clone, Default)]
struct Lines(Arc<(Mutex<Vec<String>>, Condvar)>);

impl Lines {
    fn read_from(pipe: impl Read + Send + 'static) -> Self {
        let lines = Self::default();
        let shared = lines.clone();
        thread::spawn(move || {
            for line in BufReader::new(pipe).lines().map_while(Result::ok) {
                shared.0.0.lock().unwrap().push(line);
                shared.0.1.notify_all();
            }
        });
        lines
    }

    fn all(&self) -> Vec<String> {
        self.0.0.lock().unwrap().clone()
    }

    /// Waits until `enough` of the lines satisfy a condition, and returns them.
    fn wait_for(&self, what: &str, enough: usize, wanted: impl Fn(&str) -> bool) -> Vec<String> {
        let deadline = Instant::now() + PATIENCE;
        let mut lines = self.0.0.lock().unwrap();
        loop {
            let found: Vec<_> = lines.iter().filter(|line| wanted(line)).cloned().collect();
            if found.len() >= enough {
                return found;
            }
            let left = deadline.saturating_duration_since(Instant::now());
            assert!(!left.is_zero(), "no {what} ({enough}) among {lines:#?}");
            lines = self.0.1.wait_timeout(lines, left).unwrap().0;
        }
    }
}

/// A running cluster; killed with all its workers when dropped.
pub struct Cluster {
    master: Child,
    lines: Lines,
    errors: Lines,
    /// Where it listens; on a Unix socket without meaning.
    pub address: SocketAddr,
    workers: usize,
    events: EventLog,
    _folder: tempfile::TempDir,
}

impl Cluster {
    /// Starts a cluster on a free port and waits until all its workers take connections.
    pub fn start(mode: &str, workers: usize, extra: &[&str]) -> Self {
        Self::start_by(hello_cluster(), mode, workers, extra).expect("it starts")
    }

    /// The same with a command that runs the binary with the arguments appended.
    pub fn start_by(
        mut command: Command,
        mode: &str,
        workers: usize,
        extra: &[&str],
    ) -> io::Result<Self> {
        let folder = tempfile::tempdir()?;
        // The cluster may be another user's.
        fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o777))?;
        let events = folder.path().join("events.jsonl");
        command.args(["serve", "--mode", mode, "--workers", &workers.to_string()]);
        if !extra.contains(&"--listen") {
            command.args(["--listen", "127.0.0.1:0"]);
        }
        command.arg("--events").arg(&events).args(extra);
        let mut master = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn()?;
        let lines = Lines::read_from(master.stdout.take().unwrap());
        let errors = Lines::read_from(master.stderr.take().unwrap());
        let mut cluster = Self {
            master,
            lines,
            errors,
            address: SocketAddr::from(([0, 0, 0, 0], 0)),
            workers,
            events: EventLog::new(events),
            _folder: folder,
        };
        // However many threads it has, one process is one worker.
        if matches!(mode, "single" | "threads") {
            cluster.workers = 1;
        }
        let listening = cluster.wait_for_line_with("Listening on");
        // The path of a Unix socket is the caller's choice.
        if !listening.contains(" unix:") {
            let mut parts = listening.split(['/', ' ']);
            cluster.address = parts.find_map(|part| part.parse().ok()).unwrap();
        }
        cluster.wait_for_started(cluster.workers);
        cluster.wait_for_events(events::listening, cluster.workers);
        Ok(cluster)
    }

    pub fn master(&self) -> u32 {
        self.master.id()
    }

    pub fn lines(&self) -> Vec<String> {
        self.lines.all()
    }

    pub fn errors(&self) -> Vec<String> {
        self.errors.all()
    }

    pub fn wait_for_started(&self, count: usize) -> Vec<u32> {
        let lines = self.lines.wait_for("started worker", count, |line| line.ends_with("started"));
        lines.iter().filter_map(|line| line.split(' ').nth(1)?.parse().ok()).collect()
    }

    pub fn wait_for_line(&self, wanted: &str) {
        self.lines.wait_for(wanted, 1, |line| line == wanted);
    }

    /// Waits for a line on stdout that contains this, and returns it.
    pub fn wait_for_line_with(&self, wanted: &str) -> String {
        self.lines.wait_for(wanted, 1, |line| line.contains(wanted)).remove(0)
    }

    /// Waits for a line on stderr that contains this.
    pub fn wait_for_error(&self, wanted: &str) {
        self.errors.wait_for(wanted, 1, |line| line.contains(wanted));
    }

    pub fn first_workers(&self) -> Vec<u32> {
        self.wait_for_started(self.workers)
    }

    pub fn end_with(&mut self, name: &str) -> ExitStatus {
        signal(self.master(), name);
        self.wait_for_end()
    }

    pub fn wait_for_end(&mut self) -> ExitStatus {
        let mut status = None;
        eventually("the master's end", || {
            status = self.master.try_wait().unwrap();
            status.is_some()
        });
        status.unwrap()
    }

    pub fn events(&self) -> Vec<Timestamped> {
        self.events.all()
    }

    /// What a function of [`events`] reads of each event of its kind so far.
    pub fn events_of<T>(&self, kind: fn(&Event) -> Option<T>) -> Vec<T> {
        self.events.all().iter().filter_map(|it| kind(&it.event)).collect()
    }

    pub fn exits(&self) -> Vec<Exit> {
        self.events_of(events::exit)
    }

    /// Waits until there are this many events of a kind, and returns them.
    pub fn wait_for_events<T>(&self, kind: fn(&Event) -> Option<T>, count: usize) -> Vec<T> {
        let mut found = Vec::new();
        eventually(&format!("{count} × {}", std::any::type_name_of_val(&kind)), || {
            found = self.events_of(kind);
            found.len() >= count
        });
        found
    }

    /// Waits for an event of one kind and worker process, and returns it.
    pub fn wait_for_event_of<T>(&self, kind: fn(&Event) -> Option<T>, pid: u32) -> T {
        let mut found = None;
        eventually(&format!("'{}' of {pid}", std::any::type_name_of_val(&kind)), || {
            let events = self.events.all();
            let mut of_pid = events
                .iter()
                .filter(|it| it.event.process().is_some_and(|process| process.pid == pid));
            found = of_pid.find_map(|it| kind(&it.event));
            found.is_some()
        });
        found.unwrap()
    }

    pub fn kill(&self, pid: u32) -> Exit {
        signal(pid, "SIGKILL");
        self.wait_for_exit(pid)
    }

    pub fn wait_for_exit(&self, pid: u32) -> Exit {
        self.wait_for_event_of(events::exit, pid)
    }

    /// The newest processes that take connections, by worker id, as far as the events tell.
    pub fn serving(&self) -> BTreeMap<u32, u32> {
        events::serving(&self.events.all())
    }

    /// Waits until this many workers take connections and no other process is left.
    pub fn wait_for_serving(&self, count: usize) -> BTreeMap<u32, u32> {
        let deadline = Instant::now() + PATIENCE;
        loop {
            let events = self.events.all();
            let (serving, living) = (events::serving(&events), events::living(&events));
            if serving.len() == count && living.len() == count {
                return serving;
            }
            assert!(
                Instant::now() < deadline,
                "never {count} workers and nobody else: {serving:?} serve, {living:?} live; {:#?}",
                events::about(&events, &living)
            );
            thread::sleep(Duration::from_millis(2));
        }
    }

    /// Waits until as many workers serve as before, each with another process.
    pub fn wait_for_replacements(&self, old: &BTreeMap<u32, u32>) {
        let new = self.wait_for_serving(old.len());
        assert!(old.iter().all(|(id, pid)| new[id] != *pid), "{old:?} {new:?}");
    }

    /// Checks that each process that has ended drained before.
    pub fn all_have_drained(&self) {
        let exits = self.exits();
        assert!(exits.iter().all(|exit| exit.reason == ExitReason::Drained), "{exits:?}");
    }

    /// Stops the cluster and returns a count of each worker id over all its processes.
    pub fn stop_and_count(mut self, count: fn(&Counts) -> u64) -> BTreeMap<u32, u64> {
        assert!(self.end_with("SIGTERM").success());
        let mut counts = BTreeMap::new();
        for exit in self.exits() {
            *counts.entry(exit.process.id).or_default() += count(&exit.counts);
        }
        counts
    }

    pub fn url(&self) -> String {
        format!("http://{}/", self.address)
    }

    pub fn connect(&self) -> TcpStream {
        let stream = TcpStream::connect(self.address).expect("it listens");
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        stream
    }

    /// One request on a connection of its own.
    pub fn get(&self, target: &str) -> Answer {
        exchange(&mut self.connect(), target)
    }

    /// Asks on new connections until this process answers.
    pub fn wait_for_answer_of(&self, pid: u32) {
        eventually(&format!("an answer of {pid}"), || self.get("/").pid() == pid);
    }

    /// Sends a request on a new connection; its answer is still to be read.
    pub fn request(&self, target: &str) -> TcpStream {
        let mut stream = self.connect();
        ask(&mut stream, target);
        stream
    }

    /// Opens connections, then sends a request on each; their answers are still to be read.
    pub fn ask_on_each(&self, count: usize) -> Vec<TcpStream> {
        let mut streams: Vec<_> = (0..count).map(|_| self.connect()).collect();
        for stream in &mut streams {
            ask(stream, "/");
        }
        streams
    }

    /// A connection that a worker has: it has answered a request on it.
    pub fn served_connection(&self) -> TcpStream {
        let mut stream = self.connect();
        exchange(&mut stream, "/");
        stream
    }

    /// Sends a request to a worker that has the connection already.
    pub fn begin(&self, target: &str) -> TcpStream {
        let mut stream = self.served_connection();
        ask(&mut stream, target);
        stream
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        let _ = self.master.kill();
        let _ = self.master.wait();
    }
}
