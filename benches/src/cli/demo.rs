//! `hello-cluster demo`: arguments to a plan for the demonstration, or labs without a page.

use super::Failure;

#[cfg(not(target_os = "linux"))]
pub use super::elsewhere::{Args, demo as run};
#[cfg(target_os = "linux")]
pub use linux::{Args, run};

#[cfg(target_os = "linux")]
mod linux {
    use std::net::SocketAddr;
    use std::path::PathBuf;

    use server::Mode;

    use super::Failure;
    use crate::cli::value;
    use crate::demo::lab_session::Manner;
    use crate::demo::labs::{self, Ending, Lab, LabError};
    use crate::demo::plan::Plan;
    use crate::demo::settings::{Load, Serving};
    use crate::demo::{self, Error};
    use crate::harness::interrupt::Interrupt;

    /// Arguments of `demo`.
    #[derive(clap::Args)]
    #[command(after_help = "\
Examples:
  hello-cluster demo --open
  hello-cluster demo --mode reuseport --workers 4
  hello-cluster demo --lab omission
  hello-cluster demo --rehearse all --short

Labs: oversubscription, generator, hash, keepalive, omission, recover (docs/labs/).")]
    pub struct Args {
        /// shared, reuseport, round-robin or least-connections
        #[arg(long, default_value = "round-robin", value_name = "MODE")]
        mode: Mode,
        /// Number of workers to begin with, 1 to 16
        #[arg(long, default_value_t = 4, value_name = "N")]
        workers: u32,
        /// Address and port of the page; port 0 takes a free one. On another address than loopback
        /// the page works only with the token in the address that is printed
        #[arg(long, default_value = "127.0.0.1:8080", value_name = "ADDR", value_parser = value::address)]
        listen: SocketAddr,
        /// Open the page in the desktop's browser
        #[arg(long)]
        open: bool,
        /// Begin with the card of this lab
        #[arg(long, value_name = "NAME")]
        lab: Option<String>,
        /// Perform labs shortened: their figures are rougher
        #[arg(long)]
        short: bool,
        /// Folder for the labs' records, reports and handouts [default: reports/out/<time>-<lab>]
        #[arg(long, value_name = "DIR")]
        out: Option<PathBuf>,
        /// Perform this lab, or all, without a page and without guesses, to see how it comes out here
        #[arg(long, value_name = "NAME|all", conflicts_with_all = ["lab", "open", "listen", "mode", "workers"])]
        rehearse: Option<String>,
    }

    /// Runs the command.
    pub fn run(args: Args) -> Result<(), Failure> {
        if let Some(name) = &args.rehearse {
            return headless(name, &args);
        }
        let plan = Plan {
            serving: Serving { mode: args.mode, workers: args.workers },
            load: Load::default(),
            listen: args.listen,
            open: args.open,
            lab: args.lab,
            manner: Manner { short: args.short, out: args.out },
        };
        let plan = plan.check().map_err(Failure::usage)?;
        demo::run(plan).map_err(|error| match error {
            Error::Server(_) => Failure::no_worker(error),
            Error::Bind { .. } | Error::System(..) => Failure::io(error),
        })
    }

    /// Performs labs without a page.
    fn headless(name: &str, args: &Args) -> Result<(), Failure> {
        let labs: Vec<&Lab> = match name {
            "all" => labs::all().iter().collect(),
            name => vec![labs::find(name).map_err(Failure::usage)?],
        };
        let interrupt = Interrupt::watch()
            .map_err(|why| Failure::io(format!("cannot watch for Ctrl-C: {why}")))?;
        match labs::headless(&labs, args.short, args.out.as_deref(), &interrupt) {
            Ok(Ending::Valid) => Ok(()),
            Ok(Ending::NotValid(rounds)) => {
                Err(Failure::invalid(format!("rounds that failed or are not valid: {rounds}")))
            }
            Err(error @ LabError::Interrupted { .. }) => Err(Failure::interrupted(error)),
            Err(error) => Err(Failure::io(error)),
        }
    }
}
