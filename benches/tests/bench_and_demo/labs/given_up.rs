//! A lab that is given up while a worker is frozen: nothing of it may stay, least of all that worker.

use hello_cluster::harness::process::Signal;

use crate::support::{Running, no_process_is_left, processes_of, record_in, run_in};

#[test]
fn ctrl_c_leaves_no_process_and_a_record_of_the_rounds_that_had_ended() {
    let home = tempfile::tempdir().unwrap();
    let mut command = run_in(home.path(), "demo");
    command.args(["--rehearse", "omission", "--out", "mine"]);
    let mut run = Running::start(command);
    // In the second round, so that there is one that has ended.
    run.wait_for_line("[2/");
    run.wait_for_line("was frozen");
    assert!(processes_of(home.path()).len() > 3, "master, worker, generator are there");
    run.signal(Signal::SIGINT);
    let last = run.last_stderr_line();
    assert_eq!(run.code(), Some(130), "{last}");
    assert!(last.contains("1 finished round"), "{last}");
    no_process_is_left(home.path());
    let record = record_in(&home.path().join("mine"));
    assert_eq!(record.trials.len(), 1);
    assert!(record.trials[0].result().is_some() && record.lab.is_none());
}
