//! How often is a difference claimed where there is none? The same program on both sides (A/A),
//! through the whole way from a record to its verdicts.

use reports::analysis::Analysis;
use reports::analysis::contrasts::Question;
use reports::record::{
    Cpus, Environment, Outcome, Record, SCHEMA, Suite, Trial, TrialResult, Workload,
};
use reports::stats::ratio::Verdict;

use super::{Shape, World};

/// The deviation of a trial's throughput from its mean.
const NOISE: f64 = 0.03;

/// False claims among comparisons of two equal systems, each from a record of its own.
pub fn single(comparisons: u32, blocks: u32, seed: u64) -> u32 {
    let mut world = World::new(seed);
    (0..comparisons).map(|_| u32::from(false_claims(&mut world, 2, blocks) > 0)).sum()
}

/// Pages with at least one false claim, each comparing all pairs of several equal systems.
pub fn pages(pages: u32, systems: u32, blocks: u32, seed: u64) -> u32 {
    let mut world = World::new(seed);
    (0..pages).map(|_| u32::from(false_claims(&mut world, systems, blocks) > 0)).sum()
}

fn false_claims(world: &mut World, systems: u32, blocks: u32) -> usize {
    let record = record(world, systems, blocks);
    let analysis = Analysis::of(&record);
    let contrasts = analysis.workloads.iter().flat_map(|workload| &workload.contrasts);
    contrasts
        .filter(|contrast| contrast.question == Question::Throughput)
        .filter(|contrast| matches!(contrast.ratio.verdict(), Verdict::More | Verdict::Less))
        .count()
}

/// A record of systems that differ in nothing but their names.
fn record(world: &mut World, systems: u32, blocks: u32) -> Record {
    let mut trials = Vec::new();
    for block in 0..blocks {
        let day = 0.05 * world.noise(Shape::Normal);
        for system in 0..systems {
            let rps = 1e5 * (day + NOISE * world.noise(Shape::Normal)).exp();
            trials.push(trial(format!("system-{system}"), block, trials.len() as u32, rps));
        }
    }
    let hello = Workload { name: "hello".to_owned(), ..Workload::default() };
    Record {
        schema: SCHEMA,
        id: String::new(),
        created: String::new(),
        command: String::new(),
        seed: 0,
        suite: Suite { blocks, workloads: vec![hello], ..Suite::default() },
        environment: Environment::default(),
        trials,
        lab: None,
        condensed: None,
    }
}

fn trial(target: String, block: u32, order: u32, throughput_rps: f64) -> Trial {
    let result = TrialResult { throughput_rps, valid: true, ..TrialResult::default() };
    Trial {
        target,
        mode: String::new(),
        workers: 2,
        workload: "hello".to_owned(),
        connections: 64,
        rate: None,
        oversubscribed: false,
        block,
        order,
        cpus: Cpus::default(),
        outcome: Outcome::Result(Box::new(result)),
    }
}
