//! For the network, and for the caller's terminal.

use super::{Guest, TYPICAL, Threat, lacks};

pub(crate) const GUESTS: &[Guest] = &[
    Guest {
        name: "connect to addresses outside",
        threat: Threat::Network,
        script: "for a in 1.1.1.1 169.254.169.254 10.0.0.1 192.168.0.1; do \
                 timeout 5 bash -c \"exec 3<>/dev/tcp/$a/80\"; done 2>&1 | \
                 grep -c unreachable",
        says: |said, _| said == "8" || said == "4",
        ..TYPICAL
    },
    Guest {
        name: "connect to the machine's own port",
        threat: Threat::Network,
        script: "bash -c \"exec 3<>/dev/tcp/127.0.0.1/$PORT\" 2>&1 | grep -c \
                 refused",
        says: |said, _| said != "0",
        ..TYPICAL
    },
    Guest {
        name: "connect to an abstract socket",
        threat: Threat::Network,
        script: "guest abstract $HIDDEN; unshare -n guest abstract $HIDDEN",
        says: |said, _| said.matches("ConnectionRefused").count() == 2,
        ..TYPICAL
    },
    Guest {
        name: "connect to sockets in folders",
        threat: Threat::Network,
        script: "ls $FOLDER/socket /var/run/docker.sock /run/user /run/dbus \
                 /run/systemd /tmp/.X11-unix 2>&1 | grep -vc 'No such'",
        says: |said, _| said == "0",
        ..TYPICAL
    },
    Guest {
        name: "open sockets of every family",
        threat: Threat::Network,
        script: "guest sockets",
        says: |said, _| {
            let families = said.strip_prefix("sockets: ").unwrap_or_default();
            families
                .split(' ')
                .all(|one| ["1", "2", "10", "16", "17"].contains(&one))
        },
        ..TYPICAL
    },
    Guest {
        name: "talk to the hypervisor",
        threat: Threat::Network,
        script: "for t in 1 2 5; do guest call socket 40 $t 0; done | sort -u",
        says: |said, _| said == "socket: EAFNOSUPPORT",
        ..TYPICAL
    },
    Guest {
        name: "listen where the machine listens",
        threat: Threat::Network,
        script: "timeout 1 nc -l -p 80 & timeout 1 python3 -m http.server \
                 8080 > /dev/null 2>&1 & timeout 1 bash -c 'exec \
                 3<>/dev/udp/127.0.0.1/53'; echo done",
        says: |said, _| said.contains("done"),
        ..TYPICAL
    },
    Guest {
        name: "change links and routes",
        threat: Threat::Network,
        script: "ip link add planted type veth peer name planted2; ip link \
                 set lo down; ip link set lo up; ip addr add 10.9.8.7/8 dev \
                 lo; ip route add default dev lo; ip link show planted > \
                 /dev/null && echo made",
        says: |said, _| said.ends_with("made"),
        needs: || lacks("ip"),
        ..TYPICAL
    },
    Guest {
        name: "change the firewall",
        threat: Threat::Network,
        script: "nft add table inet planted; nft list tables",
        says: |said, _| said == "table inet planted",
        needs: || lacks("nft"),
        ..TYPICAL
    },
    Guest {
        name: "send raw frames",
        threat: Threat::Network,
        script: "guest call socket 17 3 768; guest call socket 2 3 1; ls \
                 /sys/class/net",
        says: |said, _| {
            said.matches("ok").count() == 2 && said.ends_with("\nlo")
        },
        ..TYPICAL
    },
    Guest {
        name: "give a link to the machine",
        threat: Threat::Network,
        script: "ip link add planted type veth peer name planted2 && ip link \
                 set planted netns $CALLER 2>&1; ip link set planted netns 1 \
                 2>&1; echo end",
        says: |said, _| said.ends_with("end"),
        needs: || lacks("ip"),
        ..TYPICAL
    },
    Guest {
        name: "type into a terminal",
        threat: Threat::Terminal,
        script: "for d in 0 1 2; do guest call ioctl $d 0x5412 s:x; done; \
                 guest call ioctl f:/dev/tty 0x5412 s:x",
        says: |said, _| said.matches("EIO").count() == 4,
        ..TYPICAL
    },
    Guest {
        name: "use the console's selection",
        threat: Threat::Terminal,
        script: "for d in 0 1 2; do guest call ioctl $d 0x541c s:x; done",
        says: |said, _| said.matches("ENOTTY").count() == 3,
        ..TYPICAL
    },
    Guest {
        name: "find terminals that are not the world's",
        threat: Threat::Terminal,
        script: "ls -1 /dev/pts; tty; for p in /proc/[0-9]*/fd/*; do readlink \
                 $p; done | grep -v -e ^/dev/pts/0 -e ^/dev/null -e pipe: | \
                 grep -c /dev/",
        says: |said, _| said == "0\nptmx\n/dev/pts/0\n0",
        ..TYPICAL
    },
    Guest {
        name: "switch the machine's console",
        threat: Threat::Terminal,
        script: "chvt 2 2>&1 | head -1; ls /dev/tty[0-9]* /dev/console \
                 /dev/vcs* 2>&1 | grep -vc 'No such'",
        says: |said, _| said.ends_with('0'),
        ..TYPICAL
    },
    Guest {
        name: "write what attacks a page",
        threat: Threat::Terminal,
        script: "printf \
                 '\\033]0;planted\\007\\033[2J\\233\\377\\376```\\n</code><script>alert(1)</script>\\n{{#include \
                 /etc/passwd}}\\n~~~~\\n'; printf '\\033[6n\\033[c\\033Z'",
        says: |said, _| said.contains("</code><script>"),
        ..TYPICAL
    },
];
