//! A run that does not go as planned: stopped by the user, killed, or with a trial that fails. What
//! was finished is kept, and no process is left behind.

use std::fs;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::thread;
use std::time::{Duration, Instant};

use crate::support::{processes_of, run_in};
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use reports::record::{Outcome, Record, Trial};

/// Longer than anything here takes on a busy machine; reached only by a defect.
const PATIENCE: Duration = Duration::from_secs(60);

const SUITE: &str = r#"name = "mine"
blocks = 3
duration = "500ms"

[[workload]]
name = "hello"
connections = 4

[[workload]]
name = "wrong"
path = "/work?rounds=many"
connections = 4

[[cells]]
workloads = ["hello"]
modes = ["reuseport", "round-robin"]
workers = [2]
"#;

/// A run under way.
struct Run {
    home: tempfile::TempDir,
    process: Child,
    lines: Receiver<String>,
}

impl Run {
    /// Starts a run of a suite and waits until its first trial is done.
    fn after_its_first_trial(suite: &str) -> Self {
        let home = tempfile::tempdir().unwrap();
        fs::write(home.path().join("mine.toml"), suite).unwrap();
        let mut process = run_in(home.path(), "bench")
            .arg("mine.toml")
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let pipe = BufReader::new(process.stderr.take().unwrap());
        let (sender, lines) = channel();
        thread::spawn(move || {
            pipe.lines().map_while(Result::ok).try_for_each(|line| sender.send(line))
        });
        let run = Self { home, process, lines };
        run.wait_for_line("[1/");
        run
    }

    fn wait_for_line(&self, part: &str) -> String {
        let deadline = Instant::now() + PATIENCE;
        loop {
            let left = deadline.saturating_duration_since(Instant::now());
            let line = self.lines.recv_timeout(left).expect("the line comes");
            if line.contains(part) {
                return line;
            }
        }
    }

    /// Waits until the suite has a child of this command, and returns its process id.
    fn wait_for_child(&self, command: &str) -> Pid {
        let deadline = Instant::now() + PATIENCE;
        loop {
            let is_it = |(pid, line): &(u32, String)| {
                line.contains(command) && is_child_of(*pid, self.process.id())
            };
            if let Some((pid, _)) = processes_of(self.folder()).into_iter().find(is_it) {
                return Pid::from_raw(pid.cast_signed());
            }
            assert!(Instant::now() < deadline, "no child{command}comes");
            thread::sleep(Duration::from_millis(2));
        }
    }

    fn signal(&self, signal: Signal) {
        kill(Pid::from_raw(self.process.id().cast_signed()), signal).expect("it has not ended");
    }

    /// Waits for the run's exit code.
    fn code(&mut self) -> Option<i32> {
        let deadline = Instant::now() + PATIENCE;
        loop {
            if let Some(status) = self.process.try_wait().unwrap() {
                return status.code();
            }
            assert!(Instant::now() < deadline, "the run never ends");
            thread::sleep(Duration::from_millis(5));
        }
    }

    fn folder(&self) -> &Path {
        self.home.path()
    }

    /// The run's folder, whatever its id.
    fn results(&self) -> std::path::PathBuf {
        let mut entries = fs::read_dir(self.folder().join("reports/out")).unwrap();
        entries
            .find_map(|entry| entry.ok().filter(|it| it.file_type().is_ok_and(|it| it.is_dir())))
            .expect("the run has a folder")
            .path()
    }

    fn record(&self) -> Record {
        let text = fs::read_to_string(self.results().join("record.json")).unwrap();
        Record::from_json(&text).unwrap()
    }

    fn assert_no_process_is_left(&self) {
        let deadline = Instant::now() + PATIENCE;
        while !processes_of(self.folder()).is_empty() {
            assert!(Instant::now() < deadline, "left: {:?}", processes_of(self.folder()));
            thread::sleep(Duration::from_millis(5));
        }
    }
}

impl Drop for Run {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

#[test]
fn ctrl_c_keeps_what_is_done_and_draws_the_page() {
    let mut run = Run::after_its_first_trial(&SUITE.replace("blocks = 3", "blocks = 1000"));
    run.signal(Signal::SIGINT);
    assert_eq!(run.code(), Some(130));
    assert_eq!(processes_of(run.folder()), []);
    let record = run.record();
    assert!((1..2000).contains(&record.trials.len()));
    assert_eq!(record.suite.planned_trials, 2000);
    assert!(record.trials.iter().all(|trial| trial.result().is_some()), "no half trial is kept");
    assert!(run.results().join("index.html").exists());
    assert_eq!(
        fs::read_link(run.folder().join("reports/out/latest")).unwrap().to_str(),
        Some(&*record.id)
    );
}

#[test]
fn two_signals_within_a_moment_are_one_and_the_page_is_drawn() {
    let mut run = Run::after_its_first_trial(&SUITE.replace("blocks = 3", "blocks = 1000"));
    run.signal(Signal::SIGINT);
    run.signal(Signal::SIGTERM);
    assert_eq!(run.code(), Some(130));
    assert!(run.results().join("index.html").exists());
    assert!(run.wait_for_line("interrupted: ").contains("--resume reports/out/"));
}

#[test]
fn a_second_ctrl_c_ends_it_at_once_and_the_record_is_whole() {
    let mut run = Run::after_its_first_trial(&SUITE.replace("blocks = 3", "blocks = 1000"));
    while run.process.try_wait().unwrap().is_none() {
        run.signal(Signal::SIGINT);
    }
    assert_eq!(run.code(), Some(130));
    assert!(!run.record().trials.is_empty());
    run.assert_no_process_is_left();
}

#[test]
fn a_suite_that_is_killed_takes_its_children_along_and_leaves_a_whole_record() {
    let run = Run::after_its_first_trial(&SUITE.replace("blocks = 3", "blocks = 1000"));
    run.signal(Signal::SIGKILL);
    run.assert_no_process_is_left();
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
fn one_child_costs_one_trial(command: &str, signal: Signal) {
    let mut run = Run::after_its_first_trial(SUITE);
    loop {
        // A child that is hit at the very end of its life may not notice: then the next one is.
        let _ = kill(run.wait_for_child(command), signal);
        if run.wait_for_line("] hello").contains("failed: ") {
            break;
        }
    }
    assert_eq!(run.code(), Some(4));
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
    assert_eq!(run.code(), Some(4));
    let record = run.record();
    assert_eq!(record.trials.len(), 6);
    for result in record.trials.iter().filter_map(|trial| trial.result()) {
        assert!(!result.valid && !result.reasons.is_empty());
        assert!(result.errors.status > 0);
    }
}

/// Whether a process was started by another: the masters, not their workers.
fn is_child_of(pid: u32, parent: u32) -> bool {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
    let after_name = stat.rsplit(')').next().unwrap_or_default();
    after_name.split_whitespace().nth(1) == Some(&parent.to_string())
}
