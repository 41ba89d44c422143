//! What it takes to make a world, as lists of steps: those on the guard's
//! side, whose mounts the guest cannot change, and those on the guest's own.

use std::ffi::CString;
use std::fs;
use std::os::unix::ffi::OsStrExt as _;
use std::path::Path;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use nix::mount::MsFlags;
use nix::sys::resource::Resource;
use nix::sys::stat::Mode;

use crate::cgroup::Cgroup;
use crate::error::Refusal;
use crate::filter;
use crate::ids::Ids;
use crate::namespace::Kind;
use crate::step::{Planned, ROOT, Step};
use crate::world::World;

/// The steps, in order.
#[derive(Debug)]
pub(crate) struct Plan {
    /// In the outer user and PID namespace: what a child has from its
    /// parent, limits above all, and the mount namespace.
    pub(crate) limits: Vec<Planned>,
    /// Then: the world's tree, with all of the machine that it shows.
    pub(crate) outer: Vec<Planned>,
    /// In the world's PID namespace, but with the guard's rights and mounts:
    /// what shows that namespace.
    pub(crate) views: Vec<Planned>,
    /// In the inner ones, side by side with the `outer` steps: the cgroup, and
    /// the network namespace, which takes longest.
    pub(crate) own: Vec<Planned>,
    /// In the inner ones, side by side with the `root` steps: the other
    /// namespaces, all but that of mounts, and the filter.
    pub(crate) meanwhile: Vec<Planned>,
    /// On the guard's side, in the world's network namespace: what shows
    /// that. Then the machine's mounts go.
    pub(crate) root: Vec<Planned>,
    /// On the guard's side, while the world's side goes on: the loopback
    /// device, and what limits all of the outer user namespace. Taken without
    /// the C library.
    pub(crate) bounds: Vec<Planned>,
    /// In the inner ones, if the views took a process: its number.
    pub(crate) number: Vec<Planned>,
    /// In the inner ones again: the mount namespace, and what only the owner
    /// of the world's namespaces can mount.
    pub(crate) inner: Vec<Planned>,
}

/// The uid and gid of the ordinary user inside.
pub(crate) const READER: u32 = 1000;

/// Folders of the machine that hold programs and libraries. Where one of them
/// is a symbolic link, as on merged systems, the world has the link.
const SYSTEM: [&str; 8] =
    ["usr", "bin", "sbin", "lib", "lib32", "lib64", "libx32", "nix"];

impl Plan {
    /// For `world`, with `programs` an open folder, and a cgroup if the world
    /// has one of its own.
    pub(crate) fn new(
        world: &World,
        ids: &Ids,
        start_files: &[(&str, String)],
        programs: Option<i32>,
        cgroup: Option<&Cgroup>,
    ) -> Self {
        let mut limits = List::default();
        limits.essential(Step::Umask(Mode::empty()));
        limits.essential(Step::NewKeyring);
        add_own_limits(&mut limits, world);
        if let Some(cgroup) = cgroup {
            add_cgroup(&mut limits, cgroup);
        }
        if let Some(folder) = programs {
            limits.essential(Step::Enter(folder));
        }
        limits.essential(Step::Unshare(Kind::MOUNT));

        let mut outer = List::default();
        add_root(&mut outer, world);
        if programs.is_some() {
            show(&mut outer, ".", "demos");
        }
        outer.essential(Step::Go(c"/"));
        add_folders(&mut outer);
        outer.essential(Step::Go(ROOT));
        add_tree(&mut outer, world, ids);
        for (path, text) in start_files {
            outer.file(path, text);
        }
        add_machine(&mut outer);

        let mut own = List::default();
        // The one it is in when it makes a namespace is the root of that:
        // cgroup_namespaces(7). Later, the machine's paths are gone.
        if let Some(cgroup) = cgroup {
            own.essential(Step::Join(path_string(&cgroup.processes())));
        }
        own.essential(Step::Unshare(Kind::NETWORK));
        let mut meanwhile = List::default();
        add_namespaces(&mut meanwhile, world);
        meanwhile.essential(Step::HeedSignals);
        meanwhile.essential(Step::Filter(filter::program()));
        let mut views = List::default();
        add_views(&mut views);
        let mut inner = List::default();
        inner.essential(Step::Unshare(Kind::MOUNT));
        inner.essential(Step::Go(c"/"));
        add_mounts(&mut inner, ids);
        inner.essential(Step::Umask(USUAL_MASK));
        let mut root = List::default();
        // A container may have covered parts of the machine's.
        root.optional(mount("sysfs", "sys", PLAIN, ""));
        root.essential(Step::Root);
        let mut bounds = List::default();
        bounds.essential(Step::LoopbackUp);
        add_bounds(&mut bounds, world);
        let mut number = List::default();
        // The next process is the second again.
        number.optional(Step::Tell {
            path: string("/proc/sys/kernel/ns_last_pid"),
            text: b"1".to_vec(),
        });
        Self {
            limits: limits.0,
            outer: outer.0,
            own: own.0,
            meanwhile: meanwhile.0,
            views: views.0,
            root: root.0,
            bounds: bounds.0,
            number: number.0,
            inner: inner.0,
        }
    }

    fn steps(&self) -> impl Iterator<Item = &Planned> {
        [
            &self.limits,
            &self.outer,
            &self.own,
            &self.meanwhile,
            &self.views,
            &self.root,
            &self.bounds,
            &self.number,
            &self.inner,
        ]
        .into_iter()
        .flatten()
    }

    /// What a world that was made has had to do without.
    pub(crate) fn refusals(&self) -> Vec<Refusal> {
        self.steps().filter_map(Planned::refusal).collect()
    }

    /// The refusal for which no world was made.
    pub(crate) fn essential_refusal(&self) -> Option<Refusal> {
        self.steps().filter(|step| !step.optional).find_map(Planned::refusal)
    }
}

#[derive(Default)]
struct List(Vec<Planned>);

impl List {
    fn essential(&mut self, step: Step) {
        self.0.push(Planned::new(step, false));
    }

    fn optional(&mut self, step: Step) {
        self.0.push(Planned::new(step, true));
    }

    fn directory(&mut self, path: &str, mode: u32) {
        let mode = Mode::from_bits_truncate(mode);
        self.essential(Step::Directory { path: string(path), mode });
    }

    fn file(&mut self, path: &str, text: &str) {
        self.copy(path, text.as_bytes().into());
    }

    fn copy(&mut self, path: &str, text: Arc<[u8]>) {
        let path = string(path);
        let mode = Mode::from_bits_truncate(0o644);
        self.essential(Step::File { path, text, mode });
    }

    fn symlink(&mut self, path: &str, target: &str) {
        let (path, target) = (string(path), string(target));
        self.essential(Step::Symlink { path, target });
    }
}

/// A path of the world, for whoever is not in its root.
fn in_root(path: &str) -> String {
    format!("{}/{path}", ROOT.to_string_lossy())
}

/// What others may not do with new files, as on most machines: umask(2).
const USUAL_MASK: Mode = Mode::S_IWGRP.union(Mode::S_IWOTH);

/// The paths and texts here are ours and hold no NUL; what follows one in a
/// host name is lost.
fn string(text: &str) -> CString {
    let end = text.find('\0').unwrap_or(text.len());
    CString::new(&text[..end]).unwrap_or_default()
}

/// Paths that the kernel has told hold no NUL.
fn path_string(path: &Path) -> CString {
    CString::new(path.as_os_str().as_bytes()).unwrap_or_default()
}

/// What a process takes on itself before it joins a world that is there.
pub(crate) fn joining(world: &World, cgroup: Option<&Path>) -> Vec<Planned> {
    let mut list = List::default();
    // From another place of the machine it may be out of reach, and inside
    // only that one is in sight.
    if let Some(processes) = cgroup {
        list.optional(Step::Join(path_string(processes)));
    }
    list.essential(Step::Umask(USUAL_MASK));
    list.essential(Step::NewKeyring);
    add_own_limits(&mut list, world);
    list.0
}

/// What a `/proc` shows below `sys/user` is about the user namespace of
/// whoever looks: the guard's, though the `/proc` is the world's.
fn add_bounds(list: &mut List, world: &World) {
    let namespaces = world.limits.namespaces;
    list.optional(Step::Go(c"/proc/sys/user"));
    for file in &Machine::known().limits {
        let watch = WATCHES.iter().find(|(name, _)| name == file);
        let most = watch.map_or(namespaces, |(_, most)| *most);
        list.optional(Step::Tell {
            path: string(file),
            text: most.to_string().into_bytes(),
        });
    }
    list.essential(Step::Go(c"/"));
}

/// The files below `/proc/sys/user` that limit what a world has; an older
/// kernel does not have all of them.
fn limit_files() -> impl Iterator<Item = &'static str> {
    let kinds = Kind::ALL.into_iter().map(|kind| kind.limit);
    kinds.chain(WATCHES.into_iter().map(|(file, _)| file))
}

/// What a user may have of the kernel's means to watch files, by file below
/// `/proc/sys/user`: inotify(7), fanotify(7). Without these limits a world
/// could take all that the caller has.
const WATCHES: [(&str, u32); 4] = [
    ("max_inotify_instances", 32),
    ("max_inotify_watches", 4096),
    ("max_fanotify_groups", 16),
    ("max_fanotify_marks", 1024),
];

/// What is the same for every world: getrlimit(2). Values are those that most
/// machines have, so that `ulimit -a` says nothing of this one.
const USUAL: [(Resource, u64); 7] = [
    (Resource::RLIMIT_MEMLOCK, 8 << 20),
    (Resource::RLIMIT_MSGQUEUE, 819_200),
    (Resource::RLIMIT_SIGPENDING, 4096),
    (Resource::RLIMIT_STACK, 8 << 20),
    (Resource::RLIMIT_NICE, 0),
    (Resource::RLIMIT_RTPRIO, 0),
    // Not 0: a pipe handler in core_pattern is started even so, on the
    // machine; 1 is the value that disables it (kernel, fs/coredump.c).
    (Resource::RLIMIT_CORE, 1),
];

fn add_own_limits(list: &mut List, world: &World) {
    let limits = &world.limits;
    list.essential(Step::Limit(Resource::RLIMIT_NPROC, limits.processes));
    list.essential(Step::Limit(Resource::RLIMIT_FSIZE, limits.file_size));
    list.essential(Step::Limit(Resource::RLIMIT_NOFILE, limits.open_files));
    for (resource, most) in USUAL {
        list.essential(Step::Limit(resource, most));
    }
}

/// The world's cgroup, with its limits, and the one in it that is its own.
fn add_cgroup(list: &mut List, cgroup: &Cgroup) {
    let mut folder = |path: &Path| {
        let mode = Mode::from_bits_truncate(0o755);
        list.essential(Step::Directory { path: path_string(path), mode });
    };
    folder(cgroup.outer());
    folder(&cgroup.inner());
    for (path, most) in cgroup.limits() {
        let text = most.to_string().into_bytes();
        list.essential(Step::Tell { path: path_string(&path), text });
    }
}

/// A filesystem for the world's own files, with the folders that are needed
/// before the others.
fn add_root(list: &mut List, world: &World) {
    list.essential(Step::Mount {
        kind: string("tmpfs"),
        at: ROOT.to_owned(),
        flags: MsFlags::MS_NOSUID | MsFlags::MS_NODEV,
        data: string(&format!(
            "mode=755,size={},nr_inodes=65536",
            world.limits.memory
        )),
    });
    for folder in ["proc", "demos", "etc"] {
        list.directory(&in_root(folder), 0o755);
    }
}

/// The folders and files that are the world's own.
fn add_tree(list: &mut List, world: &World, ids: &Ids) {
    for folder in ["dev", "dev/pts", "dev/shm", "dev/mqueue", "home"] {
        list.directory(folder, 0o755);
    }
    for folder in ["mnt", "root", "run", "sys", "var"] {
        list.directory(folder, 0o755);
    }
    for folder in ["tmp", "var/tmp"] {
        list.directory(folder, 0o1777);
    }
    list.directory("home/reader", 0o755);
    if ids.count() > READER {
        let path = string("home/reader");
        list.essential(Step::Owner { path, id: READER });
    }
    let name = &world.hostname;
    list.file("etc/hostname", &format!("{name}\n"));
    let hosts = format!("127.0.0.1 localhost\n127.0.1.1 {name}\n");
    list.file("etc/hosts", &hosts);
    list.file(
        "etc/passwd",
        "root:x:0:0:root:/root:/bin/bash\n\
         reader:x:1000:1000:reader:/home/reader:/bin/bash\n\
         nobody:x:65534:65534:nobody:/:/usr/sbin/nologin\n",
    );
    list.file(
        "etc/group",
        "root:x:0:\ntty:x:5:\nreader:x:1000:\nnogroup:x:65534:\n",
    );
    list.file("etc/nsswitch.conf", "passwd: files\ngroup: files\n");
    list.symlink("etc/mtab", "../proc/self/mounts");
    list.symlink("etc/os-release", "../usr/lib/os-release");
    for (link, target) in [
        ("dev/ptmx", "pts/ptmx"),
        ("dev/fd", "/proc/self/fd"),
        ("dev/stdin", "/proc/self/fd/0"),
        ("dev/stdout", "/proc/self/fd/1"),
        ("dev/stderr", "/proc/self/fd/2"),
    ] {
        list.symlink(link, target);
    }
}

/// Folders that the world shows of the machine, read-only.
fn add_folders(list: &mut List) {
    let machine = Machine::known();
    let folders = machine.system.iter();
    let folders = folders.filter(|(_, link)| link.is_none());
    let folders = folders.map(|(name, _)| *name);
    // Where the links in /usr/bin that stand for one of several programs
    // lead on Debian.
    let alternatives = machine.alternatives.then_some("etc/alternatives");
    for folder in folders.chain(alternatives) {
        list.directory(&in_root(folder), 0o755);
        show(list, folder, folder);
    }
}

/// What else the world has of the machine.
fn add_machine(list: &mut List) {
    for (name, link) in &Machine::known().system {
        if let Some(target) = link {
            list.symlink(name, target);
        }
    }
    // Tells where libraries are that the linker does not find by itself.
    if let Some(cache) = library_cache() {
        list.copy("etc/ld.so.cache", cache);
    }
    for device in ["null", "zero", "full", "random", "urandom", "tty"] {
        list.essential(Step::Device {
            source: string(&format!("/dev/{device}")),
            at: string(&format!("dev/{device}")),
        });
    }
}

/// What a machine has, and keeps as long as this program runs.
struct Machine {
    /// The folders of [`SYSTEM`] that there are, and where they lead if they
    /// are links.
    system: Vec<(&'static str, Option<String>)>,
    /// It has /etc/alternatives.
    alternatives: bool,
    /// The files of [`limit_files`] that there are.
    limits: Vec<&'static str>,
}

impl Machine {
    fn known() -> &'static Self {
        static KNOWN: OnceLock<Machine> = OnceLock::new();
        KNOWN.get_or_init(|| {
            let look = |name: &&'static str| {
                let path = Path::new("/").join(name);
                let link = fs::read_link(&path).ok();
                let link = link.map(|link| link.to_string_lossy().into_owned());
                (link.is_some() || path.is_dir()).then_some((*name, link))
            };
            let has =
                |file: &&str| Path::new("/proc/sys/user").join(file).exists();
            Self {
                system: SYSTEM.iter().filter_map(look).collect(),
                alternatives: Path::new("/etc/alternatives").is_dir(),
                limits: limit_files().filter(has).collect(),
            }
        })
    }
}

/// The linker's cache, read again when it is another file.
fn library_cache() -> Option<Arc<[u8]>> {
    use std::os::unix::fs::MetadataExt as _;
    /// Inode number and time of the last change, and what was in it then.
    type Known = ((u64, i64, i64), Arc<[u8]>);
    static LAST: Mutex<Option<Known>> = Mutex::new(None);
    let path = "/etc/ld.so.cache";
    let file = fs::metadata(path).ok()?;
    let key = (file.ino(), file.mtime(), file.mtime_nsec());
    let mut last = LAST.lock().unwrap_or_else(PoisonError::into_inner);
    match &*last {
        Some((known, cache)) if *known == key => Some(cache.clone()),
        _ => {
            let cache: Arc<[u8]> = fs::read(path).ok()?.into();
            *last = Some((key, cache.clone()));
            Some(cache)
        }
    }
}

fn show(list: &mut List, folder: &str, at: &str) {
    let (folder, at) = (string(folder), string(&in_root(at)));
    list.essential(Step::Show { folder, at });
}

fn add_namespaces(list: &mut List, world: &World) {
    for kind in Kind::ALL {
        // The process that takes these steps was born with the first two; it
        // has made the third, and leaves the guard's mounts when all of them
        // are there.
        let others = [Kind::USER, Kind::PID, Kind::NETWORK, Kind::MOUNT];
        if others.contains(&kind) {
            continue;
        }
        let step = Step::Unshare(kind);
        if kind.essential { list.essential(step) } else { list.optional(step) }
    }
    let uptime_ns = i64::try_from(world.uptime.as_nanos()).unwrap_or(i64::MAX);
    list.optional(Step::Clocks { uptime_ns });
    list.essential(Step::Hostname(string(&world.hostname)));
}

/// The flags of mounts that hold neither programs nor devices.
const PLAIN: MsFlags =
    MsFlags::MS_NOSUID.union(MsFlags::MS_NODEV).union(MsFlags::MS_NOEXEC);

/// The machine's own `/proc` and `/sys` are still in sight here, without
/// which the kernel would not allow new ones: user_namespaces(7).
fn add_views(list: &mut List) {
    list.essential(mount("proc", "proc", PLAIN, ""));
}

/// What only the owner of the world's namespaces may mount: user_namespaces(7),
/// "Effect of capabilities within a user namespace".
fn add_mounts(list: &mut List, ids: &Ids) {
    list.optional(mount("cgroup2", "sys/fs/cgroup", PLAIN, ""));
    // Group 5 is tty, where there is a group 5.
    let group = if ids.count() > 5 { ",gid=5" } else { "" };
    let options = format!("newinstance,ptmxmode=0666,mode=620,max=64{group}");
    let terminals = MsFlags::MS_NOSUID | MsFlags::MS_NOEXEC;
    list.essential(mount("devpts", "dev/pts", terminals, &options));
    let memory = MsFlags::MS_NOSUID | MsFlags::MS_NODEV;
    list.essential(mount("tmpfs", "dev/shm", memory, "mode=1777,size=64m"));
    list.optional(mount("mqueue", "dev/mqueue", PLAIN, ""));
}

fn mount(kind: &str, at: &str, flags: MsFlags, data: &str) -> Step {
    let (kind, data) = (string(kind), string(data));
    Step::Mount { kind, at: string(at), flags, data }
}
