//! The bars, from what a server would tell.

use server::Mode;
use server::status::AdminStatus;

use super::*;
use crate::demo::dashboard::happened::tests::exit as exit_of;

fn row(id: u32, pid: u32, generation: u32, requests: u64) -> ProcessStatus {
    let counts = Counts { connections: requests / 10, open: 4, requests, ..Counts::default() };
    ProcessStatus {
        id,
        pid,
        generation,
        state: ProcessState::Ready,
        age_s: 1.0,
        heartbeat_s: None,
        counts,
        cpu_user_s: 0.0,
        cpu_sys_s: 0.0,
        requests_of_id: requests,
        keeps: None,
    }
}

fn status(rows: &[ProcessStatus]) -> Snapshot {
    Snapshot {
        mode: Mode::Shared,
        address: "127.0.0.1:8000".parse().unwrap(),
        pid: 70,
        uptime_s: 1.0,
        workers: 2,
        waiting: 1,
        skips: 0,
        rows: rows.into(),
        totals: Vec::new(),
        admin: Some(AdminStatus { pid: Some(71), restarts: 0, missed_events: 0 }),
    }
}

fn exit(t_s: f64, id: u32, pid: u32, reason: ExitReason) -> Timestamped {
    let event = Event::Exit(Box::new(exit_of(id, pid, Some(9), reason, 4)));
    Timestamped { t_s, event }
}

#[test]
fn bars_show_rates_and_what_was_dealt_since_the_last_frame() {
    let mut table = WorkerTable::default();
    table.update(1.0, status(&[row(1, 77, 0, 100), row(2, 78, 0, 0)]));
    let first = table.bars(1.0);
    assert_eq!((first[0].dealt, first[0].dealt_total, first[0].rps), (10, 10, 0.0));
    table.update(1.5, status(&[row(1, 77, 0, 600), row(2, 78, 0, 50)]));
    let bars = table.bars(1.5);
    assert_eq!((bars[0].id, bars[0].rps, bars[0].dealt), (1, 1000.0, 50));
    assert_eq!((bars[1].id, bars[1].rps, bars[1].dealt), (2, 100.0, 5));
    assert!((table.connects_rps() - 110.0).abs() < 1e-9);
    assert_eq!((table.waiting, table.pids()), (1, vec![77, 78, 70, 71]));
}

#[test]
fn a_death_is_seen_at_once_and_long_enough_though_the_successor_serves() {
    let mut table = WorkerTable::default();
    table.update(1.0, status(&[row(1, 77, 0, 100), row(2, 78, 0, 100)]));
    assert_eq!(table.happened(1.1, &exit(5.0, 2, 78, ExitReason::Crashed)), None);
    let down = &table.bars(1.1)[1];
    assert_eq!((down.pid, down.state, down.signal), (78, WorkerState::Down, Some(9)));
    let event = Event::Listening(ProcessId { id: 2, pid: 99, generation: 1 });
    let back_s = table.happened(1.12, &Timestamped { t_s: 5.012, event }).unwrap();
    assert!((back_s - 0.012).abs() < 1e-9);
    table.update(1.2, status(&[row(1, 77, 0, 110), row(2, 99, 1, 40)]));
    assert_eq!(table.bars(1.2)[1].pid, 78);
    let after = table.bars(1.1 + IN_SIGHT_S);
    assert_eq!((after[1].pid, after[1].state), (99, WorkerState::Process(ProcessState::Ready)));
    assert_eq!((after[1].dealt, after[1].dealt_total), (0, 4), "only what is new counts");
    assert_eq!(table.killed, Killed { processes: 1, open: 4 });
}

#[test]
fn the_dead_stay_in_sight_until_somebody_serves_in_their_place() {
    let mut table = WorkerTable::default();
    table.update(1.0, status(&[row(1, 77, 0, 100)]));
    table.happened(1.1, &exit(5.0, 1, 77, ExitReason::Crashed));
    table.update(60.0, status(&[]));
    assert_eq!(table.bars(60.0)[0].state, WorkerState::Down);
}

#[test]
fn who_finishes_in_order_is_no_death() {
    let mut table = WorkerTable::default();
    table.update(1.0, status(&[row(1, 77, 0, 100), row(1, 78, 1, 10)]));
    table.happened(1.1, &exit(5.0, 1, 77, ExitReason::Drained));
    let bars = table.bars(1.1);
    assert_eq!((bars.len(), bars[0].pid), (1, 78));
    assert_eq!(table.killed, Killed::default());
}

#[test]
fn new_connections_are_counted_over_deaths() {
    let mut table = WorkerTable::default();
    table.update(1.0, status(&[row(1, 77, 0, 100)]));
    table.happened(1.1, &exit(5.0, 1, 77, ExitReason::Crashed));
    table.update(1.5, status(&[row(1, 78, 1, 50)]));
    assert!((table.connects_rps() - 10.0).abs() < 1e-9);
}

#[test]
fn one_process_alone_has_no_master() {
    let mut table = WorkerTable::default();
    table.update(1.0, status(&[row(1, 70, 0, 100)]));
    assert_eq!(table.master(), None);
    table.update(1.1, status(&[row(1, 77, 0, 100)]));
    assert_eq!(table.master(), Some(Master { pid: 70, cpu: 0.0 }));
}

#[test]
fn cpu_shares_come_from_the_clocks() {
    let mut table = WorkerTable::default();
    table.update(1.0, status(&[row(1, 77, 0, 100)]));
    table.clocks(1.0, &[(77, 5.0), (70, 1.0)].into());
    table.clocks(1.5, &[(77, 5.4), (70, 1.1)].into());
    assert!((table.bars(1.5)[0].cpu - 0.8).abs() < 1e-9);
    assert!((table.master().unwrap().cpu - 0.2).abs() < 1e-9);
}
