//! Which namespaces a world has, and how they are related.

use std::collections::BTreeSet;
use std::os::unix::fs::MetadataExt as _;

use sandbox::census::{Census, Namespace};
use sandbox::namespace::Kind;
use sandbox::session::Session;

use crate::{output, root};

/// What a link below /proc/self/ns/ says in the world.
fn number(session: &mut Session, command: &str) -> u64 {
    let said = output(session, command);
    let digits: String = said.chars().filter(char::is_ascii_digit).collect();
    digits.parse().unwrap_or_else(|_| panic!("{command}: {said}"))
}

fn find(census: &Census, number: u64) -> &Namespace {
    let found = census.namespaces.iter().find(|one| one.number == number);
    found.unwrap_or_else(|| panic!("{number} is missing: {census:?}"))
}

fn of_a_kind<'a>(census: &'a Census, kind: &Kind) -> Vec<&'a Namespace> {
    census.namespaces.iter().filter(|one| one.kind == kind.name).collect()
}

#[test]
fn a_new_world_has_one_namespace_of_each_kind() {
    let Some(mut session) = root() else { return };
    output(&mut session, "true");
    let census = session.census();
    let user = census.processes[0].namespaces[0];
    for (index, kind) in Kind::ALL.iter().enumerate() {
        let all = of_a_kind(&census, kind);
        assert_eq!(all.len(), 1, "{}: {all:?}", kind.name);
        assert_eq!(Some(all[0].number), census.processes[0].namespaces[index]);
        assert_eq!(all[0].parent, None, "{}", kind.name);
        // The user namespace is the guard's, the others are the world's.
        let owner = user.filter(|_| *kind != Kind::USER);
        assert_eq!(all[0].owner, owner, "{}", kind.name);
    }
    let numbers: BTreeSet<u64> =
        census.namespaces.iter().map(|one| one.number).collect();
    assert_eq!(session.namespaces(), numbers);
    // Nothing of ours is among them.
    for kind in Kind::ALL {
        let ours = format!("/proc/self/ns/{}", kind.name);
        if let Ok(ours) = std::fs::metadata(ours) {
            assert!(!numbers.contains(&ours.ino()), "{}", kind.name);
        }
    }
}

#[test]
fn nested_namespaces_name_their_parents_and_owners() {
    let Some(mut session) = root() else { return };
    let outer = number(&mut session, "readlink /proc/self/ns/user");
    let outer_pid = number(&mut session, "readlink /proc/self/ns/pid");
    output(&mut session, "unshare -Upf --map-root-user --mount-proc bash");
    let inner = number(&mut session, "readlink /proc/self/ns/user");
    let inner_pid = number(&mut session, "readlink /proc/self/ns/pid");
    output(&mut session, "unshare --net bash");
    let net = number(&mut session, "readlink /proc/self/ns/net");
    let census = session.census();
    assert_eq!(find(&census, inner).parent, Some(outer));
    assert_eq!(find(&census, inner).owner, Some(outer));
    assert_eq!(find(&census, inner_pid).parent, Some(outer_pid));
    assert_eq!(find(&census, inner_pid).owner, Some(inner));
    assert_eq!(find(&census, net).owner, Some(inner));
    assert_eq!(find(&census, net).parent, None);
    assert_eq!(find(&census, outer_pid).owner, Some(outer));
}

#[test]
fn a_namespace_without_a_process_is_seen() {
    let Some(mut session) = root() else { return };
    // Mounted.
    output(&mut session, "touch '/run/my uts'");
    output(&mut session, "unshare --uts='/run/my uts' true");
    let mounted = number(&mut session, "stat -c %i '/run/my uts'");
    // Kept open.
    output(&mut session, "touch /run/ipc; unshare --ipc=/run/ipc true");
    output(&mut session, "exec 5< /run/ipc; umount -l /run/ipc");
    let opened = number(&mut session, "stat -L -c %i /proc/self/fd/5");
    // The owner of another one.
    output(
        &mut session,
        "coproc unshare -U --map-root-user --net sh -c 'echo; read x'",
    );
    output(
        &mut session,
        "read -u ${COPROC[0]}; touch /run/net; \
         mount -c --bind /proc/$COPROC_PID/ns/net /run/net; \
         kill -9 $COPROC_PID; wait",
    );
    let network = number(&mut session, "stat -c %i /run/net");
    // For children to come.
    output(&mut session, "unshare --time bash");
    let link = "readlink /proc/$$/ns/time_for_children";
    let promised = number(&mut session, link);

    let census = session.census();
    let uts = find(&census, mounted);
    assert_eq!((uts.kind, uts.parent), ("uts", None));
    let paths: Vec<&str> = uts.mounted_at.iter().map(|p| &**p).collect();
    assert_eq!(paths, ["/run/my uts"]);
    assert_eq!(find(&census, opened).kind, "ipc");
    assert_eq!(find(&census, promised).kind, "time");
    let owner = find(&census, network).owner.expect("the kernel tells");
    assert_eq!(find(&census, owner).kind, "user");
    assert!(find(&census, owner).parent.is_some());
    let numbers = session.namespaces();
    for number in [owner, mounted, opened, promised] {
        assert!(numbers.contains(&number), "{number}");
    }
    output(&mut session, "umount '/run/my uts'");
    assert!(!session.namespaces().contains(&mounted));
}
