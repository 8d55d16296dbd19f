"""What paints the window, and how finely: a screen at 200 %, each renderer, and a machine without OpenGL."""

import collections
import pathlib
import subprocess

import world
from steps import BUCKET, client, close, keys_of, lent, links_on_clipboard, open_local
from world import find, get, output, press, shows, until

# What has to be in the window whatever its size, as (role, beginning of the name).
PRIMARY = [
    ("push button", "Upload"), ("push button", "New folder…"), ("push button", "Reload"), ("push button", "Copy URL of"),
    ("push button", "Show or hide details"), ("entry", "Filter this folder"), ("list item", "Settings"), ("list item", BUCKET), ("list item", "fine.txt"),
    ("page tab", "Done 1"),
]
# A library of Mesa's software Vulkan, which only wgpu loads.
VULKAN = "libvulkan_lvp"


def colours_of(window):
    """How often each colour is in a window, the most frequent first."""
    width, height = world.geometry(window)[2:]
    picture = subprocess.run(["import", "-window", window, "-depth", "8", "rgb:-"], check=True, stdout=subprocess.PIPE).stdout
    assert len(picture) == width * height * 3, "the picture has another size than the window"
    # A part of its pixels, in steps that are no divisor of a row's length, tells enough.
    return collections.Counter(picture[at : at + 3] for at in range(0, len(picture) - 2, 3 * 7)).most_common()


def paints(window):
    """Waits for a picture that does not change, in which there are words rather than one colour."""
    world.until_still(window)

    def look():
        colours = colours_of(window)
        return len(colours) >= 30 and colours[0][1] < 0.95 * sum(count for _, count in colours)

    until(look, lambda: f"a picture, not only {colours_of(window)[:3]}")


def outside(app, size):
    """The primary nodes that are not wholly within a window of this size, or that are not there."""
    width, height = size
    faults, nodes = [], world.nodes(app)
    for role, name in PRIMARY:
        alike = [node for found_role, found, _, node in nodes if found_role == role and found.startswith(name)]
        if not alike:
            faults.append(f"{role} {name!r} is not there")
        for node in alike:
            place = world.Atspi.Component.get_extents(node, world.Atspi.CoordType.WINDOW)
            right, bottom = place.x + place.width, place.y + place.height
            if min(place.x, place.y) < 0 or right > width or bottom > height or place.width < 1 or place.height < 1:
                faults.append(f"{role} {name!r}: {(place.x, place.y, right, bottom)} in {size}")
    return faults


def stays_within(app, size):
    """Waits until everything primary has its place in a window of this size."""
    until(lambda: not outside(app, size), lambda: "\n".join([*outside(app, size), world.dump(app)]), 30)


@world.needs(screen="2720x1720")
def twice_as_fine(desktop):
    """A screen at 200 %: the window is twice as large in pixels, a drop becomes a link, and nothing primary leaves the
    window, in its usual and in its smallest size."""
    output("xprop", "-root", "-format", "RESOURCE_MANAGER", "8s", "-set", "RESOURCE_MANAGER", "Xft.dpi:\t192\n")
    home = desktop.folder / "home-fine"
    program, app = open_local(desktop, home)
    window = until(lambda: world.windows(program.pid), "the window")[0]
    until(lambda: world.geometry(window)[2:] == (2560, 1600), lambda: f"twice 1280 x 800, not {world.geometry(window)}")
    file = desktop.folder / "fine.txt"
    file.write_text("twice\n")
    desktop.drop(program, [file], (240, 60, 2400, 1600))
    link = links_on_clipboard(1)[0]
    assert get(link)[::2] == (200, file.read_bytes()), get(link)
    find(app, "fine.txt", "list item")
    until(lambda: shows(app, "Done 1"), lambda: f"the upload done\n{world.dump(app)}")
    stays_within(app, (2400, 1600))
    paints(window)
    # The smallest one: 900 x 600, and the window manager allows no smaller one.
    world.place(window, 240, 60, 1800, 1200)
    stays_within(app, (1800, 1200))
    paints(window)
    close(program, app)


def loads(program, library):
    """Whether a program has a library loaded."""
    return library in pathlib.Path(f"/proc/{program.pid}/maps").read_text()


def log_of(home):
    """What the program wrote down of its run."""
    return "".join(path.read_text() for path in home.rglob("*.log"))


def works(desktop, home, program, app):
    """The window paints, and an upload goes through it."""
    paints(until(lambda: world.windows(program.pid), "the window")[0])
    file = desktop.folder / f"{home.name}.txt"
    file.write_text("painted\n")
    second = desktop.bucketdrop(home, file)
    assert second.wait(90) == 0, second.log.read_text()
    press(app, "Upload here", "push button")
    until(lambda: shows(app, "Done 1"), lambda: f"the upload done\n{world.dump(app)}")
    assert keys_of(client(lent(desktop, home)), BUCKET) == [file.name]
    close(program, app)


def renderer_by_name(desktop):
    """Asked for by name, Vulkan paints; nothing is said to have failed."""
    home = desktop.folder / "home-wgpu"
    program, app = open_local(desktop, home, "--renderer", "wgpu")
    assert loads(program, VULKAN), "it is not Vulkan that paints"
    works(desktop, home, program, app)
    assert "this renderer does not work here" not in log_of(home)


def without_opengl(desktop):
    """Where OpenGL is broken, the other renderer paints, and the log says why."""
    home = desktop.folder / "home-no-gl"
    # No driver of OpenGL is found, neither through EGL nor through GLX.
    broken = {"__EGL_VENDOR_LIBRARY_FILENAMES": "/dev/null", "__GLX_VENDOR_LIBRARY_NAME": "none", "LIBGL_DRIVERS_PATH": "/nonexistent"}
    program, app = open_local(desktop, home, **broken)
    assert loads(program, VULKAN), "it is not Vulkan that paints"
    works(desktop, home, program, app)
    assert "this renderer does not work here" in log_of(home), log_of(home)


TESTS = [twice_as_fine, without_opengl, renderer_by_name]
