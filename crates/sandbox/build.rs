//! Compiles `init/main.rs`, the world's PID 1, for the same machine.
//!
//! It is a program of its own, without libc, that the library carries as
//! bytes: whoever installs the library has nothing else to install.

use std::env;
use std::path::PathBuf;
use std::process::Command;

fn main() {
    println!("cargo:rerun-if-changed=init");
    println!("cargo:rerun-if-changed=build.rs");
    let out =
        PathBuf::from(env::var_os("OUT_DIR").expect("cargo sets OUT_DIR"))
            .join("init");
    let architecture = env::var("CARGO_CFG_TARGET_ARCH").unwrap_or_default();
    let system = env::var("CARGO_CFG_TARGET_OS").unwrap_or_default();
    if system != "linux"
        || !["x86_64", "aarch64"].contains(&architecture.as_str())
    {
        // The library compiles everywhere; a world cannot be made there.
        std::fs::write(&out, []).expect("OUT_DIR can be written");
        return;
    }

    let rustc = env::var_os("RUSTC").expect("cargo sets RUSTC");
    let target = env::var("TARGET").expect("cargo sets TARGET");
    let mut command = Command::new(rustc);
    command
        .args(["--edition=2024", "--crate-name=init", "--crate-type=bin"])
        .args(["--target", &target, "-Copt-level=s", "-Cpanic=abort"])
        // Without it, core asks for the symbols of unwinding.
        .arg("-Clto=fat")
        .args(["-Crelocation-model=static", "-Cstrip=symbols"])
        .args(["-Cdebuginfo=0", "-Ccodegen-units=1"])
        .args(["-Clink-arg=-nostdlib", "-Clink-arg=-static"])
        .args(["-Clink-arg=-no-pie", "-Clink-arg=-Wl,--build-id=none"])
        .arg("-Clink-arg=-Wl,-z,noexecstack,-z,norelro")
        .arg("-o")
        .arg(&out)
        .arg("init/main.rs");
    if let Some(linker) = env::var_os("RUSTC_LINKER") {
        let mut option = std::ffi::OsString::from("-Clinker=");
        option.push(linker);
        command.arg(option);
    }
    let status = command.status().expect("rustc can be run");
    assert!(status.success(), "init/main.rs does not compile");
}
