//! `cluster`: what the cluster's supervision is worth: kills, restarts, switches of the mode, the price
//! of dealing, what an idle cluster takes, and what balancing buys when some requests are heavy.

use clap::Subcommand;

use crate::env::{Failure, TestEnv, repeated};

mod clients;
mod connect;
mod idle;
mod kills;
mod mixed;
mod restarts;
mod switches;
mod syscalls;

/// Something for a kill or a drain to meet: a tenth of the requests stay open for a while, and now
/// and then a worker is busy for some milliseconds, with others waiting behind.
const MIX: &str = "85:/,10:/sleep?ms=20,5:/work?rounds=1000000";

#[derive(Subcommand)]
pub enum Recipe {
    /// Random workers are killed under a load of new connections: who notices?
    Kills(kills::Options),
    /// Rolling restarts and scaling under load: nobody may notice
    Restarts(restarts::Options),
    /// Switches through all forked modes under load: nobody may notice
    Switches(switches::Options),
    /// One connection a request: the modes beside each other and beside Node
    Connect(connect::Options),
    /// What an idle cluster takes: CPU, and memory a worker before and after a load
    Idle(idle::Options),
    /// A few heavy requests among light ones: what balancing buys
    Mixed(mixed::Options),
}

pub fn run(env: &TestEnv, recipe: &Recipe) -> Result<(), Failure> {
    match recipe {
        Recipe::Kills(options) => kills::run(env, options),
        Recipe::Restarts(options) => restarts::run(env, options),
        Recipe::Switches(options) => switches::run(env, options),
        Recipe::Connect(options) => connect::run(env, options),
        Recipe::Idle(options) => idle::run(env, options),
        Recipe::Mixed(options) => mixed::run(env, options),
    }
}

fn print_command(seed: Option<u64>) {
    println!("again: {}", repeated(seed));
}
