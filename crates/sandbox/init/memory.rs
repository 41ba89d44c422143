//! How much memory the machine has left.

use crate::syscall;

/// The longest time between two looks, in milliseconds.
pub const LONGEST: u64 = 1000;
/// The shortest.
const SHORTEST: u64 = 10;
/// No machine fills more KiB in a millisecond, or only just: 8 GiB a second.
const FASTEST: u64 = 8192;

/// The KiB that programs can still have, without swapping: proc(5),
/// `/proc/meminfo`. `None` where the machine does not tell.
pub fn available(meminfo: i32) -> Option<u64> {
    let mut buffer = [0_u8; 256];
    let length = syscall::read_again(meminfo, &mut buffer).ok()?;
    let line = buffer[..length]
        .split(|byte| *byte == b'\n')
        .find_map(|line| line.strip_prefix(b"MemAvailable:"))?;
    Some(number(line))
}

/// How long the machine may be left alone when it has this many KiB more than
/// it must keep: the more, the longer.
pub fn patience(free: u64) -> u64 {
    (free / FASTEST).clamp(SHORTEST, LONGEST)
}

/// The digits of a text, as a number.
pub fn number(text: &[u8]) -> u64 {
    let digits = text.iter().filter(|byte| byte.is_ascii_digit());
    digits.fold(0, |number: u64, digit| {
        number.saturating_mul(10).saturating_add(u64::from(digit - b'0'))
    })
}
