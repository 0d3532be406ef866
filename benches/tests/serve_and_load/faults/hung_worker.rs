//! A worker that hangs past the heartbeat timeout gets no new connections and is replaced.

use std::net::TcpStream;

use server::events::ExitReason;

use crate::common::clients::Clients;
use crate::common::{Answer, events, in_each_forked_cluster, signal};

fn answering(streams: &mut [TcpStream]) -> Vec<u32> {
    streams
        .iter_mut()
        .map(|stream| Answer::read_from(stream).expect("nobody is lost").pid())
        .collect()
}

#[test]
fn a_stopped_worker_gets_no_new_connections_and_is_replaced() {
    in_each_forked_cluster(2, &["--heartbeat-timeout", "3s"], |mode, cluster| {
        let [stopped, sibling] = cluster.first_workers()[..] else { panic!("two workers") };
        signal(stopped, "SIGSTOP");
        // Some of these are on their way to the stopped worker before anybody knows.
        let mut before = cluster.ask_on_each(12);
        let (_, silent_s) = cluster.wait_for_event_of(events::stalled, stopped);
        assert!(silent_s >= 3.0, "{silent_s}");
        let mut after = cluster.ask_on_each(12);
        assert!(cluster.exits().is_empty(), "there was time to ask before it is ended");
        let pids = answering(&mut after);
        assert!(pids.iter().all(|&pid| pid == sibling), "{sibling} was to answer, not {pids:?}");
        let pids = answering(&mut before);
        // What was dealt to it comes back when it is dead, what waits in a queue at once.
        let may_wait = matches!(mode, "round-robin" | "least-connections");
        let answered_well = |pid: u32| pid == sibling || (may_wait && pid != stopped);
        assert!(pids.into_iter().all(answered_well), "somebody waited for the replacement");
        let exit = cluster.wait_for_exit(stopped);
        // Only SIGKILL ends a process that is stopped.
        assert_eq!((exit.reason, exit.signal), (ExitReason::Stalled, Some(9)));
        let serving = cluster.wait_for_serving(2);
        assert!(serving.values().any(|&pid| pid == sibling), "{serving:?}");
        assert!(!serving.values().any(|&pid| pid == stopped), "{serving:?}");
        cluster.wait_for_error(&stopped.to_string());
    });
}

#[test]
fn a_worker_that_comes_round_in_time_is_given_connections_again() {
    in_each_forked_cluster(2, &["--heartbeat-timeout", "3s"], |_, cluster| {
        let paused = cluster.first_workers()[1];
        signal(paused, "SIGSTOP");
        cluster.wait_for_event_of(events::stalled, paused);
        signal(paused, "SIGCONT");
        cluster.wait_for_event_of(events::recovered, paused);
        cluster.wait_for_answer_of(paused);
        cluster.wait_for_serving(2);
        assert_eq!(cluster.events_of(events::fork).len(), 2, "nobody was replaced");
    });
}

#[test]
fn a_handler_that_never_returns_costs_its_own_worker_only() {
    in_each_forked_cluster(2, &["--chaos", "--heartbeat-timeout", "1s"], |_, cluster| {
        let load = Clients::under_way(cluster.address, 10);
        let mut spin = cluster.request("/spin");
        let (hung, _) = cluster.wait_for_events(events::stalled, 1).remove(0);
        let exit = cluster.wait_for_exit(hung.pid);
        // It spins, so the first and gentler signal reaches it: SIGABRT.
        assert_eq!((exit.reason, exit.signal), (ExitReason::Stalled, Some(6)));
        assert!(Answer::read_from(&mut spin).is_err());
        cluster.wait_for_serving(2);
        load.wait_for_more(10);
        let tally = load.stop();
        let open = events::open(&cluster.exits());
        assert_eq!(tally.refused, 0, "{tally}");
        // The connection that spun is one of those that were open.
        assert!(tally.failed < open, "{open} connections were open: {tally}");
    });
}
