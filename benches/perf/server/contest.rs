//! Servers in turns: each trial has a fresh server and generator, and compares with those of its round.
//!
//! Either core may be the limit, so besides requests/s there is the server's CPU time per request: that
//! ratio stands even where the generator limits. A core's busy share is that cost times the rate.

use std::time::Duration;

use clap::builder::RangedU64ValueParser;

use crate::env::cpus::Cpus;
use crate::env::external_tool::ExternalTool;
use crate::env::figures::{Bounds, Spread};
use crate::env::generator::{CONNECTIONS, Generator};
use crate::env::interleaved::InterleavedRunner;
use crate::env::{Failure, TestEnv, in_words, seed, time};
use crate::servers::Server;
use crate::servers::running::RunningServer;

/// From this share of its time on a core counts as the limit.
const BUSY: f64 = 0.97;

/// In a closed loop one of the two cores is all but full, unless somebody else has its time.
const UNDISTURBED: f64 = 0.9;

/// What holds for every measurement that takes turns.
#[derive(Debug, Clone, clap::Args)]
pub struct Options {
    /// Rounds, each with a trial of everything
    #[arg(long, global = true, value_name = "N", default_value = "7", value_parser = RangedU64ValueParser::<u32>::new().range(1..=1000))]
    pub rounds: u32,
    /// Length of a trial
    #[arg(short, long, global = true, value_name = "TIME", default_value = "2s", value_parser = some_time)]
    pub duration: Duration,
    /// Load before a trial
    #[arg(long, global = true, value_name = "TIME", default_value = "500ms", value_parser = some_time)]
    pub warmup: Duration,
    /// Who drives keepalive and price
    #[arg(long, global = true, value_name = "WHO", default_value = "load", value_parser = ["load", "wrk"])]
    generator: String,
    /// Seed of the order [default: a new one, told]
    #[arg(long, global = true, value_name = "N")]
    pub seed: Option<u64>,
}

impl Options {
    fn generator(&self) -> Generator {
        match self.generator.as_str() {
            "wrk" => Generator::External(ExternalTool::Wrk),
            _ => Generator::Load(None),
        }
    }

    pub fn can_drive(&self) -> bool {
        self.generator() == Generator::Load(None) || ExternalTool::Wrk.is_installed()
    }
}

pub struct Contest<'a> {
    pub env: &'a TestEnv,
    pub cpus: Cpus,
    pub options: &'a Options,
    generator: Generator,
    pub trials: InterleavedRunner,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Requests {
    /// GETs that say nothing but their host.
    Plain,
    /// Requests for the same, but that do not take the shortcut past hyper.
    NotPlain,
}

#[derive(Debug, Clone, Copy)]
struct Trial {
    rps: f64,
    /// CPU microseconds a request: the server's, the generator's.
    server_us: f64,
    generator_us: f64,
}

pub struct Series {
    server: Server,
    trials: Vec<Trial>,
}

impl<'a> Contest<'a> {
    pub fn new(env: &'a TestEnv, options: &'a Options) -> Result<Self, Failure> {
        let trials = InterleavedRunner { rounds: options.rounds, seed: seed(options.seed) };
        Ok(Self { env, cpus: Cpus::choose()?, options, generator: options.generator(), trials })
    }

    pub fn print_command(&self, recipe: &str, more: &str) {
        let Options { rounds, duration, warmup, generator, .. } = self.options;
        println!(
            "again: just perf server {recipe} --rounds {rounds} --duration {} --warmup {} --generator \
             {} --seed {}{more}",
            in_words(*duration),
            in_words(*warmup),
            generator,
            self.trials.seed
        );
    }

    pub fn start(&self, server: Server) -> Result<RunningServer<'a>, Failure> {
        RunningServer::start(self.env, Some(self.cpus.server), server)
    }

    pub fn measure(&self, servers: &[Server], requests: Requests) -> Result<Vec<Series>, Failure> {
        println!(
            "{CONNECTIONS} kept connections, server on CPU {}, {} on CPU {}, {} × {:?} each, \
             interleaved; medians (range of the rounds)",
            self.cpus.server,
            self.options.generator,
            self.cpus.generator,
            self.options.rounds,
            self.options.duration
        );
        let results = self.trials.run(servers, |_, server| self.trial(*server, requests))?;
        let of_servers = servers.iter().zip(results);
        let all: Vec<_> = of_servers.map(|(&server, trials)| Series { server, trials }).collect();
        Series::print(&all);
        Ok(all)
    }

    fn trial(&self, server: Server, requests: Requests) -> Result<Trial, Failure> {
        let server = self.start(server)?;
        let more: &[&str] = match (requests, self.generator) {
            (Requests::Plain, _) => &[],
            (Requests::NotPlain, Generator::Load(_)) => &["--method", "HEAD"],
            (Requests::NotPlain, Generator::External(_)) => &["-H", "Connection: keep-alive"],
        };
        let drive = |length| {
            let cpu = self.cpus.generator;
            self.generator.drive(self.env, cpu, &server.url(), length, more)?.checked()
        };
        drive(self.options.warmup)?;
        let before = server.cpu()?;
        let driven = drive(self.options.duration)?;
        let used = server.cpu()?.saturating_sub(before);
        let each = |cpu: Duration| cpu.as_secs_f64() * 1e6 / driven.answers;
        Ok(Trial { rps: driven.rps, server_us: each(used), generator_us: each(driven.cpu) })
    }
}

impl Series {
    fn spread(&self, figure: impl Fn(&Trial) -> f64) -> Spread {
        Spread::of(self.trials.iter().map(figure))
    }

    /// Shares of the time in which the cores were busy: the server's, the generator's.
    fn busy(&self) -> (f64, f64) {
        let share = |us: fn(&Trial) -> f64| self.spread(|trial| us(trial) * trial.rps / 1e6).median;
        (share(|trial| trial.server_us), share(|trial| trial.generator_us))
    }

    fn print(all: &[Self]) {
        println!(
            "{:<20} {:<28} {:<26} {:>9} {:>16}",
            "", "requests/s", "server's CPU µs/request", "its core", "generator's core"
        );
        for series in all {
            let (server, generator) = series.busy();
            println!(
                "{:<20} {:<28} {:<26} {:>7.1} % {:>14.1} %",
                series.server.name(),
                format!("{:.0}", series.spread(|trial| trial.rps)),
                format!("{:.2}", series.spread(|trial| trial.server_us)),
                100.0 * server,
                100.0 * generator
            );
        }
        let disturbed: Vec<_> = all
            .iter()
            .filter(|series| series.busy().0.max(series.busy().1) < UNDISTURBED)
            .map(|series| series.server.name())
            .collect();
        if !disturbed.is_empty() {
            println!("  neither core was full, so others used them too: {}", disturbed.join("; "));
        }
    }
}

/// One server as a ratio to another, and the least ratio of requests a second, if there is one.
pub type Comparison = ((Server, Server), Option<f64>);

/// Prints ratios of servers, and judges them; `met` says what holds then.
pub fn compare(all: &[Series], comparisons: &[Comparison], met: &str) -> Result<(), Failure> {
    println!("{:<42} {:<24} {:<28} bound", "ratio", "requests/s", "requests a server CPU-second");
    let mut bounds = Bounds::default();
    for (pair, least) in comparisons {
        compare_pair(all, *pair, *least, &mut bounds);
    }
    bounds.verdict(met)
}

/// Round by round. Without trials of both there is nothing to compare.
fn compare_pair(
    all: &[Series],
    (above, below): (Server, Server),
    least: Option<f64>,
    bounds: &mut Bounds,
) {
    let find = |wanted| all.iter().find(|series| series.server == wanted);
    let (Some(a), Some(b)) = (find(above), find(below)) else { return };
    let figures = |series: &Series, figure: fn(&Trial) -> f64| -> Vec<f64> {
        series.trials.iter().map(figure).collect()
    };
    let ratio = |above: &Series, below: &Series, figure: fn(&Trial) -> f64| {
        Spread::of_ratios(figures(above, figure), figures(below, figure))
    };
    let rps = ratio(a, b, |trial| trial.rps);
    let name = format!("{} / {}", above.name(), below.name());
    let (words, note) = match least {
        Some(least) if rps.median >= least => (format!("≥ {least}: met"), ""),
        Some(least) => (format!("≥ {least}: not met"), limit(a, b)),
        None => ("none".to_owned(), ""),
    };
    println!(
        "{name:<42} {:<24} {:<28} {words}{note}",
        format!("{rps:.3}"),
        format!("{:.3}", ratio(b, a, |trial| trial.server_us)),
    );
    bounds.require(least.is_none_or(|least| rps.median >= least), || {
        format!("{name}: {:.3}, not {} or more", rps.median, least.unwrap_or_default())
    });
}

fn limit(a: &Series, b: &Series) -> &'static str {
    let is_limit = |(server, generator): (f64, f64)| generator >= BUSY && server < BUSY;
    if is_limit(a.busy()) || is_limit(b.busy()) {
        " (the generator limits: see server CPU-seconds)"
    } else {
        ""
    }
}

/// Reads a length of time that is not zero.
fn some_time(text: &str) -> Result<Duration, String> {
    let given = time(text).ok().filter(|time| !time.is_zero());
    given.ok_or_else(|| "give a time such as 500ms or 2s".to_owned())
}
