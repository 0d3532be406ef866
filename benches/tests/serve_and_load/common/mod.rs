//! A cluster as a process of its own, and a small HTTP client that sees every byte.

pub mod answer;
pub mod clients;
pub mod cluster;
pub mod events;
pub mod nginx;

use std::collections::BTreeMap;
use std::fmt::Debug;
use std::os::fd::AsFd;
use std::path::PathBuf;
use std::process::Command;
use std::thread;
use std::time::{Duration, Instant};

use procfs::process::Process;

pub use answer::{Answer, ask, exchange};
pub use cluster::Cluster;

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
