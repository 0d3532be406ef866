//! A flood of bad requests: each is refused, and good clients are served meanwhile.

use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::thread;

use super::cases::refused;
use super::counts::errors_of;
use super::wire::Wire;
use crate::common::{exchange, in_every_mode};

const TIMES: usize = 5;

const SENDERS: usize = 4;

#[test]
fn good_clients_are_served_through_a_flood_of_bad_requests() {
    for (mode, cluster) in in_every_mode(&[]) {
        let pids = cluster.first_workers();
        let cases = refused();
        let flooded = AtomicBool::new(false);
        thread::scope(|scope| {
            let good = scope.spawn(|| {
                let mut kept = cluster.connect();
                let mut served = 0;
                while !flooded.load(Relaxed) {
                    assert_eq!(exchange(&mut kept, "/").status(), 200);
                    assert_eq!(cluster.get("/sleep?ms=1").status(), 200);
                    served += 1;
                }
                served
            });
            let bad: Vec<_> = (0..SENDERS)
                .map(|_| {
                    scope.spawn(|| {
                        for case in cases.iter().cycle().take(TIMES * cases.len()) {
                            let mut wire = Wire::offered(&cluster, &case.bytes);
                            assert_eq!(wire.answer().status(), case.status, "{mode}: {case}");
                        }
                    })
                })
                .collect();
            let bad: Vec<_> = bad.into_iter().map(thread::ScopedJoinHandle::join).collect();
            flooded.store(true, Relaxed);
            assert!(good.join().unwrap() > 0, "{mode}");
            assert!(bad.iter().all(Result::is_ok), "{mode}");
        });
        assert_eq!(cluster.first_workers(), pids);
        let errors = errors_of(cluster);
        let total: u64 = errors.values().sum();
        assert_eq!(total, (SENDERS * TIMES * cases.len()) as u64, "{mode}: {errors:?}");
    }
}
