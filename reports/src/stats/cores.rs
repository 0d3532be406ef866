//! Where the core-seconds went: the owners of the CPU time, in cores.
//! Throughput = busy server cores ÷ CPU-seconds a request.

use crate::record::TrialResult;

/// Cores in use by each owner: core-seconds over the window's seconds, the mean over trials.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Cores {
    pub total: f64,
    pub server_user: f64,
    pub server_sys: f64,
    pub master: f64,
    pub load_user: f64,
    pub load_sys: f64,
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
    pub fn server(&self) -> f64 {
        self.server_user + self.server_sys + self.master
    }

    pub fn load(&self) -> f64 {
        self.load_user + self.load_sys
    }
}

/// Mean cores by owner over trials; `None` when no trial has a CPU account.
pub fn mean_cores<'a>(results: impl IntoIterator<Item = &'a TrialResult>) -> Option<Cores> {
    let trials: Vec<Cores> = results.into_iter().filter_map(of_trial).collect();
    let share = 1.0 / trials.len() as f64;
    let mean = |part: fn(&Cores) -> f64| trials.iter().fold(0.0, |sum, it| sum + part(it)) * share;
    (!trials.is_empty()).then(|| Cores {
        total: mean(|it| it.total),
        server_user: mean(|it| it.server_user),
        server_sys: mean(|it| it.server_sys),
        master: mean(|it| it.master),
        load_user: mean(|it| it.load_user),
        load_sys: mean(|it| it.load_sys),
        other: mean(|it| it.other),
        steal: mean(|it| it.steal),
        idle: mean(|it| it.idle),
        residual: mean(|it| it.residual),
        server_us_per_request: mean(|it| it.server_us_per_request),
        load_us_per_request: mean(|it| it.load_us_per_request),
    })
}

fn of_trial(result: &TrialResult) -> Option<Cores> {
    let cpu = &result.cpu;
    if cpu.elapsed_s <= 0.0 || cpu.cores == 0 {
        return None;
    }
    let cores = |seconds: f64| seconds / cpu.elapsed_s;
    // The CPU window and the measured one may differ by a little: compare rates, not totals.
    let per_request = 1e6 / result.throughput_rps.max(f64::MIN_POSITIVE);
    Some(Cores {
        total: f64::from(cpu.cores),
        server_user: cores(cpu.server_user_s),
        server_sys: cores(cpu.server_sys_s),
        master: cores(cpu.master_s),
        load_user: cores(cpu.load_user_s),
        load_sys: cores(cpu.load_sys_s),
        other: cores(cpu.other_s),
        steal: cores(cpu.steal_s),
        idle: cores(cpu.idle_s),
        residual: cores(cpu.residual_s),
        server_us_per_request: cores(cpu.server_user_s + cpu.server_sys_s + cpu.master_s)
            * per_request,
        load_us_per_request: cores(cpu.load_user_s + cpu.load_sys_s) * per_request,
    })
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
