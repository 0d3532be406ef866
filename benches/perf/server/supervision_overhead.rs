//! `price`: what a worker's books, its pulse and its guard cost, alone and under a master, beside the
//! same server on hyper without them.

use super::contest::{Contest, compare, print_ratio_head};
use super::generator::Requests;
use crate::env::Failure;
use crate::env::figures::Bounds;
use crate::servers::{BuiltIn, Server};

const PLAIN: Server = Server::BuiltIn(BuiltIn::Plain);

/// The least ratio of requests a second to those without supervision.
const LEAST: f64 = 0.97;

/// Measures and prints.
pub fn run(contest: &Contest<'_>) -> Result<(), Failure> {
    contest.print_command("price", "");
    // The server without supervision has no shortcut past hyper: so both do the same work, and the
    // guard reads every head.
    let requests = Requests::NotPlain;
    let supervised = [Server::Single, Server::Supervised];
    let all = contest.measure(&[supervised[0], supervised[1], PLAIN], requests)?;
    let mut bounds = Bounds::default();
    print_ratio_head();
    for server in supervised {
        compare(&all, (server, PLAIN), Some(LEAST), &mut bounds);
    }
    bounds.verdict(&format!("at least {LEAST} of the rate without supervision"))
}
