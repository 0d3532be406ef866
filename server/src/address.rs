//! Where a cluster listens: a TCP address, or the path of a Unix socket. Next: `listener.rs`.

use std::fmt;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// What a Unix socket's path is announced by.
const UNIX: &str = "unix:";

/// An address to listen on. As text: `127.0.0.1:8000`, `[::1]:8000` or `unix:PATH`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub enum Address {
    /// IPv4 or IPv6, with a port; port 0 lets the kernel choose.
    Tcp(SocketAddr),
    /// The path of a Unix socket, of 107 bytes at most; `@NAME` is an abstract one, which only a
    /// service manager can hand over.
    Unix(PathBuf),
}

/// What a connection is made of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Family {
    /// TCP, over IPv4 or IPv6.
    Tcp,
    /// Unix stream sockets.
    Unix,
}

/// A text that is no address.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error(
    "give an address and a port, as in 127.0.0.1:8000 or [::1]:8000, or the path of a Unix \
     socket, as in unix:/run/hello.sock"
)]
pub struct BadAddress;

impl Address {
    /// What its connections are made of.
    #[must_use]
    pub fn family(&self) -> Family {
        match self {
            Self::Tcp(_) => Family::Tcp,
            Self::Unix(_) => Family::Unix,
        }
    }

    /// Whether it is a Unix socket without a file.
    pub(crate) fn is_abstract(&self) -> bool {
        matches!(self, Self::Unix(path) if path.as_os_str().as_encoded_bytes().starts_with(b"@"))
    }

    /// As people and clients name it: `http://127.0.0.1:8000`, but `unix:PATH`.
    #[must_use]
    pub fn url(&self) -> String {
        match self {
            Self::Tcp(address) => format!("http://{address}"),
            Self::Unix(_) => self.to_string(),
        }
    }
}

impl From<SocketAddr> for Address {
    fn from(address: SocketAddr) -> Self {
        Self::Tcp(address)
    }
}

impl From<Address> for String {
    fn from(address: Address) -> Self {
        address.to_string()
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Tcp(address) => address.fmt(f),
            Self::Unix(path) => write!(f, "{UNIX}{}", path.display()),
        }
    }
}

impl FromStr for Address {
    type Err = BadAddress;

    fn from_str(text: &str) -> Result<Self, BadAddress> {
        match text.strip_prefix(UNIX) {
            Some("") => Err(BadAddress),
            Some(path) => Ok(Self::Unix(path.into())),
            None => text.parse().map(Self::Tcp).map_err(|_| BadAddress),
        }
    }
}

impl TryFrom<String> for Address {
    type Error = BadAddress;

    fn try_from(text: String) -> Result<Self, BadAddress> {
        text.parse()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_what_their_text_says() {
        for text in ["127.0.0.1:8000", "[::1]:0", "unix:/run/hello.sock", "unix:here", "unix:@a"] {
            let address: Address = text.parse().unwrap();
            assert_eq!(address.to_string(), text);
            assert_eq!(address.family() == Family::Unix, text.starts_with("unix:"));
            assert_eq!(address.is_abstract(), text == "unix:@a");
            let json = serde_json::to_string(&address).unwrap();
            assert_eq!(json, format!("\"{text}\""));
            assert_eq!(serde_json::from_str::<Address>(&json).unwrap(), address);
        }
        for text in ["", "8000", "unix:", "/run/hello.sock", "UNIX:/x", "127.0.0.1"] {
            let error = text.parse::<Address>().unwrap_err().to_string();
            assert!(error.contains("127.0.0.1:8000") && error.contains("unix:/"), "{error}");
        }
    }

    #[test]
    fn clients_are_told_a_url_or_the_path() {
        let url = |text: &str| text.parse::<Address>().unwrap().url();
        assert_eq!(url("[::1]:8000"), "http://[::1]:8000");
        assert_eq!(url("unix:/a b"), "unix:/a b");
    }
}
