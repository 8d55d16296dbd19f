//! What the system has taken off our hands and not yet brought to its destination.

/// Bytes that this computer still holds for connections to a port, or that were sent and not acknowledged; `None`
/// where the system does not tell. While this changes, a line moves, however slow it is.
pub fn unacknowledged_bytes(remote_port: u16) -> Option<u64> {
    #[cfg(target_os = "linux")]
    {
        let of_one = |path| Some(sum(&std::fs::read_to_string(path).ok()?, remote_port));
        // Where IPv6 is off there is no second table.
        Some(of_one("/proc/self/net/tcp")? + of_one("/proc/self/net/tcp6").unwrap_or_default())
    }
    #[cfg(not(target_os = "linux"))]
    {
        // Neither macOS nor Windows tells it without a handle of the socket.
        let _port = remote_port;
        None
    }
}

/// Adds up a table of the kernel: `… local remote state tx:rx …`, numbers in hexadecimal.
#[cfg(any(target_os = "linux", test))]
fn sum(table: &str, remote_port: u16) -> u64 {
    let held = |line: &str| -> Option<u64> {
        let mut fields = line.split_whitespace().skip(2);
        let (_, port) = fields.next()?.rsplit_once(':')?;
        let (sending, _) = fields.nth(1)?.split_once(':')?;
        let is_meant = u16::from_str_radix(port, 16).ok()? == remote_port;
        is_meant.then(|| u64::from_str_radix(sending, 16).ok()).flatten()
    };
    table.lines().skip(1).filter_map(held).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_waits_for_this_port_counts() {
        let table = "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n\
             0: 0100007F:1F90 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 1 1\n\
             1: 0100007F:C001 0100007F:2328 01 0000ABCD:00000000 01:00000014 00000000     0        0 2 2\n\
             2: 0100007F:C002 0100007F:2328 04 00000010:00000007 01:00000014 00000000     0        0 3 2\n\
             3: 0100007F:2328 0100007F:C001 01 00000FFF:00000000 00:00000000 00000000     0        0 4 1\n\
             broken\n";
        assert_eq!(sum(table, 9000), 0xABCD + 0x10);
        assert_eq!(sum(table, 443), 0);
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn bytes_that_nobody_reads_are_held() {
        use std::io::Write as _;
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let mut stream = std::net::TcpStream::connect(("127.0.0.1", port)).unwrap();
        assert_eq!(unacknowledged_bytes(port), Some(0));
        stream.set_nonblocking(true).unwrap();
        let block = vec![0; 65536];
        while stream.write(&block).is_ok() {}
        assert!(unacknowledged_bytes(port).unwrap() > 0);
    }
}
