//! Workers that exit with code 1 at their start, while the file of `--chaos-start` exists.

use std::fs::{self, File};

use server::events::{Event, ExitReason};

use crate::common::clients::Clients;
use crate::common::{
    Cluster, events, hello_cluster, in_each_forked_mode, output, signal, temporary_path,
};

#[test]
fn a_cluster_whose_workers_never_start_gives_up_with_its_own_exit_code() {
    in_each_forked_mode(|mode| {
        let file = tempfile::NamedTempFile::new().unwrap();
        let mut command = hello_cluster();
        command.args(["serve", "--mode", mode, "--workers", "2", "--listen", "127.0.0.1:0"]);
        let (code, lines, errors) = output(command.arg("--chaos-start").arg(file.path()));
        assert_eq!(code, 5, "{errors}");
        let last = errors.lines().last().unwrap();
        assert!(last.contains("no worker ever became ready"), "{last}");
        assert!(!lines.contains("started"), "{lines}");
    });
}

#[test]
fn while_replacements_crash_the_siblings_serve_and_the_attempts_become_rare() {
    in_each_forked_mode(|mode| {
        let (_folder, broken) = temporary_path("broken");
        let cluster = Cluster::start(mode, 2, &["--chaos-start", broken.to_str().unwrap()]);
        let load = Clients::under_way(cluster.address, 10);
        File::create(&broken).unwrap();
        let [victim, sibling] = cluster.first_workers()[..] else { panic!("two workers") };
        signal(victim, "SIGKILL");
        let deaths = cluster.wait_for_events(events::exit, 8);
        load.wait_for_more(50);
        assert_eq!(cluster.serving().into_values().collect::<Vec<_>>(), [sibling]);
        for exit in &deaths[1..] {
            assert_eq!((exit.code, exit.reason), (Some(1), ExitReason::Crashed));
        }
        let events = cluster.events();
        let exits = events.iter().filter(|it| matches!(it.event, Event::Exit(_)));
        let times: Vec<f64> = exits.map(|it| it.t_s).collect();
        let waits: Vec<f64> = times.windows(2).map(|pair| pair[1] - pair[0]).collect();
        assert!(waits[5] + waits[6] > 0.2, "the waits do not grow: {waits:?}");
        fs::remove_file(&broken).unwrap();
        cluster.wait_for_serving(2);
        load.wait_for_more(10);
        load.stop().lost_at_most(deaths[0].counts.open);
    });
}
