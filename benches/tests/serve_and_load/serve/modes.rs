//! Every mode answers alike, and shares connections out as it says.

use std::collections::BTreeSet;
use std::net::TcpListener;

use crate::common::{
    Answer, Cluster, eventually, exchange, in_every_forked_mode, in_every_mode, process,
    status_rows,
};

#[test]
fn every_mode_says_who_runs_and_answers_hello_work_and_sleep() {
    for (mode, cluster) in in_every_mode(&[]) {
        let lines = cluster.lines();
        assert_eq!(lines[0], format!("Master {} is running", cluster.master()), "{mode}");
        let pids = cluster.first_workers();
        let hello = cluster.get("/any/path");
        assert_eq!(hello.body, format!("Hello from worker {}\n", hello.pid()));
        assert!(pids.contains(&hello.pid()));
        let id: usize = hello.header("x-worker-id").unwrap().parse().unwrap();
        assert!((1..=pids.len()).contains(&id));
        assert!(cluster.get("/work?rounds=10").body.contains(", 10 rounds: "));
        assert!(cluster.get("/sleep?ms=1").body.contains(", 1 ms asleep"));
        let bad = cluster.get("/work?rounds=many");
        assert_eq!(bad.status(), 400);
        assert_eq!(bad.body.lines().count(), 1);
    }
}

#[test]
fn an_ordinary_client_keeps_its_connection_and_so_its_worker() {
    // Together with the generator's, this client can do TLS, and wants to know by whose cryptography.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let client = reqwest::blocking::Client::new();
    for (mode, cluster) in in_every_mode(&[]) {
        let url = cluster.url();
        let bodies: BTreeSet<String> =
            (0..10).map(|_| client.get(&url).send().unwrap().text().unwrap()).collect();
        assert_eq!(bodies.len(), 1, "{mode}: {bodies:?}");
    }
}

#[test]
fn round_robin_deals_a_thousand_connections_with_a_difference_of_at_most_one() {
    for workers in [2, 3] {
        let cluster = Cluster::start("round-robin", workers, &[]);
        for _ in 0..1000 {
            cluster.get("/");
        }
        let counts = cluster.stop_and_count(|counts| counts.connections);
        assert_eq!(counts.values().sum::<u64>(), 1000);
        let (least, most) = (counts.values().min().unwrap(), counts.values().max().unwrap());
        assert!(most - least <= 1, "{counts:?}");
    }
}

#[test]
fn round_robin_deals_evenly_to_clients_that_come_all_at_once() {
    let cluster = Cluster::start("round-robin", 2, &[]);
    let mut streams = cluster.ask_on_each(300);
    for stream in &mut streams {
        Answer::read_from(stream).unwrap();
    }
    drop(streams);
    let counts = cluster.stop_and_count(|counts| counts.connections);
    assert_eq!(counts.into_values().collect::<Vec<_>>(), [150, 150]);
}

#[test]
fn reuseport_gives_every_worker_its_part() {
    let cluster = Cluster::start("reuseport", 2, &[]);
    // With a fair hash, the chance that one worker gets fewer than 60 of 200 is about 10⁻⁸.
    for _ in 0..200 {
        cluster.get("/");
    }
    let counts = cluster.stop_and_count(|counts| counts.connections);
    assert_eq!(counts.values().sum::<u64>(), 200);
    assert!(counts.values().all(|&count| count >= 60), "{counts:?}");
}

#[test]
fn threads_are_one_worker_and_one_of_them_may_hang() {
    let cluster = Cluster::start("threads", 2, &["--chaos"]);
    let _hung = cluster.request("/spin");
    for _ in 0..20 {
        let answer = cluster.get("/");
        assert_eq!((answer.pid(), answer.header("x-worker-id")), (cluster.master(), Some("1")));
    }
}

#[test]
fn a_shared_socket_wakes_workers_in_vain_and_a_socket_each_does_not() {
    let vain = |mode: &str| {
        let cluster = Cluster::start(mode, 4, &[]);
        for _ in 0..300 {
            cluster.get("/");
        }
        cluster.stop_and_count(|counts| counts.vain_wakes).into_values().sum::<u64>()
    };
    // A herd needs idle CPUs to wake on: on a busy machine it may take a few attempts.
    assert!((0..20).any(|_| vain("shared") > 0));
    assert_eq!(vain("reuseport"), 0);
}

fn open_connections(cluster: &Cluster, pid: u32) -> u32 {
    let rows = status_rows(cluster);
    let row = rows.iter().find(|row| row["PID"] == pid.to_string()).unwrap();
    row["OPEN"].parse().unwrap()
}

#[test]
fn least_connections_fills_up_whoever_has_fewer() {
    let cluster = Cluster::start("least-connections", 2, &[]);
    let mut kept: Vec<_> = (0..20).map(|_| cluster.connect()).collect();
    let mut pids = Vec::new();
    for stream in &mut kept {
        pids.push(exchange(stream, "/").pid());
    }
    let first = pids[0];
    assert_eq!(pids.iter().filter(|pid| **pid == first).count(), 10, "{pids:?}");
    // All clients of one worker leave; the next ten connections are its own.
    let mut of_whom = pids.iter();
    kept.retain(|_| of_whom.next() != Some(&first));
    eventually("the first worker's connections are closed", || {
        open_connections(&cluster, first) == 0
    });
    let mut next: Vec<_> = (0..10).map(|_| cluster.connect()).collect();
    for stream in &mut next {
        assert_eq!(exchange(stream, "/").pid(), first);
    }
}

#[test]
fn the_workers_count_every_request_that_was_answered() {
    for (mode, cluster) in in_every_forked_mode() {
        for _ in 0..20 {
            let mut stream = cluster.connect();
            for target in ["/", "/work?rounds=1", "/work", "/sleep?ms=0"] {
                exchange(&mut stream, target);
            }
        }
        let requests = cluster.stop_and_count(|counts| counts.requests);
        assert_eq!(requests.values().sum::<u64>(), 80, "{mode}: {requests:?}");
    }
}

#[test]
fn ipv6_works_where_the_machine_has_it() {
    if TcpListener::bind("[::1]:0").is_err() {
        eprintln!("skipped: this machine has no ::1");
        return;
    }
    for (_, cluster) in in_every_mode(&["--listen", "[::1]:0"]) {
        assert!(cluster.address.is_ipv6());
        assert!(cluster.get("/").body.starts_with("Hello from worker "));
    }
}

#[test]
fn a_worker_runs_on_the_cpu_that_it_was_given() {
    for (mode, cluster) in in_every_mode(&["--cpus", "0"]) {
        for pid in cluster.first_workers() {
            let status = process(pid).unwrap().status().unwrap();
            assert_eq!(status.cpus_allowed_list, Some(vec![(0, 0)]), "{mode}");
        }
    }
}
