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

/// IAM's secret access keys have this many characters.
const SECRET_CHARS: usize = 40;

impl Credentials {
    /// A whole set of keys in a text: IAM's `credentials.csv` or `rootkey.csv`, `~/.aws/credentials`, `export AWS_…` lines.
    /// An access key id and the secret that follows it; `None` for any other text.
    pub fn find_in(text: &str) -> Option<Self> {
        let is_of_word = |c: char| c.is_ascii_alphanumeric() || matches!(c, '/' | '+' | '_');
        let mut words = text.split(|c: char| !is_of_word(c)).filter(|word| !word.is_empty());
        let access_key_id = words.find(|word| is_access_key_id(word))?;
        let secret = words.find(|word| word.len() == SECRET_CHARS && !word.contains('_'))?;
        Some(Self {
            access_key_id: access_key_id.to_owned(),
            secret_access_key: Secret::new(secret),
            session_token: session_token(text),
        })
    }
}

fn is_access_key_id(word: &str) -> bool {
    let starts = word.starts_with("AKIA") || word.starts_with("ASIA");
    starts && (16..=128).contains(&word.len()) && word.chars().all(|c| c.is_ascii_uppercase() || c.is_ascii_digit())
}

/// What follows `aws_session_token =`, in whichever case.
fn session_token(text: &str) -> Option<Secret> {
    let value = |line: &str| {
        let (name, value) = line.split_once('=')?;
        let is_token = name.trim().to_ascii_lowercase().ends_with("aws_session_token");
        is_token.then(|| Secret::new(value.trim().trim_matches(['"', '\''])))
    };
    text.lines().find_map(value).filter(|token| !token.is_empty())
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

    const SECRET: &str = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY";

    #[test]
    fn whole_sets_of_keys_are_read() {
        let texts = [
            format!("\u{feff}Access key ID,Secret access key\r\nAKIAIOSFODNN7EXAMPLE,{SECRET}\r\n"),
            format!("[default]\naws_access_key_id = AKIAIOSFODNN7EXAMPLE\naws_secret_access_key = {SECRET}\n"),
            format!("export AWS_ACCESS_KEY_ID=\"AKIAIOSFODNN7EXAMPLE\"\nexport AWS_SECRET_ACCESS_KEY=\"{SECRET}\""),
        ];
        for text in texts {
            let keys = Credentials::find_in(&text).unwrap();
            assert_eq!(keys.access_key_id, "AKIAIOSFODNN7EXAMPLE");
            assert_eq!(keys.secret_access_key.expose(), SECRET);
            assert_eq!(keys.session_token, None);
        }
    }

    #[test]
    fn a_session_token_comes_along() {
        let text = format!(
            "aws_access_key_id=ASIAIOSFODNN7EXAMPLE\naws_secret_access_key={SECRET}\naws_session_token=IQoJb3Jp==\n"
        );
        assert_eq!(Credentials::find_in(&text).unwrap().session_token.unwrap().expose(), "IQoJb3Jp==");
    }

    #[test]
    fn other_text_is_left_alone() {
        for text in ["", "AKIAIOSFODNN7EXAMPLE", SECRET, "a normal sentence, with commas", "weandb, team-media-prod"] {
            assert!(Credentials::find_in(text).is_none(), "{text}");
        }
    }

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
