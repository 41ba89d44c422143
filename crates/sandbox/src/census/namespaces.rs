//! Which namespaces live in a world, and how the kernel relates them.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::os::fd::{AsFd as _, BorrowedFd, OwnedFd};
use std::os::unix::fs::MetadataExt as _;

use nix::fcntl::OFlag;
use nix::sys::stat;
use nix::unistd::Pid;

use crate::census;
use crate::inside;
use crate::namespace::Kind;
use crate::raw::{self, Relation};

/// A namespace that lives in a world: somebody is in it, keeps it open, or
/// has mounted it, or another one of the world comes from it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Namespace {
    /// Its inode number, which no other has as long as it lives:
    /// namespaces(7).
    pub number: u64,
    /// Its kind, by the name in [`Kind::name`].
    pub kind: &'static str,
    /// The number of the one it was made in, for the kinds that form trees,
    /// `user` and `pid`: ioctl_ns(2), `NS_GET_PARENT`. `None` for the
    /// outermost of a world, whose parents are not the world's, and where the
    /// kernel does not tell.
    pub parent: Option<u64>,
    /// The number of the user namespace whose capabilities count for it:
    /// ioctl_ns(2), `NS_GET_USERNS`. For a user namespace that is its parent.
    /// `None` where that is not the world's, and where the kernel does not
    /// tell.
    pub owner: Option<u64>,
    /// Where it is mounted: paths as the lists of mounts in the world name
    /// them.
    pub mounted_at: BTreeSet<String>,
}

/// The numbers of all namespaces that live in the world of `guard` now.
pub(crate) fn numbers(guard: Pid) -> BTreeSet<u64> {
    look(guard).into_keys().collect()
}

/// The namespaces that live in the world of `guard` now, in the order of
/// their numbers.
pub(crate) fn take(guard: Pid) -> Vec<Namespace> {
    look(guard).into_values().collect()
}

fn look(guard: Pid) -> BTreeMap<u64, Namespace> {
    let guard = guard.as_raw();
    let mut seen = Seen::default();
    for kind in [Kind::USER, Kind::PID] {
        let link = fs::metadata(format!("/proc/{guard}/ns/{}", kind.name));
        if let Ok(namespace) = link {
            // All of them are on one device of the kernel's.
            seen.device = namespace.dev();
            seen.outside.insert(namespace.ino());
        }
    }
    for pid in census::below(guard) {
        seen.visit(pid);
    }
    seen.found
}

/// What has been seen so far.
#[derive(Default)]
struct Seen {
    found: BTreeMap<u64, Namespace>,
    /// What files that are namespaces are on.
    device: u64,
    /// The guard's own, in which those of the world were made.
    outside: BTreeSet<u64>,
    /// Whose list of mounts has been read: a mount namespace, and the root
    /// that a process has in it.
    read: BTreeSet<(u64, String)>,
}

impl Seen {
    /// All that a process stands for: each of its threads may be elsewhere.
    /// What has ended meanwhile is not there any more.
    fn visit(&mut self, pid: i32) {
        for thread in census::numbers_in(&format!("/proc/{pid}/task")) {
            let folder = format!("/proc/{pid}/task/{thread}/ns");
            for kind in Kind::ALL {
                let number = self.note(&format!("{folder}/{}", kind.name));
                if kind == Kind::MOUNT
                    && let Some(number) = number
                {
                    self.read_mounts(number, pid);
                }
            }
            self.note(&format!("{folder}/pid_for_children"));
            self.note(&format!("{folder}/time_for_children"));
        }
        let folder = format!("/proc/{pid}/fd");
        for descriptor in census::numbers_in(&folder) {
            self.note(&format!("{folder}/{descriptor}"));
        }
    }

    /// A link of /proc, if it leads to a namespace; its number. What the
    /// link says would not do: for a descriptor it may be a path.
    fn note(&mut self, link: &str) -> Option<u64> {
        let file = fs::metadata(link).ok()?;
        if file.dev() != self.device {
            return None;
        }
        if self.is_new(file.ino())
            && let Ok(found) = inside::follow(link)
        {
            self.add(&found);
        }
        Some(file.ino())
    }

    fn is_new(&self, number: u64) -> bool {
        !self.found.contains_key(&number) && !self.outside.contains(&number)
    }

    /// Mounts of namespaces: proc(5), `/proc/PID/mountinfo`.
    fn read_mounts(&mut self, namespace: u64, pid: i32) {
        let root = format!("/proc/{pid}/root");
        let Ok(place) = fs::read_link(&root) else { return };
        let place = place.to_string_lossy().into_owned();
        if !self.read.insert((namespace, place)) {
            return;
        }
        let mounts = fs::read_to_string(format!("/proc/{pid}/mountinfo"));
        for line in mounts.unwrap_or_default().lines() {
            let Some((number, path)) = mounted(line) else { continue };
            if self.is_new(number)
                && let Ok(found) = inside::find(Pid::from_raw(pid), &path)
            {
                self.add(&found);
            }
            if let Some(namespace) = self.found.get_mut(&number) {
                namespace.mounted_at.insert(path);
            }
        }
    }

    /// Asks the kernel about a namespace, and about those it comes from: one
    /// without a process may live on through its children.
    fn add(&mut self, found: &OwnedFd) {
        let flags = OFlag::O_RDONLY;
        let namespace = inside::open(found.as_fd(), inside::NAMESPACES, flags);
        let Ok(namespace) = namespace else { return };
        let Some(number) = inode(namespace.as_fd()) else { return };
        let kind = raw::namespace_kind(namespace.as_fd()).ok();
        let kind = kind.and_then(|flag| {
            Kind::ALL.into_iter().find(|kind| kind.flag == flag)
        });
        let Some(kind) = kind.filter(|_| self.is_new(number)) else { return };
        let kind = kind.name;
        let mounted_at = BTreeSet::new();
        let (parent, owner) = (None, None);
        let new = Namespace { number, kind, parent, owner, mounted_at };
        self.found.insert(number, new);
        let parent = self.follow(namespace.as_fd(), Relation::Parent);
        let owner = self.follow(namespace.as_fd(), Relation::Owner);
        if let Some(new) = self.found.get_mut(&number) {
            (new.parent, new.owner) = (parent, owner);
        }
    }

    /// The number of a relative, if that is of this world.
    fn follow(
        &mut self,
        namespace: BorrowedFd<'_>,
        relation: Relation,
    ) -> Option<u64> {
        let relative = raw::relative(namespace, relation).ok()?;
        let number = inode(relative.as_fd())?;
        self.add(&relative);
        self.found.contains_key(&number).then_some(number)
    }
}

/// A line of mountinfo that is a namespace: its number, which stands where
/// other filesystems have their root, as `net:[4026532281]`, and where it is
/// mounted.
fn mounted(line: &str) -> Option<(u64, String)> {
    let (mount, rest) = line.split_once(" - ")?;
    if !rest.starts_with("nsfs ") {
        return None;
    }
    let mut fields = mount.split(' ');
    let (_, number) = fields.nth(3)?.strip_suffix(']')?.split_once(":[")?;
    Some((number.parse().ok()?, unescaped(fields.next()?)))
}

/// Blanks, tabs, line ends and backslashes stand there as three octal digits.
fn unescaped(field: &str) -> String {
    [("\\040", " "), ("\\011", "\t"), ("\\012", "\n"), ("\\134", "\\")]
        .iter()
        .fold(field.to_owned(), |path, (code, text)| path.replace(code, text))
}

fn inode(file: BorrowedFd<'_>) -> Option<u64> {
    stat::fstat(file).ok().map(|file| file.st_ino)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mounted_namespace_is_read_from_its_line() {
        let line = "513 490 0:4 net:[4026532281] /run/my\\040net rw - nsfs \
                    nsfs rw";
        let expected = (4_026_532_281, "/run/my net".to_owned());
        assert_eq!(mounted(line), Some(expected));
        assert_eq!(mounted("22 27 0:21 / /proc rw - proc proc rw"), None);
    }
}
