//! What holds the throughput back in the last second, in one line, by fixed rules. The report judges whole
//! trials by more (`reports::analysis::diagnosis`).

use reports::format::whole;

use server::status::ProcessState::{Full, Ready, Stalled, Stopped};

use super::cores::Spent;
use super::load::Figures;
use super::workers::{Bar, WorkerState};
use crate::demo::settings::{Load, Serving};

/// A core that is used to this share is busy.
const BUSY: f64 = 0.9;

/// Less than this share of all cores is no idleness.
const IDLE: f64 = 0.1;

/// An open loop that reaches this share of its rate keeps it.
const KEPT: f64 = 0.95;

#[derive(Debug)]
pub struct Inputs<'a> {
    pub serving: Serving,
    pub load: &'a Load,
    pub bars: &'a [Bar],
    pub figures: &'a Figures,
    pub cores: &'a Spent,
}

/// The line: the first rule that applies.
pub fn of(inputs: &Inputs<'_>) -> String {
    if inputs.load.paused {
        return "The load pauses: nothing is asked for.".to_owned();
    }
    [nobody_serves, frozen, generator, cores, uneven, rate]
        .into_iter()
        .find_map(|rule| rule(inputs))
        .unwrap_or_else(|| waiting(inputs))
}

fn nobody_serves(inputs: &Inputs<'_>) -> Option<String> {
    let serves =
        inputs.bars.iter().any(|bar| matches!(bar.state, WorkerState::Process(Ready | Full)));
    (!serves).then(|| "No worker serves: requests wait, or fail.".to_owned())
}

fn frozen(inputs: &Inputs<'_>) -> Option<String> {
    let frozen: Vec<&Bar> = inputs
        .bars
        .iter()
        .filter(|bar| matches!(bar.state, WorkerState::Process(Stopped | Stalled)))
        .collect();
    let first = frozen.first()?;
    let open: u64 = frozen.iter().map(|bar| bar.open).sum();
    let (who, whose) = match frozen.len() {
        1 => (format!("Worker {} stands", first.id), "its"),
        many => (format!("{many} workers stand"), "their"),
    };
    Some(format!(
        "{who} still: {whose} clients on {open} open connections wait, new ones go to the others."
    ))
}

fn generator(inputs: &Inputs<'_>) -> Option<String> {
    let Spent { generator, idle, .. } = *inputs.cores;
    (generator >= BUSY).then(|| {
        format!(
            "The generator is the limit: its one thread uses {generator:.2} of a core, and {idle:.2} \
             cores are idle. More workers would not help."
        )
    })
}

fn cores(inputs: &Inputs<'_>) -> Option<String> {
    let Spent { of, server, generator, other, steal, idle, .. } = *inputs.cores;
    (idle < IDLE * of).then(|| {
        let others = other + steal;
        let cost = match inputs.figures.rps {
            rps if rps > 0.0 => format!(
                ": {} requests a second = {server:.2} server cores ÷ {:.0} µs a request",
                whole(rps),
                server / rps * 1e6
            ),
            _ => String::new(),
        };
        format!(
            "All {of:.0} cores are busy (server {server:.2}, generator {generator:.2}, others \
             {others:.2}){cost}."
        )
    })
}

fn uneven(inputs: &Inputs<'_>) -> Option<String> {
    let busiest = inputs.bars.iter().max_by(|one, other| one.cpu.total_cmp(&other.cpu))?;
    let rest = inputs.bars.len().checked_sub(1).filter(|rest| *rest > 0)?;
    let others: f64 = inputs.bars.iter().map(|bar| bar.cpu).sum::<f64>() - busiest.cpu;
    let mean = others / rest as f64;
    (busiest.cpu >= BUSY && mean < BUSY / 2.0).then(|| {
        format!(
            "Worker {} is busy ({:.2} of a core), the others use {mean:.2} each: the connections are \
             uneven, not the cores too few.",
            busiest.id, busiest.cpu
        )
    })
}

fn rate(inputs: &Inputs<'_>) -> Option<String> {
    let rate = inputs.load.rate?;
    let Figures { rps, .. } = *inputs.figures;
    Some(if rps >= KEPT * rate {
        format!(
            "The rate of {} a second is kept; {:.2} cores are idle.",
            whole(rate),
            inputs.cores.idle
        )
    } else {
        format!(
            "Of {} requests due a second {} are answered, with {:.2} cores idle: they wait for free \
             connections or slow answers.",
            whole(rate),
            whole(rps),
            inputs.cores.idle
        )
    })
}

/// A closed loop with cores to spare.
fn waiting(inputs: &Inputs<'_>) -> String {
    let connections = inputs.load.connections;
    let workers = inputs.serving.workers;
    format!(
        "{:.2} cores are idle: in a closed loop {connections} connections ask {workers} worker{} no \
         more than one request each at a time.",
        inputs.cores.idle,
        if workers == 1 { "" } else { "s" }
    )
}

#[cfg(test)]
mod tests {
    use server::Mode;
    use server::events::ProcessId;
    use server::scoreboard::Counts;

    use super::*;

    const READY: WorkerState = WorkerState::Process(Ready);

    fn bar(id: u32, state: WorkerState, cpu: f64) -> Bar {
        let process = ProcessId { id, pid: 70 + id, generation: 0 };
        Bar { open: 8, cpu, ..Bar::new(process, state, &Counts::default()) }
    }

    fn line(load: &Load, bars: &[Bar], rps: f64, server: f64, generator: f64) -> String {
        let cores = Spent {
            of: 2.0,
            server,
            generator,
            idle: 2.0 - server - generator,
            ..Spent::default()
        };
        let figures = Figures { rps, ..Figures::default() };
        let serving = Serving { mode: Mode::Reuseport, workers: bars.len() as u32 };
        of(&Inputs { serving, load, bars, figures: &figures, cores: &cores })
    }

    #[test]
    fn each_rule_has_its_line_and_the_first_that_applies_is_told() {
        let closed = Load::default();
        let paused = Load { paused: true, ..closed.clone() };
        let open = Load { rate: Some(500.0), ..closed.clone() };
        let ready = [bar(1, READY, 0.4), bar(2, READY, 0.4)];
        let frozen = [bar(1, READY, 0.4), bar(2, WorkerState::Process(Stopped), 0.0)];
        let uneven = [bar(1, READY, 0.95), bar(2, READY, 0.1)];
        for (said, wanted) in [
            (line(&paused, &ready, 0.0, 0.0, 0.0), "The load pauses"),
            (line(&closed, &[bar(1, WorkerState::Down, 0.0)], 0.0, 0.0, 0.0), "No worker serves"),
            (line(&closed, &frozen, 0.0, 0.4, 0.2), "Worker 2 stands still: its clients on 8 open"),
            (line(&closed, &ready, 50e3, 0.7, 0.95), "The generator is the limit"),
            (
                line(&closed, &ready, 50e3, 1.25, 0.7),
                ": 50,000 requests a second = 1.25 server cores ÷ 25 µs a request",
            ),
            (line(&closed, &uneven, 9e3, 1.05, 0.5), "Worker 1 is busy"),
            (line(&open, &ready, 499.0, 0.1, 0.1), "The rate of 500 a second is kept; 1.80"),
            (line(&open, &ready, 100.0, 0.1, 0.1), "Of 500 requests due a second 100 are answered"),
            (line(&closed, &ready, 900.0, 0.1, 0.1), "32 connections ask 2 workers"),
        ] {
            assert!(said.contains(wanted), "{said}");
            assert!(said.ends_with('.') && !said.contains('\n'), "{said}");
        }
    }
}
