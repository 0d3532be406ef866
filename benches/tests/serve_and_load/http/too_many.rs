//! More connections than a worker may hold: the others wait, and nobody is refused or lost.

use super::wire::has_news;
use crate::common::{Answer, Cluster, MODES, eventually, exchange, status_rows};

const MOST: usize = 5;

const CLIENTS: usize = 60;

/// Whether no worker holds more than it may.
#[track_caller]
fn nobody_holds_too_many(cluster: &Cluster, mode: &str) {
    for row in status_rows(cluster) {
        let open: usize = row["OPEN"].parse().unwrap();
        assert!(open <= MOST, "{mode}: a worker holds {open}");
    }
}

#[test]
fn more_connections_than_allowed_wait_and_all_are_served_in_the_end() {
    for (mode, workers) in MODES {
        let bound = MOST.to_string();
        let cluster = Cluster::start(mode, workers, &["--max-connections", &bound]);
        let mut waiting = cluster.ask_on_each(CLIENTS);
        // As those that were served leave, the others get their turn.
        eventually("an answer for everybody", || {
            nobody_holds_too_many(&cluster, mode);
            for mut served in waiting.extract_if(.., |stream| has_news(stream)) {
                let answer = Answer::read_from(&mut served).expect("nobody is lost");
                assert_eq!(answer.status(), 200, "{mode}");
            }
            waiting.is_empty()
        });
        let accepted = cluster.stop_and_count(|counts| counts.connections);
        assert_eq!(accepted.values().sum::<u64>(), CLIENTS as u64, "{mode}");
    }
}

#[test]
fn kept_connections_keep_their_place_and_their_worker() {
    let bound = MOST.to_string();
    let cluster = Cluster::start("single", 1, &["--max-connections", &bound]);
    let mut kept: Vec<_> = (0..MOST).map(|_| cluster.connect()).collect();
    for stream in &mut kept {
        exchange(stream, "/");
    }
    let mut next = cluster.request("/");
    for stream in &mut kept {
        assert_eq!(exchange(stream, "/sleep?ms=20").status(), 200);
        assert!(!has_news(&next), "it was taken beyond the bound");
    }
    drop(kept.pop());
    assert_eq!(Answer::read_from(&mut next).unwrap().status(), 200);
}
