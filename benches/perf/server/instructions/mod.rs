//! `instructions`: how many user-space instructions a request takes, and in which functions.
//!
//! The count does not depend on other load, so there are no rounds: each server runs under callgrind for N
//! requests and for 2N from one client, and the difference, free of start and end, belongs to N requests.

mod callgrind;

use hello_cluster::harness::target::detect::find;

use super::contest::Contest;
use crate::env::Failure;
use crate::servers::{BuiltIn, Server};
use callgrind::Profile;

const REQUESTS: u32 = 20_000;

/// Who is counted; ours first.
const SERVERS: [Server; 3] =
    [Server::Single, Server::BuiltIn(BuiltIn::Hyper), Server::BuiltIn(BuiltIn::Bare)];

const LISTED: usize = 15;

#[derive(clap::Args)]
pub struct Options {
    /// Requests of the shorter run; the longer one has twice as many
    #[arg(short = 'n', long, value_name = "N", default_value_t = REQUESTS, value_parser = clap::value_parser!(u32).range(100..=1_000_000))]
    requests: u32,
}

impl Default for Options {
    fn default() -> Self {
        Self { requests: REQUESTS }
    }
}

pub fn run(contest: &Contest<'_>, options: &Options) -> Result<(), Failure> {
    let requests = options.requests;
    println!("again: just perf server instructions --requests {requests}");
    for program in ["valgrind", "callgrind_annotate"] {
        if find(program).is_none() {
            println!("skipped: {program} is not installed");
            return Ok(());
        }
    }
    println!(
        "user instructions a request, one connection: {} requests less {requests}",
        2 * requests
    );
    let mut ours = None;
    for server in SERVERS {
        let short = Profile::take(contest, server, requests)?;
        let profile = Profile::take(contest, server, 2 * requests)?.beyond(&short);
        println!("  {:<20} {:>8.0}", server.name(), profile.each(profile.total));
        ours.get_or_insert(profile);
    }
    if let Some(ours) = ours {
        print_functions(&ours);
    }
    Ok(())
}

/// Prints where ours takes most instructions itself, callees not included.
fn print_functions(ours: &Profile) {
    println!("where {} takes most, callees not included", SERVERS[0].name());
    for (name, count) in ours.functions.iter().take(LISTED) {
        let share = 100.0 * count / ours.total;
        println!("  {:>8.0} {share:>5.1} %  {name}", ours.each(*count));
    }
    let rest: f64 = ours.functions.iter().skip(LISTED).map(|(_, count)| count).sum();
    println!("  {:>8.0} {:>5.1} %  all others", ours.each(rest), 100.0 * rest / ours.total);
}
