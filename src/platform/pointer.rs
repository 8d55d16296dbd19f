//! Where the pointer is while another program drags files over the window, and whether it still drags. The program that
//! drags holds the pointer, so X11 tells nobody else about it, and the window toolkit passes the positions on that the
//! drag itself carries to nobody.
//!
//! A program that dies while it drags never says that the drag is over. The toolkit would go on showing its files, and
//! take them for those of the next drop. What tells it is that nobody owns the selection any more by which files are
//! handed over; the window is then told what the dead program would have said.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use x11rb::connection::Connection as _;
use x11rb::protocol::xproto::{Atom, ClientMessageEvent, ConnectionExt as _, EventMask};
use x11rb::rust_connection::RustConnection;

/// Twenty-five looks a second follow a hand well enough to mark the row under it.
const LOOK_EVERY: Duration = Duration::from_millis(40);

/// No look has been answered yet. As a position it would be far outside every screen.
const UNKNOWN: u64 = u64::MAX;

/// Looks where the pointer is until it is dropped.
#[derive(Debug)]
pub struct PointerWatch {
    seen: Arc<AtomicU64>,
    is_over: Arc<AtomicBool>,
}

impl PointerWatch {
    /// Begins to look, on a thread of its own, over a connection of its own. `moved` is called there whenever the
    /// position has changed. `window` is the X11 id of the window that positions are told in, and that hears of a drag
    /// whose program is gone.
    pub fn start(window: u32, moved: impl Fn() + Send + 'static) -> Self {
        let watch = Self { seen: Arc::new(AtomicU64::new(UNKNOWN)), is_over: Arc::new(AtomicBool::new(false)) };
        let (seen, is_over) = (Arc::clone(&watch.seen), Arc::clone(&watch.is_over));
        let look = move || {
            if let Err(error) = look_until(window, &seen, &is_over, &moved) {
                tracing::info!(%error, "the pointer cannot be followed");
            }
        };
        if let Err(error) = std::thread::Builder::new().name("drag-pointer".to_owned()).spawn(look) {
            tracing::warn!(%error, "no thread to follow the pointer");
        }
        watch
    }

    /// Where the pointer was at the last look, in pixels from the window's left and top; `None` before the first.
    pub fn position(&self) -> Option<(i16, i16)> {
        unpack(self.seen.load(Ordering::Relaxed))
    }
}

impl Drop for PointerWatch {
    fn drop(&mut self) {
        self.is_over.store(true, Ordering::Relaxed);
    }
}

fn look_until(
    window: u32,
    seen: &AtomicU64,
    is_over: &AtomicBool,
    moved: &impl Fn(),
) -> Result<(), Box<dyn std::error::Error>> {
    let (connection, _screen) = x11rb::connect(None)?;
    let drag = Drag::of(&connection)?;
    let mut is_gone = false;
    loop {
        // Once more after the last: the window may have noticed that the drag is over before it was seen here why.
        let is_last = is_over.load(Ordering::Relaxed);
        let pointer = connection.query_pointer(window)?;
        let owner = connection.get_selection_owner(drag.selection)?;
        connection.flush()?;
        let (pointer, owner) = (pointer.reply()?, owner.reply()?.owner);
        let was_gone = std::mem::replace(&mut is_gone, owner == x11rb::NONE);
        if is_gone && !was_gone {
            drag.tell_gone(&connection, window)?;
        }
        if is_last {
            return Ok(());
        }
        let now = pack(pointer.win_x, pointer.win_y);
        if seen.swap(now, Ordering::Relaxed) != now {
            moved();
        }
        std::thread::sleep(LOOK_EVERY);
    }
}

/// The words of the drag protocol that are used here.
struct Drag {
    /// Owned by the program that drags, from the start of the drag until its files have been handed over.
    selection: Atom,
    /// Says that a drag has left the window.
    leave: Atom,
}

impl Drag {
    fn of(connection: &RustConnection) -> Result<Self, Box<dyn std::error::Error>> {
        let selection = connection.intern_atom(false, b"XdndSelection")?;
        let leave = connection.intern_atom(false, b"XdndLeave")?;
        Ok(Self { selection: selection.reply()?.atom, leave: leave.reply()?.atom })
    }

    /// Tells the window in the name of the program that is gone. After a drop, which takes the selection away as well,
    /// it is nothing new. Waits until the server has passed it on: of a connection that is closed before, it reads
    /// nothing more, and the window would never hear of it.
    fn tell_gone(&self, connection: &RustConnection, window: u32) -> Result<(), Box<dyn std::error::Error>> {
        let leave = ClientMessageEvent::new(32, window, self.leave, [0_u32; 5]);
        connection.send_event(false, window, EventMask::NO_EVENT, leave)?.check()?;
        Ok(())
    }
}

fn pack(x: i16, y: i16) -> u64 {
    u64::from(x.cast_unsigned()) | u64::from(y.cast_unsigned()) << u16::BITS
}

fn unpack(packed: u64) -> Option<(i16, i16)> {
    let x = u16::try_from(packed & u64::from(u16::MAX)).ok()?;
    // Of the value for "unknown" the bits above are set, and this is none.
    let y = u16::try_from(packed >> u16::BITS).ok()?;
    Some((x.cast_signed(), y.cast_signed()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn positions_left_of_and_above_the_window_survive_packing() {
        for position in [(0, 0), (1279, 799), (-1, -1), (i16::MIN, i16::MAX)] {
            assert_eq!(unpack(pack(position.0, position.1)), Some(position));
        }
        assert_eq!(unpack(UNKNOWN), None);
    }
}
