//! Proofs that the statistics keep their promise, on simulated trials whose truth is known. Each
//! proof's figures are kept in a file of their own; a proof whose file is there is not run again,
//! so that an interrupted run goes on where it was.
//!
//! `just prove`; delete a file to prove it again.

use std::path::Path;
use std::process::ExitCode;

use reports_testing::simulation::Shape::{self, Mixture, Normal, Quiet, Skewed};
use reports_testing::simulation::coverage::{Case, between, within};
use reports_testing::simulation::drift::Order;
use reports_testing::simulation::{claims, dealing, drift};

/// A proof: its name, what it shows, and the function that gives its figures and whether they hold.
type Proof = (&'static str, &'static str, fn() -> (String, bool));

const PROOFS: [Proof; 4] = [
    ("coverage", "95 % intervals hold the truth", coverage),
    ("claims", "false claims are as rare as promised", claims),
    ("drift", "blocks take a drifting machine out of a ratio", drift),
    ("dealing", "unfair dealing is found, fair dealing left in peace", dealing),
];

fn main() -> ExitCode {
    let folder = std::env::args().nth(1).unwrap_or_else(|| "docs/proofs".to_owned());
    match prove(Path::new(&folder)) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::from(1),
        Err(error) => {
            eprintln!("prove: cannot write to {folder}: {error}");
            ExitCode::from(3)
        }
    }
}

fn prove(folder: &Path) -> std::io::Result<bool> {
    std::fs::create_dir_all(folder)?;
    let mut all_hold = true;
    for (name, claim, proof) in PROOFS {
        let file = folder.join(format!("{name}.txt"));
        let text = if let Ok(text) = std::fs::read_to_string(&file) {
            text
        } else {
            let (figures, holds) = proof();
            let end = if holds { "HOLDS" } else { "DOES NOT HOLD" };
            let text = format!("{name}: {claim}\n\n{figures}\n{end}\n");
            std::fs::write(&file, &text)?;
            text
        };
        all_hold &= text.ends_with("\nHOLDS\n");
        println!("{text}");
    }
    Ok(all_hold)
}

fn percent(share: f64) -> String {
    format!("{:.2} %", 100.0 * share)
}

/// A line of the proof of coverage: its name, the simulation, both shapes, blocks, and what is asked.
type Line = (&'static str, fn(Case, u32, u64) -> f64, (Shape, Shape), u32, Option<(f64, f64)>);

fn coverage() -> (String, bool) {
    const RUNS: u32 = 100_000;
    // What is asked for where something is; the last lines tell where intervals fail.
    let cases: [Line; 13] = [
        ("within blocks, normal", within, (Normal, Normal), 6, Some((0.94, 0.96))),
        ("within blocks, normal", within, (Normal, Normal), 12, Some((0.94, 0.96))),
        ("within blocks, both skewed", within, (Skewed, Skewed), 6, Some((0.93, 1.0))),
        ("within blocks, both skewed", within, (Skewed, Skewed), 12, Some((0.93, 1.0))),
        ("within blocks, both mixtures", within, (Mixture, Mixture), 6, Some((0.93, 1.0))),
        ("between runs, normal", between, (Normal, Normal), 6, Some((0.94, 0.96))),
        ("between runs, both skewed", between, (Skewed, Skewed), 6, Some((0.93, 1.0))),
        ("within blocks, one skewed", within, (Skewed, Normal), 6, None),
        ("within blocks, one a mixture", within, (Mixture, Normal), 6, None),
        ("within blocks, one skewed, one quiet", within, (Skewed, Quiet), 6, None),
        ("within blocks, one skewed, one quiet", within, (Skewed, Quiet), 24, None),
        ("within blocks, one a mixture, one quiet", within, (Mixture, Quiet), 6, None),
        ("within blocks, one a mixture, one quiet", within, (Mixture, Quiet), 24, None),
    ];
    let mut lines = vec![format!("{RUNS} simulated comparisons a line")];
    let mut holds = true;
    for (index, (name, method, shapes, blocks, asked)) in cases.into_iter().enumerate() {
        let share = method(Case { shapes, blocks }, RUNS, index as u64);
        let wanted = asked
            .map_or("nothing, unlike shapes are where they fail".to_owned(), |(low, high)| {
                format!("{} to {}", percent(low), percent(high))
            });
        holds &= asked.is_none_or(|(low, high)| (low..=high).contains(&share));
        let share = percent(share);
        lines.push(format!("{name}, {blocks} blocks: {share} (asked for: {wanted})"));
    }
    (lines.join("\n") + "\n", holds)
}

fn claims() -> (String, bool) {
    const RUNS: u32 = 20_000;
    let two_hundred = claims::single(200, 6, 1);
    let many = claims::single(RUNS, 6, 2);
    let pages = claims::pages(RUNS / 4, 6, 6, 3);
    let share = |count: u32, of: u32| f64::from(count) / f64::from(of);
    // Three standard errors of a binomial share of 5 %.
    let error = |of: u32| 3.0 * (0.05 * 0.95 / f64::from(of)).sqrt();
    let text = format!(
        "200 comparisons of a system with itself, 6 blocks: {two_hundred} false claims\n\
         {RUNS} comparisons: {} false claims (5 % ± {})\n\
         {} pages with all 15 pairs of 6 equal systems: on {} of them any false claim (at most 5 %)\n",
        percent(share(many, RUNS)),
        percent(error(RUNS)),
        RUNS / 4,
        percent(share(pages, RUNS / 4)),
    );
    let near = |count: u32, of: u32| (share(count, of) - 0.05).abs() <= error(of);
    let family = share(pages, RUNS / 4) <= 0.05 + error(RUNS / 4);
    (text, near(two_hundred, 200) && near(many, RUNS) && family)
}

fn drift() -> (String, bool) {
    const RUNS: u32 = 10_000;
    let blocked = drift::within_one_per_cent(Order::Blocked, 12, RUNS, 1);
    let sequential = drift::within_one_per_cent(Order::Sequential, 12, RUNS, 1);
    let text = format!(
        "two equal cells on a machine that loses 10 % during the run, 12 blocks, {RUNS} runs\n\
         randomised blocks: {} of the ratios are within 1 % of the truth\n\
         all of A, then all of B: {}\n",
        percent(blocked),
        percent(sequential)
    );
    (text, blocked > 0.999 && sequential < 0.001)
}

fn dealing() -> (String, bool) {
    const RUNS: u32 = 10_000;
    let share = |count: u32, runs: u32| f64::from(count) / f64::from(runs);
    let found = share(dealing::called_biased(&dealing::SKEWED, 256, 1, RUNS, 1), RUNS);
    let mut lines = vec![format!(
        "70 % of 256 connections in 2 of 8 workers, one trial: called unfair in {}",
        percent(found)
    )];
    let mut holds = found >= 0.99;
    for (connections, trials, runs) in [(256, 1, RUNS), (256, 6, RUNS), (16, 1, 1000), (16, 6, 400)]
    {
        let called = dealing::called_biased(&dealing::FAIR, connections, trials, runs, 2);
        lines.push(format!(
            "a fair hash, {connections} connections on 8 workers, {}: called unfair in {}",
            if trials == 1 { "one trial".to_owned() } else { format!("{trials} trials") },
            percent(share(called, runs))
        ));
        holds &= share(called, runs) <= 0.05;
    }
    (lines.join("\n") + "\n", holds)
}
