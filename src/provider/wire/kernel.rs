//! The kernel's own receive stamps: when a segment came in, however late we got round to reading it.
//!
//! Linux gives them with each read of a TCP socket, on CLOCK_REALTIME. Elsewhere there are none.

use tokio::net::TcpStream;

/// One read: how many bytes, and when the last segment of them came in, in nanoseconds of CLOCK_REALTIME.
pub type Received = (usize, Option<i64>);

#[cfg(target_os = "linux")]
mod linux {
    use super::{Received, TcpStream};
    use nix::sys::socket::{
        AddressFamily, ControlMessageOwned, MsgFlags, SockFlag, SockType, cmsg_space, recvmsg, setsockopt, socket,
        sockopt,
    };
    use nix::sys::time::TimeSpec;
    use std::io::{self, IoSliceMut};
    use std::os::fd::{AsRawFd, OwnedFd};
    use std::sync::OnceLock;

    /// Room for the control message of one stamp.
    pub fn room() -> Vec<u8> {
        vec![0; cmsg_space::<TimeSpec>()]
    }

    /// The kernel begins to stamp a moment after the first socket asks, and ends when the last one that asked is
    /// closed. This one stays, so that only the process's very first exchange can come too early.
    fn keep_stamping() {
        static KEPT: OnceLock<Option<OwnedFd>> = OnceLock::new();
        KEPT.get_or_init(|| {
            let idle = socket(AddressFamily::Inet, SockType::Datagram, SockFlag::SOCK_CLOEXEC, None).ok()?;
            setsockopt(&idle, sockopt::ReceiveTimestampns, &true).ok()?;
            Some(idle)
        });
    }

    /// Asks for stamps. Where there are none, reads come without.
    pub fn enable(tcp: &TcpStream) {
        keep_stamping();
        let _none = setsockopt(tcp, sockopt::ReceiveTimestampns, &true);
    }

    pub fn receive(tcp: &TcpStream, bytes: &mut [u8], room: &mut [u8]) -> io::Result<Received> {
        let mut slices = [IoSliceMut::new(bytes)];
        let message = recvmsg::<()>(tcp.as_raw_fd(), &mut slices, Some(room), MsgFlags::empty())?;
        // A stamp that can't be read is one that did not come.
        let stamp = message.cmsgs().ok().and_then(|mut all| {
            all.find_map(|control| match control {
                ControlMessageOwned::ScmTimestampns(at) => Some(at.tv_sec() * 1_000_000_000 + at.tv_nsec()),
                _ => None,
            })
        });
        Ok((message.bytes, stamp))
    }
}

#[cfg(not(target_os = "linux"))]
mod elsewhere {
    use super::{Received, TcpStream};
    use std::io;

    pub fn room() -> Vec<u8> {
        Vec::new()
    }

    pub fn enable(_: &TcpStream) {}

    pub fn receive(tcp: &TcpStream, bytes: &mut [u8], _: &mut [u8]) -> io::Result<Received> {
        Ok((tcp.try_read(bytes)?, None))
    }
}

#[cfg(not(target_os = "linux"))]
pub use elsewhere::{enable, receive, room};
#[cfg(target_os = "linux")]
pub use linux::{enable, receive, room};
