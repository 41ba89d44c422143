//! System calls that `nix` does not have, or has only in a form that
//! allocates or speaks to all threads of the process.
#![allow(unsafe_code, reason = "system calls without a safe wrapper")]

use std::ffi::CStr;
use std::os::fd::{AsRawFd as _, BorrowedFd, FromRawFd as _, OwnedFd};

use nix::errno::Errno;

/// keyctl(2), `KEYCTL_JOIN_SESSION_KEYRING`: a new anonymous keyring. A kernel
/// without keyrings has none to leave.
pub(crate) fn new_session_keyring() -> nix::Result<()> {
    const KEYCTL_JOIN_SESSION_KEYRING: libc::c_int = 1;
    // SAFETY: takes two numbers; no name is given.
    let result = unsafe {
        libc::syscall(libc::SYS_keyctl, KEYCTL_JOIN_SESSION_KEYRING, 0)
    };
    match Errno::result(result) {
        Ok(_) | Err(Errno::ENOSYS) => Ok(()),
        Err(errno) => Err(errno),
    }
}

/// Takes id 0 and no further groups. The C library's wrappers would change
/// every thread of the caller's process, whose list of threads this process
/// still shares: nptl(7).
pub(crate) fn set_ids_to_root() -> nix::Result<()> {
    // SAFETY: these take numbers; no group needs no address.
    unsafe {
        Errno::result(libc::syscall(libc::SYS_setgroups, 0, 0))?;
        Errno::result(libc::syscall(libc::SYS_setresgid, 0, 0, 0))?;
        Errno::result(libc::syscall(libc::SYS_setresuid, 0, 0, 0))?;
    }
    Ok(())
}

/// getrandom(2), which needs no file and gives up to 256 bytes at once.
pub(crate) fn random(bytes: &mut [u8]) -> nix::Result<()> {
    let address = bytes.as_mut_ptr().cast();
    // SAFETY: the kernel writes at most `len` bytes into the buffer.
    Errno::result(unsafe { libc::getrandom(address, bytes.len(), 0) }).map(drop)
}

/// pidfd_open(2).
pub(crate) fn open_process(pid: i32) -> nix::Result<OwnedFd> {
    // SAFETY: takes two numbers, and gives a descriptor that is new.
    unsafe {
        let descriptor = libc::syscall(libc::SYS_pidfd_open, pid, 0);
        let descriptor = Errno::result(descriptor)?;
        let descriptor = i32::try_from(descriptor).map_err(|_| Errno::EBADF)?;
        Ok(OwnedFd::from_raw_fd(descriptor))
    }
}

/// What a namespace can be asked for: ioctl_ns(2).
#[derive(Clone, Copy, Debug)]
pub(crate) enum Relation {
    /// The user namespace whose capabilities count for it.
    Owner,
    /// The one it was made in, if its kind forms a tree.
    Parent,
}

/// Another namespace that this one is related to.
///
/// # Errors
///
/// `EPERM` when that is outside of the caller's own, `EINVAL` when the kind
/// has no parents.
pub(crate) fn relative(
    namespace: BorrowedFd<'_>,
    relation: Relation,
) -> nix::Result<OwnedFd> {
    const NS_GET_USERNS: libc::Ioctl = 0xb701;
    const NS_GET_PARENT: libc::Ioctl = 0xb702;
    let request = match relation {
        Relation::Owner => NS_GET_USERNS,
        Relation::Parent => NS_GET_PARENT,
    };
    // SAFETY: takes two numbers, and gives a descriptor that is new.
    unsafe {
        let descriptor = libc::ioctl(namespace.as_raw_fd(), request);
        Ok(OwnedFd::from_raw_fd(Errno::result(descriptor)?))
    }
}

/// The kind of a namespace, as the flag of clone(2) that makes one:
/// ioctl_ns(2), `NS_GET_NSTYPE`.
pub(crate) fn namespace_kind(
    namespace: BorrowedFd<'_>,
) -> nix::Result<libc::c_int> {
    const NS_GET_NSTYPE: libc::Ioctl = 0xb703;
    // SAFETY: takes two numbers.
    Errno::result(unsafe { libc::ioctl(namespace.as_raw_fd(), NS_GET_NSTYPE) })
}

/// Mounts the `/proc` of the PID namespace that a process is in, without being
/// in it: proc(5), the option `pidns` of Linux 6.17; fsopen(2). Older kernels
/// refuse.
pub(crate) fn mount_proc_of(process: i32, at: &CStr) -> nix::Result<()> {
    const PIDFD_GET_PID_NAMESPACE: libc::Ioctl = 0xff05;
    const FSOPEN_CLOEXEC: libc::c_uint = 1;
    const FSCONFIG_SET_STRING: libc::c_uint = 1;
    const FSCONFIG_SET_FD: libc::c_uint = 5;
    const FSCONFIG_CMD_CREATE: libc::c_uint = 6;
    const FSMOUNT_CLOEXEC: libc::c_uint = 1;
    const NOSUID_NODEV_NOEXEC: libc::c_uint = 2 | 4 | 8;
    const MOVE_MOUNT_F_EMPTY_PATH: libc::c_uint = 4;
    let new = |descriptor: libc::c_long| -> nix::Result<OwnedFd> {
        let number = Errno::result(descriptor)?;
        let number = i32::try_from(number).map_err(|_| Errno::EBADF)?;
        // SAFETY: every call below that gives one gives a new one.
        Ok(unsafe { OwnedFd::from_raw_fd(number) })
    };
    let none = std::ptr::null::<libc::c_char>();
    // SAFETY: texts end with a NUL; the rest are numbers and null pointers.
    unsafe {
        let namespace = libc::ioctl(process, PIDFD_GET_PID_NAMESPACE, 0);
        let namespace = new(namespace.into())?;
        let kind = c"proc".as_ptr();
        let open = libc::SYS_fsopen;
        let context = new(libc::syscall(open, kind, FSOPEN_CLOEXEC))?;
        let set = |command: libc::c_uint,
                   key: *const libc::c_char,
                   value: *const libc::c_char,
                   number: libc::c_int| {
            let context = context.as_raw_fd();
            let call = libc::SYS_fsconfig;
            let result =
                libc::syscall(call, context, command, key, value, number);
            Errno::result(result).map(drop)
        };
        let number = namespace.as_raw_fd();
        set(FSCONFIG_SET_FD, c"pidns".as_ptr(), none, number)?;
        set(FSCONFIG_SET_STRING, c"source".as_ptr(), kind, 0)?;
        set(FSCONFIG_CMD_CREATE, none, none, 0)?;
        let mount = new(libc::syscall(
            libc::SYS_fsmount,
            context.as_raw_fd(),
            FSMOUNT_CLOEXEC,
            NOSUID_NODEV_NOEXEC,
        ))?;
        let moved = libc::syscall(
            libc::SYS_move_mount,
            mount.as_raw_fd(),
            c"".as_ptr(),
            libc::AT_FDCWD,
            at.as_ptr(),
            MOVE_MOUNT_F_EMPTY_PATH,
        );
        Errno::result(moved).map(drop)
    }
}

/// fchdir(2).
pub(crate) fn change_directory(descriptor: i32) -> nix::Result<()> {
    // SAFETY: takes a number.
    Errno::result(unsafe { libc::fchdir(descriptor) }).map(drop)
}

/// Text put together without a heap, cut off where it is full.
pub(crate) struct Text<const MOST: usize> {
    bytes: [u8; MOST],
    length: usize,
    overflown: bool,
}

impl<const MOST: usize> Text<MOST> {
    pub(crate) fn new() -> Self {
        Self { bytes: [0; MOST], length: 0, overflown: false }
    }

    /// Appends; one byte always stays free for a NUL.
    pub(crate) fn push(&mut self, text: &[u8]) {
        let room = MOST - 1 - self.length;
        self.overflown |= text.len() > room;
        for &byte in text.iter().take(room) {
            if let Some(place) = self.bytes.get_mut(self.length) {
                *place = byte;
                self.length += 1;
            }
        }
    }

    /// Appends a number in decimal.
    pub(crate) fn push_number(&mut self, number: i64) {
        if number < 0 {
            self.push(b"-");
        }
        let mut rest = number.unsigned_abs();
        let mut digits = [0_u8; 20];
        let mut first = digits.len();
        loop {
            first -= 1;
            digits[first] = b'0' + u8::try_from(rest % 10).unwrap_or(0);
            rest /= 10;
            if rest == 0 {
                break;
            }
        }
        self.push(&digits[first..]);
    }

    pub(crate) fn as_bytes(&self) -> &[u8] {
        &self.bytes[..self.length]
    }

    /// `None` when something was cut off.
    pub(crate) fn as_c_str(&self) -> Option<&CStr> {
        if self.overflown {
            return None;
        }
        CStr::from_bytes_until_nul(&self.bytes).ok()
    }
}

/// Sends a message with descriptors: unix(7), `SCM_RIGHTS`.
pub(crate) fn send_descriptors(
    socket: i32,
    message: &[u8],
    descriptors: &[i32],
) -> nix::Result<()> {
    /// A control message with room for a few descriptors, aligned as one.
    #[repr(C, align(8))]
    struct Control([u8; 64]);

    let mut control = Control([0; 64]);
    let size = size_of_val(descriptors);
    let mut slice = libc::iovec {
        iov_base: message.as_ptr().cast_mut().cast(),
        iov_len: message.len(),
    };
    // SAFETY: `msghdr` is plain numbers and null pointers. The control
    // buffer is aligned, and large enough: that is checked before it is
    // written to. The kernel only reads all of this.
    unsafe {
        let size = libc::c_uint::try_from(size).map_err(|_| Errno::EINVAL)?;
        let space = libc::CMSG_SPACE(size) as usize;
        if space > control.0.len() {
            return Err(Errno::EINVAL);
        }
        let mut header: libc::msghdr = std::mem::zeroed();
        header.msg_iov = &raw mut slice;
        header.msg_iovlen = 1;
        header.msg_control = (&raw mut control).cast();
        header.msg_controllen = space as _;
        let first = libc::CMSG_FIRSTHDR(&raw const header);
        (*first).cmsg_level = libc::SOL_SOCKET;
        (*first).cmsg_type = libc::SCM_RIGHTS;
        (*first).cmsg_len = libc::CMSG_LEN(size) as _;
        std::ptr::copy_nonoverlapping(
            descriptors.as_ptr(),
            libc::CMSG_DATA(first).cast(),
            descriptors.len(),
        );
        let flags = libc::MSG_NOSIGNAL;
        Errno::result(libc::sendmsg(socket, &raw const header, flags)).map(drop)
    }
}
