//! The known differences, with their reasons. Most are nginx's leniency, which smuggling uses.

/// The nginx that these were seen in: with another one some may be gone.
pub const SEEN_IN: &str = "nginx/1.22.";

/// A difference, and why it is meant to be.
#[derive(Debug)]
pub struct Difference {
    pub why: &'static str,
    /// What requests it concerns.
    concerns: fn(&[u8]) -> bool,
    /// What nginx says, by the first of its classes.
    nginx: &'static str,
    /// What we say, by the first of ours.
    ours: &'static str,
}

impl Difference {
    /// Whether it explains why these bytes have these two verdicts.
    pub fn explains(&self, bytes: &[u8], nginx: &str, ours: &str) -> bool {
        (self.concerns)(bytes) && nginx.starts_with(self.nginx) && ours.starts_with(self.ours)
    }
}

/// Where nginx says the first, and we say the second.
const fn differs(
    why: &'static str,
    (nginx, ours): (&'static str, &'static str),
    concerns: fn(&[u8]) -> bool,
) -> Difference {
    Difference { why, concerns, nginx, ours }
}

const fn lenient(why: &'static str, concerns: fn(&[u8]) -> bool) -> Difference {
    differs(why, ("2xx", "4xx"), concerns)
}

pub const DIFFERENCES: &[Difference] = &[
    differs(
        "any token is a method (RFC 9110, 9.1); nginx wants capital letters, - and _",
        ("4xx", "2xx"),
        |bytes| {
            let method = until(bytes, b' ');
            !method.iter().all(|byte| byte.is_ascii_uppercase() || b"-_".contains(byte))
        },
    ),
    differs(
        "we answer OPTIONS * (RFC 9110, 9.3.7); nginx does not serve it",
        ("4xx", "2xx"),
        |bytes| bytes.starts_with(b"OPTIONS * "),
    ),
    differs(
        "tabs around a value are no part of it (RFC 9110, 5.6.3); nginx keeps them: Host, length",
        ("4xx", "2xx"),
        |bytes| contains(bytes, b"\t"),
    ),
    differs(
        "tabs around a value are no part of it (RFC 9110, 5.6.3); nginx keeps them: coding",
        ("5xx", "2xx"),
        |bytes| contains(bytes, b"\t"),
    ),
    differs(
        "CONNECT: nginx says 4xx, we say that it is not implemented",
        ("4xx", "5xx"),
        |bytes| bytes.starts_with(b"CONNECT "),
    ),
    differs(
        "an unknown coding: nginx says 501, we say 400, since no client of ours sends one",
        ("5xx", "4xx"),
        |bytes| contains(bytes, b"Transfer-Encoding:"),
    ),
    differs(
        "HTTP/1.2 to HTTP/1.9 are read as HTTP/1.1 by nginx; we say 505",
        ("2xx", "5xx"),
        |bytes| contains(bytes, b" HTTP/1."),
    ),
    differs("HTTP/0.9 by its number: nginx says 4xx, we say 505", ("4xx", "5xx"), |bytes| {
        contains(bytes, b" HTTP/0.9\r\n")
    }),
    differs("HTTP/11 has not the form of a version; nginx says 505", ("5xx", "4xx"), |bytes| {
        contains(bytes, b" HTTP/11\r\n")
    }),
    differs(
        "a request line without a version is HTTP/0.9 to nginx, and answered without a head",
        ("bare", "4xx"),
        |bytes| !contains(first_line(bytes), b"HTTP/"),
    ),
    differs(
        "nginx waits for the end of a line in which there is a bare CR",
        ("closed", "4xx"),
        has_bare_cr,
    ),
    lenient("nginx takes a bare CR before CRLF, and before a request", has_bare_cr),
    lenient("nginx takes a bare LF for the end of a line, in heads and in chunks", has_bare_lf),
    lenient("nginx takes a CR from the end of a chunk's data, and the LF for its end", |bytes| {
        bytes.ends_with(b"5\r\nhell\r\n0\r\n\r\n")
    }),
    lenient("nginx takes several spaces in a request line, and one at its end", |bytes| {
        let line = first_line(bytes);
        contains(line, b"  ") || line.ends_with(b" ")
    }),
    lenient("nginx takes a minor version of several digits", |bytes| {
        contains(bytes, b" HTTP/1.10\r\n")
    }),
    lenient("nginx takes bytes in a target that are not ASCII", |bytes| {
        !first_line(bytes).is_ascii()
    }),
    lenient("nginx takes control bytes but NUL in a value", |bytes| {
        head(bytes).iter().any(|byte| matches!(byte, 0x01 | 0x0b | 0x7f))
    }),
    lenient("nginx passes silently over headers whose name is none", |bytes| {
        let headers = head(bytes).split(|byte| *byte == b'\n').skip(1);
        headers.map(|line| line.strip_suffix(b"\r").unwrap_or(line)).any(has_no_name)
    }),
    lenient("nginx takes nearly anything for a Host", |bytes| {
        contains(bytes, b"Host: ") && !contains(bytes, b"Host: h\r\n")
    }),
    lenient("nginx takes any number of zeros before a chunk's size", |bytes| {
        contains(bytes, b"\r\n00000000000000000")
    }),
    lenient("nginx does not look at a chunk's extensions", |bytes| contains(bytes, b"\r\n\r\n5;")),
    lenient("nginx does not look at trailers", |bytes| contains(bytes, b"\r\n\r\n0\r\n")),
];

fn contains(bytes: &[u8], wanted: &[u8]) -> bool {
    bytes.windows(wanted.len()).any(|window| window == wanted)
}

/// What comes before the first such byte.
fn until(bytes: &[u8], end: u8) -> &[u8] {
    bytes.split(|byte| *byte == end).next().unwrap_or_default()
}

fn first_line(bytes: &[u8]) -> &[u8] {
    until(bytes, b'\r')
}

/// The head, as far as there is one.
fn head(bytes: &[u8]) -> &[u8] {
    let end = bytes.windows(4).position(|four| four == b"\r\n\r\n").unwrap_or(bytes.len());
    &bytes[..end]
}

fn has_no_name(line: &[u8]) -> bool {
    let name = until(line, b':');
    let is_plain = |byte: &u8| byte.is_ascii_alphanumeric() || *byte == b'-';
    name.len() == line.len() || !name.iter().all(is_plain)
}

fn has_bare_cr(bytes: &[u8]) -> bool {
    bytes.windows(2).any(|two| two[0] == b'\r' && two[1] != b'\n')
}

fn has_bare_lf(bytes: &[u8]) -> bool {
    bytes.starts_with(b"\n") || bytes.windows(2).any(|two| two[0] != b'\r' && two[1] == b'\n')
}
