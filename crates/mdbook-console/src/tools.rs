//! System tools that a machine may lack without the book being wrong, and
//! the Debian package each comes with.

/// Program and package.
const TOOLS: [(&str, &str); 46] = [
    ("arping", "iputils-arping"),
    ("bash", "bash"),
    ("bridge", "iproute2"),
    ("busybox", "busybox-static"),
    ("bwrap", "bubblewrap"),
    ("capsh", "libcap2-bin"),
    ("chrt", "util-linux"),
    ("curl", "curl"),
    ("findmnt", "util-linux"),
    ("free", "procps"),
    ("gdb", "gdb"),
    ("getcap", "libcap2-bin"),
    ("getpcaps", "libcap2-bin"),
    ("hostname", "hostname"),
    ("ip", "iproute2"),
    ("ipcmk", "util-linux"),
    ("ipcrm", "util-linux"),
    ("ipcs", "util-linux"),
    ("iptables", "iptables"),
    ("jq", "jq"),
    ("kill", "procps"),
    ("lsipc", "util-linux"),
    ("lsns", "util-linux"),
    ("mount", "mount"),
    ("mountpoint", "util-linux"),
    ("nc", "netcat-openbsd"),
    ("newuidmap", "uidmap"),
    ("nft", "nftables"),
    ("nsenter", "util-linux"),
    ("pgrep", "procps"),
    ("ping", "iputils-ping"),
    ("pkill", "procps"),
    ("prlimit", "util-linux"),
    ("ps", "procps"),
    ("pstree", "psmisc"),
    ("python3", "python3"),
    ("setcap", "libcap2-bin"),
    ("setpriv", "util-linux"),
    ("ss", "iproute2"),
    ("strace", "strace"),
    ("sysctl", "procps"),
    ("top", "procps"),
    ("umount", "mount"),
    ("unshare", "util-linux"),
    ("uptime", "procps"),
    ("w", "procps"),
];

/// The package a well-known tool comes with.
pub fn package(program: &str) -> Option<&'static str> {
    let at = TOOLS.binary_search_by_key(&program, |(name, _)| name).ok()?;
    Some(TOOLS[at].1)
}

/// The tools this book's kind of chapter uses most, for `doctor`.
pub fn usual() -> impl Iterator<Item = (&'static str, &'static str)> {
    ["ip", "lsns", "mount", "nsenter", "ps", "setpriv", "unshare"]
        .into_iter()
        .filter_map(|name| Some((name, package(name)?)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_sorted() {
        assert!(TOOLS.is_sorted_by(|a, b| a.0 < b.0));
        assert_eq!(package("nft"), Some("nftables"));
        assert_eq!(package("uts-hostname"), None);
        assert_eq!(usual().count(), 7);
    }
}
