//! A control group of our own with a bound on CPU time, of version 1 or 2 (kernel:
//! Documentation/admin-guide/cgroup-v1/cgroups.rst and cgroup-v2.rst), removed when dropped.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

// Where groups are and what they are called the suite knows already: it reads their bounds.
use hello_cluster::harness::cpu_quota as quota;

/// The bound: three tenths of a CPU, in the usual periods of 100 ms.
const BOUND_US: (u32, u32) = (30_000, 100_000);

/// How often and how long the removal is tried: a group is busy until its last process is gone.
const REMOVAL: (u32, Duration) = (100, Duration::from_millis(10));

pub struct Group(PathBuf);

impl Group {
    /// Makes a group below the nearest of this process's own that allows it.
    pub fn make() -> Result<Self, String> {
        let membership = fs::read_to_string("/proc/self/cgroup")
            .map_err(|why| format!("cannot read /proc/self/cgroup: {why}"))?;
        let mut reasons = Vec::new();
        for parent in quota::folders(Path::new(quota::MOUNT), &membership) {
            if !parent.join("cgroup.procs").exists() {
                continue;
            }
            match Self::below(&parent) {
                Ok(group) => return Ok(group),
                Err(why) => reasons.push(format!("{}: {why}", parent.display())),
            }
        }
        Err(match reasons.first() {
            None => "no control group of this process bounds CPU time".to_owned(),
            Some(first) => format!("no control group can be made ({first})"),
        })
    }

    /// The shell command that puts its own process into the group and becomes its arguments.
    pub fn entrance(&self) -> [String; 3] {
        let members = self.0.join("cgroup.procs");
        let script = format!("echo $$ > '{}' && exec \"$0\" \"$@\"", members.display());
        ["sh".to_owned(), "-c".to_owned(), script]
    }

    fn below(parent: &Path) -> io::Result<Self> {
        let folder = parent.join(format!("hello-cluster-{}", std::process::id()));
        fs::create_dir(&folder)?;
        let group = Self(folder);
        group.bind(parent)?;
        // Whether a process may move in is a right of its own.
        let [shell, option, script] = group.entrance();
        let moved = Command::new(shell).args([option, script, "true".to_owned()]).output()?;
        if moved.status.success() { Ok(group) } else { Err(io::Error::other("no way in")) }
    }

    fn bind(&self, parent: &Path) -> io::Result<()> {
        let (quota, period) = BOUND_US;
        if self.0.join("cpu.cfs_quota_us").exists() {
            fs::write(self.0.join("cpu.cfs_period_us"), period.to_string())?;
            return fs::write(self.0.join("cpu.cfs_quota_us"), quota.to_string());
        }
        if !self.0.join("cpu.max").exists() {
            // Version 2: a parent passes on the controllers that it is told to.
            fs::write(parent.join("cgroup.subtree_control"), "+cpu")?;
        }
        fs::write(self.0.join("cpu.max"), format!("{quota} {period}"))
    }
}

impl Drop for Group {
    fn drop(&mut self) {
        let (times, pause) = REMOVAL;
        for _ in 0..times {
            if fs::remove_dir(&self.0).is_ok() {
                return;
            }
            std::thread::sleep(pause);
        }
        eprintln!("the control group {} is left over", self.0.display());
    }
}
