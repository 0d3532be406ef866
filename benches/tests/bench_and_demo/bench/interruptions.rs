//! Interrupted, killed and failing runs: what was finished is kept, and no process stays.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use hello_cluster::harness::cpu_snapshot::all_stats;
use hello_cluster::harness::process::{Signal, signal};
use reports::record::{Outcome, Record, Trial};

use crate::support::{Running, eventually, no_process_is_left, processes_of, record_in, run_in};

const SUITE: &str = r#"name = "mine"
blocks = 3
duration = "500ms"

workload = [
    { name = "hello", connections = 4 },
    { name = "wrong", path = "/work?rounds=many", connections = 4 },
]
cells = [{ workloads = ["hello"], modes = ["reuseport", "round-robin"], workers = [2] }]
"#;

struct Run {
    home: tempfile::TempDir,
    process: Running,
}

impl Run {
    /// Starts a run of a suite and waits until its first trial is done.
    fn after_its_first_trial(suite: &str) -> Self {
        let home = tempfile::tempdir().unwrap();
        fs::write(home.path().join("mine.toml"), suite).unwrap();
        let mut command = run_in(home.path(), "bench");
        command.arg("mine.toml");
        let mut run = Self { home, process: Running::start(command) };
        run.process.wait_for_line("[1/");
        run
    }

    /// The same with a suite that takes longer than any test.
    fn endless() -> Self {
        Self::after_its_first_trial(&SUITE.replace("blocks = 3", "blocks = 1000"))
    }

    /// Waits until the suite has a child of this command, and returns its process id.
    fn wait_for_child(&self, command: &str) -> u32 {
        let mut child = None;
        let mut find = || {
            let stats = all_stats().unwrap();
            let is_it = |(pid, line): &(u32, String)| {
                let parent = stats.get(pid).map(|stat| stat.parent);
                line.contains(command) && parent == Some(self.process.pid())
            };
            child = processes_of(self.folder()).into_iter().find(is_it).map(|(pid, _)| pid);
            child.is_some()
        };
        eventually(&mut find, || format!("no child{command}comes"));
        child.unwrap()
    }

    fn folder(&self) -> &Path {
        self.home.path()
    }

    /// The run's folder, whatever its id.
    fn results(&self) -> PathBuf {
        let entries = fs::read_dir(self.folder().join("reports/out")).unwrap();
        let mut paths = entries.map(|entry| entry.unwrap().path());
        paths.find(|path| path.is_dir() && !path.is_symlink()).expect("the run has a folder")
    }

    fn record(&self) -> Record {
        record_in(&self.results())
    }
}

#[test]
fn ctrl_c_keeps_what_is_done_and_draws_the_page() {
    let mut run = Run::endless();
    run.process.signal(Signal::SIGINT);
    assert_eq!(run.process.code(), Some(130));
    assert_eq!(processes_of(run.folder()), []);
    let record = run.record();
    assert!((1..2000).contains(&record.trials.len()));
    assert_eq!(record.suite.planned_trials, 2000);
    assert!(record.trials.iter().all(|trial| trial.result().is_some()), "no half trial is kept");
    assert!(run.results().join("index.html").exists());
    let latest = fs::read_link(run.folder().join("reports/out/latest")).unwrap();
    assert_eq!(latest, Path::new(&record.id));
}

#[test]
fn two_signals_within_a_moment_are_one_and_the_page_is_drawn() {
    let mut run = Run::endless();
    run.process.signal(Signal::SIGINT);
    run.process.signal(Signal::SIGTERM);
    let last = run.process.wait_for_line("interrupted: ");
    assert!(last.contains("--resume reports/out/"), "{last}");
    assert_eq!(run.process.code(), Some(130));
    assert!(run.results().join("index.html").exists());
}

#[test]
fn a_second_ctrl_c_ends_it_at_once_and_the_record_is_whole() {
    let mut run = Run::endless();
    let code = loop {
        run.process.signal(Signal::SIGINT);
        if let Some(status) = run.process.end_within(Duration::ZERO) {
            break status.code();
        }
    };
    assert_eq!(code, Some(130));
    assert!(!run.record().trials.is_empty());
    no_process_is_left(run.folder());
}

#[test]
fn a_suite_that_is_killed_takes_its_children_along_and_leaves_a_whole_record() {
    let run = Run::endless();
    run.process.signal(Signal::SIGKILL);
    no_process_is_left(run.folder());
    assert!(!run.record().trials.is_empty());
}

#[test]
fn a_server_that_is_killed_costs_its_own_trial_only() {
    one_child_costs_one_trial(" serve ", Signal::SIGKILL);
}

#[test]
fn a_generator_that_hangs_costs_its_own_trial_only() {
    one_child_costs_one_trial(" load ", Signal::SIGSTOP);
}

/// Sends a signal to one of the suite's children; the rest of the run must not care.
fn one_child_costs_one_trial(command: &str, which: Signal) {
    let mut run = Run::after_its_first_trial(SUITE);
    loop {
        // A child that is hit at the very end of its life may not notice: then the next one is.
        let _ = signal(run.wait_for_child(command), which);
        if run.process.wait_for_line("] hello").contains("failed: ") {
            break;
        }
    }
    assert_eq!(run.process.code(), Some(4));
    assert_eq!(processes_of(run.folder()), []);
    let record = run.record();
    assert_eq!(record.trials.len(), 6, "the rest was run");
    let failed = |trial: &&Trial| matches!(trial.outcome, Outcome::Error(_));
    assert_eq!(record.trials.iter().filter(failed).count(), 1);
    assert!(record.trials.iter().any(|trial| trial.result().is_some_and(|it| it.valid)));
    assert!(run.results().join("index.html").exists());
}

#[test]
fn trials_whose_requests_all_fail_are_kept_and_are_not_valid() {
    let suite = SUITE.replace("workloads = [\"hello\"]", "workloads = [\"wrong\"]");
    let mut run = Run::after_its_first_trial(&suite);
    assert_eq!(run.process.code(), Some(4));
    let record = run.record();
    assert_eq!(record.trials.len(), 6);
    for result in record.trials.iter().filter_map(|trial| trial.result()) {
        assert!(!result.valid && !result.reasons.is_empty());
        assert!(result.errors.status > 0);
    }
}
