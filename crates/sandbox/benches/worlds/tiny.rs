//! The smallest program there is: it exits with 0.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

/// exit(0), as machine code.
#[cfg(target_arch = "x86_64")]
const CODE: &[u8] = &[
    0xb8, 60, 0, 0, 0, // mov eax, 60
    0x31, 0xff, // xor edi, edi
    0x0f, 0x05, // syscall
];
#[cfg(target_arch = "aarch64")]
const CODE: &[u8] = &[
    0xa8, 0x0b, 0x80, 0xd2, // mov x8, 93
    0x00, 0x00, 0x80, 0xd2, // mov x0, 0
    0x01, 0x00, 0x00, 0xd4, // svc 0
];

#[cfg(target_arch = "x86_64")]
const MACHINE: u16 = 62;
#[cfg(target_arch = "aarch64")]
const MACHINE: u16 = 183;

/// Writes the program: elf(5), one header, one segment, its code.
pub(crate) fn write(path: &Path) -> std::io::Result<()> {
    const ADDRESS: u64 = 0x40_0000;
    const HEADERS: u64 = 64 + 56;
    let size = HEADERS + CODE.len() as u64;
    let mut file = b"\x7fELF\x02\x01\x01\0\0\0\0\0\0\0\0\0".to_vec();
    // An executable of this machine, in version 1.
    file.extend(2_u16.to_le_bytes());
    file.extend(MACHINE.to_le_bytes());
    file.extend(1_u32.to_le_bytes());
    // Where it starts, and where the two kinds of headers are.
    for number in [ADDRESS + HEADERS, 64, 0] {
        file.extend(number.to_le_bytes());
    }
    file.extend(0_u32.to_le_bytes());
    for number in [64_u16, 56, 1, 0, 0, 0] {
        file.extend(number.to_le_bytes());
    }
    // The segment: to be loaded, readable and executable.
    file.extend(1_u32.to_le_bytes());
    file.extend(5_u32.to_le_bytes());
    for number in [0, ADDRESS, ADDRESS, size, size, 4096] {
        file.extend(number.to_le_bytes());
    }
    file.extend(CODE);
    fs::write(path, file)?;
    fs::set_permissions(path, fs::Permissions::from_mode(0o755))
}
