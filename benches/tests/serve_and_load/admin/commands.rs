//! Every command, and what is answered where it makes no sense.

use server::Mode;

use super::operator::{address, error_of, start, start_in_each_mode};
use crate::common::{Cluster, activated, events, eventually, is_alive};

#[test]
fn a_killed_worker_is_replaced() {
    start_in_each_mode(2, &[], |_, cluster, operator| {
        let victim = cluster.wait_for_serving(2)[&2];
        let answer = operator.command("/workers/2/kill");
        assert_eq!((&answer["worker"], &answer["pid"]), (&2.into(), &victim.into()));
        let exit = cluster.wait_for_exit(victim);
        assert_eq!(exit.signal, Some(9));
        assert_ne!(cluster.wait_for_serving(2)[&2], victim);
    });
}

#[test]
fn scaling_goes_any_distance_within_its_bounds() {
    start_in_each_mode(1, &["--max-workers", "6"], |_, cluster, operator| {
        for wanted in [6, 1, 4, 4, 2] {
            let answer = operator.command(&format!("/scale?workers={wanted}"));
            assert_eq!(answer["workers"], wanted);
            let serving = cluster.wait_for_serving(wanted);
            assert!(serving.keys().copied().eq(1..=wanted as u32), "{serving:?}");
            assert_eq!(operator.status().workers as usize, wanted);
        }
        assert!(operator.refused("/scale?workers=7", 400).contains("1 to 6"));
        assert!(operator.refused("/scale?workers=0", 400).contains("1 to 6"));
        assert_eq!(cluster.events_of(events::scale).len(), 4, "one event a change");
    });
}

#[test]
fn a_restart_replaces_every_process() {
    start_in_each_mode(2, &[], |_, cluster, operator| {
        let old = cluster.wait_for_serving(2);
        operator.command("/restart");
        cluster.wait_for_events(events::restarted, 1);
        cluster.wait_for_replacements(&old);
    });
}

#[test]
fn what_makes_no_sense_is_answered_with_what_would() {
    let (_cluster, operator) = start("round-robin", 2, &[]);
    for (target, status, says) in [
        ("/workers/3/kill", 404, "1 to 2"),
        ("/workers/0/stop", 404, "1 to 2"),
        ("/workers/x/stop", 404, "number from 1"),
        ("/workers/1/hug", 404, "/workers/ID/kill"),
        ("/", 404, "/status"),
        ("/scale", 400, "/scale?workers=2"),
        ("/scale?workers=many", 400, "/scale?workers=2"),
        ("/mode", 400, "/mode?to=shared"),
        ("/mode?to=fastest", 400, "least-connections"),
        ("/mode?to=single", 400, "round-robin"),
        ("/mode?to=threads", 400, "round-robin"),
    ] {
        let line = operator.refused(target, status);
        assert!(line.contains(says), "{target}: {line}");
    }
    let interval = operator.get("/events?interval=1ms");
    assert_eq!(interval.status(), 400);
    assert!(error_of(&interval).contains("100ms to 10s"));
}

#[test]
fn another_method_is_answered_with_those_that_would_do() {
    let (_cluster, operator) = start("round-robin", 1, &[]);
    for (method, target, allow) in [
        ("POST", "/status", "GET, HEAD"),
        ("DELETE", "/metrics", "GET, HEAD"),
        ("HEAD", "/events", "GET"),
        ("GET", "/restart", "POST"),
        ("OPTIONS", "/scale?workers=1", "POST"),
    ] {
        let answer = operator.ask_to_the_end(method, target);
        assert!(answer.starts_with("HTTP/1.1 405"), "{method} {target}: {answer}");
        assert!(answer.contains(&format!("allow: {allow}\r\n")), "{method} {target}: {answer}");
    }
}

#[test]
fn a_cluster_that_stops_is_told_nothing_more_and_takes_the_admin_process_along() {
    let (mut cluster, operator) = start("round-robin", 2, &[]);
    let admin = cluster.wait_for_events(events::admin, 1)[0];
    let _slow = cluster.request("/sleep?ms=60000");
    crate::common::signal(cluster.master(), "SIGTERM");
    cluster.wait_for_events(events::disconnect, 2);
    for target in ["/restart", "/scale?workers=3", "/mode?to=shared"] {
        assert!(operator.refused(target, 409).contains("stopping"), "{target}");
    }
    assert!(cluster.end_with("SIGTERM").success());
    eventually("the admin process's end", || !is_alive(admin));
}

#[test]
fn a_lone_socket_stays_alone() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let arguments = ["--admin", "127.0.0.1:0"];
    let cluster = Cluster::start_by(activated(&listener), "round-robin", 2, &arguments).unwrap();
    assert_ne!(address(&cluster), cluster.address);
    let operator = super::operator::Operator::of(&cluster);
    assert!(operator.refused("/mode?to=reuseport", 409).contains("SO_REUSEPORT"));
    assert_eq!(operator.status().mode, Mode::RoundRobin);
    operator.command("/mode?to=shared");
    cluster.wait_for_events(events::switched, 1);
    assert_eq!(cluster.get("/").status(), 200);
}
