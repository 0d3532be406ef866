//! Faults: a killed worker is replaced and the port never refuses; a killed master takes its workers
//! along.
#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod common;

use std::io::{ErrorKind, Write};
use std::net::{SocketAddr, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering::Relaxed};
use std::thread::JoinHandle;
use std::time::Duration;

use common::{Answer, Cluster, FORKED, PATIENCE, eventually, is_alive, signal};

/// Clients that ask again and again, each time on a new connection.
struct Clients {
    stop: Arc<AtomicBool>,
    answered: Arc<AtomicU64>,
    refused: Arc<AtomicU64>,
    threads: Vec<JoinHandle<()>>,
}

impl Clients {
    fn start(address: SocketAddr, count: usize) -> Self {
        let (stop, answered, refused) = (
            Arc::<AtomicBool>::default(),
            Arc::<AtomicU64>::default(),
            Arc::<AtomicU64>::default(),
        );
        let threads = (0..count)
            .map(|_| {
                let (stop, answered, refused) = (stop.clone(), answered.clone(), refused.clone());
                std::thread::spawn(move || {
                    while !stop.load(Relaxed) {
                        match one_request(address) {
                            Ok(()) => answered.fetch_add(1, Relaxed),
                            Err(ErrorKind::ConnectionRefused) => refused.fetch_add(1, Relaxed),
                            Err(_) => 0,
                        };
                    }
                })
            })
            .collect();
        Self { stop, answered, refused, threads }
    }

    fn wait_for_more(&self, count: u64) {
        let goal = self.answered.load(Relaxed) + count;
        eventually("more answers", || self.answered.load(Relaxed) >= goal);
    }

    fn stop(self) -> u64 {
        self.stop.store(true, Relaxed);
        for thread in self.threads {
            thread.join().unwrap();
        }
        self.refused.load(Relaxed)
    }
}

fn one_request(address: SocketAddr) -> Result<(), ErrorKind> {
    let attempt = || {
        let mut stream = TcpStream::connect(address)?;
        stream.set_read_timeout(Some(PATIENCE))?;
        stream.write_all(b"GET / HTTP/1.1\r\nHost: test\r\nConnection: close\r\n\r\n")?;
        Answer::read_from(&mut stream)
    };
    attempt().map(|_| ()).map_err(|error| error.kind())
}

#[test]
fn a_killed_worker_is_replaced_under_load_and_the_port_never_refuses() {
    for mode in FORKED {
        let cluster = Cluster::start(mode, 2, &[]);
        let clients = Clients::start(cluster.address, 4);
        let mut started = cluster.first_workers();
        for kills in 1..=6 {
            clients.wait_for_more(50);
            let victim = started[started.len() - 2];
            signal(victim, "SIGKILL");
            started = cluster.wait_for_started(2 + kills);
            cluster.wait_for_line(&format!("Worker {victim} died (signal 9)"));
        }
        clients.wait_for_more(50);
        assert_eq!(clients.stop(), 0, "{mode}: connections were refused");
        let ids: Vec<_> = cluster
            .events()
            .iter()
            .filter(|event| event["event"] == "listening")
            .map(|event| (event["id"].as_u64().unwrap(), event["generation"].as_u64().unwrap()))
            .collect();
        assert_eq!(ids.len(), 8, "{mode}");
        assert!(ids.iter().all(|(id, _)| (1..=2).contains(id)), "{mode}: ids are stable: {ids:?}");
    }
}

#[test]
fn connections_that_wait_for_a_dead_worker_are_answered_by_its_replacement() {
    for mode in FORKED {
        let cluster = Cluster::start(mode, 1, &[]);
        let worker = cluster.first_workers()[0];
        signal(worker, "SIGSTOP");
        let mut waiting: Vec<_> = (0..20).map(|_| cluster.connect()).collect();
        for stream in &mut waiting {
            common::ask(stream, "/");
        }
        // Long enough for the master to have dealt them; if it has not, the test is only weaker.
        std::thread::sleep(Duration::from_millis(50));
        signal(worker, "SIGKILL");
        for stream in &mut waiting {
            let answer = Answer::read_from(stream).expect("nobody is lost");
            assert_ne!(answer.pid(), worker, "{mode}");
        }
    }
}

#[test]
fn a_killed_master_takes_its_workers_along() {
    for mode in FORKED {
        let mut cluster = Cluster::start(mode, 2, &[]);
        let workers = cluster.first_workers();
        let clients = Clients::start(cluster.address, 2);
        clients.wait_for_more(1);
        // A stopped process can do nothing about it itself.
        signal(workers[0], "SIGSTOP");
        cluster.end_with("SIGKILL");
        eventually("the workers' end", || !workers.iter().any(|&pid| is_alive(pid)));
        clients.stop();
    }
}

#[test]
fn a_cluster_whose_workers_cannot_start_gives_up_with_its_own_exit_code() {
    // Enough descriptors for the master (0 to 6), too few for a worker.
    for mode in FORKED {
        let binary = env!("CARGO_BIN_EXE_hello-cluster");
        let script = format!(
            "ulimit -n 7 && exec timeout 20 {binary} serve --mode {mode} --workers 1 --listen 127.0.0.1:0"
        );
        let output = std::process::Command::new("sh").args(["-c", &script]).output().unwrap();
        let errors = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(5), "{mode}: {errors}");
        let last = errors.lines().last().unwrap();
        assert!(last.contains("no worker ever became ready"), "{mode}: {last}");
    }
}
