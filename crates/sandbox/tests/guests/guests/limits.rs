//! For more than a world's share of the machine.

use super::{Ends, Guest, TYPICAL, Threat};

/// `what: ERRNO after N`, with N within these.
fn after(said: &str, errno: &str, least: u32, most: u32) -> bool {
    let Some((before, count)) = said.rsplit_once(" after ") else {
        return false;
    };
    let count: u32 = count.parse().unwrap_or(u32::MAX);
    before.ends_with(errno) && (least..=most).contains(&count)
}

pub(crate) const GUESTS: &[Guest] = &[
    Guest {
        name: "a fork bomb",
        threat: Threat::UseUp,
        script: "bomb() { bomb | bomb & }; bomb 2>/dev/null; sleep 1000",
        ends: Ends::Anyhow,
        ..TYPICAL
    },
    Guest {
        name: "as many processes as there can be",
        threat: Threat::UseUp,
        script: "guest forks",
        says: |said, _| after(said, "EAGAIN", 400, 512),
        ..TYPICAL
    },
    Guest {
        name: "as many threads as there can be",
        threat: Threat::UseUp,
        script: "guest threads",
        says: |said, _| after(said, "EAGAIN", 400, 512),
        ..TYPICAL
    },
    Guest {
        name: "processes of many users",
        threat: Threat::UseUp,
        // A user has a limit, and so has the namespace they are all in.
        script: "guest users",
        says: |said, _| after(said, "EAGAIN", 0, 512),
        ..TYPICAL
    },
    Guest {
        name: "endless output",
        threat: Threat::UseUp,
        script: "yes",
        ends: Ends::Output,
        ..TYPICAL
    },
    Guest {
        name: "a million lines",
        threat: Threat::UseUp,
        script: "seq 1000000",
        ends: Ends::Output,
        ..TYPICAL
    },
    Guest {
        name: "a line without end",
        threat: Threat::UseUp,
        script: "tr '\\0' x < /dev/zero",
        ends: Ends::Output,
        ..TYPICAL
    },
    Guest {
        name: "fill its files",
        threat: Threat::UseUp,
        script: "for i in $(seq 9); do head -c 60000000 /dev/zero > \
                 /tmp/planted$i || break; done 2>&1",
        says: |said, _| said.contains("No space left"),
        ..TYPICAL
    },
    Guest {
        name: "as many files as there can be",
        threat: Threat::UseUp,
        script: "mkdir /tmp/many; guest files /tmp/many",
        says: |said, _| after(said, "ENOSPC", 50_000, 65_536),
        ..TYPICAL
    },
    Guest {
        name: "a file larger than disks",
        threat: Threat::UseUp,
        script: "rm -f /tmp/planted; sh -c 'truncate -s 1T /tmp/planted; \
                 true' 2>&1; sh -c 'head -c 70000000 /dev/zero > \
                 /tmp/planted; true' 2>&1; stat -c %s /tmp/planted",
        says: |said, _| {
            said.matches("File size limit").count() == 2
                && said.ends_with("67108864")
        },
        ..TYPICAL
    },
    Guest {
        name: "fill memory by a filesystem of its own",
        threat: Threat::UseUp,
        script: "mount -t tmpfs -o size=99% none /mnt; for i in $(seq 400); \
                 do head -c 60000000 /dev/zero > /mnt/$i || break; done; \
                 sleep 1000",
        says: |said, _| said.contains("short of memory"),
        ends: Ends::Gone,
        limits: |limits| limits.machine_keeps = nearly_all_memory(),
        ..TYPICAL
    },
    Guest {
        name: "fill memory by a process",
        threat: Threat::UseUp,
        script: "guest memory",
        says: |said, _| said.contains("short of memory"),
        ends: Ends::Gone,
        limits: |limits| limits.machine_keeps = nearly_all_memory(),
        ..TYPICAL
    },
    Guest {
        name: "fill memory by pipes",
        threat: Threat::UseUp,
        script: "guest pipes",
        says: |said, _| after(said, "EMFILE", 1, 512),
        ..TYPICAL
    },
    Guest {
        name: "as many open files as there can be",
        threat: Threat::UseUp,
        script: "guest open /dev/null",
        says: |said, _| after(said, "EMFILE", 1000, 1024),
        ..TYPICAL
    },
    Guest {
        name: "as many network namespaces as there can be",
        threat: Threat::UseUp,
        script: "guest namespaces net",
        says: |said, _| after(said, "ENOSPC", 100, 256),
        ..TYPICAL
    },
    Guest {
        name: "as many namespaces of other kinds as there can be",
        threat: Threat::UseUp,
        script: "for k in uts ipc mnt cgroup; do guest namespaces $k; done",
        says: |said, _| {
            said.lines().count() == 4
                && said.lines().all(|line| after(line, "ENOSPC", 100, 256))
        },
        ..TYPICAL
    },
    Guest {
        name: "user namespaces within user namespaces",
        threat: Threat::UseUp,
        script: "guest nest",
        says: |said, _| after(said, "ENOSPC", 25, 32),
        ..TYPICAL
    },
    Guest {
        name: "raise the limit on namespaces from inside",
        threat: Threat::UseUp,
        script: "echo 1000000 > /proc/sys/user/max_uts_namespaces; guest \
                 namespaces uts",
        says: |said, _| after(said, "ENOSPC", 100, 256),
        ..TYPICAL
    },
    Guest {
        name: "all of the user's inotify instances",
        threat: Threat::UseUp,
        script: "guest inotify",
        says: |said, _| after(said, "EMFILE", 16, 32),
        ..TYPICAL
    },
    Guest {
        name: "all of the machine's pseudoterminals",
        threat: Threat::UseUp,
        script: "guest ptys; mount -t devpts -o newinstance,ptmxmode=666 none \
                 /mnt; mount --bind /mnt/ptmx /dev/ptmx 2>&-; for i in 1 2 3; \
                 do guest ptys; done | tail -1",
        says: |said, _| {
            let first = said.lines().next().unwrap_or_default();
            after(first, "ENOSPC", 50, 64) && can_open_terminal()
        },
        ..TYPICAL
    },
    Guest {
        name: "lock memory",
        threat: Threat::UseUp,
        script: "guest call mlock b:9000000 9000000",
        says: |said, _| said == "mlock: ENOMEM" || said == "mlock: EPERM",
        ..TYPICAL
    },
    Guest {
        name: "as many pending signals as there can be",
        threat: Threat::UseUp,
        script: "guest signals",
        says: |said, _| after(said, "EAGAIN", 1000, 4096),
        ..TYPICAL
    },
    Guest {
        name: "move PIDs to the end of their numbers",
        threat: Threat::UseUp,
        script: "echo 301 > /proc/sys/kernel/pid_max; guest forks; echo \
                 4194304 > /proc/sys/kernel/pid_max; guest forks",
        says: |said, _| {
            said.lines().count() == 2
                && said.lines().all(|line| after(line, "EAGAIN", 100, 512))
        },
        ..TYPICAL
    },
];

/// The guest may have a few hundred MiB of what the machine has left.
fn nearly_all_memory() -> u64 {
    let text = std::fs::read_to_string("/proc/meminfo").unwrap_or_default();
    let line = text.lines().find(|line| line.starts_with("MemAvailable:"));
    let kib = line.and_then(|line| line.split_whitespace().nth(1));
    let kib: u64 = kib.and_then(|kib| kib.parse().ok()).unwrap_or(0);
    (kib * 1024).saturating_sub(400 << 20)
}

fn can_open_terminal() -> bool {
    nix::pty::openpty(None, None).is_ok()
}
