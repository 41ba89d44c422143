//! What may an ordinary user write into the map of a user namespace?
//!
//! Each line is a new child with a user namespace of its own, and what it
//! writes into its uid_map. M is the id that all of them have outside. Watch
//! which answers speak of form (EINVAL) and which of rights (EPERM).

use std::fs;

use anyhow::{Result, ensure};
use demos::{cannot_run, in_child, say};
use nix::errno::Errno;
use nix::sched::{CloneFlags, unshare};
use nix::unistd::getuid;

fn main() -> Result<()> {
    // ANCHOR: maps
    for (map, expected) in [
        ("M", Err(Errno::EINVAL)),
        ("root M 1", Err(Errno::EINVAL)),
        ("0 M 0", Err(Errno::EINVAL)),
        ("0 M 1\n0 M+1 1", Err(Errno::EINVAL)),
        ("0 M 1\n1 M 1", Err(Errno::EINVAL)),
        ("0 M 1\n1 M+1 1", Err(Errno::EPERM)),
        ("0 M 2", Err(Errno::EPERM)),
        ("0 M+1 1", Err(Errno::EPERM)),
        ("0 M 1", Ok(())),
        ("7000 M 1", Ok(())),
    ] {
        in_new_user_namespace(|me| {
            let answer = write(map, me);
            say!("child", "{:18} {}", map.replace('\n', ", "), word(answer));
            ensure!(answer == expected);
            Ok(())
        })?;
    }
    // ANCHOR_END: maps

    // As many lines as a map may have are still too many ids for us.
    let lines = |count: u32| {
        let line = |id| format!("{id} {id} 1\n");
        (0..count).map(line).collect::<Vec<_>>().concat()
    };
    let long = format!("0 M 1{}", " ".repeat(65536));
    for (what, map, expected) in [
        ("340 lines", lines(340), Errno::EPERM),
        ("341 lines", lines(341), Errno::EINVAL),
        ("64 KiB of text", long, Errno::EINVAL),
    ] {
        in_new_user_namespace(|me| {
            let answer = write(&map, me);
            say!("child", "{what:18} {}", word(answer));
            ensure!(answer == Err(expected));
            Ok(())
        })?;
    }

    in_new_user_namespace(|me| {
        write("0 M 1", me)?;
        let again = write("0 M 1", me);
        say!("child", "{:18} {}", "the same again", word(again));
        ensure!(again == Err(Errno::EPERM));
        Ok(())
    })
}

fn in_new_user_namespace(story: impl FnOnce(u32) -> Result<()>) -> Result<()> {
    let me = getuid().as_raw();
    in_child(|| {
        unshare(CloneFlags::CLONE_NEWUSER).unwrap_or_else(cannot_run);
        story(me)
    })
}

/// Writes a map by one call of write(2), with the number that M stands for.
fn write(map: &str, me: u32) -> nix::Result<()> {
    let next = (me + 1).to_string();
    let map = map.replace("M+1", &next).replace('M', &me.to_string());
    fs::write("/proc/self/uid_map", map).map_err(|refused| {
        Errno::from_raw(refused.raw_os_error().unwrap_or_default())
    })
}

fn word(answer: nix::Result<()>) -> String {
    answer.map_or_else(|errno| format!("{errno:?}"), |()| "done".to_owned())
}
