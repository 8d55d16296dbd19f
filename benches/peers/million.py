"""A million files, end to end: one folder of them is dropped on the engine, headless.

`benches/million [--files N] [--flat]` makes the files (empty; a thousand a folder, or all in one), uploads one file to
see what the program takes when there is nothing to do, then the folder, and holds the figures against the bars: the
first request leaves within a second of the start, the memory stays within 150 MiB of the idle one, and it does not
grow while the second half is sent. The kernel keeps the peaks, so that none falls between two looks; how much of them
is heap, how much mapped files, and how long a file of each half took is told, too. The files are removed afterwards.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from compare import Servers, ask, environment

#: Seconds to the first request.
MOST_FIRST_SECS = 1.0
#: MiB over an idle program.
MOST_OVER_IDLE = 150.0
#: How much the largest memory of the second half may be above that of the first.
MOST_GROWTH = 1.10
PER_FOLDER = 1000


def make_files(root: Path, count: int, is_flat: bool) -> None:
    folder = root
    for number in range(count):
        if not is_flat and number % PER_FOLDER == 0:
            folder = root / f"folder-{number // PER_FOLDER:05}"
            folder.mkdir()
        os.close(os.open(folder / f"file-{number:07}.bin", os.O_CREAT | os.O_WRONLY))


def memory_mib(pid: int) -> dict[str, float]:
    """What a process takes (`RssAnon` is heap, `RssFile` mapped), and took at most (`VmHWM`)."""
    lines = (line.split() for line in Path(f"/proc/{pid}/status").read_text().splitlines())
    return {words[0][:-1]: int(words[1]) / 1024 for words in lines if words and words[0].startswith(("Vm", "Rss"))}


def forget_peak(pid: int) -> None:
    Path(f"/proc/{pid}/clear_refs").write_text("5")


def stored_files() -> int:
    return json.loads(ask("stats"))["operations"].get("PutObject", 0)


def upload(program: Path, servers: Servers, what: Path, scratch: Path, files: int) -> dict:
    """Runs one upload and watches it, its first half and its second half each."""
    ask("reset")
    home = Path(tempfile.mkdtemp(dir=scratch))
    command = [str(program), "--connection", "aws", "--endpoint-url", "http://127.0.0.1:9470", "--path-style"]
    command += ["--region", "us-east-1", "--quiet", "upload", str(what), "s3://bench/m/"]
    begin = time.perf_counter()
    process = subprocess.Popen(command, env=environment(servers.ca, str(home)), stdout=subprocess.DEVNULL)
    halves: list[dict[str, float]] = [{}]
    first, began_half = None, (0.0, 0)
    while process.poll() is None:
        stored = stored_files()
        now = time.perf_counter() - begin
        if first is None and stored:
            first = now
        try:
            for name, mib in memory_mib(process.pid).items():
                halves[-1][name] = max(mib, halves[-1].get(name, 0.0))
            halves[-1]["us_per_file"] = (now - began_half[0]) * 1e6 / max(stored - began_half[1], 1)
            if len(halves) == 1 and stored * 2 > files:
                forget_peak(process.pid)
                halves.append({})
                began_half = (now, stored)
        except (FileNotFoundError, ProcessLookupError):
            break
        time.sleep(0.02 if now < 3 else 0.25)
    process.wait()
    stored = stored_files()
    secs = time.perf_counter() - begin
    return {"code": process.returncode, "secs": secs, "first": first, "stored": stored, "halves": halves}


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--programs", type=Path, required=True)
    parser.add_argument("--peers", type=Path, required=True, help="folder with the programs of benches/peers")
    parser.add_argument("--files", type=int, default=1_000_000)
    parser.add_argument("--flat", action="store_true", help="all in one folder")
    options = parser.parse_args()
    program = options.programs / "bucketdrop-cli"
    # On the disk, as a person's files are.
    with tempfile.TemporaryDirectory(prefix="bucketdrop-million-", dir="/var/tmp") as scratch_name:
        scratch = Path(scratch_name)
        single, many = scratch / "single.bin", scratch / "many"
        single.write_bytes(b"x")
        many.mkdir()
        print(f"making {options.files:,} files …", flush=True)
        make_files(many, options.files, options.flat)
        servers = Servers(options.peers, scratch)
        try:
            idle = upload(program, servers, single, scratch, 1)
            run = upload(program, servers, many, scratch, options.files)
        finally:
            servers.stop()
    sys.exit(judge(options.files, idle, run))


def judge(files: int, idle: dict, run: dict) -> int:
    idle_mib = max(half.get("VmHWM", 0.0) for half in idle["halves"])
    halves = run["halves"]
    peaks = [half.get("VmHWM", 0.0) for half in halves]
    over = max(peaks) - idle_mib
    growth = peaks[-1] / peaks[0] if peaks[0] else 1.0
    first = run["first"] if run["first"] is not None else float("inf")
    print(f"{run['stored']:,} PUTs for {files:,} files in {run['secs']:.1f} s; exit status {run['code']}")
    print(f"idle {idle_mib:.0f} MiB, largest {max(peaks):.0f} MiB")
    for name, half in zip(("first half", "second half"), halves):
        anon, mapped = half.get("RssAnon", 0.0), half.get("RssFile", 0.0)
        peak, micros = half.get("VmHWM", 0.0), half.get("us_per_file", 0.0)
        print(f"  {name:12}{peak:6.0f} MiB; as seen, heap {anon:.0f} and mapped {mapped:.0f}; {micros:.0f} µs a file")
    missed = 0
    for name, value, most, unit in (
        ("first request after", first, MOST_FIRST_SECS, "s"),
        ("memory over idle", over, MOST_OVER_IDLE, "MiB"),
        ("second half against first", growth, MOST_GROWTH, "times"),
    ):
        held = value <= most
        missed += not held
        print(f"  {name:28}{value:8.2f} {unit:6} bar {most:.2f}  {'ok' if held else 'MISSED'}")
    if run["code"] != 0 or run["stored"] != files:
        print("  not every file arrived by exactly one PUT: MISSED")
        missed += 1
    return 1 if missed else 0


if __name__ == "__main__":
    main()
