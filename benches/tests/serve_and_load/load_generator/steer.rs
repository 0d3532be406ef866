//! Steering: connections lie where they should before a run begins, and both sides' counts agree.

use server::events::Exit;

use super::support::{Behaviour, Engine, HELLO, Server, engines, load, number, refused};
use crate::common::Cluster;

/// Those that can be steered: reqwest keeps its connections to itself.
fn steerable() -> Vec<Engine> {
    engines().into_iter().filter(|engine| engine.0 != "reqwest").collect()
}

#[test]
fn each_worker_holds_its_share_and_both_sides_count_the_same() {
    for engine in steerable() {
        for (steer, shares) in [("equal", [6, 6]), ("3:1", [9, 3]), ("1:5", [2, 10])] {
            let mut cluster = Cluster::start("reuseport", 2, &[]);
            let url = cluster.url();
            let arguments =
                ["-c", "12", "-n", "600", "-t", "2", "--steer", steer, "--json", "-", &url];
            let result = engine.load(&arguments).json();
            assert_eq!(number(&result, "/requests"), 600, "{result}");
            let connects = number(&result, "/steered/connects");
            assert_eq!(number(&result, "/lifetime/connections"), connects, "{result}");
            assert_eq!(number(&result, "/lifetime/answered"), 600 + connects, "{result}");
            cluster.end_with("SIGTERM");
            let exits = cluster.exits();
            for (place, share) in shares.into_iter().enumerate() {
                let at = |field: &str| number(&result, &format!("/{field}"));
                assert_eq!(at(&format!("steered/held/{place}/connections")), share, "{result}");
                let of_worker = |field: &str| at(&format!("workers/{place}/{field}"));
                let is_it = |exit: &&Exit| u64::from(exit.process.id) == of_worker("id");
                let counted = exits.iter().find(is_it).unwrap().counts;
                assert_eq!(of_worker("connections"), counted.connections, "{result}");
                assert_eq!(of_worker("client_requests"), counted.requests, "{result}");
            }
        }
    }
}

#[test]
fn it_says_how_many_connects_it_took() {
    let cluster = Cluster::start("reuseport", 2, &[]);
    let run = load(&[&cluster.url(), "-c", "8", "-n", "80", "--steer", "equal"]);
    assert!(run.out.contains("Steered: 4 on worker 1, 4 on worker 2 ("), "{}", run.out);
}

#[test]
fn a_server_that_does_not_allow_it_is_one_line() {
    let nameless = Server::start(Behaviour::Echo);
    let alone = Server::start(Behaviour::Answer(HELLO));
    let many = Server::start(Behaviour::NumberedWorker);
    let closing = Server::start(Behaviour::AnswerAndClose(
        "HTTP/1.1 200 OK\r\nx-worker-id: 1\r\nConnection: close\r\nContent-Length: 0\r\n\r\n",
    ));
    for (server, steer, hint) in [
        (nameless, "equal", "name nobody"),
        (alone, "1:1", "workers seen: 1"),
        (many, "1:1", "workers seen: 3"),
        (closing, "equal", "closes each connection"),
    ] {
        load(&[&server.url(), "-c", "4", "-d", "20s", "--steer", steer]).is_refused(3, &[hint]);
    }
}

#[test]
fn what_cannot_be_steered_is_refused() {
    let cases: [(&[&str], &str); 4] = [
        (&["http://h/", "--steer", "evenly"], "3:1"),
        (&["http://h/", "--steer", "equal", "--no-keepalive"], "connections that stay"),
        (&["http://h/", "--steer", "equal", "--engine", "reqwest"], "other than reqwest"),
        (&["https://h/", "--steer", "equal"], "other than reqwest"),
    ];
    refused(&[], &cases);
}
