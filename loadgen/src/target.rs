//! The target: a URL, taken apart.

use std::fmt;

/// Where the requests go, `http[s]://HOST[:PORT]/PATH` taken apart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Target {
    /// Whether it is spoken to by TLS: `https`.
    pub tls: bool,
    /// A name, an IPv4 address or an IPv6 address without its brackets.
    pub host: String,
    /// The TCP port; 80, or 443 with TLS, when the URL names none.
    pub port: u16,
    /// Path and query as they are sent; at least `/`.
    pub path: String,
}

/// Why a URL is not a target: one line that says what would be right.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}; give a URL such as http://127.0.0.1:8000/")]
pub struct TargetError(&'static str);

impl Target {
    /// Takes a URL apart. The scheme may be left out: `127.0.0.1:8000/work`.
    ///
    /// # Errors
    /// [`TargetError`], one line for a person.
    pub fn parse(url: &str) -> Result<Self, TargetError> {
        let fail = |wrong| Err(TargetError(wrong));
        if url.bytes().any(|byte| !byte.is_ascii_graphic()) {
            return fail("has a space or another character that a URL cannot have");
        }
        let (tls, rest) = match url.split_once("://") {
            Some((scheme, rest)) if scheme.eq_ignore_ascii_case("http") => (false, rest),
            Some((scheme, rest)) if scheme.eq_ignore_ascii_case("https") => (true, rest),
            Some(_) => return fail("has an unknown scheme"),
            None => (false, url),
        };
        let rest = rest.split('#').next().unwrap_or_default();
        let split = rest.find(['/', '?']).unwrap_or(rest.len());
        let (authority, path) = rest.split_at(split);
        if authority.contains('@') {
            return fail("names a user, which is not supported");
        }
        let Some((host, port)) = split_authority(authority, usual_port(tls)) else {
            return fail("has no usable host and port");
        };
        let path = match path.as_bytes().first() {
            None => "/".to_owned(),
            Some(b'?') => format!("/{path}"),
            Some(_) => path.to_owned(),
        };
        Ok(Self { tls, host, port, path })
    }

    /// Scheme, host and port, as a URL begins.
    pub(crate) fn origin(&self) -> String {
        let scheme = if self.tls { "https" } else { "http" };
        format!("{scheme}://{}", self.host_header())
    }

    /// The value of the `Host` header: an IPv6 address in brackets, the port unless it is the
    /// scheme's usual one.
    pub(crate) fn host_header(&self) -> String {
        let host =
            if self.host.contains(':') { format!("[{}]", self.host) } else { self.host.clone() };
        if self.port == usual_port(self.tls) { host } else { format!("{host}:{}", self.port) }
    }
}

/// The port that a URL need not name (RFC 9110, sections 4.2.1 and 4.2.2).
fn usual_port(tls: bool) -> u16 {
    if tls { 443 } else { 80 }
}

/// `host`, `host:port`, `[v6]` or `[v6]:port`.
fn split_authority(authority: &str, usual: u16) -> Option<(String, u16)> {
    let (host, port) = if let Some(rest) = authority.strip_prefix('[') {
        let (host, rest) = rest.split_once(']')?;
        host.parse::<std::net::Ipv6Addr>().ok()?;
        (host, if rest.is_empty() { None } else { Some(rest.strip_prefix(':')?) })
    } else {
        match authority.split_once(':') {
            Some((host, port)) => (host, Some(port)),
            None => (authority, None),
        }
    };
    let port = match port {
        None => usual,
        Some(digits) => digits.parse().ok().filter(|&port| port != 0)?,
    };
    (!host.is_empty()).then(|| (host.to_owned(), port))
}

impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}", self.origin(), self.path)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn target(host: &str, port: u16, path: &str) -> Target {
        Target { tls: false, host: host.into(), port, path: path.into() }
    }

    #[test]
    fn urls_are_taken_apart() {
        let cases = [
            ("http://127.0.0.1:8000/", target("127.0.0.1", 8000, "/")),
            ("http://127.0.0.1:8000", target("127.0.0.1", 8000, "/")),
            ("HTTP://localhost/a/b?c=d#e", target("localhost", 80, "/a/b?c=d")),
            ("127.0.0.1:8000/work?rounds=3", target("127.0.0.1", 8000, "/work?rounds=3")),
            ("http://[::1]:8000/x", target("::1", 8000, "/x")),
            ("http://[::1]", target("::1", 80, "/")),
            ("http://h?q", target("h", 80, "/?q")),
        ];
        for (url, expected) in cases {
            assert_eq!(Target::parse(url), Ok(expected), "{url}");
        }
    }

    #[test]
    fn what_is_not_a_target_is_refused_with_an_example() {
        let ports = ["", "http://", "http://:80/", "http://h:99999/", "http://h:0/", "http://h:x/"];
        let hosts = ["http://::1:80/", "http://[zz]/", "http://[::1]x/", "http://u@h/"];
        for url in ports.into_iter().chain(hosts).chain(["ftp://h/", "http://a b/"]) {
            let error = Target::parse(url).expect_err(url).to_string();
            assert!(error.contains("http://127.0.0.1:8000/"), "{error}");
        }
    }

    #[test]
    fn https_has_a_port_of_its_own() {
        let secure = Target::parse("https://example.org/x").unwrap();
        assert_eq!(secure, Target { tls: true, ..target("example.org", 443, "/x") });
        assert_eq!(secure.to_string(), "https://example.org/x");
        assert_eq!(Target::parse("https://[::1]:80").unwrap().to_string(), "https://[::1]:80/");
    }

    #[test]
    fn the_host_header_keeps_brackets_and_leaves_the_usual_port_out() {
        assert_eq!(target("::1", 8000, "/").host_header(), "[::1]:8000");
        assert_eq!(target("example.org", 80, "/").host_header(), "example.org");
    }
}
