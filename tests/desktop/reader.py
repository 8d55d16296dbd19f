"""What a screen reader finds: every control has a name and a role, what is read has a place, and the keyboard moves."""

import re
import time

import world
from steps import BUCKET, client, close, lent, open_local
from world import find, output, press, shows, until

# Roles that can be used, and so must be named.
CONTROLS = {
    "push button", "toggle button", "check box", "radio button", "combo box", "entry", "password text", "spin button",
    "slider", "link", "list item", "menu item", "page tab", "table row", "list box", "dialog", "status bar", "alert",
    "notification", "progress bar", "separator", "table cell", "option",
}
# Roles that only hold others or move them, and may be without a name.
HOLDERS = {"application", "frame", "panel", "filler", "scroll pane", "section", "grouping", "list", "table", "menu", "tool bar",
           "scroll bar"}
# Text is read as it stands.
READ = {"label", "static", "text", "heading", "paragraph", "image", "icon"}
# Glyphs of the icon font: no voice can say them.
PRIVATE = re.compile("[\ue000-\uf8ff\U000f0000-\U0010ffff]")

# What may differ, as (role, beginning of the name), each with its reason. Best empty.
EXCEPTIONS = {}


def faults_of(app, where):
    """What is wrong with the tree on the bus, one line each. A tree that is read while it changes holds nodes that are
    gone, so what is wrong must be found wrong each time."""
    faults = read_faults(app, where)
    for _ in range(4):
        if not faults:
            break
        time.sleep(0.2)
        again = read_faults(app, where)
        faults = [fault for fault in faults if fault in again]
    return faults


def read_faults(app, where):
    """What is wrong with the tree as one reading finds it."""
    found = []
    for role, name, _, node in world.nodes(app):
        if any(role == kind and name.startswith(begin) for kind, begin in EXCEPTIONS):
            continue
        spoken = f"{where}: {role} {name!r}"
        if role not in CONTROLS | HOLDERS | READ:
            found.append(f"{spoken}: a role that says nothing")
        if role in CONTROLS and not name.strip():
            found.append(f"{spoken}: a control without a name")
        if role in READ and not name.strip():
            found.append(f"{spoken}: text without words")
        if PRIVATE.search(name):
            found.append(f"{spoken}: a glyph of the icon font is read out")
        if role in CONTROLS:
            if not has_place(node):
                found.append(f"{spoken}: is nowhere")
    return found


def has_place(node):
    """Whether a node says where it is; a screen reader marks it there, and a touch finds it."""
    if node.get_component_iface() is None:
        return False
    place = world.Atspi.Component.get_extents(node, world.Atspi.CoordType.WINDOW)
    return place.width > 0 and place.height > 0


def focused(app):
    """The node that has the keyboard, as (role, name)."""
    for role, name, _, node in world.nodes(app):
        if role not in HOLDERS and world.has_state(node, world.Atspi.StateType.FOCUSED):
            return role, name
    return None


def tab_through(app, where, most):
    """Presses Tab, at most so often, until the keyboard is where it was before; gives every stop."""
    stops = []
    for _ in range(most):
        before = focused(app)
        output("xdotool", "key", "Tab")
        # For a moment, while the tree changes, it is nowhere.
        now = until(
            lambda: next((stop for stop in [focused(app)] if stop != before), None),
            lambda: f"{where}: Tab moves on from {before}\n{world.dump(app)}",
        )
        if now in stops:
            break
        stops.append(now)
    return stops


def screen_reader(desktop):
    """The main window with rows and transfers, the settings, the palette and the editor of connections."""
    home = desktop.folder / "home-reader"
    program, app = open_local(desktop, home)
    s3 = client(lent(desktop, home))
    for key in ("문서/a.txt", "b.txt"):
        s3.put_object(Bucket=BUCKET, Key=key, Body=b"x")
    faults = faults_of(app, "empty folder")
    press(app, "Reload", "push button")
    find(app, "b.txt", "list item")
    file = desktop.folder / "읽기.txt"
    file.write_text("read\n")
    second = desktop.bucketdrop(home, file)
    assert second.wait(90) == 0
    find(app, "Upload here", "push button")
    faults += faults_of(app, "files of a second start")
    press(app, "Upload here", "push button")
    # It goes by itself after a while: looked at first.
    # Neutral at first, a warning once it is known from where it opens.
    toast = find(app, "Signed link copied")
    place = world.Atspi.Component.get_extents(toast, world.Atspi.CoordType.WINDOW)
    assert place.width > 50 and place.height > 15, "a message that is nowhere"
    until(lambda: shows(app, "Done 1"), lambda: f"the upload done\n{world.dump(app)}")
    faults += faults_of(app, "main window")

    world.take_keyboard(program, app)
    stops = tab_through(app, "main window", 14)
    assert len(stops) >= 12, f"Tab finds only {stops}"
    assert all(stop and stop[1] for stop in stops), f"stops without a name: {stops}"

    # An object chosen by the keyboard: its details and its link.
    output("xdotool", "key", "ctrl+f")
    world.until_focused(app, "Filter this folder", "entry")
    output("xdotool", "type", "b.txt")
    is_typed = lambda: any(role == "entry" and text == "b.txt" for role, _, text, _ in world.nodes(app))
    until(lambda: is_typed() and not shows(app, "문서"), lambda: f"what the filter leaves\n{world.dump(app)}")
    output("xdotool", "key", "Return")
    output("xdotool", "key", "Down")
    find(app, "Copy URL", "push button")
    find(app, "checked ")
    faults += faults_of(app, "details")
    output("xdotool", "key", "ctrl+comma")
    find(app, "Language", "combo box")
    for page in ("Transfers", "Links", "Files", "General"):
        press(app, page, "radio button")
        faults += faults_of(app, f"settings, {page}")
    stops = tab_through(app, "settings", 6)
    assert len(stops) >= 4, f"Tab finds only {stops}"
    output("xdotool", "key", "Escape")
    until(lambda: not shows(app, "Appearance"), "the settings closed")

    output("xdotool", "key", "ctrl+k")
    until(lambda: any(role == "dialog" for role, *_ in world.nodes(app)), "the palette")
    faults += faults_of(app, "palette")
    output("xdotool", "key", "Escape")
    until(lambda: not any(role == "dialog" for role, *_ in world.nodes(app)), "the palette closed")
    output("xdotool", "key", "ctrl+n")
    find(app, "Access key ID", "entry")
    press(app, "More options", "push button")
    faults += faults_of(app, "editor")
    stops = tab_through(app, "editor", 10)
    assert len(stops) >= 8, f"Tab finds only {stops}"
    output("xdotool", "key", "Escape")
    until(lambda: not shows(app, "Access key ID"), "the editor closed")

    faults = sorted(set(faults))
    assert not faults, "\n".join(faults)
    close(program, app)


TESTS = [screen_reader]
