//! Which proxy the environment names for an address, as curl reads it, and what is wrong with one that cannot be used.
//!
//! Whoever names a proxy wants no request to go past it: one of a kind that is not known here, or that cannot be read,
//! makes requests fail. Passwords stay in the environment: nothing here prints the value of a variable.

use std::fmt;

use http::Uri;
use hyper_util::client::proxy::matcher::{Intercept, Matcher};

use super::socks::LONGEST_BYTES;
use crate::model::FailureKind;

/// A proxy is in the way, and by its own fault: nothing goes past it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum ProxyTrouble {
    /// It wants a login, or another one.
    #[error("the proxy wants a login: proxy authentication required")]
    Login,
    /// It cannot be used at all.
    #[error("the proxy in {variable} cannot be used: {why}")]
    Unusable {
        /// Of the environment.
        variable: &'static str,
        /// Without its login.
        why: Unusable,
    },
}

impl ProxyTrouble {
    /// What people are told.
    pub(super) fn kind(&self) -> FailureKind {
        match self {
            Self::Login => FailureKind::ProxyLogin,
            Self::Unusable { .. } => FailureKind::ProxyUnusable,
        }
    }
}

/// Why a proxy cannot be used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Unusable {
    /// It is of a kind that is not spoken here, such as `socks4`.
    Kind(String),
    /// What stands there is no address.
    Unreadable,
    /// It does not speak SOCKS5, or not as it should.
    SpeaksNoSocks,
}

impl fmt::Display for Unusable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Kind(kind) => write!(f, "{kind} proxies are not known"),
            Self::Unreadable => f.write_str("this is no address of a proxy"),
            Self::SpeaksNoSocks => f.write_str("it does not answer as a SOCKS5 proxy"),
        }
    }
}

/// The way to an address.
#[derive(Debug)]
pub(super) enum Way {
    /// Straight there.
    Direct,
    /// Through a proxy that only passes bytes on (`CONNECT`).
    Tunnel(Intercept),
    /// By a proxy that is asked in the server's place.
    Forward(Intercept),
    /// Through a SOCKS5 proxy, which only passes bytes on.
    Socks(Socks),
}

/// A SOCKS5 proxy.
#[derive(Debug)]
pub(super) struct Socks {
    pub(super) proxy: Intercept,
    /// Who looks names up.
    pub(super) names: Names,
    /// Where it was found.
    pub(super) variable: &'static str,
}

/// Who looks up the names of servers behind a SOCKS5 proxy.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Names {
    /// This computer: `socks5`.
    Here,
    /// The proxy, and nobody here asks for them: `socks5h`.
    AtProxy,
}

/// The variables that name proxies and exceptions.
#[derive(Clone, Default)]
pub(super) struct Variables {
    pub(super) http: Setting,
    pub(super) https: Setting,
    pub(super) all: Setting,
    pub(super) no: String,
}

/// What a variable says, and its name; empty if there is none. It may hold a password, so it cannot be printed.
#[derive(Clone, Default)]
pub(super) struct Setting {
    pub(super) name: &'static str,
    pub(super) value: String,
}

impl Variables {
    fn of_environment() -> Self {
        // A web server's script: `HTTP_PROXY` is then a header of whoever asks it.
        if std::env::var_os("REQUEST_METHOD").is_some() {
            return Self::default();
        }
        Self {
            http: Setting::read(["HTTP_PROXY", "http_proxy"]),
            https: Setting::read(["HTTPS_PROXY", "https_proxy"]),
            all: Setting::read(["ALL_PROXY", "all_proxy"]),
            no: Setting::read(["NO_PROXY", "no_proxy"]).value,
        }
    }
}

impl Setting {
    /// The first one that says something.
    fn read(names: [&'static str; 2]) -> Self {
        let values = names.into_iter().filter_map(|name| {
            let value = std::env::var_os(name)?.to_string_lossy().trim().to_owned();
            (!value.is_empty()).then_some(Self { name, value })
        });
        values.into_iter().next().unwrap_or_default()
    }

    /// With the kind in small letters, as the matcher knows it.
    fn in_order(&self) -> Self {
        let value = match self.value.split_once("://") {
            Some((kind, rest)) => format!("{}://{rest}", kind.to_ascii_lowercase()),
            None => self.value.clone(),
        };
        Self { name: self.name, value }
    }
}

/// What a proxy of the environment is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Http,
    Socks(Names),
}

/// The proxy for one scheme of addresses.
#[derive(Clone, Debug)]
struct Named {
    variable: &'static str,
    kind: Result<Kind, Unusable>,
}

/// The proxies that the environment names, and for what.
pub(super) struct ProxyRules {
    matcher: Matcher,
    http: Option<Named>,
    https: Option<Named>,
}

impl ProxyRules {
    /// Those of `HTTP_PROXY`, `HTTPS_PROXY`, `ALL_PROXY` and `NO_PROXY`, in capitals or not.
    pub(super) fn of_environment() -> Self {
        Self::new(&Variables::of_environment())
    }

    pub(super) fn new(variables: &Variables) -> Self {
        let either = |own: &Setting| if own.value.is_empty() { &variables.all } else { own }.in_order();
        let (http, https) = (either(&variables.http), either(&variables.https));
        let matcher = Matcher::builder().http(matched(&http)).https(matched(&https)).no(variables.no.clone()).build();
        Self { matcher, http: Named::read(&http), https: Named::read(&https) }
    }

    /// By which way requests to an address go; fails if a proxy is named for it that cannot be used.
    pub(super) fn way(&self, address: &Uri) -> Result<Way, ProxyTrouble> {
        let is_https = address.scheme_str() == Some("https");
        let named = if is_https { &self.https } else { &self.http };
        let (Some(proxy), Some(named)) = (self.matcher.intercept(address), named) else { return Ok(Way::Direct) };
        match &named.kind {
            Err(why) => Err(ProxyTrouble::Unusable { variable: named.variable, why: why.clone() }),
            Ok(Kind::Http) if is_https => Ok(Way::Tunnel(proxy)),
            Ok(Kind::Http) => Ok(Way::Forward(proxy)),
            Ok(Kind::Socks(who)) => Ok(Way::Socks(Socks { proxy, names: *who, variable: named.variable })),
        }
    }
}

impl Named {
    fn read(setting: &Setting) -> Option<Self> {
        if setting.value.is_empty() {
            return None;
        }
        Some(Self { variable: setting.name, kind: kind_of(&setting.value) })
    }
}

fn kind_of(value: &str) -> Result<Kind, Unusable> {
    // `host:port` without a kind is an HTTP proxy.
    let kind = match value.split_once("://").map_or("http", |(kind, _)| kind) {
        "http" | "https" => Kind::Http,
        "socks5" => Kind::Socks(Names::Here),
        "socks5h" => Kind::Socks(Names::AtProxy),
        other if other.len() <= 16 && other.bytes().all(|byte| byte.is_ascii_alphanumeric()) => {
            return Err(Unusable::Kind(other.to_owned()));
        }
        _ => return Err(Unusable::Unreadable),
    };
    let probe = Matcher::builder().all(value.to_owned()).build();
    let read = probe.intercept(&Uri::from_static("http://h/"));
    if read.is_some_and(|proxy| is_usable(&proxy)) { Ok(kind) } else { Err(Unusable::Unreadable) }
}

/// Whether host, port and login are such as can be used.
fn is_usable(proxy: &Intercept) -> bool {
    let (host, authority) = (proxy.uri().host().unwrap_or_default(), proxy.uri().authority());
    let has_bad_port = proxy.uri().port_u16().is_none() && authority.is_some_and(|all| all.as_str() != host);
    // A password with a sign that should have been escaped.
    let has_rest = authority.is_some_and(|all| all.as_str().contains('@'));
    let (name, password) = proxy.raw_auth().unwrap_or_default();
    !host.is_empty() && !has_bad_port && !has_rest && name.len() <= LONGEST_BYTES && password.len() <= LONGEST_BYTES
}

/// What the matcher is told: one that it would pass over stands in for a proxy that is not used, so that it still
/// says for which addresses `NO_PROXY` leaves it out.
fn matched(setting: &Setting) -> String {
    match kind_of(&setting.value) {
        _ if setting.value.is_empty() => String::new(),
        Ok(_) => setting.value.clone(),
        Err(_) => "http://unusable.invalid".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rules(http: &str, https: &str, all: &str, no: &str) -> ProxyRules {
        let setting = |name, value: &str| Setting { name, value: value.to_owned() };
        ProxyRules::new(&Variables {
            http: setting("HTTP_PROXY", http),
            https: setting("HTTPS_PROXY", https),
            all: setting("ALL_PROXY", all),
            no: no.to_owned(),
        })
    }

    fn told(rules: &ProxyRules, address: &'static str) -> String {
        match rules.way(&Uri::from_static(address)) {
            Ok(Way::Direct) => "direct".to_owned(),
            Ok(Way::Tunnel(proxy)) => format!("tunnel {}", proxy.uri()),
            Ok(Way::Forward(proxy)) => format!("forward {}", proxy.uri()),
            Ok(Way::Socks(socks)) => format!("{:?} {} {:?}", socks.names, socks.proxy.uri(), socks.proxy.raw_auth()),
            Err(trouble) => trouble.to_string(),
        }
    }

    const SAFE: &str = "https://s3.example.test/b/k";
    const PLAIN: &str = "http://s3.example.test/b/k";

    #[test]
    fn each_kind_of_proxy_has_its_way() {
        let http = rules("", "", "http://p:3128", "");
        assert_eq!(told(&http, SAFE), "tunnel http://p:3128/");
        assert_eq!(told(&http, PLAIN), "forward http://p:3128/");
        assert_eq!(told(&rules("", "", "p:3128", ""), PLAIN), "forward http://p:3128/");
        let here = rules("", "", "socks5://user:pa%20ss@p:1080", "");
        for address in [SAFE, PLAIN] {
            assert_eq!(told(&here, address), "Here socks5://p:1080/ Some((\"user\", \"pa ss\"))");
        }
        assert_eq!(told(&rules("", "", "SOCKS5h://p", ""), SAFE), "AtProxy socks5h://p/ None");
        // The own variable of a scheme comes before that for all.
        let mixed = rules("", "http://p:3128", "socks5h://q:1080", "");
        assert_eq!(told(&mixed, SAFE), "tunnel http://p:3128/");
        assert_eq!(told(&mixed, PLAIN), "AtProxy socks5h://q:1080/ None");
        assert_eq!(told(&rules("", "", "", ""), SAFE), "direct");
    }

    #[test]
    fn what_is_left_out_of_the_proxies_goes_direct() {
        for all in ["http://proxy.example.com:3128", "socks5h://proxy.example.com", "socks4://proxy.example.com"] {
            let rules = rules("", "", all, "corp.example.com,10.0.0.0/8");
            for (address, is_direct) in [
                ("https://cdn.example.com/k", false),
                ("https://minio.corp.example.com/b/k", true),
                ("http://10.1.2.3:9000/b/k", true),
                ("http://11.1.2.3:9000/b/k", false),
            ] {
                assert_eq!(told(&rules, address) == "direct", is_direct, "{all} {address}");
            }
        }
    }

    #[test]
    fn what_cannot_be_used_is_refused_and_never_passed_by_or_printed() {
        for (value, why) in [
            ("socks4://user:geheim@p:1080", "socks4 proxies are not known"),
            ("socks4a://p", "socks4a proxies are not known"),
            ("socks://user:geheim@p:1080", "socks proxies are not known"),
            ("quic://p:443", "quic proxies are not known"),
            ("http://user:geh#eim@p:3128", "this is no address of a proxy"),
            ("http://user:geh@eim@p:3128", "this is no address of a proxy"),
            ("user:geheim://p:3128", "this is no address of a proxy"),
            ("socks5://", "this is no address of a proxy"),
            ("http://p:99999999", "this is no address of a proxy"),
        ] {
            let rules = rules("", "", value, "excepted.test");
            for address in [SAFE, PLAIN] {
                let told = told(&rules, address);
                assert_eq!(told, format!("the proxy in ALL_PROXY cannot be used: {why}"), "{value}");
            }
            assert_eq!(told(&rules, "https://b.excepted.test/k"), "direct", "{value}");
        }
        // One for the other scheme is not in the way.
        let half = rules("socks4://p", "", "", "");
        assert_eq!(told(&half, SAFE), "direct");
        assert_eq!(told(&half, PLAIN), "the proxy in HTTP_PROXY cannot be used: socks4 proxies are not known");
    }
}
