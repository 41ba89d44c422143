//! For what the caller knows.

use super::{Guest, TYPICAL, Threat};

pub(crate) const GUESTS: &[Guest] = &[
    Guest {
        name: "read every environment",
        threat: Threat::Secrets,
        script: "cat /proc/[0-9]*/environ | tr '\\0' '\\n' | cut -d= -f1 | \
                 sort -u | xargs",
        says: |said, _| {
            said == "CALLER ENV FOLDER HIDDEN HOME LANG LOGNAME OLDPWD PATH \
                     PORT PWD SHELL SHLVL TERM TZ USER _"
                || said
                    == "CALLER ENV FOLDER HIDDEN HOME LANG LOGNAME PATH \
                        PORT PWD SHELL SHLVL TERM TZ USER _"
        },
        ..TYPICAL
    },
    Guest {
        name: "read every descriptor",
        threat: Threat::Secrets,
        script: "for p in /proc/[0-9]*; do ls $p/fd; done | sort -un | xargs; \
                 cat <&3; cat <&4; cat <&5",
        says: |said, _| {
            said.contains("0 1 2") && said.contains("Bad file descriptor")
        },
        ..TYPICAL
    },
    Guest {
        name: "read its PID 1's memory",
        threat: Threat::Secrets,
        script: "grep -c . /proc/1/maps; strings -n 8 /proc/1/mem 2>/dev/null \
                 | head -99; for a in $(cut -d' ' -f1 /proc/1/maps | grep -v \
                 ffffffff); do dd if=/proc/1/mem bs=4096 skip=$((0x${a%-*} / \
                 4096)) count=$(((0x${a#*-} - 0x${a%-*}) / 4096)) \
                 2>/dev/null; done | tr -dc 'a-zA-Z_0-9=/!' | head -c 60000",
        ..TYPICAL
    },
    Guest {
        name: "read the keyring",
        threat: Threat::Secrets,
        // The names of a user's keys show to every process of that user; what
        // is in them does not.
        script: "for k in $(cut -d' ' -f1 /proc/keys) fffffffd; do guest call \
                 keyctl 11 0x$k b:64 64; done | sort -u; guest call \
                 request_key s:user s:victim 0 0",
        says: |said, _| said == "keyctl: ENOSYS\nrequest_key: ENOSYS",
        ..TYPICAL
    },
    Guest {
        name: "read System V memory and /dev/shm",
        threat: Threat::Secrets,
        script: "tail -n +2 /proc/sysvipc/shm | wc -l; ls /dev/shm \
                 /dev/mqueue; cat /proc/sysvipc/msg | wc -l",
        says: |said, _| said == "0\n/dev/mqueue:\n\n/dev/shm:\n1",
        ..TYPICAL
    },
    Guest {
        name: "learn who and where the caller is",
        threat: Threat::Secrets,
        script: "hostname; cat /etc/hostname /etc/hosts /etc/passwd; id -un; \
                 pwd; who; cat /proc/sys/kernel/hostname; find / -xdev \
                 -newermt 2001-01-01 -path '*cargo*' 2>/dev/null | grep -v \
                 ^/usr | head -3",
        says: |said, _| {
            let name = nix::sys::utsname::uname().expect("there is one");
            let name = name.nodename().to_string_lossy().into_owned();
            !said.lines().any(|line| line == name) && said.starts_with("host\n")
        },
        ..TYPICAL
    },
    Guest {
        name: "read a stale descriptor's folder",
        threat: Threat::Secrets,
        script: "for p in /proc/[0-9]*; do readlink $p/cwd; done | sort -u; \
                 ls -A /proc/1/cwd/ /proc/1/root/ | grep -c -e boot -e \
                 machine-id",
        says: |said, _| said == "/\n/root\n0",
        ..TYPICAL
    },
];
