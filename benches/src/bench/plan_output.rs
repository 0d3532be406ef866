//! What is said before a run begins: how many trials, how long, and with `--plan` each of them.

use std::fmt::Write as _;
use std::io::{self, Write as _};

use super::placement::{self, topology::Topology};
use super::plan::Plan;
use super::progress::{in_words, row};
use crate::harness::process::cpu_list;

/// What will be done and how long it takes, before it begins.
pub fn announcement(plan: &Plan) -> String {
    let mut text = format!(
        "{}: {} trials ({} cells in {} blocks), about {}; seed {}",
        plan.name,
        plan.trials.len(),
        plan.cells.len(),
        plan.blocks,
        in_words(plan.estimate()),
        plan.seed
    );
    for note in &plan.notes {
        let _ = write!(text, "\nNote: {note}");
    }
    for skipped in &plan.skipped {
        let _ = write!(text, "\nSkipped: {}: {}", skipped.target, skipped.why);
    }
    text
}

/// `--plan`: prints every trial in its order.
pub fn print_trials(plan: &Plan, topology: &Topology) -> io::Result<()> {
    let mut text = announcement(plan);
    let workers: Vec<u32> = plan.cells.iter().map(|cell| cell.workers).collect();
    let _ = write!(text, "\n{}\n\n", placement::in_words(topology, &workers));
    let _ = writeln!(text, "trial  block  {:<12} {:<18} workers  CPUs", "workload", "mode");
    for planned in &plan.trials {
        let cell = &plan.cells[planned.cell];
        let cpus = placement::place(topology, cell.workers);
        let _ = writeln!(
            text,
            "{:>5}  {:>5}  {:<12} {:<18} {:>7}  server {}, generator {}{}",
            planned.order + 1,
            planned.block + 1,
            plan.workloads[cell.workload].name.get_ref().as_str(),
            row(&plan.target_of(cell).name, &cell.mode),
            cell.workers,
            cpu_list(&cpus.server),
            cpu_list(&cpus.load),
            if cell.oversubscribed { "; oversubscribed" } else { "" },
        );
    }
    match io::stdout().write_all(text.as_bytes()) {
        // `--plan | head` is no failure.
        Err(why) if why.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        other => other,
    }
}
