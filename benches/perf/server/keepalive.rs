//! `keepalive`: requests on kept connections, one core per server: ours, nginx, Node, untuned hyper, and a
//! loop that only reads and writes. All give the same body under the same header names; further headers are
//! printed, since bytes cost time.

use super::contest::{Comparison, Contest, Requests, compare};
use crate::env::Failure;
use crate::servers::{BuiltIn, Server};

const BARE: Server = Server::BuiltIn(BuiltIn::Bare);

const HYPER: Server = Server::BuiltIn(BuiltIn::Hyper);

/// Who takes part; ours first.
const SERVERS: [Server; 5] = [Server::Single, Server::Nginx, Server::Node, HYPER, BARE];

/// What is compared, and the least ratio of requests a second.
const COMPARISONS: [Comparison; 5] = [
    ((Server::Single, Server::Nginx), Some(1.15)),
    ((Server::Single, Server::Node), Some(2.2)),
    ((Server::Single, BARE), Some(0.92)),
    ((Server::Single, HYPER), None),
    ((HYPER, BARE), None),
];

pub fn run(contest: &Contest<'_>) -> Result<(), Failure> {
    contest.print_command("keepalive", "");
    let servers = Server::installed(&SERVERS);
    same_answers(contest, &servers)?;
    let all = contest.measure(&servers, Requests::Plain)?;
    compare(&all, &COMPARISONS, "the ratios of requests a second that have a bound")
}

/// Fails when somebody leaves out a header that ours has; tells what they say beyond.
fn same_answers(contest: &Contest<'_>, servers: &[Server]) -> Result<(), Failure> {
    let mut ours = None;
    for &server in servers {
        let (name, answer) = (server.name(), contest.start(server)?.answer);
        let names = answer.names();
        let wanted = ours.get_or_insert_with(|| names.clone());
        if let Some(missing) = wanted.iter().find(|header| !names.contains(header)) {
            return Err(Failure::Broken(format!("{name} answers without {missing}")));
        }
        let more: Vec<&str> =
            names.iter().filter(|name| !wanted.contains(name)).map(String::as_str).collect();
        let more =
            if more.is_empty() { String::new() } else { format!(", also {}", more.join(", ")) };
        println!("  {name:<20} {} bytes an answer{more}", answer.len());
    }
    Ok(())
}
