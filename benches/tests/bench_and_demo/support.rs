//! Runs the binary in a folder of its own, and finds the processes that it left behind.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::process::{Command, ExitStatus};
use std::thread;
use std::time::{Duration, Instant};

use hello_cluster::harness::cpu_snapshot::{all_stats, descendants};
use hello_cluster::harness::interrupt::Interrupt;
use hello_cluster::harness::process::{Child, Signal, Stream, WaitError, signal};
use reports::record::Record;

use crate::program::hello_cluster;

/// Longer than anything here takes on a busy machine; reached only by a defect.
pub const PATIENCE: Duration = Duration::from_secs(120);

/// Tells a run's processes from all others: children inherit it.
const MARK: &str = "HELLO_CLUSTER_TEST_RUN";

/// `hello-cluster` in this folder, all of whose processes can be found again.
pub fn run_in(folder: &Path, command: &str) -> Command {
    let mut run = hello_cluster();
    run.arg(command).current_dir(folder).env(MARK, folder);
    run
}

/// Waits until a condition holds; fails the test with what `state` says when it does not in time.
pub fn eventually(mut holds: impl FnMut() -> bool, state: impl Fn() -> String) {
    let deadline = Instant::now() + PATIENCE;
    while !holds() {
        assert!(Instant::now() < deadline, "{}", state());
        thread::sleep(Duration::from_millis(5));
    }
}

/// A command under way: it, and all that it starts, ends with the test.
pub struct Running(Child);

impl Running {
    pub fn start(command: Command) -> Self {
        Self(Child::spawn("hello-cluster", command, None).unwrap())
    }

    pub fn pid(&self) -> u32 {
        self.0.pid()
    }

    /// Waits for what `pick` makes of a line on either stream; lines before are passed over.
    pub fn wait_for<T>(
        &mut self,
        what: &'static str,
        mut pick: impl FnMut(&str) -> Option<T>,
    ) -> T {
        let pick = |_, line: &str| pick(line);
        self.0.await_line(what, PATIENCE, &Interrupt::default(), pick).unwrap()
    }

    /// Waits for a line with this part, and returns it.
    pub fn wait_for_line(&mut self, part: &'static str) -> String {
        self.wait_for(part, |line| line.contains(part).then(|| line.to_owned()))
    }

    /// Waits for its end, and returns the last line on its standard error.
    pub fn last_stderr_line(&mut self) -> String {
        let mut last = String::new();
        let keep = |stream, line: &str| {
            if stream == Stream::Err {
                line.clone_into(&mut last);
            }
            None::<()>
        };
        let end = self.0.await_line("end", PATIENCE, &Interrupt::default(), keep);
        assert!(matches!(end, Err(WaitError::Ended { .. })), "{end:?} after {last}");
        last
    }

    /// Sends it, and nobody else, a signal.
    pub fn signal(&self, which: Signal) {
        signal(self.pid(), which).expect("it has not ended");
    }

    pub fn code(&mut self) -> Option<i32> {
        self.end_within(PATIENCE).expect("it ends").code()
    }

    /// How it ended, if it ends in time.
    pub fn end_within(&mut self, limit: Duration) -> Option<ExitStatus> {
        self.0.await_end(limit, &Interrupt::default()).ok().map(|(status, _)| status)
    }
}

/// Process ids and command lines of the processes of a run in this folder that still live.
pub fn processes_of(folder: &Path) -> Vec<(u32, String)> {
    let mark = format!("{MARK}={}", folder.display());
    let of_run = |pid: u32| {
        let environment = fs::read(format!("/proc/{pid}/environ")).ok()?;
        let marked = environment.split(|byte| *byte == 0).any(|it| it == mark.as_bytes());
        let line = fs::read_to_string(format!("/proc/{pid}/cmdline")).ok()?.replace('\0', " ");
        marked.then_some((pid, line))
    };
    all_stats().unwrap().into_keys().filter_map(of_run).collect()
}

pub fn no_process_is_left(folder: &Path) {
    eventually(|| processes_of(folder).is_empty(), || format!("left: {:?}", processes_of(folder)));
}

pub fn below(root: u32) -> BTreeSet<u32> {
    descendants(&all_stats().unwrap(), root).into_iter().collect()
}

/// Waits until these processes are there no more, or just wait to be collected.
pub fn all_are_gone(pids: &BTreeSet<u32>) {
    let is_alive = |pid: &&u32| {
        let stat = fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
        stat.rsplit(") ").next().is_some_and(|rest| !rest.is_empty() && !rest.starts_with('Z'))
    };
    let living = || pids.iter().filter(is_alive).count();
    eventually(|| living() == 0, || format!("{} of {pids:?} live on", living()));
}

pub fn files_in(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).unwrap();
    let mut names: Vec<_> =
        entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

pub fn record_in(folder: &Path) -> Record {
    let path = folder.join("record.json");
    let text = fs::read_to_string(&path).unwrap_or_else(|why| panic!("{}: {why}", path.display()));
    Record::from_json(&text).unwrap()
}
