//! `hello-cluster bench`.

use super::Failure;

/// Arguments of `bench`.
#[derive(clap::Args)]
pub struct Args {}

/// Runs the command.
pub fn run(_args: Args) -> Result<(), Failure> {
    Err(Failure::usage("not wired yet"))
}
