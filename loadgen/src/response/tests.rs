//! What real servers send, whole and in pieces.

use proptest::prelude::*;

use super::*;

/// Feeds `input` in pieces cut at `cuts`, then closes; returns the answers.
fn feed(parser: &mut Parser, input: &[u8], cuts: &[usize]) -> Result<Vec<Answer>, ProtocolError> {
    let mut answers = Vec::new();
    let mut carry: Vec<u8> = Vec::new();
    let mut from = 0;
    let mut cuts: Vec<usize> = cuts.iter().map(|cut| cut % (input.len() + 1)).collect();
    cuts.push(input.len());
    cuts.sort_unstable();
    for cut in cuts {
        carry.extend_from_slice(&input[from..cut]);
        from = cut;
        loop {
            let (used, answer) = parser.advance(&carry)?;
            carry.drain(..used);
            match answer {
                Some(answer) => answers.push(answer),
                None => break,
            }
        }
    }
    answers.extend(parser.close());
    Ok(answers)
}

fn whole(input: &str) -> Result<Vec<Answer>, ProtocolError> {
    feed(&mut Parser::new(false), input.as_bytes(), &[])
}

fn statuses(input: &str) -> Vec<u16> {
    whole(input).unwrap().iter().map(|answer| answer.status).collect()
}

const HELLO: &str =
    "HTTP/1.1 200 OK\r\nContent-Length: 6\r\nx-worker-id: 2\r\nx-worker-pid: 99\r\n\r\nhello\n";
const CHUNKED: &str = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5;a=b\r\nhello\r\n12\r\n from worker 4711\n\r\n0\r\nx: y\r\n\r\n";
const BODILESS: &str =
    "HTTP/1.1 204 No Content\r\n\r\nHTTP/1.1 304 Not Modified\r\nContent-Length: 9\r\n\r\n";
const INTERIM: &str = "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nlink: x\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n";

#[test]
fn an_answer_ends_where_its_length_says_and_names_its_worker() {
    let answers = whole(HELLO).unwrap();
    let worker = WorkerKey { id: Some(2), pid: Some(99) };
    assert_eq!(answers, [Answer { status: 200, keep_alive: true, worker }]);
}

#[test]
fn several_answers_in_one_piece_are_several() {
    assert_eq!(statuses(&HELLO.repeat(3)), [200, 200, 200]);
}

#[test]
fn a_chunked_answer_with_extension_and_trailer_is_one() {
    let answers = whole(&format!("{CHUNKED}{HELLO}")).unwrap();
    assert_eq!(answers.len(), 2);
    assert_eq!(answers[0].worker.pid, Some(4711));
}

#[test]
fn statuses_without_a_body_have_none_whatever_their_head_says() {
    assert_eq!(statuses(&format!("{BODILESS}{HELLO}")), [204, 304, 200]);
}

#[test]
fn an_interim_answer_is_not_the_answer() {
    assert_eq!(statuses(INTERIM), [200]);
}

#[test]
fn the_answer_to_head_has_no_body() {
    let answers = feed(&mut Parser::new(true), &HELLO.as_bytes()[..HELLO.len() - 6], &[]).unwrap();
    assert_eq!(answers.len(), 1);
}

#[test]
fn an_answer_without_a_length_ends_with_the_connection() {
    let answers = whole("HTTP/1.0 200 OK\r\n\r\nHello from worker 5").unwrap();
    assert_eq!(answers.len(), 1);
    assert!(!answers[0].keep_alive);
    assert_eq!(answers[0].worker.pid, Some(5));
}

#[test]
fn the_connection_stays_as_version_and_header_say() {
    let stays = |text: &str| whole(text).unwrap()[0].keep_alive;
    assert!(stays("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"));
    assert!(!stays("HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: x, Close\r\n\r\n"));
    assert!(!stays("HTTP/1.0 200 OK\r\nContent-Length: 0\r\n\r\n"));
    assert!(stays("HTTP/1.0 200 OK\r\nContent-Length: 0\r\nConnection: keep-alive\r\n\r\n"));
}

#[test]
fn a_truncated_answer_is_no_answer() {
    for text in [HELLO, CHUNKED] {
        for length in 0..text.len() {
            assert_eq!(whole(&text[..length]), Ok(vec![]), "{:?}", &text[..length]);
        }
    }
}

#[test]
fn what_is_not_http_is_a_protocol_error() {
    for text in [
        "garbage\r\n\r\n",
        "HTTP/2.0 200 OK\r\n\r\n",
        "HTTP/1.1 20x OK\r\n\r\n",
        "HTTP/1.1 101 Switching Protocols\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab",
        "HTTP/1.1 200 OK\r\nContent-Length: 99999999999999999999\r\n\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabcd\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n11111111111111111\r\n",
    ] {
        assert!(whole(text).is_err(), "{text:?}");
    }
}

#[test]
fn a_repeated_equal_length_is_accepted() {
    let text = "HTTP/1.1 200 OK\r\nContent-Length: 1, 1\r\nContent-Length: 1\r\n\r\na";
    assert_eq!(statuses(text), [200]);
}

#[test]
fn an_endless_head_is_refused() {
    let mut text = "HTTP/1.1 200 OK\r\nx: ".to_owned();
    text.extend(std::iter::repeat_n('y', MAX_HEAD));
    assert_eq!(whole(&text), Err(ProtocolError::TooLong));
}

#[test]
fn a_large_body_is_skipped_without_being_kept() {
    let mut parser = Parser::new(false);
    let head = b"HTTP/1.1 200 OK\r\nContent-Length: 100000000\r\n\r\n";
    assert_eq!(parser.advance(head), Ok((head.len(), None)));
    let piece = vec![b'x'; 1_000_000];
    for _ in 0..99 {
        assert_eq!(parser.advance(&piece), Ok((piece.len(), None)));
    }
    let (used, answer) = parser.advance(&piece).unwrap();
    assert_eq!((used, answer.is_some()), (piece.len(), true));
    assert!(parser.peek.capacity() <= 2 * BODY_PEEK);
}

/// One answer of each kind, with random lengths and marks.
fn any_answer() -> impl Strategy<Value = String> {
    let sized = (0_usize..300, 0_u32..3, prop::bool::ANY).prop_map(|(length, id, named)| {
        let mark = if named { format!("x-worker-id: {id}\r\n") } else { String::new() };
        format!("HTTP/1.1 200 OK\r\n{mark}Content-Length: {length}\r\n\r\n{}", "b".repeat(length))
    });
    let chunked = prop::collection::vec(1_usize..40, 0..5).prop_map(|sizes| {
        let chunk = |&size: &usize| format!("{size:x}\r\n{}\r\n", "c".repeat(size));
        let chunks = sizes.iter().map(chunk).collect::<Vec<_>>().concat();
        format!("HTTP/1.1 500 No\r\nTransfer-Encoding: chunked\r\n\r\n{chunks}0\r\n\r\n")
    });
    let fixed =
        prop::sample::select(vec![HELLO, CHUNKED, BODILESS, INTERIM]).prop_map(str::to_owned);
    prop_oneof![sized, chunked, fixed]
}

proptest! {
    #[test]
    fn the_answers_do_not_depend_on_where_the_input_is_cut(
        answers in prop::collection::vec(any_answer(), 1..6),
        cuts in prop::collection::vec(any::<usize>(), 0..12),
    ) {
        let input = answers.concat();
        let expected = feed(&mut Parser::new(false), input.as_bytes(), &[]);
        prop_assert_eq!(feed(&mut Parser::new(false), input.as_bytes(), &cuts), expected);
    }

    #[test]
    fn remembering_the_last_head_changes_nothing(
        answers in prop::collection::vec(any_answer(), 1..8),
    ) {
        let mut remembering = Parser::new(false);
        for answer in &answers {
            let fresh = feed(&mut Parser::new(false), answer.as_bytes(), &[]);
            prop_assert_eq!(feed(&mut remembering, answer.as_bytes(), &[]), fresh);
        }
    }

    #[test]
    fn no_bytes_make_it_panic(
        bytes in prop::collection::vec(any::<u8>(), 0..400),
        cuts in prop::collection::vec(any::<usize>(), 0..4),
    ) {
        let _ = feed(&mut Parser::new(false), &bytes, &cuts);
        let mut headed = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n".to_vec();
        headed.extend_from_slice(&bytes);
        let _ = feed(&mut Parser::new(false), &headed, &cuts);
    }
}
