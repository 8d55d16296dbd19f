"""Instructions per upload, under callgrind: a figure that no busy machine disturbs, held to what it was.

`tests/run instructions` runs it. Uploads of 1 KiB files to the embedded storage, of 100 and of 600 files, by the
debug program, three times each; the difference of the cheapest is the price of 500 uploads without that of starting.
`recorded.json` holds the figure for each kind of machine (processor features, compiler, valgrind, C library with its
allocator); more than 3 % above it fails. On a kind of machine that has none, nothing can be compared, and that is
said. `--record` writes the figure down.
"""

import argparse
import json
import os
import pathlib
import platform
import re
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor

HERE = pathlib.Path(__file__).parent
RECORDED = HERE / "recorded.json"
#: How much dearer an upload may become.
MOST_MORE = 1.03
FEW, MANY = 100, 600
#: Of each the cheapest: how many results share a commit of the journal depends on the clock, about one per cent.
TURNS = 3


def kind_of_machine():
    """What the figure depends on besides our code."""
    flags = re.search(r"^flags\s*:(.*)$", pathlib.Path("/proc/cpuinfo").read_text(), re.MULTILINE)
    known = set(flags.group(1).split()) if flags else set()
    features = "+".join(name for name in ("avx2", "pclmulqdq", "sha_ni", "sse4_2") if name in known)
    first_line = lambda *command: subprocess.run(command, capture_output=True, text=True, check=True).stdout.split("\n")[0]
    libc = "-".join(platform.libc_ver())
    return f"{first_line('rustc', '--version')}, {first_line('valgrind', '--version')}, {libc}, {features}"


class Storage:
    """The embedded storage of the program itself, in a process of its own."""

    def __init__(self, program, folder):
        environment = {"PATH": os.environ["PATH"], "BUCKETDROP_HOME": str(folder / "server"), "HOME": str(folder)}
        self.process = subprocess.Popen(
            [program, "serve"], env=environment, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
        )
        self.variables = {}
        for line in self.process.stdout:
            if match := re.match(r"export (\w+)=(.*)", line.strip()):
                self.variables[match[1]] = match[2]
            if match and match[1] == "AWS_SECRET_ACCESS_KEY":
                break

    def stop(self):
        self.process.terminate()
        self.process.wait(timeout=20)


def instructions(program, storage, folder, files, turn):
    """Instructions of one upload of so many files, every one of which has to arrive."""
    name = f"{files}-{turn}"
    source, home, out = folder / f"source-{name}", folder / f"home-{name}", folder / f"callgrind-{name}"
    source.mkdir()
    for number in range(files):
        (source / f"{number:04}.bin").write_bytes(number.to_bytes(4, "little") * 256)
    environment = {"PATH": os.environ["PATH"], "BUCKETDROP_HOME": str(home), "HOME": str(home)} | storage.variables
    ran = subprocess.run(
        ["valgrind", "--quiet", "--tool=callgrind", f"--callgrind-out-file={out}", program,
         "--json", "--quiet", "upload", str(source), "s3://my-files/"],
        env=environment | {"AWS_EC2_METADATA_DISABLED": "true"}, capture_output=True, text=True, timeout=500,
    )
    events = [json.loads(line) for line in ran.stdout.splitlines() if line.startswith("{")]
    done = sum(event.get("event") == "done" for event in events)
    assert ran.returncode == 0 and done == files, f"{done} of {files} arrived: {ran.stdout[-500:]}{ran.stderr[-500:]}"
    return int(re.search(r"^(?:summary|totals): (\d+)", out.read_text(), re.MULTILINE)[1])


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--programs", required=True)
    parser.add_argument("--record", action="store_true")
    options = parser.parse_args()
    program = str(pathlib.Path(options.programs, "bucketdrop-cli").resolve())
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        storage = Storage(program, folder)
        try:
            # A run under callgrind takes one processor, however many threads it has.
            with ThreadPoolExecutor(max_workers=os.cpu_count() or 1) as side_by_side:
                runs = [(files, turn) for turn in range(TURNS) for files in (MANY, FEW)]
                counts = list(side_by_side.map(lambda run: (run[0], instructions(program, storage, folder, *run)), runs))
            few, many = (min(count for of, count in counts if of == files) for files in (FEW, MANY))
        finally:
            storage.stop()
    each = (many - few) // (MANY - FEW)
    kind = kind_of_machine()
    recorded = json.loads(RECORDED.read_text()) if RECORDED.exists() else {}
    if options.record:
        RECORDED.write_text(json.dumps(recorded | {kind: each}, indent=2, sort_keys=True) + "\n")
        print(f"{each:,} instructions per upload, recorded for {kind}")
        return
    if kind not in recorded:
        print(f"{each:,} instructions per upload. NOT COMPARED: nothing is recorded for {kind}.")
        return
    ratio = each / recorded[kind]
    print(f"{each:,} instructions per upload, {ratio:.3f} of what was recorded ({recorded[kind]:,}); at most {MOST_MORE}.")
    if ratio > MOST_MORE:
        sys.exit("An upload has become dearer. If that is worth it: tests/instructions/run.py --record")


if __name__ == "__main__":
    main()
