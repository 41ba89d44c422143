//! A server of one page, at port 80.

use std::io::{Read, Write};
use std::net::{Ipv4Addr, TcpListener};

use anyhow::Result;

pub(crate) fn main() -> Result<()> {
    let server = TcpListener::bind((Ipv4Addr::UNSPECIFIED, 80))?;
    for visit in server.incoming() {
        let mut visit = visit?;
        // Whoever asks may be gone before it is answered. A question that
        // nobody has read would take the answer with it.
        let _ = visit.read(&mut [0; 4096]);
        let _ = visit.write_all(b"HTTP/1.0 200 OK\r\n\r\nhello\n");
    }
    Ok(())
}
