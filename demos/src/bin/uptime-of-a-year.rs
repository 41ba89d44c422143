//! Which clocks can a process set without touching anybody else's?
//!
//! We ask for a new time namespace, and move its two clocks by a year. Watch
//! who notices, and which clock does not.

use std::fs;
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use demos::{cannot_run, in_child, say};
use nix::libc::CLONE_NEWTIME;
use nix::sched::{CloneFlags, unshare};
use nix::time::{ClockId, clock_gettime};

const YEAR: i64 = 365 * 24 * 60 * 60;
const CLOCKS: [(&str, ClockId); 5] = [
    ("monotonic", ClockId::CLOCK_MONOTONIC),
    ("monotonic raw", ClockId::CLOCK_MONOTONIC_RAW),
    ("monotonic coarse", ClockId::CLOCK_MONOTONIC_COARSE),
    ("boottime", ClockId::CLOCK_BOOTTIME),
    ("realtime", ClockId::CLOCK_REALTIME),
];

fn main() -> Result<()> {
    let before = readings()?;
    // ANCHOR: year
    let new_time = CloneFlags::from_bits_retain(CLONE_NEWTIME);
    unshare(CloneFlags::CLONE_NEWUSER | new_time).unwrap_or_else(cannot_run);
    add_to_offsets(YEAR)?;

    ensure!(days_since(&before)? == [0; 6]);
    say!("parent", "no clock of mine has changed");

    in_child(|| {
        let days = days_since(&before)?;
        ensure!(days == [365, 365, 365, 365, 0, 365]);
        for ((clock, _), days) in CLOCKS.iter().zip(days) {
            say!("child", "{clock}: {days} days later");
        }
        say!("child", "/proc/uptime: {} days later", days[5]);
        Ok(())
    })
    // ANCHOR_END: year
}

/// Moves both clocks of the namespace that our children will live in. The
/// file counts from the machine's own clocks, so we add to what is there.
fn add_to_offsets(seconds: i64) -> Result<()> {
    let file = "/proc/self/timens_offsets";
    for line in fs::read_to_string(file)?.lines() {
        let mut words = line.split_whitespace();
        let clock = words.next().context("no clock")?;
        let offset: i64 = words.next().context("no seconds")?.parse()?;
        let nanos = words.next().context("no nanoseconds")?;
        fs::write(file, format!("{clock} {} {nanos}", offset + seconds))?;
    }
    Ok(())
}

/// Five clocks, and the uptime that /proc shows.
fn readings() -> Result<[Duration; 6]> {
    let mut readings = [Duration::ZERO; 6];
    for (reading, (_, clock)) in readings.iter_mut().zip(CLOCKS) {
        *reading = clock_gettime(clock)?.into();
    }
    let uptime = fs::read_to_string("/proc/uptime")?;
    let seconds = uptime.split('.').next().context("no uptime")?;
    readings[5] = Duration::from_secs(seconds.parse()?);
    Ok(readings)
}

fn days_since(before: &[Duration; 6]) -> Result<[u64; 6]> {
    let mut days = [0; 6];
    for ((days, now), before) in days.iter_mut().zip(readings()?).zip(before) {
        *days = now.saturating_sub(*before).as_secs() / (24 * 60 * 60);
    }
    Ok(days)
}
