//! A bucket's own lifecycle rules, as far as they abort uploads that are not finished. They are only read.

use aws_sdk_s3::types::{ExpirationStatus, LifecycleRule};

use super::classify::About;
use super::{S3Error, S3Store};
use crate::model::{BucketCleaning, BucketName, CleaningRule, FailureKind};

impl S3Store {
    /// What a bucket's rules do about unfinished uploads; `None` where nobody answered, or not in words that are known.
    /// One question.
    pub async fn bucket_cleaning(&self, bucket: &BucketName) -> Option<BucketCleaning> {
        let about = About::bucket("s3:GetLifecycleConfiguration", bucket);
        let store = self.with_one_attempt();
        let asked = Box::pin(
            store.run(about, |client| client.get_bucket_lifecycle_configuration().bucket(bucket.as_str()).send()),
        );
        match asked.await {
            Ok(output) => Some(cleaning(output.rules())),
            Err(error) => without_rules(&error),
        }
    }
}

fn without_rules(error: &S3Error) -> Option<BucketCleaning> {
    let knows_none = matches!(error.code(), Some("NotImplemented" | "MethodNotAllowed"))
        || matches!(error.status(), Some(405 | 501));
    match error.code() {
        Some("NoSuchLifecycleConfiguration") => Some(BucketCleaning::NoRule),
        _ if error.kind() == FailureKind::AccessDenied => Some(BucketCleaning::NotReadable),
        _ => knows_none.then_some(BucketCleaning::NotOffered),
    }
}

fn cleaning(rules: &[LifecycleRule]) -> BucketCleaning {
    let enabled = rules.iter().filter(|rule| *rule.status() == ExpirationStatus::Enabled);
    let mut rules: Vec<CleaningRule> = enabled.filter_map(cleaning_rule).collect();
    rules.sort_by(|a, b| (a.prefix.len(), a.days, &a.prefix).cmp(&(b.prefix.len(), b.days, &b.prefix)));
    if rules.is_empty() { BucketCleaning::NoRule } else { BucketCleaning::Rules(rules) }
}

/// Uploads have neither tags nor a size, so a rule that asks for them means none of them.
fn cleaning_rule(rule: &LifecycleRule) -> Option<CleaningRule> {
    let days = rule.abort_incomplete_multipart_upload()?.days_after_initiation()?;
    let prefix = match rule.filter() {
        None => old_prefix(rule),
        Some(filter) => {
            let is_by_size = filter.object_size_greater_than().is_some() || filter.object_size_less_than().is_some();
            if filter.tag().is_some() || is_by_size || filter.and().is_some() {
                return None;
            }
            filter.prefix()
        }
    };
    Some(CleaningRule { prefix: prefix.unwrap_or_default().to_owned(), days: u32::try_from(days).ok()? })
}

#[expect(deprecated, reason = "rules that were made long ago still say it there")]
fn old_prefix(rule: &LifecycleRule) -> Option<&str> {
    rule.prefix()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::s3::canned::{Canned, Reply, bucket};

    /// What is read of an answer.
    async fn read(status: u16, body: &'static str) -> Option<BucketCleaning> {
        let server = Canned::start(move |asked, _| {
            assert!(asked.line.contains("lifecycle"), "{}", asked.line);
            Reply::http(status, &[], body)
        })
        .await;
        server.store().await.bucket_cleaning(&bucket()).await
    }

    #[tokio::test]
    async fn rules_that_are_on_are_told_the_widest_first() {
        let body = "<LifecycleConfiguration>\
            <Rule><Filter><Prefix>logs/</Prefix></Filter><Status>Enabled</Status>\
              <AbortIncompleteMultipartUpload><DaysAfterInitiation>3</DaysAfterInitiation>\
              </AbortIncompleteMultipartUpload></Rule>\
            <Rule><Prefix></Prefix><Status>Enabled</Status>\
              <AbortIncompleteMultipartUpload><DaysAfterInitiation>7</DaysAfterInitiation>\
              </AbortIncompleteMultipartUpload></Rule>\
            <Rule><Filter><Prefix></Prefix></Filter><Status>Disabled</Status>\
              <AbortIncompleteMultipartUpload><DaysAfterInitiation>1</DaysAfterInitiation>\
              </AbortIncompleteMultipartUpload></Rule>\
            <Rule><Filter><Prefix></Prefix></Filter><Status>Enabled</Status>\
              <Expiration><Days>30</Days></Expiration></Rule>\
            <Rule><Filter><Tag><Key>k</Key><Value>v</Value></Tag></Filter><Status>Enabled</Status>\
              <AbortIncompleteMultipartUpload><DaysAfterInitiation>2</DaysAfterInitiation>\
              </AbortIncompleteMultipartUpload></Rule>\
            </LifecycleConfiguration>";
        let rule = |prefix: &str, days| CleaningRule { prefix: prefix.to_owned(), days };
        let expected = BucketCleaning::Rules(vec![rule("", 7), rule("logs/", 3)]);
        assert_eq!(read(200, body).await, Some(expected));
    }

    #[tokio::test]
    async fn what_is_not_there_is_told_from_what_may_not_be_read() {
        let none = "<Error><Code>NoSuchLifecycleConfiguration</Code></Error>";
        assert_eq!(read(404, none).await, Some(BucketCleaning::NoRule));
        assert_eq!(read(200, "<LifecycleConfiguration/>").await, Some(BucketCleaning::NoRule));
        let denied = "<Error><Code>AccessDenied</Code></Error>";
        assert_eq!(read(403, denied).await, Some(BucketCleaning::NotReadable));
        let unknown = "<Error><Code>NotImplemented</Code></Error>";
        assert_eq!(read(501, unknown).await, Some(BucketCleaning::NotOffered));
        assert_eq!(read(500, "<Error><Code>InternalError</Code></Error>").await, None);
    }
}
