//! `serve --status`: the table of a cluster that runs, also after a scene with a killed master.

use std::net::TcpListener;
use std::os::unix::process::CommandExt;

use nix::unistd::Uid;

use crate::common::{
    Cluster, FORKED, all_are_gone, hello_cluster, in_each_forked_mode, refused, status_table,
};

#[track_caller]
fn says_that_nobody_runs(address: &str) {
    refused(&["serve", "--status", "--listen", address], 3, &[address]);
}

#[test]
fn the_table_names_every_process_in_every_mode() {
    let modes = FORKED.into_iter().map(|mode| (mode, 2)).chain([("single", 1), ("threads", 1)]);
    for (mode, workers) in modes {
        let cluster = Cluster::start(mode, workers, &[]);
        let table = status_table(&cluster.address.to_string());
        for pid in cluster.first_workers().into_iter().chain([cluster.master()]) {
            assert!(table.contains(&pid.to_string()), "{mode}: {pid} is missing:\n{table}");
        }
        assert!(table.contains(mode), "{table}");
    }
}

#[test]
fn where_nobody_runs_one_line_says_so() {
    let address = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    says_that_nobody_runs(&address.to_string());
}

#[test]
fn what_a_killed_master_leaves_behind_is_no_cluster_and_hinders_none() {
    in_each_forked_mode(|mode| {
        let mut killed = Cluster::start(mode, 2, &[]);
        let address = killed.address.to_string();
        killed.end_with("SIGKILL");
        all_are_gone(&killed.first_workers());
        says_that_nobody_runs(&address);
        let next = Cluster::start(mode, 2, &["--listen", &address]);
        let table = status_table(&address);
        assert!(table.contains(&next.master().to_string()), "{table}");
    });
}

#[test]
fn other_users_are_not_told() {
    if !Uid::effective().is_root() {
        eprintln!("skipped: only root can become another user");
        return;
    }
    let cluster = Cluster::start("round-robin", 2, &[]);
    let mut command = hello_cluster();
    command.args(["serve", "--status", "--listen", &cluster.address.to_string()]);
    match command.uid(60_660).gid(60_660).output() {
        Ok(output) => {
            assert_ne!(output.status.code(), Some(0));
            assert!(output.stdout.is_empty());
        }
        Err(error) => eprintln!("skipped: another user may not run the binary: {error}"),
    }
}
