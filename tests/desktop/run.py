"""The desktop test: the real program in a real window, used as a person would.

`tests/run desktop` runs it. Needs the Debian packages and Python packages that `tests/run` installs.
Ends with a line `desktop: N passed, N failed`. A failed test leaves a picture of the screen behind.
"""

import argparse
import sys
import time
import traceback

import basics
import choosers
import displays
import drops
import hangul
import pasting
import reader
import wayland
import world
from world import World

TESTS = [*basics.TESTS, *choosers.TESTS, *displays.TESTS, *drops.TESTS, *hangul.TESTS, *pasting.TESTS, *reader.TESTS, *wayland.TESTS]


def main():
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--programs", required=True, help="folder with bucketdrop and bucketdrop-cli")
    arguments.add_argument("--without", action="append", default=[], help="a test that is left out")
    arguments.add_argument("tests", nargs="*", help="some tests only")
    arguments = arguments.parse_args()
    world.reexec_in_session()
    chosen = [test for test in TESTS if not arguments.tests or test.__name__ in arguments.tests]
    chosen = [test for test in chosen if test.__name__ not in arguments.without]
    failed = 0
    with World(arguments.programs) as desktop:
        for test in chosen:
            started = time.monotonic()
            try:
                test(desktop)
                verdict = "ok"
            except Exception:
                failed += 1
                verdict = "FAILED"
                print(traceback.format_exc())
                print("picture:", desktop.picture(test.__name__))
                desktop.end_windows()
                desktop.tell_deaths()
            print(f"{verdict:>6} {time.monotonic() - started:5.1f} s  {test.__name__}", flush=True)
    print(f"desktop: {len(chosen) - failed} passed, {failed} failed")
    sys.exit(1 if failed or not chosen else 0)


main()
