//! Made-up records that look like measured ones: six blocks, drift from block to block, noise, and
//! both sides competing for the CPUs. The same plan gives the same record.

pub mod labs;

use reports::record::{
    Calibration, Cpu, Cpus, Environment, Latency, Lifetime, Outcome, Record, SCHEMA, SeriesPoint,
    Suite, Trial, TrialResult, Warmup, Worker, Workload,
};

/// What a made-up run consists of.
pub struct Plan {
    /// CPUs of the machine.
    pub cores: u32,
    /// Blocks.
    pub blocks: u32,
    /// Cells: workload, target, mode, workers.
    pub cells: Vec<(String, String, String, u32)>,
}

/// Draws that look random and are the same each time (splitmix64).
pub struct Noise(pub u64);

impl Noise {
    fn bits(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    /// A whole number below this.
    pub fn below(&mut self, end: usize) -> usize {
        (self.bits() % end as u64) as usize
    }

    /// Evenly between 0 and 1.
    fn even(&mut self) -> f64 {
        (self.bits() >> 11) as f64 / (1_u64 << 53) as f64
    }

    /// Roughly normal, deviation 1.
    fn normal(&mut self) -> f64 {
        (0..12).map(|_| self.even()).sum::<f64>() - 6.0
    }
}

/// The plan of the suite `quick` on two CPUs.
pub fn quick() -> Plan {
    let mut cells = Vec::new();
    for workload in ["hello", "work"] {
        cells.push(cell(workload, "single", 1));
        for mode in ["reuseport", "round-robin"] {
            cells.extend([1, 2].map(|workers| cell(workload, mode, workers)));
        }
    }
    cells.push(cell("work", "round-robin", 4));
    cells.extend(
        [("connect", "single", 1), ("connect", "reuseport", 2), ("connect", "round-robin", 2)]
            .map(|(workload, mode, workers)| cell(workload, mode, workers)),
    );
    Plan { cores: 2, blocks: 6, cells }
}

/// Up to 64 workers and twelve series, some of them other systems.
pub fn large() -> Plan {
    let own = ["single", "threads", "shared", "reuseport", "round-robin", "least-connections"];
    let peers = ["node", "nginx", "gunicorn", "puma", "a-server-with-quite-a-long-name", "iris"];
    let mut cells = Vec::new();
    for workload in ["hello", "work"] {
        for mode in own {
            let counts: &[u32] = if mode == "single" { &[1] } else { &[1, 2, 4, 8, 16, 32, 64] };
            cells.extend(counts.iter().map(|&workers| cell(workload, mode, workers)));
        }
        for peer in peers {
            let mode = if peer == "node" { "cluster" } else { "" };
            cells.extend(
                [1, 4, 16, 64].map(|workers| {
                    (workload.to_owned(), peer.to_owned(), mode.to_owned(), workers)
                }),
            );
        }
    }
    Plan { cores: 64, blocks: 6, cells }
}

/// One cell of hello-cluster.
pub fn cell(workload: &str, mode: &str, workers: u32) -> (String, String, String, u32) {
    (workload.to_owned(), "hello-cluster".to_owned(), mode.to_owned(), workers)
}

/// As many cells and blocks as the suite `full` has on two cores: 648 trials.
pub fn full() -> Plan {
    let mut cells = Vec::new();
    for workload in ["hello", "work", "connect", "mixed"] {
        cells.push(cell(workload, "single", 1));
        for mode in ["threads", "shared", "reuseport", "round-robin", "least-connections"] {
            let counts = if matches!(workload, "work" | "mixed") { 1..=3 } else { 1..=2 };
            cells.extend(counts.map(|power| cell(workload, mode, 1 << (power - 1))));
        }
    }
    Plan { cores: 2, blocks: 12, cells }
}

#[allow(missing_docs, reason = "the fields are those of `Trial`")]
/// Where a result was measured.
pub struct Place<'a> {
    pub workload: &'a str,
    pub mode: &'a str,
    pub workers: u32,
    pub block: u32,
    pub order: u32,
}

/// All results of a record, to be changed.
pub fn results(record: &mut Record) -> impl Iterator<Item = (Place<'_>, &mut TrialResult)> {
    record.trials.iter_mut().filter_map(|trial| {
        let Trial { workload, mode, workers, block, order, outcome, .. } = trial;
        let Outcome::Result(result) = outcome else { return None };
        let place = Place { workload, mode, workers: *workers, block: *block, order: *order };
        Some((place, &mut **result))
    })
}

/// Gives each trial half a second of warm-up, in which it gets faster; `class` is of what class it is.
pub fn with_warm_up(mut record: Record, class: fn(&Place<'_>) -> &'static str) -> Record {
    for (place, result) in results(&mut record) {
        let slice = |at: i32| SeriesPoint {
            t_s: f64::from(at) / 10.0,
            rps: result.throughput_rps * (1.0 + 0.04 * f64::from(at)),
            ..SeriesPoint::default()
        };
        result.warmup = Some(Warmup {
            class: class(&place).to_owned(),
            steady_from_s: Some(0.0),
            series: (-5..0).map(slice).collect(),
        });
    }
    record
}

/// The record of a plan.
pub fn record(plan: &Plan) -> Record {
    let mut noise = Noise(42);
    let mut trials = Vec::new();
    for block in 0..plan.blocks {
        let drift = 1.0 + 0.03 * noise.normal();
        let mut order: Vec<usize> = (0..plan.cells.len()).collect();
        for last in (1..order.len()).rev() {
            order.swap(last, (noise.even() * (last + 1) as f64) as usize);
        }
        for index in order {
            let (workload, target, mode, workers) = plan.cells[index].clone();
            let result = result(plan, &workload, &mode, workers, drift, &mut noise);
            trials.push(Trial {
                connections: 64,
                rate: None,
                oversubscribed: workers > plan.cores,
                block,
                order: trials.len() as u32,
                cpus: Cpus {
                    server: (0..plan.cores).collect(),
                    load: (0..plan.cores).collect(),
                    siblings: false,
                },
                outcome: Outcome::Result(Box::new(result)),
                target,
                mode,
                workers,
                workload,
            });
        }
    }
    Record {
        schema: SCHEMA,
        id: "20261122-184500-quick".to_owned(),
        created: "2026-11-22T18:45:00Z".to_owned(),
        command: "hello-cluster bench quick --seed 7".to_owned(),
        seed: 7,
        suite: suite(plan),
        environment: environment(plan),
        trials,
        lab: None,
        condensed: None,
    }
}

fn suite(plan: &Plan) -> Suite {
    let workload = |name: &str, description: &str, path: &str, keepalive| Workload {
        name: name.to_owned(),
        description: description.to_owned(),
        path: path.to_owned(),
        keepalive,
        connections: 64,
        ..Workload::default()
    };
    Suite {
        name: "quick".to_owned(),
        description: "One core against all of them, in three minutes.".to_owned(),
        blocks: plan.blocks,
        warmup_s: 0.3,
        duration_s: 1.0,
        planned_trials: plan.blocks * plan.cells.len() as u32,
        placement: format!(
            "N workers on N CPUs; the generator on all {} CPUs, shared with the server",
            plan.cores
        ),
        workloads: vec![
            workload(
                "hello",
                "The least a server can do: one line over a kept connection.",
                "/",
                true,
            ),
            workload("work", "About 200 µs of CPU for each answer.", "/work?rounds=1530", true),
            workload("connect", "A new connection for each request.", "/", false),
        ],
        calibration: Some(Calibration { target_us: 200.0, rounds: 1530, measured_us: 203.4 }),
        ..Suite::default()
    }
}

fn environment(plan: &Plan) -> Environment {
    Environment {
        os: "Debian GNU/Linux 13 (trixie)".to_owned(),
        kernel: "6.12.48+deb13-amd64".to_owned(),
        arch: "x86_64".to_owned(),
        cpu_model: "AMD EPYC 7B13".to_owned(),
        cores: plan.cores,
        memory_bytes: 8 << 30,
        virtualisation: "kvm".to_owned(),
        load_1m: 0.12,
        somaxconn: 4096,
        open_files: 1_048_576,
        version: "0.1.0".to_owned(),
        revision: "82472a1".to_owned(),
        warnings: vec![
            "The CPU's frequency is not known, so it may change during the run.".to_owned(),
        ],
        ..Environment::default()
    }
}

/// CPU microseconds a request: server and generator.
fn costs(workload: &str, mode: &str) -> (f64, f64) {
    let hand_over = if mode == "round-robin" || mode == "least-connections" { 9.0 } else { 0.0 };
    match workload {
        "work" => (209.0, 9.5),
        "connect" => (38.0 + hand_over, 33.0),
        _ => (10.5, 8.6),
    }
}

fn result(
    plan: &Plan,
    workload: &str,
    mode: &str,
    workers: u32,
    drift: f64,
    noise: &mut Noise,
) -> TrialResult {
    let cores = f64::from(plan.cores);
    let (server_us, load_us) = costs(workload, mode);
    let usable = f64::from(workers).min(cores) * 0.97;
    // Both sides compete: the server gets its share of the pair's cost, at most what it can use.
    let share = (cores * 0.985 * server_us / (server_us + load_us)).min(usable);
    let crowd = if workers > plan.cores { 0.985 } else { 1.0 };
    let rps = share * 1e6 / server_us * drift * crowd * (1.0 + 0.012 * noise.normal());
    let (server, load) = (rps * server_us / 1e6, rps * load_us / 1e6);
    let master = if mode == "round-robin" && workload == "connect" { 0.12 * server } else { 0.001 };
    let other = 0.015 + 0.005 * noise.even();
    let requests = rps as u64;
    let latency = latency(64.0 / rps * 1e6, requests, noise);
    TrialResult {
        loop_model: "closed".to_owned(),
        throughput_rps: rps,
        requests,
        bytes: requests * 128,
        elapsed_s: 1.0,
        series: (0..10)
            .map(|slice| SeriesPoint {
                t_s: f64::from(slice) / 10.0,
                rps,
                p50: latency.p50,
                p99: latency.p99 * (1.0 + 0.1 * noise.even()),
                steps: steps(&latency),
                ..SeriesPoint::default()
            })
            .collect(),
        latency,
        workers: spread(workers, mode, workload, requests, noise),
        lifetime: Lifetime { sent: requests, answered: requests, failed: 0, connections: 64 },
        cpu: Cpu {
            elapsed_s: 1.0,
            cores: plan.cores,
            server_user_s: (server - master) * if workload == "work" { 0.95 } else { 0.3 },
            server_sys_s: (server - master) * if workload == "work" { 0.05 } else { 0.7 },
            master_s: master,
            load_user_s: load * 0.25,
            load_sys_s: load * 0.75,
            other_s: other,
            idle_s: (cores - server - load - other).max(0.0),
            residual_s: 0.004,
            ..Cpu::default()
        },
        generator_limited: workload == "hello" && workers > 1,
        valid: true,
        ..TrialResult::default()
    }
}

/// A lognormal body round the mean with a tail, in steps of two significant digits.
fn latency(mean_us: f64, requests: u64, noise: &mut Noise) -> Latency {
    let mut histogram: Vec<(f64, u64)> = Vec::new();
    let draws = 3000.0;
    let mut values: Vec<f64> = (0..draws as u32)
        .map(|_| {
            let tail = if noise.even() < 0.01 { 3.0 + 2.0 * noise.even() } else { 1.0 };
            mean_us * 0.95 * (0.25 * noise.normal()).exp() * tail
        })
        .collect();
    values.sort_by(f64::total_cmp);
    for value in &values {
        let digit = 10_f64.powf(value.log10().floor() - 1.0);
        let value = (value / digit).round() * digit;
        let count = (requests as f64 / draws).ceil() as u64;
        match histogram.last_mut() {
            Some((last, sum)) if (*last - value).abs() < 1e-9 => *sum += count,
            _ => histogram.push((value, count)),
        }
    }
    let at = |p: f64| values[((p * draws) as usize).min(values.len() - 1)];
    Latency {
        unit: "us".to_owned(),
        p50: at(0.5),
        p90: at(0.9),
        p99: at(0.99),
        p999: at(0.999),
        max: at(1.0),
        mean: mean_us,
        histogram,
        answers: 0,
    }
}

/// A tenth of the answers in the steps of a slice: 1, 1.5, 2, 3, 4, 6, … µs.
fn steps(latency: &Latency) -> Vec<(f64, u64)> {
    let mut steps: Vec<(f64, u64)> = Vec::new();
    for &(value, count) in &latency.histogram {
        let whole = value.log2().floor().exp2();
        let from = if value >= 1.5 * whole { 1.5 * whole } else { whole };
        match steps.last_mut() {
            Some((last, sum)) if *last >= from => *sum += count,
            _ => steps.push((from, count)),
        }
    }
    steps.iter().map(|&(from, count)| (from, count.div_ceil(10))).collect()
}

fn spread(
    workers: u32,
    mode: &str,
    workload: &str,
    requests: u64,
    noise: &mut Noise,
) -> Vec<Worker> {
    let connections = if workload == "connect" { requests } else { 64 };
    let mut counts = vec![0_u64; workers as usize];
    if mode == "reuseport" || mode == "shared" {
        for _ in 0..connections {
            let lucky = (noise.even() * f64::from(workers)) as usize;
            counts[lucky] += 1;
        }
    } else {
        for turn in 0..connections {
            counts[(turn % u64::from(workers)) as usize] += 1;
        }
    }
    (1..=workers)
        .zip(counts)
        .map(|(id, own)| {
            let answered = requests * own / connections;
            Worker {
                id: Some(id),
                pid: Some(1000 + id),
                connections: own,
                requests: answered,
                client_requests: answered,
                cpu_user_s: answered as f64 * costs(workload, mode).0 / 1e6,
                ..Worker::default()
            }
        })
        .collect()
}
