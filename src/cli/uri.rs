//! `s3://bucket/key` as typed on the command line. The key is raw: no escape is resolved, no byte changed.

use std::str::FromStr;

use super::problem::{Problem, problem};
use crate::model::{BucketName, ConnectionId, Location, ObjectKey, ObjectRef, Prefix, Target};

/// `s3://BUCKET[/PREFIX[/]]`
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PrefixUri {
    /// The bucket.
    pub bucket: BucketName,
    /// The folder; the root without one.
    pub prefix: Prefix,
    /// The same as an object's key, unless it ends in `/`.
    pub key: Option<ObjectKey>,
}

/// `s3://BUCKET/KEY`
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ObjectUri {
    /// The bucket.
    pub bucket: BucketName,
    /// The key.
    pub key: ObjectKey,
}

impl PrefixUri {
    /// The same place through a connection.
    pub fn location(&self, connection: &ConnectionId) -> Location {
        Location { connection: connection.clone(), bucket: self.bucket.clone(), prefix: self.prefix.clone() }
    }
}

impl ObjectUri {
    /// The same object through a connection.
    pub fn object(&self, connection: &ConnectionId) -> ObjectRef {
        ObjectRef { connection: connection.clone(), bucket: self.bucket.clone(), key: self.key.clone() }
    }

    /// The object, or everything below it when the address ends in `/`.
    pub fn target(&self) -> Target {
        if self.key.is_folder_marker() {
            Target::Folder(Prefix::new(self.key.as_str()))
        } else {
            Target::Object(self.key.clone())
        }
    }
}

impl FromStr for PrefixUri {
    type Err = Problem;

    fn from_str(text: &str) -> Result<Self, Problem> {
        let (bucket, rest) = split(text)?;
        let key = (!rest.is_empty() && !rest.ends_with('/')).then(|| ObjectKey::new(rest));
        Ok(Self { bucket, prefix: Prefix::new(rest), key })
    }
}

impl FromStr for ObjectUri {
    type Err = Problem;

    fn from_str(text: &str) -> Result<Self, Problem> {
        let (bucket, rest) = split(text)?;
        if rest.is_empty() {
            return Err(problem("cli-usage-object"));
        }
        Ok(Self { bucket, key: ObjectKey::new(rest) })
    }
}

fn split(text: &str) -> Result<(BucketName, &str), Problem> {
    let rest = text.strip_prefix("s3://").ok_or_else(|| problem("cli-usage-scheme"))?;
    let (bucket, rest) = rest.split_once('/').unwrap_or((rest, ""));
    let bucket = BucketName::new(bucket).map_err(|_no_name| problem("cli-usage-bucket"))?;
    Ok((bucket, rest))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_stay_as_typed() {
        let uri: ObjectUri = "s3://b//a b%20c?d#e/".parse().unwrap();
        assert_eq!(uri.key.as_str(), "/a b%20c?d#e/");
        assert_eq!(uri.target(), Target::Folder(Prefix::new("/a b%20c?d#e/")));
        let uri: PrefixUri = "s3://b".parse().unwrap();
        assert!(uri.prefix.is_root() && uri.key.is_none());
        let uri: PrefixUri = "s3://b/p/k".parse().unwrap();
        assert_eq!((uri.prefix.as_str(), uri.key), ("p/k/", Some(ObjectKey::new("p/k"))));
    }

    #[test]
    fn what_is_no_address_is_refused() {
        for text in ["", "b/k", "s3:/b/k", "s3://", "s3:///k", "s3://b", "s3://b/"] {
            assert!(text.parse::<ObjectUri>().is_err(), "{text}");
        }
        assert!("s3://b c/".parse::<PrefixUri>().is_err());
    }
}
