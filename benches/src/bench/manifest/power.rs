//! Power and heat: on battery a laptop runs slower, and a hot one is slowed down.

use reports::record::Environment;

use super::Root;

const SUPPLIES: &str = "sys/class/power_supply";
const CPUS: &str = "sys/devices/system/cpu";

/// Enters what is known of power and heat.
pub fn describe(root: &Root, environment: &mut Environment) {
    environment.power = power(root);
    environment.thermal_throttles = throttles(root);
}

/// What feeds the machine; empty when nothing tells.
fn power(root: &Root) -> String {
    let mut words = Vec::new();
    for supply in root.list(SUPPLIES) {
        let read = |name: &str| root.read(&format!("{SUPPLIES}/{supply}/{name}"));
        match read("type").as_str() {
            "Mains" if read("online") == "1" => words.insert(0, "mains".to_owned()),
            // A mouse has a battery, too.
            "Battery" if read("scope") != "Device" => {
                let (charge, status) = (read("capacity"), read("status").to_lowercase());
                words.push(format!("battery {charge} % ({status})"));
            }
            _ => {}
        }
    }
    words.join(", ")
}

/// How often the CPUs were slowed down for heat since the machine started.
fn throttles(root: &Root) -> Option<u64> {
    let names = root.list(CPUS);
    let cpus = names.iter().filter(|name| name.starts_with("cpu"));
    let counts: Vec<u64> = cpus
        .filter_map(|cpu| {
            root.number(&format!("{CPUS}/{cpu}/thermal_throttle/core_throttle_count"))
        })
        .collect();
    (!counts.is_empty()).then(|| counts.iter().sum())
}

#[cfg(test)]
mod tests {
    use super::super::tests::machine;
    use super::*;

    #[test]
    fn a_laptop_on_battery_that_was_hot_says_so() {
        let (_folder, root) = machine(&[
            ("sys/class/power_supply/AC/type", "Mains\n"),
            ("sys/class/power_supply/AC/online", "0\n"),
            ("sys/class/power_supply/BAT0/type", "Battery\n"),
            ("sys/class/power_supply/BAT0/capacity", "63\n"),
            ("sys/class/power_supply/BAT0/status", "Discharging\n"),
            ("sys/class/power_supply/mouse/type", "Battery\n"),
            ("sys/class/power_supply/mouse/scope", "Device\n"),
            ("sys/devices/system/cpu/cpu0/thermal_throttle/core_throttle_count", "3\n"),
            ("sys/devices/system/cpu/cpu1/thermal_throttle/core_throttle_count", "4\n"),
        ]);
        let mut found = Environment::default();
        describe(&root, &mut found);
        assert_eq!(found.power, "battery 63 % (discharging)");
        assert_eq!(found.thermal_throttles, Some(7));
    }
}
