//! The filter of system calls: a program of the kernel's classic BPF, which sees the call's number and its arguments.
//!
//! It is a list of what is forbidden: programs of any language should run, and what keeps them in are the namespaces.
//! Forbidden is what reaches past them: sockets of families that no namespace holds (vsock leads to the host of a
//! virtual machine), new namespaces and mounts, other processes' memory, memory that belongs to no process, and
//! interfaces of the kernel that have no place in a test.

/// One instruction: `struct sock_filter` of `linux/filter.h`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Step {
    code: u16,
    yes: u8,
    no: u8,
    k: u32,
}

// Codes of `linux/bpf_common.h`: load a word of the call, jump by comparing, end.
const LOAD: u16 = 0x20;
const EQUAL: u16 = 0x15;
const AT_LEAST: u16 = 0x35;
const ANY_BIT: u16 = 0x45;
const RETURN: u16 = 0x06;

// Ends of `linux/seccomp.h`.
const ALLOW: u32 = 0x7fff_0000;
const KILL: u32 = 0x8000_0000;
const ERRNO: u32 = 0x0005_0000;
const EPERM: u32 = 1;
const ENOSYS: u32 = 38;
const EAFNOSUPPORT: u32 = 97;

// Places in `struct seccomp_data`.
const NUMBER: u32 = 0;
const ARCHITECTURE: u32 = 4;
const FIRST_ARGUMENT: u32 = 16;

/// Flags of `clone` that make a namespace: mount, cgroup, UTS, IPC, user, PID, network.
const NEW_NAMESPACE: u32 = 0x7e02_0000;
/// Unix, IPv4, IPv6: those that namespaces hold.
const FAMILIES: [u32; 3] = [1, 2, 10];

/// What one kind of processor calls its calls.
struct Calls {
    architecture: u32,
    /// From here on numbers are of another calling convention (x32).
    foreign: Option<u32>,
    socket: u32,
    clone: u32,
    forbidden: &'static [u32],
}

/// The same on every processor, since calls got one number for all.
const CLONE3: u32 = 435;
/// `pidfd_getfd`, `io_uring_*`, `open_tree`, `move_mount`, `fsopen`, `fsconfig`, `fsmount`, `fspick`, `mount_setattr`,
/// `memfd_secret`, `quotactl_fd`.
const FORBIDDEN: [u32; 13] = [438, 425, 426, 427, 428, 429, 430, 431, 432, 433, 442, 447, 443];

/// In this order: `ptrace`, `process_vm_readv`, `process_vm_writev`, `kcmp`, `memfd_create`, `shmget`, `msgget`, `semget`,
/// `mq_open`, `add_key`, `request_key`, `keyctl`, `bpf`, `perf_event_open`, `userfaultfd`, `unshare`, `setns`, `mount`,
/// `umount2`, `pivot_root`, `chroot`, `name_to_handle_at`, `open_by_handle_at`, `quotactl`, `swapon`, `swapoff`,
/// `reboot`, `kexec_load`, `init_module`, `finit_module`, `delete_module`, `acct`, `syslog`.
#[cfg(target_arch = "x86_64")]
const CALLS: Option<Calls> = Some(Calls {
    architecture: 0xc000_003e,
    foreign: Some(0x4000_0000),
    socket: 41,
    clone: 56,
    forbidden: &[
        101, 310, 311, 312, 319, 29, 68, 64, 240, 248, 249, 250, 321, 298, 323, 272, 308, 165, 166, 155, 161, 303, 304,
        179, 167, 168, 169, 246, 175, 313, 176, 163, 103,
    ],
});
#[cfg(target_arch = "aarch64")]
const CALLS: Option<Calls> = Some(Calls {
    architecture: 0xc000_00b7,
    foreign: None,
    socket: 198,
    clone: 220,
    forbidden: &[
        117, 270, 271, 272, 279, 194, 186, 190, 180, 217, 218, 219, 280, 241, 282, 97, 268, 40, 39, 41, 51, 264, 265,
        60, 224, 225, 142, 104, 105, 273, 106, 89, 116,
    ],
});
#[cfg(not(any(target_arch = "x86_64", target_arch = "aarch64")))]
const CALLS: Option<Calls> = None;

/// The filter as the kernel takes it; none on a processor whose calls are not listed here.
pub fn program() -> Option<Vec<u8>> {
    let steps = steps(&CALLS?);
    let bytes = |step: &Step| {
        let Step { code, yes, no, k } = *step;
        let ([a, b], [c, d, e, f]) = (code.to_ne_bytes(), k.to_ne_bytes());
        [a, b, yes, no, c, d, e, f]
    };
    Some(steps.iter().flat_map(bytes).collect())
}

fn steps(calls: &Calls) -> Vec<Step> {
    let step = |code, yes, no, k| Step { code, yes, no, k };
    let end = |k| step(RETURN, 0, 0, k);
    let mut all = vec![
        step(LOAD, 0, 0, ARCHITECTURE),
        step(EQUAL, 1, 0, calls.architecture),
        end(KILL),
        step(LOAD, 0, 0, NUMBER),
    ];
    if let Some(foreign) = calls.foreign {
        all.extend([step(AT_LEAST, 0, 1, foreign), end(KILL)]);
    }
    // The library falls back to `clone`, whose flags can be seen; those of `clone3` are behind a pointer.
    all.extend([step(EQUAL, 0, 1, CLONE3), end(ERRNO | ENOSYS)]);
    all.extend([
        step(EQUAL, 0, 4, calls.clone),
        step(LOAD, 0, 0, FIRST_ARGUMENT),
        step(ANY_BIT, 0, 1, NEW_NAMESPACE),
        end(ERRNO | EPERM),
        end(ALLOW),
    ]);
    let [unix, ip4, ip6] = FAMILIES;
    all.extend([
        step(EQUAL, 0, 6, calls.socket),
        step(LOAD, 0, 0, FIRST_ARGUMENT),
        step(EQUAL, 3, 0, unix),
        step(EQUAL, 2, 0, ip4),
        step(EQUAL, 1, 0, ip6),
        end(ERRNO | EAFNOSUPPORT),
        end(ALLOW),
    ]);
    for call in calls.forbidden.iter().chain(&FORBIDDEN) {
        all.extend([step(EQUAL, 0, 1, *call), end(ERRNO | EPERM)]);
    }
    all.push(end(ALLOW));
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    const OTHER: u32 = 0x1234;
    const TEST: Calls =
        Calls { architecture: 7, foreign: Some(0x4000_0000), socket: 41, clone: 56, forbidden: &[101, 165] };

    /// Runs the filter as the kernel does.
    fn verdict(architecture: u32, number: u32, first: u32) -> u32 {
        let (all, mut at, mut loaded) = (steps(&TEST), 0, 0);
        loop {
            let Step { code, yes, no, k } = all[at];
            at += 1;
            let jump = |met: bool| usize::from(if met { yes } else { no });
            match code {
                LOAD => {
                    loaded = match k {
                        NUMBER => number,
                        ARCHITECTURE => architecture,
                        _ => first,
                    }
                }
                EQUAL => at += jump(loaded == k),
                AT_LEAST => at += jump(loaded >= k),
                ANY_BIT => at += jump(loaded & k != 0),
                RETURN => return k,
                _ => unreachable!(),
            }
        }
    }

    #[test]
    fn each_call_ends_as_it_should() {
        for (call, want) in [
            ((7, OTHER, 0), ALLOW),
            ((8, OTHER, 0), KILL),
            ((7, 0x4000_0001, 0), KILL),
            ((7, CLONE3, 0), ERRNO | ENOSYS),
            ((7, 56, 17), ALLOW),
            ((7, 56, 17 | 0x1000_0000), ERRNO | EPERM),
            ((7, 41, 1), ALLOW),
            ((7, 41, 2), ALLOW),
            ((7, 41, 10), ALLOW),
            ((7, 41, 16), ERRNO | EAFNOSUPPORT),
            ((7, 41, 40), ERRNO | EAFNOSUPPORT),
            ((7, 101, 0), ERRNO | EPERM),
            ((7, 165, 0), ERRNO | EPERM),
            ((7, 425, 0), ERRNO | EPERM),
        ] {
            let (architecture, number, first) = call;
            assert_eq!(verdict(architecture, number, first), want, "{call:?}");
        }
    }

    #[test]
    fn it_is_made_of_whole_instructions() {
        assert!(program().is_some_and(|bytes| bytes.len() % 8 == 0 && bytes.len() > 400));
    }
}
