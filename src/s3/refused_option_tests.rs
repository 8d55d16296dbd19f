//! Options that a service does not know: that is what people are told, and not that it stores nothing.

use super::canned::{Canned, Reply};
use crate::model::{Failure, FailureKind};

/// How a service refuses whatever it is asked.
async fn refused(code: &'static str, words: &'static str) -> Failure {
    let server = Canned::start(move |_, _| Reply::error(501, code, words)).await;
    server.store().await.list_buckets().await.unwrap_err().to_failure()
}

fn option(failure: &Failure) -> Option<&str> {
    failure.args.iter().find(|(name, _)| *name == "option").map(|(_, value)| value.as_str())
}

#[tokio::test]
async fn a_refused_header_is_no_missing_operation() {
    let header = "A header you provided implies functionality that is not implemented";
    let failure = refused("NotImplemented", header).await;
    assert_eq!((failure.kind, option(&failure)), (FailureKind::Unsupported, Some("other")));
    let kms = "Server side encryption specified but KMS is not configured";
    assert_eq!(option(&refused("NotImplemented", kms).await), Some("encryption"));
    let operation = refused("NotImplemented", "The operation is not implemented").await;
    assert_eq!((operation.kind, option(&operation)), (FailureKind::Unsupported, None));
}
