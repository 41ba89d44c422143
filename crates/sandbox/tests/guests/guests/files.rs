//! Against the machine's files.

use super::{Ends, Guest, TYPICAL, each_line, lacks};

pub(crate) const GUESTS: &[Guest] = &[
    Guest {
        name: "write where the machine's programs are",
        script: "for f in /usr/planted /usr/bin/planted \
                 /etc/alternatives/planted /demos/planted; do touch $f; done \
                 2>&1",
        says: |said, _| each_line(said, &["Read-only file system"]),
        ..TYPICAL
    },
    Guest {
        name: "change modes, owners and times of the machine's files",
        script: "for f in chmod\\ 777 chown\\ 1 touch\\ -d@0; do $f \
                 /usr/bin/env; done 2>&1 | grep -vc Read-only",
        says: |said, _| said == "0",
        ..TYPICAL
    },
    Guest {
        name: "change the devices",
        script: "for f in null zero full random urandom tty; do chmod 600 \
                 /dev/$f; chown 1 /dev/$f; touch -d@0 /dev/$f; done 2>&1 | \
                 grep -v -e 'not permitted' -e 'Invalid argument' -e Read-only",
        says: |said, _| said.is_empty(),
        ..TYPICAL
    },
    Guest {
        name: "remount what is read-only",
        script: "for m in /usr /demos /proc /sys /etc/alternatives; do mount \
                 -o remount,rw $m; mount -o remount,rw,bind $m; done 2>&1 | \
                 grep -c -e denied -e 'not mounted' -e 'write-protected' -e \
                 'bad option' -e 'mount point' -e 'permitted'; touch \
                 /usr/planted 2>&1; touch /demos/planted 2>&1",
        says: |said, _| said.matches("Read-only").count() == 2,
        ..TYPICAL
    },
    Guest {
        name: "unmount what covers the machine",
        script: "for m in /usr /demos /proc /sys /dev/null /dev/tty /; do \
                 umount $m; umount -l $m; done 2>&1 | grep -vc -e 'not \
                 mounted' -e 'permission' -e 'Invalid' -e busy -e \
                 'mountpoint'; ls /",
        says: |said, _| {
            said.lines().next() == Some("0") && said.contains("usr")
        },
        ..TYPICAL
    },
    Guest {
        name: "mount over the machine's folders, for everybody",
        script: "mount --make-rshared / 2>&1; mount -t tmpfs planted \
                 /usr/local; mount -t tmpfs planted /tmp; touch /tmp/planted; \
                 mount --make-rshared /tmp; mount --bind /tmp /mnt; touch \
                 /mnt/planted; echo done",
        says: |said, _| said.ends_with("done"),
        ..TYPICAL
    },
    Guest {
        name: "three thousand mounts",
        script: "guest mounts 3000; grep -c planted /proc/self/mountinfo",
        says: |said, _| said == "mounts: 3000\n3000",
        ..TYPICAL
    },
    Guest {
        name: "dig a way out of a chroot",
        script: "guest dig",
        says: |said, _| said == "dig: same root",
        ..TYPICAL
    },
    Guest {
        name: "change the root again",
        script: "unshare -m sh -c 'mkdir /tmp/new && mount -t tmpfs none \
                 /tmp/new && mkdir /tmp/new/old && cd /tmp/new && pivot_root \
                 . old && echo /old/*' | grep -c -e boot -e home/",
        says: |said, _| said == "0",
        ..TYPICAL
    },
    Guest {
        name: "overwrite the running programs",
        script: "for f in /proc/1/exe /proc/self/exe /demos/guest \
                 /usr/bin/env; do echo planted > $f; done 2>&1",
        says: |said, _| {
            each_line(said, &["denied", "Read-only", "busy", "not permitted"])
        },
        ..TYPICAL
    },
    Guest {
        name: "open the machine's disks and memory",
        script: "ls /dev | xargs",
        says: |said, _| {
            said == "fd full mqueue null ptmx pts random shm stderr stdin \
                     stdout tty urandom zero"
        },
        ..TYPICAL
    },
    Guest {
        name: "make devices",
        script: "for i in 1:1 1:11 8:0 10:232 254:0; do mknod /tmp/planted c \
                 ${i%:*} ${i#*:}; mknod /tmp/planted b ${i%:*} ${i#*:}; done \
                 2>&1",
        says: |said, _| each_line(said, &["not permitted"]),
        ..TYPICAL
    },
    Guest {
        name: "read what is not its own",
        script: "cat /etc/shadow /etc/machine-id /root/.ssh/id_rsa \
                 $FOLDER/tree/note /var/log/syslog 2>&1; ls -A /home /root \
                 /var /boot 2>&1",
        says: |said, _| {
            said.matches("No such file").count() == 6 && said.contains("reader")
        },
        ..TYPICAL
    },
    Guest {
        name: "learn paths and devices of the machine from mounts",
        script: "cat /proc/self/mountinfo /proc/mounts /proc/self/mountstats",
        says: |said, victim| {
            let here = std::env::current_dir().unwrap_or_default();
            let here = here.to_string_lossy().into_owned();
            let folder = victim.tools().to_string_lossy().into_owned();
            !said.contains("/dev/vd")
                && !said.contains("/dev/sd")
                && !said.contains("ext4")
                && !said.contains(&folder)
                && (here == "/" || !said.contains(&here))
        },
        needs: overlays,
        ..TYPICAL
    },
    Guest {
        name: "lock the machine's files",
        // The victim of a shared lock would wait; here both have it.
        script: "flock -n /usr/bin/env echo locked",
        says: |said, _| said == "locked",
        needs: || lacks("flock").or_else(overlays).or_else(lock_env),
        ..TYPICAL
    },
    Guest {
        name: "watch the machine's files",
        script: "[ /usr/bin/env -ef /proc/1/root/usr/bin/env ] && stat -c %D \
                 /usr/bin/env",
        says: |said, _| {
            use std::os::unix::fs::MetadataExt as _;
            let file = std::fs::metadata("/usr/bin/env").expect("everywhere");
            said != format!("{:x}", file.dev())
        },
        needs: overlays,
        ..TYPICAL
    },
    Guest {
        name: "have the machine write back all that it holds",
        script: "for i in $(seq 200); do guest call sync; done | sort -u",
        says: |said, _| said == "sync: ok 0",
        ..TYPICAL
    },
    Guest {
        name: "replace what the caller will open",
        script: "umount /dev/pts; mkdir -p /dev/pts; ln -sf /dev/ptmx \
                 /dev/pts/ptmx; ln -sf /etc/shadow /root/.bashrc; echo done",
        says: |said, _| said.contains("done"),
        ends: Ends::Anyhow,
        ..TYPICAL
    },
];

/// Overlays hide what a bind mount would show.
fn overlays() -> Option<String> {
    let known = std::fs::read_to_string("/proc/filesystems");
    let has = known.is_ok_and(|known| known.contains("overlay"));
    (!has).then(|| "this kernel has no overlayfs".into())
}

/// Holds the lock that the guest wants, until the tests end.
fn lock_env() -> Option<String> {
    use nix::fcntl::{Flock, FlockArg};
    use std::sync::OnceLock;
    static LOCK: OnceLock<Option<Flock<std::fs::File>>> = OnceLock::new();
    let lock = LOCK.get_or_init(|| {
        let file = std::fs::File::open("/usr/bin/env").ok()?;
        Flock::lock(file, FlockArg::LockExclusiveNonblock).ok()
    });
    lock.is_none().then(|| "somebody has locked /usr/bin/env".into())
}
