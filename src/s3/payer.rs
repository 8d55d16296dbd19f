//! The consent to pay for requests to buckets whose owners do not (requester pays). S3 wants it said with every
//! request, in a header. In a signed link, which nobody adds headers to, it is part of the address.

use aws_sdk_s3::config::interceptors::BeforeTransmitInterceptorContextMut;
use aws_sdk_s3::config::{ConfigBag, Intercept, RuntimeComponents};
use aws_sdk_s3::error::BoxError;
use aws_smithy_runtime_api::client::interceptors::dyn_dispatch_hint;
use aws_smithy_runtime_api::client::orchestrator::HttpRequest;

use super::S3Store;
use super::error::S3Error;
use crate::model::{FailureKind, Payer, Service};

/// The header, and the parameter of a link.
pub(super) const NAME: &str = "x-amz-request-payer";
pub(super) const REQUESTER: &str = "requester";

/// Says so with each request of a client.
#[derive(Debug)]
pub(super) struct AgreesToPay;

#[dyn_dispatch_hint]
impl Intercept for AgreesToPay {
    fn name(&self) -> &'static str {
        "AgreesToPay"
    }

    fn modify_before_retry_loop(
        &self,
        context: &mut BeforeTransmitInterceptorContextMut<'_>,
        _components: &RuntimeComponents,
        _cfg: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        context.request_mut().headers_mut().insert(NAME, REQUESTER);
        Ok(())
    }
}

/// Moves it from the headers of a request that is to be a link into its address, before that is signed; without the
/// header nothing changes.
pub(super) fn into_address(mut request: HttpRequest) -> Result<HttpRequest, aws_smithy_runtime_api::http::HttpError> {
    if request.headers_mut().remove(NAME).is_some() {
        let sign = if request.uri().contains('?') { '&' } else { '?' };
        request.set_uri(format!("{}{sign}{NAME}={REQUESTER}", request.uri()))?;
    }
    Ok(request)
}

impl S3Store {
    /// Whether this connection's user has agreed to pay.
    pub(super) fn agrees_to_pay(&self) -> bool {
        self.connection().payer == Payer::Requester
    }

    /// A refusal that may come of nobody having agreed to pay says so: S3 does not tell it from any other. One that
    /// names a policy or a right has another reason, and who has not signed cannot pay.
    pub(super) fn with_payer(&self, error: S3Error) -> S3Error {
        let connection = self.connection();
        let knows_it = matches!(connection.service, Service::AmazonS3 | Service::Other);
        let has_no_reason = error.kind() == FailureKind::AccessDenied
            && error.bucket().is_some()
            && !error.detail().contains("not authorized to perform");
        if has_no_reason && knows_it && !self.agrees_to_pay() && self.inner.provider.is_some() {
            return error.with("requester-pays", "off");
        }
        error
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::time::Duration;

    use bytes::Bytes;

    use super::*;
    use crate::model::{Connection, ObjectKey};
    use crate::s3::canned::{Canned, Reply, bucket, connection, key};
    use crate::s3::checksum::crc64nvme;
    use crate::s3::wire::Trust;
    use crate::s3::{Destination, Grouping, PartBody, SentBytes, StoredPart, UploadId, UploadTerms, WriteCondition};

    /// Every kind of request, and how many of them failed.
    async fn ask_everything(store: &S3Store) -> usize {
        let (bucket, key, bytes) = (bucket(), key("k"), Bytes::from_static(b"abc"));
        let body = || PartBody { crc64nvme: crc64nvme(&bytes), bytes: bytes.clone(), sent: SentBytes::new() };
        let to = Destination {
            bucket: bucket.clone(),
            key: key.clone(),
            content_type: "text/plain".to_owned(),
            options: Arc::default(),
            condition: WriteCondition::Any,
        };
        let upload = UploadId("u".to_owned());
        let part = StoredPart { number: 1, etag: "e".to_owned(), crc64nvme: 1 };
        let all = [
            store.list_objects(&bucket, "", Grouping::Folders, None, 10).await.err(),
            store.head_object(&bucket, &key).await.err(),
            store.get_object(&bucket, &key, 0, None).await.err(),
            store.put_object(&to, body()).await.err(),
            store.create_multipart_upload(&to).await.err(),
            store.upload_part(&to, &upload, 1, body()).await.err(),
            store.list_parts(&bucket, &key, &upload, None).await.err(),
            store.complete_multipart_upload(&to, &upload, &[part], 1, 3).await.err(),
            store.abort_multipart_upload(&bucket, &key, &upload).await.err(),
            store.read_object_acl(&bucket, &key, None).await.err(),
        ];
        let stayed = store.delete_objects(&bucket, &[key.clone(), ObjectKey::new("l")]).await;
        all.iter().flatten().count() + usize::from(!stayed.is_ok_and(|stayed| stayed.is_empty()))
    }

    #[tokio::test]
    async fn every_request_says_who_pays_and_none_does_unasked() {
        for (payer, said) in [(Payer::Owner, ""), (Payer::Requester, REQUESTER)] {
            let server = Canned::start(|_, _| Reply::error(403, "AccessDenied", "Access Denied")).await;
            let at = connection(Service::Other, server.endpoint("127.0.0.1"));
            let store = server.store_of(Connection { payer, ..at }, Trust::Nobody).await;
            // The SDK's own way of writing, and ours.
            for store in [store.clone(), store.with_one_attempt()] {
                assert_eq!(ask_everything(&store).await, 11);
            }
            let asked = server.asked();
            assert!(asked.len() >= 22, "{}", asked.len());
            for one in &asked {
                assert_eq!(one.header(NAME), said, "{}", one.line);
                let is_signed = one.header("authorization").contains(NAME);
                assert_eq!(is_signed, !said.is_empty(), "{}: {}", one.line, one.header("authorization"));
            }
        }
    }

    #[tokio::test]
    async fn links_say_it_in_their_address() {
        let server = Canned::start(|_, _| Reply::head(404, &[])).await;
        let at = connection(Service::Other, server.endpoint("127.0.0.1"));
        for payer in [Payer::Owner, Payer::Requester] {
            let store = server.store_of(Connection { payer, ..at.clone() }, Trust::Nobody).await;
            let read = store.presign_get(&bucket(), &key("a b"), Duration::from_mins(1)).await.unwrap();
            let terms = UploadTerms { expires: Duration::from_mins(1), ..UploadTerms::default() };
            let write = store.presign_put(&bucket(), &key("a b"), &terms).await.unwrap();
            for url in [&read.url, &write.url] {
                let is_said = url.contains("&x-amz-request-payer=requester&");
                assert_eq!(is_said, payer == Payer::Requester, "{url}");
                assert!(!url.contains("SignedHeaders=host%3Bx-amz-request-payer"), "{url}");
            }
            assert!(write.headers.iter().all(|(name, _)| name != NAME), "{:?}", write.headers);
        }
    }

    #[tokio::test]
    async fn only_a_refusal_without_a_reason_may_be_about_payment() {
        for (message, service, payer, is_told) in [
            ("Access Denied", Service::Other, Payer::Owner, true),
            ("Access Denied", Service::Other, Payer::Requester, false),
            ("Access Denied", Service::CloudflareR2, Payer::Owner, false),
            ("User: u is not authorized to perform: s3:GetObject", Service::Other, Payer::Owner, false),
        ] {
            let server = Canned::start(move |_, _| Reply::error(403, "AccessDenied", message)).await;
            let at = connection(service, server.endpoint("127.0.0.1"));
            let store = server.store_of(Connection { payer, ..at }, Trust::Nobody).await;
            let error = store.list_objects(&bucket(), "", Grouping::Folders, None, 1).await.unwrap_err();
            let told = error.to_failure().args.iter().any(|(name, _)| *name == "requester-pays");
            assert_eq!(told, is_told, "{message} {service:?} {payer:?}");
        }
    }
}
