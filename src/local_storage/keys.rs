//! Keys for the storage on this computer, and the check of who signs.

use std::sync::Arc;

use rand::RngExt as _;
use s3s::auth::{S3Auth, SecretKey};
use s3s::{S3Result, s3_error};

use super::faults::FaultPlan;
use crate::model::{Credentials, Secret};

/// Makes a new pair of keys from the system's random source, in the shape of Amazon's:
/// `AKIA` and 16 more characters, and a secret of 40 characters.
pub fn generate_keys() -> Credentials {
    const ID: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
    const SECRET: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    Credentials {
        access_key_id: format!("AKIA{}", random_text(ID, 16)),
        secret_access_key: Secret::new(random_text(SECRET, 40)),
        session_token: None,
    }
}

/// `length` characters, each drawn evenly from `alphabet`.
fn random_text(alphabet: &[u8], length: usize) -> String {
    let mut rng = rand::rng(); // seeded by the system, safe for secrets
    let chars = (0..length).filter_map(|_| alphabet.get(rng.random_range(0..alphabet.len())).copied().map(char::from));
    chars.collect()
}

/// The pair of keys that this storage is started with, and those of a plan.
pub(super) struct Keys {
    access_key_id: String,
    secret: SecretKey,
    plan: Option<Arc<FaultPlan>>,
}

impl Keys {
    pub(super) fn new(access_key_id: String, secret: &Secret, plan: Option<Arc<FaultPlan>>) -> Self {
        Self { access_key_id, secret: SecretKey::from(secret.expose()), plan }
    }
}

#[async_trait::async_trait]
impl S3Auth for Keys {
    async fn get_secret_key(&self, access_key: &str) -> S3Result<SecretKey> {
        if access_key == self.access_key_id {
            return Ok(self.secret.clone());
        }
        if let Some(known) = self.plan.as_ref().and_then(|plan| plan.credentials_of(access_key)) {
            return Ok(SecretKey::from(known.secret_access_key.expose()));
        }
        Err(s3_error!(InvalidAccessKeyId, "The AWS Access Key Id you provided does not exist in our records."))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_have_the_shape_of_amazons_and_differ() {
        let (one, other) = (generate_keys(), generate_keys());
        assert_eq!(one.access_key_id.len(), 20);
        assert!(one.access_key_id.starts_with("AKIA"));
        assert!(one.access_key_id.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit()));
        assert_eq!(one.secret_access_key.expose().len(), 40);
        assert!(one.secret_access_key != other.secret_access_key);
        assert!(one.session_token.is_none());
    }
}
