//! However a demonstration ends, nothing of it stays behind; and what it cannot do it says in a line.

use std::collections::BTreeSet;
use std::net::TcpListener;
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use super::kill::signal;
use super::show::{Show, Told};

/// The processes that descend from this one.
fn family(root: u32) -> BTreeSet<u32> {
    let mut known = BTreeSet::from([root]);
    loop {
        let before = known.len();
        for entry in std::fs::read_dir("/proc").expect("there is a /proc").flatten() {
            let Some(pid) = entry.file_name().to_str().and_then(|name| name.parse().ok()) else {
                continue;
            };
            let Ok(stat) = std::fs::read_to_string(entry.path().join("stat")) else { continue };
            let parent = stat
                .rsplit(')')
                .next()
                .and_then(|rest| rest.split_whitespace().nth(1)?.parse().ok());
            if parent.is_some_and(|parent: u32| known.contains(&parent)) {
                known.insert(pid);
            }
        }
        if known.len() == before {
            return known;
        }
    }
}

fn is_alive(pid: u32) -> bool {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
    stat.rsplit(") ").next().is_some_and(|rest| !rest.is_empty() && !rest.starts_with('Z'))
}

fn all_are_gone(pids: &BTreeSet<u32>) {
    let deadline = Instant::now() + Duration::from_secs(20);
    while pids.iter().any(|pid| is_alive(*pid)) {
        assert!(Instant::now() < deadline, "of {pids:?} some live on");
        std::thread::sleep(Duration::from_millis(10));
    }
}

/// A demonstration under load, with all its processes.
fn at_work(show: &Show) -> (Told, BTreeSet<u32>) {
    let told = show.follow();
    told.under_load(2);
    let pids = family(show.pid());
    // It, the master, its operators' process, two workers, and the generator.
    assert_eq!(pids.len(), 6, "{pids:?}");
    (told, pids)
}

#[test]
fn ctrl_c_ends_all_in_order() {
    let show = Show::start(&["--workers", "2"]);
    let (_told, pids) = at_work(&show);
    let ended = show.end();
    assert!(ended.success(), "{ended}");
    all_are_gone(&pids);
    let folder = std::env::temp_dir();
    let left = std::fs::read_dir(folder).expect("there is one").flatten().any(|entry| {
        let name = entry.file_name().to_string_lossy().into_owned();
        pids.iter().any(|pid| name == format!("hello-cluster-demo-{pid}"))
    });
    assert!(!left, "its folder is left");
}

#[test]
fn a_demonstration_that_is_killed_takes_all_along() {
    let show = Show::start(&["--workers", "2"]);
    let (_told, pids) = at_work(&show);
    signal(show.pid(), "KILL");
    all_are_gone(&pids);
}

#[test]
fn ctrl_c_in_the_middle_of_a_lab_leaves_no_process() {
    let out = tempfile::tempdir().expect("a folder can be made");
    let out = out.path().to_str().expect("its path is text");
    let show = Show::start(&["--workers", "2", "--short", "--out", out]);
    let told = show.follow();
    told.under_load(2);
    show.done("/lab?name=hash");
    let items = told.event("the card", |name, card| name == "lab" && card["stage"] == "predict");
    let items = items["items"].as_array().expect("a lab has items").len();
    show.done(&format!("/lab/guess?values={}", ",".repeat(items - 1)));
    told.frame("the lab loads its server", |frame| {
        frame["playing"] == "lab"
            && frame["load"]["rps"].as_f64() > Some(0.0)
            && frame["workers"].as_array().is_some_and(|bars| !bars.is_empty())
    });
    let pids = family(show.pid());
    assert!(show.end().success());
    all_are_gone(&pids);
    // The record of the rounds that had ended, and no file of the one that had not.
    let left: Vec<String> = std::fs::read_dir(Path::new(out).join("hash"))
        .expect("the lab has a folder")
        .map(|entry| entry.expect("it can be read").file_name().to_string_lossy().into_owned())
        .collect();
    assert_eq!(left, ["record.json"]);
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
        let output = Command::new(env!("CARGO_BIN_EXE_hello-cluster"))
            .arg("demo")
            .args(arguments)
            .output()
            .expect("the program runs");
        let line = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(code), "{arguments:?}: {line}");
        assert!(
            line.contains(says) && line.trim_end().lines().count() == 1,
            "{arguments:?}: {line}"
        );
    }
}
