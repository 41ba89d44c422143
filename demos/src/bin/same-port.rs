//! Can two servers on one machine have the same port?
//!
//! Parent and child each receive messages at the same address, the child in a
//! network namespace of its own. Watch who gets the message from the socket
//! that the child made before it moved.

use std::io::ErrorKind::AddrInUse;
use std::net::{TcpListener, UdpSocket};

use anyhow::{Result, ensure};
use demos::{become_root, cannot_run, in_child, net, say};
use nix::sched::{CloneFlags, unshare};

fn main() -> Result<()> {
    let parents = UdpSocket::bind("127.0.0.1:0")?;
    let address = parents.local_addr()?;
    say!("parent", "I have a port at 127.0.0.1");
    let again = UdpSocket::bind(address);
    ensure!(again.is_err_and(|refused| refused.kind() == AddrInUse));
    say!("parent", "the same port once more: EADDRINUSE");

    in_child(|| {
        // ANCHOR: twins
        let old = UdpSocket::bind("127.0.0.1:0")?;

        become_root()?;
        unshare(CloneFlags::CLONE_NEWNET).unwrap_or_else(cannot_run);
        net::ip("link set lo up")?;

        let twin = UdpSocket::bind(address)?;
        say!("child", "I have the same port at 127.0.0.1");
        TcpListener::bind("127.0.0.1:80")?;
        say!("child", "I may have port 80");

        let new = UdpSocket::bind("127.0.0.1:0")?;
        new.send_to(b"from the new socket", address)?;
        old.send_to(b"from the old socket", address)?;
        // ANCHOR_END: twins

        ensure!(receive(&twin)? == "from the new socket");
        say!("child", "my port received: from the new socket");
        Ok(())
    })?;

    ensure!(receive(&parents)? == "from the old socket");
    say!("parent", "my port received: from the old socket");
    Ok(())
}

/// The one message that has come.
fn receive(socket: &UdpSocket) -> Result<String> {
    let mut buffer = [0; 64];
    let length = socket.recv(&mut buffer)?;
    socket.set_nonblocking(true)?;
    ensure!(socket.recv(&mut [0; 64]).is_err(), "a second message");
    Ok(String::from_utf8_lossy(&buffer[..length]).into_owned())
}
