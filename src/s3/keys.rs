//! From a source of keys to the SDK's credentials provider, and what the AWS chain says of endpoint and region.

use std::sync::{Mutex, PoisonError};
use std::time::{Duration, SystemTime};

use aws_config::environment::EnvironmentVariableCredentialsProvider;
use aws_config::environment::region::EnvironmentVariableRegionProvider;
use aws_config::meta::credentials::CredentialsProviderChain;
use aws_config::meta::region::RegionProviderChain;
use aws_config::profile::{ProfileFileCredentialsProvider, ProfileFileRegionProvider};
use aws_config::provider_config::ProviderConfig;
use aws_credential_types::Credentials as SdkCredentials;
use aws_credential_types::provider::error::CredentialsError;
use aws_credential_types::provider::{self, ProvideCredentials, SharedCredentialsProvider, future};
use aws_sdk_s3::config::BehaviorVersion;
use aws_smithy_async::time::{SystemTimeSource, TimeSource as _};
use aws_smithy_runtime_api::client::http::{SharedHttpConnector, http_client_fn};
use aws_types::region::Region as SdkRegion;
use aws_types::service_config::ServiceConfigKey;

use super::authorities::{self, Authorities};
use super::chain_settings::{self, CaBundle};
use super::classify::{chain_text, find_source, kind_of_credentials};
use super::dial::{DialConfig, Proxies};
use super::key_command::{self, CommandProblem, KeysOfCommand};
use super::pool::Pool;
use super::{KeySource, S3Error};
use crate::model::{ChainSays, Credentials, Endpoint, FailureKind, Fips, IpVersions, KeyCommand, Region};

/// Longest wait for a chain that asks SSO or STS, or runs a command.
const CHAIN_TIMEOUT: Duration = Duration::from_secs(35);
/// Longest wait for a connection to whoever gives keys, where the bundle of environment or profile decides on trust.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);

/// What came of a source of keys.
#[derive(Default)]
pub(super) struct Keys {
    /// Where requests get their keys; `None` for unsigned requests.
    pub(super) provider: Option<SharedCredentialsProvider>,
    /// Public half of the key, to be shown.
    pub(super) access_key_id: Option<String>,
    /// From `AWS_ENDPOINT_URL_S3`, `AWS_ENDPOINT_URL` or the profile.
    pub(super) endpoint: Option<Endpoint>,
    /// From `AWS_REGION`, `AWS_DEFAULT_REGION` or the profile.
    pub(super) region: Option<Region>,
    /// What environment and profile say of hosts and addressing; `None` where they were not asked.
    pub(super) says: Option<ChainSays>,
    /// Whom to trust in the place of the system's authorities, and who says so.
    pub(super) ca_bundle: Option<(CaBundle, Authorities)>,
}

/// Fetches the keys. Reads the environment and `~/.aws` for [`KeySource::AwsChain`] only.
pub(super) async fn resolve(source: &KeySource) -> Result<Keys, S3Error> {
    match source {
        KeySource::Anonymous => Ok(Keys::default()),
        KeySource::Static(credentials) => Ok(Keys {
            provider: Some(SharedCredentialsProvider::new(to_sdk(credentials))),
            access_key_id: Some(credentials.access_key_id.clone()),
            ..Keys::default()
        }),
        KeySource::AwsChain { profile, command } => Box::pin(from_chain(profile.as_deref(), *command)).await,
    }
}

fn to_sdk(credentials: &Credentials) -> SdkCredentials {
    SdkCredentials::new(
        credentials.access_key_id.clone(),
        credentials.secret_access_key.expose(),
        credentials.session_token.as_ref().map(|token| token.expose().to_owned()),
        None,
        "bucketdrop",
    )
}

/// The chain, link by link: no instance metadata, which a desktop would wait for in vain; a profile's command is run
/// here ([`KeysOfCommand`]), since the SDK would run it unasked.
async fn from_chain(profile: Option<&str>, use_of_command: KeyCommand) -> Result<Keys, S3Error> {
    let mut profile_region = ProfileFileRegionProvider::builder();
    let mut profile_keys = ProfileFileCredentialsProvider::builder();
    let mut loader = aws_config::defaults(BehaviorVersion::latest());
    if let Some(name) = profile {
        profile_region = profile_region.profile_name(name);
        profile_keys = profile_keys.profile_name(name);
        loader = loader.profile_name(name);
    }
    // As Amazon's own tools do it: the environment's keys give way to a profile that was named, its region does not.
    let from_environment = RegionProviderChain::first_try(EnvironmentVariableRegionProvider::new());
    let region = from_environment.or_else(profile_region.build()).region().await;
    // Also where the keys are of the environment: FIPS may stand in a file that cannot be read.
    chain_settings::check_files().await.map_err(|unread| {
        no_keys(FailureKind::CredentialsUnreadable, &unread.detail, profile).with("path", unread.path.display())
    })?;
    let profiles = chain_settings::profiles(profile)
        .await
        .map_err(|error| no_keys(FailureKind::CredentialsUnreadable, &chain_text(&error), profile))?;
    let chosen = chain_settings::selected(&profiles);
    let settings = chain_settings::of_chain(chosen)?;
    let ca_bundle = match &settings.ca_bundle {
        Some(bundle) => Some((bundle.clone(), bundle.read().await?)),
        None => None,
    };
    let authorities = ca_bundle.as_ref().map(|(_named, authorities)| authorities);
    let profile_keys = profile_keys.configure(&for_keys(region.clone(), settings.says, authorities)?).build();
    let of_profile = match chosen.and_then(key_command::of_profile) {
        Some(command) => SharedCredentialsProvider::new(KeysOfCommand::new(command, use_of_command)),
        None => SharedCredentialsProvider::new(profile_keys),
    };
    let provider = match profile {
        Some(_) => of_profile,
        None => SharedCredentialsProvider::new(
            CredentialsProviderChain::first_try("Environment", KeysOfEnvironment::default())
                .or_else("Profile", of_profile),
        ),
    };
    let provider = SharedCredentialsProvider::new(KeptKeys::new(provider));
    // Only the endpoint is read from it. Without a region the loader asks the instance metadata for one, and that through
    // a proxy, too.
    let some_region = region.clone().unwrap_or_else(|| SdkRegion::from_static("us-east-1"));
    let config = loader.region(some_region).credentials_provider(provider.clone()).load().await;
    let endpoint = endpoint_of(&config)?;
    let credentials = tokio::time::timeout(CHAIN_TIMEOUT, provider.provide_credentials())
        .await
        .map_err(|_elapsed| no_keys(FailureKind::Timeout, "the AWS credential chain did not answer", profile))?
        .map_err(|error| {
            let found = no_keys(kind_of_credentials(&error), &chain_text(&error), profile);
            match find_source::<CommandProblem>(&error) {
                Some(problem) => found.with("command", problem.command()),
                None => found,
            }
        })?;
    Ok(Keys {
        provider: Some(provider),
        access_key_id: Some(credentials.access_key_id().to_owned()),
        endpoint,
        region: region.and_then(|region| Region::of_any_service(region.as_ref())),
        says: Some(settings.says),
        ca_bundle,
    })
}

/// How keys are asked for that others give: SSO and roles, by the same hosts and authorities as what they are for.
fn for_keys(
    region: Option<SdkRegion>,
    says: ChainSays,
    ca_bundle: Option<&Authorities>,
) -> Result<ProviderConfig, S3Error> {
    let config = ProviderConfig::without_region()
        .with_region(region)
        .with_use_fips((says.fips == Fips::Required).then_some(true))
        .with_use_dual_stack((says.ip_versions == IpVersions::FourAndSix).then_some(true));
    let Some(bundle) = ca_bundle else { return Ok(config) };
    let trust = authorities::trust(None, Some(bundle));
    let dial = DialConfig { trust, proxies: Proxies::OfEnvironment, limit: CONNECT_TIMEOUT };
    let pool = Pool::new(&dial, Duration::ZERO)
        .map_err(|error| S3Error::local("s3:ListAllMyBuckets", FailureKind::Internal, error))?;
    // Keys are renewed by whichever runtime needs them, so each call has connections of its own.
    Ok(config.with_http_client(http_client_fn(move |_settings, _parts| SharedHttpConnector::new(pool.beside()))))
}

/// The environment's keys with their end, which tools that hand out temporary ones write beside them, such as
/// `aws configure export-credentials --format env`. The SDK does not read it.
#[derive(Debug, Default)]
struct KeysOfEnvironment(EnvironmentVariableCredentialsProvider);

impl KeysOfEnvironment {
    async fn keys(&self) -> provider::Result {
        let end = std::env::var("AWS_CREDENTIAL_EXPIRATION").ok();
        Ok(with_end(self.0.provide_credentials().await?, end.as_deref()))
    }
}

impl ProvideCredentials for KeysOfEnvironment {
    fn provide_credentials<'a>(&'a self) -> future::ProvideCredentials<'a>
    where
        Self: 'a,
    {
        future::ProvideCredentials::new(self.keys())
    }
}

/// Temporary keys with the end that is said of them; one that is no time says nothing.
fn with_end(mut keys: SdkCredentials, end: Option<&str>) -> SdkCredentials {
    if keys.session_token().is_some() && keys.expiry().is_none() {
        let end = end.and_then(|text| text.trim().parse::<jiff::Timestamp>().ok());
        // One that is over was left behind by earlier keys: the server knows better.
        *keys.expiry_mut() = end.map(SystemTime::from).filter(|end| *end > SystemTimeSource::new().now());
    }
    keys
}

fn no_keys(kind: FailureKind, detail: &str, profile: Option<&str>) -> S3Error {
    let error = S3Error::local("s3:ListAllMyBuckets", kind, detail);
    match profile {
        Some(profile) => error.with("profile", profile),
        None => error,
    }
}

/// The endpoint by the SDKs' common rule: for S3 first, then for all services; environment before profile.
fn endpoint_of(config: &aws_config::SdkConfig) -> Result<Option<Endpoint>, S3Error> {
    let key = ServiceConfigKey::builder().service_id("S3").env("AWS_ENDPOINT_URL").profile("endpoint_url").build();
    let of_s3 = key.ok().and_then(|key| config.service_config()?.load_config(key));
    let Some(text) = of_s3.or_else(|| config.endpoint_url().map(ToOwned::to_owned)) else { return Ok(None) };
    match Endpoint::parse(&text) {
        Ok(endpoint) => Ok(Some(endpoint)),
        Err(_) => {
            Err(S3Error::local("s3:ListAllMyBuckets", FailureKind::EndpointInvalid, "AWS_ENDPOINT_URL is no endpoint")
                .with("host", text))
        }
    }
}

/// Keys are asked for again this long before they end.
const RENEW_BEFORE: Duration = Duration::from_mins(1);

/// Keeps what a chain gave until shortly before it ends: SSO and roles cost a network call, and every presigned
/// link asks for the keys' end. One call renews them; nobody waits longer than [`CHAIN_TIMEOUT`] for it, and keys that
/// are still good are used where the renewal fails or takes its time.
#[derive(Debug)]
struct KeptKeys {
    source: SharedCredentialsProvider,
    last: Mutex<Option<SdkCredentials>>,
    /// Held by the call that renews.
    turn: tokio::sync::Mutex<()>,
    /// Longest wait of a call.
    limit: Duration,
}

impl KeptKeys {
    fn new(source: SharedCredentialsProvider) -> Self {
        Self { source, last: Mutex::default(), turn: tokio::sync::Mutex::default(), limit: CHAIN_TIMEOUT }
    }

    /// What was given last, if it is good for longer than that.
    fn kept(&self, longer_than: Duration) -> Option<SdkCredentials> {
        let end = SystemTimeSource::new().now() + longer_than;
        let last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
        last.clone().filter(|keys| keys.expiry().is_none_or(|expiry| expiry > end))
    }

    async fn keys(&self) -> provider::Result {
        if let Some(keys) = self.kept(RENEW_BEFORE) {
            return Ok(keys);
        }
        let still_good = || self.kept(Duration::ZERO);
        let turn = self.turn.try_lock().ok();
        if turn.is_none()
            && let Some(keys) = still_good()
        {
            return Ok(keys);
        }
        match tokio::time::timeout(self.limit, self.renew(turn)).await {
            Ok(Ok(keys)) => Ok(keys),
            Ok(Err(error)) => still_good().ok_or(error),
            Err(_elapsed) => still_good().ok_or_else(|| CredentialsError::provider_timed_out(self.limit)),
        }
    }

    async fn renew(&self, turn: Option<tokio::sync::MutexGuard<'_, ()>>) -> provider::Result {
        let _turn = match turn {
            Some(turn) => turn,
            None => self.turn.lock().await,
        };
        // Whoever had the turn before may have renewed them.
        if let Some(keys) = self.kept(RENEW_BEFORE) {
            return Ok(keys);
        }
        let keys = self.source.provide_credentials().await?;
        *self.last.lock().unwrap_or_else(PoisonError::into_inner) = Some(keys.clone());
        Ok(keys)
    }
}

impl ProvideCredentials for KeptKeys {
    fn provide_credentials<'a>(&'a self) -> future::ProvideCredentials<'a>
    where
        Self: 'a,
    {
        future::ProvideCredentials::new(self.keys())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Instant;

    /// Gives keys once that are good for so long, and does not answer from then on.
    #[derive(Debug)]
    struct AnswersOnce(Mutex<Option<Duration>>);

    impl ProvideCredentials for AnswersOnce {
        fn provide_credentials<'a>(&'a self) -> future::ProvideCredentials<'a>
        where
            Self: 'a,
        {
            let good_for = self.0.lock().unwrap().take();
            future::ProvideCredentials::new(async move {
                let Some(good_for) = good_for else { return std::future::pending().await };
                let end = SystemTime::now() + good_for;
                Ok(SdkCredentials::new("id", "secret", None, Some(end), "test"))
            })
        }
    }

    const LIMIT: Duration = Duration::from_secs(2);

    fn kept(first: Option<Duration>) -> KeptKeys {
        let source = SharedCredentialsProvider::new(AnswersOnce(Mutex::new(first)));
        KeptKeys { limit: LIMIT, ..KeptKeys::new(source) }
    }

    #[test]
    fn temporary_keys_of_the_environment_end_when_it_says() {
        let keys = |token: Option<&str>| SdkCredentials::new("id", "secret", token.map(str::to_owned), None, "test");
        let end = SystemTime::UNIX_EPOCH + Duration::from_hours(1_139_568);
        let said = Some("2100-01-01T00:00:00+00:00");
        assert_eq!(with_end(keys(Some("t")), said).expiry(), Some(end));
        let over = Some("2020-01-01T00:00:00Z");
        for (token, said) in [(None, said), (Some("t"), Some("soon")), (Some("t"), None), (Some("t"), over)] {
            assert_eq!(with_end(keys(token), said).expiry(), None);
        }
    }

    #[tokio::test]
    async fn nobody_waits_for_ever_for_keys() {
        let keys = kept(None);
        let begin = Instant::now();
        let all = tokio::join!(keys.keys(), keys.keys(), keys.keys(), keys.keys());
        for got in [all.0, all.1, all.2, all.3] {
            assert!(matches!(got, Err(CredentialsError::ProviderTimedOut(_))), "{got:?}");
        }
        assert!(begin.elapsed() < LIMIT * 3, "all wait together, not one after the other");
    }

    #[tokio::test]
    async fn keys_that_are_still_good_are_used_while_no_new_ones_come() {
        let keys = kept(Some(RENEW_BEFORE / 2));
        assert_eq!(keys.keys().await.unwrap().access_key_id(), "id");
        // One call asks for new ones in vain; the other ones do not wait for that.
        let begin = Instant::now();
        let (asks, goes_by) = tokio::join!(keys.keys(), async { (keys.keys().await, begin.elapsed()) });
        assert_eq!(asks.unwrap().access_key_id(), "id");
        assert_eq!(goes_by.0.unwrap().access_key_id(), "id");
        assert!(goes_by.1 < LIMIT, "{:?}", goes_by.1);
    }
}
