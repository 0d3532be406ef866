//! What spoils a measurement, one sentence each: said before the run, and on the page.

use reports::record::Environment;

use crate::bench::plan::Plan;

/// Busy CPUs before the start that are worth a warning.
const BUSY: f64 = 0.25;

/// Load average that is worth a warning.
const LOAD: f64 = 0.5;

/// What the machine's state spoils.
pub fn of_machine(environment: &Environment) -> Vec<String> {
    let Environment { busy_before, load_1m, cores, hybrid, governor, power, open_files, .. } =
        environment;
    let (is_busy, cpus) = (*busy_before > BUSY, environment.cgroup_cpus.unwrap_or(f64::INFINITY));
    let warnings = [
        (
            environment.build == "debug",
            "This is a debug build: its figures say little. Run it with `cargo run --release`."
                .to_owned(),
        ),
        (is_busy, format!("Other programs kept {busy_before:.2} CPUs busy just before the start.")),
        (
            !is_busy && *load_1m > LOAD,
            format!(
                "The load average was {load_1m:.2} before the start: other programs were running."
            ),
        ),
        (
            *cores < 4,
            format!(
                "CPUs: {cores}. With as many workers, the generator takes a part of what the server could use."
            ),
        ),
        (!hybrid.is_empty(), format!("The cores are of unlike strength ({hybrid}).")),
        (
            governor.contains("powersave") && !governor.contains("pstate"),
            "The CPUs are kept at their lowest frequency (governor powersave).".to_owned(),
        ),
        (
            power.contains("discharging") && !power.contains("mains"),
            format!("The machine runs on {power}: it may be slowed down."),
        ),
        (
            cpus < f64::from(*cores),
            format!("A control group bounds this run to {cpus:.2} of {cores} CPUs."),
        ),
        (
            (1..1024).contains(open_files),
            format!("A process may open {open_files} files only: many connections will fail."),
        ),
    ];
    warnings.into_iter().filter(|(is_so, _)| *is_so).map(|(_, warning)| warning).collect()
}

/// What the machine's bounds do to this plan.
pub fn of_plan(environment: &Environment, plan: &Plan) -> Vec<String> {
    let connections = plan.workloads.iter().map(|it| u64::from(it.connections.0)).max();
    let most = connections.unwrap_or(0);
    let mut warnings = Vec::new();
    if environment.somaxconn > 0 && environment.somaxconn < most {
        warnings.push(format!(
            "The kernel keeps {} new connections waiting at most (net.core.somaxconn), and {most} \
             are opened at once.",
            environment.somaxconn
        ));
    }
    warnings
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bench::plan::Overrides;
    use crate::bench::suite::find::tests::built_in;

    fn quiet() -> Environment {
        Environment {
            cores: 8,
            load_1m: 0.1,
            open_files: 4096,
            somaxconn: 4096,
            build: "release".to_owned(),
            power: "mains, battery 80 % (charging)".to_owned(),
            governor: "intel_pstate, powersave".to_owned(),
            ..Environment::default()
        }
    }

    #[test]
    fn a_quiet_machine_with_cores_to_spare_has_no_warning() {
        assert_eq!(of_machine(&quiet()), Vec::<String>::new());
    }

    #[test]
    fn what_spoils_a_measurement_is_said() {
        let spoilt = Environment {
            load_1m: 1.5,
            cores: 2,
            open_files: 256,
            build: "debug".to_owned(),
            governor: "acpi-cpufreq, powersave".to_owned(),
            power: "battery 40 % (discharging)".to_owned(),
            hybrid: "CPUs 0: 1024; CPUs 1: 400".to_owned(),
            cgroup_cpus: Some(1.5),
            ..quiet()
        };
        let warnings = of_machine(&spoilt);
        assert_eq!(warnings.len(), 8, "{warnings:?}");
        assert!(warnings[0].contains("debug build"));
        assert!(warnings[1].contains("1.50"));
    }

    #[test]
    fn busy_cpus_are_named_rather_than_the_load_average() {
        let busy = Environment { busy_before: 0.8, load_1m: 3.0, ..quiet() };
        assert_eq!(
            of_machine(&busy),
            ["Other programs kept 0.80 CPUs busy just before the start."]
        );
    }

    #[test]
    fn an_accept_queue_smaller_than_the_connections_is_said() {
        let plan = Plan::new(&built_in("quick"), &Overrides::default(), &[], 2, 1).unwrap();
        assert_eq!(of_plan(&quiet(), &plan), Vec::<String>::new());
        let small = Environment { somaxconn: 16, ..quiet() };
        assert!(of_plan(&small, &plan)[0].contains("16 new connections"));
    }
}
