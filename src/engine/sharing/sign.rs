//! Addresses that take one upload, to be given to somebody without keys.

use std::time::Duration;

use crate::engine::objects::boxed;
use crate::engine::tools::Tools;
use crate::model::{Event, Failure, FailureKind, KeyProblem, ObjectKey, RequestId, SignedUpload, UploadInvitation};
use crate::s3::{SignedPut, UploadTerms};

impl Tools {
    /// Signs an address that takes one upload.
    pub(crate) async fn sign_upload(self, request: RequestId, invitation: Box<UploadInvitation>) {
        let result = self.invite(&invitation).await.map(Box::new);
        self.sink.send(Event::UploadSigned { request, result });
    }

    async fn invite(&self, wanted: &UploadInvitation) -> Result<SignedUpload, Box<Failure>> {
        let object = &wanted.object;
        ObjectKey::check_new(object.key.as_str()).map_err(|problem| {
            let kind = match problem {
                KeyProblem::TooLong(_) => FailureKind::KeyTooLong,
                _ => FailureKind::InvalidKey,
            };
            Box::new(Failure::new(kind).with("key", &object.key))
        })?;
        let session = self.sessions.get(&object.connection).await?;
        let terms = UploadTerms {
            content_type: wanted.content_type.clone().filter(|kind| !kind.trim().is_empty()),
            size_bytes: wanted.size_bytes,
            expires: Duration::from_secs(wanted.expires_secs),
        };
        let signed = session.store.presign_put(&object.bucket, &object.key, &terms).await.map_err(boxed)?;
        let SignedPut { url, headers, keeps_what_is_there, expires } = signed;
        Ok(SignedUpload { object: object.clone(), url, headers, keeps_what_is_there, expires })
    }
}
