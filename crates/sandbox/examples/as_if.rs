//! Runs a program as if this machine had a restriction that others have.
//!
//! ```text
//! cargo run --example as_if -- docker mdbook-console doctor
//! ```
//!
//! `docker` is the default seccomp filter of Docker, `no-time` a kernel
//! without time namespaces, `old-mounts` one with only mount(2), `ramdisk` a machine that runs from its initial
//! ramdisk, and `landlock` a caller that may write nowhere. What a user
//! namespace of one's own can restrict by itself, limits and mounts, needs no
//! such program.
#![allow(unsafe_code, reason = "filters of system calls, made by hand")]

use std::io;
use std::os::unix::process::CommandExt as _;
use std::process::{Command, ExitCode};

use libc::{c_int, c_long, sock_filter};

/// A system call that is refused.
struct Refused {
    call: c_long,
    /// Only if the first argument has one of these bits.
    bits: Option<u32>,
    errno: c_int,
}

impl Refused {
    const fn always(call: c_long, errno: c_int) -> Self {
        Self { call, bits: None, errno }
    }

    const fn with_bits(call: c_long, bits: c_int, errno: c_int) -> Self {
        Self { call, bits: Some(bits.cast_unsigned()), errno }
    }
}

const NAMESPACES: c_int = libc::CLONE_NEWUSER
    | libc::CLONE_NEWPID
    | libc::CLONE_NEWNS
    | libc::CLONE_NEWUTS
    | libc::CLONE_NEWIPC
    | libc::CLONE_NEWNET
    | libc::CLONE_NEWCGROUP;

const DOCKER: [Refused; 7] = [
    Refused::always(libc::SYS_clone3, libc::ENOSYS),
    Refused::with_bits(libc::SYS_clone, NAMESPACES, libc::EPERM),
    Refused::always(libc::SYS_unshare, libc::EPERM),
    Refused::always(libc::SYS_setns, libc::EPERM),
    Refused::always(libc::SYS_mount, libc::EPERM),
    Refused::always(libc::SYS_umount2, libc::EPERM),
    Refused::always(libc::SYS_pivot_root, libc::EPERM),
];

const NO_TIME: [Refused; 1] =
    [Refused::with_bits(libc::SYS_unshare, libc::CLONE_NEWTIME, libc::EINVAL)];

const OLD_MOUNTS: [Refused; 1] =
    [Refused::always(libc::SYS_fsopen, libc::ENOSYS)];

const RAMDISK: [Refused; 1] =
    [Refused::always(libc::SYS_pivot_root, libc::EINVAL)];

fn main() -> ExitCode {
    let mut arguments = std::env::args().skip(1);
    let (Some(restriction), Some(program)) =
        (arguments.next(), arguments.next())
    else {
        eprintln!("usage: as_if RESTRICTION PROGRAM [ARGUMENT…]");
        return ExitCode::from(2);
    };
    let restricted = match &*restriction {
        "docker" => filter(&DOCKER),
        "no-time" => filter(&NO_TIME),
        "old-mounts" => filter(&OLD_MOUNTS),
        "ramdisk" => filter(&RAMDISK),
        "landlock" => landlock(),
        _ => Err(io::Error::other("there is no such restriction")),
    };
    let error = match restricted {
        Ok(()) => Command::new(&program).args(arguments).exec(),
        Err(error) => error,
    };
    eprintln!("{restriction}: {program}: {error}");
    ExitCode::from(77)
}

/// seccomp(2): the calls are refused to this process and all it starts.
fn filter(refused: &[Refused]) -> io::Result<()> {
    // struct seccomp_data: the number, the machine, the instruction, and the
    // arguments, of which the lower half comes first.
    let mut program = vec![load(0)];
    for rule in refused {
        let number = u32::try_from(rule.call).map_err(io::Error::other)?;
        let errno = libc::SECCOMP_RET_ERRNO | rule.errno.cast_unsigned();
        if let Some(bits) = rule.bits {
            program.push(jump(libc::BPF_JEQ, number, 0, 4));
            program.push(load(16));
            program.push(jump(libc::BPF_JSET, bits, 0, 1));
            program.push(answer(errno));
            program.push(load(0));
        } else {
            program.push(jump(libc::BPF_JEQ, number, 0, 1));
            program.push(answer(errno));
        }
    }
    program.push(answer(libc::SECCOMP_RET_ALLOW));
    let length = u16::try_from(program.len()).map_err(io::Error::other)?;
    let program =
        libc::sock_fprog { len: length, filter: program.as_mut_ptr() };
    no_new_privileges()?;
    // SAFETY: the kernel reads the program, which has `len` instructions.
    let result = unsafe {
        let filter = libc::SECCOMP_SET_MODE_FILTER;
        libc::syscall(libc::SYS_seccomp, filter, 0, &raw const program)
    };
    done(result)
}

fn load(offset: u32) -> sock_filter {
    instruction(libc::BPF_LD | libc::BPF_W | libc::BPF_ABS, 0, 0, offset)
}

fn jump(condition: u32, value: u32, then: u8, otherwise: u8) -> sock_filter {
    let code = libc::BPF_JMP | condition | libc::BPF_K;
    instruction(code, then, otherwise, value)
}

fn answer(value: u32) -> sock_filter {
    instruction(libc::BPF_RET | libc::BPF_K, 0, 0, value)
}

fn instruction(code: u32, then: u8, otherwise: u8, value: u32) -> sock_filter {
    let code = u16::try_from(code).unwrap_or(u16::MAX);
    sock_filter { code, jt: then, jf: otherwise, k: value }
}

/// landlock(7): no file may be written, and nothing mounted.
fn landlock() -> io::Result<()> {
    // LANDLOCK_ACCESS_FS_WRITE_FILE, the one bit of a structure of the first
    // version.
    let handled: u64 = 1 << 1;
    no_new_privileges()?;
    // SAFETY: the kernel reads eight bytes, and takes numbers.
    unsafe {
        let create = libc::SYS_landlock_create_ruleset;
        let rules = libc::syscall(create, &raw const handled, 8, 0);
        done(rules)?;
        done(libc::syscall(libc::SYS_landlock_restrict_self, rules, 0))
    }
}

fn no_new_privileges() -> io::Result<()> {
    // SAFETY: takes numbers.
    let result = unsafe { libc::prctl(libc::PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) };
    done(result.into())
}

fn done(result: c_long) -> io::Result<()> {
    if result < 0 { Err(io::Error::last_os_error()) } else { Ok(()) }
}
