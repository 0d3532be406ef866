//! Who may ask: not pages of other sites, and to act, only who shows the token.
//!
//! A browser sends requests for any page that it shows, to loopback too. Three things keep such pages
//! out: the `Host` must be an address of ours (against DNS rebinding); `Origin` and `Sec-Fetch-Site`
//! must not name another site; and no answer allows other sites to read it.

use std::net::SocketAddr;
use std::sync::{Mutex, PoisonError};
use std::time::Instant;

use hyper::header::{AUTHORIZATION, HOST, HeaderMap, HeaderName, HeaderValue, ORIGIN};
use hyper::{Response, StatusCode, Uri};

use super::answer::{self, Body};
use super::patience::Patience;
use super::token::Token;

const SEC_FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");

/// Why a request is not answered.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[allow(missing_docs, reason = "each message says it")]
pub enum Denied {
    #[error("give one Host header, as in Host: {0}")]
    NoHost(SocketAddr),
    #[error("this is not {host}: ask for http://{address}")]
    ForeignHost { host: String, address: SocketAddr },
    #[error("a page of another site may not ask this")]
    ForeignOrigin,
    #[error("{0}: Authorization: Bearer TOKEN")]
    Unauthorized(&'static str),
    #[error("too many wrong tokens: try again in a second")]
    Flood,
}

impl Denied {
    /// The answer.
    #[must_use]
    pub fn response(&self) -> Response<Body> {
        let line = self.to_string();
        match self {
            Self::NoHost(_) => answer::error(StatusCode::BAD_REQUEST, &line),
            Self::ForeignHost { .. } => answer::error(StatusCode::MISDIRECTED_REQUEST, &line),
            Self::ForeignOrigin => answer::error(StatusCode::FORBIDDEN, &line),
            Self::Unauthorized(_) => answer::unauthorized(&line),
            Self::Flood => answer::try_again(StatusCode::TOO_MANY_REQUESTS, &line),
        }
    }
}

/// Who looks at everybody that comes.
#[derive(Debug)]
pub struct Doorkeeper {
    address: SocketAddr,
    token: Token,
    /// What to do about a missing token.
    advice: &'static str,
    patience: Mutex<Patience>,
}

impl Doorkeeper {
    /// `advice` says where the token is to be found, as in "show the token that was printed".
    #[must_use]
    pub fn new(address: SocketAddr, token: Token, advice: &'static str) -> Self {
        Self { address, token, advice, patience: Mutex::new(Patience::new(Instant::now())) }
    }

    /// Whether even a look needs the token: others than this machine's users can reach the address.
    #[must_use]
    pub fn guards_looks(&self) -> bool {
        !self.address.ip().to_canonical().is_loopback()
    }

    /// Whether a request is for us and not from another site's page; `local`: the address that its
    /// connection came in at.
    ///
    /// # Errors
    /// [`Denied`] when it is not.
    pub fn check_origin(
        &self,
        uri: &Uri,
        headers: &HeaderMap,
        local: SocketAddr,
    ) -> Result<(), Denied> {
        let mut hosts = headers.get_all(HOST).iter();
        let (Some(host), None) = (hosts.next(), hosts.next()) else {
            return Err(Denied::NoHost(self.address));
        };
        // A target in absolute form overrides the header (RFC 9112, section 3.2.2).
        let target = uri.authority().map(|authority| authority.as_str().as_bytes());
        for host in target.into_iter().chain([host.as_bytes()]) {
            if !self.is_ours(host, local) {
                let host = String::from_utf8_lossy(host).into_owned();
                return Err(Denied::ForeignHost { host, address: self.address });
            }
        }
        let ours = |origin: &HeaderValue| {
            let host = origin.as_bytes().strip_prefix(b"http://");
            host.is_some_and(|host| self.is_ours(host, local))
        };
        let same_site = |site: &HeaderValue| site == "same-origin" || site == "none";
        let origins = headers.get_all(ORIGIN).iter().all(ours);
        if origins && headers.get_all(SEC_FETCH_SITE).iter().all(same_site) {
            Ok(())
        } else {
            Err(Denied::ForeignOrigin)
        }
    }

    /// Whether this is a name of ours, with the port.
    fn is_ours(&self, host: &[u8], local: SocketAddr) -> bool {
        let Ok(host) = std::str::from_utf8(host) else { return false };
        let port = self.address.port();
        let host = host.to_ascii_lowercase();
        // The port may be left out where it is the scheme's own.
        let bare = host.strip_suffix(&format!(":{port}")).or((port == 80).then_some(&*host));
        let canonical = SocketAddr::new(local.ip().to_canonical(), port);
        let ours = [self.address, local, canonical].map(|address| bare_ip(&address));
        bare.is_some_and(|bare| {
            ["localhost", "127.0.0.1", "[::1]"].contains(&bare)
                || ours.iter().any(|our| our == bare)
        })
    }

    /// Whether a request shows the token. The right one is let in however many wrong ones come.
    ///
    /// # Errors
    /// [`Denied::Unauthorized`], or [`Denied::Flood`] when there were too many wrong ones.
    pub fn check_token(&self, headers: &HeaderMap) -> Result<(), Denied> {
        let shown = headers.get(AUTHORIZATION).and_then(|value| value.to_str().ok());
        let (scheme, token) = shown.and_then(|value| value.split_once(' ')).unwrap_or_default();
        let token = if scheme.eq_ignore_ascii_case("bearer") { token.trim_start() } else { "" };
        self.check_shown(token)
    }

    /// Whether this is the token, wherever a request shows it.
    ///
    /// # Errors
    /// As [`Self::check_token`].
    pub fn check_shown(&self, token: &str) -> Result<(), Denied> {
        if self.token.is(token) {
            return Ok(());
        }
        let mut patience = self.patience.lock().unwrap_or_else(PoisonError::into_inner);
        Err(if patience.is_tried(Instant::now()) {
            Denied::Unauthorized(self.advice)
        } else {
            Denied::Flood
        })
    }
}

/// An address as it stands before the port in a `Host`.
fn bare_ip(address: &SocketAddr) -> String {
    match address {
        SocketAddr::V4(v4) => v4.ip().to_string(),
        SocketAddr::V6(v6) => format!("[{}]", v6.ip()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn doorkeeper(address: &str) -> Doorkeeper {
        Doorkeeper::new(address.parse().unwrap(), Token::random().unwrap(), "show it")
    }

    /// What becomes of a request with these headers to a doorkeeper on this address, that came in at
    /// `local`.
    fn asked(address: &str, local: &str, headers: &[(&'static str, &str)]) -> Result<(), Denied> {
        let mut map = HeaderMap::new();
        for (name, value) in headers {
            map.append(*name, value.parse().unwrap());
        }
        let target = Uri::from_static("/status");
        doorkeeper(address).check_origin(&target, &map, local.parse().unwrap())
    }

    fn host_is_ours(address: &str, local: &str, host: &str) -> bool {
        asked(address, local, &[("host", host)]).is_ok()
    }

    #[test]
    fn only_addresses_of_ours_are_hosts() {
        let (address, local) = ("127.0.0.1:9000", "127.0.0.1:9000");
        for host in ["127.0.0.1:9000", "localhost:9000", "LOCALHOST:9000", "[::1]:9000"] {
            assert!(host_is_ours(address, local, host), "{host}");
        }
        for host in ["evil.example:9000", "127.0.0.1", "127.0.0.1:9001", "localhost.evil:9000", ""]
        {
            assert!(!host_is_ours(address, local, host), "{host}");
        }
        assert!(host_is_ours("0.0.0.0:9000", "192.0.2.7:9000", "192.0.2.7:9000"));
        assert!(!host_is_ours("0.0.0.0:9000", "192.0.2.7:9000", "192.0.2.8:9000"));
        assert!(host_is_ours("[::]:9000", "[::ffff:192.0.2.7]:9000", "192.0.2.7:9000"));
        assert!(host_is_ours("127.0.0.1:80", "127.0.0.1:80", "localhost"));
        let none = asked(address, local, &[]).unwrap_err();
        assert!(matches!(none, Denied::NoHost(_)));
        let two = [("host", "localhost:9000"), ("host", "localhost:9000")];
        assert!(matches!(asked(address, local, &two), Err(Denied::NoHost(_))));
    }

    #[test]
    fn a_target_in_absolute_form_must_be_ours_too() {
        let keeper = doorkeeper("127.0.0.1:9000");
        let local = "127.0.0.1:9000".parse().unwrap();
        let mut headers = HeaderMap::new();
        headers.insert(HOST, HeaderValue::from_static("localhost:9000"));
        let foreign = Uri::from_static("http://evil.example/status");
        assert!(keeper.check_origin(&foreign, &headers, local).is_err());
        let ours = Uri::from_static("http://localhost:9000/status");
        assert!(keeper.check_origin(&ours, &headers, local).is_ok());
    }

    #[test]
    fn pages_of_other_sites_are_kept_out_and_our_own_are_not() {
        let with = |name, value| {
            let headers = [("host", "localhost:9000"), (name, value)];
            asked("127.0.0.1:9000", "127.0.0.1:9000", &headers)
        };
        for origin in ["http://evil.example", "null", "https://localhost:9000", "http://localhost"]
        {
            assert_eq!(with("origin", origin), Err(Denied::ForeignOrigin), "{origin}");
        }
        for site in ["cross-site", "same-site", "?"] {
            assert_eq!(with("sec-fetch-site", site), Err(Denied::ForeignOrigin), "{site}");
        }
        assert_eq!(with("origin", "http://localhost:9000"), Ok(()));
        assert_eq!(with("sec-fetch-site", "same-origin"), Ok(()));
        assert_eq!(with("sec-fetch-site", "none"), Ok(()));
    }

    #[test]
    fn the_right_token_is_let_in_through_a_flood_of_wrong_ones() {
        let keeper = doorkeeper("127.0.0.1:9000");
        let shows = |value: &str| {
            let mut headers = HeaderMap::new();
            headers.insert(AUTHORIZATION, value.parse().unwrap());
            keeper.check_token(&headers)
        };
        let right = keeper.token.secret();
        let wrong = format!("Bearer {}x", &right[1..]);
        for value in [&*wrong, "Bearer", "Bearer ", right, &format!("Basic {right}")] {
            assert_eq!(shows(value), Err(Denied::Unauthorized("show it")), "{value}");
        }
        assert_eq!(keeper.check_token(&HeaderMap::new()), Err(Denied::Unauthorized("show it")));
        let answers: Vec<_> = (0..1000).map(|_| shows(&wrong)).collect();
        assert!(answers.contains(&Err(Denied::Flood)));
        assert_eq!(shows(&format!("bearer {right}")), Ok(()));
    }
}
