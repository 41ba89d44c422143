//! Against other processes, and for staying behind.

use super::{Ends, Guest, TYPICAL, Threat, each_line};

pub(crate) const GUESTS: &[Guest] = &[
    Guest {
        name: "name every process that there is",
        threat: Threat::Processes,
        script: "guest pids",
        says: |said, _| said == "pids: [1, 2]",
        ..TYPICAL
    },
    Guest {
        name: "find the guard in /proc, also in a new one",
        threat: Threat::Processes,
        script: "umount -l /proc 2>&-; mount -t proc proc /mnt; grep -l guard \
                 /proc/[0-9]*/comm /mnt/[0-9]*/comm; grep -h ^PPid \
                 /proc/1/status",
        says: |said, _| said == "PPid:\t0",
        ..TYPICAL
    },
    Guest {
        name: "look for the caller by its number",
        threat: Threat::Processes,
        script: "cat /proc/$CALLER/environ 2>&1 | head -c 99; guest call kill \
                 $CALLER 9; ls -d /proc/$CALLER 2>&1",
        says: |said, _| {
            said.contains("ESRCH") && said.matches("No such file").count() == 2
        },
        ..TYPICAL
    },
    Guest {
        name: "kill everybody",
        threat: Threat::Processes,
        script: "kill -9 -1",
        ends: Ends::Anyhow,
        ..TYPICAL
    },
    Guest {
        name: "kill PID 1",
        threat: Threat::Processes,
        script: "kill -9 1; kill -STOP 1; kill -INT 1; echo still here",
        says: |said, _| said == "still here",
        ..TYPICAL
    },
    Guest {
        name: "trace its own PID 1, and change its limits",
        threat: Threat::Processes,
        script: "guest call ptrace 0x4206 1 0 0; prlimit --pid 1 --nofile=5 \
                 2>&1; prlimit --pid 1 --cpu=1 2>&1; echo done",
        says: |said, _| said.ends_with("done"),
        ..TYPICAL
    },
    Guest {
        name: "make a process that init was given stop it",
        threat: Threat::Processes,
        script: "ls /proc/1/fd | wc -l; tr '\\0' '\\n' < /proc/1/environ | wc \
                 -c; readlink /proc/1/exe",
        says: |said, _| {
            said.starts_with("0\n0\n") && said.contains("memfd:init")
        },
        ..TYPICAL
    },
    Guest {
        name: "leave a daemon that keeps the terminal open",
        threat: Threat::Stay,
        script: "(setsid sleep 1000 < /dev/tty > /dev/tty 2>&1 &) ; (setsid \
                 bash -c 'trap \"\" HUP TERM INT; while :; do sleep 1; done' \
                 &) ; nohup sleep 1000 > /dev/null 2>&1 &",
        ..TYPICAL
    },
    Guest {
        name: "leave a daemon and end the shell",
        threat: Threat::Stay,
        script: "setsid sleep 1000 & disown; exit",
        ends: Ends::Gone,
        ..TYPICAL
    },
    Guest {
        name: "hang with every signal blocked",
        threat: Threat::Stay,
        script: "guest deaf",
        ends: Ends::Deadline,
        ..TYPICAL
    },
    Guest {
        name: "stop itself",
        threat: Threat::Stay,
        script: "kill -STOP $$",
        ends: Ends::Deadline,
        ..TYPICAL
    },
    Guest {
        name: "close its output and go on",
        threat: Threat::Stay,
        script: "exec < /dev/null > /dev/null 2>&1; sleep 1000",
        ends: Ends::Anyhow,
        ..TYPICAL
    },
    Guest {
        name: "hide in namespaces of its own",
        threat: Threat::Stay,
        script: "unshare -Urpmnf --mount-proc setsid sleep 1000 & unshare -n \
                 sleep 1000 & touch /run/planted; unshare --net=/run/planted \
                 true; ip netns add planted 2>&-; echo done",
        says: |said, _| said.contains("done"),
        ..TYPICAL
    },
    Guest {
        name: "spin until its time is up",
        threat: Threat::Stay,
        script: "while :; do :; done",
        ends: Ends::Deadline,
        ..TYPICAL
    },
    Guest {
        name: "leave System V memory and message queues",
        threat: Threat::Stay,
        script: "ipcmk -M 4096 -S 1 -Q > /dev/null && touch /dev/shm/planted \
                 /dev/mqueue/planted && cat /proc/sysvipc/shm | wc -l",
        says: |said, _| said == "2",
        ..TYPICAL
    },
    Guest {
        name: "crash",
        threat: Threat::Core,
        script: "for s in SEGV ABRT BUS QUIT; do sh -c \"kill -$s \\$\\$\"; \
                 done 2>/dev/null; sh -c 'ulimit -c unlimited' 2>&1 | wc -l; \
                 find / -xdev -name 'core*' -size +0 -newer /etc/hostname \
                 -type f 2>/dev/null",
        says: |said, _| said == "1",
        ..TYPICAL
    },
    Guest {
        name: "ask for core dumps",
        threat: Threat::Core,
        // 1 byte also keeps a handler behind a pipe from being started.
        script: "grep '^Max core' /proc/self/limits | tr -s ' '; prlimit \
                 --core=unlimited 2>&1 | grep -c -e permitted -e failed",
        says: |said, _| {
            let limit = said.lines().next().unwrap_or_default();
            let fixed = ["core file size 1 1", "core file size 0 0"];
            fixed.iter().any(|one| limit.contains(one))
        },
        ..TYPICAL
    },
    Guest {
        name: "raise its limits again",
        threat: Threat::UseUp,
        script: "for l in -u -f -n -l -q -i -s; do ulimit $l unlimited; done \
                 2>&1",
        says: |said, _| each_line(said, &["cannot modify limit"]),
        ..TYPICAL
    },
];
