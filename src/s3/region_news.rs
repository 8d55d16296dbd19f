//! Regions of buckets, told by any answer: Amazon names a bucket's region in `x-amz-bucket-region` of refusals and
//! redirects as well, whatever was asked.

use aws_smithy_runtime_api::client::orchestrator::HttpResponse;

use super::RegionCache;
use crate::model::{BucketName, Connection, Region, Service};

/// Where the names of buckets stand in the addresses of a connection.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum BucketPlaces {
    /// The service's regions say nothing about addresses.
    Nowhere,
    /// In front of Amazon's own hosts, or first in their paths.
    Amazon,
    /// The same at this host and port.
    Endpoint(String),
}

impl BucketPlaces {
    /// As a connection is used.
    pub(super) fn of(connection: &Connection) -> Self {
        match (&connection.service, &connection.endpoint) {
            (Service::AmazonS3, None) => Self::Amazon,
            (Service::AmazonS3, Some(endpoint)) => Self::Endpoint(endpoint.authority().to_owned()),
            _ => Self::Nowhere,
        }
    }

    /// Remembers what an answer tells of the bucket that was asked about.
    pub(super) fn note(&self, known: &RegionCache, asked: &str, response: &HttpResponse) {
        let Some(told) = response.headers().get("x-amz-bucket-region").and_then(Region::new) else { return };
        let Some(bucket) = self.bucket_in(asked) else { return };
        if known.get(&bucket).is_none_or(|region| region != told) {
            known.remember(&bucket, told);
        }
    }

    fn bucket_in(&self, address: &str) -> Option<BucketName> {
        let (_, rest) = address.split_once("://")?;
        let (authority, path) = rest.split_once('/').unwrap_or((rest, ""));
        let in_front = match self {
            Self::Nowhere => return None,
            Self::Amazon => before_s3(authority.split(':').next()?)?,
            Self::Endpoint(host) => authority.strip_suffix(host.as_str())?.trim_end_matches('.'),
        };
        let name = if in_front.is_empty() { path.split(['/', '?']).next()? } else { in_front };
        BucketName::new(name).ok()
    }
}

/// What stands in front of `s3.eu-west-1.amazonaws.com`, `s3.dualstack…`, `s3-fips…` and the like; `None` of other hosts.
/// A bucket may be called `s3-…` as well.
fn before_s3(host: &str) -> Option<&str> {
    let is_s3 = |label: &str| label == "s3" || label.starts_with("s3-");
    let mut end = host.len();
    loop {
        let front = host.get(..end)?;
        let label_at = front.rfind('.').map_or(0, |dot| dot + 1);
        if front.get(label_at..).is_some_and(is_s3) {
            return front.get(..label_at.saturating_sub(1));
        }
        end = front.rfind('.')?;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::FailureKind;
    use crate::s3::canned::{Asked, Canned, Reply, bucket, connection, key};
    use crate::s3::wire::Trust;

    #[test]
    fn buckets_are_found_in_addresses() {
        let amazon = BucketPlaces::Amazon;
        for (address, name) in [
            ("https://photos.s3.eu-west-1.amazonaws.com/a/b?x-id=GetObject", Some("photos")),
            ("https://photos.s3.dualstack.eu-west-1.amazonaws.com/", Some("photos")),
            ("https://s3-data.s3.eu-west-1.amazonaws.com/k", Some("s3-data")),
            ("https://my.dotted.s3.cn-north-1.amazonaws.com.cn/k", Some("my.dotted")),
            ("https://s3.eu-west-1.amazonaws.com/photos/a?list-type=2", Some("photos")),
            ("https://s3.eu-west-1.amazonaws.com/photos?list-type=2", Some("photos")),
            ("https://s3.eu-west-1.amazonaws.com/", None),
            ("https://s3.eu-west-1.amazonaws.com", None),
            ("https://sts.eu-west-1.amazonaws.com/photos", None),
        ] {
            let found = amazon.bucket_in(address);
            assert_eq!(found.as_ref().map(BucketName::as_str), name, "{address}");
        }
        let endpoint = BucketPlaces::Endpoint("s3.example.com:9000".to_owned());
        for (address, name) in [
            ("https://s3.example.com:9000/photos/a", Some("photos")),
            ("https://photos.s3.example.com:9000/a", Some("photos")),
            ("https://elsewhere.example.com/photos/a", None),
        ] {
            let found = endpoint.bucket_in(address);
            assert_eq!(found.as_ref().map(BucketName::as_str), name, "{address}");
        }
        assert_eq!(BucketPlaces::Nowhere.bucket_in("https://s3.eu-west-1.amazonaws.com/photos"), None);
    }

    #[tokio::test]
    async fn any_answer_teaches_where_a_bucket_is() {
        const REGION: (&str, &str) = ("x-amz-bucket-region", "eu-north-1");
        for status in [200, 403, 404] {
            let server = Canned::start(move |asked: &Asked, _| match asked.method() {
                "HEAD" => Reply::head(status, &[REGION, ("content-length", "0"), ("etag", "\"e\"")]),
                _ => Reply::error(status, "AccessDenied", "no"),
            })
            .await;
            let amazon = connection(Service::AmazonS3, server.endpoint("127.0.0.1"));
            let store = server.store_of(amazon, Trust::Nobody).await;
            assert_eq!(store.regions().get(&bucket()), None);
            if let Err(error) = store.with_one_attempt().head_object(&bucket(), &key("k")).await {
                assert_ne!(error.kind(), FailureKind::Internal, "{error}");
            }
            assert_eq!(store.regions().get(&bucket()), Region::new("eu-north-1"));
            let asked = server.asked().len();
            assert_eq!(store.find_bucket_region(&bucket()).await.ok(), Region::new("eu-north-1"));
            assert_eq!(server.asked().len(), asked, "nobody had to be asked");
        }
    }

    #[tokio::test]
    async fn regions_of_other_services_are_their_own_affair() {
        const HEADERS: [(&str, &str); 2] = [("x-amz-bucket-region", "eu-north-1"), ("content-length", "0")];
        let server = Canned::start(|_, _| Reply::head(403, &HEADERS)).await;
        let store = server.store().await;
        store.head_object(&bucket(), &key("k")).await.unwrap_err();
        assert_eq!(store.regions().get(&bucket()), None);
    }
}
