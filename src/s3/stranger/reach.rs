//! How far away a host is: this computer, a private network, or anywhere.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use crate::model::Reach;
use crate::s3::error::clean;

/// What Amazon's host names end in, in every partition that is reachable at large.
const AMAZONS: [&str; 3] = ["amazonaws.com", "amazonaws.com.cn", "amazonaws.eu"];

/// The host of an address, without port and user info; IPv6 without its brackets.
pub(super) fn host_of(address: &str) -> &str {
    let Some((_, after)) = address.split_once("://").or_else(|| address.split_once("//")) else { return "" };
    let authority = after.split(['/', '?', '#']).next().unwrap_or_default();
    let host_and_port = authority.rsplit_once('@').map_or(authority, |(_, host)| host);
    match host_and_port.strip_prefix('[').and_then(|inner| inner.split_once(']')) {
        Some((v6, _port)) => v6,
        None => host_and_port.split(':').next().unwrap_or_default(),
    }
}

/// Scheme, host and port of an address, without user info and what follows: nothing of a signature.
pub(super) fn origin_of(address: &str) -> String {
    let (scheme, after) = address.split_once("://").unwrap_or(("", address));
    let authority = after.split(['/', '?', '#']).next().unwrap_or_default();
    let host_and_port = authority.rsplit_once('@').map_or(authority, |(_, host)| host);
    format!("{scheme}://{}", clean(host_and_port))
}

/// Whether an address is one that only Amazon has a certificate for.
pub(super) fn is_amazon_over_tls(address: &str) -> bool {
    let host = host_of(address).to_ascii_lowercase();
    let is_below = |suffix: &str| host.strip_suffix(suffix).is_some_and(|front| front.ends_with('.'));
    address.starts_with("https://") && AMAZONS.into_iter().any(is_below)
}

/// Whether a name or address is this computer's by itself, without looking it up.
pub(super) fn is_loopback_name(host: &str) -> bool {
    let name = host.trim_end_matches('.').to_ascii_lowercase();
    name == "localhost" || name.ends_with(".localhost") || host.parse::<IpAddr>().is_ok_and(|ip| ip.is_loopback())
}

/// Where a host is, by its name and by the address that answered.
pub(super) fn reach_of(host: &str, peer: Option<SocketAddr>) -> Reach {
    let by_peer = peer.map_or(Reach::World, |peer| reach_of_ip(peer.ip()));
    if is_loopback_name(host) || by_peer == Reach::Loopback {
        return Reach::Loopback;
    }
    if let Ok(ip) = host.parse::<IpAddr>() {
        return reach_of_ip(ip);
    }
    let name = host.trim_end_matches('.').to_ascii_lowercase();
    let is_private = !name.contains('.')
        || [".local", ".lan", ".internal", ".home.arpa", ".intranet"].iter().any(|end| name.ends_with(end));
    if is_private { Reach::PrivateNetwork } else { by_peer }
}

/// Where a host is that was asked through a proxy: by its name, by a certificate that nobody else has, or by the
/// addresses that this computer finds for it, if it finds any real ones. Where they differ, the farthest counts.
pub(super) fn reach_through_proxy(address: &str, found: &[IpAddr]) -> Reach {
    let host = host_of(address);
    let by_name = reach_of(host, None);
    if by_name != Reach::World || host.parse::<IpAddr>().is_ok() || is_amazon_over_tls(address) {
        return by_name;
    }
    let reaches: Vec<Reach> = found.iter().map(|ip| reach_of_ip(*ip)).collect();
    match reaches.first() {
        _ if reaches.contains(&Reach::World) => Reach::World,
        // Proxies that take connections over answer every name with such an address, and what comes beside it is no
        // better.
        _ if found.iter().any(|ip| is_nobodys(ip.to_canonical())) => Reach::BehindProxy,
        first => first.copied().unwrap_or(Reach::BehindProxy),
    }
}

/// Whether that is told without looking the host up.
pub(super) fn is_told_by_name(address: &str) -> bool {
    reach_through_proxy(address, &[]) != Reach::BehindProxy
}

fn reach_of_ip(ip: IpAddr) -> Reach {
    let ip = ip.to_canonical();
    let is_private = match ip {
        IpAddr::V4(v4) => v4.is_private() || v4.is_link_local() || is_shared(v4) || v4.is_unspecified(),
        IpAddr::V6(v6) => v6.is_unique_local() || v6.is_unicast_link_local() || v6.is_unspecified(),
    };
    match ip {
        _ if ip.is_loopback() => Reach::Loopback,
        // Whoever answers there is near, whatever else it may be.
        _ if is_private || is_nobodys(ip) => Reach::PrivateNetwork,
        _ => Reach::World,
    }
}

/// Whether an address is one that no host of the world has: kept for protocols, documentation, measuring and times to
/// come. What answers there stands between, as proxies do that give each name an address of their own.
fn is_nobodys(ip: IpAddr) -> bool {
    match ip {
        IpAddr::V4(v4) => match v4.octets() {
            [192, 0, 0, _] | [198, 18..=19, ..] | [240..=255, ..] => true,
            _ => v4.is_documentation(),
        },
        IpAddr::V6(v6) => matches!(
            v6.segments(),
            [0x2001, 0x0db8, ..] | [0x3fff, 0..=0x0fff, ..] | [0x2001, 0x0002, 0, ..] | [0x0100, 0, 0, 0, ..]
        ),
    }
}

/// 100.64.0.0/10, between providers and their customers, and in private networks laid over others.
fn is_shared(ip: Ipv4Addr) -> bool {
    let [a, b, ..] = ip.octets();
    a == 100 && (64..128).contains(&b)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hosts_are_found_in_addresses() {
        for (address, host) in [
            ("https://b.example.com/k", "b.example.com"),
            ("http://127.0.0.1:9000/b/k", "127.0.0.1"),
            ("http://[::1]:9000/b/k", "::1"),
            ("https://u:p@h.example/k?x=//y", "h.example"),
            ("https://h.example", "h.example"),
            ("//other.example/x", "other.example"),
            ("/only/a/path", ""),
        ] {
            assert_eq!(host_of(address), host, "{address}");
        }
    }

    #[test]
    fn only_amazon_is_known_by_its_certificate() {
        for (address, is) in [
            ("https://b.s3.eu-west-1.amazonaws.com/k", true),
            ("https://s3.cn-north-1.amazonaws.com.cn/b/k", true),
            ("http://b.s3.eu-west-1.amazonaws.com/k", false),
            ("https://evilamazonaws.com/k", false),
            ("https://amazonaws.com.example.com/k", false),
            ("https://minio.example.com/amazonaws.com", false),
        ] {
            assert_eq!(is_amazon_over_tls(address), is, "{address}");
        }
    }

    #[test]
    fn behind_a_proxy_only_what_is_seen_is_said() {
        let ip = |text: &str| text.parse::<IpAddr>().unwrap();
        let (world, private) = (ip("93.184.216.34"), ip("10.1.2.3"));
        for (address, found, expected) in [
            ("https://b.s3.eu-west-1.amazonaws.com/k", &[][..], Reach::World),
            // Over plain HTTP nobody vouches for the name.
            ("http://b.s3.eu-west-1.amazonaws.com/k", &[], Reach::BehindProxy),
            ("https://cdn.example.com/k", &[], Reach::BehindProxy),
            ("https://cdn.example.com/k", &[world], Reach::World),
            ("https://cdn.example.com/k", &[private], Reach::PrivateNetwork),
            ("https://cdn.example.com/k", &[private, world], Reach::World),
            ("https://nas/k", &[world], Reach::PrivateNetwork),
            ("https://93.184.216.34/k", &[], Reach::World),
            ("https://10.1.2.3/k", &[world], Reach::PrivateNetwork),
        ] {
            assert_eq!(reach_through_proxy(address, found), expected, "{address} {found:?}");
        }
    }

    /// Addresses that no host of the world has, as proxies give them to names.
    const NOBODYS: [&str; 12] = [
        "198.18.0.5",
        "198.19.255.1",
        "192.0.0.8",
        "192.0.2.1",
        "198.51.100.7",
        "203.0.113.9",
        "240.0.0.1",
        "255.255.255.254",
        "::ffff:198.18.0.5",
        "2001:db8::1",
        "3fff:fff::1",
        "2001:2::1",
    ];

    #[test]
    fn an_address_that_nobody_has_is_not_found_behind_a_proxy_and_is_near_without_one() {
        let ip = |text: &str| text.parse::<IpAddr>().unwrap();
        let link = "https://cdn.example.com/k";
        for text in NOBODYS {
            let fake = ip(text);
            assert_eq!(reach_through_proxy(link, &[fake]), Reach::BehindProxy, "{text}");
            assert_eq!(reach_through_proxy(link, &[fake, ip("fc00::5")]), Reach::BehindProxy, "{text}");
            assert_eq!(reach_through_proxy(link, &[fake, ip("93.184.216.34")]), Reach::World, "{text}");
            let peer = Some(SocketAddr::new(fake, 443));
            assert_eq!(reach_of("cdn.example.com", peer), Reach::PrivateNetwork, "{text}");
            assert_eq!(reach_of(text, None), Reach::PrivateNetwork, "{text}");
        }
        for text in ["198.17.255.255", "198.20.0.1", "192.0.1.1", "223.255.255.1", "2001:4860::1", "3ffe::1"] {
            assert_eq!(reach_of_ip(ip(text)), Reach::World, "{text}");
        }
    }

    #[test]
    fn private_hosts_are_known() {
        let at = |ip: &str| Some(SocketAddr::new(ip.parse().unwrap(), 443));
        for (host, peer, expected) in [
            ("example.com", None, Reach::World),
            ("example.com", at("93.184.216.34"), Reach::World),
            ("example.com", at("10.1.2.3"), Reach::PrivateNetwork),
            ("example.com", at("127.0.0.1"), Reach::Loopback),
            ("localhost", None, Reach::Loopback),
            ("b.localhost", None, Reach::Loopback),
            ("127.0.0.1", None, Reach::Loopback),
            ("::1", None, Reach::Loopback),
            ("::ffff:192.168.0.1", None, Reach::PrivateNetwork),
            ("192.168.0.1", None, Reach::PrivateNetwork),
            ("100.64.1.1", None, Reach::PrivateNetwork),
            ("172.32.0.1", None, Reach::World),
            ("fd00::1", None, Reach::PrivateNetwork),
            ("nas", None, Reach::PrivateNetwork),
            ("minio.local", at("93.184.216.34"), Reach::PrivateNetwork),
            ("2606:2800::1", None, Reach::World),
        ] {
            assert_eq!(reach_of(host, peer), expected, "{host} {peer:?}");
        }
    }
}
