//! `switches`: the mode is switched through all forked modes under load; not one request may fail.
//!
//! Each kind of client ([`super::clients`]) has a cluster of its own. A switch is requested over the admin
//! address and ends when every worker accepts as the new mode requires. The path of switches has every step
//! between two modes equally often.

use std::time::{Duration, Instant};

use loadgen::RunResult;
use server::events::Event;

use super::clients::{ClientKind, Clients, require_none_failed};
use super::print_command;
use crate::env::cluster::{Cluster, FORKED};
use crate::env::figures::{Bounds, Spread};
use crate::env::{Failure, TestEnv, time};

/// Load before the first switch and after the last.
const MARGIN: Duration = Duration::from_millis(300);

/// A cycle from `round-robin` with every step from one forked mode to another once.
const TOUR: [&str; 12] = [
    "shared",
    "reuseport",
    "round-robin",
    "reuseport",
    "shared",
    "round-robin",
    "least-connections",
    "shared",
    "least-connections",
    "reuseport",
    "least-connections",
    "round-robin",
];

#[derive(clap::Args)]
pub struct Options {
    /// Switches for each kind of client
    #[arg(long, value_name = "N", default_value = "50")]
    times: usize,
    /// Workers
    #[arg(long, value_name = "N", default_value = "2")]
    workers: u32,
    #[command(flatten)]
    clients: Clients,
    /// Load between the switches
    #[arg(long, value_name = "TIME", default_value = "100ms", value_parser = time)]
    pause: Duration,
}

struct Outcome {
    result: RunResult,
    /// Each switch: where it led, and how long it took in milliseconds.
    switches: Vec<(&'static str, f64)>,
    replaced: usize,
}

pub fn run(env: &TestEnv, options: &Options) -> Result<(), Failure> {
    let Options { times, workers, clients, .. } = options;
    print_command(None);
    println!("{times} switches, {workers} workers; {clients}; times in ms: median (range)");
    println!("{:<18} {:>8} {:>6}  {:<18} {:<20}", "client", "answered", "failed", "to", "switch");
    let mut bounds = Bounds::default();
    for client in ClientKind::ALL {
        let outcome = measure(env, options, client)?;
        outcome.print(client);
        outcome.judge(client, &mut bounds);
    }
    bounds.verdict("not one request failed, and no process had to be replaced")
}

fn measure(env: &TestEnv, options: &Options, client: ClientKind) -> Result<Outcome, Failure> {
    let (mut cluster, admin) = Cluster::start_operated(env, "round-robin", options.workers)?;
    let mut load = client.load(env, &cluster.url("/"), &options.clients)?;
    env.pause(MARGIN)?;
    let mut switches = Vec::new();
    for (done, mode) in TOUR.into_iter().cycle().take(options.times).enumerate() {
        let begin = Instant::now();
        admin.post(&format!("/mode?to={mode}")).map_err(Failure::cannot("switch the mode"))?;
        let is_end = |event: &Event| matches!(event, Event::Switched { .. });
        cluster.wait_for("end of a switch", |now| now.count(is_end) > done)?;
        switches.push((mode, begin.elapsed().as_secs_f64() * 1e3));
        env.pause(options.pause)?;
    }
    env.pause(MARGIN)?;
    load.expect_alive()?;
    let replaced = cluster.exits().count();
    let result = load.interrupt()?;
    cluster.stop()?;
    Ok(Outcome { result, switches, replaced })
}

impl Outcome {
    fn print(&self, client: ClientKind) {
        let life = &self.result.lifetime;
        print!("{:<18} {:>8} {:>6}  ", client.name(), life.answered, life.failed);
        let all = Spread::of(self.switches.iter().map(|(_, ms)| *ms));
        println!("{:<18} {:<20}", "any", format!("{all:.1}"));
        for to in FORKED {
            let of_mode = self.switches.iter().filter(|(mode, _)| *mode == to);
            let spread = Spread::of(of_mode.map(|(_, ms)| *ms));
            println!("{:<34}  {to:<18} {:<20}", "", format!("{spread:.1}"));
        }
    }

    fn judge(&self, client: ClientKind, bounds: &mut Bounds) {
        let (client, replaced) = (client.name(), self.replaced);
        require_none_failed(bounds, client, &self.result);
        bounds.require(replaced == 0, || format!("{client}: {replaced} processes ended"));
    }
}
