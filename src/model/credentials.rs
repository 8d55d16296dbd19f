//! Secrets in memory: they print nothing and are wiped when dropped.

use std::fmt;
use zeroize::Zeroizing;

/// A secret text. `Debug` shows only that there is one; the memory is overwritten on drop.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Secret(Zeroizing<String>);

impl Secret {
    /// Takes over the text; the caller drops any other copy.
    pub fn new(text: impl Into<String>) -> Self {
        Self(Zeroizing::new(text.into()))
    }

    /// The secret itself. Only signing and the keychain may ask.
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// Whether nothing was entered.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The text for an edit field; egui masks it.
    pub fn expose_mut(&mut self) -> &mut String {
        &mut self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.is_empty() { "Secret(empty)" } else { "Secret(…)" })
    }
}

/// A complete set of S3 keys.
#[derive(Clone, PartialEq, Eq)]
pub struct Credentials {
    /// Public half, e.g. `AKIA…`.
    pub access_key_id: String,
    /// Secret half.
    pub secret_access_key: Secret,
    /// Present with temporary keys only.
    pub session_token: Option<Secret>,
}

impl fmt::Debug for Credentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Credentials")
            .field("access_key_id", &key_tail(&self.access_key_id))
            .field("session_token", &self.session_token.is_some())
            .finish_non_exhaustive()
    }
}

/// How an access key id is shown: first and last four characters, `AKIA…Q7JM`.
pub fn key_tail(access_key_id: &str) -> String {
    let chars: Vec<char> = access_key_id.chars().collect();
    if chars.len() <= 10 {
        return access_key_id.to_owned();
    }
    let head: String = chars.iter().take(4).collect();
    let tail: String = chars.iter().skip(chars.len() - 4).collect();
    format!("{head}…{tail}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn debug_shows_no_secret() {
        let keys = Credentials {
            access_key_id: "AKIAIOSFODNN7EXAMPLE".into(),
            secret_access_key: Secret::new("wJalrXUtnFEMI"),
            session_token: Some(Secret::new("token-value")),
        };
        let shown = format!("{keys:?} {:?}", keys.secret_access_key);
        assert!(!shown.contains("wJalr") && !shown.contains("token-value"), "{shown}");
        assert!(shown.contains("AKIA…MPLE"));
    }
}
