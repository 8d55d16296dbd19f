//! An image of X11's clipboard.

use x11rb::protocol::xproto::Atom;

use super::image_types::{FILES, IMAGE_TYPES, MOST_BYTES, best};
use super::{Asked, CopiedImage};
use crate::platform::x11_selection::SelectionReader;

/// Whether files are offered.
pub(super) fn offers_files() -> Asked<bool> {
    let reader = SelectionReader::connect()?;
    Ok(offered(&reader)?.contains(&reader.word(FILES)?))
}

/// The image on the clipboard; `None` where there is none.
pub(super) fn read_image() -> Asked<Option<CopiedImage>> {
    let reader = SelectionReader::connect()?;
    let offered = offered(&reader)?;
    let mut kinds = Vec::with_capacity(IMAGE_TYPES.len());
    for (content_type, _) in IMAGE_TYPES {
        kinds.push((content_type, reader.word(content_type)?));
    }
    let is = |offer: &Atom, known: &str| kinds.contains(&(known, *offer));
    let Some((content_type, extension)) = best(&offered, is) else { return Ok(None) };
    let bytes = reader.read(reader.word("CLIPBOARD")?, reader.word(content_type)?, MOST_BYTES)?;
    Ok((!bytes.is_empty()).then_some(CopiedImage { extension, bytes }))
}

/// The kinds of what was copied.
fn offered(reader: &SelectionReader) -> Asked<Vec<Atom>> {
    let atoms = reader.read(reader.word("CLIPBOARD")?, reader.word("TARGETS")?, MOST_BYTES)?;
    Ok(atoms.chunks_exact(4).filter_map(|atom| Some(Atom::from_ne_bytes(atom.try_into().ok()?))).collect())
}
