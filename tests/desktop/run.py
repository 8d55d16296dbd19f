"""The desktop test: the real program in a real window, used as a person would.

`tests/run desktop` runs it. Needs the Debian packages and Python packages that `tests/run` installs.
Each scenario has a desktop of its own: display, home and bus. They mostly wait, so some go on at a time; what one says is
printed whole when it has ended. Ends with a line `desktop: N passed, N failed`. A failed test leaves a picture of the
screen behind.
"""

import argparse
import concurrent.futures
import os
import subprocess
import sys
import time
import traceback

import basics
import choosers
import displays
import drops
import hangul
import keychain
import painting
import pasting
import reader
import wayland
import world
from world import World

# The longest first, so that none of them is waited for at the end.
TESTS = [
    *reader.TESTS, *drops.TESTS, *choosers.TESTS, *painting.TESTS, *basics.TESTS, *wayland.TESTS, *displays.TESTS,
    *pasting.TESTS, *keychain.TESTS, *hangul.TESTS,
]
# One after the other, with the machine to themselves: what measures, and what a busy input method would disturb.
ALONE = [basics.idle_is_idle, hangul.hangul_input]


def inside(test, programs):
    """Runs one scenario on a desktop of its own; gives the exit status."""
    world.reexec_in_session()
    started = time.monotonic()
    with World(programs, **getattr(test, "needs", {})) as desktop:
        try:
            test(desktop)
            verdict = "ok"
        except Exception:
            verdict = "FAILED"
            print(traceback.format_exc())
            print("picture:", desktop.picture(test.__name__))
            desktop.end_windows()
            desktop.tell_deaths()
        print(f"{verdict:>6} {time.monotonic() - started:5.1f} s  {test.__name__}", flush=True)
    return 0 if verdict == "ok" else 1


def outside(tests, programs, at_a_time):
    """Runs scenarios as programs of their own, some at a time, and tells of each when it has ended; gives how many failed."""
    failed = 0

    def run(test):
        command = [sys.executable, __file__, "--programs", programs, "--inside", test.__name__]
        return subprocess.run(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)

    with concurrent.futures.ThreadPoolExecutor(at_a_time) as pool:
        running = {pool.submit(run, test): test for test in tests}
        for ended in concurrent.futures.as_completed(running):
            ran = ended.result()
            # The registry of the accessibility bus says hello.
            said = "".join(line for line in ran.stdout.splitlines(True) if not line.startswith("SpiRegistry daemon is running"))
            print(said, end="", flush=True)
            if ran.returncode != 0:
                failed += 1
            if f"  {running[ended].__name__}\n" not in said:
                print(f"FAILED         {running[ended].__name__}, without a verdict, status {ran.returncode}", flush=True)
    return failed


def main():
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--programs", required=True, help="folder with bucketdrop and bucketdrop-cli")
    arguments.add_argument("--part", choices=["beside", "alone", "all"], default="all",
                           help="only those that go on beside others, or only those that do not")
    # One more than there are processors: that many wait.
    arguments.add_argument("--at-a-time", type=int, default=(os.cpu_count() or 1) + 1, help="how many go on beside each other")
    arguments.add_argument("--inside", help=argparse.SUPPRESS)
    arguments.add_argument("tests", nargs="*", help="some tests only")
    arguments = arguments.parse_args()
    by_name = {test.__name__: test for test in TESTS}
    if arguments.inside:
        sys.exit(inside(by_name[arguments.inside], arguments.programs))
    unknown = set(arguments.tests) - set(by_name)
    if unknown:
        sys.exit(f"there is no test {', '.join(sorted(unknown))}")
    chosen = [test for test in TESTS if not arguments.tests or test.__name__ in arguments.tests]
    beside = [test for test in chosen if test not in ALONE and arguments.part != "alone"]
    alone = [test for test in ALONE if test in chosen and arguments.part != "beside"]
    failed = outside(beside, arguments.programs, arguments.at_a_time) + outside(alone, arguments.programs, 1)
    count = len(beside) + len(alone)
    print(f"desktop: {count - failed} passed, {failed} failed")
    sys.exit(1 if failed or not count else 0)


main()
