//! What a guest finds, and what it does not.

use sandbox::namespace::Kind;
use sandbox::world::World;

use crate::{family, output, root, session};

#[test]
fn every_namespace_is_another_than_ours() {
    let Some(mut guest) = root() else { return };
    for kind in Kind::ALL {
        let path = format!("/proc/self/ns/{}", kind.name);
        let Ok(ours) = std::fs::read_link(&path) else {
            assert!(!kind.essential, "{} is missing", kind.name);
            continue;
        };
        let theirs = output(&mut guest, &format!("readlink {path}"));
        assert_ne!(theirs.trim(), ours.to_string_lossy(), "{}", kind.name);
        // PID 1 is there to be inspected, and shares them all.
        let init = format!("readlink /proc/1/ns/{}", kind.name);
        assert_eq!(output(&mut guest, &init), theirs, "{}", kind.name);
    }
}

#[test]
fn processes_count_from_the_same_start() {
    let Some(mut guest) = root() else { return };
    assert_eq!(
        output(&mut guest, "ps -eo pid,ppid,comm --no-headers"),
        "      1       0 init\n      2       1 bash\n      3       2 ps\n"
    );
    assert_eq!(output(&mut guest, "tr '\\0' ' ' < /proc/1/cmdline"), "init ");
    assert_eq!(output(&mut guest, "cat /proc/1/environ"), "");
    assert_eq!(output(&mut guest, "ls /proc/1/fd"), "");
}

#[test]
fn nothing_of_the_caller_is_in_reach() {
    // Besides what this test has open, its fellows hold pipes and terminals.
    let secret = std::fs::File::open("/etc/passwd").expect("it is there");
    let Some(mut guest) = root() else { return };
    assert_eq!(
        output(&mut guest, "ls /proc/self/fd | xargs"),
        "0 1 2 3\n",
        "ls itself has the third open"
    );
    drop(secret);
    let here = std::env::current_dir().expect("it exists");
    let name = here.to_string_lossy();
    let seen = output(
        &mut guest,
        "cat /proc/self/mountinfo /proc/*/environ /proc/*/cmdline | \
         tr '\\0' '\\n'",
    );
    assert!(!seen.contains(&*name), "{seen}");
    assert!(!seen.contains("CARGO"), "{seen}");
    for path in ["/etc/shadow", "/etc/machine-id", "/root/.ssh", "/boot"] {
        assert_eq!(output(&mut guest, &format!("ls -d {path} 2>&-")), "");
    }
    assert_eq!(
        output(&mut guest, "ls /home /var"),
        "/home:\nreader\n\n/var:\ntmp\n"
    );
}

#[test]
fn if_memory_runs_out_the_world_goes_first_and_not_its_caller() {
    let Some(mut session) = root() else { return };
    let inside = output(&mut session, "cat /proc/self/oom_score_adj");
    assert_eq!(inside.trim(), "1000");
    let of = |process: &str| {
        std::fs::read_to_string(format!("/proc/{process}/oom_score_adj"))
            .expect("there is /proc")
    };
    let parent = nix::unistd::getppid().to_string();
    assert_eq!(of("self"), of(&parent), "as whoever has started us");
}

#[test]
fn the_world_has_a_name_and_users_of_its_own() {
    let Some(mut guest) = root() else { return };
    assert_eq!(
        output(&mut guest, "hostname; uname -n; cat /etc/hostname; domainname"),
        "host\nhost\nhost\n(none)\n"
    );
    assert_eq!(
        output(&mut guest, "id -un; echo ~ $USER"),
        "root\n/root root\n"
    );
    assert_eq!(output(&mut guest, "date +%Z"), "UTC\n");
    assert_eq!(output(&mut guest, "stty size"), "24 80\n");
}

#[test]
fn uptime_starts_with_the_world() {
    let Some(mut guest) = root() else { return };
    if !std::path::Path::new("/proc/self/ns/time").exists() {
        return;
    }
    let uptime = output(&mut guest, "cut -d. -f1 /proc/uptime");
    let seconds: u32 = uptime.trim().parse().expect("a number");
    assert!((1..30).contains(&seconds), "{seconds}");
    // Nothing has started before the start.
    let ages = output(&mut guest, "ps -eo etimes= | sort -n | tail -1");
    let oldest: u32 = ages.trim().parse().expect("a number");
    assert!(oldest < 30, "{oldest}");
}

#[test]
fn what_the_machine_lends_cannot_be_changed() {
    let Some(mut guest) = root() else { return };
    for attempt in [
        "touch /usr/x",
        "mount -o remount,rw /usr",
        "mount -o remount,rw,bind /usr",
        "umount /usr",
        "umount /proc",
        "umount /sys",
        "echo x > /proc/sys/kernel/core_pattern",
        "echo 0 > /proc/sys/kernel/randomize_va_space",
        "mknod /tmp/disk b 254 0",
        "date -s @0",
        "chown 70000 /tmp",
    ] {
        let said = output(
            &mut guest,
            &format!("({attempt}) &> /dev/null && echo done"),
        );
        assert_eq!(said, "", "{attempt}");
    }
}

#[test]
fn the_world_is_a_machine_of_ones_own() {
    let Some(mut guest) = root() else { return };
    for attempt in [
        "mount -t proc proc /mnt && ls /mnt/1/ns > /dev/null",
        "mount -t tmpfs none /mnt",
        "mount --bind /tmp /mnt",
        "hostname other && test $(hostname) = other",
        "unshare --mount --uts --ipc --net --pid --fork --cgroup --user \
         --map-root-user --mount-proc true",
        "test $(nsenter -t 1 -u hostname) = other",
        "touch /etc/mine /root/mine /var/tmp/mine",
        "kill -9 1",
        "bash -c 'exec 3<>/dev/tcp/127.0.0.1/1' 2>&1 | grep -q refused",
    ] {
        let said = output(&mut guest, &format!("{attempt}; echo $?"));
        assert!(said.ends_with("0\n"), "{attempt}: {said}");
    }
    if std::fs::exists("/usr/sbin/ip").unwrap_or(false) {
        let said = output(
            &mut guest,
            "ip netns add blue && ip netns exec blue ls /sys/class/net",
        );
        assert_eq!(said, "lo\n");
    }
}

#[test]
fn a_world_runs_where_its_caller_may() {
    use nix::sched::{CpuSet, sched_getaffinity, sched_setaffinity};
    use nix::unistd::Pid;
    let this_thread = Pid::from_raw(0);
    let allowed = || {
        let path = "/proc/thread-self/status";
        let status = std::fs::read_to_string(path).expect("ours");
        let mut lines = status.lines();
        lines.find(|line| line.starts_with("Cpus_allowed_list")).map(Into::into)
    };
    let all = sched_getaffinity(this_thread).expect("ours");
    let first = (0..CpuSet::count())
        .find(|cpu| all.is_set(*cpu).unwrap_or(false))
        .expect("this runs somewhere");
    let mut one = CpuSet::new();
    one.set(first).expect("it is in there");
    for cpus in [all, one] {
        sched_setaffinity(this_thread, &cpus).expect("it is ours");
        let expected: Option<String> = allowed();
        let Some(mut guest) = root() else { return };
        let command = "grep Cpus_allowed_list /proc/1/status /proc/$$/status";
        let said = output(&mut guest, command);
        let lines = said.lines().map(|line| line.split_once(':'));
        let theirs: Vec<&str> = lines.flatten().map(|(_, rest)| rest).collect();
        let ours = expected.as_deref().expect("the kernel tells");
        assert_eq!(theirs, [ours, ours]);
        assert_eq!(allowed().as_deref(), Some(ours), "ours is as it was");
    }
}

#[test]
fn no_guest_writes_the_cgroup_of_its_caller() {
    let Some(mut guest) = root() else { return };
    let init = output(&mut guest, "cat /proc/1/cgroup");
    assert!(init.ends_with("0::/\n"), "{init}");
    let made =
        output(&mut guest, "mkdir -p /sys/fs/cgroup/a/b 2>&- && echo made");
    let cgroup_of = |pid: &str| {
        let cgroups = std::fs::read_to_string(format!("/proc/{pid}/cgroup"));
        let cgroups = cgroups.expect("it is there");
        let path = cgroups.lines().find_map(|line| line.strip_prefix("0::"));
        path.unwrap_or_default().to_owned()
    };
    let (ours, guards) =
        (cgroup_of("self"), cgroup_of(&guest.guard().to_string()));
    assert_eq!(ours, guards, "the guard is where its caller is");
    let shell = family(guest.guard())[1].to_string();
    let theirs = cgroup_of(&shell);
    if !sandbox::cgroup::is_delegated() {
        assert_eq!(made, "", "it may make none");
        assert_eq!(ours, theirs);
        return;
    }
    assert_eq!(made, "made\n");
    let own = theirs.strip_prefix(ours.trim_end_matches('/'));
    let own = own.expect("it is below ours");
    assert!(own.starts_with("/console-") && own.ends_with("/world"), "{own}");
    let mount = output(&mut guest, "grep ' cgroup2 ' /proc/self/mountinfo");
    assert!(mount.contains(" / /sys/fs/cgroup "), "{mount}");
    let folders = || {
        let places = ["/sys/fs/cgroup", "/sys/fs/cgroup/unified"];
        let at = |place: &&str| std::fs::exists(format!("{place}{theirs}"));
        places.iter().any(|place| at(place).unwrap_or(false))
    };
    assert!(folders());
    drop(guest);
    assert!(!folders(), "it is gone with its world");
}

#[test]
fn demos_come_first_even_from_a_folder_that_is_closed_to_others() {
    use std::os::unix::fs::PermissionsExt as _;
    let outer = tempfile::tempdir().expect("a folder can be made");
    let folder = outer.path().join("programs");
    std::fs::create_dir(&folder).expect("a folder can be made");
    let demo = folder.join("ls");
    std::fs::write(&demo, "#!/bin/sh\necho demo\n").expect("it can be written");
    let mode = std::fs::Permissions::from_mode;
    for (path, bits) in [(&demo, 0o755), (&folder, 0o755)] {
        std::fs::set_permissions(path, mode(bits)).expect("ours");
    }
    std::fs::set_permissions(outer.path(), mode(0o700)).expect("ours");
    let world = World { programs: Some(folder), ..World::default() };
    let Some(mut guest) = session(&world, &[sandbox::world::User::Root]) else {
        return;
    };
    assert_eq!(output(&mut guest, "ls"), "demo\n");
    let mounts = output(&mut guest, "grep demos /proc/self/mountinfo");
    let path = outer.path().to_string_lossy().into_owned();
    assert!(!mounts.contains(&path), "{mounts}");
}
