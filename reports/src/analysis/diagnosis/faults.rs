//! Causes that are faults: something is wrong with the server or with how it was set up. Each rule
//! is a function of its own with its thresholds beside it.

use super::{Cause, Evidence, Finding};
use crate::format;
use crate::record::Quota;
use crate::stats::fairness::{chance_cv, spread};

/// All rules that hold.
pub(super) fn all(evidence: &Evidence<'_>) -> Vec<Finding> {
    let stalled = stalled_worker(evidence);
    let quota = quota(evidence);
    // A worker that stands still fills its queue and starves its connections; a quota makes all
    // wait: what they alone explain is not blamed on others.
    let sound = stalled.is_none();
    let mut found = vec![small_backlog(evidence), few_connections(evidence), acceptor(evidence)];
    found.retain(|_| sound);
    let handler = slow_handler(evidence).filter(|_| sound && quota.is_none());
    found.extend([stalled, quota, neighbour(evidence), handler]);
    found.into_iter().flatten().collect()
}

/// A worker is stopped (state `T`), or uses less than 2 % of what the busiest does although it has
/// connections or requests are left without an answer.
fn stalled_worker(evidence: &Evidence<'_>) -> Option<Finding> {
    const STILL: f64 = 0.02;
    let workers = &evidence.result.workers;
    let busiest = workers.iter().map(|w| w.cpu_user_s + w.cpu_sys_s).fold(0.0, f64::max);
    let errors = &evidence.result.errors;
    let unanswered = errors.timeout + errors.unanswered > 0;
    let stalled: Vec<String> = workers
        .iter()
        .filter(|worker| {
            let used = worker.cpu_user_s + worker.cpu_sys_s;
            let still = busiest > 0.1 * evidence.elapsed_s && used < STILL * busiest;
            worker.state == "T" || (still && (worker.connections > 0 || unanswered))
        })
        .map(|worker| worker.id.map_or("one worker".to_owned(), |id| format!("worker {id}")))
        .collect();
    (!stalled.is_empty()).then(|| {
        let loss = stalled.len() as f64 / workers.len() as f64;
        let who = format::listed(&stalled);
        let words = format!("{who} had connections or requests waiting and used no CPU");
        Finding::new(Cause::StalledWorker, loss, words)
    })
}

/// The group was stopped in a tenth of the periods or more.
fn quota(evidence: &Evidence<'_>) -> Option<Finding> {
    const NOTABLE: f64 = 0.10;
    let quota = evidence.result.cpu.quota.filter(|quota| quota.periods > 0)?;
    let share = quota.throttled as f64 / quota.periods as f64;
    (share >= NOTABLE).then(|| {
        let Quota { throttled, periods, .. } = quota;
        let cpus = format::significant(quota.limit_cores);
        let words = format!(
            "a bound of {cpus} CPUs stopped the server in {throttled} of {periods} periods"
        );
        Finding::new(Cause::Quota, share.min(1.0), words)
    })
}

/// Strangers took a tenth of the machine, or a fifth of what the workers can use while these had
/// to wait for a CPU for a seventh of the time.
fn neighbour(evidence: &Evidence<'_>) -> Option<Finding> {
    const OF_MACHINE: f64 = 0.10;
    const OF_USABLE: f64 = 0.20;
    const WAITING: f64 = 0.15;
    let waited = (evidence.wanted - evidence.at_work) / evidence.usable;
    let taken = evidence.strangers;
    let many = taken > OF_MACHINE * evidence.cores;
    let pressing = taken > OF_USABLE * evidence.usable && waited > WAITING;
    (evidence.cores > 0.0 && (many || pressing)).then(|| {
        let loss = (taken / evidence.cores).min(1.0);
        let [taken, all] = [taken, evidence.cores].map(format::cores);
        Finding::new(Cause::Neighbour, loss, format!("others took {taken} of {all} cores"))
    })
}

/// The queue was found full for one connection in a hundred or more, or so often that clients spent a
/// tenth of their time on trying again, which takes a second (RFC 6298, 2.1); and it has less room
/// than there are connections, or was seen full: the kernel's counter is not of this server alone.
/// Where each request has a connection, the few that get through make so many that those who wait
/// are a small share of them.
fn small_backlog(evidence: &Evidence<'_>) -> Option<Finding> {
    const OF_CONNECTIONS: f64 = 0.01;
    const OF_TIME: f64 = 0.1;
    const AGAIN_S: f64 = 1.0;
    let accept = evidence.result.accept.as_ref().filter(|accept| accept.overflows > 0)?;
    let opened = evidence.result.lifetime.connections.max(1);
    let clients = evidence.trial.connections;
    let own = accept.backlog < clients || accept.longest >= accept.backlog;
    let refused = accept.overflows as f64;
    let waited = AGAIN_S * refused / (f64::from(clients.max(1)) * evidence.elapsed_s);
    let notable = refused >= OF_CONNECTIONS * opened as f64 || waited >= OF_TIME;
    (notable && own).then(|| {
        let loss = (refused / (opened as f64 + refused)).max(waited.min(1.0));
        let (room, times) = (accept.backlog, format::count(accept.overflows, "time"));
        let opened = format::count(opened, "connection");
        let words = format!("the queue of {room} was found full {times}, for {opened} in the end");
        Finding::new(Cause::SmallBacklog, loss, words)
    })
}

/// Fewer than two connections a worker in a closed loop: a worker idles while its one client reads.
/// Or so few that chance leaves a deviation of a quarter, the busiest worker has a quarter more than
/// its share, and the idlest uses less than four fifths of its CPU time. Workers that are saturated
/// have connections enough, however they got them.
fn few_connections(evidence: &Evidence<'_>) -> Option<Finding> {
    const DEVIATION: f64 = 0.25;
    const UNEVEN: f64 = 1.25;
    const IDLER: f64 = 0.8;
    if !evidence.accounted() || evidence.saturation() >= 0.85 {
        return None;
    }
    let (clients, workers) = (evidence.trial.connections, evidence.trial.workers);
    let counts: Vec<u64> = evidence.result.workers.iter().map(|w| w.connections).collect();
    let used = evidence.result.workers.iter().map(|w| w.cpu_user_s + w.cpu_sys_s);
    let idler = used.clone().fold(f64::INFINITY, f64::min) < IDLER * used.fold(0.0, f64::max);
    let uneven = spread(&counts).filter(|s| {
        let times_even = s.busiest * s.workers as f64;
        idler && s.range > 1 && chance_cv(s.workers, s.total) > DEVIATION && times_even >= UNEVEN
    });
    let shares = counts.iter().map(u64::to_string).collect::<Vec<_>>().join(", ");
    if let Some(spread) = uneven {
        let loss = 1.0 - 1.0 / (spread.busiest * spread.workers as f64);
        let words = format!("the workers got {shares} connections");
        return Some(Finding::new(Cause::FewConnections, loss, words));
    }
    let few = evidence.closed_loop() && clients < 2 * workers;
    few.then(|| {
        let loss = 1.0 - f64::from(clients) / f64::from(2 * workers);
        let connections = format::count(u64::from(clients), "connection");
        let workers = format::count(u64::from(workers), "worker");
        let words =
            format!("{connections} for {workers}: each waits for its client half of the time");
        Finding::new(Cause::FewConnections, loss, words)
    })
}

/// The master runs, or waits for a CPU, 85 % of the time, or a quarter of the connections stand in
/// the queue; and the workers want less than three quarters of what they could use.
fn acceptor(evidence: &Evidence<'_>) -> Option<Finding> {
    const BUSY: f64 = 0.85;
    const FREE: f64 = 0.75;
    let queue = evidence.result.accept.as_ref().map_or(0.0, |accept| accept.mean);
    let takes_part = evidence.master >= 0.005;
    let busy = evidence.master_wanted >= BUSY && evidence.master >= 0.3;
    let standing = queue >= (f64::from(evidence.trial.connections) / 4.0).max(1.0);
    let free = evidence.saturation() < FREE;
    (takes_part && free && (busy || standing)).then(|| {
        let [master, workers] =
            [evidence.master, evidence.at_work / evidence.usable].map(format::percent);
        let queue = format!(" with {} connections in its queue", format::significant(queue));
        let queue = if standing { &*queue } else { "" };
        let words =
            format!("the master was busy {master} of the time{queue}, the workers {workers}");
        Finding::new(Cause::Acceptor, 1.0 - evidence.saturation(), words)
    })
}

/// In a closed loop the median answer takes a millisecond or more and ten times the CPU time that
/// both sides spend on it, while the workers want less than half of their time, their CPUs idle for
/// a third of it or more, and the generator has time left; or busy workers spend 100 µs and half of their time beyond what was planned for a request.
fn slow_handler(evidence: &Evidence<'_>) -> Option<Finding> {
    const BEYOND_US: f64 = 100.0;
    if !evidence.accounted() || !evidence.closed_loop() {
        return None;
    }
    let median = evidence.result.latency.p50;
    let cpu = evidence.server_us + evidence.load_us;
    let enough = evidence.trial.connections >= 2 * evidence.trial.workers;
    let generator_free = evidence.load < 0.7 * evidence.trial.cpus.load.len().max(1) as f64;
    let waits = median >= 1000.0 && median >= 10.0 * cpu;
    let idle = evidence.saturation() < 0.5 && evidence.idle_on(&evidence.server_cpus()) >= 0.33;
    if waits && enough && generator_free && idle {
        let [median, cpu] = [median, cpu].map(format::micros);
        let words =
            format!("an answer takes {median} of which {cpu} are CPU time, and workers idle");
        return Some(Finding::new(Cause::SlowHandler, 1.0 - evidence.saturation(), words));
    }
    let beyond = evidence.server_user_us - evidence.planned_us;
    let dear = beyond >= BEYOND_US && beyond >= evidence.planned_us;
    (dear && evidence.saturation() >= 0.85).then(|| {
        let loss = beyond / evidence.server_user_us;
        let [cost, more] = [evidence.server_user_us, beyond].map(format::micros);
        let words = format!("a request costs its handler {cost} of CPU, {more} more than planned");
        Finding::new(Cause::SlowHandler, loss, words)
    })
}
