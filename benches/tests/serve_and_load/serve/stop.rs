//! Stopping: requests in progress finish, nobody is left behind, the port is free.

use std::net::TcpListener;
use std::time::Duration;

use server::events::ExitReason;

use crate::common::{
    Answer, Cluster, MODES, eventually, exchange, in_every_forked_mode, in_every_mode, is_alive,
    side_by_side, signal,
};

#[test]
fn both_stop_signals_let_a_request_in_progress_finish() {
    side_by_side(MODES, |(mode, workers)| {
        for name in ["SIGTERM", "SIGINT"] {
            let mut cluster = Cluster::start(mode, workers, &[]);
            let mut slow = cluster.begin("/sleep?ms=400");
            std::thread::sleep(Duration::from_millis(100));
            assert!(cluster.end_with(name).success(), "{mode} {name}");
            let answer = Answer::read_from(&mut slow).unwrap();
            assert_eq!(answer.status(), 200, "{mode} {name}");
            assert_eq!(answer.header("connection"), Some("close"), "{mode} {name}");
            for pid in cluster.first_workers() {
                assert!(!is_alive(pid), "{mode} {name}: worker {pid} is left");
            }
            TcpListener::bind(cluster.address).expect("the port is free");
        }
    });
}

#[test]
fn a_second_signal_ends_it_at_once() {
    for (mode, mut cluster) in in_every_mode(&[]) {
        let _slow = cluster.begin("/sleep?ms=60000");
        signal(cluster.master(), "SIGTERM");
        cluster.wait_for_error("a second signal ends");
        cluster.end_with("SIGINT");
        for pid in cluster.first_workers() {
            assert!(!is_alive(pid), "{mode}: worker {pid} is left");
        }
    }
}

#[test]
fn the_drain_timeout_ends_what_does_not_finish() {
    for (mode, mut cluster) in in_every_mode(&["--drain-timeout", "200ms"]) {
        let mut slow = cluster.begin("/sleep?ms=60000");
        assert!(cluster.end_with("SIGTERM").success(), "{mode}");
        assert!(Answer::read_from(&mut slow).is_err(), "{mode}");
    }
}

#[test]
fn an_idle_connection_may_ask_once_more_and_is_then_told_to_close() {
    for (_, mut cluster) in in_every_mode(&[]) {
        let mut idle = cluster.connect();
        assert_eq!(exchange(&mut idle, "/").header("connection"), None);
        signal(cluster.master(), "SIGTERM");
        cluster.wait_for_error("stopping; 1 open connection has");
        // A request that overtakes the order to drain is answered as before.
        eventually("an answer that says close", || {
            exchange(&mut idle, "/").header("connection") == Some("close")
        });
        assert!(cluster.wait_for_end().success());
    }
}

#[test]
fn a_worker_that_gets_sigterm_drains_and_is_replaced() {
    for (mode, cluster) in in_every_forked_mode() {
        let first = cluster.first_workers()[0];
        signal(first, "SIGTERM");
        cluster.wait_for_line(&format!("Worker {first} died (code 0)"));
        let started = cluster.wait_for_started(3);
        assert!(is_alive(started[2]), "{mode}");
        assert_eq!(cluster.exits()[0].reason, ExitReason::Drained, "{mode}");
    }
}

#[test]
fn ctrl_c_reaches_the_whole_group_and_still_drains() {
    for (mode, mut cluster) in in_every_forked_mode() {
        let mut slow = cluster.begin("/sleep?ms=300");
        for pid in cluster.first_workers() {
            signal(pid, "SIGINT");
        }
        std::thread::sleep(Duration::from_millis(50));
        assert!(cluster.end_with("SIGINT").success(), "{mode}");
        assert_eq!(Answer::read_from(&mut slow).unwrap().status(), 200, "{mode}");
    }
}
