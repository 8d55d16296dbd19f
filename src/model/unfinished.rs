//! Multipart uploads that were neither completed nor aborted: their parts are paid for, and no listing shows them.

use jiff::Timestamp;

use super::{ObjectKey, Service, TransferId};

/// One unfinished multipart upload.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnfinishedUpload {
    /// The key it is for.
    pub key: ObjectKey,
    /// The server's name for it.
    pub upload_id: String,
    /// When it was started, by the server's clock.
    pub started: Option<Timestamp>,
    /// How long ago that was when it was listed, in seconds by this computer's clock.
    pub age_secs: Option<u64>,
    /// How many parts it holds; `None` where they may not be listed.
    pub parts: Option<u64>,
    /// Their bytes.
    pub bytes: Option<u64>,
    /// Whose it is.
    pub owner: UploadOwner,
}

/// Whose an unfinished upload is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum UploadOwner {
    /// A transfer of the queue goes on with it.
    InQueue(TransferId),
    /// This program started it and does not need it any more; aborting it has not worked yet.
    LeftByUs,
    /// Another program, or this one on another computer: perhaps still under way.
    Other,
}

/// What a bucket's own lifecycle rules do about uploads that are not finished.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum BucketCleaning {
    /// The service aborts them by itself; at least one rule, the widest first.
    Rules(Vec<CleaningRule>),
    /// No rule of the bucket does.
    NoRule,
    /// These keys may not read the rules.
    NotReadable,
    /// The service has no such rules, or does not let them be read.
    NotOffered,
}

/// A rule by which the service aborts unfinished uploads.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CleaningRule {
    /// Of keys that begin so; empty for all.
    pub prefix: String,
    /// So many days after they were begun.
    pub days: u32,
}

/// Bytes that prices are given for.
const PRICED_BYTES: f64 = 1_000_000_000.0;

/// Roughly what keeping so many bytes for a month costs, in US dollars: the list price of the service's standard class
/// in its cheapest usual region. Regions, contracts, free amounts and least terms are not in it. `None` where no price
/// is known, and where nothing is paid.
pub fn rough_monthly_usd(service: Service, bytes: u64) -> Option<f64> {
    let usd = match service {
        Service::AmazonS3 => 0.023,
        Service::CloudflareR2 => 0.015,
        Service::BackblazeB2 => 0.006,
        Service::GoogleCloud | Service::DigitalOceanSpaces => 0.020,
        Service::Wasabi => 0.007,
        Service::Other | Service::ThisComputer => return None,
    };
    Some(bytes as f64 / PRICED_BYTES * usd)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_terabyte_costs_what_the_price_list_says() {
        let of = |service| rough_monthly_usd(service, 1_000_000_000_000).map(f64::round);
        assert_eq!(of(Service::AmazonS3), Some(23.0));
        assert_eq!(of(Service::BackblazeB2), Some(6.0));
        assert_eq!(of(Service::ThisComputer), None);
    }
}
