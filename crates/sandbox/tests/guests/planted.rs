//! The comparison itself: it notices a planted change of each kind, and a
//! planted success of each threat.
//!
//! What would change the machine is planted in namespaces of its own, where
//! the same comparison looks at the same files.
#![allow(unsafe_code, reason = "changes that have no safe wrapper")]

use std::fs;
use std::net::{TcpListener, TcpStream};
use std::os::linux::net::SocketAddrExt as _;
use std::os::unix::net::{SocketAddr, UnixStream};
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::guests::{self, Guest, Threat};
use crate::machine::{KINDS, Machine, PLANTED, Places, set_by};
use crate::victim::Victim;
use crate::{perform, skip, turn};

/// Set where the test below runs itself.
const INSIDE: &str = "PLANTED_INSIDE";

/// A change, and the kind of state that it is a change of.
struct Plant {
    kind: &'static str,
    /// Makes the change, and returns how to undo it.
    plant: fn(&mut Places) -> Undo,
}

type Undo = Box<dyn FnOnce()>;

/// The folder that is compared as a whole.
fn tree(places: &Places) -> PathBuf {
    places.trees[0].clone()
}

/// Those that need namespaces of their own, or do no harm in them.
const PLANTS: &[Plant] = &[
    Plant { kind: "mounts", plant: plant_mount },
    Plant { kind: "links", plant: plant_link },
    Plant { kind: "host name", plant: plant_name },
    Plant { kind: "IPC", plant: plant_memory },
    Plant { kind: "keys", plant: plant_key },
    Plant { kind: "sysctls", plant: plant_setting },
    Plant { kind: "cgroups", plant: plant_cgroup },
    Plant { kind: "files", plant: plant_file },
    Plant { kind: "files", plant: plant_in_shared_folder },
    Plant { kind: "files", plant: plant_mode },
    Plant { kind: "modules", plant: plant_module },
    Plant { kind: "listening sockets", plant: plant_listener },
    Plant { kind: "processes", plant: plant_child },
    Plant { kind: "caller", plant: plant_limit },
    // This one cannot be undone.
    Plant { kind: "namespaces", plant: plant_namespace },
];

fn plant_mount(places: &mut Places) -> Undo {
    use nix::mount::{MsFlags, mount, umount};
    let (kind, none) = (Some("tmpfs"), None::<&str>);
    let at = tree(places);
    mount(kind, &at, kind, MsFlags::empty(), none).expect("root of it may");
    Box::new(move || umount(&at).expect("it is there"))
}

fn plant_link(_: &mut Places) -> Undo {
    // Down until now: its routes and addresses are new.
    let set = |state| {
        let mut ip = Command::new("ip");
        let status = ip.args(["link", "set", "lo", state]).status();
        assert!(status.expect("ip can be run").success());
    };
    set("up");
    Box::new(move || set("down"))
}

fn plant_name(_: &mut Places) -> Undo {
    let before = nix::unistd::gethostname().expect("there is one");
    nix::unistd::sethostname(PLANTED).expect("root of it may");
    Box::new(move || nix::unistd::sethostname(before).expect("it may"))
}

fn plant_memory(_: &mut Places) -> Undo {
    // SAFETY: takes numbers.
    let segment = unsafe { libc::shmget(libc::IPC_PRIVATE, 4096, 0o600) };
    assert!(segment >= 0);
    Box::new(move || {
        // SAFETY: takes numbers.
        unsafe { libc::shmctl(segment, libc::IPC_RMID, std::ptr::null_mut()) };
    })
}

fn plant_key(_: &mut Places) -> Undo {
    const KEYCTL_INVALIDATE: i32 = 21;
    // SAFETY: takes texts that end with a NUL, or have a length, and numbers.
    let key = unsafe {
        let kind = c"user".as_ptr();
        let name = c"planted".as_ptr();
        libc::syscall(libc::SYS_add_key, kind, name, c"x".as_ptr(), 1, -3)
    };
    assert!(key > 0);
    Box::new(move || {
        // SAFETY: takes numbers.
        unsafe { libc::syscall(libc::SYS_keyctl, KEYCTL_INVALIDATE, key) };
    })
}

fn plant_setting(_: &mut Places) -> Undo {
    let file = "/proc/sys/net/ipv4/ip_forward";
    let before = fs::read(file).expect("every network namespace has it");
    fs::write(file, if before == b"0\n" { "1" } else { "0" }).expect("its own");
    Box::new(move || fs::write(file, before).expect("its own"))
}

fn plant_cgroup(places: &mut Places) -> Undo {
    let folder = places.cgroups.join(PLANTED);
    fs::create_dir(&folder).expect("the folder is ours");
    Box::new(move || fs::remove_dir(folder).expect("it is there"))
}

fn plant_file(places: &mut Places) -> Undo {
    // As many bytes as before, and the same time.
    let note = tree(places).join("note");
    let file = fs::File::options().write(true).open(&note).expect("ours");
    let before = file.metadata().and_then(|m| m.modified()).expect("it has");
    std::io::Write::write_all(&mut &file, b"X").expect("it can be written");
    file.set_modified(before).expect("it is ours");
    Box::new(move || fs::write(note, "a note").expect("ours"))
}

fn plant_in_shared_folder(_: &mut Places) -> Undo {
    let path = format!("/tmp/{PLANTED}-{}", std::process::id());
    fs::write(&path, "").expect("everybody may");
    Box::new(move || fs::remove_file(path).expect("it is there"))
}

fn plant_mode(places: &mut Places) -> Undo {
    use std::os::unix::fs::PermissionsExt as _;
    let note = tree(places).join("note");
    let mode = fs::Permissions::from_mode;
    fs::set_permissions(&note, mode(0o4755)).expect("ours");
    Box::new(move || fs::set_permissions(note, mode(0o600)).expect("ours"))
}

fn plant_module(places: &mut Places) -> Undo {
    // Nobody may load one here: a list of them that is ours.
    let proc = tree(places).join("proc");
    let before = std::mem::replace(&mut places.proc, proc.clone());
    fs::create_dir_all(&proc).expect("ours");
    fs::write(proc.join("modules"), "planted 1 0 - Live 0x0\n").expect("ours");
    let _ = before;
    Box::new(move || fs::remove_dir_all(proc).expect("ours"))
}

fn plant_listener(_: &mut Places) -> Undo {
    let listener = TcpListener::bind("0.0.0.0:0").expect("a port is free");
    Box::new(move || drop(listener))
}

fn plant_child(_: &mut Places) -> Undo {
    let mut sleep = Command::new("sleep");
    let mut child = sleep.arg("1000").spawn().expect("it can be run");
    Box::new(move || {
        child.kill().expect("it runs");
        child.wait().expect("it was started");
    })
}

fn plant_limit(_: &mut Places) -> Undo {
    use nix::sys::resource::{Resource, getrlimit, setrlimit};
    let kind = Resource::RLIMIT_NOFILE;
    let (soft, hard) = getrlimit(kind).expect("there is one");
    setrlimit(kind, soft - 1, hard).expect("lower is allowed");
    Box::new(move || setrlimit(kind, soft, hard).expect("up to the hard one"))
}

fn plant_namespace(_: &mut Places) -> Undo {
    nix::sched::unshare(nix::sched::CloneFlags::CLONE_NEWUTS).expect("it may");
    Box::new(|| {})
}

#[test]
fn the_comparison_notices_a_planted_change_of_each_kind() {
    if std::env::var_os(INSIDE).is_some() {
        return plant_all();
    }
    let _turn = turn();
    let this = std::env::current_exe().expect("this is a program");
    let name = "planted::the_comparison_notices_a_planted_change_of_each_kind";
    let result = Command::new("unshare")
        .args(["--user", "--map-root-user", "--mount", "--net", "--uts"])
        .args(["--ipc", "--pid", "--fork", "--mount-proc"])
        .arg(this)
        .args(["--exact", name, "--nocapture"])
        .env(INSIDE, "1")
        .output()
        .expect("unshare can be run");
    let said = String::from_utf8_lossy(&result.stdout);
    let errors = String::from_utf8_lossy(&result.stderr);
    if errors.contains("unshare failed") {
        return skip(&errors);
    }
    assert!(result.status.success(), "{said}\n{errors}");
    assert!(said.contains("1 passed"), "{said}");
}

fn plant_all() {
    let folder = tempfile::tempdir().expect("a folder can be made");
    let at = |name: &str| folder.path().join(name);
    for name in ["tree", "cgroups"] {
        fs::create_dir(at(name)).expect("ours");
    }
    fs::write(at("tree/note"), "a note").expect("ours");
    let places = Places {
        cgroups: at("cgroups"),
        alone: true,
        ..Places::of_machine(&at("tree"))
    };
    for Plant { kind, plant } in PLANTS {
        let before = Machine::look(&places);
        assert_eq!(before.changes(&before), Vec::<String>::new());
        let mut after = places.clone();
        let undo = plant(&mut after);
        let changes = before.changes(&Machine::look(&after));
        undo();
        let new = format!("{kind}: new: ");
        let noticed = changes.iter().any(|change| change.starts_with(&new));
        assert!(noticed, "{kind}: {changes:?}");
    }
    // Nobody may set the clock.
    assert_ne!(set_by(60), set_by(0));
    for (kind, _) in KINDS.iter().filter(|(kind, _)| *kind != "clock") {
        let planted = PLANTS.iter().any(|plant| plant.kind == *kind);
        assert!(planted, "nothing is planted for {kind}");
    }
}

#[test]
fn an_orphan_on_the_machine_is_noticed() {
    let _turn = turn();
    let places = Places::of_machine(Path::new("/nonexistent"));
    let before = Machine::look(&places);
    let mut shell = Command::new("sh");
    shell.args(["-c", "sleep 1000 > /dev/null 2>&1 & echo $!"]);
    if nix::unistd::geteuid().is_root() {
        // As worlds of root.
        shell.uid(2_000_000_001).gid(2_000_000_001);
    }
    let output = shell.output().expect("sh can be run");
    let pid = String::from_utf8_lossy(&output.stdout).trim().to_owned();
    let changes = before.changes(&Machine::look(&places));
    let killed = Command::new("kill").args(["-9", &pid]).status();
    assert!(killed.expect("kill can be run").success());
    let line = format!("processes: new: {pid} sleep");
    assert!(changes.contains(&line), "{changes:?}");
}

/// A success of each threat, as the harness would see it.
#[test]
fn a_planted_success_of_each_threat_is_noticed() {
    let _turn = turn();
    let mut victim = match Victim::new() {
        Ok(victim) => victim,
        Err(reason) => return skip(&reason),
    };
    assert_eq!(victim.harm(), Vec::<String>::new());
    let hints = victim.hints();
    let hint = |name: &str| {
        let hints = hints.clone();
        let found = hints.into_iter().find(|(one, _)| one == name);
        found.expect("it is told").1
    };

    // The network.
    let port = hint("PORT").parse().expect("a number");
    let _came = TcpStream::connect(("127.0.0.1", port)).expect("it listens");
    assert_eq!(victim.harm(), ["somebody came to the port"]);
    let path = format!("{}/socket", hint("FOLDER"));
    let _came = UnixStream::connect(path).expect("it listens");
    assert_eq!(victim.harm(), ["somebody came to the socket in a folder"]);
    let hidden = SocketAddr::from_abstract_name(hint("HIDDEN"));
    let _came = UnixStream::connect_addr(&hidden.expect("it is short"));
    assert_eq!(victim.harm(), ["somebody came to the abstract socket"]);

    // The terminal: what is typed waits to be read.
    victim.type_line();
    let typed = "somebody typed at the caller's terminal";
    assert!(victim.harm().contains(&typed.to_owned()));

    // Files, root, and what stays: see the other tests. Processes:
    victim.kill_process();
    let killed = "somebody killed the caller's process";
    assert!(victim.harm().contains(&killed.to_owned()));

    // Secrets, in what a guest prints.
    let secret = victim.secrets()[0].clone();
    let (one, two) = secret.split_at(3);
    let script = format!("printf %s%s {one} {two}").leak();
    let guest = Guest { script, ..guests::TYPICAL };
    let faults = perform(&guest, &victim);
    assert!(faults[0].starts_with("it knows a secret"), "{faults:?}");

    // More than its share: with a larger limit, it is what it takes.
    for name in ["as many processes as there can be", "endless output"] {
        let guest = guests::ALL.iter().find(|guest| guest.name == name);
        let guest = *guest.expect("it is in the table");
        assert_eq!(guest.threat, Threat::UseUp);
        let limits: fn(&mut sandbox::world::Limits) = |limits| {
            limits.processes = 2000;
            limits.output = 100;
        };
        let raised = Guest {
            limits,
            script: if name == "endless output" {
                "true"
            } else {
                guest.script
            },
            ..guest
        };
        let faults = perform(&raised, &victim);
        assert!(!faults.is_empty(), "{name}");
    }
}
