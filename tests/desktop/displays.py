"""Displays that are named and lead nowhere: the window opens where it can, or the program says at once that it cannot."""

import os

import world
from wayland import Compositor, toplevels
from world import find, until

# Nobody has that many.
STALE = ":987"
NO_DISPLAY = "No display can be reached"


def opens_on_wayland(desktop, home, session, **environment):
    program = desktop.bucketdrop(home, **session.environment() | environment)
    find(world.application(program.pid), "Choose or paste files, watch them arrive")
    until(lambda: toplevels(program) == 1, lambda: f"a window on Wayland: {program.log.read_text()[-300:]}")
    world.end(program)


def a_stale_display_beside_wayland(desktop):
    """What an X server has left behind in the environment does not keep the window from Wayland."""
    with Compositor(desktop, "bucketdrop-stale") as session:
        opens_on_wayland(desktop, desktop.folder / "home-stale", session, DISPLAY=STALE)


def a_stale_display_alone(desktop):
    """Without a display that answers, the program ends at once and says what can be done."""
    home = desktop.folder / "home-stale-alone"
    for environment in ({"DISPLAY": STALE}, {"DISPLAY": STALE, "WAYLAND_DISPLAY": "nobody"}, {"DISPLAY": None}):
        program = desktop.bucketdrop(home, **{"WAYLAND_DISPLAY": None} | environment)
        assert program.wait(90) == 1, program.log.read_text()
        said = program.log.read_text()
        assert NO_DISPLAY in said and "bucketdrop-cli" in said, said


def x11_without_a_library(desktop):
    """Where a library is missing that the toolkit loads for X11, Wayland is taken; without it that is said."""
    home = desktop.folder / "home-library"
    unloadable = desktop.folder / "unloadable"
    unloadable.mkdir()
    # Found first, and no library.
    for name in ("libXcursor.so.1", "libXcursor.so"):
        (unloadable / name).touch()
    environment = {"DISPLAY": os.environ["DISPLAY"], "LD_LIBRARY_PATH": str(unloadable)}
    with Compositor(desktop, "bucketdrop-library") as session:
        opens_on_wayland(desktop, home, session, **environment)
    program = desktop.bucketdrop(home, WAYLAND_DISPLAY=None, **environment)
    assert program.wait(90) == 1, program.log.read_text()
    said = program.log.read_text()
    assert "shared libraries" in said and NO_DISPLAY not in said, said


TESTS = [a_stale_display_beside_wayland, a_stale_display_alone, x11_without_a_library]
