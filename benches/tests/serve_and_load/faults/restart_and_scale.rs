//! Rolling restarts and scaling fail no request, on new connections or on kept ones.

use server::events::{Event, Timestamped};

use super::inspect::deliver;
use crate::common::clients::Clients;
use crate::common::{events, in_each_forked_cluster, signal};

/// The fewest workers between `listening` and `disconnect` at any time once there were `count`.
pub fn fewest_serving(events: &[Timestamped], count: usize) -> usize {
    let (mut serving, mut fewest) = (0_usize, usize::MAX);
    let mut begun = false;
    for event in events {
        match event.event {
            Event::Listening(_) => serving += 1,
            Event::Disconnect { .. } => serving -= 1,
            _ => continue,
        }
        begun |= serving >= count;
        if begun {
            fewest = fewest.min(serving);
        }
    }
    fewest
}

#[test]
fn a_rolling_restart_replaces_every_process_and_fails_no_request() {
    in_each_forked_cluster(2, &[], |_, cluster| {
        let load = Clients::mixed(cluster.address);
        for restart in 1..=4 {
            load.wait_for_more(25);
            let old = cluster.wait_for_serving(2);
            signal(cluster.master(), "SIGUSR1");
            cluster.wait_for_events(events::restarted, restart);
            cluster.wait_for_replacements(&old);
        }
        load.stop_after(25);
        let events = cluster.events();
        assert_eq!(fewest_serving(&events, 2), 2, "a replacement is ready first: {events:#?}");
        cluster.all_have_drained();
    });
}

#[test]
fn scaling_up_and_down_fails_no_request_and_never_goes_below_one() {
    in_each_forked_cluster(2, &["--max-workers", "4"], |_, cluster| {
        let load = Clients::mixed(cluster.address);
        for wanted in [3, 4, 3, 2, 1, 2, 3, 2] {
            load.wait_for_more(25);
            let now = cluster.serving().len();
            signal(cluster.master(), if wanted > now { "SIGTTIN" } else { "SIGTTOU" });
            let serving = cluster.wait_for_serving(wanted);
            assert_eq!(cluster.events_of(events::scale).last(), Some(&wanted));
            assert!(serving.keys().copied().eq(1..=wanted as u32), "{serving:?}");
        }
        load.stop_after(0);
        cluster.all_have_drained();
    });
}

#[test]
fn one_worker_is_the_least_and_max_workers_the_most() {
    in_each_forked_cluster(1, &["--max-workers", "2"], |_, cluster| {
        let only = cluster.first_workers()[0];
        deliver(cluster.master(), "SIGTTOU");
        deliver(cluster.master(), "SIGTTIN");
        cluster.wait_for_serving(2);
        deliver(cluster.master(), "SIGTTIN");
        signal(cluster.master(), "SIGUSR1");
        cluster.wait_for_events(events::restarted, 1);
        assert_eq!(cluster.wait_for_serving(2).len(), 2);
        assert!(cluster.events_of(events::fork).len() <= 4, "no third worker was tried");
        assert_ne!(cluster.serving()[&1], only);
    });
}
