//! fork fails with EAGAIN: the siblings go on serving, and it is tried again.
//!
//! The limit of a user's processes does not bind root, whose cluster runs as another user here.

use std::fs::File;
use std::os::fd::AsRawFd;
use std::os::unix::process::CommandExt;
use std::process::Command;

use nix::unistd::Uid;

use super::inspect::limit;
use crate::common::clients::Clients;
use crate::common::{Cluster, FORKED, events, hello_cluster, in_each_forked_mode, signal};

/// The first of a few user ids that nobody has.
const NOBODY: u32 = 60_661;

/// A cluster bound by that limit; `None` where this process may not become another user.
fn start_as_mortal(mode: &str) -> Option<Cluster> {
    if !Uid::effective().is_root() {
        return Some(Cluster::start(mode, 2, &[]));
    }
    let number = FORKED.iter().position(|forked| *forked == mode).unwrap() as u32;
    // By its descriptor the binary is found whoever may read the folders that lead to it.
    let binary = File::open(hello_cluster().get_program()).unwrap();
    let mut command = Command::new(format!("/proc/self/fd/{}", binary.as_raw_fd()));
    command.uid(NOBODY + number).gid(NOBODY + number);
    match Cluster::start_by(command, mode, 2, &[]) {
        Ok(cluster) => Some(cluster),
        Err(error) => {
            eprintln!("skipped: root may not run the cluster as another user: {error}");
            None
        }
    }
}

#[test]
fn a_worker_that_cannot_be_forked_leaves_the_others_serving_and_is_tried_again() {
    in_each_forked_mode(|mode| {
        let Some(cluster) = start_as_mortal(mode) else { return };
        let load = Clients::under_way(cluster.address, 10);
        limit(cluster.master(), "nproc", Some(1));
        let [victim, sibling] = cluster.first_workers()[..] else { panic!("two workers") };
        signal(victim, "SIGKILL");
        cluster.wait_for_error("fork");
        load.wait_for_more(50);
        assert_eq!(cluster.events_of(events::fork).len(), 2);
        assert_eq!(cluster.serving().into_values().collect::<Vec<_>>(), [sibling]);
        limit(cluster.master(), "nproc", None);
        cluster.wait_for_serving(2);
        load.stop().lost_at_most(cluster.wait_for_exit(victim).counts.open);
    });
}
