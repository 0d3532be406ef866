//! Where the core-seconds went: the owners of the CPU time, in cores.
//! Throughput = busy server cores ÷ CPU-seconds a request.

use crate::record::TrialResult;

/// Cores in use by each owner: core-seconds over the window's seconds, the mean over trials.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Cores {
    /// All CPUs of the machine.
    pub total: f64,
    /// Workers, user time.
    pub server_user: f64,
    /// Workers, system time.
    pub server_sys: f64,
    /// The master.
    pub master: f64,
    /// The generator, user time.
    pub load_user: f64,
    /// The generator, system time.
    pub load_sys: f64,
    /// All other processes.
    pub other: f64,
    /// Taken by the hypervisor.
    pub steal: f64,
    /// Nobody's.
    pub idle: f64,
    /// Not explained by the above.
    pub residual: f64,
    /// Server CPU (master included) a request, in microseconds.
    pub server_us_per_request: f64,
    /// Generator CPU a request, in microseconds.
    pub load_us_per_request: f64,
}

impl Cores {
    /// All of the server: workers and master.
    pub fn server(&self) -> f64 {
        self.server_user + self.server_sys + self.master
    }

    /// All of the generator.
    pub fn load(&self) -> f64 {
        self.load_user + self.load_sys
    }
}

/// Mean cores by owner over trials; `None` when no trial has a CPU account.
pub fn mean_cores<'a>(results: impl IntoIterator<Item = &'a TrialResult>) -> Option<Cores> {
    let mut sum = Cores::default();
    let mut trials = 0.0;
    for result in results {
        let cpu = &result.cpu;
        if cpu.elapsed_s <= 0.0 || cpu.cores == 0 {
            continue;
        }
        trials += 1.0;
        sum.total += f64::from(cpu.cores);
        sum.server_user += cpu.server_user_s / cpu.elapsed_s;
        sum.server_sys += cpu.server_sys_s / cpu.elapsed_s;
        sum.master += cpu.master_s / cpu.elapsed_s;
        sum.load_user += cpu.load_user_s / cpu.elapsed_s;
        sum.load_sys += cpu.load_sys_s / cpu.elapsed_s;
        sum.other += cpu.other_s / cpu.elapsed_s;
        sum.steal += cpu.steal_s / cpu.elapsed_s;
        sum.idle += cpu.idle_s / cpu.elapsed_s;
        sum.residual += cpu.residual_s / cpu.elapsed_s;
        // The CPU window and the measured one may differ by a little: compare rates, not totals.
        let per_request = 1e6 / result.throughput_rps.max(f64::MIN_POSITIVE);
        let server = cpu.server_user_s + cpu.server_sys_s + cpu.master_s;
        sum.server_us_per_request += server / cpu.elapsed_s * per_request;
        let load = cpu.load_user_s + cpu.load_sys_s;
        sum.load_us_per_request += load / cpu.elapsed_s * per_request;
    }
    (trials > 0.0).then(|| scaled(&sum, 1.0 / trials))
}

fn scaled(sum: &Cores, factor: f64) -> Cores {
    Cores {
        total: sum.total * factor,
        server_user: sum.server_user * factor,
        server_sys: sum.server_sys * factor,
        master: sum.master * factor,
        load_user: sum.load_user * factor,
        load_sys: sum.load_sys * factor,
        other: sum.other * factor,
        steal: sum.steal * factor,
        idle: sum.idle * factor,
        residual: sum.residual * factor,
        server_us_per_request: sum.server_us_per_request * factor,
        load_us_per_request: sum.load_us_per_request * factor,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::Cpu;

    #[test]
    fn throughput_is_busy_cores_over_the_cost_of_a_request() {
        let cpu = Cpu {
            elapsed_s: 2.0,
            cores: 2,
            server_user_s: 0.5,
            server_sys_s: 1.3,
            master_s: 0.2,
            load_sys_s: 1.0,
            ..Cpu::default()
        };
        let result = TrialResult { throughput_rps: 1e5, cpu, ..TrialResult::default() };
        let cores = mean_cores([&result]).unwrap();
        assert!((cores.server() - 1.0).abs() < 1e-12);
        assert!((cores.server_us_per_request - 10.0).abs() < 1e-9);
        assert!((cores.load_us_per_request - 5.0).abs() < 1e-9);
    }

    #[test]
    fn trials_without_an_account_have_no_cores() {
        assert_eq!(mean_cores([&TrialResult::default()]), None);
    }
}
