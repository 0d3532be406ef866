//! The cluster at a moment, for whoever asks: see `status/`.

use super::Master;
use super::handle::{Seat, WorkerHandle};
use crate::status::{ProcessStatus, Snapshot, WorkerTotals};

impl Master<'_> {
    /// The cluster now.
    pub(super) fn snapshot(&self) -> Snapshot {
        let mut rows: Vec<ProcessStatus> = self.handles().map(|handle| self.row(handle)).collect();
        rows.sort_by_key(|row| (row.id, row.generation));
        Snapshot {
            mode: self.dealer.sharing().mode(),
            address: self.group.address.clone(),
            pid: self.pid,
            uptime_s: self.epoch.elapsed().as_secs_f64(),
            workers: self.wanted,
            waiting: self.dealer.waiting(),
            skips: self.dealer.skips(),
            totals: self.seats.iter().map(|seat| total(seat, &rows)).collect(),
            rows,
            admin: self.admin.as_ref().map(super::Office::status),
        }
    }

    fn row(&self, handle: &WorkerHandle) -> ProcessStatus {
        let mut of_id = handle.slot.counts();
        if let Some(seat) = self.seats.get(handle.who.id as usize - 1) {
            of_id.fold(&seat.past);
        }
        let born_ms = handle.born.saturating_duration_since(self.epoch).as_millis() as u64;
        let state = handle.shown_state();
        let row = ProcessStatus::of(handle.who, state, handle.slot, self.epoch, born_ms, of_id);
        ProcessStatus { keeps: handle.post.kept(), ..row }
    }
}

/// What all processes of a seat have done, given the rows of those that live.
fn total(seat: &Seat, rows: &[ProcessStatus]) -> WorkerTotals {
    let mut total = WorkerTotals {
        id: seat.id,
        processes: seat.generation,
        counts: seat.past,
        cpu_user_s: seat.past_cpu.user.as_secs_f64(),
        cpu_sys_s: seat.past_cpu.system.as_secs_f64(),
    };
    // Those that have ended took theirs with them.
    total.counts.open = 0;
    for row in rows.iter().filter(|row| row.id == seat.id) {
        total.counts.fold(&row.counts);
        total.cpu_user_s += row.cpu_user_s;
        total.cpu_sys_s += row.cpu_sys_s;
    }
    total
}
