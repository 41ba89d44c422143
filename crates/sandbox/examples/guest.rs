//! A hostile guest's tools: what a shell cannot do by itself.
//!
//! The tests run it in worlds, as `/demos/guest`. It prints what the kernel
//! answered, in a line.
#![allow(unsafe_code, reason = "system calls with arguments of any kind")]

use std::ffi::CString;
use std::fs::{self, File};
use std::os::fd::AsRawFd as _;
use std::os::linux::net::SocketAddrExt as _;
use std::os::unix::net::{SocketAddr, UnixStream};
use std::process::ExitCode;

use libc::{c_int, c_long};
use nix::errno::Errno;
use nix::unistd::{ForkResult, fork, pause};

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(|one| &**one).collect();
    match arguments.as_slice() {
        ["call", name, rest @ ..] => call(name, rest),
        ["forks"] => forks(),
        ["threads"] => threads(),
        ["files", folder] => {
            count("files", |n| File::create(format!("{folder}/{n}")).map(drop));
        }
        ["namespaces", kind] => namespaces(kind),
        ["nest"] => nest(),
        ["mounts", count] => mounts(count.parse().expect("a number")),
        ["open", path] => keep("open", || File::open(path)),
        ["ptys"] => keep("ptys", || {
            File::options().read(true).write(true).open("/dev/ptmx")
        }),
        ["pipes"] => keep("pipes", || nix::unistd::pipe().map_err(Into::into)),
        ["inotify"] => keep("inotify", || {
            nix::sys::inotify::Inotify::init(
                nix::sys::inotify::InitFlags::empty(),
            )
            .map_err(Into::into)
        }),
        ["signals"] => signals(),
        ["sockets"] => sockets(),
        ["pids"] => pids(),
        ["memory"] => memory(),
        ["deaf"] => deaf(),
        ["dig"] => dig(),
        ["abstract", name] => abstract_socket(name),
        ["users"] => users(),
        ["int80"] => int80(),
        other => println!("no such tool: {other:?}"),
    }
    ExitCode::SUCCESS
}

/// The calls that are known by name.
#[rustfmt::skip]
const CALLS: &[(&str, c_long)] = &[
    ("acct", libc::SYS_acct),
    ("add_key", libc::SYS_add_key),
    ("adjtimex", libc::SYS_adjtimex),
    ("bpf", libc::SYS_bpf),
    ("clock_settime", libc::SYS_clock_settime),
    ("delete_module", libc::SYS_delete_module),
    ("finit_module", libc::SYS_finit_module),
    ("init_module", libc::SYS_init_module),
    ("io_uring_setup", libc::SYS_io_uring_setup),
    ("ioctl", libc::SYS_ioctl),
    ("kexec_load", libc::SYS_kexec_load),
    ("keyctl", libc::SYS_keyctl),
    ("kill", libc::SYS_kill),
    ("mlock", libc::SYS_mlock),
    ("mount", libc::SYS_mount),
    ("open_by_handle_at", libc::SYS_open_by_handle_at),
    ("perf_event_open", libc::SYS_perf_event_open),
    ("prlimit", libc::SYS_prlimit64),
    ("ptrace", libc::SYS_ptrace),
    ("quotactl", libc::SYS_quotactl),
    ("reboot", libc::SYS_reboot),
    ("request_key", libc::SYS_request_key),
    ("sched_setscheduler", libc::SYS_sched_setscheduler),
    ("setdomainname", libc::SYS_setdomainname),
    ("setgroups", libc::SYS_setgroups),
    ("sethostname", libc::SYS_sethostname),
    ("setns", libc::SYS_setns),
    ("settimeofday", libc::SYS_settimeofday),
    ("setuid", libc::SYS_setuid),
    ("socket", libc::SYS_socket),
    ("swapoff", libc::SYS_swapoff),
    ("swapon", libc::SYS_swapon),
    ("sync", libc::SYS_sync),
    ("syslog", libc::SYS_syslog),
    ("userfaultfd", libc::SYS_userfaultfd),
    ("vhangup", libc::SYS_vhangup),
];

/// One call: arguments are numbers, `s:TEXT`, `b:BYTES` for a buffer of
/// zeros, `n:NUMBER` for one that is pointed to, or `f:PATH` for a
/// descriptor.
fn call(name: &str, arguments: &[&str]) {
    let known = CALLS.iter().find(|(one, _)| *one == name);
    let number = known.map(|(_, number)| *number).or(name.parse().ok());
    let Some(number) = number else { return println!("{name}: unknown") };
    let mut kept: (Vec<CString>, Vec<Vec<u8>>, Vec<File>) = Default::default();
    let mut values = [0 as c_long; 6];
    for (value, argument) in values.iter_mut().zip(arguments) {
        *value = match argument.split_once(':') {
            Some(("s", text)) => {
                kept.0.push(CString::new(text).expect("no NUL"));
                kept.0.last().expect("pushed").as_ptr() as c_long
            }
            Some(("b", size)) => {
                let size = size.parse().expect("a size");
                kept.1.push(vec![0; size]);
                kept.1.last().expect("pushed").as_ptr() as c_long
            }
            Some(("n", number)) => {
                let number: u32 = number.parse().expect("a number");
                kept.1.push(number.to_ne_bytes().to_vec());
                kept.1.last().expect("pushed").as_ptr() as c_long
            }
            Some(("f", path)) => match File::open(path) {
                Ok(file) => {
                    kept.2.push(file);
                    kept.2.last().expect("pushed").as_raw_fd().into()
                }
                Err(error) => return println!("{name}: {path}: {error}"),
            },
            _ => number_of(argument),
        };
    }
    let [a, b, c, d, more @ ..] = values;
    // SAFETY: pointers are to what is kept; whatever else the call does, it
    // does to this process, which ends here.
    let result = unsafe { libc::syscall(number, a, b, c, d, more[0], more[1]) };
    match Errno::result(result) {
        Ok(result) => println!("{name}: ok {result}"),
        Err(errno) => println!("{name}: {errno:?}"),
    }
}

fn number_of(text: &str) -> c_long {
    let parsed = match text.strip_prefix("0x") {
        Some(digits) => u64::from_str_radix(digits, 16).map(u64::cast_signed),
        None => text.parse::<i64>(),
    };
    parsed.expect("a number")
}

/// Does something until it fails, and says how often it worked.
fn count(what: &str, mut once: impl FnMut(u32) -> std::io::Result<()>) {
    for done in 0.. {
        if let Err(error) = once(done) {
            let errno = Errno::from_raw(error.raw_os_error().unwrap_or(0));
            return println!("{what}: {errno:?} after {done}");
        }
    }
}

/// The same, keeping what comes of it.
fn keep<T>(what: &str, mut once: impl FnMut() -> std::io::Result<T>) {
    let mut kept = Vec::new();
    count(what, |_| {
        kept.push(once()?);
        Ok(())
    });
}

fn forks() {
    let mut children = Vec::new();
    count("forks", |_| {
        // SAFETY: the child only waits.
        match unsafe { fork() }? {
            ForkResult::Child => loop {
                pause();
            },
            ForkResult::Parent { child } => children.push(child),
        }
        Ok(())
    });
    for child in children {
        let _ = nix::sys::signal::kill(child, nix::sys::signal::SIGKILL);
    }
}

fn threads() {
    count("threads", |_| {
        let thread = std::thread::Builder::new().stack_size(64 * 1024);
        thread
            .spawn(|| {
                loop {
                    std::thread::park();
                }
            })
            .map(drop)
    });
}

fn namespaces(kind: &str) {
    let flag = match kind {
        "net" => libc::CLONE_NEWNET,
        "uts" => libc::CLONE_NEWUTS,
        "ipc" => libc::CLONE_NEWIPC,
        "mnt" => libc::CLONE_NEWNS,
        _ => libc::CLONE_NEWCGROUP,
    };
    let link = format!("/proc/self/ns/{kind}");
    keep(kind, || {
        unshare(flag)?;
        File::open(&link)
    });
}

fn unshare(flag: c_int) -> std::io::Result<()> {
    // SAFETY: takes a number.
    let result = unsafe { libc::unshare(flag) };
    Errno::result(result).map(drop).map_err(Into::into)
}

fn nest() {
    count("nest", |_| {
        unshare(libc::CLONE_NEWUSER)?;
        fs::write("/proc/self/setgroups", "deny")?;
        fs::write("/proc/self/uid_map", "0 0 1")?;
        fs::write("/proc/self/gid_map", "0 0 1")
    });
}

fn mounts(count: u32) {
    use nix::mount::{MsFlags, mount};
    let none = None::<&str>;
    let kind = Some("tmpfs");
    let made = (0..count).take_while(|_| {
        mount(Some("planted"), "/mnt", kind, MsFlags::empty(), none).is_ok()
    });
    println!("mounts: {}", made.count());
}

fn signals() {
    use nix::sys::signal::SigSet;
    SigSet::all().thread_block().expect("signals can be blocked");
    let real_time = libc::SIGRTMIN();
    count("signals", |_| {
        let value = libc::sigval { sival_ptr: std::ptr::null_mut() };
        // SAFETY: takes numbers.
        let result =
            unsafe { libc::sigqueue(libc::getpid(), real_time, value) };
        Errno::result(result).map(drop).map_err(Into::into)
    });
}

fn sockets() {
    let open = |family: c_int| {
        let types = [libc::SOCK_STREAM, libc::SOCK_DGRAM, libc::SOCK_RAW];
        types.into_iter().any(|kind| {
            // SAFETY: takes numbers; what it opens, the end closes.
            unsafe { libc::socket(family, kind, 0) >= 0 }
        })
    };
    let families = (0..64).filter(|family| open(*family));
    let families: Vec<String> = families.map(|f| f.to_string()).collect();
    println!("sockets: {}", families.join(" "));
}

/// Every process that can be named.
fn pids() {
    // SAFETY: signal 0 only asks.
    let is_there = |pid: &i32| unsafe {
        libc::kill(*pid, 0) == 0 || Errno::last() == Errno::EPERM
    };
    let own = nix::unistd::getpid().as_raw();
    let found: Vec<i32> =
        (1..4_194_304).filter(is_there).filter(|pid| *pid != own).collect();
    println!("pids: {found:?}");
}

fn memory() {
    let mut kept = Vec::new();
    loop {
        kept.push(vec![1_u8; 16 << 20]);
    }
}

fn deaf() {
    nix::sys::signal::SigSet::all().thread_block().expect("it can");
    loop {
        pause();
    }
}

/// The way out of a chroot that does not change the directory: chroot(2).
fn dig() {
    fs::create_dir_all("/tmp/hole").expect("a folder can be made");
    let inode = |path: &str| {
        use std::os::unix::fs::MetadataExt as _;
        fs::metadata(path).map(|file| (file.dev(), file.ino())).ok()
    };
    let root = inode("/");
    nix::unistd::chroot("/tmp/hole").expect("root of the world may");
    for _ in 0..64 {
        nix::unistd::chdir("..").expect("there is always one");
    }
    println!("dig: {}", if inode(".") == root { "same root" } else { "out" });
}

fn abstract_socket(name: &str) {
    let address = SocketAddr::from_abstract_name(name).expect("it is short");
    match UnixStream::connect_addr(&address) {
        Ok(_) => println!("abstract: connected"),
        Err(error) => println!("abstract: {:?}", error.kind()),
    }
}

/// Processes of many users, of whom each has a count of its own.
fn users() {
    let mut children = Vec::new();
    count("users", |n| {
        // SAFETY: the child takes an id, and only waits.
        match unsafe { fork() }? {
            ForkResult::Child => {
                let _ = nix::unistd::setuid((n + 1).into());
                loop {
                    pause();
                }
            }
            ForkResult::Parent { child } => children.push(child),
        }
        Ok(())
    });
    for child in children {
        let _ = nix::sys::signal::kill(child, nix::sys::signal::SIGKILL);
    }
}

/// A system call of the 32-bit kind: getpid(2).
#[cfg(target_arch = "x86_64")]
fn int80() {
    let result: u64;
    // SAFETY: the call takes nothing; the kernel keeps all registers but rax
    // and, on older kernels, r8 to r11.
    unsafe {
        std::arch::asm!(
            "int 0x80",
            inlateout("rax") 20_u64 => result,
            lateout("r8") _, lateout("r9") _,
            lateout("r10") _, lateout("r11") _,
        );
    }
    println!("int80: {result}");
}

#[cfg(not(target_arch = "x86_64"))]
fn int80() {
    println!("int80: not on this machine");
}
