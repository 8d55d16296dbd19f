//! Keys pasted as a whole: the text of IAM's `credentials.csv`, of `~/.aws/credentials`, or `export AWS_…` lines.
//! The paste is taken away before any field sees it, so that the secret never stands in the wrong one.

use egui::{Event, Ui};

use crate::model::{Credentials, Secret};

/// IAM's secret access keys have this many characters.
const SECRET_CHARS: usize = 40;

/// Takes a paste that holds a whole set of keys out of this frame's input.
pub(super) fn take(ui: &Ui) -> Option<Credentials> {
    ui.input_mut(|input| {
        let mut found = None;
        input.events.retain(|event| match event {
            Event::Paste(text) => {
                found = found.take().or_else(|| parse(text));
                found.is_none()
            }
            _ => true,
        });
        found
    })
}

/// Reads an access key id and the secret that follows it; `None` for any other text.
fn parse(text: &str) -> Option<Credentials> {
    let is_of_word = |c: char| c.is_ascii_alphanumeric() || matches!(c, '/' | '+' | '_');
    let mut words = text.split(|c: char| !is_of_word(c)).filter(|word| !word.is_empty());
    let access_key_id = words.find(|word| is_access_key_id(word))?;
    let secret = words.find(|word| word.len() == SECRET_CHARS && !word.contains('_'))?;
    Some(Credentials {
        access_key_id: access_key_id.to_owned(),
        secret_access_key: Secret::new(secret),
        session_token: session_token(text),
    })
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
            let keys = parse(&text).unwrap();
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
        assert_eq!(parse(&text).unwrap().session_token.unwrap().expose(), "IQoJb3Jp==");
    }

    #[test]
    fn other_text_is_left_alone() {
        for text in ["", "AKIAIOSFODNN7EXAMPLE", SECRET, "a normal sentence, with commas", "weandb, team-media-prod"] {
            assert!(parse(text).is_none(), "{text}");
        }
    }
}
