//! An image of X11's clipboard, over a connection of its own. Its owner is another program, which hands it over in one
//! piece or, where it is large, in pieces (the INCR of the ICCCM).

use std::time::{Duration, Instant};

use x11rb::connection::Connection as _;
use x11rb::protocol::Event;
use x11rb::protocol::xproto::{
    Atom, AtomEnum, ConnectionExt as _, CreateWindowAux, EventMask, GetPropertyReply, Property, Window, WindowClass,
};
use x11rb::rust_connection::RustConnection;

use super::image_types::{FILES, IMAGE_TYPES, MOST_BYTES, best};
use super::{Asked, CopiedImage};

/// A program that is silent for so long does not answer any more.
const SILENT_AFTER: Duration = Duration::from_secs(5);
/// The toolkit's connection cannot be waited on for a time, so it is looked at.
const LOOK_EVERY: Duration = Duration::from_millis(2);

/// Whether files are offered.
pub(super) fn offers_files() -> Asked<bool> {
    let reader = Reader::connect()?;
    Ok(reader.offered()?.contains(&reader.words.files))
}

/// The image on the clipboard; `None` where there is none.
pub(super) fn read_image() -> Asked<Option<CopiedImage>> {
    let reader = Reader::connect()?;
    let offered = reader.offered()?;
    let kinds = IMAGE_TYPES.iter().zip(&reader.words.images);
    let is = |offer: &Atom, known: &str| kinds.clone().any(|((name, _), atom)| *name == known && atom == offer);
    let Some((content_type, extension)) = best(&offered, is) else { return Ok(None) };
    let Some(target) = kinds.clone().find(|((name, _), _)| *name == content_type).map(|(_, atom)| *atom) else {
        return Ok(None);
    };
    let bytes = reader.read(target)?;
    Ok((!bytes.is_empty()).then_some(CopiedImage { extension, bytes }))
}

/// The words of the protocol that are used here.
struct Words {
    clipboard: Atom,
    targets: Atom,
    files: Atom,
    /// That what is asked for comes in pieces.
    in_pieces: Atom,
    /// Where the answers are put.
    answer: Atom,
    /// In the order of [`IMAGE_TYPES`].
    images: Vec<Atom>,
}

impl Words {
    fn of(connection: &RustConnection) -> Asked<Self> {
        let word = |name: &str| Ok::<_, Box<dyn std::error::Error>>(connection.intern_atom(false, name.as_bytes())?);
        let (clipboard, targets, files) = (word("CLIPBOARD")?, word("TARGETS")?, word(FILES)?);
        let (in_pieces, answer) = (word("INCR")?, word("BUCKETDROP_PASTED")?);
        let asked: Vec<_> = IMAGE_TYPES.iter().map(|(name, _)| word(name)).collect::<Asked<_>>()?;
        let images = asked.into_iter().map(|asked| Ok(asked.reply()?.atom)).collect::<Asked<_>>()?;
        Ok(Self {
            clipboard: clipboard.reply()?.atom,
            targets: targets.reply()?.atom,
            files: files.reply()?.atom,
            in_pieces: in_pieces.reply()?.atom,
            answer: answer.reply()?.atom,
            images,
        })
    }
}

/// Asks the clipboard's owner; the window that the answers come to goes with the connection.
struct Reader {
    connection: RustConnection,
    window: Window,
    words: Words,
}

impl Reader {
    fn connect() -> Asked<Self> {
        let (connection, screen) = x11rb::connect(None)?;
        let root = connection.setup().roots.get(screen).ok_or("there is no screen")?.root;
        let window = connection.generate_id()?;
        let heard = CreateWindowAux::new().event_mask(EventMask::PROPERTY_CHANGE);
        connection.create_window(0, window, root, 0, 0, 1, 1, 0, WindowClass::INPUT_ONLY, 0, &heard)?.check()?;
        let words = Words::of(&connection)?;
        Ok(Self { connection, window, words })
    }

    /// The kinds of what was copied.
    fn offered(&self) -> Asked<Vec<Atom>> {
        let atoms = self.read(self.words.targets)?;
        Ok(atoms.chunks_exact(4).filter_map(|atom| Some(Atom::from_ne_bytes(atom.try_into().ok()?))).collect())
    }

    /// The clipboard as `target`; empty where nobody owns it, or where its owner has nothing of the kind.
    fn read(&self, target: Atom) -> Asked<Vec<u8>> {
        let words = &self.words;
        let (window, clipboard) = (self.window, words.clipboard);
        self.connection.convert_selection(window, clipboard, target, words.answer, x11rb::CURRENT_TIME)?;
        self.connection.flush()?;
        let property = self.next(|event| match event {
            Event::SelectionNotify(told) if told.target == target => Some(told.property),
            _ => None,
        })?;
        if property == x11rb::NONE {
            return Ok(Vec::new());
        }
        let answer = self.take_answer()?;
        if answer.type_ != words.in_pieces {
            return Ok(answer.value);
        }
        // Taking that answer away has asked for the first piece; an empty one is the end.
        let mut all = Vec::new();
        loop {
            self.next(|event| match event {
                Event::PropertyNotify(told) if told.atom == words.answer && told.state == Property::NEW_VALUE => {
                    Some(())
                }
                _ => None,
            })?;
            let piece = self.take_answer()?.value;
            if piece.is_empty() {
                return Ok(all);
            }
            if all.len() + piece.len() > MOST_BYTES {
                return Err("the image is too large".into());
            }
            all.extend(piece);
        }
    }

    /// Reads what was put for us, and takes it away.
    fn take_answer(&self) -> Asked<GetPropertyReply> {
        let most = u32::try_from(MOST_BYTES / 4)?;
        Ok(self.connection.get_property(true, self.window, self.words.answer, AtomEnum::ANY, 0, most)?.reply()?)
    }

    /// Waits for an event that `wanted` makes something of; others are dropped.
    fn next<T>(&self, mut wanted: impl FnMut(Event) -> Option<T>) -> Asked<T> {
        let until = Instant::now() + SILENT_AFTER;
        loop {
            while let Some(event) = self.connection.poll_for_event()? {
                if let Some(found) = wanted(event) {
                    return Ok(found);
                }
            }
            if Instant::now() > until {
                return Err("the program that owns the clipboard does not answer".into());
            }
            std::thread::sleep(LOOK_EVERY);
        }
    }
}
