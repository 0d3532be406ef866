//! Where the core-seconds went: the owners of the CPU time, in cores, and what limits a cell.
//! Throughput = busy server cores ÷ CPU-seconds a request. Next: [`crate::analysis`].

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
    #[must_use]
    pub fn server(&self) -> f64 {
        self.server_user + self.server_sys + self.master
    }

    /// All of the generator.
    #[must_use]
    pub fn load(&self) -> f64 {
        self.load_user + self.load_sys
    }
}

/// What bounds the throughput of a cell, as far as CPU time tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Limit {
    /// The hypervisor took a notable share of the CPUs away.
    Steal,
    /// Other programs did.
    Others,
    /// Server and generator share the CPUs, and both need them.
    SharedCpus,
    /// The generator used up its own CPUs.
    Generator,
    /// The master, a single thread, used up its core.
    Master,
    /// The workers used up the cores that so many workers can use.
    Workers,
    /// CPUs were idle: the limit is not CPU time.
    NotCpu,
    /// The CPUs were busy, and no one owner accounts for it.
    Mixed,
}

/// Mean cores by owner over trials; `None` when no trial has a CPU account.
#[must_use]
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

/// Names the limit of a cell, the strangers first: what they took nobody else could use.
///
/// `workers` bounds what the server can use; `shared` says whether both sides may run on the same
/// CPUs; `generator_limited` is the generator's own verdict.
#[must_use]
pub fn limit(cores: &Cores, workers: u32, shared: bool, generator_limited: bool) -> Limit {
    let usable = f64::from(workers).min(cores.total);
    let at_work = cores.server_user + cores.server_sys;
    match cores {
        c if c.steal > 0.05 * c.total => Limit::Steal,
        c if c.other > 0.10 * c.total => Limit::Others,
        c if c.master > 0.85 => Limit::Master,
        _ if at_work > 0.85 * usable => Limit::Workers,
        c if shared && c.idle < 0.15 * c.total && c.load() > 0.05 * c.total => Limit::SharedCpus,
        _ if generator_limited => Limit::Generator,
        c if c.idle >= 0.15 * c.total => Limit::NotCpu,
        _ => Limit::Mixed,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn two_cores(server: f64, load: f64, idle: f64) -> Cores {
        Cores { total: 2.0, server_sys: server, load_sys: load, idle, ..Cores::default() }
    }

    #[test]
    fn a_generator_on_the_servers_cores_is_named() {
        assert_eq!(limit(&two_cores(1.1, 0.9, 0.0), 2, true, true), Limit::SharedCpus);
    }

    #[test]
    fn workers_that_use_all_they_can_are_the_limit() {
        assert_eq!(limit(&two_cores(1.9, 0.1, 0.0), 2, true, false), Limit::Workers);
        assert_eq!(limit(&two_cores(0.95, 0.6, 0.4), 1, false, false), Limit::Workers);
    }

    #[test]
    fn idle_cores_mean_that_cpu_time_is_not_the_limit() {
        assert_eq!(limit(&two_cores(0.3, 0.2, 1.5), 2, true, false), Limit::NotCpu);
    }

    #[test]
    fn what_the_hypervisor_takes_comes_first() {
        let cores = Cores { steal: 0.4, ..two_cores(1.0, 0.6, 0.0) };
        assert_eq!(limit(&cores, 2, true, true), Limit::Steal);
    }
}
