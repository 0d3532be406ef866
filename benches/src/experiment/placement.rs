//! Where a trial runs: which CPUs the server gets, and which are left for the generator.
//!
//! What varies in this experiment is the number of CPUs: `N` workers get the first `N`, one each.
//! The generator gets others as long as there are any; otherwise it competes with the server, and
//! the record says so. Next: [`super::trial`].

use reports::record::Cpus;

/// The CPUs of both sides for a server with this many workers.
///
/// `allowed` are the CPUs that this process may use, rising. With more workers than CPUs the server
/// gets all of them, and worker `i` is pinned to the `i`-th, round and round.
pub fn place(allowed: &[u32], workers: u32) -> Cpus {
    let wanted = workers as usize;
    let server = &allowed[..wanted.min(allowed.len())];
    let free = &allowed[server.len()..];
    // A request costs a generator about what `hello` costs a server: as many CPUs are enough.
    let load = if free.is_empty() { allowed } else { &free[..wanted.min(free.len())] };
    Cpus { server: server.to_vec(), load: load.to_vec() }
}

/// The same in words, for all the worker counts of a run.
pub fn in_words(allowed: &[u32], worker_counts: &[u32]) -> String {
    let list = |shared: bool| {
        let mut counts: Vec<u32> = worker_counts.to_vec();
        counts.sort_unstable();
        counts.dedup();
        counts.retain(|count| place(allowed, *count).shared() == shared);
        counts.iter().map(u32::to_string).collect::<Vec<_>>().join(", ")
    };
    let (apart, together) = (list(false), list(true));
    let mut words =
        vec!["Each worker is pinned to a CPU of its own as far as there are enough.".to_owned()];
    if !apart.is_empty() {
        words.push(format!("With a worker count of {apart} the generator has CPUs of its own."));
    }
    if !together.is_empty() {
        words.push(format!(
            "With {together} no CPU of the {} is left over: the generator shares them with the \
             server.",
            allowed.len()
        ));
    }
    words.join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_worker_of_two_cpus_leaves_the_other_to_the_generator() {
        let cpus = place(&[0, 1], 1);
        assert_eq!((cpus.server.as_slice(), cpus.load.as_slice()), (&[0][..], &[1][..]));
        assert!(!cpus.shared());
    }

    #[test]
    fn two_workers_on_two_cpus_share_them_with_the_generator() {
        let cpus = place(&[0, 1], 2);
        assert_eq!((cpus.server.as_slice(), cpus.load.as_slice()), (&[0, 1][..], &[0, 1][..]));
        assert!(cpus.shared());
    }

    #[test]
    fn the_generator_gets_as_many_cpus_as_the_server_and_no_more() {
        let allowed: Vec<u32> = (0..16).collect();
        let cpus = place(&allowed, 4);
        assert_eq!(
            (cpus.server.as_slice(), cpus.load.as_slice()),
            (&[0, 1, 2, 3][..], &[4, 5, 6, 7][..])
        );
    }

    #[test]
    fn the_generator_takes_what_is_left_when_it_is_less() {
        let cpus = place(&[0, 1, 2], 2);
        assert_eq!((cpus.server.as_slice(), cpus.load.as_slice()), (&[0, 1][..], &[2][..]));
    }

    #[test]
    fn only_allowed_cpus_are_used() {
        let cpus = place(&[3, 7, 9, 11], 2);
        assert_eq!((cpus.server.as_slice(), cpus.load.as_slice()), (&[3, 7][..], &[9, 11][..]));
    }

    #[test]
    fn more_workers_than_cpus_get_them_all() {
        let cpus = place(&[0, 1], 4);
        assert_eq!((cpus.server.as_slice(), cpus.load.as_slice()), (&[0, 1][..], &[0, 1][..]));
    }

    #[test]
    fn one_cpu_is_shared() {
        assert!(place(&[5], 1).shared());
    }

    #[test]
    fn the_words_name_both_kinds_of_worker_counts() {
        let words = in_words(&[0, 1], &[2, 1, 4, 1]);
        assert!(words.contains("With a worker count of 1 the generator has CPUs"), "{words}");
        assert!(words.contains("With 2, 4 no CPU of the 2 is left over"), "{words}");
    }
}
