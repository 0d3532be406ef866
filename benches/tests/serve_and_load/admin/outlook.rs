//! What operators see: health, the status, all of it as fresh as what has happened.

use server::Address;
use server::status::Snapshot;

use super::operator::{start, start_in_each_mode};

#[test]
fn the_status_names_the_mode_and_every_process() {
    start_in_each_mode(2, &[], |mode, cluster, operator| {
        assert_eq!(cluster.get("/").status(), 200);
        let answer = operator.get("/status");
        assert_eq!(answer.header("content-type"), Some("application/json"));
        let status: Snapshot = serde_json::from_str(&answer.body).unwrap();
        assert_eq!(status.mode.name(), mode);
        assert_eq!(status.address, Address::Tcp(cluster.address));
        assert_eq!((status.pid, status.workers), (cluster.master(), 2));
        for pid in cluster.first_workers() {
            assert!(status.rows.iter().any(|row| row.pid == pid), "{pid}: {status:?}");
        }
        assert_eq!(operator.get("/healthz").body, "ok\n");
    });
}

#[test]
fn the_status_is_never_older_than_the_last_command() {
    let (_cluster, operator) = start("round-robin", 2, &[]);
    for mode in ["shared", "reuseport", "least-connections", "round-robin"].repeat(3) {
        operator.command(&format!("/mode?to={mode}"));
        assert_eq!(operator.status().mode.name(), mode);
    }
}

#[test]
fn a_head_is_a_look_without_the_body() {
    let (_cluster, operator) = start("round-robin", 1, &[]);
    let answer = operator.ask_to_the_end("HEAD", "/status");
    assert!(answer.starts_with("HTTP/1.1 200") && answer.ends_with("\r\n\r\n"), "{answer}");
}
