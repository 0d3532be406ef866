//! A cluster as a process of its own, and a small HTTP client that sees every byte.

pub mod clients;
pub mod events;
pub mod nginx;

use std::collections::BTreeMap;
use std::fmt::Debug;
use std::fs;
use std::io::{self, BufRead, BufReader, ErrorKind, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::os::fd::AsFd;
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::{Arc, Condvar, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use procfs::process::Process;
use server::events::{Event, Exit, ExitReason, Timestamped};
use server::scoreboard::Counts;

use events::EventLog;

/// Longer than anything here takes on a busy machine; reached only by a defect.
pub const PATIENCE: Duration = Duration::from_secs(20);

pub const MODES: [(&str, usize); 6] = [
    ("single", 1),
    ("threads", 2),
    ("shared", 2),
    ("reuseport", 2),
    ("round-robin", 2),
    ("least-connections", 2),
];

pub const FORKED: [&str; 4] = ["shared", "reuseport", "round-robin", "least-connections"];

pub fn hello_cluster() -> Command {
    Command::new(env!("CARGO_BIN_EXE_hello-cluster"))
}

/// The binary by way of a line of shell, which ends with `exec "$0" "$@"`.
pub fn by_shell(line: &str) -> Command {
    let mut command = Command::new("sh");
    command.args(["-c", line]).arg(hello_cluster().get_program());
    command
}

/// The binary as systemd starts it, with a copy of the socket as descriptor 3.
pub fn activated(socket: &impl AsFd) -> Command {
    activated_as(socket, "$$")
}

/// The same with the process id that the variables name.
pub fn activated_as(socket: &impl AsFd, pid: &str) -> Command {
    let mut command = by_shell(&format!(
        "exec 3<&0 0</dev/null; export LISTEN_PID={pid} LISTEN_FDS=1; exec \"$0\" \"$@\""
    ));
    command.stdin(socket.as_fd().try_clone_to_owned().unwrap());
    command
}

/// Waits until a condition holds; fails the test when it does not in time.
pub fn eventually(what: &str, mut holds: impl FnMut() -> bool) {
    let deadline = Instant::now() + PATIENCE;
    while !holds() {
        assert!(Instant::now() < deadline, "never happened: {what}");
        thread::sleep(Duration::from_millis(2));
    }
}

/// Runs a test for each of these at the same time, in a thread of the item's name.
pub fn side_by_side<T: Debug + Copy + Send>(
    items: impl IntoIterator<Item = T>,
    test: impl Fn(T) + Sync,
) {
    thread::scope(|scope| {
        for item in items {
            let test = &test;
            let named = thread::Builder::new().name(format!("{item:?}"));
            named.spawn_scoped(scope, move || test(item)).unwrap();
        }
    });
}

/// Runs a test in every forked mode, all at the same time.
pub fn in_each_forked_mode(test: impl Fn(&'static str) + Sync) {
    side_by_side(FORKED, test);
}

/// Runs a test on a cluster in every forked mode, all at the same time.
pub fn in_each_forked_cluster(
    workers: usize,
    extra: &[&str],
    test: impl Fn(&'static str, Cluster) + Sync,
) {
    in_each_forked_mode(|mode| test(mode, Cluster::start(mode, workers, extra)));
}

/// A cluster in every mode, one after the other.
pub fn in_every_mode(extra: &[&str]) -> impl Iterator<Item = (&'static str, Cluster)> {
    MODES.into_iter().map(move |(mode, workers)| (mode, Cluster::start(mode, workers, extra)))
}

/// A cluster of two workers in every forked mode, one after the other.
pub fn in_every_forked_mode() -> impl Iterator<Item = (&'static str, Cluster)> {
    FORKED.into_iter().map(|mode| (mode, Cluster::start(mode, 2, &[])))
}

/// Whether a process is still there (and not just waiting to be collected).
pub fn is_alive(pid: u32) -> bool {
    let stat = process(pid).and_then(|process| process.stat());
    stat.is_ok_and(|stat| stat.state != 'Z')
}

/// A process as the kernel shows it.
pub fn process(pid: u32) -> procfs::ProcResult<Process> {
    Process::new(pid.cast_signed())
}

/// A folder, and the path of a file in it that is not there yet.
pub fn temporary_path(name: &str) -> (tempfile::TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(name);
    (folder, path)
}

pub fn signal(pid: u32, name: &str) {
    let pid = nix::unistd::Pid::from_raw(pid.cast_signed());
    let signal = name.parse::<nix::sys::signal::Signal>().expect("a signal's name");
    nix::sys::signal::kill(pid, signal).expect("the process is there");
}

pub fn all_are_gone(pids: &[u32]) {
    eventually("the end of all processes", || !pids.iter().any(|&pid| is_alive(pid)));
}

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

/// Sends a request and leaves the connection open.
pub fn ask(stream: &mut TcpStream, target: &str) {
    // In one piece: the second one would wait for the first one's acknowledgement.
    let request = format!("GET {target} HTTP/1.1\r\nHost: test\r\n\r\n");
    stream.write_all(request.as_bytes()).unwrap();
}

/// Sends a request on an open connection and reads its answer.
#[track_caller]
pub fn exchange(stream: &mut TcpStream, target: &str) -> Answer {
    ask(stream, target);
    Answer::read_from(stream).expect("a whole answer")
}

#[derive(Debug)]
pub struct Answer {
    pub head: String,
    pub body: String,
}

impl Answer {
    /// Reads one answer with a `Content-Length`, and not a byte more unless the stream is buffered.
    pub fn read_from(stream: &mut impl Read) -> io::Result<Self> {
        Self::read_next(stream)?.ok_or_else(|| ErrorKind::UnexpectedEof.into())
    }

    /// The same; `None` where the stream ends before it.
    pub fn read_next(stream: &mut impl Read) -> io::Result<Option<Self>> {
        let Some(mut answer) = Self::read_head(stream)? else { return Ok(None) };
        let length = answer.header("content-length").unwrap_or("0").parse().unwrap();
        let mut body = vec![0; length];
        stream.read_exact(&mut body)?;
        answer.body = String::from_utf8(body).unwrap();
        Ok(Some(answer))
    }

    /// Reads a head that no body follows; `None` where the stream ends before it.
    pub fn read_head(stream: &mut impl Read) -> io::Result<Option<Self>> {
        let mut head = Vec::new();
        while !head.ends_with(b"\r\n\r\n") {
            let mut byte = [0];
            match stream.read_exact(&mut byte) {
                Ok(()) => head.push(byte[0]),
                Err(why) if why.kind() == ErrorKind::UnexpectedEof && head.is_empty() => {
                    return Ok(None);
                }
                Err(why) => return Err(why),
            }
        }
        Ok(Some(Self { head: String::from_utf8(head).unwrap(), body: String::new() }))
    }

    pub fn status(&self) -> u16 {
        self.head.split(' ').nth(1).unwrap().parse().unwrap()
    }

    pub fn header(&self, name: &str) -> Option<&str> {
        self.head.lines().find_map(|line| {
            let (key, value) = line.split_once(':')?;
            key.eq_ignore_ascii_case(name).then_some(value.trim())
        })
    }

    pub fn pid(&self) -> u32 {
        self.header("x-worker-pid").unwrap().parse().unwrap()
    }
}

/// Runs the binary to its end: exit code, stdout, stderr.
pub fn run(arguments: &[&str]) -> (i32, String, String) {
    output(hello_cluster().args(arguments))
}

/// The same with a command of the caller's.
pub fn output(command: &mut Command) -> (i32, String, String) {
    let output = command.output().unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    (output.status.code().unwrap(), text(output.stdout), text(output.stderr))
}

/// Runs the binary, which must refuse in one line with all these parts and start nothing.
#[track_caller]
pub fn refused(arguments: &[&str], code: i32, says: &[&str]) {
    refuses(hello_cluster().args(arguments), code, says);
}

/// The same with a command of the caller's.
#[track_caller]
pub fn refuses(command: &mut Command, code: i32, says: &[&str]) {
    let (found, stdout, stderr) = output(command);
    assert_eq!(found, code, "{command:?}: {stderr}");
    assert_eq!(stderr.trim_end().lines().count(), 1, "{command:?}: {stderr}");
    assert_eq!(stdout, "", "{command:?}: nothing was started");
    for part in says {
        assert!(stderr.contains(part), "{command:?}: '{part}' is missing in: {stderr}");
    }
}

/// The table of `serve --status` for an address.
#[track_caller]
pub fn status_table(address: &str) -> String {
    let (code, table, errors) = run(&["serve", "--status", "--listen", address]);
    assert_eq!((code, errors.as_str()), (0, ""), "{address}");
    table
}

/// The cells of each worker in the table of `serve --status`, by their headings.
pub fn status_rows(cluster: &Cluster) -> Vec<BTreeMap<String, String>> {
    let table = status_table(&cluster.address.to_string());
    let mut lines = table.lines().skip(1);
    let headings: Vec<&str> = lines.next().unwrap().split_whitespace().collect();
    let row = |line: &str| {
        let cells = line.split_whitespace().map(str::to_owned);
        headings.iter().map(|heading| (*heading).to_owned()).zip(cells).collect()
    };
    lines.map(row).collect()
}
