//! `hello-cluster keep`: what the suite starts others' servers by; no command for people.

use std::ffi::OsString;

use super::Failure;
use super::value::{CpuList, cpu_list};

/// Arguments of `keep`.
#[derive(clap::Args)]
pub struct Args {
    /// Where the command may run
    #[arg(long, value_name = "LIST", value_parser = cpu_list)]
    cpus: CpuList,
    /// The command and its arguments
    #[arg(required = true, trailing_var_arg = true, allow_hyphen_values = true)]
    command: Vec<OsString>,
}

/// Runs the command under a keeper and ends with its exit code.
pub fn run(args: &Args) -> Result<(), Failure> {
    let code = crate::harness::subreaper::keep(&args.command, &args.cpus).map_err(|why| {
        Failure::io(format!("cannot run {}: {why}", args.command[0].to_string_lossy()))
    })?;
    std::process::exit(code)
}
