//! `price`: what a worker's books, its pulse and its guard cost, alone and under a master, beside the
//! same server on hyper without them.

use super::contest::{Contest, Requests, compare};
use crate::env::Failure;
use crate::servers::{BuiltIn, Server};

const PLAIN: Server = Server::BuiltIn(BuiltIn::Plain);

/// The least ratio of requests a second to those without supervision.
const LEAST: f64 = 0.97;

pub fn run(contest: &Contest<'_>) -> Result<(), Failure> {
    contest.print_command("price", "");
    // The server without supervision has no shortcut past hyper: so both do the same work, and the
    // guard reads every head.
    let requests = Requests::NotPlain;
    let supervised = [Server::Single, Server::Supervised];
    let all = contest.measure(&[supervised[0], supervised[1], PLAIN], requests)?;
    let comparisons = supervised.map(|server| ((server, PLAIN), Some(LEAST)));
    compare(&all, &comparisons, &format!("at least {LEAST} of the rate without supervision"))
}
