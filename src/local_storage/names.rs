//! The names that the storage goes by: what does not ask for one of them is refused.
//!
//! A page from anywhere may have its own name lead to 127.0.0.1 (DNS rebinding), and its script then talks to whatever
//! listens here, as if that were the page's own server. The browser still says whom it believes to talk to, in `Host`.
//! The port is not looked at: a page cannot choose a name by it, and whoever forwards one has another.

use http::{HeaderMap, StatusCode, Uri, header};
use s3s::S3Error;

use super::errors::custom;

/// What the storage answers to beside `BUCKET.localhost`.
const OWN: [&str; 3] = ["127.0.0.1", "localhost", "[::1]"];

/// The error for a request to a host that is not this storage, nor one of the `further` names.
pub(super) fn refusal(uri: &Uri, headers: &HeaderMap, further: &[&str]) -> Option<S3Error> {
    let is_ours = |host: &str| is_own(host, further);
    let mut hosts = headers.get_all(header::HOST).iter();
    let is_named = hosts.next().and_then(|host| host.to_str().ok()).is_some_and(is_ours) && hosts.next().is_none();
    // A whole address in the first line would win over the header.
    let is_addressed = uri.authority().is_none_or(|authority| is_ours(authority.as_str()));
    if is_named && is_addressed {
        return None;
    }
    tracing::warn!("refused a request to a host that is not this storage");
    let text = "This storage serves the computer it runs on, and does not go by the name in the Host header.";
    Some(custom(StatusCode::MISDIRECTED_REQUEST, "MisdirectedRequest", text))
}

fn is_own(host: &str, further: &[&str]) -> bool {
    let (name, port) = match host.rfind(']') {
        // The colons of an IPv6 address are none of its port.
        Some(end) => host.split_at_checked(end + 1).unwrap_or((host, "")),
        None => host.find(':').and_then(|at| host.split_at_checked(at)).unwrap_or((host, "")),
    };
    let is_port = |port: &str| port.len() <= 5 && port.bytes().all(|byte| byte.is_ascii_digit());
    if !port.is_empty() && !port.strip_prefix(':').is_some_and(is_port) {
        return false;
    }
    let name = name.to_ascii_lowercase();
    let is_bucket = name.strip_suffix(".localhost").is_some_and(|bucket| !bucket.is_empty());
    is_bucket || OWN.contains(&name.as_str()) || further.contains(&name.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_names_of_this_computer_are_its_own() {
        let own = [
            "127.0.0.1:9000",
            "127.0.0.1",
            "localhost:9000",
            "LOCALHOST",
            "[::1]:9000",
            "[::1]",
            "b.localhost:9000",
            "my.bucket.localhost",
            "127.0.0.1:",
        ];
        for host in own {
            assert!(is_own(host, &[]), "{host}");
        }
        let others = [
            "",
            ":9000",
            "evil.example:9000",
            "evil.example",
            "0.0.0.0:9000",
            "127.0.0.1.evil.example",
            "127.0.0.1@evil",
            "127.0.0.1:80@evil.example",
            "localhost.evil.example:9000",
            ".localhost",
            "notlocalhost",
            "::1",
            "[::1]x",
            "[::1].evil:80",
            "127.1:9000",
            "2130706433",
            "localhost:9000:1",
            "localhost:x",
            "b.localhost.",
        ];
        for host in others {
            assert!(!is_own(host, &[]), "{host}");
        }
        assert!(is_own("storage.example.test:80", &["storage.example.test"]));
    }

    #[test]
    fn a_request_has_one_name_and_it_is_ours() {
        let uri = |text: &str| text.parse::<Uri>().unwrap();
        let asks = |uri: &Uri, hosts: &[&str]| {
            let mut headers = HeaderMap::new();
            for host in hosts {
                headers.append(header::HOST, host.parse().unwrap());
            }
            refusal(uri, &headers, &[]).is_none()
        };
        assert!(asks(&uri("/b/k"), &["127.0.0.1:9000"]));
        assert!(asks(&uri("http://localhost:9000/b/k"), &["localhost:9000"]));
        assert!(!asks(&uri("/b/k"), &[]));
        assert!(!asks(&uri("/b/k"), &["127.0.0.1:9000", "evil.example"]));
        assert!(!asks(&uri("http://evil.example/b/k"), &["127.0.0.1:9000"]));
    }
}
