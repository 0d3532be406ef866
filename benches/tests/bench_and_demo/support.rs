//! What the tests of `bench` and of labs share: a run in a folder of its own, and the processes it left
//! behind.

use std::fs;
use std::path::Path;
use std::process::Command;

/// Tells a run's processes from all others: children inherit it.
const MARK: &str = "HELLO_CLUSTER_TEST_RUN";

/// `hello-cluster` in this folder, all of whose processes can be found again.
pub fn run_in(folder: &Path, command: &str) -> Command {
    let mut run = Command::new(env!("CARGO_BIN_EXE_hello-cluster"));
    run.arg(command).current_dir(folder).env(MARK, folder);
    run
}

/// The command lines of the processes that a run in this folder has started and that still live,
/// with their process ids.
pub fn processes_of(folder: &Path) -> Vec<(u32, String)> {
    let mark = format!("{MARK}={}", folder.display());
    let of_run = |pid: u32| {
        let environment = fs::read(format!("/proc/{pid}/environ")).ok()?;
        let marked = environment.split(|byte| *byte == 0).any(|it| it == mark.as_bytes());
        let line = fs::read_to_string(format!("/proc/{pid}/cmdline")).ok()?.replace('\0', " ");
        marked.then_some((pid, line))
    };
    let entries = fs::read_dir("/proc").expect("/proc is there");
    let pids = entries.filter_map(|entry| entry.ok()?.file_name().to_str()?.parse().ok());
    pids.filter_map(of_run).collect()
}
