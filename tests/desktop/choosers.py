"""The system's file choosers: through the desktop portal, through zenity, and where there is neither.

The bus of the tests starts no portal by itself, so each scenario has exactly the choosers that it starts.
"""

import os
import pathlib
import subprocess

import world
from steps import BUCKET, client, close, keys_of, lent, open_local
from world import find, output, press, shows, until

# Where Debian, Ubuntu and others keep them.
PORTAL_FOLDERS = ["/usr/libexec", "/usr/lib/xdg-desktop-portal", "/usr/lib"]
FILES = {"보고서 (최종).txt": "보고\n", "사진 1.png": "png\n", "a|b.txt": "a bar in the name\n"}
FOLDER = "폴더 [2026]"


def make(folder):
    """Three files with the names that go wrong, and a folder beside them."""
    files = folder / "고른 파일"
    files.mkdir(parents=True)
    for name, text in FILES.items():
        (files / name).write_text(text)
    tree = folder / FOLDER
    (tree / "안").mkdir(parents=True)
    (tree / "안" / "x.txt").write_text("inside\n")
    return files, tree


class Portal:
    """xdg-desktop-portal, with or without the part that shows dialogs. Use it with `with`."""

    def __init__(self, desktop, *, backend):
        self._desktop, self._has_backend, self.backend = desktop, backend, None

    def __enter__(self):
        self._running = []
        if self._has_backend:
            self.backend = self._start("xdg-desktop-portal-gtk", "org.freedesktop.impl.portal.desktop.gtk")
        self._start("xdg-desktop-portal", "org.freedesktop.portal.Desktop")
        return self

    def __exit__(self, *_exception):
        for process in reversed(self._running):
            world.end(process)

    def _start(self, name, bus_name):
        places = [pathlib.Path(folder, name) for folder in PORTAL_FOLDERS]
        program = next((place for place in places if place.exists()), None)
        assert program, f"{name} is not installed"
        process = self._desktop.spawn([str(program)])
        self._running.append(process)
        until(lambda: world.bus_has(bus_name), lambda: f"{bus_name} on the bus: {process.log.read_text()}")
        return process


def child(program, name):
    """The process id of a program that this one has started."""

    def look():
        found = subprocess.run(["pgrep", "-P", str(program.pid), "-x", name], stdout=subprocess.PIPE, text=True)
        return found.stdout.split()

    return int(until(look, f"{name} started by the program")[0])


def stays_live(app):
    """The window answers while the chooser is open."""
    press(app, "Settings", "list item")
    find(app, "Language", "combo box")
    press(app, "Close", "push button")
    until(lambda: not shows(app, "Language"), "the settings closed again")


def go_to(pid, path):
    """Lets the GTK chooser of a process show a path: in the field that opens as soon as one begins to type one."""
    chooser = world.application(pid)
    window = until(lambda: world.windows(pid), "the chooser's window")[0]
    output("xdotool", "windowactivate", "--sync", window)

    def field():
        # The one that is seen: the names of new folders have fields as well.
        shown = world.Atspi.StateType.SHOWING
        fields = [node for role, _, _, node in world.nodes(chooser) if role == "text" and world.has_state(node, shown)]
        return fields[0] if fields else None

    # The beginning of a path opens the field for one.
    output("xdotool", "key", "slash")
    entry = until(field, lambda: f"the chooser's field for a path in\n{world.dump(chooser)}")
    entry.get_editable_text_iface().set_text_contents(str(path))
    return chooser


def choose_all_in(pid, folder):
    """Chooses every file of a folder."""
    chooser = go_to(pid, f"{folder}/")
    output("xdotool", "key", "Return")
    until(lambda: all(shows(chooser, name) for name in FILES), lambda: f"the files in\n{world.dump(chooser)}")
    output("xdotool", "key", "ctrl+a")

    def selected():
        rows = [(name, node) for role, name, _, node in world.nodes(chooser) if role == "table cell" and name in FILES]
        return {name for name, node in rows if world.has_state(node, world.Atspi.StateType.SELECTED)} == set(FILES)

    until(selected, lambda: f"every file selected in\n{world.dump(chooser)}")
    press_default(chooser)


def choose(pid, path):
    """Chooses one path."""
    press_default(go_to(pid, path))


def press_default(chooser):
    """The button that chooses. Its name is the toolkit's own, and differs between programs."""
    names = ["Open", "Select", "OK"]

    def look():
        for role, name, _, node in world.nodes(chooser):
            if role == "push button" and name.replace("_", "") in names:
                if node.get_state_set().contains(world.Atspi.StateType.SENSITIVE):
                    return node
        return None

    assert until(look, lambda: f"a button that chooses in\n{world.dump(chooser)}").do_action(0)


def uploads_from_both(desktop, name, chooser_pid, environment):
    """*Upload files…* and *Upload folder…*, each through the chooser whose process `chooser_pid` finds; then a cancel."""
    home = desktop.folder / f"home-{name}"
    files, tree = make(desktop.folder / name)
    program, app = open_local(desktop, home, **environment)
    s3 = client(lent(desktop, home))
    press(app, "Upload files…", "push button")
    pid = chooser_pid(program)
    world.application(pid)
    stays_live(app)
    choose_all_in(pid, files)
    until(lambda: shows(app, f"Done {len(FILES)}"), lambda: f"the chosen files done\n{world.dump(app)}")
    assert sorted(keys_of(s3, BUCKET)) == sorted(FILES), keys_of(s3, BUCKET)
    for key, text in FILES.items():
        assert s3.get_object(Bucket=BUCKET, Key=key)["Body"].read() == text.encode(), key

    world.take_keyboard(program, app)
    output("xdotool", "key", "ctrl+shift+u")
    choose(chooser_pid(program), tree)
    key = f"{FOLDER}/안/x.txt"
    until(lambda: key in keys_of(s3, BUCKET), lambda: f"the chosen folder in the bucket\n{world.dump(app)}")
    until(lambda: shows(app, f"Done {len(FILES) + 1}"), lambda: f"the chosen folder done\n{world.dump(app)}")

    # Changing one's mind is no failure, and asks nothing.
    world.take_keyboard(program, app)
    output("xdotool", "key", "ctrl+u")
    pid = chooser_pid(program)
    chooser = world.application(pid)
    # A hand can only close what has the keyboard, and the program has to have seen it go.
    output("xdotool", "windowactivate", "--sync", until(lambda: world.windows(pid), "the chooser's window")[0])
    until(lambda: not world.has_keyboard(app), lambda: f"the keyboard gone from the window\n{world.dump(app)}")
    press(chooser, "Cancel", "push button")
    until(lambda: not shows(chooser, "Cancel"), "the chooser gone")
    stays_live(app)
    assert not shows(app, "file chooser"), world.dump(app)
    close(program, app)


def portal_chooser(desktop):
    """Files and a folder chosen through the desktop portal, as on GNOME and KDE."""
    with Portal(desktop, backend=True) as portal:
        uploads_from_both(desktop, "portal", lambda _program: portal.backend.pid, {})


def zenity_chooser(desktop):
    """The same where there is no portal: zenity."""
    uploads_from_both(desktop, "zenity", lambda program: child(program, "zenity"), {})


def no_chooser(desktop):
    """Neither a portal nor zenity: the window says so in words, and a path can be typed instead."""
    home = desktop.folder / "home-no-chooser"
    _, tree = make(desktop.folder / "no-chooser")
    link = desktop.folder / "to-type"
    link.mkdir()
    os.rename(tree, link / tree.name)
    program, app = open_local(desktop, home, PATH="/nonexistent")
    press(app, "Upload folder…", "push button")
    says_so_and_takes_a_path(desktop, home, program, app, link)


def broken_portal(desktop):
    """A portal that cannot show a chooser, and no zenity: said just the same, however long it takes to fail."""
    home = desktop.folder / "home-broken-portal"
    _, tree = make(desktop.folder / "broken-portal")
    link = desktop.folder / "to-type-2"
    link.mkdir()
    os.rename(tree, link / tree.name)
    with Portal(desktop, backend=False):
        program, app = open_local(desktop, home, PATH="/nonexistent")
        # A person's window has the keyboard. That it never went elsewhere tells this from a chooser that was closed.
        world.take_keyboard(program, app)
        output("xdotool", "key", "ctrl+u")
        says_so_and_takes_a_path(desktop, home, program, app, link)


def says_so_and_takes_a_path(desktop, home, program, app, folder):
    find(app, "This system offers no file chooser")
    world.take_keyboard(program, app)
    world.until_focused(app, "Path", "entry")
    output("xdotool", "type", "--delay", "5", str(folder))
    until(lambda: shows(app, str(folder)), lambda: f"the typed path in\n{world.dump(app)}")
    output("xdotool", "key", "Return")
    s3 = client(lent(desktop, home))
    key = f"{folder.name}/{FOLDER}/안/x.txt"
    until(lambda: keys_of(s3, BUCKET) == [key], lambda: f"{key} in the bucket\n{world.dump(app)}")
    until(lambda: shows(app, "Done 1"), lambda: f"the upload done\n{world.dump(app)}")
    close(program, app)


TESTS = [portal_chooser, zenity_chooser, no_chooser, broken_portal]
