//! Every kind and place of the table, by example.

use std::collections::BTreeSet;

use super::super::kinds::{Class, KINDS, NAMESPACES, SORTED};
use super::super::scan::Scanner;

/// Lines of one part, and what is found in them: kinds and values.
type Example = (&'static str, &'static [(&'static str, &'static str)]);

const EXAMPLES: &[Example] = &[
    (
        "readlink: 'uts:[4026532184]' 4026531838 4294967295 40265321840",
        &[("namespace number", "4026532184")],
    ),
    ("pid:4026531840", &[("namespace number", "4026531840")]),
    (
        "    link/ether 02:fc:00:00:00:01 brd ff:ff:ff:ff:ff:ff",
        &[("MAC address", "02:fc:00:00:00:01")],
    ),
    ("    link/loopback 00:00:00:00:00:00 brd 00:00:00:00:00:00", &[]),
    ("2001:db8:aa:bb:cc:dd:ee:ff", &[]),
    (
        "    inet6 fe80::fc:ff:fe00:1/64 scope link",
        &[("IPv6 link-local address", "fe80::fc:ff:fe00:1")],
    ),
    (
        "64 bytes from fe80::1: icmp_seq=1 ttl=64 time=0.031 ms",
        &[("IPv6 link-local address", "fe80::1"), ("duration", "0.031 ms")],
    ),
    (
        "36 35 0:31 / /mnt rw,relatime shared:7 master:3 - tmpfs none rw",
        &[
            ("mount id", "36"),
            ("mount id", "35"),
            ("device number", "31"),
            ("peer group", "7"),
            ("peer group", "3"),
        ],
    ),
    (
        "27 1 254:0 / / rw,relatime - ext4 /dev/vda rw",
        &[("mount id", "27"), ("mount id", "1")],
    ),
    (
        "64 42 0:4 uts:[4026532183] /mnt/k rw propagate_from:9 - nsfs nsfs rw",
        &[
            ("mount id", "64"),
            ("mount id", "42"),
            ("device number", "4"),
            ("namespace number", "4026532183"),
            ("peer group", "9"),
        ],
    ),
    ("Device: 0,21\tInode: 1           Links: 102", &[("device number", "21")]),
    (
        "ID PARENT TARGET      MAJ:MIN PROPAGATION\n\
         27      1 /           254:0   private\n\
         22     27 ├─/proc       0:21  private\n\
         23     22 │ └─/proc/sys 0:22  private",
        &[
            ("mount id", "27"),
            ("mount id", "1"),
            ("mount id", "22"),
            ("mount id", "27"),
            ("device number", "21"),
            ("mount id", "23"),
            ("mount id", "22"),
            ("device number", "22"),
        ],
    ),
    ("1: lo: <LOOPBACK> mtu 65536 qdisc noop state DOWN", &[]),
    (
        "12: va@if3: <BROADCAST,UP> mtu 1500 qdisc noqueue state UP",
        &[("interface index", "12"), ("interface index", "3")],
    ),
    ("2: va    inet 10.0.0.1/24 scope global va", &[("interface index", "2")]),
    (
        "key        msqid      owner      perms      used-bytes   messages\n\
         0xdf3352a2 0          root       644        0            0\n\
         0x00000000 32769      root       644        0            0",
        &[("IPC key", "0xdf3352a2"), ("IPC id", "0"), ("IPC id", "32769")],
    ),
    (
        "key        shmid      owner      perms      bytes      nattch\n\
         0x0000000a 5          root       600        4096       0",
        &[("IPC key", "0x0000000a"), ("IPC id", "5")],
    ),
    (
        "key        semid      owner      perms      nsems\n\
         0x0000000b 6          root       600        1",
        &[("IPC key", "0x0000000b"), ("IPC id", "6")],
    ),
    ("Message queue id: 32768", &[("IPC id", "32768")]),
    ("   child | key 0xdf3352a2", &[("IPC key", "0xdf3352a2")]),
    ("   nsfs | magic 0x6e736673", &[]),
    (
        "01234567-89ab-cdef-0123-456789abcdef",
        &[("UUID", "01234567-89ab-cdef-0123-456789abcdef")],
    ),
    (
        "0 -> 'socket:[1234]' 1 -> 'pipe:[99]' 2 -> anon_inode:[eventpoll]",
        &[
            ("inode of a socket or pipe", "1234"),
            ("inode of a socket or pipe", "99"),
        ],
    ),
    (
        "Mon Nov 23 16:31:24 UTC 2026",
        &[("date and time", "Mon Nov 23 16:31:24 UTC 2026")],
    ),
    (
        "Access: 2026-11-20 08:18:33.374395738 +0000",
        &[("date and time", "2026-11-20 08:18:33.374395738 +0000")],
    ),
    ("made 2026-11-20.", &[("date and time", "2026-11-20")]),
    (
        "lrwxrwxrwx   1 root root     7 May 20  2025 bin -> usr/bin",
        &[("date and time", "May 20  2025")],
    ),
    (
        "crw-rw-rw- 1 root root 1, 3 Nov  3 16:18 null",
        &[("date and time", "Nov  3 16:18")],
    ),
    (
        " 16:31:24 up 1 day,  3:02,  0 user,  load average: 0.41, 0.54, 1.03",
        &[
            ("time of day", "16:31:24"),
            ("uptime", "1 day,  3:02"),
            ("load", "0.41, 0.54, 1.03"),
        ],
    ),
    ("up 2 hours, 5 minutes", &[("uptime", "2 hours, 5 minutes")]),
    ("0.45 0.12", &[("uptime", "0.45 0.12")]),
    ("0.41 0.54 1.03 1/120 4567", &[("load", "0.41 0.54 1.03 1/120 4567")]),
    (
        "rtt min/avg/max/mdev = 0.030/0.038/0.047/0.008 ms",
        &[("duration", "0.030/0.038/0.047/0.008 ms")],
    ),
    (
        "2 packets transmitted, 2 received, 0% packet loss, time 1001ms",
        &[("duration", "1001ms")],
    ),
    ("real\t0m0.003s", &[("duration", "0m0.003s")]),
    (
        "it took 1.2 s, not 45.3µs",
        &[("duration", "1.2 s"), ("duration", "45.3µs")],
    ),
    ("qdisc netem delay 20ms", &[]),
    ("lsns from util-linux 2.38.1", &[]),
    (
        "UID          PID    PPID  C STIME TTY          TIME CMD\n\
         root           1       0  0 16:09 ?        00:00:00 init 16\n\
         root          12       4 11 Nov22 pts/2    1-00:00:00 ps -ef",
        &[
            ("use of the processor", "0"),
            ("start of a process", "16:09"),
            ("use of the processor", "00:00:00"),
            ("use of the processor", "11"),
            ("start of a process", "Nov22"),
            ("use of the processor", "1-00:00:00"),
        ],
    ),
    (
        "USER       PID %CPU %MEM    VSZ   RSS TTY      STAT START   TIME COMMAND\n\
         root         1  0.4  0.0  51104 19432 ?        SLl  13:29   0:44 init",
        &[
            ("use of the processor", "0.4"),
            ("memory", "0.0"),
            ("memory", "51104"),
            ("memory", "19432"),
            ("start of a process", "13:29"),
            ("use of the processor", "0:44"),
        ],
    ),
    (
        "  PID     ELAPSED COMMAND\n    1    03:13:10 init",
        &[("start of a process", "03:13:10")],
    ),
    (
        "    PID      PIDNS COMMAND\n      7 4026532210 ps",
        &[("namespace number", "4026532210")],
    ),
    (
        "Mem:        24684096      529280    11200288",
        &[("memory", "        24684096      529280    11200288")],
    ),
    (
        "Linux version 6.18.5 (builder@host) #1 SMP",
        &[("kernel release", "6.18.5 (builder@host) #1 SMP")],
    ),
    (
        "Linux host 6.18.5-fc #1 SMP PREEMPT_DYNAMIC @0 x86_64 GNU/Linux",
        &[("kernel release", "6.18.5-fc #1 SMP PREEMPT_DYNAMIC @0")],
    ),
    ("Linux host 6.8.0-45-generic", &[("kernel release", "6.8.0-45-generic")]),
    ("it is kernel 6.18.5, and not 3.8.", &[("kernel release", "6.18.5")]),
    // What takes its place must end where it ends.
    ("Linux 6.18.5r and Linux 6.18.5.", &[("kernel release", "6.18.5")]),
    ("6.18.44-fc-v595", &[("kernel release", "6.18.44-fc-v595")]),
    ("10.0.0.1", &[]),
    ("version 6.18.5", &[]),
    (
        "#1 SMP PREEMPT_DYNAMIC @0",
        &[("kernel release", "#1 SMP PREEMPT_DYNAMIC @0")],
    ),
    (
        "at 16:09, or 16:09:33.25",
        &[("time of day", "16:09"), ("time of day", "16:09:33.25")],
    ),
    ("254:10 1:23 99:99", &[]),
];

/// What is found in the lines of a part: places and values.
fn found(text: &str) -> Vec<(usize, &str)> {
    let mut scanner = Scanner::new();
    let tokens = |line| {
        let (tokens, _) = scanner.scan(line);
        let value =
            move |it: super::super::read::Token| (it.place, &line[it.span]);
        tokens.into_iter().map(value)
    };
    text.lines().flat_map(tokens).collect()
}

#[test]
fn every_kind_is_found_where_it_stands_and_nothing_else() {
    for (text, expected) in EXAMPLES {
        let found: Vec<_> = found(text)
            .into_iter()
            .map(|(place, value)| (KINDS[Scanner::kind(place)].name, value))
            .collect();
        assert_eq!(&found, expected, "{text}");
    }
}

#[test]
fn every_place_of_the_table_has_an_example() {
    let found: BTreeSet<_> = EXAMPLES
        .iter()
        .flat_map(|(text, _)| found(text))
        .map(|(place, _)| place)
        .collect();
    let places = KINDS.iter().map(|kind| kind.found.len()).sum();
    for place in 0..places {
        let kind = KINDS[Scanner::kind(place)].name;
        assert!(found.contains(&place), "place {place}, a {kind}");
    }
}

#[test]
fn every_kind_has_a_name_of_its_own_and_a_reason() {
    let mut names = BTreeSet::new();
    for (name, _, reason) in super::super::kinds() {
        assert!(names.insert(name), "{name} is there twice");
        assert!(reason.ends_with('.'), "{name}: {reason}");
    }
    assert_eq!(names.len(), KINDS.len() + SORTED.len());
}

#[test]
fn namespaces_are_the_kind_that_dies() {
    assert_eq!(KINDS[NAMESPACES].name, "namespace number");
    assert_eq!(KINDS[NAMESPACES].class, Class::Identity);
}

#[test]
fn constants_are_text() {
    for (text, other) in [
        ("uts:[4026531838]", "uts:[4026531837]"),
        ("0 0 4294967295", "0 0 4026532184"),
        ("link/ether ff:ff:ff:ff:ff:ff", "link/ether 02:00:00:00:00:01"),
        ("1: lo: <LOOPBACK>", "2: lo: <LOOPBACK>"),
    ] {
        super::differ(text, other);
    }
}

#[test]
fn measurements_have_a_shape() {
    super::same("at 16:09", "at 23:59");
    super::differ("at 16:09", "at 16:09:33");
    super::differ("at 16:09", "at noon");
    super::same("2026-11-23", "1970-01-01");
    super::differ("2026-11-23", "2026-11-23 16:09");
}
