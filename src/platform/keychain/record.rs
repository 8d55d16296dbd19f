//! What stands in the keychain for one connection: one line of JSON. Its text is a secret as a whole.

use serde::{Deserialize, Serialize};
use zeroize::{ZeroizeOnDrop, Zeroizing};

use super::KeychainError;
use crate::model::{Credentials, Secret};

/// The record as it is written. Borrows, so that no copy outlives the call; no `Debug` on purpose.
#[derive(Serialize)]
struct Written<'a> {
    access_key_id: &'a str,
    secret_access_key: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    session_token: Option<&'a str>,
}

/// The record as it is read; wiped when dropped. Fields of later versions are ignored.
#[derive(Deserialize, ZeroizeOnDrop)]
struct Read {
    access_key_id: String,
    secret_access_key: String,
    session_token: Option<String>,
}

/// Room for the names and quotes beside the values, so that the buffer does not grow and leave copies behind.
const FRAME_BYTES: usize = 128;

/// One line of JSON; a line break inside a value is escaped by JSON itself.
pub(super) fn to_line(credentials: &Credentials) -> Result<Secret, KeychainError> {
    let token = credentials.session_token.as_ref().map(Secret::expose);
    let record = Written {
        access_key_id: &credentials.access_key_id,
        secret_access_key: credentials.secret_access_key.expose(),
        session_token: token,
    };
    let values_bytes = record.access_key_id.len() + record.secret_access_key.len() + token.map_or(0, str::len);
    let mut line = Zeroizing::new(Vec::with_capacity(values_bytes * 2 + FRAME_BYTES));
    serde_json::to_writer(&mut *line, &record).map_err(|_secret| failed("the record could not be put together"))?;
    let text = std::str::from_utf8(&line).map_err(|_secret| failed("the record could not be put together"))?;
    Ok(Secret::new(text))
}

/// The keys of a record. The error says nothing of its text.
pub(super) fn from_line(line: &Secret) -> Result<Credentials, KeychainError> {
    // serde_json's errors quote what they could not read.
    let record: Read = serde_json::from_str(line.expose())
        .map_err(|_secret| unreadable("the record is not one that this program wrote"))?;
    Ok(Credentials {
        access_key_id: record.access_key_id.clone(),
        secret_access_key: Secret::new(record.secret_access_key.as_str()),
        session_token: record.session_token.as_deref().map(Secret::new),
    })
}

fn unreadable(detail: &str) -> KeychainError {
    KeychainError::Unreadable { detail: detail.to_owned() }
}

fn failed(detail: &str) -> KeychainError {
    KeychainError::Failed { detail: detail.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn keys(id: &str, secret: &str, token: Option<&str>) -> Credentials {
        Credentials {
            access_key_id: id.to_owned(),
            secret_access_key: Secret::new(secret),
            session_token: token.map(Secret::new),
        }
    }

    #[test]
    fn errors_do_not_quote_the_record() {
        let odd = Secret::new(r#"{"access_key_id":"AKIA","secret_access_key":{"hidden-value":1}}"#);
        let text = format!("{:?}", from_line(&odd).unwrap_err());
        assert!(!text.contains("hidden-value"), "{text}");
    }

    proptest! {
        #[test]
        fn a_record_is_one_line_and_comes_back(id in "\\PC{1,40}", secret in ".{0,60}", token in proptest::option::of("(?s).{0,80}")) {
            let keys = keys(&id, &secret, token.as_deref());
            let line = to_line(&keys).unwrap();
            prop_assert!(!line.expose().contains('\n') && !line.expose().contains('\r'));
            prop_assert!(from_line(&line).unwrap() == keys);
        }
    }
}
