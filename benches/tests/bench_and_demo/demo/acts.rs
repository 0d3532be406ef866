//! No action of the class loses a request: pause, scale, restart, switch, another load.

use hello_cluster::harness::process::{Signal, signal};
use serde_json::Value;

use super::show::{Show, Told};

fn states(frame: &Value) -> Vec<&str> {
    let bars = frame["workers"].as_array().expect("a frame has workers");
    bars.iter().filter_map(|bar| bar["state"].as_str()).collect()
}

/// Pauses the load; nothing failed, and the generators' own results say the same.
fn nothing_was_lost(show: &Show, told: &Told) {
    let last = show.pause(told);
    assert_eq!(last["load"]["failures"], 0, "{}", last["load"]);
    assert!(last["load"]["answered"].as_u64() > Some(0));
}

#[test]
fn freezing_and_thawing_a_worker_loses_nothing() {
    let (show, told) = Show::under_load(2, &[]);
    show.done("/workers/1/stop");
    told.happened("stopped");
    let frozen = told.frame("it is shown frozen", |frame| states(frame) == ["stopped", "ready"]);
    let line = told.frame("the diagnosis says so", |frame| {
        frame["diagnosis"].as_str().is_some_and(|line| line.starts_with("Worker 1 stands still"))
    });
    assert!(line["t_s"].as_f64() >= frozen["t_s"].as_f64());
    show.done("/workers/1/continue");
    told.happened("continued");
    told.under_load(2);
    nothing_was_lost(&show, &told);
}

#[test]
fn scaling_up_and_down_loses_nothing() {
    let (show, told) = Show::under_load(2, &[]);
    show.done("/scale?workers=4");
    told.frame("there are four", |frame| states(frame) == ["ready"; 4]);
    show.done("/load?keepalive=false&connections=8");
    told.under_load(4);
    show.done("/scale?workers=1");
    let one = told.frame("there is one", |frame| states(frame) == ["ready"]);
    assert_eq!(one["settings"]["workers"], 1);
    nothing_was_lost(&show, &told);
}

#[test]
fn a_rolling_restart_gives_every_worker_a_new_process_and_loses_nothing() {
    let show = Show::start(&["--workers", "2"]);
    let told = show.follow();
    let before = told.under_load(2);
    show.done("/restart");
    told.happened("restarted");
    let after = told.under_load(2);
    for place in 0..2 {
        let of = |frame: &Value| frame["workers"][place]["pid"].clone();
        assert_ne!(of(&before), of(&after));
    }
    assert_eq!(after["killed"]["processes"], 0);
    nothing_was_lost(&show, &told);
}

#[test]
fn switching_through_all_modes_under_load_loses_nothing() {
    let (show, told) = Show::under_load(2, &["--mode", "shared"]);
    show.done("/load?keepalive=false&connections=8");
    for mode in ["reuseport", "round-robin", "least-connections", "shared"] {
        show.done(&format!("/mode?to={mode}"));
        told.happened("switched");
        told.frame("the mode is shown", |frame| {
            frame["settings"]["mode"] == mode && frame["connects_rps"].as_f64() > Some(0.0)
        });
    }
    nothing_was_lost(&show, &told);
}

#[test]
fn another_load_follows_at_once_and_nothing_is_counted_twice() {
    let (show, told) = Show::under_load(2, &[]);
    for query in ["rate=200&workload=sleep", "rate=closed&workload=mixed", "workload=work"] {
        show.done(&format!("/load?{query}"));
        told.frame("answers come", |frame| {
            frame["commands"]["load"].as_str().is_some_and(|line| line.starts_with("hello-cluster"))
                && frame["load"]["p99_us"].as_f64() > Some(0.0)
        });
    }
    nothing_was_lost(&show, &told);
    show.done("/resume");
    told.frame("the load goes on", |frame| frame["load"]["rps"].as_f64() > Some(0.0));
    nothing_was_lost(&show, &told);
}

#[test]
fn a_server_whose_master_is_killed_is_followed_by_another() {
    let show = Show::start(&["--workers", "2"]);
    let told = show.follow();
    let master = told.under_load(2)["master"]["pid"].clone();
    let pid = master.as_u64().and_then(|pid| pid.try_into().ok()).expect("a master has a number");
    signal(pid, Signal::SIGKILL).unwrap();
    let after = told.frame("another one serves", |frame| {
        frame["master"]["pid"].is_u64()
            && frame["master"]["pid"] != master
            && states(frame) == ["ready"; 2]
            && frame["load"]["rps"].as_f64() > Some(0.0)
    });
    assert_ne!(after["master"]["pid"], master);
}

#[test]
fn nonsense_is_answered_in_a_line_and_changes_nothing() {
    let (show, told) = Show::under_load(2, &[]);
    for (path, status, says) in [
        ("/scale?workers=17", 400, "1 to 16"),
        ("/scale?workers=0", 400, "a number from 1"),
        ("/workers/9/kill", 400, "9"),
        ("/mode?to=best", 400, "round-robin"),
        ("/mode?to=single", 400, "single"),
        ("/load?connections=many", 400, "1 to 4096"),
        ("/lab?name=luck", 400, "omission"),
        ("/lab/guess?values=1", 409, "open the card"),
        ("/dance", 404, "POST /workers/ID/kill"),
    ] {
        let (got, answer) = show.act(path);
        let line = answer["error"].as_str().expect("a refusal has a line");
        assert_eq!(got, status, "{path}: {line}");
        assert!(line.contains(says) && !line.contains('\n'), "{path}: {line}");
    }
    nothing_was_lost(&show, &told);
}
