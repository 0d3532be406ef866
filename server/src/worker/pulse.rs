//! A worker's pulse: what shows on the scoreboard, without being asked, that its loop turns, and
//! how busy it is.

use std::cell::Cell;
use std::time::Instant;

use tokio::runtime::Builder;

use super::Terms;
use crate::scoreboard::Slot;
use crate::sys::process;

/// Descriptors that a worker needs for itself: its runtime's, its channel, its standard streams.
const OWN_DESCRIPTORS: u64 = 16;

/// Tells how many connections the worker can hold: at most `most`, and as many as its descriptors
/// allow.
pub(super) fn tell_room(slot: &Slot, most: Option<u64>) {
    if let Ok(limit) = process::descriptor_limit() {
        slot.room.set(limit.saturating_sub(OWN_DESCRIPTORS).clamp(1, most.unwrap_or(u64::MAX)));
    }
}

/// Beats for ever: the heartbeat, and what changes too slowly to be told with each request.
pub(super) async fn beat(slot: &'static Slot, terms: Terms) {
    let mut ticks = tokio::time::interval(terms.pulse);
    ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        ticks.tick().await;
        let cpu = process::own_cpu_time();
        slot.cpu_user_us.set(cpu.user.as_micros() as u64);
        slot.cpu_system_us.set(cpu.system.as_micros() as u64);
        tell_room(slot, terms.max_connections);
        // 0 means that it has never beaten.
        slot.heartbeat_ms.set(terms.epoch.elapsed().as_millis().max(1) as u64);
    }
}

thread_local! {
    /// When this thread last stopped waiting.
    static BUSY_SINCE: Cell<Option<Instant>> = const { Cell::new(None) };
}

/// Has the runtime count the time in which its threads do not wait.
pub(super) fn count_busy_time(runtime: &mut Builder, slot: &'static Slot) {
    runtime.on_thread_unpark(|| BUSY_SINCE.set(Some(Instant::now())));
    runtime.on_thread_park(move || {
        if let Some(since) = BUSY_SINCE.take() {
            slot.busy_us.add(since.elapsed().as_micros() as u64);
        }
    });
}
