//! The admin process itself: replaced when it dies, of no harm to anybody, gone with the cluster.

use std::collections::BTreeSet;
use std::fs;
use std::net::SocketAddr;

use super::operator::{start, start_in_each_mode};
use crate::common::clients::Clients;
use crate::common::{Cluster, all_are_gone, events, is_alive, signal};

/// The admin processes so far.
fn admins(cluster: &Cluster, count: usize) -> Vec<u32> {
    cluster.wait_for_events(events::admin, count)
}

#[test]
fn a_killed_admin_process_is_replaced_and_the_cluster_notices_nothing() {
    start_in_each_mode(2, &[], |_, cluster, operator| {
        let workers = cluster.wait_for_serving(2);
        let load = Clients::mixed(cluster.address);
        for round in 1..=3 {
            load.wait_for_more(10);
            let admin = *admins(&cluster, round).last().unwrap();
            signal(admin, "SIGKILL");
            let ends = cluster.wait_for_events(events::admin_exit, round);
            assert_eq!(ends[round - 1], (admin, Some(9)));
            let successor = *admins(&cluster, round + 1).last().unwrap();
            let status = operator.status().admin.unwrap();
            assert_eq!((status.pid, status.restarts as usize), (Some(successor), round));
        }
        operator.command("/mode?to=least-connections");
        load.wait_for_more(10);
        load.stop_without_a_failure();
        assert_eq!(cluster.serving(), workers);
    });
}

#[test]
fn a_stopped_admin_process_holds_nobody_up() {
    let (mut cluster, operator) = start("round-robin", 2, &[]);
    let admin = admins(&cluster, 1)[0];
    let mut stream = operator.follow("10s");
    stream.next_status();
    signal(admin, "SIGSTOP");
    let load = Clients::mixed(cluster.address);
    for restarts in 1..=3 {
        signal(cluster.master(), "SIGUSR1");
        cluster.wait_for_events(events::restarted, restarts);
    }
    load.stop_without_a_failure();
    signal(admin, "SIGCONT");
    for _ in 0..3 {
        stream.next_named("restarted");
    }
    assert_eq!(operator.admin(), Some(admin));
    signal(admin, "SIGSTOP");
    assert!(cluster.end_with("SIGTERM").success(), "it is killed in the end");
    assert!(!is_alive(admin));
}

#[test]
fn no_process_is_left_after_ctrl_c_nor_when_the_master_is_killed() {
    for name in ["SIGINT", "SIGKILL"] {
        let (mut cluster, _operator) = start("reuseport", 2, &[]);
        let mut family = cluster.first_workers();
        family.extend(admins(&cluster, 1));
        // A terminal sends it to all of them.
        for &pid in &family {
            signal(pid, "SIGINT");
        }
        cluster.end_with(name);
        all_are_gone(&family);
        assert!(std::net::TcpStream::connect(cluster.address).is_err());
    }
}

/// The inodes of sockets that listen on an address.
fn listeners(address: SocketAddr) -> BTreeSet<String> {
    let table = fs::read_to_string("/proc/net/tcp").unwrap();
    let port = format!(":{:04X}", address.port());
    let listening = table.lines().filter_map(|line| {
        let fields: Vec<&str> = line.split_whitespace().collect();
        (fields.get(1)?.ends_with(&port) && fields.get(3) == Some(&"0A"))
            .then(|| format!("socket:[{}]", fields[9]))
    });
    listening.collect()
}

/// What a process has open.
fn open_files(pid: u32) -> Vec<String> {
    let entries = fs::read_dir(format!("/proc/{pid}/fd")).unwrap();
    let target = |entry: fs::DirEntry| fs::read_link(entry.path()).ok();
    let targets = entries.filter_map(|entry| target(entry.unwrap()));
    targets.map(|target| target.to_string_lossy().into_owned()).collect()
}

#[test]
fn the_admin_process_holds_nothing_of_the_clusters_and_workers_nothing_of_its() {
    start_in_each_mode(2, &[], |_, cluster, operator| {
        let _open: Vec<_> = (0..5).map(|_| cluster.connect()).collect();
        signal(admins(&cluster, 1)[0], "SIGKILL");
        let admin = admins(&cluster, 2)[1];
        assert_eq!(operator.admin(), Some(admin));
        operator.command("/mode?to=reuseport");
        cluster.wait_for_serving(2);
        let (shared, own) = (listeners(cluster.address), listeners(operator.address));
        assert!(!shared.is_empty() && own.len() == 1, "{shared:?} {own:?}");
        let files = open_files(admin);
        let sockets = files.iter().filter(|file| file.starts_with("socket:")).count();
        assert!(!files.iter().any(|file| shared.contains(file)), "{files:?}");
        // Its listener, the way to the master, and what its runtime wakes itself with.
        assert!(sockets <= 5, "{files:?}");
        for pid in cluster.first_workers() {
            let files = open_files(pid);
            assert!(!files.iter().any(|file| own.contains(file)), "{files:?}");
        }
    });
}
