"""Wayland: the window natively, and on X11 where XWayland is there. The compositor is weston, in a window of the test's screen."""

import os
import pathlib
import re
import subprocess
import time

import world
from steps import BUCKET, client, keys_of, lent
from world import find, get, output, press, shows, until

SIZE = (1300, 860)


class Compositor:
    """A weston on the test's own screen. Use it with `with`."""

    def __init__(self, desktop, socket, *options):
        self._desktop, self.socket, self._options = desktop, socket, options

    def __enter__(self):
        width, height = SIZE
        self.process = self._desktop.spawn(
            ["weston", "--backend=x11-backend.so", f"--socket={self.socket}", f"--width={width}", f"--height={height}",
             "--no-config", "--idle-time=0", *self._options]
        )
        place = pathlib.Path(os.environ["XDG_RUNTIME_DIR"], self.socket)
        until(place.exists, lambda: f"weston: {self.process.log.read_text()}")
        self.window = until(lambda: self._frame(), "weston's own window")
        return self

    def __exit__(self, *_exception):
        world.end(self.process)

    def _frame(self):
        # The name is one that xdotool does not look at.
        for line in output("wmctrl", "-l").splitlines():
            window, _, _, title = line.split(None, 3)
            if title.startswith("Weston Compositor"):
                return str(int(window, 16))
        return None

    def environment(self):
        """What a program that is started in its session finds."""
        return {"WAYLAND_DISPLAY": self.socket, "DISPLAY": None, "WAYLAND_DEBUG": "1"}

    def click(self, node):
        """A click of the mouse: only input, and not the accessibility bus, lets a program take the clipboard here."""
        # Positions of nodes count from the window here, and the first window stands at a place of weston's own choice:
        # it is told from the picture, in which the frame of the program is the only white there is.
        left, top, *_ = world.geometry(self.window)
        x, y = self._client_area()
        place = world.Atspi.Component.get_extents(node, world.Atspi.CoordType.WINDOW)
        target = (left + x + place.x + place.width // 2, top + y + place.y + place.height // 2)
        # The compositor follows the pointer from where it comes in.
        output("xdotool", "mousemove", "2", "2")
        time.sleep(0.2)
        output("xdotool", "mousemove", *map(str, target))
        time.sleep(0.2)
        output("xdotool", "mousedown", "1")
        time.sleep(0.1)
        output("xdotool", "mouseup", "1")

    def _client_area(self):
        width, height = SIZE
        picture = subprocess.run(
            ["import", "-window", self.window, "-depth", "8", "gray:-"], check=True, stdout=subprocess.PIPE
        ).stdout
        assert len(picture) == width * height, "weston's window has another size"
        rows = [y for y in range(height) if picture[y * width : (y + 1) * width].count(255) > width // 2]
        assert rows, "the program paints no window that is seen"
        first = picture[rows[0] * width : (rows[0] + 1) * width]
        return first.index(255), rows[0]


def toplevels(program):
    """The windows that the program asked the Wayland compositor for."""
    return program.log.read_text(errors="replace").count(".get_toplevel(")


def wayland_native(desktop):
    """Without XWayland the window comes up natively, says how files get in without being dropped, and copies links."""
    home = desktop.folder / "home-wayland"
    with Compositor(desktop, "bucketdrop-native") as session:
        program = desktop.bucketdrop(home, **session.environment())
        app = world.application(program.pid)
        find(app, "Choose or paste files, watch them arrive")
        assert toplevels(program) == 1, "no window on Wayland"
        world.until_still(session.window)
        session.click(find(app, "Try it on this computer", "push button"))
        find(app, "Files cannot be dropped here on Wayland")
        for button in ("Upload files…", "Upload folder…"):
            find(app, button, "push button")

        file = desktop.folder / "웨이랜드.txt"
        file.write_text("native\n")
        second = desktop.bucketdrop(home, file, **session.environment())
        assert second.wait(90) == 0, second.log.read_text()
        press(app, "Upload here", "push button")
        until(lambda: shows(app, "Done 1"), lambda: f"the upload done\n{world.dump(app)}")
        assert keys_of(client(lent(desktop, home)), BUCKET) == [file.name]

        def pasted():
            found = subprocess.run(
                ["timeout", "5", "wl-paste", "--no-newline"], env=os.environ | {"WAYLAND_DISPLAY": session.socket},
                stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
            )
            return found.stdout if found.stdout.startswith("http") else None

        status, _, body = get(until(pasted, lambda: f"the link on Wayland's clipboard\n{world.dump(app)}"))
        assert (status, body) == (200, file.read_bytes())
        world.end(program)

        # Asked for by name it is the same, and an X11 that is not there is said so at once.
        program = desktop.bucketdrop(home, "--display", "wayland", **session.environment())
        until(lambda: toplevels(program) == 1, lambda: f"a window on Wayland: {program.log.read_text()[-300:]}")
        world.end(program)
        program = desktop.bucketdrop(home, "--display", "x11", **session.environment())
        assert program.wait(90) == 1 and "bucketdrop-cli" in program.log.read_text(), program.log.read_text()


def wayland_with_xwayland(desktop):
    """With XWayland there, the window is one of X11, where files can be dropped; unless Wayland is asked for."""
    home = desktop.folder / "home-xwayland"
    with Compositor(desktop, "bucketdrop-xwayland", "--xwayland") as session:
        listens = until(
            lambda: re.search(r"xserver listening on display (:\d+)", session.process.log.read_text()),
            lambda: f"XWayland: {session.process.log.read_text()}",
        )
        both = session.environment() | {"DISPLAY": listens[1]}
        program = desktop.bucketdrop(home, **both)
        app = world.application(program.pid)
        find(app, "Drop files onto a bucket, watch them arrive")

        def is_on_x11():
            found = subprocess.run(
                ["xdotool", "search", "--pid", str(program.pid)], env=os.environ | {"DISPLAY": listens[1]},
                stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
            )
            return found.stdout.split()

        until(is_on_x11, "its window on XWayland")
        assert toplevels(program) == 0, "it has a window on Wayland, too"
        world.until_still(session.window)
        assert program.poll() is None
        world.end(program)
        program = desktop.bucketdrop(home, "--display", "wayland", **both)
        until(lambda: toplevels(program) == 1, lambda: f"a window on Wayland: {program.log.read_text()[-300:]}")
        world.end(program)


def wayland_paste(desktop):
    """Ctrl+V of copied files: taken where the compositor lets programs look, else refused with the reason. Never is it said
    that there are none."""
    home = desktop.folder / "home-wayland-paste"
    file = desktop.folder / "복사.txt"
    file.write_text("copied\n")
    with Compositor(desktop, "bucketdrop-paste") as session:
        program = desktop.bucketdrop(home, **session.environment())
        app = world.application(program.pid)
        press(app, "Try it on this computer", "push button")
        nothing_here = find(app, "This folder is empty")
        world.until_still(session.window)
        environment = os.environ | {"WAYLAND_DISPLAY": session.socket}
        copy = ["wl-copy", "--foreground", "--type", "text/uri-list"]
        owner = desktop.spawn(copy, told=file.as_uri().encode() + b"\r\n", env=environment)

        def offers():
            asked = ["timeout", "5", "wl-paste", "--list-types"]
            quiet = {"stdout": subprocess.PIPE, "stderr": subprocess.DEVNULL, "text": True}
            return "text/uri-list" in subprocess.run(asked, env=environment, **quiet).stdout

        until(offers, lambda: f"copied files on Wayland's clipboard: {owner.log.read_text()}")
        # Who copies and who asks have a window for a moment, which takes the keyboard.
        session.click(nothing_here)
        until(lambda: world.has_keyboard(app), lambda: f"the keyboard in the window\n{world.dump(app)}")
        output("xdotool", "key", "ctrl+v")
        refused = "Copied files cannot be read from the clipboard here"
        until(lambda: shows(app, refused) or shows(app, "Done 1"), lambda: f"the file, or why not\n{world.dump(app)}")
        if not shows(app, refused):
            assert keys_of(client(lent(desktop, home)), BUCKET) == [file.name]
        world.end(program)


TESTS = [wayland_native, wayland_with_xwayland, wayland_paste]
