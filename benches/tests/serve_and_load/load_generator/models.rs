//! Load models: open loop, stages, pipelines, mixes. Counts are exact; lateness is not judged.

use super::support::{
    Behaviour, CLOSING, HELLO, Server, engines, engines_with, in_each_engine, number, numbers,
    own_engines, refused,
};

#[test]
fn an_open_loop_sends_what_is_due_and_no_more() {
    in_each_engine(|engine| {
        for arrivals in ["constant", "poisson"] {
            let server = Server::start(Behaviour::Answer(HELLO));
            let arguments = ["-R", "1000", "-d", "300ms", "--arrivals", arrivals, "--seed", "5"];
            let first = engine.drive(&server, &arguments).json();
            assert_eq!(first["loop"], "open");
            let due = number(&first, "/schedule/due");
            assert_eq!(due, number(&first, "/requests"), "{first}");
            assert_eq!(due, server.answered());
            let again = engine.drive(&server, &arguments).json();
            assert_eq!(number(&again, "/schedule/due"), due, "the seed fixes the schedule");
            if arrivals == "constant" {
                assert_eq!(due, 300);
            }
        }
    });
}

#[test]
fn an_open_loop_can_be_bounded_by_requests_over_several_threads() {
    for engine in engines() {
        let result = engine.result(
            Behaviour::Answer(HELLO),
            &["-R", "2000", "-n", "301", "-t", "3", "--warmup", "50ms"],
        );
        assert_eq!(number(&result, "/schedule/due"), 301, "{result}");
        assert_eq!(number(&result, "/lifetime/sent"), 401, "a hundred to warm up: {result}");
    }
}

#[test]
fn latency_from_the_due_time_is_never_below_that_from_the_send() {
    for engine in engines() {
        let result = engine.result(Behaviour::Answer(HELLO), &["-R", "1000", "-d", "300ms"]);
        for quantile in ["p50", "p90", "p99", "p999", "max"] {
            let at = |latency: &str| result[latency][quantile].as_f64().unwrap();
            assert!(at("latency") >= at("service_latency"), "{quantile}: {result}");
        }
    }
}

#[test]
fn what_is_due_while_all_connections_are_busy_is_counted_and_not_valid() {
    in_each_engine(|engine| {
        let server = Server::start(Behaviour::Stall);
        let run =
            engine.drive(&server, &["-c", "2", "-R", "100", "-d", "300ms", "--timeout", "200ms"]);
        let result = run.json_with(4);
        assert_eq!(number(&result, "/schedule/due"), 30, "{result}");
        let errors = number(&result, "/errors/timeout") + number(&result, "/errors/unanswered");
        assert_eq!(errors, 30, "all of them are accounted for: {result}");
        assert!(number(&result, "/schedule/never_sent") >= 10, "{result}");
        assert!(result["latency"]["max"].as_f64().unwrap() >= 200_000.0, "{result}");
    });
}

#[test]
fn stages_follow_their_rates() {
    for engine in engines() {
        let result =
            engine.result(Behaviour::Answer(HELLO), &["--stages", "100ms:1000,200ms:1000-3000"]);
        assert_eq!(number(&result, "/schedule/due"), 500, "{result}");
    }
}

#[test]
fn a_pipeline_is_answered_in_order_and_whole() {
    for engine in own_engines() {
        let server = Server::start(Behaviour::NumberedWorker);
        let result = engine.drive(&server, &["-n", "1000", "-c", "2", "--pipeline", "8"]).json();
        assert_eq!(number(&result, "/requests"), 1000, "{result}");
        assert_eq!(server.answered(), 1000);
    }
}

#[test]
fn a_pipeline_that_the_server_cuts_is_told_to_the_last_request() {
    for engine in own_engines() {
        let result = engine.result(
            Behaviour::AnswerAndClose(CLOSING),
            &["-n", "40", "-c", "1", "--pipeline", "4"],
        );
        let lost = number(&result, "/errors/closed_early") + number(&result, "/errors/reset");
        assert_eq!(number(&result, "/requests") + lost, 40, "{result}");
        assert!(lost >= 20, "of each four one is answered: {result}");
    }
}

#[test]
fn connections_are_replaced_after_their_number_of_requests() {
    for engine in engines() {
        let result = engine.result(
            Behaviour::NumberedWorker,
            &["-n", "100", "-c", "1", "--requests-per-connection", "10"],
        );
        assert_eq!(numbers(&result, ["/requests", "/lifetime/connections"]), [100, 10], "{result}");
        let workers = result["workers"].as_array().unwrap();
        assert!(workers.iter().all(|worker| worker["client_requests"] == 10), "{result}");
    }
}

#[test]
fn the_answer_to_head_has_no_body() {
    for engine in engines() {
        let text = "HTTP/1.1 200 OK\r\nContent-Length: 21\r\n\r\n";
        let result =
            engine.result(Behaviour::Answer(text), &["-n", "20", "-c", "2", "--method", "HEAD"]);
        assert_eq!(number(&result, "/requests"), 20, "{result}");
    }
}

#[test]
fn a_mix_reaches_the_server_in_its_proportions() {
    for (engine, server) in engines_with(Behaviour::Echo) {
        let arguments = ["-n", "400", "-c", "2", "--mix", "3:/a,1:/bbbbbbbbbb", "--seed", "1"];
        let result = engine.drive(&server, &arguments).json();
        assert_eq!(number(&result, "/requests"), 400, "{result}");
        let mixed = server.heads();
        let of = |path: &str| mixed.iter().filter(|line| line.starts_with(path)).count();
        assert_eq!(of("GET /a ") + of("GET /bbbbbbbbbb "), 400);
        assert!((60..=140).contains(&of("GET /bbbbbbbbbb ")), "{}", of("GET /bbbbbbbbbb "));
    }
}

#[test]
fn a_line_of_wrk_or_wrk2_works_as_it_is() {
    for (engine, server) in engines_with(Behaviour::Answer(HELLO)) {
        let url = server.url();
        let run =
            engine.load(&["-t2", "-c4", "-d200ms", "-T2s", "-H", "X-A: b", "--latency", &url]);
        assert_eq!(run.code, 0, "{}", run.err);
        let run =
            engine.load(&["-t2", "-c4", "-d200ms", "-R500", "--latency", "--json", "-", &url]);
        assert_eq!(number(&run.json(), "/schedule/due"), 100, "{}", run.err);
    }
}

#[test]
fn bad_models_are_one_line_that_says_what_would_be_right() {
    let cases: [(&[&str], &str); 9] = [
        (&["http://h/", "-R", "0"], "above zero"),
        (&["http://h/", "-R", "fast"], "requests a second"),
        (&["http://h/", "-R", "5", "--arrivals", "bursts"], "constant or poisson"),
        (&["http://h/", "--stages", "10s"], "10s:1000"),
        (&["http://h/", "--mix", "x"], "95:/"),
        (&["http://h/", "--pipeline", "0"], "1 (no pipelining)"),
        (&["http://h/", "--requests-per-connection", "0"], "at least 1"),
        (&["http://h/", "--method", "get"], "GET"),
        (&["http://h/", "-R", "5", "--spin"], "--cpus"),
    ];
    refused(&[], &cases);
}
