//! The filter, run as the kernel runs it, on every number.

use super::*;

/// Runs the program for a call: bpf(4), the instructions that are used here.
fn run(program: &[sock_filter], data: [u32; 16]) -> u32 {
    let mut accumulator = 0;
    let mut at = 0;
    loop {
        let one = program[at];
        let code = u32::from(one.code);
        at += 1;
        if code == libc::BPF_LD | libc::BPF_W | libc::BPF_ABS {
            accumulator = data[(one.k / 4) as usize];
        } else if code == libc::BPF_RET | libc::BPF_K {
            return one.k;
        } else {
            let holds = match code & 0xf0 {
                libc::BPF_JEQ => accumulator == one.k,
                libc::BPF_JGE => accumulator >= one.k,
                other => panic!("{other:#x}"),
            };
            at += usize::from(if holds { one.jt } else { one.jf });
        }
    }
}

fn call(number: c_long, arguments: [u32; 3]) -> u32 {
    let mut data = [0; 16];
    data[0] = u32::try_from(number).expect("a number");
    data[1] = MACHINE;
    for (index, argument) in arguments.into_iter().enumerate() {
        data[4 + 2 * index] = argument;
    }
    run(program(), data)
}

const ALLOWED: u32 = libc::SECCOMP_RET_ALLOW;

fn refused(errno: c_int) -> u32 {
    libc::SECCOMP_RET_ERRNO | errno.cast_unsigned()
}

#[test]
fn only_what_is_in_the_table_is_refused() {
    let listed: Vec<c_long> = RULES.iter().map(|rule| rule.call).collect();
    for number in 0..600 {
        if !listed.contains(&number) {
            assert_eq!(call(number, [0; 3]), ALLOWED, "{number}");
        }
    }
    for rule in RULES {
        match rule.answer {
            Answer::Always(errno) => {
                assert_eq!(call(rule.call, [0; 3]), refused(errno));
            }
            Answer::When { argument, is, errno } => {
                let mut arguments = [0; 3];
                assert_eq!(call(rule.call, arguments), ALLOWED);
                for value in is {
                    arguments[argument as usize] = *value;
                    assert_eq!(call(rule.call, arguments), refused(errno));
                }
            }
            Answer::Done => assert_eq!(call(rule.call, [0; 3]), refused(0)),
            Answer::Socket => {}
        }
        // The reason says what it could do, and whose answer this is.
        assert!(rule.reason.contains(". "), "{}", rule.reason);
    }
}

#[test]
fn what_chapters_need_is_allowed() {
    for number in [
        libc::SYS_clone,
        libc::SYS_clone3,
        libc::SYS_unshare,
        libc::SYS_setns,
        libc::SYS_mount,
        libc::SYS_fsopen,
        libc::SYS_move_mount,
        libc::SYS_open_tree,
        libc::SYS_mount_setattr,
        libc::SYS_pivot_root,
        libc::SYS_chroot,
        libc::SYS_ptrace,
        libc::SYS_personality,
        libc::SYS_memfd_create,
        libc::SYS_name_to_handle_at,
        libc::SYS_open_by_handle_at,
        libc::SYS_reboot,
        libc::SYS_seccomp,
    ] {
        assert_eq!(call(number, [u32::MAX; 3]), ALLOWED, "{number}");
    }
}

#[test]
fn sockets_are_those_that_have_namespaces() {
    let socket = |family: u32, protocol: u32| {
        let same = call(libc::SYS_socketpair, [family, 1, protocol]);
        let answer = call(libc::SYS_socket, [family, 1, protocol]);
        assert_eq!(answer, same, "{family} {protocol}");
        answer
    };
    for family in 0..64 {
        let allowed = [1, 2, 10, 16, 17].contains(&family);
        let expected =
            if allowed { ALLOWED } else { refused(libc::EAFNOSUPPORT) };
        assert_eq!(socket(family, 0), expected, "{family}");
    }
    for protocol in 0..300 {
        let netlink = [0, 4, 6, 12, 15, 16].contains(&protocol);
        let internet = ![33, 132, 136].contains(&protocol);
        for (family, allowed) in
            [(16, netlink), (2, internet), (10, internet), (1, true)]
        {
            let expected =
                if allowed { ALLOWED } else { refused(libc::EPROTONOSUPPORT) };
            let answer = socket(family, protocol);
            assert_eq!(answer, expected, "{family} {protocol}");
        }
    }
}

#[test]
fn calls_of_other_machines_are_refused() {
    let mut data = [0; 16];
    // i386, and the 32-bit ARM.
    for other in [0x4000_0003, 0x4000_0028] {
        data[1] = other;
        let killed = libc::SECCOMP_RET_KILL_PROCESS;
        assert_eq!(run(program(), data), killed);
    }
    if cfg!(target_arch = "x86_64") {
        data = [0; 16];
        (data[0], data[1]) = (0x4000_0000, MACHINE);
        assert_eq!(run(program(), data), refused(libc::ENOSYS));
    }
}
