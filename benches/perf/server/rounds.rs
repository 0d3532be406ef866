//! Contenders in turns: each round has a trial of every one, in an order drawn from the seed, and
//! each trial a fresh server and a fresh generator. What is compared are two trials of one round.
//!
//! Either core may be the limit. So beside requests a second there is what a request costs the
//! server in CPU time: that ratio stands even where the generator limits. A core's share of the time
//! in which it was busy is the cost of a request times their rate.
//!
//! Next: the measurements in `recipes/`.

use std::time::Duration;

use clap::builder::RangedU64ValueParser;
use rand::SeedableRng;
use rand::seq::SliceRandom;
use rand_chacha::ChaCha8Rng;

use crate::contender::Contender;
use crate::cpus::Cpus;
use crate::generator::{CONNECTIONS, Generator, Requests};
use crate::server::Server;
use crate::stage::figures::{Bounds, Spread};
use crate::stage::{Failure, Stage};

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
    #[arg(short, long, global = true, value_name = "TIME", default_value = "2s", value_parser = time)]
    pub duration: Duration,
    /// Load before a trial
    #[arg(long, global = true, value_name = "TIME", default_value = "500ms", value_parser = time)]
    pub warmup: Duration,
    /// Who drives keepalive and price
    #[arg(long, global = true, value_name = "WHO", default_value = "load")]
    pub generator: Generator,
    /// Seed of the order [default: a new one, told]
    #[arg(long, global = true, value_name = "N")]
    pub seed: Option<u64>,
}

/// Where contenders meet.
pub struct Arena<'a> {
    /// The stage.
    pub stage: &'a Stage,
    /// Who runs where.
    pub cpus: Cpus,
    /// How often and how long.
    pub options: &'a Options,
    /// The seed of the order.
    pub seed: u64,
}

/// What one trial came to.
#[derive(Debug, Clone, Copy)]
struct Trial {
    /// Requests a second.
    rps: f64,
    /// CPU microseconds a request: the server's, the generator's.
    server_us: f64,
    generator_us: f64,
}

/// A contender's trials, a round each.
pub struct Series {
    contender: Contender,
    trials: Vec<Trial>,
}

impl<'a> Arena<'a> {
    /// Opens it.
    pub fn open(stage: &'a Stage, options: &'a Options) -> Result<Self, Failure> {
        let since = std::time::SystemTime::UNIX_EPOCH.elapsed().unwrap_or_default();
        let seed = options.seed.unwrap_or_else(|| u64::from(since.subsec_nanos()));
        Ok(Self { stage, cpus: Cpus::choose()?, options, seed })
    }

    /// Says which command repeats a measurement, and how it is made.
    pub fn tell_command(&self, recipe: &str, more: &str) {
        let Options { rounds, duration, warmup, generator, .. } = self.options;
        println!(
            "again: just perf server {recipe} --rounds {rounds} --duration {} --warmup {} --generator \
             {} --seed {}{more}",
            humantime::format_duration(*duration),
            humantime::format_duration(*warmup),
            generator.word(),
            self.seed
        );
    }

    /// Does `trial` with each of `count` things a round, every round in an order of its own.
    pub fn take_turns(
        &self,
        count: usize,
        mut trial: impl FnMut(usize) -> Result<(), Failure>,
    ) -> Result<(), Failure> {
        let mut chance = ChaCha8Rng::seed_from_u64(self.seed);
        for _ in 0..self.options.rounds {
            let mut order: Vec<usize> = (0..count).collect();
            order.shuffle(&mut chance);
            for index in order {
                trial(index)?;
            }
        }
        Ok(())
    }

    /// Has contenders take turns with these requests, and prints what each came to.
    pub fn measure(
        &self,
        contenders: &[Contender],
        requests: Requests,
    ) -> Result<Vec<Series>, Failure> {
        println!(
            "{CONNECTIONS} kept connections, server on CPU {}, {} on CPU {}, {} × {:?} each, \
             interleaved; medians (range of the rounds)",
            self.cpus.server,
            self.options.generator.word(),
            self.cpus.generator,
            self.options.rounds,
            self.options.duration
        );
        let mut all: Vec<Series> =
            contenders.iter().map(|&contender| Series { contender, trials: Vec::new() }).collect();
        self.take_turns(all.len(), |index| {
            let series = &mut all[index];
            series.trials.push(self.trial(series.contender, requests)?);
            Ok(())
        })?;
        Series::print(&all);
        Ok(all)
    }

    fn trial(&self, contender: Contender, requests: Requests) -> Result<Trial, Failure> {
        let Self { stage, cpus, options, .. } = self;
        let server = Server::start(stage, cpus, contender)?;
        let drive = |length| options.generator.drive(stage, cpus, &server.url(), length, requests);
        drive(options.warmup)?;
        let before = server.cpu()?;
        let driven = drive(options.duration)?;
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
                series.contender.name(),
                format!("{:.0}", series.spread(|trial| trial.rps)),
                format!("{:.2}", series.spread(|trial| trial.server_us)),
                100.0 * server,
                100.0 * generator
            );
        }
        let disturbed: Vec<_> = all
            .iter()
            .filter(|series| series.busy().0.max(series.busy().1) < UNDISTURBED)
            .map(|series| series.contender.name())
            .collect();
        if !disturbed.is_empty() {
            println!("  neither core was full, so others used them too: {}", disturbed.join("; "));
        }
    }
}

/// Prints the head of the table of ratios.
pub fn print_ratio_head() {
    println!("{:<42} {:<24} {:<28} bound", "ratio", "requests/s", "requests a server CPU-second");
}

/// Prints one contender as a ratio to another, round by round, and holds requests a second against
/// a bound if there is one. Without trials of both there is nothing to compare.
pub fn compare(
    all: &[Series],
    (above, below): (Contender, Contender),
    least: Option<f64>,
    bounds: &mut Bounds,
) {
    let find = |wanted| all.iter().find(|series| series.contender == wanted);
    let (Some(a), Some(b)) = (find(above), find(below)) else { return };
    let ratio = |figure: fn(&Trial, &Trial) -> f64| {
        Spread::of(a.trials.iter().zip(&b.trials).map(|(a, b)| figure(a, b)))
    };
    let rps = ratio(|a, b| a.rps / b.rps);
    let name = format!("{} / {}", above.name(), below.name());
    let (words, note) = match least {
        Some(least) if rps.median >= least => (format!("≥ {least}: met"), ""),
        Some(least) => (format!("≥ {least}: not met"), limit(a, b)),
        None => ("none".to_owned(), ""),
    };
    println!(
        "{name:<42} {:<24} {:<28} {words}{note}",
        format!("{rps:.3}"),
        format!("{:.3}", ratio(|a, b| b.server_us / a.server_us)),
    );
    bounds.require(least.is_none_or(|least| rps.median >= least), || {
        format!("{name}: {:.3}, not {} or more", rps.median, least.unwrap_or_default())
    });
}

/// A note where the generator, and not the server, was the limit.
fn limit(a: &Series, b: &Series) -> &'static str {
    let generator_limits = |series: &Series| {
        let (server, generator) = series.busy();
        generator >= BUSY && server < BUSY
    };
    if generator_limits(a) || generator_limits(b) {
        " (the generator limits: see server CPU-seconds)"
    } else {
        ""
    }
}

/// Reads a length of time.
fn time(text: &str) -> Result<Duration, String> {
    let time = humantime::parse_duration(text).ok().filter(|time| !time.is_zero());
    time.ok_or_else(|| "give a time such as 500ms or 2s".to_owned())
}
