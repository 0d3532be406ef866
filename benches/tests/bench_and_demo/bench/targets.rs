//! Other servers: measured beside ours, skipped with a line when missing, gone on every way out.

use std::fs;
use std::path::Path;
use std::process::Output;
use std::time::Duration;

use hello_cluster::harness::process::Signal;
use hello_cluster::harness::target::detect;
use reports::record::{Record, Trial, TrialResult};

use crate::program::{hello_cluster, text};
use crate::support::{
    Running, all_are_gone, below, eventually, files_in, no_process_is_left, processes_of,
    record_in, run_in,
};

const SUITE: &str = r#"name = "mine"
blocks = 1
warmup = "100ms"
duration = "400ms"

[[workload]]
name = "hello"
connections = 8
"#;

/// The cells of a target, in all its modes or in some.
fn cells(target: &str, modes: &[&str], workers: u32) -> String {
    let modes = if modes.is_empty() { String::new() } else { format!("modes = {modes:?}\n") };
    format!(
        "\n[[cells]]\nworkloads = [\"hello\"]\ntargets = [\"{target}\"]\n{modes}workers = [{workers}]\n"
    )
}

/// A suite in a folder of its own.
struct Home(tempfile::TempDir);

impl Home {
    fn with(rest: &str) -> Self {
        let home = tempfile::tempdir().unwrap();
        fs::write(home.path().join("mine.toml"), format!("{SUITE}{rest}")).unwrap();
        Self(home)
    }

    fn path(&self) -> &Path {
        self.0.path()
    }

    /// Runs the suite and returns its record and what was said.
    fn run(&self) -> (Record, Output) {
        let output =
            run_in(self.path(), "bench").args(["mine.toml", "--out", "run"]).output().unwrap();
        no_process_is_left(self.path());
        let run = self.path().join("run");
        assert!(run.join("record.json").exists(), "{}", text(&output.stderr));
        assert_eq!(files_in(&run), ["index.html", "record.json"], "and nothing else");
        (record_in(&run), output)
    }
}

/// A trial's result. On a machine so busy that a process waits half a second for its CPU, a trial
/// may end without a request in its window; it must say so.
fn result(trial: &Trial) -> &TrialResult {
    let result = trial.result().unwrap_or_else(|| panic!("{:?}", trial.outcome));
    assert_eq!(result.valid, result.requests > 0, "{:?}", result.reasons);
    result
}

/// Whether the server's CPU time was read, in so far as it had something to do.
fn server_time_was_read(result: &TrialResult) -> bool {
    result.requests == 0 || result.cpu.server_user_s + result.cpu.server_sys_s > 0.0
}

/// Whether a server is installed; where it is not, the test says so and shows nothing.
fn is_installed(program: &str) -> bool {
    let there = detect::find(program).is_some();
    if !there {
        eprintln!("{program} is not installed: this test shows nothing here");
    }
    there
}

#[test]
fn node_s_three_modes_are_measured_with_each_worker_s_cpu_time() {
    if !is_installed("node") {
        return;
    }
    let single = cells("node", &["single"], 1);
    let both = cells("node", &["round-robin", "shared"], 2);
    let (record, _) = Home::with(&format!("{single}{both}")).run();
    assert_eq!(record.trials.len(), 3);
    assert!(record.suite.targets[0].version.starts_with('v'), "{:?}", record.suite.targets);
    for trial in &record.trials {
        let result = result(trial);
        assert_eq!(result.workers.len(), trial.workers as usize);
        for worker in result.workers.iter().filter(|worker| worker.client_requests > 0) {
            assert!(worker.id.is_some_and(|id| (1..=trial.workers).contains(&id)));
        }
        let of_workers = result.workers.iter().map(|it| it.cpu_user_s + it.cpu_sys_s).sum::<f64>();
        let of_server = result.cpu.server_user_s + result.cpu.server_sys_s;
        assert!((of_workers - of_server).abs() < 1e-6, "each worker's time is the server's");
        assert!(server_time_was_read(result));
    }
}

#[test]
fn nginx_has_its_workers_told_apart_by_process_id() {
    if !is_installed("nginx") {
        return;
    }
    let (record, _) = Home::with(&cells("nginx", &["shared", "reuseport"], 2)).run();
    assert_eq!(record.trials.len(), 2);
    for trial in &record.trials {
        let result = result(trial);
        assert_eq!(result.workers.len(), 2, "one that answered nothing has a line too");
        let answers: u64 = result.workers.iter().map(|worker| worker.client_requests).sum();
        assert_eq!(answers, result.lifetime.answered);
        assert!(result.workers.iter().all(|worker| worker.pid.is_some() && worker.id.is_none()));
    }
}

/// A `[[target]]` that is our own server, as anybody's command.
fn own_as_a_command(more: &str) -> String {
    let binary = env!("CARGO_BIN_EXE_hello-cluster");
    format!(
        "\n[[target]]\nname = \"mine\"\ncommand = [\"{binary}\", \"serve\", \"--mode\", \"{{mode}}\", \
         \"--workers\", \"{{workers}}\", \"--listen\", \"127.0.0.1:{{port}}\"]\n{more}\n"
    )
}

#[test]
fn any_command_is_measured_and_its_processes_are_its_own() {
    let target = own_as_a_command("ready = \"Listening on\"\nworker = \"pid\"");
    let cells = cells("mine", &["reuseport"], 2);
    let (record, _) = Home::with(&format!("{target}{cells}")).run();
    let result = result(&record.trials[0]);
    assert_eq!(result.workers.len(), 2);
    assert!(server_time_was_read(result));
    assert!(!record.suite.targets[0].conservation, "strangers keep no books");
}

#[test]
fn a_command_without_a_ready_text_is_awaited_by_its_port() {
    let home = Home::with(&format!("{}{}", own_as_a_command(""), cells("mine", &["single"], 1)));
    let (record, _) = home.run();
    let result = result(&record.trials[0]);
    assert!(server_time_was_read(result), "the whole tree is the server");
}

#[test]
fn a_command_that_goes_into_the_background_is_ended_too() {
    let binary = env!("CARGO_BIN_EXE_hello-cluster");
    let target = format!(
        "\n[[target]]\nname = \"mine\"\ncommand = [\"sh\", \"-c\", \"setsid {binary} serve --mode \
         single --listen 127.0.0.1:{{port}} & wait\"]\n"
    );
    let (record, _) = Home::with(&format!("{target}{}", cells("mine", &[], 1))).run();
    assert!(result(&record.trials[0]).lifetime.answered > 0);
    assert_eq!([&record.trials[0].target, &record.trials[0].mode], ["mine", "mine"]);
}

#[test]
fn a_command_that_fails_is_recorded_with_its_words_and_the_rest_goes_on() {
    let target = "\n[[target]]\nname = \"mine\"\ncommand = [\"sh\", \"-c\", \"echo no luck today >&2; \
                  exit 3\", \"{port}\"]\n";
    let own = cells("hello-cluster", &["single"], 1);
    let home = Home::with(&format!("{target}{}{own}", cells("mine", &[], 1)));
    let (record, output) = home.run();
    assert_eq!(output.status.code(), Some(4));
    let failed = record.trials.iter().find(|trial| trial.target == "mine").unwrap();
    assert!(format!("{:?}", failed.outcome).contains("no luck today"), "{:?}", failed.outcome);
    let other = record.trials.iter().find(|trial| trial.target != "mine").unwrap();
    assert!(result(other).lifetime.answered > 0);
}

#[test]
fn a_target_that_is_missing_is_skipped_with_how_to_get_it() {
    let target =
        "\n[[target]]\nname = \"old-node\"\nlike = \"node\"\nprogram = \"/nowhere/node\"\n";
    let own = cells("hello-cluster", &["single"], 1);
    let missing = cells("old-node", &["single"], 1);
    let (record, output) = Home::with(&format!("{target}{missing}{own}")).run();
    assert_eq!(record.trials.len(), 1);
    assert_eq!(record.suite.skipped[0].target, "old-node");
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(said.contains("Skipped: old-node: `/nowhere/node` is not installed"), "{said}");
    assert!(said.contains("https://nodejs.org"), "{said}");
}

#[test]
fn a_server_that_runs_already_is_asked_and_left_running() {
    let (mut server, url) = start_server();
    let target = format!("\n[[target]]\nname = \"there\"\nurl = \"{url}\"\n");
    let (record, _) = Home::with(&format!("{target}{}", cells("there", &[], 1))).run();
    let result = result(&record.trials[0]);
    assert!(result.lifetime.answered > 0);
    assert_eq!(server.end_within(Duration::ZERO), None, "it still runs");
}

#[test]
fn a_suite_that_is_killed_takes_foreign_workers_along() {
    if !is_installed("nginx") {
        return;
    }
    let long = SUITE.replace("400ms", "60s");
    let home = Home::with("");
    let suite = format!("{long}{}", cells("nginx", &["shared"], 2));
    fs::write(home.path().join("mine.toml"), suite).unwrap();
    let mut command = run_in(home.path(), "bench");
    command.arg("mine.toml");
    let mut suite = Running::start(command);
    let mut nginx = std::collections::BTreeSet::new();
    let started = || {
        // nginx overwrites its environment with its title: its processes are found by their parents.
        let keeper = processes_of(home.path()).into_iter().find(|it| it.1.contains(" keep "));
        nginx = keeper.map(|(pid, _)| below(pid)).unwrap_or_default();
        nginx.len() == 3
    };
    eventually(started, || "nginx has no workers".to_owned());
    suite.signal(Signal::SIGKILL);
    suite.code();
    no_process_is_left(home.path());
    all_are_gone(&nginx);
}

/// Starts a server that the suite does not start; it, and its URL.
fn start_server() -> (Running, String) {
    let mut command = hello_cluster();
    command.args(["serve", "--mode", "single", "--listen", "127.0.0.1:0"]);
    let mut server = Running::start(command);
    let url = server.wait_for("listen", |line| {
        Some(line.strip_prefix("Listening on ")?.split(' ').next()?.to_owned())
    });
    (server, url)
}
