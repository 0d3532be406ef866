//! What a request costs in instructions of user space, by callgrind: the slope between a short run and
//! a long one, so that starting up does not count.

use std::process::Command;
use std::time::Duration;

use hello_cluster::harness::process::Child;
use hello_cluster::harness::target::detect::find;

use super::generators::ENGINES;
use crate::env::generator::CONNECTIONS;
use crate::env::{Failure, TestEnv, started_by, this_program};

/// Requests of the two runs.
const SHORT: u32 = 20_000;
const LONG: u32 = 60_000;
const LIMIT: Duration = Duration::from_secs(600);

pub fn compare(env: &TestEnv, url: &str) -> Result<(), Failure> {
    if find("valgrind").is_none() {
        println!("instructions: skipped, for valgrind is not installed");
        return Ok(());
    }
    let bare = slope(env, |requests| this_program(&["drive", url, requests]))?;
    let Some(bare) = bare else {
        println!("instructions: skipped, for valgrind cannot run this");
        return Ok(());
    };
    println!("instructions of user space a request, by callgrind ({SHORT} to {LONG} requests)");
    println!("  {:<10} {bare:>7.0}", "bare");
    for name in ENGINES {
        let found = slope(env, |requests| {
            let load = ["load", url, "-c", CONNECTIONS, "-n", requests, "--engine", name];
            Ok(env.command(&load))
        })?;
        match found {
            Some(found) => {
                println!("  {name:<10} {found:>7.0}, {:.0} above the bare loop", found - bare);
            }
            None => println!("  {name:<10} skipped, for valgrind cannot run it"),
        }
    }
    Ok(())
}

/// Instructions a request; `None` when a run fails.
fn slope(
    env: &TestEnv,
    command: impl Fn(&str) -> Result<Command, Failure>,
) -> Result<Option<f64>, Failure> {
    let short = instructions(env, &command(&SHORT.to_string())?)?;
    let long = instructions(env, &command(&LONG.to_string())?)?;
    Ok(long.zip(short).map(|(long, short)| (long - short) / f64::from(LONG - SHORT)))
}

/// Callgrind's count, from the line `==1== Collected : 12345`; `None` if the load ended badly.
fn instructions(env: &TestEnv, command: &Command) -> Result<Option<f64>, Failure> {
    let prefix = ["valgrind", "--tool=callgrind", "--callgrind-out-file=/dev/null"];
    let mut child = Child::spawn("valgrind", started_by(&prefix, command), None)?;
    let counted = child.await_line("count", LIMIT, &env.interrupt, |_, line| {
        line.split_once("Collected : ").map(|(_, count)| count.trim().parse().ok())
    });
    let (status, _) = child.await_end(LIMIT, &env.interrupt)?;
    Ok(counted.ok().flatten().filter(|_| status.success()))
}
