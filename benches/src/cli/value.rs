//! Values on the command line that several commands share.

use std::net::SocketAddr;
use std::time::Duration;

/// A number of workers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Workers {
    /// As many as there are CPUs.
    Auto,
    /// This many.
    Count(u32),
}

/// Reads `auto` or a number.
pub fn workers(text: &str) -> Result<Workers, String> {
    match text {
        "auto" => Ok(Workers::Auto),
        _ => text
            .parse()
            .map(Workers::Count)
            .map_err(|_| "give a whole number, as in 2, or auto for one a CPU".into()),
    }
}

/// Reads a duration with its unit, as in `500ms`, `2s` or `1m`.
pub fn duration(text: &str) -> Result<Duration, String> {
    humantime::parse_duration(text)
        .map_err(|_| "give a number with its unit, as in 500ms, 2s or 1m".into())
}

/// Reads an address with a port.
pub fn address(text: &str) -> Result<SocketAddr, String> {
    let numeric = match text.strip_prefix("localhost:") {
        Some(port) => format!("127.0.0.1:{port}"),
        None => text.to_owned(),
    };
    numeric
        .parse()
        .map_err(|_| "give an address and a port, as in 127.0.0.1:8000 or [::1]:8000".into())
}

/// Reads where a cluster is to listen: an address with a port, or a Unix socket's path.
#[cfg(target_os = "linux")]
pub fn listening(text: &str) -> Result<server::Address, String> {
    // Localhost is a name for people: the server itself knows none.
    address(text)
        .map(server::Address::Tcp)
        .or_else(|_| text.parse())
        .map_err(|error: server::address::BadAddress| error.to_string())
}

/// CPU numbers in the order given.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CpuList(pub Vec<u32>);

/// Reads a list of CPUs, as in `0,2-3`.
pub fn cpu_list(text: &str) -> Result<CpuList, String> {
    let range = |part: &str| {
        let (first, last) = part.split_once('-').unwrap_or((part, part));
        let (first, last) = (first.parse::<u32>().ok()?, last.parse::<u32>().ok()?);
        (first <= last && last < 4096).then_some(first..=last)
    };
    let ranges: Option<Vec<_>> = text.split(',').map(range).collect();
    let cpus = ranges.map(|ranges| ranges.into_iter().flatten().collect());
    cpus.map(CpuList).ok_or_else(|| "give CPU numbers, as in 0,2-3".into())
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
        assert_eq!(cpu_list("0,2-4").unwrap(), CpuList(vec![0, 2, 3, 4]));
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
            let error = listening(wrong).unwrap_err();
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
