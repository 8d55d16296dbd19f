//! What of an answer is looked at, and how HEAD and GET make one.

use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use http_body_util::BodyExt as _;

use super::reach;
use crate::model::{AnswerFrom, AskedBy, Leads, NoAnswer, ObjectStorage, Reach, Region, StrangerAnswer, Voice};
use crate::s3::access_reading::storage_of;
use crate::s3::classify::tag;
use crate::s3::error::clean;

/// Of an error's body; the rest is not read.
const MAX_ERROR_BYTES: usize = 8 * 1024;

/// What storages give their answers: S3 and those that speak its language, and Google's.
const STORAGE_IDS: [&str; 3] = ["x-amz-request-id", "x-amz-id-2", "x-goog-generation"];

/// What networks that deliver objects, and gateways of storages, put on their answers.
const CDN_SIGNS: [&str; 14] = [
    "x-amz-cf-id",
    "x-amz-error-code",
    "cf-ray",
    "x-served-by",
    "x-akamai-request-id",
    "akamai-grn",
    "x-azure-ref",
    "x-ms-request-id",
    "x-guploader-uploadid",
    "x-bz-file-id",
    "cdn-requestid",
    "x-minio-error-code",
    "x-oss-request-id",
    "x-cos-request-id",
];
/// Those of them that a storage leaves, also on what a network passes on.
const STORAGE_SIGNS: [&str; 6] = [
    "x-ms-request-id",
    "x-guploader-uploadid",
    "x-bz-file-id",
    "x-minio-error-code",
    "x-oss-request-id",
    "x-cos-request-id",
];
/// How the servers of such networks call themselves.
const CDN_SERVERS: [&str; 7] = ["cloudfront", "cloudflare", "akamai", "fastly", "bunnycdn", "keycdn", "ecs"];
/// And those of storages.
const STORAGE_SERVERS: [&str; 8] =
    ["amazons3", "uploadserver", "gws", "minio", "ceph", "rustfs", "garage", "seaweedfs"];

/// An answer, and what of it is for the stranger alone.
pub(super) struct Seen {
    pub(super) answer: StrangerAnswer,
    /// The very same address over TLS, where a redirect leads there.
    pub(super) over_tls: Option<String>,
    /// Whether it names an archive as the place of the object.
    is_archived: bool,
}

/// Takes in an answer's head and, of an error, the beginning of its body.
pub(super) async fn read(
    mut response: HttpResponse,
    address: &str,
    reach: Reach,
    by: AskedBy,
) -> Result<Seen, NoAnswer> {
    let status = response.status().as_u16();
    let header = |name: &str| response.headers().get(name).map(str::to_owned);
    let has_id = STORAGE_IDS.into_iter().any(|name| header(name).is_some());
    let is_html =
        header("content-type").is_some_and(|kind| kind.trim_start().to_ascii_lowercase().starts_with("text/html"));
    let server = header("server").unwrap_or_default().to_ascii_lowercase();
    let is_called = |names: &[&str]| names.iter().any(|name| server.starts_with(name));
    // A network that delivers objects says no with pages, too, and so does a server that asks for a password.
    let is_of_cdn = CDN_SIGNS.into_iter().any(|name| header(name).is_some())
        || is_called(&CDN_SERVERS)
        || is_called(&STORAGE_SERVERS);
    let speaks_for_itself = is_called(&CDN_SERVERS) && !STORAGE_SIGNS.into_iter().any(|name| header(name).is_some());
    let may_be_a_page = is_html && !is_of_cdn && header("www-authenticate").is_none();
    let location = header("location");
    let mut region = header("x-amz-bucket-region").as_deref().and_then(Region::new);
    if region.is_none() {
        region = location.as_deref().map(reach::host_of).and_then(region_of_host);
    }
    let location = location.filter(|_| (300..400).contains(&status));
    let over_tls = location.clone().filter(|location| is_same_over_tls(address, location));
    let [class, archive_status, restore] =
        ["x-amz-storage-class", "x-amz-archive-status", "x-amz-restore"].map(&header);
    let storage = storage_of(class.as_deref(), archive_status.as_deref(), restore.as_deref());
    let answer = StrangerAnswer {
        status,
        code: None,
        message: None,
        size_bytes: size(status, header("content-range").as_deref(), header("content-length").as_deref()),
        etag: header("etag").map(|tag| tag.trim().trim_start_matches("W/").trim_matches('"').to_owned()),
        region,
        leads: location.as_deref().map(|location| leads(address, location)),
        over_tls: None,
        from: from(header("age").as_deref(), header("x-cache").or_else(|| header("cf-cache-status")).as_deref()),
        voice: if has_id || reach::is_amazon_over_tls(address) {
            Voice::Storage
        } else if speaks_for_itself {
            Voice::Delivery
        } else {
            Voice::Unclear
        },
        by,
        reach,
    };
    let mut seen = Seen { answer, over_tls, is_archived: storage == ObjectStorage::Archived };
    if status >= 300 && status != 416 {
        let text = error_text(&mut response).await;
        seen.answer.code = tag(&text, "Code").map(clean);
        seen.answer.message = tag(&text, "Message").map(clean);
        if seen.answer.voice == Voice::Unclear && seen.answer.code.is_none() && may_be_a_page && is_page(&text) {
            seen.answer.voice = Voice::Page;
        }
        seen.answer.region = seen.answer.region.or_else(|| tag(&text, "Region").and_then(Region::new));
    }
    Ok(seen)
}

fn leads(address: &str, location: &str) -> Leads {
    let asked = reach::host_of(address);
    match authority(location) {
        Some(authority) => {
            let there = format!("https://{authority}");
            let named = reach::host_of(&there);
            if named.eq_ignore_ascii_case(asked) { Leads::Within } else { Leads::To(clean(named)) }
        }
        None => Leads::Within,
    }
}

/// Host and port that a location names, as browsers read it: backslashes are slashes before the query, any number of
/// slashes leads to a host, and what cannot be seen is left out (<https://url.spec.whatwg.org/#url-parsing>). `None`
/// where it is a path.
fn authority(location: &str) -> Option<String> {
    let seen: String = location
        .trim_matches(|c: char| c <= ' ')
        .chars()
        .filter(|c| !matches!(c, '\t' | '\n' | '\r'))
        .take_while(|c| !matches!(c, '?' | '#'))
        .map(|c| if c == '\\' { '/' } else { c })
        .collect();
    let scheme = seen.split_once(':').filter(|(scheme, _)| {
        scheme.starts_with(|c: char| c.is_ascii_alphabetic())
            && scheme.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '+' | '-' | '.'))
    });
    let rest = match scheme {
        Some((_, after)) => after,
        None if seen.starts_with("//") => seen.as_str(),
        None => return None,
    };
    Some(rest.trim_start_matches('/').split('/').next().unwrap_or_default().to_owned())
}

/// Whether a redirect does nothing but change to TLS. Its port may be another one.
fn is_same_over_tls(address: &str, location: &str) -> bool {
    let path = |url: &str| {
        let (_, after) = url.split_once("://")?;
        Some(after.find(['/', '?', '#']).and_then(|at| after.get(at..)).unwrap_or_default().to_owned())
    };
    address.starts_with("http://")
        && location.starts_with("https://")
        && reach::host_of(address).eq_ignore_ascii_case(reach::host_of(location))
        && path(address) == path(location)
}

/// The beginning of an error's body. One that breaks off says what it has said.
async fn error_text(response: &mut HttpResponse) -> String {
    let mut body = response.take_body();
    let mut bytes = Vec::new();
    while bytes.len() < MAX_ERROR_BYTES {
        let Some(Ok(frame)) = body.frame().await else { break };
        if let Some(data) = frame.data_ref() {
            bytes.extend(data.iter().take(MAX_ERROR_BYTES - bytes.len()));
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

/// Whether this is the beginning of a web page. That it is called one is not enough: some servers call everything so.
fn is_page(text: &str) -> bool {
    let text = text.trim_start_matches('\u{feff}').to_ascii_lowercase();
    ["<!doctype html", "<html", "<head", "<body"].into_iter().any(|mark| text.contains(mark))
}

/// The size of the whole object. The length of a part is not it.
fn size(status: u16, range: Option<&str>, length: Option<&str>) -> Option<u64> {
    let total = range.and_then(|range| range.rsplit_once('/')).and_then(|(_, total)| total.trim().parse().ok());
    match status {
        200 => length.and_then(|length| length.trim().parse().ok()),
        206 | 416 => total,
        _ => None,
    }
}

/// Caches say how long they have kept an answer, or that they had it.
fn from(age: Option<&str>, cache: Option<&str>) -> AnswerFrom {
    let is_aged = age.and_then(|age| age.trim().parse::<u64>().ok()).is_some_and(|secs| secs > 0);
    let is_hit = cache.is_some_and(|cache| cache.to_ascii_lowercase().contains("hit"));
    if is_aged || is_hit { AnswerFrom::Cache } else { AnswerFrom::Server }
}

/// The region in a host of Amazon's, such as `b.s3.eu-west-1.amazonaws.com`: new buckets redirect without naming it
/// otherwise.
fn region_of_host(host: &str) -> Option<Region> {
    let (_, after) = host.split_once("s3.").or_else(|| host.split_once("s3-"))?;
    let (region, rest) = after.split_once('.')?;
    rest.starts_with("amazonaws.com").then(|| Region::new(region)).flatten()
}

/// Whether HEAD needs no GET after it. One without a body tells no reason; one that opens must say what it opens,
/// and nothing in an archive opens whatever HEAD says.
pub(super) fn says_all(head: &Seen) -> bool {
    let answer = &head.answer;
    match answer.status {
        200 => answer.size_bytes.is_some() && answer.etag.is_some() && !head.is_archived,
        300..=399 => answer.leads.is_some() || answer.region.is_some(),
        429 | 500 | 502..=599 => true,
        _ => false,
    }
}

/// What HEAD and GET say together: GET decides.
pub(super) fn both(head: Option<StrangerAnswer>, got: StrangerAnswer) -> StrangerAnswer {
    let Some(head) = head.filter(|head| matches!(head.status, 200..=299) && matches!(got.status, 200 | 206 | 416))
    else {
        return got;
    };
    StrangerAnswer { size_bytes: got.size_bytes.or(head.size_bytes), etag: got.etag.or(head.etag), ..got }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn redirects_are_told_apart() {
        let address = "http://cdn.example.com/a%20b?v=1";
        for (location, lead, same) in [
            ("https://cdn.example.com/a%20b?v=1", Leads::Within, true),
            ("https://CDN.example.com:8443/a%20b?v=1", Leads::Within, true),
            ("https://cdn.example.com/a%20b", Leads::Within, false),
            ("https://cdn.example.com/login?next=a%20b", Leads::Within, false),
            ("http://cdn.example.com/a%20b?v=1", Leads::Within, false),
            ("/login", Leads::Within, false),
            ("/login?next=https://evil.example/x", Leads::Within, false),
            ("/\\evil.example/x", Leads::To("evil.example".to_owned()), false),
            ("\\\\evil.example", Leads::To("evil.example".to_owned()), false),
            ("///evil.example/x", Leads::To("evil.example".to_owned()), false),
            ("/\t/evil.example/x", Leads::To("evil.example".to_owned()), false),
            (" https:\\evil.example\\x", Leads::To("evil.example".to_owned()), false),
            ("https://evil.example\\@cdn.example.com/x", Leads::To("evil.example".to_owned()), false),
            ("/a?b=\\\\evil.example", Leads::Within, false),
            ("//cdn.example.com/x", Leads::Within, false),
            ("https://login.example.com/a%20b?v=1", Leads::To("login.example.com".to_owned()), false),
        ] {
            assert_eq!((leads(address, location), is_same_over_tls(address, location)), (lead, same), "{location}");
        }
        assert!(!is_same_over_tls("https://cdn.example.com/a", "https://cdn.example.com/a"));
    }
}
