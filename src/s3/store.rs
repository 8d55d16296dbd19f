//! The store itself: how its SDK clients are made, and how every call is made, classified and repaired.

use std::collections::BTreeMap;
use std::error::Error;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use aws_credential_types::provider::SharedCredentialsProvider;
use aws_sdk_s3::Client;
use aws_sdk_s3::config::retry::{RetryConfig, RetryPartition};
use aws_sdk_s3::config::timeout::TimeoutConfig;
use aws_sdk_s3::config::{
    BehaviorVersion, Builder, RequestChecksumCalculation, ResponseChecksumValidation, SharedAsyncSleep,
    StalledStreamProtectionConfig,
};
use aws_sdk_s3::error::SdkError;
use aws_smithy_async::rt::sleep::TokioSleep;
use aws_smithy_async::time::{SharedTimeSource, SystemTimeSource};
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;

use super::authorities::{self, Authorities};
use super::blank_keys::RightPath;
use super::chain_settings::CaBundle;
use super::classify::{About, Asked, classify};
use super::direct::Direct;
use super::gate::{CallEnd, CallGate, CallKind, Timers};
use super::learnt::{Learnt, SigningTime};
use super::payer::AgreesToPay;
use super::region_news::BucketPlaces;
use super::wire::{Proxies, Trust, Wire};
use super::{RegionCache, S3Error, StoreParams, keys};
use crate::model::{
    Addressing, BucketName, CA_FILE, ChainSays, Connection, CredentialSource, Endpoint, FailureKind, Fips, IpVersions,
    Partition, Region, SaidBy, Service,
};

/// Attempts of one call that the SDK makes by itself; whoever queues work has patience of its own.
const ATTEMPTS: u32 = 3;
/// Longest time of one attempt that carries little.
const ATTEMPT_TIMEOUT: Duration = Duration::from_mins(2);
/// A correction of our clock that differs by so much from the last one is worth asking again.
const CLOCK_TOLERANCE_SECS: u64 = 4 * 60;
/// Longest time in which a download may stand still.
const DOWNLOAD_STALL: Duration = Duration::from_secs(20);

/// The SDK clients of one connection, all on one connection pool. Clones share them; make one store per runtime
/// thread by [`S3Store::beside`]. Dropping the last one closes the connections. Calls that are dropped half-way close theirs, and take
/// back the progress they counted.
#[derive(Clone, Debug)]
pub struct S3Store {
    pub(super) inner: Arc<Inner>,
    attempts: Attempts,
    gate: Option<Arc<dyn CallGate>>,
}

/// Who repeats a call that failed for a while.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Attempts {
    /// The SDK, up to [`ATTEMPTS`] in all.
    BySdk,
    /// Whoever made the call.
    ByCaller,
}

/// What clones of a store share.
#[derive(Debug)]
pub(super) struct Inner {
    connection: Connection,
    endpoint: Option<Endpoint>,
    /// Whose authorities are trusted in the place of the system's.
    ca_bundle: Option<CaBundle>,
    pub(super) wire: Wire,
    pub(super) direct: Direct,
    partition: RetryPartition,
    clients: Mutex<BTreeMap<(Attempts, Region), Client>>,
    pub(super) provider: Option<SharedCredentialsProvider>,
    pub(super) access_key_id: Option<String>,
    pub(super) known: RegionCache,
    pub(super) time: SharedTimeSource,
}

/// What tests put in the place of the world.
pub(super) struct World {
    pub(super) time: SharedTimeSource,
    pub(super) trust: Option<Trust>,
}

/// A connection as it is used: what the user left open is as environment or profile say.
fn as_used(
    mut connection: Connection,
    endpoint: Option<Endpoint>,
    region: Option<Region>,
    says: Option<ChainSays>,
) -> Result<Connection, S3Error> {
    let (asks_for_region, asks_for_endpoint) = match &connection.credentials {
        CredentialSource::AwsChain { region, endpoint, .. } => (*region == SaidBy::Chain, *endpoint == SaidBy::Chain),
        _ => (false, false),
    };
    if asks_for_region && let Some(region) = region {
        connection.region = region;
    }
    // A service with an address of its own was chosen by name: another one is not asked in its place.
    if asks_for_endpoint && connection.service.endpoint(&connection.region).is_none() {
        connection.endpoint = endpoint;
    }
    let is_amazons = connection.service == Service::AmazonS3 && connection.endpoint.is_none();
    let makes_host = is_amazons || connection.service.endpoint(&connection.region).is_some();
    if makes_host && !connection.region.fits_host() {
        // No host of the service is called so: it is the region of another one, whose endpoint is missing.
        let detail = format!("{} is no region of this service", connection.region);
        return Err(S3Error::local("s3:ListAllMyBuckets", FailureKind::EndpointMissing, detail)
            .with("connection", &connection.name));
    }
    if let Some(held) = connection.endpoint.as_ref().and_then(Endpoint::held_bucket) {
        // Of an earlier version, of a profile or of the environment: nothing is ever written through it.
        let detail = format!("use {} for the bucket {}", held.endpoint, held.bucket);
        return Err(S3Error::local("s3:ListAllMyBuckets", FailureKind::EndpointHoldsBucket, detail)
            .with("connection", &connection.name));
    }
    if connection.endpoint.is_none() && connection.service.needs_endpoint() {
        // Without one the SDK would take these keys to Amazon.
        let detail = "neither the connection nor its profile has an endpoint";
        return Err(S3Error::local("s3:ListAllMyBuckets", FailureKind::EndpointMissing, detail)
            .with("connection", &connection.name));
    }
    if let Some(says) = says {
        // What the command line has found in its environment holds also where this is another one.
        let fips = if connection.chain.fips == Fips::Required { Fips::Required } else { says.fips };
        connection.chain = ChainSays { fips, ..says };
    }
    if connection.chain.fips == Fips::Required {
        check_fips(&connection)?;
    }
    Ok(connection)
}

/// Refuses what would go to hosts that will not do, as Amazon's own tools refuse an endpoint beside FIPS.
fn check_fips(connection: &Connection) -> Result<(), S3Error> {
    let endpoint = connection.request_endpoint();
    let will_do = match &endpoint {
        Some(endpoint) => endpoint.is_amazons_fips(),
        // The SDK knows no such hosts of S3 in China.
        None => Partition::of(&connection.region).id != "aws-cn",
    };
    if will_do {
        return Ok(());
    }
    let host = endpoint.as_ref().map_or(connection.region.as_str(), Endpoint::authority);
    let detail = "FIPS is asked for, and this is no host of Amazon's that is known for it";
    Err(S3Error::local("s3:ListAllMyBuckets", FailureKind::FipsUnavailable, detail).with("host", host))
}

/// Whom a connection trusts, with what its file says.
async fn trusted(connection: &Connection, bundle: Option<&Authorities>) -> Result<Trust, S3Error> {
    let own = match &connection.ca_file {
        Some(path) => Some(Authorities::read(Path::new(path)).await?),
        None => None,
    };
    Ok(authorities::trust(own.as_ref(), bundle))
}

impl S3Store {
    /// Makes the clients. Asks the network only for keys of the AWS chain that need it (SSO, roles); a bad endpoint
    /// or key shows with the first call.
    pub async fn connect(params: StoreParams) -> Result<Self, S3Error> {
        let time = SharedTimeSource::new(SystemTimeSource::new());
        Box::pin(Self::connect_in(params, World { time, trust: None })).await
    }

    /// A store of the same connection for another thread: the same keys, with clients and connections of its own, and
    /// the time by which requests that stand still are given up.
    #[must_use]
    pub fn beside(&self, timers: Timers) -> Self {
        let inner = &*self.inner;
        let beside = Inner {
            connection: inner.connection.clone(),
            endpoint: inner.endpoint.clone(),
            ca_bundle: inner.ca_bundle.clone(),
            wire: inner.wire.beside(timers),
            direct: Direct::default(),
            partition: inner.partition.clone(),
            clients: Mutex::default(),
            provider: inner.provider.clone(),
            access_key_id: inner.access_key_id.clone(),
            known: inner.known.clone(),
            time: inner.time.clone(),
        };
        Self { inner: Arc::new(beside), attempts: Attempts::BySdk, gate: None }
    }

    /// The same clients and connections, with each call asked of `gate` first and told how it ended. The SDK repeats
    /// nothing by itself then: a failed call comes back at once.
    #[must_use]
    pub fn gated(&self, gate: Arc<dyn CallGate>) -> Self {
        Self { inner: Arc::clone(&self.inner), attempts: Attempts::ByCaller, gate: Some(gate) }
    }

    /// The same clients and connections, with nothing repeated by itself: to find out whether the server answers.
    #[must_use]
    pub fn with_one_attempt(&self) -> Self {
        Self { inner: Arc::clone(&self.inner), attempts: Attempts::ByCaller, gate: self.gate.clone() }
    }

    /// [`S3Store::connect`] with a clock and, in tests, with trusted certificates of the caller's choice.
    pub(super) async fn connect_in(params: StoreParams, world: World) -> Result<Self, S3Error> {
        let found = keys::resolve(&params.keys).await?;
        let connection = as_used(params.connection, found.endpoint, found.region, found.says)?;
        let endpoint = connection.request_endpoint();
        let plain = endpoint.as_ref().is_some_and(Endpoint::is_plain_http);
        let loopback = endpoint.as_ref().is_some_and(Endpoint::is_loopback);
        let trust = match world.trust {
            Some(trust) => trust,
            None if plain => Trust::Nobody,
            None => trusted(&connection, found.ca_bundle.as_ref().map(|(_named, authorities)| authorities)).await?,
        };
        let proxies = if loopback { Proxies::None } else { Proxies::OfEnvironment };
        let buckets = BucketPlaces::of(&connection);
        let wire = Wire::new(&trust, proxies, params.regions.clone(), world.time.clone(), buckets)
            .map_err(|error| S3Error::local("s3:ListAllMyBuckets", FailureKind::Internal, error))?;
        let partition = RetryPartition::custom("bucketdrop").build();
        let inner = Inner {
            connection,
            endpoint,
            ca_bundle: found.ca_bundle.map(|(named, _authorities)| named),
            wire,
            direct: Direct::default(),
            partition,
            clients: Mutex::default(),
            provider: found.provider,
            access_key_id: found.access_key_id,
            known: params.regions,
            time: world.time,
        };
        let store = Self { inner: Arc::new(inner), attempts: Attempts::BySdk, gate: None };
        store.learnt().bind(&store.host());
        Ok(store)
    }

    /// The connection with region and endpoint as they are used: for the AWS chain, as environment or profile say.
    pub fn connection(&self) -> &Connection {
        &self.inner.connection
    }

    /// What buckets' answers have told so far; shared with the connection's other stores.
    pub fn regions(&self) -> &RegionCache {
        &self.inner.known
    }

    /// Lessons about the service.
    pub(super) fn learnt(&self) -> &Learnt {
        self.inner.known.learnt()
    }

    /// Whether the endpoint was ever seen to answer as S3 does, in this run or, by what was kept of it, before.
    pub fn has_spoken_s3(&self) -> bool {
        self.learnt().has_spoken_s3()
    }

    /// Seconds since 1970, for the dates of lessons.
    pub(super) fn now_secs(&self) -> i64 {
        let since = self.inner.time.now().duration_since(std::time::UNIX_EPOCH).unwrap_or_default();
        i64::try_from(since.as_secs()).unwrap_or(i64::MAX)
    }

    /// Whether bodies travel in the clear, so that their signature has to cover them.
    pub(super) fn is_plain_http(&self) -> bool {
        self.inner.endpoint.as_ref().is_some_and(Endpoint::is_plain_http)
    }

    /// Whether each call is one request, and repeating it is for whoever made it.
    pub(super) fn repeats_nothing(&self) -> bool {
        self.attempts == Attempts::ByCaller
    }

    /// The region a bucket's requests are signed for.
    pub(super) fn region_of(&self, bucket: Option<&BucketName>) -> Region {
        bucket.and_then(|bucket| self.inner.known.get(bucket)).unwrap_or_else(|| self.inner.connection.region.clone())
    }

    /// The client that signs for a region.
    pub(super) fn client(&self, region: &Region) -> Client {
        let mut clients = self.inner.clients.lock().unwrap_or_else(PoisonError::into_inner);
        let wanted = (self.attempts, region.clone());
        if let Some(client) = clients.get(&wanted) {
            return client.clone();
        }
        let client = Client::from_conf(self.config(region));
        clients.insert(wanted, client.clone());
        client
    }

    fn config(&self, region: &Region) -> aws_sdk_s3::Config {
        let inner = &*self.inner;
        let attempts = if self.attempts == Attempts::BySdk { ATTEMPTS } else { 1 };
        let mut builder = Builder::new()
            .behavior_version(BehaviorVersion::latest())
            .http_client(inner.wire.clone())
            .interceptor(RightPath)
            .region(aws_sdk_s3::config::Region::new(region.as_str().to_owned()))
            .force_path_style(self.forces_path_style())
            .request_checksum_calculation(RequestChecksumCalculation::WhenRequired)
            .response_checksum_validation(ResponseChecksumValidation::WhenRequired)
            .retry_config(RetryConfig::standard().with_max_attempts(attempts))
            .retry_partition(inner.partition.clone())
            .timeout_config(TimeoutConfig::builder().operation_attempt_timeout(ATTEMPT_TIMEOUT).build())
            .stalled_stream_protection(
                StalledStreamProtectionConfig::enabled().upload_enabled(false).grace_period(DOWNLOAD_STALL).build(),
            )
            .sleep_impl(SharedAsyncSleep::new(TokioSleep::new()))
            .time_source(SigningTime { ours: inner.time.clone(), known: inner.known.clone() });
        if self.agrees_to_pay() {
            builder = builder.interceptor(AgreesToPay);
        }
        builder = match &inner.provider {
            Some(provider) => builder.credentials_provider(provider.clone()),
            None => builder.allow_no_auth(),
        };
        match self.endpoint_in(region) {
            Some(endpoint) => builder = builder.endpoint_url(endpoint.as_str()),
            None => builder = builder.use_dual_stack(self.has_dual_stack()).use_fips(self.has_fips()),
        }
        builder.build()
    }

    /// Where requests for a region go: a typed endpoint stays what it is, a service's own follows its template.
    fn endpoint_in(&self, region: &Region) -> Option<Endpoint> {
        let connection = &self.inner.connection;
        connection.endpoint.clone().or_else(|| connection.service.endpoint(region))
    }

    /// Whether requests go to Amazon's hosts for IPv4 and IPv6.
    fn has_dual_stack(&self) -> bool {
        let connection = &self.inner.connection;
        let is_meant =
            connection.addressing == Addressing::DualStack || connection.chain.ip_versions == IpVersions::FourAndSix;
        is_meant && connection.service == Service::AmazonS3
    }

    /// Whether they go to Amazon's validated hosts; an endpoint is one by itself, or was refused.
    fn has_fips(&self) -> bool {
        self.inner.connection.chain.fips == Fips::Required
    }

    fn forces_path_style(&self) -> bool {
        let connection = &self.inner.connection;
        match connection.addressing_in_use() {
            Addressing::Path => true,
            Addressing::VirtualHost => false,
            Addressing::Auto | Addressing::DualStack => {
                let foreign_endpoint = connection.service == Service::AmazonS3
                    && connection.endpoint.as_ref().is_some_and(|endpoint| !endpoint.host().contains("amazonaws"));
                foreign_endpoint || !connection.service.has_virtual_hosts()
            }
        }
    }

    /// Host and port that requests go to, for people.
    pub fn host(&self) -> String {
        if let Some(endpoint) = &self.inner.endpoint {
            return endpoint.authority().to_owned();
        }
        let region = &self.inner.connection.region;
        let dual_stack = if self.has_dual_stack() { "dualstack." } else { "" };
        let fips = if self.has_fips() { "-fips" } else { "" };
        format!("s3{fips}.{dual_stack}{region}.{}", crate::model::partition_suffix(region))
    }

    /// The shortest time so far from a short request of this connection to its answer; `None` before the first one.
    pub fn quickest_answer(&self) -> Option<std::time::Duration> {
        self.inner.wire.quickest_answer()
    }

    /// Makes a call, once the gate lets it out, and tells the gate how it went.
    pub(super) async fn run<T, E, F, Fut>(&self, about: About<'_>, send: F) -> Result<T, S3Error>
    where
        F: Fn(Client) -> Fut,
        Fut: Future<Output = Result<T, SdkError<E, HttpResponse>>>,
        E: ProvideErrorMetadata + Error + 'static,
    {
        match &self.gate {
            None => self.run_now(about, send).await,
            Some(gate) => self.through(gate, about, || Box::pin(self.run_now(about, send))).await,
        }
    }

    /// The same, with something that is only worth doing right before the call goes out, and that may refuse it.
    pub(super) async fn run_after<T, E, F, Fut>(
        &self,
        before: impl Future<Output = Result<(), S3Error>>,
        about: About<'_>,
        send: F,
    ) -> Result<T, S3Error>
    where
        F: Fn(Client) -> Fut,
        Fut: Future<Output = Result<T, SdkError<E, HttpResponse>>>,
        E: ProvideErrorMetadata + Error + 'static,
    {
        let both = || {
            Box::pin(async move {
                before.await?;
                self.run_now(about, send).await
            })
        };
        match &self.gate {
            None => both().await,
            Some(gate) => self.through(gate, about, both).await,
        }
    }

    /// The same store for what is asked within a call that the gate has let out already.
    pub(super) fn let_out(&self) -> Self {
        Self { inner: Arc::clone(&self.inner), attempts: self.attempts, gate: None }
    }

    async fn through<T, F>(
        &self,
        gate: &Arc<dyn CallGate>,
        about: About<'_>,
        call: impl FnOnce() -> std::pin::Pin<Box<F>>,
    ) -> Result<T, S3Error>
    where
        F: Future<Output = Result<T, S3Error>>,
    {
        let Some(pass) = gate.enter(CallKind::of_action(about.action)).await else {
            return Err(S3Error::local(about.action, FailureKind::Cancelled, "stopped before it was sent"));
        };
        let lost = pass.lost();
        let result = tokio::select! {
            biased;
            result = call() => result,
            () = lost => Err(S3Error::local(about.action, FailureKind::Offline, "the computer was asleep")),
        };
        pass.ended(CallEnd {
            failure: result.as_ref().err().map(S3Error::to_failure),
            body_bytes: about.body_bytes,
            quickest_answer: self.quickest_answer(),
        });
        result
    }

    /// Makes a call: signs for the bucket's region, classifies what comes back, and repairs a wrong region once.
    ///
    /// The region may change, the host may not: a typed endpoint is asked again at the same host, and a service's
    /// own endpoint only changes by its template, so no answer can send signed requests elsewhere.
    async fn run_now<T, E, F, Fut>(&self, about: About<'_>, send: F) -> Result<T, S3Error>
    where
        F: Fn(Client) -> Fut,
        Fut: Future<Output = Result<T, SdkError<E, HttpResponse>>>,
        E: ProvideErrorMetadata + Error + 'static,
    {
        let region = self.region_of(about.bucket);
        let correction_secs = self.learnt().clock_correction_secs();
        let mut answer = Box::pin(send(self.client(&region))).await;
        if let Err(error) = &answer
            && self.was_signed_by_a_wrong_clock(&self.classify(error, about), correction_secs)
        {
            answer = Box::pin(send(self.client(&region))).await;
        }
        let error = match answer {
            Ok(output) => {
                self.note_success();
                return Ok(output);
            }
            Err(error) => self.classify(&error, about),
        };
        let Some(bucket) = about.bucket else { return Err(error) };
        let Some(right) = self.right_region(&error, bucket, &region).await else { return Err(error) };
        match Box::pin(send(self.client(&right))).await {
            Ok(output) => {
                self.inner.known.remember(bucket, right);
                self.note_success();
                Ok(output)
            }
            Err(error) => {
                let error = self.classify(&error, about);
                if error.kind() != FailureKind::WrongRegion {
                    self.inner.known.remember(bucket, right);
                }
                Err(error)
            }
        }
    }

    /// Whether a refusal came of our clock, and its very answer has told the right time since. Of a HEAD it has no words.
    fn was_signed_by_a_wrong_clock(&self, error: &S3Error, correction_secs: i64) -> bool {
        let is_news = self.learnt().clock_correction_secs().abs_diff(correction_secs) >= CLOCK_TOLERANCE_SECS;
        let has_no_words = error.status() == Some(403) && error.code().is_none();
        is_news && (error.kind() == FailureKind::ClockSkew || has_no_words)
    }

    fn note_success(&self) {
        self.learnt().spoke_s3.note();
        if self.inner.provider.is_some() {
            self.learnt().signed_in.note();
        }
    }

    /// The cause of a failed call.
    pub(super) fn classify<E>(&self, error: &SdkError<E, HttpResponse>, about: About<'_>) -> S3Error
    where
        E: ProvideErrorMetadata + Error + 'static,
    {
        let host = self.host();
        let asked = Asked {
            host: &host,
            typed_endpoint: self.inner.connection.endpoint.is_some(),
            plain_http: self.is_plain_http(),
            learnt: self.learnt(),
        };
        let found = self.with_payer(classify(error, about, &asked));
        if found.kind() != FailureKind::TlsNotTrusted {
            return found;
        }
        // The authorities of that file do not vouch for it either.
        match (&self.inner.connection.ca_file, &self.inner.ca_bundle) {
            (Some(path), _) => found.with(CA_FILE, path),
            (None, Some(bundle)) => found.with(CA_FILE, bundle.path.display()).with("setting", bundle.setting),
            (None, None) => found,
        }
    }

    /// The region to ask again with; `None` if that would not help.
    async fn right_region(&self, error: &S3Error, bucket: &BucketName, used: &Region) -> Option<Region> {
        let bare_400 = error.status() == Some(400) && error.code().is_none();
        let misdirected = error.kind() == FailureKind::WrongRegion;
        let hint = error.region_hint().filter(|hint| *hint != used);
        match hint {
            Some(hint) if misdirected || bare_400 => Some(hint.clone()),
            _ if (misdirected || bare_400) && self.inner.connection.service == Service::AmazonS3 => {
                self.ask_bucket_region(bucket).await.ok().flatten().filter(|found| found != used)
            }
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::ConnectionId;

    fn used(service: Service, endpoint: Option<&str>, region: &str) -> Result<Connection, FailureKind> {
        let connection = Connection {
            credentials: CredentialSource::aws_chain(None),
            ..Connection::plain(ConnectionId::new("c"), service)
        };
        let endpoint = endpoint.map(|endpoint| Endpoint::parse(endpoint).unwrap());
        as_used(connection, endpoint, Region::of_any_service(region), None).map_err(|error| error.kind())
    }

    #[test]
    fn an_endpoint_with_a_bucket_is_never_written_through() {
        let r2 = "https://0123456789abcdef0123456789abcdef.r2.cloudflarestorage.com";
        assert!(used(Service::Other, Some(r2), "auto").is_ok());
        for service in [Service::Other, Service::CloudflareR2, Service::AmazonS3] {
            let refused = used(service, Some(&format!("{r2}/photos")), "auto");
            assert_eq!(refused.err(), Some(FailureKind::EndpointHoldsBucket), "{service:?}");
        }
    }

    #[test]
    fn a_region_with_capitals_never_becomes_part_of_a_host() {
        for service in [Service::Other, Service::AmazonS3] {
            let used = used(service, Some("https://cloud.example.com:6780"), "RegionOne").unwrap();
            assert_eq!(used.region.as_str(), "RegionOne", "only signed for");
        }
        for service in [Service::AmazonS3, Service::Wasabi, Service::BackblazeB2, Service::DigitalOceanSpaces] {
            assert_eq!(used(service, None, "RegionOne").err(), Some(FailureKind::EndpointMissing), "{service:?}");
        }
    }
}
