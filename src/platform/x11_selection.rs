//! Reads what another program offers as a selection of X11, over a connection of its own: the clipboard, or what is
//! dragged. It is handed over in one piece or, where it is large, in pieces (the INCR of the ICCCM).

use std::time::{Duration, Instant};

use x11rb::connection::Connection as _;
use x11rb::protocol::Event;
use x11rb::protocol::xproto::{
    Atom, AtomEnum, ConnectionExt as _, CreateWindowAux, EventMask, GetPropertyReply, Property, Window, WindowClass,
};
use x11rb::rust_connection::RustConnection;

/// Why nothing could be read, for the log.
pub(super) type Asked<T> = Result<T, Box<dyn std::error::Error>>;

/// A program that is silent for so long, also between two pieces, does not answer any more.
const SILENT_AFTER: Duration = Duration::from_secs(10);
/// The connection cannot be waited on for a time, so it is looked at.
const LOOK_EVERY: Duration = Duration::from_millis(2);

/// Asks the owners of selections; the window that the answers come to is never shown, and goes with the connection.
pub(super) struct SelectionReader {
    pub(super) connection: RustConnection,
    window: Window,
    /// That what is asked for comes in pieces.
    in_pieces: Atom,
    /// Where the answers are put.
    answer: Atom,
}

impl SelectionReader {
    pub(super) fn connect() -> Asked<Self> {
        let (connection, screen) = x11rb::connect(None)?;
        let root = connection.setup().roots.get(screen).ok_or("there is no screen")?.root;
        let window = connection.generate_id()?;
        let heard = CreateWindowAux::new().event_mask(EventMask::PROPERTY_CHANGE);
        connection.create_window(0, window, root, -1, -1, 1, 1, 0, WindowClass::INPUT_ONLY, 0, &heard)?.check()?;
        let (in_pieces, answer) =
            (connection.intern_atom(false, b"INCR")?, connection.intern_atom(false, b"BUCKETDROP_ANSWER")?);
        let (in_pieces, answer) = (in_pieces.reply()?.atom, answer.reply()?.atom);
        Ok(Self { connection, window, in_pieces, answer })
    }

    /// The number of a word of the protocol.
    pub(super) fn word(&self, name: &str) -> Asked<Atom> {
        Ok(self.connection.intern_atom(false, name.as_bytes())?.reply()?.atom)
    }

    /// Whether this is the kind of what comes in pieces.
    pub(super) fn comes_in_pieces(&self, kind: Atom) -> bool {
        kind == self.in_pieces
    }

    /// A selection as `target`, of at most `most_bytes`; empty where nobody owns it, or where its owner has nothing of
    /// the kind. Other events that come meanwhile are passed over.
    pub(super) fn read(&self, selection: Atom, target: Atom, most_bytes: usize) -> Asked<Vec<u8>> {
        self.connection.convert_selection(self.window, selection, target, self.answer, x11rb::CURRENT_TIME)?;
        self.connection.flush()?;
        let property = self.next(|event| match event {
            Event::SelectionNotify(told) if told.requestor == self.window && told.target == target => {
                Some(told.property)
            }
            _ => None,
        })?;
        if property == x11rb::NONE {
            return Ok(Vec::new());
        }
        let answer = self.take_answer()?;
        if !self.comes_in_pieces(answer.type_) {
            return Ok(answer.value);
        }
        // Taking that answer away has asked for the first piece; an empty one is the end.
        let mut all = Vec::new();
        loop {
            self.next(|event| self.is_piece(&event).then_some(()))?;
            let piece = self.take_answer()?.value;
            if piece.is_empty() {
                return Ok(all);
            }
            if all.len() + piece.len() > most_bytes {
                return Err(format!("it is longer than {most_bytes} bytes").into());
            }
            all.extend(piece);
        }
    }

    fn is_piece(&self, event: &Event) -> bool {
        matches!(event, Event::PropertyNotify(told)
            if told.window == self.window && told.atom == self.answer && told.state == Property::NEW_VALUE)
    }

    /// Reads what was put for us, and takes it away.
    fn take_answer(&self) -> Asked<GetPropertyReply> {
        let all = u32::MAX / 4;
        Ok(self.connection.get_property(true, self.window, self.answer, AtomEnum::ANY, 0, all)?.reply()?)
    }

    /// Waits for an event that `wanted` makes something of; others are dropped.
    fn next<T>(&self, wanted: impl Fn(Event) -> Option<T>) -> Asked<T> {
        let until = Instant::now() + SILENT_AFTER;
        loop {
            while let Some(event) = self.connection.poll_for_event()? {
                if let Some(found) = wanted(event) {
                    return Ok(found);
                }
            }
            if Instant::now() > until {
                return Err("the program that offers it does not answer".into());
            }
            std::thread::sleep(LOOK_EVERY);
        }
    }
}
