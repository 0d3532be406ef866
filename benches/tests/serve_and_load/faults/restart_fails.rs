//! A rolling restart whose new workers will not start: the old generation goes on serving.

use std::fs::{self, File};

use super::inspect::without_terminal;
use crate::common::clients::Clients;
use crate::common::{Cluster, events, in_each_forked_mode, signal, temporary_path};

#[test]
fn when_a_replacement_will_not_start_the_old_generation_goes_on_serving() {
    in_each_forked_mode(|mode| {
        let (_folder, broken) = temporary_path("broken");
        let extra = ["--chaos-start", broken.to_str().unwrap()];
        let cluster = Cluster::start_by(without_terminal(), mode, 2, &extra).unwrap();
        let old = cluster.serving();
        let load = Clients::mixed(cluster.address);
        File::create(&broken).unwrap();
        signal(cluster.master(), "SIGHUP");
        let failed = cluster.wait_for_events(events::restart_failed, 1).remove(0);
        assert!(failed.contains("code 1"), "{failed}");
        cluster.wait_for_error("restart");
        load.wait_for_more(50);
        assert_eq!(cluster.serving(), old, "the old ones go on");
        assert!(cluster.events_of(events::restarted).is_empty());

        fs::remove_file(&broken).unwrap();
        signal(cluster.master(), "SIGHUP");
        cluster.wait_for_events(events::restarted, 1);
        cluster.wait_for_replacements(&old);
        load.stop_after(10);
    });
}
