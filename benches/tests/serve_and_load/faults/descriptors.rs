//! Without free descriptors (EMFILE) workers and masters pause, refuse nobody, and recover.

use std::net::TcpStream;

use super::inspect::{cpu_shares, limit, next_descriptor};
use crate::common::{
    Answer, Cluster, by_shell, eventually, in_each_forked_cluster, in_each_forked_mode, signal,
};

const CLIENTS: usize = 60;

/// A bound on descriptors that leaves some to clients, but not enough.
const FEW: &str = "ulimit -n 40; exec \"$0\" \"$@\"";

/// What a process that waits may use of a CPU; one that spins uses all it gets.
const QUIET: f64 = 0.05;

fn are_quiet(pids: &[u32]) {
    for (pid, share) in pids.iter().zip(cpu_shares(pids)) {
        assert!(share < QUIET, "process {pid} uses {:.1} % of a CPU", share * 100.0);
    }
}

/// That it was told of, and not again and again.
fn was_told(cluster: &Cluster) {
    cluster.wait_for_error("descriptor");
    let told = cluster.errors().iter().filter(|line| line.contains("descriptor")).count();
    assert!(told < 10, "{told} lines about descriptors");
}

/// A master that deals knows how many connections a worker can hold, so that nothing need run out.
fn was_told_where_workers_accept(cluster: &Cluster, mode: &str) {
    if matches!(mode, "shared" | "reuseport") {
        was_told(cluster);
    }
}

/// Takes those that are answered at the moment out of the list.
fn answered_so_far(streams: &mut Vec<TcpStream>) -> Vec<TcpStream> {
    streams
        .extract_if(.., |stream| {
            stream.set_nonblocking(true).unwrap();
            let answered = stream.peek(&mut [0]);
            stream.set_nonblocking(false).unwrap();
            answered.is_ok()
        })
        .collect()
}

/// With all descriptors in use the worker is quiet; as soon as there are some the rest is served.
fn pauses_and_then_serves_everybody(cluster: &Cluster) {
    let worker = cluster.first_workers()[0];
    let mut streams = cluster.ask_on_each(CLIENTS);
    are_quiet(&[worker, cluster.master()]);
    let served = answered_so_far(&mut streams);
    assert!((1..CLIENTS).contains(&served.len()), "{} were served", served.len());
    // As those that were served leave, the others get their turn, some at a time and in any order.
    drop(served);
    eventually("an answer for everybody", || {
        for mut stream in answered_so_far(&mut streams) {
            assert_eq!(Answer::read_from(&mut stream).expect("nobody is lost").pid(), worker);
        }
        streams.is_empty()
    });
    for _ in 0..CLIENTS {
        assert_eq!(cluster.get("/").pid(), worker);
    }
}

#[test]
fn a_cluster_with_few_descriptors_pauses_and_then_serves_everybody() {
    in_each_forked_mode(|mode| {
        let cluster = Cluster::start_by(by_shell(FEW), mode, 1, &[]).unwrap();
        pauses_and_then_serves_everybody(&cluster);
        was_told_where_workers_accept(&cluster, mode);
    });
}

#[test]
fn a_worker_that_suddenly_may_open_nothing_more_pauses_and_then_serves_everybody() {
    in_each_forked_cluster(1, &[], |mode, cluster| {
        let worker = cluster.first_workers()[0];
        limit(worker, "nofile", Some(next_descriptor(worker) + 20));
        pauses_and_then_serves_everybody(&cluster);
        was_told_where_workers_accept(&cluster, mode);
    });
}

#[test]
fn a_dealing_master_without_descriptors_pauses_and_then_deals_the_rest() {
    in_each_forked_mode(|mode| {
        if !matches!(mode, "round-robin" | "least-connections") {
            return;
        }
        let cluster = Cluster::start(mode, 1, &["--heartbeat-timeout", "0s"]);
        let worker = cluster.first_workers()[0];
        // A worker that takes nothing over leaves the connections with the master.
        signal(worker, "SIGSTOP");
        limit(cluster.master(), "nofile", Some(next_descriptor(cluster.master()) + 6));
        let mut streams = cluster.ask_on_each(CLIENTS);
        are_quiet(&[cluster.master()]);
        was_told(&cluster);
        signal(worker, "SIGCONT");
        for stream in &mut streams {
            assert_eq!(Answer::read_from(stream).expect("nobody is lost").pid(), worker);
        }
    });
}

#[test]
fn a_master_without_descriptors_still_replaces_a_dead_worker() {
    in_each_forked_cluster(2, &[], |_, cluster| {
        let victim = cluster.first_workers()[0];
        limit(cluster.master(), "nofile", Some(next_descriptor(cluster.master())));
        for _ in 0..3 {
            let victim = cluster.wait_for_serving(2)[&1];
            cluster.kill(victim);
        }
        let serving = cluster.wait_for_serving(2);
        assert_ne!(serving[&1], victim);
        // One that deals needs a descriptor for each connection.
        limit(cluster.master(), "nofile", None);
        for _ in 0..CLIENTS {
            assert_eq!(cluster.get("/").status(), 200);
        }
    });
}
