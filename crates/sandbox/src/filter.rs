//! The system calls that a world does without.
//!
//! A deny list, since nearly everything that root of a user namespace may do
//! is what chapters are about: making namespaces, mounting, tracing. What is
//! on it is there for what it could do to the machine, and its answer is the
//! one that the kernel itself gives where an administrator has set it more
//! strictly, so that no output tells of anything that Linux does not do. What
//! the kernel refuses a user namespace anyway, from setting the clock to
//! loading modules, is not on it.

use std::collections::BTreeMap;
use std::sync::OnceLock;

use libc::{c_int, c_long, sock_filter};

/// A system call, and when and how it is refused.
pub(crate) struct Rule {
    call: c_long,
    answer: Answer,
    /// What it could do, and whose answer this is.
    #[allow(dead_code, reason = "read by people, and by a test")]
    reason: &'static str,
}

/// What a caller gets instead of the call.
enum Answer {
    /// This errno.
    Always(c_int),
    /// This errno, if the argument of this index has one of these values.
    When { argument: u32, is: &'static [u32], errno: c_int },
    /// It depends on the family and the protocol of a socket.
    Socket,
    /// Success, and nothing is done.
    Done,
}

const KEYS: &str = "keyrings are the machine's: keys of the caller could be \
     read and others left behind, and request_key(2) starts a program of the \
     machine's root. ENOSYS: a kernel without CONFIG_KEYS";
const RINGS: &str = "a second way into most of the kernel, which no filter \
     sees. EPERM: kernel.io_uring_disabled=2";

/// The one table of what is refused.
pub(crate) const RULES: &[Rule] = &[
    Rule {
        call: libc::SYS_add_key,
        answer: Answer::Always(libc::ENOSYS),
        reason: KEYS,
    },
    Rule {
        call: libc::SYS_request_key,
        answer: Answer::Always(libc::ENOSYS),
        reason: KEYS,
    },
    Rule {
        call: libc::SYS_keyctl,
        answer: Answer::Always(libc::ENOSYS),
        reason: KEYS,
    },
    Rule {
        call: libc::SYS_io_uring_setup,
        answer: Answer::Always(libc::EPERM),
        reason: RINGS,
    },
    Rule {
        call: libc::SYS_io_uring_enter,
        answer: Answer::Always(libc::EPERM),
        reason: RINGS,
    },
    Rule {
        call: libc::SYS_io_uring_register,
        answer: Answer::Always(libc::EPERM),
        reason: RINGS,
    },
    Rule {
        call: libc::SYS_bpf,
        answer: Answer::Always(libc::EPERM),
        reason: "loads programs into the kernel. EPERM: \
                 kernel.unprivileged_bpf_disabled=1",
    },
    Rule {
        call: libc::SYS_perf_event_open,
        answer: Answer::Always(libc::EACCES),
        reason: "measures the machine, other processes' caches included. \
                 EACCES: kernel.perf_event_paranoid=3",
    },
    Rule {
        call: libc::SYS_userfaultfd,
        answer: Answer::Always(libc::EPERM),
        reason: "holds the kernel up where it touches memory, which exploits \
                 of other faults need. EPERM: vm.unprivileged_userfaultfd=0",
    },
    Rule {
        call: libc::SYS_syslog,
        answer: Answer::Always(libc::EPERM),
        reason: "shows the machine's kernel log. EPERM: \
                 kernel.dmesg_restrict=1",
    },
    Rule {
        call: libc::SYS_ioctl,
        answer: Answer::When { argument: 1, is: &[TIOCSTI], errno: libc::EIO },
        reason: "types into a terminal as if somebody sat there. EIO: \
                 dev.tty.legacy_tiocsti=0",
    },
    Rule { call: libc::SYS_socket, answer: Answer::Socket, reason: SOCKETS },
    Rule {
        call: libc::SYS_socketpair,
        answer: Answer::Socket,
        reason: SOCKETS,
    },
    Rule {
        call: libc::SYS_sync,
        answer: Answer::Done,
        reason: "makes the machine write back all that it holds for others. \
                 What a world writes is in memory, where there is nothing to \
                 do",
    },
    #[cfg(target_arch = "x86_64")]
    Rule {
        call: libc::SYS_modify_ldt,
        answer: Answer::Always(libc::ENOSYS),
        reason: "16-bit segments, source of many faults, used by nothing \
                 here. ENOSYS: a kernel without CONFIG_MODIFY_LDT_SYSCALL",
    },
];

const TIOCSTI: u32 = 0x5412;

const SOCKETS: &str = "families without namespaces (AF_VSOCK before Linux \
     7.0 reaches the hypervisor's host), and those whose first socket loads \
     a module into the machine's kernel. EAFNOSUPPORT and EPROTONOSUPPORT: a \
     kernel without them";

/// The families that network namespaces separate, and that chapters use.
const FAMILIES: [c_int; 2] = [libc::AF_UNIX, libc::AF_PACKET];
/// Those in which protocols are modules; these are.
const INTERNET: [c_int; 2] = [libc::AF_INET, libc::AF_INET6];
/// DCCP, SCTP, UDP-Lite.
const MODULES: [u32; 3] = [33, 132, 136];
/// The protocols of AF_NETLINK that a network namespace has of its own:
/// route, sock_diag, xfrm, netfilter, uevent, generic: netlink(7).
const NETLINK: [u32; 6] = [0, 4, 6, 12, 15, 16];

/// `AUDIT_ARCH_X86_64` and `AUDIT_ARCH_AARCH64` of linux/audit.h.
const MACHINE: u32 =
    if cfg!(target_arch = "x86_64") { 0xc000_003e } else { 0xc000_00b7 };

/// The program that the kernel runs before each system call: seccomp(2). The
/// kernel runs it once for every number when it is installed, so the numbers
/// are found by halves.
pub(crate) fn program() -> &'static [sock_filter] {
    static PROGRAM: OnceLock<Vec<sock_filter>> = OnceLock::new();
    PROGRAM.get_or_init(assemble)
}

fn assemble() -> Vec<sock_filter> {
    let rules: BTreeMap<u32, &Rule> = RULES
        .iter()
        .filter_map(|rule| Some((u32::try_from(rule.call).ok()?, rule)))
        .collect();
    let rules: Vec<(u32, &Rule)> = rules.into_iter().collect();
    // The calls of other machines (32 bits, on this one) have other numbers.
    let mut program = vec![
        load(DATA_ARCH),
        jump(libc::BPF_JEQ, MACHINE, 1, 0),
        answer(libc::SECCOMP_RET_KILL_PROCESS),
        load(DATA_NUMBER),
    ];
    if cfg!(target_arch = "x86_64") {
        // And so do those of the x32 kind.
        program.push(jump(libc::BPF_JGE, 0x4000_0000, 0, 1));
        program.push(refuse(libc::ENOSYS));
    }
    program.extend(search(&rules));
    program
}

/// Finds the call among these, by its number.
fn search(rules: &[(u32, &Rule)]) -> Vec<sock_filter> {
    match rules {
        [] => vec![allow()],
        [(number, rule)] => {
            let body = body(&rule.answer);
            let mut found = vec![jump(libc::BPF_JEQ, *number, 0, span(&body))];
            found.extend(body);
            found.push(allow());
            found
        }
        rules => {
            let (low, high) = rules.split_at(rules.len() / 2);
            let first = high.first().map_or(0, |(number, _)| *number);
            let (low, high) = (search(low), search(high));
            let mut found = vec![jump(libc::BPF_JGE, first, span(&low), 0)];
            found.extend(low);
            found.extend(high);
            found
        }
    }
}

fn body(answer: &Answer) -> Vec<sock_filter> {
    match answer {
        Answer::Always(errno) => vec![refuse(*errno)],
        Answer::When { argument, is, errno } => {
            let mut body = vec![load(low_half(*argument))];
            for value in *is {
                body.push(jump(libc::BPF_JEQ, *value, 0, 1));
                body.push(refuse(*errno));
            }
            body.push(allow());
            body
        }
        Answer::Socket => socket(),
        Answer::Done => vec![refuse(0)],
    }
}

/// By its family, the first argument, and its protocol, the third.
fn socket() -> Vec<sock_filter> {
    let protocol = load(low_half(2));
    let mut netlink = vec![protocol];
    for allowed in NETLINK {
        netlink.push(jump(libc::BPF_JEQ, allowed, 0, 1));
        netlink.push(allow());
    }
    netlink.push(refuse(libc::EPROTONOSUPPORT));
    let mut internet = vec![protocol];
    for module in MODULES {
        internet.push(jump(libc::BPF_JEQ, module, 0, 1));
        internet.push(refuse(libc::EPROTONOSUPPORT));
    }
    internet.push(allow());

    let mut body = vec![load(low_half(0))];
    for family in FAMILIES {
        body.push(jump(libc::BPF_JEQ, family.cast_unsigned(), 0, 1));
        body.push(allow());
    }
    let netlinks = libc::AF_NETLINK.cast_unsigned();
    body.push(jump(libc::BPF_JEQ, netlinks, 0, span(&netlink)));
    body.extend(netlink);
    let [first, second] = INTERNET.map(c_int::cast_unsigned);
    body.push(jump(libc::BPF_JEQ, first, 1, 0));
    body.push(jump(libc::BPF_JEQ, second, 0, span(&internet)));
    body.extend(internet);
    body.push(refuse(libc::EAFNOSUPPORT));
    body
}

/// Offsets in `struct seccomp_data`: seccomp(2).
const DATA_NUMBER: u32 = 0;
const DATA_ARCH: u32 = 4;

/// Of an argument, the half that the kernel looks at where it takes an `int`;
/// both machines are little-endian.
const fn low_half(argument: u32) -> u32 {
    16 + 8 * argument
}

fn load(offset: u32) -> sock_filter {
    instruction(libc::BPF_LD | libc::BPF_W | libc::BPF_ABS, 0, 0, offset)
}

/// Jumps over this many instructions.
fn jump(condition: u32, value: u32, then: u8, otherwise: u8) -> sock_filter {
    let code = libc::BPF_JMP | condition | libc::BPF_K;
    instruction(code, then, otherwise, value)
}

fn allow() -> sock_filter {
    answer(libc::SECCOMP_RET_ALLOW)
}

fn refuse(errno: c_int) -> sock_filter {
    answer(libc::SECCOMP_RET_ERRNO | errno.cast_unsigned())
}

fn answer(value: u32) -> sock_filter {
    instruction(libc::BPF_RET | libc::BPF_K, 0, 0, value)
}

fn instruction(code: u32, then: u8, otherwise: u8, value: u32) -> sock_filter {
    #[allow(clippy::cast_possible_truncation, reason = "codes are bytes")]
    sock_filter { code: code as u16, jt: then, jf: otherwise, k: value }
}

/// How far to jump over these.
fn span(instructions: &[sock_filter]) -> u8 {
    u8::try_from(instructions.len()).expect("a filter is short")
}

#[cfg(test)]
mod tests;
