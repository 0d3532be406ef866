//! A control group's bound on CPU time, and how often it stopped the group: `cpu.max` and
//! `cpu.stat` (kernel: Documentation/admin-guide/cgroup-v2.rst), or their elders of version 1.

use std::fs;
use std::path::{Path, PathBuf};

use reports::record::Quota;

/// Where control groups are mounted.
pub const MOUNT: &str = "/sys/fs/cgroup";

/// The tightest bound on a process, and where it is kept.
#[derive(Debug, Clone, PartialEq)]
pub struct Bound {
    folder: PathBuf,
    /// In CPUs.
    pub limit_cores: f64,
}

/// A group's counters.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Counters {
    periods: u64,
    throttled: u64,
    throttled_s: f64,
}

impl Bound {
    /// The tightest bound on the path of a process's groups, given its `/proc/PID/cgroup`.
    #[must_use]
    pub fn find(mount: &Path, membership: &str) -> Option<Self> {
        let mut tightest: Option<Self> = None;
        for folder in folders(mount, membership) {
            let Some(limit_cores) = limit(&folder) else { continue };
            if tightest.as_ref().is_none_or(|bound| limit_cores < bound.limit_cores) {
                tightest = Some(Self { folder, limit_cores });
            }
        }
        tightest
    }

    /// The bound on a running process.
    #[must_use]
    pub fn of(process: u32) -> Option<Self> {
        let membership = fs::read_to_string(format!("/proc/{process}/cgroup")).ok()?;
        Self::find(Path::new(MOUNT), &membership)
    }

    /// The group's counters now.
    #[must_use]
    pub fn counters(&self) -> Counters {
        let text = fs::read_to_string(self.folder.join("cpu.stat")).unwrap_or_default();
        let value = |wanted: &str| {
            let line = text.lines().find_map(|line| line.strip_prefix(wanted)?.strip_prefix(' '));
            line.and_then(|value| value.trim().parse::<u64>().ok())
        };
        let microseconds = value("throttled_usec").map(|it| it as f64 / 1e6);
        let nanoseconds = value("throttled_time").map(|it| it as f64 / 1e9);
        Counters {
            periods: value("nr_periods").unwrap_or(0),
            throttled: value("nr_throttled").unwrap_or(0),
            throttled_s: microseconds.or(nanoseconds).unwrap_or(0.0),
        }
    }

    /// What the bound did between two readings.
    #[must_use]
    pub fn figures(&self, before: Counters, after: Counters) -> Quota {
        Quota {
            limit_cores: self.limit_cores,
            periods: after.periods.saturating_sub(before.periods),
            throttled: after.throttled.saturating_sub(before.throttled),
            throttled_s: (after.throttled_s - before.throttled_s).max(0.0),
        }
    }
}

/// The folders of a process's groups up to the mount, of version 2 and of version 1's `cpu`.
#[must_use]
pub fn folders(mount: &Path, membership: &str) -> Vec<PathBuf> {
    controller_folders(mount, membership, "cpu")
}

/// The same for another controller of version 1.
#[must_use]
pub fn controller_folders(mount: &Path, membership: &str, controller: &str) -> Vec<PathBuf> {
    let mut folders = Vec::new();
    for line in membership.lines() {
        let mut parts = line.splitn(3, ':').skip(1);
        let (Some(controllers), Some(path)) = (parts.next(), parts.next()) else { continue };
        let root = match controllers {
            "" => mount.to_owned(),
            them if them.split(',').any(|it| it == controller) => {
                let joined = mount.join(them);
                if joined.is_dir() { joined } else { mount.join(controller) }
            }
            _ => continue,
        };
        let mut folder = root.join(path.trim_start_matches('/'));
        while folder.starts_with(&root) {
            folders.push(folder.clone());
            if !folder.pop() {
                break;
            }
        }
    }
    folders
}

/// The bound that a group sets, in CPUs.
fn limit(folder: &Path) -> Option<f64> {
    let read = |name: &str| fs::read_to_string(folder.join(name)).ok();
    let (quota, period) = match read("cpu.max") {
        Some(text) => {
            let (quota, period) = text.trim().split_once(' ')?;
            (quota.parse::<f64>().ok()?, period.parse::<f64>().ok()?)
        }
        None => (
            read("cpu.cfs_quota_us")?.trim().parse().ok()?,
            read("cpu.cfs_period_us")?.trim().parse().ok()?,
        ),
    };
    (quota > 0.0 && period > 0.0).then(|| quota / period)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A mount with these files.
    fn mount(files: &[(&str, &str)]) -> tempfile::TempDir {
        let mount = tempfile::tempdir().unwrap();
        for (path, text) in files {
            let path = mount.path().join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        }
        mount
    }

    #[test]
    fn the_tightest_group_on_the_path_counts() {
        let mount = mount(&[
            ("a/cpu.max", "150000 100000\n"),
            ("a/b/cpu.max", "max 100000\n"),
            ("a/cpu.stat", "nr_periods 10\nnr_throttled 4\nthrottled_usec 2500000\n"),
        ]);
        let bound = Bound::find(mount.path(), "0::/a/b\n").unwrap();
        assert!((bound.limit_cores - 1.5).abs() < 1e-9);
        let figures = bound.figures(Counters::default(), bound.counters());
        assert_eq!((figures.periods, figures.throttled), (10, 4));
        assert!((figures.throttled_s - 2.5).abs() < 1e-9);
    }

    #[test]
    fn version_one_is_read_too() {
        let mount = mount(&[
            ("cpu/x/cpu.cfs_quota_us", "50000\n"),
            ("cpu/x/cpu.cfs_period_us", "100000\n"),
            ("cpu/x/cpu.stat", "nr_periods 2\nnr_throttled 1\nthrottled_time 1000000000\n"),
        ]);
        let bound = Bound::find(mount.path(), "4:memory:/y\n3:cpu,cpuacct:/x\n0::/\n").unwrap();
        assert!((bound.limit_cores - 0.5).abs() < 1e-9);
        assert!((bound.counters().throttled_s - 1.0).abs() < 1e-9);
    }

    #[test]
    fn no_bound_is_none() {
        let unbounded =
            mount(&[("cpu/cpu.cfs_quota_us", "-1\n"), ("cpu/cpu.cfs_period_us", "1\n")]);
        assert_eq!(Bound::find(unbounded.path(), "3:cpu:/\n0::/\n"), None);
    }
}
