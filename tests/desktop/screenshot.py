"""Takes the picture of the README: the real window with files that have just arrived.

Usage: `tests/run screenshot`, which writes assets/screenshot.png.
"""

import argparse
import random

import world
from world import World, find, press, until

TREE = {
    "2026-11 Seoul/경복궁 가을.jpg": 3_412_880,
    "2026-11 Seoul/Bukchon at dusk.jpg": 2_871_004,
    "2026-11 Seoul/clips/market.mp4": 18_204_112,
    "press kit (final).zip": 6_180_331,
    "price list 2026 +VAT.pdf": 842_119,
    "readme.txt": 1_204,
    "한국어 안내서.pdf": 1_530_007,
    "logo.svg": 4_310,
}
SHOWN = "price list 2026 +VAT.pdf"
# Left, top, width, height of the window.
FRAME = (300, 40, 1280, 800)


def main():
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--programs", required=True, help="folder with bucketdrop and bucketdrop-cli")
    arguments.add_argument("--to", required=True, help="the picture to write")
    arguments = arguments.parse_args()
    world.reexec_in_session()
    with World(arguments.programs) as desktop:
        home, folder = desktop.folder / "home", desktop.folder / "files"
        noise = random.Random(1)
        for name, size in TREE.items():
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(noise.randbytes(size))
        home.mkdir(mode=0o700)
        (home / "settings.toml").write_text('[window]\ntheme = "light"\nlanguage = "en"\n')
        (home / "settings.toml").chmod(0o600)
        program = desktop.bucketdrop(home)
        app = world.application(program.pid)
        press(app, "Try it on this computer", "push button")
        find(app, "Upload files…", "push button")
        desktop.drop(program, sorted(folder.iterdir()), FRAME)
        until(lambda: world.clipboard().count("http") == len(TREE), "the links of everything")
        # A click selects the row, so that its details and its link are shown.
        row = world.Atspi.Component.get_extents(find(app, SHOWN), world.Atspi.CoordType.SCREEN)
        world.output("xdotool", "mousemove", str(row.x + 40), str(row.y + row.height // 2), "click", "1")
        until(lambda: world.shows(app, "application/pdf"), "the details of the chosen object")
        world.output("xdotool", "mousemove", "1590", "990")
        window = world.windows(program.pid)[0]
        world.until_still(window)
        world.output("import", "-window", window, arguments.to)
        print(arguments.to)


main()
