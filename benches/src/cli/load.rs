//! `hello-cluster load`: the arguments of the load generator, turned into a checked plan.
//!
//! Next: the crate `loadgen`, from its `plan`.

use std::path::PathBuf;
use std::time::Duration;

use loadgen::mix::{self, Part};
use loadgen::pace::{Arrivals, Profile};
use loadgen::plan::{Bound, Model, Plan, Wish};
use loadgen::request::Header;
use loadgen::target::Target;
use loadgen::threshold::Threshold;

mod args;
mod merge;
#[cfg(target_os = "linux")]
mod run;
mod search;
mod secure;
mod tools;
mod values;
mod write;

use super::Failure;
pub use args::Args;
use values::{number, period, rate, seed, small, stages, time, usage};

/// Without `-n` and `-d`, a run takes this long.
const USUAL_DURATION: Duration = Duration::from_secs(10);

/// Where the result goes.
struct Output {
    json: Option<PathBuf>,
    csv: Option<PathBuf>,
    hdr: Option<PathBuf>,
    fail_if: Vec<Threshold>,
    /// How often lines of progress are written for programs.
    snapshots: Option<Duration>,
    phases: bool,
}

impl Args {
    /// Checks what is to be written, and takes it out.
    fn output(&mut self) -> Result<Output, Failure> {
        let fail_if: Result<_, _> = self.fail_if.iter().map(|text| text.parse()).collect();
        Ok(Output {
            json: self.json.take(),
            csv: self.csv.take(),
            hdr: self.hdr.take(),
            fail_if: fail_if.map_err(usage)?,
            snapshots: self.snapshots.as_deref().map(period).transpose()?,
            phases: self.phases,
        })
    }

    /// Checks what is to be run.
    fn plan(&self) -> Result<Plan, Failure> {
        let cpus = self.cpus.clone().map(|list| list.0).unwrap_or_default();
        let threads = match &self.threads {
            Some(threads) => number(threads, "threads")?,
            None => u64::try_from(cpus.len().max(1)).unwrap_or(1),
        };
        let usual = if self.unix.is_some() { "http://localhost/" } else { "" };
        let target = Target::parse(self.url.as_deref().unwrap_or(usual)).map_err(usage)?;
        let headers: Result<_, _> = self.headers.iter().map(|line| Header::parse(line)).collect();
        let (model, bound) = self.load()?;
        let plan = Plan {
            mix: match &self.mix {
                Some(mix) => mix::parse(mix).map_err(usage)?,
                None => vec![Part { weight: 1, path: target.path.clone() }],
            },
            target,
            unix: self.unix.clone(),
            model,
            method: self.method.clone(),
            body: values::body(self.body.as_deref())?,
            headers: headers.map_err(usage)?,
            connections: small(number(&self.connections, "connections")?, "connections")?,
            threads: small(threads, "threads")?,
            bound,
            warmup: time(&self.warmup, "warm-up")?,
            timeout: time(&self.timeout, "timeout")?,
            per_connection: match &self.requests_per_connection {
                _ if self.no_keepalive => Some(1),
                Some(requests) => Some(number(requests, "requests a connection")?),
                None => None,
            },
            pipeline: small(number(&self.pipeline, "requests in the pipeline")?, "requests")?,
            seed: seed(self.seed.as_deref())?,
            cpus,
            engine: self.engine()?,
            steer: self.steer.as_deref().map(str::parse).transpose().map_err(usage)?,
            http2: self.secure.http2,
            trust: self.secure.trust()?,
            tools: self.tools.parse()?,
            keep_log: false,
            awake: self.awake,
        };
        plan.check().map_err(usage)?;
        Ok(plan)
    }

    /// What is to move the bytes.
    fn engine(&self) -> Result<Wish, Failure> {
        let named = Wish::ALL.into_iter().find(|wish| wish.name() == self.engine);
        named.ok_or_else(|| {
            let engine = &self.engine;
            usage(format!("'{engine}' as engine: give auto, uring, epoll, hyper or reqwest"))
        })
    }

    /// How an open loop's requests lie around the rate.
    fn arrivals(&self) -> Result<Arrivals, Failure> {
        match self.arrivals.as_str() {
            "constant" => Ok(Arrivals::Constant),
            "poisson" => Ok(Arrivals::Poisson),
            other => Err(usage(format!("'{other}' arrivals: give constant or poisson"))),
        }
    }

    /// When requests are sent, and what ends the measurement.
    fn load(&self) -> Result<(Model, Bound), Failure> {
        let arrivals = self.arrivals()?;
        let open = |rate| Model::Open { rate, arrivals, spin: self.spin };
        if let Some(text) = &self.stages {
            let (profile, length) = stages(text)?;
            return Ok((open(profile), Bound::Duration(length)));
        }
        let bound = match (&self.requests, &self.duration) {
            (Some(requests), _) => Bound::Requests(number(requests, "requests")?),
            (None, Some(duration)) => Bound::Duration(time(duration, "duration")?),
            (None, None) => Bound::Duration(USUAL_DURATION),
        };
        Ok(match &self.rate {
            Some(text) => (open(Profile::constant(rate(text)?)), bound),
            None => (Model::Closed, bound),
        })
    }
}

/// Runs the command.
#[cfg(target_os = "linux")]
pub fn run(mut args: Args) -> Result<(), Failure> {
    let output = args.output()?;
    if let Some(goal) = search::Goal::of(&args, &output)? {
        return search::run(&goal, &output);
    }
    if !args.merge.is_empty() {
        return merge::run(&args.merge, &output);
    }
    run::run(&args.plan()?, &output)
}

/// Runs the command.
#[cfg(not(target_os = "linux"))]
pub fn run(mut args: Args) -> Result<(), Failure> {
    let output = args.output()?;
    if !args.merge.is_empty() {
        return merge::run(&args.merge, &output);
    }
    search::Goal::of(&args, &output)?;
    args.plan()?;
    super::elsewhere::needs_linux("load")
}
