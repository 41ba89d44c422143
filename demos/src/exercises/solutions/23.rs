//! A server of one page, at port 80.

use std::io::Write;
use std::net::{Ipv4Addr, TcpListener};

use anyhow::Result;

pub(crate) fn main() -> Result<()> {
    let server = TcpListener::bind((Ipv4Addr::UNSPECIFIED, 80))?;
    for visit in server.incoming() {
        // Whoever asks may be gone before it is answered.
        let _ = visit?.write_all(b"HTTP/1.0 200 OK\r\n\r\nhello\n");
    }
    Ok(())
}
