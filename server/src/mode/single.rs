//! `single`: one process binds, accepts and answers. The baseline that the others are compared with.
//!
//! | who binds | who accepts | who chooses |
//! |---|---|---|
//! | the process | the process | nobody |
//!
//! It says the same lines as a cluster, with its own process id as master and as worker 1, so that
//! scripts need not know the mode.

use crate::events::{Event, Events, Reason, Who};
use crate::listener::Listeners;
use crate::scoreboard::Scoreboard;
use crate::sys::process::{self, Ending, pid};
use crate::sys::signal::Signals;
use crate::worker::{Connections, Worker};
use crate::{Error, Plan};

/// Serves until a signal ends it.
pub(crate) fn run(plan: &Plan) -> Result<(), Error> {
    let mut events = Events::open(plan)?;
    process::raise_descriptor_limit()?;
    if let Some(cpu) = plan.cpu_of(1) {
        process::pin(&[cpu])?;
    }
    let mut listeners = Listeners::open(plan.listen, 1, plan.backlog)?;
    let signals = Signals::for_single()?;
    let slot = Scoreboard::new(1)?.claim(1).expect("a new pool has a free slot");
    let who = Who { id: 1, pid: pid(), generation: 0 };
    events.announce(plan, listeners.address);
    events.tell(&Event::Online(who));
    events.tell(&Event::Listening(who));
    let worker = Worker {
        id: 1,
        slot,
        signals,
        master: None,
        connections: Connections::Accepted(listeners.sockets.remove(0)),
        drain_timeout: plan.drain_timeout,
    };
    let code = worker.live();
    let (counts, cpu) = (slot.counts(), process::own_cpu_time());
    events.tell(&Event::Disconnect(who));
    events.tell(&Event::exit(who, Ending::Code(code), Reason::Drained, counts, cpu));
    events.tell(&Event::End { skips: 0 });
    Ok(())
}
