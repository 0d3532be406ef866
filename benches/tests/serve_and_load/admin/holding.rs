//! Stopped workers: exempt from the heartbeat, passed over, and resumed when they have to leave.

use std::io::Write;

use server::events::ExitReason;
use server::status::ProcessState;

use super::operator::{start, start_in_each_mode};
use crate::common::clients::Clients;
use crate::common::{Answer, events, eventually, signal};

#[test]
fn a_worker_stopped_here_is_waited_for_and_one_stopped_from_outside_is_not() {
    start_in_each_mode(3, &["--heartbeat-timeout", "1s"], |_, cluster, operator| {
        let serving = cluster.wait_for_serving(3);
        operator.command("/workers/1/stop");
        assert_eq!(operator.state(1), Some(ProcessState::Stopped));
        // Whoever is stopped later and not here is ended first.
        signal(serving[&2], "SIGSTOP");
        let exit = cluster.wait_for_exit(serving[&2]);
        assert_eq!(exit.reason, ExitReason::Stalled);
        eventually("a replacement", || {
            cluster.serving().get(&2).is_some_and(|pid| *pid != serving[&2])
        });
        let stalled =
            || cluster.events_of(events::stalled).iter().any(|it| it.0.pid == serving[&1]);
        let has_ended = cluster.exits().iter().any(|exit| exit.process.pid == serving[&1]);
        assert!(!stalled() && !has_ended, "{:?}", cluster.events());
        assert_eq!(operator.state(1), Some(ProcessState::Stopped));
        operator.command("/workers/1/continue");
        cluster.wait_for_answer_of(serving[&1]);
        assert_eq!(operator.state(1), Some(ProcessState::Ready));
        assert!(!stalled(), "its silence was no fault of its own");
    });
}

#[test]
fn a_stopped_worker_gets_no_new_connections_and_its_queue_is_served() {
    start_in_each_mode(2, &[], |mode, cluster, operator| {
        let stopped = cluster.wait_for_serving(2)[&1];
        operator.command("/workers/1/stop");
        for _ in 0..20 {
            assert_ne!(cluster.get("/").pid(), stopped, "{mode}");
        }
        operator.command("/mode?to=reuseport");
        operator.command("/mode?to=shared");
        for _ in 0..20 {
            assert_ne!(cluster.get("/").pid(), stopped, "{mode}");
        }
    });
}

#[test]
fn with_every_worker_stopped_connections_wait() {
    start_in_each_mode(2, &[], |_, cluster, operator| {
        for id in [1, 2] {
            operator.command(&format!("/workers/{id}/stop"));
        }
        assert_eq!(operator.get("/healthz").status(), 503);
        let mut waiting = cluster.ask_on_each(10);
        for id in [1, 2] {
            operator.command(&format!("/workers/{id}/continue"));
        }
        for stream in &mut waiting {
            assert_eq!(Answer::read_from(stream).unwrap().status(), 200);
        }
        assert_eq!(operator.get("/healthz").status(), 200);
    });
}

#[test]
fn a_stopped_worker_that_has_to_leave_drains_like_any_other() {
    start_in_each_mode(3, &[], |_, mut cluster, operator| {
        let first = cluster.wait_for_serving(3);
        operator.command("/workers/3/stop");
        operator.command("/scale?workers=2");
        let exit = cluster.wait_for_exit(first[&3]);
        assert_eq!(exit.reason, ExitReason::Drained, "scaled down: {exit:?}");
        operator.command("/workers/2/stop");
        operator.command("/restart");
        let exit = cluster.wait_for_exit(first[&2]);
        assert_eq!(exit.reason, ExitReason::Drained, "restarted: {exit:?}");
        cluster.wait_for_events(events::restarted, 1);
        let last = cluster.wait_for_serving(2);
        operator.command("/workers/1/stop");
        operator.command("/workers/2/stop");
        let mut waiting = cluster.connect();
        // It would be left alone until the deadline if it was kept.
        write!(waiting, "GET / HTTP/1.1\r\nHost: test\r\nConnection: close\r\n\r\n").unwrap();
        assert!(cluster.end_with("SIGTERM").success());
        assert_eq!(Answer::read_from(&mut waiting).expect("an answer").status(), 200);
        for pid in last.into_values() {
            let exit = cluster.wait_for_exit(pid);
            assert_eq!(exit.reason, ExitReason::Drained, "stopped: {exit:?}");
        }
    });
}

#[test]
fn a_stopped_worker_can_be_killed() {
    let (cluster, operator) = start("round-robin", 2, &[]);
    let victim = cluster.wait_for_serving(2)[&1];
    operator.command("/workers/1/stop");
    operator.command("/workers/1/kill");
    assert_eq!(cluster.wait_for_exit(victim).signal, Some(9));
    cluster.wait_for_serving(2);
    operator.wait_until_ready(1);
}

#[test]
fn stopping_and_continuing_under_load_fails_no_request() {
    start_in_each_mode(2, &[], |_, cluster, operator| {
        let load = Clients::mixed(cluster.address);
        for _ in 0..5 {
            load.wait_for_more(25);
            operator.command("/workers/2/stop");
            operator.status();
            operator.command("/workers/2/continue");
        }
        load.stop_after(25);
        assert_eq!(cluster.events_of(events::stopped).len(), 5);
        assert_eq!(cluster.events_of(events::continued).len(), 5);
    });
}
