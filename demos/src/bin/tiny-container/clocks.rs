//! The container's clocks, which count from its own start.

use std::fs;

use anyhow::{Context, Result};
use nix::time::{ClockId, clock_gettime};

/// Moves both clocks of the time namespace that our children will live in.
/// The file counts from the machine's clocks, which ours may differ from.
pub(crate) fn start_at_zero() -> Result<()> {
    let file = "/proc/self/timens_offsets";
    for line in fs::read_to_string(file)?.lines() {
        let mut words = line.split_whitespace();
        let name = words.next().context("no clock")?;
        let offset: i64 = words.next().context("no seconds")?.parse()?;
        let nanos = words.next().context("no nanoseconds")?;
        let clock = match name {
            "monotonic" => ClockId::CLOCK_MONOTONIC,
            _ => ClockId::CLOCK_BOOTTIME,
        };
        let offset = offset - clock_gettime(clock)?.tv_sec();
        fs::write(file, format!("{name} {offset} {nanos}"))?;
    }
    Ok(())
}
