//! The processor: kinds of cores, caches, threads a core, frequency, as sysfs tells.

use std::collections::BTreeMap;

use reports::record::Environment;

use super::Root;
use crate::bench::placement::topology::Topology;

/// Where sysfs shows the CPUs.
const CPUS: &str = "sys/devices/system/cpu";

/// Enters what is known of the processor.
pub fn describe(root: &Root, topology: &Topology, environment: &mut Environment) {
    let cpuinfo = root.read("proc/cpuinfo");
    environment.cpu_model = ["model name", "Model", "Hardware"]
        .into_iter()
        .find_map(|name| super::system::field(&cpuinfo, name))
        .unwrap_or_default();
    environment.cpus_online = root.read(&format!("{CPUS}/online"));
    environment.numa_nodes = root.read("sys/devices/system/node/online");
    environment.smt = root.read(&format!("{CPUS}/smt/control"));
    environment.hybrid = hybrid(topology);
    let first = topology.cpus.first().map_or(0, |cpu| cpu.number);
    environment.caches = caches(root, first);
    environment.governor = governor(root, topology);
    environment.frequency = frequency(root, topology, &cpuinfo);
    environment.turbo = turbo(root);
}

/// Groups of CPUs of unlike capacity; empty when all are alike.
fn hybrid(topology: &Topology) -> String {
    let mut groups: BTreeMap<u64, Vec<u32>> = BTreeMap::new();
    for cpu in &topology.cpus {
        groups.entry(cpu.capacity).or_default().push(cpu.number);
    }
    let (least, most) = (groups.keys().next(), groups.keys().next_back());
    // Limits of frequency differ a little from core to core; kinds of cores differ by much.
    match (least, most) {
        (Some(least), Some(most)) if least * 10 < most * 9 => {}
        _ => return String::new(),
    }
    let group = |(capacity, cpus): (&u64, &Vec<u32>)| format!("CPUs {}: {capacity}", ranges(cpus));
    groups.iter().rev().map(group).collect::<Vec<_>>().join("; ")
}

/// `0-3,8`: rising numbers as the kernel writes them.
fn ranges(numbers: &[u32]) -> String {
    let mut parts: Vec<(u32, u32)> = Vec::new();
    for number in numbers {
        match parts.last_mut() {
            Some((_, last)) if *last + 1 == *number => *last = *number,
            _ => parts.push((*number, *number)),
        }
    }
    let part = |(first, last): &(u32, u32)| match last - first {
        0 => first.to_string(),
        _ => format!("{first}-{last}"),
    };
    parts.iter().map(part).collect::<Vec<_>>().join(",")
}

/// One CPU's caches, from the nearest on.
fn caches(root: &Root, cpu: u32) -> String {
    let folder = format!("{CPUS}/cpu{cpu}/cache");
    let mut found = Vec::new();
    for index in root.list(&folder).into_iter().filter(|name| name.starts_with("index")) {
        let read = |name: &str| root.read(&format!("{folder}/{index}/{name}"));
        let kind = match read("type").as_str() {
            "Data" => "d",
            "Instruction" => "i",
            _ => "",
        };
        let (level, size, shared) = (read("level"), read("size"), read("shared_cpu_list"));
        if !size.is_empty() {
            found.push(format!("L{level}{kind} {size} (CPUs {shared})"));
        }
    }
    found.join(", ")
}

/// Driver and governor, each kind once.
fn governor(root: &Root, topology: &Topology) -> String {
    let mut found: Vec<String> = Vec::new();
    for cpu in &topology.cpus {
        let read = |name: &str| root.read(&format!("{CPUS}/cpu{}/cpufreq/{name}", cpu.number));
        let words = [read("scaling_driver"), read("scaling_governor")];
        let words: Vec<String> = words.into_iter().filter(|word| !word.is_empty()).collect();
        let line = words.join(", ");
        if !line.is_empty() && !found.contains(&line) {
            found.push(line);
        }
    }
    found.join("; ")
}

/// The range of frequencies, and the one now.
fn frequency(root: &Root, topology: &Topology, cpuinfo: &str) -> String {
    let mhz = |name: &str| -> Vec<u64> {
        let read = |number: u32| root.number(&format!("{CPUS}/cpu{number}/cpufreq/{name}"));
        topology.cpus.iter().filter_map(|cpu| read(cpu.number)).map(|khz| khz / 1000).collect()
    };
    let least = mhz("scaling_min_freq").into_iter().min();
    let most = mhz("scaling_max_freq").into_iter().max();
    let mut now = mhz("scaling_cur_freq");
    if now.is_empty() {
        let lines = cpuinfo.lines().filter_map(|line| line.split_once(':'));
        let speeds = lines.filter(|(name, _)| name.trim() == "cpu MHz");
        now = speeds
            .filter_map(|(_, mhz)| mhz.trim().parse::<f64>().ok())
            .map(|it| it as u64)
            .collect();
    }
    let mut words = Vec::new();
    if let (Some(least), Some(most)) = (least, most) {
        words.push(format!("{least}-{most} MHz"));
    }
    if let (Some(slowest), Some(fastest)) = (now.iter().min(), now.iter().max()) {
        let range =
            if slowest == fastest { slowest.to_string() } else { format!("{slowest}-{fastest}") };
        words.push(format!("now {range} MHz"));
    }
    words.join(", ")
}

/// Whether the CPU may go beyond its nominal frequency.
fn turbo(root: &Root) -> String {
    let is_off = root.number(&format!("{CPUS}/intel_pstate/no_turbo"));
    let is_on = root.number(&format!("{CPUS}/cpufreq/boost"));
    match (is_off, is_on) {
        (Some(0), _) | (None, Some(1)) => "on".to_owned(),
        (Some(_), _) | (None, Some(_)) => "off".to_owned(),
        (None, None) => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::super::tests::machine;
    use super::*;

    const FILES: &[(&str, &str)] = &[
        ("proc/cpuinfo", "processor\t: 0\nmodel name\t: Some CPU\n"),
        ("sys/devices/system/cpu/online", "0-3\n"),
        ("sys/devices/system/cpu/smt/control", "on\n"),
        ("sys/devices/system/cpu/cpu0/cache/index0/level", "1\n"),
        ("sys/devices/system/cpu/cpu0/cache/index0/type", "Data\n"),
        ("sys/devices/system/cpu/cpu0/cache/index0/size", "48K\n"),
        ("sys/devices/system/cpu/cpu0/cache/index0/shared_cpu_list", "0-1\n"),
        ("sys/devices/system/cpu/cpu0/cache/index2/level", "2\n"),
        ("sys/devices/system/cpu/cpu0/cache/index2/type", "Unified\n"),
        ("sys/devices/system/cpu/cpu0/cache/index2/size", "2048K\n"),
        ("sys/devices/system/cpu/cpu0/cache/index2/shared_cpu_list", "0-3\n"),
        ("sys/devices/system/cpu/cpu0/cpufreq/scaling_driver", "intel_pstate\n"),
        ("sys/devices/system/cpu/cpu0/cpufreq/scaling_governor", "powersave\n"),
        ("sys/devices/system/cpu/cpu0/cpufreq/scaling_min_freq", "800000\n"),
        ("sys/devices/system/cpu/cpu0/cpufreq/scaling_max_freq", "4700000\n"),
        ("sys/devices/system/cpu/cpu0/cpufreq/scaling_cur_freq", "1200000\n"),
        ("sys/devices/system/cpu/cpu0/cpu_capacity", "1024\n"),
        ("sys/devices/system/cpu/cpu1/cpu_capacity", "1024\n"),
        ("sys/devices/system/cpu/cpu2/cpu_capacity", "446\n"),
        ("sys/devices/system/cpu/cpu3/cpu_capacity", "446\n"),
        ("sys/devices/system/cpu/intel_pstate/no_turbo", "0\n"),
    ];

    #[test]
    fn a_hybrid_laptop_is_described_by_its_sysfs() {
        let (folder, root) = machine(FILES);
        let cpus: &Path = &folder.path().join(CPUS);
        let mut found = Environment::default();
        describe(&root, &Topology::read(cpus, &[0, 1, 2, 3]), &mut found);
        assert_eq!(found.cpu_model, "Some CPU");
        assert_eq!(found.smt, "on");
        assert_eq!(found.hybrid, "CPUs 0-1: 1024; CPUs 2-3: 446");
        assert_eq!(found.caches, "L1d 48K (CPUs 0-1), L2 2048K (CPUs 0-3)");
        assert_eq!(found.governor, "intel_pstate, powersave");
        assert_eq!(found.frequency, "800-4700 MHz, now 1200 MHz");
        assert_eq!(found.turbo, "on");
    }

    #[test]
    fn ranges_are_written_as_the_kernel_does() {
        assert_eq!(ranges(&[0, 1, 2, 5, 7, 8]), "0-2,5,7-8");
    }
}
