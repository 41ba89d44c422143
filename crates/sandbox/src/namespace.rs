//! The one table of the eight kinds of namespaces.
//!
//! Whatever has to name a kind, make one, or say what it is good for, reads
//! it here: namespaces(7).

/// One kind of namespace.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Kind {
    /// Its name under `/proc/PID/ns/`.
    pub name: &'static str,
    /// The bit that clone(2), unshare(2) and setns(2) know it by.
    pub flag: libc::c_int,
    /// The file below `/proc/sys/user/` that limits how many there may be.
    pub limit: &'static str,
    /// The first kernel that had it, complete.
    pub since: &'static str,
    /// Its manual page.
    pub page: &'static str,
    /// What a member has of its own.
    pub isolates: &'static str,
    /// No world is made without it.
    pub essential: bool,
}

impl Kind {
    /// All kinds, in the order in which a world is made: the user namespace
    /// gives the right to make the others.
    pub const ALL: [Self; 8] = [
        Self::USER,
        Self::PID,
        Self::MOUNT,
        Self::UTS,
        Self::IPC,
        Self::NETWORK,
        Self::CGROUP,
        Self::TIME,
    ];

    /// User and group ids, capabilities, keyrings.
    pub const USER: Self = Self {
        name: "user",
        flag: libc::CLONE_NEWUSER,
        limit: "max_user_namespaces",
        since: "3.8",
        page: "user_namespaces(7)",
        isolates: "user and group ids, capabilities",
        essential: true,
    };
    /// Process ids.
    pub const PID: Self = Self {
        name: "pid",
        flag: libc::CLONE_NEWPID,
        limit: "max_pid_namespaces",
        since: "2.6.24",
        page: "pid_namespaces(7)",
        isolates: "process ids",
        essential: true,
    };
    /// The list of mounts.
    pub const MOUNT: Self = Self {
        name: "mnt",
        flag: libc::CLONE_NEWNS,
        limit: "max_mnt_namespaces",
        since: "2.4.19",
        page: "mount_namespaces(7)",
        isolates: "the list of mounts",
        essential: true,
    };
    /// Host name and NIS domain name.
    pub const UTS: Self = Self {
        name: "uts",
        flag: libc::CLONE_NEWUTS,
        limit: "max_uts_namespaces",
        since: "2.6.19",
        page: "uts_namespaces(7)",
        isolates: "host name and NIS domain name",
        essential: true,
    };
    /// System V IPC and POSIX message queues.
    pub const IPC: Self = Self {
        name: "ipc",
        flag: libc::CLONE_NEWIPC,
        limit: "max_ipc_namespaces",
        since: "2.6.19",
        page: "ipc_namespaces(7)",
        isolates: "System V IPC, POSIX message queues",
        essential: true,
    };
    /// Network devices, addresses, routes, ports, firewall.
    pub const NETWORK: Self = Self {
        name: "net",
        flag: libc::CLONE_NEWNET,
        limit: "max_net_namespaces",
        since: "2.6.29",
        page: "network_namespaces(7)",
        isolates: "network devices, addresses, ports, routes",
        essential: true,
    };
    /// The root of the view on cgroups.
    pub const CGROUP: Self = Self {
        name: "cgroup",
        flag: libc::CLONE_NEWCGROUP,
        limit: "max_cgroup_namespaces",
        since: "4.6",
        page: "cgroup_namespaces(7)",
        isolates: "the root of the cgroup hierarchy",
        essential: true,
    };
    /// The boot-time and monotonic clocks.
    pub const TIME: Self = Self {
        name: "time",
        flag: libc::CLONE_NEWTIME,
        limit: "max_time_namespaces",
        since: "5.6",
        page: "time_namespaces(7)",
        isolates: "the boot-time and monotonic clocks",
        // Some kernels are built without it (CONFIG_TIME_NS); then the
        // world's clocks are the machine's.
        essential: false,
    };

    /// The kind of that name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.name == name)
    }
}
