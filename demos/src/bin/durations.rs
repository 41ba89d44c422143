//! Does time pass in the same way in another time namespace?
//!
//! A child lives a year later than its parent, and waits in three ways.
//! Watch the third: it waits for a moment that its parent has noted.

use std::fs;
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use demos::{cannot_run, in_child, say};
use nix::libc::CLONE_NEWTIME;
use nix::sched::{CloneFlags, unshare};
use nix::sys::time::TimeSpec;
use nix::time::{ClockId, ClockNanosleepFlags, clock_gettime, clock_nanosleep};

const MOMENT: Duration = Duration::from_millis(100);
const DAY: Duration = Duration::from_hours(24);

fn main() -> Result<()> {
    let new_time = CloneFlags::from_bits_retain(CLONE_NEWTIME);
    unshare(CloneFlags::CLONE_NEWUSER | new_time).unwrap_or_else(cannot_run);
    add_a_year()?;

    // ANCHOR: waits
    let tomorrow = now()? + DAY;
    say!("parent", "I note a moment on my clock: a day from now");
    in_child(|| {
        let before = now()?;
        ensure!(before > tomorrow);
        wait_for(MOMENT)?;
        ensure!(now()? >= before + MOMENT);
        say!("child", "wait for 0.1 s: it was 0.1 s or more");

        wait_until(now()? + MOMENT)?;
        say!("child", "wait until 0.1 s from now on my clock: done");

        wait_until(tomorrow)?;
        say!("child", "wait until my parent's moment: it is long past");
        Ok(())
    })?;
    ensure!(now()? < tomorrow);
    say!("parent", "on my clock, that moment is still to come");
    // ANCHOR_END: waits
    Ok(())
}

fn now() -> Result<Duration> {
    Ok(clock_gettime(ClockId::CLOCK_MONOTONIC)?.into())
}

fn wait_for(duration: Duration) -> Result<()> {
    let clock = ClockId::CLOCK_MONOTONIC;
    let from_now = ClockNanosleepFlags::empty();
    clock_nanosleep(clock, from_now, &TimeSpec::from(duration))?;
    Ok(())
}

/// Sleeps until the clock shows this, and not at all if it does already.
fn wait_until(moment: Duration) -> Result<()> {
    let clock = ClockId::CLOCK_MONOTONIC;
    let until = ClockNanosleepFlags::TIMER_ABSTIME;
    clock_nanosleep(clock, until, &TimeSpec::from(moment))?;
    ensure!(now()? >= moment);
    Ok(())
}

/// Moves the monotonic clock of our future children.
fn add_a_year() -> Result<()> {
    let file = "/proc/self/timens_offsets";
    let offsets = fs::read_to_string(file)?;
    let mut words = offsets.split_whitespace().skip(1);
    let seconds: i64 = words.next().context("no seconds")?.parse()?;
    let later = seconds + 365 * 24 * 60 * 60;
    Ok(fs::write(file, format!("monotonic {later} 0"))?)
}
