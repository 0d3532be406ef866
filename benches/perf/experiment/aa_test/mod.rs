//! `same`: a server compared with itself, again and again; counts how often the verdict claims a difference.
//!
//! Each comparison is a run of six blocks with two equal targets, judged at 95 %: one in twenty may err. The
//! bound is the upper end of the exact binomial 95 % range of claims. Fewer claims than its lower end break
//! no promise (intervals that are too wide err on the safe side), but are reported.
//!
//! A comparison takes about eight seconds, and few say little: of 20 even three claims are within the range.
//! `--save FILE` keeps each, and the next call continues after the last.

mod comparison;

use std::fmt::Write;
use std::fs;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use reports::stats::fairness::fair_band;

use crate::env::figures::Bounds;
use crate::env::{Failure, TestEnv, repeated, seed, time};
use comparison::{Claim, Comparison, saved};

/// One in so many comparisons of equal things may claim a difference.
const ONE_IN: usize = 20;

#[derive(clap::Args)]
pub struct Options {
    /// Begin comparisons for so long
    #[arg(long, value_name = "N", default_value = "15", value_parser = clap::value_parser!(u64).range(1..=1440))]
    minutes: u64,
    /// Length of a trial
    #[arg(short, long, value_name = "TIME", default_value = "400ms", value_parser = time)]
    duration: Duration,
    /// Seed of the first comparison's order; the others follow [default: a new one, told; after
    /// those of --save the next]
    #[arg(long, value_name = "N")]
    seed: Option<u64>,
    /// File for what is printed
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
    /// File that keeps each comparison; what it holds already counts
    #[arg(long, value_name = "FILE")]
    save: Option<PathBuf>,
}

pub fn run(env: &TestEnv, options: &Options) -> Result<(), Failure> {
    let mut all = options.save.as_deref().map_or(Ok(Vec::new()), saved)?;
    let last = all.last().map(|last: &Comparison| last.seed.wrapping_add(1));
    let mut next = seed(last.or(options.seed));
    let head = head(options, next);
    print!("{head}");
    for comparison in &all {
        println!("{comparison}");
    }
    let end = Instant::now() + Duration::from_secs(60 * options.minutes);
    let mut outcome = Ok(());
    while outcome.is_ok() && Instant::now() < end {
        outcome = Comparison::make(env, next, options.duration).and_then(|comparison| {
            println!("{comparison}");
            keep(options, comparison, &mut all, &head)
        });
        next = next.wrapping_add(1);
    }
    let summary = Summary::of(&all);
    print!("{}", summary.text);
    outcome?;
    summary.judge()
}

fn head(options: &Options, seed: u64) -> String {
    let length = humantime::format_duration(options.duration);
    format!(
        "again: {}\n\
         a server against itself: comparisons of 6 blocks, trials of {length}; b/a by throughput\n\
         {:>12} {:>7}  {:<16} verdict\n",
        repeated(Some(seed)),
        "seed",
        "ratio",
        "95 % interval"
    )
}

fn keep(
    options: &Options,
    comparison: Comparison,
    all: &mut Vec<Comparison>,
    head: &str,
) -> Result<(), Failure> {
    if let Some(file) = &options.save {
        comparison.save(file)?;
    }
    all.push(comparison);
    let Some(file) = &options.out else { return Ok(()) };
    let mut text = head.to_owned();
    for comparison in all.iter() {
        let _ = writeln!(text, "{comparison}");
    }
    text += &Summary::of(all).text;
    fs::write(file, text).map_err(Failure::cannot(format!("write {}", file.display())))
}

struct Summary {
    text: String,
    judged: usize,
    claims: usize,
    /// The most claims that there are 95 % of the time; `None` without a comparison.
    most: Option<u64>,
}

impl Summary {
    fn of(all: &[Comparison]) -> Self {
        let count = |claim| all.iter().filter(|comparison| comparison.claim == claim).count();
        let (faster, slower) = (count(Claim::Faster), count(Claim::Slower));
        let (same, without) = (count(Claim::Same), count(Claim::None));
        let (claims, judged) = (faster + slower, all.len() - without);
        let mut text = format!(
            "{judged} comparisons: {faster} faster, {slower} slower, {same} the same within 2 %\n"
        );
        if without > 0 {
            let _ = writeln!(text, "{without} more without a verdict: a trial was not valid");
        }
        // A claim comes as a connection comes to one of twenty workers: each time by one chance in
        // twenty. The band is in parts of the mean, by the exact binomial.
        let times = |part: f64| (part * judged as f64 / ONE_IN as f64).round() as u64;
        let band = fair_band(ONE_IN, judged as u64).map(|(low, high)| (times(low), times(high)));
        if let Some((low, high)) = band {
            let _ = writeln!(
                text,
                "{claims} claims of a difference; 95 % of the time there are {low} to {high} of them \
                 where one in {ONE_IN} errs"
            );
        }
        Self { text, judged, claims, most: band.map(|(_, high)| high) }
    }

    fn judge(&self) -> Result<(), Failure> {
        let Self { judged, claims, .. } = self;
        let most = self.most.ok_or_else(|| Failure::broken("no comparison was made"))?;
        let mut bounds = Bounds::default();
        bounds.require(*claims as u64 <= most, || {
            format!("{claims} of {judged} claim a difference, not {most} or fewer")
        });
        bounds.verdict(&format!("{claims} of {judged} claim a difference, at most {most} may"))
    }
}
