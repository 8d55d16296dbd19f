//! Tables and laws of public addresses and their forms.

use proptest::prelude::*;

use super::*;
use crate::model::{
    Addressing, BucketName, Connection, ConnectionId, Endpoint, LinkDomain, ObjectKey, Prefix, Region, Service,
};

fn connection(service: Service, endpoint: &str, region: &str) -> Connection {
    Connection {
        endpoint: Endpoint::parse(endpoint).ok(),
        region: Region::new(region).unwrap(),
        ..Connection::plain(ConnectionId::new("c"), service)
    }
}

fn url(connection: &Connection, bucket: &str, key: &str) -> Result<String, NoAddress> {
    public_url(connection, &BucketName::new(bucket).unwrap(), None, &ObjectKey::new(key))
}

#[test]
fn hosts_by_service_region_and_bucket() {
    let aws = Service::AmazonS3;
    let cases = [
        (aws, "", "eu-west-1", "b-1", "https://b-1.s3.eu-west-1.amazonaws.com/k"),
        (aws, "", "us-east-1", "b-1", "https://b-1.s3.us-east-1.amazonaws.com/k"),
        (aws, "", "eu-west-1", "my.bucket", "https://s3.eu-west-1.amazonaws.com/my.bucket/k"),
        (aws, "", "eu-west-1", "Old_Bucket", "https://s3.eu-west-1.amazonaws.com/Old_Bucket/k"),
        (aws, "", "cn-north-1", "b-1", "https://b-1.s3.cn-north-1.amazonaws.com.cn/k"),
        (aws, "", "us-gov-west-1", "b-1", "https://b-1.s3.us-gov-west-1.amazonaws.com/k"),
        (aws, "", "eusc-de-east-1", "b-1", "https://b-1.s3.eusc-de-east-1.amazonaws.eu/k"),
        (aws, "", "us-iso-east-1", "b-1", "https://b-1.s3.us-iso-east-1.c2s.ic.gov/k"),
        (aws, "", "us-isob-east-1", "b-1", "https://b-1.s3.us-isob-east-1.sc2s.sgov.gov/k"),
        (aws, "", "eu-isoe-west-1", "b-1", "https://b-1.s3.eu-isoe-west-1.cloud.adc-e.uk/k"),
        (aws, "", "us-isof-south-1", "b-1", "https://b-1.s3.us-isof-south-1.csp.hci.ic.gov/k"),
        (aws, "", "xx-new-9", "b-1", "https://b-1.s3.xx-new-9.amazonaws.com/k"),
        (aws, "http://localhost:4566", "us-east-1", "b-1", "http://localhost:4566/b-1/k"),
        (
            aws,
            "https://s3.dualstack.eu-west-1.amazonaws.com",
            "eu-west-1",
            "b-1",
            "https://b-1.s3.dualstack.eu-west-1.amazonaws.com/k",
        ),
        (
            aws,
            "https://s3.amazonaws.com.evil.example",
            "eu-west-1",
            "b-1",
            "https://s3.amazonaws.com.evil.example/b-1/k",
        ),
        (Service::BackblazeB2, "", "us-west-004", "b-1", "https://b-1.s3.us-west-004.backblazeb2.com/k"),
        (Service::GoogleCloud, "", "auto", "b-1", "https://storage.googleapis.com/b-1/k"),
        (Service::Wasabi, "", "us-east-1", "b-1", "https://s3.us-east-1.wasabisys.com/b-1/k"),
        (Service::DigitalOceanSpaces, "", "nyc3", "b-1", "https://b-1.nyc3.digitaloceanspaces.com/k"),
        (Service::Other, "http://127.0.0.1:9000", "us-east-1", "b-1", "http://127.0.0.1:9000/b-1/k"),
        (
            Service::Other,
            "https://s3.example.com:8443/ctx/",
            "us-east-1",
            "b-1",
            "https://s3.example.com:8443/ctx/b-1/k",
        ),
        (Service::Other, "http://[::1]:9000", "us-east-1", "b-1", "http://[::1]:9000/b-1/k"),
        (
            Service::Other,
            "https://abc.supabase.co/storage/v1/s3",
            "us-east-1",
            "b-1",
            "https://abc.supabase.co/storage/v1/object/public/b-1/k",
        ),
        (Service::ThisComputer, "http://127.0.0.1:40123", "us-east-1", "my-files", "http://127.0.0.1:40123/my-files/k"),
    ];
    for (service, endpoint, region, bucket, expected) in cases {
        assert_eq!(url(&connection(service, endpoint, region), bucket, "k").as_deref(), Ok(expected));
    }
}

#[test]
fn the_buckets_own_region_wins() {
    let aws = connection(Service::AmazonS3, "", "us-east-1");
    let bucket = BucketName::new("b-1").unwrap();
    let seoul = Region::new("ap-northeast-2").unwrap();
    let url = public_url(&aws, &bucket, Some(&seoul), &ObjectKey::new("k"));
    assert_eq!(url.as_deref(), Ok("https://b-1.s3.ap-northeast-2.amazonaws.com/k"));
}

#[test]
fn amazons_own_addresses_name_the_region_and_others_do_not() {
    let bucket = BucketName::new("b-1").unwrap();
    let named = |endpoint| names_region(&connection(Service::AmazonS3, endpoint, "eu-west-1"), &bucket);
    assert!(named("") && named("https://s3.eu-west-1.amazonaws.com"));
    assert!(!named("https://minio.example.com") && !named("http://127.0.0.1:9000"));
    let mut own = connection(Service::AmazonS3, "https://minio.example.com", "eu-west-1");
    own.link_domains = vec![rule("b-1", "https://cdn.example.com/{region}/{key}", "")];
    assert!(names_region(&own, &bucket));
}

#[test]
fn addressing_can_be_chosen() {
    let mut aws = connection(Service::AmazonS3, "", "eu-west-1");
    aws.addressing = Addressing::Path;
    assert_eq!(url(&aws, "b-1", "k").as_deref(), Ok("https://s3.eu-west-1.amazonaws.com/b-1/k"));
    let mut other = connection(Service::Other, "https://s3.example.com:8443", "us-east-1");
    other.addressing = Addressing::VirtualHost;
    assert_eq!(url(&other, "b-1", "k").as_deref(), Ok("https://b-1.s3.example.com:8443/k"));
    assert_eq!(url(&other, "b.1", "k").as_deref(), Ok("https://s3.example.com:8443/b.1/k"));
    let aws = connection(Service::AmazonS3, "", "eu-west-1");
    assert_eq!(url(&aws, "b-1", "soap").as_deref(), Ok("https://s3.eu-west-1.amazonaws.com/b-1/soap"));
}

#[test]
fn some_objects_have_no_public_address() {
    for service in [Service::CloudflareR2, Service::Other] {
        let r2 = connection(service, "https://acc.r2.cloudflarestorage.com", "auto");
        assert_eq!(url(&r2, "b-1", "k"), Err(NoAddress::NeedsDomain));
    }
    let aws = connection(Service::AmazonS3, "", "eu-west-1");
    assert_eq!(url(&aws, "b--euw1-az1--x-s3", "k"), Err(NoAddress::DirectoryBucket));
    for key in ["./x", "../x", "x/../y", "x/.", ".."] {
        assert_eq!(url(&aws, "b-1", key), Err(NoAddress::DotSegment), "{key}");
    }
    assert!(url(&aws, "b-1", "..x/x..").is_ok());
}

fn rule(place: &str, pattern: &str, drop_prefix: &str) -> LinkDomain {
    let draft = crate::model::LinkDomainDraft {
        place: place.to_owned(),
        pattern: pattern.to_owned(),
        drop_prefix: drop_prefix.to_owned(),
    };
    draft.check().unwrap()
}

#[test]
fn own_domains_come_first() {
    let mut r2 = connection(Service::CloudflareR2, "https://acc.r2.cloudflarestorage.com", "auto");
    r2.link_domains =
        vec![rule("", "https://cdn.example.com/media/", ""), rule("img", "https://pub-0123456789abcdef.r2.dev", "")];
    assert_eq!(url(&r2, "img", "a b").as_deref(), Ok("https://pub-0123456789abcdef.r2.dev/a%20b"));
    assert_eq!(url(&r2, "img", "/x").as_deref(), Ok("https://pub-0123456789abcdef.r2.dev//x"));
    assert_eq!(url(&r2, "docs", "k").as_deref(), Ok("https://cdn.example.com/media/k"));
    assert_eq!(url(&r2, "img", "a/../b"), Err(NoAddress::DotSegment));
}

#[test]
fn the_most_specific_rule_holds() {
    let mut aws = connection(Service::AmazonS3, "", "eu-west-1");
    aws.link_domains = vec![
        rule("*/static/", "https://all-static.example/{bucket}/{key}", ""),
        rule("", "https://all.example/{bucket}/{key}", ""),
        rule("one", "https://one.example/{key}", ""),
        rule("one/static/", "https://static.example/{key}", "static/"),
        rule("one/static/deep/", "https://deep.example/{key}", "static/deep"),
        rule("one/odd/", "https://odd.example/{key}", "elsewhere/"),
        rule("one", "https://second.example/{key}", ""),
    ];
    for (bucket, key, expected) in [
        ("one", "a", "https://one.example/a"),
        ("one", "static/a b", "https://static.example/a%20b"),
        ("one", "static//a", "https://static.example//a"),
        ("one", "static/deep/a", "https://deep.example/a"),
        ("one", "static/deeper", "https://static.example/deeper"),
        ("one", "static", "https://one.example/static"),
        // What is dropped is not there: the rule does not serve it. Nor is there an address without a key.
        ("one", "odd/a", "https://one.example/odd/a"),
        ("one", "static/", "https://one.example/static/"),
        ("two", "a", "https://all.example/two/a"),
        ("two", "static/a", "https://all-static.example/two/static/a"),
    ] {
        assert_eq!(url(&aws, bucket, key).as_deref(), Ok(expected), "{bucket} {key}");
    }
}

#[test]
fn amazons_own_doors_are_kept_and_old_ones_are_not_made() {
    let seoul = Region::new("ap-northeast-2").unwrap();
    for (endpoint, bucket, bucket_region, expected) in [
        (
            "https://s3.dualstack.eu-west-1.amazonaws.com",
            "b-1",
            None,
            "https://b-1.s3.dualstack.eu-west-1.amazonaws.com/k",
        ),
        (
            "https://s3.dualstack.eu-west-1.amazonaws.com",
            "b.1",
            None,
            "https://s3.dualstack.eu-west-1.amazonaws.com/b.1/k",
        ),
        ("https://s3-fips.us-east-1.amazonaws.com", "b-1", None, "https://b-1.s3-fips.us-east-1.amazonaws.com/k"),
        (
            "https://s3-fips.dualstack.us-east-1.amazonaws.com",
            "b-1",
            None,
            "https://b-1.s3-fips.dualstack.us-east-1.amazonaws.com/k",
        ),
        (
            "https://s3-fips.us-east-1.amazonaws.com",
            "b-1",
            Some(&seoul),
            "https://b-1.s3-fips.ap-northeast-2.amazonaws.com/k",
        ),
        ("https://s3-accelerate.amazonaws.com", "b-1", None, "https://b-1.s3-accelerate.amazonaws.com/k"),
        ("https://s3-accelerate.amazonaws.com", "b.1", None, "https://s3.eu-west-1.amazonaws.com/b.1/k"),
        ("https://s3.amazonaws.com", "b-1", None, "https://b-1.s3.eu-west-1.amazonaws.com/k"),
        ("https://s3-us-west-2.amazonaws.com", "b-1", None, "https://b-1.s3.us-west-2.amazonaws.com/k"),
        ("https://s3.cn-north-1.amazonaws.com.cn", "b-1", None, "https://b-1.s3.cn-north-1.amazonaws.com.cn/k"),
        (
            "https://bucket.vpce-1a2b.s3.us-east-1.vpce.amazonaws.com",
            "b-1",
            None,
            "https://b-1.bucket.vpce-1a2b.s3.us-east-1.vpce.amazonaws.com/k",
        ),
        ("https://s3.eu-west-1.amazonaws.com:8443", "b-1", None, "https://b-1.s3.eu-west-1.amazonaws.com:8443/k"),
    ] {
        let aws = connection(Service::AmazonS3, endpoint, "eu-west-1");
        let made = public_url(&aws, &BucketName::new(bucket).unwrap(), bucket_region, &ObjectKey::new("k"));
        assert_eq!(made.as_deref(), Ok(expected), "{endpoint}");
    }
}

#[test]
fn dual_stack_is_a_choice_of_the_connection() {
    let mut aws = connection(Service::AmazonS3, "", "eu-west-1");
    aws.addressing = Addressing::DualStack;
    assert_eq!(url(&aws, "b-1", "k").as_deref(), Ok("https://b-1.s3.dualstack.eu-west-1.amazonaws.com/k"));
    assert_eq!(url(&aws, "b.1", "k").as_deref(), Ok("https://s3.dualstack.eu-west-1.amazonaws.com/b.1/k"));
    assert_eq!(
        url(&aws, "arn:aws:s3:us-west-2:123456789012:accesspoint:media", "k").as_deref(),
        Ok("https://media-123456789012.s3-accesspoint.dualstack.us-west-2.amazonaws.com/k")
    );
    aws.endpoint = Endpoint::parse("https://s3-fips.eu-west-1.amazonaws.com").ok();
    assert_eq!(url(&aws, "b-1", "k").as_deref(), Ok("https://b-1.s3-fips.dualstack.eu-west-1.amazonaws.com/k"));
    let mut minio = connection(Service::Other, "https://minio.example.com:9000/ctx", "us-east-1");
    minio.addressing = Addressing::DualStack;
    assert_eq!(url(&minio, "b-1", "k").as_deref(), Ok("https://minio.example.com:9000/ctx/b-1/k"));
}

#[test]
fn access_points_have_hosts_of_their_own() {
    let aws = connection(Service::AmazonS3, "", "eu-west-1");
    let alias = "media-abcdefghijklmnopqrstuvwxyz0123456789-s3alias";
    assert_eq!(url(&aws, alias, "k"), Ok(format!("https://{alias}.s3.eu-west-1.amazonaws.com/k")));
    assert_eq!(
        url(&aws, "arn:aws:s3:us-west-2:123456789012:accesspoint:media", "k").as_deref(),
        Ok("https://media-123456789012.s3-accesspoint.us-west-2.amazonaws.com/k")
    );
}

#[test]
fn what_no_host_answers_strangers_for_has_no_address() {
    let aws = connection(Service::AmazonS3, "", "eu-west-1");
    for (bucket, reason) in [
        ("arn:aws:s3::123456789012:accesspoint:mfzwi23gnjvgw.mrap", NoAddress::MultiRegion),
        ("mfzwi23gnjvgw.mrap", NoAddress::MultiRegion),
        ("arn:aws:s3-outposts:us-west-2:123456789012:outpost:op-01", NoAddress::NeedsDomain),
        ("media--use1-az4--x-s3", NoAddress::DirectoryBucket),
        ("media--use1-az4--xa-s3", NoAddress::DirectoryBucket),
    ] {
        assert_eq!(url(&aws, bucket, "k"), Err(reason), "{bucket}");
    }
    let point = "arn:aws:s3:us-gov-west-1:123456789012:accesspoint:media";
    for (door, host) in [
        ("s3-fips", "media-123456789012.s3-accesspoint-fips.us-gov-west-1.amazonaws.com"),
        ("s3-fips.dualstack", "media-123456789012.s3-accesspoint-fips.dualstack.us-gov-west-1.amazonaws.com"),
    ] {
        let fips =
            connection(Service::AmazonS3, &format!("https://{door}.us-gov-west-1.amazonaws.com"), "us-gov-west-1");
        assert_eq!(url(&fips, point, "k"), Ok(format!("https://{host}/k")), "{door}");
    }
}

#[test]
fn an_own_domain_of_r2_is_the_root_of_its_bucket() {
    let domain = || LinkDomain {
        bucket: None,
        prefix: Prefix::new(""),
        drop_prefix: Prefix::new(""),
        pattern: LinkTemplate::parse("https://media.example.com").unwrap(),
    };
    let mut r2 = connection(Service::CloudflareR2, "https://acc.r2.cloudflarestorage.com", "auto");
    r2.link_domains = vec![domain()];
    assert_eq!(url(&r2, "b-1", "k").as_deref(), Ok("https://media.example.com/k"));
    let mut minio = connection(Service::Other, "https://minio.example.com", "us-east-1");
    minio.link_domains = vec![domain()];
    assert_eq!(url(&minio, "b-1", "k").as_deref(), Ok("https://media.example.com/b-1/k"));
}

/// The awkward keys, and what becomes of them.
const KEYS: [(&str, &str); 19] = [
    ("a b", "a%20b"),
    ("a+b", "a%2Bb"),
    ("a%2Bb", "a%252Bb"),
    ("100%", "100%25"),
    ("a?b#c", "a%3Fb%23c"),
    ("\u{d55c}\u{ae00}.png", "%ED%95%9C%EA%B8%80.png"),
    (
        "\u{1112}\u{1161}\u{11ab}\u{1100}\u{1173}\u{11af}.png",
        "%E1%84%92%E1%85%A1%E1%86%AB%E1%84%80%E1%85%B3%E1%86%AF.png",
    ),
    ("\u{e9}", "%C3%A9"),
    ("e\u{301}", "e%CC%81"),
    ("\u{c0ac}\u{c9c4}\u{202f}x.png", "%EC%82%AC%EC%A7%84%E2%80%AFx.png"),
    ("\u{1f468}\u{200d}\u{1f469}", "%F0%9F%91%A8%E2%80%8D%F0%9F%91%A9"),
    ("//x", "//x"),
    ("/x", "/x"),
    ("x/", "x/"),
    ("x.", "x."),
    ("(1).png", "%281%29.png"),
    ("'\"<>&", "%27%22%3C%3E%26"),
    ("@:,;!$*=", "%40%3A%2C%3B%21%24%2A%3D"),
    ("a\u{1}b\\c", "a%01b%5Cc"),
];

#[test]
fn awkward_keys_are_encoded_exactly_once() {
    let aws = connection(Service::AmazonS3, "", "eu-west-1");
    for (key, encoded) in KEYS {
        assert_eq!(encode_key(&ObjectKey::new(key)), encoded, "{key:?}");
        assert_eq!(url(&aws, "b-1", key), Ok(format!("https://b-1.s3.eu-west-1.amazonaws.com/{encoded}")));
    }
    let longest = "가".repeat(341);
    assert_eq!(encode_key(&ObjectKey::new(longest.as_str())), "%EA%B0%80".repeat(341));
}

proptest! {
    #[test]
    fn an_independent_parser_finds_the_same_key(key in "[^\\x00]{1,80}") {
        prop_assume!(!key.split('/').any(|segment| matches!(segment, "." | "..")));
        let aws = connection(Service::AmazonS3, "", "eu-west-1");
        let text = url(&aws, "b-1", &key).unwrap();
        prop_assert!(text.is_ascii());
        let parsed = url::Url::parse(&text).unwrap();
        prop_assert_eq!(parsed.host_str(), Some("b-1.s3.eu-west-1.amazonaws.com"));
        prop_assert_eq!((parsed.query(), parsed.fragment()), (None, None));
        let path = parsed.path().strip_prefix('/').unwrap();
        let decoded = percent_encoding::percent_decode_str(path).decode_utf8().unwrap();
        prop_assert_eq!(decoded.as_ref(), key.as_str());
    }

    #[test]
    fn different_keys_have_different_addresses(a in "[a-z%+ /\u{e9}e\u{301}한]{1,12}", b in "[a-z%+ /\u{e9}e\u{301}한]{1,12}") {
        prop_assume!(a != b);
        prop_assert_ne!(encode_key(&ObjectKey::new(a)), encode_key(&ObjectKey::new(b)));
    }
}
