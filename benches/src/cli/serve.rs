//! `hello-cluster serve`: arguments to a plan for the cluster.

use super::Failure;

#[cfg(not(target_os = "linux"))]
pub use super::elsewhere::{Args, serve as run};
#[cfg(target_os = "linux")]
pub use linux::{Args, run};

#[cfg(target_os = "linux")]
mod linux {
    use std::net::SocketAddr;
    use std::path::PathBuf;
    use std::time::Duration;

    use server::{Error, Mode, Plan};

    use super::Failure;
    use crate::cli::value;

    /// Arguments of `serve`.
    #[derive(clap::Args)]
    #[command(after_help = "Examples:\n  \
        hello-cluster serve --mode reuseport --workers 2\n  \
        curl -i http://127.0.0.1:8000/\n\n\
        Signals: TERM and INT finish what is under way, then end (a second one ends at once).\n\
        Requests: any path says hello; /work?rounds=N computes; /sleep?ms=N waits.")]
    pub struct Args {
        /// How connections are shared out: single, reuseport or round-robin
        #[arg(long, default_value = "round-robin", value_name = "MODE")]
        mode: Mode,
        /// Number of workers; auto: one a CPU
        #[arg(long, default_value = "auto", value_name = "N|auto", value_parser = value::workers)]
        workers: value::Workers,
        /// Address and port to listen on; port 0 takes a free one
        #[arg(long, default_value = "127.0.0.1:8000", value_name = "ADDR", value_parser = value::address)]
        listen: SocketAddr,
        /// CPUs, as in 0,2-3: worker i is pinned to the i-th, round and round
        #[arg(long, value_name = "LIST", value_parser = value::cpu_list)]
        cpus: Option<value::CpuList>,
        /// File for events, one JSON object a line
        #[arg(long, value_name = "FILE")]
        events: Option<PathBuf>,
        /// How long requests in progress may take after a signal to stop
        #[arg(long, default_value = "30s", value_name = "TIME", value_parser = value::duration)]
        drain_timeout: Duration,
        /// Length of each accept queue
        #[arg(long, default_value_t = 4096, value_name = "N")]
        backlog: u32,
    }

    /// Runs the cluster until a signal ends it.
    pub fn run(args: Args) -> Result<(), Failure> {
        let allowed =
            server::sys::process::allowed_cpus().map_err(|error| Failure::io(error.to_string()))?;
        let workers = match args.workers {
            value::Workers::Count(count) => count,
            value::Workers::Auto if args.mode == Mode::Single => 1,
            value::Workers::Auto => allowed.len() as u32,
        };
        let plan = Plan {
            mode: args.mode,
            workers,
            listen: args.listen,
            cpus: args.cpus.map(|list| list.0).unwrap_or_default(),
            events: args.events,
            drain_timeout: args.drain_timeout,
            backlog: args.backlog,
        };
        let plan = plan.check(&allowed).map_err(|error| Failure::usage(error.to_string()))?;
        server::run(&plan).map_err(|error| match error {
            Error::NoWorker { .. } => Failure::no_worker(error.to_string()),
            Error::Bind { .. } | Error::Open { .. } | Error::Sys(_) => {
                Failure::io(error.to_string())
            }
        })
    }
}
