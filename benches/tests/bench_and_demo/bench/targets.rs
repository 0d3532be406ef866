//! Other servers than ours: started, awaited, measured beside each other, stopped; left out with a
//! line when they are not there; gone on every way out.

use std::fs;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use crate::support::{processes_of, run_in};
use reports::record::{Record, Trial, TrialResult};

/// Longer than anything here takes on a busy machine; reached only by a defect.
const PATIENCE: Duration = Duration::from_secs(60);

const SUITE: &str = r#"name = "mine"
blocks = 1
warmup = "100ms"
duration = "400ms"

[[workload]]
name = "hello"
connections = 8
"#;

/// The cells of a target.
fn cells(target: &str, modes: &str, workers: &str) -> String {
    format!(
        "\n[[cells]]\nworkloads = [\"hello\"]\ntargets = [\"{target}\"]\n{modes}\nworkers = {workers}\n"
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
        let text = fs::read_to_string(self.path().join("run/record.json"))
            .unwrap_or_else(|_| panic!("{}", String::from_utf8_lossy(&output.stderr)));
        self.nothing_is_left();
        let files = fs::read_dir(self.path().join("run")).unwrap().count();
        assert_eq!(files, 2, "record.json and index.html, and nothing else");
        (Record::from_json(&text).unwrap(), output)
    }

    fn nothing_is_left(&self) {
        let deadline = Instant::now() + PATIENCE;
        while !processes_of(self.path()).is_empty() {
            assert!(Instant::now() < deadline, "left: {:?}", processes_of(self.path()));
            thread::sleep(Duration::from_millis(5));
        }
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
    let folders = ["/usr/bin", "/usr/sbin", "/usr/local/bin", "/usr/local/sbin"];
    let path = std::env::var_os("PATH").unwrap_or_default();
    let there = std::env::split_paths(&path)
        .chain(folders.map(PathBuf::from))
        .any(|folder| folder.join(program).is_file());
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
    let single = cells("node", "modes = [\"single\"]", "[1]");
    let both = cells("node", "modes = [\"round-robin\", \"shared\"]", "[2]");
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
    let (record, _) =
        Home::with(&cells("nginx", "modes = [\"shared\", \"reuseport\"]", "[2]")).run();
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
    let cells = cells("mine", "modes = [\"reuseport\"]", "[2]");
    let (record, _) = Home::with(&format!("{target}{cells}")).run();
    let result = result(&record.trials[0]);
    assert_eq!(result.workers.len(), 2);
    assert!(server_time_was_read(result));
    assert!(!record.suite.targets[0].conservation, "strangers keep no books");
}

#[test]
fn a_command_without_a_ready_text_is_awaited_by_its_port() {
    let home = Home::with(&format!(
        "{}{}",
        own_as_a_command(""),
        cells("mine", "modes = [\"single\"]", "[1]")
    ));
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
    let (record, _) = Home::with(&format!("{target}{}", cells("mine", "", "[1]"))).run();
    assert!(result(&record.trials[0]).lifetime.answered > 0);
    assert_eq!(
        (record.trials[0].target.as_str(), record.trials[0].mode.as_str()),
        ("mine", "mine")
    );
}

#[test]
fn a_command_that_fails_is_recorded_with_its_words_and_the_rest_goes_on() {
    let target = "\n[[target]]\nname = \"mine\"\ncommand = [\"sh\", \"-c\", \"echo no luck today >&2; \
                  exit 3\", \"{port}\"]\n";
    let own = cells("hello-cluster", "modes = [\"single\"]", "[1]");
    let home = Home::with(&format!("{target}{}{own}", cells("mine", "", "[1]")));
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
    let own = cells("hello-cluster", "modes = [\"single\"]", "[1]");
    let missing = cells("old-node", "modes = [\"single\"]", "[1]");
    let (record, output) = Home::with(&format!("{target}{missing}{own}")).run();
    assert_eq!(record.trials.len(), 1);
    assert_eq!(record.suite.skipped[0].target, "old-node");
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(said.contains("Skipped: old-node: `/nowhere/node` is not installed"), "{said}");
    assert!(said.contains("https://nodejs.org"), "{said}");
}

#[test]
fn a_server_that_runs_already_is_asked_and_left_running() {
    let mut server = Running::start();
    let target = format!("\n[[target]]\nname = \"there\"\nurl = \"{}\"\n", server.url);
    let (record, _) = Home::with(&format!("{target}{}", cells("there", "", "[1]"))).run();
    let result = result(&record.trials[0]);
    assert!(result.lifetime.answered > 0);
    assert!(server.process.try_wait().unwrap().is_none(), "it still runs");
}

#[test]
fn a_suite_that_is_killed_takes_foreign_workers_along() {
    if !is_installed("nginx") {
        return;
    }
    let long = SUITE.replace("400ms", "60s");
    let home = Home::with("");
    let suite = format!("{long}{}", cells("nginx", "modes = [\"shared\"]", "[2]"));
    fs::write(home.path().join("mine.toml"), suite).unwrap();
    let mut suite = run_in(home.path(), "bench")
        .arg("mine.toml")
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let deadline = Instant::now() + PATIENCE;
    let nginx = loop {
        // nginx overwrites its environment with its title: its processes are found by their parents.
        let keeper = processes_of(home.path()).into_iter().find(|it| it.1.contains(" keep "));
        let below = keeper.map(|(pid, _)| below(pid)).unwrap_or_default();
        if below.len() == 3 {
            break below;
        }
        assert!(Instant::now() < deadline, "nginx has no workers: {below:?}");
        thread::sleep(Duration::from_millis(5));
    };
    suite.kill().unwrap();
    suite.wait().unwrap();
    home.nothing_is_left();
    while nginx.iter().any(|pid| Path::new(&format!("/proc/{pid}")).exists()) {
        assert!(Instant::now() < deadline, "a part of {nginx:?} is left");
        thread::sleep(Duration::from_millis(5));
    }
}

/// The processes below one.
fn below(root: u32) -> Vec<u32> {
    let parent = |pid: u32| -> Option<u32> {
        let stat = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
        stat.rsplit_once(')')?.1.split_whitespace().nth(1)?.parse().ok()
    };
    let pids: Vec<u32> = fs::read_dir("/proc")
        .unwrap()
        .filter_map(|entry| entry.ok()?.file_name().to_str()?.parse().ok())
        .collect();
    let mut found = vec![root];
    let mut next = 0;
    while let Some(above) = found.get(next).copied() {
        found.extend(pids.iter().filter(|pid| parent(**pid) == Some(above)));
        next += 1;
    }
    found.split_off(1)
}

/// A server that the suite does not start.
struct Running {
    process: Child,
    url: String,
}

impl Running {
    fn start() -> Self {
        let mut process = Command::new(env!("CARGO_BIN_EXE_hello-cluster"))
            .args(["serve", "--mode", "single", "--listen", "127.0.0.1:0"])
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut lines =
            BufReader::new(process.stdout.take().unwrap()).lines().map_while(Result::ok);
        let address =
            |line: String| Some(line.strip_prefix("Listening on ")?.split(' ').next()?.to_owned());
        let url = lines.find_map(address).unwrap();
        thread::spawn(move || lines.count());
        Self { process, url }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
