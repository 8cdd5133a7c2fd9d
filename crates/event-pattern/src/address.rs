//! IP addresses and CIDR blocks.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// A block of addresses.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Block {
    bottom: IpAddr,
    top: IpAddr,
}

impl Block {
    /// Reads `address/prefix`. The whole range of a prefix as `/32` is not taken, as EventBridge does not take it.
    pub(super) fn read(text: &str) -> Option<Self> {
        let (base, prefix) = text.split_once('/')?;
        let prefix: u32 = prefix.parse().ok()?;
        match address(base)? {
            IpAddr::V4(base) if prefix < 32 => {
                let hosts = u32::MAX.checked_shr(prefix).unwrap_or(0);
                let base = u32::from(base);
                Some(Self {
                    bottom: IpAddr::V4(Ipv4Addr::from(base & !hosts)),
                    top: IpAddr::V4(Ipv4Addr::from(base | hosts)),
                })
            }
            IpAddr::V6(base) if prefix < 128 => {
                let hosts = u128::MAX.checked_shr(prefix).unwrap_or(0);
                let base = u128::from(base);
                Some(Self {
                    bottom: IpAddr::V6(Ipv6Addr::from(base & !hosts)),
                    top: IpAddr::V6(Ipv6Addr::from(base | hosts)),
                })
            }
            _ => None,
        }
    }

    /// Whether the address lies within; one of the other family never does.
    pub(super) fn has(&self, address: IpAddr) -> bool {
        address.is_ipv4() == self.bottom.is_ipv4() && (self.bottom..=self.top).contains(&address)
    }
}

/// The address that a text is, if it is one. Each number of an IPv4 address may have leading zeros, and an IPv4 address
/// within IPv6 is one of IPv4, as Java reads them.
pub(super) fn address(text: &str) -> Option<IpAddr> {
    if text.contains(':') {
        let plain = text.bytes().all(|byte| byte.is_ascii_hexdigit() || byte == b':');
        return plain.then(|| text.parse::<Ipv6Addr>().ok()).flatten().map(|address| match address.to_ipv4_mapped() {
            Some(mapped) => IpAddr::V4(mapped),
            None => IpAddr::V6(address),
        });
    }
    let mut octets = [0_u8; 4];
    let mut parts = text.split('.');
    for octet in &mut octets {
        let part = parts.next().filter(|part| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit()))?;
        *octet = part.parse().ok()?;
    }
    parts.next().is_none().then(|| IpAddr::V4(Ipv4Addr::from(octets)))
}

#[cfg(test)]
mod tests {
    use super::{Block, address};

    #[test]
    fn blocks_have_their_addresses() {
        for (block, inside, outside) in [
            ("10.0.0.0/24", "10.0.0.255", "10.0.1.0"),
            ("220.160.153.171/31", "220.160.153.170", "220.160.153.172"),
            ("220.160.154.255/24", "220.160.154.0", "220.160.153.255"),
            ("0.0.0.0/0", "255.255.255.255", "::1"),
            ("2001:db8::/32", "2001:db8:ffff::1", "2001:db9::"),
            ("::/0", "ffff::", "1.2.3.4"),
        ] {
            let read = Block::read(block);
            assert!(read.as_ref().zip(address(inside)).is_some_and(|(block, address)| block.has(address)), "{block}");
            assert!(read.zip(address(outside)).is_some_and(|(block, address)| !block.has(address)), "{block}");
        }
    }

    #[test]
    fn other_texts_are_no_blocks() {
        for text in
            ["10.0.0.0", "10.0.0.0/32", "::1/128", "10.0.0/8", "a/8", "10.0.0.0/-1", "10.0.0.256/8", "10.0.0.0/8/9"]
        {
            assert_eq!(Block::read(text), None, "{text}");
        }
    }

    #[test]
    fn one_address_has_several_texts() {
        assert_eq!(address("2001:db8::1"), address("2001:0DB8:0:0::0001"));
        assert_eq!(address("010.1.2.3"), address("10.1.2.3"));
        assert_eq!(address("::ffff:a01:203"), address("10.1.2.3"));
        assert_eq!(address("example"), None);
    }
}
