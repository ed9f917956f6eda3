//! When a request came: the kernel's receive stamp of its last segment, where the socket gives it.
//!
//! The read itself may be late by however long this thread had to wait for its core or was busy with other streams. A
//! time to first token that counts from there would be shorter than the client's, through no fault of the client's.

use super::clock;
use crate::domain::Nanos;
use std::io::Result;
use tokio::net::TcpStream;

/// The most of a request that is taken in with one read.
#[cfg(target_os = "linux")]
const READ: usize = 16 << 10;

/// Reads what has come into `inbox`: how many bytes, and when the last of them came in.
#[cfg(target_os = "linux")]
pub(super) async fn read(stream: &TcpStream, inbox: &mut Vec<u8>) -> Result<(usize, Nanos)> {
    let mut piece = [0; READ];
    let (read, stamp) = loop {
        stream.readable().await?;
        match stream.try_io(tokio::io::Interest::READABLE, || linux::receive(stream, &mut piece)) {
            Err(error) if error.kind() == std::io::ErrorKind::WouldBlock => {}
            done => break done?,
        }
    };
    let at = clock::now();
    inbox.extend_from_slice(piece.get(..read).unwrap_or_default());
    Ok((read, stamp.and_then(clock::from_wall).map_or(at, |stamp| stamp.min(at))))
}

/// Reads what has come into `inbox`: how many bytes, and the instant just after.
#[cfg(not(target_os = "linux"))]
pub(super) async fn read(stream: &TcpStream, inbox: &mut Vec<u8>) -> Result<(usize, Nanos)> {
    use tokio::io::AsyncReadExt;
    let mut stream = stream;
    loop {
        stream.readable().await?;
        match stream.try_read_buf(inbox) {
            Err(error) if error.kind() == std::io::ErrorKind::WouldBlock => {}
            done => return done.map(|read| (read, clock::now())),
        }
    }
}

/// Asks for stamps on every connection that a listener will accept. Where there are none, reads are stamped.
pub(super) fn ask_for_stamps(listener: &tokio::net::TcpListener) {
    #[cfg(target_os = "linux")]
    linux::ask_for_stamps(listener);
    #[cfg(not(target_os = "linux"))]
    let _ = listener;
}

#[cfg(target_os = "linux")]
mod linux {
    use nix::sys::socket::{ControlMessageOwned, MsgFlags, cmsg_space, recvmsg, setsockopt, sockopt};
    use nix::sys::time::TimeSpec;
    use std::io::{IoSliceMut, Result};
    use std::os::fd::AsRawFd;
    use tokio::net::{TcpListener, TcpStream};

    pub(super) fn ask_for_stamps(listener: &TcpListener) {
        // Accepted sockets inherit it. One that can't is stamped by its reads.
        let _refused = setsockopt(listener, sockopt::ReceiveTimestampns, &true);
    }

    /// One read: how many bytes, and when the last segment of them came in, in nanoseconds of CLOCK_REALTIME.
    pub(super) fn receive(stream: &TcpStream, piece: &mut [u8]) -> Result<(usize, Option<i64>)> {
        let mut slices = [IoSliceMut::new(piece)];
        let mut room = vec![0; cmsg_space::<TimeSpec>()];
        let message = recvmsg::<()>(stream.as_raw_fd(), &mut slices, Some(&mut room), MsgFlags::empty())?;
        let stamp = message.cmsgs().ok().and_then(|mut all| {
            all.find_map(|control| match control {
                ControlMessageOwned::ScmTimestampns(at) => Some(at.tv_sec() * 1_000_000_000 + at.tv_nsec()),
                _ => None,
            })
        });
        Ok((message.bytes, stamp))
    }
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;
    use tokio::io::AsyncWriteExt;
    use tokio::net::TcpListener;

    #[tokio::test]
    async fn bytes_are_stamped_when_they_come_and_not_when_they_are_read() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        ask_for_stamps(&listener);
        let mut client = TcpStream::connect(listener.local_addr().unwrap()).await.unwrap();
        let (server, _) = listener.accept().await.unwrap();
        let mut inbox = Vec::new();
        // The kernel begins to stamp a moment after it is asked; what comes later is stamped for certain.
        for round in 0.. {
            let sent = clock::now();
            client.write_all(b"hello").await.unwrap();
            let after = clock::now();
            tokio::time::sleep(std::time::Duration::from_millis(20)).await;
            let (read, at) = self::read(&server, &mut inbox).await.unwrap();
            assert_eq!(read, 5);
            assert!(at >= Nanos(sent.0.saturating_sub(50_000)), "before it was sent");
            if at <= Nanos(after.0 + 10_000_000) {
                break;
            }
            assert!(round < 50, "stamped by its read: {} ns after the write", at.since(after).0);
        }
        drop(client);
        assert_eq!(self::read(&server, &mut inbox).await.unwrap().0, 0);
    }
}
