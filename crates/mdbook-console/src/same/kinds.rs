//! What varies from run to run, and why: one table.
//!
//! Whatever is not in it is text, and text must not change. The patterns see
//! bytes, so that `\w`, `\d` and `\b` are those of ASCII.

use Class::{Identity, Measurement};
use Found::{Alone, In, Under};
use Width::{Fixed, Varies};

/// A kind of token whose value varies.
pub(super) struct Kind {
    /// What a person calls it.
    pub(super) name: &'static str,
    /// What its values are compared by.
    pub(super) class: Class,
    /// Whether the columns beside it may move.
    pub(super) width: Width,
    /// Where it stands. The earlier kind and place win where two overlap.
    pub(super) found: &'static [Found],
    /// Whether a value of that form is the same in every run, and so is text.
    pub(super) constant: fn(&str) -> bool,
    /// Why it varies, and why it may.
    pub(super) reason: &'static str,
}

/// What the values of a kind are compared by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Class {
    /// By which of them are the same.
    Identity,
    /// Not at all.
    Measurement,
}

/// Whether the values of a kind are equally wide.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Width {
    /// They are.
    Fixed,
    /// They are not: the blanks around them follow.
    Varies,
}

/// How a token is recognised. Only values found in the same way are of the
/// same shape.
pub(super) enum Found {
    /// Each group of a pattern.
    In(&'static str),
    /// The same, where nothing touches the group that would make it part of
    /// something longer.
    Alone(&'static str),
    /// A cell of a table, all of which is the pattern's, or its group if it
    /// has one.
    Under {
        /// The table.
        table: Table,
        /// The word at the head of its column.
        head: &'static str,
        /// What the cell must look like.
        cell: &'static str,
    },
}

/// A table that is recognised by its header.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Table {
    /// Of processes.
    Ps,
    /// Of SysV objects.
    Ipcs,
    /// Of mounts.
    Findmnt,
}

impl Table {
    pub(super) const ALL: [Self; 3] = [Self::Ps, Self::Ipcs, Self::Findmnt];

    /// What the header looks like.
    pub(super) fn header(self) -> &'static str {
        match self {
            Self::Ps => r"^\s*(?:[A-Z%]+\s+)*PID\s(?:.*\s)?(?:CMD|COMMAND)\s*$",
            Self::Ipcs => r"^(?:key\s+)?(?:msqid|shmid|semid)\s+[a-z]",
            Self::Findmnt => {
                r"^\s*(?:[A-Z:]+\s+)*(?:TARGET|MAJ:MIN)(?:\s+[A-Z:-]+)*\s*$"
            }
        }
    }
}

/// Rows that a tool sorts by a number that varies: their order says nothing.
pub(super) struct Sorted {
    /// What a person calls them.
    pub(super) name: &'static str,
    /// What the line before the first of them looks like; without one, the
    /// rows know themselves.
    pub(super) header: Option<&'static str>,
    /// What a row looks like. Rows that follow each other are one set as long
    /// as they agree in the group, if there is one.
    pub(super) row: &'static str,
    /// Why their order varies.
    pub(super) reason: &'static str,
}

fn never(_: &str) -> bool {
    false
}

/// The initial namespaces' numbers are the kernel's interface, and below them
/// there are none. The highest of all is `-1`: it is the user nobody has, and
/// the end of the ids in `/proc/PID/uid_map`.
fn no_made_namespace(number: &str) -> bool {
    !number
        .parse()
        .is_ok_and(|number: u32| (4_026_531_840..u32::MAX).contains(&number))
}

fn nobodys_address(address: &str) -> bool {
    address == "00:00:00:00:00:00" || address == "ff:ff:ff:ff:ff:ff"
}

/// Loopback is the first interface of every network namespace, and only it.
fn loopback(index: &str) -> bool {
    index == "1"
}

fn private_key(key: &str) -> bool {
    key == "0x00000000"
}

/// Which of the kinds is that of namespaces.
pub(super) const NAMESPACES: usize = 0;

/// The kinds.
pub(super) const KINDS: &[Kind] = &[
    Kind {
        name: "namespace number",
        class: Identity,
        width: Fixed,
        found: &[In(r"\b(4\d{9})\b")],
        constant: no_made_namespace,
        reason: "The kernel gives a new namespace the lowest inode number \
                 that is free (proc_alloc_inum, fs/proc/generic.c), so it \
                 depends on all that runs on the machine.",
    },
    Kind {
        name: "MAC address",
        class: Identity,
        width: Fixed,
        found: &[Alone(r"([0-9a-f]{2}(?::[0-9a-f]{2}){5})")],
        constant: nobodys_address,
        reason: "An interface without an address of its own draws one at \
                 random (eth_hw_addr_random). Zeros are loopback's, ones are \
                 everyone's.",
    },
    Kind {
        name: "IPv6 link-local address",
        class: Identity,
        width: Varies,
        found: &[Alone(r"(fe80::(?:[0-9a-f]{1,4}:){0,3}[0-9a-f]{1,4})")],
        constant: never,
        reason: "The kernel derives it from the MAC address; leading zeros \
                 of a group are not printed.",
    },
    Kind {
        name: "mount id",
        class: Identity,
        width: Varies,
        found: &[
            In(r"^(?:\S+:)?(\d+) (\d+) \d+:\d+ \S+ /\S* \S+"),
            Under { table: Table::Findmnt, head: "ID", cell: r"\d+" },
            Under { table: Table::Findmnt, head: "PARENT", cell: r"\d+" },
        ],
        constant: never,
        reason: "Mounts of the whole machine are counted by one counter, \
                 which gives numbers out again (mnt_alloc_id).",
    },
    Kind {
        name: "peer group",
        class: Identity,
        width: Varies,
        found: &[In(r"\b(?:shared|master|propagate_from):(\d+)\b")],
        constant: never,
        reason: "Peer groups of the whole machine are counted by one counter \
                 (mnt_alloc_group_id).",
    },
    Kind {
        name: "device number",
        class: Identity,
        width: Varies,
        found: &[
            In(r"^(?:\S+:)?\d+ \d+ 0:(\d+) \S+ /\S* \S+"),
            In(r"^Device: 0,(\d+)\s+Inode: "),
            Under {
                table: Table::Findmnt,
                head: "MAJ:MIN",
                cell: r"(?:0:(\d+)|\d+:\d+)",
            },
        ],
        constant: never,
        reason: "File systems without a device get the lowest minor number \
                 of major 0 that is free (get_anon_bdev).",
    },
    Kind {
        name: "interface index",
        class: Identity,
        width: Varies,
        found: &[
            In(r"^(\d+): [\w.@-]+: <"),
            In(r"^(\d+): [\w.@-]+\s+inet6? "),
            In(r"@if(\d+)\b"),
        ],
        constant: loopback,
        reason: "It depends on the interfaces that the kernel's modules add \
                 to every network namespace.",
    },
    Kind {
        name: "IPC key",
        class: Identity,
        width: Fixed,
        found: &[
            Under { table: Table::Ipcs, head: "key", cell: r"0x[0-9a-f]{8}" },
            In(r"\b[Kk]ey(?:\s+is)?[:=]?\s*(0x[0-9a-f]{8})\b"),
        ],
        constant: private_key,
        reason: "ipcmk draws it at random, and ftok makes it from an inode \
                 and a device. Zero is IPC_PRIVATE.",
    },
    Kind {
        name: "IPC id",
        class: Identity,
        width: Varies,
        found: &[
            Under { table: Table::Ipcs, head: "msqid", cell: r"\d+" },
            Under { table: Table::Ipcs, head: "shmid", cell: r"\d+" },
            Under { table: Table::Ipcs, head: "semid", cell: r"\d+" },
            In(r"^(?:Message queue|Shared memory|Semaphore) id: (\d+)$"),
        ],
        constant: never,
        reason: "It holds a count of the objects that were there before \
                 (ipc_addid, ipc/util.c).",
    },
    Kind {
        name: "UUID",
        class: Identity,
        width: Fixed,
        found: &[Alone(
            r"([0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})",
        )],
        constant: never,
        reason: "It is drawn at random, as the boot id is at each boot.",
    },
    Kind {
        name: "inode of a socket or pipe",
        class: Identity,
        width: Varies,
        found: &[In(r"\b(?:socket|pipe):\[(\d+)\]")],
        constant: never,
        reason: "The kernel counts them upwards for the whole machine \
                 (get_next_ino).",
    },
    Kind {
        name: "date and time",
        class: Measurement,
        width: Fixed,
        found: &[
            Alone(concat!(
                r"((?:Mon|Tue|Wed|Thu|Fri|Sat|Sun) ",
                r"(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec) +\d+ ",
                r"\d\d:\d\d:\d\d(?: [A-Z]{2,5})? \d{4})",
            )),
            Alone(concat!(
                r"(\d{4}-\d\d-\d\d[ T]\d\d:\d\d(?::\d\d(?:[.,]\d+)?)?",
                r"(?: ?[+-]\d\d:?\d\d|Z)?)",
            )),
            Alone(r"(\d{4}-\d\d-\d\d)"),
            In(concat!(
                r"^(?:\s*\d+ )?[-bcdlps][-rwxsStT]{9}[.+@]?\s+\d+\s+\S+\s+\S+",
                r"\s+(?:\d+,\s+)?\d\S*\s+(",
                r"(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec) +\d+ ",
                r"+(?:\d\d:\d\d|\d{4})) ",
            )),
        ],
        constant: never,
        reason: "It is when the session ran: as date and stat print it, in \
                 ISO 8601, and as ls does.",
    },
    Kind {
        name: "uptime",
        class: Measurement,
        width: Varies,
        found: &[
            In(r" up\s+((?:\d+ days?,\s+)?(?:\d+:\d\d|\d+ min)),"),
            In(r"^up ((?:\d+ \w+(?:, )?)+)$"),
            In(r"^(\d+\.\d\d \d+\.\d\d)$"),
        ],
        constant: never,
        reason: "It is how long the world has been there, as uptime and \
                 /proc/uptime print it.",
    },
    Kind {
        name: "load",
        class: Measurement,
        width: Varies,
        found: &[
            In(r"\bload average: (\d+\.\d\d, \d+\.\d\d, \d+\.\d\d)"),
            In(r"^(\d+\.\d\d \d+\.\d\d \d+\.\d\d \d+/\d+ \d+)$"),
        ],
        constant: never,
        reason: "It is what the whole machine does.",
    },
    Kind {
        name: "duration",
        class: Measurement,
        width: Varies,
        found: &[
            In(r"^(?:rtt|round-trip) \S+ = ([\d./]+ ms)"),
            In(r"\btime[= ](\d+(?:\.\d+)? ?ms)\b"),
            Alone(r"(\d+m\d+\.\d+s)"),
            Alone(r"(\d+\.\d+ ?(?:ns|µs|us|ms|s))"),
        ],
        constant: never,
        reason: "It is how long something took. One without a fraction is \
                 text, for it may be the delay that the author asked for, \
                 unless it follows the word time, as ping has it.",
    },
    Kind {
        name: "use of the processor",
        class: Measurement,
        width: Varies,
        found: &[
            Under { table: Table::Ps, head: "C", cell: r"\d+" },
            Under { table: Table::Ps, head: "%CPU", cell: r"\d+(?:\.\d+)?" },
            Under {
                table: Table::Ps,
                head: "TIME",
                cell: r"(?:\d+-)?\d+:\d\d(?::\d\d)?",
            },
        ],
        constant: never,
        reason: "It is what the scheduler granted.",
    },
    Kind {
        name: "start of a process",
        class: Measurement,
        width: Varies,
        found: &[
            Under {
                table: Table::Ps,
                head: "STIME",
                cell: r"\d\d:\d\d|[A-Z][a-z]{2}\d\d|\d{4}",
            },
            Under {
                table: Table::Ps,
                head: "START",
                cell: r"\d\d:\d\d|[A-Z][a-z]{2}\d\d|\d{4}",
            },
            Under {
                table: Table::Ps,
                head: "ELAPSED",
                cell: r"(?:\d+-)?(?:\d\d:)?\d\d:\d\d",
            },
        ],
        constant: never,
        reason: "It is when the session ran, or how long ago that was; a day \
                 or a year later ps prints it in another form.",
    },
    Kind {
        name: "memory",
        class: Measurement,
        width: Varies,
        found: &[
            Under { table: Table::Ps, head: "%MEM", cell: r"\d+(?:\.\d+)?" },
            Under { table: Table::Ps, head: "VSZ", cell: r"\d+" },
            Under { table: Table::Ps, head: "RSS", cell: r"\d+" },
            In(r"^(?:Mem|Swap|Total):((?:\s+\d\S*)+)$"),
        ],
        constant: never,
        reason: "It is what the libraries of the machine take, and what free \
                 says of the whole machine.",
    },
    Kind {
        name: "kernel release",
        class: Measurement,
        width: Varies,
        found: &[
            In(r"\bLinux version (\d+\.\d+\..*)$"),
            In(r"^Linux \S+ (\d+\.\d+\.\d+\S* #\d.*) (?:x86_64|aarch64)\b"),
            In(r"^Linux \S+ (\d+\.\d+\.\d+(?:[-+][\w.+~-]*)?)(?:\s|$)"),
            In(concat!(
                r"\b(?:[Kk]ernel|Linux)(?: release)? ",
                r"(\d+\.\d+\.\d+(?:[-+][\w+~-]*)?)(?:[^\w+~-]|$)",
            )),
            In(r"^(\d+\.\d+\.\d+(?:[-+]\S*)?)$"),
            In(r"^(#\d\S* (?:SMP|PREEMPT).*)$"),
        ],
        constant: never,
        reason: "The book is built on many kernels. Behind the name of one, \
                 or alone on its line, three numbers are a release; \
                 elsewhere they are text.",
    },
    Kind {
        name: "time of day",
        class: Measurement,
        width: Fixed,
        found: &[
            Alone(r"([0-2]\d:[0-5]\d:[0-5]\d[.,]\d+)"),
            Alone(r"([0-2]\d:[0-5]\d:[0-5]\d)"),
            Alone(r"([0-2]\d:[0-5]\d)"),
        ],
        constant: never,
        reason: "It is when the session ran.",
    },
];

/// The rows whose order varies.
pub(super) const SORTED: &[Sorted] = &[
    Sorted {
        name: "lsns",
        header: Some(r"^\s*(?:[A-Z]+\s+)*NS(?:\s|$)"),
        row: r"^[\w\s]*\b4\d{9}\b",
        reason: "lsns sorts by the number of the namespace, and a later \
                 namespace may have a lower number. The branches of a tree \
                 are not sorted.",
    },
    Sorted {
        name: "namespaces that a demo counts",
        header: None,
        row: r"^\s*\S+ \| ([a-z]+):\[4\d{9}\]\s+\d+\s+\S",
        reason: "A program that collects links such as uts:[4026532178] in \
                 order has those of one kind sorted by number.",
    },
];
