//! Clients that outlast the drain: at the deadline they are cut off, and the cluster still ends well.

use std::io::Write;

use server::events::Event;

use crate::common::{Answer, ask, events, in_each_forked_cluster};

#[test]
fn clients_that_outlast_the_drain_are_cut_off_and_counted() {
    in_each_forked_cluster(2, &["--drain-timeout", "300ms"], |_, mut cluster| {
        let [mut idle, mut slow, mut half] = [(); 3].map(|()| cluster.served_connection());
        ask(&mut slow, "/sleep?ms=60000");
        half.write_all(b"GET / HTTP/1.1\r\nHost: a client that never").unwrap();
        assert_eq!(cluster.end_with("SIGTERM").code(), Some(0));
        for stream in [&mut idle, &mut slow, &mut half] {
            assert!(Answer::read_from(stream).is_err(), "an answer from nobody");
        }
        let exits = cluster.exits();
        let open = events::open(&exits);
        assert_eq!((exits.len(), open), (2, 3), "{exits:?}");
        assert!(matches!(cluster.events().last().unwrap().event, Event::End { .. }));
    });
}
