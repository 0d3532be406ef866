//! `hello-cluster load`: the arguments of the load generator, turned into a checked plan.

mod args;
mod merge;
#[cfg(target_os = "linux")]
mod run;
mod search;
mod write;

use std::path::Path;
use std::time::Duration;

use loadgen::mix::Part;
use loadgen::pace::Profile;
use loadgen::plan::{Bound, Model, Plan, Trust};
use loadgen::target::Target;

use super::Failure;
pub use args::Args;
use args::{Body, GeneratorArgs, LoadArgs, RequestArgs, Stages, new_seed};

/// Without `-n` and `-d`, a run takes this long.
const USUAL_DURATION: Duration = Duration::from_secs(10);

/// What is to be run, checked.
fn plan(args: &Args) -> Result<Plan, Failure> {
    let Args { url, request, load, generator, output, .. } = args;
    let GeneratorArgs { threads, cpus, engine, awake, .. } = generator;
    let cpus = cpus.clone().unwrap_or_default();
    // Without a URL there is a Unix socket.
    let target = match url {
        Some(url) => url.clone(),
        None => Target::parse("http://localhost/").map_err(Failure::usage)?,
    };
    let usual_mix = || vec![Part { weight: 1, path: target.path.clone() }];
    let (model, bound) = model(load, generator.spin);
    let plan = Plan {
        mix: request.mix.clone().unwrap_or_else(usual_mix),
        target,
        unix: request.unix.clone(),
        model,
        method: request.method.clone(),
        body: body(request.body.as_ref())?,
        headers: request.headers.clone(),
        connections: load.connections,
        threads: threads.unwrap_or(cpus.len().max(1) as u32),
        bound,
        warmup: load.warmup,
        timeout: load.timeout,
        per_connection: if request.no_keepalive { Some(1) } else { load.requests_per_connection },
        pipeline: load.pipeline,
        seed: load.seed.unwrap_or_else(new_seed),
        cpus,
        engine: *engine,
        steer: load.steer.clone(),
        http2: request.http2,
        trust: trust(request)?,
        tools: output.tools(),
        keep_log: false,
        awake: *awake,
    };
    plan.check().map_err(Failure::usage)?;
    Ok(plan)
}

/// When requests are sent, and what ends the measurement.
fn model(load: &LoadArgs, spin: bool) -> (Model, Bound) {
    let open = |rate| Model::Open { rate, arrivals: load.arrivals, spin };
    if let Some(Stages { profile, length }) = &load.stages {
        return (open(profile.clone()), Bound::Duration(*length));
    }
    let model = load.rate.map_or(Model::Closed, |rate| open(Profile::constant(rate)));
    let duration = Bound::Duration(load.duration.unwrap_or(USUAL_DURATION));
    (model, load.requests.map_or(duration, Bound::Requests))
}

fn trust(request: &RequestArgs) -> Result<Trust, Failure> {
    match &request.cacert {
        _ if request.insecure => Ok(Trust::Anyone),
        None => Ok(Trust::System),
        Some(file) => read("certificates", file).map(Trust::Also),
    }
}

fn body(body: Option<&Body>) -> Result<Vec<u8>, Failure> {
    match body {
        None => Ok(Vec::new()),
        Some(Body::Text(text)) => Ok(text.as_bytes().to_vec()),
        Some(Body::File(file)) => read("the body", file),
    }
}

fn read(what: &str, file: &Path) -> Result<Vec<u8>, Failure> {
    std::fs::read(file).map_err(|error| Failure::file(&format!("read {what} from"), file, error))
}

pub fn run(args: &Args) -> Result<(), Failure> {
    let goal = search::Goal::new(args)?;
    if goal.is_none() && !args.output.merge.is_empty() {
        return merge::run(&args.output);
    }
    match goal {
        #[cfg(target_os = "linux")]
        Some(goal) => search::run(&goal, &args.output),
        #[cfg(target_os = "linux")]
        None => run::run(&plan(args)?, &args.output),
        #[cfg(not(target_os = "linux"))]
        _ => super::elsewhere::needs_linux("load"),
    }
}
