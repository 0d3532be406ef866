//! `kill -9` of workers and masters: only requests on the connections of the killed may fail.

use std::net::TcpStream;
use std::time::{Duration, Instant};

use server::events::ExitReason;

use crate::common::clients::{Clients, Habit, Tally};
use crate::common::{
    Answer, Cluster, all_are_gone, events, eventually, in_each_forked_cluster, signal,
};

/// Bound on the end of all workers, which only the kernel brings about; far below any drain.
const SOON: Duration = Duration::from_secs(5);

/// Checks a load's tally against the exits of the killed and the counts of all workers.
fn check_losses(cluster: Cluster, tally: &Tally) {
    cluster.wait_for_serving(2);
    let killed: Vec<_> =
        cluster.exits().into_iter().filter(|exit| exit.signal == Some(9)).collect();
    let open = events::open(&killed);
    assert!(!killed.is_empty());
    tally.lost_at_most(open);
    let requests: u64 = cluster.stop_and_count(|counts| counts.requests).values().sum();
    let possible = tally.answered..=tally.answered + tally.failed;
    assert!(possible.contains(&requests), "the workers counted {requests} requests: {tally}");
}

#[test]
fn a_killed_worker_costs_no_more_than_the_connections_it_had_open() {
    in_each_forked_cluster(2, &[], |_, cluster| {
        let load = Clients::mixed(cluster.address);
        for kill in 0..10 {
            load.wait_for_more(25);
            let mut victim = 0;
            eventually("somebody to kill", || {
                let serving = cluster.serving();
                victim = serving.values().cycle().nth(kill).copied().unwrap_or_default();
                victim != 0
            });
            let exit = cluster.kill(victim);
            assert_eq!(exit.signal, Some(9));
            assert_eq!(exit.reason, ExitReason::Crashed);
            cluster.wait_for_line(&format!("Worker {victim} died (signal 9)"));
        }
        load.wait_for_more(25);
        let tally = load.stop();
        let born = cluster.wait_for_events(events::listening, 12);
        assert!(born.iter().all(|process| (1..=2).contains(&process.id)), "{born:?}");
        check_losses(cluster, &tally);
    });
}

#[test]
fn all_workers_killed_at_once_are_replaced_and_the_port_never_refuses() {
    in_each_forked_cluster(2, &[], |_, cluster| {
        let load = Clients::mixed(cluster.address);
        for _ in 0..3 {
            load.wait_for_more(25);
            let victims = cluster.wait_for_serving(2);
            for &pid in victims.values() {
                signal(pid, "SIGKILL");
            }
            for &pid in victims.values() {
                cluster.wait_for_exit(pid);
            }
        }
        load.wait_for_more(25);
        let tally = load.stop();
        check_losses(cluster, &tally);
    });
}

#[test]
fn connections_that_wait_for_a_dead_worker_are_answered_by_its_replacement() {
    in_each_forked_cluster(1, &[], |_, cluster| {
        let worker = cluster.first_workers()[0];
        signal(worker, "SIGSTOP");
        let mut waiting = cluster.ask_on_each(20);
        // Long enough for the master to have dealt them; if it has not, the test is only weaker.
        std::thread::sleep(Duration::from_millis(50));
        signal(worker, "SIGKILL");
        for stream in &mut waiting {
            assert_ne!(Answer::read_from(stream).expect("nobody is lost").pid(), worker);
        }
    });
}

#[test]
fn a_killed_master_takes_its_workers_along_and_no_orphan_serves() {
    in_each_forked_cluster(2, &[], |_, mut cluster| {
        let workers = cluster.first_workers();
        let load = Clients::start(cluster.address, &[Habit::Close; 2]);
        load.wait_for_more(25);
        // A stopped process can do nothing about it itself.
        signal(workers[0], "SIGSTOP");
        cluster.end_with("SIGKILL");
        are_gone_soon(&cluster, &workers);
        load.stop();
    });
}

#[test]
fn a_master_killed_while_it_drains_takes_its_workers_along() {
    in_each_forked_cluster(2, &[], |_, mut cluster| {
        let workers = cluster.first_workers();
        let mut slow = cluster.request("/sleep?ms=60000");
        signal(cluster.master(), "SIGTERM");
        cluster.wait_for_events(events::disconnect, 2);
        cluster.end_with("SIGKILL");
        are_gone_soon(&cluster, &workers);
        assert!(Answer::read_from(&mut slow).is_err());
    });
}

fn are_gone_soon(cluster: &Cluster, workers: &[u32]) {
    let killed = Instant::now();
    all_are_gone(workers);
    assert!(killed.elapsed() < SOON, "the workers took {:?}", killed.elapsed());
    assert!(TcpStream::connect(cluster.address).is_err(), "somebody still listens");
}
