//! Where a trial runs: which CPUs the server gets, and which are left for the generator.
//!
//! What varies in this experiment is the number of CPUs: `N` workers get `N`, one each, on as many
//! physical cores as there are. The generator gets others: on cores that the server does not touch,
//! else the second threads of the server's cores, else, where no CPU is left, it competes with the
//! server. The record says which.

pub mod topology;

use reports::record::Cpus;

use topology::Topology;

/// The CPUs of both sides for a server with this many workers.
///
/// With more workers than CPUs the server gets all of them, and worker `i` is pinned to the `i`-th,
/// round and round.
pub fn place(topology: &Topology, workers: u32) -> Cpus {
    let order = topology.in_order();
    let wanted = (workers as usize).min(order.len());
    let (server, rest) = order.split_at(wanted);
    let touched = |core: u32| server.iter().any(|cpu| cpu.core == core);
    let (siblings, apart): (Vec<_>, Vec<_>) = rest.iter().partition(|cpu| touched(cpu.core));
    let (load, is_sibling) = match (apart.is_empty(), siblings.is_empty()) {
        (false, _) => (apart, false),
        (true, false) => (siblings, true),
        (true, true) => (order.clone(), false),
    };
    // A request costs a generator about what `hello` costs a server: as many CPUs are enough.
    let most = if rest.is_empty() { order.len() } else { wanted };
    let numbers =
        |cpus: &[&topology::Cpu]| -> Vec<u32> { cpus.iter().map(|it| it.number).collect() };
    Cpus {
        server: numbers(server),
        load: numbers(&load[..most.min(load.len())]),
        siblings: is_sibling,
    }
}

/// The same in words, for all the worker counts of a run.
pub fn in_words(topology: &Topology, worker_counts: &[u32]) -> String {
    let mut counts: Vec<u32> = worker_counts.to_vec();
    counts.sort_unstable();
    counts.dedup();
    let list = |wanted: fn(&Cpus) -> bool| {
        let those = counts.iter().filter(|count| wanted(&place(topology, **count)));
        those.map(u32::to_string).collect::<Vec<_>>().join(", ")
    };
    let apart = list(|cpus| !cpus.shared() && !cpus.siblings);
    let siblings = list(|cpus| cpus.siblings);
    let together = list(Cpus::shared);
    let mut words =
        vec!["Each worker is pinned to a CPU of its own as far as there are enough.".to_owned()];
    if !apart.is_empty() {
        words.push(format!("With a worker count of {apart} the generator has CPUs of its own."));
    }
    if !siblings.is_empty() {
        words.push(format!(
            "With {siblings} it runs on second threads of the server's cores, whose strength both \
             share."
        ));
    }
    if !together.is_empty() {
        words.push(format!(
            "With {together} no CPU of the {} is left over: the generator shares them with the \
             server.",
            topology.cpus.len()
        ));
    }
    words.join(" ")
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::topology::tests::fixture;
    use super::*;

    /// A machine with these CPUs, each a core of its own.
    fn plain(allowed: &[u32]) -> Topology {
        Topology::read(Path::new("/nonexistent"), allowed)
    }

    fn sides(topology: &Topology, workers: u32) -> (Vec<u32>, Vec<u32>) {
        let cpus = place(topology, workers);
        (cpus.server, cpus.load)
    }

    #[test]
    fn one_worker_of_two_cpus_leaves_the_other_to_the_generator() {
        assert_eq!(sides(&plain(&[0, 1]), 1), (vec![0], vec![1]));
        assert!(!place(&plain(&[0, 1]), 1).shared());
    }

    #[test]
    fn two_workers_on_two_cpus_share_them_with_the_generator() {
        assert_eq!(sides(&plain(&[0, 1]), 2), (vec![0, 1], vec![0, 1]));
        assert!(place(&plain(&[0, 1]), 2).shared());
    }

    #[test]
    fn the_generator_gets_as_many_cpus_as_the_server_and_no_more() {
        let allowed: Vec<u32> = (0..16).collect();
        assert_eq!(sides(&plain(&allowed), 4), (vec![0, 1, 2, 3], vec![4, 5, 6, 7]));
    }

    #[test]
    fn the_generator_takes_what_is_left_when_it_is_less() {
        assert_eq!(sides(&plain(&[0, 1, 2]), 2), (vec![0, 1], vec![2]));
    }

    #[test]
    fn only_allowed_cpus_are_used() {
        assert_eq!(sides(&plain(&[3, 7, 9, 11]), 2), (vec![3, 7], vec![9, 11]));
    }

    #[test]
    fn more_workers_than_cpus_get_them_all() {
        assert_eq!(sides(&plain(&[0, 1]), 4), (vec![0, 1], vec![0, 1]));
    }

    #[test]
    fn one_cpu_is_shared() {
        assert!(place(&plain(&[5]), 1).shared());
    }

    #[test]
    fn the_generator_keeps_off_the_server_s_cores_while_others_are_free() {
        let (_dir, four_cores) = fixture(&[
            ("0,4", 0),
            ("1,5", 0),
            ("2,6", 0),
            ("3,7", 0),
            ("0,4", 0),
            ("1,5", 0),
            ("2,6", 0),
            ("3,7", 0),
        ]);
        assert_eq!(sides(&four_cores, 1), (vec![0], vec![1]));
        assert_eq!(sides(&four_cores, 2), (vec![0, 1], vec![2, 3]));
        assert_eq!(sides(&four_cores, 3), (vec![0, 1, 2], vec![3, 7]));
        let cpus = place(&four_cores, 4);
        assert_eq!(cpus.load, [4, 5, 6, 7]);
        assert!(cpus.siblings && !cpus.shared());
        assert!(place(&four_cores, 8).shared());
    }

    #[test]
    fn two_threads_of_one_core_are_siblings_and_said_to_be() {
        let (_dir, one_core) = fixture(&[("0-1", 0), ("0-1", 0)]);
        assert!(place(&one_core, 1).siblings);
        assert!(in_words(&one_core, &[1]).contains("second threads"));
    }

    #[test]
    fn the_words_name_both_kinds_of_worker_counts() {
        let words = in_words(&plain(&[0, 1]), &[2, 1, 4, 1]);
        assert!(words.contains("With a worker count of 1 the generator has CPUs"), "{words}");
        assert!(words.contains("With 2, 4 no CPU of the 2 is left over"), "{words}");
    }
}
