//! An image of the compositor's clipboard.

use std::io::Read as _;

use wl_clipboard_rs::paste::{ClipboardType, Error, MimeType, Seat, get_contents, get_mime_types_ordered};

use super::image_types::{FILES, MOST_BYTES, best};
use super::{Asked, CopiedImage};

/// The kinds of what was copied. An error where this compositor does not let the clipboard be read like this.
fn offered() -> Asked<Vec<String>> {
    match get_mime_types_ordered(ClipboardType::Regular, Seat::Unspecified) {
        Ok(offered) => Ok(offered),
        Err(Error::NoSeats | Error::ClipboardEmpty | Error::NoMimeType) => Ok(Vec::new()),
        Err(error) => Err(error.into()),
    }
}

/// Whether files are offered.
pub(super) fn offers_files() -> Asked<bool> {
    Ok(offered()?.iter().any(|offer| offer == FILES))
}

/// The image, if there is one.
pub(super) fn read_image() -> Asked<Option<CopiedImage>> {
    let offered = offered()?;
    let Some((content_type, extension)) = best(&offered, |offer, known| offer == known) else { return Ok(None) };
    let (pipe, _) = get_contents(ClipboardType::Regular, Seat::Unspecified, MimeType::Specific(content_type))?;
    let mut bytes = Vec::new();
    let most = u64::try_from(MOST_BYTES)?;
    pipe.take(most + 1).read_to_end(&mut bytes)?;
    if bytes.len() > MOST_BYTES {
        return Err("the image is too large".into());
    }
    Ok((!bytes.is_empty()).then_some(CopiedImage { extension, bytes }))
}
