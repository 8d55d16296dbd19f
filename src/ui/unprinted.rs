//! Text that may hold a signature, and so must not get into a log by way of `Debug`.

use std::fmt;

/// A text for the clipboard or the browser; `Debug` shows nothing of it.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Unprinted(String);

impl Unprinted {
    /// The text itself.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The text itself.
    pub fn into_string(self) -> String {
        self.0
    }
}

impl From<String> for Unprinted {
    fn from(text: String) -> Self {
        Self(text)
    }
}

impl fmt::Debug for Unprinted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Unprinted(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Notice, Severity};
    use crate::ui::actions::Action;
    use crate::ui::links::Links;

    #[test]
    fn nothing_that_holds_a_signed_link_prints_it() {
        const SIGNED: &str = "https://b.s3.us-east-1.amazonaws.com/k?X-Amz-Signature=0f3a9c";
        let text = Unprinted::from(SIGNED.to_owned());
        let notice = Notice::message(Severity::Success, "notice-invite-copied");
        let printed = [
            format!("{text:?}"),
            format!("{:?}", Action::OpenUrl(text.clone())),
            format!("{:?}", Action::CopyText { text: text.clone(), notice }),
            format!("{:?}", Links { lines: vec![SIGNED.to_owned()], without_address: 0 }),
        ];
        assert!(printed.iter().all(|words| !words.contains("0f3a9c")), "{printed:?}");
        assert_eq!(text.into_string(), SIGNED);
    }
}
