//! Clients that outlast the drain: at the deadline they are cut off, and the cluster still ends well.

use std::io::Write;

use server::events::Event;

use crate::common::{Answer, Cluster, ask, events, in_each_forked_mode};

#[test]
fn clients_that_outlast_the_drain_are_cut_off_and_counted() {
    in_each_forked_mode(|mode| {
        let mut cluster = Cluster::start(mode, 2, &["--drain-timeout", "300ms"]);
        let [mut idle, mut slow, mut half] = [(); 3].map(|()| {
            let mut stream = cluster.connect();
            ask(&mut stream, "/");
            Answer::read_from(&mut stream).unwrap();
            stream
        });
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
