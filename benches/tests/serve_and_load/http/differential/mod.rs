//! The corpus to nginx and to us: each difference is explained in [`differences`] or a defect.

mod differences;

use std::collections::BTreeMap;
use std::net::SocketAddr;

use crate::common::Cluster;
use crate::common::nginx::Nginx;
use crate::http::cases::{Case, accepted, refused};
use crate::http::wire::Wire;
use differences::{DIFFERENCES, Difference, SEEN_IN};

/// A request behind each case: whether it is answered tells where a server takes the case to end.
const PROBE: &[u8] = b"GET /probe HTTP/1.1\r\nHost: h\r\n\r\n";

/// Says hello to everything, with limits like ours.
const HELLO: &str = "listen 127.0.0.1:{port};
        client_max_body_size 1m;
        location / { return 200 hello; }";

/// What a server made of some bytes: the class of each answer, as in `2xx 4xx`; `closed` where there
/// is none, `bare` where there is one without a head (HTTP/0.9).
fn verdict(address: SocketAddr, bytes: &[u8]) -> String {
    let mut wire = Wire::to_address(address);
    wire.offer(bytes);
    wire.finish_sending();
    let received = String::from_utf8_lossy(&wire.bytes_to_end()).into_owned();
    let classes: Vec<String> = status_lines(&received)
        .filter(|class| *class != '1')
        .map(|class| format!("{class}xx"))
        .collect();
    match classes.as_slice() {
        [] if received.is_empty() => "closed".into(),
        [] => "bare".into(),
        _ => classes.join(" "),
    }
}

/// The first digit of each status in a stream of answers; no body has such a line.
fn status_lines(received: &str) -> impl Iterator<Item = char> {
    received.match_indices("HTTP/1.1 ").filter_map(|(at, version)| {
        let first = received[at + version.len()..].chars().next()?;
        first.is_ascii_digit().then_some(first)
    })
}

fn explanations(bytes: &[u8], nginx: &str, ours: &str) -> Vec<&'static Difference> {
    let explains = |it: &&Difference| it.explains(bytes, nginx, ours);
    DIFFERENCES.iter().filter(explains).collect()
}

#[test]
fn nginx_and_we_agree_but_for_what_is_explained() {
    let Some(nginx) = Nginx::start(HELLO, &[]) else { return };
    let cluster = Cluster::start("single", 1, &[]);
    let mut unexplained = Vec::new();
    let mut used: BTreeMap<&str, usize> = DIFFERENCES.iter().map(|it| (it.why, 0)).collect();
    for Case { bytes, .. } in accepted().into_iter().chain(refused()) {
        for sent in [bytes.clone(), [&bytes, PROBE].concat()] {
            let (theirs, ours) = (verdict(nginx.address, &sent), verdict(cluster.address, &sent));
            if theirs == ours {
                continue;
            }
            match explanations(&bytes, &theirs, &ours).as_slice() {
                [] => unexplained
                    .push(format!("{} nginx: {theirs}, ours: {ours}", sent.escape_ascii())),
                some => some.iter().for_each(|it| *used.get_mut(it.why).unwrap() += 1),
            }
        }
    }
    assert!(unexplained.is_empty(), "unexplained:\n{}", unexplained.join("\n"));
    if !nginx.version.contains(SEEN_IN) {
        eprintln!("not looked for explanations that are needed no more: another nginx");
        return;
    }
    let idle: Vec<_> = used.iter().filter(|(_, count)| **count == 0).collect();
    assert!(idle.is_empty(), "explanations without a difference: {idle:?}");
}
