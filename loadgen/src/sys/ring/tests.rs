//! Sockets on a ring, against plain ones.

use std::io::{Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::time::Instant;

use super::*;

/// Tries something until it is so; fails after a generous while.
fn until(ring: &mut Ring, mut done: impl FnMut(&mut Ring, Completion) -> bool) {
    let deadline = Instant::now() + Duration::from_secs(30);
    while Instant::now() < deadline {
        ring.wait(10_000_000).unwrap();
        for _ in 0..ring.ready() {
            if let Some(completion) = ring.take()
                && done(ring, completion)
            {
                return;
            }
        }
    }
    panic!("nothing came");
}

/// Waits until the socket of the first slot is closed; what comes meanwhile is given to `told`.
fn until_closed(ring: &mut Ring, told: impl Fn(Option<Completion>)) {
    let deadline = Instant::now() + Duration::from_secs(30);
    while ring.slots[0].socket.is_some() && Instant::now() < deadline {
        ring.wait(10_000_000).unwrap();
        for _ in 0..ring.ready() {
            told(ring.take());
        }
    }
    assert!(ring.slots[0].socket.is_none());
}

/// A ring with these texts, or none where the kernel refuses.
fn ring(texts: &[&[u8]]) -> Option<Ring> {
    if let Err(refusal) = probe() {
        println!("skipped: the kernel refuses io_uring: {refusal}");
        return None;
    }
    let texts = texts.iter().map(|text| text.to_vec()).collect();
    Some(Ring::new(Setup { texts, sockets: 4, table: true, in_turn: true }).unwrap())
}

/// A connection: one end in the ring.
fn connect(ring: &mut Ring) -> (u32, TcpStream) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let here = TcpStream::connect(listener.local_addr().unwrap()).unwrap();
    (ring.attach(here.into()), listener.accept().unwrap().0)
}

#[test]
fn texts_go_out_whole_and_in_order() {
    let large = vec![b'x'; 3_000_000];
    let Some(mut ring) = ring(&[&large, b"small"]) else { return };
    let (slot, mut there) = connect(&mut ring);
    ring.send(slot, &[0, 1]);
    ring.send(slot, &[1]);
    let length = large.len() + 10;
    let reader = std::thread::spawn(move || {
        let mut all = vec![0; length];
        there.read_exact(&mut all).unwrap();
        there.write_all(b"!").unwrap();
        (all, there)
    });
    until(&mut ring, |_, told| matches!(told, Completion::Received(_)));
    let (all, _there) = reader.join().unwrap();
    assert_eq!((&all[..large.len()], &all[large.len()..]), (&large[..], &b"smallsmall"[..]));
}

#[test]
fn what_comes_is_told_to_the_last_byte_with_fewer_buffers_than_it_fills() {
    let Some(mut ring) = ring(&[]) else { return };
    let (_, mut there) = connect(&mut ring);
    let sent: Vec<u8> = (0..5_000_000_u32).map(|number| (number % 251) as u8).collect();
    let bytes = sent.clone();
    let writer = std::thread::spawn(move || there.write_all(&bytes).unwrap());
    let mut came = Vec::new();
    until(&mut ring, |ring, told| {
        came.extend_from_slice(ring.input());
        matches!(told, Completion::Ended(_))
    });
    writer.join().unwrap();
    assert!(came == sent, "{} of {} bytes", came.len(), sent.len());
}

#[test]
fn a_released_socket_is_closed_and_its_slot_used_again() {
    let Some(mut ring) = ring(&[b"x"]) else { return };
    for _ in 0..20 {
        let (slot, mut there) = connect(&mut ring);
        assert_eq!(slot, 0, "the place is free again");
        ring.send(slot, &[0]);
        until(&mut ring, |_, told| matches!(told, Completion::Connected(_)));
        ring.send(slot, &[0]);
        ring.release(slot);
        until_closed(&mut ring, |told| assert!(told.is_none(), "a released socket tells nothing"));
        let mut rest = Vec::new();
        there.read_to_end(&mut rest).unwrap();
        assert_eq!(rest, b"xx");
    }
}

#[test]
fn a_peer_that_will_not_read_keeps_no_send_alive_beyond_the_release() {
    let Some(mut ring) = ring(&[&vec![b'x'; 20_000_000]]) else { return };
    let (slot, there) = connect(&mut ring);
    ring.send(slot, &[0]);
    ring.wait(1_000_000).unwrap();
    ring.release(slot);
    assert!(ring.slots[0].socket.is_some(), "the send is under way");
    until_closed(&mut ring, |_| ());
    drop(there);
}

#[test]
fn a_failure_is_told_by_its_number() {
    let Some(mut ring) = ring(&[b"x"]) else { return };
    let (slot, there) = connect(&mut ring);
    ring.send(slot, &[0]);
    until(&mut ring, |_, told| matches!(told, Completion::Connected(_)));
    // Closed with a byte unread: the kernel resets the connection.
    drop(there);
    until(&mut ring, |_, told| match told {
        Completion::Failed(_, error) => {
            assert_eq!(error.raw_os_error(), Some(libc::ECONNRESET));
            true
        }
        _ => false,
    });
}

#[test]
fn everything_is_over_when_a_ring_is_dropped_amid_its_work() {
    let Some(mut ring) = ring(&[&vec![b'x'; 20_000_000]]) else { return };
    let (slot, there) = connect(&mut ring);
    let (_, quiet) = connect(&mut ring);
    ring.send(slot, &[0]);
    ring.wait(1_000_000).unwrap();
    assert!(ring.drain(), "all completions have come");
    drop(ring);
    there.shutdown(Shutdown::Both).unwrap();
    let mut rest = Vec::new();
    (&quiet).read_to_end(&mut rest).unwrap();
    assert_eq!(rest, b"", "its sockets are closed");
}
