//! What a test sees of the cluster's processes from outside, and what it takes away from them.

use std::fs;
use std::os::fd::OwnedFd;
use std::os::unix::fs::MetadataExt;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::Command;
use std::thread;
use std::time::Duration;

use nix::sys::socket::{SockType, getsockopt, sockopt};
use nix::time::{ClockId, clock_gettime};
use nix::unistd::{Pid, Uid};
use procfs::process::FDTarget;
use rustix::process::{PidfdFlags, PidfdGetfdFlags};

use crate::common::{eventually, hello_cluster, process, signal};

/// How long CPU time is watched.
const WINDOW: Duration = Duration::from_secs(1);

/// The binary in a session of its own, without a controlling terminal; `setsid` keeps the pid.
pub fn without_terminal() -> Command {
    let mut command = Command::new("setsid");
    command.arg(hello_cluster().get_program());
    command
}

/// Sends a signal and waits until it was taken: pending signals have no order of their own.
pub fn deliver(pid: u32, name: &str) {
    signal(pid, name);
    eventually("the signal is taken", || process(pid).unwrap().status().unwrap().shdpnd == 0);
}

fn cpu_time(pid: u32) -> Duration {
    let clock = ClockId::pid_cpu_clock_id(Pid::from_raw(pid.cast_signed())).unwrap();
    clock_gettime(clock).unwrap().into()
}

/// The share of one CPU that each of these processes uses, watched for a second.
pub fn cpu_shares(pids: &[u32]) -> Vec<f64> {
    let times = || pids.iter().map(|&pid| cpu_time(pid));
    let before: Vec<Duration> = times().collect();
    thread::sleep(WINDOW);
    let used = times().zip(before).map(|(after, before)| after.saturating_sub(before));
    used.map(|used| used.as_secs_f64() / WINDOW.as_secs_f64()).collect()
}

pub fn open_descriptors(pid: u32) -> usize {
    process(pid).unwrap().fd_count().unwrap()
}

/// The lowest free descriptor of a process: a limit of this many lets it open none.
pub fn next_descriptor(pid: u32) -> usize {
    let is_free = |number: &usize| !Path::new(&format!("/proc/{pid}/fd/{number}")).is_symlink();
    (0..=open_descriptors(pid)).find(is_free).unwrap()
}

/// Sets a process's soft limit on `resource` (see prlimit(1)); `None`: to its hard limit.
/// Runs as the process's own user: root may lack the capability to do it to others.
pub fn limit(pid: u32, resource: &str, most: Option<usize>) {
    let owner = fs::metadata(format!("/proc/{pid}")).unwrap();
    let prlimit = |arguments: &[&str]| {
        let mut command = Command::new("prlimit");
        command.args(["--pid", &pid.to_string()]).args(arguments);
        if owner.uid() != Uid::effective().as_raw() {
            command.uid(owner.uid()).gid(owner.gid());
        }
        let output = command.output().expect("util-linux is there");
        assert!(output.status.success(), "{output:?}");
        String::from_utf8(output.stdout).unwrap().trim().to_owned()
    };
    let soft = match most {
        Some(most) => most.to_string(),
        None => prlimit(&[&format!("--{resource}"), "--output", "HARD", "--noheadings"]),
    };
    prlimit(&[&format!("--{resource}={soft}:")]);
}

/// Duplicates of the ends of channels that a process holds: its SEQPACKET sockets.
///
/// # Errors
/// Where the system does not let a process take another one's descriptors.
pub fn channels(pid: u32) -> rustix::io::Result<Vec<OwnedFd>> {
    let target = rustix::process::Pid::from_raw(pid.cast_signed()).unwrap();
    let pidfd = rustix::process::pidfd_open(target, PidfdFlags::empty())?;
    let mut found = Vec::new();
    for info in process(pid).unwrap().fd().unwrap().flatten() {
        if matches!(info.target, FDTarget::Socket(_)) {
            let fd = rustix::process::pidfd_getfd(&pidfd, info.fd, PidfdGetfdFlags::empty())?;
            if getsockopt(&fd, sockopt::SockType) == Ok(SockType::SeqPacket) {
                found.push(fd);
            }
        }
    }
    Ok(found)
}
