"""Runs checks that are functions, one after the other, and tells how each went."""

import argparse
import sys
import time
import traceback


def arguments(about, programs):
    """What the command line says: the folder with these programs, and the names of checks if not all are to run."""
    parser = argparse.ArgumentParser(description=about)
    parser.add_argument("--programs", required=True, help=f"folder with {programs}")
    parser.add_argument("tests", nargs="*", help="some tests only")
    return parser.parse_args()


def chosen(tests, names):
    """Those that are named, or all. A name that there is none of ends the program."""
    unknown = set(names) - {test.__name__ for test in tests}
    if unknown:
        sys.exit(f"there is no test {', '.join(sorted(unknown))}")
    return [test for test in tests if not names or test.__name__ in names]


def run(subject, tests, *given):
    """Runs tests with what they are given; ends the program with a line `SUBJECT: N passed, N failed`."""
    failed = 0
    for test in tests:
        started = time.monotonic()
        try:
            test(*given)
            verdict = "ok"
        except Exception:
            failed += 1
            verdict = "FAILED"
            print(traceback.format_exc())
        print(f"{verdict:>6} {time.monotonic() - started:5.1f} s  {test.__name__}", flush=True)
    print(f"{subject}: {len(tests) - failed} passed, {failed} failed")
    sys.exit(1 if failed or not tests else 0)
