//! The operating system and its bounds: kernel, mitigations, virtualisation, control group, queues.

use std::path::Path;

use reports::record::Environment;

use super::Root;
use crate::harness::cpu_quota as quota;

/// Enters what is known of the system.
pub fn describe(root: &Root, environment: &mut Environment) {
    let sysctl = |name: &str| root.read(&format!("proc/sys/{name}"));
    environment.os = os_name(&root.read("etc/os-release"));
    environment.kernel = sysctl("kernel/osrelease");
    environment.arch = std::env::consts::ARCH.into();
    environment.memory_bytes = memory(&root.read("proc/meminfo"));
    environment.virtualisation = virtualisation(root);
    environment.load_1m = first_number(&root.read("proc/loadavg")).unwrap_or(0.0);
    environment.mitigations = mitigations(root);
    environment.kernel_command_line = telling(&root.read("proc/cmdline"));
    environment.clocksource =
        root.read("sys/devices/system/clocksource/clocksource0/current_clocksource");
    environment.somaxconn = sysctl("net/core/somaxconn").parse().unwrap_or(0);
    environment.syn_backlog = sysctl("net/ipv4/tcp_max_syn_backlog").parse().unwrap_or(0);
    environment.local_ports =
        sysctl("net/ipv4/ip_local_port_range").split_whitespace().collect::<Vec<_>>().join("-");
    environment.tcp_migrate_req = sysctl("net/ipv4/tcp_migrate_req");
    let membership = root.read("proc/self/cgroup");
    let mount = root.0.join(quota::MOUNT.trim_start_matches('/'));
    environment.cgroup_cpus = quota::Bound::find(&mount, &membership).map(|it| it.limit_cores);
    environment.cgroup_memory_bytes = memory_bound(&mount, &membership);
}

/// The value behind `name :` in a file such as `/proc/cpuinfo`.
pub fn field(text: &str, name: &str) -> Option<String> {
    let value = |line: &str| {
        let (key, value) = line.split_once(':')?;
        (key.trim() == name).then(|| value.trim().to_owned())
    };
    text.lines().find_map(value)
}

/// `PRETTY_NAME` of os-release(5).
fn os_name(text: &str) -> String {
    let name = text.lines().find_map(|line| line.strip_prefix("PRETTY_NAME="));
    name.unwrap_or_default().trim_matches('"').to_owned()
}

/// `MemTotal` in bytes; the file counts in kB, which are KiB.
fn memory(text: &str) -> u64 {
    let total = field(text, "MemTotal").unwrap_or_default();
    total.split(' ').next().and_then(|number| number.parse::<u64>().ok()).unwrap_or(0) * 1024
}

fn first_number(text: &str) -> Option<f64> {
    text.split_whitespace().next()?.parse().ok()
}

/// Container and hypervisor, as far as they show.
fn virtualisation(root: &Root) -> String {
    let mut found = Vec::new();
    if [".dockerenv", "run/.containerenv"].iter().any(|path| root.exists(path)) {
        found.push("container".to_owned());
    }
    let flags = field(&root.read("proc/cpuinfo"), "flags").unwrap_or_default();
    if flags.split(' ').any(|flag| flag == "hypervisor") {
        let vendor = root.read("sys/class/dmi/id/sys_vendor");
        found.push(if vendor.is_empty() {
            "virtual machine".to_owned()
        } else {
            format!("virtual machine ({vendor})")
        });
    }
    found.join(", ")
}

/// The flaws of the CPU that the kernel works around; the ones it does not have are left out.
fn mitigations(root: &Root) -> String {
    const FLAWS: &str = "sys/devices/system/cpu/vulnerabilities";
    let mut found = Vec::new();
    for flaw in root.list(FLAWS) {
        let state = root.read(&format!("{FLAWS}/{flaw}"));
        if !state.is_empty() && state != "Not affected" {
            found.push(format!("{flaw}: {state}"));
        }
    }
    found.join("; ")
}

/// The options of a kernel command line that a measurement depends on: CPUs set apart, their clocks and
/// idling, measures against their flaws. What else stands there, disks and secrets among it, is
/// nobody's business who reads a report.
fn telling(line: &str) -> String {
    const OPTIONS: [&str; 18] = [
        "amd_pstate",
        "audit",
        "clocksource",
        "cpuidle.governor",
        "idle",
        "intel_idle.max_cstate",
        "intel_pstate",
        "isolcpus",
        "maxcpus",
        "mitigations",
        "nohz_full",
        "nosmt",
        "preempt",
        "processor.max_cstate",
        "rcu_nocbs",
        "threadirqs",
        "transparent_hugepage",
        "tsc",
    ];
    let tells = |option: &&str| OPTIONS.contains(&option.split('=').next().unwrap_or_default());
    line.split_whitespace().filter(tells).collect::<Vec<_>>().join(" ")
}

/// The control group's bound on memory, the tightest on the path.
fn memory_bound(mount: &Path, membership: &str) -> Option<u64> {
    /// Version 1 writes "no bound" as a number near this.
    const UNBOUNDED: u64 = 1 << 60;
    let folders = quota::controller_folders(mount, membership, "memory");
    let bound = |folder: &Path| {
        let read = |name: &str| std::fs::read_to_string(folder.join(name)).ok();
        let text = read("memory.max").or_else(|| read("memory.limit_in_bytes"))?;
        text.trim().parse::<u64>().ok().filter(|bytes| *bytes < UNBOUNDED)
    };
    folders.iter().filter_map(|folder| bound(folder)).min()
}

#[cfg(test)]
mod tests {
    use super::super::tests::machine;
    use super::*;

    #[test]
    fn of_the_kernels_command_line_only_what_tells_is_kept() {
        let line =
            "root=UUID=1 mitigations=auto nosmt cryptkey=/dev/sda isolcpus=2-3 nosmtx quiet\n";
        assert_eq!(telling(line), "mitigations=auto nosmt isolcpus=2-3");
    }

    #[test]
    fn files_are_read_as_they_are_written() {
        let (_folder, root) = machine(&[
            ("etc/os-release", "ID=debian\nPRETTY_NAME=\"Debian GNU/Linux 12\"\n"),
            ("proc/meminfo", "MemTotal:       16384 kB\nMemFree: 1 kB\n"),
            ("proc/loadavg", "0.42 0.40 0.30 1/200 999\n"),
            ("proc/cpuinfo", "flags\t: fpu hypervisor sse\n"),
            ("proc/sys/net/core/somaxconn", "4096\n"),
            ("proc/sys/net/ipv4/ip_local_port_range", "32768\t60999\n"),
            ("sys/class/dmi/id/sys_vendor", "Maker\n"),
            ("sys/devices/system/cpu/vulnerabilities/meltdown", "Not affected\n"),
            ("sys/devices/system/cpu/vulnerabilities/spectre_v1", "Mitigation: usercopy\n"),
            ("proc/self/cgroup", "0::/a\n"),
            ("sys/fs/cgroup/a/cpu.max", "50000 100000\n"),
            ("sys/fs/cgroup/a/memory.max", "1048576\n"),
        ]);
        let mut found = Environment::default();
        describe(&root, &mut found);
        assert_eq!(found.os, "Debian GNU/Linux 12");
        assert_eq!((found.memory_bytes, found.somaxconn), (16384 * 1024, 4096));
        assert!((found.load_1m - 0.42).abs() < 1e-9);
        assert_eq!(found.virtualisation, "virtual machine (Maker)");
        assert_eq!(found.mitigations, "spectre_v1: Mitigation: usercopy");
        assert_eq!(found.local_ports, "32768-60999");
        assert_eq!((found.cgroup_cpus, found.cgroup_memory_bytes), (Some(0.5), Some(1 << 20)));
    }
}
