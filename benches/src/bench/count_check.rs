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
    fn counts_are_conserved_or_break_the_law_as_described() {
        type Row<'a> = (&'a str, &'a [u64], u64, &'a [u64], usize);
        let rows: [Row<'_>; 7] = [
            ("equal counts are conserved", &[5, 7], 0, &[5, 7], 0),
            ("an answer from nowhere, even with errors", &[6, 7], 3, &[5, 7], 1),
            ("failed requests may have been answered in vain", &[5, 5], 2, &[5, 7], 0),
            ("but not more than failed", &[5, 5], 1, &[5, 7], 1),
            ("failures do not count twice over the workers", &[5, 5], 2, &[7, 7], 1),
            ("swapped workers", &[7, 5], 0, &[5, 7], 2),
            ("answers of a worker that the server does not know", &[5, 7], 0, &[5], 1),
        ];
        for (what, answers, failed, requests, broken) in rows {
            assert_eq!(check(&result(answers, failed), &books(requests)).len(), broken, "{what}");
        }
    }

    #[test]
    fn one_lost_answer_without_an_error_breaks_the_law() {
        let broken = check(&result(&[5, 6], 0), &books(&[5, 7]));
        assert_eq!(broken, ["Worker 2 answered 7 requests, but the clients got 6 of its answers."]);
    }

    #[test]
    fn answers_without_a_worker_break_the_law() {
        let mut result = result(&[5], 0);
        result.workers.push(Worker { client_requests: 2, ..Worker::default() });
        result.lifetime.answered = 7;
        assert_eq!(check(&result, &books(&[5])), ["2 answers do not tell their worker."]);
    }
}
