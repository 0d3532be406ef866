//! The inputs of a trial: a plan whose workloads have been sized for this machine.

use reports::record::Workload;

use super::order::Planned;
use super::{Cell, Plan};
use crate::harness::target::spec::TargetSpec;

/// A plan with the paths and rates that calibration gave its workloads.
#[derive(Debug)]
pub struct SizedPlan<'a> {
    plan: &'a Plan,
    workloads: Vec<Workload>,
}

/// What one trial measures.
#[derive(Debug, Clone, Copy)]
pub struct Inputs<'a> {
    /// The point that is measured.
    pub cell: &'a Cell,
    /// The server.
    pub target: &'a TargetSpec,
    /// What is asked of it.
    pub workload: &'a Workload,
    /// The trial's place in the plan.
    pub planned: Planned,
    /// Seed of random arrivals and of a mix's order: the same for all cells of a block, so that they
    /// get the same requests at the same times.
    pub seed: u64,
}

impl<'a> SizedPlan<'a> {
    /// A plan with its workloads, sized, in the plan's order.
    pub fn new(plan: &'a Plan, workloads: Vec<Workload>) -> Self {
        Self { plan, workloads }
    }

    /// The inputs of each trial, in the order in which they run.
    pub fn trials(&self) -> impl Iterator<Item = Inputs<'_>> {
        self.plan.trials.iter().map(|planned| {
            let cell = &self.plan.cells[planned.cell];
            Inputs {
                cell,
                target: self.plan.target_of(cell),
                workload: &self.workloads[cell.workload],
                planned: *planned,
                seed: self.plan.seed.wrapping_add(u64::from(planned.block)),
            }
        })
    }
}
