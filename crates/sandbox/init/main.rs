//! PID 1 of a world, its guard, and who joins it: one small program with three
//! names.
//!
//! Everything a guest can find out by reading or tracing its PID 1 is here,
//! and here is nothing: no libc, no heap, no descriptor of the machine, no
//! environment. `build.rs` compiles this file on its own; the `sandbox` crate
//! carries the result and executes it from a sealed memory file.
//!
//! * As **`init`** it starts the world's first programs as its children, as
//!   the [boot message](boot) on descriptor 3 says, closes everything it was
//!   given, and reaps whoever dies, for ever. (A boot message may instead ask
//!   it to end together with its first child: a world for one program.)
//! * As **`guard`** it sits outside the world, one user and PID namespace
//!   further out, and waits for one of two things: that whoever made the
//!   world closes the *lifeline*, or that `init` ends. Then it exits, and the
//!   kernel kills everything in its PID namespace: pid_namespaces(7), "The
//!   namespace init process". Meanwhile it looks at the machine's memory, for
//!   which namespaces know no limit, and ends the world before that runs out.
//!   Where the world has a cgroup, it takes that away when nobody is left.
//! * As **`join`** it enters a world that is there, and starts one more program
//!   in it. It is executed for that, and not a copy of the caller, because a
//!   process that shares memory may not enter a time namespace: setns(2).

#![no_std]
#![no_main]
#![no_builtins]

mod boot;
mod builtins;
mod cgroup;
mod memory;
mod syscall;

use core::ffi::{CStr, c_char};
use core::mem::MaybeUninit;

use boot::{Boot, Program};
use syscall::{Errno, SIGCHLD};

/// Where the boot message is, for `init`.
const BOOT: i32 = 3;
/// The first program's terminal; the next one's is one further.
const FIRST_TERMINAL: i32 = 4;
/// Hangs up when the maker of the world is gone, for `guard`.
const LIFELINE: i32 = 3;
/// A pidfd of the world's PID 1, for `guard`.
const CHILD: i32 = 4;
/// The machine's /proc/meminfo, for `guard`.
const MEMORY: i32 = 5;
/// The folder that the world's cgroup is in, for `guard`, if there is one.
const CGROUPS: i32 = 6;
/// A pidfd of the world's PID 1, for `join`.
const WORLD: i32 = 5;

/// Called by `_start` with the stack as the kernel left it: the number of
/// arguments, then pointers to them (elf(5), the ABI's process entry).
#[unsafe(no_mangle)]
extern "C" fn start(stack: *const usize) -> ! {
    // SAFETY: the kernel puts argc and at least one argv pointer there, and
    // the crate that executes this program always passes a name.
    let name = unsafe { *(*stack.add(1) as *const u8) };
    match name {
        // SAFETY: a guard is also told what the world is for, a number, and
        // a name.
        b'g' => unsafe {
            let kept = memory::number(argument(stack, 2).to_bytes());
            guard(kept, argument(stack, 3))
        },
        b'j' => join(),
        _ => init(),
    }
}

/// The argument of this index.
///
/// # Safety
///
/// The stack is as the kernel left it, and there is such an argument.
unsafe fn argument(stack: *const usize, index: usize) -> &'static CStr {
    // SAFETY: as `start`; arguments are strings that end with a NUL.
    unsafe { CStr::from_ptr(*stack.add(1 + index) as *const c_char) }
}

fn init() -> ! {
    // Whoever lists processes reads this name; without it they would read
    // that of a memory file.
    syscall::set_name(b"init\0");
    // A blocked signal waits for `wait_for_signal` even though nothing
    // handles it.
    syscall::block_only(SIGCHLD);

    let mut buffer = EMPTY;
    let Some(boot) = Boot::parse(read_all(BOOT, &mut buffer)) else {
        syscall::exit(125);
    };

    let mut first = 0;
    let mut terminal = FIRST_TERMINAL;
    for program in boot.programs() {
        let child = start_program(&program, terminal);
        if first == 0 {
            first = child;
        }
        terminal += 1;
    }
    syscall::close_from(0);
    reap(if boot.ends_with_first() { Some(first) } else { None })
}

fn join() -> ! {
    syscall::set_name(b"join\0");
    syscall::default_signals();
    let mut buffer = EMPTY;
    let boot = Boot::parse(read_all(BOOT, &mut buffer));
    let Some(program) = boot.as_ref().and_then(|b| b.programs().next()) else {
        syscall::exit(125);
    };
    if syscall::enter(WORLD).is_err() {
        syscall::exit(126);
    }
    // A caller that was root outside is nobody in here until it says who.
    syscall::become_user(0);
    let filter = boot.as_ref().map_or(&[][..], Boot::filter);
    if syscall::filter_calls(filter).is_err() {
        syscall::exit(126);
    }
    // Only children enter a PID namespace: pid_namespaces(7).
    let child = start_program(&program, FIRST_TERMINAL);
    syscall::close_from(0);
    loop {
        match syscall::wait_for_child() {
            Ok((ended, status)) if ended == child => {
                syscall::exit(exit_status(status))
            }
            Ok(_) => {}
            Err(Errno) => syscall::exit(125),
        }
    }
}

/// A program to start, and the descriptor of its terminal.
struct Start<'a> {
    program: &'a Program<'a>,
    terminal: i32,
}

/// Starts `program` as the leader of a session of its own, with `terminal` as
/// its controlling terminal: setsid(2), ioctl_tty(2).
fn start_program(program: &Program<'_>, terminal: i32) -> i32 {
    syscall::start(become_program, &Start { program, terminal })
}

/// What a child does, in memory that it shares with its parent.
extern "C" fn become_program(start: &Start<'_>) -> ! {
    let Start { program, terminal } = *start;
    syscall::block_none();
    // If memory runs out on the machine, the world goes first. The kernel
    // gives this to all who share a memory, but not to the parent of a child
    // that it waits for (fs/proc/base.c, `__set_oom_adj`).
    syscall::tell(c"/proc/self/oom_score_adj", b"1000");
    syscall::set_session();
    syscall::take_terminal(terminal);
    for standard in 0..3 {
        syscall::duplicate(terminal, standard);
    }
    syscall::close_from(3);
    if program.id != 0 {
        syscall::become_user(program.id);
    }
    syscall::change_directory(program.home());
    // The first string is the path, argv[0] the second.
    let arguments = program.arguments.pointers(1);
    let environment = program.environment.pointers(0);
    syscall::execute(program.path(), &arguments, &environment);
    syscall::write(2, b"init: cannot execute the program\n");
    syscall::exit(127)
}

/// Waits for every child that is or will be, so that no zombie stays. With
/// `first`, ends as soon as that one does, with its status.
fn reap(first: Option<i32>) -> ! {
    loop {
        match syscall::poll_children() {
            Ok((child, status)) if Some(child) == first => {
                syscall::exit(exit_status(status))
            }
            Ok((0, _)) | Err(Errno) => syscall::wait_for_signal(SIGCHLD),
            Ok(_) => {}
        }
    }
}

/// `kept` is how many KiB of memory the machine must keep; `cgroup` is the name
/// of the world's, empty if it has none.
fn guard(kept: u64, cgroup: &CStr) -> ! {
    syscall::set_name(b"guard\0");
    syscall::default_signals();
    loop {
        let patience = match memory::available(MEMORY) {
            Some(left) if left < kept => {
                clear(cgroup);
                syscall::halt()
            }
            Some(left) => memory::patience(left - kept),
            None => memory::LONGEST,
        };
        match syscall::wait_for_either(LIFELINE, CHILD, patience) {
            Some(1) => break,
            // Our end is the world's end.
            Some(_) => {
                clear(cgroup);
                syscall::exit(0)
            }
            None => {}
        }
    }
    let status = match syscall::wait_for_child() {
        Ok((_, status)) => exit_status(status),
        Err(Errno) => 125,
    };
    clear(cgroup);
    syscall::exit(status)
}

/// Ends the world and takes its cgroup away. A world without one ends when
/// its guard does.
///
/// Its PID 1 is told first, and the kernel ends the others in turn: whoever
/// sees a terminal hang up then also sees why.
fn clear(cgroup: &CStr) {
    if !cgroup.is_empty() {
        syscall::kill(CHILD);
        while syscall::wait_for_child().is_ok() {}
        cgroup::remove(CGROUPS, cgroup);
    }
}

/// The status as a shell would give it: 128 and the number of the signal for
/// a program that one has killed.
fn exit_status(status: i32) -> i32 {
    let signal = status & 0x7f;
    if signal == 0 { (status >> 8) & 0xff } else { 128 + signal }
}

/// Memory that costs nothing where it is not used.
type Buffer = [MaybeUninit<u8>; boot::LONGEST];

/// One that nothing has been written to.
const EMPTY: Buffer = [const { MaybeUninit::uninit() }; boot::LONGEST];

fn read_all(descriptor: i32, buffer: &mut Buffer) -> &[u8] {
    let mut length = 0;
    while let Ok(count @ 1..) = syscall::read(descriptor, &mut buffer[length..])
    {
        length += count;
    }
    // SAFETY: the kernel has written this many bytes.
    unsafe { buffer[..length].assume_init_ref() }
}

#[panic_handler]
fn panic(_: &core::panic::PanicInfo<'_>) -> ! {
    syscall::exit(125)
}
