//! A bucket in an endpoint, where dashboards show it: `https://ACCOUNT.r2.cloudflarestorage.com/BUCKET`, or
//! `https://BUCKET.nyc3.digitaloceanspaces.com`. Requests to such an address name the bucket twice, and what they store
//! gets other keys than those that were meant. Only of hosts whose form is known is anything said: elsewhere a path, or a
//! label more, may belong to the service.

use super::Endpoint;

/// Hosts of services that have no paths of their own.
const SUFFIXES: [&str; 7] =
    [R2, SPACES, GOOGLE, ".backblazeb2.com", ".wasabisys.com", ".amazonaws.com", ".amazonaws.com.cn"];
const R2: &str = ".r2.cloudflarestorage.com";
const SPACES: &str = ".digitaloceanspaces.com";
const GOOGLE: &str = ".storage.googleapis.com";

/// What is too much in an endpoint.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HeldBucket {
    /// The bucket's name, as it stands there.
    pub bucket: String,
    /// The endpoint without it.
    pub endpoint: String,
}

impl Endpoint {
    /// The bucket that this address of a known service holds; `None` if it holds none, or the service is not known.
    pub fn held_bucket(&self) -> Option<HeldBucket> {
        let host = self.host().to_ascii_lowercase();
        let port = self.authority().strip_prefix(self.host()).unwrap_or_default();
        let at = |host: &str| format!("{}://{host}{port}", self.scheme());
        if let Some((bucket, rest)) = in_host(&host) {
            return Some(HeldBucket { bucket, endpoint: at(&rest) });
        }
        let first = self.path().split('/').find(|segment| !segment.is_empty())?;
        has_no_paths(&host).then(|| HeldBucket { bucket: first.to_owned(), endpoint: at(&host) })
    }
}

/// Whether this is a host of S3. Other hosts of the same makers, such as their gateways, may have paths.
fn has_no_paths(host: &str) -> bool {
    let is_s3 = |label: &str| label == "s3" || label.starts_with("s3-");
    match SUFFIXES.iter().find(|suffix| host.ends_with(**suffix)) {
        Some(&(R2 | SPACES | GOOGLE)) => true,
        Some(_) => host.split('.').any(is_s3),
        None => host == GOOGLE.trim_start_matches('.'),
    }
}

/// A bucket in front of a service's host, and that host.
fn in_host(host: &str) -> Option<(String, String)> {
    let suffix = SUFFIXES.iter().find(|suffix| host.ends_with(**suffix))?;
    let front = host.strip_suffix(suffix)?;
    let labels: Vec<&str> = front.split('.').collect();
    let own_from = match *suffix {
        GOOGLE => return Some((front.to_owned(), suffix.trim_start_matches('.').to_owned())),
        SPACES => {
            // Their CDN has the same names and takes no requests of S3.
            let labels = labels.strip_suffix(&["cdn"]).unwrap_or(&labels);
            let (region, bucket) = labels.split_last()?;
            return (!bucket.is_empty()).then(|| (bucket.join("."), format!("{region}{suffix}")));
        }
        // An account's number, before which nothing stands, and a jurisdiction behind it.
        R2 => labels.iter().position(|label| is_account(label))?,
        // In private networks other labels stand in front.
        _ if labels.contains(&"vpce") => return None,
        _ => labels.iter().position(|label| *label == "s3")?,
    };
    let (bucket, own) = labels.split_at_checked(own_from)?;
    (!bucket.is_empty()).then(|| (bucket.join("."), format!("{}{suffix}", own.join("."))))
}

fn is_account(label: &str) -> bool {
    label.len() == 32 && label.chars().all(|c| c.is_ascii_hexdigit())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn held(endpoint: &str) -> Option<(String, String)> {
        Endpoint::parse(endpoint).unwrap().held_bucket().map(|held| (held.bucket, held.endpoint))
    }

    #[test]
    fn a_bucket_is_found_where_dashboards_put_it() {
        const ACCOUNT: &str = "0123456789abcdef0123456789abcdef";
        let r2 = format!("https://{ACCOUNT}.r2.cloudflarestorage.com");
        let eu = format!("https://{ACCOUNT}.eu.r2.cloudflarestorage.com");
        for (endpoint, rest) in [
            (format!("{r2}/photos"), r2.as_str()),
            (format!("{r2}/photos/"), r2.as_str()),
            (format!("{eu}/photos"), eu.as_str()),
            (format!("https://photos.{ACCOUNT}.r2.cloudflarestorage.com"), r2.as_str()),
            ("https://photos.nyc3.digitaloceanspaces.com".to_owned(), "https://nyc3.digitaloceanspaces.com"),
            ("photos.nyc3.cdn.digitaloceanspaces.com".to_owned(), "https://nyc3.digitaloceanspaces.com"),
            ("https://nyc3.digitaloceanspaces.com/photos".to_owned(), "https://nyc3.digitaloceanspaces.com"),
            ("https://storage.googleapis.com/photos".to_owned(), "https://storage.googleapis.com"),
            ("https://photos.storage.googleapis.com".to_owned(), "https://storage.googleapis.com"),
            ("https://photos.s3.us-west-004.backblazeb2.com".to_owned(), "https://s3.us-west-004.backblazeb2.com"),
            ("https://s3.eu-central-1.wasabisys.com/photos".to_owned(), "https://s3.eu-central-1.wasabisys.com"),
            ("https://photos.s3.amazonaws.com".to_owned(), "https://s3.amazonaws.com"),
            ("http://s3.eu-west-1.amazonaws.com:80/photos".to_owned(), "http://s3.eu-west-1.amazonaws.com"),
        ] {
            assert_eq!(held(&endpoint), Some(("photos".to_owned(), rest.to_owned())), "{endpoint}");
        }
    }

    #[test]
    fn an_endpoint_without_one_is_left_alone() {
        for endpoint in [
            "https://0123456789abcdef0123456789abcdef.r2.cloudflarestorage.com/",
            "https://0123456789abcdef0123456789abcdef.eu.r2.cloudflarestorage.com",
            "https://nyc3.digitaloceanspaces.com",
            "https://storage.googleapis.com",
            "https://s3.us-west-004.backblazeb2.com",
            "https://s3.wasabisys.com",
            "https://s3.dualstack.eu-west-1.amazonaws.com",
            "https://s3-fips.us-gov-west-1.amazonaws.com",
            "https://bucket.vpce-1a2b3c4d-5e6f.s3.us-east-1.vpce.amazonaws.com",
            "https://a1b2c3.execute-api.eu-west-1.amazonaws.com/prod",
            // Whose path it is, nobody knows.
            "https://gateway.example.com/s3/photos",
            "http://127.0.0.1:9000/base",
        ] {
            assert_eq!(held(endpoint), None, "{endpoint}");
        }
    }
}
