//! Two hundred signals to scale and to restart, one upon the other, under load.

use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use server::events::Event;

use super::inspect::without_terminal;
use crate::common::clients::Clients;
use crate::common::{Cluster, events, eventually, in_each_forked_mode, signal};

const SIGNALS: usize = 200;

const MOST: usize = 5;

#[test]
fn two_hundred_mixed_signals_fail_no_request_and_end_with_the_right_number_of_workers() {
    in_each_forked_mode(|mode| {
        let cluster = Cluster::start_by(without_terminal(), mode, 2, &[]).unwrap();
        let load = Clients::mixed(cluster.address);
        let mut chance = ChaCha8Rng::seed_from_u64(200);
        let mut wanted = 2;
        for number in 0..SIGNALS {
            // Some come at once, before others time for what these began to come some way.
            if number % 3 == 0 {
                load.wait_for_more(10);
            }
            let name = match chance.random_range(0..4) {
                0 if wanted < MOST => "SIGTTIN",
                1 if wanted > 1 => "SIGTTOU",
                2 => "SIGUSR1",
                _ => "SIGHUP",
            };
            signal(cluster.master(), name);
            match name {
                "SIGTTIN" => wanted += 1,
                "SIGTTOU" => wanted -= 1,
                // Restarts may run into one another, and into one.
                _ => continue,
            }
            // Two of the same kind would be one to the kernel, were they not told apart here.
            wait_for_number(&cluster, wanted);
        }
        settle(&cluster, wanted);
        load.stop_after(10);
        cluster.wait_for_serving(wanted);
    });
}

fn wait_for_number(cluster: &Cluster, wanted: usize) {
    eventually("the new number of workers", || {
        cluster.events_of(events::scale).last() == Some(&wanted)
    });
}

/// Waits until all restarts are done, overlapping ones as one, and this many workers serve.
fn settle(cluster: &Cluster, wanted: usize) {
    eventually("the end of the restarts", || {
        let events = cluster.events();
        let last = |wanted| events.iter().rposition(|it| it.event == wanted);
        last(Event::Restarted {}) > last(Event::Restart {})
    });
    cluster.wait_for_serving(wanted);
}
