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

    type Row<'a> = (&'a str, &'a [u32], u32, &'a [u32], &'a [u32]);

    #[test]
    fn cores_of_one_thread_are_placed_as_described() {
        let sixteen: Vec<u32> = (0..16).collect();
        let rows: [Row<'_>; 7] = [
            ("one of two CPUs leaves the other to the generator", &[0, 1], 1, &[0], &[1]),
            ("two workers on two CPUs share them with it", &[0, 1], 2, &[0, 1], &[0, 1]),
            ("it gets as many as the server, no more", &sixteen, 4, &[0, 1, 2, 3], &[4, 5, 6, 7]),
            ("it takes what is left when that is less", &[0, 1, 2], 2, &[0, 1], &[2]),
            ("only allowed CPUs are used", &[3, 7, 9, 11], 2, &[3, 7], &[9, 11]),
            ("more workers than CPUs get them all", &[0, 1], 4, &[0, 1], &[0, 1]),
            ("one CPU is shared", &[5], 1, &[5], &[5]),
        ];
        for (what, allowed, workers, server, load) in rows {
            let cpus = place(&plain(allowed), workers);
            assert_eq!((&cpus.server[..], &cpus.load[..]), (server, load), "{what}");
            assert_eq!(cpus.shared(), server == load, "{what}");
        }
    }

    #[test]
    fn the_generator_keeps_off_the_server_s_cores_while_others_are_free() {
        let cores = ["0,4", "1,5", "2,6", "3,7"].map(|siblings| (siblings, 0));
        let (_dir, four_cores) = fixture(&[cores, cores].concat());
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
