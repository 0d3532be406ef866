//! Which CPUs are threads of one physical core, and which cores are stronger than others, as sysfs
//! tells (kernel: Documentation/admin-guide/cputopology.rst).

use std::fs;
use std::path::Path;

/// Where the kernel shows the CPUs.
pub const SYSFS: &str = "/sys/devices/system/cpu";

/// One CPU that may be used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cpu {
    pub number: u32,
    /// The lowest number among the CPUs of its physical core: the core's name here.
    pub core: u32,
    /// Its socket.
    pub package: u32,
    /// Strength beside other kinds of cores; the same for all where they are alike.
    pub capacity: u64,
}

/// The CPUs that may be used, rising by number.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Topology {
    /// Each of them.
    pub cpus: Vec<Cpu>,
}

impl Topology {
    /// Reads what the kernel tells below `sysfs` about the `allowed` CPUs. Where it tells nothing, a
    /// CPU is a core of its own.
    pub fn read(sysfs: &Path, allowed: &[u32]) -> Self {
        let cpu = |number: &u32| {
            let folder = sysfs.join(format!("cpu{number}"));
            let text = |name: &str| fs::read_to_string(folder.join(name)).unwrap_or_default();
            let number_in = |name: &str| text(name).trim().parse::<u64>().ok();
            let first = first_of(&text("topology/thread_siblings_list"));
            Cpu {
                number: *number,
                core: first.unwrap_or(*number),
                package: number_in("topology/physical_package_id").unwrap_or(0) as u32,
                capacity: number_in("cpu_capacity")
                    .or_else(|| number_in("cpufreq/cpuinfo_max_freq"))
                    .unwrap_or(0),
            }
        };
        Self { cpus: allowed.iter().map(cpu).collect() }
    }

    /// The CPUs in the order in which workers get them: one thread of each core first, strong cores
    /// before weak ones, sockets one after the other.
    pub fn in_order(&self) -> Vec<&Cpu> {
        let mut cpus: Vec<&Cpu> = self.cpus.iter().collect();
        cpus.sort_by_key(|cpu| {
            (
                self.place_in_core(cpu),
                std::cmp::Reverse(self.strength(cpu)),
                cpu.package,
                cpu.number,
            )
        });
        cpus
    }

    /// The number of physical cores.
    pub fn cores(&self) -> usize {
        self.count(|cpu| cpu.core)
    }

    /// The number of sockets.
    pub fn packages(&self) -> usize {
        self.count(|cpu| cpu.package)
    }

    fn place_in_core(&self, cpu: &Cpu) -> usize {
        self.cpus.iter().filter(|it| it.core == cpu.core && it.number < cpu.number).count()
    }

    /// Capacities within a tenth are the same kind of core: turbo limits differ from core to core.
    fn strength(&self, cpu: &Cpu) -> u64 {
        let strongest = self.cpus.iter().map(|it| it.capacity).max().unwrap_or(0);
        if cpu.capacity * 10 >= strongest * 9 { strongest } else { cpu.capacity }
    }

    fn count(&self, key: impl Fn(&Cpu) -> u32) -> usize {
        let mut keys: Vec<u32> = self.cpus.iter().map(key).collect();
        keys.sort_unstable();
        keys.dedup();
        keys.len()
    }
}

/// The first number of a list such as `0,4` or `2-3`: the kernel writes them rising.
fn first_of(list: &str) -> Option<u32> {
    list.split([',', '-']).next()?.trim().parse().ok()
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    /// A machine as sysfs would show it: for each CPU its siblings and its capacity.
    pub(crate) fn fixture(cpus: &[(&str, u64)]) -> (tempfile::TempDir, Topology) {
        let sysfs = tempfile::tempdir().unwrap();
        for (number, (siblings, capacity)) in cpus.iter().enumerate() {
            let topology = sysfs.path().join(format!("cpu{number}/topology"));
            fs::create_dir_all(&topology).unwrap();
            fs::write(topology.join("thread_siblings_list"), format!("{siblings}\n")).unwrap();
            fs::write(topology.join("physical_package_id"), "0\n").unwrap();
            let capacity_file = sysfs.path().join(format!("cpu{number}/cpu_capacity"));
            fs::write(capacity_file, format!("{capacity}\n")).unwrap();
        }
        let all: Vec<u32> = (0..cpus.len() as u32).collect();
        let topology = Topology::read(sysfs.path(), &all);
        (sysfs, topology)
    }

    fn order(topology: &Topology) -> Vec<u32> {
        topology.in_order().iter().map(|cpu| cpu.number).collect()
    }

    #[test]
    fn one_thread_of_each_core_comes_first_however_they_are_numbered() {
        let (_dir, apart) = fixture(&[("0,2", 0), ("1,3", 0), ("0,2", 0), ("1,3", 0)]);
        assert_eq!((order(&apart), apart.cores()), (vec![0, 1, 2, 3], 2));
        let (_dir, beside) = fixture(&[("0-1", 0), ("0-1", 0), ("2-3", 0), ("2-3", 0)]);
        assert_eq!((order(&beside), beside.cores()), (vec![0, 2, 1, 3], 2));
    }

    #[test]
    fn strong_cores_come_before_weak_ones_and_both_before_second_threads() {
        let hybrid =
            [("0-1", 1024), ("0-1", 1024), ("2-3", 1000), ("2-3", 1000), ("4", 600), ("5", 600)];
        let (_dir, topology) = fixture(&hybrid);
        assert_eq!(order(&topology), [0, 2, 4, 5, 1, 3]);
    }

    #[test]
    fn a_machine_that_tells_nothing_has_a_core_a_cpu() {
        let nowhere = Topology::read(Path::new("/nonexistent"), &[3, 5]);
        assert_eq!((order(&nowhere), nowhere.cores(), nowhere.packages()), (vec![3, 5], 2, 1));
    }

    #[test]
    fn this_machine_can_be_read() {
        let allowed = crate::sys::clocks::allowed_cpus().unwrap();
        let topology = Topology::read(Path::new(SYSFS), &allowed);
        assert_eq!(topology.cpus.len(), allowed.len());
        assert!((1..=allowed.len()).contains(&topology.cores()));
    }
}
