//! What a request costs in instructions of user space, by callgrind: the slope between a short run and
//! a long one, so that starting up does not count.

use std::error::Error;
use std::process::{Command, Stdio};

use super::bare_client;
use super::generators::{CONNECTIONS, Kind};
use super::program::program;

/// Requests of the two runs.
const SHORT: u32 = 20_000;
const LONG: u32 = 60_000;

/// Prints the instructions of each engine, beside those of the bare client.
pub fn compare(url: &str) -> Result<(), Box<dyn Error>> {
    if Command::new("valgrind").arg("--version").output().is_err() {
        println!("instructions: skipped, for valgrind is not installed");
        return Ok(());
    }
    let this = std::env::current_exe()?;
    let bare = slope(|requests| {
        let mut command = callgrind();
        command.arg(&this).args([bare_client::WORD, url, &requests.to_string()]);
        command
    });
    let Some(bare) = bare else {
        println!("instructions: skipped, for valgrind cannot run this");
        return Ok(());
    };
    println!("instructions of user space a request, by callgrind ({SHORT} to {LONG} requests)");
    println!("  {:<10} {bare:>7.0}", "bare");
    let program = program()?;
    for kind in Kind::installed(true).into_iter().filter(|kind| kind.is_ours()) {
        let found = slope(|requests| {
            let mut command = callgrind();
            command.arg(&program).args(["load", url, "-c", CONNECTIONS, "-n"]);
            command.args([&requests.to_string(), "--engine", kind.name()]);
            command
        });
        match found {
            Some(found) => println!(
                "  {:<10} {found:>7.0}, {:.0} above the bare loop",
                kind.name(),
                found - bare
            ),
            None => println!("  {:<10} skipped, for valgrind cannot run it", kind.name()),
        }
    }
    Ok(())
}

/// Instructions a request; `None` when a run fails.
fn slope(command: impl Fn(u32) -> Command) -> Option<f64> {
    let [short, long] = [SHORT, LONG].map(|requests| instructions(&mut command(requests)));
    Some((long? - short?) / f64::from(LONG - SHORT))
}

fn callgrind() -> Command {
    let mut command = Command::new("valgrind");
    command.args(["--tool=callgrind", "--callgrind-out-file=/dev/null"]);
    command
}

/// What callgrind counted, from the line `==1== Collected : 12345`.
fn instructions(command: &mut Command) -> Option<f64> {
    let output = command.stdout(Stdio::null()).output().ok()?;
    let said = String::from_utf8(output.stderr).ok()?;
    let counted = said.lines().find_map(|line| line.split_once("Collected : "))?.1;
    // A load of which valgrind says nothing but that it ended badly counted nothing of use.
    if output.status.success() { counted.trim().parse().ok() } else { None }
}
