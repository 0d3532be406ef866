//! The diagnosis on fixtures: each of eight faults is named first, a clean control has none.
//! The figures are those of two CPUs of a shared virtual machine.

use reports::analysis::diagnosis::{Cause, State, of_cell, of_trial};
use reports::record::{
    AcceptQueue, Cpu, CpuShare, Cpus, Errors, Latency, Lifetime, LoadThread, Outcome, Quota, Trial,
    TrialResult, Waiting, Worker,
};

/// `hello` on one worker with the generator on the other CPU, 64 connections: nothing is wrong.
fn control() -> Trial {
    let worker = Worker {
        id: Some(1),
        connections: 64,
        cpu_user_s: 0.16,
        cpu_sys_s: 0.80,
        state: "S".to_owned(),
        ..Worker::default()
    };
    let result = TrialResult {
        loop_model: "closed".to_owned(),
        throughput_rps: 145_000.0,
        elapsed_s: 1.0,
        latency: Latency { p50: 410.0, ..Latency::default() },
        workers: vec![worker],
        lifetime: Lifetime { connections: 64, ..Lifetime::default() },
        cpu: Cpu {
            elapsed_s: 1.0,
            cores: 2,
            server_user_s: 0.16,
            server_sys_s: 0.80,
            load_user_s: 0.05,
            load_sys_s: 0.90,
            other_s: 0.01,
            idle_s: 0.07,
            residual_s: 0.01,
            per_cpu: idle(&[0.035; 2]),
            waiting: Some(Waiting { server_s: 0.01, ..Waiting::default() }),
            ..Cpu::default()
        },
        threads: vec![LoadThread { cpu_s: 0.95, elapsed_s: 1.0, ran_on: vec![1] }],
        accept: Some(AcceptQueue { backlog: 1024, longest: 3, ..AcceptQueue::default() }),
        generator_limited: true,
        valid: true,
        ..TrialResult::default()
    };
    Trial {
        target: "hello-cluster".to_owned(),
        mode: "reuseport".to_owned(),
        workers: 1,
        workload: "hello".to_owned(),
        connections: 64,
        rate: None,
        oversubscribed: false,
        block: 0,
        order: 0,
        cpus: Cpus { server: vec![0], load: vec![1], ..Cpus::default() },
        outcome: Outcome::Result(Box::new(result)),
    }
}

/// Two workers on four CPUs, the generator on the other two: nothing is wrong either.
fn four_cpus() -> Trial {
    changed(control(), |trial, result| {
        trial.workers = 2;
        trial.cpus = Cpus { server: vec![0, 1], load: vec![2, 3], ..Cpus::default() };
        let other = Worker { id: Some(2), ..result.workers[0].clone() };
        result.workers.push(other);
        result.workers.iter_mut().for_each(|worker| worker.connections = 32);
        let cpu = &mut result.cpu;
        (cpu.cores, cpu.server_user_s, cpu.server_sys_s) = (4, 0.32, 1.60);
        (cpu.load_user_s, cpu.load_sys_s) = (0.10, 1.30);
        cpu.per_cpu = idle(&[0.1; 4]);
        result.threads =
            [2, 3].map(|cpu| LoadThread { cpu_s: 0.7, elapsed_s: 1.0, ran_on: vec![cpu] }).to_vec();
        result.generator_limited = false;
    })
}

/// So many seconds in which each CPU had nothing to do.
fn idle(seconds: &[f64]) -> Vec<CpuShare> {
    (0..).zip(seconds).map(|(cpu, &idle_s)| CpuShare { cpu, idle_s, steal_s: 0.0 }).collect()
}

fn changed(mut trial: Trial, change: impl FnOnce(&mut Trial, &mut TrialResult)) -> Trial {
    let mut result = trial.result().cloned().expect("every fixture has a result");
    change(&mut trial, &mut result);
    trial.outcome = Outcome::Result(Box::new(result));
    trial
}

/// Sets what the workers used, alike, and what is idle.
fn workers_used(result: &mut TrialResult, each: f64) {
    let workers = result.workers.len() as f64;
    (result.cpu.server_user_s, result.cpu.server_sys_s) =
        (0.2 * each * workers, 0.8 * each * workers);
    for worker in &mut result.workers {
        (worker.cpu_user_s, worker.cpu_sys_s) = (0.2 * each, 0.8 * each);
    }
}

fn causes(trial: &Trial) -> Vec<Cause> {
    of_trial(trial, 0.0)
        .expect("every fixture has a result")
        .causes
        .iter()
        .map(|finding| finding.cause)
        .collect()
}

#[track_caller]
fn assert_first(trial: &Trial, cause: Cause) {
    let diagnosis = of_trial(trial, 0.0).expect("every fixture has a result");
    assert_eq!(diagnosis.first().map(|first| first.cause), Some(cause), "{diagnosis:?}");
}

#[test]
fn a_clean_control_names_no_cause_but_the_hardware() {
    for trial in [control(), four_cpus()] {
        let diagnosis = of_trial(&trial, 0.0).unwrap();
        assert_eq!((diagnosis.causes.len(), diagnosis.state), (0, State::Hardware));
        assert!(diagnosis.words().contains("the hardware"));
    }
}

#[test]
fn fault_1_a_generator_on_the_servers_core_is_named() {
    let trial = changed(control(), |trial, result| {
        trial.cpus.load = vec![0];
        result.threads[0].ran_on = vec![0];
        workers_used(result, 0.55);
        (result.cpu.load_user_s, result.cpu.load_sys_s, result.cpu.idle_s) = (0.03, 0.40, 1.0);
        result.cpu.per_cpu = idle(&[0.0, 0.99]);
    });
    assert_first(&trial, Cause::SharedCores);
    // Without figures CPU by CPU it is found by what both used.
    let coarse = changed(trial, |_, result| result.cpu.per_cpu.clear());
    assert_first(&coarse, Cause::SharedCores);
}

#[test]
fn fault_2_a_quota_is_named() {
    let trial = changed(control(), |_, result| {
        workers_used(result, 0.3);
        result.latency.p50 = 1300.0;
        result.cpu.waiting = Some(Waiting { server_s: 0.6, ..Waiting::default() });
        result.cpu.quota =
            Some(Quota { limit_cores: 0.3, periods: 10, throttled: 9, throttled_s: 0.65 });
        result.generator_limited = false;
        result.threads[0].cpu_s = 0.3;
    });
    assert_first(&trial, Cause::Quota);
}

#[test]
fn fault_3_a_noisy_neighbour_is_named() {
    let trial = changed(control(), |_, result| {
        workers_used(result, 0.5);
        result.cpu.other_s = 0.5;
        result.cpu.waiting = Some(Waiting { server_s: 0.48, ..Waiting::default() });
    });
    assert_first(&trial, Cause::Neighbour);
    // On a large machine half a core is little, but not for the worker that waits for it.
    let large = changed(trial.clone(), |_, result| result.cpu.cores = 64);
    assert_first(&large, Cause::Neighbour);
    // Outside a container it is seen only as time that nobody accounts for.
    let unseen = changed(trial, |_, result| {
        (result.cpu.other_s, result.cpu.residual_s) = (0.01, 0.5);
    });
    assert_first(&unseen, Cause::Neighbour);
}

#[test]
fn fault_4_two_connections_on_two_workers_are_named() {
    let uneven = changed(four_cpus(), |trial, result| {
        trial.connections = 2;
        workers_used(result, 0.3);
        result.workers[0].connections = 2;
        result.workers[1] = Worker { id: Some(2), ..Worker::default() };
        result.latency.p50 = 45.0;
        result.throughput_rps = 40_000.0;
    });
    assert_first(&uneven, Cause::FewConnections);
    let even = changed(uneven, |_, result| {
        workers_used(result, 0.4);
        result.workers.iter_mut().for_each(|worker| worker.connections = 1);
    });
    assert_first(&even, Cause::FewConnections);
    // Uneven, but both workers have all the work they can do.
    let busy = changed(four_cpus(), |trial, result| {
        trial.connections = 8;
        (result.workers[0].connections, result.workers[1].connections) = (6, 2);
    });
    assert_eq!(causes(&busy), []);
}

#[test]
fn fault_5_a_slow_handler_is_named_whether_it_waits_or_computes() {
    let waits = changed(control(), |_, result| {
        workers_used(result, 0.1);
        (result.throughput_rps, result.latency.p50) = (6400.0, 10_000.0);
        (result.cpu.load_user_s, result.cpu.load_sys_s) = (0.02, 0.05);
        (result.generator_limited, result.threads[0].cpu_s) = (false, 0.07);
        result.cpu.per_cpu = idle(&[0.88, 0.92]);
    });
    assert_first(&waits, Cause::SlowHandler);
    let coarse = changed(waits, |_, result| result.cpu.per_cpu.clear());
    assert_first(&coarse, Cause::SlowHandler);
    let computes = changed(control(), |_, result| {
        (result.cpu.server_user_s, result.cpu.server_sys_s) = (0.95, 0.04);
        (result.throughput_rps, result.latency.p50) = (500.0, 128_000.0);
        (result.cpu.load_user_s, result.cpu.load_sys_s) = (0.0, 0.01);
        (result.generator_limited, result.threads[0].cpu_s) = (false, 0.01);
    });
    assert_first(&computes, Cause::SlowHandler);
    // The same work is no fault where it was planned.
    assert_eq!(of_trial(&computes, 1900.0).unwrap().causes, []);
}

#[test]
fn fault_6_an_acceptor_that_does_not_keep_up_is_named() {
    let trial = changed(four_cpus(), |trial, result| {
        "round-robin".clone_into(&mut trial.mode);
        "connect".clone_into(&mut trial.workload);
        workers_used(result, 0.4);
        result.cpu.master_s = 0.97;
        result.workers.iter_mut().for_each(|worker| worker.connections = 15_000);
        result.lifetime.connections = 30_000;
        result.accept =
            Some(AcceptQueue { backlog: 1024, longest: 50, mean: 30.0, ..AcceptQueue::default() });
    });
    assert_first(&trial, Cause::Acceptor);
    // One that is kept from running shows by its queue.
    let slowed = changed(trial, |_, result| result.cpu.master_s = 0.1);
    assert_first(&slowed, Cause::Acceptor);
}

#[test]
fn fault_7_a_tiny_backlog_is_named() {
    let trial = changed(control(), |_, result| {
        result.accept = Some(AcceptQueue {
            backlog: 1,
            longest: 2,
            mean: 0.1,
            overflows: 61,
            syn_retransmits: 80,
        });
    });
    assert_first(&trial, Cause::SmallBacklog);
    // With a connection a request those who get through are so many that few are refused, as was
    // measured; but all other clients wait for their second try.
    let hidden = changed(trial.clone(), |_, result| {
        workers_used(result, 0.72);
        (result.lifetime.connections, result.throughput_rps) = (31_195, 12_864.0);
        result.cpu.waiting = None;
        result.accept.as_mut().unwrap().overflows = 294;
    });
    assert_first(&hidden, Cause::SmallBacklog);
    // A few refusals that cost the clients next to nothing are no cause.
    let rare = changed(hidden, |_, result| {
        result.accept.as_mut().unwrap().overflows = 5;
    });
    assert!(!causes(&rare).contains(&Cause::SmallBacklog));
    // Somebody else's overflow is not ours: this queue has room for all.
    let elsewhere = changed(trial, |_, result| {
        result.accept.as_mut().unwrap().backlog = 1024;
    });
    assert_eq!(causes(&elsewhere), []);
}

#[test]
fn fault_8_a_stopped_worker_is_named() {
    let stopped = changed(four_cpus(), |_, result| {
        result.workers[1] = Worker { id: Some(2), connections: 30, ..Worker::default() };
        (result.cpu.server_user_s, result.cpu.server_sys_s) = (0.16, 0.80);
        result.errors = Errors { unanswered: 30, ..Errors::default() };
        result.valid = false;
    });
    assert_first(&stopped, Cause::StalledWorker);
    // It may never have accepted what waits for it.
    let never = changed(stopped, |_, result| result.workers[1].connections = 0);
    assert_first(&never, Cause::StalledWorker);
    // Told outright by its state.
    let told = changed(four_cpus(), |_, result| "T".clone_into(&mut result.workers[0].state));
    assert_first(&told, Cause::StalledWorker);
}

#[test]
fn a_generator_that_used_up_its_own_cpu_is_named() {
    let trial = changed(control(), |_, result| workers_used(result, 0.7));
    assert_first(&trial, Cause::Generator);
}

#[test]
fn a_connection_a_request_on_cpus_that_both_sides_fill_is_no_slow_handler() {
    // Two workers and the generator on the same two CPUs, as measured.
    let trial = changed(four_cpus(), |trial, result| {
        trial.cpus = Cpus { server: vec![0, 1], load: vec![0, 1], ..Cpus::default() };
        workers_used(result, 0.39);
        (result.throughput_rps, result.latency.p50) = (27_000.0, 2300.0);
        (result.cpu.cores, result.cpu.other_s, result.cpu.idle_s) = (2, 0.05, 0.01);
        (result.cpu.load_user_s, result.cpu.load_sys_s) = (0.03, 1.12);
        result.cpu.per_cpu.clear();
        result.cpu.waiting = None;
        result.threads.iter_mut().for_each(|thread| thread.ran_on = vec![0, 1]);
        result.workers.iter_mut().for_each(|worker| worker.connections = 18_000);
        result.lifetime.connections = 36_000;
    });
    assert_eq!(causes(&trial), [Cause::SharedCores]);
}

#[test]
fn an_open_loop_whose_rate_is_served_has_nothing_wrong() {
    let trial = changed(control(), |trial, result| {
        trial.rate = Some(20_000.0);
        "open".clone_into(&mut result.loop_model);
        workers_used(result, 0.15);
        (result.generator_limited, result.threads[0].cpu_s) = (false, 0.2);
    });
    let diagnosis = of_trial(&trial, 0.0).unwrap();
    assert_eq!((diagnosis.causes.len(), diagnosis.state), (0, State::AsAsked));
}

#[test]
fn a_server_elsewhere_is_not_judged_by_cpu_time_that_nobody_read() {
    let trial = changed(control(), |_, result| {
        workers_used(result, 0.0);
        result.workers.clear();
        result.latency.p50 = 50_000.0;
    });
    let diagnosis = of_trial(&trial, 0.0).unwrap();
    assert_eq!((diagnosis.causes.len(), diagnosis.state), (0, State::Unknown));
}

#[test]
fn a_cell_has_the_causes_of_more_than_half_of_its_trials() {
    let bad = changed(control(), |_, result| result.cpu.other_s = 0.6);
    let of = |trials: &[&Trial]| of_cell(trials.iter().copied(), 0.0).unwrap().causes.len();
    let good = control();
    assert_eq!(of(&[&bad, &bad, &good]), 1);
    assert_eq!(of(&[&bad, &good, &good]), 0);
    assert_eq!(of(&[&bad, &good]), 0);
}
