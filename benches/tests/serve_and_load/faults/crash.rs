//! A handler that aborts (`/crash`, with `--chaos`) fails one request; its worker is replaced.

use server::events::ExitReason;

use crate::common::{Answer, events, in_each_forked_cluster};

#[test]
fn a_handler_that_aborts_costs_its_own_request_and_its_worker_is_replaced() {
    in_each_forked_cluster(2, &["--chaos"], |_, cluster| {
        let mut stream = cluster.request("/crash");
        assert!(Answer::read_from(&mut stream).is_err());
        let exit = cluster.wait_for_events(events::exit, 1).remove(0);
        assert_eq!((exit.reason, exit.signal), (ExitReason::Crashed, Some(6)));
        assert_eq!(exit.counts.open, 1);
        cluster.wait_for_line(&format!("Worker {} died (signal 6)", exit.process.pid));
        let serving = cluster.wait_for_serving(2);
        assert!(serving.values().all(|&pid| exit.process.pid != pid));
        assert_eq!(cluster.get("/").status(), 200);
    });
}

#[test]
fn without_leave_nobody_breaks_anything() {
    in_each_forked_cluster(1, &[], |_, cluster| {
        let worker = cluster.first_workers()[0];
        for path in ["/crash", "/spin"] {
            assert_eq!(cluster.get(path).body, format!("Hello from worker {worker}\n"));
        }
    });
}
