"""The window's price: the same uploads through the window's program and through the headless one, in turns.

`benches/window-price [--rounds N] [--only NAME] [--programs DIR]`. Both programs have the same settings, keys and files,
a fresh home each time, and a server that discards. The window stands on a display of its own, with the bucket open, and
is handed the upload by `bucketdrop-cli` over the program's socket; then its engine does what the headless program's does,
and the window shows it. Time is from the first object at the server to the last: what each program does before, finding
its settings or handing over, is not the window's. Processor time is that of the whole
program: of the window from before the hand-over until it rests again, of the headless program from its start to its end.

The window is measured twice. `unpainted` is held to the bars: the program's engine and views with a frame whenever the
program would paint one, its layout and tessellation, and no rasteriser (`window/price.rs`). `window` is the program
itself on a display without a graphics card, where a rasteriser in software takes the processors from the upload: that
is told beside it, by thread (`llvmpipe-N`), and held to nothing.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent / "peers"))
from compare import Servers, ask, make_files  # noqa: E402
from works import GIB, KIB, Work  # noqa: E402

WORKS = (
    Work("small", 2_000, 16 * KIB, scheme="http"),
    Work("many-small", 20_000, 16 * KIB, scheme="http"),
    Work("big", 1, 2 * GIB, scheme="http"),
)
MOST_WALL, MOST_PROCESSOR = 1.05, 1.15
TICK = os.sysconf("SC_CLK_TCK")
#: Without a tick of the processor for so long, a program rests.
REST_SECS = 1.5
PATIENCE_SECS = 120
SETTINGS = """
[[connections]]
id = "bench"
name = "Bench"
service = "other"
endpoint = "http://127.0.0.1:{port}"
addressing = "path"
region = "us-east-1"
credentials = "aws"
scopes = ["bench"]
"""


def new_home(scratch: Path, port: int) -> Path:
    home = Path(tempfile.mkdtemp(dir=scratch))
    (home / "settings.toml").write_text(SETTINGS.format(port=port))
    (home / ".aws").mkdir()
    (home / ".aws" / "credentials").write_text("[default]\naws_access_key_id = bench\naws_secret_access_key = benchbenchbench\n")
    return home


def environment(home: Path, display: str = "") -> dict[str, str]:
    # AWS's variables would keep the command line from handing its upload over.
    kept = {name: os.environ[name] for name in ("PATH", "LANG") if name in os.environ}
    places = {"HOME": str(home), "BUCKETDROP_HOME": str(home), "XDG_RUNTIME_DIR": str(home)}
    return {**kept, **places, "DISPLAY": display, "LIBGL_ALWAYS_SOFTWARE": "1"}


def ticks(stat: Path) -> int:
    after_name = stat.read_text().rpartition(")")[2].split()
    return int(after_name[11]) + int(after_name[12])


def processor_secs(pid: int) -> float:
    return ticks(Path(f"/proc/{pid}/stat")) / TICK


def by_thread(pid: int) -> dict[str, float]:
    """Processor seconds of the threads that live, by name; `main` is the window's own."""
    spent: dict[str, float] = {}
    for task in Path(f"/proc/{pid}/task").iterdir():
        try:
            name = "main" if task.name == str(pid) else (task / "comm").read_text().strip()
            spent[name] = spent.get(name, 0.0) + ticks(task / "stat") / TICK
        except (FileNotFoundError, ProcessLookupError):
            continue
    return spent


def wait_until_there(work: Work, process: subprocess.Popen) -> float:
    """Seconds from the first byte at the server to the last."""
    begin, first = time.perf_counter(), None
    while True:
        stats = json.loads(ask("stats"))
        now = time.perf_counter()
        if first is None and stats["requests"] > 0:
            first = now
        if stats["body_bytes"] >= work.total_bytes and stats["objects"] >= work.files:
            return now - (first or now)
        if now - begin > PATIENCE_SECS:
            sys.exit(f"{work.name}: not there within {PATIENCE_SECS} s: {stats}; {process.args} {process.poll()}")
        time.sleep(0.002)


def wait_until_it_rests(pid: int) -> None:
    begin = since = time.perf_counter()
    before = processor_secs(pid)
    while time.perf_counter() - since < REST_SECS:
        time.sleep(0.05)
        if (now := processor_secs(pid)) != before:
            before, since = now, time.perf_counter()
        if time.perf_counter() - begin > PATIENCE_SECS:
            sys.exit("the window never rests")


def command(programs: Path, what: Path) -> list[str]:
    return [str(programs / "bucketdrop-cli"), "--connection", "Bench", "upload", str(what), "s3://bench/p/"]


def headless(programs: Path, work: Work, what: Path, home: Path) -> dict[str, float]:
    ask("reset")
    process = subprocess.Popen(command(programs, what), env=environment(home), stdout=subprocess.DEVNULL)
    wall = wait_until_there(work, process)
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode != 0:
        sys.exit(f"bucketdrop-cli ended with {process.returncode}")
    return {"wall": wall, "processor": usage.ru_utime + usage.ru_stime}


def window(programs: Path, work: Work, what: Path, home: Path, display: str) -> dict[str, float]:
    program = subprocess.Popen(
        [str(programs / "bucketdrop"), "--connection", "Bench"],
        env=environment(home, display), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )
    try:
        time.sleep(1.0)
        wait_until_it_rests(program.pid)
        ask("reset")
        total, threads = processor_secs(program.pid), by_thread(program.pid)
        giver = subprocess.Popen(
            command(programs, what), env=environment(home, display), stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True
        )
        wall = wait_until_there(work, giver)
        _, told = giver.communicate()
        if giver.returncode != 0 or "carries this upload out" not in told:
            sys.exit(f"the window did not take the upload: {told}")
        wait_until_it_rests(program.pid)
        after = by_thread(program.pid)
        total = processor_secs(program.pid) - total
        spent = {name: secs - threads.get(name, 0.0) for name, secs in after.items()}
        raster = sum(secs for name, secs in spent.items() if name.startswith("llvmpipe"))
        return {"wall": wall, "processor": total - raster, "raster": raster, "main": spent["main"]}
    finally:
        program.terminate()
        program.wait()


def unpainted(bench: Path, work: Work, what: Path, home: Path) -> dict[str, float]:
    program = subprocess.Popen(
        [str(bench), "--price", str(what)],
        env=environment(home), stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
    )
    try:
        if program.stdout.readline().strip() != "ready":
            sys.exit("the window without a screen does not open its connection")
        wait_until_it_rests(program.pid)
        ask("reset")
        before = processor_secs(program.pid)
        program.stdin.write("\n")
        program.stdin.flush()
        wall = wait_until_there(work, program)
        wait_until_it_rests(program.pid)
        spent = processor_secs(program.pid) - before
        frames, _ = program.communicate()
        return {"wall": wall, "processor": spent, "frames": float(frames.split()[0])}
    finally:
        program.kill()
        program.wait()


def start_display() -> tuple[subprocess.Popen, str]:
    server = subprocess.Popen(
        ["Xvfb", "-displayfd", "1", "-screen", "0", "1400x900x24", "-nolisten", "tcp"],
        stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
    )
    return server, f":{server.stdout.readline().strip()}"


def show(work: Work, runs: dict[str, list[dict[str, float]]]) -> int:
    def median(kind: str, figure: str) -> float:
        return statistics.median(run[figure] for run in runs[kind])

    print(f"\n## {work.name}: {work.files} × {work.file_bytes} bytes over {work.scheme}, {len(runs['window'])} rounds")
    for kind in ("headless", "unpainted", "window"):
        walls = [run["wall"] for run in runs[kind]]
        print(f"{kind:10} wall {median(kind, 'wall'):7.3f} s ({min(walls):.2f}–{max(walls):.2f})  processor {median(kind, 'processor'):7.3f} s")
    others = ", ".join(f"{name} {median('window', name):.3f} s" for name in ("main", "raster"))
    print(f"of the window: {others} (raster is not in the figure above); unpainted: {median('unpainted', 'frames'):.0f} frames")
    missed = 0
    for figure, most in (("wall", MOST_WALL), ("processor", MOST_PROCESSOR)):
        ratio, painted = (median(kind, figure) / median("headless", figure) for kind in ("unpainted", "window"))
        held = ratio <= most
        missed += not held
        print(
            f"  {figure:10} {ratio:5.2f} × headless   bar {most:.2f}  {'ok' if held else 'MISSED'}"
            f"   (painted in software: {painted:.2f})"
        )
    return missed


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--programs", type=Path, required=True)
    parser.add_argument("--peers", type=Path, required=True, help="folder with the programs of benches/peers")
    parser.add_argument("--bench", type=Path, required=True)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--only", action="append", default=[])
    options = parser.parse_args()
    missed = 0
    server, display = start_display()
    with tempfile.TemporaryDirectory() as scratch_name, tempfile.TemporaryDirectory(dir="/dev/shm") as files_name:
        scratch = Path(scratch_name)
        servers = Servers(options.peers, scratch)
        try:
            for work in WORKS:
                if options.only and work.name not in options.only:
                    continue
                # In memory, so that the disk is measured for nobody.
                folder = Path(files_name) / work.name
                folder.mkdir()
                make_files(work, folder)
                what = next(folder.iterdir()) if work.files == 1 else folder
                port = int(servers.endpoint(work).rpartition(":")[2])
                kinds = ["headless", "unpainted", "window"]
                runs: dict[str, list[dict[str, float]]] = {kind: [] for kind in kinds}
                for turn in range(options.rounds):
                    for kind in kinds if turn % 2 == 0 else reversed(kinds):
                        home = new_home(scratch, port)
                        if kind == "headless":
                            runs[kind].append(headless(options.programs, work, what, home))
                        elif kind == "unpainted":
                            runs[kind].append(unpainted(options.bench, work, what, home))
                        else:
                            runs[kind].append(window(options.programs, work, what, home, display))
                missed += show(work, runs)
                for path in folder.iterdir():
                    path.unlink()
        finally:
            servers.stop()
            server.terminate()
            server.wait()
    print(f"\n{missed} bars missed." if missed else "\nAll bars held.")
    sys.exit(1 if missed else 0)


if __name__ == "__main__":
    main()
