//! Which hosts are asked where environment or profile say FIPS, dual stack or addressing, and which are handed out.

use std::time::Duration;

use super::canned::{bucket, key, key_source};
use super::{RegionCache, S3Error, S3Store, StoreParams};
use crate::model::{
    Addressing, ChainSays, Connection, ConnectionId, Endpoint, FailureKind, Fips, IpVersions, Region, Service,
    public_url,
};

const FIPS: ChainSays =
    ChainSays { addressing: Addressing::Auto, fips: Fips::Required, ip_versions: IpVersions::Usual };
const DUAL: ChainSays =
    ChainSays { addressing: Addressing::Auto, fips: Fips::NotAsked, ip_versions: IpVersions::FourAndSix };
const BOTH: ChainSays = ChainSays { fips: Fips::Required, ..DUAL };
const PATH: ChainSays =
    ChainSays { addressing: Addressing::Path, fips: Fips::NotAsked, ip_versions: IpVersions::Usual };

fn amazon(chain: ChainSays) -> Connection {
    Connection {
        region: Region::new("us-west-2").unwrap(),
        chain,
        ..Connection::plain(ConnectionId::new("c"), Service::AmazonS3)
    }
}

async fn store(connection: Connection) -> Result<S3Store, S3Error> {
    let store = S3Store::connect(StoreParams { connection, keys: key_source(), regions: RegionCache::new() }).await?;
    store.regions().remember(&bucket(), Region::new("us-west-2").unwrap());
    Ok(store)
}

#[tokio::test]
async fn signed_links_name_the_host_that_was_asked_for_and_public_ones_the_plain_one() {
    for (chain, host, signed) in [
        (FIPS, "s3-fips.us-west-2.amazonaws.com", "b-1.s3-fips.us-west-2.amazonaws.com/k"),
        (DUAL, "s3.dualstack.us-west-2.amazonaws.com", "b-1.s3.dualstack.us-west-2.amazonaws.com/k"),
        (BOTH, "s3-fips.dualstack.us-west-2.amazonaws.com", "b-1.s3-fips.dualstack.us-west-2.amazonaws.com/k"),
    ] {
        let store = store(amazon(chain)).await.unwrap();
        assert_eq!(store.host(), host);
        let link = store.presign_get(&bucket(), &key("k"), Duration::from_mins(1)).await.unwrap();
        assert_eq!(link.url.split('?').next(), Some(&*format!("https://{signed}")));
        let public = public_url(store.connection(), &bucket(), None, &key("k")).unwrap();
        assert_eq!(public, "https://b-1.s3.us-west-2.amazonaws.com/k");
    }
}

#[tokio::test]
async fn the_users_addressing_goes_before_the_profiles() {
    for (typed, address) in [
        (Addressing::Auto, "https://s3.us-west-2.amazonaws.com/b-1/k"),
        (Addressing::VirtualHost, "https://b-1.s3.us-west-2.amazonaws.com/k"),
    ] {
        let store = store(Connection { addressing: typed, ..amazon(PATH) }).await.unwrap();
        let link = store.presign_get(&bucket(), &key("k"), Duration::from_mins(1)).await.unwrap();
        assert_eq!(link.url.split('?').next(), Some(address));
        assert_eq!(public_url(store.connection(), &bucket(), None, &key("k")).as_deref(), Ok(address));
    }
}

#[tokio::test]
async fn what_is_no_validated_host_is_refused_where_only_those_will_do() {
    let at = |service, endpoint: &str| Connection { endpoint: Endpoint::parse(endpoint).ok(), service, ..amazon(FIPS) };
    let in_china = Connection { region: Region::new("cn-north-1").unwrap(), ..amazon(FIPS) };
    for (connection, named) in [
        (at(Service::Other, "https://minio.example.com:9000"), "minio.example.com:9000"),
        (at(Service::AmazonS3, "https://s3.us-west-2.amazonaws.com"), "s3.us-west-2.amazonaws.com"),
        (at(Service::AmazonS3, "http://s3-fips.us-west-2.amazonaws.com"), "s3-fips.us-west-2.amazonaws.com"),
        (Connection { service: Service::Wasabi, ..amazon(FIPS) }, "s3.us-west-2.wasabisys.com"),
        (in_china, "cn-north-1"),
    ] {
        let failure = store(connection).await.unwrap_err().to_failure();
        assert_eq!(failure.kind, FailureKind::FipsUnavailable);
        assert!(failure.args.contains(&("host", named.to_owned())), "{failure:?}");
    }
    let validated = store(at(Service::AmazonS3, "https://s3-fips.us-west-2.amazonaws.com")).await.unwrap();
    assert_eq!(validated.host(), "s3-fips.us-west-2.amazonaws.com");
}
