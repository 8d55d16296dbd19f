//! The IAM policy that lets a key do what Bucketdrop does, to be pasted into the IAM console.

use serde_json::json;

use crate::model::{ConnectionDraft, Scope};

/// Stands where the user has named no bucket yet.
const PLACEHOLDER: &str = "YOUR-BUCKET";

/// The policy for the buckets named in a draft.
pub(super) fn policy_for(draft: &ConnectionDraft) -> String {
    let named = draft.scopes.split(['\n', ',']).filter_map(Scope::parse).map(|scope| scope.bucket.to_string());
    let mut buckets: Vec<String> = named.collect();
    buckets.dedup();
    if buckets.is_empty() {
        buckets.push(PLACEHOLDER.to_owned());
    }
    let partition = partition(draft.region.trim());
    let arns: Vec<String> = buckets.iter().map(|bucket| format!("arn:{partition}:s3:::{bucket}")).collect();
    let objects: Vec<String> = arns.iter().map(|arn| format!("{arn}/*")).collect();
    let policy = json!({
        "Version": "2012-10-17",
        "Statement": [
            { "Effect": "Allow", "Action": "s3:ListAllMyBuckets", "Resource": "*" },
            {
                "Effect": "Allow",
                "Action": ["s3:ListBucket", "s3:GetBucketLocation", "s3:ListBucketMultipartUploads"],
                "Resource": arns,
            },
            {
                "Effect": "Allow",
                "Action": [
                    "s3:GetObject", "s3:PutObject", "s3:DeleteObject",
                    "s3:AbortMultipartUpload", "s3:ListMultipartUploadParts",
                ],
                "Resource": objects,
            },
        ],
    });
    format!("{policy:#}\n")
}

fn partition(region: &str) -> &'static str {
    match region {
        region if region.starts_with("cn-") => "aws-cn",
        region if region.starts_with("us-gov-") => "aws-us-gov",
        _ => "aws",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_policy_names_the_buckets() {
        let draft = ConnectionDraft {
            scopes: "weandb, weandb/photos/".into(),
            region: "cn-north-1".into(),
            ..Default::default()
        };
        let policy: serde_json::Value = serde_json::from_str(&policy_for(&draft)).unwrap();
        assert_eq!(policy["Statement"][1]["Resource"], json!(["arn:aws-cn:s3:::weandb"]));
        assert_eq!(policy["Statement"][2]["Resource"], json!(["arn:aws-cn:s3:::weandb/*"]));
        assert!(policy_for(&ConnectionDraft::default()).contains("arn:aws:s3:::YOUR-BUCKET/*"));
    }
}
