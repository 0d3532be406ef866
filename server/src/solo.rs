//! The life of a cluster that is one process: modes `single` and `threads`.
//!
//! It says the same lines as a cluster with a master, with its own process id as master and as
//! worker 1, so that scripts need not know the mode.

use std::time::Instant;

use crate::events::log::EventLog;
use crate::events::{DisconnectReason, Event, ExitReason, ProcessId};
use crate::listener::Group;
use crate::mode::{single, threads};
use crate::scoreboard::Scoreboard;
use crate::status::door::Door;
use crate::status::{ProcessState, ProcessStatus, Snapshot};
use crate::sys::notify::{Notice, Notifier};
use crate::sys::process::{self, Ending, pid};
use crate::sys::signal::Signals;
use crate::worker::{Terms, Worker};
use crate::{Error, Mode, Plan};

pub(crate) fn run(plan: &Plan) -> Result<(), Error> {
    let epoch = Instant::now();
    let mut events = EventLog::open(plan)?;
    process::raise_descriptor_limit()?;
    if !plan.cpus.is_empty() {
        let first = plan.workers.min(plan.cpus.len() as u32) as usize;
        process::pin(&plan.cpus[..first])?;
    }
    // Before there is a file to remove on every way out.
    let signals = Signals::for_single()?;
    let mut group = Group::open(&plan.listen, plan.backlog)?;
    let slot = Scoreboard::new(1)?.claim(1).expect("a new pool has a free slot");
    let who = ProcessId { id: 1, pid: pid(), generation: 0 };
    let notifier = Notifier::open();
    // Before anybody learns that there is something to ask.
    let door = Door::open(&group.address);
    events.announce(plan, &group.address);
    events.emit(Event::Online(who));
    events.emit(Event::Listening(who));
    notifier.tell(Notice::Ready, &format!("{} serves on {}", plan.mode, group.address));
    let (mode, workers) = (plan.mode, plan.workers);
    let address = group.address.clone();
    let snapshot = move || Snapshot {
        mode,
        address: address.clone(),
        pid: who.pid,
        uptime_s: epoch.elapsed().as_secs_f64(),
        workers,
        waiting: 0,
        skips: 0,
        // It was born with the cluster.
        rows: vec![ProcessStatus::of(who, ProcessState::Ready, slot, epoch, 0, slot.counts())],
        totals: Vec::new(),
        admin: None,
    };
    let worker = Worker {
        id: 1,
        slot,
        signals,
        master: None,
        file: group.file.take(),
        socket: Some(group.sockets.remove(0)),
        terms: Terms::of(plan, group.address.family(), epoch),
        door: door.map(|door| (door, Box::new(snapshot) as _)),
    };
    let runtime = match plan.mode {
        Mode::Threads => threads::runtime(plan.workers, &plan.cpus),
        _ => single::runtime(),
    };
    let code = worker.live(runtime);
    notifier.tell(Notice::Stopping, "ending");
    events.emit(Event::Disconnect { process: who, reason: DisconnectReason::Stop });
    let (counts, cpu) = (slot.counts(), process::own_cpu_time());
    events.emit(Event::exit(who, Ending::Code(code), ExitReason::Drained, counts, cpu));
    events.emit(Event::End { skips: 0 });
    Ok(())
}
