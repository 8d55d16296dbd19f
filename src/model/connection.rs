//! Saved logins: which service, where, and where its keys come from. No secret is ever in here.

use std::fmt;

use super::{BucketName, ChainSays, ConnectionId, LinkKind, LinkTemplate, Prefix, Secret, Service, TemplateProblem};

/// A region code such as `ap-northeast-2`, checked when made, so that nothing in it could lead a host name elsewhere.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Region(String);

impl Region {
    /// Accepts `[a-z0-9-]{1,32}` only: a server must not be able to smuggle a host in here.
    pub fn new(code: &str) -> Option<Self> {
        let fits = (1..=32).contains(&code.len())
            && code.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-');
        fits.then(|| Self(code.to_owned()))
    }

    /// A code that requests are signed for and that need not fit into a host name: OpenStack calls its region
    /// `RegionOne`, others write `_`. Accepts `[A-Za-z0-9_-]{1,32}`.
    pub fn of_any_service(code: &str) -> Option<Self> {
        let fits =
            (1..=32).contains(&code.len()) && code.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_'));
        fits.then(|| Self(code.to_owned()))
    }

    /// A code as this service may have it: [`Region::of_any_service`] where every connection has an endpoint of its own,
    /// else [`Region::new`].
    pub fn of(service: Service, code: &str) -> Option<Self> {
        if service == Service::Other { Self::of_any_service(code) } else { Self::new(code) }
    }

    /// Whether it can be part of a host name.
    pub fn fits_host(&self) -> bool {
        Self::new(&self.0).is_some()
    }

    /// What S3 takes when a service has no regions.
    pub fn us_east_1() -> Self {
        Self("us-east-1".to_owned())
    }

    /// The code as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Region {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Where a service is reached: scheme, host, port and perhaps a path; no user info, query or fragment.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Endpoint(url::Url);

/// Why a text is no endpoint.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EndpointProblem {
    /// Nothing entered.
    Empty,
    /// Not a URL with a host.
    NotAUrl,
    /// Something other than `http` or `https`.
    Scheme,
    /// Holds a user name, a query or a fragment, which an endpoint never has.
    Extras,
}

impl Endpoint {
    /// Parses what a person typed; a missing scheme means `https`.
    pub fn parse(text: &str) -> Result<Self, EndpointProblem> {
        let text = text.trim();
        if text.is_empty() {
            return Err(EndpointProblem::Empty);
        }
        let with_scheme = if text.contains("://") { text.to_owned() } else { format!("https://{text}") };
        let url = url::Url::parse(&with_scheme).map_err(|_error| EndpointProblem::NotAUrl)?;
        if !matches!(url.scheme(), "http" | "https") {
            return Err(EndpointProblem::Scheme);
        }
        if url.host_str().is_none_or(str::is_empty) {
            return Err(EndpointProblem::NotAUrl);
        }
        if !url.username().is_empty() || url.password().is_some() || url.query().is_some() || url.fragment().is_some() {
            return Err(EndpointProblem::Extras);
        }
        Ok(Self(url))
    }

    /// Without a trailing `/`, ready to be followed by a path.
    pub fn as_str(&self) -> &str {
        self.0.as_str().trim_end_matches('/')
    }

    /// The host, punycode where it was international; IPv6 in brackets.
    pub fn host(&self) -> &str {
        self.0.host_str().unwrap_or_default()
    }

    /// Host and, if not the scheme's own, port.
    pub fn authority(&self) -> &str {
        self.0.authority()
    }

    /// `http` or `https`.
    pub fn scheme(&self) -> &str {
        self.0.scheme()
    }

    /// The context path without a trailing `/`; empty for most services.
    pub fn path(&self) -> &str {
        self.0.path().trim_end_matches('/')
    }

    /// Whether what is sent can be read on the way.
    pub fn is_plain_http(&self) -> bool {
        self.0.scheme() == "http"
    }

    /// Whether the host is this very machine.
    pub fn is_loopback(&self) -> bool {
        match self.0.host() {
            Some(url::Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
            Some(url::Host::Ipv4(ip)) => ip.is_loopback(),
            Some(url::Host::Ipv6(ip)) => ip.is_loopback(),
            None => false,
        }
    }
}

impl fmt::Display for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// How a bucket is put into the address of a request.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Addressing {
    /// Virtual host where service and bucket name allow it, else path.
    #[default]
    Auto,
    /// `https://host/bucket/key`
    Path,
    /// `https://bucket.host/key`
    VirtualHost,
    /// As [`Addressing::Auto`], at Amazon's hosts that answer IPv6 as well as IPv4. Other services have one host for
    /// both.
    DualStack,
}

/// Who pays for requests to a bucket whose owner has its users pay for what they ask of it ("requester pays"). Such a
/// bucket refuses whoever has not agreed to; every other one charges its owner in any case.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Payer {
    /// The owner, or nobody: nothing is agreed to.
    #[default]
    Owner,
    /// Whoever asks: each request says that its sender has agreed to pay.
    Requester,
}

/// Whether a profile of `~/.aws` may run a command to give its keys (`credential_process`). It is whatever stands in
/// that file, so nothing is run that the user has not let run.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum KeyCommand {
    /// It is refused, and shown.
    #[default]
    Refused,
    /// It may.
    Allowed,
}

/// Where a connection's keys come from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CredentialSource {
    /// The system keychain holds the secret under the connection's id.
    Keychain {
        /// Public half, kept in the settings.
        access_key_id: String,
    },
    /// Entered for this run; gone when the program ends.
    ThisRunOnly {
        /// Public half.
        access_key_id: String,
    },
    /// The standard AWS chain: environment, then `~/.aws`; read when the connection is opened.
    AwsChain {
        /// A profile by name, or whatever the chain takes by default.
        profile: Option<String>,
        /// Whose word the connection's region is.
        region: SaidBy,
        /// Whose word the connection's endpoint is.
        endpoint: SaidBy,
    },
    /// No keys: requests are not signed.
    Anonymous,
}

impl CredentialSource {
    /// The AWS chain, which also says region and endpoint.
    pub fn aws_chain(profile: Option<String>) -> Self {
        Self::AwsChain { profile, region: SaidBy::Chain, endpoint: SaidBy::Chain }
    }
}

/// Who says a part of where a connection of the AWS chain leads.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum SaidBy {
    /// Environment or profile, anew each time the connection is opened; until then a default stands in.
    #[default]
    Chain,
    /// The user, against whom environment and profile have no say.
    User,
}

/// A bucket, or a part of one, that a connection starts from when its key may not list buckets.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Scope {
    /// The bucket.
    pub bucket: BucketName,
    /// The folder above which nothing may be listed.
    pub prefix: Prefix,
}

impl Scope {
    /// Reads `bucket`, `bucket/prefix/` or `s3://bucket/prefix`.
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        let text = text.strip_prefix("s3://").unwrap_or(text);
        let (bucket, prefix) = text.split_once('/').unwrap_or((text, ""));
        Some(Self { bucket: BucketName::new(bucket).ok()?, prefix: Prefix::new(prefix) })
    }
}

impl fmt::Display for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.prefix.is_root() { write!(f, "{}", self.bucket) } else { write!(f, "{}/{}", self.bucket, self.prefix) }
    }
}

/// A web address under which objects are served: a CDN or an own domain. Of several that fit an object the most
/// specific one holds: one that names its bucket before one for all, and the longer prefix before the shorter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LinkDomain {
    /// Which bucket; `None` for every bucket of the connection.
    pub bucket: Option<BucketName>,
    /// Which of its objects; the root for all.
    pub prefix: Prefix,
    /// For example `https://img.example.com` or `https://cdn.example.com/media/{key}`.
    pub pattern: LinkTemplate,
    /// What the key loses on its way into the address, for a CDN whose origin is a folder. A key that does not begin
    /// with it is not served there, and the next rule holds.
    pub drop_prefix: Prefix,
}

/// A row of the connection editor for a [`LinkDomain`], as typed. A row without any text is left out.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LinkDomainDraft {
    /// `bucket`, `bucket/prefix/`, `*/prefix/`, or nothing or `*` for every bucket.
    pub place: String,
    /// The template.
    pub pattern: String,
    /// The prefix that the key loses; mostly nothing.
    pub drop_prefix: String,
}

/// What cannot stay of a [`LinkDomainDraft`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LinkDomainProblem {
    /// The place is not a bucket or `bucket/prefix/`.
    Place,
    /// The pattern is no template.
    Pattern(TemplateProblem),
}

/// A saved login.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Connection {
    /// Names it in settings and keychain.
    pub id: ConnectionId,
    /// What the user calls it.
    pub name: String,
    /// Whose service.
    pub service: Service,
    /// Only where the service does not follow from the region.
    pub endpoint: Option<Endpoint>,
    /// Where requests are signed for, unless a bucket says otherwise.
    pub region: Region,
    /// How buckets are addressed.
    pub addressing: Addressing,
    /// A file with certificate authorities, in PEM, that this connection trusts besides those of the system; a whole path,
    /// as text, since settings are text. It is read when the connection is opened.
    pub ca_file: Option<String>,
    /// Who pays where owners do not.
    pub payer: Payer,
    /// Where the keys come from.
    pub credentials: CredentialSource,
    /// Whether a profile's command may give them.
    pub key_command: KeyCommand,
    /// What environment and profile say besides; never kept in the settings.
    pub chain: ChainSays,
    /// Buckets to offer without asking the server for a list; empty means: ask.
    pub scopes: Vec<Scope>,
    /// Own domains for links.
    pub link_domains: Vec<LinkDomain>,
}

impl Connection {
    /// A connection of which nothing but its service is chosen, named as its id: the usual region, nothing signed.
    pub fn plain(id: ConnectionId, service: Service) -> Self {
        Self {
            name: id.as_str().to_owned(),
            id,
            service,
            endpoint: None,
            region: Region::new(service.default_region()).unwrap_or_else(Region::us_east_1),
            addressing: Addressing::default(),
            ca_file: None,
            payer: Payer::default(),
            credentials: CredentialSource::Anonymous,
            key_command: KeyCommand::default(),
            chain: ChainSays::default(),
            scopes: Vec::new(),
            link_domains: Vec::new(),
        }
    }

    /// The base address of requests: the one entered, else the service's own for `region`.
    /// `None` only for Amazon S3, where the SDK knows better (partitions, dual stack).
    pub fn request_endpoint(&self) -> Option<Endpoint> {
        self.endpoint.clone().or_else(|| self.service.endpoint(&self.region))
    }

    /// How buckets are addressed: as the connection says, else as the profile does.
    pub fn addressing_in_use(&self) -> Addressing {
        if self.addressing == Addressing::Auto { self.chain.addressing } else { self.addressing }
    }

    /// The region, unless environment or profile say it.
    pub fn chosen_region(&self) -> Option<&Region> {
        let is_chosen = !matches!(self.credentials, CredentialSource::AwsChain { region: SaidBy::Chain, .. });
        is_chosen.then_some(&self.region)
    }

    /// The endpoint, unless there is none or environment or profile say it.
    pub fn chosen_endpoint(&self) -> Option<&Endpoint> {
        let is_chosen = !matches!(self.credentials, CredentialSource::AwsChain { endpoint: SaidBy::Chain, .. });
        self.endpoint.as_ref().filter(|_| is_chosen)
    }

    /// The access key id, where the connection itself knows it.
    pub fn access_key_id(&self) -> Option<&str> {
        match &self.credentials {
            CredentialSource::Keychain { access_key_id } | CredentialSource::ThisRunOnly { access_key_id } => {
                Some(access_key_id)
            }
            CredentialSource::AwsChain { .. } | CredentialSource::Anonymous => None,
        }
    }

    /// Which kind of link opens for whoever gets it. The embedded storage keeps every object private and
    /// serves this computer only, so its links are signed; elsewhere the public address is the one to hand out.
    pub fn link_kind(&self) -> LinkKind {
        if self.service == Service::ThisComputer { LinkKind::Presigned } else { LinkKind::Public }
    }

    /// Whether data and links travel unencrypted over a network.
    pub fn is_plain_http(&self) -> bool {
        self.request_endpoint().is_some_and(|e| e.is_plain_http() && !e.is_loopback())
    }
}

/// Where a new secret is to be kept.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum SecretPlace {
    /// The system keychain.
    #[default]
    Keychain,
    /// Memory, until the program ends.
    ThisRunOnly,
}

/// How a draft gets its keys.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum DraftSource {
    /// Access key and secret typed in.
    #[default]
    AccessKey,
    /// A profile of the standard AWS chain.
    AwsProfile,
    /// No keys.
    Anonymous,
}

/// What stands in the connection editor: raw text, checked when it is saved or tested.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ConnectionDraft {
    /// The connection being edited; `None` for a new one.
    pub id: Option<ConnectionId>,
    /// What the user calls it.
    pub name: String,
    /// Whose service.
    pub service: Service,
    /// Endpoint as typed; empty where the service has its own, or the profile may have one.
    pub endpoint: String,
    /// Region as typed; empty for the service's default, or with [`DraftSource::AwsProfile`] for the profile's.
    pub region: String,
    /// How buckets are addressed.
    pub addressing: Addressing,
    /// The file of [`Connection::ca_file`] as typed or chosen; empty for none.
    pub ca_file: String,
    /// Who pays where owners do not.
    pub payer: Payer,
    /// Where keys come from.
    pub source: DraftSource,
    /// Profile name for [`DraftSource::AwsProfile`]; empty for the chain's default.
    pub aws_profile: String,
    /// Whether its command may give the keys.
    pub key_command: KeyCommand,
    /// Public half of the key.
    pub access_key_id: String,
    /// New secret; empty keeps the saved one when editing.
    pub secret_access_key: Secret,
    /// New session token; may be empty.
    pub session_token: Secret,
    /// `bucket` or `bucket/prefix`, one a line or separated by commas; empty lists all buckets.
    pub scopes: String,
    /// Own domains, row by row.
    pub link_domains: Vec<LinkDomainDraft>,
}

/// The field of a draft that cannot stay as it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DraftProblem {
    /// No name was given.
    Name,
    /// The service needs an endpoint, or the one typed is none.
    Endpoint(EndpointProblem),
    /// The address holds a bucket, which would get into every key.
    EndpointHoldsBucket,
    /// Not a region code.
    Region,
    /// No access key id.
    AccessKeyId,
    /// No secret, and none is saved.
    Secret,
    /// A line is not `bucket` or `bucket/prefix`; holds its number, from 1.
    Scope(usize),
    /// The file of certificate authorities is not named by its whole path.
    CaFile,
    /// A row of the own domains; with its number, from 1.
    LinkDomain(usize, LinkDomainProblem),
}
