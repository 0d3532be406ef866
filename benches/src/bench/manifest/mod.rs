//! The manifest: which machine this is and what state it is in before the run.
//!
//! A figure without its machine is no figure. What cannot be found out stays empty; nothing here
//! can fail.

mod cpu;
mod power;
mod program;
mod system;
mod warnings;

use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use nix::sys::resource::{Resource, getrlimit};
use reports::record::Environment;

use super::placement::topology::Topology;
use super::plan::Plan;
use crate::harness::cpu_snapshot::Snapshot;

/// How long the machine is looked at before the run begins.
const MOMENT: Duration = Duration::from_millis(250);

/// The files of a machine: `/`, or a folder that looks like it.
#[derive(Debug, Clone)]
pub struct Root(PathBuf);

impl Root {
    /// A file's text without the blanks around it; empty when it cannot be read.
    fn read(&self, path: &str) -> String {
        fs::read_to_string(self.0.join(path)).unwrap_or_default().trim().to_owned()
    }

    /// A file's number.
    fn number(&self, path: &str) -> Option<u64> {
        self.read(path).parse().ok()
    }

    /// The names in a folder, sorted.
    fn list(&self, path: &str) -> Vec<String> {
        let entries = fs::read_dir(self.0.join(path)).into_iter().flatten().flatten();
        let mut names: Vec<String> =
            entries.filter_map(|entry| entry.file_name().into_string().ok()).collect();
        names.sort();
        names
    }

    fn exists(&self, path: &str) -> bool {
        self.0.join(path).exists()
    }
}

/// Looks around before a run.
pub fn look(topology: &Topology, plan: &Plan) -> Environment {
    let root = Root(Path::new("/").to_owned());
    let mut environment = describe(&root, topology);
    let limit = |resource| getrlimit(resource).map_or(0, |(soft, _)| soft);
    environment.open_files = limit(Resource::RLIMIT_NOFILE);
    environment.processes = limit(Resource::RLIMIT_NPROC);
    environment.busy_before = busy().unwrap_or_default();
    let mut found = warnings::of_machine(&environment);
    found.extend(warnings::of_plan(&environment, plan));
    environment.warnings = found;
    environment
}

/// What files tell.
fn describe(root: &Root, topology: &Topology) -> Environment {
    let mut environment = Environment {
        cores: topology.cpus.len() as u32,
        physical_cores: topology.cores() as u32,
        packages: topology.packages() as u32,
        ..Environment::default()
    };
    system::describe(root, &mut environment);
    cpu::describe(root, topology, &mut environment);
    power::describe(root, &mut environment);
    program::describe(&mut environment);
    environment
}

/// Notes that a run goes on, when, and what has changed since it began.
pub fn note_resumption(environment: &mut Environment, trials: usize) {
    let now = humantime::format_rfc3339_seconds(SystemTime::now());
    environment.resumed.push(format!("{now}, after {trials} trials"));
    let root = Root(Path::new("/").to_owned());
    let mut today = Environment::default();
    system::describe(&root, &mut today);
    program::describe(&mut today);
    for (what, then, now) in [
        ("another kernel", &environment.kernel, &today.kernel),
        ("another program file", &environment.binary_sha256, &today.binary_sha256),
    ] {
        if then != now {
            let warning = format!("A part of the trials ran with {what} than the ones before.");
            if !environment.warnings.contains(&warning) {
                environment.warnings.push(warning);
            }
        }
    }
}

/// How many CPUs were busy in a moment before the run.
fn busy() -> Option<f64> {
    let before = Snapshot::take(&[]).ok()?;
    std::thread::sleep(MOMENT);
    let after = Snapshot::take(&[]).ok()?;
    let elapsed_s = after.at.duration_since(before.at).as_secs_f64();
    let idle = (after.machine.idle_s - before.machine.idle_s) / elapsed_s;
    Some((f64::from(after.machine.cores) - idle).max(0.0))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A machine made of these files.
    pub(super) fn machine(files: &[(&str, &str)]) -> (tempfile::TempDir, Root) {
        let folder = tempfile::tempdir().unwrap();
        for (path, text) in files {
            let path = folder.path().join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        }
        let root = Root(folder.path().to_owned());
        (folder, root)
    }

    #[test]
    fn this_machine_can_be_looked_at() {
        let topology = Topology::read(Path::new("/sys/devices/system/cpu"), &[0]);
        let suite = crate::bench::suite::find::tests::built_in("smoke");
        let plan = Plan::new(&suite, &crate::bench::plan::Overrides::default(), &[], 1, 1);
        let environment = look(&topology, &plan.unwrap());
        assert_eq!(environment.cores, 1);
        assert!(!environment.kernel.is_empty());
        assert!(environment.memory_bytes > 0);
        assert_eq!(environment.binary_sha256.len(), 64);
    }

    #[test]
    fn a_machine_that_tells_nothing_is_described_by_nothing() {
        let (_folder, root) = machine(&[]);
        let topology = Topology::read(Path::new("/nonexistent"), &[0, 1]);
        let environment = describe(&root, &topology);
        assert_eq!((environment.cores, environment.physical_cores), (2, 2));
        assert_eq!((environment.governor.as_str(), environment.thermal_throttles), ("", None));
    }

    #[test]
    fn a_resumption_is_noted_with_what_has_changed() {
        let mut environment =
            Environment { kernel: "another".to_owned(), ..Environment::default() };
        note_resumption(&mut environment, 12);
        assert!(environment.resumed[0].ends_with("after 12 trials"));
        assert!(environment.warnings[0].contains("another kernel"));
    }
}
