//! However a demonstration ends, nothing of it stays behind; and what it cannot do it says in a line.

use std::collections::BTreeSet;
use std::net::TcpListener;

use hello_cluster::harness::process::Signal;

use super::show::{Show, Told};
use crate::program::{hello_cluster, refusal};
use crate::support::{all_are_gone, below, files_in};

/// A demonstration's process, and all that descend from it.
fn family(show: &Show) -> BTreeSet<u32> {
    let mut pids = below(show.process.pid());
    pids.insert(show.process.pid());
    pids
}

/// A demonstration under load, with all its processes.
fn at_work() -> (Show, Told, BTreeSet<u32>) {
    let (show, told) = Show::under_load(2, &[]);
    let pids = family(&show);
    // It, the master, its operators' process, two workers, and the generator.
    assert_eq!(pids.len(), 6, "{pids:?}");
    (show, told, pids)
}

#[test]
fn ctrl_c_ends_all_in_order() {
    let (mut show, _told, pids) = at_work();
    assert_eq!(show.end(), Some(0));
    all_are_gone(&pids);
    let left = files_in(show.temporary.path());
    assert!(!left.iter().any(|name| name.starts_with("hello-cluster-demo-")), "{left:?}");
}

#[test]
fn a_demonstration_that_is_killed_takes_all_along() {
    let (show, _told, pids) = at_work();
    show.process.signal(Signal::SIGKILL);
    all_are_gone(&pids);
}

#[test]
fn ctrl_c_in_the_middle_of_a_lab_leaves_no_process() {
    let (out, mut show, told) = Show::for_short_labs();
    show.done("/lab?name=hash");
    show.guess_nothing(&told);
    told.frame("the lab loads its server", |frame| {
        frame["playing"] == "lab"
            && frame["load"]["rps"].as_f64() > Some(0.0)
            && frame["workers"].as_array().is_some_and(|bars| !bars.is_empty())
    });
    let pids = family(&show);
    assert_eq!(show.end(), Some(0));
    all_are_gone(&pids);
    // The record of the rounds that had ended, and no file of the one that had not.
    assert_eq!(files_in(&out.path().join("hash")), ["record.json"]);
}

#[test]
fn what_cannot_be_shown_is_said_in_a_line() {
    let taken = TcpListener::bind("127.0.0.1:0").expect("a port is free");
    let taken = taken.local_addr().expect("it has an address").to_string();
    for (arguments, code, says) in [
        (&["--mode", "single"][..], 2, "round-robin"),
        (&["--workers", "17"], 2, "1 to 16"),
        (&["--lab", "luck"], 2, "omission"),
        (&["--rehearse", "luck"], 2, "omission"),
        (&["--rehearse", "hash", "--open"], 2, "cannot be used with"),
        (&["--listen", &taken], 3, "--listen 127.0.0.1:0"),
    ] {
        let output = hello_cluster().arg("demo").args(arguments).output().unwrap();
        let line = refusal(&output, code);
        assert!(line.contains(says), "{arguments:?}: {line}");
    }
}
