//! What is good to know of an address before it is handed out, from its text alone.

use super::amazon::{self, Door};

/// Something to know of an address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AddressNote {
    /// Only this computer, or its own network, can reach the host.
    NotOnInternet,
    /// A website address of a bucket: HTTP only, with rules of its own for folders and missing pages.
    Website,
    /// Everyone on the way can read what is sent.
    PlainHttp,
    /// An old form of Amazon's addresses, which newer regions do not answer.
    OldForm,
    /// R2's own address for trying out: few requests a second.
    RateLimited,
    /// Amazon in China: may not open without a registration (ICP).
    China,
    /// `//` in the path, which some proxies and CDNs fold.
    FoldedSlashes,
    /// The key holds control characters, by which some programs cut a link.
    ControlCharacters,
}

impl AddressNote {
    /// Stable name, for programs and in the ids of sentences (`templates-note-…`).
    pub fn code(self) -> &'static str {
        match self {
            Self::NotOnInternet => "internal",
            Self::Website => "website",
            Self::PlainHttp => "plain-http",
            Self::OldForm => "old-form",
            Self::RateLimited => "rate-limited",
            Self::China => "china",
            Self::FoldedSlashes => "slashes",
            Self::ControlCharacters => "control",
        }
    }
}

/// What there is to know of an address.
pub fn address_notes(address: &str) -> Vec<AddressNote> {
    let Ok(url) = url::Url::parse(address) else { return Vec::new() };
    let mut notes = notes_of_host(&url);
    if url.path().contains("//") {
        notes.push(AddressNote::FoldedSlashes);
    }
    let is_control = |byte: u8| byte.is_ascii_control();
    if percent_encoding::percent_decode_str(url.path()).any(is_control) {
        notes.push(AddressNote::ControlCharacters);
    }
    notes
}

fn notes_of_host(url: &url::Url) -> Vec<AddressNote> {
    let host = url.host_str().unwrap_or_default();
    if is_internal(url) {
        return vec![AddressNote::NotOnInternet];
    }
    let mut notes = Vec::new();
    let amazon = amazon::recognise(host);
    match amazon.as_ref().map(|host| host.door) {
        Some(Door::Website) => notes.push(AddressNote::Website),
        Some(Door::LegacyGlobal | Door::LegacyDash) => notes.push(AddressNote::OldForm),
        _ => {}
    }
    if url.scheme() == "http" {
        notes.push(AddressNote::PlainHttp);
    }
    if host.ends_with(".r2.dev") {
        notes.push(AddressNote::RateLimited);
    }
    if host.ends_with(".amazonaws.com.cn") || host.ends_with(".cloudfront.cn") {
        notes.push(AddressNote::China);
    }
    notes
}

/// What names of private networks end in.
const INTERNAL_ENDS: [&str; 6] = [".localhost", ".local", ".internal", ".intranet", ".lan", ".home.arpa"];

/// 100.64.0.0/10, by which providers and private networks over others share addresses (RFC 6598).
fn is_shared(ip: std::net::Ipv4Addr) -> bool {
    let [first, second, ..] = ip.octets();
    first == 100 && second & 0xc0 == 64
}

/// This computer, a private network, or a name that no public name server knows.
fn is_internal(url: &url::Url) -> bool {
    match url.host() {
        Some(url::Host::Domain(name)) => {
            let name = name.trim_end_matches('.');
            !name.contains('.') || INTERNAL_ENDS.iter().any(|end| name.ends_with(end))
        }
        Some(url::Host::Ipv4(ip)) => {
            ip.is_loopback() || ip.is_private() || ip.is_link_local() || ip.is_unspecified() || is_shared(ip)
        }
        Some(url::Host::Ipv6(ip)) => {
            ip.is_loopback() || ip.is_unique_local() || ip.is_unicast_link_local() || ip.is_unspecified()
        }
        None => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hosts_tell_what_to_expect() {
        use AddressNote as N;
        for (address, notes) in [
            ("https://b.s3.eu-west-1.amazonaws.com/k", &[][..]),
            ("http://b.s3-website-us-east-1.amazonaws.com/k", &[N::Website, N::PlainHttp]),
            ("https://b.s3.amazonaws.com/k", &[N::OldForm]),
            ("https://s3-eu-west-1.amazonaws.com/b/k", &[N::OldForm]),
            ("https://pub-0123.r2.dev/k", &[N::RateLimited]),
            ("https://b.s3.cn-north-1.amazonaws.com.cn/k", &[N::China]),
            ("http://cdn.example.com/k", &[N::PlainHttp]),
            ("http://127.0.0.1:9000/b/k", &[N::NotOnInternet]),
            ("http://10.1.2.3/b/k", &[N::NotOnInternet]),
            ("http://[fd00::1]/b/k", &[N::NotOnInternet]),
            ("https://minio/b/k", &[N::NotOnInternet]),
            ("https://nas.local/b/k", &[N::NotOnInternet]),
            ("https://nas.home.arpa/b/k", &[N::NotOnInternet]),
            ("https://files.intranet/b/k", &[N::NotOnInternet]),
            ("https://100.64.0.1/b/k", &[N::NotOnInternet]),
            ("https://100.127.255.254/b/k", &[N::NotOnInternet]),
            ("https://100.128.0.1/b/k", &[]),
            ("http://0.0.0.0:9000/b/k", &[N::NotOnInternet]),
            ("https://b.s3.eu-west-1.amazonaws.com//x", &[N::FoldedSlashes]),
            ("https://cdn.example.com/a//b/%01", &[N::FoldedSlashes, N::ControlCharacters]),
            ("https://cdn.example.com/a%0Ab%20c%2F%2F", &[N::ControlCharacters]),
        ] {
            assert_eq!(address_notes(address), notes, "{address}");
        }
    }
}
