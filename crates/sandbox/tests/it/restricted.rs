//! Machines that forbid worlds, or parts of them: each is told by name, with
//! what to do, and nothing runs without its sandbox.

use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _};
use std::process::{Command, Output};

use tempfile::TempDir;

use crate::{example, root};

/// The examples, where every user can reach them.
struct Copies(TempDir);

impl Copies {
    fn new() -> Self {
        let folder = tempfile::tempdir().expect("a folder can be made");
        let open = std::fs::Permissions::from_mode(0o755);
        std::fs::set_permissions(folder.path(), open).expect("it is ours");
        for name in ["run", "as_if", "many"] {
            // Not by this process: as long as anybody has it open to write,
            // and children being made share our descriptors, it cannot be
            // executed.
            let mut copy = Command::new("cp");
            copy.arg(example(name)).arg(folder.path().join(name));
            assert!(copy.status().expect("cp can be run").success());
        }
        Self(folder)
    }

    /// Runs a shell as an ordinary user, in the folder of the copies.
    fn shell(&self, script: &str) -> Output {
        self.command().arg(script).output().expect("a shell can be run")
    }

    fn command(&self) -> Command {
        // The machine's root stays root in a user namespace, which worlds
        // refuse to run in.
        let is_root =
            std::fs::metadata("/proc/self").is_ok_and(|own| own.uid() == 0);
        let mut command = if is_root {
            let mut command = Command::new("setpriv");
            command.args(["--reuid=1234", "--regid=1234"]);
            command.args(["--clear-groups", "sh", "-c"]);
            command
        } else {
            let mut command = Command::new("sh");
            command.arg("-c");
            command
        };
        command.current_dir(self.0.path());
        command
    }

    /// As root of a user and a mount namespace, where limits can be set and
    /// mounts be made.
    fn contained(&self, script: &str) -> Output {
        self.shell(&format!(
            "exec unshare --user --map-root-user --mount sh -c '{script}'"
        ))
    }
}

/// What the examples print when they run.
const RAN: &str = "ran";

fn is_refused(output: &Output, cause: &str, remedy: &str) {
    let said = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(3), "{said}");
    assert!(said.contains(cause), "{cause}: {said}");
    assert!(said.contains(remedy), "{remedy}: {said}");
    assert_eq!(output.stdout, b"", "nothing runs without its sandbox");
}

fn has_run(output: &Output) {
    let said = String::from_utf8_lossy(&output.stdout);
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{errors}");
    assert_eq!(said.trim(), RAN, "{errors}");
}

#[test]
fn an_unrestricted_machine_runs_it() {
    if root().is_none() {
        return;
    }
    let copies = Copies::new();
    has_run(&copies.shell("./run 'echo ran'"));
    has_run(&copies.contained("./run \"echo ran\""));
}

#[test]
fn limits_of_zero_are_told_with_their_file() {
    if root().is_none() {
        return;
    }
    let copies = Copies::new();
    for kind in ["user", "pid", "mnt", "net", "uts", "ipc", "cgroup"] {
        let file = format!("max_{kind}_namespaces");
        let script =
            format!("echo 0 > /proc/sys/user/{file} && ./run \"echo ran\"");
        is_refused(
            &copies.contained(&script),
            &format!("`/proc/sys/user/{file}` is 0"),
            &format!("sysctl -w user.{file}"),
        );
    }
    // A world can do without a clock of its own.
    has_run(&copies.contained(
        "echo 0 > /proc/sys/user/max_time_namespaces && ./run \"echo ran\"",
    ));
}

/// A namespace, a process or a mount that stayed would soon be one too many.
#[test]
fn a_thousand_sessions_fit_where_few_namespaces_may_be() {
    if root().is_none() {
        return;
    }
    let output = Copies::new().contained(
        "for kind in user pid mnt net uts ipc cgroup time; \
         do echo 256 > /proc/sys/user/max_${kind}_namespaces; done && \
         exec ./many 1000",
    );
    let said = String::from_utf8_lossy(&output.stdout);
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{said}{errors}");
    eprintln!("{said}");
}

#[test]
fn too_many_processes_are_told_with_the_limit() {
    if root().is_none() {
        return;
    }
    is_refused(
        &Copies::new().contained("exec prlimit --nproc=1 ./run \"echo ran\""),
        "`RLIMIT_NPROC` allows, 1",
        "ulimit -u",
    );
}

#[test]
fn dockers_filter_is_told_with_its_options() {
    if root().is_none() {
        return;
    }
    is_refused(
        &Copies::new().shell("./as_if docker ./run 'echo ran'"),
        "seccomp filter is on",
        "--security-opt seccomp=unconfined",
    );
}

#[test]
fn covered_parts_of_proc_are_told() {
    if root().is_none() {
        return;
    }
    is_refused(
        &Copies::new().contained(
            "mount -t tmpfs none /proc/sys/net && ./run \"echo ran\"",
        ),
        "parts of `/proc` are covered",
        "systempaths=unconfined",
    );
}

#[test]
fn a_chroot_is_told_also_one_into_a_mount() {
    if root().is_none() {
        return;
    }
    // Into a folder, and into a mount, which only others see elsewhere.
    for enter in [
        "mkdir new/proc new/here new/usr new/lib new/lib64 new/bin && \
         for i in proc usr lib lib64 bin; \
         do mount --rbind /$i new/$i; done && mount --bind . new/here && \
         exec chroot new /bin/sh -c \"cd /here",
        "mount --rbind / new && chroot new /bin/sh -c \"cd $PWD",
    ] {
        let copies = Copies::new();
        let folder = copies.0.path().join("new");
        std::fs::create_dir(&folder).expect("a folder can be made");
        let open = std::fs::Permissions::from_mode(0o777);
        std::fs::set_permissions(&folder, open).expect("it is ours");
        let run = "./run \\\"echo ran\\\"";
        let script = format!("{enter} && {run}\"; exit $?");
        is_refused(&copies.contained(&script), "in a chroot", "pivot_root");
    }
}

#[test]
fn ids_that_are_not_mapped_are_told() {
    if root().is_none() {
        return;
    }
    is_refused(
        &Copies::new().shell("exec unshare --user ./run 'echo ran'"),
        "not mapped",
        "a user that the namespace maps",
    );
}

#[test]
fn landlock_is_told() {
    if root().is_none() {
        return;
    }
    let copies = Copies::new();
    let output = copies.shell("./as_if landlock ./run 'echo ran'");
    if output.status.code() == Some(77) {
        eprintln!("SKIPPED: this kernel has no Landlock");
        return;
    }
    is_refused(&output, "Landlock", "outside of the sandbox");
}

#[test]
fn a_machine_on_its_initial_ramdisk_is_told() {
    if root().is_none() {
        return;
    }
    is_refused(
        &Copies::new().shell("./as_if ramdisk ./run 'echo ran'"),
        "initial ramdisk",
        "switch_root",
    );
}

#[test]
fn a_kernel_without_time_namespaces_makes_worlds() {
    if root().is_none() {
        return;
    }
    has_run(&Copies::new().shell("./as_if no-time ./run 'echo ran'"));
}

#[test]
fn a_kernel_with_only_the_old_mount_call_makes_the_same_worlds() {
    if root().is_none() {
        return;
    }
    let copies = Copies::new();
    let look = "./run 'ps -eo pid,ppid,comm; cut -d/ -f2- \
                /proc/self/mountinfo; echo $$; ls /proc/sys/net | xargs'";
    let with_new = copies.shell(look);
    let with_old = copies.shell(&format!("./as_if old-mounts {look}"));
    assert!(with_new.status.success() && with_old.status.success());
    let text =
        |output: &Output| String::from_utf8_lossy(&output.stdout).into_owned();
    assert_eq!(text(&with_new), text(&with_old));
    assert!(text(&with_new).contains("proc rw,nosuid"));
}
