//! `--max-requests`: workers are replaced after so many requests, and nobody notices.

use server::events::{DisconnectReason, ExitReason};

use super::restart_and_scale::fewest_serving;
use crate::common::clients::Clients;
use crate::common::{events, in_each_forked_cluster};

const REQUESTS: u64 = 60;

#[test]
fn workers_retire_after_so_many_requests_and_no_request_fails() {
    in_each_forked_cluster(2, &["--max-requests", &REQUESTS.to_string()], |_, cluster| {
        let load = Clients::mixed(cluster.address);
        let exits = cluster.wait_for_events(events::exit, 6);
        load.stop_after(10);
        for exit in exits {
            assert_eq!(exit.reason, ExitReason::Drained, "{exit:?}");
            assert!(exit.counts.requests >= REQUESTS, "{exit:?}");
        }
        let reasons = cluster.events_of(events::disconnect);
        let retired = |reason: &DisconnectReason| *reason == DisconnectReason::MaxRequests;
        assert!(reasons.iter().all(retired), "{reasons:?}");
        assert_eq!(fewest_serving(&cluster.events(), 2), 2, "the replacement is ready first");
    });
}
