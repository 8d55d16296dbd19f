"""A window that files can be dragged out of, as out of a file manager: GTK offers them as `text/uri-list` by XDND.

Usage: dragsource.py FILE-OR-ADDRESS... ; prints `ready` when the window is there and `taken` when a drop was accepted.
"""

import sys

import gi

gi.require_version("Gtk", "3.0")
from gi.repository import Gdk, Gio, Gtk  # noqa: E402


def main():
    uris = [item if "://" in item else Gio.File.new_for_path(item).get_uri() for item in sys.argv[1:]]
    window = Gtk.Window(title="dragsource")
    window.set_default_size(160, 120)
    box = Gtk.EventBox()
    box.add(Gtk.Label(label=f"{len(uris)} items"))
    box.drag_source_set(Gdk.ModifierType.BUTTON1_MASK, [], Gdk.DragAction.COPY)
    box.drag_source_add_uri_targets()
    box.connect("drag-data-get", lambda _widget, _context, data, _info, _time: data.set_uris(uris))
    box.connect("drag-end", lambda *_arguments: print("ended", flush=True))
    box.connect("drag-failed", lambda *_arguments: print("refused", flush=True))
    window.add(box)
    window.connect("destroy", Gtk.main_quit)
    window.connect("map-event", lambda *_arguments: print("ready", flush=True))
    window.show_all()
    Gtk.main()


main()
