//! Against what only the machine's root may do.

use sandbox::cgroup::is_delegated;

use super::{Ends, Guest, TYPICAL, Threat, each_line};

pub(crate) const GUESTS: &[Guest] = &[
    Guest {
        name: "have root run a program when something crashes",
        threat: Threat::Root,
        script: "for f in kernel/core_pattern kernel/modprobe kernel/hotplug \
                 kernel/poweroff_cmd fs/binfmt_misc/register; do echo \
                 '|/tmp/planted' > /proc/sys/$f; done 2>&1",
        says: |said, _| {
            each_line(said, &["denied", "No such file", "nonexistent"])
        },
        ..TYPICAL
    },
    Guest {
        name: "change the kernel's settings",
        threat: Threat::Root,
        script: "for f in kernel/randomize_va_space kernel/panic \
                 kernel/threads-max kernel/pid_max vm/overcommit_memory \
                 vm/drop_caches fs/file-max kernel/sysrq \
                 kernel/yama/ptrace_scope; do [ $f = kernel/pid_max ] || echo \
                 1 > /proc/sys/$f; done 2>&1; echo b > /proc/sysrq-trigger \
                 2>&1 || echo sysrq: denied",
        says: |said, _| {
            each_line(said, &["denied", "No such file", "nonexistent"])
        },
        ..TYPICAL
    },
    Guest {
        name: "change a setting that is the world's own",
        threat: Threat::Root,
        script: "echo 400 > /proc/sys/kernel/pid_max; sysctl -q -w \
                 net.ipv4.ip_forward=1 kernel.shmmax=1 \
                 user.max_net_namespaces=3; hostname planted; guest call \
                 setdomainname s:planted 7; echo done",
        says: |said, _| said.ends_with("done"),
        ..TYPICAL
    },
    Guest {
        name: "write into /sys",
        threat: Threat::Root,
        script: "for f in power/state kernel/uevent_helper kernel/mm/ksm/run \
                 module/printk/parameters/time; do echo 1 > /sys/$f; done 2>&1",
        says: |said, _| {
            each_line(
                said,
                &["denied", "No such file", "nonexistent", "Read-only"],
            )
        },
        ..TYPICAL
    },
    Guest {
        name: "read the kernel's secrets",
        threat: Threat::Root,
        script: "for f in kcore kmsg slabinfo vmallocinfo timer_list \
                 kpagecount; do head -c1 /proc/$f | wc -c; done 2>/dev/null | \
                 sort -u; grep -v ' 0\\|^0*  *' /proc/kallsyms | grep -vc \
                 '^0000000000000000'",
        says: |said, _| said == "0\n0",
        ..TYPICAL
    },
    Guest {
        name: "read the machine's kernel log",
        threat: Threat::Root,
        script: "guest call syslog 3 b:4096 4096; guest call syslog 10; ls \
                 /dev/kmsg 2>&1",
        says: |said, _| {
            said.matches("EPERM").count() == 2 && said.contains("No such file")
        },
        ..TYPICAL
    },
    Guest {
        name: "mount what shows the kernel's inside",
        threat: Threat::Root,
        script: "for t in debugfs tracefs securityfs devtmpfs bpf configfs \
                 pstore; do mount -t $t none /mnt && echo MOUNTED $t; done \
                 2>&1",
        says: |said, _| !said.contains("MOUNTED"),
        ..TYPICAL
    },
    Guest {
        name: "call what the kernel keeps for root",
        threat: Threat::Root,
        script: "for c in 'acct s:/tmp/planted' 'delete_module s:x 0' \
                 'init_module b:8 8 s:' 'finit_module 0 s: 0' 'kexec_load 0 0 \
                 0 0' 'swapon s:/tmp 0' 'swapoff s:/tmp' 'vhangup' \
                 'settimeofday b:16 0' 'clock_settime 0 b:16' 'quotactl \
                 0x80000800 s:/dev/vda 0 b:64'; do guest call $c; done",
        says: |said, _| {
            each_line(
                said,
                &["EPERM", "ENOSYS", "ENOENT", "ENODEV", "ENOTBLK", "ESRCH"],
            )
        },
        ..TYPICAL
    },
    Guest {
        name: "call what is filtered",
        threat: Threat::Root,
        script: "for c in 'bpf 0 b:64 64' 'io_uring_setup 1 b:128' \
                 'perf_event_open b:128 0 -1 -1 0' 'userfaultfd 0' 'keyctl 0 \
                 -3 0' 'add_key s:user s:planted s:x 1 -3' 'request_key \
                 s:user s:planted s:x -3'; do guest call $c; done",
        says: |said, _| {
            said == "bpf: EPERM\nio_uring_setup: EPERM\n\
                     perf_event_open: EACCES\nuserfaultfd: EPERM\n\
                     keyctl: ENOSYS\nadd_key: ENOSYS\nrequest_key: ENOSYS"
        },
        ..TYPICAL
    },
    Guest {
        name: "call in another machine's way",
        threat: Threat::Root,
        script: "guest int80; echo $?; guest call $((0x40000000 + 39))",
        says: |said, _| {
            said.contains("159\n") && said.contains("ENOSYS")
                || cfg!(not(target_arch = "x86_64"))
        },
        ..TYPICAL
    },
    Guest {
        name: "become another user of the machine",
        threat: Threat::Root,
        script: "cp /usr/bin/id /tmp/planted; chmod 6755 /tmp/planted; chown \
                 70000 /tmp/planted 2>&1; guest call setuid 70000; guest call \
                 setuid 4294967294",
        says: |said, _| said.matches("EINVAL").count() == 2,
        ..TYPICAL
    },
    Guest {
        name: "run faster than others, and be spared",
        threat: Threat::Root,
        script: "nice -n -5 true 2>&1; guest call sched_setscheduler 0 1 n:1; \
                 for v in -1000 -1 ; do echo $v > /proc/self/oom_score_adj; \
                 done 2>&1",
        says: |said, _| {
            said.contains("cannot set niceness")
                && said.contains("sched_setscheduler: EPERM")
                && said.matches("denied").count() == 3
        },
        ..TYPICAL
    },
    Guest {
        name: "change cgroups",
        threat: Threat::Root,
        script: "for d in $(find /sys/fs/cgroup -maxdepth 2 -type d); do \
                 mkdir $d/planted; echo 1 > $d/cgroup.procs; echo \
                 /tmp/planted > $d/release_agent; done > /dev/null 2>&1; \
                 mount -t cgroup -o memory none /mnt 2>&1 && mkdir \
                 /mnt/planted 2>&1; find /sys/fs/cgroup /mnt -name planted | \
                 wc -l",
        // Where the caller may make cgroups, a world has some of its own.
        says: |said, _| said.ends_with('0') || is_delegated(),
        ..TYPICAL
    },
    Guest {
        name: "litter, freeze and kill from the highest cgroup in sight",
        threat: Threat::Root,
        script: "d=/sys/fs/cgroup; for i in $(seq 40); do mkdir $d/planted; \
                 mkdir $d/planted$i; d=$d/planted; done 2> /dev/null; find \
                 /sys/fs/cgroup -name 'planted*' | wc -l\n\
                 for f in cgroup.max.depth cgroup.freeze cgroup.kill; do echo \
                 1 > /sys/fs/cgroup/../$f; echo 1 > /sys/fs/cgroup/$f; done \
                 2>&1",
        says: |said, _| {
            let made = said.lines().next().and_then(|n| n.parse().ok());
            let bounds = if is_delegated() { 20..=257 } else { 0..=0 };
            made.is_some_and(|made: u32| bounds.contains(&made))
        },
        ends: Ends::Anyhow,
        ..TYPICAL
    },
    Guest {
        name: "load modules by names of links, filesystems and protocols",
        threat: Threat::Root,
        script: "for t in dummy wireguard vxlan; do ip link add planted type \
                 $t; ip link del planted; done > /dev/null 2>&1; for t in \
                 btrfs xfs nfs; do mount -t $t none /mnt; done > /dev/null \
                 2>&1; for p in 132 33 136; do guest call socket 2 1 $p; \
                 guest call socket 2 2 $p; done; for p in 9 8 20 21; do guest \
                 call socket 16 3 $p; done",
        says: |said, _| each_line(said, &["EPROTONOSUPPORT"]),
        ..TYPICAL
    },
    Guest {
        name: "enter the namespaces around it",
        threat: Threat::Root,
        script: "guest call ioctl f:/proc/1/ns/user 0xb702; guest call ioctl \
                 f:/proc/1/ns/user 0xb701; guest call ioctl f:/proc/1/ns/pid \
                 0xb702",
        says: |said, _| said == "ioctl: EPERM\nioctl: EPERM\nioctl: EPERM",
        ..TYPICAL
    },
    Guest {
        name: "switch the machine off",
        threat: Threat::Root,
        // It ends the world, perhaps after one more prompt: reboot(2).
        script: "guest call reboot 0xfee1dead 0x28121969 0x4321fedc",
        ends: Ends::Anyhow,
        ..TYPICAL
    },
    Guest {
        name: "open files by handles that nobody gave it",
        threat: Threat::Root,
        script: "guest call open_by_handle_at -100 b:64 0",
        says: |said, _| {
            said.ends_with("EPERM")
                || said.ends_with("EINVAL")
                || said.ends_with("ESTALE")
        },
        ..TYPICAL
    },
];
