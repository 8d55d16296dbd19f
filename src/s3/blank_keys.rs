//! Keys of nothing but white space. S3 knows them; the SDK takes them for missing ones and sends nothing.
//!
//! So the SDK is given another key in such a key's place, one that is longer than any key can be, and the path of its
//! request is put right before it is signed.

use std::borrow::Cow;

use aws_sdk_s3::config::interceptors::BeforeTransmitInterceptorContextMut;
use aws_sdk_s3::config::{ConfigBag, Intercept, RuntimeComponents};
use aws_sdk_s3::error::BoxError;
use aws_smithy_runtime_api::client::interceptors::dyn_dispatch_hint;

use crate::model::{MAX_KEY_BYTES, ObjectKey};

/// Stays as it is in a path, so that it is found there again.
const MARK: &str = "~";
/// No key ends in so many: S3 takes no longer ones.
const MARKS: usize = MAX_KEY_BYTES + 1;

/// Whether the SDK takes a key for a missing one.
pub(super) fn is_blank(key: &ObjectKey) -> bool {
    key.as_str().trim().is_empty() && !key.as_str().is_empty()
}

/// The key as the SDK is to be told it.
pub(super) fn sdk_key(key: &ObjectKey) -> Cow<'_, str> {
    if is_blank(key) {
        return Cow::Owned(format!("{key}{}", MARK.repeat(MARKS)));
    }
    Cow::Borrowed(key.as_str())
}

/// Puts the paths of such requests right.
#[derive(Debug)]
pub(super) struct RightPath;

#[dyn_dispatch_hint]
impl Intercept for RightPath {
    fn name(&self) -> &'static str {
        "RightPath"
    }

    fn modify_before_retry_loop(
        &self,
        context: &mut BeforeTransmitInterceptorContextMut<'_>,
        _components: &RuntimeComponents,
        _cfg: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let request = context.request_mut();
        if let Some(right) = right(request.uri()) {
            request.set_uri(right)?;
        }
        Ok(())
    }
}

/// The address without the marks; `None` if it has none, as nearly all have.
fn right(uri: &str) -> Option<String> {
    let path = uri.split('?').next()?;
    let without = path.strip_suffix(MARK)?.trim_end_matches(MARK);
    let query = uri.get(path.len()..)?;
    (path.len() - without.len() >= MARKS).then(|| format!("{without}{query}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_blank_keys_are_told_in_another_way() {
        for key in ["a", " a", "a ", "\u{200b}", "\u{feff}", "~", &"~".repeat(MAX_KEY_BYTES), "/", " /"] {
            assert_eq!(sdk_key(&ObjectKey::new(key)), key, "{key:?}");
            assert_eq!(right(&format!("/bucket/{key}?x-id=GetObject")), None, "{key:?}");
        }
        for key in [" ", "  ", "\t", "\n", "\u{a0}", "\u{202f}", "\u{3000}", "\u{85}"] {
            let told = sdk_key(&ObjectKey::new(key)).into_owned();
            assert!(!told.trim().is_empty(), "{key:?}");
        }
        let marks = MARK.repeat(MARKS);
        assert_eq!(right(&format!("/%20{marks}?x-id=GetObject")).as_deref(), Some("/%20?x-id=GetObject"));
        assert_eq!(right(&format!("http://h/b/%20{marks}")).as_deref(), Some("http://h/b/%20"));
        assert_eq!(right(&format!("/a?x={marks}")), None);
    }
}
