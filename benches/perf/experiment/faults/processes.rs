//! The processes of a running trial, found from outside: `bench` has two children, `serve` and
//! `load`, and the server's are its workers.
//!
//! Next: [`super::meddle`].

use std::fs;
use std::path::Path;

use crate::stage::Failure;

/// The processes of a trial under load.
#[derive(Debug, Clone)]
pub struct Trial {
    /// The server's first process: the master.
    pub master: u32,
    /// Its workers, the oldest first.
    pub workers: Vec<u32>,
    /// The generator.
    pub load: u32,
}

impl Trial {
    /// The trial that a run has under way; `None` before its generator has started. The generator
    /// is started last, so a server that is found with it has all its workers.
    pub fn of(bench: u32) -> Option<Self> {
        let ours = children(bench);
        let child = |command: &str| ours.iter().copied().find(|pid| runs(*pid, command));
        let (load, master) = (child("load")?, child("serve")?);
        Some(Self { master, workers: children(master), load })
    }

    /// Whether the generator is still there.
    pub fn is_loaded(&self) -> bool {
        runs(self.load, "load")
    }
}

/// The CPUs that a process may use, as `taskset` takes them.
pub fn allowed_cpus(pid: u32) -> Result<String, Failure> {
    let path = format!("/proc/{pid}/status");
    let text = fs::read_to_string(&path).map_err(Failure::of(&format!("read {path}")))?;
    let list = text.lines().find_map(|line| line.strip_prefix("Cpus_allowed_list:"));
    list.map(|list| list.trim().to_owned())
        .ok_or_else(|| Failure::Broken(format!("{path} tells no CPUs")))
}

/// The children of a process, rising by id.
fn children(parent: u32) -> Vec<u32> {
    let Ok(entries) = fs::read_dir("/proc") else { return Vec::new() };
    let pids = entries.filter_map(|entry| entry.ok()?.file_name().to_str()?.parse::<u32>().ok());
    let mut children: Vec<u32> = pids.filter(|pid| parent_of(*pid) == Some(parent)).collect();
    children.sort_unstable();
    children
}

/// The fourth field of `/proc/PID/stat` (`proc_pid_stat(5)`); the name in the second may hold blanks.
fn parent_of(pid: u32) -> Option<u32> {
    let stat = fs::read_to_string(Path::new("/proc").join(pid.to_string()).join("stat")).ok()?;
    stat.rsplit_once(')')?.1.split_ascii_whitespace().nth(1)?.parse().ok()
}

/// Whether a process is this command of our binary. One that has ended has no command line.
fn runs(pid: u32, command: &str) -> bool {
    let words = fs::read(format!("/proc/{pid}/cmdline")).unwrap_or_default();
    words.split(|byte| *byte == 0).nth(1) == Some(command.as_bytes())
}
