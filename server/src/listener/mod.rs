//! Listening sockets: one `SO_REUSEPORT` group on one address, and which of its members new
//! connections go to.
//!
//! The master owns the sockets and closes none while it runs: a socket of such a group that closes
//! resets the handshakes in its queue, and the last one takes over its index (socket(7)). So the
//! group only grows, and a socket that nobody serves is *masked*: see
//! [`ReuseportFilter`].
//!
//! A Unix socket is a lone one, in no group: see [`unix`].

use std::net::SocketAddr;
use std::os::fd::{AsFd, OwnedFd};

use crate::address::Address;
use crate::mode::reuseport_filter::ReuseportFilter;
use crate::sys::activation::{self, BadActivation};
use crate::sys::socket::{self, Sharing};
use crate::sys::{Errno, SysError};
pub(crate) use unix::{SocketFile, folder_of};

mod unix;

/// Why an address cannot be listened on.
#[derive(Debug, thiserror::Error)]
#[allow(missing_docs, reason = "each message says it")]
pub enum ListenError {
    #[error("cannot listen on {address}: {reason}")]
    Bind { address: Address, reason: String },
    #[error(transparent)]
    Activation(#[from] BadActivation),
    #[error(transparent)]
    Sys(#[from] SysError),
}

/// Sockets that listen on one address.
#[derive(Debug)]
pub(crate) struct Group {
    /// The address, with the port that the kernel chose where 0 was asked for.
    pub address: Address,
    /// The file of a Unix socket that this process has made; dropped before the socket.
    pub file: Option<SocketFile>,
    /// The sockets, in the order in which they joined the group; none once the cluster stops.
    pub sockets: Vec<OwnedFd>,
    /// Length of each accept queue.
    pub backlog: u32,
    /// Which of them get new connections; `None` for a lone socket that is in no group.
    filter: Option<ReuseportFilter>,
}

impl Group {
    /// Binds the first socket of a group to `address`, and listens; takes the one that the service
    /// manager has handed over, if it has.
    ///
    /// A Unix socket stays the only one.
    pub fn open(address: &Address, backlog: u32) -> Result<Self, ListenError> {
        if let Some(socket) = activation::socket()? {
            return Self::adopt(socket, backlog);
        }
        match address {
            Address::Tcp(address) => Self::bind(*address, backlog),
            Address::Unix(path) => {
                let (socket, file) = unix::listen(path, backlog)?;
                let (address, file) = (address.clone(), Some(file));
                Ok(Self { address, file, sockets: vec![socket], backlog, filter: None })
            }
        }
    }

    /// Whether somebody else listens there is found by a first bind without `SO_REUSEPORT`: with it,
    /// the kernel would let this cluster silently join another process of the same user and share
    /// its connections. The socket opens up to others only then.
    fn bind(address: SocketAddr, backlog: u32) -> Result<Self, ListenError> {
        let explain = |error| explain(address, "--listen", error);
        let first = socket::bound(address, Sharing::Nobody).map_err(explain)?;
        let address = socket::tcp_address(&first)?;
        socket::share(&first)?;
        // Before it listens, so that no later member ever gets a connection unasked.
        let filter = Some(only_first(&first)?);
        socket::start_listening(&first, backlog).map_err(explain)?;
        let address = Address::Tcp(address);
        Ok(Self { address, file: None, sockets: vec![first], backlog, filter })
    }

    /// Takes over a socket that listens already. It can have company only if it was bound so.
    fn adopt(socket: OwnedFd, backlog: u32) -> Result<Self, ListenError> {
        let address = socket::local_address(&socket)?;
        socket::prepare(&socket, address.family())?;
        let filter = socket::is_shared(&socket)?.then(|| only_first(&socket)).transpose()?;
        Ok(Self { address, file: None, sockets: vec![socket], backlog, filter })
    }

    pub fn may_grow(&self) -> bool {
        self.filter.is_some()
    }

    /// Lets nobody find the way to a Unix socket any more; who has found it is still let in.
    pub fn withdraw(&mut self) {
        self.file = None;
    }

    /// Lets sockets join until there are `count`. They get no connection before they are steered
    /// to.
    pub fn grow_to(&mut self, count: u32) -> Result<(), ListenError> {
        let Address::Tcp(address) = self.address else { return Ok(()) };
        let explain = |error| explain(address, "--listen", error);
        if self.sockets.len() < count as usize {
            // The hash would take a new member in at once.
            self.steer(&ReuseportFilter::Among((0..self.sockets.len()).collect()))?;
        }
        while self.sockets.len() < count as usize {
            let member = socket::bound(address, Sharing::Group).map_err(explain)?;
            socket::start_listening(&member, self.backlog).map_err(explain)?;
            self.sockets.push(member);
        }
        Ok(())
    }

    /// Sends new connections elsewhere from now on.
    pub fn steer(&mut self, to: &ReuseportFilter) -> Result<(), SysError> {
        let Some(first) = self.sockets.first() else { return Ok(()) };
        if let Some(now) = &mut self.filter
            && now != to
        {
            to.attach(first.as_fd())?;
            *now = to.clone();
        }
        Ok(())
    }
}

/// Sends all new connections of a group to its first member.
fn only_first(first: &OwnedFd) -> Result<ReuseportFilter, SysError> {
    let filter = ReuseportFilter::only(0);
    filter.attach(first.as_fd())?;
    Ok(filter)
}

/// Binds a TCP socket that nobody shares, and listens.
pub(crate) fn alone(
    address: SocketAddr,
    backlog: u32,
    option: &str,
) -> Result<(OwnedFd, SocketAddr), ListenError> {
    let explain = |error| explain(address, option, error);
    let socket = socket::bound(address, Sharing::Nobody).map_err(explain)?;
    socket::start_listening(&socket, backlog).map_err(explain)?;
    let address = socket::tcp_address(&socket)?;
    Ok((socket, address))
}

/// Why an address that `option` names cannot be listened on.
fn explain(address: SocketAddr, option: &str, error: SysError) -> ListenError {
    ListenError::Bind { address: Address::Tcp(address), reason: reason(option, error) }
}

fn reason(option: &str, error: SysError) -> String {
    match error.errno {
        Errno::EADDRINUSE => {
            format!("the port is in use (choose another with {option}, or port 0 for a free one)")
        }
        Errno::EADDRNOTAVAIL => "this machine has no such address".into(),
        Errno::EACCES => "no right to use this port (those below 1024 are reserved)".into(),
        _ => error.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use std::net::TcpStream;
    use std::time::Duration;

    use super::*;
    use crate::sys::socket::{Accepted, accept};

    fn group(count: u32) -> Group {
        let mut group = Group::bind(([127, 0, 0, 1], 0).into(), 64).unwrap();
        group.grow_to(count).unwrap();
        group
    }

    fn connect(group: &Group) -> TcpStream {
        let address = socket::tcp_address(&group.sockets[0]).unwrap();
        TcpStream::connect_timeout(&address, Duration::from_secs(5)).unwrap()
    }

    /// How many of `connections` new ones come in at each socket.
    fn arrivals(group: &Group, connections: usize) -> Vec<usize> {
        let clients: Vec<_> = (0..connections).map(|_| connect(group)).collect();
        let count = |fd: &OwnedFd| {
            std::iter::from_fn(|| match accept(fd.as_fd()).unwrap() {
                Accepted::Connection(connection) => Some(connection),
                Accepted::Empty | Accepted::Exhausted => None,
            })
            .count()
        };
        let counts = group.sockets.iter().map(count).collect();
        drop(clients);
        counts
    }

    #[test]
    fn a_group_shares_one_port() {
        let group = group(3);
        assert_eq!(group.sockets.len(), 3);
        for fd in &group.sockets {
            assert_eq!(socket::local_address(fd).unwrap(), group.address);
        }
    }

    #[test]
    fn a_busy_port_is_found_even_when_its_owner_would_share_it() {
        let group = group(2);
        let error = Group::open(&group.address, 16).unwrap_err();
        assert!(error.to_string().contains("the port is in use"), "{error}");
    }

    #[test]
    fn new_members_get_nothing_until_they_are_steered_to() {
        let mut group = group(3);
        assert_eq!(arrivals(&group, 30), [30, 0, 0]);
        group.steer(&ReuseportFilter::Hash).unwrap();
        let spread = arrivals(&group, 60);
        assert!(spread.iter().all(|&count| count > 0), "{spread:?}");
        group.grow_to(4).unwrap();
        assert_eq!(arrivals(&group, 30)[3], 0);
    }

    #[test]
    fn a_masked_socket_gets_no_new_connection() {
        let mut group = group(4);
        group.steer(&ReuseportFilter::Among(vec![1, 3])).unwrap();
        let spread = arrivals(&group, 60);
        assert_eq!((spread[0], spread[2]), (0, 0));
        assert!(spread[1] > 0 && spread[3] > 0, "{spread:?}");
        group.steer(&ReuseportFilter::only(2)).unwrap();
        assert_eq!(arrivals(&group, 10), [0, 0, 10, 0]);
    }

    #[test]
    fn what_is_queued_stays_where_it_is_when_steering_changes() {
        let mut group = group(2);
        let _client = connect(&group);
        group.steer(&ReuseportFilter::only(1)).unwrap();
        assert!(matches!(accept(group.sockets[0].as_fd()).unwrap(), Accepted::Connection(_)));
    }
}
