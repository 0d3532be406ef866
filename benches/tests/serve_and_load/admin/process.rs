//! The admin process itself: replaced when it dies, of no harm to anybody, gone with the cluster.

use std::collections::BTreeSet;
use std::net::SocketAddr;

use procfs::net::TcpState;
use procfs::process::{FDInfo, FDTarget};

use super::operator::{start, start_in_each_mode};
use crate::common::clients::Clients;
use crate::common::{Cluster, all_are_gone, events, is_alive, process, signal};

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
        load.stop_after(10);
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
    load.stop_after(0);
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

fn listeners(address: SocketAddr) -> BTreeSet<u64> {
    let entries = procfs::net::tcp().unwrap().into_iter();
    let listening =
        entries.filter(|it| it.state == TcpState::Listen && it.local_address == address);
    listening.map(|it| it.inode).collect()
}

fn open_sockets(pid: u32) -> Vec<u64> {
    let files = process(pid).unwrap().fd().unwrap().flatten();
    let inode = |file: FDInfo| match file.target {
        FDTarget::Socket(inode) => Some(inode),
        _ => None,
    };
    files.filter_map(inode).collect()
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
        let sockets = open_sockets(admin);
        assert!(!sockets.iter().any(|socket| shared.contains(socket)), "{sockets:?}");
        // Its listener, the way to the master, and what its runtime wakes itself with.
        assert!(sockets.len() <= 5, "{sockets:?}");
        for pid in cluster.first_workers() {
            let sockets = open_sockets(pid);
            assert!(!sockets.iter().any(|socket| own.contains(socket)), "{sockets:?}");
        }
    });
}
