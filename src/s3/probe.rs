//! The connection test, line by line.

use super::{Grouping, S3Error, S3Store};
use crate::model::{FailureKind, Scope, TestLine, TestReport, key_tail};

impl S3Store {
    /// Tests the connection: is the host there, does it speak S3, are the keys good, what may they list. Every scope
    /// is listed, one key each. Changes nothing on the server.
    pub async fn probe(&self, scopes: &[Scope]) -> TestReport {
        let mut lines = Vec::new();
        let start = self.inner.time.now();
        let buckets = self.list_buckets().await;
        let elapsed = self.inner.time.now().duration_since(start).unwrap_or_default();
        let answered = match &buckets {
            Ok(_) => true,
            Err(error) => error.status().is_some() && error.kind() != FailureKind::ProxyLogin,
        };
        if answered {
            let elapsed_ms = u64::try_from(elapsed.as_millis()).unwrap_or(u64::MAX);
            lines.push(TestLine::Reached { host: self.host(), elapsed_ms });
            lines.extend(self.learnt().clock_offset_secs().map(|offset_secs| TestLine::Clock { offset_secs }));
        }
        match buckets {
            Ok(buckets) => {
                lines.extend(self.signed_in_line());
                lines.push(TestLine::BucketsListed { count: buckets.len() });
            }
            Err(error) if may_still_work(&error) => {
                // "You may not" is said to known keys only; a service without bucket lists has not looked at them.
                if error.kind() == FailureKind::AccessDenied {
                    lines.extend(self.signed_in_line());
                }
                lines.push(TestLine::MayNotListBuckets);
            }
            Err(error) => {
                lines.push(TestLine::Problem(error.into_failure()));
                return TestReport { lines };
            }
        }
        for scope in scopes {
            lines.push(self.probe_scope(scope).await);
        }
        TestReport { lines }
    }

    async fn probe_scope(&self, scope: &Scope) -> TestLine {
        let listed = self.list_objects(&scope.bucket, scope.prefix.as_str(), Grouping::Folders, None, 1).await;
        match listed {
            Ok(_) => TestLine::BucketReached { scope: scope.to_string() },
            Err(error) => TestLine::Problem(error.into_failure()),
        }
    }

    fn signed_in_line(&self) -> Option<TestLine> {
        self.inner.access_key_id.as_deref().map(|id| TestLine::SignedIn { key: key_tail(id) })
    }
}

/// Whether a refused bucket list leaves hope: keys for one bucket only, or a service without such a list.
fn may_still_work(error: &S3Error) -> bool {
    let spoke_s3 = error.code().is_some();
    match error.kind() {
        FailureKind::AccessDenied | FailureKind::Unsupported => spoke_s3,
        _ => false,
    }
}
