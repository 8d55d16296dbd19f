//! Who pays for requests to a bucket.

use s3s::dto::{
    GetBucketRequestPaymentInput, GetBucketRequestPaymentOutput, Payer as WirePayer, PutBucketRequestPaymentInput,
    PutBucketRequestPaymentOutput,
};
use s3s::{S3Response, S3Result, s3_error};

use super::access::Payer;
use super::service::Storage;

pub(super) async fn get(
    storage: &Storage,
    input: GetBucketRequestPaymentInput,
) -> S3Result<S3Response<GetBucketRequestPaymentOutput>> {
    let bucket = storage.require_bucket(&input.bucket).await?;
    let payer = match bucket.settings.payer {
        Payer::BucketOwner => WirePayer::BUCKET_OWNER,
        Payer::Requester => WirePayer::REQUESTER,
    };
    Ok(S3Response::new(GetBucketRequestPaymentOutput { payer: Some(WirePayer::from_static(payer)) }))
}

pub(super) async fn put(
    storage: &Storage,
    input: PutBucketRequestPaymentInput,
) -> S3Result<S3Response<PutBucketRequestPaymentOutput>> {
    let payer = match input.request_payment_configuration.payer.as_str() {
        WirePayer::BUCKET_OWNER => Payer::BucketOwner,
        WirePayer::REQUESTER => Payer::Requester,
        _ => {
            let text = "The XML you provided was not well-formed or did not validate against our published schema";
            return Err(s3_error!(MalformedXML, "{text}"));
        }
    };
    storage.change_settings(&input.bucket, move |settings| settings.payer = payer).await?;
    Ok(S3Response::new(PutBucketRequestPaymentOutput::default()))
}
