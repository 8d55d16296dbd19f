"""A desktop to test on: a virtual screen, a window manager, a D-Bus session with accessibility and a keychain.

Everything lives below one temporary folder and ends with the `World`. Nothing waits a fixed time: `until` looks again
and again until what it is told to look for is there, and fails with its name when it never comes.
"""

import contextlib
import os
import pathlib
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request

import gi

gi.require_version("Atspi", "2.0")
from gi.repository import Atspi, Gio, GLib  # noqa: E402

# The bus starts nothing by itself but the accessibility bus: each scenario decides what else its desktop has.
BUS_CONFIG = """<busconfig>
  <type>session</type>
  <listen>unix:tmpdir=/tmp</listen>
  <servicedir>{services}</servicedir>
  <policy context="default">
    <allow send_destination="*" eavesdrop="true"/>
    <allow eavesdrop="true"/>
    <allow own="*"/>
  </policy>
</busconfig>
"""
BUS_SERVICES = ["/usr/share/dbus-1/services/org.a11y.Bus.service"]


# Roles of what can be typed into.
TYPED = {"entry", "password text", "text", "spin button"}
# The keychain's name on the bus.
SECRETS = "org.freedesktop.secrets"


class Missing(AssertionError):
    """What was waited for did not come."""


def until(look, what, within_secs=90):
    """The first true answer of `look`."""
    end = time.monotonic() + within_secs
    while True:
        answer = look()
        if answer:
            return answer
        if time.monotonic() > end:
            raise Missing(f"not within {within_secs} s: {what() if callable(what) else what}")
        time.sleep(0.05)


def needs(**parts):
    """Marks a scenario that takes place on another desktop than the usual one: what `World` takes beside the programs."""

    def mark(test):
        test.needs = parts
        return test

    return mark


def output(*command, **options):
    """What a program prints; it must succeed."""
    return subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True, **options).stdout


def reexec_in_session():
    """Starts this very program again inside a D-Bus session of its own, with a home folder of its own."""
    if os.environ.get("BUCKETDROP_DESKTOP_TEST"):
        return
    folder = tempfile.mkdtemp(prefix="bucketdrop-desktop-")
    home = pathlib.Path(folder, "user")
    runtime = pathlib.Path(folder, "runtime")
    home.mkdir()
    runtime.mkdir(mode=0o700)
    environment = {
        name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "XDG_", "WAYLAND", "DBUS"))
    }
    environment |= {
        "BUCKETDROP_DESKTOP_TEST": folder,
        "HOME": str(home),
        "XDG_RUNTIME_DIR": str(runtime),
        "LANG": "C.UTF-8",
        "LIBGL_ALWAYS_SOFTWARE": "1",
        # Settings of GTK programs live in memory: there is no settings service on this bus.
        "GSETTINGS_BACKEND": "memory",
        "XDG_CURRENT_DESKTOP": "bucketdrop-test",
        "PYTHONUNBUFFERED": "1",
        "PYTHONDONTWRITEBYTECODE": "1",
    }
    environment.pop("DISPLAY", None)
    # What the bus itself has to say goes to a file; it is shown only when nothing else tells what went wrong.
    bus_log = pathlib.Path(folder, "bus.log")
    services = pathlib.Path(folder, "services")
    services.mkdir()
    for service in BUS_SERVICES:
        shutil.copy(service, services)
    config = pathlib.Path(folder, "bus.conf")
    config.write_text(BUS_CONFIG.format(services=services))
    command = ["dbus-run-session", "--config-file", str(config), "--", "sh", "-c", 'exec "$@" 2>&1', "sh", sys.executable, *sys.argv]
    with open(bus_log, "wb") as sink:
        inner = subprocess.Popen(command, env=environment, stderr=sink)
        try:
            status = inner.wait()
        except KeyboardInterrupt:
            inner.send_signal(signal.SIGINT)
            status = inner.wait()
    if status != 0:
        print(bus_log.read_text(errors="replace"), file=sys.stderr)
    shutil.rmtree(folder, ignore_errors=True)
    sys.exit(status)


class World:
    """The desktop. Use it with `with`."""

    def __init__(self, programs, screen="1600x1000", keychain="open"):
        self.screen, self.keychain = screen, keychain
        self.programs = pathlib.Path(programs).resolve()
        self.folder = pathlib.Path(os.environ["BUCKETDROP_DESKTOP_TEST"])
        self._ends = contextlib.ExitStack()
        self._logs = 0
        self._spawned = []
        self._own = 0

    def __enter__(self):
        try:
            self._screen()
            self._window_manager()
            self._accessibility()
            self._keychain()
        except BaseException:
            self._ends.close()
            raise
        self._own = len(self._spawned)
        return self

    def __exit__(self, *_exception):
        self._ends.close()

    # ---------------------------------------------------------------------------------------------------- programs

    def spawn(self, command, log=None, told=None, **options):
        """Starts a program that ends with the world. Its output goes to a file, whose path is `.log` of the result. What
        it is `told`, it finds on its input."""
        self._logs += 1
        name = log or pathlib.Path(command[0]).name
        path = self.folder / f"{self._logs:02}-{name}.log"
        source = subprocess.DEVNULL if told is None else subprocess.PIPE
        with open(path, "wb") as sink:
            process = subprocess.Popen(command, stdin=source, stdout=sink, stderr=sink, **options)
        if told is not None:
            process.stdin.write(told)
            process.stdin.close()
        process.log = path
        self._spawned.append(process)
        self._ends.callback(end, process)
        return process

    def _screen(self):
        reader, writer = os.pipe()
        self.spawn(
            ["Xvfb", "-displayfd", str(writer), "-screen", "0", f"{self.screen}x24", "-nolisten", "tcp", "-noreset"],
            pass_fds=[writer],
        )
        os.close(writer)
        # Xvfb writes the number of the display once it answers there.
        with os.fdopen(reader) as numbers:
            number = numbers.readline().strip()
        if not number:
            raise Missing("Xvfb did not start")
        os.environ["DISPLAY"] = f":{number}"

    def _window_manager(self):
        self.spawn(["openbox"])
        until(lambda: "window id" in root_property("_NET_SUPPORTING_WM_CHECK"), "openbox manages windows")

    def _accessibility(self):
        bus = Gio.bus_get_sync(Gio.BusType.SESSION)
        value = GLib.Variant("(ssv)", ("org.a11y.Status", "IsEnabled", GLib.Variant("b", True)))
        bus.call_sync(
            "org.a11y.Bus", "/org/a11y/bus", "org.freedesktop.DBus.Properties", "Set", value, None, 0, 10_000, None
        )
        Atspi.init()
        Atspi.set_timeout(5000, 15_000)

    def _keychain(self):
        """A keychain that is open, as after a login; or one that is locked, and nothing here could ask for its password."""
        if self.keychain == "locked":
            command = ["gnome-keyring-daemon", "--foreground", "--components=secrets"]
            password = b"a password of these tests\n"
            daemon = self.spawn([*command, "--unlock"], told=password)
            until(lambda: bus_has(SECRETS), lambda: f"the keychain: {daemon.log.read_text()}")
            # As the program keeps the secret of a connection with this id.
            kept = ["service", "io.github.bucketdrop.Bucketdrop", "username", "vault", "target", "default"]
            output("secret-tool", "store", "--label=Bucketdrop", *kept, input="{}")
            end(daemon)
            until(lambda: not bus_has(SECRETS), "the keychain's end")
            self._spawned.remove(daemon)
            self.spawn(command, told=b"")
            until(lambda: bus_has(SECRETS), "the locked keychain")
            return
        started = subprocess.run(
            ["gnome-keyring-daemon", "--unlock", "--components=secrets", "--daemonize"],
            input="\n", check=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        )
        for line in started.stdout.splitlines():
            name, _, value = line.partition("=")
            os.environ[name] = value

    def bucketdrop(self, home, *arguments, **environment):
        """Starts the window. A variable that is given as None is taken out of the environment."""
        changed = os.environ | {"BUCKETDROP_HOME": str(home), "RUST_LOG": "info"} | environment
        return self.spawn(
            [str(self.programs / "bucketdrop"), *map(str, arguments)],
            env={name: value for name, value in changed.items() if value is not None},
        )

    def drop(self, program, paths, frame):
        """Drags files out of another program's window and drops them in the middle of the program's."""
        window = until(lambda: windows(program.pid), "the window")[0]
        place(window, *frame)
        left, top, width, height = geometry(window)
        app = application(program.pid)
        target = (left + width // 2, top + height // 2)
        assert self.drag_files(paths, target, lambda: says_what_a_drop_does(app)), "the window did not take the drop"

    def drag_source(self, paths):
        """Another program's window that files can be dragged out of, and where on the screen to take them."""
        command = [sys.executable, str(pathlib.Path(__file__).parent / "dragsource.py"), *map(str, paths)]
        source = self.spawn(command, log="dragsource")
        until(lambda: has_said(source, "ready"), "the window that files are dragged out of")
        handle = until(lambda: windows(source.pid), "its window")[0]
        place(handle, 10, 10, 200, 160)
        x, y, w, h = geometry(handle)
        return source, (x + w // 2, y + h // 2)

    def drag_files(self, paths, point, hovering=None):
        """Drags files out of another program's window and lets them go at a point of the screen. `hovering` is called
        before they are let go. Tells whether they were taken."""
        source, handle = self.drag_source(paths)
        drag(handle, point, hovering)
        until(lambda: has_said(source, "ended", "refused"), "the end of the drag")
        was_taken = not has_said(source, "refused")
        end(source)
        return was_taken

    def tell_deaths(self):
        """Names the parts of the desktop that ended by themselves, with their last words."""
        for process in self._spawned[: self._own]:
            if process.poll() is not None:
                print(f"{process.args[0]} ended with {process.returncode}: {process.log.read_text()[-500:]}")

    def end_windows(self):
        """Ends every program that was started since the desktop stands: a failed test leaves its windows behind."""
        while len(self._spawned) > self._own:
            end(self._spawned.pop())

    def cli(self, home, *arguments, **environment):
        """Runs the command line and gives the finished process."""
        return subprocess.run(
            [str(self.programs / "bucketdrop-cli"), *map(str, arguments)],
            env=os.environ | {"BUCKETDROP_HOME": str(home)} | environment,
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, timeout=120,
        )

    def picture(self, name):
        """Keeps what the screen shows, for whoever looks into a failure."""
        target = pathlib.Path(os.environ.get("BUCKETDROP_PICTURES", self.programs / "desktop-pictures"))
        target.mkdir(parents=True, exist_ok=True)
        path = target / f"{name}.png"
        subprocess.run(["import", "-window", "root", str(path)], check=False)
        return path


def has_said(process, *words):
    """Whether a program that was started has printed one of the words."""
    text = process.log.read_text()
    return any(word in text for word in words)


def end(process, within_secs=5):
    """Ends a process that the tests started."""
    if process.poll() is not None:
        return
    process.terminate()
    try:
        process.wait(within_secs)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


# --------------------------------------------------------------------------------------------------------- windows


def root_property(name):
    """A property of the root window, as xprop prints it; empty if there is none."""
    return subprocess.run(["xprop", "-root", name], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True).stdout


def windows(pid):
    """Ids of the visible windows of a process, without its helpers of one pixel."""
    found = subprocess.run(
        ["xdotool", "search", "--onlyvisible", "--pid", str(pid)],
        stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
    ).stdout.split()
    return [window for window in found if geometry(window)[2] > 50]


def geometry(window):
    """Left, top, width and height of a window on the screen."""
    shell = output("xdotool", "getwindowgeometry", "--shell", window)
    values = dict(line.split("=") for line in shell.split())
    return tuple(int(values[name]) for name in ("X", "Y", "WIDTH", "HEIGHT"))


def place(window, left, top, width, height):
    """Moves and sizes a window, and waits until it is so."""
    output("xdotool", "windowsize", "--sync", window, str(width), str(height))
    output("xdotool", "windowmove", "--sync", window, str(left), str(top))


def activate(program):
    """Gives a program's window the keyboard."""
    window = until(lambda: windows(program.pid), "the window")[0]
    output("xdotool", "windowactivate", "--sync", window)
    return window


def bus_has(name):
    """Whether somebody on the session's bus has this name."""
    bus = Gio.bus_get_sync(Gio.BusType.SESSION)
    asked = GLib.Variant("(s)", (name,))
    place = ("org.freedesktop.DBus", "/org/freedesktop/DBus", "org.freedesktop.DBus")
    return bus.call_sync(*place, "NameHasOwner", asked, None, 0, 10_000, None).unpack()[0]


def until_still(window, within_secs=90):
    """Waits until two pictures of a window in a row are the same."""
    before = None

    def look():
        nonlocal before
        now = subprocess.run(["import", "-window", window, "rgb:-"], check=True, stdout=subprocess.PIPE).stdout
        before, is_same = now, now == before
        return is_same

    until(look, "a window that does not change", within_secs)


def drag(source, target, hovering=None, hover_secs=0.5):
    """A drag with the mouse from one point of the screen to another, in steps as a hand makes them. `hovering` is
    called before the button is let go."""
    (from_x, from_y), (to_x, to_y) = source, target
    output("xdotool", "mousemove", str(from_x), str(from_y), "mousedown", "1")
    time.sleep(0.15)
    steps = 14
    for step in range(1, steps + 1):
        x = from_x + (to_x - from_x) * step // steps
        y = from_y + (to_y - from_y) * step // steps
        output("xdotool", "mousemove", str(x), str(y))
        time.sleep(0.04)
    time.sleep(hover_secs)
    try:
        if hovering is not None:
            hovering()
    finally:
        output("xdotool", "mouseup", "1")


def shows_a_drag(app):
    """Whether the window says what a drop would do."""
    words = ("Drop to ", "Nothing can be dropped ")
    return any(role == "status bar" and name.startswith(words) for role, name, _, _ in nodes(app))


def says_what_a_drop_does(app):
    """Waits until the window says so: it has asked for the names of the files then. A drop before that is lost."""
    until(lambda: shows_a_drag(app), lambda: f"what a drop would do in\n{dump(app)}")


def clipboard():
    """The clipboard's text; empty when there is none."""
    return subprocess.run(
        ["timeout", "5", "xclip", "-o", "-selection", "clipboard"],
        stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
    ).stdout


def get(url):
    """Status, headers and body of a GET without any credentials."""
    try:
        with urllib.request.urlopen(url, timeout=30) as answer:
            return answer.status, dict(answer.headers), answer.read()
    except urllib.error.HTTPError as refusal:
        return refusal.code, dict(refusal.headers), refusal.read()


# --------------------------------------------------------------------------------------------- accessibility tree


def application(pid, within_secs=90):
    """The accessible application of a process."""

    def look():
        desktop = Atspi.get_desktop(0)
        desktop.clear_cache()
        for index in range(desktop.get_child_count()):
            with contextlib.suppress(GLib.Error):
                child = desktop.get_child_at_index(index)
                if child is not None and child.get_process_id() == pid:
                    return child
        return None

    return until(look, "the program on the accessibility bus", within_secs)


def nodes(accessible, every_text=False):
    """Every node below an accessible, itself included, as (role, name, text, accessible). The text is what was typed, or
    everything that can be read letter by letter."""
    found, waiting = [], [accessible]
    while waiting:
        node = waiting.pop()
        with contextlib.suppress(GLib.Error):
            node.clear_cache()
            name = node.get_name() or ""
            role, text = node.get_role_name(), ""
            # Each question is a way to the program and back, and what is not typed is in the name.
            if every_text or role in TYPED:
                with contextlib.suppress(GLib.Error):
                    interface = node.get_text_iface()
                    if interface is not None:
                        text = interface.get_text(0, -1)
            found.append((role, name, text, node))
            children = [node.get_child_at_index(index) for index in range(node.get_child_count())]
            waiting.extend(child for child in reversed(children) if child is not None)
    return found


def dump(accessible):
    """The tree as text, for failures and for the search for secrets."""
    lines = [f"{role}: {name!r} {text!r}" for role, name, text, _ in nodes(accessible, every_text=True)]
    return "\n".join(lines)


def find(accessible, name, role=None, within_secs=90):
    """The node whose name is, or begins with, `name`; waits for it."""

    def look():
        alike = [
            (len(found), node)
            for found_role, found, _, node in nodes(accessible)
            if found.startswith(name) and (role is None or found_role == role)
        ]
        return min(alike, key=lambda pair: pair[0])[1] if alike else None

    return until(look, lambda: f"{role or 'something'} named {name!r} in\n{dump(accessible)}", within_secs)


def has_state(node, state):
    """Whether a node has a state now."""
    with contextlib.suppress(GLib.Error):
        node.clear_cache()
        return node.get_state_set().contains(state)
    return False


def until_focused(accessible, name, role=None):
    """Waits until the node of this name has the keyboard."""
    node = find(accessible, name, role)
    until(lambda: has_state(node, Atspi.StateType.FOCUSED), lambda: f"the focus in {name!r}\n{dump(accessible)}")
    return node


def shows(accessible, text):
    """Whether some name or text holds `text`."""
    return any(text in name or text in content for _, name, content, _ in nodes(accessible))


def press(accessible, name, role=None, within_secs=90):
    """Does what a click on the node would. A node may vanish between the look and the press, and come again."""

    def pressed():
        node = find(accessible, name, role, within_secs)
        try:
            return node.do_action(0)
        except GLib.Error as error:
            # Who does not answer in time has been asked all the same.
            return any(word in str(error) for word in ("reply", "timed out", "Timeout"))

    until(pressed, lambda: f"{name!r} to be pressed in\n{dump(accessible)}", within_secs)


def has_keyboard(app):
    """Whether a program believes that its window has the keyboard."""
    active = Atspi.StateType.ACTIVE
    return any(role == "frame" and has_state(node, active) for role, _, _, node in nodes(app))


def take_keyboard(program, app):
    """Gives a program's window the keyboard, and waits until the program has seen it."""
    activate(program)
    until(lambda: has_keyboard(app), lambda: f"the keyboard in the window\n{dump(app)}")
