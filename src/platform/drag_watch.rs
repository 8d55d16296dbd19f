//! Drags that the window toolkit cannot take over on X11. It reads the list of dragged files in one piece, so that one of
//! more than 256 KiB (some 2,500 files) never arrives; and it drops a whole list for one line that it does not know.
//! Of neither does the window hear anything. Here such lists are read once more, in pieces where they come in pieces,
//! so that the window can say so and offer the upload.
//!
//! The list of every drag is put on the window as a property, and everybody may listen to changes of that.

use std::time::{Duration, Instant};

use x11rb::connection::Connection as _;
use x11rb::protocol::Event;
use x11rb::protocol::xproto::{
    Atom, AtomEnum, ChangeWindowAttributesAux, ConnectionExt as _, CreateWindowAux, EventMask, GetPropertyReply,
    Property, Window, WindowClass,
};
use x11rb::rust_connection::RustConnection;

use super::drag_list::{DragList, toolkit_takes};

/// A list that takes longer than this between two pieces is given up.
const SILENT_AFTER: Duration = Duration::from_secs(10);

/// Longer lists are given up; a million files have some 100 MB.
const LONGEST_LIST_BYTES: usize = 256 * 1024 * 1024;

/// As long as the drag moves, the list that the toolkit cannot read is put on the window again and again.
const SAME_DRAG_WITHIN: Duration = Duration::from_secs(2);

/// A drag that the toolkit does not take over.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum UnreadDrag {
    /// What it carries.
    List(DragList),
    /// The program that drags did not hand its list over.
    Withheld,
}

/// Tells of each drag over the X11 window `window` that the toolkit does not take over, while it hovers. Listens on a
/// thread and a connection of its own until the window is gone.
pub fn watch_drags(window: u32, told: impl Fn(UnreadDrag) + Send + 'static) {
    let watch = move || {
        if let Err(error) = Watch::start(window).and_then(|watch| watch.run(&told)) {
            tracing::info!(%error, "drags are not watched");
        }
    };
    if let Err(error) = std::thread::Builder::new().name("drag-watch".to_owned()).spawn(watch) {
        tracing::warn!(%error, "no thread to watch drags");
    }
}

type Result<T> = std::result::Result<T, Box<dyn std::error::Error>>;

struct Watch {
    connection: RustConnection,
    /// The toolkit's.
    window: Window,
    /// Our own, never shown: lists are handed over to it.
    desk: Window,
    words: Words,
}

/// The words of the protocol that are used here.
struct Words {
    /// Names what is dragged, and the property that it is put into.
    selection: Atom,
    /// The kind of a list of files.
    uri_list: Atom,
    /// The kind of a list that comes in pieces.
    in_pieces: Atom,
}

impl Words {
    fn of(connection: &RustConnection) -> Result<Self> {
        let word = |name: &[u8]| connection.intern_atom(false, name);
        let (selection, uri_list, in_pieces) = (word(b"XdndSelection")?, word(b"text/uri-list")?, word(b"INCR")?);
        Ok(Self {
            selection: selection.reply()?.atom,
            uri_list: uri_list.reply()?.atom,
            in_pieces: in_pieces.reply()?.atom,
        })
    }
}

impl Watch {
    fn start(window: Window) -> Result<Self> {
        let (connection, screen) = x11rb::connect(None)?;
        let words = Words::of(&connection)?;
        let root = connection.setup().roots.get(screen).ok_or("no such screen")?.root;
        let desk = connection.generate_id()?;
        let hears = CreateWindowAux::new().event_mask(EventMask::PROPERTY_CHANGE);
        connection.create_window(0, desk, root, -1, -1, 1, 1, 0, WindowClass::INPUT_ONLY, 0, &hears)?;
        let listens =
            ChangeWindowAttributesAux::new().event_mask(EventMask::PROPERTY_CHANGE | EventMask::STRUCTURE_NOTIFY);
        connection.change_window_attributes(window, &listens)?.check()?;
        connection.flush()?;
        Ok(Self { connection, window, desk, words })
    }

    fn run(&self, told: &impl Fn(UnreadDrag)) -> Result<()> {
        let mut told_last = None;
        loop {
            match self.connection.wait_for_event()? {
                Event::DestroyNotify(gone) if gone.window == self.window => return Ok(()),
                Event::PropertyNotify(put) if put.window == self.window && self.is_list(put.atom, put.state) => {
                    let is_same = told_last.is_some_and(|last: Instant| last.elapsed() < SAME_DRAG_WITHIN);
                    let unread = if is_same { None } else { self.unread()? };
                    if is_same || unread.is_some() {
                        told_last = Some(Instant::now());
                    }
                    unread.into_iter().for_each(told);
                }
                _ => {}
            }
        }
    }

    fn is_list(&self, atom: Atom, state: Property) -> bool {
        atom == self.words.selection && state == Property::NEW_VALUE
    }

    /// What was just put on the window, unless the toolkit can read it.
    fn unread(&self) -> Result<Option<UnreadDrag>> {
        let put = self.seen()?;
        if put.type_ == self.words.uri_list {
            return Ok((!toolkit_takes(&put.value)).then(|| UnreadDrag::List(DragList::parse(&put.value))));
        }
        if put.type_ == self.words.in_pieces {
            let list = self.ask()?;
            return Ok(Some(list.map_or(UnreadDrag::Withheld, |list| UnreadDrag::List(DragList::parse(&list)))));
        }
        Ok(None)
    }

    /// What was put on the toolkit's window; it stays there, for the toolkit.
    fn seen(&self) -> Result<GetPropertyReply> {
        let Words { selection, .. } = self.words;
        let asked = self.connection.get_property(false, self.window, selection, AtomEnum::ANY, 0, u32::MAX / 4)?;
        Ok(asked.reply()?)
    }

    /// What was handed over to us, taken away; that asks for the next piece.
    fn taken(&self) -> Result<GetPropertyReply> {
        let Words { selection, .. } = self.words;
        let asked = self.connection.get_property(true, self.desk, selection, AtomEnum::ANY, 0, u32::MAX / 4)?;
        Ok(asked.reply()?)
    }

    /// Asks the program that drags for its list; `None` if it does not hand it over.
    fn ask(&self) -> Result<Option<Vec<u8>>> {
        let Words { selection, uri_list, in_pieces } = self.words;
        self.connection.convert_selection(self.desk, selection, uri_list, selection, x11rb::CURRENT_TIME)?;
        let answered = self.wait(|event| match event {
            Event::SelectionNotify(answer) if answer.requestor == self.desk => Some(answer.property == selection),
            _ => None,
        })?;
        if answered != Some(true) {
            return Ok(None);
        }
        let begun = self.taken()?;
        if begun.type_ != in_pieces {
            return Ok((begun.type_ == uri_list).then_some(begun.value));
        }
        let mut list = Vec::new();
        while self.wait(|event| self.is_piece(event))?.is_some() {
            let piece = self.taken()?.value;
            if piece.is_empty() {
                return Ok(Some(list));
            }
            list.extend(piece);
            if list.len() > LONGEST_LIST_BYTES {
                break;
            }
        }
        Ok(None)
    }

    fn is_piece(&self, event: &Event) -> Option<()> {
        matches!(event, Event::PropertyNotify(put) if put.window == self.desk && self.is_list(put.atom, put.state))
            .then_some(())
    }

    /// Waits for an event; `None` after [`SILENT_AFTER`]. Others are passed over.
    fn wait<T>(&self, wanted: impl Fn(&Event) -> Option<T>) -> Result<Option<T>> {
        self.connection.flush()?;
        let until = Instant::now() + SILENT_AFTER;
        while Instant::now() < until {
            match self.connection.poll_for_event()? {
                Some(event) => {
                    if let Some(found) = wanted(&event) {
                        return Ok(Some(found));
                    }
                }
                // The connection cannot be waited for with a limit.
                None => std::thread::sleep(Duration::from_millis(5)),
            }
        }
        Ok(None)
    }
}
