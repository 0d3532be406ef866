//! Switching the mode under load: nobody is refused, no connection is reset.

use std::collections::BTreeMap;

use super::operator::start;
use crate::common::clients::Clients;
use crate::common::{FORKED, events, eventually, exchange, signal};

/// Every switch from one forked mode to another, one after the other, from `round-robin` on.
const TOUR: [&str; 12] = [
    "shared",
    "reuseport",
    "round-robin",
    "reuseport",
    "shared",
    "round-robin",
    "least-connections",
    "shared",
    "least-connections",
    "reuseport",
    "least-connections",
    "round-robin",
];

#[test]
fn every_switch_between_two_modes_fails_no_request() {
    let (cluster, operator) = start("round-robin", 2, &[]);
    let load = Clients::mixed(cluster.address);
    for (done, mode) in TOUR.into_iter().enumerate() {
        load.wait_for_more(25);
        assert_eq!(operator.command(&format!("/mode?to={mode}"))["mode"], mode);
        let switched = cluster.wait_for_events(events::switched, done + 1);
        assert_eq!(switched[done].name(), mode);
        assert_eq!(operator.status().mode.name(), mode);
    }
    load.stop_after(25);
    let told = cluster.events_of(events::mode);
    assert!(told.iter().map(|mode| mode.name()).eq(TOUR), "{told:?}");
    assert!(cluster.exits().is_empty(), "nobody had to be replaced");
}

#[test]
fn workers_that_have_been_told_to_accept_need_no_master() {
    let (cluster, operator) = start("round-robin", 2, &[]);
    for (done, mode) in ["reuseport", "shared", "reuseport"].into_iter().enumerate() {
        operator.command(&format!("/mode?to={mode}"));
        cluster.wait_for_events(events::switched, done + 1);
        // Heard after the next steering.
        operator.command(&format!("/mode?to={mode}"));
        signal(cluster.master(), "SIGSTOP");
        let answers: Vec<u16> = (0..20).map(|_| cluster.get("/").status()).collect();
        signal(cluster.master(), "SIGCONT");
        assert_eq!(answers, [200; 20], "{mode}");
    }
}

#[test]
fn a_worker_that_has_not_heard_of_the_switch_is_trusted_with_no_queue() {
    let (cluster, operator) = start("round-robin", 2, &["--heartbeat-timeout", "0s"]);
    let serving = cluster.wait_for_serving(2);
    let (deaf, sibling) = (serving[&1], serving[&2]);
    signal(deaf, "SIGSTOP");
    for (mode, socket) in [("reuseport", 1), ("shared", 0), ("reuseport", 1)] {
        operator.command(&format!("/mode?to={mode}"));
        // Until the sibling has followed, the master deals to both.
        eventually("the sibling's confirmation", || {
            let rows = operator.status().rows;
            let keeps = |pid: u32| rows.iter().find(|row| row.pid == pid).unwrap().keeps;
            assert_eq!(keeps(deaf), None, "{rows:?}");
            keeps(sibling) == Some(socket)
        });
        // Heard after the next steering.
        operator.command(&format!("/mode?to={mode}"));
        for _ in 0..20 {
            assert_eq!(cluster.get("/").pid(), sibling, "{mode}");
        }
    }
    assert!(cluster.events_of(events::switched).is_empty(), "one has not followed yet");
    signal(deaf, "SIGCONT");
    cluster.wait_for_events(events::switched, 1);
    cluster.wait_for_answer_of(deaf);
}

#[test]
fn after_a_switch_the_new_mode_chooses() {
    let (cluster, operator) = start("shared", 3, &[]);
    operator.command("/mode?to=round-robin");
    cluster.wait_for_events(events::switched, 1);
    let mut dealt = BTreeMap::new();
    for _ in 0..30 {
        *dealt.entry(cluster.get("/").pid()).or_insert(0) += 1;
    }
    assert!(dealt.values().all(|&count| count == 10), "a strict turn: {dealt:?}");
}

#[test]
fn connections_that_are_open_or_queued_survive_a_switch() {
    for (from, to) in [("reuseport", "round-robin"), ("shared", "reuseport")] {
        let (cluster, operator) = start(from, 2, &[]);
        let workers = cluster.first_workers();
        let mut open = cluster.connect();
        let before = exchange(&mut open, "/").pid();
        // Whoever is stopped leaves what is queued to others, or to later.
        for &pid in &workers {
            signal(pid, "SIGSTOP");
        }
        let mut queued: Vec<_> = (0..20).map(|_| cluster.connect()).collect();
        operator.command(&format!("/mode?to={to}"));
        for &pid in &workers {
            signal(pid, "SIGCONT");
        }
        for stream in &mut queued {
            assert_eq!(exchange(stream, "/").status(), 200, "{from} to {to}");
        }
        assert_eq!(exchange(&mut open, "/").pid(), before, "{from} to {to}");
    }
}

#[test]
fn switches_overtake_each_other_amid_scaling_and_restarts_and_fail_no_request() {
    let (cluster, operator) = start("round-robin", 2, &["--max-workers", "4"]);
    let load = Clients::mixed(cluster.address);
    for round in 0..40_usize {
        load.wait_for_more(5);
        operator.command(&format!("/mode?to={}", FORKED[(round * 3 + round / 4) % 4]));
        match round % 8 {
            1 => operator.command("/scale?workers=4"),
            3 => operator.command("/restart"),
            6 => operator.command("/scale?workers=2"),
            _ => continue,
        };
    }
    operator.command("/mode?to=reuseport");
    cluster.wait_for_serving(2);
    load.stop_after(25);
    cluster.all_have_drained();
}

#[test]
fn a_worker_killed_in_the_middle_of_a_switch_costs_only_what_it_had_open() {
    let (cluster, operator) = start("round-robin", 2, &[]);
    let load = Clients::mixed(cluster.address);
    for round in 0..12 {
        load.wait_for_more(10);
        let victim = cluster.wait_for_serving(2)[&(round % 2 + 1)];
        operator.command(&format!("/mode?to={}", TOUR[round as usize]));
        cluster.kill(victim);
    }
    cluster.wait_for_serving(2);
    load.wait_for_more(25);
    load.stop().lost_at_most(events::open(&cluster.exits()));
}

#[test]
fn workers_added_after_a_switch_live_in_the_new_mode() {
    let (cluster, operator) = start("least-connections", 1, &[]);
    operator.command("/mode?to=reuseport");
    operator.command("/scale?workers=3");
    let serving = cluster.wait_for_serving(3);
    for pid in serving.into_values() {
        cluster.wait_for_answer_of(pid);
    }
}

#[test]
fn a_switch_to_the_mode_that_is_on_changes_nothing() {
    let (cluster, operator) = start("shared", 1, &[]);
    let answer = operator.post("/mode?to=shared");
    assert_eq!(answer.status(), 200, "{answer:?}");
    assert!(cluster.events_of(events::mode).is_empty());
}

#[test]
fn skipped_turns_stay_counted_when_the_mode_goes() {
    let (mut cluster, operator) = start("round-robin", 2, &[]);
    operator.command("/workers/1/stop");
    for _ in 0..4 {
        assert_eq!(cluster.get("/").status(), 200);
    }
    let skips = operator.status().skips;
    assert!(skips > 0);
    operator.command("/mode?to=shared");
    assert_eq!(operator.status().skips, skips);
    operator.command("/mode?to=round-robin");
    assert_eq!(operator.status().skips, skips);
    operator.command("/workers/1/continue");
    assert!(cluster.end_with("SIGTERM").success());
}
