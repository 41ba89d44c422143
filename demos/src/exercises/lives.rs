//! Time namespaces; the life and death of a namespace.

use std::fs::{self, File};
use std::io::IoSliceMut;
use std::os::fd::{AsRawFd as _, FromRawFd as _, OwnedFd};
use std::os::unix::fs::MetadataExt as _;
use std::os::unix::net::UnixDatagram;

use anyhow::Result;
use demos::start_resident;
use nix::sched::{CloneFlags, unshare};
use nix::sys::socket::{ControlMessageOwned, MsgFlags, recvmsg};
use nix::unistd::sethostname;

use crate::examine::Report;
use crate::look::{
    descriptors, elsewhere, inode, is_zombie, kind_of, link, number_in,
    processes, read, sh,
};
use crate::table::Check;

const TEN_YEARS: f64 = 10.0 * 365.0 * 86400.0;

/// Looks for a machine that says it is old, and for who does not believe it.
pub(crate) fn ten_years(report: &mut Report) -> Result<()> {
    let uptime = |pid: &i32| {
        let asked = format!("nsenter --target {pid} --time cat /proc/uptime");
        let said = sh(&asked).ok()?.out;
        said.split(' ').next()?.parse::<f64>().ok()
    };
    let all = elsewhere("time");
    report.expect(!all.is_empty(), "there is another time namespace");
    let longest = all.iter().filter_map(uptime).fold(0.0, f64::max);
    report.expect(
        longest >= TEN_YEARS,
        format!(
            "the machine has been up for ten years there (it says {:.1})",
            longest / 365.0 / 86400.0
        ),
    );
    Ok(())
}

/// A letterbox that is emptied at each check.
pub(crate) fn three_ways() -> Result<Check> {
    let _ = fs::remove_file("letterbox");
    let letterbox = UnixDatagram::bind("letterbox")?;
    letterbox.set_nonblocking(true)?;
    let mut received = Vec::new();
    Ok(Box::new(move |report| {
        receive(&letterbox, &mut received);
        let nsfs = fs::metadata("/proc/self/ns/uts")?.dev();
        let lived_in: Vec<u64> = processes()
            .into_iter()
            .filter_map(|pid| inode(pid, "uts").ok())
            .collect();
        let empty = |path: &str| {
            // To open something else may mean to wait: fifo(7).
            if fs::metadata(path).ok()?.dev() != nsfs {
                return None;
            }
            let file = File::open(path).ok()?;
            let is_uts = kind_of(&file)? == libc::CLONE_NEWUTS;
            let inode = file.metadata().ok()?.ino();
            let name = sh(&format!("nsenter --uts={path} hostname")).ok()?.out;
            (is_uts && !lived_in.contains(&inode)).then_some(name)
        };
        let mounted = read(std::process::id().try_into()?, "mountinfo");
        let mounted = mounted.unwrap_or_default();
        let mounted = mounted.lines().filter_map(|line| {
            let mut words = line.split(' ').skip(3);
            let is_uts = words.next()?.starts_with("uts:");
            is_uts.then(|| words.next()).flatten()
        });
        let mut names = mounted.filter_map(empty);
        report.expect(
            names.any(|name| name == "mounted"),
            "a mount keeps the namespace `mounted`, and nobody is in it",
        );
        let me = i32::try_from(std::process::id())?;
        let opened = processes().into_iter().filter(|pid| *pid != me);
        let mut names = opened.flat_map(|pid| {
            let all = descriptors(pid).into_iter();
            all.map(move |(number, _)| format!("/proc/{pid}/fd/{number}"))
        });
        report.expect(
            names.any(|path| empty(&path).as_deref() == Some("opened")),
            "an open file keeps the namespace `opened`, and nobody is in it",
        );
        let mut names = received.iter().filter_map(|file: &OwnedFd| {
            empty(&format!("/proc/{me}/fd/{}", file.as_raw_fd()))
        });
        report.expect(
            names.any(|name| name == "posted"),
            "a message kept the namespace `posted` until I received it",
        );
        Ok(())
    }))
}

/// Takes the descriptors out of the messages that wait (unix(7), SCM_RIGHTS).
#[allow(unsafe_code, reason = "a received descriptor is a bare number")]
fn receive(letterbox: &UnixDatagram, received: &mut Vec<OwnedFd>) {
    let mut space = nix::cmsg_space!([i32; 8]);
    let mut buffer = [0; 64];
    loop {
        let mut parts = [IoSliceMut::new(&mut buffer)];
        let (socket, flags) = (letterbox.as_raw_fd(), MsgFlags::empty());
        let message =
            recvmsg::<()>(socket, &mut parts, Some(&mut space), flags);
        let Ok(message) = message else { return };
        for part in message.cmsgs().into_iter().flatten() {
            let ControlMessageOwned::ScmRights(files) = part else { continue };
            for file in files {
                // SAFETY: the kernel has just given us this descriptor.
                received.push(unsafe { OwnedFd::from_raw_fd(file) });
            }
        }
    }
}

/// A member, whose namespace's number is written down.
pub(crate) fn same_number() -> Result<Check> {
    let member = start_resident(|| {
        unshare(CloneFlags::CLONE_NEWUTS)?;
        Ok(sethostname("member")?)
    })?
    .as_raw();
    fs::write("member", member.to_string())?;
    let number = inode(member, "uts")?;
    fs::write("number", number.to_string())?;
    Ok(Box::new(move |report| {
        report.expect(
            number_in("member") == Some(member)
                && (link(member, "uts").is_none() || is_zombie(member)),
            "the member is gone",
        );
        let mut all = elsewhere("uts");
        all.retain(|pid| inode(*pid, "uts").is_ok_and(|n| n == number));
        report.expect(
            !all.is_empty(),
            format!("somebody's UTS namespace has the number {number}"),
        );
        let another = all.iter().any(|pid| {
            sh(&format!("nsenter --target {pid} --uts hostname"))
                .is_ok_and(|said| said.out != "member")
        });
        report.expect(another, "and it is another namespace");
        Ok(())
    }))
}
