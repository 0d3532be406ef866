//! The cluster at a moment, for whoever asks: see `status/`.

use super::Master;
use super::admin_process::AdminProcess;
use super::worker_slot::WorkerSlot;
use crate::status::{ProcessStatus, Snapshot, WorkerTotals};

pub(super) fn take(master: &Master<'_>) -> Snapshot {
    let Master { context, workers, dispatcher, listeners, admin, .. } = master;
    let mut rows = Vec::new();
    for handle in workers.handles() {
        let mut of_id = handle.counters.counts();
        if let Some(slot) = workers.slots.get(handle.process.id as usize - 1) {
            of_id.fold(&slot.past);
        }
        let born_ms = handle.born.saturating_duration_since(context.epoch).as_millis() as u64;
        let (process, state) = (handle.process, handle.shown_state());
        rows.push(ProcessStatus {
            keeps: handle.assignment.accepting_socket(),
            ..ProcessStatus::of(process, state, handle.counters, context.epoch, born_ms, of_id)
        });
    }
    rows.sort_by_key(|row| (row.id, row.generation));
    Snapshot {
        mode: dispatcher.policy().mode(),
        address: listeners.address.clone(),
        pid: context.pid,
        uptime_s: context.epoch.elapsed().as_secs_f64(),
        workers: workers.wanted,
        waiting: dispatcher.pending(),
        skips: dispatcher.skips(),
        totals: workers.slots.iter().map(|slot| totals(slot, &rows)).collect(),
        rows,
        admin: admin.as_ref().map(AdminProcess::status),
    }
}

/// What all processes of a slot have done, given the rows of those that live.
fn totals(slot: &WorkerSlot, rows: &[ProcessStatus]) -> WorkerTotals {
    let mut total = WorkerTotals {
        id: slot.id,
        processes: slot.generation,
        counts: slot.past,
        cpu_user_s: slot.past_cpu.user.as_secs_f64(),
        cpu_sys_s: slot.past_cpu.system.as_secs_f64(),
    };
    // Those that have ended took theirs with them.
    total.counts.open = 0;
    for row in rows.iter().filter(|row| row.id == slot.id) {
        total.counts.fold(&row.counts);
        total.cpu_user_s += row.cpu_user_s;
        total.cpu_sys_s += row.cpu_sys_s;
    }
    total
}
