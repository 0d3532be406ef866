//! What must hold of the guard for any bytes, in whatever parts they come; for the property tests
//! and for the fuzz target, which share it.
//!
//! The guard is held against an independent reading of what it let through: heads by httparse,
//! chunks by the decoder in [`chunks`], which is as simple as one can be that sees all bytes at once.

mod chunks;

use server::http::guard::{Checked, Guard};
use server::http::limits::Limits;
use server::http::refusal::Refusal;

/// Header lines that a model reads; more than the limit allows.
const MOST_HEADERS: usize = 16;

/// Limits so low that short inputs reach all of them.
pub fn limits() -> Limits {
    Limits { request_line: 64, head: 256, headers: 8, body: 64, ..Limits::default() }
}

/// What became of an input.
#[derive(Debug, PartialEq, Eq)]
struct Verdict {
    /// So many of its bytes passed.
    passed: usize,
    /// Why the rest was refused, if it was.
    refused: Option<Refusal>,
    /// How many requests passed whole.
    requests: u64,
}

/// Checks all properties for an input that is cut at these positions (out of order, or beyond the
/// end, as they may be).
///
/// # Panics
/// When one of them does not hold.
pub fn holds(input: &[u8], cuts: &[usize]) {
    let whole = verdict(input, &[]);
    assert_eq!(whole, verdict(input, cuts), "cut at {cuts:?}");
    let every: Vec<usize> = (0..input.len()).collect();
    assert_eq!(whole, verdict(input, &every), "byte by byte");
    let requests = read_all(&input[..whole.passed]);
    assert_eq!(requests, whole.requests, "what passed are other requests than were counted");
    if whole.refused.is_none() {
        nothing_is_held_back(&input[whole.passed..]);
    }
}

/// Shows an input to a guard in parts, what did not pass again and again with more behind it.
fn verdict(input: &[u8], cuts: &[usize]) -> Verdict {
    let mut ends: Vec<usize> = cuts.iter().map(|cut| cut % (input.len() + 1)).collect();
    ends.sort_unstable();
    ends.push(input.len());
    let mut guard = Guard::new(limits());
    let mut passed = 0;
    let mut refused = None;
    for end in ends {
        let shown = &input[passed.min(end)..end];
        let checked = guard.check(shown);
        assert!(checked.pass <= shown.len(), "more passed than was shown");
        if refused.is_some() {
            assert_eq!(checked, Checked { pass: 0, refused }, "something after a refusal");
        }
        passed += checked.pass;
        refused = checked.refused;
        assert_eq!(guard.refusal(), refused);
    }
    Verdict { passed, refused, requests: guard.requests() }
}

/// Reads what passed, independently, to its end, and counts the requests that are whole.
fn read_all(mut bytes: &[u8]) -> u64 {
    let mut count = 0;
    while !bytes.is_empty() {
        let (head, length) = read_head(bytes);
        bytes = &bytes[head..];
        let body = match length {
            Length::Bytes(length) => (length <= bytes.len()).then_some(length),
            Length::Chunked => chunks::end(bytes),
        };
        let Some(body) = body else { break };
        bytes = &bytes[body..];
        count += 1;
    }
    count
}

/// How long a body is.
enum Length {
    Bytes(usize),
    Chunked,
}

/// Reads a head, which must be whole and unambiguous; gives its length and the body's.
fn read_head(bytes: &[u8]) -> (usize, Length) {
    let mut headers = [httparse::EMPTY_HEADER; MOST_HEADERS];
    let mut request = httparse::Request::new(&mut headers);
    let parsed = request.parse(bytes).expect("what passes is well-formed");
    let httparse::Status::Complete(end) = parsed else { panic!("half a head has passed") };
    assert!(end <= limits().head, "the head is longer than allowed");
    assert!(request.headers.len() <= limits().headers, "there are more headers than allowed");
    lines_end_with_crlf(&bytes[..end]);
    let values = |name: &str| -> Vec<&[u8]> {
        let is_named = |header: &&httparse::Header<'_>| header.name.eq_ignore_ascii_case(name);
        request.headers.iter().filter(is_named).map(|header| header.value).collect()
    };
    let hosts = values("host").len();
    assert!(hosts <= 1 && (hosts == 1 || request.version == Some(0)), "{hosts} hosts");
    match (values("content-length").as_slice(), values("transfer-encoding").as_slice()) {
        ([], []) => (end, Length::Bytes(0)),
        ([length], []) => {
            assert!(length.iter().all(u8::is_ascii_digit), "a length that is no number");
            let length = std::str::from_utf8(length).ok().and_then(|length| length.parse().ok());
            let length = length.expect("a length that fits");
            assert!(length as u64 <= limits().body, "the body is longer than allowed");
            (end, Length::Bytes(length))
        }
        ([], [coding]) => {
            assert!(coding.eq_ignore_ascii_case(b"chunked"), "an unknown coding");
            assert_eq!(request.version, Some(1), "chunks in HTTP/1.0");
            (end, Length::Chunked)
        }
        both => panic!("two lengths: {both:?}"),
    }
}

/// Whether CR and LF stand only together, and no other control byte but the tab anywhere.
fn lines_end_with_crlf(head: &[u8]) {
    let text = head.split(|byte| *byte == b'\n');
    let last = text.clone().count() - 1;
    for (index, line) in text.enumerate() {
        let line = line.strip_suffix(b"\r").unwrap_or_else(|| {
            assert!(index == last && line.is_empty(), "a line ends with a bare LF");
            line
        });
        let is_control = |byte: &u8| byte.is_ascii_control() && *byte != b'\t';
        assert!(!line.iter().any(is_control), "a control byte has passed");
    }
}

/// Whether what did not pass, though it was not refused, is but the beginning of a head.
fn nothing_is_held_back(rest: &[u8]) {
    let mut headers = [httparse::EMPTY_HEADER; MOST_HEADERS];
    let parsed = httparse::Request::new(&mut headers).parse(rest);
    assert!(!matches!(parsed, Ok(httparse::Status::Complete(_))), "a whole head was held back");
}
