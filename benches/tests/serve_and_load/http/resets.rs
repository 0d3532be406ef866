//! Clients that reset their connection in the middle of something: nobody else notices.

use super::wire::{Wire, let_it_be_read};
use crate::common::{Answer, Cluster, ask, eventually, in_every_mode};

const UNDER_WAY: [&str; 7] = [
    "",
    "GET / HT",
    "GET /sleep?ms=30 HTTP/1.1\r\nHost: h\r\n\r\n",
    "GET / HTTP/1.1\r\nHost: h\r\n\r\nGET /sleep?ms=30 HTTP/1.1\r\nHost: h\r\n\r\nGET / HT",
    "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 1000\r\n\r\nhello",
    "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhel",
    // Its refusal is under way.
    "GET / HTTP/1.1\r\n\r\n",
];

#[test]
fn a_reset_in_the_middle_harms_nobody_else() {
    for (mode, cluster) in in_every_mode(&[]) {
        let workers = cluster.first_workers();
        let mut bystander = cluster.connect();
        for round in 0..10 {
            let wires: Vec<_> = UNDER_WAY.map(|part| Wire::sent(&cluster, part)).into();
            ask(&mut bystander, "/sleep?ms=5");
            let_it_be_read();
            wires.into_iter().for_each(Wire::reset);
            let answer = Answer::read_from(&mut bystander).expect("it is not harmed");
            assert!(answer.body.contains("asleep"), "{mode}, round {round}");
            assert!(workers.contains(&cluster.get("/").pid()), "{mode}: a worker is gone");
        }
        assert_eq!(cluster.exits(), [], "{mode}");
    }
}

#[test]
fn what_was_reset_is_soon_off_the_books() {
    let mut cluster = Cluster::start("single", 1, &[]);
    for _ in 0..20 {
        for part in UNDER_WAY {
            Wire::sent(&cluster, part).reset();
        }
    }
    let count = 20 * UNDER_WAY.len() as u64;
    eventually("all connections are closed", || {
        let row = super::counts::status_row(&cluster);
        row["ACCEPTED"] == count.to_string() && row["OPEN"] == "0"
    });
    assert!(cluster.end_with("SIGTERM").success());
    assert_eq!(cluster.exits()[0].counts.open, 0);
}
