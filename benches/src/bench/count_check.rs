//! Conservation of counts: what the clients got is what the workers gave.
//!
//! Both sides count over their whole life, warm-up included. For each worker the server's requests
//! minus the clients' answers must be 0; when requests failed, a worker may have answered some of
//! them in vain, so the difference lies between 0 and the number of failures. A trial that breaks
//! this law measured something else than it claims, and is not valid.

use std::collections::BTreeMap;

use reports::record::TrialResult;

use crate::harness::server_counts::ServerCounts;

/// Compares both sides' books; each broken law is one sentence. Empty: they agree.
pub fn check(result: &TrialResult, books: &ServerCounts) -> Vec<String> {
    let mut broken = Vec::new();
    let mut answers: BTreeMap<u32, u64> = BTreeMap::new();
    for worker in &result.workers {
        match worker.id {
            Some(id) => *answers.entry(id).or_default() += worker.client_requests,
            None if worker.client_requests > 0 => {
                broken
                    .push(format!("{} answers do not tell their worker.", worker.client_requests));
            }
            None => {}
        }
    }
    let counted: u64 = result.workers.iter().map(|worker| worker.client_requests).sum();
    if counted != result.lifetime.answered {
        broken.push(format!(
            "The generator had {} answers, but counted {counted} over its workers.",
            result.lifetime.answered
        ));
    }
    let failed = result.lifetime.failed;
    let mut in_vain = 0;
    for id in
        books.workers.keys().chain(answers.keys().filter(|id| !books.workers.contains_key(id)))
    {
        let given = books.workers.get(id).map_or(0, |life| life.requests);
        let got = answers.get(id).copied().unwrap_or(0);
        match given.checked_sub(got) {
            Some(difference) if difference <= failed => in_vain += difference,
            _ => broken.push(format!(
                "Worker {id} answered {given} requests, but the clients got {got} of its answers{}.",
                allowance(failed)
            )),
        }
    }
    if in_vain > failed {
        broken.push(format!(
            "The workers answered {in_vain} requests more than the clients got answers{}.",
            allowance(failed)
        ));
    }
    broken
}

/// How far the counts might have differed.
fn allowance(failed: u64) -> String {
    if failed == 0 { String::new() } else { format!(" ({failed} requests failed)") }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::harness::server_counts::Life;
    use reports::record::{Lifetime, Worker};

    fn books(requests: &[u64]) -> ServerCounts {
        let life = |requests: &u64| Life { requests: *requests, ..Life::default() };
        let workers = (1..).zip(requests.iter().map(life)).collect();
        ServerCounts { master: Some(1), workers, ..ServerCounts::default() }
    }

    fn result(client_requests: &[u64], failed: u64) -> TrialResult {
        let worker = |(id, got): (u32, &u64)| Worker {
            id: Some(id),
            client_requests: *got,
            ..Worker::default()
        };
        TrialResult {
            workers: (1..).zip(client_requests).map(worker).collect(),
            lifetime: Lifetime {
                answered: client_requests.iter().sum(),
                failed,
                ..Lifetime::default()
            },
            ..TrialResult::default()
        }
    }

    #[test]
    fn equal_counts_are_conserved() {
        assert!(check(&result(&[5, 7], 0), &books(&[5, 7])).is_empty());
    }

    #[test]
    fn one_lost_answer_without_an_error_breaks_the_law() {
        let broken = check(&result(&[5, 6], 0), &books(&[5, 7]));
        assert_eq!(broken, ["Worker 2 answered 7 requests, but the clients got 6 of its answers."]);
    }

    #[test]
    fn an_answer_from_nowhere_breaks_the_law_even_with_errors() {
        assert_eq!(check(&result(&[6, 7], 3), &books(&[5, 7])).len(), 1);
    }

    #[test]
    fn failed_requests_may_have_been_answered_in_vain() {
        assert!(check(&result(&[5, 5], 2), &books(&[5, 7])).is_empty());
        assert_eq!(check(&result(&[5, 5], 1), &books(&[5, 7])).len(), 1);
    }

    #[test]
    fn failures_do_not_count_twice_over_the_workers() {
        assert_eq!(check(&result(&[5, 5], 2), &books(&[7, 7])).len(), 1);
    }

    #[test]
    fn swapped_workers_break_the_law() {
        assert_eq!(check(&result(&[7, 5], 0), &books(&[5, 7])).len(), 2);
    }

    #[test]
    fn answers_of_a_worker_that_the_server_does_not_know_break_the_law() {
        assert_eq!(check(&result(&[5, 7], 0), &books(&[5])).len(), 1);
    }

    #[test]
    fn answers_without_a_worker_break_the_law() {
        let mut result = result(&[5], 0);
        result.workers.push(Worker { client_requests: 2, ..Worker::default() });
        result.lifetime.answered = 7;
        assert_eq!(check(&result, &books(&[5])), ["2 answers do not tell their worker."]);
    }
}
