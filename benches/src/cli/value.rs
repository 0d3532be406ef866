//! Values on the command line that several commands share.

use std::net::SocketAddr;
use std::time::Duration;

use clap::builder::{PossibleValuesParser, TypedValueParser};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Workers {
    Auto,
    Count(u32),
}

/// Reads `auto` or a number.
pub fn workers(text: &str) -> Result<Workers, &'static str> {
    if text == "auto" {
        return Ok(Workers::Auto);
    }
    let count = text.parse().map(Workers::Count);
    count.map_err(|_| "give a whole number, as in 2, or auto for one a CPU")
}

/// Reads a duration with its unit, as in `500ms`, `2s` or `1m`.
pub fn duration(text: &str) -> Result<Duration, &'static str> {
    humantime::parse_duration(text)
        .map_err(|_| "give a number with its unit, as in 500ms, 2s or 1m")
}

/// Reads an address with a port.
pub fn address(text: &str) -> Result<SocketAddr, &'static str> {
    let local = text.strip_prefix("localhost:").map(|port| format!("127.0.0.1:{port}"));
    let address = local.as_deref().unwrap_or(text).parse();
    address.map_err(|_| "give an address and a port, as in 127.0.0.1:8000 or [::1]:8000")
}

/// Reads where a cluster is to listen: an address with a port, or a Unix socket's path.
#[cfg(target_os = "linux")]
pub fn listening(text: &str) -> Result<server::Address, server::address::BadAddress> {
    // Localhost is a name for people: the server itself knows none.
    address(text).map(server::Address::Tcp).or_else(|_| text.parse())
}

/// CPU numbers in the order given. (To clap, a plain `Vec` would be several arguments.)
pub type CpuList = Vec<u32>;

/// Reads a list of CPUs, as in `0,2-3`.
pub fn cpu_list(text: &str) -> Result<CpuList, &'static str> {
    let range = |part: &str| {
        let (first, last) = part.split_once('-').unwrap_or((part, part));
        let (first, last) = (first.parse::<u32>().ok()?, last.parse::<u32>().ok()?);
        (first <= last && last < 4096).then_some(first..=last)
    };
    let ranges: Option<Vec<_>> = text.split(',').map(range).collect();
    let cpus = ranges.map(|ranges| ranges.into_iter().flatten().collect());
    cpus.ok_or("give CPU numbers, as in 0,2-3")
}

/// Reads one of some values by its name; clap's message on any other name lists them.
pub fn one_of<T, const N: usize>(
    all: [T; N],
    name: fn(T) -> &'static str,
) -> impl TypedValueParser<Value = T>
where
    T: Copy + Send + Sync + 'static,
{
    PossibleValuesParser::new(all.map(name)).map(move |given| {
        all.into_iter().find(|value| name(*value) == given).expect("one of the possible values")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_need_a_unit() {
        assert_eq!(duration("500ms").unwrap(), Duration::from_millis(500));
        for wrong in ["", "5", "fast", "-1s"] {
            assert!(duration(wrong).unwrap_err().contains("500ms"), "{wrong}");
        }
    }

    #[test]
    fn cpus_are_numbers_and_ranges() {
        assert_eq!(cpu_list("0,2-4").unwrap(), [0, 2, 3, 4]);
        for wrong in ["", "a", "3-1", "1-", "0-99999999"] {
            assert!(cpu_list(wrong).is_err(), "{wrong}");
        }
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn a_cluster_listens_on_a_port_or_on_a_path() {
        assert_eq!(listening("localhost:80").unwrap().to_string(), "127.0.0.1:80");
        assert_eq!(listening("unix:a b").unwrap().to_string(), "unix:a b");
        for wrong in ["8000", "unix:", "/run/hello.sock"] {
            let error = listening(wrong).unwrap_err().to_string();
            assert!(error.contains("127.0.0.1:8000") && error.contains("unix:/"), "{error}");
        }
    }

    #[test]
    fn addresses_have_a_port_and_may_be_of_either_family() {
        assert_eq!(address("127.0.0.1:0").unwrap(), ([127, 0, 0, 1], 0).into());
        assert_eq!(address("localhost:80").unwrap(), ([127, 0, 0, 1], 80).into());
        assert!(address("[::1]:8000").unwrap().is_ipv6());
        for wrong in ["8000", "127.0.0.1", "127.0.0.1:65536", "here:1"] {
            assert!(address(wrong).unwrap_err().contains("127.0.0.1:8000"), "{wrong}");
        }
    }
}
