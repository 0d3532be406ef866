//! Which socket of a `SO_REUSEPORT` group gets a new connection, by a classic BPF program.
//!
//! Without a program the kernel chooses by a hash over the whole group. A program returns the index
//! of a socket, in the order in which the sockets began to listen (socket(7),
//! `SO_ATTACH_REUSEPORT_CBPF`). It rules over new handshakes only: what is queued stays where it is.

use std::os::fd::{AsRawFd, BorrowedFd};

use nix::errno::Errno;

use super::{Named, SysError};

/// Lets the kernel's hash choose again.
pub(crate) fn detach(member: BorrowedFd<'_>) -> Result<(), SysError> {
    let nothing: libc::c_int = 0;
    match set_option(member, libc::SO_DETACH_REUSEPORT_BPF, &nothing) {
        // There was no program.
        Err(SysError { errno: Errno::ENOENT | Errno::EINVAL, .. }) => Ok(()),
        other => other,
    }
}

/// Spreads new connections at random over the sockets with these indices.
///
/// At random, because not every network device offers a hash; that is as fair, and a repeated SYN finds
/// its half-open connection before the program runs.
pub(crate) fn attach(member: BorrowedFd<'_>, among: &[usize]) -> Result<(), SysError> {
    let mut program = program(among);
    let filter = libc::sock_fprog {
        len: u16::try_from(program.len()).unwrap_or(u16::MAX),
        filter: program.as_mut_ptr(),
    };
    set_option(member, libc::SO_ATTACH_REUSEPORT_CBPF, &filter)
}

fn program(among: &[usize]) -> Vec<libc::sock_filter> {
    let give = |index: usize| step(libc::BPF_RET | libc::BPF_K, index as u32);
    let [others @ .., last] = among else { return vec![give(0)] };
    let mut program = Vec::with_capacity(2 * among.len() + 1);
    if !others.is_empty() {
        let random = (libc::SKF_AD_OFF + libc::SKF_AD_RANDOM).cast_unsigned();
        program.push(step(libc::BPF_LD | libc::BPF_W | libc::BPF_ABS, random));
        program.push(step(libc::BPF_ALU | libc::BPF_MOD | libc::BPF_K, among.len() as u32));
    }
    for (drawn, &index) in others.iter().enumerate() {
        let equal = step(libc::BPF_JMP | libc::BPF_JEQ | libc::BPF_K, drawn as u32);
        program.push(libc::sock_filter { jf: 1, ..equal });
        program.push(give(index));
    }
    program.push(give(*last));
    program
}

fn step(code: u32, k: u32) -> libc::sock_filter {
    libc::sock_filter { code: code as u16, jt: 0, jf: 0, k }
}

fn set_option<T>(fd: BorrowedFd<'_>, option: libc::c_int, value: &T) -> Result<(), SysError> {
    // SAFETY: the value outlives the call, and its length is its own size; the kernel copies it and
    // what it points to.
    let result = unsafe {
        libc::setsockopt(
            fd.as_raw_fd(),
            libc::SOL_SOCKET,
            option,
            std::ptr::from_ref(value).cast(),
            size_of::<T>() as libc::socklen_t,
        )
    };
    Errno::result(result).map(drop).named("setsockopt")
}
