//! A run that is killed and resumed ends with every planned trial once, in the planned order.

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

use crate::support::{files_in, no_process_is_left, record_in, run_in};

/// Trials of 100 ms; one workload must be calibrated, so that a kill may meet that, too.
const SUITE: &str = r#"name = "mine"
blocks = BLOCKS
duration = "100ms"

workload = [
    { name = "hello", connections = 2 },
    { name = "work", work_us = 100, connections = 2 },
]
cells = [{ workloads = ["hello", "work"], modes = ["single", "round-robin"], workers = [1, 2] }]
"#;

#[test]
fn a_run_that_is_killed_at_random_and_resumed_has_each_trial_once_in_the_planned_order() {
    killed_and_resumed(3, 4);
}

/// `cargo test --test bench_and_demo -- --ignored`: about a minute.
#[test]
#[ignore = "takes a minute; the same with three kills is not ignored"]
fn a_run_that_is_killed_twenty_times_has_each_trial_once_in_the_planned_order() {
    killed_and_resumed(20, 36);
}

#[test]
fn a_whole_run_that_is_resumed_only_draws_its_page_again() {
    let home = tempfile::tempdir().unwrap();
    fs::write(home.path().join("mine.toml"), SUITE.replace("BLOCKS", "1")).unwrap();
    let only = ["mine.toml", "--modes", "single", "--out", "run"];
    assert!(finished(run_in(home.path(), "bench").args(only)));
    let record = record_in(&home.path().join("run"));
    fs::remove_file(home.path().join("run/index.html")).unwrap();
    assert!(finished(run_in(home.path(), "bench").args(["--resume", "run"])));
    assert!(home.path().join("run/index.html").exists());
    assert_eq!(record_in(&home.path().join("run")).trials, record.trials);
}

/// Kills a run this often, after times drawn from a fixed seed, then lets it end.
fn killed_and_resumed(kills: u32, blocks: u32) {
    let home = tempfile::tempdir().unwrap();
    let suite = SUITE.replace("BLOCKS", &blocks.to_string());
    fs::write(home.path().join("mine.toml"), suite).unwrap();
    let first = ["mine.toml", "--seed", "5", "--out", "run"];
    let again = ["--resume", "run"];
    let mut random = ChaCha8Rng::seed_from_u64(2026);
    for _ in 0..kills {
        let begun = home.path().join("run/record.json").exists();
        // The suite's file may change meanwhile: the record holds its own.
        if begun {
            fs::write(home.path().join("mine.toml"), "changed").unwrap();
        }
        let arguments = if begun { &again[..] } else { &first[..] };
        let time = Duration::from_millis(random.random_range(200..2_500));
        killed_after(run_in(home.path(), "bench").args(arguments), time);
        no_process_is_left(home.path());
    }
    let before = record_in(&home.path().join("run")).trials;
    assert!(finished(run_in(home.path(), "bench").args(again)), "the last one ends by itself");

    let record = record_in(&home.path().join("run"));
    assert_eq!(record.trials[..before.len()], before, "what was done is not done again");
    let planned = planned(home.path());
    assert_eq!(record.suite.planned_trials as usize, planned.len());
    let ran: Vec<String> = record
        .trials
        .iter()
        .map(|it| {
            format!("{} {} {} {} {}", it.order + 1, it.block + 1, it.workload, it.mode, it.workers)
        })
        .collect();
    assert_eq!(ran, planned);
    assert!(!record.environment.resumed.is_empty());
    assert!(home.path().join("run/index.html").exists());
    let files = files_in(&home.path().join("run"));
    assert_eq!(files, ["index.html", "record.json"], "and nothing else");
}

/// The trials that the plan of the run has, first columns of `--plan`.
fn planned(home: &Path) -> Vec<String> {
    let output = run_in(home, "bench").args(["--resume", "run", "--plan"]).output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    let rows = text.lines().skip_while(|line| !line.starts_with("trial")).skip(1);
    rows.map(|row| row.split_whitespace().take(5).collect::<Vec<_>>().join(" ")).collect()
}

fn killed_after(command: &mut Command, time: Duration) {
    let mut process = quiet(command).spawn().unwrap();
    let deadline = Instant::now() + time;
    while Instant::now() < deadline && process.try_wait().unwrap().is_none() {
        thread::sleep(Duration::from_millis(5));
    }
    let _ = process.kill();
    process.wait().unwrap();
}

/// Runs a command; whether it ended with a record, be all its trials valid or not.
fn finished(command: &mut Command) -> bool {
    let status = quiet(command).status().unwrap();
    matches!(status.code(), Some(0 | 4))
}

fn quiet(command: &mut Command) -> &mut Command {
    command.stdout(Stdio::null()).stderr(Stdio::null())
}
