//! Drags that the window toolkit cannot take over on X11. It reads the list of dragged files in one piece, so that one of
//! more than 256 KiB (some 2,500 files) never arrives; and it drops a whole list for one line that it does not know.
//! Of neither does the window hear anything. Here such lists are read once more, in pieces where they come in pieces,
//! so that the window can say so and offer the upload. Of those that it does take over it follows every symbolic link: here
//! is found out by which names they were dragged.
//!
//! The list of every drag is put on the window as a property, and everybody may listen to changes of that.

use std::time::{Duration, Instant};

use x11rb::connection::Connection as _;
use x11rb::protocol::Event;
use x11rb::protocol::xproto::{
    Atom, AtomEnum, ChangeWindowAttributesAux, ConnectionExt as _, EventMask, Property, Window,
};

use super::drag_list::{parse, renamed, toolkit_takes};
use super::x11_selection::{Asked, SelectionReader};
use crate::model::SeenDrag;

/// Longer lists are given up; a million files have some 100 MB.
const LONGEST_LIST_BYTES: usize = 256 * 1024 * 1024;

/// As long as the drag moves, the list that the toolkit cannot read is put on the window again and again.
const SAME_DRAG_WITHIN: Duration = Duration::from_secs(2);

/// Tells of each drag over the X11 window `window` while it hovers: what it carries if the toolkit does not take it over,
/// else by which names. Listens on a thread and a connection of its own until the window is gone.
pub fn watch_drags(window: u32, told: impl Fn(SeenDrag) + Send + 'static) {
    let watch = move || {
        if let Err(error) = Watch::start(window).and_then(|watch| watch.run(&told)) {
            tracing::info!(%error, "drags are not watched");
        }
    };
    if let Err(error) = std::thread::Builder::new().name("drag-watch".to_owned()).spawn(watch) {
        tracing::warn!(%error, "no thread to watch drags");
    }
}

struct Watch {
    reader: SelectionReader,
    /// The toolkit's.
    window: Window,
    /// Names what is dragged, and the property that its list is put into.
    selection: Atom,
    /// The kind of a list of files.
    uri_list: Atom,
}

impl Watch {
    fn start(window: Window) -> Asked<Self> {
        let reader = SelectionReader::connect()?;
        let (selection, uri_list) = (reader.word("XdndSelection")?, reader.word("text/uri-list")?);
        let listens =
            ChangeWindowAttributesAux::new().event_mask(EventMask::PROPERTY_CHANGE | EventMask::STRUCTURE_NOTIFY);
        reader.connection.change_window_attributes(window, &listens)?.check()?;
        Ok(Self { reader, window, selection, uri_list })
    }

    fn run(&self, told: &impl Fn(SeenDrag)) -> Asked<()> {
        let mut told_last = None;
        loop {
            match self.reader.connection.wait_for_event()? {
                Event::DestroyNotify(gone) if gone.window == self.window => return Ok(()),
                Event::PropertyNotify(put)
                    if put.window == self.window && put.atom == self.selection && put.state == Property::NEW_VALUE =>
                {
                    let is_same = told_last.is_some_and(|last: Instant| last.elapsed() < SAME_DRAG_WITHIN);
                    let seen = if is_same { None } else { self.seen()? };
                    if is_same || matches!(seen, Some(SeenDrag::Unread(_))) {
                        told_last = Some(Instant::now());
                    }
                    seen.into_iter().for_each(told);
                }
                _ => {}
            }
        }
    }

    /// What was just put on the window, if it is a list of files. It stays there, for the toolkit.
    fn seen(&self) -> Asked<Option<SeenDrag>> {
        let (connection, all) = (&self.reader.connection, u32::MAX / 4);
        let put = connection.get_property(false, self.window, self.selection, AtomEnum::ANY, 0, all)?.reply()?;
        if put.type_ == self.uri_list {
            let is_taken = toolkit_takes(&put.value);
            let unread = || SeenDrag::Unread(parse(&put.value));
            return Ok(Some(if is_taken { SeenDrag::Renamed(renamed(&put.value)) } else { unread() }));
        }
        if !self.reader.comes_in_pieces(put.type_) {
            return Ok(None);
        }
        let list = self.reader.read(self.selection, self.uri_list, LONGEST_LIST_BYTES).unwrap_or_else(|error| {
            // What is told then is that it was withheld.
            tracing::info!(%error, "the list of a drag cannot be read");
            Vec::new()
        });
        Ok(Some(SeenDrag::Unread(parse(&list))))
    }
}
