//! A lab that is given up while a worker is frozen: nothing of it may stay, least of all that worker.

use std::io::{BufRead, BufReader};
use std::process::Stdio;
use std::time::{Duration, Instant};

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use reports::record::Record;

use super::rehearsal::alone;
use crate::support::{processes_of, run_in};

/// Longer than anything here takes on a busy machine; reached only by a defect.
const PATIENCE: Duration = Duration::from_secs(60);

#[test]
fn ctrl_c_leaves_no_process_and_a_record_of_the_rounds_that_had_ended() {
    let _alone = alone();
    let home = tempfile::tempdir().unwrap();
    let mut run = run_in(home.path(), "demo")
        .args(["--rehearse", "omission", "--out", "mine"])
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(run.stderr.take().unwrap()).lines().map_while(Result::ok);
    // In the second round, so that there is one that has ended.
    assert!(lines.any(|line| line.starts_with("[2/")), "it ends too soon");
    assert!(lines.any(|line| line.contains("was frozen")), "it ends too soon");
    assert!(processes_of(home.path()).len() > 3, "master, worker, generator are there");
    kill(Pid::from_raw(run.id().cast_signed()), Signal::SIGINT).unwrap();
    let last = lines.last().unwrap_or_default();
    assert_eq!(run.wait().unwrap().code(), Some(130), "{last}");
    assert!(last.contains("1 finished round"), "{last}");

    let deadline = Instant::now() + PATIENCE;
    while !processes_of(home.path()).is_empty() {
        assert!(Instant::now() < deadline, "left behind: {:?}", processes_of(home.path()));
        std::thread::sleep(Duration::from_millis(5));
    }
    let record = std::fs::read_to_string(home.path().join("mine/record.json")).unwrap();
    let record = Record::from_json(&record).unwrap();
    assert_eq!(record.trials.len(), 1);
    assert!(record.trials[0].result().is_some() && record.lab.is_none());
}
