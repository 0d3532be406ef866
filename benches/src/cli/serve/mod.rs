//! `hello-cluster serve`: arguments to a plan for the cluster.

mod limits;

use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use server::{
    Address, AdminPlan, DEFAULT_MAX_WORKERS, Error, ListenError, Mode, Plan, Token, TokenError,
};

use super::{Failure, value};

/// Arguments of `serve`.
#[derive(clap::Args)]
#[command(after_help = "\
Examples:
  hello-cluster serve --mode reuseport --workers 2
  hello-cluster serve --status
  curl -i http://127.0.0.1:8000/
  hello-cluster serve --listen unix:/tmp/hello.sock
  hello-cluster serve --admin 127.0.0.1:9000
  curl -X POST -H \"Authorization: Bearer $TOKEN\" 'http://127.0.0.1:9000/mode?to=shared'

Operators' address:
  GET   /healthz  /status  /metrics  /events?interval=250ms
  POST  /workers/ID/kill  /workers/ID/stop  /workers/ID/continue  /scale?workers=N
        /restart  /mode?to=M

Signals to the master:
  TERM, INT   finish what is under way, then end; a second one ends at once
  HUP, USR1   replace the workers one by one (HUP from a closed terminal: as TERM)
  TTIN, TTOU  one worker more, one fewer

Requests: any path says hello; /work?rounds=N computes; /sleep?ms=N waits.")]
pub struct Args {
    /// single, threads, shared, reuseport, round-robin or least-connections
    #[arg(long, default_value = "round-robin", value_name = "MODE", help_heading = CLUSTER)]
    mode: Mode,
    /// Number of workers (of threads, in mode threads); auto: one a CPU
    #[arg(long, default_value = "auto", value_name = "N|auto", value_parser = value::workers, help_heading = CLUSTER)]
    workers: value::Workers,
    /// The most workers that TTIN and operators scale to [default: 64, or --workers if more]
    #[arg(long, value_name = "N", help_heading = CLUSTER)]
    max_workers: Option<u32>,
    /// CPUs, as in 0,2-3: worker i is pinned to the i-th, round and round
    #[arg(long, value_name = "LIST", value_parser = value::cpu_list, help_heading = CLUSTER)]
    cpus: Option<value::CpuList>,
    /// Address and port to listen on, or unix:PATH for a socket of this user's alone; port 0
    /// takes a free one
    #[arg(long, default_value = "127.0.0.1:8000", value_name = "ADDR", value_parser = value::listening, help_heading = LISTENING)]
    listen: Address,
    /// Length of each accept queue
    #[arg(long, default_value_t = 4096, value_name = "N", help_heading = LISTENING)]
    backlog: u32,
    /// How long requests in progress may take once a worker is to end
    #[arg(long, default_value = "30s", value_name = "TIME", value_parser = value::duration, help_heading = SUPERVISION)]
    drain_timeout: Duration,
    /// How long a worker may be silent: then it gets no connections, later it is ended and
    /// replaced; 0s: never
    #[arg(long, default_value = "10s", value_name = "TIME", value_parser = value::duration, help_heading = SUPERVISION)]
    heartbeat_timeout: Duration,
    /// Replace a worker after N requests (and by chance up to a tenth more)
    #[arg(long, value_name = "N", help_heading = SUPERVISION)]
    max_requests: Option<u64>,
    /// File for events, one JSON object a line
    #[arg(long, value_name = "FILE", help_heading = WATCHING)]
    events: Option<PathBuf>,
    /// Show the cluster that runs on the address of --listen, and end
    #[arg(long, help_heading = WATCHING)]
    status: bool,
    #[command(flatten)]
    limits: limits::LimitArgs,
    /// Address for operators: status, metrics, events, and commands for who shows the token,
    /// which is printed at the start; port 0 takes a free one
    #[arg(long, value_name = "ADDR", value_parser = value::address, help_heading = ADMIN)]
    admin: Option<SocketAddr>,
    /// File with the token to show, which only its owner may open [default: a random one]
    #[arg(long, value_name = "FILE", requires = "admin", help_heading = ADMIN)]
    admin_token_file: Option<PathBuf>,
    /// Let clients break the worker that answers: /crash aborts it, /spin hangs it
    #[arg(long, help_heading = FAULTS)]
    chaos: bool,
    /// Have workers exit with code 1 if they find this file while they start
    #[arg(long, value_name = "FILE", help_heading = FAULTS)]
    chaos_start: Option<PathBuf>,
}

fn admin(args: &Args) -> Result<Option<AdminPlan>, Failure> {
    let Some(listen) = args.admin else { return Ok(None) };
    let token = args.admin_token_file.as_deref().map(Token::read).transpose();
    let token = token.map_err(|error| match error {
        TokenError::Read { .. } => Failure::io(error),
        TokenError::Open { .. } | TokenError::Short { .. } | TokenError::Characters { .. } => {
            Failure::usage(error)
        }
    })?;
    Ok(Some(AdminPlan { listen, token }))
}

const CLUSTER: &str = "Cluster";
const LISTENING: &str = "Listening";
const SUPERVISION: &str = "Supervision";
const WATCHING: &str = "Watching";
const ADMIN: &str = "Operating";
const FAULTS: &str = "Faults on purpose";

/// Runs the cluster until a signal ends it, or shows one that runs.
pub fn run(args: Args) -> Result<(), Failure> {
    if args.status {
        let status = server::status::query(&args.listen);
        let snapshot = status.map_err(Failure::io)?;
        print!("{snapshot}");
        return Ok(());
    }
    let plan = plan(args)?;
    server::run(&plan).map_err(|error| match error {
        Error::NoWorker { .. } => Failure::no_worker(error),
        Error::Listen(ListenError::Activation(_))
        | Error::LoneSocket { .. }
        | Error::NoGroup(_) => Failure::usage(error),
        Error::Listen(_) | Error::Open { .. } | Error::NoToken { .. } | Error::Sys(_) => {
            Failure::io(error)
        }
    })
}

fn plan(args: Args) -> Result<Plan, Failure> {
    let admin = admin(&args)?;
    let allowed = server::sys::process::allowed_cpus().map_err(Failure::io)?;
    let workers = match args.workers {
        value::Workers::Count(count) => count,
        value::Workers::Auto if args.mode == Mode::Single => 1,
        value::Workers::Auto => allowed.len() as u32,
    };
    let timeout = args.heartbeat_timeout;
    let plan = Plan {
        mode: args.mode,
        workers,
        listen: args.listen,
        cpus: args.cpus.unwrap_or_default(),
        events: args.events,
        admin,
        drain_timeout: args.drain_timeout,
        backlog: args.backlog,
        max_workers: args.max_workers.unwrap_or(DEFAULT_MAX_WORKERS.max(workers)),
        heartbeat_timeout: (!timeout.is_zero()).then_some(timeout),
        max_requests: args.max_requests,
        limits: args.limits.limits(),
        max_connections: args.limits.max_connections,
        chaos: args.chaos,
        chaos_start: args.chaos_start,
    };
    plan.check(&allowed).map_err(Failure::usage)
}
